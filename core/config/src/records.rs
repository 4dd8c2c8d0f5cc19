//! Typed records over the data of configs (protocol: config 8). Single keys are set and erased,
//! never whole dictionaries: what newer versions put beside them stays.

use std::collections::BTreeSet;
use std::fmt;

use tacit_wire::name::{self, MAX_PICTURE_URL};
use tacit_wire::{AccountId, TimestampMs};
use zeroize::{Zeroize, ZeroizeOnDrop};

use crate::value::{Dict, Scalar, Value};
use crate::{Config, Error};

pub mod contacts;
pub mod groups;
pub mod profile;
pub mod volatile;

/// A picture on a file server. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, Zeroize, ZeroizeOnDrop)]
pub struct Picture {
    /// Where it is, at most 223 bytes.
    pub url: String,
    /// What it is encrypted with.
    pub key: [u8; 32],
}

impl fmt::Debug for Picture {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Picture")
    }
}

/// When to notify of messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Notify {
    /// As the settings say.
    #[default]
    Default,
    /// Of all.
    All,
    /// Of none.
    Off,
    /// Of mentions; people are read and written as [`Notify::All`] then.
    Mentions,
}

impl Notify {
    fn read(dict: &Dict) -> Self {
        match integer(dict, b"@") {
            1 => Self::All,
            2 => Self::Off,
            3 => Self::Mentions,
            _ => Self::Default,
        }
    }

    /// A person mentions nobody else.
    fn of_person(self) -> Self {
        if self == Self::Mentions { Self::All } else { self }
    }
}

/// When messages disappear.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Expiry {
    /// Never.
    #[default]
    Off,
    /// So many seconds after they are sent.
    AfterSend(u32),
    /// So many seconds after they are read.
    AfterRead(u32),
}

impl Expiry {
    fn read(dict: &Dict) -> Self {
        let seconds = u32::try_from(integer(dict, b"E")).unwrap_or(0);
        match integer(dict, b"e") {
            1 if seconds > 0 => Self::AfterSend(seconds),
            2 if seconds > 0 => Self::AfterRead(seconds),
            _ => Self::Off,
        }
    }

    /// Mode and seconds; zeros when off.
    fn parts(self) -> (i64, i64) {
        match self {
            Self::AfterSend(seconds) if seconds > 0 => (1, seconds.into()),
            Self::AfterRead(seconds) if seconds > 0 => (2, seconds.into()),
            _ => (0, 0),
        }
    }
}

// Reading: a wrong type is as good as absent.

pub(crate) fn integer(dict: &Dict, key: &[u8]) -> i64 {
    dict.get(key).and_then(Value::as_integer).unwrap_or(0)
}

pub(crate) fn positive(dict: &Dict, key: &[u8]) -> i64 {
    integer(dict, key).max(0)
}

pub(crate) fn flag(dict: &Dict, key: &[u8]) -> bool {
    integer(dict, key) != 0
}

pub(crate) fn text(dict: &Dict, key: &[u8]) -> String {
    dict.get(key).and_then(Value::as_bytes).map(|bytes| String::from_utf8_lossy(bytes).into_owned()).unwrap_or_default()
}

pub(crate) fn short_name(dict: &Dict, key: &[u8]) -> String {
    name::cut(&text(dict, key)).to_owned()
}

fn array<const N: usize>(dict: &Dict, key: &[u8]) -> Option<[u8; N]> {
    dict.get(key).and_then(Value::as_bytes).and_then(|bytes| bytes.try_into().ok())
}

pub(crate) fn picture(dict: &Dict, url: &[u8], key: &[u8]) -> Option<Picture> {
    let picture = Picture { url: text(dict, url), key: array(dict, key)? };
    (!picture.url.is_empty()).then_some(picture)
}

fn features(dict: &Dict) -> BTreeSet<i64> {
    let set = dict.get(b"f".as_slice()).and_then(Value::as_set);
    let integers = set.into_iter().flatten().filter_map(|scalar| match scalar {
        Scalar::Integer(number) => Some(*number),
        Scalar::Bytes(_) => None,
    });
    integers.collect()
}

pub(crate) fn dict<'d>(parent: &'d Dict, key: &[u8]) -> Option<&'d Dict> {
    parent.get(key).and_then(Value::as_dict)
}

pub(crate) fn account_id(key: &[u8]) -> Option<AccountId> {
    AccountId::from_bytes(key.try_into().ok()?).ok()
}

/// Seconds of a time that old clients may have written in milliseconds or microseconds.
fn seconds(time: i64) -> i64 {
    match time {
        ..=9_000_000_000 => time,
        9_000_000_001..=9_000_000_000_000 => time / 1_000,
        _ => time / 1_000_000,
    }
}

fn now_seconds(now: TimestampMs) -> i64 {
    i64::try_from(now.0 / 1_000).unwrap_or(i64::MAX)
}

/// The name as it is kept: whole characters of at most 100 bytes.
fn checked_name(name: &str) -> Result<(), Error> {
    if name.len() > name::MAX_NAME {
        return Err(Error::TooLong { what: "the name", bytes: name.len(), limit: name::MAX_NAME });
    }
    Ok(())
}

pub(crate) fn checked_picture(picture: Option<&Picture>) -> Result<(), Error> {
    match picture {
        Some(picture) if picture.url.len() > MAX_PICTURE_URL => {
            let bytes = picture.url.len();
            Err(Error::TooLong { what: "the address of the picture", bytes, limit: MAX_PICTURE_URL })
        }
        _ => Ok(()),
    }
}

/// Writes the keys of one record.
pub(crate) struct Editor<'c, 'p> {
    config: &'c mut Config,
    path: Vec<&'p [u8]>,
}

impl<'c, 'p> Editor<'c, 'p> {
    pub(crate) fn new(config: &'c mut Config, path: &[&'p [u8]]) -> Self {
        Self { config, path: path.to_vec() }
    }

    pub(crate) fn set<'k>(&mut self, key: &'k [u8], value: impl Into<Scalar>)
    where
        'k: 'p,
    {
        self.path.push(key);
        self.config.assign(&self.path, value);
        self.path.pop();
    }

    pub(crate) fn erase<'k>(&mut self, key: &'k [u8])
    where
        'k: 'p,
    {
        self.path.push(key);
        self.config.erase(&self.path);
        self.path.pop();
    }

    pub(crate) fn nonzero(&mut self, key: &'static [u8], number: i64) {
        if number == 0 { self.erase(key) } else { self.set(key, number) }
    }

    pub(crate) fn positive(&mut self, key: &'static [u8], number: i64) {
        self.nonzero(key, number.max(0));
    }

    pub(crate) fn flag(&mut self, key: &'static [u8], flag: bool) {
        self.nonzero(key, flag.into());
    }

    /// Absent when empty.
    pub(crate) fn text(&mut self, key: &'static [u8], text: &str) {
        if text.is_empty() { self.erase(key) } else { self.set(key, text) }
    }

    pub(crate) fn bytes(&mut self, key: &'static [u8], bytes: Option<&[u8]>) {
        match bytes {
            Some(bytes) => self.set(key, bytes),
            None => self.erase(key),
        }
    }

    pub(crate) fn picture(&mut self, url: &'static [u8], key: &'static [u8], picture: Option<&Picture>) {
        match picture.filter(|picture| !picture.url.is_empty()) {
            Some(picture) => {
                self.set(url, picture.url.as_str());
                self.set(key, picture.key.as_slice());
            }
            None => {
                self.erase(url);
                self.erase(key);
            }
        }
    }

    pub(crate) fn features(&mut self, features: &BTreeSet<i64>) {
        self.path.push(b"f");
        self.config.assign_set(&self.path, features.iter().copied().map(Scalar::from).collect());
        self.path.pop();
    }
}

#[cfg(test)]
mod tests;

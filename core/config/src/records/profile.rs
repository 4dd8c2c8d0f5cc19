//! Our own profile (protocol: config 8.1).

use std::collections::BTreeSet;
use std::fmt;

use tacit_wire::TimestampMs;

use super::{
    Editor, Picture, checked_name, checked_picture, features, integer, now_seconds, picture, positive, short_name,
};
use crate::value::Value;
use crate::{Config, Error};

/// Feature bit: moving pictures.
pub const ANIMATED_PICTURE: i64 = 1;

/// What the profile says. `Debug` shows nothing of it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Profile {
    /// The display name, empty if there is none; at most 100 bytes.
    pub name: String,
    /// The picture that counts: the one uploaded again, if that is newer.
    pub picture: Option<Picture>,
    /// Seconds since 1970 when the profile changed last, as messages say it; 0 is never.
    pub updated: i64,
    /// Note to Self: −1 hidden, 0 usual, above that pinned.
    pub priority: i64,
    /// Note to Self: seconds after which messages disappear, 0 is never.
    pub timer: i64,
    /// Whether people in communities may ask to write to us; `None` is not decided.
    pub community_requests: Option<bool>,
    /// Bit numbers of features.
    pub features: BTreeSet<i64>,
}

impl fmt::Debug for Profile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Profile").field("updated", &self.updated).finish_non_exhaustive()
    }
}

/// What the config says.
#[must_use]
pub fn read(config: &Config) -> Profile {
    let data = config.data();
    let (changed, uploaded) = (integer(data, b"t"), integer(data, b"T"));
    let again = (uploaded > changed).then(|| picture(data, b"P", b"Q")).flatten();
    Profile {
        name: short_name(data, b"n"),
        picture: again.or_else(|| picture(data, b"p", b"q")),
        updated: changed.max(uploaded).max(0),
        priority: integer(data, b"+"),
        timer: positive(data, b"e"),
        community_requests: data.get(b"M".as_slice()).and_then(Value::as_integer).map(|value| value != 0),
        features: features(data),
    }
}

/// Sets the display name; an empty one is erased.
///
/// # Errors
/// [`Error::TooLong`] above 100 bytes.
pub fn set_name(config: &mut Config, name: &str, now: TimestampMs) -> Result<(), Error> {
    checked_name(name)?;
    changing(config, now, |config| Editor::new(config, &[]).text(b"n", name));
    Ok(())
}

/// Sets the picture that the user chose, or none.
///
/// # Errors
/// [`Error::TooLong`] for a long address.
pub fn set_picture(config: &mut Config, picture: Option<&Picture>, now: TimestampMs) -> Result<(), Error> {
    checked_picture(picture)?;
    let before = config.data().clone();
    let mut editor = Editor::new(config, &[]);
    editor.picture(b"p", b"q", picture);
    let removed = picture.is_none_or(|picture| picture.url.is_empty());
    if removed {
        editor.picture(b"P", b"Q", None);
    }
    if *editor.config.data() != before {
        if removed {
            editor.set(b"T", now_seconds(now));
        }
        editor.set(b"t", now_seconds(now));
    }
    Ok(())
}

/// Sets where the same picture was uploaded again, which keeps it from lapsing.
///
/// # Errors
/// As [`set_picture`].
pub fn set_picture_uploaded_again(config: &mut Config, picture: &Picture, now: TimestampMs) -> Result<(), Error> {
    checked_picture(Some(picture))?;
    let mut editor = Editor::new(config, &[]);
    editor.picture(b"P", b"Q", Some(picture));
    editor.set(b"T", now_seconds(now));
    Ok(())
}

/// Note to Self: −1 hidden, 0 usual, above that pinned.
pub fn set_priority(config: &mut Config, priority: i64) {
    Editor::new(config, &[]).nonzero(b"+", priority);
}

/// Note to Self: seconds after which messages disappear, 0 is never.
pub fn set_timer(config: &mut Config, seconds: i64) {
    Editor::new(config, &[]).positive(b"e", seconds);
}

/// Whether people in communities may ask to write to us.
pub fn set_community_requests(config: &mut Config, accepted: Option<bool>, now: TimestampMs) {
    changing(config, now, |config| {
        let mut editor = Editor::new(config, &[]);
        match accepted {
            Some(accepted) => editor.set(b"M", i64::from(accepted)),
            None => editor.erase(b"M"),
        }
    });
}

/// Turns a feature on or off.
pub fn set_feature(config: &mut Config, bit: i64, on: bool, now: TimestampMs) {
    changing(config, now, |config| {
        let path: [&[u8]; 1] = [b"f"];
        if on { config.set_add(&path, bit) } else { config.set_remove(&path, bit) }
    });
}

/// Writes the time of a change, if it was one: to the newer of both times.
fn changing(config: &mut Config, now: TimestampMs, change: impl FnOnce(&mut Config)) {
    let before = config.data().clone();
    change(config);
    if *config.data() != before {
        let is_uploaded = integer(config.data(), b"T") > integer(config.data(), b"t");
        let key: &[u8] = if is_uploaded { b"T" } else { b"t" };
        config.assign(&[key], now_seconds(now));
    }
}

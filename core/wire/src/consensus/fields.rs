//! Reading the fields of a bencoded dictionary, and signing one.

use std::borrow::Cow;

use tacit_crypto::NodeKeys;

use super::Bytes32;
use crate::bencode::Value;
use crate::{Error, NodeId, TimestampMs};

/// The key under which a dictionary carries its own signature; sorts after all others.
const SIGNATURE: &str = "~";

/// A dictionary that is being read; errors name what it should have been.
pub(super) struct Fields<'a, 'v> {
    value: &'v Value<'a>,
    what: &'static str,
}

impl<'a, 'v> Fields<'a, 'v> {
    pub(super) fn of(value: &'v Value<'a>, what: &'static str) -> Result<Self, Error> {
        match value {
            Value::Dictionary(_) => Ok(Self { value, what }),
            _ => Err(Error::malformed(what)),
        }
    }

    pub(super) fn wrong(&self) -> Error {
        Error::malformed(self.what)
    }

    pub(super) fn has(&self, key: &str) -> bool {
        self.value.get(key).is_some()
    }

    pub(super) fn get(&self, key: &str) -> Result<&'v Value<'a>, Error> {
        self.value.get(key).ok_or_else(|| self.wrong())
    }

    pub(super) fn bytes(&self, key: &str, most: usize) -> Result<&'v [u8], Error> {
        let bytes = self.get(key)?.as_bytes().ok_or_else(|| self.wrong())?;
        if bytes.len() <= most { Ok(bytes) } else { Err(self.wrong()) }
    }

    pub(super) fn array<const N: usize>(&self, key: &str) -> Result<[u8; N], Error> {
        self.bytes(key, N)?.try_into().map_err(|_| self.wrong())
    }

    pub(super) fn text(&self, key: &str, most: usize) -> Result<String, Error> {
        match std::str::from_utf8(self.bytes(key, most)?) {
            Ok(text) if !text.chars().any(char::is_control) => Ok(text.to_owned()),
            _ => Err(self.wrong()),
        }
    }

    pub(super) fn number<T: TryFrom<i64>>(&self, key: &str) -> Result<T, Error> {
        number(self.get(key)?).ok_or_else(|| self.wrong())
    }

    pub(super) fn port(&self, key: &str) -> Result<u16, Error> {
        self.number(key).and_then(|port| if port == 0 { Err(self.wrong()) } else { Ok(port) })
    }

    pub(super) fn time(&self, key: &str) -> Result<TimestampMs, Error> {
        self.number::<u64>(key).map(TimestampMs)
    }

    pub(super) fn node(&self, key: &str) -> Result<NodeId, Error> {
        self.array(key).map(NodeId)
    }

    pub(super) fn list(&self, key: &str, most: usize) -> Result<&'v [Value<'a>], Error> {
        let list = self.get(key)?.as_list().ok_or_else(|| self.wrong())?;
        if list.len() <= most { Ok(list) } else { Err(self.wrong()) }
    }
}

pub(super) fn number<T: TryFrom<i64>>(value: &Value<'_>) -> Option<T> {
    T::try_from(value.as_integer()?).ok()
}

pub(super) fn array<const N: usize>(value: &Value<'_>) -> Option<[u8; N]> {
    value.as_bytes()?.try_into().ok()
}

pub(super) fn owned(bytes: &[u8]) -> Value<'static> {
    Value::Bytes(Cow::Owned(bytes.to_vec()))
}

pub(super) fn integer(number: u64) -> Value<'static> {
    // Times and counts: none comes near the end of the range.
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

pub(super) fn insert<'a>(value: &mut Value<'a>, key: &'static str, field: Value<'a>) {
    if let Value::Dictionary(entries) = value {
        entries.insert(Cow::Borrowed(key.as_bytes()), field);
    }
}

/// The dictionary with its signature over `domain` and itself.
pub(super) fn sign(mut value: Value<'_>, domain: &[u8], keys: &NodeKeys) -> Vec<u8> {
    let signature = keys.sign(&[domain, &value.to_bytes()].concat());
    insert(&mut value, SIGNATURE, owned(&signature));
    value.to_bytes()
}

/// Whether `signer` signed the dictionary.
pub(super) fn verify(value: &Value<'_>, domain: &[u8], signer: &Bytes32) -> Result<(), Error> {
    let Value::Dictionary(entries) = value else { return Err(tacit_crypto::Error::Signature.into()) };
    let mut entries = entries.clone();
    let signature = entries.remove(SIGNATURE.as_bytes());
    let signature = signature.as_ref().and_then(array).ok_or(tacit_crypto::Error::Signature)?;
    let text = [domain, &Value::Dictionary(entries).to_bytes()].concat();
    tacit_crypto::verify(signer, &text, &signature).map_err(Error::from)
}

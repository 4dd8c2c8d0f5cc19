//! How the file writes data: texts as they are if they are printable, else `hex:` and digits.

use std::collections::BTreeMap;

use serde_json::Value as Json;
use tacit_config::value::{Dict, Scalar, Set, Value};
use tacit_config::{Config, Kind};
use tacit_crypto::AccountKeys;
use tacit_wire::MessageHash;

use crate::sections::case::Case;

/// The bytes of a text of the file.
pub(super) fn bytes(text: &str) -> Option<Vec<u8>> {
    match text.strip_prefix("hex:") {
        Some(digits) => hex::decode(digits).ok(),
        None => Some(text.as_bytes().to_vec()),
    }
}

/// A key or other bytes that some places write without the mark.
pub(super) fn unmarked(text: &str) -> Vec<u8> {
    let digits = text.strip_prefix("hex:").unwrap_or(text);
    hex::decode(digits).unwrap_or_else(|_| text.as_bytes().to_vec())
}

fn scalar(json: &Json) -> Option<Scalar> {
    match json {
        Json::Number(number) => number.as_i64().map(Scalar::from),
        Json::String(text) => bytes(text).map(|bytes| Scalar::from(&bytes[..])),
        _ => None,
    }
}

fn value(json: &Json) -> Option<Value> {
    match json {
        Json::Array(list) => list.iter().map(scalar).collect::<Option<Set>>().map(Value::Set),
        Json::Object(_) => dict(json).map(Value::Dict),
        _ => scalar(json).map(Value::Scalar),
    }
}

/// Data; what is empty below its top is left out, since it is never written.
pub(super) fn dict(json: &Json) -> Option<Dict> {
    let mut dict = Dict::new();
    for (key, json) in json.as_object()? {
        let value = value(json)?;
        let is_empty = match &value {
            Value::Scalar(_) => false,
            Value::Set(set) => set.is_empty(),
            Value::Dict(dict) => dict.is_empty(),
        };
        if !is_empty {
            dict.insert(bytes(key)?, value);
        }
    }
    Some(dict)
}

impl<'v> Case<'v, '_> {
    /// Bytes written as a text of the file.
    pub(super) fn marked(&mut self, key: &str) -> Option<Vec<u8>> {
        let bytes = bytes(self.text(key)?);
        self.ok(key, bytes.ok_or("is not hexadecimal"))
    }

    pub(super) fn dict(&mut self, key: &str) -> Option<Dict> {
        let dict = dict(self.json(key)?);
        self.ok(key, dict.ok_or("is no data"))
    }

    pub(super) fn scalar(&mut self, key: &str) -> Option<Scalar> {
        let scalar = scalar(self.json(key)?);
        self.ok(key, scalar.ok_or("is no scalar"))
    }

    /// The keys of an account with a full seed.
    pub(super) fn keys(&mut self, key: &str) -> Option<AccountKeys> {
        self.array(key).map(|seed| AccountKeys::from_ed25519_seed(&seed))
    }

    pub(super) fn kind(&mut self, key: &str) -> Option<Kind> {
        let kind = kind(self.text(key)?);
        self.ok(key, kind.ok_or("is no config"))
    }

    /// Compares the data of a config with a field.
    pub(super) fn equal_data(&mut self, key: &str, config: &Config) -> Option<()> {
        let expected = self.dict(key)?;
        self.equal(key, &Shown(&expected), &Shown(config.data()));
        Some(())
    }

    /// Compares names of messages with hashes, without regard to order.
    pub(super) fn equal_hashes(&mut self, key: &str, got: &[MessageHash]) -> Option<()> {
        let mut expected: Vec<_> = self.texts(key)?.into_iter().map(message_hash).collect();
        expected.sort();
        let mut got = got.to_vec();
        got.sort();
        self.equal(key, expected, got);
        Some(())
    }
}

/// Data with what it holds: the vectors have no secrets.
#[derive(PartialEq)]
pub(super) struct Shown<'d>(pub(super) &'d Dict);

impl std::fmt::Debug for Shown<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(&shown(self.0).to_string())
    }
}

fn shown(dict: &Dict) -> Json {
    let text = |bytes: &[u8]| match std::str::from_utf8(bytes) {
        Ok(text) if text.bytes().all(|byte| byte.is_ascii_graphic() || byte == b' ') => text.to_owned(),
        _ => hex::encode(bytes),
    };
    let scalar = |scalar: &Scalar| match scalar {
        Scalar::Integer(number) => Json::from(*number),
        Scalar::Bytes(bytes) => Json::from(text(bytes)),
    };
    let entries = dict.iter().map(|(key, value)| {
        let value = match value {
            Value::Scalar(value) => scalar(value),
            Value::Set(set) => set.iter().map(scalar).collect(),
            Value::Dict(dict) => shown(dict),
        };
        (text(key), value)
    });
    Json::Object(entries.collect())
}

pub(super) fn kind(name: &str) -> Option<Kind> {
    let all = Kind::ACCOUNT.into_iter().chain([Kind::GroupInfo, Kind::GroupMembers]);
    all.into_iter().find(|kind| kind.domain() == name)
}

/// The hash that stands for a name of the file.
pub(super) fn message_hash(name: &str) -> MessageHash {
    MessageHash::from_bytes(&tacit_crypto::blake2b::hash256(&[name.as_bytes()]))
}

/// Things by the names that the file gives them.
pub(super) type Named<T> = BTreeMap<String, T>;

//! Reading the parameters of a request with the texts of the protocol for what is wrong.
//! A field that is `null` counts as absent.

use serde_json::{Map, Value};

use super::MAX_HASHES;
use super::rejection::{Rejection, excerpt};
use crate::{AccountId, MessageHash, Namespace, Namespaces, TimestampMs};

const TIME: &str = "integer timestamp (in milliseconds)";

pub(super) struct Params<'a>(pub(super) &'a Map<String, Value>);

/// The value, or the refusal that names the field.
pub(super) fn required<T>(field: &str, value: Option<T>) -> Result<T, Rejection> {
    value.ok_or_else(|| Rejection::missing(field))
}

impl<'a> Params<'a> {
    pub(super) fn value(&self, field: &str) -> Option<&'a Value> {
        self.0.get(field).filter(|value| !value.is_null())
    }

    pub(super) fn text(&self, field: &str) -> Result<Option<&'a str>, Rejection> {
        self.read(field, "string", Value::as_str)
    }

    pub(super) fn flag(&self, field: &str) -> Result<bool, Rejection> {
        Ok(self.read(field, "boolean", Value::as_bool)?.unwrap_or(false))
    }

    pub(super) fn integer(&self, field: &str) -> Result<Option<i32>, Rejection> {
        let Some(value) = self.value(field) else { return Ok(None) };
        match value.as_i64().map(i32::try_from) {
            Some(Ok(number)) => Ok(Some(number)),
            Some(Err(_)) => Err(Rejection::out_of_range(field)),
            None if value.is_u64() => Err(Rejection::out_of_range(field)),
            None => Err(Rejection::wrong_type(field, "integer")),
        }
    }

    pub(super) fn time(&self, field: &str) -> Result<Option<TimestampMs>, Rejection> {
        self.value(field).map(|value| time(field, value)).transpose()
    }

    /// One whole number or a list of them.
    pub(super) fn integers(&self, field: &str) -> Result<Option<Vec<i32>>, Rejection> {
        self.one_or_many(field, |value| match value.as_i64().map(i32::try_from) {
            Some(Ok(number)) => Ok(number),
            Some(Err(_)) => Err(Rejection::out_of_range(field)),
            None if value.is_u64() => Err(Rejection::out_of_range(field)),
            None => Err(Rejection::wrong_type(field, "integer array")),
        })
    }

    /// One time or a list of them.
    pub(super) fn times(&self, field: &str) -> Result<Option<Vec<TimestampMs>>, Rejection> {
        self.one_or_many(field, |value| match value.as_u64() {
            Some(milliseconds) => in_range(field, milliseconds).map(TimestampMs),
            None => Err(Rejection::wrong_type(field, "timestamp array")),
        })
    }

    /// One text or a list of them, bounded.
    pub(super) fn texts(&self, field: &str) -> Result<Option<Vec<&'a str>>, Rejection> {
        self.one_or_many(field, |value| value.as_str().ok_or_else(|| Rejection::wrong_type(field, "string array")))
    }

    fn one_or_many<T>(
        &self,
        field: &str,
        read: impl Fn(&'a Value) -> Result<T, Rejection>,
    ) -> Result<Option<Vec<T>>, Rejection> {
        match self.value(field) {
            None => Ok(None),
            Some(Value::Array(list)) => bounded(field, list)?.iter().map(read).collect::<Result<_, _>>().map(Some),
            Some(value) => read(value).map(|one| Some(vec![one])),
        }
    }

    /// A whole number that old clients send as text.
    pub(super) fn number_or_text(&self, field: &str) -> Result<Option<u64>, Rejection> {
        match self.value(field) {
            Some(Value::String(text)) => match text.parse::<u64>() {
                Ok(number) if text.bytes().all(|b| b.is_ascii_digit()) => in_range(field, number).map(Some),
                _ => Err(Rejection::malformed(format_args!(
                    "Invalid value given for '{field}': {}",
                    Value::from(excerpt(text))
                ))),
            },
            Some(value) => match value.as_u64() {
                Some(number) => in_range(field, number).map(Some),
                None => Err(Rejection::wrong_type(field, "positive integer")),
            },
            None => Ok(None),
        }
    }

    pub(super) fn namespace(&self) -> Result<Option<Namespace>, Rejection> {
        self.value("namespace").map(|value| namespace(value, "16-bit integer")).transpose()
    }

    /// A namespace or `"all"`; 0 when absent.
    pub(super) fn namespaces(&self) -> Result<Namespaces, Rejection> {
        match self.value("namespace") {
            None => Ok(Namespace::MESSAGES.into()),
            Some(Value::String(text)) if text == "all" => Ok(Namespaces::All),
            Some(value) => namespace(value, "integer or \"all\"").map(Namespaces::One),
        }
    }

    /// The mailbox. `pubKey` is another name for `pubkey`.
    pub(super) fn account(&self) -> Result<AccountId, Rejection> {
        let (name, alias) = (self.text("pubkey")?, self.text("pubKey")?);
        if name.is_some() && alias.is_some() {
            return Err(Rejection::malformed("Cannot specify both 'pubkey' and 'pubKey'"));
        }
        let text = required("pubkey", name.or(alias))?;
        match text.parse::<AccountId>() {
            Ok(account) if account.has_mailbox() => Ok(account),
            _ => Err(Rejection::malformed("Pubkey must be 66 hex digits (33 bytes) long")),
        }
    }

    /// The texts under `messages`, at least one.
    pub(super) fn message_texts(&self) -> Result<Vec<&'a str>, Rejection> {
        let texts = required("messages", self.texts("messages")?)?;
        if texts.is_empty() {
            return Err(Rejection::malformed("messages does not contain any message hashes"));
        }
        Ok(texts)
    }

    /// The hashes under `messages`.
    pub(super) fn messages(&self) -> Result<Vec<MessageHash>, Rejection> {
        hashes(&self.message_texts()?)
    }

    fn read<T>(
        &self,
        field: &str,
        expected: &str,
        read: impl FnOnce(&'a Value) -> Option<T>,
    ) -> Result<Option<T>, Rejection> {
        match self.value(field) {
            None => Ok(None),
            Some(value) => read(value).map(Some).ok_or_else(|| Rejection::wrong_type(field, expected)),
        }
    }
}

pub(super) fn hashes(texts: &[&str]) -> Result<Vec<MessageHash>, Rejection> {
    let hash = |text: &&str| {
        text.parse().map_err(|_| Rejection::malformed(format_args!("invalid message hash: {}", excerpt(text))))
    };
    texts.iter().map(hash).collect()
}

fn bounded<'a>(field: &str, list: &'a [Value]) -> Result<&'a [Value], Rejection> {
    if list.len() > MAX_HASHES {
        return Err(Rejection::malformed(format_args!("'{field}' has more than {MAX_HASHES} elements")));
    }
    Ok(list)
}

fn time(field: &str, value: &Value) -> Result<TimestampMs, Rejection> {
    match value.as_u64() {
        Some(milliseconds) => in_range(field, milliseconds).map(TimestampMs),
        None => Err(Rejection::wrong_type(field, TIME)),
    }
}

/// Times and durations must fit the signed numbers that nodes keep them in.
fn in_range(field: &str, number: u64) -> Result<u64, Rejection> {
    if i64::try_from(number).is_err() {
        return Err(Rejection::out_of_range(field));
    }
    Ok(number)
}

fn namespace(value: &Value, expected: &str) -> Result<Namespace, Rejection> {
    match value.as_i64().map(i16::try_from) {
        Some(Ok(number)) => Ok(Namespace(number)),
        Some(Err(_)) => Err(Rejection::out_of_range("namespace")),
        None if value.is_u64() => Err(Rejection::out_of_range("namespace")),
        None => Err(Rejection::wrong_type("namespace", expected)),
    }
}

//! Reading the fields of a list one after the other.

use std::borrow::Cow;

use tacit_wire::bencode::Value;

/// Values of one body at most: of the largest body, full of the smallest records.
const MOST_VALUES: usize = 1_000_000;

pub(super) fn parse(body: &[u8]) -> Option<Value<'_>> {
    Value::parse_up_to(body, MOST_VALUES).ok()
}

pub(super) fn integer(number: u64) -> Value<'static> {
    Value::Integer(i64::try_from(number).unwrap_or(i64::MAX))
}

/// A place on the ring: more than an integer holds.
pub(super) fn place(place: u64) -> Value<'static> {
    Value::Bytes(Cow::Owned(place.to_be_bytes().to_vec()))
}

pub(super) struct Fields<'v> {
    rest: &'v [Value<'v>],
}

impl<'v> Fields<'v> {
    pub(super) fn of(value: &'v Value<'v>) -> Option<Self> {
        value.as_list().map(|rest| Self { rest })
    }

    pub(super) fn value(&mut self) -> Option<&'v Value<'v>> {
        let (first, rest) = self.rest.split_first()?;
        self.rest = rest;
        Some(first)
    }

    pub(super) fn list(&mut self) -> Option<&'v [Value<'v>]> {
        self.value()?.as_list()
    }

    pub(super) fn bytes(&mut self) -> Option<&'v [u8]> {
        self.value()?.as_bytes()
    }

    pub(super) fn array<const N: usize>(&mut self) -> Option<[u8; N]> {
        self.bytes()?.try_into().ok()
    }

    pub(super) fn place(&mut self) -> Option<u64> {
        self.array().map(u64::from_be_bytes)
    }

    pub(super) fn signed(&mut self) -> Option<i64> {
        self.value()?.as_integer()
    }

    pub(super) fn number(&mut self) -> Option<u64> {
        self.signed().and_then(|number| u64::try_from(number).ok())
    }

    /// Whether nothing is left.
    pub(super) fn end(&self) -> bool {
        self.rest.is_empty()
    }
}

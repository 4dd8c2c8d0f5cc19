//! The data of a config: dictionaries of scalars, sets and dictionaries (protocol: config 2).

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::ops::Deref;

use tacit_wire::bencode::loose::Reader;
use tacit_wire::bencode::write_bytes;
use zeroize::Zeroize;

/// A byte string, wiped when dropped: keys of groups are among them. `Debug` shows its length.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord)]
pub struct Bytes(Vec<u8>);

impl Deref for Bytes {
    type Target = [u8];

    fn deref(&self) -> &[u8] {
        &self.0
    }
}

impl Drop for Bytes {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl fmt::Debug for Bytes {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} bytes", self.0.len())
    }
}

/// What stands in sets, and the simplest value. Ordered as sets are written: integers first.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Scalar {
    /// A whole number.
    Integer(i64),
    /// A byte string.
    Bytes(Bytes),
}

impl From<i64> for Scalar {
    fn from(number: i64) -> Self {
        Self::Integer(number)
    }
}

impl From<&[u8]> for Scalar {
    fn from(bytes: &[u8]) -> Self {
        Self::Bytes(Bytes(bytes.to_vec()))
    }
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Self::from(text.as_bytes())
    }
}

/// Unique scalars.
pub type Set = BTreeSet<Scalar>;
/// Values by key.
pub type Dict = BTreeMap<Vec<u8>, Value>;

/// Any value.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Value {
    /// A number or a byte string.
    Scalar(Scalar),
    /// A set; merges by element.
    Set(Set),
    /// A dictionary; merges by key.
    Dict(Dict),
}

impl Value {
    /// The number, if it is one.
    #[must_use]
    pub fn as_integer(&self) -> Option<i64> {
        match self {
            Self::Scalar(Scalar::Integer(number)) => Some(*number),
            _ => None,
        }
    }

    /// The byte string, if it is one.
    #[must_use]
    pub fn as_bytes(&self) -> Option<&[u8]> {
        match self {
            Self::Scalar(Scalar::Bytes(bytes)) => Some(bytes),
            _ => None,
        }
    }

    /// The set, if it is one.
    #[must_use]
    pub fn as_set(&self) -> Option<&Set> {
        match self {
            Self::Set(set) => Some(set),
            _ => None,
        }
    }

    /// The dictionary, if it is one.
    #[must_use]
    pub fn as_dict(&self) -> Option<&Dict> {
        match self {
            Self::Dict(dict) => Some(dict),
            _ => None,
        }
    }

    /// Whether it is a set or dictionary without content.
    fn is_empty(&self) -> bool {
        match self {
            Self::Scalar(_) => false,
            Self::Set(set) => set.is_empty(),
            Self::Dict(dict) => dict.is_empty(),
        }
    }
}

/// Takes out empty sets and dictionaries, and what becomes empty by that.
pub(crate) fn prune(dict: &mut Dict) {
    dict.retain(|_, value| {
        if let Value::Dict(inner) = value {
            prune(inner);
        }
        !value.is_empty()
    });
}

pub(crate) fn write_dict(dict: &Dict, out: &mut Vec<u8>) {
    out.push(b'd');
    for (key, value) in dict {
        write_bytes(key, out);
        match value {
            Value::Scalar(scalar) => write_scalar(scalar, out),
            Value::Set(set) => write_set(set, out),
            Value::Dict(inner) => write_dict(inner, out),
        }
    }
    out.push(b'e');
}

pub(crate) fn write_set(set: &Set, out: &mut Vec<u8>) {
    out.push(b'l');
    set.iter().for_each(|scalar| write_scalar(scalar, out));
    out.push(b'e');
}

pub(crate) fn write_integer(number: i64, out: &mut Vec<u8>) {
    out.extend_from_slice(format!("i{number}e").as_bytes());
}

fn write_scalar(scalar: &Scalar, out: &mut Vec<u8>) {
    match scalar {
        Scalar::Integer(number) => write_integer(*number, out),
        Scalar::Bytes(bytes) => write_bytes(bytes, out),
    }
}

/// Reads a dictionary of which `read` reads the values; keys must ascend, each once.
pub(crate) fn read_sorted<V>(
    reader: &mut Reader<'_>,
    mut read: impl FnMut(&mut Reader<'_>) -> Option<V>,
) -> Option<BTreeMap<Vec<u8>, V>> {
    reader.enter(b'd')?;
    let mut dict: BTreeMap<Vec<u8>, V> = BTreeMap::new();
    while !reader.leave()? {
        let key = reader.bytes()?;
        if dict.last_key_value().is_some_and(|(last, _)| last.as_slice() >= key) {
            return None;
        }
        dict.insert(key.to_vec(), read(reader)?);
    }
    Some(dict)
}

/// Reads data: sorted, and without anything empty below its top.
pub(crate) fn read_data(reader: &mut Reader<'_>) -> Option<Dict> {
    read_sorted(reader, read_value)
}

fn read_value(reader: &mut Reader<'_>) -> Option<Value> {
    let value = match reader.peek()? {
        b'd' => Value::Dict(read_sorted(reader, read_value)?),
        b'l' => Value::Set(read_set(reader)?),
        _ => Value::Scalar(read_scalar(reader)?),
    };
    (!value.is_empty()).then_some(value)
}

/// Reads a list of scalars in the order of sets; it may be empty.
pub(crate) fn read_set(reader: &mut Reader<'_>) -> Option<Set> {
    reader.enter(b'l')?;
    let mut set = Set::new();
    while !reader.leave()? {
        let scalar = read_scalar(reader)?;
        if set.last().is_some_and(|last| *last >= scalar) {
            return None;
        }
        set.insert(scalar);
    }
    Some(set)
}

fn read_scalar(reader: &mut Reader<'_>) -> Option<Scalar> {
    match reader.peek()? {
        b'i' => reader.small_integer().map(Scalar::Integer),
        _ => reader.bytes().map(Scalar::from),
    }
}

//! Rewrites a message so that the generated parser reads it by the rules of proto2: only
//! known fields of the right wire type remain, texts are UTF-8, enum values are known, and
//! nothing required is missing.

use std::collections::BTreeMap;

include!(concat!(env!("OUT_DIR"), "/rules_table.rs"));

/// Levels of messages (and of unknown groups) that are followed.
const MAX_DEPTH: usize = 10;

/// A message that the table knows.
pub trait Rules {
    /// Its place in the table.
    #[doc(hidden)]
    const INDEX: usize;
}

struct Field {
    number: u32,
    label: Label,
    kind: Kind,
}

#[derive(PartialEq)]
enum Label {
    Optional,
    Required,
    Repeated,
}

enum Kind {
    Text,
    Bytes,
    Varint,
    Fixed64,
    Enum(&'static [i32]),
    Message(usize),
}

/// The value of one field as it stands on the wire.
enum Wire<'a> {
    Varint(u64),
    Fixed64(&'a [u8]),
    Bytes(&'a [u8]),
    /// Of no field we know: four bytes, or a group.
    Other,
}

/// `None` when the bytes are no message or something required is missing.
pub(super) fn clean(bytes: &[u8], message: usize) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(bytes.len());
    clean_into(bytes, message, 1, &mut out)?;
    Some(out)
}

fn clean_into(bytes: &[u8], message: usize, depth: usize, out: &mut Vec<u8>) -> Option<()> {
    if depth > MAX_DEPTH {
        return None;
    }
    let fields = *MESSAGES.get(message)?;
    let mut seen = vec![false; fields.len()];
    // Occurrences of a singular sub-message merge, which is what their concatenation means.
    let mut merged: BTreeMap<usize, Vec<u8>> = BTreeMap::new();
    let mut reader = Reader(bytes);
    while !reader.0.is_empty() {
        let (number, value) = reader.field(depth)?;
        let Some(index) = fields.iter().position(|field| field.number == number) else { continue };
        let field = &fields[index];
        seen[index] |= match (&field.kind, value) {
            (Kind::Varint, Wire::Varint(value)) => put_varint(out, field, value),
            (Kind::Enum(known), Wire::Varint(value)) => is_known(known, value) && put_varint(out, field, value),
            (Kind::Fixed64, Wire::Fixed64(value)) => {
                out.push_varint(u64::from(number) << 3 | 1);
                out.extend_from_slice(value);
                true
            }
            (Kind::Bytes, Wire::Bytes(value)) => put_bytes(out, field, value),
            (Kind::Text, Wire::Bytes(value)) => put_bytes(out, field, String::from_utf8_lossy(value).as_bytes()),
            (Kind::Message(_), Wire::Bytes(value)) if field.label != Label::Repeated => {
                merged.entry(index).or_default().extend_from_slice(value);
                true
            }
            (Kind::Message(inner), Wire::Bytes(value)) => put_message(out, field, value, *inner, depth)?,
            (Kind::Varint | Kind::Enum(_), Wire::Bytes(packed)) if field.label == Label::Repeated => {
                let mut reader = Reader(packed);
                while !reader.0.is_empty() {
                    put_varint(out, field, reader.varint()?);
                }
                true
            }
            _ => false,
        };
    }
    for (index, bytes) in merged {
        if let Kind::Message(inner) = fields[index].kind {
            put_message(out, &fields[index], &bytes, inner, depth)?;
        }
    }
    let missing = fields.iter().zip(seen).any(|(field, seen)| field.label == Label::Required && !seen);
    (!missing).then_some(())
}

fn is_known(known: &[i32], value: u64) -> bool {
    // Enums are 32 bits wide; what a longer varint has above that is cut, as everywhere.
    let value = value as i32;
    known.contains(&value)
}

fn put_varint(out: &mut Vec<u8>, field: &Field, value: u64) -> bool {
    out.push_varint(u64::from(field.number) << 3);
    out.push_varint(value);
    true
}

fn put_bytes(out: &mut Vec<u8>, field: &Field, value: &[u8]) -> bool {
    out.push_varint(u64::from(field.number) << 3 | 2);
    out.push_varint(value.len() as u64);
    out.extend_from_slice(value);
    true
}

fn put_message(out: &mut Vec<u8>, field: &Field, value: &[u8], message: usize, depth: usize) -> Option<bool> {
    let mut inner = Vec::with_capacity(value.len());
    clean_into(value, message, depth + 1, &mut inner)?;
    Some(put_bytes(out, field, &inner))
}

trait PushVarint {
    fn push_varint(&mut self, value: u64);
}

impl PushVarint for Vec<u8> {
    fn push_varint(&mut self, mut value: u64) {
        while value > 127 {
            self.push((value & 127) as u8 | 128);
            value >>= 7;
        }
        self.push(value as u8);
    }
}

/// Cannot read past the end: whatever is not there is `None`.
struct Reader<'a>(&'a [u8]);

impl<'a> Reader<'a> {
    fn take(&mut self, length: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(length)?;
        self.0 = rest;
        Some(taken)
    }

    fn varint(&mut self) -> Option<u64> {
        let mut value = 0;
        for shift in (0..70).step_by(7) {
            let byte = *self.take(1)?.first()?;
            value |= u64::from(byte & 127).wrapping_shl(shift);
            if byte < 128 {
                return Some(value);
            }
        }
        None
    }

    fn tag(&mut self) -> Option<(u32, u64)> {
        let tag = self.varint()?;
        let number = u32::try_from(tag >> 3).ok().filter(|number| (1..1 << 29).contains(number))?;
        Some((number, tag & 7))
    }

    fn field(&mut self, depth: usize) -> Option<(u32, Wire<'a>)> {
        let (number, wire_type) = self.tag()?;
        Some((number, self.value(number, wire_type, depth)?))
    }

    fn value(&mut self, number: u32, wire_type: u64, depth: usize) -> Option<Wire<'a>> {
        Some(match wire_type {
            0 => Wire::Varint(self.varint()?),
            1 => Wire::Fixed64(self.take(8)?),
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                Wire::Bytes(self.take(length)?)
            }
            3 => self.skip_group(number, depth + 1)?,
            5 => {
                self.take(4)?;
                Wire::Other
            }
            _ => return None,
        })
    }

    /// Groups are long out of use; parsers must still be able to pass over one.
    fn skip_group(&mut self, number: u32, depth: usize) -> Option<Wire<'a>> {
        if depth > MAX_DEPTH {
            return None;
        }
        loop {
            let (inner, wire_type) = self.tag()?;
            if wire_type == 4 {
                return (inner == number).then_some(Wire::Other);
            }
            self.value(inner, wire_type, depth)?;
        }
    }
}

//! What changed between two data: made, applied, written and read (protocol: config 3.1 to 3.3).

use std::collections::{BTreeMap, BTreeSet};

use tacit_wire::bencode::loose::Reader;
use tacit_wire::bencode::write_bytes;

use crate::value::{Dict, Set, Value, read_set, read_sorted, write_set};

/// Marks at the places that changed. The new values stand in the data of the message that
/// carries the diff.
pub type Diff = BTreeMap<Vec<u8>, Mark>;

/// What happened at one place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Mark {
    /// A scalar was set.
    Assigned,
    /// A scalar was deleted.
    Erased,
    /// Elements of a set came and went.
    Elements {
        /// Those that came.
        added: Set,
        /// Those that went.
        removed: Set,
    },
    /// Something changed within a dictionary.
    Inside(Diff),
}

/// The diff that leads from `old` to `new`.
#[must_use]
pub fn make(old: &Dict, new: &Dict) -> Diff {
    let keys: BTreeSet<&Vec<u8>> = old.keys().chain(new.keys()).collect();
    let mark = |key: &Vec<u8>| Some((key.clone(), mark(old.get(key), new.get(key))?));
    keys.into_iter().filter_map(mark).collect()
}

fn mark(old: Option<&Value>, new: Option<&Value>) -> Option<Mark> {
    match (old, new) {
        (Some(Value::Scalar(old)), Some(Value::Scalar(new))) => (old != new).then_some(Mark::Assigned),
        (Some(Value::Set(old)), Some(Value::Set(new))) => elements(old, new),
        (Some(Value::Dict(old)), Some(Value::Dict(new))) => inside(old, new),
        // New, or of another kind than before: written as if new.
        (_, Some(Value::Scalar(_))) => Some(Mark::Assigned),
        (_, Some(Value::Set(new))) => elements(&Set::new(), new),
        (_, Some(Value::Dict(new))) => inside(&Dict::new(), new),
        (Some(Value::Scalar(_)), None) => Some(Mark::Erased),
        (Some(Value::Set(old)), None) => elements(old, &Set::new()),
        (Some(Value::Dict(old)), None) => inside(old, &Dict::new()),
        (None, None) => None,
    }
}

fn elements(old: &Set, new: &Set) -> Option<Mark> {
    let added: Set = new.difference(old).cloned().collect();
    let removed: Set = old.difference(new).cloned().collect();
    (!added.is_empty() || !removed.is_empty()).then_some(Mark::Elements { added, removed })
}

fn inside(old: &Dict, new: &Dict) -> Option<Mark> {
    let diff = make(old, new);
    (!diff.is_empty()).then_some(Mark::Inside(diff))
}

/// Applies a diff, taking values from `source`, the data of the message that carries it. May
/// leave empty sets and dictionaries.
pub fn apply(data: &mut Dict, diff: &Diff, source: &Dict) {
    for (key, mark) in diff {
        match (mark, source.get(key)) {
            (Mark::Assigned, Some(value @ Value::Scalar(_))) => {
                data.insert(key.clone(), value.clone());
            }
            (Mark::Inside(inner), Some(Value::Dict(source))) => {
                if let Value::Dict(dict) = entry(data, key, Value::Dict(Dict::new())) {
                    apply(dict, inner, source);
                }
            }
            (Mark::Elements { added, removed }, Some(Value::Set(_))) => {
                if let Value::Set(set) = entry(data, key, Value::Set(Set::new())) {
                    set.extend(added.iter().cloned());
                    removed.iter().for_each(|element| {
                        set.remove(element);
                    });
                }
            }
            // Deleted, or gone with everything around it.
            _ => {
                data.remove(key);
            }
        }
    }
}

/// The value at `key`, replaced by `empty` unless it is of the same kind.
fn entry<'d>(data: &'d mut Dict, key: &[u8], empty: Value) -> &'d mut Value {
    let value = data.entry(key.to_vec()).or_insert_with(|| empty.clone());
    if std::mem::discriminant(value) != std::mem::discriminant(&empty) {
        *value = empty;
    }
    value
}

pub(crate) fn write(diff: &Diff, out: &mut Vec<u8>) {
    out.push(b'd');
    for (key, mark) in diff {
        write_bytes(key, out);
        match mark {
            Mark::Assigned => out.extend_from_slice(b"0:"),
            Mark::Erased => out.extend_from_slice(b"1:-"),
            Mark::Elements { added, removed } => {
                out.push(b'l');
                write_set(added, out);
                write_set(removed, out);
                out.push(b'e');
            }
            Mark::Inside(inner) => write(inner, out),
        }
    }
    out.push(b'e');
}

pub(crate) fn read(reader: &mut Reader<'_>) -> Option<Diff> {
    read_sorted(reader, read_mark)
}

fn read_mark(reader: &mut Reader<'_>) -> Option<Mark> {
    match reader.peek()? {
        b'd' => read(reader).map(Mark::Inside),
        b'l' => {
            reader.enter(b'l')?;
            let (added, removed) = (read_set(reader)?, read_set(reader)?);
            reader.leave()?.then_some(Mark::Elements { added, removed })
        }
        _ => match reader.bytes()? {
            b"" => Some(Mark::Assigned),
            b"-" => Some(Mark::Erased),
            _ => None,
        },
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;
    use tacit_wire::bencode::loose::Reader;

    use super::*;
    use crate::testing::data;
    use crate::value::prune;

    proptest! {
        #[test]
        fn applied_to_the_old_data_it_gives_the_new(old in data(), new in data()) {
            let diff = make(&old, &new);
            let mut got = old.clone();
            apply(&mut got, &diff, &new);
            prune(&mut got);
            prop_assert_eq!(&got, &new);
            prop_assert_eq!(make(&new, &got), Diff::new());
        }

        #[test]
        fn applied_twice_it_changes_nothing_more(old in data(), new in data(), other in data()) {
            let diff = make(&old, &new);
            let mut once = other;
            apply(&mut once, &diff, &new);
            let mut twice = once.clone();
            apply(&mut twice, &diff, &new);
            prop_assert_eq!(once, twice);
        }

        #[test]
        fn what_is_written_is_read(old in data(), new in data()) {
            let diff = make(&old, &new);
            let mut text = Vec::new();
            write(&diff, &mut text);
            let mut reader = Reader::new(&text, 32, 10_000);
            prop_assert_eq!(read(&mut reader), Some(diff));
            prop_assert_eq!(reader.position(), text.len());
        }
    }
}

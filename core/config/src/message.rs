//! One config message: parsed, written, signed (protocol: config 2, 15).

use std::collections::BTreeMap;
use std::ops::Bound;

use tacit_crypto::{NodeKeys, blake2b};
use tacit_wire::bencode::loose::{self, Reader};
use tacit_wire::bencode::write_bytes;
use zeroize::Zeroizing;

use crate::Error;
use crate::diff::{self, Diff};
use crate::value::{Dict, read_data, write_dict, write_integer};

/// How many messages back the diffs of a message reach, in every config.
pub const LAG: i64 = 5;
/// Levels of lists and dictionaries that are read.
pub const MAX_DEPTH: usize = 32;
/// Values that are read from one message: what 8 MiB hold in any config that means something,
/// and little enough memory for one that does not.
const MAX_VALUES: usize = 500_000;

/// What a message is known by: sequence number and hash. Of two, the greater wins.
pub type Id = (i64, [u8; 32]);

/// A config message.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Message {
    /// Counts up with each message that is made from another.
    pub seqno: i64,
    /// The data.
    pub data: Dict,
    /// The diffs of the messages before this one.
    pub lagged: BTreeMap<Id, Diff>,
    /// The diff of this message against the one it was made from.
    pub diff: Diff,
    /// Top-level keys of newer versions.
    pub unknown: BTreeMap<Vec<u8>, loose::Value>,
    /// The signature, if it was checked or made here.
    pub signature: Option<[u8; 64]>,
}

impl Message {
    /// The message that every config starts from.
    #[must_use]
    pub fn empty() -> Self {
        Self {
            seqno: 0,
            data: Dict::new(),
            lagged: BTreeMap::new(),
            diff: Diff::new(),
            unknown: BTreeMap::new(),
            signature: None,
        }
    }

    /// Reads a message; bytes after its end are ignored. With `verify` it must be signed by that
    /// Ed25519 key. Also gives the hash.
    ///
    /// # Errors
    /// What section 15 refuses.
    pub fn parse(bytes: &[u8], lag: i64, verify: Option<&[u8; 32]>) -> Result<(Self, [u8; 32]), Error> {
        let mut reader = Reader::new(bytes, MAX_DEPTH, MAX_VALUES);
        let (mut message, signed) = read(&mut reader, lag).ok_or(Error::Message("not as section 15 asks"))?;
        if let Some(key) = verify {
            let (signature, length) = signed.ok_or(Error::Message("not signed"))?;
            tacit_crypto::verify(key, &bytes[..length], &signature)?;
            message.signature = Some(signature);
        }
        Ok((message, blake2b::hash256(&[&bytes[..reader.position()]])))
    }

    /// Writes the message: signed by `signer`, with the signature it came with, or without one.
    #[must_use]
    pub fn to_bytes(&self, lag: i64, signer: Option<&NodeKeys>) -> Zeroizing<Vec<u8>> {
        let mut out = Zeroizing::new(vec![b'd']);
        self.write_unsigned(lag, &mut out);
        let signature = signer.map(|keys| keys.sign(&out)).or(self.signature);
        if let Some(signature) = signature {
            write_bytes(b"~", &mut out);
            write_bytes(&signature, &mut out);
        }
        out.push(b'e');
        out
    }

    /// Drops the lagged diffs that are too old to be written.
    pub(crate) fn trim(&mut self, lag: i64) {
        let seqno = self.seqno;
        self.lagged.retain(|(row, _), _| is_within(*row, seqno, lag));
    }

    fn write_unsigned(&self, lag: i64, out: &mut Vec<u8>) {
        write_bytes(b"#", out);
        write_integer(self.seqno, out);
        self.write_unknown(b"", b"&", out);
        write_bytes(b"&", out);
        write_dict(&self.data, out);
        self.write_unknown(b"&", b"<", out);
        write_bytes(b"<", out);
        self.write_lagged(lag, out);
        self.write_unknown(b"<", b"=", out);
        write_bytes(b"=", out);
        diff::write(&self.diff, out);
        self.write_unknown(b"=", b"~", out);
    }

    fn write_unknown(&self, after: &[u8], before: &[u8], out: &mut Vec<u8>) {
        let between = (Bound::Excluded(after), Bound::Excluded(before));
        for (key, value) in self.unknown.range::<[u8], _>(between) {
            write_bytes(key, out);
            value.write(out);
        }
    }

    fn write_lagged(&self, lag: i64, out: &mut Vec<u8>) {
        out.push(b'l');
        for ((seqno, hash), diff) in self.lagged.iter().filter(|((row, _), _)| is_within(*row, self.seqno, lag)) {
            out.push(b'l');
            write_integer(*seqno, out);
            write_bytes(hash, out);
            diff::write(diff, out);
            out.push(b'e');
        }
        out.push(b'e');
    }
}

/// Whether a diff of `row` still belongs into a message of `seqno`.
fn is_within(row: i64, seqno: i64, lag: i64) -> bool {
    row < seqno && i128::from(row) > i128::from(seqno) - i128::from(lag)
}

/// A signature, and how many bytes it signs.
type Signed = Option<([u8; 64], usize)>;

fn read(reader: &mut Reader<'_>, lag: i64) -> Option<(Message, Signed)> {
    reader.enter(b'd')?;
    let mut message = Message::empty();
    let mut signed = None;
    if reader.bytes()? != b"#" {
        return None;
    }
    message.seqno = reader.small_integer()?;
    let mut last: &[u8] = b"#";
    let (mut has_data, mut has_end) = (false, false);
    loop {
        let start = reader.position();
        if reader.leave()? {
            break;
        }
        let key = reader.bytes()?;
        if key <= last || key > b"~".as_slice() || (!has_data && key > b"&".as_slice()) {
            return None;
        }
        last = key;
        // A message must go on after its lagged diffs, if not with its diff then with something later.
        has_end |= key >= b"=".as_slice();
        match key {
            b"&" => {
                message.data = read_data(reader)?;
                has_data = true;
            }
            b"<" => message.lagged = read_lagged(reader, message.seqno, lag)?,
            b"=" => message.diff = diff::read(reader)?,
            b"~" => signed = Some((reader.bytes()?.try_into().ok()?, start)),
            _ => {
                message.unknown.insert(key.to_vec(), reader.value()?);
            }
        }
    }
    (has_data && has_end).then_some((message, signed))
}

fn read_lagged(reader: &mut Reader<'_>, own: i64, lag: i64) -> Option<BTreeMap<Id, Diff>> {
    reader.enter(b'l')?;
    let mut rows = BTreeMap::new();
    let mut last: Option<Id> = None;
    while !reader.leave()? {
        reader.enter(b'l')?;
        let seqno = reader.small_integer()?;
        let id = (seqno, reader.bytes()?.try_into().ok()?);
        let diff = diff::read(reader)?;
        if !reader.leave()? || seqno >= own || last.is_some_and(|last| last >= id) {
            return None;
        }
        last = Some(id);
        if is_within(seqno, own, lag) {
            rows.insert(id, diff);
        }
    }
    Some(rows)
}

#[cfg(test)]
mod tests;

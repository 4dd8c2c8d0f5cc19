use std::ops::Range;

use super::{blank, number};

/// A box of an ISO base media file (ISO 14496-12, 4.2), by its place in the file.
#[derive(Debug, Clone)]
pub(super) struct Atom {
    pub name: [u8; 4],
    pub start: usize,
    pub body: Range<usize>,
}

/// The boxes within `range`, up to the first that is no box.
pub(super) fn atoms(bytes: &[u8], range: Range<usize>) -> Vec<Atom> {
    let mut found = Vec::new();
    let mut at = range.start;
    while let Some(atom) = read(bytes, at, range.end) {
        at = atom.body.end;
        found.push(atom);
    }
    found
}

/// The first box called `name` along a path of boxes.
pub(super) fn find(bytes: &[u8], range: Range<usize>, path: &[&[u8; 4]]) -> Option<Atom> {
    let (name, rest) = path.split_first()?;
    let atom = atoms(bytes, range).into_iter().find(|atom| &&atom.name == name)?;
    if rest.is_empty() { Some(atom) } else { find(bytes, atom.body, rest) }
}

fn read(bytes: &[u8], at: usize, end: usize) -> Option<Atom> {
    let name = *bytes.get(at.checked_add(4)?..end)?.first_chunk()?;
    let (size, header) = match number(bytes, at, 4)? {
        0 => ((end - at) as u64, 8),
        1 => (number(bytes, at + 8, 8)?, 16),
        size => (size, 8),
    };
    let body_end = at.checked_add(usize::try_from(size).ok()?)?;
    // A file that is cut keeps its last box.
    let body_end = body_end.min(end);
    (at + header <= body_end && size >= header as u64).then_some(Atom { name, start: at, body: at + header..body_end })
}

impl Atom {
    /// Turns the box into free space of the same size.
    pub fn free(&self, bytes: &mut [u8]) {
        if let Some(name) = bytes.get_mut(self.start + 4..self.start + 8) {
            name.copy_from_slice(b"free");
        }
        blank(bytes, self.body.clone());
    }

    /// The number of `length` bytes at `at` of the body.
    pub fn number(&self, bytes: &[u8], at: usize, length: usize) -> Option<u64> {
        number(bytes.get(self.body.clone())?, at, length)
    }

    /// Overwrites a part of the body with zeros.
    pub fn blank(&self, bytes: &mut [u8], part: Range<usize>) {
        let place = |at: usize| self.body.start.saturating_add(at).min(self.body.end);
        blank(bytes, place(part.start)..place(part.end));
    }
}

use std::ops::Range;

use super::{blank, number};

/// An element of a Matroska file (RFC 8794), by its place in the file.
#[derive(Debug, Clone)]
pub(super) struct Element {
    pub id: u32,
    pub start: usize,
    pub body: Range<usize>,
}

/// The elements within `range`, up to the first that is none.
pub(super) fn elements(bytes: &[u8], range: Range<usize>) -> Vec<Element> {
    let mut found = Vec::new();
    let mut at = range.start;
    while let Some(element) = read(bytes, at, range.end) {
        at = element.body.end;
        found.push(element);
    }
    found
}

/// The first element with `id`.
pub(super) fn find(bytes: &[u8], range: Range<usize>, id: u32) -> Option<Element> {
    elements(bytes, range).into_iter().find(|element| element.id == id)
}

fn read(bytes: &[u8], at: usize, end: usize) -> Option<Element> {
    let bytes = bytes.get(..end)?;
    let id_length = bytes.get(at)?.leading_zeros() as usize + 1;
    let id = number(bytes, at, (id_length <= 4).then_some(id_length)?)? as u32;
    let size_at = at + id_length;
    let size_length = bytes.get(size_at)?.leading_zeros() as usize + 1;
    let size = number(bytes, size_at, (size_length <= 8).then_some(size_length)?)?;
    let unknown = (1_u64 << (7 * size_length)) - 1;
    let (size, start) = (size & unknown, size_at + size_length);
    // Of unknown size: to the end of what it lies in. A file that is cut keeps its last element.
    let body_end = usize::try_from(size).ok().filter(|_| size != unknown).and_then(|size| start.checked_add(size));
    Some(Element { id, start: at, body: start..body_end.unwrap_or(end).min(end) })
}

impl Element {
    /// Turns the element into void space of the same size.
    pub fn void(&self, bytes: &mut [u8]) {
        const VOID: u8 = 0xec;
        let length = self.body.end - self.start;
        blank(bytes, self.start..self.body.end);
        let Some(place) = bytes.get_mut(self.start..self.body.end) else {
            return;
        };
        match place {
            // The size in 8 bytes, of which the first bit of the first byte tells.
            [void, size @ ..] if length >= 9 => {
                *void = VOID;
                let value = (1_u64 << 56) | (length - 9) as u64;
                size[..8].copy_from_slice(&value.to_be_bytes());
            }
            [void, size, ..] => (*void, *size) = (VOID, 0x80 | (length - 2) as u8),
            _ => {}
        }
    }

    pub fn number(&self, bytes: &[u8]) -> Option<u64> {
        number(bytes, self.body.start, (self.body.len() <= 8).then_some(self.body.len())?)
    }

    pub fn float(&self, bytes: &[u8]) -> Option<f64> {
        match self.body.len() {
            4 => Some(f64::from(f32::from_bits(self.number(bytes)? as u32))),
            8 => Some(f64::from_bits(self.number(bytes)?)),
            _ => None,
        }
    }
}

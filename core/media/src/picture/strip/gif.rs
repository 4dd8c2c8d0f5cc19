use crate::Error;

const EXTENSION: u8 = 0x21;
const IMAGE: u8 = 0x2c;
const TRAILER: u8 = 0x3b;
const GRAPHIC_CONTROL: u8 = 0xf9;
const APPLICATION: u8 = 0xff;

/// Keeps frames, their timing and the loop count; comments, plain text and other applications' blocks go, and
/// whatever follows the end. A cut file is closed after its last whole block.
pub(super) fn strip(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut reader = Reader { bytes, at: 0 };
    reader.header().ok_or_else(|| Error::Damaged("GIF header".to_owned()))?;
    let mut kept = bytes[..reader.at].to_vec();
    while let Some(block) = reader.block() {
        kept.extend_from_slice(block);
    }
    kept.push(TRAILER);
    Ok(kept)
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Reader<'a> {
    fn skip(&mut self, count: usize) -> Option<&'a [u8]> {
        let skipped = self.bytes.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(skipped)
    }

    fn byte(&mut self) -> Option<u8> {
        self.skip(1)?.first().copied()
    }

    /// Signature, screen and the palette for all frames.
    fn header(&mut self) -> Option<()> {
        let flags = *self.skip(13)?.get(10)?;
        self.palette(flags)
    }

    fn palette(&mut self, flags: u8) -> Option<()> {
        if flags & 0x80 != 0 {
            self.skip(3 << ((flags & 7) + 1))?;
        }
        Some(())
    }

    /// Data blocks up to the empty one; gives the first.
    fn data(&mut self) -> Option<&'a [u8]> {
        let mut first = None;
        loop {
            let length = self.byte()?;
            let data = self.skip(usize::from(length))?;
            first = first.or(Some(data));
            if length == 0 {
                return first;
            }
        }
    }

    /// The next block that is kept, empty for one that is not; none at the end.
    fn block(&mut self) -> Option<&'a [u8]> {
        let start = self.at;
        let keep = match self.byte()? {
            IMAGE => {
                let flags = *self.skip(9)?.last()?;
                self.palette(flags)?;
                self.byte()?;
                self.data()?;
                true
            }
            EXTENSION => match self.byte()? {
                GRAPHIC_CONTROL => self.data().is_some_and(|data| data.len() == 4 && self.at - start == 8),
                APPLICATION => {
                    let named = matches!(self.data()?, b"NETSCAPE2.0" | b"ANIMEXTS1.0");
                    // Introducer, label, 12 bytes of name, the loop count in 4, the end.
                    named && self.at - start == 19
                }
                _ => {
                    self.data()?;
                    false
                }
            },
            _ => return None,
        };
        Some(if keep { self.bytes.get(start..self.at)? } else { &[] })
    }
}

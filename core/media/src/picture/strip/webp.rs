use super::Chunk;
use crate::Error;

const HEADER: usize = 12;
/// Chunks that make the picture; EXIF, XMP and colour profiles are not among them.
const KEPT: [&[u8; 4]; 6] = [b"VP8X", b"VP8 ", b"VP8L", b"ALPH", b"ANIM", b"ANMF"];
/// Bits of `VP8X` that announce a colour profile, EXIF, XMP.
const ANNOUNCED: u8 = 0x20 | 0x08 | 0x04;
/// Bytes of a frame before its own chunks.
const FRAME_HEADER: usize = 16;

/// The chunks of a WebP, up to its end or the first that is cut.
pub(in crate::picture) fn chunks(bytes: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    inner(bytes.get(HEADER..).unwrap_or_default())
}

fn inner(mut rest: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    std::iter::from_fn(move || {
        let (&name, after) = rest.split_first_chunk::<4>()?;
        let length = usize::try_from(u32::from_le_bytes(*after.first_chunk::<4>()?)).ok()?;
        let data = rest.get(8..length.checked_add(8)?)?;
        let whole = rest.get(..8 + length + length % 2).unwrap_or(rest);
        rest = &rest[whole.len()..];
        Some(Chunk { name, data, whole })
    })
}

pub(super) fn strip(bytes: &[u8]) -> Result<Vec<u8>, Error> {
    let mut body = b"WEBP".to_vec();
    for chunk in chunks(bytes).filter(|chunk| KEPT.contains(&&chunk.name)) {
        match (&chunk.name, chunk.data) {
            (b"VP8X", [flags, rest @ ..]) => write(&mut body, chunk.name, &[&[flags & !ANNOUNCED], rest]),
            (b"ANMF", data) => write(&mut body, chunk.name, &[&frame(data)]),
            (name, data) => write(&mut body, *name, &[data]),
        }
    }
    let length = u32::try_from(body.len()).map_err(|_| Error::TooLarge("WebP".to_owned()))?;
    Ok([b"RIFF".as_slice(), &length.to_le_bytes(), &body].concat())
}

/// A frame with only the chunks of its pixels.
fn frame(data: &[u8]) -> Vec<u8> {
    let (header, chunks) = data.split_at(FRAME_HEADER.min(data.len()));
    let mut kept = header.to_vec();
    for chunk in inner(chunks).filter(|chunk| matches!(&chunk.name, b"VP8 " | b"VP8L" | b"ALPH")) {
        write(&mut kept, chunk.name, &[chunk.data]);
    }
    kept
}

fn write(out: &mut Vec<u8>, name: [u8; 4], parts: &[&[u8]]) {
    let length: usize = parts.iter().map(|part| part.len()).sum();
    out.extend_from_slice(&name);
    // It was read from 32 bits and never grows.
    out.extend_from_slice(&(length as u32).to_le_bytes());
    parts.iter().for_each(|part| out.extend_from_slice(part));
    out.extend(std::iter::repeat_n(0, length % 2));
}

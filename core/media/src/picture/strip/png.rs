use super::Chunk;

const SIGNATURE: usize = 8;
/// Chunks that make the picture; text, times, EXIF and colour profiles are not among them.
const KEPT: [&[u8; 4]; 12] =
    [b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"sBIT", b"acTL", b"fcTL", b"fdAT"];

/// The chunks of a PNG, up to and with its end or the first that is cut.
pub(in crate::picture) fn chunks(bytes: &[u8]) -> impl Iterator<Item = Chunk<'_>> {
    let mut rest = bytes.get(SIGNATURE..).unwrap_or_default();
    std::iter::from_fn(move || {
        let (length, after) = rest.split_first_chunk::<4>()?;
        let name = *after.first_chunk::<4>()?;
        let length = usize::try_from(u32::from_be_bytes(*length)).ok()?;
        let whole = rest.get(..length.checked_add(12)?)?;
        let data = whole.get(8..8 + length)?;
        rest = if &name == b"IEND" { &[] } else { rest.get(whole.len()..)? };
        Some(Chunk { name, data, whole })
    })
}

pub(super) fn strip(bytes: &[u8]) -> Vec<u8> {
    let mut kept = bytes.get(..SIGNATURE).unwrap_or_default().to_vec();
    for chunk in chunks(bytes).filter(|chunk| KEPT.contains(&&chunk.name)) {
        kept.extend_from_slice(chunk.whole);
    }
    kept
}

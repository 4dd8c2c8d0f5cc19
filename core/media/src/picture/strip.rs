//! Cuts metadata out of files whose pixels are kept as they are. What is not known to be needed goes.

mod gif;
mod png;
mod webp;

pub(super) use self::png::chunks as png_chunks;
pub(super) use self::webp::chunks as webp_chunks;
use super::format::Format;
use crate::Error;

/// A chunk of a PNG or WebP.
pub(super) struct Chunk<'a> {
    pub name: [u8; 4],
    pub data: &'a [u8],
    /// The chunk with its header, check sum and padding.
    whole: &'a [u8],
}

pub(super) fn strip(bytes: &[u8], format: Format) -> Result<Vec<u8>, Error> {
    match format {
        Format::Gif => gif::strip(bytes),
        Format::Png => Ok(png::strip(bytes)),
        Format::WebP => webp::strip(bytes),
        Format::Jpeg => Err(Error::Unsupported("stripping of JPEG")),
    }
}

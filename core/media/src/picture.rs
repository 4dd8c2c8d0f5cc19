//! Still and animated pictures: JPEG, PNG, WebP, GIF.

mod decode;
mod encode;
mod format;
mod frames;
mod scale;
mod strip;
#[cfg(test)]
mod tests;

use image::DynamicImage;

use self::format::Format;
pub use self::frames::{Frame, Frames, frames};
use crate::Error;

/// Most pixels of a picture that is decoded.
pub const MAX_PIXELS: u64 = 50_000_000;
/// Most bytes that the pixels of one decoded picture take.
pub const MAX_MEMORY: u64 = 256 << 20;
/// Longer side of a sent picture, by [`Quality`].
const MAX_SIDE: u32 = 4096;
const STANDARD_SIDE: u32 = 1600;
/// Side of a profile picture (protocol: messages 6.4).
pub const PROFILE_SIDE: u32 = 600;
/// Longer side of the placeholder that [`blurred`] makes.
const BLURRED_SIDE: u32 = 32;

/// How much of a picture's detail is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Quality {
    /// At most 1,600 pixels on the longer side.
    #[default]
    Standard,
    /// At most 4,096 pixels on the longer side.
    Original,
}

impl Quality {
    fn side(self) -> u32 {
        match self {
            Self::Standard => STANDARD_SIDE,
            Self::Original => MAX_SIDE,
        }
    }
}

/// A picture ready to be sent: upright, scaled, without any metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Prepared {
    /// The encoded file.
    pub bytes: Vec<u8>,
    /// MIME type of `bytes`.
    pub content_type: &'static str,
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
}

/// Decoded pixels, upright, in sRGB.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    /// Width in pixels.
    pub width: u32,
    /// Height in pixels.
    pub height: u32,
    /// Rows from the top, 4 bytes a pixel: red, green, blue, alpha (not premultiplied).
    pub rgba: Vec<u8>,
}

impl From<image::RgbaImage> for Pixels {
    fn from(image: image::RgbaImage) -> Self {
        Self { width: image.width(), height: image.height(), rgba: image.into_raw() }
    }
}

/// Makes a picture ready to be sent: orientation applied, EXIF, XMP, colour profile, comments and all other
/// metadata left out, scaled to the quality's limit (protocol: messages 6.6). Animations keep their frames
/// and size. Fails for what is no JPEG, PNG, WebP or GIF by content, or is too large or damaged.
pub fn prepare(bytes: &[u8], quality: Quality) -> Result<Prepared, Error> {
    let format = Format::of(bytes)?;
    let decoded = decode::picture(bytes, format, quality.side())?;
    if format == Format::Gif || format.is_animated(bytes) {
        return kept(bytes, format, decoded.source);
    }
    match (format, decoded.untouched) {
        (Format::Png, untouched) => {
            let png = if untouched { kept(bytes, format, decoded.source)? } else { encode::png(&decoded.pixels)? };
            let webp = encode::webp(&decoded.pixels)?;
            Ok(if webp.bytes.len() < png.bytes.len() { webp } else { png })
        }
        (Format::WebP, true) => kept(bytes, format, decoded.source),
        _ => small(decoded.pixels),
    }
}

/// A square from the middle of a picture, at most 600 pixels wide, for a profile (protocol: messages 6.4).
/// Of an animation the first frame.
pub fn profile_picture(bytes: &[u8]) -> Result<Prepared, Error> {
    small(decode::square(bytes, Format::of(bytes)?, PROFILE_SIDE)?.pixels)
}

/// A picture scaled down to at most `max_side` on the longer side, encoded again without any metadata; of an
/// animation the first frame.
pub fn reduced(bytes: &[u8], max_side: u32) -> Result<Prepared, Error> {
    small(decode::picture(bytes, Format::of(bytes)?, max_side)?.pixels)
}

/// Pixels of a picture, scaled down to at most `max_side` on the longer side; of an animation the first frame.
pub fn thumbnail(bytes: &[u8], max_side: u32) -> Result<Pixels, Error> {
    Ok(decode::picture(bytes, Format::of(bytes)?, max_side)?.pixels.into_rgba8().into())
}

/// A placeholder of at most 32 pixels a side, soft enough to be drawn large.
pub fn blurred(bytes: &[u8]) -> Result<Pixels, Error> {
    let small = decode::picture(bytes, Format::of(bytes)?, BLURRED_SIDE)?.pixels;
    Ok(small.fast_blur(1.5).into_rgba8().into())
}

/// Width and height of a picture as it is shown, read from its header.
pub fn dimensions(bytes: &[u8]) -> Result<(u32, u32), Error> {
    decode::dimensions(bytes, Format::of(bytes)?)
}

/// MIME type of a picture by its content, if it is one that can be shown.
pub fn content_type(bytes: &[u8]) -> Option<&'static str> {
    Format::of(bytes).ok().map(Format::content_type)
}

/// The file itself with its metadata cut out.
fn kept(bytes: &[u8], format: Format, (width, height): (u32, u32)) -> Result<Prepared, Error> {
    let bytes = strip::strip(bytes, format)?;
    Ok(Prepared { bytes, content_type: format.content_type(), width, height })
}

/// JPEG, or lossless WebP where there is something to see through.
fn small(pixels: DynamicImage) -> Result<Prepared, Error> {
    let see_through = pixels.as_rgba8().is_some_and(|p| p.pixels().any(|p| p.0[3] != u8::MAX));
    if see_through { encode::webp(&pixels) } else { encode::jpeg(&pixels.into_rgb8()) }
}

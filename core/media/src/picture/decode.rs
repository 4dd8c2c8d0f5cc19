use std::io::Cursor;

use image::metadata::{Cicp, Orientation};
use image::{DynamicImage, GenericImageView, ImageDecoder, ImageError, ImageReader, Limits};

use super::format::Format;
use super::{MAX_MEMORY, MAX_PIXELS, scale};
use crate::Error;
use crate::guard::guarded;

/// A picture upright, in sRGB, scaled down.
pub(super) struct Decoded {
    /// Width and height before scaling and turning.
    pub source: (u32, u32),
    /// The pixels are those of the file: neither scaled nor turned nor converted.
    pub untouched: bool,
    pub pixels: DynamicImage,
}

/// What a decoder may take; checked before it allocates.
pub(super) fn limits() -> Limits {
    let mut limits = Limits::default();
    limits.max_image_width = Some(u32::from(u16::MAX));
    limits.max_image_height = Some(u32::from(u16::MAX));
    limits.max_alloc = Some(MAX_MEMORY);
    limits
}

/// Decodes and scales to at most `max_side` on the longer side.
pub(super) fn picture(bytes: &[u8], format: Format, max_side: u32) -> Result<Decoded, Error> {
    guarded(|| decode(bytes, format, |image| scale::down(image, max_side)))
}

/// Decodes, cuts the largest square from the middle, scales it to at most `side`.
pub(super) fn square(bytes: &[u8], format: Format, side: u32) -> Result<Decoded, Error> {
    let middle = |image: &DynamicImage| {
        let (width, height) = image.dimensions();
        let short = width.min(height);
        let middle = image.view((width - short) / 2, (height - short) / 2, short, short);
        scale::down(&*middle, side)
    };
    guarded(|| decode(bytes, format, middle))
}

pub(super) fn dimensions(bytes: &[u8], format: Format) -> Result<(u32, u32), Error> {
    let (width, height, orientation) = guarded(|| {
        let mut decoder = decoder(bytes, format)?;
        let (width, height) = decoder.dimensions();
        Ok((width, height, decoder.orientation().unwrap_or(Orientation::NoTransforms)))
    })?;
    let turned = matches!(
        orientation,
        Orientation::Rotate90 | Orientation::Rotate270 | Orientation::Rotate90FlipH | Orientation::Rotate270FlipH
    );
    Ok(if turned { (height, width) } else { (width, height) })
}

fn decode(
    bytes: &[u8],
    format: Format,
    scaled: impl FnOnce(&DynamicImage) -> image::RgbaImage,
) -> Result<Decoded, Error> {
    let mut decoder = decoder(bytes, format)?;
    let source = decoder.dimensions();
    let orientation = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let wide = decoder.icc_profile().ok().flatten().is_some_and(|profile| is_display_p3(&profile));
    let image = DynamicImage::from_decoder(decoder).map_err(error)?;
    let mut pixels = DynamicImage::ImageRgba8(scaled(&image));
    drop(image);
    let untouched = pixels.dimensions() == source && orientation == Orientation::NoTransforms && !wide;
    pixels.apply_orientation(orientation);
    if wide {
        to_srgb(&mut pixels)?;
    }
    Ok(Decoded { source, untouched, pixels })
}

/// The header read and judged; no memory is taken for pixels yet.
fn decoder(bytes: &[u8], format: Format) -> Result<impl ImageDecoder, Error> {
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format.image());
    reader.limits(limits());
    let decoder = reader.into_decoder().map_err(error)?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > MAX_PIXELS || decoder.total_bytes() > MAX_MEMORY {
        return Err(Error::TooLarge(format!("{width} × {height} pixels")));
    }
    Ok(decoder)
}

/// Phones photograph in Display P3 and say so in the colour profile, which is not sent.
fn is_display_p3(profile: &[u8]) -> bool {
    let name = b"Display P3";
    let wide: Vec<u8> = name.iter().flat_map(|&c| [0, c]).collect();
    profile.windows(name.len()).any(|w| w == name) || profile.windows(wide.len()).any(|w| w == wide)
}

fn to_srgb(pixels: &mut DynamicImage) -> Result<(), Error> {
    pixels.set_color_space(Cicp::DISPLAY_P3).map_err(error)?;
    pixels.apply_color_space(Cicp::SRGB, image::ConvertColorOptions::default()).map_err(error)
}

pub(super) fn error(error: ImageError) -> Error {
    match error {
        ImageError::Limits(e) => Error::TooLarge(e.to_string()),
        ImageError::Unsupported(_) => Error::Unsupported("this kind of picture"),
        other => Error::Damaged(other.to_string()),
    }
}

use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::{CompressionType, FilterType, PngEncoder};
use image::codecs::webp::WebPEncoder;
use image::{DynamicImage, RgbImage};

use super::Prepared;
use crate::Error;

const JPEG_QUALITY: u8 = 85;

pub(super) fn jpeg(pixels: &RgbImage) -> Result<Prepared, Error> {
    let mut bytes = Vec::new();
    let encoder = JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY);
    pixels.write_with_encoder(encoder).map_err(|_| Error::Encoder("JPEG"))?;
    Ok(Prepared { bytes, content_type: "image/jpeg", width: pixels.width(), height: pixels.height() })
}

pub(super) fn png(pixels: &DynamicImage) -> Result<Prepared, Error> {
    let mut bytes = Vec::new();
    let encoder = PngEncoder::new_with_quality(&mut bytes, CompressionType::Default, FilterType::Adaptive);
    pixels.write_with_encoder(encoder).map_err(|_| Error::Encoder("PNG"))?;
    Ok(Prepared { bytes, content_type: "image/png", width: pixels.width(), height: pixels.height() })
}

/// Lossless.
pub(super) fn webp(pixels: &DynamicImage) -> Result<Prepared, Error> {
    let mut bytes = Vec::new();
    let encoder = WebPEncoder::new_lossless(&mut bytes);
    pixels.write_with_encoder(encoder).map_err(|_| Error::Encoder("WebP"))?;
    Ok(Prepared { bytes, content_type: "image/webp", width: pixels.width(), height: pixels.height() })
}

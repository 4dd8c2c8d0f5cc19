use image::ImageFormat;

use crate::Error;

/// The picture formats that are decoded, told by content alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Jpeg,
    Png,
    WebP,
    Gif,
}

impl Format {
    pub fn of(bytes: &[u8]) -> Result<Self, Error> {
        match bytes {
            [0xff, 0xd8, 0xff, ..] => Ok(Self::Jpeg),
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Ok(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Ok(Self::WebP),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Ok(Self::Gif),
            _ => Err(Error::Unknown("picture")),
        }
    }

    pub fn content_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebP => "image/webp",
            Self::Gif => "image/gif",
        }
    }

    pub fn image(self) -> ImageFormat {
        match self {
            Self::Jpeg => ImageFormat::Jpeg,
            Self::Png => ImageFormat::Png,
            Self::WebP => ImageFormat::WebP,
            Self::Gif => ImageFormat::Gif,
        }
    }

    /// Whether the header of a PNG or WebP announces an animation.
    pub fn is_animated(self, bytes: &[u8]) -> bool {
        match self {
            Self::Png => super::strip::png_chunks(bytes).any(|chunk| chunk.name == *b"acTL"),
            Self::WebP => super::strip::webp_chunks(bytes).any(|chunk| chunk.name == *b"ANIM"),
            Self::Jpeg | Self::Gif => false,
        }
    }
}

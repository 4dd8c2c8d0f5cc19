use std::io::Cursor;
use std::time::Duration;

use image::codecs::gif::GifDecoder;
use image::codecs::png::PngDecoder;
use image::codecs::webp::WebPDecoder;
use image::{AnimationDecoder, ImageDecoder};

use super::decode::{error, limits};
use super::format::Format;
use super::{Pixels, scale};
use crate::Error;
use crate::guard::guarded;

/// Most frames of an animation that are shown.
pub const MAX_FRAMES: usize = 1000;
/// Most pixels of an animation's canvas.
const MAX_CANVAS: u64 = 16_000_000;
/// Most pixels decoded for one animation, all frames together: some seconds of work.
const MAX_WORK: u64 = 2_000_000_000;

/// One picture of an animation.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Frame {
    /// The whole canvas.
    pub pixels: Pixels,
    /// How long it is shown; what asks for less than 20 ms gets 100 ms, as browsers do.
    pub delay: Duration,
}

/// The frames of an animation, each decoded when it is asked for. Ends early at damage and at the limits.
pub struct Frames<'a> {
    frames: image::Frames<'a>,
    max_side: u32,
    left: usize,
}

impl Iterator for Frames<'_> {
    type Item = Frame;

    fn next(&mut self) -> Option<Frame> {
        self.left = self.left.checked_sub(1)?;
        let next = guarded(|| self.frames.next().transpose().map_err(error));
        let Ok(Some(frame)) = next else {
            self.left = 0;
            return None;
        };
        let delay = Duration::from(frame.delay());
        let delay = if delay < Duration::from_millis(20) { Duration::from_millis(100) } else { delay };
        let pixels = scale::down(frame.buffer(), self.max_side).into();
        Some(Frame { pixels, delay })
    }
}

/// The frames of a GIF, animated WebP or animated PNG, scaled down to at most `max_side` on the longer side.
/// Fails for what is no animation or has too large a canvas.
pub fn frames(bytes: &[u8], max_side: u32) -> Result<Frames<'_>, Error> {
    let format = Format::of(bytes)?;
    let (width, height) = super::dimensions(bytes)?;
    let canvas = u64::from(width) * u64::from(height);
    if canvas > MAX_CANVAS {
        return Err(Error::TooLarge(format!("animation of {width} × {height} pixels")));
    }
    let left = usize::try_from(MAX_WORK / canvas.max(1)).map_or(MAX_FRAMES, |n| n.min(MAX_FRAMES));
    let frames = guarded(|| decoded(bytes, format))?;
    Ok(Frames { frames, max_side, left })
}

fn decoded(bytes: &[u8], format: Format) -> Result<image::Frames<'_>, Error> {
    let bytes_read = Cursor::new(bytes);
    match format {
        Format::Gif => {
            let mut decoder = GifDecoder::new(bytes_read).map_err(error)?;
            decoder.set_limits(limits()).map_err(error)?;
            Ok(decoder.into_frames())
        }
        Format::WebP if format.is_animated(bytes) => {
            let mut decoder = WebPDecoder::new(bytes_read).map_err(error)?;
            decoder.set_limits(limits()).map_err(error)?;
            Ok(decoder.into_frames())
        }
        Format::Png if format.is_animated(bytes) => {
            let decoder = PngDecoder::with_limits(bytes_read, limits()).map_err(error)?;
            Ok(decoder.apng().map_err(error)?.into_frames())
        }
        _ => Err(Error::Unsupported("a still picture as animation")),
    }
}

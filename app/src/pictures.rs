//! Pictures of files, decoded beside the UI thread, scaled for their place, kept within a bound.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};
use std::sync::Arc;
use std::time::Duration;

use slint::{Image, Rgba8Pixel, SharedPixelBuffer, Timer, TimerMode};
use tacit_client::{Client, Error, FileError, FileId};
use tokio::sync::Semaphore;

use crate::context::{Context, go};

/// Bytes of pixels that are kept.
const KEPT_MOST: usize = 128 << 20;
/// Pictures that are decoded at once.
const AT_ONCE: usize = 2;
/// Pictures that are ready within this time are told of together.
const GATHER: Duration = Duration::from_millis(40);

/// A picture scaled to at most so many pixels on its longer side.
type Key = (FileId, u32, Shape);

/// How a picture is cut.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
enum Shape {
    /// Not at all.
    Whole,
    /// A disc around its middle.
    Round,
}

enum Entry {
    Decoding,
    Ready {
        image: Image,
        bytes: usize,
        used: u64,
    },
    /// Nothing here can show it.
    Unreadable,
}

/// What was decoded, by file and size.
#[derive(Default)]
struct Kept {
    entries: HashMap<Key, Entry>,
    bytes: usize,
    clock: u64,
}

impl Kept {
    fn get(&mut self, key: Key) -> Option<Option<Image>> {
        self.clock += 1;
        match self.entries.get_mut(&key)? {
            Entry::Ready { image, used, .. } => {
                *used = self.clock;
                Some(Some(image.clone()))
            }
            Entry::Decoding | Entry::Unreadable => Some(None),
        }
    }

    fn put(&mut self, key: Key, image: Image) {
        let size = image.size();
        let bytes = size.width as usize * size.height as usize * 4;
        self.clock += 1;
        self.entries.insert(key, Entry::Ready { image, bytes, used: self.clock });
        self.bytes += bytes;
        while self.bytes > KEPT_MOST && self.drop_oldest(key) {}
    }

    /// Lets go of what was used longest ago, but not of `except`.
    fn drop_oldest(&mut self, except: Key) -> bool {
        let of = |entry: &Entry| match entry {
            Entry::Ready { used, bytes, .. } => Some((*used, *bytes)),
            _ => None,
        };
        let ready = self.entries.iter().filter(|(key, _)| **key != except);
        let oldest = ready.filter_map(|(key, entry)| of(entry).map(|of| (of, *key))).min();
        let Some(((_, bytes), key)) = oldest else { return false };
        self.entries.remove(&key);
        self.bytes -= bytes;
        true
    }
}

/// The pictures of the open account.
pub(crate) struct Pictures {
    kept: RefCell<Kept>,
    places: Arc<Semaphore>,
    telling: Timer,
}

impl Default for Pictures {
    fn default() -> Self {
        Self { kept: RefCell::default(), places: Arc::new(Semaphore::new(AT_ONCE)), telling: Timer::default() }
    }
}

impl Pictures {
    /// Nothing of an account stays when it is closed.
    pub(crate) fn clear(&self) {
        *self.kept.borrow_mut() = Kept::default();
    }
}

impl Context {
    /// A picture of a file, at most `side` pixels long. `None` until it is decoded; then all parts
    /// are told that pictures are ready.
    pub(crate) fn picture(self: &Rc<Self>, file: FileId, side: u32) -> Option<Image> {
        self.shaped((file, side, Shape::Whole))
    }

    /// The same, cut to a disc: not every renderer clips round.
    pub(crate) fn round_picture(self: &Rc<Self>, file: FileId, side: u32) -> Option<Image> {
        self.shaped((file, side, Shape::Round))
    }

    fn shaped(self: &Rc<Self>, key: Key) -> Option<Image> {
        if let Some(known) = self.pictures.kept.borrow_mut().get(key) {
            return known;
        }
        let client = self.account()?.client;
        self.pictures.kept.borrow_mut().entries.insert(key, Entry::Decoding);
        let (context, places) = (Rc::clone(self), Arc::clone(&self.pictures.places));
        go(async move {
            let decoded = context.bridge.call(decode(client, key, places)).await;
            let mut kept = context.pictures.kept.borrow_mut();
            match decoded {
                // The account may have been closed meanwhile.
                _ if !kept.entries.contains_key(&key) => return,
                Ok(pixels) => kept.put(key, Image::from_rgba8(pixels)),
                Err(error) => {
                    tracing::debug!(code = error.code(), "a picture cannot be shown");
                    kept.entries.insert(key, Entry::Unreadable);
                }
            }
            drop(kept);
            context.tell_pictures();
        });
        None
    }

    fn tell_pictures(self: &Rc<Self>) {
        if self.pictures.telling.running() {
            return;
        }
        let context: Weak<Self> = Rc::downgrade(self);
        self.pictures.telling.start(TimerMode::SingleShot, GATHER, move || {
            if let Some(context) = context.upgrade() {
                context.tell(|part| part.pictures_ready());
            }
        });
    }
}

async fn decode(
    client: Client,
    (file, side, shape): Key,
    places: Arc<Semaphore>,
) -> Result<SharedPixelBuffer<Rgba8Pixel>, Error> {
    let _place = places.acquire_owned().await.map_err(|_| Error::Closed)?;
    let reader = client.open_file(file).await?;
    let work = move || {
        let bytes = reader.bytes().map_err(FileError::Read)?;
        let pixels = tacit_client::media::picture::thumbnail(&bytes, side).map_err(FileError::Picture)?;
        let whole = SharedPixelBuffer::clone_from_slice(&pixels.rgba, pixels.width, pixels.height);
        Ok::<_, FileError>(match shape {
            Shape::Whole => whole,
            Shape::Round => disc(&whole),
        })
    };
    Ok(tokio::task::spawn_blocking(work).await.map_err(|_| Error::Closed)??)
}

/// The largest disc around the middle, its edge softened.
fn disc(whole: &SharedPixelBuffer<Rgba8Pixel>) -> SharedPixelBuffer<Rgba8Pixel> {
    let (width, height) = (whole.width(), whole.height());
    let side = width.min(height);
    let (left, top, radius) = ((width - side) / 2, (height - side) / 2, side as f32 / 2.);
    let mut disc = SharedPixelBuffer::new(side, side);
    for (index, pixel) in (0..).zip(disc.make_mut_slice()) {
        let (x, y) = (index % side, index / side);
        *pixel = whole.as_slice()[((top + y) * width + left + x) as usize];
        let away = (x as f32 + 0.5 - radius).hypot(y as f32 + 0.5 - radius);
        pixel.a = (f32::from(pixel.a) * (radius - away + 0.5).clamp(0., 1.)) as u8;
    }
    disc
}

#[cfg(test)]
mod tests {
    use super::*;

    fn image(side: u32) -> Image {
        Image::from_rgba8(SharedPixelBuffer::new(side, side))
    }

    #[test]
    fn what_was_used_longest_ago_goes_when_the_bound_is_reached() {
        let (mut kept, side) = (Kept::default(), 2_048);
        let each = KEPT_MOST / (side as usize * side as usize * 4);
        for n in 0..each {
            kept.put((FileId(n as i64), side, Shape::Whole), image(side));
        }
        assert!(kept.get((FileId(0), side, Shape::Whole)).flatten().is_some(), "used now");
        kept.put((FileId(1_000), side, Shape::Whole), image(side));
        assert!(kept.get((FileId(0), side, Shape::Whole)).is_some());
        assert!(kept.get((FileId(1), side, Shape::Whole)).is_none(), "it is gone, and may be decoded again");
        assert!(kept.bytes <= KEPT_MOST);
    }

    #[test]
    fn what_cannot_be_shown_is_not_tried_again() {
        let mut kept = Kept::default();
        kept.entries.insert((FileId(1), 64, Shape::Whole), Entry::Unreadable);
        assert!(matches!(kept.get((FileId(1), 64, Shape::Whole)), Some(None)));
    }

    #[test]
    fn a_disc_is_cut_out_of_the_middle() {
        let (red, blue) = (Rgba8Pixel::new(255, 0, 0, 255), Rgba8Pixel::new(0, 0, 255, 255));
        let mut wide = SharedPixelBuffer::new(60, 20);
        for (index, pixel) in wide.make_mut_slice().iter_mut().enumerate() {
            *pixel = if (20..40).contains(&(index % 60)) { red } else { blue };
        }
        let disc = disc(&wide);
        assert_eq!((disc.width(), disc.height()), (20, 20));
        assert!(disc.as_slice().iter().all(|pixel| pixel.b == 0));
        assert_eq!([disc.as_slice()[0].a, disc.as_slice()[210].a], [0, 255]);
    }
}

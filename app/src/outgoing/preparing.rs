//! Files are made ready beside the UI thread: cleaned, scaled, turned.

use std::io::Cursor;
use std::rc::{Rc, Weak};

use image::codecs::jpeg::JpegEncoder;
use image::{DynamicImage, ImageFormat, RgbaImage, imageops};
use slint::ComponentHandle as _;
use tacit_client::media::picture::{self, Quality as Detail};
use tacit_client::{Client, Error, FileError, SendAs, Source, Warning};
use tacit_ui::Texts;

use super::Outgoing;
use super::item::{Quality, Ready, State};
use crate::context::go;

/// Most bytes of a picture that is turned.
const PICTURE_MAX: u64 = 64 << 20;
/// Longest side of a picture that is turned, in pixels.
const SIDE_MAX: u32 = 4_096;
/// Quality of a turned picture, before it is scaled.
const JPEG_QUALITY: u8 = 95;

impl Outgoing {
    /// Makes a file ready in the chosen quality, if it is not yet.
    pub(super) fn prepare(&self, id: u64) {
        let quality = self.quality.get();
        let work = self.items.borrow().iter().find(|item| item.id == id).and_then(|item| {
            let untouched = matches!(item.state(quality), State::Untouched);
            untouched.then(|| (item.source.clone(), item.as_picture))
        });
        let (Some((source, as_picture)), Some(account)) = (work, self.context.account()) else { return };
        self.set_state(id, quality, State::Busy);
        let how = match (as_picture, quality) {
            (false, _) => SendAs::File,
            (true, Quality::Standard) => SendAs::Picture(Detail::Standard),
            (true, Quality::Original) => SendAs::Picture(Detail::Original),
        };
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let made = context.bridge.call(attach(account.client, source, how)).await;
            let Some(this) = me.upgrade() else { return };
            match made {
                Ok((ready, warning)) => {
                    this.set_state(id, quality, State::Ready(Box::new(ready)));
                    // The other quality may have been chosen meanwhile.
                    this.prepare(id);
                    if warning == Some(Warning::MayTellPlace) {
                        context.say_text(|app| app.global::<Texts>().invoke_tells_place());
                    }
                }
                Err(Error::File(FileError::TooLarge)) => this.set_state(id, quality, State::TooLarge),
                Err(error) => {
                    this.remove(&format!("o{id}"));
                    context.report(&error);
                }
            }
        });
    }

    pub(super) fn prepare_all(&self) {
        let ids: Vec<u64> = self.items.borrow().iter().map(|item| item.id).collect();
        ids.into_iter().for_each(|id| self.prepare(id));
        self.render();
    }

    /// Turns a picture by 90° to the right.
    pub(super) fn rotate(&self, page: usize) {
        let found = self.items.borrow().get(page).filter(|item| item.is_picture()).map(|i| (i.id, i.source.clone()));
        let Some((id, source)) = found else { return };
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let turned = context.bridge.call(turned(source)).await;
            let Some(this) = me.upgrade() else { return };
            match turned {
                Ok(source) => {
                    if let Some(item) = this.items.borrow_mut().iter_mut().find(|item| item.id == id) {
                        item.replace(source);
                    }
                    this.prepare(id);
                }
                Err(error) => context.report(&error),
            }
        });
    }
}

async fn attach(client: Client, source: Source, how: SendAs) -> Result<(Ready, Option<Warning>), Error> {
    let attached = client.attach(source, how).await?;
    let bytes = client.open_file(attached.file.file).await?.size();
    Ok((Ready { file: attached.file, bytes }, attached.warning))
}

async fn blocking<T: Send + 'static>(work: impl FnOnce() -> Result<T, FileError> + Send + 'static) -> Result<T, Error> {
    Ok(tokio::task::spawn_blocking(work).await.map_err(|_| Error::Closed)??)
}

fn unreadable(error: impl std::error::Error + Send + Sync + 'static) -> FileError {
    FileError::Read(std::io::Error::other(error))
}

/// A picture of the clipboard as a file.
pub(super) async fn encoded(width: u32, height: u32, rgba: Vec<u8>) -> Result<Source, Error> {
    blocking(move || {
        let image = RgbaImage::from_raw(width, height, rgba).ok_or(FileError::Empty)?;
        let mut bytes = Vec::new();
        image.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).map_err(unreadable)?;
        Ok(Source::Bytes { name: "picture.png".to_owned(), bytes })
    })
    .await
}

async fn turned(source: Source) -> Result<Source, Error> {
    blocking(move || {
        let (name, bytes) = match source {
            Source::Path(path) => {
                if std::fs::metadata(&path).map_err(FileError::Read)?.len() > PICTURE_MAX {
                    return Err(FileError::TooLarge);
                }
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                (name, std::fs::read(&path).map_err(FileError::Read)?)
            }
            Source::Bytes { name, bytes } => (name, bytes),
        };
        let pixels = picture::thumbnail(&bytes, SIDE_MAX).map_err(FileError::Picture)?;
        let image = RgbaImage::from_raw(pixels.width, pixels.height, pixels.rgba).ok_or(FileError::Empty)?;
        Ok(Source::Bytes { name, bytes: encode(imageops::rotate90(&image))? })
    })
    .await
}

/// As JPEG, or as PNG where something can be seen through.
fn encode(image: RgbaImage) -> Result<Vec<u8>, FileError> {
    let mut bytes = Vec::new();
    if image.pixels().all(|pixel| pixel.0[3] == u8::MAX) {
        let opaque = DynamicImage::from(image).into_rgb8();
        opaque.write_with_encoder(JpegEncoder::new_with_quality(&mut bytes, JPEG_QUALITY)).map_err(unreadable)?;
    } else {
        image.write_to(&mut Cursor::new(&mut bytes), ImageFormat::Png).map_err(unreadable)?;
    }
    Ok(bytes)
}

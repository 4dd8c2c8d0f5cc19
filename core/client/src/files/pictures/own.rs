//! Our own picture: uploaded when it was chosen, and kept from lapsing at its server.

use std::io::Cursor;
use std::time::{Duration, Instant};

use tacit_media::picture::profile_picture;
use tacit_network::NextTry;
use tacit_store::{OwnPicture, PicturePointer, Store};
use tacit_wire::TimestampMs;
use tacit_wire::file_url::FileUrl;

use crate::Error;
use crate::client::{Client, Inner};
use crate::events::Event;
use crate::files::attach::write;
use crate::files::{FileError, blocking};

/// When the picture's lifetime was last seen to, ms since 1970.
const RENEWED: &str = "picture_renewed_ms";
const DAY_MS: u64 = 24 * 60 * 60 * 1_000;
/// Age from which a picture that cannot be extended is uploaded again.
const OLD_MS: u64 = 12 * DAY_MS;
/// Length of a file's name that was made from its content: only those are extended.
const CONTENT_NAME: usize = 44;
/// Most bytes of a picture that somebody chooses.
const SOURCE_MAX: usize = 64 << 20;

/// What is to be done for the picture's life.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Renewal {
    Nothing,
    Extend,
    UploadAgain,
}

/// What is due, given when it was last seen to. `extendable`: its server names it by its content.
fn renewal(own: &OwnPicture, extendable: bool, renewed: TimestampMs, now: TimestampMs) -> Renewal {
    let age = now.0.saturating_sub(own.uploaded_at.0.max(own.updated_s.saturating_mul(1_000)));
    if now.0.saturating_sub(renewed.0.max(own.uploaded_at.0)) < DAY_MS {
        Renewal::Nothing
    } else if extendable {
        Renewal::Extend
    } else if age >= OLD_MS && own.file.is_some() {
        Renewal::UploadAgain
    } else {
        Renewal::Nothing
    }
}

/// When the next upload is tried.
#[derive(Default)]
pub(super) struct Upload {
    failures: u32,
    not_before: Option<Instant>,
}

impl Upload {
    /// There is a reason to try at once.
    pub(super) fn hurry(&mut self) {
        *self = Self::default();
    }

    pub(super) fn next(&self) -> Duration {
        self.not_before.map_or(Duration::MAX, |at| at.saturating_duration_since(Instant::now()))
    }

    /// Uploads what was chosen, and renews what is there.
    pub(super) async fn publish(&mut self, inner: &Inner) {
        if self.not_before.is_some_and(|at| at > Instant::now()) {
            return;
        }
        self.not_before = None;
        match inner.publish_picture().await {
            Ok(()) => self.failures = 0,
            Err(Error::Network(error)) => {
                let wait = match tacit_network::next_try(&error, self.failures.min(2)) {
                    NextTry::After(wait) => wait,
                    NextTry::WhenConnected => Duration::from_secs(5),
                    NextTry::Never => Duration::from_secs(6 * 60 * 60),
                };
                self.failures += 1;
                self.not_before = Some(Instant::now() + wait);
            }
            Err(error) => {
                tracing::warn!(code = error.code(), "the profile picture could not be published");
                self.not_before = Some(Instant::now() + Duration::from_secs(60 * 60));
            }
        }
    }
}

impl Client {
    /// Chooses a profile picture, or none. It is cropped to a square and made small here; others
    /// see it once it is uploaded, which happens by itself.
    ///
    /// # Errors
    /// [`FileError::Picture`], [`FileError::TooLarge`], [`FileError::Write`], those of the database.
    pub async fn set_picture(&self, bytes: Option<Vec<u8>>) -> Result<(), Error> {
        let inner = &self.inner;
        match bytes {
            None => {
                let now = inner.now();
                inner.database.call(move |store| store.write(|tx| tx.remove_picture(now))).await?;
            }
            Some(bytes) if bytes.len() > SOURCE_MAX => return Err(FileError::TooLarge.into()),
            Some(bytes) => {
                let cache = inner.files.cache.clone();
                let new = blocking(move || {
                    let small = profile_picture(&bytes).map_err(FileError::Picture)?;
                    write(&cache, Cursor::new(small.bytes))
                })
                .await?;
                let file = inner.keep(vec![new]).await?.first().copied().ok_or(FileError::NotHere)?;
                inner.database.call(move |store| store.write(|tx| tx.choose_picture(file))).await?;
            }
        }
        inner.files.pictures_wake.notify_one();
        inner.remove_unused_files().await?;
        inner.events.tell(Event::Conversations);
        Ok(())
    }
}

impl Inner {
    async fn publish_picture(&self) -> Result<(), Error> {
        let look = |store: &mut Store| {
            let renewed = store.setting(RENEWED)?.and_then(|text| text.parse().ok()).unwrap_or_default();
            Ok::<_, tacit_store::Error>((store.own_picture()?, TimestampMs(renewed)))
        };
        let (own, renewed) = self.database.call(look).await?;
        if own.pending {
            return self.upload_picture(&own, false).await;
        }
        let Some(url) = own.pointer.as_ref().and_then(|pointer| FileUrl::parse(&pointer.url).ok()) else {
            return Ok(());
        };
        match renewal(&own, url.id.len() == CONTENT_NAME, renewed, self.now()) {
            Renewal::Nothing => return Ok(()),
            Renewal::UploadAgain => return self.upload_picture(&own, true).await,
            Renewal::Extend => {}
        }
        match self.network.extend_file(&url).await {
            Ok(_) => self.seen_to().await,
            Err(error) if error.is_temporary() => Err(error.into()),
            Err(error) => {
                let gone = error == tacit_network::Error::Gone;
                match renewal(&own, false, renewed, self.now()) {
                    Renewal::UploadAgain => self.upload_picture(&own, true).await,
                    _ if gone && own.file.is_some() => self.upload_picture(&own, true).await,
                    _ => self.seen_to().await,
                }
            }
        }
    }

    async fn upload_picture(&self, own: &OwnPicture, again: bool) -> Result<(), Error> {
        let Some(file) = own.file else { return Ok(()) };
        let reader = self.open_file(file).await?;
        let (upload, key) = blocking(move || {
            let bytes = reader.bytes().map_err(FileError::Read)?;
            tacit_crypto::picture::encrypt(&bytes, &mut rand::rng()).map_err(FileError::Damaged)
        })
        .await?;
        let uploaded = self.network.upload(upload, false, None).await?;
        let pointer = PicturePointer { url: uploaded.url.to_string(), key: key.to_vec() };
        let now = self.now();
        let keep = move |store: &mut Store| store.write(|tx| tx.set_picture_uploaded(&pointer, file, again, now));
        self.database.call(keep).await?;
        self.events.tell(Event::Conversations);
        self.seen_to().await
    }

    async fn seen_to(&self) -> Result<(), Error> {
        let now = self.now().0.to_string();
        self.database.call(move |store| store.write(|tx| tx.set_setting(RENEWED, &now))).await
    }
}

#[cfg(test)]
mod tests {
    use tacit_store::FileId;

    use super::*;
    use crate::testing::{NOW, after};

    fn own(uploaded_at: TimestampMs) -> OwnPicture {
        let pointer = PicturePointer { url: "http://files/file/1".to_owned(), key: vec![1; 32] };
        let updated_s = uploaded_at.0 / 1_000;
        OwnPicture { pointer: Some(pointer), file: Some(FileId(1)), pending: false, uploaded_at, updated_s }
    }

    #[test]
    fn a_picture_is_seen_to_daily_and_uploaded_again_before_it_lapses() {
        let own = own(NOW);
        assert_eq!(renewal(&own, true, TimestampMs(0), after(DAY_MS - 1)), Renewal::Nothing);
        assert_eq!(renewal(&own, true, TimestampMs(0), after(DAY_MS)), Renewal::Extend);
        assert_eq!(renewal(&own, true, after(DAY_MS), after(2 * DAY_MS - 1)), Renewal::Nothing);
        assert_eq!(renewal(&own, false, TimestampMs(0), after(OLD_MS - 1)), Renewal::Nothing);
        assert_eq!(renewal(&own, false, TimestampMs(0), after(OLD_MS)), Renewal::UploadAgain);
        let elsewhere = OwnPicture { file: None, ..own };
        assert_eq!(renewal(&elsewhere, false, TimestampMs(0), after(OLD_MS)), Renewal::Nothing);
    }

    #[test]
    fn a_picture_that_another_device_uploaded_is_as_old_as_the_profile() {
        let own = OwnPicture { uploaded_at: TimestampMs(0), ..own(NOW) };
        assert_eq!(renewal(&own, false, TimestampMs(0), after(DAY_MS)), Renewal::Nothing);
        assert_eq!(renewal(&own, false, TimestampMs(0), after(OLD_MS)), Renewal::UploadAgain);
    }
}

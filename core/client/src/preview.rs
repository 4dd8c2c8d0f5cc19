//! Previews of links in what we send: made by the sender alone, and only if the user turned it on,
//! since the site then sees this device's address (protocol: messages 4.5). What is asked for is
//! bounded in size, time and redirects, and never lies in a private network.

mod address;
mod fetch;
mod html;
mod link;

use std::time::Duration;

use tacit_media::picture;
use tacit_store::{AttachmentRole, Preview};

pub use link::display_host;

use crate::Error;
use crate::client::Client;
use crate::files::{SendAs, Source};
use crate::sending::{Draft, OutgoingFile};
use crate::text::safe_display;
use fetch::Fetcher;

/// How long all of it may take.
const PATIENCE: Duration = Duration::from_secs(8);
/// Longer side of the picture, in pixels.
const PICTURE_SIDE: u32 = 640;
/// Characters of a title that are kept.
const TITLE_MAX: usize = 200;

/// A preview that was made, to be looked at before it is sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LinkPreview {
    /// Link and title.
    pub preview: Preview,
    /// The picture, if there is one.
    pub picture: Option<OutgoingFile>,
}

impl LinkPreview {
    /// Adds it to a draft whose text holds the link.
    pub fn add_to(self, draft: &mut Draft) {
        draft.preview = Some(self.preview);
        draft.files.retain(|file| file.role != AttachmentRole::Preview);
        draft.files.extend(self.picture);
    }
}

impl Client {
    /// Makes the preview of the first link of a text. `None` when previews are off, there is no
    /// link that may be followed, or nothing usable was found in time.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn make_preview(&self, text: &str) -> Result<Option<LinkPreview>, Error> {
        if !self.inner.settings.borrow().link_previews {
            return Ok(None);
        }
        let Some((shown, url)) = link::first(text) else { return Ok(None) };
        let Ok(fetcher) = Fetcher::new() else { return Ok(None) };
        let found = tokio::time::timeout(PATIENCE, page(&fetcher, url)).await.ok().flatten();
        let Some((title, picture)) = found else { return Ok(None) };
        let picture = match picture {
            Some(bytes) => Some(self.attach_preview(bytes).await?),
            None => None,
        };
        Ok(Some(LinkPreview { preview: Preview { url: shown, title }, picture }))
    }

    async fn attach_preview(&self, bytes: Vec<u8>) -> Result<OutgoingFile, Error> {
        let source = Source::Bytes { name: "preview".to_owned(), bytes };
        let attached = self.attach(source, SendAs::default()).await?;
        Ok(OutgoingFile { role: AttachmentRole::Preview, ..attached.file })
    }
}

/// Title and picture of a page; `None` when it has neither.
async fn page(fetcher: &Fetcher, url: reqwest::Url) -> Option<(String, Option<Vec<u8>>)> {
    let (url, page) = fetcher.page(url).await?;
    let head = html::scan(&page);
    let title = title(&head.title);
    let image = head.image.and_then(|image| url.join(&image).ok()).filter(link::may_be_followed);
    let picture = match image {
        Some(image) => small(fetcher.picture(image).await).await,
        None => None,
    };
    (!title.is_empty() || picture.is_some()).then_some((title, picture))
}

/// Cut first: what isolates its direction is closed at its end.
fn title(said: &str) -> String {
    safe_display(&said.chars().take(TITLE_MAX).collect::<String>())
}

async fn small(bytes: Option<Vec<u8>>) -> Option<Vec<u8>> {
    let bytes = bytes?;
    let small = tokio::task::spawn_blocking(move || picture::reduced(&bytes, PICTURE_SIDE)).await;
    small.ok()?.ok().map(|small| small.bytes)
}

#[cfg(test)]
mod tests {
    use super::title;

    #[test]
    fn a_long_title_that_turns_its_line_is_closed_where_it_is_cut() {
        let turned = title(&format!("\u{202e}{}", "x".repeat(10_000_000)));
        assert!(turned.starts_with('\u{2068}') && turned.ends_with('\u{2069}'));
        assert!(turned.chars().count() <= super::TITLE_MAX + 2);
        assert_eq!(title(" A\nlake "), "A lake");
    }
}

//! Files on file servers, over onion requests and without an account (protocol: files).
//!
//! What is fetched next and when to try again are pure decisions ([`Pieces`], [`next_try`]); this
//! module carries them out.

mod body;
mod pieces;
mod retry;

use std::time::Duration;

use serde::Deserialize;
use serde::de::DeserializeOwned;
use tacit_wire::file_url::FileUrl;
use tacit_wire::json::{self, Limits};
use tacit_wire::profile::FileServer;
use tacit_wire::v4;

use crate::error::Error;
use crate::network::Network;
use crate::server::{Progress, Question, ServerTarget};

pub use body::UploadBody;
pub use pieces::{PIECE_BYTES, Pieces};
pub use retry::{NextTry, next_try};

/// Largest file that is sent, bytes after encryption: what deployed servers take.
pub const MAX_UPLOAD_BYTES: usize = 10_000_000;
/// Largest file that is received: the largest that the stream form has (protocol: messages 6.3).
pub const MAX_DOWNLOAD_BYTES: u64 = 10_223_616;
const TRANSFER_TIMEOUT: Duration = Duration::from_secs(30);
const QUESTION_TIMEOUT: Duration = Duration::from_secs(10);

/// A file that was just stored.
#[derive(Clone, Debug, PartialEq)]
pub struct Uploaded {
    /// Its address, as others are told it.
    pub url: FileUrl,
    /// When it ends, ms since 1970; older servers do not say.
    pub expires_ms: Option<u64>,
}

/// What a server knows of a file.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FileInfo {
    /// Bytes.
    pub size: u64,
    /// When it ends, ms since 1970; some servers do not say.
    pub expires_ms: Option<u64>,
}

impl Network {
    /// Stores encrypted bytes on the network's file server. `stream` says that they are in the
    /// stream form, which goes into the address. The same bytes sent twice are kept once where
    /// names are made from content; elsewhere a second copy ends by itself.
    ///
    /// # Errors
    /// [`Error::NoFileServer`], [`Error::TooLarge`], [`Error::Unreadable`], [`Error::Status`] as the
    /// server said, and as [`Network::server`].
    pub async fn upload(
        &self,
        body: impl Into<UploadBody>,
        stream: bool,
        progress: Option<Progress>,
    ) -> Result<Uploaded, Error> {
        let body = body.into();
        let server = self.file_server().ok_or(Error::NoFileServer)?;
        let url = address(server, stream)?;
        if body.size() == 0 || body.size() > MAX_UPLOAD_BYTES {
            return Err(Error::TooLarge);
        }
        let headers = [("content-type", "application/octet-stream"), ("content-disposition", "attachment")];
        let headers = headers.map(|(name, value)| (name.to_owned(), value.to_owned())).into();
        let request = v4::Request { method: "POST".into(), endpoint: "/file".into(), headers, body: None };
        let question = Question { request, body: Some(body) };
        let answer = self.ask_server(&target(&url)?, question, TRANSFER_TIMEOUT, progress).await?;
        #[derive(Deserialize)]
        struct Answer {
            id: String,
            #[serde(default)]
            expires: Option<f64>,
        }
        let Answer { id, expires } = read(&answer)?;
        // Whatever the server calls it must be an address that others accept.
        let url = FileUrl { id, ..url };
        let url = FileUrl::parse(&url.to_string()).map_err(|_| malformed())?;
        Ok(Uploaded { url, expires_ms: expires.and_then(ms) })
    }

    /// Begins to fetch a file from byte `offset` on, in pieces of [`PIECE_BYTES`] where the server
    /// serves parts.
    ///
    /// # Errors
    /// [`Error::NoAnswer`] if the address names an unusable key.
    pub fn download(&self, url: &FileUrl, offset: u64) -> Result<Download, Error> {
        Ok(Download { network: self.clone(), target: target(url)?, id: url.id.clone(), pieces: Pieces::new(offset) })
    }

    /// What the server knows of a file.
    ///
    /// # Errors
    /// [`Error::Gone`], [`Error::Status`], and as [`Network::server`].
    pub async fn file_info(&self, url: &FileUrl) -> Result<FileInfo, Error> {
        self.ask_about(url, "GET", "info").await
    }

    /// Asks the server to keep a file as long as it keeps new ones. Only files with names made
    /// from content can be.
    ///
    /// # Errors
    /// As [`Network::file_info`].
    pub async fn extend_file(&self, url: &FileUrl) -> Result<FileInfo, Error> {
        self.ask_about(url, "POST", "extend").await
    }

    async fn ask_about(&self, url: &FileUrl, method: &str, what: &str) -> Result<FileInfo, Error> {
        #[derive(Deserialize)]
        struct Answer {
            size: u64,
            #[serde(default)]
            expires: Option<f64>,
        }
        let endpoint = format!("/file/{}/{what}", url.id);
        let request = v4::Request { method: method.to_owned(), endpoint, ..v4::Request::default() };
        let Answer { size, expires } = read(&self.server(&target(url)?, request, QUESTION_TIMEOUT).await?)?;
        Ok(FileInfo { size, expires_ms: expires.and_then(ms) })
    }
}

/// A file that is being fetched. It holds no more than one piece, and what was fetched is the
/// caller's: to go on later, begin again at its length.
pub struct Download {
    network: Network,
    target: ServerTarget,
    id: String,
    pieces: Pieces,
}

impl Download {
    /// The next bytes; `None` after the last. After an error it can be asked again.
    ///
    /// # Errors
    /// [`Error::Gone`], [`Error::FileTooLarge`], [`Error::Status`], and as [`Network::server`].
    pub async fn next(&mut self) -> Result<Option<Vec<u8>>, Error> {
        let Some(range) = self.pieces.range() else { return Ok(None) };
        let headers = [("range".to_owned(), range)].into();
        let endpoint = format!("/file/{}", self.id);
        let request = v4::Request { method: "GET".into(), endpoint, headers, body: None };
        let answer = self.network.server(&self.target, request, TRANSFER_TIMEOUT).await?;
        self.pieces.take(answer).map(|piece| (!piece.is_empty()).then_some(piece))
    }

    /// Bytes fetched so far, those before the offset included.
    #[must_use]
    pub fn done(&self) -> u64 {
        self.pieces.done()
    }

    /// How many there are; known from the first piece on.
    #[must_use]
    pub fn total(&self) -> Option<u64> {
        self.pieces.total()
    }
}

/// The address of a file to come, on the profile's server.
fn address(server: &FileServer, stream: bool) -> Result<FileUrl, Error> {
    let url = format!("{}/file/0#p={}", server.url.trim_end_matches('/'), hex::encode(server.ed25519));
    let url = FileUrl::parse(&url).map_err(|_| Error::Profile("the address of the file server cannot be read"))?;
    Ok(FileUrl { stream, ..url })
}

fn target(url: &FileUrl) -> Result<ServerTarget, Error> {
    let unusable = |_| Error::NoAnswer { tries: 0, last: "the address names an unusable key" };
    let x25519 = tacit_crypto::ed25519_to_x25519(&url.server_ed25519).map_err(unusable)?;
    Ok(ServerTarget { host: url.host.clone(), port: url.effective_port(), https: url.https, x25519 })
}

/// The JSON of a success, or the error that the status is.
fn read<T: DeserializeOwned>(answer: &v4::Response) -> Result<T, Error> {
    refusal(answer)?;
    json::parse_as(&answer.body, Limits::CONTROL).map_err(|_| malformed())
}

/// Statuses that are no success.
fn refusal(answer: &v4::Response) -> Result<(), Error> {
    match answer.code {
        200 | 206 => Ok(()),
        404 => Err(Error::Gone),
        413 => Err(Error::TooLarge),
        status => Err(Error::Status { status, text: "the file server refused".to_owned() }),
    }
}

fn malformed() -> Error {
    Error::NoAnswer { tries: 1, last: "the file server's answer was malformed" }
}

/// Seconds with fractions, as servers tell time.
fn ms(seconds: f64) -> Option<u64> {
    // Casts of numbers out of range saturate; times beyond the year 2200 are none.
    let ms = (seconds * 1000.0) as u64;
    (seconds.is_finite() && (1..7_258_118_400_000).contains(&ms)).then_some(ms)
}

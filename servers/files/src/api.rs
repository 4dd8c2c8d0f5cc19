//! What is asked and what is answered, whichever way it came (protocol: files 3).

mod files;
mod legacy;

use std::time::{Instant, SystemTime, UNIX_EPOCH};

use bytes::{Bytes, BytesMut};
use serde_json::{Value, json};
use tacit_edge::{BodyError, BodyReader};
use tacit_wire::v4::Headers;

use crate::blobs::PIECE;
use crate::metrics::Operation;
use crate::server::App;
use crate::{FileId, StoreError, version};

/// A request.
pub(crate) struct Call {
    pub method: String,
    /// Path and query.
    pub target: String,
    /// Names in lower case.
    pub headers: Headers,
    pub body: CallBody,
}

/// The body of a request.
pub(crate) enum CallBody {
    /// In memory.
    Whole(Bytes),
    /// Still coming; whoever reads it bounds it.
    Coming(Box<hyper::body::Incoming>),
}

/// An answer.
pub(crate) struct Reply {
    pub status: u16,
    pub headers: Vec<(&'static str, String)>,
    pub body: ReplyBody,
}

/// The body of an answer.
pub(crate) enum ReplyBody {
    /// In memory.
    Bytes(Bytes),
    /// A part of a file, still to be read.
    File { id: FileId, range: std::ops::Range<u64> },
}

impl Call {
    fn path(&self) -> &str {
        self.target.split_once('?').map_or(&*self.target, |(path, _)| path)
    }

    /// A parameter of the query; none of those that are known needs escapes.
    pub fn query(&self, name: &str) -> Option<&str> {
        let (_, query) = self.target.split_once('?')?;
        query.split('&').filter_map(|pair| pair.split_once('=')).find(|(key, _)| *key == name).map(|(_, value)| value)
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// Life that is asked for, ms.
    fn ttl_ms(&self) -> Option<u64> {
        self.header("x-fs-ttl")?.trim().parse::<u64>().ok().map(|seconds| seconds.saturating_mul(1000))
    }
}

impl Reply {
    /// JSON.
    pub fn json(status: u16, value: &Value) -> Self {
        let headers = vec![("content-type", "application/json".to_owned())];
        Self { status, headers, body: ReplyBody::Bytes(Bytes::from(value.to_string())) }
    }

    /// A refusal.
    pub fn refused(status: u16) -> Self {
        let mut reply = Self::json(status, &json!({ "status_code": status }));
        if matches!(status, 429 | 503) {
            reply.headers.push(("retry-after", "1".to_owned()));
        }
        reply
    }

    /// Bytes of the body.
    pub fn length(&self) -> u64 {
        match &self.body {
            ReplyBody::Bytes(bytes) => bytes.len() as u64,
            ReplyBody::File { range, .. } => range.end - range.start,
        }
    }
}

/// Answers a request.
pub(crate) async fn handle(app: &App, call: Call) -> Reply {
    let start = Instant::now();
    let (operation, answer) = route(app, call).await;
    let reply = answer.unwrap_or_else(Reply::refused);
    app.metrics.answered(operation, reply.status, start.elapsed());
    app.metrics.went(reply.length());
    reply
}

async fn route(app: &App, call: Call) -> (Operation, Result<Reply, u16>) {
    let path = call.path().to_owned();
    let segments: Vec<&str> = path.split('/').skip(1).collect();
    let id = |text: &str| FileId::parse(text).ok_or(404_u16);
    let get = matches!(&*call.method, "GET" | "HEAD");
    match (&*call.method, &*segments) {
        ("POST", ["file"]) => (Operation::Upload, files::upload(app, call).await),
        ("POST", ["files"]) => (Operation::Upload, legacy::upload(app, call).await),
        (_, ["file", name]) if get => (
            Operation::Download,
            with(id(name), |id| files::download(app, id, &call)).await.map(|r| bodiless(r, &call)),
        ),
        (_, ["files", name]) if get => (Operation::Download, with(id(name), |id| legacy::download(app, id)).await),
        (_, ["file", name, "info"]) if get => (Operation::Info, with(id(name), |id| files::info(app, id)).await),
        ("POST", ["file", name, "extend"]) => {
            (Operation::Extend, with(id(name), |id| files::extend(app, id, call.ttl_ms())).await)
        }
        (_, ["session_version"]) if get => {
            let answer = version::answer(app.versions.as_deref(), &call, now_ms() / 1000);
            (Operation::Version, answer.map(|value| Reply::json(200, &value)))
        }
        // Statistics of an operator's business that is not ours.
        (_, ["token_info"]) if get => (Operation::Other, Err(502)),
        _ => (Operation::Other, Err(404)),
    }
}

async fn with<F: Future<Output = Result<Reply, u16>>>(
    id: Result<FileId, u16>,
    answer: impl FnOnce(FileId) -> F,
) -> Result<Reply, u16> {
    answer(id?).await
}

/// To HEAD goes the length without the bytes.
fn bodiless(mut reply: Reply, call: &Call) -> Reply {
    if call.method == "HEAD" {
        reply.headers.push(("content-length", reply.length().to_string()));
        reply.body = ReplyBody::Bytes(Bytes::new());
    }
    reply
}

/// The status of a failure; the server's own ones are counted and told.
fn status_of(app: &App, error: &StoreError) -> u16 {
    match error {
        StoreError::Size => 413,
        StoreError::Full => 507,
        StoreError::Busy | StoreError::Ended => 503,
        error => {
            app.metrics.store_failed();
            tracing::error!(%error, "a request failed");
            500
        }
    }
}

fn body_status(error: BodyError) -> u16 {
    match error {
        BodyError::TooLarge => 413,
        BodyError::TooSlow => 408,
        BodyError::Broken => 400,
        BodyError::NoBudget => 503,
    }
}

/// A body within its limits.
fn reader(app: &App, body: hyper::body::Incoming, largest: u64) -> Result<BodyReader, u16> {
    let limits = app.limits.body(usize::try_from(largest).unwrap_or(usize::MAX));
    BodyReader::new(body, limits).map_err(body_status)
}

/// The part of a file, whole: only where its place in memory is reserved.
pub(crate) async fn read_whole(app: &App, id: &FileId, range: std::ops::Range<u64>) -> Result<Bytes, u16> {
    let mut bytes = BytesMut::with_capacity(usize::try_from(range.end - range.start).unwrap_or(0));
    let mut next = range.start;
    while next < range.end {
        let end = range.end.min(next + PIECE);
        let piece = app.store.blobs().read(id, next..end).await.map_err(|error| status_of(app, &error.into()))?;
        if piece.len() as u64 != end - next {
            return Err(500);
        }
        bytes.extend_from_slice(&piece);
        next = end;
    }
    Ok(bytes.freeze())
}

/// The server's clock, ms since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
}

//! Plain HTTP: the onion's last hop posts here, and so may anybody else.

use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use bytes::Bytes;
use hyper::body::{Body, Frame, Incoming, SizeHint};
use hyper::header::{HeaderName, HeaderValue};
use hyper::{Method, Request, Response, StatusCode};
use tacit_edge::Reservation;
use tacit_wire::v4::Headers;

use crate::FileId;
use crate::api::{self, Call, CallBody, Reply, ReplyBody};
use crate::blobs::{BlobError, PIECE};
use crate::onion::{self, Version};
use crate::server::App;

/// Answers one request.
pub(crate) async fn serve(app: Arc<App>, request: Request<Incoming>) -> Response<Outgoing> {
    let onion = match (request.method(), request.uri().path()) {
        (&Method::POST, "/oxen/v4/lsrpc") => Some(Version::V4),
        (&Method::POST, "/oxen/v3/lsrpc" | "/loki/v3/lsrpc") => Some(Version::V3),
        _ => None,
    };
    if let Some(version) = onion {
        let reply = match onion::answer(&app, version, request.into_body()).await {
            Ok(sealed) => Reply { status: 200, headers: Vec::new(), body: ReplyBody::Bytes(sealed) },
            Err(status) => Reply::refused(status),
        };
        return response(app, reply, None);
    }
    let Some(place) = app.transfers.reserve(1) else {
        return response(app, Reply::refused(503), None);
    };
    let reply = api::handle(&app, call(request)).await;
    response(app, reply, Some(place))
}

fn call(request: Request<Incoming>) -> Call {
    let (head, body) = request.into_parts();
    let mut headers = Headers::new();
    for (name, value) in &head.headers {
        if let Ok(value) = value.to_str() {
            headers.insert(name.as_str().to_owned(), value.to_owned());
        }
    }
    let target = head.uri.path_and_query().map_or("/", |target| target.as_str()).to_owned();
    Call { method: head.method.as_str().to_owned(), target, headers, body: CallBody::Coming(Box::new(body)) }
}

fn response(app: Arc<App>, reply: Reply, place: Option<Reservation>) -> Response<Outgoing> {
    let body = match reply.body {
        ReplyBody::Bytes(bytes) => Outgoing::Whole(Some(bytes)),
        ReplyBody::File { id, range } => Outgoing::File(Part { app, id, range, reading: None, _place: place }),
    };
    let mut response = Response::new(body);
    *response.status_mut() = StatusCode::from_u16(reply.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in reply.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().insert(HeaderName::from_static(name), value);
        }
    }
    response
}

/// The body of an answer: a file is read as the other side takes it, a piece at a time.
pub(crate) enum Outgoing {
    Whole(Option<Bytes>),
    File(Part),
}

type Reading = Pin<Box<dyn Future<Output = Result<Bytes, BlobError>> + Send>>;

pub(crate) struct Part {
    app: Arc<App>,
    id: FileId,
    /// What is still to come.
    range: Range<u64>,
    reading: Option<Reading>,
    _place: Option<Reservation>,
}

impl Part {
    fn begin(&self) -> Reading {
        let (app, id) = (Arc::clone(&self.app), self.id.clone());
        let next = self.range.start..self.range.end.min(self.range.start + PIECE);
        Box::pin(async move { app.store.blobs().read(&id, next).await })
    }

    fn poll(&mut self, context: &mut Context<'_>) -> Poll<Option<Result<Bytes, BlobError>>> {
        if self.range.is_empty() {
            return Poll::Ready(None);
        }
        let begun = self.reading.take().unwrap_or_else(|| self.begin());
        let read = match self.reading.insert(begun).as_mut().poll(context) {
            Poll::Pending => return Poll::Pending,
            Poll::Ready(read) => read,
        };
        self.reading = None;
        Poll::Ready(Some(match read {
            // The length was told: the only way to say that bytes are missing is to break off.
            Ok(piece) if piece.is_empty() => Err(BlobError::Missing),
            Ok(piece) => {
                self.range.start += piece.len() as u64;
                Ok(piece)
            }
            Err(error) => {
                self.app.metrics.store_failed();
                tracing::error!(%error, "bytes of a file could not be read");
                Err(error)
            }
        }))
    }
}

impl Body for Outgoing {
    type Data = Bytes;
    type Error = BlobError;

    fn poll_frame(self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, BlobError>>> {
        match self.get_mut() {
            Self::Whole(bytes) => {
                Poll::Ready(bytes.take().filter(|bytes| !bytes.is_empty()).map(|bytes| Ok(Frame::data(bytes))))
            }
            Self::File(part) => part.poll(context).map(|read| read.map(|piece| piece.map(Frame::data))),
        }
    }

    fn is_end_stream(&self) -> bool {
        match self {
            Self::Whole(bytes) => bytes.as_ref().is_none_or(Bytes::is_empty),
            Self::File(part) => part.range.is_empty(),
        }
    }

    fn size_hint(&self) -> SizeHint {
        SizeHint::with_exact(match self {
            Self::Whole(bytes) => bytes.as_ref().map_or(0, |bytes| bytes.len() as u64),
            Self::File(part) => part.range.end - part.range.start,
        })
    }
}

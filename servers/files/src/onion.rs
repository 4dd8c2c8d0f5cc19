//! Onion requests: a request inside a layer that only this server opens (protocol: network 4.6,
//! files 3). Bodies are whole in memory by their nature, so their number and bytes are bounded.

use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Incoming;
use serde::Deserialize;
use serde_json::{Value, json};
use tacit_edge::{BodyError, Reservation, read_body};
use tacit_wire::json::{Limits, parse_as};
use tacit_wire::onion::{SharedKey, open_at_server, seal_server_reply};
use tacit_wire::{base64, v4};

use crate::api::{self, Call, CallBody, Reply, ReplyBody};
use crate::config::ONION_BODY;
use crate::server::App;

/// Layers up to this size are opened at once, larger ones on a thread for blocking work.
const INLINE: usize = 128 * 1024;

/// How a request is written inside the layer.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Version {
    /// JSON, body as text.
    V3,
    /// Bencoded list of head and body.
    V4,
}

/// The sealed answer, or the status of a refusal in clear.
pub(crate) async fn answer(app: &Arc<App>, version: Version, body: Incoming) -> Result<Bytes, u16> {
    let _place = app.onions.reserve(1).ok_or(503_u16)?;
    let mut memory = app.memory.reserve(0).ok_or(503_u16)?;
    let body = read_body(body, app.limits.body(ONION_BODY), Some(&mut memory)).await.map_err(|error| match error {
        BodyError::TooLarge => 413_u16,
        BodyError::TooSlow => 408,
        BodyError::Broken => 400,
        BodyError::NoBudget => 503,
    })?;
    let length = body.len();
    let (payload, key) = open(app, body).await?;
    let call = read(version, &payload);
    drop(payload);
    let reply = match call {
        Ok(call) => api::handle(app, call).await,
        Err(unreadable) => unreadable,
    };
    let (status, headers, body) = whole(app, reply, &mut memory, length).await;
    let payload = match version {
        Version::V4 => {
            let headers = headers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
            v4::Response { code: status, headers, body: body.to_vec() }.to_bytes()
        }
        Version::V3 if status == 200 => body.to_vec(),
        Version::V3 => json!({ "status_code": status }).to_string().into_bytes(),
    };
    drop(body);
    Ok(seal(key, payload, version).await)
}

async fn open(app: &Arc<App>, body: Bytes) -> Result<(Vec<u8>, SharedKey), u16> {
    if body.len() <= INLINE {
        return open_at_server(&body, &app.layers).map_err(|_| 400);
    }
    let app = Arc::clone(app);
    let task = tokio::task::spawn_blocking(move || open_at_server(&body, &app.layers));
    task.await.map_err(|_| 500_u16)?.map_err(|_| 400)
}

async fn seal(key: SharedKey, payload: Vec<u8>, version: Version) -> Bytes {
    let seal = move || {
        let sealed = seal_server_reply(&key, &payload, &mut rand::rng());
        if version == Version::V3 { base64::encode(sealed).into_bytes() } else { sealed }
    };
    // Only a task that panics or a runtime that ends gives nothing.
    Bytes::from(tokio::task::spawn_blocking(seal).await.unwrap_or_default())
}

fn read(version: Version, payload: &[u8]) -> Result<Call, Reply> {
    match version {
        Version::V4 => v4::Request::parse(payload).map(v4_call).map_err(|_| Reply {
            status: 400,
            headers: vec![("content-type", "text/plain; charset=utf-8".to_owned())],
            body: ReplyBody::Bytes(Bytes::from_static(b"Invalid v4 onion request")),
        }),
        Version::V3 => v3_call(payload).ok_or_else(|| Reply::refused(400)),
    }
}

fn v4_call(request: v4::Request) -> Call {
    let body = CallBody::Whole(Bytes::from(request.body.unwrap_or_default()));
    Call { method: request.method, target: request.endpoint, headers: request.headers, body }
}

fn v3_call(payload: &[u8]) -> Option<Call> {
    #[derive(Deserialize)]
    struct Request {
        endpoint: String,
        method: String,
        #[serde(default)]
        body: Option<String>,
        #[serde(default)]
        headers: Option<serde_json::Map<String, Value>>,
    }
    let request: Request = parse_as(payload, Limits { bytes: ONION_BODY, ..Limits::CONTROL }).ok()?;
    let text = |(name, value): (String, Value)| match value {
        Value::String(text) => Some((name.to_ascii_lowercase(), text)),
        Value::Number(number) => Some((name.to_ascii_lowercase(), number.to_string())),
        _ => None,
    };
    let headers = request.headers.unwrap_or_default().into_iter().filter_map(text).collect();
    // Older clients leave out the slash.
    let target = format!("/{}", request.endpoint.trim_start_matches('/'));
    let body = CallBody::Whole(Bytes::from(request.body.unwrap_or_default()));
    Some(Call { method: request.method, target, headers, body })
}

/// The answer in memory, if there is room for it beside the `length` bytes of the request.
async fn whole(
    app: &App,
    reply: Reply,
    memory: &mut Reservation,
    length: usize,
) -> (u16, Vec<(&'static str, String)>, Bytes) {
    let (id, range) = match reply.body {
        ReplyBody::Bytes(bytes) => return (reply.status, reply.headers, bytes),
        ReplyBody::File { id, range } => (id, range),
    };
    let size = usize::try_from(range.end - range.start).unwrap_or(usize::MAX);
    if !memory.grow_to(length.saturating_add(size)) {
        return refusal(503);
    }
    match api::read_whole(app, &id, range).await {
        Ok(bytes) => (reply.status, reply.headers, bytes),
        Err(status) => refusal(status),
    }
}

fn refusal(status: u16) -> (u16, Vec<(&'static str, String)>, Bytes) {
    let body = Bytes::from(json!({ "status_code": status }).to_string());
    (status, vec![("content-type", "application/json".to_owned())], body)
}

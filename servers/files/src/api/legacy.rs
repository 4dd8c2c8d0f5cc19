//! `/files`: bytes as base64 in JSON, under numbers.

use bytes::{Bytes, BytesMut};
use serde::Deserialize;
use serde_json::json;
use tacit_wire::base64;
use tacit_wire::json::{Limits, parse_as};

use super::files::receive;
use super::{Call, CallBody, Reply, body_status, now_ms, read_whole, reader, status_of};
use crate::server::App;
use crate::{FileId, Ids};

/// What stands around the base64 at most.
const FRAME: u64 = 1024;

#[derive(Deserialize)]
struct Upload {
    file: String,
}

/// `POST /files`.
pub(super) async fn upload(app: &App, call: Call) -> Result<Reply, u16> {
    let ttl = call.ttl_ms();
    let largest = base64_length(app.store.policy().max_file_bytes) + FRAME;
    let mut place = app.memory.reserve(0).ok_or(503_u16)?;
    let text = match call.body {
        CallBody::Whole(bytes) => bytes,
        CallBody::Coming(body) => {
            let mut body = reader(app, *body, largest)?;
            let mut text = BytesMut::new();
            while let Some(piece) = body.next().await.map_err(body_status)? {
                text.extend_from_slice(&piece);
                if !place.grow_to(text.len()) {
                    return Err(503);
                }
            }
            text.freeze()
        }
    };
    let limits = Limits { bytes: usize::try_from(largest).unwrap_or(usize::MAX), ..Limits::CONTROL };
    let Upload { file } = parse_as(&text, limits).map_err(|_| 400_u16)?;
    drop(text);
    let bytes = base64::decode(file).map(Bytes::from).ok_or(400_u16)?;
    // The answer is a number, so the name is one, whatever other files are named by.
    let (id, _) = receive(app, CallBody::Whole(bytes), Ids::Numeric, ttl).await?;
    Ok(Reply::json(200, &json!({ "status_code": 200, "result": id.number() })))
}

/// `GET /files/{id}`.
pub(super) async fn download(app: &App, id: FileId) -> Result<Reply, u16> {
    let row = app.store.get(id.clone(), now_ms()).await.map_err(|error| status_of(app, &error))?.ok_or(404_u16)?;
    let size = usize::try_from(base64_length(row.size)).unwrap_or(usize::MAX);
    let _place = app.memory.reserve(size).ok_or(503_u16)?;
    let bytes = read_whole(app, &id, 0..row.size).await?;
    Ok(Reply::json(200, &json!({ "status_code": 200, "result": base64::encode(bytes) })))
}

fn base64_length(bytes: u64) -> u64 {
    bytes.div_ceil(3).saturating_mul(4)
}

//! `/file`: raw bytes.

use serde_json::json;

use super::{Call, CallBody, Reply, ReplyBody, body_status, now_ms, reader, status_of};
use crate::index::Row;
use crate::range::{Part, part};
use crate::server::App;
use crate::{FileId, Ids, date};

/// `POST /file`.
pub(super) async fn upload(app: &App, call: Call) -> Result<Reply, u16> {
    let ttl = call.ttl_ms();
    let (id, row) = receive(app, call.body, app.store.policy().ids, ttl).await?;
    let answer = json!({ "id": id.as_str(), "uploaded": seconds(row.uploaded_ms), "expires": seconds(row.expiry_ms) });
    Ok(Reply::json(200, &answer))
}

/// Takes a body of raw bytes; refused by its announced length before it is read.
pub(super) async fn receive(app: &App, body: CallBody, ids: Ids, ttl_ms: Option<u64>) -> Result<(FileId, Row), u16> {
    let failed = |error| status_of(app, &error);
    let policy = app.store.policy();
    let (mut coming, whole) = match body {
        CallBody::Whole(bytes) => (None, bytes),
        CallBody::Coming(body) => (Some(reader(app, *body, policy.max_file_bytes)?), bytes::Bytes::new()),
    };
    let announced = coming.as_ref().map_or(whole.len(), tacit_edge::BodyReader::announced) as u64;
    let held = app.store.index().bytes().await.map_err(failed)?;
    if policy.life_ms(None, held, announced).is_none() {
        return Err(507);
    }
    if !app.throttle.admits() {
        return Err(429);
    }
    let mut upload = app.store.begin().await.map_err(failed)?;
    let mut piece = Some(whole);
    while let Some(bytes) = piece {
        app.throttle.spend(bytes.len());
        app.metrics.came(bytes.len() as u64);
        upload.write(bytes).await.map_err(failed)?;
        piece = match &mut coming {
            Some(coming) => coming.next().await.map_err(body_status)?,
            None => None,
        };
    }
    app.store.finish(upload, ids, ttl_ms, now_ms()).await.map_err(failed)
}

/// `GET /file/{id}`, whole or in part.
pub(super) async fn download(app: &App, id: FileId, call: &Call) -> Result<Reply, u16> {
    let now = now_ms();
    let row = app.store.get(id.clone(), now).await.map_err(|error| status_of(app, &error))?.ok_or(404_u16)?;
    let mut headers = vec![
        ("content-type", "application/octet-stream".to_owned()),
        ("expires", date::http(row.expiry_ms / 1000)),
        ("cache-control", format!("max-age={}, immutable", (row.expiry_ms - now) / 1000)),
        ("accept-ranges", "bytes".to_owned()),
    ];
    let (status, range) = match part(call.header("range"), row.size) {
        Part::Whole => (200, 0..row.size),
        Part::Some(range) => {
            headers.push(("content-range", format!("bytes {}-{}/{}", range.start, range.end - 1, row.size)));
            (206, range)
        }
        Part::Unsatisfiable => {
            let mut refused = Reply::refused(416);
            refused.headers.push(("content-range", format!("bytes */{}", row.size)));
            return Ok(refused);
        }
    };
    Ok(Reply { status, headers, body: ReplyBody::File { id, range } })
}

/// `GET /file/{id}/info`.
pub(super) async fn info(app: &App, id: FileId) -> Result<Reply, u16> {
    let row = app.store.get(id, now_ms()).await.map_err(|error| status_of(app, &error))?;
    row.map(|row| described(&row)).ok_or(404)
}

/// `POST /file/{id}/extend`.
pub(super) async fn extend(app: &App, id: FileId, ttl_ms: Option<u64>) -> Result<Reply, u16> {
    let row = app.store.extend(id, ttl_ms, now_ms()).await.map_err(|error| status_of(app, &error))?;
    row.map(|row| described(&row)).ok_or(404)
}

fn described(row: &Row) -> Reply {
    let (uploaded, expires) = (seconds(row.uploaded_ms), seconds(row.expiry_ms));
    Reply::json(200, &json!({ "size": row.size, "uploaded": uploaded, "expires": expires }))
}

fn seconds(ms: u64) -> f64 {
    ms as f64 / 1000.0
}

//! Onion requests (protocol: network 4): take one layer off, then answer, pass on, or post to a
//! server outside.
//!
//! Everything in flight is bounded in number and bytes before it is read. Nothing is kept or
//! written of who asked, where it went, or how long it was.

mod address;
mod exit;
mod forward;

use std::sync::Arc;

use bytes::Bytes;
use hyper::body::Incoming;
use tacit_edge::{Answer, BodyError, Reservation, read_body};
use tacit_wire::NodeId;
use tacit_wire::onion::{PathError, PeelError, Peeled, ReplyOptions, SharedKey, peel_with, seal_reply};
use tacit_wire::rpc::Rejection;

use crate::app::App;
use crate::limits::held;
use crate::metrics::Count;
use crate::{http, rpc};

pub(crate) use address::is_public;
pub(crate) use exit::{ExitTls, any_certificate};

/// Layers up to this size are opened at once, larger ones on a thread for blocking work.
const INLINE: usize = 128 * 1024;

/// Where an onion request came from.
#[derive(Clone, Copy)]
pub(crate) enum Source {
    /// A client (or a node of another kind): this node is its guard.
    Client,
    /// The hop before.
    Peer(NodeId),
}

/// Answers one onion request with a body of at most `largest` bytes.
pub(crate) async fn serve(app: &Arc<App>, from: Source, body: Incoming, largest: usize) -> Answer {
    match answer(app, from, body, largest).await {
        Ok(body) => http::bytes(200, body),
        Err(Failed::Path(error)) => {
            let (status, text) = error.to_http();
            http::text(status, text)
        }
        Err(Failed::Request(rejection)) => http::rejected(&rejection),
        Err(Failed::Relayed(status, body)) => http::bytes(status, body),
    }
}

enum Failed {
    /// Something on the way, told in clear.
    Path(PathError),
    /// The request itself.
    Request(Rejection),
    /// What the next hop said.
    Relayed(u16, Bytes),
}

impl From<PathError> for Failed {
    fn from(error: PathError) -> Self {
        Self::Path(error)
    }
}

async fn answer(app: &Arc<App>, from: Source, body: Incoming, largest: usize) -> Result<Bytes, Failed> {
    let full = || Failed::Path(PathError::NotReady(Some(app.id)));
    let _hop = match from {
        Source::Client => None,
        Source::Peer(peer) if !app.guards.admits_peer(peer) => return Err(full()),
        Source::Peer(peer) => Some(app.guards.hop_place(peer).ok_or_else(full)?),
    };
    let mut bytes = app.guards.onion_bytes.reserve(0).ok_or_else(full)?;
    let limits = app.config.limits.body(largest);
    let body = read_body(body, limits, Some(&mut bytes)).await.map_err(|error| match error {
        BodyError::NoBudget => full(),
        error => Failed::Request(http::body_rejection(error)),
    })?;
    // Only now: who sends slowly takes no place from others.
    let _place = app.guards.onion_place().ok_or_else(full)?;
    if let Source::Peer(peer) = from
        && !app.guards.admits_peer_bytes(peer, body.len())
    {
        return Err(full());
    }
    // The answer is counted too, until it has been taken.
    let mut room = app.guards.onion_bytes.reserve(0).ok_or_else(full)?;
    let answer = answer_layer(app, body, &mut room).await?;
    if room.grow_to(answer.len()) { Ok(held(answer, room)) } else { Err(full()) }
}

async fn answer_layer(app: &Arc<App>, body: Bytes, room: &mut Reservation) -> Result<Bytes, Failed> {
    match open(app, body).await {
        Ok(Peeled::Destination { body, options, key }) => {
            let (status, answer) = match rpc::handle(app, &body).await {
                Ok(answer) => (200, Bytes::from(answer.to_string())),
                Err(refused) => refused.into_parts(),
            };
            app.metrics.count(Count::OnionEndOk);
            Ok(seal(&key, options, status, &answer))
        }
        Ok(Peeled::Forward { to, body }) => {
            let answered = forward::forward(app, to, body, room).await;
            app.metrics.count(if answered.is_ok() { Count::OnionForwardOk } else { Count::OnionForwardFailed });
            answered
        }
        Ok(Peeled::Exit { protocol, host, port, target, body }) => {
            let place = exit::Place { protocol, host, port, target };
            let answered = exit::post(app, place, body, room).await;
            app.metrics.count(if answered.is_ok() { Count::OnionExitOk } else { Count::OnionExitFailed });
            answered.map_err(Failed::Path)
        }
        Err(error) => {
            app.metrics.count(Count::OnionRefused);
            refuse(error)
        }
    }
}

/// What to say of a layer that makes no request.
fn refuse(error: PeelError) -> Result<Bytes, Failed> {
    match error {
        PeelError::Unfit { text, key, options } => Ok(seal(&key, options, 400, text.as_bytes())),
        error => Err(error.to_path_error().unwrap_or(PathError::InvalidCiphertext).into()),
    }
}

async fn open(app: &Arc<App>, body: Bytes) -> Result<Peeled, PeelError> {
    if body.len() <= INLINE {
        return peel_with(&body, &app.layers);
    }
    let app = Arc::clone(app);
    let task = tokio::task::spawn_blocking(move || peel_with(&body, &app.layers));
    task.await.unwrap_or(Err(PeelError::InvalidCiphertext))
}

fn seal(key: &SharedKey, options: ReplyOptions, status: u16, body: &[u8]) -> Bytes {
    Bytes::from(seal_reply(key, options, status, body, &mut rand::rng()))
}

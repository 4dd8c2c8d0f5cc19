//! To the next hop.

use std::time::Duration;

use bytes::Bytes;
use tacit_edge::Reservation;
use tacit_wire::NodeId;
use tacit_wire::onion::PathError;

use super::Failed;
use crate::app::App;
use crate::peer::PeerError;

/// After this the next hop counts as silent.
const TIMEOUT: Duration = Duration::from_secs(30);

/// Gives the answer of the next hop, whose bytes `room` takes from its budget as they come.
pub(super) async fn forward(app: &App, to: NodeId, body: Vec<u8>, room: &mut Reservation) -> Result<Bytes, Failed> {
    // A path that names this node twice is no path.
    let node = app.membership.node(&to).filter(|node| node.ed25519 != app.id);
    let node = node.ok_or(PathError::NextNodeNotFound(to))?;
    let _place = app.guards.hop_place(to).ok_or(PathError::NotReady(Some(to)))?;
    match app.peers.call_within(&node, "onion", Bytes::from(body), TIMEOUT, Some(room)).await {
        Ok((200, answer)) => Ok(answer),
        // What is not 200 is one of the texts of the protocol, or nothing that anybody reads.
        Ok((status, text)) => Err(Failed::Relayed(status, Bytes::copy_from_slice(text.get(..1024).unwrap_or(&text)))),
        Err(PeerError::Timeout | PeerError::Unreachable) => Err(PathError::Timeout.into()),
        Err(PeerError::NoRoom) => Err(PathError::NotReady(Some(app.id)).into()),
        Err(PeerError::Broken) => Err(PathError::InvalidResponse.into()),
    }
}

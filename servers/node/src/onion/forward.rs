//! To the next hop.

use std::time::Duration;

use bytes::Bytes;
use tacit_wire::NodeId;
use tacit_wire::onion::PathError;

use super::Failed;
use crate::app::App;
use crate::peer::PeerError;

/// After this the next hop counts as silent.
const TIMEOUT: Duration = Duration::from_secs(30);

pub(super) async fn forward(app: &App, to: NodeId, body: Vec<u8>) -> Result<Bytes, Failed> {
    let view = app.membership.view();
    // A path that names this node twice is no path.
    let node = view.node(&to).filter(|node| node.ed25519 != app.id);
    let node = node.ok_or(PathError::NextNodeNotFound(to))?;
    let _place = app.guards.hop_place(to).ok_or(PathError::NotReady(Some(to)))?;
    match app.peers.call(node, "onion", Bytes::from(body), TIMEOUT).await {
        Ok((200, answer)) => Ok(answer),
        Ok((status, answer)) => Err(Failed::Relayed(status, answer)),
        Err(PeerError::Timeout | PeerError::Unreachable) => Err(PathError::Timeout.into()),
        Err(PeerError::Broken) => Err(PathError::InvalidResponse.into()),
    }
}

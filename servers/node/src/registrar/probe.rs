//! Whether a node is where it says, by its key (protocol: servers 6.3): a signature over a nonce at
//! its address for clients, and a handshake with its key at that for other nodes.

use std::sync::Arc;
use std::time::Duration;

use tacit_wire::base64;
use tacit_wire::consensus::{Announcement, Bytes32, ping_text};
use tokio::sync::Semaphore;

use super::desk::Desk;
use crate::http::{NONCE, PROOF};
use crate::{now, peer};

/// Probes at once.
const AT_ONCE: usize = 64;
const PEER_TIMEOUT: Duration = Duration::from_secs(5);
/// Which probes are due is looked at so often.
const STEP: Duration = Duration::from_millis(100);

/// Probes nodes for ever.
pub(super) async fn run(desk: Arc<Desk>) {
    let places = Arc::new(Semaphore::new(AT_ONCE));
    loop {
        let due = desk.state().nodes.due_probes(now(), &mut rand::rng());
        for said in due {
            let Ok(place) = Arc::clone(&places).acquire_owned().await else { return };
            let desk = Arc::clone(&desk);
            tokio::spawn(async move {
                let answered = probe(&desk, &said).await;
                desk.state().nodes.probed(&said.node, answered, now());
                drop(place);
            });
        }
        tokio::time::sleep(STEP).await;
    }
}

async fn probe(desk: &Desk, said: &Announcement) -> bool {
    let (clients, nodes) = tokio::join!(answers_clients(desk, said), answers_nodes(desk, said));
    tracing::debug!(node = %said.node, clients, nodes, "probed");
    clients && nodes
}

async fn answers_clients(desk: &Desk, said: &Announcement) -> bool {
    let nonce: Bytes32 = rand::random();
    let url = format!("https://{}:{}/ping_test/v1", said.ip, said.https_port);
    let Some((200, headers)) = desk.https.probe(&url, NONCE, &base64::encode(nonce)).await else { return false };
    let proof = headers.get(PROOF).and_then(|proof| base64::decode_array::<64>(proof.as_bytes()));
    let text = ping_text(&desk.network, &nonce);
    proof.is_some_and(|proof| tacit_crypto::verify(&said.node.0, &text, &proof).is_ok())
}

async fn answers_nodes(desk: &Desk, said: &Announcement) -> bool {
    let handshake = peer::holds_key(&desk.signing, said.node, (said.ip, said.peer_port).into());
    tokio::time::timeout(PEER_TIMEOUT, handshake).await.unwrap_or(false)
}

//! A node's word about itself, to all registrars: every ten minutes or so, and when something has
//! changed (protocol: servers 6.2).

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use rand::RngExt as _;
use tacit_wire::TimestampMs;
use tacit_wire::consensus::{Announcement, Bytes32, Wish};
use tokio::task::JoinSet;

use super::follow::registrars;
use crate::app::App;
use crate::config::Exit;
use crate::https::Https;
use crate::registrar::Schedule;

/// First pause after nobody took it, and the longest.
const FIRST_PAUSE: u64 = 500;
const LONGEST_PAUSE: u64 = 60_000;
/// Of what the database may take, in percent: then its swarm needs another member.
const FULL: u64 = 97;

/// Where others reach this node.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Reached {
    pub(crate) ip: Ipv4Addr,
    pub(crate) https_port: u16,
    pub(crate) peer_port: u16,
}

/// Announces the node as long as it runs.
pub(crate) async fn announce(app: Arc<App>, https: Https, reached: Reached) {
    let (Some(network), Some(following)) = (app.membership.network().copied(), &app.membership.shared.following) else {
        return;
    };
    let (mut changes, mut complete) = (app.membership.changes(), following.complete.subscribe());
    let (mut last, mut pause) = (TimestampMs(0), FIRST_PAUSE);
    loop {
        // Registrars take it only if its time has grown.
        last = app.now().max(last.plus_ms(1));
        let swarm = changes.borrow_and_update().own_swarm();
        let word = word(&app, network, reached, last, *complete.borrow_and_update());
        let heard = tell(&app, &https, word.sign(&app.keys)).await;
        let wait = if heard == 0 {
            pause = (pause * 2).min(LONGEST_PAUSE);
            pause
        } else {
            pause = FIRST_PAUSE;
            let view = app.membership.view();
            let period = view.document().map_or(60_000, |document| document.consensus.params.period_ms());
            Schedule { period }.announce_every()
        };
        let wait = Duration::from_millis(wait * rand::rng().random_range(90..=110) / 100);
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            _ = changes.wait_for(|view| view.own_swarm() != swarm), if heard > 0 => {}
            _ = complete.changed(), if heard > 0 => {}
        }
    }
}

fn word(
    app: &App,
    network: Bytes32,
    reached: Reached,
    time: TimestampMs,
    complete: Option<(tacit_wire::SwarmId, u64)>,
) -> Announcement {
    let full = app.store.size().saturating_mul(100) >= app.config.max_bytes.saturating_mul(FULL);
    let wishes = [(Wish::Exit, app.config.exit != Exit::Off), (Wish::Full, full)];
    Announcement {
        node: app.id,
        network,
        ip: reached.ip,
        ipv6: None,
        https_port: reached.https_port,
        peer_port: reached.peer_port,
        wishes: wishes.into_iter().filter_map(|(wish, wished)| wished.then_some(wish)).collect(),
        relay: None,
        version: crate::VERSION.map(|number| number.to_string()).join("."),
        time,
        complete,
        observations: Vec::new(),
    }
}

/// Gives it to all registrars at once; how many took it.
async fn tell(app: &App, https: &Https, word: Vec<u8>) -> usize {
    let mut questions = JoinSet::new();
    for url in registrars(&app.membership) {
        let (https, word) = (https.clone(), word.clone());
        questions.spawn(async move { https.post(&format!("{url}/registrar/1/announce"), word).await });
    }
    let mut heard = 0;
    while let Some(answer) = questions.join_next().await {
        match answer {
            Ok(Some((200, _))) => heard += 1,
            Ok(Some((status, text))) => {
                let text = String::from_utf8_lossy(&text).into_owned();
                tracing::warn!(status, text, "a registrar refuses this node");
            }
            Ok(None) | Err(_) => tracing::debug!("a registrar does not answer"),
        }
    }
    heard
}

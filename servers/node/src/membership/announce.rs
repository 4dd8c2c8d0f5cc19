//! A node's word about itself, to all registrars: every ten minutes or so, and when something has
//! changed (protocol: servers 6.2).

use std::net::Ipv4Addr;
use std::sync::Arc;
use std::time::Duration;

use tacit_wire::TimestampMs;
use tacit_wire::consensus::{Announcement, Bytes32, Wish};
use tokio::task::JoinSet;

use super::follow::registrars;
use crate::app::App;
use crate::config::Exit;
use crate::https::Https;
use crate::registrar::Schedule;

/// First pause before those are told that did not answer, and the longest.
const FIRST_PAUSE: u64 = 500;
const LONGEST_PAUSE: u64 = 60_000;
const MINUTE: u64 = 60_000;
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
    let mut last = TimestampMs(0);
    loop {
        // Registrars take it only if its time has grown.
        last = app.now().max(last.plus_ms(1));
        let swarm = changes.borrow_and_update().own_swarm();
        let word = word(&app, network, reached, last, *complete.borrow_and_update()).sign(&app.keys);
        let telling = async {
            tell_all(&app, &https, word).await;
            std::future::pending::<()>().await;
        };
        let wait = next(&app);
        tokio::select! {
            () = telling => {}
            () = tokio::time::sleep(wait) => {}
            _ = changes.wait_for(|view| view.own_swarm() != swarm) => {}
            _ = complete.changed() => {}
        }
    }
}

fn next(app: &App) -> Duration {
    let view = app.membership.view();
    let period = view.document().map_or(MINUTE, |document| document.consensus.params.period_ms());
    let wait = Schedule { period }.announce_every();
    Duration::from_millis(wait * rand::random_range(90..=110) / 100)
}

/// Gives it to all registrars, again and again to those that do not answer.
async fn tell_all(app: &App, https: &Https, word: Vec<u8>) {
    let mut silent = registrars(&app.membership);
    let mut pause = FIRST_PAUSE;
    while !silent.is_empty() {
        silent = tell(https, silent, &word).await;
        let wait = pause * rand::random_range(50..=150) / 100;
        tokio::time::sleep(Duration::from_millis(wait)).await;
        pause = (pause * 2).min(LONGEST_PAUSE);
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

/// Gives it to these registrars at once; gives back those that did not answer.
async fn tell(https: &Https, urls: Vec<String>, word: &[u8]) -> Vec<String> {
    let mut questions = JoinSet::new();
    for url in urls {
        let (https, word) = (https.clone(), word.to_vec());
        questions.spawn(async move { (https.post(&format!("{url}/registrar/1/announce"), word).await, url) });
    }
    let mut silent = Vec::new();
    while let Some(answer) = questions.join_next().await {
        match answer {
            Ok((Some((200, _)), _)) | Err(_) => {}
            Ok((Some((status, text)), _)) => {
                let text = String::from_utf8_lossy(&text).into_owned();
                tracing::warn!(status, text, "a registrar refuses this node");
            }
            Ok((None, url)) => {
                tracing::debug!("a registrar does not answer");
                silent.push(url);
            }
        }
    }
    silent
}

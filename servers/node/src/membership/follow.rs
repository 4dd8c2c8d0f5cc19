//! Keeps a node up to date with what the registrars sign: from them, or from any other node, since
//! not who gives a document counts but who signed it.

use std::sync::Arc;
use std::time::Duration;

use rand::RngExt as _;
use rand::seq::{IteratorRandom as _, SliceRandom as _};
use tacit_wire::TimestampMs;
use tacit_wire::consensus::Refused;

use super::Membership;
use crate::app::App;
use crate::https::Https;

/// Nodes that are asked when no registrar answers.
const NODES: usize = 3;

/// Fetches each new document; never ends in a network with registrars.
pub(crate) async fn follow(app: Arc<App>, https: Https) {
    if app.membership.network().is_none() {
        return;
    }
    loop {
        fetch(&app, &https).await;
        let (number, wait) = next(&app.membership, app.now());
        tracing::trace!(number, ?wait, "next look for a consensus");
        tokio::time::sleep(wait).await;
    }
}

/// When to look again: after the next document is due, not all at once; soon while it is late.
fn next(membership: &Membership, now: TimestampMs) -> (u64, Duration) {
    let view = membership.view();
    let Some(document) = view.document() else { return (0, Duration::from_secs(1)) };
    let consensus = &document.consensus;
    let period = consensus.fresh_until.since(consensus.valid_after);
    let rng = &mut rand::rng();
    let wait = if now < consensus.fresh_until {
        consensus.fresh_until.since(now) + rng.random_range(0..=(period / 8).clamp(1, 300_000))
    } else {
        if now >= consensus.valid_until {
            tracing::warn!("the last consensus has ended: registrars cannot be reached or do not agree");
        }
        let late = (period / 10).clamp(300, 60_000);
        rng.random_range(late / 2..=late * 3 / 2)
    };
    (consensus.number, Duration::from_millis(wait))
}

async fn fetch(app: &App, https: &Https) {
    for url in sources(app) {
        let view = app.membership.view();
        let known = view.document().map(|document| &document.signed);
        let Some(signed) = https.consensus(&url, known).await else { continue };
        let (membership, now) = (app.membership.clone(), app.now());
        let accepted = tokio::task::spawn_blocking(move || membership.accept(signed, now)).await;
        match accepted {
            Ok(Ok(true)) => return,
            Ok(Err(refused @ Refused::Forked(_))) => tracing::error!(%refused, "keeping the first"),
            Ok(Err(refused)) => tracing::debug!(%refused, "a consensus is not believed"),
            // The same as before, from whoever is late.
            Ok(Ok(false)) | Err(_) => {}
        }
    }
}

/// The registrars, then some nodes.
fn sources(app: &App) -> Vec<String> {
    let rng = &mut rand::rng();
    let mut sources = registrars(&app.membership);
    sources.shuffle(rng);
    let view = app.membership.view();
    let others = view.nodes().filter(|node| node.ed25519 != app.id).sample(rng, NODES);
    sources.extend(others.iter().map(|node| format!("https://{}:{}", node.ip, node.https_port)));
    sources
}

/// Where registrars answer, by the profile and the last document.
pub(super) fn registrars(membership: &Membership) -> Vec<String> {
    let Some(following) = &membership.shared.following else { return Vec::new() };
    let mut all = following.registrars.clone();
    if let Some(document) = membership.view().document() {
        all.extend(document.consensus.registrars.iter().map(|entry| entry.url.clone()));
    }
    all.sort_unstable();
    all.dedup();
    all
}

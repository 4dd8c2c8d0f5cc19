//! The one task that keeps the network usable: lists of nodes, guards, paths, clock
//! (protocol: network 2, 3). It owns everything it spawns; dropping it ends all of that.

use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::{Duration, SystemTime};

use tacit_wire::node_list::{self, NodeList};
use tacit_wire::{AccountId, NodeId, ServiceNode, rpc};
use tokio::task::JoinSet;
use tokio::time::{Instant, sleep_until};

use crate::inner::{Exchange, Inner, own_now};
use crate::path::PathId;
use crate::pool::Due;
use crate::retry::Backoff;
use crate::verdict::{Said, members};

/// Shortest time between two attempts, however often requests wake the task.
const SPACING: Duration = Duration::from_millis(250);
/// Nodes asked for the time at once, and for a newer list.
const CLOCK_NODES: usize = 5;
const LIST_NODES: usize = 3;
/// Own clock and run time may drift apart by this much; more means that the clock was set, or
/// that the device slept.
const JUMP: Duration = Duration::from_secs(5);

/// Runs until the network is shut down.
pub(crate) async fn run(inner: Arc<Inner>) {
    let cancel = inner.cancel.clone();
    let mut backoff = Backoff::connect(inner.config.longest_delay);
    let mut times = (SystemTime::now(), Instant::now());
    loop {
        if inner.hurry.swap(false, Ordering::Relaxed) {
            backoff.reset();
        }
        inner.publish_attempt(Some(backoff.done() + 1));
        let settled = tokio::select! {
            () = cancel.cancelled() => break,
            settled = inner.round() => settled,
        };
        inner.save().await;
        let delay = if settled {
            backoff.reset();
            inner.config.tick
        } else {
            inner.publish_attempt(None);
            backoff.next(&mut rand::rng())
        };
        let ended = Instant::now();
        tokio::select! {
            () = cancel.cancelled() => break,
            () = inner.wake.notified() => {}
            () = sleep_until(ended + delay) => {}
        }
        if !inner.hurry.load(Ordering::Relaxed) {
            tokio::select! {
                () = cancel.cancelled() => break,
                () = sleep_until(ended + SPACING) => {}
            }
        }
        if jumped(&mut times) {
            inner.guards.reconnect();
            tokio::select! {
                () = cancel.cancelled() => break,
                () = inner.sync_clock() => {}
            }
        }
    }
    inner.save().await;
}

/// Whether own clock and run time went apart since the last call.
fn jumped(times: &mut (SystemTime, Instant)) -> bool {
    let (clock, run) = std::mem::replace(times, (SystemTime::now(), Instant::now()));
    let elapsed = run.elapsed();
    match clock.elapsed() {
        Ok(by_clock) => by_clock.abs_diff(elapsed) > JUMP,
        Err(_) => true,
    }
}

impl Inner {
    /// One look after everything. True when nothing is left to do for now.
    async fn round(self: &Arc<Self>) -> bool {
        let too_few = {
            let state = self.state();
            state.paths.enough(&state.pool).is_err()
        };
        let asked = too_few;
        if too_few {
            self.ask_seeds().await;
        }
        self.repair_paths().await;
        let (connected, due) = {
            let state = self.state();
            (state.paths.connected(), state.pool.due(own_now()))
        };
        // Seeds also tell a dead network from dead guards.
        if !asked && (due == Due::Seeds || !connected) && self.ask_seeds().await {
            self.repair_paths().await;
        }
        if self.connected() && self.state().pool.due(own_now()) == Due::Refresh {
            self.refresh().await;
        }
        let (connected, few_times) = {
            let state = self.state();
            (state.paths.connected(), state.clock.samples() < LIST_NODES)
        };
        if connected && few_times {
            self.sync_clock().await;
        }
        let state = self.state();
        state.paths.connected()
            && state.paths.missing() == 0
            && state.paths.iter().all(|p| p.trouble() == 0)
            && state.pool.due(own_now()) != Due::Seeds
    }

    /// Open paths first: a new guard is shown the client's address only when they do not answer.
    async fn repair_paths(self: &Arc<Self>) {
        self.check_paths().await;
        self.open_paths().await;
        self.check_paths().await;
    }

    fn connected(&self) -> bool {
        self.state().paths.connected()
    }

    fn believe(&self, list: NodeList) -> Result<Vec<ServiceNode>, &'static str> {
        let now = self.now();
        self.state().membership.believe(list, now)
    }

    /// All seeds once. True when a list came.
    async fn ask_seeds(&self) -> bool {
        self.state().pool.tried(own_now());
        match self.seeds.ask(|list| self.believe(list)).await {
            Ok(nodes) => {
                tracing::info!(nodes = nodes.len(), "a seed gave a list of nodes");
                {
                    let mut state = self.state();
                    let rng = &mut rand::rng();
                    state.new_list(nodes, own_now(), rng);
                    state.network_is_up(rng);
                }
                self.publish(None);
                true
            }
            Err(why) => {
                tracing::info!(why, "no seed gave a list of nodes");
                self.publish(Some(why));
                false
            }
        }
    }

    /// Tests guards until the wanted number of paths is open or candidates run out of luck.
    async fn open_paths(self: &Arc<Self>) {
        let mut busy: Vec<NodeId> = Vec::new();
        let mut tests = JoinSet::new();
        let mut failed: Vec<NodeId> = Vec::new();
        let mut new: Vec<NodeId> = Vec::new();
        let mut opened = false;
        loop {
            let mut chosen = Vec::new();
            {
                let mut state = self.state();
                if let Err(few) = state.paths.enough(&state.pool) {
                    // Without any list the seeds' own failure says more.
                    if state.pool.fetched_at().is_some() {
                        drop(state);
                        let (known, needed) = (few.known, few.needed);
                        let text = format!("this network has {known} usable nodes, and {needed} are needed");
                        self.publish(Some(&text));
                    }
                    return;
                }
                // One more candidate than paths when all tested so far failed: kept guards may be
                // dead. More would show the address to many.
                let wanted = state.paths.missing() + usize::from(!failed.is_empty() && !opened);
                let spare = wanted.saturating_sub(tests.len() + failed.len());
                for _ in 0..spare {
                    let guard = state.paths.candidate_guard(&state.pool, &busy, &mut rand::rng());
                    let Some(node) = guard.and_then(|id| state.pool.get(&id)).cloned() else { break };
                    busy.push(node.ed25519);
                    if state.keep_guard(node.ed25519) {
                        new.push(node.ed25519);
                    }
                    chosen.push(node);
                }
                state.paths.reserve(&busy);
            }
            // On disk before the first packet: whoever ends here goes on with the same guards.
            self.save().await;
            for node in chosen {
                let inner = Arc::clone(self);
                tests.spawn(async move { (node.ed25519, inner.test_guard(&node).await) });
            }
            let Some(result) = tests.join_next().await else { break };
            let Ok((guard, passed)) = result else { continue };
            if passed {
                opened = true;
                let mut state = self.state();
                let rng = &mut rand::rng();
                if state.open_path(guard, rng).is_err() {
                    tracing::debug!("no hops are left for another path");
                }
            } else {
                failed.push(guard);
                self.publish(Some("a guard did not pass its test"));
            }
        }
        self.state().paths.reserve(&[]);
        // Failures count only if the network is up.
        if opened || self.connected() {
            let mut state = self.state();
            let rng = &mut rand::rng();
            state.network_is_up(rng);
            for guard in failed {
                if new.contains(&guard) {
                    state.drop_guard(&guard);
                }
                state.strike(&guard, rng);
            }
        }
    }

    /// Asks a guard directly for the swarm of an account that nobody has (protocol: network 3).
    async fn test_guard(&self, guard: &ServiceNode) -> bool {
        let nobody = AccountId::from_x25519(&rand::random());
        let request = rpc::Request::GetSwarm(rpc::GetSwarm { account: nobody });
        let body = request.to_body();
        match self.guards.direct(guard, body, self.config.request_timeout).await {
            Ok(answer) => answer.status == 200 && members(&answer.body).is_some(),
            Err(_) => false,
        }
    }

    /// Sends a small question over each path that never carried an answer or lately failed.
    async fn check_paths(self: &Arc<Self>) {
        let doubtful: Vec<PathId> = {
            let state = self.state();
            state.paths.iter().filter(|p| !p.proven || p.trouble() > 0).map(|p| p.id).collect()
        };
        let mut checks = JoinSet::new();
        for path in doubtful {
            let inner = Arc::clone(self);
            checks.spawn(async move {
                if let Some((node, route)) = inner.over_path(path) {
                    inner.exchange(&route, &node, None, &rpc::Request::Info).await;
                }
            });
        }
        while checks.join_next().await.is_some() {}
    }

    fn over_path(&self, path: PathId) -> Option<(ServiceNode, crate::path::Route)> {
        let state = self.state();
        let rng = &mut rand::rng();
        let node = state.paths.destination_for(path, &state.pool, rng)?;
        let route = state.paths.route_over(path, &node.ed25519, &state.pool, rng)?;
        Some((node, route))
    }

    /// Brings the clock up to date from several nodes. Callers that come while this runs share
    /// its result.
    pub async fn sync_clock(self: &Arc<Self>) {
        let asked = Instant::now();
        let mut last = self.sync.lock().await;
        if last.is_some_and(|last| last > asked) {
            return;
        }
        let mut chosen: Vec<NodeId> = Vec::new();
        let mut questions = JoinSet::new();
        for _ in 0..CLOCK_NODES {
            let Some((node, route)) = self.anyone(&chosen, None) else { break };
            if chosen.contains(&node.ed25519) {
                break;
            }
            chosen.push(node.ed25519);
            let inner = Arc::clone(self);
            questions.spawn(async move {
                inner.exchange(&route, &node, None, &rpc::Request::Info).await;
            });
        }
        while questions.join_next().await.is_some() {}
        *last = Some(Instant::now());
    }

    /// A newer list: from three nodes that agree (protocol: network 2), or from any one of them if
    /// registrars signed it.
    async fn refresh(self: &Arc<Self>) {
        let is_signed = {
            let mut state = self.state();
            state.pool.tried(own_now());
            state.membership.is_signed()
        };
        let mut chosen: Vec<NodeId> = Vec::new();
        let mut questions = JoinSet::new();
        for _ in 0..LIST_NODES {
            let Some((node, route)) = self.anyone(&chosen, None) else { return };
            chosen.push(node.ed25519);
            let inner = Arc::clone(self);
            questions.spawn(async move {
                match inner.exchange(&route, &node, None, &list_request()).await {
                    Exchange::Said(Said::Done(value)) => {
                        node_list::parse_result(value.get("result").unwrap_or(&value)).ok()
                    }
                    _ => None,
                }
            });
        }
        let mut lists = Vec::new();
        while let Some(result) = questions.join_next().await {
            let Ok(Some(list)) = result else { continue };
            // Who signed it counts, not how many say so.
            if !is_signed {
                lists.push(list.nodes);
            } else if let Ok(nodes) = self.believe(list) {
                self.state().new_list(nodes, own_now(), &mut rand::rng());
                self.publish(None);
                return;
            }
        }
        if lists.len() < LIST_NODES {
            return;
        }
        let mut state = self.state();
        if let Some(common) = state.pool.common(&lists) {
            tracing::debug!(nodes = common.len(), "nodes agree on a newer list");
            state.new_list(common, own_now(), &mut rand::rng());
            drop(state);
            self.publish(None);
        } else {
            tracing::info!("three nodes do not agree on a list");
        }
    }

    async fn save(self: &Arc<Self>) {
        let Some(snapshot) = self.state().take_snapshot() else { return };
        let cache = Arc::clone(&self.cache);
        let saved = tokio::task::spawn_blocking(move || cache.save(&snapshot.to_bytes())).await;
        if saved.is_err() {
            tracing::warn!("the node cache could not be saved");
        }
    }
}

fn list_request() -> rpc::Request {
    rpc::Request::OxendRequest(rpc::OxendRequest {
        endpoint: rpc::OxendEndpoint::GetServiceNodes,
        params: node_list::request_params(),
    })
}

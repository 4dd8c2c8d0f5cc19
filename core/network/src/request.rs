//! One request of a caller: member, route, tries (protocol: network 3, 4.5, 5).

use std::sync::Arc;

use rand::seq::IndexedRandom;
use serde_json::Value;
use tacit_wire::{AccountId, NodeId, ServiceNode, TimestampMs, rpc};
use tokio::time::{Instant, sleep, timeout_at};

use crate::error::Error;
use crate::inner::{Exchange, Inner, own_now};
use crate::path::{PathId, Route};
use crate::retry::Backoff;
use crate::swarm::{Member, pick};
use crate::verdict::Said;

/// How often a request follows "wrong swarm" to another one.
const MAX_REDIRECTS: u32 = 3;
/// How often a request is made again with a corrected time.
const MAX_RESYNCS: u32 = 2;

/// What the tries of one request have in common.
struct Tries {
    backoff: Backoff,
    limit: u32,
    /// Members that failed, once per failure.
    tried: Vec<NodeId>,
    /// The path that failed last.
    avoid: Option<PathId>,
    redirects: u32,
    resyncs: u32,
}

impl Tries {
    fn new(limit: u32) -> Self {
        let backoff = Backoff::request();
        Self { backoff, limit, tried: Vec::new(), avoid: None, redirects: 0, resyncs: 0 }
    }

    /// Waits before the next try, or ends with `error` when there were enough.
    async fn again(&mut self, error: Error) -> Result<(), Error> {
        if self.backoff.done() >= self.limit {
            return Err(error);
        }
        let delay = self.backoff.next(&mut rand::rng());
        sleep(delay).await;
        Ok(())
    }

    fn no_answer(&self, last: &'static str) -> Error {
        Error::NoAnswer { tries: self.backoff.done() + 1, last }
    }
}

impl Inner {
    /// Sends what `build` makes to a member of the account's swarm until one answers in a way
    /// that `check` accepts.
    pub async fn request(
        self: &Arc<Self>,
        account: &AccountId,
        member: Member,
        build: impl Fn(TimestampMs, &NodeId) -> rpc::Request + Send + Sync,
        check: impl Fn(&rpc::Request, &mut Value) -> Result<(), &'static str> + Send + Sync,
    ) -> Result<(NodeId, Value), Error> {
        let mut tries = Tries::new(self.config.retries);
        loop {
            let (destination, route) = self.to_member(account, member, &tries).await?;
            let request = build(self.now(), &destination.ed25519);
            let exchange = self.exchange(&route, &destination, Some(account), &request).await;
            let error = match exchange {
                Exchange::TooLarge => return Err(Error::TooLarge),
                Exchange::Said(Said::Done(mut value)) => match check(&request, &mut value) {
                    Ok(()) => return Ok((destination.ed25519, value)),
                    Err(why) => {
                        self.state().strike(&destination.ed25519, &mut rand::rng());
                        tries.tried.push(destination.ed25519);
                        tries.no_answer(why)
                    }
                },
                Exchange::Said(Said::Refused { status, text }) => {
                    return Err(Error::Status { status, text });
                }
                Exchange::Said(Said::WrongSwarm(nodes)) => {
                    self.redirected(account, nodes, &destination.ed25519);
                    tries.tried.push(destination.ed25519);
                    tries.redirects += 1;
                    if tries.redirects <= MAX_REDIRECTS {
                        continue;
                    }
                    return Err(tries.no_answer("nodes do not agree on the swarm"));
                }
                Exchange::Said(Said::WrongClock { status, text }) => {
                    tries.resyncs += 1;
                    if tries.resyncs > MAX_RESYNCS {
                        return Err(Error::Status { status, text });
                    }
                    self.sync_clock().await;
                    if tries.resyncs > 1 {
                        tries.tried.push(destination.ed25519);
                    }
                    continue;
                }
                Exchange::Said(Said::Busy { status, text }) => {
                    tries.tried.push(destination.ed25519);
                    Error::Status { status, text }
                }
                Exchange::Said(Said::Nonsense(why)) => {
                    tries.tried.push(destination.ed25519);
                    tries.no_answer(why)
                }
                Exchange::Lost { why, guard_only } => {
                    tries.avoid = Some(route.path);
                    if !guard_only {
                        tries.tried.push(destination.ed25519);
                    }
                    tries.no_answer(why)
                }
            };
            tries.again(error).await?;
        }
    }

    fn redirected(&self, account: &AccountId, nodes: Vec<ServiceNode>, by: &NodeId) {
        let mut state = self.state();
        let named_itself = nodes.iter().any(|n| n.ed25519 == *by);
        if named_itself || !state.set_swarm(account, nodes, own_now()) {
            // It says nothing usable: ask again.
            state.swarms.forget(account);
        }
    }

    /// A member and a route to it.
    async fn to_member(
        &self,
        account: &AccountId,
        member: Member,
        tries: &Tries,
    ) -> Result<(ServiceNode, Route), Error> {
        let deadline = Instant::now() + self.config.connect_wait;
        loop {
            let swarm = self.members(account).await?;
            let mut seen = self.epoch.subscribe();
            {
                let state = self.state();
                let rng = &mut rand::rng();
                let reached: Vec<ServiceNode> = swarm.into_iter().filter(|n| state.paths.reaches(&n.ed25519)).collect();
                let strikes = |id: &NodeId| state.pool.strikes(id);
                if let Some(node) = pick(&reached, member, &tries.tried, strikes, rng)
                    && let Some(route) = state.paths.route(&node.ed25519, tries.avoid, &state.pool, rng)
                {
                    return Ok((node.clone(), route));
                }
                seen.mark_unchanged();
            }
            self.wait_for_change(&mut seen, deadline).await?;
        }
    }

    /// The members of the account's swarm, asked for when not known.
    pub async fn members(&self, account: &AccountId) -> Result<Vec<ServiceNode>, Error> {
        if let Some(known) = self.state().swarms.get(account, own_now()) {
            return Ok(known.to_vec());
        }
        let mut tries = Tries::new(self.config.retries);
        loop {
            let (destination, route) = self.to_anyone(&tries).await?;
            let request = rpc::Request::GetSwarm(rpc::GetSwarm { account: *account });
            let error = match self.exchange(&route, &destination, None, &request).await {
                Exchange::TooLarge => return Err(Error::TooLarge),
                Exchange::Said(Said::Done(value)) => {
                    let nodes = rpc::answer_from::<rpc::SwarmAnswer>(value).map(|a| a.nodes());
                    let mut state = self.state();
                    if nodes.is_ok_and(|nodes| state.set_swarm(account, nodes, own_now()))
                        && let Some(known) = state.swarms.get(account, own_now())
                    {
                        return Ok(known.to_vec());
                    }
                    Error::NoSwarm
                }
                Exchange::Said(Said::Refused { status, text } | Said::Busy { status, text }) => {
                    Error::Status { status, text }
                }
                Exchange::Said(Said::WrongSwarm(_) | Said::WrongClock { .. }) => {
                    tries.no_answer("a node would not say who keeps the account")
                }
                Exchange::Said(Said::Nonsense(why)) => tries.no_answer(why),
                Exchange::Lost { why, .. } => {
                    tries.avoid = Some(route.path);
                    tries.no_answer(why)
                }
            };
            tries.tried.push(destination.ed25519);
            tries.again(error).await?;
        }
    }

    /// Any node and a route to it: for questions that every node can answer.
    async fn to_anyone(&self, tries: &Tries) -> Result<(ServiceNode, Route), Error> {
        let deadline = Instant::now() + self.config.connect_wait;
        let mut seen = self.epoch.subscribe();
        loop {
            {
                seen.mark_unchanged();
                if let Some(found) = self.anyone(&tries.tried, tries.avoid) {
                    return Ok(found);
                }
            }
            self.wait_for_change(&mut seen, deadline).await?;
        }
    }

    /// As [`Self::to_anyone`], only if a path is open now.
    pub fn anyone(&self, not: &[NodeId], avoid: Option<PathId>) -> Option<(ServiceNode, Route)> {
        let state = self.state();
        let rng = &mut rand::rng();
        let on_path = |id: &NodeId| state.paths.iter().any(|p| p.hops.contains(id));
        let rank = |n: &ServiceNode| {
            let id = &n.ed25519;
            (not.contains(id), on_path(id), state.pool.strikes(id))
        };
        let reached: Vec<&ServiceNode> = state.pool.iter().filter(|n| state.paths.reaches(&n.ed25519)).collect();
        let best = reached.iter().map(|n| rank(n)).min()?;
        let equal: Vec<&&ServiceNode> = reached.iter().filter(|n| rank(n) == best).collect();
        let node = (**equal.choose(rng)?).clone();
        let route = state.paths.route(&node.ed25519, avoid, &state.pool, rng)?;
        Some((node, route))
    }

    /// Waits until something changed that could have opened a path; wakes the upkeep for it.
    pub async fn wait_for_change(
        &self,
        seen: &mut tokio::sync::watch::Receiver<u64>,
        deadline: Instant,
    ) -> Result<(), Error> {
        self.wake.notify_one();
        match timeout_at(deadline, seen.changed()).await {
            Ok(Ok(())) => Ok(()),
            Ok(Err(_)) => Err(Error::Closed),
            Err(_) => {
                let state = self.state();
                match state.paths.enough(&state.pool) {
                    Err(few) if state.pool.fetched_at().is_some() => {
                        Err(Error::TooFewNodes { known: few.known, needed: few.needed })
                    }
                    _ => Err(Error::Offline),
                }
            }
        }
    }
}

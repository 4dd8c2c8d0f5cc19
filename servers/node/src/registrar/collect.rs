//! What one registrar knows of the nodes: their announcements, and how they answered its probes
//! (protocol: servers 6.2, 6.3).

use std::collections::BTreeMap;
use std::net::IpAddr;

use rand::{Rng, RngExt as _};
use tacit_wire::consensus::{Announcement, Ballot, Bytes32, Consensus, Flag, Flags, MAX_NODES, Wish};
use tacit_wire::rpc::Rejection;
use tacit_wire::{Error, NodeId, TimestampMs};

use super::admission::Admission;
use super::schedule::Schedule;
use crate::onion::is_public;

/// Announcements of one node that are read in a minute.
const MOST_A_MINUTE: usize = 4;
const MINUTE: u64 = 60_000;
/// A node's clock may be off by so much, ms.
const CLOCK: u64 = 5 * 60 * 1000;
/// Half of what an uptime was is forgotten in 7 days, ms.
const HALF_LIFE: f64 = 7.0 * 86_400_000.0;
/// Of 1,000 messages, so many may be missing at a member that counts as synced.
const MOST_MISSING: u16 = 50;

struct Known {
    announcement: Announcement,
    bytes: Vec<u8>,
    /// Of its last announcements, by this registrar's clock.
    heard: Vec<TimestampMs>,
    /// When it was heard last, or could have been.
    last_heard: TimestampMs,
    /// The last three probes, the newest last.
    probes: Vec<bool>,
    probe_at: TimestampMs,
    probed_at: Option<TimestampMs>,
    /// Share of the time that it answered, of 1,000.
    uptime: f64,
    since: u64,
}

/// All nodes that have announced themselves and were admitted.
pub(crate) struct Collector {
    nodes: BTreeMap<NodeId, Known>,
    admission: Admission,
    network: Bytes32,
    testnet: bool,
    schedule: Schedule,
}

impl Collector {
    pub(crate) fn new(network: Bytes32, testnet: bool, admission: Admission, schedule: Schedule) -> Self {
        Self { nodes: BTreeMap::new(), admission, network, testnet, schedule }
    }

    /// Takes up again what an earlier vote of this registrar listed: nodes do not leave the network
    /// because a registrar restarts.
    pub(crate) fn resume(&mut self, ballots: &[Ballot], now: TimestampMs) {
        for ballot in ballots {
            let running = ballot.flags.has(Flag::Running);
            let known = Known {
                announcement: ballot.announcement.clone(),
                bytes: ballot.bytes.clone(),
                heard: Vec::new(),
                last_heard: now,
                probes: if running { vec![true, true] } else { Vec::new() },
                probe_at: now,
                probed_at: None,
                uptime: ballot.uptime.into(),
                since: ballot.since,
            };
            self.nodes.insert(ballot.announcement.node, known);
        }
    }

    /// Another list of admitted nodes. Those that are no more on it are forgotten.
    pub(crate) fn set_admission(&mut self, admission: Admission) {
        self.admission = admission;
        let Self { nodes, admission, testnet, .. } = self;
        if let Admission::Listed(_) = admission {
            nodes.retain(|node, known| {
                admission.check(node, known.announcement.ip, *testnet, std::iter::empty()).is_ok()
            });
        }
    }

    /// A node's announcement.
    ///
    /// # Errors
    /// 400, 401, 403, 409, 429 with a text; nothing has changed then, but that 429 counts.
    pub(crate) fn announce(&mut self, bytes: &[u8], number: u64, now: TimestampMs) -> Result<(), Rejection> {
        let announcement = Announcement::parse(bytes).map_err(|error| match error {
            Error::Crypto(_) => Rejection::new(401, "announcement signature verification failed"),
            error => Rejection::new(400, format!("invalid announcement: {error}")),
        })?;
        self.check(&announcement)?;
        let full = self.nodes.len() >= MAX_NODES;
        let known = self.nodes.get_mut(&announcement.node);
        if let Some(known) = &known {
            // What was heard before is no news: not counted, so that nobody can use up the
            // rate of a node with its own words.
            if announcement.time <= known.announcement.time {
                return Err(Rejection::new(409, "announcement time is not newer than the last"));
            }
            if known.heard.iter().filter(|heard| now.since(**heard) < MINUTE).count() >= MOST_A_MINUTE {
                return Err(Rejection::too_many_requests());
            }
        }
        if announcement.time.distance(now) > CLOCK {
            return Err(Rejection::new(409, "announcement time is too far from current time"));
        }
        match known {
            Some(known) => {
                known.heard.retain(|heard| now.since(*heard) < MINUTE);
                known.heard.push(now);
                known.last_heard = now;
                known.announcement = announcement;
                known.bytes = bytes.to_vec();
            }
            None if full => {
                return Err(Rejection::new(403, "not admitted: the network is full"));
            }
            None => {
                let known = Known {
                    bytes: bytes.to_vec(),
                    heard: vec![now],
                    last_heard: now,
                    probes: Vec::new(),
                    probe_at: now,
                    probed_at: None,
                    uptime: 0.0,
                    since: number,
                    announcement,
                };
                self.nodes.insert(known.announcement.node, known);
            }
        }
        Ok(())
    }

    fn check(&self, announcement: &Announcement) -> Result<(), Rejection> {
        if announcement.network != self.network {
            return Err(Rejection::new(400, "invalid announcement: it is for another network"));
        }
        let public = is_public(IpAddr::V4(announcement.ip)) && announcement.ipv6.is_none_or(|ip| is_public(ip.into()));
        if !public && !self.testnet {
            return Err(Rejection::new(400, "invalid announcement: the address is not a public one"));
        }
        let others = self.nodes.iter().map(|(node, known)| (*node, known.announcement.ip));
        let admitted = self.admission.check(&announcement.node, announcement.ip, self.testnet, others);
        admitted.map_err(|text| Rejection::new(403, text))
    }

    /// Nodes to be probed now. When each is next cannot be foreseen.
    pub(crate) fn due_probes(&mut self, now: TimestampMs, rng: &mut impl Rng) -> Vec<Announcement> {
        let interval = self.schedule.probe_every();
        let due = self.nodes.values_mut().filter(|known| known.probe_at <= now);
        due.map(|known| {
            // A new node is known sooner.
            let base = if known.probes.len() < 2 { interval / 4 } else { interval };
            known.probe_at = now.plus_ms(base * rng.random_range(70..=130) / 100);
            known.announcement.clone()
        })
        .collect()
    }

    /// How a node answered.
    pub(crate) fn probed(&mut self, node: &NodeId, answered: bool, now: TimestampMs) {
        let Some(known) = self.nodes.get_mut(node) else { return };
        known.probes.push(answered);
        if known.probes.len() > 3 {
            known.probes.remove(0);
        }
        let share = if answered { 1000.0 } else { 0.0 };
        #[allow(clippy::cast_precision_loss, reason = "milliseconds of some days")]
        let kept = known.probed_at.map_or(0.0, |at| 0.5_f64.powf(now.since(at) as f64 / HALF_LIFE));
        known.uptime = known.uptime * kept + share * (1.0 - kept);
        known.probed_at = Some(now);
    }

    /// What this registrar says of all nodes. Those that were silent for long are forgotten.
    pub(crate) fn ballots(&mut self, last: Option<&Consensus>, now: TimestampMs) -> Vec<Ballot> {
        let keep = self.schedule.forget_after();
        self.nodes.retain(|_, known| now.since(known.last_heard) < keep);
        let judge = Judge { collector: self, last };
        self.nodes.values().map(|known| judge.ballot(known, now)).collect()
    }
}

struct Judge<'a> {
    collector: &'a Collector,
    last: Option<&'a Consensus>,
}

impl Judge<'_> {
    fn ballot(&self, known: &Known, now: TimestampMs) -> Ballot {
        let said = &known.announcement;
        let wishes = |wish| said.wishes.contains(&wish);
        let listed = self.last.and_then(|last| last.node(&said.node));
        // A registrar that lost its memory goes on with what all agreed on.
        let since = listed.map_or(known.since, |listed| listed.since.min(known.since));
        let fresh = now.since(said.time) < self.collector.schedule.fresh_for();
        let running = fresh && known.probes.iter().filter(|good| **good).count() >= 2;
        let guard_age = self.last.map_or(u64::MAX, |last| last.params.guard_age_ms());
        let flags = Flags::default()
            .with(Flag::Valid, true)
            .with(Flag::Running, running)
            .with(Flag::Synced, self.is_synced(said))
            .with(Flag::Relay, wishes(Wish::Relay) && said.relay.is_some())
            .with(Flag::Exit, wishes(Wish::Exit))
            .with(Flag::Full, wishes(Wish::Full))
            .with(Flag::Leaving, wishes(Wish::Leaving))
            .with(Flag::Guard, running && now.since(TimestampMs(since.saturating_mul(1000))) >= guard_age);
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "between 0 and 1,000")]
        let uptime = known.uptime.round().clamp(0.0, 1000.0) as u16;
        let operator = self.collector.admission.operator(&said.node);
        Ballot { announcement: said.clone(), bytes: known.bytes.clone(), flags, uptime, since, operator }
    }

    /// It says that it has all of its swarm's data, and no majority of its fellows says otherwise.
    fn is_synced(&self, said: &Announcement) -> bool {
        let Some((swarm, _)) = said.complete else { return false };
        let Some(members) = self.last.and_then(|last| last.swarms.members(swarm)) else { return false };
        let fellows = members.iter().filter(|node| **node != said.node);
        let doubts = fellows.filter_map(|node| self.collector.nodes.get(node)).filter(|fellow| {
            let seen = fellow.announcement.observations.iter().find(|seen| seen.node == said.node);
            seen.is_some_and(|seen| seen.missing > MOST_MISSING)
        });
        members.contains(&said.node) && 2 * doubts.count() < members.len()
    }
}

#[cfg(test)]
mod tests;

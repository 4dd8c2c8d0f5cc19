//! From votes to the one document: the same on every registrar that has the same votes (protocol:
//! servers 6.4).

use std::collections::{BTreeMap, BTreeSet};

use tacit_crypto::blake2b::hash256;
use tacit_wire::consensus::{
    Ballot, Bytes32, Consensus, Flag, Flags, NodeRecord, Params, RegistrarEntry, RegistrarSet, Rotation, Swarms, Vote,
    digest,
};
use tacit_wire::{NodeId, SwarmId, TimestampMs};

use super::assign::{Place, Situation, assign};

/// A document counts for so many periods, and so long at least, ms.
const VALID_PERIODS: u64 = 24;
const VALID_AT_LEAST: u64 = 3 * 60 * 60 * 1000;

/// What a new document follows.
pub(crate) struct Before<'a> {
    /// The network's first registrars.
    pub(crate) first: &'a RegistrarSet,
    pub(crate) network: &'a Bytes32,
    /// The last document and its digest.
    pub(crate) last: Option<(&'a Consensus, Bytes32)>,
}

impl Before<'_> {
    /// Who may vote for document `number`, and how it came to that, by all that is known.
    pub(crate) fn registrars(&self, known: &[Vec<u8>], number: u64) -> (RegistrarSet, Vec<Vec<u8>>) {
        Rotation::follow(self.first, self.network, known, number)
    }

    pub(crate) fn digest(&self) -> Bytes32 {
        self.last.map_or([0; 32], |(_, digest)| digest)
    }
}

/// The document number `number`; `None` if there are too few votes. Votes must be one a registrar.
pub(crate) fn compute(votes: &[&Vote], before: &Before<'_>, number: u64) -> Option<Consensus> {
    let mut known: Vec<Vec<u8>> = before.last.map(|(last, _)| last.rotations.clone()).unwrap_or_default();
    known.extend(votes.iter().flat_map(|vote| vote.rotations.iter().cloned()));
    let (set, rotations) = before.registrars(&known, number);
    let mut votes: Vec<&Vote> = votes
        .iter()
        .copied()
        .filter(|vote| vote.number == number && vote.network == *before.network && vote.previous == before.digest())
        .filter(|vote| set.contains(&vote.certificate.registrar))
        .collect();
    votes.sort_by_key(|vote| vote.certificate.registrar);
    if votes.len() < set.threshold() {
        return None;
    }
    let valid_after = TimestampMs(number * 1000);
    let params = Params::median(votes.iter().map(|vote| &vote.params));
    let random = shared_random(&votes, before, number);
    let (nodes, places) = nodes(&votes, before, &set, &params, valid_after);
    let (swarms, next_swarms) = swarms(before, &nodes, &places, &random, &params);
    let period = params.period_ms();
    Some(Consensus {
        network: *before.network,
        number,
        valid_after,
        fresh_until: valid_after.plus_ms(period.max(1)),
        valid_until: valid_after.plus_ms((period.saturating_mul(VALID_PERIODS)).max(VALID_AT_LEAST)),
        previous: before.digest(),
        random,
        commits: votes.iter().map(|vote| (vote.certificate.registrar, vote.commit)).collect(),
        params,
        nodes,
        swarms,
        next_swarms,
        registrars: registrars(&votes, before, &set, valid_after),
        threshold: set.threshold(),
        rotations,
    })
}

/// Over what the registrars reveal that they committed to in the last document.
fn shared_random(votes: &[&Vote], before: &Before<'_>, number: u64) -> Bytes32 {
    let mut reveals: Vec<Bytes32> = Vec::new();
    if let Some((last, _)) = before.last {
        let kept = |vote: &&&Vote| {
            let commit = last.commits.get(&vote.certificate.registrar);
            vote.reveal.is_some_and(|reveal| commit == Some(&digest(&reveal)))
        };
        reveals.extend(votes.iter().filter(kept).filter_map(|vote| vote.reveal));
    }
    reveals.sort_unstable();
    let last = before.last.map_or([0; 32], |(last, _)| last.random);
    hash256(&[b"tacit-random-1", &last, &number.to_be_bytes(), &reveals.concat()])
}

/// Those that voted, and those of the last document that did not.
fn registrars(votes: &[&Vote], before: &Before<'_>, set: &RegistrarSet, at: TimestampMs) -> Vec<RegistrarEntry> {
    let last = before.last.map(|(last, _)| last.registrars.as_slice()).unwrap_or_default();
    let kept =
        last.iter().filter(|entry| set.contains(&entry.certificate.registrar) && entry.certificate.is_valid_at(at));
    let mut all: BTreeMap<NodeId, RegistrarEntry> =
        kept.map(|entry| (entry.certificate.registrar, entry.clone())).collect();
    for vote in votes {
        let entry = RegistrarEntry { certificate: vote.certificate.clone(), url: vote.url.clone() };
        all.insert(vote.certificate.registrar, entry);
    }
    all.into_values().collect()
}

/// The nodes of the document, and those of them that may be in swarms.
fn nodes(
    votes: &[&Vote],
    before: &Before<'_>,
    set: &RegistrarSet,
    params: &Params,
    at: TimestampMs,
) -> (Vec<NodeRecord>, BTreeMap<NodeId, Place>) {
    let mut listed: BTreeMap<NodeId, Vec<&Ballot>> = BTreeMap::new();
    for ballot in votes.iter().flat_map(|vote| &vote.ballots).filter(|ballot| ballot.flags.has(Flag::Valid)) {
        listed.entry(ballot.announcement.node).or_default().push(ballot);
    }
    listed.retain(|_, ballots| ballots.len() >= set.threshold());
    let started = before.last.is_some_and(|(last, _)| !last.swarms.is_empty());
    let mut places = BTreeMap::new();
    let records = listed.into_iter().map(|(node, ballots)| {
        let record = record(node, &ballots, before, at);
        let absent = record.absent_since.is_some_and(|since| at.since(since) >= params.absent_ms());
        if !absent && !majority(&ballots, Flag::Leaving) {
            let age = at.since(TimestampMs(record.since.saturating_mul(1000)));
            let old_enough = !started || age >= params.swarm_age_ms();
            let place = Place {
                ip: record.ip,
                ipv6: record.ipv6,
                operator: operator(&ballots),
                full: record.flags.has(Flag::Full),
                can_start: record.flags.has(Flag::Running) && old_enough,
            };
            places.insert(node, place);
        }
        record
    });
    (records.collect(), places)
}

fn record(node: NodeId, ballots: &[&Ballot], before: &Before<'_>, at: TimestampMs) -> NodeRecord {
    let said = newest(ballots);
    let all = [Flag::Running, Flag::Synced, Flag::Relay, Flag::Exit, Flag::Guard, Flag::Full];
    let flags = all.into_iter().fold(Flags::default(), |flags, flag| flags.with(flag, majority(ballots, flag)));
    let last = before.last.and_then(|(last, _)| last.node(&node));
    let absent_since = (!flags.has(Flag::Running)).then(|| last.and_then(|last| last.absent_since).unwrap_or(at));
    NodeRecord {
        node,
        ip: said.ip,
        ipv6: said.ipv6,
        https_port: said.https_port,
        peer_port: said.peer_port,
        relay: said.relay,
        version: said.version.clone(),
        flags,
        uptime: u16::try_from(low_median(ballots.iter().map(|ballot| ballot.uptime.into()))).unwrap_or(1000),
        since: low_median(ballots.iter().map(|ballot| ballot.since)),
        absent_since,
    }
}

/// The newest word of a node that two registrars have, or of all when no two have the same. So one
/// registrar alone cannot bring up what the others have not heard.
fn newest<'a>(ballots: &[&'a Ballot]) -> &'a tacit_wire::consensus::Announcement {
    let key = |ballot: &Ballot| {
        let heard = ballots.iter().filter(|other| other.bytes == ballot.bytes).count();
        (heard >= 2, ballot.announcement.time, ballot.bytes.clone())
    };
    // Never empty: a node without ballots is not listed.
    let best =
        ballots.iter().skip(1).fold(ballots[0], |best, ballot| if key(ballot) > key(best) { ballot } else { best });
    &best.announcement
}

fn majority(ballots: &[&Ballot], flag: Flag) -> bool {
    2 * ballots.iter().filter(|ballot| ballot.flags.has(flag)).count() > ballots.len()
}

fn operator(ballots: &[&Ballot]) -> Option<u64> {
    let named: BTreeSet<u64> = ballots.iter().filter_map(|ballot| ballot.operator).collect();
    let says = |operator: u64| ballots.iter().filter(|ballot| ballot.operator == Some(operator)).count();
    named.into_iter().find(|operator| 2 * says(*operator) > ballots.len())
}

fn low_median(numbers: impl Iterator<Item = u64>) -> u64 {
    let mut numbers: Vec<u64> = numbers.collect();
    numbers.sort_unstable();
    numbers.get(numbers.len().saturating_sub(1) / 2).copied().unwrap_or_default()
}

/// Swarms now: as the last document announced them. Swarms next: what follows from them. A network
/// without swarms gets its first at once.
fn swarms(
    before: &Before<'_>,
    nodes: &[NodeRecord],
    places: &BTreeMap<NodeId, Place>,
    random: &Bytes32,
    params: &Params,
) -> (Swarms, Swarms) {
    let last = before.last.map(|(last, _)| last);
    let mut now = last.map(|last| last.swarms.changed_by(&last.next_swarms)).unwrap_or_default();
    now.retain(|node| nodes.binary_search_by(|record| record.node.cmp(node)).is_ok());
    let least = usize::try_from(params.min_swarm()).unwrap_or(usize::MAX);
    let were_weak: BTreeSet<SwarmId> = last
        .iter()
        .flat_map(|last| last.swarms.iter())
        .filter(|(_, members)| members.len() < least)
        .map(|(id, _)| id)
        .collect();
    let follow = |swarms: &Swarms| assign(&Situation { swarms, were_weak: &were_weak, nodes: places, random, params });
    if now.is_empty() {
        now = follow(&now);
    }
    let next = follow(&now);
    let changes = now.changes_to(&next);
    (now, changes)
}

#[cfg(test)]
mod tests;

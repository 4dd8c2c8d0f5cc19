//! Nodes and registrars for the tests of this module.

use std::net::Ipv4Addr;

use tacit_crypto::NodeKeys;
use tacit_wire::consensus::{Announcement, Bytes32, Certificate, Params, RegistrarSet};
use tacit_wire::{NodeId, TimestampMs};

use super::schedule::Schedule;
use super::vote::{Identity, VoteMachine};

/// A moment at which a document of a period of 10 s begins.
pub(super) const START: TimestampMs = TimestampMs(1_790_000_000_000);
pub(super) const SCHEDULE: Schedule = Schedule { period: 10_000 };

pub(super) fn keys(number: u8) -> NodeKeys {
    NodeKeys::from_seed(&[number; 32])
}

pub(super) fn id(number: u8) -> NodeId {
    NodeId(keys(number).ed25519_public())
}

/// What node `number` says of itself.
pub(super) fn announcement(number: u8, network: Bytes32, time: TimestampMs) -> Announcement {
    Announcement {
        node: id(number),
        network,
        ip: Ipv4Addr::new(9, 9, number, 9),
        ipv6: None,
        https_port: 22021,
        peer_port: 22020,
        wishes: Vec::new(),
        relay: None,
        version: "0.1.0".to_owned(),
        time,
        complete: None,
        observations: Vec::new(),
    }
}

/// Registrars 200 and on, of whom a majority must agree.
pub(super) fn registrars(count: u8) -> RegistrarSet {
    let keys = (0..count).map(|number| id(200 + number)).collect();
    RegistrarSet::new(keys, usize::from(count) / 2 + 1).unwrap()
}

/// Registrar 200 + `number`; its signing key is 100 + `number`.
pub(super) fn identity(number: u8) -> Identity {
    let until = START.plus_ms(180 * 86_400_000);
    Identity {
        certificate: Certificate::issue(&keys(200 + number), id(100 + number), START.minus_ms(86_400_000), until),
        signing: keys(100 + number),
        url: format!("https://r{number}.example"),
    }
}

pub(super) fn params() -> Params {
    let mut params = Params::default();
    params.set("absent_ms", 60_000);
    params.set("swarm_age_ms", 0);
    params
}

pub(super) fn machine(number: u8, of: u8) -> VoteMachine {
    VoteMachine::new(identity(number), registrars(of), SCHEDULE, params())
}

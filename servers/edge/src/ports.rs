//! Finding ports for local networks and tests.

use std::collections::BTreeSet;
use std::net::{Ipv4Addr, TcpListener};

use crate::Error;

/// Below what systems give to outgoing connections (32,768 and up on Linux): a program that is
/// down for a moment does not lose its port to somebody's outgoing connection.
const LOWEST: u16 = 20_000;
const HIGHEST: u16 = 32_000;

/// Whether nothing listens on this loopback port.
#[must_use]
pub fn is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// `count` different ports of loopback that are free now, none of them in `taken`.
///
/// # Errors
/// [`Error::NoFreePort`] if the range is used up.
pub fn free_loopback_ports(count: usize, taken: &BTreeSet<u16>) -> Result<Vec<u16>, Error> {
    let range = HIGHEST - LOWEST;
    // Somewhere else in each process and call, so that parallel test runs hardly ever meet.
    let start = {
        use std::hash::{BuildHasher as _, RandomState};
        u16::try_from(RandomState::new().hash_one(std::process::id()) % u64::from(range)).unwrap_or(0)
    };
    let ports: Vec<u16> = (0..range)
        .map(|step| LOWEST + (start + step) % range)
        .filter(|port| !taken.contains(port) && is_free(*port))
        .take(count)
        .collect();
    if ports.len() == count { Ok(ports) } else { Err(Error::NoFreePort(LOWEST, HIGHEST)) }
}

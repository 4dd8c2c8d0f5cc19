//! Nodes for tests.

use std::net::Ipv4Addr;

use tacit_wire::{NodeId, ServiceNode, SwarmId};

/// Node `n`, in a /24 of its own.
pub(crate) fn node(n: u8) -> ServiceNode {
    node_at(n, Ipv4Addr::new(10, 1, n, 7))
}

/// Node `n` at an address.
pub(crate) fn node_at(n: u8, ip: Ipv4Addr) -> ServiceNode {
    ServiceNode {
        ip,
        https_port: 4000 + u16::from(n),
        peer_port: 5000 + u16::from(n),
        ed25519: NodeId([n; 32]),
        x25519: [n ^ 0xff; 32],
        swarm: Some(SwarmId(u64::from(n % 2))),
        version: Some([1, 0, 0]),
    }
}

/// Nodes 1 to `count`.
pub(crate) fn nodes(count: u8) -> Vec<ServiceNode> {
    (1..=count).map(node).collect()
}

/// Lists count as they come.
pub(crate) fn unsigned() -> crate::membership::Membership {
    let profile = tacit_wire::profile::NetworkProfile::session();
    crate::membership::Membership::new(&profile, None).unwrap()
}

//! Limits against overload and abuse.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use tacit_edge::{BodyLimits, ListenerLimits, Rate};

/// Table `[limits]`; the names are explained in [`super::KEYS`].
#[derive(Clone, Debug, Deserialize, Serialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "each is explained by its key")]
pub struct Limits {
    pub connections: usize,
    pub handshake_rate: f64,
    pub handshake_burst: u32,
    pub handshake_seconds: u64,
    pub header_seconds: u64,
    pub idle_seconds: u64,
    pub body_seconds: u64,
    pub body_slowest: usize,
    pub address_rate: f64,
    pub address_burst: u32,
    pub mailbox_store_rate: f64,
    pub mailbox_store_burst: u32,
    pub mailbox_retrieve_rate: f64,
    pub mailbox_retrieve_burst: u32,
    pub rpc_bytes: usize,
    pub peer_rate: f64,
    pub peer_burst: u32,
    pub peer_bytes: f64,
    pub answer_bytes: usize,
    pub onion_bytes: usize,
    pub onion_requests: usize,
    pub onion_per_hop: usize,
    pub replicate_seconds: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 20_000,
            handshake_rate: 10.0,
            handshake_burst: 50,
            handshake_seconds: 5,
            header_seconds: 5,
            idle_seconds: 60,
            body_seconds: 20,
            body_slowest: 16 * 1024,
            address_rate: 300.0,
            address_burst: 600,
            mailbox_store_rate: 20.0,
            mailbox_store_burst: 300,
            mailbox_retrieve_rate: 10.0,
            mailbox_retrieve_burst: 100,
            // Room for the largest message in base64 with its other fields.
            rpc_bytes: 128 * 1024,
            peer_rate: 600.0,
            peer_burst: 1_200,
            peer_bytes: 67_108_864.0,
            answer_bytes: 128 << 20,
            onion_bytes: 256 << 20,
            onion_requests: 4_000,
            onion_per_hop: 1_000,
            replicate_seconds: 5,
        }
    }
}

/// Bytes of an onion request's body at most (protocol: network 4.2).
pub(crate) const ONION_BODY: usize = 10 << 20;
/// The same between nodes, with room for framing.
pub(crate) const PEER_BODY: usize = ONION_BODY + 64 * 1024;

impl Limits {
    /// Of the listener for clients.
    pub(crate) fn clients(&self) -> ListenerLimits {
        ListenerLimits {
            connections: self.connections,
            handshakes: Rate { per_second: self.handshake_rate, burst: self.handshake_burst },
            handshake_timeout: Duration::from_secs(self.handshake_seconds),
            header_timeout: Duration::from_secs(self.header_seconds),
            idle_timeout: Duration::from_secs(self.idle_seconds),
            ..ListenerLimits::default()
        }
    }

    /// Of the listener for other nodes, which keep their connections open.
    pub(crate) fn peers(&self) -> ListenerLimits {
        ListenerLimits {
            idle_timeout: Duration::from_secs(600),
            header_timeout: Duration::from_secs(20),
            streams: 256,
            ping_interval: Some(Duration::from_secs(20)),
            http2_only: true,
            ..self.clients()
        }
    }

    /// Of bodies with at most so many bytes.
    pub(crate) fn body(&self, bytes: usize) -> BodyLimits {
        BodyLimits { bytes, patience: Duration::from_secs(self.body_seconds), slowest: self.body_slowest }
    }

    pub(crate) fn addresses(&self) -> Rate {
        Rate { per_second: self.address_rate, burst: self.address_burst }
    }

    pub(crate) fn mailbox_stores(&self) -> Rate {
        Rate { per_second: self.mailbox_store_rate, burst: self.mailbox_store_burst }
    }

    /// Onion requests of one node.
    pub(crate) fn peers_requests(&self) -> Rate {
        Rate { per_second: self.peer_rate, burst: self.peer_burst }
    }

    /// KiB of onion requests of one node: what it may send in two seconds at once.
    pub(crate) fn peers_kib(&self) -> Rate {
        let per_second = (self.peer_bytes / 1024.0).max(1.0);
        // The largest body must pass.
        let burst = (2.0 * per_second).clamp((PEER_BODY / 1024) as f64, f64::from(u32::MAX));
        Rate { per_second, burst: burst as u32 }
    }

    pub(crate) fn mailbox_retrieves(&self) -> Rate {
        Rate { per_second: self.mailbox_retrieve_rate, burst: self.mailbox_retrieve_burst }
    }
}

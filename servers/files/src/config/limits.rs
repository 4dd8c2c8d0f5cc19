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
    pub connection_rate: f64,
    pub connection_burst: u32,
    pub header_seconds: u64,
    pub idle_seconds: u64,
    pub body_seconds: u64,
    pub body_slowest: usize,
    pub onion_requests: usize,
    pub onion_bytes: usize,
    pub transfers: usize,
    pub upload_rate: u64,
    pub upload_burst: u64,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            connections: 10_000,
            // Requests come from service nodes, each for many clients and each on a connection.
            connection_rate: 100.0,
            connection_burst: 500,
            header_seconds: 5,
            idle_seconds: 60,
            body_seconds: 20,
            body_slowest: 16 * 1024,
            onion_requests: 256,
            onion_bytes: 256 << 20,
            transfers: 256,
            upload_rate: 50_000_000,
            upload_burst: 500_000_000,
        }
    }
}

/// Bytes of an onion request's body at most (protocol: network 4.2).
pub(crate) const ONION_BODY: usize = tacit_wire::onion::MAX_BODY;

impl Limits {
    pub(crate) fn listener(&self) -> ListenerLimits {
        ListenerLimits {
            connections: self.connections,
            handshakes: Rate { per_second: self.connection_rate, burst: self.connection_burst },
            header_timeout: Duration::from_secs(self.header_seconds),
            idle_timeout: Duration::from_secs(self.idle_seconds),
            ..ListenerLimits::default()
        }
    }

    /// Of bodies with at most so many bytes.
    pub(crate) fn body(&self, bytes: usize) -> BodyLimits {
        BodyLimits { bytes, patience: Duration::from_secs(self.body_seconds), slowest: self.body_slowest }
    }
}

//! The time that messages carry: the network's, or the best guess at it.

use std::time::{SystemTime, UNIX_EPOCH};

use tacit_network::Network;
use tacit_wire::TimestampMs;

/// Setting under which the last known offset is kept.
pub(crate) const OFFSET_SETTING: &str = "clock_offset_ms";

/// This device's clock.
pub(crate) fn device_now() -> TimestampMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    TimestampMs(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

/// Network time: as nodes said in this run, else by what they said in an earlier one.
pub(crate) fn network_now(network: &Network, saved_offset_ms: i64) -> TimestampMs {
    if network.status().borrow().clock_samples > 0 {
        network.now()
    } else {
        TimestampMs(device_now().0.saturating_add_signed(saved_offset_ms))
    }
}

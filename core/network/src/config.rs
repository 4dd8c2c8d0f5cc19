//! Time limits and numbers of tries.

use std::time::Duration;

/// How long to wait and how often to try. The default is what the protocol names (network 2, 3);
/// tests shorten it.
#[derive(Clone, Copy, Debug)]
pub struct Config {
    /// Limit of one ordinary request over a path, and of the test of a guard: 10 s.
    pub request_timeout: Duration,
    /// Limit of one request that may bring much: retrieve, batch and sequence: 20 s.
    pub retrieve_timeout: Duration,
    /// Limit of one question to a seed: 5 s.
    pub seed_timeout: Duration,
    /// How long a request waits for a path to open before it ends as offline: 10 s.
    pub connect_wait: Duration,
    /// Tries after the first one that failed: 5, since a network that loses nodes can fail once
    /// on each path before the paths are repaired.
    pub retries: u32,
    /// Longest delay between attempts to connect: 60 s.
    pub longest_delay: Duration,
    /// How often pool, paths and clock are looked after when nothing happens: 30 s.
    pub tick: Duration,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            request_timeout: Duration::from_secs(10),
            retrieve_timeout: Duration::from_secs(20),
            seed_timeout: Duration::from_secs(5),
            connect_wait: Duration::from_secs(10),
            retries: 5,
            longest_delay: Duration::from_secs(60),
            tick: Duration::from_secs(30),
        }
    }
}

//! What the network tells its user: the app's network screen and `tacit path`.

use tacit_wire::ServiceNode;

/// Whether requests can be sent now.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConnectionState {
    /// Not now; the next attempt comes by itself.
    Offline,
    /// An attempt is under way.
    Connecting {
        /// 1 for the first since the start or the last connection.
        attempt: u32,
    },
    /// At least one path carries answers.
    Connected,
}

/// One open path.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PathInfo {
    /// Guard first. As many as the profile says, 3 on the deployed network.
    pub hops: Vec<ServiceNode>,
    /// Failures since the last answer; the path is dropped at the third.
    pub failures: u8,
}

/// A view of the network at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Status {
    /// Whether requests can be sent.
    pub state: ConnectionState,
    /// Nodes known.
    pub pool: usize,
    /// Paths that carry answers.
    pub paths: Vec<PathInfo>,
    /// Network time minus own time, in milliseconds.
    pub clock_offset_ms: i64,
    /// From how many nodes the offset comes; 0 means it is not known yet.
    pub clock_samples: usize,
    /// What went wrong last, without accounts and keys; `None` since the last success.
    pub last_error: Option<String>,
    /// The network's registrars signed two different lists: they were taken over. For ever, in the
    /// words for the user.
    pub alarm: Option<String>,
}

impl Status {
    /// The own clock is more than two minutes off: the user should know (protocol: network 5).
    #[must_use]
    pub fn clock_is_wrong(&self) -> bool {
        self.clock_offset_ms.unsigned_abs() > 120_000
    }
}

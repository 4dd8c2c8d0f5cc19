//! How a client reaches the network: seeds, a pool of service nodes, onion paths behind two kept
//! guards, and requests to the swarm of an account that survive dead nodes, lying nodes, wrong
//! clocks and a network that comes and goes (protocol: network).
//!
//! ```text
//! Network (handle) ── request ──┐                      ┌── http, tls: seeds and guards only
//!                               ├── inner::exchange ───┤
//! upkeep (one owned task) ──────┘          │           └── verdict: what an answer means
//!                                          ▼
//!                         state: pool, paths, swarms, clock   (pure: no I/O, no time of its own)
//! ```
//!
//! All decisions are in `state` and what it holds; they are tested in virtual time. The rest moves
//! bytes. The client connects to nothing but the seeds of the profile, and to guards: candidates
//! for a guard are tested by one direct question about an account that nobody has.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod clock;
mod config;
mod error;
mod files;
mod http;
mod inner;
mod membership;
mod network;
mod path;
mod pool;
mod receipts;
mod request;
mod retry;
mod seeds;
mod server;
mod snapshot;
mod state;
mod status;
mod swarm;
#[cfg(test)]
mod test_nodes;
mod tls;
mod upkeep;
mod verdict;

pub use config::Config;
pub use error::Error;
pub use files::{
    Download, FileInfo, MAX_DOWNLOAD_BYTES, MAX_UPLOAD_BYTES, NextTry, PIECE_BYTES, Pieces, UploadBody, Uploaded,
    next_try,
};
pub use network::Network;
pub use server::{Progress, ServerTarget};
pub use snapshot::NodeCache;
pub use status::{ConnectionState, PathInfo, Status};
pub use swarm::Member;

//! What Tacit's servers share: a listener with limits, bounded reading of bodies, rate limits
//! and budgets, configuration from file, environment and flags, and an orderly start and stop.
//!
//! Nothing here knows a protocol of Tacit's: handlers are given requests and give answers. No
//! address of a client is ever written anywhere; [`Origin`] has no `Debug` for that reason.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod body;
mod budget;
pub mod config;
mod connection;
mod identity;
mod listener;
mod log;
mod ports;
mod private_file;
mod rate;
mod ready;
mod seed;
mod stop;
mod supervisor;
mod turns;

pub use body::{BodyError, BodyLimits, BodyReader, read_body};
pub use budget::{Budget, Reservation};
pub use connection::Origin;
pub use identity::{client_facing_tls, ensure_certificate, ring_provider};
pub use listener::{Answer, Listener, ListenerLimits};
pub use log::start_log;
pub use ports::{free_loopback_ports, is_free};
pub use private_file::{read_private, write_private};
pub use rate::{Rate, RateLimiter, address_key};
pub use ready::print_ready;
pub use seed::{read_or_make_seed, read_seed};
pub use stop::{StopReason, until_stopped};
pub use supervisor::Supervisor;

/// Everything that goes wrong in this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A file or folder could not be read or written.
    #[error("{path}: {source}")]
    File {
        /// The file or folder.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// A file with a secret can be read by others than its owner.
    #[error("{0} can be read by others: run `chmod 600` on it")]
    Exposed(std::path::PathBuf),
    /// A file that should hold the seed of a key holds something else.
    #[error("{0}: not 64 hexadecimal digits")]
    Seed(std::path::PathBuf),
    /// The system gives no randomness.
    #[error("the system gives no randomness")]
    Random,
    /// The address is in use or not ours.
    #[error("cannot listen on {address}: {source}")]
    Bind {
        /// The address that was asked for.
        address: std::net::SocketAddr,
        /// What the system said.
        source: std::io::Error,
    },
    /// Key or certificate cannot be used.
    #[error("certificate: {0}")]
    Certificate(String),
    /// TLS was refused to be set up.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// Signals of the system cannot be waited for.
    #[error("signals: {0}")]
    Signals(std::io::Error),
    /// No run of free ports was found.
    #[error("found no free port between {0} and {1}")]
    NoFreePort(u16, u16),
}

impl Error {
    pub(crate) fn file(path: &std::path::Path, source: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }
}

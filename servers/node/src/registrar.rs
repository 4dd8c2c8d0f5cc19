//! A registrar: one of several small servers that together say who belongs to a network
//! (protocol: servers 6).
//!
//! [`collect`] hears what nodes say of themselves, [`vote`] comes to one document with the other
//! registrars, [`compute`] and [`assign`] make it: all without sockets or clock. The rest carries
//! messages and keeps files.

mod admission;
mod assign;
mod collect;
mod compute;
mod config;
mod desk;
mod folder;
mod probe;
mod schedule;
mod server;
#[cfg(test)]
mod testing;
mod vote;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use tacit_edge::{Listener, ListenerLimits, Rate, client_facing_tls, ensure_certificate};
use tacit_wire::NodeId;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::Error;

pub use config::{KEYS, RegistrarConfig};
pub use folder::{admit, certify, init};
pub(crate) use schedule::Schedule;

use desk::Desk;

/// What is left to requests in flight when it stops.
const GRACE: Duration = Duration::from_secs(3);

/// A running registrar.
pub struct Registrar {
    desk: Arc<Desk>,
    listener: Listener,
    tasks: TaskTracker,
    stop: CancellationToken,
}

impl Registrar {
    /// Reads keys and what was agreed before, and listens.
    ///
    /// # Errors
    /// See [`Error`]: each says what to put right.
    pub async fn start(config: RegistrarConfig) -> Result<Self, Error> {
        let (certificate, key) = ensure_certificate(&config.data_dir)?;
        let tls = client_facing_tls(certificate, key)?;
        let (listen, handshakes) = (config.listen, Rate { per_second: config.rate, burst: config.burst });
        let limits = ListenerLimits { handshakes, ..ListenerLimits::default() };
        let desk = Arc::new(Desk::open(config)?);
        let handler = {
            let desk = Arc::clone(&desk);
            move |request, origin| server::serve(Arc::clone(&desk), request, origin)
        };
        let listener = Listener::start(listen, tls, limits, handler).await?;
        let registrar = Self { desk, listener, tasks: TaskTracker::new(), stop: CancellationToken::new() };
        registrar.spawn(desk::run(Arc::clone(&registrar.desk)));
        registrar.spawn(probe::run(Arc::clone(&registrar.desk)));
        tracing::info!(id = %registrar.id(), "registrar is up");
        Ok(registrar)
    }

    fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let stop = self.stop.clone();
        self.tasks.spawn(async move {
            tokio::select! {
                () = task => (),
                () = stop.cancelled() => (),
            }
        });
    }

    /// Its identity key.
    #[must_use]
    pub fn id(&self) -> NodeId {
        self.desk.id
    }

    /// Where it listens.
    #[must_use]
    pub fn address(&self) -> SocketAddr {
        self.listener.address()
    }

    /// Takes no more requests and ends. What it signed and voted is on the disk already.
    pub async fn shutdown(self) {
        self.stop.cancel();
        self.tasks.close();
        tokio::join!(self.listener.stop(GRACE), self.tasks.wait());
    }
}

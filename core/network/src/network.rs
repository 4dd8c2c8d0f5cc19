//! The handle.

use std::sync::atomic::Ordering;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde_json::Value;
use tacit_wire::profile::{FileServer, NetworkProfile};
use tacit_wire::{AccountId, NodeId, ServiceNode, TimestampMs, rpc, v4};
use tokio::sync::watch;
use tokio::task::JoinHandle;

use crate::config::Config;
use crate::error::Error;
use crate::inner::Inner;
use crate::receipts;
use crate::server::{Progress, Question, ServerTarget};
use crate::snapshot::NodeCache;
use crate::status::Status;
use crate::swarm::Member;
use crate::upkeep;

/// The network as one account's client uses it. Clones share everything; when the last one is
/// dropped, or after [`Network::shutdown`], nothing of it runs on.
#[derive(Clone)]
pub struct Network {
    handle: Arc<Handle>,
}

struct Handle {
    inner: Arc<Inner>,
    upkeep: Mutex<Option<JoinHandle<()>>>,
}

impl Drop for Handle {
    fn drop(&mut self) {
        self.inner.cancel.cancel();
        if let Some(task) = self.upkeep.lock().unwrap_or_else(PoisonError::into_inner).take() {
            task.abort();
        }
    }
}

impl Network {
    /// Starts with the pool and guards of the cache, if there are any, and keeps trying by itself
    /// until the network is there: to be offline is no error. Must be called within a Tokio
    /// runtime with time and I/O.
    ///
    /// # Errors
    /// [`Error::Profile`] for an unusable profile, [`Error::Setup`] when TLS cannot be set up.
    #[allow(clippy::needless_pass_by_value)] // The profile is the network's from here on.
    pub fn start(profile: NetworkProfile, cache: Arc<dyn NodeCache>, config: Config) -> Result<Self, Error> {
        let inner = Arc::new(Inner::new(&profile, cache, config)?);
        let task = tokio::spawn(upkeep::run(Arc::clone(&inner)));
        Ok(Self { handle: Arc::new(Handle { inner, upkeep: Mutex::new(Some(task)) }) })
    }

    /// Stores a message on the account's swarm. `build` makes it for each try with the network's
    /// time at that moment. The answer's receipts are checked: those that the members did not sign
    /// stand in it as failed, and there is at least one good one.
    ///
    /// # Errors
    /// [`Error::Status`] when a node refused for good, [`Error::NoAnswer`] and [`Error::Offline`]
    /// when it may be tried later; the message may be stored nevertheless.
    pub async fn store(
        &self,
        account: &AccountId,
        build: impl Fn(TimestampMs) -> rpc::Store + Send + Sync,
    ) -> Result<rpc::StoreAnswer, Error> {
        let build = |now, _: &NodeId| rpc::Request::Store(build(now));
        let (_, body) = self.checked(account, Member::Any, build, receipts::check_store).await?;
        rpc::answer_from(body).map_err(|_| Error::NoAnswer { tries: 1, last: "the answer to a store was malformed" })
    }

    /// Sends a request to a member of the account's swarm, and gives back which member answered
    /// and the JSON of its answer. `build` is called for each try with the network's time at that
    /// moment and the member it goes to, since cursors (`last_hash`) are per node.
    ///
    /// Wrong swarms, wrong clocks, busy nodes and failures of paths are handled here. In a batch
    /// or sequence every part may still have failed in its own way; parts that met the wrong swarm
    /// or a wrong clock made the whole go out again, so they must bear repetition.
    ///
    /// # Errors
    /// As [`Network::store`].
    pub async fn rpc(
        &self,
        account: &AccountId,
        member: Member,
        build: impl Fn(TimestampMs, &NodeId) -> rpc::Request + Send + Sync,
    ) -> Result<(NodeId, Value), Error> {
        self.checked(account, member, build, |_, _| Ok(())).await
    }

    async fn checked(
        &self,
        account: &AccountId,
        member: Member,
        build: impl Fn(TimestampMs, &NodeId) -> rpc::Request + Send + Sync,
        check: impl Fn(&rpc::Request, &mut Value) -> Result<(), &'static str> + Send + Sync,
    ) -> Result<(NodeId, Value), Error> {
        let inner = &self.handle.inner;
        tokio::select! {
            biased;
            () = inner.cancel.cancelled() => Err(Error::Closed),
            result = inner.request(account, member, build, check) => result,
        }
    }

    /// The members of the account's swarm.
    ///
    /// # Errors
    /// [`Error::NoSwarm`] when the network names none, else as [`Network::store`].
    pub async fn swarm(&self, account: &AccountId) -> Result<Vec<ServiceNode>, Error> {
        let inner = &self.handle.inner;
        tokio::select! {
            biased;
            () = inner.cancel.cancelled() => Err(Error::Closed),
            result = inner.members(account) => result,
        }
    }

    /// Sends a request to a server outside the network, and gives its answer, whatever its status.
    /// It is sent again over another path when no answer comes, so it must bear repetition;
    /// `timeout` is that of one try.
    ///
    /// # Errors
    /// [`Error::TooLarge`], [`Error::NoAnswer`], [`Error::Offline`].
    pub async fn server(
        &self,
        target: &ServerTarget,
        request: v4::Request,
        timeout: Duration,
    ) -> Result<v4::Response, Error> {
        self.ask_server(target, Question { request, body: None }, timeout, None).await
    }

    pub(crate) async fn ask_server(
        &self,
        target: &ServerTarget,
        question: Question,
        timeout: Duration,
        progress: Option<Progress>,
    ) -> Result<v4::Response, Error> {
        let inner = &self.handle.inner;
        tokio::select! {
            biased;
            () = inner.cancel.cancelled() => Err(Error::Closed),
            result = inner.ask_server(target, question, timeout, progress) => result,
        }
    }

    /// Where the network keeps files, if anywhere.
    #[must_use]
    pub fn file_server(&self) -> Option<&FileServer> {
        self.handle.inner.file_server.as_ref()
    }

    /// The network's time: the own clock and the offset that nodes' answers gave.
    #[must_use]
    pub fn now(&self) -> TimestampMs {
        self.handle.inner.now()
    }

    /// The status now and from now on.
    #[must_use]
    pub fn status(&self) -> watch::Receiver<Status> {
        self.handle.inner.status.subscribe()
    }

    /// The device changed its network or woke up: open connections are given up, and the next
    /// attempt comes at once.
    pub fn network_changed(&self) {
        let inner = &self.handle.inner;
        inner.guards.reconnect();
        inner.hurry.store(true, Ordering::Relaxed);
        inner.wake.notify_one();
    }

    /// Ends all requests with [`Error::Closed`], saves pool and guards, and returns when nothing
    /// runs any more. Other clones of the handle are of no use afterwards.
    pub async fn shutdown(self) {
        self.handle.inner.cancel.cancel();
        let task = self.handle.upkeep.lock().unwrap_or_else(PoisonError::into_inner).take();
        if let Some(task) = task
            && task.await.is_err()
        {
            tracing::error!("the upkeep of the network ended badly");
        }
    }
}

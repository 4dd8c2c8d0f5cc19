//! What the handle, its requests and the upkeep share: the state behind a lock that is never held
//! over a wait, the clients, and one exchange over one route.

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use tacit_crypto::EncType;
use tacit_wire::profile::{FileServer, NetworkProfile};
use tacit_wire::{AccountId, ServiceNode, TimestampMs, onion, rpc};
use tokio::sync::{Notify, watch};
use tokio_util::sync::CancellationToken;

use crate::config::Config;
use crate::error::Error;
use crate::http::GuardClient;
use crate::membership::Membership;
use crate::path::{PathRules, Route};
use crate::pool::PoolRules;
use crate::seeds::Seeds;
use crate::snapshot::{NodeCache, Snapshot};
use crate::state::State;
use crate::status::{ConnectionState, PathInfo, Status};
use crate::verdict::{Carried, Said, carried, network_time, said};

pub(crate) struct Inner {
    pub config: Config,
    pub guards: GuardClient,
    pub seeds: Seeds,
    pub cache: Arc<dyn NodeCache>,
    pub cancel: CancellationToken,
    /// Wakes the upkeep: something is in need of repair, or a request waits for a path.
    pub wake: Notify,
    /// Set by `network_changed`: the next attempt comes at once.
    pub hurry: AtomicBool,
    /// Counts changes that a waiting request should look at.
    pub epoch: watch::Sender<u64>,
    pub status: watch::Sender<Status>,
    pub sync: tokio::sync::Mutex<Option<tokio::time::Instant>>,
    pub file_server: Option<FileServer>,
    state: Mutex<State>,
    offset: AtomicI64,
}

/// What one exchange over one route ended with.
pub(crate) enum Exchange {
    /// The destination answered.
    Said(Said),
    /// It did not, and which part of the route failed is already counted.
    Lost { why: &'static str, guard_only: bool },
    /// The request is too large for an onion.
    TooLarge,
}

impl Inner {
    pub fn new(profile: &NetworkProfile, cache: Arc<dyn NodeCache>, config: Config) -> Result<Self, Error> {
        let pool = PoolRules {
            min_pool: profile.min_pool,
            min_common: profile.min_common,
            public_addresses: profile.distinct_subnets,
        };
        let paths = PathRules { length: profile.path_length, distinct_subnets: profile.distinct_subnets };
        let kept = cache.load().and_then(|bytes| Snapshot::from_bytes(&bytes));
        let membership = Membership::new(profile, kept.as_ref().and_then(|kept| kept.consensus.as_ref()))?;
        let state = State::new(pool, paths, membership, kept);
        let status = Status {
            state: ConnectionState::Connecting { attempt: 1 },
            pool: state.pool.len(),
            paths: Vec::new(),
            clock_offset_ms: 0,
            clock_samples: 0,
            last_error: None,
            alarm: None,
        };
        Ok(Self {
            config,
            guards: GuardClient::new(config.request_timeout)?,
            seeds: Seeds::new(profile, config)?,
            cache,
            cancel: CancellationToken::new(),
            wake: Notify::new(),
            hurry: AtomicBool::new(false),
            epoch: watch::Sender::new(0),
            status: watch::Sender::new(status),
            sync: tokio::sync::Mutex::new(None),
            file_server: profile.file_server.clone(),
            state: Mutex::new(state),
            offset: AtomicI64::new(0),
        })
    }

    /// The state; never keep it over an await.
    pub fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// The network's time.
    pub fn now(&self) -> TimestampMs {
        TimestampMs(own_now().0.saturating_add_signed(self.offset.load(Ordering::Relaxed)))
    }

    /// Sends one request over one route, and tells the state how it went.
    pub async fn exchange(
        &self,
        route: &Route,
        destination: &ServiceNode,
        account: Option<&AccountId>,
        request: &rpc::Request,
    ) -> Exchange {
        let parts = matches!(request, rpc::Request::Batch(_) | rpc::Request::Sequence(_));
        let hops: Vec<onion::Hop<'_>> = route.hops.iter().map(ServiceNode::hop).collect();
        let Some(guard) = route.hops.first() else { return Exchange::TooLarge };
        let body = request.to_body();
        let packet = onion::build_to_node(EncType::XChaCha20, &hops, &destination.hop(), &body, &mut rand::rng());
        let packet = match packet {
            Ok(packet) => packet,
            Err(tacit_wire::Error::TooLong { .. }) => return Exchange::TooLarge,
            Err(_) => {
                // A list or a swarm named a key no layer can be sealed to.
                self.state().path_failed(route, &destination.ed25519, &mut rand::rng());
                self.publish(None);
                return Exchange::Lost { why: "a node's key is unusable", guard_only: false };
            }
        };
        let sent = own_now();
        let answer = self.guards.onion(guard, packet.body.into(), self.limit(request)).await;
        let received = own_now();
        let carried = carried(answer, &packet.reply_key);
        let heard = match carried {
            Carried::Answer { status, body } => Ok(said(status, &body, parts)),
            other => Err(other),
        };
        self.count(route, destination, account, heard, sent, received)
    }

    fn count(
        &self,
        route: &Route,
        destination: &ServiceNode,
        account: Option<&AccountId>,
        heard: Result<Said, Carried>,
        sent: TimestampMs,
        received: TimestampMs,
    ) -> Exchange {
        let rng = &mut rand::rng();
        let mut state = self.state();
        let exchange = match heard {
            Ok(said) => {
                state.answered(route, rng);
                match &said {
                    Said::Done(value) => {
                        state.pool.answered(&destination.ed25519);
                        if let Some(time) = network_time(value) {
                            state.clock.observe(destination.ed25519, time, sent, received);
                        }
                    }
                    // A node that limits us is alive, and so is one that sends us elsewhere.
                    Said::Busy { status: 429, .. } => {}
                    Said::Busy { .. } | Said::Nonsense(_) => {
                        state.strike(&destination.ed25519, rng);
                    }
                    Said::WrongSwarm(_) | Said::WrongClock { .. } | Said::Refused { .. } => {
                        state.pool.answered(&destination.ed25519);
                    }
                }
                Exchange::Said(said)
            }
            Err(Carried::NodeRefused(node)) => {
                state.node_refused(route, &destination.ed25519, account, &node, rng);
                Exchange::Lost { why: "a node on the way is unknown or not ready", guard_only: false }
            }
            Err(Carried::PathFailed(why)) => {
                state.path_failed(route, &destination.ed25519, rng);
                Exchange::Lost { why, guard_only: false }
            }
            Err(Carried::Unreachable(why)) => {
                state.unreachable(route);
                Exchange::Lost { why, guard_only: true }
            }
            Err(Carried::Answer { .. }) => Exchange::Lost { why: "the answer was lost", guard_only: false },
        };
        self.offset.store(state.clock.offset(), Ordering::Relaxed);
        drop(state);
        match &exchange {
            Exchange::Lost { why, .. } => {
                tracing::debug!(guard = %short(&route.hops), why, "an onion request failed");
                self.publish(Some(why));
                self.wake.notify_one();
            }
            Exchange::Said(_) | Exchange::TooLarge => self.publish(None),
        }
        exchange
    }

    fn limit(&self, request: &rpc::Request) -> Duration {
        match request {
            rpc::Request::Retrieve(_) | rpc::Request::Batch(_) | rpc::Request::Sequence(_) => {
                self.config.retrieve_timeout
            }
            _ => self.config.request_timeout,
        }
    }

    /// Brings the status up to the state. `error` is what went wrong, `None` when something went
    /// well.
    pub fn publish(&self, error: Option<&str>) {
        let state = self.state();
        let connected = state.paths.connected();
        let paths: Vec<PathInfo> = state
            .paths
            .iter()
            .filter(|p| p.proven)
            .map(|p| PathInfo {
                hops: p.hops.iter().filter_map(|id| state.pool.get(id)).cloned().collect(),
                failures: p.trouble(),
            })
            .collect();
        let (pool, offset) = (state.pool.len(), state.clock.offset());
        let samples = state.clock.samples();
        let alarm = state.membership.alarm().cloned();
        drop(state);
        let changed = self.status.send_if_modified(|status| {
            let before = status.clone();
            status.pool = pool;
            status.alarm = alarm;
            status.paths = paths;
            // Milliseconds of jitter are no news to anybody who watches.
            if status.clock_samples != samples || status.clock_offset_ms.abs_diff(offset) > 500 {
                status.clock_offset_ms = offset;
                status.clock_samples = samples;
            }
            if connected {
                status.state = ConnectionState::Connected;
            } else if status.state == ConnectionState::Connected {
                status.state = ConnectionState::Connecting { attempt: 1 };
            }
            match error {
                Some(text) => status.last_error = Some(text.to_owned()),
                None if connected => status.last_error = None,
                None => {}
            }
            *status != before
        });
        if changed {
            self.epoch.send_modify(|epoch| *epoch = epoch.wrapping_add(1));
        }
    }

    /// Says how an attempt to connect stands, while no path carries answers.
    pub fn publish_attempt(&self, attempt: Option<u32>) {
        self.status.send_if_modified(|status| {
            let state = match attempt {
                Some(attempt) => ConnectionState::Connecting { attempt },
                None => ConnectionState::Offline,
            };
            let changes = status.state != ConnectionState::Connected && status.state != state;
            if changes {
                status.state = state;
            }
            changes
        });
    }
}

/// The own clock.
pub(crate) fn own_now() -> TimestampMs {
    let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    TimestampMs(u64::try_from(since.as_millis()).unwrap_or(u64::MAX))
}

fn short(hops: &[ServiceNode]) -> String {
    hops.first().map(|n| n.ed25519.to_hex().chars().take(8).collect()).unwrap_or_default()
}

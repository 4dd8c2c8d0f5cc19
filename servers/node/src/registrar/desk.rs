//! The shell around the machines: files, messages to other registrars, time.

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock};
use std::time::Duration;

use tacit_edge::{Rate, RateLimiter};
use tacit_wire::NodeId;
use tacit_wire::bencode::Value;
use tacit_wire::consensus::{Bytes32, Consensus, MAX_REGISTRARS, MAX_VOTE, RegistrarSet, SignedConsensus, Vote};

use super::admission::Admission;
use super::collect::Collector;
use super::config::RegistrarConfig;
use super::folder;
use super::vote::{Action, VoteMachine};
use crate::https::Https;
use crate::membership::{Document, Published, View};
use crate::node::read_profile;
use crate::{Error, now};

/// A running registrar, as its handlers see it.
pub(super) struct Desk {
    pub(super) id: NodeId,
    pub(super) network: Bytes32,
    pub(super) signing: tacit_crypto::NodeKeys,
    pub(super) published: Published,
    pub(super) addresses: RateLimiter<[u8; 8]>,
    pub(super) https: Https,
    state: Mutex<State>,
    view: RwLock<Arc<View>>,
    dir: PathBuf,
    /// Where the others answer, by the profile.
    others: Vec<String>,
    url: String,
    /// Looks at the clock so often.
    step: Duration,
}

/// Questions whose answers may lead to further ones.
type Errand = Pin<Box<dyn Future<Output = ()> + Send>>;

pub(super) struct State {
    pub(super) machine: VoteMachine,
    pub(super) nodes: Collector,
    admitted: String,
}

impl Desk {
    pub(super) fn open(config: RegistrarConfig) -> Result<Self, Error> {
        let dir = config.data_dir.clone();
        let profile = read_profile(&config.network)?;
        let wrong = |source| Error::Profile { path: config.network.clone(), source };
        let set = RegistrarSet::of_profile(&profile).map_err(wrong)?;
        let set = set.ok_or_else(|| Error::Registrar("the network profile names no registrars".to_owned()))?;
        let identity = folder::identity(&dir, &config.url)?;
        let id = identity.certificate.registrar;
        let rotations = folder::rotations(&dir);
        if !set.contains(&id) && rotations.is_empty() {
            return Err(Error::Registrar(format!("the network profile does not name this one ({id})")));
        }
        let kept = folder::kept(&dir)?;
        let network = set.digest();
        let mut admitted = String::new();
        let admission = folder::admission(&dir, &mut admitted)?.unwrap_or(Admission::Listed(Default::default()));
        let mut nodes = Collector::new(network, profile.testnet, admission, config.schedule());
        if let Some(vote) = kept.vote.as_ref().and_then(|bytes| Vote::parse(bytes).ok()) {
            nodes.resume(&vote.ballots, now());
        }
        let signing = identity.signing.clone();
        let mut machine = VoteMachine::new(identity, set, config.schedule(), config.params());
        machine.set_rotations(rotations);
        machine.resume(kept);
        let desk = Self {
            id,
            network,
            signing,
            published: Published::default(),
            addresses: RateLimiter::new(Rate { per_second: config.rate, burst: config.burst }),
            https: Https::new()?,
            view: RwLock::new(Arc::new(View::new(Vec::new(), id))),
            others: profile.registrars.iter().map(|other| other.url.trim_end_matches('/').to_owned()).collect(),
            step: Duration::from_millis((config.schedule().period / 50).clamp(20, 500)),
            url: config.url,
            state: Mutex::new(State { machine, nodes, admitted }),
            dir,
        };
        let last = desk.state().machine.signed().cloned();
        if let Some(signed) = last {
            desk.show(&signed);
        }
        Ok(desk)
    }

    /// The machines; never keep them over an await.
    pub(super) fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// What is answered to those who ask for the list of nodes.
    pub(super) fn view(&self) -> Arc<View> {
        Arc::clone(&self.view.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn show(&self, signed: &SignedConsensus) {
        self.published.set(signed);
        if let Ok(consensus) = Consensus::parse(&signed.body) {
            let view = View::of_document(&Document::new(consensus, signed.clone()), self.id);
            *self.view.write().unwrap_or_else(PoisonError::into_inner) = Arc::new(view);
        }
    }

    /// The other registrars, by the profile and the last document.
    fn others(&self) -> BTreeSet<String> {
        let mut all: BTreeSet<String> = self.others.iter().cloned().collect();
        if let Some(last) = self.state().machine.consensus() {
            all.extend(last.registrars.iter().map(|entry| entry.url.clone()));
        }
        all.remove(&self.url);
        all
    }

    /// Does what a machine decided, in order. What cannot be kept is not sent either.
    pub(super) async fn carry_out(self: &Arc<Self>, actions: Vec<Action>) {
        for action in actions {
            let desk = Arc::clone(self);
            let done = match action {
                Action::KeepVote(bytes) => self.keep(move |desk| folder::keep(&desk.dir, "vote", &bytes)).await,
                Action::KeepSigned(number, digest) => {
                    self.keep(move |desk| folder::keep_signed(&desk.dir, number, &digest)).await
                }
                Action::Publish(signed) => {
                    self.show(&signed);
                    let bytes = signed.to_bytes();
                    self.keep(move |desk| folder::keep(&desk.dir, "consensus", &bytes)).await
                }
                Action::SendVote(number, bytes) => self.send(&format!("/registrar/1/vote/{number}"), &bytes),
                Action::SendEndorsement(number, bytes) => {
                    self.send(&format!("/registrar/1/signature/{number}"), &bytes)
                }
                Action::FetchVotes(number) => {
                    tokio::spawn(desk.fetch_votes(number));
                    Ok(())
                }
                Action::FetchConsensus => {
                    tokio::spawn(desk.fetch_consensus());
                    Ok(())
                }
                Action::Alarm(text) => {
                    tracing::error!("{text}");
                    Ok(())
                }
            };
            if let Err(error) = done {
                tracing::error!(%error, "the registrar cannot go on with this round");
                return;
            }
        }
    }

    async fn keep(
        self: &Arc<Self>,
        write: impl FnOnce(&Self) -> Result<(), Error> + Send + 'static,
    ) -> Result<(), Error> {
        let desk = Arc::clone(self);
        let written = tokio::task::spawn_blocking(move || write(&desk)).await;
        written.unwrap_or_else(|_| Err(Error::Registrar("writing broke off".to_owned())))
    }

    fn send(self: &Arc<Self>, path: &str, bytes: &[u8]) -> Result<(), Error> {
        for url in self.others() {
            let (https, url, bytes) = (self.https.clone(), format!("{url}{path}"), bytes.to_vec());
            tokio::spawn(async move {
                match https.put(&url, bytes).await {
                    Some((200, _)) => {}
                    Some((status, text)) => {
                        let text = String::from_utf8_lossy(&text).into_owned();
                        tracing::warn!(status, text, "another registrar refuses a message");
                    }
                    None => tracing::warn!("another registrar does not answer"),
                }
            });
        }
        Ok(())
    }

    fn fetch_votes(self: Arc<Self>, number: u64) -> Errand {
        Box::pin(async move {
            for url in self.others() {
                let url = format!("{url}/registrar/1/votes/{number}");
                let Some(list) = self.https.get(&url, MAX_REGISTRARS * MAX_VOTE).await else { continue };
                for vote in read_votes(&list) {
                    let taken = self.state().machine.take_vote(number, vote, now());
                    self.carry_out(taken.unwrap_or_default()).await;
                }
            }
        })
    }

    fn fetch_consensus(self: Arc<Self>) -> Errand {
        Box::pin(async move {
            for url in self.others() {
                let known = self.state().machine.signed().cloned();
                let Some(signed) = self.https.consensus(&url, known.as_ref()).await else { continue };
                let taken = self.state().machine.take_consensus(signed, now());
                self.carry_out(taken.unwrap_or_default()).await;
            }
        })
    }

    /// Reads the list of admitted nodes again if its file has changed.
    fn look_at_admission(&self) {
        let mut state = self.state();
        let mut admitted = std::mem::take(&mut state.admitted);
        match folder::admission(&self.dir, &mut admitted) {
            Ok(Some(admission)) => state.nodes.set_admission(admission),
            Ok(None) => {}
            Err(error) => tracing::warn!(%error, "the last list of admitted nodes still counts"),
        }
        state.admitted = admitted;
    }
}

/// The votes of a list, as they were signed.
fn read_votes(list: &[u8]) -> Vec<&[u8]> {
    // Each is a byte string: no more values than votes, and their list.
    let Ok(list) = Value::parse_up_to(list, 2 * MAX_REGISTRARS + 1) else { return Vec::new() };
    let Value::List(votes) = list else { return Vec::new() };
    let bytes = votes.into_iter().filter_map(|vote| match vote {
        Value::Bytes(std::borrow::Cow::Borrowed(bytes)) => Some(bytes),
        _ => None,
    });
    bytes.collect()
}

/// Time goes on, in small steps.
pub(super) async fn run(desk: Arc<Desk>) {
    Arc::clone(&desk).fetch_consensus().await;
    let mut count = 0_u32;
    loop {
        let actions = {
            let state = &mut *desk.state();
            state.machine.tick(now(), &mut state.nodes)
        };
        desk.carry_out(actions).await;
        if count.is_multiple_of(10) {
            desk.look_at_admission();
        }
        count = count.wrapping_add(1);
        tokio::time::sleep(desk.step).await;
    }
}

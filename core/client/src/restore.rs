//! An account comes back from its phrase: what the swarm has of it, in the order in which a person
//! wants to see it (protocol: config 4, messages 5.1). The name first, asked of all members; then
//! contacts with read states and groups; then the messages of the last days.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tacit_config::groups;
use tacit_network::ConnectionState;
use tacit_store::{Folder, Store};
use tacit_wire::Namespace;
use tokio::sync::watch;
use tokio::time::{Instant, sleep};

use crate::Error;
use crate::client::{Client, Inner};
use crate::conversations::LIST_LIMIT;
use crate::poller::Scope;

/// Set while the account was not brought back in full.
pub(crate) const RESTORING_SETTING: &str = "restoring";

/// How long a person waits before they are told that there is no connection.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long members that did not answer are asked again before nothing was found.
const LAGGING: Duration = Duration::from_secs(15);
const PAUSE: Duration = Duration::from_secs(2);

/// What is being fetched.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default)]
pub enum RestoreStep {
    /// A path through the network is built.
    Path,
    /// The swarm of the account is looked up.
    Swarm,
    /// Name and picture.
    Profile,
    /// Contacts, their settings and what was read.
    Contacts,
    /// Groups and communities.
    Groups,
    /// Messages that the swarm still has.
    Messages,
    /// Nothing: all is here, or the account was not restored.
    #[default]
    Done,
}

/// What came of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RestoreOutcome {
    /// The account is back.
    Found,
    /// The swarm knows nothing of it: it is new, or was not used for over a month.
    Nothing,
    /// There is no connection; it goes on by itself when there is.
    Offline,
}

/// How far it is.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RestoreProgress {
    /// What is being fetched.
    pub step: RestoreStep,
    /// What came of it, once that is known; it may change from offline to another.
    pub outcome: Option<RestoreOutcome>,
    /// What is there so far.
    pub found: RestoredAccount,
}

/// What was brought back.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RestoredAccount {
    /// Our own name.
    pub name: String,
    /// People whom we approved.
    pub contacts: u32,
    /// Groups, also those that nobody can write to any more.
    pub groups: u32,
    /// Rooms of communities.
    pub communities: u32,
    /// Conversations in the list.
    pub conversations: u32,
    /// Messages.
    pub messages: u32,
}

/// What the task and those who watch it share.
pub(crate) struct Restore {
    running: AtomicBool,
    progress: watch::Sender<RestoreProgress>,
}

impl Restore {
    pub(crate) fn new(running: bool) -> Self {
        let step = if running { RestoreStep::Path } else { RestoreStep::Done };
        let progress = watch::Sender::new(RestoreProgress { step, ..RestoreProgress::default() });
        Self { running: AtomicBool::new(running), progress }
    }

    pub(crate) fn is_running(&self) -> bool {
        self.running.load(Ordering::Relaxed)
    }

    fn tell(&self, change: impl FnOnce(&mut RestoreProgress)) {
        self.progress.send_modify(change);
    }
}

impl Client {
    /// How the restoring of the account stands, now and from now on.
    #[must_use]
    pub fn restore_progress(&self) -> watch::Receiver<RestoreProgress> {
        self.inner.restore.progress.subscribe()
    }

    /// Looks for the account once more, after nothing was found.
    pub fn restore_again(&self) {
        if !self.inner.restore.running.swap(true, Ordering::Relaxed) {
            self.spawn(run(Arc::clone(&self.inner)));
        }
    }
}

/// Runs until the account is back, or nothing was found of it.
pub(crate) async fn run(inner: Arc<Inner>) {
    inner.restore.tell(|progress| *progress = RestoreProgress { step: RestoreStep::Path, ..Default::default() });
    let offline = async {
        sleep(PATIENCE).await;
        inner.restore.tell(|progress| {
            if progress.step < RestoreStep::Contacts {
                progress.outcome = Some(RestoreOutcome::Offline);
            }
        });
        std::future::pending::<()>().await;
    };
    let outcome = tokio::select! {
        outcome = look(&inner) => outcome,
        () = offline => return,
    };
    inner.restore.running.store(false, Ordering::Relaxed);
    inner.restore.tell(|progress| (progress.step, progress.outcome) = (RestoreStep::Done, Some(outcome)));
    let done = |store: &mut Store| store.write(|tx| tx.set_setting(RESTORING_SETTING, ""));
    if let Err(error) = inner.database.call::<(), tacit_store::Error>(done).await {
        tracing::warn!(code = error.code(), "the account will be looked for once more");
    }
}

/// Looks until the swarm has said what it has.
async fn look(inner: &Arc<Inner>) -> RestoreOutcome {
    let mut started = None;
    loop {
        match inner.look_once().await {
            Ok(Looked { anything: true, .. }) => return RestoreOutcome::Found,
            Ok(Looked { certain, .. }) => {
                let started = *started.get_or_insert_with(Instant::now);
                if certain || started.elapsed() >= LAGGING {
                    return RestoreOutcome::Nothing;
                }
            }
            Err(error) => {
                tracing::debug!(code = error.code(), "the account could not be looked for");
                inner.restore.tell(|progress| progress.outcome = Some(RestoreOutcome::Offline));
            }
        }
        sleep(PAUSE).await;
    }
}

struct Looked {
    anything: bool,
    /// Whether every member answered.
    certain: bool,
}

impl Inner {
    async fn look_once(self: &Arc<Self>) -> Result<Looked, Error> {
        let mut status = self.network.status();
        let connected = status.wait_for(|status| status.state == ConnectionState::Connected).await;
        connected.map_err(|_| Error::Closed)?;
        self.reached(RestoreStep::Swarm).await?;
        let members = self.network.swarm(&self.me).await?.len();
        self.reached(RestoreStep::Profile).await?;
        let answered = self.ask_all(&[Namespace::PROFILE]).await?.complete;
        self.reached(RestoreStep::Contacts).await?;
        self.poll_round(Scope::Configs).await?;
        self.reached(RestoreStep::Groups).await?;
        self.reached(RestoreStep::Messages).await?;
        while self.poll_round(Scope::All).await?.more {
            self.reached(RestoreStep::Messages).await?;
        }
        let found = self.reached(RestoreStep::Messages).await?;
        let anything = found != RestoredAccount::default();
        Ok(Looked { anything, certain: answered >= members })
    }

    /// Tells what is there so far.
    async fn reached(&self, step: RestoreStep) -> Result<RestoredAccount, Error> {
        let found = self.restored().await?;
        let told = found.clone();
        self.restore.tell(|progress| (progress.step, progress.found) = (step, told));
        Ok(found)
    }

    async fn restored(&self) -> Result<RestoredAccount, Error> {
        let (groups, communities) = self
            .read_config(tacit_config::Kind::Groups, |config| {
                (
                    groups::all_groups(config).count() + groups::all_legacy_groups(config).count(),
                    groups::all_rooms(config).count(),
                )
            })
            .await?;
        self.database
            .call(move |store| {
                let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
                let account = store.account()?;
                let counts = store.counts()?;
                Ok::<_, tacit_store::Error>(RestoredAccount {
                    name: account.map(|account| account.display_name).unwrap_or_default(),
                    contacts: count(store.contacts()?.len()),
                    groups: count(groups),
                    communities: count(communities),
                    conversations: count(store.conversations(Folder::Inbox, LIST_LIMIT)?.len()),
                    messages: u32::try_from(counts.messages).unwrap_or(u32::MAX),
                })
            })
            .await
    }
}

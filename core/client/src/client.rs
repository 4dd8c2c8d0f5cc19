//! The handle of one account.

mod nodes;

use std::sync::atomic::{AtomicBool, AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use tacit_crypto::{AccountKeys, phrase};
use tacit_network::Network;
use tacit_store::{ConversationId, Message, MessageId};
use tacit_wire::profile::NetworkProfile;
use tacit_wire::{AccountId, TimestampMs};
use tokio::sync::{Notify, broadcast, watch};
use tokio::task::JoinHandle;
use tokio_util::sync::CancellationToken;
use zeroize::Zeroizing;

use self::nodes::StoredNodes;
use crate::clock;
use crate::config::Sync;
use crate::database::Database;
use crate::encode::OwnProfile;
use crate::events::{Event, Events};
use crate::files::Files;
use crate::poller::Poller;
use crate::profile::ProfileFolder;
use crate::restore::{RESTORING_SETTING, Restore};
use crate::sending::Pace;
use crate::settings::Settings;
use crate::typing::{self, Typing};
use crate::{Error, config, files, outbox, poller, restore, room, upkeep};

/// How an account is opened.
pub struct Options {
    /// The network; `None` takes the one that was used last.
    pub network: Option<NetworkProfile>,
    /// Whether the swarm is asked for messages by itself, again and again.
    pub polling: bool,
    /// Time limits of the network.
    pub limits: tacit_network::Config,
}

/// One open account. Clones share it. [`Client::shutdown`] ends it orderly.
#[derive(Clone)]
pub struct Client {
    pub(crate) inner: Arc<Inner>,
}

pub(crate) struct Inner {
    pub(crate) keys: AccountKeys,
    pub(crate) me: AccountId,
    pub(crate) database: Arc<Database>,
    pub(crate) network: Network,
    pub(crate) events: Events,
    pub(crate) own_profile: Mutex<OwnProfile>,
    pub(crate) poller: Poller,
    pub(crate) sync: Sync,
    pub(crate) restore: Restore,
    /// Somebody put something into the outbox, or made it due.
    pub(crate) outbox_wake: Notify,
    /// Something is to be told to our swarm, or begins to run out.
    pub(crate) upkeep_wake: Notify,
    pub(crate) files: Arc<Files>,
    pub(crate) typing: Typing,
    pub(crate) reaction_pace: Mutex<Pace>,
    pub(crate) visible: AtomicBool,
    /// The conversation that is on the screen.
    pub(crate) shown: Mutex<Option<ConversationId>>,
    pub(crate) settings: watch::Sender<Settings>,
    pub(crate) saved_offset_ms: AtomicI64,
    /// Cancelled when the account is closed.
    pub(crate) cancel: CancellationToken,
    tasks: Mutex<Vec<JoinHandle<()>>>,
    pub(crate) folder: ProfileFolder,
}

/// Both recovery phrases; either brings the account back. Show them to nobody else.
pub struct Phrases {
    /// 13 words, known to all Session apps.
    pub session13: Zeroizing<String>,
    /// The same account as 12 words of the BIP39 list.
    pub bip39: Zeroizing<String>,
}

impl Client {
    /// Starts what belongs to an open account. `database` holds an account.
    pub(crate) async fn start(
        folder: ProfileFolder,
        database: Arc<Database>,
        keys: AccountKeys,
        profile: NetworkProfile,
        options: &Options,
    ) -> Result<Self, Error> {
        let settings = database.call(|store| Settings::load(store)).await?;
        let files = Arc::new(Files::of(folder.path()));
        let sweeper = Arc::clone(&files);
        database.call(move |store| sweeper.sweep(store)).await?;
        let (account, snapshot, offset, restoring) = database
            .call(|store| {
                let offset = store.setting(clock::OFFSET_SETTING)?;
                let restoring = store.setting(RESTORING_SETTING)?.is_some_and(|text| !text.is_empty());
                Ok::<_, tacit_store::Error>((store.account()?, store.node_cache()?, offset, restoring))
            })
            .await?;
        let account = account.ok_or_else(|| Error::NoAccount { path: folder.path().to_owned() })?;
        let cache = StoredNodes::new(snapshot, Arc::clone(&database));
        let network = Network::start(profile, Arc::new(cache), options.limits)?;
        let inner = Arc::new(Inner {
            me: AccountId::from_x25519(&keys.x25519_public()),
            keys,
            database,
            network,
            events: Events::new(),
            own_profile: Mutex::new(OwnProfile { name: account.display_name, updated_s: account.profile_updated_s }),
            poller: Poller::default(),
            sync: Sync::default(),
            restore: Restore::new(restoring),
            outbox_wake: Notify::new(),
            upkeep_wake: Notify::new(),
            files,
            typing: Typing::default(),
            reaction_pace: Mutex::default(),
            visible: AtomicBool::new(true),
            shown: Mutex::new(None),
            settings: watch::Sender::new(settings),
            saved_offset_ms: AtomicI64::new(offset.and_then(|text| text.parse().ok()).unwrap_or_default()),
            cancel: CancellationToken::new(),
            tasks: Mutex::new(Vec::new()),
            folder,
        });
        // Nothing is shown whose time came while the program did not run.
        inner.remove_expired().await?;
        let client = Self { inner };
        client.spawn(outbox::run(Arc::clone(&client.inner)));
        client.spawn(files::run(Arc::clone(&client.inner)));
        client.spawn(files::run_pictures(Arc::clone(&client.inner)));
        client.spawn(upkeep::run(Arc::clone(&client.inner)));
        client.spawn(typing::run(Arc::clone(&client.inner)));
        client.spawn(crate::search::tend_index(Arc::clone(&client.inner)));
        client.spawn(crate::trim::run(Arc::clone(&client.inner)));
        client.spawn(config::run(Arc::clone(&client.inner)));
        client.spawn(room::run(Arc::clone(&client.inner.database), room::LOOK));
        client.spawn(fetching(Arc::clone(&client.inner), options.polling));
        Ok(client)
    }

    pub(crate) fn spawn(&self, task: impl Future<Output = ()> + Send + 'static) {
        let cancel = self.inner.cancel.clone();
        let task = tokio::spawn(async move {
            tokio::select! {
                () = cancel.cancelled() => {}
                () = task => {}
            }
        });
        self.inner.tasks.lock().unwrap_or_else(PoisonError::into_inner).push(task);
    }

    /// Our own account ID.
    pub fn account_id(&self) -> AccountId {
        self.inner.me
    }

    /// Our own display name; may be empty.
    pub fn display_name(&self) -> String {
        self.inner.own_profile().name
    }

    /// The recovery phrases.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn phrases(&self) -> Result<Phrases, Error> {
        let account = self.inner.database.call(|store| store.account()).await?.ok_or(Error::Closed)?;
        Ok(Phrases { session13: phrase::session13(&account.seed), bip39: phrase::bip39(&account.seed) })
    }

    /// Everything that happens from now on.
    pub fn events(&self) -> broadcast::Receiver<Event> {
        self.inner.events.listen()
    }

    /// The network below: its status, paths and time.
    pub fn network(&self) -> &Network {
        &self.inner.network
    }

    /// The folder of the account.
    pub fn folder(&self) -> &std::path::Path {
        self.inner.folder.path()
    }

    /// Tells whether somebody looks at the app: a visible one asks its swarm more often.
    pub fn set_visible(&self, visible: bool) {
        self.inner.visible.store(visible, Ordering::Relaxed);
        if visible {
            self.inner.poller.wake();
        }
    }

    /// The device changed its network or woke up.
    pub fn network_changed(&self) {
        self.inner.network.network_changed();
        self.inner.poller.wake();
        self.inner.outbox_wake.notify_one();
    }

    /// Ends all tasks and watching, saves what the network learned, closes the database and gives
    /// the folder back. Other clones of the handle are of no use afterwards.
    pub async fn shutdown(self) {
        let inner = self.inner;
        inner.end_tasks().await;
        inner.save_clock().await;
        inner.network.clone().shutdown().await;
        inner.database.close().await;
        inner.folder.release();
    }
}

/// What is there of a restored account comes in its own order; then the swarm is asked as usual.
async fn fetching(inner: Arc<Inner>, polling: bool) {
    if inner.restore.is_running() {
        restore::run(Arc::clone(&inner)).await;
    }
    if polling {
        poller::run(inner).await;
    }
}

impl Inner {
    pub(crate) fn set_own_profile(&self, name: String, updated_s: u64) {
        let mut profile = self.own_profile.lock().unwrap_or_else(PoisonError::into_inner);
        (profile.name, profile.updated_s) = (name, updated_s);
    }

    pub(crate) fn own_profile(&self) -> OwnProfile {
        self.own_profile.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Ends everything that the account does by itself.
    pub(crate) async fn end_tasks(&self) {
        self.cancel.cancel();
        let tasks = std::mem::take(&mut *self.tasks.lock().unwrap_or_else(PoisonError::into_inner));
        for task in tasks {
            let _ = task.await; // a task that panicked has ended too
        }
    }

    /// Takes over name and choices from the database, after they were changed there as a whole.
    pub(crate) async fn reload(&self) -> Result<(), Error> {
        let (account, settings) =
            self.database.call(|store| Ok::<_, tacit_store::Error>((store.account()?, Settings::load(store)?))).await?;
        if let Some(account) = account {
            let profile = OwnProfile { name: account.display_name, updated_s: account.profile_updated_s };
            *self.own_profile.lock().unwrap_or_else(PoisonError::into_inner) = profile;
        }
        self.settings.send_if_modified(|known| std::mem::replace(known, settings) != settings);
        Ok(())
    }

    /// Network time, as well as it is known.
    pub(crate) fn now(&self) -> TimestampMs {
        clock::network_now(&self.network, self.saved_offset_ms.load(Ordering::Relaxed))
    }

    pub(crate) async fn message(&self, id: MessageId) -> Result<Message, Error> {
        self.database.call(move |store| store.message(id)).await
    }

    pub(crate) fn tell_messages(&self, conversation: ConversationId) {
        self.events.tell(Event::Messages { conversation });
    }

    /// Keeps the clock's offset, so that the next start knows the time before it has a connection.
    async fn save_clock(&self) {
        let (samples, offset) = {
            let status = self.network.status();
            let status = status.borrow();
            (status.clock_samples, status.clock_offset_ms)
        };
        if samples > 0 && offset != self.saved_offset_ms.load(Ordering::Relaxed) {
            let save = move |store: &mut tacit_store::Store| {
                store.write(|tx| tx.set_setting(clock::OFFSET_SETTING, &offset.to_string()))
            };
            if self.database.call(save).await.is_err() {
                tracing::warn!("the offset of the clock could not be kept");
            }
        }
    }
}

#[cfg(test)]
mod tests;

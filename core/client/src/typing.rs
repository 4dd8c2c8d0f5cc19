//! Who types: ours is told now and then while we type, theirs ends by itself
//! (protocol: messages 4.7). The rules are a machine of time; a thin task carries them out.

mod machine;

use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use tacit_store::{ConversationKind, Store};
use tacit_wire::{AccountId, Namespace, TimestampMs, envelope, rpc};
use tokio::sync::Notify;

pub(crate) use machine::SHOWN_MS;
use machine::{Ours, Theirs};

use crate::client::{Client, Inner};
use crate::encode;
use crate::events::Event;
use crate::sending::{TYPING_INDICATORS, is_on};
use crate::{ConversationId, Error};

/// How long nodes keep such a message.
const TTL_MS: u64 = 20_000;
/// Between two looks when nobody types.
const IDLE: Duration = Duration::from_secs(3_600);

/// What is known of who types.
#[derive(Default)]
pub(crate) struct Typing {
    machines: Mutex<(Ours, Theirs)>,
    wake: Notify,
}

impl Typing {
    fn machines(&self) -> MutexGuard<'_, (Ours, Theirs)> {
        self.machines.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Client {
    /// A key was pressed in the text of a conversation, which is now empty or not. The other side
    /// is told if both want that.
    pub fn typed(&self, conversation: ConversationId, empty: bool) {
        let inner = &self.inner;
        let tell = {
            let ours = &mut inner.typing.machines().0;
            if empty { ours.stopped(conversation) } else { ours.key(conversation, inner.now()) }
        };
        inner.typing.wake.notify_one();
        if let Some(started) = tell {
            tokio::spawn(tell_typing(Arc::clone(inner), conversation, started));
        }
    }

    /// Tells the other side once that we type, and waits until nodes have it. False when the
    /// setting is off, or when they have not accepted us.
    ///
    /// # Errors
    /// Those of the network and the database.
    pub async fn tell_typing(&self, conversation: ConversationId, started: bool) -> Result<bool, Error> {
        self.inner.tell_typing(conversation, started).await
    }
}

/// Runs until it is cancelled.
pub(crate) async fn run(inner: Arc<Inner>) {
    loop {
        let now = inner.now();
        let (stopped, gone, next) = {
            let (ours, theirs) = &mut *inner.typing.machines();
            (ours.tick(now), theirs.tick(now), ours.next().into_iter().chain(theirs.next()).min())
        };
        for conversation in stopped {
            tokio::spawn(tell_typing(Arc::clone(&inner), conversation, false));
        }
        for (conversation, from) in gone {
            inner.events.tell(Event::Typing { conversation, from, typing: false });
        }
        let wait = next.map_or(IDLE, |next| Duration::from_millis(next.0.saturating_sub(now.0)));
        tokio::select! {
            () = tokio::time::sleep(wait) => {}
            () = inner.typing.wake.notified() => {}
        }
    }
}

async fn tell_typing(inner: Arc<Inner>, conversation: ConversationId, started: bool) {
    if let Err(error) = inner.tell_typing(conversation, started).await {
        tracing::debug!(code = error.code(), "that we type could not be told");
    }
}

impl Inner {
    /// A message of ours ends our typing by itself.
    pub(crate) fn typing_sent(&self, conversation: ConversationId) {
        self.typing.machines().0.sent(conversation);
    }

    /// Somebody said that they type, or a message of theirs ended it.
    pub(crate) fn heard_typing(&self, conversation: ConversationId, from: AccountId, until: Option<TimestampMs>) {
        let typing = self.typing.machines().1.heard(conversation, from, until, self.now());
        if let Some(typing) = typing {
            self.typing.wake.notify_one();
            self.events.tell(Event::Typing { conversation, from, typing });
        }
    }

    async fn tell_typing(&self, conversation: ConversationId, started: bool) -> Result<bool, Error> {
        let now = self.now();
        let prepare = move |store: &mut Store| {
            let place = store.conversation(conversation)?;
            let account = place.peer.account().filter(|_| place.peer.kind() == ConversationKind::Person);
            let Some(peer) = account.filter(|_| is_on(store, TYPING_INDICATORS).unwrap_or(false)) else {
                return Ok::<_, tacit_store::Error>(None);
            };
            let contact = store.contact(&peer)?;
            let known = contact.is_some_and(|c| c.approved && c.approved_me && !c.blocked);
            Ok(if known { Some((peer, store.write(|tx| tx.next_sent_at(now))?)) } else { None })
        };
        let Some((peer, sent_at)) = self.database.call(prepare).await? else { return Ok(false) };
        let data = envelope::encode_direct(&encode::typing(started, sent_at), &self.keys, &peer, &mut rand::rng())?;
        let build = |now| rpc::Store::public(peer, Namespace::MESSAGES, now, TTL_MS, data.clone());
        self.network.store(&peer, build).await?;
        Ok(true)
    }
}

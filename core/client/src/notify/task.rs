//! Turns events into notifications, and takes them away when their conversation was read.

use std::collections::HashSet;
use std::sync::atomic::Ordering;
use std::sync::{Arc, PoisonError};

use tacit_crypto::blake2b;
use tacit_store::{ConversationKind, Message, Peer, Queries};
use tacit_wire::AccountId;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use super::{Circumstances, Happening, Notification, Notified, Place, Rule, decide};
use crate::client::{Client, Inner};
use crate::events::Event;
use crate::{ConversationId, Error, MessageId};

/// Notifications that may wait for whoever shows them.
const BACKLOG: usize = 64;

impl Client {
    /// Notifications from now on, for the platform to show. Ends with the account.
    pub fn notifications(&self) -> mpsc::Receiver<Notified> {
        let (sender, receiver) = mpsc::channel(BACKLOG);
        let events = self.inner.events.listen();
        self.spawn(run(Arc::clone(&self.inner), events, sender));
        receiver
    }

    /// Tells which conversation is on the screen: its messages need no notification.
    pub fn set_shown(&self, conversation: Option<ConversationId>) {
        *self.inner.shown.lock().unwrap_or_else(PoisonError::into_inner) = conversation;
    }

    /// How many unread messages the app's icon shows: of all conversations but requests, blocked
    /// and muted ones; a conversation marked by hand counts as one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn badge(&self) -> Result<u32, Error> {
        let now = self.inner.now();
        self.inner.database.call(move |store| store.badge(now)).await
    }
}

async fn run(inner: Arc<Inner>, mut events: tokio::sync::broadcast::Receiver<Event>, out: mpsc::Sender<Notified>) {
    let mut told: HashSet<ConversationId> = HashSet::new();
    loop {
        let event = match events.recv().await {
            Ok(event) => event,
            Err(RecvError::Lagged(_)) => continue, // the list and the badge still say what is new
            Err(RecvError::Closed) => return,
        };
        let notices = match event {
            Event::Received(message) => show(&inner, Some(*message), None).await,
            Event::Request { conversation, .. } => show(&inner, None, Some(conversation)).await,
            Event::Reaction { conversation, message, from, emoji, removed: false } => {
                react(&inner, conversation, message, from, emoji).await
            }
            Event::Conversations => withdraw(&inner, &mut told).await,
            // What was taken back is not left standing on a locked screen.
            Event::Unsent { conversation, .. } if told.remove(&conversation) => {
                withdraw_one(&inner, conversation).await
            }
            _ => continue,
        };
        for notice in notices {
            if let Notified::Show(notification) = &notice {
                told.insert(notification.conversation);
            }
            if out.send(notice).await.is_err() {
                return;
            }
        }
    }
}

async fn show(inner: &Arc<Inner>, message: Option<Message>, request: Option<ConversationId>) -> Vec<Notified> {
    let Some(conversation) = message.as_ref().map(|message| message.conversation).or(request) else {
        return Vec::new();
    };
    let (me, circumstances) = (inner.me, circumstances(inner));
    let decided = inner.database.call(move |store| {
        let happening = match &message {
            None => Happening::Request,
            Some(message) => Happening::Message {
                id: message.id,
                text: &message.text,
                own: message.outgoing(),
                mention: message.mention,
                sort_at: message.sort_at,
            },
        };
        look_up(store, &me, conversation, happening, &circumstances)
    });
    shown(decided.await)
}

async fn react(
    inner: &Arc<Inner>,
    conversation: ConversationId,
    to: MessageId,
    from: AccountId,
    emoji: String,
) -> Vec<Notified> {
    let (me, circumstances) = (inner.me, circumstances(inner));
    let decided = inner.database.call(move |store| {
        let to_own = store.message(to)?.outgoing();
        let happening = Happening::Reaction { to, emoji: &emoji, to_own, own: from == me };
        look_up(store, &me, conversation, happening, &circumstances)
    });
    shown(decided.await)
}

fn shown(decided: Result<Option<Notification>, Error>) -> Vec<Notified> {
    match decided {
        Ok(notification) => notification.into_iter().map(Notified::Show).collect(),
        Err(error) => {
            tracing::warn!(code = error.code(), "a notification could not be made");
            Vec::new()
        }
    }
}

fn circumstances(inner: &Inner) -> Circumstances {
    let settings = *inner.settings.borrow();
    Circumstances {
        level: settings.notify_level,
        reactions: settings.notify_reactions,
        in_front: inner.visible.load(Ordering::Relaxed),
        shown: *inner.shown.lock().unwrap_or_else(PoisonError::into_inner),
        now: inner.now(),
    }
}

fn look_up(
    store: &Queries,
    me: &AccountId,
    id: ConversationId,
    happening: Happening<'_>,
    circumstances: &Circumstances,
) -> Result<Option<Notification>, tacit_store::Error> {
    let conversation = store.conversation(id)?;
    let peer = conversation.peer;
    let contact = match peer.account().filter(|_| peer.kind() == ConversationKind::Person) {
        Some(account) => store.contact(&account)?,
        None => None,
    };
    let name = contact.as_ref().map_or(conversation.name.as_str(), |contact| contact.shown_name());
    let place = Place {
        id,
        tag: &tag(me, &peer),
        name,
        request: conversation.request,
        blocked: contact.as_ref().is_some_and(|contact| contact.blocked),
        muted_until: conversation.muted_until,
        // What was put away is quiet.
        rule: if conversation.archived { Rule::Mentions } else { rule(conversation.notify) },
        read_until: conversation.read_until,
        unread: store.unread(id)?,
    };
    Ok(decide(happening, &place, circumstances))
}

fn rule(notify: tacit_store::Notify) -> Rule {
    use tacit_store::Notify;
    match notify {
        Notify::Default | Notify::All => Rule::All,
        Notify::Mentions => Rule::Mentions,
        Notify::Off => Rule::Off,
    }
}

/// Those of the told conversations that have nothing unread any more.
async fn withdraw(inner: &Arc<Inner>, told: &mut HashSet<ConversationId>) -> Vec<Notified> {
    let (asked, me) = (told.clone(), inner.me);
    let read = inner.database.call(move |store| {
        let mut read = Vec::new();
        for id in asked {
            match store.conversation(id) {
                Ok(conversation) if store.unread(id)? == 0 => read.push((id, Some(tag(&me, &conversation.peer)))),
                Ok(_) => {}
                Err(tacit_store::Error::Unknown { .. }) => read.push((id, None)),
                Err(error) => return Err(error),
            }
        }
        Ok(read)
    });
    let read = read.await.unwrap_or_default();
    for (id, _) in &read {
        told.remove(id);
    }
    read.into_iter().filter_map(|(_, tag)| tag).map(|tag| Notified::Withdraw { tag }).collect()
}

async fn withdraw_one(inner: &Arc<Inner>, conversation: ConversationId) -> Vec<Notified> {
    let me = inner.me;
    let found = inner.database.call(move |store| store.conversation(conversation)).await;
    found.map(|found| Notified::Withdraw { tag: tag(&me, &found.peer) }).into_iter().collect()
}

/// The same for a conversation at every time, and of no use to anybody else.
fn tag(me: &AccountId, peer: &Peer) -> String {
    let hash = blake2b::hash256(&[b"tacit notification", me.as_bytes(), peer.id()]);
    hex::encode(&hash[..12])
}

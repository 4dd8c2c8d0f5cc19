//! Turns stored bytes into what happened: opens, verifies and sorts each message, then keeps a
//! whole batch in one transaction together with the cursors. A message that cannot be used is
//! counted once and never fetched again (protocol: messages 2.2, 4.1, 4.2, 10).

mod apply;
mod expiry;
mod kinds;
mod read;

use std::collections::HashSet;

use tacit_crypto::AccountKeys;
use tacit_store::{Mailbox, Store};
use tacit_wire::rpc::StoredMessage;
use tacit_wire::{AccountId, MessageHash, Namespace, NodeId, TimestampMs};

use crate::Error;
use crate::client::Inner;
use crate::events::Event;

pub(crate) use read::Incoming;
#[cfg(test)]
pub(crate) use read::{What, read as read_for_tests};

/// What one node gave.
pub(crate) struct Fetched {
    pub(crate) node: NodeId,
    pub(crate) messages: Vec<StoredMessage>,
}

/// A message that was opened, and what it asks for, or why it cannot be used.
pub(crate) struct Opened {
    pub(crate) hash: MessageHash,
    pub(crate) expires_at: TimestampMs,
    pub(crate) message: Result<Incoming, &'static str>,
}

impl Inner {
    /// Opens and keeps what nodes gave. Returns how many messages were new.
    pub(crate) async fn take_in(&self, fetched: Vec<Fetched>) -> Result<u32, Error> {
        let mailbox = Mailbox { account: self.me, namespace: Namespace::MESSAGES };
        let cursors: Vec<(NodeId, MessageHash)> =
            fetched.iter().filter_map(|page| Some((page.node, page.messages.last()?.hash.clone()))).collect();
        if cursors.is_empty() {
            return Ok(0);
        }
        let unseen = self.database.call(move |store| unseen(store, &mailbox, fetched)).await?;
        let (keys, me) = (self.keys.clone(), self.me);
        let opened = tokio::task::spawn_blocking(move || open_all(unseen, &keys, &me)).await;
        let opened = opened.map_err(|_| Error::Closed)?;
        let now = self.now();
        let applied =
            self.database.call(move |store| apply::apply(store, &me, &mailbox, opened, &cursors, now)).await?;
        let apply::Applied { events, typing } = applied;
        let count = events.iter().filter(|event| matches!(event, Event::Received(_))).count();
        for (conversation, from, until) in typing {
            self.heard_typing(conversation, from, until);
        }
        if !events.is_empty() {
            self.upkeep_wake.notify_one();
        }
        events.into_iter().for_each(|event| self.events.tell(event));
        Ok(u32::try_from(count).unwrap_or(u32::MAX))
    }
}

/// Takes in a page of a node at once, on the caller's thread: what a client does with it between
/// the network and the first event, for measurements. Returns how many messages were new.
///
/// # Errors
/// Those of the database.
#[doc(hidden)]
pub fn take_in_page(
    store: &mut Store,
    keys: &AccountKeys,
    node: NodeId,
    messages: Vec<StoredMessage>,
    now: TimestampMs,
) -> Result<usize, tacit_store::Error> {
    let me = AccountId::from_x25519(&keys.x25519_public());
    let mailbox = Mailbox { account: me, namespace: Namespace::MESSAGES };
    let cursors: Vec<_> = messages.last().map(|last| (node, last.hash.clone())).into_iter().collect();
    let unseen = unseen(store, &mailbox, vec![Fetched { node, messages }])?;
    let applied = apply::apply(store, &me, &mailbox, open_all(unseen, keys, &me), &cursors, now)?;
    Ok(applied.events.iter().filter(|event| matches!(event, Event::Received(_))).count())
}

/// Each message once, without those that were handled before.
fn unseen(store: &Store, mailbox: &Mailbox, fetched: Vec<Fetched>) -> Result<Vec<StoredMessage>, tacit_store::Error> {
    let mut known = HashSet::new();
    let mut unseen = Vec::new();
    for message in fetched.into_iter().flat_map(|page| page.messages) {
        if known.insert(message.hash.clone()) && !store.is_seen(mailbox, &message.hash)? {
            unseen.push(message);
        }
    }
    Ok(unseen)
}

/// Opens messages and puts them into the order of their senders' times.
fn open_all(messages: Vec<StoredMessage>, keys: &AccountKeys, me: &AccountId) -> Vec<Opened> {
    let mut opened: Vec<Opened> = messages
        .into_iter()
        .map(|message| Opened {
            message: read::read(&message.data, keys, me),
            hash: message.hash,
            expires_at: message.expiration,
        })
        .collect();
    opened.sort_by_key(|opened| opened.message.as_ref().map_or(TimestampMs(0), |message| message.sent_at));
    opened
}

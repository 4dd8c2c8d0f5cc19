//! What nodes gave of the config boxes, merged into the objects and from there into the tables: all
//! in one transaction with the cursors. A message that is none is counted, left at the nodes and
//! not looked at again (protocol: config 4, 15; messages 5.1).

use std::collections::HashSet;

use tacit_config::Kind;
use tacit_store::{Error, OwnProfile, Store, Tx};
use tacit_wire::rpc::StoredMessage;
use tacit_wire::{Namespace, NodeId, TimestampMs};

use super::apply::{self, Records};
use super::{Configs, Owner, take};
use crate::client::Inner;
use crate::events::Event;

/// How far before the newest message of the contacts a restored account takes what strangers wrote
/// for something that another device had and threw away (protocol: messages 4.10).
const RACE_MS: u64 = 2 * 60_000;

/// What one box held.
#[derive(Default)]
pub(crate) struct Boxed {
    pub(crate) namespace: Namespace,
    pub(crate) messages: Vec<StoredMessage>,
}

/// What one node gave of the config boxes.
pub(crate) struct Given {
    pub(crate) node: NodeId,
    pub(crate) boxes: Vec<Boxed>,
}

/// What came of it.
#[derive(Default)]
pub(super) struct Outcome {
    changed: bool,
    pub(super) skipped: u32,
    needs_push: bool,
    profile: Option<OwnProfile>,
}

impl Inner {
    /// Merges what nodes gave, in the order in which kinds build on each other.
    pub(crate) async fn take_configs(&self, given: Vec<Given>) -> Result<(), crate::Error> {
        if given.iter().flat_map(|page| &page.boxes).all(|boxed| boxed.messages.is_empty()) {
            return Ok(());
        }
        let (owner, now) = (self.owner(), self.now());
        let restoring = self.restore.is_running();
        let outcome = self.database.call(move |store| merge(store, &owner, given, restoring, now)).await?;
        if let Some(profile) = outcome.profile {
            self.set_own_profile(profile.name, profile.updated_s);
        }
        if outcome.changed {
            self.events.tell(Event::Conversations);
        }
        if outcome.skipped > 0 {
            self.events.tell(Event::Skipped { count: outcome.skipped });
        }
        if outcome.needs_push {
            self.sync.wake.notify_one();
        }
        Ok(())
    }
}

pub(super) fn merge(
    store: &mut Store,
    owner: &Owner,
    mut given: Vec<Given>,
    restoring: bool,
    now: TimestampMs,
) -> Result<Outcome, Error> {
    store.write(|tx| {
        let mut outcome = Outcome::default();
        let mut configs = Configs::new(tx, owner);
        // What was changed here meets what others changed in the engine, not in the tables.
        let mut changed = take::take_into(&mut configs, now)?.into_iter().map(|kind| (kind, now)).collect::<Vec<_>>();
        for kind in Kind::ACCOUNT {
            let messages = unseen(tx, owner, kind, &mut given)?;
            let Some(at) = messages.iter().map(|message| message.timestamp.min(now)).max() else { continue };
            if restoring && kind == Kind::Contacts && !configs.exists(kind)? {
                tx.set_removed(None, TimestampMs(at.0.saturating_sub(RACE_MS)))?;
            }
            merge_kind(&mut configs, kind, messages, at, now, &mut outcome)?;
            changed.push((kind, at));
        }
        // Applying marked as dirty what stands in the objects already.
        tx.take_dirty()?;
        configs.again.iter().try_for_each(|dirty| tx.set_dirty(dirty))?;
        keep_cursors(tx, owner, &given)?;
        outcome.needs_push = configs.loaded.values().any(tacit_config::Config::needs_push);
        configs.save()?;
        for (kind, at) in changed {
            tx.set_config_changed(&owner.mailbox(kind), at)?;
        }
        if outcome.changed {
            outcome.profile = tx.account()?.map(|account| OwnProfile {
                name: account.display_name,
                updated_s: account.profile_updated_s,
                ..OwnProfile::default()
            });
        }
        Ok(outcome)
    })
}

/// The messages of a kind that were not handled before, each once.
fn unseen(tx: &Tx<'_>, owner: &Owner, kind: Kind, given: &mut [Given]) -> Result<Vec<StoredMessage>, Error> {
    let mailbox = owner.mailbox(kind);
    let mut known = HashSet::new();
    let mut messages = Vec::new();
    let boxes = given.iter().flat_map(|page| &page.boxes).filter(|boxed| boxed.namespace == mailbox.namespace);
    for message in boxes.flat_map(|boxed| &boxed.messages) {
        if known.insert(&message.hash) && !tx.is_seen(&mailbox, &message.hash)? {
            messages.push(message.clone());
        }
    }
    Ok(messages)
}

fn merge_kind(
    configs: &mut Configs<'_>,
    kind: Kind,
    messages: Vec<StoredMessage>,
    at: TimestampMs,
    now: TimestampMs,
    outcome: &mut Outcome,
) -> Result<(), Error> {
    let (tx, mailbox) = (configs.tx, configs.owner.mailbox(kind));
    for message in &messages {
        tx.remember(&mailbox, &message.hash, message.expiration, now)?;
    }
    let messages: Vec<_> = messages.into_iter().map(|message| (message.hash, message.data)).collect();
    let config = configs.get(kind)?;
    let before = Records::of(kind, config);
    let merged = config.merge(&messages, now);
    for _ in merged.accepted.len()..messages.len() {
        tx.skip("config", now)?;
        outcome.skipped += 1;
    }
    if merged.changed {
        outcome.changed = true;
        apply::apply(configs, kind, &before, at, now)?;
    }
    Ok(())
}

fn keep_cursors(tx: &Tx<'_>, owner: &Owner, given: &[Given]) -> Result<(), Error> {
    for page in given {
        for boxed in &page.boxes {
            let Some(last) = boxed.messages.last() else { continue };
            let mailbox = tacit_store::Mailbox { account: owner.me, namespace: boxed.namespace };
            tx.set_last_hash(&page.node, &mailbox, &last.hash)?;
        }
    }
    Ok(())
}

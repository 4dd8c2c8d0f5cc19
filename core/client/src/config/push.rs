//! From the config objects to the swarm: the new messages are stored, then those that they replace
//! are deleted (protocol: config 7).

use tacit_config::{Kind, State};
use tacit_network::Member;
use tacit_store::{Error, Store, Tx};
use tacit_wire::message_hash::message_hash;
use tacit_wire::rpc::{self, BatchAnswer, Request, StoreAnswer};
use tacit_wire::{MessageHash, TimestampMs};

use super::{Configs, Owner};
use crate::client::Inner;

const DAY_MS: u64 = 24 * 3_600_000;
/// How long nodes keep config messages (protocol: messages 5.3).
pub(super) const TTL_MS: u64 = 30 * DAY_MS;
/// Stores that go into one sequence: with the largest messages it stays within an onion request.
const STORES_AT_ONCE: usize = 16;

/// One object's message, perhaps in parts.
pub(super) struct Outgoing {
    pub(super) kind: Kind,
    seqno: i64,
    /// When it changed: other devices compare it with the times of messages.
    pub(super) changed: TimestampMs,
    pub(super) messages: Vec<Vec<u8>>,
    /// Under which names nodes keep it, as far as they said.
    pub(super) stored: Vec<MessageHash>,
}

impl Outgoing {
    fn is_stored(&self) -> bool {
        self.stored.len() == self.messages.len()
    }
}

/// All that is to be sent now.
#[derive(Default)]
pub(super) struct Batch {
    pub(super) outgoing: Vec<Outgoing>,
    pub(super) obsolete: Vec<MessageHash>,
    /// Why one object could not be made a message; the others are sent all the same.
    pub(super) failed: Option<tacit_config::Error>,
}

impl Inner {
    /// Pushes what has to be, and `again` too. What was not stored stays waiting.
    pub(super) async fn push_configs(&self, again: Vec<Kind>) -> Result<(), crate::Error> {
        let (owner, now) = (self.owner(), self.now());
        let batch = self.database.call(move |store| prepare(store, &owner, &again, now)).await?;
        let Batch { mut outgoing, obsolete, failed } = batch;
        let failed = failed.map_or(Ok(()), |error| Err(error.into()));
        if outgoing.is_empty() {
            return failed;
        }
        self.sync.pushed();
        let sent = self.store_all(&mut outgoing, &obsolete).await;
        let (owner, now) = (self.owner(), self.now());
        let deleted = matches!(sent, Ok(true));
        self.database.call(move |store| confirm(store, &owner, &outgoing, deleted.then_some(&obsolete), now)).await?;
        sent.and(failed)
    }

    /// Says whether the obsolete messages are gone.
    async fn store_all(&self, outgoing: &mut [Outgoing], obsolete: &[MessageHash]) -> Result<bool, crate::Error> {
        let places = outgoing.iter().enumerate();
        let places: Vec<(usize, usize)> =
            places.flat_map(|(at, one)| (0..one.messages.len()).map(move |part| (at, part))).collect();
        let sequences = places.chunks(STORES_AT_ONCE);
        let last = sequences.len().saturating_sub(1);
        let mut deleted = false;
        for (number, places) in sequences.enumerate() {
            let delete = if number == last { obsolete } else { &[] };
            let build = |now: TimestampMs, _: &_| {
                let stores = places.iter().map(|(at, part)| self.store_request(&outgoing[*at], *part, now));
                let delete = (!delete.is_empty()).then(|| rpc::Delete::signed(&self.keys, delete.to_vec(), false));
                Request::Sequence(stores.map(Request::Store).chain(delete.map(Request::Delete)).collect())
            };
            let (_, body) = self.network.rpc(&self.me, Member::Any, build).await?;
            let answer: BatchAnswer = rpc::answer_from(body)?;
            let mut results = answer.results.into_iter();
            for ((at, _), part) in places.iter().zip(results.by_ref()) {
                let answer: StoreAnswer = match part.code {
                    200..=299 => rpc::answer_from(part.body)?,
                    status => return Err(refused(status, &part.body)),
                };
                outgoing[*at].stored.push(answer.hash);
            }
            if !places.iter().all(|(at, _)| number < last || outgoing[*at].is_stored()) {
                return Err(tacit_network::Error::NoAnswer { tries: 1, last: "a sequence ended early" }.into());
            }
            deleted = results.next().is_some_and(|part| (200..300).contains(&part.code));
        }
        Ok(deleted || obsolete.is_empty())
    }

    fn store_request(&self, outgoing: &Outgoing, part: usize, now: TimestampMs) -> rpc::Store {
        let changed = TimestampMs(outgoing.changed.0.clamp(now.0.saturating_sub(DAY_MS), now.0));
        let (namespace, data) = (outgoing.kind.namespace(), outgoing.messages[part].clone());
        rpc::Store::signed(&self.keys, namespace, changed, TTL_MS, data, now)
    }
}

fn refused(status: u16, body: &serde_json::Value) -> crate::Error {
    let text = body.as_str().unwrap_or_default().chars().take(200).collect();
    tacit_network::Error::Status { status, text }.into()
}

/// Makes the messages, and keeps the objects as waiting for the swarm. Where only something obsolete
/// is left to be deleted, the message is stored once more: it must be there when that goes.
pub(super) fn prepare(store: &mut Store, owner: &Owner, again: &[Kind], now: TimestampMs) -> Result<Batch, Error> {
    store.write(|tx| {
        let mut configs = Configs::new(tx, owner);
        let mut batch = Batch::default();
        for kind in Kind::ACCOUNT {
            let mailbox = owner.mailbox(kind);
            let Some(row) = tx.config(&mailbox)? else { continue };
            let config = configs.get(kind)?;
            if !config.needs_push() && !again.contains(&kind) && row.obsolete.is_empty() {
                continue;
            }
            let push = match config.push(now) {
                Ok(push) => push,
                Err(error) => {
                    batch.failed = Some(error);
                    continue;
                }
            };
            let (seqno, messages) = (push.seqno, push.messages);
            let hashes: Vec<_> = messages.iter().map(|data| message_hash(&owner.me, mailbox.namespace, data)).collect();
            let replaced = row.obsolete.into_iter().chain(push.obsolete).filter(|hash| !hashes.contains(hash));
            let replaced: Vec<MessageHash> = replaced.collect();
            // Nodes may keep what we send although we never hear of it: the next message deletes it.
            tx.set_config_obsolete(&mailbox, &[replaced.as_slice(), &hashes].concat())?;
            batch.obsolete.extend(replaced);
            batch.outgoing.push(Outgoing { kind, seqno, changed: row.changed, messages, stored: Vec::new() });
        }
        configs.save()?;
        batch.obsolete.sort();
        batch.obsolete.dedup();
        Ok(batch)
    })
}

/// Keeps what was stored and what was deleted.
pub(super) fn confirm(
    store: &mut Store,
    owner: &Owner,
    outgoing: &[Outgoing],
    deleted: Option<&Vec<MessageHash>>,
    now: TimestampMs,
) -> Result<(), Error> {
    store.write(|tx| {
        let mut configs = Configs::new(tx, owner);
        for one in outgoing {
            let mut obsolete = tx.config(&owner.mailbox(one.kind))?.map(|row| row.obsolete).unwrap_or_default();
            if let Some(deleted) = deleted {
                obsolete.retain(|hash| !deleted.contains(hash));
            }
            if one.is_stored() {
                obsolete.retain(|hash| !one.stored.contains(hash));
                obsolete.extend(confirm_one(tx, configs.get(one.kind)?, owner, one, now)?);
            }
            tx.set_config_obsolete(&owner.mailbox(one.kind), &obsolete)?;
        }
        configs.save()
    })
}

/// Gives the hashes of what was stored and is out of date already.
fn confirm_one(
    tx: &Tx<'_>,
    config: &mut tacit_config::Config,
    owner: &Owner,
    one: &Outgoing,
    now: TimestampMs,
) -> Result<Vec<MessageHash>, Error> {
    let mailbox = owner.mailbox(one.kind);
    // It need not be fetched and merged.
    for hash in &one.stored {
        tx.remember(&mailbox, hash, now.plus_ms(TTL_MS), now)?;
    }
    config.confirm(one.seqno, &one.stored);
    if config.seqno() == one.seqno && config.state() == State::Clean {
        tx.set_config_extended(&mailbox, now)?;
        return Ok(Vec::new());
    }
    let current = config.active_hashes();
    Ok(one.stored.iter().filter(|hash| !current.contains(hash)).cloned().collect())
}

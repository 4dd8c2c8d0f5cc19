//! Config messages live for 30 days at the nodes: while a device looks in, it extends that, so that
//! an account lasts as long as it is used (protocol: config 7, messages 5.1).

use std::collections::BTreeSet;

use tacit_config::{Config, Kind};
use tacit_network::Member;
use tacit_store::{Error, Store};
use tacit_wire::rpc::{self, BatchAnswer, ExpireAnswer, Request};
use tacit_wire::signing::ExpiryChange;
use tacit_wire::{MessageHash, TimestampMs};

use super::Owner;
use super::push::TTL_MS;
use crate::client::Inner;

/// How often.
const EVERY_MS: u64 = 24 * 3_600_000;

/// The messages of one object.
struct Live {
    kind: Kind,
    hashes: Vec<MessageHash>,
}

impl Inner {
    /// Extends what was not extended for a day. Gives the objects whose messages no member knows
    /// any more: they have to be pushed again.
    pub(super) async fn extend_configs(&self) -> Result<Vec<Kind>, crate::Error> {
        let (owner, now) = (self.owner(), self.now());
        let due = self.database.call(move |store| due(store, &owner, now)).await?;
        if due.is_empty() {
            return Ok(Vec::new());
        }
        let build = |now: TimestampMs, _: &_| {
            let expiry = vec![now.plus_ms(TTL_MS)];
            let extend = |live: &Live| {
                rpc::Expire::signed(&self.keys, live.hashes.clone(), expiry.clone(), ExpiryChange::Extend)
            };
            Request::Batch(due.iter().map(|live| Request::Expire(extend(live))).collect())
        };
        let (_, body) = self.network.rpc(&self.me, Member::Any, build).await?;
        let answer: BatchAnswer = rpc::answer_from(body)?;
        let (mut done, mut lost) = (Vec::new(), Vec::new());
        for (live, part) in due.iter().zip(answer.results) {
            if part.code != 200 {
                continue;
            }
            let answer: ExpireAnswer = rpc::answer_from(part.body)?;
            match known(&answer) {
                Some(known) if live.hashes.iter().any(|hash| !known.contains(hash)) => lost.push(live.kind),
                Some(_) => done.push(live.kind),
                None => {}
            }
        }
        let (owner, now) = (self.owner(), self.now());
        self.database
            .call(move |store| {
                store.write::<_, Error>(|tx| {
                    done.iter().try_for_each(|kind| tx.set_config_extended(&owner.mailbox(*kind), now))
                })
            })
            .await?;
        Ok(lost)
    }
}

/// The messages that any member has, if any member answered.
fn known(answer: &ExpireAnswer) -> Option<BTreeSet<MessageHash>> {
    let mut receipts = answer.receipts().peekable();
    receipts.peek()?;
    Some(receipts.flat_map(|(_, receipt)| receipt.known().into_keys()).collect())
}

fn due(store: &Store, owner: &Owner, now: TimestampMs) -> Result<Vec<Live>, Error> {
    let mut due = Vec::new();
    for kind in Kind::ACCOUNT {
        let Some(row) = store.config(&owner.mailbox(kind))? else { continue };
        if now.0.saturating_sub(row.extended.0) < EVERY_MS {
            continue;
        }
        let Ok(config) = Config::load(kind, &owner.keys, &row.dump) else { continue };
        let hashes = config.active_hashes();
        if !hashes.is_empty() {
            due.push(Live { kind, hashes });
        }
    }
    Ok(due)
}

//! What other members say, and what the swarm's machine wants written: several changes in one
//! transaction.

use std::collections::HashMap;
use std::collections::hash_map::Entry;

use tacit_sqlite::rusqlite::Result;
use tacit_wire::{MessageHash, Namespace, NodeId, TimestampMs};

use super::delete::{self, Deletion, Wiping};
use super::expire::{self, Decided};
use super::hints::{self, Hint};
use super::put::{self, Incoming, Stored};
use super::quota::Quota;
use super::rows::{Account, Proven, ensure_account};
use super::tx::Tx;
use super::{revoke, sweep, transfer};
use crate::swarm::ownership::Interval;
use crate::swarm::record::{Fact, Record};
use crate::swarm::transfer::Holding;

/// A change of what is on the disk.
#[derive(Clone, Debug)]
pub enum Write {
    /// Merges facts with what is known. All were checked before.
    Apply(Vec<Record>),
    /// Keeps changes for who missed them.
    AddHints(Vec<Hint>),
    /// They were taken, or are of no use any more.
    RemoveHints(Vec<u64>),
    /// Forgets all that is kept for a member.
    ForgetMember(NodeId),
    /// Which parts of the ring are kept here: takes the place of what was known.
    Holdings(Vec<Holding>),
    /// Removes all accounts of these places, bit by bit from now on; over a restart too.
    Drop(Interval),
}

impl Write {
    /// About how much is written, bytes.
    pub(super) fn size(&self) -> usize {
        match self {
            Self::Apply(records) => records.iter().map(Record::size).sum(),
            Self::AddHints(hints) => hints.iter().map(|hint| hint.op.len() + 128).sum(),
            _ => 4096,
        }
    }

    /// Whether it would take more room for messages.
    pub(super) fn stores(&self) -> bool {
        let is_message = |record: &Record| matches!(record.fact, Fact::Message { .. });
        matches!(self, Self::Apply(records) if records.iter().any(is_message))
    }
}

/// What became of a record, by the kind of its fact.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Applied {
    /// Of a message.
    Stored(Stored),
    /// Of a tombstone: whether the message was there to be seen.
    Deleted(bool),
    /// Of a wipe: what was there to be seen, ascending.
    Wiped(Vec<(Namespace, MessageHash)>),
    /// Of a revocation: whether it was news.
    Revoked(bool),
    /// Of the end of a message: it ends then now.
    Ends,
    /// Of the end of a message: a later decision is known, by which it ends then.
    EndsElse(TimestampMs),
    /// Of the end of a message that is not here.
    NotHere,
    /// The mailbox is full: nothing was done for this one.
    Full,
}

/// What became of all records, in order.
pub(super) fn write(tx: &Tx<'_>, writes: &[Write], quota: Quota, now: TimestampMs) -> Result<Vec<Applied>> {
    let mut applying = Applying { tx, quota, now, rooms: HashMap::new() };
    let mut outcome = Vec::new();
    for write in writes {
        match write {
            Write::Apply(records) => {
                for record in records {
                    outcome.push(applying.record(record)?);
                }
            }
            Write::AddHints(all) => {
                for hint in all {
                    hints::add(tx, hint)?;
                }
            }
            Write::RemoveHints(ids) => hints::remove(tx, ids)?,
            Write::ForgetMember(member) => hints::forget(tx, member)?,
            Write::Holdings(holdings) => transfer::set_holdings(tx, holdings)?,
            Write::Drop(part) => sweep::drop_part(tx, *part)?,
        }
    }
    Ok(outcome)
}

struct Applying<'t> {
    tx: &'t Tx<'t>,
    quota: Quota,
    now: TimestampMs,
    /// How many more deletions each account may have remembered; counted once.
    rooms: HashMap<i64, u64>,
}

impl Applying<'_> {
    fn record(&mut self, record: &Record) -> Result<Applied> {
        let (tx, now) = (self.tx, self.now);
        let account = ensure_account(tx, &record.account)?;
        Ok(match &record.fact {
            Fact::Message { ns, hash, stored_ms, expiry, proof, data } => {
                let mut incoming = Incoming {
                    namespace: *ns,
                    hash,
                    stored: TimestampMs(*stored_ms),
                    expiry: *expiry,
                    proof: proof.as_deref().map(Proven::by),
                    data,
                };
                let stored = put::arrive(tx, &account, &mut incoming, self.quota, now)?;
                stored.map_or(Applied::Full, Applied::Stored)
            }
            Fact::Tombstone { .. } | Fact::Expiry { .. } if !self.takes_room(&account)? => Applied::Full,
            Fact::Tombstone { ns, hash, deleted_ms, until_ms, proof } => {
                let (at, until) = (TimestampMs(*deleted_ms), Some(TimestampMs(*until_ms)));
                let deletion = Deletion { hash, ns: *ns, at, until };
                Applied::Deleted(delete::remove(tx, &account, &deletion, &mut Proven::by(proof), now)?)
            }
            Fact::Revocation { token, revocation, proof } => {
                let news = revoke::set(tx, &account, token, *revocation, &mut Proven::by(proof), now)?;
                revoke::drop_oldest(tx, &account, self.quota.revocations)?;
                Applied::Revoked(news)
            }
            Fact::Wiped { ns, before_ms, until_ms, proof } => {
                let (before, until) = (TimestampMs(*before_ms), TimestampMs(*until_ms));
                let wiping = Wiping { namespaces: *ns, before, until };
                let mut removed = delete::clear(tx, &account, &wiping, &mut Proven::by(proof), now, now)?;
                removed.sort_unstable();
                Applied::Wiped(removed)
            }
            Fact::Expiry { hash, expiry, proof } => {
                match expire::decide(tx, &account, hash, *expiry, &mut Proven::by(proof), now)? {
                    Decided::Changed => Applied::Ends,
                    Decided::Older(ends) => Applied::EndsElse(ends),
                    Decided::NotHere => Applied::NotHere,
                }
            }
        })
    }

    fn takes_room(&mut self, account: &Account) -> Result<bool> {
        let room = match self.rooms.entry(account.id) {
            Entry::Occupied(known) => known.into_mut(),
            Entry::Vacant(unknown) => unknown.insert(self.quota.room_for_deletions(self.tx, account)?),
        };
        let had = *room > 0;
        *room = room.saturating_sub(1);
        Ok(had)
    }
}

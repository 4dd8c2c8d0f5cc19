//! What the machine is told, what it asks for, and what members ask of each other.

use std::collections::BTreeMap;

use bytes::Bytes;
use tacit_wire::NodeId;

use super::buckets::Buckets;
use super::hints::Hint;
use super::ownership::{Interval, Intervals};
use super::reconcile::{Frame, Item};
use super::record::Record;
use super::replicate::Progress;
use super::transfer::Holding;
use super::view::View;

/// Most bytes of records in one message.
pub const BATCH_BYTES: usize = 4 * 1024 * 1024;
/// Most items that one message asks for.
pub const BATCH_ITEMS: usize = 500;

/// The time, twice.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Now {
    /// Since the node started, ms: never jumps. Pauses and patience are measured with it.
    pub up: u64,
    /// Since 1970, ms: what users and other nodes mean.
    pub wall: u64,
}

/// What has happened.
#[derive(Clone, Debug)]
pub enum Event {
    /// Some time has gone by.
    Tick,
    /// The network has changed.
    View(View),
    /// A client's change, checked: to be made at all members.
    Request {
        /// Names it in the answer.
        request: u64,
        /// What is to become so.
        records: Vec<Record>,
    },
    /// A member has missed changes that others have.
    Missed {
        /// Who.
        member: NodeId,
        /// What.
        records: Vec<Record>,
    },
    /// Another node asks.
    Asked {
        /// Who.
        from: NodeId,
        /// Names it in the reply.
        call: u64,
        /// What.
        message: Message,
    },
    /// What became of an [`Action::Call`]; none: nothing came in time.
    Replied {
        /// Which.
        token: u64,
        /// The reply.
        reply: Option<Reply>,
    },
    /// What became of an [`Action::Commit`]: what the disk's owner signs for it, or none if
    /// nothing of it was done.
    Committed {
        /// Which.
        token: u64,
        /// The receipt.
        receipt: Option<Bytes>,
    },
    /// What an [`Action::Read`] found.
    Read {
        /// Which.
        token: u64,
        /// What was found.
        found: Found,
    },
}

/// What is to be done. Of calls, commits and reads exactly one event tells the end, unless the
/// node ends before.
#[derive(Clone, Debug)]
pub enum Action {
    /// Ask another node.
    Call {
        /// Comes back with the reply.
        token: u64,
        /// Whom.
        to: NodeId,
        /// What.
        message: Message,
        /// How long to wait, ms.
        timeout_ms: u64,
    },
    /// Answer another node.
    Reply {
        /// Whom.
        to: NodeId,
        /// Which of its calls.
        call: u64,
        /// What.
        reply: Reply,
    },
    /// Write all of it or nothing, and say so when it is on the disk.
    Commit {
        /// Comes back when done.
        token: u64,
        /// In this order.
        writes: Vec<Write>,
    },
    /// Look something up.
    Read {
        /// Comes back with what is found.
        token: u64,
        /// What.
        query: Query,
    },
    /// Tell a client how far each member is with its change.
    Answer {
        /// Which request.
        request: u64,
        /// By member.
        members: BTreeMap<NodeId, Progress>,
    },
    /// Tell a client that another swarm keeps that account.
    WrongSwarm {
        /// Which request.
        request: u64,
    },
}

/// What a member asks of another.
#[derive(Clone, Debug)]
pub enum Message {
    /// Take these facts.
    Apply(Vec<Record>),
    /// What the items up to a time sum up to.
    Sums {
        /// Of accounts in these places.
        intervals: Intervals,
        /// Older than this, ms.
        until: u64,
    },
    /// What of some hours differs.
    Compare {
        /// Of accounts in these places.
        intervals: Intervals,
        /// Which hours.
        hours: Vec<u64>,
        /// Older than this, ms.
        until: u64,
        /// What the asker has.
        frame: Frame,
    },
    /// The facts behind these items.
    Get {
        /// Of accounts in these places.
        intervals: Intervals,
        /// Which.
        items: Vec<Item>,
    },
    /// Everything, page by page.
    Pull {
        /// Of accounts in these places.
        interval: Interval,
        /// Where the page before ended; none: the first.
        cursor: Option<Bytes>,
    },
}

/// What it answers.
#[derive(Clone, Debug)]
pub enum Reply {
    /// It is on the disk.
    Applied(Bytes),
    /// Sums, and whether this node has everything of those places that it should have.
    Sums {
        /// By hour.
        buckets: Buckets,
        /// Nothing is still on its way there.
        whole: bool,
    },
    /// What it has of those ranges.
    Frame(Frame),
    /// Facts, for the first `taken` of the items.
    Records {
        /// Those that are still there.
        records: Vec<Record>,
        /// How many items were looked up.
        taken: usize,
    },
    /// A page.
    Page {
        /// What is on it.
        records: Vec<Record>,
        /// Where the next one begins; none: it was the last.
        next: Option<Bytes>,
    },
    /// It has not got everything itself.
    NotWhole,
    /// Not its business: other swarm, unknown node.
    Refused,
    /// It could not.
    Failed,
}

/// A change of what is on the disk.
#[derive(Clone, Debug)]
pub enum Write {
    /// Merges facts with what is known.
    Apply(Vec<Record>),
    /// Keeps changes for who missed them.
    AddHints(Vec<Hint>),
    /// They were taken, or are of no use any more.
    RemoveHints(Vec<u64>),
    /// Forgets all that is kept for a member.
    ForgetMember(NodeId),
    /// Which parts of the ring are kept here: takes the place of what was known.
    Holdings(Vec<Holding>),
    /// Removes all accounts of these places.
    Drop(Interval),
}

/// What is looked up.
#[derive(Clone, Debug)]
pub enum Query {
    /// [`Found::Sums`] of what is older than `until`. Hours may be given with what is newer too.
    Sums {
        /// Of accounts in these places.
        intervals: Intervals,
        /// ms.
        until: u64,
    },
    /// [`Found::Items`], ascending.
    Items {
        /// Of accounts in these places.
        intervals: Intervals,
        /// Of these hours.
        hours: Vec<u64>,
        /// Older than this, ms.
        until: u64,
    },
    /// [`Found::Records`]: at most [`BATCH_BYTES`], at least for one item.
    Records {
        /// Of accounts in these places.
        intervals: Intervals,
        /// Which.
        items: Vec<Item>,
    },
    /// [`Found::Page`] of at most [`BATCH_BYTES`].
    Page {
        /// Of accounts in these places.
        interval: Interval,
        /// Where the page before ended.
        cursor: Option<Bytes>,
    },
    /// [`Found::Hints`]: the oldest, at most [`BATCH_BYTES`].
    Hints {
        /// Kept for whom.
        member: NodeId,
    },
}

/// What was found.
#[derive(Clone, Debug)]
pub enum Found {
    /// See [`Query::Sums`].
    Sums(Buckets),
    /// See [`Query::Items`].
    Items(Vec<Item>),
    /// See [`Query::Records`].
    Records {
        /// Those that are there.
        records: Vec<Record>,
        /// How many items were looked up.
        taken: usize,
    },
    /// See [`Query::Page`].
    Page {
        /// What is on it.
        records: Vec<Record>,
        /// Where the next one begins; none: it was the last.
        next: Option<Bytes>,
    },
    /// See [`Query::Hints`]: each with its number.
    Hints(Vec<(u64, Record)>),
    /// It could not be read.
    Failed,
}

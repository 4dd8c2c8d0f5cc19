//! What the members of a swarm agree on, and how they come to agree again after faults, without
//! sockets, clocks or tasks.
//!
//! [`Machine`] is told what happens ([`Event`]) and says what to do ([`Action`]): whoever drives
//! it, node or simulator, has the disk, the connections and the time. Its parts:
//! [`replicate`] carries a change to all members at once, [`hints`] keeps it for those that missed
//! it, [`buckets`] and [`reconcile`] find what is still different, [`ownership`] and [`transfer`]
//! move accounts when swarms change. [`merge`] says what two views of one thing become.

pub mod buckets;
mod effects;
pub mod hints;
mod machine;
pub mod merge;
pub mod ownership;
pub mod proof;
pub mod protocol;
pub mod reconcile;
pub mod record;
pub mod replicate;
mod schedule;
mod session;
pub mod transfer;
mod view;

pub use machine::{Machine, Recovered, Settings};
pub use protocol::{Action, Event, Found, Message, Now, Query, Reply, Write};
pub use record::{Fact, Record};
pub use view::View;

/// Faults that are put in on purpose, to show that the simulation finds them.
#[cfg(feature = "faults")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Fault {
    /// A member says that it has a change before its disk has.
    AnswerBeforeCommit,
    /// Who comes is sent everything once, as deployed nodes do; nothing is repaired.
    PushOnce,
    /// Missed changes are kept, but nothing is compared.
    NoAntiEntropy,
    /// A fellow's word is enough for a deletion.
    UnprovenDeletes,
}

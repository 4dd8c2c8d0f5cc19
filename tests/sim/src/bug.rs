//! Known bugs, to show that the simulation finds them.

use tacit_node::swarm::Fault;

/// A bug that can be put in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Bug {
    /// Members say that they have a change before their disk has.
    AnswerBeforeCommit,
    /// Deleted messages are not remembered.
    NoTombstones,
    /// A new member is sent everything once; nothing is repaired.
    PushOnce,
    /// Missed changes are kept for members, but nothing is compared.
    NoAntiEntropy,
    /// A fellow member's word is enough to delete.
    UnprovenDeletes,
    /// Clients read on by time instead of by order of arrival.
    CursorByTime,
}

impl Bug {
    /// What of it the machine does.
    pub(crate) fn fault(self) -> Option<Fault> {
        match self {
            Self::AnswerBeforeCommit => Some(Fault::AnswerBeforeCommit),
            Self::PushOnce => Some(Fault::PushOnce),
            Self::NoAntiEntropy => Some(Fault::NoAntiEntropy),
            Self::UnprovenDeletes => Some(Fault::UnprovenDeletes),
            Self::NoTombstones | Self::CursorByTime => None,
        }
    }
}

//! Who a conversation is with.

use tacit_sqlite::rusqlite;
use tacit_wire::AccountId;

use crate::column::Columns;

/// What stands at the other end.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ConversationKind {
    /// One other account.
    Person,
    /// Our own other devices.
    NoteToSelf,
    /// A group with an ID of its own (03).
    Group,
    /// A room of a community.
    Room,
}

impl ConversationKind {
    pub(super) fn number(self) -> i64 {
        match self {
            Self::Person => 0,
            Self::NoteToSelf => 1,
            Self::Group => 2,
            Self::Room => 3,
        }
    }

    fn from_number(number: i64) -> Option<Self> {
        [Self::Person, Self::NoteToSelf, Self::Group, Self::Room].into_iter().find(|kind| kind.number() == number)
    }
}

/// Who a conversation is with; there is one conversation for each.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Peer {
    kind: ConversationKind,
    id: [u8; 33],
}

impl Peer {
    /// A person.
    #[must_use]
    pub fn person(account: &AccountId) -> Self {
        Self { kind: ConversationKind::Person, id: *account.as_bytes() }
    }

    /// Ourselves, by our own ID.
    #[must_use]
    pub fn note_to_self(own: &AccountId) -> Self {
        Self { kind: ConversationKind::NoteToSelf, id: *own.as_bytes() }
    }

    /// A group.
    #[must_use]
    pub fn group(group: &AccountId) -> Self {
        Self { kind: ConversationKind::Group, id: *group.as_bytes() }
    }

    /// A room, by a name of 33 bytes that the caller derives from server key and token.
    #[must_use]
    pub fn room(id: [u8; 33]) -> Self {
        Self { kind: ConversationKind::Room, id }
    }

    /// What kind of peer.
    #[must_use]
    pub fn kind(&self) -> ConversationKind {
        self.kind
    }

    /// The 33 bytes.
    #[must_use]
    pub fn id(&self) -> &[u8; 33] {
        &self.id
    }

    /// The ID of the person, of ourselves or of the group; `None` for rooms.
    #[must_use]
    pub fn account(&self) -> Option<AccountId> {
        match self.kind {
            ConversationKind::Room => None,
            _ => AccountId::from_bytes(self.id).ok(),
        }
    }

    pub(crate) fn read(columns: &mut Columns<'_, '_>) -> rusqlite::Result<Self> {
        Ok(Self { kind: columns.number(ConversationKind::from_number)?, id: columns.take()? })
    }
}

impl std::fmt::Debug for Peer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Peer({:?} {:02x}{:02x}…)", self.kind, self.id[0], self.id[1])
    }
}

//! The configs there are (protocol: config 5.2, 5.3, 7).

use tacit_wire::Namespace;
use tacit_wire::proto::shared_config_message::Kind as WireKind;

/// What a config holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// Our own name, picture and Note to Self.
    Profile,
    /// People we know.
    Contacts,
    /// What was read up to where.
    Volatile,
    /// Groups and communities.
    Groups,
    /// A group's name, picture and timer.
    GroupInfo,
    /// A group's members.
    GroupMembers,
}

impl Kind {
    /// The configs of an account, in the order in which they are restored.
    pub const ACCOUNT: [Self; 4] = [Self::Profile, Self::Contacts, Self::Volatile, Self::Groups];

    /// What separates the encryption of this kind from that of others.
    #[must_use]
    pub fn domain(self) -> &'static str {
        match self {
            Self::Profile => "UserProfile",
            Self::Contacts => "Contacts",
            Self::Volatile => "ConvoInfoVolatile",
            Self::Groups => "UserGroups",
            Self::GroupInfo => "groups::Info",
            Self::GroupMembers => "groups::Members",
        }
    }

    /// Where its messages are stored.
    #[must_use]
    pub fn namespace(self) -> Namespace {
        match self {
            Self::Profile => Namespace::PROFILE,
            Self::Contacts => Namespace::CONTACTS,
            Self::Volatile => Namespace::VOLATILE,
            Self::Groups => Namespace::GROUPS,
            Self::GroupInfo => Namespace::GROUP_INFO,
            Self::GroupMembers => Namespace::GROUP_MEMBERS,
        }
    }

    /// Its name inside the protobuf wrapping; configs of groups are never wrapped.
    #[must_use]
    pub fn wire_kind(self) -> Option<WireKind> {
        match self {
            Self::Profile => Some(WireKind::UserProfile),
            Self::Contacts => Some(WireKind::Contacts),
            Self::Volatile => Some(WireKind::ConvoInfoVolatile),
            Self::Groups => Some(WireKind::UserGroups),
            Self::GroupInfo | Self::GroupMembers => None,
        }
    }
}

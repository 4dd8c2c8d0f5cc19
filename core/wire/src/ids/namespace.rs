//! The boxes of a mailbox (protocol: network 5, messages 5).

use std::fmt;

use serde::{Deserialize, Serialize};

/// One of the 65,536 separate boxes of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Namespace(pub i16);

impl Namespace {
    /// Direct messages.
    pub const MESSAGES: Self = Self(0);
    /// Config: own profile.
    pub const PROFILE: Self = Self(2);
    /// Config: contacts.
    pub const CONTACTS: Self = Self(3);
    /// Config: last read times.
    pub const VOLATILE: Self = Self(4);
    /// Config: groups and communities.
    pub const GROUPS: Self = Self(5);
    /// Messages of a group.
    pub const GROUP_MESSAGES: Self = Self(11);
    /// Encryption keys of a group.
    pub const GROUP_KEYS: Self = Self(12);
    /// Name, picture and timer of a group.
    pub const GROUP_INFO: Self = Self(13);
    /// Members of a group.
    pub const GROUP_MEMBERS: Self = Self(14);
    /// What is left for members that were removed from a group.
    pub const GROUP_REVOKED: Self = Self(-11);
    /// Groups of the kind before 2024.
    pub const LEGACY_GROUP: Self = Self(-10);

    /// Whether anyone may store without a signature: multiples of 10.
    #[must_use]
    pub fn is_public(self) -> bool {
        self.0 % 10 == 0
    }

    /// A "public outbox", −(20n+1): holds one message that all may read.
    #[must_use]
    pub fn is_public_outbox(self) -> bool {
        self.0 < 0 && (-i32::from(self.0)) % 20 == 1
    }

    /// Whether a retrieve needs no signature.
    #[must_use]
    pub fn is_readable_by_all(self) -> bool {
        self == Self::LEGACY_GROUP || self.is_public_outbox()
    }

    /// −11, −111, −211, …: readable even with a revoked subaccount.
    #[must_use]
    pub fn is_readable_when_revoked(self) -> bool {
        self.0 < 0 && (-i32::from(self.0)) % 100 == 11
    }

    /// How it enters signed texts and message hashes: empty for 0, else the number.
    #[must_use]
    pub fn signed_form(self) -> String {
        if self.0 == 0 { String::new() } else { self.0.to_string() }
    }
}

impl fmt::Display for Namespace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// One namespace or all of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Namespaces {
    /// Only this one.
    One(Namespace),
    /// `"all"`.
    All,
}

impl Namespaces {
    /// How it enters signed texts.
    #[must_use]
    pub fn signed_form(self) -> String {
        match self {
            Self::One(namespace) => namespace.signed_form(),
            Self::All => "all".to_owned(),
        }
    }
}

impl From<Namespace> for Namespaces {
    fn from(namespace: Namespace) -> Self {
        Self::One(namespace)
    }
}

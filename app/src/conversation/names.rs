//! How people are called in a conversation.

use std::collections::HashMap;

use tacit_wire::AccountId;

use super::wording::Wording;
use crate::person;

/// Names by account.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Names {
    pub(crate) me: AccountId,
    peer: Option<AccountId>,
    known: HashMap<AccountId, String>,
}

impl Names {
    /// Of us and of others.
    pub(crate) fn new(me: AccountId, own: String, others: impl IntoIterator<Item = (AccountId, String)>) -> Self {
        Self { me, peer: None, known: others.into_iter().chain([(me, own)]).collect() }
    }

    /// The conversation is with this account.
    pub(crate) fn with_peer(self, peer: Option<AccountId>) -> Self {
        Self { peer, ..self }
    }

    /// Whom the conversation is with; empty if nobody.
    pub(crate) fn peer(&self) -> String {
        self.peer.map(|id| self.of(&id)).unwrap_or_default()
    }

    /// The name as it is known; may be empty.
    pub(crate) fn known(&self, id: &AccountId) -> &str {
        self.known.get(id).map(String::as_str).unwrap_or_default()
    }

    /// The name, or the short ID where there is none.
    pub(crate) fn of(&self, id: &AccountId) -> String {
        person::shown_name(self.known(id), id)
    }

    /// As [`Self::of`], and “You” for us.
    pub(crate) fn called(&self, id: &AccountId, words: &impl Wording) -> String {
        if *id == self.me { words.you() } else { self.of(id) }
    }

    /// Everybody but us, by name.
    pub(crate) fn others(&self) -> Vec<(AccountId, String)> {
        let mut others: Vec<_> = self.known.keys().filter(|id| **id != self.me).map(|id| (*id, self.of(id))).collect();
        others.sort_by_cached_key(|(_, name)| name.to_lowercase());
        others
    }
}

//! How two views of one mailbox become one.
//!
//! Members see operations in different orders and may miss some; merging must nevertheless lead
//! all of them to the same state. Every part here is therefore the maximum of some order, so that
//! [`Mailbox::merge`] is commutative, associative and idempotent.
//!
//! A disk may forget the record of a message that was deleted or wiped; what it must keep is that
//! fact, for as long as a copy may come from elsewhere.

use std::collections::BTreeMap;

/// When a message ends, and when that was last decided.
///
/// Ordered: the later decision wins, of two at one time the later end. A store decides nothing
/// (`set_ms` 0), so storing a message again never shortens its life.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Expiry {
    /// When a user last changed it, ms since 1970; 0: as stored.
    pub set_ms: u64,
    /// When the message ends, ms since 1970.
    pub expires_ms: u64,
}

/// What is known of one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Entry {
    /// It is there.
    Present {
        /// The sender's time; of two stores of the same bytes the later one counts.
        stored_ms: u64,
        /// Its end.
        expiry: Expiry,
    },
    /// Its owner deleted it.
    Deleted {
        /// When; the earliest counts.
        deleted_ms: u64,
        /// How long that must be remembered; the longest counts.
        until_ms: u64,
    },
}

impl Entry {
    /// One record out of two: deleted beats present.
    #[must_use]
    pub fn merge(self, other: Self) -> Self {
        use Entry::{Deleted, Present};
        match (self, other) {
            (Present { stored_ms: a, expiry: x }, Present { stored_ms: b, expiry: y }) => {
                Present { stored_ms: a.max(b), expiry: x.max(y) }
            }
            (Deleted { deleted_ms: a, until_ms: x }, Deleted { deleted_ms: b, until_ms: y }) => {
                Deleted { deleted_ms: a.min(b), until_ms: x.max(y) }
            }
            (deleted @ Deleted { .. }, Present { .. }) | (Present { .. }, deleted @ Deleted { .. }) => deleted,
        }
    }

    /// Whether a reader may see it where everything up to `wiped_ms` was wiped.
    #[must_use]
    pub fn is_visible(self, wiped_ms: Option<u64>) -> bool {
        match self {
            Self::Present { stored_ms, .. } => wiped_ms.is_none_or(|wiped| stored_ms > wiped),
            Self::Deleted { .. } => false,
        }
    }
}

/// Whether a subaccount is revoked, and since when that is so. Ordered: the later decision wins,
/// of two at one time the revocation.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Revocation {
    /// The signed time.
    pub at_ms: u64,
    /// Revoked, or allowed again.
    pub revoked: bool,
}

/// Which of two messages a public outbox holds: the newest, of two at one time the larger hash.
#[must_use]
pub fn outbox_keeps_new(held: (u64, &[u8; 32]), new: (u64, &[u8; 32])) -> bool {
    new > held
}

/// All that is replicated of one account. The store keeps the same in tables; this form is for
/// reasoning, tests and simulation.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Mailbox {
    /// By namespace and hash.
    pub messages: BTreeMap<(i16, [u8; 32]), Entry>,
    /// By namespace: everything stored up to this time is gone.
    pub wiped: BTreeMap<i16, u64>,
    /// By token of the subaccount.
    pub revocations: BTreeMap<[u8; 36], Revocation>,
}

impl Mailbox {
    /// Takes in all that another member knows.
    pub fn merge(&mut self, other: &Self) {
        for (key, entry) in &other.messages {
            self.messages.entry(*key).and_modify(|mine| *mine = mine.merge(*entry)).or_insert(*entry);
        }
        for (namespace, before) in &other.wiped {
            let mine = self.wiped.entry(*namespace).or_insert(*before);
            *mine = (*mine).max(*before);
        }
        for (token, revocation) in &other.revocations {
            let mine = self.revocations.entry(*token).or_insert(*revocation);
            *mine = (*mine).max(*revocation);
        }
    }

    /// What a reader sees at `now_ms`.
    pub fn visible(&self, now_ms: u64) -> impl Iterator<Item = (i16, [u8; 32])> + '_ {
        self.messages.iter().filter_map(move |((namespace, hash), entry)| {
            let alive = matches!(entry, Entry::Present { expiry, .. } if expiry.expires_ms > now_ms);
            (alive && entry.is_visible(self.wiped.get(namespace).copied())).then_some((*namespace, *hash))
        })
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn entry() -> impl Strategy<Value = Entry> {
        prop_oneof![
            (0..6u64, 0..4u64, 0..6u64).prop_map(|(stored_ms, set_ms, expires_ms)| {
                Entry::Present { stored_ms, expiry: Expiry { set_ms, expires_ms } }
            }),
            (0..6u64, 0..6u64).prop_map(|(deleted_ms, until_ms)| Entry::Deleted { deleted_ms, until_ms }),
        ]
    }

    fn mailbox() -> impl Strategy<Value = Mailbox> {
        let messages = prop::collection::btree_map((0..2i16, (0..3u8).prop_map(|n| [n; 32])), entry(), 0..5);
        let wiped = prop::collection::btree_map(0..2i16, 0..6u64, 0..3);
        let revocations = prop::collection::btree_map(
            (0..2u8).prop_map(|n| [n; 36]),
            (0..4u64, any::<bool>()).prop_map(|(at_ms, revoked)| Revocation { at_ms, revoked }),
            0..3,
        );
        (messages, wiped, revocations).prop_map(|(messages, wiped, revocations)| Mailbox {
            messages,
            wiped,
            revocations,
        })
    }

    fn merged(a: &Mailbox, b: &Mailbox) -> Mailbox {
        let mut all = a.clone();
        all.merge(b);
        all
    }

    proptest! {
        #[test]
        fn the_order_of_merging_does_not_matter(a in mailbox(), b in mailbox(), c in mailbox()) {
            prop_assert_eq!(merged(&a, &b), merged(&b, &a));
            prop_assert_eq!(merged(&merged(&a, &b), &c), merged(&a, &merged(&b, &c)));
            prop_assert_eq!(merged(&a, &a), a.clone());
            prop_assert_eq!(merged(&merged(&a, &b), &b), merged(&a, &b));
        }

        #[test]
        fn a_deleted_message_is_never_seen_again(a in mailbox(), b in mailbox(), now in 0..6u64) {
            let all = merged(&a, &b);
            for (key, entry) in &a.messages {
                if matches!(entry, Entry::Deleted { .. }) {
                    prop_assert!(all.visible(now).all(|seen| seen != *key));
                }
            }
        }

        #[test]
        fn an_outbox_has_one_winner(a in (0..3u64, 0..3u8), b in (0..3u64, 0..3u8)) {
            let (x, y) = ((a.0, &[a.1; 32]), (b.0, &[b.1; 32]));
            prop_assert_eq!(outbox_keeps_new(x, y) || outbox_keeps_new(y, x), a != b);
        }
    }

    #[test]
    fn storing_again_never_shortens_and_a_users_choice_counts() {
        let stored = |expires_ms| Entry::Present { stored_ms: 1, expiry: Expiry { set_ms: 0, expires_ms } };
        assert_eq!(stored(9).merge(stored(5)), stored(9));
        let chosen = Entry::Present { stored_ms: 1, expiry: Expiry { set_ms: 2, expires_ms: 4 } };
        assert_eq!(stored(9).merge(chosen), chosen);
    }
}

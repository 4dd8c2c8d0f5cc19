//! From the config objects into the tables: the records that a merge changed.

use std::collections::BTreeMap;

use tacit_config::contacts::{self, Contact};
use tacit_config::volatile::{self, Conversation, ReadState};
use tacit_config::{Config, Kind};
use tacit_store::Error;
use tacit_wire::{AccountId, TimestampMs};

use super::{Configs, people, profile, reading};

/// The records of an object at one moment.
pub(super) enum Records {
    /// Those of kinds that are applied as a whole, or not at all.
    Whole,
    Contacts(BTreeMap<AccountId, Contact>),
    ReadStates(BTreeMap<AccountId, ReadState>),
}

impl Records {
    pub(super) fn of(kind: Kind, config: &Config) -> Self {
        match kind {
            Kind::Contacts => Self::Contacts(contacts::all(config).map(|contact| (contact.id, contact)).collect()),
            Kind::Volatile => Self::ReadStates(
                volatile::all(config)
                    .filter_map(|(of, state)| match of {
                        Conversation::Person(account) => Some((account, state)),
                        _ => None,
                    })
                    .collect(),
            ),
            _ => Self::Whole,
        }
    }
}

/// Takes what differs from `before` into the tables. `at` is when it changed.
pub(super) fn apply(
    configs: &mut Configs<'_>,
    kind: Kind,
    before: &Records,
    at: TimestampMs,
    now: TimestampMs,
) -> Result<(), Error> {
    if kind == Kind::Profile {
        return profile::apply(configs, at, now);
    }
    match (before, Records::of(kind, configs.get(kind)?)) {
        (Records::Contacts(before), Records::Contacts(after)) => {
            for contact in after.values().filter(|contact| before.get(&contact.id) != Some(contact)) {
                people::apply(configs, contact, at, now)?;
            }
            before.keys().filter(|id| !after.contains_key(id)).try_for_each(|id| people::remove(configs, id, at, now))
        }
        (Records::ReadStates(before), Records::ReadStates(after)) => {
            for (account, state) in after.iter().filter(|(account, state)| before.get(account) != Some(state)) {
                reading::apply(configs, account, state)?;
            }
            // A record in which nothing is left is gone.
            let gone = before.keys().filter(|account| !after.contains_key(account));
            gone.into_iter().try_for_each(|account| reading::apply(configs, account, &ReadState::default()))
        }
        _ => Ok(()),
    }
}

//! From the tables into the config objects.

use tacit_config::Kind;
use tacit_store::{Dirty, Error, Store};
use tacit_wire::TimestampMs;

use super::{Configs, Owner, people, profile, reading};

/// Puts what changed in the tables into the objects. Says whether there was anything.
pub(super) fn take(store: &mut Store, owner: &Owner, now: TimestampMs) -> Result<bool, Error> {
    if !store.config_is_dirty()? {
        return Ok(false);
    }
    store.write(|tx| {
        let mut configs = Configs::new(tx, owner);
        let taken = take_into(&mut configs, now)?;
        configs.save()?;
        tell_changed(tx, owner, &taken, now)?;
        Ok(!taken.is_empty())
    })
}

/// Objects that neither this device nor the swarm has are made anew from the tables: after more than
/// a month, or from a backup. To be called when all boxes were read.
pub(super) fn make_missing(store: &mut Store, owner: &Owner, now: TimestampMs) -> Result<(), Error> {
    for kind in Kind::ACCOUNT {
        if store.config(&owner.mailbox(kind))?.is_none() {
            store.write::<_, Error>(|tx| tx.set_all_dirty(kind.namespace()))?;
        }
    }
    take(store, owner, now).map(drop)
}

/// As [`take`], within a transaction. Gives the kinds of the objects that it was put into.
pub(super) fn take_into(configs: &mut Configs<'_>, now: TimestampMs) -> Result<Vec<Kind>, Error> {
    let mut kinds = Vec::new();
    for dirty in configs.tx.take_dirty()? {
        let kind = match dirty {
            Dirty::Profile => profile::write(configs).map(|()| Kind::Profile),
            Dirty::Contact(account) => people::write(configs, &account).map(|()| Kind::Contacts),
            Dirty::ReadState(account) => reading::write(configs, &account, now).map(|()| Kind::Volatile),
        }?;
        if !kinds.contains(&kind) {
            kinds.push(kind);
        }
    }
    Ok(kinds)
}

/// Keeps the time of a change with the objects, which must be kept already.
pub(super) fn tell_changed(
    tx: &tacit_store::Tx<'_>,
    owner: &Owner,
    kinds: &[Kind],
    now: TimestampMs,
) -> Result<(), Error> {
    kinds.iter().try_for_each(|kind| tx.set_config_changed(&owner.mailbox(*kind), now))
}

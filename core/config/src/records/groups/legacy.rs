//! Groups of the kind before 2024: listed and kept, no longer used.

use std::collections::BTreeSet;
use std::fmt;

use tacit_wire::{AccountId, Prefix, name};
use zeroize::Zeroizing;

use super::{Config, Dict, Editor, Error, Settings, Value, array, by_id, positive};
use crate::records::{account_id, short_name};
use crate::value::{Scalar, Set};

const LEGACY_GROUPS: &[u8] = b"C";

/// Such a group. `Debug` shows the start of the ID only.
#[derive(Clone, PartialEq, Eq)]
pub struct LegacyGroup {
    /// Prefix 05 and a key that is no account's.
    pub id: AccountId,
    /// Its name, possibly empty.
    pub name: String,
    /// The X25519 key pair that its messages were encrypted with.
    pub keys: Option<([u8; 32], Zeroizing<[u8; 32]>)>,
    /// Members that are no admins.
    pub members: BTreeSet<AccountId>,
    /// Admins.
    pub admins: BTreeSet<AccountId>,
    /// Seconds after which messages disappear, 0 is never.
    pub timer: i64,
    /// Settings of the conversation.
    pub settings: Settings,
}

impl LegacyGroup {
    fn read(id: AccountId, record: &Dict) -> Self {
        Self {
            id,
            name: short_name(record, b"n"),
            keys: array(record, b"k").zip(array(record, b"K").map(Zeroizing::new)),
            members: accounts(record, b"m"),
            admins: accounts(record, b"a"),
            timer: positive(record, b"E"),
            settings: Settings::read(record),
        }
    }
}

impl fmt::Debug for LegacyGroup {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LegacyGroup").field("id", &self.id).finish_non_exhaustive()
    }
}

fn accounts(record: &Dict, key: &[u8]) -> BTreeSet<AccountId> {
    let set = record.get(key).and_then(Value::as_set).into_iter().flatten();
    let ids = set.filter_map(|scalar| match scalar {
        Scalar::Bytes(bytes) => account_id(bytes).filter(|id| id.prefix() == Prefix::Account),
        Scalar::Integer(_) => None,
    });
    ids.collect()
}

/// All such groups, by ID.
pub fn all_legacy_groups(config: &Config) -> impl Iterator<Item = LegacyGroup> {
    by_id(config, LEGACY_GROUPS, Prefix::Account).map(|(id, record)| LegacyGroup::read(id, record))
}

/// Writes a record; the name is cut to 100 bytes.
///
/// # Errors
/// [`Error::Id`] when the ID has another prefix.
pub fn set_legacy_group(config: &mut Config, group: &LegacyGroup) -> Result<(), Error> {
    if group.id.prefix() != Prefix::Account {
        return Err(Error::Id);
    }
    let path = [LEGACY_GROUPS, group.id.as_bytes()];
    let mut record = Editor::new(config, &path);
    record.set(b"n", name::cut(&group.name));
    record.bytes(b"k", group.keys.as_ref().map(|(public, _)| public.as_slice()));
    record.bytes(b"K", group.keys.as_ref().map(|(_, secret)| secret.as_slice()));
    record.positive(b"E", group.timer);
    group.settings.write(&mut record);
    for (key, accounts) in [(b"m".as_slice(), &group.members), (b"a", &group.admins)] {
        let set: Set = accounts.iter().map(|id| Scalar::from(id.as_bytes().as_slice())).collect();
        config.assign_set(&[path[0], path[1], key], set);
    }
    Ok(())
}

/// Erases a record. Says whether there was one.
pub fn erase_legacy_group(config: &mut Config, id: &AccountId) -> bool {
    config.erase(&[LEGACY_GROUPS, id.as_bytes()])
}

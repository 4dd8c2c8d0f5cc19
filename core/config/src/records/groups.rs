//! Groups and communities that we are in (protocol: config 8.4).

use tacit_wire::{AccountId, Prefix};

use super::{Editor, Notify, account_id, array, dict, flag, integer, positive, seconds};
use crate::value::{Dict, Value};
use crate::{Config, Error};

mod group;
mod legacy;
mod room;

pub use group::{Group, Membership, all_groups, erase_group, group, set_group};
pub use legacy::{LegacyGroup, all_legacy_groups, erase_legacy_group, set_legacy_group};
pub use room::{Room, all_rooms, erase_room, room, set_room};

/// What all kinds have.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Settings {
    /// The conversation: −1 hidden, 0 usual, above that pinned, higher first.
    pub priority: i64,
    /// Seconds since 1970 when we joined, 0 if unknown.
    pub joined: i64,
    /// When to notify.
    pub notify: Notify,
    /// Muted until these seconds since 1970, 0 if not.
    pub muted_until: i64,
    /// We were invited and did not answer yet.
    pub invited: bool,
}

impl Settings {
    fn read(record: &Dict) -> Self {
        Self {
            priority: integer(record, b"+"),
            joined: seconds(positive(record, b"j")),
            notify: Notify::read(record),
            muted_until: seconds(positive(record, b"!")),
            invited: flag(record, b"i"),
        }
    }

    fn write(&self, record: &mut Editor<'_, '_>) {
        record.nonzero(b"+", self.priority);
        record.positive(b"j", seconds(self.joined));
        record.nonzero(b"@", self.notify as i64);
        record.positive(b"!", seconds(self.muted_until));
        record.flag(b"i", self.invited);
    }
}

/// The records under `kind` that have an ID with this prefix.
fn by_id<'c>(config: &'c Config, kind: &'static [u8], prefix: Prefix) -> impl Iterator<Item = (AccountId, &'c Dict)> {
    let records = dict(config.data(), kind).into_iter().flatten();
    records.filter_map(move |(key, record)| {
        let id = account_id(key).filter(|id| id.prefix() == prefix)?;
        Some((id, record.as_dict()?))
    })
}

//! Groups.

use std::fmt;

use tacit_crypto::NodeKeys;
use tacit_wire::{AccountId, Prefix, name};
use zeroize::Zeroizing;

use super::{Config, Dict, Editor, Error, Settings, Value, array, by_id, dict, integer};
use crate::records::short_name;

const GROUPS: &[u8] = b"g";
/// Bytes of the value that lets a member write to the group's swarm.
pub const SIGNING_VALUE: usize = 100;

/// How we stand to a group.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Membership {
    /// In it, or invited.
    #[default]
    Active,
    /// Removed by an admin; can be invited again.
    Kicked,
    /// It is no more.
    Destroyed,
}

/// A group. `Debug` shows the start of the ID only.
#[derive(Clone, PartialEq, Eq)]
pub struct Group {
    /// Prefix 03 and the group's Ed25519 key.
    pub id: AccountId,
    /// The seed of that key, if we are an admin.
    pub seed: Option<Zeroizing<[u8; 32]>>,
    /// What lets us write to its swarm as a member.
    pub signing_value: Option<Zeroizing<[u8; SIGNING_VALUE]>>,
    /// The name of the invitation, at most 100 bytes.
    pub name: String,
    /// How we stand to it.
    pub membership: Membership,
    /// Settings of the conversation.
    pub settings: Settings,
}

impl Group {
    /// An empty record of a group.
    #[must_use]
    pub fn new(id: AccountId) -> Self {
        Self::read(id, &Dict::new())
    }

    fn read(id: AccountId, record: &Dict) -> Self {
        let seed = array::<32>(record, b"K").map(Zeroizing::new);
        Self {
            id,
            seed: seed.filter(|seed| is_seed_of(seed, &id)),
            signing_value: array(record, b"s").map(Zeroizing::new),
            name: short_name(record, b"n"),
            membership: match integer(record, b"r") {
                1 => Membership::Kicked,
                2 => Membership::Destroyed,
                _ => Membership::Active,
            },
            settings: Settings::read(record),
        }
    }

    /// An admin removed us.
    pub fn kick(&mut self) {
        if self.membership != Membership::Destroyed {
            self.leave_as(Membership::Kicked);
        }
    }

    /// The group is no more; nothing undoes that.
    pub fn destroy(&mut self) {
        self.leave_as(Membership::Destroyed);
    }

    /// We are invited again.
    pub fn reinvite(&mut self) {
        if self.membership == Membership::Kicked {
            self.membership = Membership::Active;
        }
    }

    fn leave_as(&mut self, membership: Membership) {
        self.membership = membership;
        self.seed = None;
        self.signing_value = None;
    }
}

impl fmt::Debug for Group {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Group").field("id", &self.id).field("membership", &self.membership).finish_non_exhaustive()
    }
}

fn is_seed_of(seed: &[u8; 32], id: &AccountId) -> bool {
    NodeKeys::from_seed(seed).ed25519_public() == *id.key()
}

/// The record of one group.
#[must_use]
pub fn group(config: &Config, id: &AccountId) -> Option<Group> {
    let groups = dict(config.data(), GROUPS)?;
    groups.get(id.as_bytes().as_slice()).and_then(Value::as_dict).map(|record| Group::read(*id, record))
}

/// All groups, by ID.
pub fn all_groups(config: &Config) -> impl Iterator<Item = Group> {
    by_id(config, GROUPS, Prefix::Group).map(|(id, record)| Group::read(id, record))
}

/// Writes a record. A seed that is not the group's is left out, the name is cut to 100 bytes.
///
/// # Errors
/// [`Error::Id`] when it is no group.
pub fn set_group(config: &mut Config, group: &Group) -> Result<(), Error> {
    if group.id.prefix() != Prefix::Group {
        return Err(Error::Id);
    }
    let is_active = group.membership == Membership::Active;
    let seed = group.seed.as_ref().filter(|seed| is_active && is_seed_of(seed, &group.id));
    let mut record = Editor::new(config, &[GROUPS, group.id.as_bytes()]);
    record.set(b"K", seed.map_or(&[][..], |seed| seed.as_slice()));
    if seed.is_none() {
        let value = group.signing_value.as_ref().filter(|_| is_active);
        record.bytes(b"s", value.map(|value| value.as_slice()));
    }
    record.text(b"n", name::cut(&group.name));
    record.nonzero(b"r", group.membership as i64);
    group.settings.write(&mut record);
    Ok(())
}

/// Erases a record. Says whether there was one.
pub fn erase_group(config: &mut Config, id: &AccountId) -> bool {
    config.erase(&[GROUPS, id.as_bytes()])
}

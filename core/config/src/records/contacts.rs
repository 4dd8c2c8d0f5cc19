//! People (protocol: config 8.2).

use std::collections::BTreeSet;
use std::fmt;

use tacit_wire::{AccountId, Prefix, name};

use super::{
    Editor, Expiry, Notify, Picture, account_id, array, checked_picture, dict, features, flag, integer, picture,
    positive, seconds, short_name,
};
use crate::value::Dict;
use crate::{Config, Error};

mod blinded;

pub use blinded::{BlindedContact, all_blinded, erase_blinded, set_blinded};

const CONTACTS: &[u8] = b"c";

/// Somebody we know. `Debug` shows the start of the ID only.
#[derive(Clone, PartialEq, Eq)]
pub struct Contact {
    /// Whose record it is.
    pub id: AccountId,
    /// Their name, possibly empty; at most 100 bytes.
    pub name: String,
    /// What we call them, empty if nothing else.
    pub nickname: String,
    /// Their picture.
    pub picture: Option<Picture>,
    /// Seconds since 1970 of their profile's last change, 0 if never told.
    pub profile_updated: i64,
    /// Whether we accepted them.
    pub approved: bool,
    /// Whether they accepted us.
    pub approved_me: bool,
    /// Whether we blocked them.
    pub blocked: bool,
    /// When to notify.
    pub notify: Notify,
    /// Muted until these seconds since 1970, 0 if not.
    pub muted_until: i64,
    /// The conversation: −1 hidden, 0 usual, above that pinned, higher first.
    pub priority: i64,
    /// When messages disappear.
    pub expiry: Expiry,
    /// Seconds since 1970 when the record was made, 0 if unknown.
    pub created: i64,
    /// Bit numbers of features.
    pub features: BTreeSet<i64>,
}

impl Contact {
    /// An empty record of somebody.
    #[must_use]
    pub fn new(id: AccountId) -> Self {
        Self::read(id, &Dict::new())
    }

    fn read(id: AccountId, record: &Dict) -> Self {
        Self {
            id,
            name: short_name(record, b"n"),
            nickname: short_name(record, b"N"),
            picture: picture(record, b"p", b"q"),
            profile_updated: positive(record, b"t"),
            approved: flag(record, b"a"),
            approved_me: flag(record, b"A"),
            blocked: flag(record, b"b"),
            notify: Notify::read(record).of_person(),
            muted_until: seconds(positive(record, b"!")),
            priority: integer(record, b"+"),
            expiry: Expiry::read(record),
            created: seconds(positive(record, b"j")),
            features: features(record),
        }
    }
}

impl fmt::Debug for Contact {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contact").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The record of one account.
#[must_use]
pub fn get(config: &Config, id: &AccountId) -> Option<Contact> {
    let contacts = dict(config.data(), CONTACTS)?;
    dict(contacts, id.as_bytes()).map(|record| Contact::read(*id, record))
}

/// All records, by ID. Those under unfit keys are passed over, and kept.
pub fn all(config: &Config) -> impl Iterator<Item = Contact> {
    let contacts = dict(config.data(), CONTACTS).into_iter().flatten();
    contacts.filter_map(|(key, record)| {
        let id = account_id(key).filter(|id| id.prefix() == Prefix::Account)?;
        Some(Contact::read(id, record.as_dict()?))
    })
}

/// Writes a record. Names are cut to 100 bytes.
///
/// # Errors
/// [`Error::Id`] for other than accounts, [`Error::TooLong`] for the address of the picture.
pub fn set(config: &mut Config, contact: &Contact) -> Result<(), Error> {
    if contact.id.prefix() != Prefix::Account {
        return Err(Error::Id);
    }
    checked_picture(contact.picture.as_ref())?;
    let mut record = Editor::new(config, &[CONTACTS, contact.id.as_bytes()]);
    record.set(b"n", name::cut(&contact.name));
    record.text(b"N", name::cut(&contact.nickname));
    record.picture(b"p", b"q", contact.picture.as_ref());
    record.positive(b"t", contact.profile_updated);
    record.flag(b"a", contact.approved);
    record.flag(b"A", contact.approved_me);
    record.flag(b"b", contact.blocked);
    record.nonzero(b"@", contact.notify.of_person() as i64);
    record.positive(b"!", seconds(contact.muted_until));
    record.nonzero(b"+", contact.priority);
    let (mode, timer) = contact.expiry.parts();
    record.nonzero(b"e", mode);
    record.nonzero(b"E", timer);
    record.positive(b"j", seconds(contact.created));
    record.features(&contact.features);
    Ok(())
}

/// Erases a record. Says whether there was one.
pub fn erase(config: &mut Config, id: &AccountId) -> bool {
    config.erase(&[CONTACTS, id.as_bytes()])
}

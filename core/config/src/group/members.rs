//! Who is in a group (protocol: config 9.2).

use std::fmt;

use tacit_wire::{AccountId, Prefix, name};

use crate::records::{
    Editor, Picture, account_id, checked_picture, dict, flag, integer, picture, positive, short_name,
};
use crate::value::Dict;
use crate::{Config, Error};

const MEMBERS: &[u8] = b"m";

/// How far an invitation or promotion is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Progress {
    /// Accepted, or there never was one.
    #[default]
    Accepted,
    /// Sent, not answered.
    Sent,
    /// Could not be sent.
    Failed,
    /// To be sent.
    NotSent,
}

impl Progress {
    fn read(record: &Dict, key: &[u8]) -> Self {
        match integer(record, key) {
            1 => Self::Sent,
            2 => Self::Failed,
            3 => Self::NotSent,
            _ => Self::Accepted,
        }
    }
}

/// Whether a member is being removed. The record stays until an admin's device has done so.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Removal {
    /// Not.
    #[default]
    None,
    /// The member.
    Member,
    /// The member with all messages.
    WithMessages,
}

/// A member. `Debug` shows the start of the ID only.
#[derive(Clone, PartialEq, Eq)]
pub struct Member {
    /// Whose record it is.
    pub id: AccountId,
    /// At most 100 bytes, possibly empty.
    pub name: String,
    /// Their picture.
    pub picture: Option<Picture>,
    /// Seconds since 1970 of their profile's last change.
    pub profile_updated: i64,
    /// Whether they are an admin, or are to become one.
    pub admin: bool,
    /// The invitation; of no meaning for admins.
    pub invitation: Progress,
    /// Invited together with the keys of before: sees the history.
    pub with_history: bool,
    /// The promotion to admin.
    pub promotion: Progress,
    /// Whether they are being removed.
    pub removal: Removal,
}

/// What a list of members says about one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    /// The invitation: not sent, sending, failed, sent, accepted.
    Invitation(Step),
    /// The promotion, in the same steps.
    Promotion(Step),
    /// Being removed.
    Removed,
    /// Being removed with all messages.
    RemovedWithMessages,
}

/// A step of [`Status`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Step {
    /// To be sent, by whichever device made the record.
    NotSent,
    /// To be sent by this device.
    Sending,
    /// Could not be sent.
    Failed,
    /// Sent, not answered.
    Sent,
    /// Accepted.
    Accepted,
}

impl Member {
    /// Somebody who is to be invited.
    #[must_use]
    pub fn new(id: AccountId) -> Self {
        Self { invitation: Progress::NotSent, ..Self::read(id, &Dict::new()) }
    }

    fn read(id: AccountId, record: &Dict) -> Self {
        let (admin, promotion) = (flag(record, b"A"), Progress::read(record, b"P"));
        let invitation = if admin { Progress::Accepted } else { Progress::read(record, b"I") };
        let is_invited = invitation != Progress::Accepted && promotion == Progress::Accepted;
        Self {
            id,
            name: short_name(record, b"n"),
            picture: picture(record, b"p", b"q"),
            profile_updated: positive(record, b"t"),
            admin,
            invitation,
            with_history: is_invited && flag(record, b"s"),
            promotion,
            removal: match integer(record, b"R") {
                1 => Removal::Member,
                2 => Removal::WithMessages,
                _ => Removal::None,
            },
        }
    }

    /// To be made an admin.
    pub fn promote(&mut self) {
        self.admin = true;
        self.promotion = Progress::NotSent;
        self.invitation = Progress::Accepted;
        self.with_history = false;
    }

    /// To be removed.
    pub fn remove(&mut self, removal: Removal) {
        self.removal = removal;
        self.invitation = Progress::Accepted;
        self.promotion = Progress::Accepted;
    }

    /// Whether an invitation or promotion is still to be sent. The device that writes such a
    /// record keeps it in a list of its own until it has sent it.
    #[must_use]
    pub fn is_to_be_sent(&self) -> bool {
        self.invitation == Progress::NotSent || self.promotion == Progress::NotSent
    }

    /// What to show; `sending` says whether it is in this device's list of what to send.
    #[must_use]
    pub fn status(&self, sending: bool) -> Status {
        let step = |progress| match progress {
            Progress::Accepted => Step::Accepted,
            Progress::Sent => Step::Sent,
            Progress::Failed => Step::Failed,
            Progress::NotSent if sending => Step::Sending,
            Progress::NotSent => Step::NotSent,
        };
        match self.removal {
            Removal::Member => Status::Removed,
            Removal::WithMessages => Status::RemovedWithMessages,
            Removal::None if self.admin => Status::Promotion(step(self.promotion)),
            Removal::None => Status::Invitation(step(self.invitation)),
        }
    }
}

impl fmt::Debug for Member {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Member").field("id", &self.id).finish_non_exhaustive()
    }
}

/// The record of one member.
#[must_use]
pub fn get(config: &Config, id: &AccountId) -> Option<Member> {
    dict(dict(config.data(), MEMBERS)?, id.as_bytes()).map(|record| Member::read(*id, record))
}

/// All members, by ID. Records under unfit keys are passed over, and kept.
pub fn all(config: &Config) -> impl Iterator<Item = Member> {
    let members = dict(config.data(), MEMBERS).into_iter().flatten();
    members.filter_map(|(key, record)| {
        let id = account_id(key).filter(|id| id.prefix() == Prefix::Account)?;
        Some(Member::read(id, record.as_dict()?))
    })
}

/// Writes a record. The name is cut to 100 bytes.
///
/// # Errors
/// [`Error::ReadOnly`] without the group's key; [`Error::Id`] for other than accounts,
/// [`Error::TooLong`] for the address of the picture.
pub fn set(config: &mut Config, member: &Member) -> Result<(), Error> {
    if !config.is_writable() {
        return Err(Error::ReadOnly);
    }
    if member.id.prefix() != Prefix::Account {
        return Err(Error::Id);
    }
    checked_picture(member.picture.as_ref())?;
    let invitation = if member.admin { Progress::Accepted } else { member.invitation };
    let mut record = Editor::new(config, &[MEMBERS, member.id.as_bytes()]);
    record.set(b"n", name::cut(&member.name));
    record.picture(b"p", b"q", member.picture.as_ref());
    record.positive(b"t", member.profile_updated);
    record.flag(b"A", member.admin);
    record.nonzero(b"I", invitation as i64);
    record.flag(b"s", member.with_history);
    record.nonzero(b"P", member.promotion as i64);
    record.nonzero(b"R", member.removal as i64);
    Ok(())
}

/// Erases a record. Says whether there was one.
pub fn erase(config: &mut Config, id: &AccountId) -> bool {
    config.erase(&[MEMBERS, id.as_bytes()])
}

//! What another device of ours changed, written into the tables. Each of these says whether it
//! changed anything.

use tacit_sqlite::rusqlite::params;
use tacit_wire::{AccountId, TimestampMs};

use crate::column::{clamped, ms};
use crate::contact::row_of;
use crate::{ConversationId, Error, Expiry, Notify, Tx};

/// Our own profile as all our devices have it.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct OwnProfile {
    /// The name that others see; may be empty.
    pub name: String,
    /// When name or picture were last changed, in seconds since 1970.
    pub updated_s: u64,
    /// Where our picture is; empty for none.
    pub picture_url: String,
    /// The key of the picture.
    pub picture_key: Vec<u8>,
}

/// A person as all our devices have them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SyncedContact {
    /// Who.
    pub account: AccountId,
    /// How they call themselves.
    pub name: String,
    /// How we call them; empty for none.
    pub nickname: String,
    /// Their time of the profile, in seconds since 1970; 0 if unknown.
    pub profile_updated_s: u64,
    /// Where their picture is; empty for none.
    pub picture_url: String,
    /// The key of the picture.
    pub picture_key: Vec<u8>,
    /// By us.
    pub approved: bool,
    /// By them.
    pub approved_me: bool,
    /// Nothing of theirs is shown.
    pub blocked: bool,
}

/// How a conversation is kept on all our devices.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct SyncedSettings {
    /// Larger stands higher; 0 is not pinned.
    pub pinned: i64,
    /// Not shown until something new is written.
    pub hidden: bool,
    /// When its messages disappear.
    pub expiry: Expiry,
    /// No notifications until then.
    pub muted_until: Option<TimestampMs>,
    /// Which messages notify.
    pub notify: Notify,
}

impl Tx<'_> {
    /// Takes over our own profile.
    ///
    /// # Errors
    /// Those of the database.
    pub fn apply_profile(&self, profile: &OwnProfile) -> Result<bool, Error> {
        let OwnProfile { name, updated_s, picture_url, picture_key } = profile;
        // Another picture is not the one in the file.
        let mut statement = self.connection.prepare_cached(
            "UPDATE account SET display_name = ?1, profile_updated_s = ?2,
               picture_file = iif((picture_url, picture_key) IS (?3, ?4), picture_file, NULL),
               picture_url = ?3, picture_key = ?4
             WHERE id = 1 AND (display_name, profile_updated_s, picture_url, picture_key) IS NOT (?1, ?2, ?3, ?4)",
        )?;
        Ok(statement.execute(params![name, clamped(*updated_s), picture_url, picture_key])? == 1)
    }

    /// Takes over a person; name and picture only where they are not older than those that are
    /// here.
    ///
    /// # Errors
    /// Those of the database.
    pub fn apply_contact(&self, contact: &SyncedContact, now: TimestampMs) -> Result<bool, Error> {
        let row = row_of(self, &contact.account, now)?;
        let profile = self
            .connection
            .prepare_cached(
                "UPDATE contact SET name = iif(?2 = '', name, ?2), profile_updated_s = ?3,
                   picture_url = ?4, picture_key = ?5
                 WHERE id = ?1 AND profile_updated_s <= ?3
                   AND (name, profile_updated_s, picture_url, picture_key) IS NOT (iif(?2 = '', name, ?2), ?3, ?4, ?5)",
            )?
            .execute(params![
                row,
                contact.name,
                clamped(contact.profile_updated_s),
                contact.picture_url,
                contact.picture_key
            ])?;
        let rest = self
            .connection
            .prepare_cached(
                "UPDATE contact SET nickname = ?2, approved = ?3, approved_me = ?4, blocked = ?5
                 WHERE id = ?1 AND (nickname, approved, approved_me, blocked) IS NOT (?2, ?3, ?4, ?5)",
            )?
            .execute(params![row, contact.nickname, contact.approved, contact.approved_me, contact.blocked])?;
        let request = contact.approved_me && !contact.approved;
        self.connection
            .prepare_cached("UPDATE conversation SET request = ?2 WHERE kind = 0 AND peer = ?1 AND request <> ?2")?
            .execute(params![contact.account.as_bytes(), request])?;
        Ok(profile + rest > 0)
    }

    /// Takes over how a conversation is kept.
    ///
    /// # Errors
    /// Those of the database.
    pub fn apply_settings(&self, id: ConversationId, settings: &SyncedSettings) -> Result<bool, Error> {
        let (mode, seconds) = settings.expiry.columns();
        let mut statement = self.connection.prepare_cached(
            "UPDATE conversation SET pinned = ?2, hidden = ?3, expiry_mode = ?4, expiry_s = ?5, muted_until_ms = ?6,
               notify = ?7
             WHERE id = ?1 AND (pinned, hidden, expiry_mode, expiry_s, muted_until_ms, notify)
               IS NOT (?2, ?3, ?4, ?5, ?6, ?7)",
        )?;
        let muted = settings.muted_until.map(ms);
        let values = params![id, settings.pinned, settings.hidden, mode, seconds, muted, settings.notify.number()];
        Ok(statement.execute(values)? == 1)
    }

    /// Takes over how far a conversation was read, which never goes back, and its mark as unread.
    ///
    /// # Errors
    /// Those of the database.
    pub fn apply_read(&self, id: ConversationId, up_to: TimestampMs, marked: bool) -> Result<bool, Error> {
        let mut statement = self.connection.prepare_cached(
            "UPDATE conversation SET read_ms = max(read_ms, ?2), marked_unread = ?3
             WHERE id = ?1 AND (read_ms < ?2 OR marked_unread <> ?3)",
        )?;
        Ok(statement.execute(params![id, ms(up_to), marked])? == 1)
    }

    /// Forgets that a person is a contact: what is left of them is their name beside what they
    /// wrote in groups.
    ///
    /// # Errors
    /// Those of the database.
    pub fn reset_contact(&self, who: &AccountId) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE contact SET nickname = '', approved = 0, approved_me = 0, blocked = 0 WHERE account = ?1",
            )?
            .execute([who.as_bytes()])?;
        Ok(())
    }
}

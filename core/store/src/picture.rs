//! Profile pictures: whose are fetched, and where they lie (protocol: messages 4.11, 6.4). A picture
//! is known by its address and key together, since either may change.

use std::fmt;

use tacit_sqlite::rusqlite::{OptionalExtension, params};
use tacit_wire::{AccountId, TimestampMs};

use crate::attachment::AttachmentState;
use crate::column::{Columns, ms};
use crate::{ConversationId, Error, FileId, Queries, Tx};

/// Where a picture lies at a server, and what opens it. `Debug` shows nothing of it.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct PicturePointer {
    /// Its address.
    pub url: String,
    /// 16 or 32 bytes.
    pub key: Vec<u8>,
}

impl fmt::Debug for PicturePointer {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("PicturePointer(…)")
    }
}

/// A picture that is to be fetched.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PictureDue {
    /// Which.
    pub pointer: PicturePointer,
    /// How many tries failed.
    pub attempts: u32,
}

/// Somebody's picture that is here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Portrait {
    /// Whose.
    pub account: AccountId,
    /// The conversation with them, if there is one.
    pub conversation: Option<ConversationId>,
    /// Its bytes.
    pub file: FileId,
}

/// Our own picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OwnPicture {
    /// Where it is, as others are told; `None` as long as it is nowhere.
    pub pointer: Option<PicturePointer>,
    /// Its bytes, if they are here.
    pub file: Option<FileId>,
    /// Whether the file was chosen and is not yet where others can fetch it.
    pub pending: bool,
    /// When it was last uploaded from here; 0 if never.
    pub uploaded_at: TimestampMs,
    /// When the profile was last changed, in seconds since 1970.
    pub updated_s: u64,
}

/// Pictures of people whom we accepted, and our own, that nobody asked for yet.
const MISSING: &str = "
    INSERT INTO picture(url, key, state, next_try_ms)
    SELECT picture_url, picture_key, 1, ?1 FROM contact
    WHERE approved = 1 AND blocked = 0 AND picture_url <> ''
    UNION SELECT picture_url, picture_key, 1, ?1 FROM account WHERE picture_url <> '' AND picture_file IS NULL
    ON CONFLICT DO UPDATE SET state = 1, next_try_ms = ?1 WHERE state = 0";

impl Queries {
    /// The picture of an account, if it is here. Our own is in [`Queries::own_picture`].
    ///
    /// # Errors
    /// Those of the database.
    pub fn picture_of(&self, who: &AccountId) -> Result<Option<FileId>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT p.file FROM contact c CROSS JOIN picture p ON p.url = c.picture_url AND p.key = c.picture_key
             WHERE c.account = ?1 AND p.file IS NOT NULL",
        )?;
        Ok(statement.query_row([who.as_bytes()], |row| row.get(0)).optional()?)
    }

    /// The pictures that are here of all people whom we accepted.
    ///
    /// # Errors
    /// Those of the database.
    pub fn portraits(&self) -> Result<Vec<Portrait>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT c.account, v.id, p.file
             FROM contact c CROSS JOIN picture p ON p.url = c.picture_url AND p.key = c.picture_key
             LEFT JOIN conversation v ON v.kind = 0 AND v.peer = c.account
             WHERE c.approved = 1 AND p.file IS NOT NULL",
        )?;
        let rows = statement.query_map([], |row| {
            let mut columns = Columns::of(row);
            Ok(Portrait { account: columns.account()?, conversation: columns.take()?, file: columns.take()? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// Our own picture.
    ///
    /// # Errors
    /// [`Error::Unknown`] before there is an account; those of the database.
    pub fn own_picture(&self) -> Result<OwnPicture, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT picture_url, picture_key, coalesce(a.picture_file, p.file), picture_pending, picture_uploaded_ms,
                    profile_updated_s
             FROM account a LEFT JOIN picture p ON p.url = a.picture_url AND p.key = a.picture_key WHERE a.id = 1",
        )?;
        let found = statement.query_row([], |row| {
            let mut columns = Columns::of(row);
            let pointer = PicturePointer { url: columns.take()?, key: columns.take()? };
            Ok(OwnPicture {
                pointer: Some(pointer).filter(|pointer| !pointer.url.is_empty()),
                file: columns.take()?,
                pending: columns.take()?,
                uploaded_at: columns.time()?,
                updated_s: columns.unsigned()?,
            })
        });
        found.optional()?.ok_or(Error::Unknown { what: "account" })
    }

    /// Pictures to be fetched, at most `limit`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn pictures_due(&self, now: TimestampMs, limit: u32) -> Result<Vec<PictureDue>, Error> {
        let mut statement = self.connection.prepare_cached(
            "SELECT url, key, attempts FROM picture WHERE state = 1 AND next_try_ms <= ?1
             ORDER BY next_try_ms LIMIT ?2",
        )?;
        let rows = statement.query_map(params![ms(now), limit], |row| {
            let mut columns = Columns::of(row);
            let pointer = PicturePointer { url: columns.take()?, key: columns.take()? };
            Ok(PictureDue { pointer, attempts: columns.take()? })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }

    /// When the next picture is to be fetched of those whose time has not come at `now`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn next_picture(&self, now: TimestampMs) -> Result<Option<TimestampMs>, Error> {
        let mut statement = self
            .connection
            .prepare_cached("SELECT min(next_try_ms) FROM picture WHERE state = 1 AND next_try_ms > ?1")?;
        Ok(statement.query_row([ms(now)], |row| Columns::of(row).optional_time())?)
    }
}

impl Tx<'_> {
    /// Asks for the pictures of people whom we accepted, and for our own, if nobody did before; of
    /// strangers none. Says how many there are.
    ///
    /// # Errors
    /// Those of the database.
    pub fn want_pictures(&self, now: TimestampMs) -> Result<usize, Error> {
        Ok(self.connection.prepare_cached(MISSING)?.execute([ms(now)])?)
    }

    /// Lets go of pictures that no profile names any more.
    ///
    /// # Errors
    /// Those of the database.
    pub fn drop_old_pictures(&self) -> Result<usize, Error> {
        let mut statement = self.connection.prepare_cached(
            "DELETE FROM picture WHERE (url, key) NOT IN
               (SELECT picture_url, picture_key FROM contact UNION SELECT picture_url, picture_key FROM account)",
        )?;
        Ok(statement.execute([])?)
    }

    /// A picture is here.
    ///
    /// # Errors
    /// Those of the database; so do the other setters.
    pub fn set_picture_here(&self, picture: &PicturePointer, file: FileId) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE picture SET state = 2, failure = '', file = ?3 WHERE url = ?1 AND key = ?2")?
            .execute(params![picture.url, picture.key, file])?;
        Ok(())
    }

    /// A picture could not be fetched and is tried again at `at`.
    #[allow(clippy::missing_errors_doc, reason = "as set_picture_here")]
    pub fn postpone_picture(
        &self,
        picture: &PicturePointer,
        attempts: u32,
        at: TimestampMs,
        failure: &str,
    ) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE picture SET attempts = ?3, next_try_ms = ?4, failure = ?5 WHERE url = ?1 AND key = ?2",
            )?
            .execute(params![picture.url, picture.key, attempts, ms(at), failure])?;
        Ok(())
    }

    /// A picture is not tried again.
    #[allow(clippy::missing_errors_doc, reason = "as set_picture_here")]
    pub fn end_picture(&self, picture: &PicturePointer, state: AttachmentState, failure: &str) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE picture SET state = ?3, failure = ?4 WHERE url = ?1 AND key = ?2")?
            .execute(params![picture.url, picture.key, state.number(), failure])?;
        Ok(())
    }

    /// We chose a picture: others are shown the old one until it is uploaded.
    #[allow(clippy::missing_errors_doc, reason = "as set_picture_here")]
    pub fn choose_picture(&self, file: FileId) -> Result<(), Error> {
        self.connection
            .prepare_cached("UPDATE account SET picture_file = ?1, picture_pending = 1 WHERE id = 1")?
            .execute([file])?;
        Ok(())
    }

    /// We want to have no picture any more.
    #[allow(clippy::missing_errors_doc, reason = "as set_picture_here")]
    pub fn remove_picture(&self, now: TimestampMs) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE account SET picture_file = NULL, picture_pending = 0, picture_url = '', picture_key = x'',
                                    profile_updated_s = ?1 / 1000 WHERE id = 1",
            )?
            .execute([ms(now)])?;
        Ok(())
    }

    /// Our picture, whose bytes are `file`, was uploaded at `now`; another one that was chosen
    /// meanwhile stays pending. The same picture uploaded again is no change of the profile.
    #[allow(clippy::missing_errors_doc, reason = "as set_picture_here")]
    pub fn set_picture_uploaded(
        &self,
        picture: &PicturePointer,
        file: FileId,
        again: bool,
        now: TimestampMs,
    ) -> Result<(), Error> {
        self.connection
            .prepare_cached(
                "UPDATE account SET picture_url = ?1, picture_key = ?2, picture_file = ?3, picture_pending = 0,
                                    picture_uploaded_ms = ?4,
                                    profile_updated_s = iif(?5, profile_updated_s, ?4 / 1000)
                 WHERE id = 1 AND coalesce(picture_file, ?3) = ?3",
            )?
            .execute(params![picture.url, picture.key, file, ms(now), again])?;
        Ok(())
    }
}

//! What a group is (protocol: config 9.1).

use std::fmt;

use tacit_wire::name::MAX_NAME;

use crate::records::{Editor, Picture, checked_picture, flag, picture, positive, short_name, text};
use crate::{Config, Error};

/// Longest description, in bytes.
pub const MAX_DESCRIPTION: usize = 2_000;

/// A group's name and settings. `Debug` shows nothing of it.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Info {
    /// At most 100 bytes.
    pub name: String,
    /// At most 2,000 bytes.
    pub description: String,
    /// The group's picture.
    pub picture: Option<Picture>,
    /// Seconds after sending when messages disappear, 0 is never.
    pub timer: i64,
    /// Seconds since 1970 when the group was made, 0 if unknown.
    pub created: i64,
    /// Messages sent before these seconds since 1970 are to be deleted.
    pub delete_before: i64,
    /// The same for attachments.
    pub delete_attachments_before: i64,
    /// The group is no more.
    pub destroyed: bool,
}

impl fmt::Debug for Info {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Info").field("destroyed", &self.destroyed).finish_non_exhaustive()
    }
}

/// What the config says.
#[must_use]
pub fn read(config: &Config) -> Info {
    let data = config.data();
    Info {
        name: short_name(data, b"n"),
        description: tacit_wire::name::cut_to(&text(data, b"o"), MAX_DESCRIPTION).to_owned(),
        picture: picture(data, b"p", b"q"),
        timer: positive(data, b"E"),
        created: positive(data, b"c"),
        delete_before: positive(data, b"d"),
        delete_attachments_before: positive(data, b"D"),
        destroyed: flag(data, b"!"),
    }
}

/// Writes all but [`Info::destroyed`].
///
/// # Errors
/// [`Error::ReadOnly`] without the group's key; [`Error::TooLong`] for name, description or the
/// address of the picture.
pub fn set(config: &mut Config, info: &Info) -> Result<(), Error> {
    if !config.is_writable() {
        return Err(Error::ReadOnly);
    }
    for (what, text, limit) in
        [("the name", &info.name, MAX_NAME), ("the description", &info.description, MAX_DESCRIPTION)]
    {
        if text.len() > limit {
            return Err(Error::TooLong { what, bytes: text.len(), limit });
        }
    }
    checked_picture(info.picture.as_ref())?;
    let mut record = Editor::new(config, &[]);
    record.text(b"n", &info.name);
    record.text(b"o", &info.description);
    record.picture(b"p", b"q", info.picture.as_ref());
    record.positive(b"E", info.timer);
    record.positive(b"c", info.created);
    record.positive(b"d", info.delete_before);
    record.positive(b"D", info.delete_attachments_before);
    Ok(())
}

/// Destroys the group, for all; nothing undoes that.
///
/// # Errors
/// [`Error::ReadOnly`] without the group's key.
pub fn destroy(config: &mut Config) -> Result<(), Error> {
    if !config.is_writable() {
        return Err(Error::ReadOnly);
    }
    let mut record = Editor::new(config, &[]);
    record.flag(b"!", true);
    record.erase(b"E");
    Ok(())
}

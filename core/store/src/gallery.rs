//! All media of a conversation by kind, and what files take up on this device.
//!
//! What belongs where stands in a table of its own, kept by triggers and by [`Tx::index_text`]: a
//! page costs the same in a conversation of ten messages and of a million.

use tacit_sqlite::rusqlite::{self, Row, params};
use tacit_wire::{AccountId, TimestampMs};

use crate::column::{Columns, ms};
use crate::{Attachment, ConversationId, Error, MessageId, Queries, Tx};

/// One of the tabs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum MediaKind {
    /// Pictures and videos.
    Media,
    /// All other files.
    Files,
    /// Texts with links.
    Links,
    /// Voice messages.
    Voice,
}

impl MediaKind {
    fn number(self) -> i64 {
        match self {
            // These numbers also stand in the triggers that keep the table.
            Self::Media => 0,
            Self::Files => 1,
            Self::Links => 2,
            Self::Voice => 3,
        }
    }

    fn from_number(number: i64) -> Option<Self> {
        [Self::Media, Self::Files, Self::Links, Self::Voice].into_iter().find(|kind| kind.number() == number)
    }
}

/// A place in a gallery.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct MediaPlace {
    /// Sort time of its message.
    pub sort_at: TimestampMs,
    /// The message.
    pub message: MessageId,
    /// Among its attachments.
    pub position: u32,
}

/// Something in a gallery.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct MediaItem {
    /// Where it stands.
    pub place: MediaPlace,
    /// Who sent it.
    pub author: AccountId,
    /// The attachment; `None` for links.
    pub attachment: Option<Attachment>,
    /// The links of the text, for links.
    pub links: Vec<String>,
}

/// What files of a kind take up.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageUse {
    /// Whose; `None` for profile pictures.
    pub conversation: Option<ConversationId>,
    /// Which; profile pictures and thumbnails count as media.
    pub kind: MediaKind,
    /// How many.
    pub files: u64,
    /// Their bytes.
    pub bytes: u64,
}

pub(crate) const PAGE: &str = "
    SELECT g.sort_ms, g.message, g.position, a.account, m.body
    FROM gallery g CROSS JOIN message m ON m.id = g.message CROSS JOIN contact a ON a.id = m.author
    WHERE g.conversation = ?1 AND g.kind = ?2 AND (g.sort_ms, g.message, g.position) < (?3, ?4, ?5)
    ORDER BY g.sort_ms DESC, g.message DESC, g.position DESC LIMIT ?6";

pub(crate) const STORAGE: &str = "
    SELECT m.conversation, iif(t.role = 1, 3, iif(t.content_type LIKE 'image/%' OR t.content_type LIKE 'video/%', 0, 1)),
           count(*), sum(f.size)
    FROM attachment t INDEXED BY attachment_file
    CROSS JOIN file f ON f.id = t.file CROSS JOIN message m ON m.id = t.message
    WHERE t.file IS NOT NULL GROUP BY 1, 2
    UNION ALL
    SELECT m.conversation, 0, count(*), sum(f.size)
    FROM attachment t INDEXED BY attachment_thumbnail
    CROSS JOIN file f ON f.id = t.thumbnail CROSS JOIN message m ON m.id = t.message
    WHERE t.thumbnail IS NOT NULL AND t.thumbnail IS NOT t.file GROUP BY 1
    UNION ALL
    SELECT NULL, 0, count(*), sum(f.size) FROM picture p CROSS JOIN file f ON f.id = p.file
    WHERE p.file IS NOT NULL HAVING count(*) > 0";

impl Queries {
    /// What a conversation has of a kind, newest first: at most `limit`, before a place.
    ///
    /// # Errors
    /// Those of the database.
    pub fn gallery(
        &self,
        conversation: ConversationId,
        kind: MediaKind,
        before: Option<MediaPlace>,
        limit: u32,
    ) -> Result<Vec<MediaItem>, Error> {
        let place =
            before.map_or((i64::MAX, i64::MAX, 0), |place| (ms(place.sort_at), place.message.0, place.position));
        let mut statement = self.connection.prepare_cached(PAGE)?;
        let values = params![conversation, kind.number(), place.0, place.1, place.2, limit];
        let rows = statement.query_map(values, |row| item(row, kind))?;
        let mut items = rows.collect::<Result<Vec<_>, _>>()?;
        if kind != MediaKind::Links {
            let mut messages: Vec<MessageId> = items.iter().map(|item| item.place.message).collect();
            messages.dedup();
            let attachments = self.attachments_of_all(&messages)?;
            for item in &mut items {
                let here =
                    |found: &&Attachment| (found.message, found.position) == (item.place.message, item.place.position);
                item.attachment = attachments.iter().find(here).cloned();
            }
        }
        Ok(items)
    }

    /// What files take up, by conversation and kind. Reads all attachments that are here: not for
    /// every frame.
    ///
    /// # Errors
    /// Those of the database.
    pub fn storage_use(&self) -> Result<Vec<StorageUse>, Error> {
        let mut statement = self.connection.prepare_cached(STORAGE)?;
        let rows = statement.query_map([], |row| {
            let mut columns = Columns::of(row);
            Ok(StorageUse {
                conversation: columns.take()?,
                kind: columns.number(MediaKind::from_number)?,
                files: columns.unsigned()?,
                bytes: columns.unsigned()?,
            })
        })?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

impl Tx<'_> {
    /// Puts a message among the links, if its text has any.
    pub(crate) fn note_links(&self, message: MessageId, text: &str) -> Result<(), Error> {
        if links(text).next().is_some() {
            self.connection
                .prepare_cached(
                    "INSERT INTO gallery(conversation, kind, sort_ms, message, position)
                     SELECT conversation, 2, sort_ms, id, 0 FROM message WHERE id = ?1 ON CONFLICT DO NOTHING",
                )?
                .execute([message])?;
        }
        Ok(())
    }

    /// Removes up to `limit` messages with a sort time before `before`, whatever they are. Returns
    /// them.
    ///
    /// # Errors
    /// Those of the database.
    pub fn trim(&self, before: TimestampMs, limit: u32) -> Result<Vec<(ConversationId, MessageId)>, Error> {
        let mut statement = self.connection.prepare_cached(TRIM)?;
        let rows = statement.query_map(params![ms(before), limit], |row| Ok((row.get(0)?, row.get(1)?)))?;
        Ok(rows.collect::<Result<_, _>>()?)
    }
}

/// Steps from conversation to conversation, each in the order of its index.
pub(crate) const TRIM: &str = "DELETE FROM message WHERE id IN (
    SELECT m.id FROM conversation c CROSS JOIN message m ON m.conversation = c.id AND m.sort_ms < ?1 LIMIT ?2)
    RETURNING conversation, id";

fn item(row: &Row<'_>, kind: MediaKind) -> rusqlite::Result<MediaItem> {
    let mut columns = Columns::of(row);
    let place = MediaPlace { sort_at: columns.time()?, message: columns.take()?, position: columns.take()? };
    let author = columns.account()?;
    let body = row.get_ref(4)?.as_str()?;
    let links = if kind == MediaKind::Links { links(body).map(str::to_owned).collect() } else { Vec::new() };
    Ok(MediaItem { place, author, attachment: None, links })
}

/// The links of a text: what starts with a scheme of the web, up to a space, without the
/// punctuation of the sentence behind it.
fn links(text: &str) -> impl Iterator<Item = &str> {
    text.split(|letter: char| letter.is_whitespace() || "<>\"".contains(letter)).filter_map(|word| {
        let start = ["https://", "http://"].iter().filter_map(|scheme| word.find(scheme)).min()?;
        let link = word[start..].trim_end_matches(['.', ',', ';', ':', '!', '?', ')', ']', '\'']);
        link.split_once("://").filter(|(_, rest)| !rest.is_empty()).map(|_| link)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn links_end_where_the_sentence_goes_on() {
        let found = |text| links(text).collect::<Vec<_>>();
        assert_eq!(
            found("see https://a.example/x?y=1, or (http://b.example)."),
            ["https://a.example/x?y=1", "http://b.example"]
        );
        assert_eq!(found("https:// ftp://c.example nothing"), Vec::<&str>::new());
        assert_eq!(found("<https://d.example/ü>"), ["https://d.example/ü"]);
    }
}

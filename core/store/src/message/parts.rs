//! What a message holds besides its text, read for a whole page with one query of each kind.

use std::collections::HashMap;

use tacit_sqlite::rusqlite::{Row, params};
use tacit_wire::{AccountId, TimestampMs};

use super::Message;
use crate::attachment::AttachmentKind;
use crate::column::{Columns, id_list};
use crate::{Error, MessageId, Queries, Tx};

/// Characters of a quoted message that a quote gives.
const EXCERPT: u32 = 200;

/// Names a message from outside: its author and T.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MessageRef {
    /// Who wrote it.
    pub author: AccountId,
    /// T.
    pub sent_at: TimestampMs,
}

/// What a message answers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quote {
    /// Which message it names.
    pub of: MessageRef,
    /// That message, if it stands in the same conversation; looked for nowhere else
    /// (protocol: messages 4.4).
    pub original: Option<Original>,
}

/// A message that is quoted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// Its row.
    pub id: MessageId,
    /// The beginning of its text, at most 200 characters.
    pub text: String,
    /// Whether it was taken back.
    pub deleted: bool,
    /// What its first attachment is, if it has one.
    pub attachment: Option<AttachmentKind>,
}

/// A link preview, made by the message's sender. Its picture is an attachment of role preview.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Preview {
    /// The link, which stands in the text.
    pub url: String,
    /// The page's title; may be empty.
    pub title: String,
}

/// An invitation into a community.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    /// `https://host/room?public_key=…`
    pub url: String,
    /// Name of the room, as the sender says.
    pub name: String,
}

/// An emoji under a message, and who set it, the first ones first.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReactionGroup {
    /// The emoji.
    pub emoji: String,
    /// Who set it.
    pub senders: Vec<AccountId>,
}

/// Which tables have rows of a message: bits of its column `parts`, set by triggers.
#[derive(Debug, Clone, Copy)]
pub(super) struct Parts(pub(super) i64);

impl Parts {
    const ATTACHMENTS: i64 = 1;
    const PREVIEW: i64 = 2;
    const INVITATION: i64 = 4;
    const REACTIONS: i64 = 8;
}

pub(crate) const QUOTED: &str = "
    SELECT q.id, t.id, substr(t.body, 1, ?2), t.deleted, f.role, f.content_type
    FROM json_each(?1) j CROSS JOIN message q ON q.id = j.value CROSS JOIN contact w ON w.account = q.quote_author
    CROSS JOIN message t ON t.conversation = q.conversation AND t.author = w.id AND t.sent_ms = q.quote_sent_ms
                            AND t.kind = 0
    LEFT JOIN attachment f ON f.message = t.id AND f.position = 0";
pub(crate) const PREVIEWS: &str =
    "SELECT p.message, p.url, p.title FROM json_each(?1) j CROSS JOIN preview p ON p.message = j.value";
pub(crate) const INVITATIONS: &str =
    "SELECT i.message, i.url, i.name FROM json_each(?1) j CROSS JOIN invitation i ON i.message = j.value";
pub(crate) const REACTIONS: &str = "
    SELECT r.message, r.emoji, c.account, r.sent_ms
    FROM json_each(?1) j CROSS JOIN reaction r ON r.message = j.value CROSS JOIN contact c ON c.id = r.sender
    WHERE r.removed = 0";

impl Queries {
    /// Reads what the messages of a page hold, with at most one query of each kind.
    pub(super) fn fill(&self, page: &mut [(Message, Parts)]) -> Result<(), Error> {
        let places: HashMap<MessageId, usize> =
            page.iter().zip(0..).map(|((message, _), at)| (message.id, at)).collect();
        let with = |page: &[(Message, Parts)], bit: i64| -> Vec<MessageId> {
            page.iter().filter(|(_, parts)| parts.0 & bit != 0).map(|(message, _)| message.id).collect()
        };
        let quoting: Vec<_> = page.iter().filter(|(m, _)| m.quote.is_some()).map(|(m, _)| m.id).collect();
        for (id, original) in self.rows_of(QUOTED, &quoting, true, original)? {
            let quote = places.get(&id).and_then(|at| page[*at].0.quote.as_mut());
            quote.map(|quote| quote.original.replace(original));
        }
        let attached = with(page, Parts::ATTACHMENTS);
        if !attached.is_empty() {
            for attachment in self.attachments_of_all(&attached)? {
                let Some(at) = places.get(&attachment.message) else { continue };
                page[*at].0.attachments.push(attachment);
            }
        }
        for (id, preview) in self.rows_of(PREVIEWS, &with(page, Parts::PREVIEW), false, |columns| {
            Ok(Preview { url: columns.take()?, title: columns.take()? })
        })? {
            places.get(&id).map(|at| page[*at].0.preview.replace(preview));
        }
        for (id, invitation) in self.rows_of(INVITATIONS, &with(page, Parts::INVITATION), false, |columns| {
            Ok(Invitation { url: columns.take()?, name: columns.take()? })
        })? {
            places.get(&id).map(|at| page[*at].0.invitation.replace(invitation));
        }
        let mut reactions = self.rows_of(REACTIONS, &with(page, Parts::REACTIONS), false, |columns| {
            let (emoji, sender) = (columns.take::<String>()?, columns.account()?);
            Ok((columns.time()?, emoji, sender))
        })?;
        // By their times, so that all devices show them in the same order.
        reactions.sort_unstable_by(|(_, a), (_, b)| a.cmp(b));
        for (id, (_, emoji, sender)) in reactions {
            if let Some(at) = places.get(&id) {
                add_reaction(&mut page[*at].0.reactions, emoji, sender);
            }
        }
        Ok(())
    }

    fn rows_of<T>(
        &self,
        sql: &str,
        messages: &[MessageId],
        excerpt: bool,
        read: impl Fn(&mut Columns<'_, '_>) -> tacit_sqlite::rusqlite::Result<T>,
    ) -> Result<Vec<(MessageId, T)>, Error> {
        if messages.is_empty() {
            return Ok(Vec::new());
        }
        let read = |row: &Row<'_>| {
            let mut columns = Columns::of(row);
            Ok((columns.take()?, read(&mut columns)?))
        };
        let mut statement = self.connection.prepare_cached(sql)?;
        let list = id_list(messages);
        let rows = if excerpt {
            statement.query_map(params![list, EXCERPT], read)?.collect::<Result<_, _>>()?
        } else {
            statement.query_map([list], read)?.collect::<Result<_, _>>()?
        };
        Ok(rows)
    }
}

impl Tx<'_> {
    /// Keeps the link preview of a message.
    ///
    /// # Errors
    /// [`Error::Refused`] when the message is gone or has one; those of the database.
    pub fn insert_preview(&self, message: MessageId, preview: &Preview) -> Result<(), Error> {
        self.connection
            .prepare_cached("INSERT INTO preview(message, url, title) VALUES(?1, ?2, ?3)")?
            .execute(params![message, preview.url, preview.title])?;
        Ok(())
    }

    /// Keeps the invitation that a message is.
    ///
    /// # Errors
    /// [`Error::Refused`] when the message is gone or has one; those of the database.
    pub fn insert_invitation(&self, message: MessageId, invitation: &Invitation) -> Result<(), Error> {
        self.connection
            .prepare_cached("INSERT INTO invitation(message, url, name) VALUES(?1, ?2, ?3)")?
            .execute(params![message, invitation.url, invitation.name])?;
        Ok(())
    }
}

fn original(columns: &mut Columns<'_, '_>) -> tacit_sqlite::rusqlite::Result<Original> {
    Ok(Original {
        id: columns.take()?,
        text: columns.take()?,
        deleted: columns.take()?,
        attachment: AttachmentKind::read(columns)?,
    })
}

fn add_reaction(groups: &mut Vec<ReactionGroup>, emoji: String, sender: AccountId) {
    match groups.iter_mut().find(|group| group.emoji == emoji) {
        Some(group) => group.senders.push(sender),
        None => groups.push(ReactionGroup { emoji, senders: vec![sender] }),
    }
}

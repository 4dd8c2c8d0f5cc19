//! Search in all messages by words, beginnings of words and phrases, newest first.
//!
//! The index holds no text, only which word stands in which message; what is shown around a hit
//! is cut from the message itself. Each message is also indexed under its conversation and its
//! author, so that searching in one conversation costs what its own hits cost.
//!
//! Hits come in the order in which messages came, so that a common word is answered from the end
//! of the index without sorting: the first page costs the same among ten thousand messages and
//! among a million.

mod condense;
mod fold;
mod index;
mod people;
mod query;
mod snippet;

use std::borrow::Cow;

use tacit_sqlite::rusqlite::{self, OptionalExtension, Row, params};
use tacit_wire::{AccountId, TimestampMs};

pub use index::Indexing;
pub use people::FoundPeer;
pub use snippet::Snippet;

use crate::column::{Columns, ms};
use crate::{ConversationId, Error, MessageId, Queries};
use query::Words;

/// Messages that one call looks at: with filters that little passes, a page may come back short,
/// with the place to go on from.
const STEPS: usize = 4_096;

/// What is looked for. The default finds nothing: it has neither words nor a place.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Search {
    /// Words, all of which must begin words of the message; in quotes, words that stand side by
    /// side. Without any, everything in `conversation` or of `from` is found.
    pub text: String,
    /// Only in this conversation.
    pub conversation: Option<ConversationId>,
    /// Only what this account wrote.
    pub from: Option<AccountId>,
    /// Not before this time.
    pub since: Option<TimestampMs>,
    /// Before this time.
    pub until: Option<TimestampMs>,
    /// Only with something of this kind.
    pub has: Option<Has>,
    /// Also in requests, and what blocked people wrote.
    pub strangers: bool,
}

/// What a message can have besides text.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Has {
    /// A picture or a video.
    Photo,
    /// Any other file.
    File,
    /// A link.
    Link,
    /// A voice message.
    Voice,
}

impl Has {
    fn condition(self) -> &'static str {
        match self {
            Self::Photo => {
                "EXISTS(SELECT 1 FROM attachment t WHERE t.message = m.id AND t.role = 0
                        AND (t.content_type LIKE 'image/%' OR t.content_type LIKE 'video/%'))"
            }
            Self::File => {
                "EXISTS(SELECT 1 FROM attachment t WHERE t.message = m.id AND t.role = 0
                        AND t.content_type NOT LIKE 'image/%' AND t.content_type NOT LIKE 'video/%')"
            }
            Self::Voice => "EXISTS(SELECT 1 FROM attachment t WHERE t.message = m.id AND t.role = 1)",
            Self::Link => "(m.body LIKE '%http://%' OR m.body LIKE '%https://%')",
        }
    }
}

/// A message that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hit {
    /// The message.
    pub message: MessageId,
    /// Where it stands.
    pub conversation: ConversationId,
    /// Who wrote it.
    pub author: AccountId,
    /// Whether it is ours.
    pub outgoing: bool,
    /// T.
    pub sent_at: TimestampMs,
    /// By which it is ordered in its conversation.
    pub sort_at: TimestampMs,
    /// Its text around the first word that was found.
    pub snippet: Snippet,
}

/// Some of what was found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Hits {
    /// The messages that came last stand first.
    pub hits: Vec<Hit>,
    /// Where to go on; `None` at the end. A page with fewer hits than asked for may have more
    /// after it.
    pub next: Option<MessageId>,
}

/// Hits for which room is made at once.
const PAGE_USUAL: usize = 32;
/// Occurrences of words that are read at once when words are named.
const OCCURRENCES: u32 = 32;
/// Words from one on, once for each occurrence.
pub(crate) const TERMS: &str = "SELECT term FROM message_term WHERE term >= ?1 LIMIT ?2";

const FOUND: &str = "
    SELECT m.id, m.conversation, a.account, m.outgoing, m.sent_ms, m.sort_ms, m.body,
           m.deleted = 0 AND (?3 OR (c.request = 0 AND a.blocked = 0)) AND m.sort_ms >= ?4 AND m.sort_ms < ?5 AND true
    FROM message_text f
    CROSS JOIN message m ON m.id = f.rowid
    CROSS JOIN conversation c ON c.id = m.conversation
    CROSS JOIN contact a ON a.id = m.author
    WHERE f.message_text MATCH ?1 AND f.rowid < ?2 ORDER BY f.rowid DESC";

/// The query, with a condition on what is there besides text.
pub(crate) fn search_sql(has: Option<Has>) -> Cow<'static, str> {
    has.map_or(FOUND.into(), |has| FOUND.replace("AND true", &format!("AND {}", has.condition())).into())
}

impl Queries {
    /// Messages that have what is looked for, the last that came first: at most `limit`, from
    /// `before` on, which is [`Hits::next`] of the page before.
    ///
    /// # Errors
    /// Those of the database; no text is an error.
    pub fn search(&self, search: &Search, before: Option<MessageId>, limit: u32) -> Result<Hits, Error> {
        let words = Words::parse(&search.text);
        let Some(expression) = self.expression(&words, search)? else {
            return Ok(Hits::default());
        };
        let before = before.unwrap_or(MessageId(i64::MAX));
        let since = search.since.map_or(i64::MIN, ms);
        let until = search.until.map_or(i64::MAX, ms);
        let mut statement = self.connection.prepare_cached(&search_sql(search.has))?;
        let mut rows = statement.query(params![expression, before, search.strangers, since, until])?;
        let limit = usize::try_from(limit).unwrap_or(usize::MAX);
        let mut found = Hits { hits: Vec::with_capacity(limit.min(PAGE_USUAL)), next: None };
        let mut steps = 0;
        while let Some(row) = rows.next()? {
            steps += 1;
            if row.get(7)? {
                found.hits.push(hit(row, &words)?);
            }
            if found.hits.len() >= limit || steps >= STEPS {
                found.next = Some(row.get(0)?);
                break;
            }
        }
        Ok(found)
    }

    /// What the index is asked for; `None` when nothing can be found.
    fn expression(&self, words: &Words, search: &Search) -> Result<Option<String>, Error> {
        let author = match &search.from {
            None => None,
            Some(who) => match self.contact_row(who)? {
                None => return Ok(None),
                found => found,
            },
        };
        let mut parts = Vec::new();
        parts.extend(search.conversation.map(|id| query::exact(&index::conversation_token(id))));
        parts.extend(author.map(|row| query::exact(&index::author_token(row))));
        if words.is_empty() && !search.text.trim().is_empty() {
            return Ok(None); // nothing but punctuation
        }
        for phrase in words.phrases() {
            parts.push(phrase.expression(|prefix| self.longer_terms(prefix))?);
        }
        Ok(if parts.is_empty() { None } else { Some(parts.join(" AND ")) })
    }

    fn contact_row(&self, who: &AccountId) -> Result<Option<i64>, Error> {
        let mut statement = self.connection.prepare_cached("SELECT id FROM contact WHERE account = ?1")?;
        Ok(statement.query_row([who.as_bytes()], |row| row.get(0)).optional()?)
    }

    /// The longer words of the index that begin with `prefix`; `None` when they are too many to be
    /// named one by one. A word that occurs often is stepped over, so that each costs about the same.
    fn longer_terms(&self, prefix: &str) -> Result<Option<Vec<String>>, Error> {
        let mut statement = self.connection.prepare_cached(TERMS)?;
        let mut terms: Vec<String> = Vec::new();
        let mut from = behind(prefix);
        loop {
            let mut rows = statement.query(params![from, OCCURRENCES])?;
            let mut seen = 0;
            while let Some(row) = rows.next()? {
                seen += 1;
                let term = row.get_ref(0)?.as_str().map_err(rusqlite::Error::from)?;
                if !term.starts_with(prefix) {
                    return Ok(Some(terms));
                }
                if terms.last().is_none_or(|last| last != term) {
                    if terms.len() == query::TERMS_MAX {
                        return Ok(None);
                    }
                    terms.push(term.to_owned());
                }
            }
            match terms.last().filter(|_| seen == OCCURRENCES) {
                None => return Ok(Some(terms)),
                Some(last) => from = behind(last),
            }
        }
    }
}

/// The smallest text behind a word: no word has such a letter.
fn behind(term: &str) -> String {
    format!("{term}\u{1}")
}

fn hit(row: &Row<'_>, words: &Words) -> rusqlite::Result<Hit> {
    let mut columns = Columns::of(row);
    Ok(Hit {
        message: columns.take()?,
        conversation: columns.take()?,
        author: columns.account()?,
        outgoing: columns.take()?,
        sent_at: columns.claimed()?,
        sort_at: columns.time()?,
        snippet: Snippet::cut(row.get_ref(6)?.as_str()?, words),
    })
}

//! Search for people, groups and rooms by name.

use tacit_sqlite::rusqlite::{self, Row};
use tacit_wire::TimestampMs;

use super::fold::tokens;
use super::query::{Phrase, Words};
use crate::column::Columns;
use crate::{ConversationId, Error, Peer, Queries};

/// Letters of an account ID from which it is looked for.
const ID_MIN: usize = 6;

/// A person, group or room that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FoundPeer {
    /// Who.
    pub peer: Peer,
    /// The conversation, if there is one.
    pub conversation: Option<ConversationId>,
    /// The name to show; empty if there is none.
    pub name: String,
    /// When something was last written there.
    pub active_at: TimestampMs,
}

/// All that have a name: conversations, and approved contacts that have none.
const NAMED: &str = "
    SELECT c.kind, c.peer, c.id, iif(c.kind >= 2, c.name, coalesce(p.nickname, '')), coalesce(p.name, ''), c.active_ms
    FROM conversation c LEFT JOIN contact p ON p.account = c.peer
    WHERE c.kind <> 1 AND (?1 OR (c.request = 0 AND (c.kind <> 0 OR coalesce(p.blocked, 0) = 0)))
    UNION ALL
    SELECT 0, p.account, NULL, p.nickname, p.name, 0 FROM contact p
    WHERE p.approved = 1 AND (?1 OR p.blocked = 0)
      AND p.account <> (SELECT account FROM contact ORDER BY id LIMIT 1)
      AND NOT EXISTS (SELECT 1 FROM conversation c WHERE c.kind IN (0, 1) AND c.peer = p.account)";

struct Named {
    found: FoundPeer,
    names: [String; 2],
}

impl Queries {
    /// People, groups and rooms with a word of their name or nickname beginning with each word of
    /// `text`, or with an ID that begins so: those first whose name begins with it, then those
    /// with whom was spoken last. Requests and blocked people only if `strangers`.
    ///
    /// # Errors
    /// Those of the database.
    pub fn search_people(&self, text: &str, strangers: bool, limit: u32) -> Result<Vec<FoundPeer>, Error> {
        let words = Words::parse(text);
        let id = text.trim().to_lowercase();
        let id = (id.len() >= ID_MIN && id.bytes().all(|letter| letter.is_ascii_hexdigit())).then_some(id);
        let mut statement = self.connection.prepare_cached(NAMED)?;
        let mut found = Vec::new();
        for named in statement.query_map([strangers], named)? {
            let named = named?;
            if let Some(rank) = rank(&named, &words, id.as_deref()) {
                found.push((rank, named.found));
            }
        }
        found.sort_by(|(rank, peer), (other, than)| rank.cmp(other).then(than.active_at.cmp(&peer.active_at)));
        found.truncate(usize::try_from(limit).unwrap_or(usize::MAX));
        Ok(found.into_iter().map(|(_, peer)| peer).collect())
    }
}

/// 0 when a name begins with the first word, 1 when they only have all words.
fn rank(named: &Named, words: &Words, id: Option<&str>) -> Option<u8> {
    let by_id =
        id.is_some_and(|id| named.found.peer.account().is_some_and(|account| account.to_string().starts_with(id)));
    if by_id {
        return Some(0);
    }
    let names = named
        .names
        .each_ref()
        .map(|name| tokens(name).into_iter().map(|token| token.text.into_owned()).collect::<Vec<_>>());
    let all = words.phrases().iter().all(|phrase| names.iter().any(|name| has(name, phrase)));
    let first = words.phrases().first().filter(|_| all)?;
    Some(if names.iter().any(|name| begins(name, first)) { 0 } else { 1 })
}

fn has(name: &[String], phrase: &Phrase) -> bool {
    (0..name.len()).any(|start| begins(&name[start..], phrase))
}

/// Whether a name begins with a phrase; in a name one letter is a beginning too.
fn begins(name: &[String], phrase: &Phrase) -> bool {
    let Some((last, first)) = phrase.tokens.split_last() else { return false };
    let Some((here, rest)) = name.split_at_checked(first.len()) else { return false };
    here == first && rest.first().is_some_and(|word| word.starts_with(last.as_str()))
}

fn named(row: &Row<'_>) -> rusqlite::Result<Named> {
    let mut columns = Columns::of(row);
    let (peer, conversation) = (Peer::read(&mut columns)?, columns.take()?);
    let names: [String; 2] = [columns.take()?, columns.take()?];
    let name = names.iter().find(|name| !name.is_empty()).cloned().unwrap_or_default();
    Ok(Named { found: FoundPeer { peer, conversation, name, active_at: columns.time()? }, names })
}

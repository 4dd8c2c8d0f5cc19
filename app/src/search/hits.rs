//! From what was found to rows of the screen.

use std::collections::HashMap;

use jiff::ZonedDateTime;
use tacit_client::{Client, ConversationId, ConversationKind, Error, FoundPeer, Hit, MessageId, Search, Snippet};
use tacit_ui::{ChatItem, SearchHit};
use tacit_wire::AccountId;

use crate::conversation::message_key;
use crate::home;
use crate::person;
use crate::text::is_rtl;
use crate::time::local;
use crate::words::{Words, list_time};

/// Letters before the hit, so that it stands on the screen.
const LEAD: usize = 22;

/// Where a hit stands.
#[derive(Clone)]
struct Place {
    name: String,
    account: Option<AccountId>,
    is_self: bool,
}

/// A hit, and where it stands.
pub(super) struct Found {
    hit: Hit,
    place: Place,
}

/// Some of what was found.
pub(super) struct Page {
    pub(super) found: Vec<Found>,
    pub(super) next: Option<MessageId>,
}

/// Asks for a page of hits, and for the names of their conversations.
pub(super) async fn load(client: Client, search: Search, before: Option<MessageId>, limit: u32) -> Result<Page, Error> {
    let hits = client.search(search, before, limit).await?;
    let mut places: HashMap<ConversationId, Place> = HashMap::new();
    let mut found = Vec::with_capacity(hits.hits.len());
    for hit in hits.hits {
        let place = match places.get(&hit.conversation) {
            Some(place) => place.clone(),
            None => place(&client, hit.conversation).await?,
        };
        places.insert(hit.conversation, place.clone());
        found.push(Found { hit, place });
    }
    Ok(Page { found, next: hits.next })
}

async fn place(client: &Client, id: ConversationId) -> Result<Place, Error> {
    let conversation = client.conversation(id).await?;
    let (account, kind) = (conversation.peer.account(), conversation.peer.kind());
    let name = match account.filter(|_| kind == ConversationKind::Person) {
        Some(account) => {
            let contact = client.contact(&account).await?;
            person::shown_name(contact.as_ref().map_or("", |contact| contact.shown_name()), &account)
        }
        None => conversation.name,
    };
    Ok(Place { name, account, is_self: kind == ConversationKind::NoteToSelf })
}

/// A hit as it is shown.
pub(super) fn row(found: &Found, now: &ZonedDateTime, words: &impl Words) -> SearchHit {
    let Found { hit, place } = found;
    let (before, marked, after) = parts(&hit.snippet);
    SearchHit {
        id: message_key(hit.message),
        conversation: home::key(hit.conversation),
        initials: person::initials(&place.name, place.account.as_ref()).into(),
        tone: place.account.as_ref().map_or(0, person::tone),
        name: place.name.as_str().into(),
        is_self: place.is_self,
        rtl: is_rtl(&hit.snippet.text),
        before: before.into(),
        hit: marked.into(),
        after: after.into(),
        out: hit.outgoing,
        date: list_time(&local(hit.sort_at), now, words).into(),
    }
}

/// What stands before the first word that was found, the word, and what comes after it.
fn parts(snippet: &Snippet) -> (String, String, String) {
    let whole = &snippet.text;
    let Some(mark) = snippet.marks.first().filter(|mark| whole.get((*mark).clone()).is_some()) else {
        return (String::new(), String::new(), whole.clone());
    };
    let (before, after) = (&whole[..mark.start], &whole[mark.end..]);
    let cut = before.char_indices().rev().nth(LEAD - 1).map_or(0, |(at, _)| at);
    let shown = match before[cut..].split_once(' ') {
        Some((_, words)) if cut > 0 => words,
        _ => &before[cut..],
    };
    let lead = if cut > 0 || snippet.cut_before { "…" } else { "" };
    let tail = if snippet.cut_after { "…" } else { "" };
    (format!("{lead}{shown}"), whole[mark.clone()].to_owned(), format!("{after}{tail}"))
}

/// Somebody who was found.
pub(super) fn peer(found: &FoundPeer, own: Option<AccountId>) -> ChatItem {
    let account = found.peer.account();
    let name = account.map_or_else(|| found.name.clone(), |account| person::shown_name(&found.name, &account));
    let key = match (found.conversation, account) {
        (Some(id), _) => home::key(id),
        (None, Some(account)) => account.to_hex().into(),
        (None, None) => Default::default(),
    };
    ChatItem {
        id: key,
        initials: person::initials(&name, account.as_ref()).into(),
        tone: account.as_ref().map_or(0, person::tone),
        is_self: account.is_some() && account == own,
        preview: account.map(|account| person::short_id(&account)).unwrap_or_default().into(),
        name: name.into(),
        ..ChatItem::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn snippet(text: &str, word: &str) -> Snippet {
        let start = text.find(word).unwrap();
        let marks = std::iter::once(start..start + word.len()).collect();
        Snippet { text: text.to_owned(), marks, cut_before: false, cut_after: false }
    }

    #[test]
    fn the_hit_stands_near_the_beginning_of_its_line() {
        let parts = |text, word| super::parts(&snippet(text, word));
        let own = |(before, hit, after): (&str, &str, &str)| (before.to_owned(), hit.to_owned(), after.to_owned());
        assert_eq!(parts("the tide is high", "tide"), own(("the ", "tide", " is high")));
        let (before, hit, _) = parts("we walked along the harbour for hours until the tide came", "tide");
        assert_eq!((before.as_str(), hit.as_str()), ("…for hours until the ", "tide"));
        assert!(parts("äöüäöüäöüäöüäöüäöüäöüäöüäöü ✓", "✓").0.starts_with('…'));
    }

    #[test]
    fn what_was_found_by_something_else_shows_its_words() {
        let plain = Snippet { text: "a photo".to_owned(), ..Snippet::default() };
        assert_eq!(parts(&plain), (String::new(), String::new(), "a photo".to_owned()));
    }
}

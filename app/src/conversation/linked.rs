//! Links, account IDs and mentions within a text, for screens where they can be tapped.

use slint::StyledText;
use tacit_wire::AccountId;

/// Stands before an account ID in a link of our own.
const ACCOUNT: &str = "tacit:account/";
/// Ends a link, whatever comes after.
const NOT_IN_LINKS: [char; 3] = ['<', '>', '"'];
/// Belongs to the sentence, not to the link before it.
const AFTER_LINKS: [char; 9] = ['.', ',', ';', ':', '!', '?', ')', ']', '\''];
/// Slint takes it for a place to fill in.
const PLACEHOLDER: char = '\u{e541}';

/// A text as it is shown.
pub(crate) struct Linked {
    /// With names in place of mentions.
    pub(crate) text: String,
    /// The same with what can be tapped, if there is any.
    pub(crate) styled: Option<StyledText>,
}

/// A piece of a text.
#[derive(Debug, PartialEq)]
enum Piece<'a> {
    Words(&'a str),
    Link(&'a str),
    Account(AccountId),
    Mention(AccountId),
}

/// Where a link leads.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Place {
    /// To somebody.
    Account(AccountId),
    /// To the web; `shown` is its address in letters that cannot deceive, and `deceptive` says
    /// whether that differs from what stood in the message.
    Web { url: String, shown: String, deceptive: bool },
}

/// Finds what can be tapped. `name` knows people by their accounts.
pub(crate) fn linked(text: &str, name: impl Fn(&AccountId) -> String) -> Linked {
    let pieces = pieces(text);
    if pieces.iter().all(|piece| matches!(piece, Piece::Words(_))) {
        return Linked { text: text.to_owned(), styled: None };
    }
    let (mut shown, mut markdown) = (String::with_capacity(text.len()), String::with_capacity(text.len() * 2));
    for piece in pieces {
        let (words, to) = match piece {
            Piece::Words(words) => (words.to_owned(), None),
            Piece::Link(link) => (link.to_owned(), Some(link.to_owned())),
            Piece::Account(id) => (id.to_hex(), Some(format!("{ACCOUNT}{}", id.to_hex()))),
            Piece::Mention(id) => (format!("@{}", name(&id)), Some(format!("{ACCOUNT}{}", id.to_hex()))),
        };
        shown.push_str(&words);
        match to {
            Some(to) => markdown.push_str(&format!("[{}](<{}>)", escaped(&words), escaped(&to))),
            None => markdown.push_str(&escaped(&words)),
        }
    }
    let styled =
        StyledText::from_markdown(&markdown).inspect_err(|error| tracing::warn!(%error, "a text has no links"));
    Linked { text: shown, styled: styled.ok() }
}

/// A text with names in place of mentions.
pub(crate) fn with_names(text: &str, name: impl Fn(&AccountId) -> String) -> String {
    let words = pieces(text).into_iter().map(|piece| match piece {
        Piece::Words(words) | Piece::Link(words) => words.to_owned(),
        Piece::Account(id) => id.to_hex(),
        Piece::Mention(id) => format!("@{}", name(&id)),
    });
    words.collect()
}

/// What a tap on a link means; `None` for what leads nowhere.
pub(crate) fn place(link: &str) -> Option<Place> {
    if let Some(id) = link.strip_prefix(ACCOUNT) {
        return AccountId::parse(id).ok().map(Place::Account);
    }
    let url = url::Url::parse(link).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = url.host_str()?;
    // What stands before an @ is a name, however much it looks like the site.
    let deceptive = !link.is_ascii() && host.contains("xn--") || !url.username().is_empty();
    let port = url.port().map(|port| format!(":{port}")).unwrap_or_default();
    Some(Place::Web { shown: format!("{host}{port}"), deceptive, url: url.to_string() })
}

/// The first link of the web.
pub(crate) fn first_link(text: &str) -> Option<&str> {
    pieces(text).into_iter().find_map(|piece| match piece {
        Piece::Link(link) => Some(link),
        _ => None,
    })
}

/// The account, if a text is nothing but its ID.
pub(crate) fn only_account(text: &str) -> Option<AccountId> {
    let text = text.trim();
    (text.len() == AccountId::HEX_LENGTH && text.is_ascii()).then(|| AccountId::parse(text).ok()).flatten()
}

fn pieces(text: &str) -> Vec<Piece<'_>> {
    let (mut pieces, mut begun) = (Vec::new(), 0);
    let mut at = 0;
    let mut before = None;
    while let Some(letter) = text[at..].chars().next() {
        let found = piece_at(&text[at..], before);
        let length = found.as_ref().map_or(letter.len_utf8(), |(_, length)| *length);
        if let Some((piece, _)) = found {
            if begun < at {
                pieces.push(Piece::Words(&text[begun..at]));
            }
            pieces.push(piece);
            begun = at + length;
        }
        before = text[at..at + length].chars().next_back();
        at += length;
    }
    if begun < text.len() {
        pieces.push(Piece::Words(&text[begun..]));
    }
    pieces
}

/// What begins here, and its length in bytes.
fn piece_at(rest: &str, before: Option<char>) -> Option<(Piece<'_>, usize)> {
    let bytes = rest.as_bytes();
    match bytes.first()? {
        b'@' => Some((Piece::Mention(account_at(&rest[1..])?), 1 + AccountId::HEX_LENGTH)),
        b'h' | b'H' => link_at(rest).map(|link| (Piece::Link(link), link.len())),
        b'0' if !before.is_some_and(char::is_alphanumeric) => {
            let id = account_at(rest)?;
            let ends = !rest[AccountId::HEX_LENGTH..].starts_with(char::is_alphanumeric);
            ends.then_some((Piece::Account(id), AccountId::HEX_LENGTH))
        }
        _ => None,
    }
}

fn account_at(rest: &str) -> Option<AccountId> {
    rest.get(..AccountId::HEX_LENGTH).and_then(|hex| AccountId::parse(hex).ok())
}

fn link_at(rest: &str) -> Option<&str> {
    let scheme = ["https://", "http://"]
        .into_iter()
        .find(|scheme| rest.get(..scheme.len()).is_some_and(|start| start.eq_ignore_ascii_case(scheme)))?;
    let end = rest.find(|c: char| c.is_whitespace() || NOT_IN_LINKS.contains(&c)).unwrap_or(rest.len());
    let link = rest[..end].trim_end_matches(AFTER_LINKS);
    (link.len() > scheme.len()).then_some(link)
}

/// As markdown that means exactly these letters. Lines stay one paragraph.
fn escaped(text: &str) -> String {
    let mut markdown = String::with_capacity(text.len() + 16);
    let last = text.len().saturating_sub(1);
    for (at, letter) in text.char_indices() {
        match letter {
            '\r' | '\0' => {}
            '\n' => markdown.push_str("&#10;"),
            '\t' => markdown.push_str("&#9;"),
            // Spaces at the edges of a line would go.
            ' ' if at == 0 || at == last || text[..at].ends_with(['\n', ' ']) => markdown.push_str("&#32;"),
            PLACEHOLDER => markdown.push(char::REPLACEMENT_CHARACTER),
            letter if letter.is_ascii_punctuation() => markdown.extend(['\\', letter]),
            letter => markdown.push(letter),
        }
    }
    markdown
}

#[cfg(test)]
mod tests;

//! Links in a text.

use reqwest::Url;

/// The first link that may be followed, as it stands in the text, and as it is asked for.
pub(super) fn first(text: &str) -> Option<(String, Url)> {
    let start = text.find("https://")?;
    let rest = &text[start..];
    let end = rest.find(|c: char| c.is_whitespace() || c.is_control() || "<>\"`".contains(c)).unwrap_or(rest.len());
    let shown = trimmed(&rest[..end]);
    let url = Url::parse(shown).ok().filter(may_be_followed)?;
    Some((shown.to_owned(), url))
}

/// Without what ends a sentence rather than a link; a closing bracket stays that was opened in it.
fn trimmed(mut link: &str) -> &str {
    loop {
        let shorter = link.trim_end_matches(['.', ',', ';', ':', '!', '?', '\'', '*', '_', '…']);
        let closes = [('(', ')'), ('[', ']'), ('{', '}')].into_iter().any(|(open, close)| {
            shorter.ends_with(close) && shorter.matches(close).count() > shorter.matches(open).count()
        });
        let shorter = if closes { &shorter[..shorter.len() - 1] } else { shorter };
        if shorter.len() == link.len() {
            return link;
        }
        link = shorter;
    }
}

/// Whether a link leads to a named host of the public internet, over TLS, without a password.
pub(super) fn may_be_followed(url: &Url) -> bool {
    let named = url.domain().is_some_and(|host| {
        let host = host.trim_end_matches('.');
        let last = host.rsplit('.').next().unwrap_or_default();
        host.contains('.') && !matches!(last, "local" | "internal" | "localhost" | "home" | "lan" | "arpa" | "onion")
    });
    named && url.scheme() == "https" && url.port().is_none() && url.username().is_empty() && url.password().is_none()
}

/// The host of a link as it is shown: in the ASCII form if it has other letters, since those of one
/// script look like those of another. `None` for what is no link.
#[must_use]
pub fn display_host(link: &str) -> Option<String> {
    let url = Url::parse(link).ok().filter(|url| matches!(url.scheme(), "http" | "https"))?;
    let host = url.host_str()?;
    Some(host.strip_prefix("www.").unwrap_or(host).to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_link_is_found_as_it_stands() {
        for (text, link) in [
            ("see https://example.org/a?b=c#d, or not", Some("https://example.org/a?b=c#d")),
            ("(https://en.wikipedia.org/wiki/Rust_(fungus))", Some("https://en.wikipedia.org/wiki/Rust_(fungus)")),
            ("https://example.org.", Some("https://example.org")),
            ("<https://example.org/>", Some("https://example.org/")),
            ("http://example.org", None),
            ("no link", None),
            ("https://", None),
        ] {
            assert_eq!(first(text).map(|(shown, _)| shown).as_deref(), link, "{text}");
        }
    }

    #[test]
    fn what_is_not_public_is_not_followed() {
        for link in [
            "https://127.0.0.1/",
            "https://[::1]/",
            "https://2130706433/",
            "https://0x7f.1/",
            "https://localhost/",
            "https://printer.local/",
            "https://router/",
            "https://a.onion/",
            "https://user:word@example.org/",
            "https://example.org:8443/",
            "ftp://example.org/",
        ] {
            assert!(!Url::parse(link).is_ok_and(|url| may_be_followed(&url)), "{link}");
        }
    }

    #[test]
    fn look_alike_letters_show() {
        assert_eq!(display_host("https://www.example.org/x").as_deref(), Some("example.org"));
        assert!(display_host("https://ехаmple.org").unwrap().starts_with("xn--"));
        assert_eq!(display_host("javascript:alert(1)"), None);
    }
}

//! The little that a preview needs of a page: its title and the address of its picture. A scanner
//! of tags, not a parser of pages: it looks at the head alone and keeps nothing else.

/// Bytes of a tag that are looked at.
const TAG_MAX: usize = 8_192;
/// Bytes of a title.
const TITLE_MAX: usize = 2_048;

/// What was found.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Head {
    pub(super) title: String,
    pub(super) image: Option<String>,
}

/// Looks through the head of a page.
pub(super) fn scan(page: &[u8]) -> Head {
    let page = String::from_utf8_lossy(page);
    let (mut said, mut title, mut image) = (None, None, None);
    let mut rest = &*page;
    while let Some(at) = rest.find('<') {
        rest = &rest[at + 1..];
        if let Some(comment) = rest.strip_prefix("!--") {
            rest = comment.find("-->").map_or("", |end| &comment[end..]);
            continue;
        }
        let name_end = rest.find(|c: char| !c.is_ascii_alphanumeric() && c != '/').unwrap_or(rest.len());
        let name = rest[..name_end].to_ascii_lowercase();
        let (tag, after) = tag(&rest[name_end..]);
        match name.as_str() {
            "meta" => {
                let content = || attribute(tag, "content").map(|text| decoded(&text));
                let property = attribute(tag, "property").or_else(|| attribute(tag, "name")).unwrap_or_default();
                match property.to_ascii_lowercase().as_str() {
                    "og:title" => said = said.or_else(content),
                    "og:image" | "og:image:url" | "og:image:secure_url" => image = image.or_else(content),
                    _ => {}
                }
            }
            "title" if title.is_none() => title = Some(decoded(cut(until(after, "</title"), TITLE_MAX))),
            "script" | "style" | "noscript" | "template" => {
                let inside = until(after, &format!("</{name}"));
                rest = &after[inside.len()..];
                continue;
            }
            "body" | "/head" => break,
            _ => {}
        }
        rest = after;
    }
    let title = said.filter(|title| !title.is_empty()).or(title).unwrap_or_default();
    Head { title, image: image.filter(|image| !image.is_empty()) }
}

/// The attributes of a tag, and what follows it. A `>` within quotes does not end it.
fn tag(text: &str) -> (&str, &str) {
    let mut quote = None;
    for (at, byte) in text.bytes().enumerate().take(TAG_MAX) {
        match (quote, byte) {
            (None, b'>') => return (&text[..at], &text[at + 1..]),
            (None, b'"' | b'\'') => quote = Some(byte),
            (Some(open), close) if open == close => quote = None,
            _ => {}
        }
    }
    // Not a tag that means anything here.
    ("", text)
}

/// The value of an attribute.
fn attribute(tag: &str, wanted: &str) -> Option<String> {
    let mut rest = tag;
    loop {
        rest = rest.trim_start_matches(|c: char| c.is_ascii_whitespace() || c == '/');
        if rest.is_empty() {
            return None;
        }
        let name_end = rest.find(|c: char| c.is_ascii_whitespace() || c == '=').unwrap_or(rest.len());
        let (name, after) = rest.split_at(name_end);
        let after = after.trim_start();
        let Some(value) = after.strip_prefix('=') else {
            // A name alone; a stray character must not stop the walk.
            rest = if name_end == 0 { rest.get(1..).unwrap_or_default() } else { after };
            continue;
        };
        let value = value.trim_start();
        let (value, after) = match value.chars().next() {
            Some(quote @ ('"' | '\'')) => {
                let inside = &value[1..];
                let end = inside.find(quote).unwrap_or(inside.len());
                (&inside[..end], inside.get(end + 1..).unwrap_or_default())
            }
            _ => value.split_at(value.find(|c: char| c.is_ascii_whitespace()).unwrap_or(value.len())),
        };
        if name.eq_ignore_ascii_case(wanted) {
            return Some(value.to_owned());
        }
        rest = after;
    }
}

/// What stands before an end tag, whatever the case of its letters; all if there is none.
fn until<'t>(text: &'t str, end: &str) -> &'t str {
    let at = text.as_bytes().windows(end.len()).position(|part| part.eq_ignore_ascii_case(end.as_bytes()));
    // Both begin with a character of one byte.
    at.map_or(text, |at| &text[..at])
}

fn cut(text: &str, most: usize) -> &str {
    tacit_wire::name::cut_to(text, most)
}

/// Character references as titles have them.
fn decoded(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('&') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let end = rest.bytes().take(12).position(|byte| byte == b';');
        match end.and_then(|end| character(&rest[1..end]).map(|c| (c, end))) {
            Some((c, end)) => {
                out.push(c);
                rest = &rest[end + 1..];
            }
            None => {
                out.push('&');
                rest = &rest[1..];
            }
        }
    }
    out.push_str(rest);
    out.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn character(name: &str) -> Option<char> {
    match name {
        "amp" => Some('&'),
        "lt" => Some('<'),
        "gt" => Some('>'),
        "quot" => Some('"'),
        "apos" => Some('\''),
        "nbsp" => Some(' '),
        "ndash" => Some('–'),
        "mdash" => Some('—'),
        "hellip" => Some('…'),
        "middot" => Some('·'),
        _ => {
            let number = name.strip_prefix('#')?;
            let code = match number.strip_prefix(['x', 'X']) {
                Some(hex) => u32::from_str_radix(hex, 16),
                None => number.parse(),
            };
            char::from_u32(code.ok()?)
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn found(page: &str) -> (String, Option<String>) {
        let head = scan(page.as_bytes());
        (head.title, head.image)
    }

    #[test]
    fn a_page_says_its_title_and_picture() {
        let page = r#"<!DOCTYPE html><html><HEAD><!-- <title>no</title> --><script>"<title>no</title>"</script>
            <title>
              Plain &amp; simple&#x2019;s </title>
            <meta content='A > B &quot;C&quot;' property="og:title"/><meta name=og:image content=/a.png>
            </head><body><meta property="og:image" content="late.png">"#;
        assert_eq!(found(page), ("A > B \"C\"".to_owned(), Some("/a.png".to_owned())));
        let plain = "<title>Plain &amp; simple &unknown; &#0; &</TITLE><body><title>no</title>";
        assert_eq!(found(plain).0, "Plain & simple &unknown; \0 &");
    }

    #[test]
    fn what_is_no_page_says_nothing() {
        for page in ["", "<", "<title>", "<meta", "text", "<meta property=\"og:title\" content", "<!--", "<script>"] {
            assert_eq!(found(page), (String::new(), None), "{page}");
        }
    }

    proptest! {
        #[test]
        fn nothing_makes_it_stumble(page in "(<|>|\"|'|=|/|&|;|#|é|meta|title|og:image|content|property|!--|-->| |x)*") {
            scan(page.as_bytes());
        }

        #[test]
        fn nor_do_bytes(page in prop::collection::vec(any::<u8>(), 0..300)) {
            scan(&page);
        }
    }
}

use super::*;

fn ines() -> AccountId {
    AccountId::from_x25519(&[0xab; 32])
}

fn shown(text: &str) -> Linked {
    linked(text, |_| "Ines".to_owned())
}

#[test]
fn a_text_is_taken_apart_into_what_can_be_tapped() {
    let hex = ines().to_hex();
    let text = format!("see HTTPS://a.example/x_y?z=1, (http://b.example). @{hex}: {hex} x{hex}");
    assert_eq!(
        pieces(&text),
        [
            Piece::Words("see "),
            Piece::Link("HTTPS://a.example/x_y?z=1"),
            Piece::Words(", ("),
            Piece::Link("http://b.example"),
            Piece::Words("). "),
            Piece::Mention(ines()),
            Piece::Words(": "),
            Piece::Account(ines()),
            Piece::Words(&text[text.len() - 68..]),
        ]
    );
}

#[test]
fn a_plain_text_stays_plain() {
    for text in ["", "http:// nothing", "@05ab", "*bold* _x_ [a](b)", "ftp://x.example", "é\u{e541}"] {
        let linked = shown(text);
        assert_eq!((linked.text.as_str(), linked.styled), (text, None));
    }
}

#[test]
fn mentions_are_shown_by_name() {
    let linked = shown(&format!("hello @{}!", ines().to_hex()));
    assert_eq!(linked.text, "hello @Ines!");
    assert!(linked.styled.is_some());
}

/// Whatever somebody writes around a link is shown as it stands: nothing of it is markup.
#[test]
fn nothing_of_a_text_is_taken_for_markup() {
    let nasty =
        ["# a", "> b", "- c", "1. d", "    e", "`f`", "![g](h)", "<b>i</b>", "&amp;", "\\*j", "|k|\n|--|", "\u{e541}"];
    for text in nasty {
        let text = format!("{text}\n\n {text} https://x.example/(a)_*b&amp;[c]\\d {text}\n{text}");
        let linked = shown(&text);
        let styled = linked.styled.expect("it can be parsed");
        let raw = format!("{styled:?}");
        assert_eq!(linked.text, text);
        assert!(!raw.contains("Strong") && !raw.contains("Emphasis") && !raw.contains("Code"), "{raw}");
        assert_eq!(raw.matches("StyledTextParagraph").count(), 1, "{raw}");
        assert!(raw.contains(r#""https://x.example/(a)_*b&amp;[c]\\d""#), "{raw}");
    }
}

#[test]
fn a_link_says_where_it_really_leads() {
    let web = |link: &str| match place(link) {
        Some(Place::Web { shown, deceptive, .. }) => Some((shown, deceptive)),
        _ => None,
    };
    assert_eq!(web("https://example.org/a?b#c"), Some(("example.org".to_owned(), false)));
    assert_eq!(web("https://ex\u{430}mple.org/"), Some(("xn--exmple-4nf.org".to_owned(), true)));
    assert_eq!(web("https://bank.example@evil.example:8443/"), Some(("evil.example:8443".to_owned(), true)));
    assert_eq!(web("javascript:alert(1)"), None);
    assert_eq!(web("tacit:account/05"), None);
    assert_eq!(place(&format!("tacit:account/{}", ines().to_hex())), Some(Place::Account(ines())));
}

#[test]
fn a_text_can_be_one_account_and_nothing_else() {
    let hex = ines().to_hex();
    assert_eq!(only_account(&format!(" {hex}\n")), Some(ines()));
    assert_eq!(only_account(&format!("{hex} x")), None);
    assert_eq!(first_link("no, https://a.example!"), Some("https://a.example"));
}

//! What others sent, made safe to show and to save under.

use tacit_wire::name::cut_to;

/// Longest file name, in bytes (protocol: messages 6.6).
const FILE_NAME_MAX: usize = 255;
/// Longest ending that is kept when a file name is cut, in bytes.
const ENDING_MAX: usize = 16;
/// Marks that may stand on one letter: more would paint over other lines.
const MARKS_MAX: usize = 4;
/// Names that some systems give to devices.
const DEVICES: [&str; 6] = ["con", "prn", "aux", "nul", "com", "lpt"];

/// A name without folders, control characters, bidi controls and what file systems refuse, at
/// most 255 bytes; `file` where nothing is left. The ending is kept.
pub fn safe_file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let clean: String = limit_marks(last.chars().filter(|c| !c.is_control() && !is_format(*c)).map(|c| match c {
        ':' | '*' | '?' | '"' | '<' | '>' | '|' => '_',
        c => c,
    }));
    let clean = clean.trim_start_matches(['.', ' ']).trim_end_matches(['.', ' ']);
    if clean.is_empty() {
        return "file".to_owned();
    }
    let stem = clean.split('.').next().unwrap_or_default().to_ascii_lowercase();
    let device = DEVICES.contains(&stem.trim_end_matches(|c: char| c.is_ascii_digit()));
    shortened(&if device { format!("_{clean}") } else { clean.to_owned() })
}

fn shortened(name: &str) -> String {
    if name.len() <= FILE_NAME_MAX {
        return name.to_owned();
    }
    let ending = name.rfind('.').map_or("", |at| &name[at..]);
    let ending = if ending.len() <= ENDING_MAX { ending } else { "" };
    let stem = &name[..name.len() - ending.len()];
    format!("{}{ending}", cut_to(stem, FILE_NAME_MAX - ending.len()))
}

/// One line of somebody else's text, such as a name, that can stand within a line of ours: control
/// characters are left out, so are bidi controls, and text from right to left is isolated, so that
/// nothing around it changes its order; no more than 4 combining marks stand in a row.
pub fn safe_display(text: &str) -> String {
    let mut turns = false;
    let shown = limit_marks(text.chars().filter_map(|c| match c {
        '\n' | '\r' | '\t' => Some(' '),
        c if is_format(c) => {
            turns = true;
            None
        }
        c if c.is_control() => None,
        c => {
            turns |= is_right_to_left(c);
            Some(c)
        }
    }));
    let shown = shown.trim();
    if turns && !shown.is_empty() { format!("\u{2068}{shown}\u{2069}") } else { shown.to_owned() }
}

/// No more marks on one letter than any script needs.
pub(crate) fn limit_marks(text: impl Iterator<Item = char>) -> String {
    let mut run = 0;
    text.filter(|c| {
        run = if is_mark(*c) { run + 1 } else { 0 };
        run <= MARKS_MAX
    })
    .collect()
}

/// Characters that only turn the direction of others, or are not seen at all where names stand.
/// Joiners are kept: emoji and some scripts need them.
pub(crate) fn is_format(c: char) -> bool {
    matches!(c, '\u{200e}' | '\u{200f}' | '\u{061c}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}'
        | '\u{200b}' | '\u{2028}' | '\u{2029}' | '\u{feff}' | '\u{e0001}')
}

fn is_right_to_left(c: char) -> bool {
    matches!(c, '\u{0590}'..='\u{08ff}' | '\u{fb1d}'..='\u{fdff}' | '\u{fe70}'..='\u{fefc}'
        | '\u{10800}'..='\u{10fff}' | '\u{1e800}'..='\u{1efff}')
}

/// Marks that stack above or below a letter.
fn is_mark(c: char) -> bool {
    matches!(c, '\u{0300}'..='\u{036f}' | '\u{0483}'..='\u{0489}' | '\u{0591}'..='\u{05bd}' | '\u{0610}'..='\u{061a}'
        | '\u{064b}'..='\u{065f}' | '\u{06d6}'..='\u{06ed}' | '\u{0e34}'..='\u{0e3a}' | '\u{0e47}'..='\u{0e4e}'
        | '\u{0eb4}'..='\u{0ebc}' | '\u{0ec8}'..='\u{0ecd}' | '\u{1ab0}'..='\u{1aff}' | '\u{1dc0}'..='\u{1dff}'
        | '\u{20d0}'..='\u{20ff}' | '\u{fe20}'..='\u{fe2f}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_file_name_leads_nowhere_else_and_shows_its_true_ending() {
        for (name, safe) in [
            ("../../.ssh/id_rsa", "id_rsa"),
            ("C:\\Windows\\system32\\evil.dll", "evil.dll"),
            ("photo\u{202e}gnp.exe", "photognp.exe"),
            ("..", "file"),
            ("", "file"),
            ("a\0b\nc.txt", "abc.txt"),
            ("CON.txt", "_CON.txt"),
            ("lpt1", "_lpt1"),
            ("what?.pdf", "what_.pdf"),
            ("año nuevo 🎆.jpeg", "año nuevo 🎆.jpeg"),
        ] {
            assert_eq!(safe_file_name(name), safe, "{name:?}");
        }
        let long = safe_file_name(&format!("{}.jpeg", "é".repeat(1_000)));
        assert!(long.len() <= 255 && long.ends_with("é.jpeg"));
    }

    #[test]
    fn a_name_cannot_turn_the_line_it_stands_in_nor_paint_over_others() {
        assert_eq!(safe_display("  Ines\n Ortiz "), "Ines  Ortiz");
        assert_eq!(safe_display("\u{202e}kcatta"), "\u{2068}kcatta\u{2069}");
        assert_eq!(safe_display("نور"), "\u{2068}نور\u{2069}");
        assert_eq!(safe_display(&format!("Z{}o", "\u{0335}".repeat(10_000))), "Z\u{0335}\u{0335}\u{0335}\u{0335}o");
        assert_eq!(safe_display("👩‍👩‍👧"), "👩‍👩‍👧");
    }

    proptest! {
        #[test]
        fn no_name_is_unsafe(name: String) {
            let safe = safe_file_name(&name);
            prop_assert!(!safe.is_empty() && safe.len() <= 255 && !safe.contains(['/', '\\']));
            prop_assert!(!safe.starts_with('.') && !safe.chars().any(|c| c.is_control() || is_format(c)));
            let shown = safe_display(&name);
            prop_assert!(!shown.chars().any(char::is_control));
        }
    }
}

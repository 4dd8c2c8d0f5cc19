//! Recovery phrases, right and wrong (protocol: messages 1.3, 1.4).

use serde_json::Value;
use tacit_crypto::{PhraseError, Seed, phrase};

use super::case::Case;
use crate::report::Report;

/// Phrases of 13 words.
pub fn phrases(section: &Value, report: &mut Report) {
    Case::new("phrases", section, report).each(|case| {
        let read = phrase::parse_session13(case.text("input")?);
        if case.has("error") { case.equal_error(kind(read)) } else { seed(case, read) }
    });
}

/// The input box that takes every form.
pub fn phrase_kinds(section: &Value, report: &mut Report) {
    Case::new("phrase_kinds", section, report).each(|case| {
        let read = phrase::parse(case.text("input")?);
        let kind_name = case.text("kind")?;
        if kind_name == "error" {
            return case.equal_error(kind(read));
        }
        let parsed = case.ok("input", read)?;
        case.equal("kind", kind_name, parsed.kind.name());
        seed(case, Ok(parsed.seed))
    });
}

fn kind<T>(read: Result<T, PhraseError>) -> Result<T, &'static str> {
    read.map_err(|error| error.kind())
}

fn seed(case: &mut Case<'_, '_>, read: Result<Seed, PhraseError>) -> Option<()> {
    let seed = case.ok("input", read)?;
    case.equal_hex("seed16", seed.as_bytes())
}

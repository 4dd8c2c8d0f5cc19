//! Mentions and names (protocol: messages 4.3, 4.11).

use serde_json::Value;
use tacit_wire::{mention, name};

use super::case::Case;
use crate::report::Report;

/// Finds the mentioned IDs.
pub fn mentions(section: &Value, report: &mut Report) {
    Case::new("mentions", section, report).each(|case| {
        let text = case.text("text")?;
        let found = mention::find(text);
        let ids: Vec<_> = found.iter().map(|mention| mention.id.to_hex()).collect();
        let expected = case.texts("ids")?;
        case.equal("ids", expected, ids.iter().map(String::as_str).collect());
        for mention in &found {
            let part = text.get(mention.range.clone()).map(str::to_lowercase);
            case.equal("range", Some(mention::text(&mention.id)), part);
        }
        Some(())
    });
}

/// Cuts names to what is stored.
pub fn names(section: &Value, report: &mut Report) {
    Case::new("names", section, report).each(|case| {
        let (name, stored) = (case.text("name")?, case.text("stored")?);
        case.equal("stored", stored, name::cut(name));
        case.equal("stored again", stored, name::cut(stored));
        Some(())
    });
}

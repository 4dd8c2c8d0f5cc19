//! Content of every kind (protocol: messages 3, 4, 8.1).

use serde_json::Value;
use tacit_wire::proto::{self, Content, Message};

use super::case::Case;
use super::kinds;
use crate::report::Report;

/// Parses, names and re-encodes each.
pub fn contents(section: &Value, report: &mut Report) {
    Case::new("contents", section, report).each(|case| {
        let bytes = case.bytes("content")?;
        let content: Content = case.ok("parse", proto::decode(&bytes))?;
        case.equal_hex("content", &content.encode_to_vec())?;
        let kind = case.text("kind")?;
        case.equal("kind", kind, &kinds::name(&content));
        Some(())
    });
}

//! Registered names (protocol: messages 4.14).

use serde_json::Value;
use tacit_crypto::ons::Name;

use super::case::Case;
use crate::report::Report;

/// Hashes and keys of names, their values, and what is no name.
pub fn ons(section: &Value, report: &mut Report) {
    let mut all = Case::new("ons", section, report);
    all.each_of("cases", |case| {
        let parsed = Name::parse(case.text("name")?);
        let name = case.ok("name", parsed)?;
        let hash = case.base64("name_hash_base64")?;
        case.equal("name_hash_base64", &hash[..], &name.hash());
        let key = case.ok("key", name.key())?;
        case.equal_hex("key", key.as_ref())?;
        let value = case.bytes("encrypted_value")?;
        let opened = name.open(&value, &case.array("nonce")?);
        let id = case.ok("encrypted_value", opened)?;
        case.equal_hex("account_id", &id)
    });
    match section.get("invalid_names").and_then(Value::as_array) {
        Some(names) if !names.is_empty() => {
            for (index, name) in names.iter().enumerate() {
                let refused = name.as_str().map(|name| Name::parse(name).is_err());
                all.equal(&format!("invalid_names[{index}]"), Some(true), refused);
            }
        }
        _ => all.fail("the field invalid_names is missing"),
    }
    // None: a field was missing, which is in the report already.
    let _: Option<()> = bad(&mut all);
}

fn bad(all: &mut Case<'_, '_>) -> Option<()> {
    let mut case = all.object("bad")?;
    let parsed = Name::parse(case.text("name")?);
    let name = case.ok("name", parsed)?;
    let value = case.bytes("encrypted_value")?;
    let opened = name.open(&value, &case.array("nonce")?);
    case.equal_error(opened.map_err(|error| error.kind()))
}

//! Profile pictures in the form sent today (protocol: messages 6.4).

use serde_json::Value;
use tacit_crypto::picture;

use super::case::{Case, Scripted};
use crate::report::Report;

/// Encrypts with the given key and nonce, opens again, refuses what is bad.
pub fn profile_picture_legacy(section: &Value, report: &mut Report) {
    let mut case = Case::new("profile_picture_legacy", section, report);
    // None: a field was missing, which is in the report already.
    let _: Option<()> = pictures(&mut case);
}

fn pictures(case: &mut Case<'_, '_>) -> Option<()> {
    let plaintext = case.bytes("plaintext")?;
    let theirs = case.bytes("key")?;
    let mut rng = Scripted::new(&[&theirs, &case.bytes("nonce")?]);
    let (upload, key) = case.ok("encrypt", picture::encrypt(&plaintext, &mut rng))?;
    case.equal_hex("key", key.as_ref())?;
    case.equal_hex("encrypted", &upload)?;
    case.equal("decrypt", Ok(plaintext), picture::decrypt(&upload, key.as_ref()));
    case.each_of("bad", |case| {
        let opened = picture::decrypt(&case.bytes("encrypted")?, &theirs);
        case.equal_error(opened.map_err(|error| error.kind()))
    });
    Some(())
}

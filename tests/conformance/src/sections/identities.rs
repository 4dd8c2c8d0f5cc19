//! Keys and phrases of accounts (protocol: messages 1).

use serde_json::Value;
use tacit_crypto::{AccountKeys, Seed, phrase, verify};

use super::case::Case;
use crate::report::Report;

/// Derives everything from the seed; both phrases lead back to it.
pub fn identities(section: &Value, report: &mut Report) {
    Case::new("identities", section, report).each(|case| {
        let seed = Seed::from_bytes(case.array("seed16")?);
        let keys = AccountKeys::from_seed(&seed);
        case.equal_hex("ed25519_seed", keys.ed25519_seed())?;
        case.equal_hex("ed25519_public", &keys.ed25519_public())?;
        case.equal_hex("x25519_secret", keys.x25519_secret())?;
        case.equal_hex("x25519_public", &keys.x25519_public())?;
        case.equal_hex("account_id", &[&[5][..], &keys.x25519_public()].concat())?;
        for (key, ours) in [("phrase13", phrase::session13(&seed)), ("bip39_12", phrase::bip39(&seed))] {
            let theirs = case.text(key)?;
            case.equal(key, theirs, ours.as_str());
            let parsed = case.ok(key, phrase::parse(theirs))?;
            case.equal(&format!("{key} read"), seed.as_bytes(), parsed.seed.as_bytes());
        }
        let signed = verify(&keys.ed25519_public(), b"text", &keys.sign(b"text"));
        case.equal("a signature holds", Ok(()), signed);
        Some(())
    });
}

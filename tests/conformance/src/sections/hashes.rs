//! Names of stored messages (protocol: network 5).

use serde_json::Value;
use tacit_wire::{AccountId, MessageHash, Namespace, message_hash};

use super::case::Case;
use crate::report::Report;

/// Hashes data in a namespace of an account.
pub fn message_hash(section: &Value, report: &mut Report) {
    Case::new("message_hash", section, report).each(|case| {
        let account: AccountId = case.parsed("pubkey")?;
        let namespace = case.integer("namespace")?;
        let namespace = Namespace(case.ok("namespace", i16::try_from(namespace))?);
        let data = case.base64("data_base64")?;
        let expected: MessageHash = case.parsed("hash")?;
        let got = message_hash::message_hash(&account, namespace, &data);
        case.equal("bytes", MessageHash::from_bytes(&expected.to_bytes()), got.clone());
        case.equal("hash", expected, got);
        Some(())
    });
}

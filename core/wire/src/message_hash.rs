//! How nodes name a stored message (protocol: network 5).

use crate::{AccountId, MessageHash, Namespace};

/// BLAKE2b-256 over prefix and key, the namespace in decimal (empty for 0) and the stored bytes.
#[must_use]
pub fn message_hash(account: &AccountId, namespace: Namespace, data: &[u8]) -> MessageHash {
    let namespace = namespace.signed_form();
    MessageHash::from_bytes(&tacit_crypto::blake2b::hash256(&[account.as_bytes(), namespace.as_bytes(), data]))
}

//! The texts that clients and nodes sign (protocol: network 5). Numbers enter in decimal,
//! hashes as their 43 characters, nothing stands between the parts.

use std::fmt::{Display, Write};

use crate::{AccountId, MessageHash, Namespace, Namespaces, TimestampMs};

/// What an `expire` request may do to the messages it names.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ExpiryChange {
    /// Move the expiry either way.
    #[default]
    Any,
    /// Only make it earlier.
    Shorten,
    /// Only make it later.
    Extend,
}

impl ExpiryChange {
    fn signed_form(self) -> &'static str {
        match self {
            Self::Any => "",
            Self::Shorten => "shorten",
            Self::Extend => "extend",
        }
    }
}

/// One signed text in the making.
struct Text(String);

impl Text {
    fn new(start: impl Display) -> Self {
        Self(start.to_string())
    }

    fn add(mut self, part: impl Display) -> Self {
        // Writing to a `String` cannot fail.
        let _ = write!(self.0, "{part}");
        self
    }

    fn add_all<T: Display>(self, parts: impl IntoIterator<Item = T>) -> Self {
        parts.into_iter().fold(self, Self::add)
    }

    fn done(self) -> Vec<u8> {
        self.0.into_bytes()
    }
}

/// `store` with a signature; `sig_timestamp` falls back to the message's own timestamp.
#[must_use]
pub fn store(namespace: Namespace, sig_timestamp: TimestampMs) -> Vec<u8> {
    Text::new("store").add(namespace.signed_form()).add(sig_timestamp).done()
}

/// `retrieve`.
#[must_use]
pub fn retrieve(namespace: Namespace, timestamp: TimestampMs) -> Vec<u8> {
    Text::new("retrieve").add(namespace.signed_form()).add(timestamp).done()
}

/// `delete`.
#[must_use]
pub fn delete(messages: &[MessageHash]) -> Vec<u8> {
    Text::new("delete").add_all(messages).done()
}

/// `delete_all`.
#[must_use]
pub fn delete_all(namespaces: Namespaces, timestamp: TimestampMs) -> Vec<u8> {
    Text::new("delete_all").add(namespaces.signed_form()).add(timestamp).done()
}

/// `delete_before`.
#[must_use]
pub fn delete_before(namespaces: Namespaces, before: TimestampMs) -> Vec<u8> {
    Text::new("delete_before").add(namespaces.signed_form()).add(before).done()
}

/// `expire`; one expiry for all or one for each message.
#[must_use]
pub fn expire(change: ExpiryChange, expiry: &[TimestampMs], messages: &[MessageHash]) -> Vec<u8> {
    Text::new("expire").add(change.signed_form()).add_all(expiry).add_all(messages).done()
}

/// `expire_all`.
#[must_use]
pub fn expire_all(namespaces: Namespaces, expiry: TimestampMs) -> Vec<u8> {
    Text::new("expire_all").add(namespaces.signed_form()).add(expiry).done()
}

/// `get_expiries`; `messages` as the request names them, `["all"]` included.
#[must_use]
pub fn get_expiries<T: AsRef<str>>(timestamp: TimestampMs, messages: &[T]) -> Vec<u8> {
    Text::new("get_expiries").add(timestamp).add_all(messages.iter().map(AsRef::as_ref)).done()
}

/// `revoke_subaccount`; tokens enter as bytes.
#[must_use]
pub fn revoke_subaccount(timestamp: TimestampMs, tokens: &[[u8; 36]]) -> Vec<u8> {
    with_tokens(Text::new("revoke_subaccount").add(timestamp), tokens)
}

/// `unrevoke_subaccount`; tokens enter as bytes.
#[must_use]
pub fn unrevoke_subaccount(timestamp: TimestampMs, tokens: &[[u8; 36]]) -> Vec<u8> {
    with_tokens(Text::new("unrevoke_subaccount").add(timestamp), tokens)
}

/// `revoked_subaccounts`.
#[must_use]
pub fn revoked_subaccounts(timestamp: TimestampMs) -> Vec<u8> {
    Text::new("revoked_subaccounts").add(timestamp).done()
}

fn with_tokens(text: Text, tokens: &[[u8; 36]]) -> Vec<u8> {
    let mut bytes = text.done();
    bytes.extend(tokens.iter().flatten());
    bytes
}

// ------------------------------------------------------------------ receipts of nodes

/// What a node signs when it stored a message: the text of its hash.
#[must_use]
pub fn store_receipt(hash: &MessageHash) -> Vec<u8> {
    Text::new(hash).done()
}

/// For `delete`: the request's hashes, then those that were there, ascending.
#[must_use]
pub fn delete_receipt(account: &AccountId, requested: &[MessageHash], deleted: &[MessageHash]) -> Vec<u8> {
    Text::new(account).add_all(requested).add_all(deleted).done()
}

/// For `delete_all` (`time` is the request's timestamp), `delete_before` (`time` is `before`)
/// and `expire_all` (`time` is the expiry). Hashes ascending over all namespaces together.
#[must_use]
pub fn sweep_receipt<'a>(
    account: &AccountId,
    time: TimestampMs,
    hashes: impl IntoIterator<Item = &'a MessageHash>,
) -> Vec<u8> {
    Text::new(account).add(time).add_all(hashes).done()
}

/// For `expire`: the applied expiry (or each of them), the request's hashes, those updated,
/// then each unchanged hash with its expiry, ascending.
#[must_use]
pub fn expire_receipt<'a>(
    account: &AccountId,
    expiry: &[TimestampMs],
    requested: &[MessageHash],
    updated: &[MessageHash],
    unchanged: impl IntoIterator<Item = (&'a MessageHash, &'a TimestampMs)>,
) -> Vec<u8> {
    let text = Text::new(account).add_all(expiry).add_all(requested).add_all(updated);
    unchanged.into_iter().fold(text, |text, (hash, expiry)| text.add(hash).add(expiry)).done()
}

/// For `revoke_subaccount` and `unrevoke_subaccount`.
#[must_use]
pub fn revocation_receipt(account: &AccountId, timestamp: TimestampMs, tokens: &[[u8; 36]]) -> Vec<u8> {
    with_tokens(Text::new(account).add(timestamp), tokens)
}

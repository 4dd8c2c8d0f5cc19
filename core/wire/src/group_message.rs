//! Messages of groups between content and stored bytes (protocol: messages 2.3): a signed,
//! bencoded dictionary around the envelope, encrypted with the group's key.

use std::fmt;

use rand_core::CryptoRng;
use tacit_crypto::{AccountKeys, Error as CryptoError};

use crate::bencode::Value;
use crate::envelope::{Opened, ReceiveError, new_envelope};
use crate::proto::{Content, Message, envelope};
use crate::rpc::MAX_DATA;
use crate::{AccountId, Error, Prefix, TimestampMs};

/// Largest envelope that is read after decompression, in bytes.
pub const MAX_ENVELOPE: usize = 1_000_000;
const LEVEL: i32 = 1;

/// A group message as received. Whether the sender is a member is not known here. `Debug`
/// shows nothing of its content.
pub struct GroupMessage {
    /// Who signed it.
    pub sender: AccountId,
    /// The key it is signed with; converts to the sender's.
    pub sender_ed25519: [u8; 32],
    /// The message's timestamp.
    pub timestamp: TimestampMs,
    /// Whether the content repeats the timestamp.
    pub timestamp_is_signed: bool,
    /// Which of the keys opened it.
    pub key_index: usize,
    /// What it says.
    pub content: Content,
}

impl fmt::Debug for GroupMessage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut out = f.debug_struct("GroupMessage");
        out.field("sender", &self.sender).field("timestamp", &self.timestamp).finish_non_exhaustive()
    }
}

/// A decrypted and verified dictionary: who signed which envelope.
#[derive(Clone, PartialEq, Eq)]
pub struct SignedEnvelope {
    /// Who signed it.
    pub sender: AccountId,
    /// The key it is signed with.
    pub sender_ed25519: [u8; 32],
    /// Which of the keys opened it.
    pub key_index: usize,
    /// The serialized envelope, decompressed.
    pub envelope: Vec<u8>,
}

/// The bytes to store in namespace 11 of `group` under its current key.
///
/// # Errors
/// [`Error::Malformed`] when the content has no timestamp or `group` is none,
/// [`Error::TooLong`] when the result would not fit a stored message.
pub fn encode(
    content: &Content,
    sender: &AccountKeys,
    group: &AccountId,
    key: &[u8; 32],
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, Error> {
    let timestamp = content.sig_timestamp.ok_or(Error::malformed("content without timestamp"))?;
    if group.prefix() != Prefix::Group {
        return Err(Error::malformed("group"));
    }
    let signature = tacit_crypto::decoy_signature(rng);
    let envelope = group_envelope(content.encode_to_vec(), TimestampMs(timestamp), &signature);
    if envelope.len() > MAX_ENVELOPE {
        return Err(Error::too_long("message", MAX_ENVELOPE));
    }
    let stored = tacit_crypto::group::seal(&dictionary(&envelope, sender, group.key()), key, rng)?;
    if stored.len() > MAX_DATA {
        return Err(Error::too_long("message", MAX_DATA));
    }
    Ok(stored)
}

/// The serialized envelope around content in clear.
#[must_use]
pub fn group_envelope(content: Vec<u8>, timestamp: TimestampMs, pro_signature: &[u8; 64]) -> Vec<u8> {
    new_envelope(envelope::Type::ClosedGroupMessage, content, timestamp, pro_signature).encode_to_vec()
}

/// The signed dictionary around an envelope, compressed if that is shorter; not yet padded.
/// `group` is the group's Ed25519 key.
#[must_use]
pub fn dictionary(envelope: &[u8], sender: &AccountKeys, group: &[u8; 32]) -> Vec<u8> {
    let compressed = zstd::bulk::compress(envelope, LEVEL).ok().filter(|data| data.len() < envelope.len());
    let (name, data) = match &compressed {
        Some(data) => ("z", data.as_slice()),
        None => ("d", envelope),
    };
    let signature = sender.sign(&[data, group].concat());
    let key = sender.ed25519_public();
    Value::from([
        ("", Value::Integer(1)),
        ("a", Value::bytes(&key)),
        (name, Value::bytes(data)),
        ("s", Value::bytes(&signature)),
    ])
    .to_bytes()
}

/// Opens and checks stored bytes of namespace 11: tries `keys` in their order, newest first.
///
/// # Errors
/// Why the message is to be dropped.
pub fn decode(data: &[u8], keys: &[[u8; 32]], group: &AccountId) -> Result<GroupMessage, ReceiveError> {
    let signed = open(data, keys, group.key())?;
    let envelope = Opened::parse(&signed.envelope)?;
    envelope.check_pro_signature()?;
    let (content, timestamp_is_signed) = envelope.check_content(&envelope.content)?;
    Ok(GroupMessage {
        sender: signed.sender,
        sender_ed25519: signed.sender_ed25519,
        timestamp: envelope.timestamp,
        timestamp_is_signed,
        key_index: signed.key_index,
        content,
    })
}

/// The part of [`decode`] up to the envelope. `group` is the group's Ed25519 key.
///
/// # Errors
/// Why the message is to be dropped.
pub fn open(data: &[u8], keys: &[[u8; 32]], group: &[u8; 32]) -> Result<SignedEnvelope, ReceiveError> {
    if data.len() > MAX_DATA {
        return Err(ReceiveError::TooLong);
    }
    let opened = tacit_crypto::group::open(data, keys)?;
    let dictionary = Value::parse(&opened.dictionary).map_err(|_| ReceiveError::Format)?;
    let entry = |name| dictionary.get(name);
    match entry("").ok_or(ReceiveError::Format)?.as_integer() {
        Some(1) => {}
        Some(_) => return Err(ReceiveError::Version),
        None => return Err(ReceiveError::Format),
    }
    let sender_ed25519: [u8; 32] = fixed(entry("a"))?;
    let signature: [u8; 64] = fixed(entry("s"))?;
    let (data, compressed) = match (entry("d"), entry("z")) {
        (Some(plain), None) => (plain, false),
        (None, Some(compressed)) => (compressed, true),
        _ => return Err(ReceiveError::Format),
    };
    let data = data.as_bytes().filter(|data| !data.is_empty()).ok_or(ReceiveError::Format)?;
    tacit_crypto::verify(&sender_ed25519, &[data, group].concat(), &signature).map_err(|_| ReceiveError::Signature)?;
    let sender = tacit_crypto::ed25519_to_x25519(&sender_ed25519)
        .map_err(|_: CryptoError| ReceiveError::SenderKey)
        .map(|key| AccountId::from_x25519(&key))?;
    let envelope = if compressed { decompress(data)? } else { data.to_vec() };
    Ok(SignedEnvelope { sender, sender_ed25519, key_index: opened.key_index, envelope })
}

fn fixed<const N: usize>(value: Option<&Value<'_>>) -> Result<[u8; N], ReceiveError> {
    value.and_then(Value::as_bytes).and_then(|bytes| bytes.try_into().ok()).ok_or(ReceiveError::Format)
}

/// Into a buffer of fixed size: what would be longer is an error before it takes memory.
fn decompress(data: &[u8]) -> Result<Vec<u8>, ReceiveError> {
    zstd::bulk::decompress(data, MAX_ENVELOPE).map_err(|_| ReceiveError::Decompress)
}

#[cfg(test)]
mod tests;

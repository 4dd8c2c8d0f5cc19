//! Direct messages between content and stored bytes: padding, sealed box, envelope, wrapper
//! (protocol: messages 2.1 and 2.2).

use std::fmt;

use rand_core::CryptoRng;
use tacit_crypto::AccountKeys;
use thiserror::Error;

use crate::proto::web_socket_message::Type as WrapperType;
use crate::proto::{self, Content, Envelope, Message, WebSocketMessage, WebSocketRequestMessage, envelope};
use crate::rpc::MAX_DATA;
use crate::{AccountId, Error, Prefix, TimestampMs, padding};

/// A direct message as received. `Debug` shows nothing of its content.
pub struct Direct {
    /// Who signed it.
    pub sender: AccountId,
    /// The key it is signed with; converts to the sender's.
    pub sender_ed25519: [u8; 32],
    /// The message's timestamp.
    pub timestamp: TimestampMs,
    /// Whether the sender signed the timestamp. Very old clients did not.
    pub timestamp_is_signed: bool,
    /// What it says.
    pub content: Content,
    /// The same as it was signed, without padding.
    pub content_bytes: Vec<u8>,
}

impl fmt::Debug for Direct {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Direct")
            .field("sender", &self.sender)
            .field("timestamp", &self.timestamp)
            .finish_non_exhaustive()
    }
}

/// Why a message is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum ReceiveError {
    /// More bytes than a swarm keeps.
    #[error("longer than a stored message can be")]
    TooLong,
    /// Not a wrapper, or one without a body.
    #[error("not wrapped as a direct message")]
    Wrapper,
    /// Not an envelope, or one that lacks something.
    #[error("malformed envelope")]
    Envelope,
    /// Too short for a sealed or group message.
    #[error("too short")]
    TooShort,
    /// Not for us, or damaged.
    #[error("does not decrypt")]
    Decrypt,
    /// Not signed by who it says.
    #[error("signature does not hold")]
    Signature,
    /// Signed with a key that cannot be an account's.
    #[error("unfit sender key")]
    SenderKey,
    /// The paid-features signature is not 64 bytes long.
    #[error("malformed pro signature")]
    ProSignatureSize,
    /// Not content, or content that lacks something.
    #[error("malformed content")]
    Content,
    /// The signed timestamp is not the envelope's.
    #[error("signed timestamp differs from the envelope's")]
    TimestampMismatch,
    /// A group message that is no dictionary with what it needs.
    #[error("malformed group message")]
    Format,
    /// A group message of another version.
    #[error("unknown version of group message")]
    Version,
    /// A compressed group message that does not decompress within bounds.
    #[error("does not decompress")]
    Decompress,
}

impl ReceiveError {
    /// The name of the kind of error in the test vectors.
    #[must_use]
    pub fn kind(&self) -> &'static str {
        match self {
            Self::TooLong => "too_long",
            Self::Wrapper => "wrapper",
            Self::Envelope => "envelope",
            Self::TooShort => "too_short",
            Self::Decrypt => "decrypt",
            Self::Signature => "signature",
            Self::SenderKey => "sender_key",
            Self::ProSignatureSize => "pro_signature_size",
            Self::Content => "content",
            Self::TimestampMismatch => "timestamp_mismatch",
            Self::Format => "format",
            Self::Version => "version",
            Self::Decompress => "decompress",
        }
    }
}

impl From<tacit_crypto::Error> for ReceiveError {
    fn from(error: tacit_crypto::Error) -> Self {
        match error {
            tacit_crypto::Error::TooShort => Self::TooShort,
            tacit_crypto::Error::Signature => Self::Signature,
            tacit_crypto::Error::SenderKey => Self::SenderKey,
            _ => Self::Decrypt,
        }
    }
}

/// The bytes to store for `recipient`: content padded, signed, sealed and wrapped. Base64 of
/// them is the `data` of a store.
///
/// # Errors
/// [`Error::Malformed`] when the content has no timestamp or the recipient is no account,
/// [`Error::TooLong`] when the result would not fit a stored message.
pub fn encode_direct(
    content: &Content,
    sender: &AccountKeys,
    recipient: &AccountId,
    rng: &mut impl CryptoRng,
) -> Result<Vec<u8>, Error> {
    let timestamp = content.sig_timestamp.ok_or(Error::malformed("content without timestamp"))?;
    if recipient.prefix() != Prefix::Account {
        return Err(Error::malformed("recipient"));
    }
    let padded = padding::pad(&content.encode_to_vec());
    if padded.len() > MAX_DATA {
        return Err(Error::too_long("message", MAX_DATA));
    }
    let sealed = tacit_crypto::seal(&padded, sender, recipient.key(), rng)?;
    let pro_signature = tacit_crypto::decoy_signature(rng);
    let wrapper = wrap(&direct_envelope(sealed, TimestampMs(timestamp), &pro_signature));
    if wrapper.len() > MAX_DATA {
        return Err(Error::too_long("message", MAX_DATA));
    }
    Ok(wrapper)
}

/// The serialized envelope around a sealed box.
#[must_use]
pub fn direct_envelope(sealed: Vec<u8>, timestamp: TimestampMs, pro_signature: &[u8; 64]) -> Vec<u8> {
    new_envelope(envelope::Type::SessionMessage, sealed, timestamp, pro_signature).encode_to_vec()
}

pub(crate) fn new_envelope(
    kind: envelope::Type,
    content: Vec<u8>,
    timestamp: TimestampMs,
    pro_signature: &[u8; 64],
) -> Envelope {
    Envelope {
        r#type: kind.into(),
        source: None,
        timestamp: timestamp.0,
        source_device: Some(1),
        content: Some(content),
        server_timestamp: None,
        pro_sig: Some(pro_signature.to_vec()),
    }
}

/// The serialized wrapper around a serialized envelope.
#[must_use]
pub fn wrap(envelope: &[u8]) -> Vec<u8> {
    let request = WebSocketRequestMessage {
        verb: Some(String::new()),
        path: Some(String::new()),
        body: Some(envelope.to_vec()),
        request_id: Some(0),
        headers: Vec::new(),
    };
    WebSocketMessage { r#type: Some(WrapperType::Request.into()), request: Some(request) }.encode_to_vec()
}

/// The serialized envelope inside a wrapper.
///
/// # Errors
/// [`ReceiveError::Wrapper`].
pub fn unwrap(wrapper: &[u8]) -> Result<Vec<u8>, ReceiveError> {
    let wrapper: WebSocketMessage = proto::decode(wrapper).map_err(|_| ReceiveError::Wrapper)?;
    wrapper.request.and_then(|request| request.body).ok_or(ReceiveError::Wrapper)
}

/// Opens and checks stored bytes of namespace 0.
///
/// # Errors
/// Why the message is to be dropped.
pub fn decode_direct(data: &[u8], me: &AccountKeys) -> Result<Direct, ReceiveError> {
    if data.len() > MAX_DATA {
        return Err(ReceiveError::TooLong);
    }
    let envelope = Opened::parse(&unwrap(data)?)?;
    let opened = tacit_crypto::open(&envelope.content, me)?;
    envelope.check_pro_signature()?;
    let content_bytes = padding::unpad(&opened.plaintext).to_vec();
    let (content, timestamp_is_signed) = envelope.check_content(&content_bytes)?;
    Ok(Direct {
        sender: AccountId::from_x25519(&opened.sender_x25519),
        sender_ed25519: opened.sender_ed25519,
        timestamp: envelope.timestamp,
        timestamp_is_signed,
        content,
        content_bytes,
    })
}

/// An envelope that has what it needs.
pub(crate) struct Opened {
    pub(crate) timestamp: TimestampMs,
    pub(crate) content: Vec<u8>,
    pro_signature: Option<Vec<u8>>,
}

impl Opened {
    /// Step 2: what must be there, and the form of `source`.
    pub(crate) fn parse(envelope: &[u8]) -> Result<Self, ReceiveError> {
        let envelope: Envelope =
            proto::decode_bounded(envelope, crate::group_message::MAX_ENVELOPE).map_err(|_| ReceiveError::Envelope)?;
        let source = envelope.source.unwrap_or_default();
        if !source.is_empty() && source.chars().count() != AccountId::HEX_LENGTH {
            return Err(ReceiveError::Envelope);
        }
        Ok(Self {
            timestamp: TimestampMs(envelope.timestamp),
            content: envelope.content.ok_or(ReceiveError::Envelope)?,
            pro_signature: envelope.pro_sig,
        })
    }

    /// Step 6.
    pub(crate) fn check_pro_signature(&self) -> Result<(), ReceiveError> {
        match &self.pro_signature {
            Some(signature) if signature.len() != 64 => Err(ReceiveError::ProSignatureSize),
            _ => Ok(()),
        }
    }

    /// Step 8; also says whether the content carries the timestamp.
    pub(crate) fn check_content(&self, bytes: &[u8]) -> Result<(Content, bool), ReceiveError> {
        let content: Content =
            proto::decode_bounded(bytes, crate::group_message::MAX_ENVELOPE).map_err(|_| ReceiveError::Content)?;
        match content.sig_timestamp {
            Some(signed) if signed != self.timestamp.0 => Err(ReceiveError::TimestampMismatch),
            signed => Ok((content, signed.is_some())),
        }
    }
}

#[cfg(test)]
mod tests;

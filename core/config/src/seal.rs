//! Between a config message and what a swarm stores: compression, padding, encryption and the
//! protobuf wrapping (protocol: config 5, 6).

use tacit_crypto::{AccountKeys, config as cipher, sealed};
use tacit_wire::envelope::{unwrap, wrap};
use tacit_wire::proto::{self, Content, Envelope, Message, SharedConfigMessage, envelope};
use tacit_wire::rpc::MAX_DATA;
use tacit_wire::{AccountId, padding};
use zeroize::Zeroizing;

use crate::multipart::{self, Part};
use crate::{Error, Kind};

/// Most bytes that a message may have after decompression.
pub const MAX_MESSAGE: usize = 8 << 20;
const LEVEL: i32 = 1;
const COMPRESSED: u8 = b'z';
const PADDING_MARK: u8 = 0x80;

/// The size to which a text of `length` bytes is padded.
#[must_use]
pub fn padded_size(length: usize) -> usize {
    let whole = length + cipher::OVERHEAD;
    let step = match whole {
        0..5_120 => 256,
        5_120..20_480 => 1_024,
        20_480..40_960 => 2_048,
        _ => 5_120,
    };
    whole.next_multiple_of(step) - cipher::OVERHEAD
}

/// Compresses if that is shorter, and puts zeros in front.
#[must_use]
pub fn pad(message: &[u8]) -> Zeroizing<Vec<u8>> {
    let compressed = zstd::bulk::compress(message, LEVEL).ok().filter(|data| data.len() + 1 < message.len());
    let length = compressed.as_ref().map_or(message.len(), |data| data.len() + 1);
    let mut padded = Zeroizing::new(vec![0; padded_size(length) - length]);
    match compressed {
        Some(data) => {
            padded.push(COMPRESSED);
            padded.extend_from_slice(&data);
        }
        None => padded.extend_from_slice(message),
    }
    padded
}

/// What stands in an opened text.
pub enum Unpadded {
    /// A whole message.
    Whole(Zeroizing<Vec<u8>>),
    /// A part of one.
    Part(Part),
}

/// Takes padding and compression off an opened text; `None` if it is nothing that is known.
#[must_use]
pub fn unpad(padded: &[u8]) -> Option<Unpadded> {
    match padded.iter().find(|byte| **byte != 0)? {
        b'm' => Part::parse(strip(padded)).map(Unpadded::Part),
        _ => whole(padded).map(Unpadded::Whole),
    }
}

/// The same for a message that was joined from parts.
#[must_use]
pub fn whole(padded: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
    let stripped = strip(padded);
    let message = match stripped.split_first()? {
        (&COMPRESSED, data) => Zeroizing::new(zstd::bulk::decompress(data, MAX_MESSAGE).ok()?),
        _ if stripped.len() <= MAX_MESSAGE => Zeroizing::new(stripped.to_vec()),
        _ => return None,
    };
    message.starts_with(b"d").then_some(message)
}

fn strip(padded: &[u8]) -> &[u8] {
    let start = padded.iter().position(|byte| *byte != 0).unwrap_or(padded.len());
    &padded[start..]
}

/// What is to be stored.
pub struct Sealed {
    /// One message, or several parts.
    pub messages: Vec<Vec<u8>>,
    /// The name of the set if these are parts.
    pub set: Option<multipart::Name>,
}

/// What is to be stored for a padded text.
///
/// # Errors
/// [`Error::TooLarge`] when it would take too many parts.
pub fn seal(
    kind: Kind,
    account: Option<&AccountKeys>,
    key: &[u8; 32],
    seqno: i64,
    padded: &[u8],
) -> Result<Sealed, Error> {
    let domain = kind.domain().as_bytes();
    if padded.len() + cipher::OVERHEAD > MAX_DATA {
        let split = multipart::split(padded, multipart::CHUNK)?;
        let messages: Result<_, _> = split.parts.iter().map(|part| cipher::seal(key, domain, part)).collect();
        return Ok(Sealed { messages: messages?, set: Some(split.name) });
    }
    let body = cipher::seal(key, domain, padded)?;
    let wrapped = match (account, kind.wire_kind()) {
        (Some(account), Some(wire_kind)) => Some(wrap_for_self(wire_kind, account, seqno, &body)?),
        _ => None,
    };
    let message = wrapped.filter(|wrapped| wrapped.len() <= MAX_DATA).unwrap_or(body);
    Ok(Sealed { messages: vec![message], set: None })
}

/// Wraps the encrypted bytes as a direct message to ourselves, which old clients look for.
fn wrap_for_self(
    kind: proto::shared_config_message::Kind,
    account: &AccountKeys,
    seqno: i64,
    body: &[u8],
) -> Result<Vec<u8>, Error> {
    let shared = SharedConfigMessage { kind: kind.into(), seqno, data: body.to_vec() };
    let mut content = Content { shared_config_message: Some(shared), ..Content::default() }.encode_to_vec();
    content.push(PADDING_MARK);
    let sealed = sealed::seal_deterministic(&content, account, &account.x25519_public())?;
    let envelope = Envelope {
        r#type: envelope::Type::SessionMessage.into(),
        timestamp: 1,
        content: Some(sealed),
        ..Envelope::default()
    };
    Ok(wrap(&envelope.encode_to_vec()))
}

/// Opens stored bytes with the first key that fits.
#[must_use]
pub fn open<'k>(
    kind: Kind,
    account: Option<&AccountKeys>,
    keys: impl IntoIterator<Item = &'k [u8; 32]>,
    stored: &[u8],
) -> Option<Zeroizing<Vec<u8>>> {
    if stored.len() > MAX_DATA {
        return None;
    }
    let unwrapped = account.and_then(|account| {
        let once = unwrap_from_self(kind, account, stored)?;
        // An old client wrapped twice.
        Some(unwrap_from_self(kind, account, &once).unwrap_or(once))
    });
    let sealed = unwrapped.as_deref().unwrap_or(stored);
    let domain = kind.domain().as_bytes();
    keys.into_iter().find_map(|key| cipher::open(key, domain, sealed).ok()).map(Zeroizing::new)
}

/// The bytes inside a message from ourselves to ourselves, of the same kind.
fn unwrap_from_self(kind: Kind, account: &AccountKeys, stored: &[u8]) -> Option<Vec<u8>> {
    let wire_kind = kind.wire_kind()?;
    let envelope: Envelope = proto::decode(&unwrap(stored).ok()?).ok()?;
    let opened = sealed::open(&envelope.content?, account).ok()?;
    if AccountId::from_x25519(&opened.sender_x25519) != AccountId::from_x25519(&account.x25519_public()) {
        return None;
    }
    let content: Content = proto::decode(padding::unpad(&opened.plaintext)).ok()?;
    let shared = content.shared_config_message?;
    (shared.kind() == wire_kind).then_some(shared.data)
}

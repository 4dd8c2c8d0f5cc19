//! One message for several recipients (protocol: config 13): the key between a sender and each.

use zeroize::Zeroizing;

use crate::keys::Agreed;
use crate::{AccountKeys, Error, NodeKeys, blake2b, convert};

/// Bytes of a domain that count.
const DOMAIN: usize = 64;

/// The key for a recipient, on the sender's side.
///
/// # Errors
/// [`Error::PublicKey`] when the recipient's key is of no use, [`Error::KeySize`] for an empty
/// domain.
pub fn key_for(sender: &NodeKeys, recipient_x25519: &[u8; 32], domain: &[u8]) -> Result<Zeroizing<[u8; 32]>, Error> {
    let shared = sender.agree(*recipient_x25519)?;
    message_key(&shared, &sender.x25519_public(), recipient_x25519, domain)
}

/// The key of a recipient, on his side.
///
/// # Errors
/// [`Error::PublicKey`] when the sender's key is of no use, [`Error::KeySize`] for an empty
/// domain.
pub fn key_of(recipient: &AccountKeys, sender_ed25519: &[u8; 32], domain: &[u8]) -> Result<Zeroizing<[u8; 32]>, Error> {
    let sender = convert::ed25519_to_x25519(sender_ed25519)?;
    message_key(&recipient.agree(sender)?, &sender, &recipient.x25519_public(), domain)
}

fn message_key(
    shared: &Agreed,
    sender: &[u8; 32],
    recipient: &[u8; 32],
    domain: &[u8],
) -> Result<Zeroizing<[u8; 32]>, Error> {
    let domain = domain.get(..DOMAIN).unwrap_or(domain);
    Ok(Zeroizing::new(blake2b::keyed256(domain, &[shared.as_bytes(), sender, recipient])?))
}

//! How a group's keys are made and handed to its members (protocol: config 10).

use chacha20::ChaCha20;
use chacha20::cipher::{KeyIvInit, StreamCipher};
use zeroize::Zeroizing;

use crate::{AccountKeys, Error, NodeKeys, aead, blake2b, convert};

/// Bytes of an encrypted key.
pub const SEALED_KEY: usize = 32 + aead::TAG;
/// Bytes of a nonce.
pub const NONCE: usize = aead::XNONCE;
/// The nonce of libsodium's deterministic generator.
const JUNK_NONCE: &[u8; 12] = b"LibsodiumDRG";

/// A new key, and the nonce of its message.
pub struct NewKey {
    /// The key.
    pub key: Zeroizing<[u8; 32]>,
    /// The nonce.
    pub nonce: [u8; NONCE],
    /// What both are cut from: junk is derived from it.
    whole: Zeroizing<[u8; 56]>,
}

/// What admins derive from the group's seed for one purpose.
pub(crate) fn derived(group: &NodeKeys, label: &[u8]) -> Result<Zeroizing<[u8; 32]>, Error> {
    Ok(Zeroizing::new(blake2b::keyed256(label, &[group.ed25519_seed()])?))
}

/// The key of a generation for these members, as 66 hex digits each, ascending. Two admins with
/// equal members make the same.
///
/// # Errors
/// [`Error::KeySize`], which no label here has.
pub fn new_key(group: &NodeKeys, members: &[String], generation: i64) -> Result<NewKey, Error> {
    let members = members.concat();
    let seed = derived(group, b"SessionGroupKeySeed")?;
    let generation = generation.to_string();
    let parts = [members.as_bytes(), generation.as_bytes(), seed.as_slice()];
    let whole = Zeroizing::new(blake2b::keyed448(b"SessionGroupKeyGen", &parts)?);
    let mut new = NewKey { key: Zeroizing::new([0; 32]), nonce: [0; NONCE], whole };
    new.key.copy_from_slice(&new.whole[..32]);
    new.nonce.copy_from_slice(&new.whole[32..]);
    Ok(new)
}

/// The nonce of a supplement: `plain` for these members, as 66 hex digits each, in this order.
///
/// # Errors
/// [`Error::KeySize`], which no label here has.
pub fn supplement_nonce(group: &NodeKeys, members: &[String], plain: &[u8]) -> Result<[u8; NONCE], Error> {
    let seed = derived(group, b"SessionGroupKeySeed")?;
    let members = members.concat();
    blake2b::keyed192(b"SessionGroupKeyGen", &[members.as_bytes(), plain, seed.as_slice()])
}

/// So many bytes that look like the keys of members.
///
/// # Errors
/// [`Error::KeySize`], which no label here has.
pub fn junk(group: &NodeKeys, new: &NewKey, length: usize) -> Result<Vec<u8>, Error> {
    let parts = [new.whole.as_slice(), group.ed25519_seed(), &group.ed25519_public()];
    let key = Zeroizing::new(blake2b::keyed256(b"SessionGroupJunkMembers", &parts)?);
    let mut junk = vec![0; length];
    ChaCha20::new((&*key).into(), JUNK_NONCE.into()).apply_keystream(&mut junk);
    Ok(junk)
}

/// The key under which admins find a new key.
///
/// # Errors
/// [`Error::KeySize`], which no label here has.
pub fn admin_key(group: &NodeKeys) -> Result<Zeroizing<[u8; 32]>, Error> {
    derived(group, b"SessionGroupKeyAdminKey")
}

/// The key between a group and a member, on the group's side.
///
/// # Errors
/// [`Error::PublicKey`] when the member's key is of no use.
pub fn key_for_member(group: &NodeKeys, member_x25519: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, Error> {
    let shared = group.agree(*member_x25519)?;
    member_key(shared.as_bytes(), &group.x25519_public(), member_x25519)
}

/// The key between a group and a member, on the member's side.
///
/// # Errors
/// [`Error::PublicKey`] when the group's key is of no use.
pub fn key_of_member(member: &AccountKeys, group_ed25519: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, Error> {
    let group = convert::ed25519_to_x25519(group_ed25519)?;
    let shared = member.agree(group)?;
    member_key(shared.as_bytes(), &group, &member.x25519_public())
}

fn member_key(shared: &[u8; 32], group: &[u8; 32], member: &[u8; 32]) -> Result<Zeroizing<[u8; 32]>, Error> {
    Ok(Zeroizing::new(blake2b::keyed256(b"SessionGroupKeyMemberKey", &[shared, group, member])?))
}

/// Encrypts with a nonce that stands elsewhere.
///
/// # Errors
/// [`Error::Size`] for texts no memory holds.
pub fn seal(key: &[u8; 32], nonce: &[u8; NONCE], plain: &[u8]) -> Result<Vec<u8>, Error> {
    Ok(aead::xchacha_seal(key, nonce, plain)?.split_off(NONCE))
}

/// Opens what [`seal`] made.
///
/// # Errors
/// [`Error::TooShort`], [`Error::Decrypt`].
pub fn open(key: &[u8; 32], nonce: &[u8; NONCE], sealed: &[u8]) -> Result<Zeroizing<Vec<u8>>, Error> {
    aead::xchacha_open(key, &[nonce, sealed].concat()).map(Zeroizing::new)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    #[test]
    fn both_sides_find_the_same_key() {
        let group = NodeKeys::from_seed(&[1; 32]);
        let member = AccountKeys::from_seed(&Seed::from_bytes([2; 16]));
        let there = key_for_member(&group, &member.x25519_public()).unwrap();
        let here = key_of_member(&member, &group.ed25519_public()).unwrap();
        assert_eq!(there, here);
        let sealed = seal(&there, &[3; NONCE], b"text").unwrap();
        assert_eq!(open(&here, &[3; NONCE], &sealed).unwrap().as_slice(), b"text");
        assert_eq!(open(&here, &[4; NONCE], &sealed), Err(Error::Decrypt));
    }

    #[test]
    fn a_member_with_a_useless_key_gets_none() {
        let group = NodeKeys::from_seed(&[1; 32]);
        assert_eq!(key_for_member(&group, &[0; 32]), Err(Error::PublicKey));
    }
}

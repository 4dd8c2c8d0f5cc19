//! How members of a group may use its swarm without its key (protocol: config 12): each has a
//! blinded key of their own, which the group signed with what it allows.

use curve25519_dalek::constants::ED25519_BASEPOINT_TABLE;
use curve25519_dalek::edwards::EdwardsPoint;
use curve25519_dalek::scalar::{Scalar, clamp_integer};
use sha2::{Digest, Sha512};
use zeroize::Zeroizing;

use crate::{AccountKeys, Error, NodeKeys, blake2b, convert, group, keys};

/// Bytes of a token.
pub const TOKEN: usize = 36;
/// Bytes of a signing value.
pub const SIGNING_VALUE: usize = 100;
/// Flag: may read.
pub const READ: u8 = 1;
/// Flag: may write.
pub const WRITE: u8 = 2;
/// Flag: may delete.
pub const DELETE: u8 = 4;
/// Flag: for accounts of any prefix.
pub const ANY_PREFIX: u8 = 8;
/// First byte of a token: the prefix of groups.
const GROUP: u8 = 3;
const ACCOUNT: u8 = 5;

/// A request signed by a member.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Signed {
    /// What the member is allowed, and the blinded key.
    pub token: [u8; TOKEN],
    /// The group's signature over the token.
    pub token_signature: [u8; 64],
    /// The blinded key's signature over the request.
    pub signature: [u8; 64],
}

/// The token of a member. `flags` say what is allowed.
///
/// # Errors
/// [`Error::PublicKey`] when the member's key is of no use.
pub fn token(group: &NodeKeys, member_x25519: &[u8; 32], flags: u8) -> Result<[u8; TOKEN], Error> {
    let blinding = blinding(group, member_x25519)?;
    let point = member_point(member_x25519)?;
    Ok(token_of([GROUP, flags, 0, 0], &(point * *blinding)))
}

/// What a member is given: flags, blinding factor and the group's signature over the token.
///
/// # Errors
/// As [`token`].
pub fn signing_value(
    group: &NodeKeys,
    member_x25519: &[u8; 32],
    flags: u8,
) -> Result<Zeroizing<[u8; SIGNING_VALUE]>, Error> {
    let signature = group.sign(&token(group, member_x25519, flags)?);
    let mut value = Zeroizing::new([0; SIGNING_VALUE]);
    value[..4].copy_from_slice(&[GROUP, flags, 0, 0]);
    value[4..TOKEN].copy_from_slice(blinding(group, member_x25519)?.as_bytes());
    value[TOKEN..].copy_from_slice(&signature);
    Ok(value)
}

/// Signs a request with a signing value of ours.
///
/// # Errors
/// [`Error::PublicKey`] when the blinding factor is no scalar.
pub fn sign(member: &AccountKeys, value: &[u8; SIGNING_VALUE], message: &[u8]) -> Result<Signed, Error> {
    let (point, secret) = positive_pair(member)?;
    let blinding = given_blinding(value)?;
    let secret = Zeroizing::new(*blinding * *secret);
    let blinded = (point * *blinding).compress().to_bytes();
    let seed = Zeroizing::new(blake2b::keyed256(b"SubaccountSeed", &[member.ed25519_seed()])?);
    let wide = Zeroizing::new(blake2b::keyed512(b"SubaccountSig", &[seed.as_slice(), &blinded, message])?);
    let random = Zeroizing::new(Scalar::from_bytes_mod_order_wide(&wide));
    let commitment = (ED25519_BASEPOINT_TABLE * &*random).compress().to_bytes();
    let hash = Sha512::new().chain_update(commitment).chain_update(blinded).chain_update(message).finalize();
    let challenge = Scalar::from_bytes_mod_order_wide(&hash.into());
    let mut signature = [0; 64];
    signature[..32].copy_from_slice(&commitment);
    signature[32..].copy_from_slice((*random + challenge * *secret).as_bytes());
    let (_, token_signature) = value.split_last_chunk().ok_or(Error::Size)?;
    let head = *value.first_chunk().ok_or(Error::Size)?;
    Ok(Signed { token: token_of(head, &(point * *blinding)), token_signature: *token_signature, signature })
}

/// Whether a signing value that came with an invitation is from that group, for us, and allows
/// reading and what is `needed` besides (flags).
#[must_use]
pub fn check(member: &AccountKeys, group_ed25519: &[u8; 32], value: &[u8], needed: u8) -> bool {
    let Ok(value) = <&[u8; SIGNING_VALUE]>::try_from(value) else { return false };
    let flags = value[1];
    let allows = |flag: u8| flags & flag == flag;
    if (value[0] != GROUP && !allows(ANY_PREFIX)) || !allows(READ | needed) {
        return false;
    }
    let Ok(signed) = sign(member, value, b"") else { return false };
    keys::verify(group_ed25519, &signed.token, &signed.token_signature).is_ok()
}

fn token_of(head: [u8; 4], blinded: &EdwardsPoint) -> [u8; TOKEN] {
    let mut token = [0; TOKEN];
    token[..4].copy_from_slice(&head);
    token[4..].copy_from_slice(blinded.compress().as_bytes());
    token
}

fn blinding(group: &NodeKeys, member_x25519: &[u8; 32]) -> Result<Zeroizing<Scalar>, Error> {
    let mask = group::keys::derived(group, b"SessionGroupSubaccountMask")?;
    let parts: [&[u8]; 4] = [&[ACCOUNT], member_x25519, &[GROUP], &group.ed25519_public()];
    let wide = Zeroizing::new(blake2b::keyed512(mask.as_slice(), &parts)?);
    Ok(Zeroizing::new(Scalar::from_bytes_mod_order_wide(&wide)))
}

fn given_blinding(value: &[u8; SIGNING_VALUE]) -> Result<Zeroizing<Scalar>, Error> {
    let bytes = value[4..TOKEN].try_into().map_err(|_| Error::Size)?;
    let scalar: Option<Scalar> = Scalar::from_canonical_bytes(bytes).into();
    scalar.map(Zeroizing::new).ok_or(Error::PublicKey)
}

fn member_point(member_x25519: &[u8; 32]) -> Result<EdwardsPoint, Error> {
    let ed25519 = convert::x25519_to_ed25519(member_x25519)?;
    convert::decode(&ed25519).ok_or(Error::PublicKey)
}

/// Our Ed25519 key with sign bit 0, and the secret scalar that belongs to it.
fn positive_pair(member: &AccountKeys) -> Result<(EdwardsPoint, Zeroizing<Scalar>), Error> {
    let scalar = Zeroizing::new(Scalar::from_bytes_mod_order(clamp_integer(*member.x25519_secret())));
    let is_negative = member.ed25519_public()[31] & 0x80 != 0;
    let scalar = Zeroizing::new(if is_negative { -*scalar } else { *scalar });
    Ok((member_point(&member.x25519_public())?, scalar))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Seed;

    #[test]
    fn a_members_signature_holds_under_the_token_and_the_token_under_the_group() {
        let group = NodeKeys::from_seed(&[1; 32]);
        // Keys of both signs.
        for number in 0..8 {
            let member = AccountKeys::from_seed(&Seed::from_bytes([number; 16]));
            let value = signing_value(&group, &member.x25519_public(), READ | WRITE).unwrap();
            let signed = sign(&member, &value, b"request").unwrap();
            assert_eq!(signed.token, token(&group, &member.x25519_public(), READ | WRITE).unwrap());
            let (_, key) = signed.token.split_last_chunk().unwrap();
            keys::verify(key, b"request", &signed.signature).unwrap();
            keys::verify(&group.ed25519_public(), &signed.token, &signed.token_signature).unwrap();
        }
    }

    #[test]
    fn a_signing_value_of_others_is_refused() {
        let group = NodeKeys::from_seed(&[1; 32]);
        let [member, other] = [2, 3].map(|number| AccountKeys::from_seed(&Seed::from_bytes([number; 16])));
        let value = signing_value(&group, &member.x25519_public(), READ | WRITE).unwrap();
        let key = group.ed25519_public();
        assert!(check(&member, &key, &value[..], WRITE));
        assert!(!check(&member, &key, &value[..], WRITE | DELETE));
        assert!(!check(&other, &key, &value[..], WRITE));
        assert!(!check(&member, &[9; 32], &value[..], WRITE));
        assert!(!check(&member, &key, &value[..99], WRITE));
        let mut more = value.clone();
        more[1] |= DELETE;
        assert!(!check(&member, &key, &more[..], WRITE));
        let mut no_scalar = value.clone();
        no_scalar[4..36].fill(0xff);
        assert!(!check(&member, &key, &no_scalar[..], WRITE));
    }
}

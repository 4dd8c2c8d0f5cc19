//! Between Ed25519 and X25519 public keys (protocol: messages 1.1).

use curve25519_dalek::edwards::{CompressedEdwardsY, EdwardsPoint};
use curve25519_dalek::montgomery::MontgomeryPoint;
use curve25519_dalek::scalar::Scalar;

use crate::Error;

/// The X25519 form of an Ed25519 public key.
///
/// # Errors
/// [`Error::PublicKey`] if the key is no canonical point, is of small order, or is not in the
/// prime-order subgroup.
pub fn ed25519_to_x25519(ed25519_public: &[u8; 32]) -> Result<[u8; 32], Error> {
    let point = decode(ed25519_public).ok_or(Error::PublicKey)?;
    checked_montgomery(&point).ok_or(Error::PublicKey)
}

/// The Ed25519 form of an X25519 public key with sign bit 0 ("positive": the sign is lost).
///
/// # Errors
/// [`Error::PublicKey`] if the key lies on the twist, is not canonical, is of small order, or is
/// not in the prime-order subgroup.
pub fn x25519_to_ed25519(x25519_public: &[u8; 32]) -> Result<[u8; 32], Error> {
    if !is_canonical(x25519_public) || x25519_public[31] & 0x80 != 0 {
        return Err(Error::PublicKey);
    }
    let point = MontgomeryPoint(*x25519_public)
        .to_edwards(0)
        .filter(|point| !point.is_small_order() && is_torsion_free(point))
        .ok_or(Error::PublicKey)?;
    Ok(point.compress().to_bytes())
}

/// Decodes a point, refusing the encodings that stand for a y of p or more.
pub(crate) fn decode(ed25519_public: &[u8; 32]) -> Option<EdwardsPoint> {
    if !is_canonical(ed25519_public) {
        return None;
    }
    CompressedEdwardsY(*ed25519_public).decompress()
}

/// The X25519 form of a point, if it is of prime order.
pub(crate) fn checked_montgomery(point: &EdwardsPoint) -> Option<[u8; 32]> {
    if point.is_small_order() || !is_torsion_free(point) {
        return None;
    }
    Some(point.to_montgomery().to_bytes())
}

/// Whether the 255-bit number is below p = 2^255 - 19; the top bit is left out.
pub(crate) fn is_canonical(bytes: &[u8; 32]) -> bool {
    bytes[0] < 0xed || bytes[31] & 0x7f != 0x7f || bytes[1..31].iter().any(|byte| *byte != 0xff)
}

/// Whether L times the point is the identity, asked as (L - 1) P = -P.
///
/// A public key is no secret, so the variable-time multiplication may be used: it takes half the
/// time of `EdwardsPoint::is_torsion_free`, since L - 1 is sparse.
fn is_torsion_free(point: &EdwardsPoint) -> bool {
    let minus_one = -Scalar::ONE;
    EdwardsPoint::vartime_double_scalar_mul_basepoint(&minus_one, point, &Scalar::ZERO) == -point
}

#[cfg(test)]
mod tests {
    use super::*;
    use curve25519_dalek::constants::{ED25519_BASEPOINT_POINT, EIGHT_TORSION};

    #[test]
    fn the_base_point_maps_both_ways() {
        let ed = ED25519_BASEPOINT_POINT.compress().to_bytes();
        let mut nine = [0; 32];
        nine[0] = 9;
        assert_eq!(ed25519_to_x25519(&ed), Ok(nine));
        assert_eq!(x25519_to_ed25519(&nine), Ok(ed));
    }

    #[test]
    fn our_subgroup_check_agrees_with_the_library() {
        for torsion in EIGHT_TORSION {
            for scalar in 1u64..20 {
                let point = ED25519_BASEPOINT_POINT * Scalar::from(scalar) + torsion;
                assert_eq!(is_torsion_free(&point), point.is_torsion_free());
            }
            assert_eq!(checked_montgomery(&torsion), None);
        }
    }

    #[test]
    fn points_outside_the_subgroup_are_refused() {
        for torsion in &EIGHT_TORSION[1..] {
            let mixed = ED25519_BASEPOINT_POINT + torsion;
            assert_eq!(ed25519_to_x25519(&mixed.compress().to_bytes()), Err(Error::PublicKey));
            assert_eq!(x25519_to_ed25519(&mixed.to_montgomery().to_bytes()), Err(Error::PublicKey));
        }
    }

    #[test]
    fn numbers_of_p_and_above_are_not_canonical() {
        let mut p = [0xff; 32];
        p[0] = 0xed;
        p[31] = 0x7f;
        assert!(!is_canonical(&p));
        assert_eq!(ed25519_to_x25519(&p), Err(Error::PublicKey));
        assert_eq!(x25519_to_ed25519(&p), Err(Error::PublicKey));
        p[0] = 0xec;
        assert!(is_canonical(&p));
    }
}

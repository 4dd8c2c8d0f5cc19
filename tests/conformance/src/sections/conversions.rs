//! Between Ed25519 and X25519 keys (protocol: messages 1.1).

use serde_json::Value;
use tacit_crypto::{Error, ed25519_to_x25519, verify, x25519_to_ed25519};

use super::case::Case;
use crate::report::Report;

/// Both directions, and the keys that must be refused.
pub fn conversions(section: &Value, report: &mut Report) {
    let mut all = Case::new("conversions", section, report);
    all.each_of("x25519_to_ed25519_positive", |case| {
        let x25519 = case.array("x25519")?;
        let ed25519 = case.ok("x25519", x25519_to_ed25519(&x25519))?;
        case.equal_hex("ed25519_y", &ed25519)?;
        let back = case.ok("ed25519_y", ed25519_to_x25519(&ed25519))?;
        case.equal_hex("x25519", &back)
    });
    all.each_of("ed25519_to_x25519", |case| {
        let ed25519 = case.array("ed25519")?;
        let x25519 = case.ok("ed25519", ed25519_to_x25519(&ed25519))?;
        case.equal_hex("x25519", &x25519)
    });
    // As recipient by the conversion; as sender too, and already by the signature where the lax
    // rules would let one pass that fits every text: R = key, S = 0.
    all.each_of("invalid_ed25519", |case| {
        let ed25519: [u8; 32] = case.array("ed25519")?;
        case.equal("conversion", Err(Error::PublicKey), ed25519_to_x25519(&ed25519));
        let mut signature = [0; 64];
        signature[..32].copy_from_slice(&ed25519);
        case.equal("signature", Err(Error::Signature), verify(&ed25519, b"text", &signature));
        Some(())
    });
}

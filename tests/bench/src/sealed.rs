//! Sealing and opening a direct message, against libsodium doing the same.

use crate::Rows;
use crate::table::Row;

#[cfg(feature = "libsodium")]
mod sodium;

const NAME: &str = "seal and open a message";

#[cfg(not(feature = "libsodium"))]
pub fn rows() -> Rows {
    Ok(vec![Row::Skipped { name: NAME, reason: "libsodium was not found (Debian: libsodium-dev)" }])
}

#[cfg(feature = "libsodium")]
pub fn rows() -> Rows {
    use std::hint::black_box;

    use tacit_crypto::{AccountKeys, Seed, open, seal};

    use crate::measure::in_turns;

    const TEXT: [u8; 320] = [7; 320];
    const BOUND: f64 = 1.2;

    let (alice, bob) =
        (AccountKeys::from_seed(&Seed::from_bytes([1; 16])), AccountKeys::from_seed(&Seed::from_bytes([2; 16])));
    let to = bob.x25519_public();
    let Some(sodium) = sodium::Sodium::new(&alice, &bob) else {
        return Ok(vec![Row::Skipped { name: NAME, reason: "libsodium does not start" }]);
    };
    // Each opens what the other sealed, and finds the same.
    let theirs = sodium.seal(&TEXT);
    let ours = seal(&TEXT, &alice, &to, &mut rand::rng())?;
    let opened = open(&theirs, &bob)?;
    if sodium.open(&ours) != Some((TEXT.to_vec(), alice.x25519_public())) || opened.plaintext != TEXT {
        return Err("the two do not understand each other".into());
    }
    let seal_ours = || seal(black_box(&TEXT), &alice, &to, &mut rand::rng());
    let seal_theirs = || sodium.seal(black_box(&TEXT));
    let both =
        in_turns(1_500, 3, || seal_ours().and_then(|sealed| open(&sealed, &bob)), || sodium.open(&seal_theirs()));
    let sealing = in_turns(1_500, 4, seal_ours, seal_theirs);
    let opening = in_turns(1_500, 4, || open(black_box(&theirs), &bob), || sodium.open(black_box(&theirs)));
    Ok(vec![
        Row::bounded(NAME, both, BOUND),
        Row::free("  of which sealing", sealing),
        Row::free("  of which opening", opening),
    ])
}

//! Randomness that repeats itself, for tests.

use rand::SeedableRng as _;
use rand::rngs::StdRng;

/// A generator that always gives the same numbers.
pub(crate) fn rng(seed: u64) -> StdRng {
    StdRng::seed_from_u64(seed)
}

/// Keys and ID of an account that is always the same.
pub(crate) fn account(number: u8) -> (tacit_crypto::AccountKeys, tacit_wire::AccountId) {
    let keys = tacit_crypto::AccountKeys::from_seed(&tacit_crypto::Seed::from_bytes([number; 16]));
    let id = tacit_wire::AccountId::from_x25519(&keys.x25519_public());
    (keys, id)
}

//! A source of bytes for tests: the same in every run.

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};
use tacit_crypto::{AccountKeys, Seed};

/// SplitMix64 from a fixed start.
pub(crate) struct Numbers(u64);

impl Numbers {
    pub(crate) fn new(start: u64) -> Self {
        Self(start)
    }
}

impl TryRng for Numbers {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        Ok(self.try_next_u64()? as u32)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        Ok(mixed ^ (mixed >> 31))
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        for chunk in dst.chunks_mut(8) {
            chunk.copy_from_slice(&self.try_next_u64()?.to_le_bytes()[..chunk.len()]);
        }
        Ok(())
    }
}

impl TryCryptoRng for Numbers {}

/// The keys of somebody.
pub(crate) fn account(number: u8) -> AccountKeys {
    AccountKeys::from_seed(&Seed::from_bytes([number; 16]))
}

//! A source of "randomness" that says what it is told to.

use std::convert::Infallible;

use rand_core::{TryCryptoRng, TryRng};

/// Gives the scripted bytes, then 0, 1, 2, … for ever.
pub struct Scripted {
    script: std::vec::IntoIter<u8>,
    next: u8,
}

impl Scripted {
    #[allow(dead_code)] // only some of the tests count
    pub fn counting() -> Self {
        Self::new(Vec::new())
    }

    pub fn new(script: Vec<u8>) -> Self {
        Self { script: script.into_iter(), next: 0 }
    }
}

impl TryRng for Scripted {
    type Error = Infallible;

    fn try_next_u32(&mut self) -> Result<u32, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_next_u64(&mut self) -> Result<u64, Infallible> {
        rand_core::utils::next_word_via_fill(self)
    }

    fn try_fill_bytes(&mut self, dst: &mut [u8]) -> Result<(), Infallible> {
        for byte in dst {
            *byte = self.script.next().unwrap_or_else(|| {
                self.next = self.next.wrapping_add(1);
                self.next
            });
        }
        Ok(())
    }
}

impl TryCryptoRng for Scripted {}

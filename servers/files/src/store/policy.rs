//! How much is taken, and for how long.

use crate::Ids;

/// From here on new files live shorter, in percent of the limit.
const HIGH: u64 = 90;
/// From here on nothing new is taken.
const FULL: u64 = 97;
/// Shortest life, ms.
const SHORTEST_MS: u64 = 30_000;

/// What a server takes. Times in milliseconds.
#[derive(Clone, Copy, Debug)]
pub struct Policy {
    /// Largest file, bytes.
    pub max_file_bytes: u64,
    /// All files together, bytes.
    pub max_bytes: u64,
    /// How long a file lives if nothing else is asked.
    pub ttl_ms: u64,
    /// How long at most.
    pub max_ttl_ms: u64,
    /// How long at most while the server is nearly full.
    pub full_ttl_ms: u64,
    /// Names of new files.
    pub ids: Ids,
    /// Top bits of numeric names.
    pub server_number: u64,
    /// How many bits that are.
    pub server_bits: u32,
}

impl Policy {
    /// How long a file lives that comes while `held` bytes are there; none if it is not taken.
    #[must_use]
    pub fn life_ms(&self, asked_ms: Option<u64>, held: u64, size: u64) -> Option<u64> {
        let then = held.saturating_add(size);
        let share = |percent: u64| self.max_bytes / 100 * percent + self.max_bytes % 100 * percent / 100;
        if then > share(FULL) {
            return None;
        }
        let life = asked_ms.unwrap_or(self.ttl_ms).clamp(SHORTEST_MS, self.max_ttl_ms.max(SHORTEST_MS));
        Some(if then > share(HIGH) { life.min(self.full_ttl_ms) } else { life })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn near_the_limit_files_live_shorter_and_then_are_refused() {
        let policy = Policy {
            max_file_bytes: 10,
            max_bytes: 1_000,
            ttl_ms: 1_000_000,
            max_ttl_ms: 2_000_000,
            full_ttl_ms: 100_000,
            ids: Ids::Content,
            server_number: 0,
            server_bits: 0,
        };
        assert_eq!(policy.life_ms(None, 0, 10), Some(1_000_000));
        assert_eq!(policy.life_ms(Some(1), 0, 10), Some(30_000));
        assert_eq!(policy.life_ms(Some(u64::MAX), 0, 10), Some(2_000_000));
        assert_eq!(policy.life_ms(None, 890, 10), Some(1_000_000));
        assert_eq!(policy.life_ms(None, 891, 10), Some(100_000));
        assert_eq!(policy.life_ms(Some(40_000), 900, 10), Some(40_000));
        assert_eq!(policy.life_ms(None, 960, 10), Some(100_000));
        assert_eq!(policy.life_ms(None, 961, 10), None);
        assert_eq!(policy.life_ms(None, u64::MAX, 10), None);
    }
}

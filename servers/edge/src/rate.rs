//! Rate limits per address or per mailbox: exact (GCRA), sharded, and bounded in memory.
//!
//! A full shard evicts its oldest entry and never refuses a newcomer, so a flood of addresses
//! cannot lock anyone out.

use std::hash::{BuildHasher as _, Hash, RandomState};
use std::net::IpAddr;
use std::num::NonZeroUsize;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

use lru::LruCache;

const SHARDS: usize = 64;
const ENTRIES_A_SHARD: NonZeroUsize = NonZeroUsize::new(4096).unwrap();

/// A sustained rate and how far it may be exceeded for a moment.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rate {
    /// Events a second, for ever.
    pub per_second: f64,
    /// Events at once after a pause.
    pub burst: u32,
}

/// Counts events per key.
pub struct RateLimiter<K> {
    start: Instant,
    interval_ns: u64,
    tolerance_ns: u64,
    hasher: RandomState,
    /// Per key: when, in ns since `start`, the bucket would be empty again.
    shards: Vec<Mutex<LruCache<K, u64>>>,
}

impl<K: Hash + Eq> RateLimiter<K> {
    /// A limiter in which nothing was counted yet.
    #[must_use]
    pub fn new(rate: Rate) -> Self {
        let interval = Duration::from_secs_f64(1.0 / rate.per_second.clamp(1e-6, 1e9));
        let interval_ns = u64::try_from(interval.as_nanos()).unwrap_or(u64::MAX).max(1);
        Self {
            start: Instant::now(),
            interval_ns,
            tolerance_ns: interval_ns.saturating_mul(u64::from(rate.burst.max(1))),
            hasher: RandomState::new(),
            shards: (0..SHARDS).map(|_| Mutex::new(LruCache::new(ENTRIES_A_SHARD))).collect(),
        }
    }

    /// Whether one more event of this key is within its rate now; counted if so.
    #[must_use]
    pub fn allow(&self, key: K) -> bool {
        self.allow_many(key, 1)
    }

    /// The same for so many events at once: all of them or none.
    #[must_use]
    pub fn allow_many(&self, key: K, events: u32) -> bool {
        self.allow_at(key, events, Instant::now())
    }

    fn allow_at(&self, key: K, events: u32, at: Instant) -> bool {
        let now = u64::try_from(at.saturating_duration_since(self.start).as_nanos()).unwrap_or(u64::MAX);
        let shard = usize::try_from(self.hasher.hash_one(&key) % SHARDS as u64).unwrap_or(0);
        let mut entries = self.shards[shard].lock().unwrap_or_else(PoisonError::into_inner);
        let empty_at = entries.get(&key).copied().unwrap_or(0).max(now);
        let then = empty_at.saturating_add(self.interval_ns.saturating_mul(events.into()));
        let allowed = then - now <= self.tolerance_ns;
        if allowed {
            entries.put(key, then);
        }
        allowed
    }
}

/// What counts as one address: an IPv4 address, or the /64 of an IPv6 one.
#[must_use]
pub fn address_key(address: IpAddr) -> [u8; 8] {
    match address.to_canonical() {
        IpAddr::V4(v4) => {
            let [a, b, c, d] = v4.octets();
            [0, 0, 0, 0, a, b, c, d]
        }
        IpAddr::V6(v6) => {
            let mut key = [0; 8];
            key.copy_from_slice(&v6.octets()[..8]);
            key
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_burst_passes_then_only_the_rate() {
        let limiter = RateLimiter::new(Rate { per_second: 10.0, burst: 5 });
        let start = limiter.start;
        let passed = (0..20).filter(|_| limiter.allow_at(1, 1, start)).count();
        assert_eq!(passed, 5);
        assert!(limiter.allow_at(2, 1, start), "another key has its own count");
        let a_tenth_later = start + Duration::from_millis(100);
        assert!(limiter.allow_at(1, 1, a_tenth_later));
        assert!(!limiter.allow_at(1, 1, a_tenth_later));
        let later = start + Duration::from_secs(60);
        assert_eq!((0..20).filter(|_| limiter.allow_at(1, 1, later)).count(), 5);
    }

    #[test]
    fn many_events_pass_all_or_none() {
        let limiter = RateLimiter::new(Rate { per_second: 10.0, burst: 5 });
        let start = limiter.start;
        assert!(!limiter.allow_at(1, 6, start));
        assert!(limiter.allow_at(1, 3, start));
        assert!(!limiter.allow_at(1, 3, start), "two are left");
        assert!(limiter.allow_at(1, 2, start));
        assert!(limiter.allow_at(1, 0, start));
        assert!(!limiter.allow_at(2, u32::MAX, start));
    }

    #[test]
    fn a_flood_of_keys_evicts_the_oldest_and_refuses_no_newcomer() {
        let limiter = RateLimiter::new(Rate { per_second: 1.0, burst: 1 });
        let now = limiter.start;
        for key in 0..(SHARDS * ENTRIES_A_SHARD.get() + 10_000) {
            assert!(limiter.allow_at(key, 1, now));
        }
        let kept: usize = limiter.shards.iter().map(|s| s.lock().unwrap().len()).sum();
        assert!(kept <= SHARDS * ENTRIES_A_SHARD.get());
    }

    #[test]
    fn ipv6_counts_by_its_network_and_mapped_ipv4_as_ipv4() {
        let key = |text: &str| address_key(text.parse().unwrap());
        assert_eq!(key("2001:db8::1"), key("2001:db8::ffff"));
        assert_ne!(key("2001:db8::1"), key("2001:db8:0:1::1"));
        assert_eq!(key("::ffff:10.0.0.1"), key("10.0.0.1"));
    }
}

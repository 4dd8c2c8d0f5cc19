//! Changes that a member missed, kept for it until it is back: whose turn it is, and how much may
//! wait.
//!
//! The changes themselves are on the disk. What is lost here, or not taken for want of room, costs
//! time alone: comparison finds it.

use std::collections::{BTreeMap, BTreeSet};

use tacit_wire::NodeId;

use super::record::Record;

/// Most that wait for one member.
pub const MOST: usize = 100_000;
/// Most bytes that wait for one member.
pub const MOST_BYTES: usize = 256 * 1024 * 1024;
/// Pauses before each try; the last for all further ones, ms.
const PAUSES_MS: [u64; 8] = [2_000, 5_000, 10_000, 30_000, 60_000, 120_000, 300_000, 600_000];

/// A change that one member missed.
#[derive(Clone, Debug)]
pub struct Hint {
    /// Who missed it.
    pub member: NodeId,
    /// What.
    pub record: Record,
}

/// Who is owed changes.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    queues: BTreeMap<NodeId, Queue>,
    behind: BTreeSet<NodeId>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Queue {
    count: usize,
    bytes: usize,
    tries: usize,
    next: u64,
    sending: bool,
}

impl Hints {
    /// What the disk says: by member, how many and how many bytes.
    #[must_use]
    pub fn recovered(now: u64, waiting: &[(NodeId, usize, usize)]) -> Self {
        let queue = |count, bytes| Queue { count, bytes, next: now + PAUSES_MS[0], ..Queue::default() };
        let queues = waiting.iter().map(|(member, count, bytes)| (*member, queue(*count, *bytes))).collect();
        Self { queues, behind: BTreeSet::new() }
    }

    /// Whether there is room for one more. If not, the member counts as behind.
    pub fn add(&mut self, now: u64, member: NodeId, bytes: usize) -> bool {
        let queue = self.queues.entry(member).or_default();
        if queue.count >= MOST || queue.bytes + bytes > MOST_BYTES {
            self.behind.insert(member);
            return false;
        }
        if queue.count == 0 {
            (queue.tries, queue.next) = (0, now + PAUSES_MS[0]);
        }
        queue.count += 1;
        queue.bytes += bytes;
        true
    }

    /// Whose turn it is; each is tried until [`Hints::removed`] or [`Hints::failed`].
    pub fn start_due(&mut self, now: u64) -> Vec<NodeId> {
        let due = |queue: &Queue| queue.count > 0 && !queue.sending && queue.next <= now;
        let due: Vec<_> = self.queues.iter().filter(|(_, queue)| due(queue)).map(|(member, _)| *member).collect();
        for member in &due {
            if let Some(queue) = self.queues.get_mut(member) {
                queue.sending = true;
            }
        }
        due
    }

    /// Some were taken and are off the disk; more may follow at once.
    pub fn removed(&mut self, now: u64, member: NodeId, count: usize, bytes: usize) {
        if let Some(queue) = self.queues.get_mut(&member) {
            queue.count = queue.count.saturating_sub(count);
            queue.bytes = queue.bytes.saturating_sub(bytes);
            (queue.sending, queue.tries, queue.next) = (false, 0, now);
            if queue.count == 0 || count == 0 {
                self.queues.remove(&member);
            }
        }
    }

    /// It could not be reached, or did not take them.
    pub fn failed(&mut self, now: u64, member: NodeId) {
        if let Some(queue) = self.queues.get_mut(&member) {
            queue.sending = false;
            queue.tries = (queue.tries + 1).min(PAUSES_MS.len() - 1);
            queue.next = now + PAUSES_MS[queue.tries];
        }
    }

    /// It has been heard: no need to wait longer.
    pub fn heard(&mut self, now: u64, member: NodeId) {
        if let Some(queue) = self.queues.get_mut(&member) {
            queue.next = queue.next.min(now);
        }
    }

    /// Forgets all but these; who was forgotten.
    pub fn keep_only(&mut self, members: &BTreeSet<NodeId>) -> Vec<NodeId> {
        let gone: Vec<_> = self.queues.keys().filter(|member| !members.contains(*member)).copied().collect();
        self.queues.retain(|member, _| members.contains(member));
        self.behind.retain(|member| members.contains(member));
        gone
    }

    /// Takes out who missed changes that nobody keeps.
    pub fn take_behind(&mut self) -> BTreeSet<NodeId> {
        std::mem::take(&mut self.behind)
    }

    /// When somebody's turn comes next.
    #[must_use]
    pub fn next(&self) -> Option<u64> {
        self.queues.values().filter(|queue| queue.count > 0 && !queue.sending).map(|queue| queue.next).min()
    }

    /// How many wait for each member.
    pub fn waiting(&self) -> impl Iterator<Item = (NodeId, usize)> + '_ {
        self.queues.iter().map(|(member, queue)| (*member, queue.count))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const A: NodeId = NodeId([1; 32]);
    const B: NodeId = NodeId([2; 32]);

    #[test]
    fn pauses_grow_until_the_member_is_heard() {
        let mut hints = Hints::default();
        assert!(hints.add(0, A, 10));
        assert!(hints.start_due(1999).is_empty());
        let mut now = 0;
        for pause in PAUSES_MS.into_iter().chain([600_000]) {
            now += pause;
            assert!(hints.start_due(now - 1).is_empty());
            assert_eq!(hints.start_due(now), [A]);
            assert!(hints.start_due(now).is_empty(), "one try at a time");
            hints.failed(now, A);
        }
        hints.heard(now + 1, A);
        assert_eq!(hints.start_due(now + 1), [A]);
        hints.removed(now + 1, A, 1, 10);
        assert_eq!(hints.next(), None);
    }

    #[test]
    fn who_misses_too_much_is_behind() {
        let mut hints = Hints::recovered(0, &[(A, MOST, 1), (B, 1, MOST_BYTES - 5)]);
        assert!(!hints.add(0, A, 1));
        assert!(!hints.add(0, B, 6));
        assert!(hints.add(0, B, 5));
        assert_eq!(hints.take_behind(), BTreeSet::from([A, B]));
        assert!(hints.take_behind().is_empty());
    }

    #[test]
    fn who_left_is_owed_nothing() {
        let mut hints = Hints::recovered(0, &[(A, 1, 1), (B, 1, 1)]);
        assert_eq!(hints.keep_only(&BTreeSet::from([B])), [A]);
        assert_eq!(hints.waiting().collect::<Vec<_>>(), [(B, 1)]);
    }
}

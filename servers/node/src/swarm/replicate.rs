//! One change at all members of the swarm at once: when its answer is due, and who is owed it.

use std::collections::BTreeMap;

use bytes::Bytes;
use tacit_wire::NodeId;

/// What is left to the others once a quorum has it.
pub const GRACE_MS: u64 = 400;
/// How long an answer waits at most, and each member for its own.
pub const PATIENCE_MS: u64 = 5000;

/// More than half of a swarm.
#[must_use]
pub fn quorum(members: usize) -> usize {
    members / 2 + 1
}

/// How far a member is with it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing has been heard.
    Waiting,
    /// It is on that member's disk; what it said.
    Durable(Bytes),
    /// It refused, failed or was not reached.
    Failed,
}

/// One change on its way.
#[derive(Clone, Debug)]
pub struct Replication {
    members: BTreeMap<NodeId, Progress>,
    began: u64,
    quorum_at: Option<u64>,
}

impl Replication {
    /// Begins now, at these members, the own node among them.
    #[must_use]
    pub fn new(now: u64, members: impl IntoIterator<Item = NodeId>) -> Self {
        let members = members.into_iter().map(|member| (member, Progress::Waiting)).collect();
        Self { members, began: now, quorum_at: None }
    }

    /// A member has it on its disk.
    pub fn durable(&mut self, now: u64, member: NodeId, receipt: Bytes) {
        self.note(member, Progress::Durable(receipt));
        let durable = self.members.values().filter(|p| matches!(p, Progress::Durable(_))).count();
        if durable >= quorum(self.members.len()) {
            self.quorum_at.get_or_insert(now);
        }
    }

    /// A member has not and will not, this time.
    pub fn failed(&mut self, member: NodeId) {
        self.note(member, Progress::Failed);
    }

    fn note(&mut self, member: NodeId, progress: Progress) {
        if let Some(known) = self.members.get_mut(&member)
            && *known == Progress::Waiting
        {
            *known = progress;
        }
    }

    /// Whether all have been heard.
    #[must_use]
    pub fn is_over(&self) -> bool {
        self.members.values().all(|progress| *progress != Progress::Waiting)
    }

    /// When the answer is due: at once when all have been heard.
    #[must_use]
    pub fn due(&self, now: u64) -> u64 {
        if self.is_over() {
            return now;
        }
        let patience = self.began.saturating_add(PATIENCE_MS);
        self.quorum_at.map_or(patience, |at| patience.min(at.saturating_add(GRACE_MS)))
    }

    /// How far each member is.
    #[must_use]
    pub fn members(&self) -> &BTreeMap<NodeId, Progress> {
        &self.members
    }

    /// Who is known not to have it.
    pub fn missed(&self) -> impl Iterator<Item = NodeId> + '_ {
        self.members.iter().filter(|(_, progress)| **progress == Progress::Failed).map(|(member, _)| *member)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn swarm(n: u8) -> (Replication, Vec<NodeId>) {
        let members: Vec<_> = (0..n).map(|i| NodeId([i; 32])).collect();
        (Replication::new(1000, members.clone()), members)
    }

    #[test]
    fn the_answer_comes_at_once_when_all_have_been_heard() {
        let (mut change, members) = swarm(3);
        change.durable(1010, members[0], Bytes::new());
        change.failed(members[1]);
        assert!(change.due(1020) > 1020);
        change.durable(1020, members[2], Bytes::new());
        assert_eq!(change.due(1020), 1020);
        assert_eq!(change.missed().collect::<Vec<_>>(), [members[1]]);
    }

    #[test]
    fn a_quorum_waits_a_little_for_the_rest() {
        let (mut change, members) = swarm(5);
        for member in &members[..2] {
            change.durable(1100, *member, Bytes::new());
        }
        assert_eq!(change.due(1100), 6000);
        change.durable(1200, members[2], Bytes::new());
        change.durable(1300, members[3], Bytes::new());
        assert_eq!(change.due(1300), 1600);
        assert!(!change.is_over());
    }

    #[test]
    fn what_a_member_said_first_counts() {
        let (mut change, members) = swarm(1);
        change.failed(members[0]);
        change.durable(1100, members[0], Bytes::new());
        assert_eq!(change.members()[&members[0]], Progress::Failed);
    }

    #[test]
    fn more_than_half_is_a_quorum() {
        assert_eq!([1, 2, 3, 4, 5, 7, 10].map(quorum), [1, 2, 2, 3, 3, 4, 6]);
    }
}

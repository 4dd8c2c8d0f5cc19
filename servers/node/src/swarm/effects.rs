//! What a step asks for, and who asked, so that the end of it finds its way back.

use std::collections::BTreeMap;

use tacit_wire::NodeId;

use super::ownership::Interval;
use super::protocol::{Action, Message, Query, Write};

/// Who waits for the end of a call, commit or look-up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Waiter {
    /// A client's change, from this member.
    Request(u64, NodeId),
    /// A client's change whose answer waits for its hints.
    RequestHints(u64),
    /// What is kept for a member.
    Hints(NodeId),
    /// A comparison.
    Session(u64),
    /// A part of the ring that comes here.
    Gain(Interval),
    /// Another node's call.
    Asked(NodeId, u64),
    /// Nobody.
    None,
}

#[derive(Debug, Default)]
pub(super) struct Effects {
    actions: Vec<Action>,
    last: u64,
    waiters: BTreeMap<u64, (Waiter, Option<NodeId>)>,
}

impl Effects {
    fn token(&mut self, waiter: Waiter, peer: Option<NodeId>) -> u64 {
        self.last += 1;
        self.waiters.insert(self.last, (waiter, peer));
        self.last
    }

    /// Numbers that never come again.
    pub(super) fn number(&mut self) -> u64 {
        self.last += 1;
        self.last
    }

    pub(super) fn call(&mut self, waiter: Waiter, to: NodeId, message: Message, timeout_ms: u64) {
        let token = self.token(waiter, Some(to));
        self.actions.push(Action::Call { token, to, message, timeout_ms });
    }

    pub(super) fn commit(&mut self, waiter: Waiter, writes: Vec<Write>) {
        let token = self.token(waiter, None);
        self.actions.push(Action::Commit { token, writes });
    }

    pub(super) fn read(&mut self, waiter: Waiter, query: Query) {
        let token = self.token(waiter, None);
        self.actions.push(Action::Read { token, query });
    }

    pub(super) fn push(&mut self, action: Action) {
        self.actions.push(action);
    }

    /// Who waits, and which node was asked.
    pub(super) fn ended(&mut self, token: u64) -> (Waiter, Option<NodeId>) {
        self.waiters.remove(&token).unwrap_or((Waiter::None, None))
    }

    pub(super) fn take(&mut self) -> Vec<Action> {
        std::mem::take(&mut self.actions)
    }

    /// How many ends are still to come.
    pub(super) fn outstanding(&self) -> usize {
        self.waiters.len()
    }
}

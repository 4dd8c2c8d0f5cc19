//! Random operations against a model small enough to be seen to be right.

use std::collections::{BTreeMap, BTreeSet};

use proptest::prelude::*;

use super::*;
use crate::{Error, MessageId, OutboxId, OutboxRow, Stored};

#[derive(Debug, Clone, Copy)]
enum Step {
    /// Send to one of three people.
    Send(u8),
    /// Claim what is due.
    Claim,
    /// End the oldest, or another, try that is in flight.
    Complete(usize),
    BelowQuorum(usize),
    Reschedule(usize, u64),
    Fail(usize),
    /// Try everything again that failed.
    RetryAll,
    Delete(usize),
    Hasten,
    Wait(u64),
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (2_u8..5).prop_map(Step::Send),
        5 => Just(Step::Claim),
        4 => (0_usize..4).prop_map(Step::Complete),
        1 => (0_usize..4).prop_map(Step::BelowQuorum),
        2 => ((0_usize..4), 1_u64..50).prop_map(|(which, wait)| Step::Reschedule(which, wait)),
        1 => (0_usize..4).prop_map(Step::Fail),
        1 => Just(Step::RetryAll),
        1 => (0_usize..20).prop_map(Step::Delete),
        1 => Just(Step::Hasten),
        3 => (1_u64..40).prop_map(Step::Wait),
        1 => Just(Step::Restart),
    ]
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Place {
    Waiting,
    Again,
    Failed,
}

#[derive(Debug, Clone)]
struct Row {
    message: MessageId,
    recipient: AccountId,
    sent_at: TimestampMs,
    next_try: u64,
    place: Place,
    in_flight: bool,
}

#[derive(Default)]
struct Model {
    rows: BTreeMap<OutboxId, Row>,
    states: BTreeMap<MessageId, State>,
    now: u64,
}

impl Model {
    fn due(&self) -> BTreeSet<OutboxId> {
        let free = |row: &Row| !row.in_flight && row.next_try <= self.now;
        let again = self.rows.iter().filter(|(_, row)| row.place == Place::Again && free(row)).map(|(id, _)| *id);
        let waiting = |(id, row): &(&OutboxId, &Row)| {
            let first = self
                .rows
                .iter()
                .filter(|(_, other)| other.place == Place::Waiting && other.recipient == row.recipient)
                .min_by_key(|(id, other)| (other.sent_at, **id));
            row.place == Place::Waiting && free(row) && first.is_some_and(|(first, _)| first == *id)
        };
        again.chain(self.rows.iter().filter(waiting).map(|(id, _)| *id)).collect()
    }

    fn in_flight(&self, which: usize) -> Option<OutboxId> {
        self.rows.iter().filter(|(_, row)| row.in_flight).map(|(id, _)| *id).nth(which)
    }

    fn state(&self, message: MessageId) -> State {
        let sending = self.rows.values().any(|row| row.message == message && row.in_flight);
        match &self.states[&message] {
            State::Queued if sending => State::Sending,
            other => other.clone(),
        }
    }
}

/// Does a step to both; returns the home, which a restart replaces.
fn perform(mut home: Home, model: &mut Model, step: Step, number: u64) -> Home {
    match step {
        Step::Send(recipient) => {
            let (conversation, own) = (home.conversation(recipient), home.own());
            let sent_at = home.store.write(|tx| tx.next_sent_at(NOW)).unwrap();
            let message = outgoing(conversation, own, sent_at, "hi");
            let data = number.to_be_bytes();
            let rows = [to(person(recipient), sent_at, &data)];
            let id = home.store.write(|tx| tx.send_message(&message, &rows, after(model.now))).unwrap();
            let row = home.store.outbox_of(id).unwrap()[0].id;
            let (recipient, next_try) = (person(recipient), model.now);
            let place = Place::Waiting;
            model.rows.insert(row, Row { message: id, recipient, sent_at, next_try, place, in_flight: false });
            model.states.insert(id, State::Queued);
        }
        Step::Claim => {
            let rows = home.store.write(|tx| tx.claim_due(after(model.now), 1000)).unwrap();
            let claimed: BTreeSet<_> = rows.iter().map(|row: &OutboxRow| row.id).collect();
            assert_eq!(claimed, model.due());
            for id in claimed {
                model.rows.get_mut(&id).unwrap().in_flight = true;
            }
        }
        Step::Complete(which) => {
            if let Some(id) = model.in_flight(which) {
                let stored = Stored { hash: None, kept: 5, of: 5, again_at: None, members: Vec::new() };
                assert!(home.store.write(|tx| tx.complete(id, &stored, after(model.now))).unwrap());
                let row = model.rows.remove(&id).unwrap();
                model.states.insert(row.message, State::Sent { kept: 5, of: 5 });
            }
        }
        Step::BelowQuorum(which) => {
            if let Some(id) = model.in_flight(which) {
                let again_at = Some(after(model.now + 30));
                let stored = Stored { hash: None, kept: 2, of: 5, again_at, members: Vec::new() };
                assert!(home.store.write(|tx| tx.complete(id, &stored, after(model.now))).unwrap());
                let row = model.rows.get_mut(&id).unwrap();
                (row.place, row.next_try, row.in_flight) = (Place::Again, model.now + 30, false);
                model.states.insert(row.message, State::Sent { kept: 2, of: 5 });
            }
        }
        Step::Reschedule(which, wait) => {
            if let Some(id) = model.in_flight(which) {
                let at = model.now + wait;
                assert!(home.store.write(|tx| tx.reschedule(id, after(at), "timeout")).unwrap());
                let row = model.rows.get_mut(&id).unwrap();
                (row.next_try, row.in_flight) = (at, false);
            }
        }
        Step::Fail(which) => {
            if let Some(id) = model.in_flight(which) {
                assert!(home.store.write(|tx| tx.fail(id, "refused")).unwrap());
                let row = model.rows.get_mut(&id).unwrap();
                row.in_flight = false;
                if row.place == Place::Again {
                    model.rows.remove(&id);
                } else {
                    row.place = Place::Failed;
                    model.states.insert(row.message, State::Failed { reason: "refused".to_owned() });
                }
            }
        }
        Step::RetryAll => {
            for row in model.rows.values_mut().filter(|row| row.place == Place::Failed) {
                assert!(home.store.write(|tx| tx.retry(row.message, after(model.now))).unwrap());
                (row.place, row.next_try) = (Place::Waiting, model.now);
                model.states.insert(row.message, State::Queued);
            }
        }
        Step::Delete(which) => {
            if let Some(message) = model.states.keys().nth(which).copied() {
                assert!(home.store.write(|tx| tx.delete_message(message)).unwrap());
                model.states.remove(&message);
                model.rows.retain(|_, row| row.message != message);
            }
        }
        Step::Hasten => {
            home.store.write(|tx| tx.hasten(after(model.now))).unwrap();
            for row in model.rows.values_mut().filter(|row| row.place != Place::Failed) {
                row.next_try = row.next_try.min(model.now);
            }
        }
        Step::Wait(milliseconds) => model.now += milliseconds,
        Step::Restart => {
            home = home.reopened();
            model.rows.values_mut().for_each(|row| row.in_flight = false);
        }
    }
    home
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(24))]

    #[test]
    fn the_outbox_keeps_its_order_whatever_happens(steps in prop::collection::vec(step(), 1..80)) {
        let mut home = Home::new();
        let mut model = Model::default();
        for (number, step) in (0..).zip(steps) {
            home = perform(home, &mut model, step, number);
            for message in model.states.keys() {
                prop_assert_eq!(home.store.message(*message).unwrap().state, model.state(*message));
            }
            if let Some(next) = home.store.next_try().unwrap() {
                prop_assert_eq!(next <= after(model.now), !model.due().is_empty());
            } else {
                prop_assert!(model.due().is_empty());
            }
        }
        let counts = home.store.counts().unwrap();
        let of = |place| model.rows.values().filter(|row| row.place == place).count() as u64;
        prop_assert_eq!(counts.outbox_waiting, of(Place::Waiting));
        prop_assert_eq!(counts.outbox_below_quorum, of(Place::Again));
        prop_assert_eq!(counts.outbox_failed, of(Place::Failed));
        prop_assert!(home.store.check().unwrap().is_empty());
    }

    #[test]
    fn however_often_nodes_repeat_each_message_is_kept_once(
        polls in prop::collection::vec((prop::collection::vec(0_u8..30, 0..12), any::<bool>()), 1..12),
    ) {
        let mut home = Home::new();
        let (mailbox, conversation) = (home.own_mailbox(), home.conversation(2));
        let (mut seen, mut kept) = (BTreeSet::new(), BTreeSet::new());
        for (hashes, lost) in polls {
            let result = home.store.write(|tx| {
                for number in &hashes {
                    if tx.remember(&mailbox, &hash(*number), after(1), NOW)? {
                        // Three hashes each name the same message: stored again under other bytes.
                        let sent_at = after(u64::from(number / 3));
                        tx.insert_message(&incoming(conversation, person(2), sent_at, "hi"), NOW)?;
                    }
                }
                if lost { Err(Error::Unknown { what: "connection" }) } else { Ok(()) }
            });
            prop_assert_eq!(result.is_err(), lost);
            if !lost {
                kept.extend(hashes.iter().map(|number| number / 3));
                seen.extend(hashes);
            }
            let counts = home.store.counts().unwrap();
            prop_assert_eq!((counts.messages, counts.seen_hashes), (kept.len() as u64, seen.len() as u64));
        }
    }
}

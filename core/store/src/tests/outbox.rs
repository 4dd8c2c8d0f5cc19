//! The outbox: order, copies, retries, and what messages say meanwhile.

use super::*;
use crate::{Error, MessageId, OutboxRow, Phase, Stored};

const WELL: Stored = Stored { hash: None, kept: 6, of: 7, again_at: None, members: Vec::new() };

/// A message to a person with its copy to ourselves, as the client sends one.
fn send(home: &mut Home, recipient: u8, at: u64) -> MessageId {
    let (conversation, own) = (home.conversation(recipient), home.own());
    let data = [recipient, u8::try_from(at).unwrap()];
    let copy = NewOutbox { purpose: Purpose::CopyToSelf, ..to(own, after(at), b"copy") };
    let message = outgoing(conversation, own, after(at), "hi");
    home.store.write(|tx| tx.send_message(&message, &[to(person(recipient), after(at), &data), copy], NOW)).unwrap()
}

fn claim(home: &mut Home, now: u64) -> Vec<OutboxRow> {
    home.store.write(|tx| tx.claim_due(after(now), 100)).unwrap()
}

fn state(home: &Home, message: MessageId) -> State {
    home.store.message(message).unwrap().state
}

fn complete(home: &mut Home, row: &OutboxRow, stored: &Stored) -> bool {
    home.store.write(|tx| tx.complete(row.id, stored, NOW)).unwrap()
}

#[test]
fn a_message_goes_out_and_then_its_copy() {
    let mut home = Home::new();
    let message = send(&mut home, 2, 1);
    assert_eq!(state(&home, message), State::Queued);

    let rows = claim(&mut home, 0);
    assert_eq!(rows.len(), 1, "the copy is held");
    assert_eq!((rows[0].recipient, rows[0].data.as_slice(), rows[0].sent_at), (person(2), &[2, 1][..], after(1)));
    assert_eq!((rows[0].message, rows[0].ttl_ms), (Some(message), 14 * 24 * 3_600_000));
    assert_eq!(state(&home, message), State::Sending);
    assert!(claim(&mut home, 0).is_empty(), "it is in flight");

    assert!(complete(&mut home, &rows[0], &Stored { hash: Some(hash(1)), ..WELL }));
    assert_eq!(state(&home, message), State::Sent { kept: 6, of: 7 });
    assert_eq!(home.store.message(message).unwrap().hash, Some(hash(1)));

    let rows = claim(&mut home, 0);
    assert_eq!((rows.len(), rows[0].purpose, rows[0].recipient), (1, Purpose::CopyToSelf, home.own()));
    assert!(complete(
        &mut home,
        &rows[0],
        &Stored { hash: Some(hash(2)), kept: 1, of: 5, again_at: None, members: Vec::new() }
    ));
    let sent = home.store.message(message).unwrap();
    assert_eq!((sent.state, sent.hash, sent.copy_hash), (State::Sent { kept: 6, of: 7 }, Some(hash(1)), Some(hash(2))));
    assert!(home.store.outbox_of(message).unwrap().is_empty());
    assert!(!complete(&mut home, &rows[0], &WELL), "a late second answer");
}

#[test]
fn one_recipients_trouble_does_not_hold_up_another() {
    let mut home = Home::new();
    let (first, second, other) = (send(&mut home, 2, 1), send(&mut home, 2, 2), send(&mut home, 3, 3));
    let rows = claim(&mut home, 0);
    assert_eq!(rows.iter().map(|row| row.message).collect::<Vec<_>>(), [Some(first), Some(other)]);
    home.store.write(|tx| tx.reschedule(rows[0].id, after(5000), "no path")).unwrap();
    assert_eq!(state(&home, first), State::Queued);
    assert!(complete(&mut home, &rows[1], &WELL));

    let rows = claim(&mut home, 4999);
    assert_eq!(rows.iter().map(|row| row.purpose).collect::<Vec<_>>(), [Purpose::CopyToSelf], "only the other's copy");
    let next = home.store.next_try().unwrap();
    assert_eq!(next, Some(after(5000)), "the second waits behind the first");
    let rows = claim(&mut home, 5000);
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].message, rows[0].attempts, rows[0].last_error.as_str()), (Some(first), 1, "no path"));
    complete(&mut home, &rows[0], &WELL);
    assert!(claim(&mut home, 5000).iter().any(|row| row.message == Some(second)));
}

#[test]
fn what_failed_for_good_lets_the_next_pass_and_can_be_tried_again_with_the_same_bytes() {
    let mut home = Home::new();
    let (first, second) = (send(&mut home, 2, 1), send(&mut home, 2, 2));
    let rows = claim(&mut home, 0);
    home.store.write(|tx| tx.fail(rows[0].id, "mailbox full")).unwrap();
    assert_eq!(state(&home, first), State::Failed { reason: "mailbox full".to_owned() });
    let next = claim(&mut home, 0);
    assert_eq!(next.iter().map(|row| row.message).collect::<Vec<_>>(), [Some(second)], "and no copy of the failed");
    complete(&mut home, &next[0], &WELL);

    let mut home = home.reopened();
    let phases = |home: &Home| home.store.outbox_of(first).unwrap().iter().map(|row| row.phase).collect::<Vec<_>>();
    assert_eq!(phases(&home), [Phase::Failed, Phase::Held]);
    assert!(home.store.write(|tx| tx.retry(first, NOW)).unwrap());
    assert!(!home.store.write(|tx| tx.retry(first, NOW)).unwrap(), "once is enough");
    assert_eq!(state(&home, first), State::Queued);
    let again = claim(&mut home, 0);
    let again = again.iter().find(|row| row.message == Some(first)).unwrap();
    assert_eq!((again.data.as_slice(), again.sent_at, again.attempts), (&[2, 1][..], after(1), 0));
    complete(&mut home, again, &WELL);
    assert_eq!(phases(&home), [Phase::Waiting], "its copy is let go now");
}

#[test]
fn a_message_that_too_few_keep_is_sent_and_stored_again_out_of_line() {
    let mut home = Home::new();
    let (first, second) = (send(&mut home, 2, 1), send(&mut home, 2, 2));
    let rows = claim(&mut home, 0);
    let poor = Stored { hash: Some(hash(1)), kept: 2, of: 7, again_at: Some(after(120_000)), members: Vec::new() };
    complete(&mut home, &rows[0], &poor);
    assert_eq!(state(&home, first), State::Sent { kept: 2, of: 7 });
    let rows = claim(&mut home, 0);
    assert!(rows.iter().any(|row| row.message == Some(second)), "the next is not held up");
    for row in &rows {
        complete(&mut home, row, &WELL);
    }
    for row in claim(&mut home, 0) {
        complete(&mut home, &row, &WELL);
    }

    let mut home = home.reopened();
    assert!(claim(&mut home, 119_999).is_empty());
    assert_eq!(home.store.next_try().unwrap(), Some(after(120_000)));
    let rows = claim(&mut home, 120_000);
    assert_eq!((rows.len(), rows[0].phase, rows[0].data.as_slice()), (1, Phase::BelowQuorum, &[2, 1][..]));
    assert_eq!((rows[0].kept, rows[0].of), (2, 7));
    assert_eq!(state(&home, first), State::Sent { kept: 2, of: 7 }, "it does not look unsent meanwhile");
    // Not better; then better; then done.
    home.store.write(|tx| tx.reschedule(rows[0].id, after(130_000), "timeout")).unwrap();
    let rows = claim(&mut home, 130_000);
    complete(
        &mut home,
        &rows[0],
        &Stored { hash: None, kept: 1, of: 7, again_at: Some(after(140_000)), members: Vec::new() },
    );
    assert_eq!(state(&home, first), State::Sent { kept: 2, of: 7 });
    let rows = claim(&mut home, 140_000);
    complete(&mut home, &rows[0], &WELL);
    assert_eq!(state(&home, first), State::Sent { kept: 6, of: 7 });
    assert_eq!(home.store.message(first).unwrap().hash, Some(hash(1)));
    assert_eq!(home.store.next_try().unwrap(), None);
}

#[test]
fn giving_up_on_storing_again_leaves_the_message_sent() {
    let mut home = Home::new();
    let message = send(&mut home, 2, 1);
    let rows = claim(&mut home, 0);
    complete(
        &mut home,
        &rows[0],
        &Stored { hash: None, kept: 1, of: 7, again_at: Some(after(10)), members: Vec::new() },
    );
    let rows = claim(&mut home, 10);
    let again = rows.iter().find(|row| row.phase == Phase::BelowQuorum).unwrap();
    home.store.write(|tx| tx.fail(again.id, "gone")).unwrap();
    assert_eq!(state(&home, message), State::Sent { kept: 1, of: 7 });
    assert_eq!(home.store.outbox_row(again.id).unwrap(), None);
    // The same when its time at the nodes is over.
    let message = send(&mut home, 3, 2);
    let rows = claim(&mut home, 10);
    let row = rows.iter().find(|row| row.message == Some(message)).unwrap();
    complete(&mut home, row, &Stored { hash: None, kept: 1, of: 7, again_at: Some(after(20)), members: Vec::new() });
    assert_eq!(home.store.counts().unwrap().outbox_below_quorum, 1);
    home.store.write(|tx| tx.purge_expired(after(15 * 24 * 3_600_000))).unwrap();
    assert_eq!(home.store.counts().unwrap().outbox_below_quorum, 0);
}

#[test]
fn what_was_in_flight_when_the_program_ended_waits_again() {
    let mut home = Home::new();
    let message = send(&mut home, 2, 1);
    assert_eq!(claim(&mut home, 0).len(), 1);
    assert_eq!(state(&home, message), State::Sending);
    let mut home = home.reopened();
    assert_eq!(state(&home, message), State::Queued);
    assert_eq!(claim(&mut home, 0).len(), 1);
    // Given back in an orderly way.
    let row = home.store.outbox_of(message).unwrap()[0].id;
    home.store.write(|tx| tx.release(row)).unwrap();
    assert_eq!(state(&home, message), State::Queued);
    assert_eq!(claim(&mut home, 0).len(), 1);
    assert_eq!(home.store.counts().unwrap().outbox_in_flight, 1);
}

#[test]
fn a_response_goes_before_the_message_that_follows_it() {
    let mut home = Home::new();
    let response = NewOutbox { purpose: Purpose::Notice, ..to(person(2), after(1), b"yes") };
    home.store.write(|tx| tx.enqueue(None, &[response], NOW)).unwrap();
    let message = send(&mut home, 2, 2);
    let rows = claim(&mut home, 0);
    assert_eq!((rows.len(), rows[0].purpose, rows[0].message), (1, Purpose::Notice, None));
    // It fails for good: nobody sees it, so nothing is left of it.
    home.store.write(|tx| tx.fail(rows[0].id, "refused")).unwrap();
    assert_eq!(home.store.outbox_row(rows[0].id).unwrap(), None);
    assert_eq!(claim(&mut home, 0)[0].message, Some(message));
}

#[test]
fn when_the_network_is_back_everything_is_due() {
    let mut home = Home::new();
    for (recipient, at) in [(2, 1), (3, 2)] {
        send(&mut home, recipient, at);
    }
    for row in claim(&mut home, 0) {
        home.store.write(|tx| tx.reschedule(row.id, after(600_000), "no network")).unwrap();
    }
    assert!(claim(&mut home, 1).is_empty());
    home.store.write(|tx| tx.hasten(after(1))).unwrap();
    assert_eq!(home.store.next_try().unwrap(), Some(after(1)));
    assert_eq!(claim(&mut home, 1).len(), 2);
}

#[test]
fn a_message_deleted_before_it_went_out_never_does() {
    let mut home = Home::new();
    let message = send(&mut home, 2, 1);
    let rows = claim(&mut home, 0);
    home.store.write(|tx| tx.delete_message(message)).unwrap();
    assert!(!complete(&mut home, &rows[0], &WELL));
    assert!(!home.store.write(|tx| tx.reschedule(rows[0].id, NOW, "x")).unwrap());
    assert!(!home.store.write(|tx| tx.fail(rows[0].id, "x")).unwrap());
    assert!(claim(&mut home, 9).is_empty());
    assert_eq!(home.store.counts().unwrap().outbox_in_flight, 0);
}

#[test]
fn a_time_used_twice_sends_nothing() {
    let mut home = Home::new();
    send(&mut home, 2, 1);
    let (conversation, own) = (home.conversation(2), home.own());
    let twice = home.store.write(|tx| {
        tx.send_message(&outgoing(conversation, own, after(1), "again"), &[to(person(2), after(1), b"x")], NOW)
    });
    assert!(matches!(twice, Err(Error::Refused { .. })));
    assert_eq!(home.store.counts().unwrap().outbox_waiting, 1);
}

#[test]
fn a_claim_takes_no_more_than_asked_for() {
    let mut home = Home::new();
    for recipient in 2..8 {
        send(&mut home, recipient, u64::from(recipient));
    }
    let rows = home.store.write(|tx| tx.claim_due(NOW, 4)).unwrap();
    let recipients: Vec<_> = rows.iter().map(|row| row.recipient).collect();
    assert_eq!(recipients, [2, 3, 4, 5].map(person), "earliest first");
    assert_eq!(home.store.write(|tx| tx.claim_due(NOW, 4)).unwrap().len(), 2);
    assert_eq!(home.store.write(|tx| tx.claim_due(NOW, 0)).unwrap().len(), 0);
}

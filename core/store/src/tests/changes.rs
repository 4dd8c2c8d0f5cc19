//! What is told to our own swarm, what members said, and timers.

use super::*;
use crate::{Error, NodeReceipt, Stored};

fn receipt(number: u8, failure: Option<&str>) -> NodeReceipt {
    NodeReceipt { node: node(number), failure: failure.map(str::to_owned), at: NOW }
}

#[test]
fn deletion_wins_over_a_shorter_time_and_the_earlier_time_over_the_later() {
    let mut home = Home::new();
    let message = crate::MessageId(1);
    let write = |home: &mut Home, work: &dyn Fn(&crate::Tx<'_>) -> Result<(), Error>| home.store.write(work).unwrap();
    write(&mut home, &|tx| tx.shorten_in_mailbox(&hash(1), message, after(50), NOW));
    write(&mut home, &|tx| tx.shorten_in_mailbox(&hash(1), message, after(40), NOW));
    write(&mut home, &|tx| tx.shorten_in_mailbox(&hash(1), message, after(60), NOW));
    let due = |home: &Home, at| home.store.mailbox_changes(after(at), 9).unwrap();
    assert_eq!(due(&home, 0)[0].expires_at, Some(after(40)));
    write(&mut home, &|tx| tx.delete_from_mailbox(&hash(1), NOW));
    write(&mut home, &|tx| tx.shorten_in_mailbox(&hash(1), message, after(10), NOW));
    assert_eq!(due(&home, 0)[0].expires_at, None);
    write(&mut home, &|tx| tx.postpone_mailbox_changes(&[hash(1)], after(30_000)));
    let mut home = home.reopened();
    assert!(due(&home, 29_999).is_empty());
    assert_eq!(home.store.next_mailbox_change().unwrap(), Some(after(30_000)));
    write(&mut home, &|tx| tx.mailbox_changed(&[hash(1)]));
    assert_eq!(home.store.next_mailbox_change().unwrap(), None);
}

#[test]
fn a_second_store_adds_to_what_members_said() {
    let mut home = Home::new();
    let (conversation, own) = (home.conversation(2), home.own());
    let id = home
        .store
        .write(|tx| tx.send_message(&outgoing(conversation, own, NOW, "hi"), &[to(person(2), NOW, b"x")], NOW))
        .unwrap();
    let complete = |home: &mut Home, at, members: Vec<NodeReceipt>, again_at| {
        let row = home.store.write(|tx| tx.claim_due(after(at), 9)).unwrap().remove(0);
        let kept = members.iter().filter(|said| said.failure.is_none()).count() as u32;
        let stored = Stored { hash: Some(hash(1)), kept, of: 3, again_at, members };
        home.store.write(|tx| tx.complete(row.id, &stored, after(at))).unwrap();
        home.store.message(id).unwrap().state
    };
    let first = vec![receipt(1, None), receipt(2, Some("no answer")), receipt(3, Some("refused (503)"))];
    assert_eq!(complete(&mut home, 0, first, Some(after(120_000))), State::Sent { kept: 1, of: 3 });
    let second = vec![receipt(1, Some("no answer")), receipt(2, None), receipt(3, Some("no answer"))];
    let lifetime = after(14 * 24 * 3_600_000);
    assert_eq!(complete(&mut home, 120_000, second, Some(lifetime)), State::Sent { kept: 2, of: 3 });
    let said: Vec<_> = home.store.receipts(id).unwrap().into_iter().map(|said| said.failure).collect();
    assert_eq!(said, [None, None, Some("no answer".to_owned())]);

    // Above the quorum nothing is stored again by itself, also when the network is back.
    home.store.write(|tx| tx.hasten(after(200_000))).unwrap();
    assert!(home.store.write(|tx| tx.claim_due(after(200_000), 9)).unwrap().is_empty());
    assert!(home.store.write(|tx| tx.claim_due(lifetime, 9)).unwrap().is_empty(), "nor when its time is over");
    assert!(home.store.write(|tx| tx.store_again(id, after(200_000))).unwrap());
    let all = vec![receipt(1, None), receipt(2, None), receipt(3, None)];
    assert_eq!(complete(&mut home, 200_000, all, None), State::Sent { kept: 3, of: 3 });
    assert!(!home.store.write(|tx| tx.store_again(id, after(300_000))).unwrap(), "all keep it");
}

#[test]
fn what_we_send_disappears_from_its_own_time_on_or_later_if_it_went_out_late() {
    let mut home = Home::new();
    let (conversation, own) = (home.conversation(2), home.own());
    let mut expires = |sent: u64, stored: u64| {
        let message =
            NewMessage { expiry: Expiry::AfterSend { seconds: 60 }, ..outgoing(conversation, own, after(sent), "x") };
        home.store
            .write(|tx| {
                let id = tx.send_message(&message, &[to(person(2), after(sent), b"x")], after(sent))?;
                let row = tx.claim_due(after(stored), 9)?.remove(0);
                let done = Stored { hash: None, kept: 3, of: 3, again_at: None, members: Vec::new() };
                tx.complete(row.id, &done, after(stored))?;
                Ok::<_, Error>(tx.message(id)?.expires_at)
            })
            .unwrap()
    };
    assert_eq!(expires(1, 5_000), Some(after(60_001)));
    assert_eq!(expires(2, 600_000), Some(after(660_000)), "it waited ten minutes for the network");
    assert_eq!(home.store.next_expiry().unwrap(), Some(after(60_001)));
}

//! Reactions, unsends, timers and receipts, as they go out.

use tacit_store::{Expiry, MessageKind, NewMessage, NewReaction, Stored};

use super::*;
use crate::encode::MESSAGE_TTL_MS;
use crate::inbox::What;

/// Bob's keys, Bob, and the conversation with him; both have accepted the other.
fn friend(home: &mut Home) -> (tacit_crypto::AccountKeys, AccountId, ConversationId) {
    let (keys, bob) = account(2);
    let conversation = home.conversation(&bob);
    home.store.write(|tx| tx.set_approved(&bob, true, NOW)).unwrap();
    home.store.write(|tx| tx.set_approved_me(&bob, true, NOW)).unwrap();
    (keys, bob, conversation)
}

impl Home {
    /// Everything goes out; the rows in the order in which it did, each stored under its number.
    fn goes_out(&mut self) -> Vec<OutboxRow> {
        let mut out = Vec::new();
        loop {
            let due = self.due();
            if due.is_empty() {
                return out;
            }
            for row in due {
                let hash = Some(crate::testing::hash(u32::try_from(out.len()).unwrap()));
                let stored = Stored { hash, kept: 6, of: 6, again_at: None, members: Vec::new() };
                self.store.write::<_, tacit_store::Error>(|tx| tx.complete(row.id, &stored, NOW).map(drop)).unwrap();
                out.push(row);
            }
        }
    }

    fn says(
        &mut self,
        from: &AccountId,
        conversation: ConversationId,
        at: u64,
        text: &str,
        expiry: Expiry,
    ) -> MessageId {
        let hash = Some(crate::testing::hash(900 + u32::try_from(at).unwrap()));
        let message =
            NewMessage { hash, expiry, ..NewMessage::text(conversation, *from, State::Received, after(at), text) };
        self.store.write(|tx| tx.insert_message(&message, NOW)).unwrap().id()
    }
}

#[test]
fn a_reaction_goes_to_them_and_to_our_devices_once() {
    let mut home = Home::new();
    let (keys, bob, conversation) = friend(&mut home);
    let id = home.says(&bob, conversation, 1, "lake?", Expiry::Off);
    let sealer = home.sealer();
    for _ in 0..2 {
        sealer.queue_reaction(&mut home.store, id, "👍", false, NOW).unwrap();
    }
    let out = home.goes_out();
    assert_eq!(out.len(), 2, "the second changes nothing");
    let theirs = out.iter().find(|row| row.recipient == bob).unwrap();
    let What::Reaction(reaction) = read(&theirs.data, &keys, &bob).what else { panic!("a reaction") };
    assert_eq!((reaction.target.author, reaction.emoji.as_str(), reaction.removed), (bob, "👍", false));
    let ours = out.iter().find(|row| row.recipient == home.me).unwrap();
    assert_eq!(read(&ours.data, &home.keys, &home.me).peer, bob);
    assert_eq!(home.store.message(id).unwrap().reactions[0].senders, [home.me]);
}

#[test]
fn an_emoji_that_stands_there_already_does_not_outweigh_what_another_device_does() {
    let mut home = Home::new();
    let (_, bob, conversation) = friend(&mut home);
    let id = home.says(&bob, conversation, 1, "lake?", Expiry::Off);
    let (sealer, target) = (home.sealer(), home.store.message(id).unwrap().reference());
    for at in [0, 1_000] {
        sealer.queue_reaction(&mut home.store, id, "👍", false, after(at)).unwrap();
    }
    let (sender, sent_at) = (home.me, after(500));
    let off = NewReaction { conversation, target, sender, emoji: "👍", sent_at, removed: true };
    home.store.write::<_, tacit_store::Error>(|tx| tx.react(&off, after(2_000)).map(drop)).unwrap();
    assert!(home.store.message(id).unwrap().reactions.is_empty());
}

#[test]
fn what_is_removed_here_once_it_went_out_still_comes_to_our_devices_and_not_back_to_this_one() {
    let mut home = Home::new();
    let (_, bob, conversation) = friend(&mut home);
    let id = home.sends(conversation, "for the others", NOW);
    let deliver = home.due().remove(0);
    let stored = Stored { hash: Some(crate::testing::hash(1)), kept: 6, of: 6, again_at: None, members: Vec::new() };
    home.store.write::<_, tacit_store::Error>(|tx| tx.complete(deliver.id, &stored, NOW).map(drop)).unwrap();
    let sealer = home.sealer();
    sealer.delete(&mut home.store, &[id], DeleteFor::ThisDevice, NOW).unwrap();
    let copies = home.due();
    assert_eq!((copies.len(), copies[0].recipient, deliver.recipient), (1, home.me, bob));
    let mailbox = tacit_store::Mailbox { account: home.me, namespace: copies[0].namespace };
    let hash = tacit_wire::message_hash::message_hash(&home.me, mailbox.namespace, &copies[0].data);
    assert!(home.store.is_seen(&mailbox, &hash).unwrap());
}

#[test]
fn what_is_deleted_for_everyone_goes_from_our_swarm_and_is_asked_of_all() {
    let mut home = Home::new();
    let (keys, bob, conversation) = friend(&mut home);
    let id = home.sends(conversation, "oops", NOW);
    home.goes_out();
    let copy = home.store.message(id).unwrap().copy_hash.unwrap();
    let hers = home.says(&bob, conversation, 1, "hm", Expiry::Off);
    let sealer = home.sealer();
    let delete = |home: &mut Home, id, scope| sealer.delete(&mut home.store, &[id], scope, NOW);
    assert!(matches!(delete(&mut home, hers, DeleteFor::Everyone), Err(Error::NotYours)));
    delete(&mut home, id, DeleteFor::Everyone).unwrap();
    assert!(home.store.message(id).unwrap().deleted);
    assert_eq!(home.store.mailbox_changes(NOW, 9).unwrap()[0].hash, copy);
    let out = home.goes_out();
    assert_eq!(out.iter().map(|row| row.recipient).filter(|to| [bob, home.me].contains(to)).count(), 2);
    for (row, keys, me) in
        out.iter().map(|row| if row.recipient == bob { (row, &keys, bob) } else { (row, &home.keys, home.me) })
    {
        let What::Unsend(target) = read(&row.data, keys, &me).what else { panic!("an unsend request") };
        assert_eq!(target.author, home.me);
    }
    // Theirs on our devices only: nothing goes to them.
    delete(&mut home, hers, DeleteFor::OurDevices).unwrap();
    assert!(home.goes_out().iter().all(|row| row.recipient == home.me));
    // What never left is gone, and nobody hears of it.
    let unsent = home.sends(conversation, "never mind", NOW);
    delete(&mut home, unsent, DeleteFor::Everyone).unwrap();
    assert!(home.store.message(unsent).is_err() && home.goes_out().is_empty());
}

#[test]
fn a_timer_is_kept_told_and_followed_by_what_comes_after() {
    let mut home = Home::new();
    let (keys, bob, conversation) = friend(&mut home);
    let sealer = home.sealer();
    let day = Expiry::AfterSend { seconds: 86_400 };
    sealer.queue_timer(&mut home.store, conversation, day, NOW).unwrap();
    sealer.queue_timer(&mut home.store, conversation, day, NOW).unwrap();
    let id = home.sends(conversation, "gone tomorrow", NOW);
    assert_eq!(home.store.message(id).unwrap().expires_at, None, "it has not left yet");
    let out = home.goes_out();
    assert_eq!(out.len(), 4);
    assert!(out.iter().all(|row| row.ttl_ms == 86_400_000));
    let told = read(&out.iter().find(|row| row.recipient == bob).unwrap().data, &keys, &bob);
    assert_eq!((told.what, told.expiry), (What::TimerChange, day));
    let message = home.store.message(id).unwrap();
    assert_eq!(message.expires_at, Some(TimestampMs(message.sent_at.0 + 86_400_000)));
    let lines = home.store.messages(conversation, Page::Newest, 9).unwrap();
    assert_eq!(lines.iter().filter(|line| line.kind == MessageKind::TimerChanged).count(), 1);

    sealer.queue_timer(&mut home.store, conversation, Expiry::AfterRead { seconds: 60 }, NOW).unwrap();
    home.sends(conversation, "once read", NOW);
    for row in home.goes_out() {
        let expected = if row.recipient == bob { MESSAGE_TTL_MS } else { 60_000 };
        assert_eq!(row.ttl_ms, expected);
    }
}

#[test]
fn reading_begins_timers_and_is_told_to_whom_we_accepted_if_we_want() {
    let mut home = Home::new();
    let (keys, bob, conversation) = friend(&mut home);
    let timed = home.says(&bob, conversation, 1, "burn", Expiry::AfterRead { seconds: 60 });
    home.says(&bob, conversation, 2, "keep", Expiry::Off);
    let sealer = home.sealer();
    assert!(sealer.mark_read(&mut home.store, conversation, None, after(9)).unwrap());
    assert_eq!(home.store.message(timed).unwrap().expires_at, Some(after(60_009)));
    let change = home.store.mailbox_changes(after(9), 9).unwrap().remove(0);
    assert_eq!((change.expires_at, change.message), (Some(after(60_009)), Some(timed)));
    assert!(home.goes_out().is_empty(), "receipts are off at first");

    home.store.write::<_, tacit_store::Error>(|tx| tx.set_setting(READ_RECEIPTS, "1")).unwrap();
    home.says(&bob, conversation, 3, "one", Expiry::Off);
    home.says(&bob, conversation, 4, "two", Expiry::Off);
    sealer.mark_read(&mut home.store, conversation, None, after(10)).unwrap();
    sealer.mark_read(&mut home.store, conversation, None, after(11)).unwrap();
    let out = home.goes_out();
    assert_eq!(out.len(), 1, "once, and not to ourselves");
    assert_eq!(read(&out[0].data, &keys, &bob).what, What::Read(vec![after(4), after(3)]));
    // Nothing is told of a request.
    home.store.write(|tx| tx.set_approved(&bob, false, NOW)).unwrap();
    home.says(&bob, conversation, 5, "three", Expiry::Off);
    sealer.mark_read(&mut home.store, conversation, None, after(12)).unwrap();
    assert!(home.goes_out().is_empty());
}

//! What one device does, another sees; what goes wrong on the way loses nothing.

use tacit_config::Kind;
use tacit_store::{Expiry, NewMessage, Notify, Profile, State};

use super::devices::{Device, Swarm};
use crate::testing::{account, after, hash};

/// A phone that has an account with a friend, and its swarm.
fn phone() -> (Device, Swarm) {
    let (mut phone, mut swarm) = (Device::new(), Swarm::default());
    let friend = account(2).1;
    phone.open(2);
    phone.change(|tx| {
        tx.set_display_name("Ada L.", 100)?;
        tx.update_profile(&friend, &Profile { name: "Ines", updated_s: 5, ..Profile::default() }, after(0))?;
        tx.set_approved(&friend, true, after(0))?;
        tx.set_nickname(&friend, "Nini", after(0))
    });
    phone.push(&mut swarm);
    (phone, swarm)
}

fn receive(device: &mut Device, number: u8, at: u64) {
    let (conversation, who) = (device.open(number), account(number).1);
    let message = NewMessage::text(conversation, who, State::Received, after(at), "hi");
    device.home.store.write(|tx| tx.insert_message(&message, after(at))).unwrap();
}

#[test]
fn a_second_device_has_everything_that_the_first_has() {
    let (mut phone, mut swarm) = phone();
    let id = phone.find(2).unwrap().id;
    phone.change(|tx| {
        tx.set_pinned(id, 3)?;
        tx.set_expiry(id, Expiry::AfterRead { seconds: 3_600 })?;
        tx.set_muted_until(id, Some(after(5_000)))?;
        tx.set_notify(id, Notify::Off)?;
        tx.mark_read(id, after(77))?;
        tx.set_blocked(&account(3).1, true, after(0))
    });
    phone.open(1);
    phone.push(&mut swarm);

    let mut tablet = Device::new();
    tablet.pull_as(&swarm, true);
    assert_eq!(tablet.state(), phone.state());
    let (pinned, mode) = tablet.find(2).map(|c| (c.pinned, c.expiry)).unwrap();
    assert_eq!((pinned, mode), (3, Expiry::AfterRead { seconds: 3_600 }));
    assert_eq!(tablet.contact(&account(2).1).shown_name(), "Nini");
    let before = swarm.count();
    tablet.push(&mut swarm);
    assert_eq!(swarm.count(), before, "what was only taken over is not pushed");
    assert!(!tablet.store().config_is_dirty().unwrap());
}

#[test]
fn what_was_stored_without_our_hearing_of_it_goes_with_the_next_push() {
    let (mut phone, mut swarm) = phone();
    let before = swarm.count();
    phone.change(|tx| tx.set_nickname(&account(2).1, "Ni", after(1)));
    phone.push_without_answer(&mut swarm);
    phone.change(|tx| tx.set_nickname(&account(2).1, "N", after(2)));
    phone.push(&mut swarm);
    assert_eq!(swarm.count(), before);
    let kept = swarm.boxes[&Kind::Contacts].clone();
    phone.sync(&mut swarm);
    assert_eq!(swarm.boxes[&Kind::Contacts], kept);
    let mut tablet = Device::new();
    tablet.pull_as(&swarm, true);
    assert_eq!(tablet.contact(&account(2).1).shown_name(), "N");
}

#[test]
fn a_change_is_pushed_once_and_replaces_what_was_there() {
    let (mut phone, mut swarm) = phone();
    let before = swarm.count();
    phone.change(|tx| tx.set_nickname(&account(2).1, "Nina", after(0)));
    phone.push(&mut swarm);
    assert_eq!(swarm.count(), before, "the old message is deleted");
    let kept = swarm.boxes[&Kind::Contacts][0].hash.clone();
    phone.sync(&mut swarm);
    assert_eq!(swarm.boxes[&Kind::Contacts][0].hash, kept);
}

#[test]
fn a_push_whose_answer_was_lost_is_made_again_with_the_same_bytes() {
    let (mut phone, mut swarm) = phone();
    phone.change(|tx| tx.set_nickname(&account(2).1, "Nina", after(0)));
    phone.push_without_answer(&mut swarm);
    let before = swarm.boxes[&Kind::Contacts].len();
    phone.push(&mut swarm);
    assert_eq!(before, 2, "nothing was deleted before the answer");
    assert_eq!(swarm.boxes[&Kind::Contacts].len(), 1, "and nothing is forgotten");
    let mut tablet = Device::new();
    tablet.pull(&swarm);
    assert_eq!(tablet.contact(&account(2).1).nickname, "Nina");
}

#[test]
fn a_change_while_a_push_is_under_way_is_pushed_next() {
    let (mut phone, mut swarm) = phone();
    phone.change(|tx| tx.set_nickname(&account(2).1, "Nina", after(0)));
    phone.push_without_answer(&mut swarm);
    phone.change(|tx| tx.set_blocked(&account(2).1, true, after(0)));
    phone.sync(&mut swarm);
    assert_eq!(swarm.boxes[&Kind::Contacts].len(), 1);
    let mut tablet = Device::new();
    tablet.pull(&swarm);
    assert!(tablet.contact(&account(2).1).blocked && tablet.contact(&account(2).1).nickname == "Nina");
}

#[test]
fn a_removed_conversation_is_gone_everywhere_but_not_what_was_written_since() {
    let (mut phone, mut swarm) = phone();
    let mut tablet = Device::new();
    tablet.sync(&mut swarm);
    receive(&mut phone, 2, 10);
    receive(&mut tablet, 2, 10);
    phone.clock = 50;
    let id = phone.find(2).unwrap().id;
    phone.change(|tx| tx.clear_conversation(id, after(50)));
    phone.push(&mut swarm);
    (phone.clock, tablet.clock) = (100, 100);
    tablet.pull(&swarm);
    assert!(tablet.find(2).unwrap().hidden);
    assert!(tablet.home.texts(tablet.find(2).unwrap().id).is_empty());
    assert_eq!(tablet.store().removed_until(&account(2).1).unwrap(), after(50));

    receive(&mut tablet, 2, 90);
    tablet.change(|tx| tx.set_hidden(id, false));
    tablet.sync(&mut swarm);
    phone.pull(&swarm);
    assert!(!phone.find(2).unwrap().hidden, "something new brought it back");
    // Removed again by one while the other had something newer already.
    phone.clock = 95;
    phone.change(|tx| tx.clear_conversation(id, after(85)));
    receive(&mut tablet, 2, 120);
    tablet.clock = 130;
    phone.push(&mut swarm);
    tablet.sync(&mut swarm);
    assert_eq!(tablet.home.texts(id).len(), 1);
    assert!(!tablet.find(2).unwrap().hidden);
}

#[test]
fn a_declined_request_is_gone_everywhere() {
    let (mut phone, mut swarm) = phone();
    receive(&mut phone, 4, 10);
    phone.change(|tx| tx.set_approved_me(&account(4).1, true, after(10)));
    phone.push(&mut swarm);
    let mut tablet = Device::new();
    tablet.pull(&swarm);
    assert!(tablet.find(4).unwrap().request);
    let id = phone.find(4).unwrap().id;
    phone.clock = 50;
    phone.change(|tx| tx.delete_conversation(id));
    phone.push(&mut swarm);
    tablet.clock = 100;
    tablet.pull(&swarm);
    assert_eq!((tablet.find(4), tablet.state()), (None, phone.state()));
    assert!(!tablet.contact(&account(4).1).approved_me);
}

#[test]
fn a_newer_profile_of_a_friend_wins_over_an_older_record() {
    let (mut phone, mut swarm) = phone();
    let mut tablet = Device::new();
    tablet.sync(&mut swarm);
    let newer = Profile { name: "Ines B.", updated_s: 9, ..Profile::default() };
    tablet.change(|tx| tx.update_profile(&account(2).1, &newer, after(0)).map(drop));
    phone.change(|tx| tx.set_nickname(&account(2).1, "", after(0)));
    phone.push(&mut swarm);
    tablet.sync(&mut swarm);
    phone.sync(&mut swarm);
    assert_eq!(phone.contact(&account(2).1).shown_name(), "Ines B.");
    assert_eq!(tablet.state(), phone.state());
}

#[test]
fn messages_that_are_none_are_counted_once_and_everything_else_is_taken() {
    let (_, mut swarm) = phone();
    for (number, data) in
        [(1, vec![]), (2, vec![0; 500]), (3, vec![7; 76_800]), (4, b"d1:#i0e1:&de1:<le1:=dee".to_vec())]
    {
        swarm.put(Kind::Contacts, hash(number), data, after(1));
    }
    // A message of another kind in this box.
    let profile = swarm.boxes[&Kind::Profile][0].clone();
    swarm.put(Kind::Contacts, hash(5), profile.data, after(1));
    swarm.boxes.get_mut(&Kind::Contacts).unwrap().rotate_left(1);
    let mut tablet = Device::new();
    assert_eq!(tablet.pull_as(&swarm, false), 5);
    assert_eq!(tablet.contact(&account(2).1).nickname, "Nini");
    assert_eq!(tablet.pull_as(&swarm, false), 0, "they are not looked at again");
    tablet.change(|tx| tx.set_nickname(&account(2).1, "Nina", after(0)));
    tablet.push(&mut swarm);
    assert_eq!(swarm.boxes[&Kind::Contacts].len(), 6, "they are left where they are");
}

#[test]
fn an_object_that_cannot_be_read_is_fetched_again() {
    let (mut phone, mut swarm) = phone();
    let mailbox = tacit_store::Mailbox { account: phone.home.me, namespace: Kind::Contacts.namespace() };
    phone.change(|tx| {
        tx.set_config(&mailbox, b"nonsense")?;
        tx.set_nickname(&account(2).1, "Nina", after(0))
    });
    phone.sync(&mut swarm);
    let mut tablet = Device::new();
    tablet.pull(&swarm);
    assert_eq!(tablet.contact(&account(2).1).nickname, "Nina");
}

#[test]
fn what_strangers_wrote_before_an_account_was_restored_is_known_to_be_old() {
    let (_, swarm) = phone();
    let mut tablet = Device::new();
    tablet.clock = 1_000_000;
    tablet.pull_as(&swarm, true);
    let until = tablet.store().removed_until(&account(9).1).unwrap();
    assert!(until < after(0) && until.0 > 0);
    let mut laptop = Device::new();
    laptop.pull(&swarm);
    assert_eq!(laptop.store().removed_until(&account(9).1).unwrap().0, 0, "only when it is restored");
}

#[test]
fn what_the_swarm_has_lost_is_made_anew_from_the_tables() {
    let mut restored = Device::new();
    // As if from a backup: the tables are full, and nothing is marked.
    let (who, id) = (account(2).1, restored.open(2));
    restored.change(|tx| {
        tx.set_display_name("Ada L.", 100)?;
        tx.set_approved(&who, true, after(0))?;
        tx.set_pinned(id, 2)?;
        tx.take_dirty().map(drop)
    });
    let mut swarm = Swarm::default();
    restored.make_missing();
    restored.push(&mut swarm);
    let mut phone = Device::new();
    phone.pull_as(&swarm, true);
    assert_eq!(phone.state(), restored.state());
    assert_eq!(phone.find(2).unwrap().pinned, 2);
}

#[test]
fn a_conversation_that_was_removed_begins_anew_on_all_devices() {
    let (mut phone, mut swarm) = phone();
    let (friend, id) = (account(2).1, phone.find(2).unwrap().id);
    phone.change(|tx| tx.set_marked_unread(id, true));
    phone.push(&mut swarm);
    let mut tablet = Device::new();
    tablet.pull(&swarm);
    assert!(tablet.find(2).unwrap().marked_unread);
    phone.change(|tx| {
        tx.reset_contact(&friend)?;
        tx.delete_conversation(id)
    });
    phone.push(&mut swarm);
    tablet.pull(&swarm);
    phone.open(2);
    phone.change(|tx| tx.set_approved(&friend, true, after(0)));
    phone.push(&mut swarm);
    let mut laptop = Device::new();
    for device in [&mut tablet, &mut laptop] {
        device.pull(&swarm);
        assert_eq!(device.state(), phone.state());
        assert!(!device.find(2).unwrap().marked_unread);
    }
}

#[test]
fn a_conversation_that_is_made_takes_what_another_device_had_read() {
    let (mut phone, mut swarm) = phone();
    let id = phone.find(2).unwrap().id;
    phone.change(|tx| tx.mark_read(id, after(77)).map(drop));
    phone.push(&mut swarm);
    let mut tablet = Device::new();
    // As if the record of the person had been lost.
    swarm.boxes.remove(&Kind::Contacts);
    tablet.pull(&swarm);
    assert!(tablet.find(2).is_none());
    tablet.open(2);
    tablet.push(&mut swarm);
    assert_eq!(tablet.find(2).unwrap().read_until, after(77));
}

#[test]
fn what_no_swarm_can_keep_is_told_and_the_rest_goes_out() {
    let mut phone = Device::new();
    phone.open(2);
    phone.change(|tx| {
        tx.set_display_name("Ada L.", 100)?;
        tx.set_approved(&account(2).1, true, after(0))
    });
    phone.take();
    let batch = phone.push_with_contacts_too_large();
    assert_eq!(batch.outgoing.iter().map(|one| one.kind).collect::<Vec<_>>(), [Kind::Profile]);
    let error = crate::Error::from(batch.failed.unwrap());
    assert_eq!(error.code(), "config_too_large");
    assert!(error.to_string().starts_with("Settings and contacts cannot be synced: the config has "), "{error}");
}

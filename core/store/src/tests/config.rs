//! Config objects, what is not in them yet, and what other devices changed.

use super::*;
use crate::{Dirty, Notify, OwnProfile, Profile, SyncedContact, SyncedSettings};

fn box_of(home: &Home, namespace: Namespace) -> Mailbox {
    Mailbox { account: home.own(), namespace }
}

#[expect(clippy::redundant_closure_for_method_calls, reason = "the method has one lifetime only")]
fn take(home: &mut Home) -> Vec<Dirty> {
    home.store.write::<_, crate::Error>(|tx| tx.take_dirty()).unwrap()
}

type Change = fn(&crate::Tx<'_>) -> Result<(), crate::Error>;

fn contact(number: u8) -> SyncedContact {
    SyncedContact {
        account: person(number),
        name: "Ines".into(),
        nickname: "Nini".into(),
        profile_updated_s: 10,
        picture_url: String::new(),
        picture_key: Vec::new(),
        approved: true,
        approved_me: true,
        blocked: false,
    }
}

#[test]
fn a_config_object_is_kept_with_what_belongs_to_it() {
    let mut home = Home::new();
    let mailbox = box_of(&home, Namespace::CONTACTS);
    assert!(home.store.config(&mailbox).unwrap().is_none());
    home.store
        .write::<_, crate::Error>(|tx| {
            tx.set_config(&mailbox, b"one")?;
            tx.set_config_changed(&mailbox, after(5))?;
            tx.set_config_changed(&mailbox, after(3))?;
            tx.set_config_extended(&mailbox, after(7))?;
            tx.set_config_obsolete(&mailbox, &[hash(1), hash(2)])?;
            tx.set_config(&mailbox, b"two")
        })
        .unwrap();
    let home = home.reopened();
    let row = home.store.config(&mailbox).unwrap().unwrap();
    assert_eq!((row.dump.as_slice(), row.changed, row.extended), (&b"two"[..], after(5), after(7)));
    assert_eq!(row.obsolete, [hash(1), hash(2)]);
    assert!(home.store.config(&box_of(&home, Namespace::PROFILE)).unwrap().is_none());
}

#[test]
fn every_synced_change_of_the_tables_is_dirty_until_it_is_taken() {
    let mut home = Home::new();
    assert!(!home.store.config_is_dirty().unwrap(), "a new account has nothing to tell");
    let changes: [(&str, Change, &[Dirty]); 6] = [
        ("name", |tx| tx.set_display_name("Ada L.", 5), &[Dirty::Profile]),
        (
            "open",
            |tx| tx.open_conversation(&Peer::person(&person(2)), NOW).map(drop),
            &[Dirty::Contact(person(2)), Dirty::ReadState(person(2))],
        ),
        ("nickname", |tx| tx.set_nickname(&person(2), "Nini", NOW), &[Dirty::Contact(person(2))]),
        ("block", |tx| tx.set_blocked(&person(3), true, NOW), &[Dirty::Contact(person(3))]),
        ("pin", |tx| tx.set_pinned(ConversationId(1), 3), &[Dirty::Contact(person(2))]),
        ("read", |tx| tx.mark_read(ConversationId(1), after(9)).map(drop), &[Dirty::ReadState(person(2))]),
    ];
    for (what, change, dirty) in changes {
        home.store.write(change).unwrap();
        assert!(home.store.config_is_dirty().unwrap(), "{what}");
        assert_eq!(take(&mut home), dirty, "{what}");
        assert!(!home.store.config_is_dirty().unwrap(), "{what}");
    }
    let id = ConversationId(1);
    home.store
        .write(|tx| {
            tx.set_draft(id, "typed")?;
            tx.set_archived(id, true)
        })
        .unwrap();
    assert_eq!(take(&mut home), [], "what stays on this device");
    home.store.write::<_, crate::Error>(|tx| tx.set_dirty(&Dirty::ReadState(person(2)))).unwrap();
    assert_eq!(take(&mut home), [Dirty::ReadState(person(2))]);
}

#[test]
fn all_that_a_box_would_hold_can_be_made_dirty() {
    let mut home = Home::new();
    let id = home.conversation(2);
    home.store
        .write(|tx| {
            tx.set_blocked(&person(3), true, NOW)?;
            tx.update_profile(&person(4), &Profile { name: "a stranger", ..Profile::default() }, NOW)?;
            tx.mark_read(id, after(5))
        })
        .unwrap();
    take(&mut home);
    for namespace in [Namespace::PROFILE, Namespace::CONTACTS, Namespace::VOLATILE, Namespace::GROUPS] {
        home.store.write::<_, crate::Error>(|tx| tx.set_all_dirty(namespace)).unwrap();
    }
    let all = [Dirty::Profile, Dirty::Contact(person(2)), Dirty::Contact(person(3)), Dirty::ReadState(person(2))];
    assert_eq!(take(&mut home), all);
}

#[test]
fn a_person_is_taken_over_but_a_newer_profile_stays() {
    let mut home = Home::new();
    let id = home.conversation(2);
    let apply = |home: &mut Home, contact: &SyncedContact| home.store.write(|tx| tx.apply_contact(contact, NOW));
    assert!(apply(&mut home, &contact(2)).unwrap());
    assert!(!apply(&mut home, &contact(2)).unwrap(), "nothing new");
    let newer = Profile { name: "Ines B.", updated_s: 20, ..Profile::default() };
    home.store.write(|tx| tx.update_profile(&person(2), &newer, NOW)).unwrap();
    let request = SyncedContact { approved: false, nickname: String::new(), ..contact(2) };
    assert!(apply(&mut home, &request).unwrap());
    let kept = home.store.contact(&person(2)).unwrap().unwrap();
    assert_eq!((kept.name.as_str(), kept.nickname.as_str(), kept.profile_updated_s), ("Ines B.", "", 20));
    assert!(home.store.conversation(id).unwrap().request);
    home.store.write(|tx| tx.reset_contact(&person(2))).unwrap();
    let kept = home.store.contact(&person(2)).unwrap().unwrap();
    assert!(!kept.approved && !kept.approved_me && kept.name == "Ines B.");
}

#[test]
fn settings_and_read_state_are_taken_over() {
    let mut home = Home::new();
    let id = home.conversation(2);
    let settings = SyncedSettings {
        pinned: 2,
        hidden: false,
        expiry: Expiry::AfterRead { seconds: 60 },
        muted_until: Some(after(1000)),
        notify: Notify::Mentions,
    };
    assert!(home.store.write(|tx| tx.apply_settings(id, &settings)).unwrap());
    assert!(!home.store.write(|tx| tx.apply_settings(id, &settings)).unwrap());
    assert!(home.store.write(|tx| tx.apply_read(id, after(9), true)).unwrap());
    assert!(!home.store.write(|tx| tx.apply_read(id, after(4), true)).unwrap(), "it never goes back");
    let kept = home.store.conversation(id).unwrap();
    assert_eq!((kept.pinned, kept.expiry, kept.muted_until), (2, settings.expiry, settings.muted_until));
    assert_eq!((kept.notify, kept.read_until, kept.marked_unread), (Notify::Mentions, after(9), true));
}

#[test]
fn our_own_profile_is_taken_over() {
    let mut home = Home::new();
    let profile = OwnProfile {
        name: "Ada L.".into(),
        updated_s: 7,
        picture_url: "http://files/file/1".into(),
        picture_key: vec![3; 32],
    };
    assert!(home.store.write(|tx| tx.apply_profile(&profile)).unwrap());
    assert!(!home.store.write(|tx| tx.apply_profile(&profile)).unwrap());
    let account = home.store.account().unwrap().unwrap();
    assert_eq!((account.display_name.as_str(), account.profile_updated_s), ("Ada L.", 7));
    assert_eq!((account.picture_url, account.picture_key), (profile.picture_url, profile.picture_key));
}

#[test]
fn clearing_hides_a_conversation_unless_something_newer_is_in_it() {
    let mut home = Home::new();
    let id = home.conversation(2);
    let receive = |home: &mut Home, at| {
        home.store.write(|tx| tx.insert_message(&incoming(id, person(2), after(at), "hi"), after(at))).unwrap();
    };
    receive(&mut home, 10);
    receive(&mut home, 20);
    home.store.write(|tx| tx.set_expiry(id, Expiry::AfterSend { seconds: 60 })).unwrap();
    home.store.write(|tx| tx.clear_conversation(id, after(10))).unwrap();
    assert!(!home.store.conversation(id).unwrap().hidden);
    home.store.write(|tx| tx.clear_conversation(id, after(20))).unwrap();
    let kept = home.store.conversation(id).unwrap();
    assert!(kept.hidden && kept.expiry == Expiry::AfterSend { seconds: 60 });
    assert!(home.store.messages(id, crate::Page::Newest, 10).unwrap().is_empty());
}

#[test]
fn removals_are_remembered_for_a_month() {
    let mut home = Home::new();
    let until = |home: &Home, number| home.store.removed_until(&person(number)).unwrap();
    let remove = |home: &mut Home, who: Option<u8>, at| {
        home.store.write(|tx| tx.set_removed(who.map(person).as_ref(), at)).unwrap();
    };
    assert_eq!(until(&home, 2), TimestampMs(0));
    remove(&mut home, None, after(5));
    remove(&mut home, Some(2), after(9));
    remove(&mut home, Some(2), after(8));
    assert_eq!((until(&home, 2), until(&home, 3)), (after(9), after(5)));
    remove(&mut home, Some(4), after(40 * 24 * 3_600_000));
    assert_eq!(until(&home, 2), TimestampMs(0));
}

#[test]
fn a_box_can_be_read_again_from_the_start() {
    let mut home = Home::new();
    let mailbox = box_of(&home, Namespace::CONTACTS);
    home.store
        .write::<_, crate::Error>(|tx| {
            tx.remember(&mailbox, &hash(1), NOW, NOW)?;
            tx.set_last_hash(&node(1), &mailbox, &hash(1))?;
            tx.read_again(&mailbox)
        })
        .unwrap();
    assert!(!home.store.is_seen(&mailbox, &hash(1)).unwrap());
    assert_eq!(home.store.last_hash(&node(1), &mailbox).unwrap(), None);
}

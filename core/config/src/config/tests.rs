use tacit_wire::TimestampMs;

use super::*;
use crate::contacts::{self, Contact};
use crate::profile;
use crate::testing::{NOW, config, data, hash, keys, somebody, store};

mod bad_input;
mod large;
mod repairs;
mod several_devices;

#[test]
fn what_one_device_sets_another_reads() {
    let (mut phone, mut laptop) = (config(Kind::Profile), config(Kind::Profile));
    profile::set_name(&mut phone, "Ana", NOW).unwrap();
    assert_eq!(phone.state(), State::Dirty);
    let stored = store(&mut phone, 1);
    assert_eq!(phone.state(), State::Clean);
    let merged = laptop.merge(&stored, NOW);
    assert_eq!(merged, Merged { accepted: vec![hash(1)], changed: true });
    assert_eq!(profile::read(&laptop).name, "Ana");
    assert_eq!(laptop.current_hashes(), [hash(1)]);
    assert!(!laptop.needs_push());
}

#[test]
fn a_change_after_the_push_is_not_confirmed_with_it() {
    let mut phone = config(Kind::Profile);
    profile::set_name(&mut phone, "Ana", NOW).unwrap();
    let push = phone.push(NOW).unwrap();
    assert_eq!(phone.state(), State::Waiting);
    profile::set_name(&mut phone, "Bea", NOW).unwrap();
    phone.confirm(push.seqno, &[hash(1)]);
    assert_eq!((phone.state(), phone.seqno()), (State::Dirty, 2));
}

#[test]
fn a_dump_goes_on_where_it_was_made() {
    let mut phone = config(Kind::Contacts);
    contacts::set(&mut phone, &Contact::new(somebody(2))).unwrap();
    store(&mut phone, 1);
    for _ in 0..8 {
        contacts::set(&mut phone, &Contact::new(somebody(3))).unwrap();
        let bytes = phone.to_bytes();
        phone = Config::load(Kind::Contacts, &keys(1), &phone.dump()).unwrap();
        assert_eq!((phone.state(), phone.seqno()), (State::Dirty, 2));
        assert_eq!(phone.to_bytes(), bytes);
        assert_eq!(phone.old_hashes(), [hash(1)]);
        assert!(!phone.needs_dump());
    }
}

#[test]
fn devices_that_meet_agree_and_fall_silent() {
    let (mut phone, mut laptop) = (config(Kind::Contacts), config(Kind::Contacts));
    contacts::set(&mut phone, &Contact::new(somebody(2))).unwrap();
    contacts::set(&mut laptop, &Contact::new(somebody(3))).unwrap();
    let (of_phone, of_laptop) = (store(&mut phone, 1), store(&mut laptop, 2));
    phone.merge(&of_laptop, NOW);
    laptop.merge(&of_phone, NOW);
    let (of_phone, of_laptop) = (store(&mut phone, 3), store(&mut laptop, 4));
    assert_eq!(of_phone[0].1, of_laptop[0].1);
    phone.merge(&of_laptop, NOW);
    laptop.merge(&of_phone, NOW);
    assert!(!phone.needs_push() && !laptop.needs_push());
    assert_eq!(contacts::all(&phone).count(), 2);
}

#[test]
fn what_another_device_stored_alike_is_not_deleted() {
    let (mut phone, mut laptop) = (config(Kind::Contacts), config(Kind::Contacts));
    contacts::set(&mut phone, &Contact::new(somebody(2))).unwrap();
    contacts::set(&mut laptop, &Contact::new(somebody(2))).unwrap();
    let stored = phone.push(NOW).unwrap().messages.remove(0);
    let owner = tacit_wire::AccountId::from_x25519(&keys(1).x25519_public());
    let name = tacit_wire::message_hash::message_hash(&owner, Kind::Contacts.namespace(), &stored);
    laptop.merge(&[(name.clone(), stored.clone())], NOW);
    assert_eq!(laptop.old_hashes(), [name]);
    let push = laptop.push(NOW).unwrap();
    assert_eq!((push.messages, push.obsolete), (vec![stored], vec![]));
}

#[test]
fn read_states_are_pruned_before_each_push() {
    use crate::volatile::{self, Conversation, ReadState};
    let mut phone = config(Kind::Volatile);
    for (number, days, unread) in [(2, 10, false), (3, 20, false), (4, 20, true)] {
        let last_read = NOW.minus_ms(days * 24 * 3_600_000);
        let state = ReadState { last_read, unread, pro: None };
        volatile::set(&mut phone, &Conversation::Person(somebody(number)), &state, NOW).unwrap();
    }
    phone.push(TimestampMs(NOW.0 + 30 * 24 * 3_600_000)).unwrap();
    assert_eq!(volatile::all(&phone).count(), 2);
}

proptest::proptest! {
    #[test]
    fn a_dump_holds_all_there_is(first in data(), second in data(), stage in 0..4_u8) {
        let mut phone = config(Kind::Profile);
        phone.message.data = first;
        phone.begin_next();
        if stage > 0 {
            phone.push(NOW).unwrap();
        }
        if stage > 1 {
            phone.confirm(1, &[hash(1)]);
        }
        if stage > 2 {
            phone.change(|data| *data = second);
        }
        let mut again = Config::load(Kind::Profile, &keys(1), &phone.dump()).unwrap();
        proptest::prop_assert_eq!(again.dump(), phone.dump());
        proptest::prop_assert_eq!(again.state(), phone.state());
        proptest::prop_assert_eq!(again.push(NOW), phone.push(NOW));
    }

    #[test]
    fn a_dump_of_anything_does_no_harm(dump: Vec<u8>) {
        let _ = Config::load(Kind::Profile, &keys(1), &dump);
    }
}

use tacit_crypto::{AccountKeys, Seed};
use tacit_wire::{AccountId, MessageHash, TimestampMs};

use super::*;
use crate::contacts::{self, Contact};
use crate::profile;

const NOW: TimestampMs = TimestampMs(1_795_504_100_256);

fn keys(number: u8) -> AccountKeys {
    AccountKeys::from_seed(&Seed::from_bytes([number; 16]))
}

fn somebody(number: u8) -> AccountId {
    AccountId::from_x25519(&[number; 32])
}

fn hash(number: u8) -> MessageHash {
    MessageHash::from_bytes(&[number; 32])
}

/// Pushes, and confirms under hashes that count from `first`.
fn store(config: &mut Config, first: u8) -> Vec<(MessageHash, Vec<u8>)> {
    let push = config.push(NOW).unwrap();
    let hashes: Vec<_> = (first..).take(push.messages.len()).map(hash).collect();
    config.confirm(push.seqno, &hashes);
    hashes.into_iter().zip(push.messages).collect()
}

#[test]
fn what_one_device_sets_another_reads() {
    let (mut phone, mut laptop) = (Config::new(Kind::Profile, &keys(1)), Config::new(Kind::Profile, &keys(1)));
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
    let mut phone = Config::new(Kind::Profile, &keys(1));
    profile::set_name(&mut phone, "Ana", NOW).unwrap();
    let push = phone.push(NOW).unwrap();
    assert_eq!(phone.state(), State::Waiting);
    profile::set_name(&mut phone, "Bea", NOW).unwrap();
    phone.confirm(push.seqno, &[hash(1)]);
    assert_eq!((phone.state(), phone.seqno()), (State::Dirty, 2));
}

#[test]
fn a_dump_goes_on_where_it_was_made() {
    let mut phone = Config::new(Kind::Contacts, &keys(1));
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

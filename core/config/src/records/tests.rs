use tacit_crypto::{AccountKeys, Seed};
use tacit_wire::AccountId;

use super::contacts::{self, Contact};
use super::*;
use crate::Kind;

fn config(kind: Kind) -> Config {
    Config::new(kind, &AccountKeys::from_seed(&Seed::from_bytes([1; 16])))
}

#[test]
fn a_contact_is_read_as_it_was_written() {
    let mut config = config(Kind::Contacts);
    let contact = Contact {
        name: "Bob".to_owned(),
        nickname: "Bobby".to_owned(),
        picture: Some(Picture { url: "http://f/1".to_owned(), key: [7; 32] }),
        approved: true,
        notify: Notify::Off,
        expiry: Expiry::AfterRead(60),
        priority: 2,
        features: [1].into(),
        ..Contact::new(AccountId::from_x25519(&[2; 32]))
    };
    contacts::set(&mut config, &contact).unwrap();
    assert_eq!(contacts::get(&config, &contact.id), Some(contact.clone()));
    assert_eq!(contacts::all(&config).count(), 1);
    let seqno = config.seqno();
    contacts::set(&mut config, &contact).unwrap();
    assert_eq!(config.seqno(), seqno);
    assert!(contacts::erase(&mut config, &contact.id));
    assert!(!contacts::erase(&mut config, &contact.id));
    assert!(config.data().is_empty());
}

#[test]
fn what_a_newer_version_put_beside_a_record_stays() {
    let mut config = config(Kind::Contacts);
    let id = AccountId::from_x25519(&[2; 32]);
    config.assign(&[b"c", id.as_bytes(), b"zz"], 5);
    config.assign(&[b"c", b"short", b"n"], "x");
    let mut contact = contacts::get(&config, &id).unwrap();
    contact.blocked = true;
    contacts::set(&mut config, &contact).unwrap();
    assert_eq!(config.get(&[b"c", id.as_bytes(), b"zz"]).and_then(Value::as_integer), Some(5));
    assert!(config.get(&[b"c", b"short"]).is_some());
    assert_eq!(contacts::all(&config).count(), 1);
}

#[test]
fn long_names_are_cut_between_characters_or_refused() {
    let mut config = config(Kind::Contacts);
    let contact = Contact { name: "é".repeat(200), ..Contact::new(AccountId::from_x25519(&[2; 32])) };
    contacts::set(&mut config, &contact).unwrap();
    assert_eq!(contacts::get(&config, &contact.id).unwrap().name, "é".repeat(50));
    // What another program wrote is bounded when it is read.
    for name in ["n".repeat(10_000_000), format!("Z{}", "\u{0335}".repeat(5_000_000))] {
        for key in [b"n", b"N"] {
            config.assign(&[b"c", contact.id.as_bytes(), key], name.as_str());
        }
        let read = contacts::get(&config, &contact.id).unwrap();
        assert!((1..=100).contains(&read.name.len()) && (1..=100).contains(&read.nickname.len()));
    }
    let mut own = Config::new(Kind::Profile, &AccountKeys::from_seed(&Seed::from_bytes([1; 16])));
    let refused = profile::set_name(&mut own, &"n".repeat(101), TimestampMs(0));
    assert_eq!(refused, Err(Error::TooLong { what: "the name", bytes: 101, limit: 100 }));
    assert!(!own.needs_push());
}

#[test]
fn ids_of_another_kind_are_refused() {
    use tacit_wire::Prefix;
    let group = AccountId::new(Prefix::Group, &[2; 32]);
    let mut config = config(Kind::Contacts);
    assert_eq!(contacts::set(&mut config, &Contact::new(group)), Err(Error::Id));
    let person = AccountId::from_x25519(&[2; 32]);
    assert_eq!(groups::set_group(&mut config, &groups::Group::new(person)), Err(Error::Id));
    let conversation = volatile::Conversation::Group(person);
    let state = volatile::ReadState::default();
    assert_eq!(volatile::set(&mut config, &conversation, &state, TimestampMs(0)), Err(Error::Id));
    assert!(!config.needs_push());
}

#[test]
fn times_that_old_clients_wrote_too_large_are_seconds() {
    assert_eq!(seconds(1_700_000_000), 1_700_000_000);
    assert_eq!(seconds(1_700_000_000_123), 1_700_000_000);
    assert_eq!(seconds(1_700_000_000_123_456), 1_700_000_000);
    assert_eq!(seconds(-5), -5);
}

#[test]
fn a_group_of_which_we_were_thrown_out_keeps_no_secrets() {
    use groups::{Group, Membership};
    let mut config = config(Kind::Groups);
    let seed = [4; 32];
    let key = tacit_crypto::NodeKeys::from_seed(&seed).ed25519_public();
    let mut group = Group::new(AccountId::new(tacit_wire::Prefix::Group, &key));
    group.seed = Some(zeroize::Zeroizing::new(seed));
    groups::set_group(&mut config, &group).unwrap();
    assert!(groups::group(&config, &group.id).unwrap().seed.is_some());
    group.kick();
    groups::set_group(&mut config, &group).unwrap();
    let read = groups::group(&config, &group.id).unwrap();
    assert_eq!((read.membership, read.seed.is_some()), (Membership::Kicked, false));
    group.destroy();
    group.reinvite();
    assert_eq!(group.membership, Membership::Destroyed);
}

proptest::proptest! {
    #[test]
    fn any_data_can_be_read(data in crate::testing::data(), kind in proptest::sample::select(Kind::ACCOUNT.to_vec())) {
        let mut config = config(kind);
        for (key, value) in data {
            if let Value::Scalar(scalar) = value {
                config.assign(&[&key], scalar.clone());
                config.assign(&[b"c", &[5; 33], &key], scalar.clone());
                config.assign(&[b"o", b"http://a.bc", b"R", b"room", &key], scalar);
            }
        }
        let _ = (profile::read(&config), contacts::all(&config).count(), contacts::all_blinded(&config).count());
        let _ = (volatile::all(&config).count(), groups::all_groups(&config).count());
        let _ = (groups::all_rooms(&config).count(), groups::all_legacy_groups(&config).count());
    }
}

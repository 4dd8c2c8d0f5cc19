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

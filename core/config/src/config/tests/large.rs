//! Configs that do not fit one message.

use super::*;
use crate::seal;

/// Names that do not compress.
fn fill(config: &mut Config, people: u32) {
    for number in 0..people {
        let random = tacit_crypto::blake2b::hash256(&[&number.to_be_bytes()]);
        let name = hex::encode(tacit_crypto::blake2b::hash256(&[&random]));
        let contact = Contact { name, ..Contact::new(tacit_wire::AccountId::from_x25519(&random)) };
        contacts::set(config, &contact).unwrap();
    }
}

#[test]
fn parts_may_come_in_any_order_and_again() {
    let (mut phone, mut laptop) = (config(Kind::Contacts), config(Kind::Contacts));
    fill(&mut phone, 2_000);
    let mut parts = store(&mut phone, 1);
    assert!(parts.len() > 1 && parts.iter().all(|(_, part)| part.len() <= tacit_wire::rpc::MAX_DATA));
    assert_eq!(phone.current_hashes().len(), parts.len());
    parts.reverse();
    let last = parts.pop().unwrap();
    assert!(!laptop.merge(&parts, NOW).changed);
    assert_eq!(laptop.active_hashes().len(), parts.len());
    // What waits survives a restart.
    laptop = Config::load(Kind::Contacts, &keys(1), &laptop.dump()).unwrap();
    assert!(laptop.merge(std::slice::from_ref(&last), NOW).changed);
    assert_eq!(contacts::all(&laptop).count(), 2_000);
    assert_eq!(laptop.current_hashes().len(), parts.len() + 1);
    assert_eq!(laptop.merge(&[last], NOW).accepted.len(), 1);
    assert!(laptop.old_hashes().is_empty() && !laptop.needs_push());
    // Nor does the sender take its own for news.
    assert!(!phone.merge(&parts, NOW).changed);
    assert!(phone.old_hashes().is_empty());
}

#[test]
fn parts_that_stay_alone_are_dropped() {
    let (mut phone, mut laptop) = (config(Kind::Contacts), config(Kind::Contacts));
    fill(&mut phone, 2_000);
    let parts = store(&mut phone, 1);
    laptop.merge(&parts[1..], NOW);
    assert!(!laptop.active_hashes().is_empty());
    laptop.merge(&[], TimestampMs(NOW.0 + 8 * 24 * 3_600_000));
    assert!(laptop.active_hashes().is_empty());
}

#[test]
fn what_no_parts_can_hold_is_refused_with_its_size_and_stays_as_it_was() {
    let mut phone = config(Kind::Profile);
    let noise: Vec<u8> = (0..250_000_u32).flat_map(|n| tacit_crypto::blake2b::hash256(&[&n.to_be_bytes()])).collect();
    phone.assign(&[b"x"], &noise[..]);
    let Err(Error::TooLarge { bytes, limit }) = phone.push(NOW) else { panic!("it was not refused") };
    assert!(bytes >= noise.len() && limit < bytes);
    assert_eq!(phone.state(), State::Dirty);
    phone.erase(&[b"x"]);
    assert!(phone.push(NOW).is_ok());
}

#[test]
fn a_message_just_too_large_to_be_wrapped_goes_unwrapped() {
    let sizes = [76_000, 76_760].map(|padded| {
        seal::seal(Kind::Profile, Some(&keys(1)), &[0; 32], 1, &vec![1; padded]).unwrap().messages[0].len()
    });
    assert!(sizes[0] > 76_100 && sizes[1] == 76_800);
}

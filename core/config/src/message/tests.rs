use proptest::prelude::*;

use super::*;
use crate::testing::data;

fn refused(text: &str) -> bool {
    Message::parse(text.as_bytes(), LAG, None).is_err()
}

#[test]
fn the_first_message_of_every_account_has_a_known_hash() {
    let bytes = Message::empty().to_bytes(LAG, None);
    let (message, hash) = Message::parse(&bytes, LAG, None).unwrap();
    assert_eq!(message, Message::empty());
    assert_eq!(hex::encode(hash), "ea173b57beca8af18c3519a7bbf69c3e7a05d1c049fa9558341d8ebb48b0c965");
}

#[test]
fn a_sequence_number_of_2_to_the_63_is_refused() {
    assert!(!refused("d1:#i9223372036854775807e1:&de1:<le1:=dee"));
    assert!(refused("d1:#i9223372036854775808e1:&de1:<le1:=dee"));
    assert!(refused("d1:#i18446744073709551615e1:&de1:<le1:=dee"));
}

#[test]
fn unsorted_data_is_refused() {
    assert!(!refused("d1:#i1e1:&d1:ai1e1:bi2ee1:<le1:=dee"));
    for data in
        ["d1:bi1e1:ai2ee", "d1:ai1e1:ai2ee", "d1:ali2ei1eee", "d1:ali1ei1eee", "d1:al1:ai1eee", "d1:adee", "d1:alee"]
    {
        assert!(refused(&format!("d1:#i1e1:&{data}1:<le1:=dee")), "{data}");
    }
}

#[test]
fn deep_nesting_is_refused() {
    let nested =
        |levels: usize| format!("d1:#i1e1:&{}1:xi1e{}1:<le1:=dee", "d1:a".repeat(levels - 1) + "d", "e".repeat(levels));
    assert!(!refused(&nested(MAX_DEPTH - 1)));
    assert!(refused(&nested(MAX_DEPTH)));
    assert!(refused(&format!("d1:#i1e1:&{}", "d1:a".repeat(1_000_000))));
    assert!(refused(&format!("d1:#i1e1:!{}", "l".repeat(1_000_000))));
}

#[test]
fn more_values_than_a_config_can_need_are_refused() {
    let many: String = (0..300_000).map(|number| format!("7:k{number:06}0:")).collect();
    assert!(refused(&format!("d1:#i1e1:&d{many}e1:<le1:=dee")));
}

#[test]
fn a_signature_must_be_of_the_right_key() {
    let (group, other) = (NodeKeys::from_seed(&[1; 32]), NodeKeys::from_seed(&[2; 32]));
    let bytes = Message::empty().to_bytes(LAG, Some(&group));
    assert!(Message::parse(&bytes, LAG, Some(&group.ed25519_public())).is_ok());
    assert!(Message::parse(&bytes, LAG, Some(&other.ed25519_public())).is_err());
    assert!(Message::parse(&Message::empty().to_bytes(LAG, None), LAG, Some(&group.ed25519_public())).is_err());
}

proptest! {
    #[test]
    fn what_is_written_is_read(seqno: i64, data in data(), old in data()) {
        let mut message = Message { seqno, data, ..Message::empty() };
        message.diff = diff::make(&old, &message.data);
        message.lagged.insert((seqno.saturating_sub(1), [7; 32]), diff::make(&message.data, &old));
        message.trim(LAG);
        let bytes = message.to_bytes(LAG, None);
        let (read, hash) = Message::parse(&bytes, LAG, None).unwrap();
        prop_assert_eq!(&read, &message);
        prop_assert_eq!(hash, blake2b::hash256(&[&bytes]));
    }

    #[test]
    fn what_is_read_is_written_as_it_will_be_read(text in "d1:#i[0-9]e1:&d(1:[ab]i-?[0-9]e){0,2}e(1:[<=Z](de|le|0:)){0,4}e") {
        if let Ok((message, _)) = Message::parse(text.as_bytes(), LAG, None) {
            let again = message.to_bytes(LAG, None);
            prop_assert_eq!(Message::parse(&again, LAG, None).map(|(message, _)| message), Ok(message));
        }
    }

    #[test]
    fn never_panics(text: Vec<u8>) {
        let _ = Message::parse(&text, LAG, None);
    }
}

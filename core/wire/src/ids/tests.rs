use proptest::prelude::*;

use super::*;

fn id() -> AccountId {
    AccountId::from_x25519(&[0xab; 32])
}

#[test]
fn an_id_is_read_however_it_was_copied() {
    let hex = id().to_hex();
    let (start, end) = hex.split_at(20);
    let texts = [
        hex.clone(),
        hex.to_uppercase(),
        format!("  {hex}\n"),
        format!("{start} \r\n {end}"),
        format!("session:{hex}"),
        format!("Session://{hex}"),
    ];
    for text in texts {
        assert_eq!(AccountId::parse(&text), Ok(id()), "{text}");
    }
}

#[test]
fn what_is_wrong_with_an_id_is_said() {
    let hex = id().to_hex();
    assert_eq!(AccountId::parse(&hex[1..]), Err(AccountIdError::Length { characters: 65 }));
    assert_eq!(AccountId::parse(""), Err(AccountIdError::Length { characters: 0 }));
    assert_eq!(AccountId::parse(&hex.replace("ab", "xy")), Err(AccountIdError::Letters));
    assert_eq!(AccountId::parse(&format!("04{}", &hex[2..])), Err(AccountIdError::Prefix { byte: 4 }));
    assert_eq!(AccountId::parse(&"é".repeat(66)), Err(AccountIdError::Letters));
    let followed = format!("{hex}{}{}", " ".repeat(2_000), "ab".repeat(20));
    assert_eq!(AccountId::parse(&followed), Err(AccountIdError::Length { characters: 106 }));
    // Protocols are stricter than people.
    assert!(format!(" {hex}").parse::<AccountId>().is_err());
}

#[test]
fn nobodys_address_stands_in_a_log() {
    assert_eq!(format!("{:?}", id()), "AccountId(05ab…)");
    assert!(!format!("{:?}", Some(id())).contains(&id().to_hex()));
}

#[test]
fn identifiers_are_text_in_json() {
    let json = serde_json::to_string(&(id(), SwarmId(255), NodeId([1; 32]), Namespace(-11), TimestampMs(5))).unwrap();
    assert_eq!(json, format!("[\"{}\",\"ff\",\"{}\",-11,5]", id(), "01".repeat(32)));
    let back: (AccountId, SwarmId, NodeId, Namespace, TimestampMs) = serde_json::from_str(&json).unwrap();
    assert_eq!(back, (id(), SwarmId(255), NodeId([1; 32]), Namespace(-11), TimestampMs(5)));
}

#[test]
fn namespaces_know_who_may_do_what() {
    let public: Vec<i16> = (-45..=45).filter(|n| Namespace(*n).is_public()).collect();
    assert_eq!(public, [-40, -30, -20, -10, 0, 10, 20, 30, 40]);
    let outboxes: Vec<i16> = (-61..=61).filter(|n| Namespace(*n).is_public_outbox()).collect();
    assert_eq!(outboxes, [-61, -41, -21, -1]);
    let revoked: Vec<i16> = (-250..=250).filter(|n| Namespace(*n).is_readable_when_revoked()).collect();
    assert_eq!(revoked, [-211, -111, -11]);
    assert!(Namespace(-10).is_readable_by_all() && !Namespace(0).is_readable_by_all());
    // The ends of the range.
    assert!(!Namespace(i16::MIN).is_public() && !Namespace(i16::MAX).is_public());
}

#[test]
fn namespace_0_is_not_written_in_signed_texts() {
    assert_eq!(Namespace(0).signed_form(), "");
    assert_eq!(Namespace(-11).signed_form(), "-11");
    assert_eq!(Namespaces::All.signed_form(), "all");
}

#[test]
fn message_hashes_have_43_characters() {
    let hash = MessageHash::from_bytes(&[0xfe; 32]);
    assert_eq!(hash.as_str().len(), MessageHash::LENGTH);
    assert_eq!(hash.as_str().parse(), Ok(hash.clone()));
    assert_eq!(hash.to_bytes(), [0xfe; 32]);
    for wrong in ["", "abc", &format!("{hash}="), &hash.as_str().replace('/', "_"), &"*".repeat(43)] {
        assert!(wrong.parse::<MessageHash>().is_err(), "{wrong}");
    }
}

#[test]
fn swarm_ids_take_no_sign_and_no_more_than_64_bits() {
    assert_eq!("ffffffffffffffff".parse(), Ok(SwarmId::NONE));
    for wrong in ["", "+1", "-1", "0x1", "10000000000000000", "g"] {
        assert!(wrong.parse::<SwarmId>().is_err(), "{wrong}");
    }
}

#[test]
fn times_do_not_wrap() {
    assert_eq!(TimestampMs(5).minus_ms(6), TimestampMs(0));
    assert_eq!(TimestampMs(u64::MAX).plus_ms(1), TimestampMs(u64::MAX));
    assert_eq!(TimestampMs(5).distance(TimestampMs(9)), 4);
    assert_eq!(TimestampMs(5).since(TimestampMs(9)), 0);
}

proptest! {
    #[test]
    fn reading_ids_never_panics(text: String) {
        let _ = AccountId::parse(&text);
        let _ = text.parse::<NodeId>();
        let _ = text.parse::<SwarmId>();
        let _ = text.parse::<MessageHash>();
    }

    #[test]
    fn ids_come_back_as_they_were(key: [u8; 32], swarm: u64) {
        for prefix in [Prefix::Account, Prefix::Group, Prefix::Blinded15, Prefix::Blinded25, Prefix::Unblinded] {
            let id = AccountId::new(prefix, &key);
            prop_assert_eq!(AccountId::parse(&id.to_string()), Ok(id));
            prop_assert_eq!((id.prefix(), *id.key()), (prefix, key));
        }
        prop_assert_eq!(NodeId(key).to_hex().parse(), Ok(NodeId(key)));
        prop_assert_eq!(SwarmId(swarm).to_string().parse(), Ok(SwarmId(swarm)));
        let hash = MessageHash::from_bytes(&key);
        prop_assert_eq!(hash.to_bytes(), key);
    }
}

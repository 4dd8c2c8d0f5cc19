use proptest::prelude::*;

use super::*;
use crate::proto::typing_message::Action;

/// One field as it stands on the wire: number, wire type, payload.
fn field(number: u32, wire_type: u32, payload: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    prost::encoding::encode_varint(u64::from(number << 3 | wire_type), &mut out);
    if wire_type == 2 {
        prost::encoding::encode_varint(payload.len() as u64, &mut out);
    }
    out.extend_from_slice(payload);
    out
}

fn text(number: u32, text: &[u8]) -> Vec<u8> {
    field(number, 2, text)
}

fn data_message(inner: &[u8]) -> Result<DataMessage, Error> {
    decode::<Content>(&field(1, 2, inner)).map(|content| content.data_message.unwrap())
}

#[test]
fn bad_text_is_replaced_and_not_dropped() {
    assert_eq!(data_message(&text(1, b"a\xffb")).unwrap().body(), "a\u{fffd}b");
}

#[test]
fn a_missing_required_field_drops_the_whole_message() {
    // A typing message needs timestamp and action.
    assert!(decode::<TypingMessage>(&field(1, 0, &[5])).is_err());
    assert!(decode::<Content>(&field(6, 2, &field(1, 0, &[5]))).is_err());
    // An attachment needs its ID.
    assert!(data_message(&text(2, &text(2, b"image/png"))).is_err());
}

#[test]
fn an_unknown_enum_value_counts_as_absent() {
    let typing = |action: u8| decode::<TypingMessage>(&[field(1, 0, &[5]), field(2, 0, &[action])].concat());
    assert_eq!(typing(1).unwrap().action(), Action::Stopped);
    assert!(typing(2).is_err(), "required and unknown: missing");
    let content: Content = decode(&field(12, 0, &[9])).unwrap();
    assert_eq!(content.expiration_type, None);
    // A known value stands though an unknown one follows.
    let content: Content = decode(&[field(12, 0, &[1]), field(12, 0, &[9])].concat()).unwrap();
    assert_eq!(content.expiration_type, Some(1));
}

#[test]
fn fields_of_another_wire_type_are_as_if_unknown() {
    let message = data_message(&[text(1, b"hi"), field(1, 0, &[7]), field(4, 2, b"x")].concat()).unwrap();
    assert_eq!((message.body(), message.flags), ("hi", None));
    // Fixed64 where a varint should be, and the reverse.
    let content: Content = decode(&field(15, 1, &[1; 8])).unwrap();
    assert_eq!(content.sig_timestamp, None);
    assert!(decode::<AttachmentPointer>(&field(1, 0, &[5])).is_err());
}

#[test]
fn unknown_fields_of_every_form_are_passed_over() {
    let group = [field(90, 3, &field(1, 0, &[1])), field(90, 4, &[])].concat();
    let unknown = [field(77, 0, &[1]), field(78, 1, &[0; 8]), text(79, b"x"), field(80, 5, &[0; 4]), group].concat();
    let message = data_message(&[unknown.clone(), text(1, b"hi"), unknown].concat()).unwrap();
    assert_eq!(message.body(), "hi");
}

#[test]
fn repeated_occurrences_of_one_field_merge() {
    let timestamp = field(6, 2, &field(1, 0, &[5]));
    let action = field(6, 2, &field(2, 0, &[1]));
    let content: Content = decode(&[timestamp, action].concat()).unwrap();
    assert_eq!(content.typing_message.unwrap().timestamp, 5);
    assert_eq!(data_message(&[text(1, b"first"), text(1, b"last")].concat()).unwrap().body(), "last");
}

#[test]
fn packed_and_unpacked_numbers_are_read_alike() {
    let packed = [field(1, 0, &[1]), text(2, &[5, 6])].concat();
    let unpacked = [field(1, 0, &[1]), field(2, 0, &[5]), field(2, 0, &[6])].concat();
    let receipt: ReceiptMessage = decode(&packed).unwrap();
    assert_eq!(receipt.timestamp, [5, 6]);
    assert_eq!(receipt.encode_to_vec(), unpacked, "written unpacked");
    assert!(decode::<ReceiptMessage>(&[field(1, 0, &[1]), text(2, &[0x80])].concat()).is_err());
}

#[test]
fn bytes_that_are_no_message_are_refused() {
    let wrong: [&[u8]; 9] = [
        &[0],                                                                // field number 0
        &[8],                                                                // value missing
        &[10, 5, 1],                                                         // shorter than it says
        &[9, 1, 2],                                                          // fixed64 cut
        &[8, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 1], // endless varint
        &[12],                                                               // end of a group that did not begin
        &[11],                                                               // group that does not end
        &[14],                                                               // no such wire type
        &[0x0a, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0x7f],       // length beyond memory
    ];
    for bytes in wrong {
        assert!(decode::<Content>(bytes).is_err(), "{bytes:?}");
    }
}

#[test]
fn groups_nested_deeper_than_messages_ever_are_get_refused() {
    let nested = |levels: usize| [[11].repeat(levels), [12].repeat(levels)].concat();
    assert!(decode::<Content>(&nested(9)).is_ok());
    assert!(decode::<Content>(&nested(10)).is_err());
    assert!(decode_bounded::<Content>(&nested(1_000_000), usize::MAX).is_err());
}

#[test]
fn larger_than_a_swarm_keeps_is_not_looked_at() {
    let large = text(99, &vec![0; MAX_MESSAGE]);
    assert_eq!(decode::<Content>(&large).err(), Some(Error::too_long("message", MAX_MESSAGE)));
    assert!(decode_bounded::<Content>(&large, 2 * MAX_MESSAGE).is_ok());
}

#[test]
fn debug_shows_the_type_and_nothing_of_what_people_write() {
    let message = data_message(&text(1, b"secret")).unwrap();
    assert_eq!(format!("{message:?}"), "DataMessage");
    let quote = data_message::Quote { author: "05ab".into(), ..Default::default() };
    assert_eq!(format!("{quote:?}"), "data_message::Quote");
}

proptest! {
    #[test]
    fn never_panics(bytes: Vec<u8>) {
        let _ = decode::<Content>(&bytes);
        let _ = decode::<Envelope>(&bytes);
        let _ = decode::<WebSocketMessage>(&bytes);
    }

    #[test]
    fn cut_or_changed_messages_never_panic(body: String, at in 0..200_usize, with: u8) {
        let content = Content {
            data_message: Some(DataMessage { body: Some(body), ..Default::default() }),
            typing_message: Some(TypingMessage { timestamp: 7, action: 1 }),
            sig_timestamp: Some(7),
            ..Default::default()
        };
        let mut bytes = content.encode_to_vec();
        let at = at % bytes.len();
        let _ = decode::<Content>(&bytes[..at]);
        bytes[at] = with;
        let _ = decode::<Content>(&bytes);
    }

    #[test]
    fn what_was_read_reads_the_same_again(bytes: Vec<u8>) {
        if let Ok(content) = decode::<Content>(&bytes) {
            let written = content.encode_to_vec();
            prop_assert_eq!(decode::<Content>(&written).unwrap().encode_to_vec(), written);
        }
    }
}

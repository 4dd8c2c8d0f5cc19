use super::*;
use crate::proto::data_message::{Quote, reaction::Action};
use crate::proto::{AttachmentPointer, GroupUpdateMemberLeftMessage, call_message, typing_message};

const T: TimestampMs = TimestampMs(100);

fn data(message: DataMessage) -> Content {
    Content { data_message: Some(message), ..Default::default() }
}

fn call(kind: call_message::Type, sdps: usize, places: usize) -> Content {
    let call = CallMessage {
        r#type: kind.into(),
        sdps: vec!["v=0".to_owned(); sdps],
        sdp_m_line_indexes: vec![0; places],
        sdp_mids: vec!["0".to_owned(); places],
        uuid: "7d1f3b6e-3c1c-4b0b-9d52-0c5f1c9c6c11".to_owned(),
    };
    Content { call_message: Some(call), ..Default::default() }
}

#[test]
fn a_message_that_shows_nothing_is_dropped() {
    let blank = DataMessage { body: Some(" \n".to_owned()), ..Default::default() };
    assert_eq!(classify(&data(blank), T).err(), Some(Dropped::Empty));
    assert_eq!(classify(&data(DataMessage::default()), T).err(), Some(Dropped::Empty));
    let quoting = DataMessage { quote: Some(Quote::default()), ..Default::default() };
    assert!(matches!(classify(&data(quoting), T), Ok(Kind::Visible(_))));
    assert_eq!(classify(&Content::default(), T).err(), Some(Dropped::Nothing));
}

#[test]
fn of_several_fields_the_first_in_order_counts() {
    let mut content = call(call_message::Type::Offer, 1, 0);
    content.typing_message = Some(TypingMessage { timestamp: T.0, action: typing_message::Action::Started.into() });
    assert!(matches!(classify(&content, T), Ok(Kind::Typing(_))));
    content.data_message = Some(DataMessage { body: Some("hi".to_owned()), ..Default::default() });
    assert!(matches!(classify(&content, T), Ok(Kind::Visible(_))));
}

#[test]
fn a_timer_change_has_its_flag_alone() {
    let flagged = |flags| DataMessage { flags: Some(flags), body: Some("hi".to_owned()), ..Default::default() };
    assert!(matches!(classify(&data(flagged(2)), T), Ok(Kind::TimerChange(_))));
    assert!(matches!(classify(&data(flagged(0)), T), Ok(Kind::Visible(_))));
    for flags in [1, 3, 4, u32::MAX] {
        assert_eq!(classify(&data(flagged(flags)), T).err(), Some(Dropped::Flags));
    }
}

#[test]
fn attachments_are_counted() {
    let with = |count| DataMessage { attachments: vec![AttachmentPointer::default(); count], ..Default::default() };
    assert!(classify(&data(with(32)), T).is_ok());
    assert_eq!(classify(&data(with(33)), T).err(), Some(Dropped::Attachments));
}

#[test]
fn a_reaction_needs_an_emoji_of_some_length() {
    let with = |emoji: &str| {
        let reaction =
            Reaction { id: 1, author: String::new(), emoji: Some(emoji.to_owned()), action: Action::React.into() };
        data(DataMessage { reaction: Some(reaction), ..Default::default() })
    };
    assert!(matches!(classify(&with("😂"), T), Ok(Kind::Reaction(_))));
    assert_eq!(classify(&with(""), T).err(), Some(Dropped::Reaction));
    assert_eq!(classify(&with(&"x".repeat(65)), T).err(), Some(Dropped::Reaction));
}

#[test]
fn typing_must_carry_the_messages_own_time() {
    let typing = TypingMessage { timestamp: 99, action: typing_message::Action::Started.into() };
    let content = Content { typing_message: Some(typing), ..Default::default() };
    assert_eq!(classify(&content, T).err(), Some(Dropped::Typing));
}

#[test]
fn call_messages_need_what_their_type_carries() {
    use call_message::Type;
    for (kind, sdps, places, fits) in [
        (Type::PreOffer, 0, 0, true),
        (Type::EndCall, 0, 0, true),
        (Type::Offer, 1, 0, true),
        (Type::Offer, 0, 0, false),
        (Type::Answer, 0, 0, false),
        (Type::IceCandidates, 2, 2, true),
        (Type::IceCandidates, 2, 1, false),
        (Type::IceCandidates, 0, 0, false),
    ] {
        assert_eq!(classify(&call(kind, sdps, places), T).is_ok(), fits, "{kind:?} {sdps} {places}");
    }
}

#[test]
fn a_group_update_must_say_something_known() {
    let update = |update| data(DataMessage { group_update_message: Some(update), ..Default::default() });
    assert_eq!(classify(&update(GroupUpdateMessage::default()), T).err(), Some(Dropped::Nothing));
    let left =
        GroupUpdateMessage { member_left_message: Some(GroupUpdateMemberLeftMessage::default()), ..Default::default() };
    assert!(matches!(classify(&update(left), T), Ok(Kind::GroupControl(_))));
}

#[test]
fn from_ourselves_only_what_our_devices_send_each_other() {
    use call_message::Type;
    let accepted = |content: &Content| classify(content, T).unwrap().is_accepted_from_self();
    assert!(accepted(&data(DataMessage { body: Some("hi".to_owned()), ..Default::default() })));
    assert!(accepted(&call(Type::Answer, 1, 0)) && accepted(&call(Type::EndCall, 0, 0)));
    assert!(!accepted(&call(Type::Offer, 1, 0)) && !accepted(&call(Type::PreOffer, 0, 0)));
    let receipt = ReceiptMessage { r#type: ReceiptType::Read.into(), timestamp: vec![1] };
    assert!(!accepted(&Content { receipt_message: Some(receipt), ..Default::default() }));
}

#[test]
fn timers_are_off_when_either_part_is() {
    let mut content = Content::default();
    for timer in [Expiration::Off, Expiration::AfterRead(60), Expiration::AfterSend(60)] {
        set_expiration(&mut content, timer);
        assert_eq!(expiration(&content), timer);
    }
    set_expiration(&mut content, Expiration::AfterRead(0));
    assert_eq!(expiration(&content), Expiration::Off);
    let unknown = Content { expiration_timer: Some(60), ..Default::default() };
    assert_eq!(expiration(&unknown), Expiration::Off);
}

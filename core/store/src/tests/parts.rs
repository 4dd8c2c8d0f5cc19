//! What messages hold besides their text.

use super::*;
use crate::{
    AttachmentKind, AttachmentRole, AttachmentState, Error, Invitation, MessageRef, NewAttachment, Page, Pointer,
    Preview,
};

pub(super) fn picture(name: &str) -> NewAttachment {
    NewAttachment {
        role: AttachmentRole::File,
        content_type: "image/jpeg".to_owned(),
        file_name: name.to_owned(),
        size: 4_000_000_000,
        width: 640,
        height: 480,
        duration_ms: 0,
        caption: "at the lake".to_owned(),
        pointer: Pointer { url: "https://files/file/7".to_owned(), key: vec![1; 64], digest: vec![2; 32] },
        state: AttachmentState::Idle,
        file: None,
        thumbnail: None,
        waveform: vec![3; 40],
    }
}

#[test]
fn a_message_comes_back_with_all_that_it_holds() {
    let mut home = Home::new();
    let conversation = home.conversation(2);
    let (first, answer) = home
        .store
        .write(|tx| {
            let first = tx.insert_message(&incoming(conversation, person(2), NOW, "look"), NOW)?.id();
            let new = [picture("a.jpg"), picture("b.jpg")];
            tx.insert_attachments(first, &new)?;
            let preview = Preview { url: "https://example.org".to_owned(), title: "Example".to_owned() };
            tx.insert_preview(first, &preview)?;
            let invitation = Invitation { url: "https://rooms/lake".to_owned(), name: "Lake".to_owned() };
            tx.insert_invitation(first, &invitation)?;
            let of = MessageRef { author: person(2), sent_at: NOW };
            let answer = NewMessage { quote: Some(of), ..incoming(conversation, person(2), after(1), "as I said") };
            Ok::<_, Error>((first, tx.insert_message(&answer, NOW)?.id()))
        })
        .unwrap();
    let page = home.reopened().store.messages(conversation, Page::Newest, 10).unwrap();
    let [looked, answered] = &page[..] else { panic!("two messages") };
    assert_eq!((looked.id, answered.id), (first, answer));
    let names: Vec<_> = looked.attachments.iter().map(|a| (a.position, a.file_name.as_str(), a.size)).collect();
    assert_eq!(names, [(0, "a.jpg", 4_000_000_000), (1, "b.jpg", 4_000_000_000)]);
    assert_eq!(looked.attachments[0].pointer, picture("").pointer);
    assert_eq!(looked.attachments[1].waveform, [3; 40]);
    assert_eq!(looked.preview.as_ref().unwrap().title, "Example");
    assert_eq!(looked.invitation.as_ref().unwrap().name, "Lake");
    let original = answered.quote.as_ref().unwrap().original.as_ref().unwrap();
    let kind = AttachmentKind { role: AttachmentRole::File, content_type: "image/jpeg".to_owned() };
    assert_eq!((original.id, original.text.as_str(), &original.attachment), (first, "look", &Some(kind)));
    assert!(answered.attachments.is_empty() && answered.preview.is_none());
}

#[test]
fn a_quote_is_looked_for_in_its_own_conversation_only() {
    let mut home = Home::new();
    let (with_bob, with_carol) = (home.conversation(2), home.conversation(3));
    let of = MessageRef { author: person(2), sent_at: NOW };
    let id = home
        .store
        .write(|tx| {
            tx.insert_message(&incoming(with_bob, person(2), NOW, "for you alone"), NOW)?;
            let asks = NewMessage { quote: Some(of), ..incoming(with_carol, person(3), after(1), "what did he say?") };
            Ok::<_, Error>(tx.insert_message(&asks, NOW)?.id())
        })
        .unwrap();
    let quote = home.store.message(id).unwrap().quote.unwrap();
    assert_eq!((quote.of, quote.original), (of, None));
}

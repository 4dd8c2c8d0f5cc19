//! Galleries: what stands in which tab, by pages, and what it takes up.

use super::*;
use crate::{AttachmentRole, AttachmentState, Error, MediaKind, MessageId, NewAttachment, Pointer, Tx};

fn file(role: AttachmentRole, content_type: &str) -> NewAttachment {
    NewAttachment {
        role,
        content_type: content_type.to_owned(),
        file_name: "a".to_owned(),
        size: 10,
        width: 0,
        height: 0,
        duration_ms: 0,
        caption: String::new(),
        pointer: Pointer::default(),
        state: AttachmentState::Idle,
        file: None,
        thumbnail: None,
        waveform: Vec::new(),
    }
}

fn say(tx: &Tx<'_>, id: ConversationId, at: u64, text: &str, files: &[NewAttachment]) -> Result<MessageId, Error> {
    let message = tx.insert_message(&incoming(id, person(2), after(at), text), NOW)?.id();
    tx.insert_attachments(message, files)?;
    tx.index_text(message, text)?;
    Ok(message)
}

fn shown(home: &Home, id: ConversationId, kind: MediaKind) -> Vec<MessageId> {
    home.store.gallery(id, kind, None, 100).unwrap().into_iter().map(|item| item.place.message).collect()
}

#[test]
fn each_kind_stands_in_its_tab_newest_first() {
    let mut home = Home::new();
    let (id, other) = (home.conversation(2), home.conversation(3));
    let (image, video) = (file(AttachmentRole::File, "image/png"), file(AttachmentRole::File, "video/mp4"));
    let (paper, voice) = (file(AttachmentRole::File, "application/pdf"), file(AttachmentRole::Voice, "audio/mpeg"));
    let preview = file(AttachmentRole::Preview, "image/png");
    let ids = home
        .store
        .write(|tx| {
            say(tx, other, 0, "https://elsewhere.example", std::slice::from_ref(&image))?;
            Ok::<_, Error>([
                say(tx, id, 1, "two", &[image, video])?,
                say(tx, id, 2, "paper", &[paper])?,
                say(tx, id, 3, "voice", &[voice])?,
                say(tx, id, 4, "see https://a.example and https://b.example.", &[preview])?,
                say(tx, id, 5, "nothing", &[])?,
            ])
        })
        .unwrap();
    assert_eq!(shown(&home, id, MediaKind::Media), [ids[0], ids[0]]);
    assert_eq!(shown(&home, id, MediaKind::Files), [ids[1]]);
    assert_eq!(shown(&home, id, MediaKind::Voice), [ids[2]]);
    let links = home.store.gallery(id, MediaKind::Links, None, 10).unwrap();
    assert_eq!(links[0].links, ["https://a.example", "https://b.example"]);
    let first = home.store.gallery(id, MediaKind::Media, None, 1).unwrap().remove(0);
    assert_eq!(first.attachment.unwrap().content_type, "video/mp4");
    let second = home.store.gallery(id, MediaKind::Media, Some(first.place), 5).unwrap().remove(0);
    assert_eq!(second.attachment.unwrap().content_type, "image/png");

    home.store
        .write(|tx| {
            // A picture that is none moves; what is taken back or deleted goes.
            tx.connection
                .execute("UPDATE attachment SET content_type = 'text/html' WHERE content_type = 'image/png'", [])?;
            tx.connection.execute("UPDATE message SET deleted = 1, body = '' WHERE id = ?1", [ids[3]])?;
            tx.delete_message(ids[2])
        })
        .unwrap();
    assert_eq!(shown(&home, id, MediaKind::Media), [ids[0]]);
    assert_eq!(shown(&home, id, MediaKind::Files), [ids[1], ids[0]]);
    assert!(shown(&home, id, MediaKind::Voice).is_empty() && shown(&home, id, MediaKind::Links).is_empty());
    home.store.write(|tx| tx.delete_conversation(id)).unwrap();
    let left: i64 = home.store.connection.query_row("SELECT count(*) FROM gallery", [], |row| row.get(0)).unwrap();
    assert_eq!(left, 2, "those of the other conversation");
}

#[test]
fn what_files_take_up_is_told_by_conversation_and_kind() {
    let mut home = Home::new();
    let id = home.conversation(2);
    home.store
        .write(|tx| {
            let name = |number: u8| hex_name(number);
            let whole = tx.insert_file(&name(1), &[1; 32], 1_000, NOW)?;
            let small = tx.insert_file(&name(2), &[1; 32], 10, NOW)?;
            let sound = tx.insert_file(&name(3), &[1; 32], 300, NOW)?;
            let face = tx.insert_file(&name(4), &[1; 32], 7, NOW)?;
            let image =
                NewAttachment { file: Some(whole), thumbnail: Some(small), ..file(AttachmentRole::File, "image/png") };
            let voice = NewAttachment { file: Some(sound), ..file(AttachmentRole::Voice, "audio/mpeg") };
            say(tx, id, 1, "x", &[image, voice])?;
            tx.connection.execute("INSERT INTO picture(url, key, state, file) VALUES('u', x'01', 2, ?1)", [face])?;
            Ok::<_, Error>(())
        })
        .unwrap();
    let mut found: Vec<_> =
        home.store.storage_use().unwrap().into_iter().map(|one| (one.conversation, one.kind, one.bytes)).collect();
    found.sort();
    assert_eq!(
        found,
        [
            (None, MediaKind::Media, 7),
            (Some(id), MediaKind::Media, 10),
            (Some(id), MediaKind::Media, 1_000),
            (Some(id), MediaKind::Voice, 300),
        ]
    );
}

fn hex_name(number: u8) -> String {
    format!("{number:032x}")
}

#[test]
fn old_messages_are_trimmed_step_by_step() {
    let mut home = Home::new();
    let (one, two) = (home.conversation(2), home.conversation(3));
    home.store
        .write(|tx| {
            for time in 0..10 {
                say(tx, one, time, "x", &[])?;
                say(tx, two, time, "x", &[])?;
            }
            Ok::<_, Error>(())
        })
        .unwrap();
    let mut steps = Vec::new();
    loop {
        let removed = home.store.write(|tx| tx.trim(after(7), 4)).unwrap().len();
        if removed == 0 {
            break;
        }
        steps.push(removed);
    }
    assert_eq!(steps, [4, 4, 4, 2]);
    assert_eq!(home.store.counts().unwrap().messages, 6);
    let found = home.store.search(&crate::Search { text: "x".to_owned(), ..crate::Search::default() }, None, 100);
    assert_eq!(found.unwrap().hits.len(), 6);
}

//! Files, what names them, and attachments on the move.

use super::parts::picture;
use super::*;
use crate::{Arrived, AttachmentState, Error, FileId, NewAttachment, Pointer, Tx};

fn at(seconds: u64) -> TimestampMs {
    TimestampMs(NOW.0 + seconds * 1_000)
}

fn file(tx: &Tx<'_>, number: u8) -> Result<FileId, Error> {
    tx.insert_file(&format!("{number:032x}"), &[number; 32], 1_000, NOW)
}

fn outgoing(name: &str, file: FileId) -> NewAttachment {
    NewAttachment { pointer: Pointer::default(), state: AttachmentState::Moving, file: Some(file), ..picture(name) }
}

#[test]
fn a_file_is_forgotten_with_the_last_row_that_names_it() {
    let mut home = Home::new();
    let conversation = home.conversation(2);
    let (first, second, draft) = home
        .store
        .write(|tx| {
            let (shared, small, draft) = (file(tx, 1)?, file(tx, 2)?, file(tx, 3)?);
            let first = tx.insert_message(&incoming(conversation, person(2), NOW, "one"), NOW)?.id();
            let second = tx.insert_message(&incoming(conversation, person(2), at(1), "two"), NOW)?.id();
            let attachment = NewAttachment { thumbnail: Some(small), ..outgoing("a", shared) };
            tx.insert_attachments(first, &[attachment])?;
            tx.insert_attachments(second, &[outgoing("b", shared)])?;
            Ok::<_, Error>((first, second, draft))
        })
        .unwrap();
    let mut forget = |work: &dyn Fn(&Tx<'_>) -> Result<(), Error>| {
        home.store
            .write(|tx| {
                work(tx)?;
                tx.forget_unused_files()
            })
            .unwrap()
    };
    assert_eq!(forget(&|tx| tx.take_back(first)), [format!("{:032x}", 2)], "another message still names the other");
    assert_eq!(forget(&|tx| tx.delete_message(second).map(drop)), [format!("{:032x}", 1)]);
    assert_eq!(home.store.file_names().unwrap().len(), 1, "what was not in use yet is left alone");
    let forgotten = home.store.write(|tx| Ok::<_, Error>(tx.forget_all_unused_files()?.len()));
    assert_eq!(forgotten.unwrap(), 1, "until the next start");
    assert!(home.store.file(draft).is_err());
}

#[test]
fn files_of_a_deleted_conversation_are_forgotten_with_it() {
    let mut home = Home::new();
    let conversation = home.conversation(2);
    let forgotten = home.store.write(|tx| {
        let id = tx.insert_message(&incoming(conversation, person(2), NOW, "one"), NOW)?.id();
        let kept = file(tx, 1)?;
        tx.insert_attachments(id, &[outgoing("a", kept)])?;
        tx.connection.execute("DELETE FROM conversation WHERE id = ?1", [conversation])?;
        tx.forget_unused_files()
    });
    assert_eq!(forgotten.unwrap().len(), 1);
}

#[test]
fn uploads_complete_a_message_with_the_last() {
    let mut home = Home::new();
    let conversation = home.conversation(2);
    let pointer = Pointer { url: "https://files/file/7".to_owned(), key: vec![1; 64], digest: vec![2; 32] };
    home.store
        .write(|tx| {
            let message = tx.insert_message(&incoming(conversation, person(2), NOW, "one"), NOW)?.id();
            let files = [outgoing("a", file(tx, 1)?), outgoing("b", file(tx, 2)?)];
            let ids = tx.insert_attachments(message, &files)?;
            assert_eq!(tx.uploads_waiting()?, 2);
            assert_eq!(tx.transfers_due(NOW, 10)?.iter().map(|due| due.id).collect::<Vec<_>>(), ids);
            assert!(!tx.set_uploaded(ids[0], &pointer, Some(at(60)))?);
            tx.postpone_transfer(ids[1], 1, at(30), "no answer")?;
            assert!(tx.transfers_due(NOW, 10)?.is_empty());
            assert_eq!(tx.next_transfer(NOW)?, Some(at(30)));
            tx.hasten_transfers(NOW)?;
            assert_eq!(tx.transfers_due(NOW, 10)?.len(), 1);
            assert!(tx.set_uploaded(ids[1], &pointer, None)?);
            assert_eq!(tx.uploads_waiting()?, 0);
            assert!(matches!(tx.set_uploaded(crate::AttachmentId(99), &pointer, None), Err(Error::Unknown { .. })));
            Ok::<_, Error>(())
        })
        .unwrap();
}

#[test]
fn a_download_is_wanted_given_up_wanted_again_and_here() {
    let mut home = Home::new();
    let conversation = home.conversation(2);
    home.store
        .write(|tx| {
            let message = tx.insert_message(&incoming(conversation, person(2), NOW, "one"), NOW)?.id();
            let id = tx.insert_attachments(message, &[picture("a.jpg")])?[0];
            assert_eq!(tx.idle_attachments(conversation, NOW)?.len(), 1);
            assert!(tx.idle_attachments(conversation, at(1))?.is_empty());
            assert!(tx.want(id, NOW)?);
            assert_eq!(tx.transfers()?, [id]);
            tx.end_transfer(id, AttachmentState::Gone, "the file is gone")?;
            assert_eq!(tx.attachment(id)?.state, AttachmentState::Gone);
            assert!(tx.want(id, NOW)?);
            let arrived = Arrived {
                file: file(tx, 1)?,
                content_type: "image/png".to_owned(),
                width: 0,
                height: 0,
                duration_ms: 0,
                thumbnail: None,
                waveform: Vec::new(),
            };
            tx.set_arrived(id, &arrived)?;
            let here = tx.attachment(id)?;
            assert_eq!((here.state, here.width, here.failure.as_str()), (AttachmentState::Done, 640, ""));
            assert!(!tx.want(id, NOW)?);
            assert_eq!(tx.trusted(conversation)?, None);
            tx.set_trusted(conversation, false)?;
            assert_eq!(tx.trusted(conversation)?, Some(false));
            Ok::<_, Error>(())
        })
        .unwrap();
}

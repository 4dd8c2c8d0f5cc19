//! Files, what names them, and attachments on the move.

use super::parts::picture;
use super::*;
use crate::{Arrived, AttachmentState, Error, FileId, NewAttachment, OldFiles, PicturePointer, Pointer, SpaceUse, Tx};

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
            let old = |before, conversation| OldFiles { before, conversation };
            assert_eq!(tx.space_in(&old(NOW, None))?, SpaceUse::default(), "it is not older");
            assert_eq!(tx.space_in(&old(at(1), Some(crate::ConversationId(99))))?, SpaceUse::default());
            assert_eq!(tx.free_files(&old(at(1), Some(conversation)))?, SpaceUse { files: 1, bytes: 1_000 });
            assert_eq!((tx.attachment(id)?.state, tx.attachment(id)?.file), (AttachmentState::Idle, None));
            assert_eq!(tx.forget_unused_files()?.len(), 1);
            assert!(tx.want(id, NOW)?, "it can be fetched again");
            assert_eq!(tx.trusted(conversation)?, None);
            tx.set_trusted(conversation, false)?;
            assert_eq!(tx.trusted(conversation)?, Some(false));
            Ok::<_, Error>(())
        })
        .unwrap();
}

#[test]
fn pictures_of_people_whom_we_accepted_are_wanted_and_of_no_strangers() {
    let mut home = Home::new();
    let profile = |url| crate::Profile { name: "Bob", updated_s: 1, picture_url: url, picture_key: &[7; 32] };
    home.store
        .write(|tx| {
            tx.update_profile(&person(2), &profile("http://files/file/2"), NOW)?;
            tx.update_profile(&person(3), &profile("http://files/file/3"), NOW)?;
            tx.set_approved(&person(2), true, NOW)?;
            assert_eq!((tx.want_pictures(NOW)?, tx.want_pictures(NOW)?), (1, 0));
            let due = tx.pictures_due(NOW, 10)?;
            assert_eq!((due.len(), due[0].pointer.url.as_str()), (1, "http://files/file/2"));
            tx.postpone_picture(&due[0].pointer, 1, at(30), "no answer")?;
            assert_eq!(tx.next_picture(NOW)?, Some(at(30)));
            let here = file(tx, 1)?;
            tx.set_picture_here(&due[0].pointer, here)?;
            assert_eq!((tx.picture_of(&person(2))?, tx.picture_of(&person(3))?), (Some(here), None));
            // A stranger who claims the same picture stays without one until we accept them.
            tx.update_profile(&person(4), &profile("http://files/file/2"), NOW)?;
            let portrait = |who, conversation| crate::Portrait { account: who, conversation, file: here };
            assert_eq!(tx.portraits()?, [portrait(person(2), None)]);
            let with = tx.open_conversation(&crate::Peer::person(&person(4)), NOW)?;
            tx.set_approved(&person(4), true, NOW)?;
            assert_eq!(tx.portraits()?, [portrait(person(2), None), portrait(person(4), Some(with))]);
            tx.update_profile(&person(4), &crate::Profile { updated_s: 2, ..profile("") }, NOW)?;
            tx.update_profile(&person(2), &crate::Profile { updated_s: 2, ..profile("http://files/file/4") }, NOW)?;
            assert_eq!(tx.picture_of(&person(2))?, None);
            assert_eq!((tx.drop_old_pictures()?, tx.forget_unused_files()?.len()), (1, 1));
            Ok::<_, Error>(())
        })
        .unwrap();
}

#[test]
fn our_picture_is_shown_to_others_as_it_was_until_the_new_one_is_uploaded() {
    let mut home = Home::new();
    let pointer = |number| PicturePointer { url: format!("http://files/file/{number}"), key: vec![number; 32] };
    home.store
        .write(|tx| {
            let (first, second) = (file(tx, 1)?, file(tx, 2)?);
            tx.choose_picture(first)?;
            tx.set_picture_uploaded(&pointer(1), first, false, at(10))?;
            tx.choose_picture(second)?;
            let own = tx.own_picture()?;
            assert_eq!((own.pointer, own.file, own.pending), (Some(pointer(1)), Some(second), true));
            tx.set_picture_uploaded(&pointer(3), first, true, at(15))?;
            assert!(tx.own_picture()?.pending, "the one that was chosen meanwhile is still to be uploaded");
            tx.set_picture_uploaded(&pointer(2), second, false, at(20))?;
            let own = tx.own_picture()?;
            assert_eq!((own.pointer, own.pending, own.updated_s), (Some(pointer(2)), false, at(20).0 / 1_000));
            tx.set_picture_uploaded(&pointer(4), second, true, at(900))?;
            let own = tx.own_picture()?;
            assert_eq!((own.uploaded_at, own.updated_s), (at(900), at(20).0 / 1_000), "the profile did not change");
            tx.remove_picture(at(1_000))?;
            let own = tx.own_picture()?;
            assert_eq!((own.pointer, own.file, own.pending), (None, None, false));
            assert_eq!(tx.forget_unused_files()?.len(), 2);
            Ok::<_, Error>(())
        })
        .unwrap();
}

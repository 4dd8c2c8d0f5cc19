//! What a command to send leaves in the database.

mod kinds;

use tacit_store::{OutboxRow, Page, Phase, Purpose};
use tacit_wire::TimestampMs;

use super::sealer::Sealer;
use super::*;
use crate::inbox::{Incoming, What, read_for_tests};
use crate::testing::{Home, NOW, account, after};

fn read(data: &[u8], keys: &tacit_crypto::AccountKeys, me: &AccountId) -> Incoming {
    read_for_tests(data, keys, me).unwrap()
}

/// The text of a message that was opened.
fn said(incoming: &Incoming) -> &str {
    let What::Visible(visible) = &incoming.what else { panic!("a message to show") };
    &visible.text
}

impl Home {
    fn sealer(&self) -> Sealer {
        Sealer { keys: self.keys.clone(), me: self.me }
    }

    fn sends(&mut self, conversation: ConversationId, text: &str, now: TimestampMs) -> MessageId {
        self.try_to_send(conversation, text, now).unwrap()
    }

    fn try_to_send(&mut self, conversation: ConversationId, text: &str, now: TimestampMs) -> Result<MessageId, Error> {
        self.sealer().queue(&mut self.store, conversation, &Draft::text(text), now)
    }

    fn rows_of(&self, message: MessageId) -> Vec<OutboxRow> {
        self.store.outbox_of(message).unwrap()
    }

    /// Takes what goes out next, as the outbox does; nothing of it is stored.
    fn due(&mut self) -> Vec<OutboxRow> {
        self.store.write::<_, tacit_store::Error>(|tx| tx.claim_due(after(1_000_000), 100)).unwrap()
    }
}

#[test]
fn a_message_is_durable_with_what_goes_to_them_and_to_our_other_devices() {
    let (mut home, (bob_keys, bob)) = (Home::new(), account(2));
    let conversation = home.conversation(&bob);
    home.store.write(|tx| tx.set_draft(conversation, "hel")).unwrap();
    let id = home.sends(conversation, "hello", NOW);
    let home = home.reopened();
    let message = home.store.message(id).unwrap();
    assert_eq!((message.text.as_str(), &message.state), ("hello", &State::Queued));
    assert_eq!(home.store.conversation(conversation).unwrap().draft, "");
    assert!(home.store.contact(&bob).unwrap().unwrap().approved);

    let rows = home.rows_of(id);
    let [deliver, own] = &rows[..] else { panic!("two rows") };
    assert_eq!((deliver.recipient, deliver.purpose, deliver.phase), (bob, Purpose::Deliver, Phase::Waiting));
    assert_eq!((own.recipient, own.purpose, own.phase), (home.me, Purpose::CopyToSelf, Phase::Held));
    let came = read(&deliver.data, &bob_keys, &bob);
    assert_eq!((came.from, came.sent_at, said(&came)), (home.me, message.sent_at, "hello"));
    assert_eq!(came.profile.unwrap().name, "Ada");
    let copy = read(&own.data, &home.keys, &home.me);
    assert_eq!((copy.from, copy.peer, copy.sent_at, said(&copy)), (home.me, bob, message.sent_at, "hello"));
    assert_eq!(copy.profile, None);
}

#[test]
fn no_two_messages_have_the_same_time_whatever_the_clock_does() {
    let (mut home, (_, bob), (_, carol)) = (Home::new(), account(2), account(3));
    let (with_bob, with_carol) = (home.conversation(&bob), home.conversation(&carol));
    let mut times = Vec::new();
    // Three in one millisecond, a clock set back by a day, a restart, and a clock that runs again.
    for now in [NOW, NOW, NOW, TimestampMs(NOW.0 - 86_400_000), TimestampMs(0), after(1), after(5_000), after(4_000)] {
        for conversation in [with_bob, with_carol] {
            let id = home.sends(conversation, "x", now);
            times.push(home.store.message(id).unwrap().sent_at);
            home = home.reopened();
        }
    }
    assert!(times.windows(2).all(|pair| pair[0] < pair[1]), "{times:?}");
    assert_eq!(times[0], NOW);
    assert_eq!(times[12], after(5_000), "a clock that is ahead is followed");
}

#[test]
fn a_note_to_self_goes_out_once() {
    let mut home = Home::new();
    let me = home.me;
    let notes = home.conversation(&me);
    let id = home.sends(notes, "milk", NOW);
    let rows = home.rows_of(id);
    assert_eq!(rows.len(), 1);
    assert_eq!((rows[0].recipient, rows[0].purpose), (me, Purpose::Deliver));
    let note = read(&rows[0].data, &home.keys, &me);
    assert_eq!((note.peer, note.sent_at, said(&note)), (me, rows[0].sent_at, "milk"));
    assert!(!home.store.contact(&me).unwrap().unwrap().approved, "we are no contact of ours");
}

#[test]
fn who_wrote_first_is_told_that_we_accept_before_our_answer() {
    let (mut home, (bob_keys, bob)) = (Home::new(), account(2));
    home.store.write(|tx| tx.set_approved_me(&bob, true, NOW)).unwrap();
    let conversation = home.conversation(&bob);
    assert!(home.store.conversation(conversation).unwrap().request);
    home.sends(conversation, "oh, hello", NOW);
    home.sends(conversation, "how are you?", NOW);
    assert!(!home.store.conversation(conversation).unwrap().request);

    let mut told = Vec::new();
    loop {
        let due = home.due();
        assert!(due.iter().filter(|row| row.recipient == bob).count() <= 1, "one at a time");
        if due.is_empty() {
            break;
        }
        for row in due {
            if row.recipient == bob {
                told.push(read(&row.data, &bob_keys, &bob));
            }
            let stored = tacit_store::Stored { hash: None, kept: 6, of: 6, again_at: None, members: Vec::new() };
            home.store.write::<_, tacit_store::Error>(|tx| tx.complete(row.id, &stored, NOW).map(drop)).unwrap();
        }
    }
    let [response, first, second] = &told[..] else { panic!("{told:?}") };
    assert_eq!((&response.what, response.profile.as_ref().unwrap().name.as_str()), (&What::Accepted, "Ada"));
    assert!(response.sent_at < first.sent_at && first.sent_at < second.sent_at);
    assert_eq!(said(first), "oh, hello");
}

#[test]
fn the_first_message_to_somebody_new_is_preceded_by_nothing() {
    let (mut home, (_, bob)) = (Home::new(), account(2));
    let conversation = home.conversation(&bob);
    home.sends(conversation, "hi", NOW);
    assert_eq!(home.store.counts().unwrap().outbox_waiting, 1);
    assert_eq!(home.store.counts().unwrap().outbox_held, 1);
}

#[test]
fn nothing_goes_to_somebody_whom_we_blocked() {
    let (mut home, (_, bob)) = (Home::new(), account(2));
    let conversation = home.conversation(&bob);
    home.store.write(|tx| tx.set_blocked(&bob, true, NOW)).unwrap();
    home.store.write(|tx| tx.set_draft(conversation, "you …")).unwrap();
    assert!(matches!(home.try_to_send(conversation, "you …", NOW), Err(Error::Blocked)));
    let counts = home.store.counts().unwrap();
    assert_eq!((counts.messages, counts.outbox_waiting + counts.outbox_held), (0, 0));
    assert_eq!(home.store.conversation(conversation).unwrap().draft, "you …", "what was typed stays");
    assert!(!home.store.contact(&bob).unwrap().unwrap().approved);
}

#[test]
fn what_is_not_there_yet_cannot_be_written_to() {
    let mut home = Home::new();
    assert!(home.try_to_send(ConversationId(77), "hi", NOW).is_err());
    let group = Peer::room([9; 33]);
    let room = home.store.write::<_, tacit_store::Error>(|tx| tx.open_conversation(&group, NOW)).unwrap();
    assert!(matches!(home.try_to_send(room, "hi", NOW), Err(Error::Unknown { what: "conversation" })));
    assert!(home.store.messages(room, Page::Newest, 1).unwrap().is_empty());
}

#[test]
fn a_hidden_conversation_comes_back_when_we_write() {
    let (mut home, (_, bob)) = (Home::new(), account(2));
    let conversation = home.conversation(&bob);
    home.store.write(|tx| tx.set_hidden(conversation, true)).unwrap();
    home.sends(conversation, "hi", NOW);
    assert!(!home.store.conversation(conversation).unwrap().hidden);
}

#[test]
fn a_message_with_files_waits_for_them_and_goes_out_with_its_own_time() {
    let (mut home, (bob_keys, bob)) = (Home::new(), account(2));
    let conversation = home.conversation(&bob);
    let file = home.store.write::<_, tacit_store::Error>(|tx| tx.insert_file("f0", &[1; 32], 77, NOW)).unwrap();
    let picture = OutgoingFile {
        file,
        role: tacit_store::AttachmentRole::File,
        content_type: "image/jpeg".to_owned(),
        file_name: "../lake.jpg".to_owned(),
        width: 4,
        height: 3,
        duration_ms: 0,
        caption: String::new(),
        thumbnail: None,
        waveform: Vec::new(),
    };
    let draft = Draft { files: vec![picture], ..Draft::text("look") };
    let id = home.sealer().queue(&mut home.store, conversation, &draft, NOW).unwrap();
    assert!(home.rows_of(id).is_empty());
    assert_eq!(home.store.assembling().unwrap(), [id]);
    let later = home.sends(conversation, "nice, isn't it?", NOW);
    let sealer = home.sealer();
    let seal = |home: &mut Home| home.store.write(|tx| sealer.seal_assembled(tx, id, after(60_000))).unwrap();
    assert!(seal(&mut home));
    assert!(!seal(&mut home), "once");
    let message = home.store.message(id).unwrap();
    assert!(!message.assembling && message.sent_at < home.store.message(later).unwrap().sent_at);
    let rows = home.rows_of(id);
    assert_eq!((rows.len(), rows[0].sent_at), (2, message.sent_at));
    let direct = tacit_wire::envelope::decode_direct(&rows[0].data, &bob_keys).unwrap();
    let pointer = &direct.content.data_message.unwrap().attachments[0];
    assert_eq!((pointer.file_name(), pointer.size(), pointer.width(), pointer.id), ("lake.jpg", 77, 4, 0));
}

#[test]
fn a_clock_that_was_wrong_before_is_compared_again_and_not_corrected_blindly() {
    let status = |state, clock_samples| Status {
        state,
        pool: 12,
        paths: Vec::new(),
        clock_offset_ms: 0,
        clock_samples,
        alarm: None,
        last_error: None,
    };
    let connected = status(ConnectionState::Connected, 0);
    assert!(is_time_unknown(&connected, 0) && !is_time_unknown(&connected, -40));
    assert!(is_time_unknown(&connected, 86_400_000), "its owner may have put it right");
    assert!(!is_time_unknown(&status(ConnectionState::Connected, 3), 86_400_000));
    assert!(!is_time_unknown(&status(ConnectionState::Offline, 0), 0), "nobody can be asked");
}

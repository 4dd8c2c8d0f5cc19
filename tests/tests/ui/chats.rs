//! The list of chats: the archive, selection, search.

use std::rc::Rc;

use slint::{ComponentHandle as _, Model as _};
use tacit_tests::harness::{LocalNetwork, Person};
use tacit_ui::{App, HomeState};

use crate::stage::{Device, Stage, play, shot};

/// Whether the first chat is marked as unread.
fn marked(app: &App) -> bool {
    app.global::<HomeState>().get_chats().row_data(0).is_some_and(|chat| chat.unread_mark)
}

#[test]
fn a_chat_is_put_away_and_comes_back_with_the_next_message() {
    let network = LocalNetwork::start(12, 2);
    let ines = Person::join(network.profile(), "Ines");
    play(async move {
        let (stage, device) = (Stage::new(network.profile()), Rc::new(Device::default()));
        let bob = stage.open_on("Bob", Rc::clone(&device));
        bob.create_account().await;
        let bob_id = bob.own_id().await;
        ines.send(&bob_id, "shall we meet?").unwrap();
        bob.tap("1 message request").await;
        bob.menu("Ines, shall we meet?").await;
        bob.tap("Accept").await;
        bob.tap("Back").await;
        bob.expect_part("Ines, shall we meet?").await;
        bob.until("the badge", |_| (*device.badge.borrow() == 1).then_some(())).await;

        bob.menu("Ines, ").await;
        shot(&bob, "chats-menu").await;
        bob.tap("Pin").await;
        bob.until("the pin", |_| bob.sees_part(", pinned").then_some(())).await;
        bob.menu("Ines, ").await;
        bob.tap("Mark as read").await;
        bob.until("nothing unread", |_| (bob.unread() == 0).then_some(())).await;
        bob.until("no badge", |_| (*device.badge.borrow() == 0).then_some(())).await;

        // Opening it takes the mark away.
        bob.menu("Ines, ").await;
        bob.tap("Mark as unread").await;
        bob.until("the mark", |app| marked(app).then_some(())).await;
        bob.tap_beginning("Ines, ").await;
        bob.expect_field("Message").await;
        bob.until("no mark", |app| (!marked(app)).then_some(())).await;
        bob.tap("Back").await;

        bob.menu("Ines, ").await;
        bob.tap("Archive").await;
        bob.expect("Archived").await;
        bob.expect("Archive, 1 chat").await;
        shot(&bob, "chats-archived").await;
        bob.tap("Undo").await;
        bob.expect_no("Archive, 1 chat").await;
        bob.menu("Ines, ").await;
        bob.tap("Archive").await;
        bob.tap("Archive, 1 chat").await;
        bob.expect_part("Ines, shall we meet?").await;
        shot(&bob, "archive").await;
        bob.tap("Back").await;

        ines.send(&bob_id, "are you there?").unwrap();
        bob.expect_part("Ines, are you there?").await;
        bob.expect_no("Archive, 1 chat").await;
        bob.close();
    });
}

#[test]
fn a_message_is_found_by_the_beginning_of_a_word_and_opened_where_it_stands() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let stage = Stage::new(network.profile());
        let mara = stage.open("Mara");
        mara.create_account().await;
        mara.tap("New conversation").await;
        mara.tap("Note to self").await;
        for text in ["milk and bread", "The tide tables for Saturday", "call the harbour"] {
            mara.send(text, "kept by ").await;
        }
        mara.tap("Back").await;
        mara.write("Search", "tid").await;
        let hit = mara.expect_part("Note to self, You: The tide tables").await;
        shot(&mara, "search").await;
        mara.tap(&hit).await;
        mara.expect_field("Message").await;
        mara.expect_part("You: The tide tables for Saturday").await;
        mara.tap("Back").await;

        mara.write("Search", "zeppelin").await;
        mara.expect("Nothing found for “zeppelin”.").await;
        shot(&mara, "search-nothing").await;
        mara.write("Search", "").await;
        mara.app().invoke_open_search(true);
        mara.expect("tid").await;
        mara.tap("Cancel").await;
        mara.close();
    });
}

#[test]
fn several_chats_are_selected_and_deleted_after_a_question() {
    let network = LocalNetwork::start(12, 2);
    let people = ["Ines", "Jonas"].map(|name| Person::join(network.profile(), name));
    play(async move {
        let stage = Stage::new(network.profile());
        let bob = stage.open("Bob");
        bob.create_account().await;
        for person in &people {
            bob.begin_conversation(&person.id).await;
            bob.send("hello", "kept by ").await;
            bob.tap("Back").await;
            // It slides away.
            bob.expect_no("Conversation options").await;
        }
        let names = people.each_ref().map(|person| format!("{}…{}", &person.id[..4], &person.id[62..]));
        bob.menu(&names[0]).await;
        bob.tap("Select").await;
        bob.expect("1 chat selected").await;
        bob.tap_beginning(&names[1]).await;
        bob.expect("2 chats selected").await;
        shot(&bob, "chats-selected").await;
        bob.tap("Delete").await;
        bob.expect("Delete 2 conversations?").await;
        bob.tap_last("Delete").await;
        bob.expect("Nobody here yet.").await;
        bob.close();
    });
}

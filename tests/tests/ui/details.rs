//! How a conversation is kept: timers, names, blocking.

use std::io::Cursor;
use std::rc::Rc;
use std::time::Duration;

use slint::{ComponentHandle as _, Model as _};
use tacit_tests::demo::{Hand, pause};
use tacit_tests::harness::{LocalNetwork, Person};
use tacit_ui::{HomeState, Portraits};

use crate::stage::{Device, Stage, play, shot};

#[test]
fn a_timer_and_a_nickname_are_set_and_a_person_is_blocked_and_unblocked() {
    let network = LocalNetwork::start(12, 2);
    let ines = Person::join(network.profile(), "Ines");
    play(async move {
        let stage = Stage::new(network.profile());
        let bob = stage.open("Bob");
        bob.create_account().await;
        let bob_id = bob.own_id().await;
        ines.send(&bob_id, "hello").unwrap();
        bob.tap("1 message request").await;
        bob.menu("Ines, hello").await;
        bob.tap("Accept").await;
        bob.tap("Back").await;

        bob.menu("Ines, hello").await;
        bob.tap("Conversation settings").await;
        bob.expect("Ines").await;
        bob.tap("Disappearing messages, Off").await;
        bob.tap("After sent").await;
        bob.tap("1 week").await;
        bob.tap("Set").await;
        bob.expect("Disappearing messages, 1 week").await;

        bob.tap("Set nickname").await;
        bob.write("Nickname", "Harbour Ines").await;
        bob.tap("Save").await;
        bob.expect("Calls themselves Ines").await;
        shot(&bob, "conversation-settings").await;

        bob.tap("Block Harbour Ines").await;
        bob.expect("Block Harbour Ines?").await;
        bob.tap_last("Block").await;
        bob.expect("Unblock Harbour Ines").await;
        bob.tap("Back").await;
        bob.tap_beginning("Profile and settings").await;
        bob.tap("Privacy").await;
        bob.tap("Blocked accounts, 1").await;
        bob.tap("Harbour Ines").await;
        shot(&bob, "blocked").await;
        bob.tap_beginning("Unblock").await;
        bob.expect("Nobody is blocked.").await;
        bob.close();
    });
}

/// Whether an avatar shows a picture of somebody: an account ID or the key of a conversation.
fn shows_picture(hand: &Hand, who: &str) -> bool {
    hand.app().global::<Portraits>().invoke_of(who.into(), 52., 0).size().width > 0
}

#[test]
fn the_picture_of_a_person_is_seen_once_they_are_accepted() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let stage = Stage::new(network.profile());
        let bob = stage.open("Bob");
        bob.create_account().await;
        let bob_id = bob.own_id().await;

        let device: Rc<Device> = Rc::default();
        let alice = stage.open_on("Alice", Rc::clone(&device));
        alice.create_account().await;
        let alice_id = alice.own_id().await;
        let mut png = Vec::new();
        image::RgbImage::from_pixel(300, 300, image::Rgb([200, 40, 90]))
            .write_to(&mut Cursor::new(&mut png), image::ImageFormat::Png)
            .unwrap();
        *device.picture.borrow_mut() = Some(png);
        alice.tap_beginning("Profile and settings").await;
        alice.tap("Change profile picture").await;
        alice.tap("Choose a picture").await;
        alice.tap("Save").await;
        alice.expect("Picture saved").await;
        while alice.client().picture_pending().await.unwrap() {
            pause(Duration::from_millis(50)).await;
        }
        alice.tap("Back").await;
        alice.until("her own picture", |_| shows_picture(&alice, &alice_id).then_some(())).await;
        alice.begin_conversation(&bob_id).await;
        alice.send("do you know me?", "kept by ").await;

        bob.tap("1 message request").await;
        bob.tap_beginning("Alice, ").await;
        bob.expect_part("Alice isn't in your chats.").await;
        assert!(!shows_picture(&bob, &alice_id), "a stranger's picture is not fetched");
        bob.tap("Accept").await;
        bob.until("her picture", |_| shows_picture(&bob, &alice_id).then_some(())).await;
        shot(&bob, "portrait-bar").await;
        bob.tap("Back").await;
        bob.expect("Chats").await;
        let chats = bob.app().global::<HomeState>().get_chats();
        let key = bob.until("the chat", |_| Some(chats.row_data(0)?.id)).await;
        bob.until("her picture beside the chat", |_| shows_picture(&bob, &key).then_some(())).await;
        shot(&bob, "portrait-list").await;
        alice.close();
        bob.close();
    });
}

#[test]
fn all_data_goes_from_the_device_and_from_the_network() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let stage = Stage::new(network.profile());
        let mara = stage.open("Mara");
        mara.create_account().await;
        mara.tap_beginning("Profile and settings").await;
        mara.until("the end of the settings", |_| {
            mara.scroll(-200.);
            mara.sees("Erase data").then_some(())
        })
        .await;
        mara.tap("Erase data").await;
        mara.tap_beginning("This device and my messages").await;
        shot(&mara, "erase-data").await;
        mara.tap("Continue").await;
        assert!(!mara.is_enabled("Erase").await, "the word is not typed yet");
        mara.write("Type “erase” to go on", "Erase").await;
        mara.tap("Erase").await;
        mara.expect("Create account").await;
        assert!(!stage.folder("Mara").join("tacit.db").exists());
        mara.close();
    });
}

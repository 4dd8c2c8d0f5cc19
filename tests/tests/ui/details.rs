//! How a conversation is kept: timers, names, blocking.

use tacit_tests::harness::{LocalNetwork, Person};

use crate::stage::{Stage, play, shot};

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

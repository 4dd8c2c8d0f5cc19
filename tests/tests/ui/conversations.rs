//! Writing and reading.

use tacit_tests::harness::LocalNetwork;

use crate::stage::{Stage, play, shot};

#[test]
fn somebody_writes_to_somebody_who_is_away_and_reads_the_answer() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let stage = Stage::new(network.profile());
        let bob = stage.open("Bob");
        bob.create_account().await;
        let bob_id = bob.own_id().await;
        bob.close();

        let alice = stage.open("Alice");
        alice.create_account().await;
        alice.begin_conversation(&bob_id).await;
        let texts = ["Hi Bob, it's Alice", "two\nlines", "مرحبا", " spaces  stay ", "bidi \u{202e}gnirts\u{202c}"];
        for text in texts {
            let fate = alice.send(text, "kept by ").await;
            assert!(fate.ends_with("kept by 6 of 6 nodes"), "{fate}");
        }
        shot(&alice, "conversation-sent").await;
        alice.write("Message", "a draft").await;
        alice.close();

        let bob = stage.open("Bob");
        bob.tap("1 message request").await;
        bob.tap_beginning("Alice, ").await;
        bob.until("all messages", |_| (bob.bubbles() == texts).then_some(())).await;
        bob.expect_part("wants to write to you").await;
        bob.tap("Accept").await;
        bob.send("Hello Alice", "kept by 6 of 6 nodes").await;
        bob.tap("Back").await;
        bob.expect("Chats").await;
        bob.expect_part("Alice, Hello Alice, ").await;
        bob.close();

        // The app opens where it was closed, with what was being typed.
        let alice = stage.open("Alice");
        alice.expect_field("Message").await;
        assert_eq!(alice.value("Message"), "a draft");
        alice.expect_part("Bob: Hello Alice, ").await;
        alice.expect("Bob accepted your request.").await;
        shot(&alice, "conversation-answered").await;
        alice.close();
    });
}

#[test]
fn a_message_written_without_a_network_waits_and_goes_out_when_it_is_back() {
    let network = LocalNetwork::start(12, 2);
    let away = network.profile_without_seeds();
    play(async move {
        let (stage, offline) = (Stage::new(network.profile()), Stage::new(&away));
        let bob = stage.open("Bob");
        bob.create_account().await;
        let bob_id = bob.own_id().await;
        bob.close();

        let alice = offline.open("Alice");
        alice.create_account().await;
        alice.expect("Can't find the network. Some countries or Wi-Fis block it.").await;
        alice.begin_conversation(&bob_id).await;
        alice.send("are you there?", "waiting").await;
        shot(&alice, "conversation-offline").await;
        alice.close();

        let back = stage.with_accounts_of(offline);
        let alice = back.open("Alice");
        let fate = alice.expect_own("are you there?", "kept by ").await;
        assert!(fate.ends_with("6 of 6 nodes"), "{fate}");
        alice.expect_no("Can't find the network. Some countries or Wi-Fis block it.").await;
        alice.close();

        let bob = stage.open("Bob");
        bob.tap("1 message request").await;
        bob.tap_beginning("Alice, are you there?").await;
        bob.until("the message", |_| (bob.bubbles() == ["are you there?"]).then_some(())).await;
        bob.close();
    });
}

#[test]
fn a_note_to_oneself_opens_by_ones_own_id_and_a_message_is_deleted_here() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let stage = Stage::new(network.profile());
        let mara = stage.open("Mara");
        mara.create_account().await;
        let id = mara.own_id().await;
        mara.tap("New conversation").await;
        mara.write("Account ID", &id).await;
        mara.expect("That's you. It opens your Note to self.").await;
        mara.tap("Next").await;
        mara.send("milk, bread", "kept by 6 of 6 nodes").await;
        mara.expect("Note to self").await;
        shot(&mara, "note-to-self").await;

        mara.tap_beginning("You: milk, bread, ").await;
        mara.tap("Delete here").await;
        mara.expect("Delete this message here?").await;
        mara.tap_last("Delete").await;
        mara.until("the message to go", |_| mara.bubbles().is_empty().then_some(())).await;
        mara.close();
    });
}

//! Writing and reading.

use tacit_tests::harness::{LocalNetwork, Person};

use tacit_tests::demo::wake_companions;

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
        bob.expect_part("Alice isn't in your chats.").await;
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
fn what_fits_on_the_screen_is_read_while_it_is_open() {
    let network = LocalNetwork::start(12, 2);
    let ines = Person::join(network.profile(), "Ines");
    play(async move {
        let stage = Stage::new(network.profile());
        let bob = stage.open("Bob");
        bob.create_account().await;
        let bob_id = bob.own_id().await;
        for text in ["hello", "it's me"] {
            ines.send(&bob_id, text).unwrap();
        }
        bob.until("two unread", |_| (bob.unread() == 2).then_some(())).await;
        bob.tap("1 message request").await;
        bob.tap_beginning("Ines, ").await;
        bob.until("both to be read", |_| (bob.unread() == 0).then_some(())).await;

        ines.send(&bob_id, "and again").unwrap();
        bob.until("the third", |_| (bob.bubbles().len() == 3).then_some(())).await;
        bob.until("the third to be read", |_| (bob.unread() == 0).then_some(())).await;
        bob.close();
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
        mara.new_message().await;
        mara.write("Account ID", &id).await;
        mara.expect("That's you. It opens your Note to self.").await;
        mara.tap("Next").await;
        mara.send("milk, bread", "kept by 6 of 6 nodes").await;
        mara.expect("Note to self").await;
        shot(&mara, "note-to-self").await;

        mara.tap_beginning("You: milk, bread, ").await;
        mara.tap("Delete").await;
        mara.expect("Delete this message?").await;
        mara.tap_last("Delete").await;
        mara.until("the message to go", |_| mara.bubbles().is_empty().then_some(())).await;
        mara.close();
    });
}

#[test]
fn a_long_conversation_opens_at_the_first_unread_message_and_scrolls_both_ways() {
    let network = LocalNetwork::start(12, 2);
    let alice = Person::join(network.profile(), "Alice");
    play(async move {
        let stage = Stage::new(network.profile());
        let bob = stage.open("Bob");
        bob.create_account().await;
        let bob_id = bob.own_id().await;
        bob.close();
        let texts: Vec<String> = (0..150).map(|n| format!("message {n}")).collect();
        let mut sending = alice.start_sending(&bob_id);
        assert!(texts.iter().all(|text| sending.say(text)));
        assert_eq!(sending.finish().len(), texts.len());

        let bob = stage.open("Bob");
        bob.until("all messages", |_| (bob.unread() == 150).then_some(())).await;
        bob.tap("1 message request").await;
        bob.tap_beginning("Alice, ").await;
        bob.until("the first message", |_| (bob.bubbles().first() == texts.first()).then_some(())).await;
        bob.expect("150 new messages").await;
        shot(&bob, "conversation-first-unread").await;
        assert!(!bob.bubbles().contains(&texts[149]), "the window has an end");
        assert_eq!(bob.unread(), 150, "what was not seen is not read");

        bob.tap_beginning("Go to the newest").await;
        bob.until("the newest message", |_| (bob.bubbles().last() == texts.last()).then_some(())).await;
        bob.expect_part("Alice: message 149, ").await;
        bob.until("all to be read", |_| (bob.unread() == 0).then_some(())).await;

        bob.until("the beginning", |_| {
            bob.scroll(600.);
            (bob.bubbles().first() == texts.first() && bob.sees("End-to-end encrypted")).then_some(())
        })
        .await;
        bob.until("the end", |_| {
            bob.scroll(-600.);
            (bob.bubbles().last() == texts.last()).then_some(())
        })
        .await;
        bob.close();
    });
}

#[test]
fn a_request_is_deleted_or_blocked_and_nobody_is_told() {
    let network = LocalNetwork::start(12, 2);
    let stranger = Person::join(network.profile(), "Somebody");
    play(async move {
        let stage = Stage::new(network.profile());
        let mara = stage.open("Mara");
        mara.create_account().await;
        let id = mara.own_id().await;
        stranger.send(&id, "hello?").unwrap();
        mara.tap("1 message request").await;
        mara.tap_beginning("Somebody, hello?").await;
        mara.tap("Delete").await;
        mara.expect("Delete this request?").await;
        mara.tap_last("Delete").await;
        mara.expect("Nobody here yet.").await;
        mara.expect_no("1 message request").await;

        stranger.send(&id, "hello again").unwrap();
        mara.tap("1 message request").await;
        mara.tap_beginning("Somebody, hello again").await;
        mara.tap("Block").await;
        mara.expect("Block Somebody?").await;
        mara.tap_last("Block").await;
        mara.expect("You've blocked Somebody.").await;
        shot(&mara, "conversation-blocked").await;
        mara.tap("Unblock").await;
        mara.expect("Accept").await;
        mara.close();
        assert!(stranger.receive().is_empty(), "no word went out");
    });
}

#[test]
fn the_companions_of_the_window_greet_and_answer() {
    let network = LocalNetwork::start(12, 2);
    let profile = tacit_wire::profile::NetworkProfile::parse(&std::fs::read(network.profile()).unwrap()).unwrap();
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let companions = runtime.handle().clone();
    play(async move {
        let stage = Stage::new(network.profile());
        let you = stage.open("You");
        you.create_account().await;
        wake_companions(&companions, &stage.folder(""), &profile, you.client().account_id());
        you.tap("2 message requests").await;
        you.tap_beginning("Jonas, ").await;
        you.tap("Accept").await;
        you.send("the sea", "kept by 6 of 6 nodes").await;
        you.expect_part("Jonas: Interesting. “the sea”?").await;
        you.close();
    });
    runtime.shutdown_background();
}

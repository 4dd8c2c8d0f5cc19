//! What people do with messages, each on a device of their own.

use std::rc::Rc;

use slint::{ComponentHandle as _, Model as _};
use tacit_client::Expiry;
use tacit_tests::demo::Hand;
use tacit_tests::harness::LocalNetwork;
use tacit_ui::{ConversationState, MessageKind};

use crate::stage::{Device, Stage, play, shot};

/// Two people who write to each other, both with the conversation open.
pub struct Pair {
    pub alice: Hand,
    pub bob: Hand,
    pub alices: Rc<Device>,
    pub bobs: Rc<Device>,
}

impl Pair {
    /// They meet: Alice says hello, Bob accepts and answers.
    pub async fn meet(stage: &Stage) -> Self {
        let (alices, bobs): (Rc<Device>, Rc<Device>) = Default::default();
        let bob = stage.open_on("Bob", Rc::clone(&bobs));
        bob.create_account().await;
        let bob_id = bob.own_id().await;
        let alice = stage.open_on("Alice", Rc::clone(&alices));
        alice.create_account().await;
        alice.begin_conversation(&bob_id).await;
        alice.send("hello Bob", "kept by ").await;
        bob.tap("1 message request").await;
        bob.tap_beginning("Alice, ").await;
        bob.tap("Accept").await;
        bob.send("hello Alice", "kept by ").await;
        alice.expect_part("Bob: hello Alice, ").await;
        alice.expect("Bob accepted your request.").await;
        Self { alice, bob, alices, bobs }
    }

    pub fn close(self) {
        self.alice.close();
        self.bob.close();
    }
}

/// Bubbles of a kind.
fn count(hand: &Hand, kind: MessageKind) -> usize {
    hand.app().global::<ConversationState>().get_messages().iter().filter(|row| row.kind == kind).count()
}

#[test]
fn a_message_is_answered_gets_a_heart_and_is_taken_back_for_everyone() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let stage = Stage::new(network.profile());
        let pair = Pair::meet(&stage).await;
        let (alice, bob) = (&pair.alice, &pair.bob);

        bob.tap_beginning("Alice: hello Bob, ").await;
        shot(bob, "chat-menu").await;
        bob.tap("React with ❤️").await;
        alice.expect_part("❤️, 1 person: Bob").await;
        shot(alice, "chat-reaction").await;
        bob.expect_part("❤️, 1 person: You").await;

        bob.tap_beginning("Alice: hello Bob, ").await;
        bob.tap("Reply").await;
        bob.expect_part("Replying to Alice: hello Bob").await;
        shot(bob, "chat-replying").await;
        bob.send("nice to meet you", "kept by ").await;
        alice.expect_part("In reply to You: hello Bob").await;
        shot(alice, "chat-reply").await;

        // The heart goes again.
        bob.tap_beginning("❤️, 1 person: You").await;
        alice
            .until("the heart to go", |_| {
                let rows = alice.app().global::<ConversationState>().get_messages();
                rows.iter().all(|row| row.reactions.row_count() == 0).then_some(())
            })
            .await;

        alice.tap_beginning("You: hello Bob, ").await;
        alice.tap("Delete").await;
        alice.expect("Delete this message?").await;
        alice.tap_beginning("For everyone").await;
        shot(alice, "chat-delete-for-everyone").await;
        alice.tap_last("Delete").await;
        for hand in [alice, bob] {
            hand.until("the placeholder", |_| (count(hand, MessageKind::Deleted) == 1).then_some(())).await;
            hand.expect_part("Message deleted").await;
        }
        bob.expect("In reply to Alice: Message deleted").await;
        shot(bob, "chat-taken-back").await;
        pair.close();
    });
}

#[test]
fn several_messages_are_chosen_and_sent_on_to_oneself() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let stage = Stage::new(network.profile());
        let pair = Pair::meet(&stage).await;
        let bob = &pair.bob;
        bob.tap_beginning("Alice: hello Bob, ").await;
        bob.tap("Select").await;
        bob.tap_beginning("You: hello Alice, ").await;
        bob.expect("2 selected").await;
        shot(bob, "chat-selected").await;
        bob.tap("Copy").await;
        assert_eq!(pair.bobs.clipboard_text().as_deref(), Some("hello Bob\nhello Alice"));

        bob.tap_beginning("Alice: hello Bob, ").await;
        bob.tap("Forward").await;
        bob.tap_beginning("Note to self").await;
        shot(bob, "chat-forward").await;
        bob.tap_beginning("Send to 1").await;
        bob.tap("Back").await;
        bob.tap_beginning("Note to self, ").await;
        bob.until("what was sent on", |_| (bob.bubbles() == ["hello Bob"]).then_some(())).await;
        pair.close();
    });
}

#[test]
fn messages_disappear_after_their_time_on_both_sides() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let stage = Stage::new(network.profile());
        let pair = Pair::meet(&stage).await;
        let (alice, bob) = (&pair.alice, &pair.bob);
        let with_bob = alice.client().conversations(tacit_client::Folder::Inbox).await.unwrap()[0].conversation.id;
        alice.client().set_expiry(with_bob, Expiry::AfterSend { seconds: 10 }).await.unwrap();
        alice.expect_part("You set messages to vanish 10 seconds after sending.").await;
        bob.expect_part("Alice set messages to vanish 10 seconds after sending.").await;
        shot(bob, "chat-timer-changed").await;
        bob.tap("Follow this setting").await;
        bob.expect_part("You set messages to vanish 10 seconds after sending.").await;
        bob.send("gone soon", "kept by ").await;
        alice.expect_part("Bob: gone soon, ").await;
        shot(alice, "chat-vanishing").await;
        for hand in [alice, bob] {
            hand.until("it to vanish", |_| (!hand.bubbles().contains(&"gone soon".to_owned())).then_some(())).await;
            assert!(hand.bubbles().contains(&"hello Bob".to_owned()), "what was said before stays");
        }
        shot(bob, "chat-vanished").await;
        pair.close();
    });
}

#[test]
fn a_word_said_long_ago_is_found_and_shown_where_it_stands() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let stage = Stage::new(network.profile());
        let mara = stage.open("Mara");
        mara.create_account().await;
        let id = mara.own_id().await;
        mara.begin_conversation(&id).await;
        let client = mara.client();
        let notes = client.open_conversation(&client.account_id()).await.unwrap();
        for n in 0..160 {
            let text = if n % 75 == 3 { format!("note {n} about lighthouses") } else { format!("note {n}") };
            client.send_text(notes, &text).await.unwrap();
        }
        mara.expect_part("You: note 159, ").await;
        mara.tap("Conversation options").await;
        mara.tap("Search").await;
        mara.write("Search in this conversation", "lighth").await;
        mara.expect("1 of 3").await;
        shot(&mara, "chat-search").await;
        mara.tap("Older hit").await;
        mara.tap("Older hit").await;
        mara.expect("3 of 3").await;
        mara.until("the oldest hit", |_| mara.bubbles().contains(&"note 3 about lighthouses".to_owned()).then_some(()))
            .await;
        mara.until("it to be in sight", |_| mara.sees_beginning("You: note 3 about lighthouses, ").then_some(())).await;
        shot(&mara, "chat-search-older").await;
        mara.tap("Close search").await;
        mara.tap_beginning("Go to the newest").await;
        mara.until("the newest", |_| mara.sees_beginning("You: note 159, ").then_some(())).await;
        mara.close();
    });
}

#[test]
fn people_who_allow_it_see_each_other_type_and_read() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let stage = Stage::new(network.profile());
        let pair = Pair::meet(&stage).await;
        let (alice, bob) = (&pair.alice, &pair.bob);
        for hand in [alice, bob] {
            let allow = |settings: &mut tacit_client::Settings| {
                (settings.typing_indicators, settings.read_receipts) = (true, true);
            };
            hand.client().change_settings(allow).await.unwrap();
        }
        bob.write("Message", "I am wri").await;
        alice.expect("Bob is typing").await;
        shot(alice, "chat-typing").await;
        bob.write("Message", "").await;
        alice.expect_no("Bob is typing").await;
        let fate = alice.send("are you there?", "read").await;
        assert!(fate.ends_with("read"), "{fate}");
        shot(alice, "chat-read").await;
        pair.close();
    });
}

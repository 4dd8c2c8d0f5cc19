//! Two people write to each other through their own screens, one of them always away.

use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Instant;

use slint::ComponentHandle as _;
use tacit_app::platform::{System, prefer_colour_emoji};
use tacit_client::{ConversationId, Message};
use tacit_ui::{Scheme, Theme};
use tacit_wire::AccountId;

use super::hand::Hand;
use super::texts::{FROM_ALICE, FROM_BOB};
use super::{picture, tell};
use crate::harness::LocalNetwork;

/// Nodes and swarms of the network.
const NODES: usize = 12;
const SWARMS: usize = 2;
/// A window with two panes.
const WIDE: (f32, f32) = (1_180., 800.);
const NARROW: (f32, f32) = (390., 844.);

struct Story {
    network: LocalNetwork,
    accounts: tempfile::TempDir,
    pictures: PathBuf,
    start: Instant,
}

/// Tells the story, and leaves pictures of it in a folder.
///
/// # Panics
/// When it does not end as it should.
pub fn story(pictures: &Path) {
    let story = Story {
        start: Instant::now(),
        network: LocalNetwork::start(NODES, SWARMS),
        accounts: tempfile::tempdir().unwrap(),
        pictures: pictures.to_owned(),
    };
    story.say(&format!("A network of {NODES} nodes in {SWARMS} swarms answers on this machine"));
    tell(async move { story.run().await });
}

impl Story {
    fn say(&self, what: &str) {
        println!("{:5.1} s  {what}", self.start.elapsed().as_secs_f32());
    }

    fn open(&self, name: &'static str) -> Hand {
        let hand =
            Hand::open(name, self.accounts.path().join(name), self.network.profile(), Rc::new(System::default()));
        prefer_colour_emoji();
        hand
    }

    async fn picture(&self, hand: &Hand, name: &str) {
        picture(hand, &self.pictures.join(format!("{name}.png"))).await;
    }

    async fn run(self) {
        let alice = self.open("Alice");
        alice.expect("Create account").await;
        self.picture(&alice, "welcome").await;
        alice.tap("Create account").await;
        alice.write("Your name", "Alice").await;
        self.picture(&alice, "create-account").await;
        alice.tap("Continue").await;
        alice.expect("Chats").await;
        let alice_id = alice.own_id().await;
        self.say(&format!("Alice made an account: {alice_id}"));
        self.picture(&alice, "home-empty").await;

        let bob = self.open("Bob");
        bob.create_account().await;
        let bob_id = bob.own_id().await;
        self.say(&format!("Bob made an account: {bob_id}"));
        bob.close();
        self.say("Bob closed his app");

        alice.begin_conversation(&bob_id).await;
        self.send_all(&alice, &FROM_ALICE).await;
        self.picture(&alice, "conversation-light").await;
        alice.tap("Back").await;
        alice.expect("Chats").await;
        self.picture(&alice, "home").await;
        alice.close();
        self.say("Alice closed her app");

        let bob = self.open("Bob");
        self.say("Bob opened his app");
        bob.tap("1 message request").await;
        bob.tap_beginning("Alice, ").await;
        self.read_all(&bob, &FROM_ALICE, &[]).await;
        self.picture(&bob, "request").await;
        bob.tap("Accept").await;
        bob.expect_field("Message").await;
        self.say("Bob accepted Alice's request");
        bob.app().global::<Theme>().set_scheme(Scheme::Dark);
        self.send_all(&bob, &FROM_BOB).await;
        self.picture(&bob, "conversation-dark").await;
        self.check(&bob, &alice_id).await;
        bob.close();
        self.say("Bob closed his app");

        let alice = self.open("Alice");
        self.say("Alice opened her app");
        alice.tap_beginning("Bob, ").await;
        self.read_all(&alice, &FROM_BOB, &FROM_ALICE).await;
        self.picture(&alice, "conversation-unread").await;
        alice.tap_beginning("Go to the newest").await;
        alice.expect_part("Bob: See you on Saturday").await;
        self.say("Alice has seen the newest");
        self.check(&alice, &bob_id).await;
        self.show_the_rest(&alice).await;
        alice.close();
        self.say("Both sides hold what was sent, each text once and in order: the end");
        println!("Pictures are in {}", self.pictures.display());
    }

    async fn send_all(&self, hand: &Hand, texts: &[&str]) {
        for text in texts {
            let fate = hand.send(text, "kept by ").await;
            let kept = fate.split_once("kept by ").map_or("", |(_, kept)| kept);
            self.say(&format!("{} sent {}: kept by {kept} over {}", hand.name, quoted(text), path(hand)));
        }
    }

    /// Waits until the conversation's screen holds all texts, the older ones first.
    async fn read_all(&self, hand: &Hand, news: &[&str], older: &[&str]) {
        let all: Vec<&str> = older.iter().chain(news).copied().collect();
        hand.until("all messages", |_| (hand.bubbles() == all).then_some(())).await;
        for text in news {
            self.say(&format!("{} reads {}", hand.name, quoted(text)));
        }
    }

    /// What the database holds is what was sent.
    async fn check(&self, hand: &Hand, with: &str) {
        let (client, with) = (hand.client(), AccountId::parse(with).unwrap());
        let id: ConversationId = client.find_conversation(&with).await.unwrap().unwrap();
        let history: Vec<Message> = client.history(id, None, 1_000).await.unwrap();
        let texts: Vec<&str> = history.iter().map(|m| m.text.as_str()).filter(|text| !text.is_empty()).collect();
        let expected: Vec<&str> = FROM_ALICE.iter().chain(&FROM_BOB).copied().collect();
        assert_eq!(texts, expected, "{} holds what was sent", hand.name);
    }

    /// Pictures of what the story did not pass.
    async fn show_the_rest(&self, alice: &Hand) {
        let (width, height) = WIDE;
        alice.resize(width, height);
        self.picture(alice, "two-panes").await;
        alice.app().global::<Theme>().set_scheme(Scheme::Dark);
        self.picture(alice, "two-panes-dark").await;
        alice.app().global::<Theme>().set_scheme(Scheme::Light);
        let (width, height) = NARROW;
        alice.resize(width, height);
        alice.tap("Back").await;
        alice.tap_beginning("Connected over 3 nodes").await;
        self.picture(alice, "path").await;
        alice.tap("Back").await;
        alice.tap_beginning("Profile and settings").await;
        self.picture(alice, "settings").await;
        alice.tap("QR").await;
        self.picture(alice, "qr").await;
        alice.tap("Back").await;
        alice.tap_beginning("Recovery phrase").await;
        alice.tap("Show the words").await;
        alice.expect("13 words").await;
        self.picture(alice, "recovery-phrase").await;
    }
}

/// The beginning of a text, on one line.
fn quoted(text: &str) -> String {
    const SHOWN: usize = 48;
    let line: String = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(SHOWN) {
        Some((at, _)) => format!("“{}…”", &line[..at]),
        None => format!("“{line}”"),
    }
}

/// The path that messages take now.
fn path(hand: &Hand) -> String {
    let status = hand.client().network().status();
    let status = status.borrow();
    let Some(path) = status.paths.first() else { return "a path that is being rebuilt".to_owned() };
    let hops: Vec<_> = path.hops.iter().map(|node| format!("{}:{}", node.ip, node.https_port)).collect();
    hops.join(" → ")
}

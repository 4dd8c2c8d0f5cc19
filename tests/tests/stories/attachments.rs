//! Attachments and profile pictures between people, over real nodes and a real file server.

use std::path::{Path, PathBuf};
use std::time::Duration;

use serde_json::Value;
use tacit_client::{AttachmentState, Client, ConversationId, Draft, Message, MessageId, SendAs, Source, Voice};
use tacit_crypto::attachment::{legacy, stream};
use tacit_crypto::{AccountKeys, Seed};
use tacit_tests::harness::{Device, LocalNetwork, Person, Stranger, eventually};
use tacit_wire::AccountId;
use tacit_wire::envelope::encode_direct;
use tacit_wire::proto::{AttachmentPointer, Content, DataMessage, LokiProfile};

const PATIENCE: Duration = Duration::from_secs(60);
/// A picture of 2 × 1 pixels.
const GIF: &[u8] = b"GIF89a\x02\0\x01\0\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0\x02\0\x01\0\0\x02\x02\x0c\n\0;";
/// Bytes that a message carries at most.
const LARGEST: usize = 9_999_951;

fn id(device: &Device) -> AccountId {
    device.client().account_id()
}

/// Two devices of two people who have accepted each other, and their conversations.
fn friends(network: &LocalNetwork) -> (Device, ConversationId, Device, ConversationId) {
    let alice = Device::create(network.profile(), "Alice");
    let bob = Device::create(network.profile(), "Bob");
    let to_bob = open(&alice, &bob);
    say(&alice, to_bob, "hi");
    let to_alice = eventually("Alice's request", PATIENCE, || find(&bob, &alice));
    say(&bob, to_alice, "hello");
    await_text(&alice, to_bob, "hello");
    (alice, to_bob, bob, to_alice)
}

fn open(device: &Device, with: &Device) -> ConversationId {
    let with = id(with);
    device.run(|client| async move { client.open_conversation(&with).await.unwrap() })
}

fn find(device: &Device, with: &Device) -> Option<ConversationId> {
    let with = id(with);
    device.run(|client| async move { client.find_conversation(&with).await.unwrap() })
}

fn say(device: &Device, to: ConversationId, text: &str) -> MessageId {
    let text = text.to_owned();
    device.run(|client| async move { client.send_text(to, &text).await.unwrap() })
}

fn history(device: &Device, with: ConversationId) -> Vec<Message> {
    device.run(|client| async move { client.history(with, None, 100).await.unwrap() })
}

async fn attach(client: &Client, name: &str, bytes: &[u8]) -> tacit_client::OutgoingFile {
    let source = Source::Bytes { name: name.to_owned(), bytes: bytes.to_vec() };
    client.attach(source, SendAs::default()).await.unwrap().file
}

fn send(device: &Device, to: ConversationId, text: &str, files: &[(&str, &[u8])]) -> MessageId {
    device.run(|client| async move {
        let mut draft = Draft::text(text);
        for (name, bytes) in files {
            draft.files.push(attach(&client, name, bytes).await);
        }
        client.send(to, draft).await.unwrap()
    })
}

/// The message with this text, once it is there.
fn await_text(device: &Device, with: ConversationId, text: &str) -> Message {
    eventually(text, PATIENCE, || history(device, with).into_iter().find(|message| message.text == text))
}

/// The same once nothing of it is on the way.
fn await_files(device: &Device, with: ConversationId, text: &str) -> Message {
    eventually(text, PATIENCE, || {
        let settled = |message: &Message| message.attachments.iter().all(|file| file.state != AttachmentState::Moving);
        history(device, with).into_iter().find(|message| message.text == text).filter(settled)
    })
}

fn bytes(device: &Device, message: &Message, position: usize) -> Vec<u8> {
    let file = message.attachments[position].file.expect("it is here");
    device.run(|client| async move { client.open_file(file).await.unwrap().bytes().unwrap() })
}

fn trust(device: &Device, conversation: ConversationId) {
    device.run(|client| async move {
        let all = |settings: &mut tacit_client::Settings| {
            settings.auto_download_files = tacit_client::AutoDownload::Always;
        };
        client.change_settings(all).await.unwrap();
        client.set_trusted(conversation, true).await.unwrap();
    });
}

fn random(size: usize) -> Vec<u8> {
    let mut bytes = vec![0; size];
    getrandom::fill(&mut bytes).unwrap();
    bytes
}

/// Names of what lies in the folder of files.
fn stored(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder.join("files")).into_iter().flatten();
    entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
}

#[test]
fn several_files_with_a_caption_arrive_and_reach_the_own_other_device() {
    let network = LocalNetwork::start(12, 2);
    let (alice, to_bob, bob, to_alice) = friends(&network);
    alice.synced();
    let tablet = alice.twin(network.profile());
    let (text, large) = (b"plain text".as_slice(), random(LARGEST));
    let drawing = b"<svg xmlns='http://www.w3.org/2000/svg'><script/></svg>".as_slice();
    let files = [("notes.txt", text), ("cat.gif", GIF), ("large.dat", &large), ("drawing.jpg", drawing)];
    send(&alice, to_bob, "four files", &files);

    let arrived = await_text(&bob, to_alice, "four files");
    assert!(arrived.attachments.iter().all(|file| file.state == AttachmentState::Idle), "nobody asked for them");
    let names: Vec<_> = arrived.attachments.iter().map(|file| file.file_name.as_str()).collect();
    assert_eq!(names, ["notes.txt", "cat.gif", "large.dat", "drawing.jpg"]);
    trust(&bob, to_alice);
    let arrived = await_files(&bob, to_alice, "four files");
    for (position, (name, sent)) in files.iter().enumerate() {
        assert!(bytes(&bob, &arrived, position) == *sent, "{name}");
    }
    let kinds: Vec<_> = arrived.attachments.iter().map(|file| (file.content_type.as_str(), file.width)).collect();
    let expected = [("text/plain", 0), ("image/gif", 2), ("application/octet-stream", 0), ("image/svg+xml", 0)];
    assert_eq!(kinds, expected, "a drawing that calls itself a picture is none");

    let there = find(&tablet, &bob).unwrap_or_else(|| eventually("the copy", PATIENCE, || find(&tablet, &bob)));
    let copy = await_files(&tablet, there, "four files");
    assert!(bytes(&tablet, &copy, 2) == large, "what our own devices sent is always fetched");
}

#[test]
fn a_voice_message_is_heard_and_files_let_go_come_again() {
    let network = LocalNetwork::start(12, 2);
    let (alice, to_bob, bob, to_alice) = friends(&network);
    trust(&bob, to_alice);
    let samples = (0..32_000).map(|n| (n as f32 / 10.0).sin() * 0.5).collect();
    let pcm = tacit_client::media::audio::Pcm { rate: 16_000, channels: 1, samples };
    alice.run(|client| async move { client.send_voice(to_bob, Voice::Samples(pcm)).await.unwrap() });
    let heard = eventually("the voice message", PATIENCE, || {
        let all = history(&bob, to_alice);
        all.into_iter().find(|message| message.attachments.iter().any(|file| file.file.is_some()))
    });
    let voice = &heard.attachments[0];
    assert_eq!((voice.role, voice.waveform.len()), (tacit_client::AttachmentRole::Voice, 40));
    assert!((1_900..2_200).contains(&voice.duration_ms), "{}", voice.duration_ms);
    let attachment = voice.id;
    let rate = bob.run(|client| async move { client.audio(attachment).await.unwrap().rate() });
    assert_eq!(rate, 16_000);

    let old = tacit_client::OldFiles { before: tacit_wire::TimestampMs(i64::MAX as u64), conversation: None };
    assert_eq!(bob.run(|client| async move { client.free_up(old).await.unwrap().files }), 1);
    assert!(stored(bob.client().folder()).is_empty());
    let again = bob.run(|client| async move { client.fetch(attachment).await.unwrap() });
    assert!(matches!(again, tacit_client::Fetched::Here(_)), "{again:?}");
}

#[test]
fn files_wait_for_their_server_and_are_sent_once() {
    let network = LocalNetwork::start(12, 2);
    let mut alice = Person::join(network.profile(), "Alice");
    let bob = Person::join(network.profile(), "Bob");
    let folder = tempfile::tempdir().unwrap();
    let (down, file) = (folder.path().join("down.json"), folder.path().join("a.bin"));
    let mut profile: Value = serde_json::from_slice(&std::fs::read(network.profile()).unwrap()).unwrap();
    profile["file_server"]["url"] = "http://127.0.0.1:1".into();
    std::fs::write(&down, profile.to_string()).unwrap();
    std::fs::write(&file, random(200_000)).unwrap();

    alice.use_network(&down);
    let refused = alice.ask(&["send", &bob.id, "look", "--file", file.to_str().unwrap()]).unwrap_err();
    assert_eq!(refused.error, "no_answer");
    assert!(bob.receive_texts().is_empty(), "nothing goes out before its files");
    alice.use_network(network.profile());
    assert!(alice.ask(&["network", "flush", "--wait", "60"]).is_ok());
    assert_eq!(bob.receive_texts(), ["look"]);
    assert!(alice.ask(&["network", "flush"]).is_ok());
    assert!(bob.receive_texts().is_empty());
    let saved = save_all(&bob, &alice.id, &folder.path().join("out"));
    assert!(std::fs::read(&saved[0]).unwrap() == std::fs::read(&file).unwrap());
}

/// Saves the files of all messages, and gives where.
fn save_all(person: &Person, with: &str, to: &Path) -> Vec<PathBuf> {
    let messages = person.ask(&["history", with, "--limit", "1000"]).unwrap();
    let with_files = messages.iter().filter(|message| !message["attachments"].as_array().unwrap().is_empty());
    let save = |message: &Value| person.ask(&["save", message["id"].as_str().unwrap(), to.to_str().unwrap()]).unwrap();
    with_files.flat_map(save).map(|saved| PathBuf::from(saved["path"].as_str().unwrap())).collect()
}

/// Somebody who describes files as they like.
struct Mallory {
    stranger: Stranger,
    keys: AccountKeys,
    said: u64,
}

impl Mallory {
    fn join(network: &LocalNetwork) -> Self {
        let keys = AccountKeys::from_seed(&Seed::from_bytes([66; 16]));
        Self { stranger: Stranger::join(network.profile()), keys, said: 0 }
    }

    fn id(&self) -> AccountId {
        AccountId::from_x25519(&self.keys.x25519_public())
    }

    fn say(&mut self, to: &Device, message: DataMessage) {
        self.said += 1;
        let content = Content {
            data_message: Some(message),
            sig_timestamp: Some(self.stranger.now() + self.said),
            ..Content::default()
        };
        let sealed = encode_direct(&content, &self.keys, &id(to), &mut rand::rng()).unwrap();
        self.stranger.store(&id(to).to_string(), &sealed);
    }

    fn describe(&mut self, to: &Device, text: &str, pointer: AttachmentPointer) {
        let message = DataMessage { body: Some(text.to_owned()), attachments: vec![pointer], ..DataMessage::default() };
        self.say(to, message);
    }

    /// An honest file, to be lied about.
    fn upload(&self, data: &[u8]) -> AttachmentPointer {
        let (body, secrets) = legacy::encrypt(data, &mut rand::rng()).unwrap();
        AttachmentPointer {
            content_type: Some("image/jpeg".to_owned()),
            key: Some(secrets.key.to_vec()),
            digest: Some(secrets.digest.to_vec()),
            size: Some(u32::try_from(data.len()).unwrap()),
            file_name: Some("photo.jpg".to_owned()),
            url: Some(self.stranger.upload(body, false)),
            ..AttachmentPointer::default()
        }
    }
}

#[test]
fn lies_about_files_are_found_out_and_odd_names_do_no_harm() {
    let network = LocalNetwork::start(12, 2);
    let bob = Device::create(network.profile(), "Bob");
    let mut mallory = Mallory::join(&network);
    let data = random(5_000);
    let honest = mallory.upload(&data);
    let changed = |bytes: &Option<Vec<u8>>| {
        let mut bytes = bytes.clone().unwrap();
        bytes[8] ^= 1;
        Some(bytes)
    };
    let other_mac = honest.key.clone().map(|mut key| {
        key[63] ^= 1;
        key
    });
    let url = honest.url.clone().unwrap();
    let (server, fragment) = (url.split("/file/").next().unwrap(), url.split_once('#').unwrap().1);
    let gone = format!("{server}/file/{}#{fragment}", "A".repeat(44));
    let (streamed, key) = stream::encrypt(&data, &[7; 32], stream::Domain::Attachment).unwrap();
    let streamed = mallory.stranger.upload(streamed, true);
    let svg = mallory.upload(b"<svg xmlns='http://www.w3.org/2000/svg'/>");
    let html = mallory.upload(b"<!DOCTYPE html><html><script>alert(1)</script></html>");
    for (text, pointer) in [
        ("digest", AttachmentPointer { digest: changed(&honest.digest), ..honest.clone() }),
        ("key", AttachmentPointer { key: other_mac, ..honest.clone() }),
        ("larger", AttachmentPointer { size: Some(9_000_000), ..honest.clone() }),
        ("4 GB", AttachmentPointer { size: Some(4_000_000_000), ..honest.clone() }),
        ("gone", AttachmentPointer { url: Some(gone), ..honest.clone() }),
        ("svg", svg),
        ("html", html),
        ("climbs", AttachmentPointer { file_name: Some("../../../evil.txt".to_owned()), ..honest.clone() }),
        ("stream", AttachmentPointer { url: Some(streamed), key: Some(key.to_vec()), digest: None, ..honest.clone() }),
    ] {
        mallory.describe(&bob, text, pointer);
    }
    let who = mallory.id();
    let conversation = eventually("the request", PATIENCE, || {
        bob.run(|client| async move { client.find_conversation(&who).await.unwrap() })
    });
    let outcome = |text: &str| {
        let attachment = await_text(&bob, conversation, text).attachments[0].id;
        let _ = bob.run(|client| async move { client.fetch(attachment).await.unwrap() });
        await_text(&bob, conversation, text).attachments.remove(0)
    };
    for (text, reason) in [("digest", "digest"), ("key", "code"), ("larger", "size")] {
        let file = outcome(text);
        assert_eq!(file.state, AttachmentState::Failed, "{text}");
        assert!(file.failure.contains(reason), "{text}: {}", file.failure);
    }
    assert_eq!(outcome("4 GB").state, AttachmentState::Failed);
    assert_eq!(outcome("gone").state, AttachmentState::Gone);
    let (drawing, page) = (outcome("svg"), outcome("html"));
    assert_eq!((drawing.content_type.as_str(), drawing.width), ("image/svg+xml", 0));
    assert_eq!(page.content_type, "text/html");
    assert_eq!(outcome("stream").state, AttachmentState::Done);
    assert!(bytes(&bob, &await_text(&bob, conversation, "stream"), 0) == data);

    let folder = tempfile::tempdir().unwrap();
    let (climbs, to) = (outcome("climbs").id, folder.path().join("a/b"));
    std::fs::create_dir_all(&to).unwrap();
    let place = to.clone();
    let paths = bob.run(|client| async move {
        let first = client.save_attachment(climbs, &place).await.unwrap();
        [first, client.save_attachment(climbs, &place).await.unwrap()]
    });
    assert_eq!(paths, [to.join("evil.txt"), to.join("evil (2).txt")]);
    assert_eq!(std::fs::read(&paths[1]).unwrap(), data);
    assert!(stored(bob.client().folder()).iter().all(|name| name.len() == 32), "nothing half is left");
}

#[test]
fn a_picture_is_shown_to_those_who_accepted_and_of_strangers_none_is_fetched() {
    let network = LocalNetwork::start(12, 2);
    let (alice, _, bob, to_alice) = friends(&network);
    let mut mallory = Mallory::join(&network);
    let picture =
        |device: &Device, of: AccountId| device.run(|client| async move { client.picture(&of).await.unwrap() });
    let (upload, key) = tacit_crypto::picture::encrypt(GIF, &mut rand::rng()).unwrap();
    let message = DataMessage {
        body: Some("look at me".to_owned()),
        profile: Some(LokiProfile {
            display_name: Some("Mallory".to_owned()),
            profile_picture: Some(mallory.stranger.upload(upload, false)),
            last_update_seconds: Some(1),
        }),
        profile_key: Some(key.to_vec()),
        ..DataMessage::default()
    };
    mallory.say(&bob, message);

    alice.run(|client| async move { client.set_picture(Some(GIF.to_vec())).await.unwrap() });
    assert!(picture(&alice, id(&alice)).is_some(), "she sees it at once");
    eventually("her picture to be published", PATIENCE, || {
        let pending = alice.run(|client| async move { client.picture_pending().await.unwrap() });
        (!pending).then_some(())
    });
    let to_bob = open(&alice, &bob);
    say(&alice, to_bob, "new picture!");
    await_text(&bob, to_alice, "new picture!");
    eventually("her picture", PATIENCE, || picture(&bob, id(&alice)));
    let who = mallory.id();
    eventually("the request", PATIENCE, || {
        bob.run(|client| async move { client.find_conversation(&who).await.unwrap() })
    });
    assert_eq!(picture(&bob, who), None, "a stranger's picture is not fetched");
    bob.run(|client| async move { client.accept(&who).await.unwrap() });
    eventually("his picture", PATIENCE, || picture(&bob, who));

    alice.synced();
    let tablet = alice.twin(network.profile());
    eventually("her own picture on her tablet", PATIENCE, || picture(&tablet, id(&tablet)));
    alice.run(|client| async move { client.set_picture(None).await.unwrap() });
    say(&alice, to_bob, "no picture");
    await_text(&bob, to_alice, "no picture");
    eventually("her picture to go", PATIENCE, || picture(&bob, id(&alice)).is_none().then_some(()));
}

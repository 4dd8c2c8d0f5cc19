//! Pictures, files and voices, sent and looked at.

use std::path::{Path, PathBuf};

use slint::{ComponentHandle as _, Model as _};
use tacit_client::Voice;
use tacit_client::media::audio::Pcm;
use tacit_tests::demo::Hand;
use tacit_tests::harness::LocalNetwork;
use tacit_ui::{ConversationState, Screen, ShellState, Transfer};

use crate::chat::Pair;
use crate::stage::{Stage, play, shot};

/// A picture that is easy to know again.
pub fn picture(folder: &Path, name: &str, width: u32, height: u32) -> PathBuf {
    let path = folder.join(name);
    let of = |x: u32, y: u32| image::Rgb([(x * 255 / width) as u8, (y * 255 / height) as u8, 160]);
    image::RgbImage::from_fn(width, height, of).save(&path).unwrap();
    path
}

/// How the last message's pictures, or files, stand.
fn transfers(hand: &Hand) -> Vec<Transfer> {
    let rows = hand.app().global::<ConversationState>().get_messages();
    let last = rows.iter().last().unwrap();
    last.pictures.iter().chain(last.files.iter()).map(|file| file.transfer).collect()
}

#[test]
fn a_picture_with_a_caption_is_sent_and_seen() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let stage = Stage::new(network.profile());
        let pair = Pair::meet(&stage).await;
        let (alice, bob) = (&pair.alice, &pair.bob);
        let folder = tempfile::tempdir().unwrap();
        *pair.alices.files.borrow_mut() = vec![picture(folder.path(), "sea.png", 900, 600)];

        alice.tap("Attach").await;
        alice.tap("Photos").await;
        alice.expect_part("sea.").await;
        shot(alice, "files-strip").await;
        alice.tap_beginning("sea.").await;
        alice
            .until("the look at it", |app| (app.global::<ShellState>().get_screen() == Screen::SendMedia).then_some(()))
            .await;
        alice.write("Caption", "the sea today").await;
        shot(alice, "files-send-media").await;
        alice.tap("Send").await;
        let fate = alice.expect_own("the sea today", "kept by ").await;
        assert!(fate.ends_with("6 of 6 nodes"), "{fate}");
        shot(alice, "files-sent").await;

        // Nothing is fetched from somebody whom one was not asked about.
        bob.expect_part("Alice: the sea today, ").await;
        assert_eq!(transfers(bob), [Transfer::Waiting]);
        shot(bob, "files-waiting").await;
        bob.tap_beginning("Photo, not loaded yet").await;
        bob.expect("Always download from Alice?").await;
        shot(bob, "files-trust").await;
        bob.tap_last("Download").await;
        bob.until("the picture", |_| (transfers(bob) == [Transfer::Ready]).then_some(())).await;
        bob.until("its pixels", |_| {
            let rows = bob.app().global::<ConversationState>().get_messages();
            rows.iter().last()?.pictures.row_data(0)?.has_picture.then_some(())
        })
        .await;
        shot(bob, "files-seen").await;

        bob.tap_beginning("Alice: the sea today, ").await;
        bob.tap("Save").await;
        pair.close();
    });
}

#[test]
fn a_file_is_fetched_and_saved_under_a_safe_name() {
    let network = LocalNetwork::start(12, 2);
    play(async move {
        let stage = Stage::new(network.profile());
        let pair = Pair::meet(&stage).await;
        let (alice, bob) = (&pair.alice, &pair.bob);
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("tides.txt");
        std::fs::write(&file, "high at 9").unwrap();
        *pair.alices.files.borrow_mut() = vec![file];
        alice.tap("Attach").await;
        alice.tap("File").await;
        alice.expect_part("tides.txt, 9 B").await;
        alice.tap("Send").await;
        bob.expect_part("File tides.txt").await;
        bob.tap_beginning("File tides.txt").await;
        bob.tap("Only when I tap").await;
        bob.until("the file", |_| (transfers(bob) == [Transfer::Ready]).then_some(())).await;
        bob.tap_beginning("File tides.txt").await;
        bob.until("it to be opened", |_| (pair.bobs.opened.borrow().len() == 1).then_some(())).await;

        let saved = tempfile::tempdir().unwrap();
        *pair.bobs.folder.borrow_mut() = Some(saved.path().to_owned());
        bob.tap_beginning("Alice: 1 file, ").await;
        bob.tap("Save").await;
        bob.expect_part("Saved").await;
        assert_eq!(std::fs::read_to_string(saved.path().join("tides.txt")).unwrap(), "high at 9");
        // They are told.
        alice.expect("Bob saved media.").await;
        shot(alice, "files-saved").await;
        pair.close();
    });
}

#[test]
fn a_voice_message_comes_with_its_shape_and_without_a_loudspeaker_that_is_said() {
    let network = LocalNetwork::start(12, 2);
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let beside = runtime.handle().clone();
    play(async move {
        let stage = Stage::new(network.profile());
        let pair = Pair::meet(&stage).await;
        let (alice, bob) = (&pair.alice, &pair.bob);
        let client = alice.client();
        let with_bob = client.conversations(tacit_client::Folder::Inbox).await.unwrap()[0].conversation.id;
        let with_alice = bob.client().conversations(tacit_client::Folder::Inbox).await.unwrap()[0].conversation.id;
        bob.client().set_trusted(with_alice, true).await.unwrap();
        let tone = (0..48_000).map(|n| (n as f32 / 20.).sin() * (n as f32 / 48_000.)).collect();
        let voice = Voice::Samples(Pcm { rate: 16_000, channels: 1, samples: tone });
        beside.spawn(async move { client.send_voice(with_bob, voice).await }).await.unwrap().unwrap();
        bob.until("the voice", |_| {
            let rows = bob.app().global::<ConversationState>().get_messages();
            let last = rows.iter().last()?;
            (last.has_voice && last.voice.transfer == Transfer::Ready).then_some(())
        })
        .await;
        bob.expect_part("Alice: Voice message, ").await;
        shot(bob, "files-voice").await;
        bob.tap_beginning("Play").await;
        // On a machine with a loudspeaker it is heard, on one without that is said.
        bob.until("a sound, or a word why there is none", |app| {
            let playing = app.global::<tacit_ui::PlayerState>().get_playing();
            let said = app.global::<ShellState>().get_toast_text().contains("can't be played");
            (playing || said).then_some(())
        })
        .await;
        shot(bob, "files-voice-played").await;
        pair.close();
    });
    runtime.shutdown_background();
}

//! An account as an app uses it, on a device without any network.

use std::time::Duration;

use tacit_wire::profile::NetworkProfile;

use super::*;
use crate::testing::account;
use crate::view::{Diff, apply};
use crate::{Folder, KeySource, State};

/// A network whose only seed refuses connections.
fn nowhere() -> Options {
    let profile = br#"{"name":"nowhere","seeds":[{"url":"https://127.0.0.1:1"}]}"#;
    let limits = tacit_network::Config {
        connect_wait: Duration::from_millis(20),
        retries: 0,
        longest_delay: Duration::from_millis(50),
        ..tacit_network::Config::default()
    };
    Options { network: Some(NetworkProfile::parse(profile).unwrap()), polling: true, limits }
}

async fn ada(dir: &tempfile::TempDir) -> Client {
    let folder = ProfileFolder::open(dir.path()).unwrap();
    Client::create(folder, KeySource::File, "Ada", nowhere()).await.unwrap()
}

async fn again(dir: &tempfile::TempDir) -> Result<Client, Error> {
    Client::open(ProfileFolder::open(dir.path())?, KeySource::File, Options { network: None, ..nowhere() }).await
}

#[tokio::test]
async fn what_is_written_without_a_network_waits_and_survives_the_end() {
    let dir = tempfile::tempdir().unwrap();
    let client = ada(&dir).await;
    let (_, bob) = account(2);
    let conversation = client.open_conversation(&bob).await.unwrap();
    let message = client.send_text(conversation, "hello").await.unwrap();
    assert!(!client.settle(Duration::from_millis(50)).await.unwrap());
    let (id, phrases) = (client.account_id(), client.phrases().await.unwrap());
    client.shutdown().await;

    let client = again(&dir).await.unwrap();
    assert_eq!((client.account_id(), client.display_name().as_str()), (id, "Ada"));
    let kept = client.message(message).await.unwrap();
    assert!(matches!(kept.state, State::Queued | State::Sending), "{:?}", kept.state);
    assert_eq!(client.history(conversation, None, 10).await.unwrap().len(), 1);
    client.shutdown().await;

    for words in [&phrases.session13, &phrases.bip39] {
        let elsewhere = tempfile::tempdir().unwrap();
        let folder = ProfileFolder::open(elsewhere.path()).unwrap();
        let restored = Client::restore(folder, KeySource::File, words, nowhere()).await.unwrap();
        assert_eq!(restored.account_id(), id);
        restored.shutdown().await;
    }
}

#[tokio::test]
async fn what_is_watched_follows_each_change() {
    let dir = tempfile::tempdir().unwrap();
    let client = ada(&dir).await;
    let mut list = client.watch_conversations(Folder::Inbox).await.unwrap();
    let conversation = client.open_conversation(&account(2).1).await.unwrap();
    let (mut messages, _mover) = client.watch_messages(conversation).await.unwrap();
    client.send_text(conversation, "one").await.unwrap();
    client.send_text(conversation, "two").await.unwrap();

    let (mut rows, mut shown) = (list.snapshot.clone(), messages.snapshot.clone());
    while shown.iter().map(|message| message.text.as_str()).ne(["one", "two"]) {
        apply(&mut shown, messages.changes.recv().await.unwrap());
    }
    while rows.first().and_then(|row| row.last.as_ref()).is_none_or(|last| last.preview != "two") {
        apply(&mut rows, list.changes.recv().await.unwrap());
    }
    assert_eq!(rows.len(), 1);
    client.delete_message(shown[0].id).await.unwrap();
    while shown.len() > 1 {
        apply(&mut shown, messages.changes.recv().await.unwrap());
    }
    assert_eq!(shown[0].text, "two");
    client.shutdown().await;
}

#[tokio::test]
async fn closing_ends_the_watching_and_frees_the_folder_though_clones_live_on() {
    let dir = tempfile::tempdir().unwrap();
    let client = ada(&dir).await;
    let conversation = client.open_conversation(&account(2).1).await.unwrap();
    let mut list = client.watch_conversations(Folder::Inbox).await.unwrap();
    let (mut messages, mover) = client.watch_messages(conversation).await.unwrap();
    let left_over = client.clone();
    client.shutdown().await;

    let ended = tokio::time::timeout(Duration::from_secs(10), async {
        while list.changes.recv().await.is_some() {}
        while messages.changes.recv().await.is_some() {}
    });
    ended.await.unwrap();
    assert!(mover.send(crate::view::Move::Older).await.is_err());
    assert!(matches!(left_over.send_text(conversation, "x").await, Err(Error::Closed)));
    assert!(matches!(left_over.conversations(Folder::Inbox).await, Err(Error::Closed)));
    again(&dir).await.unwrap().shutdown().await;
}

#[tokio::test]
async fn a_slow_listener_still_ends_with_the_whole_list() {
    let dir = tempfile::tempdir().unwrap();
    let client = ada(&dir).await;
    let conversation = client.open_conversation(&client.account_id()).await.unwrap();
    let (mut messages, _mover) = client.watch_messages(conversation).await.unwrap();
    // More changes than may wait for anybody.
    for number in 0..90 {
        client.send_text(conversation, &number.to_string()).await.unwrap();
    }
    let mut shown = messages.snapshot.clone();
    while shown.last().is_none_or(|message| message.text != "89") {
        let steps: Vec<Diff<Message>> = messages.changes.recv().await.unwrap();
        apply(&mut shown, steps);
    }
    let texts: Vec<String> = shown.into_iter().map(|message| message.text).collect();
    assert_eq!(texts, (30..90).map(|number| number.to_string()).collect::<Vec<_>>());
    client.shutdown().await;
}

#[tokio::test]
async fn an_account_is_opened_with_its_key_and_made_in_an_empty_folder() {
    let dir = tempfile::tempdir().unwrap();
    assert!(matches!(again(&dir).await, Err(Error::NoAccount { .. })));
    let client = ada(&dir).await;
    assert!(matches!(again(&dir).await, Err(Error::InUse { .. })));
    client.shutdown().await;
    let folder = ProfileFolder::open(dir.path()).unwrap();
    let twice = Client::create(folder, KeySource::File, "Eve", nowhere()).await;
    assert!(matches!(twice, Err(Error::AccountExists { .. })));
    let folder = ProfileFolder::open(dir.path()).unwrap();
    let wrong = KeySource::Raw(zeroize::Zeroizing::new([0; 32]));
    let refused = Client::open(folder, wrong, nowhere()).await;
    assert_eq!(refused.err().map(|error| error.code()), Some("wrong_key"));
    again(&dir).await.unwrap().shutdown().await;
}

#[tokio::test]
async fn names_and_nicknames_are_kept() {
    let dir = tempfile::tempdir().unwrap();
    let client = ada(&dir).await;
    let (_, bob) = account(2);
    client.set_display_name("  Ada L. ").await.unwrap();
    assert!(matches!(client.set_display_name(" ").await, Err(Error::Name(_))));
    client.set_nickname(&bob, " Bobby ").await.unwrap();
    client.shutdown().await;
    let client = again(&dir).await.unwrap();
    assert_eq!(client.display_name(), "Ada L.");
    assert_eq!(client.contact(&bob).await.unwrap().unwrap().shown_name(), "Bobby");
    client.shutdown().await;
}

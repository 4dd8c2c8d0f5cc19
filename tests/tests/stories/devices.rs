//! Several devices of one account: what is changed on one is so on all; and an account comes back
//! with everything.

use std::time::Duration;

use tacit_client::{Client, Conversation, Notify};
use tacit_crypto::{AccountKeys, phrase};
use tacit_tests::harness::{Device, LocalNetwork, Person, Stranger, eventually};
use tacit_wire::{AccountId, Namespace, TimestampMs};

const PATIENCE: Duration = Duration::from_secs(30);

fn friend(number: u8) -> AccountId {
    AccountId::from_x25519(&[number; 32])
}

/// A contact with a nickname and a conversation.
async fn befriend(client: &Client, number: u8) -> tacit_client::ConversationId {
    let who = friend(number);
    let id = client.open_conversation(&who).await.unwrap();
    client.accept(&who).await.unwrap();
    client.set_nickname(&who, &format!("Friend {number}")).await.unwrap();
    id
}

async fn with(client: &Client, number: u8) -> Option<Conversation> {
    let id = client.find_conversation(&friend(number)).await.unwrap()?;
    Some(client.conversation(id).await.unwrap())
}

/// All that has to be the same on all devices, but for what a hidden conversation keeps.
fn state(device: &Device) -> Vec<String> {
    device.run(|client| async move {
        let mut lines = vec![client.display_name()];
        for number in 1..=9 {
            if let Some(contact) = client.contact(&friend(number)).await.unwrap() {
                lines.push(format!("{number}: {} {} {}", contact.shown_name(), contact.approved, contact.blocked));
            }
            if let Some(c) = with(&client, number).await.filter(|c| !c.hidden) {
                let kept = (c.pinned, c.expiry, c.muted_until, c.notify, c.marked_unread);
                lines.push(format!("{number}: {kept:?}"));
            }
        }
        lines
    })
}

fn equal(one: &Device, other: &Device) {
    eventually("two devices to be equal", PATIENCE, || (state(one) == state(other)).then_some(()));
}

#[test]
fn what_is_changed_on_one_device_is_seen_on_the_other() {
    let network = LocalNetwork::start(12, 2);
    let phone = Device::create(network.profile(), "Ada");
    phone.run(|client| async move {
        befriend(&client, 2).await;
    });
    phone.synced();
    let tablet = phone.twin(network.profile());
    assert_eq!(tablet.client().display_name(), "Ada");
    equal(&phone, &tablet);

    tablet.run(|client| async move {
        let id = befriend(&client, 3).await;
        client.set_display_name("Ada L.").await.unwrap();
        client.set_blocked(&friend(4), true).await.unwrap();
        client.set_pinned(id, true).await.unwrap();
        client.set_muted_until(id, Some(TimestampMs(1_900_000_000_000))).await.unwrap();
        client.set_notify(id, Notify::Off).await.unwrap();
        client.set_marked_unread(id, true).await.unwrap();
    });
    eventually("the other device to see it", PATIENCE, || {
        (phone.client().display_name() == "Ada L." && state(&phone) == state(&tablet)).then_some(())
    });
    let seen = phone.run(|client| async move { with(&client, 3).await }).unwrap();
    assert!(seen.pinned > 0 && seen.marked_unread && seen.notify == Notify::Off);

    phone.run(|client| async move {
        let id = with(&client, 3).await.unwrap().id;
        client.set_pinned(id, false).await.unwrap();
        client.delete_contact(&friend(2)).await.unwrap();
        client.set_blocked(&friend(4), false).await.unwrap();
    });
    eventually("a contact to be gone", PATIENCE, || {
        tablet.run(|client| async move { with(&client, 2).await.is_none().then_some(()) })
    });
}

#[test]
fn devices_that_change_apart_are_equal_when_both_are_back() {
    let network = LocalNetwork::start(12, 2);
    let mut phone = Device::create(network.profile(), "Ada");
    phone.run(|client| async move {
        befriend(&client, 2).await;
        befriend(&client, 3).await;
    });
    phone.synced();
    let mut tablet = phone.twin(network.profile());
    equal(&phone, &tablet);
    phone.off();
    tablet.off();

    // Each is on for a moment without the other.
    for round in 0..3 {
        phone.on();
        phone.run(|client| async move {
            let id = with(&client, 2).await.unwrap().id;
            client.set_nickname(&friend(2), &format!("by phone {round}")).await.unwrap();
            client.set_pinned(id, round % 2 == 0).await.unwrap();
            befriend(&client, 5 + round).await;
        });
        phone.off();
        tablet.on();
        tablet.run(|client| async move {
            let id = with(&client, 3).await.unwrap().id;
            client.set_nickname(&friend(3), &format!("by tablet {round}")).await.unwrap();
            client.set_marked_unread(id, round % 2 == 0).await.unwrap();
            client.set_display_name(&format!("Ada {round}")).await.unwrap();
        });
        tablet.off();
    }
    phone.on();
    tablet.on();
    eventually("what each did to be on both", PATIENCE, || {
        let state = state(&phone);
        let all = ["by phone 2", "by tablet 2", "Friend 7", "Ada 2"];
        let has = |text: &str| state.iter().any(|line| line.contains(text));
        (all.iter().all(|text| has(text)) && state == self::state(&tablet)).then_some(())
    });
}

#[test]
fn an_account_comes_back_with_name_contacts_and_settings() {
    let network = LocalNetwork::start(12, 2);
    let bob = Person::join(network.profile(), "Bob");
    let mut phone = Device::create(network.profile(), "Ada");
    let bob_id = AccountId::parse(&bob.id).unwrap();
    let words = phone.run(|client| async move {
        let id = client.open_conversation(&bob_id).await.unwrap();
        let message = client.send_text(id, "Hello Bob").await.unwrap();
        client.delivery(message).await.unwrap();
        client.settle(PATIENCE).await.unwrap();
        client.set_nickname(&bob_id, "Bobby").await.unwrap();
        client.set_pinned(id, true).await.unwrap();
        befriend(&client, 3).await;
        client.set_blocked(&friend(4), true).await.unwrap();
        client.phrases().await.unwrap().bip39
    });
    phone.synced();
    let before = state(&phone);
    phone.off();

    let tablet = Device::restore(network.profile(), &words);
    assert_eq!(state(&tablet), before);
    let found = tablet.client().restore_progress().borrow().found.clone();
    assert_eq!((found.name.as_str(), found.contacts, found.messages), ("Ada", 2, 1));
    let pinned = tablet.run(|client| async move {
        let id = client.find_conversation(&bob_id).await.unwrap().unwrap();
        assert_eq!(client.contact(&bob_id).await.unwrap().unwrap().shown_name(), "Bobby");
        assert!(client.contact(&friend(4)).await.unwrap().unwrap().blocked);
        client.conversation(id).await.unwrap().pinned
    });
    assert!(pinned > 0);
    tablet.synced();
}

#[test]
fn the_program_says_what_was_restored() {
    let network = LocalNetwork::start(12, 2);
    let alice = Person::join(network.profile(), "Alice");
    let bob = Person::join(network.profile(), "Bob");
    alice.send(&bob.id, "Hi Bob").unwrap();
    alice.ask(&["contact", &bob.id, "--nickname", "Bobby"]).unwrap();
    let folder = tempfile::tempdir().unwrap();
    let restore = |words: &str, name: &str| {
        let mut command = std::process::Command::new(tacit_tests::harness::program("tacit"));
        command.arg("--profile").arg(folder.path().join(name)).arg("--network").arg(network.profile());
        command.args(["--json", "account", "restore", "--wait", "30", "--phrase", words]);
        let output = command.output().unwrap();
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
        let text = String::from_utf8(output.stdout).unwrap();
        serde_json::from_str::<serde_json::Value>(text.lines().nth(1).unwrap()).unwrap()
    };
    let restored = restore(&alice.phrase, "found");
    assert_eq!(restored["outcome"], "found");
    assert_eq!((&restored["profile"]["name"], &restored["contacts"]), (&"Alice".into(), &1.into()));
    assert_eq!(restored["names"]["contacts"], serde_json::json!(["Bobby"]));
    assert_eq!(restored["conversations"], 1);
    let nobody = phrase::session13(&tacit_crypto::Seed::from_bytes([9; 16]));
    assert_eq!(restore(&nobody, "nothing")["outcome"], "nothing");
}

#[test]
fn configs_that_make_no_sense_are_skipped_and_nothing_is_lost() {
    let network = LocalNetwork::start(12, 2);
    let phone = Device::create(network.profile(), "Ada");
    phone.run(|client| async move {
        befriend(&client, 2).await;
    });
    phone.synced();
    let words = phone.run(|client| async move { client.phrases().await.unwrap().session13 });
    let keys = AccountKeys::from_seed(&phrase::parse(&words).unwrap().seed);
    let stranger = Stranger::join(network.profile());
    for namespace in [Namespace::PROFILE, Namespace::CONTACTS, Namespace::VOLATILE, Namespace::GROUPS] {
        for data in [&b"garbage"[..], &[0; 500], &[7; 76_800], b"d1:#i9223372036854775807e1:&de1:<le1:=dee"] {
            stranger.store_as(&keys, namespace, data);
        }
    }
    let tablet = phone.twin(network.profile());
    equal(&phone, &tablet);
    let skipped = |device: &Device| {
        let skipped = device.run(|client| async move { client.skipped().await.unwrap() });
        skipped.iter().find(|(reason, _)| reason == "config").map(|(_, count)| *count)
    };
    eventually("all to be counted", PATIENCE, || (skipped(&tablet) == Some(16)).then_some(()));
    tablet.run(|client| async move { client.set_nickname(&friend(2), "still here").await.unwrap() });
    eventually("the other device to see it", PATIENCE, || {
        state(&phone).iter().any(|line| line.contains("still here")).then_some(())
    });
    eventually("it to have counted too", PATIENCE, || (skipped(&phone) == Some(16)).then_some(()));
}

#[test]
fn three_hundred_contacts_come_back_at_once() {
    let network = LocalNetwork::start(12, 2);
    let mut phone = Device::create(network.profile(), "Ada");
    let words = phone.run(|client| async move {
        for number in 0..300_u32 {
            let mut key = [9; 32];
            key[..4].copy_from_slice(&number.to_le_bytes());
            let who = AccountId::from_x25519(&key);
            let id = client.open_conversation(&who).await.unwrap();
            client.accept(&who).await.unwrap();
            client.set_nickname(&who, &format!("Somebody with number {number}")).await.unwrap();
            client.set_pinned(id, number % 10 == 0).await.unwrap();
            client.set_notify(id, Notify::All).await.unwrap();
        }
        client.phrases().await.unwrap().session13
    });
    phone.synced();
    phone.off();
    let start = std::time::Instant::now();
    let tablet = Device::restore(network.profile(), &words);
    println!("restored after {:?}", start.elapsed());
    let contacts = tablet.run(|client| async move { client.contacts().await.unwrap() });
    assert_eq!(contacts.len(), 300);
    assert!(contacts.iter().any(|contact| contact.shown_name() == "Somebody with number 299"));
    assert_eq!(tablet.client().restore_progress().borrow().found.conversations, 300);
}

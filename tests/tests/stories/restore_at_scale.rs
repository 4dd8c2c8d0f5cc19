//! An account of many years comes back on an empty device: 300 contacts, 40 groups and communities,
//! settings and read states of all of them.

use std::time::{Duration, Instant};

use tacit_client::{Client, Communities, Contact, Conversation, Expiry, Groups, Notify};
use tacit_config::community_url::CommunityUrl;
use tacit_config::groups::{self, Group, LegacyGroup, Room};
use tacit_config::{Config, Kind, Picture, contacts};
use tacit_crypto::{AccountKeys, blake2b, phrase};
use tacit_tests::harness::{Device, LocalNetwork, Stranger, eventually};
use tacit_wire::{AccountId, Namespace, TimestampMs};

const PATIENCE: Duration = Duration::from_secs(60);
const CONTACTS: u32 = 300;
/// Bytes that a node takes of one message.
const LIMIT: usize = 76_800;

fn noise(number: u32) -> [u8; 32] {
    blake2b::hash256(&[b"noise", &number.to_be_bytes()])
}

fn friend(number: u32) -> AccountId {
    AccountId::from_x25519(&noise(number))
}

fn now() -> TimestampMs {
    let now = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).unwrap();
    TimestampMs(now.as_millis() as u64)
}

/// What other people told of themselves, which no command of ours can set.
fn people(keys: &AccountKeys) -> Config {
    let mut config = Config::new(Kind::Contacts, keys);
    for number in 0..CONTACTS {
        let url = format!("http://filev2.getsession.org/file/{number}{}#d=", hex::encode(&noise(number)[..8]));
        let contact = contacts::Contact {
            name: format!("Person {number}, {}", hex::encode(&noise(number)[..6])),
            picture: Some(Picture { url, key: noise(number + 10_000) }),
            profile_updated: 1_700_000_000 + i64::from(number),
            approved: true,
            approved_me: true,
            created: 1_690_000_000,
            ..contacts::Contact::new(friend(number))
        };
        contacts::set(&mut config, &contact).unwrap();
    }
    config
}

/// 20 groups, 15 rooms of communities and 5 groups of the old kind.
pub fn lists(keys: &AccountKeys) -> Config {
    let mut config = Config::new(Kind::Groups, keys);
    for number in 0..20_u8 {
        let mut id = [number; 33];
        id[0] = 3;
        let mut group = Group::new(AccountId::from_bytes(id).unwrap());
        group.name = format!("Group {number}");
        group.signing_value = Some(std::array::from_fn(|at| noise(number.into())[at % 32]).into());
        (group.settings.joined, group.settings.priority) = (1_700_000_000, i64::from(number % 3));
        groups::set_group(&mut config, &group).unwrap();
    }
    for number in 0..15_u8 {
        let base = format!("https://community{}.example.org", number / 3);
        let url = CommunityUrl::new(&base, &format!("room{number}"), [number / 3 + 1; 32]).unwrap();
        groups::set_room(&mut config, &Room { url, settings: groups::Settings::default() });
    }
    for number in 0..5 {
        let group = LegacyGroup {
            id: friend(1_000 + number),
            name: format!("Old group {number}"),
            keys: None,
            members: (0..20).map(friend).collect(),
            admins: (20..22).map(friend).collect(),
            timer: 0,
            settings: groups::Settings::default(),
        };
        groups::set_legacy_group(&mut config, &group).unwrap();
    }
    config
}

/// Two years of settings, by commands.
async fn settle_in(client: Client) {
    for number in 0..CONTACTS {
        let who = friend(number);
        let id = client.open_conversation(&who).await.unwrap();
        if number % 2 == 0 {
            client.set_nickname(&who, &format!("My friend {number}")).await.unwrap();
        }
        client.set_blocked(&who, number % 20 == 7).await.unwrap();
        client.set_pinned(id, number % 30 == 1).await.unwrap();
        if number % 10 == 3 {
            client.set_muted_until(id, Some(TimestampMs(2_000_000_000_000))).await.unwrap();
            client.set_notify(id, Notify::Off).await.unwrap();
        }
        client.mark_read(id, None).await.unwrap();
        client.set_marked_unread(id, number % 25 == 4).await.unwrap();
    }
    for number in [0, 100, 200] {
        let id = client.open_conversation(&friend(number)).await.unwrap();
        client.set_expiry(id, Expiry::AfterSend { seconds: 86_400 }).await.unwrap();
    }
    let id = client.open_conversation(&client.account_id()).await.unwrap();
    client.set_pinned(id, true).await.unwrap();
}

/// All that has to come back.
#[derive(Debug, PartialEq)]
struct Kept {
    name: String,
    contacts: Vec<Contact>,
    conversations: Vec<Conversation>,
    groups: Groups,
    communities: Communities,
}

async fn kept(client: Client) -> Kept {
    let mut kept = Kept {
        name: client.display_name(),
        contacts: Vec::new(),
        conversations: Vec::new(),
        groups: client.groups().await.unwrap(),
        communities: client.communities().await.unwrap(),
    };
    for who in (0..CONTACTS).map(friend).chain([client.account_id()]) {
        if let Some(contact) = client.contact(&who).await.unwrap().filter(|_| who != client.account_id()) {
            kept.contacts.push(Contact { created: TimestampMs(0), ..contact });
        }
        let Some(id) = client.find_conversation(&who).await.unwrap() else { continue };
        let conversation = client.conversation(id).await.unwrap();
        // Rows and when they were made are the device's own.
        let own =
            Conversation { id: kept_nowhere(), created: TimestampMs(0), active_at: TimestampMs(0), ..conversation };
        kept.conversations.push(own);
    }
    kept
}

fn kept_nowhere() -> tacit_client::ConversationId {
    tacit_client::ConversationId(0)
}

#[test]
fn an_account_with_300_contacts_and_40_groups_comes_back_in_five_seconds() {
    let network = LocalNetwork::start(12, 2);
    let phone = Device::create(network.profile(), "Ada");
    phone.synced();
    let words = phone.run(|client| async move { client.phrases().await.unwrap().session13 });
    let keys = AccountKeys::from_seed(&phrase::parse(&words).unwrap().seed);
    let tablet_of_before = Stranger::join(network.profile());
    for (namespace, mut config) in [(Namespace::CONTACTS, people(&keys)), (Namespace::GROUPS, lists(&keys))] {
        for message in config.push(now()).unwrap().messages {
            tablet_of_before.store_as(&keys, namespace, &message);
        }
    }
    eventually("the phone to have all people", PATIENCE, || {
        let people = phone.run(|client| async move { client.contacts().await.unwrap().len() });
        (people == CONTACTS as usize).then_some(())
    });
    phone.run(settle_in);
    phone.run(|client| async move { client.settle(PATIENCE).await.unwrap() });
    phone.synced();

    for namespace in [Namespace::PROFILE, Namespace::CONTACTS, Namespace::VOLATILE, Namespace::GROUPS] {
        let sizes: Vec<_> =
            tablet_of_before.retrieve_as(&keys, namespace).iter().map(|message| message.data.len()).collect();
        println!("namespace {}: {sizes:?} bytes", namespace.0);
        assert!(!sizes.is_empty() && sizes.iter().all(|size| *size < LIMIT), "{sizes:?}");
    }

    let start = Instant::now();
    let tablet = Device::restore(network.profile(), &words);
    let took = start.elapsed();
    println!("restored in {took:.2?}, from an empty folder to the end, the network's time included");
    let (before, after) = (phone.run(kept), tablet.run(kept));
    assert_eq!((before.contacts.len(), before.conversations.len()), (CONTACTS as usize, CONTACTS as usize + 1));
    assert_eq!(before.groups.groups.len() + before.groups.legacy.len() + before.communities.len(), 40);
    assert_eq!(after, before);
    assert!(took < Duration::from_secs(5), "it took {took:.2?}");
}

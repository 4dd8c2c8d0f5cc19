//! Config messages: as they are stored, as if they were decrypted, and as if they were whole.

use tacit_config::community_url::CommunityUrl;
use tacit_config::contacts::{self, Contact};
use tacit_config::group::keys::GroupKeys;
use tacit_config::group::members::{self, Member};
use tacit_config::group::multi_encrypt as multi;
use tacit_config::message::{LAG, Message};
use tacit_config::{Config, Kind, groups, profile, volatile};
use tacit_crypto::{NodeKeys, config as cipher};
use tacit_wire::{AccountId, MessageHash, Prefix, TimestampMs};

use super::messages::account;

const NOW: TimestampMs = TimestampMs(1_795_504_100_256);

fn hash(number: u8) -> MessageHash {
    MessageHash::from_bytes(&[number; 32])
}

/// A config message in clear: written again it reads the same, and the same hash stands for it.
pub fn config_message(data: &[u8]) {
    if let Ok((message, _)) = Message::parse(data, LAG, None) {
        let bytes = message.to_bytes(LAG, None);
        let again = Message::parse(&bytes, LAG, None);
        assert_eq!(again.map(|(message, _)| message).as_ref(), Ok(&message));
    }
}

/// Stored bytes of each kind; then as the text of a message that is right otherwise. Records are
/// read of whatever comes, and a dump holds it.
pub fn config_stored(data: &[u8]) {
    let keys = account(1);
    for kind in Kind::ACCOUNT {
        let mut config = Config::new(kind, &keys);
        let mut messages = vec![(hash(1), data.to_vec())];
        let sealed = cipher::seal(keys.ed25519_seed(), kind.domain().as_bytes(), data);
        messages.extend(sealed.ok().map(|sealed| (hash(2), sealed)));
        config.merge(&messages, NOW);
        let _ = profile::read(&config);
        let contact = contacts::all(&config).chain([Contact::new(AccountId::from_x25519(&[2; 32]))]).next();
        let _ = contacts::all_blinded(&config).count() + volatile::all(&config).count();
        let _ = groups::all_groups(&config).count() + groups::all_rooms(&config).count();
        let _ = groups::all_legacy_groups(&config).count();
        let again = Config::load(kind, &keys, &config.dump());
        assert_eq!(again.map(|mut again| again.to_bytes()).ok(), Some(config.to_bytes()));
        // And it can be changed.
        if let Some(contact) = contact {
            assert_eq!(contacts::set(&mut config, &contact), Ok(()));
            volatile::prune(&mut config, NOW);
            assert!(config.push(NOW).is_ok());
        }
    }
}

/// Messages with a group's keys, and messages for several.
pub fn config_keys(data: &[u8]) {
    let group = NodeKeys::from_seed(&[3; 32]);
    let id = AccountId::new(Prefix::Group, &group.ed25519_public());
    let _ = multi::open(data, &account(1), &group.ed25519_public(), multi::KICKED_DOMAIN);
    let _ = multi::says_kicked(data, &id, Some(1));
    let _ = tacit_crypto::subaccount::check(&account(1), &group.ed25519_public(), data, 0);
    for signer in [None, Some(&group)] {
        let Ok(mut keys) = GroupKeys::new(&id, &account(1), signer) else { return };
        let configs = [Kind::GroupInfo, Kind::GroupMembers].map(|kind| Config::new_group(kind, &id, signer));
        let [Ok(mut info), Ok(mut members)] = configs else { return };
        let before = keys.dump();
        if keys.receive(&hash(1), data, 5, &mut info, &mut members).is_err() {
            assert_eq!(keys.dump(), before);
        }
        let _ = GroupKeys::load(&id, &account(1), signer, data);
    }
}

/// Addresses of rooms.
pub fn config_url(data: &[u8]) {
    let text = String::from_utf8_lossy(data);
    if let Ok(url) = CommunityUrl::parse(&text) {
        assert_eq!(CommunityUrl::parse(&url.to_string()).as_ref(), Ok(&url));
    }
}

/// A config with somebody in it.
fn filled() -> Config {
    let mut config = Config::new(Kind::Contacts, &account(1));
    let contact = Contact { name: "Ana".to_owned(), ..Contact::new(AccountId::from_x25519(&[2; 32])) };
    let _ = contacts::set(&mut config, &contact);
    let _ = config.push(NOW);
    let _ = contacts::set(&mut config, &Contact { nickname: "A".to_owned(), ..contact });
    config
}

pub(super) fn messages() -> Vec<Vec<u8>> {
    let kept =
        b"d1:#i7e1:$3:abc1:&d1:ali1e1:xee1:<lli5e32:hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhd1:b1:-eee1:=d1:alli1eeleee1:Zlee";
    vec![filled().to_bytes().to_vec(), kept.to_vec()]
}

pub(super) fn stored() -> Vec<Vec<u8>> {
    let wrapped = filled().push(NOW).map(|push| push.messages).unwrap_or_default();
    messages().into_iter().chain(wrapped).collect()
}

pub(super) fn keys_messages() -> Vec<Vec<u8>> {
    let group = NodeKeys::from_seed(&[3; 32]);
    let id = AccountId::new(Prefix::Group, &group.ed25519_public());
    let made = || {
        let mut keys = GroupKeys::new(&id, &account(1), Some(&group))?;
        let mut info = Config::new_group(Kind::GroupInfo, &id, Some(&group))?;
        let mut all = Config::new_group(Kind::GroupMembers, &id, Some(&group))?;
        let member = AccountId::from_x25519(&account(1).x25519_public());
        members::set(&mut all, &Member::new(member))?;
        let full = keys.rekey(&mut info, &mut all)?;
        keys.receive(&hash(1), &full, 5, &mut info, &mut all)?;
        Ok::<_, tacit_config::Error>(vec![keys.supplement(&[member])?, keys.dump(), full])
    };
    made().unwrap_or_default()
}

pub(super) fn urls() -> Vec<Vec<u8>> {
    let key = "ab".repeat(32);
    vec![
        format!("https://open.example.org:8080/r/Room?public_key={key}").into_bytes(),
        format!("http://1.2.3.4/room_1?public_key={key}").into_bytes(),
    ]
}

//! What was read up to where (protocol: config 8.3).

use tacit_wire::{AccountId, Prefix, TimestampMs};

use super::{Editor, account_id, array, dict, flag, integer};
use crate::community_url::CommunityUrl;
use crate::value::{Dict, Value};
use crate::{Config, Error};

const DAY_MS: u64 = 24 * 3_600 * 1_000;
/// What was read longer ago is not worth writing …
const WRITTEN_MS: u64 = 30 * DAY_MS;
/// … and is erased when it is older than this.
const KEPT_MS: u64 = 45 * DAY_MS;

const PEOPLE: &[u8] = b"1";
const GROUPS: &[u8] = b"g";
const LEGACY_GROUPS: &[u8] = b"C";
const ROOMS: &[u8] = b"o";
const BLINDED: &[u8] = b"b";

/// Which conversation.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Conversation {
    /// With an account, ourselves too.
    Person(AccountId),
    /// A group.
    Group(AccountId),
    /// A group of the kind before 2024, by its 05 ID.
    LegacyGroup(AccountId),
    /// A room of a community.
    Room(CommunityUrl),
    /// With a blinded ID.
    Blinded(AccountId),
}

/// A proof of paid features, seen with a message. Kept for other programs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProSeen {
    /// When it ends.
    pub expires: TimestampMs,
    /// Its hash.
    pub hash: [u8; 32],
}

/// How far a conversation was read.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ReadState {
    /// Messages up to this time were read; 0 if that is not known.
    pub last_read: TimestampMs,
    /// Marked as unread by hand.
    pub unread: bool,
    /// With people: the proof seen last.
    pub pro: Option<ProSeen>,
}

impl ReadState {
    fn read(record: &Dict) -> Self {
        let time = |key: &[u8]| TimestampMs(u64::try_from(integer(record, key)).unwrap_or(0));
        let expires = Some(time(b"e")).filter(|time| time.0 > 0);
        Self {
            last_read: time(b"r"),
            unread: flag(record, b"u"),
            pro: expires.zip(array(record, b"g")).map(|(expires, hash)| ProSeen { expires, hash }),
        }
    }
}

/// The state of one conversation.
#[must_use]
pub fn get(config: &Config, conversation: &Conversation) -> Option<ReadState> {
    with_path(conversation, |path| config.get(path).and_then(Value::as_dict).map(ReadState::read))
}

/// The conversation with an ID, if it is of the right kind.
type OfId = fn(AccountId) -> Option<Conversation>;

/// All states. Records under unfit keys are passed over, and kept.
pub fn all(config: &Config) -> impl Iterator<Item = (Conversation, ReadState)> {
    let kinds: [(&[u8], OfId); 4] = [
        (PEOPLE, |id| (id.prefix() == Prefix::Account).then_some(Conversation::Person(id))),
        (GROUPS, |id| (id.prefix() == Prefix::Group).then_some(Conversation::Group(id))),
        (LEGACY_GROUPS, |id| (id.prefix() == Prefix::Account).then_some(Conversation::LegacyGroup(id))),
        (BLINDED, |id| is_blinded(&id).then_some(Conversation::Blinded(id))),
    ];
    let by_id = kinds.into_iter().flat_map(|(kind, conversation)| {
        let records = dict(config.data(), kind).into_iter().flatten();
        records.filter_map(move |(key, record)| {
            Some((conversation(account_id(key)?)?, ReadState::read(record.as_dict()?)))
        })
    });
    let servers = dict(config.data(), ROOMS).into_iter().flatten();
    let rooms =
        servers.flat_map(|(base, server)| server.as_dict().map(|server| rooms(base, server)).into_iter().flatten());
    by_id.chain(rooms)
}

fn rooms<'d>(base: &'d [u8], server: &'d Dict) -> impl Iterator<Item = (Conversation, ReadState)> + 'd {
    let base = std::str::from_utf8(base).ok().zip(array(server, b"#"));
    let records = dict(server, b"R").into_iter().flatten();
    records.filter_map(move |(room, record)| {
        let (base, key) = base?;
        let url = CommunityUrl::new(base, std::str::from_utf8(room).ok()?, key).ok()?;
        Some((Conversation::Room(url), ReadState::read(record.as_dict()?)))
    })
}

/// Writes a state. A time longer than 30 days ago is not written, unless it takes back a later
/// one.
///
/// # Errors
/// [`Error::Id`] when the ID is not of the kind that the conversation says.
pub fn set(config: &mut Config, conversation: &Conversation, state: &ReadState, now: TimestampMs) -> Result<(), Error> {
    let fits = match conversation {
        Conversation::Person(id) | Conversation::LegacyGroup(id) => id.prefix() == Prefix::Account,
        Conversation::Group(id) => id.prefix() == Prefix::Group,
        Conversation::Blinded(id) => is_blinded(id),
        Conversation::Room(_) => true,
    };
    if !fits {
        return Err(Error::Id);
    }
    let before = get(config, conversation).unwrap_or_default().last_read;
    let is_recent = state.last_read > now.minus_ms(WRITTEN_MS);
    with_path(conversation, |path| {
        if let Conversation::Room(url) = conversation {
            Editor::new(config, &path[..2]).set(b"#", url.server_key().as_slice());
        }
        let mut record = Editor::new(config, path);
        if is_recent || (before.0 > 0 && state.last_read < before) {
            record.positive(b"r", i64::try_from(state.last_read.0).unwrap_or(i64::MAX));
        }
        record.flag(b"u", state.unread);
        if let Conversation::Person(_) | Conversation::Blinded(_) = conversation {
            let expires = state.pro.as_ref().map_or(0, |pro| i64::try_from(pro.expires.0).unwrap_or(i64::MAX));
            record.positive(b"e", expires);
            record.bytes(b"g", state.pro.as_ref().map(|pro| pro.hash.as_slice()));
        }
        if let Conversation::Blinded(id) = conversation {
            record.flag(b"y", id.prefix() == Prefix::Blinded15);
        }
    });
    Ok(())
}

/// Erases a state; that of a server's last room takes the server with it. Says whether there was
/// one.
pub fn erase(config: &mut Config, conversation: &Conversation) -> bool {
    with_path(conversation, |path| {
        let erased = config.erase(path);
        if let (true, [rest @ .., _]) = (erased && path.len() == 4, path)
            && config.get(rest).is_none()
        {
            config.erase(&path[..2]);
        }
        erased
    })
}

/// Erases what was read longer than 45 days ago and is not marked unread.
pub fn prune(config: &mut Config, now: TimestampMs) {
    let limit = now.minus_ms(KEPT_MS);
    let is_stale = |state: &ReadState| {
        let has_proof = state.pro.as_ref().is_some_and(|pro| pro.expires >= limit);
        !state.unread && !has_proof && state.last_read < limit
    };
    let stale: Vec<Conversation> = all(config).filter(|(_, state)| is_stale(state)).map(|(of, _)| of).collect();
    for conversation in stale {
        erase(config, &conversation);
    }
}

fn is_blinded(id: &AccountId) -> bool {
    matches!(id.prefix(), Prefix::Blinded15 | Prefix::Blinded25)
}

fn with_path<T>(conversation: &Conversation, then: impl FnOnce(&[&[u8]]) -> T) -> T {
    match conversation {
        Conversation::Person(id) => then(&[PEOPLE, id.as_bytes()]),
        Conversation::Group(id) => then(&[GROUPS, id.as_bytes()]),
        Conversation::LegacyGroup(id) => then(&[LEGACY_GROUPS, id.as_bytes()]),
        Conversation::Blinded(id) => then(&[BLINDED, id.as_bytes()]),
        Conversation::Room(url) => then(&[ROOMS, url.base().as_bytes(), b"R", url.room_key().as_bytes()]),
    }
}

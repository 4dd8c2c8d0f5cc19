//! Typed records to data and back (protocol: config 8, 9).

use serde_json::Value;
use tacit_config::message::{LAG, Message};
use tacit_config::value::Dict;
use tacit_config::{Config, Kind};
use tacit_crypto::{AccountKeys, NodeKeys, Seed, config as cipher};
use tacit_wire::{AccountId, Prefix, TimestampMs, name};
use zeroize::Zeroizing;

use super::json::{Named, Shown, message_hash};
use crate::report::Report;
use crate::sections::case::Case;

mod contacts;
mod groups;
mod info;
mod members;
mod profile;
mod volatile;

fn keys() -> AccountKeys {
    AccountKeys::from_seed(&Seed::from_bytes([7; 16]))
}

fn group() -> NodeKeys {
    NodeKeys::from_seed(&[8; 32])
}

const GROUP_KEY: [u8; 32] = [9; 32];

/// An empty config.
fn fresh(kind: Kind) -> Option<Config> {
    if kind.wire_kind().is_some() {
        return Some(Config::new(kind, &keys()));
    }
    let id = AccountId::new(Prefix::Group, &group().ed25519_public());
    let mut config = Config::new_group(kind, &id, Some(&group())).ok()?;
    config.set_keys([Zeroizing::new(GROUP_KEY)]);
    Some(config)
}

/// Calls one after the other; `now` is the clock of the file.
pub fn records(section: &Value, now: TimestampMs, report: &mut Report) {
    let mut configs: Named<Config> = Named::new();
    Case::new("records", section, report).each(|case| {
        let name = case.text("kind")?;
        if name == "utf8_truncate" {
            return truncate(case);
        }
        let kind = case.kind("kind")?;
        let call = case.text("call")?;
        let starts_anew = kind == Kind::Contacts || (kind == Kind::Groups && call.contains("group"));
        let before = configs.remove(name).filter(|_| !starts_anew);
        let mut config = if let Some(before) = before { before } else { fresh(kind)? };
        if call == "read" {
            config = holding(case, kind, "data")?;
            contacts::read(case, &config)?;
        } else if kind == Kind::GroupMembers {
            config = holding(case, kind, "data")?;
            members::read_and_write(case, &config)?;
        } else {
            set(case, &mut config, now)?;
            compare(case, kind, &config)?;
        }
        configs.insert(name.to_owned(), config);
        Some(())
    });
}

/// Calls on what the case says is there.
pub fn records_new(section: &Value, report: &mut Report) {
    Case::new("records_new", section, report).each(|case| {
        let kind = case.kind("kind")?;
        let now = TimestampMs(case.number("now_s")? as u64 * 1_000);
        let mut config = holding(case, kind, "before")?;
        let before = config.data().clone();
        set(case, &mut config, now)?;
        case.equal_data("after", &config)?;
        if case.has("changed") {
            let changed = case.flag("changed")?;
            case.equal("changed", changed, *config.data() != before);
        }
        if kind == Kind::Profile { profile::read(case, &config) } else { Some(()) }
    });
}

fn set(case: &mut Case<'_, '_>, config: &mut Config, now: TimestampMs) -> Option<()> {
    let call = case.text("call")?;
    let mut arguments = case.object("args")?;
    match config.kind() {
        Kind::Profile => profile::set(&mut arguments, call, config, now),
        Kind::Contacts => contacts::set(&mut arguments, call, config),
        Kind::Volatile => volatile::set(&mut arguments, call, config, now),
        Kind::Groups => groups::set(&mut arguments, call, config),
        Kind::GroupInfo => info::set(&mut arguments, call, config),
        Kind::GroupMembers => {
            case.fail(format_args!("unknown call {call}"));
            None
        }
    }
}

fn compare(case: &mut Case<'_, '_>, kind: Kind, config: &Config) -> Option<()> {
    let mut data: Dict = config.data().clone();
    if kind == Kind::Profile {
        // These calls are older than the times of changes.
        data.remove(&b"t"[..]);
        data.remove(&b"T"[..]);
    }
    let expected = case.dict("data")?;
    case.equal("data", &Shown(&expected), &Shown(&data));
    if case.has("changed") {
        let changed = case.flag("changed")?;
        case.equal("changed", changed, config.needs_push());
    }
    match kind {
        Kind::Contacts => contacts::read_back(case, config),
        Kind::Groups if case.has("read_back") => groups::read_back(case, config),
        _ => Some(()),
    }
}

/// A config with the data of a field: taken from a message of another device.
fn holding(case: &mut Case<'_, '_>, kind: Kind, key: &str) -> Option<Config> {
    let data = case.dict(key)?;
    let mut config = fresh(kind)?;
    if data.is_empty() {
        return Some(config);
    }
    let signer = kind.wire_kind().is_none().then(group);
    let message = Message { seqno: 1, data: data.clone(), ..Message::empty() }.to_bytes(LAG, signer.as_ref());
    let base_key = if signer.is_some() { GROUP_KEY } else { *keys().ed25519_seed() };
    let sealed = cipher::seal(&base_key, kind.domain().as_bytes(), &message);
    let sealed = case.ok(key, sealed)?;
    config.merge_only(&[(message_hash(key), sealed)], TimestampMs(0));
    case.equal(key, &Shown(&data), &Shown(config.data()));
    Some(config)
}

fn truncate(case: &mut Case<'_, '_>) -> Option<()> {
    let cases = case.json("cases_hex_max_result")?.as_array().filter(|cases| !cases.is_empty());
    for cut in case.ok("cases_hex_max_result", cases.ok_or("has no cases"))? {
        let text = |at: usize| String::from_utf8(hex::decode(cut.get(at)?.as_str()?).ok()?).ok();
        let limit = cut.get(1).and_then(Value::as_u64).map(|limit| limit as usize);
        let parts = text(0).zip(limit);
        let (whole, limit) = case.ok("cases_hex_max_result", parts.ok_or("is malformed"))?;
        case.equal("truncate", text(2).as_deref(), Some(name::cut_to(&whole, limit)));
    }
    Some(())
}

impl<'v> Case<'v, '_> {
    /// A number that may be left out.
    fn integer_or_0(&mut self, key: &str) -> Option<i64> {
        if self.has(key) { self.integer(key) } else { Some(0) }
    }

    /// A flag that may be left out.
    fn flag_or_not(&mut self, key: &str) -> Option<bool> {
        if self.has(key) { self.flag(key) } else { Some(false) }
    }

    /// A text that may be left out.
    fn text_or_empty(&mut self, key: &str) -> Option<&'v str> {
        if self.has(key) { self.text(key) } else { Some("") }
    }

    /// A picture; one without address or with a key of another size is none.
    fn picture(&mut self, url: &str, key: &str) -> Option<Option<tacit_config::Picture>> {
        let url = self.text_or_empty(url)?.to_owned();
        let key = super::json::unmarked(self.text_or_empty(key)?);
        let key = key.try_into().ok().filter(|_| !url.is_empty());
        Some(key.map(|key| tacit_config::Picture { url, key }))
    }

    /// A key of 32 bytes, with or without a mark.
    fn key(&mut self, key: &str) -> Option<[u8; 32]> {
        let bytes = super::json::unmarked(self.text(key)?).try_into();
        self.ok(key, bytes.map_err(|_| "does not have 32 bytes"))
    }
}

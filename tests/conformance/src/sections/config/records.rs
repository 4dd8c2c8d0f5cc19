//! Typed records to data and back (protocol: config 8, 9).

use serde_json::Value;
use tacit_config::value::Dict;
use tacit_config::{Config, Kind};
use tacit_crypto::{AccountKeys, Seed, config as cipher};
use tacit_wire::bencode::write_bytes;
use tacit_wire::{TimestampMs, name};

use super::json::{Named, Shown, message_hash};
use crate::report::Report;
use crate::sections::case::Case;

mod contacts;
mod groups;
mod profile;
mod volatile;

fn keys() -> AccountKeys {
    AccountKeys::from_seed(&Seed::from_bytes([7; 16]))
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
        let fresh = matches!((kind, call), (Kind::Contacts, _) | (_, "set_group" | "set_legacy_group"))
            && !matches!(kind, Kind::Volatile);
        let mut config = configs.remove(name).filter(|_| !fresh).unwrap_or_else(|| Config::new(kind, &keys()));
        if call == "read" {
            config = holding(case, kind, "data")?;
            contacts::read(case, &config)?;
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
        Kind::GroupInfo | Kind::GroupMembers => None,
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
    let mut config = Config::new(kind, &keys());
    if data.is_empty() {
        return Some(config);
    }
    let mut message = b"d1:#i1e1:&".to_vec();
    write_dict(&data, &mut message);
    message.extend_from_slice(b"1:<le1:=dee");
    let sealed = cipher::seal(keys().ed25519_seed(), kind.domain().as_bytes(), &message);
    let sealed = case.ok(key, sealed)?;
    config.merge_only(&[(message_hash(key), sealed)], TimestampMs(0));
    case.equal(key, &Shown(&data), &Shown(config.data()));
    Some(config)
}

fn write_dict(dict: &Dict, out: &mut Vec<u8>) {
    use tacit_config::value::{Scalar, Value};
    let scalar = |value: &Scalar, out: &mut Vec<u8>| match value {
        Scalar::Integer(number) => out.extend_from_slice(format!("i{number}e").as_bytes()),
        Scalar::Bytes(bytes) => write_bytes(bytes, out),
    };
    out.push(b'd');
    for (key, value) in dict {
        write_bytes(key, out);
        match value {
            Value::Scalar(value) => scalar(value, out),
            Value::Set(set) => {
                out.push(b'l');
                set.iter().for_each(|value| scalar(value, out));
                out.push(b'e');
            }
            Value::Dict(inner) => write_dict(inner, out),
        }
    }
    out.push(b'e');
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

//! Stories over several devices of one account (protocol: config 4).

use serde_json::Value;
use tacit_config::value::Dict;
use tacit_config::{Config, Kind, Push, seal, volatile};
use tacit_crypto::AccountKeys;
use tacit_wire::bencode::loose;
use tacit_wire::{MessageHash, TimestampMs};

use super::json::{Named, Shown, bytes, message_hash};
use crate::report::Report;
use crate::sections::case::Case;

/// What has happened so far in a scenario.
struct Story {
    kind: Kind,
    keys: AccountKeys,
    now: TimestampMs,
    devices: Named<Config>,
    /// Stored messages: the plain one and its stored bytes.
    messages: Named<(Vec<u8>, Vec<u8>)>,
}

/// All scenarios; `now` is the clock of the file.
pub fn scenarios(section: &Value, now: TimestampMs, report: &mut Report) {
    Case::new("scenarios", section, report).each(|case| {
        let mut story = Story {
            kind: case.kind("kind")?,
            keys: case.keys("ed25519_seed")?,
            now,
            devices: Named::new(),
            messages: Named::new(),
        };
        case.each_of("steps", |step| story.step(step));
        if case.has("all_equal_at_end") {
            let equal = case.flag("all_equal_at_end")?;
            let mut ends: Vec<_> = story.devices.values_mut().map(Config::to_bytes).collect();
            ends.dedup();
            case.equal("all_equal_at_end", equal, ends.len() == 1);
        }
        Some(())
    });
}

impl Story {
    fn step(&mut self, step: &mut Case<'_, '_>) -> Option<()> {
        let op = step.text("op")?;
        if op == "given" {
            let (plain, stored) = (step.marked("bt")?, step.bytes("wire")?);
            self.messages.insert(step.text("hash")?.to_owned(), (plain, stored));
            return Some(());
        }
        let name = step.text("dev")?;
        let new = || Config::new(self.kind, &self.keys);
        let mut device = self.devices.remove(name).unwrap_or_else(new);
        // None: a field was missing, which is in the report already.
        let _: Option<()> = match op {
            "assign" | "erase" | "set_add" | "set_remove" => change(step, op, &mut device),
            "push" => self.push(step, &mut device),
            "confirm" => confirm(step, &mut device),
            "merge" => self.merge(step, &mut device),
            "prune" => {
                volatile::prune(&mut device, self.now);
                Some(())
            }
            "dump" => dump(step, &mut device),
            "dump_reload" => self.reload(step, &mut device),
            _ => {
                step.fail(format_args!("unknown step {op}"));
                None
            }
        };
        self.compare(step, &mut device);
        self.devices.insert(name.to_owned(), device);
        Some(())
    }

    /// Whatever a step says about the state after it.
    fn compare(&self, step: &mut Case<'_, '_>, device: &mut Config) -> Option<()> {
        if step.has("seqno") {
            let seqno = step.integer("seqno")?;
            step.equal("seqno", seqno, device.seqno());
        }
        if step.has("state") {
            let state = step.integer("state")?;
            step.equal("state", state, device.state() as i64);
        }
        if step.has("needs_push") {
            let (push, dump) = (step.flag("needs_push")?, step.flag("needs_dump")?);
            step.equal("needs_push", push, device.needs_push());
            step.equal("needs_dump", dump, device.needs_dump());
        }
        if step.has("current") {
            step.equal_hashes("current", &device.current_hashes())?;
        }
        if step.has("old") {
            step.equal_hashes("old", &device.old_hashes())?;
        }
        if step.has("bt") {
            step.equal_hex("bt", &device.to_bytes())?;
        }
        if step.has("bt_same_as") {
            let (plain, _) = self.message(step, "bt_same_as")?;
            step.equal("bt_same_as", &plain[..], &device.to_bytes());
        }
        if step.has("data") {
            step.equal_data("data", device)?;
        }
        Some(())
    }

    fn message(&self, step: &mut Case<'_, '_>, key: &str) -> Option<&(Vec<u8>, Vec<u8>)> {
        let message = self.messages.get(step.text(key)?);
        step.ok(key, message.ok_or("names no message"))
    }

    fn push(&mut self, step: &mut Case<'_, '_>, device: &mut Config) -> Option<()> {
        let plain = device.to_bytes().to_vec();
        let push = step.ok("push", device.push(self.now))?;
        step.equal_hashes("obsolete", &push.obsolete)?;
        self.compare_wire(step, &plain, &push)?;
        let hash = step.text("hash")?;
        if step.flag("confirmed")? {
            device.confirm(push.seqno, &[message_hash(hash)]);
        }
        self.messages.insert(hash.to_owned(), (plain, push.messages.into_iter().next()?));
        Some(())
    }

    /// What is compressed may differ by the version of the library: then only its sizes are
    /// compared with each other, and what others wrote is opened.
    fn compare_wire(&self, step: &mut Case<'_, '_>, plain: &[u8], push: &Push) -> Option<()> {
        let compressed = step.flag("compressed")?;
        let padded = step.number("padded_len")?;
        let sealed = seal::seal(self.kind, Some(&self.keys), &[0; 32], push.seqno, &vec![0; padded]);
        let wire = step.ok("padded_len", sealed)?.messages.concat().len();
        if step.has("body") {
            let (body, stored) = (step.bytes("body")?, step.bytes("wire")?);
            step.equal("padded_len", padded + 40, body.len());
            step.equal("wire", wire, stored.len());
            for bytes in [body, stored] {
                let opened = seal::open(self.kind, Some(&self.keys), [self.keys.ed25519_seed()], &bytes);
                let opened = step.ok("body or wire", opened.ok_or("does not open"))?;
                let first = opened.iter().find(|byte| **byte != 0);
                step.equal("compressed", compressed, first == Some(&b'z'));
                step.equal("plain", Some(plain), seal::whole(&opened).as_deref().map(|plain| &plain[..]));
            }
        } else {
            let (body_len, wire_len) = (step.number("body_len")?, step.number("wire_len")?);
            step.equal("body_len", padded + 40, body_len);
            step.equal("wire_len", wire, wire_len);
        }
        if !compressed {
            step.equal("padded_len", padded, seal::padded_size(plain.len()));
            if step.has("wire") {
                step.equal_hex("wire", &push.messages.concat())?;
            }
        }
        Some(())
    }

    fn merge(&self, step: &mut Case<'_, '_>, device: &mut Config) -> Option<()> {
        let mut messages = Vec::new();
        for name in step.texts("messages")? {
            let (_, stored) = step.ok("messages", self.messages.get(name).ok_or("names no message"))?;
            messages.push((message_hash(name), stored.clone()));
        }
        let merged = device.merge_only(&messages, self.now);
        let accepted: Vec<MessageHash> = step.texts("accepted")?.into_iter().map(message_hash).collect();
        step.equal("accepted", accepted, merged.accepted);
        Some(())
    }

    /// Goes on with what another program kept.
    fn reload(&self, step: &mut Case<'_, '_>, device: &mut Config) -> Option<()> {
        dump(step, device)?;
        let ours = step.ok("load", Config::load(self.kind, &self.keys, &device.dump()))?;
        let data: &Dict = device.data();
        step.equal("our dump", &Shown(data), &Shown(ours.data()));
        let theirs = renamed(&step.bytes("dump")?);
        let theirs = step.ok("dump", theirs.ok_or("is malformed"))?;
        *device = step.ok("load", Config::load(self.kind, &self.keys, &theirs))?;
        Some(())
    }
}

fn change(step: &mut Case<'_, '_>, op: &str, device: &mut Config) -> Option<()> {
    let path: Option<Vec<Vec<u8>>> = step.texts("path")?.into_iter().map(bytes).collect();
    let path = step.ok("path", path.ok_or("is malformed"))?;
    let path: Vec<&[u8]> = path.iter().map(Vec::as_slice).collect();
    match op {
        "assign" => device.assign(&path, step.scalar("value")?),
        "erase" => {
            device.erase(&path);
        }
        "set_add" => device.set_add(&path, step.scalar("value")?),
        _ => device.set_remove(&path, step.scalar("value")?),
    }
    Some(())
}

fn confirm(step: &mut Case<'_, '_>, device: &mut Config) -> Option<()> {
    let seqno = step.integer("seqno_arg")?;
    device.confirm(seqno, &[message_hash(step.text("hash")?)]);
    Some(())
}

/// Compares a dump of another program with ours by what both have.
fn dump(step: &mut Case<'_, '_>, device: &mut Config) -> Option<()> {
    let theirs = renamed(&step.bytes("dump")?);
    let theirs = step.ok("dump", theirs.as_deref().and_then(entries).ok_or("is malformed"))?;
    let ours = entries(&device.dump()).unwrap_or_default();
    for key in ["!", "$", "(", ")"] {
        let entry = |entries: &Named<loose::Value>| entries.get(key).cloned();
        step.equal(key, entry(&theirs), entry(&ours));
    }
    Some(())
}

fn entries(dump: &[u8]) -> Option<Named<loose::Value>> {
    let loose::Value::Dictionary(entries) = loose::Reader::new(dump, 33, 100_000).value()? else { return None };
    Some(entries.into_iter().map(|(key, value)| (String::from_utf8_lossy(&key).into_owned(), value)).collect())
}

/// A dump of another program with our hashes in place of its names, as a list.
fn renamed(dump: &[u8]) -> Option<Vec<u8>> {
    let loose::Value::Dictionary(mut entries) = loose::Reader::new(dump, 33, 100_000).value()? else { return None };
    for (key, value) in &mut entries {
        if !matches!(&key[..], b"(" | b")") {
            continue;
        }
        let mut names = match std::mem::replace(value, loose::Value::Integer(0)) {
            loose::Value::List(names) => names,
            name => vec![name],
        };
        names.retain(|name| *name != loose::Value::Bytes(Vec::new()));
        let mut hashes = Vec::new();
        for name in names {
            let loose::Value::Bytes(name) = name else { return None };
            hashes.push(message_hash(std::str::from_utf8(&name).ok()?));
        }
        hashes.sort();
        let hashes = hashes.into_iter().map(|hash| loose::Value::Bytes(hash.as_str().as_bytes().to_vec()));
        *value = loose::Value::List(hashes.collect());
    }
    let mut out = Vec::new();
    loose::Value::Dictionary(entries).write(&mut out);
    Some(out)
}

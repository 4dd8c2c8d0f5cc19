//! A story over several devices of a group (protocol: config 9 to 11).

use serde_json::Value;
use tacit_config::group::info;
use tacit_config::group::keys::GroupKeys;
use tacit_config::group::members::{self, Member, Progress};
use tacit_config::{Config, Kind, seal};
use tacit_crypto::{AccountKeys, NodeKeys, blake2b};
use tacit_wire::{AccountId, MessageHash, Prefix, TimestampMs};
use zeroize::Zeroizing;

use super::json::{Named, message_hash};
use crate::report::Report;
use crate::sections::case::Case;

mod bad_keys;
mod dump;
mod messages;

/// What one person's device knows of the group.
struct Device {
    keys: GroupKeys,
    info: Config,
    members: Config,
}

/// What has happened so far.
struct Story {
    group: NodeKeys,
    id: AccountId,
    users: Named<AccountKeys>,
    devices: Named<Device>,
    /// Messages by name: plain and stored.
    messages: Named<(Vec<u8>, Vec<u8>)>,
}

/// The story, step by step.
pub fn groups(section: &Value, report: &mut Report) {
    let mut story: Option<Story> = None;
    Case::new("groups", section, report).each(|step| {
        let op = step.text("op")?;
        if op == "who" {
            story = Some(who(step)?);
            return Some(());
        }
        let story = step.ok("op", story.as_mut().ok_or("nobody is there yet"))?;
        match op {
            "load_keys_bad" => bad_keys::run(story, step),
            "group_message" => messages::written(story, step),
            "group_message_open" => messages::opened(story, step),
            _ => story.step(step, op),
        }
    });
}

fn who(step: &mut Case<'_, '_>) -> Option<Story> {
    let group = NodeKeys::from_seed(&step.array("group_seed")?);
    step.equal_hex("group_pk", &group.ed25519_public())?;
    let id = AccountId::new(Prefix::Group, &group.ed25519_public());
    let names = step.json("users")?.as_object();
    let names: Vec<String> = step.ok("users", names.ok_or("is no object"))?.keys().cloned().collect();
    let mut story = Story { group, id, users: Named::new(), devices: Named::new(), messages: Named::new() };
    let mut users = step.object("users")?;
    for name in names {
        let mut user = users.object(&name)?;
        let keys = user.keys("seed")?;
        user.equal_hex("session_id", AccountId::from_x25519(&keys.x25519_public()).as_bytes())?;
        let device = story.device(&keys, name.starts_with("admin"));
        story.devices.insert(name.clone(), user.ok("device", device)?);
        story.users.insert(name, keys);
    }
    Some(story)
}

impl Story {
    fn device(&self, keys: &AccountKeys, admin: bool) -> Result<Device, tacit_config::Error> {
        let signer = admin.then_some(&self.group);
        Ok(Device {
            keys: GroupKeys::new(&self.id, keys, signer)?,
            info: Config::new_group(Kind::GroupInfo, &self.id, signer)?,
            members: Config::new_group(Kind::GroupMembers, &self.id, signer)?,
        })
    }

    fn stored(&self, step: &mut Case<'_, '_>, name: &str) -> Option<Vec<u8>> {
        let message = self.messages.get(name);
        step.ok("message", message.ok_or("is not known")).map(|(_, stored)| stored.clone())
    }

    fn step(&mut self, step: &mut Case<'_, '_>, op: &str) -> Option<()> {
        let name = step.text("dev")?;
        let device = self.devices.remove(name);
        let mut device = step.ok("dev", device.ok_or("is nobody's"))?;
        // None: a field was missing, which is in the report already.
        let _: Option<()> = match op {
            "set_info" => set_info(step, &mut device),
            "set_member" => set_member(step, &mut device),
            "erase_member" => {
                let erased = members::erase(&mut device.members, &step.parsed("session_id")?);
                step.equal("erased", true, erased);
                Some(())
            }
            "rekey" => self.rekey(step, &mut device),
            "supplement" => self.supplement(step, &device),
            "push" => self.push(step, &mut device),
            "merge" => self.merge(step, &mut device),
            "load_keys" => self.load_keys(step, &mut device),
            "dump_keys" => dump::run(self, step, name, &mut device),
            "load_admin_key" => become_admin(step, &mut device),
            _ => {
                step.fail(format_args!("unknown step {op}"));
                None
            }
        };
        if step.has("state") && op != "set_member" {
            compare_keys(step, &device.keys)?;
        }
        self.devices.insert(name.to_owned(), device);
        Some(())
    }

    fn rekey(&mut self, step: &mut Case<'_, '_>, device: &mut Device) -> Option<()> {
        let ids: Vec<String> = members::all(&device.members).map(|member| member.id.to_hex()).collect();
        let expected: Vec<String> = step.texts("members")?.into_iter().map(str::to_owned).collect();
        step.equal("members", expected, ids);
        let message = step.ok("rekey", device.keys.rekey(&mut device.info, &mut device.members))?;
        let length = step.number("len")?;
        step.equal("len", length, message.len());
        if step.has("bytes") {
            step.equal_hex("bytes", &message)?;
        }
        step.equal_hex("bytes_blake2b_256", &blake2b::hash256(&[&message]))?;
        let pending = device.keys.encrypt_with().copied().unwrap_or_default();
        step.equal_hex("pending_key", &pending)?;
        self.messages.insert(step.text("message")?.to_owned(), (Vec::new(), message));
        Some(())
    }

    fn supplement(&mut self, step: &mut Case<'_, '_>, device: &Device) -> Option<()> {
        let ids: Result<Vec<AccountId>, _> = step.texts("session_ids")?.into_iter().map(str::parse).collect();
        let ids = step.ok("session_ids", ids)?;
        let message = step.ok("supplement", device.keys.supplement(&ids))?;
        step.equal_hex("bytes", &message)?;
        self.messages.insert(step.text("message")?.to_owned(), (Vec::new(), message));
        Some(())
    }

    fn push(&mut self, step: &mut Case<'_, '_>, device: &mut Device) -> Option<()> {
        let key = device.keys.encrypt_with().copied().unwrap_or_default();
        step.equal_hex("key", &key)?;
        let config = config(step, device)?;
        step.equal_hex("bt", &config.to_bytes())?;
        let plain = config.to_bytes().to_vec();
        let push = step.ok("push", config.push(TimestampMs(0)))?;
        let seqno = step.integer("seqno")?;
        step.equal("seqno", seqno, push.seqno);
        step.equal_hashes("obsolete", &push.obsolete)?;
        let stored = push.messages.concat();
        compare_wire(step, config.kind(), &key, &plain, &stored)?;
        let name = step.text("message")?;
        config.confirm(push.seqno, &[message_hash(name)]);
        self.messages.insert(name.to_owned(), (plain, stored));
        Some(())
    }

    fn merge(&self, step: &mut Case<'_, '_>, device: &mut Device) -> Option<()> {
        let mut messages = Vec::new();
        for name in step.texts("messages")? {
            messages.push((message_hash(name), self.stored(step, name)?));
        }
        let config = config(step, device)?;
        let merged = config.merge_only(&messages, TimestampMs(0));
        let accepted: Vec<MessageHash> = match step.has("error") {
            true => Vec::new(),
            false => step.texts("accepted")?.into_iter().map(message_hash).collect(),
        };
        step.equal("accepted", accepted, merged.accepted);
        let seqno = step.integer("seqno")?;
        step.equal("seqno", seqno, config.seqno());
        let needs_push = step.flag("needs_push")?;
        step.equal("needs_push", needs_push, config.needs_push());
        if step.has("bt_same_as") {
            let name = step.text("bt_same_as")?;
            let plain = self.messages.get(name).map(|(plain, _)| hex::encode(plain));
            step.equal("bt_same_as", plain, Some(hex::encode(config.to_bytes())));
            return Some(());
        }
        step.equal_hex("bt", &config.to_bytes())
    }

    fn load_keys(&self, step: &mut Case<'_, '_>, device: &mut Device) -> Option<()> {
        let name = step.text("message")?;
        let message = self.stored(step, name)?;
        let hash = message_hash(step.text("hash")?);
        let at = step.integer("timestamp")?;
        let received = device.keys.receive(&hash, &message, at, &mut device.info, &mut device.members);
        let found = step.flag("found")?;
        step.equal("found", Ok(found), received);
        Some(())
    }
}

fn config<'d>(step: &mut Case<'_, '_>, device: &'d mut Device) -> Option<&'d mut Config> {
    match step.kind("config")? {
        Kind::GroupInfo => Some(&mut device.info),
        Kind::GroupMembers => Some(&mut device.members),
        _ => {
            step.fail("config is none of a group");
            None
        }
    }
}

fn set_info(step: &mut Case<'_, '_>, device: &mut Device) -> Option<()> {
    let mut info = info::read(&device.info);
    if step.has("name") {
        step.text("name")?.clone_into(&mut info.name);
    }
    if step.has("description") {
        step.text("description")?.clone_into(&mut info.description);
    }
    if step.has("created") {
        info.created = step.integer("created")?;
    }
    let set = info::set(&mut device.info, &info);
    step.equal("error", step.has("error"), set.is_err());
    if set.is_ok() {
        step.equal("read", info, info::read(&device.info));
    }
    Some(())
}

fn set_member(step: &mut Case<'_, '_>, device: &mut Device) -> Option<()> {
    let mut member = Member::new(step.parsed("session_id")?);
    step.text("name")?.clone_into(&mut member.name);
    member.invitation = Progress::Accepted;
    match step.text("state")? {
        "admin" => member.admin = true,
        "invite_sent" => member.invitation = Progress::Sent,
        "supplement" => {
            member.invitation = Progress::Sent;
            member.with_history = true;
        }
        "accepted" => {}
        state => step.fail(format_args!("unknown state {state}")),
    }
    step.ok("set_member", members::set(&mut device.members, &member))
}

fn become_admin(step: &mut Case<'_, '_>, device: &mut Device) -> Option<()> {
    let seed: [u8; 32] = step.array("seed")?;
    let became = device.keys.become_admin(&seed, &mut device.info, &mut device.members);
    step.equal("error", step.has("error"), became.is_err());
    Some(())
}

fn compare_keys(step: &mut Case<'_, '_>, keys: &GroupKeys) -> Option<()> {
    let mut state = step.object("state")?;
    let held = keys.held().iter().map(|key| {
        let digits = hex::encode(key.key.as_bytes());
        serde_json::json!({"generation": key.generation, "key": digits, "timestamp": key.stored_ms})
    });
    let expected = state.json("keys")?.clone();
    state.equal("keys", expected, held.collect());
    let expected = state.json("encrypt_with")?.as_str();
    state.equal("encrypt_with", expected, keys.encrypt_with().map(hex::encode).as_deref());
    state.equal_hashes("current_hashes", &keys.active_hashes())?;
    let flags = [
        ("pending", keys.pending_message().is_some()),
        ("needs_rekey", keys.needs_rekey()),
        ("needs_dump", keys.needs_dump()),
        ("admin", keys.is_admin()),
    ];
    for (field, got) in flags {
        let flag = state.flag(field)?;
        state.equal(field, flag, got);
    }
    // With a pending key alone, the file says 0.
    let generation = keys.generation().or(keys.pending_message().map(|_| 0));
    let expected = state.json("current_generation")?.as_i64();
    state.equal("current_generation", expected, generation);
    Some(())
}

/// What is compressed may differ by the version of the library: then what others wrote is opened.
fn compare_wire(step: &mut Case<'_, '_>, kind: Kind, key: &[u8; 32], plain: &[u8], stored: &[u8]) -> Option<()> {
    let compressed = step.flag("compressed")?;
    let padded = step.number("padded_len")?;
    if !compressed {
        step.equal("padded_len", padded, seal::padded_size(plain.len()));
    }
    step.equal("padded_len", padded, seal::padded_size(padded));
    if !step.has("wire") {
        return Some(());
    }
    let wire = step.bytes("wire")?;
    step.equal("padded_len", padded + 40, wire.len());
    if !compressed {
        step.equal("wire", &wire[..], stored);
    }
    let opened = seal::open(kind, None, [key], &wire);
    let opened: Zeroizing<Vec<u8>> = step.ok("wire", opened.ok_or("does not open"))?;
    step.equal("compressed", compressed, opened.iter().find(|byte| **byte != 0) == Some(&b'z'));
    step.equal("wire", Some(plain), seal::whole(&opened).as_deref().map(|plain| &plain[..]));
    Some(())
}

//! Encoding, encryption, single messages, and URLs.

use serde_json::Value;
use tacit_config::community_url::CommunityUrl;
use tacit_config::message::{LAG, Message};
use tacit_config::{Config, contacts, seal};
use tacit_crypto::config as cipher;
use tacit_wire::TimestampMs;
use tacit_wire::bencode::loose::Reader;

use super::json::message_hash;
use crate::report::Report;
use crate::sections::case::Case;

/// Deeper than any vector, for the generic reader; config messages have a limit of their own.
const DEPTH: usize = 64;

/// Bencoding as others write it.
pub fn bt(section: &Value, report: &mut Report) {
    Case::new("bt", section, report).each(|case| {
        let text = case.marked("in")?;
        let mut reader = Reader::new(&text, DEPTH, 1_000);
        let value = reader.value();
        let ok = case.flag("ok")?;
        case.equal("ok", ok, value.is_some());
        if let (true, Some(value)) = (ok, value) {
            let rest = case.number("rest")?;
            case.equal("rest", rest, text.len() - reader.position());
            let mut again = Vec::new();
            value.write(&mut again);
            let expected = case.marked("again")?;
            case.equal("again", expected, again);
        }
        Some(())
    });
}

/// Padding and encryption.
pub fn crypto(section: &Value, report: &mut Report) {
    let mut all = Case::new("crypto", section, report);
    match section.get("padded_size").and_then(Value::as_array) {
        Some(sizes) if !sizes.is_empty() => {
            for size in sizes {
                let number = |at: usize| size.get(at).and_then(Value::as_u64).map(|number| number as usize);
                all.equal("padded_size", number(1), number(0).map(seal::padded_size));
            }
        }
        _ => all.fail("padded_size is missing"),
    }
    all.each_of("encrypt", |case| {
        let (key, plain) = (case.array("key_base")?, case.bytes("plain")?);
        let sealed = cipher::seal(&key, case.text("domain")?.as_bytes(), &plain);
        if case.has("ok") {
            let ok = case.flag("ok")?;
            case.equal("ok", ok, sealed.is_ok());
            return Some(());
        }
        let sealed = case.ok("encrypt", sealed)?;
        case.equal_hex("cipher", &sealed)
    });
    all.each_of("decrypt", |case| {
        let (key, sealed) = (case.array("key_base")?, case.bytes("cipher")?);
        let opened = cipher::open(&key, case.text("domain")?.as_bytes(), &sealed);
        let ok = case.flag("ok")?;
        case.equal("ok", ok, opened.is_ok());
        if ok { case.equal_hex("plain", &opened.unwrap_or_default()) } else { Some(()) }
    });
}

/// Messages that are read and written again, or refused.
pub fn refuse(section: &Value, report: &mut Report) {
    Case::new("refuse", section, report).each(|case| {
        let text = case.marked("bt")?;
        let verify: Option<[u8; 32]> =
            if case.has("verify_pubkey") { Some(case.array("verify_pubkey")?) } else { None };
        let parsed = Message::parse(&text, LAG, verify.as_ref());
        let ok = case.flag("ok")?;
        case.equal("ok", ok, parsed.is_ok());
        if let (true, Ok((message, _))) = (case.has("again"), parsed) {
            let again = case.marked("again")?;
            case.equal("again", &again[..], &message.to_bytes(LAG, None));
        }
        Some(())
    });
}

/// Stored bytes, each merged alone into an empty config.
pub fn merge_refuse(section: &Value, report: &mut Report) {
    let mut all = Case::new("merge_refuse", section, report);
    let Some(kind) = all.kind("kind") else { return };
    let Some(keys) = all.keys("ed25519_seed") else { return };
    all.each_of("cases", |case| {
        let mut config = Config::new(kind, &keys);
        let stored = [(message_hash("m"), case.bytes("wire")?)];
        let merged = config.merge_only(&stored, TimestampMs(0));
        let accepted = !case.has("error") && case.flag("accepted")?;
        case.equal("accepted", accepted, merged.accepted.len() == 1);
        if !case.has("error") {
            let seqno = case.integer("seqno")?;
            case.equal("seqno", seqno, config.seqno());
            let count = case.number("contacts")?;
            case.equal("contacts", count, contacts::all(&config).count());
            let needs_push = case.flag("needs_push")?;
            case.equal("needs_push", needs_push, config.needs_push());
        }
        Some(())
    });
}

/// Addresses of rooms.
pub fn community(section: &Value, report: &mut Report) {
    Case::new("community", section, report).each(|case| {
        let parsed = CommunityUrl::parse(case.text("in")?);
        let ok = case.flag("ok")?;
        case.equal("ok", ok, parsed.is_ok());
        if let (true, Ok(url)) = (ok, parsed) {
            let expected = ["base_url", "room", "room_norm", "full_url"].map(|key| case.text(key).unwrap_or("missing"));
            let (key, full) = (url.room_key(), url.to_string());
            case.equal("parts", expected, [url.base(), url.room(), &key, &full]);
            case.equal_hex("pubkey", url.server_key())?;
        }
        Some(())
    });
}

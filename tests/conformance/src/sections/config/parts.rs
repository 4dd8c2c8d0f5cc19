//! Messages in several parts (protocol: config 6).

use serde_json::Value;
use tacit_config::multipart::split;
use tacit_config::{Config, seal};
use tacit_crypto::{AccountKeys, blake2b, config as cipher};
use tacit_wire::TimestampMs;

use super::json::message_hash;
use crate::report::Report;
use crate::sections::case::Case;

/// Splits and joins.
pub fn multipart(section: &Value, report: &mut Report) {
    let mut case = Case::new("multipart", section, report);
    // None: a field was missing, which is in the report already.
    let _: Option<()> = parts(&mut case);
}

fn parts(case: &mut Case<'_, '_>) -> Option<()> {
    let kind = case.kind("kind")?;
    let keys = case.keys("ed25519_seed")?;
    let mut plains: Vec<Vec<u8>> = Vec::new();
    let mut wires = [Vec::new(), Vec::new()];
    case.each_of("parts_of_100", |part| {
        let (plain, wire) = (part.bytes("plain")?, part.bytes("wire")?);
        let sealed = cipher::seal(keys.ed25519_seed(), kind.domain().as_bytes(), &plain);
        part.equal("wire", Ok(&wire), sealed.as_ref());
        plains.push(plain);
        wires[0].push(wire);
        Some(())
    });
    case.each_of("uncompressed_unpadded_parts_of_300", |part| {
        wires[1].push(part.bytes("wire")?);
        Some(())
    });
    let joined = plains.iter().map(|plain| chunk(plain)).collect::<Option<Vec<_>>>();
    let joined = case.ok("parts_of_100", joined.ok_or("malformed"))?.concat();
    let length = case.number("message_len")?;
    case.equal("message_len", length, joined.len());
    case.equal_hex("message_hash", &blake2b::hash256(&[&joined]))?;
    let again = case.ok("split", split(&joined, 100))?;
    case.equal("split", plains, again.parts.iter().map(|part| part.to_vec()).collect());
    for wires in wires {
        for turned in [false, true] {
            let mut order: Vec<_> = wires.iter().cloned().zip(0..).collect();
            if turned {
                order.reverse();
            }
            merged(case, kind, &keys, &order)?;
        }
    }
    big(case, kind)
}

/// The chunk of a part: what follows its length, up to the end of the list.
fn chunk(plain: &[u8]) -> Option<&[u8]> {
    let after = plain.strip_prefix(b"ml32:")?.get(32 + 6..)?;
    let colon = after.iter().position(|byte| *byte == b':')?;
    let length: usize = std::str::from_utf8(&after[..colon]).ok()?.parse().ok()?;
    after.get(colon + 1..colon + 1 + length)
}

/// Each part is taken; the last makes the message whole.
fn merged(
    case: &mut Case<'_, '_>,
    kind: tacit_config::Kind,
    keys: &AccountKeys,
    parts: &[(Vec<u8>, usize)],
) -> Option<()> {
    let mut config = Config::new(kind, keys);
    for (at, (wire, number)) in parts.iter().enumerate() {
        let stored = [(message_hash(&number.to_string()), wire.clone())];
        let merged = config.merge_only(&stored, TimestampMs(0));
        case.equal("accepted", 1, merged.accepted.len());
        case.equal("changed", at + 1 == parts.len(), merged.changed);
    }
    case.equal("hashes", parts.len(), config.current_hashes().len());
    case.equal_hex("bt", &config.to_bytes())?;
    case.equal_data("data", &config)
}

/// A config that does not fit one message: its contents are not in the file, its sizes are.
fn big(case: &mut Case<'_, '_>, kind: tacit_config::Kind) -> Option<()> {
    let mut big = case.object("big")?;
    let keys = big.keys("ed25519_seed")?;
    let padded = big.number("padded_len")?;
    let compressed = big.number("z_len")?;
    big.equal("padded_len", padded, seal::padded_size(compressed));
    let sealed = seal::seal(kind, Some(&keys), keys.ed25519_seed(), 1, &vec![1; padded]);
    let sealed = big.ok("seal", sealed)?;
    let expected = big.json("part_wire_lens")?.clone();
    let lengths: Vec<usize> = sealed.messages.iter().map(Vec::len).collect();
    big.equal("part_wire_lens", expected, lengths.into());
    Some(())
}

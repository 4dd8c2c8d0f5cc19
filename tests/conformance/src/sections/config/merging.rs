//! Merging of raw messages (protocol: config 3.4).

use serde_json::Value;
use tacit_config::diff;
use tacit_config::merge::{Hashed, Merge, merge};
use tacit_config::message::Message;
use tacit_config::value::Dict;
use tacit_crypto::NodeKeys;

use super::json::Shown;
use crate::report::Report;
use crate::sections::case::Case;

/// Merges of unrelated devices' messages, with and without signatures.
pub fn merge_cases(section: &Value, report: &mut Report) {
    Case::new("merge_cases", section, report).each(merge_case);
}

fn merge_case(case: &mut Case<'_, '_>) -> Option<()> {
    let lag = case.integer("lag")?;
    let verify: Option<[u8; 32]> = if case.has("verify_pubkey") { Some(case.array("verify_pubkey")?) } else { None };
    let may_sign = verify.is_some() && !case.json("sign_seed")?.is_null();
    let signer = if may_sign { Some(NodeKeys::from_seed(&case.array("sign_seed")?)) } else { None };
    let mut messages = Vec::new();
    for text in case.texts("messages")? {
        let bytes = case.ok("messages", hex::decode(text))?;
        let (message, hash) = case.ok("messages", Message::parse(&bytes, lag, verify.as_ref()))?;
        messages.push(Hashed { message, hash });
    }
    let may_make = verify.is_none() || signer.is_some();
    let result = |order: &[&Hashed]| match merge(order, lag, may_make) {
        Some(Merge::One(index)) => Some((index as i64, order[index].message.clone())),
        Some(Merge::Made(message, _)) => Some((-1, *message)),
        None => None,
    };
    let order: Vec<&Hashed> = messages.iter().collect();
    let (index, message) = case.ok("merge", result(&order).ok_or("nothing was merged"))?;
    let expected = case.integer("unmerged_index")?;
    case.equal("unmerged_index", expected, index);
    let seqno = case.integer("seqno")?;
    case.equal("seqno", seqno, message.seqno);
    if case.has("data") {
        let data = case.dict("data")?;
        case.equal("data", &Shown(&data), &Shown(&message.data));
    }
    case.equal_hex("result_as_read_only", &message.to_bytes(lag, signer.as_ref()))?;
    if case.has("result_pushed_from_clean") {
        let mut clean = message.clone();
        clean.diff = diff::make(&Dict::new(), &clean.data);
        case.equal_hex("result_pushed_from_clean", &clean.to_bytes(lag, signer.as_ref()))?;
        case.equal_hex("result_pushed_from_dirty", &message.to_bytes(lag, signer.as_ref()))?;
        let independent = case.flag("order_independent")?;
        let turned = (0..order.len()).all(|by| {
            let mut order = order.clone();
            order.rotate_left(by);
            let forth = result(&order).map(|(_, message)| message);
            order.reverse();
            forth.as_ref() == Some(&message) && result(&order).map(|(_, message)| message) == forth
        });
        case.equal("order_independent", independent, turned);
    }
    Some(())
}

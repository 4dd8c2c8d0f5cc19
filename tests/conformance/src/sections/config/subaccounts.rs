//! Subaccounts, and one message for several recipients (protocol: config 12, 13).

use serde_json::Value;
use tacit_config::group::multi_encrypt as multi;
use tacit_crypto::{AccountKeys, NodeKeys, subaccount};
use tacit_wire::{AccountId, Prefix};

use crate::report::Report;
use crate::sections::case::{Case, Scripted};

/// Tokens, signing values, signatures, and what is refused.
pub fn subaccounts(section: &Value, report: &mut Report) {
    Case::new("subaccounts", section, report).each(|case| {
        let group = NodeKeys::from_seed(&case.array("group_seed")?);
        let member = case.keys("member_seed")?;
        case.equal_hex("group_id", AccountId::new(Prefix::Group, &group.ed25519_public()).as_bytes())?;
        case.equal_hex("member_pk", &member.ed25519_public())?;
        let id = AccountId::from_x25519(&member.x25519_public());
        case.equal_hex("session_id", id.as_bytes())?;
        let negative = case.flag("ed_pk_negative")?;
        case.equal("ed_pk_negative", negative, member.ed25519_public()[31] & 0x80 != 0);
        let mut flags = subaccount::READ;
        flags |= if case.flag("write")? { subaccount::WRITE } else { 0 };
        flags |= if case.flag("delete")? { subaccount::DELETE } else { 0 };
        let token = case.ok("token", subaccount::token(&group, id.key(), flags))?;
        case.equal_hex("token", &token)?;
        let value = case.ok("signing_value", subaccount::signing_value(&group, id.key(), flags))?;
        case.equal_hex("signing_value", &value[..])?;
        let message = case.text("message")?;
        let signed = case.ok("sign", subaccount::sign(&member, &value, message.as_bytes()))?;
        compare(case, &signed)?;
        let key: Option<&[u8; 32]> = token.last_chunk();
        let key = case.ok("token", key.ok_or("too short"))?;
        let holds = tacit_crypto::verify(key, message.as_bytes(), &signed.signature).is_ok();
        let expected = case.flag("ok_under_token_key")?;
        case.equal("ok_under_token_key", expected, holds);
        let by_group = tacit_crypto::verify(&group.ed25519_public(), &token, &signed.token_signature).is_ok();
        let expected = case.flag("token_signed_by_group")?;
        case.equal("token_signed_by_group", expected, by_group);
        case.each_of("verify", |case| verify(case, &member, &group.ed25519_public(), &value[..]));
        Some(())
    });
}

fn compare(case: &mut Case<'_, '_>, signed: &subaccount::Signed) -> Option<()> {
    case.equal_hex("subaccount", &signed.token)?;
    case.equal_hex("subaccount_sig", &signed.token_signature)?;
    case.equal_hex("signature", &signed.signature)?;
    let mut sent = case.object("base64")?;
    for (field, bytes) in [
        ("subaccount", &signed.token[..]),
        ("subaccount_sig", &signed.token_signature),
        ("signature", &signed.signature),
    ] {
        let expected = sent.base64(field)?;
        sent.equal(field, &expected[..], bytes);
    }
    Some(())
}

fn verify(case: &mut Case<'_, '_>, member: &AccountKeys, group: &[u8; 32], value: &[u8]) -> Option<()> {
    let mut value = value.to_vec();
    let mut needed = 0;
    let told = |case: &mut Case<'_, '_>, key: &str| if case.has(key) { case.flag(key) } else { Some(false) };
    if told(case, "need_write")? {
        needed |= subaccount::WRITE;
    }
    if told(case, "need_delete")? {
        needed |= subaccount::DELETE;
    }
    if told(case, "last_byte_flipped")? {
        *value.last_mut()? ^= 1;
    }
    if told(case, "delete_flag_added")? {
        value[1] |= subaccount::DELETE;
    }
    let other = AccountKeys::from_ed25519_seed(&[5; 32]);
    let member = if told(case, "as_other_user")? { &other } else { member };
    let ok = case.flag("ok")?;
    case.equal("ok", ok, subaccount::check(member, group, &value, needed));
    Some(())
}

/// Messages for several, opened by each and by strangers.
pub fn multi_encrypt(section: &Value, report: &mut Report) {
    let all: Vec<&Value> = section.as_array().into_iter().flatten().collect();
    let three = all
        .iter()
        .filter_map(|case| case.get("recipients")?.as_array())
        .max_by_key(|recipients| recipients.len())
        .cloned()
        .unwrap_or_default();
    let sender = all.iter().find_map(|case| case.get("sender_ed25519_seed"));
    let sender = sender.and_then(Value::as_str).unwrap_or_default();
    Case::new("multi_encrypt", section, report).each(|case| {
        if case.has("recipient_seed") {
            let seed = hex::decode(sender).ok().and_then(|seed| seed.try_into().ok());
            let seed: [u8; 32] = case.ok("sender_ed25519_seed", seed.ok_or("is in no case"))?;
            let (recipient, bytes) = (case.keys("recipient_seed")?, case.bytes("bytes")?);
            let opened = multi::open(&bytes, &recipient, &NodeKeys::from_seed(&seed).ed25519_public(), b"x");
            let expected = case.json("opened")?.as_str();
            case.equal("opened", expected, opened.map(hex::encode).as_deref());
            return Some(());
        }
        sealed(case, &three)
    });
}

fn sealed(case: &mut Case<'_, '_>, three: &[Value]) -> Option<()> {
    let sender = NodeKeys::from_seed(&case.array("sender_ed25519_seed")?);
    let domain = case.text("domain")?.as_bytes();
    let messages = case.texts("messages")?.into_iter().map(hex::decode).collect::<Result<Vec<_>, _>>();
    let messages = case.ok("messages", messages)?;
    let messages: Vec<&[u8]> = messages.iter().map(Vec::as_slice).collect();
    let mut recipients: Vec<[u8; 32]> = Vec::new();
    case.each_of("recipients", |recipient| {
        recipients.push(recipient.array("x25519")?);
        let keys = recipient.keys("seed")?;
        recipient.equal_hex("x25519", &keys.x25519_public())
    });
    let nonce: [u8; 24] = case.array("nonce")?;
    let pad = case.number("pad")?;
    let ours = multi::seal(&messages, &recipients, &sender, domain, pad, &mut Scripted::new(&[&nonce]));
    if case.has("error") {
        case.equal("error", true, ours.is_err());
        return Some(());
    }
    let ours = case.ok("seal", ours)?;
    let theirs = case.bytes("bytes")?;
    if case.flag("deterministic")? {
        case.equal("bytes", &theirs, &ours);
    } else {
        // What it is padded with is random.
        case.equal("size", theirs.len(), ours.len());
    }
    let expected = case.json("opened_by_three")?.as_array().cloned().unwrap_or_default();
    case.equal("opened_by_three", three.len(), expected.len());
    let sender = sender.ed25519_public();
    for (recipient, expected) in three.iter().zip(&expected) {
        let seed = recipient.get("seed").and_then(Value::as_str).and_then(|seed| hex::decode(seed).ok());
        let seed: Option<[u8; 32]> = seed.and_then(|seed| seed.try_into().ok());
        let recipient = AccountKeys::from_ed25519_seed(&case.ok("seed", seed.ok_or("is malformed"))?);
        for bytes in [&theirs, &ours] {
            let opened = multi::open(bytes, &recipient, &sender, domain).map(hex::encode);
            case.equal("opened_by_three", expected.as_str(), opened.as_deref());
            let elsewhere = multi::open(bytes, &recipient, &sender, b"another domain").is_some();
            let opens = case.flag("other_domain_opens")?;
            case.equal("other_domain_opens", opens, elsewhere);
        }
    }
    Some(())
}

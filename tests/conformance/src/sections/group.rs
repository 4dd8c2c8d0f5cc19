//! Group messages (protocol: messages 2.3).

use serde_json::Value;
use tacit_wire::group_message;
use tacit_wire::{AccountId, Prefix, base64};

use super::case::{Case, Scripted};
use crate::report::Report;

/// Builds a message byte for byte and opens others, or refuses them for the given reason.
pub fn group(section: &Value, report: &mut Report) {
    let mut case = Case::new("group", section, report);
    // None: a field was missing, which is in the report already.
    let _: Option<()> = build(&mut case);
    case.each_of("receive", receive);
}

fn build(case: &mut Case<'_, '_>) -> Option<()> {
    let sender = case.account("sender_seed16")?;
    let group: [u8; 32] = case.array("group_public")?;
    let envelope = case.bytes("envelope")?;
    let key: [u8; 32] = case.array("key")?;
    let nonce: [u8; 24] = case.array("nonce")?;
    let dictionary = group_message::dictionary(&envelope, &sender, &group);
    let length = case.number("dictionary_unpadded_length")?;
    case.equal("dictionary_unpadded_length", length, dictionary.len());
    let expected = case.bytes("dictionary")?;
    case.equal("dictionary", expected.get(..length), Some(&dictionary[..]));
    case.equal("padding", Some(true), expected.get(length..).map(|rest| rest.iter().all(|byte| *byte == 0)));
    let sealed = tacit_crypto::group::seal(&dictionary, &key, &mut Scripted::new(&[&nonce]));
    let sealed = case.ok("seal", sealed)?;
    case.equal("padded length", expected.len() + 40, sealed.len());
    case.equal_hex("ciphertext", &sealed)?;
    let opened = group_message::open(&sealed, &[key], &group);
    let opened = case.ok("open", opened)?;
    case.equal("envelope", envelope, opened.envelope);
    Some(())
}

fn receive(case: &mut Case<'_, '_>) -> Option<()> {
    let group: [u8; 32] = case.array("group_public")?;
    let ciphertext = case.bytes("ciphertext")?;
    let keys: Option<Vec<[u8; 32]>> = case.texts("keys")?.into_iter().map(base64::hex_array).collect();
    let keys = case.ok("keys", keys.ok_or("not 32 bytes in hexadecimal"))?;
    let id = AccountId::new(Prefix::Group, &group);
    let whole = group_message::decode(&ciphertext, &keys, &id);
    if case.has("error") {
        return case.equal_error(whole.map_err(|error| error.kind()));
    }
    let whole = case.ok("receive", whole)?;
    case.equal_hex("sender", whole.sender.as_bytes())?;
    let opened = case.ok("open", group_message::open(&ciphertext, &keys, &group))?;
    case.equal_hex("sender", opened.sender.as_bytes())?;
    case.equal_hex("envelope", &opened.envelope)
}

//! Push notifications (protocol: messages 7).

use serde_json::Value;
use tacit_wire::push::{self, Notification, PushError, Subscription, open};
use tacit_wire::rpc::Signer;
use tacit_wire::{AccountId, Namespace, base64};

use super::case::{Case, Scripted};
use crate::report::Report;

/// Opens notifications, makes them, and signs what a device sends.
pub fn push(section: &Value, report: &mut Report) {
    let mut case = Case::new("push", section, report);
    // None: a field was missing, which is in the report already.
    let _: Option<()> = with_data(&mut case);
    let _: Option<()> = without_data(&mut case);
    let _: Option<()> = subscribe(&mut case);
    let Some(key) = case.array("enc_key") else { return };
    case.each_of("bad", |case| {
        let payload = case.base64("enc_payload_base64")?;
        case.equal_error(open(&payload, &key).map_err(PushError::kind))
    });
}

fn with_data(case: &mut Case<'_, '_>) -> Option<()> {
    let (key, nonce) = (case.array("enc_key")?, case.array::<24>("nonce")?);
    let payload = case.base64("enc_payload_base64")?;
    let notification = case.ok("open", open(&payload, &key))?;
    check_metadata(case, &notification)?;
    case.equal_hex("data", notification.data.as_deref().unwrap_or_default())?;
    let plain = push::payload(&notification);
    case.equal_hex("plain_unpadded", &plain)?;
    let sealed = tacit_crypto::push::seal(&plain, &key, &mut Scripted::new(&[&nonce]));
    let sealed = case.ok("seal", sealed)?;
    let expected = case.text("enc_payload_base64")?;
    case.equal("enc_payload_base64", expected, &base64::encode(sealed));
    Some(())
}

fn without_data(case: &mut Case<'_, '_>) -> Option<()> {
    let (key, nonce) = (case.array("enc_key")?, case.array::<24>("nonce")?);
    {
        let mut case = case.object("too_long")?;
        let payload = case.base64("enc_payload_base64")?;
        let notification = case.ok("open", open(&payload, &key))?;
        check_metadata(&mut case, &notification)?;
        case.equal("data", None, notification.data.clone());
        let plain = push::payload(&notification);
        let sealed = tacit_crypto::push::seal(&plain, &key, &mut Scripted::new(&[&nonce]));
        case.equal("enc_payload_base64", Ok(payload), sealed);
    }
    let mut case = case.object("too_long_as_dictionary")?;
    let payload = case.base64("enc_payload_base64")?;
    let notification = case.ok("open", open(&payload, &key))?;
    check_metadata(&mut case, &notification)?;
    case.equal("data", None, notification.data);
    let plain = case.ok("decrypt", tacit_crypto::push::open(&payload, &key))?;
    case.equal_hex("plain_unpadded", &plain)
}

fn check_metadata(case: &mut Case<'_, '_>, got: &Notification) -> Option<()> {
    let metadata = case.text("metadata")?;
    let metadata: Value = case.ok("metadata", serde_json::from_str(metadata))?;
    let number = |key: &str| metadata.get(key).and_then(Value::as_i64);
    let account = got.account.to_hex();
    case.equal("account", metadata.get("@").and_then(Value::as_str), Some(&account));
    case.equal("hash", metadata.get("#").and_then(Value::as_str), Some(&got.hash));
    case.equal("namespace", number("n"), Some(got.namespace.0.into()));
    case.equal("timestamp", number("t"), i64::try_from(got.timestamp.0).ok());
    case.equal("expiry", number("z"), i64::try_from(got.expiry.0).ok());
    case.equal("length", number("l"), i64::try_from(got.length).ok());
    case.equal("left out", metadata.get("B").is_some(), got.data.is_none());
    Some(())
}

fn subscribe(case: &mut Case<'_, '_>) -> Option<()> {
    let (keys, signed_at) = {
        let mut case = case.object("subscribe")?;
        let keys = case.account("seed16")?;
        let account: AccountId = case.parsed("pubkey")?;
        case.equal("pubkey", account, keys.account());
        let namespaces = namespaces(&mut case)?;
        let signed_at = case.number("sig_ts")? as u64;
        let subscription = Subscription {
            namespaces: namespaces.clone(),
            data: case.flag("data")?,
            signed_at,
            service: "firebase".to_owned(),
            service_info: serde_json::json!({ "token": "x" }),
        };
        let text = case.text("signed_text")?;
        case.equal("signed_text", text, &subscription.signed_text(&account));
        let body = subscription.to_json(&keys, &[7; 32]);
        let signature = case.text("signature_base64")?;
        case.equal("signature_base64", Some(signature), body.get("signature").and_then(Value::as_str));
        let ed25519 = case.text("session_ed25519")?;
        case.equal("session_ed25519", Some(ed25519), body.get("session_ed25519").and_then(Value::as_str));
        case.equal("namespaces", Some(&serde_json::json!(namespaces)), body.get("namespaces"));
        (keys, signed_at)
    };
    let mut case = case.object("unsubscribe")?;
    let text = case.text("signed_text")?;
    case.equal("signed_text", text, &push::unsubscribe_text(&keys.account(), signed_at));
    let body = push::unsubscribe_json(&keys, signed_at, "firebase", &Value::Null);
    let signature = case.text("signature_base64")?;
    case.equal("signature_base64", Some(signature), body.get("signature").and_then(Value::as_str));
    Some(())
}

fn namespaces(case: &mut Case<'_, '_>) -> Option<Vec<Namespace>> {
    let numbers: Result<Vec<Namespace>, _> = serde_json::from_value(case.json("namespaces")?.clone());
    case.ok("namespaces", numbers)
}

//! Signed texts of storage requests (protocol: network 5, 10).

use serde_json::Value;
use tacit_crypto::{NodeKeys, ed25519_to_x25519};
use tacit_wire::rpc::{Auth, Delete, DeleteAll, Expire, GetExpiries, Lifetime, Request, Retrieve, Selection, Store};
use tacit_wire::signing::{self, ExpiryChange};
use tacit_wire::{AccountId, MessageHash, Namespace, Namespaces, TimestampMs, base64};

use super::case::Case;
use crate::report::Report;

/// What all cases of the section have in common.
struct Shared {
    account: AccountId,
    pubkey_ed25519: [u8; 32],
    timestamp: TimestampMs,
    expiry: TimestampMs,
    hashes: Vec<MessageHash>,
    token: [u8; 36],
}

/// Builds each text from its name, signs it, and has a whole request with it checked.
pub fn signatures(section: &Value, report: &mut Report) {
    let mut section = Case::new("signatures", section, report);
    let Some((keys, shared)) = read_shared(&mut section) else { return };
    section.each_of("cases", |case| {
        let name = case.text("name")?;
        let text = case.ok(name, text(name, &shared).ok_or("unknown name"))?;
        case.equal_hex("text_hex", &text)?;
        let signature = keys.sign(&text);
        let expected = case.text("signature")?;
        case.equal("signature", expected, &base64::encode(signature));
        let auth = Auth { signature, pubkey_ed25519: Some(shared.pubkey_ed25519), subaccount: None };
        if let Some(request) = request(name, &shared, auth) {
            case.equal("the signed request is accepted", Ok(()), request.verify_auth());
            case.equal("the request as JSON", Ok(request.clone()), Request::parse(&request.to_body()));
        }
        Some(())
    });
}

fn read_shared(section: &mut Case<'_, '_>) -> Option<(NodeKeys, Shared)> {
    let keys = NodeKeys::from_seed(&section.array("ed25519_seed")?);
    let pubkey_ed25519 = keys.ed25519_public();
    section.equal_hex("pubkey_ed25519", &pubkey_ed25519)?;
    let x25519 = section.ok("pubkey", ed25519_to_x25519(&pubkey_ed25519))?;
    let account = AccountId::from_x25519(&x25519);
    section.equal_hex("pubkey", account.as_bytes())?;
    let time = |number: usize| TimestampMs(number as u64);
    let (timestamp, expiry) = (time(section.number("timestamp")?), time(section.number("expiry")?));
    let hashes: Result<Vec<_>, _> = section.texts("hashes")?.into_iter().map(str::parse).collect();
    let hashes = section.ok("hashes", hashes)?;
    let token = section.array("token")?;
    Some((keys, Shared { account, pubkey_ed25519, timestamp, expiry, hashes, token }))
}

/// `METHOD`, then `ns N`, `all` or a variant. `None` for a name of another form.
fn text(name: &str, shared: &Shared) -> Option<Vec<u8>> {
    let (method, rest) = name.split_once(' ').unwrap_or((name, ""));
    let Shared { timestamp, expiry, hashes, token, .. } = shared;
    let next = expiry.plus_ms(1);
    Some(match (method, rest) {
        ("store", rest) => signing::store(namespace(rest)?, *timestamp),
        ("retrieve", rest) => signing::retrieve(namespace(rest)?, *timestamp),
        ("delete", "") => signing::delete(hashes),
        ("delete_all", rest) => signing::delete_all(namespaces(rest)?, *timestamp),
        ("delete_before", rest) => signing::delete_before(namespaces(rest)?, *timestamp),
        ("expire", "one") => signing::expire(ExpiryChange::Any, &[*expiry], hashes),
        ("expire", "shorten") => signing::expire(ExpiryChange::Shorten, &[*expiry], hashes.get(..1)?),
        ("expire", "extend") => signing::expire(ExpiryChange::Extend, &[*expiry], hashes.get(..1)?),
        ("expire", "many") => signing::expire(ExpiryChange::Any, &[*expiry, next], hashes),
        ("expire_all", rest) => signing::expire_all(namespaces(rest)?, *expiry),
        ("get_expiries", "") => signing::get_expiries(*timestamp, hashes),
        ("revoke_subaccount", "") => signing::revoke_subaccount(*timestamp, &[*token]),
        ("unrevoke_subaccount", "") => signing::unrevoke_subaccount(*timestamp, &[*token]),
        _ => return None,
    })
}

/// The whole request of methods that are served; `None` for the others.
fn request(name: &str, shared: &Shared, auth: Auth) -> Option<Request> {
    let (method, rest) = name.split_once(' ').unwrap_or((name, ""));
    let Shared { account, timestamp, expiry, hashes, .. } = shared;
    let (account, timestamp) = (*account, *timestamp);
    let expire = |messages: &[MessageHash], expiry: Vec<_>, change, auth| {
        Request::Expire(Expire { account, messages: messages.to_vec(), expiry, change, auth })
    };
    Some(match (method, rest) {
        ("store", rest) => Request::Store(Store {
            account,
            namespace: namespace(rest)?,
            timestamp,
            lifetime: Lifetime::Ttl(60_000),
            data: b"data".to_vec(),
            sig_timestamp: None,
            auth: Some(auth),
        }),
        ("retrieve", rest) => Request::Retrieve(Retrieve {
            account,
            namespace: namespace(rest)?,
            last_hash: hashes.first().cloned(),
            max_count: None,
            max_size: Some(-2),
            timestamp: Some(timestamp),
            auth: Some(auth),
        }),
        ("delete", "") => Request::Delete(Delete { account, messages: hashes.clone(), required: true, auth }),
        ("delete_all", rest) => {
            Request::DeleteAll(DeleteAll { account, namespaces: namespaces(rest)?, timestamp, auth })
        }
        ("expire", "one") => expire(hashes, vec![*expiry], ExpiryChange::Any, auth),
        ("expire", "shorten") => expire(hashes.get(..1)?, vec![*expiry], ExpiryChange::Shorten, auth),
        ("expire", "many") => expire(hashes, vec![*expiry, expiry.plus_ms(1)], ExpiryChange::Any, auth),
        ("get_expiries", "") => {
            let messages = Selection::Messages(hashes.clone());
            Request::GetExpiries(GetExpiries { account, messages, timestamp, auth })
        }
        _ => return None,
    })
}

fn namespace(text: &str) -> Option<Namespace> {
    text.strip_prefix("ns ")?.parse().ok().map(Namespace)
}

fn namespaces(text: &str) -> Option<Namespaces> {
    if text == "all" { Some(Namespaces::All) } else { namespace(text).map(Namespaces::One) }
}

//! Checks of what members of a swarm claim to have done (protocol: network 5).

use serde_json::{Value, json};
use tacit_wire::rpc;

/// Reads the answer to a store: the hash must be that of the message, and receipts that their
/// node did not sign, or that are for something else, are marked as failed. An error when no good
/// receipt is left, since then nobody vouches for the message.
pub(crate) fn check_store(request: &rpc::Request, body: &mut Value) -> Result<(), &'static str> {
    let rpc::Request::Store(store) = request else { return Ok(()) };
    let answer: rpc::StoreAnswer = rpc::answer_from(body.clone()).map_err(|_| "the answer to a store was malformed")?;
    let hash = store.hash();
    if answer.hash != hash {
        return Err("a node stored something else");
    }
    let good: Vec<String> = answer
        .receipts()
        .filter(|(node, receipt)| receipt.hash == hash && receipt.is_signed_by(node))
        .map(|(node, _)| node.to_hex())
        .collect();
    if good.is_empty() {
        return Err("no node of the swarm signed for the message");
    }
    if let Some(swarm) = body.get_mut("swarm").and_then(Value::as_object_mut) {
        for (node, receipt) in swarm.iter_mut() {
            let failed = receipt.get("failed").and_then(Value::as_bool) == Some(true);
            if !failed && !good.iter().any(|good| good.eq_ignore_ascii_case(node)) {
                *receipt = json!({"failed": true, "bad_peer_response": true});
            }
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use tacit_crypto::NodeKeys;
    use tacit_wire::{AccountId, Namespace, NodeId, TimestampMs, base64, signing};

    fn store() -> rpc::Store {
        let to = AccountId::from_x25519(&[3; 32]);
        rpc::Store::public(to, Namespace::MESSAGES, TimestampMs(1), 1000, b"data".to_vec())
    }

    fn answer(signed_well: &[bool]) -> Value {
        let hash = store().hash();
        let mut swarm = serde_json::Map::new();
        for (n, good) in (1u8..).zip(signed_well) {
            let keys = NodeKeys::from_seed(&[n; 32]);
            let mut signature = keys.sign(&signing::store_receipt(&hash));
            signature[40] ^= u8::from(!good);
            let receipt = json!({"hash": hash, "signature": base64::encode(signature)});
            swarm.insert(NodeId(keys.ed25519_public()).to_hex(), receipt);
        }
        json!({"hash": hash, "swarm": swarm, "t": 1})
    }

    fn good(body: Value) -> usize {
        rpc::answer_from::<rpc::StoreAnswer>(body).unwrap().receipts().count()
    }

    #[test]
    fn only_receipts_that_their_node_signed_count() {
        let mut body = answer(&[true, false, true, false, false]);
        assert_eq!(check_store(&rpc::Request::Store(store()), &mut body), Ok(()));
        assert_eq!(good(body), 2);
    }

    #[test]
    fn an_answer_that_nobody_signed_is_no_answer() {
        for mut body in [answer(&[false, false]), answer(&[]), json!({}), json!({"hash": 5})] {
            assert!(check_store(&rpc::Request::Store(store()), &mut body).is_err());
        }
    }

    #[test]
    fn receipts_for_another_message_do_not_count() {
        let other = rpc::Store { data: b"other".to_vec(), ..store() };
        assert!(check_store(&rpc::Request::Store(other), &mut answer(&[true])).is_err());
    }
}

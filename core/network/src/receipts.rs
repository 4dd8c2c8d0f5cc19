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

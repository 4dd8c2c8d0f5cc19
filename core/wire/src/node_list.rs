//! The list of all nodes, as seeds and nodes give it (protocol: network 2).

use std::net::Ipv4Addr;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::json::{self, Limits};
use crate::{Error, NodeId, ServiceNode, SwarmId};

/// Most nodes that are read from a list.
pub const MAX_NODES: usize = 10_000;
/// Most bytes of a list, as JSON.
pub const MAX_LIST: usize = 8 << 20;

/// What a client asks for.
const FIELDS: [&str; 10] = [
    "height",
    "public_ip",
    "pubkey_ed25519",
    "pubkey_x25519",
    "requested_unlock_height",
    "service_node_pubkey",
    "storage_lmq_port",
    "storage_port",
    "storage_server_version",
    "swarm_id",
];

/// The list and what stands beside it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NodeList {
    /// The nodes that can be reached; others in the list are left out.
    pub nodes: Vec<ServiceNode>,
    /// Number of the state that the list describes.
    pub height: u64,
    /// Our own signed form of the list, if the answer carries it: bytes of another format.
    pub consensus: Option<Vec<u8>>,
}

/// The parameters of the question, for `oxend_request` as well.
#[must_use]
pub fn request_params() -> Value {
    let fields: Map<_, _> = FIELDS.iter().map(|field| ((*field).to_owned(), true.into())).collect();
    json!({ "active_only": true, "fields": fields })
}

/// The body of `POST {seed}/json_rpc`.
#[must_use]
pub fn request_body() -> Vec<u8> {
    let body = json!({
        "jsonrpc": "2.0",
        "id": 0,
        "method": "get_n_service_nodes",
        "params": request_params(),
    });
    body.to_string().into_bytes()
}

/// What a client wants to see of the list, read leniently: what is unknown is as if absent.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct ListRequest {
    /// At most so many nodes, chosen at random; all when absent or 0.
    pub limit: Option<usize>,
    /// Only these fields; all when absent or empty.
    pub fields: Option<Vec<String>>,
    /// Only nodes that run.
    pub active_only: bool,
}

impl ListRequest {
    /// Reads the parameters of `get_n_service_nodes` or `get_service_nodes`.
    #[must_use]
    pub fn from_params(params: &Value) -> Self {
        let limit = params.get("limit").and_then(Value::as_u64).filter(|limit| *limit > 0);
        let fields = match params.get("fields") {
            Some(Value::Object(map)) => {
                let wanted = map.iter().filter(|(_, wanted)| **wanted == Value::Bool(true));
                Some(wanted.map(|(name, _)| name.clone()).collect())
            }
            Some(Value::Array(list)) => Some(list.iter().filter_map(|name| name.as_str().map(str::to_owned)).collect()),
            _ => None,
        };
        Self {
            limit: limit.and_then(|limit| usize::try_from(limit).ok()),
            fields: fields.filter(|fields: &Vec<_>| !fields.is_empty()),
            active_only: params.get("active_only").and_then(Value::as_bool).unwrap_or(false),
        }
    }

    /// Reads the body of `POST /json_rpc`: the `id` to repeat, and the question.
    ///
    /// # Errors
    /// [`Error::Json`] for anything but a call of `get_n_service_nodes`.
    pub fn parse_json_rpc(body: &[u8]) -> Result<(Value, Self), Error> {
        let limits = Limits { bytes: 64 << 10, ..Limits::REQUEST };
        let body = json::parse(body, limits)?;
        let method = body.get("method").and_then(Value::as_str);
        if !matches!(method, Some("get_n_service_nodes" | "get_service_nodes")) {
            return Err(Error::Json);
        }
        let id = body.get("id").filter(|id| id.is_number() || id.is_string());
        let params = body.get("params").unwrap_or(&Value::Null);
        Ok((id.cloned().unwrap_or(Value::Null), Self::from_params(params)))
    }
}

/// The `result` of the answer. `limit` is the caller's: `nodes` are given as they are.
#[must_use]
pub fn result<'a>(
    nodes: impl IntoIterator<Item = &'a ServiceNode>,
    height: u64,
    consensus: Option<&[u8]>,
    request: &ListRequest,
) -> Value {
    let states: Vec<Value> = nodes.into_iter().map(|node| state(node, request)).collect();
    let mut result = json!({
        "service_node_states": states,
        "height": height,
        "hardfork": 19,
        "snode_revision": 4,
        "status": "OK",
    });
    if let Some(consensus) = consensus {
        result["tacit_consensus"] = crate::base64::encode(consensus).into();
    }
    result
}

/// The whole body of a JSON-RPC answer.
#[must_use]
pub fn json_rpc_answer(id: &Value, result: &Value) -> Vec<u8> {
    json!({ "jsonrpc": "2.0", "id": id, "result": result }).to_string().into_bytes()
}

fn state(node: &ServiceNode, request: &ListRequest) -> Value {
    let mut all = json!({
        "public_ip": node.ip,
        "storage_port": node.https_port,
        "storage_lmq_port": node.peer_port,
        "pubkey_ed25519": node.ed25519,
        "pubkey_x25519": hex::encode(node.x25519),
        "service_node_pubkey": node.ed25519,
        "swarm_id": node.swarm.unwrap_or(SwarmId::NONE).0,
        "requested_unlock_height": 0,
        "storage_server_version": node.version.unwrap_or_default(),
    });
    if let (Some(fields), Some(state)) = (&request.fields, all.as_object_mut()) {
        state.retain(|name, _| fields.contains(name));
    }
    all
}

/// Reads the body of a JSON-RPC answer, or the answer of `oxend_request`: both have `result`.
///
/// # Errors
/// [`Error::TooLong`] or [`Error::Json`]. Nodes that cannot be read or have no address are
/// left out.
pub fn parse(body: &[u8]) -> Result<NodeList, Error> {
    let limits = Limits { bytes: MAX_LIST, depth: 8, elements: 30 * MAX_NODES };
    let body = json::parse(body, limits)?;
    parse_result(body.get("result").unwrap_or(&body))
}

/// Reads the value under `result`.
///
/// # Errors
/// [`Error::Json`] when it is no list of nodes.
pub fn parse_result(result: &Value) -> Result<NodeList, Error> {
    let states = result.get("service_node_states").and_then(Value::as_array).ok_or(Error::Json)?;
    let nodes = states.iter().take(MAX_NODES).filter_map(read_state).collect();
    let consensus = result.get("tacit_consensus").and_then(Value::as_str);
    Ok(NodeList {
        nodes,
        height: result.get("height").and_then(Value::as_u64).unwrap_or(0),
        consensus: consensus.and_then(crate::base64::decode),
    })
}

#[derive(Serialize, Deserialize)]
struct State {
    public_ip: Ipv4Addr,
    storage_port: u16,
    #[serde(default)]
    storage_lmq_port: u16,
    pubkey_ed25519: NodeId,
    #[serde(with = "crate::base64::serde_hex")]
    pubkey_x25519: [u8; 32],
    swarm_id: Option<u64>,
    storage_server_version: Option<[u16; 3]>,
}

fn read_state(value: &Value) -> Option<ServiceNode> {
    let state = State::deserialize(value).ok()?;
    if state.public_ip.is_unspecified() || state.storage_port == 0 {
        return None;
    }
    Some(ServiceNode {
        ip: state.public_ip,
        https_port: state.storage_port,
        peer_port: state.storage_lmq_port,
        ed25519: state.pubkey_ed25519,
        x25519: state.pubkey_x25519,
        swarm: state.swarm_id.map(SwarmId).filter(|swarm| *swarm != SwarmId::NONE),
        version: state.storage_server_version,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn node(last: u8) -> ServiceNode {
        ServiceNode {
            ip: Ipv4Addr::new(192, 0, 2, last),
            https_port: 22021,
            peer_port: 22020,
            ed25519: NodeId([last; 32]),
            x25519: [last + 1; 32],
            swarm: last.is_multiple_of(2).then_some(SwarmId(0xf75f_9c23_3b9f_a7ed)),
            version: Some([2, 8, 0]),
        }
    }

    #[test]
    fn a_list_comes_back_as_it_was_given() {
        let nodes = [node(1), node(2)];
        let (id, request) = ListRequest::parse_json_rpc(&request_body()).unwrap();
        let body = json_rpc_answer(&id, &result(&nodes, 77, Some(b"signed"), &request));
        let list = parse(&body).unwrap();
        assert_eq!(list.nodes, nodes);
        assert_eq!((list.height, list.consensus.as_deref()), (77, Some(b"signed".as_slice())));
    }

    #[test]
    fn nodes_without_address_or_key_are_passed_over() {
        let mut result = result(&[node(1), node(2), node(3), node(4)], 1, None, &ListRequest::default());
        result["service_node_states"][0]["public_ip"] = "".into();
        result["service_node_states"][1]["public_ip"] = "0.0.0.0".into();
        result["service_node_states"][2]["pubkey_x25519"] = "".into();
        let list = parse_result(&result).unwrap();
        assert_eq!(list.nodes, [node(4)]);
    }

    #[test]
    fn only_the_wanted_fields_are_given() {
        let request = ListRequest::from_params(&json!({"fields": ["public_ip"], "limit": 3}));
        assert_eq!(request.limit, Some(3));
        let result = result(&[node(1)], 1, None, &request);
        assert_eq!(result["service_node_states"], json!([{"public_ip": "192.0.2.1"}]));
    }

    proptest::proptest! {
        #[test]
        fn never_panics(body: Vec<u8>) {
            let _ = parse(&body);
            let _ = ListRequest::parse_json_rpc(&body);
        }
    }
}

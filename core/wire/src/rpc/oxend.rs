//! `oxend_request`: questions to the directory behind a node.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::fields::{Params, required};
use super::rejection::{Rejection, excerpt};
use crate::TimestampMs;

/// What may be asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OxendEndpoint {
    /// The list of nodes.
    GetServiceNodes,
    /// A registered name.
    OnsResolve,
}

impl OxendEndpoint {
    /// The name on the wire.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::GetServiceNodes => "get_service_nodes",
            Self::OnsResolve => "ons_resolve",
        }
    }
}

/// A question and its parameters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OxendRequest {
    /// What is asked.
    pub endpoint: OxendEndpoint,
    /// Of the question; any JSON, [`Value::Null`] for none.
    pub params: Value,
}

impl OxendRequest {
    pub(super) fn read(params: &Params<'_>) -> Result<Self, Rejection> {
        let endpoint = match required("endpoint", params.text("endpoint")?)? {
            "get_service_nodes" => OxendEndpoint::GetServiceNodes,
            "ons_resolve" => OxendEndpoint::OnsResolve,
            other => {
                let other = excerpt(other);
                return Err(Rejection::malformed(format_args!("Invalid oxend endpoint '{other}'")));
            }
        };
        Ok(Self { endpoint, params: params.value("params").cloned().unwrap_or_default() })
    }

    pub(super) fn write(&self) -> Map<String, Value> {
        let mut out = Map::from_iter([("endpoint".to_owned(), json!(self.endpoint.name()))]);
        if !self.params.is_null() {
            out.insert("params".to_owned(), self.params.clone());
        }
        out
    }
}

/// Answer to `oxend_request`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OxendAnswer {
    /// Of the directory.
    pub result: Value,
    /// Version of the network's rules.
    #[serde(default)]
    pub hf: [u16; 2],
    /// The node's time.
    #[serde(default)]
    pub t: TimestampMs,
}

//! `batch` and `sequence`: several requests in one.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::fields::Params;
use super::rejection::{Rejection, excerpt};
use super::request::Request;
use crate::TimestampMs;

/// Most requests in one.
pub const MAX_SUBREQUESTS: usize = 20;

/// Reads the requests. One that is malformed spoils all: then nothing is done.
pub(super) fn read(params: &Params<'_>) -> Result<Vec<Request>, Rejection> {
    let invalid = |reason| Rejection::malformed(format_args!("Invalid batch request: {reason}"));
    let Some(Value::Array(list)) = params.value("requests") else {
        return Err(invalid("no valid \"requests\" field"));
    };
    if list.is_empty() {
        return Err(invalid("empty \"requests\" list"));
    }
    if list.len() > MAX_SUBREQUESTS {
        return Err(invalid("subrequest limit exceeded"));
    }
    let mut requests = Vec::with_capacity(list.len());
    for request in list {
        let Value::Object(request) = request else {
            return Err(invalid("requests must be objects"));
        };
        let (Some(Value::String(method)), Some(Value::Object(params))) = (request.get("method"), request.get("params"))
        else {
            return Err(invalid("subrequests must have method/params keys"));
        };
        requests.push(read_one(method, params)?);
    }
    Ok(requests)
}

fn read_one(method: &str, params: &Map<String, Value>) -> Result<Request, Rejection> {
    let invalid = |reason| Rejection::malformed(format_args!("Invalid batch subrequest: {reason}"));
    if matches!(method, "batch" | "sequence" | "ifelse") {
        return Err(invalid("subrequests may not contain meta-requests".to_owned()));
    }
    match Request::read(method, &Params(params)) {
        Some(request) => request,
        None => Err(invalid(format!("invalid method \"{}\"", excerpt(method)))),
    }
}

/// Writes the requests.
pub(super) fn write(requests: &[Request]) -> Map<String, Value> {
    let requests: Vec<_> = requests.iter().map(Request::to_json).collect();
    Map::from_iter([("requests".to_owned(), json!(requests))])
}

/// What became of one request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct SubAnswer {
    /// Its status.
    pub code: u16,
    /// JSON of the answer, or a string with the text of the refusal.
    #[serde(default)]
    pub body: Value,
}

impl From<Rejection> for SubAnswer {
    fn from(rejection: Rejection) -> Self {
        Self { code: rejection.status, body: rejection.text.into() }
    }
}

/// Answer to `batch` and `sequence`: in the order of the requests; a sequence ends with the
/// first that failed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct BatchAnswer {
    /// One for each request.
    pub results: Vec<SubAnswer>,
    /// Version of the network's rules.
    #[serde(default)]
    pub hf: [u16; 2],
    /// The node's time.
    #[serde(default)]
    pub t: TimestampMs,
}

//! `ifelse`: one of two requests, depending on what the node is.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::batch::SubAnswer;
use super::fields::Params;
use super::rejection::Rejection;
use super::request::Request;
use crate::TimestampMs;

/// What is asked of the node. All that is given must hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Condition {
    /// Number of the network's state.
    pub height_at_least: Option<i32>,
    /// The same, exclusive.
    pub height_before: Option<i32>,
    /// Version of the network's rules.
    pub hf_at_least: Option<[i32; 2]>,
    /// The same, exclusive.
    pub hf_before: Option<[i32; 2]>,
    /// Version of the node's software.
    pub v_at_least: Option<[i32; 3]>,
    /// The same, exclusive.
    pub v_before: Option<[i32; 3]>,
}

impl Condition {
    /// Whether it holds for a node.
    #[must_use]
    pub fn holds(&self, height: u64, hf: [u16; 2], version: [u16; 3]) -> bool {
        let height = i64::try_from(height).unwrap_or(i64::MAX);
        let (hf, version) = (hf.map(i32::from), version.map(i32::from));
        self.height_at_least.is_none_or(|least| height >= least.into())
            && self.height_before.is_none_or(|end| height < end.into())
            && self.hf_at_least.is_none_or(|least| hf >= least)
            && self.hf_before.is_none_or(|end| hf < end)
            && self.v_at_least.is_none_or(|least| version >= least)
            && self.v_before.is_none_or(|end| version < end)
    }

    fn read(params: &Params<'_>) -> Result<Self, Rejection> {
        let condition = Self {
            height_at_least: params.integer("height_at_least")?,
            height_before: params.integer("height_before")?,
            hf_at_least: version(params, "hf_at_least")?,
            hf_before: version(params, "hf_before")?,
            v_at_least: version(params, "v_at_least")?,
            v_before: version(params, "v_before")?,
        };
        if condition == Self::default() {
            return Err(invalid("must specify at least one \"if\" condition"));
        }
        Ok(condition)
    }

    fn write(&self) -> Map<String, Value> {
        let parts = [
            ("height_at_least", self.height_at_least.map(Value::from)),
            ("height_before", self.height_before.map(Value::from)),
            ("hf_at_least", self.hf_at_least.map(|parts| json!(parts))),
            ("hf_before", self.hf_before.map(|parts| json!(parts))),
            ("v_at_least", self.v_at_least.map(|parts| json!(parts))),
            ("v_before", self.v_before.map(|parts| json!(parts))),
        ];
        parts.into_iter().filter_map(|(name, value)| Some((name.to_owned(), value?))).collect()
    }
}

/// A version of N parts: missing ones are 0, further ones do not count, none is as if absent.
fn version<const N: usize>(params: &Params<'_>, field: &str) -> Result<Option<[i32; N]>, Rejection> {
    let given = params.integers(field)?.filter(|parts| !parts.is_empty());
    Ok(given.map(|parts| std::array::from_fn(|at| parts.get(at).copied().unwrap_or(0))))
}

fn invalid(reason: &str) -> Rejection {
    Rejection::malformed(format_args!("Invalid ifelse request: {reason}"))
}

/// One of two requests; at least one is there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IfElse {
    /// What decides.
    pub condition: Condition,
    /// If it holds.
    pub then: Option<Request>,
    /// If not.
    pub otherwise: Option<Request>,
}

impl IfElse {
    pub(super) const METHOD: &'static str = "ifelse";

    /// The request that `condition` decided for.
    #[must_use]
    pub fn chosen(self, condition: bool) -> Option<Request> {
        if condition { self.then } else { self.otherwise }
    }

    pub(super) fn read(params: &Params<'_>) -> Result<Self, Rejection> {
        let Some(Value::Object(condition)) = params.value("if") else {
            return Err(invalid("no valid \"if\" field"));
        };
        let condition = Condition::read(&Params(condition))?;
        let (then, otherwise) = (branch(params, "then")?, branch(params, "else")?);
        if then.is_none() && otherwise.is_none() {
            return Err(invalid("at least one of \"then\"/\"else\" required"));
        }
        Ok(Self { condition, then, otherwise })
    }

    pub(super) fn write(&self) -> Map<String, Value> {
        let mut out = Map::from_iter([("if".to_owned(), self.condition.write().into())]);
        for (name, request) in [("then", &self.then), ("else", &self.otherwise)] {
            if let Some(request) = request {
                out.insert(name.to_owned(), request.to_json());
            }
        }
        out
    }
}

/// Requests of any method, also further conditions: JSON is only so deep.
fn branch(params: &Params<'_>, name: &str) -> Result<Option<Request>, Rejection> {
    let Some(value) = params.value(name) else { return Ok(None) };
    let Value::Object(request) = value else {
        return Err(invalid(&format!("{name} must be an object")));
    };
    let (Some(Value::String(method)), Some(Value::Object(params))) = (request.get("method"), request.get("params"))
    else {
        return Err(invalid(&format!("{name} must have method/params keys")));
    };
    let unknown = || Err(Rejection::malformed(format_args!("Invalid ifelse request method \"{name}\"")));
    Request::read(method, &Params(params)).unwrap_or_else(unknown).map(Some)
}

/// Answer to `ifelse`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IfElseAnswer {
    /// Version of the network's rules.
    pub hf: [u16; 2],
    /// Of the node's software.
    pub v: [u16; 3],
    /// Number of the network's state.
    pub height: u64,
    /// Whether the condition held.
    pub condition: bool,
    /// Of the request that was chosen, if there was one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub result: Option<SubAnswer>,
    /// The node's time.
    #[serde(default)]
    pub t: TimestampMs,
}

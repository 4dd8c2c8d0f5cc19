//! What an answer means (protocol: network 4.4, 4.5, 5). Pure: bytes in, meaning out.

use serde_json::Value;
use tacit_wire::json::{self, Limits};
use tacit_wire::onion::{PathError, SharedKey, open_reply};
use tacit_wire::rpc::SwarmAnswer;
use tacit_wire::{NodeId, ServiceNode, TimestampMs};

use crate::http::{Answer, HttpError};

/// How far one onion request came.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Carried {
    /// To its destination and back: the destination's own status and body.
    Answer { status: u16, body: Vec<u8> },
    /// To the node before this one, which does not know it or found it not ready.
    NodeRefused(NodeId),
    /// To the guard and not to the end.
    PathFailed(&'static str),
    /// Not to the guard, or no word came back.
    Unreachable(&'static str),
}

/// Reads what came back from the guard.
pub(crate) fn carried(result: Result<Answer, HttpError>, key: &SharedKey) -> Carried {
    let answer = match result {
        Ok(answer) => answer,
        Err(HttpError::Unreachable) => return Carried::Unreachable("the guard is unreachable"),
        Err(HttpError::Silent) => return Carried::Unreachable("no answer in time"),
        Err(HttpError::Unfinished) => return Carried::PathFailed("the answer broke off"),
        Err(HttpError::TooLarge) => return Carried::PathFailed("the answer was too large"),
    };
    if answer.status == 200 {
        return match open_reply(key, &answer.body) {
            Ok((status, body)) => Carried::Answer { status, body },
            Err(_) => Carried::PathFailed("the answer could not be opened"),
        };
    }
    match PathError::from_http(answer.status, &answer.body) {
        PathError::NextNodeNotFound(node) | PathError::NotReady(Some(node)) => Carried::NodeRefused(node),
        PathError::NotReady(None) => Carried::PathFailed("a node on the path was not ready"),
        PathError::Timeout => Carried::PathFailed("a node on the path did not answer"),
        PathError::InvalidCiphertext => Carried::PathFailed("a layer did not open"),
        PathError::InvalidResponse => Carried::PathFailed("a node answered something invalid"),
        PathError::Other { .. } => Carried::PathFailed("the path answered an unknown status"),
    }
}

/// What the destination said.
#[derive(Debug, PartialEq)]
pub(crate) enum Said {
    /// Success, with the answer's JSON.
    Done(Value),
    /// Another swarm keeps this account: its members, none when the answer did not say.
    WrongSwarm(Vec<ServiceNode>),
    /// The request's time is too far from the network's.
    WrongClock { status: u16, text: String },
    /// Not now: another member, or later.
    Busy { status: u16, text: String },
    /// Nothing a node should answer.
    Nonsense(&'static str),
    /// A final answer.
    Refused { status: u16, text: String },
}

/// Longest text of an error that is kept, in characters.
const MAX_TEXT: usize = 200;

/// Reads the destination's status and body. Of a batch or sequence (`parts`) a part that met the
/// wrong swarm or a wrong clock speaks for the whole.
pub(crate) fn said(status: u16, body: &[u8], parts: bool) -> Said {
    let Some(said) = by_status(status, body) else {
        let Ok(value) = json::parse(body, Limits::ANSWER) else {
            return Said::Nonsense("the answer was not JSON");
        };
        if !value.is_object() {
            return Said::Nonsense("the answer was no JSON object");
        }
        if parts {
            let results = value.get("results").and_then(Value::as_array);
            let Some(results) = results else {
                return Said::Nonsense("the answer of a batch had no results");
            };
            if let Some(said) = results.iter().find_map(part_to_repeat) {
                return said;
            }
        }
        return Said::Done(value);
    };
    said
}

/// The part of a batch for whose sake the whole is sent again.
fn part_to_repeat(part: &Value) -> Option<Said> {
    let code = part.get("code").and_then(Value::as_u64).and_then(|c| u16::try_from(c).ok())?;
    if !matches!(code, 406 | 421 | 425) {
        return None;
    }
    let body = match part.get("body") {
        Some(Value::String(text)) => text.clone().into_bytes(),
        Some(other) => other.to_string().into_bytes(),
        None => Vec::new(),
    };
    by_status(code, &body)
}

/// Everything but success.
fn by_status(status: u16, body: &[u8]) -> Option<Said> {
    let text = || text_of(body);
    Some(match status {
        200..=299 => return None,
        421 => Said::WrongSwarm(members(body).unwrap_or_default()),
        406 | 425 => Said::WrongClock { status, text: text() },
        408 | 429 | 500..=599 => Said::Busy { status, text: text() },
        400..=499 => Said::Refused { status, text: text() },
        _ => Said::Nonsense("the answer had an unknown status"),
    })
}

/// The nodes of a `get_swarm` answer, which is also the body of a 421.
pub(crate) fn members(body: &[u8]) -> Option<Vec<ServiceNode>> {
    let answer: SwarmAnswer = json::parse_as(body, Limits::REQUEST).ok()?;
    Some(answer.nodes())
}

/// The time an answer tells, of a batch that of its first part that tells one.
pub(crate) fn network_time(value: &Value) -> Option<TimestampMs> {
    let number = |v: &Value, name| v.get(name).and_then(Value::as_u64).filter(|t| *t != 0);
    let own = |v: &Value| number(v, "t").or_else(|| number(v, "timestamp"));
    let of_part = |part: &Value| part.get("body").and_then(own);
    let results = || value.get("results").and_then(Value::as_array);
    own(value).or_else(|| results().and_then(|parts| parts.iter().find_map(of_part))).map(TimestampMs)
}

/// Text for the user: printable, short, one line.
fn text_of(body: &[u8]) -> String {
    let text = String::from_utf8_lossy(body.get(..1024).unwrap_or(body));
    let clean = |c: char| if c.is_control() { ' ' } else { c };
    text.trim().chars().take(MAX_TEXT).map(clean).collect()
}

#[cfg(test)]
mod tests;

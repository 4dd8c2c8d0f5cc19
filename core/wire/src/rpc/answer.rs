//! What answers have in common.

use std::collections::BTreeMap;
use std::fmt::Debug;

use serde::de::DeserializeOwned;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use serde_json::Value;

use crate::{Error, NodeId, TimestampMs};

/// An answer that is read from, and written to, a JSON value.
pub trait Answer: Serialize + DeserializeOwned {
    /// The JSON body.
    fn to_value(&self) -> Value {
        // Structs of strings, numbers and maps with text keys always serialize.
        serde_json::to_value(self).unwrap_or_default()
    }
}

impl<T: Serialize + DeserializeOwned> Answer for T {}

/// Reads the body of an answer, already parsed as JSON.
///
/// # Errors
/// [`Error::Json`] when it has another shape.
pub fn answer_from<T: DeserializeOwned>(body: Value) -> Result<T, Error> {
    serde_json::from_value(body).map_err(|_| Error::Json)
}

/// What one member of the swarm said: done, or why not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Member<R> {
    /// Done; the signed receipt.
    Done(R),
    /// Not done.
    Failed(MemberFailure),
}

impl<R> Member<R> {
    /// The receipt, if there is one.
    pub fn done(&self) -> Option<&R> {
        match self {
            Self::Done(receipt) => Some(receipt),
            Self::Failed(_) => None,
        }
    }
}

/// Why a member did not do what was asked.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct MemberFailure {
    /// Always true.
    pub failed: bool,
    /// It did not answer in time.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub timeout: bool,
    /// It answered with this status.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub code: Option<u16>,
    /// And this text.
    #[serde(deserialize_with = "lenient", skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// It answered nonsense.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub bad_peer_response: bool,
    /// Its database failed.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub query_failure: bool,
}

/// The value if it is of the type, else its default: details of a failure are not worth
/// losing the rest of the answer.
fn lenient<'de, D: Deserializer<'de>, T: DeserializeOwned + Default>(deserializer: D) -> Result<T, D::Error> {
    let value = Value::deserialize(deserializer)?;
    Ok(serde_json::from_value(value).unwrap_or_default())
}

impl<R: Serialize> Serialize for Member<R> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Done(receipt) => receipt.serialize(serializer),
            Self::Failed(failure) => failure.serialize(serializer),
        }
    }
}

/// A member whose entry cannot be read counts as failed; the others count.
impl<'de, R: DeserializeOwned> Deserialize<'de> for Member<R> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        let bad = MemberFailure { failed: true, bad_peer_response: true, ..Default::default() };
        if value.get("failed").and_then(Value::as_bool) == Some(true) {
            return Ok(Self::Failed(serde_json::from_value(value).unwrap_or(bad)));
        }
        Ok(serde_json::from_value(value).map_or(Self::Failed(bad), Self::Done))
    }
}

/// The answer of a request that the whole swarm carried out.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(bound = "R: Serialize + DeserializeOwned")]
pub struct RecursiveAnswer<R> {
    /// What each member said.
    pub swarm: BTreeMap<NodeId, Member<R>>,
    /// Version of the network's rules.
    #[serde(default)]
    pub hf: [u16; 2],
    /// The node's time.
    #[serde(default)]
    pub t: TimestampMs,
}

impl<R> RecursiveAnswer<R> {
    /// The receipts, with who gave them.
    pub fn receipts(&self) -> impl Iterator<Item = (&NodeId, &R)> {
        self.swarm.iter().filter_map(|(node, member)| Some((node, member.done()?)))
    }
}

/// A list of which unreadable elements are left out.
pub(super) fn readable<'de, D: Deserializer<'de>, T: DeserializeOwned>(deserializer: D) -> Result<Vec<T>, D::Error> {
    let list = Vec::<Value>::deserialize(deserializer)?;
    Ok(list.into_iter().filter_map(|value| serde_json::from_value(value).ok()).collect())
}

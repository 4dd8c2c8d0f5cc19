//! What a request comes to.

use bytes::Bytes;
use serde_json::Value;
use tacit_edge::Answer;
use tacit_wire::rpc::{Rejection, SubAnswer};

use crate::http;
use crate::store::StoreError;

/// JSON of the answer, or why not.
pub(crate) type Outcome = Result<Value, Refused>;

/// Why a request is not answered with 200.
pub(crate) enum Refused {
    /// A text.
    Text(Rejection),
    /// JSON all the same: 421 with the right swarm, 404 and 500 with what the members said.
    Json(u16, Value),
}

impl Refused {
    /// As an answer over HTTP.
    pub(crate) fn into_answer(self) -> Answer {
        match self {
            Self::Text(rejection) => http::rejected(&rejection),
            Self::Json(status, body) => http::reply(status, &body),
        }
    }

    /// The status of the answer.
    pub(super) fn status(&self) -> u16 {
        match self {
            Self::Text(rejection) => rejection.status,
            Self::Json(status, _) => *status,
        }
    }

    /// As status and body, for the inside of an onion answer.
    pub(crate) fn into_parts(self) -> (u16, Bytes) {
        match self {
            Self::Text(rejection) => (rejection.status, Bytes::from(rejection.text)),
            Self::Json(status, body) => (status, Bytes::from(body.to_string())),
        }
    }
}

impl From<Rejection> for Refused {
    fn from(rejection: Rejection) -> Self {
        Self::Text(rejection)
    }
}

/// As a part of another answer.
pub(super) fn part(outcome: Outcome) -> SubAnswer {
    match outcome {
        Ok(body) => SubAnswer { code: 200, body },
        Err(Refused::Text(rejection)) => rejection.into(),
        Err(Refused::Json(code, body)) => SubAnswer { code, body },
    }
}

/// What the disk's refusal means for who asked for a read.
pub(super) fn read_failed(error: &StoreError) -> Rejection {
    match error {
        StoreError::Busy => Rejection::busy(),
        _ => Rejection::failed(),
    }
}

//! A request of any method.

use serde_json::{Map, Value, json};

use super::batch;
use super::fields::Params;
use super::rejection::Rejection;
use super::{
    Auth, Delete, DeleteAll, DeleteBefore, Expire, ExpireAll, GetExpiries, GetSwarm, IfElse, OxendRequest, Retrieve,
    Revocation, RevokedSubaccounts, Store,
};
use crate::AccountId;
use crate::json::{self, Limits};

/// A storage request.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Request {
    /// Version and time of the node.
    Info,
    /// Which nodes keep a mailbox.
    GetSwarm(GetSwarm),
    /// Leave a message.
    Store(Store),
    /// Fetch messages.
    Retrieve(Retrieve),
    /// Delete messages by name.
    Delete(Delete),
    /// Delete everything.
    DeleteAll(DeleteAll),
    /// Delete what is older.
    DeleteBefore(DeleteBefore),
    /// Change expiries.
    Expire(Expire),
    /// Let everything end earlier.
    ExpireAll(ExpireAll),
    /// Ask for expiries.
    GetExpiries(GetExpiries),
    /// Shut subaccounts out, or let them in again.
    Revocation(Revocation),
    /// Ask which subaccounts are shut out.
    RevokedSubaccounts(RevokedSubaccounts),
    /// Several in any order.
    Batch(Vec<Request>),
    /// Several one after the other, up to the first that fails.
    Sequence(Vec<Request>),
    /// One of two.
    IfElse(Box<IfElse>),
    /// A question to the directory.
    OxendRequest(OxendRequest),
    /// What the network's registrars signed last (protocol: servers 6.4).
    GetConsensus,
}

impl Request {
    /// Reads the body of `POST /storage_rpc/v1` or of an onion request.
    ///
    /// # Errors
    /// Status and text of the answer.
    pub fn parse(body: &[u8]) -> Result<Self, Rejection> {
        let body = match json::parse(body, Limits::REQUEST) {
            Ok(Value::Object(body)) => body,
            Err(crate::Error::TooLong { .. }) => return Err(Rejection::too_large()),
            Ok(_) | Err(_) => return Err(Rejection::new(400, "invalid json")),
        };
        let Some(Value::String(method)) = body.get("method") else {
            return Err(Rejection::new(400, "invalid json: no `method` field"));
        };
        let Some(params) = body.get("params") else {
            return Err(Rejection::new(400, "invalid json: no `params` field"));
        };
        Self::parse_method(method, params)
    }

    /// Reads a request whose JSON is already parsed.
    ///
    /// # Errors
    /// Status and text of the answer.
    pub fn parse_method(method: &str, params: &Value) -> Result<Self, Rejection> {
        let Value::Object(params) = params else {
            return Err(Rejection::new(400, "invalid json: no `params` field"));
        };
        Self::read(method, &Params(params)).unwrap_or_else(|| Err(Rejection::unknown_method(method)))
    }

    /// `None` for an unknown method.
    pub(super) fn read(method: &str, params: &Params<'_>) -> Option<Result<Self, Rejection>> {
        Some(match method {
            "info" => Ok(Self::Info),
            "get_swarm" | "get_snodes_for_pubkey" => GetSwarm::read(params).map(Self::GetSwarm),
            Store::METHOD => Store::read(params).map(Self::Store),
            Retrieve::METHOD => Retrieve::read(params).map(Self::Retrieve),
            Delete::METHOD => Delete::read(params).map(Self::Delete),
            DeleteAll::METHOD => DeleteAll::read(params).map(Self::DeleteAll),
            DeleteBefore::METHOD => DeleteBefore::read(params).map(Self::DeleteBefore),
            Expire::METHOD => Expire::read(params).map(Self::Expire),
            ExpireAll::METHOD => ExpireAll::read(params).map(Self::ExpireAll),
            Revocation::REVOKE => Revocation::read(params, true).map(Self::Revocation),
            Revocation::UNREVOKE => Revocation::read(params, false).map(Self::Revocation),
            RevokedSubaccounts::METHOD => RevokedSubaccounts::read(params).map(Self::RevokedSubaccounts),
            IfElse::METHOD => IfElse::read(params).map(|request| Self::IfElse(Box::new(request))),
            GetExpiries::METHOD => GetExpiries::read(params).map(Self::GetExpiries),
            "batch" => batch::read(params).map(Self::Batch),
            "sequence" => batch::read(params).map(Self::Sequence),
            "oxend_request" => OxendRequest::read(params).map(Self::OxendRequest),
            "get_consensus" => Ok(Self::GetConsensus),
            _ => return None,
        })
    }

    /// The name of the method.
    #[must_use]
    pub fn method(&self) -> &'static str {
        match self {
            Self::Info => "info",
            Self::GetSwarm(_) => "get_swarm",
            Self::Store(_) => Store::METHOD,
            Self::Retrieve(_) => Retrieve::METHOD,
            Self::Delete(_) => Delete::METHOD,
            Self::DeleteAll(_) => DeleteAll::METHOD,
            Self::DeleteBefore(_) => DeleteBefore::METHOD,
            Self::Expire(_) => Expire::METHOD,
            Self::ExpireAll(_) => ExpireAll::METHOD,
            Self::Revocation(request) => request.method(),
            Self::RevokedSubaccounts(_) => RevokedSubaccounts::METHOD,
            Self::IfElse(_) => IfElse::METHOD,
            Self::GetExpiries(_) => GetExpiries::METHOD,
            Self::Batch(_) => "batch",
            Self::Sequence(_) => "sequence",
            Self::OxendRequest(_) => "oxend_request",
            Self::GetConsensus => "get_consensus",
        }
    }

    /// `{"method", "params"}`.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let params = match self {
            Self::Info | Self::GetConsensus => Map::new(),
            Self::GetSwarm(request) => request.write(),
            Self::Store(request) => request.write(),
            Self::Retrieve(request) => request.write(),
            Self::Delete(request) => request.write(),
            Self::DeleteAll(request) => request.write(),
            Self::DeleteBefore(request) => request.write(),
            Self::Expire(request) => request.write(),
            Self::ExpireAll(request) => request.write(),
            Self::Revocation(request) => request.write(),
            Self::RevokedSubaccounts(request) => request.write(),
            Self::IfElse(request) => request.write(),
            Self::GetExpiries(request) => request.write(),
            Self::Batch(requests) | Self::Sequence(requests) => batch::write(requests),
            Self::OxendRequest(request) => request.write(),
        };
        json!({ "method": self.method(), "params": params })
    }

    /// The body to send.
    #[must_use]
    pub fn to_body(&self) -> Vec<u8> {
        self.to_json().to_string().into_bytes()
    }

    /// The mailbox it is about; none for those that are about no mailbox or several.
    #[must_use]
    pub fn account(&self) -> Option<&AccountId> {
        match self {
            Self::GetSwarm(request) => Some(&request.account),
            Self::Store(request) => Some(&request.account),
            Self::Retrieve(request) => Some(&request.account),
            Self::Delete(request) => Some(&request.account),
            Self::DeleteAll(request) => Some(&request.account),
            Self::DeleteBefore(request) => Some(&request.account),
            Self::Expire(request) => Some(&request.account),
            Self::ExpireAll(request) => Some(&request.account),
            Self::Revocation(request) => Some(&request.account),
            Self::RevokedSubaccounts(request) => Some(&request.account),
            Self::GetExpiries(request) => Some(&request.account),
            Self::Info
            | Self::GetConsensus
            | Self::Batch(_)
            | Self::Sequence(_)
            | Self::IfElse(_)
            | Self::OxendRequest(_) => None,
        }
    }

    /// Whether whoever signed it may ask. Requests without signatures pass; the parts of a
    /// batch are checked each by itself.
    ///
    /// # Errors
    /// Status and text of the answer.
    pub fn verify_auth(&self) -> Result<(), Rejection> {
        match self {
            Self::Store(request) => request.verify_auth(),
            Self::Retrieve(request) => request.verify_auth(),
            Self::Delete(request) => request.verify_auth(),
            Self::DeleteAll(request) => request.verify_auth(),
            Self::DeleteBefore(request) => request.verify_auth(),
            Self::Expire(request) => request.verify_auth(),
            Self::ExpireAll(request) => request.verify_auth(),
            Self::Revocation(request) => request.verify_auth(),
            Self::RevokedSubaccounts(request) => request.verify_auth(),
            Self::GetExpiries(request) => request.verify_auth(),
            Self::Info
            | Self::GetConsensus
            | Self::GetSwarm(_)
            | Self::Batch(_)
            | Self::Sequence(_)
            | Self::IfElse(_)
            | Self::OxendRequest(_) => Ok(()),
        }
    }

    /// What it was signed with, if it was.
    #[must_use]
    pub fn auth(&self) -> Option<&Auth> {
        match self {
            Self::Store(request) => request.auth.as_ref(),
            Self::Retrieve(request) => request.auth.as_ref(),
            Self::Delete(request) => Some(&request.auth),
            Self::DeleteAll(request) => Some(&request.auth),
            Self::DeleteBefore(request) => Some(&request.auth),
            Self::Expire(request) => Some(&request.auth),
            Self::ExpireAll(request) => Some(&request.auth),
            Self::GetExpiries(request) => Some(&request.auth),
            Self::Revocation(request) => Some(&request.auth),
            Self::RevokedSubaccounts(request) => Some(&request.auth),
            Self::Info
            | Self::GetConsensus
            | Self::GetSwarm(_)
            | Self::Batch(_)
            | Self::Sequence(_)
            | Self::IfElse(_)
            | Self::OxendRequest(_) => None,
        }
    }
}

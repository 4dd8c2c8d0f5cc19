//! Storage requests and their answers (protocol: network 5), for the side that asks and the
//! side that answers. One file per family of methods: the request, what it signs, how it is
//! read from JSON, and its answer.
//!
//! What can be said of a request by itself is checked here, with the statuses and texts of
//! the protocol: form, limits and, in `verify_auth`, signatures. Clock, swarm and revoked
//! subaccounts are the node's to check.

mod answer;
mod auth;
mod batch;
mod delete;
mod expire;
mod expiries;
mod fields;
mod get_swarm;
mod ifelse;
mod info;
mod oxend;
mod rejection;
mod request;
mod retrieve;
mod revoke;
mod store;
mod sweep;

pub use answer::{Answer, Member, MemberFailure, RecursiveAnswer, answer_from};
pub use auth::{Access, Auth, Signer, Subaccount, SubaccountToken};
pub use batch::{BatchAnswer, MAX_SUBREQUESTS, SubAnswer};
pub use delete::DeleteReceipt;
pub use delete::{Delete, DeleteAll, DeleteAllAnswer, DeleteAllReceipt, DeleteAnswer};
pub use expire::{Expire, ExpireAnswer, ExpireReceipt, Expiries};
pub use expiries::{GetExpiries, GetExpiriesAnswer, Selection};
pub use get_swarm::{GetSwarm, SwarmAnswer, SwarmMember};
pub use ifelse::{Condition, IfElse, IfElseAnswer};
pub use info::InfoAnswer;
pub use oxend::{OxendAnswer, OxendEndpoint, OxendRequest};
pub use rejection::Rejection;
pub use request::Request;
pub use retrieve::{MAX_RETRIEVE, Retrieve, RetrieveAnswer, StoredMessage};
pub use revoke::{MAX_TOKENS, Revocation, RevocationAnswer, RevocationReceipt};
pub use revoke::{RevokedSubaccounts, RevokedSubaccountsAnswer};
pub use store::{Lifetime, MAX_DATA, Store, StoreAnswer, StoreReceipt};
pub use sweep::{DeleteBefore, DeleteBeforeAnswer, ExpireAll, ExpireAllAnswer, ExpireAllReceipt, Swept};

/// Most message hashes that one request may name.
pub const MAX_HASHES: usize = 1_000;

pub use crate::signing::ExpiryChange;

#[cfg(test)]
mod tests;

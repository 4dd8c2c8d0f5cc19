//! `delete` and `delete_all`: take messages out of one's own mailbox.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::RecursiveAnswer;
use super::auth::{Access, Auth, Signer};
use super::fields::{Params, required};
use super::rejection::Rejection;
use super::sweep::{self, DeleteBefore, Swept};
use crate::{AccountId, MessageHash, Namespaces, NodeId, TimestampMs, signing};

/// Deletes messages by name, in any namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delete {
    /// The mailbox.
    pub account: AccountId,
    /// What shall go.
    pub messages: Vec<MessageHash>,
    /// Answer 404 when none of them was there.
    pub required: bool,
    /// The signature.
    pub auth: Auth,
}

impl Delete {
    pub(super) const METHOD: &'static str = "delete";

    /// A signed request.
    #[must_use]
    pub fn signed(signer: &impl Signer, messages: Vec<MessageHash>, required: bool) -> Self {
        let auth = signer.auth(&signing::delete(&messages));
        Self { account: signer.account(), messages, required, auth }
    }

    /// The text that the signature covers.
    #[must_use]
    pub fn signed_text(&self) -> Vec<u8> {
        signing::delete(&self.messages)
    }

    /// Whether whoever signed it may delete.
    ///
    /// # Errors
    /// 401 with the text of the protocol.
    pub fn verify_auth(&self) -> Result<(), Rejection> {
        self.auth.check(Self::METHOD, &self.account, &self.signed_text(), Access::DELETE)
    }

    pub(super) fn read(params: &Params<'_>) -> Result<Self, Rejection> {
        let account = params.account()?;
        let auth = Auth::read(params, &account)?;
        let required = params.flag("required")?;
        Ok(Self { account, messages: params.messages()?, required, auth })
    }

    pub(super) fn write(&self) -> Map<String, Value> {
        let mut out =
            Map::from_iter([("pubkey".to_owned(), json!(self.account)), ("messages".to_owned(), json!(self.messages))]);
        if self.required {
            out.insert("required".to_owned(), true.into());
        }
        self.auth.write(&mut out);
        out
    }
}

/// A member's word on a `delete`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteReceipt {
    /// What was there, ascending.
    pub deleted: Vec<MessageHash>,
    /// Of the member.
    #[serde(with = "crate::base64::serde_array")]
    pub signature: [u8; 64],
}

impl DeleteReceipt {
    /// Whether `node` signed it as its answer to `request`.
    #[must_use]
    pub fn is_signed_by(&self, node: &NodeId, request: &Delete) -> bool {
        let text = signing::delete_receipt(&request.account, &request.messages, &self.deleted);
        tacit_crypto::verify(node.as_bytes(), &text, &self.signature).is_ok()
    }
}

/// Answer to `delete`.
pub type DeleteAnswer = RecursiveAnswer<DeleteReceipt>;

/// Deletes everything in one namespace or in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteAll {
    /// The mailbox.
    pub account: AccountId,
    /// Where.
    pub namespaces: Namespaces,
    /// When the request was signed.
    pub timestamp: TimestampMs,
    /// The signature.
    pub auth: Auth,
}

impl DeleteAll {
    pub(super) const METHOD: &'static str = "delete_all";

    /// A signed request.
    #[must_use]
    pub fn signed(signer: &impl Signer, namespaces: Namespaces, now: TimestampMs) -> Self {
        let auth = signer.auth(&signing::delete_all(namespaces, now));
        Self { account: signer.account(), namespaces, timestamp: now, auth }
    }

    /// The text that the signature covers.
    #[must_use]
    pub fn signed_text(&self) -> Vec<u8> {
        signing::delete_all(self.namespaces, self.timestamp)
    }

    /// Whether whoever signed it may delete.
    ///
    /// # Errors
    /// 401 with the text of the protocol.
    pub fn verify_auth(&self) -> Result<(), Rejection> {
        self.auth.check(Self::METHOD, &self.account, &self.signed_text(), Access::DELETE)
    }

    pub(super) fn read(params: &Params<'_>) -> Result<Self, Rejection> {
        let account = params.account()?;
        let auth = Auth::read(params, &account)?;
        let timestamp = required("timestamp", params.time("timestamp")?)?;
        Ok(Self { account, namespaces: params.namespaces()?, timestamp, auth })
    }

    pub(super) fn write(&self) -> Map<String, Value> {
        sweep::write(&self.account, self.namespaces, ("timestamp", self.timestamp), &self.auth)
    }
}

/// A member's word on a `delete_all`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeleteAllReceipt {
    /// What was there.
    pub deleted: Swept,
    /// Of the member.
    #[serde(with = "crate::base64::serde_array")]
    pub signature: [u8; 64],
}

impl DeleteAllReceipt {
    /// Whether `node` signed it as its answer to `request`.
    #[must_use]
    pub fn is_signed_by(&self, node: &NodeId, request: &DeleteAll) -> bool {
        self.deleted.is_signed_by(node, &request.account, request.timestamp, &self.signature)
    }

    /// The same for a `delete_before`, whose answer has this form too.
    #[must_use]
    pub fn is_signed_for_before(&self, node: &NodeId, request: &DeleteBefore) -> bool {
        self.deleted.is_signed_by(node, &request.account, request.before, &self.signature)
    }
}

/// Answer to `delete_all`.
pub type DeleteAllAnswer = RecursiveAnswer<DeleteAllReceipt>;

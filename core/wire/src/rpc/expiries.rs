//! `get_expiries`: until when messages of one's own mailbox are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::auth::{Access, Auth, Signer};
use super::fields::{Params, hashes, required};
use super::rejection::Rejection;
use crate::{AccountId, MessageHash, TimestampMs, signing};

/// Which messages are meant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Selection {
    /// `["all"]`.
    All,
    /// These.
    Messages(Vec<MessageHash>),
}

impl Selection {
    fn texts(&self) -> Vec<&str> {
        match self {
            Self::All => vec!["all"],
            Self::Messages(messages) => messages.iter().map(MessageHash::as_str).collect(),
        }
    }
}

/// Asks for the expiry of messages.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct GetExpiries {
    /// The mailbox.
    pub account: AccountId,
    /// Which messages.
    pub messages: Selection,
    /// When the request was signed.
    pub timestamp: TimestampMs,
    /// The signature.
    pub auth: Auth,
}

impl GetExpiries {
    pub(super) const METHOD: &'static str = "get_expiries";

    /// A signed request.
    #[must_use]
    pub fn signed(signer: &impl Signer, messages: Selection, now: TimestampMs) -> Self {
        let auth = signer.auth(&signing::get_expiries(now, &messages.texts()));
        Self { account: signer.account(), messages, timestamp: now, auth }
    }

    /// The text that the signature covers.
    #[must_use]
    pub fn signed_text(&self) -> Vec<u8> {
        signing::get_expiries(self.timestamp, &self.messages.texts())
    }

    /// Whether whoever signed it may read.
    ///
    /// # Errors
    /// 401 with the text of the protocol.
    pub fn verify_auth(&self) -> Result<(), Rejection> {
        self.auth.check(Self::METHOD, &self.account, &self.signed_text(), Access::READ)
    }

    pub(super) fn read(params: &Params<'_>) -> Result<Self, Rejection> {
        let account = params.account()?;
        let auth = Auth::read(params, &account)?;
        let timestamp = required("timestamp", params.time("timestamp")?)?;
        let messages = match params.message_texts()?.as_slice() {
            ["all"] => Selection::All,
            texts => Selection::Messages(hashes(texts)?),
        };
        Ok(Self { account, messages, timestamp, auth })
    }

    pub(super) fn write(&self) -> Map<String, Value> {
        let mut out = Map::from_iter([
            ("pubkey".to_owned(), json!(self.account)),
            ("messages".to_owned(), json!(self.messages.texts())),
            ("timestamp".to_owned(), json!(self.timestamp)),
        ]);
        self.auth.write(&mut out);
        out
    }
}

/// Answer to `get_expiries`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct GetExpiriesAnswer {
    /// Of the messages that are there.
    pub expiries: BTreeMap<MessageHash, TimestampMs>,
    /// Version of the network's rules.
    #[serde(default)]
    pub hf: [u16; 2],
    /// The node's time.
    #[serde(default)]
    pub t: TimestampMs,
}

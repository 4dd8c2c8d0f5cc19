//! `expire`: change how long messages of one's own mailbox are kept.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::RecursiveAnswer;
use super::auth::{Access, Auth, Signer};
use super::fields::{Params, required};
use super::rejection::Rejection;
use crate::signing::{self, ExpiryChange};
use crate::{AccountId, MessageHash, NodeId, TimestampMs};

/// Sets the expiry of messages by name, in any namespace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Expire {
    /// The mailbox.
    pub account: AccountId,
    /// Which messages.
    pub messages: Vec<MessageHash>,
    /// One for all, or one for each; never empty.
    pub expiry: Vec<TimestampMs>,
    /// In which direction it may move.
    pub change: ExpiryChange,
    /// The signature.
    pub auth: Auth,
}

impl Expire {
    pub(super) const METHOD: &'static str = "expire";

    /// A signed request. `expiry` has one element, or one for each message.
    #[must_use]
    pub fn signed(
        signer: &impl Signer,
        messages: Vec<MessageHash>,
        expiry: Vec<TimestampMs>,
        change: ExpiryChange,
    ) -> Self {
        let auth = signer.auth(&signing::expire(change, &expiry, &messages));
        Self { account: signer.account(), messages, expiry, change, auth }
    }

    /// The text that the signature covers.
    #[must_use]
    pub fn signed_text(&self) -> Vec<u8> {
        signing::expire(self.change, &self.expiry, &self.messages)
    }

    /// Each message with its expiry.
    pub fn pairs(&self) -> impl Iterator<Item = (&MessageHash, TimestampMs)> {
        let one_for_all = self.expiry.len() == 1;
        self.messages.iter().enumerate().filter_map(move |(at, message)| {
            let at = if one_for_all { 0 } else { at };
            Some((message, *self.expiry.get(at)?))
        })
    }

    /// In which direction the signer may move it: a subaccount without delete access only
    /// extends.
    #[must_use]
    pub fn allowed_change(&self) -> ExpiryChange {
        if self.may_shorten() { self.change } else { ExpiryChange::Extend }
    }

    fn may_shorten(&self) -> bool {
        let subaccount = self.auth.subaccount.as_ref();
        subaccount.is_none_or(|sub| sub.token.access().includes(Access::DELETE))
    }

    /// Whether whoever signed it may change expiries.
    ///
    /// # Errors
    /// 401, or 400 for shortening without delete access, with the texts of the protocol.
    pub fn verify_auth(&self) -> Result<(), Rejection> {
        if !self.auth.allows(&self.account, &self.signed_text(), Access::WRITE) {
            return Err(Rejection::signature(Self::METHOD));
        }
        if self.change == ExpiryChange::Shorten && !self.may_shorten() {
            return Err(Rejection::new(
                400,
                "expire: shorten parameter cannot be used with this subaccount token \
                 (missing delete access)",
            ));
        }
        Ok(())
    }

    pub(super) fn read(params: &Params<'_>) -> Result<Self, Rejection> {
        let account = params.account()?;
        let auth = Auth::read(params, &account)?;
        let expiry = required("expiry", params.times("expiry")?)?;
        if expiry.is_empty() {
            return Err(Rejection::malformed("'expiry' does not contain any expiration timestamps"));
        }
        let change = match (params.flag("shorten")?, params.flag("extend")?) {
            (false, false) => ExpiryChange::Any,
            (true, false) => ExpiryChange::Shorten,
            (false, true) => ExpiryChange::Extend,
            (true, true) => {
                return Err(Rejection::malformed("cannot specify both 'shorten' and 'extend'"));
            }
        };
        let messages = params.messages()?;
        if expiry.len() > 1 && expiry.len() != messages.len() {
            return Err(Rejection::malformed("'expiry' must be a single expiry, or the same length as 'messages'"));
        }
        Ok(Self { account, messages, expiry, change, auth })
    }

    pub(super) fn write(&self) -> Map<String, Value> {
        let expiry = match self.expiry.as_slice() {
            [one] => json!(one),
            many => json!(many),
        };
        let mut out = Map::from_iter([
            ("pubkey".to_owned(), json!(self.account)),
            ("messages".to_owned(), json!(self.messages)),
            ("expiry".to_owned(), expiry),
        ]);
        match self.change {
            ExpiryChange::Any => {}
            ExpiryChange::Shorten => {
                out.insert("shorten".to_owned(), true.into());
            }
            ExpiryChange::Extend => {
                out.insert("extend".to_owned(), true.into());
            }
        }
        self.auth.write(&mut out);
        out
    }
}

/// The expiry that was applied: one for all, or one for each of the updated messages.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Expiries {
    /// For all.
    One(TimestampMs),
    /// In the order of `updated`.
    Each(Vec<TimestampMs>),
}

impl Expiries {
    /// As receipts sign them.
    #[must_use]
    pub fn as_slice(&self) -> &[TimestampMs] {
        match self {
            Self::One(expiry) => std::slice::from_ref(expiry),
            Self::Each(expiries) => expiries,
        }
    }
}

/// A member's word on an `expire`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpireReceipt {
    /// Messages whose expiry changed, ascending.
    pub updated: Vec<MessageHash>,
    /// Messages that were there but stay as they are, with their expiry; present only for
    /// requests with a direction.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unchanged: Option<BTreeMap<MessageHash, TimestampMs>>,
    /// What was applied; a too late expiry is cut.
    pub expiry: Expiries,
    /// Of the member.
    #[serde(with = "crate::base64::serde_array")]
    pub signature: [u8; 64],
}

impl ExpireReceipt {
    /// Whether `node` signed it as its answer to `request`.
    #[must_use]
    pub fn is_signed_by(&self, node: &NodeId, request: &Expire) -> bool {
        let text = signing::expire_receipt(
            &request.account,
            self.expiry.as_slice(),
            &request.messages,
            &self.updated,
            self.unchanged.iter().flatten(),
        );
        tacit_crypto::verify(node.as_bytes(), &text, &self.signature).is_ok()
    }

    /// Each message that is there with the expiry it has now.
    #[must_use]
    pub fn known(&self) -> BTreeMap<MessageHash, TimestampMs> {
        let mut known = self.unchanged.clone().unwrap_or_default();
        for (at, hash) in self.updated.iter().enumerate() {
            let expiry = match &self.expiry {
                Expiries::One(expiry) => Some(expiry),
                Expiries::Each(expiries) => expiries.get(at),
            };
            known.extend(expiry.map(|expiry| (hash.clone(), *expiry)));
        }
        known
    }
}

/// Answer to `expire`.
pub type ExpireAnswer = RecursiveAnswer<ExpireReceipt>;

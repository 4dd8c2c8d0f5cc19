//! `delete_before` and `expire_all`: one time for everything in a namespace or in all.

use std::collections::BTreeMap;

use serde::de::Error as _;
use serde::{Deserialize, Deserializer, Serialize};
use serde_json::{Map, Value, json};

use super::answer::RecursiveAnswer;
use super::auth::{Access, Auth, Signer};
use super::delete::DeleteAllReceipt;
use super::fields::{Params, required};
use super::rejection::Rejection;
use crate::{AccountId, MessageHash, Namespace, Namespaces, NodeId, TimestampMs, signing};

/// What a sweep touched.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Swept {
    /// Of one namespace, ascending.
    One(Vec<MessageHash>),
    /// By namespace, each ascending.
    All(BTreeMap<Namespace, Vec<MessageHash>>),
}

/// By hand: serde's untagged form does not read numbers that are keys.
impl<'de> Deserialize<'de> for Swept {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let value = Value::deserialize(deserializer)?;
        if value.is_array() {
            serde_json::from_value(value).map(Self::One)
        } else {
            serde_json::from_value(value).map(Self::All)
        }
        .map_err(D::Error::custom)
    }
}

impl Swept {
    /// In the form that a request for `namespaces` gets.
    #[must_use]
    pub fn new(namespaces: Namespaces, touched: impl IntoIterator<Item = (Namespace, MessageHash)>) -> Self {
        let mut touched: Vec<_> = touched.into_iter().collect();
        touched.sort_unstable();
        match namespaces {
            Namespaces::One(_) => Self::One(touched.into_iter().map(|(_, hash)| hash).collect()),
            Namespaces::All => {
                let mut all: BTreeMap<_, Vec<_>> = BTreeMap::new();
                for (namespace, hash) in touched {
                    all.entry(namespace).or_default().push(hash);
                }
                Self::All(all)
            }
        }
    }

    /// All of them, ascending over all namespaces, as receipts sign them.
    #[must_use]
    pub fn sorted(&self) -> Vec<&MessageHash> {
        let mut hashes: Vec<_> = match self {
            Self::One(hashes) => hashes.iter().collect(),
            Self::All(by_namespace) => by_namespace.values().flatten().collect(),
        };
        hashes.sort_unstable();
        hashes
    }

    /// Whether `node` signed that this is what it touched for the request with this time.
    pub(super) fn is_signed_by(
        &self,
        node: &NodeId,
        account: &AccountId,
        time: TimestampMs,
        signature: &[u8; 64],
    ) -> bool {
        let text = signing::sweep_receipt(account, time, self.sorted());
        tacit_crypto::verify(node.as_bytes(), &text, signature).is_ok()
    }
}

/// The fields of a request for `namespaces` with a time under `field`.
pub(super) fn write(
    account: &AccountId,
    namespaces: Namespaces,
    (field, time): (&str, TimestampMs),
    auth: &Auth,
) -> Map<String, Value> {
    let namespaces = match namespaces {
        Namespaces::One(namespace) => json!(namespace),
        Namespaces::All => json!("all"),
    };
    let mut out = Map::from_iter([
        ("pubkey".to_owned(), json!(account)),
        ("namespace".to_owned(), namespaces),
        (field.to_owned(), json!(time)),
    ]);
    auth.write(&mut out);
    out
}

/// Deletes what is not newer than a time.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeleteBefore {
    /// The mailbox.
    pub account: AccountId,
    /// Where.
    pub namespaces: Namespaces,
    /// The newest message that goes, by its sender's time.
    pub before: TimestampMs,
    /// The signature.
    pub auth: Auth,
}

impl DeleteBefore {
    pub(super) const METHOD: &'static str = "delete_before";

    /// A signed request.
    #[must_use]
    pub fn signed(signer: &impl Signer, namespaces: Namespaces, before: TimestampMs) -> Self {
        let auth = signer.auth(&signing::delete_before(namespaces, before));
        Self { account: signer.account(), namespaces, before, auth }
    }

    /// The text that the signature covers.
    #[must_use]
    pub fn signed_text(&self) -> Vec<u8> {
        signing::delete_before(self.namespaces, self.before)
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
        let before = required("before", params.time("before")?)?;
        Ok(Self { account, namespaces: params.namespaces()?, before, auth })
    }

    pub(super) fn write(&self) -> Map<String, Value> {
        write(&self.account, self.namespaces, ("before", self.before), &self.auth)
    }
}

/// Answer to `delete_before`: as to `delete_all`, signed with the request's time.
pub type DeleteBeforeAnswer = RecursiveAnswer<DeleteAllReceipt>;

/// Makes everything end earlier.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExpireAll {
    /// The mailbox.
    pub account: AccountId,
    /// Where.
    pub namespaces: Namespaces,
    /// The end of what would end later.
    pub expiry: TimestampMs,
    /// The signature.
    pub auth: Auth,
}

impl ExpireAll {
    pub(super) const METHOD: &'static str = "expire_all";

    /// A signed request.
    #[must_use]
    pub fn signed(signer: &impl Signer, namespaces: Namespaces, expiry: TimestampMs) -> Self {
        let auth = signer.auth(&signing::expire_all(namespaces, expiry));
        Self { account: signer.account(), namespaces, expiry, auth }
    }

    /// The text that the signature covers.
    #[must_use]
    pub fn signed_text(&self) -> Vec<u8> {
        signing::expire_all(self.namespaces, self.expiry)
    }

    /// Whether whoever signed it may delete, which shortening is nearly.
    ///
    /// # Errors
    /// 401 with the text of the protocol.
    pub fn verify_auth(&self) -> Result<(), Rejection> {
        self.auth.check(Self::METHOD, &self.account, &self.signed_text(), Access::DELETE)
    }

    pub(super) fn read(params: &Params<'_>) -> Result<Self, Rejection> {
        let account = params.account()?;
        let auth = Auth::read(params, &account)?;
        let expiry = required("expiry", params.time("expiry")?)?;
        Ok(Self { account, namespaces: params.namespaces()?, expiry, auth })
    }

    pub(super) fn write(&self) -> Map<String, Value> {
        write(&self.account, self.namespaces, ("expiry", self.expiry), &self.auth)
    }
}

/// A member's word on an `expire_all`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExpireAllReceipt {
    /// What ends earlier now.
    pub updated: Swept,
    /// Of the member.
    #[serde(with = "crate::base64::serde_array")]
    pub signature: [u8; 64],
}

impl ExpireAllReceipt {
    /// Whether `node` signed it as its answer to `request`.
    #[must_use]
    pub fn is_signed_by(&self, node: &NodeId, request: &ExpireAll) -> bool {
        self.updated.is_signed_by(node, &request.account, request.expiry, &self.signature)
    }
}

/// Answer to `expire_all`.
pub type ExpireAllAnswer = RecursiveAnswer<ExpireAllReceipt>;

//! `revoke_subaccount`, `unrevoke_subaccount` and `revoked_subaccounts`: which subaccounts an
//! account no longer lets in.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use super::answer::RecursiveAnswer;
use super::auth::{Auth, Signer, SubaccountToken};
use super::fields::{Params, required};
use super::rejection::Rejection;
use crate::{AccountId, NodeId, TimestampMs, base64, signing};

/// Most subaccounts that one request may name, and most revocations that are kept of an account.
pub const MAX_TOKENS: usize = 50;

/// Shuts subaccounts out, or lets them in again.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Revocation {
    /// The mailbox.
    pub account: AccountId,
    /// Out, or in again.
    pub revoke: bool,
    /// Which subaccounts, at most [`MAX_TOKENS`].
    pub tokens: Vec<SubaccountToken>,
    /// When the request was signed.
    pub timestamp: TimestampMs,
    /// The signature; never a subaccount's.
    pub auth: Auth,
}

impl Revocation {
    pub(super) const REVOKE: &'static str = "revoke_subaccount";
    pub(super) const UNREVOKE: &'static str = "unrevoke_subaccount";

    /// A signed request.
    #[must_use]
    pub fn signed(signer: &impl Signer, revoke: bool, tokens: Vec<SubaccountToken>, now: TimestampMs) -> Self {
        let auth = signer.auth(&text(revoke, now, &tokens));
        Self { account: signer.account(), revoke, tokens, timestamp: now, auth }
    }

    /// The name of the method.
    #[must_use]
    pub fn method(&self) -> &'static str {
        if self.revoke { Self::REVOKE } else { Self::UNREVOKE }
    }

    /// The text that the signature covers.
    #[must_use]
    pub fn signed_text(&self) -> Vec<u8> {
        text(self.revoke, self.timestamp, &self.tokens)
    }

    /// Whether the account itself signed it.
    ///
    /// # Errors
    /// 401 with the text of the protocol.
    pub fn verify_auth(&self) -> Result<(), Rejection> {
        self.auth.check_owner(self.method(), &self.account, &self.signed_text())
    }

    pub(super) fn read(params: &Params<'_>, revoke: bool) -> Result<Self, Rejection> {
        let field = Self::field(revoke);
        let account = params.account()?;
        let auth = Auth::read_owner(params, &account)?;
        let texts = required(field, params.texts(field)?)?;
        if texts.len() > MAX_TOKENS {
            return Err(Rejection::malformed(format_args!(
                "invalid {field}: cannot {field} more than {MAX_TOKENS} subaccounts at once"
            )));
        }
        let token = |text: &&str| {
            SubaccountToken::from_text(text).ok_or_else(|| {
                Rejection::malformed(format_args!("invalid {field}: expected base64 or hex-encoded subaccount tag"))
            })
        };
        let tokens = texts.iter().map(token).collect::<Result<_, _>>()?;
        let timestamp = required("timestamp", params.time("timestamp")?)?;
        Ok(Self { account, revoke, tokens, timestamp, auth })
    }

    pub(super) fn write(&self) -> Map<String, Value> {
        let tokens: Vec<_> = self.tokens.iter().map(|token| base64::encode(token.0)).collect();
        let mut out = Map::from_iter([
            ("pubkey".to_owned(), json!(self.account)),
            (Self::field(self.revoke).to_owned(), json!(tokens)),
            ("timestamp".to_owned(), json!(self.timestamp)),
        ]);
        self.auth.write(&mut out);
        out
    }

    fn field(revoke: bool) -> &'static str {
        if revoke { "revoke" } else { "unrevoke" }
    }
}

fn text(revoke: bool, at: TimestampMs, tokens: &[SubaccountToken]) -> Vec<u8> {
    let tokens: Vec<_> = tokens.iter().map(|token| token.0).collect();
    if revoke { signing::revoke_subaccount(at, &tokens) } else { signing::unrevoke_subaccount(at, &tokens) }
}

/// A member's word on a revocation or its end.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevocationReceipt {
    /// How many of the subaccounts this changed.
    #[serde(default)]
    pub count: usize,
    /// Of the member.
    #[serde(with = "crate::base64::serde_array")]
    pub signature: [u8; 64],
}

impl RevocationReceipt {
    /// What a member signs.
    #[must_use]
    pub fn signed_text(request: &Revocation) -> Vec<u8> {
        let tokens: Vec<_> = request.tokens.iter().map(|token| token.0).collect();
        signing::revocation_receipt(&request.account, request.timestamp, &tokens)
    }

    /// Whether `node` signed it as its answer to `request`.
    #[must_use]
    pub fn is_signed_by(&self, node: &NodeId, request: &Revocation) -> bool {
        tacit_crypto::verify(node.as_bytes(), &Self::signed_text(request), &self.signature).is_ok()
    }
}

/// Answer to `revoke_subaccount` and `unrevoke_subaccount`.
pub type RevocationAnswer = RecursiveAnswer<RevocationReceipt>;

/// Asks which subaccounts are shut out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RevokedSubaccounts {
    /// The mailbox.
    pub account: AccountId,
    /// When the request was signed.
    pub timestamp: TimestampMs,
    /// The signature; never a subaccount's.
    pub auth: Auth,
}

impl RevokedSubaccounts {
    pub(super) const METHOD: &'static str = "revoked_subaccounts";

    /// A signed request.
    #[must_use]
    pub fn signed(signer: &impl Signer, now: TimestampMs) -> Self {
        Self { account: signer.account(), timestamp: now, auth: signer.auth(&signing::revoked_subaccounts(now)) }
    }

    /// The text that the signature covers.
    #[must_use]
    pub fn signed_text(&self) -> Vec<u8> {
        signing::revoked_subaccounts(self.timestamp)
    }

    /// Whether the account itself signed it.
    ///
    /// # Errors
    /// 401 with the text of the protocol.
    pub fn verify_auth(&self) -> Result<(), Rejection> {
        self.auth.check_owner(Self::METHOD, &self.account, &self.signed_text())
    }

    pub(super) fn read(params: &Params<'_>) -> Result<Self, Rejection> {
        let account = params.account()?;
        let auth = Auth::read_owner(params, &account)?;
        let timestamp = required("timestamp", params.time("timestamp")?)?;
        Ok(Self { account, timestamp, auth })
    }

    pub(super) fn write(&self) -> Map<String, Value> {
        let mut out = Map::from_iter([
            ("pubkey".to_owned(), json!(self.account)),
            ("timestamp".to_owned(), json!(self.timestamp)),
        ]);
        self.auth.write(&mut out);
        out
    }
}

/// Answer to `revoked_subaccounts`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RevokedSubaccountsAnswer {
    /// Their tokens in base64.
    pub revoked_subaccounts: Vec<String>,
    /// Version of the network's rules.
    #[serde(default)]
    pub hf: [u16; 2],
    /// The node's time.
    #[serde(default)]
    pub t: TimestampMs,
}

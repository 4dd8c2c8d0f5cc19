//! Who may ask: signatures of the account, or of a subaccount that it allowed
//! (protocol: network 5).

use std::fmt;

use serde_json::{Map, Value};
use tacit_crypto::AccountKeys;

use super::fields::{Params, required};
use super::rejection::Rejection;
use crate::{AccountId, Prefix, base64};

/// What a subaccount is allowed, as bits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Access(pub u8);

impl Access {
    /// Retrieve and get expiries.
    pub const READ: Self = Self(1);
    /// Store and extend expiries.
    pub const WRITE: Self = Self(2);
    /// Delete and shorten expiries.
    pub const DELETE: Self = Self(4);
    /// For accounts of any prefix.
    pub const ANY_PREFIX: Self = Self(8);

    /// Whether all bits of `needed` are there.
    #[must_use]
    pub fn includes(self, needed: Self) -> bool {
        self.0 & needed.0 == needed.0
    }

    /// The bits of both.
    #[must_use]
    pub fn and(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Prefix, access bits, two zero bytes, Ed25519 key.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct SubaccountToken(pub [u8; 36]);

impl SubaccountToken {
    /// What it allows.
    #[must_use]
    pub fn access(&self) -> Access {
        Access(self.0[1])
    }

    /// Whether it is meant for accounts with this prefix.
    #[must_use]
    pub fn is_for(&self, prefix: Prefix) -> bool {
        self.access().includes(Access::ANY_PREFIX) || self.0[0] == prefix.byte()
    }

    /// The key that signs the requests.
    #[must_use]
    pub fn key(&self) -> [u8; 32] {
        let mut key = [0; 32];
        key.copy_from_slice(&self.0[4..]);
        key
    }

    /// From base64 (48 characters) or hexadecimal (72 digits).
    #[must_use]
    pub fn from_text(text: &str) -> Option<Self> {
        match text.len() {
            48 => base64::decode_array(text).map(Self),
            72 => base64::hex_array(text).map(Self),
            _ => None,
        }
    }
}

impl fmt::Debug for SubaccountToken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SubaccountToken({:?})", self.access())
    }
}

/// A token and the account's signature over it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subaccount {
    /// The token.
    pub token: SubaccountToken,
    /// Made with the account's key.
    pub signature: [u8; 64],
}

/// What a signed request carries besides its own fields.
#[derive(Clone, PartialEq, Eq)]
pub struct Auth {
    /// Over the request's text.
    pub signature: [u8; 64],
    /// The Ed25519 key that converts to the account's X25519 key; 05 accounts only.
    pub pubkey_ed25519: Option<[u8; 32]>,
    /// When the request is signed by a subaccount.
    pub subaccount: Option<Subaccount>,
}

/// Tells nothing of the account.
impl fmt::Debug for Auth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Auth").field("subaccount", &self.subaccount).finish_non_exhaustive()
    }
}

/// Something that can sign requests for a mailbox.
pub trait Signer {
    /// The mailbox.
    fn account(&self) -> AccountId;
    /// Signs the text of a request.
    fn auth(&self, text: &[u8]) -> Auth;
}

impl Signer for AccountKeys {
    fn account(&self) -> AccountId {
        AccountId::from_x25519(&self.x25519_public())
    }

    fn auth(&self, text: &[u8]) -> Auth {
        Auth { signature: self.sign(text), pubkey_ed25519: Some(self.ed25519_public()), subaccount: None }
    }
}

impl Auth {
    /// Whether the request with this text was allowed by `account`: directly, or through a
    /// subaccount with at least `needed`. Revocations are not known here.
    #[must_use]
    pub fn allows(&self, account: &AccountId, text: &[u8], needed: Access) -> bool {
        let Some(account_key) = self.account_key(account) else { return false };
        let key = match &self.subaccount {
            None => account_key,
            Some(Subaccount { token, signature }) => {
                if !token.is_for(account.prefix())
                    || !token.access().includes(needed)
                    || tacit_crypto::verify(&account_key, &token.0, signature).is_err()
                {
                    return false;
                }
                token.key()
            }
        };
        tacit_crypto::verify(&key, text, &self.signature).is_ok()
    }

    /// [`Auth::allows`], or the refusal of `method`.
    pub(super) fn check(
        &self,
        method: &str,
        account: &AccountId,
        text: &[u8],
        needed: Access,
    ) -> Result<(), Rejection> {
        if self.allows(account, text, needed) { Ok(()) } else { Err(Rejection::signature(method)) }
    }

    /// Whether the account itself signed `text`; a subaccount does not count.
    pub(super) fn check_owner(&self, method: &str, account: &AccountId, text: &[u8]) -> Result<(), Rejection> {
        let signed = |key| tacit_crypto::verify(&key, text, &self.signature).is_ok();
        let by_owner = self.subaccount.is_none() && self.account_key(account).is_some_and(signed);
        if by_owner { Ok(()) } else { Err(Rejection::signature(method)) }
    }

    /// The Ed25519 key of the account, if the request proves it to be that.
    fn account_key(&self, account: &AccountId) -> Option<[u8; 32]> {
        match (account.prefix(), self.pubkey_ed25519) {
            (Prefix::Account, Some(ed25519)) => {
                let x25519 = tacit_crypto::ed25519_to_x25519(&ed25519).ok()?;
                (x25519 == *account.key()).then_some(ed25519)
            }
            (Prefix::Group, None) => Some(*account.key()),
            _ => None,
        }
    }

    /// Reads the fields of a signed request.
    pub(super) fn read(params: &Params<'_>, account: &AccountId) -> Result<Self, Rejection> {
        let owner = Self::read_owner(params, account)?;
        Ok(Self { subaccount: Subaccount::read(params)?, ..owner })
    }

    /// Reads the fields of a request that only the account itself may sign.
    pub(super) fn read_owner(params: &Params<'_>, account: &AccountId) -> Result<Self, Rejection> {
        let signature = required("signature", params.text("signature")?)?;
        let pubkey_ed25519 = match params.text("pubkey_ed25519")? {
            None => None,
            Some(_) if account.prefix() != Prefix::Account => {
                return Err(Rejection::malformed("pubkey_ed25519 is only permitted for 05[...] pubkeys"));
            }
            Some(text) if text.len() != 64 => {
                return Err(Rejection::malformed("Invalid pubkey_ed25519: expected 64 hex char or 32 byte pubkey"));
            }
            Some(text) => Some(
                base64::hex_array(text)
                    .ok_or_else(|| Rejection::malformed("invalid pubkey_ed25519: value is not hex"))?,
            ),
        };
        let signature = read_signature(signature)
            .ok_or_else(|| Rejection::malformed("invalid signature: expected base64 encoded Ed25519 signature"))?;
        Ok(Self { signature, pubkey_ed25519, subaccount: None })
    }

    /// Writes the fields that [`Auth::read`] reads.
    pub(super) fn write(&self, params: &mut Map<String, Value>) {
        let mut put = |field: &str, text: String| params.insert(field.to_owned(), text.into());
        if let Some(key) = &self.pubkey_ed25519 {
            put("pubkey_ed25519", hex::encode(key));
        }
        put("signature", base64::encode(self.signature));
        if let Some(Subaccount { token, signature }) = &self.subaccount {
            put("subaccount", base64::encode(token.0));
            put("subaccount_sig", base64::encode(signature));
        }
    }
}

impl Subaccount {
    fn read(params: &Params<'_>) -> Result<Option<Self>, Rejection> {
        let Some(token) = params.text("subaccount")?.filter(|text| !text.is_empty()) else {
            return Ok(None);
        };
        let Some(signature) = params.text("subaccount_sig")? else {
            return Err(Rejection::malformed("invalid subaccount: subaccount_sig is required when using subaccount"));
        };
        let token = SubaccountToken::from_text(token).ok_or_else(|| {
            Rejection::malformed("invalid subaccount: expected base64 or hex-encoded subaccount token")
        })?;
        let signature = read_signature(signature).ok_or_else(|| {
            Rejection::malformed("invalid subaccount signature: expected base64 encoded Ed25519 signature")
        })?;
        Ok(Some(Self { token, signature }))
    }
}

/// 64 bytes in base64, padded or not.
fn read_signature(text: &str) -> Option<[u8; 64]> {
    base64::decode_array(text)
}

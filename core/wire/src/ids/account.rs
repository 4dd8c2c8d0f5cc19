//! Account, group and blinded identifiers: a prefix byte and a 32-byte key
//! (protocol: messages 1.2).

use std::fmt;
use std::str::FromStr;

use thiserror::Error;

use super::serde_as_text;

/// What kind of key stands behind an ID.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Prefix {
    /// 05: an account, X25519.
    Account,
    /// 03: a group, Ed25519.
    Group,
    /// 00: an account shown unblinded in a community, Ed25519.
    Unblinded,
    /// 15: an account blinded for a community.
    Blinded15,
    /// 25: the same in the newer scheme.
    Blinded25,
    /// 07: a key blinded for version checks.
    VersionCheck,
}

impl Prefix {
    /// The first byte of such an ID.
    #[must_use]
    pub fn byte(self) -> u8 {
        match self {
            Self::Account => 0x05,
            Self::Group => 0x03,
            Self::Unblinded => 0x00,
            Self::Blinded15 => 0x15,
            Self::Blinded25 => 0x25,
            Self::VersionCheck => 0x07,
        }
    }

    /// The kind of a first byte, or `None` when no ID starts so.
    #[must_use]
    pub fn from_byte(byte: u8) -> Option<Self> {
        Some(match byte {
            0x05 => Self::Account,
            0x03 => Self::Group,
            0x00 => Self::Unblinded,
            0x15 => Self::Blinded15,
            0x25 => Self::Blinded25,
            0x07 => Self::VersionCheck,
            _ => return None,
        })
    }
}

/// Why a text is no ID, so that the user can be told what to look at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum AccountIdError {
    /// Not 66 characters.
    #[error("an ID has 66 characters, this has {characters}")]
    Length {
        /// How many there are, without spaces.
        characters: usize,
    },
    /// Other characters than digits and a to f.
    #[error("an ID has only digits and the letters a to f")]
    Letters,
    /// Does not begin with a known prefix.
    #[error("an ID begins with 05, this begins with {byte:02x}")]
    Prefix {
        /// The first byte.
        byte: u8,
    },
}

/// Prefix byte and key. Text form: 66 lower-case hexadecimal digits. `Debug` shows only the
/// first four digits, so that logs tell nobody's address.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct AccountId([u8; 33]);

impl AccountId {
    /// Length of the text form.
    pub const HEX_LENGTH: usize = 66;

    /// An account by its X25519 key (prefix 05).
    #[must_use]
    pub fn from_x25519(key: &[u8; 32]) -> Self {
        Self::new(Prefix::Account, key)
    }

    /// An ID of any kind.
    #[must_use]
    pub fn new(prefix: Prefix, key: &[u8; 32]) -> Self {
        let mut bytes = [0; 33];
        bytes[0] = prefix.byte();
        bytes[1..].copy_from_slice(key);
        Self(bytes)
    }

    /// From the 33 bytes.
    ///
    /// # Errors
    /// When the first byte is no known prefix.
    pub fn from_bytes(bytes: [u8; 33]) -> Result<Self, AccountIdError> {
        match Prefix::from_byte(bytes[0]) {
            Some(_) => Ok(Self(bytes)),
            None => Err(AccountIdError::Prefix { byte: bytes[0] }),
        }
    }

    /// What a person typed, pasted or scanned: any case, spaces and line ends anywhere, an
    /// optional `session:` or `session://` in front.
    ///
    /// # Errors
    /// Says what is wrong with the text: length first, then letters, then prefix.
    pub fn parse(text: &str) -> Result<Self, AccountIdError> {
        let characters = text.chars().filter(|c| !c.is_whitespace()).count();
        // Nothing that long is an ID; don't copy what is pasted by mistake.
        if characters > 100 {
            return Err(AccountIdError::Length { characters });
        }
        let compact: String = text.chars().filter(|c| !c.is_whitespace()).collect();
        let digits = match compact.get(..8) {
            Some(scheme) if scheme.eq_ignore_ascii_case("session:") => compact[8..].trim_start_matches('/'),
            _ => &compact,
        };
        digits.parse()
    }

    /// The kind of ID.
    #[must_use]
    pub fn prefix(&self) -> Prefix {
        // Checked at construction.
        Prefix::from_byte(self.0[0]).unwrap_or(Prefix::Account)
    }

    /// The key without its prefix.
    #[must_use]
    pub fn key(&self) -> &[u8; 32] {
        let (_, key) = self.0.split_first_chunk::<1>().unwrap_or((&[0], &[]));
        key.first_chunk().unwrap_or(&[0; 32])
    }

    /// Prefix and key.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8; 33] {
        &self.0
    }

    /// 66 lower-case digits.
    #[must_use]
    pub fn to_hex(&self) -> String {
        hex::encode(self.0)
    }

    /// Whether nodes keep a mailbox for it: accounts and groups.
    #[must_use]
    pub fn has_mailbox(&self) -> bool {
        matches!(self.prefix(), Prefix::Account | Prefix::Group)
    }
}

/// The strict form of protocols: 66 digits of either case and nothing else.
impl FromStr for AccountId {
    type Err = AccountIdError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let characters = text.chars().count();
        if characters != Self::HEX_LENGTH {
            return Err(AccountIdError::Length { characters });
        }
        let bytes = crate::base64::hex_array(text).ok_or(AccountIdError::Letters)?;
        Self::from_bytes(bytes)
    }
}

impl fmt::Display for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_hex())
    }
}

impl fmt::Debug for AccountId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "AccountId({:02x}{:02x}…)", self.0[0], self.0[1])
    }
}

serde_as_text!(AccountId);

//! The open part of a backup: what it is, and how its key is made.

use tacit_crypto::{Cost, Seed, blake2b, derive_key_at};
use zeroize::Zeroizing;

use super::error::BackupError;
use crate::Error;

/// Bytes of a header.
pub(super) const SIZE: usize = 82;
const MAGIC: &[u8; 8] = b"TACITBAK";
const VERSION: u8 = 1;
/// Where the check of the key stands; everything before it goes into the key.
const CHECK: usize = 58;
/// Where the checksum of everything before it stands.
const SUM: usize = 74;
/// Characters of a passphrase.
const PASSPHRASE: std::ops::RangeInclusive<usize> = 6..=256;

/// What opens a backup.
pub enum BackupKey {
    /// The account itself: its recovery phrase and the file bring everything back.
    Account,
    /// A passphrase of one's own.
    Passphrase(Zeroizing<String>),
    /// A key of one's own, 32 bytes.
    Key(Zeroizing<[u8; 32]>),
}

/// The kinds of [`BackupKey`], as the header names them.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// [`BackupKey::Account`].
    Account = 0,
    /// [`BackupKey::Passphrase`].
    Passphrase = 1,
    /// [`BackupKey::Key`].
    Key = 2,
}

impl KeyKind {
    pub(super) fn words(self) -> &'static str {
        match self {
            Self::Account => "the recovery phrase of its account",
            Self::Passphrase => "the passphrase that was chosen for it",
            Self::Key => "the key of 64 characters that was made for it",
        }
    }
}

impl BackupKey {
    /// 64 hex digits, in blocks or not, are a key; any other text is a passphrase.
    pub fn from_text(text: &str) -> Self {
        let digits: Zeroizing<String> =
            Zeroizing::new(text.chars().filter(|letter| !letter.is_whitespace() && *letter != '-').collect());
        let mut key = Zeroizing::new([0; 32]);
        match hex::decode_to_slice(digits.as_bytes(), key.as_mut_slice()) {
            Ok(()) => Self::Key(key),
            Err(_) => Self::Passphrase(Zeroizing::new(text.to_owned())),
        }
    }

    /// A new key, and its text in 8 blocks of 8: to be shown once and kept by its owner.
    ///
    /// # Errors
    /// [`Error::NoRandomness`].
    pub fn generate() -> Result<(Self, Zeroizing<String>), Error> {
        let mut key = Zeroizing::new([0; 32]);
        getrandom::fill(key.as_mut_slice()).map_err(|_| Error::NoRandomness)?;
        let mut text = Zeroizing::new(String::with_capacity(71));
        for (index, block) in key.chunks_exact(4).enumerate() {
            if index > 0 {
                text.push(' ');
            }
            text.push_str(&Zeroizing::new(hex::encode(block)));
        }
        Ok((Self::Key(key), text))
    }

    pub(super) fn kind(&self) -> KeyKind {
        match self {
            Self::Account => KeyKind::Account,
            Self::Passphrase(_) => KeyKind::Passphrase,
            Self::Key(_) => KeyKind::Key,
        }
    }
}

/// A header with the key that it leads to.
pub(super) struct Header {
    bytes: [u8; SIZE],
    pub(super) key: Zeroizing<[u8; 32]>,
}

impl Header {
    /// A new one. `seed` is the account's.
    pub(super) fn new(key: &BackupKey, seed: &Seed, cost: Cost) -> Result<Self, Error> {
        if let BackupKey::Passphrase(text) = key
            && !PASSPHRASE.contains(&text.chars().count())
        {
            return Err(BackupError::PassphraseLength.into());
        }
        let mut bytes = [0; SIZE];
        bytes[..8].copy_from_slice(MAGIC);
        (bytes[8], bytes[9]) = (VERSION, key.kind() as u8);
        getrandom::fill(&mut bytes[10..26]).map_err(|_| Error::NoRandomness)?;
        if key.kind() == KeyKind::Passphrase {
            bytes[26..30].copy_from_slice(&cost.memory_kib.to_le_bytes());
            bytes[30..34].copy_from_slice(&cost.passes.to_le_bytes());
        }
        getrandom::fill(&mut bytes[34..CHECK]).map_err(|_| Error::NoRandomness)?;
        let stream = stream_key(&bytes, key, Some(seed))?;
        bytes[CHECK..SUM].copy_from_slice(&check(&stream)?);
        let sum = blake2b::hash256(&[&bytes[..SUM]]);
        bytes[SUM..].copy_from_slice(&sum[..SIZE - SUM]);
        Ok(Self { bytes, key: stream })
    }

    /// Reads one, and finds its key. `seed` is that of the account, if there is one.
    pub(super) fn open(bytes: &[u8; SIZE], key: &BackupKey, seed: Option<&Seed>) -> Result<Self, Error> {
        let kind = kind(bytes)?;
        if kind != key.kind() || (kind == KeyKind::Account && seed.is_none()) {
            return Err(BackupError::OtherKey { kind }.into());
        }
        let stream = stream_key(bytes, key, seed)?;
        if check(&stream)? != bytes[CHECK..SUM] {
            let error = if kind == KeyKind::Account { BackupError::OtherAccount } else { BackupError::WrongKey };
            return Err(error.into());
        }
        Ok(Self { bytes: *bytes, key: stream })
    }

    pub(super) fn bytes(&self) -> &[u8; SIZE] {
        &self.bytes
    }

    /// The header of the stream.
    pub(super) fn stream(&self) -> [u8; 24] {
        let mut stream = [0; 24];
        stream.copy_from_slice(&self.bytes[34..CHECK]);
        stream
    }

    /// A name for this backup; no two have the same.
    pub(super) fn id(&self) -> String {
        hex::encode(&self.bytes[10..26])
    }
}

/// Which key a backup wants; says what else it is when it is none.
pub(super) fn kind(bytes: &[u8; SIZE]) -> Result<KeyKind, BackupError> {
    if bytes[..8] != *MAGIC {
        return Err(BackupError::NotABackup);
    }
    if bytes[8] > VERSION {
        return Err(BackupError::NewerVersion { found: bytes[8] });
    }
    let sum = blake2b::hash256(&[&bytes[..SUM]]);
    if bytes[SUM..] != sum[..SIZE - SUM] {
        return Err(BackupError::Damaged { offset: 0, percent: 0 });
    }
    match bytes[9] {
        0 => Ok(KeyKind::Account),
        1 => Ok(KeyKind::Passphrase),
        2 => Ok(KeyKind::Key),
        _ => Err(BackupError::NotABackup),
    }
}

/// The key of the stream: from the secret and everything in front of the check.
fn stream_key(bytes: &[u8; SIZE], key: &BackupKey, seed: Option<&Seed>) -> Result<Zeroizing<[u8; 32]>, Error> {
    let number = |at: usize| u32::from_le_bytes([bytes[at], bytes[at + 1], bytes[at + 2], bytes[at + 3]]);
    let derived;
    let secret: &[u8] = match (key, seed) {
        (BackupKey::Account, Some(seed)) => seed.as_bytes(),
        (BackupKey::Account, None) => return Err(BackupError::OtherKey { kind: KeyKind::Account }.into()),
        (BackupKey::Key(key), _) => key.as_slice(),
        (BackupKey::Passphrase(text), _) => {
            let cost = Cost { memory_kib: number(26), passes: number(30) };
            derived = derive_key_at(text.as_bytes(), &bytes[10..26], cost)?;
            derived.as_slice()
        }
    };
    Ok(Zeroizing::new(blake2b::keyed256(secret, &[b"tacit backup", &bytes[..CHECK]])?))
}

/// Tells a wrong key from a damaged file.
fn check(key: &[u8; 32]) -> Result<[u8; SUM - CHECK], Error> {
    let hash = blake2b::keyed256(key, &[b"tacit backup check"])?;
    let mut check = [0; SUM - CHECK];
    check.copy_from_slice(&hash[..SUM - CHECK]);
    Ok(check)
}

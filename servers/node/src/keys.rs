//! The node's key: one Ed25519 seed in `data_dir`, from which all others follow.

use std::path::Path;

use tacit_crypto::NodeKeys;
use zeroize::Zeroizing;

use crate::Error;

const FILE: &str = "node.seed";

/// Reads the key; `None` if there is none.
///
/// # Errors
/// [`Error::Edge`] if the file is exposed or unreadable, [`Error::Key`] if it is no key.
pub fn load(data_dir: &Path) -> Result<Option<NodeKeys>, Error> {
    let path = data_dir.join(FILE);
    let Some(bytes) = tacit_edge::read_private(&path)? else { return Ok(None) };
    let bytes = Zeroizing::new(bytes);
    let text = std::str::from_utf8(&bytes).unwrap_or_default().trim();
    let mut seed = Zeroizing::new([0; 32]);
    hex::decode_to_slice(text, &mut seed[..]).map_err(|_| Error::Key { path, reason: "not 64 hexadecimal digits" })?;
    Ok(Some(NodeKeys::from_seed(&seed)))
}

/// Reads the key, or makes one if there is none.
///
/// # Errors
/// As [`load`]; [`Error::Random`] if the system gives no randomness.
pub fn load_or_make(data_dir: &Path) -> Result<NodeKeys, Error> {
    if let Some(keys) = load(data_dir)? {
        return Ok(keys);
    }
    let mut seed = Zeroizing::new([0; 32]);
    getrandom::fill(&mut seed[..]).map_err(|_| Error::Random)?;
    let text = Zeroizing::new(hex::encode(&seed[..]));
    tacit_edge::write_private(&data_dir.join(FILE), text.as_bytes())?;
    Ok(NodeKeys::from_seed(&seed))
}

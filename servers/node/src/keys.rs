//! The node's key: one Ed25519 seed in `data_dir`, from which all others follow.

use std::path::Path;

use tacit_crypto::NodeKeys;

use crate::Error;

/// The seed's file in `data_dir`.
pub(crate) const FILE: &str = "node.seed";

/// Reads the key, or makes one if there is none.
///
/// # Errors
/// [`Error::Edge`] if the file is exposed, unreadable, or holds no key.
pub fn load_or_make(data_dir: &Path) -> Result<NodeKeys, Error> {
    Ok(NodeKeys::from_seed(&*tacit_edge::read_or_make_seed(&data_dir.join(FILE))?))
}

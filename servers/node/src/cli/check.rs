//! `tacit-node check`.

use tacit_crypto::NodeKeys;
use tacit_wire::NodeId;

use crate::node::read_profile;
use crate::{Config, Error, keys};

/// Looks at everything that a start would look at, and changes nothing.
pub(super) fn check(config: &Config) -> Result<(), Error> {
    let profile = read_profile(&config.network)?;
    let path = config.data_dir.join(keys::FILE);
    let seed = tacit_edge::read_seed(&path)?.ok_or(Error::NoKey(path))?;
    let node = NodeId(NodeKeys::from_seed(&seed).ed25519_public());
    if profile.nodes.iter().all(|entry| entry.ed25519 != node) {
        return Err(Error::NotAMember { path: config.network.clone(), node });
    }
    println!("node {node} can run in the network `{}` of {} nodes", profile.name, profile.nodes.len());
    Ok(())
}

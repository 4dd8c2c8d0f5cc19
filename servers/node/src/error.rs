//! What can go wrong in starting a node or a local network.

use std::path::PathBuf;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Settings are wrong.
    #[error(transparent)]
    Config(#[from] tacit_edge::config::ConfigError),
    /// Listener, certificate or private file.
    #[error(transparent)]
    Edge(#[from] tacit_edge::Error),
    /// Database.
    #[error(transparent)]
    Store(#[from] crate::store::StoreError),
    /// TLS between nodes.
    #[error("TLS: {0}")]
    Tls(#[from] rustls::Error),
    /// A file or folder cannot be used.
    #[error("{path}: {source}")]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The network profile is none.
    #[error("{path}: {source}")]
    Profile {
        /// The file.
        path: PathBuf,
        /// What is wrong.
        source: tacit_wire::Error,
    },
    /// The network's list of nodes does not name this node.
    #[error("{path} does not name this node ({node}): it cannot serve in that network")]
    NotAMember {
        /// The profile.
        path: PathBuf,
        /// This node's key.
        node: tacit_wire::NodeId,
    },
    /// There is no key yet.
    #[error("{0} is not there: run `tacit-node init` for this folder")]
    NoKey(PathBuf),
    /// Some member of the swarm does not answer.
    #[error("the swarm is not healthy: {0}")]
    Unhealthy(String),
    /// Registrars have to be told where a node is.
    #[error("set public_ip to the address under which others reach this node: the network has registrars")]
    NoPublicIp,
    /// A registrar's folder, key or certificate cannot be used.
    #[error("registrar: {0}")]
    Registrar(String),
    /// File server of a local network.
    #[error(transparent)]
    Files(#[from] tacit_files::Error),
    /// What was asked for makes no network.
    #[error("{0}")]
    Impossible(String),
    /// A node of a local network did not start.
    #[error("node {0} did not start: {1}")]
    NodeFailed(usize, String),
    /// A running node did not answer on its socket.
    #[error("no node answers at {path}: {source}")]
    NotRunning {
        /// The socket.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
}

impl Error {
    pub(crate) fn file(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}

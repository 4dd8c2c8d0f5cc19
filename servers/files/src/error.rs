//! What can go wrong in starting the server or in its commands.

use std::path::PathBuf;

/// Errors of this crate.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// Settings are wrong.
    #[error(transparent)]
    Config(#[from] tacit_edge::config::ConfigError),
    /// Listener, key or private file.
    #[error(transparent)]
    Edge(#[from] tacit_edge::Error),
    /// Index or bytes.
    #[error(transparent)]
    Store(#[from] crate::StoreError),
    /// Settings make no server.
    #[error("{0}")]
    Settings(String),
    /// A file or folder cannot be used.
    #[error("{path}: {source}")]
    File {
        /// Which one.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// Another process uses the folder.
    #[error("{0}: another file server uses this folder")]
    InUse(PathBuf),
    /// What was looked for is not there.
    #[error("there is no such file")]
    NoSuchFile,
    /// Rows and bytes do not agree.
    #[error("{0} files are damaged or lost, {1} files of bytes belong to nothing")]
    Unsound(usize, usize),
}

impl Error {
    pub(crate) fn file(path: &std::path::Path) -> impl FnOnce(std::io::Error) -> Self {
        let path = path.to_owned();
        move |source| Self::File { path, source }
    }
}

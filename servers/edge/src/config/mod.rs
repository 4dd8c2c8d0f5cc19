//! Configuration: a TOML file, over it the environment, over it flags.
//!
//! A program lists its [`Key`]s; any other key, wherever it comes from, is an error that names the
//! key and the nearest valid one. In the file keys with a dot stand in tables (`limits.streams` is
//! `streams` below `[limits]`); in the environment they are upper case with underscores after the
//! program's prefix (`TACIT_NODE_LIMITS_STREAMS`); as flags they are `--limits.streams`.

mod key;
mod log;
mod merge;
mod template;

pub use key::{Key, Kind, nearest};
pub use log::{LEVELS, Log};
pub use merge::{Source, load};
pub use template::{in_the_clear, template};

/// Why a configuration cannot be used.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConfigError {
    /// The file could not be read.
    #[error("{path}: {source}")]
    Unreadable {
        /// The file.
        path: std::path::PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is not TOML, or a value has another type than its key.
    #[error("{path}, line {line}: {message}")]
    File {
        /// The file.
        path: std::path::PathBuf,
        /// Line, counted from 1.
        line: usize,
        /// What is wrong there.
        message: String,
    },
    /// No such key.
    #[error("{place}: unknown key `{key}`{}", .nearest.map(|n| format!(", did you mean `{n}`?")).unwrap_or_default())]
    UnknownKey {
        /// File and line, environment variable, or flag.
        place: String,
        /// The key as given.
        key: String,
        /// The valid key that is most like it.
        nearest: Option<&'static str>,
    },
    /// A value in the environment or a flag has the wrong form.
    #[error("{place}: {message}")]
    Value {
        /// Environment variable or flag.
        place: String,
        /// What is wrong.
        message: String,
    },
    /// All values together do not make a configuration; the text says what to change.
    #[error("configuration: {0}")]
    Whole(String),
}

#[cfg(test)]
mod tests;

//! Why a command failed: a short stable name and a sentence.

use tacit_client::Error;

/// Ends the program with status 1.
#[derive(Debug, thiserror::Error)]
#[error("{message}")]
pub struct Failure {
    /// Stable name, for programs.
    pub code: &'static str,
    /// A sentence, for people.
    pub message: String,
}

impl Failure {
    /// A failure of the program's own.
    pub fn new(code: &'static str, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

impl From<Error> for Failure {
    fn from(error: Error) -> Self {
        Self::new(error.code(), error.to_string())
    }
}

//! Logging, as every server has it.

use serde::Deserialize;

/// How much is logged, from little to much.
pub const LEVELS: &[&str] = &["error", "warn", "info", "debug", "trace"];

/// Logging.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Log {
    /// One of [`LEVELS`].
    pub level: String,
}

impl Default for Log {
    fn default() -> Self {
        Self { level: "info".to_owned() }
    }
}

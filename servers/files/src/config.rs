//! Settings: `files.toml`, over it `TACIT_FILES_*`, over it flags.

mod keys;
mod limits;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tacit_edge::config::{ConfigError, Log, Source, load};
use zeroize::Zeroizing;

use crate::store::Policy;

pub use keys::KEYS;
pub use limits::Limits;
pub(crate) use limits::ONION_BODY;

/// All settings; each is explained by its key.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields)]
#[allow(missing_docs, reason = "each is explained by its key")]
pub struct Config {
    pub data_dir: PathBuf,
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    #[serde(default)]
    pub metrics_listen: Option<SocketAddr>,
    #[serde(default)]
    pub storage: Storage,
    #[serde(default)]
    pub ids: Ids,
    #[serde(default)]
    pub server_number: u64,
    #[serde(default)]
    pub server_bits: u32,
    #[serde(default = "default_max_file_bytes")]
    pub max_file_bytes: u64,
    #[serde(default = "default_max_bytes")]
    pub max_bytes: u64,
    #[serde(default = "three_weeks")]
    pub ttl_seconds: u64,
    #[serde(default = "three_weeks")]
    pub max_ttl_seconds: u64,
    #[serde(default = "three_days")]
    pub full_ttl_seconds: u64,
    #[serde(default)]
    pub versions: Option<PathBuf>,
    #[serde(default)]
    pub s3: S3,
    #[serde(default)]
    pub log: Log,
    #[serde(default)]
    pub limits: Limits,
}

/// Where bytes lie.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Storage {
    /// Below `data_dir`.
    #[default]
    Disk,
    /// In an object store that speaks S3.
    S3,
}

/// Names of new files.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Ids {
    /// Made from the content: the same bytes are kept once, and can be extended.
    #[default]
    Content,
    /// Random numbers, as older servers gave.
    Numeric,
}

/// Table `[s3]`; each is explained by its key.
#[derive(Clone, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "each is explained by its key")]
pub struct S3 {
    pub endpoint: String,
    pub bucket: String,
    pub region: String,
    pub access_key: String,
    #[serde(deserialize_with = "secret")]
    pub secret_key: Zeroizing<String>,
    pub allow_http: bool,
}

impl Default for S3 {
    fn default() -> Self {
        Self {
            endpoint: String::new(),
            bucket: String::new(),
            region: "us-east-1".to_owned(),
            access_key: String::new(),
            secret_key: Zeroizing::default(),
            allow_http: false,
        }
    }
}

fn secret<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Zeroizing<String>, D::Error> {
    String::deserialize(deserializer).map(Zeroizing::new)
}

fn default_listen() -> SocketAddr {
    (Ipv4Addr::UNSPECIFIED, 80).into()
}

fn default_max_file_bytes() -> u64 {
    10_000_000
}

fn default_max_bytes() -> u64 {
    16 << 30
}

fn three_weeks() -> u64 {
    21 * 86_400
}

fn three_days() -> u64 {
    3 * 86_400
}

impl Config {
    /// Reads the settings from all sources. Relative paths of the file are relative to its folder.
    ///
    /// # Errors
    /// See [`ConfigError`]: each names the place of what is wrong.
    pub fn load(
        file: Option<&Path>,
        environment: Vec<(String, String)>,
        flags: Vec<(String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut config: Self = load(&Source { keys: KEYS, file, prefix: "TACIT_FILES_", environment, flags })?;
        if let Some(folder) = file.and_then(Path::parent) {
            config.data_dir = folder.join(&config.data_dir);
            config.versions = config.versions.map(|path| folder.join(path));
        }
        Ok(config)
    }

    /// What is taken, and for how long.
    #[must_use]
    pub fn policy(&self) -> Policy {
        Policy {
            max_file_bytes: self.max_file_bytes,
            max_bytes: self.max_bytes,
            ttl_ms: self.ttl_seconds.saturating_mul(1000),
            max_ttl_ms: self.max_ttl_seconds.saturating_mul(1000),
            full_ttl_ms: self.full_ttl_seconds.saturating_mul(1000),
            ids: self.ids,
            server_number: self.server_number,
            server_bits: self.server_bits,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_known_to_the_reader() {
        for key in KEYS {
            let value = match key.name {
                "listen" | "metrics_listen" => "127.0.0.1:1",
                "storage" => "s3",
                "ids" => "numeric",
                "s3.allow_http" => "true",
                "log.level" => "info",
                _ => "1",
            };
            let flags = vec![("data_dir".to_owned(), "/a".to_owned()), (key.name.to_owned(), value.to_owned())];
            Config::load(None, Vec::new(), flags).unwrap();
        }
    }

    #[test]
    fn secrets_come_from_the_environment() {
        let environment = vec![("TACIT_FILES_S3_SECRET_KEY".to_owned(), "secret".to_owned())];
        let flags = vec![("data-dir".to_owned(), "/a".to_owned())];
        let config = Config::load(None, environment, flags).unwrap();
        assert_eq!(config.s3.secret_key.as_str(), "secret");
    }
}

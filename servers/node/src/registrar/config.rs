//! Settings of a registrar: `registrar.toml`, over it `TACIT_REGISTRAR_*`, over it flags.

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tacit_edge::config::{ConfigError, Key, Kind, Log, Source, load};
use tacit_wire::consensus::Params;

use super::schedule::Schedule;

/// All settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RegistrarConfig {
    /// Folder of keys, list of admitted nodes, and what was agreed.
    pub data_dir: PathBuf,
    /// Where nodes, clients and other registrars connect.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// How others reach it: `https://host:port`.
    pub url: String,
    /// Network profile with all registrars.
    pub network: PathBuf,
    /// Seconds from one consensus to the next; the same at all registrars.
    #[serde(default = "default_period")]
    pub period_seconds: u64,
    /// Requests a second and address.
    #[serde(default = "default_rate")]
    pub rate: f64,
    /// Requests at once and address.
    #[serde(default = "default_burst")]
    pub burst: u32,
    /// What this registrar wants swarms to be.
    #[serde(default)]
    pub swarms: Swarms,
    /// What is logged.
    #[serde(default)]
    pub log: Log,
}

/// Table `[swarms]`; the names are explained in [`KEYS`].
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields, default)]
#[allow(missing_docs, reason = "each is explained by its key")]
pub struct Swarms {
    pub min: u64,
    pub ideal: u64,
    pub max: u64,
    pub spare: u64,
    pub first: u64,
    pub age_seconds: u64,
}

impl Default for Swarms {
    fn default() -> Self {
        let default = Params::default();
        Self {
            min: default.min_swarm(),
            ideal: default.ideal_swarm(),
            max: default.max_swarm(),
            spare: default.spare_nodes(),
            first: default.first_nodes(),
            age_seconds: default.swarm_age_ms() / 1000,
        }
    }
}

/// Every key of the configuration.
pub const KEYS: &[Key] = &[
    Key::new("data_dir", Kind::Text, "folder of keys, list of admitted nodes, and what was agreed"),
    Key::new("listen", Kind::Text, "address to listen on, 0.0.0.0:22031"),
    Key::new("url", Kind::Text, "how others reach it, https://host:port"),
    Key::new("network", Kind::Text, "network profile with all registrars"),
    Key::new("period_seconds", Kind::Integer, "from one consensus to the next; the same at all registrars"),
    Key::new("rate", Kind::Number, "requests a second and address"),
    Key::new("burst", Kind::Integer, "requests at once and address"),
    Key::new("log.level", Kind::Text, "error, warn, info, debug or trace"),
    Key::new("swarms.min", Kind::Integer, "members of a swarm at least"),
    Key::new("swarms.ideal", Kind::Integer, "members that a swarm should have"),
    Key::new("swarms.max", Kind::Integer, "members of a swarm at most"),
    Key::new("swarms.spare", Kind::Integer, "nodes beyond the ideal that make another swarm"),
    Key::new("swarms.first", Kind::Integer, "nodes that must run before there is a first swarm"),
    Key::new("swarms.age_seconds", Kind::Integer, "a node is listed for so long before it gets a swarm"),
];

fn default_listen() -> SocketAddr {
    (Ipv4Addr::UNSPECIFIED, 22031).into()
}

fn default_period() -> u64 {
    3600
}

fn default_rate() -> f64 {
    20.0
}

fn default_burst() -> u32 {
    200
}

impl RegistrarConfig {
    /// Reads the settings from all sources. Relative paths of the file are relative to its folder.
    ///
    /// # Errors
    /// See [`ConfigError`]: each names the place of what is wrong.
    pub fn load(
        file: Option<&Path>,
        environment: Vec<(String, String)>,
        flags: Vec<(String, String)>,
    ) -> Result<Self, ConfigError> {
        let mut config: Self = load(&Source { keys: KEYS, file, prefix: "TACIT_REGISTRAR_", environment, flags })?;
        if let Some(folder) = file.and_then(Path::parent) {
            config.data_dir = folder.join(&config.data_dir);
            config.network = folder.join(&config.network);
        }
        config.url = config.url.trim_end_matches('/').to_owned();
        Ok(config)
    }

    pub(super) fn schedule(&self) -> Schedule {
        Schedule::of_seconds(self.period_seconds)
    }

    pub(super) fn params(&self) -> Params {
        let mut params = Params::default();
        params.set("min_swarm", self.swarms.min);
        params.set("ideal_swarm", self.swarms.ideal);
        params.set("max_swarm", self.swarms.max);
        params.set("spare_nodes", self.swarms.spare);
        params.set("first_nodes", self.swarms.first);
        params.set("swarm_age_ms", self.swarms.age_seconds.saturating_mul(1000));
        params.set("absent_ms", self.schedule().absent_after());
        params
    }
}

//! Settings of a node: `node.toml`, over it `TACIT_NODE_*`, over it flags.

mod keys;
mod limits;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::{Path, PathBuf};

use serde::Deserialize;
use tacit_edge::config::{ConfigError, Log, Source, load};

pub use keys::KEYS;
pub use limits::Limits;
pub(crate) use limits::{ONION_BODY, PEER_BODY};

/// All settings.
#[derive(Clone, Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Config {
    /// Folder of keys and database.
    pub data_dir: PathBuf,
    /// Where clients connect.
    #[serde(default = "default_listen")]
    pub listen: SocketAddr,
    /// Where other nodes connect.
    #[serde(default = "default_peer_listen")]
    pub peer_listen: SocketAddr,
    /// Network profile with the list of nodes.
    pub network: PathBuf,
    /// Address under which others reach this node, in networks with registrars.
    #[serde(default)]
    pub public_ip: Option<Ipv4Addr>,
    /// Port for clients there; that of `listen` if not given.
    #[serde(default)]
    pub public_port: Option<u16>,
    /// Port for other nodes there; that of `peer_listen` if not given.
    #[serde(default)]
    pub public_peer_port: Option<u16>,
    /// Bytes that the database may take; above 97 % of it stores fail.
    #[serde(default = "default_max_bytes")]
    pub max_bytes: u64,
    /// Which servers are reached for clients.
    #[serde(default)]
    pub exit: Exit,
    /// With `exit = "list"`: host names; `*.example.org` means all below it.
    #[serde(default)]
    pub exit_hosts: Vec<String>,
    /// Where numbers for the operator are.
    #[serde(default)]
    pub metrics: Metrics,
    /// What is logged.
    #[serde(default)]
    pub log: Log,
    /// Limits against overload and abuse.
    #[serde(default)]
    pub limits: Limits,
}

/// Table `[metrics]`.
#[derive(Clone, Copy, Debug, Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Metrics {
    /// Where `/metrics` is; nowhere if none.
    pub listen: Option<SocketAddr>,
    /// Whether other machines may reach it.
    pub allow_public: bool,
}

/// Whether the node is the last hop to servers outside.
#[derive(Clone, Copy, Debug, Default, Deserialize, PartialEq, Eq)]
#[serde(rename_all = "lowercase")]
pub enum Exit {
    /// To any server with a public address.
    #[default]
    Any,
    /// To those of `exit_hosts`.
    List,
    /// Not at all.
    Off,
}

fn default_listen() -> SocketAddr {
    (Ipv4Addr::UNSPECIFIED, 22021).into()
}

fn default_peer_listen() -> SocketAddr {
    (Ipv4Addr::UNSPECIFIED, 22020).into()
}

fn default_max_bytes() -> u64 {
    16 << 30
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
        let mut config: Self = load(&Source { keys: KEYS, file, prefix: "TACIT_NODE_", environment, flags })?;
        if let Some(folder) = file.and_then(Path::parent) {
            config.data_dir = folder.join(&config.data_dir);
            config.network = folder.join(&config.network);
        }
        config.check().map_err(ConfigError::Whole)?;
        Ok(config)
    }

    /// What no single value shows.
    fn check(&self) -> Result<(), String> {
        if let Some(address) = self.metrics.listen
            && !address.ip().is_loopback()
            && !self.metrics.allow_public
        {
            return Err(format!(
                "metrics.listen = {address} can be reached by others: give 127.0.0.1:{}, or set metrics.allow_public = true",
                address.port()
            ));
        }
        if self.listen == self.peer_listen && self.listen.port() != 0 {
            return Err(format!("listen and peer_listen are both {}: give them two ports", self.listen));
        }
        if self.exit == Exit::List && self.exit_hosts.is_empty() {
            return Err("exit = \"list\" needs exit_hosts: name hosts, or set exit = \"off\"".to_owned());
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_key_is_known_to_the_reader_and_has_a_default_or_is_required() {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("node.toml");
        std::fs::write(&path, "data_dir = \".\"\nnetwork = \"network.json\"\n").unwrap();
        let config = Config::load(Some(&path), Vec::new(), Vec::new()).unwrap();
        assert_eq!(config.network, dir.path().join("network.json"));
        assert_eq!(config.listen.port(), 22021);

        for key in KEYS {
            let value = match key.name {
                "listen" | "peer_listen" | "metrics.listen" => "127.0.0.1:1",
                "public_ip" => "127.0.0.1",
                "metrics.allow_public" => "true",
                "log.level" => "info",
                "exit" => "off",
                _ => "1",
            };
            let flags = vec![(key.name.to_owned(), value.to_owned())];
            Config::load(Some(&path), Vec::new(), flags).unwrap();
        }
    }

    #[test]
    fn a_mistyped_limit_is_answered_with_the_right_one() {
        let flags = vec![("limits.onion_byte".to_owned(), "1".to_owned())];
        let error = Config::load(None, Vec::new(), flags).unwrap_err().to_string();
        assert!(error.contains("did you mean `limits.onion_bytes`?"), "{error}");
    }

    #[test]
    fn settings_that_contradict_each_other_are_answered_with_a_remedy() {
        let of = |flags: &[(&str, &str)]| {
            let all = [("data_dir", "/a"), ("network", "/b")].iter().chain(flags);
            let flags = all.map(|(key, value)| ((*key).to_owned(), (*value).to_owned())).collect();
            Config::load(None, Vec::new(), flags).unwrap_err().to_string()
        };
        let error = of(&[("metrics.listen", "0.0.0.0:9000")]);
        assert!(error.contains("give 127.0.0.1:9000, or set metrics.allow_public"), "{error}");
        assert!(of(&[("exit", "list")]).contains("needs exit_hosts"));
        assert!(of(&[("listen", "1.2.3.4:5"), ("peer_listen", "1.2.3.4:5")]).contains("two ports"));
        let error = of(&[("limits.idle_seconds", "0")]);
        assert_eq!(error, "--limits.idle_seconds: `limits.idle_seconds` cannot be 0: give a number from 1 to 3600");
    }
}

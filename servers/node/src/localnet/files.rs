//! The file server of a local network, in this process.

use std::net::Ipv4Addr;

use tacit_files::{Config, FileServer};
use tacit_wire::profile;

use super::Plan;
use crate::Error;

pub(super) struct Files {
    server: FileServer,
}

impl Files {
    pub(super) async fn start(plan: &Plan) -> Result<Self, Error> {
        let path = plan.dir().join("files").display().to_string();
        // All clients of a local network share one address.
        let settings = [
            ("data_dir", path),
            ("listen", format!("{}:{}", Ipv4Addr::LOCALHOST, plan.files_port())),
            ("limits.connection_rate", "100000".to_owned()),
            ("limits.connection_burst", "100000".to_owned()),
        ];
        let settings = settings.map(|(key, value)| (key.to_owned(), value));
        let config = Config::load(None, Vec::new(), settings.into()).map_err(tacit_files::Error::from)?;
        Ok(Self { server: FileServer::start(config).await? })
    }

    /// How the profile names it.
    pub(super) fn entry(&self) -> profile::FileServer {
        profile::FileServer {
            url: format!("http://{}", self.server.address()),
            ed25519: self.server.ed25519(),
            x25519: self.server.x25519(),
        }
    }

    pub(super) async fn stop(self) {
        self.server.stop().await;
    }
}

//! A device of an account, for stories of what the program has no command for.

use std::path::Path;
use std::process::Command;

use tacit_client::{Client, KeySource, Options, ProfileFolder, RestoreOutcome};
use tacit_wire::profile::NetworkProfile;
use tempfile::TempDir;
use tokio::runtime::Runtime;

use super::programs::tacit;

/// A folder and, while it is on, the client that runs there.
pub struct Device {
    runtime: Runtime,
    folder: TempDir,
    network: NetworkProfile,
    client: Option<Client>,
}

impl Device {
    fn empty(profile: &Path) -> Self {
        let network = NetworkProfile::parse(&std::fs::read(profile).unwrap()).unwrap();
        Self { runtime: Runtime::new().unwrap(), folder: tempfile::tempdir().unwrap(), network, client: None }
    }

    fn options(&self) -> Options {
        Options { network: Some(self.network.clone()), polling: true, limits: tacit_network::Config::default() }
    }

    fn place(&self) -> ProfileFolder {
        ProfileFolder::open(self.folder.path()).unwrap()
    }

    /// A device on which an account is made.
    pub fn create(profile: &Path, name: &str) -> Self {
        let mut device = Self::empty(profile);
        let made = Client::create(device.place(), KeySource::File, name, device.options());
        device.client = Some(device.runtime.block_on(made).unwrap());
        device
    }

    /// A device to which an account comes back; returns when it did.
    pub fn restore(profile: &Path, phrase: &str) -> Self {
        let mut device = Self::empty(profile);
        let restored = Client::restore(device.place(), KeySource::File, phrase, device.options());
        let client = device.runtime.block_on(restored).unwrap();
        let mut progress = client.restore_progress();
        let found = device.runtime.block_on(async {
            let done = progress.wait_for(|progress| progress.outcome.is_some()).await.unwrap();
            done.outcome
        });
        assert_eq!(found, Some(RestoreOutcome::Found));
        device.client = Some(client);
        device
    }

    /// Another device of the same account.
    pub fn twin(&self, profile: &Path) -> Self {
        let phrases = self.run(|client| async move { client.phrases().await.unwrap() });
        Self::restore(profile, &phrases.session13)
    }

    /// The profile folder.
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }

    /// The program with this device's profile, for while the device itself is off.
    pub fn command(&self, profile: &Path) -> Command {
        tacit(self.folder.path(), profile)
    }

    /// The client.
    pub fn client(&self) -> &Client {
        self.client.as_ref().expect("the device is on")
    }

    /// Does something and waits for its end.
    pub fn run<T, F: Future<Output = T>>(&self, work: impl FnOnce(Client) -> F) -> T {
        self.runtime.block_on(work(self.client().clone()))
    }

    /// Whether it is on.
    pub fn is_on(&self) -> bool {
        self.client.is_some()
    }

    /// Switches it off.
    pub fn off(&mut self) {
        let client = self.client.take().expect("the device is on");
        self.runtime.block_on(client.shutdown());
    }

    /// Switches it on.
    pub fn on(&mut self) {
        let opened = Client::open(self.place(), KeySource::File, self.options());
        self.client = Some(self.runtime.block_on(opened).unwrap());
    }

    /// Waits until the swarm keeps all that the other devices are to know.
    pub fn synced(&self) {
        let patience = std::time::Duration::from_secs(30);
        assert!(self.run(|client| async move { client.synced(patience).await.unwrap() }), "it reaches the swarm");
    }
}

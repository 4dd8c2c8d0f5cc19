//! The account that a command works on.

use std::path::PathBuf;
use std::time::Duration;

use tacit_client::{Client, KeySource, MessageId, Options, ProfileFolder};
use tacit_wire::AccountId;
use tacit_wire::profile::NetworkProfile;

use crate::arguments::Arguments;
use crate::failure::Failure;

/// Variable with the key of the database: 64 hex digits, or a passphrase.
const KEY_VARIABLE: &str = "TACIT_KEY";
/// Largest network profile that is read, in bytes.
const LARGEST_PROFILE: u64 = 16 << 20;

/// Folder and network that were named.
pub struct Session {
    folder: PathBuf,
    network: Option<NetworkProfile>,
}

impl Session {
    /// Reads the network profile, if one was named.
    ///
    /// # Errors
    /// When it cannot be read.
    pub fn new(arguments: &Arguments) -> Result<Self, Failure> {
        let network = match arguments.network.as_deref() {
            None => None,
            Some("session") => Some(NetworkProfile::session()),
            Some(file) => Some(read_profile(file)?),
        };
        Ok(Self { folder: arguments.profile.clone(), network })
    }

    /// The folder, locked for us.
    ///
    /// # Errors
    /// When another program holds it, or it cannot be used.
    pub fn folder(&self) -> Result<ProfileFolder, Failure> {
        Ok(ProfileFolder::open(&self.folder)?)
    }

    /// The key of the database.
    pub fn key(&self) -> KeySource {
        std::env::var(KEY_VARIABLE)
            .ok()
            .filter(|text| !text.is_empty())
            .map_or(KeySource::File, |text| KeySource::from_text(&text))
    }

    /// How the account is opened.
    pub fn options(&self, polling: bool) -> Options {
        Options { network: self.network.clone(), polling, limits: tacit_network::Config::default() }
    }

    /// Opens the account.
    ///
    /// # Errors
    /// When there is none, or it cannot be opened.
    pub async fn open(&self, polling: bool) -> Result<Client, Failure> {
        Ok(Client::open(self.folder()?, self.key(), self.options(polling)).await?)
    }
}

/// How long a change may take to reach the swarm for our other devices; what is left goes out with
/// the next command.
const SYNC: Duration = Duration::from_secs(5);

/// Ends the use of an account that may have been changed.
///
/// # Errors
/// Those of the database.
pub async fn close(client: Client) -> Result<(), Failure> {
    let synced = client.synced(SYNC).await;
    client.shutdown().await;
    synced?;
    Ok(())
}

/// An account ID as it was typed.
///
/// # Errors
/// A sentence on what is wrong with it.
pub fn account_id(text: &str) -> Result<AccountId, Failure> {
    let id = AccountId::parse(text).map_err(tacit_client::Error::from)?;
    if id.prefix() != tacit_wire::Prefix::Account {
        return Err(Failure::new("account_id", "That isn't an account ID: one starts with 05."));
    }
    Ok(id)
}

/// The ID of a message as it was typed.
///
/// # Errors
/// When it is none.
pub fn message_id(text: &str) -> Result<MessageId, Failure> {
    text.parse().map_err(|_| Failure::new("message_id", "That isn't the ID of a message."))
}

fn read_profile(file: &str) -> Result<NetworkProfile, Failure> {
    let fail = |what: String| Failure::new("network_profile", format!("{file}: {what}"));
    let size = std::fs::metadata(file).map_err(|error| fail(error.to_string()))?.len();
    if size > LARGEST_PROFILE {
        return Err(fail(format!("{size} bytes are too many for a network profile")));
    }
    let text = std::fs::read(file).map_err(|error| fail(error.to_string()))?;
    NetworkProfile::parse(&text).map_err(|error| fail(error.to_string()))
}

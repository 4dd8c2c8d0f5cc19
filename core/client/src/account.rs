//! Creating, restoring and opening accounts.

use std::sync::Arc;

use tacit_crypto::{AccountKeys, Seed, phrase};
use tacit_store::{DatabaseKey, Store};
use tacit_wire::profile::NetworkProfile;

use crate::Error;
use crate::client::{Client, Options};
use crate::clock::device_now;
use crate::database::Database;
use crate::profile::{KeySource, ProfileFolder};
use crate::restore::RESTORING_SETTING;
use crate::text::check_name;

/// Setting under which the network profile is kept.
const NETWORK_SETTING: &str = "network";

/// Where a new database's account comes from.
enum Origin {
    /// It was made here.
    New {
        /// Name that others see; may be empty.
        name: String,
    },
    /// It may be on other devices, and the swarm may know it.
    Phrase,
}

impl Client {
    /// Makes a new account in an empty folder. An empty name is allowed; it can be set later.
    ///
    /// # Errors
    /// [`Error::AccountExists`], [`Error::Name`], those of folder and database.
    pub async fn create(folder: ProfileFolder, key: KeySource, name: &str, options: Options) -> Result<Self, Error> {
        let mut seed = zeroize::Zeroizing::new([0_u8; 16]);
        getrandom::fill(seed.as_mut_slice()).map_err(|_| Error::NoRandomness)?;
        let name = if name.is_empty() { "" } else { check_name(name)? };
        Self::set_up(folder, key, Seed::from_bytes(*seed), Origin::New { name: name.to_owned() }, options).await
    }

    /// Brings an account back from its recovery phrase, 13 or 12 words.
    ///
    /// # Errors
    /// [`Error::Phrase`] with what is wrong about it, and as [`Client::create`].
    pub async fn restore(folder: ProfileFolder, key: KeySource, words: &str, options: Options) -> Result<Self, Error> {
        let parsed = phrase::parse(words)?;
        Self::set_up(folder, key, parsed.seed, Origin::Phrase, options).await
    }

    /// Brings an account back by its seed.
    pub(crate) async fn restore_seed(
        folder: ProfileFolder,
        key: KeySource,
        seed: Seed,
        options: Options,
    ) -> Result<Self, Error> {
        Self::set_up(folder, key, seed, Origin::Phrase, options).await
    }

    async fn set_up(
        folder: ProfileFolder,
        key: KeySource,
        seed: Seed,
        origin: Origin,
        options: Options,
    ) -> Result<Self, Error> {
        if folder.has_account() {
            return Err(Error::AccountExists { path: folder.path().to_owned() });
        }
        let network = options.network.clone().ok_or(Error::NoNetwork)?;
        let (path, key) = (folder.database(), folder.key(key)?);
        let keys = AccountKeys::from_seed(&seed);
        let store = blocking(move || {
            let now = device_now();
            Store::create_with(&path, &key, |tx| {
                tx.create_account(&seed, "", now)?;
                match &origin {
                    // The name goes to our swarm, so that the account can be restored.
                    Origin::New { name } if !name.is_empty() => tx.set_display_name(name, now.0 / 1_000)?,
                    Origin::New { .. } => {}
                    Origin::Phrase => tx.set_setting(RESTORING_SETTING, "1")?,
                }
                tx.set_setting(NETWORK_SETTING, &network.to_json())
            })
        })
        .await?;
        Self::run(folder, store, keys, options).await
    }

    /// Opens the account of a folder.
    ///
    /// # Errors
    /// [`Error::NoAccount`], [`Error::NoNetwork`], those of folder and database.
    pub async fn open(folder: ProfileFolder, key: KeySource, options: Options) -> Result<Self, Error> {
        if !folder.has_account() {
            return Err(Error::NoAccount { path: folder.path().to_owned() });
        }
        let (path, key) = (folder.database(), folder.key(key)?);
        let store = blocking(move || open_store(&path, &key)).await?;
        let account = store.account()?.ok_or_else(|| Error::NoAccount { path: folder.path().to_owned() })?;
        let keys = AccountKeys::from_seed(&account.seed);
        Self::run(folder, store, keys, options).await
    }

    async fn run(folder: ProfileFolder, mut store: Store, keys: AccountKeys, options: Options) -> Result<Self, Error> {
        let profile = chosen_network(&mut store, options.network.as_ref())?;
        let database = Arc::new(Database::start(store)?);
        Self::start(folder, database, keys, profile, &options).await
    }

    /// Sets the name that others see.
    ///
    /// # Errors
    /// [`Error::Name`], those of the database.
    pub async fn set_display_name(&self, name: &str) -> Result<(), Error> {
        let name = check_name(name)?.to_owned();
        // Others take newer profiles only: also after a clock that was ahead.
        let updated_s = (self.inner.now().0 / 1_000).max(self.inner.own_profile().updated_s.saturating_add(1));
        let kept = name.clone();
        self.inner.database.call(move |store| store.write(|tx| tx.set_display_name(&kept, updated_s))).await?;
        self.inner.set_own_profile(name, updated_s);
        self.inner.events.tell(crate::Event::Conversations);
        Ok(())
    }
}

fn open_store(path: &std::path::Path, key: &DatabaseKey) -> Result<Store, tacit_store::Error> {
    Store::open(path, key)
}

/// The network that was named, which is then kept, or the one that was kept.
fn chosen_network(store: &mut Store, named: Option<&NetworkProfile>) -> Result<NetworkProfile, Error> {
    let kept = store.setting(NETWORK_SETTING)?;
    if let Some(profile) = named {
        let text = profile.to_json();
        if kept.as_ref() != Some(&text) {
            store.write(|tx| tx.set_setting(NETWORK_SETTING, &text))?;
        }
        return Ok(profile.clone());
    }
    let kept = kept.ok_or(Error::NoNetwork)?;
    Ok(NetworkProfile::parse(kept.as_bytes())?)
}

/// Runs what blocks (files, key derivation) beside the runtime's own threads.
async fn blocking<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, tacit_store::Error> + Send + 'static,
) -> Result<T, Error> {
    tokio::task::spawn_blocking(work).await.map_err(|_| Error::Closed)?.map_err(Error::from)
}

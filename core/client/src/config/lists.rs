//! Groups and communities that the account is in, as its devices keep them. They are kept intact
//! until they can be joined here.

use tacit_config::Kind;
use tacit_config::groups::{self, Group, LegacyGroup, Room};

use super::Configs;
use crate::Error;
use crate::client::{Client, Inner};

/// Groups, by their IDs.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Groups {
    /// Groups as all apps of today have them.
    pub groups: Vec<Group>,
    /// Those of the kind before 2024, which nobody can write to any more.
    pub legacy: Vec<LegacyGroup>,
}

/// Rooms of community servers.
pub type Communities = Vec<Room>;

impl Client {
    /// The groups that the account is in.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn groups(&self) -> Result<Groups, Error> {
        self.inner
            .read_config(Kind::Groups, |config| Groups {
                groups: groups::all_groups(config).collect(),
                legacy: groups::all_legacy_groups(config).collect(),
            })
            .await
    }

    /// The communities that the account is in.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn communities(&self) -> Result<Communities, Error> {
        self.inner.read_config(Kind::Groups, |config| groups::all_rooms(config).collect()).await
    }
}

impl Inner {
    pub(crate) async fn read_config<T: Send + 'static>(
        &self,
        kind: Kind,
        read: impl FnOnce(&tacit_config::Config) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let owner = self.owner();
        self.database
            .call(move |store| store.write::<_, tacit_store::Error>(|tx| Ok(read(Configs::new(tx, &owner).get(kind)?))))
            .await
    }
}

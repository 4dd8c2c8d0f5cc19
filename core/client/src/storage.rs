//! What the account takes up on this device, and whether it is whole.

use crate::Error;
use crate::client::Client;

impl Client {
    /// Size of the database, in bytes.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn database_size(&self) -> Result<u64, Error> {
        Ok(self.inner.database.call(|store| store.counts()).await?.file_bytes)
    }

    /// Reads the whole database and compares it with its checksums; other work waits meanwhile.
    /// Says what is wrong, nothing if all is well.
    ///
    /// # Errors
    /// Those of the database, when it can't even be read.
    pub async fn check_database(&self) -> Result<Vec<String>, Error> {
        self.inner.database.call(|store| store.check()).await
    }
}

//! What users ask for.

use tacit_wire::{AccountId, MessageHash, Namespace, TimestampMs};

use super::quota::TIGHT_MS;
use super::{
    ChangeExpiry, Delete, ExpiryChanged, Fullness, Page, Put, Query, Revoke, ShortenAll, Store, StoreError, Stored,
    Wipe, delete, expire, put, retrieve, revoke, rows,
};

impl Store {
    /// Stores a message. It may end earlier than asked for, see [`Store::latest_end`].
    ///
    /// # Errors
    /// [`StoreError::MailboxFull`], [`StoreError::ReadOnly`] when the node is full, and others;
    /// nothing is stored then.
    pub async fn put(&self, mut message: Put, now: TimestampMs) -> Result<Stored, StoreError> {
        self.check_room().await?;
        if let Some(latest) = self.latest_end(message.namespace, now).await {
            message.expiry = message.expiry.min(latest);
        }
        let quota = self.settings.quota;
        let stored = self.write(message.data.len() + 256, move |tx| put::put(tx, &message, quota, now)).await?;
        stored.ok_or(StoreError::MailboxFull)
    }

    /// Refuses when the node is full.
    pub(super) async fn check_room(&self) -> Result<(), StoreError> {
        match self.fullness().await {
            Fullness::Full => Err(StoreError::ReadOnly("size limit reached")),
            Fullness::Tight | Fullness::Roomy => Ok(()),
        }
    }

    /// When a message that is stored now ends at the latest, if the node is nearly full and anyone
    /// may store there.
    pub async fn latest_end(&self, namespace: Namespace, now: TimestampMs) -> Option<TimestampMs> {
        let tight = namespace.is_public() && self.fullness().await >= Fullness::Tight;
        tight.then(|| now.plus_ms(TIGHT_MS))
    }

    /// Whether one more message of so many bytes fits into a mailbox, before it is passed on.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn has_room(&self, account: AccountId, namespace: Namespace, bytes: usize) -> Result<bool, StoreError> {
        let quota = self.settings.quota;
        self.readers
            .read(move |c| match rows::account(c, &account)? {
                Some(account) => quota.has_room(c, &account, namespace, bytes),
                None => Ok(true),
            })
            .await
    }

    /// Deletes messages; the hashes that were there, ascending.
    ///
    /// # Errors
    /// [`StoreError::MailboxFull`] if too many deletions are remembered already, and others.
    pub async fn delete(&self, request: Delete, now: TimestampMs) -> Result<Vec<MessageHash>, StoreError> {
        let quota = self.settings.quota;
        let bytes = request.hashes.len() * 256;
        let deleted = self.write(bytes, move |tx| delete::delete(tx, &request, quota, now)).await?;
        deleted.ok_or(StoreError::MailboxFull)
    }

    /// Empties boxes; what was there, ascending.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn wipe(&self, request: Wipe, now: TimestampMs) -> Result<Vec<(Namespace, MessageHash)>, StoreError> {
        self.write(4096, move |tx| delete::wipe(tx, &request, now)).await
    }

    /// Changes when messages end.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn change_expiry(&self, request: ChangeExpiry, now: TimestampMs) -> Result<ExpiryChanged, StoreError> {
        self.write(request.changes.len() * 256, move |tx| expire::change(tx, &request, now)).await
    }

    /// Shortens the life of all messages of boxes; those that changed, ascending.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn shorten_all(
        &self,
        request: ShortenAll,
        now: TimestampMs,
    ) -> Result<Vec<(Namespace, MessageHash)>, StoreError> {
        self.write(4096, move |tx| expire::shorten_all(tx, &request, now)).await
    }

    /// Revokes subaccounts, or allows them again; how many were otherwise before. The newest 50
    /// of either are kept.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn revoke(&self, request: Revoke, now: TimestampMs) -> Result<usize, StoreError> {
        let quota = self.settings.quota;
        self.write(request.tokens.len() * 256, move |tx| revoke::revoke(tx, &request, quota, now)).await
    }

    /// Whether a subaccount may not act any more.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn is_revoked(&self, account: AccountId, token: [u8; 36]) -> Result<bool, StoreError> {
        self.readers.read(move |c| revoke::is_revoked(c, &account, &token)).await
    }

    /// The subaccounts that may not act any more, the first to be revoked first.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn revoked(&self, account: AccountId) -> Result<Vec<[u8; 36]>, StoreError> {
        self.readers.read(move |c| revoke::revoked(c, &account)).await
    }

    /// Reads a box.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn retrieve(&self, query: Query, now: TimestampMs) -> Result<Page, StoreError> {
        self.readers.read(move |c| retrieve::retrieve(c, &query, now)).await
    }

    /// When messages end; `hashes` none: all of the account's.
    ///
    /// # Errors
    /// See [`StoreError`].
    pub async fn expiries(
        &self,
        account: AccountId,
        hashes: Option<Vec<MessageHash>>,
        now: TimestampMs,
    ) -> Result<Vec<(MessageHash, TimestampMs)>, StoreError> {
        self.readers.read(move |c| expire::expiries(c, &account, hashes.as_deref(), now)).await
    }
}

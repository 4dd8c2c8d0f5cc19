//! Search in messages, people and conversations, and what conversations hold by kind.

use tacit_store::{
    ConversationId, FoundPeer, Hits, Indexing, MediaItem, MediaKind, MediaPlace, MessageId, Search, StorageUse,
};

use crate::Error;
use crate::client::{Client, Inner};

/// Older messages that are indexed in one step, between which other work gets its turn.
const INDEX_STEP: u32 = 500;
/// Setting with what was looked for last, as a JSON array, and how much of it is kept.
const RECENT: &str = "recent_searches";
const RECENT_MAX: usize = 10;

impl Client {
    /// Messages that have what is looked for, the last that came first: at most `limit`, from
    /// `before` on, which is [`Hits::next`] of the page before. Asking at each key is fine; asking
    /// when the person pauses is kinder.
    ///
    /// # Errors
    /// Those of the database; no text is an error.
    pub async fn search(&self, search: Search, before: Option<MessageId>, limit: u32) -> Result<Hits, Error> {
        self.inner.database.call(move |store| store.search(&search, before, limit)).await
    }

    /// People, groups and rooms by name or ID; requests and blocked people only if `strangers`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn search_people(&self, text: &str, strangers: bool, limit: u32) -> Result<Vec<FoundPeer>, Error> {
        let text = text.to_owned();
        self.inner.database.call(move |store| store.search_people(&text, strangers, limit)).await
    }

    /// What was looked for last, the latest first.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn recent_searches(&self) -> Result<Vec<String>, Error> {
        self.inner.database.call(recent).await
    }

    /// Remembers what was looked for and found.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn remember_search(&self, text: &str) -> Result<(), Error> {
        let text = text.trim().to_owned();
        self.inner
            .database
            .call(move |store| {
                let mut kept = recent(store)?;
                kept.retain(|other| *other != text);
                kept.insert(0, text);
                kept.truncate(RECENT_MAX);
                let kept = serde_json::json!(kept).to_string();
                store.write::<_, tacit_store::Error>(|tx| tx.set_setting(RECENT, &kept))
            })
            .await
    }

    /// Forgets what was looked for.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn forget_searches(&self) -> Result<(), Error> {
        self.inner.database.call(|store| store.write::<_, tacit_store::Error>(|tx| tx.clear_setting(RECENT))).await
    }

    /// What a conversation has of a kind, newest first: at most `limit`, before a place.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn gallery(
        &self,
        conversation: ConversationId,
        kind: MediaKind,
        before: Option<MediaPlace>,
        limit: u32,
    ) -> Result<Vec<MediaItem>, Error> {
        self.inner.database.call(move |store| store.gallery(conversation, kind, before, limit)).await
    }

    /// What files take up on this device, by conversation and kind.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn storage_use(&self) -> Result<Vec<StorageUse>, Error> {
        self.inner.database.call(|store| store.storage_use()).await
    }

    /// How far messages from before the index are in it; `None` when all are.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn indexing(&self) -> Result<Option<Indexing>, Error> {
        self.inner.database.call(|store| store.indexing()).await
    }
}

fn recent(store: &mut tacit_store::Store) -> Result<Vec<String>, tacit_store::Error> {
    Ok(store.setting(RECENT)?.and_then(|text| serde_json::from_str(&text).ok()).unwrap_or_default())
}

/// Indexes the messages that were there before the index, brings it together if that is due, and
/// ends.
pub(crate) async fn tend_index(inner: std::sync::Arc<Inner>) {
    loop {
        let step = |store: &mut tacit_store::Store| {
            store.write::<_, tacit_store::Error>(|tx| Ok(tx.index_more(INDEX_STEP)? > 0 || tx.condense_index()?))
        };
        match inner.database.call(step).await {
            Ok(true) => {}
            Ok(false) => return,
            Err(error) => return tracing::error!(code = error.code(), "the index could not be tended"),
        }
    }
}

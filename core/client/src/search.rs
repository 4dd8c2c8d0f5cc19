//! Search in messages, people and conversations.

use tacit_store::{FoundPeer, Hits, Indexing, MessageId, Search};

use crate::Error;
use crate::client::{Client, Inner};

/// Older messages that are indexed in one step, between which other work gets its turn.
const INDEX_STEP: u32 = 500;

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

    /// How far messages from before the index are in it; `None` when all are.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn indexing(&self) -> Result<Option<Indexing>, Error> {
        self.inner.database.call(|store| store.indexing()).await
    }
}

/// Indexes the messages that were there before the index, and ends.
pub(crate) async fn index_older(inner: std::sync::Arc<Inner>) {
    loop {
        let step = inner.database.call(|store| store.write(|tx| tx.index_more(INDEX_STEP))).await;
        match step {
            Ok(0) => return,
            Ok(_) => {}
            Err(error) => return tracing::error!(code = error.code(), "older messages could not be indexed"),
        }
    }
}

//! Commands on conversations and people.

mod settings;

use tacit_store::{Contact, Conversation, Folder, ListRow, Message, Page, Place};
use tacit_wire::{AccountId, TimestampMs};

use crate::client::Client;
use crate::events::Event;
use crate::sending::peer_of;
use crate::text::{NAME_LIMIT, NameError};
use crate::{ConversationId, Error, MessageId};

/// Conversations that a list holds at the most.
pub(crate) const LIST_LIMIT: u32 = 10_000;

impl Client {
    /// The conversation with an account, made if there is none; our own ID gives the note to self.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn open_conversation(&self, with: &AccountId) -> Result<ConversationId, Error> {
        let (peer, now) = (peer_of(&self.inner.me, with), self.inner.now());
        let opened = self
            .inner
            .database
            .call(move |store| store.write::<_, tacit_store::Error>(|tx| tx.open_conversation(&peer, now)))
            .await?;
        self.inner.events.tell(Event::Conversations);
        Ok(opened)
    }

    /// The conversation with an account, if there is one.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn find_conversation(&self, with: &AccountId) -> Result<Option<ConversationId>, Error> {
        let peer = peer_of(&self.inner.me, with);
        self.inner.database.call(move |store| store.conversation_with(&peer)).await
    }

    /// One conversation.
    ///
    /// # Errors
    /// [`Error::Store`] when it is gone, those of the database.
    pub async fn conversation(&self, id: ConversationId) -> Result<Conversation, Error> {
        self.inner.database.call(move |store| store.conversation(id)).await
    }

    /// The conversations of a folder, as a list shows them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn conversations(&self, folder: Folder) -> Result<Vec<ListRow>, Error> {
        self.inner.database.call(move |store| store.conversations(folder, LIST_LIMIT)).await
    }

    /// What is known of an account.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn contact(&self, who: &AccountId) -> Result<Option<Contact>, Error> {
        let who = *who;
        self.inner.database.call(move |store| store.contact(&who)).await
    }

    /// The people whom we approved, in the order in which we met them.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn contacts(&self) -> Result<Vec<Contact>, Error> {
        self.inner.database.call(|store| store.contacts()).await
    }

    /// Those whom we blocked.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn blocked(&self) -> Result<Vec<Contact>, Error> {
        self.inner.database.call(|store| store.blocked()).await
    }

    /// At most `limit` messages of a conversation, the newest or those before a message, oldest
    /// first.
    ///
    /// # Errors
    /// [`Error::Store`] when the message is gone, those of the database.
    pub async fn history(
        &self,
        conversation: ConversationId,
        before: Option<MessageId>,
        limit: u32,
    ) -> Result<Vec<Message>, Error> {
        self.inner
            .database
            .call(move |store| {
                let page = match before {
                    None => Page::Newest,
                    Some(id) => Page::Before(Place { ..store.message(id)?.place() }),
                };
                store.messages(conversation, page, limit)
            })
            .await
    }

    /// Texts that came in after a message, from others or from other devices of ours, in the order
    /// in which they came; at most `limit`.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn arrived_after(&self, after: MessageId, limit: u32) -> Result<Vec<Message>, Error> {
        self.inner.database.call(move |store| store.arrived_after(after, limit)).await
    }

    /// One message.
    ///
    /// # Errors
    /// [`Error::Store`] when it is gone, those of the database.
    pub async fn message(&self, id: MessageId) -> Result<Message, Error> {
        self.inner.message(id).await
    }

    /// Accepts a message request; who wrote is told.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn accept(&self, who: &AccountId) -> Result<(), Error> {
        let (who, now, sealer) = (*who, self.inner.now(), self.inner.sealer());
        self.inner.database.call(move |store| store.write::<_, Error>(|tx| sealer.approve(tx, &who, now))).await?;
        self.inner.outbox_wake.notify_one();
        self.inner.events.tell(Event::Conversations);
        Ok(())
    }

    /// Takes no more messages from an account, or takes them again.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn set_blocked(&self, who: &AccountId, blocked: bool) -> Result<(), Error> {
        let who = *who;
        self.change(move |tx, now| tx.set_blocked(&who, blocked, now)).await
    }

    /// Calls an account by a name of our own; empty for theirs.
    ///
    /// # Errors
    /// [`Error::Name`] when it is longer than 100 bytes, those of the database.
    pub async fn set_nickname(&self, who: &AccountId, nickname: &str) -> Result<(), Error> {
        let (who, nickname) = (*who, nickname.trim().to_owned());
        if nickname.len() > NAME_LIMIT {
            return Err(NameError::TooLong.into());
        }
        self.change(move |tx, now| tx.set_nickname(&who, &nickname, now)).await
    }

    /// Keeps what was typed and not sent.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn set_draft(&self, id: ConversationId, draft: &str) -> Result<(), Error> {
        let draft = draft.to_owned();
        self.change(move |tx, _| tx.set_draft(id, &draft)).await
    }

    /// Removes a message on this device.
    ///
    /// # Errors
    /// [`Error::Store`] when it is gone, those of the database.
    pub async fn delete_message(&self, id: MessageId) -> Result<(), Error> {
        let conversation = self.inner.message(id).await?.conversation;
        self.change(move |tx, _| tx.delete_message(id).map(drop)).await?;
        self.inner.tell_messages(conversation);
        Ok(())
    }

    /// A setting of the app, such as its appearance.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn setting(&self, key: &str) -> Result<Option<String>, Error> {
        let key = key.to_owned();
        self.inner.database.call(move |store| store.setting(&key)).await
    }

    /// Keeps a setting of the app.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn set_setting(&self, key: &str, value: &str) -> Result<(), Error> {
        let (key, value) = (key.to_owned(), value.to_owned());
        self.inner
            .database
            .call(move |store| store.write::<_, tacit_store::Error>(|tx| tx.set_setting(&key, &value)))
            .await?;
        self.inner.reload().await // it may be one of those that are watched
    }

    /// How many messages could not be used, by reason.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn skipped(&self) -> Result<Vec<(String, u64)>, Error> {
        self.inner.database.call(|store| store.skipped()).await
    }

    async fn change(
        &self,
        work: impl FnOnce(&tacit_store::Tx<'_>, TimestampMs) -> Result<(), tacit_store::Error> + Send + 'static,
    ) -> Result<(), Error> {
        let now = self.inner.now();
        self.inner.database.call(move |store| store.write(|tx| work(tx, now))).await?;
        self.inner.events.tell(Event::Conversations);
        Ok(())
    }
}

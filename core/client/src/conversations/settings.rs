//! How conversations are kept: pinned, muted, marked, hidden, removed. All but the archive is the
//! same on all our devices.

use tacit_store::{ConversationKind, Error as StoreError, Notify, Tx};
use tacit_wire::{AccountId, TimestampMs};

use crate::client::Client;
use crate::{ConversationId, Error};

impl Client {
    /// Pins a conversation above others, those pinned later higher; or unpins it.
    ///
    /// # Errors
    /// [`Error::Store`] when it is gone, those of the database. The same holds for the others here.
    pub async fn set_pinned(&self, id: ConversationId, pinned: bool) -> Result<(), Error> {
        self.change(move |tx, _| {
            let top = if pinned { tx.highest_pin()?.saturating_add(1) } else { 0 };
            match tx.conversation(id)?.pinned {
                already if pinned && already > 0 => Ok(()),
                _ => tx.set_pinned(id, top),
            }
        })
        .await
    }

    /// Silences a conversation until a time; `None` takes that back.
    #[allow(clippy::missing_errors_doc, reason = "as set_pinned")]
    pub async fn set_muted_until(&self, id: ConversationId, until: Option<TimestampMs>) -> Result<(), Error> {
        self.change(move |tx, _| tx.set_muted_until(id, until)).await
    }

    /// Chooses which messages of a conversation notify. With a person there is no choice of mentions
    /// alone: that is all, as our other devices would read it.
    #[allow(clippy::missing_errors_doc, reason = "as set_pinned")]
    pub async fn set_notify(&self, id: ConversationId, notify: Notify) -> Result<(), Error> {
        self.change(move |tx, _| {
            let of_person = tx.conversation(id)?.peer.kind() == ConversationKind::Person;
            let notify = if of_person && notify == Notify::Mentions { Notify::All } else { notify };
            tx.set_notify(id, notify)
        })
        .await
    }

    /// Marks a conversation as unread by hand; reading it takes that back.
    #[allow(clippy::missing_errors_doc, reason = "as set_pinned")]
    pub async fn set_marked_unread(&self, id: ConversationId, marked: bool) -> Result<(), Error> {
        self.change(move |tx, _| tx.set_marked_unread(id, marked)).await
    }

    /// Puts a conversation away on this device, or back into the list.
    #[allow(clippy::missing_errors_doc, reason = "as set_pinned")]
    pub async fn set_archived(&self, id: ConversationId, archived: bool) -> Result<(), Error> {
        self.change(move |tx, _| tx.set_archived(id, archived)).await
    }

    /// Takes the note to self out of the list, with its messages kept, until something is written
    /// there. Of other conversations only the messages' removal hides them:
    /// [`Client::delete_conversation`].
    #[allow(clippy::missing_errors_doc, reason = "as set_pinned")]
    pub async fn hide_note_to_self(&self) -> Result<(), Error> {
        let me = self.inner.me;
        self.change(move |tx, now| {
            let Some(id) = tx.conversation_with(&tacit_store::Peer::note_to_self(&me))? else { return Ok(()) };
            tx.set_removed(Some(&me), now)?;
            tx.set_pinned(id, 0)?;
            tx.set_hidden(id, true)
        })
        .await
    }

    /// Removes a conversation with its messages on all our devices. A contact stays one, with the
    /// settings of the conversation; a request is thereby declined, and who wrote is not told. A
    /// later message brings it back.
    #[allow(clippy::missing_errors_doc, reason = "as set_pinned")]
    pub async fn delete_conversation(&self, id: ConversationId) -> Result<(), Error> {
        self.change(move |tx, now| delete_conversation(tx, id, now)).await
    }

    /// Removes a person from the contacts and the conversation with them, on all our devices. What
    /// they write later is a request again; who is blocked stays blocked.
    #[allow(clippy::missing_errors_doc, reason = "as set_pinned")]
    pub async fn delete_contact(&self, who: &AccountId) -> Result<(), Error> {
        let who = *who;
        self.change(move |tx, now| {
            tx.set_removed(Some(&who), now)?;
            let blocked = tx.contact(&who)?.is_some_and(|contact| contact.blocked);
            tx.reset_contact(&who)?;
            if blocked {
                tx.set_blocked(&who, true, now)?;
            }
            match tx.conversation_with(&tacit_store::Peer::person(&who))? {
                Some(id) => tx.delete_conversation(id),
                None => Ok(()),
            }
        })
        .await
    }
}

fn delete_conversation(tx: &Tx<'_>, id: ConversationId, now: TimestampMs) -> Result<(), StoreError> {
    let conversation = tx.conversation(id)?;
    let account = conversation.peer.account();
    if let Some(account) = &account {
        // Also what came in with a time that is ahead of ours.
        tx.set_removed(Some(account), now.max(conversation.active_at))?;
    }
    let stays = match (conversation.peer.kind(), account) {
        (ConversationKind::NoteToSelf, _) => true,
        (ConversationKind::Person, Some(account)) => {
            tx.contact(&account)?.is_some_and(|contact| contact.approved || contact.blocked)
        }
        _ => false,
    };
    if stays { tx.clear_conversation(id, TimestampMs(i64::MAX.unsigned_abs())) } else { tx.delete_conversation(id) }
}

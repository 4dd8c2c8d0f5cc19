//! Makes the bytes that nodes keep.

use tacit_store::{
    AttachmentState, Conversation, ConversationKind, Expiry, Mailbox, Message, MessageId, NewAttachment, NewMessage,
    NewOutbox, OwnProfile, Pointer, Purpose, State, Store, Tx,
};
use tacit_wire::message_hash::message_hash;
use tacit_wire::proto::Content;
use tacit_wire::{AccountId, Namespace, TimestampMs, envelope};

use super::Draft;
use crate::client::Inner;
use crate::encode::{self, Audience, MESSAGE_TTL_MS};
use crate::text::{indexed, safe_file_name};
use crate::{ConversationId, Error};

/// Nodes take nothing for a shorter time; what disappears earlier does so by its own T.
const SHORTEST_TTL_MS: u64 = 10_000;

/// Seals what we say; lives on the database thread for one job.
pub(crate) struct Sealer {
    pub(crate) keys: tacit_crypto::AccountKeys,
    pub(crate) me: AccountId,
}

/// A content on its way: what it is of, to whom, and how it disappears.
#[derive(Clone, Copy)]
pub(super) struct Sending<'a> {
    /// The message that is shown for it, if there is one.
    pub(super) message: Option<MessageId>,
    pub(super) peer: &'a AccountId,
    pub(super) sent_at: TimestampMs,
    pub(super) expiry: Expiry,
}

impl Inner {
    pub(crate) fn sealer(&self) -> Sealer {
        Sealer { keys: self.keys.clone(), me: self.me }
    }
}

impl Sealer {
    /// Keeps a draft as a message, and seals it unless files are to be uploaded first.
    pub(super) fn queue(
        &self,
        store: &mut Store,
        conversation: ConversationId,
        draft: &Draft,
        now: TimestampMs,
    ) -> Result<MessageId, Error> {
        store.write(|tx| {
            let place = tx.conversation(conversation)?;
            let peer = self.writable_peer(tx, &place)?;
            if peer != self.me {
                self.approve(tx, &peer, now)?;
            }
            let sent_at = tx.next_sent_at(now)?;
            let message = NewMessage {
                quote: draft.quote.map(|id| quoted(tx, id, conversation)).transpose()?,
                expiry: expiry_of(&place),
                assembling: !draft.files.is_empty(),
                ..NewMessage::text(conversation, self.me, State::Queued, sent_at, &draft.text)
            };
            let id = tx.insert_message(&message, now)?.id();
            let files = outgoing(tx, draft)?;
            tx.insert_attachments(id, &files)?;
            tx.index_text(id, &indexed(&draft.text, &files))?;
            draft.preview.as_ref().map_or(Ok(()), |preview| tx.insert_preview(id, preview))?;
            draft.invitation.as_ref().map_or(Ok(()), |invitation| tx.insert_invitation(id, invitation))?;
            tx.set_hidden(conversation, false)?;
            tx.set_draft(conversation, "")?;
            if !message.assembling {
                self.seal_message(tx, &tx.message(id)?, &peer, now)?;
            }
            Ok(id)
        })
    }

    /// Seals a message whose files are all uploaded and puts it into the outbox with the T that it
    /// has had from the start. The outbox must be woken when the transaction stands. False when the
    /// message is gone, taken back or sealed already.
    ///
    /// # Errors
    /// [`Error::Blocked`] when the recipient was blocked meanwhile; those of the database.
    pub(crate) fn seal_assembled(&self, tx: &Tx<'_>, message: MessageId, now: TimestampMs) -> Result<bool, Error> {
        let message = match tx.message(message) {
            Ok(message) if message.assembling && !message.deleted => message,
            Ok(_) | Err(tacit_store::Error::Unknown { .. }) => return Ok(false),
            Err(error) => return Err(error.into()),
        };
        let peer = self.writable_peer(tx, &tx.conversation(message.conversation)?)?;
        self.seal_message(tx, &message, &peer, now)?;
        tx.set_assembled(message.id)?;
        Ok(true)
    }

    fn seal_message(&self, tx: &Tx<'_>, message: &Message, peer: &AccountId, now: TimestampMs) -> Result<(), Error> {
        let sending = Sending { message: Some(message.id), peer, sent_at: message.sent_at, expiry: message.expiry };
        self.send_out(tx, &sending, |audience| encode::visible(message, audience), now)
    }

    /// Seals a content for its recipient and for our other devices, and puts both into the outbox.
    pub(super) fn send_out(
        &self,
        tx: &Tx<'_>,
        sending: &Sending<'_>,
        content: impl Fn(Audience<'_>) -> Content,
        now: TimestampMs,
    ) -> Result<(), Error> {
        let Sending { message, peer, sent_at, expiry } = *sending;
        let purpose = if message.is_some() { Purpose::Deliver } else { Purpose::Notice };
        let profile = profile(tx)?;
        let copies = *peer != self.me;
        let audience = if copies { Audience::Recipient(&profile) } else { Audience::NoteToSelf };
        let data = self.seal(&content(audience), peer)?;
        let mut rows = vec![NewOutbox { ttl_ms: ttl(expiry), ..row(*peer, &data, sent_at, purpose) }];
        let copy = copies.then(|| self.seal(&content(Audience::OurDevices(peer)), &self.me)).transpose()?;
        rows.extend(
            copy.as_ref()
                .map(|data| NewOutbox { ttl_ms: copy_ttl(expiry), ..row(self.me, data, sent_at, Purpose::CopyToSelf) }),
        );
        self.enqueue(tx, message, &rows, now)
    }

    /// Puts rows into the outbox. What goes to ourselves is not to be fetched again: it would bring
    /// back what is removed here meanwhile.
    pub(super) fn enqueue(
        &self,
        tx: &Tx<'_>,
        message: Option<MessageId>,
        rows: &[NewOutbox<'_>],
        now: TimestampMs,
    ) -> Result<(), Error> {
        for row in rows.iter().filter(|row| row.recipient == self.me) {
            let mailbox = Mailbox { account: self.me, namespace: row.namespace };
            let hash = message_hash(&self.me, row.namespace, row.data);
            tx.remember(&mailbox, &hash, TimestampMs(u64::MAX), now)?;
        }
        tx.enqueue(message, rows, now)?;
        Ok(())
    }

    /// Tells an account something, perhaps ourselves, that nobody gets a copy of.
    pub(super) fn notify(
        &self,
        tx: &Tx<'_>,
        whom: &AccountId,
        content: &Content,
        now: TimestampMs,
    ) -> Result<(), Error> {
        let sent_at = TimestampMs(content.sig_timestamp());
        self.enqueue(tx, None, &[row(*whom, &self.seal(content, whom)?, sent_at, Purpose::Notice)], now)
    }

    /// Whom a direct message goes to.
    pub(super) fn writable_peer(&self, tx: &Tx<'_>, conversation: &Conversation) -> Result<AccountId, Error> {
        match (conversation.peer.kind(), conversation.peer.account()) {
            (ConversationKind::NoteToSelf, _) => Ok(self.me),
            (ConversationKind::Person, Some(account)) => {
                let blocked = tx.contact(&account)?.is_some_and(|contact| contact.blocked);
                if blocked { Err(Error::Blocked) } else { Ok(account) }
            }
            _ => Err(Error::Unknown { what: "conversation" }),
        }
    }

    /// Writing to somebody approves them; who had written first is told so, before the message
    /// (protocol: messages 4.10).
    pub(crate) fn approve(&self, tx: &Tx<'_>, account: &AccountId, now: TimestampMs) -> Result<(), Error> {
        let contact = tx.contact(account)?;
        if contact.as_ref().is_some_and(|contact| contact.approved) {
            return Ok(());
        }
        tx.set_approved(account, true, now)?;
        if contact.is_some_and(|contact| contact.approved_me) {
            let sent_at = tx.next_sent_at(now)?;
            self.notify(tx, account, &encode::request_response(sent_at, &profile(tx)?), now)?;
        }
        Ok(())
    }

    pub(super) fn seal(&self, content: &Content, recipient: &AccountId) -> Result<Vec<u8>, Error> {
        Ok(envelope::encode_direct(content, &self.keys, recipient, &mut rand::rng())?)
    }
}

/// Our profile as it is at this moment.
fn profile(tx: &Tx<'_>) -> Result<OwnProfile, Error> {
    let account = tx.account()?.ok_or(Error::Unknown { what: "account" })?;
    Ok(OwnProfile {
        name: account.display_name,
        updated_s: account.profile_updated_s,
        picture_url: account.picture_url,
        picture_key: account.picture_key,
    })
}

pub(super) fn row(recipient: AccountId, data: &[u8], sent_at: TimestampMs, purpose: Purpose) -> NewOutbox<'_> {
    NewOutbox { recipient, namespace: Namespace::MESSAGES, data, ttl_ms: MESSAGE_TTL_MS, sent_at, purpose }
}

/// How long nodes keep a message for its recipient (protocol: messages 4.9, 5.3).
pub(super) fn ttl(expiry: Expiry) -> u64 {
    match expiry {
        Expiry::AfterSend { seconds } => (u64::from(seconds) * 1_000).clamp(SHORTEST_TTL_MS, MESSAGE_TTL_MS),
        Expiry::Off | Expiry::AfterRead { .. } => MESSAGE_TTL_MS,
    }
}

/// How long they keep our own copy: what we sent we have read.
pub(super) fn copy_ttl(expiry: Expiry) -> u64 {
    match expiry {
        Expiry::Off => MESSAGE_TTL_MS,
        Expiry::AfterSend { seconds } | Expiry::AfterRead { seconds } => ttl(Expiry::AfterSend { seconds }),
    }
}

/// The timer of a conversation's messages: those to oneself are read when they are sent.
pub(super) fn expiry_of(conversation: &Conversation) -> Expiry {
    match conversation.expiry {
        Expiry::AfterRead { seconds } if conversation.peer.kind() != ConversationKind::Person => {
            Expiry::AfterSend { seconds }
        }
        expiry => expiry,
    }
}

fn quoted(tx: &Tx<'_>, id: MessageId, conversation: ConversationId) -> Result<tacit_store::MessageRef, Error> {
    let quoted = tx.message(id)?;
    if quoted.conversation == conversation { Ok(quoted.reference()) } else { Err(Error::Unknown { what: "message" }) }
}

fn outgoing(tx: &Tx<'_>, draft: &Draft) -> Result<Vec<NewAttachment>, Error> {
    let attachment = |file: &super::OutgoingFile| {
        Ok(NewAttachment {
            role: file.role,
            content_type: file.content_type.clone(),
            file_name: safe_file_name(&file.file_name),
            size: tx.file(file.file)?.size,
            width: file.width,
            height: file.height,
            duration_ms: file.duration_ms,
            caption: file.caption.clone(),
            pointer: Pointer::default(),
            state: AttachmentState::Moving,
            file: Some(file.file),
            thumbnail: file.thumbnail,
            waveform: file.waveform.clone(),
        })
    };
    draft.files.iter().map(attachment).collect()
}

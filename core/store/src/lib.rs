//! The encrypted database of one account: synchronous, one connection, all SQL of the client.
//!
//! [`Store::create`] makes it, [`Store::open`] opens it. Everything that can be read is a method
//! of [`Queries`], everything that can be changed a method of [`Tx`]:
//!
//! ```no_run
//! # use tacit_store::{DatabaseKey, Error, Folder, Store};
//! # fn example(path: &std::path::Path, key: &DatabaseKey, now: tacit_wire::TimestampMs) -> Result<(), Error> {
//! let mut store = Store::open(path, key)?;
//! let sent_at = store.write(|tx| tx.next_sent_at(now))?;
//! let list = store.conversations(Folder::Inbox, 100)?;
//! # Ok(())
//! # }
//! ```
//!
//! What [`Store::write`] has returned is on the disk. The file is encrypted (SQLCipher), opened
//! by this connection alone, checked after an unclean stop, and never deleted or overwritten
//! because of an error: damage is said, not hidden.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod account;
mod attachment;
mod backup;
mod column;
mod config;
mod contact;
mod conversation;
mod counts;
mod error;
mod file;
mod gallery;
mod ids;
mod inbox;
mod key;
mod mailbox_change;
mod message;
mod migrations;
mod open;
mod outbox;
mod picture;
mod reaction;
mod search;
mod setting;
mod store;
mod unread;

pub use account::Account;
pub use attachment::{
    Arrived, Attachment, AttachmentKind, AttachmentRole, AttachmentState, NewAttachment, OldFiles, Pointer, SpaceUse,
};
pub use backup::{
    BackupCursor, BackupFile, BackupPage, BackupRow, BackupSize, BackupValue, Restore, Table as BackupTable,
};
pub use config::{ConfigRow, Dirty, OwnProfile, SyncedContact, SyncedSettings};
pub use contact::{Contact, Profile};
pub use conversation::{
    Conversation, ConversationKind, Expiry, Folder, LastMessage, ListRow, Notify, Peer, UNREAD_MAX,
};
pub use counts::Counts;
pub use error::Error;
pub use file::StoredFile;
pub use gallery::{MediaItem, MediaKind, MediaPlace, StorageUse};
pub use ids::{AttachmentId, ConversationId, FileId, MessageId, OutboxId};
pub use inbox::{Mailbox, Purged};
pub use key::DatabaseKey;
pub use mailbox_change::MailboxChange;
pub use message::{
    Inserted, Invitation, Message, MessageKind, MessageRef, NewMessage, NodeReceipt, Original, Page, Place, Preview,
    Quote, ReactionGroup, State, Untimed,
};
pub use outbox::{NewOutbox, OutboxRow, Phase, Purpose, Stored};
pub use picture::{OwnPicture, PictureDue, PicturePointer, Portrait};
pub use reaction::{NewReaction, Reacted};
pub use search::{FoundPeer, Has, Hit, Hits, Indexing, Search, Snippet};
pub use store::{Queries, Store, Tx};

#[cfg(test)]
mod tests;

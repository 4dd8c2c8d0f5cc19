//! What a messenger does, without a screen: accounts, conversations, a durable outbox, an inbox
//! that no bad message stops, and state that can be observed.
//!
//! ```text
//! commands ──► database thread ──► events ──► views (snapshot, differences)
//!                 ▲   ▲    ▲
//!   outbox ───────┘   │    └─────── inbox ◄── poller
//!      │           config ◄───────────────────┤
//!      └──────────────┴──► network ◄──────────┘
//! ```
//!
//! A message is in the database, with the sealed bytes that nodes will keep, before a command
//! returns. What comes in is kept in the same transaction as the cursor that moves past it.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod account;
mod backup;
mod client;
mod clock;
mod config;
mod conversations;
mod database;
mod encode;
mod erase;
mod error;
mod events;
mod files;
mod inbox;
mod lock;
pub mod notify;
mod outbox;
mod poller;
mod preview;
mod profile;
mod restore;
mod room;
mod search;
mod sending;
mod settings;
mod storage;
#[cfg(test)]
mod testing;
pub mod text;
mod trim;
mod typing;
mod upkeep;
pub mod view;

pub use backup::{BackupControl, BackupError, BackupKey, BackupProgress, KeyKind, Restored, Written, backup_kind};
pub use client::{Client, Options, Phrases};
pub use config::{Communities, Groups, SyncStatus};
pub use erase::Erased;
pub use error::Error;
pub use events::Event;
pub use files::{Attached, Fetched, FileError, FileReader, SendAs, Source, Voice, Warning};
#[doc(hidden)]
pub use inbox::take_in_page;
pub use lock::{Keystore, LockError, LockFace, SecretKey, wait_after};
pub use notify::{Notification, NotificationBody, Notified};
pub use outbox::schedule::quorum;
pub use preview::{LinkPreview, display_host};
pub use profile::{KeySource, ProfileFolder};
pub use restore::{RestoreOutcome, RestoreProgress, RestoreStep, RestoredAccount};
pub use sending::{DeleteFor, Delivery, Draft, OutgoingFile};
pub use settings::{AutoDownload, KeepMessages, NotifyLevel, Settings};
pub use tacit_config::groups::{Group, LegacyGroup, Membership, Room};
pub use tacit_media as media;
pub use tacit_network::{Config as NetworkLimits, ConnectionState, Network, PathInfo, Status};
pub use tacit_store::{
    Attachment, AttachmentId, AttachmentKind, AttachmentRole, AttachmentState, Contact, Conversation, ConversationId,
    ConversationKind, Expiry, FileId, Folder, FoundPeer, Has, Hit, Hits, Indexing, Invitation, LastMessage, ListRow,
    MediaItem, MediaKind, MediaPlace, Message, MessageId, MessageKind, MessageRef, NodeReceipt, Notify, OldFiles,
    Original, Peer, Place, Pointer, Portrait, Preview, Quote, ReactionGroup, Search, Snippet, SpaceUse, State,
    StorageUse,
};

//! The app: view-models between `tacit-client` and the screens of `tacit-ui`.
//!
//! ```text
//! Slint event loop                         Tokio runtime (bridge)
//!   screens ─ callbacks ─► parts ─ call ─►  Client commands
//!      ▲                     ▲                  │
//!      └── globals, models ◄─┴── awaited ◄──────┴─ answers, snapshots, differences
//! ```
//!
//! Each screen has one part (a view-model) that fills its global and answers its callbacks. The
//! parts live on the UI thread and know one another only through the [`router`]. Nothing here holds
//! a truth of its own but what is being typed; an error becomes a toast, a banner or a screen.
//!
//! Several apps can run in one process, each with its window, its account and its runtime.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

#[macro_use]
mod bind;
mod about;
mod account;
mod app_lock;
mod appearance;
mod backup;
mod bridge;
mod chats;
mod context;
mod conversation;
mod conversation_settings;
mod create_account;
mod emoji;
mod erase_data;
mod feedback;
mod files;
mod forward;
mod home;
mod lock;
mod media;
mod message_info;
mod model;
mod network;
mod new_conversation;
mod new_message;
mod notifications;
mod opening;
mod outgoing;
mod part;
mod path;
mod person;
mod pictures;
pub mod platform;
mod player;
mod portraits;
mod presence;
mod privacy;
mod profile_picture;
mod qr;
mod recorder;
mod recovery_phrase;
mod recovery_verify;
mod restore;
mod restore_backup;
mod restoring;
mod router;
mod search;
mod settings;
mod shell;
mod size;
mod start;
mod storage;
mod text;
mod time;
mod trouble;
mod viewer;
mod welcome;
mod words;

#[cfg(target_os = "android")]
pub use platform::android::start;
pub use start::{Start, StartError, Tacit};

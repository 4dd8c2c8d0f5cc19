//! Stories told through the app's own screens, with real nodes and real accounts. Elements are
//! found by what they say to screen readers. Pictures are left in `target/shots`.
//!
//! Each test has a process of its own (`cargo nextest`), since a process has one event loop.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod accounts;
mod appearance;
mod backups;
mod bad_input;
mod chat;
mod chats;
mod conversations;
mod details;
mod files;
mod lock;
mod stage;
mod trouble;

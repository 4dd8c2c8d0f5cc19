//! Stories of people and a network that fails, told with the `tacit` program and real nodes.

#![allow(clippy::unwrap_used, clippy::expect_used)]

mod attachments;
mod backup;
mod bad_input;
mod chat;
mod delivery;
mod devices;
mod files;
mod killed;
mod poison;
mod privacy;
mod random_actions;
mod restore;
mod restore_at_scale;
mod weather;

//! End-to-end tests of Tacit: real nodes, real programs, real clients, on loopback.
//!
//! [`harness`] holds what a story needs: a network that can lose nodes, people with the `tacit`
//! program and a profile each, and a packet capture. [`demo`] tells a story through the app's screens;
//! its hands serve the tests of the screens too.

#![allow(clippy::unwrap_used, clippy::expect_used)] // a test that cannot go on says so by panicking

#[cfg(feature = "screens")]
pub mod demo;
pub mod harness;

//! Real nodes over real sockets on loopback.
#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod bad_input;
mod crash;
mod errors;
mod harness;
mod hostile;
mod localnet;
mod onion;
mod openapi;
mod operating;
mod peers;
mod registrars;
mod repair;
mod replication;
mod slow;
mod storage;
mod subaccounts;

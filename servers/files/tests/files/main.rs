//! The file server over the wire, as clients of all ages use it.

#![allow(clippy::unwrap_used, clippy::expect_used, missing_docs)]

mod crash;
mod harness;
mod hostile;
mod onion;
mod statuses;

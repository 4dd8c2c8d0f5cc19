//! Runs the protocol's test vectors against our code: a function per section of a file, and
//! the program `tacit-vectors` around them.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

pub mod files;
pub mod folder;
pub mod fuzz;
pub mod report;
pub mod sections;

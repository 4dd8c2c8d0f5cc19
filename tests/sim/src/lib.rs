//! Swarms under faults, in virtual time.
//!
//! A history is drawn from a seed: nodes with a model disk, a network, clients, and what goes wrong
//! with them. The nodes run [`tacit_node::swarm::Machine`], as real nodes do. At the end everything
//! is healed, and after a while of quiet what was promised is checked. A seed makes the same
//! history each time, so a failure is repeated by its number.
#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod bug;
mod checks;
mod client;
mod disk;
mod faults;
mod history;
mod ledger;
mod many;
mod network;
mod node;
mod plan;
mod proof;
mod world;

pub use bug::Bug;
pub use history::{Outcome, Violation, run};
pub use many::{Summary, run_many};

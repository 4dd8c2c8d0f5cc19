//! What the members of a swarm agree on, without sockets, clocks or tasks.

pub mod merge;

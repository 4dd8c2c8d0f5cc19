//! A registrar: one of several small servers that together say who belongs to a network
//! (protocol: servers 6).

mod admission;
mod assign;
mod collect;
mod compute;
mod schedule;
#[cfg(test)]
mod testing;
mod vote;

//! Devices of one account and the boxes of its swarm, without a network.

mod devices;
mod stories;
mod together;

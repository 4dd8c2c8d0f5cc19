//! Storage requests (protocol: network 5): checks of clock, swarm and rates, and dispatch. Form,
//! limits and signatures are checked by `tacit_wire::rpc`.

mod clock;
mod delete;
mod dispatch;
mod expire;
mod read;
mod replicate;
mod store;
mod together;

pub(crate) use dispatch::{forwarded, handle};

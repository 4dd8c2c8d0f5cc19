//! Storage requests (protocol: network 5): checks of clock, swarm and rates, and dispatch. Form,
//! limits and signatures are checked by `tacit_wire::rpc`.

mod checks;
mod clock;
mod delete;
mod dispatch;
mod expire;
mod facts;
mod forwarded;
mod outcome;
mod read;
mod replicate;
mod revoke;
mod store;
mod together;

pub(crate) use dispatch::handle;
pub(crate) use forwarded::forwarded;

//! Onion requests: framing, building, peeling, answers and errors on the way
//! (protocol: network 4). The ciphers of a layer are in `tacit_crypto::onion`.

mod build;
mod control;
mod errors;
mod frame;
mod peel;
mod reply;

pub use build::{Hop, Packet, ServerTarget, build_to_node, build_to_server, build_to_server_with};
pub use control::{Control, Outer, ReplyOptions};
pub use errors::{PathError, PeelError};
pub use frame::{MAX_BODY, combine, split};
pub use peel::{Peeled, open_at_server, peel, peel_with};
pub use reply::{open_reply, open_server_reply, seal_reply, seal_server_reply};
pub use tacit_crypto::onion::{EncType, LayerReceiver, SharedKey};

#[cfg(test)]
mod tests;

//! The names of all settings, for `--help`, `init`, and for catching mistyped ones.

use tacit_edge::config::{Key, Kind};

/// Every key of the configuration.
pub const KEYS: &[Key] = &[
    Key::new("data_dir", Kind::Text, "folder of keys and database"),
    Key::new("listen", Kind::Text, "address for clients, 0.0.0.0:22021"),
    Key::new("peer_listen", Kind::Text, "address for other nodes, 0.0.0.0:22020"),
    Key::new("network", Kind::Text, "network profile with the list of nodes"),
    Key::new("max_bytes", Kind::Integer, "bytes that the database may take, 16 GiB"),
    Key::new("exit", Kind::Text, "servers reached for clients: any, list, off"),
    Key::new("exit_hosts", Kind::List, "with exit = \"list\": host names, *.example.org for all below"),
    Key::new("log.level", Kind::Text, "error, warn, info, debug or trace"),
    Key::new("limits.connections", Kind::Integer, "connections of clients at once"),
    Key::new("limits.handshake_rate", Kind::Number, "new connections a second and address"),
    Key::new("limits.handshake_burst", Kind::Integer, "new connections at once and address"),
    Key::new("limits.handshake_seconds", Kind::Integer, "time for a TLS handshake"),
    Key::new("limits.header_seconds", Kind::Integer, "time for the head of a request"),
    Key::new("limits.idle_seconds", Kind::Integer, "idle connections are closed after"),
    Key::new("limits.body_seconds", Kind::Integer, "time that every body gets"),
    Key::new("limits.body_slowest", Kind::Integer, "bytes a second that earn a body more time"),
    Key::new("limits.address_rate", Kind::Number, "requests a second and address"),
    Key::new("limits.address_burst", Kind::Integer, "requests at once and address"),
    Key::new("limits.mailbox_store_rate", Kind::Number, "unsigned stores a second and mailbox"),
    Key::new("limits.mailbox_store_burst", Kind::Integer, "unsigned stores at once and mailbox"),
    Key::new("limits.mailbox_retrieve_rate", Kind::Number, "retrieves a second and mailbox"),
    Key::new("limits.mailbox_retrieve_burst", Kind::Integer, "retrieves at once and mailbox"),
    Key::new("limits.peer_rate", Kind::Number, "onion requests a second and node"),
    Key::new("limits.peer_burst", Kind::Integer, "onion requests at once and node"),
    Key::new("limits.peer_bytes", Kind::Number, "bytes of onion requests a second and node"),
    Key::new("limits.answer_bytes", Kind::Integer, "bytes of direct answers in flight"),
    Key::new("limits.rpc_bytes", Kind::Integer, "largest body of a direct storage request"),
    Key::new("limits.onion_bytes", Kind::Integer, "bytes of onion requests in flight"),
    Key::new("limits.onion_requests", Kind::Integer, "onion requests in flight"),
    Key::new("limits.onion_per_hop", Kind::Integer, "onion requests in flight to one node"),
    Key::new("limits.replicate_seconds", Kind::Integer, "time that a member gets to confirm"),
];

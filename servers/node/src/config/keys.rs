//! The names of all settings, for `--help`, `init`, and for catching mistyped ones.

use tacit_edge::config::{Key, Kind, LEVELS};

/// Every key of the configuration.
pub const KEYS: &[Key] = &[
    Key::new("data_dir", Kind::Text, "folder of keys and database"),
    Key::new("listen", Kind::Address, "address for clients, 0.0.0.0:22021"),
    Key::new("peer_listen", Kind::Address, "address for other nodes, 0.0.0.0:22020"),
    Key::new("network", Kind::Text, "network profile with the list of nodes"),
    Key::new("public_ip", Kind::Text, "address under which others reach this node, if the network has registrars"),
    Key::new("public_port", Kind::Integer, "port for clients there, that of listen if not given").within(1.0, 65535.0),
    Key::new("public_peer_port", Kind::Integer, "port for other nodes there, that of peer_listen if not given")
        .within(1.0, 65535.0),
    Key::new("max_bytes", Kind::Integer, "bytes that the database may take, 16 GiB").within(1.0, 1e15),
    Key::new("exit", Kind::Choice(&["any", "list", "off"]), "servers reached for clients: any, list, off"),
    Key::new("exit_hosts", Kind::List, "with exit = \"list\": host names, *.example.org for all below"),
    Key::new("metrics.listen", Kind::Address, "address of /metrics; none if not given"),
    Key::new("metrics.allow_public", Kind::Flag, "whether that may be an address other machines reach"),
    Key::new("log.level", Kind::Choice(LEVELS), "error, warn, info, debug or trace"),
    Key::new("limits.connections", Kind::Integer, "connections of clients at once").within(1.0, 1e12),
    Key::new("limits.handshake_rate", Kind::Number, "new connections a second and address").within(0.001, 1e9),
    Key::new("limits.handshake_burst", Kind::Integer, "new connections at once and address").within(1.0, 1e12),
    Key::new("limits.handshake_seconds", Kind::Integer, "time for a TLS handshake").within(1.0, 3600.0),
    Key::new("limits.header_seconds", Kind::Integer, "time for the head of a request").within(1.0, 3600.0),
    Key::new("limits.idle_seconds", Kind::Integer, "idle connections are closed after").within(1.0, 3600.0),
    Key::new("limits.body_seconds", Kind::Integer, "time that every body gets").within(1.0, 3600.0),
    Key::new("limits.body_slowest", Kind::Integer, "bytes a second that earn a body more time").within(1.0, 1e12),
    Key::new("limits.address_rate", Kind::Number, "requests a second and address").within(0.001, 1e9),
    Key::new("limits.address_burst", Kind::Integer, "requests at once and address").within(1.0, 1e12),
    Key::new("limits.mailbox_store_rate", Kind::Number, "unsigned stores a second and mailbox").within(0.001, 1e9),
    Key::new("limits.mailbox_store_burst", Kind::Integer, "unsigned stores at once and mailbox").within(1.0, 1e12),
    Key::new("limits.mailbox_retrieve_rate", Kind::Number, "retrieves a second and mailbox").within(0.001, 1e9),
    Key::new("limits.mailbox_retrieve_burst", Kind::Integer, "retrieves at once and mailbox").within(1.0, 1e12),
    Key::new("limits.peer_rate", Kind::Number, "onion requests a second and node").within(0.001, 1e9),
    Key::new("limits.peer_burst", Kind::Integer, "onion requests at once and node").within(1.0, 1e12),
    Key::new("limits.peer_bytes", Kind::Number, "bytes of onion requests a second and node").within(1.0, 1e12),
    Key::new("limits.answer_bytes", Kind::Integer, "bytes of direct answers in flight").within(1.0, 1e12),
    Key::new("limits.rpc_bytes", Kind::Integer, "largest body of a direct storage request").within(1.0, 1e12),
    Key::new("limits.onion_bytes", Kind::Integer, "bytes of onion requests in flight").within(1.0, 1e12),
    Key::new("limits.onion_requests", Kind::Integer, "onion requests in flight").within(1.0, 1e12),
    Key::new("limits.onion_per_hop", Kind::Integer, "onion requests in flight to one node").within(1.0, 1e12),
    Key::new("limits.replicate_seconds", Kind::Integer, "time that a member gets to confirm").within(1.0, 3600.0),
];

//! The names of all settings, for `--help`, `init`, and for catching mistyped ones.

use tacit_edge::config::{Key, Kind, LEVELS};

/// Every key of the configuration.
pub const KEYS: &[Key] = &[
    Key::new("data_dir", Kind::Text, "folder of key, index and, with storage = \"disk\", bytes"),
    Key::new("listen", Kind::Address, "address for requests, plain HTTP, 0.0.0.0:80"),
    Key::new("metrics_listen", Kind::Address, "address of /metrics and /health; none if not given"),
    Key::new("storage", Kind::Choice(&["disk", "s3"]), "where bytes lie: disk, s3"),
    Key::new(
        "ids",
        Kind::Choice(&["content", "numeric"]),
        "names of new files: content (same bytes, same name), numeric",
    ),
    Key::new("server_number", Kind::Integer, "top bits of numeric names, different on each server"),
    Key::new("server_bits", Kind::Integer, "how many bits that are, 0"),
    Key::new("max_file_bytes", Kind::Integer, "largest file, 10000000"),
    Key::new("max_bytes", Kind::Integer, "all files together, 16 GiB; set it below what the disk has"),
    Key::new("ttl_seconds", Kind::Integer, "how long a file lives, 3 weeks; clients count on 2"),
    Key::new("max_ttl_seconds", Kind::Integer, "how long it lives at most if a client asks"),
    Key::new("full_ttl_seconds", Kind::Integer, "how long at most above 90 % of max_bytes, 3 days"),
    Key::new("versions", Kind::Text, "JSON file of what session_version answers"),
    Key::new("s3.endpoint", Kind::Text, "address of the service, if it is not Amazon's"),
    Key::new("s3.bucket", Kind::Text, "bucket"),
    Key::new("s3.region", Kind::Text, "region, us-east-1"),
    Key::new("s3.access_key", Kind::Text, "access key"),
    Key::new("s3.secret_key", Kind::Text, "secret key; better given in the environment"),
    Key::new("s3.allow_http", Kind::Flag, "whether the endpoint may be without TLS"),
    Key::new("log.level", Kind::Choice(LEVELS), "error, warn, info, debug or trace"),
    Key::new("limits.connections", Kind::Integer, "connections at once"),
    Key::new("limits.connection_rate", Kind::Number, "new connections a second and address"),
    Key::new("limits.connection_burst", Kind::Integer, "new connections at once and address"),
    Key::new("limits.header_seconds", Kind::Integer, "time for the head of a request"),
    Key::new("limits.idle_seconds", Kind::Integer, "idle connections are closed after"),
    Key::new("limits.body_seconds", Kind::Integer, "time that every body gets"),
    Key::new("limits.body_slowest", Kind::Integer, "bytes a second that earn a body more time"),
    Key::new("limits.onion_requests", Kind::Integer, "onion requests at once"),
    Key::new("limits.onion_bytes", Kind::Integer, "bytes of onion requests and answers in memory"),
    Key::new("limits.transfers", Kind::Integer, "files at once that come or go by plain HTTP"),
    Key::new("limits.upload_rate", Kind::Integer, "bytes a second that are taken from all together"),
    Key::new("limits.upload_burst", Kind::Integer, "bytes that are taken at once after a pause"),
];

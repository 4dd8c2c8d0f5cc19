//! The file server.

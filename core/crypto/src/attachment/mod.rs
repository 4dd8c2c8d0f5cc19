//! Encryption of files (protocol: messages 6.2, 6.3).
//!
//! Both forms work piece by piece in constant memory: encoders and decoders append to a buffer
//! of the caller's, who may empty it after every call. **What a decoder gave out is worth nothing
//! until its `finish` has succeeded:** write it to a place nobody reads, and discard it on error.

pub mod legacy;
pub mod stream;

/// The largest upload the file server takes, in bytes.
pub const MAX_UPLOAD: usize = 10_000_000;

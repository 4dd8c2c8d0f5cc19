//! Messages of the schema (`proto/session.proto`), with the rules of proto2 that the
//! generated parser does not keep (protocol: messages 3): [`decode`] refuses a message that
//! lacks a required field, replaces bad UTF-8, counts unknown enum values as absent and
//! passes over fields it does not know, also known numbers of another wire type.
//!
//! `Debug` of a message shows its type only, never what it holds.

mod rules;

#[allow(missing_docs, clippy::all, clippy::doc_markdown)]
mod generated {
    include!(concat!(env!("OUT_DIR"), "/session_protos.rs"));
}

pub use generated::*;
pub use prost::Message;
pub use rules::Rules;

use crate::Error;

/// Largest message from a swarm, in bytes.
pub const MAX_MESSAGE: usize = crate::rpc::MAX_DATA;

/// Reads a message of at most [`MAX_MESSAGE`] bytes.
///
/// # Errors
/// [`Error::TooLong`], or [`Error::Malformed`] when it is no such message or lacks a
/// required field.
pub fn decode<T: Message + Default + Rules>(bytes: &[u8]) -> Result<T, Error> {
    decode_bounded(bytes, MAX_MESSAGE)
}

/// As [`decode`], with another bound.
///
/// # Errors
/// As [`decode`].
pub fn decode_bounded<T: Message + Default + Rules>(bytes: &[u8], limit: usize) -> Result<T, Error> {
    if bytes.len() > limit {
        return Err(Error::too_long("message", limit));
    }
    let clean = rules::clean(bytes, T::INDEX).ok_or(Error::malformed("message"))?;
    T::decode(clean.as_slice()).map_err(|_| Error::malformed("message"))
}

#[cfg(test)]
mod tests;

//! The kinds of content, each in a file: how it is read from the wire, and what it does.

mod control;
mod reaction;
mod response;
mod unsend;
mod visible;

pub(super) use control::{parse_extraction, parse_typing};
pub(super) use reaction::{Reaction, parse_reaction};
pub(super) use response::{Profile, parse_profile};
pub(super) use unsend::parse_unsend;
pub(super) use visible::{Visible, parse_visible};

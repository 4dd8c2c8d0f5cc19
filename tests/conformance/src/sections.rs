//! One module per section of the vector files.

pub mod attachments;
mod case;
pub mod conversions;
pub mod identities;
pub mod ons;
pub mod phrases;
pub mod pictures;
pub mod sealed;

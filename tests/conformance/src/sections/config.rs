//! The sections of `config.json` (protocol: config 17).

pub mod formats;
pub mod groups;
mod json;
pub mod merging;
pub mod parts;
pub mod records;
pub mod scenarios;
pub mod subaccounts;

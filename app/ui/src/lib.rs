//! The look of Tacit: screens and their contract with the view-models, compiled from `ui/*.slint`.
//!
//! Everything here is generated. The contract is `ui/contract/`: one global for each screen, with properties that
//! Rust fills in and callbacks that Rust answers; nothing is decided on this side but scroll, focus and typing.

#[allow(missing_docs, unsafe_code, clippy::all)]
mod generated {
    slint::include_modules!();
}

pub use generated::*;

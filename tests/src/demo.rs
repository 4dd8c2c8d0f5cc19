//! The app shown to people: a story that tells itself, and a window with somebody to talk to.
//!
//! [`Hand`] works an app's window as a person does: it looks for what has a name, taps, types, and
//! waits until something can be seen.

mod companion;
mod hand;
mod pictures;
mod story;
mod texts;
mod window;

pub use hand::{Hand, pause, tell};
pub use pictures::picture;
pub use story::story;
pub use window::{wake_companions, window};

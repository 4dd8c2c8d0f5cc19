//! The app in a window, on a private network, with two people to talk to.

/// Opens it; returns when the window is closed.
pub fn window() {}

//! Every screen in every state that pictures and guard tests go through.
//!
//! Shared by `examples/gallery.rs` and `tests/*.rs`; not part of the library.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

mod account;
mod chat;
pub mod contents;
mod details;
mod home;
mod onboarding;
mod pictures;
mod preferences;
mod samples;
mod talk;

pub use contents::quote;
pub use pictures::*;
pub use samples::*;

use std::time::Duration;

use tacit_ui::{App, Screen, ShellState, Theme};

use i_slint_backend_testing::{AccessibleRole, ElementHandle, ElementQuery, mock_elapsed_time};
use slint::{
    ComponentHandle, LogicalPosition,
    platform::{PointerEventButton, WindowEvent},
};

/// A screen in one state: `NAME.STATE`.
pub struct Pose {
    pub name: &'static str,
    pub state: &'static str,
    pub apply: fn(&App),
    /// What is done once the rows stand where they belong.
    pub after: Option<fn(&App)>,
    /// Also at text scale 2 and mirrored.
    pub main: bool,
}

impl Pose {
    const fn new(name: &'static str, state: &'static str, apply: fn(&App)) -> Self {
        Self { name, state, apply, after: None, main: false }
    }

    const fn then(mut self, after: fn(&App)) -> Self {
        self.after = Some(after);
        self
    }

    const fn main(mut self) -> Self {
        self.main = true;
        self
    }
}

/// All poses, in the order of the screens.
pub fn all() -> Vec<Pose> {
    let mut poses = onboarding::poses();
    poses.extend(home::poses());
    poses.extend(account::poses());
    poses.extend(details::poses());
    poses.extend(preferences::poses());
    poses.extend(talk::poses());
    poses.extend(chat::poses());
    poses
}

/// Puts a fresh app into a pose. Give it its size before; afterwards a frame, then [`settle`] and another frame.
pub fn apply(app: &App, pose: &Pose) {
    app.global::<Theme>().set_reduce_motion(true);
    samples::fill(app);
    (pose.apply)(app);
}

/// The second half of a pose.
pub fn settle(app: &App, pose: &Pose) {
    if let Some(after) = pose.after {
        after(app);
    }
}

fn find(app: &App, role: AccessibleRole, part: &'static str) -> Option<ElementHandle> {
    ElementQuery::from_root(app)
        .match_descendants()
        .match_predicate(move |e| {
            e.accessible_role() == Some(role) && e.accessible_label().is_some_and(|l| l.contains(part))
        })
        .find_first()
}

fn middle(element: &ElementHandle) -> LogicalPosition {
    let (at, size) = (element.absolute_position(), element.size());
    LogicalPosition::new(at.x + size.width / 2., at.y + size.height / 2.)
}

/// A right click in the middle of the row whose label holds these words.
fn right_click(app: &App, part: &'static str) {
    let Some(row) = find(app, AccessibleRole::ListItem, part) else { return };
    let position = middle(&row);
    let window = app.window();
    window.dispatch_event(WindowEvent::PointerMoved { position });
    window.dispatch_event(WindowEvent::PointerPressed { position, button: PointerEventButton::Right });
    window.dispatch_event(WindowEvent::PointerReleased { position, button: PointerEventButton::Right });
}

/// A swipe over the row whose label holds these words, so many pixels to the right.
fn swipe(app: &App, part: &'static str, far: f32) {
    let Some(row) = find(app, AccessibleRole::ListItem, part) else { return };
    let from = middle(&row);
    let to = |share: f32| LogicalPosition::new(from.x + far * share, from.y);
    let window = app.window();
    window.dispatch_event(WindowEvent::PointerMoved { position: from });
    window.dispatch_event(WindowEvent::PointerPressed { position: from, button: PointerEventButton::Left });
    for step in 1..=8 {
        // A list waits a moment before it lets a press through.
        mock_elapsed_time(Duration::from_millis(30));
        window.dispatch_event(WindowEvent::PointerMoved { position: to(step as f32 / 8.) });
    }
    window.dispatch_event(WindowEvent::PointerReleased { position: to(1.), button: PointerEventButton::Left });
}

/// Does what a button with this name does.
fn press(app: &App, part: &'static str) {
    if let Some(button) = find(app, AccessibleRole::Button, part) {
        button.invoke_accessible_default_action();
    }
}

fn show(app: &App, screen: Screen) {
    app.global::<ShellState>().set_screen(screen);
}

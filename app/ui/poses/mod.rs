//! Every screen in every state that pictures and guard tests go through.
//!
//! Shared by `examples/gallery.rs` and `tests/*.rs`; not part of the library.
#![allow(dead_code, missing_docs, clippy::unwrap_used)]

mod account;
mod onboarding;
mod samples;
mod talk;

pub use samples::*;

use tacit_ui::{App, Screen, ShellState, Theme};

use i_slint_backend_testing::{AccessibleRole, ElementQuery};
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
    poses.extend(account::poses());
    poses.extend(talk::poses());
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

/// A right click in the middle of the row whose label holds these words.
fn right_click(app: &App, part: &'static str) {
    let row = ElementQuery::from_root(app)
        .match_descendants()
        .match_predicate(move |e| {
            e.accessible_role() == Some(AccessibleRole::ListItem)
                && e.accessible_label().is_some_and(|l| l.contains(part))
        })
        .find_first();
    let Some(row) = row else { return };
    let (at, size) = (row.absolute_position(), row.size());
    let position = LogicalPosition::new(at.x + size.width / 2., at.y + size.height / 2.);
    let window = app.window();
    window.dispatch_event(WindowEvent::PointerMoved { position });
    window.dispatch_event(WindowEvent::PointerPressed { position, button: PointerEventButton::Right });
    window.dispatch_event(WindowEvent::PointerReleased { position, button: PointerEventButton::Right });
}

fn show(app: &App, screen: Screen) {
    app.global::<ShellState>().set_screen(screen);
}

//! Guards over every screen in every state: controls have names and are large enough for a finger, none lies on another,
//! and nothing sticks out at the sides.
#![allow(clippy::unwrap_used)]

#[path = "../poses/mod.rs"]
mod poses;

use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};

use i_slint_backend_testing::{
    AccessibleRole as Role, ElementHandle, ElementQuery, TestingBackend, TestingBackendOptions, mock_elapsed_time,
};
use slint::{ComponentHandle, LogicalSize};
use tacit_ui::{App, DialogKind, SheetKind, ShellState, Theme};

struct Control {
    role: Role,
    label: String,
    x: f32,
    y: f32,
    width: f32,
    height: f32,
}

impl Control {
    fn of(element: &ElementHandle) -> Self {
        let (at, size) = (element.absolute_position(), element.size());
        Self {
            role: element.accessible_role().unwrap(),
            label: element.accessible_label().unwrap_or_default().to_string(),
            x: at.x,
            y: at.y,
            width: size.width,
            height: size.height,
        }
    }

    /// What of it lies within this: `None` if nothing.
    fn within(self, clip: (f32, f32, f32, f32)) -> Option<Self> {
        let (left, top) = (self.x.max(clip.0), self.y.max(clip.1));
        let (right, bottom) = ((self.x + self.width).min(clip.2), (self.y + self.height).min(clip.3));
        (right > left && bottom > top).then_some(Self {
            x: left,
            y: top,
            width: right - left,
            height: bottom - top,
            ..self
        })
    }

    fn overlaps(&self, other: &Self) -> bool {
        let inside = |a: f32, b: f32, c: f32, d: f32| (a + b).min(c + d) - a.max(c);
        inside(self.x, self.width, other.x, other.width) > 2. && inside(self.y, self.height, other.y, other.height) > 2.
    }

    fn place(&self) -> String {
        format!("“{}” at {:.0},{:.0}, {:.0} by {:.0}", self.label, self.x, self.y, self.width, self.height)
    }
}

fn found(query: ElementQuery) -> Vec<ElementHandle> {
    query
        .match_predicate(|e| {
            matches!(
                e.accessible_role(),
                Some(Role::Button | Role::Switch | Role::Tab | Role::TextInput | Role::ListItem | Role::Text)
            )
        })
        .find_all()
}

/// Every control once, as it is, and what can be seen of it: less than all where it is scrolled half away.
fn controls(app: &App) -> Vec<(Control, Control)> {
    let mut clips = BTreeMap::new();
    for flickable in ElementQuery::from_root(app).match_descendants().match_inherits("Flickable").find_all() {
        let (at, size) = (flickable.absolute_position(), flickable.size());
        for element in found(flickable.query_descendants()) {
            clips.insert(Control::of(&element).place(), (at.x, at.y, at.x + size.width, at.y + size.height));
        }
    }
    let mut seen = BTreeSet::new();
    found(ElementQuery::from_root(app).match_descendants())
        .iter()
        .filter_map(|element| {
            let whole = Control::of(element);
            let shown =
                Control::of(element).within(clips.get(&whole.place()).copied().unwrap_or((-9e9, -9e9, 9e9, 9e9)))?;
            // The same element can be found several times.
            seen.insert(format!("{:?} {}", whole.role, whole.place())).then_some((whole, shown))
        })
        .collect()
}

/// What a screen reader and a finger would complain about.
fn faults(app: &App, width: f32) -> Vec<String> {
    let controls = controls(app);
    let shell = app.global::<ShellState>();
    let covered =
        shell.get_sheet() != SheetKind::None || shell.get_dialog() != DialogKind::None || app.get_popup_open();
    let mut faults = vec![];
    for (control, shown) in &controls {
        if control.label.trim().is_empty() && control.role != Role::Text {
            faults.push(format!("{:?} without a name: {}", control.role, control.place()));
        }
        let pressed = matches!(control.role, Role::Button | Role::Switch);
        if pressed && (control.width < 43.9 || control.height < 43.9) {
            faults.push(format!("too small: {}", control.place()));
        }
        // Categories of emoji share one row, ten of them on 320 px.
        if control.role == Role::Tab && control.height < 43.9 {
            faults.push(format!("too low: {}", control.place()));
        }
        if shown.x < -1. || shown.x + shown.width > width + 1. {
            faults.push(format!("sticks out: {}", control.place()));
        }
    }
    if !covered {
        // The button over the list, and the ✕ on the corner of a thumbnail.
        let floating = |c: &Control| c.label.starts_with("Go to the newest") || c.label.starts_with("Remove ");
        let pressed: Vec<_> = controls
            .iter()
            .map(|(_, shown)| shown)
            .filter(|c| matches!(c.role, Role::Button | Role::Tab | Role::ListItem) && !floating(c))
            .collect();
        for (i, one) in pressed.iter().enumerate() {
            for other in &pressed[i + 1..] {
                let nested = one.role == Role::ListItem || other.role == Role::ListItem;
                if one.overlaps(other) && !(nested && one.role != other.role) {
                    faults.push(format!("{} lies on {}", one.place(), other.place()));
                }
            }
        }
    }
    faults
}

fn guard(size: (f32, f32), scale: f32, rtl: bool, only_main: bool) {
    slint::platform::set_platform(Box::new(TestingBackend::new(TestingBackendOptions {
        mock_time: true,
        threading: false,
        renderer_name: Some("software".into()),
    })))
    .unwrap();
    let mut wrong = vec![];
    for pose in poses::all().iter().filter(|pose| pose.main || !only_main) {
        let app = App::new().unwrap();
        app.show().unwrap();
        app.window().set_size(LogicalSize::new(size.0, size.1));
        app.global::<Theme>().set_text_scale(scale);
        app.global::<Theme>().set_rtl(rtl);
        poses::apply(&app, pose);
        mock_elapsed_time(Duration::from_millis(300));
        poses::settle(&app, pose);
        mock_elapsed_time(Duration::from_millis(300));
        let name = format!("{}.{}", pose.name, pose.state);
        wrong.extend(faults(&app, size.0).into_iter().map(|fault| format!("{name}: {fault}")));
        app.hide().unwrap();
    }
    assert!(wrong.is_empty(), "{} faults\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn every_screen_on_a_phone() {
    guard((390., 844.), 1., false, false);
}

#[test]
fn every_screen_on_the_smallest_phone() {
    guard((320., 568.), 1., false, false);
}

#[test]
fn every_screen_on_a_desktop() {
    guard((1280., 800.), 1., false, false);
}

#[test]
fn main_screens_in_the_largest_text() {
    guard((390., 844.), 2., false, true);
}

#[test]
fn main_screens_mirrored() {
    guard((390., 844.), 1., true, true);
}

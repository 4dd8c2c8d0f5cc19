//! Placeholder until previews land.
use super::Conversation;
use super::linked::{Place, place};
use tacit_client::Draft as Letter;
#[derive(Default)]
pub(super) struct Draft;
pub(super) struct Made;
impl Made {
    pub(super) fn add_to(self, _draft: &mut Letter) {}
}
pub(super) fn host(url: &str) -> String {
    match place(url) {
        Some(Place::Web { shown, .. }) => shown,
        _ => url.to_owned(),
    }
}
impl Conversation {
    pub(super) fn preview_edited(&self, _text: &str) {}
    pub(super) fn cancel_preview(&self) {}
    pub(super) fn forget_preview(&self) {}
    pub(super) fn show_preview(&self) {}
    pub(super) fn take_preview(&self, _text: &str) -> Option<Made> {
        None
    }
}

//! send-media: what will be sent, large, with a caption and a quality.

use std::rc::Rc;

use slint::ComponentHandle as _;
use tacit_ui::{App, ConversationState, Screen, SendMediaState};

use super::item::{Quality, State};
use super::{LARGE, LIMIT, Outgoing};
use crate::files::AMONG;
use crate::model::list;

impl Outgoing {
    pub(super) fn answer_screen(self: &Rc<Self>, window: &App) {
        let (state, part) = (window.global::<SendMediaState>(), self);
        state.set_size_limit(LIMIT.into());
        on!(state, part, on_shown, |this, _page| this.render());
        on!(state, part, on_caption_edited, |this, text| this.caption_edited(&text));
        on!(state, part, on_choose_original, |this, original| this.choose_original(original));
        on!(state, part, on_rotate, |this, page| this.rotate(usize::try_from(page).unwrap_or_default()));
        on!(state, part, on_remove, |this, page| this.remove_page(page));
        on!(state, part, on_add, |this| this.choose(true));
        on!(state, part, on_send, |this| this.send_from_screen());
    }

    /// Opens the screen at a file of the strip.
    pub(super) fn show_screen(&self, id: &str) {
        let at = self.items.borrow().iter().position(|item| item.key() == id).unwrap_or_default();
        let Some(window) = self.context.window() else { return };
        let (media, chat) = (window.global::<SendMediaState>(), window.global::<ConversationState>());
        media.set_caption(chat.get_draft());
        media.set_left(chat.get_left());
        media.set_index(i32::try_from(at).unwrap_or_default());
        self.context.go(Screen::SendMedia);
        self.render();
    }

    /// The caption is the text in the field.
    fn caption_edited(&self, text: &str) {
        let Some(window) = self.context.window() else { return };
        let chat = window.global::<ConversationState>();
        chat.set_draft(text.into());
        chat.invoke_draft_edited(text.into());
        window.global::<SendMediaState>().set_left(chat.get_left());
    }

    fn choose_original(&self, original: bool) {
        self.quality.set(if original { Quality::Original } else { Quality::Standard });
        self.prepare_all();
    }

    fn remove_page(&self, page: i32) {
        let at = usize::try_from(page).ok();
        let key = at.and_then(|at| self.items.borrow().get(at).map(super::Item::key));
        if let Some(key) = key {
            self.remove(&key);
        }
    }

    fn send_from_screen(&self) {
        let Some(window) = self.context.window() else { return };
        let caption = window.global::<SendMediaState>().get_caption();
        self.context.back();
        window.global::<ConversationState>().invoke_send(caption);
    }

    pub(super) fn render_screen(&self, state: &SendMediaState<'_>) {
        let at = usize::try_from(state.get_index()).unwrap_or_default();
        let quality = self.quality.get();
        let (files, items) = (self.context.files(), self.items.borrow());
        // Only what is near is large.
        let side = |n: usize| if n.abs_diff(at) <= 1 { LARGE } else { AMONG };
        let pages: Vec<_> = items.iter().enumerate().map(|(n, item)| item.row(quality, side(n), &files)).collect();
        let busy = items.iter().any(|item| matches!(item.state(quality), State::Busy | State::Untouched));
        let can_reduce = items.iter().any(super::Item::is_picture);
        drop(items);
        state.set_pages(list(pages));
        state.set_original(quality == Quality::Original);
        state.set_can_reduce(can_reduce);
        state.set_busy(busy);
        state.set_too_large(self.is_too_large());
        state.set_size_standard(self.known_total(Quality::Standard).into());
        state.set_size_original(self.known_total(Quality::Original).into());
    }

    /// Empty until all are ready in that quality.
    fn known_total(&self, quality: Quality) -> String {
        let all = self.items.borrow().iter().all(|item| item.ready(quality).is_some());
        if all { self.total(quality) } else { String::new() }
    }
}

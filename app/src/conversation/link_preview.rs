//! The preview of the first link of what is being typed. Made only where that was turned on.

use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::{ComponentHandle as _, Timer, TimerMode};
use tacit_client::{ConversationId, LinkPreview as Made, display_host};
use tacit_ui::{ComposeState, LinkPreview};

use super::Conversation;
use super::linked::first_link;
use crate::context::go;
use crate::files::AMONG;

/// A link is followed so long after the last key.
const REST: Duration = Duration::from_millis(700);

/// What the field has of previews.
#[derive(Default)]
pub(super) struct Draft {
    /// The link that was looked at, or refused.
    link: Option<String>,
    made: Option<Made>,
    resting: Timer,
}

/// The site, in letters that cannot deceive.
pub(super) fn host(url: &str) -> String {
    display_host(url).unwrap_or_else(|| url.to_owned())
}

impl Conversation {
    /// The text has changed: its first link may be another one.
    pub(super) fn preview_edited(&self, text: &str) {
        let Some(account) = self.context.account().filter(|account| account.client.settings().borrow().link_previews)
        else {
            return;
        };
        let link = first_link(text).map(str::to_owned);
        if self.preview.borrow().link == link {
            return;
        }
        self.forget_preview();
        self.preview.borrow_mut().link.clone_from(&link);
        let (Some(link), Some(id)) = (link, self.open_id()) else { return };
        let me = Weak::clone(&self.me);
        self.preview.borrow().resting.start(TimerMode::SingleShot, REST, move || {
            if let Some(this) = me.upgrade() {
                this.make_preview(account.clone(), id, link.clone());
            }
        });
    }

    fn make_preview(&self, account: crate::account::Account, id: ConversationId, link: String) {
        self.set_preview_loading(true);
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let text = link.clone();
            let made = context.bridge.call(async move { account.client.make_preview(&text).await }).await;
            let Some(this) = me.upgrade().filter(|this| this.open_id() == Some(id)) else { return };
            if this.preview.borrow().link.as_ref() != Some(&link) {
                return;
            }
            this.set_preview_loading(false);
            // Without one the link goes as it is.
            this.preview.borrow_mut().made = made.ok().flatten();
            this.show_preview();
        });
    }

    fn set_preview_loading(&self, loading: bool) {
        self.context.with(|window| window.global::<ComposeState>().set_preview_loading(loading));
    }

    /// Not for this link.
    pub(super) fn cancel_preview(&self) {
        self.preview.borrow().resting.stop();
        self.preview.borrow_mut().made = None;
        self.set_preview_loading(false);
        self.show_preview();
    }

    /// Another text begins.
    pub(super) fn forget_preview(&self) {
        self.cancel_preview();
        self.preview.borrow_mut().link = None;
    }

    /// What goes with a text, if its link still stands there.
    pub(super) fn take_preview(&self, text: &str) -> Option<Made> {
        let made = self.preview.borrow_mut().made.take().filter(|made| text.contains(&made.preview.url));
        self.forget_preview();
        made
    }

    pub(super) fn show_preview(&self) {
        let preview = self.preview.borrow();
        let made = preview.made.as_ref();
        let picture =
            made.and_then(|made| made.picture.as_ref()).and_then(|file| self.context.picture(file.file, AMONG));
        let shown = made.map(|made| LinkPreview {
            url: made.preview.url.as_str().into(),
            title: made.preview.title.as_str().into(),
            host: host(&made.preview.url).into(),
            has_picture: picture.is_some(),
            picture: picture.unwrap_or_default(),
        });
        self.context.with(|window| {
            let state = window.global::<ComposeState>();
            state.set_has_preview(shown.is_some());
            state.set_preview(shown.unwrap_or_default());
        });
    }
}

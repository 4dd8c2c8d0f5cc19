//! Files that go with the next message: the strip over the field, and the full look at them.

mod item;
mod preparing;
mod screen;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use slint::ComponentHandle as _;
use tacit_client::{ConversationId, Error, OutgoingFile, Source};
use tacit_ui::{App, Attachment, ComposeState, Screen, SendMediaState, ToastKind};
use tokio::sync::watch;

use crate::context::{Context, go};
use crate::files::{ALONE, AMONG};
use crate::part::Part;
use crate::platform::{Clip, PlatformError};
use item::{Item, Quality, State};

/// Files in one message.
const MOST: usize = 32;
/// What a file may have at most, for people.
const LIMIT: &str = "10 MB";
/// Longer side of what fills the window, in pixels.
const LARGE: u32 = 1_600;

/// The strip; the composer and the screen share it.
pub(crate) struct Outgoing {
    me: Weak<Self>,
    context: Rc<Context>,
    items: RefCell<Vec<Item>>,
    quality: Cell<Quality>,
    serial: Cell<u64>,
    /// Changes whenever something became ready.
    ready: watch::Sender<u64>,
    /// For whom they are.
    conversation: Cell<Option<ConversationId>>,
}

impl Outgoing {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            items: RefCell::default(),
            quality: Cell::default(),
            serial: Cell::default(),
            ready: watch::Sender::new(0),
            conversation: Cell::default(),
        });
        let state = window.global::<ComposeState>();
        state.set_size_limit(LIMIT.into());
        on!(state, part, on_remove_outgoing, |this, id| this.remove(&id));
        on!(state, part, on_show_outgoing, |this, id| this.show_screen(&id));
        on!(state, part, on_attach_photos, |this| this.choose(true));
        on!(state, part, on_attach_file, |this| this.choose(false));
        on!(state, part, on_paste, |this| this.paste());
        on!(state, part, on_can_drop, |_this, data| data.has_file_paths());
        on!(state, part, on_drop, |this, data| this.drop_files(&data));
        part.answer_screen(window);
        part
    }

    /// Lets files be chosen, and takes them in.
    fn choose(&self, pictures: bool) {
        let chosen = self.context.platform.choose_files(pictures);
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            match (chosen.await, me.upgrade()) {
                (Ok(paths), Some(this)) => {
                    let sources = paths.into_iter().map(Source::Path);
                    this.add(sources.map(|source| (source, pictures)).collect());
                }
                (Err(PlatformError::Missing(_)), _) => context.toast(ToastKind::CannotOpenFiles),
                (Err(error), _) => context.refuse(&error),
                (Ok(_), None) => {}
            }
        });
    }

    /// Files or a picture from the clipboard; false when there are none.
    fn paste(&self) -> bool {
        match self.context.platform.clipboard_files() {
            Some(Clip::Files(paths)) => {
                self.add(paths.into_iter().map(|path| (Source::Path(path), true)).collect());
                true
            }
            Some(Clip::Picture { width, height, rgba }) => {
                let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
                go(async move {
                    let encoded = context.bridge.call(preparing::encoded(width, height, rgba)).await;
                    match (encoded, me.upgrade()) {
                        (Ok(source), Some(this)) => this.add(vec![(source, true)]),
                        (Err(error), _) => context.report(&error),
                        (Ok(_), None) => {}
                    }
                });
                true
            }
            None => false,
        }
    }

    fn drop_files(&self, data: &slint::DataTransfer) {
        let paths = data.file_paths().map(|paths| paths.map(Into::into).collect::<Vec<_>>()).unwrap_or_default();
        self.add(paths.into_iter().map(|path| (Source::Path(path), true)).collect());
    }

    /// Takes files in: as pictures where they are some and `true` stands with them.
    pub(crate) fn add(&self, sources: Vec<(Source, bool)>) {
        if self.conversation.get().is_none() {
            return;
        }
        let room = MOST.saturating_sub(self.items.borrow().len());
        if sources.len() > room {
            self.context.report(&Error::TooManyFiles);
        }
        for (source, as_picture) in sources.into_iter().take(room) {
            let id = self.serial.get();
            self.serial.set(id + 1);
            self.items.borrow_mut().push(Item::new(id, source, as_picture));
            self.prepare(id);
        }
        self.render();
    }

    fn remove(&self, id: &str) {
        self.items.borrow_mut().retain(|item| item.key() != id);
        self.render();
        if self.items.borrow().is_empty() && self.context.at() == Screen::SendMedia {
            self.context.back();
        }
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.items.borrow().is_empty()
    }

    /// All of them are there as they will be sent, and none is too large.
    fn all_ready(&self) -> Option<Vec<OutgoingFile>> {
        let quality = self.quality.get();
        self.items.borrow().iter().map(|item| item.ready(quality).map(|ready| ready.file.clone())).collect()
    }

    /// Waits until all can be sent; `None` when one of them cannot.
    pub(crate) async fn take(&self) -> Option<Vec<OutgoingFile>> {
        let mut ready = self.ready.subscribe();
        loop {
            if let Some(files) = self.all_ready() {
                return Some(files);
            }
            if self.is_too_large() || ready.changed().await.is_err() {
                return None;
            }
        }
    }

    /// They are on their way.
    pub(crate) fn clear(&self) {
        self.items.borrow_mut().clear();
        self.quality.set(Quality::Standard);
        self.render();
    }

    fn is_too_large(&self) -> bool {
        self.items.borrow().iter().any(|item| item.is_too_large(self.quality.get()))
    }

    /// The files as rows; pictures at most `side` pixels long.
    pub(crate) fn rows(&self, side: u32) -> Vec<Attachment> {
        let files = self.context.files();
        self.items.borrow().iter().map(|item| item.row(self.quality.get(), side, &files)).collect()
    }

    /// Fills strip and screen.
    fn render(&self) {
        let Some(window) = self.context.window() else { return };
        let (compose, media) = (window.global::<ComposeState>(), window.global::<SendMediaState>());
        compose.set_outgoing(crate::model::list(self.rows(AMONG)));
        compose.set_outgoing_size(self.total(self.quality.get()).into());
        compose.set_outgoing_too_large(self.is_too_large());
        if self.context.at() == Screen::SendMedia {
            self.render_screen(&media);
        }
    }

    /// Bytes of all that are ready.
    fn total(&self, quality: Quality) -> String {
        let items = self.items.borrow();
        let known = items.iter().filter_map(|item| item.bytes(quality));
        crate::size::bytes(known.sum())
    }

    /// A pending message's pictures and files.
    pub(crate) fn pending_rows(&self) -> Vec<Attachment> {
        let alone = self.items.borrow().len() == 1;
        self.rows(if alone { ALONE } else { AMONG })
    }

    fn set_state(&self, id: u64, quality: Quality, state: State) {
        if let Some(item) = self.items.borrow_mut().iter_mut().find(|item| item.id == id) {
            item.set(quality, state);
        }
        self.ready.send_modify(|count| *count += 1);
        self.render();
    }
}

impl Part for Outgoing {
    fn account_closing(&self) {
        self.conversation.set(None);
        self.clear();
    }

    /// What was chosen is for one conversation only.
    fn conversation_shown(&self, id: Option<ConversationId>) {
        if self.conversation.replace(id) != id {
            self.clear();
        }
    }

    fn pictures_ready(&self) {
        if !self.is_empty() {
            self.render();
        }
    }
}

//! media: everything that a conversation holds, by kind and month.

mod rows;

use std::cell::{Cell, RefCell};
use std::collections::BTreeSet;
use std::rc::{Rc, Weak};

use slint::ComponentHandle as _;
use tacit_client::{Client, ConversationId, Error, Event, MediaItem, MediaKind, Message, MessageId};
use tacit_ui::{App, ConversationState, ListPhase, MediaRow, MediaState, MediaTab, Screen, Texts};
use tokio::sync::broadcast::error::RecvError;

use crate::account::Account;
use crate::context::{Context, Task, go};
use crate::files::{is_visual, kind};
use crate::model::{Row, Rows};
use crate::part::Part;
use rows::Look;

/// Items of one page.
const PAGE: u32 = 60;

impl Row for MediaRow {
    fn key(&self) -> &str {
        &self.id
    }
}

/// The screen.
pub(crate) struct Media {
    me: Weak<Self>,
    context: Rc<Context>,
    rows: Rows<MediaRow>,
    conversation: Cell<Option<ConversationId>>,
    tab: Cell<MediaTab>,
    items: RefCell<Vec<MediaItem>>,
    at_end: Cell<bool>,
    loading: Cell<bool>,
    /// Keys of what is selected.
    chosen: RefCell<BTreeSet<String>>,
    names: RefCell<Option<crate::conversation::names::Names>>,
    listening: RefCell<Option<Task>>,
}

/// A tab's items in the client's words.
fn kind_of(tab: MediaTab) -> MediaKind {
    match tab {
        MediaTab::Media => MediaKind::Media,
        MediaTab::Files => MediaKind::Files,
        MediaTab::Links => MediaKind::Links,
        MediaTab::Voice => MediaKind::Voice,
    }
}

impl Media {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            rows: Rows::default(),
            conversation: Cell::default(),
            tab: Cell::default(),
            items: RefCell::default(),
            at_end: Cell::default(),
            loading: Cell::default(),
            chosen: RefCell::default(),
            names: RefCell::default(),
            listening: RefCell::default(),
        });
        let state = window.global::<MediaState>();
        state.set_rows(part.rows.shared());
        on!(state, part, on_choose_tab, |this, tab| this.choose_tab(tab));
        on!(state, part, on_columns_changed, |this, _columns| this.render());
        on!(state, part, on_near_end, |this| this.more());
        on!(state, part, on_open, |this, id| this.open_item(&id));
        on!(state, part, on_select, |this, id| this.select(&id));
        on!(state, part, on_end_selection, |this| this.end_selection());
        on!(state, part, on_show_in_chat, |this, id| this.show_in_chat(&id));
        on!(state, part, on_save, |this| this.with_chosen(|this, messages| this.context.save_files(messages)));
        on!(state, part, on_forward, |this| this.with_chosen(Self::forward_all));
        on!(state, part, on_delete, |this| this.with_chosen(Self::delete_all));
        on!(state, part, on_try_again, |this| this.reread());
        part
    }

    fn open(&self, conversation: ConversationId) {
        self.forget();
        self.conversation.set(Some(conversation));
        self.choose_tab(MediaTab::Media);
        self.context.go(Screen::Media);
    }

    fn choose_tab(&self, tab: MediaTab) {
        self.tab.set(tab);
        self.end_selection();
        self.context.with(|window| {
            let state = window.global::<MediaState>();
            state.set_tab(tab);
            state.set_total("".into());
            state.set_phase(ListPhase::Waiting);
        });
        self.items.borrow_mut().clear();
        self.rows.replace(Vec::new());
        self.reread();
    }

    /// Reads again as much as was read.
    fn reread(&self) {
        let count = u32::try_from(self.items.borrow().len()).unwrap_or(PAGE).max(PAGE);
        self.read(count, true);
    }

    fn more(&self) {
        if !self.at_end.get() && !self.loading.get() {
            self.read(PAGE, false);
        }
    }

    fn read(&self, count: u32, anew: bool) {
        let Some(conversation) = self.conversation.get() else { return };
        let tab = self.tab.get();
        let before = if anew { None } else { self.items.borrow().last().map(|item| item.place) };
        self.loading.set(true);
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let reading = context.call(move |account| async move {
                let page = account.client.gallery(conversation, kind_of(tab), before, count).await?;
                let total = total(&account.client, conversation, kind_of(tab)).await?;
                Ok((page, total, rows::names(&account.client, conversation).await?))
            });
            let read = reading.await;
            let Some(this) = me.upgrade() else { return };
            if this.conversation.get() != Some(conversation) || this.tab.get() != tab {
                return;
            }
            this.loading.set(false);
            match read {
                Ok((page, (files, bytes), names)) => {
                    this.at_end.set(page.len() < count as usize);
                    *this.names.borrow_mut() = Some(names);
                    if anew {
                        this.items.borrow_mut().clear();
                    }
                    this.items.borrow_mut().extend(page);
                    this.show_total(files, bytes);
                    this.set_phase(ListPhase::Ready);
                    this.render();
                }
                Err(error) => {
                    tracing::warn!(code = error.code(), "media cannot be read");
                    this.set_phase(ListPhase::Failed);
                }
            }
        });
    }

    fn set_phase(&self, phase: ListPhase) {
        self.context.with(|window| window.global::<MediaState>().set_phase(phase));
    }

    /// What is on this device.
    fn show_total(&self, files: u64, bytes: u64) {
        self.context.with(|window| {
            let (state, texts) = (window.global::<MediaState>(), window.global::<Texts>());
            let count = i32::try_from(files).unwrap_or(i32::MAX);
            let line = texts.invoke_items(count, crate::size::bytes(bytes).into());
            state.set_total(if files == 0 { "".into() } else { line });
        });
    }

    fn render(&self) {
        let Some(window) = self.context.window() else { return };
        let (state, texts) = (window.global::<MediaState>(), window.global::<Texts>());
        let columns = usize::try_from(state.get_columns()).unwrap_or(1).max(1);
        let (items, chosen, names) = (self.items.borrow(), self.chosen.borrow(), self.names.borrow());
        let Some(names) = names.as_ref() else { return };
        let look =
            Look { columns, chosen: &chosen, names, files: &self.context.files(), now: jiff::ZonedDateTime::now() };
        self.rows.become_rows(rows::build(&items, &look, &texts));
        state.set_selecting(!chosen.is_empty());
        state.set_selected(i32::try_from(chosen.len()).unwrap_or(i32::MAX));
    }

    fn item(&self, key: &str) -> Option<MediaItem> {
        self.items.borrow().iter().find(|item| rows::item_key(item) == key).cloned()
    }

    fn open_item(&self, key: &str) {
        let Some(item) = self.item(key) else { return };
        let Some(file) = &item.attachment else {
            let link = item.links.first().cloned().unwrap_or_default();
            return self.context.with(|window| window.global::<ConversationState>().invoke_open_link(link.into()));
        };
        if is_visual(kind(&file.content_type, &file.file_name)) {
            if let Some(conversation) = self.conversation.get() {
                self.context.tell(|part| part.view_media(conversation, file.id));
            }
        } else if file.file.is_some() {
            self.context.open_file(file);
        } else {
            let id = file.id;
            self.context.run(None, move |account| async move { account.client.download(id).await });
        }
    }

    fn select(&self, key: &str) {
        {
            let mut chosen = self.chosen.borrow_mut();
            if !chosen.remove(key) {
                chosen.insert(key.to_owned());
            }
        }
        self.render();
    }

    fn end_selection(&self) {
        self.chosen.borrow_mut().clear();
        self.render();
        self.context.with(|window| {
            let state = window.global::<MediaState>();
            state.set_selecting(false);
            state.set_selected(0);
        });
    }

    fn show_in_chat(&self, key: &str) {
        if let (Some(item), Some(conversation)) = (self.item(key), self.conversation.get()) {
            self.context.tell(|part| part.open_message(conversation, item.place.message));
        }
    }

    /// Does something with the messages of what is selected, each with the selected files only.
    fn with_chosen(&self, then: impl FnOnce(&Self, &[Message]) + 'static) {
        let items: Vec<MediaItem> = self.chosen.borrow().iter().filter_map(|key| self.item(key)).collect();
        let files: BTreeSet<_> = items.iter().filter_map(|item| item.attachment.as_ref().map(|file| file.id)).collect();
        let ids: BTreeSet<MessageId> = items.iter().map(|item| item.place.message).collect();
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let reading = context.call(move |account| messages(account.client, ids.into_iter().collect()));
            match (reading.await, me.upgrade()) {
                (Ok(mut messages), Some(this)) => {
                    for message in &mut messages {
                        message.attachments.retain(|file| files.contains(&file.id));
                    }
                    this.end_selection();
                    then(&this, &messages);
                }
                (Err(error), _) => context.report(&error),
                (Ok(_), None) => {}
            }
        });
    }

    fn forward_all(&self, messages: &[Message]) {
        let Some(window) = self.context.window() else { return };
        let count = i32::try_from(messages.iter().map(|message| message.attachments.len().max(1)).sum::<usize>());
        let what = window.global::<Texts>().invoke_files(count.unwrap_or(i32::MAX));
        let ids: Vec<MessageId> = messages.iter().map(|message| message.id).collect();
        self.context.tell(|part| part.forward(&ids, &what));
    }

    fn delete_all(&self, messages: &[Message]) {
        self.context.tell(|part| part.delete_messages(messages));
    }

    fn forget(&self) {
        self.conversation.set(None);
        self.items.borrow_mut().clear();
        self.chosen.borrow_mut().clear();
        self.names.borrow_mut().take();
        self.rows.replace(Vec::new());
    }
}

async fn messages(client: Client, ids: Vec<MessageId>) -> Result<Vec<Message>, Error> {
    let mut messages = Vec::with_capacity(ids.len());
    for id in ids {
        messages.push(client.message(id).await?);
    }
    Ok(messages)
}

/// Files of a kind that are on this device, and their bytes.
async fn total(client: &Client, conversation: ConversationId, kind: MediaKind) -> Result<(u64, u64), Error> {
    let all = client.storage_use().await?;
    let of = all.iter().filter(|part| part.conversation == Some(conversation) && part.kind == kind);
    Ok(of.fold((0, 0), |(files, bytes), part| (files + part.files, bytes + part.bytes)))
}

impl Part for Media {
    fn account_opened(&self, account: &Account) {
        let (me, mut events) = (Weak::clone(&self.me), account.client.events());
        *self.listening.borrow_mut() = Some(Task::run(async move {
            loop {
                let event = events.recv().await;
                let Some(this) = me.upgrade() else { return };
                match event {
                    Ok(Event::Messages { conversation }) if this.conversation.get() == Some(conversation) => {
                        this.reread();
                    }
                    Ok(Event::Transfer { .. }) if this.conversation.get().is_some() => this.render(),
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        }));
    }

    fn account_closing(&self) {
        self.listening.borrow_mut().take();
        self.forget();
    }

    fn left(&self, from: Screen) {
        if from == Screen::Media && self.context.at() != Screen::MediaViewer {
            self.forget();
        }
    }

    fn pictures_ready(&self) {
        if self.conversation.get().is_some() {
            self.render();
        }
    }

    fn open_media(&self, id: ConversationId) {
        self.open(id);
    }
}

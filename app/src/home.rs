//! home and requests: the chat list, live.

pub(crate) mod rows;

use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::{ComponentHandle as _, Timer, TimerMode};
use tacit_client::view::{Watched, apply};
use tacit_client::{ConversationId, Error, Folder, ListRow};
use tacit_ui::{
    App, ChatItem, ConversationState, DialogKind, HomeState, ListPhase, Screen, SearchState, SettingsState, SheetKind,
    ToastKind,
};

use crate::account::Account;
use crate::context::{Context, Task};
use crate::model::{Row, Rows};
use crate::part::Part;
use crate::person;

/// Times like “Yesterday” grow old.
const AGEING: Duration = Duration::from_secs(60);
const FOLDERS: [Folder; 2] = [Folder::Inbox, Folder::Requests];

impl Row for ChatItem {
    fn key(&self) -> &str {
        &self.id
    }
}

/// Both lists.
pub(crate) struct Home {
    me: Weak<Self>,
    context: Rc<Context>,
    shown: [Rows<ChatItem>; 2],
    /// Chats whose name or last message holds what is searched.
    found: Rows<ChatItem>,
    /// As the database has them.
    known: RefCell<[Vec<ListRow>; 2]>,
    watching: RefCell<Vec<Task>>,
    ageing: Timer,
}

impl Home {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            shown: Default::default(),
            found: Rows::default(),
            known: RefCell::default(),
            watching: RefCell::default(),
            ageing: Timer::default(),
        });
        let state = window.global::<HomeState>();
        state.set_chats(part.shown[0].shared());
        state.set_requests(part.shown[1].shared());
        window.global::<SearchState>().set_people(part.found.shared());
        state.set_phase(ListPhase::Waiting);
        on!(state, part, on_open, |this, id| this.open(&id));
        on!(state, part, on_compose, |this| this.context.open_sheet(SheetKind::NewMessage));
        on!(state, part, on_open_settings, |this| this.context.go(Screen::Settings));
        on!(state, part, on_open_qr, |this| this.context.go(Screen::Qr));
        on!(state, part, on_open_requests, |this| this.context.go(Screen::Requests));
        on!(state, part, on_search_edited, |this, _words| this.refresh());
        on!(state, part, on_try_again, |this| this.watch());
        on!(state, part, on_mark_read, |this, id| this.mark_read(&id));
        on!(state, part, on_delete, |this, id| this.delete(&id));
        on!(state, part, on_block, |this, id| this.block(&id));
        on!(state, part, on_copy_id, |this, id| this.copy_id(&id));
        on!(state, part, on_step, |this, by| this.step(by));
        let this = Weak::clone(&part.me);
        part.ageing.start(TimerMode::Repeated, AGEING, move || {
            if let Some(this) = this.upgrade() {
                this.refresh();
            }
        });
        part
    }

    /// Begins to watch both folders.
    fn watch(&self) {
        let tasks = [0, 1].map(|folder| {
            let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
            Task::run(async move {
                let watching = context
                    .call(move |account| async move { account.client.watch_conversations(FOLDERS[folder]).await });
                match watching.await {
                    Ok(watched) => follow(&me, folder, watched).await,
                    Err(Error::Closed) => {}
                    Err(error) => {
                        tracing::error!(code = error.code(), "the chats cannot be read");
                        context.with(|window| window.global::<HomeState>().set_phase(ListPhase::Failed));
                    }
                }
            })
        });
        *self.watching.borrow_mut() = tasks.into();
    }

    /// Shows what is known.
    fn refresh(&self) {
        let Some(window) = self.context.window() else { return };
        let (state, now) = (window.global::<HomeState>(), jiff::ZonedDateTime::now());
        let texts = window.global::<tacit_ui::Texts>();
        let open = window.global::<ConversationState>().get_id();
        for (folder, rows) in self.known.borrow().iter().enumerate() {
            let items = rows.iter().map(|row| rows::item(row, &open, &now, &texts));
            self.shown[folder].become_rows(items.collect());
        }
        let search = state.get_search();
        let found = self.known.borrow()[0]
            .iter()
            .filter(|row| !search.is_empty() && rows::matches(row, &search))
            .map(|row| rows::item(row, &open, &now, &texts))
            .collect();
        self.found.become_rows(found);
        let requests = self.known.borrow()[1].len();
        window.global::<SettingsState>().set_requests(i32::try_from(requests).unwrap_or(i32::MAX));
    }

    fn row(&self, id: &str) -> Option<ListRow> {
        self.known.borrow().iter().flatten().find(|row| row.conversation.id.0.to_string() == id).cloned()
    }

    fn open(&self, id: &str) {
        if let Some(row) = self.row(id) {
            self.context.tell(|part| part.open_conversation(row.conversation.id));
        }
    }

    fn mark_read(&self, id: &str) {
        if let Some(ListRow { conversation, .. }) = self.row(id) {
            self.context.run(None, move |account| async move { account.client.mark_read(conversation.id, None).await });
        }
    }

    fn delete(&self, id: &str) {
        let (Some(row), Some(this)) = (self.row(id), self.me.upgrade()) else { return };
        let conversation = row.conversation.id;
        self.context.ask(DialogKind::DeleteConversation, &rows::name(&row), move || {
            this.context.run(Some(ToastKind::Deleted), move |account| async move {
                account.client.delete_conversation(conversation).await
            });
        });
    }

    fn block(&self, id: &str) {
        let (Some(row), Some(this)) = (self.row(id), self.me.upgrade()) else { return };
        let Some(who) = row.conversation.peer.account() else { return };
        let blocked = !row.blocked;
        let act = move || {
            let toast = if blocked { ToastKind::Blocked } else { ToastKind::Unblocked };
            this.context
                .run(Some(toast), move |account| async move { account.client.set_blocked(&who, blocked).await });
        };
        if blocked { self.context.ask(DialogKind::BlockPerson, &rows::name(&row), act) } else { act() }
    }

    fn copy_id(&self, id: &str) {
        if let Some(who) = self.row(id).and_then(|row| row.conversation.peer.account()) {
            self.context.copy(&who.to_hex(), ToastKind::IdCopied);
        }
    }

    /// Opens the chat above or below the one that is open.
    fn step(&self, by: i32) {
        let rows = self.shown[0].to_vec();
        let open = self.context.window().map(|window| window.global::<ConversationState>().get_id());
        let at = rows.iter().position(|row| Some(&row.id) == open.as_ref());
        let next = match (at, by > 0) {
            (None, _) => Some(0),
            (Some(at), true) => Some(at + 1),
            (Some(at), false) => at.checked_sub(1),
        };
        if let Some(row) = next.and_then(|at| rows.get(at)) {
            self.open(&row.id);
        }
    }

    fn show_own(&self, account: &Account) {
        self.context.with(|window| {
            let (state, name) = (window.global::<HomeState>(), account.client.display_name());
            state.set_own_initials(person::initials(&name, Some(&account.id)).into());
            state.set_own_tone(person::tone(&account.id));
        });
    }
}

/// Keeps one list as the database has it.
async fn follow(me: &Weak<Home>, folder: usize, mut watched: Watched<ListRow>) {
    let Some(this) = me.upgrade() else { return };
    this.known.borrow_mut()[folder] = std::mem::take(&mut watched.snapshot);
    this.refresh();
    if folder == 0 {
        this.context.with(|window| window.global::<HomeState>().set_phase(ListPhase::Ready));
    }
    drop(this);
    while let Some(steps) = watched.changes.recv().await {
        let Some(this) = me.upgrade() else { return };
        apply(&mut this.known.borrow_mut()[folder], steps);
        this.refresh();
    }
}

impl Part for Home {
    fn account_opened(&self, account: &Account) {
        self.show_own(account);
        self.watch();
    }

    fn profile_changed(&self, account: &Account) {
        self.show_own(account);
    }

    fn account_closing(&self) {
        self.watching.borrow_mut().clear();
        *self.known.borrow_mut() = Default::default();
        self.refresh();
        self.context.with(|window| window.global::<HomeState>().set_phase(ListPhase::Waiting));
    }

    fn arrived(&self, at: Screen) {
        if matches!(at, Screen::Home | Screen::Conversation) {
            // A draft is shown unless it is being typed.
            self.refresh();
        }
    }
}

/// A conversation's identity on the screen.
pub(crate) fn key(id: ConversationId) -> slint::SharedString {
    slint::format!("{}", id.0)
}

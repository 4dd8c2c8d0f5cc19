//! home, archive and requests: the lists of chats, live.

mod actions;
pub(crate) mod rows;
mod selection;

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::{ComponentHandle as _, Timer, TimerMode};
use tacit_client::view::{Watched, apply};
use tacit_client::{ConversationId, Error, Event, Folder, ListRow};
use tacit_ui::{App, ChatItem, ConversationState, HomeState, ListPhase, Screen, SettingsState};
use tacit_wire::AccountId;
use tokio::sync::broadcast::error::RecvError;

pub(crate) use actions::{device_now, is_forever, mute_until};

use crate::account::Account;
use crate::context::{Context, Task, go};
use crate::model::{Row, Rows};
use crate::part::Part;
use crate::person;

/// Times like “Yesterday” grow old.
const AGEING: Duration = Duration::from_secs(60);
const FOLDERS: [Folder; 3] = [Folder::Inbox, Folder::Requests, Folder::Archive];
const INBOX: usize = 0;
const REQUESTS: usize = 1;
const ARCHIVE: usize = 2;

impl Row for ChatItem {
    fn key(&self) -> &str {
        &self.id
    }
}

/// The lists.
pub(crate) struct Home {
    me: Weak<Self>,
    context: Rc<Context>,
    shown: [Rows<ChatItem>; 3],
    /// As the database has them.
    known: RefCell<[Vec<ListRow>; 3]>,
    /// Where somebody types.
    typing: RefCell<HashSet<ConversationId>>,
    selected: RefCell<selection::Selection>,
    watching: RefCell<Vec<Task>>,
    ageing: Timer,
}

impl Home {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            shown: Default::default(),
            known: RefCell::default(),
            typing: RefCell::default(),
            selected: RefCell::default(),
            watching: RefCell::default(),
            ageing: Timer::default(),
        });
        let state = window.global::<HomeState>();
        state.set_chats(part.shown[INBOX].shared());
        state.set_requests(part.shown[REQUESTS].shared());
        state.set_archived(part.shown[ARCHIVE].shared());
        state.set_phase(ListPhase::Waiting);
        on!(state, part, on_open, |this, id| this.open(&id));
        on!(state, part, on_open_settings, |this| this.context.go(Screen::Settings));
        on!(state, part, on_open_qr, |this| this.context.go(Screen::Qr));
        on!(state, part, on_open_requests, |this| this.context.go(Screen::Requests));
        on!(state, part, on_open_archive, |this| this.context.go(Screen::Archive));
        on!(state, part, on_try_again, |this| this.watch());
        on!(state, part, on_step, |this, by| this.step(by));
        Self::answer_actions(&part, &state);
        let this = Weak::clone(&part.me);
        part.ageing.start(TimerMode::Repeated, AGEING, move || {
            if let Some(this) = this.upgrade() {
                this.refresh();
            }
        });
        part
    }

    /// Begins to watch the folders, and who types.
    fn watch(&self) {
        let mut tasks: Vec<_> = (0..FOLDERS.len()).map(|folder| self.watch_folder(folder)).collect();
        tasks.push(self.watch_typing());
        *self.watching.borrow_mut() = tasks;
    }

    fn watch_folder(&self, folder: usize) -> Task {
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        Task::run(async move {
            let watching =
                context.call(move |account| async move { account.client.watch_conversations(FOLDERS[folder]).await });
            match watching.await {
                Ok(watched) => follow(&me, folder, watched).await,
                Err(Error::Closed) => {}
                Err(error) => {
                    tracing::error!(code = error.code(), "the chats cannot be read");
                    context.with(|window| window.global::<HomeState>().set_phase(ListPhase::Failed));
                }
            }
        })
    }

    fn watch_typing(&self) -> Task {
        let me = Weak::clone(&self.me);
        let events = self.context.account().map(|account| account.client.events());
        Task::run(async move {
            let Some(mut events) = events else { return };
            loop {
                match events.recv().await {
                    Ok(Event::Typing { conversation, typing, .. }) => {
                        let Some(this) = me.upgrade() else { return };
                        let mut now = this.typing.borrow_mut();
                        let changed = if typing { now.insert(conversation) } else { now.remove(&conversation) };
                        drop(now);
                        if changed {
                            this.refresh();
                        }
                    }
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        })
    }

    /// Shows what is known.
    fn refresh(&self) {
        let Some(window) = self.context.window() else { return };
        let now = jiff::ZonedDateTime::now();
        let texts = window.global::<tacit_ui::Texts>();
        let open = window.global::<ConversationState>().get_id();
        let (typing, selected) = (self.typing.borrow(), self.selected.borrow());
        for (folder, rows) in self.known.borrow().iter().enumerate() {
            let items = rows.iter().map(|row| ChatItem {
                is_typing: typing.contains(&row.conversation.id),
                checked: selected.has(row.conversation.id),
                ..rows::item(row, &open, &now, &texts)
            });
            self.shown[folder].become_rows(items.collect());
        }
        let requests = self.known.borrow()[REQUESTS].len();
        window.global::<SettingsState>().set_requests(i32::try_from(requests).unwrap_or(i32::MAX));
    }

    fn row(&self, id: &str) -> Option<ListRow> {
        self.known.borrow().iter().flatten().find(|row| key(row.conversation.id) == id).cloned()
    }

    /// Opens a chat; in selection mode it is ticked instead.
    fn open(&self, id: &str) {
        if self.selected.borrow().is_on() {
            self.select(id);
        } else if let Some(id) = conversation_of(id) {
            self.context.tell(|part| part.open_conversation(id));
        } else if let Ok(who) = AccountId::parse(id) {
            self.open_with(who);
        }
    }

    /// Opens the conversation with somebody with whom there may be none yet.
    fn open_with(&self, who: AccountId) {
        let context = Rc::clone(&self.context);
        go(async move {
            match context.call(move |account| async move { account.client.open_conversation(&who).await }).await {
                Ok(id) => context.tell(|part| part.open_conversation(id)),
                Err(error) => context.report(&error),
            }
        });
    }

    /// Opens the chat above or below the one that is open.
    fn step(&self, by: i32) {
        let rows = self.shown[INBOX].to_vec();
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
    if folder == INBOX {
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
        self.typing.borrow_mut().clear();
        self.end_selection();
        self.context.with(|window| window.global::<HomeState>().set_phase(ListPhase::Waiting));
    }

    fn arrived(&self, at: Screen) {
        if matches!(at, Screen::Home | Screen::Conversation) {
            // A draft is shown unless it is being typed.
            self.refresh();
        }
    }

    fn left(&self, from: Screen) {
        if matches!(from, Screen::Home | Screen::Archive) && self.selected.borrow().is_on() {
            self.end_selection();
        }
    }
}

/// A conversation's identity on the screen.
pub(crate) fn key(id: ConversationId) -> slint::SharedString {
    slint::format!("{}", id.0)
}

/// The conversation that an identity stands for.
pub(crate) fn conversation_of(key: &str) -> Option<ConversationId> {
    key.parse().ok().map(ConversationId)
}

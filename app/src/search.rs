//! Search: people and messages, filters, what was looked for before.

mod filters;
mod hits;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::{ComponentHandle as _, SharedString, Timer, TimerMode};
use tacit_client::{FoundPeer, MessageId};
use tacit_ui::{App, ChatItem, HomeState, ListPhase, SearchHit, SearchState, Texts};
use tacit_wire::{AccountId, Prefix};

use crate::account::Account;
use crate::context::{Context, Task, go};
use crate::conversation::message_of;
use crate::home::conversation_of;
use crate::model::{Row, Rows, list};
use crate::part::Part;
use crate::person;

use filters::Filters;

/// Between the last key and the search.
const DEBOUNCE: Duration = Duration::from_millis(120);
/// A search that takes longer shows that it runs.
const UNNOTICED: Duration = Duration::from_millis(150);
/// How often it is looked how far the index is.
const INDEXING: Duration = Duration::from_secs(1);
/// Hits that are asked for at once.
const PAGE: u32 = 30;
/// People before [Show all], and after it.
const FEW: usize = 4;
const MANY: u32 = 200;

impl Row for SearchHit {
    fn key(&self) -> &str {
        &self.id
    }
}

/// The pane.
pub(crate) struct Search {
    me: Weak<Self>,
    context: Rc<Context>,
    people: Rows<ChatItem>,
    hits: Rows<SearchHit>,
    found: RefCell<Vec<FoundPeer>>,
    all_people: Cell<bool>,
    filters: RefCell<Filters>,
    /// Where the next page begins.
    next: Cell<Option<MessageId>>,
    waiting: Timer,
    running: RefCell<Option<Task>>,
    indexing: RefCell<Option<Task>>,
}

impl Search {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            people: Rows::default(),
            hits: Rows::default(),
            found: RefCell::default(),
            all_people: Cell::default(),
            filters: RefCell::default(),
            next: Cell::default(),
            waiting: Timer::default(),
            running: RefCell::default(),
            indexing: RefCell::default(),
        });
        let state = window.global::<SearchState>();
        state.set_people(part.people.shared());
        state.set_messages(part.hits.shared());
        let home = window.global::<HomeState>();
        on!(home, part, on_search_edited, |this, text| this.edited(&text));
        on!(state, part, on_more_people, |this| this.more_people());
        on!(state, part, on_near_end, |this| this.more());
        on!(state, part, on_open, |this, conversation, message| this.open(&conversation, &message));
        on!(state, part, on_start_conversation, |this| this.start_conversation());
        on!(state, part, on_recent_chosen, |this, text| this.look_for(&text));
        on!(state, part, on_clear_recent, |this| this.forget());
        Self::answer_filters(&part, &state);
        part
    }

    fn text(&self) -> String {
        self.context.window().map(|window| window.global::<HomeState>().get_search().into()).unwrap_or_default()
    }

    /// A key was pressed, or the search was ended.
    fn edited(&self, text: &str) {
        if text.trim().is_empty() && !self.filters.borrow().any() {
            return self.clear();
        }
        let me = Weak::clone(&self.me);
        self.waiting.start(TimerMode::SingleShot, DEBOUNCE, move || {
            if let Some(this) = me.upgrade() {
                this.search();
            }
        });
    }

    fn look_for(&self, text: &str) {
        self.context.with(|window| window.global::<HomeState>().set_search(text.into()));
        self.search();
    }

    /// Shows nothing, as before the first key.
    fn clear(&self) {
        self.waiting.stop();
        self.running.borrow_mut().take();
        self.indexing.borrow_mut().take();
        self.found.borrow_mut().clear();
        self.all_people.set(false);
        self.next.set(None);
        self.people.replace(Vec::new());
        self.hits.replace(Vec::new());
        self.context.with(|window| {
            let state = window.global::<SearchState>();
            state.set_phase(ListPhase::Ready);
            state.set_account_id("".into());
            state.set_people_more(false);
        });
        self.show_recent();
    }

    fn search(&self) {
        self.waiting.stop();
        let (me, text, query) = (Weak::clone(&self.me), self.text(), self.query());
        self.show_account_id(&text);
        self.watch_index();
        self.all_people.set(false);
        let context = Rc::clone(&self.context);
        *self.running.borrow_mut() = Some(Task::run(async move {
            let slow = slow(&context);
            let searched = text.clone();
            let people =
                context.call(|account| async move { account.client.search_people(&searched, false, MANY).await });
            let people = people.await.unwrap_or_default();
            let hits = context.call(|account| hits::load(account.client, query, None, PAGE)).await;
            drop(slow);
            let Some(this) = me.upgrade() else { return };
            *this.found.borrow_mut() = people;
            this.show_people();
            match hits {
                Ok(page) => {
                    this.next.set(page.next);
                    let rows = this.rows(&page.found);
                    this.hits.become_rows(rows);
                    this.set_phase(ListPhase::Ready);
                }
                Err(error) => {
                    tracing::warn!(code = error.code(), "the messages cannot be searched");
                    this.hits.replace(Vec::new());
                    this.set_phase(ListPhase::Failed);
                }
            }
        }));
    }

    fn query(&self) -> tacit_client::Search {
        self.filters.borrow().query(&self.text(), crate::home::device_now())
    }

    /// The next page.
    fn more(&self) {
        let Some(before) = self.next.take() else { return };
        let (me, query, context) = (Weak::clone(&self.me), self.query(), Rc::clone(&self.context));
        *self.running.borrow_mut() = Some(Task::run(async move {
            let page = context.call(move |account| hits::load(account.client, query, Some(before), PAGE)).await;
            let (Ok(page), Some(this)) = (page, me.upgrade()) else { return };
            this.next.set(page.next);
            let mut rows = this.hits.to_vec();
            rows.extend(this.rows(&page.found));
            this.hits.become_rows(rows);
        }));
    }

    fn rows(&self, found: &[hits::Found]) -> Vec<SearchHit> {
        let Some(window) = self.context.window() else { return Vec::new() };
        let (texts, now) = (window.global::<Texts>(), jiff::ZonedDateTime::now());
        found.iter().map(|found| hits::row(found, &now, &texts)).collect()
    }

    fn set_phase(&self, phase: ListPhase) {
        self.context.with(|window| window.global::<SearchState>().set_phase(phase));
    }

    fn more_people(&self) {
        self.all_people.set(true);
        self.show_people();
    }

    fn show_people(&self) {
        let found = self.found.borrow();
        let shown = if self.all_people.get() { found.len() } else { found.len().min(FEW) };
        let own = self.context.account().map(|account| account.id);
        self.people.become_rows(found[..shown].iter().map(|peer| hits::peer(peer, own)).collect());
        let more = shown < found.len();
        self.context.with(|window| window.global::<SearchState>().set_people_more(more));
    }

    /// A whole account ID leads to a conversation.
    fn show_account_id(&self, text: &str) {
        let id = AccountId::parse(text.trim()).ok().filter(|id| id.prefix() == Prefix::Account);
        let shown = id.map(|id| person::short_id(&id)).unwrap_or_default();
        self.context.with(|window| window.global::<SearchState>().set_account_id(shown.into()));
    }

    fn start_conversation(&self) {
        let Ok(who) = AccountId::parse(self.text().trim()) else { return };
        let context = Rc::clone(&self.context);
        go(async move {
            match context.call(move |account| async move { account.client.open_conversation(&who).await }).await {
                Ok(id) => context.tell(|part| part.open_conversation(id)),
                Err(error) => context.report(&error),
            }
        });
    }

    fn open(&self, conversation: &str, message: &str) {
        let (Some(conversation), Some(message)) = (conversation_of(conversation), message_of(message)) else { return };
        self.remember();
        self.context.tell(|part| part.open_message(conversation, message));
    }

    /// What led to something is offered again.
    fn remember(&self) {
        let text = self.text();
        if !text.trim().is_empty() {
            let me = Weak::clone(&self.me);
            let context = Rc::clone(&self.context);
            go(async move {
                let kept = context.call(|account| async move { account.client.remember_search(&text).await }).await;
                if let (Ok(()), Some(this)) = (kept, me.upgrade()) {
                    this.show_recent();
                }
            });
        }
    }

    fn forget(&self) {
        self.context.run(None, |account| async move { account.client.forget_searches().await });
        self.context.with(|window| window.global::<SearchState>().set_recent(list([])));
    }

    fn show_recent(&self) {
        let context = Rc::clone(&self.context);
        go(async move {
            let recent = context.call(|account| async move { account.client.recent_searches().await }).await;
            let Ok(recent) = recent else { return };
            let recent: Vec<SharedString> = recent.into_iter().map(Into::into).collect();
            context.with(|window| window.global::<SearchState>().set_recent(list(recent)));
        });
    }

    /// Shows how far the index of older messages is, until it has all.
    fn watch_index(&self) {
        let mut task = self.indexing.borrow_mut();
        if task.is_some() {
            return;
        }
        let context = Rc::clone(&self.context);
        *task = Some(Task::run(async move {
            loop {
                let Ok(indexing) = context.call(|account| async move { account.client.indexing().await }).await else {
                    return;
                };
                let share = indexing.map_or(1., |indexing| indexing.done as f32 / indexing.total.max(1) as f32);
                context.with(|window| window.global::<SearchState>().set_indexed(share));
                if indexing.is_none() {
                    return;
                }
                crate::time::pause(INDEXING).await;
            }
        }));
    }
}

/// Says that the search runs, unless it ends before anybody notices.
fn slow(context: &Rc<Context>) -> Task {
    let context = Rc::clone(context);
    Task::run(async move {
        crate::time::pause(UNNOTICED).await;
        context.with(|window| window.global::<SearchState>().set_phase(ListPhase::Loading));
    })
}

impl Part for Search {
    fn account_opened(&self, _account: &Account) {
        self.show_recent();
    }

    fn account_closing(&self) {
        *self.filters.borrow_mut() = Filters::default();
        self.show_filters();
        self.context.with(|window| window.global::<HomeState>().set_search("".into()));
        self.clear();
    }
}

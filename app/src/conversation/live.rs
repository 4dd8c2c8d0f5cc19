//! What is open, and how it follows the database.

use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::{ComponentHandle as _, Model as _, TimerMode};
use tacit_client::view::{Move, Watched, apply};
use tacit_client::{Client, ConversationId, Error, Event, Message, MessageId};
use tacit_ui::{App, ConversationState, HomeState, ListPhase, Person, Screen};
use tacit_wire::{AccountId, TimestampMs};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use super::load::{About, Edges, Loaded, about, edges, ends, load};
use super::rows::{self, Pending, Unread, View};
use super::{Conversation, PLACE};
use crate::context::{Task, go};
use crate::{home, person};

/// Rows have to stand on the screen so long before they count as read.
const GLANCE: Duration = Duration::from_millis(250);

/// The conversation that is open.
pub(super) struct Open {
    pub(super) id: ConversationId,
    pub(super) peer: Option<AccountId>,
    pub(super) name: String,
    /// The window's messages, as the database has them.
    pub(super) messages: Vec<Message>,
    /// Sent, and not among the messages yet.
    pub(super) pending: Vec<Pending>,
    pub(super) unread: Option<Unread>,
    pub(super) read_until: TimestampMs,
    pub(super) at_start: bool,
    pub(super) has_newer: bool,
    pub(super) mover: mpsc::Sender<Move>,
    /// A move is under way.
    pub(super) moving: bool,
    _following: Task,
}

impl Open {
    pub(super) fn view(&self) -> View<'_> {
        View {
            peer_name: &self.name,
            unread: self.unread,
            at_start: self.at_start,
            pending: if self.has_newer { &[] } else { &self.pending },
        }
    }

    /// Received messages that were not on the screen yet.
    pub(super) fn unseen(&self) -> usize {
        self.messages.iter().filter(|message| rows::is_unread(message, self.read_until)).count()
    }

    pub(super) fn message(&self, id: MessageId) -> Option<&Message> {
        self.messages.iter().find(|message| message.id == id)
    }

    fn take(&mut self, messages: Vec<Message>, edges: Edges) {
        self.messages = messages;
        (self.at_start, self.has_newer) = (edges.at_start, edges.has_newer);
        let known = |id: MessageId| self.messages.iter().any(|message| message.id == id);
        self.pending.retain(|pending| !pending.id.is_some_and(known));
        self.moving = false;
    }
}

impl Conversation {
    /// Opens a conversation and goes to it; what was open closes.
    pub(super) fn show(&self, id: ConversationId) {
        if self.open_id() == Some(id) {
            self.context.go(Screen::Conversation);
            return self.focus();
        }
        self.keep_draft();
        self.visit.set(self.visit.get() + 1);
        let visit = self.visit.get();
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let loaded = context.call(move |account| load(account.client, id)).await;
            let Some(this) = me.upgrade().filter(|this| this.visit.get() == visit) else { return };
            match loaded {
                Ok(loaded) => this.begin(id, loaded),
                Err(Error::Closed) => {}
                Err(error) => {
                    tracing::error!(code = error.code(), "the messages cannot be read");
                    this.failed(id);
                }
            }
        });
    }

    fn failed(&self, id: ConversationId) {
        self.close();
        self.context.with(|window| {
            let state = window.global::<ConversationState>();
            state.set_id(home::key(id));
            state.set_phase(ListPhase::Failed);
        });
        self.context.go(Screen::Conversation);
    }

    fn begin(&self, id: ConversationId, loaded: Loaded) {
        let (Some(account), Some(window)) = (self.context.account(), self.context.window()) else { return };
        self.closing.stop();
        let Loaded { about, mut watched, mover, edges } = loaded;
        let messages = std::mem::take(&mut watched.snapshot);
        let here = messages.iter().filter(|message| rows::is_unread(message, about.read_until)).count();
        let count = here.max(listed_unread(&window, id));
        let unread = (here > 0).then_some(Unread { after: about.read_until, count });
        *self.open.borrow_mut() = Some(Open {
            id,
            peer: about.peer,
            name: String::new(),
            messages,
            pending: Vec::new(),
            unread,
            read_until: about.read_until,
            at_start: edges.at_start,
            has_newer: edges.has_newer,
            mover,
            moving: false,
            _following: Task::run(follow(Weak::clone(&self.me), id, account.client.clone(), watched)),
        });
        let state = window.global::<ConversationState>();
        self.rows.replace(Vec::new());
        state.set_target("".into());
        state.set_anchor("".into());
        state.set_stick(unread.is_none() && !edges.has_newer);
        state.set_at_bottom(unread.is_none());
        state.set_id(home::key(id));
        state.set_phase(ListPhase::Ready);
        self.fill_draft(&about.draft);
        self.show_about(&about);
        self.render();
        if unread.is_some() {
            state.set_target(rows::UNREAD.into());
        }
        self.context.go(Screen::Conversation);
        self.context.keep_setting(PLACE, id.0.to_string());
        self.focus();
        self.look();
    }

    fn show_about(&self, about: &About) {
        let name = about.peer.map_or_else(String::new, |peer| person::shown_name(&about.name, &peer));
        self.with_open(|open| open.name.clone_from(&name));
        self.context.with(|window| {
            let state = window.global::<ConversationState>();
            state.set_peer(about.peer.map_or_else(Person::default, |peer| person::person(&about.name, &peer)));
            state.set_is_self(about.is_self);
            state.set_access(about.access);
        });
    }

    /// Nothing is open any more.
    pub(super) fn close(&self) {
        self.visit.set(self.visit.get() + 1);
        self.open.borrow_mut().take();
        self.rows.replace(Vec::new());
        self.context.with(|window| {
            let state = window.global::<ConversationState>();
            state.set_id("".into());
            state.set_draft("".into());
            state.set_peer(Person::default());
            state.set_has_newer(false);
        });
    }

    pub(super) fn try_again(&self) {
        let id = self.context.window().map(|window| window.global::<ConversationState>().get_id());
        if let Some(number) = id.and_then(|id| id.parse().ok()) {
            self.show(ConversationId(number));
        }
    }

    fn step(&self, step: Move) {
        let sent = self.with_open(|open| {
            let idle = !open.moving;
            // A queue that is full holds moves enough.
            open.moving |= idle && open.mover.try_send(step).is_ok();
        });
        debug_assert!(sent.is_some() || self.open_id().is_none());
    }

    pub(super) fn near_top(&self) {
        if self.with_open(|open| !open.at_start && !open.messages.is_empty()) == Some(true) {
            self.step(Move::Older);
        }
    }

    pub(super) fn near_bottom(&self) {
        if self.with_open(|open| open.has_newer) == Some(true) {
            self.step(Move::Newer);
        }
    }

    pub(super) fn jump_to_newest(&self) {
        self.context.with(|window| window.global::<ConversationState>().set_stick(true));
        self.with_open(|open| open.moving = false);
        self.step(Move::Newest);
    }

    /// What is on the screen is read in a moment, unless it is gone by then.
    pub(super) fn look(&self) {
        let me = Weak::clone(&self.me);
        self.reading.start(TimerMode::SingleShot, GLANCE, move || {
            if let Some(this) = me.upgrade() {
                this.read();
            }
        });
        self.render();
    }

    fn read(&self) {
        let at_bottom =
            self.context.window().is_some_and(|window| window.global::<ConversationState>().get_at_bottom());
        if !at_bottom || !self.is_on_screen() {
            return;
        }
        let newest = self.with_open(|open| {
            let newest = open.messages.last().map(|message| message.sort_at);
            let news = newest.filter(|newest| *newest > open.read_until && !open.has_newer);
            open.read_until = news.unwrap_or(open.read_until);
            news.map(|until| (open.id, until))
        });
        if let (Some(Some((id, until))), Some(account)) = (newest, self.context.account()) {
            self.context.bridge.launch(async move { account.client.mark_read(id, Some(until)).await });
            self.render();
        }
    }
}

/// Unread messages as the list of chats counts them: those that the window does not hold too.
pub(super) fn listed_unread(window: &App, id: ConversationId) -> usize {
    let (home, key) = (window.global::<HomeState>(), home::key(id));
    let row = home.get_chats().iter().chain(home.get_requests().iter()).find(|row| row.id == key);
    row.and_then(|row| usize::try_from(row.unread).ok()).unwrap_or_default()
}

/// Keeps what is open as the database has it, until it is closed.
async fn follow(me: Weak<Conversation>, id: ConversationId, client: Client, mut watched: Watched<Message>) {
    let mut events = client.events();
    loop {
        tokio::select! {
            steps = watched.changes.recv() => {
                let (Some(steps), Some(this)) = (steps, me.upgrade()) else { return };
                let mut messages = this.with_open(|open| open.messages.clone()).unwrap_or_default();
                apply(&mut messages, steps);
                let looking = edges(client.clone(), id, ends(&messages));
                let Ok(edges) = this.context.bridge.call(looking).await else { return };
                this.with_open(|open| open.take(messages, edges));
                this.look();
            }
            event = events.recv() => {
                let news = match event {
                    Ok(Event::Conversations | Event::Request { .. }) | Err(RecvError::Lagged(_)) => true,
                    Ok(_) => false,
                    Err(RecvError::Closed) => return,
                };
                if news && !refresh_about(&me, id, &client).await {
                    return;
                }
            }
        }
    }
}

/// False when the conversation is gone.
async fn refresh_about(me: &Weak<Conversation>, id: ConversationId, client: &Client) -> bool {
    let Some(this) = me.upgrade() else { return false };
    let asking = about(client.clone(), id);
    match this.context.bridge.call(asking).await {
        Ok(about) if this.open_id() == Some(id) => {
            this.show_about(&about);
            this.render();
            true
        }
        Ok(_) => true,
        // Deleted, here or from the list.
        Err(_) => {
            if this.open_id() == Some(id) {
                this.close_and_leave();
            }
            false
        }
    }
}

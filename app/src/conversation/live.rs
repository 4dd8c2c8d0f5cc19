//! What is open: how it begins and ends.

use std::rc::{Rc, Weak};

use slint::{ComponentHandle as _, Model as _};
use tacit_client::view::Move;
use tacit_client::{ConversationId, Error, Message, MessageId};
use tacit_ui::{Access, App, ComposeState, ConversationState, HomeState, ListPhase, Person, Screen, Texts};
use tacit_wire::TimestampMs;
use tokio::sync::mpsc;

use super::follow::follow;
use super::load::{About, Edges, Loaded, load};
use super::named::Named;
use super::rows::{self, Pending, Unread, View};
use super::search::Found;
use super::selection::Selection;
use super::wording::vanishing;
use super::{Conversation, PLACE, muted_line};
use crate::context::{Task, go};
use crate::files::Files;
use crate::{home, person};

/// The conversation that is open.
pub(super) struct Open {
    pub(super) id: ConversationId,
    pub(super) about: About,
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
    /// The message that is jumped to.
    pub(super) aim: Option<MessageId>,
    /// The message that is answered.
    pub(super) reply: Option<Box<Message>>,
    pub(super) selection: Selection,
    pub(super) found: Found,
    pub(super) named: Named,
    _following: Task,
}

impl Open {
    pub(super) fn view<'a>(&'a self, files: &'a dyn Files) -> View<'a> {
        View {
            files,
            names: &self.about.names,
            to_self: self.about.is_self,
            expiry: self.about.expiry,
            is_open: self.about.access == Access::Open,
            unread: self.unread,
            at_start: self.at_start,
            pending: if self.has_newer { &[] } else { &self.pending },
            chosen: self.selection.ids(),
            found: self.found.ids(),
        }
    }

    /// Received messages that were not on the screen yet.
    pub(super) fn unseen(&self) -> usize {
        self.messages.iter().filter(|message| rows::is_unread(message, self.read_until)).count()
    }

    pub(super) fn message(&self, id: MessageId) -> Option<&Message> {
        self.messages.iter().find(|message| message.id == id)
    }

    pub(super) fn take(&mut self, messages: Vec<Message>, edges: Edges) {
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
            self.unmark();
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
        let (read_until, draft) = (about.read_until, about.draft.clone());
        *self.open.borrow_mut() = Some(Open {
            id,
            about,
            messages,
            pending: Vec::new(),
            unread,
            read_until,
            at_start: edges.at_start,
            has_newer: edges.has_newer,
            mover,
            moving: false,
            aim: None,
            reply: None,
            selection: Selection::default(),
            found: Found::default(),
            named: Named::default(),
            _following: Task::run(follow(Weak::clone(&self.me), id, account.client.clone(), watched)),
        });
        let state = window.global::<ConversationState>();
        self.begin_rows();
        state.set_target("".into());
        state.set_stick(unread.is_none() && !edges.has_newer);
        state.set_at_bottom(unread.is_none());
        state.set_id(home::key(id));
        state.set_phase(ListPhase::Ready);
        state.set_typing(false);
        state.set_mentions_below(0);
        self.context.tell(|part| part.conversation_shown(Some(id)));
        self.end_search();
        self.end_selection();
        self.show_reply();
        self.forget_preview();
        self.fill_draft(&draft);
        self.show_about();
        self.render();
        if let Some(message) = self.wanted.take().filter(|(at, _)| *at == id).map(|(_, message)| message) {
            self.jump_to(message);
        } else if unread.is_some() {
            state.set_target(rows::UNREAD.into());
        }
        self.context.go(Screen::Conversation);
        self.context.keep_setting(PLACE, id.0.to_string());
        self.focus();
        self.unmark();
        self.look();
        self.look_for_named();
    }

    pub(super) fn show_about(&self) {
        let Some(window) = self.context.window() else { return };
        self.with_open(|open| {
            let (about, texts) = (&open.about, window.global::<Texts>());
            let state = window.global::<ConversationState>();
            state.set_peer(about.peer.map_or_else(Person::default, |peer| person::person(&about.name, &peer)));
            state.set_is_self(about.is_self);
            state.set_access(about.access);
            state.set_muted(muted_line(&texts, about.muted_until).into());
            state.set_vanishing(vanishing(&texts, about.expiry).into());
            let writable = matches!(about.access, Access::Open | Access::Waiting);
            window.global::<ComposeState>().set_can_reply(writable);
        });
    }

    /// Nothing is open any more.
    pub(super) fn close(&self) {
        self.visit.set(self.visit.get() + 1);
        self.open.borrow_mut().take();
        self.begin_rows();
        self.context.tell(|part| part.conversation_shown(None));
        self.end_search();
        self.end_selection();
        self.show_reply();
        self.forget_preview();
        self.context.with(|window| {
            let state = window.global::<ConversationState>();
            state.set_id("".into());
            state.set_draft("".into());
            state.set_peer(Person::default());
            state.set_has_newer(false);
            state.set_mentions_below(0);
            state.set_typing(false);
        });
    }

    pub(super) fn try_again(&self) {
        let id = self.context.window().map(|window| window.global::<ConversationState>().get_id());
        if let Some(number) = id.and_then(|id| id.parse().ok()) {
            self.show(ConversationId(number));
        }
    }
}

/// Unread messages as the list of chats counts them: those that the window does not hold too.
pub(super) fn listed_unread(window: &App, id: ConversationId) -> usize {
    let (home, key) = (window.global::<HomeState>(), home::key(id));
    let row = home.get_chats().iter().chain(home.get_requests().iter()).find(|row| row.id == key);
    row.and_then(|row| usize::try_from(row.unread).ok()).unwrap_or_default()
}

/// Unread messages of all other conversations that may be heard.
pub(super) fn unread_elsewhere(window: &App, id: ConversationId) -> i32 {
    let (home, key) = (window.global::<HomeState>(), home::key(id));
    home.get_chats().iter().filter(|row| row.id != key && !row.muted).map(|row| row.unread).sum()
}

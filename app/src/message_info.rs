//! message-info: what is known of one message.

use std::cell::RefCell;
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use slint::ComponentHandle as _;
use tacit_client::{Client, Error, Event, Message, MessageId, State};
use tacit_ui::{App, FailureReason, MessageInfoState, Screen, ToastKind};
use tacit_wire::TimestampMs;
use tokio::sync::broadcast::error::RecvError;

use crate::account::Account;
use crate::context::{Context, Task, go};
use crate::conversation::rows::{View, bubble};
use crate::model::list;
use crate::part::Part;
use crate::{person, words};

/// How long nodes keep a message, in ms.
const KEPT_MS: u64 = 14 * 24 * 60 * 60 * 1_000;
/// Failures that are remembered, so that a flood of them stays small.
const REMEMBERED: usize = 256;

/// Why a message did not go out, in the screens' words.
fn reason(error: &tacit_network::Error) -> FailureReason {
    use tacit_network::Error;
    match error {
        Error::Offline | Error::TooFewNodes { .. } => FailureReason::NoPath,
        Error::NoAnswer { .. } | Error::NoSwarm => FailureReason::NoAnswer,
        Error::Status { status: 406, .. } => FailureReason::Clock,
        Error::Status { .. } => FailureReason::Refused,
        Error::TooLarge => FailureReason::TooLong,
        Error::Profile(_)
        | Error::Setup
        | Error::Gone
        | Error::FileTooLarge
        | Error::Unreadable
        | Error::NoFileServer
        | Error::Closed => FailureReason::Other,
    }
}

/// The screen.
pub(crate) struct MessageInfo {
    me: Weak<Self>,
    context: Rc<Context>,
    shown: RefCell<Option<MessageId>>,
    failures: RefCell<HashMap<MessageId, (FailureReason, String)>>,
    listening: RefCell<Option<Task>>,
}

impl MessageInfo {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            shown: RefCell::default(),
            failures: RefCell::default(),
            listening: RefCell::default(),
        });
        let state = window.global::<MessageInfoState>();
        on!(state, part, on_store_again, |this| this.retry());
        on!(state, part, on_retry, |this| this.retry());
        on!(state, part, on_copy, |this| this.copy(|state| state.get_message().text, ToastKind::TextCopied));
        on!(state, part, on_copy_sender_id, |this| this.copy(|state| state.get_sender_id(), ToastKind::IdCopied));
        on!(state, part, on_copy_detail, |this| this.copy(|state| state.get_detail(), ToastKind::DetailsCopied));
        on!(state, part, on_delete, |this| this.delete());
        part
    }

    fn copy(&self, text: impl FnOnce(MessageInfoState<'_>) -> slint::SharedString, done: ToastKind) {
        if let Some(window) = self.context.window() {
            self.context.copy(&text(window.global::<MessageInfoState>()), done);
        }
    }

    fn retry(&self) {
        if let Some(id) = *self.shown.borrow() {
            self.context.run(None, move |account| async move { account.client.retry(id).await.map(drop) });
        }
    }

    /// The conversation asks and deletes, as from its own menu.
    fn delete(&self) {
        self.context.with(|window| {
            let id = window.global::<MessageInfoState>().get_message().id;
            window.global::<tacit_ui::ConversationState>().invoke_delete(id);
        });
    }

    fn load(&self, id: MessageId, then_go: bool) {
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let loaded = context.call(move |account| load(account.client, id)).await;
            let Some(this) = me.upgrade().filter(|this| *this.shown.borrow() == Some(id)) else { return };
            match loaded {
                Ok((message, name)) => {
                    this.fill(&message, &name);
                    if then_go {
                        context.go(Screen::MessageInfo);
                    }
                }
                Err(error) if then_go => context.report(&error),
                Err(_) => {}
            }
        });
    }

    fn fill(&self, message: &Message, name: &str) {
        let Some(window) = self.context.window() else { return };
        let state = window.global::<MessageInfoState>();
        let now = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or_default();
        let view = View { peer_name: name, unread: None, at_start: false, pending: &[] };
        state.set_message(bubble(message, &view, true, true, now));
        state.set_peer_name(name.into());
        state.set_sent(words::exact(&window, message.sent_at).into());
        let received = if message.outgoing() { String::new() } else { words::exact(&window, message.received_at) };
        state.set_received(received.into());
        let stored = matches!(message.state, State::Received | State::Sent { .. });
        let until = TimestampMs(message.sent_at.0.saturating_add(KEPT_MS));
        let kept_until = if stored && until.0 > now { words::date(&window, until) } else { String::new() };
        state.set_kept_until(kept_until.into());
        state.set_sender_id(message.author.to_hex().into());
        state.set_receipts(list([]));
        state.set_can_store_again(false);
        let (failure, detail) = self.failure(message);
        state.set_failure(failure);
        state.set_detail(detail.into());
    }

    /// Why it did not go out, for good or so far.
    fn failure(&self, message: &Message) -> (FailureReason, String) {
        let known = self.failures.borrow().get(&message.id).cloned();
        match &message.state {
            State::Failed { reason } => known.unwrap_or_else(|| (FailureReason::Other, reason.clone())),
            // Still waiting: nothing has failed for good, but the last try may be told.
            State::Queued | State::Sending => {
                (FailureReason::None, known.map(|(_, detail)| detail).unwrap_or_default())
            }
            State::Received | State::Sent { .. } => (FailureReason::None, String::new()),
        }
    }

    fn remember(&self, id: MessageId, error: &tacit_network::Error) {
        let mut failures = self.failures.borrow_mut();
        if failures.len() >= REMEMBERED {
            failures.clear();
        }
        failures.insert(id, (reason(error), error.to_string()));
    }

    fn refresh(&self) {
        if let Some(id) = *self.shown.borrow()
            && self.context.at() == Screen::MessageInfo
        {
            self.load(id, false);
        }
    }
}

async fn load(client: Client, id: MessageId) -> Result<(Message, String), Error> {
    let message = client.message(id).await?;
    let peer = client.conversation(message.conversation).await?.peer.account();
    let name = match peer {
        Some(peer) if peer == client.account_id() => client.display_name(),
        Some(peer) => {
            let contact = client.contact(&peer).await?;
            person::shown_name(contact.as_ref().map_or("", |contact| contact.shown_name()), &peer)
        }
        None => String::new(),
    };
    Ok((message, name))
}

impl Part for MessageInfo {
    fn account_opened(&self, account: &Account) {
        let (me, mut events) = (Weak::clone(&self.me), account.client.events());
        *self.listening.borrow_mut() = Some(Task::run(async move {
            loop {
                let event = events.recv().await;
                let Some(this) = me.upgrade() else { return };
                match event {
                    Ok(Event::NotDelivered { message, error }) => this.remember(message, &error),
                    Ok(Event::Messages { .. }) => this.refresh(),
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        }));
    }

    fn account_closing(&self) {
        self.listening.borrow_mut().take();
        self.failures.borrow_mut().clear();
        self.shown.borrow_mut().take();
    }

    fn open_message_info(&self, id: MessageId) {
        *self.shown.borrow_mut() = Some(id);
        self.load(id, true);
    }
}

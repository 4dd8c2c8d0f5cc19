//! message-info: what is known of one message.

mod facts;

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::ComponentHandle as _;
use tacit_client::{Client, ConversationKind, Error, Event, Message, MessageId, NodeReceipt, State};
use tacit_ui::{App, ConversationState, FailureReason, MessageInfoState, Screen, Texts, ToastKind};
use tokio::sync::broadcast::error::RecvError;

use crate::account::Account;
use crate::context::{Context, Task, go};
use crate::conversation::names::Names;
use crate::conversation::rows::bubble::{Place, bubble};
use crate::conversation::rows::{View, bubble_kind};
use crate::model::list;
use crate::part::Part;
use facts::reason;

/// How long a try to store again is waited for.
const PATIENCE: Duration = Duration::from_secs(60);
/// Failures that are remembered, so that a flood of them stays small.
const REMEMBERED: usize = 256;

/// The screen.
pub(crate) struct MessageInfo {
    me: Weak<Self>,
    context: Rc<Context>,
    shown: RefCell<Option<Message>>,
    /// The message that is wanted; another one's answer comes too late.
    wanted: Cell<Option<MessageId>>,
    failures: RefCell<HashMap<MessageId, (FailureReason, String)>>,
    listening: RefCell<Option<Task>>,
}

impl MessageInfo {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            shown: RefCell::default(),
            wanted: Cell::default(),
            failures: RefCell::default(),
            listening: RefCell::default(),
        });
        let state = window.global::<MessageInfoState>();
        on!(state, part, on_store_again, |this| this.store_again());
        on!(state, part, on_retry, |this| this.retry());
        on!(state, part, on_reply, |this| this.reply());
        on!(state, part, on_save, |this| this.hand_on(|chat, id| chat.invoke_save(id)));
        on!(state, part, on_copy, |this| this.copy_text());
        on!(state, part, on_copy_sender_id, |this| this.copy(|state| state.get_sender_id(), ToastKind::IdCopied));
        on!(state, part, on_copy_detail, |this| this.copy(|state| state.get_detail(), ToastKind::DetailsCopied));
        on!(state, part, on_delete, |this| this.hand_on(|chat, id| chat.invoke_delete(id)));
        part
    }

    fn copy(&self, text: impl FnOnce(MessageInfoState<'_>) -> slint::SharedString, done: ToastKind) {
        if let Some(window) = self.context.window() {
            self.context.copy(&text(window.global::<MessageInfoState>()), done);
        }
    }

    fn copy_text(&self) {
        let text = self.shown.borrow().as_ref().map(|message| message.text.clone());
        self.context.copy(&text.unwrap_or_default(), ToastKind::TextCopied);
    }

    fn retry(&self) {
        if let Some(id) = self.wanted.get() {
            self.context.run(None, move |account| async move { account.client.retry(id).await.map(drop) });
        }
    }

    /// The same bytes go to the nodes that lack them.
    fn store_again(&self) {
        let Some(id) = self.wanted.get() else { return };
        self.set_storing(true);
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let storing = context.call(move |account| async move {
                account.client.store_again(id).await?;
                account.client.stored_again(id, PATIENCE).await
            });
            let stored = storing.await;
            let Some(this) = me.upgrade().filter(|this| this.wanted.get() == Some(id)) else { return };
            this.set_storing(false);
            match stored {
                Ok(_) => this.load(id, false),
                Err(error) => context.report(&error),
            }
        });
    }

    fn set_storing(&self, storing: bool) {
        self.context.with(|window| window.global::<MessageInfoState>().set_storing_again(storing));
    }

    fn reply(&self) {
        self.context.back();
        self.hand_on(|chat, id| chat.invoke_reply(id));
    }

    /// The conversation does it, as from its own menu.
    fn hand_on(&self, what: impl FnOnce(ConversationState<'_>, slint::SharedString)) {
        self.context.with(|window| {
            let id = window.global::<MessageInfoState>().get_message().id;
            what(window.global::<ConversationState>(), id);
        });
    }

    fn load(&self, id: MessageId, then_go: bool) {
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let loaded = context.call(move |account| load(account.client, id)).await;
            let Some(this) = me.upgrade().filter(|this| this.wanted.get() == Some(id)) else { return };
            match loaded {
                Ok(loaded) => {
                    this.fill(loaded);
                    if then_go {
                        context.go(Screen::MessageInfo);
                    }
                }
                Err(error) if then_go => context.report(&error),
                // It is gone: nothing is left to tell.
                Err(Error::Store { .. } | Error::Unknown { .. }) if context.at() == Screen::MessageInfo => {
                    context.back();
                }
                Err(_) => {}
            }
        });
    }

    fn fill(&self, loaded: Loaded) {
        let Some(window) = self.context.window() else { return };
        let Loaded { message, names, to_self, receipts } = loaded;
        let (state, texts) = (window.global::<MessageInfoState>(), window.global::<Texts>());
        let now = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or_default();
        let files = self.context.files();
        let view = View::alone(&names, &files, to_self);
        let kind = bubble_kind(&message).unwrap_or_default();
        state.set_message(bubble(&message, &view, kind, Place::ALONE, now, &texts));
        state.set_peer_name(names.peer().into());
        facts::fill_times(&window, &message, now);
        state.set_files(list(facts::files(&message)));
        state.set_sender_id(message.author.to_hex().into());
        state.set_can_store_again(facts::is_missing(&message, &receipts));
        state.set_receipts(list(facts::receipts(&receipts)));
        let (failure, detail) = self.failure(&message);
        state.set_failure(failure);
        state.set_detail(detail.into());
        *self.shown.borrow_mut() = Some(message);
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
        if let Some(id) = self.wanted.get()
            && self.context.at() == Screen::MessageInfo
        {
            self.load(id, false);
        }
    }
}

/// What is read before it is shown.
struct Loaded {
    message: Message,
    names: Names,
    to_self: bool,
    receipts: Vec<NodeReceipt>,
}

async fn load(client: Client, id: MessageId) -> Result<Loaded, Error> {
    let message = client.message(id).await?;
    let conversation = client.conversation(message.conversation).await?;
    let peer = conversation.peer.account();
    let contact = match peer {
        Some(peer) => client.contact(&peer).await?,
        None => None,
    };
    let named = contact.map(|contact| (contact.account, contact.shown_name().to_owned()));
    let names = Names::new(client.account_id(), client.display_name(), named).with_peer(peer);
    let receipts = client.receipts(id).await?;
    let to_self = conversation.peer.kind() == ConversationKind::NoteToSelf;
    Ok(Loaded { message, names, to_self, receipts })
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
        self.wanted.set(None);
    }

    fn open_message_info(&self, id: MessageId) {
        self.wanted.set(Some(id));
        self.set_storing(false);
        self.load(id, true);
    }
}

//! The sheet forward: who gets what is sent on.

use std::cell::RefCell;
use std::collections::HashSet;
use std::rc::{Rc, Weak};

use slint::ComponentHandle as _;
use tacit_client::{Client, ConversationId, ConversationKind, Error, Folder, MessageId};
use tacit_ui::{App, ForwardState, ForwardTarget, SheetKind, ToastKind};

use crate::account::Account;
use crate::context::{Context, go};
use crate::home::key;
use crate::model::{Row, Rows};
use crate::part::Part;
use crate::person;

/// Chats that are offered at once.
const SHOWN_MOST: usize = 60;
/// Chats that get one message at once.
const CHOSEN_MOST: usize = 20;

impl Row for ForwardTarget {
    fn key(&self) -> &str {
        &self.id
    }
}

/// The sheet.
pub(crate) struct Forward {
    me: Weak<Self>,
    context: Rc<Context>,
    messages: RefCell<Vec<MessageId>>,
    /// All who can be written to, the latest first.
    all: RefCell<Vec<ForwardTarget>>,
    chosen: RefCell<HashSet<String>>,
    rows: Rows<ForwardTarget>,
}

impl Forward {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            messages: RefCell::default(),
            all: RefCell::default(),
            chosen: RefCell::default(),
            rows: Rows::default(),
        });
        let state = window.global::<ForwardState>();
        state.set_targets(part.rows.shared());
        on!(state, part, on_search_edited, |this, _text| this.render());
        on!(state, part, on_toggle, |this, id| this.toggle(&id));
        on!(state, part, on_send, |this| this.send());
        part
    }

    fn open(&self, messages: &[MessageId], what: &str) {
        self.reset();
        self.messages.borrow_mut().extend(messages);
        self.context.with(|window| window.global::<ForwardState>().set_what(what.into()));
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let targets = context.call(|account| targets(account.client)).await;
            let Some(this) = me.upgrade() else { return };
            match targets {
                Ok(targets) => {
                    *this.all.borrow_mut() = targets.into_iter().map(Target::row).collect();
                    this.render();
                    context.open_sheet(SheetKind::Forward);
                }
                Err(error) => context.report(&error),
            }
        });
    }

    fn reset(&self) {
        self.messages.borrow_mut().clear();
        self.all.borrow_mut().clear();
        self.chosen.borrow_mut().clear();
        self.rows.replace(Vec::new());
        self.context.with(|window| {
            let state = window.global::<ForwardState>();
            state.set_search("".into());
            state.set_chosen(0);
            state.set_busy(false);
            state.set_what("".into());
        });
    }

    fn toggle(&self, id: &str) {
        let mut chosen = self.chosen.borrow_mut();
        if !chosen.remove(id) && chosen.len() < CHOSEN_MOST {
            chosen.insert(id.to_owned());
        }
        drop(chosen);
        self.render();
    }

    /// Those whose name has what is looked for; who was chosen stays in sight.
    fn render(&self) {
        let Some(window) = self.context.window() else { return };
        let state = window.global::<ForwardState>();
        let wanted = state.get_search().trim().to_lowercase();
        let chosen = self.chosen.borrow();
        let is_chosen = |row: &ForwardTarget| chosen.contains(row.id.as_str());
        let fits = |row: &&ForwardTarget| is_chosen(row) || row.name.to_lowercase().contains(&wanted);
        let all = self.all.borrow();
        let rows = all.iter().filter(fits).take(SHOWN_MOST);
        self.rows.become_rows(rows.map(|row| ForwardTarget { chosen: is_chosen(row), ..row.clone() }).collect());
        state.set_chosen(i32::try_from(chosen.len()).unwrap_or(i32::MAX));
    }

    fn send(&self) {
        let to: Vec<ConversationId> =
            self.chosen.borrow().iter().filter_map(|id| id.parse().ok()).map(ConversationId).collect();
        let messages = self.messages.borrow().clone();
        if to.is_empty() || messages.is_empty() {
            return;
        }
        self.context.with(|window| window.global::<ForwardState>().set_busy(true));
        let context = Rc::clone(&self.context);
        go(async move {
            let sent = context.call(move |account| forward(account, messages, to)).await;
            context.with(|window| window.global::<ForwardState>().set_busy(false));
            match sent {
                Ok(()) => {
                    context.close_sheet();
                    context.toast(ToastKind::Forwarded);
                }
                Err(error) => context.report(&error),
            }
        });
    }
}

async fn forward(account: Account, messages: Vec<MessageId>, to: Vec<ConversationId>) -> Result<(), Error> {
    for message in messages {
        let draft = account.client.forward(message).await?;
        for conversation in &to {
            account.send(*conversation, draft.clone()).await?;
        }
    }
    Ok(())
}

/// Somebody who can be written to.
struct Target {
    id: ConversationId,
    account: Option<tacit_wire::AccountId>,
    name: String,
    is_self: bool,
}

impl Target {
    fn row(self) -> ForwardTarget {
        let account = self.account.as_ref();
        ForwardTarget {
            id: key(self.id),
            name: account.map_or_else(|| self.name.clone(), |id| person::shown_name(&self.name, id)).into(),
            is_self: self.is_self,
            initials: person::initials(&self.name, account).into(),
            tone: account.map_or(0, person::tone),
            ..ForwardTarget::default()
        }
    }
}

/// Note to self, then the chats, the latest first.
async fn targets(client: Client) -> Result<Vec<Target>, Error> {
    let me = client.account_id();
    let own = client.open_conversation(&me).await?;
    let mut targets = vec![Target { id: own, account: Some(me), name: client.display_name(), is_self: true }];
    for folder in [Folder::Inbox, Folder::Archive] {
        for row in client.conversations(folder).await? {
            if row.blocked || row.conversation.peer.kind() == ConversationKind::NoteToSelf {
                continue;
            }
            let (id, account) = (row.conversation.id, row.conversation.peer.account());
            targets.push(Target { id, account, name: row.name, is_self: false });
        }
    }
    Ok(targets)
}

impl Part for Forward {
    fn account_closing(&self) {
        self.reset();
    }

    fn sheet_closed(&self) {
        self.reset();
    }

    fn forward(&self, messages: &[MessageId], what: &str) {
        self.open(messages, what);
    }
}

//! conversation-settings, with its sheets: nickname, disappearing messages, clearing.

mod details;

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use slint::ComponentHandle as _;
use tacit_client::{ConversationId, Event};
use tacit_ui::{
    App, ClearMessagesState, ConversationSettingsState, DialogKind, DisappearingState, NameStatus, NicknameState,
    Person, Screen, SheetKind, ToastKind, VanishMode,
};
use tacit_wire::AccountId;
use tokio::sync::broadcast::error::RecvError;

use crate::context::{Context, Task, go};
use crate::files::{self, AMONG};
use crate::home::{device_now, mute_until};
use crate::model::list;
use crate::part::Part;
use crate::person;

use details::{Details, expiry, load, nickname_status, short, until_words, vanish};

/// The screen.
pub(crate) struct ConversationSettings {
    me: Weak<Self>,
    context: Rc<Context>,
    shown: RefCell<Option<Details>>,
    following: RefCell<Option<Task>>,
}

impl ConversationSettings {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            shown: RefCell::default(),
            following: RefCell::default(),
        });
        let state = window.global::<ConversationSettingsState>();
        on!(state, part, on_copy_id, |this| this.copy_id());
        on!(state, part, on_show_code, |this| this.show_code());
        on!(state, part, on_edit_nickname, |this| this.edit_nickname());
        on!(state, part, on_search, |this| this.tell(|part, id| part.search_in(id)));
        on!(state, part, on_open_media, |this| this.tell(|part, id| part.open_media(id)));
        on!(state, part, on_open_disappearing, |this| this.open_disappearing());
        on!(state, part, on_mute, |this, minutes| this.mute(minutes));
        on!(state, part, on_pin, |this| this.pin());
        on!(state, part, on_archive, |this| this.archive());
        on!(state, part, on_clear, |this| this.context.open_sheet(SheetKind::ClearMessages));
        on!(state, part, on_block, |this| this.block());
        on!(state, part, on_delete_contact, |this| this.delete_contact());
        let state = window.global::<NicknameState>();
        on!(state, part, on_edited, |this, name| this.judge(&name));
        on!(state, part, on_save, |this, name| this.save_nickname(name.into()));
        let state = window.global::<DisappearingState>();
        on!(state, part, on_set, |this, mode, seconds| this.set_expiry(mode, seconds));
        let state = window.global::<ClearMessagesState>();
        on!(state, part, on_clear, |this, everywhere| this.clear(everywhere));
        part
    }

    fn with<T>(&self, work: impl FnOnce(&Details) -> T) -> Option<T> {
        self.shown.borrow().as_ref().map(work)
    }

    fn id(&self) -> Option<ConversationId> {
        self.with(|details| details.conversation.id)
    }

    fn peer(&self) -> Option<AccountId> {
        self.with(Details::peer).flatten()
    }

    fn tell(&self, what: impl Fn(&dyn Part, ConversationId)) {
        if let Some(id) = self.id() {
            self.context.tell(|part| what(part, id));
        }
    }

    /// Reads again what may have changed.
    async fn reload(me: &Weak<Self>, id: ConversationId) -> bool {
        let Some(this) = me.upgrade() else { return false };
        let context = Rc::clone(&this.context);
        drop(this);
        let details = context.call(move |account| load(account.client, id)).await;
        let Some(this) = me.upgrade() else { return false };
        match details {
            Ok(details) => {
                this.fill(&details);
                *this.shown.borrow_mut() = Some(details);
                true
            }
            Err(error) => {
                tracing::debug!(code = error.code(), "the conversation is gone");
                false
            }
        }
    }

    fn follow(&self, id: ConversationId) {
        let Some(account) = self.context.account() else { return };
        let (me, mut events) = (Weak::clone(&self.me), account.client.events());
        *self.following.borrow_mut() = Some(Task::run(async move {
            loop {
                match events.recv().await {
                    Ok(Event::Conversations) | Err(RecvError::Lagged(_)) => {
                        if !Self::reload(&me, id).await {
                            return;
                        }
                    }
                    Ok(_) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        }));
    }

    fn fill(&self, details: &Details) {
        let Some(window) = self.context.window() else { return };
        let (state, kept) = (window.global::<ConversationSettingsState>(), &details.conversation);
        let (mode, seconds) = vanish(kept.expiry);
        let muted = kept.muted_until.filter(|until| *until > device_now());
        let name = details.name();
        state.set_person(details.peer().map_or_else(
            || Person { name: name.as_str().into(), ..Person::default() },
            |peer| person::person(&name, &peer),
        ));
        state.set_short_id(details.peer().map(|peer| short(&peer.to_hex())).unwrap_or_default().into());
        state.set_is_self(details.is_self());
        state.set_own_name(tacit_client::text::safe_display(details.own_name()).into());
        state.set_is_contact(!details.is_self() && !kept.request);
        state.set_blocked(details.blocked());
        state.set_muted(muted.is_some());
        state.set_muted_until(muted.map(|until| until_words(&window, until)).unwrap_or_default().into());
        state.set_pinned(kept.pinned > 0);
        state.set_archived(kept.archived);
        state.set_vanish(mode);
        state.set_vanish_seconds(seconds);
        let open = self.context.files();
        let newest = details.newest.iter().map(|file| files::row(file, AMONG, &open));
        state.set_media(list(newest.filter(|row| row.has_picture).map(|row| row.picture).collect::<Vec<_>>()));
        state.set_media_count(i32::try_from(details.media).unwrap_or(i32::MAX));
    }

    fn copy_id(&self) {
        if let Some(peer) = self.peer() {
            self.context.copy(&peer.to_hex(), ToastKind::IdCopied);
        }
    }

    fn show_code(&self) {
        if let Some(person) = self.with(|details| Some(person::person(&details.name(), &details.peer()?))).flatten() {
            crate::qr::show_of(&self.context, person);
        }
    }

    fn edit_nickname(&self) {
        let Some((nickname, name)) = self.with(|details| {
            let contact = details.contact.as_ref();
            contact.map(|contact| (contact.nickname.clone(), contact.name.clone())).unwrap_or_default()
        }) else {
            return;
        };
        self.context.with(|window| {
            let state = window.global::<NicknameState>();
            state.set_nickname(nickname.as_str().into());
            state.set_own_name(tacit_client::text::safe_display(&name).into());
        });
        self.judge(&nickname);
        self.context.open_sheet(SheetKind::Nickname);
    }

    fn judge(&self, name: &str) {
        self.context.with(|window| window.global::<NicknameState>().set_status(nickname_status(name)));
    }

    fn save_nickname(&self, name: String) {
        let Some(peer) = self.peer().filter(|_| nickname_status(&name) != NameStatus::TooLong) else { return };
        self.context.close_sheet();
        self.context.run(Some(ToastKind::NicknameSaved), move |account| async move {
            account.client.set_nickname(&peer, &name).await
        });
    }

    fn open_disappearing(&self) {
        let Some((mode, seconds)) = self.with(|details| vanish(details.conversation.expiry)) else { return };
        self.context.with(|window| {
            let state = window.global::<DisappearingState>();
            state.set_mode(mode);
            state.set_seconds(seconds);
        });
        self.context.open_sheet(SheetKind::Disappearing);
    }

    fn set_expiry(&self, mode: VanishMode, seconds: i32) {
        let Some(id) = self.id() else { return };
        let expiry = expiry(mode, seconds);
        self.context.close_sheet();
        self.context
            .run(Some(ToastKind::TimerSet), move |account| async move { account.client.set_expiry(id, expiry).await });
    }

    fn mute(&self, minutes: i32) {
        let (Some(id), until) = (self.id(), mute_until(minutes, device_now())) else { return };
        self.context.run(None, move |account| async move { account.client.set_muted_until(id, until).await });
    }

    fn pin(&self) {
        let Some((id, pinned)) = self.with(|details| (details.conversation.id, details.conversation.pinned > 0)) else {
            return;
        };
        self.context.run(None, move |account| async move { account.client.set_pinned(id, !pinned).await });
    }

    fn archive(&self) {
        let Some((id, archived)) = self.with(|details| (details.conversation.id, details.conversation.archived)) else {
            return;
        };
        self.context.run(None, move |account| async move { account.client.set_archived(id, !archived).await });
        let toast = if archived { ToastKind::Unarchived } else { ToastKind::Archived };
        let context = Rc::clone(&self.context);
        self.context.offer(toast, move || {
            context.run(None, move |account| async move { account.client.set_archived(id, archived).await });
        });
    }

    fn clear(&self, everywhere: bool) {
        let Some(id) = self.id() else { return };
        self.context.close_sheet();
        self.context.run(Some(ToastKind::MessagesCleared), move |account| async move {
            account.client.clear_conversation(id, everywhere).await
        });
    }

    fn block(&self) {
        let Some((peer, blocked, name)) =
            self.with(|details| details.peer().map(|peer| (peer, !details.blocked(), details.name()))).flatten()
        else {
            return;
        };
        let context = Rc::clone(&self.context);
        let act = move || {
            let toast = if blocked { ToastKind::Blocked } else { ToastKind::Unblocked };
            context.run(Some(toast), move |account| async move { account.client.set_blocked(&peer, blocked).await });
        };
        if blocked { self.context.ask(DialogKind::BlockPerson, &name, act) } else { act() }
    }

    fn delete_contact(&self) {
        let Some((peer, name)) = self.with(|details| details.peer().map(|peer| (peer, details.name()))).flatten()
        else {
            return;
        };
        let context = Rc::clone(&self.context);
        self.context.ask(DialogKind::DeleteContact, &name, move || {
            context.go(Screen::Home);
            context.run(Some(ToastKind::ContactDeleted), move |account| async move {
                account.client.delete_contact(&peer).await
            });
        });
    }
}

impl Part for ConversationSettings {
    fn open_details(&self, id: ConversationId) {
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            if Self::reload(&me, id).await
                && let Some(this) = me.upgrade()
            {
                this.follow(id);
                context.go(Screen::ConversationSettings);
            }
        });
    }

    /// A screen on top of it, such as a code, comes back to it.
    fn arrived(&self, at: Screen) {
        if matches!(at, Screen::Home | Screen::Conversation) {
            self.following.borrow_mut().take();
        }
    }

    fn pictures_ready(&self) {
        if let (Some(details), true) = (self.shown.borrow().as_ref(), self.following.borrow().is_some()) {
            self.fill(details);
        }
    }

    fn account_closing(&self) {
        self.following.borrow_mut().take();
        self.shown.borrow_mut().take();
    }
}

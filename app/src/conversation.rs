//! conversation: the messages of one person, live, and what can be done with them.

mod actions;
mod attachments;
mod composer;
mod deleting;
mod follow;
pub(crate) mod forwarding;
mod link_preview;
pub(crate) mod linked;
mod links;
mod live;
mod load;
mod mentions;
mod moves;
mod named;
pub(crate) mod names;
mod place;
mod reactions;
mod reading;
mod reply;
pub(crate) mod rows;
mod search;
mod selection;
pub(crate) mod wording;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::{ComponentHandle as _, Timer, TimerMode};
use tacit_client::{ConversationId, MessageId};
use tacit_ui::{
    App, ChatSearchState, ComposeState, ConversationState, Message, ReactionsState, Screen, SelectionState, Texts,
};
use tacit_wire::TimestampMs;

use crate::account::Account;
use crate::context::Context;
use crate::model::{Row, Rows, same_list};
use crate::outgoing::Outgoing;
use crate::part::Part;
use crate::router::is_before_the_account;
use crate::time;

use live::Open;

/// Width from which list and conversation stand side by side (contract of the screens).
const TWO_PANES: f32 = 800.;
/// How long the conversation slides out of sight.
const SLIDE: Duration = Duration::from_millis(260);
/// Numbers in bubbles and names of days grow old.
const AGEING: Duration = Duration::from_secs(15);
const YEAR_MS: u64 = 365 * 24 * 60 * 60 * 1_000;
/// Setting: the conversation that was open.
pub(crate) const PLACE: &str = "app.place";

impl Row for Message {
    fn key(&self) -> &str {
        &self.id
    }

    fn same(&self, other: &Self) -> bool {
        let lists = same_list(&self.pictures, &other.pictures)
            && same_list(&self.files, &other.files)
            && same_list(&self.reactions, &other.reactions)
            && same_list(&self.voice.bars, &other.voice.bars);
        lists && {
            let mut other = other.clone();
            other.pictures = self.pictures.clone();
            other.files = self.files.clone();
            other.reactions = self.reactions.clone();
            other.voice.bars = self.voice.bars.clone();
            *self == other
        }
    }
}

/// The screen.
pub(crate) struct Conversation {
    me: Weak<Self>,
    context: Rc<Context>,
    rows: Rows<Message>,
    open: RefCell<Option<Open>>,
    /// Counts what was opened, so that an answer that comes late is known.
    visit: Cell<u64>,
    /// Counts jumps, for the same reason.
    jump: Cell<u64>,
    settled: place::Settled,
    ageing: Timer,
    draft: composer::Draft,
    closing: Timer,
    reading: Timer,
    searching: Timer,
    /// Renders soon: files move all the time.
    moving: Timer,
    outgoing: Rc<Outgoing>,
    preview: RefCell<link_preview::Draft>,
    /// The picker is open for a contact, not for a mention.
    contact_wanted: Cell<bool>,
    /// Files are being made ready for a message that was sent already.
    posting: Cell<bool>,
    /// The sheet with reactions.
    reactions: Cell<Option<reactions::Shown>>,
    /// A message that is to be shown once its conversation is open.
    wanted: Cell<Option<(ConversationId, MessageId)>>,
}

impl Conversation {
    pub(crate) fn attach(window: &App, context: &Rc<Context>, outgoing: Rc<Outgoing>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            rows: Rows::default(),
            open: RefCell::default(),
            visit: Cell::default(),
            jump: Cell::default(),
            settled: place::Settled::default(),
            ageing: Timer::default(),
            draft: composer::Draft::default(),
            closing: Timer::default(),
            reading: Timer::default(),
            searching: Timer::default(),
            moving: Timer::default(),
            outgoing,
            preview: RefCell::default(),
            contact_wanted: Cell::default(),
            posting: Cell::default(),
            reactions: Cell::default(),
            wanted: Cell::default(),
        });
        part.answer(window);
        let me = Weak::clone(&part.me);
        part.ageing.start(TimerMode::Repeated, AGEING, move || {
            if let Some(this) = me.upgrade() {
                this.render();
            }
        });
        part
    }

    /// Answers what the screens ask.
    fn answer(self: &Rc<Self>, window: &App) {
        let part = self;
        let state = window.global::<ConversationState>();
        state.set_messages(part.rows.shared());
        on!(state, part, on_draft_edited, |this, text| this.draft_edited(&text));
        on!(state, part, on_send, |this, text| this.send(text.into()));
        on!(state, part, on_retry, |this, id| this.retry(&id));
        on!(state, part, on_copy, |this, id| this.copy(&id));
        on!(state, part, on_select_text, |this, id| this.select_text(&id));
        on!(state, part, on_delete, |this, id| this.delete(&id));
        on!(state, part, on_info, |this, id| this.info(&id));
        on!(state, part, on_near_top, |this| this.near_top());
        on!(state, part, on_near_bottom, |this| this.near_bottom());
        on!(state, part, on_jump_to_mention, |this| this.jump_to_mention());
        on!(state, part, on_jump_to_newest, |this| this.jump_to_newest());
        on!(state, part, on_at_bottom_changed, |this, _at_bottom| this.look());
        on!(state, part, on_accept, |this| this.accept());
        on!(state, part, on_delete_request, |this| this.delete_request());
        on!(state, part, on_block, |this| this.block());
        on!(state, part, on_unblock, |this| this.unblock());
        on!(state, part, on_try_again, |this| this.try_again());
        on!(state, part, on_copy_peer_id, |this| this.copy_peer_id());
        on!(state, part, on_delete_conversation, |this| this.delete_conversation());
        on!(state, part, on_reply, |this, id| this.reply(&id));
        on!(state, part, on_forward, |this, id| this.forward(&id));
        on!(state, part, on_react, |this, id, emoji| this.react(&id, &emoji));
        on!(state, part, on_show_reactions, |this, id| this.show_reactions(&id));
        on!(state, part, on_open_quote, |this, id| this.open_quote(&id));
        on!(state, part, on_open_link, |this, link| this.open_link(&link));
        on!(state, part, on_join, |this, id| this.join(&id));
        on!(state, part, on_write_to, |this, id| this.write_to(&id));
        on!(state, part, on_save, |this, id| this.save(&id));
        on!(state, part, on_open_attachment, |this, id, file| this.open_attachment(&id, &file));
        on!(state, part, on_load, |this, id, file| this.load_file(&id, &file));
        on!(state, part, on_cancel_transfer, |this, id, file| this.cancel_transfer(&id, &file));
        on!(state, part, on_open_settings, |this| this
            .with_id(|context, id| context.tell(|part| part.open_details(id))));
        on!(state, part, on_open_media, |this| this.with_id(|context, id| context.tell(|part| part.open_media(id))));
        on!(state, part, on_follow_timer, |this, id| this.follow_timer(&id));
        let state = window.global::<ComposeState>();
        on!(state, part, on_cancel_quote, |this| this.cancel_reply());
        on!(state, part, on_cancel_preview, |this| this.cancel_preview());
        on!(state, part, on_choose_mention, |this, id, cursor| this.choose_mention(&id, cursor));
        on!(state, part, on_attach_contact, |this| this.attach_contact());
        let state = window.global::<ReactionsState>();
        on!(state, part, on_choose, |this, tab| this.choose_reaction(tab));
        on!(state, part, on_remove, |this| this.remove_reaction());
        let state = window.global::<SelectionState>();
        on!(state, part, on_start, |this, id| this.start_selection(&id));
        on!(state, part, on_toggle, |this, id| this.toggle_selected(&id));
        on!(state, part, on_end, |this| this.end_selection());
        on!(state, part, on_copy, |this| this.copy_selected());
        on!(state, part, on_forward, |this| this.forward_selected());
        on!(state, part, on_save, |this| this.save_selected());
        on!(state, part, on_delete, |this| this.delete_selected());
        let state = window.global::<ChatSearchState>();
        on!(state, part, on_open, |this| this.open_search());
        on!(state, part, on_close, |this| this.end_search());
        on!(state, part, on_edited, |this, text| this.search_edited(&text));
        on!(state, part, on_step, |this, step| this.search_step(step));
    }

    /// Works with what is open, if anything is.
    fn with_open<T>(&self, work: impl FnOnce(&mut Open) -> T) -> Option<T> {
        self.open.borrow_mut().as_mut().map(work)
    }

    fn with_id(&self, work: impl FnOnce(&Context, ConversationId)) {
        if let Some(id) = self.open_id() {
            work(&self.context, id);
        }
    }

    fn open_id(&self) -> Option<ConversationId> {
        self.open.borrow().as_ref().map(|open| open.id)
    }

    /// Whether somebody can see the messages.
    fn is_on_screen(&self) -> bool {
        let Some(window) = self.context.window() else { return false };
        let wide = self.is_wide();
        let window = window.window();
        window.is_visible()
            && !window.is_minimized()
            && (self.context.at() == Screen::Conversation || wide && !is_before_the_account(self.context.at()))
    }

    fn is_wide(&self) -> bool {
        self.context.window().is_some_and(|window| {
            let window = window.window();
            window.size().to_logical(window.scale_factor()).width >= TWO_PANES
        })
    }

    /// Shows the rows as they have to be now.
    fn render(&self) {
        let Some(window) = self.context.window() else { return };
        self.fill_reactions();
        let open = self.open.borrow();
        let Some(open) = open.as_ref() else { return };
        let state = window.global::<ConversationState>();
        let (texts, now) = (window.global::<Texts>(), jiff::ZonedDateTime::now());
        let files = self.context.files();
        let rows = rows::build(&open.messages, &open.view(&files), &now, &texts);
        self.hold_still(&rows);
        self.rows.become_rows(rows);
        self.settle();
        state.set_has_newer(open.has_newer);
        let below = match (state.get_at_bottom(), open.has_newer) {
            (true, false) => 0,
            (false, false) => open.unseen(),
            (_, true) => open.unseen().max(live::listed_unread(&window, open.id)),
        };
        state.set_unread_below(i32::try_from(below).unwrap_or(i32::MAX));
        state.set_other_unread(live::unread_elsewhere(&window, open.id));
    }
}

impl Part for Conversation {
    fn account_opened(&self, account: &Account) {
        forget_opened(account, &self.context);
    }

    fn account_closing(&self) {
        if let Some(account) = self.context.account() {
            forget_opened(&account, &self.context);
        }
        self.keep_draft_now();
        self.close();
    }

    fn open_conversation(&self, id: ConversationId) {
        self.show(id);
    }

    fn open_message(&self, conversation: ConversationId, message: MessageId) {
        if self.open_id() == Some(conversation) {
            self.context.go(Screen::Conversation);
            return self.jump_to(message);
        }
        self.wanted.set(Some((conversation, message)));
        self.show(conversation);
    }

    fn search_in(&self, id: ConversationId) {
        self.show(id);
        self.open_search();
    }

    fn delete_messages(&self, messages: &[tacit_client::Message]) {
        self.ask_to_delete_messages(messages);
    }

    fn pictures_ready(&self) {
        self.render();
        self.show_preview();
    }

    fn voice_sent(&self) {
        self.context.with(|window| window.global::<ConversationState>().set_stick(true));
    }

    fn sheet_closed(&self) {
        self.reactions.set(None);
    }

    fn arrived(&self, at: Screen) {
        if at == Screen::Conversation {
            self.closing.stop();
            self.look();
        }
    }

    /// One pane: the conversation closes once it has slid away. Two panes: going back from it
    /// closes it, going elsewhere leaves it open beside.
    fn left(&self, from: Screen) {
        if from != Screen::Conversation
            || !matches!(self.context.at(), Screen::Home | Screen::Archive | Screen::Requests)
        {
            return;
        }
        self.keep_draft();
        let me = Weak::clone(&self.me);
        self.closing.start(TimerMode::SingleShot, SLIDE, move || {
            if let Some(this) = me.upgrade().filter(|this| this.context.at() != Screen::Conversation) {
                this.context.keep_setting(PLACE, String::new());
                this.close();
            }
        });
    }
}

/// A message's identity on the screen; what is not in the database yet has another one.
pub(crate) fn message_key(id: MessageId) -> slint::SharedString {
    slint::format!("m{}", id.0)
}

/// The message that a row stands for.
pub(crate) fn message_of(key: &str) -> Option<MessageId> {
    key.strip_prefix('m').and_then(|number| number.parse().ok()).map(MessageId)
}

/// “muted until 18:00”; empty when it is heard.
fn muted_line(texts: &Texts<'_>, until: Option<TimestampMs>) -> String {
    let now = u64::try_from(jiff::Timestamp::now().as_millisecond()).unwrap_or_default();
    match until.filter(|until| until.0 > now) {
        None => String::new(),
        // Longer than anybody chooses a time for: until it is turned on again.
        Some(until) if until.0 - now > YEAR_MS => texts.invoke_muted().into(),
        Some(until) => {
            let at = crate::words::list_time(&time::local(until), &jiff::ZonedDateTime::now(), texts);
            texts.invoke_muted_until(at.into()).into()
        }
    }
}

/// Files that other programs showed are not kept in the clear.
fn forget_opened(account: &Account, context: &Context) {
    let folder = account.client.folder().join(attachments::OPENED);
    context.bridge.spawn(async move {
        let removed = tokio::task::spawn_blocking(move || std::fs::remove_dir_all(folder)).await;
        if let Ok(Err(error)) = removed
            && error.kind() != std::io::ErrorKind::NotFound
        {
            tracing::warn!(%error, "files that were opened could not be removed");
        }
    });
}

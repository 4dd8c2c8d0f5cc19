//! media-viewer: the pictures and videos of a conversation, one at a time.

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::{Rc, Weak};

use slint::{ComponentHandle as _, Model as _, VecModel};
use tacit_client::{
    Attachment, AttachmentId, Client, ConversationId, Error, Event, MediaItem, MediaKind, Message, MessageId,
};
use tacit_ui::{App, AttachmentKind as Kind, ConversationState, MediaViewerState, Screen, Texts, ViewerItem};
use tokio::sync::broadcast::error::RecvError;

use crate::account::Account;
use crate::context::{Context, Task, go};
use crate::conversation::names::Names;
use crate::conversation::wording::Wording as _;
use crate::files::{self, attachment_of};
use crate::part::Part;
use crate::{time, words};

/// Items that are listed at once, and pages of the list.
const PAGE: u32 = 200;
const MOST: usize = 2_000;
/// Longer side of a picture, in pixels.
const LARGE: u32 = 2_048;

/// A picture or video and where it stands.
#[derive(Clone)]
struct Shown {
    file: Attachment,
    item: MediaItem,
}

/// The screen.
pub(crate) struct Viewer {
    me: Weak<Self>,
    context: Rc<Context>,
    rows: Rc<VecModel<ViewerItem>>,
    shown: RefCell<Vec<Shown>>,
    /// Texts of messages near what is looked at.
    captions: RefCell<HashMap<MessageId, String>>,
    names: RefCell<Option<Names>>,
    conversation: Cell<Option<ConversationId>>,
    listening: RefCell<Option<Task>>,
}

impl Viewer {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            rows: Rc::default(),
            shown: RefCell::default(),
            captions: RefCell::default(),
            names: RefCell::default(),
            conversation: Cell::default(),
            listening: RefCell::default(),
        });
        let state = window.global::<MediaViewerState>();
        state.set_items(Rc::clone(&part.rows).into());
        on!(state, part, on_shown, |this, index| this.show(index));
        on!(state, part, on_open_outside, |this, id| this
            .with_item(&id, |this, shown| this.context.open_file(&shown.file)));
        on!(state, part, on_load, |this, id| this.with_item(&id, Self::load));
        on!(state, part, on_cancel_load, |this, id| this.with_item(&id, Self::cancel_load));
        on!(state, part, on_save, |this, id| this.with_item(&id, Self::save));
        on!(state, part, on_forward, |this, id| this.with_item(&id, Self::forward));
        on!(state, part, on_show_in_chat, |this, id| this.with_item(&id, Self::show_in_chat));
        on!(state, part, on_delete, |this, id| this.with_item(&id, Self::delete));
        part
    }

    fn with_item(&self, id: &str, then: impl FnOnce(&Self, &Shown)) {
        let found = attachment_of(id).and_then(|id| self.shown.borrow().iter().find(|one| one.file.id == id).cloned());
        if let Some(found) = found {
            then(self, &found);
        }
    }

    fn open(&self, conversation: ConversationId, attachment: AttachmentId) {
        self.conversation.set(Some(conversation));
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let listed = context.call(move |account| list(account.client, conversation)).await;
            let Some(this) = me.upgrade().filter(|this| this.conversation.get() == Some(conversation)) else { return };
            match listed {
                Ok((names, shown)) => {
                    let at = shown.iter().position(|one| one.file.id == attachment).unwrap_or_default();
                    *this.names.borrow_mut() = Some(names);
                    *this.shown.borrow_mut() = shown;
                    this.fill(at);
                    context.go(Screen::MediaViewer);
                }
                Err(error) => context.report(&error),
            }
        });
    }

    fn fill(&self, at: usize) {
        let rows = (0..self.shown.borrow().len()).filter_map(|index| self.item(index, at)).collect::<Vec<_>>();
        let count = i32::try_from(rows.len()).unwrap_or(i32::MAX);
        self.rows.set_vec(rows);
        self.context.with(|window| {
            let state = window.global::<MediaViewerState>();
            state.set_count(count);
            state.set_index(i32::try_from(at).unwrap_or_default());
            state.set_number(i32::try_from(at + 1).unwrap_or_default());
        });
        self.read_caption(at);
    }

    /// What was said beneath it.
    fn read_caption(&self, at: usize) {
        let id = self.shown.borrow().get(at).map(|one| one.item.place.message);
        let Some(id) = id.filter(|id| !self.captions.borrow().contains_key(id)) else { return };
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let read = context.call(move |account| async move { account.client.message(id).await }).await;
            if let (Ok(message), Some(this)) = (read, me.upgrade()) {
                this.captions.borrow_mut().insert(id, message.text);
                this.refresh(this.index(), 1);
            }
        });
    }

    /// What stands at an index while another one is looked at: far ones have no picture.
    fn item(&self, index: usize, at: usize) -> Option<ViewerItem> {
        let window = self.context.window()?;
        let texts = window.global::<Texts>();
        let shown = self.shown.borrow();
        let (one, names) = (shown.get(index)?, self.names.borrow());
        let near = index.abs_diff(at) <= 1;
        let row = match near {
            true => files::row(&one.file, LARGE, &self.context.files()),
            false => files::row(&one.file, LARGE, &files::NoFiles),
        };
        let author = &one.item.author;
        let sender = names.as_ref().map(|names| names.called(author, &texts)).unwrap_or_else(|| texts.you());
        let (then, now) = (time::local(one.item.place.sort_at), jiff::ZonedDateTime::now());
        let caption = self.captions.borrow().get(&one.item.place.message).cloned();
        Some(ViewerItem {
            id: row.id,
            kind: row.kind,
            picture: row.picture,
            has_picture: row.has_picture,
            width: row.width,
            height: row.height,
            transfer: row.transfer,
            progress: row.progress,
            size: row.size,
            sender: sender.into(),
            time: words::list_time(&then, &now, &texts).into(),
            caption: caption.unwrap_or_default().into(),
            duration: row.duration,
        })
    }

    fn index(&self) -> usize {
        let index = self.context.window().map(|window| window.global::<MediaViewerState>().get_index());
        index.and_then(|index| usize::try_from(index).ok()).unwrap_or_default()
    }

    fn show(&self, index: i32) {
        let at = usize::try_from(index).unwrap_or_default();
        self.context.with(|window| window.global::<MediaViewerState>().set_number(index.saturating_add(1)));
        // The one that is far now lets go of its picture.
        self.refresh(at, 2);
        self.read_caption(at);
    }

    /// Rows near the one that is looked at, as they are now.
    fn refresh(&self, at: usize, reach: usize) {
        for index in at.saturating_sub(reach)..=at + reach {
            if let Some(item) = self.item(index, at)
                && self.rows.row_data(index).is_some_and(|row| row != item)
            {
                self.rows.set_row_data(index, item);
            }
        }
    }

    fn load(&self, shown: &Shown) {
        let id = shown.file.id;
        self.context.run(None, move |account| async move { account.client.download(id).await });
    }

    fn cancel_load(&self, shown: &Shown) {
        let id = shown.file.id;
        self.context.run(None, move |account| async move { account.client.cancel_download(id).await });
    }

    fn save(&self, shown: &Shown) {
        let (context, id, file) = (Rc::clone(&self.context), shown.item.place.message, shown.file.clone());
        go(async move {
            match context.call(move |account| async move { account.client.message(id).await }).await {
                Ok(message) => context.save_files(&[Message { attachments: vec![file], ..message }]),
                Err(error) => context.report(&error),
            }
        });
    }

    fn forward(&self, shown: &Shown) {
        let Some(window) = self.context.window() else { return };
        let texts = window.global::<Texts>();
        let what = match files::kind(&shown.file.content_type, &shown.file.file_name) {
            Kind::Video => texts.invoke_video(),
            _ => texts.invoke_photos(1),
        };
        self.context.tell(|part| part.forward(&[shown.item.place.message], &what));
    }

    fn show_in_chat(&self, shown: &Shown) {
        if let Some(conversation) = self.conversation.get() {
            self.context.tell(|part| part.open_message(conversation, shown.item.place.message));
        }
    }

    fn delete(&self, shown: &Shown) {
        let id = crate::conversation::message_key(shown.item.place.message);
        self.context.with(|window| window.global::<ConversationState>().invoke_delete(id));
    }

    /// Something changed in the conversation: files came, messages went.
    fn reread(&self) {
        let Some(conversation) = self.conversation.get().filter(|_| self.context.at() == Screen::MediaViewer) else {
            return;
        };
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let listed = context.call(move |account| list(account.client, conversation)).await;
            let Some(this) = me.upgrade().filter(|this| this.conversation.get() == Some(conversation)) else { return };
            let Ok((_, shown)) = listed else { return };
            if shown.is_empty() {
                return context.back();
            }
            let at = this.index();
            let was = this.shown.borrow().get(at).map(|one| one.file.id);
            let same = this.shown.borrow().iter().map(|one| one.file.id).eq(shown.iter().map(|one| one.file.id));
            let now = shown.iter().position(|one| Some(one.file.id) == was).unwrap_or(at.min(shown.len() - 1));
            *this.shown.borrow_mut() = shown;
            if same { this.refresh(at, 1) } else { this.fill(now) }
        });
    }

    fn forget(&self) {
        self.conversation.set(None);
        self.shown.borrow_mut().clear();
        self.names.borrow_mut().take();
        self.captions.borrow_mut().clear();
        self.rows.set_vec(Vec::new());
    }
}

/// All pictures and videos of a conversation, the oldest first, and who sent them.
async fn list(client: Client, conversation: ConversationId) -> Result<(Names, Vec<Shown>), Error> {
    let contacts = client.contacts().await?;
    let named = contacts.into_iter().map(|contact| (contact.account, contact.shown_name().to_owned()));
    let mut known: Vec<_> = named.collect();
    if let Some(peer) = client.conversation(conversation).await?.peer.account()
        && let Some(contact) = client.contact(&peer).await?
    {
        known.push((contact.account, contact.shown_name().to_owned()));
    }
    let names = Names::new(client.account_id(), client.display_name(), known);
    let (mut shown, mut before): (Vec<Shown>, _) = (Vec::new(), None);
    loop {
        let page = client.gallery(conversation, MediaKind::Media, before, PAGE).await?;
        let more = page.len() == PAGE as usize && shown.len() < MOST;
        before = page.last().map(|item| item.place);
        shown.extend(page.into_iter().filter_map(|item| Some(Shown { file: item.attachment.clone()?, item })));
        if !more {
            break;
        }
    }
    shown.reverse();
    Ok((names, shown))
}

impl Part for Viewer {
    fn account_opened(&self, account: &Account) {
        let (me, mut events) = (Weak::clone(&self.me), account.client.events());
        *self.listening.borrow_mut() = Some(Task::run(async move {
            loop {
                let event = events.recv().await;
                let Some(this) = me.upgrade() else { return };
                match event {
                    Ok(Event::Messages { conversation }) if this.conversation.get() == Some(conversation) => {
                        this.reread();
                    }
                    Ok(Event::Transfer { .. }) if this.conversation.get().is_some() => this.refresh(this.index(), 1),
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                }
            }
        }));
    }

    fn account_closing(&self) {
        self.listening.borrow_mut().take();
        self.forget();
    }

    fn left(&self, from: Screen) {
        if from == Screen::MediaViewer {
            self.forget();
        }
    }

    fn pictures_ready(&self) {
        if self.conversation.get().is_some() {
            self.refresh(self.index(), 1);
        }
    }

    fn view_media(&self, conversation: ConversationId, attachment: AttachmentId) {
        self.open(conversation, attachment);
    }
}

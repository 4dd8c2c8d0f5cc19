//! What every part has at hand: the window, the runtime, the platform, the open account.

use std::cell::{Cell, RefCell};
use std::rc::Rc;

use slint::{ComponentHandle as _, Image};
use tacit_client::{AttachmentId, Client, ConversationId, Error, FileId, Settings};
use tacit_ui::{App, ToastKind};

use crate::account::Account;
use crate::bridge::Bridge;
use crate::feedback::Feedback;
use crate::files::Files;
use crate::part::Part;
use crate::pictures::Pictures;
use crate::platform::Platform;
use crate::router::Router;
use crate::start::Start;

/// One window's surroundings. UI thread only.
pub(crate) struct Context {
    window: slint::Weak<App>,
    pub(crate) bridge: Bridge,
    pub(crate) platform: Rc<dyn Platform>,
    pub(crate) start: Start,
    pub(crate) router: Router,
    pub(crate) feedback: Feedback,
    pub(crate) pictures: Pictures,
    /// The conversation to which a notification led while the lock stood before it.
    pub(crate) wanted: Cell<Option<ConversationId>>,
    account: RefCell<Option<Account>>,
    parts: RefCell<Vec<Rc<dyn Part>>>,
}

impl Context {
    pub(crate) fn new(window: &App, bridge: Bridge, platform: Rc<dyn Platform>, start: Start) -> Rc<Self> {
        Rc::new(Self {
            window: window.as_weak(),
            bridge,
            platform,
            start,
            router: Router::default(),
            feedback: Feedback::default(),
            pictures: Pictures::default(),
            wanted: Cell::default(),
            account: RefCell::default(),
            parts: RefCell::default(),
        })
    }

    /// The window, unless it is gone.
    pub(crate) fn window(&self) -> Option<App> {
        self.window.upgrade()
    }

    /// Does something with the window, unless it is gone.
    pub(crate) fn with(&self, work: impl FnOnce(&App)) {
        if let Some(window) = self.window() {
            work(&window);
        }
    }

    /// The open account.
    pub(crate) fn account(&self) -> Option<Account> {
        self.account.borrow().clone()
    }

    pub(crate) fn set_account(&self, account: Option<Account>) {
        *self.account.borrow_mut() = account;
        self.pictures.clear();
    }

    /// Files of the open account, as rows show them.
    pub(crate) fn files(self: &Rc<Self>) -> OpenFiles {
        OpenFiles { context: Rc::clone(self), client: self.account().map(|account| account.client) }
    }

    pub(crate) fn add(&self, part: Rc<dyn Part>) {
        self.parts.borrow_mut().push(part);
    }

    /// Tells all parts.
    pub(crate) fn tell(&self, what: impl Fn(&dyn Part)) {
        let parts = self.parts.borrow().clone();
        parts.iter().for_each(|part| what(part.as_ref()));
    }

    /// Whether going back now would lose what was typed.
    pub(crate) fn is_unsaved(&self) -> bool {
        let (parts, at) = (self.parts.borrow().clone(), self.at());
        parts.iter().any(|part| part.is_unsaved(at))
    }

    /// Parts and context hold each other until then.
    pub(crate) fn forget_parts(&self) {
        self.parts.borrow_mut().clear();
    }

    /// Runs a command of the open account and awaits it here.
    pub(crate) async fn call<T: Send + 'static, F>(&self, command: impl FnOnce(Account) -> F) -> Result<T, Error>
    where
        F: Future<Output = Result<T, Error>> + Send + 'static,
    {
        let account = self.account().ok_or(Error::Closed)?;
        self.bridge.call(command(account)).await
    }

    /// Runs a command of the open account, and says how it ended.
    pub(crate) fn run<F>(self: &Rc<Self>, done: Option<ToastKind>, command: impl FnOnce(Account) -> F + 'static)
    where
        F: Future<Output = Result<(), Error>> + Send + 'static,
    {
        let context = Rc::clone(self);
        go(async move {
            match (context.call(command).await, done) {
                (Ok(()), Some(toast)) => context.toast(toast),
                (Ok(()), None) => {}
                (Err(error), _) => context.report(&error),
            }
        });
    }

    /// Changes choices of the open account; what they are then.
    pub(crate) async fn change_settings(
        &self,
        change: impl FnOnce(&mut Settings) + Send + 'static,
    ) -> Result<Settings, Error> {
        self.call(move |account| async move { account.client.change_settings(change).await }).await
    }

    /// Keeps a setting of the app in the open account.
    pub(crate) fn keep_setting(&self, key: &'static str, value: String) {
        if let Some(Account { client, .. }) = self.account() {
            self.bridge.launch(async move { client.set_setting(key, &value).await });
        }
    }
}

/// Files of the open account.
pub(crate) struct OpenFiles {
    context: Rc<Context>,
    client: Option<Client>,
}

impl Files for OpenFiles {
    fn picture(&self, file: FileId, side: u32) -> Option<Image> {
        self.context.picture(file, side)
    }

    fn progress(&self, attachment: AttachmentId) -> Option<(u64, u64)> {
        self.client.as_ref()?.transfer_progress(attachment)
    }
}

/// Something that goes on beside the event loop's other work, on the same thread; ends when it is
/// dropped.
pub(crate) struct Task(Option<slint::JoinHandle<()>>);

impl Task {
    pub(crate) fn run(work: impl Future<Output = ()> + 'static) -> Self {
        let handle = slint::spawn_local(work);
        Self(handle.inspect_err(|_| tracing::warn!("there is no event loop any more")).ok())
    }

    /// Lets it run to its end.
    pub(crate) fn detach(mut self) {
        self.0.take();
    }
}

impl Drop for Task {
    fn drop(&mut self) {
        if let Some(handle) = self.0.take() {
            handle.abort();
        }
    }
}

/// Runs something on the UI thread to its end.
pub(crate) fn go(work: impl Future<Output = ()> + 'static) {
    Task::run(work).detach();
}

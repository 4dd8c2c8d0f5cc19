//! restore-backup: an account and its history from a file.

mod file;

use std::cell::RefCell;
use std::path::PathBuf;
use std::rc::{Rc, Weak};

use slint::ComponentHandle as _;
use tacit_client::{BackupControl, BackupProgress, Client, Error, Folder, KeyKind, ProfileFolder, Restored};
use tacit_ui::{
    App, BackupKey, DialogKind, RestoreBackupError, RestoreBackupPhase, RestoreBackupState, Screen, ToastKind,
};
use zeroize::Zeroizing;

use crate::context::{Context, Task, go};
use crate::part::Part;
use crate::{opening, trouble};

use file::{look, may_be, meaning, secret_of};

/// Something that is being brought back.
#[derive(Default)]
struct Work {
    file: Option<PathBuf>,
    secret: Zeroizing<String>,
    control: BackupControl,
    /// The account, once the file could be opened. It asks nobody for messages yet.
    client: Option<Client>,
    following: Option<Task>,
}

/// The screen.
pub(crate) struct RestoreBackup {
    me: Weak<Self>,
    context: Rc<Context>,
    work: RefCell<Work>,
}

impl RestoreBackup {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part =
            Rc::new_cyclic(|me| Self { me: Weak::clone(me), context: Rc::clone(context), work: RefCell::default() });
        let state = window.global::<RestoreBackupState>();
        on!(state, part, on_choose_file, |this| this.choose_file());
        on!(state, part, on_edited, |this, text| this.edited(&text));
        on!(state, part, on_restore, |this, text| this.restore(Zeroizing::new(text.into())));
        on!(state, part, on_cancel, |this| this.cancel());
        on!(state, part, on_go_on, |this| this.go_on());
        part
    }

    fn with(&self, work: impl FnOnce(&RestoreBackupState<'_>)) {
        self.context.with(|window| work(&window.global::<RestoreBackupState>()));
    }

    fn kind(&self) -> BackupKey {
        self.context.window().map(|window| window.global::<RestoreBackupState>().get_key()).unwrap_or_default()
    }

    fn begin(&self) {
        *self.work.borrow_mut() = Work::default();
        self.with(|state| {
            state.set_phase(RestoreBackupPhase::Choose);
            state.set_error(RestoreBackupError::None);
            state.set_secret("".into());
            state.set_made("".into());
            state.set_ready(false);
        });
    }

    fn choose_file(&self) {
        let (me, context, choosing) =
            (Weak::clone(&self.me), Rc::clone(&self.context), self.context.platform.choose_file());
        go(async move {
            let file = match choosing.await {
                Ok(Some(file)) => file,
                Ok(None) => return,
                Err(error) => {
                    tracing::warn!(%error, "no file could be chosen");
                    return context.toast(ToastKind::CannotOpenFiles);
                }
            };
            let path = file.clone();
            let looking = async move {
                let looked = tokio::task::spawn_blocking(move || look(&path)).await;
                looked.unwrap_or(Err(Error::Closed))
            };
            let found = context.bridge.call(looking).await;
            if let Some(this) = me.upgrade() {
                this.chosen(file, &found);
            }
        });
    }

    fn chosen(&self, file: PathBuf, found: &Result<(KeyKind, u64), Error>) {
        // Another file may be meant for an account that a first one brought back.
        self.with(|state| {
            state.set_file(file.file_name().map(|name| name.to_string_lossy().as_ref().into()).unwrap_or_default());
            match found {
                Ok((kind, size)) => {
                    state.set_size(crate::size::bytes(*size).into());
                    state.set_key(match kind {
                        KeyKind::Account => BackupKey::Phrase,
                        KeyKind::Passphrase => BackupKey::Passphrase,
                        KeyKind::Key => BackupKey::Key,
                    });
                    state.set_error(RestoreBackupError::None);
                    state.set_phase(RestoreBackupPhase::Secret);
                }
                Err(error) => {
                    state.set_error(meaning(error).0);
                    state.set_phase(RestoreBackupPhase::Choose);
                }
            }
            state.set_secret("".into());
            state.set_ready(false);
        });
        self.work.borrow_mut().file = Some(file);
    }

    fn edited(&self, text: &str) {
        let ready = may_be(self.kind(), text);
        self.with(|state| {
            state.set_ready(ready);
            state.set_error(RestoreBackupError::None);
        });
    }

    fn restore(&self, secret: Zeroizing<String>) {
        if may_be(self.kind(), &secret) {
            self.work.borrow_mut().secret = secret;
            self.run();
        }
    }

    /// Reads the file: into a new account, or on into the one that it brought back already.
    fn run(&self) {
        let Some(this) = self.me.upgrade() else { return };
        let control = BackupControl::default();
        let (file, secret, client) = {
            let mut work = self.work.borrow_mut();
            let Some(file) = work.file.clone() else { return };
            work.control = control.clone();
            work.following = Some(Task::run(follow(Weak::clone(&self.me), control.clone())));
            (file, work.secret.clone(), work.client.clone())
        };
        let (key, words) = secret_of(self.kind(), &secret);
        self.with(|state| {
            state.set_error(RestoreBackupError::None);
            state.set_progress(-1.);
            state.set_bytes("".into());
            state.set_phase(RestoreBackupPhase::Running);
        });
        let start = &self.context.start;
        let (folder, source, options) = (start.folder.clone(), start.key(), start.options_for_new());
        go(async move {
            let reading = async move {
                match client {
                    Some(client) => {
                        let read = client.read_backup(&file, key, &control).await;
                        Ok((client, read))
                    }
                    None => {
                        let folder = ProfileFolder::open(&folder)?;
                        let words = words.as_deref().map(String::as_str);
                        Client::restore_backup(folder, source, &file, key, words, options, &control).await
                    }
                }
            };
            let result = this.context.bridge.call(reading).await;
            this.work.borrow_mut().following.take();
            this.ended(result).await;
        });
    }

    async fn ended(&self, result: Result<(Client, Result<Restored, Error>), Error>) {
        match result {
            Ok((client, read)) => {
                self.work.borrow_mut().client = Some(client.clone());
                match read {
                    Ok(restored) => self.done(client, restored).await,
                    Err(error) => self.failed(&error),
                }
            }
            // The key was right, and there is something in its place.
            Err(Error::AccountExists { .. }) => self.ask_for_room(),
            Err(error) => {
                self.failed(&error);
                // Nothing was made: the secret can be typed again.
                self.with(|state| state.set_phase(RestoreBackupPhase::Secret));
            }
        }
    }

    fn failed(&self, error: &Error) {
        tracing::warn!(code = error.code(), "the backup was not read to its end");
        let (shown, at) = meaning(error);
        self.with(|state| {
            state.set_error(shown);
            state.set_damaged_at(at);
            state.set_needs(state.get_size());
        });
    }

    fn ask_for_room(&self) {
        let Some(this) = self.me.upgrade() else { return };
        self.with(|state| state.set_phase(RestoreBackupPhase::Secret));
        self.context.ask(DialogKind::EraseEverything, "", move || {
            go(async move {
                match opening::erase(&this.context).await {
                    Ok(()) => this.run(),
                    Err(error) => trouble::show(&this.context, &error),
                }
            });
        });
    }

    async fn done(&self, client: Client, restored: Restored) {
        let counting = async move {
            let inbox = client.conversations(Folder::Inbox).await?.len();
            Ok(inbox + client.conversations(Folder::Archive).await?.len())
        };
        let conversations = self.context.bridge.call(counting).await.unwrap_or_default();
        self.with(|state| {
            state.set_conversations(i32::try_from(conversations).unwrap_or(i32::MAX));
            state.set_messages(i32::try_from(restored.messages).unwrap_or(i32::MAX));
            state.set_secret("".into());
            state.set_phase(RestoreBackupPhase::Done);
        });
        self.context.tell(|part| part.phrase_is_known());
    }

    /// Into the app; or on with what was interrupted.
    fn go_on(&self) {
        let done = self.context.window().map(|window| window.global::<RestoreBackupState>().get_phase());
        if done == Some(RestoreBackupPhase::Done) { self.enter() } else { self.run() }
    }

    /// Stops reading; an account that came back is entered with what it has until then.
    fn cancel(&self) {
        self.work.borrow().control.cancel();
        let interrupted = self
            .context
            .window()
            .is_some_and(|window| window.global::<RestoreBackupState>().get_error() != RestoreBackupError::None);
        if interrupted && self.work.borrow().client.is_some() {
            self.enter();
        }
    }

    /// Opens the account anew, so that it asks for what came since the backup.
    fn enter(&self) {
        let client = std::mem::take(&mut *self.work.borrow_mut()).client;
        let context = Rc::clone(&self.context);
        go(async move {
            if let Some(client) = client {
                let closing = async move {
                    client.shutdown().await;
                    Ok(())
                };
                if let Err(error) = context.bridge.call(closing).await {
                    return trouble::show(&context, &error);
                }
            }
            opening::begin(&context);
        });
    }
}

/// Shows how far it is.
async fn follow(me: Weak<RestoreBackup>, control: BackupControl) {
    let mut progress = control.progress();
    while progress.changed().await.is_ok() {
        let BackupProgress { done, total } = *progress.borrow_and_update();
        let Some(this) = me.upgrade() else { return };
        this.with(|state| {
            state.set_progress(done as f32 / total.max(1) as f32);
            state.set_bytes(crate::size::of(done, total).into());
        });
    }
}

impl Part for RestoreBackup {
    fn arrived(&self, at: Screen) {
        if at == Screen::RestoreBackup {
            self.begin();
        }
    }

    fn is_unsaved(&self, at: Screen) -> bool {
        let typed = |window: App| !window.global::<RestoreBackupState>().get_secret().is_empty();
        at == Screen::RestoreBackup && self.context.window().is_some_and(typed)
    }

    /// What opens it is in memory no longer than on the screen.
    fn left(&self, from: Screen) {
        if from == Screen::RestoreBackup {
            self.begin();
        }
    }
}

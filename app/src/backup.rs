//! backup: where, when, with what key; writing one, now or by itself.

mod files;
mod key;
mod schedule;

use std::cell::RefCell;
use std::path::{Path, PathBuf};
use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::{ComponentHandle as _, Timer, TimerMode};
use tacit_client::{BackupControl, BackupError, BackupProgress, Client, Error, Written};
use tacit_ui::{
    App, BackupKey, BackupResult, BackupSchedule, BackupState, Screen, SettingsState, ShellState, ToastKind,
};
use tacit_wire::TimestampMs;

use crate::account::Account;
use crate::context::{Context, Task, go};
use crate::home::device_now;
use crate::part::Part;
use crate::words;

use key::Secret;
use schedule::Choices;

/// Setting: what was chosen, and how the last one went.
const CHOICES: &str = "app.backup";
/// How often it is looked whether one is due.
const LOOK: Duration = Duration::from_secs(10 * 60);

/// The screen, and what backs up by itself.
pub(crate) struct Backup {
    me: Weak<Self>,
    context: Rc<Context>,
    choices: RefCell<Choices>,
    /// A key or passphrase that was chosen and not confirmed yet.
    offered: RefCell<Option<Secret>>,
    running: RefCell<Option<(BackupControl, Task)>>,
    /// Emptying the clipboard, and looking whether one is due.
    clearing: Timer,
    looking: Timer,
}

impl Backup {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            choices: RefCell::default(),
            offered: RefCell::default(),
            running: RefCell::default(),
            clearing: Timer::default(),
            looking: Timer::default(),
        });
        let settings = window.global::<SettingsState>();
        on!(settings, part, on_open_backup, |this| this.context.go(Screen::Backup));
        let state = window.global::<BackupState>();
        on!(state, part, on_choose_folder, |this| this.choose_folder());
        on!(state, part, on_set_schedule, |this, schedule| this.change(|choices| choices.schedule = schedule));
        on!(state, part, on_set_files, |this, files| this.change(|choices| choices.files = files));
        on!(state, part, on_set_keep, |this, keep| this.change(|choices| choices.keep = keep.clamp(1, 30)));
        on!(state, part, on_choose_key, |this, key| this.choose_key(key));
        on!(state, part, on_back_up, |this| this.back_up(true));
        on!(state, part, on_cancel, |this| this.cancel());
        Self::answer_keys(&part, window);
        part
    }

    fn with(&self, work: impl FnOnce(&BackupState<'_>)) {
        self.context.with(|window| work(&window.global::<BackupState>()));
    }

    /// Changes what was chosen, and keeps it.
    fn change(&self, change: impl FnOnce(&mut Choices)) {
        change(&mut self.choices.borrow_mut());
        self.context.keep_setting(CHOICES, self.choices.borrow().to_text());
        self.show();
    }

    fn show(&self) {
        let Some(window) = self.context.window() else { return };
        let (state, choices) = (window.global::<BackupState>(), self.choices.borrow());
        state.set_folder(choices.folder.as_ref().map(|folder| folder.display().to_string()).unwrap_or_default().into());
        state.set_schedule(choices.schedule);
        state.set_files(choices.files);
        state.set_keep(choices.keep);
        state.set_key(choices.key_kind());
        let last = choices.last.map(|(at, _)| words::when(&window, TimestampMs(at)));
        state.set_last(last.unwrap_or_default().into());
        state.set_size(choices.last.map(|(_, bytes)| crate::size::bytes(bytes)).unwrap_or_default().into());
        if self.running.borrow().is_none() {
            state.set_result(choices.result);
        }
        if choices.result == BackupResult::NoSpace {
            self.show_needs();
        }
        self.show_overdue();
    }

    fn choose_folder(&self) {
        let (me, context, choosing) =
            (Weak::clone(&self.me), Rc::clone(&self.context), self.context.platform.choose_folder());
        go(async move {
            match choosing.await {
                Ok(Some(folder)) => {
                    if let Some(this) = me.upgrade() {
                        this.change(|choices| choices.folder = Some(folder));
                    }
                }
                Ok(None) => {}
                Err(error) => {
                    tracing::warn!(%error, "no folder could be chosen");
                    context.toast(ToastKind::CannotOpenFiles);
                }
            }
        });
    }

    fn cancel(&self) {
        if let Some((control, _)) = self.running.borrow().as_ref() {
            control.cancel();
        }
    }

    /// Writes one; `told` says that somebody waits for it.
    fn back_up(&self, told: bool) {
        let choices = self.choices.borrow().clone();
        let (Some(folder), Some(this)) = (choices.folder.clone(), self.me.upgrade()) else { return };
        if self.running.borrow().is_some() {
            return;
        }
        let control = if choices.files { BackupControl::default() } else { BackupControl::default().without_files() };
        self.with(|state| state.set_result(BackupResult::Running));
        let progress = Task::run(follow(Weak::clone(&self.me), control.clone()));
        *self.running.borrow_mut() = Some((control.clone(), progress));
        go(async move {
            let path = folder.join(files::name(device_now()));
            let keep = usize::try_from(choices.keep).unwrap_or(1);
            let key = choices.secret();
            let result = this
                .context
                .call(move |account| async move { write(account.client, &path, key, control, keep).await })
                .await;
            this.running.borrow_mut().take();
            this.ended(result, told, &folder);
        });
    }

    fn ended(&self, result: Result<Written, Error>, told: bool, folder: &Path) {
        let outcome = match &result {
            Ok(_) => BackupResult::Fine,
            Err(Error::Backup(BackupError::Cancelled)) => BackupResult::Interrupted,
            Err(Error::Backup(BackupError::NoSpace { .. })) => BackupResult::NoSpace,
            Err(Error::Backup(BackupError::File { .. })) if !folder.is_dir() => BackupResult::FolderGone,
            Err(_) => BackupResult::Failed,
        };
        self.change(|choices| {
            choices.result = outcome;
            match &result {
                Ok(written) => {
                    choices.last = Some((device_now().0, written.bytes));
                    choices.failing = None;
                }
                Err(Error::Closed | Error::Backup(BackupError::Cancelled)) => {}
                Err(_) => choices.failing = choices.failing.or(Some(device_now().0)),
            }
        });
        match result {
            Ok(_) if told => self.context.toast(ToastKind::BackupDone),
            Err(Error::Closed) | Ok(_) => {}
            Err(error) => tracing::warn!(code = error.code(), "no backup was written"),
        }
    }

    /// Says how much room one takes, so that it can be made.
    fn show_needs(&self) {
        let (context, files) = (Rc::clone(&self.context), self.choices.borrow().files);
        go(async move {
            let needed = context.call(move |account| needed(account.client, files)).await;
            if let Ok(bytes) = needed {
                context.with(|window| window.global::<BackupState>().set_needs(crate::size::bytes(bytes).into()));
            }
        });
    }

    fn show_overdue(&self) {
        let days = schedule::overdue_days(&self.choices.borrow(), device_now().0);
        self.context.with(|window| window.global::<ShellState>().set_backup_overdue(days));
    }

    /// Writes one if it is time.
    fn look(&self) {
        self.show_overdue();
        if self.choices.borrow().is_due(device_now()) {
            self.back_up(false);
        }
    }

    fn load(&self) {
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let kept = context.call(|account| async move { account.client.setting(CHOICES).await }).await;
            let (Ok(kept), Some(this)) = (kept, me.upgrade()) else { return };
            *this.choices.borrow_mut() = kept.as_deref().map(Choices::from_text).unwrap_or_default();
            this.show();
            this.look();
        });
        let me = Weak::clone(&self.me);
        self.looking.start(TimerMode::Repeated, LOOK, move || {
            if let Some(this) = me.upgrade() {
                this.look();
            }
        });
    }
}

/// Shows how far it is.
async fn follow(me: Weak<Backup>, control: BackupControl) {
    let mut progress = control.progress();
    loop {
        let BackupProgress { done, total } = *progress.borrow_and_update();
        let Some(this) = me.upgrade() else { return };
        this.with(|state| {
            state.set_progress(done as f32 / total.max(1) as f32);
            state.set_done(crate::size::of(done, total).into());
        });
        drop(this);
        if progress.changed().await.is_err() {
            return;
        }
    }
}

/// About how many bytes a backup takes.
async fn needed(client: Client, files: bool) -> Result<u64, Error> {
    let used = if files { client.storage_use().await? } else { Vec::new() };
    Ok(client.database_size().await? + used.iter().map(|used| used.bytes).sum::<u64>())
}

/// Writes a backup, then removes those that are one too many.
async fn write(
    client: Client,
    path: &Path,
    key: tacit_client::BackupKey,
    control: BackupControl,
    keep: usize,
) -> Result<Written, Error> {
    let written = client.write_backup(path, key, &control).await?;
    let folder = path.parent().map(PathBuf::from);
    let removing = tokio::task::spawn_blocking(move || folder.map(|folder| files::keep_newest(&folder, keep)));
    if removing.await.is_err() {
        tracing::warn!("older backups could not be removed");
    }
    Ok(written)
}

impl Part for Backup {
    fn account_opened(&self, _account: &Account) {
        self.load();
    }

    fn account_closing(&self) {
        self.looking.stop();
        self.cancel();
        *self.choices.borrow_mut() = Choices::default();
        self.offered.borrow_mut().take();
        self.show();
    }

    fn arrived(&self, at: Screen) {
        if at == Screen::Backup {
            self.show();
        }
    }

    fn sheet_closed(&self) {
        self.forget_offer();
    }
}

impl Choices {
    fn key_kind(&self) -> BackupKey {
        match self.secret {
            None => BackupKey::Phrase,
            Some(Secret::Key(_)) => BackupKey::Key,
            Some(Secret::Passphrase(_)) => BackupKey::Passphrase,
        }
    }

    fn secret(&self) -> tacit_client::BackupKey {
        match &self.secret {
            None => tacit_client::BackupKey::Account,
            Some(Secret::Key(text)) => tacit_client::BackupKey::from_text(text),
            Some(Secret::Passphrase(text)) => tacit_client::BackupKey::Passphrase(text.clone()),
        }
    }

    /// Whether it is time for one.
    fn is_due(&self, now: TimestampMs) -> bool {
        let last = self.last.map(|(at, _)| at);
        self.folder.is_some() && schedule::is_due(self.schedule, last, now.0)
    }
}

impl Default for Choices {
    fn default() -> Self {
        Self {
            folder: None,
            schedule: BackupSchedule::Off,
            files: true,
            keep: 3,
            secret: None,
            last: None,
            result: BackupResult::None,
            failing: None,
        }
    }
}

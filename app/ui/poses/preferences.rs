//! Privacy, lock, notifications, chats, storage, backup, erasing.

use slint::ComponentHandle;
use tacit_ui::{
    App, AppLockState, AutoDownload, BackupKeyState, BackupPassphraseState, BackupResult, BackupSchedule, BackupState,
    BlockedPerson, BlockedState, ChatsState, CheckPhase, DeliveryKind, DeliveryOption, DeliveryState, DiagnosisKind,
    ErasePhase, EraseState, FreeKind, FreeOption, ListPhase, LockEntry, LockKind, LockStep, NotificationsState,
    NotifyContent, PassphraseStatus, PrivacyState, Screen, SheetKind, ShellState, StorageChat, StorageKind,
    StoragePart, StorageState,
};

use super::{Pose, account::settings, chats, list};

fn privacy(app: &App) {
    settings(app, Screen::Privacy);
    let state = app.global::<PrivacyState>();
    state.set_lock(LockKind::Passphrase);
    state.set_can_secure_screen(true);
    state.set_secure_screen(true);
    state.set_can_go_incognito(true);
    state.set_clear_clipboard(true);
    state.set_typing(true);
    state.set_blocked(3);
}

fn blocked(app: &App) {
    settings(app, Screen::Blocked);
    let person = |(i, name): (i32, &str)| BlockedPerson {
        id: name.into(),
        name: name.into(),
        initials: name[..1].into(),
        tone: i,
        checked: i == 1,
    };
    app.global::<BlockedState>()
        .set_people(list((0..).zip(["Anton", "05c2…81f0", "Casino News"]).map(person).collect()));
    app.global::<BlockedState>().set_checked(1);
}

fn lock(app: &App, step: LockStep, wanted: LockKind, entry: &str, status: LockEntry) {
    settings(app, Screen::AppLock);
    let state = app.global::<AppLockState>();
    state.set_has_biometrics(true);
    state.set_kind(if step == LockStep::Choose { LockKind::Off } else { wanted });
    state.set_wanted(wanted);
    state.set_step(step);
    state.set_entry(entry.into());
    state.set_status(status);
    state.set_after(5);
}

fn notifications(app: &App, troubles: Vec<DiagnosisKind>) {
    settings(app, Screen::Notifications);
    let state = app.global::<NotificationsState>();
    state.set_has_delivery(true);
    state.set_can_vibrate(true);
    state.set_content(NotifyContent::NameOnly);
    state.set_last_check("2 min ago".into());
    state.set_troubles(list(troubles));
}

fn delivery(app: &App, first: bool, asking: bool) {
    settings(app, Screen::MessageDelivery);
    let state = app.global::<DeliveryState>();
    let way = |kind, name: &str| DeliveryOption { kind, name: name.into() };
    state.set_options(list(vec![way(DeliveryKind::Own, ""), way(DeliveryKind::UnifiedPush, "ntfy")]));
    state.set_first(first);
    state.set_asking(asking);
}

fn storage(app: &App, check: CheckPhase) {
    settings(app, Screen::Storage);
    let state = app.global::<StorageState>();
    state.set_total("1.2 GB".into());
    state.set_free("18 GB".into());
    let part = |kind, size: &str, share| StoragePart { kind, size: size.into(), share };
    state.set_parts(list(vec![
        part(StorageKind::Messages, "212 MB", 0.17),
        part(StorageKind::Pictures, "486 MB", 0.4),
        part(StorageKind::Videos, "310 MB", 0.25),
        part(StorageKind::Voice, "96 MB", 0.08),
        part(StorageKind::Files, "122 MB", 0.1),
    ]));
    let sizes = ["612 MB", "214 MB", "96 MB", "40 MB", "12 MB"];
    let size = |(chat, size): (tacit_ui::ChatItem, &str)| StorageChat {
        id: chat.id,
        name: chat.name,
        initials: chat.initials,
        tone: chat.tone,
        is_self: chat.is_self,
        size: size.into(),
        ..Default::default()
    };
    state.set_chats(list(chats().into_iter().zip(sizes).map(size).collect()));
    let free = |kind, size: &str| FreeOption { kind, size: size.into() };
    state.set_options(list(vec![
        free(FreeKind::OlderThanYear, "120 MB"),
        free(FreeKind::OlderThanQuarter, "490 MB"),
        free(FreeKind::OlderThanMonth, "702 MB"),
    ]));
    state.set_check(check);
    state.set_check_progress(0.4);
    state.set_checked(if check == CheckPhase::Idle { "" } else { "24 Nov, 09:05" }.into());
}

fn backup(app: &App, result: BackupResult) {
    settings(app, Screen::Backup);
    let state = app.global::<BackupState>();
    state.set_result(result);
    if result != BackupResult::None {
        state.set_folder("/home/mara/Documents/Backups".into());
        state.set_last("Today, 03:12".into());
        state.set_size("112 MB".into());
        state.set_schedule(BackupSchedule::Daily);
    }
    state.set_needs("1.2 GB".into());
    state.set_progress(0.43);
    state.set_done("48 of 112 MB".into());
}

fn erase(app: &App, phase: ErasePhase) {
    settings(app, Screen::EraseData);
    let state = app.global::<EraseState>();
    state.set_phase(phase);
    state.set_network(phase != ErasePhase::Choose);
    state.set_phrase_unsaved(true);
    state.set_word("eras".into());
    state.set_confirmed(4);
    state.set_missing(3);
    state.set_of(7);
}

pub fn poses() -> Vec<Pose> {
    let p = Pose::new;
    vec![
        p("privacy", "normal", privacy).main(),
        p("blocked", "full", blocked),
        p("blocked", "empty", |app| settings(app, Screen::Blocked)),
        p("app-lock", "off", |app| {
            lock(app, LockStep::Overview, LockKind::Off, "", LockEntry::Empty);
        }),
        p("app-lock", "on", |app| {
            lock(app, LockStep::Overview, LockKind::Passphrase, "", LockEntry::Empty);
        })
        .main(),
        p("app-lock", "passphrase", |app| {
            lock(app, LockStep::Choose, LockKind::Passphrase, "seven wet ducks", LockEntry::Ok);
        })
        .main(),
        p("app-lock", "passphrase-differs", |app| {
            lock(app, LockStep::Repeat, LockKind::Passphrase, "seven wet dogs", LockEntry::Differs);
        }),
        p("app-lock", "pin", |app| lock(app, LockStep::Choose, LockKind::Pin, "4711", LockEntry::TooShort)).main(),
        p("app-lock", "pin-wrong", |app| {
            lock(app, LockStep::Current, LockKind::Pin, "471147", LockEntry::Wrong);
        }),
        p("notifications", "normal", |app| notifications(app, vec![])).main(),
        p("notifications", "troubles", |app| {
            notifications(
                app,
                vec![DiagnosisKind::PermissionOff, DiagnosisKind::Battery, DiagnosisKind::DistributorGone],
            );
        }),
        p("notifications", "off", |app| {
            notifications(app, vec![DiagnosisKind::NoService]);
            app.global::<NotificationsState>().set_enabled(false);
        }),
        p("message-delivery", "first", |app| delivery(app, true, false)).main(),
        p("message-delivery", "permission", |app| delivery(app, true, true)),
        p("message-delivery", "settings", |app| delivery(app, false, false)),
        p("chats", "normal", |app| {
            settings(app, Screen::Chats);
            let state = app.global::<ChatsState>();
            state.set_has_mobile(true);
            state.set_enter_sends(true);
            state.set_double_tap(true);
            state.set_wifi(AutoDownload { pictures: true, voice: true, video: true, files: false });
            state.set_mobile(AutoDownload { pictures: true, voice: true, video: false, files: false });
        })
        .main(),
        p("storage", "normal", |app| storage(app, CheckPhase::Idle)).main(),
        p("storage", "counting", |app| {
            settings(app, Screen::Storage);
            app.global::<StorageState>().set_phase(ListPhase::Loading);
        }),
        p("storage", "checking", |app| storage(app, CheckPhase::Running)),
        p("storage", "fine", |app| storage(app, CheckPhase::Fine)),
        p("storage", "damaged", |app| storage(app, CheckPhase::Damaged)),
        p("storage", "free-up", |app| {
            storage(app, CheckPhase::Idle);
            app.global::<ShellState>().set_sheet(SheetKind::FreeUp);
        }),
        p("backup", "none", |app| backup(app, BackupResult::None)),
        p("backup", "fine", |app| backup(app, BackupResult::Fine)).main(),
        p("backup", "running", |app| backup(app, BackupResult::Running)),
        p("backup", "no-space", |app| backup(app, BackupResult::NoSpace)),
        p("backup", "folder-gone", |app| backup(app, BackupResult::FolderGone)),
        p("backup", "key", |app| {
            backup(app, BackupResult::Fine);
            let blocks = super::words("a3b90f42 7e04dd1c 0c5eaa31 e47b5d20 b8f10e66 19d47ac8 3f9ac07e 77c01f4d");
            app.global::<BackupKeyState>().set_blocks(blocks);
            app.global::<ShellState>().set_sheet(SheetKind::BackupKey);
        })
        .main(),
        p("backup", "passphrase", |app| {
            backup(app, BackupResult::Fine);
            let state = app.global::<BackupPassphraseState>();
            state.set_passphrase("seven wet ducks".into());
            state.set_again("seven wet dogs".into());
            state.set_status(PassphraseStatus::Differs);
            app.global::<ShellState>().set_sheet(SheetKind::BackupPassphrase);
        }),
        p("erase-data", "choose", |app| erase(app, ErasePhase::Choose)).main(),
        p("erase-data", "confirm", |app| erase(app, ErasePhase::Confirm)),
        p("erase-data", "running", |app| erase(app, ErasePhase::Running)),
        p("erase-data", "partial", |app| erase(app, ErasePhase::Partial)).main(),
        p("erase-data", "offline", |app| erase(app, ErasePhase::Offline)),
    ]
}

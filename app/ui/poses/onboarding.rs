//! Before there is an account, and when there is trouble.

use slint::ComponentHandle;
use tacit_ui::{
    App, BackupKey, CreateAccountState, DialogKind, Fault, FaultState, LockKind, LockPhase, LockState, MigratingState,
    NameStatus, PhraseChip, PhraseSource, PhraseStatus, RecoveryPhraseState, RecoveryVerifyState, RestoreBackupError,
    RestoreBackupPhase, RestoreBackupState, RestoreOutcome, RestoreState, RestoringState, SafeStartState, SavePhase,
    Screen, SettingsState, ShellState, StepPhase, StoreProblem,
};

use super::{Pose, ines, list, show, words};

fn no_account(app: &App, screen: Screen) {
    app.global::<SettingsState>().set_id("".into());
    show(app, screen);
}

fn create(app: &App, name: &str, initials: &str, status: NameStatus, phase: SavePhase) {
    let state = app.global::<CreateAccountState>();
    state.set_name(name.into());
    state.set_initials(initials.into());
    state.set_tone(4);
    state.set_status(status);
    state.set_phase(phase);
    no_account(app, Screen::CreateAccount);
}

fn restore(app: &App, text: &str, status: PhraseStatus, wrong: &str) {
    let state = app.global::<RestoreState>();
    let chips: Vec<PhraseChip> = text
        .split_whitespace()
        .enumerate()
        .map(|(i, word)| PhraseChip {
            number: i as i32 + 1,
            word: word.into(),
            bad: word == wrong && status == PhraseStatus::UnknownWord,
            other_list: word == wrong && status == PhraseStatus::OtherList,
        })
        .collect();
    state.set_count(chips.len() as i32);
    state.set_entry_number(chips.len() as i32 + 1);
    state.set_chips(list(chips));
    state.set_status(status);
    state.set_wrong_word(wrong.into());
    no_account(app, Screen::Restore);
}

fn restoring(app: &App, outcome: RestoreOutcome) {
    let state = app.global::<RestoringState>();
    state.set_outcome(outcome);
    state.set_person(ines());
    state.set_path(StepPhase::Done);
    state.set_swarm(StepPhase::Done);
    state.set_profile(StepPhase::Done);
    state.set_contacts(StepPhase::Done);
    state.set_contacts_count(312);
    state.set_groups(StepPhase::Active);
    no_account(app, Screen::Restoring);
}

fn trouble(app: &App, problem: StoreProblem) {
    let state = app.global::<SafeStartState>();
    state.set_problem(problem);
    state.set_detail("file is not a database (code 26) at tacit.db".into());
    no_account(app, Screen::SafeStart);
}

fn phrase(app: &App, shown: bool, tab: i32) {
    let state = app.global::<RecoveryPhraseState>();
    state.set_shown(shown);
    state.set_hides_in(102);
    app.set_phrase_tab(tab);
    show(app, Screen::RecoveryPhrase);
}

fn verify(app: &App, round: i32, wrong: &str) {
    let state = app.global::<RecoveryVerifyState>();
    state.set_round(round);
    state.set_number(5);
    state.set_choices(words("pepper toaster kennel bamboo dwelt anchor"));
    state.set_wrong(wrong.into());
    show(app, Screen::RecoveryVerify);
}

fn backup(app: &App, phase: RestoreBackupPhase, key: BackupKey, error: RestoreBackupError) {
    let state = app.global::<RestoreBackupState>();
    state.set_phase(phase);
    state.set_key(key);
    state.set_error(error);
    state.set_file("tacit-2026-11-12.tacit".into());
    state.set_made("12 November 2026".into());
    state.set_size("112 MB".into());
    state.set_needs("1.2 GB".into());
    state.set_damaged_at(62);
    state.set_progress(0.43);
    state.set_bytes("48 of 112 MB".into());
    state.set_messages(48_210);
    state.set_conversations(37);
    state.set_secret(if key == BackupKey::Key { "a3b90f42 7e04dd1c" } else { "seven wet ducks" }.into());
    state.set_ready(true);
    no_account(app, Screen::RestoreBackup);
}

fn lock(app: &App, kind: LockKind, phase: LockPhase, entry: &str) {
    let state = app.global::<LockState>();
    state.set_kind(kind);
    state.set_phase(phase);
    state.set_entry(entry.into());
    state.set_wait(42);
    state.set_has_biometrics(true);
    show(app, Screen::Lock);
}

pub fn poses() -> Vec<Pose> {
    let p = Pose::new;
    vec![
        p("starting", "normal", |app| no_account(app, Screen::Starting)),
        p("welcome", "normal", |app| no_account(app, Screen::Welcome)).main(),
        p("welcome", "how-it-works", |app| {
            no_account(app, Screen::Welcome);
            app.invoke_open_how_it_works(true);
        }),
        p("create-account", "empty", |app| create(app, "", "", NameStatus::Empty, SavePhase::Idle)),
        p("create-account", "typing", |app| create(app, "Mara Winter", "MW", NameStatus::Ok, SavePhase::Idle)).main(),
        p("create-account", "too-long", |app| {
            create(app, &"Hubert Blaine ".repeat(8), "HB", NameStatus::TooLong, SavePhase::Idle);
        }),
        p("create-account", "saving", |app| create(app, "Mara", "M", NameStatus::Ok, SavePhase::Saving)),
        p("create-account", "no-room", |app| create(app, "Mara", "M", NameStatus::Ok, SavePhase::NoRoom)),
        p("recovery-phrase", "gate", |app| phrase(app, false, 0)),
        p("recovery-phrase", "words-13", |app| phrase(app, true, 0)).main(),
        p("recovery-phrase", "words-12", |app| phrase(app, true, 1)),
        p("recovery-phrase", "qr", |app| phrase(app, true, 2)),
        p("recovery-verify", "first", |app| verify(app, 0, "")).main(),
        p("recovery-verify", "wrong", |app| verify(app, 1, "toaster")),
        p("recovery-verify", "done", |app| verify(app, 3, "")),
        p("recovery-phrase", "copy-dialog", |app| {
            phrase(app, true, 0);
            app.global::<ShellState>().set_dialog(DialogKind::CopyPhrase);
        }),
        p("restore", "empty", |app| restore(app, "", PhraseStatus::Typing, "")),
        p("restore", "typing", |app| {
            restore(app, "kennel apricot husband nearby pepper azure", PhraseStatus::Typing, "");
            let state = app.global::<RestoreState>();
            state.set_entry("to".into());
            state.set_suggestions(words("toaster tobacco today toenail toffee"));
        })
        .main(),
        p("restore", "wrong-word", |app| {
            restore(app, "kennel apricot husband nearby jadde azure goggles", PhraseStatus::UnknownWord, "jadde");
            app.global::<RestoreState>().set_offers(words("jaded jade"));
        }),
        p("restore", "wrong-sum", |app| restore(app, super::WORDS13, PhraseStatus::WrongSum, "")),
        p("restore", "wrong-sum-offer", |app| {
            restore(app, super::WORDS13, PhraseStatus::WrongSumOffer, "");
            let state = app.global::<RestoreState>();
            state.set_offers(words("peeled"));
            state.set_offer_number(5);
        }),
        p("restore", "complete", |app| restore(app, super::WORDS13, PhraseStatus::Complete, "")),
        p("restore", "picture", |app| {
            restore(app, "", PhraseStatus::Typing, "");
            app.global::<RestoreState>().set_source(PhraseSource::Picture);
        }),
        p("restoring", "running", |app| restoring(app, RestoreOutcome::Running)).main(),
        p("restoring", "found", |app| restoring(app, RestoreOutcome::Found)),
        p("restoring", "nothing", |app| restoring(app, RestoreOutcome::Nothing)),
        p("restoring", "offline", |app| restoring(app, RestoreOutcome::Offline)),
        p("restore-backup", "choose", |app| {
            backup(app, RestoreBackupPhase::Choose, BackupKey::Key, RestoreBackupError::None);
        })
        .main(),
        p("restore-backup", "unreadable", |app| {
            backup(app, RestoreBackupPhase::Choose, BackupKey::Key, RestoreBackupError::Unreadable);
        }),
        p("restore-backup", "newer", |app| {
            backup(app, RestoreBackupPhase::Choose, BackupKey::Key, RestoreBackupError::Newer);
        }),
        p("restore-backup", "passphrase", |app| {
            backup(app, RestoreBackupPhase::Secret, BackupKey::Passphrase, RestoreBackupError::None);
        })
        .main(),
        p("restore-backup", "wrong-passphrase", |app| {
            backup(app, RestoreBackupPhase::Secret, BackupKey::Passphrase, RestoreBackupError::WrongSecret);
        }),
        p("restore-backup", "key", |app| {
            backup(app, RestoreBackupPhase::Secret, BackupKey::Key, RestoreBackupError::None);
        }),
        p("restore-backup", "other-account", |app| {
            backup(app, RestoreBackupPhase::Secret, BackupKey::Phrase, RestoreBackupError::OtherAccount);
        }),
        p("restore-backup", "running", |app| {
            backup(app, RestoreBackupPhase::Running, BackupKey::Key, RestoreBackupError::None);
        })
        .main(),
        p("restore-backup", "damaged", |app| {
            backup(app, RestoreBackupPhase::Running, BackupKey::Key, RestoreBackupError::Damaged);
        }),
        p("restore-backup", "interrupted", |app| {
            backup(app, RestoreBackupPhase::Running, BackupKey::Key, RestoreBackupError::Interrupted);
        }),
        p("restore-backup", "done", |app| {
            backup(app, RestoreBackupPhase::Done, BackupKey::Key, RestoreBackupError::None);
        }),
        p("lock", "pin", |app| lock(app, LockKind::Pin, LockPhase::Ready, "4711")).main(),
        p("lock", "pin-wrong", |app| lock(app, LockKind::Pin, LockPhase::Wrong, "471147")),
        p("lock", "pin-waiting", |app| lock(app, LockKind::Pin, LockPhase::Waiting, "")),
        p("lock", "passphrase", |app| lock(app, LockKind::Passphrase, LockPhase::Ready, "")).main(),
        p("lock", "passphrase-wrong", |app| {
            lock(app, LockKind::Passphrase, LockPhase::Wrong, "");
            app.global::<LockState>().set_can_use_phrase(true);
        }),
        p("lock", "passphrase-checking", |app| {
            lock(app, LockKind::Passphrase, LockPhase::Checking, "seven wet ducks");
        }),
        p("lock", "device", |app| lock(app, LockKind::Device, LockPhase::Ready, "")),
        p("safe-start", "damaged", |app| trouble(app, StoreProblem::Damaged)),
        p("safe-start", "wrong-key", |app| trouble(app, StoreProblem::WrongKey)),
        p("safe-start", "newer-version", |app| trouble(app, StoreProblem::NewerVersion)),
        p("migrating", "normal", |app| {
            app.global::<MigratingState>().set_progress(0.62);
            no_account(app, Screen::Migrating);
        }),
        p("fault", "stopped", |app| {
            app.global::<FaultState>().set_fault(Fault::StoppedUnexpectedly);
            app.global::<FaultState>().set_detail("panic at start".into());
            no_account(app, Screen::Fault);
        }),
    ]
}

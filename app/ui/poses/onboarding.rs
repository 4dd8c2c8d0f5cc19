//! Before there is an account, and when there is trouble.

use slint::ComponentHandle;
use tacit_ui::{
    App, CreateAccountState, DialogKind, Fault, FaultState, MigratingState, NameStatus, PhraseChip, PhraseSource,
    PhraseStatus, RecoveryPhraseState, RestoreOutcome, RestoreState, RestoringState, SafeStartState, SavePhase, Screen,
    SettingsState, ShellState, StepPhase, StoreProblem,
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
    state.set_swarm(StepPhase::Active);
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
        p("restoring", "running", |app| restoring(app, RestoreOutcome::Running)),
        p("restoring", "found", |app| restoring(app, RestoreOutcome::Found)),
        p("restoring", "nothing", |app| restoring(app, RestoreOutcome::Nothing)),
        p("restoring", "offline", |app| restoring(app, RestoreOutcome::Offline)),
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

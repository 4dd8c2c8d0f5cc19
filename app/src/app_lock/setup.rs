//! The steps of setting up a lock: pure.

use tacit_ui::{LockEntry, LockKind, LockStep};
use zeroize::Zeroizing;

/// Characters of a passphrase, digits of a PIN.
const SHORTEST: usize = 6;
const LONGEST: usize = 256;

/// What is wanted.
#[derive(Clone, Copy, PartialEq, Eq, Default)]
enum Goal {
    /// A lock, or another one.
    #[default]
    Lock,
    Off,
    Biometrics(bool),
}

/// What all steps led to.
pub(super) enum Action {
    /// Whether the current one is right, before another is chosen.
    Check(Zeroizing<String>),
    TurnOn(Zeroizing<String>),
    Change(Zeroizing<String>, Zeroizing<String>),
    TurnOff(Zeroizing<String>),
    Biometrics(Zeroizing<String>, bool),
}

/// Where setting it up is.
pub(super) struct Setup {
    kind: LockKind,
    wanted: LockKind,
    step: LockStep,
    goal: Goal,
    old: Zeroizing<String>,
    new: Zeroizing<String>,
}

impl Default for Setup {
    fn default() -> Self {
        Self {
            kind: LockKind::Off,
            wanted: LockKind::Passphrase,
            step: LockStep::Overview,
            goal: Goal::Lock,
            old: Zeroizing::default(),
            new: Zeroizing::default(),
        }
    }
}

impl Setup {
    pub(super) fn kind(&self) -> LockKind {
        self.kind
    }

    pub(super) fn wanted(&self) -> LockKind {
        self.wanted
    }

    pub(super) fn step(&self) -> LockStep {
        self.step
    }

    /// This is the lock that there is.
    pub(super) fn found(&mut self, kind: LockKind) {
        self.kind = kind;
    }

    /// A kind was chosen. Who has a lock shows first that they can open it.
    pub(super) fn choose(&mut self, kind: LockKind) {
        if kind == self.kind || kind == LockKind::Device {
            return;
        }
        match kind {
            LockKind::Off => self.begin(Goal::Off),
            kind => {
                self.wanted = kind;
                self.begin(Goal::Lock);
            }
        }
    }

    /// Another one of the same kind.
    pub(super) fn change(&mut self) {
        self.wanted = self.kind;
        self.begin(Goal::Lock);
    }

    pub(super) fn biometrics(&mut self, on: bool) {
        self.begin(Goal::Biometrics(on));
    }

    fn begin(&mut self, goal: Goal) {
        self.goal = goal;
        self.step = if self.kind == LockKind::Off { LockStep::Choose } else { LockStep::Current };
    }

    pub(super) fn cancel(&mut self) {
        self.done(LockStep::Overview);
    }

    /// What is typed: whether it can be a lock. The current one is judged by whether it opens.
    pub(super) fn judge(&self, text: &str) -> LockEntry {
        match text.chars().count() {
            0 => LockEntry::Empty,
            1..SHORTEST => LockEntry::TooShort,
            count if count > LONGEST => LockEntry::TooLong,
            _ => LockEntry::Ok,
        }
    }

    /// A step was taken with what was typed: what is to be done now, if anything.
    pub(super) fn enter(&mut self, text: Zeroizing<String>) -> Result<Option<Action>, LockEntry> {
        match (self.step, self.goal) {
            (LockStep::Overview, _) => Ok(None),
            (LockStep::Current, Goal::Off) => Ok(Some(Action::TurnOff(text))),
            (LockStep::Current, Goal::Biometrics(on)) => Ok(Some(Action::Biometrics(text, on))),
            (LockStep::Current, Goal::Lock) => {
                self.old.clone_from(&text);
                Ok(Some(Action::Check(text)))
            }
            (LockStep::Choose, _) => {
                self.new = text;
                self.step = LockStep::Repeat;
                Ok(None)
            }
            (LockStep::Repeat, _) if *text != *self.new => Err(LockEntry::Differs),
            (LockStep::Repeat, _) if self.kind == LockKind::Off => Ok(Some(Action::TurnOn(text))),
            (LockStep::Repeat, _) => Ok(Some(Action::Change(std::mem::take(&mut self.old), text))),
        }
    }

    /// It was done.
    pub(super) fn done(&mut self, step: LockStep) {
        self.step = step;
        self.new = Zeroizing::default();
        if step == LockStep::Overview {
            self.old = Zeroizing::default();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn enter(setup: &mut Setup, text: &str) -> Result<Option<Action>, LockEntry> {
        setup.enter(Zeroizing::new(text.to_owned()))
    }

    #[test]
    fn a_first_lock_is_typed_twice() {
        let mut setup = Setup::default();
        setup.choose(LockKind::Pin);
        assert_eq!((setup.step(), setup.wanted()), (LockStep::Choose, LockKind::Pin));
        assert!(matches!(enter(&mut setup, "123456"), Ok(None)));
        assert!(matches!(enter(&mut setup, "123457"), Err(LockEntry::Differs)));
        assert!(matches!(enter(&mut setup, "123456"), Ok(Some(Action::TurnOn(_)))));
    }

    #[test]
    fn who_has_a_lock_opens_it_before_it_is_changed_or_taken_off() {
        let mut setup = Setup::default();
        setup.found(LockKind::Passphrase);
        setup.choose(LockKind::Off);
        assert_eq!(setup.step(), LockStep::Current);
        assert!(matches!(enter(&mut setup, "old words"), Ok(Some(Action::TurnOff(_)))));
        setup.change();
        assert!(matches!(enter(&mut setup, "old words"), Ok(Some(Action::Check(_)))));
        setup.done(LockStep::Choose);
        assert!(matches!(enter(&mut setup, "new words"), Ok(None)));
        match enter(&mut setup, "new words") {
            Ok(Some(Action::Change(old, new))) => assert_eq!((&**old, &**new), ("old words", "new words")),
            _ => panic!("the lock is changed"),
        }
    }

    #[test]
    fn length_is_judged_while_typing() {
        let setup = Setup::default();
        let judged = ["", "12345", "123456"].map(|text| setup.judge(text));
        assert_eq!(judged, [LockEntry::Empty, LockEntry::TooShort, LockEntry::Ok]);
        assert_eq!(setup.judge(&"ä".repeat(256)), LockEntry::Ok);
        assert_eq!(setup.judge(&"ä".repeat(257)), LockEntry::TooLong);
    }
}

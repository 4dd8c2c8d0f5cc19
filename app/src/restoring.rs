//! restoring: what the network still has for an account that was brought back, told line by line.

use std::cell::RefCell;
use std::rc::{Rc, Weak};

use slint::ComponentHandle as _;
use tacit_client::{RestoreOutcome as Outcome, RestoreProgress, RestoreStep};
use tacit_ui::{App, HomeState, RestoreOutcome, RestoringState, Screen, StepPhase};

use crate::account::Account;
use crate::context::{Context, Task, go};
use crate::part::Part;
use crate::{opening, person, trouble};

/// The steps in their order, as the screen has a line for each.
const STEPS: [RestoreStep; 6] = [
    RestoreStep::Path,
    RestoreStep::Swarm,
    RestoreStep::Profile,
    RestoreStep::Contacts,
    RestoreStep::Groups,
    RestoreStep::Messages,
];

/// How each line stands.
fn phases(progress: &RestoreProgress) -> [StepPhase; 6] {
    let failed = progress.outcome == Some(Outcome::Offline);
    STEPS.map(|step| match step.cmp(&progress.step) {
        std::cmp::Ordering::Less => StepPhase::Done,
        std::cmp::Ordering::Greater => StepPhase::Waiting,
        std::cmp::Ordering::Equal if failed => StepPhase::Failed,
        std::cmp::Ordering::Equal => StepPhase::Active,
    })
}

/// What came of it. Whoever has no name has nothing to come back to.
fn outcome(progress: &RestoreProgress) -> RestoreOutcome {
    match progress.outcome {
        None => RestoreOutcome::Running,
        Some(Outcome::Offline) => RestoreOutcome::Offline,
        Some(Outcome::Found) if !progress.found.name.is_empty() => RestoreOutcome::Found,
        Some(Outcome::Found | Outcome::Nothing) => RestoreOutcome::Nothing,
    }
}

/// The screen.
pub(crate) struct Restoring {
    me: Weak<Self>,
    context: Rc<Context>,
    looking: RefCell<Option<Task>>,
}

impl Restoring {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part =
            Rc::new_cyclic(|me| Self { me: Weak::clone(me), context: Rc::clone(context), looking: RefCell::default() });
        let state = window.global::<RestoringState>();
        on!(state, part, on_cancel, |this| this.cancel());
        on!(state, part, on_go_on, |this| this.context.go(Screen::Home));
        on!(state, part, on_try_again, |this| this.again());
        on!(state, part, on_choose_name, |this| this.context.go(Screen::CreateAccount));
        part
    }

    /// Follows what the core does, also after the screen was left.
    fn follow(&self, account: &Account) {
        let me = Weak::clone(&self.me);
        let (mut progress, account) = (account.client.restore_progress(), account.clone());
        *self.looking.borrow_mut() = Some(Task::run(async move {
            loop {
                let now = progress.borrow_and_update().clone();
                let Some(this) = me.upgrade() else { return };
                this.show(&now, &account);
                drop(this);
                if progress.changed().await.is_err() {
                    return;
                }
            }
        }));
    }

    fn show(&self, progress: &RestoreProgress, account: &Account) {
        let number = |count: u32| i32::try_from(count).unwrap_or(i32::MAX);
        self.context.with(|window| {
            let (state, found) = (window.global::<RestoringState>(), &progress.found);
            let [path, swarm, profile, contacts, groups, messages] = phases(progress);
            state.set_path(path);
            state.set_swarm(swarm);
            state.set_profile(profile);
            state.set_contacts(contacts);
            state.set_groups(groups);
            state.set_messages(messages);
            state.set_contacts_count(number(found.contacts));
            state.set_groups_count(number(found.groups.saturating_add(found.communities)));
            state.set_messages_count(number(found.messages));
            state.set_person(person::person(&found.name, &account.id));
            state.set_outcome(outcome(progress));
            window.global::<HomeState>().set_catching_up(progress.step != RestoreStep::Done);
        });
        if !progress.found.name.is_empty() {
            self.context.tell(|part| part.profile_changed(account));
        }
    }

    fn again(&self) {
        if let Some(account) = self.context.account() {
            let _runtime = self.context.bridge.enter();
            account.client.restore_again();
        }
    }

    /// The account was made a moment ago and holds nothing that is not in the phrase: it goes.
    fn cancel(&self) {
        self.looking.borrow_mut().take();
        let context = Rc::clone(&self.context);
        go(async move {
            match opening::erase(&context).await {
                Ok(()) => {
                    context.go(Screen::Welcome);
                    context.go(Screen::Restore);
                }
                Err(error) => trouble::show(&context, &error),
            }
        });
    }
}

impl Part for Restoring {
    fn account_opened(&self, account: &Account) {
        self.follow(account);
    }

    fn account_closing(&self) {
        self.looking.borrow_mut().take();
        self.context.with(|window| window.global::<HomeState>().set_catching_up(false));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_are_ticked_from_the_first_to_the_last() {
        let mut progress = RestoreProgress { step: RestoreStep::Swarm, ..RestoreProgress::default() };
        use StepPhase::{Active, Done, Failed, Waiting};
        assert_eq!(phases(&progress), [Done, Active, Waiting, Waiting, Waiting, Waiting]);
        assert_eq!(outcome(&progress), RestoreOutcome::Running);
        progress.outcome = Some(Outcome::Offline);
        assert_eq!(phases(&progress)[1], Failed);
        progress = RestoreProgress { step: RestoreStep::Done, outcome: Some(Outcome::Found), ..progress };
        assert_eq!(phases(&progress), [Done; 6]);
        assert_eq!(outcome(&progress), RestoreOutcome::Nothing, "nobody has a name");
        progress.found.name = "Mara".to_owned();
        assert_eq!(outcome(&progress), RestoreOutcome::Found);
    }
}

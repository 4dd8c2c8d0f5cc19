//! restoring: what the network still has for an account that was brought back, told line by line.

use std::cell::RefCell;
use std::rc::{Rc, Weak};
use std::time::Duration;

use slint::ComponentHandle as _;
use tacit_client::ConnectionState;
use tacit_ui::{App, RestoreOutcome, RestoringState, Screen, StepPhase};

use crate::account::Account;
use crate::context::{Context, Task, go};
use crate::part::Part;
use crate::{opening, person, trouble};

/// Nothing is waited for longer than this.
const PATIENCE: Duration = Duration::from_secs(30);

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
        on!(state, part, on_try_again, |this| this.look());
        on!(state, part, on_choose_name, |this| this.context.go(Screen::CreateAccount));
        part
    }

    fn look(&self) {
        let Some(account) = self.context.account() else { return };
        self.steps([StepPhase::Active, StepPhase::Waiting, StepPhase::Waiting]);
        self.outcome(RestoreOutcome::Running);
        let me = Weak::clone(&self.me);
        *self.looking.borrow_mut() = Some(Task::run(async move {
            let outcome = tokio::select! {
                outcome = search(&me, account) => outcome,
                () = crate::time::pause(PATIENCE) => RestoreOutcome::Offline,
            };
            if let Some(this) = me.upgrade() {
                this.outcome(outcome);
            }
        }));
    }

    fn steps(&self, steps: [StepPhase; 3]) {
        self.context.with(|window| {
            let state = window.global::<RestoringState>();
            let [path, swarm, contents] = steps;
            state.set_path(path);
            state.set_swarm(swarm);
            state.set_profile(contents);
            state.set_contacts(contents);
            state.set_groups(contents);
            state.set_messages(contents);
        });
    }

    fn outcome(&self, outcome: RestoreOutcome) {
        self.context.with(|window| window.global::<RestoringState>().set_outcome(outcome));
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

/// Goes through the three steps.
async fn search(me: &Weak<Restoring>, account: Account) -> RestoreOutcome {
    let show = |steps| {
        if let Some(this) = me.upgrade() {
            this.steps(steps);
        }
    };
    let mut status = account.client.network().status();
    if status.wait_for(|status| status.state == ConnectionState::Connected).await.is_err() {
        return RestoreOutcome::Offline;
    }
    show([StepPhase::Done, StepPhase::Active, StepPhase::Waiting]);
    let Some(this) = me.upgrade() else { return RestoreOutcome::Running };
    let (network, id) = (account.client.network().clone(), account.id);
    let asking = async move { network.swarm(&id).await.map_err(Into::into) };
    if this.context.bridge.call(asking).await.is_err() {
        show([StepPhase::Done, StepPhase::Failed, StepPhase::Waiting]);
        return RestoreOutcome::Offline;
    }
    show([StepPhase::Done, StepPhase::Done, StepPhase::Active]);
    let client = account.client.clone();
    let fetched = this.context.bridge.call(async move { client.fetch_all().await }).await;
    show([StepPhase::Done, StepPhase::Done, if fetched.is_ok() { StepPhase::Done } else { StepPhase::Failed }]);
    let name = account.client.display_name();
    match fetched {
        Err(_) => RestoreOutcome::Offline,
        Ok(_) if name.is_empty() => RestoreOutcome::Nothing,
        Ok(_) => {
            let found = person::person(&name, &account.id);
            this.context.with(|window| window.global::<RestoringState>().set_person(found));
            RestoreOutcome::Found
        }
    }
}

impl Part for Restoring {
    fn arrived(&self, at: Screen) {
        if at == Screen::Restoring {
            self.look();
        }
    }

    fn left(&self, from: Screen) {
        if from == Screen::Restoring {
            self.looking.borrow_mut().take();
        }
    }

    fn account_closing(&self) {
        self.looking.borrow_mut().take();
    }
}

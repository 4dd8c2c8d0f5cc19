//! notifications: what is told outside of the app; and the telling itself.

mod teller;

use std::cell::{Cell, RefCell};
use std::rc::{Rc, Weak};

use slint::ComponentHandle as _;
use tacit_client::{ConversationId, NotifyLevel, Settings};
use tacit_ui::{App, DiagnosisKind, NotificationsState, NotifyContent, Screen, SettingsState, Texts, ToastKind};

use crate::account::Account;
use crate::context::{Context, Task, go};
use crate::model::list;
use crate::part::Part;
use crate::platform::{Notice, SystemSettings};

/// The tag of the notification that tests them.
const TEST: &str = "test";

/// The screen, and what shows notifications.
pub(crate) struct Notifications {
    me: Weak<Self>,
    context: Rc<Context>,
    /// The system showed none when it was asked to.
    no_service: Cell<bool>,
    telling: RefCell<Vec<Task>>,
}

impl Notifications {
    pub(crate) fn attach(window: &App, context: &Rc<Context>) -> Rc<Self> {
        let part = Rc::new_cyclic(|me| Self {
            me: Weak::clone(me),
            context: Rc::clone(context),
            no_service: Cell::default(),
            telling: RefCell::default(),
        });
        let settings = window.global::<SettingsState>();
        on!(settings, part, on_open_notifications, |this| this.context.go(Screen::Notifications));
        let state = window.global::<NotificationsState>();
        state.set_can_vibrate(context.platform.abilities().vibration);
        on!(state, part, on_set_enabled, |this, on| this.change(move |settings| settings.notify = on));
        on!(state, part, on_set_content, |this, content| this
            .change(move |settings| settings.notify_level = level(content)));
        on!(state, part, on_set_sound, |this, on| this.change(move |settings| settings.notify_sound = on));
        on!(state, part, on_set_vibration, |this, on| this.change(move |settings| settings.notify_vibration = on));
        on!(state, part, on_set_messages, |this, on| this.change(move |settings| settings.notify_messages = on));
        on!(state, part, on_set_requests, |this, on| this.change(move |settings| settings.notify_requests = on));
        on!(state, part, on_set_reactions, |this, on| this.change(move |settings| settings.notify_reactions = on));
        on!(state, part, on_set_in_app_sounds, |this, on| this.change(move |settings| settings.in_app_sounds = on));
        on!(state, part, on_set_badge, |this, on| this.change(move |settings| settings.badge = on));
        on!(state, part, on_open_delivery, |this| this.context.go(Screen::MessageDelivery));
        on!(state, part, on_test, |this| this.test());
        on!(state, part, on_fix, |this, kind| this.fix(kind));
        part
    }

    fn change(&self, change: impl FnOnce(&mut Settings) + Send + 'static) {
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            match context.change_settings(change).await {
                Ok(settings) => {
                    if let Some(this) = me.upgrade() {
                        this.show(&settings);
                    }
                }
                Err(error) => context.report(&error),
            }
        });
    }

    fn show(&self, settings: &Settings) {
        self.context.with(|window| {
            let state = window.global::<NotificationsState>();
            state.set_enabled(settings.notify);
            state.set_content(content(settings.notify_level));
            state.set_sound(settings.notify_sound);
            state.set_vibration(settings.notify_vibration);
            state.set_messages(settings.notify_messages);
            state.set_requests(settings.notify_requests);
            state.set_reactions(settings.notify_reactions);
            state.set_in_app_sounds(settings.in_app_sounds);
            state.set_badge(settings.badge);
        });
    }

    /// Shows one, so that it is seen whether they come.
    fn test(&self) {
        let Some(window) = self.context.window() else { return };
        let body = window.global::<Texts>().invoke_new_message();
        let notice = Notice { tag: TEST.to_owned(), title: "Tacit".to_owned(), body: body.into(), sound: true };
        let shown = self.context.platform.notify(notice, Box::new(|| {}));
        let (me, context) = (Weak::clone(&self.me), Rc::clone(&self.context));
        go(async move {
            let shown = shown.await;
            let Some(this) = me.upgrade() else { return };
            this.set_no_service(shown.is_err());
            match shown {
                Ok(()) => context.toast(ToastKind::TestSent),
                Err(error) => context.refuse(&error),
            }
        });
    }

    fn set_no_service(&self, none: bool) {
        self.no_service.set(none);
        let troubles: &[DiagnosisKind] = if none { &[DiagnosisKind::NoService] } else { &[] };
        self.context.with(|window| window.global::<NotificationsState>().set_troubles(list(troubles.to_vec())));
    }

    fn fix(&self, kind: DiagnosisKind) {
        match kind {
            // It may be there by now.
            DiagnosisKind::NoService => self.test(),
            _ => {
                if let Err(error) = self.context.platform.open_settings(SystemSettings::Notifications) {
                    self.context.refuse(&error);
                }
            }
        }
    }

    /// A notification was tapped.
    fn open(&self, conversation: ConversationId) {
        self.context.with(|window| {
            let window = window.window();
            window.set_minimized(false);
            // A window that cannot be shown is gone.
            let _ = window.show();
        });
        match self.context.at() {
            Screen::Lock => self.context.wanted.set(Some(conversation)),
            _ if self.context.account().is_some() => {
                self.context.tell(|part| part.open_conversation(conversation));
            }
            _ => {}
        }
    }
}

fn level(content: NotifyContent) -> NotifyLevel {
    match content {
        NotifyContent::NameAndText => NotifyLevel::NameAndText,
        NotifyContent::NameOnly => NotifyLevel::Name,
        NotifyContent::Nothing => NotifyLevel::Nothing,
    }
}

fn content(level: NotifyLevel) -> NotifyContent {
    match level {
        NotifyLevel::NameAndText => NotifyContent::NameAndText,
        NotifyLevel::Name => NotifyContent::NameOnly,
        NotifyLevel::Nothing => NotifyContent::Nothing,
    }
}

impl Part for Notifications {
    fn account_opened(&self, account: &Account) {
        self.show(&account.client.settings().borrow());
        *self.telling.borrow_mut() = teller::start(&self.me, &self.context, account);
    }

    fn account_closing(&self) {
        self.telling.borrow_mut().clear();
        self.context.platform.set_badge(0);
    }
}

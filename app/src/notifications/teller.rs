//! Shows notifications, takes them away, and keeps the count on the app's icon.

use std::rc::{Rc, Weak};

use slint::ComponentHandle as _;
use tacit_client::{ConversationId, Event, Notification, NotificationBody, Notified, NotifyLevel, Settings};
use tacit_ui::Texts;
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;

use super::Notifications;
use crate::account::Account;
use crate::context::{Context, Task, go};
use crate::conversation::forwarding::summary;
use crate::platform::Notice;

/// Begins; ends when the tasks are dropped.
pub(super) fn start(me: &Weak<Notifications>, context: &Rc<Context>, account: &Account) -> Vec<Task> {
    let (tapped, taps) = mpsc::unbounded_channel();
    let told = {
        let _runtime = context.bridge.enter();
        account.client.notifications()
    };
    vec![
        Task::run(tell(Weak::clone(me), Rc::clone(context), account.clone(), told, tapped)),
        Task::run(follow_taps(Weak::clone(me), taps)),
        Task::run(count(Rc::clone(context), account.clone())),
    ]
}

async fn tell(
    me: Weak<Notifications>,
    context: Rc<Context>,
    account: Account,
    mut told: mpsc::Receiver<Notified>,
    tapped: mpsc::UnboundedSender<ConversationId>,
) {
    while let Some(notified) = told.recv().await {
        match notified {
            Notified::Withdraw { tag } => context.platform.withdraw(&tag),
            Notified::Show(notification) => {
                let settings = *account.client.settings().borrow();
                if is_wanted(&notification, &settings) {
                    let body = said(&context, &notification, settings.notify_level).await;
                    show(&me, &context, &notification, body, &settings, tapped.clone());
                }
            }
        }
    }
}

/// Whether somebody wants to hear of it. While the app is in front it shows what is new itself.
fn is_wanted(notification: &Notification, settings: &Settings) -> bool {
    let kind = match notification.body {
        NotificationBody::Request => settings.notify_requests,
        NotificationBody::Text(_) | NotificationBody::NewMessage => settings.notify_messages,
        NotificationBody::Reaction(_) | NotificationBody::NewReaction => settings.notify_reactions,
    };
    settings.notify && kind && !notification.in_app
}

/// What it says: the text, or what stands for a message without one.
async fn said(context: &Context, notification: &Notification, level: NotifyLevel) -> String {
    let Some(window) = context.window() else { return String::new() };
    let texts = window.global::<Texts>();
    let files = notification.message.filter(|_| level == NotifyLevel::NameAndText);
    match &notification.body {
        NotificationBody::Text(text) => text.clone(),
        NotificationBody::NewMessage => {
            let message = match files {
                Some(id) => context.call(move |account| async move { account.client.message(id).await }).await.ok(),
                None => None,
            };
            let what = message.map(|message| summary(&[&message], &texts)).filter(|what| !what.is_empty());
            what.unwrap_or_else(|| texts.invoke_new_message().into())
        }
        NotificationBody::Request => texts.invoke_new_request().into(),
        NotificationBody::Reaction(emoji) => texts.invoke_reacted_with(emoji.into()).into(),
        NotificationBody::NewReaction => texts.invoke_reacted().into(),
    }
}

fn show(
    me: &Weak<Notifications>,
    context: &Rc<Context>,
    notification: &Notification,
    body: String,
    settings: &Settings,
    tapped: mpsc::UnboundedSender<ConversationId>,
) {
    let notice = Notice {
        tag: notification.tag.clone(),
        title: notification.title.clone().unwrap_or_else(|| "Tacit".to_owned()),
        body,
        sound: settings.notify_sound && !notification.quiet,
    };
    let conversation = notification.conversation;
    // The window may be gone when it is tapped.
    let shown = context.platform.notify(
        notice,
        Box::new(move || {
            let _ = tapped.send(conversation);
        }),
    );
    let me = Weak::clone(me);
    go(async move {
        let none = shown.await.is_err();
        if let Some(this) = me.upgrade().filter(|this| this.no_service.get() != none) {
            this.set_no_service(none);
        }
    });
}

async fn follow_taps(me: Weak<Notifications>, mut taps: mpsc::UnboundedReceiver<ConversationId>) {
    while let Some(conversation) = taps.recv().await {
        let Some(this) = me.upgrade() else { return };
        this.open(conversation);
    }
}

/// Keeps the count of what is unread.
async fn count(context: Rc<Context>, account: Account) {
    let (mut events, mut settings) = (account.client.events(), account.client.settings());
    loop {
        let wanted = settings.borrow_and_update().badge;
        let unread = context.call(|account| async move { account.client.badge().await }).await.unwrap_or_default();
        context.platform.set_badge(if wanted { unread } else { 0 });
        loop {
            tokio::select! {
                changed = settings.changed() => match changed {
                    Ok(()) => break,
                    Err(_) => return,
                },
                event = events.recv() => match event {
                    Ok(Event::Conversations | Event::Received(_) | Event::Messages { .. }) => break,
                    Ok(_) | Err(RecvError::Lagged(_)) => {}
                    Err(RecvError::Closed) => return,
                },
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn about(body: NotificationBody, in_app: bool) -> Notification {
        Notification {
            conversation: ConversationId(1),
            message: None,
            title: None,
            body,
            unread: 1,
            tag: String::new(),
            quiet: false,
            in_app,
        }
    }

    #[test]
    fn each_kind_can_be_turned_off_and_nothing_comes_while_the_app_is_in_front() {
        let all = Settings::default();
        assert!(is_wanted(&about(NotificationBody::NewMessage, false), &all));
        assert!(!is_wanted(&about(NotificationBody::NewMessage, true), &all));
        assert!(!is_wanted(&about(NotificationBody::Request, false), &Settings { notify_requests: false, ..all }));
        assert!(!is_wanted(&about(NotificationBody::NewReaction, false), &Settings { notify_reactions: false, ..all }));
        assert!(!is_wanted(&about(NotificationBody::NewMessage, false), &Settings { notify: false, ..all }));
    }
}

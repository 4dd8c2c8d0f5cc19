//! Notifications of desktops. A thread of its own speaks with the system's service, which may be
//! slow or not there.

use std::collections::HashMap;
use std::sync::Arc;

use notify_rust::{Notification, NotificationHandle};
use tokio::sync::{mpsc, oneshot};

use super::{Later, Notice, PlatformError, Tapped};

/// What the service is asked for.
enum Order {
    Show { notice: Notice, tapped: Tapped, done: oneshot::Sender<bool> },
    Withdraw { tag: String },
}

/// The thread.
pub(super) struct Notifier(mpsc::UnboundedSender<Order>);

impl Notifier {
    pub(super) fn start() -> Self {
        let (orders, waiting) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build();
        if let Ok(runtime) = runtime {
            std::thread::spawn(move || runtime.block_on(run(waiting)));
        }
        Self(orders)
    }

    pub(super) fn show(&self, notice: Notice, tapped: Tapped) -> Later<Result<(), PlatformError>> {
        let (done, shown) = oneshot::channel();
        // Without a thread the answer is that there is no service.
        let _ = self.0.send(Order::Show { notice, tapped, done });
        Box::pin(async move {
            let shown = shown.await.unwrap_or(false);
            if shown { Ok(()) } else { Err(PlatformError::Missing("notifications")) }
        })
    }

    pub(super) fn withdraw(&self, tag: &str) {
        let _ = self.0.send(Order::Withdraw { tag: tag.to_owned() });
    }
}

async fn run(mut orders: mpsc::UnboundedReceiver<Order>) {
    let mut shown: HashMap<String, Arc<NotificationHandle>> = HashMap::new();
    while let Some(order) = orders.recv().await {
        match order {
            Order::Withdraw { tag } => {
                if let Some(handle) = shown.remove(&tag) {
                    close(&handle).await;
                }
            }
            Order::Show { notice, tapped, done } => {
                let before = shown.remove(&notice.tag);
                let handle = show(&notice, before.as_deref()).await;
                // Nobody waits when the window is gone.
                let _ = done.send(handle.is_some());
                if let Some(handle) = handle {
                    follow(&handle, tapped);
                    shown.insert(notice.tag, handle);
                }
            }
        }
    }
}

async fn show(notice: &Notice, before: Option<&NotificationHandle>) -> Option<Arc<NotificationHandle>> {
    let mut notification = Notification::new();
    notification.appname("Tacit").icon("tacit").summary(&notice.title).body(&escaped(&notice.body));
    dress(&mut notification, notice, before);
    match notification.show_async().await {
        Ok(handle) => Some(Arc::new(handle)),
        Err(error) => {
            tracing::warn!(%error, "a notification could not be shown");
            None
        }
    }
}

/// The service reads a body as markup.
fn escaped(text: &str) -> String {
    if cfg!(all(unix, not(target_os = "macos"))) {
        text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;")
    } else {
        text.to_owned()
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn dress(notification: &mut Notification, notice: &Notice, before: Option<&NotificationHandle>) {
    use notify_rust::Hint;
    notification.action("default", "").hint(Hint::DesktopEntry("tacit".to_owned()));
    notification.hint(if notice.sound {
        Hint::SoundName("message-new-instant".to_owned())
    } else {
        Hint::SuppressSound(true)
    });
    if let Some(before) = before {
        notification.id(before.id());
    }
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn dress(notification: &mut Notification, notice: &Notice, _before: Option<&NotificationHandle>) {
    if notice.sound {
        notification.sound_name("Default");
    }
}

#[cfg(all(unix, not(target_os = "macos")))]
fn follow(handle: &Arc<NotificationHandle>, tapped: Tapped) {
    let handle = Arc::clone(handle);
    tokio::spawn(async move {
        let answered = |response: &notify_rust::NotificationResponse| {
            if *response == notify_rust::NotificationResponse::Default {
                tapped();
            }
        };
        handle.wait_for_action_async(answered).await;
    });
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
fn follow(_handle: &Arc<NotificationHandle>, _tapped: Tapped) {}

#[cfg(all(unix, not(target_os = "macos")))]
async fn close(handle: &NotificationHandle) {
    handle.close_async().await;
}

#[cfg(not(all(unix, not(target_os = "macos"))))]
async fn close(_handle: &NotificationHandle) {}

#[cfg(test)]
mod tests {
    use super::*;

    #[cfg(all(unix, not(target_os = "macos")))]
    #[test]
    fn what_people_write_is_no_markup() {
        assert_eq!(escaped("<b>1 & 2</b>"), "&lt;b&gt;1 &amp; 2&lt;/b&gt;");
    }
}

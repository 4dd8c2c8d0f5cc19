//! Observable state: a snapshot, then differences. A view reads its window of the database again
//! when something in it may have changed, and sends what became different.

mod diff;
mod window;

use tacit_store::{ListRow, Message};
use tokio::sync::broadcast::error::RecvError;
use tokio::sync::mpsc;
use tokio::task::JoinHandle;

pub use diff::{Diff, Item, apply, diff};
pub use window::Window;

use crate::client::Client;
use crate::conversations::LIST_LIMIT;
use crate::events::Event;
use crate::{ConversationId, Error, Folder, MessageId};

/// Differences that may wait for a slow listener.
const WAITING: usize = 64;

impl Item for ListRow {
    type Id = ConversationId;
    fn id(&self) -> ConversationId {
        self.conversation.id
    }
}

impl Item for Message {
    type Id = MessageId;
    fn id(&self) -> MessageId {
        self.id
    }
}

/// A list that is being watched; dropping it ends the watching.
pub struct Watched<T> {
    /// The list when the watching began.
    pub snapshot: Vec<T>,
    /// What became different since, in order; ends when the account is closed.
    pub changes: mpsc::Receiver<Vec<Diff<T>>>,
    task: JoinHandle<()>,
}

impl<T> Drop for Watched<T> {
    fn drop(&mut self) {
        self.task.abort();
    }
}

/// Moves the window of a watched conversation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Move {
    /// Show more of what is older.
    Older,
    /// Show more of what is newer.
    Newer,
    /// Show the newest.
    Newest,
    /// Show a message of the conversation, with what is around it.
    To(MessageId),
}

impl Client {
    /// Watches a folder's conversations.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn watch_conversations(&self, folder: Folder) -> Result<Watched<ListRow>, Error> {
        let mut events = self.events();
        let snapshot = self.conversations(folder).await?;
        let (sender, changes) = mpsc::channel(WAITING);
        let (client, mut shown) = (self.clone(), snapshot.clone());
        let task = tokio::spawn(async move {
            loop {
                tokio::select! {
                    () = client.inner.cancel.cancelled() => return,
                    going_on = next(&mut events, |event| !matches!(event, Event::Skipped { .. })) => {
                        if !going_on { return }
                    }
                }
                let read = move |store: &mut tacit_store::Store| store.conversations(folder, LIST_LIMIT);
                let Ok(now) = client.inner.database.call(read).await else { return };
                if !publish(&sender, &mut shown, now).await {
                    return;
                }
            }
        });
        Ok(Watched { snapshot, changes, task })
    }

    /// Watches the messages of a conversation through a window that can be moved.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn watch_messages(
        &self,
        conversation: ConversationId,
    ) -> Result<(Watched<Message>, mpsc::Sender<Move>), Error> {
        let mut events = self.events();
        let (mover, mut moves) = mpsc::channel(WAITING);
        let mut window = Window::new();
        let snapshot = self.inner.database.call(move |store| window.read(store, conversation)).await?;
        let (sender, changes) = mpsc::channel(WAITING);
        let (client, mut shown) = (self.clone(), snapshot.clone());
        let task = tokio::spawn(async move {
            loop {
                let concerns = |event: &Event| match event {
                    Event::Messages { conversation: changed } => *changed == conversation,
                    Event::Conversations => true,
                    _ => false,
                };
                let step = tokio::select! {
                    () = client.inner.cancel.cancelled() => return,
                    going_on = next(&mut events, concerns) => if going_on { None } else { return },
                    Some(step) = moves.recv() => Some(step),
                };
                let rows = shown.clone();
                let read = move |store: &mut tacit_store::Store| {
                    window.moved(step, &rows, store, conversation)?.look(store, conversation)
                };
                let Ok((moved, now)) = client.inner.database.call(read).await else { return };
                window = moved;
                if !publish(&sender, &mut shown, now).await {
                    return;
                }
            }
        });
        Ok((Watched { snapshot, changes, task }, mover))
    }
}

/// Waits for the next event that matters; false when the account was closed. Those that came
/// meanwhile are taken along, since one look at the database serves them all.
async fn next(events: &mut tokio::sync::broadcast::Receiver<Event>, matters: impl Fn(&Event) -> bool) -> bool {
    loop {
        match events.recv().await {
            Ok(event) if matters(&event) => break,
            Ok(_) => {}
            Err(RecvError::Lagged(_)) => break,
            Err(RecvError::Closed) => return false,
        }
    }
    while events.try_recv().is_ok() {}
    true
}

async fn publish<T: Item>(sender: &mpsc::Sender<Vec<Diff<T>>>, shown: &mut Vec<T>, now: Vec<T>) -> bool {
    let steps = diff(shown, &now);
    *shown = now;
    steps.is_empty() || sender.send(steps).await.is_ok()
}

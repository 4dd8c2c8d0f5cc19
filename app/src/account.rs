//! The open account, as the parts share it.

use tacit_client::{Client, ConversationId, Draft, Error, MessageId};
use tacit_wire::AccountId;
use tokio::sync::{mpsc, oneshot};

use crate::bridge::Bridge;

/// A message on its way to the database, and where its ID is awaited.
struct Letter {
    to: ConversationId,
    draft: Draft,
    answer: oneshot::Sender<Result<MessageId, Error>>,
}

/// An open account; clones share it.
#[derive(Clone)]
pub(crate) struct Account {
    /// Everything else.
    pub(crate) client: Client,
    /// Its ID.
    pub(crate) id: AccountId,
    letters: mpsc::UnboundedSender<Letter>,
}

impl Account {
    /// Starts the queue that keeps messages in the order in which they were sent.
    pub(crate) fn new(client: Client, bridge: &Bridge) -> Self {
        let (letters, mut waiting) = mpsc::unbounded_channel::<Letter>();
        let sender = client.clone();
        bridge.spawn(async move {
            while let Some(Letter { to, draft, answer }) = waiting.recv().await {
                // Nobody waits any more when the window was closed; it is kept all the same.
                let _ = answer.send(sender.send(to, draft).await);
            }
        });
        Self { id: client.account_id(), client, letters }
    }

    /// Sends a message after all that were sent earlier.
    pub(crate) fn send(
        &self,
        to: ConversationId,
        draft: Draft,
    ) -> impl Future<Output = Result<MessageId, Error>> + Send + 'static {
        let (answer, wait) = oneshot::channel();
        let queued = self.letters.send(Letter { to, draft, answer }).is_ok();
        async move { if queued { wait.await.unwrap_or(Err(Error::Closed)) } else { Err(Error::Closed) } }
    }
}

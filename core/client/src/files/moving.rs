//! One attempt to move an attachment, and what follows from it.

use std::fmt;
use std::sync::{Arc, PoisonError};
use std::time::Duration;

use tacit_network::{NextTry, next_try};
use tacit_store::{Attachment, AttachmentId, AttachmentState, MessageId, State, Store};
use tacit_wire::TimestampMs;

use super::progress::Meter;
use super::task::{ended, report};
use super::{FileError, download, upload};
use crate::Error;
use crate::client::{Client, Inner};
use crate::events::Event;

/// Before a transfer begins again that the connection broke off.
pub(super) const RECONNECTED: Duration = Duration::from_secs(2);
/// Before one begins again that found no room on the disk.
pub(super) const FULL: Duration = Duration::from_secs(5 * 60);

/// Which way an attachment goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Direction {
    Up,
    Down,
}

impl Direction {
    /// What is here and has no address is to be uploaded.
    pub(super) fn of(attachment: &Attachment) -> Self {
        if attachment.pointer.url.is_empty() { Self::Up } else { Self::Down }
    }
}

/// What became of an attachment that was fetched.
#[derive(Debug, Clone)]
pub enum Fetched {
    /// It is here.
    Here(Box<Attachment>),
    /// Not yet, and why; it is tried again by itself.
    Waiting(String),
    /// It will not come by itself, and why.
    Failed(String),
}

/// Why an attempt failed.
pub(super) enum Fault {
    Network(tacit_network::Error),
    File(FileError),
    Store(Error),
}

impl From<tacit_network::Error> for Fault {
    fn from(error: tacit_network::Error) -> Self {
        Self::Network(error)
    }
}

impl From<FileError> for Fault {
    fn from(error: FileError) -> Self {
        Self::File(error)
    }
}

impl From<Error> for Fault {
    fn from(error: Error) -> Self {
        Self::Store(error)
    }
}

impl Fault {
    /// The disk has no room for it.
    pub(super) fn is_full(&self) -> bool {
        match self {
            Self::Network(_) => false,
            Self::File(error) => error.is_full(),
            Self::Store(error) => error.code() == "disk_full",
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Network(error) => error.fmt(f),
            Self::File(error) => error.fmt(f),
            Self::Store(error) => error.fmt(f),
        }
    }
}

/// What becomes of an attachment after a failure.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Verdict {
    Again { attempts: u32, at: TimestampMs },
    End(AttachmentState),
}

pub(super) fn after(now: TimestampMs, wait: Duration) -> TimestampMs {
    TimestampMs(now.0 + u64::try_from(wait.as_millis()).unwrap_or_default())
}

fn verdict(error: &tacit_network::Error, attempts: u32, now: TimestampMs) -> Verdict {
    let after = |wait| after(now, wait);
    match next_try(error, attempts) {
        NextTry::After(wait) => Verdict::Again { attempts: attempts + 1, at: after(wait) },
        NextTry::WhenConnected => Verdict::Again { attempts, at: after(RECONNECTED) },
        NextTry::Never if *error == tacit_network::Error::Gone => Verdict::End(AttachmentState::Gone),
        NextTry::Never => Verdict::End(AttachmentState::Failed),
    }
}

/// Moves one attachment, once.
pub(super) async fn attempt(inner: Arc<Inner>, attachment: Attachment) {
    let cancel = {
        let running = inner.files.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.get(&attachment.id).map(|running| running.cancel.clone()).unwrap_or_default()
    };
    let meter = Arc::new(Meter::new(Arc::clone(&inner), &attachment));
    let moved = async {
        match Direction::of(&attachment) {
            Direction::Up => upload::run(&inner, &attachment, meter).await,
            Direction::Down => download::run(&inner, &attachment, &meter).await,
        }
    };
    let moved = tokio::select! {
        () = cancel.cancelled() => None,
        moved = moved => Some(moved),
    };
    if let Some(Err(fault)) = moved {
        failed(&inner, &attachment, fault).await;
    }
    ended(&inner, attachment.id);
    inner.tell_attachment(attachment.message).await;
}

async fn failed(inner: &Inner, attachment: &Attachment, fault: Fault) {
    let now = inner.now();
    let failure = fault.to_string();
    let verdict = match &fault {
        Fault::Network(error) => verdict(error, attachment.attempts, now),
        Fault::File(FileError::Interrupted) => return,
        fault if fault.is_full() => Verdict::Again { attempts: attachment.attempts, at: after(now, FULL) },
        // Its message was deleted or taken back meanwhile.
        Fault::Store(Error::Unknown { .. } | Error::Store { source: tacit_store::Error::Unknown { .. } }) => return,
        Fault::File(_) | Fault::Store(_) => Verdict::End(AttachmentState::Failed),
    };
    let (id, message, up) = (attachment.id, attachment.message, Direction::of(attachment) == Direction::Up);
    let keep = move |store: &mut Store| {
        store.write::<_, tacit_store::Error>(|tx| match verdict {
            Verdict::Again { attempts, at } => tx.postpone_transfer(id, attempts, at, &failure),
            Verdict::End(state) => {
                tx.end_transfer(id, state, &failure)?;
                if up { tx.set_state(message, &State::Failed { reason: failure }) } else { Ok(()) }
            }
        })
    };
    // As long as that cannot be kept it counts as moving, and is not begun again.
    match inner.database.insist(keep).await {
        Err(Error::Store { source: tacit_store::Error::Unknown { .. } }) => {}
        kept => drop(report(kept)),
    }
    if let (true, Fault::Network(error)) = (up, fault) {
        inner.events.tell(Event::NotDelivered { message, error });
    }
}

impl Client {
    /// Fetches an attachment; nothing happens when it is here. Listen to the events to see it come.
    ///
    /// # Errors
    /// [`Error::Unknown`], those of the database.
    pub async fn download(&self, attachment: AttachmentId) -> Result<(), Error> {
        let inner = &self.inner;
        let now = inner.now();
        let want = move |store: &mut Store| {
            let message = store.attachment(attachment)?.message;
            store.write(|tx| tx.want(attachment, now))?;
            Ok::<_, tacit_store::Error>(message)
        };
        let message = inner.database.call(want).await?;
        inner.files.wake.notify_one();
        inner.tell_attachment(message).await;
        Ok(())
    }

    /// Fetches an attachment and waits until it is here, or until a try has failed.
    ///
    /// # Errors
    /// [`Error::Unknown`] when it is gone, those of the database.
    pub async fn fetch(&self, id: AttachmentId) -> Result<Fetched, Error> {
        let mut events = self.events();
        self.download(id).await?;
        loop {
            let current = self.attachment(id).await?;
            match current.state {
                AttachmentState::Done => return Ok(Fetched::Here(Box::new(current))),
                AttachmentState::Failed | AttachmentState::Gone => return Ok(Fetched::Failed(current.failure)),
                AttachmentState::Idle => return Ok(Fetched::Waiting(String::new())),
                AttachmentState::Moving if !current.failure.is_empty() => {
                    return Ok(Fetched::Waiting(current.failure));
                }
                AttachmentState::Moving => {}
            }
            match events.recv().await {
                Ok(_) | Err(tokio::sync::broadcast::error::RecvError::Lagged(_)) => {}
                Err(tokio::sync::broadcast::error::RecvError::Closed) => return Err(Error::Closed),
            }
        }
    }

    /// Stops fetching an attachment. What came of it is kept until the account is closed.
    ///
    /// # Errors
    /// Those of the database.
    pub async fn cancel_download(&self, attachment: AttachmentId) -> Result<(), Error> {
        let inner = &self.inner;
        inner.database.call(move |store| store.write(|tx| tx.unwant(attachment))).await?;
        inner.files.cancel(attachment);
        Ok(())
    }
}

impl super::Files {
    fn cancel(&self, attachment: AttachmentId) {
        let running = self.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = running.get(&attachment) {
            running.cancel.cancel();
        }
    }
}

impl Inner {
    /// Views of the conversation look again.
    pub(super) async fn tell_attachment(&self, message: MessageId) {
        if let Ok(message) = self.message(message).await {
            self.tell_messages(message.conversation);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::testing::{NOW, after};

    #[test]
    fn failures_are_tried_thrice_more_and_what_is_gone_stays_so() {
        let lost = tacit_network::Error::NoAnswer { tries: 6, last: "the server did not answer" };
        assert_eq!(verdict(&lost, 0, NOW), Verdict::Again { attempts: 1, at: after(30_000) });
        assert_eq!(verdict(&lost, 2, NOW), Verdict::Again { attempts: 3, at: after(21_600_000) });
        assert_eq!(verdict(&lost, 3, NOW), Verdict::End(AttachmentState::Failed));
        assert_eq!(verdict(&tacit_network::Error::Gone, 0, NOW), Verdict::End(AttachmentState::Gone));
        assert_eq!(verdict(&tacit_network::Error::FileTooLarge, 0, NOW), Verdict::End(AttachmentState::Failed));
    }

    #[test]
    fn being_offline_counts_as_nothing() {
        let offline = verdict(&tacit_network::Error::Offline, 2, NOW);
        assert_eq!(offline, Verdict::Again { attempts: 2, at: after(2_000) });
    }
}

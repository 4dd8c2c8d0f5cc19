//! How far a transfer is, told a few times a second.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use tacit_store::{Attachment, AttachmentId, MessageId};
use tokio_util::sync::CancellationToken;

use super::moving::Direction;
use crate::client::{Client, Inner};
use crate::events::Event;

/// Between two events of one transfer.
const PAUSE: Duration = Duration::from_millis(200);

/// A transfer under way.
pub(super) struct Running {
    pub(super) direction: Direction,
    pub(super) cancel: CancellationToken,
    done: u64,
    total: u64,
}

impl Running {
    pub(super) fn new(direction: Direction) -> Self {
        Self { direction, cancel: CancellationToken::new(), done: 0, total: 0 }
    }
}

/// Tells how far one transfer is.
pub(super) struct Meter {
    inner: Arc<Inner>,
    message: MessageId,
    attachment: AttachmentId,
    told: Mutex<Option<Instant>>,
}

impl Meter {
    pub(super) fn new(inner: Arc<Inner>, attachment: &Attachment) -> Self {
        Self { inner, message: attachment.message, attachment: attachment.id, told: Mutex::default() }
    }

    /// `done` of `total` bytes, as they lie at the server.
    pub(super) fn at(&self, done: u64, total: u64) {
        let mut running = self.inner.files.running.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(running) = running.get_mut(&self.attachment) {
            (running.done, running.total) = (done, total);
        }
        drop(running);
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if done >= total || told.is_none_or(|at| at.elapsed() >= PAUSE) {
            *told = Some(Instant::now());
            let (message, attachment) = (self.message, self.attachment);
            self.inner.events.tell(Event::Transfer { message, attachment, done, total });
        }
    }
}

impl Client {
    /// How far an attachment is that is being moved at this moment: bytes done, and of how many (0
    /// as long as that is not known).
    pub fn transfer_progress(&self, attachment: AttachmentId) -> Option<(u64, u64)> {
        let running = self.inner.files.running.lock().unwrap_or_else(PoisonError::into_inner);
        running.get(&attachment).map(|running| (running.done, running.total))
    }
}

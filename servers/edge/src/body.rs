//! Reading a request's body without trusting its length or its patience.

use std::time::Duration;

use bytes::{Bytes, BytesMut};
use http_body_util::BodyExt as _;
use hyper::body::{Body, Incoming};
use tokio::time::Instant;

use crate::budget::Reservation;

/// How much of a body is taken, and how slowly it may come.
#[derive(Clone, Copy, Debug)]
pub struct BodyLimits {
    /// Largest body in bytes.
    pub bytes: usize,
    /// Time that every body gets.
    pub patience: Duration,
    /// Bytes a second from which on a body gets more time than `patience`.
    pub slowest: usize,
}

/// Why a body was not read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// It is, or says it is, longer than allowed.
    #[error("body too large")]
    TooLarge,
    /// It comes too slowly.
    #[error("body too slow")]
    TooSlow,
    /// The connection broke, or the framing did.
    #[error("body broken off")]
    Broken,
    /// The budget for bodies in flight is used up.
    #[error("no budget left")]
    NoBudget,
}

/// A body that is taken piece by piece, within its limits.
pub struct BodyReader {
    body: Incoming,
    limits: BodyLimits,
    start: Instant,
    read: usize,
}

impl BodyReader {
    /// Begins; the time counts from now.
    ///
    /// # Errors
    /// [`BodyError::TooLarge`] if it announces more than is allowed.
    pub fn new(body: Incoming, limits: BodyLimits) -> Result<Self, BodyError> {
        let reader = Self { body, limits, start: Instant::now(), read: 0 };
        if reader.announced() > limits.bytes { Err(BodyError::TooLarge) } else { Ok(reader) }
    }

    /// Bytes that are still announced to come; 0 if the length was not told.
    #[must_use]
    pub fn announced(&self) -> usize {
        usize::try_from(self.body.size_hint().lower()).unwrap_or(usize::MAX)
    }

    /// The next piece, none at the end.
    ///
    /// # Errors
    /// See [`BodyError`].
    pub async fn next(&mut self) -> Result<Option<Bytes>, BodyError> {
        loop {
            let by_rate = Duration::from_secs((self.read / self.limits.slowest.max(1)) as u64);
            let deadline = self.start + self.limits.patience.max(by_rate + Duration::from_secs(1));
            let frame = match tokio::time::timeout_at(deadline, self.body.frame()).await {
                Err(_) => return Err(BodyError::TooSlow),
                Ok(None) => return Ok(None),
                Ok(Some(Err(_))) => return Err(BodyError::Broken),
                Ok(Some(Ok(frame))) => frame,
            };
            let Ok(data) = frame.into_data() else { continue };
            if data.len() > self.limits.bytes - self.read {
                return Err(BodyError::TooLarge);
            }
            self.read += data.len();
            return Ok(Some(data));
        }
    }
}

/// Reads a body whole.
///
/// With a `reservation` the bytes are taken from its budget as they come: who announces much and
/// sends little holds little.
///
/// # Errors
/// See [`BodyError`]; nothing is kept of a body that was not read to its end.
pub async fn read_body(
    body: Incoming,
    limits: BodyLimits,
    mut reservation: Option<&mut Reservation>,
) -> Result<Bytes, BodyError> {
    let mut reader = BodyReader::new(body, limits)?;
    let mut hold = |bytes| match reservation.as_deref_mut().is_none_or(|reservation| reservation.grow_to(bytes)) {
        true => Ok(()),
        false => Err(BodyError::NoBudget),
    };
    let mut read = BytesMut::new();
    while let Some(data) = reader.next().await? {
        hold(read.len() + data.len())?;
        read.extend_from_slice(&data);
    }
    Ok(read.freeze())
}

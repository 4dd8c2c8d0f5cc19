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

/// Reads a body whole.
///
/// With a `reservation` the bytes are taken from its budget as they come, at first as many as the
/// request announces.
///
/// # Errors
/// See [`BodyError`]; nothing is kept of a body that was not read to its end.
pub async fn read_body(
    mut body: Incoming,
    limits: BodyLimits,
    mut reservation: Option<&mut Reservation>,
) -> Result<Bytes, BodyError> {
    let announced = usize::try_from(body.size_hint().lower()).unwrap_or(usize::MAX);
    if announced > limits.bytes {
        return Err(BodyError::TooLarge);
    }
    if let Some(reservation) = reservation.as_deref_mut()
        && !reservation.grow_to(announced)
    {
        return Err(BodyError::NoBudget);
    }
    let start = Instant::now();
    let mut read = BytesMut::with_capacity(announced.min(64 * 1024));
    loop {
        let by_rate = Duration::from_secs((read.len() / limits.slowest.max(1)) as u64);
        let deadline = start + limits.patience.max(by_rate + Duration::from_secs(1));
        let frame = match tokio::time::timeout_at(deadline, body.frame()).await {
            Err(_) => return Err(BodyError::TooSlow),
            Ok(None) => return Ok(read.freeze()),
            Ok(Some(Err(_))) => return Err(BodyError::Broken),
            Ok(Some(Ok(frame))) => frame,
        };
        let Ok(data) = frame.into_data() else { continue };
        if data.len() > limits.bytes - read.len() {
            return Err(BodyError::TooLarge);
        }
        if let Some(reservation) = reservation.as_deref_mut()
            && !reservation.grow_to(read.len() + data.len())
        {
            return Err(BodyError::NoBudget);
        }
        read.extend_from_slice(&data);
    }
}

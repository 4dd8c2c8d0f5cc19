//! When a transfer that failed is tried again (protocol: messages 6.5). Pure.

use std::time::Duration;

use crate::error::Error;

/// Waiting times after the first, second and third failure; the fourth is the last.
const WAITS: [Duration; 3] = [Duration::from_secs(30), Duration::from_secs(30 * 60), Duration::from_secs(6 * 60 * 60)];

/// What to do after a failure.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NextTry {
    /// Again after this time, and count the failure.
    After(Duration),
    /// Again as soon as there is a connection; this was no failure of the transfer.
    WhenConnected,
    /// Not again unless the user asks.
    Never,
}

/// What to do after `error`, when the transfer had failed `failures` times before.
#[must_use]
pub fn next_try(error: &Error, failures: u32) -> NextTry {
    match error {
        Error::Offline | Error::TooFewNodes { .. } | Error::Closed => NextTry::WhenConnected,
        error if !error.is_temporary() => NextTry::Never,
        _ => usize::try_from(failures)
            .ok()
            .and_then(|failures| WAITS.get(failures))
            .map_or(NextTry::Never, |wait| NextTry::After(*wait)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn failures_wait_longer_and_the_fourth_is_the_last() {
        let lost = Error::NoAnswer { tries: 6, last: "the server did not answer" };
        let waits: Vec<NextTry> = (0..5).map(|failures| next_try(&lost, failures)).collect();
        let expected = [30, 1_800, 21_600].map(|seconds| NextTry::After(Duration::from_secs(seconds)));
        assert_eq!(waits[..3], expected);
        assert_eq!(waits[3..], [NextTry::Never; 2]);
        assert_eq!(next_try(&lost, u32::MAX), NextTry::Never);
    }

    #[test]
    fn being_offline_counts_as_nothing_and_what_is_gone_stays_so() {
        assert_eq!(next_try(&Error::Offline, 9), NextTry::WhenConnected);
        for error in [Error::Gone, Error::TooLarge, Error::FileTooLarge, Error::NoFileServer] {
            assert_eq!(next_try(&error, 0), NextTry::Never);
        }
        let full = Error::Status { status: 507, text: String::new() };
        assert_eq!(next_try(&full, 0), NextTry::After(Duration::from_secs(30)));
    }
}

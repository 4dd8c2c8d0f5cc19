use std::panic::{AssertUnwindSafe, catch_unwind};

use crate::Error;

/// Runs a foreign decoder on input from outside. That some of them panic on damaged files (an overflow in a header, an
/// index out of bounds) must cost the file, not the app. What `decode` had borrowed is not to be used after that.
pub(crate) fn guarded<T>(decode: impl FnOnce() -> Result<T, Error>) -> Result<T, Error> {
    catch_unwind(AssertUnwindSafe(decode)).unwrap_or_else(|_| Err(Error::Damaged("its decoder failed".to_owned())))
}

//! Bytes that count against a budget for as long as anybody holds them: also while they wait for
//! a client that reads slowly.

use bytes::Bytes;
use tacit_edge::{Budget, Reservation};

struct Held {
    bytes: Bytes,
    _reservation: Reservation,
}

impl AsRef<[u8]> for Held {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

/// The same bytes, which give `reservation` back when they go.
pub(crate) fn held(bytes: Bytes, reservation: Reservation) -> Bytes {
    Bytes::from_owner(Held { bytes, _reservation: reservation })
}

/// The same bytes as part of `budget`; none if there is no room left.
pub(crate) fn hold(budget: &Budget, bytes: Bytes) -> Option<Bytes> {
    budget.reserve(bytes.len()).map(|reservation| held(bytes, reservation))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_last_reference_gives_back_what_was_held() {
        let budget = Budget::new(10);
        let bytes = hold(&budget, Bytes::from_static(b"1234567")).unwrap();
        let part = bytes.slice(2..3);
        assert_eq!((&bytes[..], budget.left()), (&b"1234567"[..], 3));
        assert!(hold(&budget, Bytes::from_static(b"1234")).is_none());
        drop(bytes);
        assert_eq!(budget.left(), 3, "a part of them is still held");
        drop(part);
        assert_eq!(budget.left(), 10);
    }
}

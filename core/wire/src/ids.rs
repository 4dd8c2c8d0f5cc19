//! Identifiers and units, parsed once at the border so that the rest of the code cannot
//! mix them up.

mod account;
mod hash;
mod namespace;
mod node;
mod time;

pub use account::{AccountId, AccountIdError, Prefix};
pub use hash::MessageHash;
pub use namespace::{Namespace, Namespaces};
pub use node::{NodeId, SwarmId};
pub use time::TimestampMs;

/// Serde for identifiers that stand as text in JSON: `Display` out, `FromStr` in.
macro_rules! serde_as_text {
    ($type:ty) => {
        impl serde::Serialize for $type {
            fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> serde::Deserialize<'de> for $type {
            fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                let text = std::borrow::Cow::<str>::deserialize(deserializer)?;
                text.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}
use serde_as_text;

#[cfg(test)]
mod tests;

//! Figures of a network that registrars agree on: the low median of what they vote.

use std::borrow::Cow;
use std::collections::BTreeMap;

use crate::Error;
use crate::bencode::Value;

const MAX_PARAMS: usize = 64;
const MAX_NAME: usize = 32;

/// Figures by name. Those that a document does not name have the default given here.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Params(BTreeMap<String, i64>);

macro_rules! figures {
    ($($(#[$doc:meta])* $name:ident = $key:literal, $default:literal;)*) => {
        impl Params {
            $($(#[$doc])*
            #[must_use]
            pub fn $name(&self) -> u64 {
                self.get($key, $default)
            })*
        }
    };
}

figures! {
    /// Time from one document to the next, ms: 1 h.
    period_ms = "period_ms", 3_600_000;
    /// Members that a swarm has at least; below it is filled, or dissolved.
    min_swarm = "min_swarm", 5;
    /// Members that a swarm should have.
    ideal_swarm = "ideal_swarm", 7;
    /// Members that a swarm has at most.
    max_swarm = "max_swarm", 10;
    /// So many nodes beyond the ideal make another swarm.
    spare_nodes = "spare_nodes", 10;
    /// So many nodes must run before there is a first swarm.
    first_nodes = "first_nodes", 5;
    /// Nodes that do not run for so long leave their swarm, ms: 2 h.
    absent_ms = "absent_ms", 7_200_000;
    /// Nodes are in the list for so long before they get a swarm, ms: 24 h.
    swarm_age_ms = "swarm_age_ms", 86_400_000;
    /// Nodes are in the list for so long before they may be guards, ms: 8 days.
    guard_age_ms = "guard_age_ms", 691_200_000;
}

impl Params {
    fn get(&self, name: &str, default: u64) -> u64 {
        self.0.get(name).and_then(|figure| u64::try_from(*figure).ok()).unwrap_or(default)
    }

    /// Sets a figure.
    pub fn set(&mut self, name: &str, figure: u64) {
        self.0.insert(name.to_owned(), i64::try_from(figure).unwrap_or(i64::MAX));
    }

    /// The low median of each figure that a majority of the votes names.
    #[must_use]
    pub fn median<'a>(votes: impl IntoIterator<Item = &'a Self>) -> Self {
        let (mut all, mut count) = (BTreeMap::<&String, Vec<i64>>::new(), 0);
        for vote in votes {
            count += 1;
            vote.0.iter().for_each(|(name, figure)| all.entry(name).or_default().push(*figure));
        }
        let agreed = all.into_iter().filter(|(_, figures)| 2 * figures.len() > count).map(|(name, mut figures)| {
            figures.sort_unstable();
            (name.clone(), figures[(figures.len() - 1) / 2])
        });
        Self(agreed.take(MAX_PARAMS).collect())
    }

    pub(super) fn write(&self) -> Value<'_> {
        let entries = self.0.iter().map(|(name, figure)| (Cow::Borrowed(name.as_bytes()), Value::Integer(*figure)));
        Value::Dictionary(entries.collect())
    }

    pub(super) fn read(value: &Value<'_>) -> Result<Self, Error> {
        let wrong = || Error::malformed("parameters");
        let Value::Dictionary(entries) = value else { return Err(wrong()) };
        if entries.len() > MAX_PARAMS {
            return Err(wrong());
        }
        let read = |(name, figure): (&Cow<'_, [u8]>, &Value<'_>)| {
            let name = std::str::from_utf8(name).ok().filter(|name| name.len() <= MAX_NAME)?;
            Some((name.to_owned(), figure.as_integer()?))
        };
        entries.iter().map(|entry| read(entry).ok_or_else(wrong)).collect::<Result<_, _>>().map(Self)
    }
}

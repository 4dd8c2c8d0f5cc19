//! Numbers for operators, in the text form of Prometheus.
//!
//! Labels come from fixed lists or are keys of nodes; nothing of a single account, client or
//! request is in them. What a scrape sees is published at intervals, so that two scrapes in a row
//! cannot show one request between them.

mod listener;
mod text;

use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use crate::app::App;

pub(crate) use listener::listen;

/// How long what was published stays.
pub(crate) const INTERVAL: Duration = Duration::from_secs(15);

/// What is counted apart, with the name and labels of each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Count {
    Stored,
    StoreRefused,
    StoreFailed,
    Retrieved,
    RetrieveRefused,
    RetrieveFailed,
    OnionEndOk,
    OnionForwardOk,
    OnionForwardFailed,
    OnionExitOk,
    OnionExitFailed,
    OnionRefused,
    LimitedAddress,
    LimitedMailbox,
}

const COUNTS: [(Count, &str, &str); 14] = [
    (Count::Stored, "tacit_store_total", "result=\"ok\""),
    (Count::StoreRefused, "tacit_store_total", "result=\"refused\""),
    (Count::StoreFailed, "tacit_store_total", "result=\"failed\""),
    (Count::Retrieved, "tacit_retrieve_total", "result=\"ok\""),
    (Count::RetrieveRefused, "tacit_retrieve_total", "result=\"refused\""),
    (Count::RetrieveFailed, "tacit_retrieve_total", "result=\"failed\""),
    (Count::OnionEndOk, "tacit_onion_total", "kind=\"end\",result=\"ok\""),
    (Count::OnionForwardOk, "tacit_onion_total", "kind=\"forward\",result=\"ok\""),
    (Count::OnionForwardFailed, "tacit_onion_total", "kind=\"forward\",result=\"failed\""),
    (Count::OnionExitOk, "tacit_onion_total", "kind=\"exit\",result=\"ok\""),
    (Count::OnionExitFailed, "tacit_onion_total", "kind=\"exit\",result=\"failed\""),
    (Count::OnionRefused, "tacit_onion_total", "kind=\"unread\",result=\"failed\""),
    (Count::LimitedAddress, "tacit_rate_limited_total", "kind=\"address\""),
    (Count::LimitedMailbox, "tacit_rate_limited_total", "kind=\"mailbox\""),
];

/// All counters of a node, and what was last published of them.
#[derive(Default)]
pub(crate) struct Metrics {
    counts: [AtomicU64; COUNTS.len()],
    published: Mutex<Published>,
}

#[derive(Clone, Default)]
struct Published {
    text: Arc<str>,
    stores: u64,
    retrieves: u64,
    onions: u64,
    rates: Rates,
}

/// Requests a second over the last interval.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub(crate) struct Rates {
    pub(crate) stores: f64,
    pub(crate) retrieves: f64,
    pub(crate) onions: f64,
}

impl Metrics {
    /// One more of these.
    pub(crate) fn count(&self, what: Count) {
        self.counts[what as usize].fetch_add(1, Ordering::Relaxed);
    }

    /// One more store that ended with this status.
    pub(crate) fn stored(&self, status: u16) {
        self.count([Count::Stored, Count::StoreRefused, Count::StoreFailed][class(status)]);
    }

    /// One more retrieve that ended with this status.
    pub(crate) fn retrieved(&self, status: u16) {
        self.count([Count::Retrieved, Count::RetrieveRefused, Count::RetrieveFailed][class(status)]);
    }

    fn sum(&self, name: &str) -> u64 {
        let of_name = COUNTS.iter().filter(|(_, of, _)| *of == name);
        of_name.map(|(count, ..)| self.counts[*count as usize].load(Ordering::Relaxed)).sum()
    }

    /// Requests a second when it was last published.
    pub(crate) fn rates(&self) -> Rates {
        self.published.lock().unwrap_or_else(PoisonError::into_inner).rates
    }

    fn text(&self) -> Arc<str> {
        Arc::clone(&self.published.lock().unwrap_or_else(PoisonError::into_inner).text)
    }

    fn publish(&self, text: String, after: Duration) {
        let mut published = self.published.lock().unwrap_or_else(PoisonError::into_inner);
        let [stores, retrieves, onions] =
            ["tacit_store_total", "tacit_retrieve_total", "tacit_onion_total"].map(|name| self.sum(name));
        let rate = |now: u64, before: u64| (now - before) as f64 / after.as_secs_f64();
        let rates = Rates {
            stores: rate(stores, published.stores),
            retrieves: rate(retrieves, published.retrieves),
            onions: rate(onions, published.onions),
        };
        *published = Published { text: text.into(), stores, retrieves, onions, rates };
    }
}

/// By hundreds of a status: done, refused, failed.
fn class(status: u16) -> usize {
    match status {
        200..=399 => 0,
        400..=499 => 1,
        _ => 2,
    }
}

/// Publishes at intervals for as long as the node runs.
pub(crate) async fn publish(app: Arc<App>) {
    loop {
        let text = text::render(&app).await;
        app.metrics.publish(text, INTERVAL);
        tokio::time::sleep(INTERVAL).await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_count_stands_where_its_number_says() {
        for (index, (count, ..)) in COUNTS.iter().enumerate() {
            assert_eq!(*count as usize, index);
        }
    }

    #[test]
    fn what_happens_after_publishing_shows_only_at_the_next() {
        let metrics = Metrics::default();
        metrics.publish("first".to_owned(), INTERVAL);
        for status in [200, 200, 429, 500] {
            metrics.stored(status);
        }
        metrics.retrieved(401);
        assert_eq!((&*metrics.text(), metrics.rates()), ("first", Rates::default()));
        metrics.publish("second".to_owned(), Duration::from_secs(2));
        assert_eq!(&*metrics.text(), "second");
        assert_eq!(metrics.rates(), Rates { stores: 2.0, retrieves: 0.5, onions: 0.0 });
    }
}

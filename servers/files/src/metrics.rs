//! Counters for operators, in the text form of Prometheus. Nothing of a single file is in them.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::index::Totals;

/// What is counted apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Operation {
    Upload,
    Download,
    Info,
    Extend,
    Version,
    Other,
}

const OPERATIONS: [(Operation, &str); 6] = [
    (Operation::Upload, "upload"),
    (Operation::Download, "download"),
    (Operation::Info, "info"),
    (Operation::Extend, "extend"),
    (Operation::Version, "version"),
    (Operation::Other, "other"),
];

#[derive(Default)]
struct Counts {
    /// By hundreds of the status: 2xx, 4xx, 5xx.
    answers: [AtomicU64; 3],
    microseconds: AtomicU64,
}

/// All counters of a process.
#[derive(Default)]
pub(crate) struct Metrics {
    operations: [Counts; 6],
    bytes_in: AtomicU64,
    bytes_out: AtomicU64,
    store_errors: AtomicU64,
    expired: AtomicU64,
}

impl Metrics {
    pub fn answered(&self, operation: Operation, status: u16, took: Duration) {
        let counts = &self.operations[operation as usize];
        let class = match status {
            200..=399 => 0,
            400..=499 => 1,
            _ => 2,
        };
        add(&counts.answers[class], 1);
        add(&counts.microseconds, u64::try_from(took.as_micros()).unwrap_or(u64::MAX));
    }

    pub fn came(&self, bytes: u64) {
        add(&self.bytes_in, bytes);
    }

    pub fn went(&self, bytes: u64) {
        add(&self.bytes_out, bytes);
    }

    pub fn store_failed(&self) {
        add(&self.store_errors, 1);
    }

    pub fn expired(&self, files: u64) {
        add(&self.expired, files);
    }

    /// The text, with what the index knows.
    pub fn text(&self, totals: &Totals, now_ms: u64) -> String {
        let mut out = String::new();
        let _ = writeln!(out, "# TYPE tacit_files_answers_total counter");
        for (operation, name) in OPERATIONS {
            let counts = &self.operations[operation as usize];
            for (class, count) in ["2xx", "4xx", "5xx"].iter().zip(&counts.answers) {
                let count = read(count);
                let _ = writeln!(out, "tacit_files_answers_total{{operation=\"{name}\",status=\"{class}\"}} {count}");
            }
        }
        let _ = writeln!(out, "# TYPE tacit_files_seconds summary");
        for (operation, name) in OPERATIONS {
            let counts = &self.operations[operation as usize];
            let count: u64 = counts.answers.iter().map(read).sum();
            let seconds = Duration::from_micros(read(&counts.microseconds)).as_secs_f64();
            let _ = writeln!(out, "tacit_files_seconds_count{{operation=\"{name}\"}} {count}");
            let _ = writeln!(out, "tacit_files_seconds_sum{{operation=\"{name}\"}} {seconds}");
        }
        let oldest = totals.oldest_expiry_ms.map_or(0.0, |ms| (ms as f64 - now_ms as f64) / 1000.0);
        for (name, kind, value) in [
            ("received_bytes_total", "counter", read(&self.bytes_in) as f64),
            ("sent_bytes_total", "counter", read(&self.bytes_out) as f64),
            ("store_errors_total", "counter", read(&self.store_errors) as f64),
            ("expired_total", "counter", read(&self.expired) as f64),
            ("files", "gauge", totals.files as f64),
            ("stored_bytes", "gauge", totals.bytes as f64),
            ("claims", "gauge", totals.claims as f64),
            ("oldest_expiry_seconds", "gauge", oldest),
        ] {
            let _ = writeln!(out, "# TYPE tacit_files_{name} {kind}\ntacit_files_{name} {value}");
        }
        out
    }
}

fn add(counter: &AtomicU64, value: u64) {
    counter.fetch_add(value, Ordering::Relaxed);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

//! The text of all numbers.

use std::fmt::Write as _;
use std::sync::atomic::Ordering;

use super::COUNTS;
use crate::app::App;

pub(super) async fn render(app: &App) -> String {
    let mut out = String::new();
    let mut last = "";
    for (count, name, labels) in COUNTS {
        if name != last {
            let _ = writeln!(out, "# TYPE {name} counter");
            last = name;
        }
        let value = app.metrics.counts[count as usize].load(Ordering::Relaxed);
        let _ = writeln!(out, "{name}{{{labels}}} {value}");
    }
    let _ = writeln!(out, "# TYPE tacit_peer_up gauge");
    for peer in app.membership.view().fellows() {
        let up = u8::from(app.peers.is_up(peer.ed25519));
        let _ = writeln!(out, "tacit_peer_up{{peer=\"{}\"}} {up}", peer.ed25519);
    }
    let inflight = app.config.limits.onion_bytes.saturating_sub(app.guards.onion_bytes.left()) as u64;
    let mut numbers = vec![
        ("tacit_commits_total", "counter", app.store.groups().await),
        ("tacit_writer_queue", "gauge", app.store.waiting().await as u64),
        ("tacit_db_bytes", "gauge", app.store.size()),
        ("tacit_onion_inflight_bytes", "gauge", inflight),
    ];
    numbers.extend(memory().map(|bytes| ("process_resident_memory_bytes", "gauge", bytes)));
    numbers.extend(descriptors().map(|count| ("process_open_fds", "gauge", count)));
    for (name, kind, value) in numbers {
        let _ = writeln!(out, "# TYPE {name} {kind}\n{name} {value}");
    }
    out
}

/// Bytes of this process in memory, where the system tells.
fn memory() -> Option<u64> {
    let status = std::fs::read_to_string("/proc/self/status").ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.trim().strip_suffix(" kB")?.parse::<u64>().ok().map(|kilobytes| kilobytes * 1024)
}

fn descriptors() -> Option<u64> {
    std::fs::read_dir("/proc/self/fd").ok().map(|files| files.count() as u64)
}

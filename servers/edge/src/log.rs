//! Logs go to standard error, one line an event.

use tracing_subscriber::EnvFilter;

/// The programs' own parts. Libraries are silent at every level: some of them write addresses and
/// host names.
const OURS: [&str; 3] = ["tacit_edge", "tacit_files", "tacit_node"];

/// Starts logging; `level` is one of [`LEVELS`](crate::config::LEVELS). A second call in one
/// process changes nothing.
pub fn start_log(level: &str) {
    let ours = OURS.map(|name| format!("{name}={level}")).join(",");
    let filter = EnvFilter::try_new(format!("off,{ours}")).unwrap_or_else(|_| EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).try_init();
}

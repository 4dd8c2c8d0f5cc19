//! Logs go to standard error, one line an event.

use tracing_subscriber::EnvFilter;

/// Starts logging; `level` is one of `error`, `warn`, `info`, `debug`, `trace`, or a filter such as
/// `info,tacit_node=debug`. A second call in one process changes nothing.
pub fn start_log(level: &str) {
    let filter = EnvFilter::try_new(level).unwrap_or_else(|_| EnvFilter::new("info"));
    let _ = tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_ansi(false).try_init();
}

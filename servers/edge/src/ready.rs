//! The one line on standard output by which a starting program says that it answers.

use std::io::Write as _;

/// Prints `{"ready": {name: port, …}}` as one line and flushes it.
pub fn print_ready(ports: &[(&str, u16)]) {
    let ports: serde_json::Map<String, serde_json::Value> =
        ports.iter().map(|(name, port)| ((*name).to_owned(), (*port).into())).collect();
    let mut out = std::io::stdout().lock();
    // Nobody may be listening: a closed standard output is no reason to stop.
    let _ = writeln!(out, "{}", serde_json::json!({ "ready": ports }));
    let _ = out.flush();
}

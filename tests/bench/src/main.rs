//! Benchmarks, each against a reference that is measured in the same run, turn by turn:
//! `cargo xtask bench [NAME]`. What each row means stands in `docs/benchmarks.md`.

mod files;
mod history;
mod journey;
mod measure;
mod node;
mod peel;
mod receive;
mod sealed;
mod table;
mod words;

use std::error::Error;
use std::process::ExitCode;

use table::Row;

type Rows = Result<Vec<Row>, Box<dyn Error>>;

/// A measurement, under the name by which it can be asked for.
type Named = (&'static str, fn() -> Rows);

const ALL: [Named; 7] = [
    ("sealed", sealed::rows),
    ("peel", peel::rows),
    ("hops", journey::rows),
    ("files", files::rows),
    ("receive", receive::rows),
    ("history", history::rows),
    ("node", node::rows),
];

fn main() -> ExitCode {
    let wanted: Vec<String> = std::env::args().skip(1).collect();
    if let [receive::ALONE, number] = wanted.iter().map(String::as_str).collect::<Vec<_>>()[..] {
        return receive::alone(number);
    }
    let known = |name: &String| ALL.iter().any(|(known, _)| known == name);
    if let Some(unknown) = wanted.iter().find(|name| !known(name)) {
        eprintln!("there is no benchmark {unknown:?}; there are: {}", ALL.map(|(name, _)| name).join(", "));
        return ExitCode::from(2);
    }
    let mut rows = Vec::new();
    let mut broken = false;
    for (name, run) in ALL.iter().filter(|(name, _)| wanted.is_empty() || wanted.iter().any(|w| w == name)) {
        eprintln!("measuring {name} …");
        match run() {
            Ok(more) => rows.extend(more),
            Err(error) => {
                broken = true;
                eprintln!("{name} could not be measured: {error}");
            }
        }
    }
    print!("{}", table::render(&rows));
    // A missed bound is a finding, not a failure; a benchmark that cannot run is one.
    if broken { ExitCode::FAILURE } else { ExitCode::SUCCESS }
}

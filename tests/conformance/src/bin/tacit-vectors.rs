//! `tacit-vectors DIR [--only network,messages,…]`: runs test vectors, tells every case that
//! failed, and ends non-zero unless all passed.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::Parser;
use tacit_conformance::folder;

/// Run the protocol's test vectors against this code.
#[derive(Parser)]
#[command(name = "tacit-vectors", version)]
struct Arguments {
    /// Folder with the files.
    dir: PathBuf,
    /// Only these files, without `.json`, separated by commas.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    let outcomes = match folder::run(&arguments.dir, &arguments.only) {
        Ok(outcomes) => outcomes,
        Err(error) => {
            eprintln!("{error}");
            return ExitCode::FAILURE;
        }
    };
    let (mut passed, mut failed) = (0, 0);
    for outcome in &outcomes {
        let report = &outcome.report;
        for failure in report.failures() {
            println!("{}: {}: {}", outcome.file, failure.case, failure.what);
        }
        println!("{}: {} passed, {} failed", outcome.file, report.passed(), report.failed());
        passed += report.passed();
        failed += report.failed();
    }
    println!("{passed} passed, {failed} failed");
    if failed == 0 && passed > 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

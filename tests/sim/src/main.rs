//! `tacit-sim`: many histories, or one again.

use std::process::ExitCode;
use std::time::Instant;

use clap::Parser;
use tacit_sim::{Bug, Violation, run, run_many};

/// Swarms under faults, in virtual time.
#[derive(Parser)]
#[command(name = "sim")]
struct Arguments {
    /// How many histories, with seeds from `--from` on.
    #[arg(long, default_value_t = 2000)]
    histories: u64,
    /// The first seed.
    #[arg(long, default_value_t = 0)]
    from: u64,
    /// Only the history of this seed, with all that happens in it.
    #[arg(long)]
    seed: Option<u64>,
    /// Put a known bug in.
    #[arg(long)]
    bug: Option<Bug>,
    /// How many histories at one time; as many as there are cores unless said otherwise.
    #[arg(long)]
    threads: Option<usize>,
}

fn main() -> ExitCode {
    let arguments = Arguments::parse();
    if let Some(seed) = arguments.seed {
        let outcome = run(seed, arguments.bug, true);
        println!("{} events, {} changes confirmed", outcome.steps, outcome.confirmed);
        return report(outcome.violation.as_slice());
    }
    let started = Instant::now();
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let seeds = arguments.from..arguments.from.saturating_add(arguments.histories);
    let summary = run_many(seeds, arguments.bug, arguments.threads.unwrap_or(cores), false);
    println!(
        "{} histories, {} changes confirmed, {} violations, {:.1} s",
        summary.histories,
        summary.confirmed,
        summary.violations.len(),
        started.elapsed().as_secs_f64(),
    );
    report(&summary.violations)
}

fn report(violations: &[Violation]) -> ExitCode {
    for violation in violations.iter().take(20) {
        println!("{violation}");
    }
    if violations.len() > 20 {
        println!("and {} more", violations.len() - 20);
    }
    if violations.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE }
}

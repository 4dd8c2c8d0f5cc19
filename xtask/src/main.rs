//! Developer commands: `cargo xtask COMMAND`. Each one starts the program that does the work;
//! only checks of the tree itself (`tidy`, `policy`) live here.

mod cargo;
mod mobile;
mod policy;
mod tidy;

use std::os::unix::process::CommandExt as _;
use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::cargo::{Failure, cargo, program};

#[derive(Parser)]
#[command(name = "xtask", about = "Developer commands of Tacit")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Start a network of real nodes on this machine: --nodes 12 --swarms 2 --dir D [--seed-port P].
    Localnet(Rest),
    /// Run test vectors: DIR [--only network,messages,…].
    Vectors(Rest),
    /// Run benchmarks, each against its reference in the same run: [NAME].
    Bench(Rest),
    /// Simulate swarms under faults: [--histories N] [--seed S] [--bug NAME].
    Sim(Rest),
    /// Draw every screen in every state as PNG into target/gallery.
    Gallery(Rest),
    /// The story that ./run tells on a machine without a display: [--out DIR].
    Demo(Rest),
    /// Type-check the app for Android and iOS.
    MobileCheck,
    /// Feed every parser with random input for a while: [--cases N].
    Fuzz {
        /// Random inputs for each parser.
        #[arg(long, default_value_t = 20_000)]
        cases: u32,
    },
    /// Check the tree: arrows between crates, lengths of files and functions.
    Tidy,
    /// Check licences, banned crates and registries.
    Policy,
}

#[derive(clap::Args)]
#[command(disable_help_flag = true)]
struct Rest {
    /// Passed on to the program that does the work.
    #[arg(trailing_var_arg = true, allow_hyphen_values = true)]
    rest: Vec<String>,
}

fn main() -> ExitCode {
    match dispatch(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(command: Command) -> Result<(), Failure> {
    match command {
        Command::Localnet(Rest { rest }) => program("tacit-node", &["localnet"], &rest),
        Command::Vectors(Rest { rest }) => program("tacit-vectors", &[], &rest),
        Command::Demo(Rest { rest }) => {
            cargo(&["build", "--quiet", "--bin", "tacit-node"], &[])?;
            program("tacit-demo", &[], &rest)
        }
        Command::Bench(Rest { rest }) => bench(&rest),
        Command::Sim(Rest { rest }) => program("tacit-sim", &[], &rest),
        Command::Gallery(Rest { rest }) => {
            let rest = if rest.is_empty() { vec!["target/gallery".to_owned()] } else { rest };
            cargo(&["run", "--quiet", "-p", "tacit-ui", "--example", "gallery", "--"], &rest)
        }
        Command::MobileCheck => mobile::check(),
        Command::Fuzz { cases } => {
            let cases = cases.to_string();
            cargo::cargo_with(
                &["test", "--quiet", "-p", "tacit-conformance", "--test", "fuzz_bodies"],
                &[],
                &[("PROPTEST_CASES", &cases)],
            )
        }
        Command::Tidy => tidy::check(),
        Command::Policy => policy::check(),
    }
}

/// Builds benchmarks and node in the profile `bench`, with libsodium as a reference where the
/// system has it, and becomes the benchmarks.
fn bench(rest: &[String]) -> Result<(), Failure> {
    let mut build = vec!["build", "--profile", "bench", "-p", "tacit-bench", "-p", "tacit-node", "--bins"];
    let libsodium = std::process::Command::new("pkg-config").args(["--exists", "libsodium"]).status();
    if libsodium.is_ok_and(|status| status.success()) {
        build.extend(["--features", "tacit-bench/libsodium"]);
    }
    cargo(&build, &[])?;
    // Cargo keeps what the profile `bench` builds beside what `release` does.
    let path = cargo::metadata(false)?.target_directory.join("release").join("tacit-bench");
    let error = std::process::Command::new(&path).args(rest).exec();
    Err(Failure(format!("cannot start {path}: {error}")))
}

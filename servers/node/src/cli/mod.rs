//! The command line: `run`, `check`, `init`, `status`, `localnet`, `registrar`.

mod args;
mod check;
mod init;
mod registrar;
mod run;
mod unit;

use std::path::PathBuf;
use std::process::ExitCode;

use crate::Error;
use crate::localnet::{Localnet, Options};

use args::Command;

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    // For libraries that ask for the default; every configuration of ours names it.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let command = args::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("tacit-node: {error}");
            return ExitCode::FAILURE;
        }
    };
    let done = runtime.block_on(execute(command));
    // A thread that still reads standard input must not keep the process.
    runtime.shutdown_background();
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tacit-node: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn execute(command: Command) -> Result<(), Error> {
    match command {
        Command::Run { settings, until_stdin_closes } => run::run(settings.load()?, until_stdin_closes).await,
        Command::Check { settings } => check::check(&settings.load()?),
        Command::Init { dir } => init::init(&dir),
        Command::Status { dir, swarm_healthy } => {
            let report = crate::status::ask(&dir).await?;
            println!("{report:#}");
            if swarm_healthy { crate::status::swarm_is_healthy(&report) } else { Ok(()) }
        }
        Command::Registrar(command) => registrar::execute(command).await,
        Command::Localnet { dir, nodes, swarms, registrars, seed_port } => {
            tacit_edge::start_log("warn");
            let program = std::env::current_exe().map_err(Error::file(&PathBuf::from("/proc/self/exe")))?;
            let stopped = tacit_edge::until_stopped(true);
            tokio::pin!(stopped);
            let options = Options { dir, nodes, swarms, registrars, seed_port, program, settings: Vec::new() };
            let net = tokio::select! {
                biased;
                net = Localnet::start(options) => net?,
                // Ends the nodes that were started so far.
                stopped = &mut stopped => return stopped.map(|_| ()).map_err(Error::from),
            };
            println!("ready {}", net.profile_path().display());
            stopped.await?;
            net.stop().await;
            Ok(())
        }
    }
}

//! The command line: `run`, `init`, and what an operator does with the files.

mod admin;
mod args;
mod init;

use std::process::ExitCode;

use args::Command;

use crate::{Config, Error, FileServer};

/// Runs the program with the arguments of the process.
#[must_use]
pub fn main() -> ExitCode {
    let command = args::parse();
    let done = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => {
            let done = runtime.block_on(execute(command));
            // A thread that still reads standard input must not keep the process.
            runtime.shutdown_background();
            done
        }
        Err(source) => Err(Error::Settings(source.to_string())),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("tacit-files: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn execute(command: Command) -> Result<(), Error> {
    let settings = match command {
        Command::Init { dir } => return init::init(&dir),
        Command::Run { settings, until_stdin_closes } => return run(&settings.load()?, until_stdin_closes).await,
        Command::Admin { settings, task } => (settings.load()?, task),
    };
    admin::execute(&settings.0, settings.1).await
}

async fn run(config: &Config, until_stdin_closes: bool) -> Result<(), Error> {
    tacit_edge::start_log(&config.log.level);
    let stopped = tacit_edge::until_stopped(until_stdin_closes);
    let server = FileServer::start(config.clone()).await?;
    tracing::info!("URLs of files end in #p={}", hex::encode(server.ed25519()));
    let mut ports = vec![("http", server.address().port())];
    ports.extend(server.metrics_address().map(|address| ("metrics", address.port())));
    tacit_edge::print_ready(&ports);
    let supervisor = tacit_edge::Supervisor::from_environment();
    supervisor.ready();
    let reason = stopped.await;
    supervisor.stopping();
    tracing::info!(?reason, "stopping");
    server.stop().await;
    reason?;
    Ok(())
}

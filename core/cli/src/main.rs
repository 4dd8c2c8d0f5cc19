//! `tacit`: the core without a screen.

#![cfg_attr(test, allow(clippy::unwrap_used, clippy::expect_used))]

mod account;
mod arguments;
mod backup;
mod conversations;
mod describe;
mod erase;
mod failure;
mod files;
mod messages;
mod network;
mod output;
mod profile;
mod receive;
mod search;
mod send;
mod session;

use std::process::ExitCode;

use clap::Parser;
use tracing_subscriber::EnvFilter;

use crate::arguments::{Account, Arguments, Command, Network, Profile};
use crate::failure::Failure;
use crate::output::Output;
use crate::session::Session;

#[tokio::main]
async fn main() -> ExitCode {
    // Libraries that ask for the process's default get the one that the whole program uses.
    let _ = rustls::crypto::ring::default_provider().install_default();
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => return usage(&error),
    };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_env("TACIT_LOG").unwrap_or_else(|_| EnvFilter::new("error")))
        .with_writer(std::io::stderr)
        .init();
    let output = Output::new(arguments.json);
    let result = tokio::select! {
        result = run(&arguments, &output) => result,
        _ = tokio::signal::ctrl_c() => Ok(()),
    };
    match result {
        Ok(()) => ExitCode::SUCCESS,
        Err(failure) => {
            output.failure(&failure);
            ExitCode::FAILURE
        }
    }
}

/// Help and version go to standard output and end with 0; wrong usage ends with 2, as JSON where
/// JSON was asked for.
fn usage(error: &clap::Error) -> ExitCode {
    if error.use_stderr() && std::env::args().any(|argument| argument == "--json") {
        Output::new(true).failure(&Failure::new("usage", error.to_string().trim_end()));
    } else {
        // Standard output may be closed already; there is nobody left to tell then.
        let _ = error.print();
    }
    ExitCode::from(u8::try_from(error.exit_code()).unwrap_or(2))
}

async fn run(arguments: &Arguments, output: &Output) -> Result<(), Failure> {
    let session = Session::new(arguments)?;
    match &arguments.command {
        Command::Account(Account::Create { name }) => account::create(&session, output, name).await,
        Command::Account(Account::Restore { phrase, wait }) => account::restore(&session, output, phrase, *wait).await,
        Command::Account(Account::Erase { everywhere }) => erase::run(&session, output, *everywhere).await,
        Command::Account(Account::Show { secret }) => account::show(&session, output, *secret).await,
        Command::Profile(Profile::Set { name, avatar, wait }) => {
            profile::set(&session, output, name.as_deref(), avatar.as_deref(), *wait).await
        }
        Command::Avatar { id, file, wait } => profile::avatar(&session, output, id, file, *wait).await,
        Command::Send(send) => send::run(&session, output, send).await,
        Command::Receive(receive) => receive::run(&session, output, receive).await,
        Command::Conversations => conversations::list(&session, output).await,
        Command::History(history) => conversations::history(&session, output, history).await,
        Command::Search(search) => search::run(&session, output, search).await,
        Command::React { message, emoji } => messages::react(&session, output, message, emoji, false).await,
        Command::Unreact { message, emoji } => messages::react(&session, output, message, emoji, true).await,
        Command::Unsend { messages, mine, here } => {
            messages::unsend(&session, output, messages, messages::scope(*mine, *here)).await
        }
        Command::Typing { id, stop } => messages::typing(&session, output, id, !stop).await,
        Command::Disappear { id, when } => messages::disappear(&session, output, id, when).await,
        Command::Receipts { message, again } => messages::receipts(&session, output, message, *again).await,
        Command::Setting { key, value } => messages::setting(&session, output, key, value.as_deref()).await,
        Command::Save { message, folder } => files::save(&session, output, message, folder).await,
        Command::Retry { message } => send::retry(&session, output, message).await,
        Command::Trust { id, off } => files::trust(&session, output, id, !off).await,
        Command::Accept { id } => conversations::accept(&session, output, id).await,
        Command::Block { id } => conversations::block(&session, output, id, true).await,
        Command::Unblock { id } => conversations::block(&session, output, id, false).await,
        Command::Read { id } => conversations::read(&session, output, id).await,
        Command::Contact { id, nickname } => conversations::nickname(&session, output, id, nickname).await,
        Command::Backup(command) => backup::run(&session, output, command).await,
        Command::Path => network::path(&session, output).await,
        Command::Network(Network::Status) => network::status(&session, output).await,
        Command::Network(Network::Flush { wait }) => network::flush(&session, output, *wait).await,
    }
}

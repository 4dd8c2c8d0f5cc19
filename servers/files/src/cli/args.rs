//! Arguments of the program. Flags of settings are made from the keys of the configuration.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, value_parser};

use crate::config::{Config, KEYS, Storage};
use crate::{Error, FileId};

pub(super) enum Command {
    Run { settings: Settings, until_stdin_closes: bool },
    Init { dir: PathBuf },
    Admin { settings: Settings, task: Task },
}

pub(super) enum Task {
    Stats,
    Expire,
    Purge(FileId),
    Verify { content: bool, repair: bool },
    Migrate { to: Storage },
}

/// Where settings come from.
pub(super) struct Settings {
    config: Option<PathBuf>,
    flags: Vec<(String, String)>,
}

impl Settings {
    pub fn load(self) -> Result<Config, Error> {
        Ok(Config::load(self.config.as_deref(), std::env::vars().collect(), self.flags)?)
    }
}

/// Reads the arguments of the process; ends it with a text if they make no sense.
pub(super) fn parse() -> Command {
    let matches = command().get_matches();
    read(&matches).unwrap_or_else(|| command().error(clap::error::ErrorKind::MissingSubcommand, "no command").exit())
}

fn read(matches: &ArgMatches) -> Option<Command> {
    let (name, given) = matches.subcommand()?;
    if name == "init" {
        return Some(Command::Init { dir: given.get_one::<PathBuf>("dir").cloned().unwrap_or_else(|| ".".into()) });
    }
    let flags =
        KEYS.iter().filter_map(|key| Some((key.name.to_owned(), given.get_one::<String>(key.name)?.clone()))).collect();
    let settings = Settings { config: given.get_one::<PathBuf>("config").cloned(), flags };
    let task = match name {
        "run" => return Some(Command::Run { settings, until_stdin_closes: given.get_flag("until_stdin_closes") }),
        "stats" => Task::Stats,
        "expire" => Task::Expire,
        "purge" => Task::Purge(given.get_one::<FileId>("id")?.clone()),
        "verify" => Task::Verify { content: given.get_flag("content"), repair: given.get_flag("repair") },
        "migrate" if given.get_one::<String>("to")? == "s3" => Task::Migrate { to: Storage::S3 },
        "migrate" => Task::Migrate { to: Storage::Disk },
        _ => return None,
    };
    Some(Command::Admin { settings, task })
}

fn command() -> clap::Command {
    let flag = |name: &'static str, help: &'static str| Arg::new(name).long(name).action(ArgAction::SetTrue).help(help);
    let id = Arg::new("id").required(true).value_name("ID").value_parser(|text: &str| {
        FileId::parse(text).ok_or_else(|| "no name of a file: digits, or 44 characters".to_owned())
    });
    let to = Arg::new("to").long("to").required(true).value_parser(["disk", "s3"]).help("where the bytes shall lie");
    clap::Command::new("tacit-files")
        .about("A file server of a Tacit network")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            with_settings("run", "Runs the server until SIGTERM or Ctrl-C").arg(
                Arg::new("until_stdin_closes")
                    .long("until-stdin-closes")
                    .action(ArgAction::SetTrue)
                    .help("also stop when standard input ends"),
            ),
        )
        .subcommand(clap::Command::new("init").about("Makes a folder with a key and a commented file of settings").arg(
            Arg::new("dir").long("dir").value_name("PATH").value_parser(value_parser!(PathBuf)).help(". if not given"),
        ))
        .subcommand(with_settings("stats", "Prints how much there is, as JSON"))
        .subcommand(with_settings("expire", "Deletes what has expired (a running server does so by itself)"))
        .subcommand(with_settings("purge", "Takes one file away, also while the server runs").arg(id))
        .subcommand(
            with_settings("verify", "Compares index and bytes (the server must not run)")
                .arg(flag("content", "also read all bytes and compare them with names made from content"))
                .arg(flag("repair", "remove rows without bytes and bytes without rows")),
        )
        .subcommand(with_settings("migrate", "Copies all bytes to another storage (the server must not run)").arg(to))
}

/// A command with a flag for each setting.
fn with_settings(name: &'static str, about: &'static str) -> clap::Command {
    let mut command = clap::Command::new(name)
        .about(about)
        .after_help("Every setting can also stand in the environment as TACIT_FILES_ and its name.")
        .arg(
            Arg::new("config")
                .long("config")
                .value_name("PATH")
                .value_parser(value_parser!(PathBuf))
                .help("settings; flags win over the environment, that over the file"),
        );
    for key in KEYS {
        // Lives as long as the program, as clap wants it.
        let dashed: &'static str = key.name.replace('_', "-").leak();
        command = command.arg(Arg::new(key.name).long(key.name).alias(dashed).value_name("VALUE").help(key.help));
    }
    command
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_command_line_is_consistent() {
        command().debug_assert();
    }

    #[test]
    fn names_that_lead_elsewhere_are_no_names() {
        let purge = |id| command().try_get_matches_from(["tacit-files", "purge", "--data-dir", "/a", id]);
        assert!(purge("../etc/passwd").is_err());
        assert!(matches!(
            read(&purge("123").unwrap()),
            Some(Command::Admin { task: Task::Purge(id), .. }) if id.as_str() == "123"
        ));
    }
}

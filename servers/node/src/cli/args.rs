//! Arguments of the program. Flags of `run` are made from the keys of the configuration, so that
//! each key has one and a mistyped one is answered with the nearest.

use std::path::PathBuf;

use clap::{Arg, ArgAction, ArgMatches, value_parser};

use crate::Error;
use crate::config::{Config, KEYS};

pub(super) enum Command {
    Run { settings: Settings, until_stdin_closes: bool },
    Check { settings: Settings },
    Init { dir: PathBuf },
    Status { dir: PathBuf, swarm_healthy: bool },
    Localnet { dir: PathBuf, nodes: usize, swarms: usize, registrars: usize, seed_port: Option<u16> },
    Registrar(super::registrar::Command),
}

/// Where settings come from.
pub(super) struct Settings {
    config: Option<PathBuf>,
    flags: Vec<(String, String)>,
}

impl Settings {
    fn given(given: &ArgMatches) -> Self {
        Self { config: given.get_one::<PathBuf>("config").cloned(), flags: flags(given) }
    }

    pub(super) fn load(self) -> Result<Config, Error> {
        Ok(Config::load(self.config.as_deref(), std::env::vars().collect(), self.flags)?)
    }
}

/// Reads the arguments of the process; ends it with a text if they make no sense.
pub(super) fn parse() -> Command {
    let matches = command().get_matches();
    match matches.subcommand() {
        Some(("run", given)) => {
            Command::Run { settings: Settings::given(given), until_stdin_closes: given.get_flag("until_stdin_closes") }
        }
        Some(("init", given)) => Command::Init { dir: path(given, "dir") },
        Some(("check", given)) => Command::Check { settings: Settings::given(given) },
        Some(("status", given)) => {
            Command::Status { dir: path(given, "dir"), swarm_healthy: given.get_flag("swarm_healthy") }
        }
        Some(("localnet", given)) => Command::Localnet {
            dir: path(given, "dir"),
            nodes: given.get_one::<usize>("nodes").copied().unwrap_or(12),
            swarms: given.get_one::<usize>("swarms").copied().unwrap_or(2),
            registrars: given.get_one::<usize>("registrars").copied().unwrap_or(0),
            seed_port: given.get_one::<u16>("seed_port").copied(),
        },
        Some(("registrar", given)) => match super::registrar::read(given) {
            Ok(given) => Command::Registrar(given),
            Err(why) => command().error(clap::error::ErrorKind::ValueValidation, why).exit(),
        },
        _ => command().error(clap::error::ErrorKind::MissingSubcommand, "no command").exit(),
    }
}

fn path(given: &ArgMatches, name: &str) -> PathBuf {
    given.get_one::<PathBuf>(name).cloned().unwrap_or_else(|| PathBuf::from("."))
}

fn flags(given: &ArgMatches) -> Vec<(String, String)> {
    KEYS.iter().filter_map(|key| Some((key.name.to_owned(), given.get_one::<String>(key.name)?.clone()))).collect()
}

/// The same name with dashes; lives as long as the program, as clap wants it.
fn dashed(name: &str) -> &'static str {
    name.replace('_', "-").leak()
}

/// A command with a flag for each setting.
fn with_settings(name: &'static str, about: &'static str) -> clap::Command {
    let config = Arg::new("config").long("config").value_name("PATH").value_parser(value_parser!(PathBuf));
    let mut command = clap::Command::new(name)
        .about(about)
        .after_help("Every setting can also stand in the environment as TACIT_NODE_ and its name.")
        .arg(config.help("settings; flags win over the environment, that over the file"));
    for key in KEYS {
        let flag = Arg::new(key.name).long(key.name).alias(dashed(key.name));
        command = command.arg(flag.value_name("VALUE").help(key.help));
    }
    command
}

fn command() -> clap::Command {
    let path = |name: &'static str| Arg::new(name).long(name).value_name("PATH").value_parser(value_parser!(PathBuf));
    let flag = |name: &'static str, long: &'static str| Arg::new(name).long(long).action(ArgAction::SetTrue);
    let run = with_settings("run", "Runs a node until SIGTERM or Ctrl-C")
        .arg(flag("until_stdin_closes", "until-stdin-closes").help("also stop when standard input ends"));
    let number = |name: &'static str, long: &'static str| {
        Arg::new(name).long(long).value_name("N").value_parser(value_parser!(usize))
    };
    clap::Command::new("tacit-node")
        .about("A service node of a Tacit network")
        .version(env!("CARGO_PKG_VERSION"))
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(run)
        .subcommand(with_settings("check", "Looks whether a node could run with these settings, and starts none"))
        .subcommand(
            clap::Command::new("init")
                .about("Makes a folder with a key and a commented file of settings")
                .arg(path("dir").help("folder, . if not given")),
        )
        .subcommand(
            clap::Command::new("status")
                .about("Asks the node that runs on a folder how it is")
                .arg(path("dir").help("its data_dir, . if not given"))
                .arg(
                    flag("swarm_healthy", "swarm-healthy")
                        .help("fail unless all members of its swarm answer: only then stop one for an upgrade"),
                ),
        )
        .subcommand(super::registrar::command())
        .subcommand(
            clap::Command::new("localnet")
                .about("Runs a whole network on this machine until Ctrl-C or end of input")
                .arg(number("nodes", "nodes").help("how many nodes, 12"))
                .arg(number("swarms", "swarms").help("how many swarms they make, 2"))
                .arg(number("registrars", "registrars").help("servers that say who belongs to it; 0, a fixed list"))
                .arg(path("dir").required(true).help("folder of the network; what is in it is used again"))
                .arg(
                    Arg::new("seed_port")
                        .long("seed-port")
                        .value_name("PORT")
                        .value_parser(value_parser!(u16))
                        .help("port of the seed; chosen if not given"),
                ),
        )
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_command_line_is_consistent() {
        super::command().debug_assert();
    }

    #[test]
    fn flags_take_dashes_and_underscores() {
        let words = ["tacit-node", "run", "--data-dir", "/a", "--peer_listen", "1.2.3.4:5", "--limits.onion-bytes=7"];
        let matches = super::command().try_get_matches_from(words).unwrap();
        let flags = super::flags(matches.subcommand_matches("run").unwrap());
        let expected = [("data_dir", "/a"), ("peer_listen", "1.2.3.4:5"), ("limits.onion_bytes", "7")];
        assert_eq!(flags, expected.map(|(a, b)| (a.to_owned(), b.to_owned())));
    }
}

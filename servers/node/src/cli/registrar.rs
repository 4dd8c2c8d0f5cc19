//! `tacit-node registrar init`, `run`, `admit`, `certify`.

use std::path::{Path, PathBuf};

use clap::{Arg, ArgAction, ArgMatches, value_parser};
use tacit_wire::NodeId;

use crate::registrar::{self, KEYS, Registrar, RegistrarConfig};
use crate::{Error, now};

pub(super) enum Command {
    Init { dir: PathBuf, url: Option<String> },
    Run { config: Option<PathBuf>, flags: Vec<(String, String)>, until_stdin_closes: bool },
    Admit { dir: PathBuf, node: NodeId, operator: Option<String> },
    Certify { dir: PathBuf },
}

pub(super) fn command() -> clap::Command {
    let path = |name: &'static str| Arg::new(name).long(name).value_name("PATH").value_parser(value_parser!(PathBuf));
    let dir = || path("dir").help("folder of the registrar, . if not given");
    let mut run = clap::Command::new("run")
        .about("Runs a registrar until SIGTERM or Ctrl-C")
        .after_help("Every setting can also stand in the environment as TACIT_REGISTRAR_ and its name.")
        .arg(path("config").help("settings; flags win over the environment, that over the file"))
        .arg(
            Arg::new("until_stdin_closes")
                .long("until-stdin-closes")
                .action(ArgAction::SetTrue)
                .help("also stop when standard input ends"),
        );
    for key in KEYS {
        run = run.arg(Arg::new(key.name).long(key.name).value_name("VALUE").help(key.help));
    }
    clap::Command::new("registrar")
        .about("One of the servers that say who belongs to a network")
        .subcommand_required(true)
        .arg_required_else_help(true)
        .subcommand(
            clap::Command::new("init")
                .about("Makes a folder with keys, a certificate, and a file of settings")
                .arg(dir())
                .arg(Arg::new("url").long("url").value_name("URL").help("how others reach it, https://host:port")),
        )
        .subcommand(run)
        .subcommand(
            clap::Command::new("admit")
                .about("Lets a node into the network, as far as this registrar is concerned")
                .arg(Arg::new("node").required(true).value_name("KEY").help("the node's Ed25519 key, in hex"))
                .arg(Arg::new("operator").long("operator").value_name("NAME").help("who runs it, at most 5 nodes each"))
                .arg(dir()),
        )
        .subcommand(
            clap::Command::new("certify")
                .about("Certifies the signing key for another six months; needs identity.seed")
                .arg(dir()),
        )
}

pub(super) fn read(given: &ArgMatches) -> Result<Command, String> {
    let dir = |given: &ArgMatches| given.get_one::<PathBuf>("dir").cloned().unwrap_or_else(|| PathBuf::from("."));
    let text = |given: &ArgMatches, name: &str| given.get_one::<String>(name).cloned();
    match given.subcommand() {
        Some(("init", given)) => Ok(Command::Init { dir: dir(given), url: text(given, "url") }),
        Some(("run", given)) => Ok(Command::Run {
            config: given.get_one::<PathBuf>("config").cloned(),
            flags: KEYS.iter().filter_map(|key| Some((key.name.to_owned(), text(given, key.name)?))).collect(),
            until_stdin_closes: given.get_flag("until_stdin_closes"),
        }),
        Some(("admit", given)) => {
            let node = text(given, "node").unwrap_or_default();
            let node = node.parse().map_err(|_| format!("`{node}` is no key: 64 hexadecimal digits"))?;
            Ok(Command::Admit { dir: dir(given), node, operator: text(given, "operator") })
        }
        Some(("certify", given)) => Ok(Command::Certify { dir: dir(given) }),
        _ => Err("no command".to_owned()),
    }
}

pub(super) async fn execute(command: Command) -> Result<(), Error> {
    match command {
        Command::Init { dir, url } => init(&dir, url.as_deref()),
        Command::Run { config, flags, until_stdin_closes } => run(config.as_deref(), flags, until_stdin_closes).await,
        Command::Admit { dir, node, operator } => {
            registrar::admit(&dir, &node, operator.as_deref())?;
            println!("{node} is admitted here; it joins when a majority of the registrars admits it");
            Ok(())
        }
        Command::Certify { dir } => {
            registrar::certify(&dir, now())?;
            println!("certified for six months: restart the registrar, then take identity.seed off this machine again");
            Ok(())
        }
    }
}

fn init(dir: &Path, url: Option<&str>) -> Result<(), Error> {
    let id = registrar::init(dir, now())?;
    let path = dir.join("registrar.toml");
    if !path.exists() {
        let url = url.unwrap_or("https://registrar.example.org:22031");
        let text = format!(
            "# Settings of a registrar; `tacit-node registrar run --help` names all.\ndata_dir = \".\"\n\
             network = \"network.json\"\nurl = \"{url}\"\nlisten = \"0.0.0.0:22031\"\nperiod_seconds = 3600\n"
        );
        std::fs::write(&path, text).map_err(Error::file(&path))?;
        println!("wrote {}", path.display());
    }
    println!("this registrar is ed25519 {id}");
    println!("next: name it in the network's profile, put that beside it as network.json, then");
    println!("  tacit-node registrar run --config {}", path.display());
    println!("identity.seed is needed for `registrar certify` only: keep it off this machine");
    Ok(())
}

async fn run(config: Option<&Path>, flags: Vec<(String, String)>, until_stdin_closes: bool) -> Result<(), Error> {
    let config = RegistrarConfig::load(config, std::env::vars().collect(), flags)?;
    tacit_edge::start_log(&config.log.level);
    let stopped = tacit_edge::until_stopped(until_stdin_closes);
    let registrar = Registrar::start(config).await?;
    tacit_edge::print_ready(&[("https", registrar.address().port())]);
    let reason = stopped.await;
    registrar.shutdown().await;
    reason?;
    Ok(())
}

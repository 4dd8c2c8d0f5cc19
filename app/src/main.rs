//! The desktop program: `tacit-app [--profile DIR] [--network FILE|session]`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::rc::Rc;

use tacit_app::platform::{self, Platform as _, System};
use tacit_app::{Start, Tacit};
use tacit_wire::profile::NetworkProfile;
use zeroize::Zeroizing;

const USAGE: &str = "usage: tacit-app [--profile DIR] [--network FILE|session]";
/// Variable with the key of the database: 64 hex digits, or a passphrase.
const KEY_VARIABLE: &str = "TACIT_KEY";
/// Largest network profile that is read, in bytes.
const LARGEST_PROFILE: u64 = 16 << 20;

fn main() -> ExitCode {
    let log = tracing_subscriber::EnvFilter::try_from_env("TACIT_LOG");
    let log = log.unwrap_or_else(|_| tracing_subscriber::EnvFilter::new("off"));
    tracing_subscriber::fmt().with_env_filter(log).with_writer(std::io::stderr).init();
    match run() {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("tacit-app: {message}");
            ExitCode::FAILURE
        }
    }
}

fn run() -> Result<(), String> {
    let system = Rc::new(System::default());
    let mut start = Start::new(system.data_folder(), None);
    let mut arguments = std::env::args_os().skip(1);
    while let Some(argument) = arguments.next() {
        let mut value = || arguments.next().ok_or(USAGE);
        match argument.to_str() {
            Some("--profile") => start.folder = PathBuf::from(value()?),
            Some("--network") => start.network = Some(network(Path::new(&value()?))?),
            _ => return Err(USAGE.to_owned()),
        }
    }
    start.key = std::env::var(KEY_VARIABLE).ok().filter(|text| !text.is_empty()).map(Zeroizing::new);
    let tacit = Tacit::start(start, system).map_err(|error| error.to_string())?;
    platform::prefer_colour_emoji();
    tacit.run().map_err(|error| error.to_string())
}

/// A network profile: the deployed network's, or one from a file.
fn network(file: &Path) -> Result<NetworkProfile, String> {
    if file == Path::new("session") {
        return Ok(NetworkProfile::session());
    }
    let fail = |error: &dyn std::fmt::Display| format!("{}: {error}", file.display());
    if std::fs::metadata(file).map_err(|error| fail(&error))?.len() > LARGEST_PROFILE {
        return Err(fail(&"the file is too large for a network profile"));
    }
    let text = std::fs::read(file).map_err(|error| fail(&error))?;
    NetworkProfile::parse(&text).map_err(|error| fail(&error))
}

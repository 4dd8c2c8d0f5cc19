//! Packages of the Debian mirror that this machine uses anyway, fetched by an apt configuration of
//! our own: nothing is installed, and other suites of the mirror stay unknown to the system.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::step::{Step, Stop, fetch, files};

/// One suite of the mirror.
pub struct Suite {
    folder: PathBuf,
}

impl Suite {
    /// The suite called `name`; nothing stands for the release that the machine runs.
    pub fn open(cache: &Path, name: Option<&str>) -> Step<Self> {
        let (address, own) = mirror()?;
        let name = name.unwrap_or(&own);
        let suite = Self { folder: cache.join("apt").join(name) };
        fs::create_dir_all(suite.folder.join("lists/partial"))?;
        fs::create_dir_all(suite.folder.join("cache/archives/partial"))?;
        let keys = "[signed-by=/usr/share/keyrings/debian-archive-keyring.gpg]";
        let sources = format!("deb {keys} {address} {name} main\ndeb-src {keys} {address} {name} main\n");
        fs::write(suite.folder.join("sources.list"), sources)?;
        let folder = suite.folder.display();
        let configuration = format!(
            "Dir::Etc::sourcelist \"{folder}/sources.list\";\nDir::Etc::sourceparts \"-\";\n\
             Dir::State::lists \"{folder}/lists\";\nDir::Cache \"{folder}/cache\";\n\
             Debug::NoLocking \"true\";\nAPT::Sandbox::User \"\";\nAcquire::Languages \"none\";\n\
             Acquire::IndexTargets::deb::DEP-11::DefaultEnabled \"false\";\n"
        );
        fs::write(suite.folder.join("apt.conf"), configuration)?;
        fetch(suite.apt("apt-get").args(["-qq", "update"]))?;
        Ok(suite)
    }

    /// The version of a package that starts with `start`.
    pub fn version(&self, package: &str, start: &str) -> Step<String> {
        let table = fetch(self.apt("apt-cache").args(["madison", package]))?;
        let mut versions = table.lines().filter_map(|line| line.split('|').nth(1)).map(str::trim);
        let found = versions.find(|v| v.starts_with(start)).map(str::to_owned);
        found.ok_or_else(|| Stop::Skipped(format!("{package} {start} is not on the package mirror")))
    }

    /// Unpacks one package (`name` or `name=version`) into `target`.
    pub fn unpack(&self, package: &str, target: &Path) -> Step<()> {
        let archives = self.folder.join("downloads").join(package.replace(['=', '/'], "_"));
        fs::create_dir_all(&archives)?;
        fetch(self.apt("apt-get").args(["-qq", "download", package]).current_dir(&archives))?;
        unpack_all(&archives, target)?;
        Ok(fs::remove_dir_all(archives)?)
    }

    /// Unpacks packages with all that they need and the machine does not have.
    pub fn unpack_with_dependencies(&self, packages: &[&str], target: &Path) -> Step<()> {
        let archives = self.folder.join("downloads").join(packages.join("_"));
        fs::create_dir_all(archives.join("partial"))?;
        let place = format!("Dir::Cache::archives={}", archives.display());
        let options = ["-qq", "install", "--yes", "--download-only", "--no-install-recommends", "-o", &place];
        fetch(self.apt("apt-get").args(options).args(packages))?;
        unpack_all(&archives, target)?;
        Ok(fs::remove_dir_all(archives)?)
    }

    /// Fetches the original archive of a source package into `target`.
    pub fn source(&self, package: &str, target: &Path) -> Step<PathBuf> {
        let options = ["-qq", "source", "--download-only", "--tar-only", package];
        fetch(self.apt("apt-get").args(options).current_dir(target))?;
        let archive = files(target, ".orig.tar.xz")?.pop();
        archive.ok_or_else(|| Stop::Skipped(format!("{package}: the mirror has no source archive")))
    }

    fn apt(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        command.arg("-c").arg(self.folder.join("apt.conf"));
        command
    }
}

/// The address of the machine's mirror and the name of its own release.
fn mirror() -> Step<(String, String)> {
    let none = || Stop::Skipped("this machine has no Debian mirror in its apt sources".to_owned());
    let about = fs::read_to_string("/etc/os-release").unwrap_or_default();
    let value = |key| about.lines().find_map(|line| line.strip_prefix(key)).map(|v| v.trim_matches('"'));
    let (Some("debian"), Some(own)) = (value("ID="), value("VERSION_CODENAME=")) else { return Err(none()) };
    let format = ["indextargets", "--format", "$(REPO_URI) $(RELEASE)", "Created-By: Packages"];
    let targets = fetch(Command::new("apt-get").args(format))?;
    let mut sources = targets.lines().filter_map(|line| line.split_once(' '));
    let address = sources.find(|(_, release)| *release == own).ok_or_else(none)?.0;
    Ok((address.to_owned(), own.to_owned()))
}

fn unpack_all(archives: &Path, target: &Path) -> Step<()> {
    fs::create_dir_all(target)?;
    for archive in files(archives, ".deb")? {
        fetch(Command::new("dpkg").arg("-x").arg(&archive).arg(target))?;
    }
    Ok(())
}

/// A small script that starts a program with the libraries that were unpacked with it.
pub fn starter(unpacked: &Path, program: &str) -> Step<PathBuf> {
    let own = unpacked.join("usr/bin").join(program);
    let path = if own.exists() { own } else { PathBuf::from(program) };
    let libraries = unpacked.join("usr/lib");
    let text = format!(
        "#!/bin/sh\nat={libraries}\n\
         for folder in $at/*-linux-gnu $at/*-linux-gnu/android $at/llvm-*/lib $at/p7zip\n\
         do LD_LIBRARY_PATH=\"$folder${{LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}}\"\ndone\nexport LD_LIBRARY_PATH\nexec {path} \"$@\"\n",
        libraries = libraries.display(),
        path = path.display()
    );
    let script = unpacked.join(program);
    fs::write(&script, text)?;
    fetch(Command::new("chmod").arg("+x").arg(&script))?;
    Ok(script)
}

//! The standard library for a phone: installed, or compiled along from the source that belongs to
//! this very compiler.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::mirror::Suite;
use super::step::{Step, Stop, must, once};

/// How cargo gets at the standard library.
pub enum StandardLibrary {
    /// The toolchain has it, by `rustup target add`.
    Installed,
    /// A copy of the toolchain with the library's source in it.
    Source(PathBuf),
}

impl StandardLibrary {
    pub fn find(cache: &Path, target: &str) -> Step<Self> {
        let toolchain = PathBuf::from(must(Command::new("rustc").args(["--print", "sysroot"]))?.trim());
        if toolchain.join("lib/rustlib").join(target).join("lib").exists() {
            return Ok(Self::Installed);
        }
        let version = rust_version()?;
        let own = cache.join(format!("toolchain-{version}"));
        once(&own, |part| {
            // A hard link costs nothing; the compiler finds its library beside the file it was started from.
            for folder in ["bin", "lib"] {
                let from = toolchain.join(folder);
                if must(Command::new("cp").arg("-al").arg(&from).arg(part)).is_err() {
                    must(Command::new("cp").arg("-a").arg(&from).arg(part))?;
                }
            }
            Ok(())
        })?;
        let source = own.join("lib/rustlib/src");
        if source.join("rust/library").exists() {
            return Ok(Self::Source(own));
        }
        let unpacked = cache.join(format!("rust-src-{version}"));
        once(&unpacked, |part| {
            let suite = Suite::open(cache, Some("trixie-backports"))?;
            let package = suite.version("rust-src", &format!("{version}+"))?;
            suite.unpack(&format!("rust-src={package}"), part)
        })?;
        fs::create_dir_all(&source)?;
        let link = source.join("rust");
        if link.is_symlink() {
            fs::remove_file(&link)?;
        }
        std::os::unix::fs::symlink(unpacked.join(format!("usr/src/rustc-{version}")), link)?;
        Ok(Self::Source(own))
    }

    /// `cargo check` for `target` with this library.
    pub fn cargo_check(&self, target: &str) -> Command {
        let mut command = match self {
            Self::Installed => Command::new("cargo"),
            Self::Source(toolchain) => Command::new(toolchain.join("bin/cargo")),
        };
        command.args(["check", "--locked", "--keep-going", "--target", target]);
        if let Self::Source(toolchain) = self {
            command
                .arg("-Zbuild-std=std,panic_abort")
                .env("RUSTC", toolchain.join("bin/rustc"))
                .env("RUSTC_BOOTSTRAP", "1")
                // Set by `cargo run` to the toolchain that was copied: would load its compiler instead.
                .env_remove("LD_LIBRARY_PATH");
        }
        command
    }
}

fn rust_version() -> Step<String> {
    let text = must(Command::new("rustc").arg("--version"))?;
    let version = text.split(' ').nth(1).map(str::to_owned);
    version.ok_or_else(|| Stop::Failed(format!("rustc --version says {text}")))
}

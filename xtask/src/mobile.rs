//! Type-checks the app for Android and iOS without their SDKs. What that needs is fetched once, below
//! `target/mobile`; only something that cannot be fetched lets a step be skipped, and aloud.

mod android_sdk;
mod c_code;
mod java;
mod mirror;
mod packaging;
mod signatures;
mod standard_library;
mod step;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use cargo_metadata::Metadata;

use self::android_sdk::AndroidSdk;
use self::c_code::CCode;
use self::standard_library::StandardLibrary;
use self::step::{Step, Stop};
use crate::cargo::{Failure, metadata, root};

/// Runs every step; the first fault in code does not keep the other phone from being checked.
pub fn check() -> Result<(), Failure> {
    let workspace = metadata(false)?;
    let cache = workspace.target_directory.join("mobile").into_std_path_buf();
    fs::create_dir_all(&cache).map_err(|e| Failure(format!("{}: {e}", cache.display())))?;
    let results = [
        report("texts for stores", packaging::store_texts),
        report("ios/Info.plist", packaging::property_list),
        report("android manifest and resources", || packaging::manifest(&cache)),
        report("app for aarch64-linux-android", || android(&cache, &android_packages(&workspace))),
        report("app for aarch64-apple-ios", || ios(&cache)),
    ];
    if results.contains(&false) { Err(Failure("mobile-check failed".to_owned())) } else { Ok(()) }
}

/// The app, and the library that Android loads once the workspace has it.
fn android_packages(workspace: &Metadata) -> Vec<&str> {
    let members = workspace.packages.iter().map(|p| p.name.as_str());
    members.filter(|name| ["tacit-app", "tacit-android"].contains(name)).collect()
}

fn report(name: &str, step: impl FnOnce() -> Step<()>) -> bool {
    println!("== {name}");
    let start = Instant::now();
    let result = step();
    let seconds = start.elapsed().as_secs();
    match &result {
        Ok(()) => println!("{name}: ran ({seconds} s)"),
        Err(Stop::Skipped(reason)) => println!("{name}: skipped: {reason}"),
        Err(Stop::Failed(reason)) => println!("{name}: FAILED: {reason}"),
    }
    !matches!(result, Err(Stop::Failed(_)))
}

/// Everything, with the backend that opens the window.
fn android(cache: &Path, packages: &[&str]) -> Step<()> {
    let target = "aarch64-linux-android";
    let library = StandardLibrary::find(cache, target)?;
    let c_code = CCode::find(cache)?;
    let sdk = AndroidSdk::find(cache, &stand_in("android/stand-in/dexer"))?;
    let mut command = library.cargo_check(target);
    c_code.for_android(&mut command, &stand_in("android/stand-in/headers"))?;
    sdk.show(&mut command);
    // Lets Skia take the bindings made for its documentation instead of fetching its library.
    command.env("DOCS_RS", "1");
    finish(command, cache, packages)
}

/// Everything but the window backend: on iOS it draws by Metal, which the bindings at hand do not know.
fn ios(cache: &Path) -> Step<()> {
    let target = "aarch64-apple-ios";
    let library = StandardLibrary::find(cache, target)?;
    let c_code = CCode::find(cache)?;
    let mut command = library.cargo_check(target);
    c_code.for_ios(&mut command, &stand_in("ios/stand-in/headers"))?;
    finish(command, cache, &["tacit-app"])
}

fn finish(mut command: Command, cache: &Path, packages: &[&str]) -> Step<()> {
    packages.iter().for_each(|package| {
        command.args(["--package", package]);
    });
    command
        .arg("--no-default-features")
        // C code that nobody runs need not be fast.
        .args(["--config", "profile.dev.package.libsqlite3-sys.opt-level=0"])
        .args(["--config", "profile.dev.package.zstd-sys.opt-level=0"])
        .env("CARGO_TARGET_DIR", cache.join("build"))
        .env("CARGO_INCREMENTAL", "0")
        .current_dir(root());
    let status = command.status()?;
    if status.success() { Ok(()) } else { Err(Stop::Failed("it does not compile".to_owned())) }
}

fn stand_in(folder: &str) -> PathBuf {
    root().join(folder)
}

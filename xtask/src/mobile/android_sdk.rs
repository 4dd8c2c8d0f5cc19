//! An Android SDK: the real one where there is one, else a stand-in that is enough to compile Slint's
//! Java helper and to call it from its build script.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::mirror::Suite;
use super::step::{Step, Stop, fetch, files, must, once};
use super::{java, signatures};

const PLATFORM: &str = "android-34";
const BUILD_TOOLS: &str = "34.0.0";

/// Where an SDK lies, and whether it is ours.
pub struct AndroidSdk {
    pub home: PathBuf,
    pub stand_in: bool,
}

impl AndroidSdk {
    /// `sources` is the folder with the stand-in for the dexer.
    pub fn find(cache: &Path, sources: &Path) -> Step<Self> {
        if let Some(home) =
            env::var_os("ANDROID_HOME").map(PathBuf::from).filter(|home| home.join("platforms").exists())
        {
            return Ok(Self { home, stand_in: false });
        }
        if fetch(Command::new("javac").arg("-version")).is_err() {
            return Err(Stop::Skipped("needs a JDK (javac)".to_owned()));
        }
        let home = cache.join("android-sdk");
        let platform = home.join("platforms").join(PLATFORM);
        once(&platform, |part| library(cache, part))?;
        once(&home.join("build-tools").join(BUILD_TOOLS), |part| dexer(cache, sources, &part.join("lib")))?;
        Ok(Self { home, stand_in: true })
    }

    /// Shows the SDK to build scripts.
    pub fn show(&self, command: &mut Command) {
        if self.stand_in {
            command
                .env("ANDROID_HOME", &self.home)
                .env("ANDROID_PLATFORM", PLATFORM)
                .env("ANDROID_BUILD_TOOLS_VERSION", BUILD_TOOLS);
        }
    }
}

/// `android.jar`: every public class of Android with empty methods, from the list in Android's sources.
fn library(cache: &Path, platform: &Path) -> Step<()> {
    let archive = Suite::open(cache, Some("trixie"))?.source("android-platform-frameworks-base", platform)?;
    let list = must(Command::new("tar").arg("-xOf").arg(&archive).args(["--wildcards", "*/core/api/current.txt"]))?;
    let classes = signatures::parse(&list).map_err(|e| Stop::Failed(format!("Android's list of classes: {e}")))?;
    let work = platform.join("work");
    java::write(classes, &work.join("sources"))?;
    compile(&work.join("sources"), &[], &work.join("classes"))?;
    jar(&platform.join("android.jar"), None, &work.join("classes"))?;
    fs::remove_dir_all(work)?;
    Ok(fs::remove_file(archive)?)
}

/// `d8.jar`: Debian's older dexer behind the newer one's command line.
fn dexer(cache: &Path, sources: &Path, tools: &Path) -> Step<()> {
    fs::create_dir_all(tools)?;
    let work = tools.join("work");
    Suite::open(cache, Some("bullseye"))?.unpack("dalvik-exchange", &work)?;
    let dx = tools.join("dx.jar");
    fs::copy(work.join("usr/lib/android-sdk/build-tools/debian/lib/dx.jar"), &dx)?;
    compile(sources, &[&dx], &work.join("classes"))?;
    fs::write(work.join("manifest"), "Class-Path: dx.jar\n")?;
    jar(&tools.join("d8.jar"), Some(&work.join("manifest")), &work.join("classes"))?;
    Ok(fs::remove_dir_all(work)?)
}

/// Compiles every Java source below `sources` for Java 8.
fn compile(sources: &Path, libraries: &[&Path], classes: &Path) -> Step<()> {
    fs::create_dir_all(classes)?;
    let list = classes.with_extension("list");
    let mut found = Vec::new();
    collect(sources, &mut found)?;
    fs::write(&list, found.iter().map(|f| format!("\"{}\"\n", f.display())).collect::<String>())?;
    let path = env::join_paths(libraries).map_err(|e| Stop::Failed(e.to_string()))?;
    let mut javac = Command::new("javac");
    javac.args(["-nowarn", "-proc:none", "-encoding", "UTF-8", "-source", "8", "-target", "8", "-cp"]).arg(path);
    must(javac.arg("-d").arg(classes).arg(format!("@{}", list.display())))?;
    Ok(())
}

fn collect(folder: &Path, found: &mut Vec<PathBuf>) -> Step<()> {
    found.extend(files(folder, ".java")?);
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, found)?;
        }
    }
    Ok(())
}

fn jar(archive: &Path, manifest: Option<&Path>, classes: &Path) -> Step<()> {
    let mut command = Command::new("jar");
    command.arg("--create").arg("--file").arg(archive);
    if let Some(manifest) = manifest {
        command.arg("--manifest").arg(manifest);
    }
    must(command.arg("-C").arg(classes).arg("."))?;
    Ok(())
}

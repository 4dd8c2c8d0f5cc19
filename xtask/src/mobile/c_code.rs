//! What compiles the C code of dependencies (SQLCipher, zstd, ring, Opus) for phones: Debian's clang with
//! the C headers that ziglang carries. Such objects prove that the code compiles; they are never shipped.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::mirror::{Suite, starter};
use super::step::{Step, fetch, files, once, output};

const ZIGLANG: &str = "ziglang==0.17.1";
/// Unpacks the headers alone: nothing of ziglang is ever run.
const UNPACK: &str = "import sys, zipfile
wheel = zipfile.ZipFile(sys.argv[1])
start = 'ziglang/lib/libc/include/'
wheel.extractall(sys.argv[2], [n for n in wheel.namelist() if n.startswith(start)])";
/// What a compiler from version 17 on defines for iOS by itself.
const IOS_ON: [&str; 4] = ["TARGET_OS_MAC", "TARGET_OS_IPHONE", "TARGET_OS_IOS", "TARGET_OS_EMBEDDED"];
const IOS_OFF: [&str; 15] = [
    "TARGET_OS_OSX",
    "TARGET_OS_WATCH",
    "TARGET_OS_TV",
    "TARGET_OS_BRIDGE",
    "TARGET_OS_SIMULATOR",
    "TARGET_OS_MACCATALYST",
    "TARGET_OS_DRIVERKIT",
    "TARGET_OS_UNIX",
    "TARGET_OS_WINDOWS",
    "TARGET_OS_WIN32",
    "TARGET_OS_LINUX",
    "TARGET_OS_VISION",
    "TARGET_OS_NANO",
    "TARGET_OS_UIKITFORMAC",
    "TARGET_IPHONE_SIMULATOR",
];

/// A C compiler and the headers of C libraries.
pub struct CCode {
    cache: PathBuf,
    clang: PathBuf,
    archiver: PathBuf,
    headers: PathBuf,
}

impl CCode {
    pub fn find(cache: &Path) -> Step<Self> {
        let (clang, archiver) = compiler(cache)?;
        let unpacked = cache.join("c-headers");
        once(&unpacked, |part| {
            let download = ["-m", "pip", "download", "--quiet", "--no-deps", ZIGLANG, "--dest"];
            fetch(Command::new("python3").args(download).arg(part))?;
            for wheel in files(part, ".whl")? {
                fetch(Command::new("python3").args(["-c", UNPACK]).arg(&wheel).arg(part))?;
                fs::remove_file(wheel)?;
            }
            Ok(())
        })?;
        let cache = cache.to_owned();
        Ok(Self { cache, clang, archiver, headers: unpacked.join("ziglang/lib/libc/include") })
    }

    /// Lets `command` compile C for Android; `own` holds headers that ziglang lacks.
    pub fn for_android(&self, command: &mut Command, own: &Path) -> Step<()> {
        let mut flags = "--target=aarch64-linux-android26 -nostdlibinc".to_owned();
        let parts = ["aarch64-linux-musl", "generic-musl", "aarch64-linux-any", "any-linux-any"];
        let folders = parts.iter().map(|part| self.headers.join(part)).chain([own.to_owned()]);
        folders.for_each(|folder| flags += &format!(" -isystem {}", folder.display()));
        self.set(command, "aarch64_linux_android", &flags);
        // Opus looks for the toolchain file of an NDK.
        let kit = self.cache.join("cmake-android");
        self.cmake(&kit.join("build/cmake/android.toolchain.cmake"), &flags)?;
        command.env("ANDROID_NDK_HOME", kit);
        Ok(())
    }

    /// Lets `command` compile C for iOS; `own` holds a `TargetConditionals.h` that old compilers accept.
    pub fn for_ios(&self, command: &mut Command, own: &Path) -> Step<()> {
        let darwin = self.headers.join("any-darwin-any");
        let mut flags = format!("-nostdlibinc -isystem {} -isystem {}", own.display(), darwin.display());
        IOS_ON.iter().for_each(|name| flags += &format!(" -D{name}=1"));
        IOS_OFF.iter().for_each(|name| flags += &format!(" -D{name}=0"));
        self.set(command, "aarch64_apple_ios", &flags);
        // Any folder: with it set, nobody asks for Apple's own tool to find the SDK.
        command.env("SDKROOT", own).env("IPHONEOS_DEPLOYMENT_TARGET", "15.0");
        let toolchain = self.cache.join("cmake-ios.cmake");
        self.cmake(&toolchain, &format!("--target=arm64-apple-ios15.0 {flags}"))?;
        command.env("CMAKE_TOOLCHAIN_FILE_aarch64_apple_ios", toolchain);
        Ok(())
    }

    /// A toolchain file for dependencies that cmake builds. Linux in its name keeps cmake from asking for an SDK.
    fn cmake(&self, file: &Path, flags: &str) -> Step<()> {
        let text = format!(
            "set(CMAKE_SYSTEM_NAME Linux)\nset(CMAKE_SYSTEM_PROCESSOR aarch64)\n\
             set(CMAKE_TRY_COMPILE_TARGET_TYPE STATIC_LIBRARY)\n\
             set(CMAKE_C_COMPILER \"{}\")\nset(CMAKE_AR \"{}\" CACHE FILEPATH \"\")\nset(CMAKE_C_FLAGS_INIT \"{flags}\")\n",
            self.clang.display(),
            self.archiver.display(),
        );
        if let Some(folder) = file.parent() {
            fs::create_dir_all(folder)?;
        }
        Ok(fs::write(file, text)?)
    }

    fn set(&self, command: &mut Command, target: &str, flags: &str) {
        command
            .env(format!("CC_{target}"), &self.clang)
            .env(format!("AR_{target}"), &self.archiver)
            .env(format!("CFLAGS_{target}"), flags);
    }
}

/// clang and llvm-ar: the machine's own, or unpacked beside the other things of the check.
fn compiler(cache: &Path) -> Step<(PathBuf, PathBuf)> {
    let own = ["clang", "llvm-ar"].map(PathBuf::from);
    if own.iter().all(|program| output(Command::new(program).arg("--version")).is_ok()) {
        let [clang, archiver] = own;
        return Ok((clang, archiver));
    }
    let unpacked = cache.join("llvm");
    once(&unpacked, |part| Suite::open(cache, None)?.unpack_with_dependencies(&["clang", "llvm"], part))?;
    Ok((starter(&unpacked, "clang")?, starter(&unpacked, "llvm-ar")?))
}

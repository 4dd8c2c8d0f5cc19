//! What lies around the code in a package: manifest, resources, property lists, texts for stores.

use std::fs;
use std::path::Path;
use std::process::Command;

use super::mirror::{Suite, starter};
use super::step::{Step, Stop, fetch, must, once};
use crate::cargo::root;

/// Keys without which iOS ends the app, frames it, or asks at each upload.
const PLIST: &str = "import plistlib, sys
with open(sys.argv[1], 'rb') as file: keys = plistlib.load(file)
wanted = ['CFBundleExecutable', 'CFBundleIdentifier', 'CFBundleShortVersionString', 'CFBundleVersion',
          'ITSAppUsesNonExemptEncryption', 'UIApplicationSceneManifest', 'UILaunchScreen']
missing = [key for key in wanted if key not in keys]
sys.exit('error: without ' + ', '.join(missing) if missing else None)";
/// Texts for stores and how many characters they may have.
const TEXTS: [(&str, usize); 7] = [
    ("android/en-US/title.txt", 30),
    ("android/en-US/short_description.txt", 80),
    ("android/en-US/full_description.txt", 4000),
    ("android/en-US/changelogs/1.txt", 500),
    ("en-US/name.txt", 30),
    ("en-US/subtitle.txt", 30),
    ("en-US/description.txt", 4000),
];

/// Compiles Android's manifest and resources and links them against the framework's.
pub fn manifest(cache: &Path) -> Step<()> {
    let tools = cache.join("aapt");
    once(&tools, |part| Suite::open(cache, None)?.unpack_with_dependencies(&["aapt"], part))?;
    let framework = cache.join("framework-res");
    once(&framework, |part| Suite::open(cache, Some("trixie"))?.unpack("android-framework-res", part))?;
    let aapt = starter(&tools, "aapt2")?;
    fetch(Command::new(&aapt).arg("version"))?;
    let (resources, package) = (cache.join("resources.zip"), cache.join("resources.apk"));
    let source = root().join("android");
    must(Command::new(&aapt).args(["compile", "--dir"]).arg(source.join("res")).arg("-o").arg(&resources))?;
    let mut link = Command::new(&aapt);
    link.arg("link").arg("-I").arg(framework.join("usr/share/android-framework-res/framework-res.apk"));
    must(link.arg("--manifest").arg(source.join("AndroidManifest.xml")).arg("-o").arg(package).arg(resources))?;
    Ok(())
}

/// Reads the property list of iOS.
pub fn property_list() -> Step<()> {
    fetch(Command::new("python3").arg("--version"))?;
    must(Command::new("python3").args(["-c", PLIST]).arg(root().join("ios/Info.plist")))?;
    Ok(())
}

/// Measures the texts for stores.
pub fn store_texts() -> Step<()> {
    for (name, most) in TEXTS {
        let path = root().join("fastlane/metadata").join(name);
        let text = fs::read_to_string(&path).map_err(|e| Stop::Failed(format!("{name}: {e}")))?;
        let length = text.trim_end().chars().count();
        if length == 0 || length > most {
            return Err(Stop::Failed(format!("{name} has {length} characters, 1 to {most} may be")));
        }
    }
    Ok(())
}

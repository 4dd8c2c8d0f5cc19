//! Type-checking the app for phones (docs/mobile.md).

use crate::cargo::Failure;

/// Runs `tests/mobile/check.sh`.
pub fn check() -> Result<(), Failure> {
    let script = crate::cargo::root().join("android/check.sh");
    let status = std::process::Command::new("bash")
        .arg(&script)
        .current_dir(crate::cargo::root())
        .status()
        .map_err(|e| Failure(format!("cannot start {}: {e}", script.display())))?;
    if status.success() { Ok(()) } else { Err(Failure("mobile-check failed".to_owned())) }
}

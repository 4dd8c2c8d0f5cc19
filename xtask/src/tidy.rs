//! The shape of the tree: who may depend on whom, and what has grown long.

mod arrows;
mod lengths;

use crate::cargo::Failure;

/// Checks arrows and lengths; prints what is long, fails on what is out of line.
pub fn check() -> Result<(), Failure> {
    let mut faults = arrows::faults()?;
    faults.extend(lengths::faults()?);
    if faults.is_empty() {
        println!("tidy: the tree is as ARCHITECTURE.md says");
        return Ok(());
    }
    Err(Failure(format!("tidy:\n  {}", faults.join("\n  "))))
}

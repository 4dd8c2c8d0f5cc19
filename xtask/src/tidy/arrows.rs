//! The arrows between crates: the block ```` ```arrows ```` of ARCHITECTURE.md against `cargo metadata`.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use cargo_metadata::DependencyKind;

use crate::cargo::{Failure, metadata, root};

type Arrows = BTreeMap<String, BTreeSet<String>>;

/// Each arrow that the text does not allow, and each that it names but nobody uses.
pub fn faults() -> Result<Vec<String>, Failure> {
    let (written, real) = (written()?, real()?);
    let empty = BTreeSet::new();
    let mut faults = Vec::new();
    for (krate, targets) in &real {
        let Some(allowed) = written.get(krate) else {
            faults.push(format!("{krate} is not among the arrows of ARCHITECTURE.md"));
            continue;
        };
        for extra in targets.difference(allowed) {
            faults.push(format!("{krate} -> {extra} is not among the arrows of ARCHITECTURE.md"));
        }
        for gone in allowed.difference(targets) {
            faults.push(format!("{krate} -> {gone} stands in ARCHITECTURE.md, but {krate} does not use it"));
        }
    }
    for krate in written.keys().filter(|k| real.get(*k).unwrap_or(&empty).is_empty() && !real.contains_key(*k)) {
        faults.push(format!("{krate} stands in ARCHITECTURE.md, but is no crate"));
    }
    Ok(faults)
}

fn written() -> Result<Arrows, Failure> {
    let path = root().join("ARCHITECTURE.md");
    let text = fs::read_to_string(&path).map_err(|e| Failure(format!("{}: {e}", path.display())))?;
    let block = text
        .split("```arrows\n")
        .nth(1)
        .and_then(|rest| rest.split("```").next())
        .ok_or_else(|| Failure("ARCHITECTURE.md has no block ```arrows".to_owned()))?;
    Ok(block
        .lines()
        .filter_map(|line| line.split_once("->"))
        .map(|(from, to)| (from.trim().to_owned(), to.split_whitespace().map(str::to_owned).collect()))
        .collect())
}

/// Normal dependencies between members; those of tests and build scripts bind nobody.
fn real() -> Result<Arrows, Failure> {
    let metadata = metadata(false)?;
    let names: BTreeSet<_> = metadata.packages.iter().map(|p| p.name.to_string()).collect();
    Ok(metadata
        .packages
        .iter()
        .map(|package| {
            let targets = package
                .dependencies
                .iter()
                .filter(|d| d.kind == DependencyKind::Normal && names.contains(&d.name))
                .map(|d| d.name.clone())
                .collect();
            (package.name.to_string(), targets)
        })
        .collect())
}

//! Licences, banned crates and sources of every locked dependency, from `cargo metadata`:
//! the same rules as deny.toml, for machines without cargo-deny.

use std::fs;

use spdx::{Expression, LicenseId};

use crate::cargo::{Failure, metadata, root};

const OWN_LICENCE: &str = "GPL-3.0-only";

/// What deny.toml says.
struct Rules {
    licences: Vec<String>,
    banned: Vec<String>,
}

/// Fails with every package that breaks a rule of deny.toml.
pub fn check() -> Result<(), Failure> {
    let rules = rules()?;
    let metadata = metadata(true)?;
    let mut faults = Vec::new();
    for package in &metadata.packages {
        let name = format!("{} {}", package.name, package.version);
        if rules.banned.iter().any(|b| *b == package.name.as_str()) {
            faults.push(format!("{name} is banned"));
        }
        match &package.source {
            None => {
                if package.license.as_deref() != Some(OWN_LICENCE) {
                    faults.push(format!("{name} is ours and must be {OWN_LICENCE}"));
                }
                continue;
            }
            Some(source) if !source.is_crates_io() => faults.push(format!("{name} comes from {source}")),
            Some(_) => {}
        }
        if let Some(fault) = licence_fault(package.license.as_deref(), &rules.licences) {
            faults.push(format!("{name}: {fault}"));
        }
    }
    if faults.is_empty() {
        println!("policy: {} packages, all allowed", metadata.packages.len());
        return Ok(());
    }
    Err(Failure(format!("policy:\n  {}", faults.join("\n  "))))
}

fn licence_fault(licence: Option<&str>, allowed: &[String]) -> Option<String> {
    let Some(text) = licence else { return Some("no licence expression".to_owned()) };
    let expression = match Expression::parse_mode(text, spdx::ParseMode::LAX) {
        Ok(expression) => expression,
        Err(error) => return Some(format!("licence {text:?} cannot be read: {}", error.reason)),
    };
    let fits = expression.evaluate(|requirement| {
        let id = requirement.license.id().map(|id: LicenseId| id.name).unwrap_or_default();
        let full = requirement.addition.as_ref().map_or_else(|| id.to_owned(), |a| format!("{id} WITH {a}"));
        allowed.iter().any(|a| *a == full || *a == id)
    });
    (!fits).then(|| format!("licence {text:?} is not allowed"))
}

fn rules() -> Result<Rules, Failure> {
    let text = fs::read_to_string(root().join("deny.toml")).map_err(|e| Failure(format!("deny.toml: {e}")))?;
    let licences = strings(&text, "allow = [");
    let banned = strings(&text, "deny = [").into_iter().filter(|s| s != "name").collect::<Vec<_>>();
    if licences.is_empty() || banned.is_empty() {
        return Err(Failure("deny.toml names no licences or no banned crates".to_owned()));
    }
    Ok(Rules { licences, banned })
}

/// The quoted words of the list that follows `start`.
fn strings(text: &str, start: &str) -> Vec<String> {
    let list = text.split(start).nth(1).and_then(|rest| rest.split("\n]").next()).unwrap_or_default();
    list.split('"').skip(1).step_by(2).map(str::to_owned).collect()
}

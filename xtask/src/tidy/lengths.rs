//! Lengths: files of some 150 lines, functions that fit on a screen.

use std::fs;
use std::path::{Path, PathBuf};

use crate::cargo::{Failure, root};

const LARGE_FILE: usize = 300;
const LONGEST_FILE: usize = 500;
const LARGE_FUNCTION: usize = 60;
const LONGEST_FUNCTION: usize = 120;
const FOLDERS: [&str; 5] = ["app", "core", "servers", "tests", "xtask"];
const LISTED: usize = 15;

/// Prints what is large; what is longer than the bounds is a fault.
pub fn faults() -> Result<Vec<String>, Failure> {
    let mut files = Vec::new();
    for folder in FOLDERS {
        collect(&root().join(folder), &mut files)?;
    }
    let mut large = Vec::new();
    let mut faults = Vec::new();
    for file in files {
        let text = fs::read_to_string(&file).map_err(|e| Failure(format!("{}: {e}", file.display())))?;
        let name = file.strip_prefix(root()).unwrap_or(&file).display().to_string();
        let lines = text.lines().count();
        note(lines, LARGE_FILE, LONGEST_FILE, &format!("{name}: {lines} lines"), &mut large, &mut faults);
        if file.extension().is_some_and(|e| e == "rs") {
            for (function, start, length) in functions(&text) {
                let what = format!("{name}:{start}: fn {function} has {length} lines");
                note(length, LARGE_FUNCTION, LONGEST_FUNCTION, &what, &mut large, &mut faults);
            }
        }
    }
    large.sort_by_key(|(length, _)| std::cmp::Reverse(*length));
    for (_, what) in large.iter().take(LISTED) {
        println!("large: {what}");
    }
    if large.len() > LISTED {
        println!("large: and {} more", large.len() - LISTED);
    }
    Ok(faults)
}

fn note(
    length: usize,
    large: usize,
    longest: usize,
    what: &str,
    list: &mut Vec<(usize, String)>,
    faults: &mut Vec<String>,
) {
    if length > longest {
        faults.push(format!("{what} (at most {longest}: split it by concept)"));
    } else if length > large {
        list.push((length, what.to_owned()));
    }
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> Result<(), Failure> {
    let entries = fs::read_dir(folder).map_err(|e| Failure(format!("{}: {e}", folder.display())))?;
    for entry in entries.flatten() {
        let path = entry.path();
        if path.is_dir() {
            if path.file_name().is_none_or(|n| n != "target") {
                collect(&path, files)?;
            }
        } else if path.extension().is_some_and(|e| e == "rs" || e == "slint") {
            files.push(path);
        }
    }
    Ok(())
}

/// Name, first line and length of each function. rustfmt closes a function in the column that it
/// opened in, so that no parser is needed.
fn functions(text: &str) -> Vec<(String, usize, usize)> {
    let lines: Vec<&str> = text.lines().collect();
    let mut found = Vec::new();
    for (at, line) in lines.iter().enumerate() {
        let indent = line.len() - line.trim_start().len();
        let Some(name) = function_name(line.trim_start()) else { continue };
        let close = format!("{}}}", &line[..indent]);
        let one_line = line.trim_end().ends_with(['}', ';']);
        let end = if one_line { Some(at) } else { (at..lines.len()).find(|i| lines[*i] == close) };
        if let Some(end) = end {
            found.push((name, at + 1, end - at + 1));
        }
    }
    found
}

fn function_name(line: &str) -> Option<String> {
    let mut words = line.split_whitespace();
    let before = words.by_ref().take_while(|w| *w != "fn");
    let qualifiers = ["pub", "pub(crate)", "pub(super)", "async", "const", "unsafe", "extern", "\"C\""];
    if !before.into_iter().all(|w| qualifiers.contains(&w)) {
        return None;
    }
    let name: String = line.split("fn ").nth(1)?.chars().take_while(|c| c.is_alphanumeric() || *c == '_').collect();
    (!name.is_empty()).then_some(name)
}

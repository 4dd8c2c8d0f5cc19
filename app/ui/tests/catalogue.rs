//! Every text of the screens is in every catalogue, with the same gaps to fill, and no catalogue holds texts nobody shows.
#![allow(clippy::unwrap_used)]

use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};

/// A text to translate: where it stands, what it says, and how it says it of several.
#[derive(PartialEq, Eq, PartialOrd, Ord, Clone, Debug)]
struct Text {
    context: String,
    id: String,
    plural: Option<String>,
}

fn files(folder: &Path, extension: &str) -> Vec<PathBuf> {
    let mut found = vec![];
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            found.extend(files(&path, extension));
        } else if path.extension().is_some_and(|e| e == extension) {
            found.push(path);
        }
    }
    found
}

/// A string literal at the beginning, and what follows it.
fn literal(source: &str) -> Option<(String, &str)> {
    let mut letters = source.trim_start().strip_prefix('"')?.chars();
    let mut text = String::new();
    loop {
        match letters.next()? {
            '"' => return Some((text, letters.as_str().trim_start())),
            '\\' => text.push(match letters.next()? {
                'n' => '\n',
                other => other,
            }),
            other => text.push(other),
        }
    }
}

/// `"text"`, `"context" => "text"`, each with `| "plural"` or without.
fn text(source: &str, component: &str) -> Option<Text> {
    let (mut id, mut rest) = literal(source)?;
    let mut context = component.to_owned();
    if let Some(after) = rest.strip_prefix("=>") {
        context = id;
        (id, rest) = literal(after)?;
    }
    let plural = rest.strip_prefix('|').and_then(literal).map(|(plural, _)| plural);
    Some(Text { context, id, plural })
}

/// What the screens say: the context is the component or global around it.
fn shown() -> BTreeSet<Text> {
    let mut texts = BTreeSet::new();
    for file in files(Path::new("ui"), "slint") {
        let mut component = String::new();
        for line in fs::read_to_string(&file).unwrap().lines() {
            let code = line.strip_prefix("export ").unwrap_or(line);
            if let Some(name) = code.strip_prefix("component ").or_else(|| code.strip_prefix("global ")) {
                component = name.split([' ', '{']).next().unwrap().to_owned();
            }
            if !line.trim_start().starts_with("//") {
                let calls = line.split("@tr(").skip(1);
                texts.extend(calls.map(|call| text(call, &component).unwrap_or_else(|| panic!("{file:?}: {line}"))));
            }
        }
    }
    texts
}

/// A catalogue: each text with its translations.
fn catalogue(path: &Path) -> BTreeMap<Text, Vec<String>> {
    let source = fs::read_to_string(path).unwrap();
    source
        .split("\n\n")
        .skip(1)
        .map(|entry| {
            let said = |key: &str| {
                let line = entry.lines().find_map(|line| line.strip_prefix(key)?.strip_prefix(' '));
                line.and_then(literal).map(|(text, _)| text)
            };
            let text = Text {
                context: said("msgctxt").unwrap_or_else(|| panic!("without context: {entry}")),
                id: said("msgid").unwrap(),
                plural: said("msgid_plural"),
            };
            let translated = ["msgstr", "msgstr[0]", "msgstr[1]", "msgstr[2]", "msgstr[3]"];
            (text, translated.iter().filter_map(|key| said(key)).collect())
        })
        .collect()
}

/// `{}`, `{n}`, `{0}` in it, sorted.
fn gaps(text: &str) -> Vec<&str> {
    let mut gaps: Vec<_> =
        text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(gap, _)| gap).collect();
    gaps.sort_unstable();
    gaps
}

#[test]
fn every_catalogue_is_complete_and_fits() {
    let shown = shown();
    assert!(shown.len() > 500, "only {} texts were found", shown.len());
    let catalogues = files(Path::new("lang"), "po");
    assert!(!catalogues.is_empty());
    for path in catalogues {
        let entries = catalogue(&path);
        let missing: Vec<_> = shown.iter().filter(|text| !entries.contains_key(text)).collect();
        let stale: Vec<_> = entries.keys().filter(|text| !shown.contains(text)).collect();
        let mut unfit = vec![];
        for (text, translations) in &entries {
            let wanted = gaps(text.plural.as_ref().unwrap_or(&text.id));
            if translations.is_empty() || translations.iter().any(|t| t.is_empty() || gaps(t) != wanted) {
                unfit.push(text);
            }
        }
        let all = [("missing", missing), ("stale", stale), ("unfit", unfit)];
        assert!(all.iter().all(|(_, texts)| texts.is_empty()), "{path:?}: {all:#?}");
    }
}

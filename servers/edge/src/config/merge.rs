//! Putting file, environment and flags together.

use std::path::{Path, PathBuf};

use serde::de::DeserializeOwned;
use toml::de::{DeTable, DeValue};

use super::{ConfigError, Key, nearest};

/// Where a configuration comes from.
pub struct Source<'a> {
    /// The keys that exist.
    pub keys: &'static [Key],
    /// The file, if there is one.
    pub file: Option<&'a Path>,
    /// Prefix of environment variables, with its underscore: `TACIT_NODE_`.
    pub prefix: &'a str,
    /// The environment; pass [`std::env::vars`] or, in tests, what you like.
    pub environment: Vec<(String, String)>,
    /// Flags as (key, value) pairs, names as in the file with dots.
    pub flags: Vec<(String, String)>,
}

/// Reads and merges; later sources win: file, environment, flags.
///
/// # Errors
/// See [`ConfigError`].
pub fn load<T: DeserializeOwned>(source: &Source<'_>) -> Result<T, ConfigError> {
    let mut merged = toml::Table::new();
    if let Some(path) = source.file {
        merged = read_file::<T>(path, source.keys)?;
    }
    for (name, text) in &source.environment {
        let Some(rest) = name.strip_prefix(source.prefix) else { continue };
        let wanted = rest.to_lowercase();
        let key = source.keys.iter().find(|key| key.name.replace('.', "_") == wanted);
        set(&mut merged, source.keys, key, name, &wanted, text)?;
    }
    for (name, text) in &source.flags {
        let wanted = name.replace('-', "_");
        let key = source.keys.iter().find(|key| key.name == wanted);
        set(&mut merged, source.keys, key, &format!("--{name}"), &wanted, text)?;
    }
    merged.try_into().map_err(|e: toml::de::Error| ConfigError::Whole(e.message().to_owned()))
}

fn set(
    merged: &mut toml::Table,
    keys: &[Key],
    key: Option<&Key>,
    place: &str,
    given: &str,
    text: &str,
) -> Result<(), ConfigError> {
    let Some(key) = key else {
        return Err(ConfigError::UnknownKey {
            place: place.to_owned(),
            key: given.to_owned(),
            nearest: nearest(given, keys),
        });
    };
    let told = |message| ConfigError::Value { place: place.to_owned(), message };
    let value = key.value(text).map_err(told)?;
    key.check(&value).map_err(told)?;
    match key.name.split_once('.') {
        None => {
            merged.insert(key.name.to_owned(), value);
        }
        Some((table, name)) => {
            let entry = merged.entry(table).or_insert_with(|| toml::Value::Table(toml::Table::new()));
            if let toml::Value::Table(table) = entry {
                table.insert(name.to_owned(), value);
            }
        }
    }
    Ok(())
}

fn read_file<T: DeserializeOwned>(path: &Path, keys: &[Key]) -> Result<toml::Table, ConfigError> {
    let text =
        std::fs::read_to_string(path).map_err(|source| ConfigError::Unreadable { path: path.to_owned(), source })?;
    let file = File { path, text: &text };
    let parsed = DeTable::parse(&text).map_err(|e| file.error(&e))?;
    let mut found = Vec::new();
    walk(parsed.get_ref(), "", &mut found);
    for (name, offset) in &found {
        if !keys.iter().any(|key| key.name == *name) {
            return Err(ConfigError::UnknownKey {
                place: format!("{}, line {}", path.display(), file.line(*offset)),
                nearest: nearest(name, keys),
                key: name.clone(),
            });
        }
    }
    let table: toml::Table = toml::from_str(&text).map_err(|e| file.error(&e))?;
    for (name, offset) in &found {
        let given = keys.iter().find(|key| key.name == *name).zip(value_of(&table, name));
        if let Some((key, value)) = given {
            key.check(value).map_err(|message| ConfigError::File {
                path: path.to_owned(),
                line: file.line(*offset),
                message,
            })?;
        }
    }
    // Tried as a whole only for its message: what the file lacks, other sources may give.
    if let Err(error) = toml::from_str::<T>(&text)
        && error.span().is_some_and(|span| span.start != 0)
    {
        return Err(file.error(&error));
    }
    Ok(table)
}

fn value_of<'a>(table: &'a toml::Table, name: &str) -> Option<&'a toml::Value> {
    match name.split_once('.') {
        None => table.get(name),
        Some((above, name)) => table.get(above)?.as_table()?.get(name),
    }
}

/// All keys with the place where they stand.
fn walk(table: &DeTable<'_>, above: &str, found: &mut Vec<(String, usize)>) {
    for (key, value) in table {
        let name = if above.is_empty() { key.get_ref().to_string() } else { format!("{above}.{}", key.get_ref()) };
        match value.get_ref() {
            DeValue::Table(inner) if !inner.is_empty() => walk(inner, &name, found),
            DeValue::Table(_) => (),
            _ => found.push((name, key.span().start)),
        }
    }
}

struct File<'a> {
    path: &'a Path,
    text: &'a str,
}

impl File<'_> {
    fn line(&self, offset: usize) -> usize {
        self.text.as_bytes().iter().take(offset).filter(|byte| **byte == b'\n').count() + 1
    }

    fn error(&self, error: &toml::de::Error) -> ConfigError {
        ConfigError::File {
            path: PathBuf::from(self.path),
            line: self.line(error.span().map_or(0, |span| span.start)),
            message: error.message().to_owned(),
        }
    }
}

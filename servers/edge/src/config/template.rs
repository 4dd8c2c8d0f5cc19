//! The file that `init` writes.

use std::fmt::Write as _;

use super::Key;

/// All settings as a file, each with its help. What stands behind `#` is what counts without it;
/// those of `needed` stand in the clear. `value` gives a setting's default by table and name.
pub fn template(title: &str, keys: &[Key], needed: &[&str], value: impl Fn(&str, &str) -> String) -> String {
    let mut text = format!("# {title} Paths are relative to this file.\n\n");
    let mut table = "";
    for key in keys {
        let (above, name) = key.name.split_once('.').unwrap_or(("", key.name));
        if above != table {
            let _ = writeln!(text, "\n[{above}]");
            table = above;
        }
        let mark = if needed.contains(&name) { "" } else { "#" };
        let _ = writeln!(text, "# {}\n{mark}{name} = {}", key.help, value(above, name));
    }
    text
}

/// A template with all settings in the clear: every line of it has to be one that can be read.
#[must_use]
pub fn in_the_clear(template: &str) -> String {
    let clear = |line: &str| match line.strip_prefix('#') {
        Some(setting) if !setting.starts_with(' ') => format!("{setting}\n"),
        _ => format!("{line}\n"),
    };
    template.lines().map(clear).collect()
}

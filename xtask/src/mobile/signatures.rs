//! Reads Android's public API as its own sources list it: the signature file `current.txt`.

use std::collections::BTreeMap;

/// Every class by its full name, `package.Outer.Inner`.
pub type Classes = BTreeMap<String, Class>;

#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    Class,
    Interface,
    Enum,
    Annotation,
}

pub struct Class {
    pub package: String,
    /// `Outer.Inner` for a nested class.
    pub name: String,
    pub kind: Kind,
    pub modifiers: Vec<String>,
    /// `<T extends …>`, or nothing.
    pub type_parameters: String,
    pub extends: Vec<String>,
    pub implements: Vec<String>,
    pub members: Vec<Member>,
}

#[derive(Clone)]
pub enum Member {
    EnumConstant(String),
    Field { modifiers: Vec<String>, declared: String, name: String, value: Option<String> },
    Constructor(Callable),
    Method(Callable),
}

/// A constructor (without `returns` and `name`) or a method.
#[derive(Clone)]
pub struct Callable {
    pub modifiers: Vec<String>,
    pub type_parameters: String,
    pub returns: String,
    pub name: String,
    pub parameters: Vec<String>,
    /// `throws A, B`, or nothing.
    pub throws: String,
    /// The default of an annotation's element.
    pub default: Option<String>,
}

impl Callable {
    pub fn is(&self, modifier: &str) -> bool {
        self.modifiers.iter().any(|m| m == modifier)
    }
}

/// Reads a signature file of format 2.0.
pub fn parse(text: &str) -> Result<Classes, String> {
    let mut classes = Classes::new();
    let mut package = String::new();
    let mut open: Option<Class> = None;
    for (index, line) in text.lines().enumerate() {
        let bare = without_annotations(line.trim());
        if line.starts_with("//") || bare.is_empty() || line == "}" {
            continue;
        }
        let wrong = || format!("line {}: not understood: {line}", index + 1);
        if let Some(name) = bare.strip_prefix("package ") {
            package = name.trim_end_matches('{').trim().to_owned();
        } else if bare == "}" {
            let class = open.take().ok_or_else(wrong)?;
            classes.insert(format!("{}.{}", class.package, class.name), class);
        } else if let Some(class) = &mut open {
            class.members.push(member(&bare).ok_or_else(wrong)?);
        } else {
            open = Some(class(&package, &bare).ok_or_else(wrong)?);
        }
    }
    if classes.is_empty() { Err("no class in it".to_owned()) } else { Ok(classes) }
}

/// Splits at `separator` outside of brackets.
fn split_outside(text: &str, separator: char) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut depth = 0;
    for letter in text.chars() {
        match letter {
            '<' | '(' => depth += 1,
            '>' | ')' => depth -= 1,
            _ => {}
        }
        if letter == separator && depth == 0 {
            parts.push(String::new());
        } else if let Some(last) = parts.last_mut() {
            last.push(letter);
        }
    }
    parts.iter().map(|p| p.trim().to_owned()).filter(|p| !p.is_empty()).collect()
}

fn class(package: &str, line: &str) -> Option<Class> {
    let line = line.strip_suffix('{')?.trim();
    let mut modifiers = Vec::new();
    let mut rest = line;
    let kind = loop {
        let (word, after) = rest.split_once(' ')?;
        rest = after;
        match word {
            "class" => break Kind::Class,
            "interface" => break Kind::Interface,
            "enum" => break Kind::Enum,
            "@interface" => break Kind::Annotation,
            "deprecated" | "sealed" | "non-sealed" => {}
            modifier => modifiers.push(modifier.to_owned()),
        }
    };
    let end = rest.find([' ', '<']).unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    let (type_parameters, rest) = type_parameters(rest);
    let (extends, implements) = match rest.split_once("implements ") {
        Some((extends, implements)) => (extends, implements),
        None => (rest, ""),
    };
    let extends = extends.trim().strip_prefix("extends ").unwrap_or_default();
    Some(Class {
        package: package.to_owned(),
        name: name.to_owned(),
        kind,
        modifiers,
        type_parameters: type_parameters.to_owned(),
        extends: split_outside(extends, ' '),
        implements: split_outside(implements, ' '),
        members: Vec::new(),
    })
}

fn member(line: &str) -> Option<Member> {
    let (kind, rest) = line.split_once(' ')?;
    match kind {
        "field" => field(rest),
        "enum_constant" => {
            let declared = rest.split([';', '=']).next()?.trim();
            Some(Member::EnumConstant(declared.rsplit(' ').next()?.to_owned()))
        }
        "ctor" => Some(Member::Constructor(callable(rest, false)?)),
        "method" => Some(Member::Method(callable(rest, true)?)),
        _ => None,
    }
}

fn field(text: &str) -> Option<Member> {
    let (declaration, value) = match text.split_once(" = ") {
        Some((declaration, value)) => (declaration, Some(literal(value)?)),
        None => (text.split_once(';')?.0, None),
    };
    let (modifiers, rest) = modifiers(declaration);
    let (declared, name) = rest.rsplit_once(' ')?;
    Some(Member::Field { modifiers, declared: declared.to_owned(), name: name.to_owned(), value })
}

/// The value before `;`, which may be a string with any character in it.
fn literal(text: &str) -> Option<String> {
    let mut escaped = false;
    let mut inside = false;
    for (at, letter) in text.char_indices() {
        match letter {
            ';' if !inside => return Some(text[..at].to_owned()),
            '"' if !escaped => inside = !inside,
            _ => {}
        }
        escaped = letter == '\\' && !escaped;
    }
    None
}

fn callable(text: &str, method: bool) -> Option<Callable> {
    let (modifiers, rest) = modifiers(text);
    let (type_parameters, rest) = type_parameters(rest);
    let (head, rest) = rest.trim().split_once('(')?;
    let (returns, name) = if method { head.rsplit_once(' ')? } else { ("", head) };
    let mut depth = 1;
    let end = rest.find(|letter| {
        depth += match letter {
            '(' => 1,
            ')' => -1,
            _ => 0,
        };
        depth == 0
    })?;
    let after = rest[end + 1..].trim().trim_end_matches(';').trim();
    let (throws, default) = match after.split_once("default ") {
        Some((throws, default)) => (throws.trim(), Some(default.to_owned())),
        None => (after, None),
    };
    Some(Callable {
        modifiers,
        type_parameters: type_parameters.to_owned(),
        returns: returns.to_owned(),
        name: name.to_owned(),
        parameters: split_outside(&rest[..end], ','),
        throws: throws.to_owned(),
        default,
    })
}

fn modifiers(text: &str) -> (Vec<String>, &str) {
    let mut found = Vec::new();
    let mut rest = text.trim_start();
    while let Some((word, after)) = rest.split_once(' ') {
        match word {
            "public" | "protected" | "private" | "static" | "final" | "abstract" | "default" | "volatile"
            | "transient" => found.push(word.to_owned()),
            "deprecated" | "synchronized" | "native" | "strictfp" => {}
            _ => break,
        }
        rest = after.trim_start();
    }
    (found, rest)
}

/// `<…>` at the start, and what comes after it.
fn type_parameters(text: &str) -> (&str, &str) {
    let mut depth = 0;
    for (at, letter) in text.char_indices() {
        match letter {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            let end = if letter == '>' { at + 1 } else { 0 };
            return text.split_at(end);
        }
    }
    ("", text)
}

/// Takes `@Name` and `@Name(…)` out, keeps `@interface`.
fn without_annotations(line: &str) -> String {
    let mut kept = String::new();
    let mut rest = line;
    while let Some(letter) = rest.chars().next() {
        if letter == '"' {
            break; // A constant follows: annotations come before it.
        }
        if letter != '@' || rest.starts_with("@interface") {
            kept.push(letter);
            rest = &rest[letter.len_utf8()..];
            continue;
        }
        let name = rest[1..].find(|c: char| !c.is_alphanumeric() && !"._$".contains(c)).map_or(rest.len(), |n| n + 1);
        rest = &rest[name..];
        if rest.starts_with('(') {
            rest = &rest[closing(rest)..];
        }
        rest = rest.trim_start();
    }
    kept + rest
}

/// Where the bracket that `text` starts with is closed, strings left alone.
fn closing(text: &str) -> usize {
    let (mut depth, mut inside) = (0, false);
    for (at, letter) in text.char_indices() {
        match letter {
            '"' => inside = !inside,
            '(' if !inside => depth += 1,
            ')' if !inside => depth -= 1,
            _ => {}
        }
        if depth == 0 {
            return at + 1;
        }
    }
    text.len()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_annotation_with_brackets_and_strings_is_left_out() {
        let line =
            r#"method @RequiresPermission(anyOf={"a)", "b"}) public void f(@NonNull int[], @A(x=1) long) throws E;"#;
        let Some(Member::Method(method)) = member(&without_annotations(line)) else { panic!("no method") };
        assert_eq!(method.name, "f");
        assert_eq!(method.parameters, ["int[]", "long"]);
        assert_eq!(method.throws, "throws E");
    }

    #[test]
    fn a_constant_keeps_what_looks_like_the_end() {
        let Some(Member::Field { name, value, .. }) = member(r#"field public static final String A = "x; // @B(";"#)
        else {
            panic!("no field")
        };
        assert_eq!((name.as_str(), value.as_deref()), ("A", Some(r#""x; // @B(""#)));
    }
}

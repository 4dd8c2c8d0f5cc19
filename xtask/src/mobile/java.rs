//! Writes the classes of a signature file as Java sources whose methods only throw: what a compiler
//! needs of `android.jar`.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::signatures::{Callable, Class, Classes, Kind, Member};

/// Of the types that other modules of Android define, those that are used as interfaces …
const INTERFACES: [&str; 2] = ["org.xmlpull.v1.XmlPullParser", "org.xmlpull.v1.XmlSerializer"];
/// … and those that must be parcelable.
const PARCELABLES: [&str; 3] =
    ["android.bluetooth.BluetoothDevice", "android.bluetooth.le.ScanResult", "android.net.wifi.ScanResult"];
/// Parents of the JDK whose constructors want an argument.
const PARENTS: [(&str, &str); 4] = [
    ("java.io.FileInputStream", "(java.io.FileDescriptor) null"),
    ("java.io.FileOutputStream", "(java.io.FileDescriptor) null"),
    ("java.io.FilterInputStream", "null"),
    ("java.io.FilterOutputStream", "null"),
];
const BODY: &str = "{ throw new RuntimeException(); }";

/// Writes one source file for each outermost class below `folder`.
pub fn write(mut classes: Classes, folder: &Path) -> std::io::Result<()> {
    fill_in(&mut classes);
    add_overrides(&mut classes);
    let mut inner: BTreeMap<String, Vec<&Class>> = BTreeMap::new();
    for class in classes.values() {
        if let Some((outer, _)) = class.name.rsplit_once('.') {
            inner.entry(format!("{}.{outer}", class.package)).or_default().push(class);
        }
    }
    let writer = Writer { classes: &classes, inner };
    for class in classes.values().filter(|c| !c.name.contains('.')) {
        let folder = folder.join(class.package.replace('.', "/"));
        fs::create_dir_all(&folder)?;
        let source = format!("package {};\n{}", class.package, writer.class(class));
        fs::write(folder.join(&class.name).with_extension("java"), source)?;
    }
    Ok(())
}

/// Adds empty classes for the types that are mentioned and not listed.
fn fill_in(classes: &mut Classes) {
    let mut mentioned = BTreeSet::new();
    for class in classes.values() {
        let head = class.extends.iter().chain(&class.implements).chain([&class.type_parameters]);
        head.for_each(|text| collect_types(text, &mut mentioned));
        for member in &class.members {
            match member {
                Member::Field { declared, .. } => collect_types(declared, &mut mentioned),
                Member::Constructor(c) | Member::Method(c) => {
                    let texts = c.parameters.iter().chain([&c.returns, &c.throws, &c.type_parameters]);
                    texts.for_each(|text| collect_types(text, &mut mentioned));
                }
                Member::EnumConstant(_) => {}
            }
        }
    }
    for (package, name) in mentioned {
        let full = format!("{package}.{name}");
        if classes.contains_key(&full) {
            continue;
        }
        let parcelable = PARCELABLES.contains(&full.as_str());
        let constructor = Callable {
            modifiers: vec!["public".to_owned()],
            type_parameters: String::new(),
            returns: String::new(),
            name: name.clone(),
            parameters: Vec::new(),
            throws: String::new(),
            default: None,
        };
        let modifiers = if parcelable { "public abstract" } else { "public" };
        let interface = INTERFACES.contains(&full.as_str());
        let class = Class {
            kind: if interface { Kind::Interface } else { Kind::Class },
            modifiers: modifiers.split(' ').map(str::to_owned).collect(),
            type_parameters: String::new(),
            extends: if name.ends_with("Exception") { vec!["java.lang.Exception".to_owned()] } else { Vec::new() },
            implements: if parcelable { vec!["android.os.Parcelable".to_owned()] } else { Vec::new() },
            members: if interface { Vec::new() } else { vec![Member::Constructor(constructor)] },
            package,
            name,
        };
        classes.insert(full, class);
    }
}

/// Collects the types of Android and of the libraries it brings along as (package, name).
fn collect_types(text: &str, found: &mut BTreeSet<(String, String)>) {
    for word in text.split(|c: char| !c.is_alphanumeric() && !"._$".contains(c)) {
        let word = word.trim_matches('.');
        let Some(at) = word.find(|c: char| c.is_uppercase()) else { continue };
        let Some(package) = word[..at].strip_suffix('.') else { continue };
        if ["android", "org.xmlpull"].iter().any(|p| package.starts_with(p)) {
            found.insert((package.to_owned(), word[at..].to_owned()));
        }
    }
}

/// The list leaves out methods that only override an abstract one of the parent: puts them back.
fn add_overrides(classes: &mut Classes) {
    let mut missing = Vec::new();
    for (full, class) in classes.iter() {
        if class.kind != Kind::Class || class.modifiers.iter().any(|m| m == "abstract") {
            continue;
        }
        let mut present = BTreeSet::new();
        let mut next = Some(class);
        while let Some(ancestor) = next {
            for member in &ancestor.members {
                let Member::Method(method) = member else { continue };
                let key = (method.name.as_str(), method.parameters.len());
                if !method.is("abstract") {
                    present.insert(key);
                } else if present.insert(key) {
                    let mut method = method.clone();
                    method.modifiers.retain(|m| m != "abstract");
                    missing.push((full.clone(), Member::Method(method)));
                }
            }
            next = ancestor.extends.first().and_then(|parent| classes.get(&erased(parent)));
        }
    }
    for (full, method) in missing {
        if let Some(class) = classes.get_mut(&full) {
            class.members.push(method);
        }
    }
}

struct Writer<'a> {
    classes: &'a Classes,
    inner: BTreeMap<String, Vec<&'a Class>>,
}

impl Writer<'_> {
    fn class(&self, class: &Class) -> String {
        let name = class.name.rsplit('.').next().unwrap_or_default();
        let mut out = header(class, name);
        if class.kind == Kind::Enum {
            let constants = class.members.iter().filter_map(|m| match m {
                Member::EnumConstant(name) => Some(name.as_str()),
                _ => None,
            });
            out += &constants.collect::<Vec<_>>().join(", ");
            out += ";\n";
        }
        for member in &class.members {
            out += &match member {
                Member::EnumConstant(_) => continue,
                Member::Field { modifiers, declared, name, value } => {
                    let constant = modifiers.iter().any(|m| m == "final") || class.kind == Kind::Interface;
                    field(&modifiers.join(" "), declared, name, value.as_deref(), constant)
                }
                Member::Constructor(_) if class.kind == Kind::Enum => continue,
                Member::Constructor(c) => {
                    let head = [&c.modifiers.join(" "), &c.type_parameters, name].join(" ");
                    let parent = self.parent_call(class);
                    format!("{head}({}) {} {{ {parent} throw new RuntimeException(); }}\n", parameters(c), c.throws)
                }
                Member::Method(m) if class.kind == Kind::Enum && ["values", "valueOf"].contains(&m.name.as_str()) => {
                    continue;
                }
                Member::Method(m) => method(class.kind, m),
            };
        }
        let constructed = class.members.iter().any(|m| matches!(m, Member::Constructor(_)));
        if class.kind == Kind::Class && !constructed {
            let _ = writeln!(out, "{name}() {{ {} }}", self.parent_call(class));
        }
        for inner in self.inner.get(&format!("{}.{}", class.package, class.name)).into_iter().flatten() {
            out += &self.class(inner);
        }
        out + "}\n"
    }

    /// The call of the parent's constructor with the fewest parameters, where one is needed.
    fn parent_call(&self, class: &Class) -> String {
        let Some(parent) = class.extends.first().map(|e| erased(e)) else { return String::new() };
        let Some(known) = self.classes.get(&parent) else {
            let argument = PARENTS.iter().find(|(name, _)| *name == parent);
            return argument.map_or_else(String::new, |(_, argument)| format!("super({argument});"));
        };
        let shortest = known
            .members
            .iter()
            .filter_map(|m| match m {
                Member::Constructor(c) if !c.is("private") => Some(c),
                _ => None,
            })
            .min_by_key(|c| c.parameters.len());
        let arguments = shortest.map_or(&[][..], |c| &c.parameters).iter().map(|p| nothing(&erased(p)));
        let arguments = arguments.collect::<Vec<_>>().join(", ");
        if arguments.is_empty() { arguments } else { format!("super({arguments});") }
    }
}

fn header(class: &Class, name: &str) -> String {
    let (word, unwanted): (_, &[&str]) = match class.kind {
        Kind::Class => ("class", &[]),
        Kind::Interface => ("interface", &["abstract", "static"]),
        Kind::Annotation => ("@interface", &["abstract", "static"]),
        Kind::Enum => ("enum", &["abstract", "static", "final"]),
    };
    let nested = class.name.contains('.') && class.kind == Kind::Class && class.modifiers.is_empty();
    let mut words: Vec<_> = class.modifiers.iter().map(String::as_str).filter(|m| !unwanted.contains(m)).collect();
    if nested {
        words.push("static");
    }
    words.push(word);
    let mut line = format!("{} {name}{}", words.join(" "), class.type_parameters);
    let (extends, implements) = match class.kind {
        Kind::Annotation => (Vec::new(), Vec::new()),
        Kind::Interface => ([&class.extends[..], &class.implements[..]].concat(), Vec::new()),
        Kind::Enum => (Vec::new(), class.implements.clone()),
        Kind::Class => (class.extends.clone(), class.implements.clone()),
    };
    if !extends.is_empty() {
        let _ = write!(line, " extends {}", extends.join(", "));
    }
    if !implements.is_empty() {
        let _ = write!(line, " implements {}", implements.join(", "));
    }
    line + " {\n"
}

/// A constant keeps its value, since compilers copy it; another final field must not look like one.
fn field(modifiers: &str, declared: &str, name: &str, value: Option<&str>, constant: bool) -> String {
    let value = match (value, declared) {
        (Some(value), "long") => format!("{}L", value.trim_end_matches('L')),
        (Some("(0.0f/0.0f)"), "float") => "Float.NaN".to_owned(),
        (Some("(1.0f/0.0f)"), "float") => "Float.POSITIVE_INFINITY".to_owned(),
        (Some(value), "float") if !value.ends_with(['f', 'F', ')']) => format!("{value}f"),
        (Some(value), "byte" | "short" | "char") => format!("({declared}) {value}"),
        (Some(value), _) => value.to_owned(),
        (None, _) if !constant => return format!("{modifiers} {declared} {name};\n"),
        (None, "boolean") => "Boolean.valueOf(false)".to_owned(),
        (None, "int") => "Integer.valueOf(0)".to_owned(),
        (None, "char") => "Character.valueOf('0')".to_owned(),
        (None, "byte" | "short" | "long" | "float" | "double") => {
            let (first, rest) = declared.split_at(1);
            format!("{}{rest}.valueOf(({declared}) 0)", first.to_uppercase())
        }
        (None, _) => "null".to_owned(),
    };
    format!("{modifiers} {declared} {name} = {value};\n")
}

fn method(kind: Kind, m: &Callable) -> String {
    if kind == Kind::Annotation {
        let default = m.default.as_ref().map_or_else(String::new, |d| format!(" default {d}"));
        return format!("public {} {}(){default};\n", m.returns, m.name);
    }
    let unwritten = m.is("abstract") || (kind == Kind::Interface && !m.is("default") && !m.is("static"));
    let modifiers = m.modifiers.iter().filter(|w| kind != Kind::Enum || *w != "abstract");
    let modifiers = modifiers.map(String::as_str).collect::<Vec<_>>().join(" ");
    let body = if unwritten && kind != Kind::Enum { ";" } else { BODY };
    let head = [&modifiers, &m.type_parameters, &m.returns, &m.name].map(String::as_str).join(" ");
    format!("{head}({}) {} {body}\n", parameters(m), m.throws)
}

fn parameters(callable: &Callable) -> String {
    let named = callable.parameters.iter().enumerate().map(|(i, p)| format!("{p} p{i}"));
    named.collect::<Vec<_>>().join(", ")
}

/// A value of the type, cast so that it picks the right constructor.
fn nothing(declared: &str) -> String {
    match declared {
        "boolean" => "false".to_owned(),
        "int" | "long" | "short" | "byte" | "char" | "float" | "double" => format!("({declared}) 0"),
        other => format!("({}) null", other.replace("...", "[]")),
    }
}

/// The type without its parameters: `List<String>` gives `List`.
fn erased(declared: &str) -> String {
    let mut depth = 0;
    let outside = |c: &char| {
        match c {
            '<' => depth += 1,
            '>' => depth -= 1,
            _ => {}
        }
        depth == 0 && *c != '>'
    };
    declared.chars().filter(outside).collect()
}

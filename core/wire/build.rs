//! Compiles `proto/session.proto` without protoc, and beside the messages writes a table of
//! the rules that the generated parser does not keep: required fields, known enum values,
//! text fields, wire types. `src/proto/rules.rs` checks messages against it.

use std::error::Error;
use std::fmt::Write;
use std::path::Path;
use std::{env, fs};

use protox::prost_reflect::prost_types::field_descriptor_proto::{Label, Type};
use protox::prost_reflect::prost_types::{
    DescriptorProto, EnumDescriptorProto, EnumValueDescriptorProto, FieldDescriptorProto,
};

const PACKAGE: &str = "SessionProtos";

/// All messages and enums of the file, by full name.
#[derive(Default)]
struct Schema {
    messages: Vec<(String, DescriptorProto)>,
    enums: Vec<(String, EnumDescriptorProto)>,
}

fn main() -> Result<(), Box<dyn Error>> {
    println!("cargo:rerun-if-changed=proto/session.proto");
    let descriptors = protox::compile(["session.proto"], ["proto"])?;
    let mut schema = Schema::default();
    for file in &descriptors.file {
        schema.enums.extend(file.enum_type.iter().map(|e| (format!(".{PACKAGE}.{}", e.name()), e.clone())));
        for message in &file.message_type {
            schema.add(&format!(".{PACKAGE}"), message);
        }
    }
    let out = env::var("OUT_DIR")?;
    fs::write(Path::new(&out).join("rules_table.rs"), schema.table()?)?;
    // Messages hold what people write to each other: they get a `Debug` that shows nothing of it.
    let mut config = prost_build::Config::new();
    config.skip_debug(["."]).enum_attribute(".", "#[derive(Debug)]");
    config.compile_fds(descriptors)?;
    Ok(())
}

impl Schema {
    fn add(&mut self, parent: &str, message: &DescriptorProto) {
        let name = format!("{parent}.{}", message.name());
        self.enums.extend(message.enum_type.iter().map(|e| (format!("{name}.{}", e.name()), e.clone())));
        for nested in &message.nested_type {
            self.add(&name, nested);
        }
        self.messages.push((name, message.clone()));
    }

    fn table(&self) -> Result<String, Box<dyn Error>> {
        let mut out = String::from("static MESSAGES: &[&[Field]] = &[\n");
        for (name, message) in &self.messages {
            writeln!(out, "// {name}\n&[")?;
            for field in &message.field {
                let label = match field.label() {
                    Label::Optional => "Optional",
                    Label::Required => "Required",
                    Label::Repeated => "Repeated",
                };
                let kind = self.kind(field)?;
                writeln!(out, "Field {{ number: {}, label: Label::{label}, kind: {kind} }},", field.number())?;
            }
            out.push_str("],\n");
        }
        out.push_str("];\n");
        for (index, (name, _)) in self.messages.iter().enumerate() {
            let path = rust_path(name);
            writeln!(out, "impl Rules for super::{path} {{ const INDEX: usize = {index}; }}")?;
            writeln!(
                out,
                "impl std::fmt::Debug for super::{path} {{ fn fmt(&self, f: &mut std::fmt::Formatter<'_>) \
                 -> std::fmt::Result {{ f.write_str({path:?}) }} }}"
            )?;
        }
        Ok(out)
    }

    fn kind(&self, field: &FieldDescriptorProto) -> Result<String, Box<dyn Error>> {
        Ok(match field.r#type() {
            Type::String => "Kind::Text".to_owned(),
            Type::Bytes => "Kind::Bytes".to_owned(),
            Type::Uint32 | Type::Uint64 | Type::Int32 | Type::Int64 | Type::Bool => "Kind::Varint".to_owned(),
            Type::Fixed64 => "Kind::Fixed64".to_owned(),
            Type::Enum => {
                let found = self.enums.iter().find(|(name, _)| name == field.type_name());
                let (_, found) = found.ok_or_else(|| format!("unknown enum {}", field.type_name()))?;
                let values: Vec<_> = found.value.iter().map(EnumValueDescriptorProto::number).collect();
                format!("Kind::Enum(&{values:?})")
            }
            Type::Message => {
                let index = self.messages.iter().position(|(name, _)| name == field.type_name());
                format!("Kind::Message({})", index.ok_or_else(|| format!("unknown message {}", field.type_name()))?)
            }
            other => return Err(format!("no rule for fields of type {other:?}").into()),
        })
    }
}

/// `.Package.Outer.Inner` as the generated code names it: `outer::Inner`.
fn rust_path(name: &str) -> String {
    let mut parts: Vec<&str> = name.split('.').skip(2).collect();
    let last = parts.pop().unwrap_or_default().to_owned();
    let mut path = String::new();
    for part in parts {
        for (at, letter) in part.char_indices() {
            if letter.is_uppercase() && at > 0 {
                path.push('_');
            }
            path.extend(letter.to_lowercase());
        }
        path.push_str("::");
    }
    path + &last
}

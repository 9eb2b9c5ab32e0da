//! The JSON Schemas in `docs/schemas/`, and whether JSON matches one of them, down to the last member.
//!
//! A schema lets an object have more members than it describes, since later versions may add some. The tests do not: what is
//! printed and not described is a fault.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use serde_json::{Map, Value};

/// The keywords that [`Schema::check`] knows; with any other it would let everything pass.
const KEYWORDS: &[&str] = &[
    "$schema",
    "title",
    "description",
    "examples",
    "deprecated",
    "type",
    "const",
    "enum",
    "minimum",
    "format",
    "properties",
    "required",
    "additionalProperties",
    "items",
];

/// The shape of a command's JSON.
pub struct Schema {
    pub name: String,
    root: Map<String, Value>,
    /// What it describes, by its path, such as `devices[].id`.
    pub members: BTreeMap<String, Map<String, Value>>,
}

/// All of them, by their names.
pub fn all() -> Vec<Schema> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/schemas");
    let mut files: Vec<_> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort_by_key(|file| file.file_stem().map(ToOwned::to_owned));
    let schema = |file: &std::path::PathBuf| {
        let name = file.file_stem().unwrap().to_str().unwrap().to_owned();
        let root = serde_json::from_slice(&fs::read(file).unwrap()).unwrap_or_else(|e| panic!("{name}: {e}"));
        let mut members = BTreeMap::new();
        describe(&root, "", &mut members);
        Schema { name, root, members }
    };
    files.iter().map(schema).collect()
}

/// The one of this name.
pub fn named(name: &str) -> Schema {
    all().into_iter().find(|schema| schema.name == name).unwrap_or_else(|| panic!("there is no schema {name}"))
}

impl Schema {
    /// The commands that print it, each with the options that make it print this.
    pub fn commands(&self) -> Vec<&str> {
        self.text("title").split(", ").collect()
    }

    /// What it says of itself.
    pub fn text(&self, keyword: &str) -> &str {
        self.root[keyword].as_str().unwrap()
    }

    pub fn examples(&self) -> &[Value] {
        self.root["examples"].as_array().unwrap()
    }

    /// Every member of the value must be described, and match its description. Returns the paths of its members.
    pub fn check(&self, value: &Value) -> BTreeSet<String> {
        let (mut seen, mut faults) = (BTreeSet::new(), Vec::new());
        look(&self.root, value, "", &mut seen, &mut faults);
        assert!(faults.is_empty(), "docs/schemas/{}.json: {faults:#?}\n{value:#}", self.name);
        seen
    }
}

/// Collects the members that a schema describes.
fn describe(schema: &Map<String, Value>, path: &str, members: &mut BTreeMap<String, Map<String, Value>>) {
    for keyword in schema.keys() {
        assert!(KEYWORDS.contains(&keyword.as_str()), "the tests do not know the keyword {keyword} of '{path}'");
    }
    for (name, member) in schema.get("properties").and_then(Value::as_object).into_iter().flatten() {
        let (path, member) = (below(path, name), member.as_object().unwrap());
        describe(member, &path, members);
        members.insert(path, member.clone());
    }
    for (keyword, end) in [("items", "[]"), ("additionalProperties", ".*")] {
        if let Some(Value::Object(each)) = schema.get(keyword) {
            describe(each, &format!("{path}{end}"), members);
        }
    }
}

fn below(path: &str, name: &str) -> String {
    if path.is_empty() { name.into() } else { format!("{path}.{name}") }
}

fn look(schema: &Map<String, Value>, value: &Value, path: &str, seen: &mut BTreeSet<String>, faults: &mut Vec<String>) {
    for (keyword, rule) in schema.iter().filter(|(keyword, rule)| !holds(keyword, rule, value)) {
        faults.push(format!("'{path}' is {value}, against {keyword} {rule}"));
    }
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                let described = schema.get("properties").and_then(|properties| properties.get(name));
                let (rule, path) = match described {
                    Some(rule) => (Some(rule), below(path, name)),
                    None => (schema.get("additionalProperties"), format!("{path}.*")),
                };
                match rule {
                    Some(Value::Object(rule)) => {
                        look(rule, member, &path, seen, faults);
                        seen.insert(path);
                    }
                    // Any value is valid here.
                    Some(Value::Bool(true)) => {}
                    _ => faults.push(format!("'{path}' has '{name}', which is not described")),
                }
            }
        }
        Value::Array(items) => match schema.get("items").and_then(Value::as_object) {
            Some(rule) => items.iter().for_each(|item| look(rule, item, &format!("{path}[]"), seen, faults)),
            None => faults.push(format!("'{path}' has items that are not described")),
        },
        _ => {}
    }
}

/// Whether a value fits a keyword. The contents of objects and arrays are checked separately.
fn holds(keyword: &str, rule: &Value, value: &Value) -> bool {
    match keyword {
        "type" => match rule {
            Value::Array(kinds) => kinds.iter().any(|kind| is(kind, value)),
            kind => is(kind, value),
        },
        "const" => value == rule,
        "enum" => rule.as_array().unwrap().contains(value),
        "minimum" => value.as_f64().is_none_or(|number| number >= rule.as_f64().unwrap()),
        "format" => rule == "date-time" && value.as_str().is_none_or(|text| humantime::parse_rfc3339(text).is_ok()),
        "required" => value.as_object().is_none_or(|members| {
            rule.as_array().unwrap().iter().all(|name| members.contains_key(name.as_str().unwrap()))
        }),
        _ => true,
    }
}

fn is(kind: &Value, value: &Value) -> bool {
    match kind.as_str().unwrap() {
        "object" => value.is_object(),
        "array" => value.is_array(),
        "string" => value.is_string(),
        "integer" => value.is_i64() || value.is_u64(),
        "number" => value.is_number(),
        "boolean" => value.is_boolean(),
        "null" => value.is_null(),
        _ => false,
    }
}

//! What `--json` prints, command by command: the list in docs/json.md, rendered from the schemas.

use std::fmt::Write as _;

use crate::support::schema::{self, Schema};

/// A table of the commands, and an example of each shape as the program prints it.
pub fn shapes() -> String {
    let schemas = schema::all();
    let mut page = String::from("| command | what it prints | schema |\n|---|---|---|\n");
    for schema in &schemas {
        let (name, text) = (&schema.name, schema.text("description"));
        writeln!(page, "| {} | {text} | [{name}](schemas/{name}.json) |", commands(schema)).unwrap();
    }
    page += "\n## Examples\n";
    for schema in &schemas {
        let example = &schema.examples()[0];
        write!(page, "\n{}:\n\n```json\n{example}\n```\n", commands(schema)).unwrap();
    }
    page
}

fn commands(schema: &Schema) -> String {
    // What every command prints is described in words.
    if schema.commands().iter().any(|command| !command.starts_with("i3 ")) {
        return format!("any ({})", schema.text("title"));
    }
    schema.commands().iter().map(|command| format!("`{command}`")).collect::<Vec<_>>().join(", ")
}

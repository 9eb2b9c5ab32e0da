//! The options of mosquitto_pub and mosquitto_sub beside those of this program, for docs/ and for the manual.

use i3::cli::mosquitto::{BESIDES, MosquittoOption, OPTIONS, Support};

/// `docs/mosquitto-options.md`.
pub fn page() -> String {
    let mut page = "\
# The options of mosquitto_pub and mosquitto_sub

Rendered by the tests from the table that `i3` itself answers with, and held against mosquitto_pub and mosquitto_sub 2.0.11: each
option is given to both programs on one broker, and what is on the wire, what is printed and whether the exit code is 0 has to be the
same, but for what stands here. What is not mentioned is the same.
"
    .to_owned();
    for (command, program) in [("pub", "mosquitto_pub"), ("sub", "mosquitto_sub")] {
        page += &format!("\n## {program} and i3 {command}\n\n| {program} | `i3 {command}` |\n|---|---|\n");
        for option in of(command) {
            let names: Vec<String> = option.names.iter().map(|name| format!("`{name}`")).collect();
            let here = match option.here {
                Support::Same => "the same".to_owned(),
                Support::Differs(how) => how.to_owned(),
                Support::Missing(instead) => format!("not an option: {instead}"),
            };
            page += &format!("| {} | {} |\n", names.join(", "), here.replace('|', "\\|"));
        }
    }
    page += "\n## Besides\n\n";
    for sentence in BESIDES {
        page += &format!("- {sentence}\n");
    }
    page
}

/// What the manual of `command` says: the options that differ or are missing, by their names.
pub fn differences(command: &str) -> Vec<(String, String)> {
    let told = |option: &MosquittoOption| {
        let text = match option.here {
            Support::Same => return None,
            Support::Differs(how) => format!("{}.", capitalised(how)),
            Support::Missing(instead) => format!("Not an option: {instead}."),
        };
        Some((option.names.join(", "), text.replace('`', "")))
    };
    of(command).filter_map(told).collect()
}

fn of(command: &str) -> impl Iterator<Item = &'static MosquittoOption> {
    OPTIONS.iter().filter(move |option| option.is_of(command))
}

fn capitalised(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map_or_else(String::new, |first| first.to_uppercase().chain(chars).collect())
}

//! `man/` and `completions/` contain exactly the files that the command line renders; the table of silent failures,
//! the page of Mosquitto's options and the list of JSON results are rendered, too.
//!
//! `I3_RENEW=1 cargo test rendered` renews them.

mod config;
mod gateway;
mod json;
mod man;
mod mosquitto;
mod refused;
mod troubleshooting;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::Command;

use clap_complete::Shell;

use crate::support::folder::Folder;
use crate::support::skipped::without;

/// The date of the pages: that of the release, since the date of a build would make every build's pages differ.
const DATE: &str = "2026-11-27";

fn check(folder: &str, rendered: BTreeMap<String, Vec<u8>>) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
    if std::env::var_os("I3_RENEW").is_some() {
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        for (name, content) in &rendered {
            fs::write(folder.join(name), content).unwrap();
        }
    }
    let entries = fs::read_dir(&folder).unwrap().map(|entry| entry.unwrap());
    let kept: BTreeMap<String, Vec<u8>> =
        entries.map(|e| (e.file_name().into_string().unwrap(), fs::read(e.path()).unwrap())).collect();
    assert_eq!(kept.keys().collect::<Vec<_>>(), rendered.keys().collect::<Vec<_>>(), "renew with I3_RENEW=1");
    for (name, content) in &rendered {
        assert!(kept[name] == *content, "{name} is not what is rendered; renew with I3_RENEW=1");
    }
}

#[test]
fn completions_are_in_step() {
    let names = |shell: Shell| match shell {
        Shell::Bash => "i3.bash",
        Shell::Elvish => "i3.elv",
        Shell::Fish => "i3.fish",
        Shell::Zsh => "_i3",
        _ => unreachable!("a shell that this test does not know"),
    };
    let scripts = i3::commands::completions::SHELLS.iter();
    check(
        "completions",
        scripts
            .map(|s| {
                let script = i3::commands::completions::script(*s, i3::commands::command(), "i3");
                (names(*s).to_string(), script.into_bytes())
            })
            .collect(),
    );
}

/// Compares the part of a page between two marks with the rendered text, or renews it.
fn check_part(page: &str, name: &str, first: &str, last: &str, rendered: &str) {
    let (first, last) = (format!("<!-- {first} -->\n"), format!("<!-- {last} -->\n"));
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(page);
    let page = fs::read_to_string(&path).unwrap();
    let (before, rest) = page.split_once(&first).expect("the page lacks the first mark");
    let (kept, after) = rest.split_once(&last).expect("the page lacks the second mark");
    if std::env::var_os("I3_RENEW").is_some() {
        fs::write(&path, [before, &first, rendered, &last, after].concat()).unwrap();
    } else {
        assert!(kept == rendered, "the part of {name} is not what is rendered; renew with I3_RENEW=1");
    }
}

#[test]
fn the_tables_of_silent_failures_and_refusals_are_in_step() {
    let failures = troubleshooting::silent_failures();
    let check_part = |name, first, last, table: &str| check_part("docs/silent-failures.md", name, first, last, table);
    check_part("silent failures", "silent failures, rendered from the catalogue", "end of silent failures", &failures);
    check_part("refusals", "refusals, rendered by the tests", "end of refusals", &refused::table());
}

#[test]
fn the_shapes_of_json_are_in_step() {
    check_part("docs/json.md", "shapes", "shapes, rendered from docs/schemas", "end of shapes", &json::shapes());
}

#[test]
fn the_page_of_mosquittos_options_is_in_step() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("docs/mosquitto-options.md");
    let rendered = mosquitto::page();
    if std::env::var_os("I3_RENEW").is_some() {
        fs::write(&path, &rendered).unwrap();
    }
    let kept = fs::read_to_string(&path).unwrap_or_default();
    assert!(kept == rendered, "docs/mosquitto-options.md is not what is rendered; renew with I3_RENEW=1");
}

fn pages() -> BTreeMap<String, Vec<u8>> {
    let mut pages = man::pages(i3::commands::command()).unwrap();
    pages.push(("i3-troubleshooting.7".into(), troubleshooting::page().unwrap()));
    pages.push(("i3-config.5".into(), config::page().unwrap()));
    pages.push(("i3-gateway.5".into(), gateway::page().unwrap()));
    pages.into_iter().collect()
}

#[test]
fn manual_is_in_step() {
    check("man", pages());
}

#[test]
fn mandoc_has_nothing_to_warn_of() {
    if !Path::new("/usr/bin/mandoc").exists() {
        return without("I3_REQUIRE_MANDOC", "mandoc", "the manual was not checked");
    }
    let folder = Folder::new();
    let pages = pages();
    for (name, page) in &pages {
        fs::write(folder.path().join(name), page).unwrap();
    }
    let lint = |names: &mut dyn Iterator<Item = &String>| {
        let mut mandoc = Command::new("mandoc");
        mandoc.args(["-T", "lint", "-W", "warning"]).args(names).current_dir(folder.path()).output().unwrap()
    };
    let found = lint(&mut pages.keys());
    assert!(found.status.success() && found.stdout.is_empty(), "{}", String::from_utf8_lossy(&found.stdout));
    let bad = String::from("bad.1");
    fs::write(folder.path().join(&bad), ".TH bad\n.SH NAME\n.XX\n").unwrap();
    assert!(!lint(&mut [bad].iter()).status.success());
}

/// A page as it reads, without its marks for fonts.
fn plain(page: &[u8]) -> String {
    let text = String::from_utf8(page.to_vec()).unwrap();
    ["\\fR", "\\fB", "\\fI"].iter().fold(text.replace("\\-", "-"), |text, mark| text.replace(mark, ""))
}

#[test]
fn every_page_that_is_referred_to_is_there() {
    let pages = pages();
    let mut found = 0;
    for (name, page) in &pages {
        let text = plain(page);
        for (at, _) in text.match_indices("i3-") {
            let word: String = text[at..].chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '-').collect();
            let rest = &text[at + word.len()..];
            let Some(section) = rest.strip_prefix('(').and_then(|rest| rest.split(')').next()) else { continue };
            if section.len() == 1 && section.chars().all(|c| c.is_ascii_digit()) {
                assert!(pages.contains_key(&format!("{word}.{section}")), "{name} names {word}({section})");
                found += 1;
            }
        }
    }
    assert!(found > 100, "{found}");
}

#[test]
fn a_synopsis_has_values_and_what_is_required() {
    let pages = pages();
    let synopsis = |name: &str| {
        let text = plain(&pages[name]);
        let (_, after) = text.split_once(".SH SYNOPSIS\n").unwrap();
        after.split("\n.").next().unwrap().to_owned()
    };
    let register = synopsis("i3-register.1");
    assert!(register.starts_with("i3 register --hub HUB [-") && register.ends_with(" [NAME]"), "{register}");
    let publish = synopsis("i3-pub.1");
    assert!(publish.starts_with("i3 pub -t TOPIC <-m TEXT|-f FILE|-s|-n|-l> ["), "{publish}");
    assert!(publish.contains("[-q|--qos 0|1|2]") && publish.contains("[--device "), "{publish}");
    assert!(publish.contains("[--spool [DIR]]") && publish.contains("[-V|--protocol-version 311|5]"), "{publish}");
    // What is required is not listed among what may be left out.
    for (page, options) in [("i3-pub.1", ["topic", "message", "lines"]), ("i3-sub.1", ["topic", "hub", "purchased"])] {
        let synopsis = synopsis(page).replace("--topic-per-line", "");
        let synopsis = synopsis.split_once("> [").unwrap().1;
        assert!(!options.iter().any(|option| synopsis.contains(&format!("--{option}"))), "{synopsis}");
    }
    let device = synopsis("i3-device.1");
    assert!(device.ends_with(" COMMAND"), "{device}");
    for name in pages.keys().filter(|name| name.ends_with(".1")) {
        assert!(!synopsis(name).contains(" ]"), "{name}");
    }
}

#[test]
fn a_description_is_in_sentences() {
    for (name, page) in pages().iter().filter(|(name, _)| name.ends_with(".1")) {
        let text = plain(page);
        let section = |heading: &str| {
            let after = text.split_once(heading).unwrap().1;
            // Each section is rendered with a preamble.
            let own: Vec<&str> =
                after.lines().take_while(|line| !line.starts_with(".SH") && !line.starts_with(".ie")).collect();
            own.join("\n")
        };
        let (named, described) = (section(".SH NAME\n"), section(".SH DESCRIPTION\n"));
        let about = named.split_once(" - ").unwrap().1;
        assert!(described.ends_with('.') || described.ends_with(':'), "{name}: {described}");
        assert!(!described.lines().any(|line| line == about), "{name}: {described}");
    }
}

#[test]
fn an_option_with_few_values_names_them() {
    fn look(command: &clap::Command, path: &str) {
        let path = format!("{path} {}", command.get_name());
        for argument in command.get_arguments().filter(|argument| argument.get_action().takes_values()) {
            let id = argument.get_id().as_str().to_uppercase();
            let named = argument.get_value_names().unwrap_or_default().iter().any(|name| name.as_str() != id);
            assert!(named || argument.is_positional() || argument.get_possible_values().is_empty(), "{path}: {id}");
        }
        command.get_subcommands().for_each(|command| look(command, &path));
    }
    let mut command = i3::commands::command();
    command.build();
    look(&command, "");
}

//! The table of options beside the programs themselves, and what answers an option that is missing.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use i3::cli::mosquitto::{OPTIONS, Support};

use crate::program::{TOPIC, TestEnv};
use crate::support::skipped::mosquitto_client;

#[test]
fn the_table_has_every_option_of_both_programs_and_no_other() {
    let (Some(mosquitto_pub), Some(mosquitto_sub)) =
        (mosquitto_client("mosquitto_pub"), mosquitto_client("mosquitto_sub"))
    else {
        return;
    };
    let mut all = BTreeSet::new();
    for (command, program) in [("pub", mosquitto_pub), ("sub", mosquitto_sub)] {
        let (described, texts) = known_to(&program);
        assert!(described.len() > 40, "{described:?}");
        let listed: BTreeSet<String> = OPTIONS
            .iter()
            .filter(|option| option.is_of(command))
            .flat_map(|option| option.names.iter().map(ToString::to_string))
            .collect();
        assert_eq!(described.difference(&listed).collect::<Vec<_>>(), Vec::<&String>::new(), "{command}");
        // Long names are in both programs, whichever of them takes them.
        all.extend(listed);
        // Both have the options of mosquitto_rr in them, which -e is one of.
        let unknown: Vec<_> = texts.iter().filter(|name| *name != "-e" && !is_in_table(name)).collect();
        assert_eq!(unknown, Vec::<&String>::new(), "{command}");
        // Of the manual, and of programs that were built with it.
        let elsewhere = ["-S", "--version"];
        let made_up: Vec<_> = all
            .iter()
            .filter(|name| !described.contains(*name) && !texts.contains(*name) && !elsewhere.contains(&name.as_str()))
            .filter(|name| name.starts_with("--"))
            .collect();
        assert_eq!(made_up, Vec::<&String>::new(), "{command}");
    }
}

#[test]
fn what_the_table_calls_an_option_is_one_and_nothing_else_is() {
    let program = i3::commands::command();
    for command in ["pub", "sub"] {
        let own = program.find_subcommand(command).unwrap();
        let has = |name: &str| {
            own.get_arguments().chain(program.get_arguments()).any(|argument| match name.strip_prefix("--") {
                Some(long) => {
                    let aliases = argument.get_all_aliases().unwrap_or_default();
                    argument.get_long() == Some(long) || aliases.contains(&long)
                }
                None => argument.get_short().is_some_and(|short| name == format!("-{short}")),
            })
        };
        for option in OPTIONS.iter().filter(|option| option.is_of(command)) {
            for name in option.names {
                assert_eq!(has(name), !matches!(option.here, Support::Missing(_)), "{command} {name}");
            }
        }
    }
}

#[test]
fn what_is_missing_is_answered_from_the_table() {
    let env = TestEnv::new();
    for command in ["pub", "sub"] {
        for option in OPTIONS.iter().filter(|option| option.is_of(command)) {
            let Support::Missing(instead) = option.here else { continue };
            for name in option.names {
                let run = env.i3(&format!("{command} -t {TOPIC} {name} x")).run();
                assert_eq!((run.code, run.stdout.as_str()), (2, ""), "{run}");
                run.says(&[
                    "error[command-line]",
                    &format!("{name} is an option of mosquitto_{command} that i3 does not have: {instead}"),
                ]);
                run.does_not_say(&["similar", "tip"]);
            }
        }
    }
    // Elsewhere they mean nothing.
    env.i3("doctor --psk x").fails(2, &["unexpected argument '--psk'"]);
}

/// The options that a program's own help, and its texts, name.
fn known_to(program: &PathBuf) -> (BTreeSet<String>, BTreeSet<String>) {
    let help = std::process::Command::new(program).arg("--help").output().unwrap();
    let help = String::from_utf8_lossy(&help.stdout).into_owned();
    let described = help.lines().filter_map(|line| line.strip_prefix(" -")?.split_once(" :"));
    let described = described.map(|(name, _)| format!("-{name}")).collect();
    let bytes = fs::read(program).unwrap();
    let texts = bytes.split(|byte| *byte == 0).filter_map(|text| std::str::from_utf8(text).ok());
    let is_option = |text: &&str| {
        let name = text.strip_prefix("--").or(text.strip_prefix('-')).unwrap_or_default();
        let is_long = text.starts_with("--");
        !name.is_empty() && name.chars().all(|c| c.is_ascii_alphanumeric() || c == '-') && (is_long || name.len() == 1)
    };
    (described, texts.filter(is_option).map(ToOwned::to_owned).collect())
}

fn is_in_table(name: &str) -> bool {
    OPTIONS.iter().any(|option| option.names.contains(&name))
}

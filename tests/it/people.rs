//! Output for a person at a terminal: one line for a success, tables with headings, text that fits, and suggestions for
//! mistyped names.

use crate::program::{LONG, LOT1, NO_PRODUCT, SHORT, TOPIC, TestEnv};
use crate::support::pty::screen_of;

/// What is on the screen after the line of a shell, at a terminal with 80 columns.
fn screen(env: &TestEnv, line: &str) -> String {
    screen_of(&env.shell(line).env("NO_COLOR", "1").command, 80, 24)
}

#[test]
fn what_succeeds_without_a_result_says_one_line_to_a_terminal_and_nothing_to_a_pipe() {
    let env = TestEnv::with_lot1();
    let publish = format!("i3 pub --device lot1 -t {TOPIC} -m 678 --timeout {LONG}");
    for (line, says) in [
        (publish.as_str(), "Delivered, echo after "),
        (&format!("{publish} --confirm none"), "Sent, not verified: the broker may have dropped it."),
        ("i3 config set broker mqtt://127.0.0.1", "broker is set in /"),
        ("i3 config unset broker", "broker is no longer set in /"),
        ("i3 login --user alice && i3 logout", "is no longer kept."),
        ("eval \"$(i3 agent --background 2>/dev/null)\"; i3 agent stop", "The agent has ended."),
        (&format!("i3 sub --device lot1 -t {TOPIC} -E"), &format!("Subscribed to {TOPIC} as {LOT1}.")),
    ] {
        let shown = screen(&env, line);
        let last = shown.lines().last().unwrap_or_default();
        let words = shown.split_whitespace().collect::<Vec<_>>().join(" ");
        assert!(words.contains(says), "{line}: {shown}");
        assert!(!last.is_empty() && !shown.contains("error"), "{line}: {shown}");
    }
    for line in ["pub", "pub --quiet"] {
        let run = env.i3(&format!("{line} --device lot1 -t {TOPIC} -m 678 --timeout {LONG}")).done();
        assert_eq!((run.stdout.as_str(), run.stderr.as_str()), ("", ""));
    }
    assert_eq!(screen(&env, &format!("{publish} --quiet")), "");
    for line in ["config set device lot1", &format!("sub --device lot1 -t {TOPIC} -E")] {
        let run = env.i3(line).done();
        assert_eq!(run.stdout + &run.stderr, "", "{line}");
    }
}

#[test]
fn without_a_terminal_a_run_that_succeeds_says_nothing_beside_its_result() {
    let env = TestEnv::with_lot1();
    for line in [
        "keygen spare",
        "token lot1 --out token",
        "login --user alice",
        "hub create shed",
        "hub list",
        "device list",
        "device list --hub shed",
        "register bed1 --hub shed --new-key",
        "register bed2 --hub shed --generate-password",
        "register bed1 --hub shed",
        "device add bob$garden$bed9",
        "device passwd alice$shed$bed2 --generate-password",
        "device rotate alice$shed$bed1",
        "device repair alice$shed$bed1 --yes",
        "device export --out devices.toml --with-secrets",
        "device delete alice$shed$bed2 --yes",
        "product list --hub shed",
        "product search --name nowhere",
        &format!("product edit {TOPIC} --description 1"),
        &format!("product edit {TOPIC} --description 1"),
        &format!("product show {TOPIC}"),
        "request list",
        "sales",
        "notifications",
        "config set accept_plain true",
        "config unset accept_plain",
        "config unset accept_plain",
        "agent --background",
        "agent --background",
        "agent stop",
        "logout",
        "logout",
    ] {
        let line = line.split(' ').collect::<Vec<_>>();
        let run = line[1..].iter().fold(env.i3(line[0]), |run, word| run.arg(word)).done();
        assert_eq!(run.stderr, "", "{line:?}");
    }
}

#[test]
fn lists_are_tables_on_a_terminal_and_lines_with_tabs_in_a_pipe() {
    let env = TestEnv::with_lot1();
    for (line, on_screen, in_pipe) in [
        ("hub list", "HUB            ID\nalice/parking   1\n", "alice/parking\n"),
        ("device list", "DEVICE              ID  CREDENTIAL HERE\nalice$parking$lot1   1  /", "alice$parking$lot1\n"),
        (
            "product list",
            "TOPIC                    PRICE  TYPE    DESCRIPTION\nalice/parking/occupancy ",
            "alice/parking/occupancy\t",
        ),
        ("config list", "KEY ", "market\t"),
    ] {
        let shown = screen(&env, &format!("i3 {line}"));
        assert!(shown.starts_with(on_screen), "{line}: {shown}");
        let piped = env.i3(line).done().stdout;
        assert!(piped.starts_with(in_pipe), "{line}: {piped}");
        assert_eq!(screen(&env, &format!("i3 {line} | cat")), piped);
    }
    let of_no_size = screen_of(&env.i3("product list").command, 0, 0);
    assert!(of_no_size.starts_with("TOPIC                    PRICE  "), "{of_no_size}");
    assert!(env.i3("hub list --json").json().is_array());
    assert!(screen(&env, "i3 hub list --json").starts_with("[{"));
}

#[test]
fn a_name_that_nothing_has_is_answered_with_the_one_that_was_meant() {
    let env = TestEnv::with_lot1();
    env.i3("token lto1").fails(78, &["no device 'lto1' is configured; did you mean 'lot1'?"]);
    env.i3("token barrier").fails(78, &["no device 'barrier' is configured; configured: alice$parking$lot1"]);
    env.i3("device show lto1").fails(65, &["shows no device 'lto1'; did you mean 'lot1'?"]);
    env.i3("device show").arg("alice$parking$lot11").fails(65, &["did you mean 'alice$parking$lot1'?"]);
    env.i3("device list --hub parkin").fails(65, &["it shows alice/parking", "did you mean 'alice/parking'?"]);
    env.i3("product show alice/parking/occupanci").fails(65, &["did you mean 'alice/parking/occupancy'?"]);
    env.i3("product show alice/parking/zzz").fails(65, &["it shows alice/parking/occupancy"]);
    env.i3("pub --profile wrok -t x -m x").fails(78, &["no profile 'wrok' exists; no profiles are configured"]);
    // A topic is known once the marketplace has shown it.
    let publish = format!("pub --device lot1 -t {NO_PRODUCT} -m 678 --timeout {SHORT}");
    let before = env.i3(&publish).run();
    assert!(!before.stderr.contains("did you mean"), "{before}");
    env.i3("product list").done();
    let meant =
        ["did you mean 'alice/parking/occupancy'?", "hint: publish to alice/parking/occupancy, or create the product"];
    env.i3(&publish).fails(77, &meant);
    // The product of a hub that the device may not write was not meant.
    let file = env.home().join(".local/state/i3-marketplace/known.json");
    std::fs::write(file, r#"{"product":["bob/parking/occupancy"]}"#).unwrap();
    let alone = env.i3(&publish).fails(77, &["hint: create the product"]);
    alone.does_not_say(&["did you mean"]);
}

#[test]
fn what_was_seen_is_kept_for_its_owner_alone_and_forgotten_when_it_is_gone() {
    let env = TestEnv::with_lot1();
    env.i3("device list").done();
    let file = env.home().join(".local/state/i3-marketplace/known.json");
    assert_eq!(crate::program::mode(&file), 0o600);
    assert!(std::fs::read_to_string(&file).unwrap().contains(LOT1));
    env.i3("device delete lot1 --yes").done();
    env.i3("device list").done();
    assert!(!std::fs::read_to_string(&file).unwrap().contains(LOT1));
    std::fs::write(&file, "{\"device\": 7").unwrap();
    env.i3("hub list").succeeds("alice/parking\n");
}

#[test]
fn a_refused_log_in_names_the_broker() {
    let env = TestEnv::with_lot1();
    let broker = env.sandbox.broker_url().to_string();
    env.secret("pw", "hunter2secret");
    let refused = env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --pw-file pw"));
    refused.fails(77, &[&format!("the broker {broker} refused the log-in of '{LOT1}'")]);
}

#[test]
fn a_refused_message_names_the_broker_however_it_is_published() {
    let env = TestEnv::with_lot1();
    let broker = env.sandbox.broker_url().to_string();
    let dropped = format!("did not come back within {SHORT}: the broker {broker} accepted it and dropped it");
    let publish = format!("pub --device lot1 -t {NO_PRODUCT} --timeout {SHORT}");
    let single = env.i3(&format!("{publish} -m 678")).fails(77, &[&dropped]);
    single.does_not_say(&["Not by the agent"]);
    env.i3(&format!("{publish} -l")).input("678\n").fails(77, &[&format!("line 1 to {NO_PRODUCT} {dropped}")]);
    let refused = format!("the broker {broker} refused the message to {NO_PRODUCT} (reason 0x87");
    env.i3(&format!("{publish} -m 678 -V 5 -q 1")).fails(77, &[&refused]);
    let refused = format!("the broker {broker} refused line 1 to {NO_PRODUCT} (reason 0x87");
    env.i3(&format!("{publish} -l -V 5 -q 1")).input("678\n").fails(77, &[&refused]);
    let json = env.i3(&format!("{publish} -m 678 --json")).run().stderr;
    let json: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(json["error"]["message"], format!("the message to {NO_PRODUCT} {dropped}"));
    // With the agent, the caller and the agent's log report it.
    let mut agent = env.i3("agent").start();
    agent.until("I3_AGENT_PID");
    env.i3(&format!("{publish} -m 678 -v")).fails(77, &[&dropped, "By the agent."]);
    env.i3("agent stop").done();
    agent.finish().says(&[&format!("{LOT1} failed: the message to {NO_PRODUCT} {dropped}")]);
}

#[test]
fn text_is_wrapped_to_the_terminal_and_commands_stay_whole() {
    let env = TestEnv::new();
    let line = "i3 token lot9";
    let narrow = screen_of(&env.shell(line).env("NO_COLOR", "1").command, 50, 24);
    let hint = narrow.lines().skip_while(|line| !line.starts_with("hint: ")).collect::<Vec<_>>();
    assert!(hint.len() > 1 && hint[1..].iter().all(|line| line.starts_with("  ")), "{narrow}");
    for line in narrow.lines() {
        assert!(line.chars().count() <= 50 || line.contains('`'), "{narrow}");
    }
    let piped = env.i3("token lot9").run().stderr;
    let words = |text: &str| text.split_whitespace().map(String::from).collect::<Vec<_>>();
    assert_eq!(words(&narrow), words(&piped));
    assert_eq!(piped.lines().count(), 2, "{piped}");
}

#[test]
fn an_explanation_fits_a_screen_and_names_the_entries() {
    let env = TestEnv::new();
    for text in ["77", "75", "5", "0x87", "not authorized", "permission-cache"] {
        let shown = screen(&env, &format!("i3 explain '{text}'"));
        assert!(shown.lines().count() < 24, "{text}: {shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= 80 || line.contains('`')), "{text}: {shown}");
    }
    let shown = screen(&env, "i3 explain 77");
    let listed = env.i3("explain 77 --json").json();
    let entries = listed["entries"].as_array().unwrap();
    let named = entries.iter().filter(|entry| shown.split_whitespace().any(|word| entry["id"] == word)).count();
    assert!(named == entries.len() || shown.contains(&format!(" and {} more", entries.len() - named)), "{shown}");
    assert!(named > 70, "{shown}");
    assert!(screen(&env, "i3 explain topic case").contains("topic-case "));
    assert!(screen(&env, "i3 explain permission-cache").contains("\n  remedy   "));
}

/// Every command that a person can type, with the program itself: `["", "pub", "hub list", …]`.
fn commands() -> Vec<(String, clap::Command)> {
    fn below(command: &clap::Command, typed: &str, all: &mut Vec<(String, clap::Command)>) {
        all.push((typed.trim().into(), command.clone()));
        for command in command.get_subcommands().filter(|c| c.get_name() != "help" && !c.is_hide_set()) {
            below(command, &format!("{typed} {}", command.get_name()), all);
        }
    }
    let mut root = i3::commands::command();
    root.build();
    let mut all = Vec::new();
    below(&root, "", &mut all);
    all
}

#[test]
fn short_help_is_one_screen_and_long_help_has_every_option() {
    let env = TestEnv::new();
    let all = commands();
    assert!(all.len() > 60);
    let short: String = all.iter().map(|(typed, _)| format!("i3 {typed} -h; echo ==; ")).collect();
    let shown = screen(&env, &short);
    let screens: Vec<&str> = shown.split("==\n").collect();
    assert_eq!(screens.len(), all.len() + 1);
    for ((typed, command), shown) in all.iter().zip(screens) {
        assert!(shown.lines().count() <= 24, "{typed}: {shown}");
        assert!(shown.lines().all(|line| line.chars().count() <= 80 || line.starts_with("Usage:")), "{typed}: {shown}");
        assert!(shown.contains("Usage: i3"), "{typed}: {shown}");
        let long = env.i3(&format!("{typed} --help")).done().stdout;
        for option in command.get_arguments().filter(|option| !option.is_hide_set()) {
            let Some(long_name) = option.get_long() else { continue };
            assert!(long.contains(&format!("--{long_name}")), "{typed}: --{long_name}");
            let is_short = shown.contains(&format!("--{long_name}"));
            assert!(is_short || shown.contains("--help` lists "), "{typed}: nothing tells of --{long_name}: {shown}");
        }
    }
}

#[test]
fn the_first_help_names_every_command_once_in_groups_and_where_to_begin() {
    let env = TestEnv::new();
    for line in ["-h", "--help", "help"] {
        let help = env.i3(line).done().stdout;
        for command in i3::commands::command().get_subcommands() {
            let listed = help.split("Examples:").next().unwrap();
            let named = listed.lines().skip_while(|line| !line.starts_with("Start with")).flat_map(|line| {
                match line.strip_prefix("  ") {
                    Some(rest) => rest.split(' ').take(1).collect::<Vec<_>>(),
                    None => line.split_once(": ").map_or("", |(_, names)| names).split_whitespace().collect(),
                }
            });
            assert_eq!(named.filter(|name| *name == command.get_name()).count(), 1, "{line}: {}", command.get_name());
        }
        assert!(help.contains("Start with `i3 demo`") && help.contains("Examples:\n  i3 register lot1"), "{help}");
    }
    let nothing = env.i3("").run();
    assert!(
        nothing.code != 0 && nothing.stdout.is_empty() && nothing.stderr.contains("Start with `i3 demo`"),
        "{nothing}"
    );
    assert!(env.i3("help hub list").done().stdout.contains("Usage: i3 hub list"));
}

#[test]
fn usage_lines_show_what_is_needed_and_short_options_have_long_names() {
    let env = TestEnv::with_lot1();
    for (line, needs) in [
        ("pub -h", "Usage: i3 pub [OPTIONS] -t TOPIC <-m TEXT|-f FILE|-s|-n|-l>"),
        ("pub --help", "Usage: i3 pub [OPTIONS] -t TOPIC <-m TEXT|-f FILE|-s|-n|-l>"),
        ("sub -h", "Usage: i3 sub [OPTIONS] <-t TOPIC|--hub HUB|--purchased>"),
        ("register -h", "Usage: i3 register [OPTIONS] --hub <HUB> "),
    ] {
        assert!(env.i3(line).done().stdout.contains(needs), "{line}");
    }
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --retain --timeout {LONG}")).done();
    let sub = format!("sub --device lot1 -t {TOPIC} --count 1 --wait {LONG} --format %l --no-newline");
    env.i3(&sub).succeeds("3");
    env.i3(&format!("sub --device lot1 -t {TOPIC} --subscribe-only --no-retained")).succeeds("");
}

#[test]
fn colours_are_printed_as_they_are_asked_for() {
    let env = TestEnv::new();
    let is_coloured = |run: crate::program::Run| run.run().stderr.contains('\u{1b}');
    assert!(!is_coloured(env.i3("token lot9")));
    assert!(is_coloured(env.i3("token lot9 --color always")));
    assert!(is_coloured(env.i3("--color=always token --bogus")));
    assert!(is_coloured(env.i3("token lot9").env("CLICOLOR_FORCE", "1")));
    assert!(!is_coloured(env.i3("token lot9 --color never").env("CLICOLOR_FORCE", "1")));
    let on_screen = |line: &str, name: &str, value: &str| {
        screen_of(&env.shell(line).env(name, value).command, 80, 24).contains('\u{1b}')
    };
    assert!(on_screen("i3 token lot9", "X", "1"));
    assert!(!on_screen("i3 token lot9", "NO_COLOR", "1"));
    assert!(!on_screen("i3 token lot9", "CLICOLOR", "0"));
    assert!(on_screen("i3 token lot9 --color always", "NO_COLOR", "1"));
    assert!(!on_screen("i3 token lot9 --color never", "X", "1"));
    env.i3("token lot9 --color pink").fails(2, &["--color"]);
}

//! No private key comes in anywhere: options, environment, configuration, files, prompts, messages.

use std::collections::BTreeSet;
use std::fs;
use std::io::{Read as _, Write as _};
use std::process::Stdio;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use clap::{Arg, Command};
use i3::cli::arguments::{self, Takes};
use i3::cli::intake::VARIABLES;

use crate::program::{TOPIC, TestEnv, key, key_pem};
use crate::support::folder::Folder;
use crate::support::line_mode;
use crate::support::recording_broker::Recorder;
use crate::support::skipped::skipped;

/// The key of lot1 as a JSON Web Key with enough of its private members.
fn jwk() -> String {
    let number = "A-rqvZAvlSrhdT5sWqSQgYm-uXzPKrkpSDlXnWyxgIk";
    let mut jwk = key().public().to_jwk();
    for name in ["d", "p", "q"] {
        jwk[name] = number.into();
    }
    jwk.to_string()
}

/// The key's base64 in one line.
fn one_line() -> String {
    key_pem().lines().filter(|line| !line.starts_with('-')).collect()
}

/// Every command that runs something, as its words, with its arguments.
fn commands() -> Vec<(Vec<String>, Vec<Arg>)> {
    fn walk(command: &Command, words: &[String], found: &mut Vec<(Vec<String>, Vec<Arg>)>) {
        for below in command.get_subcommands().filter(|command| command.get_name() != "help") {
            let words = [words, &[below.get_name().to_owned()]].concat();
            match below.has_subcommands() {
                true => walk(below, &words, found),
                false => found.push((words, below.get_arguments().cloned().collect())),
            }
        }
    }
    let mut program = i3::commands::command();
    program.build();
    let mut found = Vec::new();
    walk(&program, &[], &mut found);
    found
}

#[test]
fn only_messages_may_look_like_an_encoded_key() {
    let messages: BTreeSet<String> = commands()
        .iter()
        .flat_map(|(words, arguments)| arguments.iter().map(move |argument| (words, argument)))
        .filter(|(_, argument)| arguments::takes(argument) == Takes::Message)
        .map(|(words, argument)| format!("{} {}", words.join(" "), argument.get_id()))
        .collect();
    assert_eq!(
        messages,
        BTreeSet::from(
            ["doctor probe_message", "pub message", "pub will_payload", "sub will_payload"].map(String::from),
        )
    );
}

fn takes_value(argument: &Arg) -> bool {
    argument.get_action().takes_values()
}

#[test]
fn no_argument_of_any_command_takes_a_private_key() {
    let env = TestEnv::new();
    let before = env.sandbox.counts();
    let (pem, jwk) = (key_pem(), jwk());
    let ways = commands().into_iter().flat_map(|(words, arguments)| {
        let values = arguments.into_iter().filter(takes_value).map(move |argument| (words.clone(), argument));
        values.collect::<Vec<_>>()
    });
    // What every command takes is tried with one.
    let mut of_all = BTreeSet::new();
    let ways: Vec<_> =
        ways.filter(|(_, argument)| !argument.is_global_set() || of_all.insert(argument.get_id().clone())).collect();
    assert!(ways.len() > 200, "{}", ways.len());
    std::thread::scope(|scope| {
        for part in ways.chunks(ways.len().div_ceil(4)) {
            let (env, jwk) = (&env, &jwk);
            scope.spawn(move || {
                for (at, (words, argument)) in part.iter().enumerate() {
                    // Whichever form: the scan does not know what an option is.
                    let value = if at % 2 == 0 { pem } else { jwk };
                    let mut run = env.i3(&words.join(" "));
                    run = match argument.get_long() {
                        Some(long) if at % 3 == 0 => run.arg(format!("--{long}={value}")),
                        Some(long) => run.arg(format!("--{long}")).arg(value),
                        None => run.arg(value),
                    };
                    // A message may be a key if that is meant, and nothing else may.
                    let is_pub =
                        words == &["pub"] && !["message", "will_payload"].contains(&argument.get_id().as_str());
                    if is_pub {
                        run = run.arg("--allow-secret");
                    }
                    let refused = run.run();
                    assert_eq!(refused.code, 77, "{refused}");
                    refused.says(&["error[private-key-on-command-line]"]).keeps_secret(value);
                    assert_eq!(refused.stdout, "", "{refused}");
                }
            });
        }
    });
    assert_eq!(env.sandbox.counts(), before);
}

/// A command that uses each variable.
const USERS: &[(&str, &str)] = &[
    ("I3_HOME", "token lot1"),
    ("I3_CONFIG", "hub list"),
    ("I3_PROFILE", "hub list"),
    ("I3_SYSTEM_CONFIG", "hub list"),
    ("I3_MARKET", "hub list"),
    ("I3_BROKER", "pub -u alice -t alice/parking/occupancy -m 678"),
    ("I3_API_KEY", "hub list"),
    ("I3_USER", "whoami --via web"),
    ("I3_LOGIN_PASSWORD", "whoami --via web"),
    ("I3_DEVICE", "token"),
    ("I3_PASSWORD", "pub -u alice -t alice/parking/occupancy -m 678"),
    ("I3_BUYER", "sub -t alice/parking/occupancy -C 1"),
    ("I3_BUYER_PASSWORD", "sub -t alice/parking/occupancy -C 1"),
    ("I3_AGENT", "agent status"),
    ("I3_PKCS11_MODULE", "token --key pkcs11:token=i3"),
    ("I3_ALLOW_LOOSE_PERMISSIONS", "hub list"),
    ("I3_PROXY", "doctor lot1"),
];

#[test]
fn no_variable_takes_a_private_key() {
    let env = TestEnv::with_lot1();
    let before = env.sandbox.counts();
    for (variable, _) in VARIABLES {
        let user = USERS.iter().find(|(name, _)| name == variable);
        // The variables of other programs are checked before any command runs.
        let line = user.map_or_else(|| "hub list", |(_, line)| line);
        assert!(user.is_some() || !variable.starts_with("I3_"), "{variable} has no command yet");
        for value in [key_pem(), &jwk(), &one_line(), &STANDARD.encode(key_pem())] {
            for form in ["", " --json"] {
                let refused = env.i3(&format!("{line}{form}")).env(variable, value).run();
                assert_eq!(refused.code, 77, "{refused}");
                refused.says(&["private-key-as-password", variable, "this is a private key"]).keeps_secret(value);
                assert_eq!(refused.stdout, "", "{refused}");
            }
        }
    }
    assert_eq!(env.sandbox.counts(), before);
}

#[test]
fn every_variable_that_the_help_names_is_checked() {
    let named = |text: &str| -> BTreeSet<String> {
        let starts = text.match_indices("I3_").map(|(at, _)| &text[at..]);
        let is_name = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
        starts.map(|rest| rest.chars().take_while(|c| is_name(*c)).collect()).collect()
    };
    let mut program = i3::commands::command();
    program.build();
    let mut help = String::new();
    let mut next = vec![program];
    while let Some(mut command) = next.pop() {
        help += &command.render_long_help().to_string();
        next.extend(command.get_subcommands().cloned());
    }
    // Where the names are in the code, in any file.
    let mut code = String::new();
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.to_string_lossy().contains("config") {
                let text = fs::read_to_string(&path).unwrap();
                code.extend(text.lines().filter(|line| line.contains("pub const") && line.contains("\"I3_")));
            }
        }
    }
    let checked: BTreeSet<String> = VARIABLES.iter().map(|(name, _)| (*name).to_owned()).collect();
    let known: BTreeSet<String> = named(&help).union(&named(&code)).cloned().collect();
    assert!(known.len() >= 10, "{known:?}");
    // The sandbox only prints them.
    let checked = checked.into_iter().chain(["I3_SANDBOX_PID".to_owned(), "I3_HOUSE".to_owned()]).collect();
    assert_eq!(known.difference(&checked).collect::<Vec<_>>(), Vec::<&String>::new());
}

/// The options that name a file which holds a secret, each with a command that reads it.
const SECRET_FILES: &[(&str, &str)] = &[
    ("api-key-file", "hub list --api-key-file FILE"),
    (
        "cert-key-passphrase-file",
        "hub list --market https://127.0.0.1:1 --cert rsa.pem --cert-key locked.pem --cert-key-passphrase-file FILE",
    ),
    ("buyer-pw-file", "doctor lot1 --buyer bob --buyer-pw-file FILE"),
    ("login-password-file", "login --login-password-file FILE"),
    ("options-file", "pub -u alice -t alice/parking/occupancy -m 678 -o FILE"),
    ("passphrase-file", "token --key locked.pem --passphrase-file FILE"),
    ("password-file", "register lot2 --hub parking --password-file FILE"),
    ("pw-file", "pub -u alice -t alice/parking/occupancy -m 678 --pw-file FILE"),
    ("ws-header-file", "doctor lot1 --ws-header-file FILE"),
];
/// Other options that name a file: keys and certificates, data that is sent unchanged, and output.
const OTHER_FILES: &[&str] = &[
    "cafile",
    "cert",
    "cert-key",
    "config",
    "db",
    "file",
    "image",
    "key",
    "out",
    "output",
    "picture",
    "plot-png",
    "rejects",
    "remove-picture",
    "state",
];

#[test]
fn no_secret_file_and_no_stdin_takes_a_private_key() {
    let env = TestEnv::with_lot1();
    let files: BTreeSet<String> = commands()
        .iter()
        .flat_map(|(_, arguments)| arguments)
        .filter(|argument| takes_value(argument))
        .filter(|argument| argument.get_value_names().is_some_and(|names| names.iter().any(|name| name == "FILE")))
        .filter_map(|argument| argument.get_long().map(String::from))
        .collect();
    for file in &files {
        let known = SECRET_FILES.iter().any(|(name, _)| name == file) || OTHER_FILES.contains(&file.as_str());
        assert!(known, "nothing here says what --{file} holds");
    }
    env.secret("plain.pem", key_pem());
    let lock = "openssl pkcs8 -topk8 -in plain.pem -out locked.pem -passout pass:x && chmod 600 locked.pem && \
                openssl req -x509 -new -key plain.pem -subj /CN=seller -out rsa.pem";
    if std::path::Path::new("/usr/bin/openssl").exists() {
        env.command("sh").arg("-c").arg(lock).done();
    } else {
        skipped("openssl is not installed; no passphrase was given");
    }
    let before = env.sandbox.counts();
    for content in [key_pem().to_owned(), jwk(), one_line(), format!("\u{feff}{}", one_line())] {
        env.secret("secret", &content);
        for (option, line) in SECRET_FILES
            .iter()
            .filter(|(option, _)| !option.ends_with("passphrase-file") || env.path("locked.pem").exists())
        {
            let refused = env.i3(&line.replace("FILE", "secret")).run();
            assert_eq!(refused.code, 77, "{option}: {refused}");
            refused.says(&["this is a private key"]).keeps_secret(&content);
        }
        for line in [
            "login --login-password-stdin",
            "register lot2 --hub parking --password-stdin",
            "pub -u alice -t alice/parking/occupancy -m 678 --pw-stdin",
            "token --inspect",
        ] {
            let refused = env.i3(line).input(&content).run();
            assert_eq!(refused.code, 77, "{refused}");
            refused.says(&["standard input: this is a private key"]).keeps_secret(&content);
        }
    }
    assert_eq!(env.sandbox.counts(), before);
}

#[test]
fn the_configuration_takes_no_private_key() {
    let env = TestEnv::with_lot1();
    let before = env.sandbox.counts();
    let text = fs::read_to_string(env.config_file()).unwrap();
    let escaped = key_pem().replace('\n', "\\n");
    let commented: String = key_pem().lines().map(|line| format!("# {line}\n")).collect();
    for config in [
        format!("market = \"{escaped}\"\n{text}"),
        format!("user = \"\"\"{}\"\"\"\n{text}", key_pem()),
        format!("broker = \"{}\"\n{text}", one_line()),
        format!("\"{}\" = 1\n{text}", one_line()),
        format!("{text}\n{commented}"),
        // What is no TOML at all is not repeated either.
        format!("{text}\nkey = {}", key_pem()),
        jwk(),
    ] {
        fs::write(env.config_file(), &config).unwrap();
        for line in ["hub list", "pub --device lot1 -t alice/parking/occupancy -m 678", "whoami --json", "token lot1"] {
            let refused = env.i3(line).run();
            assert_eq!((refused.code, refused.stdout.as_str()), (77, ""), "{refused}");
            refused.says(&["config.toml: this is a private key"]).keeps_secret(key_pem()).keeps_secret(&jwk());
        }
    }
    assert_eq!(env.sandbox.counts(), before);
}

#[test]
fn no_prompt_takes_a_private_key() {
    if !std::path::Path::new("/usr/bin/script").exists() {
        skipped("script is not installed; nothing was typed at a terminal");
        return;
    }
    let env = TestEnv::new();
    let before = env.sandbox.counts();
    let typed = one_line();
    for (line, question, without) in [
        ("i3 login", "Log-in password of alice", "I3_LOGIN_PASSWORD"),
        ("i3 login", "User name at", "I3_USER"),
        ("i3 pub -u bob -t alice/parking/occupancy -m 1", "Password of bob", "I3_PASSWORD"),
    ] {
        let run = env.shell("exec script -qec \"$LINE\" /dev/null").env("LINE", line).env("TERM", "xterm");
        let mut command = run.without(without).command;
        command.stdin(Stdio::piped()).stdout(Stdio::piped());
        let mut child = command.spawn().unwrap();
        let (mut stdin, mut stdout) = (child.stdin.take().unwrap(), child.stdout.take().unwrap());
        let mut screen = Vec::new();
        while !String::from_utf8_lossy(&screen).contains(question) {
            let mut part = [0; 1024];
            let length = stdout.read(&mut part).unwrap();
            assert!(length > 0, "{}", String::from_utf8_lossy(&screen));
            screen.extend_from_slice(&part[..length]);
        }
        stdin.write_all(format!("{typed}\r").as_bytes()).unwrap();
        stdout.read_to_end(&mut screen).unwrap();
        drop(stdin);
        let (screen, status) = (String::from_utf8_lossy(&screen).into_owned(), child.wait().unwrap());
        assert_eq!(status.code(), Some(77), "{line}: {screen}");
        assert!(screen.contains("what was typed: this is a private key"), "{screen}");
    }
    assert_eq!(env.sandbox.counts(), before);
}

#[test]
fn a_message_with_a_private_key_is_sent_only_if_that_is_meant() {
    let env = TestEnv::with_lot1();
    let before = env.sandbox.counts();
    let publish = format!("pub --device lot1 -t {TOPIC} --retain");
    let openssh = "-----BEGIN OPENSSH PRIVATE KEY-----\nb3BlbnNzaC1rZXktdjEAAAAA\n-----END OPENSSH PRIVATE KEY-----\n";
    let wrapped = serde_json::json!({ "device": "lot1", "key": key_pem() }).to_string();
    for message in [key_pem(), openssh, &wrapped, &jwk()] {
        fs::write(env.path("message"), message).unwrap();
        for (way, input) in
            [("-f message", ""), ("-s", message), ("-f message --spool spool", ""), ("-s --json", message)]
        {
            let refused = env.i3(&format!("{publish} {way}")).input(input).run();
            assert_eq!(refused.code, 77, "{refused}");
            refused.says(&["private-key-in-message", "the message holds a private key", "--allow-secret"]);
            refused.keeps_secret(message);
            assert_eq!(refused.stdout, "", "{refused}");
        }
        env.i3_with(&publish, &["-m", message]).fails(77, &["private-key-on-command-line"]).keeps_secret(message);
    }
    // As PowerShell writes it.
    for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
        for message in [key_pem(), &jwk()] {
            let utf16: Vec<u8> = format!("\u{feff}{message}").encode_utf16().flat_map(to_bytes).collect();
            fs::write(env.path("message"), &utf16).unwrap();
            env.i3(&format!("{publish} -f message")).fails(77, &["private-key-in-message"]);
            env.i3(&format!("{publish} -s")).input(&utf16).fails(77, &["private-key-in-message"]);
        }
    }
    assert_eq!(env.sandbox.counts(), before);
    let sub = format!("sub --device lot1 -t {TOPIC} -C 1 -N");
    for message in [key_pem(), &jwk()] {
        env.i3(&format!("{publish} -s --allow-secret")).input(message).succeeds("");
        env.i3(&sub).succeeds(message);
        env.i3_with(&format!("{publish} --allow-secret"), &["-m", &format!("again {message}")]).succeeds("");
        env.i3(&sub).succeeds(&format!("again {message}"));
    }
    // Encoded or public text, and text that only mentions keys, is sent.
    let number = serde_json::json!({ "d": "uK3v".repeat(20) }).to_string();
    let [pem, jwk] = [key().public().to_pem(), key().public().to_jwk().to_string()];
    for message in [one_line(), STANDARD.encode(key_pem()), number, pem, jwk, "PRIVATE KEY".into()] {
        env.i3(&format!("{publish} -s")).input(&message).succeeds("");
        env.i3(&sub).succeeds(&message);
        env.i3_with(&publish, &["-m", &format!("again {message}")]).succeeds("");
        env.i3(&sub).succeeds(&format!("again {message}"));
    }
    // Elsewhere it is not a message.
    env.i3_with(&publish, &["-m", "678", "--id", &one_line()]).fails(77, &["private-key-on-command-line"]);
}

#[test]
fn a_line_with_a_private_key_is_a_bad_line_and_the_others_go_on() {
    let broker = Recorder::start();
    let port = broker.port;
    let pem_lines = key_pem().lines().count() as u64;
    let topic = |line: &str| format!("{}\t{line}", line_mode::TOPIC);
    let json = |payload: &str| serde_json::json!({ "payload": payload }).to_string();
    let base64 = serde_json::json!({ "payload_base64": STANDARD.encode(key_pem()) }).to_string();
    let escaped = json(key_pem()).replace("PRIVATE", "\\u0050RIVATE");
    let pretty: String =
        serde_json::to_string_pretty(&serde_json::from_str::<serde_json::Value>(&jwk()).unwrap()).unwrap();
    let pretty_parts = pretty.lines().count() as u64;
    let each_line = |text: &str| text.lines().map(topic).collect::<Vec<_>>().join("\n");
    // As in source code, and between messages to another topic.
    let quoted: String = key_pem().lines().map(|line| format!("\"{line}\\n\"\n")).collect();
    let interleaved: Vec<_> =
        key_pem().lines().map(|line| format!("{}\nalice/parking/other\t{{\"free\":7}}", topic(line))).collect();
    let interleaved = interleaved.join("\n");
    let each_object = |object: &dyn Fn(&str) -> String| key_pem().lines().map(object).collect::<Vec<_>>().join("\n");
    let in_base64 = |line: &str| serde_json::json!({ "payload_base64": STANDARD.encode(line) }).to_string();
    let with_topic =
        |line: &str| serde_json::json!({ "topic": line_mode::TOPIC, "payload": line, "qos": 1 }).to_string();
    // By turns to three topics, each of which then has a reading that looks like a line of a key.
    let scattered = |message: &dyn Fn(&str, &str) -> String| {
        let topics = ["alice/parking/a", "alice/parking/b", "alice/parking/c"];
        let key = key_pem().lines().enumerate().map(|(at, line)| message(topics[at % 3], line));
        let after = topics.map(|topic| message(topic, &"x".repeat(64)));
        key.chain(after).collect::<Vec<_>>().join("\n")
    };
    let escaped_lines: String =
        key_pem().lines().map(|line| format!("{}\n", serde_json::json!({ "log": line })).replace('/', "\\/")).collect();
    let mut expected = Vec::new();
    for (args, input, refused, sent) in [
        (vec!["-l"], format!("1\n{}2", key_pem()), pem_lines, 2),
        (vec!["-l"], format!("1\n{}2", key_pem().replace('\n', "\r\n")), pem_lines, 2),
        (vec!["-l"], format!("1\n{}2", quoted), pem_lines, 2),
        (vec!["--topic-per-line"], interleaved, pem_lines, pem_lines),
        (vec!["-l"], format!("1\n{}\n2", jwk()), 1, 2),
        (vec!["-l"], format!("1\n{pretty}\n2"), 3, pretty_parts - 1),
        (vec!["-0"], format!("1\0{}\x002", key_pem()), 1, 2),
        (vec!["--topic-per-line"], format!("{}\n{}\n{}", topic("1"), each_line(key_pem()), topic("2")), pem_lines, 2),
        (vec!["--topic-per-line"], format!("{}\n-----BEGIN PRIVATE KEY-----\tx\n{}", topic("1"), topic("2")), 1, 2),
        (
            vec!["--jsonl"],
            [json("1"), json(key_pem()), json(&jwk()), base64, escaped, jwk(), json("2")].join("\n"),
            5,
            2,
        ),
        // One line for each message, whatever the objects have beside it; readings are no lines of a key.
        (vec!["--jsonl"], format!("{}\n{}\n{}", json("1"), each_object(&json), json("2")), pem_lines, 2),
        (vec!["--jsonl"], format!("{}\n{}\n{}", json("1"), each_object(&in_base64), json("2")), pem_lines, 2),
        (vec!["--jsonl"], format!("{}\n{}\n{}", json("1"), each_object(&with_topic), json("2")), pem_lines, 2),
        (
            vec!["--jsonl"],
            each_object(&|line| format!("{}\n{}", with_topic(line), json("{\"free\":7}"))),
            pem_lines,
            pem_lines,
        ),
        (
            vec!["--jsonl"],
            scattered(&|topic, line| serde_json::json!({ "topic": topic, "payload": line }).to_string()),
            pem_lines,
            3,
        ),
        (vec!["--topic-per-line"], scattered(&|topic, line| format!("{topic}\t{line}")), pem_lines, 3),
        (vec!["-0"], format!("1\0{}2", key_pem().replace('\n', "\0")), pem_lines, 2),
        (vec!["-l"], format!("1\n{}2", escaped_lines), pem_lines, 2),
        (vec!["--jsonl"], [json("-----BEGIN PRIVATE KEY-----"), json("x"), json("678")].join("\n"), 1, 2),
        (vec!["-l"], "1\n-----BEGIN PRIVATE KEY-----\n678\n679\n680".into(), 1, 4),
    ] {
        let mut args = args;
        if args[0] != "--topic-per-line" {
            args.extend(["-t", line_mode::TOPIC]);
        }
        args.extend(["-q", "1", "--confirm", "none"]);
        let mut run = line_mode::start(port, &args);
        run.feed(input.clone().into_bytes());
        let done = run.end();
        assert_eq!((done.count("rejected"), done.count("acknowledged")), (refused, sent), "{args:?} {done:?}");
        assert_eq!(done.code, Some(65), "{done:?}");
        assert!(args[0] != "-l" || refused == 3 || done.stderr.contains("line 2 "), "{done:?}");
        assert!(done.stderr.contains("private key"), "{done:?}");
        assert!(done.stderr.contains("--allow-secret"), "{done:?}");
        expected.push(sent);
        // All of it, if that is meant; a line that is not a message for another reason stays one.
        args.push("--allow-secret");
        let mut run = line_mode::start(port, &args);
        run.feed(input.into_bytes());
        let done = run.end();
        let others =
            u64::from(args[0] == "--jsonl" && refused == 5 || args.contains(&"--topic-per-line") && refused == 1);
        assert_eq!(
            (done.count("rejected"), done.count("acknowledged")),
            (others, refused + sent - others),
            "{args:?} {done:?}"
        );
        expected.push(refused + sent - others);
    }
    let total: u64 = expected.iter().sum();
    assert_eq!(broker.messages().len() as u64, total);
    // With --rejects the lines are there, and that is all.
    let folder = Folder::new();
    let rejects = folder.join("rejects");
    let args = ["-l", "-t", line_mode::TOPIC, "-q", "1", "--confirm", "none", "--rejects", rejects.to_str().unwrap()];
    let mut run = line_mode::start(port, &args);
    run.feed(format!("1\n{}2\n", key_pem()).into_bytes());
    assert_eq!(run.end().code, Some(0));
    assert_eq!(fs::read_to_string(&rejects).unwrap(), key_pem());
}

#[test]
fn only_the_intake_reads_secrets() {
    let mut folders = vec![std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src")];
    let mut readers = BTreeSet::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let text = fs::read_to_string(&path).unwrap();
                let reads =
                    ["file(", "stdin(", "environment(", "option(", "typed("].map(|call| format!("source::{call}"));
                if reads.iter().any(|call| text.contains(call.as_str())) {
                    readers.insert(path.file_name().unwrap().to_string_lossy().into_owned());
                }
            }
        }
    }
    // The origins of a log-in are shared with the doctor, which shows the notes as evidence; options are read where they are declared.
    let expected =
        ["credential.rs", "refused_log_in.rs", "intake.rs", "origin.rs", "broker_route.rs"].map(String::from);
    assert_eq!(readers, BTreeSet::from(expected));
}

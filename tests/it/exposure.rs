//! What a secret could be read from afterwards: messages, files, scripts, and the memory of the process.

use std::fs;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::os::unix::fs::symlink;
use std::path::Path;

use crate::program::{LONG, LOT1, PROGRAM, Run, Running, TOPIC, TestEnv, key_pem, mode};
use crate::support::skipped::{skipped, without_shell};

const SECRET: &str = "hunter2-hunter2-hunter2";

fn configure(env: &TestEnv, text: &str) {
    fs::create_dir_all(env.config_file().parent().unwrap()).unwrap();
    fs::write(env.config_file(), text).unwrap();
}

#[test]
fn a_damaged_configuration_is_told_by_line_column_and_key() {
    let env = TestEnv::new();
    // From the middle of a key: it is not known for one.
    let base64 = key_pem().lines().nth(10).unwrap();
    for (text, place) in [
        (format!("# mine\nuser = {SECRET}\n"), "line 2, column 8, key user: "),
        (format!("user = \"{SECRET}\n"), "line 1, column "),
        (format!("user = [\"{SECRET}\"]\n"), "line 1, column 8, key user: "),
        (format!("{SECRET}\n"), "line 1, column "),
        (format!("user = \"alice\"\npassword {SECRET}\n"), "line 2, column "),
        (format!("user = \"alice\" {SECRET}\n"), "line 1, column "),
        (format!("[devices]\n'a$b$c' = '{SECRET}'\n"), "line 2, column "),
        (format!("[{SECRET}\n"), "line 1, column "),
        (format!("{base64}\n"), "line 1, column "),
    ] {
        configure(&env, &text);
        for line in ["whoami", "token lot1 --json", "hub list", "register lot1 --hub parking --generate-password"] {
            let failed = env.i3(line).run();
            assert_eq!(failed.code, 78, "{text}: {failed}");
            failed.says(&["config-invalid", "config.toml", place]).keeps_secret(SECRET).keeps_secret(base64);
        }
        env.i3("doctor").run().keeps_secret(SECRET).keeps_secret(base64);
    }
}

#[test]
fn a_damaged_file_is_told_without_a_word_of_it() {
    let env = TestEnv::with_lot1();
    let one_line = key_pem().replace('\n', " ");
    let base64 = key_pem().lines().nth(1).unwrap();
    for text in [one_line.clone(), format!("-----BEGIN CERTIFICATE-----\n{SECRET}"), format!("-----BEGIN {SECRET}\n")] {
        env.secret("ca.pem", &text);
        let failed = env.i3(&format!("pub --device lot1 -t {TOPIC} -m 1 --cafile ca.pem --broker mqtts://127.0.0.1:1"));
        failed.fails(78, &["ca.pem"]).keeps_secret(SECRET).keeps_secret(base64);
    }
    let rotations = env.home().join(".local/state/i3-marketplace/rotations");
    fs::create_dir_all(&rotations).unwrap();
    for text in
        [format!("{{\"device\": {{\"{SECRET}\": 1}}}}"), format!("{{\"{SECRET}\": 1}}"), format!("\"{SECRET}\"")]
    {
        fs::write(rotations.join(format!("{LOT1}.json")), &text).unwrap();
        env.i3("device rotate lot1").run().says(&["is damaged", "line 1, column "]).keeps_secret(SECRET);
        env.i3(&format!("pub --device lot1 -t {TOPIC} -m 1 -v --timeout {LONG}")).run().keeps_secret(SECRET);
    }
    fs::remove_file(rotations.join(format!("{LOT1}.json"))).unwrap();
    env.i3("login").done();
    let accounts = env.home().join(".local/share/i3-marketplace/accounts");
    let kept = fs::read_dir(&accounts).unwrap().next().unwrap().unwrap().path();
    for text in [format!("{{\"api_key\": \"{SECRET}\", \"user\": 7}}"), format!("{{\"{SECRET}\": 1}}"), SECRET.into()] {
        fs::write(&kept, &text).unwrap();
        env.i3("whoami").without("I3_API_KEY").run().keeps_secret(SECRET);
    }
    let lines = format!(
        "{{\"topic\":\"{TOPIC}\",\"payload_base64\":\"{SECRET}\"}}\n{{\"topic\":\"{TOPIC}\",\"qos\":\"{SECRET}\",\"payload\":\"1\"}}\n"
    );
    let bad = env.i3(&format!("pub --device lot1 --jsonl --timeout {LONG}")).input(&lines).run();
    bad.says(&["not base64"]).keeps_secret(SECRET);
    let broker =
        env.i3(&format!("pub --device lot1 -t {TOPIC} -m 1")).env("I3_BROKER", format!("alice:{SECRET}@b://host"));
    broker.run().keeps_secret(SECRET);
}

#[test]
fn what_is_put_aside_is_its_owners_alone() {
    let env = TestEnv::with_lot1();
    let line =
        format!("umask 0; printf 'no tab\\n' | i3 pub --device lot1 --topic-per-line --rejects bad --timeout {LONG}");
    env.shell(&line).done();
    assert_eq!((env.read("bad").as_str(), mode(&env.path("bad"))), ("no tab\n", 0o600));
    // A file that is there keeps its mode.
    fs::set_permissions(env.path("bad"), std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    env.shell(&line).done();
    assert_eq!(mode(&env.path("bad")), 0o640);
}

/// A word in fish's quotes.
fn fish(text: &str) -> String {
    format!("'{}'", text.replace('\\', "\\\\").replace('\'', "\\'"))
}

/// The program by another name.
fn named(env: &TestEnv, name: &str) -> Run {
    let link = env.path("bin").join(name);
    fs::create_dir_all(link.parent().unwrap()).unwrap();
    let _ = fs::remove_file(&link);
    symlink(PROGRAM, &link).unwrap();
    env.command(link)
}

const ODD_NAMES: &[&str] = &[
    "i3$(touch x)",
    "i3`touch x`",
    "i3;touch x",
    "my i3",
    "it's",
    "i3\ntouch x",
    "i3\"; touch x; \"",
    "i3\\",
    "-i3",
    "i3\u{1b}]0;x\u{7}",
    "größe",
    "$HOME",
    "i3)",
];

#[test]
fn the_programs_name_runs_nothing() {
    let env = TestEnv::new();
    for name in ODD_NAMES {
        for (shell, run) in [
            ("bash", ["-c", "source ./script; complete -p"].as_slice()),
            (
                "zsh",
                &[
                    "-f",
                    "-c",
                    "autoload -Uz compinit; compinit -u -d ./dump; source ./script; printf '%s\\n' \"${(@k)_comps}\"",
                ],
            ),
            ("fish", &["--no-config", "-c", "source ./script; complete"]),
            ("elvish", &[]),
        ] {
            let script = named(&env, name).arg("completions").arg(shell).done().stdout;
            env.secret("script", &script);
            let single = |quote: &str| format!("'{}'", name.replace('\'', quote));
            let quoted = match shell {
                "bash" | "zsh" if *name == "größe" || *name == "-i3" => (*name).into(),
                "bash" | "zsh" => single("'\\''"),
                "fish" => fish(&fish(name)),
                _ => single("''"),
            };
            assert!(script.contains(&quoted), "{shell} does not complete {quoted}");
            let own = env.path("bin").join(shell);
            if run.is_empty() || own.exists() {
                continue;
            }
            if !["/bin", "/usr/bin"].iter().any(|folder| Path::new(folder).join(shell).exists()) {
                without_shell(shell);
                continue;
            }
            let mut sourced = env.command(shell);
            sourced.command.args(run);
            let sourced = sourced.done();
            assert!(sourced.stderr.is_empty(), "{shell}: {name}: {}", sourced.stderr.lines().next().unwrap());
            assert!(!env.path("x").exists(), "{shell} ran a command of the name {name}");
            // bash shows a name quoted again, fish escaped.
            if shell == "zsh" {
                assert!(sourced.stdout.contains(name), "{shell}: {name}: {sourced}");
            }
        }
        for args in
            [["--help"].as_slice(), &["pub", "-h"], &["pub", "--help"], &["token", "--bad"], &["token", "--inspect"]]
        {
            let mut run = named(&env, name);
            run.command.args(args);
            let told = run.input("x").run();
            assert!([0, 2, 65].contains(&told.code), "{told}");
            assert!(!told.stderr.contains('\u{1b}') && !told.stdout.contains('\u{1b}'), "{told}");
        }
        let quoted = i3::shell::quoted(&i3::text::one_line(name));
        named(&env, name).arg("token").arg("--inspect").input("x").fails(65, &[&format!("`{quoted} token lot1 |")]);
    }
}

#[test]
fn no_path_cuts_what_a_sandbox_announces() {
    let env = TestEnv::new();
    for (n, folder) in
        ["two words", "a\nexport I3_SANDBOX_PID=1\nb", "it's $(touch x) \"`;", "\n"].into_iter().enumerate()
    {
        fs::create_dir(env.path(folder)).unwrap();
        for shell in ["dash", "bash", "zsh", "fish"] {
            if !["/bin", "/usr/bin"].iter().any(|bin| Path::new(bin).join(shell).exists()) {
                without_shell(shell);
                continue;
            }
            let eval = if shell == "fish" {
                "eval (i3 sandbox --background --state \"$STATE\" | string collect)"
            } else {
                "eval \"$(i3 sandbox --background --state \"$STATE\")\""
            };
            let end = "printf %s \"$I3_HOME\" >home; i3 whoami >who; kill $I3_SANDBOX_PID";
            let mut run = env.shell("exec \"$SHELL_NAME\" -c \"$LINE\"").env("SHELL_NAME", shell);
            run = run.env("LINE", format!("{eval}; {end}")).env("STATE", env.path(folder).join(format!("state{n}")));
            let done = run.without("I3_API_KEY").run();
            assert_eq!(done.code, 0, "{shell}: {folder:?}: {done}");
            let home = env.path(folder).join(format!("state{n}.home"));
            assert_eq!(env.read("home"), home.to_str().unwrap(), "{shell}: {folder:?}");
            assert_eq!(env.read("who"), "alice\n", "{shell}: {folder:?}");
            assert!(!env.path("x").exists(), "{shell} ran a command of the path");
        }
        let state = env.path(folder).join(format!("json{n}"));
        let told = env.i3("sandbox --background --json --state").arg(&state).json();
        assert_eq!(told["I3_HOME"].as_str().unwrap(), format!("{}.home", state.display()));
        env.shell(&format!("kill {}", told["I3_SANDBOX_PID"].as_str().unwrap())).done();
    }
}

/// A process that holds lot1's key, to log in again with.
fn holding_a_key(env: &TestEnv) -> Running {
    let line = format!("ulimit -S -c unlimited; exec i3 sub --device lot1 -v -t {TOPIC} -W {LONG}");
    env.shell(&line).start().says("Subscribed to")
}

#[test]
fn no_core_is_dumped() {
    let env = TestEnv::with_lot1();
    let holding = holding_a_key(&env);
    let limits = fs::read_to_string(format!("/proc/{}/limits", holding.id())).unwrap();
    let core = limits.lines().find(|line| line.starts_with("Max core file size")).unwrap();
    assert_eq!(core.split_whitespace().skip(4).take(2).collect::<Vec<_>>(), ["0", "0"], "{limits}");
}

#[test]
fn nothing_of_a_keys_text_stays_in_memory() {
    let env = TestEnv::with_lot1();
    let holding = holding_a_key(&env);
    let Some(memory) = memory(holding.id()) else {
        skipped("the memory of another process cannot be read here; no copies of a key were looked for");
        return;
    };
    let times = |part: &[u8]| memchr::memmem::find_iter(&memory, part).count();
    assert!(times(TOPIC.as_bytes()) > 0, "that is its memory");
    let lines: Vec<&str> = key_pem().lines().filter(|line| !line.starts_with("-----")).collect();
    let joined = lines.concat();
    for at in (64..joined.len() - 64).step_by(32) {
        let part = &joined[at..at + 40];
        assert_eq!(times(part.as_bytes()), 0, "the text of the key is in memory from its character {at} on");
    }
    assert!(lines.iter().all(|line| times(line.as_bytes()) == 0), "a line of the key's file is in memory");
    // The key itself, once: for the tokens of later connections.
    let der = pem::parse(key_pem()).unwrap();
    let middle = der.contents().len() / 2;
    assert_eq!(times(&der.contents()[middle..middle + 64]), 1, "copies of the key are in memory");
}

#[test]
fn an_import_holds_each_secret_once() {
    let env = TestEnv::with_lot1();
    env.shell("mkfifo key").done();
    let devices = format!(
        "[devices.'alice$parking$one']\nprivate_key = '''\n{}'''\n[devices.'alice$parking$two']\npassword = \"{SECRET}\\u0021\"\n\
         [devices.'alice$parking$zoo']\nkey = 'key'\n",
        key_pem()
    );
    env.secret("devices.toml", devices);
    let importing = env.i3("device import devices.toml").start();
    // It waits for the last device's key. What the way there left on its stack differs from moment to moment.
    let _writer = fs::File::options().write(true).open(env.path("key")).unwrap();
    while is_before_a_read(importing.id()) {
        std::thread::yield_now();
    }
    let Some(memory) = memory(importing.id()) else {
        skipped("the memory of another process cannot be read here; no copies of a secret were looked for");
        return;
    };
    let times = |part: &str| memchr::memmem::find_iter(&memory, part).count();
    // The guard asks whether it is the name of a file: the standard library leaves that on its stack.
    assert!(times(SECRET) <= 2, "copies of the password are in memory");
    assert_eq!(times(&format!("{SECRET}\\")), 0, "the password is in memory as the file has it");
    for line in key_pem().lines().filter(|line| !line.starts_with('-')) {
        assert_eq!(times(line), 1, "copies of the key's text are in memory");
    }
}

/// Whether a process does something else than to wait for what it reads, as far as this can be seen.
fn is_before_a_read(process: u32) -> bool {
    let call = fs::read_to_string(format!("/proc/{process}/syscall"));
    call.is_ok_and(|call| call.split_whitespace().next() != Some(&libc::SYS_read.to_string()))
}

/// What a process can write to of its memory.
fn memory(process: u32) -> Option<Vec<u8>> {
    let mut memory = fs::File::open(format!("/proc/{process}/mem")).ok()?;
    let maps = fs::read_to_string(format!("/proc/{process}/maps")).ok()?;
    let mut all = Vec::new();
    for map in maps.lines().filter(|line| line.contains(" rw") && !line.ends_with("[vvar]")) {
        let (from, to) = map.split_whitespace().next()?.split_once('-')?;
        let (from, to) = (u64::from_str_radix(from, 16).ok()?, u64::from_str_radix(to, 16).ok()?);
        let mut part = vec![0; (to - from) as usize];
        memory.seek(SeekFrom::Start(from)).ok()?;
        // A stack's guard cannot be read.
        if memory.read_exact(&mut part).is_ok() {
            all.extend(part);
        }
    }
    Some(all)
}

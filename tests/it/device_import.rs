//! `i3 device import`: what is wrong in its file is said with the words of that file, and without a word of a secret.

use i3::key::PrivateKey;

use crate::program::{Outcome, TestEnv, key_pem};

const TABLE: &str = "[devices.'alice$parking$ml1']\n";

fn import(env: &TestEnv, text: impl AsRef<[u8]>) -> Outcome {
    env.secret("e.toml", text);
    env.i3("device import e.toml").run()
}

/// Must have been refused, with nothing written.
fn refused(env: &TestEnv, text: &str, code: i32, says: &[&str]) -> Outcome {
    let run = import(env, text);
    assert_eq!((run.code, run.stdout.as_str()), (code, ""), "{run}");
    run.says(says);
    assert!(!env.config_file().exists(), "{run}");
    run
}

#[test]
fn a_private_key_is_never_repeated_wherever_it_stands() {
    let env = TestEnv::new();
    let body: String = key_pem().lines().filter(|line| !line.starts_with("-----")).collect();
    let written_out = key_pem().trim().replace('\n', "\\n");
    let line = key_pem().lines().nth(5).unwrap();
    for text in [
        format!("{TABLE}key = \"{body}\"\n"),
        format!("{TABLE}key = '{written_out}'\n"),
        format!("{TABLE}password_file = \"{written_out}\"\n"),
        format!("{TABLE}'{body}' = 1\n"),
        format!("'{body}' = 1\n{TABLE}"),
        format!("{TABLE}market = '{body}'\n"),
        format!("{TABLE}colour = '''\n{}'''\n", key_pem()),
        format!("[devices.'{body}']\npassword = 'hunter2secret'\n"),
        format!("# {written_out}\n{TABLE}password = 'hunter2secret'\n"),
        format!("cafile = '{body}'\n{TABLE}password = 'hunter2secret'\n"),
    ] {
        let run = refused(&env, &text, 77, &["error[", "e.toml", "private_key = "]);
        run.keeps_secret(&body).keeps_secret("hunter2secret");
    }
    for text in [
        format!("{TABLE}{}", key_pem()),
        format!("{TABLE}key = '''\n{}", key_pem()),
        format!("{TABLE}private_key = {body}\n"),
        // A line of one is enough to be no name.
        format!("[devices.'{line}']\npassword = 'hunter2secret'\n"),
    ] {
        let run = import(&env, text);
        assert!(run.code != 0, "{run}");
        run.keeps_secret(&body).keeps_secret("hunter2secret");
    }
    let run = import(&env, format!("{TABLE}'{line}' = 1\npassword = 'hunter2secret'\n"));
    run.says(&["line 2: this key is unknown"]).keeps_secret(line).keeps_secret("hunter2secret");
    // The same in config.toml, of which every command warns.
    std::fs::write(env.config_file(), format!("'{line}' = 1\n")).unwrap();
    env.i3("config list").done().says(&["line 1: this key is unknown"]).keeps_secret(line);
}

#[test]
fn an_error_names_the_file_and_the_member_and_hints_at_what_import_has() {
    let env = TestEnv::new();
    let public = PrivateKey::parse(key_pem().as_bytes(), || Ok(None)).unwrap().public().to_pem();
    let (pem, path) = (key_pem(), env.secret("k.pem", key_pem()).display().to_string());
    let password = "devices.\"alice$parking$ml1\".password in e.toml";
    let key = "devices.\"alice$parking$ml1\".private_key in e.toml";
    for (members, code, says) in [
        ("password = ''".into(), 77, [password, "password_file"]),
        (format!("password = '''\n{pem}'''"), 77, [password, "private_key"]),
        (format!("password = '''\n{public}'''"), 77, [password, "private_key"]),
        (format!("password = '{path}'"), 77, [password, "private_key"]),
        (format!("private_key = '{path}'"), 78, [key, "the path of its file as key"]),
        (format!("private_key = '''\n{public}'''"), 78, [key, "RSA private key"]),
        ("private_key = ''".into(), 78, [key, "RSA private key"]),
        (format!("password = 'one'\npassword_file = '{path}'"), 65, [password, "beside password_file"]),
        (format!("private_key = '''\n{pem}'''\nkey = '{path}'"), 65, [key, "beside key"]),
        ("password = 5".into(), 78, ["e.toml cannot be read as TOML", "line 2, column 12"]),
        ("password = ".into(), 78, ["e.toml cannot be read as TOML", "correct the line"]),
    ] {
        let run = refused(&env, &format!("{TABLE}{members}\n"), code, &says);
        run.does_not_say(&["--pw-file", "--key", "config.toml"]).keeps_secret(pem);
    }
    env.i3("device import none.toml").fails(66, &["none.toml cannot be read", "check the path"]);
    env.i3("device import .").fails(66, &[". cannot be read", "check the path"]);
    for bytes in [&b"\xff\xfe["[..], b"[\0d\0e\0v\0", b"\x89PNG\xff"] {
        let run = import(&env, bytes);
        assert_eq!(run.code, 65, "{run}");
        run.says(&["e.toml is not text in UTF-8"]).does_not_say(&["move it away"]);
    }
    assert!(!env.config_file().exists());
}

#[test]
fn standard_input_is_a_hyphen_as_elsewhere() {
    let env = TestEnv::new();
    env.secret("k.pem", key_pem());
    let input = format!("{TABLE}key = 'k.pem'\n");
    env.i3("device import -").input(input).succeeds("alice$parking$ml1\n");
    env.i3("config get devices.ml1.key").succeeds(&format!("{}\n", env.path("k.pem").display()));
    env.i3("device import -").input("[devices").fails(78, &["standard input cannot be read as TOML"]);
    env.i3("device import -").input("").fails(65, &["standard input has no [devices] table"]);
}

#[test]
fn characters_of_a_password_that_nobody_sees_are_told_where_it_comes_in() {
    let env = TestEnv::new();
    for (text, told) in
        [("'abc '", "a blank"), ("\"abc\\u00a0\"", "U+00A0"), ("\"abc\\u200b\"", "U+200B"), ("\"abc\\n\"", "line")]
    {
        let run = import(&env, format!("{TABLE}password = {text}\n"));
        assert_eq!(run.code, 0, "{run}");
        run.says(&["warning: ", "devices.\"alice$parking$ml1\".password in e.toml has ", told]);
        std::fs::remove_file(env.config_file()).unwrap();
    }
    let both = format!("{TABLE}password = 'hunter2secret'\nprivate_key = '''\n{}'''\n", key_pem());
    let run = import(&env, both);
    assert_eq!(run.code, 0, "{run}");
    run.says(&["alice$parking$ml1 has a key and a password: the key is tried first"]).keeps_secret("hunter2secret");
}

//! Settings and secrets as editors and shells leave them: byte order marks, and white space at their ends.

use std::fs;

use i3::config::env;

use crate::program::{LOT1, TOPIC, TestEnv};

const MARK: &str = "\u{feff}";

/// The value of a variable in this environment.
fn variable(env: &TestEnv, name: &str) -> String {
    env.shell(&format!("printf %s \"${name}\"")).done().stdout
}

#[test]
fn white_space_at_the_ends_of_addresses_names_and_keys_is_removed() {
    let env = TestEnv::with_lot1();
    let value = |name: &str| format!(" {}\r", variable(&env, name));
    let run = env.i3("hub list").env("I3_MARKET", value("I3_MARKET")).env("I3_API_KEY", value("I3_API_KEY"));
    run.succeeds("alice/parking\n");
    let run = env.i3("pub -q 1 -m 678 -t").arg(TOPIC).env("I3_BROKER", value("I3_BROKER"));
    run.env("I3_DEVICE", "lot1\t").done();
    let user = env.i3("whoami --via web").env("I3_USER", "alice\n").without("I3_API_KEY");
    user.succeeds("alice\n");
    env.secret("api.key", format!("{MARK}{} \r\n", variable(&env, "I3_API_KEY")));
    env.i3("hub list --api-key-file api.key").without("I3_API_KEY").succeeds("alice/parking\n");
    // Nothing but blanks is nothing.
    env.i3("hub list").env("I3_MARKET", " \r").fails(78, &["error[no-marketplace]"]);
}

#[test]
fn a_password_or_a_path_with_white_space_at_an_end_is_refused() {
    let env = TestEnv::new();
    for value in ["hunter2secret\r", " hunter2secret", "hunter2secret "] {
        let run = env.i3("pub -m 678 -t").arg(TOPIC).arg("-u").arg(LOT1).env("I3_PASSWORD", value);
        let says = ["error[setting-blanks]", "variable I3_PASSWORD has a ", "(U+00", "from a file"];
        run.fails(65, &says).keeps_secret("hunter2secret");
    }
    let run = env.i3("login").env("I3_LOGIN_PASSWORD", "hunter2secret\r");
    run.fails(65, &["error[setting-blanks]", "I3_LOGIN_PASSWORD"]).keeps_secret("hunter2secret");
    env.i3("whoami").env(env::HOME, "/tmp/x ").fails(78, &["error[setting-blanks]", "variable I3_HOME"]);
    let config = env.config_file();
    fs::create_dir_all(config.parent().unwrap()).unwrap();
    fs::write(&config, "cafile = \"/etc/ca.pem\\r\"").unwrap();
    env.i3("whoami").fails(78, &["error[setting-blanks]", "cafile in "]);
}

#[test]
fn a_byte_order_mark_does_no_harm() {
    let env = TestEnv::with_lot1();
    let config = env.config_file();
    let text = fs::read_to_string(&config).unwrap();
    let market = variable(&env, "I3_MARKET");
    fs::write(&config, format!("{MARK}market = ' {market} '\r\n{text}")).unwrap();
    env.i3("hub list").without("I3_MARKET").succeeds("alice/parking\n");
    // It is written again without it, and with all that it held.
    env.secret("other.pem", crate::program::other_key_pem());
    env.i3("register lot2 --hub parking --key other.pem").succeeds("alice$parking$lot2\n");
    let text = fs::read_to_string(&config).unwrap();
    assert!(text.starts_with("market = '") && text.contains("lot1") && text.contains("lot2"), "{text}");
    env.secret("pw", format!("{MARK}{}\r\n", variable(&env, "I3_LOGIN_PASSWORD")));
    env.i3("login --login-password-file pw").without("I3_LOGIN_PASSWORD").succeeds("alice\n");
    env.secret("lot1.pem", format!("{MARK}{}", env.read("lot1.pem")));
    let token = env.i3("token lot1").done().stdout;
    let shown = env.i3("token --inspect --key lot1.pem").input(format!("{MARK}{token}")).done().stdout;
    assert!(shown.contains("by this key"), "{shown}");
}

#[test]
fn what_cannot_be_seen_in_a_setting_is_told_with_its_place() {
    let env = TestEnv::with_lot1();
    let market = variable(&env, "I3_MARKET");
    for (value, says) in [
        (format!("{MARK}{market}"), "I3_MARKET has a byte order mark (U+FEFF) at its beginning: left out"),
        (format!("{market}\r"), "I3_MARKET has a carriage return (U+000D) at its end: left out"),
        (
            format!("{market} \n\n"),
            "I3_MARKET has a blank (U+0020) at its end, a line feed (U+000A) at its end: left out",
        ),
        (
            format!("\u{a0}{market}\u{200b}"),
            "a no-break space (U+00A0) at its beginning, a zero-width space (U+200B) at its end",
        ),
    ] {
        env.i3("hub list").env("I3_MARKET", value).succeeds("alice/parking\n").says(&["warning: ", says]);
    }
    for (name, value, says) in [
        ("I3_MARKET", "http://127.0.0.1\u{200b}:8000", "I3_MARKET has a zero-width space (U+200B) as character 17"),
        ("I3_BROKER", "mqtt://127.0.0.1\u{a0}:1883", "I3_BROKER has a no-break space (U+00A0) as character 17"),
        ("I3_USER", "ali\u{ad}ce", "I3_USER has a soft hyphen (U+00AD) as character 4"),
        ("I3_DEVICE", "alice$par\rking$lot1", "I3_DEVICE has a carriage return (U+000D) as character 10"),
        ("I3_BUYER", "bob\nbob", "I3_BUYER has a line feed (U+000A) as character 4"),
        ("I3_HOME", "/tmp/x\u{a0}", "I3_HOME has a no-break space (U+00A0) at its end"),
    ] {
        env.i3("hub list").env(name, value).fails(78, &["error[setting-blanks]", says]);
    }
    // It was as if it were not set, and another marketplace was used.
    let latin1 = std::ffi::OsString::from(std::str::from_utf8(b"http://h").unwrap());
    let mut bytes = std::os::unix::ffi::OsStringExt::into_vec(latin1);
    bytes.push(0xfc);
    let value: std::ffi::OsString = std::os::unix::ffi::OsStringExt::from_vec(bytes);
    env.i3("hub list").env("I3_MARKET", value).fails(65, &["I3_MARKET is not UTF-8 text"]);
}

#[test]
fn what_cannot_be_seen_in_the_configuration_is_told_with_its_place() {
    let env = TestEnv::with_lot1();
    let market = variable(&env, "I3_MARKET");
    let text = fs::read_to_string(env.config_file()).unwrap();
    let hubs = |config: &[u8]| {
        fs::write(env.config_file(), config).unwrap();
        env.i3("hub list").without("I3_MARKET")
    };
    let says = ["warning: ", "config.toml, the value of market has a carriage return (U+000D) at its end: left out"];
    hubs(format!("market = \"{market}\\r\"\n{text}").as_bytes()).succeeds("alice/parking\n").says(&says);
    // The line ends of the file are TOML's.
    hubs(format!("market = '{market}'\r\n{text}").as_bytes()).succeeds("alice/parking\n").is_silent();
    let says = ["warning: ", "config.toml, the file has a byte order mark (U+FEFF) at its beginning: left out"];
    hubs(format!("{MARK}market = '{market}'\n{text}").as_bytes()).succeeds("alice/parking\n").says(&says);
    let says = ["error[setting-blanks]: line 2 of the configuration ", "a no-break space (U+00A0) as character 7"];
    hubs(format!("# mine\nmarket\u{a0}= '{market}'\n{text}").as_bytes()).fails(78, &says);
    let inside = format!("market = \"{}\u{a0}{}\"\n{text}", &market[..7], &market[7..]);
    hubs(inside.as_bytes())
        .fails(78, &["error[setting-blanks]", "market in ", "a no-break space (U+00A0) as character 8"]);
    let says = ["error[setting-blanks]", "cafile in ", "a no-break space (U+00A0) at its end"];
    hubs(format!("cafile = \"/ca.pem\u{a0}\"\n{text}").as_bytes()).fails(78, &says);
    for order in [u16::to_le_bytes, u16::to_be_bytes] {
        let wide: Vec<u8> = format!("{MARK}{text}").encode_utf16().flat_map(order).collect();
        hubs(&wide).fails(78, &["error[config-invalid]", "config.toml is UTF-16 text, not UTF-8"]);
    }
}

#[test]
fn what_cannot_be_seen_in_a_secret_is_told_with_its_place() {
    let env = TestEnv::with_lot1();
    let key = variable(&env, "I3_API_KEY");
    let password = variable(&env, "I3_LOGIN_PASSWORD");
    let hubs = |content: &[u8]| {
        env.secret("api.key", content);
        env.i3("hub list --api-key-file api.key").without("I3_API_KEY").without("I3_LOGIN_PASSWORD")
    };
    for (content, says) in [
        (format!("{MARK}{key}\n"), "a byte order mark (U+FEFF) at its beginning: left out"),
        (format!("{key}\r\n"), "a carriage return (U+000D) at its end: left out"),
        (format!("{key}\n\n"), "a line feed (U+000A) at its end: left out"),
        (format!("{key}\u{a0} \n"), "a no-break space (U+00A0) at its end, a blank (U+0020) at its end: left out"),
    ] {
        hubs(content.as_bytes())
            .succeeds("alice/parking\n")
            .says(&["warning: The file api.key has ", says])
            .keeps_secret(&key);
    }
    hubs(format!("{key}\n").as_bytes()).succeeds("alice/parking\n").is_silent();
    let inside = format!("{}\u{200b}{}\n", &key[..5], &key[5..]);
    hubs(inside.as_bytes()).fails(65, &["error[setting-blanks]", "a zero-width space (U+200B) as character 6"]);
    env.i3("hub list")
        .env("I3_API_KEY", format!("{key}\r"))
        .succeeds("alice/parking\n")
        .says(&["I3_API_KEY has a carriage"]);

    let login = |content: &[u8]| {
        env.secret("pw", content);
        env.i3("login --login-password-file pw").without("I3_LOGIN_PASSWORD")
    };
    login(format!("{MARK}{password}\r\n").as_bytes())
        .succeeds("alice\n")
        .says(&["warning: The file pw has a byte order mark"]);
    login(format!("{password}\n\n").as_bytes())
        .fails(65, &["error[setting-blanks]", "a line feed (U+000A) at its end"]);
    login(format!("{password}\u{a0}\n").as_bytes())
        .fails(77, &["a no-break space (U+00A0) at its end: kept as part of it"]);
    for order in [u16::to_le_bytes, u16::to_be_bytes] {
        for text in [format!("{password}\r\n"), format!("{MARK}{password}")] {
            let wide: Vec<u8> = text.encode_utf16().flat_map(order).collect();
            login(&wide).fails(65, &["error[file-unusable]", "the file pw is UTF-16 text, not UTF-8", "Set-Content"]);
        }
    }
    // A device's password may be anything, so it is only told.
    env.secret("odd", "hunter2\u{a0}secret \n");
    let run = env.i3("register lot2 --hub parking --password-file odd").succeeds("alice$parking$lot2\n");
    run.says(&[
        "The file odd has a no-break space (U+00A0) as character 8, a blank (U+0020) at its end: kept as part of it",
    ]);
    let line = format!("pub -u alice$parking$lot2 -t {TOPIC} -m 678 --pw-file odd");
    env.i3(&line).succeeds("").says(&["a no-break space (U+00A0) as character 8"]);
}

#[test]
fn what_cannot_be_seen_in_an_option_is_told_with_its_place() {
    let env = TestEnv::with_lot1();
    let market = variable(&env, "I3_MARKET");
    let publish = format!("pub --device lot1 --timeout 60s -m 678 -t {TOPIC}");
    for (line, value, says) in [
        ("hub list --market", format!("{market}\r"), "--market has a carriage return (U+000D) at its end"),
        ("hub list --market", format!("{MARK}{market}\n"), "--market has a byte order mark (U+FEFF) at its beginning"),
        ("token", "lot1\u{a0}".into(), "<DEVICE> has a no-break space (U+00A0) at its end"),
        ("product show", format!("{TOPIC}\n"), "<TOPIC> has a line feed (U+000A) at its end"),
        (&publish, "--retry=1\r".into(), "--retry has a carriage return (U+000D) at its end"),
        (&publish, "-q1\u{200b}".into(), "--qos has a zero-width space (U+200B) at its end"),
        (&publish, "--confirm=none ".into(), "--confirm has a blank (U+0020) at its end"),
    ] {
        env.i3(line).arg(&value).done().says(&["warning: the value of ", says, ": left out."]);
    }
    for (line, value, says) in [
        (
            "hub list --market",
            "http://127.0.0.1\u{200b}:8000",
            "--market has a zero-width space (U+200B) as character 17",
        ),
        ("token", "alice$par\rking$lot1", "<DEVICE> has a carriage return (U+000D) as character 10"),
        ("pub -m 678 --retry", "1\u{a0}0", "--retry has a no-break space (U+00A0) as character 2"),
        ("hub list --api-key-file", "api.key\r", "--api-key-file has a carriage return (U+000D) at its end"),
        ("config set market", "http://h\u{ad}h", "<VALUE> has a soft hyphen (U+00AD) as character 9"),
    ] {
        let refused = env.i3(line).arg(value).fails(65, &["error[setting-blanks]: the value of ", says]);
        assert_eq!(refused.stdout, "");
        let told = env.i3(line).arg(value).arg("--json").run();
        assert!(told.stderr.contains("\"id\":\"setting-blanks\""), "{told}");
    }
    env.i3("config set market").arg(format!("{market} \n")).done().says(&["<VALUE> has a blank (U+0020) at its end"]);
    // What people read and write may have any character in it.
    let message = "\u{feff}6\u{a0}78\r\n";
    env.i3(&format!("pub --device lot1 --retain -t {TOPIC} -m")).arg(message).succeeds("").is_silent();
    let printed = env.i3(&format!("sub --device lot1 -t {TOPIC} -C 1 -F")).arg("%p\u{a0}").done().stdout;
    assert_eq!(printed.trim_end_matches('\n'), format!("{message}\u{a0}"));
    env.i3(&format!("product edit {TOPIC} --description")).arg("Free\u{a0}places").done();
    assert!(env.i3(&format!("product show {TOPIC} --json")).done().stdout.contains("Free\u{a0}places"));
}

#[test]
fn a_token_is_inspected_as_people_paste_it() {
    let env = TestEnv::with_lot1();
    let token = env.i3("token lot1").done().stdout.trim().to_owned();
    let wrapped: Vec<&str> = token.as_bytes().chunks(60).map(|line| std::str::from_utf8(line).unwrap()).collect();
    for (text, says) in [
        (format!("Bearer {token}\n"), "the word Bearer before it"),
        (format!("Authorization: Bearer {token}\r\n"), "a carriage return (U+000D) at its end"),
        (format!("\"{token}\"\n"), "a quote before it, a quote after it"),
        (format!("'{token}'"), "a quote before it, a quote after it"),
        (wrapped.join("\n"), "a line feed (U+000A) as character 61"),
        (wrapped.join("\r\n"), "a carriage return (U+000D) as character 61"),
        (
            format!("{MARK}{token}\u{a0}"),
            "a byte order mark (U+FEFF) at its beginning, a no-break space (U+00A0) at its end",
        ),
    ] {
        let shown = env.i3("token --inspect --key lot1.pem").input(&text).done();
        assert!(shown.stdout.contains("by this key") && shown.stdout.contains(LOT1), "{shown}");
        shown.says(&["warning: stdin holds more than the token: ", says]).keeps_secret(&token);
    }
    env.i3("token --inspect --key lot1.pem").input(format!("{token}\n")).done().is_silent();
    env.i3("token --inspect").input("Bearer hunter2").fails(65, &["stdin holds no JSON Web Token"]);
}

#[test]
fn a_key_in_a_pipe_is_read_once() {
    let env = TestEnv::with_lot1();
    let token = env.i3("token lot1").done().stdout;
    env.i3("pubkey --key lot1.pem --format pem").done();
    let public = env.i3("pubkey --key lot1.pem --format pem").done().stdout;
    fs::write(env.path("lot1.pub"), public).unwrap();
    for half in ["lot1.pem", "lot1.pub"] {
        for way in [
            format!("mkfifo pipe && (cat {half} > pipe & i3 token --inspect --key pipe); rm pipe"),
            format!("i3 token --inspect --key {half}"),
        ] {
            let shown = env.shell(&way).input(&token).done().stdout;
            assert!(shown.contains("by this key"), "{way}: {shown}");
        }
    }
}

//! Files of options: what they may contain, and how an error names the line.

use std::fs;

use super::{Both, levelled, side_by_side};
use crate::program::{LOT1, TOPIC, TestEnv};
use crate::support::pty::screen_of;
use crate::support::skipped::mosquitto_client;
use crate::support::tap::Tap;

#[test]
fn a_file_of_options_is_read_as_mosquittos_programs_read_theirs() {
    let Some(both) = Both::new() else { return };
    let files = [
        (format!("# comment\n-m hello world\n-t {TOPIC}\n"), ""),
        (format!("\n  -t {TOPIC}\n--message two  words \n\n-q 1\n"), ""),
        (format!("-t {TOPIC}\n-m x\n-q 1\n"), "-q 2"),
        (format!("-t nonsense\n-t {TOPIC}\n-m \"x y\"\n-r\n-V 5\n"), ""),
        ("-L mqtt://127.0.0.1:PORT/nonsense\n-m x\n-i own\n".into(), "-t alice/parking/occupancy"),
        ("-t nonsense\n-m #x\r\n-k 30\n".into(), "-L mqtt://127.0.0.1:PORT/alice/parking/occupancy"),
        (format!("-t {TOPIC}\n-m x\n"), "-m y"),
        (format!("-t {TOPIC}\n-m x\n-i a\n"), "-I b"),
        (format!("-t {TOPIC}\n-m x\n-r 1\n"), ""),
        (format!("-t {TOPIC}\n-m x\nfoo\n"), ""),
        (format!("-t {TOPIC}\n-m\n"), ""),
    ];
    let cases: Vec<_> = files.into_iter().enumerate().collect();
    side_by_side(&cases, |(at, (file, line))| {
        let folder = both.env.path(&format!("xdg{at}"));
        fs::create_dir(&folder).unwrap();
        let run = |tap: &Tap, mut run: crate::program::Run, line: String| {
            fs::write(folder.join("mosquitto_pub"), file.replace("PORT", &tap.port.to_string())).unwrap();
            run.command.args(line.replace("PORT", &tap.port.to_string()).split_ascii_whitespace());
            if !file.contains("PORT") && !line.contains("PORT") {
                run.command.args(["-p", &tap.port.to_string()]);
            }
            run.env("XDG_CONFIG_HOME", &folder).run()
        };
        let tap = Tap::before(both.broker.port);
        let theirs = both.env.command(mosquitto_client("mosquitto_pub").unwrap());
        let theirs = run(&tap, theirs, format!("-u {LOT1} -P any {line}"));
        let theirs_sent = tap.end();
        // Its own file of that name is not read unasked.
        let tap = Tap::before(both.broker.port);
        let ours = both.env.i3("pub").env("I3_PASSWORD", "any").env("I3_DEVICE", LOT1);
        let ours = run(&tap, ours, format!("--confirm none {line} -o {}/mosquitto_pub", folder.display()));
        let sent = tap.end();
        assert_eq!(theirs.code == 0, ours.code == 0, "{theirs}\n{ours}");
        let level = |wire: &[(String, Vec<String>)]| wire.iter().flat_map(|(_, p)| levelled(p)).collect::<Vec<_>>();
        assert_eq!(level(&sent), level(&theirs_sent), "{theirs}\n{ours}");
        let tap = Tap::before(both.broker.port);
        let unasked = both.env.i3("pub").env("I3_PASSWORD", "any").env("I3_DEVICE", LOT1);
        assert_eq!(run(&tap, unasked, String::new()).code, 2);
        assert!(tap.end().is_empty());
    });
}

#[test]
fn a_password_in_a_file_of_options_is_kept_from_others() {
    let env = TestEnv::with_lot1();
    let options = format!("-u {LOT1}\n-P hunter2-is-secret\n-t {TOPIC}\n-m 678\n");
    env.secret("options", &options);
    let refused = env.i3("pub -o options").run();
    assert_eq!(refused.code, 77, "{refused}");
    refused.says(&["refused the log-in"]).does_not_say(&["on the command line"]).keeps_secret("hunter2-is-secret");
    // What the command line gives counts, and somebody who watches is warned of it.
    for line in
        ["-o options -P hunter3-is-secret", &format!("-L mqtt://{LOT1}:hunter3-is-secret@127.0.0.1:1/{TOPIC} -m 678")]
    {
        let warned = screen_of(&env.i3(&format!("pub {line}")).command, 200, 50);
        assert!(warned.contains("a password on the command line") && !warned.contains("is-secret"), "{warned}");
        env.i3(&format!("pub {line}")).run().does_not_say(&["on the command line"]).keeps_secret("hunter3-is-secret");
    }
    for line in ["-P hunter2-is-secret", "-L mqtt://u:hunter2-is-secret@h/t", "--proxy socks5h://u:hunter2-is-secret@h"]
    {
        fs::write(env.path("open"), format!("-t {TOPIC}\n{line}\n")).unwrap();
        let refused = env.i3("pub -m 1 -o open").run();
        assert_eq!(refused.code, 78, "{refused}");
        refused.says(&["can be read by others"]).keeps_secret("hunter2-is-secret");
    }
    fs::write(env.path("harmless"), format!("-t {TOPIC}\n--device lot1\n")).unwrap();
    env.i3("pub -m 1 -o harmless").succeeds("");
    env.i3("sub -E -o harmless").succeeds("");
    fs::write(env.path("nested"), "-o harmless\n").unwrap();
    env.i3("pub -m 1 -o nested").fails(2, &["line 1 of nested names another file of options"]);
    env.i3("pub -m 1 -o nowhere").fails(66, &["nowhere cannot be read"]);
    env.i3("pub -m 1 -L hunter2").fails(2, &["the value of -L is not a URL"]).does_not_say(&["hunter2"]);
    // A message may be a key if that is meant, and nothing else may.
    env.secret("keys", format!("-t {TOPIC}\n--device lot1\n-m {{\"kty\":\"EC\",\"d\":\"{}\"}}\n", "uK3v".repeat(20)));
    env.i3("pub -o keys").fails(77, &["this is a private key"]);
    env.i3("pub -o keys --allow-secret").succeeds("");
}

#[test]
fn an_error_says_in_which_line_of_which_file_the_option_stands() {
    let env = TestEnv::with_lot1();
    let before = env.sandbox.counts();
    let message = format!("-t {TOPIC}\n\n# what follows is wrong\n");
    // The error is in the fourth line, regardless of the command line.
    for (wrong, line, code, says) in [
        ("-q 7", "pub -m 1", 2, "line 4 of options: invalid value '…' for '--qos <0|1|2>'"),
        ("-q 7\n-q 1", "pub -m 1 -q 2", 2, "line 4 of options: invalid value '…' for '--qos <0|1|2>'"),
        ("--bogus hunter2", "pub -m 1", 2, "line 4 of options: unexpected argument '--bogus'"),
        (
            "--psk hunter2",
            "pub -m 1",
            2,
            "line 4 of options: --psk is an option of mosquitto_pub that i3 does not have",
        ),
        ("-L hunter2", "pub -m 1", 2, "line 4 of options: the value of -L is not a URL"),
        ("--retained-only", "sub -R", 2, "line 4 of options: the argument '--retained-only' cannot be used with"),
        ("-t hun\u{200b}ter2", "pub -m 1", 65, "line 4 of options cannot be used"),
        ("-m 2", "pub -m 1", 2, "one stands in line 4 of options"),
        ("-x 60", "pub -m 1", 2, "-x stands in line 4 of options"),
        ("--retain-as-published", "sub", 2, "--retain-as-published stands in line 4 of options"),
    ] {
        fs::write(env.path("options"), format!("{message}{wrong}\n")).unwrap();
        let run = || env.i3(&format!("{line} -o options --device lot1"));
        let refused = run().fails(code, &[says]);
        refused.does_not_say(&["hunter2", "hun\u{200b}ter2"]);
        let json: serde_json::Value = serde_json::from_str(&run().arg("--json").run().stderr).unwrap();
        let error = &json["error"];
        let told = std::iter::once(&error["message"]).chain(error["because"].as_array().unwrap());
        let told: Vec<&str> = told.map(|text| text.as_str().unwrap()).collect();
        assert!(told.iter().any(|text| text.starts_with(says.split('\'').next().unwrap())), "{json}");
    }
    // What the command line has is not laid to the file.
    fs::write(env.path("options"), format!("{message}-q 1\n-k 30\n")).unwrap();
    for line in ["pub -m 1 -q 7", "pub -m 1 --psk x", "pub -m 1 -x 60", "pub -m 1 -x 60 -k 5", "pub"] {
        let refused = env.i3(&format!("{line} --device lot1 -o options")).run();
        assert_eq!(refused.code, 2, "{refused}");
        refused.does_not_say(&["of options:", "stands in"]);
    }
    // Two files: the line counts in its own.
    fs::write(env.path("more"), "-q 8\n").unwrap();
    env.i3("pub -m 1 --device lot1 -o options -o more").fails(2, &["line 1 of more: invalid value"]);
    assert_eq!(env.sandbox.counts(), before);
}

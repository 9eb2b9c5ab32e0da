//! `i3 token --out`: a file that always holds a token that is valid.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use i3::token::Token;

use crate::program::{LONG, LOT1, Running, TOPIC, TestEnv, key, key_pem, mode, other_key_pem};
use crate::support::clock::Clock;
use crate::support::gateway::{eventually, signal};
use crate::support::schema;

/// The token in a file, which must contain only the token and this suffix.
fn token_in(file: &Path, end: &str) -> Token {
    let text = fs::read_to_string(file).unwrap();
    let token = Token::parse(text.strip_suffix(end).unwrap()).unwrap();
    assert_eq!(mode(file), 0o600);
    token
}

fn end_of(token: &Token) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(token.expiry().unwrap() as u64)
}

fn ends_well(running: Running) -> String {
    signal(&running, "TERM");
    let ended = running.finish();
    assert_eq!((ended.code, ended.stdout.as_str()), (0, ""), "{ended}");
    ended.stderr
}

#[test]
fn a_token_is_written_whole_for_its_owner_alone_and_replaces_a_token_only() {
    let env = TestEnv::with_lot1();
    let file = env.path("token");
    env.i3("token lot1 --out token -v").succeeds("").says(&["The token in token is valid until 20"]);
    assert!(token_in(&file, "\n").signed_by(key().public()));
    let before = fs::metadata(&file).unwrap().ino();
    let json = env.i3("token lot1 --out token -n --json --expires-in 15m").json();
    let token = token_in(&file, "");
    assert_eq!(json["file"], "token");
    assert_eq!((json["issuer"].as_str(), json["expires"].as_i64()), (Some(LOT1), token.expiry()));
    assert!(json.get("token").is_none());
    // Whoever has the old one open reads the old one to its end.
    assert_ne!(fs::metadata(&file).unwrap().ino(), before);
    let publish = format!("pub -u {LOT1} --pw-file token -t {TOPIC} -m 678 --timeout {LONG}");
    env.i3(&publish).done();
    // A slip must not cost a key.
    for (name, says) in [("lot1.pem", "holds something else than a token"), ("/dev/null", "is not a regular file")] {
        env.i3(&format!("token lot1 --out {name}")).fails(73, &[says, "is not replaced"]);
    }
    assert_eq!(env.read("lot1.pem"), key_pem());
    env.i3("token lot1 --out nowhere/token").fails(73, &["nowhere/token cannot be written"]);
    env.i3("token lot1 --out nowhere/token --renew").fails(73, &["nowhere/token cannot be written"]);
    env.i3("token lot1 --renew").fails(2, &["--out"]);
    let left: Vec<_> = fs::read_dir(env.cwd()).unwrap().map(|entry| entry.unwrap().file_name()).collect();
    assert!(left.iter().all(|name| !name.to_string_lossy().starts_with('.')), "{left:?}");
}

#[test]
fn a_token_in_a_file_is_replaced_before_it_expires() {
    let env = TestEnv::with_lot1();
    let file = env.path("token");
    let running = env.i3("token lot1 --out token --renew --expires-in 4s").start().says("is valid until");
    let first = token_in(&file, "\n");
    let mut last = first.expiry().unwrap();
    // Whenever it is checked, it is valid.
    eventually("it was not renewed", || {
        let token = token_in(&file, "\n");
        assert!(end_of(&token) > SystemTime::now() && token.signed_by(key().public()), "{token:?}");
        last = token.expiry().unwrap();
        last >= first.expiry().unwrap() + 6
    });
    // A key that was rotated signs the next one.
    env.secret("new.pem", other_key_pem());
    fs::rename(env.path("new.pem"), env.path("lot1.pem")).unwrap();
    eventually("the new key was not used", || !token_in(&file, "\n").signed_by(key().public()));
    let said = ends_well(running);
    assert!(said.matches("A token in token is valid until").count() >= 4, "{said}");
    assert!(said.contains("The token is still in token."), "{said}");
    assert!(file.exists());
}

#[test]
fn a_renewal_that_fails_is_told_at_once_and_ends_it_once_the_token_has_expired() {
    let env = TestEnv::with_lot1();
    let running = env.i3("token lot1 --out token --renew --expires-in 4s --log-format json").start().says("renewed");
    fs::rename(env.path("lot1.pem"), env.path("away.pem")).unwrap();
    let running = running.says("not-renewed");
    let line: serde_json::Value = serde_json::from_str(running.said().lines().last().unwrap()).unwrap();
    assert_eq!((line["level"].as_str(), line["file"].as_str()), (Some("warning"), Some("token")));
    assert_eq!((line["error"]["id"].as_str(), line["error"]["exit"].as_u64()), (Some("key-file-missing"), Some(66)));
    // It was there in time.
    fs::rename(env.path("away.pem"), env.path("lot1.pem")).unwrap();
    let running = running.says("\"renewed\"");
    assert!(end_of(&token_in(&env.path("token"), "\n")) > SystemTime::now());
    fs::remove_file(env.path("lot1.pem")).unwrap();
    let ended = running.finish();
    assert_eq!(ended.code, 66, "{ended}");
    let lines: Vec<serde_json::Value> = ended.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let schema = schema::named("log");
    lines.iter().for_each(|line| drop(schema.check(line)));
    let last = lines.last().unwrap();
    assert_eq!((last["event"].as_str(), last["error"]["id"].as_str()), (Some("failed"), Some("key-file-missing")));
    assert!(end_of(&token_in(&env.path("token"), "\n")) <= SystemTime::now());
}

#[test]
fn a_clock_that_jumps_leaves_no_expired_token() {
    let env = TestEnv::with_lot1();
    let clock = Clock::new(&env.tmp());
    if clock.environment().is_empty() {
        return;
    }
    let mut run = env.i3("token lot1 --out token --renew");
    for (name, value) in clock.environment() {
        run = run.env(name, value);
    }
    let running = run.start().says("is valid until");
    let day = Duration::from_secs(24 * 3600);
    let ends = || end_of(&token_in(&env.path("token"), "\n"));
    let hour = SystemTime::now() + Duration::from_secs(3600);
    assert!(ends() <= hour);
    // As after a night in a suspended machine, or once the network has told the time.
    clock.set(1);
    let running = running.says("is valid until");
    assert!(ends() > hour + day - Duration::from_secs(60));
    // Back again: a token of tomorrow is not taken today.
    clock.set(0);
    let running = running.says("is valid until");
    assert!(ends() < hour + Duration::from_secs(600));
    clock.set(-10_000);
    let running = running.says("this machine's clock is wrong").says("is valid until");
    ends_well(running);
}

//! `i3 spool`: what waits is shown, saved and deleted, and nothing else happens.

use std::path::PathBuf;
use std::time::{Duration, SystemTime};

use i3::mqtt::packet::QoS;
use i3::spool::{Block, Commit, Record, Spool};
use serde_json::json;

use crate::program::{LOT1, TOPIC, TestEnv, mode};
use crate::support::lock_holder::LockHolder;

const OTHER: &str = "alice/parking/entries";

/// Where lot1's lines wait.
fn folder(env: &TestEnv) -> PathBuf {
    env.home().join(".local/state/i3-marketplace/spool").join(LOT1)
}

fn record<'a>(topic: &'a str, payload: &'a [u8], qos: QoS, retain: bool) -> Record<'a> {
    Record { topic, payload, qos, retain }
}

/// Three lines that are two hours old, the first of them done, and one of now.
fn with_lines(env: &TestEnv) -> Spool {
    let mut spool = Spool::open(&folder(env)).unwrap();
    let (mut old, mut new) = (Block::default(), Block::default());
    old.push(&record(TOPIC, b"done", QoS::AtLeastOnce, false)).unwrap();
    old.push(&record(TOPIC, "\"gr\u{fc}n\"\tund so".as_bytes(), QoS::AtLeastOnce, false)).unwrap();
    old.push(&record(OTHER, b"\0\xff", QoS::ExactlyOnce, true)).unwrap();
    new.push(&record(TOPIC, b"678", QoS::AtMostOnce, false)).unwrap();
    let ago = SystemTime::now() - Duration::from_secs(7200);
    let blocks = [(ago, old), (SystemTime::now(), new)];
    spool.commit(&Commit { blocks: &blocks, ..Commit::default() }).unwrap();
    spool.commit(&Commit { done: Some(2), ..Commit::default() }).unwrap();
    spool
}

#[test]
fn status_tells_what_waits() {
    let env = TestEnv::new();
    env.i3("spool status").arg(LOT1).fails(66, &["there is no spool in", "alice$parking$lot1", "hint: "]);
    assert!(!folder(&env).exists(), "looking makes nothing");
    with_lines(&env);
    assert_eq!((mode(&folder(&env)), mode(&folder(&env).join("spool.db"))), (0o700, 0o600));
    let shown = env.i3("spool status").arg(LOT1).done();
    let all = ["waiting    3 lines, ", "2h", TOPIC, OTHER, "done       1 of 4", "by no process"];
    for part in all {
        assert!(shown.stdout.contains(part), "no '{part}': {shown}");
    }
    let lock = LockHolder::new(&folder(&env).join("drain.lock"));
    let status = env.i3("spool status --json").arg(LOT1).json();
    assert_eq!(status["lines"], 3);
    assert_eq!((&status["head"], &status["next"], &status["draining"]), (&json!(2), &json!(5), &json!(true)));
    assert_eq!((&status["qos_2"], &status["topics"]), (&json!(true), &json!([TOPIC, OTHER])));
    assert_eq!(status["newest"].as_u64().unwrap() / 3600 - status["oldest"].as_u64().unwrap() / 3600, 2);
    assert!(status["bytes_on_disk"].as_u64().unwrap() > status["bytes"].as_u64().unwrap());
    assert_eq!(status["dropped"]["purged"], json!({"lines": 0, "bytes": 0}));
    drop(lock);
    let elsewhere = env.i3("spool status --json --spool").arg(folder(&env)).json();
    assert_eq!((&elsewhere["lines"], &elsewhere["draining"]), (&json!(3), &json!(false)));
}

#[test]
fn what_is_exported_is_what_pub_reads() {
    let env = TestEnv::with_lot1();
    drop(with_lines(&env));
    let all = env.i3("spool export lot1").done().stdout;
    let lines: Vec<serde_json::Value> = all.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(
        lines,
        [
            json!({"topic": TOPIC, "payload": "\"gr\u{fc}n\"\tund so", "qos": 1, "retain": false}),
            json!({"topic": OTHER, "payload_base64": "AP8=", "qos": 2, "retain": true}),
            json!({"topic": TOPIC, "payload": "678", "qos": 0, "retain": false}),
        ]
    );
    let read = env.i3("pub --device lot1 --jsonl -q 2 --confirm none --json").input(&all).json();
    assert_eq!((&read["acknowledged"], &read["rejected"]), (&json!(3), &json!(0)));

    let told = env.i3("spool export lot1 --format lines --out payloads --json").json();
    assert_eq!(told["lines"], 3);
    let payloads = ["\"gr\u{fc}n\"\tund so\n".as_bytes(), b"\0\xff\n678\n"].concat();
    assert_eq!(std::fs::read(env.path("payloads")).unwrap(), payloads);
    assert_eq!(mode(&env.path("payloads")), 0o600);
    env.i3("spool export lot1 --out payloads").fails(73, &["payloads already exists", "hint: name another"]);
    // Nothing went.
    assert_eq!(env.i3("spool status lot1 --json").json()["lines"], 3);
}

#[test]
fn an_export_that_would_lose_something_fails() {
    let env = TestEnv::new();
    let mut spool = with_lines(&env);
    let mut block = Block::default();
    block.push(&record(TOPIC, b"two\nlines", QoS::AtLeastOnce, false)).unwrap();
    spool.commit(&Commit { blocks: &[(SystemTime::now(), block)], ..Commit::default() }).unwrap();
    let run = env.i3("spool export --format lines --out payloads").arg(LOT1);
    run.fails(65, &["line 5 has a newline", "hint: use --format jsonl"]);
    assert!(!env.path("payloads").exists());
    env.i3("spool export --format jsonl").arg(LOT1).done();
}

#[test]
fn a_purge_takes_what_it_is_told_to() {
    let env = TestEnv::with_lot1();
    with_lines(&env);
    let lock = LockHolder::new(&folder(&env).join("drain.lock"));
    env.i3("spool purge lot1 --all --yes").fails(75, &["another process drains the spool", "hint: end it first"]);
    drop(lock);
    env.i3("spool purge lot1").fails(2, &["--topic"]);
    env.i3("spool purge lot1 --all --topic a/bcd/efgh").fails(2, &["--all"]);
    env.i3("spool purge lot1 --topic occupancy --yes").fails(65, &["incomplete topic"]);
    // Nobody is asked without a terminal.
    env.i3("spool purge lot1 --all").fails(2, &["there is no terminal to ask", "hint: give --yes"]);
    assert_eq!(env.i3("spool status lot1 --json").json()["lines"], 3);

    env.i3("spool purge lot1 --yes --older-than 1h --topic alice/parking/none").succeeds("0 lines deleted, 0 bytes\n");
    let gone = env.i3(&format!("spool purge lot1 --yes --json --older-than 1h --topic {TOPIC}")).json();
    assert_eq!(gone["lines"], 1);
    let left = env.i3("spool export lot1").done().stdout;
    assert!(left.lines().count() == 2 && left.contains("AP8=") && left.contains("678"), "{left}");
    let shown = env.i3("spool purge lot1 --yes --all").done().stdout;
    assert!(shown.starts_with("2 lines deleted, "), "{shown}");
    let status = env.i3("spool status lot1 --json").json();
    assert_eq!((&status["lines"], &status["dropped"]["purged"]["lines"]), (&json!(0), &json!(3)));
    assert_eq!((&status["head"], &status["oldest"]), (&json!(5), &json!(null)));
    env.i3("spool export lot1").succeeds("");
}

#[test]
fn what_can_be_read_of_a_damaged_spool_is_exported() {
    let env = TestEnv::new();
    let mut spool = Spool::open(&folder(&env)).unwrap();
    for n in 0..300 {
        let mut block = Block::default();
        for line in 0..100 {
            let payload = format!("{n} {line} {}", "x".repeat(50));
            block.push(&record(TOPIC, payload.as_bytes(), QoS::AtLeastOnce, false)).unwrap();
        }
        spool.commit(&Commit { blocks: &[(SystemTime::now(), block)], ..Commit::default() }).unwrap();
    }
    drop(spool);
    let database = folder(&env).join("spool.db");
    let mut bytes = std::fs::read(&database).unwrap();
    let middle = bytes.len() / 2 / 4096 * 4096;
    bytes[middle..middle + 4096].iter_mut().for_each(|byte| *byte ^= 0xFF);
    std::fs::write(&database, bytes).unwrap();
    let run = env.i3("spool export --out saved").arg(LOT1);
    run.fails(65, &["the spool is damaged, and not all", "lines are exported", "hint: publish the exported lines"]);
    let saved = std::fs::read_to_string(env.path("saved")).unwrap().lines().count();
    assert!((29_000..30_000).contains(&saved), "{saved}");
}

#[test]
fn what_is_no_spool_is_named() {
    let env = TestEnv::new();
    std::fs::create_dir(env.path("open")).unwrap();
    let shared = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o755);
    std::fs::set_permissions(env.path("open"), shared).unwrap();
    env.i3("spool status --spool open").fails(66, &["there is no spool in open"]);
    let line =
        |spool: &str| env.i3(&format!("pub -l -t {TOPIC} -u {LOT1} --pw-file pw --spool {spool}")).input("1\n").run();
    // It creates its own folder instead of taking one that others use.
    env.secret("pw", "hunter2secret");
    let refused = line("open");
    assert_eq!(refused.code, 78, "{refused}");
    refused.says(&["open to others (mode 755)", "such as --spool open/spool"]).does_not_say(&["chmod"]);
    std::fs::create_dir(env.path("sticky")).unwrap();
    let sticky = <std::fs::Permissions as std::os::unix::fs::PermissionsExt>::from_mode(0o1777);
    std::fs::set_permissions(env.path("sticky"), sticky).unwrap();
    std::fs::write(env.path("sticky/spool.db"), "").unwrap();
    line("sticky").says(&["open to others", "such as --spool sticky/spool"]).does_not_say(&["chmod"]);
    std::fs::write(env.path("open/spool.db"), "").unwrap();
    env.i3("spool status --spool open").fails(78, &["open to others (mode 755)", "hint: run `chmod 700 open`"]);
    drop(with_lines(&env));
    let file = folder(&env).join("spool.db");
    std::fs::write(&file, "this is a text and not a database, regardless of its name").unwrap();
    env.i3("spool status").arg(LOT1).fails(78, &["is not a spool", "hint: name another folder"]);
}

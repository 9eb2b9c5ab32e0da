//! What a long-running command tells while it runs: as text, as JSON, and when it is asked.

use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::UnixStream;
use std::path::Path;
use std::process::Stdio;
use std::sync::mpsc;
use std::thread;
use std::time::{Duration, SystemTime};

use i3::agent::client;
use i3::mqtt::packet::{Packet, Publish, QoS};
use rustix::process::{Pid, Signal, kill_process};
use serde_json::Value;

use crate::program::{LONG, LOT1, NO_PRODUCT, Running, SHORT, TOPIC, TestEnv};
use crate::support::gateway::env_of;
use crate::support::schema;
use crate::support::scripted_broker::{Broker, Peer};

fn start(env: &TestEnv, options: &str) -> Running {
    let mut agent = env.i3(&format!("agent {options}")).start();
    agent.until("I3_AGENT_PID");
    agent
}

fn ask(agent: &Running) {
    kill_process(Pid::from_raw(agent.id() as i32).unwrap(), Signal::USR1).unwrap();
}

/// Every line of stderr as an object, each with what all have.
fn records(stderr: &str) -> Vec<Value> {
    let schema = schema::named("log");
    let record = |line: &str| {
        let record: Value = serde_json::from_str(line).unwrap_or_else(|e| panic!("{e}: {line}"));
        let time = record["time"].as_str().unwrap();
        assert!(time.len() == "2026-11-27T02:30:00.000Z".len() && time.ends_with('Z'), "{line}");
        let age = SystemTime::now().duration_since(humantime::parse_rfc3339(time).unwrap()).unwrap();
        assert!(age < Duration::from_secs(600), "{line}");
        assert!(["debug", "info", "warning", "error"].contains(&record["level"].as_str().unwrap()), "{line}");
        assert!(!record["message"].as_str().unwrap().is_empty() && record["event"].is_string(), "{line}");
        schema.check(&record);
        record
    };
    stderr.lines().map(record).collect()
}

fn events(records: &[Value]) -> Vec<&str> {
    records.iter().map(|record| record["event"].as_str().unwrap()).collect()
}

fn echo(peer: &mut Peer) {
    let publish = peer.published().unwrap();
    peer.send(Packet::Publish(Publish { qos: QoS::AtMostOnce, id: 0, retain: false, ..publish }));
}

#[test]
fn each_line_of_a_json_log_is_an_object_that_says_what_happened() {
    let env = TestEnv::with_lot1();
    let agent = start(&env, "--log-format json");
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 1 --timeout {LONG}")).done();
    env.i3(&format!("pub --device lot1 -t {NO_PRODUCT} -m 1 --timeout {SHORT}")).fails(77, &[]);
    env.sandbox.kill_log_ins(LOT1).unwrap();
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 1 --timeout {LONG}")).fails(77, &[]);
    ask(&agent);
    let agent = agent.says("\"tally\"");
    env.i3("agent stop").succeeds("");
    let outcome = agent.finish();
    assert_eq!(outcome.code, 0, "{outcome}");
    let records = records(&outcome.stderr);
    assert_eq!(
        events(&records),
        ["started", "log-in", "message-failed", "closed", "log-in-failed", "tally", "stopping", "tally"],
        "{outcome}"
    );
    let at = |event: &str| records.iter().find(|record| record["event"] == event).unwrap();
    assert_eq!(at("started")["socket"], env.agent().display().to_string());
    for event in ["log-in", "message-failed", "closed", "log-in-failed"] {
        assert_eq!(at(event)["device"], LOT1, "{event}");
    }
    for (event, level) in [("log-in", "info"), ("log-in-failed", "warning"), ("message-failed", "warning")] {
        assert_eq!(at(event)["level"], level);
    }
    assert_eq!(at("message-failed")["error"]["id"], "publish-dropped");
    assert_eq!(at("closed")["reason"], "failure");
    let refused = &at("log-in-failed")["error"];
    assert_eq!((&refused["id"], &refused["exit"]), (&"log-in-refused".into(), &77.into()));
    assert!(refused["message"].as_str().unwrap().contains("refused the log-in"), "{refused}");
    assert!(!refused["because"].as_array().unwrap().is_empty() && refused["hint"].is_string(), "{refused}");
    assert_eq!(
        at("tally")["tally"],
        serde_json::json!({
            "devices": 1, "devices_connected": 0, "delivered": 1, "failed": 1, "in_flight": 0, "log_ins": 1
        })
    );
    assert!(records.iter().all(|record| record["source"].is_null()));
    outcome.keeps_secret(crate::program::key_pem());
}

#[test]
fn a_connection_that_is_lost_and_one_that_is_idle_are_told_apart() {
    let broker = Broker::start(|client| {
        let mut peer = client.next();
        peer.answer_connect(0, false);
        echo(&mut peer);
        drop(peer);
        let mut peer = client.next();
        peer.answer_connect(0, false);
        echo(&mut peer);
        assert!(peer.published().is_none());
    });
    let env = env_of(broker.port, &["lot1"]);
    let agent = start(&env, "--log-format json --idle 200ms");
    let publish = || env.i3(&format!("pub --device lot1 -t {TOPIC} -m 1 --timeout {LONG}"));
    publish().done();
    let agent = agent.says("connection-lost");
    publish().done();
    let agent = agent.says("closed-idle");
    broker.end();
    env.i3("agent stop").succeeds("");
    let outcome = agent.finish();
    let records = records(&outcome.stderr);
    let expected = ["started", "log-in", "connection-lost", "log-in", "closed-idle", "stopping", "tally"];
    assert_eq!(events(&records), expected, "{outcome}");
    let lost = &records[2];
    assert_eq!((&lost["device"], &lost["level"]), (&LOT1.into(), &"warning".into()));
    assert_eq!(lost["error"]["message"], "the broker closed the connection", "{lost}");
}

#[test]
fn as_text_it_tells_the_same_to_a_person() {
    let env = TestEnv::with_lot1();
    for (options, is_quiet) in [("", false), ("--quiet", true)] {
        let mut agent = start(&env, options);
        env.i3(&format!("pub --device lot1 -t {TOPIC} -m 1 --timeout {LONG}")).done();
        env.i3(&format!("pub --device lot1 -t {NO_PRODUCT} -m 1 --timeout {SHORT}")).fails(77, &[]);
        ask(&agent);
        if !is_quiet {
            agent = agent.says("Delivered");
        }
        env.i3("agent stop").succeeds("");
        let outcome = agent.finish();
        assert_eq!(outcome.code, 0, "{outcome}");
        outcome.says(&[&format!("warning: a message of {LOT1} failed: the message to {NO_PRODUCT} did not come back")]);
        let notes = [
            format!("Accepting callers at {}.\n", env.agent().display()),
            format!("Logged in as {LOT1}.\n"),
            "Stopping once the messages in flight are done.\n".into(),
            "Delivered 1, failed 1, in flight 0; log-ins 1; connected: 0 of 1 devices.\n".into(),
        ];
        let notes = notes.each_ref().map(String::as_str);
        let told = if is_quiet { outcome.does_not_say(&notes) } else { outcome.says(&notes) };
        assert_eq!(told.stderr.lines().count(), if is_quiet { 1 } else { 7 }, "{told}");
    }
}

#[test]
fn the_tally_comes_again_and_again_with_stats() {
    let env = TestEnv::with_lot1();
    let mut agent = start(&env, "--log-format json --stats 100ms");
    for _ in 0..3 {
        agent = agent.says("\"event\":\"tally\"");
    }
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 1 --timeout {LONG}")).done();
    let agent = agent.says("\"delivered\":1");
    env.i3("agent stop").succeeds("");
    records(&agent.finish().stderr);
    env.i3("agent --stats 0s").fails(2, &["give at least 100ms"]);
    env.i3("agent --stats 1").fails(2, &["with its unit"]);
}

#[test]
fn what_ends_the_agent_is_in_its_log_as_well() {
    let env = TestEnv::with_lot1();
    let first = start(&env, "");
    let config = fs::read_to_string(env.config_file()).unwrap();
    fs::write(env.config_file(), format!("colour = \"red\"\n{config}")).unwrap();
    let outcome = env.i3("agent --log-format json").fails(73, &[]);
    let records = records(&outcome.stderr);
    assert_eq!(events(&records), ["warning", "failed"], "{outcome}");
    assert!(records[0]["message"].as_str().unwrap().contains("colour"), "{outcome}");
    assert_eq!((&records[1]["level"], &records[1]["error"]["id"]), (&"error".into(), &"agent".into()));
    drop(first);
}

#[test]
fn nobody_would_read_the_log_of_the_background() {
    let env = TestEnv::with_lot1();
    for options in ["--log-format json", "--stats 60s"] {
        env.i3(&format!("agent --background {options}")).fails(2, &["cannot be used with"]);
    }
    // What is the default need not be left out.
    assert!(!env.agent().exists());
}

#[test]
fn a_reader_of_the_log_that_stalls_holds_up_nobody_and_learns_what_it_missed() {
    let env = TestEnv::with_lot1();
    let (mut full, reader) = UnixStream::pair().unwrap();
    full.set_nonblocking(true).unwrap();
    while full.write(&[b'\n'; 4096]).is_ok() {}
    full.set_nonblocking(false).unwrap();
    let mut run = env.i3("agent --log-format json");
    run.command.stdout(Stdio::null()).stderr(OwnedFd::from(full));
    let mut agent = run.command.spawn().unwrap();
    while !env.agent().exists() {}
    for _ in 0..3 {
        env.i3(&format!("pub -v --device lot1 -t {TOPIC} -m 1 --timeout {LONG}")).done().says(&["By the agent."]);
    }
    // More than are kept. It has seen each signal when it answers.
    for _ in 0..4000 {
        kill_process(Pid::from_child(&agent), Signal::USR1).unwrap();
        client::status(&env.agent()).unwrap();
    }
    let (tell, read) = mpsc::channel();
    let reading = thread::spawn(move || {
        let mut text = String::new();
        for (number, line) in BufReader::new(reader).lines().map(Result::unwrap).filter(|l| !l.is_empty()).enumerate() {
            text += &format!("{line}\n");
            if number == 1000 {
                tell.send(()).unwrap();
            }
        }
        text
    });
    // By now there is room for the next ones.
    read.recv().unwrap();
    env.i3("agent stop").succeeds("");
    assert!(agent.wait().unwrap().success());
    // The process has another copy of its stderr.
    drop(run);
    let text = reading.join().unwrap();
    let records = records(&text);
    assert_eq!(events(&records)[..2], ["started", "log-in"]);
    let left_out = records.iter().find(|record| record["event"] == "warning").unwrap_or_else(|| panic!("{text}"));
    assert!(left_out["message"].as_str().unwrap().contains("left out"), "{left_out}");
    assert_eq!(events(&records)[records.len() - 3..], ["stopping", "closed", "tally"], "later events are logged again");
}

#[test]
fn every_event_and_every_metric_is_documented() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR"));
    let page = fs::read_to_string(root.join("docs/watching.md")).unwrap();
    let mut sources = Vec::new();
    let mut folders = vec![root.join("src")];
    while let Some(folder) = folders.pop() {
        for path in fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()) {
            match path.is_dir() {
                true => folders.push(path),
                false => sources.push(fs::read_to_string(path).unwrap()),
            }
        }
    }
    // `log.info("log-in")`, and the names that only `Ui` and `report` use.
    let mut events: Vec<&str> = vec!["note", "detail", "warning", "failed"];
    for begin in ["info(\"", "warn(\""] {
        let found = sources.iter().flat_map(|source| source.split(begin).skip(1));
        events.extend(
            found
                .filter_map(|rest| rest.split_once('"'))
                .map(|(name, _)| name)
                .filter(|name| name.chars().all(|c| c.is_ascii_lowercase() || c == '-') && name.len() > 2),
        );
    }
    assert!(events.contains(&"closed-idle") && events.len() > 11, "{events:?}");
    for event in events {
        assert!(page.contains(&format!("| `{event}` |")), "{event} is not in docs/watching.md");
    }
    let metrics = i3::gateway::metrics::Metrics::default();
    metrics.source("a");
    metrics.route("a", "b");
    metrics.device("c").failed("clock");
    let exposition = metrics.exposition();
    let names: Vec<&str> = exposition.lines().filter_map(|line| line.strip_prefix("# TYPE ")).collect();
    assert!(names.len() > 20, "{names:?}");
    for name in names.iter().map(|name| name.split_once(' ').unwrap().0) {
        assert!(page.contains(&format!("`{name}`")), "{name} is not in docs/watching.md");
    }
}

//! The gateway: the local broker's messages arrive at I3, and are acknowledged only then.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, Instant};

use crate::program::{LONG, LOT1, Running, SHORT, TOPIC, TestEnv, key_pem};
use crate::stream_mosquitto::Mosquitto;
use crate::support::gateway::{env_of, eventually, house, numbered, publish, rejected, route, signal, start, write};
use crate::support::recording_broker::Recorder;
use crate::support::schema;
use crate::support::victim::kill;

const NO_ECHO: &str = "--confirm none";

/// A buyer who listens, and has got through to it.
fn buyer(env: &TestEnv, count: usize) -> Running {
    env.i3(&format!("sub -v -t {TOPIC} -C {count} -W {LONG}")).start().says("Subscribed")
}

#[test]
fn messages_of_the_house_reach_the_buyer_as_their_routes_say() {
    let Some(home) = Mosquitto::start() else { return };
    let env = TestEnv::with_lot1();
    let routes = [
        house(home.port, ""),
        route("zigbee2mqtt/+/soil", "lot1", "alice/parking/{1}", "payload = '.value'"),
        route("plain/#", LOT1, TOPIC, ""),
        route("json", "lot1", TOPIC, "stamp = 'json:at'"),
    ];
    write(&env, &routes);
    let before = env.sandbox.counts().broker_log_ins;
    let gateway = start(&env, "", 1);
    let buyer = buyer(&env, 4);
    for (topic, message) in [
        ("zigbee2mqtt/occupancy/soil", r#"{"value": 41.50}"#),
        ("plain", "one"),
        ("plain/a/b", "two"),
        ("json", r#"{"n":1}"#),
    ] {
        publish(home.port, topic, &[message.into()]);
    }
    let seen = buyer.finish();
    let lines: Vec<&str> = seen.stdout.lines().collect();
    let line = |payload: &str| format!("{TOPIC} {payload}");
    assert_eq!(lines[..3], [line("41.50"), line("one"), line("two")].map(String::from)[..], "{seen}");
    assert!(lines[3].starts_with(&line(r#"{"n":1,"at":"20"#)), "{seen}");
    signal(&gateway, "TERM");
    let ended = gateway.finish();
    assert_eq!(ended.code, 0, "{ended}");
    ended.says(&["Received 4, unrouted 0, delivered 4, proved 1, rejected 0", "Stopping"]);
    assert_eq!(env.sandbox.counts().broker_log_ins - before, 2, "one of the device, and the buyer's");
}

#[test]
fn nothing_is_acknowledged_at_the_house_before_i3_has_it() {
    let Some(home) = Mosquitto::start() else { return };
    let mut recorder = Recorder::down();
    let env = env_of(recorder.port, &["lot1"]);
    write(&env, &[house(home.port, ""), route("in", "lot1", TOPIC, "")]);
    let gateway = start(&env, NO_ECHO, 1);
    publish(home.port, "in", &numbered(1, 500));
    let gateway = gateway.says("the log-in of alice$parking$lot1 failed");
    kill(gateway.id());
    drop(gateway);
    // What came while it was away was kept as well.
    publish(home.port, "in", &numbered(501, 600));
    recorder.up();
    let gateway = start(&env, NO_ECHO, 1);
    recorder.wait_for(600);
    assert_eq!(recorder.messages(), numbered(1, 600), "all of them, in order, and once");
    signal(&gateway, "TERM");
    assert_eq!(gateway.finish().code, 0);
    let gateway = start(&env, NO_ECHO, 1);
    publish(home.port, "in", &["last".into()]);
    recorder.wait_for(601);
    assert_eq!(recorder.messages()[600..], ["last"], "what was delivered was acknowledged");
    drop(gateway);
}

#[test]
fn a_broker_that_goes_away_gets_everything_when_it_is_back() {
    let Some(mut home) = Mosquitto::start() else { return };
    let mut recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1"]);
    write(&env, &[house(home.port, ""), route("in", "lot1", TOPIC, "")]);
    let gateway = start(&env, NO_ECHO, 1);
    publish(home.port, "in", &numbered(1, 100));
    recorder.wait_for(100);
    recorder.go_down();
    publish(home.port, "in", &numbered(101, 200));
    recorder.up();
    recorder.wait_for(200);
    home.restart();
    publish(home.port, "in", &numbered(201, 300));
    // What was on its way when the house ended comes again.
    eventually("everything has come", || recorder.first_arrivals().len() == 300);
    assert_eq!(recorder.first_arrivals(), numbered(1, 300));
    drop(gateway);
}

#[test]
fn what_i3_refuses_is_kept_apart_told_once_and_holds_up_nothing() {
    let Some(home) = Mosquitto::start() else { return };
    let env = TestEnv::with_lot1();
    let routes = [
        house(home.port, ""),
        route("good", "lot1", TOPIC, ""),
        route("bad/+", "lot1", "alice/parking/{1}", ""),
        route("field", "lot1", TOPIC, "payload = '.value'"),
    ];
    write(&env, &routes);
    let gateway = start(&env, &format!("--timeout {SHORT}"), 1);
    let buyer = buyer(&env, 4);
    publish(home.port, "good", &["1".into()]);
    publish(home.port, "bad/typo", &["2".into(), "3".into()]);
    publish(home.port, "good", &["4".into()]);
    publish(home.port, "field", &["no JSON".into(), r#"{"other":1}"#.into(), r#"{"value":5}"#.into()]);
    publish(home.port, "good", &key_pem().lines().map(Into::into).collect::<Vec<_>>());
    // In a field, with the escapes of PHP; the field's text is what would go out.
    let fields = key_pem().lines().map(|line| serde_json::json!({ "value": line }).to_string().replace('/', "\\/"));
    publish(home.port, "field", &fields.collect::<Vec<_>>());
    publish(home.port, "good", &["6".into()]);
    let seen = buyer.finish().stdout;
    let mut payloads: Vec<&str> = seen.lines().map(|line| line.rsplit(' ').next().unwrap()).collect();
    payloads.sort_unstable();
    assert_eq!(payloads, ["1", "4", "5", "6"]);
    eventually("everything that was refused is kept", || rejected(&env).len() == 4 + 2 * key_pem().lines().count());
    let mut whys: Vec<String> = rejected(&env)
        .iter()
        .map(|line| {
            format!("{} {}", line["rejected"]["from"].as_str().unwrap(), line["rejected"]["why"].as_str().unwrap())
        })
        .collect();
    whys.sort_unstable();
    let broker = env.sandbox.broker_url();
    let dropped =
        format!("bad/typo it did not come back within {SHORT}: the broker {broker} accepted it and dropped it");
    let keys = whys.iter().filter(|why| why.contains("it holds a private key")).count();
    assert_eq!(keys, 2 * key_pem().lines().count(), "{whys:#?}");
    whys.retain(|why| !why.contains("field it holds a private key"));
    for (why, part) in whys.iter().zip([
        dropped.as_str(),
        "bad/typo it is not sent, because the broker",
        "field the payload is not JSON",
        "field there is no field .value",
        "good it holds a private key",
    ]) {
        assert!(why.contains(part), "{whys:#?}");
    }
    signal(&gateway, "TERM");
    let ended = gateway.finish();
    let key = 2 * key_pem().lines().count();
    let all = 4 + key;
    ended.says(&[&format!("rejected {all}")]);
    // Once for each reason.
    assert_eq!(ended.stderr.matches("a message to bad/typo at 'house' cannot be published").count(), 2, "{ended}");
    // They can be published later by their device, but for those of which nothing can be made.
    let lines = std::fs::read_to_string(env.path("rejects.jsonl")).unwrap();
    let original = |line: &&serde_json::Value| line["payload"].is_null() && !line["rejected"]["payload"].is_null();
    assert_eq!(rejected(&env).iter().filter(original).count(), 2 + key, "{lines}");
    env.i3("product create typo --hub parking --price 2 --type sensor --description d").done();
    env.i3("register lot2 --hub parking --key lot1.pem").succeeds("alice$parking$lot2\n");
    let again = |device: &str| {
        env.i3(&format!("pub --device {device} --jsonl --confirm all --rejects {device}.jsonl")).input(&lines).run()
    };
    let other = again("lot2");
    other.says(&[
        "it is for the device alice$parking$lot1",
        &format!("read {all}, sent 0"),
        &format!("rejected {all}"),
    ]);
    let own = again("lot1");
    assert_eq!(own.code, 0, "{own}");
    own.says(&[
        "the gateway could not make a payload of what came",
        &format!("read {all}, sent 2, acknowledged 2, confirmed 2, resent 0, rejected {}, refused 0", 2 + key),
    ]);
    assert_eq!(env.read("lot2.jsonl"), lines, "they are there for their device");
}

#[test]
fn the_file_for_rejected_messages_may_be_deleted_moved_and_named_anew() {
    let Some(home) = Mosquitto::start() else { return };
    let recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1"]);
    let routes = [house(home.port, ""), route("in", "lot1", TOPIC, "payload = '.value'")];
    let file = write(&env, &routes);
    let gateway = start(&env, NO_ECHO, 1);
    let bad = |name: &str, count: usize| {
        publish(home.port, "in", &["no JSON".into()]);
        let lines = || std::fs::read_to_string(env.path(name)).unwrap_or_default().lines().count();
        eventually(name, || lines() == count);
    };
    bad("rejects.jsonl", 1);
    std::fs::remove_file(env.path("rejects.jsonl")).unwrap();
    bad("rejects.jsonl", 1);
    std::fs::rename(env.path("rejects.jsonl"), env.path("rotated")).unwrap();
    bad("rejects.jsonl", 1);
    assert_eq!(env.read("rotated").lines().count(), 1);
    let text = env.read("gateway.toml");
    std::fs::write(&file, text.replace("rejects.jsonl", "other.jsonl")).unwrap();
    signal(&gateway, "HUP");
    let gateway = gateway.says("was read again");
    bad("other.jsonl", 1);
    std::fs::write(&file, text.replace("rejects.jsonl", "nowhere/rejects.jsonl")).unwrap();
    signal(&gateway, "HUP");
    let gateway = gateway.says("is not used; what was read before stays in force");
    bad("other.jsonl", 2);
    signal(&gateway, "TERM");
    let ended = gateway.finish();
    ended.says(&["nowhere/rejects.jsonl cannot be written", "rejected 5"]);
}

#[test]
fn one_route_is_for_all_devices_whose_names_fit() {
    let Some(home) = Mosquitto::start() else { return };
    let recorder = Recorder::start();
    let env = env_of(recorder.port, &["bay1", "bay2", "lot1"]);
    write(&env, &[house(home.port, ""), route("bays/+/free/+", "bay{1}", "alice/parking/{2}{1}", "")]);
    let gateway = start(&env, NO_ECHO, 2);
    for topic in ["bays/1/free/a", "bays/2/free/b", "bays/3/free/c"] {
        publish(home.port, topic, &[topic.into()]);
    }
    recorder.wait_for(2);
    assert_eq!(recorder.log_ins(), 2);
    signal(&gateway, "TERM");
    gateway.finish().says(&["Received 2, unrouted 0, delivered 2"]);
    let check = env.i3("gateway check gateway.toml --topic bays/2/free/b --json").json();
    assert_eq!(check["routes"][0]["topic"], "alice/parking/b2");
    assert_eq!(check["routes"].as_array().unwrap().len(), 1);
}

#[test]
fn a_device_that_is_refused_stops_its_own_routes_only_until_its_credential_is_right() {
    let Some(home) = Mosquitto::start() else { return };
    let env = TestEnv::with_lot1();
    let password = env.secret("lot2.pw", "the wrong one");
    env.i3("register lot2 --hub parking --key lot1.pem").succeeds("alice$parking$lot2\n");
    let config = std::fs::read_to_string(env.config_file()).unwrap();
    let wrong = format!("\n[devices.'alice$parking$lot2']\npassword_file = '{}'\n", password.display());
    let own = config.find("[devices.\"alice$parking$lot2\"]").unwrap();
    std::fs::write(env.config_file(), config[..own].to_owned() + &wrong).unwrap();
    let routes = [house(home.port, ""), route("one", "lot1", TOPIC, ""), route("two", "lot2", TOPIC, "")];
    write(&env, &routes);
    let gateway = start(&env, "--retry-refused 1s", 2);
    let buyer = buyer(&env, 3);
    publish(home.port, "two", &["kept".into()]);
    let gateway = gateway.says("alice$parking$lot2 publishes nothing");
    publish(home.port, "one", &["flows".into(), "on".into()]);
    // The right one, without waiting for the next automatic attempt.
    std::fs::write(env.config_file(), &config).unwrap();
    signal(&gateway, "HUP");
    let seen = buyer.finish();
    let lines: Vec<&str> = seen.stdout.lines().collect();
    assert_eq!(lines, [format!("{TOPIC} flows"), format!("{TOPIC} on"), format!("{TOPIC} kept")], "{seen}");
    signal(&gateway, "TERM");
    assert_eq!(gateway.finish().code, 0);
    assert!(rejected(&env).is_empty());
}

#[test]
fn a_changed_file_is_read_without_dropping_a_connection_and_a_wrong_one_changes_nothing() {
    let Some(home) = Mosquitto::start() else { return };
    let recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1", "lot2"]);
    write(&env, &[house(home.port, ""), route("one", "lot1", TOPIC, "")]);
    let gateway = start(&env, NO_ECHO, 1);
    publish(home.port, "one", &["1".into()]);
    recorder.wait_for(1);
    std::fs::write(env.path("gateway.toml"), "[[source]]\nname = 'house'").unwrap();
    signal(&gateway, "HUP");
    let gateway = gateway.says("gateway.toml is not used; what was read before stays in force");
    publish(home.port, "one", &["2".into()]);
    recorder.wait_for(2);
    write(&env, &[house(home.port, ""), route("one", "lot1", TOPIC, ""), route("two", "lot2", TOPIC, "")]);
    signal(&gateway, "HUP");
    let gateway = gateway.says("akes messages from 'house' for alice$parking$lot2");
    publish(home.port, "one", &["3".into()]);
    publish(home.port, "two", &["4".into()]);
    recorder.wait_for(4);
    assert_eq!(recorder.log_ins(), 2, "one a device");
    // A route of the first device changes: its connection to I3 stays.
    write(&env, &[house(home.port, ""), route("uno", "lot1", TOPIC, ""), route("two", "lot2", TOPIC, "")]);
    signal(&gateway, "HUP");
    let gateway =
        gateway.says("o longer takes one from 'house'").says("akes messages from 'house' for alice$parking$lot1");
    publish(home.port, "one", &["nobody's".into()]);
    publish(home.port, "uno", &["5".into()]);
    recorder.wait_for(5);
    assert_eq!((recorder.messages(), recorder.log_ins()), (numbered(1, 5), 2));
    // Without a route the house forgets the session, and keeps nothing for it.
    write(&env, &[house(home.port, ""), route("uno", "lot1", TOPIC, "")]);
    signal(&gateway, "HUP");
    let gateway = gateway.says("was read again");
    publish(home.port, "uno", &["6".into()]);
    recorder.wait_for(6);
    signal(&gateway, "TERM");
    assert_eq!(gateway.finish().code, 0);
}

#[test]
fn a_file_that_was_changed_while_no_gateway_ran_counts_at_the_next_start() {
    let (Some(home), Some(other)) = (Mosquitto::start(), Mosquitto::start()) else { return };
    let recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1", "lot2"]);
    let end = |gateway: Running| {
        signal(&gateway, "TERM");
        let ended = gateway.finish();
        assert_eq!(ended.code, 0, "{ended}");
        ended
    };
    let noted = || {
        let folder = env.home().join(".local/state/i3-marketplace/gateway-sessions");
        let entries = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().path());
        let files: Vec<_> = entries.filter(|file| file.extension().is_some_and(|ending| ending == "json")).collect();
        assert_eq!(files.len(), 1);
        std::fs::read_to_string(&files[0]).unwrap()
    };
    let both = [house(home.port, ""), route("#", "lot1", TOPIC, ""), route("b/#", "lot2", TOPIC, "")];
    write(&env, &both);
    end(start(&env, NO_ECHO, 2));
    write(&env, &[house(home.port, ""), route("soil/#", "lot1", TOPIC, "")]);
    let gateway = start(&env, NO_ECHO, 1);
    eventually("the house has forgotten the session of lot2", || !noted().contains("lot2"));
    publish(home.port, "cam/1", &numbered(1, 20));
    publish(home.port, "b/1", &["for nobody".into()]);
    publish(home.port, "soil/1", &["1".into()]);
    recorder.wait_for(1);
    end(gateway).says(&["o longer takes # from 'house'", "Received 1, unrouted 0, delivered 1"]);
    assert!(!noted().contains("\"#\""), "{}", noted());
    // It is done once, and what is wanted again is a new session.
    write(&env, &[house(home.port, ""), route("soil/#", "lot1", TOPIC, ""), route("b/#", "lot2", TOPIC, "")]);
    let gateway = start(&env, NO_ECHO, 2);
    publish(home.port, "b/1", &["2".into()]);
    recorder.wait_for(2);
    end(gateway).does_not_say(&["o longer takes"]);
    assert_eq!(recorder.messages(), numbered(1, 2));
    // A broker that has no source any more is named.
    write(&env, &[house(other.port, ""), route("soil/#", "lot1", TOPIC, "")]);
    end(start(&env, NO_ECHO, 1)).says(&[&format!("127.0.0.1:{} is no longer a source", home.port), "lot2 until"]);
}

#[test]
fn a_quiet_device_is_not_connected_and_logs_in_when_it_has_something() {
    let Some(home) = Mosquitto::start() else { return };
    let recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1"]);
    write(&env, &[house(home.port, ""), route("in", "lot1", TOPIC, "")]);
    let gateway = start(&env, &format!("{NO_ECHO} --idle 100ms"), 1);
    assert_eq!(recorder.log_ins(), 0);
    publish(home.port, "in", &["1".into()]);
    let gateway = gateway.says("was idle and is closed");
    publish(home.port, "in", &["2".into()]);
    let gateway = gateway.says("was idle and is closed");
    assert_eq!((recorder.messages(), recorder.log_ins()), (numbered(1, 2), 2));
    signal(&gateway, "TERM");
    assert_eq!(gateway.finish().code, 0);
}

#[test]
fn rates_and_log_ins_are_spread_and_a_route_with_a_rate_holds_up_no_other() {
    let Some(home) = Mosquitto::start() else { return };
    let recorder = Recorder::start();
    let devices = ["lot1", "lot2", "lot3", "lot4"];
    let env = env_of(recorder.port, &devices);
    let mut tables = vec![house(home.port, ""), route("slow", "lot1", TOPIC, "max_rate = '20/s'")];
    tables.extend(devices.map(|device| route(device, device, TOPIC, "")));
    write(&env, &tables);
    let gateway = start(&env, &format!("{NO_ECHO} --log-ins 5/s"), 4);
    let begun = Instant::now();
    publish(home.port, "slow", &numbered(1, 20));
    for device in devices {
        publish(home.port, device, &[device.into()]);
    }
    recorder.wait_for(24);
    assert!(begun.elapsed() >= Duration::from_millis(900), "20 messages at 20/s, and 4 log-ins at 5/s");
    let messages = recorder.messages();
    let paced: Vec<String> = messages.iter().filter(|message| message.parse::<u32>().is_ok()).cloned().collect();
    assert_eq!(paced, numbered(1, 20), "in order");
    assert_ne!(messages.last().unwrap(), "lot1", "what has no rate does not wait for what has one");
    assert_eq!(recorder.log_ins(), 4);
    drop(gateway);
}

#[test]
fn gateways_of_a_group_share_the_messages() {
    let Some(home) = Mosquitto::start() else { return };
    let recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1"]);
    let table = |id: &str| house(home.port, &format!("share = 'i3'\nclient_id = '{id}'"));
    // Each with a file of its own: another one under the same name would end the session that this one no longer wants.
    let gateways = ["east", "west"].map(|id| {
        fs::write(env.path(&format!("{id}.toml")), table(id) + &route("in/#", "lot1", TOPIC, "")).unwrap();
        env.i3(&format!("gateway {id}.toml --log-ins 1000/s {NO_ECHO}")).start().says("akes messages from")
    });
    publish(home.port, "in/x", &numbered(1, 200));
    recorder.wait_for(200);
    let mut messages: Vec<u32> = recorder.messages().iter().map(|message| message.parse().unwrap()).collect();
    messages.sort_unstable();
    assert_eq!(messages, (1..=200).collect::<Vec<u32>>(), "each once");
    let counts = gateways.map(|gateway| {
        signal(&gateway, "TERM");
        let said = gateway.finish().stderr;
        let delivered = said.rsplit("delivered ").next().unwrap().split(',').next().unwrap();
        delivered.parse::<u32>().unwrap()
    });
    assert!(counts.iter().sum::<u32>() == 200 && counts.iter().all(|count| *count > 0), "{counts:?}");
}

#[test]
fn with_a_spool_what_nobody_keeps_survives_a_broker_that_is_away_and_a_kill() {
    let Some(home) = Mosquitto::start() else { return };
    let mut recorder = Recorder::down();
    let env = env_of(recorder.port, &["lot1"]);
    write(
        &env,
        &[
            house(home.port, "qos = 0"),
            route("in", "lot1", TOPIC, ""),
            route("slow", "lot1", TOPIC, "max_rate = '100/s'"),
        ],
    );
    let options = format!("{NO_ECHO} --spool spool --idle 200ms");
    let gateway = start(&env, &options, 1);
    publish(home.port, "in", &numbered(1, 200));
    let folder = env.path(&format!("spool/{LOT1}")).display().to_string();
    let records = || env.i3("spool status --json --spool").arg(&folder).json()["lines"].clone();
    eventually("all are on disk", || records() == 200);
    kill(gateway.id());
    drop(gateway);
    let gateway = start(&env, &options, 1);
    publish(home.port, "slow", &numbered(201, 210));
    recorder.up();
    recorder.wait_for(210);
    assert_eq!(recorder.first_arrivals(), numbered(1, 210));
    let gateway = gateway.says("was idle and is closed");
    publish(home.port, "in", &["again".into()]);
    recorder.wait_for(211);
    signal(&gateway, "TERM");
    let ended = gateway.finish();
    assert_eq!(ended.code, 0, "{ended}");
    assert_eq!(records(), 0);
}

#[test]
fn the_counters_and_the_log_are_for_programs() {
    let Some(home) = Mosquitto::start() else { return };
    let recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1"]);
    write(&env, &[house(home.port, ""), route("in", "lot1", TOPIC, "")]);
    let mut gateway =
        env.i3("gateway gateway.toml --confirm none --log-format json --metrics 0 --log-ins 100/s").start();
    gateway = gateway.says("\"source-connected\"");
    publish(home.port, "in", &numbered(1, 3));
    recorder.wait_for(3);
    signal(&gateway, "USR1");
    let gateway = gateway.says("\"tally\"");
    signal(&gateway, "TERM");
    let ended = gateway.finish();
    let lines: Vec<serde_json::Value> = ended.stderr.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let schema = schema::named("log");
    lines.iter().for_each(|line| drop(schema.check(line)));
    let event =
        |name: &str| lines.iter().find(|line| line["event"] == name).unwrap_or_else(|| panic!("{name}: {ended}"));
    assert_eq!(event("log-in")["device"], LOT1);
    assert_eq!(event("source-connected")["source"], "house");
    assert_eq!(event("tally")["level"], "info");
    let time = event("started")["time"].as_str().unwrap();
    assert!(time.starts_with("20") && time.ends_with('Z'), "{time}");
    assert!(event("metrics")["address"].as_str().unwrap().starts_with("127.0.0.1:"));
}

#[test]
fn the_metrics_tell_of_devices_routes_and_sources() {
    let Some(home) = Mosquitto::start() else { return };
    let recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1"]);
    write(&env, &[house(home.port, ""), route("in", "lot1", TOPIC, "")]);
    let mut gateway = env.i3("gateway gateway.toml --confirm none --log-format json --metrics 0").start();
    let mut address = None;
    gateway = gateway.says("\"metrics\"");
    for line in gateway.said().lines() {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        address = line["address"].as_str().map(str::to_owned).or(address);
    }
    let address = address.unwrap();
    let gateway = gateway.says("\"source-connected\"");
    publish(home.port, "in", &numbered(1, 3));
    recorder.wait_for(3);
    let page = || {
        let mut client = TcpStream::connect(&address).unwrap();
        client.write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n").unwrap();
        let mut page = String::new();
        client.read_to_string(&mut page).unwrap();
        page
    };
    let device = format!("device=\"{LOT1}\"");
    eventually("all of it is counted", || {
        let page = page();
        [
            format!("i3_gateway_messages_received_total{{{device}}} 3"),
            format!("i3_gateway_messages_delivered_total{{{device}}} 3"),
            format!("i3_gateway_log_ins_total{{{device}}} 1"),
            format!("i3_gateway_connected{{{device}}} 1"),
            "i3_gateway_source_connections{source=\"house\"} 1".into(),
            "i3_gateway_source_messages_acknowledged_total{source=\"house\"} 3".into(),
        ]
        .iter()
        .all(|line| page.lines().any(|found| found == line))
    });
    drop(gateway);
}

#[test]
fn the_check_explains_each_route_and_names_all_that_is_wrong() {
    let env = TestEnv::with_lot1();
    let routes = [
        house(1883, ""),
        route("a/+/b", "lot1", "alice/parking/{1}", "max_rate = '10/m'"),
        route("a/#", "lot1", TOPIC, ""),
    ];
    write(&env, &routes);
    let check = env.i3("gateway check gateway.toml").run();
    assert_eq!(check.code, 0, "{check}");
    for part in ["a/+/b\tfrom house", "to alice/parking/{1}", "one message in 6s at most", "lot1.pem", "rejects.jsonl"]
    {
        assert!(check.stdout.contains(part), "{part}: {check}");
    }
    check.says(&["routes 1 and 2 of alice$parking$lot1 overlap"]);
    let json = env.i3("gateway check gateway.toml --json --topic a/occupancy/b").json();
    assert_eq!(json["routes"].as_array().unwrap().len(), 1, "the first one publishes it");
    assert_eq!(json["routes"][0]["match"], "a/+/b");
    assert_eq!(json["routes"][0]["topic"], TOPIC);
    env.i3("gateway check gateway.toml --topic a/+/b").fails(2, &["a/+/b is not the topic of a message"]);
    env.i3("gateway check gateway.toml --topic c -v").run().says(&["No route takes c."]);
    write(
        &env,
        &[
            house(1883, "stream = 's'"),
            route("a/b+", "lot1", TOPIC, ""),
            route("a", "lot9", TOPIC, ""),
            route("a", "lot1", "bob/garden/x", ""),
        ],
    );
    env.i3("gateway check gateway.toml")
        .fails(78, &["error[gateway-file]", "source 'house': 'stream' is a key of a NATS server"]);
    std::fs::write(env.path("gateway.toml"), format!("{}colour = 'red'\n", house(1883, ""))).unwrap();
    env.i3("gateway check gateway.toml")
        .fails(78, &["error[gateway-file]", "gateway.toml is not a gateway configuration", "key colour"])
        .does_not_say(&["config.toml"]);
    for option in ["--idle 0s", "--timeout 0s", "--timeout 0ms"] {
        env.i3(&format!("gateway gateway.toml {option}")).fails(2, &["give more than 0s"]);
    }
    env.i3("gateway nowhere.toml").fails(66, &["error[gateway-file]", "nowhere.toml does not exist"]);
    env.secret("key.toml", key_pem());
    env.i3("gateway key.toml").fails(77, &["private key", "name a file with settings there"]);
}

#[test]
fn the_check_reads_what_a_log_in_reads_and_finds_what_comes_back() {
    let env = TestEnv::with_lot1();
    let check = |more: &str| {
        write(&env, &[house(1883, more), route("a", "lot1", TOPIC, "retain = true")]);
        env.i3("gateway check gateway.toml")
    };
    let fine = check("").run();
    assert_eq!(fine.code, 0, "{fine}");
    assert!(fine.stdout.contains("retained by I3's broker"), "{fine}");
    std::fs::write(env.path("open.pw"), "secret").unwrap();
    std::fs::set_permissions(env.path("open.pw"), std::fs::Permissions::from_mode(0o644)).unwrap();
    for (more, code, says) in [
        ("user = 'u'\npassword_file = 'none.pw'", 66, "none.pw"),
        ("user = 'u'\npassword_file = 'open.pw'", 78, "chmod 600"),
        ("cert = 'none.pem'", 78, "none.pem"),
        ("ws_header_file = 'none'", 66, "none"),
    ] {
        let unusable = check(more).run();
        assert_eq!(unusable.code, code, "{unusable}");
        unusable.says(&["the source 'house' cannot be used", says]);
    }
    let problem = check("cert = 'none.pem'").arg("--json").run();
    let printed: serde_json::Value = serde_json::from_str(&problem.stdout).unwrap();
    assert!(printed["sources"][0]["problem"].as_str().unwrap().contains("none.pem"), "{problem}");
    // I3's own broker as a source.
    let port = env.sandbox.broker_url().to_string().rsplit(':').next().unwrap().parse().unwrap();
    let loops = |filter: &str, topic: &str| {
        write(&env, &[house(port, ""), route(filter, "lot1", topic, "")]);
        env.i3("gateway check gateway.toml")
    };
    loops(TOPIC, TOPIC).fails(78, &["publishes to alice/parking/occupancy, and takes it from the same broker"]);
    loops("alice/parking/#", TOPIC).fails(78, &["each message would come back forever"]);
    loops("alice/+/raw", "alice/parking/{1}")
        .run()
        .says(&["what the route for alice/+/raw publishes may come back to it"]);
    loops("in/#", TOPIC).done().does_not_say(&["come back"]);
}

//! The agent: one log-in for all scripts, with the same proof, and never in the way.

mod gone;
mod place;

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::fd::OwnedFd;
use std::os::unix::net::{UnixDatagram, UnixListener, UnixStream};
use std::path::Path;
use std::process::Stdio;
use std::thread;
use std::time::{Duration, Instant};

use bytes::Bytes;
use i3::agent::client::{self, NoAgent};
use i3::agent::protocol::{HELLO, Publication, Reply, frame};
use i3::agent::route::Route;
use i3::config::env;
use i3::mqtt::packet::{AckKind, Packet, Publish, QoS, Reason};
use i3::name::Topic;
use i3::publisher::{Confirm, Evidence, PublishError};
use i3::sandbox::Options;

use crate::program::{LONG, LOT1, NO_PRODUCT, Outcome, Run, Running, SHORT, TOPIC, TestEnv, quick};
use crate::support::gateway::{env_of, signal};
use crate::support::scripted_broker::{Broker, Clients, Peer, text};
use crate::support::skipped;

const BY_AGENT: &str = "By the agent.";

/// An agent in the foreground that accepts callers.
fn start(env: &TestEnv, options: &str) -> Running {
    announced(env.i3(&format!("agent {options}")))
}

fn announced(agent: Run) -> Running {
    let mut agent = agent.start();
    agent.until("I3_AGENT_PID");
    agent
}

fn publish(env: &TestEnv, options: &str) -> Run {
    env.i3(&format!("pub -v --device lot1 -t {TOPIC} --timeout {LONG} {options}"))
}

fn log_ins(env: &TestEnv) -> u64 {
    env.sandbox.counts().broker_log_ins
}

fn status(env: &TestEnv) -> serde_json::Value {
    env.i3("agent status --json").json()
}

fn stop(env: &TestEnv, agent: Running) -> Outcome {
    env.i3("agent stop").succeeds("");
    assert!(!env.agent().exists(), "who ended the agent can start another");
    let outcome = agent.finish();
    assert_eq!(outcome.code, 0, "{outcome}");
    outcome
}

/// Accepts the next connection and its log-in.
fn next(client: &Clients) -> Peer {
    let mut peer = client.next();
    peer.answer_connect(0, false);
    peer
}

/// Acknowledges a message and sends it back.
fn deliver(peer: &mut Peer, publish: Publish) {
    if publish.qos == QoS::AtLeastOnce {
        peer.ack(AckKind::PubAck, publish.id);
    }
    peer.send(Packet::Publish(Publish { qos: QoS::AtMostOnce, id: 0, retain: false, ..publish }));
}

#[test]
fn one_log_in_serves_every_script_with_the_same_proof() {
    let env = TestEnv::with_lot1();
    let agent = start(&env, "");
    let before = log_ins(&env);
    for qos in ["0", "1", "2"] {
        for more in ["-m 678", "-m 678 --confirm all", "-n -r", "-m 678 -r", "-m 678 --deadline 1m"] {
            publish(&env, &format!("{more} -q {qos}")).done().says(&[BY_AGENT, "Delivered, echo after"]);
        }
        publish(&env, &format!("-m 1 -q {qos} --confirm none")).done().says(&[BY_AGENT]);
    }
    let of = |options: &str| publish(&env, &format!("-m 5 --json {options}")).json();
    let (by_agent, direct) = (of(""), of("--no-agent"));
    for (name, value) in direct
        .as_object()
        .unwrap()
        .iter()
        .filter(|(name, _)| !["elapsed_seconds", "milliseconds"].contains(&name.as_str()))
    {
        assert_eq!(by_agent[name], *value, "{name}");
    }
    assert_eq!(by_agent.as_object().unwrap().len(), direct.as_object().unwrap().len());
    assert_eq!(log_ins(&env) - before, 2, "one of the agent, and one of --no-agent");
    let told = status(&env);
    assert_eq!(told["devices"][0]["device"], LOT1);
    assert_eq!(told["devices"][0]["log_ins"], 1);
    assert_eq!(told["devices"][0]["delivered"], 19);
    assert_eq!(told["devices"][0]["connected"], true);
    env.i3("agent status").done();
    let doctor = env.i3("doctor lot1 --offline").run().stdout;
    assert!(doctor.contains(&format!("an agent is running (process {}), logged in as {LOT1}", agent.id())), "{doctor}");
    // Without -v nothing is said, as without an agent.
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 1")).succeeds("").is_silent();
    stop(&env, agent);
    publish(&env, "-m 1").done().does_not_say(&[BY_AGENT]);
}

#[test]
fn whatever_asks_for_something_else_goes_directly() {
    let env = TestEnv::with_lot1();
    let agent = start(&env, "");
    let elsewhere = i3::sandbox::Sandbox::spawn(quick()).unwrap();
    let key = env.path("lot1.pem");
    let other_key = env.secret("other.pem", crate::program::key_pem());
    let large = env.secret("large", vec![b'x'; 300_000]);
    let given = |options: String| publish(&env, &options);
    for (run, is_by_agent) in [
        (given("-m 1".into()), true),
        // The same by another way.
        (given(format!("-m 1 --broker {}", env.sandbox.broker_url())), true),
        (given(format!("-m 1 --key {}", key.display())), true),
        (given("-m 1 --no-agent".into()), false),
        (given("-m 1 -V 5 -q 1".into()), false),
        (given("-m 1 --id mine".into()), false),
        (given("-m 1 -k 30".into()), false),
        (given("-m 1".into()).env(env::PASSWORD, "hunter2secret"), false),
        (given(format!("-m 1 --key {}", other_key.display())), false),
        (given(format!("-f {}", large.display())), false),
    ] {
        let outcome = run.run();
        assert_eq!(outcome.stderr.contains(BY_AGENT), is_by_agent, "{outcome}");
        assert!(outcome.stderr.contains("Not by the agent") != is_by_agent || outcome.shown.contains("--no-agent"));
        // A password beside the key is tried first.
        assert_eq!(outcome.code, 0, "{outcome}");
    }
    // Another broker from the environment, which does not know the device.
    let refused = given("-m 1".into()).env(env::BROKER, elsewhere.broker_url().to_string());
    refused.fails(77, &["refused the log-in"]).does_not_say(&[BY_AGENT]);
    // An account is not a device.
    env.i3(&format!("pub -v -u alice -P x -t {TOPIC} -m 1")).fails(77, &["Not by the agent"]);
    stop(&env, agent);
}

#[test]
fn errors_and_hints_are_those_of_a_direct_message() {
    let env = TestEnv::with_lot1();
    let agent = start(&env, "");
    let dropped = |more: &str| {
        env.i3(&format!("pub --json --device lot1 -t {NO_PRODUCT} -m 1 --timeout {SHORT} {more}")).fails(77, &[]).stderr
    };
    publish(&env, "-m 1").done().says(&[BY_AGENT]);
    assert_eq!(dropped(""), dropped("--no-agent"));
    // The broker remembers a refusal for a client id: the next connection has another.
    publish(&env, "-m 1").done().says(&[BY_AGENT]);
    assert_eq!(status(&env)["devices"][0]["log_ins"], 2);
    for (more, code) in [("-t alice/garden/moisture -m 1", 77), ("-t moxu -m 1", 65), ("-m ''", 65)] {
        let of = |direct: &str| {
            let run = env.i3(&format!("pub --json --device lot1 {more} {direct}"));
            run.run()
        };
        let (by_agent, direct) = (of(""), of("--no-agent"));
        assert_eq!((by_agent.code, &by_agent.stderr), (direct.code, &direct.stderr), "{more}");
        assert!(by_agent.code == code || by_agent.code == 2, "{by_agent}");
    }
    stop(&env, agent);
}

#[test]
fn a_key_in_a_message_does_not_pass_the_agent_either() {
    let env = TestEnv::with_lot1();
    let agent = start(&env, "");
    publish(&env, "-f lot1.pem").fails(77, &["private key"]);
    // A caller that does not look itself.
    let (publication, topic) = publication(&env, TOPIC, crate::program::key_pem().len());
    let payload = Bytes::from_static(crate::program::key_pem().as_bytes());
    let declined = client::publish(&env.agent(), publication, &env.sandbox.broker_url(), &topic, &payload);
    assert!(matches!(&declined, Err(NoAgent::Declined(why)) if why.contains("private key")), "{declined:?}");
    stop(&env, agent);
}

/// A message of lot1 as a caller offers it.
fn publication(env: &TestEnv, topic: &str, size: usize) -> (Publication, Topic) {
    let route = Route {
        config: vec![env.config_file(), env.system_file()],
        device: LOT1.into(),
        broker: env.sandbox.broker_url().to_string(),
        cafile: None,
        proxy: None,
        insecure: false,
        credentials: vec![env.path("lot1.pem").canonicalize().unwrap()],
    };
    let publication = Publication {
        route,
        topic: topic.into(),
        size,
        qos: 0,
        retain: false,
        confirm: Confirm::First,
        timeout: Duration::from_secs(60),
        deadline: None,
        allow_secret: false,
    };
    (publication, topic.parse().unwrap())
}

#[test]
fn the_agent_publishes_to_its_devices_hub_only_and_gives_out_nothing() {
    let env = TestEnv::with_lot1();
    let agent = start(&env, "");
    let declined = |publication: Publication, topic: &Topic, why: &str| {
        let answer =
            client::publish(&env.agent(), publication, &env.sandbox.broker_url(), topic, &Bytes::from_static(b"1"));
        assert!(matches!(&answer, Err(NoAgent::Declined(said)) if said.contains(why)), "{answer:?}");
    };
    let (publication_elsewhere, topic) = publication(&env, "alice/garden/moisture", 1);
    declined(publication_elsewhere, &topic, "hub");
    for change in [
        (|route: &mut Route| route.broker = "mqtt://127.0.0.1:1".into()) as fn(&mut Route),
        |route| route.credentials.clear(),
        |route| route.insecure = true,
        |route| route.config.clear(),
    ] {
        let (mut publication, topic) = publication(&env, TOPIC, 1);
        change(&mut publication.route);
        declined(publication, &topic, "another");
    }
    assert!(!status(&env).to_string().contains("PRIVATE"));
    stop(&env, agent);
}

#[test]
fn two_hundred_callers_at_once_are_served_over_one_connection() {
    let env = TestEnv::with_lot1();
    let agent = start(&env, "");
    let before = log_ins(&env);
    thread::scope(|scope| {
        for number in 0..200 {
            let env = &env;
            scope.spawn(move || {
                // Every other one has the payload of its neighbour.
                let payload = Bytes::from(format!("{:03}", number / 2));
                let (publication, topic) = publication(env, TOPIC, payload.len());
                let answer = client::publish(&env.agent(), publication, &env.sandbox.broker_url(), &topic, &payload);
                assert!(matches!(answer, Ok(Ok(Evidence::Echo))), "{answer:?}");
            });
        }
    });
    assert_eq!(log_ins(&env) - before, 1);
    assert_eq!(status(&env)["devices"][0]["delivered"], 200);
    stop(&env, agent);
}

#[test]
fn an_echo_counts_for_one_message_and_none_that_comes_late() {
    let broker = Broker::start(|client| {
        // Of two messages with the same payload at the same time one is dropped.
        let mut peer = next(&client);
        let first = peer.published().unwrap();
        let second = peer.published().unwrap();
        assert_eq!(text(&first), text(&second));
        deliver(&mut peer, first);
        assert!(peer.published().is_none(), "the connection of a message without an echo ends");
        // Its echo, late, is on another connection than the next message with that payload.
        let mut other = next(&client);
        let third = other.published().unwrap();
        peer.send(Packet::Publish(Publish { qos: QoS::AtMostOnce, id: 0, ..second }));
        let _ = third;
        assert!(other.published().is_none());
    });
    let env = env_of(broker.port, &["lot1"]);
    let agent = start(&env, "");
    let run = || env.i3(&format!("pub --device lot1 -t {TOPIC} -m same --timeout {SHORT}")).run().code;
    let codes = thread::scope(|scope| [scope.spawn(run), scope.spawn(run)].map(|thread| thread.join().unwrap()));
    assert!(codes == [0, 77] || codes == [77, 0], "{codes:?}");
    assert_eq!(run(), 77);
    broker.end();
    stop(&env, agent);
}

#[test]
fn messages_of_one_device_keep_their_order_and_none_holds_up_another() {
    let broker = Broker::start(|client| {
        let mut peer = next(&client);
        let mut texts = Vec::new();
        // The first is never proved; those behind it are.
        let held = peer.published().unwrap();
        while let Some(publish) = peer.published() {
            texts.push(text(&publish));
            deliver(&mut peer, publish);
            if texts.len() == 20 {
                break;
            }
        }
        deliver(&mut peer, held);
        while peer.published().is_some() {}
        texts
    });
    let env = env_of(broker.port, &["lot1"]);
    let agent = start(&env, "");
    let held = publish(&env, "-m held").start();
    // It is on its way before the others begin.
    while status(&env)["devices"][0]["in_flight"] != 1 {}
    for number in 0..20 {
        publish(&env, &format!("-m {number}")).done().says(&[BY_AGENT]);
    }
    assert_eq!(held.finish().code, 0);
    stop(&env, agent);
    assert_eq!(broker.end(), (0..20).map(|number| number.to_string()).collect::<Vec<_>>());
}

#[test]
fn a_broker_that_comes_back_is_logged_in_to_again() {
    let broker = Broker::start(|client| {
        let mut peer = next(&client);
        let publish = peer.published().unwrap();
        deliver(&mut peer, publish);
        // Idle when the broker ends.
        drop(peer);
        let mut peer = next(&client);
        let publish = peer.published().unwrap();
        deliver(&mut peer, publish);
        // With a message on its way.
        peer.published().unwrap();
        drop(peer);
        let mut peer = next(&client);
        let publish = peer.published().unwrap();
        deliver(&mut peer, publish);
        peer.published().is_none()
    });
    let env = env_of(broker.port, &["lot1"]);
    let agent = start(&env, "");
    publish(&env, "-m 1").done().says(&[BY_AGENT]);
    while status(&env)["devices"][0]["connected"] == true {}
    publish(&env, "-m 2").done().says(&[BY_AGENT]);
    let unknown = publish(&env, "-m 3").fails(75, &["closed the connection before the message"]);
    unknown.says(&[BY_AGENT]);
    publish(&env, "-m 4").done().says(&[BY_AGENT]);
    stop(&env, agent);
    assert!(broker.end());
}

#[test]
fn an_agent_that_cannot_log_in_leaves_it_to_the_caller_who_is_told_why() {
    let env = TestEnv::with_lot1();
    let agent = start(&env, "");
    env.sandbox.kill_log_ins(LOT1).unwrap();
    let refused = publish(&env, "-m 1").fails(77, &["refused the log-in"]);
    refused.says(&["Not by the agent"]);
    assert_eq!(status(&env)["devices"][0]["log_ins"], 0);
    stop(&env, agent);
}

#[test]
fn a_quiet_connection_ends_and_the_next_message_has_a_new_one() {
    let broker = Broker::start(|client| {
        let serve = |mut peer: Peer| {
            while let Some(publish) = peer.published() {
                deliver(&mut peer, publish);
            }
        };
        serve(next(&client));
        serve(next(&client));
    });
    let env = env_of(broker.port, &["lot1"]);
    let agent = start(&env, "--idle 100ms");
    publish(&env, "-m 1").done().says(&[BY_AGENT]);
    while status(&env)["devices"][0]["connected"] == true {}
    publish(&env, "-m 2").done().says(&[BY_AGENT]);
    broker.end();
    stop(&env, agent);
}

#[test]
fn a_rotated_credential_is_used_from_the_next_message_on() {
    let env = TestEnv::new();
    env.i3("register lot1 --hub parking --new-key").succeeds(&format!("{LOT1}\n"));
    let agent = start(&env, "");
    publish(&env, "-m 1").done().says(&[BY_AGENT]);
    let log_ins = |env: &TestEnv| status(env)["devices"][0]["log_ins"].as_u64().unwrap();
    assert_eq!(log_ins(&env), 1);
    env.i3("device rotate lot1 -v").done().says(&["The agent logs in again"]);
    publish(&env, "-m 2").done().says(&[BY_AGENT]);
    assert_eq!(log_ins(&env), 2);
    env.i3("device passwd lot1 --generate-password").done();
    publish(&env, "-m 3").done().says(&[BY_AGENT]);
    let told = status(&env);
    assert_eq!(told["devices"][0]["log_ins"], 1, "what logs in is another: {told}");
    stop(&env, agent);
}

#[test]
fn the_agent_goes_by_the_configuration_as_it_is() {
    let mut env = TestEnv::with_lot1();
    env.unset(i3::config::env::BROKER);
    let port = env.sandbox.broker_url().port;
    env.i3(&format!("config set devices.lot1.broker mqtt://127.0.0.1:{port}")).done();
    let agent = start(&env, "");
    publish(&env, "-m 1").done().says(&[BY_AGENT]);
    // The same broker under another name: an agent that compared texts would decline.
    env.i3(&format!("config set devices.lot1.broker mqtt://localhost:{port}")).done();
    publish(&env, "-m 1").done().says(&[BY_AGENT]);
    env.i3("config set devices.lot1.broker mqtt://127.0.0.1:1").done();
    publish(&env, "-m 1").fails(75, &["127.0.0.1:1 cannot be reached", "Not by the agent"]);
    env.i3(&format!("config set devices.lot1.broker mqtt://127.0.0.1:{port}")).done();
    publish(&env, "-m 1").done().says(&[BY_AGENT]);
    stop(&env, agent);
}

#[test]
fn what_is_on_its_way_is_finished_before_the_agent_ends() {
    let attend = |client: Clients| {
        let mut peer = next(&client);
        let publish = peer.published().unwrap();
        // The agent is stopped before this.
        thread::sleep(Duration::from_millis(300));
        deliver(&mut peer, publish);
        assert!(peer.published().is_none());
    };
    for by_signal in [false, true] {
        let broker = Broker::start(attend);
        let env = env_of(broker.port, &["lot1"]);
        let agent = start(&env, "");
        let run = publish(&env, "-m 1").start();
        while status(&env)["devices"][0]["in_flight"] != 1 {}
        if by_signal {
            let pid = rustix::process::Pid::from_raw(agent.id() as i32).unwrap();
            rustix::process::kill_process(pid, rustix::process::Signal::TERM).unwrap();
            assert_eq!(agent.finish().code, 0);
            assert!(!env.agent().exists());
        } else {
            stop(&env, agent);
        }
        assert_eq!(run.finish().code, 0);
        broker.end();
    }
}

#[test]
fn a_deadline_holds_with_the_agent() {
    let broker = Broker::start(|client| {
        let mut peer = next(&client);
        peer.published().unwrap();
        while peer.published().is_some() {}
    });
    let env = env_of(broker.port, &["lot1"]);
    let agent = start(&env, "");
    let late = publish(&env, "-m 1 --deadline 300ms").fails(75, &["the deadline has passed", "may have arrived"]);
    late.says(&[BY_AGENT]);
    broker.end();
    stop(&env, agent);
}

#[test]
fn an_agent_that_hangs_leaves_a_message_its_time() {
    let env = TestEnv::with_lot1();
    let agent = start(&env, "");
    signal(&agent, "STOP");
    for options in ["--deadline 3s", "--timeout 2s"] {
        let started = Instant::now();
        env.i3(&format!("pub -v --device lot1 -t {TOPIC} -m 1 {options}")).done().says(&["the agent does not answer"]);
        assert!(started.elapsed() < Duration::from_secs(4), "{options}: {:?}", started.elapsed());
    }
    signal(&agent, "CONT");
    stop(&env, agent);
}

#[test]
fn an_agent_error_reaches_the_caller_as_it_is() {
    // Each error of a message on MQTT 3.1.1 survives the way through the socket.
    use i3::agent::protocol::Failure;
    use i3::mqtt::connection::ConnectionError;
    use i3::publisher::Reached;
    let topic: Topic = TOPIC.parse().unwrap();
    let broker = || std::sync::Arc::new("mqtts://[::1]:8884".parse().unwrap());
    let after = Duration::from_secs(1);
    for error in [
        PublishError::NoEcho { topic: topic.clone(), broker: broker(), after },
        PublishError::EchoRefused { topic: topic.clone(), broker: broker(), reason: Reason(0x80), passes: false },
        PublishError::Stuck { topic: topic.clone(), after, reached: Reached::Sent },
        PublishError::NotAcknowledged { topic: topic.clone(), after },
        PublishError::Closed {
            topic: topic.clone(),
            broker: broker(),
            reached: Reached::Sent,
            source: ConnectionError::Closed,
        },
        PublishError::Link {
            topic: topic.clone(),
            reached: Reached::Acknowledged,
            source: ConnectionError::Silent(after),
        },
        PublishError::Deadline { topic: topic.clone(), reached: Reached::Acknowledged },
    ] {
        let sent = frame(&Failure::of(&error).unwrap()).unwrap();
        let back: Failure = i3::agent::protocol::read(sent.as_slice()).unwrap();
        let back = back.into_error(topic.clone(), broker());
        assert_eq!((back.to_string(), back.reached()), (error.to_string(), error.reached()));
        assert_eq!(back.is_passing(), error.is_passing());
    }
    // Messages that are in flight on the shared connection may arrive, regardless of the caller's result.
    let part = Reached::Part { sent: 1, of: 2 };
    for error in [
        PublishError::Stuck { topic: topic.clone(), after, reached: part },
        PublishError::Deadline { topic: topic.clone(), reached: Reached::Nothing },
    ] {
        assert_eq!(Failure::of(&error).unwrap().into_error(topic.clone(), broker()).reached(), Reached::Sent);
    }
    // The caller can send messages that the broker does not accept.
    for reached in [Reached::Nothing, part] {
        let source = ConnectionError::Closed;
        assert!(
            Failure::of(&PublishError::Closed { topic: topic.clone(), broker: broker(), reached, source }).is_err()
        );
    }
}

#[test]
fn a_sandbox_that_charges_for_tokens_is_asked_for_one() {
    let env = TestEnv::with_lot1_on(Options { token_cost: Duration::from_millis(60), ..quick() });
    let agent = start(&env, "");
    let before = log_ins(&env);
    for _ in 0..20 {
        publish(&env, "-m 1").done().says(&[BY_AGENT]);
    }
    assert_eq!(log_ins(&env) - before, 1);
    stop(&env, agent);
}

//! The gateway with NATS JetStream: the stream's messages arrive at I3, and are acknowledged only then.

use std::collections::BTreeMap;
use std::fs;
use std::time::Duration;

use async_nats::jetstream::consumer::{AckPolicy, pull, push};
use rcgen::{CertificateParams, CertifiedIssuer, KeyPair};

use crate::program::{LONG, LOT1, Running, SHORT, TOPIC, TestEnv};
use crate::support::gateway::{env_of, eventually, numbered, rejected, signal, start, write};
use crate::support::nats::{ADMIN, Nats, PASSWORD};
use crate::support::recording_broker::Recorder;
use crate::support::tls_server::{authority, client_of};
use crate::support::victim::kill;

const NO_ECHO: &str = "--confirm none";
/// For consumers whose messages are to come again soon.
const SOON: Duration = Duration::from_millis(500);

/// The tables of a source called plant.
fn plant(nats: &Nats, more: &str) -> String {
    format!("[[source]]\nname = 'plant'\nurl = '{}'\nstream = 'SENSORS'\ndurable = 'i3'\n{more}\n", nats.url())
}

/// The table of a route from there.
fn route(subject: &str, device: &str, topic: &str) -> String {
    format!("[[route]]\nfrom = 'plant'\nmatch = '{subject}'\ndevice = '{device}'\ntopic = '{topic}'\n")
}

/// A server with a stream of all below `plant`.
fn with_stream() -> Option<Nats> {
    let nats = Nats::start()?;
    nats.stream("SENSORS", &["plant.>"]);
    Some(nats)
}

fn ends_well(gateway: Running) -> String {
    signal(&gateway, "TERM");
    let ended = gateway.finish();
    assert_eq!(ended.code, 0, "{ended}");
    ended.stderr
}

#[test]
fn messages_of_a_stream_reach_the_buyer_as_their_routes_say_and_are_acknowledged() {
    let Some(nats) = with_stream() else { return };
    let env = TestEnv::with_lot1();
    write(
        &env,
        &[plant(&nats, ""), route("plant.*.soil", "lot1", "alice/parking/{1}"), route("plant.raw.>", LOT1, TOPIC)],
    );
    let gateway = start(&env, "", 1);
    let buyer = env.i3(&format!("sub -v -t {TOPIC} -C 2 -W {LONG}")).start().says("Subscribed");
    nats.publish("plant.occupancy.soil", &["one".into()]);
    nats.publish("plant.other", &["nobody's".into(), "nobody's either".into()]);
    nats.publish("plant.raw.a.b", &["two".into()]);
    assert_eq!(buyer.finish().stdout, format!("{TOPIC} one\n{TOPIC} two\n"));
    nats.wait_until_acknowledged("SENSORS", "i3");
    let config = nats.info("SENSORS", "i3").config;
    assert_eq!(
        (config.filter_subject.as_str(), config.max_ack_pending, config.ack_policy),
        ("", -1, AckPolicy::Explicit)
    );
    let said = ends_well(gateway);
    assert!(said.contains("Received 4, unrouted 2, delivered 2, proved 1, rejected 0"), "{said}");
    assert_eq!(said.matches("no route takes plant.other from 'plant'").count(), 1, "{said}");
}

#[test]
fn a_consumer_for_one_route_has_its_filter() {
    let Some(nats) = with_stream() else { return };
    let recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1"]);
    write(&env, &[plant(&nats, ""), route("plant.a.*", "lot1", TOPIC)]);
    let gateway = start(&env, NO_ECHO, 1);
    nats.publish("plant.b", &["nobody's".into()]);
    nats.publish("plant.a.x", &numbered(1, 3));
    recorder.wait_for(3);
    nats.wait_until_acknowledged("SENSORS", "i3");
    assert_eq!(nats.info("SENSORS", "i3").config.filter_subject, "plant.a.*");
    let said = ends_well(gateway);
    assert!(said.contains("Received 3, unrouted 0"), "{said}");
    // What such a consumer never gives out is not waited for in silence.
    write(&env, &[plant(&nats, ""), route("plant.a.*", "lot1", TOPIC), route("plant.b", "lot1", TOPIC)]);
    let gateway = env.i3("gateway gateway.toml").start().says("never what the route for plant.b takes");
    drop(gateway);
}

#[test]
fn a_gateway_that_is_killed_loses_nothing_and_keeps_the_order() {
    let Some(nats) = with_stream() else { return };
    nats.consumer("SENSORS", "i3", SOON);
    let mut recorder = Recorder::down();
    let env = env_of(recorder.port, &["lot1"]);
    write(&env, &[plant(&nats, ""), route("plant.in", "lot1", TOPIC)]);
    let gateway = start(&env, NO_ECHO, 1);
    nats.publish("plant.in", &numbered(1, 500));
    let gateway = gateway.says("the log-in of alice$parking$lot1 failed");
    kill(gateway.id());
    drop(gateway);
    nats.publish("plant.in", &numbered(501, 600));
    recorder.up();
    let mut gateway = start(&env, NO_ECHO, 1);
    recorder.wait_for(600);
    assert_eq!(recorder.messages(), numbered(1, 600), "all of them, in order, and once");
    // In the middle of many.
    nats.publish("plant.in", &numbered(601, 20_000));
    for count in [2000, 8000] {
        recorder.wait_for(count);
        kill(gateway.id());
        drop(gateway);
        gateway = start(&env, NO_ECHO, 1);
    }
    eventually("all come", || recorder.first_arrivals().len() == 20_000);
    assert_eq!(recorder.first_arrivals(), numbered(1, 20_000), "in order");
    nats.wait_until_acknowledged("SENSORS", "i3");
    ends_well(gateway);
}

#[test]
fn what_is_not_delivered_is_given_back_at_the_end() {
    let Some(nats) = with_stream() else { return };
    nats.consumer("SENSORS", "i3", Duration::from_secs(600));
    let mut recorder = Recorder::down();
    let env = env_of(recorder.port, &["lot1"]);
    write(&env, &[plant(&nats, ""), route("plant.in", "lot1", TOPIC)]);
    let gateway = start(&env, &format!("{NO_ECHO} --grace 100ms"), 1);
    nats.publish("plant.in", &numbered(1, 10));
    ends_well(gateway.says("the log-in of alice$parking$lot1 failed"));
    recorder.up();
    let gateway = start(&env, NO_ECHO, 1);
    recorder.wait_for(10);
    assert_eq!(recorder.messages(), numbered(1, 10));
    nats.wait_until_acknowledged("SENSORS", "i3");
    ends_well(gateway);
}

#[test]
fn what_i3_refuses_goes_to_the_subject_for_it_before_it_is_acknowledged() {
    let Some(nats) = with_stream() else { return };
    let env = TestEnv::with_lot1();
    let field = format!("{}payload = '.value'\n", route("plant.field", "lot1", TOPIC));
    write(
        &env,
        &[
            plant(&nats, "rejects = 'rejects.i3'"),
            route("plant.good", "lot1", TOPIC),
            route("plant.bad.*", "lot1", "alice/parking/{1}"),
            field,
        ],
    );
    let gateway = start(&env, &format!("--timeout {SHORT}"), 1);
    nats.publish("plant.bad.typo", &["2".into()]);
    // No stream takes it: it waits, and is not acknowledged.
    let gateway = gateway.says("rejected messages cannot be published to rejects.i3");
    let buyer = env.i3(&format!("sub -v -t {TOPIC} -C 1 -W {LONG}")).start().says("Subscribed");
    nats.publish("plant.good", &["1".into()]);
    assert_eq!(buyer.finish().stdout, format!("{TOPIC} 1\n"), "the others flow");
    eventually("the rejected one alone is not acknowledged", || nats.info("SENSORS", "i3").num_ack_pending == 1);
    nats.stream("REJECTS", &["rejects.>"]);
    nats.publish("plant.field", &["no JSON".into()]);
    nats.wait_until_acknowledged("SENSORS", "i3");
    let header = |sequence: u64, name: &str| {
        let message = nats.message("REJECTS", sequence).unwrap_or_else(|| panic!("there is no {sequence}"));
        message.headers.get(name).unwrap().as_str().to_owned()
    };
    assert_eq!(&nats.message("REJECTS", 1).unwrap().payload[..], b"2");
    assert_eq!(header(1, "I3-Device"), LOT1);
    assert_eq!(header(1, "I3-Topic"), "alice/parking/typo");
    assert_eq!(header(1, "I3-Subject"), "plant.bad.typo");
    assert!(header(1, "I3-Error").contains("did not come back within 1s"), "{}", header(1, "I3-Error"));
    assert_eq!(&nats.message("REJECTS", 2).unwrap().payload[..], b"no JSON");
    assert!(header(2, "I3-Error").contains("not JSON"));
    assert!(nats.message("REJECTS", 3).is_none() && rejected(&env).is_empty());
    ends_well(gateway);
}

#[test]
fn what_was_rejected_once_goes_to_no_subject_again() {
    let Some(nats) = with_stream() else { return };
    nats.stream("REJECTS", &["rejects.>"]);
    let env = TestEnv::with_lot1();
    // A separate stream for rejected messages, and somebody who tries them again.
    let again = plant(&nats, "rejects = 'rejects.more'").replace("'plant'", "'again'").replace("SENSORS", "REJECTS");
    let retry = route("rejects.i3", "lot1", "alice/parking/typo").replace("'plant'", "'again'");
    write(
        &env,
        &[plant(&nats, "rejects = 'rejects.i3'"), route("plant.bad", "lot1", "alice/parking/typo"), again, retry],
    );
    let gateway = start(&env, &format!("--timeout {SHORT}"), 2);
    nats.publish("plant.bad", &["1".into()]);
    eventually("it is in the file", || rejected(&env).len() == 1);
    nats.wait_until_acknowledged("REJECTS", "i3");
    assert_eq!(rejected(&env)[0]["rejected"]["source"], "again");
    assert!(nats.message("REJECTS", 2).is_none());
    let said = ends_well(gateway);
    assert!(said.contains("oute 2 takes the rejected messages of the source 'plant'"), "{said}");
    // The source's own stream stores it, and no route receives it.
    write(
        &env,
        &[
            plant(&nats, "rejects = 'plant.rejects'").replace("'i3'", "'own'"),
            route("plant.good", "lot1", TOPIC),
            route("plant.bad", "lot1", "alice/parking/typo"),
        ],
    );
    let gateway = start(&env, &format!("--timeout {SHORT}"), 1);
    let gateway = gateway.says("the stream SENSORS itself takes plant.rejects");
    nats.publish("plant.good", &["2".into()]);
    nats.wait_until_acknowledged("SENSORS", "own");
    let kept = rejected(&env);
    assert!(kept.len() == 2 && nats.message("SENSORS", 4).is_none(), "{kept:?}");
    assert_eq!(kept[1]["rejected"]["from"], "plant.bad");
    ends_well(gateway);
    write(&env, &[plant(&nats, "rejects = 'plant.rejects'"), route("plant.>", "lot1", TOPIC)]);
    env.i3("gateway check gateway.toml")
        .fails(78, &["error[gateway-file]", "route 1 (plant.> from plant): it takes plant.rejects"]);
}

#[test]
fn what_came_again_before_a_connection_ended_for_good_is_published_in_its_order() {
    let users = format!(
        "authorization: {{ users: [ {{ user: {ADMIN}, password: '{PASSWORD}' }}, {{ user: i3, password: first }} ] }}\n"
    );
    let Some(mut nats) = Nats::start_with(|_| users) else { return };
    nats.stream("SENSORS", &["plant.>"]);
    nats.consumer("SENSORS", "i3", Duration::from_secs(4));
    let recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1"]);
    env.secret("plant.pw", "first");
    write(&env, &[plant(&nats, "user = 'i3'\npassword_file = 'plant.pw'"), route("plant.in", "lot1", TOPIC)]);
    nats.publish("plant.in", &numbered(1, 100));
    nats.take_and_go("SENSORS", "i3", 50);
    // So that the second half is due that much later, and the connection ends between the two.
    std::thread::sleep(Duration::from_secs(3));
    nats.take_and_go("SENSORS", "i3", 50);
    let gateway = start(&env, NO_ECHO, 1);
    eventually("the first half has come again", || nats.info("SENSORS", "i3").num_redelivered == 50);
    nats.kill(0);
    assert_eq!(recorder.messages(), numbered(1, 0), "it waits for the second half");
    nats.configure(0, "password: first", "password: second");
    nats.start_again(0);
    let gateway = gateway.says("NATS refuses the log-in of the user i3");
    nats.kill(0);
    nats.configure(0, "password: second", "password: first");
    nats.start_again(0);
    let gateway = gateway.says("akes messages from 'plant'");
    nats.publish("plant.in", &numbered(101, 120));
    eventually("all come", || recorder.first_arrivals().len() == 120);
    assert_eq!(recorder.messages(), numbered(1, 120), "all of them, in order, and once");
    nats.wait_until_acknowledged("SENSORS", "i3");
    ends_well(gateway);
}

#[test]
fn a_device_that_cannot_log_in_stops_only_itself_however_much_waits_for_it() {
    let Some(nats) = with_stream() else { return };
    let recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1", "lot2"]);
    let password = env.path("device.pw");
    let config = fs::read_to_string(env.config_file()).unwrap();
    let (lot1, lot2) = config.split_at(config.find("[devices.'alice$parking$lot2']").unwrap());
    let later = lot2.replace("device.pw", "later.pw");
    fs::write(env.config_file(), format!("{lot1}{later}")).unwrap();
    write(
        &env,
        &[plant(&nats, ""), route("plant.one", "lot1", TOPIC), route("plant.two", "lot2", "alice/parking/two")],
    );
    let gateway = start(&env, NO_ECHO, 1);
    let many = 10_000;
    nats.publish("plant.two", &(1..=many).map(|n| format!("kept {n}")).collect::<Vec<_>>());
    let gateway = gateway.says("alice$parking$lot2 publishes nothing");
    nats.publish("plant.one", &numbered(1, 100));
    recorder.wait_for(100);
    assert_eq!(recorder.messages(), numbered(1, 100));
    fs::copy(password, env.path("later.pw")).unwrap();
    signal(&gateway, "HUP");
    eventually("all come", || recorder.first_arrivals().len() == 100 + many);
    let kept: Vec<String> = recorder.first_arrivals().split_off(100);
    assert!(kept == (1..=many).map(|n| format!("kept {n}")).collect::<Vec<_>>(), "in order");
    nats.wait_until_acknowledged("SENSORS", "i3");
    ends_well(gateway);
}

#[test]
fn two_gateways_share_a_consumer() {
    let Some(nats) = with_stream() else { return };
    let recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1"]);
    write(&env, &[plant(&nats, ""), route("plant.in", "lot1", TOPIC)]);
    let gateways = [0, 1].map(|_| start(&env, NO_ECHO, 1));
    eventually("both ask", || nats.info("SENSORS", "i3").num_waiting == 2);
    nats.publish("plant.in", &numbered(1, 400));
    recorder.wait_for(400);
    nats.wait_until_acknowledged("SENSORS", "i3");
    let mut all: Vec<u32> = recorder.messages().iter().map(|message| message.parse().unwrap()).collect();
    all.sort_unstable();
    assert_eq!(all, (1..=400).collect::<Vec<_>>(), "each once");
    for gateway in gateways {
        let said = ends_well(gateway);
        let delivered = said.rsplit("delivered ").next().unwrap().split(',').next().unwrap();
        assert!(delivered.parse::<u32>().unwrap() > 0, "{said}");
    }
}

#[test]
fn order_holds_across_gateways_where_each_has_a_partition() {
    let mapping = "mappings: { 'plant.*': 'part.{{partition(2,1)}}.{{wildcard(1)}}' }\n";
    let Some(nats) = Nats::start_with(|_| mapping.into()) else { return };
    nats.stream("SENSORS", &["part.>"]);
    let recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1"]);
    let gateway = |partition: usize| {
        nats.consumer("SENSORS", &format!("i3-{partition}"), SOON);
        let source = plant(&nats, "").replace("'i3'", &format!("'i3-{partition}'"));
        write(&env, &[source, route(&format!("part.{partition}.*"), "lot1", "alice/parking/{1}")]);
        start(&env, NO_ECHO, 1)
    };
    let [first, second] = [0, 1].map(gateway);
    let sensors = ["a", "b", "c", "d", "e", "f", "g", "h"];
    let messages = |n: u32| sensors.map(|sensor| (format!("plant.{sensor}"), format!("{sensor} {n}")));
    nats.publish_with((1..=500).flat_map(messages));
    recorder.wait_for(1000);
    kill(first.id());
    drop(first);
    let first = gateway(0);
    nats.publish_with((501..=1000).flat_map(messages));
    eventually("all come", || recorder.first_arrivals().len() == 8000);
    let mut of_sensor: BTreeMap<String, Vec<u32>> = BTreeMap::new();
    for message in recorder.first_arrivals() {
        let (sensor, n) = message.split_once(' ').unwrap();
        of_sensor.entry(sensor.into()).or_default().push(n.parse().unwrap());
    }
    for (sensor, numbers) in of_sensor {
        assert_eq!(numbers, (1..=1000).collect::<Vec<_>>(), "{sensor}");
    }
    for gateway in [first, second] {
        assert!(!ends_well(gateway).contains("delivered 0,"), "each had some");
    }
}

#[test]
fn a_server_that_ends_and_comes_again_is_taken_up_where_it_was() {
    let Some(mut nats) = with_stream() else { return };
    nats.consumer("SENSORS", "i3", SOON);
    let recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1"]);
    write(&env, &[plant(&nats, ""), route("plant.in", "lot1", TOPIC)]);
    let gateway = start(&env, NO_ECHO, 1);
    nats.publish("plant.in", &numbered(1, 1000));
    recorder.wait_for(500);
    nats.kill(0);
    let gateway = gateway.says("the connection to 'plant' was lost");
    nats.start_again(0);
    let gateway = gateway.says("akes messages from 'plant'");
    nats.publish("plant.in", &numbered(1001, 2000));
    eventually("all come", || recorder.first_arrivals().len() == 2000);
    assert_eq!(recorder.first_arrivals(), numbered(1, 2000));
    nats.wait_until_acknowledged("SENSORS", "i3");
    ends_well(gateway);
}

#[test]
fn a_cluster_goes_on_without_a_node() {
    let Some(mut nats) = Nats::cluster() else { return };
    nats.stream("SENSORS", &["plant.>"]);
    nats.consumer("SENSORS", "i3", SOON);
    let recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1"]);
    write(&env, &[plant(&nats, ""), route("plant.in", "lot1", TOPIC)]);
    let gateway = start(&env, NO_ECHO, 1);
    nats.publish("plant.in", &numbered(1, 300));
    let leader = nats.leader("SENSORS", "i3");
    nats.kill(leader);
    nats.publish("plant.in", &numbered(301, 600));
    eventually("all come", || recorder.first_arrivals().len() == 600);
    nats.start_again(leader);
    nats.publish("plant.in", &numbered(601, 700));
    eventually("all come", || recorder.first_arrivals().len() == 700);
    assert_eq!(recorder.first_arrivals(), numbered(1, 700));
    nats.wait_until_acknowledged("SENSORS", "i3");
    ends_well(gateway);
}

/// A server certificate for `localhost` in the folder, by an authority that is there, too.
fn certificates(folder: &std::path::Path) -> CertifiedIssuer<'static, KeyPair> {
    let ca = authority("The plant");
    let key = KeyPair::generate().unwrap();
    let names = vec!["localhost".into(), "127.0.0.1".into()];
    let server = CertificateParams::new(names).unwrap().signed_by(&key, &ca).unwrap();
    fs::write(folder.join("ca.pem"), ca.pem()).unwrap();
    fs::write(folder.join("server.pem"), server.pem()).unwrap();
    fs::write(folder.join("server.key"), key.serialize_pem()).unwrap();
    ca
}

#[test]
fn users_passwords_permissions_and_certificates_are_checked() {
    let nats = Nats::start_with(|folder| {
        certificates(folder);
        let folder = folder.display();
        format!(
            "tls: {{ cert_file: '{folder}/server.pem', key_file: '{folder}/server.key' }}\n\
             authorization: {{ users: [\n\
               {{ user: {ADMIN}, password: '{PASSWORD}' }}\n\
               {{ user: none, password: '{PASSWORD}', permissions: {{ publish: nowhere, subscribe: '_INBOX.>' }} }}\n\
               {{ user: i3, password: '{PASSWORD}', permissions: {{\n\
                 publish: ['$JS.API.CONSUMER.INFO.SENSORS.i3', '$JS.API.CONSUMER.CREATE.SENSORS.i3.>',\n\
                   '$JS.API.CONSUMER.MSG.NEXT.SENSORS.i3', '$JS.ACK.SENSORS.i3.>'], subscribe: '_INBOX.>' }} }}\n\
             ] }}\n"
        )
    });
    let Some(nats) = nats else { return };
    nats.stream("SENSORS", &["plant.>"]);
    let recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1"]);
    fs::copy(nats.folder.join("ca.pem"), env.path("ca.pem")).unwrap();
    env.secret("plant.pw", PASSWORD);
    let url = nats.url().replace("nats://127.0.0.1", "tls://localhost");
    let source = |user: &str, more: &str| {
        let table = plant(&nats, &format!("user = '{user}'\npassword_file = 'plant.pw'\n{more}"));
        table.replace(&nats.url(), &url)
    };
    let tried = |user: &str, more: &str, says: &str| {
        write(&env, &[source(user, more), route("plant.in", "lot1", TOPIC)]);
        env.i3(&format!("gateway gateway.toml {NO_ECHO} --timeout {SHORT}")).start().says(says)
    };
    drop(tried("nobody", "cafile = 'ca.pem'", "NATS refuses the log-in of the user nobody"));
    drop(tried("i3", "", "NATS cannot be reached"));
    drop(tried("none", "cafile = 'ca.pem'", "Permissions Violation for Publish to"));
    let gateway = tried("i3", "cafile = 'ca.pem'", "akes messages from 'plant'");
    nats.publish("plant.in", &numbered(1, 10));
    recorder.wait_for(10);
    nats.wait_until_acknowledged("SENSORS", "i3");
    ends_well(gateway);
    let gateway = tried("i3", "insecure = true", "akes messages from 'plant'");
    ends_well(gateway);
    env.secret("plant.pw", crate::program::key_pem());
    drop(tried("i3", "cafile = 'ca.pem'", "private key"));
}

#[test]
fn servers_may_want_a_token_and_a_client_certificate() {
    let nats = Nats::start_with(|folder| {
        let ca = certificates(folder);
        let (cert, key) = client_of(&ca, |_| {});
        fs::write(folder.join("client.pem"), cert).unwrap();
        fs::write(folder.join("client.key"), key).unwrap();
        let folder = folder.display();
        format!(
            "tls: {{ cert_file: '{folder}/server.pem', key_file: '{folder}/server.key', ca_file: '{folder}/ca.pem', \
             verify: true }}\nauthorization: {{ token: '{PASSWORD}' }}\n"
        )
    });
    let Some(nats) = nats else { return };
    nats.stream("SENSORS", &["plant.>"]);
    let recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1"]);
    for name in ["ca.pem", "client.pem"] {
        fs::copy(nats.folder.join(name), env.path(name)).unwrap();
    }
    env.secret("client.key", fs::read(nats.folder.join("client.key")).unwrap());
    env.secret("plant.token", PASSWORD);
    env.secret("wrong.token", "another");
    let tried = |more: &str, says: &str| {
        let source = plant(&nats, more).replace("nats://127.0.0.1", "tls://localhost");
        write(&env, &[source, route("plant.in", "lot1", TOPIC)]);
        env.i3(&format!("gateway gateway.toml {NO_ECHO} --timeout {SHORT}")).start().says(says)
    };
    let client = "cafile = 'ca.pem'\ncert = 'client.pem'\ncert_key = 'client.key'";
    drop(tried("cafile = 'ca.pem'\ntoken_file = 'plant.token'", "NATS cannot be reached"));
    drop(tried(client, "NATS refuses the log-in of a client without a user"));
    drop(tried(
        &format!("{client}\ntoken_file = 'wrong.token'"),
        "NATS refuses the log-in of a client with this token",
    ));
    let gateway = tried(&format!("{client}\ntoken_file = 'plant.token'"), "akes messages from 'plant'");
    env.i3("gateway check gateway.toml").done();
    nats.publish("plant.in", &numbered(1, 10));
    recorder.wait_for(10);
    nats.wait_until_acknowledged("SENSORS", "i3");
    ends_well(gateway);
    fs::remove_file(env.path("client.key")).unwrap();
    let check = env.i3("gateway check gateway.toml").run();
    assert_eq!(check.code, 66, "{check}");
    check.says(&["the source 'plant' cannot be used", "client.key"]);
}

#[test]
fn a_stream_that_is_missing_and_a_consumer_that_does_not_fit_are_named() {
    let Some(nats) = Nats::start() else { return };
    let recorder = Recorder::start();
    let env = env_of(recorder.port, &["lot1"]);
    write(&env, &[plant(&nats, ""), route("plant.in", "lot1", TOPIC)]);
    let gateway = env.i3("gateway gateway.toml --confirm none").start().says("there is no stream SENSORS");
    nats.stream("SENSORS", &["plant.>"]);
    nats.publish("plant.in", &["1".into()]);
    recorder.wait_for(1);
    ends_well(gateway);
    let unfit = |durable: &str, says: &str| {
        write(&env, &[plant(&nats, "").replace("'i3'", &format!("'{durable}'")), route("plant.in", "lot1", TOPIC)]);
        drop(env.i3("gateway gateway.toml").start().says(says));
    };
    let durable = |name: &str| Some(name.to_owned());
    let pushing = push::Config { durable_name: durable("push"), deliver_subject: "to".into(), ..Default::default() };
    nats.make_consumer("SENSORS", pushing);
    unfit("push", "it pushes its messages");
    let none = pull::Config { durable_name: durable("none"), ack_policy: AckPolicy::None, ..Default::default() };
    nats.make_consumer("SENSORS", none);
    unfit("none", "its messages are not acknowledged one by one");
    let few = pull::Config { durable_name: durable("few"), max_deliver: 3, ..Default::default() };
    nats.make_consumer("SENSORS", few);
    unfit("few", "it delivers a message at most 3 times");
}

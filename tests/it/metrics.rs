//! What the gateway shows to Prometheus, by HTTP.

use std::cell::Cell;
use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::process::{Command, Stdio};
use std::rc::Rc;
use std::sync::mpsc;
use std::thread;

use i3::gateway::metrics::server::Server;
use i3::gateway::metrics::{GatewayStats, Metrics};
use tokio::sync::oneshot;
use tokio::task::LocalSet;

use crate::http::{Answer, raw};
use crate::support::skipped::without;

/// A name that would break a line, a label or a reader that splits at a character.
const ODD: &str = "alice$größe$a\"b\\c\nd{e=\"f\"},\r\t# g";

/// Metrics in which every number is another one.
fn metrics() -> Metrics {
    let metrics = Metrics::default();
    let source = metrics.source("house");
    source.received.add(90);
    source.unrouted.add(11);
    source.acknowledged.add(76);
    source.reconnects.inc();
    source.connections.inc();
    metrics.source("pl\"ant");
    let route = metrics.route("house", "zigbee2mqtt/+/soil");
    route.received.add(79);
    route.delivered.add(70);
    route.rejected.add(6);
    route.held.set(3);
    metrics.route("pl\"ant", ODD);
    let device = metrics.device("alice$garden$bed1");
    device.received.add(79);
    device.delivered.add(70);
    device.proved.add(13);
    device.rejected.add(6);
    device.resent.add(5);
    device.in_flight.set(2);
    device.waiting.set(1);
    device.log_ins.add(4);
    device.log_ins_failed.add(8);
    device.connected.set(true);
    device.failed("log-in-refused");
    let odd = metrics.device(ODD);
    odd.delivered.inc();
    odd.in_flight.inc();
    odd.in_flight.dec();
    odd.in_flight.dec();
    metrics
}

/// Metrics that are served while `work` runs, on a separate thread as they are on one in the gateway.
fn served<T>(metrics: fn() -> Metrics, work: impl FnOnce(SocketAddr) -> T) -> T {
    let (tell, listening) = mpsc::channel();
    let (end, ended) = oneshot::channel::<()>();
    let serving = thread::spawn(move || {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        LocalSet::new().block_on(&runtime, async move {
            let server = Server::bind((Ipv4Addr::LOCALHOST, 0).into()).await.unwrap();
            tell.send(server.address()).unwrap();
            let (metrics, scrapes) = (Rc::new(metrics()), Cell::new(0));
            let page = move || {
                scrapes.set(scrapes.get() + 1);
                format!("{}# scrape {}\n", metrics.exposition(), scrapes.get())
            };
            tokio::task::spawn_local(server.serve(page));
            let _ = ended.await;
        });
    });
    let result = work(listening.recv().unwrap());
    drop(end);
    serving.join().unwrap();
    result
}

fn ask(address: SocketAddr, method: &str, path: &str) -> Answer {
    raw(&format!("http://{address}"), &format!("{method} {path} HTTP/1.1\r\nHost: {address}\r\n\r\n")).unwrap()
}

#[test]
fn promtool_finds_nothing_to_say_whatever_the_names_are() {
    for metrics in [metrics, Metrics::default] {
        let page = metrics().exposition();
        let promtool = Command::new("promtool")
            .args(["check", "metrics"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn();
        let Ok(mut promtool) = promtool else {
            return without("I3_REQUIRE_PROMTOOL", "promtool", "the metrics were not checked");
        };
        promtool.stdin.take().unwrap().write_all(page.as_bytes()).unwrap();
        let output = promtool.wait_with_output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success() && said.is_empty(), "{said}\n{page}");
    }
}

#[test]
fn every_number_is_shown_once_under_its_name() {
    let page = metrics().exposition();
    let samples: Vec<&str> = page.lines().filter(|line| line.starts_with("i3_gateway_")).collect();
    let bed1 = "{device=\"alice$garden$bed1\"}";
    let house = "{source=\"house\"}";
    let soil = "{source=\"house\",match=\"zigbee2mqtt/+/soil\"}";
    for expected in [
        format!("i3_gateway_messages_received_total{bed1} 79"),
        format!("i3_gateway_messages_delivered_total{bed1} 70"),
        format!("i3_gateway_messages_proved_total{bed1} 13"),
        format!("i3_gateway_messages_rejected_total{bed1} 6"),
        format!("i3_gateway_messages_resent_total{bed1} 5"),
        format!("i3_gateway_messages_in_flight{bed1} 2"),
        format!("i3_gateway_messages_waiting{bed1} 1"),
        format!("i3_gateway_log_ins_total{bed1} 4"),
        format!("i3_gateway_log_ins_failed_total{bed1} 8"),
        format!("i3_gateway_connected{bed1} 1"),
        format!("i3_gateway_source_messages_received_total{house} 90"),
        format!("i3_gateway_source_messages_unrouted_total{house} 11"),
        format!("i3_gateway_source_messages_acknowledged_total{house} 76"),
        format!("i3_gateway_source_reconnects_total{house} 1"),
        format!("i3_gateway_source_connections{house} 1"),
        "i3_gateway_source_connections{source=\"pl\\\"ant\"} 0".into(),
        format!("i3_gateway_route_messages_received_total{soil} 79"),
        format!("i3_gateway_route_messages_delivered_total{soil} 70"),
        format!("i3_gateway_route_messages_rejected_total{soil} 6"),
        format!("i3_gateway_route_messages_held{soil} 3"),
    ] {
        let found = samples.iter().filter(|line| **line == expected).count();
        assert_eq!(found, 1, "{expected}\n{page}");
    }
    let odd = "{device=\"alice$größe$a\\\"b\\\\c\\nd{e=\\\"f\\\"},\r\t# g\"}";
    assert!(page.contains(&format!("\ni3_gateway_messages_in_flight{odd} 0\n")), "{page}");
    let error = "i3_gateway_last_error_timestamp_seconds{device=\"alice$garden$bed1\",error=\"log-in-refused\"} ";
    let at = |name: &str| -> f64 {
        page.split(&format!("\n{name}")).nth(1).unwrap().split('\n').next().unwrap().parse().unwrap()
    };
    // Later than this was written, and the process began before the error.
    assert!(at(error) > 1.7e9 && at("process_start_time_seconds ") <= at(error), "{page}");
    // Each of 2 devices, 2 sources and 2 routes has as many as there are kinds, and one device has an error.
    assert_eq!(samples.len(), 2 * 10 + 2 * 5 + 2 * 4 + 1, "{page}");
}

#[test]
fn the_tally_is_the_sum_for_people_and_for_programs() {
    let tally = metrics().tally();
    let expected = GatewayStats {
        sources: 2,
        sources_connected: 1,
        received: 90,
        unrouted: 11,
        devices: 2,
        devices_connected: 1,
        delivered: 71,
        proved: 13,
        rejected: 6,
        resent: 5,
        in_flight: 2,
        waiting: 1,
        log_ins: 4,
        log_ins_failed: 8,
    };
    assert_eq!(tally, expected);
    assert_eq!(
        tally.to_string(),
        "received 90, unrouted 11, delivered 71, proved 13, rejected 6, resent 5, in flight 2, waiting 1; log-ins 4, failed 8; \
         connected: 1 of 2 devices, 1 of 2 sources"
    );
    assert_eq!(serde_json::to_value(tally).unwrap()["in_flight"], 2);
}

#[test]
fn the_page_is_served_as_it_is_now_and_nothing_else_is() {
    served(metrics, |address| {
        let first = ask(address, "GET", "/metrics");
        assert_eq!(first.status, 200);
        assert_eq!(first.header("content-type"), Some("text/plain; version=0.0.4; charset=utf-8"));
        assert_eq!(first.header("content-length").map(str::to_string), Some(first.body.len().to_string()));
        assert!(first.body.ends_with("# scrape 1\n"), "{}", first.body);
        assert!(ask(address, "GET", "/metrics").body.ends_with("# scrape 2\n"));
        let head = ask(address, "HEAD", "/metrics");
        assert_eq!((head.status, head.body.as_str()), (200, ""));
        assert_eq!(head.header("content-length").map(str::to_string), Some(first.body.len().to_string()));
        for (method, path, status) in [
            ("GET", "/", 200),
            ("GET", "/healthz", 200),
            ("GET", "/metrics?name[]=x", 200),
            ("GET", "/metrics/", 404),
            ("GET", "/../etc/passwd", 404),
            ("POST", "/metrics", 405),
            ("DELETE", "/", 405),
        ] {
            assert_eq!(ask(address, method, path).status, status, "{method} {path}");
        }
        assert_eq!(ask(address, "POST", "/").header("allow"), Some("GET, HEAD"));
        let nonsense = raw(&format!("http://{address}"), "\u{1}\r\n\r\n");
        assert!(nonsense.is_none_or(|answer| answer.status == 400));
    });
}

#[test]
fn scrapes_at_once_are_all_whole_beside_a_client_that_says_nothing_and_one_that_has_gone() {
    served(metrics, |address| {
        let mut silent = TcpStream::connect(address).unwrap();
        let mut slow = TcpStream::connect(address).unwrap();
        slow.write_all(b"GET /metrics HT").unwrap();
        TcpStream::connect(address).unwrap().write_all(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n").unwrap();
        thread::scope(|scope| {
            for _ in 0..100 {
                scope.spawn(move || {
                    let answer = ask(address, "GET", "/metrics");
                    assert_eq!(answer.header("content-length"), Some(answer.body.len().to_string().as_str()));
                    assert!(answer.body.contains("i3_gateway_connected{"), "{}", answer.body);
                });
            }
        });
        // They were not closed yet, and are served when they send a request.
        slow.write_all(b"TP/1.0\r\n\r\n").unwrap();
        silent.write_all(b"GET /healthz HTTP/1.0\r\n\r\n").unwrap();
        for client in [&mut slow, &mut silent] {
            let mut answer = String::new();
            client.read_to_string(&mut answer).unwrap();
            assert!(answer.starts_with("HTTP/1.0 200 OK\r\n"), "{answer}");
        }
    });
}

#[test]
fn a_port_that_is_in_use_is_named() {
    served(metrics, |address| {
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let error = runtime.block_on(Server::bind(address)).unwrap_err();
        assert!(error.to_string().contains(&address.to_string()), "{error}");
    });
}

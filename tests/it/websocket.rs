//! Brokers behind a WebSocket: how data is split into frames, and the messages if there is no WebSocket.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;

use bytes::BytesMut;
use i3::mqtt::packet::{AckKind, ConnAck, MAX_PACKET, Packet, Publish, QoS, Reason, Version};
use rustls::{ServerConnection, StreamOwned};
use tokio_tungstenite::tungstenite::handshake::server::{Request, Response};
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::protocol::CloseFrame;
use tokio_tungstenite::tungstenite::protocol::frame::Frame;
use tokio_tungstenite::tungstenite::protocol::frame::coding::{CloseCode, Data, OpCode};
use tokio_tungstenite::tungstenite::{Message, WebSocket, accept_hdr};

use crate::program::{LONG, Run, TOPIC, TestEnv};
use crate::support::line_mode::DEVICE;
use crate::support::scripted_broker::{Broker, Clients};
use crate::support::tls_server::TlsServer;

trait Io: std::io::Read + std::io::Write {}
impl<T: std::io::Read + std::io::Write> Io for T {}

/// A client's WebSocket, seen from the broker.
struct Peer<S: Io> {
    socket: WebSocket<S>,
    input: BytesMut,
    /// The request of the handshake: path, and header fields as they came.
    request: (String, Vec<(String, String)>),
    pongs: usize,
}

impl<S: Io + std::fmt::Debug> Peer<S> {
    fn accept(stream: S) -> Peer<S> {
        let mut seen = None;
        #[allow(clippy::result_large_err, reason = "the library's type")]
        let look = |request: &Request, mut response: Response| {
            let headers = request.headers().iter();
            let headers = headers.map(|(name, value)| (name.to_string(), value.to_str().unwrap().to_string()));
            seen = Some((request.uri().to_string(), headers.collect()));
            response.headers_mut().insert("Sec-WebSocket-Protocol", HeaderValue::from_static("mqtt"));
            Ok(response)
        };
        let socket = accept_hdr(stream, look).unwrap();
        Peer { socket, input: BytesMut::new(), request: seen.unwrap(), pongs: 0 }
    }

    /// The next packet, in however many messages; `None` at the end.
    fn next(&mut self) -> Option<Packet> {
        loop {
            if let Some(packet) = Packet::read(&mut self.input, Version::V311, MAX_PACKET).unwrap() {
                return Some(packet);
            }
            match self.socket.read() {
                Ok(Message::Binary(bytes)) => self.input.extend_from_slice(&bytes),
                Ok(Message::Pong(_)) => self.pongs += 1,
                Ok(Message::Close(_)) | Err(_) => return None,
                Ok(other) => panic!("not a binary message but {other:?}"),
            }
        }
    }

    /// Sends packets in one message.
    fn send(&mut self, packets: impl IntoIterator<Item = Packet>) {
        self.socket.send(Message::binary(bytes(packets))).unwrap();
    }

    fn answer_connect(&mut self) {
        assert!(matches!(self.next(), Some(Packet::Connect(_))));
        self.send([Packet::ConnAck(ConnAck::new(0))]);
    }

    /// Takes messages until the client says goodbye, acknowledges each, and closes.
    fn serve(&mut self) -> Vec<Publish> {
        let mut messages = Vec::new();
        while let Some(packet) = self.next() {
            match packet {
                Packet::Publish(publish) => {
                    if publish.qos == QoS::AtLeastOnce {
                        self.send([Packet::Ack { kind: AckKind::PubAck, id: publish.id, reason: Reason::SUCCESS }]);
                    }
                    messages.push(publish);
                }
                Packet::PingReq => self.send([Packet::PingResp]),
                Packet::Disconnect { .. } => {
                    let _ = self.socket.close(Some(CloseFrame { code: CloseCode::Normal, reason: "".into() }));
                }
                other => panic!("{other:?}"),
            }
        }
        messages
    }
}

fn bytes(packets: impl IntoIterator<Item = Packet>) -> Vec<u8> {
    let mut bytes = BytesMut::new();
    for packet in packets {
        packet.write(&mut bytes, Version::V311).unwrap();
    }
    bytes.to_vec()
}

fn with_password(env: &TestEnv, line: &str) -> Run {
    env.i3(&format!("{line} -u")).arg(DEVICE).env("I3_PASSWORD", "secret")
}

fn publish(env: &TestEnv, broker: &str, more: &str) -> Run {
    let line = format!("pub -t {TOPIC} -m 678 -q 1 --confirm none --timeout {LONG} --broker {broker} {more}");
    with_password(env, &line)
}

#[test]
fn a_message_goes_over_a_websocket_with_the_subprotocol_the_path_and_the_header_fields() {
    let env = TestEnv::new();
    let broker = Broker::start(|clients: Clients| {
        [(); 3].map(|()| {
            let mut peer = Peer::accept(clients.next().stream);
            peer.answer_connect();
            let messages = peer.serve();
            (peer.request, messages.len())
        })
    });
    env.secret("fields", "# of the firewall\nAuthorization: Bearer hunter2\n");
    let port = broker.port;
    publish(&env, &format!("ws://localhost:{port}"), "").succeeds("").is_silent();
    publish(&env, &format!("ws://localhost:{port}/a/b%20c"), "--ws-header-file fields -v")
        .arg("--ws-header")
        .arg("X-Site: 7")
        .done()
        .keeps_secret("hunter2");
    env.i3("config set ws_header_file fields").done();
    let lines: String = (0..20_000).map(|number| format!("{number}\n")).collect();
    let stream =
        with_password(&env, &format!("pub -l -t {TOPIC} -q 1 --confirm none --json --broker ws://127.0.0.1:{port}/"));
    assert_eq!(stream.input(lines).json()["acknowledged"], 20_000);
    let [one, two, three] = broker.end();
    let field = |request: &(String, Vec<(String, String)>), name: &str| {
        request.1.iter().find(|(known, _)| known == name).map(|(_, value)| value.clone())
    };
    assert_eq!((one.0.0.as_str(), one.1), ("/mqtt", 1));
    assert_eq!(field(&one.0, "sec-websocket-protocol").as_deref(), Some("mqtt"));
    assert_eq!(field(&one.0, "host"), Some(format!("localhost:{port}")));
    assert_eq!(field(&one.0, "authorization"), None);
    assert_eq!((two.0.0.as_str(), two.1), ("/a/b%20c", 1));
    assert_eq!(field(&two.0, "authorization").as_deref(), Some("Bearer hunter2"));
    assert_eq!(field(&two.0, "x-site").as_deref(), Some("7"));
    assert_eq!((three.0.0.as_str(), three.1), ("/", 20_000));
    assert_eq!(field(&three.0, "authorization").as_deref(), Some("Bearer hunter2"));
}

#[test]
fn packets_come_in_any_pieces_and_pings_are_answered() {
    let env = TestEnv::new();
    let broker = Broker::start(|clients: Clients| {
        let mut peer = Peer::accept(clients.next().stream);
        assert!(matches!(peer.next(), Some(Packet::Connect(_))));
        // A message in three frames, a ping between them; an empty message; then one byte in each message.
        let connack = bytes([Packet::ConnAck(ConnAck::new(0))]);
        let frame =
            |bytes: &[u8], kind, is_last| Message::Frame(Frame::message(bytes.to_vec(), OpCode::Data(kind), is_last));
        peer.socket.send(frame(&connack[..1], Data::Binary, false)).unwrap();
        peer.socket.send(Message::Ping(b"are you there?".to_vec().into())).unwrap();
        peer.socket.send(frame(&connack[1..2], Data::Continue, false)).unwrap();
        peer.socket.send(frame(&connack[2..], Data::Continue, true)).unwrap();
        peer.socket.send(Message::binary(Vec::new())).unwrap();
        let Some(Packet::Subscribe { id, .. }) = peer.next() else { panic!("no SUBSCRIBE") };
        let message = |payload: &str| {
            Packet::Publish(Publish {
                topic: TOPIC.into(),
                payload: payload.to_string().into(),
                qos: QoS::AtMostOnce,
                retain: false,
                dup: false,
                id: 0,
            })
        };
        for byte in bytes([Packet::SubAck { id, codes: vec![Reason(0)] }]) {
            peer.socket.send(Message::binary(vec![byte])).unwrap();
        }
        // Three messages of MQTT and the beginning of a fourth in one of the WebSocket.
        let all = bytes(["1", "2", "3", "4"].map(message));
        let (begun, rest) = all.split_at(all.len() - 3);
        peer.socket.send(Message::binary(begun.to_vec())).unwrap();
        peer.socket.send(Message::binary(rest.to_vec())).unwrap();
        while peer.next().is_some() {}
        peer.pongs
    });
    let sub = with_password(&env, &format!("sub -t {TOPIC} -C 4 -W {LONG} --broker ws://127.0.0.1:{}", broker.port));
    sub.succeeds("1\n2\n3\n4\n");
    assert_eq!(broker.end(), 1);
}

#[test]
fn a_websocket_runs_over_tls() {
    let (env, server) = (TestEnv::new(), TlsServer::new());
    std::fs::write(env.path("ca.pem"), &server.pem).unwrap();
    let config = Arc::clone(&server.config);
    let broker = Broker::start(move |clients: Clients| {
        let tcp: TcpStream = clients.next().stream;
        let mut peer = Peer::accept(StreamOwned::new(ServerConnection::new(config).unwrap(), tcp));
        peer.answer_connect();
        peer.serve().len()
    });
    publish(&env, &format!("wss://localhost:{}", broker.port), "--cafile ca.pem").succeeds("").is_silent();
    assert_eq!(broker.end(), 1);
}

#[test]
fn an_answer_that_is_no_websocket_is_told_by_its_status() {
    let env = TestEnv::new();
    let accept = "Upgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: mqtt\r\n";
    let cases: [(String, i32, &str, &str); 25] = [
        (
            "301 Moved\r\nLocation: https://ws.example/mqtt".into(),
            78,
            "websocket-moved",
            "use --broker wss://ws.example:443/mqtt",
        ),
        (
            "308 Moved\r\nLocation: wss://ws.example:8084/x".into(),
            78,
            "websocket-moved",
            "use --broker wss://ws.example:8084/x",
        ),
        ("302 Found\r\nLocation: /accounts/login/?next=/".into(), 78, "not-a-websocket", "a web site answers there"),
        ("302 Found\r\nLocation: https://ws.example/login".into(), 78, "not-a-websocket", "a web site answers there"),
        ("301 Moved\r\nLocation: /mqtt/".into(), 78, "websocket-moved", "use --broker ws://127.0.0.1"),
        ("301 Moved".into(), 78, "websocket-moved", "ask the operator for the new address"),
        ("400 Bad Request".into(), 78, "not-a-websocket", "if this port speaks TLS, use wss://127.0.0.1"),
        ("401 Unauthorized".into(), 77, "websocket-refused", "--ws-header-file FILE"),
        ("403 Forbidden".into(), 77, "websocket-refused", "--ws-header-file FILE"),
        ("404 Not Found".into(), 78, "websocket-path", "/mqtt, /ws and /"),
        ("426 Upgrade Required".into(), 78, "not-a-websocket", "check the port and path"),
        ("429 Too Many Requests".into(), 75, "websocket-down", "try again later"),
        ("502 Bad Gateway".into(), 75, "websocket-down", "try again later"),
        ("425 Too Early".into(), 75, "websocket-down", "try again later"),
        ("507 Insufficient Storage".into(), 75, "websocket-down", "try again later"),
        ("521 Web Server Is Down".into(), 75, "websocket-down", "try again later"),
        ("503 Unavailable\r\nRetry-After: 90".into(), 75, "websocket-down", "hint: try again in 1m 30s"),
        ("501 Not Implemented".into(), 78, "not-a-websocket", "HTTP 501"),
        ("511 Network Authentication Required".into(), 78, "not-a-websocket", "log in to the network"),
        // Interim answers are none.
        (
            "103 Early Hints\r\nLink: </x>\r\n\r\nHTTP/1.1 404 Not Found".into(),
            78,
            "websocket-path",
            "/mqtt, /ws and /",
        ),
        (
            format!("100 Continue\r\n\r\nHTTP/1.1 101 Switching Protocols\r\n{accept}Sec-WebSocket-Accept: AAAA"),
            78,
            "not-a-websocket",
            "does not accept the protocol upgrade",
        ),
        ("200 OK\r\nContent-Length: 0".into(), 78, "not-a-websocket", "HTTP 200"),
        (
            format!("101 Switching Protocols\r\n{accept}Sec-WebSocket-Accept: AAAA"),
            78,
            "not-a-websocket",
            "does not accept the protocol upgrade",
        ),
        ("SSH-2.0".into(), 78, "not-a-websocket", "not HTTP/1.1"),
        (String::new(), 75, "not-a-websocket", "use mqtt://127.0.0.1"),
    ];
    let answers: Vec<_> = cases.iter().map(|(answer, ..)| answer.clone()).collect();
    let broker = Broker::start(move |clients: Clients| {
        for answer in answers {
            let mut peer = clients.next();
            let mut request = Vec::new();
            while !request.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                peer.stream.read_exact(&mut byte).unwrap();
                request.extend(byte);
            }
            match answer.as_str() {
                "" => continue,
                "SSH-2.0" => peer.send_bytes(b"SSH-2.0-x\r\n\r\n"),
                answer => peer.send_bytes(format!("HTTP/1.1 {answer}\r\n\r\n").as_bytes()),
            }
            while peer.stream.read(&mut [0; 512]).is_ok_and(|read| read > 0) {}
        }
    });
    for (_, exit, id, says) in cases {
        let refused = publish(&env, &format!("ws://127.0.0.1:{}/mqtt", broker.port), "").run();
        assert_eq!((refused.code, refused.error().id), (exit, Some(id)), "{refused}");
        refused.says(&[says, "no WebSocket connection to ws://127.0.0.1"]).does_not_say(&[
            "\u{7f}",
            "Protocol(",
            "tungstenite",
        ]);
    }
    broker.end();
}

#[test]
fn a_websocket_for_something_else_and_one_that_is_closed_are_named() {
    let env = TestEnv::new();
    let broker = Broker::start(|clients: Clients| {
        // Without the subprotocol.
        let _ = tokio_tungstenite::tungstenite::accept(clients.next().stream).map(|mut socket| socket.read());
        for code in [1008, 1011] {
            let mut peer = Peer::accept(clients.next().stream);
            assert!(matches!(peer.next(), Some(Packet::Connect(_))));
            let frame = CloseFrame { code: CloseCode::from(code), reason: "no such tenant\u{1b}[2J".into() };
            peer.socket.close(Some(frame)).unwrap();
            while peer.next().is_some() {}
        }
        let mut peer = Peer::accept(clients.next().stream);
        assert!(matches!(peer.next(), Some(Packet::Connect(_))));
        peer.socket.send(Message::text("hello")).unwrap();
        while peer.next().is_some() {}
        // A TLS server at the port, with its answer to plain bytes.
        let mut peer = clients.next();
        assert!(peer.stream.read(&mut [0; 512]).unwrap() > 0);
        peer.stream.write_all(b"\x15\x03\x01\x00\x02\x02\x46").unwrap();
        while peer.stream.read(&mut [0; 512]).is_ok_and(|read| read > 0) {}
    });
    let url = format!("ws://127.0.0.1:{}", broker.port);
    let expect = |exit: i32, id: &str, says: &[&str]| {
        let refused = publish(&env, &url, "").run();
        assert_eq!((refused.code, refused.error().id), (exit, Some(id)), "{refused}");
        refused.says(says).does_not_say(&["\u{1b}"]);
    };
    expect(78, "not-a-websocket", &["the server did not take the subprotocol mqtt"]);
    expect(75, "websocket-closed", &["code 1008 (policy violation): no such tenant"]);
    expect(75, "websocket-closed", &["code 1011 (internal error)"]);
    expect(78, "not-a-websocket", &["a message is text"]);
    expect(78, "not-a-websocket", &["not HTTP/1.1"]);
    broker.end();
}

#[test]
fn a_message_may_be_large_once_the_broker_has_accepted_the_log_in_and_not_before() {
    let env = TestEnv::new();
    let large = 5 * 1024 * 1024;
    let broker = Broker::start(move |clients: Clients| {
        let mut peer = Peer::accept(clients.next().stream);
        assert!(matches!(peer.next(), Some(Packet::Connect(_))));
        // The beginning of a frame of 200 MiB, which this client would have to hold.
        let length = 200_u64 << 20;
        let stream = peer.socket.get_mut();
        stream.write_all(&[&[0x82, 127][..], &length.to_be_bytes()].concat()).unwrap();
        let chunk = vec![0; 1 << 20];
        let taken = (0..200).take_while(|_| stream.write_all(&chunk).is_ok()).count();
        let mut peer = Peer::accept(clients.next().stream);
        peer.answer_connect();
        let Some(Packet::Subscribe { id, .. }) = peer.next() else { panic!("no SUBSCRIBE") };
        let (topic, payload) = (TOPIC.into(), "x".repeat(large).into());
        let message = Publish { topic, payload, qos: QoS::AtMostOnce, retain: false, dup: false, id: 0 };
        peer.send([Packet::SubAck { id, codes: vec![Reason(0)] }, Packet::Publish(message)]);
        while peer.next().is_some() {}
        taken
    });
    let url = format!("ws://127.0.0.1:{}", broker.port);
    let refused = publish(&env, &url, "").run();
    assert_eq!((refused.code, refused.error().id), (78, Some("not-a-websocket")), "{refused}");
    refused.says(&["too much data came before the answer to the log-in"]);
    let sub = with_password(&env, &format!("sub -t {TOPIC} -C 1 -W {LONG} --broker {url}")).done();
    assert_eq!(sub.stdout.len(), large + 1);
    let taken = broker.end();
    assert!(taken < 64, "{taken} MiB left for the client");
}

#[test]
fn mqtt_at_the_port_of_a_websocket_is_told_of_it() {
    let env = TestEnv::new();
    let broker = Broker::start(|clients: Clients| {
        // As a WebSocket's server takes CONNECT: it closes, or calls it a bad request.
        for answer in [&b""[..], b"HTTP/1.1 400 Bad Request\r\n\r\n"] {
            let mut peer = clients.next();
            assert!(peer.stream.read(&mut [0; 512]).unwrap() > 0);
            peer.send_bytes(answer);
        }
    });
    let [url, web] = ["mqtt", "ws"].map(|scheme| format!("{scheme}://127.0.0.1:{}", broker.port));
    publish(&env, &url, "").fails(75, &["port-needs-tls", &format!("{web}/mqtt if it speaks WebSocket")]);
    publish(&env, &url, "").fails(78, &["not-a-broker", &format!("use {web}/mqtt")]);
    broker.end();
}

#[test]
fn header_fields_that_cannot_be_sent_are_refused_and_not_repeated() {
    let env = TestEnv::new();
    for field in ["hunter2", "Upgrade: hunter2", "Sec-WebSocket-Protocol: hunter2", "hun ter2: x"] {
        let refused = publish(&env, "ws://127.0.0.1:1", "").arg("--ws-header").arg(field);
        refused.fails(2, &["a header field for the WebSocket cannot be used"]).keeps_secret("hunter2");
    }
    let plain = publish(&env, "mqtt://127.0.0.1:1", "").arg("--ws-header").arg("X-Site: hunter2");
    plain.fails(2, &["--ws-header is given", "ws:// or wss://"]).keeps_secret("hunter2");
    std::fs::write(env.path("open"), "X-Site: hunter2\n").unwrap();
    std::fs::set_permissions(env.path("open"), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    publish(&env, "ws://127.0.0.1:1", "--ws-header-file open")
        .fails(78, &["can be read by others"])
        .keeps_secret("hunter2");
    publish(&env, "ws://ann:hunter2@127.0.0.1:1/mqtt", "")
        .fails(65, &["more than a host, a port and a path"])
        .keeps_secret("hunter2");
    publish(&env, "ws://127.0.0.1:1/mqtt?token=hunter2", "")
        .fails(65, &["more than a host, a port and a path"])
        .keeps_secret("hunter2");
}

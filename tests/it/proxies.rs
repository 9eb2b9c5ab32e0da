//! Brokers that are reached through a proxy: the bytes sent through it, the names of its refusals, and proxies that are
//! ignored.

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::thread::JoinHandle;

use crate::program::{LONG, Run, TOPIC, TestEnv};
use crate::support::folder::Folder;
use crate::support::line_mode::DEVICE;
use crate::support::reserved_port::ReservedPort;
use crate::support::scripted_broker::{Broker, Clients};
use crate::support::skipped::without;

/// The program publishes one message at QoS 1.
fn publish(env: &TestEnv, broker: &str, more: &str) -> Run {
    let line = format!("pub -t {TOPIC} -m 678 -q 1 --confirm none --timeout {LONG} --broker {broker} {more} -u");
    env.i3(&line).arg(DEVICE).env("I3_PASSWORD", "secret")
}

/// A broker that takes this many clients, and gives their messages.
fn broker(clients: usize) -> Broker<Vec<String>> {
    Broker::start(move |connections: Clients| {
        let serve = |_| {
            let mut peer = connections.next();
            peer.answer_connect(0, false);
            peer.serve()
        };
        (0..clients).flat_map(serve).collect()
    })
}

/// Passes on between the two until both have ended.
fn pass_on(client: TcpStream, server: TcpStream) {
    let (mut from, mut to) = (client.try_clone().unwrap(), server.try_clone().unwrap());
    let back = std::thread::spawn(move || {
        let (mut from, mut to) = (server, client);
        let _ = std::io::copy(&mut from, &mut to);
        let _ = to.shutdown(std::net::Shutdown::Write);
    });
    let _ = std::io::copy(&mut from, &mut to);
    let _ = to.shutdown(std::net::Shutdown::Write);
    back.join().unwrap();
}

/// A proxy that a test scripts, with one connection after another.
fn scripted<T: Send + 'static>(script: impl FnOnce(TcpListener) -> T + Send + 'static) -> (u16, JoinHandle<T>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    (port, std::thread::spawn(move || script(listener)))
}

fn exactly<const N: usize>(stream: &mut TcpStream) -> [u8; N] {
    let mut bytes = [0; N];
    stream.read_exact(&mut bytes).unwrap();
    bytes
}

/// Takes a SOCKS 5 client up to its request; gives who logged in, and the host and port that it asks for.
fn socks(stream: &mut TcpStream) -> (String, String, u16) {
    let [5, count] = exactly(stream) else { panic!("no SOCKS 5") };
    let mut methods = vec![0; count.into()];
    stream.read_exact(&mut methods).unwrap();
    let mut user = String::new();
    if methods.contains(&2) {
        stream.write_all(&[5, 2]).unwrap();
        let text = |stream: &mut TcpStream| {
            let mut text = vec![0; exactly::<1>(stream)[0].into()];
            stream.read_exact(&mut text).unwrap();
            String::from_utf8(text).unwrap()
        };
        assert_eq!(exactly::<1>(stream), [1]);
        user = format!("{}:{}", text(stream), text(stream));
        stream.write_all(&[1, 0]).unwrap();
    } else {
        stream.write_all(&[5, 0]).unwrap();
    }
    let [5, 1, 0, kind] = exactly(stream) else { panic!("no request to connect") };
    let host = match kind {
        1 => exactly::<4>(stream).map(|octet| octet.to_string()).join("."),
        3 => {
            let mut host = vec![0; exactly::<1>(stream)[0].into()];
            stream.read_exact(&mut host).unwrap();
            String::from_utf8(host).unwrap()
        }
        other => panic!("an address of kind {other}"),
    };
    (user, host, u16::from_be_bytes(exactly(stream)))
}

#[test]
fn socks_looks_the_name_up_at_the_proxy_and_keeps_the_password_there() {
    let env = TestEnv::new();
    let broker = broker(4);
    let to = broker.port;
    let (port, proxy) = scripted(move |listener| {
        let mut asked = Vec::new();
        for _ in 0..4 {
            let (mut client, _) = listener.accept().unwrap();
            asked.push(socks(&mut client));
            // Bound to a name, as some proxies say it.
            client.write_all(b"\x05\0\0\x03\x05proxy\0\0").unwrap();
            pass_on(client, TcpStream::connect(("127.0.0.1", to)).unwrap());
        }
        asked
    });
    // No name server knows it: only the proxy does.
    let url = "mqtt://broker.invalid:1884";
    let variable = format!("socks5h://ann:hunter2%40@127.0.0.1:{port}");
    publish(&env, url, "-v")
        .env("I3_PROXY", &variable)
        .done()
        .says(&[&format!("the proxy socks5h://127.0.0.1:{port}")])
        .keeps_secret("hunter2");
    publish(&env, url, &format!("--proxy socks5h://127.0.0.1:{port}")).succeeds("");
    publish(&env, "mqtt://192.0.2.7", "").env("I3_PROXY", format!("socks5h://127.0.0.1:{port}")).succeeds("");
    // A name in another script is one in ASCII to whoever looks it up.
    publish(&env, "mqtt://Bücher.invalid", &format!("--proxy socks5h://127.0.0.1:{port}")).succeeds("");
    let expected = [
        ("ann:hunter2@".to_string(), "broker.invalid".to_string(), 1884),
        (String::new(), "broker.invalid".into(), 1884),
        (String::new(), "192.0.2.7".into(), 1883),
        (String::new(), "xn--bcher-kva.invalid".into(), 1883),
    ];
    assert_eq!(proxy.join().unwrap(), expected);
    assert_eq!(broker.end(), ["678"; 4]);
}

#[test]
fn what_a_socks_proxy_refuses_is_told_as_the_proxys() {
    let env = TestEnv::new();
    // What comes back; exit code, entry, sentence.
    let refusals: [(&[&[u8]], i32, &str, &str); 9] = [
        (
            &[&[5, 0], &[5, 1, 0, 1, 0, 0, 0, 0, 0, 0]],
            75,
            "broker-proxy-refused",
            "the proxy answered: general failure",
        ),
        (&[&[5, 0], &[5, 2, 0, 1, 0, 0, 0, 0, 0, 0]], 78, "broker-proxy-refused", "not allowed by its rules"),
        (&[&[5, 0], &[5, 4, 0, 1, 0, 0, 0, 0, 0, 0]], 75, "broker-proxy-refused", "the host is unreachable"),
        (&[&[5, 0], &[5, 5, 0, 1, 0, 0, 0, 0, 0, 0]], 75, "broker-proxy-refused", "the connection was refused"),
        (&[&[5, 0], &[5, 99, 0, 1, 0, 0, 0, 0, 0, 0]], 75, "broker-proxy-refused", "failure 99"),
        (&[&[5, 0xFF]], 78, "broker-proxy-refused", "the proxy requires a way to log in other than"),
        (&[&[5, 2], &[1, 1]], 78, "broker-proxy-refused", "does not accept the user and the password"),
        (&[b"HTTP/1.1 400 Bad Request\r\n\r\n"], 78, "broker-proxy", "is not a SOCKS 5 proxy"),
        (&[], 75, "broker-proxy-unreachable", "ended the connection before it answered"),
    ];
    let (port, proxy) = scripted(move |listener| {
        for (answers, ..) in refusals {
            let (mut client, _) = listener.accept().unwrap();
            for answer in answers {
                assert!(client.read(&mut [0; 512]).unwrap() > 0);
                client.write_all(answer).unwrap();
            }
            if answers.is_empty() {
                assert!(client.read(&mut [0; 512]).unwrap() > 0);
            } else {
                while client.read(&mut [0; 512]).is_ok_and(|read| read > 0) {}
            }
        }
    });
    for (_, exit, id, says) in refusals {
        let refused = publish(&env, "mqtt://broker.invalid", "");
        let refused = refused.env("I3_PROXY", format!("socks5h://ann:hunter2@127.0.0.1:{port}")).run();
        assert_eq!((refused.code, refused.error().id), (exit, Some(id)), "{refused}");
        refused.says(&[says, "through the proxy socks5h://127.0.0.1"]).keeps_secret("hunter2");
    }
    proxy.join().unwrap();
    let (port, proxy) = scripted(|listener| {
        let (mut client, _) = listener.accept().unwrap();
        client.read_exact(&mut [0; 3]).unwrap();
        client.write_all(&[5, 0xFF]).unwrap();
        while client.read(&mut [0; 512]).is_ok_and(|read| read > 0) {}
    });
    let refused = publish(&env, "mqtt://broker.invalid", &format!("--proxy socks5h://127.0.0.1:{port}"));
    refused.fails(78, &["the proxy requires a user and a password", "I3_PROXY"]);
    proxy.join().unwrap();
}

#[test]
fn what_an_http_proxy_refuses_is_told_as_the_proxys() {
    let env = TestEnv::new();
    let refusals: [(&[u8], i32, &str, &str); 15] = [
        (
            b"HTTP/1.1 407 Proxy Authentication Required\r\nProxy-Authenticate: Basic\r\n\r\n",
            78,
            "broker-proxy-refused",
            "the proxy answered 407 (it requires a user",
        ),
        (
            b"HTTP/1.0 403 Filtered\r\nContent-Length: 5\r\n\r\nnope\n",
            78,
            "broker-proxy-refused",
            "the proxy answered 403 (forbidden)",
        ),
        (b"HTTP/1.1 405 Method Not Allowed\r\n\r\n", 78, "broker-proxy-refused", "CONNECT is not allowed"),
        (b"HTTP/1.1 502 Bad Gateway\r\n\r\n", 75, "broker-proxy-refused", "cannot reach the broker"),
        (b"HTTP/1.1 504 Gateway Timeout\r\n\r\n", 75, "broker-proxy-refused", "did not answer it in time"),
        (b"HTTP/1.1 408 Request Timeout\r\n\r\n", 75, "broker-proxy-refused", "the proxy answered 408"),
        (b"HTTP/1.1 425 Too Early\r\n\r\n", 75, "broker-proxy-refused", "the proxy answered 425"),
        (b"HTTP/1.1 429 Too Many\r\nRetry-After: 90\r\n\r\n", 75, "broker-proxy-refused", "hint: try again in 1m 30s"),
        (b"HTTP/1.1 501 Unsupported method\r\n\r\n", 78, "broker-proxy-refused", "it knows no CONNECT"),
        (b"HTTP/1.1 511 Log-in\r\n\r\n", 78, "broker-proxy-refused", "hint: log in to the network"),
        (b"HTTP/1.1 521 Down\r\n\r\n", 75, "broker-proxy-refused", "the proxy answered 521"),
        (
            b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 103 X\r\n\r\nHTTP/1.1 403 No\r\n\r\n",
            78,
            "broker-proxy-refused",
            "403",
        ),
        (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", 78, "broker-proxy-refused", "the proxy answered 101"),
        (&[5, 0xFF], 78, "broker-proxy", "is not an HTTP proxy"),
        (b"", 75, "broker-proxy-unreachable", "ended the connection before it answered"),
    ];
    let (port, proxy) = scripted(move |listener| {
        let mut requests = Vec::new();
        for (answer, ..) in refusals {
            let (mut client, _) = listener.accept().unwrap();
            requests.push(request(&mut client));
            client.write_all(answer).unwrap();
            if !answer.is_empty() {
                while client.read(&mut [0; 512]).is_ok_and(|read| read > 0) {}
            }
        }
        requests
    });
    for (_, exit, id, says) in refusals {
        let refused = publish(&env, "mqtts://broker.invalid", "");
        let refused = refused.env("I3_PROXY", format!("http://ann:hunter2@127.0.0.1:{port}")).run();
        assert_eq!((refused.code, refused.error().id), (exit, Some(id)), "{refused}");
        refused.says(&[says, "through the proxy http://127.0.0.1"]).keeps_secret("hunter2");
    }
    for request in proxy.join().unwrap() {
        assert!(
            request.starts_with("CONNECT broker.invalid:8883 HTTP/1.1\r\nHost: broker.invalid:8883\r\n"),
            "{request}"
        );
        // ann:hunter2
        assert!(request.contains("Proxy-Authorization: Basic YW5uOmh1bnRlcjI=\r\n"), "{request}");
    }
    let silent = TcpListener::bind("127.0.0.1:0").unwrap();
    let late = format!(
        "pub -t {TOPIC} -m 678 --timeout 300ms --proxy http://127.0.0.1:{} --broker mqtt://broker.invalid -u",
        silent.local_addr().unwrap().port()
    );
    let late = env.i3(&late).arg(DEVICE).env("I3_PASSWORD", "secret").run();
    assert_eq!((late.code, late.error().id), (75, Some("broker-proxy-unreachable")), "{late}");
    late.says(&["the proxy did not answer in time"]);
}

fn request(client: &mut TcpStream) -> String {
    let mut reader = BufReader::new(client);
    let mut request = String::new();
    while !request.ends_with("\r\n\r\n") && reader.read_line(&mut request).unwrap() > 0 {}
    request
}

/// At a reconnect, in the middle of the input.
#[test]
fn a_stream_goes_on_after_a_proxy_that_was_busy_for_a_moment() {
    for status in ["429 Too Many Requests", "408 Request Timeout", "503 Unavailable"] {
        let env = TestEnv::new();
        let broker = Broker::start(|connections: Clients| {
            let mut came = Vec::new();
            let mut peer = connections.next();
            peer.answer_connect(0, false);
            came.push(String::from_utf8(peer.message().unwrap().payload.to_vec()).unwrap());
            drop(peer);
            let mut peer = connections.next();
            peer.answer_connect(0, false);
            came.extend(peer.serve());
            came
        });
        let to = broker.port;
        let (port, proxy) = scripted(move |listener| {
            let tunnel = |interim: &[u8]| {
                let (mut client, _) = listener.accept().unwrap();
                request(&mut client);
                client.write_all(interim).unwrap();
                client.write_all(b"HTTP/1.1 200 Connected\r\n\r\n").unwrap();
                pass_on(client, TcpStream::connect(("127.0.0.1", to)).unwrap());
            };
            tunnel(b"");
            let (mut client, _) = listener.accept().unwrap();
            request(&mut client);
            client.write_all(format!("HTTP/1.1 {status}\r\n\r\n").as_bytes()).unwrap();
            drop(client);
            tunnel(b"HTTP/1.1 100 Continue\r\n\r\n");
        });
        let line = format!(
            "pub -l -t {TOPIC} -q 1 --confirm none --timeout {LONG} --broker mqtt://broker.invalid --proxy http://127.0.0.1:{port} -u"
        );
        env.i3(&line).arg(DEVICE).env("I3_PASSWORD", "secret").input("1\n2\n3\n").done();
        proxy.join().unwrap();
        assert_eq!(broker.end(), ["1", "1", "2", "3"], "{status}");
    }
}

#[test]
fn what_is_no_proxy_is_an_error_and_never_a_direct_connection() {
    let env = TestEnv::new();
    let nobody = TcpListener::bind("127.0.0.1:0").unwrap();
    nobody.set_nonblocking(true).unwrap();
    let url = format!("mqtt://127.0.0.1:{}", nobody.local_addr().unwrap().port());
    let cases = [
        ("hunter2.example:1080", "does not begin with socks5h:// or http://"),
        ("socks5://hunter2.example", "only socks5h:// leaves the look-up"),
        ("socks4://hunter2.example", "only socks5h:// leaves the look-up"),
        ("https://hunter2.example:8443", "over TLS"),
        ("http://hunter2.example", "no port"),
        ("\"socks5h://ann:hunter2@proxy:1080\"", "the quotation mark \""),
        ("socks5h://ann:hunter2@proxy:1080'", "the quotation mark '"),
        ("http://ann:hunter2@:3128", "no valid host"),
        ("socks5h://ann:hunter2@proxy:1080/x", "contains more than"),
        ("none", "does not begin with"),
    ];
    for (proxy, says) in cases {
        for refused in [
            publish(&env, &url, "").env("I3_PROXY", proxy).run(),
            publish(&env, &url, &format!("--proxy={proxy}")).run(),
            env.i3(&format!("doctor --broker {url} --proxy={proxy}")).arg(DEVICE).run(),
        ] {
            assert_eq!((refused.code, refused.error().id), (78, Some("broker-proxy")), "{refused}");
            refused.says(&[says, "socks5h://HOST:PORT"]).keeps_secret("hunter2");
        }
    }
    assert!(nobody.accept().is_err(), "somebody connected directly");
    env.i3("config set proxy http://ann:hunter2@proxy:3128").fails(78, &["I3_PROXY"]).keeps_secret("hunter2");
    env.i3("config set proxy socks5://proxy").fails(78, &["only socks5h://"]);
}

#[test]
fn the_webs_proxies_do_not_count_nor_any_for_a_broker_on_this_machine_that_was_not_named_for_it() {
    let env = TestEnv::new();
    let broker = broker(3);
    let url = format!("mqtt://127.0.0.1:{}", broker.port);
    let nowhere = "http://127.0.0.1:1";
    let mut run = publish(&env, &url, "");
    for name in ["all_proxy", "ALL_PROXY", "http_proxy", "HTTP_PROXY", "https_proxy", "HTTPS_PROXY"] {
        run = run.env(name, nowhere);
    }
    run.succeeds("");
    publish(&env, &url, "").env("I3_PROXY", nowhere).succeeds("");
    env.i3(&format!("config set proxy {nowhere}")).done();
    publish(&env, &url, "").succeeds("");
    assert_eq!(broker.end(), ["678"; 3]);
    // Named for it, or for another machine: then it is the only way.
    let named = publish(&env, &url, &format!("--proxy {nowhere}")).run();
    assert_eq!((named.code, named.error().id), (75, Some("broker-proxy-unreachable")), "{named}");
    named.says(&["the proxy cannot be reached", "through the proxy http://127.0.0.1:1"]);
    let configured = publish(&env, "mqtt://broker.invalid", "").run();
    assert_eq!((configured.code, configured.error().id), (75, Some("broker-proxy-unreachable")), "{configured}");
    let doctor = env.i3("doctor --broker mqtt://broker.invalid").arg(DEVICE).run();
    doctor.says(&["through the proxy http://127.0.0.1:1"]).does_not_say(&["DNS: no address for broker.invalid"]);
}

/// Debian's tinyproxy; `None`, said loudly, where it is not installed.
struct TinyProxy {
    process: Child,
    port: u16,
    _port: ReservedPort,
    _folder: Folder,
}

impl TinyProxy {
    fn start(settings: &str) -> Option<TinyProxy> {
        let (folder, reserved) = (Folder::new(), ReservedPort::new());
        let port = reserved.number();
        let file = folder.path().join("conf");
        let config = format!(
            "Port {port}\nListen 127.0.0.1\nTimeout 60\nAllow 127.0.0.1\nMaxClients 9\nLogLevel Info\n{settings}\n"
        );
        fs::write(&file, config).unwrap();
        let mut command = Command::new("tinyproxy");
        command.arg("-d").arg("-c").arg(&file).stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::null());
        let Ok(mut process) = command.spawn() else {
            without("I3_REQUIRE_TINYPROXY", "tinyproxy", "a real proxy was not tried");
            return None;
        };
        let mut said = BufReader::new(process.stdout.take().unwrap()).lines();
        let is_ready = said.by_ref().map_while(Result::ok).any(|line| line.contains("Accepting connections"));
        assert!(is_ready, "tinyproxy does not start");
        std::thread::spawn(move || said.for_each(drop));
        Some(TinyProxy { process, port, _port: reserved, _folder: folder })
    }
}

impl Drop for TinyProxy {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

#[test]
fn a_real_http_proxy_lets_a_broker_through_where_it_is_allowed() {
    let env = TestEnv::new();
    let broker = broker(1);
    let url = format!("mqtt://127.0.0.1:{}", broker.port);
    let settings = format!("ConnectPort {}\nBasicAuth ann hunter2", broker.port);
    let Some(proxy) = TinyProxy::start(&settings) else { return };
    let place = format!("127.0.0.1:{}", proxy.port);
    publish(&env, &url, &format!("--proxy http://ann:hunter2@{place}")).succeeds("");
    assert_eq!(broker.end(), ["678"]);
    for (user, status) in [("", "407"), ("ann:other@", "401")] {
        let refused = publish(&env, &url, &format!("--proxy http://{user}{place}")).run();
        assert_eq!((refused.code, refused.error().id), (78, Some("broker-proxy-refused")), "{refused}");
        assert!(refused.stderr.contains("the proxy answered 40"), "{status}: {refused}");
    }
    let other = publish(&env, "mqtt://127.0.0.1:1", &format!("--proxy http://ann:hunter2@{place}")).run();
    assert_eq!((other.code, other.error().id), (78, Some("broker-proxy-refused")), "{other}");
    other.says(&["the proxy answered 403 (forbidden)", "port 443"]).keeps_secret("hunter2");
}

//! The way to the marketplace: hosts with several addresses, and proxies.

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, Ipv6Addr, SocketAddr, TcpListener, TcpStream, ToSocketAddrs as _};
use std::time::{Duration, Instant};

use i3::market::Market;
use i3::market::http::HttpOptions;
use i3::secret::Secret;
use socket2::{Domain, Socket, Type};

use crate::program::{PROGRAM, TestEnv};
use crate::support::skipped::skipped;

const KEY: &str = "0123456789abcdef0123456789abcdef01234567";

/// Listeners at one port of both loopback addresses of `localhost`, where the system prefers that of IPv6.
fn both() -> Option<(Socket, TcpListener, u16)> {
    let is_first = ("localhost", 1).to_socket_addrs().ok()?.next()?.is_ipv6();
    (0..20).filter(|_| is_first).find_map(|_| {
        let v4 = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = v4.local_addr().unwrap().port();
        let v6 = Socket::new(Domain::IPV6, Type::STREAM, None).ok()?;
        v6.set_only_v6(true).ok()?;
        v6.bind(&SocketAddr::from((Ipv6Addr::LOCALHOST, port)).into()).ok()?;
        Some((v6, v4, port))
    })
}

/// Answers each request by a list of one hub, until one comes with another method. Returns how many came.
fn serve_hubs(listener: &TcpListener) -> usize {
    for count in 0_usize.. {
        let (mut client, _) = listener.accept().unwrap();
        let mut request = [0; 4096];
        let read = client.read(&mut request).unwrap();
        let is_first = String::from_utf8_lossy(&request[..read]).contains("offset=0");
        let body = if is_first { r#"[{"id":1,"name":"alice/parking"}]"# } else { "[]" };
        let head =
            format!("HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n", body.len());
        if read == 0 || client.write_all((head + body).as_bytes()).is_err() {
            return count;
        }
    }
    unreachable!()
}

#[test]
fn an_address_of_the_marketplace_without_an_answer_holds_up_no_other() {
    let env = TestEnv::new();
    std::fs::write(env.path("hosts"), "127.0.0.1 market.test\n127.0.0.2 market.test\n").unwrap();
    // A name of two addresses, for the program alone.
    let within = |script: &str| env.shell(&format!("unshare -m sh -c 'mount --bind hosts /etc/hosts && {script}'"));
    if within("true").run().code != 0 {
        return skipped("no hosts can be named for one program here; no addresses raced");
    }
    let socket = || Socket::new(Domain::IPV4, Type::STREAM, None).unwrap();
    // The same port at both: another test may have it at one of them.
    let (open, silent, address) = loop {
        let open = TcpListener::bind("127.0.0.2:0").unwrap();
        let address = SocketAddr::from((Ipv4Addr::LOCALHOST, open.local_addr().unwrap().port())).into();
        let silent = socket();
        if silent.bind(&address).is_ok() {
            break (open, silent, address);
        }
    };
    let port = open.local_addr().unwrap().port();
    // Its queue is full: who connects waits.
    silent.listen(0).unwrap();
    let fill = |_| {
        let client = socket();
        client.set_nonblocking(true).unwrap();
        let _ = client.connect(&address);
        client
    };
    let _waiting: Vec<Socket> = (0..4).map(fill).collect();
    let server = std::thread::spawn(move || serve_hubs(&open));
    let began = Instant::now();
    let hubs = within(&format!("exec {PROGRAM} hub list --market http://market.test:{port}"));
    let hubs = hubs.env("I3_API_KEY", KEY).done();
    // One after another, the silent one had half of the ten seconds to connect, for each request.
    let took = began.elapsed();
    assert!(hubs.stdout.contains("alice/parking") && took < Duration::from_secs(5), "{took:?}: {hubs}");
    drop(TcpStream::connect(("127.0.0.2", port)).unwrap());
    assert!(server.join().unwrap() > 1);
}

#[test]
fn an_address_that_accepts_and_does_not_answer_is_tried_last() {
    let Some((closing, open, port)) = both() else {
        return skipped("localhost has no IPv6 address here; no address was tried last");
    };
    closing.listen(8).unwrap();
    let closing = TcpListener::from(closing);
    let closed = std::thread::spawn(move || drop(closing.accept().unwrap()));
    let server = std::thread::spawn(move || serve_hubs(&open));
    let market = Market::new(format!("http://localhost:{port}").parse().unwrap(), &HttpOptions::default()).unwrap();
    let key = Secret::new(KEY);
    let lost = market.rest(&key).hubs().unwrap_err();
    assert!(lost.to_string().contains("was cut"), "{lost}");
    closed.join().unwrap();
    assert_eq!(market.rest(&key).hubs().unwrap().len(), 1);
    drop(TcpStream::connect((Ipv4Addr::LOCALHOST, port)).unwrap());
    assert!(server.join().unwrap() > 1);
}

/// The program at a marketplace behind a proxy, which does `answer` with each connection.
fn through_proxy(
    scheme: &str,
    line: &str,
    answer: impl Fn(&mut TcpStream) + Send + 'static,
) -> crate::program::Outcome {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = listener.local_addr().unwrap();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let mut head = Vec::new();
            while !head.ends_with(b"\r\n\r\n") {
                let mut byte = [0];
                assert!(client.read(&mut byte).unwrap() > 0);
                head.extend(byte);
            }
            answer(&mut client);
        }
    });
    let env = TestEnv::new();
    let market = format!("{scheme}://market.example:8000");
    let run = env.i3(line).env("I3_MARKET", market).env("I3_API_KEY", KEY);
    run.env("ALL_PROXY", format!("http://seller:hunter2secret@{address}")).run()
}

/// Keeps the connection until the client gives up.
fn wait(client: &mut TcpStream) {
    while client.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {}
}

#[test]
fn a_proxy_that_passes_nothing_is_named() {
    let established =
        |client: &mut TcpStream| client.write_all(b"HTTP/1.1 200 Connection established\r\n\r\n").unwrap();
    for scheme in ["http", "https"] {
        let line = "hub list --insecure --timeout 1s";
        for silent in [
            through_proxy(scheme, line, wait),
            through_proxy(scheme, line, move |client| {
                established(client);
                wait(client);
            }),
        ] {
            assert_eq!(silent.code, 75, "{scheme}: {silent}");
            silent.says(&["market.example:8000 through the proxy 127.0.0.1:", "within 1s"]);
            silent.keeps_secret("hunter2secret");
        }
    }
}

#[test]
fn a_proxy_that_refuses_is_named_with_its_status() {
    for (status, code) in [("407 Proxy Authentication Required", 78), ("403 Forbidden", 78), ("502 Bad Gateway", 75)] {
        for scheme in ["http", "https"] {
            let refused = through_proxy(scheme, "hub list --insecure", move |client| {
                client.write_all(format!("HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n").as_bytes()).unwrap();
            });
            assert_eq!((refused.code, refused.error().id), (code, Some("proxy-refused")), "{refused}");
            refused.says(&["the proxy 127.0.0.1:", "(from ALL_PROXY)", &status[..3]]);
            refused.keeps_secret("hunter2secret");
        }
    }
    let closed = through_proxy("https", "hub list --insecure", |_| {});
    assert_eq!(closed.code, 75, "{closed}");
    closed.says(&["the proxy 127.0.0.1:", "closed the connection"]);
    let cut = through_proxy("http", "hub list", |_| {});
    assert_eq!(cut.code, 75, "{cut}");
    cut.says(&["through the proxy 127.0.0.1:", "was cut"]);
}

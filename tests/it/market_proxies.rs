//! Proxies before the marketplace: which variables count, how requests pass through, and whose refusals are reported.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::sync::mpsc;

use crate::program::{Run, TestEnv};
use crate::support::between::between;
use crate::support::front::Front;
use crate::support::http_server::{HttpServer, Reply};
use crate::support::reserved_port::ReservedPort;
use crate::support::tls_server::{Clients, TlsServer, authority, client_of};

const PASSWORD: &str = "hunter2:secret/ü";
/// As written in a URL.
const ENCODED: &str = "hunter2%3Asecret%2F%C3%BC";

/// An address of this machine that does not look like one: no proxy is used for loopback.
fn outside(port: u16) -> String {
    format!("0.0.0.0:{port}")
}

fn port_of(server: &HttpServer) -> u16 {
    server.url().rsplit_once(':').unwrap().1.parse().unwrap()
}

/// A marketplace that is not known to be on this machine.
fn market() -> (TestEnv, HttpServer, String) {
    let env = TestEnv::new();
    let server = between(&env.sandbox, |_| None);
    let url = format!("http://{}", outside(port_of(&server)));
    (env, server, url)
}

fn at(env: &TestEnv, line: &str, market: &str) -> Run {
    env.i3(line).env("I3_MARKET", market)
}

#[test]
fn plain_requests_are_read_by_a_proxy_and_encrypted_ones_pass_through_it() {
    let (env, server, market) = market();
    let Some(proxy) = Front::tinyproxy("BasicAuth seller pass123word", &[]) else { return };
    let address = format!("http://s%65ller:pass123word@127.0.0.1:{}", proxy.port());
    at(&env, "hub create garden --via rest", &market).env("http_proxy", &address).done();
    let hubs = at(&env, "hub list -v", &market).env("http_proxy", &address).done();
    assert!(hubs.stdout.contains("alice/garden"), "{hubs}");
    hubs.says(&[&format!("Connecting through the proxy 127.0.0.1:{} (from http_proxy)", proxy.port())]);
    hubs.keeps_secret("pass123word");
    let requests = server.requests();
    assert!(requests.len() > 3);
    for request in requests {
        assert!(request.header("via").is_some_and(|via| via.contains("tinyproxy")), "{request:?}");
        assert_eq!(request.header("proxy-authorization"), None);
        assert!(request.target.starts_with('/'));
    }
    let tls = TlsServer::new();
    let encrypted = format!("https://{}", outside(tls.before(port_of(&server))));
    for variable in ["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"] {
        at(&env, "hub list --insecure", &encrypted).env(variable, &address).done();
    }
    assert!(server.requests().iter().rev().take(8).all(|request| request.header("via").is_none()));
    let log = proxy.log();
    assert!(log.contains(&format!("GET {market}/api/hub/")), "{log}");
    assert_eq!(log.matches(&format!("CONNECT {} HTTP", encrypted.trim_start_matches("https://"))).count(), 8, "{log}");
}

#[test]
fn forms_and_cookies_go_through_a_proxy_that_reads_requests() {
    let (env, server, market) = market();
    // As a proxy: it takes requests in absolute form alone, and passes them on.
    let place = market.trim_start_matches("http://");
    let only_absolute = format!("if ($request !~ '^[A-Z]+ http://{place}/') {{ return 418; }}");
    let proxy =
        format!("{only_absolute} location / {{ proxy_pass {}; proxy_set_header Host localhost; }}", server.url());
    let Some(proxy) = Front::nginx(&proxy) else { return };
    let by_proxy = |line: &str| at(&env, line, &market).env("http_proxy", proxy.url()).without("I3_API_KEY");
    by_proxy("login").succeeds("alice\n");
    by_proxy("hub create garden --via web").without("I3_LOGIN_PASSWORD").done();
    let hubs = by_proxy("hub list --via web").without("I3_LOGIN_PASSWORD").done();
    assert!(hubs.stdout.contains("alice/garden"), "{hubs}");
    assert!(server.requests().iter().any(|request| request.method == "POST" && request.path() == "/hubs/create/"));
}

#[test]
fn a_proxy_that_loses_the_cookie_of_a_log_in_is_to_blame() {
    let env = TestEnv::new();
    let market = between(&env.sandbox, |request| {
        (request.method == "POST").then(|| Reply::redirect("/").with("Set-Cookie", "csrftoken=second; Path=/"))
    });
    let lost = at(&env, "login", &market.url()).run();
    assert_eq!((lost.code, lost.error().id), (78, Some("cookie-lost")), "{lost}");
    lost.says(&["the log-in at http://127.0.0.1:", "is accepted, but the session's cookie was lost on the way"]);
}

#[test]
fn a_proxy_is_spoken_to_by_tls_where_its_address_says_https() {
    let (env, server, market) = market();
    let Some(proxy) = Front::tinyproxy("", &[]) else { return };
    let tls = TlsServer::new();
    let address = format!("https://127.0.0.1:{}", tls.before(proxy.port()));
    env.secret("ca.pem", &tls.pem);
    at(&env, "hub list --cafile ca.pem", &market).env("http_proxy", &address).done();
    assert!(server.requests().iter().all(|request| request.header("via").is_some()));
    let encrypted = format!("https://{}", outside(tls.before(port_of(&server))));
    at(&env, "hub list --insecure", &encrypted).env("https_proxy", &address).done();
    // Nobody has vouched for the proxy: it gets nothing.
    let refused = at(&env, "hub list", &market).env("http_proxy", &address).run();
    assert_eq!(refused.code, 77, "{refused}");
    refused.says(&["the TLS connection to the proxy 127.0.0.1:", "(from http_proxy) failed"]);
}

#[test]
fn a_client_certificate_is_shown_to_the_marketplace_and_to_no_proxy() {
    let (env, server, market) = market();
    let Some(proxy) = Front::tinyproxy("", &[]) else { return };
    let ca = authority("clients");
    let (cert, key) = client_of(&ca, |_| {});
    env.secret("seller.pem", format!("{cert}{key}"));
    let (tls_proxy, shown_to_proxy) = TlsServer::of(&ca, Clients::Asked).telling(proxy.port());
    let (tls_market, shown_to_market) = TlsServer::of(&ca, Clients::Known).telling(port_of(&server));
    let encrypted = format!("https://{}", outside(tls_market));
    let list = "hub list --insecure --cert seller.pem";
    at(&env, list, &encrypted).env("https_proxy", format!("https://127.0.0.1:{tls_proxy}")).done();
    at(&env, list, &market).env("http_proxy", format!("https://127.0.0.1:{tls_proxy}")).done();
    let shown: Vec<bool> = shown_to_market.try_iter().collect();
    assert!(!shown.is_empty() && shown.iter().all(|shown| *shown), "{shown:?}");
    let shown: Vec<bool> = shown_to_proxy.try_iter().collect();
    assert!(shown.len() > 1 && !shown.contains(&true), "{shown:?}");
    // A proxy that insists is the wrong one, with any credentials.
    let strict = TlsServer::of(&ca, Clients::Known).before(proxy.port());
    for (market, variable) in [(&encrypted, "https_proxy"), (&market, "http_proxy")] {
        let refused = at(&env, list, market).env(variable, format!("https://127.0.0.1:{strict}")).run();
        assert_eq!((refused.code, refused.error().id), (78, Some("proxy-refused")), "{refused}");
        let says = format!("the proxy 127.0.0.1:{strict} (from {variable}) requires a client certificate");
        refused.says(&[&says, "--cert is for the marketplace"]);
    }
}

#[test]
fn the_refusals_of_a_proxy_are_told_as_its_own() {
    let (env, server, market) = market();
    let files = [("filter", "^0\\.0\\.0\\.0$\n")];
    let Some(closed) = Front::tinyproxy("Filter \"FOLDER/filter\"", &files) else { return };
    let Some(strict) = Front::tinyproxy("BasicAuth seller pass123word\nConnectPort 1", &[]) else { return };
    let tls = TlsServer::new();
    let encrypted = format!("https://{}", outside(tls.before(port_of(&server))));
    let nobody = ReservedPort::new();
    let (down, down_tls) =
        (format!("http://{}", outside(nobody.number())), format!("https://{}", outside(nobody.number())));
    let filtered = format!("http://127.0.0.1:{}", closed.port());
    let without = format!("http://127.0.0.1:{}", strict.port());
    let with = format!("http://seller:pass123word@127.0.0.1:{}", strict.port());
    let wrong = format!("http://seller:{ENCODED}@127.0.0.1:{}", strict.port());
    let asks = "requires a user and a password, or refuses the given ones (4";
    for (market, proxy, code, says) in [
        (&market, &filtered, 78, "forbids the connection (403)"),
        (&encrypted, &filtered, 78, "forbids the connection (403)"),
        (&encrypted, &with, 78, "forbids the connection (403)"),
        (&market, &without, 78, asks),
        (&market, &wrong, 78, asks),
        (&encrypted, &without, 78, asks),
        (&encrypted, &wrong, 78, asks),
        (&down, &with, 75, "answered with status 500"),
        (&down_tls, &format!("http://127.0.0.1:{}", closed.port()), 78, "forbids the connection (403)"),
    ] {
        let variable = if market.starts_with("https") { "https_proxy" } else { "http_proxy" };
        for line in ["hub list --insecure", "login --insecure"] {
            let refused = at(&env, line, market).env(variable, proxy).run();
            assert_eq!((refused.code, refused.error().id), (code, Some("proxy-refused")), "{proxy}: {refused}");
            let place = proxy.rsplit_once(['@', '/']).unwrap().1;
            refused.says(&[&format!("the proxy {place} (from {variable}) {says}")]);
            refused.does_not_say(&["the marketplace broke down", "the marketplace refuses", "tinyproxy"]);
            refused.keeps_secret(PASSWORD).keeps_secret(ENCODED).keeps_secret("pass123word");
        }
    }
    assert!(server.requests().is_empty());
    let gone = at(&env, "hub list", &market).env("ALL_PROXY", format!("127.0.0.1:{}", nobody.number())).run();
    assert_eq!((gone.code, gone.error().id), (75, Some("proxy-unreachable")), "{gone}");
    gone.says(&[&format!("the proxy 127.0.0.1:{} (from ALL_PROXY) cannot be reached", nobody.number())]);
    let unknown = at(&env, "hub list", &market).env("http_proxy", "http://proxy.invalid:3128").run();
    assert_eq!((unknown.code, unknown.error().id), (75, Some("proxy-unreachable")), "{unknown}");
}

#[test]
fn what_a_marketplace_says_through_a_proxy_is_told_as_the_marketplaces() {
    let env = TestEnv::new();
    let (answers, next) = mpsc::channel::<Reply>();
    let server = HttpServer::start(move |_| next.recv().unwrap());
    let Some(proxy) = Front::tinyproxy("", &[]) else { return };
    let market = format!("http://{}", outside(port_of(&server)));
    let forms_only = "only forms";
    for (reply, code, says) in [
        (Reply::json(401, r#"{"detail":"Invalid token."}"#), 77, "the marketplace refuses the API key"),
        (Reply::json(403, r#"{"detail":"Invalid token."}"#), 77, "the marketplace refuses the API key"),
        (Reply::html(404, "nothing"), 78, forms_only),
        (Reply::html(500, "KeyError at /api/hub/"), 75, "the marketplace broke down"),
        (Reply::html(502, "bad"), 75, "a gateway in front of the marketplace got no answer from it"),
        (Reply::html(403, "no"), 77, "a gateway in front of the marketplace"),
    ] {
        answers.send(reply).unwrap();
        let run = at(&env, "hub list --via rest", &market).env("http_proxy", proxy.url()).run();
        assert_eq!(run.code, code, "{run}");
        run.says(&[says]);
        assert_ne!(run.error().id, Some("proxy-refused"), "{run}");
    }
}

#[test]
fn a_variable_that_cannot_be_read_is_an_error_and_no_direct_connection() {
    let (env, server, market) = market();
    for (variable, value) in [
        ("http_proxy", "ftp://seller:hunter2secret@127.0.0.1:3128"),
        ("http_proxy", "http://seller:hunter2secret@:3128"),
        ("all_proxy", "http://seller:hunter2secret@127.0.0.1:port"),
        ("ALL_PROXY", "socks4://seller:hunter2secret@127.0.0.1"),
        ("http_proxy", "127.0.0.1 3128"),
        ("http_proxy", "://"),
    ] {
        for line in ["hub list", "login", "signup --user eve --email eve@example.org"] {
            let refused = at(&env, line, &market).env(variable, value).run();
            assert_eq!((refused.code, refused.error().id), (78, Some("market-proxy")), "{value}: {refused}");
            refused.says(&[&format!("the proxy in {variable} cannot be used: ")]).keeps_secret("hunter2secret");
            assert!(refused.hint().contains(variable), "{refused}");
        }
    }
    assert!(server.requests().is_empty());
}

#[test]
fn hosts_of_no_proxy_are_reached_directly_and_no_others() {
    let (env, server, market) = market();
    let port = port_of(&server);
    let nobody = ReservedPort::new();
    let listed = |list: &str| {
        let proxied = at(&env, "hub list", &market).env("http_proxy", format!("http://127.0.0.1:{}", nobody.number()));
        proxied.env("no_proxy", list).run()
    };
    let with_port = format!("0.0.0.0:{port}");
    for list in ["*", "other.example, 0.0.0.0", "other.example 0.0.0.0", ",0.0.0.0,", "0.0.0.0/8", &with_port] {
        assert_eq!(listed(list).code, 0, "{list}");
    }
    let direct = server.requests().len();
    for list in ["other.example", "0.0.0.1", "0.0.0.0:1", "1.0.0.0/8", "0.0", ""] {
        let proxied = listed(list);
        assert_eq!((proxied.code, proxied.error().id), (75, Some("proxy-unreachable")), "{list}: {proxied}");
    }
    assert_eq!(server.requests().len(), direct);
    // An entry that can name no host is of no effect, which is said; nothing of it is repeated.
    for list in ["http://0.0.0.0", "*.0.0.0", "u:hunter2@0.0.0.0", "\"0.0.0.0\""] {
        listed(list).says(&["no_proxy has an entry"]).keeps_secret("hunter2");
    }
    listed("other.example,*").does_not_say(&["no_proxy has an entry"]);
    // In upper case it counts where there is none in lower case.
    let run = |line| at(&env, line, &market).env("http_proxy", format!("127.0.0.1:{}", nobody.number()));
    run("hub list").env("NO_PROXY", "0.0.0.0").done();
    run("hub list").env("NO_PROXY", "0.0.0.0").env("no_proxy", "other.example").fails(75, &["(from http_proxy)"]);
    // A proxy is never used for loopback.
    env.i3("hub list").env("http_proxy", format!("127.0.0.1:{}", nobody.number())).done();
}

#[test]
fn of_the_variable_for_http_only_the_lower_case_counts() {
    let (env, server, market) = market();
    let nobody = ReservedPort::new();
    let proxy = format!("http://127.0.0.1:{}", nobody.number());
    let direct = at(&env, "hub list", &market).env("HTTP_PROXY", &proxy).done();
    direct.says(&["HTTP_PROXY is not read", "http_proxy"]);
    assert!(!server.requests().is_empty());
    let exempt = at(&env, "hub list", &market).env("HTTP_PROXY", &proxy).env("no_proxy", "0.0.0.0").done();
    exempt.does_not_say(&["HTTP_PROXY"]);
    at(&env, "hub list", &market).env("HTTP_PROXY", &proxy).env("all_proxy", &proxy).fails(75, &["(from all_proxy)"]);
    // The other scheme's is none of its business.
    at(&env, "hub list", &market).env("https_proxy", &proxy).env("HTTPS_PROXY", &proxy).done();
}

/// A SOCKS5 proxy (RFC 1928, 1929): it wants this user and password, and answers with `reply`; after 0 it connects to `to`. Each
/// connection shows the request.
fn socks5(user: &'static str, password: &'static str, reply: u8, to: u16) -> (u16, mpsc::Receiver<String>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (asked, asks) = mpsc::channel();
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            // A client that gives up ends its connection alone.
            let Ok(Some(place)) = shake_hands(&mut client, user, password, reply) else { continue };
            let _ = asked.send(place);
            if reply == 0 {
                let mut server = TcpStream::connect(("127.0.0.1", to)).unwrap();
                let (mut back, mut forth) = (server.try_clone().unwrap(), client.try_clone().unwrap());
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut back, &mut forth);
                    forth.shutdown(Shutdown::Both)
                });
                std::thread::spawn(move || std::io::copy(&mut client, &mut server));
            }
        }
    });
    (port, asks)
}

/// Returns the place that is asked for, unless the user is another.
fn shake_hands(client: &mut TcpStream, user: &str, password: &str, reply: u8) -> std::io::Result<Option<String>> {
    let mut read = |count: u8, and: &[u8]| -> std::io::Result<Vec<u8>> {
        let mut bytes = vec![0; count.into()];
        client.read_exact(&mut bytes)?;
        client.write_all(and)?;
        Ok(bytes)
    };
    let count = read(2, &[])?[1];
    assert!(read(count, &[5, 2])?.contains(&2), "the user is offered");
    let length = read(2, &[])?[1];
    let given_user = read(length, &[])?;
    let length = read(1, &[])?[0];
    let given_password = read(length, &[])?;
    if (given_user.as_slice(), given_password.as_slice()) != (user.as_bytes(), password.as_bytes()) {
        read(0, &[1, 1])?;
        return Ok(None);
    }
    let host = match read(0, &[1, 0]).and_then(|_| read(4, &[]))?[3] {
        1 => read(4, &[])?.iter().map(u8::to_string).collect::<Vec<_>>().join("."),
        3 => {
            let length = read(1, &[])?[0];
            String::from_utf8(read(length, &[])?).unwrap()
        }
        other => panic!("an address of type {other}"),
    };
    let port = read(2, &[5, reply, 0, 1, 0, 0, 0, 0, 0, 0])?;
    Ok(Some(format!("{host}:{}", u16::from_be_bytes([port[0], port[1]]))))
}

#[test]
fn a_socks_proxy_connects_by_name_or_address_and_its_refusals_are_its_own() {
    let (env, server, market) = market();
    let port = port_of(&server);
    let (proxy, asks) = socks5("seller", PASSWORD, 0, port);
    let place = |port: u16| format!("seller:{ENCODED}@127.0.0.1:{port}");
    // The proxy looks up the name, which cannot be resolved here.
    let name = format!("http://localhost.example:{port}");
    let by_name = at(&env, "hub list", &name).env("all_proxy", format!("socks5h://{}", place(proxy)));
    by_name.done().keeps_secret(PASSWORD);
    let asked: Vec<String> = asks.try_iter().collect();
    assert!(!asked.is_empty() && asked.iter().all(|place| *place == format!("localhost.example:{port}")), "{asked:?}");
    let by_address = at(&env, "hub list", &market).env("http_proxy", format!("socks5://{}", place(proxy)));
    by_address.done();
    assert!(asks.try_iter().all(|place| place == outside(port)));
    let (ruled_out, _asks) = socks5("seller", PASSWORD, 2, port);
    let (unknown, _none) = socks5("somebody", "else", 0, port);
    for (proxy, says) in [(ruled_out, "connection not allowed by ruleset"), (unknown, "password authentication failed")]
    {
        let refused = at(&env, "hub list", &market).env("ALL_PROXY", format!("socks5h://{}", place(proxy))).run();
        assert_eq!((refused.code, refused.error().id), (75, Some("proxy-refused")), "{refused}");
        refused.says(&[&format!("the proxy 127.0.0.1:{proxy} (from ALL_PROXY) refused the connection: {says}")]);
        refused.keeps_secret(PASSWORD).keeps_secret(ENCODED);
    }
    let nobody = ReservedPort::new();
    let gone = at(&env, "hub list", &market).env("all_proxy", format!("socks5h://{}", place(nobody.number()))).run();
    assert_eq!((gone.code, gone.error().id), (75, Some("proxy-unreachable")), "{gone}");
}

#[test]
fn doctor_names_the_proxy_on_the_way() {
    let (env, _server, market) = market();
    let Some(proxy) = Front::tinyproxy("", &[]) else { return };
    let told = at(&env, "doctor --timeout 1s --json", &market).env("http_proxy", proxy.url()).run();
    let place = format!("connected through the proxy 127.0.0.1:{} (from http_proxy)", proxy.port());
    assert!(told.stdout.contains(&place), "{told}");
}

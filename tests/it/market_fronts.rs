//! Servers in front of a marketplace: gateways that put it below a path, redirects, firewalls, limits, ports for TLS, networks
//! that want a log-in, and names in other scripts.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;

use crate::program::{Outcome, Run, TestEnv};
use crate::support::between::between;
use crate::support::front::Front;
use crate::support::http_server::{HttpServer, Reply};
use crate::support::reserved_port::ReservedPort;

const SECRET: &str = "hunter2secret";

fn at(env: &TestEnv, line: &str, market: &str) -> Run {
    env.i3(line).env("I3_MARKET", market)
}

/// Must fail with this code and entry, for REST and for forms, and repeat nothing of an answer.
fn both_fail(env: &TestEnv, market: &str, code: i32, id: &str, says: &[&str]) -> Vec<Outcome> {
    let lines = ["hub list --via rest", "login", "hub list --via web"];
    let outcomes = lines.map(|line| {
        let run = at(env, line, market).run();
        assert_eq!((run.code, run.error().id), (code, Some(id)), "{run}");
        run.says(says).keeps_secret(SECRET);
        run
    });
    outcomes.into()
}

/// A seller's day, below the address: pages, forms, redirects, cookies, scripts' calls, REST.
fn a_day(env: &TestEnv, market: &str) {
    at(env, "login", market).succeeds("alice\n");
    // By the session that was kept at this address.
    let kept = |line: &str| at(env, line, market).without("I3_API_KEY").without("I3_LOGIN_PASSWORD");
    kept("hub create garden --via web").done();
    let hubs = kept("hub list --via web").done();
    assert!(hubs.stdout.contains("alice/garden"), "{hubs}");
    env.secret("pw", "another-password-1");
    kept("register lot9 --hub garden --password-file pw --via web").done();
    let devices = kept("device list --hub garden --via web").done();
    assert!(devices.stdout.contains("alice$garden$lot9"), "{devices}");
    kept("product create moisture --hub garden --description wet --price 2 --type sensor --via web").done();
    let products = kept("product list --hub garden").done();
    assert!(products.stdout.contains("alice/garden/moisture"), "{products}");
    kept("product edit alice/garden/moisture --price 3").done();
    kept("notifications list").done();
    kept("notifications archive --all --yes").done();
    kept("device delete alice$garden$lot9 --yes --via web").done();
    at(env, "hub list --via rest", market).done();
    kept("logout").done();
}

#[test]
fn a_marketplace_may_be_below_a_path() {
    // A gateway that takes the path away and leaves the pages as they are, and one that puts it into links, redirects and
    // cookies.
    let thorough = "proxy_redirect / /market/place/; proxy_cookie_path / /market/place/; sub_filter_once off; \
        sub_filter 'href=\"/' 'href=\"/market/place/'; sub_filter \"href='/\" \"href='/market/place/\";";
    for (path, more) in [("/i3/", ""), ("/market/place/", thorough)] {
        let env = TestEnv::new();
        let sandbox = env.sandbox.market_url();
        let gateway = format!("location {path} {{ proxy_pass {sandbox}/; {more} }} location / {{ return 404; }}");
        let Some(nginx) = Front::nginx(&gateway) else { return };
        a_day(&env, &format!("{}{path}", nginx.url()));
    }
}

#[test]
fn a_marketplace_that_has_moved_is_named_and_not_followed() {
    let env = TestEnv::new();
    let elsewhere = between(&env.sandbox, |_| None);
    let new = elsewhere.url();
    for (status, target, to) in [
        (301, "https://127.0.0.1:8443$request_uri", "https://127.0.0.1:8443"),
        (302, "https://market.example$request_uri", "https://market.example"),
        (307, "$scheme://127.0.0.1:PORT/i3$request_uri", "http://127.0.0.1:PORT/i3"),
        (308, &format!("{new}$request_uri"), &new),
        (301, "https://127.0.0.1/", "https://127.0.0.1"),
    ] {
        let Some(nginx) = Front::nginx(&format!("location / {{ return {status} {target}; }}")) else { return };
        let to = to.replace("PORT", &nginx.port().to_string());
        let market = nginx.url();
        let says = format!("{market} redirects to {to} ({status})");
        for run in both_fail(&env, &market, 78, "market-moved", &[&says]) {
            assert_eq!(run.hint(), format!("give --market {to} from now on"), "{run}");
        }
        let json = at(&env, "hub list --json", &market).run();
        assert!(json.stderr.contains("\"market-moved\"") && json.stderr.contains(&to), "{json}");
    }
    assert!(elsewhere.requests().is_empty());
}

#[test]
fn a_redirect_to_a_path_of_the_host_is_named() {
    let env = TestEnv::new();
    let server = HttpServer::start(|_| Reply::redirect("/i3/"));
    let moved = at(&env, "hub list --via rest", &server.url()).run();
    assert_eq!((moved.code, moved.error().id), (78, Some("market-moved")), "{moved}");
    moved.says(&[&format!("redirects to {}/i3 (302)", server.url())]);
    assert!(moved.hint().starts_with(&format!("give --market {}/i3", server.url())), "{moved}");
    let moved = at(&env, "hub list --via web", &server.url()).run();
    moved.says(&["302", "/i3/"]);
}

#[test]
fn a_redirect_to_another_place_is_not_followed_with_what_was_sent() {
    let env = TestEnv::new();
    let portal = HttpServer::start(|_| Reply::html(200, "welcome"));
    let target = format!("{}/login?to=$request_uri&x={SECRET}", portal.url());
    let Some(nginx) = Front::nginx(&format!("location / {{ return 302 {target}; }}")) else { return };
    let says = format!("{} redirects to another place, {} (302)", nginx.url(), portal.url());
    both_fail(&env, &nginx.url(), 78, "not-a-marketplace", &[&says]);
    // Only after the log-in form: the password was sent to the marketplace, and is sent nowhere else.
    let to = format!("{}/accounts/login/", portal.url());
    let server = between(&env.sandbox, move |request| (request.method == "POST").then(|| Reply::redirect(&to)));
    let moved = at(&env, "login", &server.url()).run();
    assert_eq!((moved.code, moved.error().id), (78, Some("market-moved")), "{moved}");
    // A form that was redirected elsewhere is not a success; the marketplace's own pages decide.
    let to = format!("{}/hubs/", portal.url());
    let create = move |request: &crate::support::http_server::Request| {
        (request.path() == "/hubs/create/" && request.method == "POST").then(|| Reply::redirect(&to))
    };
    let server = between(&env.sandbox, create);
    let lost = at(&env, "hub create shed --via web", &server.url()).run();
    assert_eq!(lost.code, 75, "{lost}");
    lost.says(&["nothing was created", "another place"]);
    assert!(portal.requests().is_empty());
}

#[test]
fn a_firewall_is_told_from_the_marketplace_and_not_quoted() {
    let env = TestEnv::new();
    let sandbox = env.sandbox.market_url();
    for (status, says) in [
        (403, "forbids the request (403)"),
        (451, "forbids the request (451)"),
        (401, "requires a log-in of its own (401)"),
    ] {
        let Some(nginx) = Front::nginx(&format!("default_type text/html; return {status} '<h1>{SECRET}</h1>';")) else {
            return;
        };
        let says = format!("a gateway in front of the marketplace at {} {says}", nginx.url());
        both_fail(&env, &nginx.url(), 77, "market-firewall", &[&says]);
    }
    // What only a change is refused for has not been done.
    let gate = format!("location / {{ limit_except GET {{ deny all; }} proxy_pass {sandbox}; }}");
    let Some(nginx) = Front::nginx(&gate) else { return };
    at(&env, "hub list --via rest", &nginx.url()).done();
    for line in ["hub create shed --via rest", "login"] {
        let refused = at(&env, line, &nginx.url()).run();
        assert_eq!((refused.code, refused.error().id), (77, Some("market-firewall")), "{refused}");
    }
    // The marketplace's own refusal of a form passes.
    let server = between(&env.sandbox, |request| {
        (request.method == "POST").then(|| Reply::html(403, "<p>CSRF verification failed. Request aborted.</p>"))
    });
    let refused = at(&env, "login", &server.url()).run();
    assert_eq!((refused.code, refused.error().id), (75, Some("csrf-refused")), "{refused}");
}

#[test]
fn the_time_to_wait_is_told_in_words_and_in_json() {
    let env = TestEnv::new();
    for (status, header, wait) in [
        (429, "120", Some(("2m", 120))),
        (408, "120", Some(("2m", 120))),
        (425, "soon", None),
        (503, "90", Some(("1m 30s", 90))),
        (429, "Fri, 31 Dec 1999 23:59:59 GMT", Some(("0s", 0))),
        (429, "Thu, 31 Dec 2099 23:59:59 GMT", Some(("more than a day", u64::MAX))),
        (429, "soon", None),
    ] {
        let front = format!("add_header Retry-After '{header}' always; return {status} {SECRET};");
        let Some(nginx) = Front::nginx(&front) else { return };
        let says = format!("{} takes no more requests for now ({status})", nginx.url());
        for run in both_fail(&env, &nginx.url(), 75, "market-busy", &[&says]) {
            if let Some((words, _)) = wait {
                run.says(&[&format!("wait {words}")]);
                let is_long = words == "more than a day";
                let hint = if is_long { "try again another day".into() } else { format!("try again in {words}") };
                assert!(run.hint().starts_with(&hint), "{run}");
            }
        }
        let json: serde_json::Value =
            serde_json::from_str(&at(&env, "hub list --json", &nginx.url()).run().stderr).unwrap();
        for name in ["retry_after_seconds", "retry_after"] {
            let told = json["error"][name].as_u64();
            match wait {
                Some((_, u64::MAX)) => assert!(told > Some(1_000_000_000), "{json}"),
                _ => assert_eq!(told, wait.map(|(_, seconds)| seconds), "{json}"),
            }
        }
    }
    // A date counts by the clock of the answer.
    let later = Reply::json(429, "{}")
        .with("Date", "Sun, 06 Nov 1994 08:49:37 GMT")
        .with("Retry-After", "Sun, 06 Nov 1994 08:59:37 GMT");
    let server = HttpServer::start(move |_| later.clone());
    let run = at(&env, "hub list --via rest", &server.url()).run();
    assert_eq!((run.code, run.hint()), (75, "try again in 10m"), "{run}");
    // One request after the change is refused is enough.
    let server = between(&env.sandbox, |request| {
        (request.method == "POST").then(|| Reply::html(429, SECRET).with("Retry-After", "7"))
    });
    let refused = at(&env, "hub create shed", &server.url()).run();
    assert_eq!((refused.code, refused.hint()), (75, "try again in 7s"), "{refused}");
    assert_eq!(server.requests().iter().filter(|request| request.method == "POST").count(), 1);
}

#[test]
fn a_scheme_that_does_not_fit_the_port_is_named_with_the_one_that_does() {
    let env = TestEnv::new();
    let tls =
        "listen 127.0.0.1:PORT ssl; ssl_certificate FOLDER/cert.pem; ssl_certificate_key FOLDER/key.pem; return 204;";
    let Some(nginx) = Front::nginx(tls) else { return };
    let says = format!("the port of {} expects TLS, and the address says http", nginx.url());
    let instead = format!("give --market https://127.0.0.1:{}", nginx.port());
    for run in both_fail(&env, &nginx.url(), 78, "market-scheme", &[&says]) {
        assert_eq!(run.hint(), instead, "{run}");
    }
    let Some(plain) = Front::nginx("return 204;") else { return };
    let says = format!("the port of https://127.0.0.1:{} does not speak TLS", plain.port());
    both_fail(&env, &format!("https://127.0.0.1:{}", plain.port()), 78, "market-scheme", &[&says, &plain.url()]);
    // Others answer plain HTTP with an alert of TLS.
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let market = format!("http://{}", listener.local_addr().unwrap());
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let mut client = client.unwrap();
            let _ = client.read(&mut [0; 4096]);
            let _ = client.write_all(&[0x15, 3, 1, 0, 2, 2, 70]);
        }
    });
    let says = format!("the port of {market} expects TLS");
    both_fail(&env, &market, 78, "market-scheme", &[&says, &market.replace("http", "https")]);
}

#[test]
fn a_gateway_that_takes_no_long_request_is_told_with_its_limit() {
    let env = TestEnv::new();
    let sandbox = env.sandbox.market_url();
    let Some(nginx) = Front::nginx(&format!("client_max_body_size 2k; location / {{ proxy_pass {sandbox}; }}")) else {
        return;
    };
    at(&env, "hub create garden --via web", &nginx.url()).done();
    let create = "product create moisture --hub garden --price 2 --type sensor --via web --description";
    let long = "x".repeat(4000);
    let refused = env.i3_with(create, &[long.as_str()]).env("I3_MARKET", nginx.url()).run();
    assert_eq!((refused.code, refused.error().id), (65, Some("request-too-long")), "{refused}");
    refused.says(&["accepts no request of this length (413)"]);
}

#[test]
fn a_gateway_without_its_marketplace_is_told_as_the_gateway() {
    let env = TestEnv::new();
    let nobody = ReservedPort::new();
    let silent = HttpServer::start(|_| Reply::Hang);
    for (front, status) in [
        (format!("proxy_pass http://127.0.0.1:{};", nobody.number()), 502),
        (format!("proxy_pass {}; proxy_read_timeout 50ms;", silent.url()), 504),
    ] {
        let Some(nginx) = Front::nginx(&format!("location / {{ {front} }}")) else { return };
        let told = format!("({status})");
        for run in both_fail(
            &env,
            &nginx.url(),
            75,
            "gateway",
            &["a gateway in front of the marketplace got no answer", &told],
        ) {
            run.does_not_say(&["the marketplace broke down"]);
        }
    }
}

#[test]
fn a_page_of_something_else_is_no_marketplaces() {
    let env = TestEnv::new();
    let page = format!("default_type text/html; return 200 '<form><input name=room><p>{SECRET}</p></form>';");
    let Some(portal) = Front::nginx(&page) else { return };
    let says = format!("the page from {} is not an I3 marketplace's (200)", portal.url());
    both_fail(&env, &portal.url(), 78, "not-a-marketplace", &[&says]);
    // What an API answers that is no marketplace's.
    let Some(api) = Front::nginx("default_type text/plain; return 200 hello;") else { return };
    let answer = at(&env, "hub list --via rest", &api.url()).run();
    assert_eq!((answer.code, answer.error().id), (78, Some("not-a-marketplace")), "{answer}");
    let Some(network) = Front::nginx(&format!("return 511 {SECRET};")) else { return };
    both_fail(&env, &network.url(), 78, "not-a-marketplace", &["the network requires a log-in", "(511)"]);
}

#[test]
fn a_host_in_another_script_is_asked_for_in_ascii_and_shown_in_both() {
    let env = TestEnv::new();
    let sandbox = env.sandbox.market_url();
    let Some(nginx) =
        Front::nginx(&format!("server_name xn--bcher-kva.example; location / {{ proxy_pass {sandbox}; }}"))
    else {
        return;
    };
    let upstream = format!("Upstream http 127.0.0.1:{} \"xn--bcher-kva.example\"", nginx.port());
    let Some(proxy) = Front::tinyproxy(&upstream, &[]) else { return };
    for market in ["http://Bücher.example:8000", "http://xn--bcher-kva.example:8000"] {
        let hubs = at(&env, "hub list -v", market).env("http_proxy", proxy.url()).done();
        hubs.says(&["http://bücher.example:8000 (http://xn--bcher-kva.example:8000)"]);
    }
    let unknown = at(&env, "hub list", "https://bücher.invalid").run();
    assert_eq!((unknown.code, unknown.error().id), (75, Some("host-unknown")), "{unknown}");
    unknown.says(&["bücher.invalid (xn--bcher-kva.invalid)"]);
    assert!(proxy.log().contains("GET http://xn--bcher-kva.example:8000/api/hub/"));
}

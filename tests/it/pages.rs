//! The marketplace's pages: of any length and with any content, and never requested twice.

use crate::program::{LOT1, Outcome, Run, TOPIC, TestEnv, key_pem};
use crate::support::http_server::{HttpServer, Reply, Request};

/// What no output may hold: it is in every part of every page here.
const SECRET: &str = "Xk7pQ2vLm9Tz";
const PASSWORD: &str = "correct horse battery";
const KEY: &str = "0123456789abcdef0123456789abcdef01234567";

/// A page for alice with so many notifications in its navigation.
fn page(notifications: usize, content: &str) -> String {
    let notification = format!(
        "<li class=\"notification notification-unread\">\n<div class=\"media\"><div class=\"media-body\">\n\
         <strong class=\"notification-title\">Welcome to I3</strong>\n<p class=\"notification-desc text-danger\">Your \
         password to I3  is: {SECRET}{}</p>\n<small class=\"timestamp\">Thu, 26 Nov 2026 00:06:39 -0800</small>\n\
         </div></div></li>\n",
        " ".repeat(150)
    );
    format!(
        "<title>I3</title><ul class=\"nav navbar-nav navbar-right\"><li id=\"dropdown-requests\"></li>\n\
         <li id=\"dropdown-notifications\" class=\"dropdown dropdown-notifications\"><a><i data-count=\"{notifications}\"></i>\
         </a><ul class=\"dropdown-menu\">\n{}</ul></li>\n<li><a href=\"/cart/\">Cart</a></li><li>\n\
         <a href=\"#\" class=\"dropdown-toggle\"> Hello alice <span class=\"caret\"></span></a></ul>\n\
         <!-- Page Content -->{content}<!-- Footer --><footer>I3</footer>",
        notification.repeat(notifications)
    )
}

const LOG_IN_PAGE: &str = "<form method=post><input type=hidden name=csrfmiddlewaretoken value=t><input name=username>\
                           <p class=\"text-danger\"></p><input name=password type=password></form>";

/// A marketplace that lets alice in, and answers all else by `answer`.
fn market(mut answer: impl FnMut(&Request) -> Reply + Send + 'static) -> HttpServer {
    HttpServer::start(move |request| match (request.method.as_str(), request.path()) {
        ("GET", "/accounts/login/") => Reply::html(200, LOG_IN_PAGE).with("Set-Cookie", "csrftoken=t"),
        ("POST", "/accounts/login/") => Reply::redirect("/").with("Set-Cookie", "sessionid=s"),
        _ => answer(request),
    })
}

/// The program at this marketplace, logging in by the form.
fn at(env: &TestEnv, server: &HttpServer, line: &str) -> Run {
    let run = env.i3(line).env("I3_MARKET", server.url()).without("I3_API_KEY");
    run.env("I3_USER", "alice").env("I3_LOGIN_PASSWORD", PASSWORD).env("I3_BROKER", "mqtt://127.0.0.1:1")
}

fn hubs(request: &Request, notifications: usize) -> Reply {
    match request.path() {
        "/hubs/" => {
            Reply::html(200, page(notifications, "<h3>My Hubs</h3><h4><a href=\"/hubs/1/\">alice/parking</a></h4>"))
        }
        "/key/" => Reply::html(200, page(notifications, &format!("<input id=\"foo\" value=\"{KEY}\">"))),
        _ => Reply::html(404, page(notifications, "")),
    }
}

#[test]
fn a_page_with_tens_of_thousands_of_notifications_is_read() {
    let env = TestEnv::new();
    let count = 25_000;
    assert!(page(count, "").len() > 10_000_000);
    let server = market(move |request| hubs(request, count));
    at(&env, &server, "hub list").succeeds("alice/parking\n");
    let server = market(move |request| hubs(request, 100));
    at(&env, &server, "login").succeeds("alice\n");
    at(&env, &server, "whoami").succeeds("alice\n");
}

#[test]
fn a_page_that_is_too_long_even_so_says_how_to_make_it_short() {
    let env = TestEnv::new();
    env.secret("lot1.pem", key_pem());
    let row = format!("<tr><td>{}</td></tr>", "x".repeat(1 << 16));
    let list = row.repeat(1_100);
    let server = market(move |request| match request.path() {
        "/hubs/" => Reply::html(200, page(1, &list)),
        _ => hubs(request, 1),
    });
    let hint = "run `i3 notifications archive --all`";
    at(&env, &server, "hub list").fails(65, &["exceeds 33554432 bytes", hint]);
    let doctor = at(&env, &server, "doctor --key lot1.pem").arg(LOT1).run();
    assert_eq!(doctor.code, 1, "{doctor}");
    doctor.says(&[hint]);
}

#[test]
fn the_user_is_known_from_any_page() {
    let env = TestEnv::new();
    let server = market(|request| match request.path() {
        "/hubs/" => Reply::html(200, page(1, "<h3>My Hubs</h3><h4>You Don't Have Any Hub</h4>")),
        _ => hubs(request, 1),
    });
    let typed = |line: &str| at(&env, &server, line).env("I3_USER", "ALICE");
    typed("whoami").succeeds("alice\n").says(&["knows the user as 'alice', not 'ALICE'"]);
    typed("login").succeeds("alice\n").says(&["knows the user as 'alice', not 'ALICE'"]);
}

/// Every way in which a page or an answer can be other than expected, with the secret all over it.
fn odd_answers() -> Vec<Reply> {
    let odd = format!(
        "<title>{SECRET} at /{SECRET}/</title><h1>{SECRET}</h1><h3>{SECRET}</h3><h4>{SECRET}</h4>\
         <pre class=\"exception_value\">(1064, \"near '{SECRET}'\")</pre><a href=\"/hubs/1/\">alice/{SECRET}/{SECRET}</a>\
         <h4>alice$parking${SECRET}</h4><h4>{SECRET}<a href=\"/devices/edit/{SECRET}\">x</a></h4>\
         <a href=\"/devices/edit/7\">x</a><a href=\"/hubs/2/\">{SECRET}</a><input id=\"foo\" value=\"{SECRET}\">"
    );
    let pages = [page(2, &odd), odd.clone(), page(2, ""), SECRET.into(), format!("{SECRET} at /\n{SECRET}")];
    let mut replies = Vec::new();
    for status in [200, 400, 401, 404, 500] {
        replies.extend(pages.iter().map(|page| Reply::html(status, page)));
        for json in [
            format!("\"{SECRET}\""),
            format!("[\"{SECRET}\"]"),
            format!("[{{\"id\": \"{SECRET}\", \"name\": \"{SECRET}\"}}]"),
            format!("[{{\"id\": 1, \"name\": \"{SECRET}\", \"title\": 7, \"sensor_type\": \"{SECRET}\"}}]"),
            format!("{{\"a\": {{\"{SECRET}\": \"{SECRET}\"}}}}"),
            format!("{{{SECRET}"),
        ] {
            replies.push(Reply::json(status, json));
        }
    }
    replies.push(Reply::redirect(&format!("/somewhere/?next={SECRET}#{SECRET}")));
    replies
}

fn tells_nothing(outcome: &Outcome) {
    let told = [&outcome.stdout, &outcome.stderr].iter().any(|text| text.contains(SECRET));
    assert!(!told, "the page is repeated: {outcome}");
}

#[test]
fn no_error_repeats_what_a_page_says() {
    let env = TestEnv::new();
    env.secret("lot1.pem", key_pem());
    let commands = [
        "hub list",
        "hub create garden",
        "device list",
        "register lot7 --hub parking --key lot1.pem",
        "product list",
        "product create level2 --hub parking --description x --price 1.50 --type sensor",
        "whoami",
        "login",
    ];
    // With the log-in form, and with the key over REST.
    for (at_first, reply) in odd_answers().into_iter().enumerate() {
        let command = |nth: usize| commands[nth % commands.len()];
        // The hubs are correct, but the pages after them are not.
        let later = reply.clone();
        let server = market(move |request| match (request.method.as_str(), request.path()) {
            ("GET", "/hubs/" | "/key/") => hubs(request, 2),
            _ => later.clone(),
        });
        tells_nothing(&at(&env, &server, command(at_first)).run());
        let server = market(move |_| reply.clone());
        for (nth, json) in [(at_first, ""), (at_first + 3, "--json ")] {
            tells_nothing(&at(&env, &server, &format!("{json}{}", command(nth))).run());
            let rest = at(&env, &server, &format!("{json}{}", command(nth))).env("I3_API_KEY", KEY);
            tells_nothing(&rest.without("I3_LOGIN_PASSWORD").run());
        }
        if at_first % 5 == 0 {
            let doctor = at(&env, &server, &format!("doctor --topic {TOPIC} --key lot1.pem --json"));
            tells_nothing(&doctor.arg(LOT1).run());
        }
    }
}

//! What a command asks of a marketplace is bounded, however many requests it takes, and long lists cost their length once.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use i3::market::Market;
use i3::market::http::HttpOptions;
use i3::market::page;
use i3::market::rest::RestError;
use i3::secret::Secret;

use crate::program::{Run, TestEnv};
use crate::support::http_server::{HttpServer, Reply, Request};

const KEY: &str = "0123456789abcdef0123456789abcdef01234567";

/// The program at this marketplace, with an API key or by the form.
fn at(env: &TestEnv, server: &HttpServer, line: &str) -> Run {
    let run = env.i3(line).env("I3_MARKET", server.url()).env("I3_API_KEY", KEY);
    run.env("I3_USER", "alice").env("I3_LOGIN_PASSWORD", "correct horse battery").env("I3_BROKER", "mqtt://127.0.0.1:1")
}

/// A marketplace that lets alice in, and answers all else by `answer`.
fn market(mut answer: impl FnMut(&Request) -> Reply + Send + 'static) -> HttpServer {
    const LOG_IN: &str = "<form method=post><input type=hidden name=csrfmiddlewaretoken value=t><input name=username>\
                          <p class=\"text-danger\"></p><input name=password type=password></form>";
    HttpServer::start(move |request| match (request.method.as_str(), request.path()) {
        ("GET", "/accounts/login/") => Reply::html(200, LOG_IN).with("Set-Cookie", "csrftoken=t"),
        ("POST", "/accounts/login/") => Reply::redirect("/").with("Set-Cookie", "sessionid=s"),
        _ => answer(request),
    })
}

/// Items of a list from number `from` on, of the fields that `item` writes.
fn items(range: std::ops::Range<u64>, item: impl Fn(u64) -> String) -> String {
    let list: Vec<String> = range.map(item).collect();
    format!("[{}]", list.join(","))
}

fn hub(id: u64) -> String {
    format!("{{\"id\":{id},\"name\":\"alice/hub{id}\"}}")
}

fn offset(request: &Request) -> u64 {
    request.query("offset").unwrap().parse().unwrap()
}

#[test]
fn a_list_without_an_end_ends_with_the_bytes_of_the_command() {
    let env = TestEnv::new();
    // Each page is new, small and fast.
    let server = market(|request| {
        let from = offset(request);
        Reply::json(200, items(from..from + 100, hub))
    });
    let hint = "give a larger --max-download";
    let run = at(&env, &server, "hub list --max-download 100K");
    run.fails(65, &["error[market-limits]", "sent more than 102400 bytes in all answers together", hint]);
    let pages = server.requests().len();
    assert!((25..60).contains(&pages), "{pages}");
}

#[test]
fn a_list_without_an_end_ends_with_the_time_of_the_command() {
    let env = TestEnv::new();
    let server = market(|request| {
        let from = offset(request);
        Reply::json(200, items(from..from + 1, hub))
    });
    let run = at(&env, &server, "hub list --timeout 60s --deadline 300ms");
    let says = ["error[market-limits]", "took longer than 300ms for all requests together", "a longer --deadline"];
    run.fails(75, &says);
    assert!(server.requests().len() > 1);
}

#[test]
fn a_request_gets_no_more_time_than_is_left_of_all() {
    let env = TestEnv::new();
    let server = market(|_| Reply::Hang);
    let line = "notifications --via web --timeout 60s --deadline 300ms";
    at(&env, &server, line).without("I3_API_KEY").fails(75, &["error[market-limits]", "took longer than 300ms"]);
    // Each request has its own limit as well.
    let line = "notifications --via web --timeout 300ms";
    at(&env, &server, line).without("I3_API_KEY").fails(75, &["no answer from", "within 300ms"]);
}

#[test]
fn what_was_sent_before_the_time_was_used_up_is_unknown_and_said_to_be() {
    let env = TestEnv::new();
    let server = market(|request| match (request.method.as_str(), request.path()) {
        ("POST", _) => Reply::Hang,
        _ if offset(request) == 0 => {
            Reply::json(200, items(1..2, |id| format!("{{\"id\":{id},\"name\":\"alice/other\"}}")))
        }
        _ => Reply::json(200, "[]"),
    });
    let run = at(&env, &server, "hub create parking --timeout 60s --deadline 1s");
    run.fails(75, &["error[change-unknown]", "`i3 hub list`", "took longer than 1s for all requests together"]);
    assert_eq!(server.requests().iter().filter(|request| request.method == "POST").count(), 1);
}

#[test]
fn a_long_list_is_read_in_pages_or_in_one_answer() {
    const COUNT: u64 = 20_000;
    for at_once in [true, false] {
        let server = market(move |request| {
            let from = if at_once { 0 } else { offset(request).min(COUNT) };
            let to = if at_once { COUNT } else { (from + 1_000).min(COUNT) };
            Reply::json(200, items(from..to, hub))
        });
        let market = Market::new(server.url().parse().unwrap(), &HttpOptions::default()).unwrap();
        let hubs = market.rest(&Secret::new(KEY)).hubs().unwrap();
        assert_eq!((hubs.len(), hubs[19_999].name.as_str()), (20_000, "alice/hub19999"));
    }
}

#[test]
fn an_item_that_is_wrong_or_cut_off_is_an_error() {
    let hubs = |reply: Reply| {
        let server = market(move |_| reply.clone());
        let market = Market::new(server.url().parse().unwrap(), &HttpOptions::default()).unwrap();
        market.rest(&Secret::new(KEY)).hubs().unwrap_err()
    };
    let whole = items(0..100, hub);
    assert!(matches!(hubs(Reply::json(200, whole.replace("\"alice/hub7\"", "7"))), RestError::Shape { .. }));
    assert!(matches!(hubs(Reply::json(200, &whole[..whole.len() - 1])), RestError::Shape { .. }));
    assert!(matches!(hubs(Reply::json(200, "{\"results\":[]}")), RestError::Shape { .. }));
    assert!(matches!(hubs(Reply::Torn(Box::new(Reply::json(200, whole)))), RestError::Http(_)));
}

/// A page with this content. Each reader below would take minutes over one of this length if it went through the rest of the
/// page, or through what it has found, for each element.
fn page(content: &str) -> Vec<u8> {
    format!(
        "<ul><li id=dropdown-requests><li id=dropdown-notifications></ul><!-- Page Content -->{content}<!-- Footer -->"
    )
    .into()
}

/// A part for each number.
fn parts(count: usize, part: impl Fn(usize) -> String) -> String {
    (0..count).map(part).collect()
}

const MANY: usize = 60_000;

#[test]
fn long_lists_of_hubs_and_devices_are_read() {
    let links = parts(MANY, |n| format!("<h4><a href=/hubs/{n}/>alice/hub{n}</a></h4>"));
    let hubs = page::hub_list(&page(&format!("<h3>My Hubs</h3>{links}"))).unwrap();
    assert_eq!((hubs.len(), hubs[MANY - 1].id), (MANY, MANY as u64 - 1));
    let devices = parts(MANY / 2, |n| format!("<h4>alice$parking$lot{n}<a href=/devices/edit/{n}></a></h4>"));
    let products = parts(MANY / 2, |n| format!("<h4>alice/parking/p{n}<a href=/products/{n}></a></h4>"));
    let content = format!("<h3>Devices in this hub</h3>{devices}<h3>Products in this hub</h3>{products}");
    let shown = page::hub(&page(&content)).unwrap();
    assert_eq!((shown.devices.len(), shown.products.len()), (MANY / 2, MANY / 2));
}

#[test]
fn pages_of_elements_that_are_never_closed_are_read() {
    const OPEN: usize = 10_000;
    let headings = format!("<h3>Devices in this hub{}", "<h4>alice$parking$x".repeat(OPEN));
    assert!(page::hub(&page(&headings)).is_err());
    assert!(page::hub_list(&page(&"<h3>My Hub".repeat(OPEN))).is_err());
    for row in ["<tr><td>x<td>y<td>z", "<td>x", "<table><tr><td>x"] {
        assert!(page::transactions(&page(&format!("<h3>Sales{}", row.repeat(OPEN)))).is_err());
        let _ = page::notification(row.repeat(OPEN).as_bytes());
    }
    for item in ["<li>x", "<li><ul class=errorlist>", "<ul class=errorlist><li>x</ul>", "<ul class=errorlist><li>x"] {
        assert!(!page::form_reasons(&page(&format!("<ul class=errorlist>{}", item.repeat(OPEN)))).is_empty());
        let _ = page::product_refusals(&page(&item.repeat(OPEN)));
    }
}

#[test]
fn carts_forms_and_requests_of_any_length_are_read() {
    let bare = parts(MANY, |n| format!("<button data-id={n}></button>"));
    assert_eq!(page::cart(&page(&format!("<div>{bare}</div>"))).len(), MANY);
    let linked = parts(MANY / 2, |n| format!("<tr><td><a href=/products/{n}>x</a><button data-id={n}></button></tr>"));
    assert_eq!(page::cart(&page(&linked))[7].product.as_deref(), Some("7"));
    let fields = parts(MANY, |n| format!("<input name=f{n} value=x>"));
    assert!(page::product_form(&page(&fields)).is_err());
    let requests = parts(MANY / 10, |n| {
        let mut item = String::new();
        write!(
            item,
            "<li class=notification><b class=notification-title>bob requested access for Product object ({n})</b>"
        )
        .unwrap();
        write!(item, "<button data-id={n} data-task=approve></button></li>").unwrap();
        item
    });
    let html = format!("<ul><li id=dropdown-requests><ul>{requests}</ul></li><li id=dropdown-notifications></ul>");
    assert_eq!(page::requests(html.as_bytes()).unwrap().unwrap().len(), MANY / 10);
}

#[test]
fn notifications_by_the_ten_thousand_are_listed_marked_and_counted() {
    const COUNT: usize = 10_000;
    let env = TestEnv::new();
    let mut archived = false;
    let server = market(move |request| match (request.method.as_str(), request.path()) {
        ("PUT", "/notifications/ajax/all/archive/") => {
            archived = true;
            Reply::json(200, "{\"success\": true}")
        }
        ("GET", "/notifications/") => {
            let row = |n| {
                format!(
                    "<tr class=info><td>New device<td>A device {n}<td>Thu, 26 Nov 2026 00:06:39 -0800\
                     <td><button data-notification-id={n} data-task=read></button></tr>"
                )
            };
            let rows = if archived { String::new() } else { parts(COUNT, row) };
            Reply::html(200, page_text(&format!("<table>{rows}</table>")))
        }
        _ => Reply::html(200, page_text("<form><input></form>")),
    });
    let listed = at(&env, &server, "notifications").done().stdout;
    assert_eq!(listed.lines().count(), COUNT);
    assert!(listed.ends_with("9999\tunread\t2026-11-26T08:06:39Z\tNew device\tA device 9999\n"), "{}", listed.len());
    let ids: Vec<String> = (COUNT..2 * COUNT).map(|id| id.to_string()).take(1_000).collect();
    let missing = env.i3_with("notifications read --via web", &ids);
    let missing = missing
        .env("I3_MARKET", server.url())
        .env("I3_USER", "alice")
        .env("I3_LOGIN_PASSWORD", "correct horse battery");
    missing.fails(65, &["no notification 10000"]);
    let run = at(&env, &server, "notifications archive --all --include-password --yes");
    run.succeeds("10000 archived\n");
}

/// Where the broker password stays, the marketplace has no other call than one for each of the others (I3 facts §6.3); the page with
/// all of them is read twice, before and afterwards.
#[test]
fn archiving_takes_as_many_requests_as_the_marketplace_asks_for_and_no_more() {
    const COUNT: usize = 200;
    let env = TestEnv::new();
    for (kept, lines) in [(1, "199 archived\n"), (0, "200 archived\n")] {
        let (mut left, mut buyers) = ((0..COUNT).collect::<BTreeSet<usize>>(), kept);
        let server = market(move |request| match (request.method.as_str(), request.path()) {
            ("PUT", "/notifications/ajax/all/archive/") => {
                left.clear();
                buyers = 0;
                Reply::json(200, "{\"success\": true}")
            }
            ("PUT", path) => {
                let id = path.split('/').nth(3).unwrap().parse().unwrap();
                assert!(left.remove(&id), "{path}");
                Reply::json(200, "{\"success\": true}")
            }
            ("GET", "/notifications/") => {
                let row = |id: &usize| {
                    let text = if *id < buyers { "Your password is 123456789012" } else { "A device" };
                    format!(
                        "<tr class=info><td>News<td>{text}<td>Thu, 26 Nov 2026 00:06:39 -0800\
                         <td><button data-notification-id={id} data-task=read></button></tr>"
                    )
                };
                Reply::html(200, page_text(&format!("<table>{}</table>", left.iter().map(row).collect::<String>())))
            }
            _ => Reply::html(200, page_text("<form><input></form>")),
        });
        at(&env, &server, "notifications archive --all --yes").succeeds(lines);
        let requests = server.requests();
        let sent = |method: &str, part: &str| {
            requests.iter().filter(|request| request.method == method && request.path().contains(part)).count()
        };
        assert_eq!(sent("GET", "/notifications/"), 2, "{kept}");
        assert_eq!(sent("PUT", "/archive/"), if kept == 0 { 1 } else { COUNT - kept });
        assert_eq!(sent("PUT", "/all/"), 1 - kept);
    }
}

fn page_text(content: &str) -> String {
    String::from_utf8(page(content)).unwrap()
}

#[test]
fn a_message_names_a_few_of_many_hubs() {
    let env = TestEnv::new();
    let server = market(|request| {
        let from = offset(request).min(5_000);
        Reply::json(200, items(from..(from + 1_000).min(5_000), hub))
    });
    let told = at(&env, &server, "product create occupancy --hub parking --description d --price 2 --type sensor");
    let told = told.fails(65, &["no hub 'parking'", "alice/hub19 and 4980 more"]);
    assert!(told.stderr.len() < 2_000, "{}", told.stderr.len());
}

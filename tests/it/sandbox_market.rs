//! The sandbox's marketplace compared with observations of the real one (I3 facts §2).

use std::thread;
use std::time::Duration;

use i3::sandbox::{Fault, Options, RunningSandbox, Sandbox};

use crate::http::{Browser, product, raw, rest};

fn sandbox() -> RunningSandbox {
    Sandbox::spawn(Options::default()).unwrap()
}

#[test]
fn closes_after_every_answer_without_saying_so() {
    let sandbox = sandbox();
    // Two requests at once: the second is never answered, and the server ends the connection.
    let request = "GET /accounts/login/ HTTP/1.1\r\nHost: localhost\r\n\r\n".repeat(2);
    let answer = raw(&sandbox.market_url(), &request).unwrap();
    assert_eq!(answer.status, 200);
    assert_eq!(answer.header("connection"), None);
    assert!(answer.header("date").unwrap().ends_with("GMT"));
    assert_eq!(answer.body.len().to_string(), answer.header("content-length").unwrap());
}

#[test]
fn unknown_hosts_chunked_bodies_and_missing_slashes_are_refused() {
    let sandbox = sandbox();
    let url = sandbox.market_url();
    assert_eq!(raw(&url, "GET / HTTP/1.1\r\nHost: i3.example\r\n\r\n").unwrap().status, 400);
    assert_eq!(raw(&url, "GET / HTTP/1.1\r\nHost: 127.0.0.1:8000\r\n\r\n").unwrap().status, 302);
    let chunked =
        "POST /accounts/login/ HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n3\r\na=b\r\n0\r\n\r\n";
    assert_eq!(raw(&url, chunked).unwrap().status, 403);
    let mut alice = Browser::of_seller(&sandbox);
    let answer = alice.post("/hubs/create", &[("name", "water"), ("private", "False")]);
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("<title>RuntimeError"), "{}", &answer.body[..300]);
    assert!(answer.body.contains("<pre class=\"exception_value\">You called this URL via POST"));
    assert!(answer.body.len() > 20_000);
    let answer = alice.get("/hubs");
    assert_eq!((answer.status, answer.location()), (301, "/hubs/"));
    assert_eq!(alice.get("/nothing/here/").status, 404);
}

#[test]
fn csrf_is_checked_before_the_session() {
    let sandbox = sandbox();
    let mut nobody = Browser::new(&sandbox);
    assert_eq!(nobody.post("/devices/create/", &[]).status, 403);
    nobody.get("/accounts/login/");
    assert_eq!(nobody.post("/devices/create/", &[]).status, 302);
    let token = nobody.cookies["csrftoken"].clone();
    let header = format!("X-CSRFToken: {token}\r\n");
    assert_eq!(nobody.try_request("POST", "/devices/create/", &header, "").unwrap().status, 302);
    assert_eq!(nobody.try_request("POST", "/devices/create/", "X-CSRFToken: x\r\n", "").unwrap().status, 403);
}

#[test]
fn logging_in_rotates_the_token_and_happens_once() {
    let sandbox = sandbox();
    let seed = sandbox.seed();
    let mut browser = Browser::new(&sandbox);
    browser.get("/accounts/login/");
    let before = browser.cookies["csrftoken"].clone();
    let wrong = browser.post("/accounts/login/", &[("username", "alice"), ("password", "wrong")]);
    assert_eq!(wrong.status, 200);
    assert!(wrong.body.contains("<p class=\"text-danger\">Invalid username/password!"));
    // The account is found in any case; its name stays as it was stored.
    let right = browser.post("/accounts/login/", &[("username", "ALICE"), ("password", seed.seller_password.expose())]);
    assert_eq!((right.status, right.location()), (302, "/"));
    assert!(right.head.contains("HttpOnly; Max-Age=1209600"));
    let after = browser.cookies["csrftoken"].clone();
    assert_ne!(before, after);
    let mut stale = browser.clone();
    stale.cookies.insert("csrftoken".into(), after);
    let body = format!("csrfmiddlewaretoken={before}");
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    assert_eq!(stale.try_request("POST", "/hubs/create/", form, &body).unwrap().status, 403);
    assert_eq!(browser.get("/accounts/login/").status, 500);
    assert!(browser.get("/hubs/").body.contains("<a href=\"/hubs/1/\">alice/parking</a>"));
    assert_eq!(sandbox.counts().market_log_ins, 2);
}

#[test]
fn an_expired_session_is_a_redirect_to_the_log_in_page() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    assert_eq!(alice.get("/hubs/").status, 200);
    let key = alice.get("/key/").body;
    assert!(key.contains(&format!("<input id=\"foo\" value=\"{}\"", sandbox.seed().api_key.expose())));
    sandbox.expire_sessions();
    let answer = alice.get("/hubs/1/");
    assert_eq!((answer.status, answer.location()), (302, "/accounts/login/?next=/hubs/1/"));
    assert_eq!(alice.create_device("lot1", "1", "secret").location(), "/accounts/login/?next=/devices/create/");
    assert_eq!(alice.get("/key/").status, 500);
}

#[test]
fn hubs_are_refused_with_a_blank_form() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    for (name, private) in
        [("ab", "False"), ("with space", "False"), ("parking", "False"), ("water", "maybe"), (&"x".repeat(31), "True")]
    {
        let answer = alice.post("/hubs/create/", &[("name", name), ("private", private)]);
        assert_eq!(answer.status, 200, "{name}");
        assert!(answer.body.contains("name=\"name\" required"));
        assert!(!answer.body.contains("error"));
    }
    for name in ["water", "Parking"] {
        let answer = alice.post("/hubs/create/", &[("name", name), ("private", "True")]);
        assert_eq!((answer.status, answer.location()), (302, "/hubs/"), "{name}");
    }
    let seed = sandbox.seed();
    let mut bob = Browser::logged_in(&sandbox, &seed.buyer, seed.buyer_password.expose());
    let private = bob.get("/hubs/2/");
    assert_eq!(private.status, 200);
    assert!(private.body.contains("private hub") && !private.body.contains("<h4>"));
    assert!(!bob.get("/hubs/").body.contains("alice/water"));
    assert_eq!(bob.get("/hubs/99/").status, 404);
    let long = "a".repeat(31);
    let (password, _) = sandbox.add_user(&long).unwrap().unwrap();
    let mut long = Browser::logged_in(&sandbox, &long, password.expose());
    assert_eq!(long.post("/hubs/create/", &[("name", "water"), ("private", "True")]).status, 500);
    assert!(sandbox.add_user("ALICE").unwrap().is_none());
}

#[test]
fn products_fail_in_three_ways() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    let answer = alice.create_product("humidity", "3");
    assert_eq!((answer.status, answer.location()), (302, "/products/aliceparkinghumidity/"));
    assert!(
        alice
            .get("/products/aliceparkinghumidity/")
            .body
            .contains("alice/parking/humidity <em><small>by alice</small></em>")
    );
    // A duplicate and a hub that is not there: a redirect to a relative path that leads nowhere.
    for fields in [product("humidity", "parking", "1"), product("humidity", "nothub", "1")] {
        let answer = alice.post("/products/create/", &fields);
        assert_eq!((answer.status, answer.location()), (302, "products/create"));
    }
    // Without `sale_price`, or with a price out of range: the form again.
    assert_eq!(alice.post("/products/create/", &product("water", "parking", "1")[..5]).status, 200);
    let mut dear = product("water", "parking", "1");
    dear[3].1 = "100";
    let answer = alice.post("/products/create/", &dear);
    // The form again, with the submitted values and without a reason.
    assert!(answer.status == 200 && answer.body.contains("name=\"title\" value=\"water\""));
    assert!(answer.body.contains("name=\"price\" value=\"100\"") && !answer.body.contains("errorlist"));
    // A topic over 30 characters: 500, and nothing stored.
    let answer = alice.create_product("temperature-of-air", "1");
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("<pre class=\"exception_value\">"));
    assert!(!alice.get("/hubs/1/").body.contains("temperature"));
    assert_eq!(alice.get("/products/delete/2/").status, 200);
    assert_eq!(alice.get("/products/delete/2/").status, 404);
}

#[test]
fn multipart_is_taken_and_json_is_not() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    let token = alice.cookies["csrftoken"].clone();
    let fields = [("csrfmiddlewaretoken", token.as_str()), ("name", "water"), ("private", "False")];
    let parts: String = fields
        .iter()
        .map(|(name, value)| format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"))
        .collect();
    let kind = "Content-Type: multipart/form-data; boundary=B\r\n";
    let answer = alice.try_request("POST", "/hubs/create/", kind, &format!("{parts}--B--\r\n")).unwrap();
    assert_eq!((answer.status, answer.location()), (302, "/hubs/"));
    let kind = format!("Content-Type: application/json\r\nX-CSRFToken: {token}\r\n");
    let answer =
        alice.try_request("POST", "/hubs/create/", &kind, "{\"name\":\"wind\",\"private\":\"False\"}").unwrap();
    assert_eq!(answer.status, 200);
}

#[test]
fn devices_are_refused_with_a_blank_form() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    let answer = alice.create_device("lot1", "2", &"k".repeat(500));
    assert_eq!((answer.status, answer.location()), (302, "/hubs/"));
    for (name, rgs_type, value) in [
        ("lot1", "1", "secret"),
        ("l1", "1", "secret"),
        ("lot_2", "1", "secret"),
        ("lot2", "3", "secret"),
        ("lot2", "1", "short"),
        ("lot2", "2", &"k".repeat(501)),
    ] {
        let answer = alice.create_device(name, rgs_type, value);
        assert_eq!(answer.status, 200, "{name} {rgs_type} {value}");
        assert!(answer.body.contains("name=\"hub_name\" required"));
    }
    let elsewhere = [("hub_name", "nothub"), ("name", "lot2"), ("rgs_type", "1"), ("password", "secret")];
    assert_eq!(alice.post("/devices/create/", &elsewhere).status, 200);
    // Another case is another device to the form.
    assert_eq!(alice.create_device("LOT1", "1", "secret").status, 302);
    assert_eq!(sandbox.devices(), ["alice$parking$lot1", "alice$parking$LOT1"]);
    assert_eq!(sandbox.counts().device_posts, 9);
    let page = alice.get("/hubs/1/").body;
    assert!(page.contains("<h4>alice$parking$lot1  <a href"));
    assert!(page.contains("<h4>alice/parking/occupancy<a href"));
    for link in ["/devices/edit/1\"", "/devices/delete/1\"", "/products/1\"", "/products/1/edit\""] {
        assert!(page.contains(&format!("href=\"{link}")), "{link}");
    }
}

#[test]
fn three_equal_posts_at_once_give_three_rows() {
    let options = Options { device_race: Duration::from_millis(500), ..Options::default() };
    let sandbox = Sandbox::spawn(options).unwrap();
    let alice = Browser::of_seller(&sandbox);
    thread::scope(|scope| {
        for _ in 0..3 {
            let mut alice = alice.clone();
            scope.spawn(move || assert_eq!(alice.create_device("lot1", "1", "secret").status, 302));
        }
    });
    assert_eq!(sandbox.devices(), ["alice$parking$lot1"; 3]);
}

#[test]
fn devices_are_edited_and_deleted_by_their_owner() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    alice.create_device("lot1", "1", "secret");
    let seed = sandbox.seed();
    let mut bob = Browser::logged_in(&sandbox, &seed.buyer, seed.buyer_password.expose());
    let edit = [("rgs_type", "1"), ("password", "another")];
    for answer in [bob.post("/devices/edit/1/", &edit), bob.get("/devices/delete/1/")] {
        assert_eq!(answer.status, 200);
        assert!(answer.body.contains("permission"));
    }
    assert!(!bob.get("/hubs/1/").body.contains("/devices/edit/"));
    assert_eq!(alice.post("/devices/edit/1/", &[("rgs_type", "1"), ("password", "short")]).status, 200);
    assert_eq!(alice.post("/devices/edit/1/", &edit).location(), "/hubs/");
    assert_eq!(alice.post("/devices/edit/99/", &edit).status, 404);
    assert_eq!(alice.get("/devices/delete/1/").status, 200);
    assert_eq!(alice.get("/devices/delete/1/").status, 404);
    assert!(sandbox.devices().is_empty());
}

#[test]
fn without_mail_things_are_created_behind_a_500() {
    let sandbox = Sandbox::spawn(Options { mail_down: true, ..Options::default() }).unwrap();
    let mut alice = Browser::of_seller(&sandbox);
    for answer in [alice.create_device("lot1", "1", "secret"), alice.create_product("humidity", "1")] {
        assert_eq!(answer.status, 500);
        assert!(answer.body.contains("<pre class=\"exception_value\">[Errno 111] Connection refused</pre>"));
    }
    assert_eq!(sandbox.devices(), ["alice$parking$lot1"]);
    assert!(alice.get("/hubs/1/").body.contains("alice/parking/humidity"));
    sandbox.set_mail_down(false);
    assert_eq!(alice.create_device("lot2", "1", "secret").status, 302);
}

#[test]
fn products_can_be_edited_by_anyone() {
    let sandbox = sandbox();
    let mut nobody = Browser::new(&sandbox);
    assert_eq!(nobody.get("/products/1/edit/").status, 200);
    let answer = nobody.post("/products/aliceparkingoccupancy/edit/", &product("free-places", "alice/parking", "1"));
    assert_eq!((answer.status, answer.location()), (302, "/products/aliceparkingoccupancy/"));
    assert!(Browser::of_seller(&sandbox).get("/hubs/1/").body.contains("<h4>free-places<a href"));
    // A short hub takes the product off its hub's page.
    assert_eq!(nobody.post("/products/1/edit/", &product("free-places", "parking", "1")).status, 302);
    assert!(Browser::of_seller(&sandbox).get("/hubs/1/").body.contains("No Product in This Hub"));
    assert_eq!(nobody.get("/products/99/edit/").status, 404);
    assert_eq!(nobody.get("/products/edit/1/").status, 404);
    assert_eq!(nobody.post("/products/1/edit", &[]).status, 500);
    assert_eq!(Browser::new(&sandbox).post("/products/1/edit/", &[]).status, 403);
}

#[test]
fn the_released_endpoint_lists_ten_products() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    for n in 0..11 {
        let kind = if n == 0 { "2" } else { "3" };
        assert_eq!(alice.create_product(&format!("item{n}"), kind).status, 302);
    }
    let list = |query: &str| rest(&sandbox, "GET", &format!("/api/product/{query}"), "").json();
    assert_eq!(list("").as_array().unwrap().len(), 10);
    assert_eq!(list("?limit=100").as_array().unwrap().len(), 12);
    assert_eq!(list("?limit=100&offset=11").as_array().unwrap().len(), 1);
    let one = list("?name=alice/parking/occupancy");
    assert_eq!(one[0]["seller"], "alice");
    assert_eq!(one[0]["sensor_type"], "sensor");
    assert_eq!(one[0]["price"], "1.50");
    assert_eq!(list("?sensor_type=actuator")[0]["sensor_type"], "actuactor");
    assert_eq!(list("?search=item1&limit=50").as_array().unwrap().len(), 2);
    assert_eq!(list("?hub=alice/parking&pk=1").as_array().unwrap().len(), 1);
    assert_eq!(list("?hub=alice/nothub").as_array().unwrap().len(), 0);
    for query in ["?seller=carol", "?pk=abc"] {
        let answer = rest(&sandbox, "GET", &format!("/api/product/{query}"), "");
        assert_eq!(answer.status, 500);
        assert!(answer.header("content-type").unwrap().starts_with("text/plain"));
        assert!(answer.body.lines().next().unwrap().contains(" at /api/product/"));
    }
    let mut nobody = Browser::new(&sandbox);
    let answer = nobody.get("/api/product/");
    assert_eq!(answer.status, 401);
    assert_eq!(answer.json()["detail"], "Authentication credentials were not provided.");
    let answer = nobody.try_request("GET", "/api/product/", "Authorization: Token 0123\r\n", "").unwrap();
    assert_eq!((answer.status, answer.json()["detail"].as_str()), (401, Some("Invalid token.")));
}

#[test]
fn devices_can_be_had_over_rest() {
    let sandbox = sandbox();
    let new = r#"{"hub_name":"parking","name":"lot1","rgs_type":1,"password":"secret"}"#;
    let answer = rest(&sandbox, "POST", "/api/device/", new);
    assert_eq!(answer.status, 201);
    assert_eq!(
        answer.json(),
        serde_json::json!({"id": 1, "name": "alice$parking$lot1", "hub_name": "alice/parking", "rgs_type": 1})
    );
    for (body, field) in [
        (new, "name"),
        (r#"{"hub_name":"nothub","name":"lot2","rgs_type":"1","password":"secret"}"#, "hub_name"),
        (r#"{"hub_name":"parking","name":"lot2","rgs_type":"1","password":"short"}"#, "password"),
        (r#"{"hub_name":"parking","name":"lot2","password":"secret"}"#, "rgs_type"),
        ("{", "detail"),
    ] {
        let answer = rest(&sandbox, "POST", "/api/device/", body);
        assert_eq!(answer.status, 400, "{body}");
        assert!(answer.json().get(field).is_some(), "{}", answer.body);
    }
    let list = |query: &str| rest(&sandbox, "GET", &format!("/api/device/{query}"), "").json();
    assert_eq!(list("?hub=alice/parking").as_array().unwrap().len(), 1);
    assert_eq!(list("?hub=alice/water").as_array().unwrap().len(), 0);
    let edit = r#"{"rgs_type":2,"password":"another"}"#;
    assert_eq!(rest(&sandbox, "PUT", "/api/device/1/", edit).json()["rgs_type"], 2);
    assert_eq!(rest(&sandbox, "PATCH", "/api/device/1/", edit).status, 405);
    assert_eq!(rest(&sandbox, "DELETE", "/api/device/1/", "").status, 204);
    assert_eq!(rest(&sandbox, "GET", "/api/device/1/", "").status, 404);
    assert_eq!(rest(&sandbox, "POST", "/api/device", new).status, 500);
    assert_eq!(Browser::new(&sandbox).get("/api/device/").status, 401);
}

#[test]
fn hubs_and_products_can_be_had_over_rest() {
    let sandbox = sandbox();
    let answer = rest(&sandbox, "POST", "/api/hub/", r#"{"name":"water","private":true}"#);
    assert_eq!(answer.json(), serde_json::json!({"id": 2, "name": "alice/water", "private": true}));
    assert_eq!(rest(&sandbox, "POST", "/api/hub/", r#"{"name":"water","private":true}"#).status, 400);
    assert_eq!(rest(&sandbox, "GET", "/api/hub/", "").json()[0]["name"], "alice/parking");
    let new = r#"{"title":"level","hub":"water","description":"d","price":"3.5","sensor_type":1,"sale_price":null}"#;
    let answer = rest(&sandbox, "POST", "/api/product/", new);
    assert_eq!((answer.status, answer.json()["title"].as_str()), (201, Some("alice/water/level")));
    assert!(rest(&sandbox, "POST", "/api/product/", new).json().get("title").is_some());
}

#[test]
fn a_released_marketplace_has_the_forms_only() {
    let sandbox = Sandbox::spawn(Options { rest: false, ..Options::default() }).unwrap();
    assert_eq!(rest(&sandbox, "GET", "/api/device/", "").status, 404);
    assert_eq!(rest(&sandbox, "POST", "/api/device/", "{}").status, 404);
    assert_eq!(rest(&sandbox, "GET", "/api/hub/", "").status, 404);
    assert_eq!(rest(&sandbox, "POST", "/api/product/", "{}").status, 405);
    assert_eq!(rest(&sandbox, "GET", "/api/product/", "").status, 200);
    assert_eq!(sandbox.counts().device_posts, 0);
}

#[test]
fn connections_can_be_cut_before_and_after_a_post() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    let fields = [("hub_name", "parking"), ("name", "lot1"), ("rgs_type", "1"), ("password", "secret")];
    sandbox.drop_next_post("/devices/create/", Fault::BeforeHandling);
    assert!(alice.try_post("/devices/create/", &fields).is_none());
    assert!(sandbox.devices().is_empty());
    sandbox.drop_next_post("/devices/create/", Fault::AfterHandling);
    assert_eq!(alice.post("/hubs/create/", &[]).status, 200, "another path is left alone");
    assert!(alice.try_post("/devices/create/", &fields).is_none());
    assert_eq!(sandbox.devices(), ["alice$parking$lot1"]);
    assert_eq!(alice.post("/devices/create/", &fields).status, 200);
}

#[test]
fn the_state_file_keeps_devices() {
    let path = std::env::temp_dir().join(format!("i3-it-{:x}.json", rand::random::<u64>()));
    let options = Options { state: Some(path.clone()), ..Options::default() };
    {
        let sandbox = Sandbox::spawn(options.clone()).unwrap();
        Browser::of_seller(&sandbox).create_device("lot1", "1", "secret");
    }
    let sandbox = Sandbox::spawn(options).unwrap();
    assert_eq!(sandbox.devices(), ["alice$parking$lot1"]);
    assert_eq!(Browser::of_seller(&sandbox).create_device("lot1", "1", "secret").status, 200);
    std::fs::remove_file(&path).unwrap();
}

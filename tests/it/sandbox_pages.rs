//! The sandbox's pages and calls in the shape that they have on the real marketplace (I3 facts §6.2, §6.3, §6.5).

use std::time::Duration;

use i3::sandbox::{Options, RunningSandbox, Sandbox, UserType};

use crate::http::{Browser, product, rest};

const TOPIC: &str = "alice/parking/occupancy";

fn sandbox() -> RunningSandbox {
    Sandbox::spawn(Options::default()).unwrap()
}

/// The text between the last "Page Content" comment and "Footer".
fn content(page: &str) -> &str {
    let page = page.rsplit_once("<!-- Page Content -->").expect("no content").1;
    page.split_once("<!-- Footer -->").expect("no footer").0
}

/// The text before the first "Page Content" comment.
fn navigation(page: &str) -> &str {
    page.split_once("<!-- Page Content -->").expect("no content").0
}

fn user(sandbox: &RunningSandbox, name: &str, kind: UserType) -> Browser {
    let (password, _) = sandbox.add_user_of_type(name, kind).unwrap().unwrap();
    Browser::logged_in(sandbox, name, password.expose())
}

#[test]
fn every_page_begins_with_the_navigation_and_its_notifications() {
    let sandbox = sandbox();
    let mut bob = Browser::logged_in(&sandbox, "BOB", sandbox.seed().buyer_password.expose());
    let note = format!("Your password to I3  is: {}", sandbox.seed().buyer_broker_password.expose());
    for path in
        ["/", "/hubs/", "/hubs/1/", "/products/1/", "/dashboard/transactions/", "/notifications/", "/cart/", "/key/"]
    {
        let page = bob.get(path).body;
        let navigation = navigation(&page);
        assert!(navigation.contains("</span> Hello bob <span class=\"caret\">"), "{path}");
        assert!(navigation.contains("id=\"dropdown-notifications\"") && navigation.contains(&note), "{path}");
        assert!(!navigation.contains("id=\"dropdown-requests\""), "no requests for a buyer: {path}");
        assert_eq!(content(&page).contains(&note), path == "/notifications/", "{path}");
    }
    let mut alice = Browser::of_seller(&sandbox);
    let page = alice.get("/hubs/").body;
    assert!(navigation(&page).contains("<em class=\"notification-title\">No pending requests.</em>"));
    assert_eq!(page.matches("<!-- Page Content -->").count(), 1);
    assert_eq!(alice.get("/products/1/").body.matches("<!-- Page Content -->").count(), 2);
    for path in ["/accounts/login/", "/accounts/signup/"] {
        let page = Browser::new(&sandbox).get(path).body;
        assert!(!page.contains("Page Content") && !page.contains("Hello") && page.contains("csrfmiddlewaretoken"));
    }
    // Signed out, the edit form greets nobody.
    let page = Browser::new(&sandbox).get("/products/1/edit/").body;
    assert!(navigation(&page).contains("Hello  <span") && navigation(&page).contains("No notifications"));
}

#[test]
fn requests_stand_in_the_navigation_the_oldest_first_and_escaped() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    let mut fields = product(TOPIC, "alice/parking", "1").to_vec();
    fields.push(("restricted_active", "on"));
    alice.post("/products/1/edit/", &fields);
    let mut carol = user(&sandbox, "carol", UserType::Buyer);
    for message in ["first\r\n<b>line</b>", "second"] {
        carol.post("/cart/", &[("item", "1"), ("qty", "1"), ("request_message", message)]);
        carol.ajax("POST", "/checkout/");
    }
    let page = alice.get("/hubs/").body;
    let requests = navigation(&page).split_once("id=\"dropdown-requests\"").unwrap().1;
    let requests = requests.split_once("id=\"dropdown-notifications\"").unwrap().0;
    assert!(requests.contains("<i data-count=\"2\""));
    assert_eq!(requests.matches("carol requested access for Product object (1)").count(), 2);
    assert!(requests.contains("<p class=\"notification-desc\">first\r\n&lt;b&gt;line&lt;/b&gt;</p>"));
    assert!(requests.find("first").unwrap() < requests.find("second").unwrap());
    assert!(requests.contains("<button data-id=\"1\" data-task=\"approve\""));
    // A seller whose account is a buyer's sees none, and his call works.
    let mut dora = user(&sandbox, "dora", UserType::Buyer);
    dora.post("/hubs/create/", &[("name", "shed"), ("private", "False")]);
    let mut own = product("warmth", "shed", "1").to_vec();
    own.push(("restricted_active", "on"));
    dora.post("/products/create/", &own);
    carol.post("/cart/", &[("item", "2")]);
    carol.ajax("POST", "/checkout/");
    assert!(!dora.get("/hubs/").body.contains("requested access"));
    assert_eq!(dora.ajax("POST", "/requests/ajax/3/approve/").json()["success"], true);
}

#[test]
fn a_hubs_page_does_not_say_its_name() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    alice.post("/hubs/create/", &[("name", "shed"), ("private", "True")]);
    let page = alice.get("/hubs/2/").body;
    let empty = content(&page);
    assert!(empty.contains("<h4>No Device in This Hub</h4>") && empty.contains("<h4>No Product in This Hub</h4>"));
    assert!(empty.contains("<h3>This is a private Hub") && !page.contains("shed"));
    let page = alice.get("/hubs/1/").body;
    assert!(content(&page).contains("<br></br>"));
    assert!(content(&page).contains(&format!("<a href=\"/products/1\"><h4>{TOPIC}<a href=\"/products/delete/1\">")));
    let page = user(&sandbox, "carol", UserType::Both).get("/hubs/").body;
    assert!(content(&page).contains("<h4>You Don't Have Any Hub</h4>") && !content(&page).contains("alice"));
}

#[test]
fn case_and_accent_twins_of_a_hub_show_each_others_things() {
    let sandbox = sandbox();
    let mut carol = user(&sandbox, "carol", UserType::Both);
    for (hub, device, title) in [("mill", "wheel", "grain"), ("Mill", "stone", "flour"), ("mìll", "sieve", "dust")] {
        assert_eq!(carol.post("/hubs/create/", &[("name", hub), ("private", "False")]).status, 302);
        let fields = [("hub_name", hub), ("name", device), ("rgs_type", "1"), ("password", "secret")];
        assert_eq!(carol.post("/devices/create/", &fields).status, 302);
        assert_eq!(carol.post("/products/create/", &product(title, hub, "1")).status, 302);
    }
    for id in [2, 3, 4] {
        let page = carol.get(&format!("/hubs/{id}/")).body;
        for name in ["carol$mill$wheel", "carol$Mill$stone", "carol$mìll$sieve", "carol/mill/grain", "carol/Mill/flour"]
        {
            assert!(content(&page).contains(name), "{id} {name}");
        }
    }
    let topics = |name: &str| sandbox.permissions().into_iter().filter(|row| row.name == name).count();
    assert_eq!([topics("carol$mill$wheel"), topics("carol$Mill$stone"), topics("carol$mìll$sieve")], [3; 3]);
    let names = rest(&sandbox, "GET", "/api/product/?hub=CAROL/MILL&limit=50", "").json();
    assert_eq!(names.as_array().unwrap().len(), 3);
}

#[test]
fn a_products_page_shows_price_kind_picture_and_description() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    let fields = [
        ("title", TOPIC),
        ("hub", "alice/parking"),
        ("description", " two\r\nlines & <more> "),
        ("price", "1.50"),
        ("sensor_type", "2"),
        ("sale_price", "1.20"),
        ("sale_active", "on"),
    ];
    assert!(content(&alice.get("/products/1/").body).contains("src=\"None\""));
    let refused = alice.upload("/products/1/edit/", &fields, ("media", "a.png", "no picture"));
    assert_eq!(refused.status, 200);
    assert!(
        refused
            .body
            .contains("<ul class=\"errorlist\"><li>Upload a valid image.</li></ul>\n<p><label for=\"id_media\">")
    );
    assert_eq!(alice.upload("/products/1/edit/", &fields, ("media", "a.gif", "GIF89a one")).status, 302);
    assert_eq!(alice.upload("/products/1/edit/", &fields, ("media", "b.gif", "GIF89a two")).status, 302);
    assert_eq!(sandbox.product_rows()[0].media.as_deref(), Some("aliceparkingoccupancy/b.gif"));
    assert_eq!(alice.post("/products/1/edit/", &fields).status, 302);
    assert_eq!(sandbox.product_rows()[0].media.as_deref(), Some("aliceparkingoccupancy/b.gif"), "left out, it stays");
    let page = alice.get("/products/1/").body;
    let page = content(&page);
    assert!(page.contains("src=\"/media/aliceparkingoccupancy/a.gif\""), "the first picture's thumbnail stays");
    assert_eq!(alice.get("/media/aliceparkingoccupancy/b.gif").body, "GIF89a two");
    assert!(page.contains("<div>$1.20</div>") && page.contains("<span class=\"price-old\"><del>$1.50</del></span>"));
    assert!(page.contains("Actuactor") && page.contains("<p>two\r\nlines &amp; &lt;more&gt;</p>"));
    assert!(!page.contains("alice/parking\""));
}

#[test]
fn the_edit_form_stands_there_twice() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    let mut fields = product(TOPIC, "alice/parking", "3").to_vec();
    fields.extend([("longitude", "-118.2851"), ("latitude", "34"), ("restricted_active", "off")]);
    alice.post("/products/1/edit/", &fields);
    let page = alice.get("/products/aliceparkingoccupancy/edit/").body;
    let page = content(&page);
    let (hidden, shown) = page.split_once("-->").unwrap();
    assert!(hidden.contains("<!--") && hidden.contains("name=\"longitude\" value=\"-118.2851\""));
    assert!(hidden.contains("name=\"latitude\" value=\"34.0000\""));
    assert!(!shown.contains("longitude"));
    for half in [hidden, shown] {
        assert!(half.contains(&format!("name=\"title\" value=\"{TOPIC}\"")));
        assert!(half.contains("name=\"hub\" value=\"alice/parking\""));
        assert!(half.contains("name=\"restricted_active\" id=\"id_restricted_active\" checked"));
        assert!(half.contains("<option value=\"3\" selected>Both</option>"));
        assert!(half.contains(">\nof the north side</textarea>") && half.contains("name=\"price\" value=\"2.00\""));
    }
    // Only the comment names the error, and the submitted values are shown.
    let mut dear = product(TOPIC, "alice/parking", "1").to_vec();
    dear[3].1 = "100";
    let refused = alice.post("/products/1/edit/", &dear);
    let (hidden, shown) = content(&refused.body).split_once("-->").unwrap();
    assert_eq!(refused.status, 200);
    assert!(hidden.contains("<ul class=\"errorlist\"><li>Price must be less than $100.00</li></ul>\n<p>"));
    assert!(!shown.contains("errorlist") && shown.contains("name=\"price\" value=\"100\""));
}

#[test]
fn slugs_are_made_once_and_collide_by_id() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    for (title, slug) in [("a.b!c", "aliceparkingabc"), ("ab/c", "aliceparkingabc-2"), ("âb!ç", "aliceparkingabc-2-3")]
    {
        assert_eq!(alice.create_product(title, "1").location(), format!("/products/{slug}/"), "{title}");
    }
    assert_eq!(alice.get("/products/aliceparkingabc-2/").status, 200);
    assert_eq!(alice.get("/products/nothing/").status, 404);
    // The relative redirect of a refused product leads to the form again.
    assert_eq!(alice.get("/products/create/products/create").status, 200);
}

#[test]
fn transactions_have_their_headings_always_and_tables_only_with_rows() {
    let sandbox = sandbox();
    let page = Browser::of_seller(&sandbox).get("/dashboard/transactions/").body;
    let sales = content(&page);
    assert_eq!(sales.matches("<table").count(), 1);
    for heading in ["Sales", "Purchases", "Metering"] {
        assert!(sales.contains(&format!("<h3>{heading}</h3>")));
    }
    let cells: Vec<&str> = sales.split("<td>").skip(1).map(|cell| cell.split_once("</td>").unwrap().0).collect();
    assert_eq!(cells[..4], ["Product object (1)", "bob", "1", "1.50"]);
    assert!(cells[4].ends_with("-0800") || cells[4].ends_with("-0700"), "{}", cells[4]);
    let mut bob = Browser::logged_in(&sandbox, "bob", sandbox.seed().buyer_password.expose());
    assert_eq!(content(&bob.get("/dashboard/transactions/").body).matches("<table").count(), 2);
}

#[test]
fn notifications_are_read_unread_and_archived() {
    let sandbox = sandbox();
    sandbox.add_notifications("alice", 2).unwrap();
    let mut alice = Browser::of_seller(&sandbox);
    let page = alice.get("/notifications/").body;
    let ids: Vec<u64> = sandbox.notifications("alice").iter().map(|row| row.id).collect();
    let newest = ids[ids.len() - 1];
    assert!(content(&page).contains(&format!("data-notification-id=\"{newest}\" data-task=\"read\"")));
    assert!(content(&page).contains(&format!("data-notification-id=\"{newest}\" data-task=\"delete\"")));
    assert_eq!(content(&page).matches("<tr class=\"info\">").count(), ids.len());
    let mark =
        |alice: &mut Browser, id: &str, task: &str| alice.ajax("PUT", &format!("/notifications/ajax/{id}/{task}/"));
    let newest = newest.to_string();
    for (task, read, archived) in [("read", true, false), ("unread", false, false), ("archive", true, true)] {
        assert_eq!(mark(&mut alice, &newest, task).json()["success"], true);
        let row = sandbox.notifications("alice").pop().unwrap();
        assert_eq!((row.read, row.archived), (read, archived), "{task}");
    }
    assert_eq!(mark(&mut alice, "all", "archive").json()["success"], true);
    let page = alice.get("/notifications/").body;
    assert!(
        content(&page).contains("<td colspan=\"4\">") && content(&page).contains("You don't have any notifications.")
    );
    assert!(navigation(&page).contains("<strong class=\"notification-title\">No notifications</strong>"));
    // Another's, an unknown one, a wrong method, a missing header.
    let bobs = sandbox.notifications("bob")[0].id.to_string();
    let answer = mark(&mut alice, &bobs, "archive");
    assert_eq!((answer.status, answer.json()["errorCode"].as_str()), (200, Some("401")));
    assert!(mark(&mut alice, "9999", "read").body.starts_with("DoesNotExist at /notifications/ajax/9999/read/\n"));
    assert_eq!(alice.ajax("POST", "/notifications/ajax/all/read/").status, 405);
    assert_eq!(alice.ajax("GET", "/notifications/ajax/all/read/").status, 405);
    let token = format!("X-CSRFToken: {}\r\n", alice.cookies["csrftoken"]);
    assert_eq!(alice.try_request("PUT", "/notifications/ajax/all/read/", &token, "").unwrap().status, 404);
    // Who has never opened a page has nothing that could be archived.
    let mut fresh = user(&sandbox, "carol", UserType::Both);
    assert_eq!(mark(&mut fresh, "all", "archive").status, 500);
    fresh.get("/hubs/");
    assert_eq!(mark(&mut fresh, "all", "archive").status, 200);
}

#[test]
fn pages_grow_with_every_notification() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    let before = alice.get("/hubs/").body.len();
    sandbox.add_notifications("alice", 1000).unwrap();
    let each = (alice.get("/hubs/").body.len() - before) / 1000;
    assert!((400..520).contains(&each), "{each} bytes for each");
}

#[test]
fn ratings_are_told_to_scripts() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    let path = "/products/ajax/rating/?product_id=1";
    assert_eq!(alice.ajax("GET", path).json(), serde_json::json!({"rating": 0, "count": 0, "success": true}));
    sandbox.add_rating("bob", 1, 99).unwrap();
    sandbox.add_rating("carol", 1, 4).unwrap();
    assert_eq!(alice.ajax("GET", path).json(), serde_json::json!({"rating": 51.5, "count": 2, "success": true}));
    let answer = alice.ajax("GET", "/products/ajax/rating/?product_id=9");
    assert_eq!((answer.status, answer.body.as_str()), (404, "{}"));
    let answer = Browser::new(&sandbox).ajax("GET", path);
    assert_eq!((answer.status, answer.body.as_str()), (401, "{}"));
    assert_eq!(alice.get(path).status, 404);
}

#[test]
fn signing_up_is_refused_in_nested_lists() {
    let sandbox = sandbox();
    let sign_up = |fields: &[(&str, &str)]| {
        let mut nobody = Browser::new(&sandbox);
        nobody.get("/accounts/signup/");
        let all = [("username", "hank"), ("email", ""), ("password", "pass"), ("verify_password", "pass")];
        let all: Vec<(&str, &str)> = all
            .into_iter()
            .filter(|(name, _)| !fields.iter().any(|(other, _)| other == name))
            .chain(fields.iter().copied())
            .collect();
        nobody.post("/accounts/signup/", &all)
    };
    let long = "x".repeat(129);
    for (fields, says) in [
        (
            vec![("username", "ALICE")],
            "<ul class=\"errorlist\"><li>username<ul class=\"errorlist\"><li>Username is already taken.</li></ul></li></ul>",
        ),
        (vec![("username", "Älice")], ""),
        (vec![("username", "âlicE")], "already taken"),
        (vec![("username", "no blanks")], "<li>username<ul class=\"errorlist\"><li>Username can only contain"),
        (vec![("username", &"x".repeat(151))], "at most 150 characters"),
        (vec![("username", "")], "This field is required."),
        (vec![("email", "nowhere")], "<li>email<ul class=\"errorlist\"><li>Enter a valid email address.</li>"),
        (
            vec![("password", "other")],
            "<li>password<ul class=\"errorlist\"><li>Passwords do not match</li></ul></li><li>verify_password",
        ),
    ] {
        let answer = sign_up(&fields);
        if says.is_empty() {
            assert_eq!(answer.status, 302, "ä is not a: {fields:?}");
        } else {
            assert!(answer.status == 200 && answer.body.contains(says), "{fields:?}: {}", answer.body);
        }
    }
    for fields in
        [vec![("password", ""), ("verify_password", "")], vec![("password", &*long), ("verify_password", &*long)]]
    {
        let answer = sign_up(&fields);
        assert!(answer.status == 500 && answer.body.contains("KeyError"), "{fields:?}");
    }
    let answer = sign_up(&[("username", "łukasz")]);
    assert!(answer.status == 500 && answer.body.contains("(1267, "));
    sandbox.set_mail_down(true);
    let blanks = [("password", " pass "), ("verify_password", "pass "), ("user_type", "1")];
    let answer = sign_up(&blanks);
    assert_eq!((answer.status, answer.location()), (302, "/accounts/login/"));
    // Cut at sign-up, not at log-in; the name in any case and with blanks after it.
    let mut hank = Browser::new(&sandbox);
    hank.get("/accounts/login/");
    assert_eq!(hank.post("/accounts/login/", &[("username", "hank"), ("password", " pass ")]).status, 200);
    assert_eq!(hank.post("/accounts/login/", &[("username", "HÀNK  "), ("password", "pass")]).status, 302);
    assert!(hank.get("/hubs/").body.contains("Hello hank <span"));
    assert!(hank.get("/hubs/").body.contains("id=\"dropdown-requests\""));
}

#[test]
fn logging_in_needs_both_fields_in_letters_that_can_be_compared() {
    let sandbox = sandbox();
    let mut nobody = Browser::new(&sandbox);
    assert!(nobody.get("/accounts/login/").body.contains("<p class=\"text-danger\"></p>"));
    assert_eq!(nobody.post("/accounts/login/", &[("username", "alice")]).status, 500);
    let answer = nobody.post("/accounts/login/", &[("username", "łukasz"), ("password", "x")]);
    assert!(answer.status == 500 && answer.body.contains("(1267, "));
}

#[test]
fn characters_outside_windows_1252_are_never_stored() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    let crash = |status: u16, body: &str| assert!(status == 500 && body.contains("(1366, "), "{status}");
    let mut fields = product("ok – € ™", "parking", "1").to_vec();
    assert_eq!(alice.post("/products/create/", &fields).status, 302);
    fields[0].1 = "emoji👍";
    let answer = alice.post("/products/create/", &fields);
    crash(answer.status, &answer.body);
    fields[0].1 = "plain";
    fields[2].1 = "zł";
    let answer = alice.post("/products/create/", &fields);
    crash(answer.status, &answer.body);
    fields[0].1 = TOPIC;
    fields[1].1 = "alice/parking";
    let answer = alice.post("/products/1/edit/", &fields);
    crash(answer.status, &answer.body);
    fields[2].1 = "plain";
    let answer = alice.upload("/products/1/edit/", &fields, ("media", "ł.gif", "GIF89a"));
    crash(answer.status, &answer.body);
    let answer = alice.create_device("łot", "1", "secret");
    crash(answer.status, &answer.body);
    let answer = alice.create_device("lot1", "2", "złotych");
    crash(answer.status, &answer.body);
    let answer = alice.post("/hubs/create/", &[("name", "żuraw"), ("private", "True")]);
    crash(answer.status, &answer.body);
    assert!(sandbox.devices().is_empty() && sandbox.log_ins() == ["bob"]);
    assert_eq!((sandbox.hubs().len(), sandbox.product_rows().len()), (1, 2));
    // A password under type 1 is hashed, and so any text.
    assert_eq!(alice.create_device("lot1", "1", "złotych").status, 302);
    let answer = rest(&sandbox, "GET", "/api/product/?hub=alice/%C5%BCuraw", "");
    assert!(answer.status == 500 && answer.body.lines().next().unwrap().contains("1267"));
}

#[test]
fn an_edited_value_is_text_in_the_servers_sql() {
    let options =
        Options { log_in_lock: Duration::from_secs(3600), lock_wait: Duration::from_millis(10), ..Options::default() };
    let sandbox = Sandbox::spawn(options).unwrap();
    let mut alice = Browser::of_seller(&sandbox);
    alice.create_device("lot1", "1", "secret");
    let edit =
        |alice: &mut Browser, value: &str| alice.post("/devices/edit/1/", &[("rgs_type", "2"), ("password", value)]);
    let changes = sandbox.counts().changes;
    let answer = edit(&mut alice, "it's mine");
    assert!(answer.status == 500 && answer.body.contains("(1064, "));
    assert_eq!(sandbox.counts().changes, changes);
    let answer = edit(&mut alice, "zł and more");
    assert!(answer.status == 500 && answer.body.contains("(1366, "));
    // Locked for everybody, until it is over.
    let answer = edit(&mut alice, "another");
    assert!(answer.status == 500 && answer.body.contains("(1205, "));
    sandbox.unlock_log_ins();
    assert_eq!(edit(&mut alice, "another").status, 302);
}

#[test]
fn bodies_have_a_limit_that_files_do_not_count_for() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    let long = "x".repeat(2_621_441);
    let answer = alice.post("/hubs/create/", &[("name", &long), ("private", "True")]);
    assert!(answer.status == 400 && answer.body.contains("RequestDataTooBig"));
    let picture = format!("GIF89a{long}");
    let fields = product("pictured", "parking", "1");
    assert_eq!(alice.upload("/products/create/", &fields, ("media", "a.gif", &picture)).status, 302);
}

#[test]
fn without_its_database_the_marketplace_has_empty_forms_alone() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    sandbox.set_web_database_down(true);
    for answer in [alice.get("/hubs/"), alice.create_device("lot1", "1", "secret"), alice.get("/products/1/edit/")] {
        assert!(answer.status == 500 && answer.body.contains("(2003, &quot;Can&#39;t connect to MySQL server"));
    }
    assert!(rest(&sandbox, "GET", "/api/product/", "").body.contains("(2003, \"Can't connect"));
    assert_eq!(Browser::new(&sandbox).get("/accounts/login/").status, 200);
    sandbox.set_web_database_down(false);
    assert_eq!(alice.get("/hubs/").status, 200);
}

#[test]
fn the_list_of_products_compares_as_the_database_does() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    alice.create_product("tope", "1");
    alice.create_product("topé", "1");
    let list =
        |query: &str| rest(&sandbox, "GET", &format!("/api/product/{query}"), "").json().as_array().unwrap().len();
    assert_eq!(list("?name=alice/parking/tope"), 2);
    assert_eq!(list("?hub=ALICE/PARKING"), 3);
    assert_eq!(list("?seller=Alice"), 3);
    for n in 0..10 {
        alice.create_product(&format!("item{n}"), "1");
    }
    for limit in ["0", "-1", "many"] {
        assert_eq!(list(&format!("?limit={limit}")), 10, "{limit}");
    }
}

//! Every action of the sandbox's marketplace against the tables that it changes, with mail up and down (I3 facts §6.1).

use i3::mqtt::packet::Version;
use i3::sandbox::{AccessLevel, Options, RequestState, RunningSandbox, Sandbox, SensorType};

use crate::http::{Answer, Browser, product};
use crate::program::key;
use crate::wire::{Client, connect_packet};

const LOT1: &str = "alice$parking$lot1";
const TOPIC: &str = "alice/parking/occupancy";
const SLUG: &str = "aliceparkingoccupancy";

fn sandbox() -> RunningSandbox {
    Sandbox::spawn(Options::default()).unwrap()
}

fn bob(sandbox: &RunningSandbox) -> Browser {
    Browser::logged_in(sandbox, "bob", sandbox.seed().buyer_password.expose())
}

fn user(sandbox: &RunningSandbox, name: &str) -> Browser {
    let (password, _) = sandbox.add_user(name).unwrap().unwrap();
    Browser::logged_in(sandbox, name, password.expose())
}

/// Whether the broker lets this pair in.
fn logs_in(sandbox: &RunningSandbox, user_name: &str, password: &str) -> bool {
    Client::open(sandbox, Version::V311, connect_packet("c", user_name, password)).1.code == 0
}

/// Name, topic and level of the permissions that `name` has under exactly this spelling.
fn permissions(sandbox: &RunningSandbox, name: &str) -> Vec<(String, AccessLevel)> {
    sandbox.permissions().into_iter().filter(|row| row.name == name).map(|row| (row.topic, row.level)).collect()
}

fn subjects(sandbox: &RunningSandbox, user: &str) -> Vec<String> {
    sandbox.notifications(user).into_iter().map(|row| row.subject).collect()
}

fn no_mail(answer: &Answer) {
    assert_eq!(answer.status, 500);
    assert!(answer.body.contains("[Errno 111] Connection refused"));
}

fn sold(fields: &[(&str, &str)]) -> Vec<(String, String)> {
    let base = product(TOPIC, "alice/parking", "1").map(|(name, value)| (name.to_owned(), value.to_owned()));
    let kept = base.into_iter().filter(|(name, _)| !fields.iter().any(|(other, _)| other == name));
    kept.chain(fields.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned()))).collect()
}

/// Saves the seeded product with some fields changed.
fn save(browser: &mut Browser, fields: &[(&str, &str)]) -> Answer {
    let fields = sold(fields);
    let fields: Vec<(&str, &str)> = fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
    browser.post("/products/1/edit/", &fields)
}

#[test]
fn a_device_gets_its_log_in_and_the_hubs_present_topics() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    assert_eq!(alice.create_device("lot1", "1", "secret").status, 302);
    assert_eq!(sandbox.log_ins(), ["bob", LOT1]);
    assert_eq!(permissions(&sandbox, LOT1), [(TOPIC.to_owned(), AccessLevel::ReadWrite)]);
    assert_eq!(subjects(&sandbox, "alice").last().unwrap(), "New device");
    assert!(sandbox.mails().contains(&("alice".into(), "New device".into())));
    // Without mail everything is there but the notification, and it works.
    sandbox.set_mail_down(true);
    no_mail(&alice.create_device("lot2", "1", "secret"));
    assert_eq!(sandbox.devices(), [LOT1, "alice$parking$lot2"]);
    assert!(logs_in(&sandbox, "alice$parking$lot2", "secret"));
    assert_eq!(permissions(&sandbox, "alice$parking$lot2").len(), 1);
    assert_eq!(subjects(&sandbox, "alice").iter().filter(|subject| *subject == "New device").count(), 1);
    // A hub needs no mail, and who has no address gets none.
    assert_eq!(alice.post("/hubs/create/", &[("name", "water"), ("private", "False")]).status, 302);
    sandbox.set_email("alice", None).unwrap();
    assert_eq!(alice.create_device("lot3", "1", "secret").status, 302);
}

#[test]
fn a_device_registered_after_a_product_got_no_permissions_has_its_own() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    alice.create_device("lot1", "1", "secret");
    sandbox.set_mail_down(true);
    no_mail(&alice.create_product("humidity", "1"));
    sandbox.set_mail_down(false);
    assert_eq!(permissions(&sandbox, LOT1).len(), 1, "the product's permissions come after the mail");
    assert!(alice.get("/hubs/1/").body.contains("alice/parking/humidity"));
    alice.create_device("lot2", "1", "secret");
    assert_eq!(permissions(&sandbox, "alice$parking$lot2").len(), 2);
    // Saving it again gives them to the others, and a second time to that one.
    let fields = product("alice/parking/humidity", "alice/parking", "1");
    assert_eq!(alice.post("/products/2/edit/", &fields).location(), "/products/aliceparkinghumidity/");
    assert_eq!(permissions(&sandbox, LOT1).len(), 2);
    assert_eq!(permissions(&sandbox, "alice$parking$lot2").len(), 3);
    assert_eq!(subjects(&sandbox, "alice").iter().filter(|subject| *subject == "New product added").count(), 2);
}

#[test]
fn registered_devices_log_in_by_their_key_in_place_of_what_had_their_names() {
    let sandbox = sandbox();
    for _ in 0..2 {
        sandbox.insert_device(LOT1, "secret").unwrap();
    }
    let before = (subjects(&sandbox, "alice"), sandbox.mails());
    let names = [LOT1, "alice$parking$lot2"];
    let parsed = names.map(|name| name.parse().unwrap());
    sandbox.register_devices(&parsed, key().public()).unwrap();
    assert_eq!(sandbox.log_ins(), ["bob", names[0], names[1]]);
    assert_eq!(sandbox.devices(), names);
    for name in names {
        let token =
            i3::token::mint(&key().into(), name, i3::token::Lifetime::DEFAULT, std::time::SystemTime::now()).unwrap();
        assert!(logs_in(&sandbox, name, token.expose()) && !logs_in(&sandbox, name, "secret"), "{name}");
        assert_eq!(permissions(&sandbox, name), [(TOPIC.to_owned(), AccessLevel::ReadWrite)]);
    }
    assert_eq!((subjects(&sandbox, "alice"), sandbox.mails()), before, "nobody was told");
    assert!(Browser::of_seller(&sandbox).get("/hubs/1/").body.contains(names[1]));
}

#[test]
fn an_edit_sets_the_log_ins_of_the_name_all_or_none() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    alice.create_device("lot1", "1", "secret");
    sandbox.set_mail_down(true);
    let edit = |alice: &mut Browser, id: u64, value: &str| {
        alice.post(&format!("/devices/edit/{id}/"), &[("rgs_type", "1"), ("password", value)]).status
    };
    assert_eq!(edit(&mut alice, 1, "another"), 302, "needs no mail");
    assert!(logs_in(&sandbox, LOT1, "another") && !logs_in(&sandbox, LOT1, "secret"));
    // Twins: both get the password, and neither can log in.
    sandbox.insert_device("alice$parking$LOT1", "others").unwrap();
    assert_eq!(edit(&mut alice, 1, "for both"), 302);
    assert!(!logs_in(&sandbox, LOT1, "for"));
    // A dead row takes a password all the same, and nothing is updated.
    sandbox.kill_log_ins(LOT1).unwrap();
    assert_eq!(alice.get("/devices/edit/1/").status, 200);
    assert_eq!(edit(&mut alice, 1, "revived"), 302);
    assert_eq!(sandbox.log_ins(), ["bob"]);
    assert!(!logs_in(&sandbox, LOT1, "revived"));
}

#[test]
fn deleting_one_twin_deletes_the_log_ins_of_all() {
    for twin in ["alice$parking$lot1", "alice$parking$LOT1", "alice$parking$löt1"] {
        let sandbox = sandbox();
        let mut alice = Browser::of_seller(&sandbox);
        let first = if twin.contains('ö') { "alice$parking$lõt1" } else { LOT1 };
        sandbox.insert_device(first, "secret").unwrap();
        sandbox.insert_device(twin, "secret").unwrap();
        let are_twins = !twin.contains('ö');
        assert_eq!(logs_in(&sandbox, first, "secret"), !are_twins, "{twin}");
        assert_eq!(alice.get("/devices/delete/2/").status, 200);
        assert_eq!(sandbox.devices(), [first]);
        assert_eq!(sandbox.log_ins().len(), if are_twins { 1 } else { 2 }, "{twin}");
        assert_eq!(permissions(&sandbox, first).is_empty(), are_twins);
    }
}

#[test]
fn a_dead_row_blocks_its_exact_name_and_kills_the_next_of_another_case() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    sandbox.insert_device(LOT1, "secret").unwrap();
    sandbox.insert_device(LOT1, "secret").unwrap();
    alice.get("/devices/delete/1/");
    assert_eq!(alice.create_device("lot1", "1", "secret").status, 200, "the exact name is refused");
    assert_eq!(alice.create_device("Lot1", "1", "secret").status, 302, "another case is not");
    assert!(logs_in(&sandbox, "alice$parking$Lot1", "secret"));
    alice.get("/devices/delete/2/");
    assert!(!logs_in(&sandbox, "alice$parking$Lot1", "secret"), "deleting the dead row has killed it");
    // The only way out: all twins deleted, then one registered.
    alice.get("/devices/delete/3/");
    assert_eq!(alice.create_device("lot1", "1", "secret").status, 302);
    assert!(logs_in(&sandbox, LOT1, "secret"));
}

#[test]
fn a_device_deleted_without_mail_leaves_a_dead_row() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    alice.create_device("lot1", "1", "secret");
    sandbox.set_mail_down(true);
    no_mail(&alice.get("/devices/delete/1/"));
    assert_eq!((sandbox.devices(), sandbox.log_ins()), (vec![LOT1.to_owned()], vec!["bob".to_owned()]));
    assert!(permissions(&sandbox, LOT1).is_empty());
    sandbox.set_mail_down(false);
    assert_eq!(alice.get("/devices/delete/1/").status, 200);
    assert!(sandbox.devices().is_empty());
    assert_eq!(subjects(&sandbox, "alice").last().unwrap(), "Device deleted");
}

#[test]
fn deletions_act_on_any_method_and_are_found_without_their_slash() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    alice.create_device("lot1", "1", "secret");
    let answer = alice.get("/devices/delete/1");
    assert_eq!((answer.status, answer.location()), (301, "/devices/delete/1/"));
    assert_eq!(sandbox.devices(), [LOT1]);
    assert_eq!(alice.try_request("HEAD", "/devices/delete/1/", "", "").unwrap().status, 200);
    assert!(sandbox.devices().is_empty());
    assert_eq!(alice.post("/products/delete/1/", &[]).status, 200);
    assert_eq!(alice.get("/products/delete/1/").status, 404);
    let mut nobody = Browser::new(&sandbox);
    assert_eq!(nobody.get("/products/delete/1/").status, 302);
}

#[test]
fn a_saved_product_keeps_what_was_left_out_or_loses_it() {
    let sandbox = sandbox();
    let mut nobody = Browser::new(&sandbox);
    nobody.get("/products/1/edit/");
    let all = [
        ("restricted_active", "on"),
        ("sale_active", "on"),
        ("sale_price", "1.20"),
        ("longitude", "-118.2851"),
        ("latitude", "34.0224"),
    ];
    assert_eq!(save(&mut nobody, &all).location(), format!("/products/{SLUG}/"));
    let row = sandbox.product_rows().remove(0);
    assert!(row.restricted_active && row.sale_active);
    assert_eq!((row.sale_price, row.longitude, row.latitude), (Some(120), Some(-1_182_851), Some(340_224)));
    // Only the required fields: the sale price stays, everything else is gone.
    let fields = product(TOPIC, "alice/parking", "2");
    assert_eq!(nobody.post("/products/1/edit/", &fields[..5]).status, 302);
    let row = sandbox.product_rows().remove(0);
    assert!(!row.restricted_active && !row.sale_active);
    assert_eq!((row.sale_price, row.longitude, row.latitude), (Some(120), None, None));
    assert_eq!((row.price, row.sensor_type, row.slug.as_str()), (200, SensorType::Actuator, SLUG));
    assert_eq!(nobody.post("/products/1/edit/", &fields).status, 302);
    assert_eq!(sandbox.product_rows()[0].sale_price, None, "an empty sale price empties it");
    for (field, off) in [("", true), ("False", true), ("false", true), ("0", false), ("off", false)] {
        save(&mut nobody, &[("restricted_active", field)]);
        assert_eq!(sandbox.product_rows()[0].restricted_active, !off, "{field}");
    }
}

#[test]
fn a_product_saved_with_another_sellers_hub_is_permitted_to_its_devices() {
    let sandbox = sandbox();
    let mut carol = user(&sandbox, "carol");
    carol.post("/hubs/create/", &[("name", "mill"), ("private", "False")]);
    carol.post(
        "/devices/create/",
        &[("hub_name", "mill"), ("name", "wheel"), ("rgs_type", "1"), ("password", "secret")],
    );
    assert_eq!(save(&mut Browser::of_seller(&sandbox), &[("hub", "Carol/Mill")]).status, 302);
    assert_eq!(permissions(&sandbox, "carol$mill$wheel"), [(TOPIC.to_owned(), AccessLevel::ReadWrite)]);
    assert!(carol.get("/hubs/2/").body.contains(TOPIC));
}

#[test]
fn a_product_saved_without_mail_is_changed_and_permits_nothing() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    alice.create_device("lot1", "1", "secret");
    sandbox.set_mail_down(true);
    no_mail(&save(&mut alice, &[("title", "alice/parking/free"), ("price", "3.5")]));
    let row = sandbox.product_rows().remove(0);
    assert_eq!((row.title.as_str(), row.price), ("alice/parking/free", 350));
    assert_eq!(permissions(&sandbox, LOT1), [(TOPIC.to_owned(), AccessLevel::ReadWrite)]);
    sandbox.set_mail_down(false);
    save(&mut alice, &[("title", "alice/parking/free")]);
    let topics: Vec<String> = permissions(&sandbox, LOT1).into_iter().map(|(topic, _)| topic).collect();
    assert_eq!(topics, [TOPIC, "alice/parking/free"], "the old one stays");
}

#[test]
fn a_deleted_product_takes_its_sales_history_along() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    alice.create_device("lot1", "1", "secret");
    sandbox.add_purchase("bob", TOPIC).unwrap();
    sandbox.add_rating("bob", 1, 4).unwrap();
    save(&mut alice, &[("restricted_active", "on")]);
    let mut carol = user(&sandbox, "carol");
    carol.buy(1);
    carol.post("/cart/", &[("item", "1")]);
    assert_eq!((sandbox.transactions().len(), sandbox.requests().len(), sandbox.cart("carol")), (3, 1, vec![1]));
    let other = bob(&sandbox).get("/products/delete/1/");
    assert!(other.status == 200 && other.body.contains("permission") && sandbox.product_rows().len() == 1);
    let before = sandbox.mails().len();
    assert_eq!(alice.get("/products/delete/1/").status, 200);
    // Bought twice: two mails. Carol's request was pending, and nobody tells her.
    let mails: Vec<String> = sandbox.mails()[before..].iter().map(|(to, _)| to.clone()).collect();
    assert_eq!(mails, ["bob", "bob", "alice"]);
    assert!(sandbox.product_rows().is_empty() && sandbox.permissions().is_empty());
    assert!(sandbox.transactions().is_empty() && sandbox.requests().is_empty() && sandbox.cart("carol").is_empty());
}

#[test]
fn without_mail_a_product_with_buyers_stays_whole_and_one_without_loses_its_permissions() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    alice.create_device("lot1", "1", "secret");
    alice.create_product("humidity", "1");
    let before = sandbox.permissions();
    sandbox.set_mail_down(true);
    no_mail(&alice.get("/products/delete/1/"));
    assert_eq!(sandbox.permissions(), before, "the first mail fails before anything is deleted");
    no_mail(&alice.get("/products/delete/2/"));
    assert_eq!(sandbox.product_rows().len(), 2);
    assert_eq!(permissions(&sandbox, LOT1), [(TOPIC.to_owned(), AccessLevel::ReadWrite)]);
    // A buyer without an address only gets a notification; the seller's mail fails after that.
    sandbox.set_email("bob", None).unwrap();
    no_mail(&alice.get("/products/delete/1/"));
    assert!(sandbox.permissions().is_empty());
    sandbox.set_mail_down(false);
    assert_eq!(alice.get("/products/delete/1/").status, 200);
}

#[test]
fn the_first_purchase_makes_the_broker_account_and_its_password() {
    let sandbox = sandbox();
    let mut carol = user(&sandbox, "Carol");
    Browser::of_seller(&sandbox).create_product("barrier", "2");
    assert!(!sandbox.log_ins().contains(&"Carol".into()));
    let answer = carol.buy(1).json();
    assert_eq!(answer["success"], true);
    assert_eq!(answer["links"].as_array().unwrap().len(), 1);
    let password = sandbox.broker_password("Carol").unwrap();
    assert_eq!(password.expose().len(), 12);
    let own = sandbox.notifications("Carol");
    assert_eq!(own[0].body, format!("Your password to I3  is: {}", password.expose()));
    assert!(sandbox.mails().iter().any(|(to, subject)| to == "Carol" && subject == "Your new password"));
    assert!(logs_in(&sandbox, "carol ", password.expose()), "by any spelling");
    carol.buy(2);
    assert_eq!(
        permissions(&sandbox, "Carol"),
        [(TOPIC.to_owned(), AccessLevel::Read), ("alice/parking/barrier".to_owned(), AccessLevel::ReadWrite)]
    );
    assert_eq!(sandbox.notifications("Carol").iter().filter(|row| row.body.contains("password")).count(), 1);
    assert_eq!(carol.ajax("POST", "/checkout/").json()["errMsg"], "Your cart is empty");
    // The site's password is none of the broker's, and a seller has no account there until he buys his own product.
    let seed = sandbox.seed();
    assert!(!logs_in(&sandbox, "bob", seed.buyer_password.expose()));
    assert!(logs_in(&sandbox, "bob", seed.buyer_broker_password.expose()));
    assert!(!logs_in(&sandbox, "alice", seed.seller_password.expose()));
    Browser::of_seller(&sandbox).buy(1);
    assert!(logs_in(&sandbox, "alice", sandbox.broker_password("alice").unwrap().expose()));
}

#[test]
fn without_mail_a_purchase_is_booked_again_and_again_and_granted_later() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    alice.create_product("humidity", "1");
    let mut carol = user(&sandbox, "carol");
    sandbox.set_mail_down(true);
    for booked in [2, 3] {
        let answer = if booked == 2 { carol.buy(1) } else { carol.ajax("POST", "/checkout/") };
        assert_eq!(answer.json(), serde_json::json!({"success": true, "links": []}));
        assert_eq!(sandbox.transactions().len(), booked);
    }
    assert_eq!(sandbox.cart("carol"), [1]);
    assert!(permissions(&sandbox, "carol").is_empty() && !sandbox.log_ins().contains(&"carol".into()));
    // With mail working again, another item's check-out also books the remaining item, and grants it.
    sandbox.set_mail_down(false);
    assert_eq!(carol.buy(2).json()["links"].as_array().unwrap().len(), 2);
    assert_eq!(sandbox.transactions().iter().filter(|row| row.product == 1 && row.buyer == "carol").count(), 3);
    assert!(sandbox.cart("carol").is_empty());
    assert_eq!(permissions(&sandbox, "carol").len(), 2);
    assert!(logs_in(&sandbox, "carol", sandbox.broker_password("carol").unwrap().expose()));
}

#[test]
fn leftovers_are_taken_out_of_the_cart_one_by_one() {
    let sandbox = sandbox();
    let mut carol = user(&sandbox, "carol");
    for _ in 0..2 {
        carol.post("/cart/", &[("item", "1"), ("qty", "3")]);
    }
    let page = carol.get("/cart/").body;
    assert!(page.contains("<a href=\"/products/1/\">Product object (1)</a>") && page.contains("data-id=\"3\""));
    assert_eq!(carol.ajax("DELETE", "/cart/ajax/?item=3").json()["success"], true);
    assert_eq!(sandbox.cart("carol"), [1]);
    assert_eq!(carol.ajax("DELETE", "/cart/ajax/?item=3").status, 500);
    assert_eq!(
        carol.try_request("DELETE", "/cart/ajax/?item=2", "X-Requested-With: XMLHttpRequest\r\n", "").unwrap().status,
        403
    );
    for (fields, status) in [
        (vec![("item", "99"), ("qty", "1")], 404),
        (vec![("item", "1"), ("qty", "0")], 500),
        (vec![("item", "1"), ("qty", "-2")], 500),
        (vec![("item", "1"), ("qty", "many")], 500),
        (vec![("qty", "1")], 500),
        (vec![("item", "1"), ("qty", "1"), ("request_message", "zł")], 500),
    ] {
        assert_eq!(carol.post("/cart/", &fields).status, status, "{fields:?}");
    }
    assert_eq!(sandbox.cart("carol"), [1]);
}

#[test]
fn a_restricted_product_is_asked_for_and_then_permitted_as_it_is_at_that_time() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    save(&mut alice, &[("restricted_active", "on")]);
    let mut carol = user(&sandbox, "carol");
    assert_eq!(carol.buy(1).json()["success"], true);
    assert_eq!(sandbox.requests()[0].decision, RequestState::Pending);
    assert!(permissions(&sandbox, "carol").is_empty());
    assert!(logs_in(&sandbox, "carol", sandbox.broker_password("carol").unwrap().expose()));
    save(&mut alice, &[("title", "alice/parking/gate"), ("sensor_type", "3")]);
    // Without mail nothing changes.
    sandbox.set_mail_down(true);
    for task in ["approve", "decline"] {
        let answer = alice.ajax("POST", &format!("/requests/ajax/1/{task}/"));
        assert!(answer.header("content-type").unwrap().starts_with("text/plain"));
        let lines: Vec<&str> = answer.body.lines().take(2).collect();
        assert_eq!(lines[0], format!("ConnectionRefusedError at /requests/ajax/1/{task}/"));
        assert_eq!(lines[1], "[Errno 111] Connection refused");
        assert_eq!(sandbox.requests()[0].decision, RequestState::Pending);
    }
    sandbox.set_mail_down(false);
    assert_eq!(alice.ajax("POST", "/requests/ajax/1/approve/").json()["success"], true);
    assert_eq!(permissions(&sandbox, "carol"), [("alice/parking/gate".to_owned(), AccessLevel::ReadWrite)]);
    assert_eq!(subjects(&sandbox, "carol").last().unwrap(), "Purchase approved");
    assert_eq!(sandbox.requests()[0].decision, RequestState::Approved);
    // Twice: one more of each. Declining takes nothing away, and approving after it works.
    alice.ajax("POST", "/requests/ajax/1/approve/");
    assert_eq!(permissions(&sandbox, "carol").len(), 2);
    assert_eq!(alice.ajax("POST", "/requests/ajax/1/decline/").json()["success"], true);
    assert_eq!((permissions(&sandbox, "carol").len(), sandbox.transactions().len()), (2, 2));
    assert_eq!(alice.ajax("POST", "/requests/ajax/1/approve/").json()["success"], true);
    assert_eq!(permissions(&sandbox, "carol").len(), 3);
}

#[test]
fn a_buyer_whose_log_in_is_gone_cannot_be_approved() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    save(&mut alice, &[("restricted_active", "on")]);
    user(&sandbox, "carol").buy(1);
    sandbox.kill_log_ins("carol").unwrap();
    let mails = sandbox.mails().len();
    assert_eq!(alice.ajax("POST", "/requests/ajax/1/approve/").status, 500);
    assert_eq!((sandbox.mails().len(), sandbox.requests()[0].decision), (mails + 1, RequestState::Pending));
    assert!(permissions(&sandbox, "carol").is_empty());
}

#[test]
fn requests_are_decided_by_their_seller_with_every_header() {
    let sandbox = sandbox();
    let mut alice = Browser::of_seller(&sandbox);
    save(&mut alice, &[("restricted_active", "on")]);
    let mut carol = user(&sandbox, "carol");
    carol.buy(1);
    let path = "/requests/ajax/1/approve/";
    let answer = carol.ajax("POST", path);
    let refused = serde_json::json!({"success": false, "errMsg": "Request not found", "errCode": "404"});
    assert_eq!((answer.status, answer.json()), (200, refused));
    let answer = alice.ajax("POST", "/requests/ajax/99/approve/");
    assert!(answer.status == 500 && answer.body.starts_with("DoesNotExist at /requests/ajax/99/approve/\n"));
    assert_eq!(alice.post(path, &[]).status, 404, "without the script's header");
    assert_eq!(alice.try_request("POST", path, "X-Requested-With: XMLHttpRequest\r\n", "").unwrap().status, 403);
    assert_eq!(alice.ajax("GET", path).status, 405);
    let mut nobody = Browser::new(&sandbox);
    nobody.get("/accounts/login/");
    assert_eq!(nobody.ajax("POST", path).status, 302);
    assert_eq!(sandbox.requests()[0].decision, RequestState::Pending);
}

#[test]
fn everything_of_it_is_in_the_state_file() {
    let path = std::env::temp_dir().join(format!("i3-it-{:x}.json", rand::random::<u64>()));
    let options = Options { state: Some(path.clone()), ..Options::default() };
    let before = {
        let sandbox = Sandbox::spawn(options.clone()).unwrap();
        Browser::of_seller(&sandbox).create_device("lot1", "1", "secret");
        bob(&sandbox).post("/cart/", &[("item", "1")]);
        (
            sandbox.log_ins(),
            sandbox.permissions(),
            sandbox.transactions(),
            sandbox.notifications("bob"),
            sandbox.cart("bob"),
        )
    };
    let sandbox = Sandbox::spawn(options).unwrap();
    let after = (
        sandbox.log_ins(),
        sandbox.permissions(),
        sandbox.transactions(),
        sandbox.notifications("bob"),
        sandbox.cart("bob"),
    );
    assert_eq!(before, after);
    std::fs::remove_file(&path).unwrap();
}

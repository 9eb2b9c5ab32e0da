//! Products from the shell: what a save must not lose, what each action leaves where the mail is down, and what a title means.

use i3::sandbox::{Options, ProductRow};
use serde_json::{Value, json};

use crate::http::Browser;
use crate::program::{LOT1, Run, SHORT, TOPIC, TestEnv, key_pem, quick};
use crate::support::between::{between, forward};
use crate::support::http_server::{HttpServer, Reply};

const DECK: &str = "alice/parking/deck";
const PNG: &[u8] = b"\x89PNG\r\n\x1a\n and the rest \xFF\x00\r\n--";

/// A product with something in every field, and lot1 in its hub.
fn with_deck(env: &TestEnv) -> ProductRow {
    env.register_lot1();
    let fields = [
        ("title", "deck"),
        ("hub", "parking"),
        ("description", "Free <places> & \"more\"\r\n  – of the deck\nhere"),
        ("price", "2.50"),
        ("sensor_type", "2"),
        ("sale_active", "on"),
        ("sale_price", "1.20"),
        ("restricted_active", "on"),
        ("latitude", "34.0224"),
        ("longitude", "-118.2851"),
    ];
    assert_eq!(Browser::of_seller(&env.sandbox).post("/products/create/", &fields).status, 302);
    deck(env)
}

fn deck(env: &TestEnv) -> ProductRow {
    env.sandbox.product_rows().into_iter().find(|row| row.id == 2).unwrap()
}

fn grants(env: &TestEnv, topic: &str) -> usize {
    env.sandbox.permissions().iter().filter(|row| row.name == LOT1 && row.topic == topic).count()
}

/// A command of another user who has signed up.
fn as_user(env: &TestEnv, user: &str, password: &str, line: &str) -> Run {
    env.i3(line).env("I3_USER", user).env("I3_LOGIN_PASSWORD", password).without("I3_API_KEY")
}

/// A marketplace whose mail is down for the POSTs to `path` and for nothing else.
fn without_mail_at(env: &TestEnv, path: &'static str) -> HttpServer {
    let (controls, url) = ((*env.sandbox).clone(), env.sandbox.market_url());
    between(&env.sandbox, move |request| {
        (request.method == "POST" && request.path().starts_with(path)).then(|| {
            controls.set_mail_down(true);
            let reply = forward(&url, request);
            controls.set_mail_down(false);
            reply
        })
    })
}

#[test]
fn a_repair_sends_everything_back() {
    for env in [TestEnv::new(), TestEnv::released()] {
        let before = with_deck(&env);
        let given = grants(&env, DECK);
        let done = env.i3(&format!("product repair {DECK} -v")).succeeds(&format!("{DECK}\n"));
        done.says(&["grants the devices of alice/parking permissions", "`i3 pub -t alice/parking/deck`"]);
        assert_eq!(deck(&env), before);
        assert_eq!(grants(&env, DECK), given + 1);
        let told = env.i3(&format!("product repair {DECK} --json")).json();
        assert_eq!(told, json!({ "topic": DECK, "id": 2, "hub": "alice/parking", "proved": false, "schema": 1 }));
        assert!(Browser::of_seller(&env.sandbox).get("/hubs/1/").body.contains(DECK));
    }
}

#[test]
fn a_product_that_was_taken_out_of_its_hub_is_put_back() {
    let env = TestEnv::released();
    let before = with_deck(&env);
    let short = [
        ("title", DECK),
        ("hub", "parking"),
        ("description", before.description.as_str()),
        ("price", "2.50"),
        ("sensor_type", "2"),
        ("sale_active", "on"),
        ("restricted_active", "on"),
        ("latitude", "34.0224"),
        ("longitude", "-118.2851"),
    ];
    assert_eq!(Browser::of_seller(&env.sandbox).post("/products/2/edit/", &short).status, 302);
    assert_eq!(deck(&env).hub, "parking");
    env.i3(&format!("product repair {DECK} -v")).done().says(&["was in no hub", "it is now in alice/parking"]);
    assert_eq!(deck(&env), before);
    // In another hub that there is: only who gives the topic himself can tell which of them is right.
    env.i3("hub create garden").done();
    let mut moved = short;
    moved[1].1 = "alice/garden";
    assert_eq!(Browser::of_seller(&env.sandbox).post("/products/2/edit/", &moved).status, 302);
    let refused = env.i3(&format!("product repair {DECK}"));
    refused.fails(65, &["names another hub than the product is in, alice/garden", "--title and --yes"]);
    env.i3(&format!("product repair {DECK} --title {DECK} --yes")).done().says(&["it is now in alice/parking"]);
    assert_eq!(deck(&env), before);
    // The title names a hub that there is not.
    moved[0].1 = "alice/barn/deck";
    moved[1].1 = "barn";
    assert_eq!(Browser::of_seller(&env.sandbox).post("/products/2/edit/", &moved).status, 302);
    env.i3("product repair alice/barn/deck").fails(65, &["is in no hub of alice", "--title USER/HUB/PRODUCT"]);
}

#[test]
fn of_two_products_with_one_title_only_the_number_tells() {
    let env = TestEnv::released();
    with_deck(&env);
    let mut alice = Browser::of_seller(&env.sandbox);
    let twin = crate::http::product(TOPIC, "alice/parking", "1");
    assert_eq!(alice.post("/products/2/edit/", &twin).status, 302);
    for line in ["edit --price 3", "repair", "delete --yes"] {
        let (verb, options) = line.split_once(' ').unwrap_or((line, ""));
        let run = env.i3(&format!("product {verb} {TOPIC} {options}"));
        run.fails(77, &["'alice/parking/occupancy' exists 2 times", "choose one with --id: 1 or 2"]);
    }
    env.i3(&format!("product delete {TOPIC} --id 7 --yes")).fails(65, &["number 7"]);
    env.i3(&format!("product edit {TOPIC} --id 2 --price 3")).done();
    env.i3(&format!("product delete {TOPIC} --id 1 --yes")).done();
    assert_eq!(env.sandbox.product_rows().len(), 1);
    assert_eq!((deck(&env).title.as_str(), deck(&env).price), (TOPIC, 300));
}

#[test]
fn a_form_for_a_new_product_that_comes_back_is_not_repeated() {
    let env = TestEnv::released();
    let controls = (*env.sandbox).clone();
    let market = between(&env.sandbox, move |request| {
        (request.method == "POST" && request.path() == "/products/create/").then(|| {
            let mut fields = crate::http::product("level2", "parking", "1");
            (fields[2].1, fields[3].1) = ("a secret description", "0.50");
            let answer = Browser::of_seller(&controls).post("/products/create/", &fields);
            assert!(answer.status == 200 && answer.body.contains("a secret description"));
            Reply::html(200, &answer.body)
        })
    });
    let create = "product create level2 --hub parking --description d --price 2 --type sensor";
    let refused =
        env.i3(create).env("I3_MARKET", market.url()).fails(77, &["the marketplace returned the form", "price"]);
    refused.does_not_say(&["secret", "0.50"]);
}

#[test]
fn a_field_that_did_not_come_through_is_named() {
    let env = TestEnv::released();
    with_deck(&env);
    let (url, mut saved) = (env.sandbox.market_url(), false);
    let market = between(&env.sandbox, move |request| {
        saved |= request.method == "POST" && request.path().ends_with("/edit/");
        let is_look = request.method == "GET" && request.path().ends_with("/edit/");
        (saved && is_look).then(|| match forward(&url, request) {
            Reply::Answer { status, headers, body } => {
                let body =
                    body.replace("34.0224", "").replace("name=\"restricted_active\"", "name=\"restricted_active\" x");
                Reply::Answer { status, headers, body }
            }
            other => other,
        })
    });
    let run = env.i3(&format!("product repair {DECK}")).env("I3_MARKET", market.url());
    run.fails(1, &["was saved, but the marketplace shows another latitude", "`i3 product show"]);
}

#[test]
fn a_refusal_is_told_by_its_field_and_without_the_page() {
    let env = TestEnv::released();
    let before = with_deck(&env);
    env.sandbox.add_notifications("alice", 3).unwrap();
    let controls = (*env.sandbox).clone();
    let market = between(&env.sandbox, move |request| {
        (request.method == "POST" && request.path() == "/products/2/edit/").then(|| {
            let mut fields = crate::http::product(DECK, "alice/parking", "1");
            fields[3].1 = "0.50";
            let answer = Browser::of_seller(&controls).post("/products/2/edit/", &fields);
            assert_eq!(answer.status, 200);
            Reply::html(200, &answer.body)
        })
    });
    let run = env.i3(&format!("product edit {DECK} --price 3")).env("I3_MARKET", market.url());
    let refused = run.fails(77, &["the marketplace refuses the product: price: Price must be greater than $1.00"]);
    refused.does_not_say(&["New product added", "Update Product", "occupancy"]);
    assert_eq!(deck(&env), before);
}

#[test]
fn an_edit_changes_what_is_named_and_nothing_else() {
    for env in [TestEnv::new(), TestEnv::released()] {
        let mut expected = with_deck(&env);
        let mut edit = |options: &[&str], fields: &[&str], change: fn(&mut ProductRow)| {
            change(&mut expected);
            let told = env.i3_with(&format!("product edit {DECK} --json"), options).json();
            assert_eq!((&told["topic"], &told["changed"]), (&json!(DECK), &json!(fields)), "{options:?}");
            assert_eq!(deck(&env), expected, "{options:?}");
        };
        edit(&["--price", "3"], &["price"], |row| row.price = 300);
        edit(&["--sale-price", "0.5"], &["sale price"], |row| row.sale_price = Some(50));
        edit(&["--no-sale"], &["sale price"], |row| row.sale_active = false);
        edit(&["--description", " Two\r\nlines – € "], &["description"], |row| {
            row.description = "Two\r\nlines – €".into();
        });
        edit(&["--unrestricted"], &["restriction"], |row| row.restricted_active = false);
        edit(&["--restricted", "--type", "both"], &["restriction", "type"], |row| {
            (row.restricted_active, row.sensor_type) = (true, "3");
        });
        edit(&["--latitude", "-1.5", "--longitude", "0"], &["latitude", "longitude"], |row| {
            (row.latitude, row.longitude) = (Some(-15_000), Some(0));
        });
        edit(&["--no-position"], &["latitude", "longitude"], |row| (row.latitude, row.longitude) = (None, None));
        edit(&["--sale-price", "1"], &["sale price"], |row| (row.sale_price, row.sale_active) = (Some(100), true));
        // What is so already is not sent.
        let changes = env.sandbox.counts().changes;
        edit(&["--price", "3.00", "--restricted"], &[], |_| {});
        env.i3(&format!("product edit {DECK} --price 3 -v")).succeeds(&format!("{DECK}\n")).says(&["Nothing was sent"]);
        assert_eq!(env.sandbox.counts().changes, changes);
        env.i3(&format!("product edit {DECK} --sale-price 3")).done().says(&["3.00 is not below the price 3.00"]);
    }
}

#[test]
fn an_edit_is_checked_before_it_is_sent() {
    let env = TestEnv::released();
    let before = with_deck(&env);
    let edit = |options: &[&str]| env.i3_with(&format!("product edit {DECK}"), options);
    env.i3(&format!("product edit {DECK}")).fails(2, &["--price"]);
    edit(&["--sale-price", "0"]).fails(65, &["invalid sale price '0'", "over 0"]);
    edit(&["--sale-price", "-5"]).fails(65, &["invalid sale price '-5'"]);
    edit(&["--price", "100"]).fails(65, &["invalid price '100'", "over 1 and under 100"]);
    edit(&["--description", " \n"]).fails(65, &["the description is empty"]);
    let emoji = ["the description contains '👍' (character 4), which the marketplace cannot store", "Windows-1252"];
    edit(&["--description", "ok 👍"]).fails(65, &emoji);
    edit(&["--latitude", "91", "--longitude", "0"]).fails(65, &["invalid latitude '91'"]);
    edit(&["--price", "3", "--no-position", "--latitude", "1", "--longitude", "1"]).fails(2, &["--no-position"]);
    edit(&["--restricted", "--unrestricted"]).fails(2, &["--unrestricted"]);
    env.secret("key.pem", key_pem());
    edit(&["--picture", "key.pem"]).fails(65, &["not a PNG, JPEG or GIF"]).keeps_secret(key_pem());
    edit(&["--picture", "none.png"]).fails(66, &["the picture none.png cannot be read"]);
    std::fs::write(env.path("huge.gif"), [b"GIF89a".to_vec(), vec![0; 10 << 20]].concat()).unwrap();
    edit(&["--picture", "huge.gif"]).fails(65, &["the picture has", "make the picture smaller"]);
    env.i3("product edit alice/parking/none --price 3").fails(65, &["shows no product", "`i3 product list`"]);
    let (password, _) = env.sandbox.add_user("carol").unwrap().unwrap();
    for line in ["edit --price 3", "repair", "delete --yes"] {
        let (verb, options) = line.split_once(' ').unwrap_or((line, ""));
        let run = as_user(&env, "carol", password.expose(), &format!("product {verb} {DECK} {options}"));
        run.fails(77, &["'alice/parking/deck' is a product of alice", "log in as alice"]);
    }
    assert_eq!(deck(&env), before);
}

#[test]
fn a_picture_is_sent_and_seen() {
    for env in [TestEnv::new(), TestEnv::released()] {
        let before = with_deck(&env);
        std::fs::write(env.path("deck.png"), PNG).unwrap();
        let told = env.i3(&format!("product edit {DECK} --picture deck.png --price 3 --json")).json();
        assert_eq!(told["changed"], json!(["price", "picture"]));
        let after = deck(&env);
        assert!(after.media.as_ref().is_some_and(|media| media.contains("/picture-") && media.ends_with(".png")));
        assert_eq!(ProductRow { media: None, price: before.price, ..after.clone() }, before);
        let shown = env.i3(&format!("product show {DECK} --json")).json();
        assert!(shown["picture"].as_str().unwrap().contains(&after.media.unwrap()));
        // The page goes on showing the first one's thumbnail.
        std::fs::write(env.path("new.gif"), b"GIF89a").unwrap();
        env.i3(&format!("product edit {DECK} --picture new.gif")).done().says(&["still show that one"]);
        assert!(deck(&env).media.unwrap().ends_with(".gif"));
        // Nothing but a picture takes it away, and a repair does not.
        env.i3(&format!("product repair {DECK}")).done();
        assert!(deck(&env).media.unwrap().ends_with(".gif"));
    }
}

#[test]
fn show_tells_all_that_the_marketplace_knows() {
    let env = TestEnv::released();
    with_deck(&env);
    env.sandbox.add_rating("alice", 2, 4).unwrap();
    env.sandbox.add_rating("alice", 2, 5).unwrap();
    let shown = env.i3(&format!("product show {DECK} --json")).json();
    let expected = json!({
        "topic": DECK, "id": 2, "seller": "alice", "hub": "alice/parking", "type": "actuator", "price": "2.50",
        "sale_price": "1.20", "kept_sale_price": null, "restricted": true, "position": { "latitude": 34.0224, "longitude": -118.2851 },
        "picture": null, "rating": { "average": 4.5, "count": 2 }, "namesakes": [],
        "link": format!("{}/products/2/", env.sandbox.market_url()),
        "description": "Free <places> & \"more\"\r\n  – of the deck\nhere", "schema": 1,
    });
    assert_eq!(shown, expected);
    let text = env.i3(&format!("product show {DECK}")).done().stdout;
    for line in ["restricted: yes", "position: 34.0224, -118.2851", "picture: none", "rating: 4.5 (2 in all)"] {
        assert!(text.lines().any(|told| told == line), "{line}: {text}");
    }
    let plain = env.i3(&format!("product show {TOPIC} --json")).json();
    assert_eq!(
        (&plain["restricted"], &plain["position"], &plain["rating"]),
        (&json!(false), &Value::Null, &Value::Null)
    );
    // With the key alone the form is not to be had; with a log-in that has expired neither.
    let by_key = env.i3(&format!("product show {DECK} --json --via rest")).json();
    assert_eq!((&by_key["restricted"], &by_key["position"]), (&json!(true), &Value::Null));
}

#[test]
fn without_mail_a_product_is_created_without_permissions_until_it_is_repaired() {
    for rest in [true, false] {
        let env = TestEnv::with(Options { rest, ..quick() });
        env.register_lot1();
        let create = "product create deck --hub parking --description d --price 2 --type sensor --restricted \
                      --latitude 1 --longitude 2 --sale-price 1.5";
        env.sandbox.set_mail_down(true);
        let run = env.i3(create);
        run.fails(
            75,
            &[
                "alice/parking/deck was created, but has no permissions yet",
                "a device that is registered from now on gets its permission",
                "run `i3 product repair alice/parking/deck` when the marketplace's mail works",
            ],
        );
        let created = deck(&env);
        assert_eq!((created.title.as_str(), grants(&env, DECK)), (DECK, 0));
        env.i3(create).fails(77, &["'alice/parking/deck' already exists"]);
        // With the mail still down, nothing helps; nothing is lost either.
        let repair = || env.i3(&format!("product repair {DECK}"));
        repair().fails(75, &["is saved, but has no new permissions", "when the marketplace's mail works"]);
        assert_eq!((deck(&env), grants(&env, DECK)), (created.clone(), 0));
        env.secret("pw", "hunter2secret");
        env.i3("register lot2 --hub parking --password-file pw").done();
        env.i3(&format!("pub --device lot2 -t {DECK} -m 7")).succeeds("");
        env.sandbox.set_mail_down(false);
        repair().succeeds(&format!("{DECK}\n"));
        assert_eq!((deck(&env), grants(&env, DECK)), (created, 1));
        env.i3(&format!("pub --device lot1 -t {DECK} -m 7")).succeeds("");
    }
}

#[test]
fn where_only_the_creation_met_no_mail_the_product_is_repaired_at_once() {
    for path in ["/products/create/", "/api/product/"] {
        let env = TestEnv::with(Options { rest: path.starts_with("/api"), ..quick() });
        env.register_lot1();
        let market = without_mail_at(&env, path);
        let create = "product create deck --hub parking --description d --price 2 --type sensor --json";
        let told = env.i3(create).env("I3_MARKET", market.url()).json();
        assert_eq!((&told["repaired"], &told["id"]), (&json!(true), &json!(2)));
        assert_eq!((deck(&env).hub.as_str(), grants(&env, DECK)), ("alice/parking", 1));
        env.i3(&format!("pub --device lot1 -t {DECK} -m 7")).succeeds("");
    }
}

#[test]
fn without_mail_an_edit_is_stored() {
    let env = TestEnv::released();
    let before = with_deck(&env);
    let given = grants(&env, DECK);
    env.sandbox.set_mail_down(true);
    let done = env.i3(&format!("product edit {DECK} --price 3")).succeeds(&format!("{DECK}\n"));
    done.says(&["answered 500 but changed the product", "run `i3 product repair alice/parking/deck` when"]);
    assert_eq!((deck(&env), grants(&env, DECK)), (ProductRow { price: 300, ..before }, given));
}

#[test]
fn a_product_is_deleted_with_its_sales() {
    let env = TestEnv::with_lot1();
    let (password, _) = env.sandbox.add_user("hank").unwrap().unwrap();
    assert!(env.sandbox.add_purchase("hank", TOPIC).unwrap());
    let delete = format!("product delete {TOPIC}");
    env.i3(&delete).fails(2, &["cannot be undone", "give --yes"]);
    assert_eq!(env.sandbox.product_rows().len(), 1);
    let run = as_user(&env, "hank", password.expose(), &format!("{delete} --yes"));
    run.fails(77, &["is a product of alice"]);
    let told = env.i3(&format!("{delete} --yes --json")).json();
    assert_eq!(told, json!({ "topic": TOPIC, "id": 1, "notes": [], "schema": 1 }));
    assert!(env.sandbox.product_rows().is_empty() && env.sandbox.transactions().is_empty());
    assert!(env.sandbox.permissions().is_empty());
    env.i3(&format!("{delete} --yes")).fails(65, &["shows no product"]);
}

#[test]
fn without_mail_a_deletion_is_told_as_far_as_it_went() {
    let says = |topic: &str| {
        [
            "did not finish deleting".to_owned(),
            "if somebody else has bought it, nothing has changed; if nobody has, its permissions are gone".into(),
            format!("`i3 product delete {topic}` again"),
            format!("`i3 product repair {topic}`"),
        ]
    };
    let fails = |run: Run, topic: &str| run.fails(75, &says(topic).each_ref().map(String::as_str));
    // Nobody bought it: the permissions are gone, and the row stays.
    let env = TestEnv::released();
    let before = with_deck(&env);
    let delete = format!("product delete {DECK} --yes");
    env.sandbox.set_mail_down(true);
    fails(env.i3(&delete), DECK);
    assert_eq!((deck(&env), grants(&env, DECK)), (before.clone(), 0));
    env.sandbox.set_mail_down(false);
    // It can be kept after all, or deleted.
    env.i3(&format!("product repair {DECK}")).done();
    assert_eq!((deck(&env), grants(&env, DECK)), (before, 1));
    env.i3(&delete).succeeds(&format!("{DECK}\n"));
    assert_eq!(env.sandbox.product_rows().len(), 1);

    // Somebody bought it: nothing at all changed.
    let env = TestEnv::with_lot1_on(Options { rest: false, ..quick() });
    let delete = format!("product delete {TOPIC} --yes");
    env.sandbox.add_user("hank").unwrap();
    assert!(env.sandbox.add_purchase("hank", TOPIC).unwrap());
    let before = (env.sandbox.product_rows(), env.sandbox.permissions(), env.sandbox.transactions());
    env.sandbox.set_mail_down(true);
    fails(env.i3(&delete), TOPIC);
    let after = (env.sandbox.product_rows(), env.sandbox.permissions(), env.sandbox.transactions());
    assert_eq!(before, after);
    env.sandbox.set_mail_down(false);
    env.i3(&delete).done();
    assert!(env.sandbox.product_rows().is_empty());
}

#[test]
fn without_its_database_the_marketplace_neither_deletes_nor_saves() {
    let env = TestEnv::released();
    let before = with_deck(&env);
    let controls = (*env.sandbox).clone();
    let url = env.sandbox.market_url();
    let market = between(&env.sandbox, move |request| {
        let acts = request.path().contains("/delete/") || request.method == "POST" && request.path().contains("/edit/");
        acts.then(|| {
            controls.set_web_database_down(true);
            let reply = forward(&url, request);
            controls.set_web_database_down(false);
            reply
        })
    });
    let run = |line: &str| env.i3(&format!("product {line}")).env("I3_MARKET", market.url());
    run(&format!("delete {DECK} --yes")).fails(75, &["broke down (500", "nothing was deleted"]);
    run(&format!("repair {DECK}")).fails(75, &["broke down (500", "nothing was changed"]);
    run(&format!("edit {DECK} --price 3")).fails(75, &["broke down (500", "nothing was changed"]);
    assert_eq!(deck(&env), before);
}

#[test]
fn an_edited_title_is_told_as_far_as_it_is_known() {
    let env = TestEnv::with_lot1();
    let mut alice = Browser::of_seller(&env.sandbox);
    let edited = crate::http::product("free", "alice/parking", "1");
    assert_eq!(alice.post("/products/1/edit/", &edited).status, 302);
    // Both permissions are there: nothing may claim that one is not.
    assert_eq!((grants(&env, TOPIC), grants(&env, "free")), (1, 1));
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 7")).succeeds("");
    let remedy = "`i3 product repair free --title alice/HUB/PRODUCT`";
    for line in ["product list", "product show free"] {
        let told = env.i3(line).done();
        told.says(&["the title 'free' has lost its prefix", "gets a permission for this title", remedy]);
        told.does_not_say(&["nobody can publish", "no other"]);
    }
    env.i3("product repair free").fails(65, &["has lost its prefix", "--title alice/HUB/PRODUCT"]);
    let other = env.i3("product repair free --title alice/garden/free");
    other.fails(65, &["names another hub than the product is in, alice/parking", "--title alice/parking/PRODUCT"]);
    let nowhere = env.i3("product repair free --title alice/barn/free --yes");
    nowhere.fails(65, &["names another hub than the product is in, alice/parking"]);
    env.i3("product repair free --title bob/parking/free").fails(65, &["lost its prefix"]);
    env.i3("product repair free --title alice/parking/seventeenletters1").fails(65, &["31 characters"]);
    let (before, topic) = (env.sandbox.product_rows()[0].clone(), "alice/parking/level2");
    env.i3(&format!("product repair free --title {topic}")).succeeds(&format!("{topic}\n"));
    let after = env.sandbox.product_rows()[0].clone();
    assert_eq!(after, ProductRow { title: topic.into(), ..before });
    // A topic that the product was not created with works as well: the save gave permissions for it.
    env.i3(&format!("pub --device lot1 -t {topic} -m 7")).succeeds("");
    // What is a topic already is not renamed unasked, for buyers keep the old one.
    let changes = env.sandbox.counts().changes;
    let rename = format!("product repair {topic} --title {TOPIC}");
    env.i3(&rename).fails(2, &["is not renamed to alice/parking/occupancy", "buyers would keep", "give --yes"]);
    assert_eq!(env.sandbox.counts().changes, changes);
    env.i3(&format!("{rename} --yes -v")).done().says(&["Buyers keep the permissions that they bought"]);
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 7")).succeeds("");
    // Nor to what another product has, in any spelling.
    env.i3("product create level3 --hub parking --description d --price 2 --type sensor").done();
    let taken = env.i3(&format!("product repair alice/parking/level3 --title {TOPIC} --yes"));
    taken.fails(77, &["'alice/parking/occupancy' already exists"]);
}

/// Saves product 1 with this title and hub, as anybody can.
fn retitle(env: &TestEnv, title: &str, hub: &str) {
    let answer = Browser::of_seller(&env.sandbox).post("/products/1/edit/", &crate::http::product(title, hub, "1"));
    assert_eq!(answer.status, 302);
}

#[test]
fn a_title_that_names_another_hub_is_told_and_its_topic_can_be_tried() {
    const FREE: &str = "alice/garden/free";
    for env in [TestEnv::with_lot1(), TestEnv::with_lot1_on(Options { rest: false, mqtt5: false, ..quick() })] {
        env.i3("hub create garden").done();
        retitle(&env, FREE, "alice/parking");
        assert_eq!(grants(&env, FREE), 1);
        let listed = env.i3("product list").done();
        listed.says(&["product 1: alice/garden/free is not in the hub that its title names", "`i3 product show"]);
        env.i3("product list --hub parking").done().says(&["is not in the hub that its title names"]);
        let shown = env.i3(&format!("product show {FREE}")).done();
        shown.says(&["in another hub than its title names, alice/parking", "--title alice/parking/PRODUCT`"]);
        // The device of the product's hub is permitted it, which the echo shows.
        let publish =
            |topic: &str, more: &str| env.i3(&format!("pub --device lot1 -t {topic} --timeout {SHORT} {more}"));
        let usual = ["alice/garden/free is not a topic of alice$parking$lot1's hub", "give --any-hub"];
        publish(FREE, "-m 7").fails(77, &usual).does_not_say(&["would acknowledge"]);
        publish(FREE, "-m 7 --any-hub").succeeds("");
        publish(FREE, "-l --any-hub --confirm all").input("1\n2\n").succeeds("");
        publish(FREE, "-m 7 --any-hub --spool s").succeeds("");
        publish(FREE, "-m 7 --any-hub --confirm none").fails(2, &["needs the proof that --confirm none leaves out"]);
        let denied =
            ["did not come back", "I3 permits a device the products of its own hub", "publish to alice/parking/"];
        let run = publish("alice/garden/none", "-m 7 --any-hub").fails(77, &denied);
        run.says(&["error[topic-outside-hub]"]).does_not_say(&["--any-hub"]);
        let outside = format!("sub --device lot1 -t {FREE} -C 1 -W 5s");
        env.i3(&outside).fails(77, &["is not a topic of", "--any-hub"]);
        let hub = "sub --device lot1 --hub parking -C 1 -W 5s".to_owned();
        for listen in [format!("{outside} --any-hub"), hub] {
            let listening = env.i3(&format!("{listen} -v")).start().says("Subscribed to");
            publish(FREE, "-m 7 --any-hub").done();
            listening.finish().succeeded_with("alice/garden/free 7\n");
        }
        // The doctor sees it in the product's form, and in the echo.
        let told = env.i3(&format!("doctor lot1 --topic {FREE} --publish --json")).without("I3_BUYER").run();
        let report: Value = serde_json::from_str(&told.stdout).unwrap();
        let status = |check: &str| {
            let steps = report["steps"].as_array().unwrap();
            steps.iter().find(|step| step["check"] == check).unwrap()["status"].clone()
        };
        assert_eq!(["names", "product", "publish"].map(status), ["risk", "well", "well"], "{report}");
        let nothing = env.i3("doctor lot1 --topic alice/garden/none --publish --timeout 1s").without("I3_BUYER").run();
        assert_eq!(nothing.error().id, Some("topic-outside-hub"), "{nothing}");
        nothing.says(&["acknowledged and dropped", "use a device of alice/garden"]);
        // No hint leads back to where it came from.
        let repair = format!("product repair {FREE}");
        env.i3(&repair).fails(65, &["names another hub", "--title alice/parking/PRODUCT"]);
        let rename = env.i3(&format!("{repair} --title alice/parking/free")).fails(2, &["give --yes to rename it"]);
        rename.does_not_say(&["leave --title out"]);
        env.i3(&format!("{repair} --title alice/parking/free --yes")).succeeds("alice/parking/free\n");
        env.i3("product list").done().does_not_say(&["its title names"]);
        publish("alice/parking/free", "-m 7").succeeds("");
    }
}

#[test]
fn a_product_that_is_in_no_hub_is_told_with_what_puts_it_back() {
    let env = TestEnv::with_lot1();
    retitle(&env, "alice/parking/Orig3", "parking");
    let remedy = "`i3 product repair alice/parking/Orig3`";
    env.i3("product list").done().says(&["is not in the hub that its title names"]);
    env.i3("product show alice/parking/Orig3").done().says(&["is in no hub", remedy]);
    let told = env.i3("doctor lot1 --topic alice/parking/Orig3").run();
    assert_eq!(told.error().id, Some("product-prefix-lost"), "{told}");
    told.says(&["alice/parking/Orig3 is in no hub", &format!("put it back into its hub with {remedy}")]);
    env.i3("product repair alice/parking/Orig3").succeeds("alice/parking/Orig3\n");
    env.i3("product show alice/parking/Orig3").done().does_not_say(&["warning"]);
}

#[test]
fn the_devices_of_a_hub_use_the_products_of_its_twins() {
    let env = TestEnv::with(quick());
    let mut alice = Browser::of_seller(&env.sandbox);
    for (hub, product) in [("mill", "flour"), ("Mill", "grain"), ("mîll", "bran")] {
        assert_eq!(alice.post("/hubs/create/", &[("name", hub), ("private", "False")]).status, 302);
        assert_eq!(alice.post("/products/create/", &crate::http::product(product, hub, "1")).status, 302);
    }
    env.secret("pw", "hunter2secret");
    env.i3("register wheel --hub alice/mill --password-file pw").done();
    let publish =
        |topic: &str, more: &str| env.i3(&format!("pub --device wheel -t {topic} -m 7 --timeout {SHORT} {more}"));
    for topic in ["alice/mill/flour", "alice/Mill/grain", "alice/mîll/bran"] {
        publish(topic, "").succeeds("");
        let told = env.i3(&format!("doctor wheel --topic {topic} --publish --json")).without("I3_BUYER").run();
        let report: Value = serde_json::from_str(&told.stdout).unwrap();
        for check in ["product", "publish"] {
            let step = report["steps"].as_array().unwrap().iter().find(|step| step["check"] == check).unwrap();
            assert_eq!(step["status"], "well", "{topic}: {report}");
        }
    }
    // Afterwards it is said what another spelling can mean, and no other product is proposed as if it were this one.
    let none = publish("alice/Mill/flour", "").fails(77, &["error[topic-case]", "the hub of the device is alice/mill"]);
    none.says(&["publish to alice/mill/flour, or see in `i3 product list` that alice/Mill/flour exists"]);
}

#[test]
fn a_part_of_a_topic_is_answered_with_the_whole() {
    for env in [TestEnv::new(), TestEnv::released()] {
        let meant = "did you mean 'alice/parking/occupancy'?";
        let lines =
            ["show occupancy", "edit occupancy --price 3", "repair occupancy", "delete parking/occupancy --yes"];
        for line in lines {
            env.i3(&format!("product {line}")).fails(65, &[meant, "give the whole topic: USER/HUB/PRODUCT"]);
        }
        env.i3("buy occupancy --yes").fails(65, &[meant]);
        env.i3("product show nothing").fails(65, &["shows no product 'nothing'", "`i3 product list`"]);
    }
}

#[test]
fn a_sale_price_that_is_kept_is_shown_as_such() {
    let env = TestEnv::released();
    with_deck(&env);
    env.i3(&format!("product edit {DECK} --no-sale")).done();
    let shown = env.i3(&format!("product show {DECK} --json")).json();
    assert_eq!((&shown["sale_price"], &shown["kept_sale_price"]), (&Value::Null, &json!("1.20")));
    let text = env.i3(&format!("product show {DECK}")).done().stdout;
    assert!(text.contains("sale price: 1.20, of a sale that is over\n"), "{text}");
}

#[test]
fn a_product_is_created_with_its_picture() {
    for env in [TestEnv::new(), TestEnv::released()] {
        env.register_lot1();
        std::fs::write(env.path("deck.png"), PNG).unwrap();
        let create = "product create deck --hub parking --description d --price 2 --type sensor --picture";
        env.i3(&format!("{create} lot1.pem")).fails(65, &["not a PNG, JPEG or GIF"]);
        assert_eq!(env.sandbox.product_rows().len(), 1);
        env.i3(&format!("{create} deck.png")).succeeds(&format!("{DECK}\n"));
        assert!(deck(&env).media.unwrap().ends_with(".png"));
        env.i3(&format!("pub --device lot1 -t {DECK} -m 7")).succeeds("");
    }
}

#[test]
fn a_hub_without_room_for_a_product_is_created_only_if_that_is_meant() {
    let env = TestEnv::released();
    let before = env.sandbox.counts().changes;
    let create = |line: &str| env.i3(&format!("hub create {line}"));
    // alice/, the hub, / and four characters.
    create("abcdefghijklmnopqrst").fails(2, &["this cannot be undone", "--yes"]);
    assert_eq!(env.sandbox.counts().changes, before);
    create("abcdefghijklmnopqrs").succeeds("alice/abcdefghijklmnopqrs\n");
    create("abcdefghijklmnopqrst --yes").succeeds("alice/abcdefghijklmnopqrst\n");
    let run = env.i3_with("hub create", &["gar den"]);
    run.fails(65, &["'gar den'", "choose another hub name: 3 to 30 ASCII letters and digits"])
        .does_not_say(&["hub list"]);
    let run = env.i3_with("register --hub parking --generate-password", &["a b"]);
    run.fails(65, &["'a b'", "choose another device name"]).does_not_say(&["list"]);
}

#[test]
fn what_is_anothers_is_said_to_be() {
    for env in [TestEnv::with_lot1(), TestEnv::with_lot1_on(Options { rest: false, mqtt5: false, ..quick() })] {
        let (password, _) = env.sandbox.add_user("gina").unwrap().unwrap();
        let gina = |line: &str| as_user(&env, "gina", password.expose(), line);
        gina("hub create garden").done();
        env.secret("pw", "hunter2secret");
        for line in [
            "device delete alice$parking$lot1 --yes",
            "device show alice$parking$lot1",
            "register lot7 --hub alice/parking --password-file pw",
        ] {
            let run = gina(line).fails(77, &["'alice/parking' is a hub of alice, and gina is logged in"]);
            run.says(&["`i3 login --user alice`"]).does_not_say(&["hub create"]);
        }
    }
}

#[test]
fn what_the_database_cannot_store_is_refused_before_it_is_sent() {
    let env = TestEnv::released();
    let posts = env.sandbox.counts();
    let create = |name: &str, description: &str| {
        env.i3_with("product create --hub parking --price 2 --type sensor", &["--description", description, name])
    };
    create("deck", "Wolne miejsca – zł").fails(65, &["contains 'ł' (character 18)", "Windows-1252"]);
    create("größe", "d")
        .fails(65, &["invalid product name 'größe': 'ö' (character 3) is not ASCII", "without accents"]);
    create("deck", "Free – 1,50 € “now” ™").succeeds(&format!("{DECK}\n"));
    assert_eq!(env.sandbox.counts().changes, posts.changes + 1);
    // Nothing of that name can be there, and the marketplace, which would break down, is not asked.
    env.i3("product show alice/parking/деки").fails(65, &["shows no product"]);
    env.i3("product search --name alice/parking/деки -v").succeeds("").says(&["Nothing found"]);
    env.i3("product search --seller ж").fails(65, &["knows no seller 'ж'"]);
}

#[test]
fn a_product_with_an_accent_goes_on_working() {
    let env = TestEnv::with_lot1();
    let mut alice = Browser::of_seller(&env.sandbox);
    assert_eq!(alice.create_product("topé", "1").status, 302);
    // To the database it is the same name.
    let create = env.i3("product create tope --hub parking --description d --price 2 --type sensor");
    create.fails(77, &["'alice/parking/topé' already exists"]);
    let found = env.i3("product search --name alice/parking/tope --json").json();
    assert_eq!(found, json!([]));
    env.i3("product show alice/parking/tope").fails(65, &["alice/parking/topé"]);
    env.i3("product edit alice/parking/topé --price 4").succeeds("alice/parking/topé\n");
    env.i3("product repair alice/parking/topé").done();
    env.i3("product delete alice/parking/topé --yes").done();
}

#[test]
fn hubs_that_are_one_to_the_database_keep_their_products_apart() {
    let env = TestEnv::released();
    let mut alice = Browser::of_seller(&env.sandbox);
    for hub in ["mill", "Mill"] {
        assert_eq!(alice.post("/hubs/create/", &[("name", hub), ("private", "False")]).status, 302);
    }
    let create = |name: &str, hub: &str| {
        env.i3(&format!("product create {name} --hub {hub} --description d --price 2 --type sensor"))
    };
    create("flour", "alice/mill").succeeds("alice/mill/flour\n").says(&["share their permissions"]);
    create("grain", "alice/Mill").succeeds("alice/Mill/grain\n");
    create("GRAIN", "alice/mill").fails(77, &["'alice/Mill/grain' already exists"]);
    for (hub, topic) in [("alice/mill", "alice/mill/flour"), ("alice/Mill", "alice/Mill/grain")] {
        for line in ["product list", "product search"] {
            let rows = env.i3(&format!("{line} --hub {hub} --json")).json();
            let topics: Vec<&str> = rows.as_array().unwrap().iter().map(|row| row["topic"].as_str().unwrap()).collect();
            assert_eq!(topics, [topic], "{line} {hub}");
        }
    }
}

#[test]
fn a_long_user_name_leaves_no_room_for_a_product() {
    let env = TestEnv::released();
    let user = "a".repeat(22);
    let (password, _) = env.sandbox.add_user(&user).unwrap().unwrap();
    let create = |more: &str| as_user(&env, &user, password.expose(), &format!("hub create hub {more}"));
    create("").fails(2, &["this cannot be undone", "--yes"]);
    create("--yes").done();
    let before = env.sandbox.counts().changes;
    for line in ["product create prod --hub hub", &format!("product create {user}/hub/prod")] {
        let line = format!("{line} --description d --price 2 --type sensor");
        let refused = as_user(&env, &user, password.expose(), &line).fails(
            65,
            &["no product fits under the user name", "22 characters", "sign up with a user name of at most 21"],
        );
        refused.does_not_say(&["another hub", "hub with a shorter name"]);
    }
    assert_eq!(env.sandbox.counts().changes, before);
}

#[test]
fn products_with_one_slug_are_told_apart_by_the_hubs_page() {
    let env = TestEnv::released();
    env.register_lot1();
    let market = without_mail_at(&env, "/products/create/");
    for (name, id) in [("a.bcd", 2), ("ab.cd", 3)] {
        let line = format!("product create {name} --hub parking --description d --price 2 --type sensor --json");
        let told = env.i3(&line).env("I3_MARKET", market.url()).json();
        assert_eq!((&told["id"], &told["repaired"]), (&json!(id), &json!(true)));
        assert_eq!(grants(&env, &format!("alice/parking/{name}")), 1);
    }
    let slugs: Vec<String> = env.sandbox.product_rows().into_iter().map(|row| row.slug).collect();
    assert_eq!(slugs[1..], ["aliceparkingabcd", "aliceparkingabcd-2"]);
}

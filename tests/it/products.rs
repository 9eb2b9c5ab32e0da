//! Products from the shell: what a save must not lose, and what is told of it.

mod mail;
mod pictures;
mod titles;

use i3::sandbox::{Options, ProductRecord, SensorType};
use serde_json::{Value, json};

use crate::http::Browser;
use crate::program::{LOT1, Run, TOPIC, TestEnv, key_pem, quick};
use crate::support::between::{between, forward};
use crate::support::http_server::{HttpServer, Reply};

const DECK: &str = "alice/parking/deck";

/// A product with something in every field, and lot1 in its hub.
fn with_deck(env: &TestEnv) -> ProductRecord {
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

fn deck(env: &TestEnv) -> ProductRecord {
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
    refused
        .fails(65, &["names a different hub than the one that the product is in, alice/garden", "--title and --yes"]);
    env.i3(&format!("product repair {DECK} --title {DECK} --yes -v")).done().says(&["it is now in alice/parking"]);
    assert_eq!(deck(&env), before);
    // The title names a hub that there is not.
    moved[0].1 = "alice/barn/deck";
    moved[1].1 = "barn";
    assert_eq!(Browser::of_seller(&env.sandbox).post("/products/2/edit/", &moved).status, 302);
    env.i3("product repair alice/barn/deck").fails(65, &["is in no hub of alice", "--title USER/HUB/PRODUCT"]);
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
        let mut edit = |options: &[&str], fields: &[&str], change: fn(&mut ProductRecord)| {
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
            (row.restricted_active, row.sensor_type) = (true, SensorType::Both);
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
fn a_sale_price_that_is_kept_is_shown_as_such() {
    let env = TestEnv::released();
    with_deck(&env);
    env.i3(&format!("product edit {DECK} --no-sale")).done();
    let shown = env.i3(&format!("product show {DECK} --json")).json();
    assert_eq!((&shown["sale_price"], &shown["kept_sale_price"]), (&Value::Null, &json!("1.20")));
    let text = env.i3(&format!("product show {DECK}")).done().stdout;
    assert!(text.contains("sale price: 1.20 (the sale is over)\n"), "{text}");
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

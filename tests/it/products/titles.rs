//! What a product's title means: its topic and its hub, which other products and hubs may share as the database sees it.

use i3::sandbox::{Options, ProductRecord};
use serde_json::{Value, json};

use super::{as_user, deck, grants, with_deck, without_mail_at};
use crate::http::Browser;
use crate::program::{SHORT, TOPIC, TestEnv, quick};

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
    other.fails(
        65,
        &["names a different hub than the one that the product is in, alice/parking", "--title alice/parking/PRODUCT"],
    );
    let nowhere = env.i3("product repair free --title alice/barn/free --yes");
    nowhere.fails(65, &["names a different hub than the one that the product is in, alice/parking"]);
    env.i3("product repair free --title bob/parking/free").fails(65, &["lost its prefix"]);
    env.i3("product repair free --title alice/parking/seventeenletters1").fails(65, &["31 characters"]);
    let (before, topic) = (env.sandbox.product_rows()[0].clone(), "alice/parking/level2");
    env.i3(&format!("product repair free --title {topic}")).succeeds(&format!("{topic}\n"));
    let after = env.sandbox.product_rows()[0].clone();
    assert_eq!(after, ProductRecord { title: topic.into(), ..before });
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
            ["did not come back", "I3 permits a device only the products of its own hub", "publish to alice/parking/"];
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
        env.i3(&repair).fails(65, &["names a different hub", "--title alice/parking/PRODUCT"]);
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

//! Silent failures at the marketplace: forms, names, sessions, lists.

use std::time::Duration;

use i3::sandbox::{Fault, Options};

use super::{create, named, publish, tampered};
use crate::http::{Browser, product};
use crate::program::{LOT1, SHORT, TOPIC, TestEnv, key, key_pem, quick};
use crate::support::between::between;

#[test]
fn silent_07_form_refused_without_text() {
    let env = TestEnv::released();
    // The form refuses blank values most strictly.
    let market = tampered(&env, "/devices/create/", "password=", None);
    env.secret("lot1.pem", key_pem());
    named(
        env.i3("register lot1 --hub parking --key lot1.pem --market").arg(market.url()),
        77,
        &["returned the form without a reason", "6 to 500 characters", "the name is taken", "hub's page"],
    );
    assert_eq!(env.sandbox.counts().device_posts, 1);
    assert!(env.sandbox.devices().is_empty());
}

#[test]
fn silent_08_bad_hub_or_duplicate_product_as_a_302() {
    let env = TestEnv::with_lot1();
    let posts = env.sandbox.counts().device_posts;
    for via in ["rest", "web"] {
        named(
            env.i3(&format!("register lot2 --hub garage --new-key --via {via}")),
            65,
            &["no hub 'garage'", "alice/parking", "create it with `i3 hub create NAME`"],
        );
    }
    assert_eq!(env.sandbox.counts().device_posts, posts);
    let mut alice = Browser::of_seller(&env.sandbox);
    let answer = alice.post("/products/create/", &product("level2", "garage", "1"));
    assert_eq!((answer.status, answer.location()), (302, "products/create"));
    named(publish(&env, "alice/parking/level2", ""), 77, &["there is no product alice/parking/level2", "create"]);
    for env in [TestEnv::new(), TestEnv::released()] {
        named(create(&env, "level2", "garage"), 65, &["no hub 'garage'", "alice/parking", "`i3 hub create NAME`"]);
        named(create(&env, "occupancy", "parking"), 77, &["'alice/parking/occupancy' already exists", "another name"]);
        assert_eq!(env.sandbox.counts().changes, 0);
    }
    // Errors that only the form detects are reported by its redirect, and the message says what it means.
    let env = TestEnv::released();
    let market = tampered(&env, "/products/create/", "nothing=", Some("garage"));
    let run = create(&env, "level2", "parking").env("I3_MARKET", market.url());
    named(run, 77, &["sent the product's form back (302)", "the hub is not yours", "`i3 hub list`"]);
}

#[test]
fn silent_09_sale_price_left_out() {
    let env = TestEnv::with_lot1();
    let fields: Vec<_> = product("level2", "parking", "1").into_iter().filter(|(n, _)| *n != "sale_price").collect();
    let answer = Browser::of_seller(&env.sandbox).post("/products/create/", &fields);
    assert_eq!(answer.status, 200);
    named(publish(&env, "alice/parking/level2", ""), 77, &["there is no product alice/parking/level2", "create"]);
    let env = TestEnv::released();
    let market = tampered(&env, "/products/create/", "sale_price=", None);
    let run = create(&env, "level2", "parking").env("I3_MARKET", market.url());
    named(run, 77, &["returned the form without a reason", "another field is invalid"]);
    // It is always sent: without a price it is empty.
    create(&env, "level2", "parking").succeeds("alice/parking/level2\n");
}

#[test]
fn silent_10_device_names_that_differ_in_case() {
    let env = TestEnv::with_lot1();
    let before = env.sandbox.counts().device_posts;
    for via in ["rest", "web"] {
        named(
            env.i3(&format!("register LOT1 --hub parking --generate-password --via {via}")),
            77,
            &["'alice$parking$lot1' already exists", "another name"],
        );
    }
    assert_eq!(env.sandbox.counts().device_posts, before);
    Browser::of_seller(&env.sandbox).create_device("LOT1", "1", "hunter2secret");
    named(publish(&env, TOPIC, ""), 77, &["refused the log-in", "in one case only"]);
    // Deleting one of them takes the log-in of both: all go, and one is registered.
    named(
        env.i3("device delete lot1 --yes"),
        77,
        &["any of them may fail to log in", "device repair 'alice$parking$lot1'"],
    );
    env.i3("device repair lot1 --yes").succeeds(&format!("{LOT1}\n"));
    publish(&env, TOPIC, "").succeeds("");
}

#[test]
fn silent_11_double_submitted_device() {
    let env = TestEnv::with(Options { device_race: Duration::from_secs(1), ..quick() });
    env.secret("lot1.pem", key_pem());
    // The answer is lost on the way: the device is looked for, and never sent a second time.
    for (via, path) in [("rest", "/api/device/"), ("web", "/devices/create/")] {
        let before = env.sandbox.counts().device_posts;
        env.sandbox.drop_next_post(path, Fault::AfterHandling);
        let run = env.i3(&format!("register {via}1 --hub parking --key lot1.pem --via {via}"));
        run.succeeds(&format!("alice$parking${via}1\n")).says(&["but the device exists"]);
        assert_eq!(env.sandbox.counts().device_posts, before + 1);
    }
    // Two equal forms at once: the marketplace takes both.
    Browser::of_seller(&env.sandbox).create_device_twice("lot1", "2", &key().public().body());
    assert_eq!(env.sandbox.devices().iter().filter(|name| *name == LOT1).count(), 2);
    named(
        env.i3(&format!("pub --key lot1.pem -t {TOPIC} -m 678 -u")).arg(LOT1),
        77,
        &["refused the log-in", "exists once"],
    );
    let repair = ["exists 2 times now", "any of them may fail to log in", "device repair 'alice$parking$lot1'"];
    named(env.i3("register lot1 --hub parking --key lot1.pem"), 77, &repair);
    env.i3("device repair alice$parking$lot1 --key lot1.pem --yes").succeeds(&format!("{LOT1}\n"));
    publish(&env, TOPIC, "").succeeds("");
}

#[test]
fn silent_12_hub_names_that_differ_in_case() {
    let env = TestEnv::new();
    env.secret("lot1.pem", key_pem());
    let mut alice = Browser::of_seller(&env.sandbox);
    assert_eq!(alice.post("/hubs/create/", &[("name", "Parking"), ("private", "False")]).status, 302);
    for via in ["rest", "web"] {
        let run = env.i3(&format!("register {via}1 --hub parking --key lot1.pem --via {via}"));
        run.done().says(&["differ only in case or accents share their permissions", "alice/Parking"]);
        named(
            env.i3(&format!("register {via}2 --hub PARKING --key lot1.pem --via {via}")),
            65,
            &["in another case: alice/parking, alice/Parking", "as it is shown"],
        );
        // The same device in the twin would be the same user name at the broker.
        named(
            env.i3(&format!("register {via}1 --hub Parking --key lot1.pem --via {via}")),
            77,
            &["already exists", "another name"],
        );
    }
    let before = env.sandbox.counts().changes;
    for name in ["parking", "PARKING"] {
        named(
            env.i3(&format!("hub create {name}")),
            77,
            &["already exists", "share their permissions", "another name"],
        );
    }
    assert_eq!(env.sandbox.counts().changes, before);
    env.i3("hub list").done().says(&["warning: ", "differ only in case or accents", "alice/parking, alice/Parking"]);
    named(create(&env, "level2", "PARKING"), 65, &["in another case: alice/parking, alice/Parking"]);
}

#[test]
fn silent_13_mail_down() {
    let env = TestEnv::with(Options { mail_down: true, ..quick() });
    env.secret("lot1.pem", key_pem());
    for via in ["rest", "web"] {
        let run = env.i3(&format!("register {via}1 --hub parking --key lot1.pem --via {via}"));
        run.succeeds(&format!("alice$parking${via}1\n")).says(&["answered 500 but created the device", "mail"]);
    }
    // The product of such a day exists without any permission.
    named(
        create(&env, "level2", "parking"),
        75,
        &["was created, but has no permissions yet", "`i3 product repair alice/parking/level2` when"],
    );
    let publish = || env.i3(&format!("pub --device web1 -t alice/parking/level2 -m 678 --timeout {SHORT}"));
    named(publish(), 77, &["its permissions are missing", "save it once more"]);
    let repair = || env.i3("product repair alice/parking/level2 -v");
    named(repair(), 75, &["is saved, but has no new permissions", "`i3 product repair alice/parking/level2` when"]);
    env.sandbox.set_mail_down(false);
    repair().succeeds("alice/parking/level2\n").says(&["permissions for it", "Prove it with a message"]);
    publish().succeeds("");
}

#[test]
fn silent_14_topic_over_30_characters() {
    let env = TestEnv::with_lot1();
    let answer = Browser::of_seller(&env.sandbox).create_product("occupancyOfTheDeck", "1");
    assert_eq!(answer.status, 500);
    named(publish(&env, "alice/parking/occupancyOfTheDeck", ""), 77, &["over 30 characters", "a shorter"]);
    let before = env.sandbox.counts();
    for hub in ["parking", "alice/parking"] {
        named(
            create(&env, "occupancyOfTheDeck", hub),
            65,
            &["has 32 characters", "at most 30", "at most 16 characters"],
        );
    }
    assert_eq!(env.sandbox.counts().changes, before.changes);
}

#[test]
fn silent_15_product_name_with_wildcards_and_placeholders() {
    let env = TestEnv::with_lot1();
    let mut alice = Browser::of_seller(&env.sandbox);
    for title in ["a+bc", "a/b/#", "lots-%u"] {
        assert_eq!(alice.create_product(title, "1").status, 302, "{title}");
    }
    let before = env.sandbox.counts();
    for topic in ["alice/parking/a+bc", "alice/parking/a/b/#"] {
        named(publish(&env, topic, ""), 65, &["contains a wildcard", "name each topic in full"]);
    }
    assert_eq!(env.sandbox.counts(), before);
    named(publish(&env, "alice/parking/lots-%u", ""), 77, &["replaces %u and %c", "plain name"]);
    let before = env.sandbox.counts();
    for (name, says) in [("d+bc", "wildcards"), ("d/b/#", "wildcards"), ("deck%u", "replaces"), ("50%-off", "replaces")]
    {
        named(create(&env, name, "parking"), 65, &["invalid product name", says, "a plain name"]);
    }
    assert_eq!(env.sandbox.counts(), before);
    let listed = env.i3("product list").done();
    listed.says(&["nobody can publish to 'alice/parking/a+bc'", "nobody can publish to 'alice/parking/lots-%u'"]);
}

#[test]
fn silent_16_edited_title_loses_its_prefix() {
    let env = TestEnv::with_lot1();
    let mut alice = Browser::of_seller(&env.sandbox);
    assert_eq!(alice.post("/products/1/edit/", &product("level2", "alice/parking", "1")).status, 302);
    named(publish(&env, "level2", ""), 65, &["incomplete topic", "use -t alice/parking/level2"]);
    named(publish(&env, "alice/parking/level2", ""), 77, &["there is no product alice/parking/level2"]);
    // The permissions for the old title stayed.
    publish(&env, TOPIC, "").succeeds("");
    let listed = env.i3("product list").done();
    listed.says(&["the title 'level2' has lost its prefix", "`i3 product repair level2 --title alice/HUB/PRODUCT`"]);
    named(env.i3("product repair level2"), 65, &["has lost its prefix", "--title alice/HUB/PRODUCT"]);
    env.i3(&format!("product repair level2 --title {TOPIC}")).succeeds(&format!("{TOPIC}\n"));
    assert_eq!(env.sandbox.products(), [(TOPIC.to_owned(), Some(TOPIC.to_owned()))]);
    publish(&env, TOPIC, "").succeeds("");
}

#[test]
fn silent_17_user_name_over_30() {
    let env = TestEnv::new();
    let name = "a".repeat(31);
    let (password, api_key) = env.sandbox.add_user(&name).unwrap().unwrap();
    let mut long = Browser::logged_in(&env.sandbox, &name, password.expose());
    assert_eq!(long.post("/hubs/create/", &[("name", "garage"), ("private", "False")]).status, 500, "no hub");
    for via in ["rest", "web"] {
        let run = env.i3(&format!("register lot1 --hub garage --new-key --user {name} --via {via}"));
        let run = run.env("I3_LOGIN_PASSWORD", password.expose()).env("I3_API_KEY", api_key.expose());
        named(run, 65, &["31 characters", "no hubs", "a shorter", "no hub 'garage'"]);
    }
    for line in ["hub create garage", "hub create garage --via web"] {
        let run = env.i3(&format!("{line} --user {name}"));
        let run = run.env("I3_LOGIN_PASSWORD", password.expose()).env("I3_API_KEY", api_key.expose());
        named(run, 65, &["user name of 31 characters", "up to 30", "sign up with a shorter"]);
    }
    let run = env.i3(&format!("login --user {name}")).env("I3_LOGIN_PASSWORD", password.expose());
    run.succeeds(&format!("{name}\n")).says(&["warning: the user name has 31 characters", "a shorter"]);
}

#[test]
fn silent_18_user_name_typed_in_another_case() {
    let env = TestEnv::new();
    env.secret("lot1.pem", key_pem());
    let run = env.i3("register lot1 --hub parking --key lot1.pem --via web --user ALICE");
    run.succeeds(&format!("{LOT1}\n")).says(&["knows the user as 'alice', not 'ALICE'"]);
    env.i3("register lot2 --hub ALICE/parking --key lot1.pem").succeeds("alice$parking$lot2\n");
    // The broker takes the device's name in any case, and topics in their own alone.
    named(
        publish(&env, "Alice/parking/occupancy", ""),
        77,
        &["did not come back", "compared character by character", "publish to alice/parking/occupancy"],
    );
    let run = env.i3(&format!("pub --key lot1.pem -t ALICE/parking/occupancy -m 678 --timeout {SHORT} -u"));
    named(run.arg("ALICE$parking$lot1"), 77, &["its case counts", "product create"]);
    for env in [TestEnv::new(), TestEnv::released()] {
        env.i3("login --user ALICE").succeeds("alice\n").says(&["knows the user as 'alice', not 'ALICE'"]);
        env.i3("whoami").env("I3_USER", "ALICE").succeeds("alice\n");
        // What is built of the name is built of the one that is shown.
        env.i3("hub create garden --user ALICE --via web").succeeds("alice/garden\n");
        create(&env, "level2", "garden").env("I3_USER", "ALICE").succeeds("alice/garden/level2\n");
        env.i3("product list --hub garden --user ALICE").succeeds("alice/garden/level2\t2.00\tsensor\tdeck\n");
        env.i3("logout").done();
        let run = env.i3("hub create attic --user ALICE --via web");
        run.succeeds("alice/attic\n").says(&["knows the user as 'alice', not 'ALICE'"]);
    }
}

#[test]
fn silent_19_expired_session_as_a_302() {
    let env = TestEnv::released();
    env.secret("lot1.pem", key_pem());
    let sandbox = (*env.sandbox).clone();
    let market = between(&env.sandbox, move |request| {
        if request.path().starts_with("/hubs/") {
            sandbox.expire_sessions();
        }
        None
    });
    named(
        env.i3("register lot1 --hub parking --key lot1.pem --market").arg(market.url()),
        75,
        &["session has expired", "try again"],
    );
    assert_eq!(env.sandbox.counts().device_posts, 0);
    for line in ["hub list", "hub create garden", "device list", "device delete alice$parking$lot1 --yes", "whoami"] {
        let run = env.i3(line).env("I3_MARKET", market.url());
        named(run, 75, &["session has expired", "try again"]);
    }
    named(create(&env, "level2", "parking").env("I3_MARKET", market.url()), 75, &["session has expired"]);
    assert_eq!(env.sandbox.counts().changes, 0);
    // One that was kept is dropped, and the way to another is named.
    for line in ["hub list", "hub create garden", "device show alice$parking$lot1", "whoami"] {
        env.i3("login").done();
        env.sandbox.expire_sessions();
        let run = env.i3(line).without("I3_LOGIN_PASSWORD");
        named(run, 77, &["that was kept has expired", "log in again with `i3 login`"]);
        // It is not forgotten that there was one.
        for more in ["", " --via web"] {
            let run = env.i3(&format!("hub list{more}")).without("I3_LOGIN_PASSWORD").without("I3_API_KEY");
            named(run, 77, &["that was kept has expired", "log in again with `i3 login`"]);
        }
    }
    assert_eq!(env.sandbox.counts().changes, 0);
}

#[test]
fn silent_26_api_list_cut_at_10() {
    let (env, mut alice) = TestEnv::with_long_lists();
    let posts = env.sandbox.counts().device_posts;
    named(env.i3("register LOT11 --hub parking --key lot1.pem --via rest"), 77, &["lot11' already exists"]);
    assert_eq!(env.sandbox.counts().device_posts, posts);
    env.i3("register lot1 --hub hub11 --key lot1.pem --via rest").succeeds("alice$hub11$lot1\n");
    for n in 0..12 {
        assert_eq!(alice.create_product(&format!("p{n:03}"), "1").status, 302);
    }
    for via in ["rest", "web"] {
        for (line, rows) in [("hub list", 13), ("device list", 13), ("product list", 13), ("product search", 13)] {
            let listed = env.i3(&format!("{line} --via {via}")).done();
            assert_eq!(listed.stdout.lines().count(), rows, "{listed}");
        }
    }
}

//! Silent failures at the marketplace: forms, names, sessions, lists.

use std::time::Duration;

use i3::sandbox::{Fault, Options};

use super::{create, named, publish, tampered};
use crate::http::{Browser, product};
use crate::program::{LOT1, SHORT, TOPIC, TestEnv, key, key_pem, quick};
use crate::support::between::between;

#[test]
fn silent_07_form_refused_without_text() {
    let stage = TestEnv::released();
    // A blank value is what the form likes least.
    let market = tampered(&stage, "/devices/create/", "password=", None);
    stage.secret("lot1.pem", key_pem());
    named(
        stage.i3("register lot1 --hub parking --key lot1.pem --market").arg(market.url()),
        77,
        &["returned the form without a reason", "6 to 500 characters", "the name is taken", "hub's page"],
    );
    assert_eq!(stage.sandbox.counts().device_posts, 1);
    assert!(stage.sandbox.devices().is_empty());
}

#[test]
fn silent_08_bad_hub_or_duplicate_product_as_a_302() {
    let stage = TestEnv::with_lot1();
    let posts = stage.sandbox.counts().device_posts;
    for via in ["rest", "web"] {
        named(
            stage.i3(&format!("register lot2 --hub garage --new-key --via {via}")),
            65,
            &["no hub 'garage'", "alice/parking", "create it with `i3 hub create NAME`"],
        );
    }
    assert_eq!(stage.sandbox.counts().device_posts, posts);
    let mut alice = Browser::of_seller(&stage.sandbox);
    let answer = alice.post("/products/create/", &product("level2", "garage", "1"));
    assert_eq!((answer.status, answer.location()), (302, "products/create"));
    named(publish(&stage, "alice/parking/level2", ""), 77, &["there is no product alice/parking/level2", "create"]);
    for stage in [TestEnv::new(), TestEnv::released()] {
        named(create(&stage, "level2", "garage"), 65, &["no hub 'garage'", "alice/parking", "`i3 hub create NAME`"]);
        named(
            create(&stage, "occupancy", "parking"),
            77,
            &["'alice/parking/occupancy' already exists", "another name"],
        );
        assert_eq!(stage.sandbox.counts().changes, 0);
    }
    // What only the form knows comes back as its redirect, and is said as what it is.
    let stage = TestEnv::released();
    let market = tampered(&stage, "/products/create/", "nothing=", Some("garage"));
    let run = create(&stage, "level2", "parking").env("I3_MARKET", market.url());
    named(run, 77, &["sent the product's form back (302)", "the hub is not yours", "`i3 hub list`"]);
}

#[test]
fn silent_09_sale_price_left_out() {
    let stage = TestEnv::with_lot1();
    let fields: Vec<_> = product("level2", "parking", "1").into_iter().filter(|(n, _)| *n != "sale_price").collect();
    let answer = Browser::of_seller(&stage.sandbox).post("/products/create/", &fields);
    assert_eq!(answer.status, 200);
    named(publish(&stage, "alice/parking/level2", ""), 77, &["there is no product alice/parking/level2", "create"]);
    let stage = TestEnv::released();
    let market = tampered(&stage, "/products/create/", "sale_price=", None);
    let run = create(&stage, "level2", "parking").env("I3_MARKET", market.url());
    named(run, 77, &["returned the form without a reason", "another field is invalid"]);
    // It is always sent: without a price it is empty.
    create(&stage, "level2", "parking").succeeds("alice/parking/level2\n");
}

#[test]
fn silent_10_device_names_that_differ_in_case() {
    let stage = TestEnv::with_lot1();
    let before = stage.sandbox.counts().device_posts;
    for via in ["rest", "web"] {
        named(
            stage.i3(&format!("register LOT1 --hub parking --generate-password --via {via}")),
            77,
            &["'alice$parking$lot1' already exists", "another name"],
        );
    }
    assert_eq!(stage.sandbox.counts().device_posts, before);
    Browser::of_seller(&stage.sandbox).create_device("LOT1", "1", "hunter2secret");
    named(publish(&stage, TOPIC, ""), 77, &["refused the log-in", "in one case only"]);
    // Deleting one of them takes the log-in of both: all go, and one is registered.
    named(
        stage.i3("device delete lot1 --yes"),
        77,
        &["none of them is sure to log in", "device repair 'alice$parking$lot1'"],
    );
    stage.i3("device repair lot1 --yes").succeeds(&format!("{LOT1}\n"));
    publish(&stage, TOPIC, "").succeeds("");
}

#[test]
fn silent_11_double_submitted_device() {
    let stage = TestEnv::with(Options { device_race: Duration::from_secs(1), ..quick() });
    stage.secret("lot1.pem", key_pem());
    // The answer is lost on the way: the device is looked for, and never sent a second time.
    for (via, path) in [("rest", "/api/device/"), ("web", "/devices/create/")] {
        let before = stage.sandbox.counts().device_posts;
        stage.sandbox.drop_next_post(path, Fault::AfterHandling);
        let run = stage.i3(&format!("register {via}1 --hub parking --key lot1.pem --via {via}"));
        run.succeeds(&format!("alice$parking${via}1\n")).says(&["but the device exists"]);
        assert_eq!(stage.sandbox.counts().device_posts, before + 1);
    }
    // Two equal forms at once: the marketplace takes both.
    let alice = Browser::of_seller(&stage.sandbox);
    let body = key().public().body();
    std::thread::scope(|scope| {
        for mut alice in [alice.clone(), alice] {
            let body = &body;
            scope.spawn(move || assert_eq!(alice.create_device("lot1", "2", body).status, 302));
        }
    });
    assert_eq!(stage.sandbox.devices().iter().filter(|name| *name == LOT1).count(), 2);
    named(
        stage.i3(&format!("pub --key lot1.pem -t {TOPIC} -m 678 -u")).arg(LOT1),
        77,
        &["refused the log-in", "exists once"],
    );
    let repair = ["exists 2 times now", "none of them is sure to log in", "device repair 'alice$parking$lot1'"];
    named(stage.i3("register lot1 --hub parking --key lot1.pem"), 77, &repair);
    stage.i3("device repair alice$parking$lot1 --key lot1.pem --yes").succeeds(&format!("{LOT1}\n"));
    publish(&stage, TOPIC, "").succeeds("");
}

#[test]
fn silent_12_hub_names_that_differ_in_case() {
    let stage = TestEnv::new();
    stage.secret("lot1.pem", key_pem());
    let mut alice = Browser::of_seller(&stage.sandbox);
    assert_eq!(alice.post("/hubs/create/", &[("name", "Parking"), ("private", "False")]).status, 302);
    for via in ["rest", "web"] {
        let run = stage.i3(&format!("register {via}1 --hub parking --key lot1.pem --via {via}"));
        run.done().says(&["differ only in case or accents share their permissions", "alice/Parking"]);
        named(
            stage.i3(&format!("register {via}2 --hub PARKING --key lot1.pem --via {via}")),
            65,
            &["in another case: alice/parking, alice/Parking", "as it is shown"],
        );
        // The same device in the twin would be the same user name at the broker.
        named(
            stage.i3(&format!("register {via}1 --hub Parking --key lot1.pem --via {via}")),
            77,
            &["already exists", "another name"],
        );
    }
    let before = stage.sandbox.counts().changes;
    for name in ["parking", "PARKING"] {
        named(
            stage.i3(&format!("hub create {name}")),
            77,
            &["already exists", "share their permissions", "another name"],
        );
    }
    assert_eq!(stage.sandbox.counts().changes, before);
    stage.i3("hub list").done().says(&["warning: ", "differ only in case or accents", "alice/parking, alice/Parking"]);
    named(create(&stage, "level2", "PARKING"), 65, &["in another case: alice/parking, alice/Parking"]);
}

#[test]
fn silent_13_mail_down() {
    let stage = TestEnv::with(Options { mail_down: true, ..quick() });
    stage.secret("lot1.pem", key_pem());
    for via in ["rest", "web"] {
        let run = stage.i3(&format!("register {via}1 --hub parking --key lot1.pem --via {via}"));
        run.succeeds(&format!("alice$parking${via}1\n")).says(&["answered 500 but created the device", "mail"]);
    }
    // The product of such a day exists without any permission.
    named(
        create(&stage, "level2", "parking"),
        75,
        &["was created, but has no permissions yet", "`i3 product repair alice/parking/level2` when"],
    );
    let publish = || stage.i3(&format!("pub --device web1 -t alice/parking/level2 -m 678 --timeout {SHORT}"));
    named(publish(), 77, &["its permissions are missing", "save it once more"]);
    let repair = || stage.i3("product repair alice/parking/level2");
    named(repair(), 75, &["is saved, but has no new permissions", "`i3 product repair alice/parking/level2` when"]);
    stage.sandbox.set_mail_down(false);
    repair().succeeds("alice/parking/level2\n").says(&["permissions for it", "Prove it with a message"]);
    publish().succeeds("");
}

#[test]
fn silent_14_topic_over_30_characters() {
    let stage = TestEnv::with_lot1();
    let answer = Browser::of_seller(&stage.sandbox).create_product("occupancyOfTheDeck", "1");
    assert_eq!(answer.status, 500);
    named(publish(&stage, "alice/parking/occupancyOfTheDeck", ""), 77, &["over 30 characters", "a shorter"]);
    let before = stage.sandbox.counts();
    for hub in ["parking", "alice/parking"] {
        named(
            create(&stage, "occupancyOfTheDeck", hub),
            65,
            &["has 32 characters", "at most 30", "at most 16 characters"],
        );
    }
    assert_eq!(stage.sandbox.counts().changes, before.changes);
}

#[test]
fn silent_15_product_name_with_wildcards_and_placeholders() {
    let stage = TestEnv::with_lot1();
    let mut alice = Browser::of_seller(&stage.sandbox);
    for title in ["a+bc", "a/b/#", "lots-%u"] {
        assert_eq!(alice.create_product(title, "1").status, 302, "{title}");
    }
    let before = stage.sandbox.counts();
    for topic in ["alice/parking/a+bc", "alice/parking/a/b/#"] {
        named(publish(&stage, topic, ""), 65, &["contains a wildcard", "name each topic in full"]);
    }
    assert_eq!(stage.sandbox.counts(), before);
    named(publish(&stage, "alice/parking/lots-%u", ""), 77, &["replaces %u and %c", "plain name"]);
    let before = stage.sandbox.counts();
    for (name, says) in [("d+bc", "wildcards"), ("d/b/#", "wildcards"), ("deck%u", "replaces"), ("50%-off", "replaces")]
    {
        named(create(&stage, name, "parking"), 65, &["invalid product name", says, "a plain name"]);
    }
    assert_eq!(stage.sandbox.counts(), before);
    let listed = stage.i3("product list").done();
    listed.says(&["nobody can publish to 'alice/parking/a+bc'", "nobody can publish to 'alice/parking/lots-%u'"]);
}

#[test]
fn silent_16_edited_title_loses_its_prefix() {
    let stage = TestEnv::with_lot1();
    let mut alice = Browser::of_seller(&stage.sandbox);
    assert_eq!(alice.post("/products/1/edit/", &product("level2", "alice/parking", "1")).status, 302);
    named(publish(&stage, "level2", ""), 65, &["incomplete topic", "use -t alice/parking/level2"]);
    named(publish(&stage, "alice/parking/level2", ""), 77, &["there is no product alice/parking/level2"]);
    // The permissions for the old title stayed.
    publish(&stage, TOPIC, "").succeeds("");
    let listed = stage.i3("product list").done();
    listed.says(&["the title 'level2' has lost its prefix", "`i3 product repair level2 --title alice/HUB/PRODUCT`"]);
    named(stage.i3("product repair level2"), 65, &["has lost its prefix", "--title alice/HUB/PRODUCT"]);
    stage.i3(&format!("product repair level2 --title {TOPIC}")).succeeds(&format!("{TOPIC}\n"));
    assert_eq!(stage.sandbox.products(), [(TOPIC.to_owned(), Some(TOPIC.to_owned()))]);
    publish(&stage, TOPIC, "").succeeds("");
}

#[test]
fn silent_17_user_name_over_30() {
    let stage = TestEnv::new();
    let name = "a".repeat(31);
    let (password, api_key) = stage.sandbox.add_user(&name).unwrap().unwrap();
    let mut long = Browser::logged_in(&stage.sandbox, &name, password.expose());
    assert_eq!(long.post("/hubs/create/", &[("name", "garage"), ("private", "False")]).status, 500, "no hub");
    for via in ["rest", "web"] {
        let run = stage.i3(&format!("register lot1 --hub garage --new-key --user {name} --via {via}"));
        let run = run.env("I3_LOGIN_PASSWORD", password.expose()).env("I3_API_KEY", api_key.expose());
        named(run, 65, &["31 characters", "no hubs", "a shorter", "no hub 'garage'"]);
    }
    for line in ["hub create garage", "hub create garage --via web"] {
        let run = stage.i3(&format!("{line} --user {name}"));
        let run = run.env("I3_LOGIN_PASSWORD", password.expose()).env("I3_API_KEY", api_key.expose());
        named(run, 65, &["user name of 31 characters", "up to 30", "sign up with a shorter"]);
    }
    let run = stage.i3(&format!("login --user {name}")).env("I3_LOGIN_PASSWORD", password.expose());
    run.succeeds(&format!("{name}\n")).says(&["warning: the user name has 31 characters", "a shorter"]);
}

#[test]
fn silent_18_user_name_typed_in_another_case() {
    let stage = TestEnv::new();
    stage.secret("lot1.pem", key_pem());
    let run = stage.i3("register lot1 --hub parking --key lot1.pem --via web --user ALICE");
    run.succeeds(&format!("{LOT1}\n")).says(&["knows the user as 'alice', not 'ALICE'"]);
    stage.i3("register lot2 --hub ALICE/parking --key lot1.pem").succeeds("alice$parking$lot2\n");
    // The broker takes the device's name in any case, and topics in their own alone.
    named(
        publish(&stage, "Alice/parking/occupancy", ""),
        77,
        &["may not publish", "compared with case", "publish to alice/parking/occupancy"],
    );
    let run = stage.i3(&format!("pub --key lot1.pem -t ALICE/parking/occupancy -m 678 --timeout {SHORT} -u"));
    named(run.arg("ALICE$parking$lot1"), 77, &["its case counts", "product create"]);
    for stage in [TestEnv::new(), TestEnv::released()] {
        stage.i3("login --user ALICE").succeeds("alice\n").says(&["knows the user as 'alice', not 'ALICE'"]);
        stage.i3("whoami").env("I3_USER", "ALICE").succeeds("alice\n");
        // What is built of the name is built of the one that is shown.
        stage.i3("hub create garden --user ALICE --via web").succeeds("alice/garden\n");
        create(&stage, "level2", "garden").env("I3_USER", "ALICE").succeeds("alice/garden/level2\n");
        stage.i3("product list --hub garden --user ALICE").succeeds("alice/garden/level2\t2.00\tsensor\tdeck\n");
        stage.i3("logout").done();
        let run = stage.i3("hub create attic --user ALICE --via web");
        run.succeeds("alice/attic\n").says(&["knows the user as 'alice', not 'ALICE'"]);
    }
}

#[test]
fn silent_19_expired_session_as_a_302() {
    let stage = TestEnv::released();
    stage.secret("lot1.pem", key_pem());
    let sandbox = (*stage.sandbox).clone();
    let market = between(&stage.sandbox, move |request| {
        if request.path().starts_with("/hubs/") {
            sandbox.expire_sessions();
        }
        None
    });
    named(
        stage.i3("register lot1 --hub parking --key lot1.pem --market").arg(market.url()),
        75,
        &["session has expired", "try again"],
    );
    assert_eq!(stage.sandbox.counts().device_posts, 0);
    for line in ["hub list", "hub create garden", "device list", "device delete alice$parking$lot1 --yes", "whoami"] {
        let run = stage.i3(line).env("I3_MARKET", market.url());
        named(run, 75, &["session has expired", "try again"]);
    }
    named(create(&stage, "level2", "parking").env("I3_MARKET", market.url()), 75, &["session has expired"]);
    assert_eq!(stage.sandbox.counts().changes, 0);
    // One that was kept is dropped, and the way to another is named.
    for line in ["hub list", "hub create garden", "device show alice$parking$lot1", "whoami"] {
        stage.i3("login").done();
        stage.sandbox.expire_sessions();
        let run = stage.i3(line).without("I3_LOGIN_PASSWORD");
        named(run, 77, &["that was kept has expired", "log in again with `i3 login`"]);
        // It is not forgotten that there was one.
        for more in ["", " --via web"] {
            let run = stage.i3(&format!("hub list{more}")).without("I3_LOGIN_PASSWORD").without("I3_API_KEY");
            named(run, 77, &["that was kept has expired", "log in again with `i3 login`"]);
        }
    }
    assert_eq!(stage.sandbox.counts().changes, 0);
}

#[test]
fn silent_26_api_list_cut_at_10() {
    let (stage, mut alice) = TestEnv::with_long_lists();
    let posts = stage.sandbox.counts().device_posts;
    named(stage.i3("register LOT11 --hub parking --key lot1.pem --via rest"), 77, &["lot11' already exists"]);
    assert_eq!(stage.sandbox.counts().device_posts, posts);
    stage.i3("register lot1 --hub hub11 --key lot1.pem --via rest").succeeds("alice$hub11$lot1\n");
    for n in 0..12 {
        assert_eq!(alice.create_product(&format!("p{n:03}"), "1").status, 302);
    }
    for via in ["rest", "web"] {
        for (line, rows) in [("hub list", 13), ("device list", 13), ("product list", 13), ("product search", 13)] {
            let listed = stage.i3(&format!("{line} --via {via}")).done();
            assert_eq!(listed.stdout.lines().count(), rows, "{listed}");
        }
    }
}

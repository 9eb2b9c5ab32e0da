//! Each failure that I3 passes over in silence (I3 facts §5), met by the real program: it names the cause and a way out.
//!
//! What goes wrong with hubs and products is met twice: by the command that makes them, and by publishing to what somebody
//! made on the marketplace's pages.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use i3::sandbox::{Fault, Options};
use serde_json::json;

use crate::http::{Browser, product};
use crate::program::{LOT1, NO_PRODUCT, Outcome, Run, SHORT, TOPIC, TestEnv, key, key_pem, other_key_pem, quick};
use crate::support::between::{between, forward};
use crate::support::http_server::HttpServer;

/// It ends with this code, without data, names all of this, and a way out.
fn named(run: Run, code: i32, says: &[&str]) -> Outcome {
    let outcome = run.fails(code, says);
    assert!(outcome.error().id.is_some() && !outcome.hint().is_empty(), "{outcome}");
    outcome
}

/// Creates a product of alice/parking.
fn create(stage: &TestEnv, name: &str, hub: &str) -> Run {
    stage.i3(&format!("product create {name} --hub {hub} --description deck --price 2 --type sensor"))
}

/// The form's POST to `path` goes on without the field `left_out`, and with the hub `hub` if that is one.
fn tampered(stage: &TestEnv, path: &'static str, left_out: &'static str, hub: Option<&'static str>) -> HttpServer {
    let url = stage.sandbox.market_url();
    between(&stage.sandbox, move |request| {
        let mut request = request.clone();
        if request.path() == path && request.method == "POST" {
            let body = String::from_utf8(request.body).unwrap();
            let kept = body.split('&').filter(|field| !field.starts_with(left_out));
            let changed = kept.map(|field| match (field.split_once('='), hub) {
                (Some(("hub", _)), Some(hub)) => format!("hub={hub}"),
                _ => field.to_owned(),
            });
            request.body = changed.collect::<Vec<_>>().join("&").into_bytes();
            let length = request.body.len().to_string();
            request.headers.iter_mut().filter(|(name, _)| name == "content-length").for_each(|h| h.1 = length.clone());
        }
        Some(forward(&url, &request))
    })
}

/// lot1 publishes to `topic`.
fn publish(stage: &TestEnv, topic: &str, more: &str) -> Run {
    stage.i3(&format!("pub --device lot1 -t {topic} -m 678 --timeout {SHORT} {more}"))
}

/// A token with these claims and lot1's signature, made without a line of the crate.
pub fn token(claims: serde_json::Value) -> String {
    let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let signed = format!("{}.{}", part(json!({"alg": "RS256", "typ": "JWT"})), part(claims));
    let pair = ring::rsa::KeyPair::from_pkcs8(pem::parse(key_pem()).unwrap().contents()).unwrap();
    let mut signature = vec![0; pair.public().modulus_len()];
    let random = ring::rand::SystemRandom::new();
    pair.sign(&ring::signature::RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

#[test]
fn silent_01_denied_publish_acknowledged() {
    let stage = TestEnv::with_lot1();
    for qos in [0, 1, 2] {
        named(
            publish(&stage, NO_PRODUCT, &format!("-q {qos}")),
            77,
            &["did not come back", "there is no product alice/parking/occupency", "create the product"],
        );
    }
    for qos in [1, 2] {
        let run = publish(&stage, NO_PRODUCT, &format!("-q {qos} -V 5"));
        named(run, 77, &["the broker refused the message", "create the product"]);
    }
    // The acknowledgement itself is that of a success, as whoever asks for no proof gets to see.
    publish(&stage, NO_PRODUCT, "-q 1 --confirm none").succeeds("");
    publish(&stage, TOPIC, "-q 1").succeeds("");
    // Outside its own hub a device may write nothing, and that needs no broker to tell.
    let before = stage.sandbox.counts();
    named(publish(&stage, "bob/meteo/wind", ""), 77, &["may not publish", "its own hub, alice/parking", "--device"]);
    assert_eq!(stage.sandbox.counts(), before);
}

#[test]
fn silent_02_client_id_with_slash() {
    let stage = TestEnv::with_lot1();
    let before = stage.sandbox.counts();
    for id in ["a/b", "a+b", "#"] {
        named(publish(&stage, TOPIC, "").arg("--id").arg(id), 65, &["client id", "drops it", "leave --id out"]);
        let listen = stage.i3(&format!("sub --device lot1 -t {TOPIC} -C 1")).arg("--id").arg(id);
        named(listen, 65, &["client id", "leave --id out"]);
    }
    assert_eq!(stage.sandbox.counts(), before);
    publish(&stage, TOPIC, "--id gateway7").succeeds("");
}

#[test]
fn silent_03_permission_cache_after_an_early_publish() {
    let stage = TestEnv::with_lot1();
    let topic = "alice/parking/level2";
    named(publish(&stage, topic, "--id gateway7"), 77, &["there is no product"]);
    assert_eq!(Browser::of_seller(&stage.sandbox).create_product("level2", "1").status, 302);
    named(
        publish(&stage, topic, "--id gateway7"),
        77,
        &["remembers a refusal for this client id for 300 s", "without --id"],
    );
    publish(&stage, topic, "").succeeds("");
    stage.sandbox.age_permissions(Duration::from_secs(301));
    publish(&stage, topic, "--id gateway7").succeeds("");
}

#[test]
fn silent_04_password_mangled_by_the_shell() {
    let stage = TestEnv::new();
    stage.secret("pw", "two words; reboot now");
    let register = "register lot1 --hub parking --password-file pw";
    named(
        stage.i3(&format!("{register} --plain-password")),
        77,
        &["character 4", "a blank", "shell", "leave --plain-password out"],
    );
    assert_eq!(stage.sandbox.counts().device_posts, 0);
    stage.i3(register).succeeds(&format!("{LOT1}\n"));
    assert!(stage.sandbox.shell_commands().is_empty());
    publish(&stage, TOPIC, "").succeeds("");
}

#[test]
fn silent_05_unusable_key_stored() {
    let stage = TestEnv::new();
    let public = key().public().clone();
    // Whatever else is given as the key is no private one, and says what it is.
    stage.secret("public.pem", public.to_pem());
    stage.secret("body", public.body());
    stage.secret("ssh", "ssh-rsa AAAAB3NzaC1yc2EAAAADAQABAAABgQC7 alice@gate");
    stage.secret("cut.pem", &key_pem()[..800]);
    for (file, says) in [
        ("public.pem", "the public half of a key"),
        ("body", "no PEM"),
        ("ssh", "an OpenSSH public key"),
        ("cut.pem", "cut or altered"),
    ] {
        let run = stage.i3(&format!("register lot1 --hub parking --key {file}"));
        assert_eq!(named(run, 78, &[says]).code, 78);
    }
    assert_eq!(stage.sandbox.counts().device_posts, 0);
    // One that was pasted into the form by hand, armour and all, is stored; the device's log-in tells.
    Browser::of_seller(&stage.sandbox).create_device("lot1", "2", &public.to_pem());
    stage.secret("lot1.pem", key_pem());
    named(
        stage.i3(&format!("pub --key lot1.pem -t {TOPIC} -m 678 -u")).arg(LOT1),
        77,
        &["refused the log-in", "registered with this key"],
    );
}

#[test]
fn silent_06_key_under_type_1_and_password_under_type_2() {
    let stage = TestEnv::new();
    let mut alice = Browser::of_seller(&stage.sandbox);
    alice.create_device("lot1", "1", &key().public().body());
    alice.create_device("lot2", "2", "hunter2secret");
    stage.secret("lot1.pem", key_pem());
    stage.secret("pw", "hunter2secret");
    let says = &["refused the log-in", "registered as a password", "registered with this key or password"];
    named(stage.i3(&format!("pub --key lot1.pem -t {TOPIC} -m 678 -u")).arg(LOT1), 77, says);
    named(stage.i3(&format!("pub --pw-file pw -t {TOPIC} -m 678 -u")).arg("alice$parking$lot2"), 77, says);
    // Nothing is registered so from here: both kinds log in at once, by either way.
    for via in ["rest", "web"] {
        stage.i3(&format!("register key{via} --hub parking --via {via} --key lot1.pem")).done();
        stage.i3(&format!("register pw{via} --hub parking --via {via} --password-file pw")).done();
    }
}

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
            &["'alice/parking/occupancy' is there already", "another name"],
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
            &["'alice$parking$lot1' is there already", "another name"],
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
        &["refused the log-in", "is there once"],
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
            &["is there already", "another name"],
        );
    }
    let before = stage.sandbox.counts().changes;
    for name in ["parking", "PARKING"] {
        named(
            stage.i3(&format!("hub create {name}")),
            77,
            &["is there already", "share their permissions", "another name"],
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
        &["is created, but has no permissions yet", "`i3 product repair alice/parking/level2` when"],
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
            &["has 32 characters", "no more than 30", "at most 16 characters"],
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
fn silent_20_no_credentials() {
    let stage = TestEnv::released();
    named(stage.i3(&format!("pub -t {TOPIC} -m 678 -u")).arg(LOT1), 78, &["no credential is known for", "--pw-file"]);
    named(stage.i3(&format!("pub -t {TOPIC} -m 678")), 78, &["no device is named", "--device"]);
    let empty = stage.i3(&format!("pub -t {TOPIC} -m 678 --pw-stdin -u")).arg(LOT1).input("\n");
    named(empty, 77, &["password is empty", "deliver nothing"]);
    let listen = stage.i3(&format!("sub -t {TOPIC} -C 1")).without("I3_BUYER_PASSWORD");
    named(listen, 78, &["no credential is known for bob", "--pw-file"]);
    assert_eq!(stage.sandbox.counts().broker_log_ins, 0);
}

#[test]
fn silent_21_subscription_to_what_was_not_bought() {
    let stage = TestEnv::with_lot1();
    Browser::of_seller(&stage.sandbox).create_product("level2", "1");
    let topic = "alice/parking/level2";
    let listening = stage.i3(&format!("sub -v -t {topic} -C 1 -W 4s")).start().says("Subscribed");
    publish(&stage, topic, "").succeeds("");
    let outcome = listening.finish();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (75, ""), "{outcome}");
    outcome.says(&["only 0 of 1 messages", "I3 grants every subscription", "was not bought", "\nhint: "]);
}

#[test]
fn silent_22_token_without_exp_or_in_milliseconds() {
    let mut stage = TestEnv::with_lot1();
    // The broker takes them, so they work; what it means is said.
    for (claims, says) in [
        (json!({"iss": "x", "iat": now()}), "has no expiry"),
        (json!({"iss": "x", "iat": now(), "exp": (now() + 60) * 1000}), "counts milliseconds"),
    ] {
        stage.secret("token", token(claims));
        let run = publish(&stage, TOPIC, "--pw-file token");
        run.succeeds("").says(&["warning: ", says]);
        let inspected = stage.i3("token --inspect --key lot1.pem").input(stage.read("token")).done();
        assert!(inspected.stdout.contains(says), "{inspected}");
    }
    // None is ever made here.
    stage.unset("I3_BROKER");
    for bad in ["0", "0s", "-1h", "367d", "1h30", "3600", "forever"] {
        named(stage.i3("token lot1 --expires-in").arg(bad), 65, &["--expires-in 1h"]);
    }
    for good in ["1s", "90s", "15m", "1d", "365d"] {
        let made = stage.i3(&format!("token lot1 --expires-in {good}")).done();
        let claims = i3::token::Token::parse(&made.stdout).unwrap().claims;
        assert_eq!(claims.keys().collect::<Vec<_>>(), ["exp", "iat", "iss"]);
        assert!(claims["exp"].as_u64().unwrap() <= now() + 365 * 24 * 3600);
        assert_eq!(made.stderr.contains("warning"), good == "365d", "{made}");
    }
}

#[test]
fn silent_23_token_expired_at_reconnect() {
    let stage = TestEnv::with_lot1();
    let before = stage.sandbox.counts();
    stage.secret("token", token(json!({"iss": "x", "iat": now() - 7200, "exp": now() - 3600})));
    named(
        publish(&stage, TOPIC, "--pw-file token"),
        77,
        &["the token expired", "1h", "make a new one with `i3 token`", "--key FILE"],
    )
    .keeps_secret(&stage.read("token"));
    assert_eq!(stage.sandbox.counts(), before);
    // With the key each log-in has a token of its own.
    publish(&stage, TOPIC, "").succeeds("");
}

#[test]
fn silent_24_token_with_extra_claims_or_stray_blanks() {
    let stage = TestEnv::with_lot1();
    let before = stage.sandbox.counts();
    let good = json!({"iss": "x", "iat": now(), "exp": now() + 60});
    for (name, value, says) in [
        ("aud", json!("i3"), "audience"),
        ("nbf", json!(now() + 3600), "valid only in"),
        ("exp", json!("soon"), "no number"),
    ] {
        let mut claims = good.clone();
        claims[name] = value;
        stage.secret("token", token(claims));
        let refused = named(publish(&stage, TOPIC, "--pw-file token"), 77, &[says, "make a new one"]);
        refused.keeps_secret(&stage.read("token"));
    }
    let good = token(good);
    for dressed in [format!(" {good}"), format!("{good}\n\n"), format!("\"{good}\"")] {
        stage.secret("token", &dressed);
        named(publish(&stage, TOPIC, "--pw-file token"), 77, &["token", "the whole token"]).keeps_secret(&good);
    }
    assert_eq!(stage.sandbox.counts(), before);
    stage.secret("token", format!("{good}\n"));
    publish(&stage, TOPIC, "--pw-file token").succeeds("");
}

#[test]
fn silent_25_database_outage_looks_like_a_wrong_password() {
    let stage = TestEnv::with_lot1();
    stage.sandbox.set_database_down(true);
    named(publish(&stage, TOPIC, ""), 77, &["refused the log-in", "database is down", "try again later"]);
    let outcome = stage.i3("register lot2 --hub parking --key lot1.pem").run();
    assert_eq!((outcome.code, outcome.stdout.as_str()), (77, ""), "{outcome}");
    outcome.says(&["is registered, but", "not proved", "database is down", "\nhint: "]);
}

#[test]
fn silent_26_api_list_cut_at_10() {
    let (stage, mut alice) = TestEnv::with_long_lists();
    let posts = stage.sandbox.counts().device_posts;
    named(stage.i3("register LOT11 --hub parking --key lot1.pem --via rest"), 77, &["lot11' is there already"]);
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

#[test]
fn silent_27_port_8883_without_tls() {
    let stage = TestEnv::with_lot1();
    let port = stage.sandbox.broker_url().port;
    let run = stage.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --insecure --broker mqtts://127.0.0.1:{port}"));
    named(run, 78, &["does not speak TLS", &format!("use mqtt://127.0.0.1:{port}")]);
    assert_eq!(stage.sandbox.counts().broker_log_ins, 1, "the one of the registration");
}

#[test]
fn silent_28_short_device_or_topic_name() {
    let stage = TestEnv::with_lot1();
    let before = stage.sandbox.counts();
    for short in ["occupancy", "parking/occupancy", "/alice/parking/occupancy"] {
        named(publish(&stage, short, ""), 65, &["incomplete topic", &format!("use -t {TOPIC}")]);
        named(stage.i3(&format!("sub -t {short} -C 1")), 65, &["incomplete topic", "alice/parking/occupancy"]);
    }
    named(stage.i3("token lot9"), 78, &["no device 'lot9' is known", "USER$HUB$DEVICE"]);
    assert_eq!(stage.sandbox.counts(), before);
    let run = stage.i3(&format!("pub --key lot1.pem -u lot1 -t {TOPIC} -m 678"));
    named(run, 77, &["refused the log-in of 'lot1'", "full name, USER$HUB$DEVICE"]);
    // A short name that the configuration knows is made a full one.
    publish(&stage, TOPIC, "").succeeds("");
}

#[test]
fn silent_29_key_over_500_characters() {
    let stage = TestEnv::new();
    let made = stage.i3("keygen --out big.pem --bits 3072").done();
    assert_eq!(made.stdout.trim_end().len(), 564);
    made.says(&["warning: ", "longer than the 500 characters", "up to 2696 bits fit"]);
    for via in ["rest", "web"] {
        let run = stage.i3(&format!("register lot1 --hub parking --key big.pem --via {via}"));
        named(run, 65, &["3072 bits has 564 characters", "no more than 500", "2048 bits with `i3 keygen`"]);
    }
    named(stage.i3("keygen --out small.pem --bits 1024"), 65, &["1024 bits", "--bits 2048"]);
    assert_eq!(stage.sandbox.counts().device_posts, 0);
}

#[test]
fn silent_30_clock_of_the_device_wrong() {
    let stage = TestEnv::new();
    stage.secret("lot1.pem", key_pem());
    let url = stage.sandbox.market_url();
    for (name, offset, says) in
        [("behind", 7210i64, " behind the marketplace's"), ("ahead", -7210, " ahead of the marketplace's")]
    {
        let url = url.clone();
        let market = between(&stage.sandbox, move |request| {
            let there = UNIX_EPOCH + Duration::from_secs((now() as i64 + offset) as u64);
            Some(forward(&url, request).with("Date", httpdate::fmt_http_date(there)))
        });
        let run = stage.i3(&format!("register {name} --hub parking --key lot1.pem --market")).arg(market.url());
        let done = run.succeeds(&format!("alice$parking${name}\n"));
        done.says(&["warning: this machine's clock is 2h ", says, "set this machine's clock"]);
    }
    // A clock that is right is nothing to talk about.
    stage.i3("register right --hub parking --key lot1.pem").done().does_not_say(&["clock"]);
    // A token of a wrong clock has expired, or is not there yet, before it is used.
    stage.secret("token", token(json!({"iss": "x", "iat": now() - 7200, "exp": now() - 3600})));
    let run = stage.i3(&format!("pub --device ahead -t {TOPIC} -m 678 --pw-file token"));
    named(run, 77, &["the token expired"]);
}

#[test]
fn silent_31_private_key_or_hash_as_password() {
    let stage = TestEnv::with_lot1();
    let before = stage.sandbox.counts();
    let hash = i3::password_hash::password_hash(&i3::secret::Secret::new("hunter2secret"));
    for (content, says, way_out) in [
        (key_pem().to_string(), "this is a private key", "--key FILE"),
        (other_key_pem().replace('\n', ""), "this is a private key", "--key FILE"),
        (key().public().to_pem(), "this is a public key", "--key FILE"),
        (hash, "PBKDF2 hash", "the password that the hash was made from"),
    ] {
        stage.secret("pw", &content);
        named(publish(&stage, TOPIC, "--pw-file pw"), 77, &[says, way_out]).keeps_secret(&content);
        named(publish(&stage, TOPIC, "--pw-stdin").input(&content), 77, &[says, way_out]).keeps_secret(&content);
        let run = publish(&stage, TOPIC, "").env("I3_PASSWORD", &content);
        named(run, 77, &[says, way_out]).keeps_secret(&content);
        let run = stage.i3(&format!("sub -u bob --pw-file pw -t {TOPIC} -C 1"));
        named(run, 77, &[says, way_out]).keeps_secret(&content);
        let run = stage.i3("register lot2 --hub parking --password-file pw");
        named(run, 77, &[says, way_out]).keeps_secret(&content);
    }
    assert_eq!(stage.sandbox.counts(), before);
}

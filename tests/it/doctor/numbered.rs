//! Each failure of I3 that leaves a state behind, by its number in I3 facts §5.
//!
//! Two of them leave nothing behind that could be wrong: 26, a list that the doctor reads to its end, and the second half of
//! 21, a subscription of one's own device.

use std::time::{Duration, UNIX_EPOCH};

use i3::sandbox::Options;
use serde_json::json;

use super::{REPAIR, by_hand, doctor, remains, status, step, told, unknown_lot1, well};
use crate::http::{Browser, product};
use crate::program::{LOT1, NO_PRODUCT, SHORT, TOPIC, TestEnv, key, key_pem, mode, quick};
use crate::silent_failures::{now, token};
use crate::support::between::{between, forward};
use crate::support::scripted_broker::Broker;

#[test]
fn doctor_01_denied_publish() {
    let env = TestEnv::with_lot1();
    let run = || doctor(&env, &format!("--topic {NO_PRODUCT} --publish"));
    let report = told(
        run,
        "product-missing",
        "publish to alice/parking/occupancy, or create the product with `i3 product create occupency --hub alice/parking --description TEXT --price PRICE --type TYPE`",
    );
    assert_eq!(step(&report, "publish")["id"], "publish-dropped");
    assert!(report["verdict"]["cause"]["follows"][0].as_str().unwrap().contains("acknowledged and dropped"));
    // Without the marketplace all that it may be is named.
    let run = || run().without("I3_API_KEY").without("I3_LOGIN_PASSWORD");
    let report = told(run, "publish-dropped", "create the product");
    assert_eq!(
        remains(&report),
        ["product-missing", "topic-case", "product-prefix-lost", "product-without-permissions"]
    );
    let remedy = "use a device of bob/meteo, or publish to a topic of alice/parking";
    told(|| doctor(&env, "--topic bob/meteo/wind"), "topic-outside-hub", remedy);
    // A product of another hub is not said to be missing.
    env.i3("hub create garden").done();
    assert_eq!(Browser::of_seller(&env.sandbox).post("/products/create/", &product("bed1", "garden", "3")).status, 302);
    let report = told(|| doctor(&env, "--topic alice/garden/bed1"), "topic-outside-hub", "a device of alice/garden");
    assert_eq!(status(&report, "product"), "skipped");
    let product = step(&report, "product").to_string();
    assert!(
        product.contains("is not a topic of the hub alice/parking") && product.contains("number 2 of alice"),
        "{product}"
    );
}

#[test]
fn doctor_02_client_id_with_slash() {
    let env = TestEnv::with_lot1();
    let report =
        told(|| doctor(&env, &format!("--id gate/7 --topic {TOPIC} --publish")), "client-id", "leave --id out");
    // The topic is checked all the same, and no message goes out under that id.
    assert_eq!((report["topic"].as_str(), status(&report, "product")), (Some(TOPIC), "well"));
    assert_eq!(status(&report, "publish"), "well");
    let empty = || env.i3_with(&format!("doctor lot1 --timeout {SHORT} --id"), &[""]);
    told(empty, "client-id-empty", "leave --id out");
}

#[test]
fn doctor_03_permission_cache() {
    let env = TestEnv::with_lot1();
    let topic = "alice/parking/level2";
    let publish = format!("pub --device lot1 -t {topic} -m 678 --id gateway7 --timeout {SHORT}");
    assert_eq!(env.i3(&publish).run().code, 77);
    assert_eq!(Browser::of_seller(&env.sandbox).create_product("level2", "3").status, 302);
    let run = || doctor(&env, &format!("--topic {topic} --publish --id gateway7")).without("I3_BUYER");
    told(run, "permission-cache", "publish without --id");
    env.sandbox.age_permissions(Duration::from_secs(301));
    well(run());
}

#[test]
fn doctor_04_password_mangled_by_the_shell() {
    let env = by_hand("1", "two words");
    env.secret("pw", "two words");
    let run = || unknown_lot1(&env, "--pw-file pw");
    let report = told(run, "password-mangled", "`i3 device passwd 'alice$parking$lot1' --password-file pw`");
    assert_eq!(status(&report, "device"), "well");
    env.i3_with("device passwd --password-file pw", &[LOT1]).done();
    well(run());
    // What the shell made nothing of cannot be proved, and remains.
    let env = by_hand("1", "(two) words");
    env.secret("pw", "(two) words");
    let report = told(|| unknown_lot1(&env, "--pw-file pw"), "credential-wrong", "device passwd");
    assert!(remains(&report).contains(&"password-mangled"), "{report}");
}

#[test]
fn doctor_05_unusable_key_stored() {
    for stored in
        [key().public().to_pem(), format!("ssh-rsa {}", key().public().body()), key().public().body()[..380].into()]
    {
        let env = by_hand("2", &stored);
        let report = told(|| unknown_lot1(&env, "--key lot1.pem"), "credential-wrong", "--key lot1.pem");
        assert_eq!(remains(&report), ["key-unusable", "device-dead"], "{report}");
    }
    let env = by_hand("2", &key().public().body());
    env.secret("public.pem", key().public().to_pem());
    told(|| unknown_lot1(&env, "--key public.pem"), "key-file-unusable", "name the file of the RSA private key");
}

#[test]
fn doctor_06_key_under_type_1_and_password_under_type_2() {
    let env = by_hand("1", &key().public().body());
    told(
        || unknown_lot1(&env, "--key lot1.pem"),
        "credential-type",
        "`i3 device passwd 'alice$parking$lot1' --key lot1.pem`",
    );
    env.i3_with("device passwd --key lot1.pem", &[LOT1]).done();
    well(unknown_lot1(&env, "--key lot1.pem"));
    let env = by_hand("2", "hunter2secret");
    env.secret("pw", "hunter2secret");
    let report = told(|| unknown_lot1(&env, "--pw-file pw"), "credential-wrong", "--password-file pw");
    assert_eq!(remains(&report), ["credential-type", "device-dead"], "{report}");
}

#[test]
fn doctor_07_form_refused_without_text() {
    let env = TestEnv::released();
    env.secret("lot1.pem", key_pem());
    // Five characters: the form comes back blank.
    assert_eq!(Browser::of_seller(&env.sandbox).create_device("lot1", "1", "short").status, 200);
    let report =
        told(|| unknown_lot1(&env, "--key lot1.pem"), "device-missing", "`i3 register lot1 --hub alice/parking`");
    assert_eq!(status(&report, "log-in"), "wrong");
}

#[test]
fn doctor_08_bad_hub_or_duplicate_product() {
    let env = TestEnv::with_lot1();
    let answer = Browser::of_seller(&env.sandbox).post("/products/create/", &product("level2", "garage", "1"));
    assert_eq!((answer.status, answer.location()), (302, "products/create"));
    told(|| doctor(&env, "--topic alice/parking/level2"), "product-missing", "i3 product create level2");
    let run = || env.i3_with(&format!("doctor --timeout {SHORT} --key lot1.pem"), &["alice$garage$lot1"]);
    told(run, "hub-unknown", "`i3 hub create garage`");
}

#[test]
fn doctor_09_sale_price_left_out() {
    let env = TestEnv::with_lot1();
    let fields: Vec<_> = product("level2", "parking", "1").into_iter().filter(|(n, _)| *n != "sale_price").collect();
    assert_eq!(Browser::of_seller(&env.sandbox).post("/products/create/", &fields).status, 200);
    told(|| doctor(&env, "--topic alice/parking/level2"), "product-missing", "i3 product create level2");
}

#[test]
fn doctor_10_device_names_that_differ_in_case() {
    for env in [TestEnv::with_lot1(), TestEnv::with_lot1_on(Options { rest: false, ..quick() })] {
        Browser::of_seller(&env.sandbox).create_device("LOT1", "1", "hunter2secret");
        let report = told(|| doctor(&env, ""), "device-case-twins", REPAIR);
        assert_eq!(status(&report, "log-in"), "wrong");
        env.i3_with("device repair --yes", &[LOT1]).done();
        well(doctor(&env, ""));
    }
}

#[test]
fn doctor_11_double_submitted_device() {
    let env = TestEnv::with(Options { device_race: Duration::from_secs(1), ..quick() });
    env.secret("lot1.pem", key_pem());
    Browser::of_seller(&env.sandbox).create_device_twice("lot1", "2", &key().public().body());
    for via in ["rest", "web"] {
        let run = || unknown_lot1(&env, &format!("--key lot1.pem --via {via}"));
        told(run, "device-doubled", REPAIR);
    }
    env.i3_with("device repair --key lot1.pem --yes", &[LOT1]).done();
    well(unknown_lot1(&env, "--key lot1.pem"));
}

#[test]
fn doctor_12_hub_names_that_differ_in_case() {
    let env = TestEnv::with_lot1();
    let answer = Browser::of_seller(&env.sandbox).post("/hubs/create/", &[("name", "Parking"), ("private", "False")]);
    assert_eq!(answer.status, 302);
    let report = told(|| doctor(&env, ""), "hub-case-twins", "use only one of the two");
    // All works; that is what makes it a trap.
    assert_eq!((status(&report, "hub"), status(&report, "log-in")), ("risk", "well"));
    let run = || env.i3_with(&format!("doctor --timeout {SHORT} --key lot1.pem"), &["alice$PARKING$lot1"]);
    told(run, "hub-other-case", "as it is shown");
}

#[test]
fn doctor_13_mail_down() {
    for rest in [true, false] {
        let env = TestEnv::with_lot1_on(Options { rest, mail_down: true, ..quick() });
        assert_eq!(Browser::of_seller(&env.sandbox).create_product("level2", "3").status, 500);
        let topic = "alice/parking/level2";
        let run = |more: &str| doctor(&env, &format!("--topic {topic} --publish {more}")).without("I3_BUYER");
        let report = told(|| run(""), "product-without-permissions", "`i3 product repair alice/parking/level2`");
        assert_eq!(remains(&report), [""; 0]);
        // Without a message nothing shows it, and nothing is mended.
        let unseen = doctor(&env, &format!("--topic {topic} --fix --yes")).done();
        assert!(unseen.stdout.contains("unknown: publish, read. Only"), "{unseen}");
        assert!(unseen.stdout.ends_with(" --publish sends one.\n"), "{unseen}");
        // Nobody can be asked here, so nothing is changed.
        let asked = run("--fix").run();
        assert_eq!(asked.code, 1, "{asked}");
        asked.says(&["Not fixed without --yes: save the product"]);
        // Nor is it while the mail is down, which a look afterwards shows.
        let vain = run("--fix --yes").run();
        assert_eq!(vain.code, 1, "{vain}");
        vain.says(&["cannot save the product", "has no new permissions"]);
        env.sandbox.set_mail_down(false);
        let mended = well(run("--fix --yes"));
        assert_eq!(mended["mended"], json!(["save the product alice/parking/level2 again on the marketplace"]));
        well(run(""));
    }
}

#[test]
fn doctor_14_topic_over_30_characters() {
    let env = TestEnv::with_lot1();
    told(|| doctor(&env, "--topic alice/parking/occupancyOfTheDeck"), "topic-too-long", "shorter, plain name");
}

#[test]
fn doctor_15_product_name_with_wildcards_and_placeholders() {
    let env = TestEnv::with_lot1();
    let mut alice = Browser::of_seller(&env.sandbox);
    for title in ["a+bc", "lots-%u", "lane/#"] {
        assert_eq!(alice.create_product(title, "3").status, 302, "{title}");
    }
    told(|| doctor(&env, "--topic alice/parking/a+bc"), "topic-wildcard", "`i3 product create`");
    told(|| doctor(&env, "--topic alice/parking/lots-%u"), "topic-placeholder", "`i3 product create`");
    // A name that ends in /# grants the topics below it.
    let report = well(doctor(&env, "--topic alice/parking/lane/7 --publish").without("I3_BUYER"));
    assert!(step(&report, "product")["summary"].as_str().unwrap().contains("within the product alice/parking/lane/#"));
}

/// Gives the seeded product this title, as its edit form does.
fn edit_title(env: &TestEnv, title: &str) {
    let fields = product(title, "alice/parking", "1");
    assert_eq!(Browser::of_seller(&env.sandbox).post("/products/1/edit/", &fields).status, 302);
}

#[test]
fn doctor_16_edited_title_loses_its_prefix() {
    let env = TestEnv::with_lot1();
    edit_title(&env, "level2");
    let run = || doctor(&env, "--topic alice/parking/level2 --publish");
    let report = told(run, "product-prefix-lost", "`i3 product repair level2 --title alice/parking/level2`");
    assert_eq!(status(&report, "publish"), "wrong");
    // One with blanks can be pasted into a shell.
    edit_title(&env, "on deck");
    let run = || env.i3_with(&format!("doctor lot1 --timeout {SHORT} --topic"), &["alice/parking/on deck"]);
    told(run, "product-prefix-lost", "`i3 product repair 'on deck' --title 'alice/parking/on deck'`");
    let run = || env.i3_with(&format!("doctor lot1 --timeout {SHORT} --topic"), &["alice/parking/a deck"]);
    let report = told(run, "product-missing", "`i3 product create 'a deck' --hub alice/parking --description");
    assert_eq!(remains(&report), ["product-prefix-lost"]);
    // The topic that it had: earlier grants are still valid, and only new buyers get nothing.
    edit_title(&env, "occupancy");
    let run = || doctor(&env, &format!("--topic {TOPIC} --publish"));
    let report = told(run, "product-prefix-lost", &format!("`i3 product repair occupancy --title {TOPIC}`"));
    assert_eq!((status(&report, "publish"), status(&report, "read")), ("well", "well"));
    run().run().says(&["messages arrive nevertheless"]).does_not_say(&["what follows"]);
    env.i3(&format!("product repair occupancy --title {TOPIC} --yes")).done();
    well(run());
}

#[test]
fn doctor_16_title_edited_to_another_topic() {
    let env = TestEnv::with_lot1();
    edit_title(&env, "alice/parking/earlier");
    // The save gave the hub's devices permissions for it.
    well(doctor(&env, "--topic alice/parking/earlier --publish").without("I3_BUYER"));
    let report = told(|| doctor(&env, &format!("--topic {TOPIC} --publish")), "product-missing", "i3 product create");
    assert_eq!((status(&report, "publish"), status(&report, "read")), ("well", "well"));
    // A title in another hub's name: the product stays where it was made.
    env.i3("hub create garden").done();
    env.i3("register bed1 --hub garden --key lot1.pem").done();
    edit_title(&env, "alice/garden/bed1");
    let run = || env.i3(&format!("doctor bed1 --timeout {SHORT} --topic alice/garden/bed1"));
    told(run, "product-prefix-lost", "`i3 product repair alice/garden/bed1 --title alice/parking/PRODUCT`");
}

#[test]
fn a_topic_below_a_product_is_said_not_to_be_sold() {
    let env = TestEnv::with_lot1();
    let report = told(
        || doctor(&env, &format!("--topic {TOPIC}/7 --publish")).without("I3_BUYER"),
        "sub-topic",
        &format!("publish to {TOPIC}"),
    );
    assert_eq!(status(&report, "publish"), "wrong");
}

#[test]
fn doctor_17_user_name_over_30() {
    let env = TestEnv::new();
    let name = "a".repeat(31);
    let (password, api_key) = env.sandbox.add_user(&name).unwrap().unwrap();
    env.secret("lot1.pem", key_pem());
    let run = || {
        let run = env.i3_with(&format!("doctor --timeout {SHORT} --key lot1.pem"), &[format!("{name}$garage$lot1")]);
        run.env("I3_USER", &name).env("I3_LOGIN_PASSWORD", password.expose()).env("I3_API_KEY", api_key.expose())
    };
    told(run, "user-name-too-long", "sign up with a shorter name");
}

#[test]
fn doctor_18_user_name_typed_in_another_case() {
    let env = TestEnv::with_lot1();
    let report = told(|| doctor(&env, "--user ALICE --via web"), "user-name-case", "'alice'");
    assert_eq!(status(&report, "account"), "risk");
    let run = || env.i3_with(&format!("doctor --timeout {SHORT} --key lot1.pem"), &["ALICE$parking$lot1"]);
    told(run, "user-name-case", "write the device as 'alice$parking$lot1'");
    told(|| doctor(&env, "--topic Alice/parking/occupancy"), "topic-case", "publish to alice/parking/occupancy");
    Browser::of_seller(&env.sandbox).create_product("Level2", "3");
    told(|| doctor(&env, "--topic alice/parking/level2"), "topic-case", "publish to alice/parking/Level2");
}

#[test]
fn doctor_19_expired_session() {
    let env = TestEnv::with_lot1_on(Options { rest: false, ..quick() });
    let sandbox = (*env.sandbox).clone();
    let market = between(&env.sandbox, move |request| {
        if request.path().starts_with("/hubs/") {
            sandbox.expire_sessions();
        }
        None
    });
    let report = told(|| doctor(&env, "").env("I3_MARKET", market.url()), "session-expired", "`i3 login`");
    // The device has nothing to do with it.
    assert_eq!(status(&report, "log-in"), "well");
    // A log-in that was kept, and that the marketplace has forgotten.
    env.i3("login").done();
    let run = || doctor(&env, "").without("I3_API_KEY").without("I3_LOGIN_PASSWORD");
    well(run());
    env.sandbox.expire_sessions();
    told(run, "session-expired", "`i3 login`");
    // Another command drops it, and what happened is not forgotten.
    env.i3("hub list").without("I3_API_KEY").without("I3_LOGIN_PASSWORD").fails(77, &["has expired"]);
    told(run, "session-expired", "`i3 login`");
    env.i3("login").done();
    well(run());
}

#[test]
fn doctor_20_no_credentials() {
    let env = by_hand("1", "hunter2secret");
    let report = told(|| unknown_lot1(&env, ""), "no-credentials", "--pw-file FILE");
    let evidence = step(&report, "mqtt")["evidence"].to_string();
    assert!(evidence.contains("accepted (CONNACK 0), but receives nothing"), "{evidence}");
    assert_eq!(status(&report, "log-in"), "skipped");
    env.secret("empty", "\n");
    told(|| unknown_lot1(&env, "--pw-file empty"), "no-credentials", "--pw-file FILE");
}

#[test]
fn doctor_21_subscription_to_what_was_not_bought() {
    let env = TestEnv::with_lot1();
    Browser::of_seller(&env.sandbox).create_product("level2", "1");
    let run = || doctor(&env, "--topic alice/parking/level2 --publish");
    let report = told(run, "not-bought", "buy alice/parking/level2 with the account bob");
    assert_eq!(status(&report, "publish"), "well");
    assert!(env.sandbox.add_purchase("bob", "alice/parking/level2").unwrap());
    env.sandbox.forget_permissions();
    well(run());
}

#[test]
fn doctor_22_token_without_end() {
    let env = TestEnv::with_lot1();
    for claims in [json!({"iss": "x", "iat": now()}), json!({"iss": "x", "iat": now(), "exp": (now() + 60) * 1000})] {
        env.secret("token", token(claims));
        let report = told(|| doctor(&env, "--pw-file token"), "token-without-end", "make a new one with `i3 token`");
        // The broker takes it; that is what makes it a trap.
        assert_eq!((status(&report, "token"), status(&report, "log-in")), ("risk", "well"));
    }
}

#[test]
fn doctor_23_token_expired() {
    let env = TestEnv::with_lot1();
    let old = token(json!({"iss": "x", "iat": now() - 7200, "exp": now() - 3600}));
    env.secret("token", &old);
    told(|| doctor(&env, "--pw-file token"), "token-expired", "`i3 token`");
    let mended = well(doctor(&env, "--pw-file token --fix"));
    assert_eq!(mended["mended"], json!(["put a new token into token"]));
    assert_ne!(env.read("token").trim(), old);
    assert_eq!(mode(&env.path("token")), 0o600);
    env.i3(&format!("pub -u {LOT1} --pw-file token -t {TOPIC} -m 678")).succeeds("");
}

#[test]
fn doctor_24_token_with_extra_claims_or_stray_blanks() {
    let env = TestEnv::with_lot1();
    env.secret("token", token(json!({"iss": "x", "iat": now(), "exp": now() + 60, "aud": "i3"})));
    told(|| doctor(&env, "--pw-file token"), "token-claims", "make a new one");
    let good = token(json!({"iss": "x", "iat": now(), "exp": now() + 600}));
    env.secret("token", format!("\"{good}\""));
    told(|| doctor(&env, "--pw-file token"), "token-blanks", "the whole token");
    // Claims that mean nothing to I3 do no harm.
    env.secret("token", token(json!({"iss": "x", "iat": now(), "exp": now() + 600, "sub": "x"})));
    well(doctor(&env, "--pw-file token"));
}

#[test]
fn doctor_25_database_outage() {
    let env = TestEnv::with_lot1();
    // The broker alone is without it: that it refuses the buyer as well does not prove that.
    env.sandbox.set_database_down(true);
    let report = told(|| doctor(&env, ""), "log-in-refused", "--buyer NAME --buyer-pw-file FILE");
    assert_eq!(remains(&report), ["credential-wrong", "key-unusable", "database-down", "device-dead"]);
    assert!(step(&report, "log-in")["evidence"].to_string().contains("the others that were tried"), "{report}");
    // The marketplace says it.
    env.sandbox.set_web_database_down(true);
    for via in ["web", "rest"] {
        let report = told(|| doctor(&env, &format!("--via {via}")), "database-down", "try again later");
        assert_eq!((status(&report, "marketplace"), status(&report, "account")), ("well", "wrong"));
        let cause = &report["verdict"]["cause"];
        assert!(cause["follows"][0].as_str().unwrap().starts_with("log-in: "), "{report}");
    }
    // So do other commands.
    env.i3("hub list --via web")
        .fails(75, &["OperationalError 2003: its database cannot be reached", "try again later"]);
    env.i3("hub list --via rest").fails(75, &["its database cannot be reached", "try again later"]);
}

#[test]
fn doctor_25_database_lost_after_the_log_in() {
    let env = TestEnv::with_lot1();
    // Two runs. Of each the first connection says nothing, two come without credentials, and one is the device's.
    let broker = Broker::start(|client| {
        for _ in 0..2 {
            client.refuse_anonymous();
            let mut device = client.next();
            assert_eq!(device.answer_connect(0, false).user_name, LOT1);
            // A topic that is in no cache closes the connection.
            assert!(device.next().is_some());
        }
    });
    let run = || {
        let options = format!("--topic {TOPIC} --publish --broker mqtt://127.0.0.1:{}", broker.port);
        doctor(&env, &options).without("I3_BUYER")
    };
    let report = told(run, "database-down", "try again later");
    assert_eq!((status(&report, "log-in"), remains(&report)), ("well", vec!["broker-unreachable"]));
    broker.end();
}

#[test]
fn doctor_26_api_list_cut_at_10() {
    let (env, mut alice) = TestEnv::with_long_lists();
    for n in 0..12 {
        alice.create_product(&format!("level{n:02}"), "3");
    }
    env.register_lot1();
    let report = well(doctor(&env, "--topic alice/parking/level11 --publish --via rest").without("I3_BUYER"));
    assert_eq!((status(&report, "device"), status(&report, "product")), ("well", "well"));
}

#[test]
fn doctor_27_port_8883_without_tls() {
    let env = TestEnv::with_lot1();
    let port = env.sandbox.broker_url().port;
    let run = || doctor(&env, &format!("--insecure --broker mqtts://127.0.0.1:{port}"));
    told(run, "port-without-tls", &format!("use mqtt://127.0.0.1:{port}"));
}

#[test]
fn doctor_28_short_device_or_topic_name() {
    let env = TestEnv::with_lot1();
    told(|| doctor(&env, "--topic occupancy"), "short-topic", &format!("use -t {TOPIC}"));
    told(|| env.i3("doctor lot9 --timeout 1s"), "short-device-name", "USER$HUB$DEVICE");
}

#[test]
fn doctor_29_key_over_500_characters() {
    let env = TestEnv::with_lot1();
    env.i3("keygen --out big.pem --bits 3072").done();
    told(|| doctor(&env, "--offline --key big.pem"), "key-too-long", "2048 bits with `i3 keygen`");
}

#[test]
fn doctor_30_clock_of_the_device_wrong() {
    let env = TestEnv::with_lot1();
    let url = env.sandbox.market_url();
    for (offset, status_told, says) in
        [(7230i64, "wrong", "is 2h "), (95, "risk", "is 1m 3"), (-7230, "risk", "ahead of the marketplace's")]
    {
        let url = url.clone();
        let market = between(&env.sandbox, move |request| {
            let there = UNIX_EPOCH + Duration::from_secs((now() as i64 + offset) as u64);
            Some(forward(&url, request).with("Date", httpdate::fmt_http_date(there)))
        });
        let run = || doctor(&env, "").env("I3_MARKET", market.url());
        let report = told(run, "clock", "set this machine's clock");
        assert_eq!(status(&report, "clock"), status_told);
        let said = step(&report, "clock")["summary"].as_str().unwrap();
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn doctor_31_private_key_or_hash_as_password() {
    let env = TestEnv::with_lot1();
    let hash = i3::password_hash::password_hash(&i3::secret::Secret::new("hunter2secret"));
    for (content, id, remedy) in [
        (key_pem().to_string(), "private-key-as-password", "--key FILE"),
        (key().public().to_pem(), "public-key-as-password", "--key FILE"),
        (hash, "hash-as-password", "the password that the hash was made from"),
    ] {
        env.secret("pw", &content);
        let before = env.sandbox.counts().broker_log_ins;
        let report = told(|| doctor(&env, "--pw-file pw"), id, remedy);
        assert_eq!(status(&report, "log-in"), "skipped");
        // Two runs, each with two connections without credentials and none with this.
        assert_eq!(env.sandbox.counts().broker_log_ins, before + 4);
        doctor(&env, "--pw-file pw").run().keeps_secret(&content);
    }
}

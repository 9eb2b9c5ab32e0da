//! The doctor's verdicts: each failure of I3 that leaves a state behind, every way to CONNACK 5, and a chain that is well.
//!
//! The numbers are those of I3 facts §5. Two of them leave nothing behind that could be wrong: 26, a list that the doctor
//! reads to its end, and the second half of 21, a subscription of one's own device.

use std::fs::{self, Permissions};
use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::os::unix::fs::PermissionsExt as _;
use std::time::{Duration, UNIX_EPOCH};

use i3::sandbox::{Options, Sandbox};
use serde_json::{Value, json};

use crate::http::{Browser, product};
use crate::program::{LOT1, NO_PRODUCT, Outcome, Run, SHORT, Stage, TOPIC, key, key_pem, mode, other_key_pem, quick};
use crate::silent_failures::{now, token};
use crate::support::between::{between, forward};
use crate::support::scripted_broker::Broker;

/// What mends a device that is there more than once.
const REPAIR: &str = "`i3 device repair 'alice$parking$lot1'`";

/// The doctor looks at lot1: with these further options, in words.
fn doctor(stage: &Stage, options: &str) -> Run {
    stage.i3(&format!("doctor lot1 --timeout {SHORT} {options}"))
}

/// Both ways of speaking name this cause and this remedy, with exit code 1; the JSON of the report.
fn told(run: impl Fn() -> Run, id: &str, remedy: &str) -> Value {
    let said = run().run();
    assert_eq!(said.code, 1, "{said}");
    let hint = said.stderr.lines().find_map(|line| line.strip_prefix("hint: ")).unwrap_or_else(|| panic!("{said}"));
    assert!(hint.contains(remedy), "the hint lacks '{remedy}': {said}");
    said.says(&["error: "]);
    let told = run().arg("--json").run();
    assert_eq!(told.code, 1, "{told}");
    let report = report(&told);
    let cause = &report["verdict"]["cause"];
    assert_eq!((&report["verdict"]["well"], &cause["id"]), (&json!(false), &json!(id)), "{told}");
    assert_eq!(cause["remedy"].as_str(), Some(hint), "{told}");
    let error: Value = serde_json::from_str(told.stderr.lines().last().unwrap()).unwrap();
    assert_eq!((&error["error"]["id"], &error["error"]["exit"]), (&json!(id), &json!(1)), "{told}");
    report
}

fn report(outcome: &Outcome) -> Value {
    serde_json::from_str(&outcome.stdout).unwrap_or_else(|e| panic!("{e}: {outcome}"))
}

/// Nothing is wrong.
fn well(run: Run) -> Value {
    let report = run.arg("--json").json();
    assert_eq!((&report["verdict"]["well"], &report["verdict"]["cause"]), (&json!(true), &Value::Null), "{report}");
    report
}

fn step<'a>(report: &'a Value, check: &str) -> &'a Value {
    report["steps"].as_array().unwrap().iter().find(|step| step["check"] == check).unwrap()
}

fn status<'a>(report: &'a Value, check: &str) -> &'a str {
    step(report, check)["status"].as_str().unwrap()
}

fn remains(report: &Value) -> Vec<&str> {
    report["verdict"]["cause"]["remains"].as_array().unwrap().iter().map(|id| id.as_str().unwrap()).collect()
}

/// A stage where lot1 was registered by hand, with this type and value, and `lot1.pem` and `pw` are at hand.
fn by_hand(rgs_type: &str, value: &str) -> Stage {
    let stage = Stage::released();
    assert_eq!(Browser::of_seller(&stage.sandbox).create_device("lot1", rgs_type, value).status, 302);
    stage.secret("lot1.pem", key_pem());
    stage
}

/// The doctor looks at lot1, which the configuration does not know.
fn unknown_lot1(stage: &Stage, options: &str) -> Run {
    stage.i3_with(&format!("doctor --timeout {SHORT} {options}"), &[LOT1])
}

#[test]
fn a_chain_that_is_well_is_said_to_be() {
    const CHECKS: [&str; 15] = [
        "configuration",
        "names",
        "credential",
        "token",
        "marketplace",
        "clock",
        "account",
        "hub",
        "device",
        "product",
        "broker",
        "mqtt",
        "log-in",
        "publish",
        "read",
    ];
    for stage in [Stage::with_lot1(), Stage::with_lot1_on(Options { rest: false, mqtt5: false, ..quick() })] {
        let report = well(doctor(&stage, &format!("--topic {TOPIC} --publish")));
        let steps: Vec<&str> =
            report["steps"].as_array().unwrap().iter().map(|s| s["check"].as_str().unwrap()).collect();
        assert_eq!(steps, CHECKS);
        assert!(CHECKS.iter().all(|check| status(&report, check) == "well"), "{report}");
        assert_eq!(step(&report, "read")["summary"], "bob received the message");
        let said = doctor(&stage, &format!("--topic {TOPIC} --publish")).done();
        assert!(said.stdout.ends_with("All is well.\n"), "{said}");
        // Where each value came from.
        assert!(said.stdout.contains("(environment variable I3_MARKET)"), "{said}");
    }
}

#[test]
fn nothing_is_published_and_little_logged_in_unless_asked_for() {
    let stage = Stage::with_lot1();
    let before = stage.sandbox.counts().broker_log_ins;
    let listening = stage.i3(&format!("sub -v -t {TOPIC} -C 1 -W 60s")).start().says("Subscribed");
    let report = well(doctor(&stage, ""));
    // The buyer's own log-in, two without credentials, the device's.
    assert_eq!(stage.sandbox.counts().broker_log_ins - before, 4);
    assert_eq!((status(&report, "publish"), status(&report, "read")), ("unknown", "unknown"));
    assert_eq!(report["verdict"]["unproved"], json!(["publish", "read"]));
    assert_eq!(report["topic"], TOPIC);
    well(doctor(&stage, "--probe-message nothing-before-this"));
    assert_eq!(listening.finish().succeeded(), format!("{TOPIC} nothing-before-this\n"));
    // What is kept on the topic proves the permission without a message of the doctor's.
    stage.i3(&format!("pub --device lot1 -t {TOPIC} -m kept -r")).done();
    let report = well(doctor(&stage, ""));
    assert_eq!((status(&report, "publish"), status(&report, "read")), ("well", "well"));
}

#[test]
fn offline_opens_no_connection() {
    let stage = Stage::with_lot1();
    let before = stage.sandbox.counts();
    let run = || doctor(&stage, &format!("--offline --topic {TOPIC}")).env("I3_MARKET", "http://127.0.0.1:1");
    let report = well(run());
    assert_eq!(report["steps"].as_array().unwrap().len(), 4);
    let rest =
        ["marketplace", "clock", "account", "hub", "device", "product", "broker", "mqtt", "log-in", "publish", "read"];
    assert_eq!(report["verdict"]["not_looked_at"], json!(rest));
    let said = run().done();
    let last = format!("Nothing wrong in what was looked at; not looked at: {}.\n", rest.join(", "));
    assert!(said.stdout.ends_with(&last) && !said.stdout.contains("All is well"), "{said}");
    assert_eq!(stage.sandbox.counts(), before);
}

#[test]
fn doctor_01_denied_publish() {
    let stage = Stage::with_lot1();
    let run = || doctor(&stage, &format!("--topic {NO_PRODUCT} --publish"));
    let report = told(
        run,
        "product-missing",
        "`i3 product create occupency --hub alice/parking --description TEXT --price PRICE --type TYPE`",
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
    let remedy = "name a device of bob/meteo, or publish to a topic of alice/parking";
    told(|| doctor(&stage, "--topic bob/meteo/wind"), "topic-outside-hub", remedy);
    // A product of another hub is not said to be missing.
    stage.i3("hub create garden").done();
    assert_eq!(
        Browser::of_seller(&stage.sandbox).post("/products/create/", &product("bed1", "garden", "3")).status,
        302
    );
    let report = told(|| doctor(&stage, "--topic alice/garden/bed1"), "topic-outside-hub", "a device of alice/garden");
    assert_eq!(status(&report, "product"), "skipped");
    let product = step(&report, "product").to_string();
    assert!(
        product.contains("is no topic of the hub alice/parking") && product.contains("number 2 of alice"),
        "{product}"
    );
}

#[test]
fn doctor_02_client_id_with_slash() {
    let stage = Stage::with_lot1();
    let report =
        told(|| doctor(&stage, &format!("--id gate/7 --topic {TOPIC} --publish")), "client-id", "leave --id out");
    // The topic is looked at all the same, and no message goes out under that id.
    assert_eq!((report["topic"].as_str(), status(&report, "product")), (Some(TOPIC), "well"));
    assert_eq!(status(&report, "publish"), "well");
    let empty = || stage.i3_with(&format!("doctor lot1 --timeout {SHORT} --id"), &[""]);
    told(empty, "client-id-empty", "leave --id out");
}

#[test]
fn doctor_03_permission_cache() {
    let stage = Stage::with_lot1();
    let topic = "alice/parking/level2";
    let publish = format!("pub --device lot1 -t {topic} -m 678 --id gateway7 --timeout {SHORT}");
    assert_eq!(stage.i3(&publish).run().code, 77);
    assert_eq!(Browser::of_seller(&stage.sandbox).create_product("level2", "3").status, 302);
    let run = || doctor(&stage, &format!("--topic {topic} --publish --id gateway7")).without("I3_BUYER");
    told(run, "permission-cache", "publish without --id");
    stage.sandbox.age_permissions(Duration::from_secs(301));
    well(run());
}

#[test]
fn doctor_04_password_mangled_by_the_shell() {
    let stage = by_hand("1", "two words");
    stage.secret("pw", "two words");
    let run = || unknown_lot1(&stage, "--pw-file pw");
    let report = told(run, "password-mangled", "`i3 device passwd 'alice$parking$lot1' --password-file pw`");
    assert_eq!(status(&report, "device"), "well");
    stage.i3_with("device passwd --password-file pw", &[LOT1]).done();
    well(run());
    // What the shell made nothing of cannot be proved, and remains.
    let stage = by_hand("1", "(two) words");
    stage.secret("pw", "(two) words");
    let report = told(|| unknown_lot1(&stage, "--pw-file pw"), "credential-wrong", "device passwd");
    assert!(remains(&report).contains(&"password-mangled"), "{report}");
}

#[test]
fn doctor_05_unusable_key_stored() {
    for stored in
        [key().public().to_pem(), format!("ssh-rsa {}", key().public().body()), key().public().body()[..380].into()]
    {
        let stage = by_hand("2", &stored);
        let report = told(|| unknown_lot1(&stage, "--key lot1.pem"), "credential-wrong", "--key lot1.pem");
        assert_eq!(remains(&report), ["key-unusable", "device-dead"], "{report}");
    }
    let stage = by_hand("2", &key().public().body());
    stage.secret("public.pem", key().public().to_pem());
    told(|| unknown_lot1(&stage, "--key public.pem"), "key-file-unusable", "name the private half");
}

#[test]
fn doctor_06_key_under_type_1_and_password_under_type_2() {
    let stage = by_hand("1", &key().public().body());
    told(
        || unknown_lot1(&stage, "--key lot1.pem"),
        "credential-type",
        "`i3 device passwd 'alice$parking$lot1' --key lot1.pem`",
    );
    stage.i3_with("device passwd --key lot1.pem", &[LOT1]).done();
    well(unknown_lot1(&stage, "--key lot1.pem"));
    let stage = by_hand("2", "hunter2secret");
    stage.secret("pw", "hunter2secret");
    let report = told(|| unknown_lot1(&stage, "--pw-file pw"), "credential-wrong", "--password-file pw");
    assert_eq!(remains(&report), ["credential-type", "device-dead"], "{report}");
}

#[test]
fn doctor_07_form_refused_without_text() {
    let stage = Stage::released();
    stage.secret("lot1.pem", key_pem());
    // Five characters: the form comes back blank.
    assert_eq!(Browser::of_seller(&stage.sandbox).create_device("lot1", "1", "short").status, 200);
    let report =
        told(|| unknown_lot1(&stage, "--key lot1.pem"), "device-missing", "`i3 register lot1 --hub alice/parking`");
    assert_eq!(status(&report, "log-in"), "wrong");
}

#[test]
fn doctor_08_bad_hub_or_duplicate_product() {
    let stage = Stage::with_lot1();
    let answer = Browser::of_seller(&stage.sandbox).post("/products/create/", &product("level2", "garage", "1"));
    assert_eq!((answer.status, answer.location()), (302, "products/create"));
    told(|| doctor(&stage, "--topic alice/parking/level2"), "product-missing", "i3 product create level2");
    let run = || stage.i3_with(&format!("doctor --timeout {SHORT} --key lot1.pem"), &["alice$garage$lot1"]);
    told(run, "hub-unknown", "`i3 hub create garage`");
}

#[test]
fn doctor_09_sale_price_left_out() {
    let stage = Stage::with_lot1();
    let fields: Vec<_> = product("level2", "parking", "1").into_iter().filter(|(n, _)| *n != "sale_price").collect();
    assert_eq!(Browser::of_seller(&stage.sandbox).post("/products/create/", &fields).status, 200);
    told(|| doctor(&stage, "--topic alice/parking/level2"), "product-missing", "i3 product create level2");
}

#[test]
fn doctor_10_device_names_that_differ_in_case() {
    for stage in [Stage::with_lot1(), Stage::with_lot1_on(Options { rest: false, ..quick() })] {
        Browser::of_seller(&stage.sandbox).create_device("LOT1", "1", "hunter2secret");
        let report = told(|| doctor(&stage, ""), "device-case-twins", REPAIR);
        assert_eq!(status(&report, "log-in"), "wrong");
        stage.i3_with("device repair --yes", &[LOT1]).done();
        well(doctor(&stage, ""));
    }
}

#[test]
fn doctor_11_double_submitted_device() {
    let stage = Stage::with(Options { device_race: Duration::from_secs(1), ..quick() });
    stage.secret("lot1.pem", key_pem());
    let alice = Browser::of_seller(&stage.sandbox);
    let body = key().public().body();
    std::thread::scope(|scope| {
        for mut alice in [alice.clone(), alice] {
            let body = &body;
            scope.spawn(move || assert_eq!(alice.create_device("lot1", "2", body).status, 302));
        }
    });
    for via in ["rest", "web"] {
        let run = || unknown_lot1(&stage, &format!("--key lot1.pem --via {via}"));
        told(run, "device-doubled", REPAIR);
    }
    stage.i3_with("device repair --key lot1.pem --yes", &[LOT1]).done();
    well(unknown_lot1(&stage, "--key lot1.pem"));
}

#[test]
fn doctor_12_hub_names_that_differ_in_case() {
    let stage = Stage::with_lot1();
    let answer = Browser::of_seller(&stage.sandbox).post("/hubs/create/", &[("name", "Parking"), ("private", "False")]);
    assert_eq!(answer.status, 302);
    let report = told(|| doctor(&stage, ""), "hub-case-twins", "use one of the two only");
    // All works; that is what makes it a trap.
    assert_eq!((status(&report, "hub"), status(&report, "log-in")), ("risk", "well"));
    let run = || stage.i3_with(&format!("doctor --timeout {SHORT} --key lot1.pem"), &["alice$PARKING$lot1"]);
    told(run, "hub-other-case", "as it is shown");
}

#[test]
fn doctor_13_mail_down() {
    for rest in [true, false] {
        let stage = Stage::with_lot1_on(Options { rest, mail_down: true, ..quick() });
        assert_eq!(Browser::of_seller(&stage.sandbox).create_product("level2", "3").status, 500);
        let topic = "alice/parking/level2";
        let run = |more: &str| doctor(&stage, &format!("--topic {topic} --publish {more}")).without("I3_BUYER");
        let report = told(|| run(""), "product-without-permissions", "`i3 product repair alice/parking/level2`");
        assert_eq!(remains(&report), [""; 0]);
        // Without a message nothing shows it, and nothing is mended.
        let unseen = doctor(&stage, &format!("--topic {topic} --fix --yes")).done();
        assert!(unseen.stdout.contains("not known: publish, read. Whether"), "{unseen}");
        assert!(unseen.stdout.ends_with(" --publish sends one.\n"), "{unseen}");
        // Nobody can be asked here, so nothing is changed.
        let asked = run("--fix").run();
        assert_eq!(asked.code, 1, "{asked}");
        asked.says(&["Not done without --yes: save the product"]);
        // Nor is it while the mail is down, which a look afterwards shows.
        let vain = run("--fix --yes").run();
        assert_eq!(vain.code, 1, "{vain}");
        vain.says(&["it could not save the product", "has no new permissions"]);
        stage.sandbox.set_mail_down(false);
        let mended = well(run("--fix --yes"));
        assert_eq!(mended["mended"], json!(["save the product alice/parking/level2 once more on the marketplace"]));
        well(run(""));
    }
}

#[test]
fn doctor_14_topic_over_30_characters() {
    let stage = Stage::with_lot1();
    told(|| doctor(&stage, "--topic alice/parking/occupancyOfTheDeck"), "topic-too-long", "shorter, plain name");
}

#[test]
fn doctor_15_product_name_with_wildcards_and_placeholders() {
    let stage = Stage::with_lot1();
    let mut alice = Browser::of_seller(&stage.sandbox);
    for title in ["a+bc", "lots-%u", "lane/#"] {
        assert_eq!(alice.create_product(title, "3").status, 302, "{title}");
    }
    told(|| doctor(&stage, "--topic alice/parking/a+bc"), "topic-wildcard", "`i3 product create`");
    told(|| doctor(&stage, "--topic alice/parking/lots-%u"), "topic-placeholder", "`i3 product create`");
    // A name that ends in /# grants what is below it.
    let report = well(doctor(&stage, "--topic alice/parking/lane/7 --publish").without("I3_BUYER"));
    assert!(step(&report, "product")["summary"].as_str().unwrap().contains("within the product alice/parking/lane/#"));
}

/// Gives the seeded product this title, as its edit form does.
fn edit_title(stage: &Stage, title: &str) {
    let fields = product(title, "alice/parking", "1");
    assert_eq!(Browser::of_seller(&stage.sandbox).post("/products/1/edit/", &fields).status, 302);
}

#[test]
fn doctor_16_edited_title_loses_its_prefix() {
    let stage = Stage::with_lot1();
    edit_title(&stage, "level2");
    let run = || doctor(&stage, "--topic alice/parking/level2 --publish");
    let report = told(run, "product-prefix-lost", "`i3 product repair level2 --title alice/parking/level2`");
    assert_eq!(status(&report, "publish"), "wrong");
    // One with blanks can be pasted into a shell.
    edit_title(&stage, "on deck");
    let run = || stage.i3_with(&format!("doctor lot1 --timeout {SHORT} --topic"), &["alice/parking/on deck"]);
    told(run, "product-prefix-lost", "`i3 product repair 'on deck' --title 'alice/parking/on deck'`");
    let run = || stage.i3_with(&format!("doctor lot1 --timeout {SHORT} --topic"), &["alice/parking/a deck"]);
    let report = told(run, "product-missing", "`i3 product create 'a deck' --hub alice/parking --description");
    assert_eq!(remains(&report), ["product-prefix-lost"]);
    // The topic that it had: what was given before counts still, and only new buyers get nothing.
    edit_title(&stage, "occupancy");
    let run = || doctor(&stage, &format!("--topic {TOPIC} --publish"));
    let report = told(run, "product-prefix-lost", &format!("`i3 product repair occupancy --title {TOPIC}`"));
    assert_eq!((status(&report, "publish"), status(&report, "read")), ("well", "well"));
    run().run().says(&["messages arrive all the same"]).does_not_say(&["what follows"]);
    stage.i3(&format!("product repair occupancy --title {TOPIC} --yes")).done();
    well(run());
}

#[test]
fn doctor_16_title_edited_to_another_topic() {
    let stage = Stage::with_lot1();
    edit_title(&stage, "alice/parking/earlier");
    // The save gave the hub's devices permissions for it.
    well(doctor(&stage, "--topic alice/parking/earlier --publish").without("I3_BUYER"));
    let report = told(|| doctor(&stage, &format!("--topic {TOPIC} --publish")), "product-missing", "i3 product create");
    assert_eq!((status(&report, "publish"), status(&report, "read")), ("well", "well"));
    // A title in another hub's name: the product stays where it was made.
    stage.i3("hub create garden").done();
    stage.i3("register bed1 --hub garden --key lot1.pem").done();
    edit_title(&stage, "alice/garden/bed1");
    let run = || stage.i3(&format!("doctor bed1 --timeout {SHORT} --topic alice/garden/bed1"));
    told(run, "product-prefix-lost", "`i3 product repair alice/garden/bed1 --title alice/HUB/PRODUCT`");
}

#[test]
fn a_topic_below_a_product_is_said_not_to_be_sold() {
    let stage = Stage::with_lot1();
    let report = told(
        || doctor(&stage, &format!("--topic {TOPIC}/7 --publish")).without("I3_BUYER"),
        "sub-topic",
        &format!("publish to {TOPIC}"),
    );
    assert_eq!(status(&report, "publish"), "wrong");
}

#[test]
fn a_message_that_is_wanted_needs_a_topic() {
    let stage = Stage::with_lot1();
    Browser::of_seller(&stage.sandbox).create_product("level2", "3");
    for option in ["--publish", "--probe-message 7"] {
        let outcome = doctor(&stage, option).run();
        assert_eq!(outcome.code, 1, "{outcome}");
        outcome.says(&[
            "error: nothing was published: no topic is named",
            "hint: name the topic: --topic alice/parking/PRODUCT",
        ]);
        let report = report(&doctor(&stage, option).arg("--json").run());
        let cause = &report["verdict"]["cause"];
        assert_eq!((&cause["check"], &cause["id"]), (&json!("publish"), &Value::Null), "{report}");
        assert_eq!(cause["remedy"], "name the topic: --topic alice/parking/PRODUCT");
    }
    // A topic that is none is not said to be missing.
    for topic in ["", "occupancy"] {
        let run = || stage.i3_with(&format!("doctor lot1 --timeout {SHORT} --topic"), &[topic]);
        let report = told(run, "short-topic", "");
        for check in ["product", "publish", "read"] {
            assert!(step(&report, check)["summary"].as_str().unwrap().contains("named can be none"), "{report}");
        }
    }
}

#[test]
fn what_does_not_follow_is_told_apart() {
    let stage = Stage::with_lot1();
    stage.secret("other.pem", other_key_pem());
    let run = || doctor(&stage, &format!("--topic {NO_PRODUCT} --key other.pem"));
    let report = told(run, "product-missing", "i3 product create");
    let cause = &report["verdict"]["cause"];
    assert_eq!(cause["follows"], json!([]), "{report}");
    assert!(cause["also"][0].as_str().unwrap().starts_with("log-in: the broker refuses key other.pem"), "{report}");
    run().run().says(&["because: what follows: messages are acknowledged", "because: also wrong: log-in: the broker"]);
}

#[test]
fn a_refused_key_is_named_though_the_log_in_works() {
    let stage = Stage::with_lot1_on(Options { rest: false, ..quick() });
    let report = told(|| doctor(&stage, "").env("I3_API_KEY", "0".repeat(40)), "api-key-refused", "page 'key'");
    assert_eq!(
        (status(&report, "account"), status(&report, "device"), status(&report, "product")),
        ("well", "well", "wrong")
    );
}

#[test]
fn a_broker_that_takes_no_mqtt_311_is_none_of_i3s() {
    let stage = Stage::with_lot1();
    let broker = Broker::start(|door| {
        drop(door.next());
        door.next().answer_connect(1, false);
    });
    let outcome = doctor(&stage, &format!("--broker mqtt://127.0.0.1:{}", broker.port)).run();
    assert_eq!(outcome.code, 1, "{outcome}");
    outcome.says(&["does not take MQTT 3.1.1", "hint: check host and port of --broker"]).does_not_say(&["-V"]);
    broker.end();
}

#[test]
fn doctor_17_user_name_over_30() {
    let stage = Stage::new();
    let name = "a".repeat(31);
    let (password, api_key) = stage.sandbox.add_user(&name).unwrap().unwrap();
    stage.secret("lot1.pem", key_pem());
    let run = || {
        let run = stage.i3_with(&format!("doctor --timeout {SHORT} --key lot1.pem"), &[format!("{name}$garage$lot1")]);
        run.env("I3_USER", &name).env("I3_LOGIN_PASSWORD", password.expose()).env("I3_API_KEY", api_key.expose())
    };
    told(run, "user-name-too-long", "sign up with a shorter name");
}

#[test]
fn doctor_18_user_name_typed_in_another_case() {
    let stage = Stage::with_lot1();
    let report = told(|| doctor(&stage, "--user ALICE --via web"), "user-name-case", "'alice'");
    assert_eq!(status(&report, "account"), "risk");
    let run = || stage.i3_with(&format!("doctor --timeout {SHORT} --key lot1.pem"), &["ALICE$parking$lot1"]);
    told(run, "user-name-case", "write the device as 'alice$parking$lot1'");
    told(|| doctor(&stage, "--topic Alice/parking/occupancy"), "topic-case", "publish to alice/parking/occupancy");
    Browser::of_seller(&stage.sandbox).create_product("Level2", "3");
    told(|| doctor(&stage, "--topic alice/parking/level2"), "topic-case", "publish to alice/parking/Level2");
}

#[test]
fn doctor_19_expired_session() {
    let stage = Stage::with_lot1_on(Options { rest: false, ..quick() });
    let sandbox = (*stage.sandbox).clone();
    let market = between(&stage.sandbox, move |request| {
        if request.path().starts_with("/hubs/") {
            sandbox.expire_sessions();
        }
        None
    });
    let report = told(|| doctor(&stage, "").env("I3_MARKET", market.url()), "session-expired", "`i3 login`");
    // The device has nothing to do with it.
    assert_eq!(status(&report, "log-in"), "well");
    // A log-in that was kept, and that the marketplace has forgotten.
    stage.i3("login").done();
    let run = || doctor(&stage, "").without("I3_API_KEY").without("I3_LOGIN_PASSWORD");
    well(run());
    stage.sandbox.expire_sessions();
    told(run, "session-expired", "`i3 login`");
    // Another command drops it, and what happened is not forgotten.
    stage.i3("hub list").without("I3_API_KEY").without("I3_LOGIN_PASSWORD").fails(77, &["has expired"]);
    told(run, "session-expired", "`i3 login`");
    stage.i3("login").done();
    well(run());
}

#[test]
fn doctor_20_no_credentials() {
    let stage = by_hand("1", "hunter2secret");
    let report = told(|| unknown_lot1(&stage, ""), "no-credentials", "--pw-file FILE");
    let evidence = step(&report, "mqtt")["evidence"].to_string();
    assert!(evidence.contains("let in (CONNACK 0), and nothing is delivered"), "{evidence}");
    assert_eq!(status(&report, "log-in"), "skipped");
    stage.secret("empty", "\n");
    told(|| unknown_lot1(&stage, "--pw-file empty"), "no-credentials", "--pw-file FILE");
}

#[test]
fn doctor_21_subscription_to_what_was_not_bought() {
    let stage = Stage::with_lot1();
    Browser::of_seller(&stage.sandbox).create_product("level2", "1");
    let run = || doctor(&stage, "--topic alice/parking/level2 --publish");
    let report = told(run, "not-bought", "buy alice/parking/level2 with the account bob");
    assert_eq!(status(&report, "publish"), "well");
    assert!(stage.sandbox.add_purchase("bob", "alice/parking/level2").unwrap());
    stage.sandbox.forget_permissions();
    well(run());
}

#[test]
fn doctor_22_token_without_end() {
    let stage = Stage::with_lot1();
    for claims in [json!({"iss": "x", "iat": now()}), json!({"iss": "x", "iat": now(), "exp": (now() + 60) * 1000})] {
        stage.secret("token", token(claims));
        let report = told(|| doctor(&stage, "--pw-file token"), "token-without-end", "make a new one with `i3 token`");
        // The broker takes it; that is what makes it a trap.
        assert_eq!((status(&report, "token"), status(&report, "log-in")), ("risk", "well"));
    }
}

#[test]
fn doctor_23_token_expired() {
    let stage = Stage::with_lot1();
    let old = token(json!({"iss": "x", "iat": now() - 7200, "exp": now() - 3600}));
    stage.secret("token", &old);
    told(|| doctor(&stage, "--pw-file token"), "token-expired", "`i3 token`");
    let mended = well(doctor(&stage, "--pw-file token --fix"));
    assert_eq!(mended["mended"], json!(["put a new token into token"]));
    assert_ne!(stage.read("token").trim(), old);
    assert_eq!(mode(&stage.path("token")), 0o600);
    stage.i3(&format!("pub -u {LOT1} --pw-file token -t {TOPIC} -m 678")).succeeds("");
}

#[test]
fn doctor_24_token_with_extra_claims_or_stray_blanks() {
    let stage = Stage::with_lot1();
    stage.secret("token", token(json!({"iss": "x", "iat": now(), "exp": now() + 60, "aud": "i3"})));
    told(|| doctor(&stage, "--pw-file token"), "token-claims", "make a new one");
    let good = token(json!({"iss": "x", "iat": now(), "exp": now() + 600}));
    stage.secret("token", format!("\"{good}\""));
    told(|| doctor(&stage, "--pw-file token"), "token-blanks", "alone and whole");
    // Claims that mean nothing to I3 do no harm.
    stage.secret("token", token(json!({"iss": "x", "iat": now(), "exp": now() + 600, "sub": "x"})));
    well(doctor(&stage, "--pw-file token"));
}

#[test]
fn doctor_25_database_outage() {
    let stage = Stage::with_lot1();
    // The broker alone is without it: that it refuses the buyer as well does not prove that.
    stage.sandbox.set_database_down(true);
    let report = told(|| doctor(&stage, ""), "log-in-refused", "--buyer NAME --buyer-pw-file FILE");
    assert_eq!(remains(&report), ["credential-wrong", "key-unusable", "database-down", "device-dead"]);
    assert!(step(&report, "log-in")["evidence"].to_string().contains("nobody else who was tried"), "{report}");
    // The marketplace says it.
    stage.sandbox.set_web_database_down(true);
    for via in ["web", "rest"] {
        let report = told(|| doctor(&stage, &format!("--via {via}")), "database-down", "try again later");
        assert_eq!((status(&report, "marketplace"), status(&report, "account")), ("well", "wrong"));
        let cause = &report["verdict"]["cause"];
        assert!(cause["follows"][0].as_str().unwrap().starts_with("log-in: "), "{report}");
    }
    // So do other commands.
    stage
        .i3("hub list --via web")
        .fails(75, &["OperationalError 2003: its database cannot be reached", "try again later"]);
    stage.i3("hub list --via rest").fails(75, &["its database cannot be reached", "try again later"]);
}

/// A broker that refuses everybody, and keeps every CONNECT: user name and password, and all that came.
fn refusing() -> (u16, std::sync::Arc<std::sync::Mutex<Vec<u8>>>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let seen = std::sync::Arc::new(std::sync::Mutex::new(Vec::new()));
    let kept = std::sync::Arc::clone(&seen);
    std::thread::spawn(move || {
        for client in listener.incoming() {
            let (mut client, kept) = (client.unwrap(), std::sync::Arc::clone(&kept));
            std::thread::spawn(move || {
                let mut bytes = [0; 4096];
                while let Ok(read @ 1..) = client.read(&mut bytes) {
                    kept.lock().unwrap().extend_from_slice(&bytes[..read]);
                    // CONNACK 5.
                    let _ = client.write_all(&[0x20, 2, 0, 5]);
                }
            });
        }
    });
    (port, seen)
}

#[test]
fn the_password_of_the_website_never_goes_to_the_broker() {
    let stage = Stage::with_lot1();
    stage.i3("register lot2 --hub parking --generate-password").done();
    stage.secret("site", stage.sandbox.seed().seller_password.expose());
    let (port, seen) = refusing();
    let password = stage.sandbox.seed().seller_password.expose().to_owned();
    let holds = |text: &str| memchr::memmem::find(&seen.lock().unwrap(), text.as_bytes()).is_some();
    for options in [
        "",
        "--publish",
        "--via web",
        "--via rest",
        "--offline",
        "--fix --yes",
        "--user alice --login-password-file site",
        "--user alice --login-password-file site --via web --json",
    ] {
        for known in [true, false] {
            let mut run = doctor(&stage, options).env("I3_BROKER", format!("mqtt://127.0.0.1:{port}"));
            if !known {
                run = run.without("I3_BUYER").without("I3_API_KEY");
            }
            run.run();
        }
    }
    // What is recorded is what was sent: the device's name, and the buyer's with his own password.
    let buyer = stage.sandbox.broker_password("bob").unwrap();
    assert!(holds(LOT1) && holds("bob") && holds(buyer.expose()));
    assert!(!holds(&password));
    assert_ne!(buyer.expose(), password);
}

#[test]
fn a_buyer_with_the_password_of_the_website_is_told_which_one_is_meant() {
    let stage = Stage::with_lot1();
    stage.secret("site", stage.sandbox.seed().buyer_password.expose());
    let run = || doctor(&stage, &format!("--topic {TOPIC} --publish --buyer bob --buyer-pw-file site"));
    let report = told(run, "account-refused", "`i3 notifications broker-password`");
    assert_eq!((status(&report, "publish"), status(&report, "read")), ("well", "wrong"));
}

#[test]
fn a_row_whose_log_in_is_gone_is_among_the_causes() {
    let stage = Stage::with_lot1();
    // With the mail down the log-in is deleted, and the row stays.
    stage.sandbox.set_mail_down(true);
    assert_eq!(Browser::of_seller(&stage.sandbox).get("/devices/delete/1/").status, 500);
    let report = told(|| doctor(&stage, ""), "credential-wrong", REPAIR);
    assert_eq!(status(&report, "device"), "well");
    assert!(remains(&report).contains(&"device-dead"), "{report}");
    stage.sandbox.set_mail_down(false);
    stage.i3_with("device repair --yes", &[LOT1]).done();
    well(doctor(&stage, ""));
}

#[test]
fn accent_twins_are_told_like_case_twins() {
    let stage = Stage::with_lot1();
    assert_eq!(Browser::of_seller(&stage.sandbox).create_device("löt1", "1", "hunter2secret").status, 302);
    well(doctor(&stage, ""));
    assert_eq!(Browser::of_seller(&stage.sandbox).create_device("lòt1", "1", "hunter2secret").status, 302);
    told(|| doctor(&stage, ""), "device-case-twins", REPAIR);
}

#[test]
fn doctor_25_database_lost_after_the_log_in() {
    let stage = Stage::with_lot1();
    // Two runs. Of each the first connection says nothing, two come without credentials, and one is the device's.
    let broker = Broker::start(|door| {
        for _ in 0..2 {
            drop(door.next());
            door.next().answer_connect(5, false);
            door.next().answer_connect(0x87, false);
            let mut device = door.next();
            assert_eq!(device.answer_connect(0, false).user_name, LOT1);
            // A topic that is in no cache closes the connection.
            assert!(device.next().is_some());
        }
    });
    let run = || {
        let options = format!("--topic {TOPIC} --publish --broker mqtt://127.0.0.1:{}", broker.port);
        doctor(&stage, &options).without("I3_BUYER")
    };
    let report = told(run, "database-down", "try again later");
    assert_eq!((status(&report, "log-in"), remains(&report)), ("well", vec!["broker-unreachable"]));
    broker.end();
}

#[test]
fn doctor_26_api_list_cut_at_10() {
    let (stage, mut alice) = Stage::with_long_lists();
    for n in 0..12 {
        alice.create_product(&format!("level{n:02}"), "3");
    }
    stage.register_lot1();
    let report = well(doctor(&stage, "--topic alice/parking/level11 --publish --via rest").without("I3_BUYER"));
    assert_eq!((status(&report, "device"), status(&report, "product")), ("well", "well"));
}

#[test]
fn doctor_27_port_8883_without_tls() {
    let stage = Stage::with_lot1();
    let port = stage.sandbox.broker_url().port;
    let run = || doctor(&stage, &format!("--insecure --broker mqtts://127.0.0.1:{port}"));
    told(run, "port-without-tls", &format!("use mqtt://127.0.0.1:{port}"));
}

#[test]
fn doctor_28_short_device_or_topic_name() {
    let stage = Stage::with_lot1();
    told(|| doctor(&stage, "--topic occupancy"), "short-topic", &format!("use -t {TOPIC}"));
    told(|| stage.i3("doctor lot9 --timeout 1s"), "short-device-name", "USER$HUB$DEVICE");
}

#[test]
fn doctor_29_key_over_500_characters() {
    let stage = Stage::with_lot1();
    stage.i3("keygen --out big.pem --bits 3072").done();
    told(|| doctor(&stage, "--offline --key big.pem"), "key-too-long", "2048 bits with `i3 keygen`");
}

#[test]
fn doctor_30_clock_of_the_device_wrong() {
    let stage = Stage::with_lot1();
    let url = stage.sandbox.market_url();
    for (offset, status_told, says) in
        [(7230i64, "wrong", "is 2h "), (95, "risk", "is 1m 3"), (-7230, "risk", "ahead of the marketplace's")]
    {
        let url = url.clone();
        let market = between(&stage.sandbox, move |request| {
            let there = UNIX_EPOCH + Duration::from_secs((now() as i64 + offset) as u64);
            Some(forward(&url, request).with("Date", httpdate::fmt_http_date(there)))
        });
        let run = || doctor(&stage, "").env("I3_MARKET", market.url());
        let report = told(run, "clock", "set this machine's clock");
        assert_eq!(status(&report, "clock"), status_told);
        let said = step(&report, "clock")["summary"].as_str().unwrap();
        assert!(said.contains(says), "{said}");
    }
}

#[test]
fn a_clock_that_makes_no_token_is_no_more_than_a_risk() {
    let stage = Stage::with_lot1();
    stage.secret("token", stage.i3("token lot1").done().stdout);
    let url = stage.sandbox.market_url();
    let market = between(&stage.sandbox, move |request| {
        let there = UNIX_EPOCH + Duration::from_secs(now() + 7230);
        Some(forward(&url, request).with("Date", httpdate::fmt_http_date(there)))
    });
    let report =
        told(|| doctor(&stage, "--pw-file token").env("I3_MARKET", market.url()), "clock", "set this machine's");
    assert_eq!((status(&report, "clock"), status(&report, "log-in")), ("risk", "well"));
}

#[test]
fn what_cannot_be_mended_is_told_with_the_report() {
    let stage = Stage::with_lot1();
    stage.secret("expired", token(json!({"iat": now() - 7200, "exp": now() - 3600})));
    fs::remove_file(stage.path("lot1.pem")).unwrap();
    let outcome = doctor(&stage, "--pw-file expired --fix --json").run();
    assert_eq!(outcome.code, 1, "{outcome}");
    outcome.says(&["it could not ", "lot1.pem cannot be read"]);
    let report = report(&outcome);
    assert_eq!(report["verdict"]["cause"]["id"], "token-expired", "{report}");
    assert_eq!(report["mended"], json!([]));
}

#[test]
fn a_passphrase_that_cannot_be_read_is_named() {
    let stage = Stage::with_lot1();
    stage.secret("phrase", "correct horse");
    let mut openssl = stage.command("openssl");
    let line = "pkcs8 -topk8 -in lot1.pem -passout file:phrase -out locked.pem";
    openssl.command.args(line.split_ascii_whitespace());
    openssl.done();
    fs::set_permissions(stage.path("locked.pem"), Permissions::from_mode(0o600)).unwrap();
    let outcome = doctor(&stage, "--offline --key locked.pem --passphrase-file nowhere").run();
    assert_eq!(outcome.code, 1, "{outcome}");
    outcome.says(&["nowhere cannot be read"]).does_not_say(&["there is no passphrase"]);
}

#[test]
fn what_the_broker_did_not_say_is_not_claimed() {
    let stage = Stage::with_lot1();
    // Two runs: one connection says nothing, two come without credentials, then the device, the buyer, and its key's text.
    let broker = Broker::start(|door| {
        for _ in 0..2 {
            drop(door.next());
            door.next().answer_connect(5, false);
            door.next().answer_connect(0x87, false);
            assert_eq!(door.next().answer_connect(5, false).user_name, LOT1);
            assert_eq!(door.next().answer_connect(5, false).user_name, "bob");
            // The text of the public key: the connection ends without an answer.
            drop(door.next());
        }
    });
    let run = || {
        let run = doctor(&stage, &format!("--broker mqtt://127.0.0.1:{}", broker.port)).without("I3_API_KEY");
        run.without("I3_LOGIN_PASSWORD").without("I3_USER")
    };
    let report = told(run, "log-in-refused", "doctor");
    let evidence = step(&report, "log-in")["evidence"].to_string();
    assert!(evidence.contains("nobody else who was tried is let in either"), "{evidence}");
    assert!(!evidence.contains("no other user") && !evidence.contains("not registered under type 1"), "{evidence}");
    assert!(remains(&report).contains(&"credential-type"), "{report}");
    broker.end();
}

#[test]
fn doctor_31_private_key_or_hash_as_password() {
    let stage = Stage::with_lot1();
    let hash = i3::password_hash::password_hash(&i3::secret::Secret::new("hunter2secret"));
    for (content, id, remedy) in [
        (key_pem().to_string(), "private-key-as-password", "--key FILE"),
        (key().public().to_pem(), "public-key-as-password", "--key FILE"),
        (hash, "hash-as-password", "the password that the hash was made from"),
    ] {
        stage.secret("pw", &content);
        let before = stage.sandbox.counts().broker_log_ins;
        let report = told(|| doctor(&stage, "--pw-file pw"), id, remedy);
        assert_eq!(status(&report, "log-in"), "skipped");
        // Two runs, each with two connections without credentials and none with this.
        assert_eq!(stage.sandbox.counts().broker_log_ins, before + 4);
        doctor(&stage, "--pw-file pw").run().keeps_secret(&content);
    }
}

#[test]
fn connack_5_is_told_apart_as_far_as_it_can_be() {
    // A wrong password, and a wrong key: the device is there once, and the broker serves others.
    let stage = by_hand("1", "hunter2secret");
    stage.secret("pw", "hunter3secret");
    let report = told(|| unknown_lot1(&stage, "--pw-file pw"), "credential-wrong", "--password-file pw");
    assert!(step(&report, "log-in")["evidence"].to_string().contains("the broker takes bob: it is the device"));
    let stage = Stage::with_lot1();
    stage.secret("other.pem", other_key_pem());
    told(|| doctor(&stage, "--key other.pem"), "credential-wrong", "--key other.pem");
    // A token of another key, where the device's own is known.
    let foreign = stage.i3("token lot1 --key other.pem").done().stdout;
    stage.secret("token", foreign);
    told(|| doctor(&stage, "--pw-file token"), "token-foreign", "--key FILE with the key that the device");
    // A device that was never there.
    let run = || stage.i3_with(&format!("doctor --timeout {SHORT} --key other.pem"), &["alice$parking$lot7"]);
    told(run, "device-missing", "`i3 register lot7 --hub alice/parking`");
    // Nothing known but the device itself: every cause that is left is named.
    let alone = || {
        let run = doctor(&stage, "--key other.pem").without("I3_MARKET").without("I3_BUYER");
        run.without("I3_API_KEY").without("I3_LOGIN_PASSWORD").without("I3_USER")
    };
    let report = told(alone, "log-in-refused", "with the marketplace's log-in");
    let left = [
        "credential-wrong",
        "key-unusable",
        "database-down",
        "device-missing",
        "device-doubled",
        "device-case-twins",
        "clock",
        "device-dead",
    ];
    assert_eq!(remains(&report), left);
    // Another device that is known here rules the database out.
    stage.i3("register lot2 --hub parking --generate-password").done();
    let report = told(alone, "log-in-refused", "i3 doctor 'alice$parking$lot1'");
    assert!(!remains(&report).contains(&"database-down"), "{report}");
}

#[test]
fn ways_that_are_closed_are_named() {
    let stage = Stage::with_lot1();
    let nobody = "127.0.0.1:1";
    told(|| doctor(&stage, "").env("I3_MARKET", format!("http://{nobody}")), "market-unreachable", "check --market");
    told(|| doctor(&stage, &format!("--broker mqtt://{nobody}")), "broker-unreachable", "--broker");
    told(|| doctor(&stage, "").env("I3_BROKER", "http://broker"), "bad-address", "mqtt://HOST:PORT");
    let market = stage.sandbox.market_url();
    let at_market = market.replace("http://", "mqtt://");
    told(|| doctor(&stage, &format!("--broker {at_market}")), "not-a-broker", "host and port of --broker");
    let run = || doctor(&stage, "--via web").env("I3_LOGIN_PASSWORD", "wrong");
    told(run, "market-log-in-refused", "log-in password");
    told(|| doctor(&stage, "--via rest").env("I3_API_KEY", "0".repeat(40)), "api-key-refused", "page 'key'");
    fs::create_dir_all(stage.config_file().parent().unwrap()).unwrap();
    fs::write(stage.config_file(), "brocker = 1").unwrap();
    told(|| doctor(&stage, ""), "config-invalid", "config.toml");
}

#[test]
fn a_password_in_an_address_is_not_repeated() {
    let stage = Stage::with_lot1();
    for (name, scheme, what) in [("I3_MARKET", "http", "marketplace"), ("I3_BROKER", "mqtt", "broker")] {
        let run = || doctor(&stage, "--offline").env(name, format!("{scheme}://alice:hunter2secret@host"));
        let report = told(run, "bad-address", "HOST");
        let evidence = step(&report, "configuration")["evidence"].to_string();
        let said = format!("the {what}'s address cannot be read (environment variable {name})");
        assert!(evidence.contains(&said), "{evidence}");
        for outcome in [run().run(), run().arg("--json").run()] {
            outcome.keeps_secret("hunter2secret");
        }
    }
}

#[test]
fn other_devices_log_in_only_where_they_belong() {
    let stage = Stage::with_lot1();
    stage.i3("register lot2 --hub parking --generate-password").done();
    // Another broker, which knows neither device.
    let other = Sandbox::spawn(Options::default()).unwrap();
    let run = |broker: &str| {
        let run = doctor(&stage, &format!("--broker {broker}")).without("I3_BUYER");
        run.without("I3_API_KEY").without("I3_LOGIN_PASSWORD").without("I3_USER")
    };
    let config = fs::read_to_string(stage.config_file()).unwrap();
    let (before, lot2) = config.split_once("[devices.\"alice$parking$lot2\"]\n").unwrap();
    let lot2: String =
        lot2.lines().filter(|line| !line.starts_with("broker")).map(|line| format!("{line}\n")).collect();
    let theirs = other.broker_url().to_string();
    // Two without credentials, the device's own, the text of its public key, and the other device if it belongs there.
    for (broker, log_ins) in [(String::new(), 4), (format!("broker = \"{theirs}\"\n"), 5)] {
        let config = format!("{before}[devices.\"alice$parking$lot2\"]\n{broker}{lot2}");
        fs::write(stage.config_file(), config).unwrap();
        let so_far = other.counts().broker_log_ins;
        let report = told(|| run(&theirs), "log-in-refused", "doctor");
        assert_eq!(other.counts().broker_log_ins - so_far, 2 * log_ins, "{broker}: {report}");
    }
}

#[test]
fn a_rotation_that_is_not_finished_is_known() {
    let stage = Stage::with_lot1();
    // The marketplace has the new key already, and the configuration names the old one still.
    let next = stage.secret("new.pem", other_key_pem());
    stage.i3_with("device passwd --key new.pem", &[LOT1]).done();
    let old = stage.path("lot1.pem");
    let config = fs::read_to_string(stage.config_file()).unwrap();
    fs::write(stage.config_file(), config.replace("new.pem", "lot1.pem")).unwrap();
    told(|| doctor(&stage, ""), "credential-wrong", "--key");
    let rotations = stage.home().join(".local/state/i3-marketplace/rotations");
    fs::create_dir_all(&rotations).unwrap();
    let journal = json!({
        "device": LOT1, "market": stage.sandbox.market_url(), "broker": stage.sandbox.broker_url().to_string(),
        "kind": "key", "old": old, "place": old, "next": next, "stage": "forward",
    });
    fs::write(rotations.join(format!("{LOT1}.json")), journal.to_string()).unwrap();
    stage.i3(&format!("pub --device lot1 -t {TOPIC} -m 678")).done().says(&["not finished"]);
    let report = well(doctor(&stage, ""));
    let said = format!("a rotation is not finished: {} is tried as well", next.display());
    assert!(step(&report, "credential")["evidence"].to_string().contains(&said), "{report}");
    assert_eq!(step(&report, "log-in")["summary"], format!("the broker takes key {}", next.display()));
}

#[test]
fn a_buyer_has_a_password_that_can_be_sent() {
    let stage = Stage::with_lot1();
    let before = stage.sandbox.counts().broker_log_ins;
    let by_key = doctor(&stage, &format!("--topic {TOPIC} --publish --buyer bob --buyer-pw-file lot1.pem"));
    by_key.fails(77, &["this is a private key"]).keeps_secret(key_pem());
    for run in [doctor(&stage, ""), doctor(&stage, "--buyer bob")] {
        run.without("I3_BUYER_PASSWORD").fails(
            2,
            &[
                "the buyer's broker password is not known",
                "give --buyer-pw-file FILE",
                "i3 notifications broker-password",
            ],
        );
    }
    assert_eq!(stage.sandbox.counts().broker_log_ins, before);
    well(doctor(&stage, "--offline").without("I3_BUYER_PASSWORD"));
}

#[test]
fn a_refused_host_name_is_named() {
    let stage = Stage::with_lot1();
    // A marketplace that is set up for another name than this.
    let market = between(&stage.sandbox, |_| {
        Some(crate::support::http_server::Reply::html(
            400,
            "<title>Bad Request (400)</title><h1>Bad Request (400)</h1>",
        ))
    });
    told(|| doctor(&stage, "").env("I3_MARKET", market.url()), "host-refused", "host name in --market");
}

#[test]
fn rights_of_files_are_mended_and_pairs_that_are_apart_are_told() {
    let stage = Stage::with_lot1();
    fs::set_permissions(stage.path("lot1.pem"), Permissions::from_mode(0o644)).unwrap();
    told(|| doctor(&stage, ""), "file-open-to-others", "chmod 600");
    let mended = doctor(&stage, "--fix").done();
    assert!(mended.stdout.contains("\nmended   make "), "{mended}");
    assert_eq!(mode(&stage.path("lot1.pem")), 0o600);
    stage.i3("keygen --out other.pem").done();
    fs::copy(stage.path("other.pem.pub"), stage.path("lot1.pem.pub")).unwrap();
    let path = stage.path("lot1.pem").display().to_string();
    let anew = format!("`i3 pubkey --key {path} --format pem > {path}.pub`");
    told(|| doctor(&stage, "--offline"), "key-pair-apart", &format!("`i3 device passwd '{LOT1}' --key {path}`"));
    // What it says mends it, an empty one as well.
    for half in [stage.read("other.pem.pub"), String::new()] {
        fs::write(stage.path("lot1.pem.pub"), half).unwrap();
        told(|| doctor(&stage, "--offline"), "key-pair-apart", &anew);
        stage.shell(anew.trim_matches('`')).done();
        let report = well(doctor(&stage, "--offline"));
        assert!(step(&report, "credential")["evidence"].to_string().contains("is its public half"), "{report}");
    }
    fs::remove_file(stage.path("lot1.pem")).unwrap();
    let again = format!("`i3 keygen --out {path} --force`");
    told(|| doctor(&stage, ""), "key-file-missing", &again);
    stage.shell(again.trim_matches('`')).done();
    fs::remove_file(stage.path("lot1.pem")).unwrap();
    fs::remove_file(stage.path("lot1.pem.pub")).unwrap();
    told(|| doctor(&stage, ""), "key-file-missing", &format!("make a pair with `i3 keygen --out {path}`"));
}

#[test]
fn a_configuration_that_others_can_write_to_is_closed() {
    let stage = Stage::with_lot1();
    fs::set_permissions(stage.config_file(), Permissions::from_mode(0o666)).unwrap();
    let said = doctor(&stage, "--offline").run();
    assert_eq!(said.code, 1, "{said}");
    said.says(&["others can write to ", "(mode 0666)", "hint: run `chmod 600 "]);
    // Rights need no network.
    let mended = well(doctor(&stage, "--offline --fix"));
    assert_eq!(mended["mended"].as_array().unwrap().len(), 1);
    assert_eq!(mode(&stage.config_file()), 0o600);
    assert!(step(&mended, "configuration")["summary"].as_str().unwrap().ends_with("$lot1 (as named)"), "{mended}");
}

#[test]
fn another_marketplace_has_nothing_of_the_device() {
    let stage = Stage::with_lot1();
    let other = Sandbox::spawn(Options::default()).unwrap();
    let run = || {
        let run =
            doctor(&stage, "").env("I3_MARKET", other.market_url()).env("I3_BROKER", other.broker_url().to_string());
        run.env("I3_API_KEY", other.seed().api_key.expose())
            .env("I3_LOGIN_PASSWORD", other.seed().seller_password.expose())
    };
    told(run, "device-missing", "i3 register lot1");
}

#[test]
fn explain_knows_what_the_errors_say() {
    let stage = Stage::with_lot1();
    let lists = |text: &str, id: &str| {
        let report = stage.i3_with("explain --json", &[text]).json();
        let ids: Vec<&str> = report["entries"].as_array().unwrap().iter().map(|e| e["id"].as_str().unwrap()).collect();
        assert!(ids.contains(&id), "{text}: {ids:?}");
    };
    for (line, args) in [
        (format!("pub --device lot1 -t {NO_PRODUCT} -m 678 --timeout {SHORT}"), None),
        (format!("pub --device lot1 -t {TOPIC} -m 678 --broker mqtt://127.0.0.1:1"), None),
        (format!("pub --key lot1.pem -t {TOPIC} -m 678 -u"), Some("alice$parking$lot7")),
        ("pub --device lot1 -t occupancy -m 678".into(), None),
        ("token lot9".into(), None),
        ("register lot1 --hub parking --plain-password --generate-password".into(), None),
        ("register lot2 --hub garage --new-key".into(), None),
        ("token --key none.pem".into(), None),
    ] {
        let outcome = stage.i3_with(&format!("--json {line}"), &args.into_iter().collect::<Vec<&str>>()).run();
        let error: Value = serde_json::from_str(outcome.stderr.lines().last().unwrap()).unwrap();
        let id = error["error"]["id"].as_str().unwrap_or_else(|| panic!("{outcome}"));
        lists(error["error"]["message"].as_str().unwrap(), id);
        lists(&error["error"]["exit"].to_string(), id);
    }
    let five = stage.i3("explain 5").done().stdout;
    assert!(five.starts_with("CONNACK 5: not authorized\n") && five.contains("\ndatabase-down\n"), "{five}");
    let mosquitto = stage.i3_with("explain", &["Connection error: Connection Refused: not authorised."]).done().stdout;
    assert!(mosquitto.contains("CONNACK 5") && mosquitto.contains("device-doubled"), "{mosquitto}");
    stage.i3("explain colourless green ideas").fails(65, &["nothing in the catalogue fits", "hint: "]);
    assert_eq!(stage.i3("explain").done().stdout.lines().count(), i3::catalogue::TABLE.len());
}

//! Which topics: of a hub, of a buyer's purchases, below a product, with wildcards; and what is said of each.

use i3::sandbox::Options;

use crate::http::Browser;
use crate::program::{LONG, LOT1, Run, SHORT, TOPIC, TestEnv, quick};

const SUB_TOPIC: &str = "alice/parking/occupancy/level2";
const BARRIER: &str = "alice/parking/barrier";

/// A stage with lot1 and, beside what is seeded, the products barrier (an actuator) and unsold of alice/parking.
fn stage(options: Options) -> TestEnv {
    let stage = TestEnv::with_lot1_on(options);
    let mut alice = Browser::of_seller(&stage.sandbox);
    assert_eq!(alice.create_product("barrier", "2").status, 302);
    assert_eq!(alice.create_product("unsold", "1").status, 302);
    stage.secret("bob.pw", stage.sandbox.seed().buyer_broker_password.expose());
    stage.secret("bob.site", stage.sandbox.seed().buyer_password.expose());
    stage
}

fn publish(stage: &TestEnv, topic: &str, more: &str) -> Run {
    stage.i3(&format!("pub --device lot1 -t {topic} -m 678 --timeout {LONG} {more}"))
}

#[test]
fn a_device_subscribes_to_every_product_of_its_hub_and_to_nothing_else() {
    for options in [quick(), Options { rest: false, mqtt5: false, ..quick() }] {
        let stage = stage(options);
        let mut alice = Browser::of_seller(&stage.sandbox);
        // A hub that the database takes for the same, another one, and a name that is not a topic.
        for hub in ["Parking", "garage"] {
            alice.post("/hubs/create/", &[("name", hub), ("private", "False")]);
            alice.post("/products/create/", &crate::http::product("elsewhere", hub, "1"));
        }
        alice.create_product("a+bcd", "1");
        for hub in ["parking", "alice/parking"] {
            let listening = stage.i3(&format!("sub -v --device lot1 --hub {hub} -C 3 -W {LONG}"));
            let listening = listening.start().says("Subscribed to");
            for topic in [TOPIC, BARRIER, "alice/parking/unsold"] {
                publish(&stage, topic, "").succeeds("");
            }
            let heard = listening.finish();
            heard.succeeded_with(&format!("{TOPIC} 678\n{BARRIER} 678\nalice/parking/unsold 678\n"));
            heard.says(&[
                &format!("Topics: {TOPIC}, {BARRIER}, alice/parking/unsold."),
                "a product is left out",
                "a+bcd",
            ]);
            heard.does_not_say(&["elsewhere"]);
        }
    }
}

#[test]
fn a_hub_is_for_a_device_of_it_and_has_to_have_products() {
    let stage = stage(quick());
    Browser::of_seller(&stage.sandbox).post("/hubs/create/", &[("name", "shed"), ("private", "False")]);
    stage.secret("shed1.pem", crate::program::key_pem());
    stage.i3("register shed1 --hub shed --key shed1.pem").done();
    let before = stage.sandbox.counts().broker_log_ins;
    let sub = |more: &str| stage.i3(&format!("sub {more}"));
    sub("--device lot1 --hub shed").fails(77, &["never receives the products of the hub shed", "--hub alice/parking"]);
    sub("--device lot1 --hub bob/parking").fails(77, &["never receives"]);
    sub("-u bob --pw-file bob.pw --hub parking").fails(2, &["bob is not a device", "--purchased"]);
    sub("--device shed1 --hub shed").fails(65, &["the hub alice/shed has no product", "`i3 product create`"]);
    sub("--device lot1 --hub x").fails(65, &["'x'"]);
    assert_eq!(stage.sandbox.counts().broker_log_ins, before);
}

#[test]
fn a_buyer_subscribes_to_everything_that_he_has_bought() {
    for options in [quick(), Options { rest: false, mqtt5: false, ..quick() }] {
        let stage = stage(options);
        assert!(stage.sandbox.add_purchase("bob", BARRIER).unwrap());
        // Bought twice, subscribed to once.
        assert!(stage.sandbox.add_purchase("bob", BARRIER).unwrap());
        let both = format!("Topics: {TOPIC}, {BARRIER}.");
        let hears = |run: Run| {
            let listening = run.start().says("Subscribed to");
            for topic in [TOPIC, "alice/parking/unsold", BARRIER] {
                publish(&stage, topic, "").succeeds("");
            }
            let heard = listening.finish();
            heard.succeeded_with(&format!("{TOPIC} 678\n{BARRIER} 678\n"));
            heard.says(&[&both]);
        };
        // The seller's log-in password and API key are in the environment: neither is used.
        let named = format!("sub -v -u bob --pw-file bob.pw --purchased -C 2 -W {LONG}");
        hears(stage.i3(&format!("{named} --login-password-file bob.site")));
        hears(stage.i3(&format!("{named} --user BOB --login-password-file bob.site")));
        let log_ins = stage.sandbox.counts().market_log_ins;
        stage.i3(&named).fails(78, &["there is no log-in for the marketplace's form"]);
        assert_eq!(stage.sandbox.counts().market_log_ins, log_ins);
        // A kept log-in is enough, and the environment names the buyer.
        stage.i3("login --user bob --login-password-file bob.site").done();
        hears(stage.i3(&format!("sub -v --purchased -C 2 -W {LONG}")));
    }
}

#[test]
fn purchases_are_an_accounts_and_have_to_be_there() {
    let stage = stage(quick());
    let (carol, _) = stage.sandbox.add_user("carol").unwrap().unwrap();
    stage.secret("carol.site", carol.expose());
    let before = stage.sandbox.counts().broker_log_ins;
    let sub = |more: &str| stage.i3(&format!("sub --purchased {more}"));
    sub("--device lot1").fails(2, &["is a device", "-u NAME", "--hub HUB"]);
    let other = "-u bob --pw-file bob.pw --user alice";
    sub(other).fails(2, &["what alice has bought is not bob's", "leave --user out"]);
    let nothing = "-u carol --pw-file bob.pw --login-password-file carol.site";
    sub(nothing).fails(65, &["the account carol has bought no product", "name a topic with -t"]);
    let wrong = "-u bob --pw-file bob.pw --login-password-file bob.pw";
    sub(wrong).fails(77, &["bob"]);
    assert_eq!(stage.sandbox.counts().broker_log_ins, before);
}

#[test]
fn topics_are_named_or_found_and_not_both() {
    let stage = TestEnv::with_lot1();
    let fails = |args: &str, says: &[&str]| stage.i3(&format!("sub {args}")).fails(2, says);
    fails("", &["no topic is named", "-t USER/HUB/PRODUCT", "--hub HUB", "--purchased"]);
    for more in ["--hub parking", "--purchased"] {
        fails(&format!("-t {TOPIC} {more}"), &["cannot be used with"]);
    }
    fails("--hub parking --purchased", &["cannot be used with"]);
    for market in ["--market http://localhost", "--user bob", "--login-password-file f", "--api-key-file f"] {
        fails(&format!("-t {TOPIC} {market}"), &["required", "--hub"]);
    }
}

#[test]
fn a_wildcard_is_refused_for_the_reason_that_i3_gives() {
    let stage = TestEnv::with_lot1();
    for topic in ["#", "alice/parking/#", "alice/+/occupancy"] {
        for who in ["--device lot1", "-u bob"] {
            let run = stage.i3(&format!("sub {who} -t {topic}"));
            let outcome = run.fails(
                65,
                &[
                    "a subscription with a wildcard is not made",
                    "would grant it",
                    "I3 asks its users not to subscribe with wildcards",
                    "--hub HUB",
                    "--purchased",
                ],
            );
            outcome.does_not_say(&["full topics only"]);
        }
    }
}

#[test]
fn a_sub_topic_is_tried_and_said_not_to_be_sold_yet() {
    let stage = TestEnv::with_lot1();
    stage.secret("bob.pw", stage.sandbox.seed().buyer_broker_password.expose());
    let says = ["sub-topics are not sold yet", "publish to alice/parking/occupancy, which"];
    let lot1 = format!("pub --device lot1 -t {SUB_TOPIC} --timeout {SHORT}");
    for more in ["", "-q 1", "-q 1 -V 5", "-q 2 -V 5", "--spool s"] {
        let outcome = stage.i3(&format!("{lot1} -m 678 {more}")).fails(77, &says);
        outcome.does_not_say(&["product create"]);
    }
    for more in ["-l", "-l -q 1 -V 5", "-l --spool lines"] {
        let outcome = stage.i3(&format!("{lot1} {more}")).input("678\n").run();
        assert_eq!(outcome.code, 77, "{outcome}");
        outcome.says(&says).does_not_say(&["product create"]);
    }
    let bob = format!("pub -u bob --pw-file bob.pw -t {SUB_TOPIC} -m 678 --timeout {SHORT}");
    stage.i3(&bob).fails(77, &says);
    // Longer than a product's topic could be: its product's is not.
    let long = format!("{SUB_TOPIC}/sensor7/temperature");
    stage.i3(&format!("pub --device lot1 -t {long} -m 678 --timeout {SHORT}")).fails(77, &says);
    // A buyer hears nothing, and why that may be.
    let sub = format!("sub --device lot1 -t {SUB_TOPIC} -C 1 -W 1");
    stage.i3(&sub).fails(75, &[&format!("{SUB_TOPIC} is a sub-topic, which are not sold yet")]);
}

#[test]
fn a_sub_topic_is_accepted_as_soon_as_its_echo_comes() {
    let stage = TestEnv::with_lot1();
    // A product of this name grants what is below it, as I3 means to do for every product (I3 facts §1).
    let mut alice = Browser::of_seller(&stage.sandbox);
    assert_eq!(alice.create_product("deck/#", "1").status, 302);
    publish(&stage, "alice/parking/deck/level2", "-v").done().says(&["Delivered: it came back"]);
    publish(&stage, "alice/parking/deck/level2", "-q 1 -V 5").succeeds("");
    let lines =
        stage.i3(&format!("pub --device lot1 -t alice/parking/deck/level3/b -l --confirm all --timeout {LONG}"));
    lines.input("1\n2\n").succeeds("");
    // And a product's own name may have levels.
    assert_eq!(alice.create_product("roof/2", "1").status, 302);
    publish(&stage, "alice/parking/roof/2", "").succeeds("");
}

#[test]
fn a_topic_without_its_user_is_completed_with_all_its_levels() {
    let stage = TestEnv::with_lot1();
    let run = publish(&stage, "parking/occupancy/level2", "");
    run.fails(77, &[&format!("{LOT1} may not publish to"), &format!("publish to {SUB_TOPIC}, or")]);
}

#[test]
fn a_clock_that_is_wrong_is_among_the_causes_of_a_refused_token() {
    let stage = TestEnv::with_lot1();
    stage.sandbox.kill_log_ins(LOT1).unwrap();
    stage.secret("pw", "hunter2secret");
    let clock = ["the broker refused the log-in of", "wrong key or password", "this machine's clock, which says 20"];
    for command in [format!("pub -t {TOPIC} -m 678"), format!("sub -t {TOPIC}")] {
        let outcome = stage.i3(&format!("{command} --device lot1")).fails(77, &clock);
        assert!(outcome.stderr.starts_with("error[log-in-refused]: the broker refused the log-in of"), "{outcome}");
        let outcome = stage.i3(&format!("{command} -u {LOT1} --pw-file pw")).fails(77, &clock[..2]);
        outcome.does_not_say(&["clock"]);
    }
    let outcome = stage.i3(&format!("pub -t {TOPIC} -l --device lot1")).input("1\n").run();
    assert_eq!(outcome.code, 77, "{outcome}");
    outcome.says(&clock);
}

#[test]
fn a_client_id_that_ends_a_purchase_is_warned_of() {
    let stage = stage(quick());
    let sub = |id: &str| stage.i3(&format!("sub -u bob --pw-file bob.pw -t {TOPIC} -q 1 -E -i {id}"));
    for id in ["bob", "BOB"] {
        sub(id).succeeds("").says(&["warning: the client id is the account's own name", "leave --id out"]);
    }
    sub("bob2").succeeds("").does_not_say(&["client id"]);
}

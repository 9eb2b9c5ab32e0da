//! Topics: those of a hub, of a buyer's purchases, below a product, with wildcards; and the messages about each.

use i3::sandbox::Options;

use crate::http::Browser;
use crate::program::{LONG, LOT1, Run, SHORT, TOPIC, TestEnv, quick};

const SUB_TOPIC: &str = "alice/parking/occupancy/level2";
const BARRIER: &str = "alice/parking/barrier";

/// An environment with lot1 and, besides the seeded data, the products barrier (an actuator) and unsold of alice/parking.
fn env(options: Options) -> TestEnv {
    let env = TestEnv::with_lot1_on(options);
    let mut alice = Browser::of_seller(&env.sandbox);
    assert_eq!(alice.create_product("barrier", "2").status, 302);
    assert_eq!(alice.create_product("unsold", "1").status, 302);
    env.secret("bob.pw", env.sandbox.seed().buyer_broker_password.expose());
    env.secret("bob.site", env.sandbox.seed().buyer_password.expose());
    env
}

fn publish(env: &TestEnv, topic: &str, more: &str) -> Run {
    env.i3(&format!("pub --device lot1 -t {topic} -m 678 --timeout {LONG} {more}"))
}

#[test]
fn a_device_subscribes_to_every_product_of_its_hub_and_to_nothing_else() {
    for options in [quick(), Options { rest: false, mqtt5: false, ..quick() }] {
        let env = env(options);
        let mut alice = Browser::of_seller(&env.sandbox);
        // A hub that the database takes for the same, another one, and a name that is not a topic.
        for hub in ["Parking", "garage"] {
            alice.post("/hubs/create/", &[("name", hub), ("private", "False")]);
            alice.post("/products/create/", &crate::http::product("elsewhere", hub, "1"));
        }
        alice.create_product("a+bcd", "1");
        for hub in ["parking", "alice/parking"] {
            let listening = env.i3(&format!("sub -v --device lot1 --hub {hub} -C 3 -W {LONG}"));
            let listening = listening.start().says("Subscribed to");
            for topic in [TOPIC, BARRIER, "alice/parking/unsold"] {
                publish(&env, topic, "").succeeds("");
            }
            let heard = listening.finish();
            heard.succeeded_with(&format!("{TOPIC} 678\n{BARRIER} 678\nalice/parking/unsold 678\n"));
            heard.says(&[
                &format!("Topics: {TOPIC}, {BARRIER}, alice/parking/unsold (3 in all)."),
                "a product is left out",
                "a+bcd",
            ]);
            heard.does_not_say(&["elsewhere"]);
        }
    }
}

#[test]
fn a_hub_is_for_a_device_of_it_and_has_to_have_products() {
    let env = env(quick());
    Browser::of_seller(&env.sandbox).post("/hubs/create/", &[("name", "shed"), ("private", "False")]);
    env.secret("shed1.pem", crate::program::key_pem());
    env.i3("register shed1 --hub shed --key shed1.pem").done();
    let before = env.sandbox.counts().broker_log_ins;
    let sub = |more: &str| env.i3(&format!("sub {more}"));
    sub("--device lot1 --hub shed").fails(77, &["never receives the products of the hub shed", "--hub alice/parking"]);
    sub("--device lot1 --hub bob/parking").fails(77, &["never receives"]);
    sub("-u bob --pw-file bob.pw --hub parking").fails(2, &["bob is not a device", "--purchased"]);
    sub("--device shed1 --hub shed").fails(65, &["the hub alice/shed has no product", "`i3 product create`"]);
    sub("--device lot1 --hub x").fails(65, &["'x'"]);
    assert_eq!(env.sandbox.counts().broker_log_ins, before);
}

#[test]
fn a_buyer_subscribes_to_everything_that_he_has_bought() {
    for options in [quick(), Options { rest: false, mqtt5: false, ..quick() }] {
        let env = env(options);
        assert!(env.sandbox.add_purchase("bob", BARRIER).unwrap());
        // Bought twice, subscribed to once.
        assert!(env.sandbox.add_purchase("bob", BARRIER).unwrap());
        let both =
            format!("Topics: {TOPIC}, {BARRIER} (2 in all; one that was booked and never granted stays silent).");
        let hears = |run: Run| {
            let listening = run.start().says("Subscribed to");
            for topic in [TOPIC, "alice/parking/unsold", BARRIER] {
                publish(&env, topic, "").succeeds("");
            }
            let heard = listening.finish();
            heard.succeeded_with(&format!("{TOPIC} 678\n{BARRIER} 678\n"));
            heard.says(&[&both]);
        };
        // The seller's log-in password and API key are in the environment: neither is used.
        let named = format!("sub -v -u bob --pw-file bob.pw --purchased -C 2 -W {LONG}");
        hears(env.i3(&format!("{named} --login-password-file bob.site")));
        hears(env.i3(&format!("{named} --user BOB --login-password-file bob.site")));
        let log_ins = env.sandbox.counts().market_log_ins;
        env.i3(&named).fails(78, &["there is no log-in for the marketplace's form"]);
        assert_eq!(env.sandbox.counts().market_log_ins, log_ins);
        // A kept log-in is enough, and the environment names the buyer.
        env.i3("login --user bob --login-password-file bob.site").done();
        hears(env.i3(&format!("sub -v --purchased -C 2 -W {LONG}")));
    }
}

#[test]
fn purchases_are_an_accounts_and_have_to_be_there() {
    let env = env(quick());
    let (carol, _) = env.sandbox.add_user("carol").unwrap().unwrap();
    env.secret("carol.site", carol.expose());
    let before = env.sandbox.counts().broker_log_ins;
    let sub = |more: &str| env.i3(&format!("sub --purchased {more}"));
    sub("--device lot1").fails(2, &["is a device", "-u NAME", "--pw-file FILE", "--hub HUB"]);
    // Without a user or a password, a device's options are not proposed.
    let password =
        "--pw-file FILE with the account's broker password, which `i3 notifications broker-password --out FILE`";
    let nobody = |line: &str| sub(line).without("I3_BUYER").env("HOME", env.tmp());
    let run = nobody("").fails(78, &["it is not known whose purchases are meant", "-u NAME and --pw-file FILE"]);
    run.does_not_say(&["--device", "--key"]);
    nobody("-u carol").fails(78, &["no credential is known for carol", password]).does_not_say(&["--key"]);
    let other = "-u bob --pw-file bob.pw --user alice";
    sub(other).fails(2, &["the purchases of alice are not those of bob", "leave --user out"]);
    let nothing = "-u carol --pw-file bob.pw --login-password-file carol.site";
    sub(nothing).fails(65, &["the account carol has bought no product", "name a topic with -t"]);
    let wrong = "-u bob --pw-file bob.pw --login-password-file bob.pw";
    sub(wrong).fails(77, &["bob"]);
    assert_eq!(env.sandbox.counts().broker_log_ins, before);
}

#[test]
fn topics_are_named_or_found_and_not_both() {
    let env = TestEnv::with_lot1();
    let fails = |args: &str, says: &[&str]| env.i3(&format!("sub {args}")).fails(2, says);
    fails("", &["no topic is given", "-t USER/HUB/PRODUCT", "--hub HUB", "--purchased"]);
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
    let env = TestEnv::with_lot1();
    for topic in ["#", "alice/parking/#", "alice/+/occupancy"] {
        for who in ["--device lot1", "-u bob"] {
            let run = env.i3(&format!("sub {who} -t {topic}"));
            let outcome = run.fails(
                65,
                &[
                    "subscriptions with wildcards are not made",
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
    let env = TestEnv::with_lot1();
    env.secret("bob.pw", env.sandbox.seed().buyer_broker_password.expose());
    let says = ["sub-topics are not sold yet", "publish to alice/parking/occupancy, if"];
    let lot1 = format!("pub --device lot1 -t {SUB_TOPIC} --timeout {SHORT}");
    for more in ["", "-q 1", "-q 1 -V 5", "-q 2 -V 5", "--spool s"] {
        let outcome = env.i3(&format!("{lot1} -m 678 {more}")).fails(77, &says);
        outcome.does_not_say(&["product create"]);
    }
    for more in ["-l", "-l -q 1 -V 5", "-l --spool lines"] {
        let outcome = env.i3(&format!("{lot1} {more}")).input("678\n").run();
        assert_eq!(outcome.code, 77, "{outcome}");
        outcome.says(&says).does_not_say(&["product create"]);
    }
    let bob = format!("pub -u bob --pw-file bob.pw -t {SUB_TOPIC} -m 678 --timeout {SHORT}");
    env.i3(&bob).fails(77, &says);
    // Longer than a product's topic could be: its product's is not.
    let long = format!("{SUB_TOPIC}/sensor7/temperature");
    env.i3(&format!("pub --device lot1 -t {long} -m 678 --timeout {SHORT}")).fails(77, &says);
    // A buyer hears nothing, and why that may be.
    let sub = format!("sub --device lot1 -t {SUB_TOPIC} -C 1 -W 1");
    env.i3(&sub).fails(75, &[&format!("{SUB_TOPIC} is a sub-topic, which are not sold yet")]);
}

#[test]
fn a_sub_topic_is_accepted_as_soon_as_its_echo_comes() {
    let env = TestEnv::with_lot1();
    // A product of this name grants the topics below it, as I3 plans to do for every product (I3 facts §1).
    let mut alice = Browser::of_seller(&env.sandbox);
    assert_eq!(alice.create_product("deck/#", "1").status, 302);
    publish(&env, "alice/parking/deck/level2", "-v").done().says(&["Delivered, echo after"]);
    publish(&env, "alice/parking/deck/level2", "-q 1 -V 5").succeeds("");
    let lines = env.i3(&format!("pub --device lot1 -t alice/parking/deck/level3/b -l --confirm all --timeout {LONG}"));
    lines.input("1\n2\n").succeeds("");
    // And a product's own name may have levels.
    assert_eq!(alice.create_product("roof/2", "1").status, 302);
    publish(&env, "alice/parking/roof/2", "").succeeds("");
}

#[test]
fn a_topic_without_its_user_is_completed_with_all_its_levels() {
    let env = TestEnv::with_lot1();
    let run = publish(&env, "parking/occupancy/level2", "");
    run.fails(77, &[&format!("is not a topic of {LOT1}'s hub"), &format!("publish to {SUB_TOPIC}, or")]);
}

#[test]
fn a_clock_that_is_wrong_is_among_the_causes_of_a_refused_token() {
    let env = TestEnv::with_lot1();
    env.sandbox.kill_log_ins(LOT1).unwrap();
    env.secret("pw", "hunter2secret");
    let clock = ["refused the log-in of", "wrong key or password", "this machine's clock, which says 20"];
    for command in [format!("pub -t {TOPIC} -m 678"), format!("sub -t {TOPIC}")] {
        let outcome = env.i3(&format!("{command} --device lot1")).fails(77, &clock);
        assert!(outcome.stderr.starts_with("error[log-in-refused]: the broker mqtt://"), "{outcome}");
        let outcome = env.i3(&format!("{command} -u {LOT1} --pw-file pw")).fails(77, &clock[..2]);
        outcome.does_not_say(&["clock"]);
    }
    let outcome = env.i3(&format!("pub -t {TOPIC} -l --device lot1")).input("1\n").run();
    assert_eq!(outcome.code, 77, "{outcome}");
    outcome.says(&clock);
}

#[test]
fn a_client_id_that_ends_a_purchase_is_warned_of() {
    let env = env(quick());
    let sub = |id: &str| env.i3(&format!("sub -u bob --pw-file bob.pw -t {TOPIC} -q 1 -E -i {id}"));
    for id in ["bob", "BOB"] {
        sub(id).succeeds("").says(&["warning: the client id is the account's own name", "leave --id out"]);
    }
    sub("bob2").succeeds("").does_not_say(&["client id"]);
}

#[test]
fn the_product_of_a_sub_topic_is_named_as_far_as_it_is_known() {
    let env = TestEnv::with_lot1();
    let publish = |topic: &str| env.i3(&format!("pub --device lot1 -t {topic} -m 1 --timeout {SHORT}")).run();
    let told = |topic: &str| {
        let failed = publish(topic);
        assert_eq!(failed.code, 77, "{failed}");
        assert_eq!(failed.error().id, Some("sub-topic"), "{failed}");
        failed
    };
    // Nothing was listed: whether there is such a product is not known.
    told("alice/parking/ocupancy/level2").says(&["publish to alice/parking/ocupancy, if `i3 product list` shows"]);
    env.i3("product list").done();
    told("alice/parking/ocupancy/level2")
        .says(&["did you mean 'alice/parking/occupancy'", "publish to alice/parking/occupancy;"]);
    told("alice/parking/occupancy/level2").says(&["publish to alice/parking/occupancy, which the product sells"]);
}

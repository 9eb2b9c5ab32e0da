//! Buying and selling from the shell: purchases, requests for restricted products, sales.

use i3::sandbox::{Fault, UserType};
use serde_json::{Value, json};

use crate::http::Browser;
use crate::program::{Run, TOPIC, TestEnv};

const GATE: &str = "alice/parking/gate";

/// The program as this user, by the website's password.
fn as_user(stage: &TestEnv, user: &str, password: &str, line: &str) -> Run {
    stage.i3(line).env("I3_USER", user).env("I3_LOGIN_PASSWORD", password).without("I3_API_KEY")
}

fn as_bob(stage: &TestEnv, line: &str) -> Run {
    let password = stage.sandbox.seed().buyer_password.expose().to_owned();
    as_user(stage, "bob", &password, line)
}

/// Both kinds of marketplace, with a restricted product of alice's.
fn both(test: impl Fn(&TestEnv)) {
    for stage in [TestEnv::new(), TestEnv::released()] {
        let mut alice = Browser::of_seller(&stage.sandbox);
        let restricted =
            [crate::http::product("gate", "parking", "2").as_slice(), &[("restricted_active", "on")]].concat();
        assert_eq!(alice.post("/products/create/", &restricted).status, 302);
        test(&stage);
    }
}

/// How many permissions a name has for a topic.
fn permissions(stage: &TestEnv, name: &str, topic: &str) -> usize {
    stage.sandbox.permissions().iter().filter(|row| row.name == name && row.topic == topic).count()
}

fn booked(stage: &TestEnv) -> usize {
    stage.sandbox.transactions().len()
}

#[test]
fn a_purchase_is_booked_once_and_granted() {
    both(|stage| {
        let (password, _) = stage.sandbox.add_user_of_type("hank", UserType::Buyer).unwrap().unwrap();
        let hank = |line: &str| as_user(stage, "hank", password.expose(), line);
        let before = booked(stage);
        hank(&format!("buy {TOPIC}")).fails(2, &["cannot be undone", "--yes"]);
        assert_eq!(booked(stage), before);
        let run = hank(&format!("buy {TOPIC} --quantity 3 --yes")).succeeds(&format!("{TOPIC}\n"));
        run.says(&["Booked: 3 of alice/parking/occupancy for ", "`i3 notifications broker-password`"]);
        run.keeps_secret(stage.sandbox.broker_password("hank").unwrap().expose());
        assert_eq!((booked(stage), permissions(stage, "hank", TOPIC)), (before + 1, 1));
        assert!(stage.sandbox.cart("hank").is_empty());
        hank("notifications broker-password").done();
        let told = hank(&format!("buy {TOPIC} --yes --json")).json();
        assert_eq!((&told["status"], &told["quantity"], &told["topic"]), (&json!("granted"), &json!(1), &json!(TOPIC)));
        let listed = hank("purchases").done().stdout;
        let rows: Vec<Vec<&str>> = listed.lines().map(|line| line.split('\t').skip(1).take(3).collect()).collect();
        assert_eq!(rows, [[TOPIC, "alice", "3"], [TOPIC, "alice", "1"]]);
        hank("buy alice/parking/nothing --yes").fails(65, &["no product"]);
        hank(&format!("buy {TOPIC} --quantity 0 --yes")).fails(2, &["--quantity"]);
        assert_eq!(booked(stage), before + 2);
    });
}

#[test]
fn a_restricted_product_is_requested_and_approved_once() {
    both(|stage| {
        let buy = as_bob(stage, &format!("buy {GATE} --yes --json"));
        let told = buy.arg("--request-message").arg("Please, <b>me</b>\nfor \u{20ac} 5").json();
        assert_eq!(told["status"], json!("requested"));
        assert_eq!(permissions(stage, "bob", GATE), 0);
        let listed = stage.i3("request list").done().stdout;
        let id = listed.split('\t').next().unwrap().to_owned();
        assert_eq!(listed, format!("{id}\tbob\t{GATE}\tPlease, <b>me</b> for \u{20ac} 5\n"));
        let one = &stage.i3("request list --json").json()[0];
        assert_eq!((&one["buyer"], &one["topic"]), (&json!("bob"), &json!(GATE)));
        stage.i3(&format!("request approve {id}")).fails(2, &["--yes"]);
        assert_eq!(permissions(stage, "bob", GATE), 0);
        let told = stage.i3(&format!("request approve {id} --yes --json")).json();
        assert_eq!((&told["decision"], &told["topic"], &told["notes"]), (&json!("approved"), &json!(GATE), &json!([])));
        assert_eq!(permissions(stage, "bob", GATE), 1);
        // Sent again, it would add a permission.
        stage.i3(&format!("request approve {id} --yes")).fails(65, &["no pending request", "none is pending"]);
        assert_eq!(permissions(stage, "bob", GATE), 1);
        stage.i3("request list").succeeds("").says(&["No request is pending"]);
    });
}

#[test]
fn a_declined_request_gives_nothing_and_takes_nothing() {
    both(|stage| {
        as_bob(stage, &format!("buy {GATE} --yes")).succeeds(&format!("{GATE}\n")).says(&["restricted", "approved"]);
        let request = stage.sandbox.requests()[0].id;
        let (before, had) = (booked(stage), stage.sandbox.permissions());
        let run = stage.i3(&format!("request decline {request} --yes"));
        run.succeeds(&format!("declined: bob, {GATE}\n"));
        assert_eq!(stage.sandbox.requests()[0].approved, Some(false));
        assert_eq!((booked(stage), stage.sandbox.permissions()), (before, had));
    });
}

#[test]
fn a_request_is_decided_on_by_its_own_seller_only() {
    both(|stage| {
        as_bob(stage, &format!("buy {GATE} --yes")).done();
        let request = stage.sandbox.requests()[0].id;
        let (password, _) = stage.sandbox.add_user("carol").unwrap().unwrap();
        let run = as_user(stage, "carol", password.expose(), &format!("request approve {request} --yes"));
        run.fails(65, &["no pending request"]);
        stage.i3("request approve 4711 --yes").fails(65, &[&format!("pending: {request}"), "`i3 request list`"]);
        assert_eq!(stage.sandbox.requests()[0].approved, None);
    });
}

#[test]
fn with_mail_down_a_request_stays_pending_and_is_approved_later() {
    both(|stage| {
        as_bob(stage, &format!("buy {GATE} --yes")).done();
        let request = stage.sandbox.requests()[0].id;
        stage.sandbox.set_mail_down(true);
        for task in ["approve", "decline"] {
            let run = stage.i3(&format!("request {task} {request} --yes"));
            run.fails(75, &["still pending", "mail", "try again later"]);
            assert_eq!((stage.sandbox.requests()[0].approved, permissions(stage, "bob", GATE)), (None, 0));
        }
        stage.sandbox.set_mail_down(false);
        stage.i3(&format!("request approve {request} --yes")).succeeds(&format!("approved: bob, {GATE}\n"));
        assert_eq!(permissions(stage, "bob", GATE), 1);
    });
}

#[test]
fn a_buyer_without_a_broker_account_cannot_be_approved() {
    both(|stage| {
        as_bob(stage, &format!("buy {GATE} --yes")).done();
        stage.sandbox.kill_log_ins("bob").unwrap();
        let request = stage.sandbox.requests()[0].id;
        let run = stage.i3(&format!("request approve {request} --yes"));
        run.fails(75, &["still pending", "the buyer's broker account"]);
        assert_eq!(permissions(stage, "bob", GATE), 0);
    });
}

#[test]
fn a_decision_whose_answer_was_lost_is_looked_up() {
    both(|stage| {
        as_bob(stage, &format!("buy {GATE} --yes")).done();
        let request = stage.sandbox.requests()[0].id;
        stage.sandbox.drop_next_post("/requests/", Fault::BeforeHandling);
        stage.i3(&format!("request approve {request} --yes")).fails(75, &["still pending", "was cut"]);
        stage.sandbox.drop_next_post("/requests/", Fault::AfterHandling);
        let run = stage.i3(&format!("request approve {request} --yes")).done();
        run.says(&["was cut", "no longer pending"]);
        assert_eq!(permissions(stage, "bob", GATE), 1);
    });
}

#[test]
fn with_mail_down_a_purchase_is_booked_once_and_grants_nothing() {
    both(|stage| {
        let (password, _) = stage.sandbox.add_user_of_type("hank", UserType::Buyer).unwrap().unwrap();
        let hank = |line: &str| as_user(stage, "hank", password.expose(), line);
        let before = booked(stage);
        stage.sandbox.set_mail_down(true);
        for topic in [TOPIC, GATE] {
            let run = hank(&format!("buy {topic} --yes"));
            let says =
                ["was booked for ", "nothing was granted", "mail is down", "removed from the cart", "`i3 purchases`"];
            run.fails(1, &says).does_not_say(&["try again"]);
            assert_eq!(permissions(stage, "hank", topic), 0);
            assert!(stage.sandbox.cart("hank").is_empty(), "a later check-out would book it again");
        }
        assert_eq!(booked(stage), before + 2);
        assert!(hank("purchases").done().stdout.contains(TOPIC), "what costs money is listed");
        stage.sandbox.set_mail_down(false);
        hank(&format!("buy {TOPIC} --yes")).done();
        assert_eq!((booked(stage), permissions(stage, "hank", TOPIC)), (before + 3, 1));
    });
}

#[test]
fn left_overs_in_the_cart_are_neither_booked_nor_lost_sight_of() {
    both(|stage| {
        let seed = stage.sandbox.seed();
        let mut bob = Browser::logged_in(&stage.sandbox, "bob", seed.buyer_password.expose());
        let gate = stage.sandbox.product_rows().iter().find(|row| row.title == GATE).unwrap().id.to_string();
        bob.get("/cart/");
        assert_eq!(bob.post("/cart/", &[("item", &gate), ("qty", "1")]).status, 302);
        let before = booked(stage);
        let run = as_bob(stage, &format!("buy {TOPIC} --yes"));
        run.fails(77, &["the cart is not empty", &format!("product {gate}"), "`i3 buy --clear-cart`"]);
        assert_eq!((booked(stage), stage.sandbox.cart("bob").len()), (before, 1));
        as_bob(stage, &format!("buy --clear-cart {TOPIC}")).fails(2, &["cannot be used with"]);
        as_bob(stage, "buy").fails(2, &["required"]);
        as_bob(stage, "buy --clear-cart").succeeds("1 taken out of the cart\n");
        assert!(stage.sandbox.cart("bob").is_empty());
        assert_eq!(as_bob(stage, "buy --clear-cart --json").json(), json!({ "removed": 0 }));
        as_bob(stage, &format!("buy {TOPIC} --yes")).done();
        assert_eq!(booked(stage), before + 1);
    });
}

#[test]
fn a_purchase_whose_answer_was_lost_is_looked_up_and_never_sent_again() {
    both(|stage| {
        let before = booked(stage);
        for path in ["/cart/", "/checkout/"] {
            stage.sandbox.drop_next_post(path, Fault::BeforeHandling);
            as_bob(stage, &format!("buy {TOPIC} --yes")).fails(75, &["was cut"]);
            assert_eq!(booked(stage), before, "{path}");
            assert!(stage.sandbox.cart("bob").is_empty(), "{path}");
        }
        // In the cart it shows, so the purchase goes on.
        stage.sandbox.drop_next_post("/cart/", Fault::AfterHandling);
        as_bob(stage, &format!("buy {TOPIC} --yes")).done();
        assert_eq!(booked(stage), before + 1);
        stage.sandbox.drop_next_post("/checkout/", Fault::AfterHandling);
        let run = as_bob(stage, &format!("buy {TOPIC} --yes"));
        run.fails(1, &["was booked for ", "it is unknown whether it was granted"]).does_not_say(&["try again"]);
        assert_eq!(booked(stage), before + 2);
    });
}

#[test]
fn a_message_that_cannot_be_stored_is_refused_before_sending() {
    let stage = TestEnv::released();
    let before = booked(&stage);
    let run = as_bob(&stage, &format!("buy {TOPIC} --yes")).arg("--request-message").arg("z\u{142}oty");
    run.fails(65, &["'\u{142}' (character 2)", "Windows-1252"]);
    assert_eq!((booked(&stage), stage.sandbox.cart("bob").len()), (before, 0));
}

#[test]
fn sales_are_told_by_topic_with_totals() {
    both(|stage| {
        let mut alice = Browser::of_seller(&stage.sandbox);
        for title in ["levels", "prices", "queues", "lights"] {
            alice.create_product(title, "1");
            as_bob(stage, &format!("buy alice/parking/{title} --yes --quantity 2")).done();
        }
        as_bob(stage, "buy alice/parking/levels --yes").done();
        let told = stage.i3("sales --json").json();
        let sales = told["sales"].as_array().unwrap();
        assert_eq!(sales.len(), booked(stage));
        assert!(sales.iter().all(|sale| sale["topic"].is_string() && sale["buyer"] == "bob"), "{told}");
        let booked_cents: i64 = stage.sandbox.transactions().iter().map(|row| row.price).sum();
        assert_eq!(told["total"], json!(format!("{}.{:02}", booked_cents / 100, booked_cents % 100)));
        let of = |topic: &str| -> Value {
            told["topics"].as_array().unwrap().iter().find(|row| row["topic"] == topic).unwrap().clone()
        };
        let levels = of("alice/parking/levels");
        assert_eq!((&levels["count"], &levels["quantity"], &levels["total"]), (&json!(2), &json!(3), &json!("6.00")));
        let run = stage.i3("sales --topic alice/parking/levels").done();
        let rows: Vec<Vec<&str>> = run.stdout.lines().map(|line| line.split('\t').skip(1).collect()).collect();
        assert_eq!(rows, [["alice/parking/levels", "bob", "2", "4.00"], ["alice/parking/levels", "bob", "1", "2.00"]]);
        run.says(&["2 sales, 3 units, 6.00 in all"]);
        stage.i3("sales --totals --topic alice/parking/levels").succeeds("alice/parking/levels\t2\t3\t6.00\n");
        assert_eq!(stage.i3("sales --hub ALICE/parking").done().stdout.lines().count(), booked(stage));
        stage.i3("sales --hub alice/garden").succeeds("").says(&["0 sales"]);
        stage.i3("sales --since 2999-01-01").succeeds("").says(&["0 sales"]);
        assert_eq!(stage.i3("sales --since 2020-01-01").done().stdout.lines().count(), booked(stage));
        stage.i3("sales --since yesterday").fails(2, &["such as 2026-11-01"]);
        stage.i3("sales --topic levels").fails(65, &["full topic"]);
        as_bob(stage, "sales").succeeds("").says(&["0 sales"]);
    });
}

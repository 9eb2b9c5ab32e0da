//! Buying and selling from the shell: purchases, requests for restricted products, sales.

use i3::sandbox::{Fault, UserType};
use serde_json::{Value, json};

use crate::http::Browser;
use crate::program::{Run, TOPIC, TestEnv};

const GATE: &str = "alice/parking/gate";

/// The program as this user, by the website's password.
fn as_user(env: &TestEnv, user: &str, password: &str, line: &str) -> Run {
    env.i3(line).env("I3_USER", user).env("I3_LOGIN_PASSWORD", password).without("I3_API_KEY")
}

fn as_bob(env: &TestEnv, line: &str) -> Run {
    let password = env.sandbox.seed().buyer_password.expose().to_owned();
    as_user(env, "bob", &password, line)
}

/// Both kinds of marketplace, with a restricted product of alice's.
fn both(test: impl Fn(&TestEnv)) {
    for env in [TestEnv::new(), TestEnv::released()] {
        let mut alice = Browser::of_seller(&env.sandbox);
        let restricted =
            [crate::http::product("gate", "parking", "2").as_slice(), &[("restricted_active", "on")]].concat();
        assert_eq!(alice.post("/products/create/", &restricted).status, 302);
        test(&env);
    }
}

/// How many permissions a name has for a topic.
fn permissions(env: &TestEnv, name: &str, topic: &str) -> usize {
    env.sandbox.permissions().iter().filter(|row| row.name == name && row.topic == topic).count()
}

fn booked(env: &TestEnv) -> usize {
    env.sandbox.transactions().len()
}

#[test]
fn a_purchase_is_booked_once_and_granted() {
    both(|env| {
        let (password, _) = env.sandbox.add_user_of_type("hank", UserType::Buyer).unwrap().unwrap();
        let hank = |line: &str| as_user(env, "hank", password.expose(), line);
        let before = booked(env);
        hank(&format!("buy {TOPIC}")).fails(2, &["cannot be undone", "--yes"]);
        assert_eq!(booked(env), before);
        let run = hank(&format!("buy {TOPIC} --quantity 3 --yes -v")).succeeds(&format!("{TOPIC}\n"));
        run.says(&["Booked: 3 of alice/parking/occupancy for ", "`i3 notifications broker-password`"]);
        run.keeps_secret(env.sandbox.broker_password("hank").unwrap().expose());
        assert_eq!((booked(env), permissions(env, "hank", TOPIC)), (before + 1, 1));
        assert!(env.sandbox.cart("hank").is_empty());
        hank("notifications broker-password").done();
        let told = hank(&format!("buy {TOPIC} --yes --json")).json();
        assert_eq!((&told["status"], &told["quantity"], &told["topic"]), (&json!("granted"), &json!(1), &json!(TOPIC)));
        let listed = hank("purchases").done().stdout;
        let rows: Vec<Vec<&str>> = listed.lines().map(|line| line.split('\t').skip(1).take(3).collect()).collect();
        assert_eq!(rows, [[TOPIC, "alice", "3"], [TOPIC, "alice", "1"]]);
        hank("buy alice/parking/nothing --yes").fails(65, &["no product"]);
        hank(&format!("buy {TOPIC} --quantity 0 --yes")).fails(2, &["--quantity"]);
        assert_eq!(booked(env), before + 2);
    });
}

#[test]
fn a_restricted_product_is_requested_and_approved_once() {
    both(|env| {
        let buy = as_bob(env, &format!("buy {GATE} --yes --json"));
        let told = buy.arg("--request-message").arg("Please, <b>me</b>\nfor \u{20ac} 5").json();
        assert_eq!(told["status"], json!("requested"));
        assert_eq!(permissions(env, "bob", GATE), 0);
        let listed = env.i3("request list").done().stdout;
        let id = listed.split('\t').next().unwrap().to_owned();
        assert_eq!(listed, format!("{id}\tbob\t{GATE}\tPlease, <b>me</b> for \u{20ac} 5\n"));
        let one = &env.i3("request list --json").json()[0];
        assert_eq!((&one["buyer"], &one["topic"]), (&json!("bob"), &json!(GATE)));
        env.i3(&format!("request approve {id}")).fails(2, &["--yes"]);
        assert_eq!(permissions(env, "bob", GATE), 0);
        let told = env.i3(&format!("request approve {id} --yes --json")).json();
        assert_eq!((&told["decision"], &told["topic"], &told["notes"]), (&json!("approved"), &json!(GATE), &json!([])));
        assert_eq!(permissions(env, "bob", GATE), 1);
        // Sent again, it would add a permission.
        env.i3(&format!("request approve {id} --yes")).fails(65, &["no pending request", "none is pending"]);
        assert_eq!(permissions(env, "bob", GATE), 1);
        env.i3("request list -v").succeeds("").says(&["No request is pending"]);
    });
}

#[test]
fn a_declined_request_gives_nothing_and_takes_nothing() {
    both(|env| {
        as_bob(env, &format!("buy {GATE} --yes -v")).succeeds(&format!("{GATE}\n")).says(&["restricted", "approved"]);
        let request = env.sandbox.requests()[0].id;
        let (before, had) = (booked(env), env.sandbox.permissions());
        let run = env.i3(&format!("request decline {request} --yes"));
        run.succeeds(&format!("declined: bob, {GATE}\n"));
        assert_eq!(env.sandbox.requests()[0].approved, Some(false));
        assert_eq!((booked(env), env.sandbox.permissions()), (before, had));
    });
}

#[test]
fn a_request_is_decided_on_by_its_own_seller_only() {
    both(|env| {
        as_bob(env, &format!("buy {GATE} --yes")).done();
        let request = env.sandbox.requests()[0].id;
        let (password, _) = env.sandbox.add_user("carol").unwrap().unwrap();
        let run = as_user(env, "carol", password.expose(), &format!("request approve {request} --yes"));
        run.fails(65, &["no pending request"]);
        env.i3("request approve 4711 --yes").fails(65, &[&format!("pending: {request}"), "`i3 request list`"]);
        assert_eq!(env.sandbox.requests()[0].approved, None);
    });
}

#[test]
fn with_mail_down_a_request_stays_pending_and_is_approved_later() {
    both(|env| {
        as_bob(env, &format!("buy {GATE} --yes")).done();
        let request = env.sandbox.requests()[0].id;
        env.sandbox.set_mail_down(true);
        for task in ["approve", "decline"] {
            let run = env.i3(&format!("request {task} {request} --yes"));
            run.fails(75, &["still pending", "mail", "try again later"]);
            assert_eq!((env.sandbox.requests()[0].approved, permissions(env, "bob", GATE)), (None, 0));
        }
        env.sandbox.set_mail_down(false);
        env.i3(&format!("request approve {request} --yes")).succeeds(&format!("approved: bob, {GATE}\n"));
        assert_eq!(permissions(env, "bob", GATE), 1);
    });
}

#[test]
fn a_buyer_without_a_broker_account_cannot_be_approved() {
    both(|env| {
        as_bob(env, &format!("buy {GATE} --yes")).done();
        env.sandbox.kill_log_ins("bob").unwrap();
        let request = env.sandbox.requests()[0].id;
        let run = env.i3(&format!("request approve {request} --yes"));
        run.fails(75, &["still pending", "the buyer's broker account"]);
        assert_eq!(permissions(env, "bob", GATE), 0);
    });
}

#[test]
fn a_decision_whose_answer_was_lost_is_looked_up() {
    both(|env| {
        as_bob(env, &format!("buy {GATE} --yes")).done();
        let request = env.sandbox.requests()[0].id;
        env.sandbox.drop_next_post("/requests/", Fault::BeforeHandling);
        env.i3(&format!("request approve {request} --yes")).fails(75, &["still pending", "was cut"]);
        env.sandbox.drop_next_post("/requests/", Fault::AfterHandling);
        let run = env.i3(&format!("request approve {request} --yes")).done();
        run.says(&["was cut", "no longer pending"]);
        assert_eq!(permissions(env, "bob", GATE), 1);
    });
}

#[test]
fn with_mail_down_a_purchase_is_booked_once_and_grants_nothing() {
    both(|env| {
        let (password, _) = env.sandbox.add_user_of_type("hank", UserType::Buyer).unwrap().unwrap();
        let hank = |line: &str| as_user(env, "hank", password.expose(), line);
        let before = booked(env);
        env.sandbox.set_mail_down(true);
        for topic in [TOPIC, GATE] {
            let run = hank(&format!("buy {topic} --yes"));
            let says =
                ["was booked for ", "nothing was granted", "mail is down", "removed from the cart", "`i3 purchases`"];
            run.fails(1, &says).does_not_say(&["try again"]);
            assert_eq!(permissions(env, "hank", topic), 0);
            assert!(env.sandbox.cart("hank").is_empty(), "a later check-out would book it again");
        }
        assert_eq!(booked(env), before + 2);
        assert!(hank("purchases").done().stdout.contains(TOPIC), "what costs money is listed");
        env.sandbox.set_mail_down(false);
        hank(&format!("buy {TOPIC} --yes")).done();
        assert_eq!((booked(env), permissions(env, "hank", TOPIC)), (before + 3, 1));
    });
}

#[test]
fn left_overs_in_the_cart_are_neither_booked_nor_lost_sight_of() {
    both(|env| {
        let seed = env.sandbox.seed();
        let mut bob = Browser::logged_in(&env.sandbox, "bob", seed.buyer_password.expose());
        let gate = env.sandbox.product_rows().iter().find(|row| row.title == GATE).unwrap().id.to_string();
        bob.get("/cart/");
        assert_eq!(bob.post("/cart/", &[("item", &gate), ("qty", "1")]).status, 302);
        let before = booked(env);
        let run = as_bob(env, &format!("buy {TOPIC} --yes"));
        run.fails(77, &["the cart is not empty", &format!("product {gate}"), "`i3 buy --clear-cart`"]);
        assert_eq!((booked(env), env.sandbox.cart("bob").len()), (before, 1));
        as_bob(env, &format!("buy --clear-cart {TOPIC}")).fails(2, &["cannot be used with"]);
        as_bob(env, "buy").fails(2, &["required"]);
        as_bob(env, "buy --clear-cart").succeeds("1 taken out of the cart\n");
        assert!(env.sandbox.cart("bob").is_empty());
        assert_eq!(as_bob(env, "buy --clear-cart --json").json(), json!({ "removed": 0, "schema": 1 }));
        as_bob(env, &format!("buy {TOPIC} --yes")).done();
        assert_eq!(booked(env), before + 1);
    });
}

#[test]
fn a_purchase_whose_answer_was_lost_is_looked_up_and_never_sent_again() {
    both(|env| {
        let before = booked(env);
        for path in ["/cart/", "/checkout/"] {
            env.sandbox.drop_next_post(path, Fault::BeforeHandling);
            as_bob(env, &format!("buy {TOPIC} --yes")).fails(75, &["was cut"]);
            assert_eq!(booked(env), before, "{path}");
            assert!(env.sandbox.cart("bob").is_empty(), "{path}");
        }
        // In the cart it shows, so the purchase goes on.
        env.sandbox.drop_next_post("/cart/", Fault::AfterHandling);
        as_bob(env, &format!("buy {TOPIC} --yes")).done();
        assert_eq!(booked(env), before + 1);
        env.sandbox.drop_next_post("/checkout/", Fault::AfterHandling);
        let run = as_bob(env, &format!("buy {TOPIC} --yes"));
        run.fails(1, &["was booked for ", "it is unknown whether it was granted"]).does_not_say(&["try again"]);
        assert_eq!(booked(env), before + 2);
    });
}

#[test]
fn a_message_that_cannot_be_stored_is_refused_before_sending() {
    let env = TestEnv::released();
    let before = booked(&env);
    let run = as_bob(&env, &format!("buy {TOPIC} --yes")).arg("--request-message").arg("z\u{142}oty");
    run.fails(65, &["'\u{142}' (character 2)", "Windows-1252"]);
    assert_eq!((booked(&env), env.sandbox.cart("bob").len()), (before, 0));
}

#[test]
fn sales_are_told_by_topic_with_totals() {
    both(|env| {
        let mut alice = Browser::of_seller(&env.sandbox);
        for title in ["levels", "prices", "queues", "lights"] {
            alice.create_product(title, "1");
            as_bob(env, &format!("buy alice/parking/{title} --yes --quantity 2")).done();
        }
        as_bob(env, "buy alice/parking/levels --yes").done();
        let told = env.i3("sales --json").json();
        let sales = told["sales"].as_array().unwrap();
        assert_eq!(sales.len(), booked(env));
        assert!(sales.iter().all(|sale| sale["topic"].is_string() && sale["buyer"] == "bob"), "{told}");
        let booked_cents: i64 = env.sandbox.transactions().iter().map(|row| row.price).sum();
        assert_eq!(told["total"], json!(format!("{}.{:02}", booked_cents / 100, booked_cents % 100)));
        let of = |topic: &str| -> Value {
            told["topics"].as_array().unwrap().iter().find(|row| row["topic"] == topic).unwrap().clone()
        };
        let levels = of("alice/parking/levels");
        assert_eq!((&levels["count"], &levels["quantity"], &levels["total"]), (&json!(2), &json!(3), &json!("6.00")));
        let run = env.i3("sales --topic alice/parking/levels -v").done();
        let rows: Vec<Vec<&str>> = run.stdout.lines().map(|line| line.split('\t').skip(1).collect()).collect();
        assert_eq!(rows, [["alice/parking/levels", "bob", "2", "4.00"], ["alice/parking/levels", "bob", "1", "2.00"]]);
        run.says(&["2 sales, 3 units, 6.00 in all"]);
        env.i3("sales --totals --topic alice/parking/levels").succeeds("alice/parking/levels\t2\t3\t6.00\n");
        assert_eq!(env.i3("sales --hub ALICE/parking").done().stdout.lines().count(), booked(env));
        env.i3("sales --hub alice/garden").succeeds("").says(&["0 sales"]);
        env.i3("sales --since 2999-01-01").succeeds("").says(&["0 sales"]);
        assert_eq!(env.i3("sales --since 2020-01-01").done().stdout.lines().count(), booked(env));
        env.i3("sales --since yesterday").fails(2, &["such as 2026-11-01"]);
        env.i3("sales --topic levels").fails(65, &["full topic"]);
        as_bob(env, "sales").succeeds("").says(&["0 sales"]);
    });
}

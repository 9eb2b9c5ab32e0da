//! Buying and selling from the shell: purchases, requests for restricted products, sales.

use i3::sandbox::{Fault, RequestState, UserType};
use serde_json::{Value, json};

use crate::http::Browser;
use crate::program::{Run, TOPIC, TestEnv};
use crate::support::between::between;

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
        assert_eq!(env.sandbox.requests()[0].decision, RequestState::Declined);
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
        assert_eq!(env.sandbox.requests()[0].decision, RequestState::Pending);
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
            assert_eq!((env.sandbox.requests()[0].decision, permissions(env, "bob", GATE)), (RequestState::Pending, 0));
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
        // In the cart it shows, so the purchase continues.
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
        env.i3("sales --since 2999-01-01 -v").succeeds("").says(&["0 sales"]);
        assert_eq!(env.i3("sales --since 2020-01-01").done().stdout.lines().count(), booked(env));
        env.i3("sales --since yesterday").fails(2, &["such as 2026-11-01"]);
        env.i3("sales --topic levels").fails(65, &["full topic"]);
        as_bob(env, "sales -v").succeeds("").says(&["0 sales"]);
    });
}

/// The product's number, as the website's forms take it.
fn number(env: &TestEnv, topic: &str) -> String {
    env.sandbox.product_rows().iter().find(|row| row.title == topic).unwrap().id.to_string()
}

/// Buys as bob, while the browser does something before the GET of the cart of this number, from 1.
fn buy_with_browser(
    env: &TestEnv,
    at: usize,
    mut meddle: impl FnMut(&mut Browser) + Send + 'static,
) -> crate::program::Outcome {
    let password = env.sandbox.seed().buyer_password.expose().to_owned();
    let mut browser = Browser::logged_in(&env.sandbox, "bob", &password);
    let mut looked = 0;
    let market = between(&env.sandbox, move |request| {
        if request.method == "GET" && request.path() == "/cart/" {
            looked += 1;
            if looked == at {
                meddle(&mut browser);
            }
        }
        None
    });
    as_bob(env, &format!("buy {TOPIC} --yes")).env("I3_MARKET", market.url()).run()
}

#[test]
fn two_runs_that_buy_at_the_same_moment_wait_for_each_other() {
    both(|env| {
        let before = booked(env);
        for _ in 0..3 {
            let runs = [TOPIC, GATE].map(|topic| as_bob(env, &format!("buy {topic} --yes")).start());
            for run in runs {
                let ended = run.finish();
                assert_eq!(ended.code, 0, "{ended}");
            }
        }
        assert_eq!((booked(env), env.sandbox.cart("bob").len()), (before + 6, 0));
    });
}

#[test]
fn runs_of_two_machines_say_what_was_booked_and_leave_nothing_in_the_cart() {
    let env = TestEnv::new();
    let mut alice = Browser::of_seller(&env.sandbox);
    assert_eq!(alice.create_product("gate", "1").status, 302);
    for round in 0..4 {
        let number = |topic: &str| env.sandbox.product_rows().iter().find(|row| row.title == topic).unwrap().id;
        let of = |topic: &str| env.sandbox.transactions().iter().filter(|row| row.product == number(topic)).count();
        let before = [TOPIC, GATE].map(of);
        let runs = [TOPIC, GATE].map(|topic| {
            let home = env.path(&format!("home-{round}-{}", topic.len()));
            as_bob(&env, &format!("buy {topic} --yes")).env("I3_HOME", home).start()
        });
        let ended = runs.map(|run| run.finish());
        for ((topic, ended), before) in [TOPIC, GATE].into_iter().zip(&ended).zip(before) {
            let says_so = ended.code == 0 || ended.stderr.contains("was booked for ");
            assert_eq!(of(topic) - before, usize::from(says_so), "{ended}");
        }
        assert!(env.sandbox.cart("bob").is_empty(), "{}{}", ended[0], ended[1]);
    }
}

#[test]
fn what_another_check_out_books_is_told_as_booked() {
    both(|env| {
        let before = booked(env);
        let run = buy_with_browser(env, 2, |browser| {
            assert_eq!(browser.ajax("POST", "/checkout/").status, 200);
        });
        assert_eq!((run.code, booked(env)), (1, before + 1), "{run}");
        run.says(&["error[bought-not-granted]", "was booked for ", "another check-out", "`i3 purchases`"]);
    });
}

#[test]
fn what_comes_into_the_cart_beside_a_purchase_stays_there_and_the_product_does_not() {
    both(|env| {
        let (before, gate) = (booked(env), number(env, GATE));
        let put = move |browser: &mut Browser| {
            assert_eq!(browser.post("/cart/", &[("item", &gate), ("qty", "1")]).status, 302);
        };
        let run = buy_with_browser(env, 2, put.clone());
        assert_eq!((run.code, booked(env)), (77, before), "{run}");
        run.says(&["error[cart-not-empty]", "nothing was booked", "was removed from the cart", "buy again once"]);
        let in_cart = || env.sandbox.cart("bob").iter().map(ToString::to_string).collect::<Vec<_>>();
        assert_eq!(in_cart(), [number(env, GATE)]);
        as_bob(env, "buy --clear-cart").done();
        // After the check-out it is not taken for what was bought.
        let run = buy_with_browser(env, 3, put);
        assert_eq!((run.code, booked(env)), (0, before + 1), "{run}");
        assert_eq!(in_cart(), [number(env, GATE)]);
    });
}

#[test]
fn a_filter_that_names_nothing_is_an_error_and_one_that_finds_nothing_is_not() {
    both(|env| {
        as_bob(env, &format!("buy {TOPIC} --yes")).done();
        for (list, code, says) in [
            ("sales --topic alice/parking/ocupancy", 65, "did you mean 'alice/parking/occupancy'?"),
            ("sales --topic ALICE/parking/occupancy", 65, "only in another case: alice/parking/occupancy"),
            ("sales --hub alice/nope", 65, "error[hub-unknown]"),
            ("sales --hub parkin", 65, "did you mean 'alice/parking'?"),
            ("sales --hub bob/parking", 77, "error[not-yours]"),
            ("product list --hub alice/nope", 65, "error[hub-unknown]"),
            ("product list --hub parkin", 65, "did you mean 'alice/parking'?"),
            ("device list --hub nope", 65, "error[hub-unknown]"),
        ] {
            env.i3(list).fails(code, &[says]);
        }
        for (list, says) in [
            ("purchases --topic alice/parking/ocupancy", "did you mean 'alice/parking/occupancy'?"),
            ("purchases --hub alice/nope", "error[hub-unknown]"),
            ("purchases --hub alice/parkin", "did you mean 'alice/parking'?"),
        ] {
            as_bob(env, list).fails(65, &[says]);
        }
        // What exists and was neither sold nor bought is nothing.
        env.i3("hub create meadow").done();
        for list in [
            format!("sales --topic {GATE}"),
            "sales --hub meadow".into(),
            format!("sales --topic {TOPIC} --since 2999-01-01"),
        ] {
            env.i3(&list).arg("-v").succeeds("").says(&["0 sales"]);
        }
        env.i3("product list --hub meadow -v").succeeds("").says(&["no such product"]);
        as_bob(env, &format!("purchases --topic {GATE} -v")).succeeds("").says(&["0 purchases"]);
        for hub in ["parking", "alice/parking", "ALICE/parking"] {
            assert_eq!(env.i3(&format!("sales --hub {hub}")).done().stdout.lines().count(), booked(env));
            assert!(!as_bob(env, &format!("purchases --hub {hub}")).done().stdout.is_empty());
        }
    });
}

#[test]
fn a_product_that_is_there_is_not_to_be_created_under_another_name() {
    both(|env| {
        env.sandbox.set_mail_down(true);
        let create = || env.i3("product create humid --hub parking --description x --price 2 --type sensor");
        create().fails(75, &["`i3 product repair"]);
        env.sandbox.set_mail_down(false);
        let again = create().fails(77, &["error[product-exists]", "'alice/parking/humid' already exists"]);
        again.says(&["`i3 product show alice/parking/humid`", "`i3 product repair alice/parking/humid`"]);
        again.does_not_say(&["choose another name"]);
        env.i3("product repair alice/parking/humid").done();
        env.i3("product create HUMID --hub parking --description x --price 2 --type sensor")
            .fails(77, &["choose another name"]);
    });
}

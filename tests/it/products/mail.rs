//! What each action leaves of a product while the marketplace's mail, or its database, is down.

use i3::sandbox::{Options, ProductRecord};
use serde_json::json;

use super::{DECK, deck, grants, with_deck, without_mail_at};
use crate::program::{Run, TOPIC, TestEnv, quick};
use crate::support::between::{between, forward};

#[test]
fn without_mail_a_product_is_created_without_permissions_until_it_is_repaired() {
    for rest in [true, false] {
        let env = TestEnv::with(Options { rest, ..quick() });
        env.register_lot1();
        let create = "product create deck --hub parking --description d --price 2 --type sensor --restricted \
                      --latitude 1 --longitude 2 --sale-price 1.5";
        env.sandbox.set_mail_down(true);
        let run = env.i3(create);
        run.fails(
            75,
            &[
                "alice/parking/deck was created, but has no permissions yet",
                "a device that is registered from now on gets its permission",
                "run `i3 product repair alice/parking/deck` when the marketplace's mail works",
            ],
        );
        let created = deck(&env);
        assert_eq!((created.title.as_str(), grants(&env, DECK)), (DECK, 0));
        env.i3(create).fails(77, &["'alice/parking/deck' already exists"]);
        // With the mail still down, nothing helps; nothing is lost either.
        let repair = || env.i3(&format!("product repair {DECK}"));
        repair().fails(75, &["is saved, but has no new permissions", "when the marketplace's mail works"]);
        assert_eq!((deck(&env), grants(&env, DECK)), (created.clone(), 0));
        env.secret("pw", "hunter2secret");
        env.i3("register lot2 --hub parking --password-file pw").done();
        env.i3(&format!("pub --device lot2 -t {DECK} -m 7")).succeeds("");
        env.sandbox.set_mail_down(false);
        repair().succeeds(&format!("{DECK}\n"));
        assert_eq!((deck(&env), grants(&env, DECK)), (created, 1));
        env.i3(&format!("pub --device lot1 -t {DECK} -m 7")).succeeds("");
    }
}

#[test]
fn where_only_the_creation_met_no_mail_the_product_is_repaired_at_once() {
    for path in ["/products/create/", "/api/product/"] {
        let env = TestEnv::with(Options { rest: path.starts_with("/api"), ..quick() });
        env.register_lot1();
        let market = without_mail_at(&env, path);
        let create = "product create deck --hub parking --description d --price 2 --type sensor --json";
        let told = env.i3(create).env("I3_MARKET", market.url()).json();
        assert_eq!((&told["repaired"], &told["id"]), (&json!(true), &json!(2)));
        assert_eq!((deck(&env).hub.as_str(), grants(&env, DECK)), ("alice/parking", 1));
        env.i3(&format!("pub --device lot1 -t {DECK} -m 7")).succeeds("");
    }
}

#[test]
fn without_mail_an_edit_is_stored() {
    let env = TestEnv::released();
    let before = with_deck(&env);
    let given = grants(&env, DECK);
    env.sandbox.set_mail_down(true);
    let done = env.i3(&format!("product edit {DECK} --price 3")).succeeds(&format!("{DECK}\n"));
    done.says(&["answered 500 but changed the product", "run `i3 product repair alice/parking/deck` when"]);
    assert_eq!((deck(&env), grants(&env, DECK)), (ProductRecord { price: 300, ..before }, given));
}

#[test]
fn without_mail_a_deletion_is_told_as_far_as_it_went() {
    let says = |topic: &str| {
        [
            "did not finish deleting".to_owned(),
            "if somebody else has bought it, nothing has changed; if nobody has, its permissions are gone".into(),
            format!("`i3 product delete {topic}` again"),
            format!("`i3 product repair {topic}`"),
        ]
    };
    let fails = |run: Run, topic: &str| run.fails(75, &says(topic).each_ref().map(String::as_str));
    // Nobody bought it: the permissions are gone, and the row stays.
    let env = TestEnv::released();
    let before = with_deck(&env);
    let delete = format!("product delete {DECK} --yes");
    env.sandbox.set_mail_down(true);
    fails(env.i3(&delete), DECK);
    assert_eq!((deck(&env), grants(&env, DECK)), (before.clone(), 0));
    env.sandbox.set_mail_down(false);
    // It can be kept after all, or deleted.
    env.i3(&format!("product repair {DECK}")).done();
    assert_eq!((deck(&env), grants(&env, DECK)), (before, 1));
    env.i3(&delete).succeeds(&format!("{DECK}\n"));
    assert_eq!(env.sandbox.product_rows().len(), 1);

    // Somebody bought it: nothing at all changed.
    let env = TestEnv::with_lot1_on(Options { rest: false, ..quick() });
    let delete = format!("product delete {TOPIC} --yes");
    env.sandbox.add_user("hank").unwrap();
    assert!(env.sandbox.add_purchase("hank", TOPIC).unwrap());
    let before = (env.sandbox.product_rows(), env.sandbox.permissions(), env.sandbox.transactions());
    env.sandbox.set_mail_down(true);
    fails(env.i3(&delete), TOPIC);
    let after = (env.sandbox.product_rows(), env.sandbox.permissions(), env.sandbox.transactions());
    assert_eq!(before, after);
    env.sandbox.set_mail_down(false);
    env.i3(&delete).done();
    assert!(env.sandbox.product_rows().is_empty());
}

#[test]
fn without_its_database_the_marketplace_neither_deletes_nor_saves() {
    let env = TestEnv::released();
    let before = with_deck(&env);
    let controls = (*env.sandbox).clone();
    let url = env.sandbox.market_url();
    let market = between(&env.sandbox, move |request| {
        let acts = request.path().contains("/delete/") || request.method == "POST" && request.path().contains("/edit/");
        acts.then(|| {
            controls.set_web_database_down(true);
            let reply = forward(&url, request);
            controls.set_web_database_down(false);
            reply
        })
    });
    let run = |line: &str| env.i3(&format!("product {line}")).env("I3_MARKET", market.url());
    run(&format!("delete {DECK} --yes")).fails(75, &["broke down (500", "nothing was deleted"]);
    run(&format!("repair {DECK}")).fails(75, &["broke down (500", "nothing was changed"]);
    run(&format!("edit {DECK} --price 3")).fails(75, &["broke down (500", "nothing was changed"]);
    assert_eq!(deck(&env), before);
}

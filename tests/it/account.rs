//! The user's account from the shell: signed up, notified, and its broker password.

use std::fs;

use i3::sandbox::{Fault, UserType};
use serde_json::json;

use crate::program::{LONG, Run, TOPIC, TestEnv, key_pem, mode};
use crate::support::http_server::{HttpServer, Reply};

const PASSWORD: &str = "Tr0ub4dor and 3";

/// An environment whose variables name no user.
fn nobody(mut env: TestEnv) -> TestEnv {
    for name in ["I3_API_KEY", "I3_LOGIN_PASSWORD", "I3_USER"] {
        env.unset(name);
    }
    env
}

fn sign_up(env: &TestEnv, options: &str) -> Run {
    env.i3(&format!("signup --login-password-stdin {options}")).input(format!("{PASSWORD}\n"))
}

/// The program as the seeded buyer, by his website's password.
fn as_bob(env: &TestEnv, line: &str) -> Run {
    let password = env.sandbox.seed().buyer_password.expose().to_owned();
    env.i3(line).env("I3_USER", "bob").env("I3_LOGIN_PASSWORD", password).without("I3_API_KEY")
}

#[test]
fn an_account_is_made_and_logged_in() {
    for env in [TestEnv::new(), TestEnv::released()] {
        let env = nobody(env);
        let run = sign_up(&env, "--user carol --email carol@example.org -v").succeeds("carol\n");
        run.says(&["'carol' is signed up and logged in"]).keeps_secret(PASSWORD);
        let folder = env.home().join(".local/share/i3-marketplace/accounts");
        let kept = fs::read_dir(folder).unwrap().next().unwrap().unwrap().path();
        assert_eq!(mode(&kept), 0o600);
        assert!(!fs::read_to_string(kept).unwrap().contains(PASSWORD));
        // From here on only the saved log-in is needed.
        env.i3("hub create meadow").succeeds("carol/meadow\n");
        env.i3("product create bees --hub meadow --description hive --price 2 --type sensor").done();
        assert_eq!(env.i3("product list").done().stdout.split('\t').next(), Some("carol/meadow/bees"));
        env.i3("request list -v").succeeds("").says(&["No request is pending"]);
    }
}

#[test]
fn an_account_is_for_selling_buying_or_both() {
    let env = nobody(TestEnv::released());
    for (user, role) in [("dora", "seller"), ("emil", "buyer"), ("fred", "both")] {
        let told = sign_up(&env, &format!("--user {user} --type {role} --json")).json();
        assert_eq!((&told["user"], &told["type"]), (&json!(user), &json!(role)));
        let requests = env.i3("request list");
        match role {
            "buyer" => requests.fails(77, &["no purchase requests to this user", "--type seller"]),
            _ => requests.succeeds(""),
        };
    }
    let told = sign_up(&env, "--user greta -v").succeeds("greta\n");
    told.says(&["The log-in of fred that was kept is replaced"]);
}

#[test]
fn what_the_form_would_refuse_or_break_down_over_is_told_before_sending() {
    let env = nobody(TestEnv::released());
    let signed_up_before = env.sandbox.counts().changes;
    let with =
        |user: &str, password: &str| env.i3_with("signup --login-password-stdin --user", &[user]).input(password);
    for (user, password, says) in [
        ("jos\u{e9}", PASSWORD, "is not ASCII"),
        ("two words", PASSWORD, "use letters, digits and _"),
        (&*"a".repeat(22), PASSWORD, "no product fits"),
        ("carol", "", "the new log-in password is empty"),
        ("carol", &*"x".repeat(129), "has 129 characters"),
        ("carol", " Tr0ub4dor", "begins or ends with white space"),
        ("carol", "Tr0ub4dor \n", "begins or ends with white space"),
    ] {
        with(user, password).fails(65, &[says]).keeps_secret("Tr0ub4dor");
    }
    let chosen = with("two words", PASSWORD).fails(65, &["choose a user name of ASCII letters, digits and _"]);
    chosen.does_not_say(&["hub list"]);
    for bad in ["carol", "a b@example.org", "z\u{142}@example.org"] {
        with("carol", PASSWORD).arg("--email").arg(bad).fails(65, &["the e-mail address"]);
    }
    with("carol", key_pem()).fails(77, &["this is a private key"]).keeps_secret(key_pem());
    env.i3("signup --user carol").fails(2, &["the new log-in password", "--login-password-file"]);
    env.i3("signup --login-password-stdin").input(PASSWORD).fails(2, &["who signs up", "--user"]);
    assert_eq!(env.sandbox.counts().changes, signed_up_before);
    assert_eq!(env.sandbox.counts().market_log_ins, 0);
    // A long name can buy.
    let buyer = "b".repeat(22);
    let run = with(&buyer, PASSWORD).arg("--type").arg("buyer").run();
    run.says(&["no product that it sells fits"]).succeeded_with(&format!("{buyer}\n"));
}

#[test]
fn the_forms_refusals_are_told_and_nothing_else_of_its_page() {
    let env = nobody(TestEnv::released());
    for taken in ["alice", "ALICE"] {
        let run = sign_up(&env, &format!("--user {taken}"));
        run.fails(77, &["username: Username is already taken.", "`i3 login`"]).keeps_secret(PASSWORD);
    }
    // Here the form is stricter than the check before it.
    let run = sign_up(&env, "--user carol --email carol@example");
    run.fails(77, &["email: Enter a valid email address."]);
    let told = sign_up(&env, "--user alice --json").run();
    let error: serde_json::Value = serde_json::from_str(told.stderr.lines().last().unwrap()).unwrap();
    assert_eq!((&error["error"]["exit"], &error["error"]["id"]), (&json!(77), &json!("sign-up-refused")));
}

#[test]
fn a_password_that_the_page_repeats_is_not_told() {
    let env = nobody(TestEnv::new());
    let form = r#"<form><input name="csrfmiddlewaretoken" value="token"></form>"#;
    for (status, body) in [
        (
            200,
            format!(
                r#"<ul class="errorlist"><li>password<ul class="errorlist"><li>'{PASSWORD}' is weak.</li></ul></li></ul><p>{PASSWORD}</p>"#
            ),
        ),
        (500, format!("<title>KeyError at /accounts/signup/</title><pre class=\"exception_value\">'{PASSWORD}'</pre>")),
        (302, String::new()),
    ] {
        let market = HttpServer::start(move |request| {
            let headers = vec![("Location", format!("/elsewhere/?password={PASSWORD}"))];
            let posted = request.method == "POST" && request.path() == "/accounts/signup/";
            match posted {
                true => Reply::Answer { status, headers, body: body.clone() },
                false => Reply::Answer { status: 200, headers: Vec::new(), body: form.into() },
            }
        });
        let run = sign_up(&env, "--user carol").arg("--market").arg(market.url()).run();
        assert!([75, 77].contains(&run.code), "{run}");
        run.keeps_secret(PASSWORD).does_not_say(&["Tr0ub4dor"]);
    }
}

#[test]
fn a_lost_answer_is_settled_by_logging_in() {
    let env = nobody(TestEnv::released());
    env.sandbox.drop_next_post("/accounts/signup/", Fault::BeforeHandling);
    sign_up(&env, "--user carol").fails(75, &["'carol' was not signed up", "try again"]);
    env.sandbox.drop_next_post("/accounts/signup/", Fault::AfterHandling);
    let run = sign_up(&env, "--user carol").succeeds("carol\n");
    run.says(&["but the account exists and logs in"]);
    env.sandbox.set_web_database_down(true);
    sign_up(&env, "--user dora").fails(75, &["the sign-up of 'dora' was sent", "`i3 login`"]).keeps_secret(PASSWORD);
}

#[test]
fn notifications_are_listed_without_the_broker_password() {
    for env in [TestEnv::new(), TestEnv::released()] {
        let password = env.sandbox.broker_password("bob").unwrap();
        let password = password.expose();
        let listed = as_bob(&env, "notifications").done();
        listed.keeps_secret(password);
        assert!(listed.stdout.contains("(your broker password: run `i3 notifications broker-password`)"), "{listed}");
        assert_eq!(as_bob(&env, "notifications list").done().stdout, listed.stdout);
        let told = as_bob(&env, "notifications --json").done();
        told.keeps_secret(password);
        let told: serde_json::Value = serde_json::from_str(&told.stdout).unwrap();
        let held: Vec<_> = told.as_array().unwrap().iter().filter(|n| n["holds_password"] == json!(true)).collect();
        assert_eq!((held.len(), &held[0]["body"]), (1, &json!(null)));
        assert_eq!(told.as_array().unwrap().len(), env.sandbox.notifications("bob").len());
        // Not even whoever asks for everything hears it elsewhere.
        as_bob(&env, "notifications -vv --unread").done().keeps_secret(password);
    }
}

#[test]
fn the_broker_password_is_printed_by_its_own_command_and_logs_in() {
    let env = TestEnv::with_lot1();
    let password = env.sandbox.broker_password("bob").unwrap();
    as_bob(&env, "notifications broker-password").succeeds(&format!("{}\n", password.expose())).is_silent();
    let told = as_bob(&env, "notifications broker-password --json").json();
    assert_eq!(told, json!({ "broker_password": password.expose(), "schema": 1 }));
    as_bob(&env, "notifications broker-password --out buyer.pw").succeeds("").keeps_secret(password.expose());
    assert_eq!(mode(&env.path("buyer.pw")), 0o600);
    as_bob(&env, "notifications broker-password --out buyer.pw").fails(73, &["is there already"]);
    let sub = env.i3(&format!("sub -u bob --pw-file buyer.pw -t {TOPIC} -C 1 -W {LONG} -v")).start().says("ubscribed");
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678")).done();
    assert!(sub.finish().succeeded().contains("678"));
    // The website's password is a different one, and its error message points here.
    env.secret("site.pw", env.sandbox.seed().buyer_password.expose());
    let run = env.i3(&format!("sub -u bob --pw-file site.pw -t {TOPIC} -C 1 -W 2s"));
    run.fails(77, &["`i3 notifications broker-password`"]);
    env.i3("notifications broker-password").fails(65, &["no notification holds a broker password", "`i3 buy`"]);
}

#[test]
fn notifications_are_marked_and_archived_and_the_password_stays() {
    let env = TestEnv::released();
    env.sandbox.add_notifications("bob", 5).unwrap();
    let own = || env.sandbox.notifications("bob");
    let (count, first) = (own().len(), own()[0].id);
    as_bob(&env, &format!("notifications read {first}")).succeeds("1 marked as read\n");
    as_bob(&env, &format!("notifications read {first} {first}")).succeeds("1 marked as read\n");
    assert_eq!(own().iter().filter(|row| row.read).count(), 1);
    as_bob(&env, "notifications read --all").succeeds(&format!("{} marked as read\n", count - 1));
    as_bob(&env, "notifications --unread -v").succeeds("").says(&["There are no notifications"]);
    assert!(own().iter().all(|row| row.read && !row.archived));

    as_bob(&env, "notifications archive").fails(2, &["--all"]);
    as_bob(&env, "notifications archive --all").fails(2, &["cannot be undone", "--yes"]);
    as_bob(&env, "notifications archive 999999 --yes").fails(65, &["there is no notification 999999"]);
    // The password's notification is archived by its number only with the option for it.
    let holder = own().into_iter().find(|row| row.body.contains("password")).unwrap().id;
    let refused = as_bob(&env, &format!("notifications archive {first} {holder} --yes"));
    let save = "`i3 notifications broker-password --out FILE` and give --include-password";
    refused.fails(2, &[&format!("notification {holder} contains the broker password"), save]);
    assert!(own().iter().all(|row| !row.archived));
    let plain = own().into_iter().find(|row| !row.body.contains("password")).unwrap().id;
    as_bob(&env, &format!("notifications archive {plain} --yes")).succeeds("1 archived\n");
    assert_eq!(own().iter().filter(|row| row.archived).map(|row| row.id).collect::<Vec<_>>(), [plain]);
    let told = as_bob(&env, "notifications archive --all --yes --json").json();
    assert_eq!(told, json!({ "changed": count - 2, "kept": 1, "schema": 1 }));
    let left: Vec<_> = own().into_iter().filter(|row| !row.archived).collect();
    assert!(left.len() == 1 && left[0].body.contains("password"));
    as_bob(&env, "notifications broker-password").done();
    as_bob(&env, "notifications archive --all --yes -v").succeeds("0 archived\n").says(&["--include-password"]);
    as_bob(&env, &format!("notifications archive {holder} --include-password --yes")).succeeds("1 archived\n");
    assert!(own().iter().all(|row| row.archived));
    // His broker account exists, and to buy again would make no other password.
    let gone = as_bob(&env, "notifications broker-password").fails(65, &["no notification holds", "operator"]);
    gone.says(&["at the first purchase of this account", "the mail of the first purchase"]).does_not_say(&["i3 buy"]);
}

#[test]
fn all_is_marked_for_one_who_has_never_opened_a_page() {
    let env = nobody(TestEnv::released());
    let (password, _) = env.sandbox.add_user_of_type("emil", UserType::Buyer).unwrap().unwrap();
    env.sandbox.add_notifications("emil", 2).unwrap();
    let read = env.i3("notifications read --all --user emil").env("I3_LOGIN_PASSWORD", password.expose());
    read.succeeds("2 marked as read\n");
}

#[test]
fn what_was_not_archived_is_told() {
    let env = TestEnv::released();
    env.sandbox.add_notifications("bob", 3).unwrap();
    for fault in [Fault::BeforeHandling, Fault::AfterHandling] {
        env.sandbox.drop_next_request("/notifications/ajax/", fault);
        let run = as_bob(&env, "notifications archive --all --yes");
        run.fails(75, &["notifications were not archived", "try again"]);
    }
    let archived = env.sandbox.notifications("bob").iter().filter(|row| row.archived).count();
    assert_eq!(archived, 1, "each run stops at the first call that fails; the second was done");
    as_bob(&env, "notifications archive --all --yes").done();
}

#[test]
fn an_account_with_thousands_of_notifications_is_read_and_emptied() {
    let env = TestEnv::released();
    for user in ["alice", "bob"] {
        env.sandbox.add_notifications(user, 2_000).unwrap();
    }
    env.i3("request list").succeeds("");
    env.i3("sales").done();
    as_bob(&env, "purchases").done();
    as_bob(&env, "notifications broker-password").done();
    let total = env.sandbox.notifications("bob").len();
    assert_eq!(as_bob(&env, "notifications").done().stdout.lines().count(), total);
    let archived = as_bob(&env, "notifications archive --all --include-password --yes");
    archived.succeeds(&format!("{total} archived\n"));
}

#[test]
fn an_expired_log_in_is_told_as_such() {
    let env = TestEnv::released();
    env.i3("login").done();
    env.sandbox.expire_sessions();
    for line in ["notifications", "sales", "request list"] {
        let run = env.i3(line).without("I3_LOGIN_PASSWORD").without("I3_API_KEY");
        run.fails(77, &["has expired", "`i3 login`"]);
    }
}

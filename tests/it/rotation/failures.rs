//! A new credential that the broker or the marketplace does not take: the old one stays.

use std::cell::Cell;
use std::fs;

use std::sync::{Arc, Mutex};

use i3::config::env;

use super::{KINDS, is_settled, lock_configuration, publish, register, unlock_configuration};
use crate::program::{LOT1, TestEnv, other_key_pem};
use crate::support::between::{between, forward};
use crate::support::http_server::{HttpServer, Reply};

/// A marketplace that spoils the first credential that is registered from now on.
fn spoiling(env: &TestEnv, switch: &Arc<Mutex<bool>>) -> HttpServer {
    let (url, switch) = (env.sandbox.market_url(), Arc::clone(switch));
    between(&env.sandbox, move |request| {
        if !request.path().starts_with("/devices/edit/") || request.method != "POST" || !*switch.lock().unwrap() {
            return None;
        }
        *switch.lock().unwrap() = false;
        let mut spoiled = request.clone();
        let body = String::from_utf8(request.body.clone()).unwrap();
        let (mut fields, length) = (Vec::new(), body.len());
        for field in body.split('&') {
            let (name, value) = field.split_once('=').unwrap();
            // Another key, another hash; percent-encoding uses capital letters.
            let next = |c: char| if c.is_ascii_lowercase() { char::from((c as u8 - b'a' + 1) % 26 + b'a') } else { c };
            let value = match name {
                "password" => format!("{}{}", &value[..40], value[40..].chars().map(next).collect::<String>()),
                _ => value.into(),
            };
            fields.push(format!("{name}={value}"));
        }
        spoiled.body = fields.join("&").into_bytes();
        assert!(spoiled.body.len() == length && spoiled.body != request.body);
        Some(forward(&url, &spoiled))
    })
}

#[test]
fn a_credential_that_the_broker_does_not_take_is_undone() {
    for kind in KINDS {
        let env = TestEnv::released();
        let switch = Arc::new(Mutex::new(false));
        let market = spoiling(&env, &switch);
        let file = register(&env, kind, Some(&market.url()));
        let before = fs::read(&file).unwrap();
        *switch.lock().unwrap() = true;
        let undone = env.i3("device rotate lot1").env(env::MARKET, market.url());
        undone.fails(75, &["it was refused", "registered again", "nothing has changed"]);
        assert_eq!(fs::read(&file).unwrap(), before);
        is_settled(&env, kind);
    }
}

#[test]
fn an_answer_that_is_lost_is_asked_for_again() {
    let env = TestEnv::released();
    let (url, lost) = (env.sandbox.market_url(), Cell::new(0));
    let market = between(&env.sandbox, move |request| {
        let cut = request.method == "POST" && request.path().starts_with("/devices/edit/") && lost.get() < 2;
        cut.then(|| {
            lost.set(lost.get() + 1);
            // The first is done and the second is not; neither is answered.
            if lost.get() == 1 {
                forward(&url, request);
            }
            Reply::Cut
        })
    });
    register(&env, "password", Some(&market.url()));
    env.i3("device rotate lot1").env(env::MARKET, market.url()).succeeds(&format!("{LOT1}\n"));
    is_settled(&env, "lost answers");
}

#[test]
fn a_marketplace_that_is_gone_changes_nothing() {
    let env = TestEnv::released();
    let file = register(&env, "key", None);
    let before = fs::read(&file).unwrap();
    let gone = HttpServer::start(|_| Reply::Cut);
    let config = fs::read_to_string(env.config_file()).unwrap();
    fs::write(env.config_file(), config.replace(&env.sandbox.market_url(), &gone.url())).unwrap();
    let failed = env.i3("device rotate lot1").env(env::MARKET, gone.url()).run();
    assert_ne!(failed.code, 0, "{failed}");
    assert_eq!(fs::read(&file).unwrap(), before);
    is_settled(&env, "no marketplace");
}

#[test]
fn what_a_person_gave_stays_when_the_change_is_undone() {
    let env = TestEnv::released();
    let switch = Arc::new(Mutex::new(false));
    let market = spoiling(&env, &switch);
    let old = register(&env, "key", Some(&market.url()));
    env.secret("other.pem", other_key_pem());
    lock_configuration(&env);
    let here = |line: &str| env.i3(line).env(env::MARKET, market.url());
    here("device passwd lot1 --key other.pem").fails(73, &["other.pem"]);
    unlock_configuration(&env);
    // From elsewhere the device gets its old key again, and the next try to give it the new one is spoiled on the way.
    let elsewhere = env.i3_with("device passwd --key", &[&old]).arg(LOT1);
    elsewhere.env(env::HOME, env.path("elsewhere")).done();
    *switch.lock().unwrap() = true;
    here("device rotate lot1").fails(75, &["continuing it", "it was refused", "registered again"]);
    assert_eq!(env.read("other.pem"), other_key_pem());
    publish(&env).is_silent();
}

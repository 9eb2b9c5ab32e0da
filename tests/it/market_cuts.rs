//! The network is cut at each call of each marketplace command, at three places: nothing is done twice, nothing is claimed
//! that is not so, and what was not done can be done again.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering::SeqCst};

use i3::sandbox::Controls;

use crate::http::Browser;
use crate::program::{LOT1, Outcome, TOPIC, TestEnv, key_pem};
use crate::support::between::{between, forward};
use crate::support::http_server::{HttpServer, Reply, Request};

/// Where a call is cut.
#[derive(Clone, Copy, Debug)]
enum Place {
    /// Before the request is through: the marketplace never hears of it.
    Before,
    /// After the request: the marketplace carried it out, and the client gets no answer.
    After,
    /// Within the answer.
    Within,
}

/// Which marketplace.
#[derive(Clone, Copy, Debug)]
enum Market {
    /// With REST endpoints.
    Rest,
    /// Forms only.
    Released,
}

/// A marketplace whose `nth` call is cut; the second is how many calls came.
fn cutting(sandbox: &Controls, nth: usize, place: Place) -> (HttpServer, Arc<AtomicUsize>) {
    let (url, calls) = (sandbox.market_url(), Arc::new(AtomicUsize::new(0)));
    let counted = Arc::clone(&calls);
    let server = between(sandbox, move |request| {
        if counted.fetch_add(1, SeqCst) != nth {
            return None;
        }
        Some(match place {
            Place::Before => Reply::Cut,
            Place::After => {
                forward(&url, request);
                Reply::Cut
            }
            Place::Within => Reply::Torn(Box::new(forward(&url, request))),
        })
    });
    (server, calls)
}

/// Whether a request is meant to change something.
fn changes_something(request: &Request) -> bool {
    let posts = request.method != "GET" && request.path() != "/accounts/login/";
    posts || request.path().contains("/delete/")
}

struct Case<'a> {
    line: &'a str,
    prepare: &'a dyn Fn(&TestEnv),
    /// Whether all is as it should be once the command succeeded.
    wanted: &'a dyn Fn(&TestEnv, &Outcome) -> bool,
    /// How much a whole run changes.
    changes: u64,
    /// How much it may change where it must make sure.
    most: u64,
    /// What the command may say when it is done again after it was done.
    again: &'a str,
}

impl Case<'_> {
    fn everywhere(&self, market: Market) {
        for place in [Place::Before, Place::After, Place::Within] {
            let mut nth = 0;
            while self.cut(market, nth, place) {
                nth += 1;
                assert!(nth < 30, "no end of calls");
            }
            assert!(nth > 0, "nothing was cut");
        }
    }

    /// Whether there was a call to cut.
    fn cut(&self, market: Market, nth: usize, place: Place) -> bool {
        let env = match market {
            Market::Rest => TestEnv::new(),
            Market::Released => TestEnv::released(),
        };
        (self.prepare)(&env);
        let before = env.sandbox.counts().changes;
        let (between, calls) = cutting(&env.sandbox, nth, place);
        let outcome = env.i3(self.line).env("I3_MARKET", between.url()).run();
        let context = format!("{place:?} call {nth} at {market:?}: {outcome}");
        let done = env.sandbox.counts().changes - before;
        let sent = between.requests().iter().filter(|request| changes_something(request)).count() as u64;
        assert!(done <= self.most && sent <= self.most, "{done} of {sent} sent: {context}");
        if calls.load(SeqCst) <= nth {
            assert_eq!((outcome.code, done), (0, self.changes), "{context}");
            assert!((self.wanted)(&env, &outcome), "{context}");
            return false;
        }
        if outcome.code == 0 {
            assert!(done >= self.changes, "{context}");
            assert!((self.wanted)(&env, &outcome), "{context}");
            return true;
        }
        assert_eq!(outcome.code, 75, "{context}");
        assert!(outcome.stdout.is_empty(), "{context}");
        assert!(outcome.error().id.is_some() && !outcome.hint().is_empty(), "{context}");
        // What happened, or may have, is never denied.
        let is_open =
            ["could not be checked", "is not known", "is created, but may lack its permissions", "nothing shows"];
        assert!(done == 0 || is_open.iter().any(|words| outcome.stderr.contains(words)), "{context}");
        // Done again it is there, and there once.
        let again = env.i3(self.line).run();
        assert!(again.code == 0 || done > 0 && again.stderr.contains(self.again), "{context}\nagain: {again}");
        assert!((self.wanted)(&env, &again), "{context}\nagain: {again}");
        true
    }
}

fn once<T: PartialEq>(rows: &[T], row: &T) -> bool {
    rows.iter().filter(|other| *other == row).count() == 1
}

/// Has each of these tested over REST and by the forms.
macro_rules! by_both_ways {
    ($($change:ident),+) => {$(
        mod $change {
            use super::Market;

            #[test]
            fn over_rest() {
                super::$change(Market::Rest);
            }

            #[test]
            fn by_form() {
                super::$change(Market::Released);
            }
        }
    )+};
}

by_both_ways!(hub_create, product_create, register, device_delete, device_passwd);

fn hub_create(market: Market) {
    let wanted = |env: &TestEnv, _: &Outcome| once(&env.sandbox.hubs(), &"alice/garden".into());
    Case { line: "hub create garden", prepare: &|_| {}, wanted: &wanted, changes: 1, most: 1, again: "there already" }
        .everywhere(market);
}

const CREATE: &str = "product create level2 --hub parking --description deck --price 2 --type sensor";

fn product_is_there(env: &TestEnv, _: &Outcome) -> bool {
    let topic = "alice/parking/level2".to_owned();
    once(&env.sandbox.products(), &(topic.clone(), Some(topic)))
}

fn with_a_device(env: &TestEnv) {
    assert_eq!(Browser::of_seller(&env.sandbox).create_device("lot1", "1", "hunter2secret").status, 302);
}

fn product_create(market: Market) {
    Case {
        line: CREATE,
        prepare: &with_a_device,
        wanted: &product_is_there,
        changes: 1,
        most: 2,
        again: "there already",
    }
    .everywhere(market);
}

#[test]
fn product_edit() {
    let line = "product edit alice/parking/occupancy --price 3";
    let wanted = |env: &TestEnv, _: &Outcome| env.sandbox.product_rows()[0].price == 300;
    Case { line, prepare: &|_| {}, wanted: &wanted, changes: 1, most: 1, again: "" }.everywhere(Market::Released);
}

#[test]
fn product_delete() {
    let line = "product delete alice/parking/occupancy --yes";
    let wanted = |env: &TestEnv, _: &Outcome| env.sandbox.products().is_empty();
    Case { line, prepare: &|_| {}, wanted: &wanted, changes: 1, most: 1, again: "shows no product" }
        .everywhere(Market::Released);
}

#[test]
fn product_repair() {
    let prepare = |env: &TestEnv| {
        with_a_device(env);
        env.sandbox.set_mail_down(true);
        assert_eq!(Browser::of_seller(&env.sandbox).create_product("level2", "1").status, 500);
        env.sandbox.set_mail_down(false);
    };
    let line = "product repair alice/parking/level2";
    Case { line, prepare: &prepare, wanted: &product_is_there, changes: 1, most: 1, again: "" }
        .everywhere(Market::Released);
}

fn register(market: Market) {
    let prepare = |env: &TestEnv| _ = env.secret("lot1.pem", key_pem());
    let wanted = |env: &TestEnv, _: &Outcome| once(&env.sandbox.devices(), &LOT1.into());
    let line = "register lot1 --hub parking --key lot1.pem";
    Case { line, prepare: &prepare, wanted: &wanted, changes: 1, most: 1, again: "there already" }.everywhere(market);
}

fn with_two_devices(env: &TestEnv) {
    let mut alice = Browser::of_seller(&env.sandbox);
    for name in ["lot1", "lot2"] {
        assert_eq!(alice.create_device(name, "1", "hunter2secret").status, 302);
    }
}

fn device_delete(market: Market) {
    let wanted = |env: &TestEnv, _: &Outcome| env.sandbox.devices() == ["alice$parking$lot2"];
    let line = "device delete alice$parking$lot1 --yes";
    Case { line, prepare: &with_two_devices, wanted: &wanted, changes: 1, most: 1, again: "shows no device" }
        .everywhere(market);
}

fn device_passwd(market: Market) {
    let prepare = |env: &TestEnv| {
        env.secret("old", "hunter2secret");
        env.secret("new", "correct horse battery");
        env.i3("register lot1 --hub parking --password-file old").done();
    };
    let wanted = |env: &TestEnv, _: &Outcome| {
        let publish = env.i3(&format!("pub --device lot1 --pw-file new -t {TOPIC} -m 678")).run();
        publish.code == 0 && env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678")).run().code == 0
    };
    let line = "device passwd lot1 --password-file new";
    Case { line, prepare: &prepare, wanted: &wanted, changes: 1, most: 1, again: "" }.everywhere(market);
}

#[test]
fn lists_are_whole_or_not_given() {
    let prepare = |env: &TestEnv| {
        with_two_devices(env);
        let mut alice = Browser::of_seller(&env.sandbox);
        for n in 0..11 {
            assert_eq!(alice.create_product(&format!("p{n:03}"), "1").status, 302);
        }
    };
    for (line, lines) in
        [("hub list", 1), ("device list", 2), ("product list", 12), ("product search", 12), ("whoami", 1)]
    {
        let wanted = |_: &TestEnv, outcome: &Outcome| outcome.stdout.lines().count() == lines;
        for market in [Market::Rest, Market::Released] {
            Case { line, prepare: &prepare, wanted: &wanted, changes: 0, most: 0, again: "" }.everywhere(market);
        }
    }
}

#[test]
fn login_keeps_all_or_nothing() {
    let wanted = |env: &TestEnv, outcome: &Outcome| {
        let folder = env.home().join(".local/share/i3-marketplace/accounts");
        let kept = std::fs::read_dir(folder).map_or(0, Iterator::count);
        kept == 1 && outcome.stdout == "alice\n"
    };
    Case { line: "login", prepare: &|_| {}, wanted: &wanted, changes: 0, most: 0, again: "" }
        .everywhere(Market::Released);
}

//! Rotations that are killed, at every request and at every step: the device can log in, and the next run continues.

use std::fs;
use std::path::Path;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use i3::broker_url::BrokerUrl;
use i3::config::{Config, env};
use i3::key::PrivateKey;
use i3::login::secret::check_password;
use i3::login::{LoginSecret, SecretKind};
use i3::market::Market;
use i3::market::auth::{Login, MarketAuth, TransportChoice};
use i3::market::client::MarketClient;
use i3::market::credential::RegisteredCredential;
use i3::market::device::{self, Edited};
use i3::market::http::HttpOptions;
use i3::mqtt::connection::Endpoint;
use i3::rotation::{self, Journal, Proof, RegisterAnswer, RotationHost, RotationLock, RotationStep, Stage as Way};
use i3::secret::Secret;

use super::{KINDS, is_settled, publish, register};
use crate::program::{LOT1, Outcome, TestEnv};
use crate::support::between::{between, forward};
use crate::support::http_server::Reply;
use crate::support::victim;

/// The program is killed when its n-th request has come, before it is done or after, for every n.
#[test]
fn killed_at_every_request_it_can_log_in_and_goes_on() {
    for kind in KINDS {
        killed_at_every_request(kind, "device rotate lot1", is_settled);
    }
}

/// The same where the new credential gets its own file: another that is unfinished is finished by a rotation.
#[test]
fn killed_at_every_request_of_a_passwd_it_can_log_in_and_goes_on() {
    for (kind, line) in
        [("key", "device passwd lot1 --new-key"), ("password", "device passwd lot1 --generate-password")]
    {
        killed_at_every_request(kind, line, |env, context| {
            publish(env).is_silent();
            let rotations = env.home().join(".local/state/i3-marketplace/rotations");
            assert!(!rotations.join(format!("{LOT1}.json")).exists(), "{context}");
        });
    }
}

fn killed_at_every_request(kind: &str, line: &str, is_settled: fn(&TestEnv, &str)) {
    let env = TestEnv::released();
    // Which request kills, whether it is done all the same, and whom.
    let plan: Arc<Mutex<Option<(usize, bool, u32)>>> = Arc::default();
    let (url, shared) = (env.sandbox.market_url(), Arc::clone(&plan));
    let market = between(&env.sandbox, move |request| {
        let mut plan = shared.lock().unwrap();
        let (left, done, victim) = plan.as_mut()?;
        *left -= 1;
        if *left > 0 {
            return None;
        }
        let done = *done;
        victim::kill(*victim);
        *plan = None;
        if done {
            forward(&url, request);
        }
        Some(Reply::Cut)
    });
    register(&env, kind, Some(&market.url()));
    for done in [true, false] {
        for n in 1.. {
            assert!(n < 50, "it never ends");
            // Held while the program starts, so that no request comes before its number is known.
            let mut planned = plan.lock().unwrap();
            let run = env.i3(line).env(env::MARKET, market.url()).start();
            *planned = Some((n, done, run.id()));
            drop(planned);
            let outcome = run.finish();
            let was_killed = plan.lock().unwrap().take().is_none();
            assert_eq!(outcome.code, if was_killed { -1 } else { 0 }, "{n} {done}: {outcome}");
            publish(&env);
            if !was_killed {
                is_settled(&env, kind);
                assert!(n > 4, "only {n} requests were made");
                break;
            }
            let again = env.i3("device rotate lot1").env(env::MARKET, market.url()).done();
            is_settled(&env, &format!("{kind} {n} {done}: {again}"));
        }
    }
}

/// What becomes of the first registration.
#[derive(Clone, Copy, Debug, PartialEq)]
enum First {
    Accepted,
    /// Something else is registered.
    Spoiled,
    /// It fails, and nothing is done.
    Refused,
}

/// Runs the engine in a process that kills itself before its n-th step. Returns whether it was killed, otherwise its output.
fn victim(env: &TestEnv, n: usize, kind: &str, first: First) -> Option<Outcome> {
    let mut run = env.command(std::env::current_exe().unwrap());
    run.command.args(["--exact", "rotation::killed::the_victim", "--ignored", "--nocapture"]);
    let outcome = run
        .env("ROTATION_KIND", kind)
        .env("ROTATION_STEP", n.to_string())
        .env("ROTATION_FIRST", format!("{first:?}"))
        .run();
    if outcome.code == -1 {
        return None;
    }
    assert_eq!(outcome.code, 0, "{outcome}");
    Some(outcome)
}

/// Has the engine killed at each of its steps in turn; each time the next run settles it, after `killed`.
fn killed_at_every_step(first: First, least: usize, killed: impl Fn(&TestEnv), ended: impl Fn(&Outcome)) {
    for kind in KINDS {
        let env = TestEnv::new();
        register(&env, kind, None);
        for steps in 1.. {
            assert!(steps < 30, "it never ends");
            if let Some(outcome) = victim(&env, steps, kind, first) {
                ended(&outcome);
                assert!(steps > least, "killed at {steps} steps only");
                break;
            }
            killed(&env);
            let again = env.i3("device rotate lot1").done();
            is_settled(&env, &format!("{kind} {steps}: {again}"));
        }
        is_settled(&env, kind);
    }
}

#[test]
fn killed_at_every_step_it_can_log_in_and_goes_on() {
    // Before anything else: whichever credential the broker has, the device logs in.
    killed_at_every_step(First::Accepted, 8, |env| _ = publish(env), |_| {});
}

#[test]
fn killed_again_while_it_goes_on_it_still_goes_on() {
    let env = TestEnv::new();
    register(&env, "password", None);
    for first in 1..=9 {
        assert!(victim(&env, first, "password", First::Accepted).is_none(), "{first}");
        for second in 1.. {
            assert!(second < 20, "it never ends");
            if victim(&env, second, "password", First::Accepted).is_some() {
                break;
            }
            publish(&env);
        }
        is_settled(&env, &format!("{first}"));
    }
}

#[test]
fn killed_on_the_way_back_the_next_run_makes_it_work() {
    let ended = |outcome: &Outcome| assert!(outcome.stdout.contains("nothing has changed"), "{outcome}");
    killed_at_every_step(First::Spoiled, 9, |_| {}, ended);
}

#[test]
fn killed_while_it_gives_up_the_next_run_begins_anew() {
    let env = TestEnv::new();
    let file = register(&env, "password", None);
    for steps in 1.. {
        let ended = victim(&env, steps, "password", First::Refused);
        if let Some(outcome) = &ended {
            assert!(outcome.stdout.contains(REFUSED) && steps > 5, "{steps}: {outcome}");
        }
        let before = fs::read(&file).unwrap();
        publish(&env);
        env.i3("device rotate lot1").done();
        // Whatever it said, it must have done.
        assert_ne!(fs::read(&file).unwrap(), before, "{steps}");
        is_settled(&env, &format!("given up at {steps}"));
        if ended.is_some() {
            break;
        }
    }
}

/// Not a test: a rotation that [`victim`] starts in its own process.
#[test]
#[ignore = "not a test: other tests start it in a separate process, and kill that"]
fn the_victim() {
    let variable = |name: &str| std::env::var(name).unwrap();
    let kind = if variable("ROTATION_KIND") == "key" { SecretKind::Key } else { SecretKind::Password };
    let mut config = Config::load(&i3::config::Selection::default()).unwrap();
    let name = config.find_device(None).unwrap().value;
    let places = config.places.clone();
    let _lock = RotationLock::take(&places, &name).unwrap();
    let known = config.device(&name).unwrap().clone();
    let market = Market::new(variable(env::MARKET).parse().unwrap(), &HttpOptions::default()).unwrap();
    let (user, password) = (variable(env::USER), Secret::new(variable(env::LOGIN_PASSWORD)));
    let log_in = Some(Login::Password { user: &user, password: &password });
    let client = MarketClient::open(&market, &MarketAuth { via: TransportChoice::Web, api_key: None, log_in }).unwrap();
    let broker: BrokerUrl = variable(env::BROKER).parse().unwrap();
    let mut world = World {
        client,
        endpoint: Endpoint::direct(broker, None),
        first: [First::Spoiled, First::Refused]
            .into_iter()
            .find(|first| format!("{first:?}") == variable("ROTATION_FIRST"))
            .unwrap_or(First::Accepted),
        left: variable("ROTATION_STEP").parse().unwrap(),
    };
    let result = match Journal::load(&places, &name).unwrap() {
        Some(journal) => rotation::resume(&places, &name, journal, &mut world).map(drop),
        None => {
            let old = known.key.clone().or(known.password_file.clone()).unwrap();
            let journal = Journal {
                device: name.to_string(),
                market: known.market.clone().unwrap(),
                broker: known.broker.clone().unwrap(),
                kind,
                next: rotation::beside(&old),
                place: old.clone(),
                old,
                made: true,
                stage: Way::Forward,
            };
            let new = match kind {
                SecretKind::Key => PrivateKey::generate(2048).unwrap().into(),
                SecretKind::Password => by_password(format!("{:x}", rand::random::<u128>())),
            };
            rotation::rotate(&places, &name, journal, &new, &mut world)
        }
    };
    config.save_device(&name, known).unwrap();
    match result {
        Ok(()) => {}
        Err(rotation::Failed::Rotation(e)) => println!("{e}"),
        Err(rotation::Failed::Host(e)) if e == REFUSED => println!("{e}"),
        Err(rotation::Failed::Host(e) | rotation::Failed::Configure { why: e, .. }) => panic!("{e}"),
    }
}

fn by_password(text: impl Into<String>) -> LoginSecret {
    LoginSecret::Password(check_password(Secret::new(text), None).unwrap())
}

const REFUSED: &str = "the marketplace does not want it";

struct World<'a> {
    client: MarketClient<'a>,
    endpoint: Endpoint,
    first: First,
    /// Steps until it is killed.
    left: usize,
}

impl RotationHost for World<'_> {
    type Error = String;

    fn register(&mut self, credential: &RegisteredCredential) -> Result<RegisterAnswer, String> {
        let name = LOT1.parse().unwrap();
        let row = device::find(&mut self.client, &name).map_err(|e| e.to_string())?.row;
        let first = std::mem::replace(&mut self.first, First::Accepted);
        if first == First::Refused {
            return Err(REFUSED.into());
        }
        let spoiled = (first == First::Spoiled).then(|| by_password("somebody else's").registered().unwrap());
        match device::edit(&mut self.client, &row, spoiled.as_ref().unwrap_or(credential)).map_err(|e| e.to_string())? {
            Edited::Accepted => Ok(RegisterAnswer::Accepted),
            other => Err(format!("{other:?}")),
        }
    }

    fn prove(&mut self, secret: &LoginSecret) -> Proof<String> {
        let password = secret.connect_password(LOT1).unwrap();
        victim::prove(&self.endpoint, LOT1, &password)
    }

    fn read(&mut self, kind: SecretKind, path: &Path) -> Result<LoginSecret, String> {
        match kind {
            SecretKind::Key => PrivateKey::read(path, || Ok(None)).map(LoginSecret::from).map_err(|e| e.to_string()),
            SecretKind::Password => i3::guard::source::file(path, i3::guard::source::Content::Password)
                .map(|given| by_password(given.secret.expose()))
                .map_err(|e| e.to_string()),
        }
    }

    fn configure(&mut self, _: SecretKind, _: &Path) -> Result<(), String> {
        Ok(())
    }

    fn pause(&self) -> Duration {
        Duration::ZERO
    }

    fn report(&mut self, step: RotationStep) {
        println!("{step:?}");
        victim::step(&mut self.left);
    }
}

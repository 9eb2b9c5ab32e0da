//! Rotation of credentials: proved before it counts, undone if it is not, and killed at every step.

use std::cell::Cell;
use std::collections::BTreeSet;
use std::fs;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
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
use i3::mqtt::connection::{ConnectOptions, Connection, Endpoint};
use i3::mqtt::packet::{MAX_PACKET, Version};
use i3::rotation::{self, Answer, Journal, Proof, RotationHost, RotationLock, RotationStep, Stage as Way};
use i3::sandbox::Options;
use i3::secret::Secret;

use crate::program::{LONG, LOT1, Outcome, PROGRAM, TOPIC, TestEnv, mode, other_key_pem, quick};
use crate::support::between::{between, forward};
use crate::support::http_server::{HttpServer, Reply};
use crate::support::lock_holder::LockHolder;
use crate::wire::Client;

const KINDS: [&str; 2] = ["key", "password"];

/// A device of one of the kinds, registered at `market` if that is not the sandbox itself.
fn register(stage: &TestEnv, kind: &str, market: Option<&str>) -> PathBuf {
    let how = if kind == "key" { "--new-key" } else { "--generate-password" };
    let mut run = stage.i3(&format!("register lot1 --hub parking {how}"));
    if let Some(market) = market {
        run = run.env(env::MARKET, market);
    }
    run.succeeds(&format!("{LOT1}\n"));
    credential_file(stage)
}

/// The credential that the configuration names.
fn credential_file(stage: &TestEnv) -> PathBuf {
    let config = fs::read_to_string(stage.config_file()).unwrap();
    let line = config.lines().find(|line| line.starts_with("key =") || line.starts_with("password_file ="));
    PathBuf::from(line.unwrap().split('"').nth(1).unwrap())
}

fn publish(stage: &TestEnv) -> Outcome {
    stage.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --timeout {LONG}")).done()
}

/// No journal, no second credential, and the one that the configuration names logs in by itself.
fn is_settled(stage: &TestEnv, context: &str) {
    publish(stage).is_silent();
    let file = credential_file(stage);
    assert_eq!(mode(&file), 0o600, "{context}");
    let names = |folder: &Path| -> BTreeSet<String> {
        let entries = fs::read_dir(folder).unwrap();
        entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect()
    };
    let own = file.file_name().unwrap().to_str().unwrap().to_owned();
    let mut expected = BTreeSet::from([own.clone()]);
    if let Ok(key) = PrivateKey::read(&file, || Ok(None)) {
        expected.insert(format!("{own}.pub"));
        let public = fs::read_to_string(file.with_file_name(format!("{own}.pub"))).unwrap();
        assert_eq!(public, key.public().to_pem(), "{context}");
    }
    assert_eq!(names(file.parent().unwrap()), expected, "{context}");
    let rotations = stage.home().join(".local/state/i3-marketplace/rotations");
    assert!(!rotations.join(format!("{LOT1}.json")).exists(), "{context}");
}

#[test]
fn a_rotated_device_has_a_new_credential_under_the_old_name() {
    for options in [quick(), Options { rest: false, mqtt5: false, ..quick() }] {
        for kind in KINDS {
            let stage = TestEnv::with(options.clone());
            let file = register(&stage, kind, None);
            let (before, config) = (fs::read(&file).unwrap(), fs::read(stage.config_file()).unwrap());
            let told = stage.i3("device rotate lot1 --json").json();
            assert_eq!((told["device"].as_str(), told["kind"].as_str()), (Some(LOT1), Some(kind)));
            assert_eq!(told["resumed"].as_bool(), Some(false));
            assert_ne!(fs::read(&file).unwrap(), before);
            assert_eq!(fs::read(stage.config_file()).unwrap(), config);
            is_settled(&stage, kind);
            let old = stage.secret("old", &before);
            let with_old = if kind == "key" { "--key" } else { "--pw-file" };
            let refused = stage.i3(&format!("pub -u {LOT1} -t {TOPIC} -m 1 --timeout {LONG} {with_old}")).arg(&old);
            refused.fails(77, &["refused the log-in"]).does_not_say(&["not finished"]);
            stage.i3("device rotate").arg(LOT1).succeeds(&format!("{LOT1}\n")).says(&["logs in with the new"]);
            is_settled(&stage, kind);
        }
    }
}

#[test]
fn what_cannot_be_gone_back_to_is_not_replaced() {
    let stage = TestEnv::new();
    let file = register(&stage, "key", None);
    fs::write(&file, other_key_pem()).unwrap();
    let refused = stage.i3("device rotate lot1");
    refused.fails(77, &["does not accept the present key", "could not be undone"]);
    assert_eq!(fs::read_to_string(&file).unwrap(), other_key_pem());
    stage.i3("device rotate alice$parking$lot9").fails(66, &["no key or password", "--key FILE"]);
    stage.i3("device rotate lot9").fails(78, &["no device 'lot9'"]);
    fs::remove_file(&file).unwrap();
    stage.i3("device rotate lot1").fails(66, &["cannot be replaced"]);
}

#[test]
fn a_device_of_another_marketplace_is_not_looked_for_here() {
    let stage = TestEnv::new();
    register(&stage, "key", None);
    let other = TestEnv::new();
    let refused = stage.i3("device rotate lot1").env(env::MARKET, other.sandbox.market_url());
    refused.fails(78, &["is a device of", &format!("--market {}", stage.sandbox.market_url())]);
    is_settled(&stage, "another marketplace");
}

#[test]
fn a_key_of_two_devices_stays_with_the_other_one() {
    let stage = TestEnv::with_lot1();
    stage.i3("register lot2 --hub parking --key lot1.pem").succeeds("alice$parking$lot2\n");
    let before = stage.read("lot1.pem");
    stage.i3("device rotate lot1").succeeds(&format!("{LOT1}\n"));
    assert_eq!(stage.read("lot1.pem"), before);
    let config = fs::read_to_string(stage.config_file()).unwrap();
    assert!(config.contains(&format!("keys/{LOT1}.pem")), "{config}");
    publish(&stage).is_silent();
    stage.i3(&format!("pub --device lot2 -t {TOPIC} -m 1 --timeout {LONG}")).succeeds("").is_silent();
    // A key that the configuration does not know is replaced where it lies.
    stage.i3("device rotate lot2").succeeds("alice$parking$lot2\n");
    assert_ne!(stage.read("lot1.pem"), before);
    stage.i3(&format!("pub --device lot2 -t {TOPIC} -m 1 --timeout {LONG}")).succeeds("").is_silent();
}

/// A marketplace that spoils the first credential that is registered from now on.
fn spoiling(stage: &TestEnv, switch: &Arc<Mutex<bool>>) -> HttpServer {
    let (url, switch) = (stage.sandbox.market_url(), Arc::clone(switch));
    between(&stage.sandbox, move |request| {
        if !request.path().starts_with("/devices/edit/") || request.method != "POST" || !*switch.lock().unwrap() {
            return None;
        }
        *switch.lock().unwrap() = false;
        let mut spoiled = request.clone();
        let body = String::from_utf8(request.body.clone()).unwrap();
        let (mut fields, length) = (Vec::new(), body.len());
        for field in body.split('&') {
            let (name, value) = field.split_once('=').unwrap();
            // Another key, another hash; what is percent-encoded has no small letters.
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
        let stage = TestEnv::released();
        let switch = Arc::new(Mutex::new(false));
        let market = spoiling(&stage, &switch);
        let file = register(&stage, kind, Some(&market.url()));
        let before = fs::read(&file).unwrap();
        *switch.lock().unwrap() = true;
        let undone = stage.i3("device rotate lot1").env(env::MARKET, market.url());
        undone.fails(75, &["it was refused", "registered again", "nothing has changed"]);
        assert_eq!(fs::read(&file).unwrap(), before);
        is_settled(&stage, kind);
    }
}

#[test]
fn an_answer_that_is_lost_is_asked_for_again() {
    let stage = TestEnv::released();
    let (url, lost) = (stage.sandbox.market_url(), Cell::new(0));
    let market = between(&stage.sandbox, move |request| {
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
    register(&stage, "password", Some(&market.url()));
    stage.i3("device rotate lot1").env(env::MARKET, market.url()).succeeds(&format!("{LOT1}\n"));
    is_settled(&stage, "lost answers");
}

#[test]
fn a_marketplace_that_is_gone_changes_nothing() {
    let stage = TestEnv::released();
    let file = register(&stage, "key", None);
    let before = fs::read(&file).unwrap();
    let gone = HttpServer::start(|_| Reply::Cut);
    let config = fs::read_to_string(stage.config_file()).unwrap();
    fs::write(stage.config_file(), config.replace(&stage.sandbox.market_url(), &gone.url())).unwrap();
    let failed = stage.i3("device rotate lot1").env(env::MARKET, gone.url()).run();
    assert_ne!(failed.code, 0, "{failed}");
    assert_eq!(fs::read(&file).unwrap(), before);
    is_settled(&stage, "no marketplace");
}

/// The program is killed when its n-th request has come, before it is done or after, for every n.
#[test]
fn killed_at_every_request_it_can_log_in_and_goes_on() {
    for kind in KINDS {
        killed_at_every_request(kind, "device rotate lot1", is_settled);
    }
}

/// The same where the new credential gets a file of its own: another that is unfinished is finished by a rotation.
#[test]
fn killed_at_every_request_of_a_passwd_it_can_log_in_and_goes_on() {
    for (kind, line) in
        [("key", "device passwd lot1 --new-key"), ("password", "device passwd lot1 --generate-password")]
    {
        killed_at_every_request(kind, line, |stage, context| {
            publish(stage).is_silent();
            let rotations = stage.home().join(".local/state/i3-marketplace/rotations");
            assert!(!rotations.join(format!("{LOT1}.json")).exists(), "{context}");
        });
    }
}

fn killed_at_every_request(kind: &str, line: &str, is_settled: fn(&TestEnv, &str)) {
    let stage = TestEnv::released();
    // Which request kills, whether it is done all the same, and whom.
    let plan: Arc<Mutex<Option<(usize, bool, u32)>>> = Arc::default();
    let (url, shared) = (stage.sandbox.market_url(), Arc::clone(&plan));
    let market = between(&stage.sandbox, move |request| {
        let mut plan = shared.lock().unwrap();
        let (left, done, victim) = plan.as_mut()?;
        *left -= 1;
        if *left > 0 {
            return None;
        }
        let done = *done;
        kill(*victim);
        *plan = None;
        if done {
            forward(&url, request);
        }
        Some(Reply::Cut)
    });
    register(&stage, kind, Some(&market.url()));
    for done in [true, false] {
        for n in 1.. {
            assert!(n < 50, "it never ends");
            // Held while the program starts, so that no request comes before its number is known.
            let mut planned = plan.lock().unwrap();
            let run = stage.i3(line).env(env::MARKET, market.url()).start();
            *planned = Some((n, done, run.id()));
            drop(planned);
            let outcome = run.finish();
            let was_killed = plan.lock().unwrap().take().is_none();
            assert_eq!(outcome.code, if was_killed { -1 } else { 0 }, "{n} {done}: {outcome}");
            publish(&stage);
            if !was_killed {
                is_settled(&stage, kind);
                assert!(n > 4, "only {n} requests were made");
                break;
            }
            let again = stage.i3("device rotate lot1").env(env::MARKET, market.url()).done();
            is_settled(&stage, &format!("{kind} {n} {done}: {again}"));
        }
    }
}

fn kill(process: u32) {
    assert!(Command::new("kill").args(["-KILL", &process.to_string()]).status().unwrap().success());
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

/// Runs the engine in a process that kills itself before its n-th step. Whether it was killed, else what it said.
fn victim(stage: &TestEnv, n: usize, kind: &str, first: First) -> Option<Outcome> {
    let mut run = stage.command(std::env::current_exe().unwrap());
    run.command.args(["--exact", "rotation::the_victim", "--ignored", "--nocapture"]);
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

#[test]
fn killed_at_every_step_it_can_log_in_and_goes_on() {
    for kind in KINDS {
        let stage = TestEnv::new();
        register(&stage, kind, None);
        let mut steps = 0;
        loop {
            steps += 1;
            if victim(&stage, steps, kind, First::Accepted).is_some() {
                break;
            }
            // Before anything else: whichever credential the broker has, the device logs in.
            publish(&stage);
            let again = stage.i3("device rotate lot1").done();
            is_settled(&stage, &format!("{kind} {steps}: {again}"));
        }
        is_settled(&stage, kind);
        assert!(steps > 8, "killed at {steps} steps only");
    }
}

#[test]
fn killed_again_while_it_goes_on_it_still_goes_on() {
    let stage = TestEnv::new();
    register(&stage, "password", None);
    for first in 1..=9 {
        assert!(victim(&stage, first, "password", First::Accepted).is_none(), "{first}");
        for second in 1.. {
            assert!(second < 20, "it never ends");
            if victim(&stage, second, "password", First::Accepted).is_some() {
                break;
            }
            publish(&stage);
        }
        is_settled(&stage, &format!("{first}"));
    }
}

#[test]
fn killed_on_the_way_back_the_next_run_makes_it_work() {
    for kind in KINDS {
        let stage = TestEnv::new();
        register(&stage, kind, None);
        let mut steps = 0;
        loop {
            steps += 1;
            assert!(steps < 30, "it never ends");
            if let Some(outcome) = victim(&stage, steps, kind, First::Spoiled) {
                assert!(outcome.stdout.contains("nothing has changed"), "{outcome}");
                break;
            }
            let again = stage.i3("device rotate lot1").done();
            is_settled(&stage, &format!("{kind} {steps}: {again}"));
        }
        is_settled(&stage, kind);
        assert!(steps > 9, "killed at {steps} steps only");
    }
}

#[test]
fn killed_while_it_gives_up_the_next_run_begins_anew() {
    let stage = TestEnv::new();
    let file = register(&stage, "password", None);
    for steps in 1.. {
        let ended = victim(&stage, steps, "password", First::Refused);
        if let Some(outcome) = &ended {
            assert!(outcome.stdout.contains(REFUSED) && steps > 5, "{steps}: {outcome}");
        }
        let before = fs::read(&file).unwrap();
        publish(&stage);
        stage.i3("device rotate lot1").done();
        // Whatever it said, it must have done.
        assert_ne!(fs::read(&file).unwrap(), before, "{steps}");
        is_settled(&stage, &format!("given up at {steps}"));
        if ended.is_some() {
            break;
        }
    }
}

/// Not a test: a rotation that [`victim`] starts in a process of its own.
#[test]
#[ignore = "no test by itself: others start it in a process of its own, and kill that"]
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
        endpoint: Endpoint { url: broker, tls: None },
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

    fn register(&mut self, credential: &RegisteredCredential) -> Result<Answer, String> {
        let name = LOT1.parse().unwrap();
        let row = device::find(&mut self.client, &name).map_err(|e| e.to_string())?.row;
        let first = std::mem::replace(&mut self.first, First::Accepted);
        if first == First::Refused {
            return Err(REFUSED.into());
        }
        let spoiled = (first == First::Spoiled).then(|| by_password("somebody else's").registered().unwrap());
        match device::edit(&mut self.client, &row, spoiled.as_ref().unwrap_or(credential)).map_err(|e| e.to_string())? {
            Edited::Accepted => Ok(Answer::Accepted),
            other => Err(format!("{other:?}")),
        }
    }

    fn prove(&mut self, secret: &LoginSecret) -> Proof<String> {
        let password = secret.connect_password(LOT1).unwrap();
        let id = format!("{:x}", rand::random::<u64>());
        let login = ConnectOptions {
            version: Version::V311,
            client_id: &id,
            clean: true,
            keep_alive: Duration::from_secs(60),
            user_name: LOT1,
            password: &password,
            max_packet: MAX_PACKET,
        };
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
        let deadline = Duration::from_secs(30);
        let opened = runtime.block_on(async {
            Connection::open(&self.endpoint, &login, tokio::time::Instant::now() + deadline).await.map(drop)
        });
        match opened {
            Ok(()) => Proof::Accepted,
            Err(e @ i3::mqtt::connection::ConnectError::Refused { .. }) => Proof::Refused(e.to_string()),
            Err(e) => Proof::Unanswered(e.to_string()),
        }
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
        self.left = self.left.saturating_sub(1);
        if self.left == 0 {
            kill(std::process::id());
            std::thread::sleep(Duration::from_secs(60));
        }
    }
}

/// Has the configuration refuse to be written, whoever runs this: its lock is a folder.
fn lock_configuration(stage: &TestEnv) {
    let folder = stage.config_file().parent().unwrap().to_owned();
    for lock in [".lock", ".config.toml.lock"] {
        let _ = fs::remove_file(folder.join(lock));
        fs::create_dir(folder.join(lock)).unwrap();
    }
}

fn unlock_configuration(stage: &TestEnv) {
    let folder = stage.config_file().parent().unwrap().to_owned();
    for lock in [".lock", ".config.toml.lock"] {
        fs::remove_dir(folder.join(lock)).unwrap();
    }
}

/// The new credential counts, the configuration names the old one: both are tried, until a rotation can finish the change.
fn both_are_tried(stage: &TestEnv, failed: &Outcome, new: &str, context: &str) {
    let config = fs::read_to_string(stage.config_file()).unwrap();
    assert_eq!(failed.code, 73, "{context}: {failed}");
    failed.says(&[new, stage.config_file().to_str().unwrap(), "cannot be written", "device rotate"]);
    assert_eq!(failed.error().id, Some("rotation-open"), "{context}: {failed}");
    publish(stage).says(&["is not finished"]);
    stage.i3("device passwd lot1 --generate-password").fails(77, &["was interrupted", "device rotate"]);
    assert_eq!(fs::read_to_string(stage.config_file()).unwrap(), config, "{context}");
    unlock_configuration(stage);
    stage.i3("device rotate lot1").succeeds(&format!("{LOT1}\n")).says(&["continuing it", "logs in with the new"]);
    publish(stage).is_silent();
    let rotations = stage.home().join(".local/state/i3-marketplace/rotations");
    assert!(!rotations.join(format!("{LOT1}.json")).exists(), "{context}");
}

#[test]
fn a_passwd_whose_configuration_cannot_be_written_leaves_both_credentials() {
    for kind in KINDS {
        for how in ["--new-key", "--generate-password", "--key other.pem", "--password-file other"] {
            let stage = TestEnv::new();
            register(&stage, kind, None);
            stage.secret("other.pem", other_key_pem());
            stage.secret("other", "hunter2secret\n");
            lock_configuration(&stage);
            let failed = stage.i3(&format!("device passwd lot1 {how}")).run();
            let new = how.split_once(' ').map_or("i3-marketplace/", |(_, file)| file);
            both_are_tried(&stage, &failed, new, &format!("{kind}, {how}"));
            // What a person gave stays where it is.
            assert_eq!(stage.read("other.pem"), other_key_pem());
            assert_eq!(stage.read("other"), "hunter2secret\n");
        }
    }
}

#[test]
fn what_a_person_gave_stays_when_the_change_is_undone() {
    let stage = TestEnv::released();
    let switch = Arc::new(Mutex::new(false));
    let market = spoiling(&stage, &switch);
    let old = register(&stage, "key", Some(&market.url()));
    stage.secret("other.pem", other_key_pem());
    lock_configuration(&stage);
    let here = |line: &str| stage.i3(line).env(env::MARKET, market.url());
    here("device passwd lot1 --key other.pem").fails(73, &["other.pem"]);
    unlock_configuration(&stage);
    // From elsewhere the device gets its old key again, and the next try to give it the new one is spoiled on the way.
    let elsewhere = stage.i3_with("device passwd --key", &[&old]).arg(LOT1);
    elsewhere.env(env::HOME, stage.path("elsewhere")).done();
    *switch.lock().unwrap() = true;
    here("device rotate lot1").fails(75, &["continuing it", "it was refused", "registered again"]);
    assert_eq!(stage.read("other.pem"), other_key_pem());
    publish(&stage).is_silent();
}

#[test]
fn a_rotation_whose_configuration_cannot_be_written_leaves_both_credentials() {
    let stage = TestEnv::with_lot1();
    // The other device keeps the key that they share, so that the configuration has to name another.
    stage.i3("register lot2 --hub parking --key lot1.pem").done();
    lock_configuration(&stage);
    let failed = stage.i3("device rotate lot1").run();
    both_are_tried(&stage, &failed, &format!("keys/{LOT1}.pem"), "rotate");
    stage.i3(&format!("pub --device lot2 -t {TOPIC} -m 1 --timeout {LONG}")).done();
}

#[test]
fn two_at_once_do_not_meet() {
    let stage = TestEnv::new();
    register(&stage, "password", None);
    let state = stage.home().join(".local/state/i3-marketplace");
    let lock = LockHolder::new(&state.join("rotations").join(format!("{LOT1}.lock")));
    stage.i3("device rotate lot1").fails(75, &["another rotation of this device is in progress"]);
    drop(lock);
    stage.i3("device rotate lot1").succeeds(&format!("{LOT1}\n"));
}

/// A way to the broker whose connections can be cut.
struct CutWay {
    port: u16,
    streams: Arc<Mutex<Vec<TcpStream>>>,
}

impl CutWay {
    fn to(port: u16) -> CutWay {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let own = listener.local_addr().unwrap().port();
        let streams: Arc<Mutex<Vec<TcpStream>>> = Arc::default();
        let kept = Arc::clone(&streams);
        std::thread::spawn(move || {
            for client in listener.incoming() {
                let (client, server) = (client.unwrap(), TcpStream::connect(("127.0.0.1", port)).unwrap());
                for (mut from, mut to) in [(&client, &server), (&server, &client)]
                    .map(|(from, to)| (from.try_clone().unwrap(), to.try_clone().unwrap()))
                {
                    std::thread::spawn(move || {
                        let mut bytes = [0; 4096];
                        while let Ok(read @ 1..) = from.read(&mut bytes) {
                            if to.write_all(&bytes[..read]).is_err() {
                                break;
                            }
                        }
                        let _ = to.shutdown(std::net::Shutdown::Both);
                    });
                }
                kept.lock().unwrap().extend([client, server]);
            }
        });
        CutWay { port: own, streams }
    }

    fn cut(&self) {
        for stream in self.streams.lock().unwrap().drain(..) {
            let _ = stream.shutdown(std::net::Shutdown::Both);
        }
    }
}

#[test]
fn a_publisher_that_runs_takes_up_the_new_credential_with_its_next_connection() {
    // A key of two devices goes to another file, so the configuration names another one afterwards.
    for (kind, shared) in [("key", false), ("password", false), ("key", true)] {
        let stage = TestEnv::new();
        let file = register(&stage, kind, None);
        if shared {
            stage.i3("register lot2 --hub parking --key").arg(&file).succeeds("alice$parking$lot2\n");
        }
        let mut buyer = Client::new(&stage.sandbox, "c", "bob", stage.sandbox.seed().buyer_broker_password.expose());
        buyer.subscribe(TOPIC, i3::mqtt::packet::QoS::AtLeastOnce);
        let way = CutWay::to(stage.sandbox.broker_url().port);
        let mut command = stage.command(PROGRAM).command;
        command.args(["pub", "--device", "lot1", "-t", TOPIC, "-l", "-q", "1", "--confirm", "none"]);
        command.arg(format!("--broker=mqtt://127.0.0.1:{}", way.port));
        let mut publisher =
            command.stdin(Stdio::piped()).stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
        let mut lines = publisher.stdin.take().unwrap();
        lines.write_all(b"before\n").unwrap();
        assert_eq!(buyer.message(), "before");
        stage.i3("device rotate lot1").succeeds(&format!("{LOT1}\n"));
        assert_eq!(credential_file(&stage) != file, shared);
        // The connection that is open stays; the next one needs the new credential.
        lines.write_all(b"meanwhile\n").unwrap();
        assert_eq!(buyer.message(), "meanwhile");
        way.cut();
        lines.write_all(b"after\n").unwrap();
        // At QoS 1 the one before comes again if its acknowledgement was cut off.
        let next = buyer.message();
        assert_eq!(if next == "meanwhile" { buyer.message() } else { next }, "after");
        drop(lines);
        let ended = publisher.wait_with_output().unwrap();
        let said = String::from_utf8(ended.stderr).unwrap();
        assert!(ended.status.success() && !said.contains("refused the log-in"), "{said}");
    }
}

//! Files of an earlier version of the program are read by this one; files of a later version are refused and kept.
//!
//! `tests/vectors/upgrade/` has a folder for each version, written by its own program: `I3_RENEW=1 cargo test upgrade` writes the one
//! of this version if it is not there yet, and changes none.

use std::fs;
use std::io::{Read as _, Write as _};
use std::os::unix::fs::{DirBuilderExt as _, PermissionsExt as _};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;
use std::thread;
use std::time::Duration;

use i3::agent::protocol::{AgentRequest, GO, HELLO, Reply, frame, read};
use i3::config::Places;
use i3::login::SecretKind;
use i3::publisher::Evidence;
use i3::rotation::repair::Plan;
use i3::rotation::{Journal, Stage};

use crate::program::{LONG, LOT1, Run, TOPIC, TestEnv, key_pem, other_key_pem};
use crate::support::reserved_port::ReservedPort;

/// The placeholders in the vectors for values that change each time.
const MARKET: &str = "http://market.example";
const BROKER: &str = "mqtt://broker.example";
const API_KEY: &str = "0000000000000000";
const HOME: &str = "/home/seller";
const SYSTEM: &str = "/etc/i3-marketplace/config.toml";

fn versions() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/upgrade")
}

/// The data and state of the user, as XDG has them.
fn data(env: &TestEnv) -> PathBuf {
    env.home().join(".local/share/i3-marketplace")
}

fn state(env: &TestEnv) -> PathBuf {
    env.home().join(".local/state/i3-marketplace")
}

fn rotations(env: &TestEnv) -> PathBuf {
    state(env).join("rotations")
}

fn account(env: &TestEnv) -> PathBuf {
    let market = env.sandbox.market_url().to_string().replace("://", ",").replace(':', ",");
    data(env).join("accounts").join(format!("{market}.json"))
}

fn pairs(env: &TestEnv) -> [(String, &'static str); 5] {
    let api_key = env.sandbox.seed().api_key.expose().to_owned();
    [
        (env.sandbox.market_url().to_string(), MARKET),
        (env.sandbox.broker_url().to_string(), BROKER),
        (api_key, API_KEY),
        (env.home().to_str().unwrap().to_owned(), HOME),
        (env.system_file().to_str().unwrap().to_owned(), SYSTEM),
    ]
}

fn write(path: &Path, bytes: impl AsRef<[u8]>) {
    fs::DirBuilder::new().recursive(true).mode(0o700).create(path.parent().unwrap()).unwrap();
    fs::write(path, bytes).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o600)).unwrap();
}

/// A vector with what this environment has in the places of its names.
fn vector(env: &TestEnv, version: &Path, name: &str) -> String {
    let text = fs::read_to_string(version.join(name)).unwrap();
    pairs(env).iter().fold(text, |text, (own, name)| text.replace(name, own))
}

/// What `i3 pub` asks of an agent.
fn asked(env: &TestEnv) -> String {
    fs::create_dir_all(env.agent().parent().unwrap()).unwrap();
    let listener = UnixListener::bind(env.agent()).unwrap();
    thread::scope(|scope| {
        let asked = scope.spawn(|| {
            let (mut caller, _) = listener.accept().unwrap();
            caller.read_exact(&mut [0; HELLO.len()]).unwrap();
            read::<serde_json::Value>(&mut caller).unwrap().to_string()
        });
        // Without an answer it publishes without the agent.
        publish(env).done();
        asked.join().unwrap()
    })
}

/// Has this program write everything that it keeps.
fn record(version: &Path) {
    let env = TestEnv::new();
    write(&data(&env).join("keys/lot1.pem"), key_pem());
    write(&data(&env).join("keys/lot1.pem.next"), other_key_pem());
    env.i3("register lot1 --hub parking --key").arg(data(&env).join("keys/lot1.pem")).done();
    env.i3("register lot2 --hub parking --generate-password").done();
    env.i3("login").done();
    let offline = format!("mqtt://127.0.0.1:{}", ReservedPort::new().number());
    let stream = env.i3(&format!("pub --device lot1 -t {TOPIC} -l -q 1 --spool --spool-ok --broker {offline}"));
    stream.input("1\n2\n3\n").run();

    let places = Places::in_folder(&env.path("places"));
    let device = LOT1.parse().unwrap();
    let (old, next) = (data(&env).join("keys/lot1.pem"), data(&env).join("keys/lot1.pem.next"));
    let journal = Journal {
        device: LOT1.into(),
        market: env.sandbox.market_url().to_string(),
        broker: env.sandbox.broker_url().to_string(),
        kind: SecretKind::Key,
        old: old.clone(),
        place: old.clone(),
        next: next.clone(),
        made: true,
        stage: Stage::Forward,
    };
    journal.save(&places, &device).unwrap();
    let plan = Plan {
        device: LOT1.into(),
        market: journal.market.clone(),
        kind: SecretKind::Key,
        file: next.clone(),
        made: false,
    };
    plan.save(&places, &device).unwrap();
    let agent = [asked(&env), serde_json::to_string(&AgentRequest::Forget { device: LOT1.into() }).unwrap()];
    let state_of_spool = state(&env).join("spool").join(LOT1);
    let named = |text: String| pairs(&env).iter().fold(text, |text, (own, name)| text.replace(own, name));
    let texts = [
        ("config.toml", fs::read_to_string(env.config_file()).unwrap()),
        ("account.json", fs::read_to_string(account(&env)).unwrap()),
        ("rotation.json", fs::read_to_string(env.path("places/state/rotations").join(format!("{LOT1}.json"))).unwrap()),
        (
            "repair.json",
            fs::read_to_string(env.path("places/state/rotations").join(format!("{LOT1}.repair.json"))).unwrap(),
        ),
        ("lot1.pem", key_pem().to_owned()),
        ("next.pem", other_key_pem().to_owned()),
        ("agent.jsonl", agent.join("\n") + "\n"),
    ];
    for (name, text) in texts {
        write(&version.join(name), named(text));
    }
    write(&version.join("spool.db"), fs::read(state_of_spool.join("spool.db")).unwrap());
}

/// A machine on which an earlier version has been used: lot1 is registered with its key.
fn machine(version: &Path) -> TestEnv {
    let env = TestEnv::new();
    write(&data(&env).join("keys/lot1.pem"), vector(&env, version, "lot1.pem"));
    write(&data(&env).join("passwords/alice$parking$lot2"), "of-another-marketplace");
    env.i3("register lot1 --no-save --hub parking --key").arg(data(&env).join("keys/lot1.pem")).done();
    write(&env.config_file(), vector(&env, version, "config.toml"));
    env
}

fn each_version(holds: fn(&Path)) {
    let own = versions().join(env!("CARGO_PKG_VERSION"));
    static RECORDED: OnceLock<()> = OnceLock::new();
    RECORDED.get_or_init(|| {
        if std::env::var_os("I3_RENEW").is_some() && !own.exists() {
            record(&own);
        }
    });
    assert!(own.exists(), "there is none of this version: write it with I3_RENEW=1");
    for version in fs::read_dir(versions()).unwrap() {
        let version = version.unwrap().path();
        if version.is_dir() {
            holds(&version);
        }
    }
}

fn publish(env: &TestEnv) -> Run {
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --timeout {LONG}"))
}

#[test]
fn the_files_of_an_earlier_version_are_read() {
    each_version(|version| {
        let env = machine(version);
        env.i3("config check").done();
        publish(&env).succeeds("").is_silent();

        let spool = state(&env).join("spool").join(LOT1);
        write(&spool.join("spool.db"), fs::read(version.join("spool.db")).unwrap());
        assert_eq!(env.i3("spool status lot1 --json").json()["lines"], 3);
        let buyer = env.i3(&format!("sub -v -F %p -t {TOPIC} -C 3 -W {LONG}")).start().says("Subscribed");
        env.i3("spool drain --device lot1").done();
        assert_eq!(buyer.finish().succeeded(), "1\n2\n3\n");

        write(&account(&env), vector(&env, version, "account.json"));
        let kept = |line: &str| env.i3(line).without("I3_USER").without("I3_API_KEY").without("I3_LOGIN_PASSWORD");
        assert!(kept("device list").done().stdout.contains(LOT1));

        // A rotation that it had begun, and a repair.
        let next = data(&env).join("keys/lot1.pem.next");
        write(&next, vector(&env, version, "next.pem"));
        write(&rotations(&env).join(format!("{LOT1}.json")), vector(&env, version, "rotation.json"));
        publish(&env).done();
        env.i3("device rotate lot1").done();
        assert!(!next.exists() && !rotations(&env).join(format!("{LOT1}.json")).exists());
        let place = fs::read_to_string(data(&env).join("keys/lot1.pem")).unwrap();
        assert_eq!(
            place,
            vector(&env, version, "next.pem"),
            "the key that the earlier version made is the device's now"
        );
        publish(&env).succeeds("").is_silent();

        write(&next, vector(&env, version, "lot1.pem"));
        write(&rotations(&env).join(format!("{LOT1}.repair.json")), vector(&env, version, "repair.json"));
        env.i3("device repair lot1 --yes").done();
        assert!(!rotations(&env).join(format!("{LOT1}.repair.json")).exists());
        publish(&env).succeeds("").is_silent();
    });
}

#[test]
fn a_caller_of_an_earlier_version_publishes_by_this_agent() {
    each_version(|version| {
        let env = machine(version);
        let mut agent = env.i3("agent").start();
        agent.until("I3_AGENT_PID");
        let requests = vector(&env, version, "agent.jsonl");
        let ask = |request: &str| {
            let mut caller = UnixStream::connect(env.agent()).unwrap();
            caller.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
            let request: serde_json::Value = serde_json::from_str(request).unwrap();
            caller.write_all(&HELLO).unwrap();
            caller.write_all(&frame(&request).unwrap()).unwrap();
            let mut hello = [0; HELLO.len()];
            caller.read_exact(&mut hello).unwrap();
            assert_eq!(hello, HELLO);
            caller
        };
        let answer = |caller: &mut UnixStream| loop {
            match read::<Reply>(&mut *caller).unwrap() {
                Reply::Working => {}
                reply => return reply,
            }
        };
        let mut requests = requests.lines();
        let mut caller = ask(requests.next().unwrap());
        let reply = answer(&mut caller);
        assert!(matches!(reply, Reply::Ready), "{reply:?}");
        caller.write_all(&[&[GO], &b"678"[..]].concat()).unwrap();
        let reply = answer(&mut caller);
        assert!(matches!(reply, Reply::Delivered(Evidence::Echo)), "{reply:?}");
        assert!(matches!(answer(&mut ask(requests.next().unwrap())), Reply::Done));
    });
}

/// Does something with a file in its place, which must not be changed by it.
fn untouched(path: &Path, bytes: &[u8], run: impl FnOnce()) {
    write(path, bytes);
    run();
    assert!(fs::read(path).unwrap() == bytes, "{} was changed", path.display());
}

#[test]
fn what_a_later_version_has_left_is_refused_and_kept() {
    let env = TestEnv::with_lot1();

    // A spool: its format is a number of the database.
    let spool = env.path("spool");
    let stream =
        || env.i3(&format!("pub --device lot1 -t {TOPIC} -l -q 1 --spool=spool --timeout {LONG}")).input("1\n");
    stream().done();
    rusqlite::Connection::open(spool.join("spool.db")).unwrap().execute_batch("PRAGMA user_version = 9").unwrap();
    let bytes = fs::read(spool.join("spool.db")).unwrap();
    untouched(&spool.join("spool.db"), &bytes, || {
        let says =
            ["the spool has format 9, and this program knows format 2", "the version of this program that wrote it"];
        stream().fails(78, &says);
        env.i3("spool drain --device lot1 --spool=spool").fails(78, &says);
        env.i3("spool purge --all --yes --spool=spool").fails(78, &says);
    });

    // A rotation and a repair.
    let later = format!(r#"{{"format": 2, "device": "{LOT1}", "steps": [1, 2]}}"#);
    for ending in ["json", "repair.json"] {
        let path = rotations(&env).join(format!("{LOT1}.{ending}"));
        untouched(&path, later.as_bytes(), || {
            let says =
                ["has format 2, of a later version of this program", "with the version of this program that began it"];
            let line = if ending == "json" { "device rotate lot1" } else { "device repair lot1 --yes" };
            env.i3(line).fails(78, &says);
        });
        fs::remove_file(path).unwrap();
    }

    // A kept log-in, which a new one may replace.
    let later = r#"{"format": 2, "accounts": []}"#;
    let kept = |line: &str| env.i3(line).without("I3_USER").without("I3_API_KEY").without("I3_LOGIN_PASSWORD");
    untouched(&account(&env), later.as_bytes(), || {
        kept("device list").fails(78, &["has format 2, of a later version of this program", "`i3 login`"]);
    });

    // The configuration: a key that this version does not know is named, and stays.
    let mut config = fs::read_to_string(env.config_file()).unwrap();
    config.insert_str(0, "colour = \"green\"\n");
    fs::write(env.config_file(), &config).unwrap();
    publish(&env).succeeds("").says(&["warning: ", "colour"]);
    env.i3("config set accept_plain true").done();
    assert!(fs::read_to_string(env.config_file()).unwrap().starts_with("colour = \"green\"\n"));
}

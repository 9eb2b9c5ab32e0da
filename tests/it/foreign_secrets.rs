//! A secret that is meant for one marketplace or broker goes to no other, whatever the environment, the configuration and the
//! options name.

use std::fs;
use std::io::Read as _;
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread::JoinHandle;
use std::time::Duration;

use i3::config::env;

use crate::program::{LOT1, Run, TOPIC, TestEnv, key_pem, other_key_pem};

/// A stranger in the place of a marketplace or a broker, who keeps what is sent and answers nothing.
struct Stranger {
    port: u16,
    heard: Arc<Mutex<Vec<u8>>>,
    listening: Option<JoinHandle<()>>,
}

impl Stranger {
    fn new() -> Stranger {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let port = listener.local_addr().unwrap().port();
        let heard = Arc::<Mutex<Vec<u8>>>::default();
        let all = Arc::clone(&heard);
        let listening = std::thread::spawn(move || {
            for peer in listener.incoming() {
                let mut peer = peer.unwrap();
                peer.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
                let mut bytes = vec![0; 1 << 16];
                let count = peer.read(&mut bytes).unwrap_or(0);
                // Nobody else connects and says nothing.
                if count == 0 {
                    return;
                }
                all.lock().unwrap().extend(&bytes[..count]);
            }
        });
        Stranger { port, heard, listening: Some(listening) }
    }

    /// All that was sent to it.
    fn heard(mut self) -> String {
        drop(TcpStream::connect(("127.0.0.1", self.port)).unwrap());
        self.listening.take().unwrap().join().unwrap();
        String::from_utf8_lossy(&self.heard.lock().unwrap()).into_owned()
    }
}

/// The configuration of a profile.
fn profile(env: &TestEnv, name: &str, text: &str) {
    let folder = env.home().join(".config/i3-marketplace/profiles").join(name);
    fs::create_dir_all(&folder).unwrap();
    fs::write(folder.join("config.toml"), text).unwrap();
}

/// The program without any variable of the sandbox's.
fn bare(env: &TestEnv, line: &str) -> Run {
    let all = [env::MARKET, env::BROKER, env::USER, env::LOGIN_PASSWORD, env::API_KEY, env::BUYER, env::BUYER_PASSWORD];
    all.into_iter().fold(env.i3(line), Run::without)
}

/// Logs in at the other marketplace, in the profile `pc`.
fn log_in_there(env: &TestEnv, there: &TestEnv) {
    let line = format!("--profile pc login --user alice --market {}", there.sandbox.market_url());
    let password = there.sandbox.seed().seller_password.expose().to_owned();
    bare(env, &line).env(env::LOGIN_PASSWORD, password).succeeds("alice\n");
}

#[test]
fn a_log_in_of_a_profile_comes_before_what_is_exported_for_another_marketplace() {
    let (env, there) = (TestEnv::new(), TestEnv::new());
    log_in_there(&env, &there);
    let key = env.sandbox.seed().api_key.expose().to_owned();
    // Everything exported, as by `eval "$(i3 sandbox)"`; then the API key alone, of the marketplace in config.toml, or of nobody knows.
    let told = env.i3("--profile pc hub create everything").succeeds("alice/everything\n");
    told.says(&[
        "with --profile pc these variables are not used",
        "I3_MARKET",
        "I3_API_KEY",
        &env.sandbox.market_url(),
    ]);
    bare(&env, "--profile pc hub create nobody")
        .env(env::API_KEY, &key)
        .succeeds("alice/nobody\n")
        .says(&["I3_API_KEY"]);
    fs::write(env.config_file(), format!("market = '{}'\n", env.sandbox.market_url())).unwrap();
    let alone = || bare(&env, "--profile pc hub create configured").env(env::API_KEY, &key);
    alone().env(env::USER, "bob").succeeds("alice/configured\n");
    let hubs = there.sandbox.hubs();
    assert!(
        ["everything", "nobody", "configured"].iter().all(|hub| hubs.contains(&format!("alice/{hub}"))),
        "{hubs:?}"
    );
    assert!(!env.sandbox.hubs().contains(&"alice/everything".to_owned()));
    // Without the option, and with the weaker variable, the environment comes first.
    env.i3("hub create garden").done();
    env.i3("hub create meadow").env(env::PROFILE, "pc").done();
    let here = env.sandbox.hubs();
    assert!(["garden", "meadow"].iter().all(|hub| here.contains(&format!("alice/{hub}"))), "{here:?}");
    // A second account at the same marketplace is meant as well.
    let (password, _) = env.sandbox.add_user("carol").unwrap().unwrap();
    let login = env.i3("--profile carol login --user carol").env(env::LOGIN_PASSWORD, password.expose());
    login.succeeds("carol\n");
    env.i3("--profile carol whoami").succeeds("carol\n").says(&["I3_USER", "I3_API_KEY", "I3_LOGIN_PASSWORD"]);
    env.i3("--profile carol hub create field").succeeds("carol/field\n");
    assert!(env.i3("--profile carol config get user").done().stdout == "carol\n");
}

#[test]
fn no_secret_of_the_environment_is_sent_to_the_marketplace_of_a_profile() {
    let env = TestEnv::new();
    let seed = env.sandbox.seed();
    let secrets = [seed.api_key.expose().to_owned(), seed.seller_password.expose().to_owned(), "pw-of-lot1".into()];
    let whole = |line: &str| env.i3(line);
    fn alone<'e>(env: &'e TestEnv) -> impl Fn(&str) -> Run + 'e {
        // The marketplace is in config.toml only.
        move |line| env.i3(line).without(env::MARKET)
    }
    fs::create_dir_all(env.config_file().parent().unwrap()).unwrap();
    fs::write(env.config_file(), format!("market = '{}'\n", env.sandbox.market_url())).unwrap();
    let runs: [&dyn Fn(&str) -> Run; 2] = [&whole, &alone(&env)];
    for run in runs {
        let stranger = Stranger::new();
        let file = format!("market = 'http://127.0.0.1:{0}'\nbroker = 'mqtt://127.0.0.1:{0}'\n", stranger.port);
        profile(&env, "pc", &file);
        for line in [
            "product list --user alice",
            "hub list",
            "product list --via rest",
            "buy alice/parking/occupancy --yes",
            "notifications list",
            "login --user alice",
            "sub -t alice/parking/occupancy -W 1s",
            "pub -u alice$parking$lot1 -t alice/parking/occupancy -m 1",
        ] {
            let ended = run(&format!("--profile pc {line} --timeout 2s")).env(env::PASSWORD, "pw-of-lot1").run();
            assert!(ended.code != 0, "{ended}");
            ended.says(&["with --profile pc these variables are not used"]);
        }
        let heard = stranger.heard();
        for secret in &secrets {
            assert!(!heard.contains(secret.as_str()), "{heard}");
        }
        assert!(!heard.contains(seed.buyer_broker_password.expose()), "{heard}");
    }
    // What is named together is meant together.
    let stranger = Stranger::new();
    let there = format!("http://127.0.0.1:{}", stranger.port);
    profile(&env, "pc", &format!("market = '{there}'\n"));
    env.i3("--profile pc product list --via rest --timeout 2s").env(env::MARKET, &there).run();
    assert!(stranger.heard().contains(&secrets[0]));
}

#[test]
fn an_option_for_another_marketplace_uses_the_log_in_that_is_kept_there() {
    let (env, there) = (TestEnv::new(), TestEnv::new());
    let key = env.sandbox.seed().api_key.expose().to_owned();
    let password = there.sandbox.seed().seller_password.expose().to_owned();
    let market = there.sandbox.market_url();
    let login = bare(&env, &format!("login --user alice --market {market}"));
    login.env(env::LOGIN_PASSWORD, password).succeeds("alice\n");
    let listed = |line: &str| env.i3(&format!("{line} --market {market}")).env(env::USER, "bob");
    listed("hub create garden").succeeds("alice/garden\n");
    listed("product list --via rest").done();
    assert!(there.sandbox.hubs().contains(&"alice/garden".to_owned()));
    // A key goes with the marketplace that its own file names.
    env.secret("api.key", format!("{key}\n"));
    let own = env.sandbox.market_url();
    fs::write(env.config_file(), format!("market = '{own}'\napi_key_file = '{}'\n", env.path("api.key").display()))
        .unwrap();
    let stranger = Stranger::new();
    let strange = format!("http://127.0.0.1:{}", stranger.port);
    bare(&env, &format!("product list --user alice --timeout 2s --market {strange}")).fails(78, &["error["]);
    bare(&env, "product list --user alice --timeout 2s").env(env::MARKET, &strange).fails(78, &["error["]);
    assert_eq!(stranger.heard(), "");
    bare(&env, "product list --user alice").done();
}

#[test]
fn a_device_of_a_profile_logs_in_at_the_profiles_broker_with_its_own_credential() {
    let (env, there) = (TestEnv::with_lot1(), TestEnv::new());
    log_in_there(&env, &there);
    env.secret("other.pem", other_key_pem());
    let register =
        format!("--profile pc register lot1 --hub parking --key other.pem --broker {}", there.sandbox.broker_url());
    env.i3(&register).succeeds(&format!("{LOT1}\n"));
    assert_eq!(there.sandbox.counts().device_posts, 1);
    let before = env.sandbox.counts().broker_log_ins;
    // The broker of the marketplace that is exported is not the profile's, and neither are a device's and a buyer's password.
    let publish = || env.i3(&format!("--profile pc pub --device lot1 -t {TOPIC} -m 678"));
    publish().succeeds("").says(&["with --profile pc these variables are not used", "I3_BROKER", "I3_BUYER"]);
    publish().env(env::PASSWORD, "pw-of-lot1").env(env::DEVICE, "lot9").succeeds("");
    let alone = bare(&env, &format!("-v --profile pc pub -t {TOPIC} -m 678")).env(env::PASSWORD, "pw-of-lot1");
    alone.succeeds("").says(&["I3_PASSWORD", "with key "]).does_not_say(&["with environment variable"]);
    env.i3(&format!("--profile pc sub -t {TOPIC} -W 1s --subscribe-only")).succeeds("");
    assert_eq!(env.sandbox.counts().broker_log_ins, before);
    // An option comes before the profile.
    env.i3(&format!("--profile pc pub --device lot1 -t {TOPIC} -m 678 --broker {}", env.sandbox.broker_url()))
        .fails(77, &["error[log-in-refused]"]);
}

#[test]
fn the_variables_of_a_sandbox_go_on_working_without_a_profile() {
    let env = TestEnv::new();
    env.secret("lot1.pem", key_pem());
    for line in ["hub list", "product list", "whoami", "register lot1 --hub parking --key lot1.pem"] {
        env.i3(line).done().does_not_say(&["not used"]);
    }
    env.i3(&format!("pub -t {TOPIC} -m 678 --device lot1")).succeeds("").is_silent();
    env.i3(&format!("sub -t {TOPIC} --subscribe-only")).succeeds("").is_silent();
    // A profile that says nothing of it takes what there is.
    env.i3("--profile new login").succeeds("alice\n").does_not_say(&["not used"]);
}

#[test]
fn a_refused_key_of_the_environment_is_said_to_be_there() {
    let env = TestEnv::new();
    let run = env.i3("product list --via rest").env(env::API_KEY, "0123456789012345678901234567890123456789");
    run.fails(77, &["error[api-key-refused]", "does not accept the API key in I3_API_KEY", "unset it"]);
}

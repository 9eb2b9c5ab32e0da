//! The configuration: where it lies, what counts, how it is shown and changed, and devices that move in and out of it.

use std::fs;
use std::path::Path;

use i3::config::env;

use crate::program::{LOT1, Run, TOPIC, TestEnv, key_pem, mode, other_key_pem};
use crate::terminal::{on_terminal, typed_on_terminal};

/// Writes the user's config file, or another below the home folder.
fn write(path: &Path, text: &str) {
    fs::create_dir_all(path.parent().unwrap()).unwrap();
    fs::write(path, text).unwrap();
}

fn config(env: &TestEnv, text: &str) {
    write(&env.config_file(), text);
}

fn text(env: &TestEnv) -> String {
    fs::read_to_string(env.config_file()).unwrap()
}

/// The program without the environment variables for the marketplace, the broker and the user.
fn bare(env: &TestEnv, line: &str) -> Run {
    env.i3(line).without(env::MARKET).without(env::BROKER).without(env::USER).without(env::API_KEY)
}

#[test]
fn a_log_in_remembers_marketplace_and_user_where_none_is_configured() {
    let env = TestEnv::new();
    let (market, file) = (env.sandbox.market_url(), env.config_file());
    let login = |more: &str| bare(&env, &format!("login {more}"));
    let said = login(&format!("--market {market}/ --user Alice -v")).succeeds("alice\n");
    said.says(&["Remembered in ", "config.toml: market and user."]);
    assert_eq!(text(&env), format!("market = \"{market}\"\nuser = \"alice\"\n"));
    bare(&env, "whoami").succeeds("alice\n");
    bare(&env, "hub list").succeeds("alice/parking\n");
    // What is configured stays, and another marketplace is not mixed with it.
    let configured = "market = 'http://127.0.0.1:9' # mine\n";
    config(&env, configured);
    login(&format!("--market {market} --user alice")).done().says(&["still http://127.0.0.1:9", "--profile NAME"]);
    assert_eq!(text(&env), configured);
    config(&env, &format!("market = '{market}' # mine\n"));
    login("--user alice -v").done().says(&["config.toml: user."]);
    assert_eq!(text(&env), format!("market = '{market}' # mine\nuser = \"alice\"\n"));
    // Nor are the machine's settings.
    fs::remove_file(&file).unwrap();
    fs::write(env.system_file(), format!("market = '{market}'\nuser = 'alice'\n")).unwrap();
    login("").succeeds("alice\n");
    assert!(!file.exists());
    // What the environment says for this run is not remembered.
    fs::remove_file(env.system_file()).unwrap();
    env.i3("login").succeeds("alice\n");
    assert!(!file.exists());
    // Nor is a log-in that fails.
    login(&format!("--market {market} --user alice")).env(env::LOGIN_PASSWORD, "wrong").fails(77, &["error"]);
    assert!(!file.exists());
    // What is named and not there yet is made, wherever the marketplace comes from.
    for named in ["--profile work", "--config other.toml"] {
        let run = env.i3(&format!("{named} login -v"));
        run.succeeds("alice\n").says(&["Remembered in ", ".toml: market and user."]);
        bare(&env, &format!("{named} whoami")).succeeds("alice\n");
    }
    assert!(!file.exists());
    let run = bare(&env, &format!("signup --user gina --type seller --market {market}"));
    run.env(env::LOGIN_PASSWORD, "Gina's own 7 words").succeeds("gina\n");
    assert_eq!(text(&env), format!("market = \"{market}\"\nuser = \"gina\"\n"));
}

#[test]
fn option_environment_user_and_machine_count_in_this_order() {
    let env = TestEnv::new();
    let get = |key: &str| bare(&env, &format!("-v config get {key}"));
    get("broker").fails(78, &["error[setting-missing]", "broker is not set", "i3 config set broker VALUE"]);
    fs::write(env.system_file(), "market = 'http://machine'\nbroker = 'mqtt://machine'\nuser = 'machine'\n").unwrap();
    get("broker").succeeds("mqtt://machine:1883\n").says(&["broker in ", "system.toml"]);
    config(&env, "broker = 'mqtt://user'\n");
    get("broker").succeeds("mqtt://user:1883\n").says(&["config.toml"]);
    get("market").succeeds("http://machine\n");
    get("broker").env(env::BROKER, "mqtt://env").succeeds("mqtt://env\n").says(&["environment variable I3_BROKER"]);
    let pubs = |more: &str| bare(&env, &format!("-v pub -u {LOT1} -t {TOPIC} -m 1 --timeout 1s {more}"));
    let pubs = |more: &str| pubs(more).env(env::PASSWORD, "secret").env(env::BROKER, "mqtt://127.0.0.1:2").run();
    pubs("--broker mqtt://127.0.0.1:1").says(&["Broker mqtt://127.0.0.1:1 (option --broker)."]);
    pubs("").says(&["Broker mqtt://127.0.0.1:2 (environment variable I3_BROKER)."]);
    // A device's table counts as a whole.
    let device = format!("[devices.'{LOT1}']\n");
    fs::write(env.system_file(), format!("{device}broker = 'mqtt://machine'\nmarket = 'http://machine'\n")).unwrap();
    get("devices.lot1.market").succeeds("http://machine\n");
    config(&env, &format!("{device}broker = 'mqtt://own'\n"));
    get("devices.lot1.broker").succeeds("mqtt://own:1883\n");
    get("devices.lot1.market").fails(78, &[".market is not set"]);
}

#[test]
fn a_key_is_set_with_all_around_it_left_as_it_is() {
    let env = TestEnv::new();
    env.secret("lot1.pem", key_pem());
    let before = "# where I sell\nmarket   =   'http://h' # the old one\n\n[devices.'alice$parking$lot1'] # at the gate\n\
                  market = 'http://h'\n# spare\nkey = '/k.pem'\n";
    config(&env, before);
    fs::set_permissions(env.config_file(), std::os::unix::fs::PermissionsExt::from_mode(0o640)).unwrap();
    bare(&env, "config set market https://i3.example.org").succeeds("").is_silent();
    bare(&env, "config set devices.lot1.key lot1.pem").succeeds("").is_silent();
    let path = env.path("lot1.pem");
    let after = before
        .replace("'http://h' # the old", "\"https://i3.example.org\" # the old")
        .replace("'/k.pem'", &format!("\"{}\"", path.display()));
    assert_eq!(text(&env), after);
    assert_eq!(mode(&env.config_file()), 0o640);
    bare(&env, "config set accept_plain true").done();
    assert!(text(&env).contains("\naccept_plain = true\n"), "{}", text(&env));
    bare(&env, "config unset accept_plain").done();
    assert_eq!(text(&env), after);
    bare(&env, "config unset accept_plain -v").done().says(&["was not set"]);
    env.i3("config set market https://i3.example.org").done().says(&["I3_MARKET is set in the environment"]);
    let listed = bare(&env, "config list --json").json();
    assert_eq!(listed[0]["key"], "market");
    assert_eq!(listed[0]["value"], "https://i3.example.org");
    let path_told = bare(&env, "config path").done().stdout;
    assert_eq!(path_told.trim_end(), env.config_file().to_str().unwrap());
    // The path is printed regardless of the file's contents.
    config(&env, "market = ");
    bare(&env, "config path").succeeds(&path_told);
    bare(&env, "config set market http://h").fails(78, &["error[config-invalid]"]);
    assert_eq!(text(&env), "market = ");
}

#[test]
fn a_value_that_no_command_could_use_is_not_written() {
    let env = TestEnv::new();
    config(&env, &format!("[devices.'{LOT1}']\n"));
    let before = text(&env);
    env.secret("lot1.pem", key_pem());
    fs::write(env.path("open.pem"), key_pem()).unwrap();
    env.secret("pw", "hunter2secret\n");
    for (set, code, says) in [
        ("market ftp://h", 65, "error[bad-address]"),
        ("market http://alice:hunter2secret@h", 65, "error[bad-address]"),
        ("broker http://h", 65, "error[bad-address]"),
        ("device lot9", 78, "no device 'lot9'"),
        ("cafile gone.pem", 78, "error[roots-unusable]"),
        ("cafile lot1.pem", 78, "error[roots-unusable]"),
        ("api_key_file gone", 66, "error[file-unusable]"),
        ("api_key_file lot1.pem", 77, "error[private-key-as-password]"),
        ("accept_plain yes", 65, "neither true nor false"),
        ("devices.lot1.key pw", 78, "error[key-file-unusable]"),
        ("devices.lot1.key open.pem", 78, "error[file-open-to-others]"),
        ("devices.lot1.password_file lot1.pem", 77, "error[private-key-as-password]"),
        ("devices.lot1.colour red", 2, "error[setting-unknown]"),
        ("devices.lot9.broker mqtt://h", 78, "no device 'lot9'"),
        ("brocker mqtt://h", 2, "did you mean 'broker'?"),
        ("password hunter2secret", 77, "error[setting-secret]"),
        ("api_key hunter2secret", 77, "error[setting-secret]"),
        ("devices.lot1.password hunter2secret", 77, "error[setting-secret]"),
    ] {
        bare(&env, &format!("config set {set}")).fails(code, &[says]).keeps_secret("hunter2secret");
        assert_eq!(text(&env), before, "{set}");
    }
    bare(&env, "config set user").arg("").fails(65, &["it is empty"]);
    bare(&env, "config set user").arg(key_pem()).fails(77, &["error[private-key-on-command-line]"]);
    assert_eq!(text(&env), before);
}

#[test]
fn secrets_are_said_to_be_set_and_never_shown() {
    let env = TestEnv::new();
    env.secret("api.key", "0123456789abcdef\n");
    config(
        &env,
        "market = 'http://alice:hunter2secret@h'\npassword = 'hunter2secret'\napi_key_file = '../../../cwd/api.key'\n",
    );
    let with =
        |line: &str| bare(&env, line).env(env::PASSWORD, "hunter2secret").env(env::LOGIN_PASSWORD, "hunter2secret");
    for line in
        ["config list", "config list --json", "config get password", "config get login_password", "config get market"]
    {
        let told = with(line).done();
        assert!(told.stdout.contains("(set)") || told.stdout.contains("(not an address)"), "{told}");
        told.keeps_secret("hunter2secret");
    }
    let told = with("config get api_key").succeeds("(set)\n");
    told.keeps_secret("0123456789abcdef");
    bare(&env, "config get buyer_password").without(env::BUYER_PASSWORD).fails(78, &["buyer_password is not set"]);
}

#[test]
fn what_nothing_reads_is_warned_of_and_fails_the_check() {
    let env = TestEnv::with_lot1();
    let good = text(&env);
    env.i3("config check").done().is_silent();
    config(&env, &format!("brocker = 'hunter2secret'\n{good}colour = 'hunter2secret'\n"));
    let warned = env.i3("token lot1").done();
    warned.says(&["warning: ", "config.toml, line 1: the key brocker is unknown; did you mean 'broker'?", "colour"]);
    warned.keeps_secret("hunter2secret");
    let examined = env.i3("doctor lot1 --offline").run();
    assert!(examined.stdout.contains("line 1: the key brocker is unknown"), "{examined}");
    env.i3("config check").fails(78, &["error[config-invalid]: 2 things are wrong", "line 1: ", ".colour is unknown"]);
    // An invalid value, in any place; all of them are reported at once.
    fs::write(env.system_file(), "device = 'lot9'\ncafile = 'gone.pem'\n[devices.lot1]\nkey = 'k'\n").unwrap();
    config(&env, &format!("market = 'h'\n{}", good.replace("lot1.pem", "gone.pem")));
    let told = env.i3("config check").fails(78, &["5 things are wrong", "system.toml, line 3: 'lot1' is not a full"]);
    told.says(&["market in ", "begins with http://", "device in ", "no device 'lot9'", "cafile in ", "key file "]);
    fs::remove_file(env.system_file()).unwrap();
    config(&env, &good);
    fs::set_permissions(env.config_file(), std::os::unix::fs::PermissionsExt::from_mode(0o666)).unwrap();
    env.i3("config check").fails(78, &["can be written by others (mode 0666)", "chmod go-w"]);
}

#[test]
fn another_file_is_read_where_it_is_named_and_its_paths_stand_against_it() {
    let env = TestEnv::with_lot1();
    fs::create_dir(env.path("etc")).unwrap();
    fs::rename(env.path("lot1.pem"), env.path("etc/lot1.pem")).unwrap();
    fs::write(env.path("etc/i3.toml"), format!("[devices.'{LOT1}']\nkey = 'lot1.pem'\n")).unwrap();
    config(&env, "");
    let line = format!("pub --device lot1 -t {TOPIC} -m 678");
    env.i3(&line).fails(78, &["no device 'lot1' is configured"]);
    env.i3(&format!("--config etc/i3.toml {line}")).succeeds("");
    env.i3(&format!("{line} --config etc/i3.toml")).succeeds("");
    env.i3(&line).env(env::CONFIG, "etc/i3.toml").succeeds("");
    // From any folder.
    let mut elsewhere = env.i3(&line).env(env::CONFIG, env.path("etc/i3.toml"));
    elsewhere.command.current_dir(env.tmp());
    elsewhere.succeeds("");
    fs::rename(env.path("etc/lot1.pem"), env.home().join("lot1.pem")).unwrap();
    fs::write(env.path("etc/i3.toml"), format!("[devices.'{LOT1}']\nkey = '~/lot1.pem'\n")).unwrap();
    env.i3(&format!("{line} --config etc/i3.toml")).succeeds("");
    // It is written, too.
    env.i3("config set device lot1 --config etc/i3.toml").done();
    assert!(fs::read_to_string(env.path("etc/i3.toml")).unwrap().starts_with("device = \"lot1\"\n"));
    assert_eq!(text(&env), "");
    env.i3("config set market http://h --config ~/new.toml").done();
    assert!(env.home().join("new.toml").exists());
    // A hint is for the same configuration.
    let refused = env.i3("token lot9 --config etc/i3.toml").fails(78, &["no device 'lot9'"]);
    refused.says(&["`i3 --config etc/i3.toml register`"]);
    for run in [env.i3("token lot1 --config gone.toml"), env.i3("token lot1").env(env::CONFIG, "gone.toml")] {
        run.fails(66, &["error[file-unusable]", "gone.toml", "does not exist"]);
    }
    env.i3("token lot1 --config a --profile b").fails(2, &["option --config and option --profile each name"]);
    env.i3("token lot1").env(env::CONFIG, "a").env(env::PROFILE, "b").fails(2, &["I3_CONFIG", "I3_PROFILE"]);
}

#[test]
fn profiles_keep_marketplaces_accounts_and_devices_apart() {
    let (env, other) = (TestEnv::new(), TestEnv::new());
    env.secret("lot1.pem", key_pem());
    env.secret("other.pem", other_key_pem());
    // Without the password of the account, which is another at each of them.
    let kept = |line: &str| bare(&env, line).without(env::LOGIN_PASSWORD);
    let login = |more: &str, at: &TestEnv| {
        let run = kept(&format!("{more} login --user alice --market {}", at.sandbox.market_url()));
        run.env(env::LOGIN_PASSWORD, at.sandbox.seed().seller_password.expose()).succeeds("alice\n");
    };
    login("", &env);
    kept("whoami --profile other")
        .fails(78, &["error[profile-unknown]", "no profile 'other' exists; no profiles are configured"]);
    login("--profile other", &other);
    let broker = |sandbox: &TestEnv| sandbox.sandbox.broker_url().to_string();
    kept("config set broker").arg(broker(&env)).done();
    kept("config set broker --profile other").arg(broker(&other)).done();
    kept("register lot1 --hub parking --key lot1.pem").succeeds(&format!("{LOT1}\n"));
    kept("register lot1 --hub parking --key other.pem").env(env::PROFILE, "other").succeeds(&format!("{LOT1}\n"));
    // The same name, with its own marketplace, broker and key.
    for (profile, sandbox, key) in [("", &env, "lot1.pem"), (" --profile other", &other, "other.pem")] {
        kept(&format!("config get devices.lot1.market{profile}"))
            .succeeds(&format!("{}\n", sandbox.sandbox.market_url()));
        let told = kept(&format!("config get devices.lot1.key{profile}")).done();
        assert!(told.stdout.ends_with(&format!("/{key}\n")), "{told}");
        let sent = kept(&format!("-v pub -t {TOPIC} -m 678{profile}")).succeeds("");
        sent.says(&[&format!("Broker {} (broker in ", broker(sandbox)), key]);
    }
    assert_eq!((env.sandbox.counts().device_posts, other.sandbox.counts().device_posts), (1, 1));
    // A log-in of one is not one of the other.
    kept("logout --profile other").done();
    kept("whoami").succeeds("alice\n");
    kept("hub list --profile other").fails(78, &["error[market-access-missing]", "i3 --profile other login"]);
    kept("token lot1 --profile othr")
        .fails(78, &["no profile 'othr' exists; configured: other; did you mean 'other'?"]);
    kept("whoami --profile ../other").fails(2, &["name of a profile (option --profile)"]);
    let told = kept("config path --json --profile other").json();
    assert_eq!((told["profile"].as_str(), told["profiles"][0].as_str()), (Some("other"), Some("other")));
    assert!(told["path"].as_str().unwrap().ends_with("/i3-marketplace/profiles/other/config.toml"), "{told}");
}

#[test]
fn moving_the_broker_is_one_edit() {
    let env = TestEnv::new();
    env.secret("lot1.pem", key_pem());
    let (market, broker) = (env.sandbox.market_url(), env.sandbox.broker_url());
    config(&env, &format!("market = '{market}'\nbroker = 'MQTT://127.0.0.1:{}/'\n", broker.port));
    let of_account = |line: &str| env.i3(line).without(env::MARKET).without(env::BROKER);
    of_account("register lot1 --hub parking --key lot1.pem").done();
    let lot2 = "register lot2 --hub parking --generate-password --no-check --broker mqtt://10.0.0.7";
    of_account(lot2).done();
    // An address that is the same, however it is spelt, is not the device's own.
    assert!(!text(&env).contains("[devices.\"alice$parking$lot1\"]\nbroker"), "{}", text(&env));
    of_account("config get devices.lot1.broker").fails(78, &["is not set"]);
    of_account("config get devices.lot2.broker").succeeds("mqtt://10.0.0.7:1883\n");
    of_account(&format!("pub --device lot1 -t {TOPIC} -m 678")).succeeds("");
    let moved = of_account("config set broker mqtt://127.0.0.1:1").done();
    moved.says(&["alice$parking$lot2", "config unset devices.NAME.broker"]).does_not_say(&["lot1"]);
    let sent = of_account(&format!("-v pub --device lot1 -t {TOPIC} -m 678")).run();
    sent.says(&["Broker mqtt://127.0.0.1:1 (broker in ", "error[broker-unreachable]"]);
    // A rotation, and a new password, leave it so.
    of_account("config set broker").arg(broker.to_string()).done();
    of_account("device rotate lot1").done();
    of_account("device passwd lot1 --generate-password").done();
    of_account("config get devices.lot1.broker").fails(78, &["is not set"]);
    of_account(&format!("pub --device lot1 -t {TOPIC} -m 678")).succeeds("");
}

#[test]
fn devices_are_added_exported_and_imported() {
    let (env, there) = (TestEnv::new(), TestEnv::new());
    env.secret("lot1.pem", key_pem());
    env.secret("lot2.pw", "a \"quoted\" \\ word\n");
    let market = "http://i3.example.org";
    let line = |line: &str| bare(&env, line);
    line("config set market http://I3.example.org:80/").done();
    line("device add --key lot1.pem --broker mqtt://i3.example.org").arg(LOT1).succeeds(&format!("{LOT1}\n"));
    line("device add alice$parking$lot2 --password-file lot2.pw --broker mqtts://other").done();
    line("config get devices.lot1.market").succeeds(&format!("{market}\n"));
    line("config get devices.lot1.broker").fails(78, &["is not set"]);
    line("config get devices.lot2.broker").succeeds("mqtts://other:8883\n");
    // The same again changes nothing, another is refused.
    line("device add --key lot1.pem").arg(LOT1).done();
    let refused = line("device add --password-file lot2.pw").arg(LOT1);
    refused.fails(73, &["error[device-configured]", LOT1, "--force"]);
    line("device add lot3 --key lot1.pem").fails(65, &["error[short-device-name]"]);
    line("device add alice$parking$lot3 --key gone.pem").fails(66, &["error[key-file-missing]"]);
    line("device add alice$parking$lot3 --password-file lot1.pem").fails(77, &["error"]);

    // Paths only, and a table that is whole in itself.
    let exported = line("device export").done().stdout;
    let key = env.path("lot1.pem");
    assert!(
        exported.starts_with(&format!(
            "[devices.\"{LOT1}\"]\nmarket = \"{market}\"\nbroker = \"mqtt://i3.example.org:1883\"\nkey = \"{}\"\n",
            key.display()
        )),
        "{exported}"
    );
    assert!(exported.contains("password_file = ") && !exported.contains("quoted"), "{exported}");
    fs::write(there.path("devices.toml"), &exported).unwrap();
    bare(&there, "device import devices.toml").succeeds("alice$parking$lot1\nalice$parking$lot2\n");
    // Without a general broker or marketplace there, the broker is that of the device's own marketplace.
    bare(&there, "config get devices.lot1.broker").fails(78, &["is not set"]);
    bare(&there, "config get devices.lot2.broker").succeeds("mqtts://other:8883\n");
    bare(&there, "config get devices.lot1.key").succeeds(&format!("{}\n", key.display()));
    assert_eq!(bare(&there, "device export").done().stdout, exported);

    // So may a whole config file be, with what its devices follow.
    let whole = TestEnv::new();
    fs::write(whole.path("config.toml"), format!("broker = 'mqtts://moved'\n{}", text(&env))).unwrap();
    bare(&whole, "device import config.toml").done();
    bare(&whole, "config get devices.lot1.broker").succeeds("mqtts://moved:8883\n");
    bare(&whole, "config get devices.lot2.broker").succeeds("mqtts://other:8883\n");

    // Secrets only when they are asked for, into a file of one's own.
    line("device export --with-secrets").fails(2, &["--out"]);
    let told = line("device export --with-secrets --out all.toml").succeeds("all.toml\n");
    told.keeps_secret(key_pem()).keeps_secret("a \"quoted\" \\ word");
    assert_eq!(mode(&env.path("all.toml")), 0o600);
    line("device export --with-secrets --out all.toml").fails(73, &["all.toml cannot be written"]);
    let all = env.read("all.toml");
    assert!(all.contains("BEGIN PRIVATE KEY") && !all.contains("password_file"), "{all}");
    let new = TestEnv::new();
    fs::write(new.path("all.toml"), &all).unwrap();
    new.i3("device import all.toml").fails(78, &["error[file-open-to-others]", "chmod 600"]);
    fs::remove_file(new.path("all.toml")).unwrap();
    new.secret("all.toml", &all);
    let imported = bare(&new, "device import all.toml --json").json();
    let (key, password) = (imported[0]["key"].as_str().unwrap(), imported[1]["password_file"].as_str().unwrap());
    for path in [key, password] {
        assert_eq!(mode(Path::new(path)), 0o600);
    }
    assert_eq!(fs::read_to_string(key).unwrap(), key_pem());
    assert_eq!(fs::read_to_string(password).unwrap(), "a \"quoted\" \\ word\n");
    assert!(Path::new(&format!("{key}.pub")).exists());
    bare(&new, "config check").done();
    // Nothing is half done: a table that cannot be used, or a device that is there.
    let config = text(&new);
    new.i3("device import all.toml").fails(73, &["error[device-configured]"]);
    let keys = || fs::read_dir(Path::new(key).parent().unwrap()).unwrap().count();
    for (bad, code) in [
        ("[devices.'ann$bay$ccc']\nkey = 'gone.pem'", 66),
        ("[devices.'ann$bay$ccc']\nmarket = 'h'", 65),
        ("[devices.'ann$bay$ccc']\npassword = 'PBKDF2$sha256$901$c2FsdA==$a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5'", 77),
        ("[devices.ccc]\n", 65),
        ("market = 'http://h'", 65),
    ] {
        let good = all.replace("lot1", "lot7").replace("lot2", "lot8");
        new.secret("bad.toml", if bad.starts_with("market") { bad.into() } else { format!("{good}\n{bad}\n") });
        new.i3("device import bad.toml").fails(code, &["error["]).keeps_secret(key_pem());
        assert_eq!((text(&new), keys()), (config.clone(), 2), "{bad}");
    }
}

#[test]
fn a_plain_connection_warns_a_person_only() {
    let env = TestEnv::with_lot1();
    // An address of this machine that is not loopback's.
    let broker = format!("mqtt://0.0.0.0:{}", env.sandbox.broker_url().port);
    let market = env.sandbox.market_url().replace("127.0.0.1", "0.0.0.0");
    let publish = format!("pub --device lot1 -t {TOPIC} -m 678 --broker {broker}");
    // A cron job that succeeds is silent.
    env.i3(&publish).succeeds("").is_silent();
    env.i3(&format!("hub list --market {market}")).run().does_not_say(&["encrypted"]);
    let screen = |line: &str| on_terminal(&env, &format!("i3 {line}"));
    let Some(warned) = screen(&publish) else { return };
    assert!(warned.contains("is not encrypted: anyone on the network path can read the password or token"), "{warned}");
    let warned = screen(&format!("hub list --market {market}")).unwrap();
    assert!(warned.contains("is not encrypted: anyone on the network path can read the API key"), "{warned}");
    assert_eq!(screen(&format!("{publish} --quiet")).unwrap(), "");
    env.i3("config set accept_plain true").done();
    assert!(!screen(&publish).unwrap().contains("encrypted"));
    assert!(!screen(&format!("hub list --market {market}")).unwrap().contains("encrypted"));
}

#[test]
fn a_key_that_a_device_logs_in_with_is_not_replaced_unasked() {
    let env = TestEnv::with_lot1();
    let before = env.read("lot1.pem");
    let forced = || env.i3("keygen --out lot1.pem --force");
    let says = ["error[key-in-use]", LOT1, "`i3 device rotate 'alice$parking$lot1'`", "--yes"];
    forced().fails(2, &says);
    assert_eq!((env.read("lot1.pem"), env.path("lot1.pem.pub").exists()), (before.clone(), false));
    // By any name, and from a profile's configuration as well.
    std::os::unix::fs::symlink("lot1.pem", env.path("link.pem")).unwrap();
    env.i3("keygen --out ./link.pem --force").fails(2, &says);
    forced().env(env::PROFILE, "new").fails(2, &["error[key-in-use]", LOT1]);
    let moved = env.home().join(".config/i3-marketplace/profiles/second/config.toml");
    write(&moved, &text(&env));
    fs::remove_file(env.config_file()).unwrap();
    forced().fails(2, &["error[key-in-use]", LOT1]);
    fs::rename(&moved, env.config_file()).unwrap();
    if let Some(screen) = typed_on_terminal(&env, "i3 keygen --out lot1.pem --force; echo $?", "n\n") {
        assert!(
            screen.contains("what alice$parking$lot1 logs in with") && screen.contains("nothing was changed"),
            "{screen}"
        );
        assert_eq!(env.read("lot1.pem"), before);
    }
    // A key that nobody uses, and one that is already lost, need no question.
    env.secret("free.pem", other_key_pem());
    env.i3("keygen --out free.pem --force").done();
    forced().arg("--yes").done();
    assert_ne!(env.read("lot1.pem"), before);
    fs::remove_file(env.path("lot1.pem")).unwrap();
    forced().done();
    env.i3("keygen --out new.pem --yes").fails(2, &["--force"]);
}

#[test]
fn a_sandbox_has_a_configuration_of_its_own() {
    let env = TestEnv::new();
    let mut sandbox = env.i3("sandbox").env(env::PROFILE, "work").env(env::CONFIG, "").start();
    let mut lines = String::new();
    while !lines.contains("I3_SANDBOX_PID") {
        lines += &sandbox.line();
    }
    assert!(lines.contains("export I3_PROFILE=''\n") && lines.contains("export I3_CONFIG=''\n"), "{lines}");
}

#[test]
fn a_tilde_is_the_home_folder_wherever_a_path_is_saved() {
    let env = TestEnv::new();
    env.secret("k.pem", key_pem());
    fs::rename(env.path("k.pem"), env.home().join("k.pem")).unwrap();
    let at_home = env.home().join("k.pem").display().to_string();
    assert_eq!(env.i3("device add alice$parking$tl1 --key ~/k.pem --json").json()["key"], at_home);
    env.i3("config unset devices.tl1.key").done();
    env.i3("config set devices.tl1.key ~/k.pem").done();
    assert!(fs::read_to_string(env.config_file()).unwrap().contains(&at_home));
    assert!(!env.path("~").exists());
    // An option is a path as it stands, and the hint makes no folder of this name.
    let missing = env.i3("pubkey --key ~/k.pem").fails(66, &[&format!("hint: write {at_home}")]);
    missing.does_not_say(&["keygen"]);
}

#[test]
fn what_is_gone_the_next_time_is_not_saved() {
    let env = TestEnv::new();
    env.secret("pw", "hunter2secret");
    let i3 = crate::program::PROGRAM;
    for line in [
        format!("{i3} device add 'alice$parking$zz1' --password-file <(cat pw)"),
        format!("{i3} device add 'alice$parking$zz1' --password-file /dev/stdin <pw"),
        format!("{i3} device add 'alice$parking$zz1' --password-file /dev/fd/3 3<pw"),
        format!("cat pw | {i3} config set api_key_file /dev/stdin"),
    ] {
        let refused = env.command("bash").arg("-c").arg(&line);
        refused.fails(65, &["cannot be saved in the configuration", "name a file that stays"]);
        assert!(!env.config_file().exists(), "{line}");
    }
    env.i3("config set user").arg("al ice").fails(65, &["al ice"]);
    env.i3("device add alice$parking$zz1 --password-file pw").done();
}

/// The environment's broker counts here, and the one of a device, or of another marketplace, stays.
#[test]
fn an_export_has_the_broker_that_is_used() {
    let env = TestEnv::new();
    env.secret("pw", "hunter2secret");
    for line in [
        "device add alice$parking$one1 --password-file pw",
        "device add alice$parking$two2 --password-file pw --broker mqtt://own.example",
        "device add alice$parking$far3 --password-file pw --market http://far.example",
    ] {
        env.i3(line).done();
    }
    let exported = env.i3("device export --json").json();
    let broker = |name: &str| exported["devices"][name]["broker"].as_str().unwrap().to_owned();
    assert_eq!(broker("alice$parking$one1"), env.sandbox.broker_url().to_string());
    assert_eq!(broker("alice$parking$two2"), "mqtt://own.example:1883");
    assert_eq!(broker("alice$parking$far3"), "mqtt://far.example:1883");
}

#[test]
fn a_key_of_another_profile_is_replaced_by_a_command_of_that_profile() {
    let env = TestEnv::new();
    env.secret("own.pem", key_pem());
    env.secret("kims.pem", other_key_pem());
    env.i3("device add alice$parking$own1 --key own.pem").done();
    env.i3("--profile kim device add alice$parking$kim1 --key kims.pem").done();
    env.i3("keygen --force --out own.pem").fails(2, &["`i3 device rotate 'alice$parking$own1'`"]);
    env.i3("--profile kim keygen --force --out own.pem").fails(2, &["without --profile"]).does_not_say(&["`"]);
    env.i3("keygen --force --out kims.pem").fails(2, &["--profile kim, which has it"]).does_not_say(&["`"]);
}

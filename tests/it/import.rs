//! `i3 import` of the I3-SDK's files, and the two ways to name a device.

use std::fs;
use std::path::Path;

use i3::config::env;
use serde_json::Value;

use crate::program::{Run, TOPIC, TestEnv, key_pem, mode};

/// The beginning of the SDK's scripts is a log-in as this, with the values at the top.
pub fn script(account: &str, password: &str, topic: &str, host: &str, port: u16) -> String {
    format!(
        "import paho.mqtt.client as mqtt\nimport os, time\n\n\
         if __name__ == '__main__':\n    # account : the device\n    clientId = 'lot1_pub'\n    account = '{account}'\n    \
         topic = ['{topic}']\n    pw = '{password}'\n    port = {port}\n    host = '{host}'\n\n    try:\n        \
         if os.path.exists('config.ini') :\n            fread = open('config.ini','r')\n            \
         host= str(fread.read()).split(\"=\")[1]\n            fread.close()\n        \
         pub_client = mqtt.Client(clientId)\n        pub_client.username_pw_set(account, pw)\n        \
         pub_client.connect(host, port)      #connect to broker\n    except Exception as e:\n        \
         print(\"Exception\" + str(e))\n        exit(-1)\n    pub_client.publish(topic[0], 'Hello World testing', qos=1)\n"
    )
}

fn bare(env: &TestEnv, line: &str) -> Run {
    env.i3(line).without(env::MARKET).without(env::BROKER).without(env::USER).without(env::API_KEY)
}

#[test]
fn a_script_is_imported_and_its_device_publishes() {
    let env = TestEnv::new();
    env.secret("lot9.pw", "xgnd w220'kwuh\n");
    env.i3("register lot9 --hub parking --password-file lot9.pw --no-save").done();
    let port = env.sandbox.broker_url().port;
    let text = script("alice$parking$lot9", "xgnd w220\\'kwuh", TOPIC, "Default", port);
    fs::write(env.path("test_pub.py"), &text).unwrap();
    // The host is where the script finds it.
    fs::write(env.path("config.ini"), "host=127.0.0.1\n").unwrap();
    let nothing_saved = bare(&env, "import --dry-run test_pub.py").done();
    nothing_saved.keeps_secret("w220");
    assert!(!env.config_file().exists());
    let imported = bare(&env, "import test_pub.py").succeeds("device: alice$parking$lot9\n");
    imported.keeps_secret("w220").says(&[
        "test_pub.py: the client id is left out: i3 makes one for each connection",
        "test_pub.py still has the password of alice$parking$lot9",
        "i3 pub --device 'alice$parking$lot9' -t alice/parking/occupancy -q 1 -m MESSAGE",
    ]);
    bare(&env, "config get devices.lot9.broker").succeeds(&format!("mqtt://127.0.0.1:{port}\n"));
    let file = bare(&env, "config get devices.lot9.password_file").done().stdout;
    let file = Path::new(file.trim());
    assert_eq!(mode(file), 0o600);
    assert_eq!(fs::read_to_string(file).unwrap(), "xgnd w220'kwuh\n");
    bare(&env, &format!("pub --device lot9 -t {TOPIC} -m 678")).succeeds("");
    // A second import changes nothing; another password is refused, and replaces the old one only with the option for it.
    bare(&env, "import test_pub.py").done();
    bare(&env, "config get devices.lot9.password_file").succeeds(&format!("{}\n", file.display()));
    fs::write(env.path("test_pub.py"), text.replace("kwuh", "other")).unwrap();
    bare(&env, "import test_pub.py").fails(73, &["error[device-configured]", "--force"]);
    assert_eq!(fs::read_to_string(file).unwrap(), "xgnd w220'kwuh\n");
    bare(&env, "import --force test_pub.py").done();
    bare(&env, &format!("pub --device lot9 -t {TOPIC} -m 678")).fails(77, &["error"]);
}

#[test]
fn what_cannot_be_used_is_named() {
    let env = TestEnv::new();
    let import = |files: &str| bare(&env, &format!("import {files}"));
    // An account of the time before there were devices, and a topic of that time.
    let old = script("CCI", "azbpqe", "laxparkinglot", "localhost", 1883);
    fs::write(env.path("lax_pub.py"), &old).unwrap();
    let imported = import("lax_pub.py").succeeds("broker: mqtt://localhost:1883\n");
    imported.says(&["CCI is the name of an account and not of a device", "i3 register"]).keeps_secret("azbpqe");
    // A file without devices does not change a configured broker.
    fs::write(env.path("lax_pub.py"), old.replace("localhost", "other")).unwrap();
    import("lax_pub.py").fails(65, &["error[nothing-to-import]", "CCI is the name of an account"]);
    // The same host again; another one only if that is meant.
    fs::write(env.path("same.ini"), "host=localhost").unwrap();
    fs::write(env.path("config.ini"), "host=18.219.158.199\ninterval=60").unwrap();
    import("same.ini").succeeds("broker: mqtt://localhost:1883\n");
    import("config.ini").fails(73, &["error[device-configured]", "broker is already configured"]);
    let told = import("--force config.ini").succeeds("broker: mqtt://18.219.158.199:1883\n");
    told.says(&["config.ini: interval is left out: i3 has no setting for it"]);
    fs::remove_file(env.path("config.ini")).unwrap();

    // All that a script with TLS has, and a topic of another hub.
    let tls = script("alice$parking$lot1", "Default", "alice/garage/free", "i3.example.org", 8883).replace(
        "pub_client.connect",
        "pub_client.tls_set('ca.crt'); pub_client.tls_insecure_set(True)\n        pub_client.connect",
    );
    fs::write(env.path("test_tls_pub.py"), tls).unwrap();
    let told: Value = import("--json test_tls_pub.py").json();
    let what: Vec<&str> =
        told["unused"].as_array().unwrap().iter().map(|unused| unused["what"].as_str().unwrap()).collect();
    let expected = [
        "the client id",
        "tls_insecure_set",
        "the file of certificates",
        "the password",
        "the topic alice/garage/free",
    ];
    assert_eq!(what, expected);
    assert_eq!(told["devices"][0]["broker"], "mqtts://i3.example.org:8883");
    assert!(told["devices"][0]["password_file"].is_null());

    // Nothing at all, and nothing that is one of these files.
    fs::write(env.path("new_pub.py"), script("Default", "Default", "Default", "Default", 1883)).unwrap();
    import("new_pub.py").fails(65, &["error[nothing-to-import]"]);
    import("gone.py").fails(66, &["error[file-unusable]", "gone.py"]);
    let config = fs::read_to_string(env.config_file()).unwrap();
    fs::write(env.path("bad.py"), script("alice$parking", "x", TOPIC, "localhost", 1883)).unwrap();
    import("same.ini bad.py").fails(65, &["error"]);
    // A private key where a password belongs stays out.
    let key = key_pem().replace('\n', "\\n");
    fs::write(env.path("key.py"), script("alice$parking$lot7", &key, TOPIC, "localhost", 1883)).unwrap();
    import("key.py").fails(77, &["private key"]).keeps_secret(&key[40..80]);
    assert_eq!(fs::read_to_string(env.config_file()).unwrap(), config);
}

#[test]
fn a_device_is_named_by_the_argument_or_the_option() {
    let env = TestEnv::with_lot1();
    for command in ["pubkey", "spool status", "device show", "device export"] {
        let [argument, option] = ["", "--device "].map(|option| env.i3(&format!("{command} {option}lot1")).run());
        assert_eq!((argument.code, argument.stdout, argument.stderr), (option.code, option.stdout, option.stderr));
    }
    assert!(env.i3("token --device lot1").done().stdout.starts_with("ey"));
    env.i3("doctor --offline --device lot1").done();
    env.i3("keygen --device lot5").done();
    env.i3("register --device lot5 --hub parking").succeeds("alice$parking$lot5\n");
    env.i3("device delete --device lot5 --yes").done();
    for both in ["token lot1 --device lot1", "device show lot1 --device lot1", "keygen a1b2 --device a1b2"] {
        env.i3(both).fails(2, &["error[command-line]"]);
    }
    let help = env.i3("spool drain -h").done().stdout;
    assert!(help.contains("Usage: i3 spool drain [OPTIONS] [DEVICE]"), "{help}");
    env.i3("spool drain lot1 --device lot1").fails(2, &["error[command-line]"]);
    env.i3("spool drain lot1").fails(66, &["error"]);
}

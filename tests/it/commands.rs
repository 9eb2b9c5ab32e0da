//! The commands as a seller uses them: the story end to end, what each prints, keeps and refuses.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::Path;

use i3::sandbox::{Fault, Options};
use serde_json::Value;

use crate::program::{
    LONG, LOT1, NO_PRODUCT, PROGRAM, Running, SHORT, TOPIC, TestEnv, key, key_pem, mode, other_key_pem, quick,
};
use crate::support::folder::Folder;

/// What no shell and no URL leaves as it is.
const ODD_PASSWORD: &str = "two words; $HOME 'q' ü";

/// lot1 publishes and must be believed.
fn publish(stage: &TestEnv, more: &str) -> crate::program::Outcome {
    stage.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --timeout {LONG} {more}")).succeeds("")
}

/// bob listens and has said so.
fn bob(stage: &TestEnv, more: &str) -> Running {
    stage.i3(&format!("sub -v -t {TOPIC} -W {LONG} {more}")).start().says("Subscribed to")
}

/// The story, on this sandbox by this way.
fn story(options: Options, via: &str) {
    let stage = TestEnv::with(options);
    let made = stage.i3("keygen --out lot1.pem").done();
    made.says(&["The private key is in lot1.pem, its public half in lot1.pem.pub."]);
    let body = made.stdout.trim_end();
    assert_eq!((body.len(), made.stdout.lines().count()), (392, 1), "{made}");
    stage
        .i3(&format!("register lot1 --hub parking --key lot1.pem --via {via} --quiet"))
        .succeeds(&format!("{LOT1}\n"))
        .is_silent();
    assert_eq!(stage.sandbox.devices(), [LOT1]);
    assert_eq!(stage.sandbox.counts().broker_log_ins, 1, "the proof");
    let token = stage.i3("token lot1").done();
    token.is_silent();
    assert_eq!(token.stdout.matches('.').count(), 2);
    assert_eq!(token.stdout.lines().count(), 1);
    let bob = bob(&stage, "-C 2");
    publish(&stage, "").is_silent();
    // The token is a plain password to any client: here to this one.
    stage.secret("token", &token.stdout);
    let run = stage.i3(&format!("pub --pw-file token -t {TOPIC} -m")).arg("{\"free\":678}").arg("-u").arg(LOT1);
    run.succeeds("").is_silent();
    let seen = bob.finish();
    assert_eq!((seen.code, seen.stdout), (0, format!("{TOPIC} 678\n{TOPIC} {{\"free\":678}}\n")));
}

#[test]
fn the_story_over_rest() {
    story(quick(), "rest");
}

#[test]
fn the_story_over_the_form() {
    story(quick(), "web");
}

#[test]
fn the_story_on_the_released_marketplace() {
    story(Options { rest: false, mqtt5: false, ..quick() }, "auto");
}

#[test]
fn a_marketplace_without_rest_is_named() {
    let stage = TestEnv::released();
    stage.secret("lot1.pem", key_pem());
    let register = "register lot1 --hub parking --key lot1.pem";
    stage.i3(&format!("{register} --via rest")).fails(78, &["only forms", "use --via web with --user"]);
    let alone = stage.i3(register).without("I3_LOGIN_PASSWORD").without("I3_USER");
    alone.fails(78, &["the API key alone is not enough here", "--login-password-file"]);
    let neither = stage.i3(register).without("I3_USER").without("I3_API_KEY");
    neither.fails(78, &["neither an API key nor a log-in", "I3_API_KEY", "--user and --login-password-file"]);
    stage.i3(register).without("I3_MARKET").fails(78, &["no marketplace is known", "--market"]);
    stage.i3(register).env("I3_LOGIN_PASSWORD", "wrong").fails(77, &["log-in", "check --user"]);
    assert_eq!(stage.sandbox.counts().device_posts, 0);
    stage.i3(register).done().says(&["no REST endpoint for devices; the form was used"]);
}

#[test]
fn the_ways_into_the_marketplace() {
    let stage = TestEnv::new();
    let seed = stage.sandbox.seed().clone();
    stage.secret("lot1.pem", key_pem());
    stage.secret("login", format!("{}\n", seed.seller_password.expose()));
    stage.secret("api", format!("{}\n", seed.api_key.expose()));
    let bare = |line: &str| {
        let run = stage.i3(&format!("register {line} --hub parking --key lot1.pem"));
        run.without("I3_API_KEY").without("I3_USER").without("I3_LOGIN_PASSWORD")
    };
    bare("lot1 --api-key-file api").succeeds(&format!("{LOT1}\n"));
    bare("lot2 --user alice --login-password-file login").succeeds("alice$parking$lot2\n");
    let stdin = bare("lot3 --user alice --login-password-stdin").input(seed.seller_password.expose());
    stdin.succeeds("alice$parking$lot3\n");
    let wrong = bare("lot4").env("I3_API_KEY", "0".repeat(40));
    wrong.fails(77, &["refuses the API key", "page 'key'"]);
    // A private key in the log-in password's place goes nowhere.
    let log_ins = stage.sandbox.counts().market_log_ins;
    let pasted = bare("lot5 --user alice --login-password-stdin").input(key_pem());
    pasted.fails(77, &["this is a private key"]).keeps_secret(key_pem());
    assert_eq!(stage.sandbox.counts().market_log_ins, log_ins);
}

#[test]
fn the_ways_to_register() {
    let stage = TestEnv::new();
    stage.secret("lot1.pem", key_pem());
    stage.secret("pw", format!("{ODD_PASSWORD}\n"));
    let register = |line: &str| stage.i3(&format!("register {line} --hub parking"));
    register("key1 --key lot1.pem").succeeds("alice$parking$key1\n");
    register("new1 --new-key").succeeds("alice$parking$new1\n");
    register("file1 --password-file pw").succeeds("alice$parking$file1\n");
    register("stdin1 --password-stdin").input(ODD_PASSWORD).succeeds("alice$parking$stdin1\n");
    register("made1 --generate-password").done().says(&["The password is in "]);
    stage.secret("plain", "hunter2secret");
    register("plain1 --plain-password --password-file plain").succeeds("alice$parking$plain1\n");
    // keygen's place is where register looks.
    stage.i3("keygen gen1").done();
    register("gen1").done().says(&["Registering with the key in "]);
    assert!(stage.sandbox.shell_commands().is_empty());
    let devices = ["key1", "new1", "file1", "stdin1", "made1", "plain1", "gen1"];
    // How a device was registered is for the program to know.
    for device in devices {
        let run = stage.i3(&format!("pub --device {device} -t {TOPIC} -m 678 --timeout {LONG}"));
        run.succeeds("").is_silent();
    }
    // The odd password is what the device logs in with, whatever client it is given to.
    let run = stage.i3(&format!("pub --pw-file pw -t {TOPIC} -m 678 -u")).arg("alice$parking$file1");
    run.succeeds("");
    register("none1").fails(2, &["no credential is given for the device", "--generate-password"]);

    let config = fs::read_to_string(stage.config_file()).unwrap();
    let data = stage.home().join(".local/share/i3-marketplace");
    let password = |name: &str| data.join("passwords").join(format!("alice$parking${name}"));
    for secret in [ODD_PASSWORD, "hunter2secret", fs::read_to_string(password("made1")).unwrap().trim_end()] {
        assert!(!config.contains(secret), "{config}");
    }
    assert!(!config.contains("PRIVATE KEY") && !config.contains(stage.sandbox.seed().api_key.expose()), "{config}");
    for device in devices {
        assert!(config.contains(&format!("[devices.\"alice$parking${device}\"]")), "{config}");
    }
    assert!(config.contains(&format!("key = \"{}\"", stage.path("lot1.pem").display())), "{config}");
    for file in [password("stdin1"), password("made1"), data.join("keys/new1.pem"), data.join("keys/gen1.pem")] {
        assert_eq!(mode(&file), 0o600, "{}", file.display());
    }
    assert!(!password("file1").exists(), "the file that was given is the one that is kept");
    for folder in [stage.config_file().parent().unwrap(), &data.join("passwords"), &data.join("keys")] {
        assert_eq!(mode(folder), 0o700, "{}", folder.display());
    }
}

#[test]
fn a_registration_leaves_nothing_where_it_fails_or_shall_not() {
    let stage = TestEnv::new();
    stage.secret("lot1.pem", key_pem());
    stage.i3("register lot1 --hub parking --key lot1.pem --no-save --no-check").succeeds(&format!("{LOT1}\n"));
    assert!(!stage.config_file().exists());
    assert_eq!(stage.sandbox.counts().broker_log_ins, 0);
    let data = stage.home().join(".local/share/i3-marketplace");
    stage.i3("register lot1 --hub parking --new-key").fails(77, &["is registered already"]);
    stage.i3("register lot1 --hub parking --generate-password").fails(77, &["is registered already"]);
    for folder in ["keys", "passwords"] {
        let left: Vec<_> = fs::read_dir(data.join(folder)).into_iter().flatten().collect();
        assert!(left.is_empty(), "{left:?}");
    }
    // Registered, and the broker is not there: the device is kept, and the exit code says that it is not proved.
    let run = stage.i3("register lot2 --hub parking --new-key --broker mqtt://127.0.0.1:1");
    run.fails(75, &["alice$parking$lot2 is registered, but its log-in", "cannot be reached"]);
    assert!(fs::read_to_string(stage.config_file()).unwrap().contains("alice$parking$lot2"));
    stage.i3(&format!("pub --device lot2 -t {TOPIC} -m 678")).succeeds("");
}

#[test]
fn a_lost_answer_means_one_post() {
    let stage = TestEnv::new();
    stage.secret("lot1.pem", key_pem());
    for (via, path) in [("rest", "/api/device/"), ("web", "/devices/create/")] {
        for (fault, name, code) in [(Fault::BeforeHandling, "before", 75), (Fault::AfterHandling, "after", 0)] {
            let posts = stage.sandbox.counts().device_posts;
            stage.sandbox.drop_next_post(path, fault);
            let outcome = stage.i3(&format!("register {name}{via} --hub parking --key lot1.pem --via {via}")).run();
            assert_eq!(outcome.code, code, "{outcome}");
            let says = if code == 0 { "but the device exists" } else { "the answer was lost, and nothing was created" };
            outcome.says(&[says]);
            let device = format!("alice$parking${name}{via}");
            assert_eq!(stage.sandbox.devices().contains(&device), code == 0);
            // What was dropped unread may not have been counted; a second one would have been.
            let sent = stage.sandbox.counts().device_posts - posts;
            assert_eq!(sent, u64::from(fault == Fault::AfterHandling), "{outcome}");
        }
    }
}

#[test]
fn messages_of_every_kind_arrive_as_they_are() {
    let stage = TestEnv::with_lot1();
    fs::write(stage.path("payload"), b"from a\nfile").unwrap();
    let bob = stage.i3(&format!("sub -v --json -t {TOPIC} -q 2 -C 12 -W {LONG}")).start().says("Subscribed to");
    let send = |line: &str| stage.i3(&format!("pub --device lot1 -t {TOPIC} --timeout {LONG} {line}"));
    for qos in [0, 1, 2] {
        send(&format!("-m 311-{qos} -q {qos}")).succeeds("");
        send(&format!("-m 5-{qos} -q {qos} -V 5")).succeeds("");
    }
    send("-f payload").succeeds("");
    send("-s").input("from\nstdin\n").succeeds("");
    send("-s -q 1").input([0xff, 0xfe]).succeeds("");
    send("-n").succeeds("");
    send("-m").arg("-n").succeeds("");
    send("-m kept -r -q 1").succeeds("");
    let seen = bob.finish();
    assert_eq!(seen.code, 0, "{seen}");
    let seen: Vec<Value> = seen.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let payloads: Vec<&str> =
        seen.iter().map(|m| m.get("payload").or_else(|| m.get("payload_base64")).unwrap().as_str().unwrap()).collect();
    let expected =
        ["311-0", "5-0", "311-1", "5-1", "311-2", "5-2", "from a\nfile", "from\nstdin\n", "//4=", "", "-n", "kept"];
    assert_eq!(payloads, expected);
    for (message, qos) in seen.iter().zip([0, 0, 1, 1, 2, 2]) {
        assert_eq!((message["topic"].as_str(), message["qos"].as_u64()), (Some(TOPIC), Some(qos)));
        assert_eq!(message["retain"], false);
    }
    // What the broker kept comes first to a later subscriber, and not to one who asks so.
    let later = stage.i3(&format!("sub --json -t {TOPIC} -C 1 -W {LONG}")).json();
    assert_eq!((later["payload"].as_str(), &later["retain"]), (Some("kept"), &Value::Bool(true)));
    let fresh = stage.i3(&format!("sub -v -t {TOPIC} -R -C 1 -W {LONG}")).start().says("Subscribed to");
    send("-m kept").succeeds("");
    assert_eq!(fresh.finish().stdout, format!("{TOPIC} kept\n"));
    // The kept message is not taken for the echo of an equal one that was dropped.
    let dropped = stage.i3(&format!("pub -u bob -t {TOPIC} -m kept --timeout {SHORT}"));
    let dropped = dropped.env("I3_PASSWORD", stage.sandbox.seed().buyer_broker_password.expose());
    dropped.fails(77, &["did not come back", "bob may not write this topic"]);
}

#[test]
fn proof_is_told_as_what_it_is() {
    let stage = TestEnv::with_lot1();
    let proof = |line: &str| {
        let json = stage.i3(&format!("pub --json --device lot1 -t {TOPIC} -m 678 --timeout {LONG} {line}")).json();
        for key in ["topic", "device", "bytes", "qos", "retain", "proof", "milliseconds"] {
            assert!(!json[key].is_null(), "{key} in {json}");
        }
        assert_eq!((json["device"].as_str(), json["bytes"].as_u64()), (Some(LOT1), Some(3)));
        json["proof"].as_str().unwrap().to_string()
    };
    for (line, expected) in [
        ("", "echo"),
        ("-q 1", "echo"),
        ("-q 2 --confirm all", "echo"),
        ("-V 5", "echo"),
        ("-V 5 -q 1", "reason"),
        ("-V mqttv5 -q 2", "reason"),
        ("--confirm none", "sent"),
        ("--confirm none -q 1", "acknowledged"),
        ("--confirm none -q 2 -V 311", "acknowledged"),
    ] {
        assert_eq!(proof(line), expected, "{line}");
    }
    // A buyer may read and not write.
    let run = stage.i3(&format!("pub -u bob -t {TOPIC} -m 678 --timeout {SHORT}"));
    let run = run.env("I3_PASSWORD", stage.sandbox.seed().buyer_broker_password.expose());
    run.fails(77, &["did not come back", "bob may not write this topic", "--device NAME"]);
}

#[test]
fn the_released_broker_speaks_311_alone() {
    let stage = TestEnv::released();
    stage.register_lot1();
    publish(&stage, "-V 311 -q 2");
    let run = stage.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 -V 5"));
    run.fails(77, &["unacceptable protocol version", "use -V 311"]);
}

#[test]
fn a_device_listens_as_well() {
    let stage = TestEnv::with_lot1();
    let listen = format!("sub -v -t {TOPIC} -C 1 -W {LONG}");
    let device = stage.i3(&format!("{listen} --device lot1")).start().says(&format!("Subscribed to {TOPIC} as {LOT1}"));
    let buyer = stage.i3(&listen).start().says(&format!("Subscribed to {TOPIC} as bob"));
    publish(&stage, "");
    for listening in [device, buyer] {
        assert_eq!(listening.finish().succeeded(), format!("{TOPIC} 678\n"));
    }
    // Without a buyer in the environment the device that is known listens.
    let device = stage.i3(&listen).without("I3_BUYER").start().says(&format!("Subscribed to {TOPIC} as {LOT1}"));
    publish(&stage, "");
    assert_eq!(device.finish().succeeded(), format!("{TOPIC} 678\n"));
}

#[test]
fn every_result_comes_as_json() {
    let stage = TestEnv::new();
    let has = |json: &Value, keys: &[&str]| {
        let mut given: Vec<&str> = json.as_object().unwrap().keys().map(String::as_str).collect();
        let mut keys = keys.to_vec();
        given.sort_unstable();
        keys.sort_unstable();
        assert_eq!(given, keys, "{json}");
    };
    let made = stage.i3("--json keygen --out lot1.pem").json();
    has(&made, &["key", "public", "bits", "body", "fingerprint"]);
    assert_eq!((made["key"].as_str(), made["bits"].as_u64()), (Some("lot1.pem"), Some(2048)));
    let shown = stage.i3("pubkey --json --key lot1.pem").json();
    has(&shown, &["key", "bits", "fingerprint", "body", "pem", "jwk"]);
    assert_eq!((&shown["body"], &shown["fingerprint"]), (&made["body"], &made["fingerprint"]));
    for via in ["rest", "web"] {
        let device = stage.i3(&format!("register --json {via}1 --hub parking --key lot1.pem --via {via}")).json();
        has(
            &device,
            &["device", "hub", "id", "existing", "market", "broker", "key", "password_file", "via", "proved", "notes"],
        );
        assert_eq!(device["device"], format!("alice$parking${via}1"));
        assert_eq!((&device["via"], &device["proved"]), (&Value::from(via), &Value::Bool(true)));
    }
    let token = stage.i3("token --json rest1").json();
    has(&token, &["token", "issuer", "expires", "key"]);
    assert_eq!(token["issuer"], "alice$parking$rest1");
    let inspected = stage.i3("token --json --inspect --key lot1.pem").input(token["token"].as_str().unwrap()).json();
    has(&inspected, &["header", "claims", "seconds_left", "signed_by_key", "faults"]);
    assert_eq!((&inspected["signed_by_key"], &inspected["claims"]["exp"]), (&Value::Bool(true), &token["expires"]));

    let failed = stage.i3(&format!("pub --json --device rest1 -t {NO_PRODUCT} -m 678 --timeout {SHORT}")).run();
    assert_eq!((failed.code, failed.stdout.as_str()), (77, ""), "{failed}");
    let error: Value = serde_json::from_str(&failed.stderr).unwrap();
    has(&error["error"], &["kind", "exit", "id", "message", "because", "hint"]);
    assert_eq!((error["error"]["kind"].as_str(), error["error"]["exit"].as_u64()), (Some("refused"), Some(77)));
    assert!(error["error"]["hint"].as_str().unwrap().contains("`i3 product create`"));
}

#[test]
fn quiet_leaves_warnings_and_errors() {
    let stage = TestEnv::new();
    stage.i3("--quiet keygen --out lot1.pem").done().is_silent();
    stage.i3("register lot1 --hub parking --generate-password --quiet").succeeds(&format!("{LOT1}\n")).is_silent();
    stage.i3("token --quiet --key lot1.pem --expires-in 30d").done().says(&["warning: "]);
    stage.i3("--quiet token --key lot9.pem").fails(66, &["error[key-file-missing]: ", "hint: "]);
    let told = stage.i3("-v keygen --out lot2.pem").done();
    told.says(&["The private key is in lot2.pem"]);
}

#[test]
fn key_files_are_kept_from_others_and_never_overwritten() {
    let stage = TestEnv::new();
    let keygen = stage.i3("keygen --out keys/lot1.pem");
    let made = keygen.done();
    let (private, public) = (stage.path("keys/lot1.pem"), stage.path("keys/lot1.pem.pub"));
    assert_eq!((mode(&private), mode(&public) & 0o600, mode(private.parent().unwrap())), (0o600, 0o600, 0o700));
    assert!(stage.read("keys/lot1.pem").starts_with("-----BEGIN PRIVATE KEY-----\n"));
    assert!(stage.read("keys/lot1.pem.pub").starts_with("-----BEGIN PUBLIC KEY-----\n"));
    let pair = (stage.read("keys/lot1.pem"), stage.read("keys/lot1.pem.pub"));
    stage.i3("keygen --out keys/lot1.pem").fails(73, &["keys/lot1.pem already exists", "--force"]);
    // The public half alone is in the way as well.
    fs::rename(&private, stage.path("keys/away.pem")).unwrap();
    stage.i3("keygen --out keys/lot1.pem").fails(73, &["keys/lot1.pem.pub already exists"]);
    fs::rename(stage.path("keys/away.pem"), &private).unwrap();
    assert_eq!((stage.read("keys/lot1.pem"), stage.read("keys/lot1.pem.pub")), pair);
    let replaced = stage.i3("keygen --out keys/lot1.pem --force").done();
    assert_ne!(replaced.stdout, made.stdout);
    assert_eq!(stage.i3("pubkey --key keys/lot1.pem").done().stdout, replaced.stdout);
    assert_eq!(mode(&private), 0o600);
    let names: Vec<_> = fs::read_dir(stage.path("keys")).unwrap().collect();
    assert_eq!(names.len(), 2, "{names:?}");

    fs::set_permissions(&private, fs::Permissions::from_mode(0o640)).unwrap();
    for line in
        ["token --key keys/lot1.pem", "pubkey --key keys/lot1.pem", "register lot1 --hub parking --key keys/lot1.pem"]
    {
        stage.i3(line).fails(78, &["can be read by others (mode 0640)", "run `chmod 600 keys/lot1.pem`"]);
    }
    stage.secret("pw", "hunter2secret");
    fs::set_permissions(stage.path("pw"), fs::Permissions::from_mode(0o604)).unwrap();
    let run = stage.i3("register lot1 --hub parking --password-file pw");
    run.fails(78, &["can be read by others (mode 0604)", "run `chmod 600 pw`"]).keeps_secret("hunter2secret");
    assert_eq!(stage.sandbox.counts().device_posts, 0);
    stage.i3("keygen").fails(2, &["--out"]);
    stage.i3("keygen lot$1").fails(65, &["invalid device name"]);
    stage.i3("keygen --out /proc/lot1.pem").fails(73, &["cannot be written"]);
}

#[test]
fn the_public_half_in_three_forms() {
    let stage = TestEnv::new();
    stage.secret("lot1.pem", key_pem());
    let public = key().public().clone();
    let pubkey = |form: &str| stage.i3(&format!("pubkey --key lot1.pem {form}"));
    pubkey("").succeeds(&format!("{}\n", public.body()));
    pubkey("--format body").succeeds(&format!("{}\n", public.body()));
    pubkey("--format pem").succeeds(&format!("{}\n", public.to_pem().trim_end()));
    let jwk = pubkey("--format jwk").json();
    assert_eq!((jwk["kty"].as_str(), jwk["e"].as_str()), (Some("RSA"), Some("AQAB")));
    assert!(jwk.get("d").is_none(), "{jwk}");
    stage.i3("register lot1 --hub parking --key lot1.pem").done();
    stage.i3("pubkey lot1").succeeds(&format!("{}\n", public.body()));
}

#[test]
fn every_usual_form_of_a_private_key_is_read() {
    let stage = TestEnv::new();
    stage.secret("lot1.pem", key_pem());
    stage.secret("pass", "correct horse\n");
    let openssl = |line: &str| {
        let mut run = stage.command("openssl");
        run.command.args(line.split_ascii_whitespace());
        run.done();
    };
    openssl("rsa -in lot1.pem -traditional -out pkcs1.pem");
    openssl("pkcs8 -topk8 -in lot1.pem -passout file:pass -out encrypted.pem");
    openssl("pkcs8 -topk8 -in lot1.pem -passout file:pass -v2 des3 -out des3.pem");
    openssl("pkcs8 -topk8 -nocrypt -in lot1.pem -outform DER -out lot1.der");
    let body = format!("{}\n", key().public().body());
    for file in ["lot1.pem", "pkcs1.pem", "lot1.der"] {
        fs::set_permissions(stage.path(file), fs::Permissions::from_mode(0o600)).unwrap();
        stage.i3(&format!("pubkey --key {file}")).succeeds(&body);
    }
    stage.secret("wrong", "battery staple");
    for file in ["encrypted.pem", "des3.pem"] {
        fs::set_permissions(stage.path(file), fs::Permissions::from_mode(0o600)).unwrap();
        stage.i3(&format!("pubkey --key {file} --passphrase-file pass")).succeeds(&body);
        stage.i3(&format!("pubkey --key {file}")).fails(78, &["encrypted", "--passphrase-file FILE"]);
        let wrong = stage.i3(&format!("pubkey --key {file} --passphrase-file wrong"));
        wrong.fails(78, &["wrong passphrase", "--passphrase-file"]).keeps_secret("battery staple");
    }
    let register = "register lot1 --hub parking --key encrypted.pem --passphrase-file pass";
    stage.i3(register).succeeds(&format!("{LOT1}\n"));
    stage.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --passphrase-file pass")).succeeds("");
    stage.i3(&format!("pub --device lot1 -t {TOPIC} -m 678")).fails(78, &["--passphrase-file FILE"]);
}

#[test]
fn tokens_are_made_and_taken_apart() {
    let stage = TestEnv::with_lot1();
    let token = stage.i3("token lot1 -n").done().stdout;
    assert!(!token.ends_with('\n'));
    let told = stage.i3("token --inspect lot1").input(&token).done().stdout;
    for part in ["alg        \"RS256\"", "iss        \"alice$parking$lot1\"", "left", "by this key"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    assert!(stage.i3("token --inspect").input(&token).done().stdout.contains("no key was given"));
    stage.secret("other.pem", other_key_pem());
    let foreign = stage.i3("token --inspect --key other.pem").input(&token).run();
    assert_eq!(foreign.code, 77, "{foreign}");
    foreign.says(&["another key signed the token", "hint: "]);
    stage.i3("token --inspect").input("no token").fails(65, &["no JSON Web Token", "i3 token lot1"]);
    let issuer = stage.i3("token --key lot1.pem --issuer gate --json").json();
    assert_eq!(issuer["issuer"], "gate");
    stage.i3("register pw1 --hub parking --generate-password").done();
    stage.i3("token pw1").fails(66, &["no key file is known", "registered by password needs no token"]);
    // A token of another key than the device's is refused before it is sent.
    let before = stage.sandbox.counts();
    let foreign = stage.i3("token --key other.pem").done().stdout;
    let run = stage.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --pw-stdin")).input(&foreign);
    run.fails(77, &["not signed by the device's key"]).keeps_secret(&foreign);
    assert_eq!(stage.sandbox.counts(), before);
}

#[test]
fn a_password_on_the_command_line_works_and_is_warned_of() {
    let stage = TestEnv::new();
    stage.secret("pw", "hunter2secret");
    stage.i3("register lot1 --hub parking --password-file pw").done();
    let line = format!("pub -t {TOPIC} -m 678 -u {LOT1}");
    let pw = stage.i3(&format!("{line} -P hunter2secret")).succeeds("");
    pw.says(&["warning: other users of this machine can read", "--pw-file"]).keeps_secret("hunter2secret");
    stage.i3(&line).env("I3_PASSWORD", "hunter2secret").succeeds("").is_silent();
    stage.i3(&format!("{line} --pw-stdin")).input("hunter2secret\n").succeeds("").is_silent();
    stage.i3(&format!("{line} --pw-file pw")).succeeds("").is_silent();
    // A wrong one of the environment, and the right one that is known: both are tried.
    let both = stage.i3(&format!("{line} -v")).env("I3_PASSWORD", "another").succeeds("");
    both.says(&["does not accept environment variable I3_PASSWORD", "trying the next"]).keeps_secret("hunter2secret");
    let wrong = stage.i3(&format!("{line} -P hunter3secret"));
    wrong.fails(77, &["refused the log-in"]).keeps_secret("hunter3secret");
}

#[test]
fn a_private_key_opens_no_socket_and_is_not_repeated() {
    let stage = TestEnv::with_lot1();
    let before = stage.sandbox.counts();
    let pem = key_pem();
    let line = format!("pub -t {TOPIC} -m 678 -u '{LOT1}'");
    for way in [
        format!("i3 {line} -P \"$(cat lot1.pem)\""),
        format!("i3 {line} -P $(cat lot1.pem)"),
        format!("i3 {line} --pw=\"$(cat lot1.pem)\""),
        format!("i3 {line} -P\"$(cat lot1.pem)\""),
        format!("i3 {line} -P \"$(tr -d '\\n' < lot1.pem)\""),
        format!("i3 {line} -P \"$(grep -v -- ----- lot1.pem)\""),
        format!("i3 {line} -P \"$(base64 lot1.pem)\""),
        format!("i3 {line} --pw-file lot1.pem"),
        format!("i3 {line} --pw-stdin < lot1.pem"),
        format!("I3_PASSWORD=\"$(cat lot1.pem)\" i3 {line}"),
        format!("i3 {line} -P lot1.pem"),
        format!("i3 sub -t {TOPIC} -C 1 -u bob -P \"$(cat lot1.pem)\""),
        format!("I3_BUYER_PASSWORD=\"$(cat lot1.pem)\" i3 sub -t {TOPIC} -C 1"),
        "i3 register lot2 --hub parking --password-stdin < lot1.pem".into(),
        "i3 register lot2 --hub parking --password-file lot1.pem".into(),
        "i3 token \"$(cat lot1.pem)\"".into(),
        "i3 $(cat lot1.pem)".into(),
        format!("i3 {line} -i \"$(cat lot1.pem)\" --json"),
    ] {
        let refused = stage.shell(&way).fails(77, &["private key"]);
        refused.says(&["--key FILE"]).keeps_secret(pem);
    }
    // The configuration's own password file is looked at as well.
    stage.secret("key.pem", other_key_pem());
    let device = format!("[devices.\"{LOT1}\"]\npassword_file = \"key.pem\"\n");
    fs::write(stage.config_file(), device).unwrap();
    let refused = stage.i3(&format!("pub --device lot1 -t {TOPIC} -m 678")).fails(77, &["this is a private key"]);
    refused.keeps_secret(other_key_pem());
    assert_eq!(stage.sandbox.counts(), before);
}

#[test]
fn usage_errors_repeat_no_value() {
    let stage = TestEnv::with_lot1();
    for line in [
        "pub --device lot1 -p hunter2secret -t alice/parking/occupancy -m 678",
        "pub --device lot1 -phunter2secret -t alice/parking/occupancy -m 678",
        "pub --device lot1 --port=hunter2secret -m 678",
        "pub --device lot1 -q hunter2secret -m 678",
        "pub --device lot1 --timeout hunter2secret",
        "pub hunter2secret",
        "pub --pw --pw hunter2secret hunter2secret",
        "pub --hunter2secret",
        "hunter2secret",
        "token --hunter2secret",
        "keygen --bits hunter2secret lot1",
        "register lot1 --hub parking --via hunter2secret",
        "completions hunter2secret",
        "sandbox --market-port hunter2secret",
        "sub -C hunter2secret",
        "sub -W hunter2secret",
        "pub --device lot1 --pw-stdin=hunter2secret",
        "pub --timeout 5hunter2secret",
        "pub --keepalive 7hunter2secret",
    ] {
        stage.i3(line).fails(2, &["error[command-line]: "]).keeps_secret("hunter2secret");
    }
    for line in ["pub -p 31415926", "pub -k 31415926", "pub --retry -31415926", "sub -C -31415926"] {
        stage.i3(line).fails(2, &["error[command-line]: "]).keeps_secret("31415926");
    }
    stage.i3("pub --device lot1 -t alice/parking/occupancy").fails(2, &["there is no message", "-n for an empty one"]);
    stage.i3("pub --device lot1 -m 678").fails(2, &["no topic is named", "-t USER/HUB/PRODUCT"]);
    stage
        .i3("pub --broker mqtt://bob:hunter2secret@127.0.0.1 -m 678 -t")
        .arg(TOPIC)
        .arg("--device")
        .arg("lot1")
        .fails(65, &["mqtt://HOST:PORT"])
        .keeps_secret("hunter2secret");
    let market = stage.i3("register lot2 --hub parking --new-key --market http://alice:hunter2secret@127.0.0.1");
    market.fails(65, &["--login-password-file"]).keeps_secret("hunter2secret");
}

#[test]
fn help_and_host_share_a_letter() {
    let stage = TestEnv::with_lot1();
    for command in ["pub", "sub"] {
        let short = stage.i3(&format!("{command} -h")).done();
        assert!(short.stdout.contains(&format!("Usage: i3 {command}")), "{short}");
        assert!(short.stdout.contains("Examples:"), "{short}");
        assert_eq!(stage.i3(&format!("{command} --help")).done().stdout.trim_end(), short.stdout.trim_end());
    }
    for command in ["keygen", "pubkey", "register", "token", "sandbox", "demo", "completions"] {
        assert!(stage.i3(&format!("{command} -h")).done().stdout.contains("Usage: i3"));
        assert!(stage.i3(&format!("{command} --help")).done().stdout.contains("Usage: i3"));
    }
    assert!(stage.i3("--version").done().stdout.starts_with("i3 "));
    let port = stage.sandbox.broker_url().port;
    let to = |broker: &str| {
        let line = format!("pub -v --device lot1 -t {TOPIC} -m 678 {broker}");
        stage.i3(&line).env("I3_BROKER", "mqtt://127.0.0.1:1").succeeds("").says(&["(option --"]).code
    };
    to(&format!("-h 127.0.0.1 -p {port}"));
    to(&format!("-h localhost -p {port}"));
    to(&format!("-p {port}"));
    to(&format!("--broker mqtt://localhost:{port}"));
    let both = stage.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 -h 127.0.0.1 --broker mqtt://127.0.0.1"));
    both.fails(2, &["cannot be used with"]);
}

#[test]
fn settings_have_an_order_and_an_origin() {
    let stage = TestEnv::with_lot1();
    let broker = stage.sandbox.broker_url().to_string();
    let line = format!("pub -v --device lot1 -t {TOPIC} -m 678");
    let env = stage.i3(&line).succeeds("");
    env.says(&[&format!("Broker {broker} (environment variable I3_BROKER)."), "with key "]);
    let option = stage.i3(&format!("{line} --broker {broker}")).env("I3_BROKER", "mqtt://127.0.0.1:1").succeeds("");
    option.says(&[&format!("Broker {broker} (option --broker).")]);
    let saved = stage.i3(&line).without("I3_BROKER").succeeds("");
    saved.says(&[&format!("Broker {broker} (devices.\"{LOT1}\".broker in "), "config.toml)."]);
    // Whoever has one device need not name it.
    stage.i3(&format!("pub -t {TOPIC} -m 678")).succeeds("");
    stage.i3("register lot2 --hub parking --generate-password").done();
    stage.i3(&format!("pub -t {TOPIC} -m 678")).fails(78, &["no device given; configured: ", "I3_DEVICE"]);
    stage.i3(&format!("pub -t {TOPIC} -m 678")).env("I3_DEVICE", "lot2").succeeds("");
    fs::write(stage.config_file(), "brocker = 1\n").unwrap();
    stage.i3("token lot1").fails(78, &["config.toml", "brocker"]);
    stage.i3("token lot1").without("HOME").env("I3_HOME", stage.cwd()).fails(78, &["no device 'lot1' is configured"]);
}

#[test]
fn another_name_is_followed_everywhere() {
    let stage = TestEnv::with_lot1();
    let bin = Folder::new();
    let (link, copy) = (bin.path().join("i3-seller"), bin.path().join("i3market"));
    symlink(PROGRAM, &link).unwrap();
    fs::copy(PROGRAM, &copy).unwrap();
    for (program, name) in [(&link, "i3-seller"), (&copy, "i3market")] {
        let run = |line: &str| {
            let mut run = stage.command(program);
            run.command.args(line.split_ascii_whitespace());
            run
        };
        for line in ["--help", "pub --help", "pub -h", "keygen -h"] {
            let help = run(line).done().stdout;
            assert!(help.contains(&format!("Usage: {name}")), "{help}");
        }
        run("token --bad").fails(2, &[&format!("Usage: {name} token")]);
        run("token --key gone.pem").fails(66, &[&format!("`{name} keygen --out gone.pem`")]);
        run("token --inspect").input("x").fails(65, &[&format!("`{name} token lot1 | {name} token --inspect`")]);
        stage.secret("old", "eyJhbGciOiJSUzI1NiJ9.eyJleHAiOjF9.AAAA");
        let expired = run(&format!("pub --device lot1 -t {TOPIC} -m 678 --pw-file old"));
        expired.fails(77, &[&format!("`{name} token`")]);
        for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
            let script = run(&format!("completions {shell}")).done().stdout;
            assert!(script.contains(name), "{shell}");
            assert!(!script.contains(PROGRAM), "{shell}");
        }
        assert!(run("completions bash").done().stdout.contains(&format!("-o default {name}")));
    }
}

#[test]
fn a_reader_that_goes_away_is_a_normal_end() {
    let stage = TestEnv::with_lot1();
    for line in ["i3 completions zsh | head -n 1", "i3 --help | head -n 1"] {
        let end = stage.shell(&format!("{{ {line}; }} 2>&1 >/dev/null")).done();
        assert_eq!(end.stdout, "", "{end}");
    }
    // The exit code is the program's own where the shell keeps it.
    let status = stage.shell("{ i3 completions zsh; echo $? >&2; } | true").done();
    assert_eq!(status.stderr, "0\n");
    let listening = stage.shell(&format!("{{ i3 sub -v -t {TOPIC}; echo ended with $? >&2; }} | head -n 1")).start();
    let mut listening = listening.says("Subscribed to");
    publish(&stage, "");
    assert_eq!(listening.line(), format!("{TOPIC} 678\n"));
    // head has gone, and the next message finds nobody.
    publish(&stage, "");
    let ended = listening.finish();
    assert!(ended.stderr.contains("ended with 0"), "{ended}");
}

#[test]
fn the_sandbox_runs_in_the_background_until_it_is_ended() {
    let stage = TestEnv::new();
    let script = r#"
        set -e
        eval "$(i3 sandbox --background --no-rest --permission-cache 1m)"
        # Whatever fails, the sandbox goes.
        trap 'kill "$I3_SANDBOX_PID"' EXIT
        i3 keygen --quiet --out lot1.pem > body
        i3 register lot1 --hub parking --key lot1.pem --quiet
        i3 pub --device lot1 -t alice/parking/occupancy -m 678
        ls "$I3_HOME" >&2
        echo "$I3_SANDBOX_PID"
    "#;
    let run = ["I3_MARKET", "I3_BROKER", "I3_API_KEY", "I3_USER", "I3_LOGIN_PASSWORD", "I3_BUYER", "I3_BUYER_PASSWORD"]
        .into_iter()
        .fold(stage.shell(script), |run, name| run.without(name));
    let outcome = run.done();
    let mut lines = outcome.stdout.lines();
    assert_eq!(lines.next(), Some(LOT1));
    assert!(outcome.stderr.contains("config.toml"), "{outcome}");
    let pid: u32 = lines.next().unwrap().parse().unwrap();
    until_gone(pid);
    let left: Vec<_> = fs::read_dir(stage.tmp()).unwrap().collect();
    assert!(left.is_empty(), "{left:?}");
    assert_eq!(stage.sandbox.counts().device_posts, 0, "that was another one");
    // What keeps it from starting is told.
    let port = stage.sandbox.broker_url().port;
    let taken = stage.i3(&format!("sandbox --background --broker-port {port}"));
    taken.fails(73, &["the sandbox did not start", &format!("cannot listen on 127.0.0.1:{port}")]);
}

/// Waits for the end of a process that was told to end.
fn until_gone(pid: u32) {
    let status = format!("/proc/{pid}/stat");
    for _ in 0..2000 {
        match fs::read_to_string(&status) {
            // Its parent, whoever that is now, may be slow to ask for its exit code.
            Ok(stat) if !stat.contains(") Z ") => std::thread::sleep(std::time::Duration::from_millis(5)),
            _ => return,
        }
    }
    panic!("the sandbox {pid} goes on");
}

#[test]
fn the_sandbox_runs_in_the_foreground_with_its_switches() {
    let stage = TestEnv::new();
    let state = stage.path("state.json");
    let start = |more: &str| {
        let mut running = stage.i3(&format!("sandbox --json --state {} {more}", state.display())).start();
        let said: Value = serde_json::from_str(&running.line()).unwrap();
        (running, said)
    };
    let end = |running: Running| {
        let mut kill = stage.command("kill");
        kill.command.arg(running.id().to_string());
        kill.done();
        assert_eq!(running.finish().code, 0);
    };
    let (running, first) = start("--mail-down --no-mqtt5");
    for name in [
        "I3_HOME",
        "I3_MARKET",
        "I3_BROKER",
        "I3_API_KEY",
        "I3_USER",
        "I3_LOGIN_PASSWORD",
        "I3_BUYER",
        "I3_BUYER_PASSWORD",
    ] {
        assert!(first[name].is_string(), "{first}");
    }
    assert_eq!(first["I3_SANDBOX_PID"], running.id().to_string());
    let run = |line: &str, said: &Value| {
        said.as_object().unwrap().iter().fold(stage.i3(line), |run, (k, v)| run.env(k, v.as_str().unwrap()))
    };
    stage.secret("lot1.pem", key_pem());
    run("register lot1 --hub parking --key lot1.pem", &first).done().says(&["its mail is probably down"]);
    run(&format!("pub --device lot1 -t {TOPIC} -m 678 -V 5"), &first).fails(77, &["use -V 311"]);
    end(running);
    // The state is kept, with the folder beside it.
    let (running, second) = start("");
    assert_eq!((&first["I3_API_KEY"], &first["I3_HOME"]), (&second["I3_API_KEY"], &second["I3_HOME"]));
    let again = run(&format!("pub --device lot1 -t {TOPIC} -m 678 -V 5 -q 1"), &second);
    again.succeeds("");
    end(running);
    assert_eq!(mode(&state), 0o600);
    assert_eq!(mode(Path::new(first["I3_HOME"].as_str().unwrap())), 0o700);
}

#[test]
fn the_demo_tells_the_story_and_leaves_nothing() {
    let stage = TestEnv::new();
    // What is set for the real marketplace does not reach it.
    let demo = stage.i3("demo").env("I3_BROKER", "mqtt://127.0.0.1:1").env("I3_DEVICE", "nobody").done();
    demo.is_silent();
    for part in [
        "$ i3 keygen --out lot1.pem",
        "$ i3 register lot1 --hub parking --key lot1.pem",
        LOT1,
        "alice/parking/occupancy {\"free\":678}",
        "did not come back within 1s",
        "hint: use -t alice/parking/occupancy",
        "this is a private key",
        "(exit code 77)",
        "(exit code 65)",
    ] {
        assert!(demo.stdout.contains(part), "{part} in {demo}");
    }
    let json = stage.i3("demo --json").done();
    let steps: Vec<Value> = json.stdout.lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    let exits: Vec<i64> = steps.iter().map(|step| step["exit"].as_i64().unwrap()).collect();
    assert_eq!(exits, [0, 0, 0, 0, 0, 77, 65, 77]);
    for folder in [stage.tmp(), stage.home(), stage.cwd()] {
        let left: Vec<_> = fs::read_dir(&folder).unwrap().collect();
        assert!(left.is_empty(), "{left:?}");
    }
    assert_eq!(stage.sandbox.counts().device_posts, 0);
    let bin = Folder::new();
    symlink(PROGRAM, bin.path().join("i3-seller")).unwrap();
    let renamed = stage.command(bin.path().join("i3-seller")).arg("demo").done();
    assert!(!renamed.stdout.contains("i3 token") && renamed.stdout.contains("$ i3-seller token lot1"), "{renamed}");
}

#[test]
fn nothing_is_tried_again_unless_asked_for() {
    let stage = TestEnv::with_lot1();
    let line = format!("pub --device lot1 -t {TOPIC} -m 678 --broker mqtt://127.0.0.1:1");
    let once = stage.i3(&line).fails(75, &["cannot be reached", "Connection refused"]);
    once.does_not_say(&["trying again"]);
    let twice = stage.i3(&format!("{line} --retry 1")).fails(75, &["cannot be reached", "trying again in "]);
    assert_eq!(twice.stderr.matches("trying again").count(), 1, "{twice}");
    // A refusal stays one.
    let log_ins = stage.sandbox.counts().broker_log_ins;
    let refused = stage.i3(&format!("pub -u {LOT1} -t {TOPIC} -m 678 -P wrong --retry 5"));
    refused.fails(77, &["refused the log-in"]).does_not_say(&["trying again"]);
    assert_eq!(stage.sandbox.counts().broker_log_ins, log_ins + 1);
}

#[test]
fn a_broker_that_says_nothing_is_given_up() {
    let stage = TestEnv::with_lot1();
    let deaf = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let port = deaf.local_addr().unwrap().port();
    let run = stage.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 -h 127.0.0.1 -p {port} --timeout 300ms"));
    run.fails(75, &["did not answer in time", "hint: "]);
    let market =
        stage.i3(&format!("register lot2 --hub parking --new-key --market http://127.0.0.1:{port} --timeout 300ms"));
    market.fails(75, &["within 300ms", "hint: "]);
    stage.i3("register lot2 --hub parking --new-key --market http://127.0.0.1:1").fails(75, &["cannot connect"]);
}

#[test]
fn the_sandbox_takes_what_a_token_costs_from_its_command_line() {
    let stage = TestEnv::new();
    stage.secret("lot1.pem", key_pem());
    let mut sandbox = stage.i3("sandbox --json --token-cost 1500ms").start();
    let variables: serde_json::Map<String, serde_json::Value> = serde_json::from_str(&sandbox.line()).unwrap();
    let mut register = stage.i3("register lot1 --hub parking --key lot1.pem");
    for (name, value) in &variables {
        register = register.env(name, value.as_str().unwrap());
    }
    let began = std::time::Instant::now();
    register.succeeds(&format!("{LOT1}\n"));
    assert!(began.elapsed() >= std::time::Duration::from_millis(1500), "{:?}", began.elapsed());
}

//! The program against a real Mosquitto, and Mosquitto's clients against the sandbox.
//!
//! Without Mosquitto on this machine these tests print so and pass; if `I3_REQUIRE_MOSQUITTO=1` is set, they fail.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use i3::sandbox::House;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, IsCa, KeyPair};

use crate::program::{LONG, LOT1, NO_PRODUCT, Run, SHORT, TOPIC, TestEnv, key_pem};
use crate::support::folder::Folder;
use crate::support::link::slow_link;
use crate::support::reserved_port::ReservedPort;
use crate::support::skipped::without_mosquitto;

const PASSWORD: &str = "two words; $HOME 'q' ü";

/// Where a program of Mosquitto's is; `None`, said loudly, if it is nowhere.
fn find(program: &str) -> Option<PathBuf> {
    let found = ["/usr/sbin", "/usr/bin", "/usr/local/sbin", "/usr/local/bin"]
        .iter()
        .map(|folder| PathBuf::from(folder).join(program))
        .find(|path| path.exists());
    if found.is_none() {
        without_mosquitto(program);
    }
    found
}

/// Mosquitto with the accounts of I3's story, plain and over TLS.
struct Mosquitto {
    process: Child,
    port: u16,
    tls_port: u16,
    _ports: [ReservedPort; 2],
    _folder: Folder,
}

impl Drop for Mosquitto {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

impl Mosquitto {
    /// Accounts with their passwords, which may write and read [`TOPIC`] if they are devices, otherwise read it.
    fn start(env: &TestEnv, accounts: &[(&str, &str)]) -> Option<Mosquitto> {
        Mosquitto::start_as(env, accounts, "", |folder| certificates(env, folder))
    }

    /// The same, with this setting of its TLS, and a certificate that `certify` puts into its folder.
    fn start_as(
        env: &TestEnv,
        accounts: &[(&str, &str)],
        tls: &str,
        certify: impl FnOnce(&Folder),
    ) -> Option<Mosquitto> {
        let (program, passwd) = (find("mosquitto")?, find("mosquitto_passwd")?);
        let folder = Folder::new();
        let file = |name: &str| folder.path().join(name);
        fs::write(file("passwords"), "").unwrap();
        let mut acl = String::new();
        for (name, password) in accounts {
            let mut run = env.command(&passwd);
            run.command.arg("-b").arg(file("passwords")).args([name, password]);
            run.done();
            let access = if name.contains('$') { "readwrite" } else { "read" };
            acl += &format!("user {name}\ntopic {access} {TOPIC}\n");
        }
        fs::write(file("acl"), acl).unwrap();
        certify(&folder);
        let ports = [ReservedPort::new(), ReservedPort::new()];
        let [port, tls_port] = [ports[0].number(), ports[1].number()];
        let config = format!(
            "per_listener_settings false\nallow_anonymous false\nuser root\nlog_dest stderr\nlog_type all\n\
             password_file {0}/passwords\nacl_file {0}/acl\nlistener {port} 127.0.0.1\n\
             listener {tls_port} 127.0.0.1\ncertfile {0}/server.pem\nkeyfile {0}/server.key\n{tls}\n",
            folder.path().display(),
        );
        fs::write(file("conf"), config).unwrap();
        let mut process = Command::new(&program)
            .arg("-c")
            .arg(file("conf"))
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .unwrap();
        let mut log = BufReader::new(process.stderr.take().unwrap());
        let mut said = String::new();
        while !said.ends_with("running\n") && log.read_line(&mut said).unwrap() > 0 {}
        assert!(said.ends_with("running\n"), "{said}");
        // Goes on reading, so that the broker never waits for its log.
        std::thread::spawn(move || std::io::copy(&mut log, &mut std::io::sink()));
        Some(Mosquitto { process, port, tls_port, _ports: ports, _folder: folder })
    }

    fn url(&self) -> String {
        format!("mqtt://127.0.0.1:{}", self.port)
    }
}

/// A throw-away authority in `ca.pem` of the environment, a server certificate for `localhost` by it, and a stranger's `wrong.pem`.
fn certificates(env: &TestEnv, folder: &Folder) {
    let authority = || {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    };
    let (ca, wrong) = (authority(), authority());
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(vec!["localhost".into()]).unwrap().signed_by(&key, &ca).unwrap();
    fs::write(env.path("ca.pem"), ca.pem()).unwrap();
    fs::write(env.path("wrong.pem"), wrong.pem()).unwrap();
    fs::write(folder.path().join("server.pem"), server.pem()).unwrap();
    fs::write(folder.path().join("server.key"), key.serialize_pem()).unwrap();
}

/// An environment whose devices are known at Mosquitto: lot1 by this token, lot2 and bob by password.
fn stage_and_broker() -> Option<(TestEnv, Mosquitto)> {
    let mut env = TestEnv::new();
    env.secret("lot1.pem", key_pem());
    let token = env.i3("token -n --key lot1.pem --issuer").arg(LOT1).done().stdout;
    env.secret("token", &token);
    env.secret("pw", PASSWORD);
    let accounts = [(LOT1, token.as_str()), ("alice$parking$lot2", PASSWORD), ("bob", PASSWORD)];
    let broker = Mosquitto::start(&env, &accounts)?;
    env.unset("I3_BROKER");
    Some((env, broker))
}

/// A client of Mosquitto's. What it writes into a pipe comes line by line, otherwise it would come at its end.
fn client(env: &TestEnv, program: PathBuf, port: u16, args: &[impl AsRef<OsStr>]) -> Run {
    let mut run = env.command("stdbuf").arg("-oL").arg(program);
    run.command.args(["-h", "127.0.0.1", "-p", &port.to_string()]).args(args);
    run
}

#[test]
fn tokens_passwords_and_permissions_on_a_real_broker() {
    let Some((env, broker)) = stage_and_broker() else { return };
    let url = broker.url();
    let publish =
        |topic: &str, more: &str| env.i3(&format!("pub --broker {url} -t {topic} -m 678 --timeout {LONG} {more}"));
    let lot1 = format!("-u {LOT1} --pw-file token");
    let bob = format!("sub -v --broker {url} -u bob --pw-file pw -t {TOPIC} -W {LONG} -q 2");
    for version in ["311", "5"] {
        let listening = env.i3(&format!("{bob} -C 6 -V {version}")).start().says("Subscribed to");
        for qos in [0, 1, 2] {
            publish(TOPIC, &format!("{lot1} -V {version} -q {qos}")).succeeds("").is_silent();
            let lot2 = format!("-u alice$parking$lot2 --pw-file pw -V {version} -q {qos}");
            publish(TOPIC, &lot2).succeeds("").is_silent();
        }
        assert_eq!(listening.finish().succeeded(), format!("{TOPIC} 678\n").repeat(6));
        publish(TOPIC, &format!("-u bob --pw-file token -V {version}")).fails(77, &["refused the log-in"]);
        let key = publish(TOPIC, &format!("-u {LOT1} --key lot1.pem --issuer x")).run();
        assert_eq!(key.code, 2, "no such option of pub: {key}");
    }
    // A dropped message is acknowledged here as well: the echo tells, and with MQTT 5 the reason code.
    let denied = |more: &str| env.i3(&format!("pub --broker {url} -t {NO_PRODUCT} -m 678 {lot1} {more}"));
    for qos in [0, 1, 2] {
        let echo = denied(&format!("-q {qos} --timeout {SHORT}"));
        echo.fails(77, &["did not come back", "there is no product"]);
    }
    denied(&format!("-V 5 --timeout {SHORT}")).fails(77, &["did not come back"]);
    for qos in [1, 2] {
        let reason = denied(&format!("-V 5 -q {qos} --timeout {LONG}"));
        reason.fails(77, &[&format!("the broker {url} refused the message"), "0x87", "create the product"]);
    }
    denied(&format!("-q 1 --confirm none --timeout {LONG}")).succeeds("");
    // Somebody who may read and not write is refused like others.
    let reader = env.i3(&format!("pub --broker {url} -t {TOPIC} -m 678 -u bob --pw-file pw --timeout {SHORT}"));
    reader.fails(77, &["did not come back", "bob may not write this topic"]);
}

#[test]
fn a_kept_message_is_not_taken_for_the_echo() {
    let Some((env, broker)) = stage_and_broker() else { return };
    let url = broker.url();
    for version in ["311", "5"] {
        for _ in 0..2 {
            let kept = format!("pub --broker {url} -t {TOPIC} -m kept -r -q 1 -u {LOT1} --pw-file token -V {version}");
            env.i3(&format!("{kept} --timeout {LONG}")).succeeds("").is_silent();
        }
        let seen = env.i3(&format!("sub --json --broker {url} -u bob --pw-file pw -t {TOPIC} -C 1 -W {LONG}")).json();
        assert_eq!((seen["payload"].as_str(), seen["retain"].as_bool()), (Some("kept"), Some(true)));
        let dropped = format!("pub --broker {url} -t {TOPIC} -m kept -u bob --pw-file pw -V {version}");
        env.i3(&format!("{dropped} --timeout {SHORT}")).fails(77, &["did not come back"]);
    }
}

#[test]
fn mosquittos_clients_and_this_one_hear_each_other() {
    let Some((env, broker)) = stage_and_broker() else { return };
    let (Some(mosquitto_pub), Some(mosquitto_sub)) = (find("mosquitto_pub"), find("mosquitto_sub")) else { return };
    let token = env.read("token");
    let theirs = client(
        &env,
        mosquitto_sub,
        broker.port,
        &["-u", "bob", "-P", PASSWORD, "-t", TOPIC, "-C", "1", "-W", "30", "-d"],
    );
    let mut theirs = theirs.start();
    // With -d it logs its packets on stdout.
    theirs.until("SUBACK");
    let url = broker.url();
    env.i3(&format!("pub --broker {url} -t {TOPIC} -m ours -u {LOT1} --pw-file token")).succeeds("");
    let heard = theirs.finish().succeeded();
    assert!(heard.lines().any(|line| line == "ours"), "{heard}");

    let ours = env.i3(&format!("sub -v --broker {url} -u bob --pw-file pw -t {TOPIC} -C 1 -W {LONG}"));
    let ours = ours.start().says("Subscribed to");
    client(&env, mosquitto_pub, broker.port, &["-u", LOT1, "-P", &token, "-t", TOPIC, "-m", "theirs"]).succeeds("");
    assert_eq!(ours.finish().succeeded(), format!("{TOPIC} theirs\n"));
}

#[test]
fn mosquittos_clients_take_the_sandbox_for_a_broker() {
    let env = TestEnv::with_lot1();
    let (Some(mosquitto_pub), Some(mosquitto_sub)) = (find("mosquitto_pub"), find("mosquitto_sub")) else { return };
    let port = env.sandbox.broker_url().port;
    let token = env.i3("token lot1 -n").done().stdout;
    let bobs = env.sandbox.seed().buyer_broker_password.expose();
    for version in ["mqttv311", "mqttv5"] {
        for qos in ["0", "1", "2"] {
            let args = ["-V", version, "-q", qos, "-u", "bob", "-P", bobs, "-t", TOPIC, "-C", "2", "-W", "30", "-d"];
            let mut theirs = client(&env, mosquitto_sub.clone(), port, &args).start();
            theirs.until("SUBACK");
            let send = |user: &str, password: &str, topic: &str, message: &str| {
                let args = ["-V", version, "-q", qos, "-u", user, "-P", password, "-t", topic, "-m", message];
                client(&env, mosquitto_pub.clone(), port, &args).run()
            };
            assert_eq!(send(LOT1, &token, TOPIC, "theirs").succeeded(), "");
            // Dropped silently on 3.1.1.
            let denied = send(LOT1, &token, NO_PRODUCT, "dropped");
            assert!(version == "mqttv5" || (denied.code == 0 && denied.stderr.is_empty()), "{denied}");
            assert_ne!(send(LOT1, "wrong", TOPIC, "refused").code, 0);
            env.i3(&format!("pub --device lot1 -t {TOPIC} -m ours -q {qos} --timeout {LONG}")).succeeds("");
            let heard = theirs.finish().succeeded();
            let heard: Vec<&str> = heard.lines().filter(|line| ["theirs", "ours", "dropped"].contains(line)).collect();
            assert_eq!(heard, ["theirs", "ours"], "{version} {qos}");
        }
    }
}

#[test]
fn mosquittos_clients_take_the_house_for_a_broker() {
    let env = TestEnv::new();
    let (Some(mosquitto_pub), Some(mosquitto_sub)) = (find("mosquitto_pub"), find("mosquitto_sub")) else { return };
    let house = House::spawn(0).unwrap();
    let port = house.url().port;
    for version in ["mqttv311", "mqttv5"] {
        let keeping = ["-V", version, "-i", version, "-c", "-q", "1", "-t", "attic/+", "-W", "30"];
        let subscribe = |more: &[&str]| client(&env, mosquitto_sub.clone(), port, &[&keeping, more].concat());
        let publish = |more: &[&str]| {
            let args = [&["-V", version, "-q", "1", "-t", "attic/temp"], more].concat();
            client(&env, mosquitto_pub.clone(), port, &args)
        };
        subscribe(if version == "mqttv5" { &["-E", "-x", "3600"] } else { &["-E"] }).done();
        // More in an absence than I3's broker keeps, the last one retained.
        let lines: String = (1..=300).map(|n| format!("{n}\n")).collect();
        publish(&["-l"]).input(&lines).done();
        publish(&["-r", "-m", "kept"]).done();
        let got = subscribe(if version == "mqttv5" { &["-C", "301", "-x", "3600"] } else { &["-C", "301"] });
        assert_eq!(got.done().stdout, lines + "kept\n", "{version}");
        let args = ["-V", version, "-t", "attic/#", "-C", "1", "-F", "%r %p", "-W", "30"];
        assert_eq!(client(&env, mosquitto_sub.clone(), port, &args).done().stdout, "1 kept\n");
        publish(&["-r", "-n"]).done();
    }
}

#[test]
fn tls_is_trusted_where_it_should_be_and_named_where_it_fails() {
    let Some((env, broker)) = stage_and_broker() else { return };
    let (plain, tls) = (broker.port, broker.tls_port);
    let publish =
        |more: &str| env.i3(&format!("pub -t {TOPIC} -m 678 -u {LOT1} --pw-file token --timeout {LONG} {more}"));
    for version in ["311", "5"] {
        publish(&format!("--broker mqtts://localhost:{tls} --cafile ca.pem -V {version} -q 1"))
            .succeeds("")
            .is_silent();
    }
    publish(&format!("-h localhost -p {tls} --cafile ca.pem")).succeeds("");
    let listening = env.i3(&format!("sub -v -u bob --pw-file pw -t {TOPIC} -C 1 -W {LONG} --cafile ca.pem"));
    let listening = listening.arg(format!("--broker=mqtts://localhost:{tls}")).start().says("Subscribed to");
    publish(&format!("--broker mqtts://localhost:{tls} --cafile ca.pem")).succeeds("");
    assert_eq!(listening.finish().succeeded(), format!("{TOPIC} 678\n"));

    for version in ["311", "5"] {
        let stream = format!(
            "pub -u {LOT1} --pw-file token -t {TOPIC} -l -q 1 --broker mqtts://localhost:{tls} --cafile ca.pem"
        );
        let lines: String = (1..=20_000).map(|n| format!("{n}\n")).collect();
        let stream = env.i3(&format!("{stream} --json -V {version}")).input(lines).json();
        assert_eq!(stream["acknowledged"], 20_000, "{stream}");
    }
    let wrong = publish(&format!("--broker mqtts://localhost:{tls} --cafile wrong.pem"));
    wrong.fails(77, &["no TLS connection to", "certificate", "--cafile FILE"]);
    let name = publish(&format!("--broker mqtts://127.0.0.1:{tls} --cafile ca.pem"));
    name.fails(77, &["no TLS connection to", "is for localhost, not for 127.0.0.1", "--tls-server-name NAME"]);
    let insecure = publish(&format!("--broker mqtts://localhost:{tls} --cafile wrong.pem --insecure"));
    insecure.succeeds("").says(&["warning: --insecure"]);
    publish(&format!("--broker mqtts://localhost:{tls} --cafile gone.pem")).fails(78, &["gone.pem", "--cafile"]);

    let to_plain = publish(&format!("--broker mqtts://localhost:{plain} --cafile ca.pem"));
    to_plain.fails(75, &["ended during the TLS handshake", &format!("use mqtt://localhost:{plain}")]);
    let to_tls = publish(&format!("--broker mqtt://localhost:{tls}"));
    to_tls.fails(75, &["closed the connection without an answer", &format!("use mqtts://localhost:{tls}")]);
    let to_tls = publish(&format!("--broker mqtt://localhost:{tls} -V 5"));
    to_tls.fails(75, &["closed the connection without an answer", &format!("use mqtts://localhost:{tls}")]);
}

/// Debian's Mosquitto, by libwebsockets; its plain listener tells that messages come through from one to the other.
#[test]
fn a_real_broker_is_reached_by_websocket_with_tls_and_without() {
    let env = TestEnv::new();
    env.secret("pw", PASSWORD);
    let web = ReservedPort::new();
    let listeners = format!("protocol websockets\nlistener {} 127.0.0.1\nprotocol websockets", web.number());
    let accounts = [(LOT1, PASSWORD), ("bob", PASSWORD)];
    let Some(broker) = Mosquitto::start_as(&env, &accounts, &listeners, |folder| certificates(&env, folder)) else {
        return;
    };
    let (ws, wss) = (format!("ws://127.0.0.1:{}", web.number()), format!("wss://localhost:{}", broker.tls_port));
    for version in ["311", "5"] {
        for (to, from) in [(&ws, broker.url()), (&broker.url(), ws.clone()), (&wss, ws.clone()), (&ws, wss.clone())] {
            let from = format!("sub -v --broker {from} --cafile ca.pem -u bob --pw-file pw -t {TOPIC} -C 1 -W {LONG}");
            let listening = env.i3(&format!("{from} -V {version}")).start().says("Subscribed to");
            let publish = format!("pub --broker {to} --cafile ca.pem -t {TOPIC} -m 678 -q 2 --timeout {LONG}");
            env.i3(&format!("{publish} -u {LOT1} --pw-file pw -V {version}")).succeeds("").is_silent();
            assert_eq!(listening.finish().succeeded(), format!("{TOPIC} 678\n"));
        }
        for to in [&ws, &wss] {
            let stream = format!("pub -u {LOT1} --pw-file pw -t {TOPIC} -l -q 1 --broker {to} --cafile ca.pem --json");
            let lines: String = (1..=20_000).map(|n| format!("{n}\n")).collect();
            let stream = env.i3(&format!("{stream} -V {version}")).input(lines).json();
            assert_eq!(stream["acknowledged"], 20_000, "{stream}");
        }
    }
    // A payload of more than one frame, both ways.
    let long = format!("pub --broker {ws} -t {TOPIC} -s -q 1 --timeout {LONG} -u {LOT1} --pw-file pw");
    env.i3(&long).input(vec![b'x'; 300_000]).succeeds("");
    let wrong = env.i3(&format!("pub --broker {ws} -t {TOPIC} -m 1 -u {LOT1} --pw-file wrong"));
    env.secret("wrong", "another one");
    wrong.fails(77, &["refused the log-in"]);
    let plain = env.i3(&format!("pub --broker ws://127.0.0.1:{} -t {TOPIC} -m 1 -u {LOT1} --pw-file pw", broker.port));
    let plain = plain.fails(75, &["no WebSocket connection to", &format!("use mqtt://127.0.0.1:{}", broker.port)]);
    assert_eq!(plain.error().id, Some("not-a-websocket"));
    let doctor = env.i3(&format!("doctor --broker {ws} --pw-file pw")).arg(LOT1).run();
    assert!(doctor.stdout.contains("MQTT over WebSocket, MQTT 3.1.1 and 5"), "{doctor}");
}

/// A broker that asks for a client certificate (`require_certificate`).
#[test]
fn a_real_broker_takes_a_client_certificate() {
    let env = TestEnv::new();
    env.secret("pw", PASSWORD);
    let authority = |name: &str| {
        let mut params = CertificateParams::new(vec![]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(rcgen::DnType::CommonName, name);
        CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
    };
    for (name, by) in [("seller", authority("clients")), ("stranger", authority("strangers"))] {
        let key = KeyPair::generate().unwrap();
        let certificate = CertificateParams::new(vec![]).unwrap().signed_by(&key, &by).unwrap();
        env.secret(&format!("{name}.pem"), format!("{}{}", certificate.pem(), key.serialize_pem()));
        fs::write(env.path(&format!("{name}-ca.pem")), by.pem()).unwrap();
    }
    let tls = format!("require_certificate true\ncafile {}", env.path("seller-ca.pem").display());
    let Some(broker) = Mosquitto::start_as(&env, &[(LOT1, PASSWORD)], &tls, |folder| certificates(&env, folder)) else {
        return;
    };
    let to = format!("pub -t {TOPIC} -m 1 -q 1 --broker mqtts://localhost:{} --cafile ca.pem", broker.tls_port);
    let publish = |more: &str| env.i3(&format!("{to} --timeout {LONG} -u {LOT1} --pw-file pw {more}"));
    publish("--cert seller.pem").succeeds("").is_silent();
    publish("--cert seller.pem --tls-version tlsv1.2").succeeds("").is_silent();
    let none = publish("").run();
    assert_eq!((none.code, none.error().id), (77, Some("tls-client-certificate")), "{none}");
    let stranger = publish("--cert stranger.pem").run();
    assert_eq!((stranger.code, stranger.error().id), (77, Some("tls-client-certificate-refused")), "{stranger}");
}

#[test]
fn a_slow_link_with_tls_is_no_timeout() {
    let Some((env, broker)) = stage_and_broker() else { return };
    let port = slow_link(broker.tls_port, 40_000);
    let to = format!("pub --broker mqtts://localhost:{port} --cafile ca.pem -t {TOPIC} -u {LOT1} --pw-file token");
    for more in ["-q 0", "-q 1", "-q 1 -V 5", "-q 0 --confirm none"] {
        // 1.5 s on the way out, as much on the way back, and a handshake of several kB.
        let sent = env.i3(&format!("{to} -s --json --timeout 1s {more}")).input(vec![b'x'; 60_000]).json();
        assert_eq!(sent["sent"], 1, "{sent}");
        assert!(sent["milliseconds"].as_u64() > Some(1400), "the link is not slow: {sent}");
    }
}

#[test]
fn insecure_takes_the_certificates_that_i3_instances_have() {
    let vectors = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/certificates");
    for (name, version) in [("v1-rsa", "tlsv1.2"), ("v1-ec", "tlsv1.3"), ("v1-rsa", "tlsv1.3"), ("cn-only", "tlsv1.2")]
    {
        let env = TestEnv::new();
        env.secret("pw", PASSWORD);
        let certificate = vectors.join(name).with_extension("pem");
        let broker = Mosquitto::start_as(&env, &[(LOT1, PASSWORD)], &format!("tls_version {version}"), |folder| {
            fs::copy(&certificate, folder.path().join("server.pem")).unwrap();
            fs::copy(certificate.with_extension("key"), folder.path().join("server.key")).unwrap();
        });
        let Some(broker) = broker else { return };
        let to = format!("pub -t {TOPIC} -m 678 -u {LOT1} --pw-file pw --broker mqtts://localhost:{}", broker.tls_port);
        let publish = |more: &str| env.i3(&format!("{to} --timeout {LONG} {more}"));
        publish("--insecure").succeeds("").says(&["warning: --insecure"]);
        let trusted = publish(&format!("--cafile {}", certificate.display()));
        let says =
            ["no TLS connection to", "no subjectAltName, only the common name 'localhost'", "--insecure connects"];
        trusted.fails(77, &says);
    }
}

#[test]
fn the_doctor_reads_a_real_broker() {
    let Some((env, broker)) = stage_and_broker() else { return };
    // The marketplace knows the device by the same token's key; the broker by the token itself.
    env.i3("register lot1 --hub parking --key lot1.pem --no-check --no-save").done();
    let (plain, tls) = (broker.port, broker.tls_port);
    let doctor = |more: &str| {
        let run = env.i3_with(&format!("doctor --pw-file token --timeout {LONG} --topic {TOPIC} {more}"), &[LOT1]);
        run.env("I3_BUYER_PASSWORD", PASSWORD)
    };
    let well = doctor(&format!("--publish --broker mqtt://127.0.0.1:{plain}")).done();
    for says in [
        "plain MQTT, MQTT 3.1.1 and 5",
        "the broker accepts file token",
        "bob received the message",
        "Everything is ok.",
    ] {
        assert!(well.stdout.contains(says), "{says}: {well}");
    }
    let secure = doctor(&format!("--publish --cafile ca.pem --broker mqtts://localhost:{tls}")).done();
    assert!(secure.stdout.contains("MQTT over TLS, MQTT 3.1.1 and 5"), "{secure}");
    for (broker, says) in [
        (format!("mqtts://localhost:{plain}"), format!("use mqtt://localhost:{plain}")),
        (format!("mqtt://localhost:{tls}"), format!("use mqtts://localhost:{tls}")),
        (format!("mqtts://127.0.0.1:{tls}"), "--tls-server-name NAME".into()),
    ] {
        let outcome = doctor(&format!("--cafile ca.pem --broker {broker}")).run();
        assert_eq!(outcome.code, 1, "{outcome}");
        outcome.says(&["\nhint: ", &says]);
    }
}

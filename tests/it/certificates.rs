//! Certificates that are refused, and failed TLS handshakes: the messages for each, both a broker's and a
//! marketplace's; and client certificates.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::thread::JoinHandle;

use rcgen::{
    BasicConstraints, Certificate, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa, KeyPair, SanType,
    date_time_ymd,
};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{RootCertStore, ServerConfig, ServerConnection, StreamOwned, SupportedProtocolVersion};

use crate::program::{Outcome, TestEnv, key_pem, other_key_pem};
use crate::support::line_mode::{DEVICE, TOPIC};
use crate::support::scripted_broker::{Broker, Clients};
use crate::support::skipped::without;
use crate::support::tls_server::{authority, client_of};

/// A server's chain and key in DER.
struct Shown {
    chain: Vec<CertificateDer<'static>>,
    key: PrivateKeyDer<'static>,
}

impl Shown {
    fn new(certificate: &Certificate, key: &KeyPair) -> Shown {
        let key = PrivateKeyDer::from_pem_slice(key.serialize_pem().as_bytes()).unwrap();
        Shown { chain: vec![certificate.der().clone()], key }
    }

    /// One of those in `tests/vectors/certificates`.
    fn kept(name: &str) -> Shown {
        let certificate = CertificateDer::from_pem_file(kept(name)).unwrap();
        Shown { chain: vec![certificate], key: PrivateKeyDer::from_pem_file(kept(name).with_extension("key")).unwrap() }
    }

    fn config(&self, versions: &[&'static SupportedProtocolVersion], clients: Option<RootCertStore>) -> ServerConfig {
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let key = rustls::crypto::ring::sign::any_supported_type(&self.key).unwrap();
        let builder =
            ServerConfig::builder_with_provider(Arc::clone(&provider)).with_protocol_versions(versions).unwrap();
        let builder = match clients {
            Some(roots) => builder.with_client_cert_verifier(
                WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider).build().unwrap(),
            ),
            None => builder.with_no_client_auth(),
        };
        builder.with_cert_resolver(Arc::new(SingleCertAndKey::from(CertifiedKey::new(self.chain.clone(), key))))
    }
}

fn kept(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/certificates").join(name).with_extension("pem")
}

/// Only performs handshakes, as often as a client connects.
fn serve(config: ServerConfig, times: usize) -> (u16, JoinHandle<()>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let config = Arc::new(config);
    let serving = move || {
        for _ in 0..times {
            let (tcp, _) = listener.accept().unwrap();
            let mut stream = StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), tcp);
            // Until the client has read why, and closes.
            let _ = stream.conn.complete_io(&mut stream.sock);
            while stream.sock.read(&mut [0; 1024]).is_ok_and(|read| read > 0) {}
        }
    };
    (port, std::thread::spawn(serving))
}

/// What a broker's client and the marketplace's say of the server at this port.
fn both(env: &TestEnv, port: u16, more: &str) -> [Outcome; 2] {
    let publish = format!("pub -t {TOPIC} -m 1 --confirm none --broker mqtts://localhost:{port} {more} -u");
    let publish = env.i3(&publish).arg(DEVICE).env("I3_PASSWORD", "secret").run();
    [publish, env.i3(&format!("login --market https://localhost:{port} {more}")).run()]
}

/// Nothing that is meant for programmers, from a library.
fn is_for_people(outcome: &Outcome) {
    let not =
        ["UNIX", "OtherError", "Context", "Other(", "Name(", "1.2.", "docs.rs", "http://docs", "[42", "{ ", "DnsName"];
    outcome.does_not_say(&not);
}

fn expect(env: &TestEnv, port: u16, more: &str, exit: i32, id: &str, says: &[&str]) {
    for outcome in both(env, port, more) {
        assert_eq!((outcome.code, outcome.error().id), (exit, Some(id)), "{outcome}");
        outcome.says(says);
        is_for_people(&outcome);
    }
}

#[test]
fn each_fault_of_a_certificate_has_a_sentence_and_a_hint_of_its_own() {
    let env = TestEnv::new();
    let ca = authority("The house's authority");
    std::fs::write(env.path("ca.pem"), ca.pem()).unwrap();
    std::fs::write(env.path("other.pem"), authority("Another").pem()).unwrap();
    let made = |names: &[&str], change: fn(&mut CertificateParams)| {
        let mut params = CertificateParams::new(names.iter().map(|name| name.to_string()).collect::<Vec<_>>()).unwrap();
        change(&mut params);
        let key = KeyPair::generate().unwrap();
        Shown::new(&params.signed_by(&key, &ca).unwrap(), &key)
    };
    let expired = made(&["localhost"], |params| params.not_after = date_time_ymd(2026, 1, 31));
    let early = made(&["localhost"], |params| params.not_before = date_time_ymd(2035, 2, 3));
    let names = made(&["broker.example", "*.i3.example", "10.0.0.1"], |_| {});
    let for_clients =
        made(&["localhost"], |params| params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth]);
    let of_a_person = made(&[], |params| {
        params.subject_alt_names = vec![SanType::Rfc822Name("ann@example.org".try_into().unwrap())];
    });
    let good = made(&["localhost"], |_| {});
    let key = KeyPair::generate().unwrap();
    let alone = CertificateParams::new(["localhost".into()]).unwrap().self_signed(&key).unwrap();
    let alone = Shown::new(&alone, &key);
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["localhost".into()]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let as_authority = params.self_signed(&key).unwrap();
    std::fs::write(env.path("as-authority.pem"), as_authority.pem()).unwrap();
    let as_authority = Shown::new(&as_authority, &key);
    let trusted = |name: &str| format!("--cafile {}", kept(name).display());
    let house = || "--cafile ca.pem".to_string();
    let cases: Vec<(Shown, String, &str, &[&str])> = vec![
        (
            expired,
            house(),
            "certificate-expired",
            &["expired on 2026-01-31 (UTC), and this machine's clock says 20", "date -u"],
        ),
        (
            early,
            house(),
            "certificate-not-yet-valid",
            &["is valid from 2035-02-03 (UTC) on", "clock says 20", "set this machine's if they differ"],
        ),
        (
            of_a_person,
            house(),
            "certificate-names-no-host",
            &["the certificate's subjectAltName names no host, so not localhost either", "subjectAltName=DNS:HOST"],
        ),
        (
            names,
            house(),
            "certificate-other-name",
            &["is for broker.example, *.i3.example, 10.0.0.1, not for localhost", "--tls-server-name"],
        ),
        (for_clients, house(), "certificate", &["not for servers, by its extendedKeyUsage"]),
        (alone, house(), "certificate-self-signed", &["is self-signed", "--cafile FILE"]),
        (
            good,
            "--cafile other.pem".into(),
            "certificate-authority-unknown",
            &["signed by 'The house's authority'", "--cafile FILE"],
        ),
        (
            as_authority,
            "--cafile as-authority.pem".into(),
            "certificate-is-authority",
            &["an authority's (CA:TRUE)", "CA:FALSE"],
        ),
        (Shown::kept("v1-rsa"), trusted("v1-rsa"), "certificate-version-1", &["X.509 version 1", "of version 3"]),
        (
            Shown::kept("cn-only"),
            trusted("cn-only"),
            "certificate-names-no-host",
            &["only the common name 'localhost'"],
        ),
        (Shown::kept("sha-1"), trusted("authority"), "certificate-signature-weak", &["signed with SHA-1", "SHA-256"]),
        (
            Shown::kept("by-weak"),
            trusted("weak-authority"),
            "certificate-key-short",
            &["the certificate of an authority has an RSA key of 1024 bits"],
        ),
    ];
    for (shown, more, id, says) in cases {
        let (port, server) = serve(shown.config(rustls::DEFAULT_VERSIONS, None), 2);
        expect(&env, port, &more, 77, id, says);
        server.join().unwrap();
    }
}

/// What OpenSSL's own server says and shows.
struct OpenSsl(std::process::Child, u16);

impl OpenSsl {
    /// `None`, said loudly, where it is not installed.
    fn start(args: &[&str]) -> Option<OpenSsl> {
        let mut command = Command::new("openssl");
        command.args(["s_server", "-accept", "127.0.0.1:0"]).args(args).stdin(Stdio::piped()).stdout(Stdio::piped());
        let Ok(mut process) = command.stderr(Stdio::null()).spawn() else {
            without("I3_REQUIRE_OPENSSL", "openssl", "its own server was not tried");
            return None;
        };
        let mut said = BufReader::new(process.stdout.take().unwrap()).lines();
        let accept = said.by_ref().map_while(Result::ok).find(|line| line.starts_with("ACCEPT ")).unwrap();
        std::thread::spawn(move || said.for_each(drop));
        let port = accept.rsplit(':').next().unwrap().trim().parse().unwrap();
        Some(OpenSsl(process, port))
    }
}

impl Drop for OpenSsl {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

#[test]
fn a_short_key_an_old_version_and_a_missing_client_certificate_are_named_at_openssls_server() {
    let env = TestEnv::new();
    let pair = |name: &str| [kept(name), kept(name).with_extension("key")].map(|path| path.display().to_string());
    let [short, short_key] = pair("rsa-1024");
    let weak = ["-cert", &short, "-key", &short_key, "-cipher", "DEFAULT@SECLEVEL=0"];
    for version in ["-tls1_2", "-tls1_3"] {
        let Some(server) = OpenSsl::start(&[&weak[..], &[version]].concat()) else { return };
        for more in [format!("--cafile {short}"), "--insecure".into()] {
            expect(
                &env,
                server.1,
                &more,
                77,
                "certificate-key-short",
                &["an RSA key of 1024 bits", "2048 bits or more"],
            );
        }
    }
    let [cert, key] = pair("cn-only");
    let server = OpenSsl::start(&["-cert", &cert, "-key", &key, "-tls1_2"]).unwrap();
    for outcome in both(&env, server.1, "--insecure --tls-version tlsv1.3") {
        assert_eq!((outcome.code, outcome.error().id), (78, Some("tls-version")), "{outcome}");
        is_for_people(outcome.says(&["leave --tls-version out"]));
    }
    let server = OpenSsl::start(&["-cert", &cert, "-key", &key, "-tls1_1", "-cipher", "DEFAULT@SECLEVEL=0"]).unwrap();
    expect(&env, server.1, "--insecure", 78, "tls-version", &["enable TLS 1.2 or 1.3"]);
    // TLS 1.2 has no specific alert for a missing certificate.
    for (version, alert) in [("-tls1_3", "certificate_required"), ("-tls1_2", "handshake_failure")] {
        let server = OpenSsl::start(&["-cert", &cert, "-key", &key, "-Verify", "1", version]).unwrap();
        let wanted = format!("the server requires a client certificate (TLS alert {alert})");
        expect(&env, server.1, "--insecure", 77, "tls-client-certificate", &[&wanted, "--cert FILE"]);
    }
    // A certificate whose key no signature is taken of.
    for curve in ["secp521r1", "secp256k1"] {
        let make = format!(
            "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:{curve} -nodes -keyout odd.key -out odd.pem -subj /CN=localhost \
             2>/dev/null"
        );
        env.shell(&make).done();
        let [odd, odd_key] = ["odd.pem", "odd.key"].map(|name| env.path(name).display().to_string());
        let server = OpenSsl::start(&["-cert", &odd, "-key", &odd_key]).unwrap();
        let says = ["handshake_failure", "keys of RSA, P-256, P-384 and Ed25519"];
        expect(&env, server.1, "--insecure", 78, "tls-parameters", &says);
    }
}

/// Answers MQTT and HTTP alike, once a client has shown a certificate of this authority.
fn mutual(ca: &CertifiedIssuer<'static, KeyPair>, versions: &[&'static SupportedProtocolVersion]) -> Arc<ServerConfig> {
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(["localhost".into()]).unwrap().signed_by(&key, ca).unwrap();
    let mut roots = RootCertStore::empty();
    roots.add(ca.der().clone()).unwrap();
    Arc::new(Shown::new(&server, &key).config(versions, Some(roots)))
}

#[test]
fn a_client_certificate_opens_what_asks_for_one_and_a_refused_one_is_told_from_none() {
    let env = TestEnv::new();
    let ca = authority("The house's authority");
    let stranger = authority("A stranger");
    std::fs::write(env.path("ca.pem"), ca.pem()).unwrap();
    let (cert, key) = client_of(&ca, |_| {});
    env.secret("cert.pem", &cert);
    env.secret("key.pem", &key);
    env.secret("both.pem", format!("{key}{cert}"));
    let (cert, key) = client_of(&stranger, |_| {});
    env.secret("stranger.pem", format!("{cert}{key}"));
    let (cert, key) = client_of(&ca, |params| params.not_after = date_time_ymd(2026, 1, 31));
    env.secret("late.pem", format!("{cert}{key}"));
    for versions in [&[&rustls::version::TLS13][..], &[&rustls::version::TLS12]] {
        let config = mutual(&ca, versions);
        let broker = Broker::start(move |clients: Clients| {
            // Two log-ins and a page of the marketplace; then the refusals.
            for at in 0..7 {
                let mut stream =
                    StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), clients.next().stream);
                let mut bytes = [0; 4096];
                match stream.read(&mut bytes) {
                    Ok(read @ 1..) if bytes[..read].starts_with(b"GET") => {
                        stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").unwrap();
                    }
                    Ok(1..) => {
                        stream.write_all(&[0x20, 2, 0, 0]).unwrap();
                        while stream.read(&mut bytes).is_ok_and(|read| read > 0) {}
                    }
                    _ => assert!(at > 2, "{at}"),
                }
                // Until the client has read why, and closes.
                while stream.sock.read(&mut bytes).is_ok_and(|read| read > 0) {}
            }
        });
        let port = broker.port;
        let publish = |more: &str| {
            let to = format!(
                "pub -t {TOPIC} -m 1 --confirm none --broker mqtts://localhost:{port} --cafile ca.pem {more} -u"
            );
            env.i3(&to).arg(DEVICE).env("I3_PASSWORD", "secret")
        };
        publish("--cert cert.pem --cert-key key.pem").succeeds("");
        publish("--cert both.pem").succeeds("");
        let market =
            format!("login --market https://localhost:{port} --cafile ca.pem --cert cert.pem --cert-key key.pem");
        let page = env.i3(&market).run();
        assert_ne!(page.error().id, Some("tls-client-certificate"), "{page}");
        page.does_not_say(&["TLS"]);
        for (file, alert) in [("stranger.pem", "unknown_ca"), ("late.pem", "certificate_expired")] {
            let refused = publish(&format!("--cert {file}")).run();
            assert_eq!((refused.code, refused.error().id), (77, Some("tls-client-certificate-refused")), "{refused}");
            refused.says(&[&format!("does not accept the client certificate (TLS alert {alert})"), "--cert names"]);
        }
        for outcome in both(&env, port, "--cafile ca.pem") {
            assert_eq!((outcome.code, outcome.error().id), (77, Some("tls-client-certificate")), "{outcome}");
            is_for_people(outcome.says(&["certificate_required", "--cert FILE"]));
        }
        broker.end();
    }
}

#[test]
fn a_client_certificate_that_cannot_be_used_is_said_before_anything_is_sent() {
    let env = TestEnv::with_lot1();
    let ca = authority("The house's authority");
    let (cert, key) = client_of(&ca, |_| {});
    let (_, other) = client_of(&ca, |_| {});
    env.secret("cert.pem", &cert);
    env.secret("key.pem", &key);
    env.secret("other.pem", other);
    std::fs::write(env.path("open.pem"), &key).unwrap();
    std::fs::set_permissions(env.path("open.pem"), std::os::unix::fs::PermissionsExt::from_mode(0o644)).unwrap();
    std::fs::write(env.path("text"), "no key\n").unwrap();
    std::fs::set_permissions(env.path("text"), std::os::unix::fs::PermissionsExt::from_mode(0o600)).unwrap();
    let cases = [
        ("cert.pem", "other.pem", 78, "client-certificate-unusable", "does not belong to the certificate in cert.pem"),
        ("cert.pem", "open.pem", 78, "file-open-to-others", "can be read by others (mode 0644)"),
        (
            "cert.pem",
            "gone.pem",
            66,
            "client-certificate-unusable",
            "cannot read the client certificate's key in gone.pem",
        ),
        ("cert.pem", "text", 78, "client-certificate-unusable", "text holds no private key"),
        ("gone.pem", "key.pem", 78, "client-certificate-unusable", "gone.pem"),
        ("key.pem", "key.pem", 78, "client-certificate-unusable", "key.pem holds no usable certificate"),
        ("cert.pem", "lot1.pem", 77, "client-certificate-unusable", "is that of the device alice$parking$lot1"),
    ];
    for (cert, key, exit, id, says) in cases {
        // Nobody listens there, and there is no question.
        for outcome in both(&env, 1, &format!("--cert {cert} --cert-key {key}")) {
            assert_eq!((outcome.code, outcome.error().id), (exit, Some(id)), "{outcome}");
            outcome.says(&[says]);
        }
    }
    let plain = env.i3(&format!("pub -t {TOPIC} -m 1 --broker mqtt://127.0.0.1:1 --cert cert.pem --cert-key key.pem"));
    plain.fails(2, &["--cert is given", "mqtts:// or wss://"]);
    // An encrypted key is read as a device's would be.
    if Command::new("openssl").arg("version").output().is_err() {
        return without("I3_REQUIRE_OPENSSL", "openssl", "no encrypted key was tried");
    }
    env.secret("plain-rsa.pem", other_key_pem());
    env.secret("copy.pem", key_pem());
    let made = "openssl req -x509 -new -key plain-rsa.pem -subj /CN=seller -days 99 -out rsa.pem && \
                openssl pkcs8 -topk8 -in plain-rsa.pem -out locked.pem -passout pass:x && \
                openssl req -x509 -new -key copy.pem -subj /CN=seller -days 99 -out copied.pem && \
                openssl pkcs8 -topk8 -in key.pem -out locked-ec.pem -passout pass:x && chmod 600 locked*.pem";
    env.command("sh").arg("-c").arg(made).done();
    env.secret("passphrase", "x\n");
    env.secret("wrong", "y\n");
    let locked = "--cert rsa.pem --cert-key locked.pem --cert-key-passphrase-file";
    for outcome in both(&env, 1, "--cert copied.pem --cert-key copy.pem") {
        assert_eq!((outcome.code, outcome.error().id), (77, Some("client-certificate-unusable")), "{outcome}");
        outcome.says(&["is that of the device alice$parking$lot1"]);
    }
    let [unlocked, _] = both(&env, 1, &format!("{locked} passphrase"));
    assert_eq!(unlocked.error().id, Some("broker-unreachable"), "{unlocked}");
    for outcome in both(&env, 1, &format!("{locked} wrong")) {
        assert_eq!((outcome.code, outcome.error().id), (78, Some("client-certificate-unusable")), "{outcome}");
        outcome.says(&["cannot be decrypted", "--cert-key-passphrase-file"]);
    }
    for outcome in both(&env, 1, "--cert cert.pem --cert-key locked-ec.pem --cert-key-passphrase-file passphrase") {
        assert_eq!((outcome.code, outcome.error().id), (78, Some("client-certificate-unusable")), "{outcome}");
        outcome.says(&["openssl pkey -in"]);
    }
}

#[test]
fn a_folder_a_version_a_name_and_a_protocol_are_what_the_options_say() {
    let env = TestEnv::new();
    let ca = authority("The house's authority");
    std::fs::create_dir(env.path("authorities")).unwrap();
    std::fs::write(env.path("authorities/5ed36f99.0"), ca.pem()).unwrap();
    std::fs::write(env.path("authorities/another.pem"), authority("Another").pem()).unwrap();
    let key = KeyPair::generate().unwrap();
    let server = CertificateParams::new(["broker.example".into()]).unwrap().signed_by(&key, &ca).unwrap();
    let mut config = Shown::new(&server, &key).config(rustls::DEFAULT_VERSIONS, None);
    config.alpn_protocols = vec![b"mqtt".to_vec()];
    let config = Arc::new(config);
    let broker = Broker::start(move |clients: Clients| {
        let mut seen = Vec::new();
        for _ in 0..3 {
            let mut stream =
                StreamOwned::new(ServerConnection::new(Arc::clone(&config)).unwrap(), clients.next().stream);
            assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
            stream.write_all(&[0x20, 2, 0, 0]).unwrap();
            while stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {}
            let (name, alpn) = (stream.conn.server_name(), stream.conn.alpn_protocol());
            let alpn = alpn.map(|protocol| String::from_utf8_lossy(protocol).into_owned());
            seen.push((name.map(str::to_owned), stream.conn.protocol_version(), alpn));
        }
        seen
    });
    let port = broker.port;
    let publish = |more: &str| {
        let to = format!(
            "pub -t {TOPIC} -m 1 --confirm none --capath authorities --tls-server-name broker.example --broker \
             mqtts://127.0.0.1:{port} {more} -u"
        );
        env.i3(&to).arg(DEVICE).env("I3_PASSWORD", "secret")
    };
    publish("").succeeds("").is_silent();
    publish("--tls-version tlsv1.2 --tls-alpn mqtt").succeeds("").is_silent();
    publish("--tls-version tlsv1.3").succeeds("").is_silent();
    let name = || Some("broker.example".to_string());
    use rustls::ProtocolVersion::{TLSv1_2, TLSv1_3};
    let expected = [
        (name(), Some(TLSv1_3), None),
        (name(), Some(TLSv1_2), Some("mqtt".to_string())),
        (name(), Some(TLSv1_3), None),
    ];
    assert_eq!(broker.end(), expected);
    publish("--tls-version tlsv1.1").fails(2, &["--tls-version"]);
    std::fs::create_dir(env.path("empty")).unwrap();
    for outcome in both(&env, 1, "--capath empty") {
        assert_eq!((outcome.code, outcome.error().id), (78, Some("roots-unusable")), "{outcome}");
        outcome.says(&["no file in empty holds a certificate", "--capath"]);
    }
    for option in ["--tls-server-name x", "--tls-alpn mqtt", "--tls-version tlsv1.2", "--capath empty"] {
        let plain = env.i3(&format!("pub -t {TOPIC} -m 1 --broker mqtt://127.0.0.1:1 {option} -u")).arg(DEVICE);
        plain.env("I3_PASSWORD", "secret").fails(2, &[option.split(' ').next().unwrap(), "mqtts:// or wss://"]);
    }
}

#[test]
fn the_configuration_names_what_the_options_name() {
    let env = TestEnv::with_lot1();
    let ca = authority("The house's authority");
    let (cert, key) = client_of(&ca, |_| {});
    std::fs::create_dir(env.path("authorities")).unwrap();
    std::fs::write(env.path("authorities/ca.pem"), ca.pem()).unwrap();
    env.secret("cert.pem", cert);
    env.secret("key.pem", key);
    let config = mutual(&ca, rustls::DEFAULT_VERSIONS);
    let broker = Broker::start(move |clients: Clients| {
        let mut stream = StreamOwned::new(ServerConnection::new(config).unwrap(), clients.next().stream);
        assert!(stream.read(&mut [0; 4096]).unwrap() > 0);
        stream.write_all(&[0x20, 2, 0, 0]).unwrap();
        while stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {}
        stream.conn.protocol_version()
    });
    for (key, value) in
        [("capath", "authorities"), ("cert", "cert.pem"), ("cert_key", "key.pem"), ("tls_version", "tlsv1.2")]
    {
        env.i3(&format!("config set {key} {value}")).done();
    }
    env.i3("config set tls_version tlsv1.1").fails(78, &["tlsv1.2 or tlsv1.3"]);
    env.i3("config set cert key.pem").fails(78, &["key.pem holds no usable certificate"]);
    env.i3("config set capath key.pem").fails(78, &["key.pem"]);
    env.i3(&format!("pub -t {TOPIC} -m 1 --confirm none --broker mqtts://localhost:{}", broker.port)).succeeds("");
    assert_eq!(broker.end(), Some(rustls::ProtocolVersion::TLSv1_2));
}

#[test]
fn what_speaks_no_tls_at_a_port_is_named_and_what_does_as_well() {
    let env = TestEnv::new();
    let broker = Broker::start(|clients: Clients| {
        for answer in [
            &b"HTTP/1.1 400 Bad Request\r\n\r\n"[..],
            b"\x15\x03\x03\x00\x02\x02\x46",
            b"HTTP/1.1 400 Bad Request\r\n\r\n",
        ] {
            let mut peer = clients.next();
            assert!(peer.stream.read(&mut [0; 4096]).unwrap() > 0);
            peer.send_bytes(answer);
            while peer.stream.read(&mut [0; 4096]).is_ok_and(|read| read > 0) {}
        }
    });
    let port = broker.port;
    let market = env.i3(&format!("login --market https://127.0.0.1:{port}")).run();
    assert_eq!((market.code, market.error().id), (78, Some("market-scheme")), "{market}");
    is_for_people(
        market.says(&["does not speak TLS, and the address says https", "only if the marketplace really has no TLS"]),
    );
    let publish = |scheme: &str| {
        let to = format!("pub -t {TOPIC} -m 1 --confirm none --broker {scheme}://127.0.0.1:{port} -u");
        env.i3(&to).arg(DEVICE).env("I3_PASSWORD", "secret").run()
    };
    let tls = publish("mqtt");
    assert_eq!((tls.code, tls.error().id), (78, Some("port-needs-tls")), "{tls}");
    tls.says(&["speaks TLS", &format!("use mqtts://127.0.0.1:{port}")]);
    let web = publish("mqtt");
    assert_eq!((web.code, web.error().id), (78, Some("not-a-broker")), "{web}");
    web.says(&["the answer is HTTP", "use ws://127.0.0.1:", "/mqtt"]);
    broker.end();
}

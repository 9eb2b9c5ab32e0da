//! The marketplace's client over https: which certificates it trusts, and its messages about the others.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use i3::market::Market;
use i3::market::http::{HttpError, HttpOptions};
use i3::market::web::WebError;
use i3::secret::Secret;
use i3::tls::{Roots, Verification};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ServerConfig, ServerConnection, StreamOwned};

use crate::program::TestEnv;

/// Answers one connection with a 404 over TLS, as `localhost`. Returns the address, the certificate as PEM, and the
/// received bytes.
fn serve() -> (String, String, JoinHandle<String>) {
    serve_with(rcgen::CertificateParams::new(["localhost".into()]).unwrap())
}

fn serve_with(params: rcgen::CertificateParams) -> (String, String, JoinHandle<String>) {
    let signing_key = rcgen::KeyPair::generate().unwrap();
    let cert = params.self_signed(&signing_key).unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(signing_key.serialize_der()));
    let (url, thread) = serve_as(cert.der().clone(), &key);
    (url, cert.pem(), thread)
}

/// The same with a given certificate, and the key that the server signs with.
fn serve_as(certificate: CertificateDer<'static>, key: &PrivateKeyDer<'_>) -> (String, JoinHandle<String>) {
    let key = rustls::crypto::ring::sign::any_supported_type(key).unwrap();
    let shown = SingleCertAndKey::from(CertifiedKey::new(vec![certificate], key));
    let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth()
        .with_cert_resolver(Arc::new(shown));
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let url = format!("https://localhost:{}", listener.local_addr().unwrap().port());
    let thread = std::thread::spawn(move || {
        let (socket, _) = listener.accept().unwrap();
        let mut stream = StreamOwned::new(ServerConnection::new(Arc::new(config)).unwrap(), socket);
        let mut request = Vec::new();
        let mut buffer = [0; 1024];
        while !request.ends_with(b"\r\n\r\n") {
            match stream.read(&mut buffer) {
                Ok(0) | Err(_) => return String::new(),
                Ok(read) => request.extend_from_slice(&buffer[..read]),
            }
        }
        stream.write_all(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n").unwrap();
        String::from_utf8(request).unwrap()
    });
    (url, thread)
}

/// A certificate of an I3 instance's kind, by its name in `tests/vectors/certificates`, and its key.
fn made_by_openssl(name: &str) -> (PathBuf, CertificateDer<'static>, PrivateKeyDer<'static>) {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/certificates").join(name);
    let certificate = path.with_extension("pem");
    let der = CertificateDer::from_pem_file(&certificate).unwrap();
    (certificate, der, PrivateKeyDer::from_pem_file(path.with_extension("key")).unwrap())
}

fn ask(url: &str, roots: Roots, verification: Verification) -> WebError {
    let options = HttpOptions { roots, verification, ..HttpOptions::default() };
    let market = Market::new(url.parse().unwrap(), &options).unwrap();
    market.log_in("alice", &Secret::new("log-in")).unwrap_err()
}

fn in_file(pem: &str) -> std::path::PathBuf {
    let path = std::env::temp_dir().join(format!("i3-roots-{:016x}.pem", rand::random::<u64>()));
    std::fs::write(&path, pem).unwrap();
    path
}

#[test]
fn a_certificate_under_the_given_root_is_trusted() {
    let (url, pem, server) = serve();
    let file = in_file(&pem);
    let error = ask(&url, Roots::File(file.clone()), Verification::Required);
    std::fs::remove_file(file).unwrap();
    assert!(matches!(error, WebError::NotFound(_)), "{error:?}");
    assert!(server.join().unwrap().starts_with("GET /accounts/login/ HTTP/1.1\r\n"));
}

#[test]
fn a_certificate_under_another_root_is_refused_before_anything_is_sent() {
    let (url, _, server) = serve();
    let other = rcgen::generate_simple_self_signed(["localhost".into()]).unwrap();
    let file = in_file(&other.cert.pem());
    let error = ask(&url, Roots::File(file.clone()), Verification::Required);
    std::fs::remove_file(file).unwrap();
    assert!(matches!(error, WebError::Http(HttpError::Handshake { .. })), "{error:?}");
    assert_eq!(server.join().unwrap(), "");
}

#[test]
fn anybody_is_trusted_where_that_was_asked_for() {
    let (url, _, server) = serve();
    let error = ask(&url, Roots::System, Verification::DangerSkipped);
    assert!(matches!(error, WebError::NotFound(_)), "{error:?}");
    server.join().unwrap();
}

#[test]
fn an_authoritys_certificate_is_none_of_a_server_and_that_is_said() {
    let mut params = rcgen::CertificateParams::new(["localhost".into()]).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    let (url, pem, server) = serve_with(params);
    let env = TestEnv::new();
    env.secret("ca.pem", pem);
    let run = env.i3(&format!("login --cafile ca.pem --market {url}"));
    run.fails(77, &["an authority's (CA:TRUE)", "basicConstraints=critical,CA:FALSE", "subjectAltName"]);
    assert_eq!(server.join().unwrap(), "");
}

#[test]
fn certificates_of_version_1_and_without_a_name_are_taken_where_anybody_is() {
    for name in ["v1-rsa", "v1-ec", "cn-only"] {
        let (_, certificate, key) = made_by_openssl(name);
        let (url, server) = serve_as(certificate, &key);
        let error = ask(&url, Roots::System, Verification::DangerSkipped);
        assert!(matches!(error, WebError::NotFound(_)), "{name}: {error:?}");
        assert!(server.join().unwrap().starts_with("GET /accounts/login/ HTTP/1.1\r\n"));
    }
}

#[test]
fn a_server_that_does_not_hold_the_key_of_its_certificate_is_nobody() {
    let (_, certificate, _) = made_by_openssl("v1-rsa");
    let (_, _, other) = made_by_openssl("cn-only");
    let (url, server) = serve_as(certificate, &other);
    let error = ask(&url, Roots::System, Verification::DangerSkipped);
    assert!(matches!(error, WebError::Http(HttpError::Handshake { .. })), "{error:?}");
    assert_eq!(server.join().unwrap(), "");
}

#[test]
fn a_certificate_without_a_host_name_is_said_to_be_one() {
    let env = TestEnv::new();
    let foreign = in_file(&rcgen::generate_simple_self_signed(["localhost".into()]).unwrap().cert.pem());
    for (name, says) in
        [("v1-rsa", "X.509 version 1"), ("v1-ec", "X.509 version 1"), ("cn-only", "the certificate has no")]
    {
        // Its authority is trusted, and then not: either way the name must be fixed first.
        for trusted in [name, "other"] {
            let (file, certificate, key) = made_by_openssl(name);
            let (url, server) = serve_as(certificate, &key);
            let roots = if trusted == name { file } else { foreign.clone() };
            let run = env.i3(&format!("login --market {url} --cafile {}", roots.display()));
            let hint = "subjectAltName=DNS:HOST";
            run.fails(77, &[says, "only the common name 'localhost'", hint, "--insecure connects"]);
            assert_eq!(server.join().unwrap(), "");
        }
    }
    std::fs::remove_file(foreign).unwrap();
}

//! A server's end of TLS, with its own certificate; and the certificates of clients.

use std::net::TcpListener;
use std::sync::Arc;
use std::sync::mpsc::{self, Receiver};

use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, DnType, ExtendedKeyUsagePurpose, IsCa, KeyPair};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::danger::ClientCertVerifier;
use rustls::server::{NoClientAuth, WebPkiClientVerifier};
use rustls::{RootCertStore, ServerConfig};
use tokio::io::{copy, copy_bidirectional, sink};
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

/// A certificate for `localhost` and 127.0.0.1, valid from 2025 to 2039, and the settings of a server that shows it.
pub struct TlsServer {
    pub pem: String,
    pub der: Vec<u8>,
    pub config: Arc<ServerConfig>,
}

/// What a server wants of its clients.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Clients {
    /// It asks each for a certificate.
    Asked,
    /// It takes none without a certificate.
    Known,
}

impl TlsServer {
    pub fn new() -> TlsServer {
        TlsServer::with(Arc::new(NoClientAuth))
    }

    /// One that knows clients by the certificates of this authority.
    pub fn of(ca: &CertifiedIssuer<'_, KeyPair>, clients: Clients) -> TlsServer {
        let mut roots = RootCertStore::empty();
        roots.add(ca.der().clone()).unwrap();
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
        let verifier = if clients == Clients::Asked { verifier.allow_unauthenticated() } else { verifier };
        TlsServer::with(verifier.build().unwrap())
    }

    fn with(clients: Arc<dyn ClientCertVerifier>) -> TlsServer {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(["localhost".into(), "127.0.0.1".into()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2025, 1, 1);
        params.not_after = rcgen::date_time_ymd(2039, 1, 1);
        let cert = params.self_signed(&key).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_client_cert_verifier(clients)
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        TlsServer { pem: cert.pem(), der: cert.der().to_vec(), config: Arc::new(config) }
    }

    /// Starts a proxy that terminates TLS and forwards the contents to `port`. Returns its port.
    pub fn before(&self, port: u16) -> u16 {
        self.telling(port).0
    }

    /// The same, and whether each client has shown a certificate.
    pub fn telling(&self, port: u16) -> (u16, Receiver<bool>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let own = listener.local_addr().unwrap().port();
        let acceptor = TlsAcceptor::from(Arc::clone(&self.config));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        let (shown, showed) = mpsc::channel();
        std::thread::spawn(move || {
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                loop {
                    let (client, _) = listener.accept().await.unwrap();
                    let (acceptor, shown) = (acceptor.clone(), shown.clone());
                    // A server that is down ends the connection.
                    tokio::spawn(async move {
                        let mut client = match acceptor.accept(client).into_fallible().await {
                            Ok(client) => client,
                            // Until the client has read why, and closes.
                            Err((_, mut client)) => return copy(&mut client, &mut sink()).await.map(|read| (read, 0)),
                        };
                        // Whoever does not want to know has gone.
                        let _ = shown.send(client.get_ref().1.peer_certificates().is_some());
                        let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
                        copy_bidirectional(&mut client, &mut server).await
                    });
                }
            })
        });
        (own, showed)
    }
}

/// Makes an authority for certificates.
pub fn authority(name: &str) -> CertifiedIssuer<'static, KeyPair> {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name.push(DnType::CommonName, name);
    CertifiedIssuer::self_signed(params, KeyPair::generate().unwrap()).unwrap()
}

/// Makes a client's certificate and key.
pub fn client_of(ca: &CertifiedIssuer<'static, KeyPair>, change: fn(&mut CertificateParams)) -> (String, String) {
    let mut params = CertificateParams::new(vec![]).unwrap();
    params.distinguished_name.push(DnType::CommonName, "a seller");
    params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    change(&mut params);
    let key = KeyPair::generate().unwrap();
    (params.signed_by(&key, ca).unwrap().pem(), key.serialize_pem())
}

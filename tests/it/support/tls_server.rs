//! A server's end of TLS, with a certificate of its own.

use std::net::TcpListener;
use std::sync::Arc;

use rustls::ServerConfig;
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use tokio::io::copy_bidirectional;
use tokio::net::TcpStream;
use tokio_rustls::TlsAcceptor;

/// A certificate for `localhost` and 127.0.0.1, valid from 2025 to 2039, and the settings of a server that shows it.
pub struct TlsServer {
    pub pem: String,
    pub der: Vec<u8>,
    pub config: Arc<ServerConfig>,
}

impl TlsServer {
    pub fn new() -> TlsServer {
        let key = rcgen::KeyPair::generate().unwrap();
        let mut params = rcgen::CertificateParams::new(["localhost".into(), "127.0.0.1".into()]).unwrap();
        params.not_before = rcgen::date_time_ymd(2025, 1, 1);
        params.not_after = rcgen::date_time_ymd(2039, 1, 1);
        let cert = params.self_signed(&key).unwrap();
        let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_safe_default_protocol_versions()
            .unwrap()
            .with_no_client_auth()
            .with_single_cert(vec![cert.der().clone()], key)
            .unwrap();
        TlsServer { pem: cert.pem(), der: cert.der().to_vec(), config: Arc::new(config) }
    }

    /// Starts a proxy that ends TLS and passes on to `port` what is inside. Returns its port.
    pub fn before(&self, port: u16) -> u16 {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        listener.set_nonblocking(true).unwrap();
        let own = listener.local_addr().unwrap().port();
        let acceptor = TlsAcceptor::from(Arc::clone(&self.config));
        let runtime = tokio::runtime::Builder::new_current_thread().enable_io().build().unwrap();
        std::thread::spawn(move || {
            runtime.block_on(async {
                let listener = tokio::net::TcpListener::from_std(listener).unwrap();
                loop {
                    let (client, _) = listener.accept().await.unwrap();
                    let acceptor = acceptor.clone();
                    // A handshake that fails, or a server that is down, ends the connection.
                    tokio::spawn(async move {
                        let mut client = acceptor.accept(client).await?;
                        let mut server = TcpStream::connect(("127.0.0.1", port)).await?;
                        copy_bidirectional(&mut client, &mut server).await
                    });
                }
            })
        });
        own
    }
}

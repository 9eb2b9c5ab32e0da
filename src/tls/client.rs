//! A client's TLS settings, and whether a server requested a certificate, which explains a failed handshake.

use std::io;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use std::sync::atomic::Ordering::Relaxed;

use rustls::client::ResolvesClientCert;
use rustls::sign::CertifiedKey;
use rustls::{ClientConfig, SignatureScheme};

use super::failure;
use super::fault::ClientSide;

/// The settings of connections to one server.
#[derive(Debug, Clone)]
pub struct TlsClient {
    pub config: Arc<ClientConfig>,
    asked: Arc<AtomicBool>,
}

impl TlsClient {
    /// Notes whether a server requests the client's certificate.
    pub(super) fn new(mut config: ClientConfig) -> TlsClient {
        let asked = Arc::new(AtomicBool::new(false));
        let of_client = Arc::clone(&config.client_auth_cert_resolver);
        config.client_auth_cert_resolver = Arc::new(Watched { of_client, asked: Arc::clone(&asked) });
        TlsClient { config: Arc::new(config), asked }
    }

    /// Returns the same failure in plain words, if it is one of TLS.
    pub fn told(&self, error: io::Error) -> io::Error {
        let presented = self.config.client_auth_cert_resolver.has_certs();
        failure::told(error, ClientSide { presented, asked: self.asked.swap(false, Relaxed) })
    }
}

/// The client's certificate, and whether it was requested.
#[derive(Debug)]
struct Watched {
    of_client: Arc<dyn ResolvesClientCert>,
    asked: Arc<AtomicBool>,
}

impl ResolvesClientCert for Watched {
    fn resolve(&self, root_hints: &[&[u8]], schemes: &[SignatureScheme]) -> Option<Arc<CertifiedKey>> {
        self.asked.store(true, Relaxed);
        self.of_client.resolve(root_hints, schemes)
    }

    fn only_raw_public_keys(&self) -> bool {
        self.of_client.only_raw_public_keys()
    }

    fn has_certs(&self) -> bool {
        self.of_client.has_certs()
    }
}

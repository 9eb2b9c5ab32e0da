//! Who a server has to be: what webpki says, with more to say about a certificate that names no host; or anybody.

use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, OtherError, PeerMisbehaved, SignatureScheme};

use super::certificate::{Certificate, SubjectKey};

/// A server's certificate that no client takes which checks the host name as it should (RFC 6125 §6.4.4, RFC 9525 §2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{}{}{}", match version {
    1 => "the certificate is X.509 version 1, which has no subjectAltName",
    _ => "the certificate has no subjectAltName",
}, common_name.as_ref().map(|name| format!(", only the common name '{name}'")).unwrap_or_default(),
besides.as_ref().map(|besides| format!("; besides, {besides}")).unwrap_or_default())]
pub struct NamesNoHost {
    /// 1, 2 or 3.
    pub version: u8,
    pub common_name: Option<String>,
    /// What is wrong with it as well.
    pub besides: Option<String>,
}

/// The certificate's fault, if that is why a connection failed.
pub fn names_no_host<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a NamesNoHost> {
    let mut next = Some(error);
    while let Some(error) = next {
        // An I/O error passes over what it wraps, and goes on with the source of that.
        let wrapped = error.downcast_ref::<std::io::Error>().and_then(std::io::Error::get_ref);
        let error: &(dyn std::error::Error + 'static) = wrapped.map_or(error, |wrapped| wrapped);
        if let Some(rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(other)))) =
            error.downcast_ref()
        {
            return other.downcast_ref();
        }
        next = error.source();
    }
    None
}

/// webpki's verifier, which takes a certificate without a name for one with another name, and one of version 1 for no
/// certificate.
#[derive(Debug)]
pub(super) struct Named(pub Arc<WebPkiServerVerifier>);

impl ServerCertVerifier for Named {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        self.0
            .verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now)
            .map_err(|error| explained(error, end_entity))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls12_signature(message, certificate, signed)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.0.verify_tls13_signature(message, certificate, signed)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_verify_schemes()
    }
}

/// Says of a refused certificate that it names no host, if so: no trusted root would help it.
fn explained(error: rustls::Error, der: &CertificateDer<'_>) -> rustls::Error {
    let Some(certificate) = Certificate::parse(der).filter(|certificate| !certificate.has_alternative_name) else {
        return error;
    };
    let besides = match &error {
        // Before the names; version 1 ends it earlier still.
        rustls::Error::InvalidCertificate(
            e @ (CertificateError::UnknownIssuer
            | CertificateError::Expired
            | CertificateError::ExpiredContext { .. }
            | CertificateError::NotValidYet
            | CertificateError::NotValidYetContext { .. }
            | CertificateError::BadSignature),
        ) => Some(e.to_string()),
        _ => None,
    };
    let common_name = certificate.common_name.map(String::from);
    let fault = NamesNoHost { version: certificate.version, common_name, besides };
    CertificateError::Other(OtherError(Arc::new(fault))).into()
}

/// Takes any certificate, but still checks that the peer holds its key, as the handshake asks.
#[derive(Debug)]
pub(super) struct Anybody(WebPkiSupportedAlgorithms);

impl Anybody {
    pub fn new(provider: &CryptoProvider) -> Anybody {
        Anybody(provider.signature_verification_algorithms)
    }
}

impl ServerCertVerifier for Anybody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_with_key(message, parsed(certificate)?.key(), signed, &self.0)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature_with_raw_key(message, &parsed(certificate)?.key().info(), signed, &self.0)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

fn parsed<'a>(der: &'a CertificateDer<'_>) -> Result<Certificate<'a>, rustls::Error> {
    Certificate::parse(der).ok_or_else(|| CertificateError::BadEncoding.into())
}

/// As rustls does it for TLS 1.2, which has a function for a key without its certificate for TLS 1.3 only (RFC 5246 §7.4.3).
fn verify_with_key(
    message: &[u8],
    key: &SubjectKey<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, rustls::Error> {
    let scheme = algorithms.mapping.iter().find(|(scheme, _)| *scheme == signed.scheme);
    let (_, possible) = scheme.ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
    // A scheme of TLS 1.2 leaves the curve open.
    let fitting = possible.iter().find(|algorithm| algorithm.public_key_alg_id().as_ref() == key.algorithm);
    match fitting.map(|algorithm| algorithm.verify_signature(key.bits, message, signed.signature())) {
        Some(Ok(())) => Ok(HandshakeSignatureValid::assertion()),
        _ => Err(CertificateError::BadSignature.into()),
    }
}

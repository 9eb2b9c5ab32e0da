//! The two ways to verify a server's certificate: as webpki does, with a better error if it names no host; or not at all.

use std::io;
use std::sync::Arc;

use rustls::client::WebPkiServerVerifier;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, OtherError, PeerMisbehaved, SignatureScheme};

use super::certificate::{Certificate, SubjectKey};

/// A certificate without a subjectAltName, which no client accepts that checks the host name by RFC 6125 §6.4.4 and RFC 9525 §2.
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

/// Returns what is wrong with the certificate, if a missing subjectAltName is why a connection failed.
pub fn names_no_host<'a>(error: &'a (dyn std::error::Error + 'static)) -> Option<&'a NamesNoHost> {
    let mut next = Some(error);
    while let Some(error) = next {
        // The source of an I/O error is the source of the error that it wraps.
        let wrapped = error.downcast_ref::<io::Error>().and_then(io::Error::get_ref);
        let error: &(dyn std::error::Error + 'static) = wrapped.map_or(error, |wrapped| wrapped);
        if let Some(found) = error.downcast_ref() {
            return Some(found);
        }
        if let Some(rustls::Error::InvalidCertificate(CertificateError::Other(OtherError(other)))) =
            error.downcast_ref()
        {
            return other.downcast_ref();
        }
        next = error.source();
    }
    None
}

/// webpki's verifier with a better error: webpki reports a certificate without a name as one for another name, and one of
/// version 1 as malformed.
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

/// Replaces the error if the certificate names no host: then no trusted root would make it acceptable.
fn explained(error: rustls::Error, der: &CertificateDer<'_>) -> rustls::Error {
    let Some(certificate) = Certificate::parse(der).filter(|certificate| !certificate.has_alternative_name) else {
        return error;
    };
    let besides = match &error {
        // webpki checks these before the names, and the version before all of them.
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

/// Accepts any certificate, but still checks that the server has its private key, as the handshake requires.
#[derive(Debug)]
pub(super) struct AcceptAnyCertificate(WebPkiSupportedAlgorithms);

impl AcceptAnyCertificate {
    pub fn new(provider: &CryptoProvider) -> AcceptAnyCertificate {
        AcceptAnyCertificate(provider.signature_verification_algorithms)
    }
}

impl ServerCertVerifier for AcceptAnyCertificate {
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

#[cfg(test)]
mod tests {
    use rustls::pki_types::PrivateKeyDer;
    use rustls::pki_types::pem::PemObject as _;
    use rustls::sign::{CertifiedKey, SingleCertAndKey};
    use rustls::version::{TLS12, TLS13};
    use rustls::{ClientConnection, ServerConfig, ServerConnection, SupportedProtocolVersion};

    use super::super::{Roots, Verification, client_config};
    use super::*;

    const V1_RSA: [&[u8]; 2] = [
        include_bytes!("../../tests/vectors/certificates/v1-rsa.pem"),
        include_bytes!("../../tests/vectors/certificates/v1-rsa.key"),
    ];
    const V1_EC: [&[u8]; 2] = [
        include_bytes!("../../tests/vectors/certificates/v1-ec.pem"),
        include_bytes!("../../tests/vectors/certificates/v1-ec.key"),
    ];
    const CN_ONLY: [&[u8]; 2] = [
        include_bytes!("../../tests/vectors/certificates/cn-only.pem"),
        include_bytes!("../../tests/vectors/certificates/cn-only.key"),
    ];

    /// A whole handshake in memory, with a server that shows `certificate` and signs with `key`.
    fn shake_hands(
        verification: Verification,
        version: &'static SupportedProtocolVersion,
        certificate: &[u8],
        key: &[u8],
    ) -> Result<(), rustls::Error> {
        let certificate = CertificateDer::from_pem_slice(certificate).unwrap();
        let key = PrivateKeyDer::from_pem_slice(key).unwrap();
        let key = rustls::crypto::ring::sign::any_supported_type(&key).unwrap();
        let shown = SingleCertAndKey::from(CertifiedKey::new(vec![certificate], key));
        let config = ServerConfig::builder_with_provider(Arc::new(rustls::crypto::ring::default_provider()))
            .with_protocol_versions(&[version])
            .unwrap()
            .with_no_client_auth()
            .with_cert_resolver(Arc::new(shown));
        let mut server = ServerConnection::new(Arc::new(config)).unwrap();
        let roots = Roots::File(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/vectors/certificates/cn-only.pem").into());
        let config = client_config(&roots, verification).unwrap();
        let mut client = ClientConnection::new(config, "localhost".try_into().unwrap()).unwrap();
        while client.is_handshaking() {
            let mut bytes = Vec::new();
            while client.wants_write() {
                client.write_tls(&mut bytes).unwrap();
            }
            server.read_tls(&mut &bytes[..]).unwrap();
            server.process_new_packets().unwrap();
            let mut bytes = Vec::new();
            while server.wants_write() {
                server.write_tls(&mut bytes).unwrap();
            }
            client.read_tls(&mut &bytes[..]).unwrap();
            client.process_new_packets()?;
        }
        Ok(())
    }

    #[test]
    fn anybody_is_taken_who_holds_the_key_of_the_certificate_whatever_that_is_like() {
        for version in [&TLS12, &TLS13] {
            for [certificate, key] in [V1_RSA, V1_EC, CN_ONLY] {
                assert_eq!(shake_hands(Verification::DangerSkipped, version, certificate, key), Ok(()));
            }
        }
    }

    #[test]
    fn whoever_does_not_hold_the_key_of_the_certificate_is_not_taken() {
        for version in [&TLS12, &TLS13] {
            let shaken = shake_hands(Verification::DangerSkipped, version, V1_RSA[0], CN_ONLY[1]);
            assert_eq!(shaken, Err(CertificateError::BadSignature.into()));
        }
        // Another key of the same curve.
        let other = rcgen::KeyPair::generate().unwrap().serialize_pem();
        for version in [&TLS12, &TLS13] {
            let shaken = shake_hands(Verification::DangerSkipped, version, V1_EC[0], other.as_bytes());
            assert_eq!(shaken, Err(CertificateError::BadSignature.into()));
        }
    }

    #[test]
    fn a_certificate_without_a_host_name_is_refused_and_named() {
        for ([certificate, key], version) in [(V1_RSA, 1), (V1_EC, 1), (CN_ONLY, 3)] {
            let error = shake_hands(Verification::Required, &TLS13, certificate, key).unwrap_err();
            let io = io::Error::new(io::ErrorKind::InvalidData, error);
            let found = names_no_host(&io).unwrap().clone();
            assert_eq!((found.version, found.common_name.as_deref()), (version, Some("localhost")));
            assert_eq!(found.besides, None);
            assert!(crate::tls::told(io).to_string().contains("no subjectAltName, only the common name 'localhost'"));
        }
        assert!(names_no_host(&io::Error::other("of another kind")).is_none());
    }

    #[test]
    fn what_is_wrong_besides_is_told_as_well() {
        let key = rcgen::KeyPair::generate().unwrap();
        let unknown = rcgen::CertificateParams::new(vec![]).unwrap().self_signed(&key).unwrap();
        let error =
            shake_hands(Verification::Required, &TLS13, unknown.pem().as_bytes(), key.serialize_pem().as_bytes());
        let error = error.unwrap_err();
        assert!(names_no_host(&error).unwrap().to_string().contains("; besides, "), "{error}");
        // One with a name is what webpki says it is.
        let named = rcgen::CertificateParams::new(vec!["localhost".into()]).unwrap().self_signed(&key).unwrap();
        let pem = (named.pem(), key.serialize_pem());
        let error = shake_hands(Verification::Required, &TLS13, pem.0.as_bytes(), pem.1.as_bytes());
        assert_eq!(error, Err(CertificateError::UnknownIssuer.into()));
    }
}

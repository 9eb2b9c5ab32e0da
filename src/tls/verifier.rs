//! The two ways to verify a server's certificate: like webpki, with specific errors; or not at all.

use std::sync::Arc;

use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::client::{VerifierBuilderError, WebPkiServerVerifier};
use rustls::crypto::{CryptoProvider, WebPkiSupportedAlgorithms, verify_tls13_signature_with_raw_key};
use rustls::pki_types::{CertificateDer, ServerName, UnixTime};
use rustls::{CertificateError, DigitallySignedStruct, PeerMisbehaved, RootCertStore, SignatureScheme};

use super::certificate::{Certificate, SubjectKey, subject_key_in};
use super::fault::{ClientSide, TlsFault};

/// Shortest RSA modulus, in bits, that ring accepts for verification.
const RSA_MIN: usize = 2048;

/// webpki's verifier with errors that help people find the fault: webpki reports a certificate without a name as one for
/// another name, one of version 1 as malformed, and a key that is too short as a bad signature.
#[derive(Debug)]
pub(super) struct Explaining {
    verifier: Arc<WebPkiServerVerifier>,
    roots: Arc<RootCertStore>,
}

impl Explaining {
    /// # Errors
    /// There is no root.
    pub fn new(roots: Arc<RootCertStore>, provider: &Arc<CryptoProvider>) -> Result<Explaining, VerifierBuilderError> {
        let verifier = WebPkiServerVerifier::builder_with_provider(Arc::clone(&roots), Arc::clone(provider)).build()?;
        Ok(Explaining { verifier, roots })
    }
}

impl ServerCertVerifier for Explaining {
    fn verify_server_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        server_name: &ServerName<'_>,
        ocsp_response: &[u8],
        now: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        let verified = self.verifier.verify_server_cert(end_entity, intermediates, server_name, ocsp_response, now);
        verified.map_err(|error| explained(error, end_entity, intermediates, &self.roots))
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier
            .verify_tls12_signature(message, certificate, signed)
            .map_err(|error| short_key(error, certificate))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        self.verifier
            .verify_tls13_signature(message, certificate, signed)
            .map_err(|error| short_key(error, certificate))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.verifier.supported_verify_schemes()
    }
}

/// Replaces the error with what the certificates of the chain show.
fn explained(
    error: rustls::Error,
    leaf: &CertificateDer<'_>,
    intermediates: &[CertificateDer<'_>],
    roots: &RootCertStore,
) -> rustls::Error {
    let rustls::Error::InvalidCertificate(said) = &error else { return error };
    let Some(certificate) = Certificate::parse(leaf) else { return error };
    let authorities: Vec<_> = intermediates.iter().filter_map(|der| Certificate::parse(der)).collect();
    let fault = seen(said, &certificate, &authorities, roots);
    if certificate.has_alternative_name {
        return fault.map_or(error, TlsFault::into_error);
    }
    // Then no trusted root would make it acceptable. webpki checks the names last, and the version first.
    let besides = match said {
        CertificateError::NotValidForName | CertificateError::NotValidForNameContext { .. } => None,
        CertificateError::Other(_) | CertificateError::BadEncoding => None,
        _ => Some(Box::new(fault.unwrap_or_else(|| TlsFault::of(&error, ClientSide::default())))),
    };
    let common_name = certificate.common_name.map(String::from);
    let fault = match certificate.version {
        1 => TlsFault::Version1 { common_name, besides },
        _ => TlsFault::NoName { common_name, besides },
    };
    fault.into_error()
}

/// Returns what the chain shows beyond the error, if it does.
fn seen(
    said: &CertificateError,
    certificate: &Certificate<'_>,
    authorities: &[Certificate<'_>],
    roots: &RootCertStore,
) -> Option<TlsFault> {
    match said {
        CertificateError::UnknownIssuer if certificate.is_self_issued => Some(TlsFault::SelfSigned),
        CertificateError::UnknownIssuer => {
            // The issuer of the last one is missing.
            let last = authorities.iter().rev().find(|authority| !authority.is_self_issued).unwrap_or(certificate);
            Some(TlsFault::UnknownAuthority { issuer: last.issuer_name.map(String::from) })
        }
        CertificateError::NotValidForNameContext { expected, .. } => {
            let (host, names) = (expected.to_str().into_owned(), certificate.names.clone());
            Some(if names.is_empty() { TlsFault::NoHost { host } } else { TlsFault::OtherName { host, names } })
        }
        CertificateError::UnsupportedSignatureAlgorithmContext { .. } => {
            let of_leaf = certificate.forgeable_hash().map(|hash| (hash, false));
            let found = of_leaf.or_else(|| authorities.iter().find_map(Certificate::forgeable_hash).map(|h| (h, true)));
            found.map(|(hash, of_authority)| TlsFault::WeakSignature { hash, of_authority })
        }
        CertificateError::BadSignature => {
            let of_chain = authorities.iter().filter_map(|authority| authority.key().rsa_bits());
            let signed = || std::iter::once(certificate).chain(authorities);
            let of_roots = roots.roots.iter().filter(|root| signed().any(|one| one.is_issued_by(&root.subject)));
            let of_roots = of_roots.filter_map(|root| subject_key_in(&root.subject_public_key_info)?.rsa_bits());
            Some(match of_chain.chain(of_roots).find(|bits| *bits < RSA_MIN) {
                Some(bits) => TlsFault::WeakKey { bits, of_authority: !certificate.is_self_issued },
                None => TlsFault::OtherAuthority {
                    issuer: authorities.last().unwrap_or(certificate).issuer_name.map(String::from),
                },
            })
        }
        _ => None,
    }
}

/// Replaces the error of a handshake's signature if the key is too short, which ring refuses to verify with.
fn short_key(error: rustls::Error, certificate: &CertificateDer<'_>) -> rustls::Error {
    let bits = Certificate::parse(certificate).and_then(|certificate| certificate.key().rsa_bits());
    match bits.filter(|bits| *bits < RSA_MIN) {
        Some(bits) => TlsFault::WeakKey { bits, of_authority: false }.into_error(),
        None => error,
    }
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
            .map_err(|error| short_key(error, certificate))
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        verify_tls13_signature_with_raw_key(message, &parsed(certificate)?.key().info(), signed, &self.0)
            .map_err(|error| short_key(error, certificate))
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        self.0.supported_schemes()
    }
}

fn parsed<'a>(der: &'a CertificateDer<'_>) -> Result<Certificate<'a>, rustls::Error> {
    Certificate::parse(der).ok_or_else(|| CertificateError::BadEncoding.into())
}

/// As rustls does for TLS 1.2, because its function for a key without its certificate supports only TLS 1.3 (RFC 5246 §7.4.3).
fn verify_with_key(
    message: &[u8],
    key: &SubjectKey<'_>,
    signed: &DigitallySignedStruct,
    algorithms: &WebPkiSupportedAlgorithms,
) -> Result<HandshakeSignatureValid, rustls::Error> {
    let scheme = algorithms.mapping.iter().find(|(scheme, _)| *scheme == signed.scheme);
    let (_, possible) = scheme.ok_or(PeerMisbehaved::SignedHandshakeWithUnadvertisedSigScheme)?;
    // A TLS 1.2 scheme does not determine the curve.
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

    use std::io;

    use super::super::fault::fault;
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

    /// A whole handshake in memory, with a server that presents `certificate` and signs with `key`.
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
        let mut client = ClientConnection::new(config.config, "localhost".try_into().unwrap()).unwrap();
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
            let common_name = Some("localhost".to_string());
            let expected = match version {
                1 => TlsFault::Version1 { common_name, besides: None },
                _ => TlsFault::NoName { common_name, besides: None },
            };
            assert_eq!(fault(&io), Some(expected));
            let told = crate::tls::failure::told(io, ClientSide::default()).to_string();
            assert!(told.contains("no subjectAltName, only the common name 'localhost'"), "{told}");
        }
        assert_eq!(fault(&io::Error::other("of another kind")), None);
    }

    #[test]
    fn what_is_wrong_besides_is_told_as_well() {
        let key = rcgen::KeyPair::generate().unwrap();
        let unknown = rcgen::CertificateParams::new(vec![]).unwrap().self_signed(&key).unwrap();
        let error =
            shake_hands(Verification::Required, &TLS13, unknown.pem().as_bytes(), key.serialize_pem().as_bytes());
        let error = error.unwrap_err();
        let told = fault(&error).unwrap().to_string();
        assert!(told.contains("; besides, the certificate is self-signed"), "{told}");
        let named = rcgen::CertificateParams::new(vec!["localhost".into()]).unwrap().self_signed(&key).unwrap();
        let pem = (named.pem(), key.serialize_pem());
        let error = shake_hands(Verification::Required, &TLS13, pem.0.as_bytes(), pem.1.as_bytes());
        assert_eq!(fault(&error.unwrap_err()), Some(TlsFault::SelfSigned));
    }
}

//! The parts of an X.509 certificate that a verifier needs, read from its DER (RFC 5280 §4.1).
//!
//! webpki reads only version 3. I3 instances have certificates of version 1 (I3 facts §6.4), whose key is at the
//! same place.

use std::net::IpAddr;

use pkcs8::der::asn1::AnyRef;
use pkcs8::der::{Decode as _, Reader as _, SliceReader, Tag, TagNumber};
use rustls::pki_types::SubjectPublicKeyInfoDer;

/// id-ce-subjectAltName, 2.5.29.17.
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
/// The hashes that can be forged, by the algorithms of signatures that use them (RFC 8017 §A.2.4, RFC 3279 §2.2): RSA with MD5,
/// RSA with SHA-1, DSA with SHA-1, ECDSA with SHA-1.
const FORGEABLE: [(&[u8], &str); 4] = [
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x04], "MD5"),
    (&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x05], "SHA-1"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04, 0x03], "SHA-1"),
    (&[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x04, 0x01], "SHA-1"),
];
/// rsaEncryption, 1.2.840.113549.1.1.1.
const RSA: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01, 0x01];
/// Tags of a GeneralName (RFC 5280 §4.2.1.6): dNSName and iPAddress.
const DNS_NAME: u8 = 0x82;
const IP_ADDRESS: u8 = 0x87;
/// id-at-commonName, 2.5.4.3.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// Longest common name (RFC 5280 §A.1, ub-common-name).
const COMMON_NAME_MAX: usize = 64;

/// The relevant parts of a certificate. Texts can be shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate<'a> {
    /// 1, 2 or 3.
    pub version: u8,
    /// The key that the holder signs with.
    key: SubjectKey<'a>,
    /// The subject's common name, if it can be shown.
    pub common_name: Option<&'a str>,
    /// Whether there is an extension with the names that the certificate is for.
    pub has_alternative_name: bool,
    /// The host names and addresses in it.
    pub names: Vec<String>,
    /// The issuer's common name.
    pub issuer_name: Option<&'a str>,
    /// The issuer, in DER.
    issuer: &'a [u8],
    /// Whether the issuer is the subject.
    pub is_self_issued: bool,
    /// The object identifier of the signature's algorithm, without tag and length.
    signature: &'a [u8],
}

/// A SubjectPublicKeyInfo and its parts, as in the certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SubjectKey<'a> {
    /// All of it.
    whole: &'a [u8],
    /// The contents of the AlgorithmIdentifier, without tag and length.
    pub algorithm: &'a [u8],
    /// The bits of the key.
    pub bits: &'a [u8],
}

impl SubjectKey<'_> {
    /// All of it, for rustls.
    pub fn info(&self) -> SubjectPublicKeyInfoDer<'_> {
        self.whole.into()
    }

    /// Returns the bits of the modulus; `None` if it is not RSA.
    pub fn rsa_bits(&self) -> Option<usize> {
        let modulus = rsa_modulus(self.algorithm, self.bits)?;
        let modulus = &modulus[modulus.iter().position(|byte| *byte != 0)?..];
        Some(8 * modulus.len() - modulus[0].leading_zeros() as usize)
    }
}

impl<'a> Certificate<'a> {
    /// Parses a certificate; `None` if it is not one. Its own signature is not checked.
    pub fn parse(der: &'a [u8]) -> Option<Certificate<'a>> {
        let mut outer = children(only(der, Tag::Sequence)?);
        let signed = outer.next()??;
        let signature = children(contents(outer.next()??, Tag::Sequence)?).next()??;
        let mut fields = children(contents(signed, Tag::Sequence)?);
        let mut field = fields.next()??;
        let version = match explicit(field, 0) {
            Some(number) => {
                field = fields.next()??;
                match only(number, Tag::Integer)? {
                    [number @ 0..=2] => number + 1,
                    _ => return None,
                }
            }
            None => 1,
        };
        contents(field, Tag::Integer)?;
        // The algorithm of the signature again.
        contents(fields.next()??, Tag::Sequence)?;
        let issuer = contents(fields.next()??, Tag::Sequence)?;
        // The validity period.
        contents(fields.next()??, Tag::Sequence)?;
        let subject = contents(fields.next()??, Tag::Sequence)?;
        let key = subject_key(fields.next()??)?;
        let (mut has_alternative_name, mut names) = (false, Vec::new());
        for field in fields {
            if let Some(extensions) = explicit(field?, 3) {
                for extension in children(only(extensions, Tag::Sequence)?) {
                    if let Some(found) = alternative_names(extension?) {
                        has_alternative_name = true;
                        names.extend(found);
                    }
                }
            }
        }
        Some(Certificate {
            version,
            key,
            common_name: common_name(subject),
            has_alternative_name,
            names,
            issuer_name: common_name(issuer),
            issuer,
            is_self_issued: issuer == subject,
            signature: contents(signature, Tag::ObjectIdentifier)?,
        })
    }

    /// Returns the hash of the signature if that can be forged.
    pub fn forgeable_hash(&self) -> Option<&'static str> {
        FORGEABLE.iter().find(|(algorithm, _)| *algorithm == self.signature).map(|(_, hash)| *hash)
    }

    /// Returns whether this is the issuer's name, the contents of an X.501 name.
    pub fn is_issued_by(&self, name: &[u8]) -> bool {
        self.issuer == name
    }

    /// The key that the holder signs with.
    pub fn key(&self) -> &SubjectKey<'a> {
        &self.key
    }
}

/// Parses the contents of a SubjectPublicKeyInfo, as in a trust anchor, which lacks the outer element.
pub fn subject_key_in(contents_of_it: &[u8]) -> Option<SubjectKey<'_>> {
    parts(contents_of_it, contents_of_it)
}

fn subject_key(whole: &[u8]) -> Option<SubjectKey<'_>> {
    parts(whole, contents(whole, Tag::Sequence)?)
}

fn parts<'a>(whole: &'a [u8], parts: &'a [u8]) -> Option<SubjectKey<'a>> {
    let mut parts = children(parts);
    let algorithm = contents(parts.next()??, Tag::Sequence)?;
    // Whole octets: no bit of the last one is unused.
    let (&0, bits) = contents(parts.next()??, Tag::BitString)?.split_first()? else { return None };
    parts.next().is_none().then_some(SubjectKey { whole, algorithm, bits })
}

fn rsa_modulus<'a>(algorithm: &'a [u8], bits: &'a [u8]) -> Option<&'a [u8]> {
    let is_rsa = contents(children(algorithm).next()??, Tag::ObjectIdentifier)? == RSA;
    is_rsa.then(|| contents(children(only(bits, Tag::Sequence)?).next()??, Tag::Integer))?
}

/// The host names and addresses of an extension; `None` if it is not a subjectAltName.
fn alternative_names(extension: &[u8]) -> Option<Vec<String>> {
    let parts: Vec<_> = children(contents(extension, Tag::Sequence)?).collect::<Option<_>>()?;
    let [id, .., value] = parts[..] else { return None };
    if contents(id, Tag::ObjectIdentifier)? != SUBJECT_ALT_NAME {
        return None;
    }
    let names = contents(value, Tag::OctetString).and_then(|names| only(names, Tag::Sequence));
    Some(children(names.unwrap_or_default()).map_while(|name| name).filter_map(alternative_name).collect())
}

fn alternative_name(name: &[u8]) -> Option<String> {
    let value = AnyRef::from_der(name).ok()?.value();
    match *name.first()? {
        DNS_NAME => value.iter().all(u8::is_ascii_graphic).then(|| String::from_utf8_lossy(value).into_owned()),
        IP_ADDRESS => match value.len() {
            4 => <[u8; 4]>::try_from(value).ok().map(|octets| IpAddr::from(octets).to_string()),
            _ => <[u8; 16]>::try_from(value).ok().map(|octets| IpAddr::from(octets).to_string()),
        },
        _ => None,
    }
}

/// The last common name, the most specific one, unless it has characters that must not reach a terminal.
fn common_name(subject: &[u8]) -> Option<&str> {
    let mut found = None;
    for set in children(subject) {
        for attribute in children(contents(set?, Tag::Set)?) {
            if let Some(value) = names(attribute?, Tag::Sequence, COMMON_NAME) {
                found = Some(AnyRef::from_der(value).ok()?.value());
            }
        }
    }
    let plain = |c: char| !c.is_control() && c != char::REPLACEMENT_CHARACTER;
    let text = std::str::from_utf8(found?).ok()?;
    (text.chars().count() <= COMMON_NAME_MAX && text.chars().all(plain)).then_some(text)
}

/// Returns what follows the object identifier `id` in this element, if it begins with that.
fn names<'a>(element: &'a [u8], tag: Tag, id: &[u8]) -> Option<&'a [u8]> {
    let mut parts = children(contents(element, tag)?);
    (contents(parts.next()??, Tag::ObjectIdentifier)? == id).then(|| parts.next()?)?
}

/// Returns the elements in `contents`, each with tag and length; `None` for invalid DER, which ends them.
fn children(contents: &[u8]) -> impl Iterator<Item = Option<&[u8]>> {
    let mut reader = SliceReader::new(contents).ok();
    std::iter::from_fn(move || {
        let left = reader.as_mut().filter(|reader| !reader.is_finished())?;
        let element = left.tlv_bytes().ok();
        if element.is_none() {
            reader = None;
        }
        Some(element)
    })
}

/// Returns the contents of `der`, if that is a single element with this tag.
fn only(der: &[u8], tag: Tag) -> Option<&[u8]> {
    let mut elements = children(der);
    let only = elements.next()??;
    elements.next().is_none().then(|| contents(only, tag))?
}

fn contents(element: &[u8], tag: Tag) -> Option<&[u8]> {
    let element = AnyRef::from_der(element).ok()?;
    (element.header().tag() == tag).then(|| element.value())
}

/// Returns the contents of an element with this context-specific tag.
fn explicit(element: &[u8], number: u32) -> Option<&[u8]> {
    contents(element, Tag::ContextSpecific { constructed: true, number: TagNumber(number) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PublicKeyData as _};
    use rustls::pki_types::CertificateDer;
    use rustls::pki_types::pem::PemObject as _;

    fn made(names: Vec<String>, common_name: &str) -> (Vec<u8>, KeyPair) {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new(names).unwrap();
        params.distinguished_name = DistinguishedName::new();
        params.distinguished_name.push(DnType::CommonName, common_name);
        params.distinguished_name.push(DnType::OrganizationName, "I3");
        (params.self_signed(&key).unwrap().der().to_vec(), key)
    }

    #[test]
    fn key_names_and_version_are_found() {
        let (der, key) = made(vec!["localhost".into()], "broker");
        let found = Certificate::parse(&der).unwrap();
        assert_eq!((found.version, found.common_name, found.has_alternative_name), (3, Some("broker"), true));
        assert_eq!(found.key().info().as_ref(), key.subject_public_key_info());
        let (der, _) = made(vec![], "broker");
        assert!(!Certificate::parse(&der).unwrap().has_alternative_name);
    }

    #[test]
    fn names_issuer_signature_and_length_of_the_key_are_found() {
        let (der, _) = made(["localhost", "*.i3.example", "10.0.0.1", "::1"].map(Into::into).into(), "broker");
        let found = Certificate::parse(&der).unwrap();
        assert_eq!(found.names, ["localhost", "*.i3.example", "10.0.0.1", "::1"]);
        assert_eq!((found.issuer_name, found.is_self_issued), (Some("broker"), true));
        assert_eq!((found.forgeable_hash(), found.key().rsa_bits()), (None, None));
        let read = |name: &str| {
            let path = format!("{}/tests/vectors/certificates/{name}.pem", env!("CARGO_MANIFEST_DIR"));
            CertificateDer::from_pem_file(path).unwrap()
        };
        let weak = read("rsa-1024");
        assert_eq!(Certificate::parse(&weak).unwrap().key().rsa_bits(), Some(1024));
        let forgeable = read("sha-1");
        assert_eq!(Certificate::parse(&forgeable).unwrap().forgeable_hash(), Some("SHA-1"));
    }

    #[test]
    fn a_name_that_a_terminal_must_not_see_is_none() {
        for name in ["\u{1b}[2J", &*"x".repeat(65)] {
            let (der, _) = made(vec![], name);
            assert_eq!(Certificate::parse(&der).unwrap().common_name, None);
        }
    }

    #[test]
    fn what_is_cut_off_or_longer_is_no_certificate() {
        let (der, _) = made(vec!["localhost".into()], "broker");
        for end in 0..der.len() {
            assert_eq!(Certificate::parse(&der[..end]), None, "{end}");
        }
        assert_eq!(Certificate::parse(&[&der[..], &[0]].concat()), None);
    }

    proptest::proptest! {
        #[test]
        fn bytes_of_any_kind_are_read_without_a_panic(at in 0_usize..400, byte: u8) {
            let (mut der, _) = made(vec!["localhost".into()], "broker");
            if let Some(place) = der.get_mut(at) {
                *place = byte;
            }
            let _ = Certificate::parse(&der);
        }
    }
}

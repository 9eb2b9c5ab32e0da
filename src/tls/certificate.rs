//! What a verifier has to see of an X.509 certificate, read from its DER (RFC 5280 §4.1).
//!
//! webpki reads version 3 only. I3 instances have certificates of version 1 (I3 facts §6.4), whose key is where it
//! always is.

use pkcs8::der::asn1::AnyRef;
use pkcs8::der::{Decode as _, Reader as _, SliceReader, Tag, TagNumber};
use rustls::pki_types::SubjectPublicKeyInfoDer;

/// id-ce-subjectAltName, 2.5.29.17.
const SUBJECT_ALT_NAME: &[u8] = &[0x55, 0x1d, 0x11];
/// id-at-commonName, 2.5.4.3.
const COMMON_NAME: &[u8] = &[0x55, 0x04, 0x03];
/// Longest common name (RFC 5280 §A.1, ub-common-name).
const COMMON_NAME_MAX: usize = 64;

/// The parts of a certificate that matter here.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Certificate<'a> {
    /// 1, 2 or 3.
    pub version: u8,
    /// The key that the holder signs with.
    key: SubjectKey<'a>,
    /// The subject's common name, if it can be shown.
    pub common_name: Option<&'a str>,
    /// Whether there is an extension that names what the certificate is for.
    pub has_alternative_name: bool,
}

/// A SubjectPublicKeyInfo and its parts, as they lie in the certificate.
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
}

impl<'a> Certificate<'a> {
    /// Takes a certificate apart; `None` if it is none. Its own signature is not looked at.
    pub fn parse(der: &'a [u8]) -> Option<Certificate<'a>> {
        let mut outer = children(only(der, Tag::Sequence)?);
        let signed = outer.next()??;
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
        // The algorithm of the signature, the issuer, the time of validity.
        for _ in 0..3 {
            contents(fields.next()??, Tag::Sequence)?;
        }
        let subject = contents(fields.next()??, Tag::Sequence)?;
        let key = subject_key(fields.next()??)?;
        let mut has_alternative_name = false;
        for field in fields {
            if let Some(extensions) = explicit(field?, 3) {
                for extension in children(only(extensions, Tag::Sequence)?) {
                    has_alternative_name |= names(extension?, Tag::Sequence, SUBJECT_ALT_NAME).is_some();
                }
            }
        }
        Some(Certificate { version, key, common_name: common_name(subject), has_alternative_name })
    }

    /// The key that the holder signs with.
    pub fn key(&self) -> &SubjectKey<'a> {
        &self.key
    }
}

fn subject_key(whole: &[u8]) -> Option<SubjectKey<'_>> {
    let mut parts = children(contents(whole, Tag::Sequence)?);
    let algorithm = contents(parts.next()??, Tag::Sequence)?;
    // Whole octets: no bit of the last is unused.
    let (&0, bits) = contents(parts.next()??, Tag::BitString)?.split_first()? else { return None };
    parts.next().is_none().then_some(SubjectKey { whole, algorithm, bits })
}

/// The last common name, the most specific one, unless it holds what a terminal must not see.
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

/// What follows the object identifier `id` in this element, if it begins with that.
fn names<'a>(element: &'a [u8], tag: Tag, id: &[u8]) -> Option<&'a [u8]> {
    let mut parts = children(contents(element, tag)?);
    (contents(parts.next()??, Tag::ObjectIdentifier)? == id).then(|| parts.next()?)?
}

/// The elements in `contents`, each with tag and length; `None` for what is no DER, and that is the last.
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

/// What stands in the one element that `der` is, if that has this tag.
fn only(der: &[u8], tag: Tag) -> Option<&[u8]> {
    let mut elements = children(der);
    let only = elements.next()??;
    elements.next().is_none().then(|| contents(only, tag))?
}

fn contents(element: &[u8], tag: Tag) -> Option<&[u8]> {
    let element = AnyRef::from_der(element).ok()?;
    (element.header().tag() == tag).then(|| element.value())
}

/// What stands in an element with this context-specific tag.
fn explicit(element: &[u8], number: u32) -> Option<&[u8]> {
    contents(element, Tag::ContextSpecific { constructed: true, number: TagNumber(number) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rcgen::{CertificateParams, DistinguishedName, DnType, KeyPair, PublicKeyData as _};

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

//! The kind of a file without an RSA private key in a supported format, and the command that converts it, if there is one.

use pkcs8::SubjectPublicKeyInfoRef;
use pkcs8::der::asn1::AnyRef;
use pkcs8::der::{Decode as _, Reader as _, SliceReader, Tag, Tagged as _};

use crate::key::error::KeyError;
use crate::key::openssh;

const PUBLIC_HALF: KeyError = KeyError::NotPrivate("the public half of a key");

/// Names a PEM block by its label.
pub fn block(label: &str) -> KeyError {
    KeyError::NotPrivate(match label {
        "PUBLIC KEY" | "RSA PUBLIC KEY" => return PUBLIC_HALF,
        "CERTIFICATE" | "X509 CERTIFICATE" | "TRUSTED CERTIFICATE" => "a certificate",
        "CERTIFICATE REQUEST" | "NEW CERTIFICATE REQUEST" => "a certificate request",
        "EC PRIVATE KEY" => "an elliptic-curve private key",
        "EC PARAMETERS" => "the parameters of an elliptic-curve key",
        "DSA PRIVATE KEY" => "a DSA private key",
        "DH PARAMETERS" => "Diffie-Hellman parameters",
        "PKCS7" | "CMS" => "a PKCS#7 bundle of certificates",
        "X509 CRL" => "a list of revoked certificates",
        "PGP PRIVATE KEY BLOCK" => "an OpenPGP private key",
        "PGP PUBLIC KEY BLOCK" => "an OpenPGP public key",
        "ENCRYPTED COSIGN PRIVATE KEY" | "ENCRYPTED SIGSTORE PRIVATE KEY" => "a cosign private key",
        _ => "a PEM file of another kind",
    })
}

/// Names a text without a PEM block.
pub fn text(text: &str) -> KeyError {
    let text = text.trim_start();
    let has = |start: &str| text.starts_with(start);
    KeyError::NotPrivate(match () {
        () if text.is_empty() => "an empty file",
        () if has("PuTTY-User-Key-File") => {
            let form = "a private key in PuTTY's format".into();
            return KeyError::Form { form, convert: "puttygen FILE -O private-openssh -o NEW" };
        }
        () if has("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY") => {
            return KeyError::Form {
                form: "a private key in ssh.com's format".into(),
                convert: "ssh-keygen -i -f FILE > NEW",
            };
        }
        () if has("---- BEGIN SSH2 PUBLIC KEY") => "a public key in ssh.com's format",
        () if openssh::is_public(text) => "an OpenSSH public key",
        () if has("Private-key-format:") => "a DNSSEC private key",
        () if has("AGE-SECRET-KEY-") => "an age private key",
        () if text.contains("<RSAKeyValue>") => "a key in .NET's XML",
        () if has("<!DOCTYPE") || has("<html") => "an HTML page",
        () if text.lines().next().is_some_and(|line| line.contains("rivate-Key:") || line.contains("rivate Key:")) => {
            "the output of openssl's -text for a key"
        }
        () => "a text without a key",
    })
}

/// Names a binary file that is not DER.
pub fn binary(bytes: &[u8]) -> KeyError {
    let form = |form: &'static str, convert| KeyError::Form { form: form.into(), convert };
    match bytes {
        [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, _, ..] | [0xce, 0xce, 0xce, 0xce, 0, 0, 0, _, ..] => form(
            "a Java key store",
            "keytool -importkeystore -srckeystore FILE -destkeystore NEW.p12 -deststoretype PKCS12 && \
             openssl pkcs12 -in NEW.p12 -nocerts -out NEW.pem",
        ),
        [0x1e, 0xf1, 0xb5, 0xb0, ..] => {
            form("a private key in Windows' PVK format", "openssl rsa -inform PVK -in FILE -out NEW.pem")
        }
        [7, 2, 0, 0, _, _, 0, 0, b'R', b'S', b'A', b'2', ..] => {
            form("a private key as a Windows blob", "openssl rsa -inform MSBLOB -in FILE -out NEW.pem")
        }
        [b'R', b'S', b'A', b'2' | b'3', ..] => KeyError::NotPrivate("a private key as a blob of Windows CNG"),
        [0x94..=0x97 | 0xc5, ..] => KeyError::NotPrivate("an OpenPGP private key"),
        [0x98..=0x9b | 0xc6, ..] => KeyError::NotPrivate("an OpenPGP public key"),
        [0x1f, 0x8b, ..] | [b'P', b'K', 3, 4, ..] => KeyError::NotPrivate("a compressed file"),
        _ => KeyError::NotPrivate("a binary file of another kind"),
    }
}

/// Names a DER structure; an unknown one is a damaged key.
pub fn der(bytes: &[u8]) -> KeyError {
    let Ok(outer) = AnyRef::from_der(bytes) else {
        return KeyError::damaged("its DER structure is truncated, or is followed by other data");
    };
    let Ok(parts) = outer.sequence(all) else { return unknown() };
    let tags: Vec<Tag> = parts.iter().map(|part| part.tag()).collect();
    let is_version = |number: u8| parts.first().is_some_and(|part| part.value() == [number]);
    match tags.as_slice() {
        [Tag::Sequence, Tag::BitString] if SubjectPublicKeyInfoRef::from_der(bytes).is_ok() => PUBLIC_HALF,
        [Tag::Integer, Tag::Integer] => PUBLIC_HALF,
        // PFX (RFC 7292 §4).
        [Tag::Integer, Tag::Sequence, ..] if is_version(3) => {
            KeyError::Form { form: "a PKCS#12 store".into(), convert: "openssl pkcs12 -in FILE -nocerts -out NEW.pem" }
        }
        // ECPrivateKey (RFC 5915 §3).
        [Tag::Integer, Tag::OctetString, ..] if is_version(1) => KeyError::NotPrivate("an elliptic-curve private key"),
        // OpenSSL's DSAPrivateKey: zero, and five numbers.
        [Tag::Integer, Tag::Integer, Tag::Integer, Tag::Integer, Tag::Integer, Tag::Integer] if is_version(0) => {
            KeyError::NotPrivate("a DSA private key")
        }
        // ContentInfo (RFC 5652 §3).
        [Tag::ObjectIdentifier, ..] => KeyError::NotPrivate("a PKCS#7 bundle of certificates"),
        [Tag::Sequence, Tag::Sequence, Tag::BitString] => KeyError::NotPrivate(signed(&parts[0])),
        _ => unknown(),
    }
}

/// Names what was signed: the versions of certificates and requests differ in their tags (RFC 5280 §4.1, RFC 2986 §4.1).
fn signed(content: &AnyRef<'_>) -> &'static str {
    let tags = content.sequence(all).map(|parts| parts.iter().map(|part| part.tag()).collect::<Vec<_>>());
    match tags.as_deref() {
        Ok([Tag::Integer, Tag::Sequence, Tag::Sequence] | [Tag::Integer, Tag::Sequence, Tag::Sequence, _]) => {
            "a certificate request"
        }
        Ok([.., Tag::Sequence, Tag::Sequence, Tag::Sequence])
        | Ok([Tag::ContextSpecific { .. } | Tag::Integer, ..]) => "a certificate",
        _ => "a list of revoked certificates",
    }
}

fn all<'r>(reader: &mut SliceReader<'r>) -> Result<Vec<AnyRef<'r>>, pkcs8::der::Error> {
    let mut parts = Vec::new();
    while !reader.is_finished() {
        parts.push(AnyRef::decode(reader)?);
    }
    Ok(parts)
}

fn unknown() -> KeyError {
    KeyError::damaged("its DER structure is neither PKCS#8 nor PKCS#1")
}

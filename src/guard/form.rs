//! The forms of a key: its kind and its encodings.

use std::fmt;

/// What a key, or the piece of one, is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// PKCS#8 `PrivateKeyInfo`, of any algorithm (RFC 5958 §2).
    Pkcs8,
    /// PKCS#8 `EncryptedPrivateKeyInfo` (RFC 5958 §3).
    Pkcs8Encrypted,
    /// PKCS#1 `RSAPrivateKey` (RFC 8017 A.1.2).
    Pkcs1,
    /// OpenSSL's old encryption of a PEM body, told by its `DEK-Info` line (RFC 1421 §4.6.1.3).
    DekInfo,
    /// The numbers of an RSA private key without its beginning.
    RsaPiece,
    /// SEC 1 `ECPrivateKey` (RFC 5915 §3).
    Ec,
    /// OpenSSL's own `DSAPrivateKey`.
    Dsa,
    /// OpenSSH's `openssh-key-v1`.
    OpenSsh,
    /// The format of SSH Communications Security, `SSH2 ENCRYPTED PRIVATE KEY`.
    SshCom,
    /// A PuTTY `.ppk` file of any version.
    Putty,
    /// A JSON Web Key with its private part (RFC 7517 §9.2).
    Jwk,
    /// A set of JSON Web Keys that holds a private one (RFC 7517 §5).
    JwkSet,
    /// A PKCS#12 store (`.p12`, `.pfx`; RFC 7292 §4).
    Pkcs12,
    /// .NET's `RSAKeyValue` in XML.
    Xml,
    /// What `openssl rsa -text` prints.
    Printed,
    /// An OpenPGP private key.
    Pgp,
    /// The first line of a PEM text with another label, or a truncated one.
    Armour,
    /// SubjectPublicKeyInfo (RFC 5280 §4.1.2.7), what I3 stores for a device.
    PublicSpki,
    /// PKCS#1 `RSAPublicKey` (RFC 8017 A.1.1).
    PublicPkcs1,
    /// `ssh-rsa AAAA…` and its kin (RFC 4253 §6.6).
    PublicSsh,
    /// A JSON Web Key without private part.
    PublicJwk,
    /// An X.509 certificate.
    Certificate,
    /// A PKCS#10 certificate request.
    Request,
    /// A public key of another kind (OpenPGP, XML).
    PublicOther,
}

impl KeyKind {
    /// Returns whether it is, or holds, a private key.
    pub fn is_private(self) -> bool {
        use KeyKind::*;
        !matches!(self, PublicSpki | PublicPkcs1 | PublicSsh | PublicJwk | Certificate | Request | PublicOther)
    }

    /// Returns the name of the kind, for messages.
    fn name(self) -> &'static str {
        use KeyKind::*;
        match self {
            Pkcs8 => "PKCS#8",
            Pkcs8Encrypted => "encrypted PKCS#8",
            Pkcs1 => "PKCS#1",
            DekInfo => "OpenSSL's old encrypted format",
            RsaPiece => "a piece of RSA",
            Ec => "elliptic curve",
            Dsa => "DSA",
            OpenSsh => "OpenSSH",
            SshCom => "ssh.com",
            Putty => "PuTTY",
            Jwk => "JWK",
            JwkSet => "JWK set",
            Pkcs12 => "PKCS#12",
            Xml | PublicOther => "of another kind",
            Printed => "as openssl prints it",
            Pgp => "OpenPGP",
            Armour => "its first line",
            PublicSpki => "SubjectPublicKeyInfo",
            PublicPkcs1 => "PKCS#1",
            PublicSsh => "OpenSSH",
            PublicJwk => "JWK",
            Certificate => "in a certificate",
            Request => "in a certificate request",
        }
    }
}

/// How the bytes of a key are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyEncoding {
    /// Between `-----BEGIN` and `-----END` lines (RFC 7468), whole or in part.
    Pem,
    /// The bytes themselves.
    Der,
    /// Base64 in either alphabet, without armour lines.
    Base64,
    /// Hexadecimal digits.
    Hex,
    /// The kind's own text format (JSON, PuTTY, XML).
    Own,
}

/// A key's kind and encoding; `encoded` says that all of it was encoded again in base64 or hexadecimal.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyForm {
    pub kind: KeyKind,
    pub encoding: KeyEncoding,
    pub encoded: Option<OuterEncoding>,
}

/// An encoding of bytes in letters and digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OuterEncoding {
    Base64,
    Hex,
}

impl fmt::Display for KeyForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        match self.encoding {
            KeyEncoding::Pem => f.write_str(", PEM")?,
            KeyEncoding::Der => f.write_str(", DER")?,
            KeyEncoding::Base64 => f.write_str(", base64 without its PEM lines")?,
            KeyEncoding::Hex => f.write_str(", in hexadecimal")?,
            KeyEncoding::Own => {}
        }
        match self.encoded {
            Some(OuterEncoding::Base64) => f.write_str(", encoded again in base64"),
            Some(OuterEncoding::Hex) => f.write_str(", encoded again in hexadecimal"),
            None => Ok(()),
        }
    }
}

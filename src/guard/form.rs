//! The form of a key: its kind and its encodings.

use std::fmt;

/// The kind of a key, or of a piece of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyKind {
    /// PKCS#8 `PrivateKeyInfo`, of any algorithm (RFC 5958 §2).
    Pkcs8,
    /// PKCS#8 `EncryptedPrivateKeyInfo` (RFC 5958 §3).
    Pkcs8Encrypted,
    /// PKCS#1 `RSAPrivateKey` (RFC 8017 A.1.2).
    Pkcs1,
    /// OpenSSL's old encryption of a PEM body, recognized by its `DEK-Info` line (RFC 1421 §4.6.1.3).
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
    /// .NET's `RSAKeyValue` in XML (XML Signature §4.5.2.2, with the private numbers that .NET adds).
    Xml,
    /// The output of `openssl pkey -text`.
    Printed,
    /// The private numbers of a key with their names, in any notation: JWK, .NET's `RSAParameters`, source code.
    Numbers,
    /// BIND's `Private-key-format` for DNSSEC.
    Bind,
    /// Windows' PVK, PRIVATEKEYBLOB and BCRYPT_…PRIVATE_BLOB.
    MsBlob,
    /// A Java key store (JKS, JCEKS).
    JavaStore,
    /// An OpenPGP private key (RFC 9580 §5.5.3), armoured or not, or one of GnuPG's own files.
    Pgp,
    /// An identity of age, `AGE-SECRET-KEY-1…`.
    Age,
    /// A secret key of signify or minisign.
    Signify,
    /// The secret key of a Tor onion service.
    Tor,
    /// A key set of Tink that is not encrypted.
    Tink,
    /// The value of `PrivateKey` or the like, as in WireGuard's configuration.
    Labelled,
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
    /// A public key of another kind (OpenPGP, XML, Windows).
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
            Numbers => "its numbers by their names",
            Bind => "BIND",
            MsBlob => "Windows",
            JavaStore => "Java key store",
            Pgp => "OpenPGP",
            Age => "age",
            Signify => "signify or minisign",
            Tor => "Tor onion service",
            Tink => "Tink key set",
            Labelled => "by its name",
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

/// The first private and the first public key that were recognized.
pub(super) type KeyKinds = [Option<KeyKind>; 2];

/// How the bytes of a key are encoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyEncoding {
    /// Between `-----BEGIN` and `-----END` lines (RFC 7468), whole or in part.
    Pem,
    /// The bytes themselves.
    Der,
    /// The bytes in an encoding, without armour lines.
    In(Encoding),
    /// The kind's own text format (JSON, PuTTY, XML).
    Own,
}

/// An encoding of bytes in other bytes, mostly letters and digits.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Encoding {
    /// Either alphabet (RFC 4648 §4 and §5).
    Base64,
    /// Hexadecimal digits with any separators.
    Hex,
    /// RFC 4648 §6 and §7, and Crockford's.
    Base32,
    /// Adobe's, RFC 1924's and ZeroMQ's.
    Base85,
    /// The lines of `uuencode`.
    Uuencode,
    /// Binary digits.
    Bits,
    /// A list of numbers, as in source code or JSON.
    Numbers,
    /// The output of `xxd`, `hexdump` or `od`.
    Dump,
    /// The output of `openssl asn1parse`.
    Asn1Parse,
    /// gzip, zlib or bare deflate (RFC 1950 to 1952).
    Deflate,
}

impl Encoding {
    /// Returns its name, for messages.
    fn name(self) -> &'static str {
        match self {
            Encoding::Base64 => "in base64",
            Encoding::Hex => "in hexadecimal",
            Encoding::Base32 => "in base32",
            Encoding::Base85 => "in base85",
            Encoding::Uuencode => "in uuencode",
            Encoding::Bits => "in binary digits",
            Encoding::Numbers => "as a list of numbers",
            Encoding::Dump => "as a dump",
            Encoding::Asn1Parse => "as openssl asn1parse prints it",
            Encoding::Deflate => "compressed",
        }
    }
}

/// A key's kind and encoding; `encoded` are further encodings around all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct KeyForm {
    pub kind: KeyKind,
    pub encoding: KeyEncoding,
    pub encoded: Option<Encoding>,
}

impl fmt::Display for KeyForm {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.kind.name())?;
        match self.encoding {
            KeyEncoding::Pem => f.write_str(", PEM")?,
            KeyEncoding::Der => f.write_str(", DER")?,
            KeyEncoding::In(Encoding::Base64) => f.write_str(", base64 without its PEM lines")?,
            KeyEncoding::In(encoding) => write!(f, ", {}", encoding.name())?,
            KeyEncoding::Own => {}
        }
        match self.encoded {
            Some(encoding) => write!(f, ", encoded again {}", encoding.name()),
            None => Ok(()),
        }
    }
}

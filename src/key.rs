//! RSA keys: generate, read in every usual form, write, and the key body that I3 stores (I3 facts §3).

mod armour;

use std::fs::File;
use std::io::{self, IsTerminal, Read};
use std::path::{Path, PathBuf};

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use pkcs8::der::asn1::{AnyRef, BitStringRef, OctetStringRef};
use pkcs8::der::{Decode, Encode, SliceReader};
use pkcs8::pkcs5::pbes2::Kdf;
use pkcs8::{AlgorithmIdentifierRef, EncryptedPrivateKeyInfoRef, PrivateKeyInfoRef, SubjectPublicKeyInfoRef};
use ring::{rand::SystemRandom, signature};
use rsa::pkcs1::{DecodeRsaPrivateKey, EncodeRsaPrivateKey, RsaPrivateKeyRef, RsaPublicKeyRef};
use rsa::traits::PublicKeyParts;
use zeroize::Zeroizing;

use crate::access;
use crate::secret::Secret;

/// Returns the path of the public half of the private key in `path`: `FILE.pub` beside `FILE`, as ssh-keygen names it.
pub fn public_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}

/// Smallest modulus, in bits: ring signs and verifies nothing shorter.
pub const MIN_BITS: usize = 2048;
/// Largest modulus of a new key, in bits; I3's form accepts much less ([`FORM_MAX_CHARS`]).
pub const MAX_BITS: usize = 4096;
/// Largest modulus whose key body fits I3's form, in bits.
pub const FORM_MAX_BITS: usize = 2696;
/// Longest credential that I3's form accepts, in characters.
pub const FORM_MAX_CHARS: usize = 500;
/// Most iterations of PBKDF2 that open an encrypted key: some ten seconds. openssl makes keys with 2,048 of them, and a
/// million is thought generous.
pub const PBKDF2_ITERATIONS_MAX: u32 = 10_000_000;
/// Most memory for the scrypt that opens an encrypted key, in bytes: `128 · N · r` (RFC 7914 §2). openssl's default takes
/// 16 MiB.
pub const SCRYPT_MEMORY_MAX: u64 = 256 << 20;
/// Most work of scrypt, `N · r · p`: some ten seconds. openssl's default is 2¹⁷.
pub const SCRYPT_WORK_MAX: u64 = 1 << 24;
/// How an encrypted key of another form becomes one that is read.
const CONVERT: &str = "openssl pkcs8 -topk8 -in FILE -out NEW.pem";
/// A larger file is not an RSA key; reading stops there.
const MAX_FILE: u64 = 64 * 1024;

/// Why a key could not be made, read or used.
#[derive(Debug, thiserror::Error)]
pub enum KeyError {
    /// The file cannot be opened or read.
    #[error("the key file {path} cannot be read", path = .path.display())]
    Read { path: PathBuf, source: io::Error },
    /// Group or others may read the file, as ssh too refuses it.
    #[error("the key file {path} can be read by others (mode {mode:04o})", path = .path.display())]
    OpenToOthers { path: PathBuf, mode: u32 },
    /// The key is encrypted, and no passphrase was given.
    #[error("the private key is encrypted, and no passphrase was given")]
    NeedsPassphrase,
    /// The passphrase does not open the key.
    #[error("wrong passphrase for the private key")]
    WrongPassphrase,
    /// To derive the key from the passphrase would cost more than is done for a key; nothing was derived.
    #[error("the private key is encrypted at too high a cost: {cost}, and at most {limit} are accepted")]
    Costly { cost: String, limit: String },
    /// The bytes are not an RSA private key: what they are.
    #[error("{0}, not an RSA private key")]
    NotPrivate(&'static str),
    /// A private key in an unsupported format: what it is, and the command that converts it.
    #[error("unsupported key format: {form}")]
    Form { form: &'static str, convert: &'static str },
    /// The text is not an RSA public key body or PEM.
    #[error("{0}, not an RSA public key")]
    NotPublic(&'static str),
    /// A requested key has fewer than [`MIN_BITS`] or more than [`MAX_BITS`].
    #[error("cannot create an RSA key of {0} bits: use {MIN_BITS} to {MAX_BITS}")]
    Bits(usize),
    /// An existing key has fewer than [`MIN_BITS`].
    #[error("an RSA key of {0} bits is too short: use at least {MIN_BITS}")]
    Short(usize),
    /// The numbers of the key are inconsistent, or it cannot sign.
    #[error("the private key is damaged: {0}")]
    Damaged(String),
}

/// An RSA private key, held as PKCS#1 DER that is wiped when dropped.
pub struct PrivateKey {
    pkcs1: Zeroizing<Vec<u8>>,
    public: PublicKey,
}

/// An RSA public key, held as PKCS#1 DER (RFC 8017 A.1.1).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PublicKey {
    pkcs1: Vec<u8>,
}

impl std::fmt::Debug for PrivateKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "PrivateKey({} bits)", self.public.bits())
    }
}

impl PrivateKey {
    /// Makes a key of `bits` bits with e = 65537 from the operating system's random numbers; takes a tenth of a second or so.
    ///
    /// # Errors
    /// [`KeyError::Bits`] outside [`MIN_BITS`]`..=`[`MAX_BITS`].
    pub fn generate(bits: usize) -> Result<PrivateKey, KeyError> {
        if !(MIN_BITS..=MAX_BITS).contains(&bits) {
            return Err(KeyError::Bits(bits));
        }
        let damaged = |e: &dyn std::fmt::Display| KeyError::Damaged(e.to_string());
        let key = rsa::PrivateKey::new(&mut rand::rng(), bits).map_err(|e| damaged(&e))?;
        let der = key.to_pkcs1_der().map_err(|e| damaged(&e))?;
        PrivateKey::from_pkcs1(der.as_bytes())
    }

    /// Reads a private key file, and refuses one that others can read.
    ///
    /// `passphrase` is asked only if the key is encrypted, and may say that there is none.
    ///
    /// # Errors
    /// [`KeyError::Read`], [`KeyError::OpenToOthers`], else as [`PrivateKey::parse`].
    pub fn read(
        path: &Path,
        passphrase: impl FnOnce() -> Result<Option<Secret>, KeyError>,
    ) -> Result<PrivateKey, KeyError> {
        KeyFile::read(path)?.private(passphrase)
    }

    /// Reads PKCS#8 (plain or encrypted, RFC 5958) or PKCS#1 (RFC 8017 A.1.2), as PEM or DER.
    ///
    /// # Errors
    /// [`KeyError`], naming what the bytes are instead.
    pub fn parse(
        bytes: &[u8],
        passphrase: impl FnOnce() -> Result<Option<Secret>, KeyError>,
    ) -> Result<PrivateKey, KeyError> {
        let text = std::str::from_utf8(bytes).unwrap_or_default();
        if !text.contains("-----BEGIN ") {
            return if bytes.first() == Some(&0x30) {
                PrivateKey::from_der(bytes, passphrase)
            } else {
                Err(not_pem(text))
            };
        }
        let block =
            armour::first(text).ok_or_else(|| KeyError::Damaged("its PEM text is truncated or altered".into()))?;
        match block.label {
            "RSA PRIVATE KEY" if block.has_headers => Err(KeyError::Form {
                form: "an encrypted private key in OpenSSL's old format (DEK-Info)",
                convert: CONVERT,
            }),
            "PRIVATE KEY" | "RSA PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" => PrivateKey::from_der(&block.der, passphrase),
            "OPENSSH PRIVATE KEY" => Err(KeyError::Form {
                form: "a private key in OpenSSH's own format",
                convert: "ssh-keygen -p -m PKCS8 -f FILE",
            }),
            "PUBLIC KEY" | "RSA PUBLIC KEY" => Err(KeyError::NotPrivate("the public half of a key")),
            "CERTIFICATE" => Err(KeyError::NotPrivate("a certificate")),
            "EC PRIVATE KEY" => Err(KeyError::NotPrivate("an elliptic-curve private key")),
            _ => Err(KeyError::NotPrivate("a PEM file of another kind")),
        }
    }

    fn from_der(
        der: &[u8],
        passphrase: impl FnOnce() -> Result<Option<Secret>, KeyError>,
    ) -> Result<PrivateKey, KeyError> {
        if RsaPrivateKeyRef::from_der(der).is_ok() {
            return PrivateKey::from_pkcs1(der);
        }
        if let Ok(info) = PrivateKeyInfoRef::from_der(der) {
            return PrivateKey::from_pkcs8(&info);
        }
        if let Ok(encrypted) = EncryptedPrivateKeyInfoRef::from_der(der) {
            check_cost(&encrypted)?;
            let passphrase = passphrase()?.ok_or(KeyError::NeedsPassphrase)?;
            let plain = encrypted.decrypt(passphrase.expose()).map_err(|_| KeyError::WrongPassphrase)?;
            // A wrong passphrase that happens to give valid padding gives no valid structure.
            let info = PrivateKeyInfoRef::from_der(plain.as_bytes()).map_err(|_| KeyError::WrongPassphrase)?;
            return PrivateKey::from_pkcs8(&info);
        }
        if SubjectPublicKeyInfoRef::from_der(der).is_ok() {
            return Err(KeyError::NotPrivate("the public half of a key"));
        }
        if is_encrypted(der) {
            let form = "a private key encrypted by a method, or at a cost, that this program does not know";
            return Err(KeyError::Form { form, convert: CONVERT });
        }
        Err(KeyError::Damaged("its DER structure is neither PKCS#8 nor PKCS#1".into()))
    }

    fn from_pkcs8(info: &PrivateKeyInfoRef<'_>) -> Result<PrivateKey, KeyError> {
        if info.algorithm.oid != rsa::pkcs1::ALGORITHM_OID {
            return Err(KeyError::NotPrivate(
                "a private key of another kind (elliptic-curve, Ed25519, DSA or RSA-PSS)",
            ));
        }
        PrivateKey::from_pkcs1(info.private_key.as_bytes())
    }

    fn from_pkcs1(der: &[u8]) -> Result<PrivateKey, KeyError> {
        let key = RsaPrivateKeyRef::from_der(der).map_err(|e| KeyError::Damaged(e.to_string()))?;
        let public = RsaPublicKeyRef { modulus: key.modulus, public_exponent: key.public_exponent };
        let public = PublicKey { pkcs1: public.to_der().map_err(|e| KeyError::Damaged(e.to_string()))? };
        if public.bits() < MIN_BITS {
            return Err(KeyError::Short(public.bits()));
        }
        Ok(PrivateKey { pkcs1: Zeroizing::new(der.to_vec()), public })
    }

    /// Returns the public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Returns the key as PKCS#8 PEM, the format of key files.
    ///
    /// # Errors
    /// [`KeyError::Damaged`] if the structure cannot be built.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        let damaged = |e: pkcs8::der::Error| KeyError::Damaged(e.to_string());
        let octets = OctetStringRef::new(&self.pkcs1).map_err(damaged)?;
        let der = Zeroizing::new(PrivateKeyInfoRef::new(rsa_algorithm(), octets).to_der().map_err(damaged)?);
        Ok(armour::text("PRIVATE KEY", &der))
    }

    /// The key as PKCS#1 DER, for the signer.
    pub(crate) fn pkcs1_der(&self) -> &[u8] {
        &self.pkcs1
    }
}

/// Checks what it costs to derive the key from a passphrase: the file says how much, and may come from anybody.
fn check_cost(encrypted: &EncryptedPrivateKeyInfoRef<'_>) -> Result<(), KeyError> {
    let damaged = || KeyError::Damaged("the parameters of its encryption are out of range".into());
    let costly = |cost: String, limit: String| Err(KeyError::Costly { cost, limit });
    match encrypted.encryption_algorithm.pbes2().map(|scheme| &scheme.kdf) {
        Some(Kdf::Pbkdf2(params)) => match params.iteration_count {
            0 => Err(damaged()),
            1..=PBKDF2_ITERATIONS_MAX => Ok(()),
            more => costly(format!("{more} iterations of PBKDF2"), PBKDF2_ITERATIONS_MAX.to_string()),
        },
        Some(Kdf::Scrypt(params)) => {
            let (n, r, p) = (params.cost_parameter, u64::from(params.block_size), u64::from(params.parallelization));
            // RFC 7914 §2; the library panics over an N of 0.
            if n < 2 || !n.is_power_of_two() || r == 0 || p == 0 {
                return Err(damaged());
            }
            let (memory, work) = (n.saturating_mul(128 * r), n.saturating_mul(r * p));
            if memory > SCRYPT_MEMORY_MAX {
                return costly(format!("scrypt with {memory} bytes of memory"), format!("{SCRYPT_MEMORY_MAX} bytes"));
            }
            if work > SCRYPT_WORK_MAX {
                return costly(format!("scrypt with N·r·p = {work}"), SCRYPT_WORK_MAX.to_string());
            }
            Ok(())
        }
        // The library derives no other.
        _ => Ok(()),
    }
}

/// Returns whether this is an EncryptedPrivateKeyInfo (RFC 5958 §3), whatever its algorithm.
fn is_encrypted(der: &[u8]) -> bool {
    let parts = |reader: &mut SliceReader<'_>| -> Result<(), pkcs8::der::Error> {
        AlgorithmIdentifierRef::decode(reader)?;
        <&OctetStringRef>::decode(reader).map(drop)
    };
    AnyRef::from_der(der).is_ok_and(|any| any.sequence(parts).is_ok())
}

/// RSASSA-PKCS1-v1_5 with SHA-256 (RS256, RFC 7518 §3.3) over `message`, by the private key in `pkcs1`.
///
/// ring signs 2048, 3072 and 4096 bits and refuses every size whose primes are no multiple of 512 bits, among them
/// 2560 and 2696, which I3 takes; those few are signed by the rsa crate, with blinding.
///
/// # Errors
/// [`KeyError::Damaged`] if the numbers of the key do not fit each other.
pub(crate) fn sign(pkcs1: &[u8], message: &[u8]) -> Result<Vec<u8>, KeyError> {
    let damaged = |e: &dyn std::fmt::Display| KeyError::Damaged(e.to_string());
    if let Ok(pair) = signature::RsaKeyPair::from_der(pkcs1) {
        let mut made = vec![0; pair.public().modulus_len()];
        pair.sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut made)
            .map_err(|_| KeyError::Damaged("it does not sign".into()))?;
        return Ok(made);
    }
    let key = rsa::PrivateKey::from_pkcs1_der(pkcs1).map_err(|e| damaged(&e))?;
    let digest = ring::digest::digest(&ring::digest::SHA256, message);
    key.sign_with_rng(&mut rand::rng(), rsa::Pkcs1v15Sign::new::<sha2::Sha256>(), digest.as_ref())
        .map_err(|e| damaged(&e))
}

/// What is in a key file, read once: a pipe (`--key <(pass show lot1)`) gives it no second time.
struct KeyFile<'p> {
    path: &'p Path,
    bytes: Zeroizing<Vec<u8>>,
    /// Its mode, if others can read it. A pipe has none that means anything.
    open_to_others: Option<u32>,
}

impl KeyFile<'_> {
    fn read(path: &Path) -> Result<KeyFile<'_>, KeyError> {
        let failed = |source| KeyError::Read { path: path.into(), source };
        let file = File::open(path).map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(failed(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        if file.is_terminal() {
            return Err(failed(io::Error::other("it is a terminal, which would show the key")));
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(8 * 1024));
        file.take(MAX_FILE).read_to_end(&mut bytes).map_err(failed)?;
        let open_to_others = access::exposed_secret(path, &metadata);
        Ok(KeyFile { path, bytes, open_to_others })
    }

    fn private(&self, passphrase: impl FnOnce() -> Result<Option<Secret>, KeyError>) -> Result<PrivateKey, KeyError> {
        match self.open_to_others {
            Some(mode) => Err(KeyError::OpenToOthers { path: self.path.into(), mode }),
            None => PrivateKey::parse(&self.bytes, passphrase),
        }
    }
}

impl PublicKey {
    /// Reads the public half from a file that holds either half, and refuses a private half that others can read.
    ///
    /// # Errors
    /// As [`PrivateKey::read`], for a file that holds no public key.
    pub fn read(
        path: &Path,
        passphrase: impl FnOnce() -> Result<Option<Secret>, KeyError>,
    ) -> Result<PublicKey, KeyError> {
        let file = KeyFile::read(path)?;
        match std::str::from_utf8(&file.bytes).map(PublicKey::from_pem) {
            Ok(Ok(public)) => Ok(public),
            _ => file.private(passphrase).map(|key| key.public),
        }
    }

    /// Parses the key body as I3 stores it: the base64 of a SubjectPublicKeyInfo without armour or line breaks.
    ///
    /// # Errors
    /// [`KeyError::NotPublic`] says what it is instead, [`KeyError::Short`] for a short key.
    pub fn from_body(body: &str) -> Result<PublicKey, KeyError> {
        let der = STANDARD.decode(body).map_err(|_| KeyError::NotPublic("text that is not base64"))?;
        PublicKey::from_spki(&der)
    }

    /// Parses a PEM of the kind `PUBLIC KEY` (SubjectPublicKeyInfo).
    ///
    /// # Errors
    /// As [`PublicKey::from_body`].
    pub fn from_pem(text: &str) -> Result<PublicKey, KeyError> {
        let block = armour::first(text).ok_or(KeyError::NotPublic("text that is not PEM"))?;
        match block.label {
            "PUBLIC KEY" => PublicKey::from_spki(&block.der),
            "RSA PUBLIC KEY" => PublicKey::checked(block.der.to_vec()),
            tag if tag.ends_with("PRIVATE KEY") => Err(KeyError::NotPublic("a private key")),
            _ => Err(KeyError::NotPublic("a PEM file of another kind")),
        }
    }

    fn from_spki(der: &[u8]) -> Result<PublicKey, KeyError> {
        let info = SubjectPublicKeyInfoRef::from_der(der)
            .map_err(|_| KeyError::NotPublic("base64 that holds no SubjectPublicKeyInfo"))?;
        if info.algorithm.oid != rsa::pkcs1::ALGORITHM_OID {
            return Err(KeyError::NotPublic("a public key of another kind"));
        }
        let pkcs1 = info.subject_public_key.as_bytes().ok_or(KeyError::NotPublic("a public key that is cut off"))?;
        PublicKey::checked(pkcs1.to_vec())
    }

    fn checked(pkcs1: Vec<u8>) -> Result<PublicKey, KeyError> {
        let key = PublicKey { pkcs1 };
        match key.bits() {
            0 => Err(KeyError::NotPublic("base64 that holds no RSA numbers")),
            bits if bits < MIN_BITS => Err(KeyError::Short(bits)),
            _ => Ok(key),
        }
    }

    /// Length of the modulus in bits.
    pub fn bits(&self) -> usize {
        let Ok(key) = RsaPublicKeyRef::from_der(&self.pkcs1) else { return 0 };
        let modulus = key.modulus.as_bytes();
        modulus.first().map_or(0, |first| modulus.len() * 8 - first.leading_zeros() as usize)
    }

    /// SubjectPublicKeyInfo DER (RFC 5280 §4.1.2.7).
    fn spki(&self) -> Vec<u8> {
        let bits = BitStringRef::from_bytes(&self.pkcs1);
        let info =
            bits.map(|subject_public_key| SubjectPublicKeyInfoRef { algorithm: rsa_algorithm(), subject_public_key });
        // Both halves were DER before they came here and are far below DER's length limit.
        info.and_then(|info| info.to_der()).unwrap_or_default()
    }

    /// The key body as I3's form wants it: one line of base64, 392 characters for 2048 bits.
    pub fn body(&self) -> String {
        STANDARD.encode(self.spki())
    }

    /// The key as PEM (`PUBLIC KEY`).
    pub fn to_pem(&self) -> String {
        armour::text("PUBLIC KEY", &self.spki()).to_string()
    }

    /// The key as a JSON Web Key (RFC 7517, RFC 7518 §6.3.1).
    pub fn to_jwk(&self) -> serde_json::Value {
        let (n, e) = self.numbers();
        serde_json::json!({
            "kty": "RSA", "use": "sig", "alg": "RS256",
            "n": URL_SAFE_NO_PAD.encode(n), "e": URL_SAFE_NO_PAD.encode(e),
        })
    }

    /// Modulus and exponent, big-endian.
    fn numbers(&self) -> (Vec<u8>, Vec<u8>) {
        RsaPublicKeyRef::from_der(&self.pkcs1).map_or_else(
            |_| Default::default(),
            |key| (key.modulus.as_bytes().to_vec(), key.public_exponent.as_bytes().to_vec()),
        )
    }

    /// `SHA256:` and the base64 digest of the SubjectPublicKeyInfo: tells two keys apart at a glance.
    pub fn fingerprint(&self) -> String {
        let digest = ring::digest::digest(&ring::digest::SHA256, &self.spki());
        format!("SHA256:{}", STANDARD_NO_PAD.encode(digest))
    }

    /// Whether `made` is this key's RS256 signature over `message`.
    pub fn verifies(&self, message: &[u8], made: &[u8]) -> bool {
        signature::UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, &self.pkcs1)
            .verify(message, made)
            .is_ok()
    }
}

fn rsa_algorithm() -> AlgorithmIdentifierRef<'static> {
    rsa::pkcs1::ALGORITHM_ID
}

fn not_pem(text: &str) -> KeyError {
    let text = text.trim_start();
    if text.is_empty() {
        KeyError::NotPrivate("an empty file or one that is not text")
    } else if text.starts_with("PuTTY-User-Key-File") {
        KeyError::Form {
            form: "a private key in PuTTY's form",
            convert: "puttygen FILE -O private-openssh -o NEW && ssh-keygen -p -m PKCS8 -f NEW",
        }
    } else if text.starts_with('{') {
        KeyError::NotPrivate("a JSON text")
    } else if text.starts_with("ssh-") {
        KeyError::NotPrivate("an OpenSSH public key")
    } else {
        KeyError::NotPrivate("a text that is not PEM")
    }
}

/// Checks that private key and public numbers belong together, by the arithmetic of the key itself.
///
/// # Errors
/// [`KeyError::Damaged`] if they do not.
pub fn check_numbers(key: &PrivateKey) -> Result<(), KeyError> {
    let parsed = rsa::PrivateKey::from_pkcs1_der(key.pkcs1_der()).map_err(|e| KeyError::Damaged(e.to_string()))?;
    parsed.validate().map_err(|e| KeyError::Damaged(e.to_string()))?;
    if parsed.n().bit_width() as usize != key.public().bits() {
        return Err(KeyError::Damaged("its modulus does not fit its public half".into()));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn no_passphrase() -> Result<Option<Secret>, KeyError> {
        Ok(None)
    }

    #[test]
    fn a_made_key_comes_back_from_its_pem_and_its_body() {
        let key = PrivateKey::generate(2048).unwrap();
        let pem = key.to_pem().unwrap();
        let again = PrivateKey::parse(pem.as_bytes(), no_passphrase).unwrap();
        assert_eq!(again.public(), key.public());
        let body = key.public().body();
        assert_eq!(body.len(), 392);
        assert_eq!(&PublicKey::from_body(&body).unwrap(), key.public());
        assert_eq!(&PublicKey::from_pem(&key.public().to_pem()).unwrap(), key.public());
        check_numbers(&key).unwrap();
    }

    #[test]
    fn sizes_that_ring_refuses_are_signed_all_the_same() {
        for bits in [2048, 2560, 2696] {
            let key = PrivateKey::generate(bits).unwrap();
            assert_eq!(key.public().bits(), bits);
            let made = sign(key.pkcs1_der(), b"message").unwrap();
            assert!(key.public().verifies(b"message", &made), "{bits}");
            assert!(!key.public().verifies(b"massage", &made), "{bits}");
        }
    }

    #[test]
    fn body_length_at_the_edge_of_the_form() {
        let body = |bits| PrivateKey::generate(bits).unwrap().public().body().len();
        assert_eq!(body(FORM_MAX_BITS), FORM_MAX_CHARS);
        assert!(body(FORM_MAX_BITS + 8) > FORM_MAX_CHARS);
    }

    #[test]
    fn short_and_long_keys_are_refused() {
        assert!(matches!(PrivateKey::generate(1024), Err(KeyError::Bits(1024))));
        assert!(matches!(PrivateKey::generate(8192), Err(KeyError::Bits(8192))));
    }

    /// PKCS#8 encrypted by AES-256-CBC with this key derivation, whose ciphertext is not opened.
    fn encrypted(kdf: &[u8]) -> Vec<u8> {
        let tlv = |tag: u8, parts: &[&[u8]]| {
            let content = parts.concat();
            [&[tag, u8::try_from(content.len()).unwrap()], content.as_slice()].concat()
        };
        let oid = |last: &[u8]| tlv(6, &[&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5], last]);
        let cipher = tlv(0x30, &[&tlv(6, &[&[0x60, 0x86, 0x48, 1, 0x65, 3, 4, 1, 0x2a]]), &tlv(4, &[&[0; 16]])]);
        let scheme = tlv(0x30, &[&oid(&[13]), &tlv(0x30, &[kdf, &cipher])]);
        tlv(0x30, &[&scheme, &tlv(4, &[&[0; 32]])])
    }

    fn der_integer(number: u64) -> Vec<u8> {
        let bytes = [&[0], &number.to_be_bytes()[..]].concat();
        let zeros = bytes.windows(2).take_while(|pair| pair[0] == 0 && pair[1] < 0x80).count();
        [&[2, u8::try_from(bytes.len() - zeros).unwrap()], &bytes[zeros..]].concat()
    }

    fn pbkdf2(iterations: u64) -> Vec<u8> {
        let parameters = [&[4, 1, 7], der_integer(iterations).as_slice()].concat();
        algorithm(&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5, 12], &parameters)
    }

    fn scrypt(n: u64, r: u64, p: u64) -> Vec<u8> {
        let parameters = [vec![4, 1, 7], der_integer(n), der_integer(r), der_integer(p)].concat();
        algorithm(&[0x2b, 6, 1, 4, 1, 0xda, 0x47, 4, 11], &parameters)
    }

    fn algorithm(oid: &[u8], parameters: &[u8]) -> Vec<u8> {
        let length = |bytes: &[u8]| u8::try_from(bytes.len()).unwrap();
        let content = [&[6, length(oid)], oid, &[0x30, length(parameters)], parameters].concat();
        [&[0x30, length(&content)], content.as_slice()].concat()
    }

    #[test]
    fn what_opening_a_key_costs_is_bounded_before_it_is_paid() {
        let open = |kdf: Vec<u8>| {
            let mut asked = false;
            let error = PrivateKey::parse(&encrypted(&kdf), || {
                asked = true;
                Ok(Some(Secret::new("x")))
            });
            (asked, error.unwrap_err().to_string())
        };
        for (kdf, says) in [
            (pbkdf2(4_000_000_000), "4000000000 iterations of PBKDF2, and at most 10000000"),
            (pbkdf2(10_000_001), "10000001 iterations"),
            (scrypt(1 << 40, 8, 1), "scrypt with 1125899906842624 bytes of memory, and at most 268435456 bytes"),
            (scrypt(1 << 63, 65_535, 65_535), "bytes of memory"),
            (scrypt(1 << 14, 8, 65_535), "scrypt with N·r·p = 8589803520"),
            (scrypt(2, 1, 1), "wrong passphrase"),
            (scrypt(0, 8, 1), "out of range"),
            (scrypt(3, 8, 1), "out of range"),
            (scrypt(16, 0, 1), "out of range"),
            (pbkdf2(0), "out of range"),
            (pbkdf2(1 << 40), "unsupported key format: a private key encrypted"),
            (pbkdf2(1_000), "wrong passphrase"),
        ] {
            let (asked, error) = open(kdf);
            assert!(error.contains(says), "{error}");
            assert_eq!(asked, says == "wrong passphrase", "{error}");
        }
    }

    #[test]
    fn a_mark_of_the_byte_order_before_a_key_does_no_harm() {
        let key = PrivateKey::generate(2048).unwrap();
        let pem = format!("\u{feff}{}", *key.to_pem().unwrap());
        assert_eq!(PrivateKey::parse(pem.as_bytes(), no_passphrase).unwrap().public(), key.public());
        assert_eq!(&PublicKey::from_pem(&format!("\u{feff}{}", key.public().to_pem())).unwrap(), key.public());
    }

    #[test]
    fn what_is_no_private_key_is_named() {
        let key = PrivateKey::generate(2048).unwrap();
        let name = |bytes: &[u8]| PrivateKey::parse(bytes, no_passphrase).unwrap_err().to_string();
        assert!(name(key.public().to_pem().as_bytes()).starts_with("the public half"));
        assert!(name(b"").starts_with("an empty file"));
        assert!(name(b"ssh-rsa AAAA").starts_with("an OpenSSH public key"));
        assert!(name(b"{}").starts_with("a JSON text"));
        let cut = key.to_pem().unwrap().replace("-----END PRIVATE KEY-----", "");
        assert!(name(cut.as_bytes()).contains("truncated or altered"));
    }
}

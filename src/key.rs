//! RSA keys: generate, read in every usual format, write, and the key body that I3 stores (I3 facts §3).

mod armour;
mod error;
mod foreign;
mod jwk;
mod legacy;
mod limits;
mod numbers;
mod openssh;
mod passphrase;
mod pkcs8;
mod plain_text;
mod read;

use std::fs::File;
use std::io::{self, IsTerminal};
use std::os::fd::AsFd as _;
use std::path::{Path, PathBuf};

use ::pkcs8::der::asn1::{BitStringRef, OctetStringRef, UintRef};
use ::pkcs8::der::{Decode, Encode};
use ::pkcs8::{AlgorithmIdentifierRef, PrivateKeyInfoRef, SubjectPublicKeyInfoRef};
use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE_NO_PAD};
use ring::{rand::SystemRandom, signature};
use rsa::pkcs1::{EncodeRsaPrivateKey, RsaPrivateKeyRef, RsaPublicKeyRef};
use zeroize::Zeroizing;

pub use error::{KeyError, STDIN};
pub use limits::{FORM_MAX_BITS, FORM_MAX_CHARS, MAX_BITS, MIN_BITS};

use crate::access;
use crate::secret::{self, Secret};
use numbers::{Numbers, check_public};

/// Returns the path of the public half of the private key in `path`: `FILE.pub` beside `FILE`, as ssh-keygen names it.
pub fn public_path(path: &Path) -> PathBuf {
    let mut name = path.as_os_str().to_owned();
    name.push(".pub");
    name.into()
}

/// Whether a key's file contains more than the key, such as a certificate, comments, or the other members of a JSON text.
pub fn holds_more(bytes: &[u8]) -> bool {
    // DER has nothing after its end.
    let Some(text) = plain_text::ascii(bytes) else { return false };
    let text = text.trim();
    let is_framed = text.starts_with("-----BEGIN ") && text.ends_with("-----");
    !is_framed || armour::blocks(text).count() != 1
}

/// A larger file is not an RSA key; reading stops there.
const MAX_FILE: usize = 64 * 1024;

/// An RSA private key, held as PKCS#1 DER that is wiped when dropped.
pub struct PrivateKey {
    pkcs1: Zeroizing<Vec<u8>>,
    public: PublicKey,
    /// The passphrase of its file.
    passphrase: Option<Secret>,
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
        let key = rsa::PrivateKey::new(&mut rand::rng(), bits).map_err(KeyError::damaged)?;
        let der = key.to_pkcs1_der().map_err(KeyError::damaged)?;
        PrivateKey::from_pkcs1(der.to_bytes())
    }

    /// Reads a private key file, and refuses one that others can read.
    ///
    /// `passphrase` is asked only if the key is encrypted, and may say that there is none.
    ///
    /// # Errors
    /// [`KeyError::Read`], [`KeyError::OpenToOthers`], otherwise as [`PrivateKey::parse`].
    pub fn read(
        path: &Path,
        passphrase: impl FnOnce() -> Result<Option<Secret>, KeyError>,
    ) -> Result<PrivateKey, KeyError> {
        KeyFile::read(path)?.private(passphrase)
    }

    /// Reads a private key in any of these formats, anywhere in a text, and tests it.
    ///
    /// PKCS#8 (RFC 5958) and PKCS#1 (RFC 8017 A.1.2) as PEM, DER or base64, OpenSSH's own format, and JSON Web Keys (RFC 7517);
    /// encrypted by any method that openssl or ssh-keygen still write, and by some older ones.
    ///
    /// # Errors
    /// [`KeyError`], naming the actual kind of the bytes.
    pub fn parse(
        bytes: &[u8],
        passphrase: impl FnOnce() -> Result<Option<Secret>, KeyError>,
    ) -> Result<PrivateKey, KeyError> {
        let mut passphrase = Some(passphrase);
        let mut asked = None;
        let pkcs1 = read::pkcs1(bytes, &mut || {
            asked = passphrase.take().map_or(Ok(None), |ask| ask())?;
            Ok(asked.clone())
        })?;
        let mut key = PrivateKey::from_pkcs1(pkcs1)?;
        key.passphrase = asked;
        Ok(key)
    }

    /// Accepts a key, once it has signed something that its public half verifies.
    fn from_pkcs1(pkcs1: Zeroizing<Vec<u8>>) -> Result<PrivateKey, KeyError> {
        let key = RsaPrivateKeyRef::from_der(&pkcs1).map_err(KeyError::damaged)?;
        let (modulus, public_exponent) = (key.modulus, key.public_exponent);
        check_public(modulus.as_bytes(), public_exponent.as_bytes())?;
        if key.other_prime_infos.is_some() {
            return Err(KeyError::Unsupported("it has more than two primes".into()));
        }
        let public = RsaPublicKeyRef { modulus, public_exponent }.to_der().map_err(KeyError::damaged)?;
        let public = PublicKey { pkcs1: public };
        const TRIAL: &[u8] = b"whether this key signs";
        if !public.verifies(TRIAL, &sign(&pkcs1, TRIAL)?) {
            return Err(KeyError::damaged("its public half does not verify what it signs"));
        }
        Ok(PrivateKey { pkcs1, public, passphrase: None })
    }

    /// Returns the public half.
    pub fn public(&self) -> &PublicKey {
        &self.public
    }

    /// Returns the passphrase of its file, if it is encrypted.
    pub fn passphrase(&self) -> Option<&Secret> {
        self.passphrase.as_ref()
    }

    /// Sets the passphrase that encrypts the key whenever it is written, or none.
    #[must_use]
    pub fn with_passphrase(mut self, passphrase: Option<Secret>) -> PrivateKey {
        self.passphrase = passphrase;
        self
    }

    /// Returns the key as PKCS#8 PEM, the format of key files; encrypted if it has a passphrase.
    ///
    /// # Errors
    /// [`KeyError::Damaged`] if the structure cannot be built.
    pub fn to_pem(&self) -> Result<Zeroizing<String>, KeyError> {
        let octets = OctetStringRef::new(&self.pkcs1).map_err(KeyError::damaged)?;
        let info = PrivateKeyInfoRef::new(rsa_algorithm(), octets).to_der().map_err(KeyError::damaged)?;
        let info = Zeroizing::new(info);
        Ok(match &self.passphrase {
            Some(passphrase) => armour::text("ENCRYPTED PRIVATE KEY", &pkcs8::encrypt(&info, passphrase)?),
            None => armour::text("PRIVATE KEY", &info),
        })
    }

    /// The key as PKCS#1 DER, for the signer.
    pub(crate) fn pkcs1_der(&self) -> &[u8] {
        &self.pkcs1
    }
}

/// RSASSA-PKCS1-v1_5 with SHA-256 (RS256, RFC 7518 §3.3) over `message`, by the private key in `pkcs1`.
///
/// ring signs 2048, 3072 and 4096 bits and refuses every size whose primes are not a multiple of 512 bits, including
/// 2560 and 2696, which I3 accepts; those few are signed by the rsa crate, with blinding.
///
/// # Errors
/// [`KeyError::Damaged`] if the numbers of the key do not fit each other.
pub(crate) fn sign(pkcs1: &[u8], message: &[u8]) -> Result<Vec<u8>, KeyError> {
    if let Ok(pair) = signature::RsaKeyPair::from_der(pkcs1) {
        let mut made = vec![0; pair.public().modulus_len()];
        pair.sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), message, &mut made)
            .map_err(|_| KeyError::damaged("it does not sign"))?;
        return Ok(made);
    }
    let key = RsaPrivateKeyRef::from_der(pkcs1).map_err(KeyError::damaged)?;
    let numbers = Numbers {
        modulus: key.modulus.as_bytes(),
        public_exponent: key.public_exponent.as_bytes(),
        private_exponent: key.private_exponent.as_bytes(),
        primes: Some([key.prime1.as_bytes(), key.prime2.as_bytes()]),
    };
    let digest = ring::digest::digest(&ring::digest::SHA256, message);
    let scheme = rsa::Pkcs1v15Sign::new::<sha2::Sha256>();
    numbers.key()?.sign_with_rng(&mut rand::rng(), scheme, digest.as_ref()).map_err(KeyError::damaged)
}

/// The contents of a key file, read once: a pipe (`--key <(pass show lot1)`) or standard input cannot be read twice.
struct KeyFile<'p> {
    path: &'p Path,
    bytes: Zeroizing<Vec<u8>>,
    /// Its mode, if others can read it. The mode of a pipe means nothing, nor does that of standard input.
    open_to_others: Option<u32>,
}

impl KeyFile<'_> {
    fn read(path: &Path) -> Result<KeyFile<'_>, KeyError> {
        let failed = |source| KeyError::Read { path: path.into(), source };
        let opened = match path == Path::new(STDIN) {
            true => io::stdin().as_fd().try_clone_to_owned().map(File::from),
            false => File::open(path),
        };
        let file = opened.map_err(failed)?;
        let metadata = file.metadata().map_err(failed)?;
        if metadata.is_dir() {
            return Err(failed(io::Error::from(io::ErrorKind::IsADirectory)));
        }
        if file.is_terminal() {
            return Err(failed(io::Error::other("it is a terminal, which would show the key")));
        }
        let is_file = path != Path::new(STDIN);
        let size = usize::try_from(metadata.len()).unwrap_or(MAX_FILE);
        let bytes = secret::read_all(file, size, MAX_FILE).map_err(|e| match e.kind() {
            // How a closed stdin is read (see main.rs).
            io::ErrorKind::InvalidInput if !is_file => failed(io::Error::other("it is closed")),
            _ => failed(e),
        })?;
        let open_to_others = if is_file { access::exposed_secret(path, &metadata) } else { None };
        Ok(KeyFile { path, bytes, open_to_others })
    }

    fn private(&self, passphrase: impl FnOnce() -> Result<Option<Secret>, KeyError>) -> Result<PrivateKey, KeyError> {
        match self.open_to_others {
            // A file without a key may be meant for others.
            Some(mode) => match PrivateKey::parse(&self.bytes, || Ok(None)) {
                Err(error @ KeyError::NotPrivate(_)) => Err(error),
                _ => Err(KeyError::OpenToOthers { path: self.path.into(), mode }),
            },
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
        match PublicKey::from_text(&file.bytes) {
            Ok(public) => Ok(public),
            Err(_) => file.private(passphrase).map(|key| key.public),
        }
    }

    /// Parses the text of a public half: PEM (SubjectPublicKeyInfo or PKCS#1), or the line that ssh-keygen writes.
    ///
    /// # Errors
    /// [`KeyError::NotPublic`] says its actual kind, [`KeyError::Short`] for a short key.
    pub fn from_text(bytes: &[u8]) -> Result<PublicKey, KeyError> {
        let text = plain_text::ascii(bytes).ok_or(KeyError::NotPublic("a file that is not text"))?;
        let Some(block) = armour::blocks(&text).next() else {
            let unusable = || KeyError::NotPublic("text that is not PEM");
            let (modulus, exponent) = openssh::public_numbers(&text).ok_or_else(unusable)?;
            let number = |bytes| UintRef::new(bytes).map_err(|_| unusable());
            let key = RsaPublicKeyRef { modulus: number(&modulus)?, public_exponent: number(&exponent)? };
            return PublicKey::checked(key.to_der().map_err(|_| unusable())?);
        };
        let content = block.content().ok_or(KeyError::NotPublic("text that is not PEM"))?;
        match block.label {
            "PUBLIC KEY" => PublicKey::from_spki(&content.der),
            "RSA PUBLIC KEY" => PublicKey::checked(content.der.to_vec()),
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

    /// Makes a key of its modulus and public exponent, each the bytes of a big-endian number.
    ///
    /// # Errors
    /// As [`PublicKey::from_text`].
    pub fn from_numbers(modulus: &[u8], exponent: &[u8]) -> Result<PublicKey, KeyError> {
        let number = |bytes| UintRef::new(bytes).map_err(|_| KeyError::NotPublic("numbers that are too long"));
        let key = RsaPublicKeyRef { modulus: number(modulus)?, public_exponent: number(exponent)? };
        PublicKey::checked(key.to_der().map_err(|_| KeyError::NotPublic("numbers that are too long"))?)
    }

    /// Length of the modulus in bits.
    pub fn bits(&self) -> usize {
        RsaPublicKeyRef::from_der(&self.pkcs1).map_or(0, |key| numbers::bits(key.modulus.as_bytes()))
    }

    /// SubjectPublicKeyInfo DER (RFC 5280 §4.1.2.7).
    fn spki(&self) -> Vec<u8> {
        let bits = BitStringRef::from_bytes(&self.pkcs1);
        let info =
            bits.map(|subject_public_key| SubjectPublicKeyInfoRef { algorithm: rsa_algorithm(), subject_public_key });
        // Both halves were DER before they came here and are far below DER's length limit.
        info.and_then(|info| info.to_der()).unwrap_or_default()
    }

    /// The key body as I3's form expects it: one line of base64, 392 characters for 2048 bits.
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

    /// `SHA256:` and the base64 digest of the SubjectPublicKeyInfo: distinguishes keys at a glance.
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
        assert_eq!(&PublicKey::from_spki(&STANDARD.decode(&body).unwrap()).unwrap(), key.public());
        assert_eq!(&PublicKey::from_text(key.public().to_pem().as_bytes()).unwrap(), key.public());
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

    #[test]
    fn a_mark_of_the_byte_order_before_a_key_does_no_harm() {
        let key = PrivateKey::generate(2048).unwrap();
        let pem = format!("\u{feff}{}", *key.to_pem().unwrap());
        assert_eq!(PrivateKey::parse(pem.as_bytes(), no_passphrase).unwrap().public(), key.public());
        assert_eq!(
            &PublicKey::from_text(format!("\u{feff}{}", key.public().to_pem()).as_bytes()).unwrap(),
            key.public()
        );
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

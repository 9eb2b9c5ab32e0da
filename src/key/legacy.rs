//! Passphrase encryptions that are no longer written, but still in use: OpenSSL's old PEM format, the schemes of PKCS#5
//! before PBES2, and those of PKCS#12.
//!
//! None protects a key from an attacker with time. They are only decrypted here, never written.

use aes::{Aes128, Aes192, Aes256};
use cbc::Decryptor;
use cbc::cipher::block_padding::Pkcs7;
use cbc::cipher::{BlockCipherDecrypt, BlockModeDecrypt as _, KeyInit, KeyIvInit as _};
use des::{Des, TdesEde3};
use md5::{Digest, Md5};
use pkcs8::ObjectIdentifier;
use sha1::Sha1;
use zeroize::Zeroizing;

/// A cipher, always in CBC mode and padded as PKCS#7 says.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Cipher {
    Des,
    /// Triple DES with three keys, the third of which may equal the first.
    TripleDes,
    Aes128,
    Aes192,
    Aes256,
}

impl Cipher {
    /// Length of its initialization vector and of its key, in bytes.
    fn sizes(self) -> (usize, usize) {
        match self {
            Cipher::Des => (8, 8),
            Cipher::TripleDes => (8, 24),
            Cipher::Aes128 => (16, 16),
            Cipher::Aes192 => (16, 24),
            Cipher::Aes256 => (16, 32),
        }
    }

    /// Decrypts `bytes`; `None` if their padding is wrong, which is the usual result of a wrong passphrase.
    fn decrypt(self, key: &[u8], iv: &[u8], bytes: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        fn with<C: BlockCipherDecrypt + KeyInit>(key: &[u8], iv: &[u8], bytes: &mut [u8]) -> Option<usize> {
            Some(Decryptor::<C>::new_from_slices(key, iv).ok()?.decrypt_padded::<Pkcs7>(bytes).ok()?.len())
        }
        let mut plain = Zeroizing::new(bytes.to_vec());
        let length = match self {
            Cipher::Des => with::<Des>(key, iv, &mut plain),
            Cipher::TripleDes => with::<TdesEde3>(key, iv, &mut plain),
            Cipher::Aes128 => with::<Aes128>(key, iv, &mut plain),
            Cipher::Aes192 => with::<Aes192>(key, iv, &mut plain),
            Cipher::Aes256 => with::<Aes256>(key, iv, &mut plain),
        }?;
        plain.truncate(length);
        Some(plain)
    }
}

/// OpenSSL's encryption of a PEM body, as named by its `DEK-Info` header.
pub struct DekInfo {
    cipher: Cipher,
    iv: Vec<u8>,
}

impl DekInfo {
    /// Parses `AES-256-CBC,00112233445566778899AABBCCDDEEFF`; `Err` has the name of an unsupported cipher, and is empty if
    /// the value is damaged.
    pub fn parse(value: &str) -> Result<DekInfo, &str> {
        let (name, digits) = value.split_once(',').ok_or("")?;
        let cipher = match name {
            "DES-CBC" => Cipher::Des,
            "DES-EDE3-CBC" => Cipher::TripleDes,
            "AES-128-CBC" => Cipher::Aes128,
            "AES-192-CBC" => Cipher::Aes192,
            "AES-256-CBC" => Cipher::Aes256,
            _ => return Err(name),
        };
        let byte = |pair: &[u8]| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok();
        let iv = digits.as_bytes().chunks(2).map(byte).collect::<Option<Vec<u8>>>().ok_or("")?;
        if iv.len() == cipher.sizes().0 { Ok(DekInfo { cipher, iv }) } else { Err("") }
    }

    /// Decrypts a body; `None` if the passphrase is wrong.
    ///
    /// The key is that of `EVP_BytesToKey` with MD5, one round, and the beginning of the initialization vector as its salt.
    pub fn decrypt(&self, passphrase: &[u8], body: &[u8]) -> Option<Zeroizing<Vec<u8>>> {
        let (_, length) = self.cipher.sizes();
        let mut key = Zeroizing::new([0; 48]);
        for at in (0..length).step_by(16) {
            let mut hash = Md5::new();
            hash.update(&key[at.saturating_sub(16)..at]);
            hash.update(passphrase);
            hash.update(&self.iv[..8]);
            key[at..at + 16].copy_from_slice(&hash.finalize());
        }
        self.cipher.decrypt(&key[..length], &self.iv, body)
    }
}

/// How a scheme derives the cipher's key and initialization vector.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Derivation {
    /// PBKDF1 (RFC 8018 §5.1).
    Pbkdf1Md5,
    Pbkdf1Sha1,
    /// RFC 7292 B.2, of this many bytes.
    Pkcs12(usize),
}

/// A scheme of PKCS#8's encryption before PBES2: PBES1 (RFC 8018 §6.1) or one of PKCS#12 (RFC 7292 appendix C).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Scheme {
    derivation: Derivation,
    cipher: Cipher,
}

impl Scheme {
    /// Returns the scheme of that identifier; `None` also for those with RC2, RC4 or MD2, which are not supported.
    pub fn of(oid: ObjectIdentifier) -> Option<Scheme> {
        let (derivation, cipher) = match oid.to_string().as_str() {
            "1.2.840.113549.1.5.3" => (Derivation::Pbkdf1Md5, Cipher::Des),
            "1.2.840.113549.1.5.10" => (Derivation::Pbkdf1Sha1, Cipher::Des),
            "1.2.840.113549.1.12.1.3" => (Derivation::Pkcs12(24), Cipher::TripleDes),
            "1.2.840.113549.1.12.1.4" => (Derivation::Pkcs12(16), Cipher::TripleDes),
            _ => return None,
        };
        Some(Scheme { derivation, cipher })
    }

    /// Decrypts data encrypted with this salt and number of rounds; `None` if the passphrase is wrong.
    pub fn decrypt(
        self,
        passphrase: &str,
        salt: &[u8],
        iterations: u32,
        encrypted: &[u8],
    ) -> Option<Zeroizing<Vec<u8>>> {
        let (iv_length, _) = self.cipher.sizes();
        let (key, iv) = match self.derivation {
            Derivation::Pbkdf1Md5 => halves(pbkdf1::<Md5>(passphrase.as_bytes(), salt, iterations)),
            Derivation::Pbkdf1Sha1 => halves(pbkdf1::<Sha1>(passphrase.as_bytes(), salt, iterations)),
            Derivation::Pkcs12(length) => {
                let mut key = pkcs12(KEY_PURPOSE, length, passphrase, salt, iterations);
                // Two keys: the third equals the first.
                let third = Zeroizing::new(key[..24 - length].to_vec());
                let mut three = Zeroizing::new(Vec::with_capacity(24));
                three.append(&mut key);
                three.extend_from_slice(&third);
                (three, pkcs12(IV_PURPOSE, iv_length, passphrase, salt, iterations))
            }
        };
        self.cipher.decrypt(&key, &iv, encrypted)
    }
}

type Bytes = Zeroizing<Vec<u8>>;

/// The key of DES and its initialization vector (RFC 8018 §6.1.1).
fn halves(derived: Bytes) -> (Bytes, Bytes) {
    (Zeroizing::new(derived[..8].to_vec()), Zeroizing::new(derived[8..16].to_vec()))
}

/// RFC 8018 §5.1.
fn pbkdf1<H: Digest>(passphrase: &[u8], salt: &[u8], iterations: u32) -> Bytes {
    let mut hash = H::new();
    hash.update(passphrase);
    hash.update(salt);
    let mut derived = Zeroizing::new(hash.finalize().to_vec());
    for _ in 1..iterations {
        let next = H::digest(&*derived);
        derived.copy_from_slice(&next);
    }
    derived
}

/// The kinds of data derived by [`pkcs12`] (RFC 7292 B.3).
const KEY_PURPOSE: u8 = 1;
const IV_PURPOSE: u8 = 2;

/// RFC 7292 B.2 with SHA-1: `u` is 20 bytes, `v` 64.
fn pkcs12(purpose: u8, length: usize, passphrase: &str, salt: &[u8], iterations: u32) -> Bytes {
    const BLOCK: usize = 64;
    // A BMPString, its two zeros at the end included (B.1).
    let units = passphrase.encode_utf16().chain([0]);
    let mut text = Zeroizing::new(Vec::with_capacity(2 * passphrase.len() + 2));
    text.extend(units.flat_map(u16::to_be_bytes));
    let filled = |bytes: &[u8], to: &mut Vec<u8>| {
        to.extend(bytes.iter().cycle().take(bytes.len().next_multiple_of(BLOCK)));
    };
    let mut input = Zeroizing::new(Vec::with_capacity(salt.len() + text.len() + 2 * BLOCK));
    filled(salt, &mut input);
    filled(&text, &mut input);
    let mut derived = Zeroizing::new(Vec::with_capacity(length + 20));
    loop {
        let mut hash = Sha1::new();
        hash.update([purpose; BLOCK]);
        hash.update(&*input);
        let mut round = hash.finalize();
        for _ in 1..iterations {
            round = Sha1::digest(round);
        }
        derived.extend_from_slice(&round);
        if derived.len() >= length {
            derived.truncate(length);
            return derived;
        }
        // This round's hash, repeated, and one are added to each block of the input.
        for block in input.chunks_mut(BLOCK) {
            let mut carry = 1;
            for (at, byte) in block.iter_mut().enumerate().rev() {
                let sum = u16::from(*byte) + u16::from(round[at % round.len()]) + carry;
                *byte = sum as u8;
                carry = sum >> 8;
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_pkcs12_derives_is_what_others_derive() {
        // Of `openssl kdf -keylen 24 -kdfopt digest:SHA1 -kdfopt hexpass:0073006d006500670000 -kdfopt hexsalt:0a58cf64530d823f
        // -kdfopt id:1 -kdfopt iter:1 PKCS12KDF`, the example shared by implementations.
        let derived = pkcs12(KEY_PURPOSE, 24, "smeg", &[0x0a, 0x58, 0xcf, 0x64, 0x53, 0x0d, 0x82, 0x3f], 1);
        let hex: String = derived.iter().map(|byte| format!("{byte:02x}")).collect();
        assert_eq!(hex, "8aaae6297b6cb04642ab5b077851284eb7128f1a2a7fbca3");
    }

    #[test]
    fn a_dek_info_is_parsed_or_its_cipher_named() {
        assert!(DekInfo::parse("DES-EDE3-CBC,0011223344556677").is_ok());
        for (value, named) in [
            ("CAMELLIA-256-CBC,00112233445566778899AABBCCDDEEFF", "CAMELLIA-256-CBC"),
            ("DES-EDE3-CBC,00112233445566", ""),
            ("DES-EDE3-CBC,001122334455667788", ""),
            ("AES-256-CBC,zz", ""),
            ("AES-256-CBC", ""),
        ] {
            assert_eq!(DekInfo::parse(value).err(), Some(named), "{value}");
        }
    }
}

//! PKCS#8: the private key of any algorithm in DER, plain or encrypted by a passphrase (RFC 5958, RFC 8018).

use pkcs8::der::asn1::{AnyRef, OctetStringRef, UintRef};
use pkcs8::der::{Decode as _, Encode as _, SliceReader};
use pkcs8::pkcs5::pbes2::{Kdf, Parameters};
use pkcs8::pkcs5::{self, EncryptionScheme, scrypt};
use pkcs8::{AlgorithmIdentifierRef, EncryptedPrivateKeyInfoRef, ObjectIdentifier, PrivateKeyInfoRef};
use zeroize::Zeroizing;

use crate::key::error::KeyError;
use crate::key::legacy::Scheme;
use crate::key::limits::{ITERATIONS_MAX, SCRYPT_MEMORY_MAX, SCRYPT_WORK_MAX};
use crate::key::passphrase::{Passphrase, ask};
use crate::secret::Secret;

/// The command that re-encrypts a key in a supported way.
pub const CONVERT: &str = "openssl pkcs8 -topk8 -in FILE -out NEW.pem";
/// The same for ciphers that OpenSSL 3 has in its own module.
pub const CONVERT_LEGACY: &str = "openssl pkcs8 -topk8 -provider legacy -provider default -in FILE -out NEW.pem";
/// N, r and p of scrypt for a new key file: the second of OWASP's recommendations, with the least memory, because openssl
/// opens a key with at most 32 MiB.
const SCRYPT: (u8, u32, u32) = (14, 8, 5);
const PBES2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.13");
const PBKDF2: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.113549.1.5.12");
const SCRYPT_OID: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.3.6.1.4.1.11591.4.11");

/// The supported hashes of PBKDF2, SHA-1 and SHA-224 to SHA-512 (RFC 8018 B.1.2).
const HASHES: [&str; 5] =
    ["1.2.840.113549.2.7", "1.2.840.113549.2.8", "1.2.840.113549.2.9", "1.2.840.113549.2.10", "1.2.840.113549.2.11"];
/// The supported ciphers of PBES2: AES in CBC and GCM mode, 3DES, DES.
const CIPHERS: [&str; 8] = [
    "2.16.840.1.101.3.4.1.2",
    "2.16.840.1.101.3.4.1.22",
    "2.16.840.1.101.3.4.1.42",
    "2.16.840.1.101.3.4.1.6",
    "2.16.840.1.101.3.4.1.26",
    "2.16.840.1.101.3.4.1.46",
    "1.2.840.113549.3.7",
    "1.3.14.3.2.7",
];

/// Returns the PKCS#1 DER of the RSA key in a PrivateKeyInfo; `None` if `der` is not one.
pub fn plain(der: &[u8]) -> Option<Result<&[u8], KeyError>> {
    let info = PrivateKeyInfoRef::from_der(der).ok()?;
    let other = match info.algorithm.oid.to_string().as_str() {
        "1.2.840.113549.1.1.1" => return Some(Ok(info.private_key.as_bytes())),
        "1.2.840.113549.1.1.10" => "an RSA-PSS private key, which cannot sign RS256 tokens",
        "1.2.840.10045.2.1" => "an elliptic-curve private key",
        "1.3.101.112" => "an Ed25519 private key",
        "1.3.101.113" => "an Ed448 private key",
        "1.3.101.110" => "an X25519 private key",
        "1.3.101.111" => "an X448 private key",
        "1.2.840.10040.4.1" => "a DSA private key",
        "1.2.840.113549.1.3.1" | "1.2.840.10046.2.1" => "a Diffie-Hellman private key",
        _ => "a private key of another kind",
    };
    Some(Err(KeyError::NotPrivate(other)))
}

/// Decrypts an EncryptedPrivateKeyInfo to a PrivateKeyInfo; `None` if `der` is not one.
pub fn decrypted(der: &[u8], passphrase: Passphrase<'_>) -> Option<Result<Zeroizing<Vec<u8>>, KeyError>> {
    fn parts<'d>(reader: &mut SliceReader<'d>) -> Result<(AlgorithmIdentifierRef<'d>, &'d [u8]), pkcs8::der::Error> {
        Ok((AlgorithmIdentifierRef::decode(reader)?, <&OctetStringRef>::decode(reader)?.as_bytes()))
    }
    let (algorithm, encrypted) = AnyRef::from_der(der).ok()?.sequence(parts).ok()?;
    Some(match Scheme::of(algorithm.oid) {
        Some(scheme) => by_scheme(scheme, algorithm.parameters, encrypted, passphrase),
        None if algorithm.oid == PBES2 => by_pbes2(der, algorithm.parameters, passphrase),
        None => Err(not_opened(algorithm.oid)),
    })
}

fn not_opened(oid: ObjectIdentifier) -> KeyError {
    let form = |name: &str| format!("a private key encrypted by {name}").into();
    let convert = CONVERT_LEGACY;
    match oid.to_string().as_str() {
        "1.2.840.113549.1.5.1" => KeyError::Form { form: form("MD2 and DES"), convert },
        "1.2.840.113549.1.5.4" => KeyError::Form { form: form("MD2 and RC2"), convert },
        "1.2.840.113549.1.5.6" => KeyError::Form { form: form("MD5 and RC2"), convert },
        "1.2.840.113549.1.5.11" => KeyError::Form { form: form("SHA-1 and RC2"), convert },
        "1.2.840.113549.1.12.1.1" | "1.2.840.113549.1.12.1.2" => {
            KeyError::Form { form: form("SHA-1 and RC4"), convert }
        }
        "1.2.840.113549.1.12.1.5" | "1.2.840.113549.1.12.1.6" => {
            KeyError::Form { form: form("SHA-1 and RC2"), convert }
        }
        other => KeyError::Form { form: form(&format!("an unknown method ({other})")), convert: CONVERT },
    }
}

/// Decrypts PBES1 or PKCS#12, whose parameters are a salt and a number of rounds (RFC 8018 A.3, RFC 7292 C).
fn by_scheme(
    scheme: Scheme,
    parameters: Option<AnyRef<'_>>,
    encrypted: &[u8],
    passphrase: Passphrase<'_>,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    fn parts<'d>(reader: &mut SliceReader<'d>) -> Result<(&'d [u8], u64), pkcs8::der::Error> {
        Ok((<&OctetStringRef>::decode(reader)?.as_bytes(), u64::decode(reader)?))
    }
    let damaged = || KeyError::damaged("the parameters of its encryption are out of range");
    let (salt, iterations) = parameters.ok_or_else(damaged)?.sequence(parts).map_err(|_| damaged())?;
    if iterations == 0 || salt.is_empty() {
        return Err(damaged());
    }
    let iterations = bounded(iterations, "iterations of a hash")?;
    let passphrase = ask(passphrase)?;
    let plain = scheme.decrypt(passphrase.expose(), salt, iterations, encrypted);
    plain.filter(|plain| PrivateKeyInfoRef::from_der(plain).is_ok()).ok_or(KeyError::WrongPassphrase)
}

fn bounded(iterations: u64, of_what: &str) -> Result<u32, KeyError> {
    match u32::try_from(iterations) {
        Ok(few @ 0..=ITERATIONS_MAX) => Ok(few),
        _ => Err(KeyError::Costly {
            cost: format!("{iterations} {of_what}"),
            limit: ITERATIONS_MAX.to_string(),
            convert: CONVERT,
        }),
    }
}

fn by_pbes2(
    der: &[u8],
    parameters: Option<AnyRef<'_>>,
    passphrase: Passphrase<'_>,
) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let unknown = || unknown_pbes2(parameters);
    let encrypted = EncryptedPrivateKeyInfoRef::from_der(der).map_err(|_| unknown())?;
    check_cost(&encrypted.encryption_algorithm)?;
    let passphrase = ask(passphrase)?;
    let plain = encrypted.decrypt(passphrase.expose()).map_err(|error| match error {
        pkcs8::Error::EncryptedPrivateKey(
            pkcs5::Error::AlgorithmParametersInvalid { .. } | pkcs5::Error::UnsupportedAlgorithm { .. },
        ) => unknown(),
        _ => KeyError::WrongPassphrase,
    })?;
    // If a wrong passphrase happens to give valid padding, the structure is still invalid.
    match PrivateKeyInfoRef::from_der(plain.as_bytes()) {
        Ok(_) => Ok(plain.to_bytes()),
        Err(_) => Err(KeyError::WrongPassphrase),
    }
}

/// Names the part of its encryption that keeps a key from being opened: the cipher, the derivation, or the cost of that.
fn unknown_pbes2(parameters: Option<AnyRef<'_>>) -> KeyError {
    fn both<'d>(reader: &mut SliceReader<'d>) -> Result<[AlgorithmIdentifierRef<'d>; 2], pkcs8::der::Error> {
        Ok([AlgorithmIdentifierRef::decode(reader)?, AlgorithmIdentifierRef::decode(reader)?])
    }
    let by =
        |what: &str, convert| KeyError::Form { form: format!("a private key encrypted by {what}").into(), convert };
    let Some([derivation, cipher]) = parameters.and_then(|parameters| parameters.sequence(both).ok()) else {
        return by("PBES2 with parameters that cannot be read", CONVERT);
    };
    match cipher.oid.to_string().as_str() {
        "1.2.840.113549.3.2" => return by("RC2", CONVERT_LEGACY),
        "1.3.6.1.4.1.3029.1.2" => return by("Blowfish", CONVERT_LEGACY),
        "1.2.840.113533.7.66.10" => return by("CAST5", CONVERT_LEGACY),
        "1.2.410.200004.1.4" => return by("SEED", CONVERT_LEGACY),
        oid if oid.starts_with("1.2.392.200011.61.1.1.1.") => return by("Camellia", CONVERT),
        oid if oid.starts_with("1.2.410.200046.1.1.") => return by("ARIA", CONVERT),
        _ => {}
    }
    let hash = match derivation.oid {
        PBKDF2 => match pbkdf2(derivation.parameters) {
            Some((iterations, _)) if bounded(iterations, "").is_err() => {
                return bounded(iterations, "iterations of PBKDF2").err().unwrap_or(KeyError::WrongPassphrase);
            }
            Some((_, hash)) => hash,
            None => return by("PBKDF2 with parameters that cannot be read", CONVERT),
        },
        SCRYPT_OID => None,
        other => return by(&format!("an unknown key derivation ({other})"), CONVERT),
    };
    match hash.map(|oid| oid.to_string()).as_deref() {
        Some("1.2.840.113549.2.12") => by("PBKDF2 with SHA-512/224", CONVERT),
        Some("1.2.840.113549.2.13") => by("PBKDF2 with SHA-512/256", CONVERT),
        Some(oid) if oid.starts_with("2.16.840.1.101.3.4.2.") => by("PBKDF2 with SHA-3", CONVERT),
        Some(oid) if !HASHES.contains(&oid) => by(&format!("PBKDF2 with an unknown hash ({oid})"), CONVERT),
        _ if CIPHERS.contains(&cipher.oid.to_string().as_str()) => by("PBES2 with unknown parameters", CONVERT),
        _ => by(&format!("an unknown cipher ({})", cipher.oid), CONVERT),
    }
}

/// Returns the iterations and the hash of PBKDF2, `None` for its usual one (RFC 8018 A.2).
fn pbkdf2(parameters: Option<AnyRef<'_>>) -> Option<(u64, Option<ObjectIdentifier>)> {
    fn parts(reader: &mut SliceReader<'_>) -> Result<(u64, Option<ObjectIdentifier>), pkcs8::der::Error> {
        <&OctetStringRef>::decode(reader)?;
        let iterations = UintRef::decode(reader)?;
        Option::<UintRef<'_>>::decode(reader)?;
        let hash = Option::<AlgorithmIdentifierRef<'_>>::decode(reader)?.map(|hash| hash.oid);
        let few = |bytes: &[u8]| bytes.iter().fold(0, |number, byte| (number << 8) | u64::from(*byte));
        let bytes = iterations.as_bytes();
        Ok((if bytes.len() > 8 { u64::MAX } else { few(bytes) }, hash))
    }
    parameters?.sequence(parts).ok()
}

/// Checks the cost of deriving the key from a passphrase: the file sets it, and may come from anyone.
fn check_cost(scheme: &EncryptionScheme) -> Result<(), KeyError> {
    let damaged = || KeyError::damaged("the parameters of its encryption are out of range");
    let costly = |cost: String, limit: String| Err(KeyError::Costly { cost, limit, convert: CONVERT });
    match scheme.pbes2().map(|scheme| &scheme.kdf) {
        Some(Kdf::Pbkdf2(params)) if params.iteration_count == 0 => Err(damaged()),
        Some(Kdf::Pbkdf2(params)) => bounded(params.iteration_count.into(), "iterations of PBKDF2").map(drop),
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
        // The library supports no other.
        _ => Ok(()),
    }
}

/// Encrypts a PrivateKeyInfo with a passphrase, by scrypt and AES-256: PBES2, which openssl can open as well.
///
/// # Errors
/// [`KeyError::Damaged`] if the structure cannot be built.
pub fn encrypt(info: &[u8], passphrase: &Secret) -> Result<Vec<u8>, KeyError> {
    let (log_n, r, p) = SCRYPT;
    let cost = scrypt::Params::new(log_n, r, p).map_err(KeyError::damaged)?;
    let (salt, iv): ([u8; 16], [u8; 16]) = (rand::random(), rand::random());
    let scheme = Parameters::generate_scrypt_aes256cbc(cost, &salt, iv).map_err(KeyError::damaged)?;
    let encrypted = scheme.encrypt(passphrase.expose(), info).map_err(KeyError::damaged)?;
    let encrypted_data = OctetStringRef::new(&encrypted).map_err(KeyError::damaged)?;
    let info = EncryptedPrivateKeyInfoRef { encryption_algorithm: scheme.into(), encrypted_data };
    info.to_der().map_err(KeyError::damaged)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tlv(tag: u8, parts: &[&[u8]]) -> Vec<u8> {
        let content = parts.concat();
        [&[tag, u8::try_from(content.len()).unwrap()], content.as_slice()].concat()
    }

    /// PKCS#8 encrypted by AES-256-CBC with this key derivation, whose ciphertext is not decrypted.
    fn encrypted(kdf: &[u8]) -> Vec<u8> {
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
        let open = |der: &[u8]| {
            let mut asked = false;
            let opened = decrypted(der, &mut || {
                asked = true;
                Ok(Some(Secret::new("x")))
            });
            (asked, opened.unwrap().unwrap_err().to_string())
        };
        for (kdf, says) in [
            (pbkdf2(4_000_000_000), "4000000000 iterations of PBKDF2; at most 10000000"),
            (pbkdf2(10_000_001), "10000001 iterations"),
            (scrypt(1 << 40, 8, 1), "scrypt with 1125899906842624 bytes of memory; at most 268435456 bytes"),
            (scrypt(1 << 63, 65_535, 65_535), "bytes of memory"),
            (scrypt(1 << 14, 8, 65_535), "scrypt with N·r·p = 8589803520"),
            (scrypt(2, 1, 1), "wrong passphrase"),
            (scrypt(0, 8, 1), "out of range"),
            (scrypt(3, 8, 1), "out of range"),
            (scrypt(16, 0, 1), "out of range"),
            (pbkdf2(0), "out of range"),
            (pbkdf2(1 << 40), "1099511627776 iterations of PBKDF2; at most 10000000"),
            (pbkdf2(1_000), "wrong passphrase"),
        ] {
            let (asked, error) = open(&encrypted(&kdf));
            assert!(error.contains(says), "{error}");
            assert_eq!(asked, says == "wrong passphrase", "{error}");
        }
        for (iterations, says) in [
            (10_000_001, "10000001 iterations of a hash; at most 10000000"),
            (0, "out of range"),
            (2048, "wrong passphrase"),
        ] {
            let parameters = [&[4, 8, 1, 2, 3, 4, 5, 6, 7, 8], der_integer(iterations).as_slice()].concat();
            for scheme in [[12, 1, 3].as_slice(), &[12, 1, 4], &[5, 3], &[5, 10]] {
                let oid = [&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1], scheme].concat();
                let (asked, error) = open(&tlv(0x30, &[&algorithm(&oid, &parameters), &tlv(4, &[&[0; 32]])]));
                assert!(error.contains(says), "{error}");
                assert_eq!(asked, says == "wrong passphrase", "{error}");
            }
        }
    }
}

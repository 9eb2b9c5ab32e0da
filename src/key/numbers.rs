//! The numbers of an RSA key as in formats other than PKCS#1, and their conversion to PKCS#1.

use rsa::BoxedUint;
use rsa::errors::Error;
use rsa::pkcs1::EncodeRsaPrivateKey as _;
use zeroize::Zeroizing;

use crate::key::error::KeyError;
use crate::key::limits::{EXPONENT_MAX_BITS, MIN_BITS, READ_MAX_BITS};

/// An RSA key by its numbers, each big-endian, with zeros before it or without.
pub struct Numbers<'n> {
    pub modulus: &'n [u8],
    pub public_exponent: &'n [u8],
    pub private_exponent: &'n [u8],
    /// Both or none: then they are computed from the exponents.
    pub primes: Option<[&'n [u8]; 2]>,
}

impl Numbers<'_> {
    /// Returns the key as PKCS#1 DER.
    ///
    /// # Errors
    /// Those of [`check_public`], or [`KeyError::Damaged`] if the numbers do not match.
    pub fn to_pkcs1(&self) -> Result<Zeroizing<Vec<u8>>, KeyError> {
        check_public(self.modulus, self.public_exponent)?;
        let encoded = self.key()?.to_pkcs1_der().map_err(KeyError::damaged)?;
        Ok(Zeroizing::new(encoded.as_bytes().to_vec()))
    }

    /// Returns the key, whose numbers must match.
    ///
    /// # Errors
    /// [`KeyError::Damaged`] if they do not.
    pub fn key(&self) -> Result<rsa::PrivateKey, KeyError> {
        let precision = u32::try_from(self.modulus.len() * 8).map_err(KeyError::damaged)?;
        let number = |bytes: &[u8]| {
            let bytes = trimmed(bytes);
            BoxedUint::from_be_slice(bytes, precision.max(bytes.len() as u32 * 8)).map_err(KeyError::damaged)
        };
        let primes = self.primes.iter().flatten().map(|prime| number(prime)).collect::<Result<Vec<_>, _>>()?;
        let [n, e, d] = [number(self.modulus)?, number(self.public_exponent)?, number(self.private_exponent)?];
        rsa::PrivateKey::from_components(n, e, d, primes).map_err(|error| {
            KeyError::damaged(match error {
                Error::InvalidModulus => "its public half belongs to another key",
                Error::InvalidExponent => "its exponents do not belong together",
                _ => "its numbers do not belong together",
            })
        })
    }
}

/// Checks that a public half can be used here.
///
/// # Errors
/// [`KeyError::Short`], or [`KeyError::Unsupported`] for a modulus or exponent longer than the signers accept.
pub fn check_public(modulus: &[u8], exponent: &[u8]) -> Result<(), KeyError> {
    match (bits(modulus), bits(exponent)) {
        (length, _) if length < MIN_BITS => Err(KeyError::Short(length)),
        (length, _) if length > READ_MAX_BITS => {
            Err(KeyError::Unsupported(format!("it has {length} bits; at most {READ_MAX_BITS} are accepted")))
        }
        (_, length) if length > EXPONENT_MAX_BITS => Err(KeyError::Unsupported(format!(
            "its public exponent has {length} bits; at most {EXPONENT_MAX_BITS} are accepted"
        ))),
        _ => Ok(()),
    }
}

/// Returns the length of a big-endian number in bits.
pub fn bits(number: &[u8]) -> usize {
    let number = trimmed(number);
    number.first().map_or(0, |first| number.len() * 8 - first.leading_zeros() as usize)
}

/// Returns a big-endian number without the zeros before it.
pub fn trimmed(number: &[u8]) -> &[u8] {
    &number[number.iter().take_while(|byte| **byte == 0).count()..]
}

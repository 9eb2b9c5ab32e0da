//! JSON Web Keys (RFC 7517, RFC 7518 §6.3), one or a set of them.
//!
//! Their values are checked in place: a parser that decodes strings would leave copies behind.

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use serde::Deserialize;
use serde_json::value::RawValue;
use zeroize::Zeroizing;

use crate::key::error::KeyError;
use crate::key::numbers::Numbers;

const BASE64URL: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new().with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// The relevant members.
#[derive(Deserialize)]
struct Members<'t> {
    #[serde(borrow)]
    kty: Option<&'t RawValue>,
    #[serde(borrow)]
    n: Option<&'t RawValue>,
    #[serde(borrow)]
    e: Option<&'t RawValue>,
    #[serde(borrow)]
    d: Option<&'t RawValue>,
    #[serde(borrow)]
    p: Option<&'t RawValue>,
    #[serde(borrow)]
    q: Option<&'t RawValue>,
    /// Further primes.
    #[serde(borrow)]
    oth: Option<&'t RawValue>,
    /// The contents of a set.
    #[serde(borrow)]
    keys: Option<Vec<&'t RawValue>>,
    /// An encrypted key is a JWE (RFC 7517 §7).
    #[serde(borrow)]
    ciphertext: Option<&'t RawValue>,
}

/// Returns the PKCS#1 DER of the RSA private key in a JSON text.
///
/// # Errors
/// [`KeyError`], naming the actual kind of the text.
pub fn pkcs1(text: &str) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let Ok(members) = serde_json::from_str::<Members<'_>>(text) else {
        return Err(KeyError::NotPrivate("a JSON text without a key"));
    };
    if let Some(keys) = &members.keys {
        let keys = keys.iter().filter_map(|key| serde_json::from_str::<Members<'_>>(key.get()).ok());
        let private: Vec<_> = keys.filter(|key| string(key.kty) == Some("RSA") && key.d.is_some()).collect();
        return match private.as_slice() {
            [one] => one_key(one),
            [] => Err(KeyError::NotPrivate("a set of JSON Web Keys without an RSA private key")),
            several => Err(KeyError::Several(several.len())),
        };
    }
    one_key(&members)
}

fn one_key(key: &Members<'_>) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let is_private = key.d.is_some();
    match string(key.kty) {
        Some("RSA") if !is_private => return Err(KeyError::NotPrivate("the public half of a key, as a JSON Web Key")),
        Some("RSA") if key.oth.is_some() => return Err(KeyError::Unsupported("it has more than two primes".into())),
        Some("RSA") => {}
        Some("EC") => return Err(KeyError::NotPrivate("an elliptic-curve JSON Web Key")),
        Some("OKP") => return Err(KeyError::NotPrivate("a JSON Web Key of Ed25519 or its like")),
        Some("oct") => return Err(KeyError::NotPrivate("a symmetric JSON Web Key")),
        Some(_) => return Err(KeyError::NotPrivate("a JSON Web Key of another kind")),
        None if key.ciphertext.is_some() => return Err(KeyError::NotPrivate("an encrypted JSON Web Key")),
        None => return Err(KeyError::NotPrivate("a JSON text without a key")),
    }
    let number = |value: Option<&RawValue>| {
        let digits = string(value)?;
        let mut bytes = Zeroizing::new(vec![0; base64::decoded_len_estimate(digits.len())]);
        let length = BASE64URL.decode_slice(digits, &mut bytes).ok()?;
        bytes.truncate(length);
        Some(bytes)
    };
    let needed =
        |value, name| number(value).ok_or_else(|| KeyError::damaged(format!("its {name} is not valid base64url")));
    let [n, e, d] = [needed(key.n, "n")?, needed(key.e, "e")?, needed(key.d, "d")?];
    let primes = match (key.p, key.q) {
        (Some(_), Some(_)) => Some([needed(key.p, "p")?, needed(key.q, "q")?]),
        _ => None,
    };
    let primes = primes.as_ref().map(|[p, q]| [p.as_slice(), q.as_slice()]);
    Numbers { modulus: &n, public_exponent: &e, private_exponent: &d, primes }.to_pkcs1()
}

/// Returns the text between the quotes of a string; no relevant value contains an escape.
fn string(value: Option<&RawValue>) -> Option<&str> {
    value?.get().strip_prefix('"')?.strip_suffix('"')
}

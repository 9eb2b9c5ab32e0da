//! Checks a password or token against the value stored for a device: a PBKDF2 hash, or a public key (I3 facts §3).

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use ring::{pbkdf2, signature};
use rsa::pkcs8::SubjectPublicKeyInfoRef;
use rsa::pkcs8::der::Decode as _;
use serde_json::Value;

/// I3's number of iterations.
const ITERATIONS: NonZeroU32 = NonZeroU32::new(901).expect("901 is not 0");
/// I3's key length, in bytes.
const KEY_BYTES: usize = 24;
/// Above this, a log-in is refused instead of blocking the sandbox's only thread for seconds; I3 has no such limit.
const MAX_ITERATIONS: u32 = 10_000_000;
/// rsaEncryption (RFC 8017 §A.1).
const RSA_ENCRYPTION: rsa::pkcs8::ObjectIdentifier = rsa::pkcs8::ObjectIdentifier::new_unwrap("1.2.840.113549.1.1.1");

/// Hashes a password as I3 does: `PBKDF2$sha256$901$<salt>$<key>`, a 24-byte key, the salt used as its base64 text.
pub(super) fn hash(password: &str) -> String {
    let salt = STANDARD.encode(rand::random::<[u8; 12]>());
    let mut key = [0; KEY_BYTES];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, ITERATIONS, salt.as_bytes(), password.as_bytes(), &mut key);
    format!("PBKDF2$sha256${ITERATIONS}${salt}${}", STANDARD.encode(key))
}

/// Returns whether a CONNECT with `password` is accepted if the marketplace stores `stored`. `now`: seconds since
/// 1970.
pub(super) fn accepts(stored: &str, password: &str, now: i64) -> bool {
    if stored.starts_with("PBKDF2$sha") {
        matches_hash(stored, password).unwrap_or(false)
    } else {
        verifies_token(stored, password, now).unwrap_or(false)
    }
}

fn matches_hash(stored: &str, password: &str) -> Option<bool> {
    let mut parts = stored.split('$').skip(1);
    let algorithm = match parts.next()? {
        "sha256" => pbkdf2::PBKDF2_HMAC_SHA256,
        "sha512" => pbkdf2::PBKDF2_HMAC_SHA512,
        _ => return None,
    };
    let iterations = parts.next()?.parse::<NonZeroU32>().ok().filter(|n| n.get() <= MAX_ITERATIONS)?;
    let (salt, key) = (parts.next()?, STANDARD.decode(parts.next()?).ok()?);
    if parts.next().is_some() || key.is_empty() {
        return None;
    }
    Some(pbkdf2::verify(algorithm, iterations, salt.as_bytes(), password.as_bytes(), &key).is_ok())
}

/// Like PyJWT 1.7.1 with the stored body in a PEM as the key: only RS256; signature, then times.
fn verifies_token(stored: &str, token: &str, now: i64) -> Option<bool> {
    let der = STANDARD.decode(stored).ok()?;
    let key = SubjectPublicKeyInfoRef::from_der(&der).ok()?;
    if key.algorithm.oid != RSA_ENCRYPTION {
        return None;
    }
    let (signed, signature_part) = token.rsplit_once('.')?;
    let (header, claims) = signed.split_once('.')?;
    let header: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(header).ok()?).ok()?;
    if header.get("alg")?.as_str()? != "RS256" || header.get("kid").is_some_and(|kid| !kid.is_string()) {
        return None;
    }
    signature::UnparsedPublicKey::new(&signature::RSA_PKCS1_2048_8192_SHA256, key.subject_public_key.raw_bytes())
        .verify(signed.as_bytes(), &URL_SAFE_NO_PAD.decode(signature_part).ok()?)
        .ok()?;
    let claims: Value = serde_json::from_slice(&URL_SAFE_NO_PAD.decode(claims).ok()?).ok()?;
    let claims = claims.as_object()?;
    // An `iat` in the future passes; newer releases of PyJWT refuse it.
    let numeric = |name: &str| claims.get(name).map(|value| seconds(value).ok_or(NotANumber)).transpose();
    let (Ok(exp), Ok(nbf), Ok(_)) = (numeric("exp"), numeric("nbf"), numeric("iat")) else { return None };
    Some(exp.is_none_or(|exp| exp >= now) && nbf.is_none_or(|nbf| nbf <= now) && !claims.contains_key("aud"))
}

struct NotANumber;

/// Python's `int()` of a claim: fractions are cut off, digits in a string count.
fn seconds(value: &Value) -> Option<i64> {
    match value {
        // The cast saturates; a date that far off is as good as any other.
        Value::Number(number) => number.as_i64().or_else(|| number.as_f64().map(|float| float as i64)),
        Value::String(text) => text.trim().parse().ok(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use ring::rand::SystemRandom;
    use rsa::pkcs1::EncodeRsaPublicKey as _;
    use rsa::pkcs8::{EncodePrivateKey as _, EncodePublicKey as _};
    use serde_json::json;
    use std::sync::OnceLock;

    const NOW: i64 = 1_800_000_000;

    struct Pair {
        signing: signature::RsaKeyPair,
        body: String,
        pkcs1: String,
    }

    fn pair() -> &'static Pair {
        static PAIR: OnceLock<Pair> = OnceLock::new();
        PAIR.get_or_init(|| {
            let key = rsa::PrivateKey::new(&mut rand::rng(), 2048).unwrap();
            let public = key.to_public_key();
            Pair {
                signing: signature::RsaKeyPair::from_pkcs8(key.to_pkcs8_der().unwrap().as_bytes()).unwrap(),
                body: STANDARD.encode(public.to_public_key_der().unwrap()),
                pkcs1: STANDARD.encode(public.to_pkcs1_der().unwrap()),
            }
        })
    }

    fn token(alg: &str, claims: &Value) -> String {
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&json!({"alg": alg, "typ": "JWT"})), part(claims));
        let mut signature = vec![0; pair().signing.public().modulus_len()];
        pair()
            .signing
            .sign(&signature::RSA_PKCS1_SHA256, &SystemRandom::new(), signed.as_bytes(), &mut signature)
            .unwrap();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    #[test]
    fn tokens_are_judged_as_pyjwt_does() {
        let good = json!({"iss": "me", "iat": NOW, "exp": NOW + 60});
        let cases = [
            (good.clone(), true),
            (json!({"iat": NOW}), true),
            (json!({"exp": (NOW - 60) * 1000}), true),
            (json!({"iat": NOW + 600, "exp": NOW + 900}), true),
            (json!({"exp": NOW - 1}), false),
            (json!({"exp": "tomorrow"}), false),
            (json!({"exp": null}), false),
            (json!({"exp": NOW + 60, "aud": "i3"}), false),
            (json!({"exp": NOW + 60, "nbf": NOW + 30}), false),
            (json!({"exp": NOW + 60, "nbf": NOW - 30}), true),
            (json!("exp"), false),
        ];
        for (claims, accepted) in cases {
            assert_eq!(accepts(&pair().body, &token("RS256", &claims), NOW), accepted, "{claims}");
        }
        let good = token("RS256", &good);
        for bad in [format!("{good}\n"), format!(" {good}"), good.replace('.', ""), String::new(), format!("{good}A")] {
            assert!(!accepts(&pair().body, &bad, NOW), "{bad}");
        }
        assert!(!accepts(&pair().body, &token("RS512", &json!({"exp": NOW + 60})), NOW));
        assert!(!accepts(&pair().body, &token("none", &json!({"exp": NOW + 60})), NOW));
    }

    #[test]
    fn keys_in_another_form_never_let_anyone_in() {
        let token = token("RS256", &json!({"exp": NOW + 60}));
        let body = &pair().body;
        let pem = format!("-----BEGIN PUBLIC KEY-----\n{body}\n-----END PUBLIC KEY-----");
        for stored in [&pem, &pair().pkcs1, &body[..body.len() - 4], "ssh-rsa AAAAB3NzaC1yc2E", "", "hunter22"] {
            assert!(!accepts(stored, &token, NOW), "{stored}");
            assert!(!accepts(stored, stored, NOW), "{stored}");
        }
    }

    #[test]
    fn hashes_are_read_with_the_lengths_they_have() {
        let own = hash("two words; $HOME 'q' ü");
        assert!(own.starts_with("PBKDF2$sha256$901$"));
        assert!(accepts(&own, "two words; $HOME 'q' ü", NOW));
        assert!(!accepts(&own, "two words", NOW));
        assert!(!accepts(&own, &own, NOW), "the hash itself is not a password");
        let mut key = [0; 40];
        pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA512, NonZeroU32::new(7).unwrap(), b"c2FsdA==", b"secret", &mut key);
        let long = format!("PBKDF2$sha512$7$c2FsdA==${}", STANDARD.encode(key));
        assert!(accepts(&long, "secret", NOW));
        for broken in [
            "PBKDF2$sha",
            "PBKDF2$sha256$0$a$AAAA",
            "PBKDF2$sha256$x$a$AAAA",
            "PBKDF2$sha1$1$a$AAAA",
            "PBKDF2$sha256$1$a$",
            "PBKDF2$sha256$4294967295$a$AAAA",
            "PBKDF2$sha256$1$a$AAAA$",
        ] {
            assert!(!accepts(broken, "secret", NOW), "{broken}");
        }
    }
}

//! PBKDF2 password hashes as checked by I3's broker: made here, so that a plain password is never sent (I3 facts §3).

use std::num::NonZeroU32;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use ring::pbkdf2;

use crate::secret::Secret;

/// Rounds of a new hash.
///
/// The broker checks every log-in on its only thread and serves nobody else meanwhile: 901 rounds (I3's own figure) take it
/// 0.3 ms, 10,000 take 2.2 ms, 100,000 take 20 ms, and a token 45 to 80 ms. The rounds buy time for a password chosen by
/// a person, should the marketplace's table leak; a generated one needs none. At 10,000 a guess costs eleven times as
/// much as with I3's own hash, while a thousand devices that come back after a power cut are let in within 2.2 s
/// and each is still some twenty times lighter than a token. At 100,000 the same thousand would take 20 s, long enough
/// for clients to give up and join the queue again.
// Checked by the compiler: a zero here would not build.
pub const ITERATIONS: NonZeroU32 = NonZeroU32::new(10_000).unwrap();

/// The prefix of every hash; it distinguishes a hash from a public key for the broker.
pub const PREFIX: &str = "PBKDF2$sha";

/// Most rounds of an accepted hash, some seconds: a hash may come from anyone, and itself sets its rounds.
const ITERATIONS_MAX: u32 = 10_000_000;

/// Bytes of a new salt, as I3 makes them: 16 characters of base64 without padding.
const SALT_BYTES: usize = 12;
/// Bytes of a new key.
const KEY_BYTES: usize = 24;

/// Hashes `password` with a fresh salt: `PBKDF2$sha256$10000$<salt>$<key>`, 69 characters.
///
/// The salt of the function is the base64 **text**, not the bytes that it encodes (I3 facts §3).
pub fn password_hash(password: &Secret) -> String {
    let salt = STANDARD.encode(rand::random::<[u8; SALT_BYTES]>());
    with_salt(password, &salt, ITERATIONS)
}

fn with_salt(password: &Secret, salt: &str, iterations: NonZeroU32) -> String {
    let mut key = [0u8; KEY_BYTES];
    pbkdf2::derive(pbkdf2::PBKDF2_HMAC_SHA256, iterations, salt.as_bytes(), password.expose().as_bytes(), &mut key);
    format!("PBKDF2$sha256${iterations}${salt}${}", STANDARD.encode(key))
}

/// Whether `hash` is one that the broker can check.
pub fn is_hash(hash: &str) -> bool {
    Parts::read(hash).is_some()
}

/// Whether `password` belongs to `hash`; false too for a text that is not a hash. Takes as long as its iterations say.
pub fn verify(hash: &str, password: &Secret) -> bool {
    Parts::read(hash).is_some_and(|p| {
        let password = password.expose().as_bytes();
        pbkdf2::verify(p.algorithm, p.iterations, p.salt.as_bytes(), password, &p.key).is_ok()
    })
}

struct Parts<'a> {
    algorithm: pbkdf2::Algorithm,
    iterations: NonZeroU32,
    salt: &'a str,
    key: Vec<u8>,
}

impl<'a> Parts<'a> {
    /// The hash itself determines the lengths of salt and key, as at the broker.
    fn read(hash: &'a str) -> Option<Parts<'a>> {
        let mut parts = hash.split('$');
        let ("PBKDF2", name) = (parts.next()?, parts.next()?) else { return None };
        let algorithm = match name {
            "sha256" => pbkdf2::PBKDF2_HMAC_SHA256,
            "sha512" => pbkdf2::PBKDF2_HMAC_SHA512,
            _ => return None,
        };
        let iterations = parts.next()?.parse().ok().filter(|n: &NonZeroU32| n.get() <= ITERATIONS_MAX)?;
        let salt = parts.next().filter(|s| !s.is_empty())?;
        let key = STANDARD.decode(parts.next()?).ok().filter(|k| !k.is_empty())?;
        parts.next().is_none().then_some(Parts { algorithm, iterations, salt, key })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    // The expected keys come from Python: hashlib.pbkdf2_hmac(name, password, salt_text, iterations, length).
    const ODD: &str = "two words; $HOME 'q' ü";

    #[test]
    fn hashes_as_another_implementation_does() {
        let made = with_salt(&Secret::new(ODD), "c2FsdHNhbHRzYWx0", ITERATIONS);
        assert_eq!(made, "PBKDF2$sha256$10000$c2FsdHNhbHRzYWx0$AszKhFgKMuSOkE12gj3SwJ9CyRy3pq6H");
        assert!(verify(
            "PBKDF2$sha256$901$c2FsdHNhbHRzYWx0$HLeSCDNZZm3rcijY0+0Vm23CoZvKeHToVNJ8rD0Y/tU=",
            &Secret::new(ODD)
        ));
        assert!(verify("PBKDF2$sha512$901$c2FsdA==$LZ9LtbRAICk8MjfOEvdUVovCjCsWiACN", &Secret::new(ODD)));
    }

    #[test]
    fn a_new_hash_has_its_own_salt_and_takes_its_own_password_alone() {
        let (one, other) = (password_hash(&Secret::new(ODD)), password_hash(&Secret::new(ODD)));
        assert_ne!(one, other);
        assert_eq!(one.len(), 69);
        assert!(one.starts_with(PREFIX) && is_hash(&one));
        assert!(verify(&one, &Secret::new(ODD)));
        assert!(!verify(&one, &Secret::new("two words")));
    }

    #[test]
    fn what_is_no_hash_verifies_nothing() {
        for bad in [
            "",
            "PBKDF2",
            "PBKDF2$sha256$0$c2FsdA==$AAAA",
            "PBKDF2$sha256$x$c2FsdA==$AAAA",
            "PBKDF2$sha256$4000000000$c2FsdA==$AAAA",
            "PBKDF2$md5$901$c2FsdA==$AAAA",
            "PBKDF2$sha256$901$$AAAA",
            "PBKDF2$sha256$901$c2FsdA==$",
            "PBKDF2$sha256$901$c2FsdA==$AAAA$x",
            "PBKDF2$sha256$901$c2FsdA==$not base64",
        ] {
            assert!(!is_hash(bad) && !verify(bad, &Secret::new("")), "{bad}");
        }
    }
}

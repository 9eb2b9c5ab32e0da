//! A private key in a message: its armour lines (PEM, OpenSSH, OpenPGP) or a private JSON Web Key, and nothing encoded.
//!
//! A payload may be any bytes, and millions of them go by: so this looks for what cannot be there by chance, and first for two
//! texts that are hardly ever there.

use std::sync::LazyLock;

use memchr::memmem::{self, Finder};

use crate::guard::form::{KeyEncoding, KeyForm, KeyKind};
use crate::guard::search::{self, Scope};

/// What every armour line and every JSON Web Key (RFC 7517 §4.1) has in it.
const ARMOUR: &str = "PRIVATE KEY";
const KEY_TYPE: &str = "kty";
static FINDERS: LazyLock<[Finder<'static>; 2]> = LazyLock::new(|| [ARMOUR, KEY_TYPE].map(Finder::new));

/// Most bytes between the word `BEGIN` and [`ARMOUR`]: the longest label in use is `SSH2 ENCRYPTED`.
const LABEL_MAX: usize = 24;
/// Fewest dashes before `BEGIN`: four in the format of ssh.com, five in all others (RFC 7468 §3).
const DASHES: &[u8] = b"----";
/// The private members of a JSON Web Key (RFC 7518 §6.2.2, §6.3.2, §6.4.1).
const PRIVATE_MEMBERS: [&str; 7] = ["d", "p", "q", "dp", "dq", "qi", "k"];
/// Fewest characters of a private member: 120 bits.
const NUMBER_MIN: usize = 20;
/// Fewest characters of the first line of an armoured key's body: writers break it after 64 (RFC 7468 §2) to 76.
const BODY_MIN: usize = 32;
/// How much of a message is looked at to name the kind of its key, in bytes.
const NAMED_MAX: usize = 64 * 1024;

/// Returns whether [`find`] has to look closer.
pub fn may_hold(bytes: &[u8]) -> bool {
    FINDERS.iter().any(|finder| finder.find(bytes).is_some())
}

/// Returns the private key that a whole message holds.
pub fn find(message: &[u8]) -> Option<KeyForm> {
    let at = armour(message).map(|(at, _)| at).or_else(|| jwk(message))?;
    let (from, rest) = (at.saturating_sub(NAMED_MAX / 2), message.len());
    let kind = || KeyForm { kind: KeyKind::Armour, encoding: KeyEncoding::Pem, encoded: None };
    Some(search::find(&message[from..rest.min(from + NAMED_MAX)], Scope::Private).unwrap_or_else(kind))
}

/// Which end of a key an armour line is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Begin,
    Finish,
}

/// Returns where the last armour line is, and which end of the key it marks.
fn armour(message: &[u8]) -> Option<(usize, End)> {
    let lines = FINDERS[0].find_iter(message).filter_map(|at| {
        let before = &message[at.saturating_sub(LABEL_MAX + DASHES.len() + " BEGIN ".len())..at];
        let is_label = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b' ';
        let label = before.iter().rposition(|byte| !is_label(byte)).map_or(0, |last| last + 1);
        let words = before[label..].trim_ascii_start();
        let end = [("BEGIN", End::Begin), ("END", End::Finish)]
            .into_iter()
            .find(|(word, _)| words.starts_with(word.as_bytes()));
        end.filter(|_| before[..label].ends_with(DASHES)).map(|(_, end)| (at, end))
    });
    lines.last()
}

/// Returns where a JSON Web Key with a private member is.
fn jwk(message: &[u8]) -> Option<usize> {
    let is_type = |(_, value): &(usize, &[u8])| matches!(*value, b"RSA" | b"EC" | b"OKP" | b"oct");
    let (at, _) = values(message, KEY_TYPE).find(is_type)?;
    let is_private = |name: &&str| values(message, name).any(|(_, value)| value.len() >= NUMBER_MIN);
    PRIVATE_MEMBERS.iter().any(is_private).then_some(at)
}

/// Returns the places of the members of this name in a JSON text, and their values if those are base64url.
fn values<'a>(json: &'a [u8], name: &str) -> impl Iterator<Item = (usize, &'a [u8])> {
    memmem::find_iter(json, name).filter_map(move |at| {
        let value = json[..at].ends_with(b"\"").then(|| value(&json[at + name.len()..]))??;
        Some((at, value))
    })
}

/// Returns the value that follows the name of a member: `": "…"`, in an escaped text with backslashes before the quotes.
fn value(after: &[u8]) -> Option<&[u8]> {
    let value = quote(quote(after)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start())?;
    let is_base64url = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let end = value.iter().position(|byte| !is_base64url(byte)).unwrap_or(value.len());
    Some(&value[..end])
}

fn quote(text: &[u8]) -> Option<&[u8]> {
    let escapes = text.iter().take_while(|byte| **byte == b'\\').count();
    text[escapes..].strip_prefix(b"\"")
}

/// Whether this is one line of a JSON Web Key that was written over several: a private member alone.
fn is_member(line: &[u8]) -> bool {
    let Some(name) = line.trim_ascii_start().strip_prefix(b"\"") else { return false };
    let private = PRIVATE_MEMBERS.iter().find_map(|private| value(name.strip_prefix(private.as_bytes())?));
    private.is_some_and(|value| value.len() >= NUMBER_MIN)
}

/// Looks for a key in one message after the other, because each line of a key file may be a message of its own.
#[derive(Debug, Default)]
pub struct MessageGate {
    /// The key whose armour began in an earlier message, and how long its lines are.
    open: Option<(KeyForm, Body)>,
}

#[derive(Debug, Clone, Copy)]
enum Body {
    /// Only header lines (RFC 1421 §4.4) came.
    Begun,
    /// Lines of this length came.
    Lines(usize),
    /// A shorter line came, which is the last.
    Ended,
}

impl MessageGate {
    /// Returns the key that is in this message, or that this message is a piece of. `may_hold` is what [`may_hold`] says of
    /// the message, or of a text that it is part of.
    #[inline]
    pub fn check(&mut self, message: &[u8], may_hold: bool) -> Option<KeyForm> {
        // Every private member begins with a quote, in a line of its own.
        if may_hold || self.open.is_some() || message.trim_ascii_start().first() == Some(&b'"') {
            self.look(message, may_hold)
        } else {
            None
        }
    }

    fn look(&mut self, message: &[u8], may_hold: bool) -> Option<KeyForm> {
        if may_hold && let Some(form) = find(message) {
            let begins = matches!(armour(message), Some((_, End::Begin)));
            self.open = begins.then_some((form, Body::Begun));
            return Some(form);
        }
        if let Some((form, body)) = self.open.take()
            && let Some(body) = next(body, message.trim_ascii())
        {
            self.open = Some((form, body));
            return Some(form);
        }
        let jwk = KeyForm { kind: KeyKind::Jwk, encoding: KeyEncoding::Own, encoded: None };
        is_member(message).then_some(jwk)
    }
}

/// Returns what may follow in the body of an armoured key after this line; `None` if the line does not belong to one.
fn next(body: Body, line: &[u8]) -> Option<Body> {
    let is_base64 = line.iter().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'='));
    let is_header = || {
        let name = line.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
        name > 0 && line[name..].starts_with(b":")
    };
    match (body, line.len()) {
        (Body::Begun, 0) => Some(Body::Begun),
        (Body::Begun, length) if is_base64 && length >= BODY_MIN => Some(Body::Lines(length)),
        (Body::Begun, _) if is_header() => Some(Body::Begun),
        (Body::Lines(all), length) if is_base64 && length == all => Some(body),
        (Body::Lines(all), length) if is_base64 && length < all => Some(Body::Ended),
        // OpenPGP's checksum (RFC 9580 §6.1).
        (Body::Ended, 5) if line.starts_with(b"=") => Some(Body::Ended),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use rand::{Rng as _, RngExt as _};

    use super::*;
    use crate::key::PrivateKey;

    const D: &str = "A-rqvZAvlSrhdT5sWqSQgYm-uXzPKrkpSDlXnWyxgIk";

    fn says(message: impl AsRef<[u8]>) -> Option<String> {
        find(message.as_ref()).map(|form| form.to_string())
    }

    #[test]
    fn a_key_in_plain_sight_is_found() {
        let pem = PrivateKey::generate(2048).unwrap().to_pem().unwrap();
        assert_eq!(says(pem.as_str()).as_deref(), Some("PKCS#8, PEM"));
        for label in ["", "RSA ", "EC ", "DSA ", "ENCRYPTED ", "OPENSSH ", "PGP ", "ANY "] {
            for text in [
                pem.replace(" PRIVATE", &format!(" {label}PRIVATE")),
                format!("-----BEGIN {label}PRIVATE KEY-----"),
                format!("-----END {label}PRIVATE KEY-----\r\n"),
                format!("-----BEGIN {label}PRIVATE KEY BLOCK-----\n\nlQ"),
                format!(r#"{{"name":"lot1","key":"-----BEGIN {label}PRIVATE KEY-----\nMIIE\n"}}"#),
            ] {
                assert!(says(&text).is_some(), "{text}");
            }
        }
        assert!(says("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----").is_some());
        for jwk in [
            format!(r#"{{"kty":"EC","crv":"P-256","x":"{D}","y":"{D}","d":"{D}"}}"#),
            format!(r#"{{ "d" : "{D}", "kty" : "OKP", "crv":"Ed25519","x":"{D}"}}"#),
            format!(r#"{{"keys":[{{"kty":"RSA","n":"{D}{D}","e":"AQAB","p":"{D}","q":"{D}"}}]}}"#),
            format!(r#"{{"kty":"oct","k":"{D}"}}"#),
            format!(r#"{{"device":"lot1","jwk":"{{\"kty\":\"EC\",\"d\":\"{D}\"}}"}}"#),
            format!("\u{feff}\0noise {{\"kty\":\r\n\t\"EC\",\"d\":\n\"{D}\"}} noise"),
        ] {
            assert!(says(&jwk).is_some_and(|form| form.contains("JWK") || form.contains("first line")), "{jwk}");
        }
    }

    #[test]
    fn what_is_public_or_only_speaks_of_keys_passes() {
        let public = PrivateKey::generate(2048).unwrap().public().clone();
        for text in [
            public.to_pem(),
            public.to_jwk().to_string(),
            format!(r#"{{"kty":"EC","crv":"P-256","x":"{D}","y":"{D}"}}"#),
            format!(r#"{{"kty":"RSA","d":3}} {D}"#),
            format!(r#"{{"d":"{D}","type":"RSA"}}"#),
            "THE PRIVATE KEY IS IN THE SAFE, BEGIN WITH IT".into(),
            "PRIVATE KEY".into(),
            "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----".into(),
        ] {
            assert_eq!(says(&text), None, "{text}");
        }
    }

    /// Every line as a message, as `pub -l` sends it; which are refused.
    fn refused(text: &str) -> Vec<bool> {
        let mut gate = MessageGate::default();
        text.lines().map(|line| gate.check(line.as_bytes(), may_hold(line.as_bytes())).is_some()).collect()
    }

    #[test]
    fn each_line_of_a_key_file_is_part_of_the_key_and_the_next_line_is_not() {
        let pem = PrivateKey::generate(2048).unwrap().to_pem().unwrap();
        let lines = pem.lines().count();
        let old = pem.replacen('\n', "\nProc-Type: 4,ENCRYPTED\nDEK-Info: AES-128-CBC,00\n\n", 1);
        let pgp = pem.replace("PRIVATE KEY", "PGP PRIVATE KEY BLOCK").replacen("-----END", "=AbCd\n-----END", 1);
        for (text, lines) in
            [(pem.as_str(), lines), (&pem.replace('\n', "\r\n"), lines), (&old, lines + 3), (&pgp, lines + 1)]
        {
            let refused = refused(&format!("before\n{text}678\nafter"));
            assert_eq!(refused.iter().filter(|refused| **refused).count(), lines, "{text}");
            assert!(!refused[0] && !refused[lines + 1] && !refused[lines + 2], "{text}");
        }
        // A first line by itself takes no more than what could be one line of a body with it: no readings.
        let alone = refused(
            &format!("-----BEGIN PRIVATE KEY-----\n{D}\n67\n6\n678\n679\n{{}}\n")
                .replace('-', "+")
                .replace("+++++", "-----"),
        );
        assert_eq!(alone, [true, true, true, false, false, false, false]);
        assert_eq!(refused("-----BEGIN PRIVATE KEY-----\n678\n679\n680\n"), [true, false, false, false]);
        assert_eq!(refused("-----BEGIN PRIVATE KEY-----\n{}\n678"), [true, false, false]);
        // Whole in one message, its end closes it.
        let mut gate = MessageGate::default();
        assert!(gate.check(pem.as_bytes(), true).is_some() && gate.check(b"678", true).is_none());
        let pretty = format!("{{\n  \"kty\": \"RSA\",\n  \"e\": \"AQAB\",\n  \"d\": \"{D}\",\n  \"dp\":\"{D}\"\n}}");
        assert_eq!(refused(&pretty), [false, false, false, true, true, false]);
        assert_eq!(refused(&format!("\"open\"\n\"d\"\n{{\"d\":\"{D}\"}}\n\"x\": \"{D}\"")), [false; 4]);
    }

    #[test]
    fn random_messages_raise_no_alarm() {
        let count = std::env::var("I3_FALSE_ALARMS").ok().and_then(|text| text.parse().ok()).unwrap_or(20_000);
        let mut random = rand::rng();
        let names = ["d", "p", "q", "k", "n", "x", "kty", "id", "key", "free", "dq"];
        let values = ["RSA", "EC", "678", "-----BEGIN", "PRIVATE", D];
        let mut gate = MessageGate::default();
        for _ in 0..count {
            let mut bytes = vec![0; random.random_range(0..300)];
            random.fill_bytes(&mut bytes);
            assert_eq!(find(&bytes), None, "{bytes:?}");
            assert_eq!(gate.check(&bytes, may_hold(&bytes)), None, "{bytes:?}");
            // A name of a key's member is never with a key type by chance, so one of the two is left out.
            let has_type = random.random_bool(0.5);
            let members = (0..random.random_range(0..8)).map(|_| {
                let name = names[random.random_range(0..names.len())];
                let value = values[random.random_range(0..values.len())];
                let is_left_out = has_type && PRIVATE_MEMBERS.contains(&name) || !has_type && name == "kty";
                (if is_left_out { "free" } else { name }.to_owned(), serde_json::Value::from(value))
            });
            let json = serde_json::Value::Object(members.collect()).to_string();
            assert_eq!(find(json.as_bytes()), None, "{json}");
            assert_eq!(gate.check(json.as_bytes(), may_hold(json.as_bytes())), None, "{json}");
        }
    }
}

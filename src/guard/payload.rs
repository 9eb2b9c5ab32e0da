//! A private key in a message: its armour lines (PEM, OpenSSH, OpenPGP) or a private JSON Web Key, and nothing encoded.
//!
//! A payload may be any bytes, and there may be millions of them: so this searches for patterns that cannot occur by
//! chance, and first for two texts that hardly ever occur.

use std::borrow::Cow;
use std::collections::HashMap;
use std::sync::LazyLock;

use memchr::memmem::{self, Finder};

use crate::guard::form::{KeyEncoding, KeyForm, KeyKind};
use crate::guard::search::{self, Scope};

/// Texts that every armour line and every JSON Web Key (RFC 7517 §4.1) contain.
const ARMOUR: &str = "PRIVATE KEY";
const KEY_TYPE: &str = "kty";
static FINDERS: LazyLock<[Finder<'static>; 2]> = LazyLock::new(|| [ARMOUR, KEY_TYPE].map(Finder::new));

/// Most bytes between the word `BEGIN` and [`ARMOUR`], twice the length of the longest label in use: `NEBULA ECDSA P256
/// ENCRYPTED`.
const LABEL_MAX: usize = 64;
/// Fewest dashes before `BEGIN`: four in the format of ssh.com, five in all others (RFC 7468 §3).
const DASHES: &[u8] = b"----";
/// Fewest characters of a private member: 120 bits.
const NUMBER_MIN: usize = 20;
/// A private JSON Web Key.
const JWK: KeyForm = KeyForm { kind: KeyKind::Jwk, encoding: KeyEncoding::Own, encoded: None };
/// How much of a message is checked to name the kind of its key, in bytes.
const NAMED_MAX: usize = 64 * 1024;

/// Returns whether [`find`] must be called.
pub fn may_hold(bytes: &[u8]) -> bool {
    is_utf16(bytes) || FINDERS.iter().any(|finder| finder.find(bytes).is_some())
}

/// Returns whether a text begins with the byte order mark of UTF-16, in which a key's file may be as well.
fn is_utf16(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff])
}

/// Returns a message in which the characters of ASCII stand without the noughts of UTF-16.
fn in_ascii(message: &[u8]) -> Cow<'_, [u8]> {
    match is_utf16(message) {
        true => Cow::Owned(message.iter().copied().filter(|byte| *byte != 0).collect()),
        false => Cow::Borrowed(message),
    }
}

/// Returns the private key that a whole message holds.
pub fn find(message: &[u8]) -> Option<KeyForm> {
    const LINE: KeyForm = KeyForm { kind: KeyKind::Armour, encoding: KeyEncoding::Pem, encoded: None };
    let message = &in_ascii(message)[..];
    let (at, kind) = armour(message).last().map(|(at, _)| (at, LINE)).or_else(|| jwk(message).map(|at| (at, JWK)))?;
    let (from, rest) = (at.saturating_sub(NAMED_MAX / 2), message.len());
    Some(search::find(&message[from..rest.min(from + NAMED_MAX)], Scope::Private).unwrap_or(kind))
}

/// The end of a key that an armour line marks.
#[derive(Clone, Copy, PartialEq, Eq)]
enum End {
    Begin,
    Finish,
}

/// Returns where armour lines are, and which end of the key each marks.
fn armour(message: &[u8]) -> impl Iterator<Item = (usize, End)> {
    FINDERS[0].find_iter(message).filter_map(|at| {
        let before = &message[at.saturating_sub(LABEL_MAX + DASHES.len() + " BEGIN ".len())..at];
        let is_label = |byte: &u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || *byte == b' ';
        let label = before.iter().rposition(|byte| !is_label(byte)).map_or(0, |last| last + 1);
        let words = before[label..].trim_ascii_start();
        let end = [("BEGIN", End::Begin), ("END", End::Finish)]
            .into_iter()
            .find(|(word, _)| words.starts_with(word.as_bytes()));
        end.filter(|_| before[..label].ends_with(DASHES)).map(|(_, end)| (at, end))
    })
}

/// Returns where a JSON Web Key with a private member is.
fn jwk(message: &[u8]) -> Option<usize> {
    let is_private = |(at, kind): &(usize, &[u8])| holds_private(enclosing(message, *at), kind, &|_, _| true);
    values(message, KEY_TYPE).find(is_private).map(|(at, _)| at)
}

/// Returns the private members of a JSON Web Key of this type (RFC 7518 §6.2.2, §6.3.2, §6.4.1; RFC 8037 §2).
fn private_members(kind: &[u8]) -> &'static [&'static str] {
    match kind {
        b"RSA" => &["d", "p", "q", "dp", "dq", "qi"],
        b"EC" | b"OKP" => &["d"],
        b"oct" => &["k"],
        _ => &[],
    }
}

/// Returns whether a text holds a private member of a key of this type that is long enough and satisfies `fits`.
fn holds_private(text: &[u8], kind: &[u8], fits: &dyn Fn(&str, &[u8]) -> bool) -> bool {
    let names = private_members(kind);
    memchr::memchr2_iter(b'"', b'\'', text).any(|at| {
        let rest = &text[at + 1..];
        let value_of = |name: &&'static str| value(rest.strip_prefix(name.as_bytes())?).map(|value| (*name, value));
        let member = names.iter().find_map(value_of);
        member.is_some_and(|(name, value)| value.len() >= NUMBER_MIN && fits(name, value))
    })
}

/// Returns the object around this place of a JSON text, without its braces.
fn enclosing(json: &[u8], at: usize) -> &[u8] {
    let is_edge = |edge: u8, other: u8| {
        let mut depth = 0;
        move |byte: &u8| match *byte {
            byte if byte == edge && depth == 0 => true,
            byte if byte == edge => {
                depth -= 1;
                false
            }
            byte => {
                depth += usize::from(byte == other);
                false
            }
        }
    };
    let from = json[..at].iter().rposition(is_edge(b'{', b'}')).map_or(0, |from| from + 1);
    let end = json[at..].iter().position(is_edge(b'}', b'{')).map_or(json.len(), |end| at + end);
    &json[from..end]
}

/// Returns the places of the members of this name in a JSON text, and their values if those are base64url.
fn values<'a>(json: &'a [u8], name: &str) -> impl Iterator<Item = (usize, &'a [u8])> {
    memmem::find_iter(json, name).filter_map(move |at| {
        let is_quoted = matches!(json[..at].last(), Some(b'"' | b'\''));
        let value = is_quoted.then(|| value(&json[at + name.len()..]))??;
        Some((at, value))
    })
}

/// Returns the value that follows the name of a member: `": "…"`, in an escaped text with backslashes before the quotes, and in
/// Python with other quotes.
fn value(after: &[u8]) -> Option<&[u8]> {
    let value = quote(quote(after)?.trim_ascii_start().strip_prefix(b":")?.trim_ascii_start())?;
    let is_base64url = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let end = value.iter().position(|byte| !is_base64url(byte)).unwrap_or(value.len());
    Some(&value[..end])
}

fn quote(text: &[u8]) -> Option<&[u8]> {
    let escapes = text.iter().take_while(|byte| **byte == b'\\').count();
    text[escapes..].strip_prefix(b"\"").or_else(|| text[escapes..].strip_prefix(b"'"))
}

/// Whether this may be a piece of a JSON object that was written over several lines.
fn is_piece(line: &[u8]) -> bool {
    match line.trim_ascii_start().first() {
        Some(b'"' | b'\'' | b',') => true,
        Some(b'{') => line.trim_ascii_end().last() != Some(&b'}'),
        _ => false,
    }
}

/// Whether a piece of an object whose key type is not known yet holds a private member: a number of typical length,
/// and no words.
fn is_member(line: &[u8]) -> bool {
    let is_number = |name: &str, value: &[u8]| {
        // 128 bits of a shared key, 256 of a private one, 512 of a prime.
        let least = [("k", 22), ("d", 43)].iter().find(|(short, _)| *short == name).map_or(86, |(_, least)| *least);
        // Of 64 characters, 26 are capitals. Words have fewer than one in six.
        let is_enough = |which: fn(&u8) -> bool| 6 * value.iter().filter(|byte| which(byte)).count() >= value.len();
        value.len() >= least && is_enough(u8::is_ascii_uppercase) && is_enough(u8::is_ascii_lowercase)
    };
    is_piece(line) && [&b"RSA"[..], b"oct"].iter().any(|kind| holds_private(line, kind, &is_number))
}

/// How many unrelated messages may come between those of a key, such as those of another program that writes to the same topic.
const STRANGERS: u32 = 200;
/// After this many messages without a piece of a key, to any topic, no more pieces are expected.
const IDLE: u32 = 10_000;
/// Messages to other topics than that of its beginning that are taken for lines of a key: an RSA key of 16384 bits has fewer.
const SCATTERED: u32 = 250;
/// Fewest characters of a whole line of a body, which are told from other text: writers break it after 64 (RFC 7468 §2) to 76.
const BODY_MIN: usize = 40;
/// The same of a message that is nothing else, and comes right after the beginning: some break it sooner.
const FIRST_MIN: usize = 16;
/// The same of a shorter line, which is the last one.
const LAST_MIN: usize = 12;

/// Searches consecutive messages for a key, because each line of a key file may be a separate message.
#[derive(Debug, Default)]
pub struct MessageGate {
    /// What has begun and not ended, by the topics of the messages.
    open: HashMap<Box<str>, AwaitedKey>,
    /// The armoured key that began last: its lines may go to any topics.
    scattered: Option<Scattered>,
    /// Messages since there was a piece of a key.
    idle: u32,
}

/// A key that may continue.
#[derive(Debug)]
struct AwaitedKey {
    key: PartialKey,
    /// Messages to its topic since its last piece.
    strangers: u32,
}

/// A key of which more may come to other topics than that of its beginning.
#[derive(Debug)]
struct Scattered {
    begun_at: Box<str>,
    key: PartialKey,
    /// Messages to any topic since its last piece.
    strangers: u32,
    /// How many more pieces are taken for its own.
    left: u32,
}

#[derive(Debug, Clone, Copy)]
enum PartialKey {
    /// Its armour began in an earlier message; with the length of its lines.
    Armour(KeyForm, Body),
    /// A JSON Web Key of this type.
    Jwk(&'static [u8]),
}

#[derive(Debug, Clone, Copy)]
enum Body {
    /// Only header lines (RFC 1421 §4.4) so far.
    Begun,
    /// Lines of this length so far.
    Lines(usize),
    /// A shorter line came after lines of this length: the last one, or what was left of a line that was broken again.
    Ended(usize),
}

impl MessageGate {
    /// Returns the key that is in this message to a topic, or that this message is a piece of. `may_hold` is the result
    /// of [`may_hold`] for the message, or for a text that contains it.
    #[inline]
    pub fn check(&mut self, topic: &str, message: &[u8], may_hold: bool) -> Option<KeyForm> {
        let may_hold = may_hold || is_utf16(message);
        let is_open = !self.open.is_empty() || self.scattered.is_some();
        if may_hold || is_open || is_piece(message) { self.look(topic, message, may_hold) } else { None }
    }

    fn look(&mut self, topic: &str, message: &[u8], may_hold: bool) -> Option<KeyForm> {
        let found = self.find(topic, message, may_hold);
        self.idle = if found.is_some() { 0 } else { self.idle + 1 };
        if self.idle > IDLE {
            *self = MessageGate::default();
        }
        found
    }

    fn find(&mut self, topic: &str, message: &[u8], may_hold: bool) -> Option<KeyForm> {
        let message = &in_ascii(message)[..];
        if may_hold && let Some(form) = find(message) {
            match armour(message).last() {
                Some((_, End::Begin)) => {
                    let (begun_at, key) = (topic.into(), PartialKey::Armour(form, Body::Begun));
                    self.begin(topic, key);
                    self.scattered = Some(Scattered { begun_at, key, strangers: 0, left: SCATTERED });
                }
                Some((_, End::Finish)) => self.finish(topic, armour(message).any(|(_, end)| end == End::Begin)),
                None => {}
            }
            return Some(form);
        }
        let open = self.open.get_mut(topic);
        let found = open.and_then(|open| {
            let (form, next) = open.key.next(message, open.strangers > 0)?;
            (open.key, open.strangers) = (next, 0);
            Some(form)
        });
        let is_over = |open: &mut AwaitedKey| {
            open.strangers += u32::from(found.is_none());
            open.strangers > STRANGERS || matches!(open.key, PartialKey::Jwk(_)) && message.contains(&b'}')
        };
        if self.open.get_mut(topic).is_some_and(is_over) {
            self.open.remove(topic);
        }
        let scattered = self.find_scattered(topic, message, found.is_some());
        if may_hold && let Some(kind) = open_key_type(message) {
            self.begin(topic, PartialKey::Jwk(kind));
        }
        found.or(scattered).or_else(|| is_member(message).then_some(JWK))
    }

    /// Looks whether the message is a piece of a key that began at another topic, unless it `is_piece` of one of its own.
    fn find_scattered(&mut self, topic: &str, message: &[u8], is_piece: bool) -> Option<KeyForm> {
        let scattered = self.scattered.as_mut()?;
        let found = match is_piece || *scattered.begun_at == *topic {
            true => None,
            false => scattered.key.next(message, true),
        };
        match found {
            Some((_, next)) => (scattered.key, scattered.strangers, scattered.left) = (next, 0, scattered.left - 1),
            None if is_piece => scattered.strangers = 0,
            None => scattered.strangers += 1,
        }
        if scattered.strangers > STRANGERS || scattered.left == 0 {
            self.scattered = None;
        }
        found.map(|(form, _)| form)
    }

    /// Notes the end of a key, which `is_whole` if its beginning is in the same message.
    fn finish(&mut self, topic: &str, is_whole: bool) {
        let has_begun_here = self.open.remove(topic).is_some();
        let ends = |scattered: &mut Scattered| !is_whole && (!has_begun_here || *scattered.begun_at == *topic);
        if let Some(scattered) = self.scattered.take_if(ends) {
            self.open.remove(&scattered.begun_at);
        }
    }

    fn begin(&mut self, topic: &str, key: PartialKey) {
        self.open.insert(topic.into(), AwaitedKey { key, strangers: 0 });
    }
}

/// Returns the type of a JSON Web Key whose object does not end in this message.
fn open_key_type(message: &[u8]) -> Option<&'static [u8]> {
    let (at, kind) = values(message, KEY_TYPE).last()?;
    let kind = [&b"RSA"[..], b"EC", b"OKP", b"oct"].into_iter().find(|known| *known == kind)?;
    (!message[at..].contains(&b'}')).then_some(kind)
}

impl PartialKey {
    /// Returns what this message is a piece of, and what may follow it; `None` if it is not one. `is_gap` says that other
    /// messages came since the last piece.
    fn next(self, message: &[u8], is_gap: bool) -> Option<(KeyForm, PartialKey)> {
        match self {
            PartialKey::Jwk(kind) => holds_private(message, kind, &|_, _| true).then_some((JWK, self)),
            PartialKey::Armour(form, body) => {
                let message = in_one_line(message);
                let strict = if is_gap { None } else { body.next(bare(&message)) };
                strict.or_else(|| body.next_anywhere(&message)).map(|body| (form, PartialKey::Armour(form, body)))
            }
        }
    }
}

impl Body {
    /// Returns what may follow in the body of an armoured key after this line; `None` if the line does not belong to one.
    fn next(self, line: &[u8]) -> Option<Body> {
        let is_base64 = line.iter().all(is_base64);
        let is_header = || {
            let name = line.iter().take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count();
            name > 0 && line[name..].starts_with(b":")
        };
        // Cut into parts of one size, lines differ by their ends.
        let is_as_long = |all: usize| is_base64 && line.len() >= FIRST_MIN && all.abs_diff(line.len()) <= 2;
        match (self, line.len()) {
            (Body::Begun, 0) => Some(Body::Begun),
            (Body::Begun, length) if is_base64 && length >= FIRST_MIN => Some(Body::Lines(length)),
            (Body::Begun, _) if is_header() => Some(Body::Begun),
            (Body::Lines(all) | Body::Ended(all), length) if is_as_long(all) => Some(Body::Lines(all.max(length))),
            (Body::Lines(all), length) if is_base64 && length < all => Some(Body::Ended(all)),
            (Body::Ended(all), length) if is_base64 && length < all && length >= LAST_MIN => Some(self),
            // OpenPGP's checksum (RFC 9580 §6.1).
            (Body::Ended(_), 5) if line.starts_with(b"=") => Some(self),
            _ => None,
        }
    }

    /// Returns the same for a line of base64 that may be surrounded by anything, as in source code, and may follow other
    /// messages.
    fn next_anywhere(self, message: &[u8]) -> Option<Body> {
        let message = without_escapes(message);
        let run = message.split(|byte| !is_base64(byte)).max_by_key(|run| run.len()).unwrap_or_default();
        let is_mixed = || run.iter().any(u8::is_ascii_uppercase) && run.iter().any(u8::is_ascii_lowercase);
        match self {
            _ if run.len() >= BODY_MIN => Some(Body::Lines(run.len())),
            Body::Lines(all) if all >= BODY_MIN && run.len() >= LAST_MIN && run.len() % 4 == 0 && is_mixed() => {
                Some(Body::Ended(all))
            }
            _ => None,
        }
    }
}

/// Returns a piece of a body that was cut anywhere, without its line ends, and without the noughts of UTF-16.
fn in_one_line(message: &[u8]) -> Cow<'_, [u8]> {
    let is_end = |byte: &u8| matches!(byte, b'\r' | b'\n' | 0);
    match message.iter().any(is_end) {
        true => Cow::Owned(message.iter().copied().filter(|byte| !is_end(byte)).collect()),
        false => Cow::Borrowed(message),
    }
}

/// Returns a JSON text in which the signs of base64 stand for themselves: PHP writes `\/`, .NET `\u002B`.
fn without_escapes(message: &[u8]) -> Cow<'_, [u8]> {
    const ESCAPES: [(&str, &str); 6] =
        [("\\/", "/"), ("\\u002B", "+"), ("\\u002b", "+"), ("\\u002F", "/"), ("\\u002f", "/"), ("\\u003D", "=")];
    if !message.contains(&b'\\') {
        return Cow::Borrowed(message);
    }
    let text = String::from_utf8_lossy(message).into_owned();
    Cow::Owned(ESCAPES.iter().fold(text, |text, (escape, sign)| text.replace(escape, sign)).into_bytes())
}

fn is_base64(byte: &u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=')
}

/// Returns a line of a body without the quotes of source code, and what stands around them, without a mark at its beginning, or
/// without what is left of the armour line.
fn bare(line: &[u8]) -> &[u8] {
    let line = line.trim_ascii();
    let line = &line[line.iter().position(|byte| *byte != b'-').unwrap_or(line.len())..];
    let is_quote = |byte: &u8| matches!(byte, b'"' | b'\'');
    let is_object = line.iter().any(|byte| matches!(byte, b'{' | b'}' | b':'));
    let line = match (line.iter().position(is_quote), line.iter().rposition(is_quote)) {
        (Some(from), Some(end)) if from < end && !is_object => &line[from + 1..end],
        _ => line.trim_ascii_start().strip_prefix(b">").unwrap_or(line).trim_ascii_start(),
    };
    let line = line.strip_suffix(b",").unwrap_or(line);
    let line = line.strip_suffix(b"\\n").unwrap_or(line);
    line.strip_suffix(b"\\r").unwrap_or(line)
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
        assert!(says("-----BEGIN NEBULA ECDSA P256 ENCRYPTED PRIVATE KEY-----").is_some());
        for jwk in [
            format!(r#"{{"kty":"EC","crv":"P-256","x":"{D}","y":"{D}","d":"{D}"}}"#),
            format!(r#"{{ "d" : "{D}", "kty" : "OKP", "crv":"Ed25519","x":"{D}"}}"#),
            format!(r#"{{"keys":[{{"kty":"RSA","n":"{D}{D}","e":"AQAB","p":"{D}","q":"{D}"}}]}}"#),
            format!(r#"{{"kty":"oct","k":"{D}"}}"#),
            format!(r#"{{"device":"lot1","jwk":"{{\"kty\":\"EC\",\"d\":\"{D}\"}}"}}"#),
            format!("{{'kty': 'EC', 'crv': 'P-256', 'd': '{D}'}}"),
            format!(r#"{{"k":"{D}","jwk":{{"x":{{}},"kty":"oct","k":"{D}"}}}}"#),
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
            format!(r#"{{"kty":"EC","crv":"P-256","x":"{D}","y":"{D}","k":"{D}"}}"#),
            format!(r#"{{"d":"{D}","jwk":{{"kty":"EC","crv":"P-256","x":"{D}","y":"{D}"}},"q":"{D}"}}"#),
            "THE PRIVATE KEY IS IN THE SAFE, BEGIN WITH IT".into(),
            "PRIVATE KEY".into(),
            "-----BEGIN CERTIFICATE-----\nMIIE\n-----END CERTIFICATE-----".into(),
        ] {
            assert_eq!(says(&text), None, "{text}");
        }
    }

    /// Sends every line as a message, as `pub -l` does, and returns which are refused.
    fn refused(text: &str) -> Vec<bool> {
        let mut gate = MessageGate::default();
        text.lines().map(|line| gate.check("", line.as_bytes(), may_hold(line.as_bytes())).is_some()).collect()
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
        // A first line on its own catches only what could be one line of its body: no readings.
        let alone = refused(
            &format!("-----BEGIN PRIVATE KEY-----\n{D}\n67\n6\n678\n679\n{{}}\n")
                .replace('-', "+")
                .replace("+++++", "-----"),
        );
        assert_eq!(alone, [true, true, true, false, false, false, false]);
        assert_eq!(refused("-----BEGIN PRIVATE KEY-----\n678\n679\n680\n"), [true, false, false, false]);
        assert_eq!(refused("-----BEGIN PRIVATE KEY-----\n{}\n678"), [true, false, false]);
        // If it is complete in one message, its end closes it.
        let mut gate = MessageGate::default();
        assert!(gate.check("", pem.as_bytes(), true).is_some() && gate.check("", b"678", true).is_none());
        let pretty = format!("{{\n  \"kty\": \"RSA\",\n  \"e\": \"AQAB\",\n  \"d\": \"{D}\",\n  \"dp\":\"{D}\"\n}}");
        assert_eq!(refused(&pretty), [false, false, false, true, true, false]);
        let sorted = format!("{{\n  \"crv\": \"P-256\",\n  \"d\": \"{D}\",\n  \"kty\": \"EC\"\n}}");
        assert_eq!(refused(&sorted), [false, false, true, false, false]);
        assert_eq!(refused(&format!("{{\"d\":\"{D}\",\n \"kty\":\"EC\"}}")), [true, false]);
        assert_eq!(refused(&format!("{{\"kty\":\"EC\"\n,\"d\":\"{D}\"}}")), [false, true]);
        let telemetry = "{\n  \"d\": \"parking_garage_level_2_north_of_the_Building_A\",\n  \"k\": \"temperature-outdoor-north\"\n}";
        assert_eq!(refused(telemetry), [false; 4]);
        let public = format!("{{\n  \"kty\": \"EC\",\n  \"x\": \"{D}\"\n}}\n\"d\": \"parking_garage_level_2_north\"");
        assert_eq!(refused(&public), [false; 5]);
        assert_eq!(refused(&format!("\"open\"\n\"d\"\n{{\"d\":\"{D}\"}}\n\"x\": \"{D}\"")), [false; 4]);
    }

    /// As in source code, and as written by two programs that share a topic.
    #[test]
    fn each_line_of_a_key_is_part_of_it_whatever_stands_around_and_between() {
        let pem = PrivateKey::generate(2048).unwrap().to_pem().unwrap();
        let lines = pem.lines().count();
        let wrapped =
            |before: &str, after: &str| pem.lines().map(|line| format!("{before}{line}{after}\n")).collect::<String>();
        for text in [
            wrapped("\"", "\\n\""),
            wrapped("  \"", "\\r\\n\" \\"),
            wrapped("key += \"", "\";"),
            wrapped("'", "\\n' +"),
            wrapped("    \"", "\","),
            wrapped("> ", ""),
            wrapped("[2026-11-27] ", "|"),
        ] {
            let refused = refused(&format!("1\n{text}{{\"free\":7}}\n678"));
            assert_eq!(refused.iter().filter(|refused| **refused).count(), lines, "{text}");
            assert!(!refused[0] && !refused[lines + 1] && !refused[lines + 2], "{text}");
        }
        let between = pem.replace('\n', "\n{\"free\":7}\n21.5\n");
        assert_eq!(refused(&between).iter().filter(|refused| **refused).count(), lines, "{between}");
        // A reading to another topic is nothing.
        let mut gate = MessageGate::default();
        for line in pem.lines() {
            let may_hold = may_hold(line.as_bytes());
            assert!(
                gate.check("a", line.as_bytes(), may_hold).is_some() && gate.check("b", b"678", may_hold).is_none()
            );
        }
        // A key that never ends is forgotten.
        let mut gate = MessageGate::default();
        let begin = b"-----BEGIN PRIVATE KEY-----";
        assert!(gate.check("a", begin, true).is_some() && gate.check("b", begin, true).is_some());
        for _ in 0..=STRANGERS {
            assert!(gate.check("a", b"{}", false).is_none());
        }
        assert_eq!(gate.open.len(), 1);
        for _ in 0..=IDLE {
            assert!(gate.check("a", b"{}", false).is_none());
        }
        assert!(gate.open.is_empty());
    }

    #[test]
    fn a_key_is_found_whatever_topics_its_lines_go_to_and_however_they_are_broken() {
        let pem = PrivateKey::generate(2048).unwrap().to_pem().unwrap();
        let lines = pem.lines().count();
        let passed = |gate: &mut MessageGate, lines: &[String], topics: usize| -> Vec<String> {
            let passes = |(at, line): &(usize, &String)| {
                let (topic, line) = ((at % topics).to_string(), line.as_bytes());
                gate.check(&topic, line, may_hold(line)).is_none()
            };
            lines.iter().enumerate().filter(passes).map(|(_, line)| line.clone()).collect()
        };
        let whole: Vec<String> = pem.lines().map(String::from).collect();
        let escaped =
            |line: &String| serde_json::json!({ "log": line }).to_string().replace('/', "\\/").replace('+', "\\u002B");
        let escaped: Vec<String> = whole.iter().map(escaped).collect();
        for topics in [1, 2, 3, lines, 100] {
            for lines in [&whole, &escaped] {
                let mut gate = MessageGate::default();
                assert!(passed(&mut gate, lines, topics).is_empty(), "{topics} {lines:?}");
                // After its end it is over, at every topic.
                let readings = [format!("{{\"hash\":\"{D}\"}}"), D.replace('-', "+")];
                for topic in ["0", "1", "new"] {
                    assert!(
                        readings.iter().all(|line| gate.check(topic, line.as_bytes(), false).is_none()),
                        "{topics} {topic}"
                    );
                }
            }
        }
        // Broken again, and with the armour as it was.
        for width in [16, 30, 32, 48] {
            let broken = whole.iter().flat_map(|line| match line.starts_with('-') {
                true => vec![line.clone()],
                false => line.as_bytes().chunks(width).map(|part| String::from_utf8(part.to_vec()).unwrap()).collect(),
            });
            let broken: Vec<String> = broken.collect();
            assert_eq!(passed(&mut MessageGate::default(), &broken, 1), [""; 0], "{width}");
        }
        // Cut anywhere.
        for size in (31..70).chain([100, 700]) {
            let parts: Vec<_> =
                pem.as_bytes().chunks(size).map(|part| String::from_utf8(part.to_vec()).unwrap()).collect();
            let passed = passed(&mut MessageGate::default(), &parts, 1);
            // The end may be in two messages, and then is no armour line.
            assert!(passed.iter().all(|part| part.contains('-') || part.len() < LAST_MIN), "{size} {passed:?}");
        }
        // UTF-16, as a whole and by its lines, of which only the first has the mark.
        for to_bytes in [u16::to_le_bytes, u16::to_be_bytes] {
            let text: Vec<u8> = format!("\u{feff}{}", pem.as_str()).encode_utf16().flat_map(to_bytes).collect();
            assert!(may_hold(&text) && find(&text).is_some());
            let mut gate = MessageGate::default();
            let passes = |line: &&[u8]| gate.check("", line, may_hold(line)).is_none();
            assert!(
                text.split(|byte| *byte == b'\n')
                    .filter(passes)
                    .all(|line| line.contains(&b'-') || line.len() < 2 * LAST_MIN)
            );
        }
        let public: Vec<u8> = "\u{feff}PUBLIC KEY 678".encode_utf16().flat_map(u16::to_le_bytes).collect();
        assert_eq!(find(&public), None);
        // One that never ends does not stop other topics for ever.
        let mut gate = MessageGate::default();
        assert!(gate.check("a", b"-----BEGIN PRIVATE KEY-----", true).is_some());
        let hash = format!("{{\"hash\":\"{}\"}}", "0f".repeat(32));
        assert_eq!((0..1000).filter(|_| gate.check("b", hash.as_bytes(), false).is_some()).count(), SCATTERED as usize);
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
            assert_eq!(gate.check("", &bytes, may_hold(&bytes)), None, "{bytes:?}");
            // A private member of the right type never occurs with a key type by chance, so one of the two is left out.
            let kind = ["RSA", "EC", "oct", ""][random.random_range(0..4)];
            let members = (0..random.random_range(0..8)).map(|_| {
                let name = names[random.random_range(0..names.len())];
                let value = if name == "kty" { kind } else { values[random.random_range(0..values.len())] };
                let is_left_out = private_members(kind.as_bytes()).contains(&name);
                (if is_left_out { "free" } else { name }.to_owned(), serde_json::Value::from(value))
            });
            let json = serde_json::Value::Object(members.collect()).to_string();
            assert_eq!(find(json.as_bytes()), None, "{json}");
            assert_eq!(gate.check("", json.as_bytes(), may_hold(json.as_bytes())), None, "{json}");
        }
    }
}

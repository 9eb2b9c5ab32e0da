//! Keys in text formats: PEM armour, PuTTY, JWK, XML, and marks that occur only in private keys.

use crate::guard::form::{KeyKind, KeyKinds};

/// Longest label that is read after `BEGIN`.
const LABEL_MAX: usize = 80;
/// Fewest characters of a JWK's number: 120 bits.
const JWK_NUMBER_MIN: usize = 20;
/// A mark, how the text must continue after it, and the kind that it then is.
type KeyMark = (&'static [u8], fn(&[u8]) -> bool, KeyKind);

/// Marks that occur in the text format of a private key and nowhere else.
const MARKS: [KeyMark; 16] = [
    (b"PuTTY-User-Key-File-", is_digits, KeyKind::Putty),
    // The line that counts the private lines.
    (b"Private-Lines:", is_digits, KeyKind::Putty),
    (b"SSH PRIVATE KEY FILE FORMAT ", is_digits, KeyKind::OpenSsh),
    // The first line of `openssl pkey -text`: `Private-Key: (2048 bit, 2 primes)`.
    (b"Private-Key: (", is_digits, KeyKind::Printed),
    (b"Private-key-format: v", is_digits, KeyKind::Bind),
    (b"AGE-SECRET-KEY-", is_bech32, KeyKind::Age),
    // The first line of minisign's and signify's files.
    (b"untrusted comment:", is_secret_key, KeyKind::Signify),
    // Of an onion service: the file `hs_ed25519_secret_key`, and the control port's notation.
    (b"ed25519v1-secret:", is_type, KeyKind::Tor),
    (b"ED25519-V3:", is_base64_key, KeyKind::Tor),
    // Tink's key sets in JSON.
    (b"ASYMMETRIC_PRIVATE", |_| true, KeyKind::Tink),
    (b"keyMaterialType", is_symmetric, KeyKind::Tink),
    // GnuPG's own files, as text and in canonical form.
    (b"(private-key", is_list, KeyKind::Pgp),
    (b"(protected-private-key", is_list, KeyKind::Pgp),
    (b"(openpgp-private-key", is_list, KeyKind::Pgp),
    (b"(11:private-key", is_list, KeyKind::Pgp),
    (b"(21:protected-private-key", is_list, KeyKind::Pgp),
];

fn is_digits(rest: &[u8]) -> bool {
    rest.trim_ascii_start().first().is_some_and(u8::is_ascii_digit)
}

fn is_bech32(rest: &[u8]) -> bool {
    rest.iter().take(8).filter(|byte| byte.is_ascii_alphanumeric() || **byte == b'-').count() == 8
}

fn is_secret_key(rest: &[u8]) -> bool {
    rest.split(|byte| *byte == b'\n').next().is_some_and(|line| position(line, b"secret key").is_some())
}

fn is_type(rest: &[u8]) -> bool {
    rest.trim_ascii_start().starts_with(b"type")
}

/// The 64 bytes of an expanded key.
fn is_base64_key(rest: &[u8]) -> bool {
    rest.iter().take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/')).count() >= 80
}

fn is_symmetric(rest: &[u8]) -> bool {
    let value = rest.iter().position(u8::is_ascii_alphabetic).map_or(&[][..], |at| &rest[at..]);
    value.starts_with(b"SYMMETRIC")
}

fn is_list(rest: &[u8]) -> bool {
    rest.trim_ascii_start().starts_with(b"(")
}

/// Returns where `part` begins in `text`, ignoring case.
fn position(text: &[u8], part: &[u8]) -> Option<usize> {
    let first = part.first()?;
    memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text)
        .find(|at| text[*at..].get(..part.len()).is_some_and(|window| window.eq_ignore_ascii_case(part)))
}

/// The first private and the first public of `kinds`.
fn first_of(kinds: impl IntoIterator<Item = KeyKind>) -> KeyKinds {
    kinds.into_iter().fold([None, None], |[private, public], kind| match kind.is_private() {
        true => [private.or(Some(kind)), public],
        false => [private, public.or(Some(kind))],
    })
}

/// `DEK-Info: AES-128-CBC,…` inside an encrypted PEM of the old kind.
pub(super) fn dek_info(text: &[u8]) -> KeyKinds {
    let is_there = position(text, b"DEK-Info:").is_some_and(|at| {
        let value = text[at + 9..].trim_ascii_start();
        let name = value.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
        name >= 3 && value.get(name) == Some(&b',')
    });
    [is_there.then_some(KeyKind::DekInfo), None]
}

/// The first armour lines of a private and a public key.
pub(super) fn pem(text: &[u8]) -> KeyKinds {
    // Most passwords have no dashes in a row.
    let has_dashes =
        memchr::memchr2_iter(b'-', 0xe2, text).any(|at| text[at] != b'-' || text.get(at + 1) == Some(&b'-'));
    if has_dashes { first_of(armour(text)) } else { [None, None] }
}

/// The kind of key that one of the [`MARKS`] reveals.
pub(super) fn marks(text: &[u8]) -> KeyKinds {
    // Each contains one of these, or is JSON.
    if memchr::memchr3(b'-', b'(', b' ', text).or_else(|| memchr::memchr(b'"', text)).is_none() {
        return [None, None];
    }
    let goes_on =
        |mark: &[u8], rest: fn(&[u8]) -> bool| position(text, mark).is_some_and(|at| rest(&text[at + mark.len()..]));
    let mark = MARKS.iter().find(|(mark, rest, _)| goes_on(mark, *rest));
    [mark.map(|(_, _, kind)| *kind), None]
}

/// Returns the kinds of all armour lines (`-----BEGIN …`, `-----END …`), also truncated or with lost or doubled blanks.
fn armour(text: &[u8]) -> impl Iterator<Item = KeyKind> {
    let words: [&[u8]; 2] = [b"BEGIN", b"END"];
    let starts = (0..text.len()).filter_map(move |at| {
        let word = words.iter().find(|word| text[at..].get(..word.len()).is_some_and(|t| t.eq_ignore_ascii_case(word)));
        word.map(|word| (at, at + word.len()))
    });
    starts.filter_map(|(at, end)| label_kind(dashes_before(&text[..at]), &text[end..]))
}

/// Returns how many dashes end `text`, ignoring blanks after them. A word processor's long dashes count as two.
fn dashes_before(text: &[u8]) -> usize {
    let mut rest = text;
    for _ in 0..2 {
        rest = match rest {
            [shorter @ .., b' ' | b'+' | b'\t' | b'\r' | b'\n'] => shorter,
            _ => break,
        };
    }
    let mut count = 0;
    loop {
        match rest {
            [shorter @ .., b'-'] => {
                rest = shorter;
                count += 1;
            }
            [shorter @ .., 0xe2, 0x80, 0x90..=0x95] => {
                rest = shorter;
                count += 2;
            }
            _ => return count,
        }
    }
}

/// Returns the kind that a label names. `rest` follows the word `BEGIN` or `END`.
fn label_kind(dashes: usize, rest: &[u8]) -> Option<KeyKind> {
    if dashes < 2 {
        return None;
    }
    let mut label = String::new();
    let mut open = true;
    for &byte in rest.iter().take(LABEL_MAX) {
        match byte {
            _ if byte.is_ascii_alphanumeric() => label.push(char::from(byte.to_ascii_uppercase())),
            b' ' | b'\t' | b'\r' | b'\n' | b'+' | b'_' | b'"' | b'\'' | b'`' | 0 => {}
            _ => {
                open = false;
                break;
            }
        }
    }
    const PRIVATE: [(&str, KeyKind); 7] = [
        ("PRIVATEKEY", KeyKind::Pkcs8),
        ("ENCRYPTEDPRIVATEKEY", KeyKind::Pkcs8Encrypted),
        ("RSAPRIVATEKEY", KeyKind::Pkcs1),
        ("ECPRIVATEKEY", KeyKind::Ec),
        ("DSAPRIVATEKEY", KeyKind::Dsa),
        ("OPENSSHPRIVATEKEY", KeyKind::OpenSsh),
        ("PGPPRIVATEKEY", KeyKind::Pgp),
    ];
    if label.contains("PRIVATEKEY") {
        let known = PRIVATE.iter().find(|(name, _)| label.starts_with(name)).map(|(_, kind)| *kind);
        let other = if label.starts_with("SSH2") { KeyKind::SshCom } else { KeyKind::Armour };
        Some(known.unwrap_or(other))
    } else if label.contains("PUBLICKEY") {
        Some(match label.as_bytes() {
            [b'R', b'S', b'A', ..] => KeyKind::PublicPkcs1,
            [b'S', b'S', b'H', ..] => KeyKind::PublicSsh,
            [b'P', b'G', b'P', ..] => KeyKind::PublicOther,
            _ => KeyKind::PublicSpki,
        })
    } else if label.contains("CERTIFICATEREQUEST") {
        Some(KeyKind::Request)
    } else if label.contains("CERTIFICATE") {
        Some(KeyKind::Certificate)
    } else {
        // The text ends inside the label, as in an argument that the shell has split.
        let cut = open && rest.len() <= LABEL_MAX && PRIVATE.iter().any(|(name, _)| name.starts_with(label.as_str()));
        (cut && dashes >= 4).then_some(KeyKind::Armour)
    }
}

/// A JSON Web Key by its members, also truncated, with its quotes lost in a shell, or in the notation of another language:
/// `d=…`, `'d' => '…'`, `[d] => …`, `<d>…</d>`.
pub(super) fn jwk(text: &[u8]) -> KeyKinds {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+' | b'/');
    let is_between = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`' | b']' | b'(');
    let mut members = Members::default();
    let mut parts = text.split(|byte| matches!(byte, b':' | b'=' | b'>' | b'|'));
    let mut before = parts.next().unwrap_or_default();
    // A name ends right before a sign, apart from quotes, and its value begins right after it.
    for part in parts {
        let value = &part[part.iter().position(|b| !is_between(b)).unwrap_or(part.len())..];
        // Two signs in a row: `=>`, `:=`.
        if value.is_empty() {
            continue;
        }
        let name = &before[..before.iter().rposition(|b| !is_between(b)).map_or(0, |at| at + 1)];
        let name = &name[name.iter().rposition(|b| !is_word(b)).map_or(0, |at| at + 1)..];
        members.add(name, &value[..value.iter().position(|b| !is_word(b)).unwrap_or(value.len())]);
        before = part;
    }
    first_of(members.kind())
}

/// The members of a JSON Web Key (RFC 7517 §4, RFC 7518 §6).
#[derive(Default)]
struct Members {
    set: bool,
    asymmetric: bool,
    symmetric: bool,
    n: bool,
    x: bool,
    d: bool,
    p: bool,
    q: bool,
    k: bool,
}

impl Members {
    fn add(&mut self, name: &[u8], value: &[u8]) {
        let long = value.len() >= JWK_NUMBER_MIN;
        match name {
            b"kty" if matches!(value, b"RSA" | b"EC" | b"OKP") => self.asymmetric = true,
            b"kty" if value == b"oct" => self.symmetric = true,
            b"keys" => self.set = true,
            b"n" if value.len() >= 4 * JWK_NUMBER_MIN => self.n = true,
            b"x" if long => self.x = true,
            b"d" if long => self.d = true,
            b"p" if long => self.p = true,
            b"q" if long => self.q = true,
            b"k" if long => self.k = true,
            _ => {}
        }
    }

    fn kind(&self) -> Option<KeyKind> {
        let known = self.asymmetric || self.n;
        if known && (self.d || self.p && self.q) || self.symmetric && self.k {
            Some(if self.set { KeyKind::JwkSet } else { KeyKind::Jwk })
        } else {
            (self.asymmetric && (self.n || self.x)).then_some(KeyKind::PublicJwk)
        }
    }
}

/// .NET's XML format, by its root and an element with a private number; with attributes and namespaces.
pub(super) fn xml(text: &[u8]) -> KeyKinds {
    // The root, an element of the public half, and some of the private one.
    const ROOTS: [[&str; 4]; 3] =
        [["RSAKeyValue", "Modulus", "D", "P"], ["RSAParameters", "Modulus", "D", "P"], ["DSAKeyValue", "Y", "X", "X"]];
    if !text.contains(&b'<') {
        return [None, None];
    }
    let element = |name: &str, ends: bool| {
        memchr::memmem::find_iter(text, name.as_bytes()).any(|at| {
            let before = &text[..at];
            let prefix = before.iter().rev().take(32).take_while(|b| b.is_ascii_alphanumeric() || **b == b':').count();
            let opens = before[..at - prefix].ends_with(b"<") && (prefix == 0 || before.ends_with(b":"));
            opens && (!ends || text.get(at + name.len()).is_some_and(|b| *b == b'>' || b.is_ascii_whitespace()))
        })
    };
    let Some([_, public, private @ ..]) = ROOTS.iter().find(|[root, ..]| element(root, false)) else {
        return [None, None];
    };
    let is_private = private.iter().any(|name| element(name, true));
    [is_private.then_some(KeyKind::Xml), element(public, true).then_some(KeyKind::PublicOther)]
}

/// Returns whether `text` holds a hash as I3 stores it: `PBKDF2$sha256$901$<salt>$<key>` (I3 facts §3).
pub(super) fn has_hash(text: &[u8]) -> bool {
    const MARK: &[u8] = b"PBKDF2$sha";
    let is_base64 = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'=');
    let hash = |rest: &[u8]| {
        let mut fields = rest.splitn(4, |byte| *byte == b'$');
        let mut next = || fields.next().unwrap_or_default();
        let (digest, iterations, salt, key) = (next(), next(), next(), next());
        let number = |field: &[u8]| !field.is_empty() && field.iter().all(u8::is_ascii_digit);
        let base64 = |field: &[u8]| field.iter().take_while(is_base64).count();
        // The shortest key that is worth a hash, 12 bytes.
        number(digest) && number(iterations) && !salt.is_empty() && base64(salt) == salt.len() && base64(key) >= 16
    };
    text.contains(&b'$') && (0..text.len()).any(|at| text[at..].strip_prefix(MARK).is_some_and(hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn private(text: &str) -> Option<KeyKind> {
        pem(text.as_bytes())[0]
    }

    #[test]
    fn armour_lines_are_known_whole_squeezed_and_cut() {
        for text in [
            "-----BEGIN PRIVATE KEY-----",
            "-----END PRIVATE KEY-----",
            "-----BEGINPRIVATEKEY-----",
            "-----BEGIN+PRIVATE+KEY-----",
            "—–-BEGIN PRIVATE KEY—",
            "-----begin private key-----",
        ] {
            assert_eq!(private(text), Some(KeyKind::Pkcs8), "{text}");
        }
        for text in ["-----BEGIN", "-----BEGIN PRIV", "-----BEGIN RSA PRIVATE", "-----BEGIN ANY PRIVATE KEY-----"] {
            assert_eq!(private(text), Some(KeyKind::Armour), "{text}");
        }
        for text in ["BEGIN PRIVATE KEY", "--BEGIN", "-----BEGIN GAME-----", "---- THE END", "-----BEGINNERS LUCK"] {
            assert_eq!(private(text), None, "{text}");
        }
        assert_eq!(private("---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----"), Some(KeyKind::SshCom));
    }

    #[test]
    fn words_that_only_look_like_a_form_pass() {
        for text in [
            "DEK-Info:",
            "PuTTY-User-Key-File-",
            r#"{"kty":"RSA"}"#,
            r#"{"d":"aaaaaaaaaaaaaaaaaaaaaaaaaaaa"}"#,
            "n/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa/d+aaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "privateExponent: unknown",
            "<RSAKeyValue>",
            "openssh-key-v1",
        ] {
            for find in [dek_info, pem, marks, jwk, xml] {
                assert_eq!(find(text.as_bytes()), [None, None], "{text}");
            }
        }
    }

    #[test]
    fn a_mark_counts_when_it_goes_on() {
        for (text, kind) in [
            ("PuTTY-User-Key-File-2: ssh-rsa", KeyKind::Putty),
            ("RSA Private-Key: (2048 bit, 2 primes)", KeyKind::Printed),
            ("private-key-format: v1.3", KeyKind::Bind),
            ("age-secret-key-1qqqqqqqqqqq", KeyKind::Age),
            ("untrusted comment: minisign encrypted secret key\nRWRTY0IyV6n1", KeyKind::Signify),
            ("untrusted comment: signify secret key\nRWRCSwAAACq", KeyKind::Signify),
            ("== ed25519v1-secret: type0 ==\0\0\0", KeyKind::Tor),
            (r#"{"keyMaterialType":"ASYMMETRIC_PRIVATE","value":"EiA"}"#, KeyKind::Tink),
            (r#"{"value":"GiBE","keyMaterialType":"SYMMETRIC"}"#, KeyKind::Tink),
            ("Key: (private-key (rsa (n #00", KeyKind::Pgp),
            ("(21:protected-private-key(3:rsa(1:n257:", KeyKind::Pgp),
        ] {
            assert_eq!(marks(text.as_bytes()), [Some(kind), None], "{text}");
        }
        for text in [
            "Private-Key: none",
            "AGE-SECRET-KEY-",
            "(private-key)",
            "(11:private-key",
            "Private-key-format: vX",
            "untrusted comment: signify public key\nRWQ",
            "== ed25519v1-public: type0 ==",
            r#"{"keyMaterialType":"ASYMMETRIC_PUBLIC"}"#,
            "ED25519-V3:short",
        ] {
            assert_eq!(marks(text.as_bytes()), [None, None], "{text}");
        }
    }

    #[test]
    fn members_are_read_in_every_notation() {
        let x = "a".repeat(43);
        for text in [
            format!("kty=EC&crv=P-256&d={x}"),
            format!("'kty' => 'EC', 'd' => '{x}'"),
            format!("[kty] => OKP\n[d] => {x}"),
            format!("kty: OKP\nd: {x}"),
            format!("<kty>EC</kty><d>{x}</d>"),
            format!("kty := \"EC\"; d := \"{x}\""),
        ] {
            assert_eq!(jwk(text.as_bytes())[0], Some(KeyKind::Jwk), "{text}");
        }
    }

    #[test]
    fn xml_may_have_attributes_and_name_spaces() {
        for text in [
            "<RSAKeyValue><Modulus>x</Modulus><D>x",
            "<RSAKeyValue xmlns=\"x\"><P>x",
            "<ds:RSAKeyValue xmlns:ds='x'>\n<ds:D >x",
            "<?xml version='1.0'?><RSAParameters><D>x",
            "<DSAKeyValue><P>x</P><X>x",
        ] {
            assert_eq!(xml(text.as_bytes())[0], Some(KeyKind::Xml), "{text}");
        }
        assert_eq!(xml(b"<a:RSAKeyValue><a:Modulus>x"), [None, Some(KeyKind::PublicOther)]);
        for text in ["<RSAKeyValue>", "RSAKeyValue D>", "<RSAKeyValue D>", "<DSAKeyValue><P>x</P>", "<D>"] {
            assert_eq!(xml(text.as_bytes()), [None, None], "{text}");
        }
    }

    #[test]
    fn a_hash_has_four_fields() {
        for text in [
            "PBKDF2$sha256$901$c2FsdA==$a2V5a2V5a2V5a2V5",
            "lot1:PBKDF2$sha512$100000$c2FsdA==$a2V5a2V5a2V5a2V5a2V5a2V5'",
        ] {
            assert!(has_hash(text.as_bytes()), "{text}");
        }
        for text in [
            "PBKDF2",
            "PBKDF2$sha256",
            "PBKDF2$sha256$hello$x$",
            "PBKDF2$sha256$1$x",
            "PBKDF2$sha$1$x",
            "PBKDF2$shadow$9$x",
        ] {
            assert!(!has_hash(text.as_bytes()), "{text}");
        }
    }
}

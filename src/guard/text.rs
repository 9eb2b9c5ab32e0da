//! Keys in other forms than DER: PEM, OpenSSH, PuTTY, JWK, XML, and what openssl prints.

use crate::guard::form::{KeyEncoding, KeyKind};

/// Longest label that is read after `BEGIN`.
const LABEL_MAX: usize = 80;
/// Least characters of a JWK's number: 120 bits.
const JWK_NUMBER_MIN: usize = 20;
/// The names that OpenSSH gives public keys (RFC 4253 §6.6, RFC 5656 §3.1, RFC 8709 §4).
const SSH_NAMES: [&[u8]; 9] = [
    b"ssh-rsa",
    b"ssh-dss",
    b"ssh-ed25519",
    b"ssh-ed448",
    b"ecdsa-sha2-nistp256",
    b"ecdsa-sha2-nistp384",
    b"ecdsa-sha2-nistp521",
    b"sk-ssh-ed25519@openssh.com",
    b"sk-ecdsa-sha2-nistp256@openssh.com",
];

/// Returns the first private and the first public key in a text format.
pub(super) fn find(text: &[u8]) -> [Option<(KeyKind, KeyEncoding)>; 2] {
    let mut found = [None, None];
    let mut keep = |kind: KeyKind, encoding| {
        let place = if kind.is_private() { &mut found[0] } else { &mut found[1] };
        *place = place.or(Some((kind, encoding)));
    };
    // Most passwords hold none of the characters that every format needs.
    let [dash, colon, angle] = [b'-', b':', b'<'].map(|sign| text.contains(&sign));
    if colon && has_dek_info(text) {
        keep(KeyKind::DekInfo, KeyEncoding::Pem);
    }
    if dash || text.contains(&0xe2) {
        armour(text).for_each(|kind| keep(kind, KeyEncoding::Pem));
    }
    let putty = if dash { putty(text) } else { None };
    let xml = if angle { xml(text) } else { None };
    let [jwk, printed] = if colon { [jwk(text), printed(text)] } else { [None, None] };
    [putty, jwk, xml, printed].into_iter().flatten().for_each(|kind| keep(kind, KeyEncoding::Own));
    found
}

/// Returns where `part` begins in `text`, ignoring case.
fn position(text: &[u8], part: &[u8]) -> Option<usize> {
    let first = part.first()?;
    memchr::memchr2_iter(first.to_ascii_lowercase(), first.to_ascii_uppercase(), text)
        .find(|at| text[*at..].get(..part.len()).is_some_and(|window| window.eq_ignore_ascii_case(part)))
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    position(text, part).is_some()
}

/// `DEK-Info: AES-128-CBC,…` inside an encrypted PEM of the old kind.
fn has_dek_info(text: &[u8]) -> bool {
    position(text, b"DEK-Info:").is_some_and(|at| {
        let value = text[at + 9..].trim_ascii_start();
        let name = value.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
        name >= 3 && value.get(name) == Some(&b',')
    })
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

/// OpenSSH's private format by its magic (PROTOCOL.key §1), a public blob by its length-prefixed name (RFC 4253 §6.6).
pub(super) fn openssh(bytes: &[u8]) -> [Option<KeyKind>; 2] {
    let mut public = None;
    if !bytes.contains(&0) {
        return [None, None];
    }
    for at in (0..bytes.len()).filter(|at| bytes[*at] == 0) {
        if bytes[..at].ends_with(b"openssh-key-v1") {
            return [Some(KeyKind::OpenSsh), public];
        }
        let named = |rest: &[u8], length: &[u8]| {
            SSH_NAMES.iter().any(|name| length == (name.len() as u32).to_be_bytes() && rest.starts_with(name))
        };
        if bytes[at..].split_at_checked(4).is_some_and(|(length, rest)| named(rest, length)) {
            public = Some(KeyKind::PublicSsh);
        }
    }
    [None, public]
}

/// A PuTTY file by its first line, or by the line that counts the private ones.
fn putty(text: &[u8]) -> Option<KeyKind> {
    let digit_after = |mark: &[u8]| {
        position(text, mark)
            .is_some_and(|at| text[at + mark.len()..].trim_ascii_start().first().is_some_and(u8::is_ascii_digit))
    };
    (digit_after(b"PuTTY-User-Key-File-") || digit_after(b"Private-Lines:")).then_some(KeyKind::Putty)
}

/// A JSON Web Key by its members, also truncated, or with its quotes lost in a shell.
fn jwk(text: &[u8]) -> Option<KeyKind> {
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    let is_between = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'"' | b'\'' | b'`');
    let mut members = Members::default();
    let mut parts = text.split(|byte| *byte == b':');
    let mut before = parts.next().unwrap_or_default();
    // A name ends right before a colon, apart from quotes, and its value begins right after it.
    for part in parts {
        let name = &before[..before.iter().rposition(|b| !is_between(b)).map_or(0, |at| at + 1)];
        let name = &name[name.iter().rposition(|b| !is_word(b)).map_or(0, |at| at + 1)..];
        let value = &part[part.iter().position(|b| !is_between(b)).unwrap_or(part.len())..];
        let value = &value[..value.iter().position(|b| !is_word(b)).unwrap_or(value.len())];
        members.add(name, value);
        before = part;
    }
    members.kind()
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
            b"n" if value.len() >= 2 * JWK_NUMBER_MIN => self.n = true,
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

/// .NET's XML form.
fn xml(text: &[u8]) -> Option<KeyKind> {
    if !contains(text, b"<RSAKeyValue>") {
        return None;
    }
    if contains(text, b"<D>") || contains(text, b"<P>") {
        return Some(KeyKind::Xml);
    }
    contains(text, b"<Modulus>").then_some(KeyKind::PublicOther)
}

/// `openssl rsa -text`: the names of the numbers, each followed by hexadecimal digits.
fn printed(text: &[u8]) -> Option<KeyKind> {
    let number = |name: &[u8]| {
        position(text, name).is_some_and(|at| {
            let value = text[at + name.len()..].iter().filter(|byte| byte.is_ascii_alphanumeric() || **byte == b':');
            value.take(8).filter(|byte| byte.is_ascii_hexdigit() || **byte == b':').count() == 8
        })
    };
    (number(b"privateExponent:") || number(b"prime1:")).then_some(KeyKind::Printed)
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
        find(text.as_bytes())[0].map(|(kind, _)| kind)
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
            assert_eq!(find(text.as_bytes()), [None, None], "{text}");
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

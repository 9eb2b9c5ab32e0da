//! Key structures in DER, whole or cut off, found wherever they begin (ITU-T X.690).
//!
//! Nothing here examines a key's numbers. A structure counts once tags, lengths and object identifiers leave no doubt:
//! each rule below requires 40 bits or more that random bytes would have to match.

use crate::guard::form::{KeyKind, KeyKinds};

const INTEGER: u8 = 0x02;
const OCTET_STRING: u8 = 0x04;
const OID: u8 = 0x06;
const SEQUENCE: u8 = 0x30;
const SET: u8 = 0x31;

/// The arcs that key algorithms live under: ISO member bodies, Ed25519 and kin, Certicom, Brainpool, NIST.
const ALGORITHM_ARCS: [&[u8]; 5] = [
    &[0x2a, 0x86, 0x48],
    &[0x2b, 0x65],
    &[0x2b, 0x81, 0x04],
    &[0x2b, 0x24, 0x03, 0x03],
    &[0x60, 0x86, 0x48, 0x01, 0x65],
];
/// Password-based encryption of PKCS#5 and PKCS#12 (RFC 8018 A.3 and A.4, RFC 7292 C).
const ENCRYPTION_ARCS: [&[u8]; 2] =
    [&[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x05], &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x0c, 0x01]];
/// Public-key algorithms: RSA, elliptic curve, DSA, X25519, X448, Ed25519, Ed448.
const PUBLIC_ARCS: [&[u8]; 4] = [
    &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x01],
    &[0x2a, 0x86, 0x48, 0xce, 0x3d, 0x02],
    &[0x2a, 0x86, 0x48, 0xce, 0x38, 0x04],
    &[0x2b, 0x65],
];
/// PKCS#7 content types, with which a PKCS#12 store begins.
const PKCS7_ARC: &[u8] = &[0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 0x01, 0x07];
/// Least length of a number in an RSA or DSA key, in bytes: 512 bits.
const NUMBER_MIN: usize = 64;

/// Returns the first private and the first public structure in `bytes`, wherever they begin.
pub(super) fn find(bytes: &[u8]) -> KeyKinds {
    let (mut private, mut public) = (None, None);
    for at in memchr::memchr2_iter(SEQUENCE, INTEGER, bytes) {
        let found = match bytes[at] {
            SEQUENCE => structure(&bytes[at..]),
            INTEGER => piece(&bytes[at..]),
            _ => None,
        };
        match found {
            Some(kind) if kind.is_private() => {
                private = Some(kind);
                break;
            }
            Some(kind) => public = public.or(Some(kind)),
            None => {}
        }
    }
    [private, public]
}

/// One element: its tag, the length that it declares, and as much of its content as is there.
#[derive(Clone, Copy)]
struct Element<'a> {
    tag: u8,
    length: usize,
    /// Bytes before the content.
    header: usize,
    content: &'a [u8],
}

impl<'a> Element<'a> {
    /// Reads an element whose content may be cut off, but not its header.
    fn read(bytes: &'a [u8]) -> Option<Element<'a>> {
        let (&tag, rest) = bytes.split_first()?;
        let (&first, rest) = rest.split_first()?;
        let (length, count) = match first {
            0..=0x7f => (usize::from(first), 0),
            0x81..=0x83 => {
                let count = usize::from(first & 0x0f);
                let length = rest.get(..count)?.iter().fold(0, |sum, b| sum << 8 | usize::from(*b));
                // DER writes a length in as few bytes as it takes.
                let least = if count == 1 { 0x80 } else { 1 << (8 * (count - 1)) };
                (length >= least).then_some((length, count))?
            }
            _ => return None,
        };
        let rest = &rest[count..];
        Some(Element { tag, length, header: 2 + count, content: &rest[..length.min(rest.len())] })
    }

    fn read_as(tag: u8, bytes: &'a [u8]) -> Option<Element<'a>> {
        Element::read(bytes).filter(|e| e.tag == tag)
    }

    /// Header and declared content together.
    fn size(&self) -> usize {
        self.header + self.length
    }

    /// Whether all of the content is there.
    fn whole(&self) -> bool {
        self.content.len() == self.length
    }

    /// Returns what follows this element in the content of its parent, if anything.
    fn after(&self, parent: &'a [u8]) -> &'a [u8] {
        parent.get(self.size()..).unwrap_or_default()
    }

    /// Whether it is a positive number of `least` bytes or more in DER's shortest form, as far as can be seen.
    fn is_number(&self, least: usize) -> bool {
        self.tag == INTEGER
            && self.length >= least
            && match self.content {
                [0, second, ..] => *second >= 0x80,
                [0] => true,
                [first, ..] => *first < 0x80,
                [] => false,
            }
    }

    /// Whether it is an object identifier under one of `arcs`, of which at least two bytes are visible.
    fn is_under(&self, arcs: &[&[u8]]) -> bool {
        let seen = self.content;
        self.tag == OID
            && (3..=16).contains(&self.length)
            && seen.len() >= 2
            && arcs.iter().any(|arc| if seen.len() < arc.len() { arc.starts_with(seen) } else { seen.starts_with(arc) })
    }
}

/// The structure that begins with the SEQUENCE at the start of `bytes`.
fn structure(bytes: &[u8]) -> Option<KeyKind> {
    let outer = Element::read_as(SEQUENCE, bytes)?;
    let first = Element::read(outer.content)?;
    if first.size() > outer.length {
        return None;
    }
    match first.tag {
        INTEGER if first.length == 1 => versioned(&outer, *first.content.first()?),
        INTEGER => public_pkcs1(&outer, &first),
        SEQUENCE => nested(&first),
        _ => None,
    }
}

/// SEQUENCE { version, … }: PKCS#8, PKCS#1, SEC 1, DSA, PKCS#12.
fn versioned(outer: &Element<'_>, version: u8) -> Option<KeyKind> {
    let rest = outer.content.get(3..)?;
    let room = outer.length - 3;
    let second = Element::read(rest).filter(|second| second.size() <= room)?;
    match (version, second.tag) {
        (0 | 1, SEQUENCE) => {
            let oid = Element::read_as(OID, second.content)?;
            (oid.size() <= second.length && oid.is_under(&ALGORITHM_ARCS)).then_some(KeyKind::Pkcs8)
        }
        (0 | 1, INTEGER) => old_style(outer, &second, second.after(rest)),
        (1, OCTET_STRING) => {
            let scalar = matches!(second.length, 14 | 20 | 21 | 24 | 28..=30 | 32 | 36 | 40 | 48 | 52 | 64 | 66 | 72);
            // The scalar is followed by the named curve [0], the public point [1], both, or nothing.
            let (curve, point) = (7..=16, 2 * second.length + 6..=2 * second.length + 10);
            let left = room - second.size();
            let both = curve.start() + point.start()..=curve.end() + point.end();
            let fits = left == 0 || curve.contains(&left) || point.contains(&left) || both.contains(&left);
            // A curve with explicit parameters may have any length.
            let tagged = || matches!(second.after(rest), [0xa0, 0x81..=0x82, ..]);
            (scalar && (fits || tagged())).then_some(KeyKind::Ec)
        }
        (3, SEQUENCE) => {
            let oid = Element::read_as(OID, second.content)?;
            (oid.is_under(&[PKCS7_ARC]) && oid.content.len() >= 8).then_some(KeyKind::Pkcs12)
        }
        _ => None,
    }
}

/// SEQUENCE { version, big number, … }: PKCS#1 has nine numbers and DSA five, all as long as the first one says.
fn old_style(outer: &Element<'_>, modulus: &Element<'_>, after: &[u8]) -> Option<KeyKind> {
    // The highest bit of a modulus is set, so a zero byte precedes it.
    if !modulus.is_number(NUMBER_MIN) || !matches!(modulus.content, [0, _, ..]) {
        return None;
    }
    let bytes = modulus.length - 1;
    // n, d, and five numbers of half their length (a little more with three primes or more); five headers, e, version.
    let rsa = 9 * bytes / 2 + 8..=19 * bytes / 4 + 80;
    // p, g and y of the same length, q and x of 20 to 32 bytes.
    let dsa = 3 * bytes + 40..=3 * bytes + 120;
    let next_is_short = Element::read_as(INTEGER, after).is_none_or(|next| next.length <= 8);
    if rsa.contains(&outer.length) && (next_is_short || !dsa.contains(&outer.length)) {
        Some(KeyKind::Pkcs1)
    } else {
        dsa.contains(&outer.length).then_some(KeyKind::Dsa)
    }
}

/// SEQUENCE { modulus, exponent }: the exponent has one to eight bytes. With no version to go by, the modulus must be of
/// 1024 bits at least, and of whole bytes: a zero byte and a set bit before the rest.
fn public_pkcs1(outer: &Element<'_>, modulus: &Element<'_>) -> Option<KeyKind> {
    let exponent = 3..=10;
    let fits = exponent.contains(&(outer.length - modulus.size())) && modulus.is_number(129);
    (fits && matches!(modulus.content, [0, _, ..])).then_some(KeyKind::PublicPkcs1)
}

/// SEQUENCE { SEQUENCE …: encrypted PKCS#8, SubjectPublicKeyInfo, certificate, request.
fn nested(inner: &Element<'_>) -> Option<KeyKind> {
    let first = Element::read(inner.content).filter(|first| first.size() <= inner.length)?;
    match first.tag {
        OID if first.is_under(&ENCRYPTION_ARCS) && first.content.len() >= 8 => Some(KeyKind::Pkcs8Encrypted),
        OID if first.is_under(&PUBLIC_ARCS) && (first.whole() || first.content.len() >= 6) => Some(KeyKind::PublicSpki),
        // [0] { INTEGER version }, serial number.
        0xa0 if inner.content.starts_with(&[0xa0, 3, 2, 1]) && inner.content.get(5) == Some(&INTEGER) => {
            Some(KeyKind::Certificate)
        }
        INTEGER if inner.content.starts_with(&[INTEGER, 1, 0, SEQUENCE]) => {
            let name = Element::read(&inner.content[3..])?;
            (name.content.first() == Some(&SET)).then_some(KeyKind::Request)
        }
        _ => None,
    }
}

/// Numbers that occur together only inside an RSA private key: the exponent 65537 before a long number, or three long
/// numbers in a row of which the first two are complete.
fn piece(bytes: &[u8]) -> Option<KeyKind> {
    const PUBLIC_EXPONENT: [u8; 5] = [INTEGER, 3, 1, 0, 1];
    if let Some(rest) = bytes.strip_prefix(&PUBLIC_EXPONENT) {
        let next = Element::read_as(INTEGER, rest)?;
        return (next.header > 2 && next.is_number(NUMBER_MIN)).then_some(KeyKind::RsaPiece);
    }
    let first = Element::read(bytes).filter(|e| e.is_number(NUMBER_MIN) && e.whole())?;
    let second = Element::read(first.after(bytes)).filter(|e| e.is_number(NUMBER_MIN) && e.whole())?;
    let third = Element::read(second.after(first.after(bytes))).filter(|e| e.is_number(NUMBER_MIN))?;
    // d is as long as two primes; primes and their exponents have the same length.
    let near = |a: usize, b: usize| a.abs_diff(b) <= 2;
    (near(second.length, third.length) && (near(first.length, second.length) || near(first.length, 2 * second.length)))
        .then_some(KeyKind::RsaPiece)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_structure_counts_only_when_its_parts_fit() {
        let pkcs8 = [0x30, 0x82, 0x04, 0xbe, 2, 1, 0, 0x30, 0x0d, 6, 9, 0x2a, 0x86, 0x48, 0x86];
        assert_eq!(find(&pkcs8)[0], Some(KeyKind::Pkcs8));
        assert_eq!(find(&pkcs8[..13])[0], Some(KeyKind::Pkcs8));
        assert_eq!(find(&pkcs8[..12]), [None, None]);
        for (at, other) in [(1, 0x7f), (4, 3), (6, 2), (7, 0x31), (9, 5), (11, 0x55)] {
            let mut changed = pkcs8;
            changed[at] = other;
            assert_eq!(find(&changed), [None, None], "{at}");
        }
    }

    #[test]
    fn lengths_are_read_as_der_writes_them() {
        assert!(Element::read(&[4, 0x81, 0x7f]).is_none());
        assert!(Element::read(&[4, 0x82, 0, 0x80]).is_none());
        assert!(Element::read(&[4, 0x80]).is_none());
        assert!(Element::read(&[4, 0x84, 1, 1, 1, 1]).is_none());
        assert!(Element::read(&[]).is_none());
        assert_eq!(Element::read(&[4, 0x81, 0x80, 1]).map(|e| (e.length, e.content.len())), Some((128, 1)));
    }
}

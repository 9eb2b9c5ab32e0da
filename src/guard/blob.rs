//! Binary formats of keys other than DER, recognized by their magic numbers and what must follow.

use crate::guard::form::{KeyKind, KeyKinds};

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

/// The curves of OpenPGP's keys, with the length before each (RFC 9580 §9.2).
const PGP_CURVES: [&[u8]; 6] = [
    &[9, 0x2b, 0x06, 0x01, 0x04, 0x01, 0xda, 0x47, 0x0f, 0x01],
    &[10, 0x2b, 0x06, 0x01, 0x04, 0x01, 0x97, 0x55, 0x01, 0x05, 0x01],
    &[8, 0x2a, 0x86, 0x48, 0xce, 0x3d, 0x03, 0x01, 0x07],
    &[5, 0x2b, 0x81, 0x04, 0x00],
    &[9, 0x2b, 0x24, 0x03, 0x03, 0x02, 0x08, 0x01, 0x01],
    &[3, 0x2b, 0x65],
];

/// OpenSSH's private format by its magic (PROTOCOL.key §1), a public blob by its length-prefixed name (RFC 4253 §6.6).
pub(super) fn openssh(bytes: &[u8]) -> KeyKinds {
    let mut public = None;
    for at in memchr::memchr_iter(0, bytes) {
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

/// Blobs of Windows and .NET, and Java's key stores, by their first eight bytes.
pub(super) fn magic(bytes: &[u8]) -> KeyKinds {
    let mut public = None;
    // The seventh byte of each is zero.
    for at in memchr::memchr_iter(0, bytes).filter(|at| *at >= 6) {
        let kind = match *bytes[at - 6..].first_chunk::<8>().unwrap_or(&[0; 8]) {
            // PVK: magic, reserved.
            [0x1e, 0xf1, 0xb5, 0xb0, 0, 0, 0, 0] => KeyKind::MsBlob,
            // BLOBHEADER: type, version, reserved, CALG_RSA_SIGN, CALG_RSA_KEYX or CALG_DSS_SIGN.
            [7, 2, 0, 0, 0, 0x24 | 0xa4 | 0x22, 0, 0] => KeyKind::MsBlob,
            [6, 2, 0, 0, 0, 0x24 | 0xa4 | 0x22, 0, 0] => KeyKind::PublicOther,
            // BCRYPT_RSAKEY_BLOB and RSAPUBKEY: magic, bits.
            [b'R', b'S', b'A', version @ b'1'..=b'3', low, high, 0, 0] => match u16::from_le_bytes([low, high]) {
                512..=16_384 if low % 64 == 0 && version == b'1' => KeyKind::PublicOther,
                512..=16_384 if low % 64 == 0 => KeyKind::MsBlob,
                _ => continue,
            },
            // BCRYPT_ECCKEY_BLOB, for ECDSA and ECDH: magic, bytes.
            [b'E', b'C', b'S' | b'K', b'1' | b'3' | b'5', 32 | 48 | 66, 0, 0, 0] => KeyKind::PublicOther,
            [b'E', b'C', b'S' | b'K', b'2' | b'4' | b'6', 32 | 48 | 66, 0, 0, 0] => KeyKind::MsBlob,
            // JKS and JCEKS: magic, version.
            [0xfe, 0xed, 0xfe, 0xed, 0, 0, 0, 1 | 2] | [0xce, 0xce, 0xce, 0xce, 0, 0, 0, 1 | 2] => KeyKind::JavaStore,
            _ => continue,
        };
        match kind.is_private() {
            true => return [Some(kind), public],
            false => public = public.or(Some(kind)),
        }
    }
    [None, public]
}

/// The secret keys of signify and minisign, by their first fields: the algorithms of signature and encryption, and then
/// signify's rounds, which are few, or minisign's checksum.
pub(super) fn signify(bytes: &[u8]) -> KeyKinds {
    let is_key = [&b"EdBK\0"[..], b"EdScB2", b"Ed\0\0B2"].iter().any(|start| bytes.starts_with(start));
    [is_key.then_some(KeyKind::Signify), None]
}

/// An OpenPGP packet with a key (RFC 9580 §4.2 and §5.5): every visible part must match.
pub(super) fn openpgp(bytes: &[u8]) -> KeyKinds {
    let mut public = None;
    for at in memchr::memchr3_iter(3, 4, 6, bytes) {
        match packet_before(&bytes[..at]) {
            Some(is_private) if is_key(&bytes[at..]) => match is_private {
                true => return [Some(KeyKind::Pgp), public],
                false => public = Some(KeyKind::PublicOther),
            },
            _ => {}
        }
    }
    [None, public]
}

/// Whether the header of a key's packet ends `bytes`; `Some(true)` if the key is private.
fn packet_before(bytes: &[u8]) -> Option<bool> {
    let tag = match *bytes {
        // Old format: a length of one, two or four bytes.
        [.., tag @ (0x94 | 0x98 | 0x9c | 0xb8), 0x30..=0xff] => tag >> 2 & 15,
        [.., tag @ (0x95 | 0x99 | 0x9d | 0xb9), 0..=0x20, _] => tag >> 2 & 15,
        [.., tag @ (0x96 | 0x9a | 0x9e | 0xba), 0, 0, 0..=0x20, _] => tag >> 2 & 15,
        // New format: one, two, five bytes.
        [.., tag @ (0xc5 | 0xc6 | 0xc7 | 0xce), 0x2a..0xc0] => tag & 63,
        [.., tag @ (0xc5 | 0xc6 | 0xc7 | 0xce), 0xc0..0xe0, _] => tag & 63,
        [.., tag @ (0xc5 | 0xc6 | 0xc7 | 0xce), 0xff, 0, 0, 0..=0x20, _] => tag & 63,
        _ => return None,
    };
    Some(matches!(tag, 5 | 7))
}

/// Whether `bytes` begin with version, time, algorithm and the public numbers of a key.
fn is_key(bytes: &[u8]) -> bool {
    let Some((head, rest)) = bytes.split_at_checked(6) else { return false };
    // Version 6 says how long the numbers are, and some of its algorithms have only one.
    let (length, numbers) = match (head[0], rest.split_first_chunk()) {
        (6, Some((length, numbers))) => (u32::from_be_bytes(*length), numbers),
        (6, None) => return false,
        _ => (0, rest),
    };
    match head[5] {
        25 | 27 => length == 32,
        26 => length == 56,
        28 => length == 57,
        1..=3 => number(numbers, 1024..=16_384).and_then(|rest| number(rest, 2..=33)).is_some(),
        17 => number(numbers, 1024..=16_384).and_then(|rest| number(rest, 160..=256)).is_some(),
        18 | 19 | 22 => PGP_CURVES.iter().any(|curve| numbers.starts_with(curve)),
        _ => false,
    }
}

/// Returns what follows a number whose bits are counted in two bytes before it, if it has that many, and a multiple of 32
/// unless it is an exponent.
fn number(bytes: &[u8], bits: std::ops::RangeInclusive<usize>) -> Option<&[u8]> {
    let (length, rest) = bytes.split_at_checked(2)?;
    let count = usize::from(u16::from_be_bytes([length[0], length[1]]));
    let first = usize::try_from(rest.first()?.leading_zeros()).ok()?;
    let fits = bits.contains(&count) && (count % 32 == 0 || *bits.start() < 32) && first == (8 - count % 8) % 8;
    rest.get(count.div_ceil(8)..).filter(|_| fits)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_magic_number_counts_only_with_what_follows_it() {
        for (bytes, kind) in [
            (&b"\x1e\xf1\xb5\xb0\0\0\0\0"[..], Some(KeyKind::MsBlob)),
            (b"\0\x07\x02\0\0\0\xa4\0\0", Some(KeyKind::MsBlob)),
            (b"RSA3\0\x08\0\0", Some(KeyKind::MsBlob)),
            (b"ECS2\x20\0\0\0", Some(KeyKind::MsBlob)),
            (b"\xfe\xed\xfe\xed\0\0\0\x02", Some(KeyKind::JavaStore)),
            (b"RSA1\0\x08\0\0", None),
            (b"RSA3\x01\x08\0\0", None),
            (b"\x1e\xf1\xb5\xb0\0\0\0", None),
            (b"ECS2\x21\0\0\0", None),
        ] {
            assert_eq!(magic(bytes)[0], kind, "{}", bytes.escape_ascii());
        }
        assert_eq!(magic(b"RSA1\0\x08\0\0")[1], Some(KeyKind::PublicOther));
    }

    #[test]
    fn a_secret_key_of_signify_or_minisign_begins_with_its_algorithms() {
        for bytes in [&b"EdBK\0\0\0\x2a"[..], b"EdScB2", b"Ed\0\0B2"] {
            assert_eq!(signify(bytes), [Some(KeyKind::Signify), None], "{}", bytes.escape_ascii());
        }
        // A public one, and text.
        for bytes in [&b"Ed\x01\x02\x03\x04\x05\x06\x07\x08"[..], b"EdBKxyz", b"Education", b" EdScB2"] {
            assert_eq!(signify(bytes), [None, None], "{}", bytes.escape_ascii());
        }
    }

    #[test]
    fn a_packet_counts_only_when_its_numbers_fit() {
        let mut rsa = b"\x95\x03\x98\x04\x6b\x08\x90\x29\x01\x08\0".to_vec();
        rsa.resize(rsa.len() + 256, 0x81);
        rsa.extend_from_slice(b"\0\x11\x01\0\x01");
        assert_eq!(openpgp(&rsa), [Some(KeyKind::Pgp), None]);
        for (at, other) in [(0, 0x93), (1, 0x40), (3, 5), (8, 4), (9, 0), (11, 0x7f), (268, 0x91)] {
            let mut changed = rsa.clone();
            changed[at] = other;
            assert_eq!(openpgp(&changed), [None, None], "{at}");
        }
        // Version 6 as in RFC 9580 A.4, and the public half of it.
        let v6 = b"\xc5\x4b\x06\x63\x87\x7f\xe3\x1b\0\0\0\x20\xf9\x4d\xa7";
        assert_eq!(openpgp(v6)[0], Some(KeyKind::Pgp));
        assert_eq!(openpgp(&[b"\xc6\x2a", &v6[2..]].concat())[1], Some(KeyKind::PublicOther));
        for (at, other) in [(2, 4), (7, 0x1a), (10, 1), (11, 0x21)] {
            let mut changed = v6.to_vec();
            changed[at] = other;
            assert_eq!(openpgp(&changed), [None, None], "{at}");
        }
        rsa[0] = 0x99;
        assert_eq!(openpgp(&rsa), [None, Some(KeyKind::PublicOther)]);
        assert_eq!(openpgp(&rsa[..267]), [None, None]);
        assert_eq!(
            openpgp(b"\x94\x58\x04\x6b\x08\x90\x29\x16\x09\x2b\x06\x01\x04\x01\xda\x47\x0f\x01")[0],
            Some(KeyKind::Pgp)
        );
    }
}

//! Every kind of key in every disguise that a shell, an editor or another program gives it.

use std::ffi::{OsStr, OsString};
use std::fmt::Write;
use std::os::unix::ffi::OsStrExt;

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, STANDARD_NO_PAD, URL_SAFE, URL_SAFE_NO_PAD};

use super::*;
use crate::guard::form::{Encoding, KeyEncoding, KeyForm, KeyKind};
use crate::key::PrivateKey;

fn is_private(refusal: &Option<Refusal>) -> bool {
    matches!(refusal, Some(Refusal::PrivateKey(_)))
}

fn is_public(refusal: &Option<Refusal>) -> bool {
    matches!(refusal, Some(Refusal::PublicKey(_)))
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut text, byte| {
        write!(text, "{byte:02x}").unwrap();
        text
    })
}

fn wrapped(text: &str, width: usize, between: &str) -> String {
    let lines: Vec<_> = text.as_bytes().chunks(width).map(|line| std::str::from_utf8(line).unwrap()).collect();
    lines.join(between)
}

fn base32(bytes: &[u8]) -> String {
    const DIGITS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits: String = bytes.iter().map(|byte| format!("{byte:08b}")).collect();
    let digit = |five: &[u8]| {
        let five = format!("{:0<5}", std::str::from_utf8(five).unwrap());
        char::from(DIGITS[usize::from_str_radix(&five, 2).unwrap()])
    };
    bits.as_bytes().chunks(5).map(digit).collect()
}

/// As written by `gzip -n` (RFC 1952 §2.3), without the checksum at its end.
fn gzip(bytes: &[u8]) -> Vec<u8> {
    [b"\x1f\x8b\x08\0\0\0\0\0\0\x03", miniz_oxide::deflate::compress_to_vec(bytes, 6).as_slice()].concat()
}

/// Converts every character with `one`.
fn each(text: &str, one: impl Fn(char) -> String) -> String {
    text.chars().map(one).collect()
}

/// Converts every character except letters and digits with `one`.
fn signs(text: &str, one: impl Fn(u32) -> String) -> String {
    each(text, |c| if c.is_ascii_alphanumeric() { c.to_string() } else { one(u32::from(c)) })
}

/// Transport encodings of text, or of any bytes in it.
fn transports(bytes: &[u8]) -> Vec<(&'static str, String)> {
    let signed: Vec<i8> = bytes.iter().map(|byte| *byte as i8).collect();
    let joined = |between: &str, one: fn(&u8) -> String| bytes.iter().map(one).collect::<Vec<_>>().join(between);
    let indexed: Vec<_> = bytes.iter().enumerate().map(|(at, byte)| format!("\"{at}\":{byte}")).collect();
    let zlib = miniz_oxide::deflate::compress_to_vec_zlib(bytes, 6);
    vec![
        ("list in JSON", format!("{bytes:?}")),
        ("list of signed bytes", format!("{signed:?}")),
        ("list in decimal, blanks", joined(" ", |byte| byte.to_string())),
        ("list of C, not padded", format!("{{{}}}", joined(", ", |byte| format!("0x{byte:x}")))),
        ("list of Java", format!("{{{}}}", joined(", ", |byte| format!("(byte)0x{byte:02x}")))),
        ("list of JavaScript", format!("{{{}}}", indexed.join(","))),
        ("octal escapes", joined("", |byte| format!("\\{byte:03o}"))),
        ("hexadecimal with dots", joined(".", |byte| format!("{byte:02X}"))),
        ("hexadecimal with bars", joined(" | ", |byte| format!("{byte:02x}"))),
        ("binary digits", joined(" ", |byte| format!("{byte:08b}"))),
        ("base32", base32(bytes)),
        ("base32, small letters", base32(bytes).to_lowercase()),
        ("gzip in base64", STANDARD.encode(gzip(bytes))),
        ("gzip in base32", base32(&gzip(bytes))),
        ("gzip in hexadecimal", hex(&gzip(bytes))),
        ("gzip in gzip in base64", STANDARD.encode(gzip(&gzip(bytes)))),
        ("zlib in base64url", URL_SAFE_NO_PAD.encode(&zlib)),
        ("deflate in base64", STANDARD.encode(&zlib[2..])),
    ]
}

/// Disguises for any text, by name.
fn dresses(text: &str) -> Vec<(&'static str, Vec<u8>)> {
    let line = text.trim_end();
    let json = serde_json::to_string(text).unwrap();
    let percent = text.bytes().fold(String::new(), |mut made, byte| {
        match byte.is_ascii_alphanumeric() {
            true => made.push(char::from(byte)),
            false => write!(made, "%{byte:02X}").unwrap(),
        }
        made
    });
    let utf16: Vec<u8> = [0xfeff].into_iter().chain(text.encode_utf16()).flat_map(u16::to_le_bytes).collect();
    let texts = vec![
        ("as it is", text.to_owned()),
        ("without the last line end", line.to_owned()),
        ("CRLF", text.replace('\n', "\r\n")),
        ("CR", text.replace('\n', "\r")),
        ("one line", line.replace('\n', " ")),
        ("written-out line ends", text.replace('\n', r"\n")),
        ("written-out CRLF", text.replace('\n', r"\r\n")),
        ("doubled backslashes", text.replace('\n', r"\\n")),
        ("JSON text", json.clone()),
        ("JSON text in JSON text", serde_json::to_string(&json).unwrap()),
        ("double quotes", format!("\"{line}\"")),
        ("single quotes", format!("'{line}'")),
        ("backticks", format!("`{line}`")),
        ("blanks around", format!(" \t\n{text}  \n\n")),
        ("byte-order mark", format!("\u{feff}{text}")),
        ("a name before it", format!("pw={line}")),
        ("a name and quotes", format!("export I3_PASSWORD=\"{line}\"")),
        ("YAML", format!("pw: |\n  {}", text.replace('\n', "\n  "))),
        ("glued option", format!("-P{line}")),
        ("quoted mail", format!("> {}", line.replace('\n', "\n> "))),
        ("base64", STANDARD.encode(text)),
        ("base64, wrapped", wrapped(&STANDARD.encode(text), 76, "\n")),
        ("base64, not padded", STANDARD_NO_PAD.encode(text)),
        ("base64url", URL_SAFE_NO_PAD.encode(text)),
        ("base64 twice", STANDARD.encode(STANDARD.encode(text))),
        ("data URL", format!("data:application/x-pem-file;base64,{}", STANDARD.encode(text))),
        ("hexadecimal", hex(text.as_bytes())),
        ("hexadecimal in base64", STANDARD.encode(hex(text.as_bytes()))),
        ("percent escapes", percent),
        ("percent escapes of percent escapes", signs(text, |c| format!("%25{c:02X}"))),
        ("HTML", text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")),
        ("HTML, decimal entities", each(text, |c| format!("&#{};", u32::from(c)))),
        ("HTML, hexadecimal entities", signs(text, |c| format!("&#x{c:X};"))),
        ("JSON text in HTML", json.replace('"', "&quot;").replace('\\', "&bsol;")),
        ("quoted-printable", signs(text, |c| format!("={c:02X}"))),
        ("quoted-printable, wrapped", wrapped(&each(text, |c| format!("={:02X}", u32::from(c))), 75, "=\r\n")),
        ("JavaScript escapes", each(text, |c| format!("\\u{{{:x}}}", u32::from(c)))),
        ("typographic quotes", format!("“{}”", line.replace('"', "”"))),
        ("full-width signs", signs(text, |c| char::from_u32(if c > 32 { c + 0xfee0 } else { c }).unwrap().into())),
        ("full-width blanks", text.replace(' ', "\u{3000}")),
        ("zero-width blanks between", each(text, |c| format!("{c}\u{200b}"))),
        ("soft hyphens between", each(text, |c| format!("{c}\u{ad}"))),
        ("no-break blanks between", each(text, |c| format!("{c}\u{a0}"))),
        ("tags and marks between", each(text, |c| format!("{c}\u{e0020}\u{202c}\u{fe0f}"))),
        ("thin blanks now and then", wrapped(text, 5, "\u{2009}")),
        ("line separators now and then", wrapped(text, 17, "\u{2028}")),
        ("control characters between", each(text, |c| format!("{c}\u{1f}"))),
        ("zero-width blanks between, in base64", STANDARD.encode(each(text, |c| format!("{c}\u{200c}")))),
    ];
    let texts = texts.into_iter().chain(transports(text.as_bytes()));
    let mut dressed: Vec<_> = texts.map(|(name, text)| (name, text.into_bytes())).collect();
    dressed.push(("base64 of UTF-16", STANDARD.encode(&utf16).into_bytes()));
    dressed.push(("UTF-16", utf16));
    dressed.push(("a stray Latin 1 byte", [b"\xfc ", text.as_bytes()].concat()));
    dressed
}

/// Disguises for the bytes inside a PEM text.
fn bare(der: &[u8]) -> Vec<(&'static str, Vec<u8>)> {
    let body = STANDARD.encode(der);
    let half = &body[..body.len() / 2];
    let lines = wrapped(&body, 64, "\n");
    let digits = hex(der);
    let texts = vec![
        ("body in one line", body.clone()),
        ("body in lines", lines.clone()),
        ("body in lines, CRLF", lines.replace('\n', "\r\n")),
        ("body, line ends written out", lines.replace('\n', r"\n")),
        ("body in lines with blanks before", lines.replace('\n', "\n    ")),
        ("body, blank after every character", wrapped(&body, 1, " ")),
        ("body, not padded", STANDARD_NO_PAD.encode(der)),
        ("body, base64url", URL_SAFE.encode(der)),
        ("body, base64url, not padded", URL_SAFE_NO_PAD.encode(der)),
        ("body in quotes", format!("\"{body}\"")),
        ("body with a name", format!("I3_PASSWORD='{body}'")),
        ("body with something glued before", format!("x7{body}")),
        ("body cut in the middle", half.to_owned()),
        ("body cut after its first line", body[..body.len().min(64)].to_owned()),
        ("body cut after 36 characters", body[..36].to_owned()),
        ("body with numbered lines", format!("     1\t{}", lines.replace('\n', "\n     2\t"))),
        ("body encoded again in base64", STANDARD.encode(&body)),
        ("hexadecimal", digits.clone()),
        ("hexadecimal, upper case", digits.to_uppercase()),
        ("hexadecimal with colons", wrapped(&digits, 2, ":")),
        ("hexadecimal with 0x", format!("0x{digits}")),
        ("bytes of C", format!("{{0x{}}}", wrapped(&digits, 2, ", 0x"))),
        ("bytes of Python", format!("b'\\x{}'", wrapped(&digits, 2, "\\x"))),
        ("hexadecimal, wrapped and cut", wrapped(&digits[..60], 32, "\n")),
        ("hexadecimal in base64", STANDARD.encode(&digits)),
    ];
    let mut dressed: Vec<_> =
        texts.into_iter().chain(transports(der)).map(|(name, text)| (name, text.into_bytes())).collect();
    dressed.push(("DER", der.to_vec()));
    dressed.push(("DER, cut", der[..der.len() / 2].to_vec()));
    dressed.push(("DER behind a line end", [b"\n", der].concat()));
    dressed
}

/// The bytes inside each PEM text of a file, with its label; those that are completely encrypted look like noise.
fn bodies(file: &[u8]) -> Vec<(String, Vec<u8>)> {
    let blocks = pem::parse_many(file).unwrap_or_default();
    let plain = blocks.iter().filter(|block| block.headers().iter().count() == 0 && block.tag() != "EC PARAMETERS");
    plain.map(|block| (block.tag().to_owned(), block.contents().to_vec())).collect()
}

#[test]
fn every_private_key_in_every_dress_is_refused() {
    let mut tried = 0;
    let files = vectors("private");
    assert!(files.len() >= 60, "{}", files.len());
    for (name, file) in &files {
        let mut cases = vec![("the file", file.clone())];
        if let Ok(text) = std::str::from_utf8(file) {
            cases.extend(dresses(text));
        } else {
            cases.extend(bare(file));
        }
        bodies(file).iter().for_each(|(_, der)| cases.extend(bare(der)));
        for (encoding, bytes) in cases {
            // The first line of an OpenPGP RSA key is part of the modulus.
            let is_line = encoding.contains("cut") || encoding.contains("numbered");
            if name.contains("rsa") && name.ends_with(".gpg") && is_line {
                continue;
            }
            let refusal = refusal_of_bytes(&bytes);
            assert!(is_private(&refusal), "{name}, {encoding}: {refusal:?}");
            assert_says_nothing_of(&bytes, refusal.as_ref().unwrap());
            tried += 1;
        }
    }
    assert!(tried > 5000, "{tried}");
}

#[test]
fn every_public_key_in_every_dress_is_refused() {
    for (name, file) in vectors("public") {
        let mut cases = dresses(std::str::from_utf8(&file).unwrap());
        bodies(&file).iter().for_each(|(_, der)| cases.extend(bare(der)));
        for (encoding, bytes) in cases {
            let refusal = refusal_of_bytes(&bytes);
            assert!(is_public(&refusal), "{name}, {encoding}: {refusal:?}");
            assert_says_nothing_of(&bytes, refusal.as_ref().unwrap());
        }
    }
}

#[test]
fn keys_made_here_are_refused_too() {
    // Making one of 4096 bits takes seconds.
    let large = vectors("private").into_iter().find(|(name, _)| name == "throwaway-rsa4096-pkcs1.pem").unwrap().1;
    let keys = [2048, 2696].map(|bits| PrivateKey::generate(bits).unwrap());
    for key in keys.into_iter().chain([PrivateKey::parse(&large, || Ok(None)).unwrap()]) {
        let bits = key.public().bits();
        let cases = dresses(&key.to_pem().unwrap()).into_iter().chain(bare(key.pkcs1_der()));
        for (encoding, bytes) in cases {
            assert!(is_private(&refusal_of_bytes(&bytes)), "{bits}, {encoding}");
        }
        let public = [key.public().body(), key.public().to_pem(), key.public().to_jwk().to_string()];
        for text in public {
            assert!(is_public(&refusal(&text)), "{bits}: {text}");
        }
    }
}

#[test]
fn kinds_and_dresses_are_named() {
    let files = vectors("private");
    let file = |name: &str| files.iter().find(|(n, _)| n.ends_with(name)).map(|(_, bytes)| bytes.as_slice()).unwrap();
    let body = |name: &str| bodies(file(name)).remove(0).1;
    let form = |bytes: &[u8]| match refusal_of_bytes(bytes) {
        Some(Refusal::PrivateKey(form)) => form,
        other => panic!("{other:?}: {}", String::from_utf8_lossy(bytes)),
    };
    for (name, kind, encoding) in [
        ("rsa-pkcs8.pem", KeyKind::Pkcs8, KeyEncoding::Pem),
        ("rsa-pkcs1.pem", KeyKind::Pkcs1, KeyEncoding::Pem),
        ("rsa-pkcs8-encrypted.pem", KeyKind::Pkcs8Encrypted, KeyEncoding::Pem),
        ("rsa-dek-info.pem", KeyKind::DekInfo, KeyEncoding::Pem),
        ("ec-sec1-with-parameters.pem", KeyKind::Ec, KeyEncoding::Pem),
        ("dsa-traditional.pem", KeyKind::Dsa, KeyEncoding::Pem),
        ("rsa-openssh", KeyKind::OpenSsh, KeyEncoding::Pem),
        ("rsa-sshcom", KeyKind::SshCom, KeyEncoding::Pem),
        ("rsa-v2.ppk", KeyKind::Putty, KeyEncoding::Own),
        ("rsa-v3-encrypted.ppk", KeyKind::Putty, KeyEncoding::Own),
        ("rsa.jwk", KeyKind::Jwk, KeyEncoding::Own),
        ("ed25519.jwk", KeyKind::Jwk, KeyEncoding::Own),
        ("rsa-set.jwks", KeyKind::JwkSet, KeyEncoding::Own),
        ("rsa.p12", KeyKind::Pkcs12, KeyEncoding::Der),
        ("rsa.xml", KeyKind::Xml, KeyEncoding::Own),
        ("rsa-openssl-text.txt", KeyKind::Printed, KeyEncoding::Own),
        ("service-account.json", KeyKind::Pkcs8, KeyEncoding::Pem),
        ("rsa.pvk", KeyKind::MsBlob, KeyEncoding::Der),
        ("rsa.privatekeyblob", KeyKind::MsBlob, KeyEncoding::Der),
        ("rsa.cngblob", KeyKind::MsBlob, KeyEncoding::Der),
        ("rsa-attributes.xml", KeyKind::Xml, KeyEncoding::Own),
        ("rsa-parameters.json", KeyKind::Numbers, KeyEncoding::Own),
        ("rsa-parameters.cs", KeyKind::Numbers, KeyEncoding::Own),
        ("rsa-jwk.rb", KeyKind::Jwk, KeyEncoding::Own),
        ("rsa-jwk.env", KeyKind::Jwk, KeyEncoding::Own),
        ("rsa-d-alone.json", KeyKind::Numbers, KeyEncoding::Own),
        ("rsa-dnssec.private", KeyKind::Bind, KeyEncoding::Own),
        ("ec-openssl-text.txt", KeyKind::Printed, KeyEncoding::Own),
        ("ed25519-openssl-text.txt", KeyKind::Labelled, KeyEncoding::Own),
        ("rsa-pkcs1-asn1parse.txt", KeyKind::RsaPiece, KeyEncoding::Own),
        ("ed25519-asn1parse.txt", KeyKind::Pkcs8, KeyEncoding::In(Encoding::Asn1Parse)),
        ("wireguard.conf", KeyKind::Labelled, KeyEncoding::Own),
        ("age.txt", KeyKind::Age, KeyEncoding::Own),
        ("rsa.gpg", KeyKind::Pgp, KeyEncoding::Der),
        ("ed25519.gpg", KeyKind::Pgp, KeyEncoding::Der),
        ("rsa-gnupg.key", KeyKind::Pgp, KeyEncoding::Own),
    ] {
        assert_eq!(form(file(name)), KeyForm { kind, encoding, encoded: None }, "{name}");
    }
    for (name, kind) in [
        ("rsa-pkcs8.pem", KeyKind::Pkcs8),
        ("rsa-pkcs1.pem", KeyKind::Pkcs1),
        ("rsa-pkcs8-encrypted.pem", KeyKind::Pkcs8Encrypted),
        ("rsa-pkcs8-encrypted-pbe1.pem", KeyKind::Pkcs8Encrypted),
        ("ec-sec1.pem", KeyKind::Ec),
        ("ed25519-pkcs8.pem", KeyKind::Pkcs8),
        ("dsa-traditional.pem", KeyKind::Dsa),
        ("rsa-openssh", KeyKind::OpenSsh),
    ] {
        let der = body(name);
        assert_eq!(
            form(STANDARD.encode(&der).as_bytes()),
            KeyForm { kind, encoding: KeyEncoding::In(Encoding::Base64), encoded: None },
            "{name}"
        );
        assert_eq!(
            form(hex(&der).as_bytes()),
            KeyForm { kind, encoding: KeyEncoding::In(Encoding::Hex), encoded: None },
            "{name}"
        );
    }
    let said = Refusal::PrivateKey(form(STANDARD.encode(file("rsa-pkcs8.pem")).as_bytes())).to_string();
    assert_eq!(said, "this is a private key (PKCS#8, PEM, encoded again in base64), not a password");
}

#[test]
fn pieces_of_a_key_are_refused() {
    for text in [
        "-----BEGIN",
        "-----BEGIN PRIVATE KEY-----",
        "-----BEGIN RSA PRIVATE",
        "Private-Lines: 14",
        "MIIEvQIBADANBgkqhkiG",
    ] {
        assert!(is_private(&refusal(text)), "{text}");
    }
    let files = vectors("private");
    for name in ["throwaway-rsa-pkcs1.pem", "throwaway-rsa-pkcs8.pem", "throwaway-rsa4096-pkcs1.pem"] {
        let file = &files.iter().find(|(n, _)| n == name).unwrap().1;
        let body: String = std::str::from_utf8(file).unwrap().lines().filter(|l| !l.starts_with('-')).collect();
        // Regardless of what is cut off at the front, the consecutive numbers reveal the rest.
        for start in 1..body.len() / 4 {
            assert!(is_private(&refusal(&body[start..])), "{name} from {start}");
        }
        // Without its end, down to a few characters.
        for end in (20..body.len()).step_by(7) {
            assert!(is_private(&refusal(&body[..end])), "{name} to {end}");
        }
    }
}

#[test]
fn the_path_of_a_key_file_is_refused() {
    let folder = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/keys");
    for (half, private) in [("private", true), ("public", false)] {
        for (name, _) in vectors(half) {
            let path = folder.join(half).join(&name).to_str().unwrap().to_owned();
            let relative = format!("tests/vectors/keys/{half}/{name}");
            for text in [
                path.clone(),
                relative.clone(),
                format!("./{relative}"),
                format!("@{relative}"),
                format!("'{path}'"),
                format!(" {path}\n"),
                format!("file://{path}"),
                format!("file://{}", path.replace('-', "%2D")),
                format!("password={path}"),
            ] {
                let refusal = refusal(&text).unwrap_or_else(|| panic!("{text}"));
                match private {
                    true => assert!(matches!(refusal, Refusal::PrivateKeyPath(_)), "{text}: {refusal}"),
                    false => assert!(matches!(refusal, Refusal::PublicKeyPath(_)), "{text}: {refusal}"),
                }
                assert!(!format!("{refusal} {refusal:?}").contains(name.as_str()), "{refusal}");
            }
        }
    }
    for text in ["/no/such/lot1.pem", "lot1.pem", "Cargo.toml", "src", "/dev/null", "/dev/stdin", "/dev/zero", "~/none"]
    {
        assert!(refusal(text).is_none(), "{text}");
    }
}

fn scan(args: &[&[u8]]) -> Option<Refusal> {
    let args: Vec<OsString> = args.iter().map(|arg| OsStr::from_bytes(arg).to_owned()).collect();
    check::scan_argv(args.iter().map(OsString::as_os_str))
}

#[test]
fn a_private_key_on_the_command_line_is_found() {
    // A binary file cannot be given as an argument.
    for (name, file) in vectors("private").into_iter().filter(|(_, file)| std::str::from_utf8(file).is_ok()) {
        let quoted = file.trim_ascii_end();
        let glued = |option: &[u8]| [option, quoted].concat();
        let cases: [&[&[u8]]; 4] = [
            &[b"i3", b"pub", b"-P", quoted],
            &[b"i3", b"pub", &glued(b"--pw=")],
            &[b"i3", b"pub", &glued(b"-P")],
            &[b"i3", b"pub", b"-t", b"a/bcd/efgh", b"-m", quoted],
        ];
        for args in cases {
            let refusal = scan(args);
            assert!(matches!(refusal, Some(Refusal::PrivateKeyOnCommandLine(_))), "{name}: {refusal:?}");
            assert_says_nothing_of(&file, &refusal.unwrap());
        }
        // An unquoted $(cat FILE): the shell splits at every blank.
        let mut split: Vec<&[u8]> = vec![b"i3", b"pub", b"-P"];
        split.extend(file.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()));
        let refusal = scan(&split);
        assert!(matches!(refusal, Some(Refusal::PrivateKeyOnCommandLine(_))), "{name}: {refusal:?}");
        for (_, der) in bodies(&file) {
            let body = STANDARD.encode(&der);
            assert!(scan(&[b"i3", b"token", b"-P", body.as_bytes()]).is_some(), "{name}: {body}");
            // Adjacent words that are too short on their own.
            let pieces: Vec<&[u8]> = body.as_bytes().chunks(9).collect();
            assert!(scan(&pieces).is_some(), "{name}");
        }
    }
}

#[test]
fn ordinary_command_lines_pass() {
    let key = "tests/vectors/keys/private/throwaway-rsa-pkcs8.pem";
    let token = "eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3MiOiJ4In0.AAAA";
    let public = vectors("public");
    let body = &public.iter().find(|(name, _)| name == "throwaway-rsa-public.pem").unwrap().1;
    let cases: [&[&[u8]]; 8] = [
        &[],
        &[b"i3", b"keygen", b"--out", key.as_bytes(), b"--bits", b"2048"],
        &[b"i3", b"pub", b"--key", key.as_bytes(), b"-t", b"alice/parking/occupancy", b"-m", br#"{"free":678}"#],
        &[b"i3", b"register", b"lot1", b"--hub", b"parking", b"--password-file", b"pw"],
        &[b"i3", b"pub", b"-P", token.as_bytes()],
        &[b"i3", b"pub", b"-P", b"PBKDF2$sha256$901$c2FsdA==$a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5"],
        &[b"i3", b"pub", b"-m", body],
        &[b"i3", b"pub", b"-m", b"\xff\xfe\x00\x30"],
    ];
    for args in cases {
        assert_eq!(scan(args), None);
    }
}

//! A private key in every form that people have: read, or named with the command that converts it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};
use i3::key::PrivateKey;
use rsa::pkcs1::RsaPrivateKeyRef;
use rsa::pkcs8::der::{Decode as _, Encode as _};

use crate::program::{LONG, TOPIC, TestEnv, key, key_pem, other_key_pem};
use crate::support::skipped::{skipped, without};

const PASSPHRASE: &str = "correct horse";

/// A folder with lot1's key, the passphrase and a wrong one; `None` where the tools are missing that write other forms of it.
fn with_key() -> Option<TestEnv> {
    for program in ["openssl", "ssh-keygen"] {
        if !Path::new("/usr/bin").join(program).exists() {
            without("I3_REQUIRE_KEY_TOOLS", program, "no key that it writes was read");
            return None;
        }
    }
    let env = TestEnv::new();
    env.secret("lot1.pem", key_pem());
    env.secret("pass", format!("{PASSPHRASE}\n"));
    env.secret("wrong", "battery staple");
    Some(env)
}

/// Runs openssl or ssh-keygen, quietly.
fn tool(env: &TestEnv, line: &str) {
    env.shell(&format!("umask 077; {line} >/dev/null 2>tool.log || {{ cat tool.log; exit 1; }}")).done();
}

fn body() -> String {
    format!("{}\n", key().public().body())
}

fn vector(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/vectors/keys").join(name)
}

/// It is read with the passphrase, and neither without one nor with another.
fn opens(env: &TestEnv, file: &str) {
    env.i3(&format!("pubkey --key {file} --passphrase-file pass")).succeeds(&body());
    env.i3(&format!("pubkey --key {file}")).fails(78, &["key-passphrase", "encrypted", "--passphrase-file FILE"]);
    let wrong = env.i3(&format!("pubkey --key {file} --passphrase-file wrong"));
    wrong.fails(78, &["key-passphrase", "wrong passphrase"]).does_not_say(&["damaged"]).keeps_secret("battery staple");
}

#[test]
fn what_openssl_encrypts_is_read() {
    let Some(env) = with_key() else { return };
    let legacy = "-provider legacy -provider default";
    for cipher in ["aes128", "aes192", "aes256", "des3", "des"] {
        tool(
            &env,
            &format!("openssl rsa {legacy} -traditional -{cipher} -in lot1.pem -passout file:pass -out old.pem"),
        );
        assert!(env.read("old.pem").contains("DEK-Info"));
        opens(&env, "old.pem");
    }
    for how in [
        "-v1 PBE-SHA1-3DES",
        "-v1 PBE-SHA1-2DES",
        "-v1 PBE-MD5-DES",
        "-v1 PBE-SHA1-DES",
        "-v2 aes-128-cbc",
        "-v2 aes-192-cbc",
        "-v2 aes-256-cbc",
        "-v2 des3",
        "-v2 des-cbc",
        "-v2 aes-256-cbc -v2prf hmacWithSHA1",
        "-v2 aes-256-cbc -v2prf hmacWithSHA224",
        "-v2 aes-256-cbc -v2prf hmacWithSHA384",
        "-v2 aes-256-cbc -v2prf hmacWithSHA512 -iter 10000",
        "-scrypt",
    ] {
        tool(&env, &format!("openssl pkcs8 -topk8 {legacy} {how} -in lot1.pem -passout file:pass -out new.pem"));
        assert!(env.read("new.pem").contains("BEGIN ENCRYPTED PRIVATE KEY"));
        opens(&env, "new.pem");
    }
    // What is not opened is named, with a command that makes it one that is.
    let pass = "-passin file:pass -passout file:again";
    tool(&env, "cp pass again");
    tool(&env, "openssl pkcs8 -topk8 -v2prf hmacWithSHA512-256 -in lot1.pem -passout file:pass -out odd.pem");
    let refused = env.i3("pubkey --key odd.pem --passphrase-file pass");
    refused.fails(78, &["encrypted by PBKDF2 with SHA-512/256", "`openssl pkcs8 -topk8 -in FILE -out NEW.pem`"]);
    tool(&env, &format!("openssl pkcs8 -topk8 -in odd.pem -out new.pem {pass}"));
    opens(&env, "new.pem");
    tool(&env, "openssl pkcs8 -topk8 -in lot1.pem -passout file:pass -outform DER -out new.der");
    opens(&env, "new.der");
    // Letters outside ASCII are two bytes in PKCS#12's derivation.
    env.secret("größe", "größe €\n");
    tool(&env, "openssl pkcs8 -topk8 -v1 PBE-SHA1-3DES -in lot1.pem -passout file:größe -out new.pem");
    env.i3("pubkey --key new.pem --passphrase-file größe").succeeds(&body());
}

#[test]
fn what_ssh_keygen_writes_is_read() {
    let Some(env) = with_key() else { return };
    let convert = |how: &str| {
        env.secret("ssh", key_pem());
        tool(&env, &format!("ssh-keygen -p -f ssh {how}"));
        assert!(env.read("ssh").starts_with("-----BEGIN OPENSSH PRIVATE KEY-----"));
    };
    convert("-N ''");
    env.i3("pubkey --key ssh").succeeds(&body());
    convert("-N 'correct horse'");
    opens(&env, "ssh");
    for cipher in [
        "3des-cbc",
        "aes128-cbc",
        "aes192-cbc",
        "aes256-cbc",
        "aes128-ctr",
        "aes192-ctr",
        "aes128-gcm@openssh.com",
        "aes256-gcm@openssh.com",
        "chacha20-poly1305@openssh.com",
    ] {
        convert(&format!("-N 'correct horse' -a 1 -Z {cipher}"));
        env.i3("pubkey --key ssh --passphrase-file pass").succeeds(&body());
    }
    // The file's cost is not paid: the rounds are stored before the public half.
    let text = env.read("ssh");
    let digits: String = text.lines().filter(|line| !line.starts_with('-')).collect();
    let mut bytes = STANDARD.decode(digits).unwrap();
    let public = memchr::memmem::find(&bytes, b"\0\0\0\x01\0\0\x01\x17\0\0\0\x07ssh-rsa").unwrap();
    bytes[public - 4..public].copy_from_slice(&u32::MAX.to_be_bytes());
    let costly = format!(
        "-----BEGIN OPENSSH PRIVATE KEY-----\n{}\n-----END OPENSSH PRIVATE KEY-----\n",
        STANDARD.encode(&bytes)
    );
    env.secret("ssh", costly);
    let refused = env.i3("pubkey --key ssh --passphrase-file pass");
    refused.fails(78, &["4294967295 rounds of bcrypt; at most 1000", "ssh-keygen -p -a 16 -f FILE"]);
    // From the pair of ssh-keygen to a message.
    convert("-N 'correct horse'");
    env.i3("register lot1 --hub parking --key ssh --passphrase-file pass").done();
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --passphrase-file pass --timeout {LONG}")).succeeds("");
}

#[test]
fn the_public_half_beside_an_openssh_key_is_its_own() {
    let Some(env) = with_key() else { return };
    tool(&env, "ssh-keygen -t rsa -b 2048 -N '' -C 'alice@example.org' -f ssh");
    env.i3("register lot1 --hub parking --key ssh").done();
    let told = env.i3("doctor lot1 --offline").run();
    assert!(told.stdout.contains("ssh.pub is its public half"), "{told}");
    let token = env.i3("token lot1").done().stdout;
    let inspected = env.i3("token --inspect --key ssh.pub").input(&token).done();
    assert!(inspected.stdout.contains("by this key"), "{inspected}");
}

#[test]
fn a_key_is_found_in_whatever_text_it_stands() {
    let Some(env) = with_key() else { return };
    tool(&env, "openssl req -x509 -key lot1.pem -subj /CN=lot1 -out certificate.pem");
    tool(&env, "openssl ecparam -name prime256v1 -genkey -out ec.pem");
    let (certificate, pem) = (env.read("certificate.pem"), key_pem());
    let one_line = pem.replace('\n', "\\n");
    let digits: String = pem.lines().filter(|line| !line.starts_with('-')).collect();
    let utf16 = |order: fn(u16) -> [u8; 2], mark: &str| -> Vec<u8> {
        format!("{mark}# Schlüssel\r\n{}", pem.replace('\n', "\r\n")).encode_utf16().flat_map(order).collect()
    };
    let latin1 = [b"# Schl\xfcssel f\xfcr lot1\n", pem.as_bytes()].concat();
    for (what, bytes) in [
        ("a certificate first", format!("{certificate}{pem}").into_bytes()),
        ("a certificate behind", format!("{pem}{certificate}").into_bytes()),
        ("another kind of key beside it", format!("{}{pem}", env.read("ec.pem")).into_bytes()),
        ("a certificate that is cut off", format!("{}\n{pem}", &certificate[..200]).into_bytes()),
        (
            "what PKCS#12 leaves",
            format!("Bag Attributes\n    localKeyID: 01\nKey Attributes: <No Attributes>\n{pem}").into(),
        ),
        ("the same key twice", format!("{pem}\n{pem}").into_bytes()),
        ("comments in Latin-1", latin1),
        ("blank lines", pem.replace('\n', "\n\n").into_bytes()),
        ("DOS line ends", pem.replace('\n', "\r\n").into_bytes()),
        ("an indent", pem.lines().map(|line| format!("    {line}\n")).collect::<String>().into_bytes()),
        ("one line", pem.replace('\n', " ").into_bytes()),
        ("line ends written out", one_line.clone().into_bytes()),
        ("line ends written out in a variable", format!("export KEY=\"{one_line}\"\n").into_bytes()),
        ("YAML", format!("key: |\n{}", pem.lines().map(|line| format!("  {line}\n")).collect::<String>()).into_bytes()),
        ("UTF-16 of PowerShell", utf16(u16::to_le_bytes, "\u{feff}")),
        ("UTF-16, the other order", utf16(u16::to_be_bytes, "\u{feff}")),
        ("UTF-16 without a mark", utf16(u16::to_le_bytes, "")),
        (
            "a service account",
            format!("{{\"type\": \"service_account\", \"private_key\": \"{one_line}\"}}").into_bytes(),
        ),
        ("a service account of PHP", format!("{{\"private_key\":\"{}\"}}", one_line.replace('/', "\\/")).into_bytes()),
        ("its base64 alone", digits.into_bytes()),
        ("a Kubernetes secret", STANDARD.encode(pem).into_bytes()),
    ] {
        env.secret("key", bytes);
        let read = env.i3("pubkey --key key").run();
        assert_eq!((read.code, read.stdout.as_str()), (0, body().as_str()), "{what}: {read}");
    }
    env.secret("key", format!("{pem}{}", other_key_pem()));
    env.i3("pubkey --key key").fails(78, &["key-file-unusable", "it contains 2 private keys", "a file of its own"]);
}

/// The numbers of lot1's key as a JSON Web Key.
fn jwk(members: &[&str]) -> serde_json::Value {
    let der = pem::parse(key_pem()).unwrap();
    let info = rsa::pkcs8::PrivateKeyInfoRef::from_der(der.contents()).unwrap();
    let key = RsaPrivateKeyRef::from_der(info.private_key.as_bytes()).unwrap();
    let all = [
        ("n", key.modulus),
        ("e", key.public_exponent),
        ("d", key.private_exponent),
        ("p", key.prime1),
        ("q", key.prime2),
        ("dp", key.exponent1),
        ("dq", key.exponent2),
        ("qi", key.coefficient),
    ];
    let mut jwk = serde_json::json!({"kty": "RSA", "kid": "größe", "alg": "RS256"});
    for (name, number) in all.into_iter().filter(|(name, _)| members.contains(name)) {
        jwk[name] = URL_SAFE_NO_PAD.encode(number.as_bytes()).into();
    }
    jwk
}

#[test]
fn json_web_keys_are_read() {
    let Some(env) = with_key() else { return };
    let whole = jwk(&["n", "e", "d", "p", "q", "dp", "dq", "qi"]);
    let set = serde_json::json!({"keys": [{"kty": "EC", "crv": "P-256", "d": "AA"}, key().public().to_jwk(), whole]});
    for text in [
        whole.to_string(),
        jwk(&["n", "e", "d"]).to_string(),
        jwk(&["n", "e", "d", "p", "q"]).to_string(),
        set.to_string(),
    ] {
        env.secret("key.jwk", text);
        env.i3("pubkey --key key.jwk").succeeds(&body());
    }
    let mut three = whole.clone();
    three["oth"] = serde_json::json!([{"r": "AA", "d": "AA", "t": "AA"}]);
    for (text, says) in [
        (key().public().to_jwk().to_string(), "the public half of a key, as a JSON Web Key"),
        (serde_json::json!({"keys": [key().public().to_jwk()]}).to_string(), "without an RSA private key"),
        (serde_json::json!({"keys": [whole, whole]}).to_string(), "it contains 2 private keys"),
        (three.to_string(), "more than two primes"),
        (r#"{"kty":"EC","crv":"P-256","d":"AA"}"#.into(), "an elliptic-curve JSON Web Key"),
        (r#"{"kty":"oct","k":"AA"}"#.into(), "a symmetric JSON Web Key"),
        (r#"{"error":"not found"}"#.into(), "a JSON text without a key"),
    ] {
        env.secret("key.jwk", text);
        env.i3("pubkey --key key.jwk").fails(78, &[says]).does_not_say(&["damaged"]);
    }
}

/// The command in the hint, with the files' names and the passphrase; its output is read as lot1's key.
fn converts(env: &TestEnv, file: &str, says: &str, how: impl FnOnce(String) -> String) {
    let refused = env.i3(&format!("pubkey --key {file} --passphrase-file pass")).run();
    assert_eq!(refused.code, 78, "{refused}");
    refused.says(&[says, "convert it with `"]).does_not_say(&["damaged", "make another"]);
    let command = refused.hint().split('`').nth(1).unwrap().to_owned();
    tool(env, &how(command.replace("FILE", file)));
    let made = if env.path("NEW.pem").exists() { "NEW.pem" } else { "NEW" };
    fs::set_permissions(env.path(made), fs::Permissions::from_mode(0o600)).unwrap();
    env.i3(&format!("pubkey --key {made} --passphrase-file pass")).succeeds(&body());
    fs::remove_file(env.path(made)).unwrap();
}

#[test]
fn what_is_not_read_is_named_with_the_command_that_converts_it() {
    let Some(env) = with_key() else { return };
    // openssl takes its first line for the one and its second for the other.
    env.secret("passes", format!("{PASSPHRASE}\n{PASSPHRASE}\n"));
    let both = |command: String| format!("{command} -passin file:passes -passout file:passes");
    tool(&env, "openssl req -x509 -key lot1.pem -subj /CN=lot1 -out certificate.pem");
    tool(&env, "openssl pkcs12 -export -inkey lot1.pem -in certificate.pem -passout file:pass -out lot1.p12");
    converts(&env, "lot1.p12", "a PKCS#12 store", both);
    tool(&env, "openssl rsa -in lot1.pem -outform PVK -provider legacy -provider default -pvk-none -out lot1.pvk");
    converts(&env, "lot1.pvk", "Windows' PVK form", |command| command);
    tool(&env, "openssl rsa -in lot1.pem -outform MSBLOB -out lot1.blob");
    converts(&env, "lot1.blob", "a Windows blob", |command| command);
    let legacy = "-provider legacy -provider default";
    for (how, says) in [
        ("-v1 PBE-SHA1-RC2-40", "encrypted by SHA-1 and RC2"),
        ("-v1 PBE-SHA1-RC4-128", "encrypted by SHA-1 and RC4"),
        ("-v1 PBE-MD5-RC2-64", "encrypted by MD5 and RC2"),
        ("-v2 rc2-cbc", "encrypted by RC2"),
        ("-v2 camellia-256-cbc", "encrypted by Camellia"),
        ("-v2 aria-256-cbc", "encrypted by ARIA"),
        ("-v2 aes-256-cbc -v2prf hmacWithSHA512-256", "encrypted by PBKDF2 with SHA-512/256"),
    ] {
        tool(&env, &format!("openssl pkcs8 -topk8 {legacy} {how} -in lot1.pem -passout file:pass -out odd.pem"));
        converts(&env, "odd.pem", says, both);
    }
    for (cipher, says) in [("camellia256", "encrypted by CAMELLIA-256-CBC"), ("seed", "encrypted by SEED-CBC")] {
        tool(
            &env,
            &format!("openssl rsa {legacy} -traditional -{cipher} -in lot1.pem -passout file:pass -out odd.pem"),
        );
        converts(&env, "odd.pem", says, both);
    }
    if !Path::new("/usr/bin/keytool").exists() {
        return skipped("keytool is not installed; no Java key store was converted");
    }
    let store = "keytool -importkeystore -srckeystore lot1.p12 -srcstoretype PKCS12 -srcstorepass \"$(cat pass)\" \
                 -deststoretype JKS -deststorepass \"$(cat pass)\" -noprompt -destkeystore lot1.jks";
    tool(&env, store);
    let passwords = "-srcstorepass \"$(cat pass)\" -deststorepass \"$(cat pass)\"";
    converts(&env, "lot1.jks", "a Java key store", |command| {
        let (import, export) = command.split_once(" && ").unwrap();
        format!("{import} {passwords} && {export} -passin file:passes -passout file:passes")
    });
}

#[test]
fn no_intact_key_is_called_damaged() {
    let env = TestEnv::new();
    env.secret("pass", "throwaway");
    let ours = env.i3("pubkey --key").arg(copied(&env, "private/throwaway-rsa-pkcs1.pem")).done().stdout;
    let mut read = 0;
    for folder in ["private", "public"] {
        for entry in fs::read_dir(vector(folder)).unwrap() {
            let name = entry.unwrap().file_name().into_string().unwrap();
            let run =
                env.i3("pubkey --passphrase-file pass --key").arg(copied(&env, &format!("{folder}/{name}"))).run();
            run.does_not_say(&["damaged", "truncated"]);
            match run.code {
                0 => read += 1,
                _ => assert_eq!(run.code, 78, "{name}: {run}"),
            }
            if run.code == 0 && !["4096", "openssh"].iter().any(|other| name.contains(other)) {
                assert_eq!(run.stdout, ours, "{name}");
            }
        }
    }
    assert!(read > 10, "{read}");
    for (name, says) in [
        ("private/throwaway-ec-sec1.pem", "an elliptic-curve private key"),
        ("private/throwaway-ec-pkcs8.pem", "an elliptic-curve private key"),
        ("private/throwaway-ecdsa-openssh", "an elliptic-curve private key"),
        ("private/throwaway-dsa-traditional.pem", "a DSA private key"),
        ("private/throwaway-dsa-pkcs8.pem", "a DSA private key"),
        ("private/throwaway-ed25519-pkcs8.pem", "an Ed25519 private key"),
        ("private/throwaway-ed25519-openssh-encrypted", "an Ed25519 private key"),
        ("private/throwaway-rsapss-pkcs8.pem", "an RSA-PSS private key"),
        ("private/throwaway-rsa1024-pkcs8.pem", "an RSA key of 1024 bits is too short"),
        ("private/throwaway-rsa-v3-encrypted.ppk", "puttygen FILE -O private-openssh -o NEW"),
        ("private/throwaway-rsa-v2.ppk", "puttygen FILE"),
        ("private/throwaway-rsa-sshcom", "ssh-keygen -i -f FILE"),
        ("private/throwaway-rsa.p12", "openssl pkcs12 -in FILE -nocerts"),
        ("private/throwaway-rsa.xml", ".NET's XML"),
        ("private/throwaway-rsa-dnssec.private", "a DNSSEC private key"),
        ("private/throwaway-rsa.gpg", "OpenPGP"),
        ("private/throwaway-rsa-openssl-text.txt", "openssl's -text"),
        ("private/throwaway-rsa.cngblob", "Windows CNG"),
        ("public/throwaway-certificate.pem", "a certificate"),
        ("public/throwaway-request.pem", "a certificate request"),
        ("public/throwaway-rsa-public.pem", "the public half of a key"),
        ("public/throwaway-rsa-public-pkcs1.pem", "the public half of a key"),
        ("public/throwaway-rsa-openssh.pub", "an OpenSSH public key"),
        ("public/throwaway-rsa-public-rfc4716", "a public key in ssh.com's format"),
    ] {
        env.i3("pubkey --passphrase-file pass --key").arg(copied(&env, name)).fails(78, &[says]);
    }
    let age = fs::read_to_string(vector("private/throwaway-age.txt")).unwrap();
    env.secret("age", age.lines().filter(|line| !line.starts_with('#')).collect::<String>());
    env.i3("pubkey --key age").fails(78, &["an age private key"]);
    // The same as DER.
    for (name, says) in [
        ("private/throwaway-ec-sec1.pem", "an elliptic-curve private key"),
        ("private/throwaway-dsa-traditional.pem", "a DSA private key"),
        ("public/throwaway-certificate.pem", "a certificate,"),
        ("public/throwaway-request.pem", "a certificate request"),
        ("public/throwaway-rsa-public.pem", "the public half of a key"),
        ("public/throwaway-rsa-public-pkcs1.pem", "the public half of a key"),
    ] {
        let block = pem::parse(fs::read(vector(name)).unwrap()).unwrap();
        env.secret("der", block.contents());
        env.i3("pubkey --key der").fails(78, &[says]);
    }
}

/// A vector where only its owner reads it.
fn copied(env: &TestEnv, name: &str) -> PathBuf {
    env.secret("vector", fs::read(vector(name)).unwrap())
}

#[test]
fn what_is_damaged_is_called_so() {
    let Some(env) = with_key() else { return };
    let pem = key_pem();
    let der = pem::parse(pem).unwrap().into_contents();
    let lines: Vec<&str> = pem.lines().collect();
    let without_a_line = [&lines[..9], &lines[10..]].concat().join("\n");
    for bytes in [
        pem.replace("-----END PRIVATE KEY-----", "").into_bytes(),
        pem.as_bytes()[..pem.len() / 2].to_vec(),
        without_a_line.into_bytes(),
        pem.replacen("MII", "M*I", 1).into_bytes(),
        der[..der.len() - 5].to_vec(),
        [&der[..600], &[der[600] ^ 1], &der[601..]].concat(),
    ] {
        env.secret("key", &bytes);
        let says = ["key-file-unusable", "the private key is damaged", "make another pair"];
        env.i3("register lot1 --hub parking --key key").fails(78, &says);
    }
    assert_eq!(env.sandbox.counts().device_posts, 0);
}

#[test]
fn a_key_is_tried_before_it_is_registered() {
    let Some(env) = with_key() else { return };
    tool(&env, "openssl genrsa -primes 3 -out three.pem 2048");
    let generate = "openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -pkeyopt rsa_keygen_pubexp:";
    tool(&env, &format!("{generate}18446744073709551629 -out exponent.pem"));
    env.secret("halves.pem", with_half_of(key_pem(), other_key_pem()));
    for (file, says) in [
        ("three.pem", "more than two primes"),
        ("exponent.pem", "its public exponent has 65 bits; at most 33 are accepted"),
        ("halves.pem", "its public half belongs to another key"),
    ] {
        let says = ["key-file-unusable", says];
        env.i3(&format!("register lot1 --hub parking --key {file}")).fails(78, &says);
        env.i3(&format!("pubkey --key {file}")).fails(78, &says);
        env.i3(&format!("token --key {file}")).fails(78, &says);
    }
    for file in ["three.pem", "exponent.pem"] {
        env.i3(&format!("pubkey --key {file}"))
            .fails(78, &["unsupported kind of private key"])
            .does_not_say(&["damaged"]);
    }
    assert_eq!(env.sandbox.counts().device_posts, 0);
    // The least that anybody uses is in order.
    tool(&env, &format!("{generate}3 -out small.pem"));
    env.i3("register lot1 --hub parking --key small.pem").done();
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --timeout {LONG}")).succeeds("");
}

/// The one key with the public numbers of the other, in PKCS#1.
fn with_half_of(private: &str, public: &str) -> String {
    let [private, public] = [private, public].map(|text| pem::parse(text).unwrap().into_contents());
    let [private, public] =
        [&private, &public].map(|der| rsa::pkcs8::PrivateKeyInfoRef::from_der(der).unwrap().private_key.as_bytes());
    let mut mixed = RsaPrivateKeyRef::from_der(private).unwrap();
    mixed.modulus = RsaPrivateKeyRef::from_der(public).unwrap().modulus;
    pem::encode(&pem::Pem::new("RSA PRIVATE KEY", mixed.to_der().unwrap()))
}

#[test]
fn a_key_comes_from_standard_input() {
    let Some(env) = with_key() else { return };
    env.i3("pubkey --key -").input(key_pem()).succeeds(&body());
    // Whatever stdin is, its mode was chosen by the process that opened it.
    fs::set_permissions(env.path("lot1.pem"), fs::Permissions::from_mode(0o644)).unwrap();
    env.shell("i3 pubkey --key - <lot1.pem").succeeds(&body());
    tool(&env, "openssl pkcs8 -topk8 -in lot1.pem -passout file:pass -out encrypted.pem");
    env.i3("pubkey --key - --passphrase-file pass").input(env.read("encrypted.pem")).succeeds(&body());
    env.i3("token --key - --issuer gate -n").input(key_pem()).done();
    env.i3("pubkey --key -").input("").fails(78, &["the key from standard input cannot be used", "an empty file"]);
    env.shell("i3 pubkey --key - <&-").fails(66, &["standard input cannot be read"]);
    // A file of that name is another thing.
    env.secret("-", other_key_pem());
    env.i3("pubkey --key -").input(key_pem()).succeeds(&body());
    let registered = env.i3("register lot1 --hub parking --key -").input(key_pem()).done();
    registered.says(&["standard input cannot be saved in the configuration"]);
    let publish = format!("pub --device lot1 -t {TOPIC} --timeout {LONG} --key -");
    env.i3(&format!("{publish} -m 678")).input(key_pem()).succeeds("");
    env.i3("doctor lot1 --offline --key -").input(key_pem()).done();
    env.i3("device passwd lot1 --key -").input(other_key_pem()).done();
    env.i3(&format!("{publish} -m 678")).input(other_key_pem()).succeeds("");
    env.i3("device rotate lot1 --key -").input(other_key_pem()).fails(65, &["standard input is not a regular file"]);
    let before = env.sandbox.counts();
    for (line, other) in [
        (format!("{publish} -l"), "-l"),
        (format!("{publish} -0"), "-0"),
        (format!("{publish} -s"), "-s"),
        ("pub --device lot1 --jsonl --key -".into(), "--jsonl"),
        ("token --inspect --key -".into(), "--inspect"),
        ("register lot2 --hub parking --key - --login-password-stdin --user alice".into(), "--login-password-stdin"),
    ] {
        let says = [&*format!("--key - and {other} both read standard input"), "--key FILE"];
        env.i3(&line).input(key_pem()).fails(2, &says);
    }
    assert_eq!(env.sandbox.counts(), before);
}

#[test]
fn a_pair_is_made_encrypted() {
    let Some(env) = with_key() else { return };
    let made = env.i3("keygen --out locked.pem --passphrase-file pass -v").done();
    made.says(&["The encrypted private key is in locked.pem"]);
    assert!(env.read("locked.pem").starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----"));
    assert_eq!(crate::program::mode(&env.path("locked.pem")), 0o600);
    env.i3("pubkey --key locked.pem --passphrase-file pass").succeeds(&made.stdout);
    env.i3("pubkey --key locked.pem").fails(78, &["key-passphrase"]);
    env.i3("pubkey --key locked.pem --passphrase-file wrong").fails(78, &["wrong passphrase"]);
    tool(&env, "openssl pkey -in locked.pem -passin file:pass -pubout -out by-openssl.pub");
    assert_eq!(env.read("by-openssl.pub"), env.read("locked.pem.pub"));
    // Each is encrypted anew.
    let first = env.read("locked.pem");
    let json = env.i3("keygen --out other.pem --passphrase-file pass --json").json();
    assert_eq!(json["encrypted"], true);
    assert_ne!(env.read("other.pem")[..200], first[..200]);
    assert_eq!(env.i3("keygen --out plain.pem --json").json()["encrypted"], false);
    // With it to the broker, and to a new key that is encrypted by it as well.
    env.i3("register lot1 --hub parking --key locked.pem --passphrase-file pass").done();
    let publish = format!("pub --device lot1 -t {TOPIC} -m 678 --timeout {LONG}");
    env.i3(&format!("{publish} --passphrase-file pass")).succeeds("");
    env.i3(&publish).fails(78, &["--passphrase-file FILE"]);
    env.i3("device rotate lot1 --passphrase-file pass").done();
    let rotated = env.read("locked.pem");
    assert!(rotated.starts_with("-----BEGIN ENCRYPTED PRIVATE KEY-----") && rotated != first);
    env.i3(&format!("{publish} --passphrase-file pass")).succeeds("");
    // Without a valid passphrase no pair is created.
    env.secret("empty", "\n");
    env.i3("keygen --out new.pem --passphrase-file empty").fails(65, &["the passphrase is empty"]);
    env.i3("keygen --out new.pem --passphrase-file nowhere").fails(66, &["nowhere cannot be read"]);
    env.i3("keygen --out new.pem --ask-passphrase").fails(2, &["no terminal", "--passphrase-file FILE"]);
    env.i3("keygen --out new.pem --ask-passphrase --passphrase-file pass").fails(2, &["cannot be used with"]);
    assert!(!env.path("new.pem").exists() && !env.path("new.pem.pub").exists());
}

#[test]
fn a_rotation_leaves_what_else_is_in_the_file() {
    let Some(env) = with_key() else { return };
    let account = format!(
        "{{\"type\": \"service_account\", \"client_email\": \"alice@example.org\", \"private_key\": \"{}\"}}",
        key_pem().replace('\n', "\\n")
    );
    env.secret("account.json", &account);
    env.i3("register lot1 --hub parking --key account.json").done();
    env.i3("device rotate lot1").done();
    assert_eq!(env.read("account.json"), account);
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --timeout {LONG}")).succeeds("");
    let new = env.i3("pubkey lot1").done().stdout;
    assert_ne!(new, body());
    // A pair of OpenSSH's is replaced where it is.
    env.secret("ssh", other_key_pem());
    tool(&env, "ssh-keygen -p -N '' -f ssh");
    env.i3("register lot2 --hub parking --key ssh").done();
    env.i3("device rotate lot2").done();
    PrivateKey::parse(env.read("ssh").as_bytes(), || Ok(None)).unwrap();
    assert!(env.read("ssh.pub").starts_with("-----BEGIN PUBLIC KEY-----"));
}

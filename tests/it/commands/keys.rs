//! Key pairs and tokens: made, read in every usual form, and shown.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;

use crate::program::{LOT1, TOPIC, TestEnv, key, key_pem, mode, other_key_pem};

#[test]
fn key_files_are_kept_from_others_and_never_overwritten() {
    let env = TestEnv::new();
    let keygen = env.i3("keygen --out keys/lot1.pem");
    let made = keygen.done();
    let (private, public) = (env.path("keys/lot1.pem"), env.path("keys/lot1.pem.pub"));
    assert_eq!((mode(&private), mode(&public) & 0o600, mode(private.parent().unwrap())), (0o600, 0o600, 0o700));
    assert!(env.read("keys/lot1.pem").starts_with("-----BEGIN PRIVATE KEY-----\n"));
    assert!(env.read("keys/lot1.pem.pub").starts_with("-----BEGIN PUBLIC KEY-----\n"));
    let pair = (env.read("keys/lot1.pem"), env.read("keys/lot1.pem.pub"));
    env.i3("keygen --out keys/lot1.pem").fails(73, &["keys/lot1.pem already exists", "--force"]);
    // The public half alone is in the way as well.
    fs::rename(&private, env.path("keys/away.pem")).unwrap();
    env.i3("keygen --out keys/lot1.pem").fails(73, &["keys/lot1.pem.pub already exists"]);
    fs::rename(env.path("keys/away.pem"), &private).unwrap();
    assert_eq!((env.read("keys/lot1.pem"), env.read("keys/lot1.pem.pub")), pair);
    let replaced = env.i3("keygen --out keys/lot1.pem --force").done();
    assert_ne!(replaced.stdout, made.stdout);
    assert_eq!(env.i3("pubkey --key keys/lot1.pem").done().stdout, replaced.stdout);
    assert_eq!(mode(&private), 0o600);
    let names: Vec<_> = fs::read_dir(env.path("keys")).unwrap().collect();
    assert_eq!(names.len(), 2, "{names:?}");

    fs::set_permissions(&private, fs::Permissions::from_mode(0o640)).unwrap();
    for line in
        ["token --key keys/lot1.pem", "pubkey --key keys/lot1.pem", "register lot1 --hub parking --key keys/lot1.pem"]
    {
        env.i3(line).fails(78, &["can be read by others (mode 0640)", "run `chmod 600 keys/lot1.pem`"]);
    }
    // As systemd hands it over: an access control list shows as the group's mode.
    let credentials = env.path("keys");
    env.i3("pubkey --key").arg(&private).env("CREDENTIALS_DIRECTORY", &credentials).done();
    env.i3("pubkey --key")
        .arg(&private)
        .env("CREDENTIALS_DIRECTORY", env.path("other"))
        .fails(78, &["can be read by others"]);
    env.secret("pw", "hunter2secret");
    fs::set_permissions(env.path("pw"), fs::Permissions::from_mode(0o604)).unwrap();
    let run = env.i3("register lot1 --hub parking --password-file pw");
    run.fails(78, &["can be read by others (mode 0604)", "run `chmod 600 pw`"]).keeps_secret("hunter2secret");
    assert_eq!(env.sandbox.counts().device_posts, 0);
    env.i3("keygen").fails(2, &["--out"]);
    env.i3("keygen lot$1").fails(65, &["invalid device name"]);
    env.i3("keygen --out /proc/lot1.pem").fails(73, &["cannot be written"]);
}

#[test]
#[cfg(not(feature = "pkcs11"))]
fn a_key_on_a_token_needs_a_program_that_was_built_for_it() {
    let env = TestEnv::with_lot1();
    for line in ["token --key", "pubkey --key", "register lot2 --hub parking --key", "device passwd lot1 --key"] {
        let refused = env.i3_with(line, &["pkcs11:token=i3;object=lot1"]).run();
        assert_eq!((refused.code, refused.error().id), (78, Some("pkcs11-not-built")), "{refused}");
        assert!(refused.hint().contains("--features pkcs11"), "{refused}");
    }
    env.i3_with("token --key", &["pkcs11:tokn=i3"]).fails(78, &["error[pkcs11-uri]", "did you mean 'token'?"]);
}

#[test]
fn the_public_half_in_three_forms() {
    let env = TestEnv::new();
    env.secret("lot1.pem", key_pem());
    let public = key().public().clone();
    let pubkey = |form: &str| env.i3(&format!("pubkey --key lot1.pem {form}"));
    pubkey("").succeeds(&format!("{}\n", public.body()));
    pubkey("--format body").succeeds(&format!("{}\n", public.body()));
    pubkey("--format pem").succeeds(&format!("{}\n", public.to_pem().trim_end()));
    let jwk = pubkey("--format jwk").json();
    assert_eq!((jwk["kty"].as_str(), jwk["e"].as_str()), (Some("RSA"), Some("AQAB")));
    assert!(jwk.get("d").is_none(), "{jwk}");
    env.i3("register lot1 --hub parking --key lot1.pem").done();
    env.i3("pubkey lot1").succeeds(&format!("{}\n", public.body()));
}

#[test]
fn every_usual_form_of_a_private_key_is_read() {
    let env = TestEnv::new();
    env.secret("lot1.pem", key_pem());
    env.secret("pass", "correct horse\n");
    let openssl = |line: &str| {
        let mut run = env.command("openssl");
        run.command.args(line.split_ascii_whitespace());
        run.done();
    };
    openssl("rsa -in lot1.pem -traditional -out pkcs1.pem");
    openssl("pkcs8 -topk8 -in lot1.pem -passout file:pass -out encrypted.pem");
    openssl("pkcs8 -topk8 -in lot1.pem -passout file:pass -v2 des3 -out des3.pem");
    openssl("pkcs8 -topk8 -nocrypt -in lot1.pem -outform DER -out lot1.der");
    let body = format!("{}\n", key().public().body());
    for file in ["lot1.pem", "pkcs1.pem", "lot1.der"] {
        fs::set_permissions(env.path(file), fs::Permissions::from_mode(0o600)).unwrap();
        env.i3(&format!("pubkey --key {file}")).succeeds(&body);
    }
    env.secret("wrong", "battery staple");
    for file in ["encrypted.pem", "des3.pem"] {
        fs::set_permissions(env.path(file), fs::Permissions::from_mode(0o600)).unwrap();
        env.i3(&format!("pubkey --key {file} --passphrase-file pass")).succeeds(&body);
        env.i3(&format!("pubkey --key {file}")).fails(78, &["encrypted", "--passphrase-file FILE"]);
        let wrong = env.i3(&format!("pubkey --key {file} --passphrase-file wrong"));
        wrong.fails(78, &["wrong passphrase", "--passphrase-file"]).keeps_secret("battery staple");
    }
    let register = "register lot1 --hub parking --key encrypted.pem --passphrase-file pass";
    env.i3(register).succeeds(&format!("{LOT1}\n"));
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --passphrase-file pass")).succeeds("");
    env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678")).fails(78, &["--passphrase-file FILE"]);
}

#[test]
fn tokens_are_made_and_taken_apart() {
    let env = TestEnv::with_lot1();
    let token = env.i3("token lot1 -n").done().stdout;
    assert!(!token.ends_with('\n'));
    let told = env.i3("token --inspect lot1").input(&token).done().stdout;
    for part in ["alg        \"RS256\"", "iss        \"alice$parking$lot1\"", "left", "by this key"] {
        assert!(told.contains(part), "{part} in {told}");
    }
    assert!(env.i3("token --inspect").input(&token).done().stdout.contains("no key was given"));
    env.secret("other.pem", other_key_pem());
    let foreign = env.i3("token --inspect --key other.pem").input(&token).run();
    assert_eq!(foreign.code, 77, "{foreign}");
    foreign.says(&["another key signed the token", "hint: "]);
    env.i3("token --inspect").input("no token").fails(65, &["no JSON Web Token", "i3 token lot1"]);
    let issuer = env.i3("token --key lot1.pem --issuer gate --json").json();
    assert_eq!(issuer["issuer"], "gate");
    env.i3("register pw1 --hub parking --generate-password").done();
    env.i3("token pw1").fails(66, &["no key file is known", "registered by password needs no token"]);
    // A token of another key than the device's is refused before it is sent.
    let before = env.sandbox.counts();
    let foreign = env.i3("token --key other.pem").done().stdout;
    let run = env.i3(&format!("pub --device lot1 -t {TOPIC} -m 678 --pw-stdin")).input(&foreign);
    run.fails(77, &["not signed by the device's key"]).keeps_secret(&foreign);
    assert_eq!(env.sandbox.counts(), before);
}

//! Tokens verified by programs that know nothing of this one, from the key body alone, as the marketplace does it.

use std::fs;
use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use crate::program::{LOT1, TestEnv};
use crate::support::skipped::skipped;

/// An environment with a key of the program's own making in `lot1.pem`, the PEM that its body makes in `public.pem`, and a token.
fn token(bits: u32) -> (TestEnv, String) {
    let env = TestEnv::new();
    let body = env.i3(&format!("keygen --out lot1.pem --bits {bits}")).done().stdout;
    let lines: Vec<&str> = body.trim_end().as_bytes().chunks(64).map(|l| std::str::from_utf8(l).unwrap()).collect();
    let pem = format!("-----BEGIN PUBLIC KEY-----\n{}\n-----END PUBLIC KEY-----\n", lines.join("\n"));
    fs::write(env.path("public.pem"), pem).unwrap();
    let token = env.i3("token --key lot1.pem --expires-in 15m --issuer").arg(LOT1).done().stdout;
    (env, token.trim_end().to_string())
}

#[test]
fn openssl_verifies_a_token_from_the_key_body() {
    for bits in [2048, 2688] {
        let (env, token) = token(bits);
        let (signed, signature) = token.rsplit_once('.').unwrap();
        let signature = URL_SAFE_NO_PAD.decode(signature).unwrap();
        fs::write(env.path("signature"), &signature).unwrap();
        let verify = |text: &str| {
            fs::write(env.path("signed"), text).unwrap();
            let mut run = env.command("openssl");
            run.command.args(["dgst", "-sha256", "-verify", "public.pem", "-signature", "signature", "signed"]);
            run.run()
        };
        verify(signed).succeeded_with("Verified OK\n");
        let altered = verify(&signed.replacen('e', "f", 1));
        assert_ne!(altered.code, 0, "{altered}");
        let parts: Vec<serde_json::Value> = signed
            .split('.')
            .map(|part| serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).unwrap()).unwrap())
            .collect();
        assert_eq!(parts[0], serde_json::json!({"typ": "JWT", "alg": "RS256"}));
        let (iat, exp) = (parts[1]["iat"].as_u64().unwrap(), parts[1]["exp"].as_u64().unwrap());
        assert_eq!((parts[1].as_object().unwrap().len(), exp - iat), (3, 900));
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs();
        assert!(iat <= now && now - iat < 60, "seconds, and of this time: {iat}");
    }
}

#[test]
fn openssl_reads_the_key_files() {
    let (env, _) = token(2048);
    let openssl = |line: &str| {
        let mut run = env.command("openssl");
        run.command.args(line.split_ascii_whitespace());
        run.done().stdout
    };
    assert!(openssl("pkey -in lot1.pem -noout -text").contains("2048 bit"));
    assert_eq!(openssl("rsa -in lot1.pem -check -noout"), "RSA key ok\n");
    let public = env.read("public.pem");
    assert_eq!(openssl("pkey -in lot1.pem -pubout"), public);
    assert_eq!(env.read("lot1.pem.pub"), public);
}

#[test]
fn pyjwt_verifies_a_token_from_the_key_body() {
    let (env, token) = token(2048);
    let python = |script: &str| {
        let mut run = env.command("python3");
        // Wherever Python and its packages are installed on this machine.
        for name in ["PATH", "HOME", "PYTHONPATH", "VIRTUAL_ENV"] {
            if let Some(value) = std::env::var_os(name) {
                run = run.env(name, value);
            }
        }
        run.command.args(["-c", script]);
        run
    };
    let python_there = std::process::Command::new("python3").args(["-c", "import jwt, cryptography"]).output();
    if !python_there.is_ok_and(|output| output.status.success()) {
        skipped("PyJWT is not installed; tokens are verified by openssl alone");
        return;
    }
    let verify = "import jwt, sys; token = sys.stdin.read(); key = open('public.pem').read(); \
                  print(jwt.decode(token, key, algorithms=['RS256'])['iss'])";
    python(verify).input(&token).succeeds(&format!("{LOT1}\n"));
    let cut = python(verify).input(&token[..token.len() - 2]).run();
    assert_ne!(cut.code, 0, "{cut}");
    // Theirs passes here: the program inspects it and finds nothing wrong.
    let theirs = "import jwt, time; now = int(time.time()); key = open('lot1.pem').read(); \
                  print(jwt.encode({'iss': 'x', 'iat': now, 'exp': now + 60}, key, algorithm='RS256'))";
    let theirs = python(theirs).done().stdout;
    let told = env.i3("token --inspect --key lot1.pem --json").input(theirs.trim_end()).json();
    assert_eq!((told["signed_by_key"].as_bool(), told["faults"].as_array().unwrap().len()), (Some(true), 0), "{told}");
}

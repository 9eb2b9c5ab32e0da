//! Each failure that I3 passes over in silence (I3 facts §5), met by the real program: it names the cause and a way out.
//!
//! What goes wrong with hubs and products is met twice: by the command that makes them, and by publishing to what somebody
//! made on the marketplace's pages.

mod broker;
mod credentials;
mod market;

use std::time::{SystemTime, UNIX_EPOCH};

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::json;

use crate::program::{Outcome, Run, SHORT, TestEnv, key_pem};
use crate::support::between::{between, forward};
use crate::support::http_server::HttpServer;

/// It ends with this code, without data, names all of this, and a way out.
fn named(run: Run, code: i32, says: &[&str]) -> Outcome {
    let outcome = run.fails(code, says);
    assert!(outcome.error().id.is_some() && !outcome.hint().is_empty(), "{outcome}");
    outcome
}

/// Creates a product of alice/parking.
fn create(env: &TestEnv, name: &str, hub: &str) -> Run {
    env.i3(&format!("product create {name} --hub {hub} --description deck --price 2 --type sensor"))
}

/// The form's POST to `path` is forwarded without the field `left_out`, and with the hub `hub` if there is one.
fn tampered(env: &TestEnv, path: &'static str, left_out: &'static str, hub: Option<&'static str>) -> HttpServer {
    let url = env.sandbox.market_url();
    between(&env.sandbox, move |request| {
        let mut request = request.clone();
        if request.path() == path && request.method == "POST" {
            let body = String::from_utf8(request.body).unwrap();
            let kept = body.split('&').filter(|field| !field.starts_with(left_out));
            let changed = kept.map(|field| match (field.split_once('='), hub) {
                (Some(("hub", _)), Some(hub)) => format!("hub={hub}"),
                _ => field.to_owned(),
            });
            request.body = changed.collect::<Vec<_>>().join("&").into_bytes();
            let length = request.body.len().to_string();
            request.headers.iter_mut().filter(|(name, _)| name == "content-length").for_each(|h| h.1 = length.clone());
        }
        Some(forward(&url, &request))
    })
}

/// lot1 publishes to `topic`.
fn publish(env: &TestEnv, topic: &str, more: &str) -> Run {
    env.i3(&format!("pub --device lot1 -t {topic} -m 678 --timeout {SHORT} {more}"))
}

/// A token with these claims and lot1's signature, made without a line of the crate.
pub fn token(claims: serde_json::Value) -> String {
    let part = |json: serde_json::Value| URL_SAFE_NO_PAD.encode(json.to_string());
    let signed = format!("{}.{}", part(json!({"alg": "RS256", "typ": "JWT"})), part(claims));
    let pair = ring::rsa::KeyPair::from_pkcs8(pem::parse(key_pem()).unwrap().contents()).unwrap();
    let mut signature = vec![0; pair.public().modulus_len()];
    let random = ring::rand::SystemRandom::new();
    pair.sign(&ring::signature::RSA_PKCS1_SHA256, &random, signed.as_bytes(), &mut signature).unwrap();
    format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
}

pub fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).unwrap().as_secs()
}

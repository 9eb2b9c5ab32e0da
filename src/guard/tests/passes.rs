//! Tokens, hashes, empty texts: which are refused, and which pass with a note.

use std::time::{Duration, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;

use super::*;
use crate::key::PrivateKey;
use crate::signer::Signer;
use crate::token;

fn at(seconds: u64) -> SystemTime {
    UNIX_EPOCH + Duration::from_secs(seconds)
}

fn known(seconds: u64) -> CheckContext<'static> {
    CheckContext { device_key: None, now: at(seconds) }
}

fn unsigned(header: &str, claims: &str) -> String {
    format!("{}.{}.AAAA", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims))
}

fn claims(claims: &str) -> String {
    unsigned(r#"{"alg":"RS256","typ":"JWT"}"#, claims)
}

fn check(text: &str) -> Result<Password, Refusal> {
    Password::check(Secret::new(text), &known(1000))
}

#[test]
fn a_good_token_passes_and_is_known_as_one() {
    let key = Signer::from(PrivateKey::generate(2048).unwrap());
    let text = token::mint(&key, "alice$parking$lot1", "1h".parse().unwrap(), at(1000)).unwrap();
    let now = CheckContext { device_key: Some(key.public()), now: at(1001) };
    let password = Password::check(text.clone(), &now).unwrap();
    assert_eq!((password.kind(), password.notes(), password.expose()), (PasswordKind::Token, &[][..], text.expose()));
    assert!(!format!("{password:?}").contains("eyJ"));

    let later = CheckContext { now: at(100_000), ..now };
    let expired = Password::check(text.clone(), &later).unwrap_err();
    assert!(matches!(expired, Refusal::Token(Fault::Expired(_))), "{expired}");

    let other = PrivateKey::generate(2048).unwrap();
    let foreign = CheckContext { device_key: Some(other.public()), ..now };
    assert_eq!(Password::check(text.clone(), &foreign).unwrap_err(), Refusal::ForeignToken);

    for missing in 1..8 {
        let cut = Secret::new(&text.expose()[..text.expose().len() - missing]);
        let refusal = Password::check(cut, &now).unwrap_err();
        assert!(matches!(refusal, Refusal::ForeignToken | Refusal::BrokenToken), "{refusal}");
    }
}

#[test]
fn tokens_that_i3_refuses_are_refused() {
    for (claim, fault) in [
        (r#"{"exp":2000,"aud":"x"}"#, Fault::Audience),
        (r#"{"exp":"soon"}"#, Fault::ExpiryNotANumber),
        (r#"{"exp":2000,"nbf":1500}"#, Fault::NotYetValid(Duration::from_secs(500))),
        (r#"{"exp":900}"#, Fault::Expired(Duration::from_secs(100))),
    ] {
        assert_eq!(check(&claims(claim)).unwrap_err(), Refusal::Token(fault), "{claim}");
    }
    let hmac = unsigned(r#"{"alg":"HS256"}"#, r#"{"exp":2000}"#);
    assert_eq!(check(&hmac).unwrap_err(), Refusal::Token(Fault::Algorithm("HS256".into())));
    // An algorithm may be any text, so it is not repeated.
    let odd = unsigned(r#"{"alg":"hunter2hunter2"}"#, r#"{"exp":2000}"#);
    assert_says_nothing_of(b"hunter2hunter2", &check(&odd).unwrap_err());
    for text in [format!("{} ", claims(r#"{"exp":2000}"#)), format!("{}\n", claims(r#"{"exp":2000}"#))] {
        assert_eq!(check(&text).unwrap_err(), Refusal::Token(Fault::StrayBlanks));
    }
}

#[test]
fn tokens_that_i3_takes_to_the_sellers_harm_pass_with_a_note() {
    for (claim, fault) in [
        (r#"{"iss":"x"}"#, Fault::NoExpiry),
        (r#"{"exp":1900000000000}"#, Fault::ExpiryInMilliseconds),
        (r#"{"exp":2000,"iat":1600}"#, Fault::IssuedInFuture(Duration::from_secs(600))),
        (r#"{"exp":2000,"sub":"x"}"#, Fault::ExtraClaims(vec!["sub".into()])),
    ] {
        let password = check(&claims(claim)).unwrap();
        assert_eq!((password.kind(), password.notes()), (PasswordKind::Token, &[fault][..]), "{claim}");
    }
}

#[test]
fn a_token_in_a_dress_or_in_part_is_refused() {
    let token = claims(r#"{"exp":2000}"#);
    let (head, tail) = token.split_at(30);
    for text in [
        format!("\"{token}\""),
        format!("'{token}'"),
        format!("Bearer {token}"),
        format!("token={token}"),
        format!("\u{feff}{token}"),
        format!("{token}=="),
        format!("{head}\n{tail}"),
    ] {
        assert_eq!(check(&text).unwrap_err(), Refusal::TokenWithExtraText, "{text}");
    }
    let without_signature = token.trim_end_matches(".AAAA");
    for text in [&token[..50], without_signature, &format!("{token}.AAAA.AAAA")] {
        let refusal = check(text).unwrap_err();
        assert_eq!(refusal, Refusal::BrokenToken, "{text}");
        assert_says_nothing_of(text.as_bytes(), &refusal);
    }
}

#[test]
fn a_token_with_its_public_key_in_the_header_is_a_token() {
    let key = PrivateKey::generate(2048).unwrap();
    let header = serde_json::json!({"alg": "RS256", "jwk": key.public().to_jwk()});
    assert_eq!(check(&unsigned(&header.to_string(), r#"{"exp":2000}"#)).unwrap().kind(), PasswordKind::Token);
}

#[test]
fn hashes_are_refused() {
    for text in [
        "PBKDF2$sha256$901$c2FsdHNhbHRzYWx0$a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5",
        " 'PBKDF2$sha256$10000$c2FsdA==$a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5' ",
        "alice$parking$lot1:PBKDF2$sha256$901$c2FsdA==$a2V5a2V5a2V5a2V5a2V5a2V5a2V5a2V5",
    ] {
        assert_eq!(check(text).unwrap_err(), Refusal::Hash);
    }
}

#[test]
fn what_cannot_be_sent_is_refused() {
    assert_eq!(check("").unwrap_err(), Refusal::Empty);
    assert_eq!(check("a\0b").unwrap_err(), Refusal::Nul);
    assert_eq!(check(&"x".repeat(65_536)).unwrap_err(), Refusal::TooLong(65_536));
    assert!(check(&"x".repeat(65_535)).is_ok());
}

#[test]
fn ordinary_and_odd_passwords_pass_unchanged() {
    for text in [
        "hunter2",
        " ",
        "\n",
        "two words; $HOME 'q' ü",
        "correct horse battery staple",
        "d41d8cd98f00b204e9800998ecf8427e12345678",
        "3fa9c1d24b5e6f708192a3b4c5d6e7f8091a2b3c",
        "550e8400-e29b-41d4-a716-446655440000",
        "MIIEvQ",
        "MIIEvQIBADAN",
        "MIICompanyPassword2024",
        "ssh-rsa",
        "ssh-rsa AAAAB3",
        "-----",
        "-----BEGIN GAME-----",
        "BEGIN PRIVATE KEY",
        "eyJhbGciOiJSUzI1NiJ9",
        "192.168.178.1",
        "a.b.c",
        "{\"user\":\"alice\",\"d\":\"d\"}",
        r"C:\new\test\x.pem",
        "100%",
        "%%%41%zz",
        "\\\\\\",
        "パスワード",
        "🔑🔒",
        "PBKDF2",
        "PBKDF2$sha256",
        "0x0x0x0x0x",
        "0x3082",
    ] {
        let password = check(text).unwrap_or_else(|refusal| panic!("{text}: {refusal}"));
        assert_eq!((password.expose(), password.kind()), (text, PasswordKind::Password));
        assert!(password.notes().is_empty());
    }
}

#[test]
fn every_refusal_says_what_to_do() {
    for refusal in [Refusal::Hash, Refusal::Empty, Refusal::Nul, Refusal::ForeignToken, Refusal::TooLong(70_000)] {
        let remedy = refusal.entry().remedy;
        assert!(!remedy.is_empty() && !remedy.ends_with('.'), "{refusal}");
    }
}

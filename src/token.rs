//! JSON Web Tokens as I3's broker accepts them: minting and inspection, without I/O (RFC 7519; I3 facts §3).

use std::fmt;
use std::str::FromStr;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::crypto::{CryptoProvider, JwtSigner, JwtVerifier, KeyUtils};
use jsonwebtoken::errors::{Error as JwtError, ErrorKind};
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header};
use serde_json::{Map, Value};

use crate::key::{self, KeyError, PublicKey};
use crate::secret::Secret;
use crate::signer::{Signer, SignerError};
use crate::text::hidden;

/// Longest lifetime of a token.
pub const LIFETIME_MAX: Duration = Duration::from_secs(366 * 24 * 3600);
/// A longer lifetime is worth a warning: nothing revokes a token but changing the device's key.
pub const LIFETIME_LONG: Duration = Duration::from_secs(24 * 3600);
/// From this `exp` on it must be in milliseconds: the year 5138 in seconds.
const MILLISECONDS: i64 = 100_000_000_000;

/// Why a token could not be made.
#[derive(Debug, thiserror::Error)]
pub enum TokenError {
    /// The lifetime is not a duration such as `90s`, `15m`, `1h`, `1d`.
    #[error("invalid lifetime '{0}': use a number and a unit, such as 90s, 15m, 1h or 1d")]
    Lifetime(String),
    /// Zero, or over a year.
    #[error("invalid lifetime {0}: use one second to one year")]
    LifetimeRange(String),
    /// This machine's clock is set before 1970.
    #[error("this machine's clock is set before 1970")]
    Clock,
    /// The key does not sign.
    #[error("the token cannot be signed")]
    Sign(#[source] SignerError),
}

/// How long a token is valid: whole seconds, one to a year of them.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Lifetime(Duration);

impl Lifetime {
    /// One hour.
    pub const DEFAULT: Lifetime = Lifetime(Duration::from_secs(3600));

    /// The lifetime in whole seconds.
    pub fn duration(self) -> Duration {
        self.0
    }
}

impl FromStr for Lifetime {
    type Err = TokenError;

    fn from_str(text: &str) -> Result<Self, TokenError> {
        let length = humantime::parse_duration(text).map_err(|_| TokenError::Lifetime(text.into()))?;
        if length < Duration::from_secs(1) || length > LIFETIME_MAX {
            return Err(TokenError::LifetimeRange(humantime::format_duration(length).to_string()));
        }
        Ok(Lifetime(Duration::from_secs(length.as_secs())))
    }
}

impl fmt::Display for Lifetime {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        humantime::format_duration(self.0).fmt(f)
    }
}

/// The three claims of I3's tokens; any other makes the broker refuse the token, or is ignored by it.
#[derive(serde::Serialize)]
struct Claims<'a> {
    iss: &'a str,
    iat: u64,
    exp: u64,
}

/// Returns an RS256 token that is valid from `now` for `lifetime`.
///
/// # Errors
/// [`TokenError::Clock`], or [`TokenError::Sign`] if the key does not sign.
pub fn mint(key: &Signer, issuer: &str, lifetime: Lifetime, now: SystemTime) -> Result<Secret, TokenError> {
    let iat = now.duration_since(UNIX_EPOCH).map_err(|_| TokenError::Clock)?.as_secs();
    let claims = Claims { iss: issuer, iat, exp: iat + lifetime.0.as_secs() };
    let header = Header::new(Algorithm::RS256);
    let token = match key {
        Signer::Key(key) => {
            install_ring();
            let signing_key = EncodingKey::from_rsa_der(key.pkcs1_der());
            jsonwebtoken::encode(&header, &claims, &signing_key).map_err(|e| match e.into_kind() {
                ErrorKind::Provider(reason) => KeyError::Damaged(reason).into(),
                _ => KeyError::Damaged("it does not sign".into()).into(),
            })
        }
        Signer::Hardware(key) => {
            // The library signs only with keys in memory.
            let message = [encoded(&header), encoded(&claims)].join(".");
            key.sign(message.as_bytes())
                .map_err(SignerError::from)
                .map(|signature| message + "." + &URL_SAFE_NO_PAD.encode(signature))
        }
    };
    token.map(Secret::new).map_err(TokenError::Sign)
}

/// Returns a part of a token (RFC 7515 §3.1).
fn encoded(part: &impl serde::Serialize) -> String {
    URL_SAFE_NO_PAD.encode(serde_json::to_vec(part).expect("text and numbers are JSON"))
}

/// A parsed token. Nothing in it is verified yet.
#[derive(Clone)]
pub struct Token {
    text: Secret,
    pub header: Map<String, Value>,
    pub claims: Map<String, Value>,
}

impl fmt::Debug for Token {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Token").field("claims", &self.claims).finish_non_exhaustive()
    }
}

/// What is wrong with a token, for I3's broker or in general (I3 facts §3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Fault {
    /// Blanks or a line end surround it: the broker's parser fails.
    StrayBlanks,
    /// Signed by another algorithm than RS256.
    Algorithm(String),
    /// `exp` is past: how long ago.
    Expired(Duration),
    /// `exp` is not a number.
    ExpiryNotANumber,
    /// It has `aud`, with any value.
    Audience,
    /// `nbf` is in the future: how far; or is not a number.
    NotYetValid(Duration),
    /// No `exp`: accepted by the broker, and valid forever.
    NoExpiry,
    /// `exp` counts milliseconds: accepted by the broker, and valid forever.
    ExpiryInMilliseconds,
    /// `iat` is in the future: how far; the clock of the machine that made it is wrong.
    IssuedInFuture(Duration),
    /// Claims that I3 does not know.
    ExtraClaims(Vec<String>),
}

impl Fault {
    /// Returns whether I3's broker refuses such a token; it accepts the others, to the seller's harm.
    pub fn is_refused(&self) -> bool {
        use Fault::*;
        matches!(self, StrayBlanks | Algorithm(_) | Expired(_) | ExpiryNotANumber | Audience | NotYetValid(_))
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Fault::StrayBlanks => f.write_str("blanks or a line end surround the token, so the broker cannot read it"),
            Fault::Algorithm(alg) => write!(f, "the token's algorithm is {alg}, and I3 accepts only RS256"),
            Fault::Expired(ago) => {
                write!(f, "the token expired {} ago by this machine's clock", humantime::format_duration(*ago))
            }
            Fault::ExpiryNotANumber => f.write_str("the token's expiry (exp) is not a number"),
            Fault::Audience => f.write_str("the token names an audience (aud), which I3 refuses"),
            Fault::NotYetValid(by) if by.is_zero() => f.write_str("the token's nbf is not a number"),
            Fault::NotYetValid(by) => {
                let by = humantime::format_duration(*by);
                write!(f, "the token is valid only in {by} by this machine's clock (nbf)")
            }
            Fault::NoExpiry => f.write_str("the token has no expiry (exp): the broker accepts it forever"),
            Fault::ExpiryInMilliseconds => f.write_str(
                "the token's expiry (exp) counts milliseconds: the broker accepts it for thousands of years",
            ),
            Fault::IssuedInFuture(by) => {
                write!(
                    f,
                    "the token was made {} in the future (iat): a clock is wrong",
                    humantime::format_duration(*by)
                )
            }
            Fault::ExtraClaims(names) => {
                write!(f, "the token holds claims that I3 does not know: {}", names.join(", "))
            }
        }
    }
}

impl Token {
    /// Parses a token; `None` if the text is not a JWT: three base64url parts, the first two JSON objects.
    pub fn parse(text: &str) -> Option<Token> {
        let mut parts = text.trim().split('.');
        let (header, claims, signature) = (parts.next()?, parts.next()?, parts.next()?);
        if parts.next().is_some() || URL_SAFE_NO_PAD.decode(signature).is_err() {
            return None;
        }
        let object = |part: &str| match serde_json::from_slice(&URL_SAFE_NO_PAD.decode(part).ok()?) {
            Ok(Value::Object(map)) => Some(map),
            _ => None,
        };
        let (header, claims) = (object(header)?, object(claims)?);
        header.contains_key("alg").then_some(())?;
        Some(Token { text: Secret::new(text), header, claims })
    }

    /// Returns the token as given.
    pub fn text(&self) -> &Secret {
        &self.text
    }

    /// `exp` in seconds since 1970, if it is a number.
    pub fn expiry(&self) -> Option<i64> {
        self.number("exp")
    }

    /// `iat` in seconds since 1970, if it is a number.
    pub fn issued(&self) -> Option<i64> {
        self.number("iat")
    }

    fn number(&self, claim: &str) -> Option<i64> {
        let value = self.claims.get(claim)?;
        // PyJWT accepts anything that Python's int() accepts, including a text of digits.
        value.as_i64().or_else(|| value.as_f64().map(|f| f as i64)).or_else(|| value.as_str()?.trim().parse().ok())
    }

    /// Returns all faults of the token at `now`, those that the broker refuses first.
    pub fn faults(&self, now: SystemTime) -> Vec<Fault> {
        let now = now.duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs() as i64);
        let seconds = |n: i64| Duration::from_secs(n.unsigned_abs());
        let mut faults = Vec::new();
        let text = self.text.expose();
        if text.trim() != text {
            faults.push(Fault::StrayBlanks);
        }
        match self.header.get("alg").and_then(Value::as_str) {
            Some("RS256") => {}
            other => faults.push(Fault::Algorithm(other.unwrap_or("unnamed").chars().take(16).collect())),
        }
        if self.claims.contains_key("aud") {
            faults.push(Fault::Audience);
        }
        if self.claims.contains_key("nbf") {
            match self.number("nbf") {
                None => faults.push(Fault::NotYetValid(Duration::ZERO)),
                Some(nbf) if nbf > now => faults.push(Fault::NotYetValid(seconds(nbf.saturating_sub(now)))),
                Some(_) => {}
            }
        }
        match (self.claims.contains_key("exp"), self.expiry()) {
            (false, _) => faults.push(Fault::NoExpiry),
            (true, None) => faults.push(Fault::ExpiryNotANumber),
            (true, Some(exp)) if exp >= MILLISECONDS => faults.push(Fault::ExpiryInMilliseconds),
            (true, Some(exp)) if exp <= now => faults.push(Fault::Expired(seconds(now.saturating_sub(exp)))),
            (true, Some(_)) => {}
        }
        if let Some(iat) = self.issued().filter(|iat| *iat > now + 1) {
            faults.push(Fault::IssuedInFuture(seconds(iat.saturating_sub(now))));
        }
        let known = ["iss", "iat", "exp", "nbf", "aud"];
        let extra: Vec<String> = self.claims.keys().filter(|k| !known.contains(&k.as_str())).cloned().collect();
        if !extra.is_empty() {
            faults.push(Fault::ExtraClaims(extra));
        }
        faults.sort_by_key(|f| !f.is_refused());
        faults
    }

    /// Whether `key` signed this token.
    pub fn signed_by(&self, key: &PublicKey) -> bool {
        let text = self.text.expose().trim();
        let Some((message, signature)) = text.rsplit_once('.') else { return false };
        URL_SAFE_NO_PAD.decode(signature).is_ok_and(|signature| key.verifies(message.as_bytes(), &signature))
    }
}

/// A token in a text, and the rest of the text.
pub struct FoundToken {
    pub token: Token,
    /// The text before, in or after it, in words.
    pub around: Vec<String>,
}

/// Shortest signature of a key that I3 accepts, 2048 bits, in base64url.
const SIGNATURE_MIN: usize = 342;

/// Finds the token in a text as people paste it: after `Bearer`, in quotes, broken into lines, with invisible
/// characters.
pub fn find(text: &str) -> Option<FoundToken> {
    let is_part = |c: char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
    // Any JSON object begins like that in base64: `{"`, or `{` with white space after it.
    let starts = text.char_indices().filter(|(at, _)| {
        let begins = ["eyJ", "eyA", "ewo", "ew0", "ewk"].iter().any(|start| text[*at..].starts_with(start));
        begins && !text[..*at].ends_with(is_part)
    });
    starts.map(|(at, _)| at).find_map(|start| {
        let rest = &text[start..];
        let line = rest.find(|c| !is_part(c)).unwrap_or(rest.len());
        // It continues after invisible characters, but not after a blank line.
        let goes_on = |c: char| is_part(c) || c == ' ' || hidden::is_hidden(c);
        let all = rest.find(|c| !goes_on(c)).unwrap_or(rest.len());
        let all = rest[..all].find("\n\n").unwrap_or(all);
        let all = start + rest[..all].trim_end_matches(|c| !is_part(c)).len();
        let is_whole = |text: &str| text.rsplit('.').next().is_some_and(|signature| signature.len() >= SIGNATURE_MIN);
        let joined = || text[start..all].chars().filter(|c| is_part(*c)).collect::<String>();
        let whole = Token::parse(&rest[..line]);
        let (token, end) = match whole {
            Some(token) if is_whole(&rest[..line]) || start + line == all => (token, start + line),
            whole => match Token::parse(&joined()) {
                Some(token) => (token, all),
                None => (whole?, start + line),
            },
        };
        Some(FoundToken { token, around: around(text, start, end) })
    })
}

/// Describes the text around and inside the token in `text[start..end]`.
fn around(text: &str, start: usize, end: usize) -> Vec<String> {
    let is_visible = |text: &str| text.chars().any(|c| c != ' ' && !hidden::is_hidden(c));
    let (before, after) = (&text[..start], &text[end..]);
    let mut said = Vec::new();
    if before.to_ascii_lowercase().contains("bearer") {
        said.push("the word Bearer before it".to_owned());
    } else if is_visible(before) {
        let is_quote = before.ends_with(['"', '\'', '`', '“', '‘', '„']);
        said.push(if is_quote { "a quote before it" } else { "text before it" }.into());
    }
    if text[start..end].contains(' ') {
        said.push("blanks inside it".into());
    }
    if is_visible(after) {
        let is_quote = after.starts_with(['"', '\'', '`', '”', '’', '“', '‘']);
        said.push(if is_quote { "a quote after it" } else { "text after it" }.into());
    }
    let hidden = hidden::find(text);
    if !hidden.is_empty() {
        said.push(hidden::named(&hidden));
    }
    said
}

/// Makes ring the crypto provider of `jsonwebtoken`, which has none of its own.
fn install_ring() {
    static RING: CryptoProvider =
        CryptoProvider { signer_factory, verifier_factory, key_utils: KeyUtils::new_unimplemented() };
    // An error only means that an earlier call has already done it.
    let _ = RING.install_default();
}

struct Rs256(EncodingKey);

impl signature::Signer<Vec<u8>> for Rs256 {
    fn try_sign(&self, message: &[u8]) -> Result<Vec<u8>, signature::Error> {
        key::sign(self.0.as_bytes(), message).map_err(signature::Error::from_source)
    }
}

impl JwtSigner for Rs256 {
    fn algorithm(&self) -> Algorithm {
        Algorithm::RS256
    }
}

fn signer_factory(algorithm: &Algorithm, key: &EncodingKey) -> Result<Box<dyn JwtSigner>, JwtError> {
    match algorithm {
        Algorithm::RS256 => Ok(Box::new(Rs256(key.clone()))),
        _ => Err(ErrorKind::InvalidAlgorithm.into()),
    }
}

fn verifier_factory(_: &Algorithm, _: &DecodingKey) -> Result<Box<dyn JwtVerifier>, JwtError> {
    // Tokens are verified by `PublicKey::verifies`: the broker's rules are not this crate's.
    Err(ErrorKind::InvalidAlgorithm.into())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::key::PrivateKey;

    fn at(seconds: u64) -> SystemTime {
        UNIX_EPOCH + Duration::from_secs(seconds)
    }

    fn unsigned(claims: &str) -> Token {
        let part = |text: &str| URL_SAFE_NO_PAD.encode(text);
        Token::parse(&format!("{}.{}.AAAA", part(r#"{"alg":"RS256","typ":"JWT"}"#), part(claims))).unwrap()
    }

    #[test]
    fn a_minted_token_holds_three_claims_and_its_keys_signature() {
        let key = Signer::from(PrivateKey::generate(2048).unwrap());
        let text = mint(&key, "alice$parking$lot1", "15m".parse().unwrap(), at(1_000_000)).unwrap();
        let token = Token::parse(text.expose()).unwrap();
        assert_eq!(Value::Object(token.header.clone()), serde_json::json!({"alg": "RS256", "typ": "JWT"}));
        let claims = serde_json::json!({"iss": "alice$parking$lot1", "iat": 1_000_000, "exp": 1_000_900});
        assert_eq!(Value::Object(token.claims.clone()), claims);
        assert!(token.signed_by(key.public()));
        assert!(!token.signed_by(PrivateKey::generate(2048).unwrap().public()));
        assert_eq!(token.faults(at(1_000_001)), []);
        assert_eq!(token.faults(at(1_000_905)), [Fault::Expired(Duration::from_secs(5))]);
    }

    #[test]
    fn lifetimes_have_a_unit_and_an_end() {
        for (text, seconds) in [("90s", 90), ("15m", 900), ("1h", 3600), ("1d", 86_400), ("1h 30m", 5400)] {
            assert_eq!(text.parse::<Lifetime>().unwrap().duration().as_secs(), seconds, "{text}");
        }
        for text in ["0s", "0h", "500ms", "2y", "400d"] {
            assert!(matches!(text.parse::<Lifetime>(), Err(TokenError::LifetimeRange(_))), "{text}");
        }
        for text in ["", "1", "-1h", "soon", "1 fortnight"] {
            assert!(matches!(text.parse::<Lifetime>(), Err(TokenError::Lifetime(_))), "{text}");
        }
    }

    #[test]
    fn each_fault_is_found() {
        let faults = |claims: &str| unsigned(claims).faults(at(1000));
        assert_eq!(faults(r#"{"iat":1,"exp":2000,"aud":"x"}"#), [Fault::Audience]);
        assert_eq!(faults(r#"{"exp":2000,"nbf":1500}"#), [Fault::NotYetValid(Duration::from_secs(500))]);
        assert_eq!(faults(r#"{"exp":2000,"nbf":500}"#), []);
        assert_eq!(faults(r#"{"exp":"soon"}"#), [Fault::ExpiryNotANumber]);
        assert_eq!(faults(r#"{"iss":"x"}"#), [Fault::NoExpiry]);
        assert_eq!(faults(r#"{"exp":1900000000000}"#), [Fault::ExpiryInMilliseconds]);
        assert_eq!(faults(r#"{"exp":2000,"iat":1600}"#), [Fault::IssuedInFuture(Duration::from_secs(600))]);
        assert_eq!(faults(r#"{"exp":2000,"sub":"x"}"#), [Fault::ExtraClaims(vec!["sub".into()])]);
    }

    #[test]
    fn a_token_is_found_in_what_people_paste() {
        let key = Signer::from(PrivateKey::generate(2048).unwrap());
        let minted = mint(&key, "alice$parking$lot1", Lifetime::DEFAULT, at(1_000_000)).unwrap();
        let token = minted.expose();
        let wrapped = |end: &str| {
            let lines: Vec<&str> = token.as_bytes().chunks(64).map(|line| std::str::from_utf8(line).unwrap()).collect();
            lines.join(end)
        };
        for (text, says) in [
            (token.to_owned(), vec![]),
            (format!("Bearer {token}"), vec!["the word Bearer before it"]),
            (
                format!("Authorization: bearer  {token}\r"),
                vec!["the word Bearer", "a carriage return (U+000D) at its end"],
            ),
            (format!("\"{token}\""), vec!["a quote before it", "a quote after it"]),
            (format!("‘{token}’"), vec!["a quote before it", "a quote after it"]),
            (format!("{{\"token\":\"{token}\",\"expires\":1}}"), vec!["a quote before it", "a quote after it"]),
            (format!("\u{feff} {token}"), vec!["a byte order mark (U+FEFF) at its beginning"]),
            (format!("I3_PASSWORD={token} # mine"), vec!["text before it", "text after it"]),
            (format!("{token}\nis my token"), vec!["text after it", "a line feed (U+000A) as character"]),
            (format!("{token} is my token"), vec!["text after it"]),
            (wrapped("\n"), vec!["a line feed (U+000A) as character 65"]),
            (
                format!("Bearer {}", wrapped("\r\n    ")),
                vec!["the word Bearer", "blanks inside it", "a carriage return"],
            ),
            (
                format!("{}\n\nBest regards", wrapped("\n")),
                vec!["text after it", "a line feed (U+000A) as character 65"],
            ),
            (wrapped("\u{200b}"), vec!["a zero-width space (U+200B) as character 65"]),
        ] {
            let found = find(&text).unwrap_or_else(|| panic!("{text}"));
            assert_eq!(found.token.text().expose(), token, "{text}");
            assert!(found.token.signed_by(key.public()));
            let around = found.around.join(", ");
            assert!(
                says.iter().all(|say| around.contains(say)) && says.is_empty() == around.is_empty(),
                "{text}: {around}"
            );
        }
        for text in ["", "Bearer", "eyJhbGciOiJSUzI1NiJ9", "Bearer hunter2.hunter2.hunter2"] {
            assert!(find(text).is_none(), "{text}");
        }
    }

    #[test]
    fn what_is_no_token_is_none() {
        for text in ["", "a.b", "a.b.c", "hunter2.hunter2.hunter2", "e30.e30.AAAA", "correct.horse.battery"] {
            assert!(Token::parse(text).is_none(), "{text}");
        }
    }
}

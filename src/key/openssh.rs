//! OpenSSH's own formats: `openssh-key-v1` (PROTOCOL.key), plain or encrypted, and the line of a public key (RFC 4253 §6.6).

use ssh_key::{Kdf, PrivateKey};
use zeroize::Zeroizing;

use crate::key::armour;
use crate::key::error::KeyError;
use crate::key::limits::BCRYPT_ROUNDS_MAX;
use crate::key::numbers::{Numbers, check_public};
use crate::key::passphrase::{Passphrase, ask};

/// The first bytes of a private key.
pub const MAGIC: &[u8] = b"openssh-key-v1\0";

/// Returns the PKCS#1 DER of the key.
///
/// # Errors
/// [`KeyError`]: another kind of key, a wrong passphrase, too many rounds, or damage.
pub fn pkcs1(bytes: &[u8], passphrase: Passphrase<'_>) -> Result<Zeroizing<Vec<u8>>, KeyError> {
    let damaged = || KeyError::damaged("its OpenSSH structure is truncated or altered");
    // The public half precedes the private one, and is never encrypted: the kind of key is known before the passphrase is
    // requested.
    let mut rest = bytes.strip_prefix(MAGIC).ok_or_else(damaged)?;
    let [cipher, _kdf, _options] = strings(&mut rest).ok_or_else(damaged)?;
    let mut rest = rest.get(4..).ok_or_else(damaged)?;
    let [mut public] = strings(&mut rest).ok_or_else(damaged)?;
    let [name] = strings(&mut public).ok_or_else(damaged)?;
    if name != b"ssh-rsa" {
        return Err(KeyError::NotPrivate(private_kind(name)));
    }
    let [exponent, modulus] = strings(&mut public).ok_or_else(damaged)?;
    check_public(modulus, exponent)?;
    let key = match PrivateKey::from_bytes(bytes) {
        Ok(key) => key,
        Err(ssh_key::Error::PublicKey) => return Err(KeyError::damaged("its public half belongs to another key")),
        Err(_) if cipher != b"none" && ssh_key::Cipher::new(&String::from_utf8_lossy(cipher)).is_err() => {
            let form = "an OpenSSH private key encrypted by a cipher that this program does not know".into();
            return Err(KeyError::Form { form, convert: "ssh-keygen -p -Z aes256-ctr -f FILE" });
        }
        Err(_) => return Err(damaged()),
    };
    let opened = match key.is_encrypted() {
        true => {
            check_cost(key.kdf())?;
            let passphrase = ask(passphrase)?;
            key.decrypt(passphrase.expose()).map_err(|_| KeyError::WrongPassphrase)?
        }
        false => key,
    };
    let pair = opened.key_data().rsa().ok_or_else(damaged)?;
    let (public, private) = (pair.public(), pair.private());
    let [n, e, d, p, q] = [public.n(), public.e(), private.d(), private.p(), private.q()]
        .map(|number| number.as_positive_bytes().unwrap_or_default());
    Numbers { modulus: n, public_exponent: e, private_exponent: d, primes: Some([p, q]) }.to_pkcs1()
}

fn check_cost(kdf: &Kdf) -> Result<(), KeyError> {
    match kdf {
        Kdf::Bcrypt { rounds: 0, .. } => Err(KeyError::damaged("the parameters of its encryption are out of range")),
        Kdf::Bcrypt { rounds, .. } if *rounds > BCRYPT_ROUNDS_MAX => Err(KeyError::Costly {
            cost: format!("{rounds} rounds of bcrypt"),
            limit: BCRYPT_ROUNDS_MAX.to_string(),
            convert: "ssh-keygen -p -a 16 -f FILE",
        }),
        _ => Ok(()),
    }
}

/// Returns modulus and exponent of the RSA key in a line such as `ssh-rsa AAAA… comment`, with any options before it;
/// `None` if it is not such a line.
pub fn public_numbers(line: &str) -> Option<(Vec<u8>, Vec<u8>)> {
    let mut words = line.split_ascii_whitespace().skip_while(|word| *word != "ssh-rsa");
    words.next()?;
    let blob = armour::decoded(words.next()?.as_bytes())?;
    let mut rest = blob.as_slice();
    let [b"ssh-rsa", exponent, modulus] = strings(&mut rest)? else { return None };
    Some((modulus.to_vec(), exponent.to_vec()))
}

/// Whether a line begins with the name that OpenSSH gives a kind of public key.
pub fn is_public(line: &str) -> bool {
    ["ssh-", "ecdsa-sha2-", "sk-ssh-", "sk-ecdsa-"].iter().any(|name| line.starts_with(name))
}

fn private_kind(name: &[u8]) -> &'static str {
    match name {
        b"ssh-ed25519" => "an Ed25519 private key",
        b"ssh-dss" => "a DSA private key",
        _ if name.starts_with(b"ecdsa-") => "an elliptic-curve private key",
        _ if name.starts_with(b"sk-") => "a key on a FIDO token",
        _ => "a private key of another kind",
    }
}

/// Takes strings from the beginning, each with its length in four bytes before it (RFC 4251 §5).
fn strings<'b, const N: usize>(bytes: &mut &'b [u8]) -> Option<[&'b [u8]; N]> {
    let mut taken: [&[u8]; N] = [&[]; N];
    for one in &mut taken {
        let (length, rest) = bytes.split_first_chunk()?;
        (*one, *bytes) = rest.split_at_checked(u32::from_be_bytes(*length).try_into().ok()?)?;
    }
    Some(taken)
}

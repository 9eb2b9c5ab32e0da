//! Finds the RSA private key in a file of any supported format.

use ::pkcs8::der::Decode as _;
use rsa::pkcs1::RsaPrivateKeyRef;
use zeroize::Zeroizing;

use crate::key::armour::{self, Block, Content};
use crate::key::error::KeyError;
use crate::key::legacy::DekInfo;
use crate::key::passphrase::{Passphrase, ask};
use crate::key::{foreign, jwk, openssh, pkcs8, plain_text};

type Der = Zeroizing<Vec<u8>>;

/// Returns the key in `bytes` as PKCS#1 DER (RFC 8017 A.1.2), which is still to be tested.
///
/// # Errors
/// [`KeyError`], naming the actual kind of the bytes.
pub fn pkcs1(bytes: &[u8], passphrase: Passphrase<'_>) -> Result<Der, KeyError> {
    let Some(text) = plain_text::ascii(bytes) else { return from_binary(bytes, passphrase) };
    let trimmed = text.trim();
    if trimmed.contains("-----BEGIN ") {
        from_pem(trimmed, passphrase)
    } else if trimmed.starts_with('{') {
        jwk::pkcs1(trimmed)
    } else {
        from_bare_base64(trimmed, passphrase).unwrap_or_else(|| Err(foreign::text(trimmed)))
    }
}

fn from_binary(bytes: &[u8], passphrase: Passphrase<'_>) -> Result<Der, KeyError> {
    match bytes {
        [0x30, ..] => from_der(bytes, passphrase),
        _ if bytes.starts_with(openssh::MAGIC) => openssh::pkcs1(bytes, passphrase),
        _ => Err(foreign::binary(bytes)),
    }
}

fn from_der(der: &[u8], passphrase: Passphrase<'_>) -> Result<Der, KeyError> {
    if RsaPrivateKeyRef::from_der(der).is_ok() {
        return Ok(Zeroizing::new(der.to_vec()));
    }
    if let Some(key) = pkcs8::plain(der) {
        return key.map(|key| Zeroizing::new(key.to_vec()));
    }
    match pkcs8::decrypted(der, passphrase).transpose()? {
        Some(info) => {
            pkcs8::plain(&info).unwrap_or(Err(KeyError::WrongPassphrase)).map(|key| Zeroizing::new(key.to_vec()))
        }
        None => Err(foreign::der(der)),
    }
}

/// The base64 of a key, or of its whole file, as in a variable or a Kubernetes secret.
fn from_bare_base64(text: &str, passphrase: Passphrase<'_>) -> Option<Result<Der, KeyError>> {
    let mut digits = Zeroizing::new(String::with_capacity(text.len()));
    text.split_ascii_whitespace().for_each(|line| digits.push_str(line));
    let bytes = armour::decoded(digits.as_bytes()).filter(|bytes| bytes.len() > 64)?;
    match plain_text::ascii(&bytes) {
        Some(text) if text.contains("-----BEGIN ") => Some(from_pem(&text, passphrase)),
        None if bytes.first() == Some(&0x30) => Some(from_der(&bytes, passphrase)),
        _ => None,
    }
}

/// The key among the blocks of a text, such as a certificate and its key, or the parameters of one.
fn from_pem(text: &str, passphrase: Passphrase<'_>) -> Result<Der, KeyError> {
    let blocks: Vec<Block<'_>> = armour::blocks(text).collect();
    let mut keys = Vec::new();
    // The fault of a block that looks like a key, otherwise of the first.
    let mut fault: Option<KeyError> = None;
    for block in blocks.iter().filter(|block| may_be_rsa(block.label)) {
        match block.content() {
            None => fault = Some(KeyError::damaged("its PEM text is truncated or altered")),
            Some(content) => match pkcs8::plain(&content.der) {
                Some(Err(other)) => fault = fault.or(Some(other)),
                _ => keys.push((block.label, content)),
            },
        }
    }
    match keys.as_slice() {
        [(label, content)] => from_block(label, content, passphrase),
        [] => {
            let foreign = |block: &&Block<'_>| block.label.contains("PRIVATE KEY");
            let named = blocks.iter().find(foreign).or(blocks.first()).map(|block| foreign::block(block.label));
            Err(fault.or(named).unwrap_or_else(|| KeyError::damaged("its PEM text is truncated or altered")))
        }
        [(_, first), others @ ..] if others.iter().all(|(_, other)| other.der == first.der) => {
            from_block(keys[0].0, first, passphrase)
        }
        several => Err(KeyError::Several(several.len())),
    }
}

/// Whether a block with that label holds an RSA private key, or a key whose algorithm is known only from its contents.
fn may_be_rsa(label: &str) -> bool {
    matches!(
        label,
        "PRIVATE KEY" | "RSA PRIVATE KEY" | "ENCRYPTED PRIVATE KEY" | "OPENSSH PRIVATE KEY" | "ANY PRIVATE KEY"
    )
}

fn from_block(label: &str, content: &Content, passphrase: Passphrase<'_>) -> Result<Der, KeyError> {
    let Some(dek_info) = &content.dek_info else {
        return match label {
            "OPENSSH PRIVATE KEY" => openssh::pkcs1(&content.der, passphrase),
            _ => from_der(&content.der, passphrase),
        };
    };
    let encryption = DekInfo::parse(dek_info).map_err(|cipher| match cipher {
        "" => KeyError::damaged("its DEK-Info header is altered"),
        other => KeyError::Form {
            form: format!("a private key in OpenSSL's old format, encrypted by {}", crate::text::one_line(other))
                .into(),
            convert: if other.starts_with("CAMELLIA") || other.starts_with("ARIA") {
                pkcs8::CONVERT
            } else {
                pkcs8::CONVERT_LEGACY
            },
        },
    })?;
    let passphrase = ask(passphrase)?;
    let plain = encryption.decrypt(passphrase.expose().as_bytes(), &content.der);
    plain.filter(|der| RsaPrivateKeyRef::from_der(der).is_ok()).ok_or(KeyError::WrongPassphrase)
}

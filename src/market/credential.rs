//! The credential that a device is registered with: a value with which the broker checks log-ins correctly, or an
//! error (I3 facts §3).

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rsa::pkcs1::{DecodeRsaPrivateKey as _, DecodeRsaPublicKey as _};
use rsa::pkcs8::{DecodePrivateKey as _, DecodePublicKey as _};
use rsa::traits::PublicKeyParts as _;

use crate::collation::unstorable;
use crate::name::ShortName;
use crate::password_hash;
use crate::secret::Secret;

/// Fewest characters that the form accepts as a password or key.
pub const VALUE_MIN: usize = 6;
/// Most characters that the form accepts: an RSA key of up to 2696 bits.
pub const VALUE_MAX: usize = 500;

/// Why a value is not sent. No variant holds a character of it.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CredentialError {
    /// Under [`VALUE_MIN`] characters: the form refuses it without a reason.
    #[error("the value has {0} characters: the marketplace accepts no fewer than {VALUE_MIN}")]
    TooShort(usize),
    /// Over [`VALUE_MAX`] characters: the form refuses it without a reason. Shorten the password, or hash it.
    #[error("the value has {0} characters: the marketplace accepts no more than {VALUE_MAX}")]
    TooLong(usize),
    /// A valid key whose body is over [`VALUE_MAX`] characters. Make one of 2048 to 2696 bits.
    #[error(
        "the public key of {bits} bits has {characters} characters: the marketplace accepts no more than {VALUE_MAX}"
    )]
    KeyTooLong { bits: usize, characters: usize },
    /// A private key: it never leaves its owner. Give its public half.
    #[error("this is a private key, not a public one")]
    PrivateKey,
    /// With `-----BEGIN …-----` around it: stored, and the device could never log in. Give only the body.
    #[error("this is a whole PEM file: the marketplace accepts only its body, in one line")]
    PemArmour,
    /// `ssh-rsa …`: stored, and the device could never log in.
    #[error("this is an OpenSSH public key: the marketplace accepts the body of a SubjectPublicKeyInfo PEM")]
    OpenSsh,
    /// `RSA PUBLIC KEY` (PKCS#1): stored, and the device could never log in.
    #[error("this is a PKCS#1 public key: the marketplace accepts the body of a SubjectPublicKeyInfo PEM")]
    Pkcs1,
    /// Not base64 in one line, or not an RSA key: cut off, or something else.
    #[error("invalid RSA public key: the marketplace accepts the base64 body of a SubjectPublicKeyInfo PEM")]
    NoPublicKey,
    /// Not `PBKDF2$sha256$<iterations>$<salt>$<key>`.
    #[error("this is not a PBKDF2 hash that the broker can check")]
    NoHash,
    /// A character that the marketplace's database cannot store: sending it breaks the marketplace down, and an edit with it
    /// locks the table of all log-ins for minutes (I3 facts §6.5). Register the hash instead. `position` counts from 1.
    #[error("character {position} of the password is not in Windows-1252, which is all that the marketplace stores")]
    Unstorable { position: usize },
    /// A plain password with a character that the marketplace's shell changes, drops or **runs**. `position` counts
    /// characters from 1. Register the hash instead, which allows any text.
    #[error("character {position} of the password is {kind}, which the marketplace's shell would change")]
    Mangled { kind: ShellHazard, position: usize },
}

/// Kinds of characters that the server's shell changes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ShellHazard {
    Blank,
    Quote,
    Dollar,
    Backquote,
    Backslash,
    /// `;`, `&`, `|`: what follows is run as a command.
    Separator,
    /// `<`, `>`
    Redirection,
    Parenthesis,
    /// `*`, `?`, `[`, `]`: replaced if they match a file on the server.
    Glob,
    /// `{`, `}`: expanded by some shells.
    Brace,
    /// Replaced by a home folder, in some shells also inside a word.
    Tilde,
    /// At the beginning it makes everything a comment, and the password empty.
    LeadingHash,
    /// Line ends, tabs and other control characters.
    Control,
    /// Beyond ASCII and neither a letter nor a digit: the server's treatment is unknown.
    Unproven,
}

impl std::fmt::Display for ShellHazard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(match self {
            ShellHazard::Blank => "a blank",
            ShellHazard::Quote => "a quote",
            ShellHazard::Dollar => "a dollar sign",
            ShellHazard::Backquote => "a back-quote",
            ShellHazard::Backslash => "a backslash",
            ShellHazard::Separator => "one of ; & |",
            ShellHazard::Redirection => "one of < >",
            ShellHazard::Parenthesis => "a parenthesis",
            ShellHazard::Glob => "one of * ? [ ]",
            ShellHazard::Brace => "a brace",
            ShellHazard::Tilde => "a tilde",
            ShellHazard::LeadingHash => "a leading #",
            ShellHazard::Control => "a control character",
            ShellHazard::Unproven => "neither a letter nor a digit, beyond ASCII",
        })
    }
}

/// The kind of a [`RegisteredCredential`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialKind {
    PublicKey,
    PasswordHash,
    PlainPassword,
}

/// A value that can be registered: checked when made, redacted in `Debug`.
#[derive(Debug, Clone)]
pub struct RegisteredCredential {
    kind: CredentialKind,
    value: Secret,
}

impl RegisteredCredential {
    /// Checks the body of a SubjectPublicKeyInfo PEM of an RSA key, in one line.
    ///
    /// # Errors
    /// [`CredentialError::PrivateKey`] before anything else, then what is wrong with it.
    pub fn public_key(body: &str) -> Result<RegisteredCredential, CredentialError> {
        use CredentialError::{KeyTooLong, NoPublicKey, OpenSsh, PemArmour, Pkcs1, PrivateKey};
        if body.contains("PRIVATE KEY") {
            return Err(PrivateKey);
        }
        if body.contains("-----") {
            return Err(PemArmour);
        }
        if body.starts_with("ssh-") {
            return Err(OpenSsh);
        }
        let der = zeroize::Zeroizing::new(STANDARD.decode(body).map_err(|_| NoPublicKey)?);
        let Ok(key) = rsa::PublicKey::from_public_key_der(&der) else {
            let private =
                rsa::PrivateKey::from_pkcs8_der(&der).is_ok() || rsa::PrivateKey::from_pkcs1_der(&der).is_ok();
            let pkcs1 = rsa::PublicKey::from_pkcs1_der(&der).is_ok();
            return Err(if private {
                PrivateKey
            } else if pkcs1 {
                Pkcs1
            } else {
                NoPublicKey
            });
        };
        // Base64 is ASCII, so bytes are characters.
        if body.len() > VALUE_MAX {
            return Err(KeyTooLong { bits: key.n().bit_width() as usize, characters: body.len() });
        }
        RegisteredCredential::of_length(CredentialKind::PublicKey, body)
    }

    /// Checks a hash as made by [`password_hash::password_hash`]; it is registered as a key, which the server stores
    /// unchanged.
    ///
    /// # Errors
    /// [`CredentialError::NoHash`], or its length.
    pub fn password_hash(hash: &str) -> Result<RegisteredCredential, CredentialError> {
        // The edit form pastes the value into its SQL (I3 facts §6.5).
        let is_plain = |c: char| c.is_ascii_alphanumeric() || "$+/=".contains(c);
        if !password_hash::is_hash(hash) || !hash.chars().all(is_plain) {
            return Err(CredentialError::NoHash);
        }
        RegisteredCredential::of_length(CredentialKind::PasswordHash, hash)
    }

    /// Checks a plain password. The server passes it to a shell unquoted, so only characters that certainly survive are
    /// accepted: letters and digits of Windows-1252 and `._-+/=@:,%!^`, and `#` except in front.
    ///
    /// # Errors
    /// [`CredentialError::Mangled`], [`CredentialError::Unstorable`], or its length.
    pub fn plain_password(password: &Secret) -> Result<RegisteredCredential, CredentialError> {
        for (at, character) in password.expose().chars().enumerate() {
            if let Some(kind) = shell_hazard(character, at) {
                return Err(CredentialError::Mangled { kind, position: at + 1 });
            }
        }
        if let Some((position, _)) = unstorable(password.expose()) {
            return Err(CredentialError::Unstorable { position });
        }
        RegisteredCredential::of_length(CredentialKind::PlainPassword, password.expose())
    }

    fn of_length(kind: CredentialKind, value: &str) -> Result<RegisteredCredential, CredentialError> {
        match value.chars().count() {
            few if few < VALUE_MIN => Err(CredentialError::TooShort(few)),
            many if many > VALUE_MAX => Err(CredentialError::TooLong(many)),
            _ => Ok(RegisteredCredential { kind, value: Secret::new(value) }),
        }
    }

    /// Returns its kind.
    pub fn kind(&self) -> CredentialKind {
        self.kind
    }

    /// Returns the field `rgs_type`: 1 has the server hash the value, 2 has it stored unchanged.
    pub(super) fn rgs_type(&self) -> u8 {
        match self.kind {
            CredentialKind::PlainPassword => 1,
            CredentialKind::PublicKey | CredentialKind::PasswordHash => 2,
        }
    }

    /// Returns the field `password`.
    pub(super) fn value(&self) -> &Secret {
        &self.value
    }
}

/// A new device, as form and API accept it.
#[derive(Debug, Clone, Copy)]
pub struct NewDevice<'a> {
    /// The short name of one of the user's hubs, as the marketplace shows it.
    pub hub: &'a str,
    pub name: &'a ShortName,
    pub credential: &'a RegisteredCredential,
}

fn shell_hazard(character: char, at: usize) -> Option<ShellHazard> {
    Some(match character {
        c if c.is_control() => ShellHazard::Control,
        c if c.is_whitespace() => ShellHazard::Blank,
        '\'' | '"' => ShellHazard::Quote,
        '$' => ShellHazard::Dollar,
        '`' => ShellHazard::Backquote,
        '\\' => ShellHazard::Backslash,
        ';' | '&' | '|' => ShellHazard::Separator,
        '<' | '>' => ShellHazard::Redirection,
        '(' | ')' => ShellHazard::Parenthesis,
        '*' | '?' | '[' | ']' => ShellHazard::Glob,
        '{' | '}' => ShellHazard::Brace,
        '~' => ShellHazard::Tilde,
        '#' if at == 0 => ShellHazard::LeadingHash,
        '.' | '_' | '-' | '+' | '/' | '=' | '@' | ':' | ',' | '%' | '#' | '!' | '^' => return None,
        c if c.is_alphanumeric() => return None,
        _ => ShellHazard::Unproven,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    // openssl genrsa, openssl rsa -pubout and -RSAPublicKey_out; a private key made for this test and used nowhere else.
    const SPKI: &str = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8AMIIBCgKCAQEAl3CQORGa4aKLZ6yk1f9uq1mL4AoB1fEDo9DLFizEmXTzO5VtPmzwIA2U\
        /jKb6ssBdkAopr28MFTBMXr0mEeiv3YuOL8Lawode9mUD6EB1CxcC4DvcP9Z2qIMeJZPY/SvymwUUhhn1zw85ZrhcDeEAfnbQjtV\
        4nAAIcqkvyaO3R7FHoHm0YUi63O57MHJVwRJTTsg+8osdnJYcYcz6rHw9I6QGFAPe7Fc6asUCpm+m6YZS6PqDB4GmIVMs7h/YucZ\
        cHLnHxMBz0DQaLAUgt+nddiKjhHjy5ZigucVdvHMN089bUfZvM03BV/DHeb5C9VDoJKpzglAUuTK+5MaXlQDwQIDAQAB";
    const PKCS1: &str = "MIIBCgKCAQEAl3CQORGa4aKLZ6yk1f9uq1mL4AoB1fEDo9DLFizEmXTzO5VtPmzwIA2U/jKb6ssBdkAopr28MFTBMXr0mEeiv3Yu\
        OL8Lawode9mUD6EB1CxcC4DvcP9Z2qIMeJZPY/SvymwUUhhn1zw85ZrhcDeEAfnbQjtV4nAAIcqkvyaO3R7FHoHm0YUi63O57MHJ\
        VwRJTTsg+8osdnJYcYcz6rHw9I6QGFAPe7Fc6asUCpm+m6YZS6PqDB4GmIVMs7h/YucZcHLnHxMBz0DQaLAUgt+nddiKjhHjy5Zi\
        gucVdvHMN089bUfZvM03BV/DHeb5C9VDoJKpzglAUuTK+5MaXlQDwQIDAQAB";
    const PRIVATE: &str = "MIICdwIBADANBgkqhkiG9w0BAQEFAASCAmEwggJdAgEAAoGBANa89SoHkZIUfjM8wWSpU6S7DWSR4v0Dlfqa6lo7EzbkmPMgPdfT\
        /4Z5dLxyI3UPT3ndkcQX+zvNrlfqADAlUoV5W9hYMTyUqCkdp1B/v9lKL6PR8hGCgE3EMCQMwdYjF+vDmWohi/vdfzNQAlQvxp9w\
        ca2eZPGWHJfmBxF0zRj5AgMBAAECgYEAuBQ7RdA/Ja6TkHCgiB3vKeN/U5sLrkEIrE9oXfkOO5wy0Rfua7m77hbnzzM42fxJ8PnT\
        Hvo/z8A9l/dsOdmEpnyNVLLl8Z5qbQs+2MLfD6+HRSMs6nq1u4dxgruXS8JlY9S9Lt+qKiqunasN81gTLiGpp5xm2UfZvfCcFEDA\
        yVECQQDwIuGS4nf/VvW712D0puQYPAtWDEo0V8JQnsPWrUnEYcAwFLtVewS5aNqmIG0HoODsKvC8lTjHftrSINh9LD0bAkEA5OyM\
        1WiOkxyLhVZhBIJahrG4Qs0EwCsIGfVleU+WxRs6v+7k34cySL0M0BtAtzgIwH/twgMYtLhJj8xRXqAHewJASIF/sqYGrWZIVCs3\
        7yblABxBH/4d+af11/nYD93KxCzvppTb63d1ebYbLsXjpcYBo81jWs2Dk1jOIVwhgcn1uQJBAOMETjlIAbOTqCynV3igSGOwlDjy\
        lVZ4lgUgHOwraCm5cg5qOuAMc2o8yBsMG6ZWVB+J/d7bMUHuS0zl4n+DFUcCQESlkz7qV9Bc4JvsdF7PTLykf+h80ZDjIx5L4YYn\
        PXEdoRTmDRROxvoz9dIxW24K9UP0AcXgnBdG4c9eOcLVrGg=";
    const SPKI_3072: &str = "MIIBojANBgkqhkiG9w0BAQEFAAOCAY8AMIIBigKCAYEAragsoIG0tXbQ4Tkly4agrKB8gUesbcW3BPVL6a4Sa0alv8Ysq9xLU8RM\
        endTKEf5oruEE+NOxtcplgiqPvr4ho+jrojVMjZzIUpLpxAlrAeMxoY+IyY64N+n0d1GCaOeTO7O3unh0a6qgsdfDsrGZjintGm4\
        cik/LOZimnuC6CiWcCBLDp/mBiZL74HXWnDXsXhEl54jju+fBdjhktgWBdEjEa6eLfAM14nAstgcaPTKjAz6MO+TgWfoSQSbStYC\
        t82a4XwBaBlwvEF02YuTIngNrwSy2TYaZyl/1rl8+Wiit6e6j/8912DS6+ySr8ub9Mp1LchoT8TZtYmHkctln06u7mx4QyUI82KX\
        4kzucGkwzKIL4Zwe2FA+WlO7CI4ue0HvaCvBBredGJXFyygt2MR1087uhV/LiJLKIaW0X0jLqJYta/+NQkR1kHloX+GJOrFw7CaN\
        4VP+WRAuujfKusbvUcWQ4Nw+ihklVxjcmlelQstZP41YLXnGpzN9dtUtAgMBAAE=";

    #[test]
    fn a_public_key_body_is_taken_and_its_look_alikes_are_named() {
        use CredentialError::*;
        let key = RegisteredCredential::public_key(SPKI).unwrap();
        assert_eq!((key.kind(), key.rgs_type(), key.value().expose()), (CredentialKind::PublicKey, 2, SPKI));
        for (given, error) in [
            (PKCS1, Pkcs1),
            (PRIVATE, PrivateKey),
            (&format!("-----BEGIN PUBLIC KEY-----\n{SPKI}\n-----END PUBLIC KEY-----"), PemArmour),
            (&format!("-----BEGIN PRIVATE KEY-----\n{PRIVATE}"), PrivateKey),
            ("ssh-rsa AAAAB3NzaC1yc2E", OpenSsh),
            (&SPKI[..380], NoPublicKey),
            (&format!("{SPKI}\n"), NoPublicKey),
            ("", NoPublicKey),
            (SPKI_3072, KeyTooLong { bits: 3072, characters: 564 }),
        ] {
            assert_eq!(RegisteredCredential::public_key(given).unwrap_err(), error, "{given}");
        }
    }

    #[test]
    fn a_hash_goes_as_a_key_and_nothing_else_as_a_hash() {
        let hash = password_hash::password_hash(&Secret::new("two words"));
        let made = RegisteredCredential::password_hash(&hash).unwrap();
        assert_eq!((made.rgs_type(), made.value().expose()), (2, hash.as_str()));
        assert_eq!(RegisteredCredential::password_hash("hunter22").unwrap_err(), CredentialError::NoHash);
        assert!(!format!("{made:?}").contains("PBKDF2"));
    }

    #[test]
    fn a_plain_password_survives_the_shell_or_is_refused() {
        for good in ["hunter22", "a.b_c-d+e/f=g@h:i,j%k", "größe9", "in#side", "wow!^x", "-leading"] {
            let made = RegisteredCredential::plain_password(&Secret::new(good)).unwrap();
            assert_eq!((made.rgs_type(), made.value().expose()), (1, good));
        }
        for (bad, kind, position) in [
            ("two words", ShellHazard::Blank, 4),
            ("#comment", ShellHazard::LeadingHash, 1),
            ("$(reboot)", ShellHazard::Dollar, 1),
            ("ab;reboot", ShellHazard::Separator, 3),
            ("größe`x`", ShellHazard::Backquote, 6),
            ("quote'd", ShellHazard::Quote, 6),
            ("a\\bcdef", ShellHazard::Backslash, 2),
            ("a>bcdef", ShellHazard::Redirection, 2),
            ("globs*", ShellHazard::Glob, 6),
            ("a{b,c}d", ShellHazard::Brace, 2),
            ("~root12", ShellHazard::Tilde, 1),
            ("line\nend", ShellHazard::Control, 5),
            ("heart❤x", ShellHazard::Unproven, 6),
        ] {
            let refused = RegisteredCredential::plain_password(&Secret::new(bad)).unwrap_err();
            assert_eq!(refused, CredentialError::Mangled { kind, position }, "{bad}");
            assert!(!refused.to_string().contains(bad));
        }
    }

    #[test]
    fn what_the_database_cannot_store_is_not_sent() {
        for (bad, position) in [("złoty1", 2), ("пароль1", 1), ("hunter2ł", 8)] {
            let refused = RegisteredCredential::plain_password(&Secret::new(bad)).unwrap_err();
            assert_eq!(refused, CredentialError::Unstorable { position }, "{bad}");
        }
        // A hash is pasted into the edit form's SQL (I3 facts §6.5): only characters of its parts are allowed.
        for bad in ["PBKDF2$sha256$901$it's$AAAA", "PBKDF2$sha256$901$a\\b$AAAA", "PBKDF2$sha256$901$ł$AAAA"] {
            assert_eq!(RegisteredCredential::password_hash(bad).unwrap_err(), CredentialError::NoHash, "{bad}");
        }
    }

    #[test]
    fn lengths_are_counted_in_characters() {
        assert_eq!(
            RegisteredCredential::plain_password(&Secret::new("ééééé")).unwrap_err(),
            CredentialError::TooShort(5)
        );
        assert!(RegisteredCredential::plain_password(&Secret::new("é".repeat(500))).is_ok());
        let long = RegisteredCredential::plain_password(&Secret::new("é".repeat(501))).unwrap_err();
        assert_eq!(long, CredentialError::TooLong(501));
    }
}

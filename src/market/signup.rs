//! Creates an account, and proves it by logging in.

use super::model::{NewAccount, Role};
use super::site::Market;
use super::text::listed;
use super::web::{SignUpReply, WebError, WebSession};
use crate::collation;
use crate::name::{NameError, SELLER_MAX_CHARS, UserName, require_ascii};
use crate::secret::Secret;

/// Longest password that the form accepts, in characters; the form fails on a longer one (I3 facts §6.3).
pub const PASSWORD_MAX_CHARS: usize = 128;
/// Longest user name that the form accepts, in characters.
const FORM_USER_MAX_CHARS: usize = 150;

/// Why an account cannot be or was not created: values that the form would refuse, fail on, or accept for a useless account.
#[derive(Debug, thiserror::Error)]
pub enum SignUpError {
    #[error(transparent)]
    Name(#[from] NameError),
    /// A hub, or at least a product, could never be created for it.
    #[error(
        "the user name has {0} letters: a topic has at most 30 characters, so with more than {SELLER_MAX_CHARS} letters \
         no product fits"
    )]
    NoRoomForTopics(usize),
    #[error("the user name has {0} letters: the marketplace accepts at most {FORM_USER_MAX_CHARS}")]
    NameTooLong(usize),
    #[error("the e-mail address contains '{character}' (character {position}), which the marketplace cannot store")]
    EmailUnstorable { position: usize, character: char },
    /// No `@`, or blanks.
    #[error("the e-mail address is not of the form NAME@HOST")]
    Email,
    #[error("the new log-in password is empty")]
    NoPassword,
    #[error("the new log-in password has {0} characters: the marketplace accepts at most {PASSWORD_MAX_CHARS}")]
    PasswordTooLong(usize),
    /// Removed at sign-up, but not at log-in.
    #[error("the new log-in password begins or ends with white space, which the marketplace removes only at sign-up")]
    PasswordBlanks,
    #[error("the new log-in password contains a NUL character, which the marketplace does not accept")]
    PasswordNul,
    /// The form came back; nothing was done.
    #[error("the marketplace refuses the sign-up of '{user}'{}", if reasons.is_empty() { " without a reason".to_string() } else { format!(": {}", listed(reasons)) })]
    Refused { user: String, reasons: Vec<(String, Vec<String>)> },
    /// The request failed before or while it was sent; nothing was done.
    #[error(transparent)]
    Web(#[from] WebError),
    /// It was sent, but the account does not log in.
    #[error("'{user}' was not signed up")]
    NothingDone { user: String, source: WebError },
    /// The answer reported success, but the account does not log in.
    #[error("the marketplace said that it signed '{user}' up, but the account does not log in")]
    AcceptedButMissing { user: String, source: WebError },
    /// It was sent, and whether the account exists could not be checked.
    #[error("the sign-up of '{user}' was sent, but it could not be checked whether the account exists")]
    Unknown { user: String, source: WebError },
}

/// An account that the form accepts.
#[derive(Debug)]
pub struct SignUp {
    user: UserName,
    email: String,
    password: Secret,
    role: Role,
}

impl SignUp {
    /// Checks the values; `email` may be empty.
    ///
    /// # Errors
    /// [`SignUpError`].
    pub fn new(user: &str, email: &str, password: Secret, role: Role) -> Result<SignUp, SignUpError> {
        let user: UserName = user.parse()?;
        require_ascii(user.as_str(), "user")?;
        let length = user.as_str().chars().count();
        if role != Role::Buyer && length > SELLER_MAX_CHARS {
            return Err(SignUpError::NoRoomForTopics(length));
        }
        if length > FORM_USER_MAX_CHARS {
            return Err(SignUpError::NameTooLong(length));
        }
        check_email(email)?;
        check_password(password.expose())?;
        Ok(SignUp { user, email: email.into(), password, role })
    }

    /// Returns the user name.
    pub fn user(&self) -> &str {
        self.user.as_str()
    }

    /// Returns whether the user name is too long for any product to have a topic.
    pub fn has_no_room_for_topics(&self) -> bool {
        self.user().chars().count() > SELLER_MAX_CHARS
    }
}

fn check_email(email: &str) -> Result<(), SignUpError> {
    if let Some((position, character)) = collation::unstorable(email) {
        return Err(SignUpError::EmailUnstorable { position, character });
    }
    let is_sound = email
        .split_once('@')
        .is_some_and(|(name, host)| !name.is_empty() && !host.is_empty() && !email.contains(char::is_whitespace));
    if email.is_empty() || is_sound { Ok(()) } else { Err(SignUpError::Email) }
}

fn check_password(password: &str) -> Result<(), SignUpError> {
    let length = password.chars().count();
    // Characters that Python's `strip` removes: white space, and four separators that Unicode does not count as such.
    let is_cut = |c: char| c.is_whitespace() || ('\u{1c}'..='\u{1f}').contains(&c);
    if password.is_empty() {
        Err(SignUpError::NoPassword)
    } else if password.starts_with(is_cut) || password.ends_with(is_cut) {
        Err(SignUpError::PasswordBlanks)
    } else if length > PASSWORD_MAX_CHARS {
        Err(SignUpError::PasswordTooLong(length))
    } else if password.contains('\0') {
        Err(SignUpError::PasswordNul)
    } else {
        Ok(())
    }
}

/// An account whose log-in proves that it exists.
#[derive(Debug)]
pub struct SignedUp<'m> {
    pub session: WebSession<'m>,
    /// The marketplace's answer, if it did not report success.
    pub oddity: Option<WebError>,
}

/// Creates the account: sent once, and proved by logging in.
///
/// # Errors
/// [`SignUpError`]. Only [`SignUpError::Unknown`] leaves open whether the account exists.
pub fn sign_up<'m>(market: &'m Market, account: &SignUp) -> Result<SignedUp<'m>, SignUpError> {
    let SignUp { email, password, role, .. } = account;
    let user = account.user();
    let oddity = match market.sign_up(&NewAccount { user, email, password, role: *role }) {
        Ok(SignUpReply::Accepted) => None,
        Ok(SignUpReply::Refused { reasons }) => return Err(SignUpError::Refused { user: user.into(), reasons }),
        Ok(SignUpReply::Failed(e)) => Some(e),
        Err(WebError::Http(e)) if !e.nothing_was_sent() => Some(WebError::Http(e)),
        Err(e) => return Err(e.into()),
    };
    let user = user.to_owned();
    match (market.log_in(&user, password), oddity) {
        (Ok(session), oddity) => Ok(SignedUp { session, oddity }),
        (Err(WebError::CredentialsRefused { .. }), Some(source)) => Err(SignUpError::NothingDone { user, source }),
        (Err(source @ WebError::CredentialsRefused { .. }), None) => {
            Err(SignUpError::AcceptedButMissing { user, source })
        }
        (Err(source), _) => Err(SignUpError::Unknown { user, source }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(user: &str, email: &str, password: &str, role: Role) -> Result<SignUp, SignUpError> {
        SignUp::new(user, email, Secret::new(password), role)
    }

    #[test]
    fn what_the_form_takes_passes() {
        for (user, email, password, role) in [
            ("alice", "", "x", Role::Both),
            ("Alice_7", "alice@example.org", "two words; $HOME 'q' ü ж", Role::Seller),
            (&*"a".repeat(21), "é@b", &*"ü".repeat(128), Role::Seller),
            (&*"a".repeat(150), "", "x", Role::Buyer),
        ] {
            assert!(check(user, email, password, role).is_ok(), "{user}");
        }
    }

    #[test]
    fn what_it_refuses_or_breaks_down_over_is_told_before() {
        for (user, email, password, says) in [
            ("", "", "x", "user name"),
            ("al ice", "", "x", "user name"),
            ("josé", "", "x", "is not ASCII"),
            (&*"a".repeat(22), "", "x", "no product fits"),
            ("alice", "alice", "x", "NAME@HOST"),
            ("alice", "a lice@b", "x", "NAME@HOST"),
            ("alice", "zł@b", "x", "'ł' (character 2)"),
            ("alice", "", "", "is empty"),
            ("alice", "", " hunter2", "begins or ends with white space"),
            ("alice", "", "hunter2\u{1f}", "begins or ends with white space"),
            ("alice", "", "hunter2\u{a0}", "begins or ends with white space"),
            ("alice", "", &*"h".repeat(129), "129 characters"),
            ("alice", "", "hun\0ter2", "NUL"),
        ] {
            let error = check(user, email, password, Role::Both).unwrap_err().to_string();
            assert!(error.contains(says) && !error.contains("hunter2"), "{error}");
        }
        assert!(matches!(check(&"a".repeat(151), "", "x", Role::Buyer), Err(SignUpError::NameTooLong(151))));
    }
}

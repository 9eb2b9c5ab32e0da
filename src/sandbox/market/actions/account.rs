//! Signing up: which names and passwords the form accepts, and the nested lists of its refusals.

use crate::sandbox::db::{Database, UserType};
use crate::sandbox::exception::{ActionError, Exception, FormFieldError, REQUIRED, comparable, wrong};
use crate::secret::Secret;

/// The fields of the sign-up form as sent; absent ones are `None`.
pub(in crate::sandbox) struct SignUp<'a> {
    pub user_name: Option<&'a str>,
    pub email: Option<&'a str>,
    pub password: Option<&'a str>,
    pub verify_password: Option<&'a str>,
    pub user_type: Option<&'a str>,
}

const USER_NAME_MAX_CHARS: usize = 150;
const PASSWORD_MAX_CHARS: usize = 128;

/// Signs a user up (I3 facts §6.3). Needs no mail.
pub(in crate::sandbox) fn sign_up(db: &mut Database, form: &SignUp<'_>) -> Result<(), ActionError> {
    let mut errors = Vec::new();
    let name = form.user_name.unwrap_or_default().trim();
    if let Some(reason) = check_name(db, name)? {
        errors.push(wrong("username", reason));
    }
    let email = form.email.unwrap_or_default().trim();
    if !(email.is_empty() || is_address(email)) {
        errors.push(wrong("email", "Enter a valid email address."));
    }
    let kind = match form.user_type {
        Some("1") => UserType::Seller,
        Some("") | Some("2") => UserType::Buyer,
        None | Some("3") => UserType::Both,
        Some(other) => {
            errors.push(wrong("user_type", format!("Value '{other}' is not a valid choice.")));
            UserType::Both
        }
    };
    // The view reads both fields regardless of their own checks.
    let cut = |text: Option<&str>, field: &'static str, most: usize| -> Result<String, Exception> {
        let text = text.unwrap_or_default().trim().to_owned();
        let passes = !text.is_empty() && text.chars().count() <= most && !text.contains('\0');
        passes.then_some(text).ok_or_else(|| Exception::new("KeyError", format!("'{field}'")))
    };
    let password = cut(form.password, "password", PASSWORD_MAX_CHARS)?;
    let again = cut(form.verify_password, "verify_password", usize::MAX)?;
    if password != again {
        errors.extend(["password", "verify_password"].map(|field| wrong(field, "Passwords do not match")));
    }
    if !errors.is_empty() {
        return Err(ActionError::Invalid(errors));
    }
    let email = (!email.is_empty()).then(|| email.to_owned());
    db.insert_user(name, email, kind, Secret::new(password));
    Ok(())
}

fn check_name(db: &Database, name: &str) -> Result<Option<String>, Exception> {
    let length = name.chars().count();
    if name.is_empty() {
        return Ok(Some(REQUIRED.into()));
    }
    if length > USER_NAME_MAX_CHARS {
        let limit = format!("Ensure this value has at most {USER_NAME_MAX_CHARS} characters (it has {length}).");
        return Ok(Some(limit));
    }
    if !name.chars().all(|c| c.is_alphanumeric() || c == '_') {
        return Ok(Some("Username can only contain alphanumeric characters and the underscore.".into()));
    }
    comparable(name)?;
    Ok(db.user(name).map(|_| "Username is already taken.".into()))
}

/// Something, an @, and a host with a dot in it.
fn is_address(text: &str) -> bool {
    text.is_ascii()
        && !text.contains(char::is_whitespace)
        && text.rsplit_once('@').is_some_and(|(user, host)| {
            !user.is_empty()
                && !user.contains('@')
                && host.split('.').count() > 1
                && !host.split('.').any(str::is_empty)
        })
}

/// Returns the reasons as the page lists them, one list inside the other.
pub(in crate::sandbox) fn fields_of(errors: &[FormFieldError]) -> Vec<(&'static str, Vec<&str>)> {
    let mut fields: Vec<(&'static str, Vec<&str>)> = Vec::new();
    for error in errors {
        match fields.iter_mut().find(|(field, _)| *field == error.field) {
            Some((_, reasons)) => reasons.push(&error.reason),
            None => fields.push((error.field, vec![&error.reason])),
        }
    }
    fields
}

//! The log-in at a broker: what is told of it, what its failure means, and whether to try again.

use std::time::SystemTime;

use super::credential::no_credential;
use super::error::{ByToken, CliError, ExitKind};
use super::ui::Ui;
use crate::catalogue::entry;
use crate::guard::Refusal;
use crate::login::{self, Candidate, Event, Identity, LoginError, Terms};
use crate::mqtt::connection::{ConnectError, Connection, Endpoint};
use crate::mqtt::packet::Version;
use crate::mqtt::reconnect::RetryClass;
use crate::pkcs11::Pkcs11Error;
use crate::token::TokenError;

/// Classifies a failed log-in for a caller that may try again.
pub fn retry_class(error: &anyhow::Error) -> RetryClass {
    // A wrong clock is waited for like a network.
    let by_clock = error.downcast_ref::<ByToken>().is_some_and(|by_token| by_token.doubt().is_some());
    let is_passing = |error: &TokenError| matches!(error, TokenError::Clock) || login::attempt::is_passing(error);
    let is_away = |error: &Pkcs11Error| error.is_passing();
    if by_clock || error.downcast_ref().is_some_and(is_passing) || error.downcast_ref().is_some_and(is_away) {
        return RetryClass::Passing;
    }
    error.downcast_ref().map_or(RetryClass::Final, login::attempt::retry_class)
}

/// As [`retry_class`], for a caller that looks for the credentials again: a token that has expired meanwhile may be
/// replaced in its file.
pub fn retry_class_of(identity: &Identity, error: &anyhow::Error) -> RetryClass {
    match error.is::<Refusal>() && identity.candidates.iter().any(|candidate| candidate.origin.file().is_some()) {
        true => RetryClass::Refused,
        false => retry_class(error),
    }
}

/// Logs in with the first of the identity's credentials that the broker accepts.
///
/// # Errors
/// [`ConnectError`] of the last attempt, or a token that cannot be minted.
pub async fn log_in(
    ui: &Ui,
    endpoint: &Endpoint,
    identity: &Identity,
    terms: &Terms<'_>,
) -> anyhow::Result<Connection> {
    let Identity { user_name, candidates, .. } = identity;
    let result = login::log_in(endpoint, user_name, candidates, terms, |event| match event {
        Event::Expired(refusal) => ui.detail(&format!("Skipped: {refusal}.")),
        Event::Trying(Candidate { origin, .. }) => {
            ui.detail(&format!("Logging in as {user_name} with {origin}."));
        }
        Event::Refused { is_last: true, .. } => {}
        Event::Refused { candidate, .. } => {
            ui.detail(&format!("The broker does not accept {}; trying the next.", candidate.origin));
        }
    });
    result.await.map(|logged_in| logged_in.connection).map_err(|error| log_in_failed(error, terms.version))
}

/// Explains a failed log-in.
pub fn log_in_failed(error: LoginError, version: Version) -> anyhow::Error {
    match error {
        LoginError::NoCredential(user_name) => no_credential(&user_name).into(),
        LoginError::Expired(refusal) => refusal.into(),
        LoginError::Token(e) => e.into(),
        LoginError::Connect { source: e @ ConnectError::Refused { code: 1 | 0x84, .. }, .. }
            if version == Version::V311 =>
        {
            let failure =
                CliError::new(ExitKind::Config, "the broker does not speak MQTT 3.1.1, as every I3 broker does")
                    .hint_of(
                        entry!("not-a-broker"),
                        "check the broker's address; a broker of another kind may accept -V 5",
                    );
            anyhow::Error::new(e).context(failure)
        }
        LoginError::Connect { source, by_token: true } if source.refuses_credential() => {
            anyhow::Error::new(source).context(ByToken { at: SystemTime::now() })
        }
        LoginError::Connect { source, .. } => source.into(),
    }
}

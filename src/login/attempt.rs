//! Trying credentials at the broker, one after another.

use std::io;
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use tokio::time::{Instant, timeout};

use super::origin::Candidate;
use super::secret::LoginSecret;
use crate::guard::Refusal;
use crate::mqtt::connection::{ConnectError, ConnectOptions, Connection, Endpoint};
use crate::mqtt::extras::Extras;
use crate::mqtt::packet::{MAX_PACKET, Version};
use crate::mqtt::reconnect::{CleanStart, RetryClass};
use crate::mqtt::refusal::LogInRefusal;
use crate::pkcs11::Pkcs11Error;
use crate::secret::Secret;
use crate::signer::{Signer, SignerError};
use crate::token::{self, Lifetime, TokenError};

/// How to log in.
#[derive(Clone, Copy, Debug)]
pub struct Terms<'a> {
    pub client_id: &'a str,
    pub version: Version,
    pub keep_alive: Duration,
    /// The time limit for each credential that is tried.
    pub timeout: Duration,
    pub session: CleanStart,
    /// Largest packet that is accepted from the broker, in bytes.
    pub max_packet: usize,
    /// Further parts of the connection.
    pub extras: Option<&'a Arc<Extras>>,
}

impl<'a> Terms<'a> {
    /// Returns the options of a log-in that only proves a credential.
    pub fn proof(client_id: &'a str, timeout: Duration) -> Terms<'a> {
        let keep_alive = Duration::from_secs(60);
        let (version, session) = (Version::V311, CleanStart::Yes);
        Terms { client_id, version, keep_alive, timeout, session, max_packet: MAX_PACKET, extras: None }
    }
}

/// The fate of a candidate.
pub enum Event<'a> {
    /// It has expired since the guard checked it.
    Expired(&'a Refusal),
    Trying(&'a Candidate),
    /// The broker refuses it.
    Refused {
        candidate: &'a Candidate,
        error: &'a ConnectError,
        is_last: bool,
    },
}

/// Why a log-in failed.
#[derive(Debug, thiserror::Error)]
pub enum LoginError {
    /// There is no credential to try.
    #[error("no credential is known for {0}")]
    NoCredential(String),
    /// The last credential is a token that has expired.
    #[error(transparent)]
    Expired(Refusal),
    #[error(transparent)]
    Token(#[from] TokenError),
    /// The last credential was refused, or the broker cannot be reached.
    #[error("the log-in failed")]
    Connect {
        source: ConnectError,
        /// Whether a token was sent: then this machine's clock can be the cause as well.
        by_token: bool,
    },
}

/// A log-in that succeeded.
pub struct LoggedIn<'c> {
    pub connection: Connection,
    pub candidate: &'c Candidate,
    /// The password that was sent.
    pub password: Secret,
}

/// Logs in with the first credential that the broker accepts.
///
/// # Errors
/// [`LoginError`], of the last attempt.
pub async fn log_in<'c>(
    endpoint: &Endpoint,
    user_name: &str,
    candidates: &'c [Candidate],
    terms: &Terms<'_>,
    mut report: impl FnMut(Event<'_>),
) -> Result<LoggedIn<'c>, LoginError> {
    for (index, candidate) in candidates.iter().enumerate() {
        let is_last = index + 1 == candidates.len();
        match candidate.secret.recheck() {
            Err(refusal) if is_last => return Err(LoginError::Expired(refusal)),
            Err(refusal) => {
                report(Event::Expired(&refusal));
                continue;
            }
            Ok(()) => report(Event::Trying(candidate)),
        }
        match log_in_with(endpoint, user_name, &candidate.secret, terms).await {
            Ok((connection, password)) => return Ok(LoggedIn { connection, candidate, password }),
            Err(LoginError::Connect { source, by_token }) => {
                let is_refused = source.refuses_credential();
                if is_refused {
                    report(Event::Refused { candidate, error: &source, is_last });
                }
                if is_last || !is_refused {
                    return Err(LoginError::Connect { source, by_token });
                }
            }
            Err(error) => return Err(error),
        }
    }
    Err(LoginError::NoCredential(user_name.into()))
}

/// Logs in with one secret; returns the connection, and what was sent as the password.
///
/// # Errors
/// [`LoginError::Token`], [`LoginError::Connect`].
pub async fn log_in_with(
    endpoint: &Endpoint,
    user_name: &str,
    secret: &LoginSecret,
    terms: &Terms<'_>,
) -> Result<(Connection, Secret), LoginError> {
    let Terms { client_id, version, keep_alive, timeout, session, max_packet, extras } = *terms;
    let password = connect_password(secret, user_name, timeout).await?;
    let clean = session == CleanStart::Yes;
    let options = ConnectOptions { version, client_id, clean, keep_alive, user_name, password: &password, max_packet };
    match Connection::open_with(endpoint, &options, extras, Instant::now() + timeout).await {
        Ok(connection) => Ok((connection, password)),
        Err(source) => Err(LoginError::Connect { source, by_token: secret.is_token() }),
    }
}

/// Returns what goes into CONNECT's password field. A key on a token signs on another thread, because it may take a while
/// and this thread may serve others.
async fn connect_password(secret: &LoginSecret, user_name: &str, limit: Duration) -> Result<Secret, TokenError> {
    let LoginSecret::Key(signer @ Signer::Hardware(key)) = secret else { return secret.connect_password(user_name) };
    let (signer, user_name) = (signer.clone(), user_name.to_owned());
    let signing =
        tokio::task::spawn_blocking(move || token::mint(&signer, &user_name, Lifetime::DEFAULT, SystemTime::now()));
    match timeout(limit, signing).await {
        Ok(Ok(token)) => token,
        // It hangs, or the runtime ends.
        _ => {
            let slow = Pkcs11Error::Slow { key: key.name().into(), seconds: limit.as_secs() };
            Err(TokenError::Sign(slow.into()))
        }
    }
}

/// Whether an error of a signer is temporary: its token was removed, or does not answer.
pub fn is_passing(error: &TokenError) -> bool {
    matches!(error, TokenError::Sign(SignerError::Pkcs11(e)) if e.is_passing())
}

/// Classifies a failed connection for a caller that may try again.
pub fn retry_class(error: &ConnectError) -> RetryClass {
    match (error.refusal(), error) {
        (Some(LogInRefusal::Passing), _) => RetryClass::Passing,
        (Some(LogInRefusal::NotAuthorized), _) => RetryClass::Refused,
        (Some(_), _)
        | (
            _,
            ConnectError::Tls { .. }
            | ConnectError::NotTls { has_spoken_tls: false, .. }
            | ConnectError::NeedsTls { .. }
            | ConnectError::Unsendable(_),
        ) => RetryClass::Final,
        // Of the other family, or no name; an address that is not there may come with its interface.
        (_, ConnectError::LocalAddress { source, .. }) if source.kind() != io::ErrorKind::AddrNotAvailable => {
            RetryClass::Final
        }
        (_, ConnectError::Proxy { source, .. }) if !source.is_passing() => RetryClass::Final,
        (_, ConnectError::WebSocket { source, .. }) if !source.is_passing() => RetryClass::Final,
        _ => RetryClass::Passing,
    }
}

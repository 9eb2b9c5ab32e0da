//! Gives a device a credential that is in its own file already, as `i3 device passwd` does.
//!
//! Unlike a rotation it needs no old credential and does not restore one: it is the remedy for a device whose credential
//! is lost. The journal exists while it runs: it is left for a rotation to finish if the process is killed, or if the
//! configuration cannot be written and names only the old credential.

use super::error::RotationError;
use super::host::{RegisterAnswer, RotationHost};
use super::journal::Journal;
use super::proof::Proof;
use super::step::RotationStep;
use crate::config::Places;
use crate::login::{CredentialFile, LoginSecret};
use crate::market::credential::RegisteredCredential;
use crate::name::DeviceName;

/// Whether the broker is asked.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogInCheck {
    LogIn,
    Skip,
}

/// One replacement of a credential.
pub struct Replacement<'a> {
    /// Names the new file, if it is permanent: without a file there is nothing to continue with.
    pub journal: Option<Journal>,
    pub file: &'a CredentialFile,
    pub secret: &'a LoginSecret,
    pub registered: &'a RegisteredCredential,
    /// The previous configuration.
    pub old: Option<&'a CredentialFile>,
    pub check: LogInCheck,
}

/// How a replacement succeeded.
#[derive(Debug)]
pub enum Replaced {
    /// The marketplace confirmed it.
    Confirmed,
    /// The marketplace's answer was lost, and the broker accepts the new credential; with the marketplace's text.
    ProvedOnly(String),
}

/// Why a replacement failed.
#[derive(Debug)]
pub enum ReplaceError<E> {
    /// The journal cannot be written; nothing was sent.
    Journal(RotationError),
    /// The marketplace did not register it.
    Register(E),
    /// It is registered, and the configuration cannot be written. The journal stays, if there is one.
    Configure(E),
    /// It is registered, and the broker does not accept it, or could not be asked.
    Unproved(E),
    /// The marketplace's answer was lost, and the broker still accepts the old credential.
    StillOld(String),
    /// The marketplace's answer was lost, and the broker gave no answer.
    Unknown { said: String, why: Option<E> },
}

/// Registers the new credential once, saves it in the configuration, and proves it. The caller holds the
/// [`RotationLock`](super::RotationLock).
///
/// # Errors
/// [`ReplaceError`].
pub fn replace<H: RotationHost>(
    places: &Places,
    device: &DeviceName,
    replacement: &Replacement<'_>,
    host: &mut H,
) -> Result<Replaced, ReplaceError<H::Error>> {
    host.report(RotationStep::Journal);
    let journal = replacement.journal.as_ref();
    let guard = journal.map(|journal| journal.guard(places, device)).transpose().map_err(ReplaceError::Journal)?;
    let replaced = register(replacement, host);
    if let (Err(ReplaceError::Configure(_)), Some(guard)) = (&replaced, guard) {
        guard.keep();
    }
    replaced
}

fn register<H: RotationHost>(replacement: &Replacement<'_>, host: &mut H) -> Result<Replaced, ReplaceError<H::Error>> {
    let Replacement { file, secret, registered, old, check, .. } = replacement;
    host.report(RotationStep::Register);
    match host.register(registered).map_err(ReplaceError::Register)? {
        RegisterAnswer::Accepted => {
            configure(file, host)?;
            if *check == LogInCheck::Skip {
                return Ok(Replaced::Confirmed);
            }
            host.report(RotationStep::Prove);
            host.prove(secret).into_result().map(|()| Replaced::Confirmed).map_err(ReplaceError::Unproved)
        }
        RegisterAnswer::Unknown(said) if *check == LogInCheck::Skip => Err(ReplaceError::Unknown { said, why: None }),
        RegisterAnswer::Unknown(said) => {
            host.report(RotationStep::Prove);
            match host.prove(secret) {
                Proof::Accepted => configure(file, host).map(|()| Replaced::ProvedOnly(said)),
                // The request may still take effect later.
                Proof::Refused(_) if old.is_some_and(|old| still_accepted(old, host)) => {
                    Err(ReplaceError::StillOld(said))
                }
                Proof::Refused(why) | Proof::Unanswered(why) => Err(ReplaceError::Unknown { said, why: Some(why) }),
            }
        }
    }
}

fn configure<H: RotationHost>(file: &CredentialFile, host: &mut H) -> Result<(), ReplaceError<H::Error>> {
    host.report(RotationStep::Configure);
    host.configure(file.kind, &file.path).map_err(ReplaceError::Configure)
}

fn still_accepted<H: RotationHost>(old: &CredentialFile, host: &mut H) -> bool {
    host.report(RotationStep::ProveOld);
    host.read(old.kind, &old.path).is_ok_and(|secret| matches!(host.prove(&secret), Proof::Accepted))
}

//! Proving at the broker that a credential logs the device in.

use std::time::Duration;

/// How often the broker is asked before a credential counts as refused, or the broker as unreachable.
const ATTEMPTS: u32 = 3;

/// The broker's answer to a log-in.
#[derive(Debug)]
pub enum Proof<E> {
    Accepted,
    Refused(E),
    /// The broker cannot be reached, or did not answer.
    Unanswered(E),
}

impl<E> Proof<E> {
    /// Returns why the credential is not proved as an error.
    ///
    /// # Errors
    /// The broker refuses it, or did not answer.
    pub fn into_result(self) -> Result<(), E> {
        match self {
            Proof::Accepted => Ok(()),
            Proof::Refused(why) | Proof::Unanswered(why) => Err(why),
        }
    }
}

/// Logs in until the broker accepts the credential, with pauses in between; the answer to the last attempt.
pub(super) fn prove<E>(pause: Duration, mut log_in: impl FnMut() -> Proof<E>) -> Proof<E> {
    for _ in 1..ATTEMPTS {
        match log_in() {
            Proof::Accepted => return Proof::Accepted,
            Proof::Refused(_) | Proof::Unanswered(_) => std::thread::sleep(pause),
        }
    }
    log_in()
}

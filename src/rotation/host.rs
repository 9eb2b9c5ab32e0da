//! What a rotation needs from its caller: the marketplace, the broker, the configuration.

use std::fmt;
use std::path::Path;
use std::time::Duration;

use super::proof::Proof;
use super::step::RotationStep;
use crate::login::{LoginSecret, SecretKind};
use crate::market::credential::RegisteredCredential;

/// The marketplace's answer to a registration.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum RegisterAnswer {
    Accepted,
    /// It broke down, or its answer was lost; with its text.
    Unknown(String),
}

/// What a rotation needs from its caller.
pub trait RotationHost {
    /// Why something outside failed.
    type Error: fmt::Display;

    /// Registers a credential instead of the device's current one.
    ///
    /// # Errors
    /// It certainly was not registered.
    fn register(&mut self, credential: &RegisteredCredential) -> Result<RegisterAnswer, Self::Error>;

    /// Logs in at the broker once.
    fn prove(&mut self, secret: &LoginSecret) -> Proof<Self::Error>;

    /// Reads a credential.
    ///
    /// # Errors
    /// It cannot be read.
    fn read(&mut self, kind: SecretKind, path: &Path) -> Result<LoginSecret, Self::Error>;

    /// Saves the file as the device's credential in the configuration, if necessary.
    ///
    /// # Errors
    /// It cannot be written.
    fn configure(&mut self, kind: SecretKind, path: &Path) -> Result<(), Self::Error>;

    /// Returns the pause between two attempts.
    fn pause(&self) -> Duration {
        Duration::from_secs(1)
    }

    /// Reports the step that is about to be taken.
    fn report(&mut self, step: RotationStep);
}

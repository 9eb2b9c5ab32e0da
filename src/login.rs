//! Logging in at the broker and at the marketplace: where credentials come from, and in which order they are tried.
//!
//! It neither prints nor asks anything: the caller answers for the person.

pub mod attempt;
pub mod client_certificate;
pub mod endpoint;
pub mod market;
pub mod origin;
pub mod secret;

pub use attempt::{Event, LoggedIn, LoginError, Terms, log_in, log_in_with};
pub use endpoint::{ConnectionSettings, configured_broker, default_broker, endpoint};
pub use market::{LoginSource, MarketLogin};
pub use origin::{Candidate, CredentialFile, Identity, SecretOrigin};
pub use secret::{LoginSecret, SecretKind};

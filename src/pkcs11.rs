//! Keys that stay on a PKCS#11 token: a smart card, a USB token or an HSM (OASIS PKCS #11 v2.40).
//!
//! "Token" is PKCS#11's word for the device that holds the key, not a JSON Web Token.

#[cfg(not(feature = "pkcs11"))]
mod absent;
pub mod error;
#[cfg(feature = "pkcs11")]
mod key;
#[cfg(feature = "pkcs11")]
mod library;
#[cfg(feature = "pkcs11")]
mod login;
pub mod pin;
#[cfg(feature = "pkcs11")]
mod session;
pub mod uri;

#[cfg(not(feature = "pkcs11"))]
pub use absent::HardwareKey;
pub use error::Pkcs11Error;
#[cfg(feature = "pkcs11")]
pub use key::HardwareKey;
pub use pin::Pin;
pub use uri::{KeyUri, MODULE, is_uri};

//! Why a key on a PKCS#11 token cannot be used.

use std::path::PathBuf;

use super::pin::Tries;
use crate::key::KeyError;

/// Why a key on a PKCS#11 token cannot be used.
#[derive(Debug, thiserror::Error)]
pub enum Pkcs11Error {
    /// The URI is not valid; with the attribute, and why.
    #[error("the PKCS#11 URI is not valid: {attribute}: {why}")]
    Uri { attribute: String, why: String },
    /// The PIN is in the URI, which is not repeated.
    #[error("the PKCS#11 URI has the PIN in it (pin-value)")]
    PinInUri,
    /// The program was built without the feature.
    #[error("this build of the program has no support for PKCS#11 keys")]
    NotBuilt,
    /// Neither the URI nor the environment names a module.
    #[error("no PKCS#11 module is named")]
    NoModule,
    /// The module cannot be loaded or initialised.
    #[error("the PKCS#11 module {path} cannot be loaded: {why}", path = .path.display())]
    Module { path: PathBuf, why: String },
    /// No slot of the module has a token.
    #[error("the PKCS#11 module {module} sees no token", module = .module.display())]
    NoToken { module: PathBuf },
    /// There are tokens, but not the one that the URI describes.
    #[error("no token matches the URI; there is {}", .found.join(", "))]
    OtherTokens { found: Vec<String> },
    /// More than one token matches the URI.
    #[error("more than one token matches the URI: {}", .found.join(", "))]
    SeveralTokens { found: Vec<String> },
    /// The token has no private key that matches the URI.
    #[error("the token '{token}' has no private key that matches the URI{}", there_are(.found))]
    NoKey { token: String, found: Vec<String> },
    /// More than one private key matches the URI.
    #[error("more than one private key on the token '{token}' matches the URI: {}", .found.join(", "))]
    SeveralKeys { token: String, found: Vec<String> },
    /// The key is of another kind.
    #[error("{key} is {kind}, and I3 accepts RSA keys only")]
    NotRsa { key: String, kind: String },
    /// `CKA_SIGN` is false.
    #[error("{key} may not be used to sign (CKA_SIGN is false)")]
    CannotSign { key: String },
    /// The token has neither of the mechanisms that make an RS256 signature.
    #[error("the token '{token}' does not sign with CKM_SHA256_RSA_PKCS or CKM_RSA_PKCS")]
    NoMechanism { token: String },
    /// Neither the private key nor a public key object has the public numbers.
    #[error("the public half of {key} is not on the token")]
    NoPublicHalf { key: String },
    /// I3 does not accept the public half.
    #[error("{key} cannot be used")]
    PublicHalf { key: String, source: KeyError },
    /// The signature does not match the public half.
    #[error("the signature of {key} does not match its public half")]
    Mismatch { key: String },
    /// The token has no user PIN yet.
    #[error("the token '{token}' has no user PIN yet")]
    PinNotSet { token: String },
    /// The token needs a PIN, and none was given.
    #[error("the token '{token}' needs a PIN, and none was given")]
    NeedsPin { token: String },
    /// The token refuses the PIN.
    #[error("the token '{token}' refuses the PIN; {tries}")]
    WrongPin { token: String, tries: Tries },
    /// This process has given the PIN before, and the token has refused it.
    #[error("the token '{token}' has refused this PIN before, and it is not tried again")]
    RefusedBefore { token: String },
    /// One try is left, and the PIN was not typed.
    #[error("the token '{token}' locks its PIN after one more wrong try, so no PIN from a file is tried")]
    LastTry { token: String },
    /// The PIN is locked.
    #[error("the PIN of the token '{token}' is locked after too many wrong tries")]
    PinLocked { token: String },
    /// A function of the module fails.
    #[error("the PKCS#11 module cannot {doing}: {said}")]
    Call { doing: &'static str, said: String },
    /// A key that has worked is temporarily unavailable.
    #[error("{key} cannot be used at the moment")]
    Lost { key: String, source: Box<Pkcs11Error> },
    /// The token has not answered in time.
    #[error("{key} has not signed within {seconds} s")]
    Slow { key: String, seconds: u64 },
}

impl Pkcs11Error {
    /// Whether it may be temporary, without a change of settings.
    pub fn is_passing(&self) -> bool {
        use Pkcs11Error as E;
        matches!(self, E::Lost { .. } | E::Slow { .. } | E::NoToken { .. } | E::Call { .. })
    }

    /// Whether it is about the PIN, so that nothing may be tried again without a person.
    pub fn is_about_pin(&self) -> bool {
        use Pkcs11Error as E;
        matches!(
            self,
            E::NeedsPin { .. }
                | E::WrongPin { .. }
                | E::RefusedBefore { .. }
                | E::LastTry { .. }
                | E::PinLocked { .. }
                | E::PinNotSet { .. }
        )
    }
}

fn there_are(found: &[String]) -> String {
    if found.is_empty() { "; it has none".into() } else { format!("; it has {}", found.join(", ")) }
}

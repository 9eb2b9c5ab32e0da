//! The policy for keys on PKCS#11 tokens.

use crate::catalogue::entry;
use crate::cli::error::cli_error::{Policy, filled, with};
use crate::cli::error::kind::ExitKind;
use crate::pkcs11::Pkcs11Error;

pub fn pkcs11(error: &Pkcs11Error) -> Policy {
    use Pkcs11Error as E;
    match error {
        E::Uri { .. } => with(ExitKind::Config, entry!("pkcs11-uri")),
        E::PinInUri => filled(
            ExitKind::Refused,
            entry!("pkcs11-uri"),
            "write the PIN to a file that only you can read, name it in the URI with ?pin-source=file:/path, and change the \
             PIN, which others may have seen",
        ),
        E::NotBuilt => with(ExitKind::Config, entry!("pkcs11-not-built")),
        E::NoModule => with(ExitKind::Config, entry!("pkcs11-module")),
        E::Module { .. } => filled(
            ExitKind::Config,
            entry!("pkcs11-module"),
            "check the path that I3_PKCS11_MODULE or module-path names, and that the module is made for this system",
        ),
        E::NoToken { .. } => with(ExitKind::TryAgain, entry!("pkcs11-token")),
        E::OtherTokens { .. } => filled(
            ExitKind::Config,
            entry!("pkcs11-token"),
            "name one of these in the URI, as token=LABEL or serial=NUMBER",
        ),
        E::SeveralTokens { .. } => {
            filled(ExitKind::Config, entry!("pkcs11-token"), "add serial=NUMBER or slot-id=NUMBER to the URI")
        }
        E::NoKey { .. } => with(ExitKind::Config, entry!("pkcs11-key")),
        E::SeveralKeys { .. } => {
            filled(ExitKind::Config, entry!("pkcs11-key"), "name one of them in the URI, by object=LABEL and id=%XX")
        }
        E::NotRsa { .. } | E::PublicHalf { .. } => {
            filled(ExitKind::Config, entry!("pkcs11-key"), "make an RSA key of 2048 bits on the token, and name that")
        }
        E::CannotSign { .. } => {
            filled(ExitKind::Config, entry!("pkcs11-key"), "make another on the token that may sign, and name that")
        }
        E::NoMechanism { .. } => {
            filled(ExitKind::Config, entry!("pkcs11-key"), "use a token that signs with RSA, or a key file")
        }
        E::NoPublicHalf { .. } => filled(
            ExitKind::Config,
            entry!("pkcs11-key"),
            "store its public key object on the token, with the same id as the private key",
        ),
        E::Mismatch { .. } => filled(
            ExitKind::Config,
            entry!("pkcs11-key"),
            "see with `pkcs11-tool --list-objects` whether a public key object of another key has its id",
        ),
        E::PinNotSet { .. } => {
            filled(ExitKind::Config, entry!("pkcs11-pin"), "set one, as with `pkcs11-tool --init-pin`")
        }
        E::NeedsPin { .. } => with(ExitKind::Config, entry!("pkcs11-pin")),
        E::WrongPin { .. } | E::RefusedBefore { .. } => filled(
            ExitKind::Refused,
            entry!("pkcs11-pin"),
            "correct the PIN in its file, or give the right one at the question, before you run this again",
        ),
        E::LastTry { .. } => filled(
            ExitKind::Refused,
            entry!("pkcs11-pin"),
            "take pin-source out of the URI, leave --pin-file out, and type the PIN at a terminal: that resets the count",
        ),
        E::PinLocked { .. } => filled(
            ExitKind::Refused,
            entry!("pkcs11-pin"),
            "unlock it with the security officer's PIN, as with `pkcs11-tool --login --login-type so --init-pin`",
        ),
        E::Call { .. } | E::Slow { .. } => filled(
            ExitKind::TryAgain,
            entry!("pkcs11-token"),
            "try again; if that fails, take the token out and put it in again, and see what its module logs",
        ),
        E::Lost { .. } => filled(ExitKind::TryAgain, entry!("pkcs11-token"), "put the token back in, or try again"),
    }
}

//! Logging in at a token: once, and never again with a PIN that it has refused. A token locks after a few wrong ones.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cryptoki::context::Pkcs11;
use cryptoki::error::{Error, RvError};
use cryptoki::session::{Session, SessionState, UserType};
use cryptoki::slot::{Slot, TokenInfo};
use cryptoki::types::RawAuthPin;

use super::error::Pkcs11Error;
use super::library::failed;
use super::pin::{Pin, Tries};
use crate::secret::Secret;

/// A token, in any slot: its module, label and serial number.
pub type TokenId = (PathBuf, String, String);

/// Identifies a token.
pub fn id(module: &Path, info: &TokenInfo) -> TokenId {
    (module.into(), info.label().into(), info.serial_number().into())
}

/// A token's answers to PINs in this process.
#[derive(Default)]
struct PinHistory {
    accepted: Option<Secret>,
    refused: Vec<Secret>,
}

static KNOWN: Mutex<BTreeMap<TokenId, PinHistory>> = Mutex::new(BTreeMap::new());

fn known<T>(token: &TokenId, look: impl FnOnce(&mut PinHistory) -> T) -> T {
    look(KNOWN.lock().unwrap_or_else(PoisonError::into_inner).entry(token.clone()).or_default())
}

/// Returns the PIN that the token has accepted in this process.
pub fn accepted(token: &TokenId) -> Option<Secret> {
    known(token, |known| known.accepted.clone())
}

/// Logs in, unless that is unnecessary or already done. All sessions of a process are logged in together (PKCS #11 v2.40
/// §2.6.4).
///
/// # Errors
/// [`Pkcs11Error`] about the PIN, or that of `pin`.
pub fn log_in<E: From<Pkcs11Error>>(
    module: &Pkcs11,
    (slot, info): (Slot, &TokenInfo),
    session: &Session,
    token: &TokenId,
    pin: impl FnOnce() -> Result<Option<Pin>, E>,
) -> Result<(), E> {
    let state = session.get_session_info().map_err(failed("say whether it is logged in"))?.session_state();
    if !info.login_required() || matches!(state, SessionState::RoUser | SessionState::RwUser) {
        return Ok(());
    }
    let name = || info.label().to_owned();
    if info.user_pin_locked() {
        return Err(Pkcs11Error::PinLocked { token: name() }.into());
    }
    if !info.user_pin_initialized() {
        return Err(Pkcs11Error::PinNotSet { token: name() }.into());
    }
    if info.protected_authentication_path() {
        // The PIN is typed at the reader.
        return settled(session.login(UserType::User, None), || tries(module, slot), name()).map_err(E::from);
    }
    let pin = match accepted(token) {
        Some(secret) => Pin { secret, typed: false },
        None => pin()?.ok_or_else(|| Pkcs11Error::NeedsPin { token: name() })?,
    };
    if known(token, |known| known.refused.iter().any(|refused| refused.expose() == pin.secret.expose())) {
        return Err(Pkcs11Error::RefusedBefore { token: name() }.into());
    }
    if info.user_pin_final_try() && !pin.typed {
        return Err(Pkcs11Error::LastTry { token: name() }.into());
    }
    let result = session.login_with_raw(UserType::User, &raw(&pin.secret));
    let settled = settled(result, || tries(module, slot), name());
    known(token, |known| match &settled {
        Ok(()) => known.accepted = Some(pin.secret),
        Err(Pkcs11Error::WrongPin { .. } | Pkcs11Error::PinLocked { .. }) => {
            known.accepted = None;
            known.refused.push(pin.secret);
        }
        Err(_) => {}
    });
    settled.map_err(E::from)
}

/// Returns a PIN in the library's type: wiped when dropped.
pub fn raw(pin: &Secret) -> RawAuthPin {
    RawAuthPin::new(Box::new(pin.expose().as_bytes().to_vec()))
}

fn settled(result: Result<(), Error>, tries: impl FnOnce() -> Tries, token: String) -> Result<(), Pkcs11Error> {
    use RvError as Rv;
    match result {
        Ok(()) | Err(Error::Pkcs11(Rv::UserAlreadyLoggedIn, _)) => Ok(()),
        Err(Error::Pkcs11(Rv::PinIncorrect | Rv::PinInvalid | Rv::PinLenRange, _)) => Err(match tries() {
            Tries::None => Pkcs11Error::PinLocked { token },
            tries => Pkcs11Error::WrongPin { token, tries },
        }),
        Err(Error::Pkcs11(Rv::PinLocked, _)) => Err(Pkcs11Error::PinLocked { token }),
        Err(Error::Pkcs11(Rv::UserPinNotInitialized, _)) => Err(Pkcs11Error::PinNotSet { token }),
        Err(e) => Err(failed("log in at the token")(e)),
    }
}

/// Returns the current meaning of the token's flags.
fn tries(module: &Pkcs11, slot: Slot) -> Tries {
    module.get_token_info(slot).map_or(Tries::Unknown, |info| left(&info))
}

/// Returns the meaning of a token's flags.
pub fn left(info: &TokenInfo) -> Tries {
    match info {
        info if info.user_pin_locked() => Tries::None,
        info if info.user_pin_final_try() => Tries::Last,
        info if info.user_pin_count_low() => Tries::Few,
        _ => Tries::Unknown,
    }
}

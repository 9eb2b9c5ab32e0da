//! PKCS#11 modules: each is loaded and initialised once per process, as the standard requires for `C_Initialize`.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};

use cryptoki::context::{CInitializeArgs, CInitializeFlags, Pkcs11};
use cryptoki::error::{Error, RvError};
use cryptoki::slot::{Slot, TokenInfo};

use super::error::Pkcs11Error;
use super::uri::{KeyUri, MODULE};

static LOADED: Mutex<BTreeMap<PathBuf, Pkcs11>> = Mutex::new(BTreeMap::new());

/// Returns the module that the URI names, otherwise the one that the environment names.
///
/// # Errors
/// [`Pkcs11Error::NoModule`].
pub fn path(uri: &KeyUri) -> Result<PathBuf, Pkcs11Error> {
    let of_environment = || std::env::var_os(MODULE).filter(|path| !path.is_empty()).map(PathBuf::from);
    uri.module.clone().or_else(of_environment).ok_or(Pkcs11Error::NoModule)
}

/// Loads a module, unless it is already loaded.
///
/// # Errors
/// [`Pkcs11Error::Module`].
pub fn load(path: &Path) -> Result<Pkcs11, Pkcs11Error> {
    let mut loaded = LOADED.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some(module) = loaded.get(path) {
        return Ok(module.clone());
    }
    let failed = |why: String| Pkcs11Error::Module { path: path.into(), why };
    let module = Pkcs11::new(path).map_err(|e| match e {
        Error::LibraryLoading(e) => failed(e.to_string()),
        Error::MissingSymbol(_) => failed("it is a shared library, but no PKCS#11 module".into()),
        e => failed(said(&e)),
    })?;
    match module.initialize(CInitializeArgs::new(CInitializeFlags::OS_LOCKING_OK)) {
        Ok(()) | Err(Error::Pkcs11(RvError::CryptokiAlreadyInitialized, _)) => {}
        Err(e) => return Err(failed(said(&e))),
    }
    loaded.insert(path.into(), module.clone());
    Ok(module)
}

/// Finds the only token that matches the URI.
///
/// # Errors
/// [`Pkcs11Error::NoToken`], [`Pkcs11Error::OtherTokens`], [`Pkcs11Error::SeveralTokens`], [`Pkcs11Error::Call`].
pub fn token(path: &Path, module: &Pkcs11, uri: &KeyUri) -> Result<(Slot, TokenInfo), Pkcs11Error> {
    let library = module.get_library_info().map_err(failed("say what it is"))?;
    let version = library.library_version();
    let is_library = uri.accepts("library-manufacturer", library.manufacturer_id())
        && uri.accepts("library-description", library.library_description())
        && uri.accepts("library-version", format!("{}.{}", version.major(), version.minor()));
    let slots = module.get_slots_with_token().map_err(failed("list its slots"))?;
    let mut all = Vec::new();
    for slot in slots {
        // A token may be removed at this moment.
        let Ok(info) = module.get_token_info(slot) else { continue };
        if info.token_initialized() {
            all.push((slot, info));
        }
    }
    if all.is_empty() {
        return Err(Pkcs11Error::NoToken { module: path.into() });
    }
    let named = |found: &[&(Slot, TokenInfo)]| {
        let described = |(slot, info): &&(Slot, TokenInfo)| {
            format!("'{}' (serial {}, slot-id {})", info.label(), info.serial_number(), slot.id())
        };
        found.iter().map(described).collect::<Vec<_>>()
    };
    let fits = |(slot, info): &&(Slot, TokenInfo)| {
        uri.accepts("token", info.label())
            && uri.accepts("manufacturer", info.manufacturer_id())
            && uri.accepts("serial", info.serial_number())
            && uri.accepts("model", info.model())
            && uri.accepts("slot-id", slot.id().to_string())
            && fits_slot(module, *slot, uri)
    };
    let fitting: Vec<_> = all.iter().filter(|token| is_library && fits(token)).collect();
    match fitting.as_slice() {
        [(slot, info)] => Ok((*slot, info.clone())),
        [] => Err(Pkcs11Error::OtherTokens { found: named(&all.iter().collect::<Vec<_>>()) }),
        several => Err(Pkcs11Error::SeveralTokens { found: named(several) }),
    }
}

fn fits_slot(module: &Pkcs11, slot: Slot, uri: &KeyUri) -> bool {
    if uri.wanted("slot-description").is_none() && uri.wanted("slot-manufacturer").is_none() {
        return true;
    }
    module.get_slot_info(slot).is_ok_and(|info| {
        uri.accepts("slot-description", info.slot_description())
            && uri.accepts("slot-manufacturer", info.manufacturer_id())
    })
}

/// Says what a module's function could not do.
pub fn failed(doing: &'static str) -> impl Fn(Error) -> Pkcs11Error {
    move |error| Pkcs11Error::Call { doing, said: said(&error) }
}

/// Returns the function and its answer by their names in the standard.
fn said(error: &Error) -> String {
    let Error::Pkcs11(answer, function) = error else { return error.to_string() };
    let mut name = String::from("CKR");
    for c in format!("{answer:?}").chars() {
        if c.is_ascii_uppercase() {
            name.push('_');
        }
        name.push(c.to_ascii_uppercase());
    }
    format!("C_{function:?} answers {name}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_answer_is_called_as_in_the_standard() {
        let error = Error::Pkcs11(RvError::DeviceRemoved, cryptoki::context::Function::SignInit);
        assert_eq!(said(&error), "C_SignInit answers CKR_DEVICE_REMOVED");
    }
}

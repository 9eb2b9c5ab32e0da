//! The log-ins that `i3 login` keeps: one 0600 file per marketplace with session, API key and user name, separate from
//! the configuration.

use std::io;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use zeroize::Zeroizing;

use crate::access;
use crate::fsio::{self, Existing, FileAccess};
use crate::misread::{self, Misread};
use crate::secret::Secret;

/// Why a kept log-in cannot be read or written. No message repeats any of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccountError {
    /// The file exists but cannot be read.
    #[error("the kept log-in {} cannot be read", path.display())]
    Read { path: PathBuf, source: io::Error },
    /// Group or others may read the file.
    #[error("the kept log-in {} can be read by others (mode {mode:04o})", path.display())]
    OpenToOthers { path: PathBuf, mode: u32 },
    /// This program did not write the file.
    #[error("the kept log-in {} is damaged", path.display())]
    Damaged { path: PathBuf, source: Misread },
    /// A later version of this program wrote the file.
    #[error("the kept log-in {} has format {found}, of a later version of this program", path.display())]
    Version { path: PathBuf, found: u64 },
    /// The file cannot be written or removed; the old one is unchanged.
    #[error("the log-in cannot be kept in {}", path.display())]
    Write { path: PathBuf, source: io::Error },
}

/// A log-in at one marketplace.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Account {
    /// The marketplace's URL, without a slash at its end.
    pub market: String,
    /// The seller's name, as the marketplace stores it if a page shows it, otherwise as it was typed.
    pub user: String,
    /// Whether a page shows the name.
    pub user_is_shown: bool,
    #[serde(with = "crate::secret::serialize_exposed")]
    pub api_key: Secret,
    /// `None` once it was found to have expired; the key stays valid.
    pub session: Option<KeptSession>,
}

/// The cookies of a log-in session.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeptSession {
    #[serde(with = "crate::secret::serialize_exposed")]
    pub id: Secret,
    #[serde(with = "crate::secret::serialize_exposed")]
    pub csrf: Secret,
}

/// Returns the file in `folder` that keeps the log-in at `market`. A URL has no comma, so no two of them share a file: a port
/// follows one, a segment of a path two.
fn file(folder: &Path, market: &str) -> PathBuf {
    folder.join(format!("{}.json", market.replace("://", ",").replace(':', ",").replace('/', ",,")))
}

impl Account {
    /// Loads the log-in at `market` from `folder`, if there is one.
    ///
    /// # Errors
    /// [`AccountError`].
    pub fn load(folder: &Path, market: &str) -> Result<Option<Account>, AccountError> {
        let path = file(folder, market);
        let failed = |source| AccountError::Read { path: path.clone(), source };
        let metadata = match std::fs::metadata(&path) {
            Ok(metadata) => metadata,
            Err(e) if e.kind() == io::ErrorKind::NotFound => return Ok(None),
            Err(e) => return Err(failed(e)),
        };
        if let Some(mode) = access::exposed_mode(&metadata) {
            return Err(AccountError::OpenToOthers { path, mode });
        }
        let bytes = Zeroizing::new(std::fs::read(&path).map_err(failed)?);
        if let Some(found) = misread::later_format(&bytes) {
            return Err(AccountError::Version { path, found });
        }
        let account = serde_json::from_slice(&bytes);
        account.map(Some).map_err(|e| AccountError::Damaged { path, source: Misread::json(&e) })
    }

    /// Saves the log-in in `folder`; the whole file or nothing.
    ///
    /// # Errors
    /// [`AccountError::Write`].
    pub fn save(&self, folder: &Path) -> Result<(), AccountError> {
        let path = file(folder, &self.market);
        let write = || {
            fsio::create_private_dir(folder)?;
            let text = Zeroizing::new(serde_json::to_vec_pretty(self)?);
            fsio::write_whole(&path, &text, FileAccess::Owner, Existing::Replace)
        };
        write().map_err(|source| AccountError::Write { path: path.clone(), source })
    }

    /// Removes the session `id` from the log-in at `market`, unless another has replaced it meanwhile.
    ///
    /// # Errors
    /// [`AccountError`].
    pub fn drop_session(folder: &Path, market: &str, id: &Secret) -> Result<(), AccountError> {
        let Some(mut account) = Account::load(folder, market)? else { return Ok(()) };
        if account.session.as_ref().is_some_and(|session| session.id.expose() == id.expose()) {
            account.session = None;
            account.save(folder)?;
        }
        Ok(())
    }

    /// Removes the log-in at `market`; returns whether there was one.
    ///
    /// # Errors
    /// [`AccountError::Write`].
    pub fn remove(folder: &Path, market: &str) -> Result<bool, AccountError> {
        let path = file(folder, market);
        match std::fs::remove_file(&path) {
            Ok(()) => Ok(true),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(false),
            Err(source) => Err(AccountError::Write { path, source }),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::os::unix::fs::PermissionsExt as _;

    const MARKET: &str = "http://i3.example.org:8000";

    fn account(session: &str) -> Account {
        Account {
            market: MARKET.into(),
            user: "alice".into(),
            user_is_shown: true,
            api_key: Secret::new("0123456789abcdef"),
            session: Some(KeptSession { id: Secret::new(session), csrf: Secret::new("csrf") }),
        }
    }

    #[test]
    fn is_kept_for_its_owner_alone_and_per_marketplace() {
        let folder = std::env::temp_dir().join(format!("i3-account-{:x}", rand::random::<u64>()));
        assert!(Account::load(&folder, MARKET).unwrap().is_none());
        account("one").save(&folder).unwrap();
        let path = file(&folder, MARKET);
        assert_eq!(path.file_name().unwrap(), "http,i3.example.org,8000.json");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        assert_eq!(std::fs::metadata(&folder).unwrap().permissions().mode() & 0o777, 0o700);
        let read = Account::load(&folder, MARKET).unwrap().unwrap();
        assert_eq!((read.user.as_str(), read.session.unwrap().id.expose()), ("alice", "one"));
        assert!(Account::load(&folder, "http://i3.example.org").unwrap().is_none());
        assert!(!format!("{:?}", account("one")).contains("abcdef"));

        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o640)).unwrap();
        assert!(matches!(Account::load(&folder, MARKET), Err(AccountError::OpenToOthers { mode: 0o640, .. })));
        account("two").save(&folder).unwrap();
        assert!(Account::load(&folder, MARKET).is_ok());
        std::fs::write(&path, "{\"market\": \"0123456789abcdef").unwrap();
        let error = Account::load(&folder, MARKET).unwrap_err();
        assert!(
            matches!(&error, AccountError::Damaged { source, .. } if !source.to_string().contains("abcdef")),
            "{error}"
        );
        assert!(Account::remove(&folder, MARKET).unwrap());
        assert!(!Account::remove(&folder, MARKET).unwrap());
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn only_the_session_that_expired_is_dropped() {
        let folder = std::env::temp_dir().join(format!("i3-account-{:x}", rand::random::<u64>()));
        account("new").save(&folder).unwrap();
        Account::drop_session(&folder, MARKET, &Secret::new("old")).unwrap();
        assert!(Account::load(&folder, MARKET).unwrap().unwrap().session.is_some());
        Account::drop_session(&folder, MARKET, &Secret::new("new")).unwrap();
        let left = Account::load(&folder, MARKET).unwrap().unwrap();
        assert!(left.session.is_none() && left.api_key.expose().starts_with("0123"));
        std::fs::remove_dir_all(folder).unwrap();
    }
}

//! Access to the marketplace: an API key, a log-in, or a session that `i3 login` kept.

use std::path::{Path, PathBuf};

use crate::account::{Account, AccountError};
use crate::config::{Origin, Setting};
use crate::market::auth::{Login, MarketAuth, TransportChoice};
use crate::market::web::Cookies;
use crate::secret::Secret;

/// Access to the marketplace, as far as it was found.
pub struct MarketLogin {
    pub via: TransportChoice,
    /// The marketplace's URL.
    pub market: String,
    /// The folder of the kept log-ins.
    pub folder: PathBuf,
    pub api_key: Option<Secret>,
    /// The variable that the API key comes from, if it is from the environment.
    pub key_variable: Option<&'static str>,
    pub source: Option<LoginSource>,
    /// The seller, if anything names one.
    pub user: Option<String>,
}

/// Access to the marketplace's forms.
pub enum LoginSource {
    Password {
        user: String,
        password: Secret,
    },
    /// A session that was kept.
    Session {
        user: String,
        cookies: Cookies,
    },
    /// A kept session that an earlier command found to have expired.
    Ended {
        user: String,
    },
}

impl MarketLogin {
    /// Returns it as the marketplace's client accepts it.
    pub fn auth(&self) -> MarketAuth<'_> {
        MarketAuth {
            via: self.via,
            api_key: self.api_key.as_ref(),
            log_in: self.source.as_ref().map(|source| match source {
                LoginSource::Password { user, password } => Login::Password { user, password },
                LoginSource::Session { user, cookies } => Login::Session { user, cookies },
                LoginSource::Ended { user } => Login::Ended { user },
            }),
        }
    }

    /// Returns the seller's name, from the log-in, an option, the environment or the configuration.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Returns the user of the kept session, if that is what logs in.
    pub fn session_user(&self) -> Option<&str> {
        match &self.source {
            Some(LoginSource::Session { user, .. }) => Some(user),
            _ => None,
        }
    }

    /// Removes the kept session, which has expired, unless another has replaced it meanwhile.
    ///
    /// # Errors
    /// [`AccountError`].
    pub fn drop_session(&self) -> Result<(), AccountError> {
        match &self.source {
            Some(LoginSource::Session { cookies, .. }) => match cookies.session_id() {
                Some(id) => Account::drop_session(&self.folder, &self.market, id),
                None => Ok(()),
            },
            _ => Ok(()),
        }
    }
}

/// A log-in that `i3 login` kept.
pub enum KeptAccount {
    Usable(Account),
    /// It does not belong to the given user or API key.
    OfAnother(Account),
}

/// Loads the log-in at `market` that is kept in `folder`, and compares it with the given user and API key. A user
/// that only the configuration names does not count.
///
/// # Errors
/// [`AccountError`].
pub fn kept_account(
    folder: &Path,
    market: &str,
    user: Option<&Setting<String>>,
    api_key: Option<&Secret>,
) -> Result<Option<KeptAccount>, AccountError> {
    let Some(kept) = Account::load(folder, market)? else { return Ok(None) };
    let other_user = user.is_some_and(|user| {
        !matches!(user.origin, Origin::File(..)) && user.value.to_lowercase() != kept.user.to_lowercase()
    });
    let other_key = api_key.is_some_and(|key| key.expose() != kept.api_key.expose());
    Ok(Some(if other_user || other_key { KeptAccount::OfAnother(kept) } else { KeptAccount::Usable(kept) }))
}

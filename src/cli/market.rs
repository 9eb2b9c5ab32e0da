//! Options of every command that speaks with the marketplace: where it is, and what opens it.

use std::path::PathBuf;
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::failure::{Failure, Kind};
use super::ui::Ui;
use super::{broker, prompt};
use crate::config::{self, Config, Setting};
use crate::credential::source;
use crate::market::Market;
use crate::market::access::{Access, LogIn, Via};
use crate::market::http::{HttpOptions, Skew};
use crate::market::hub::USER_MAX_CHARS;
use crate::market::url::MarketUrl;
use crate::secret::Secret;
use crate::tls::{Roots, Verification};

/// A clock that is off by more makes tokens that expire early, or are refused as coming from the future.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(30);

/// Which marketplace, and how it is entered.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Marketplace")]
pub struct MarketArgs {
    /// Use this marketplace: http://HOST[:PORT] or https:// [env: I3_MARKET]
    #[arg(long, value_name = "URL")]
    market: Option<String>,
    /// Use the REST API, the log-in form, or whichever works
    #[arg(long, value_enum, default_value_t)]
    via: ViaArg,
    /// Read the API key from FILE [env: I3_API_KEY]
    #[arg(long, value_name = "FILE")]
    api_key_file: Option<PathBuf>,
    /// Log in to the forms as this user [env: I3_USER]
    #[arg(long, value_name = "NAME")]
    user: Option<String>,
    /// Read the user's log-in password from FILE [env: I3_LOGIN_PASSWORD]
    #[arg(long, value_name = "FILE", conflicts_with = "login_password_stdin")]
    login_password_file: Option<PathBuf>,
    /// Read the user's log-in password from stdin
    #[arg(long)]
    login_password_stdin: bool,
    /// Trust the certificates in FILE (PEM) instead of the system's
    #[arg(long, value_name = "FILE")]
    cafile: Option<PathBuf>,
    /// Take any certificate: anyone on the way can read and change everything
    #[arg(long)]
    pub insecure: bool,
    /// Give up after this time: 30s, 1m
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = super::duration::parse)]
    pub timeout: Duration,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ViaArg {
    #[default]
    Auto,
    Rest,
    Web,
}

impl From<ViaArg> for Via {
    fn from(via: ViaArg) -> Via {
        match via {
            ViaArg::Auto => Via::Auto,
            ViaArg::Rest => Via::Rest,
            ViaArg::Web => Via::Web,
        }
    }
}

/// What opens the marketplace, as far as it was found.
pub struct Entry {
    via: Via,
    api_key: Option<Secret>,
    user: Option<(String, Secret)>,
}

impl Entry {
    /// The same, as the marketplace's client takes it.
    pub fn access(&self) -> Access<'_> {
        Access {
            via: self.via,
            api_key: self.api_key.as_ref(),
            log_in: self.user.as_ref().map(|(user, password)| LogIn::Password { user, password }),
        }
    }
}

impl MarketArgs {
    /// The certificates that marketplace and broker are held against.
    pub fn roots(&self, config: &Config) -> Roots {
        config.cafile(self.cafile.clone()).map_or(Roots::System, |file| Roots::File(file.value))
    }

    /// The marketplace that is meant: option, environment, configuration. Nothing is sent yet.
    ///
    /// # Errors
    /// None is named, its address is none, or its certificates cannot be read.
    pub fn open(&self, ui: &Ui, config: &Config) -> anyhow::Result<Market> {
        let Setting { value, origin } = config.market(self.market.clone()).ok_or_else(|| {
            Failure::new(Kind::Config, "no marketplace is known")
                .hint("name it with --market http://HOST:PORT, I3_MARKET, or 'market' in the configuration")
        })?;
        let url: MarketUrl = value.parse()?;
        ui.detail(&format!("Marketplace {url} ({origin})."));
        if self.insecure && url.is_tls() {
            ui.warn("--insecure: the marketplace's certificate is not checked; anyone on the way can read and change everything.");
        }
        if !url.is_tls() && !url.is_loopback() {
            ui.warn(&format!("the way to {url} is not encrypted: API key and log-in password can be read on it."));
        }
        let options = HttpOptions {
            roots: self.roots(config),
            verification: if self.insecure { Verification::DangerSkipped } else { Verification::Required },
            timeout: self.timeout,
            ..HttpOptions::default()
        };
        Ok(Market::new(url, &options)?)
    }

    /// What opens `market`: options, environment, configuration, and at last a question to the person. Nothing is sent yet.
    ///
    /// # Errors
    /// A file that cannot be read, or a secret that the guard refuses.
    pub fn entry(&self, ui: &Ui, config: &Config, market: &Market) -> anyhow::Result<Entry> {
        let via = Via::from(self.via);
        let api_key = match &self.api_key_file {
            _ if via == Via::Web => None,
            Some(file) => Some(source::file(file)?),
            None => match source::environment(config::env::API_KEY)? {
                Some(key) => Some(key),
                None => config.api_key_file().map(|file| source::file(&file.value)).transpose()?,
            },
        };
        let api_key = api_key.map(guarded).transpose()?;
        let user = config.user(self.user.clone());
        if let Some(user) = &user {
            ui.detail(&format!("User {} ({}).", user.value, user.origin));
        }
        if let Some(length) = user.as_ref().map(|u| u.value.chars().count()).filter(|length| *length > USER_MAX_CHARS) {
            ui.warn(&format!(
                "the user name has {length} characters: I3 makes no hubs for one over {USER_MAX_CHARS}; sign up with a shorter."
            ));
        }
        let user = match user {
            _ if via == Via::Rest => None,
            None => None,
            Some(user) => {
                self.login_password(ui, market, &user.value, api_key.is_some())?.map(|secret| (user.value, secret))
            }
        };
        Ok(Entry { via, api_key, user })
    }

    /// The log-in password; a person is asked only where no API key could do without it.
    fn login_password(&self, ui: &Ui, market: &Market, user: &str, has_key: bool) -> anyhow::Result<Option<Secret>> {
        let secret = if let Some(file) = &self.login_password_file {
            Some(source::file(file)?)
        } else if self.login_password_stdin {
            Some(source::stdin(std::io::stdin().lock())?)
        } else {
            match source::environment(config::env::LOGIN_PASSWORD)? {
                None if !has_key || matches!(self.via, ViaArg::Web) => {
                    prompt::secret(ui, &format!("Log-in password of {user} at {}", market.url()))?
                }
                found => found,
            }
        };
        secret.map(guarded).transpose()
    }
}

/// A private key is pasted into the wrong field here as easily as anywhere.
fn guarded(secret: Secret) -> anyhow::Result<Secret> {
    Ok(broker::checked(secret, None)?.secret().clone())
}

/// Warns if this machine's clock is not the marketplace's, as far as an answer has told.
pub fn compare_clocks(ui: &Ui, market: &Market) {
    if let Some(skew) = market.clock_skew().filter(|skew| skew.size() > CLOCK_TOLERANCE) {
        ui.warn(&clock_is_wrong(skew));
    }
}

fn clock_is_wrong(skew: Skew) -> String {
    let by = humantime::format_duration(Duration::from_secs(skew.size().as_secs()));
    let (direction, harm) = match skew {
        Skew::Behind(_) => ("behind", "expire too early, or before they are used"),
        Skew::Ahead(_) => ("ahead of", "come from the future and stay valid for too long"),
    };
    format!("this machine's clock is {by} {direction} the marketplace's: its tokens {harm}; set this machine's clock.")
}

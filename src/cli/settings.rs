//! Which configuration a command uses, and what it says about it.

use std::path::PathBuf;

use clap::Args;

use super::error::{CliError, ExitKind};
use super::ui::Ui;
use crate::access;
use crate::account::Account;
use crate::config::env::ALLOW_LOOSE_PERMISSIONS;
use crate::config::{Config, ConfigError, Selection, Setting, from_env};
use crate::market_url::MarketUrl;
use crate::shell;

/// Options of every command that name a configuration.
#[derive(Args, Clone, Debug)]
pub struct ConfigArgs {
    /// Read FILE as the configuration instead of the user's [env: I3_CONFIG]
    #[arg(long, value_name = "FILE", global = true, help_heading = "Configuration")]
    config: Option<PathBuf>,
    /// Use the configuration, devices and log-ins of this profile, which are separate [env: I3_PROFILE]
    ///
    /// As an option, it comes before the other variables, too; i3-config(5) says how.
    #[arg(long, value_name = "NAME", global = true, help_heading = "Configuration")]
    profile: Option<String>,
    /// Accept keys and passwords that other users can read, and folders that belong to others
    /// [env: I3_ALLOW_LOOSE_PERMISSIONS=1]
    #[arg(long, global = true, help_heading = "Configuration")]
    allow_loose_permissions: bool,
}

impl ConfigArgs {
    /// Returns what the options name.
    pub fn selection(&self) -> Selection {
        Selection { file: self.config.clone(), profile: self.profile.clone() }
    }

    /// Makes the process accept loose permissions, if that is requested.
    ///
    /// # Errors
    /// The environment variable has another value than 0 or 1.
    pub fn apply(&self) -> anyhow::Result<()> {
        let variable = from_env(ALLOW_LOOSE_PERMISSIONS).map(|setting| setting.value);
        match variable.as_deref() {
            _ if self.allow_loose_permissions => access::allow_loose_permissions(),
            Some("1") => access::allow_loose_permissions(),
            None | Some("0") => {}
            Some(_) => {
                let message = format!("{ALLOW_LOOSE_PERMISSIONS} is neither 0 nor 1");
                return Err(CliError::new(ExitKind::Usage, message).hint("set it to 1, or unset it").into());
            }
        }
        Ok(())
    }
}

/// Returns the program's name with the options that name its configuration: in hints, so that they work when pasted.
pub fn called(program: &str, selection: &Selection) -> String {
    let file = selection.file.as_ref().map(|file| format!(" --config {}", shell::quoted(&file.display().to_string())));
    let profile = selection.profile.as_ref().map(|name| format!(" --profile {}", shell::quoted(name)));
    [Some(program.into()), file, profile].into_iter().flatten().collect()
}

/// Reads the configuration, and warns about unknown keys.
///
/// # Errors
/// As [`Config::load`].
pub fn load(ui: &Ui) -> Result<Config, ConfigError> {
    Config::load(&ui.selection).inspect(|config| warn(ui, config))
}

/// As [`load`], for a command that may be the first to write the configuration.
///
/// # Errors
/// As [`Config::load_or_new`].
pub fn load_or_new(ui: &Ui) -> Result<Config, ConfigError> {
    Config::load_or_new(&ui.selection).inspect(|config| warn(ui, config))
}

fn warn(ui: &Ui, config: &Config) {
    warn_of_environment(ui, config);
    for file in config.files() {
        for unused_setting in &file.unused_settings {
            ui.warn(&format!("{}, {unused_setting}.", file.path.display()));
        }
    }
}

/// Warns of variables that do not count beside a configuration that an option names.
pub fn warn_of_environment(ui: &Ui, config: &Config) {
    let Some(chosen) = config.is_chosen().then(|| called("", &ui.selection)) else { return };
    let market = config.market(None).map(|market| market.value);
    let market = market.map(|text| text.parse::<MarketUrl>().map_or(text, |url| url.to_string()));
    let kept = market.as_ref().and_then(|market| Account::load(&config.places.accounts(), market).ok().flatten());
    let names = config.unheeded_variables(kept.is_some());
    if names.is_empty() {
        return;
    }
    let foreign = market.as_deref().filter(|market| !config.heeds_environment(Some(market)));
    let why = match foreign.and_then(|market| config.market_of_environment(market)) {
        Some(Setting { value, origin }) => {
            format!("they belong to another marketplace, {} ({origin})", shown_market(&value))
        }
        None => "the option comes before the environment".into(),
    };
    ui.warn(&format!("with{chosen} these variables are not used: {}; {why}.", names.join(", ")));
}

/// Returns the address as it may be shown: what is none may hold a password.
pub fn shown_market(text: &str) -> String {
    text.parse::<MarketUrl>().map_or_else(|_| "(not an address)".into(), |url| url.shown().to_string())
}

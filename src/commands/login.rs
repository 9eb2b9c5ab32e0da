//! `i3 login`: logs in at the marketplace once, and keeps session and API key, never the password.

use clap::Args;
use serde_json::json;

use crate::account::{Account, KeptSession};
use crate::cli::error::{CliError, ExitKind};
use crate::cli::market::{self, LogInArgs, PlaceArgs};
use crate::cli::prompt;
use crate::cli::settings;
use crate::cli::ui::Ui;
use crate::collation::same;
use crate::config::Config;
use crate::config::keys::{self, Key};
use crate::market::Market;
use crate::market::web::WebSession;
use crate::secret::Secret;

/// Log in at the marketplace, and keep the API key and the session for the other commands
///
/// The password is not kept. Key and session are stored in a file that only its owner can read, one for each
/// marketplace; 'logout' removes it. A session is valid for 14 days, the key for as long as the marketplace has it.
///
/// A marketplace that --market names is remembered in the configuration if none is configured, and so is the user. For
/// another one, give --profile NAME as well: it has its own configuration.
///
/// Prints the user name as the marketplace stores it, which is how every topic and device name spells it.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 login --market http://i3.example.org:8000 --user alice
  i3 login --market https://other.example.org --user alice --profile other
  pass show i3 | i3 login --user alice --login-password-stdin")]
pub struct Login {
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    log_in: LogInArgs,
}

impl Login {
    /// Runs the command.
    ///
    /// # Errors
    /// The marketplace refuses the log-in, or it cannot be saved.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let mut config = settings::load_or_new(ui)?;
        let market = self.place.open(ui, &config)?;
        let (user, password) = self.credentials(ui, &config, &market)?;
        let found = ui.progress("logging in", || enter(&market, &user, &password));
        market::compare_clocks(ui, &market);
        let account = found?;
        account.save(&config.places.accounts())?;
        if !account.user_is_shown {
            ui.note("The marketplace's pages do not show the user name: it is saved as it was typed.");
        } else if account.user != user {
            ui.note(&format!(
                "The marketplace knows the user as '{}', not '{user}', and so does the broker.",
                account.user
            ));
        }
        remember(ui, &mut config, &self.place, &account)?;
        ui.result(
            &account.user,
            || json!({ "market": account.market, "user": account.user, "user_is_shown": account.user_is_shown }),
        )
    }

    fn credentials(&self, ui: &Ui, config: &Config, market: &Market) -> anyhow::Result<(String, Secret)> {
        let missing = |what: &str, option: &str| {
            CliError::new(ExitKind::Usage, format!("{what} is missing")).hint(format!("give {option}"))
        };
        let user = match self.log_in.user(ui, config, market) {
            Some(user) => user.value,
            None => prompt::text(ui, &format!("User name at {}", market.url()))?
                .ok_or_else(|| missing("the user name", "--user NAME, or set I3_USER"))?,
        };
        let password = match self.log_in.given_password(ui, config, market, &user)? {
            Some(password) => Some(password),
            None => self.log_in.ask_password(ui, market, &user)?,
        };
        let password = password.ok_or_else(|| {
            missing(
                "the log-in password",
                "--login-password-file FILE or --login-password-stdin, or set I3_LOGIN_PASSWORD",
            )
        })?;
        Ok((user, password))
    }
}

/// Logs in, and reads what the other commands need.
fn enter(market: &Market, typed: &str, password: &Secret) -> anyhow::Result<Account> {
    account(market, &mut market.log_in(typed, password)?, typed)
}

/// Remembers the marketplace that an option names, and the user, if none is configured; and regardless of their source, in a
/// configuration that `--profile` or `--config` names and that does not exist yet.
///
/// # Errors
/// The configuration cannot be written.
pub(super) fn remember(ui: &Ui, config: &mut Config, place: &PlaceArgs, account: &Account) -> anyhow::Result<()> {
    let configured = |key| config.configured(&Key::General(key)).map(|setting| setting.value);
    let (market, user) = (configured(&keys::MARKET), configured(&keys::USER));
    let is_new = config.places.must_exist().is_err();
    let mut values = Vec::new();
    if is_new || market.is_none() && place.market.is_some() {
        values.push((&keys::MARKET, account.market.as_str()));
    }
    let is_in_use = !values.is_empty() || market.as_ref() == Some(&account.market);
    if is_in_use && (is_new || user.is_none()) {
        values.push((&keys::USER, account.user.as_str()));
    }
    if let Some(other) = market.filter(|_| !is_in_use && place.market.is_some()) {
        ui.note(&format!(
            "Without --market the marketplace is still {other}; log in with --profile NAME to keep both apart."
        ));
    }
    if values.is_empty() {
        return Ok(());
    }
    // A configuration such as /dev/null is there to be read, and the log-in is kept elsewhere.
    if let Err(e) = config.check_writable() {
        ui.warn(&format!(
            "{:#}; nothing is remembered in it: give --market and --user with each command.",
            anyhow::Error::new(e)
        ));
        return Ok(());
    }
    config.remember(&values).map_err(|e| {
        let message = format!("'{}' is logged in, but the marketplace could not be remembered", account.user);
        let failure =
            CliError::new(ExitKind::CannotCreate, message).hint("give --market with each command, or set I3_MARKET");
        anyhow::Error::new(e).context(failure)
    })?;
    let names: Vec<&str> = values.iter().map(|(key, _)| key.name).collect();
    ui.remark(&format!("Remembered in {}: {}.", config.places.config_file().display(), names.join(" and ")));
    Ok(())
}

/// Returns the data to keep of a log-in session.
///
/// # Errors
/// The session's pages cannot be read.
pub(super) fn account(market: &Market, session: &mut WebSession<'_>, typed: &str) -> anyhow::Result<Account> {
    let api_key = session.api_key()?;
    let shown = shown_user(session, typed)?;
    let kept = session
        .cookies()
        .session_id()
        .map(|id| KeptSession { id: id.clone(), csrf: session.cookies().csrf_token().cloned().unwrap_or_default() });
    Ok(Account {
        market: market.url().to_string(),
        user_is_shown: shown.is_some(),
        user: shown.unwrap_or_else(|| typed.into()),
        api_key,
        session: kept,
    })
}

/// Returns the user name as the page with the key shows it, or else as one of the user's hubs shows it. The database
/// compares user names without case and accents, so a hub in any spelling is the user's.
fn shown_user(session: &mut WebSession<'_>, typed: &str) -> anyhow::Result<Option<String>> {
    if let Some(user) = session.user() {
        return Ok(Some(user.into()));
    }
    let hubs = session.hubs()?;
    let own = hubs.iter().find(|hub| same(hub.name.user(), typed));
    Ok(session.user().or(own.map(|hub| hub.name.user())).map(String::from))
}

//! `i3 signup`: creates an account at the marketplace, proves it by logging in, and keeps the log-in as `login` does.

use clap::{Args, ValueEnum};
use serde_json::json;

use super::login;
use crate::account::Account;
use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::market::{self, LogInArgs, PlaceArgs};
use crate::cli::prompt;
use crate::cli::settings;
use crate::cli::ui::{Ui, capitalised};
use crate::collation::same;
use crate::config::Config;
use crate::market::Market;
use crate::market::model::Role;
use crate::market::signup::{self, SignUp};
use crate::secret::Secret;

/// Create an account at the marketplace and log in with it
///
/// The password comes from a file, stdin or I3_LOGIN_PASSWORD; at a terminal, i3 asks for it twice. It is not saved; session
/// and API key are, as by 'login', and marketplace and user as well if none is configured.
///
/// The user name is part of every topic and device name and cannot be changed: letters, digits and _. Keep it short: a topic
/// has at most 30 characters, so no product fits under a seller's name of more than 21 letters, and such a name is refused.
///
/// Prints the user name. With --json {"market", "user", "type", "notes"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 signup --market http://i3.example.org:8000 --user alice --email alice@example.org
  pass show i3 | i3 signup --user alice --type seller --login-password-stdin")]
pub struct Signup {
    /// Create the account for selling, for buying, or for both
    #[arg(long = "type", value_name = "TYPE", value_enum, default_value_t)]
    role: RoleArg,
    /// Let the marketplace send mail to this address; without one it sends none
    #[arg(long, value_name = "ADDRESS", default_value = "", hide_default_value = true)]
    email: String,
    #[command(flatten)]
    place: PlaceArgs,
    #[command(flatten)]
    log_in: LogInArgs,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum RoleArg {
    /// Sells and decides on requests
    Seller,
    /// Buys, and sees no requests
    Buyer,
    #[default]
    Both,
}

impl RoleArg {
    fn as_str(self) -> &'static str {
        match self {
            RoleArg::Seller => "seller",
            RoleArg::Buyer => "buyer",
            RoleArg::Both => "both",
        }
    }
}

impl From<RoleArg> for Role {
    fn from(arg: RoleArg) -> Role {
        match arg {
            RoleArg::Seller => Role::Seller,
            RoleArg::Buyer => Role::Buyer,
            RoleArg::Both => Role::Both,
        }
    }
}

impl Signup {
    /// Runs the command.
    ///
    /// # Errors
    /// Values that the marketplace would refuse, its refusal, or a log-in that cannot be kept.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let mut config = settings::load_or_new(ui)?;
        let market = self.place.open(ui, &config)?;
        let account = self.account(ui, &config, &market)?;
        if account.has_no_room_for_topics() {
            ui.warn(&format!(
                "the user name has over {} letters: the account can buy, but no product that it sells fits into a topic.",
                crate::name::SELLER_MAX_CHARS
            ));
        }
        let signed_up = ui.progress("signing up", || signup::sign_up(&market, &account));
        market::compare_clocks(ui, &market);
        let mut signed_up = signed_up?;
        let notes: Vec<String> =
            signed_up.oddity.iter().map(|odd| format!("{odd}, but the account exists and logs in")).collect();
        notes.iter().for_each(|note| ui.note(&format!("{}.", capitalised(note))));
        let (accounts, url) = (config.places.accounts(), market.url().to_string());
        // An unreadable one is replaced as well, without a message.
        let replaced = Account::load(&accounts, &url).ok().flatten().filter(|kept| !same(&kept.user, account.user()));
        let kept = login::account(&market, &mut signed_up.session, account.user());
        let kept = kept.and_then(|kept| kept.save(&accounts).map(|()| kept).map_err(Into::into));
        let kept = kept.map_err(|e| {
            let message = format!("'{}' is signed up, but the log-in could not be kept", account.user());
            let why = format!("{e:#}");
            e.context(
                CliError::new(ExitKind::CannotCreate, message)
                    .because(why)
                    .hint_of(entry!("kept-log-in"), "log in with `{i3} login`"),
            )
        })?;
        if let Some(replaced) = replaced {
            ui.remark(&format!("The log-in of {} that was kept is replaced.", replaced.user));
        }
        login::remember(ui, &mut config, &self.place, &kept)?;
        let next = match self.role {
            RoleArg::Seller | RoleArg::Both => "hub create NAME",
            RoleArg::Buyer => "buy TOPIC",
        };
        ui.remark(&format!("'{}' is signed up and logged in. Next: `{} {next}`.", account.user(), ui.program));
        ui.result(account.user(), || {
            json!({
                "market": market.url().to_string(), "user": account.user(), "type": self.role.as_str(), "notes": notes,
            })
        })
    }

    fn account(&self, ui: &Ui, config: &Config, market: &Market) -> anyhow::Result<SignUp> {
        let missing = |what: &str, option: &str| {
            CliError::new(ExitKind::Usage, format!("{what} is not given")).hint(format!("give {option}"))
        };
        let user = match self.log_in.named_user(config, market) {
            Some(user) => user,
            None => prompt::text(ui, &format!("New user name at {}", market.url()))?
                .ok_or_else(|| missing("who signs up", "--user NAME, or set I3_USER"))?,
        };
        // Before the person types a password for nothing.
        SignUp::new(&user, &self.email, Secret::new("unasked"), self.role.into())?;
        let ask = || prompt::new_secret(ui, &format!("New log-in password of {user} at {}", market.url()));
        let password = match self.log_in.raw_password(ui, config, market, &user, ask)? {
            Some(password) => Some(password),
            None => ask()?,
        };
        let password = password.ok_or_else(|| {
            missing(
                "the new log-in password",
                "--login-password-file FILE or --login-password-stdin, or set I3_LOGIN_PASSWORD",
            )
        })?;
        let account = SignUp::new(&user, &self.email, password.clone(), self.role.into())?;
        market::guard_log_in_password(password)?;
        Ok(account)
    }
}

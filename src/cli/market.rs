//! Options of every command that talks to the marketplace: where it is, and who logs in.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::{Args, ValueEnum};

use super::broker_route::BrokerRouteArgs;
use super::error::{CliError, ExitKind, advice, kind};
use super::tls::TlsArgs;
use super::ui::{Ui, capitalised};
use super::{broker, intake, prompt, settings};
use crate::account::Account;
use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::collation::same;
use crate::config::{self, Config, Setting, env};
use crate::guard::source::Content;
pub use crate::login::MarketLogin;
use crate::login::market::{KeptAccount, LoginSource, kept_account};
use crate::login::secret::check_password;
use crate::market::Market;
use crate::market::auth::{ClientError, TransportChoice};
use crate::market::change::{ChangeError, ChangeNote};
use crate::market::http::{HttpOptions, Limits, Skew};
use crate::market::hub::USER_MAX_CHARS;
use crate::market::notifications::NotificationError;
use crate::market::product::{CreateError, DeleteError, SaveError, SearchError};
use crate::market::purchase::PurchaseError;
use crate::market::requests::RequestError;
use crate::market::web::{Cookies, WebError};
use crate::market_url::MarketUrl;
use crate::mqtt::connection::Endpoint;
use crate::secret::Secret;
use crate::tls::{ClientTls, Roots};

/// A clock that is off by more makes tokens that expire early, or are refused as coming from the future.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(30);

/// Which marketplace, and how to log in.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Marketplace")]
pub struct MarketArgs {
    #[command(flatten)]
    pub place: PlaceArgs,
    /// Use the REST API, the log-in form, or whichever works
    #[arg(long, value_name = "auto|rest|web", value_enum, default_value_t)]
    via: ViaArg,
    /// Read the API key from FILE [env: I3_API_KEY]
    #[arg(long, value_name = "FILE")]
    api_key_file: Option<PathBuf>,
    #[command(flatten)]
    pub log_in: LogInArgs,
}

/// Which marketplace, and how to connect to it.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Marketplace")]
pub struct PlaceArgs {
    /// Use this marketplace: http://HOST[:PORT][/PATH] or https:// [env: I3_MARKET]
    #[arg(long, value_name = "URL")]
    pub(crate) market: Option<String>,
    /// Trust the certificates in FILE (PEM or DER) instead of the system's
    #[arg(long, value_name = "FILE")]
    pub(crate) cafile: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) tls: TlsArgs,
    /// Accept any certificate: anyone on the network path can read and change everything
    #[arg(long)]
    pub insecure: bool,
    /// Give up a request after this time: 30s, 1m
    #[arg(long, value_name = "TIME", default_value = "30s", value_parser = super::duration::parse_some)]
    pub timeout: Duration,
    #[command(flatten)]
    pub limits: LimitArgs,
}

/// Limits for all requests of a command to the marketplace together.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Marketplace")]
pub struct LimitArgs {
    /// Give up once all requests to the marketplace together have taken this time: 10m, 1h
    #[arg(long, value_name = "TIME", default_value = "10m", value_parser = super::duration::parse_some)]
    deadline: Duration,
    /// Give up once the marketplace has sent this much in all: 64M, 1G
    #[arg(long, value_name = "SIZE", default_value = "1G", value_parser = super::size::parse)]
    max_download: u64,
}

impl Default for LimitArgs {
    fn default() -> LimitArgs {
        LimitArgs { deadline: Limits::DEFAULT.time, max_download: Limits::DEFAULT.bytes }
    }
}

/// Who logs in to the forms.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Marketplace")]
pub struct LogInArgs {
    /// Log in to the forms as this user [env: I3_USER]
    #[arg(long, value_name = "NAME")]
    pub(crate) user: Option<String>,
    /// Read the user's log-in password from FILE [env: I3_LOGIN_PASSWORD]
    #[arg(long, value_name = "FILE", conflicts_with = "login_password_stdin")]
    login_password_file: Option<PathBuf>,
    /// Read the user's log-in password from stdin; not echoed on a terminal
    #[arg(long)]
    login_password_stdin: bool,
    /// The password in the environment is another user's.
    #[arg(skip)]
    not_in_environment: bool,
}

#[derive(Clone, Copy, Debug, Default, ValueEnum)]
enum ViaArg {
    #[default]
    Auto,
    Rest,
    Web,
}

impl From<ViaArg> for TransportChoice {
    fn from(via: ViaArg) -> TransportChoice {
        match via {
            ViaArg::Auto => TransportChoice::Auto,
            ViaArg::Rest => TransportChoice::Rest,
            ViaArg::Web => TransportChoice::Web,
        }
    }
}

impl MarketLogin {
    /// Reports what was odd about a change that succeeded.
    pub fn tell(&self, ui: &Ui, notes: &[ChangeNote]) {
        for note in notes {
            let text = format!("{}.", capitalised(&note.to_string()));
            match (note, self.session_user()) {
                // `login` kept key and session, so either is enough, and it does not matter which was used.
                (ChangeNote::FormsOnly(_), Some(_)) => ui.detail(&text),
                _ => ui.note(&text),
            }
        }
    }

    /// Runs something at the marketplace: announces it if it takes long, and compares the clocks afterwards.
    ///
    /// # Errors
    /// As [`MarketLogin::checked`].
    pub fn carry_out<T, E: Into<anyhow::Error>>(
        &self,
        ui: &Ui,
        market: &Market,
        what: &str,
        work: impl FnOnce() -> Result<T, E>,
    ) -> anyhow::Result<T> {
        let done = ui.progress(what, work);
        compare_clocks(ui, market);
        self.checked(done)
    }

    /// Passes on the result of a call at the marketplace. A kept session that has expired is removed, and the error says so.
    ///
    /// # Errors
    /// That of `result`.
    pub fn checked<T, E: Into<anyhow::Error>>(&self, result: Result<T, E>) -> anyhow::Result<T> {
        let error = match result {
            Ok(done) => return Ok(done),
            Err(e) => e.into(),
        };
        let hint = advice(&error);
        if let Some(variable) = self.key_variable.filter(|_| hint.entry.id == entry!("api-key-refused").id) {
            let failure =
                CliError::new(kind(&error), format!("{} does not accept the API key in {variable}", self.market));
            let remedy =
                format!("set {variable} to a key of this marketplace, or unset it and log in with `{{i3}} login`");
            return Err(error.context(failure.hint_of(hint.entry, remedy)));
        }
        let Some(user) = self.session_user().filter(|_| is_expiry(&error)) else { return Err(error) };
        let dropped = self.drop_session();
        // An unknown outcome is still reported first.
        if is_unknown(&error) {
            return Err(error);
        }
        let message = format!("the log-in of {user} at {} that was kept has expired", self.market);
        let mut failure = CliError::new(ExitKind::Refused, message);
        if let Err(e) = dropped {
            failure = failure.because(format!("it could not be removed either: {:#}", anyhow::Error::new(e)));
        }
        Err(error.context(failure.hint_of(entry!("session-expired"), "log in again with `{i3} login`")))
    }
}

fn is_expiry(error: &anyhow::Error) -> bool {
    change_of(error).is_some_and(ChangeError::is_expiry)
        || error.downcast_ref().is_some_and(ClientError::is_expiry)
        || error.downcast_ref().is_some_and(|e| matches!(e, WebError::SessionExpired(_)))
        || error.downcast_ref().is_some_and(RequestError::is_expiry)
        || error.downcast_ref().is_some_and(|e| matches!(e, NotificationError::Client(e) if e.is_expiry()))
        || error.downcast_ref().is_some_and(PurchaseError::is_expiry)
        || error.downcast_ref().is_some_and(|e| matches!(e, SearchError::Client(e) if e.is_expiry()))
}

fn is_unknown(error: &anyhow::Error) -> bool {
    matches!(change_of(error), Some(ChangeError::Unknown { .. }))
        || error.downcast_ref().is_some_and(|e| matches!(e, RequestError::Unknown { .. }))
        || error.downcast_ref().is_some_and(|e| matches!(e, PurchaseError::Unknown { .. }))
}

/// Returns the error of a change, in whichever error it is nested.
fn change_of(error: &anyhow::Error) -> Option<&ChangeError> {
    let created = || match error.downcast_ref()? {
        CreateError::Change(e) => Some(e),
        CreateError::Name(_) => None,
    };
    let deleted = || match error.downcast_ref()? {
        DeleteError::Change(e) => Some(e),
        _ => None,
    };
    error.downcast_ref().or_else(created).or_else(|| error.downcast_ref().and_then(SaveError::change)).or_else(deleted)
}

impl PlaceArgs {
    /// Returns the certificates that marketplace and broker are verified with.
    pub fn roots(&self, config: &Config) -> Roots {
        self.tls.roots(config, self.cafile.clone())
    }

    /// Prepares a connection to a broker, with the certificates that the marketplace is verified with.
    ///
    /// # Errors
    /// Certificates that cannot be read.
    pub fn endpoint(&self, ui: &Ui, config: &Config, broker: &BrokerUrl) -> anyhow::Result<Endpoint> {
        let route = BrokerRouteArgs::default().route(ui, config)?;
        let settings =
            broker::connection_settings(ui, config, broker, self.insecure, &self.tls, self.cafile.clone(), route)?;
        broker::endpoint(ui, config, broker.clone(), &settings)
    }

    /// Resolves the address: option, environment, configuration.
    ///
    /// # Errors
    /// No address is given, or it is not valid.
    pub fn url(&self, ui: &Ui, config: &Config) -> anyhow::Result<MarketUrl> {
        let Setting { value, origin } = config
            .market(self.market.clone())
            .ok_or_else(|| CliError::new(ExitKind::Config, "no marketplace is known").hint(entry!("no-marketplace")))?;
        let url: MarketUrl = value.parse()?;
        ui.detail(&format!("Marketplace {} ({origin}).", url.shown()));
        Ok(url)
    }

    /// Prepares the client of the marketplace. Nothing is sent yet.
    ///
    /// # Errors
    /// No address is given, it is not valid, or its certificates cannot be read.
    pub fn open(&self, ui: &Ui, config: &Config) -> anyhow::Result<Market> {
        let url = self.url(ui, config)?;
        if self.insecure && url.is_tls() {
            ui.warn("--insecure: the marketplace's certificate is not checked; anyone on the network path can read and change everything.");
        }
        if !url.is_tls() && !url.is_loopback() && !config.accepts_plain() {
            ui.caution(&format!("the connection to {} is not encrypted: anyone on the network path can read the API key and the log-in password.", url.shown()));
        }
        let options = HttpOptions {
            roots: self.roots(config),
            verification: broker::verification(self.insecure),
            tls: if url.is_tls() { self.tls.client(ui, config)? } else { ClientTls::default() },
            timeout: self.timeout,
            limits: Limits { time: self.limits.deadline, bytes: self.limits.max_download },
            ..HttpOptions::default()
        };
        let market = Market::new(url, &options)?;
        if let Some(proxy) = market.proxy() {
            ui.detail(&format!("Connecting through {proxy}."));
        }
        if let Some(variable) = market.has_idle_exemption() {
            ui.note(&format!(
                "{variable} has an entry that names no host: it is read without a scheme, a user, a * or a quotation mark in it, as by curl; write \
                 example.org for a domain and all below it."
            ));
        }
        if market.ignores_upper_case() {
            ui.note("HTTP_PROXY is not read, as curl does not read it either: set http_proxy, or no_proxy for a direct connection.");
        }
        Ok(market)
    }
}

impl LogInArgs {
    /// Returns the options for `user` of the marketplace that an option names, by default of the one in use, unless an option
    /// names another user. The environment's password is not tried for a user whom neither the environment nor the
    /// configuration names.
    pub fn of(&self, config: &Config, market: Option<&str>, user: &str) -> LogInArgs {
        let known = config.user(None, market).is_some_and(|known| same(&known.value, user));
        let named = self.user.clone().unwrap_or_else(|| user.into());
        let of_another = config.is_chosen() && environment_names_another(user);
        LogInArgs { user: Some(named), not_in_environment: !known || of_another, ..self.clone() }
    }

    /// Returns the user that an option names.
    pub fn named(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Resolves the seller: option, environment, configuration.
    pub fn user(&self, ui: &Ui, config: &Config, market: &Market) -> Option<Setting<String>> {
        let user = config.user(self.user.clone(), Some(&market.url().to_string()))?;
        ui.detail(&format!("User {} ({}).", user.value, user.origin));
        if let Some(length) = Some(user.value.chars().count()).filter(|length| *length > USER_MAX_CHARS) {
            ui.warn(&format!(
                "the user name has {length} characters: I3 creates no hubs for names over {USER_MAX_CHARS}; sign up with a shorter one."
            ));
        }
        Some(user)
    }

    /// Returns the user that an option, the environment or the configuration names, whether or not the account exists.
    pub fn named_user(&self, config: &Config, market: &Market) -> Option<String> {
        config.user(self.user.clone(), Some(&market.url().to_string())).map(|user| user.value)
    }

    /// Whether the password in the environment may be that of `user` at this marketplace: it is not sent to another one, nor for
    /// a user of a configuration that an option names while the environment names another.
    fn heeds_password(&self, config: &Config, market: &Market, user: &str) -> bool {
        !self.not_in_environment
            && config.heeds_environment(Some(&market.url().to_string()))
            && !(config.is_chosen() && self.user.is_none() && environment_names_another(user))
    }

    /// Reads the log-in password that an option or the environment gives. The person is asked only if it should come from stdin
    /// and that is a terminal.
    ///
    /// # Errors
    /// A file or a terminal that cannot be read, or a secret that the guard refuses.
    pub fn given_password(
        &self,
        ui: &Ui,
        config: &Config,
        market: &Market,
        user: &str,
    ) -> anyhow::Result<Option<Secret>> {
        let ask = || prompt::secret(ui, &password_question(market, user));
        self.raw_password(ui, config, market, user, ask)?.map(guard_log_in_password).transpose()
    }

    /// As [`Self::given_password`], before the guard has checked it; `ask` asks the person.
    ///
    /// # Errors
    /// A file that cannot be read, or that of `ask`.
    pub fn raw_password(
        &self,
        ui: &Ui,
        config: &Config,
        market: &Market,
        user: &str,
        ask: impl FnOnce() -> anyhow::Result<Option<Secret>>,
    ) -> anyhow::Result<Option<Secret>> {
        const CONTENT: Content = Content::AccountPassword;
        Ok(match &self.login_password_file {
            Some(file) => Some(intake::file(ui, file, CONTENT, ask)?),
            None if self.login_password_stdin => Some(prompt::secret_on_stdin(ui, CONTENT, ask)?),
            None if !self.heeds_password(config, market, user) => None,
            None => intake::variable(ui, env::LOGIN_PASSWORD, CONTENT)?,
        })
    }

    /// Returns the first that exists: a given password, a kept session, a password from the person at the
    /// terminal, a kept session that has expired.
    fn source(
        &self,
        ui: &Ui,
        config: &Config,
        market: &Market,
        user: &str,
        kept: Option<Account>,
        may_ask: bool,
    ) -> anyhow::Result<Option<LoginSource>> {
        let user = user.to_owned();
        if let Some(password) = self.given_password(ui, config, market, &user)? {
            return Ok(Some(LoginSource::Password { user, password }));
        }
        let was_kept = kept.is_some();
        if let Some(session) = kept.and_then(|kept| kept.session) {
            let cookies = Cookies::new(session.id, Some(session.csrf));
            return Ok(Some(LoginSource::Session { user, cookies }));
        }
        if may_ask && let Some(password) = self.ask_password(ui, market, &user)? {
            return Ok(Some(LoginSource::Password { user, password }));
        }
        Ok(was_kept.then_some(LoginSource::Ended { user }))
    }

    /// Asks the person for the log-in password; `None` if nobody can be asked.
    ///
    /// # Errors
    /// The terminal cannot be read, or the guard refuses what was typed.
    pub fn ask_password(&self, ui: &Ui, market: &Market, user: &str) -> anyhow::Result<Option<Secret>> {
        let password = prompt::secret(ui, &password_question(market, user))?;
        password.map(|password| guarded(password, LOG_IN_PASSWORD)).transpose()
    }
}

impl MarketArgs {
    /// Builds the options of a command that has its own.
    pub fn new(place: PlaceArgs, api_key_file: Option<PathBuf>, log_in: LogInArgs) -> MarketArgs {
        MarketArgs { place, via: ViaArg::Auto, api_key_file, log_in }
    }

    /// Builds the options for the forms only, without an API key.
    pub fn by_form(place: PlaceArgs, log_in: LogInArgs) -> MarketArgs {
        MarketArgs { place, via: ViaArg::Web, api_key_file: None, log_in }
    }

    /// Prepares the client of the marketplace: option, environment, configuration. Nothing is sent yet.
    ///
    /// # Errors
    /// No address is given, it is not valid, or its certificates cannot be read.
    pub fn open(&self, ui: &Ui, config: &Config) -> anyhow::Result<Market> {
        self.place.open(ui, config)
    }

    /// Prepares what most commands need: the configuration, the client of the marketplace, and its log-in. Nothing is sent
    /// yet.
    ///
    /// # Errors
    /// As [`MarketArgs::open`] and [`MarketArgs::login`], and a configuration that cannot be read.
    pub fn access(&self, ui: &Ui) -> anyhow::Result<(Config, Market, MarketLogin)> {
        let config = settings::load(ui)?;
        let market = self.open(ui, &config)?;
        let login = self.login(ui, &config, &market)?;
        Ok((config, market, login))
    }

    /// Finds the log-in for `market`: from options, environment, what `login` kept, the configuration, and finally a
    /// question to the person. Nothing is sent yet.
    ///
    /// A kept log-in is ignored if it is not of the user or the API key that is given. That of a configuration that an option
    /// names comes before the environment, and so does any at a marketplace that the environment is not meant for.
    ///
    /// # Errors
    /// A file that cannot be read, or a secret that the guard refuses.
    pub fn login(&self, ui: &Ui, config: &Config, market: &Market) -> anyhow::Result<MarketLogin> {
        let (via, folder, url) = (TransportChoice::from(self.via), config.places.accounts(), market.url().to_string());
        let key_of_option = match &self.api_key_file {
            Some(file) if via != TransportChoice::Web => Some(api_key_in(ui, file)?),
            _ => None,
        };
        // The environment is meant for another marketplace.
        let elsewhere = config.exported_elsewhere(&url);
        let is_known_here = elsewhere.is_some() && Account::load(&folder, &url)?.is_some();
        let named = match is_known_here && self.log_in.user.is_none() {
            true => None,
            false => self.log_in.user(ui, config, market),
        };
        let own = match kept_account(&folder, &url, named.as_ref(), key_of_option.as_ref())? {
            Some(KeptAccount::Usable(kept)) if config.is_chosen() || is_known_here => Some(kept),
            _ => None,
        };
        let key_variable = (via != TransportChoice::Web
            && key_of_option.is_none()
            && own.is_none()
            && !config.chooses_api_key(&url)
            && config.heeds_environment(Some(&url)))
        .then_some(env::API_KEY);
        let key_of_variable = key_variable.map(|variable| key_in_environment(ui, variable)).transpose()?.flatten();
        let key_variable = key_variable.filter(|_| key_of_variable.is_some());
        let given_key = key_of_option.or(key_of_variable);
        let log_in = LogInArgs {
            not_in_environment: self.log_in.not_in_environment || own.is_some_and(|own| own.session.is_some()),
            ..self.log_in.clone()
        };
        let kept = match kept_account(&folder, &url, named.as_ref(), given_key.as_ref())? {
            Some(KeptAccount::Usable(kept)) => {
                ui.detail(&format!("User {} (kept by login).", kept.user));
                Some(kept)
            }
            Some(KeptAccount::OfAnother(kept)) => {
                ui.detail(&format!("Ignoring the kept log-in of {}.", kept.user));
                None
            }
            None => None,
        };
        let user = kept.as_ref().map(|kept| kept.user.clone()).or(named.map(|user| user.value));
        let api_key = match (given_key, &kept) {
            (Some(key), _) => Some(key),
            _ if via == TransportChoice::Web => None,
            (None, Some(kept)) => Some(kept.api_key.clone()),
            (None, None) => config.api_key_file(Some(&url)).map(|file| api_key_in(ui, &file.value)).transpose()?,
        };
        if user.is_none() && (self.log_in.login_password_file.is_some() || self.log_in.login_password_stdin) {
            return Err(CliError::new(ExitKind::Usage, "a log-in password is given without a user name")
                .hint_of(entry!("market-access-missing"), "give --user NAME")
                .into());
        }
        let source = match &user {
            Some(user) if via != TransportChoice::Rest => {
                // The person is asked only if an API key is not enough.
                let may_ask = api_key.is_none() || via != TransportChoice::Auto;
                log_in.source(ui, config, market, user, kept, may_ask)?
            }
            _ => None,
        };
        if let Some(Setting { value, .. }) = elsewhere.filter(|_| key_variable.is_some()) {
            ui.caution(&format!(
                "the API key in {} goes to {url}, and I3_MARKET is {}.",
                env::API_KEY,
                settings::shown_market(&value)
            ));
        }
        Ok(MarketLogin { via, market: url, folder, api_key, key_variable, source, user })
    }
}

fn environment_names_another(user: &str) -> bool {
    config::from_env(env::USER).is_some_and(|named| !same(&named.value, user))
}

fn key_in_environment(ui: &Ui, variable: &str) -> anyhow::Result<Option<Secret>> {
    intake::variable(ui, variable, Content::Key)?.map(|key| guarded(key, API_KEY)).transpose()
}

fn password_question(market: &Market, user: &str) -> String {
    format!("Log-in password of {user} at {}", market.url())
}

/// The error if a secret is empty, and its hint.
type Wanted = (&'static str, &'static str);
const LOG_IN_PASSWORD: Wanted =
    ("the log-in password is empty", "give the password of the marketplace's account, with --login-password-file FILE");
const API_KEY: Wanted =
    ("the API key is empty", "log in with `{i3} login`, or copy the key from the marketplace's page 'key'");

/// Checks that a log-in password is neither empty nor another kind of secret.
///
/// # Errors
/// The guard's refusal.
pub fn guard_log_in_password(password: Secret) -> anyhow::Result<Secret> {
    guarded(password, LOG_IN_PASSWORD)
}

/// Refuses an empty secret, and a private key that was pasted into the wrong field.
fn guarded(secret: Secret, (is_empty, hint): Wanted) -> anyhow::Result<Secret> {
    if secret.expose().is_empty() {
        return Err(CliError::new(ExitKind::Refused, is_empty).hint_of(entry!("market-log-in-refused"), hint).into());
    }
    Ok(check_password(secret, None)?.secret().clone())
}

/// Reads an API key from a file that only its owner can read.
///
/// # Errors
/// The file cannot be read, or the guard refuses what is in it.
pub fn api_key_in(ui: &Ui, file: &Path) -> anyhow::Result<Secret> {
    guarded(intake::file(ui, file, Content::Key, || prompt::secret(ui, "API key"))?, API_KEY)
}

/// Warns if this machine's clock differs from the marketplace's, if an answer has shown its time.
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

/// Gets the person's confirmation: by `--yes`, or by an answer at the terminal.
///
/// # Errors
/// The answer was no, or nobody can be asked.
pub fn confirm(ui: &Ui, yes: bool, question: &str) -> anyhow::Result<()> {
    if yes {
        return Ok(());
    }
    match prompt::confirm(ui, question)? {
        Some(true) => Ok(()),
        Some(false) => {
            Err(CliError::new(ExitKind::Other, "cancelled; nothing was changed").hint(entry!("cancelled")).into())
        }
        None => Err(CliError::new(
            ExitKind::Usage,
            "this cannot be undone and needs confirmation, but there is no terminal",
        )
        .hint("give --yes to confirm")
        .into()),
    }
}

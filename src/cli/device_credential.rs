//! The credential that `register` and `device passwd` give a device: found or made, stored, and proved at the broker.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use rand::distr::{Alphanumeric, SampleString};

use super::broker;
use super::broker_log_in;
use super::error::{CliError, ExitKind};
use super::keys::{KeyArgs, is_stdin};
use super::market::{MarketArgs, PlaceArgs};
use super::runtime::block_on;
use super::ui::Ui;
use super::{intake, key_pair, prompt};
use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::config::{self, Config, Device};
use crate::fsio::{self, Existing, FileAccess, Staged};
use crate::guard::PasswordKind;
use crate::guard::source::Content;
use crate::login::secret::check_password;
use crate::login::{self, CredentialFile, LoginSecret, SecretKind, Terms, default_broker};
use crate::market::Market;
use crate::market::credential::RegisteredCredential;
use crate::market_url::MarketUrl;
use crate::mqtt::connection::{ConnectError, Endpoint};
use crate::name::{DeviceName, ShortName};
use crate::password_hash::password_hash;
use crate::pkcs11;
use crate::rotation::Proof;
use crate::secret::Secret;
use crate::signer::Signer;

/// Letters and digits of a generated password: 190 bits of entropy.
const GENERATED_CHARS: usize = 32;

/// Returns a random password.
pub fn generated_password() -> Secret {
    Secret::new(Alphanumeric.sample_string(&mut rand::rng(), GENERATED_CHARS))
}

impl Kept {
    /// Returns the file that holds it or will hold it.
    pub fn file(&self) -> CredentialFile {
        match self {
            Kept::Key(path) => CredentialFile::new(SecretKind::Key, path),
            Kept::PasswordFile(path) | Kept::NewPasswordFile(path) => CredentialFile::new(SecretKind::Password, path),
            Kept::Staged(staged) => CredentialFile::new(SecretKind::Password, staged.place()),
        }
    }
}

/// Options of every command that gives a device a credential.
#[derive(Args)]
pub struct NewCredentialArgs {
    #[command(flatten)]
    pub credential: DeviceCredential,
    #[command(flatten)]
    pub market: MarketArgs,
    #[command(flatten)]
    pub proof: ProofArgs,
    /// Do not save the device in the configuration
    #[arg(long)]
    pub no_save: bool,
}

/// What the device will log in with.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Credential")]
pub struct DeviceCredential {
    #[command(flatten)]
    key: KeyArgs,
    /// Make a key pair for the device
    #[arg(long, conflicts_with_all = ["key", "password_file", "password_stdin", "generate_password"])]
    new_key: bool,
    /// Read the device's password from FILE
    #[arg(long, value_name = "FILE", conflicts_with_all = ["key", "password_stdin", "generate_password"])]
    password_file: Option<PathBuf>,
    /// Read the device's password from stdin; not echoed on a terminal
    #[arg(long, conflicts_with_all = ["key", "generate_password", "login_password_stdin"])]
    password_stdin: bool,
    /// Make a password for the device and store it in a file that only its owner can read
    #[arg(long, conflicts_with_all = ["key", "no_save"])]
    generate_password: bool,
    /// Send the password itself instead of its hash; refuses a password that the marketplace's shell would change
    #[arg(long, conflicts_with_all = ["key", "new_key"])]
    plain_password: bool,
}

/// Whose credential it is.
#[derive(Clone, Copy)]
pub enum Target<'a> {
    /// A device that is not registered yet.
    New(&'a ShortName),
    /// A registered device, which has a credential already.
    Known(&'a DeviceName),
}

/// A credential that is ready: its registered part, and the part that logs the device in.
pub struct Prepared {
    pub sent: RegisteredCredential,
    pub secret: LoginSecret,
    /// The file that holds the secret half.
    pub kept: Kept,
}

/// Where the secret half is stored, before anything is sent.
pub enum Kept {
    Key(PathBuf),
    PasswordFile(PathBuf),
    /// Stored under a temporary name until the full name of the device is known.
    Staged(Staged),
    /// Made for this command, and stored in its place.
    NewPasswordFile(PathBuf),
}

impl DeviceCredential {
    /// Whether the options name a credential, or ask for a new one.
    pub fn is_given(&self) -> bool {
        self.key.key.is_some() || self.password_file.is_some() || self.password_stdin || self.makes()
    }

    /// Whether the options ask for a new credential.
    pub fn makes(&self) -> bool {
        self.new_key || self.generate_password
    }

    /// Returns what kind of credential the options ask to be made.
    pub fn made_kind(&self) -> Option<SecretKind> {
        let password = self.generate_password.then_some(SecretKind::Password);
        if self.new_key { Some(SecretKind::Key) } else { password }
    }

    /// Returns the file of a credential that the options name.
    pub fn given_file(&self) -> Option<CredentialFile> {
        let key = self.key.key.as_ref().map(|path| CredentialFile::new(SecretKind::Key, path));
        key.or_else(|| Some(CredentialFile::new(SecretKind::Password, self.password_file.as_ref()?)))
    }

    /// Reads a credential that is in a file already.
    ///
    /// # Errors
    /// The file cannot be read, or the guard refuses what is in it, or it cannot be registered.
    pub fn kept(&self, ui: &Ui, file: &CredentialFile) -> anyhow::Result<Prepared> {
        match file.kind {
            SecretKind::Key => by_key(&file.path, self.key.read(ui, &file.path)?),
            SecretKind::Password => {
                let kept = Kept::PasswordFile(config::absolute(&file.path)?);
                let password = intake::file(ui, &file.path, Content::Password, || prompt::secret_in(ui, &file.path))?;
                self.by_password(password, |_| Ok(kept))
            }
        }
    }

    /// Finds or makes the credential. A password that has no file is written to one.
    ///
    /// # Errors
    /// The options name no credential, the guard refuses it, or it cannot be stored.
    pub fn prepare(&self, ui: &Ui, config: &Config, target: Target<'_>) -> anyhow::Result<Prepared> {
        let short = match target {
            Target::New(short) => short.as_str(),
            Target::Known(name) => name.short(),
        };
        let terminal = self.password_file.as_deref().filter(|path| fsio::is_terminal(path));
        if let Some(file) = self.given_file().filter(|_| terminal.is_none()) {
            return self.kept(ui, &file);
        }
        let mut place = config.places.key_file(short);
        if self.new_key {
            // The old key stays until the new one is valid.
            if let Target::Known(_) = target {
                place = fsio::free_path(&config.places.keys(), short, ".pem");
            }
            let hint = "use it with --key FILE, or choose another name";
            let made = key_pair::make(ui, &place, crate::key::MIN_BITS, None, Existing::Keep, hint)?;
            return by_key(&place, made);
        }
        if self.generate_password {
            let password = generated_password();
            return self.by_new_password(config, target, password);
        }
        let ask = || prompt::new_secret(ui, &format!("New password for {short}"));
        if let Some(terminal) = terminal {
            let password = intake::file(ui, terminal, Content::Password, ask)?;
            return self.by_new_password(config, target, password);
        }
        if self.password_stdin {
            let password = prompt::secret_on_stdin(ui, Content::Password, ask)?;
            return self.by_new_password(config, target, password);
        }
        if let (Target::New(_), false, true) = (target, self.plain_password, place.exists()) {
            ui.remark(&format!("Registering with the key in {}.", place.display()));
            return by_key(&place, self.key.read(ui, &place)?);
        }
        match ask()? {
            Some(password) => self.by_new_password(config, target, password),
            None => Err(CliError::new(ExitKind::Usage, "no credential is given for the device")
                .hint_of(
                    entry!("no-credentials"),
                    "give --key FILE, --new-key, --password-file FILE or --generate-password",
                )
                .into()),
        }
    }

    fn by_new_password(&self, config: &Config, target: Target<'_>, secret: Secret) -> anyhow::Result<Prepared> {
        let folder = config.places.passwords();
        let keep = |password: &Secret| -> std::io::Result<Kept> {
            let text = zeroize::Zeroizing::new(format!("{}\n", password.expose()));
            fsio::create_private_dir(&folder)?;
            Ok(match target {
                Target::New(short) => {
                    Kept::Staged(Staged::new(&folder.join(short.as_str()), text.as_bytes(), FileAccess::Owner)?)
                }
                Target::Known(name) => {
                    let mut staged = Staged::new(&folder.join(name.as_str()), text.as_bytes(), FileAccess::Owner)?;
                    Kept::NewPasswordFile(into_place(&mut staged, name)?)
                }
            })
        };
        self.by_password(secret, |password| {
            keep(password).map_err(|e| {
                let message = format!("the password cannot be stored in {}", folder.display());
                anyhow::Error::new(e).context(CliError::new(ExitKind::CannotCreate, message))
            })
        })
    }

    fn by_password(
        &self,
        secret: Secret,
        keep: impl FnOnce(&Secret) -> anyhow::Result<Kept>,
    ) -> anyhow::Result<Prepared> {
        let password = check_password(secret, None)?;
        if password.kind() == PasswordKind::Token {
            return Err(CliError::new(ExitKind::Refused, "a device cannot be registered with a token")
                .hint_of(
                    entry!("credential-refused"),
                    "give --key FILE: the public half is registered, and a token is made for each log-in",
                )
                .into());
        }
        let sent = if self.plain_password {
            RegisteredCredential::plain_password(password.secret())?
        } else {
            RegisteredCredential::password_hash(&password_hash(password.secret()))?
        };
        let kept = keep(password.secret())?;
        Ok(Prepared { sent, secret: LoginSecret::Password(password), kept })
    }

    /// Returns the file that was made for this command, if any.
    pub fn made(&self, kept: &Kept) -> Option<CredentialFile> {
        let is_made = matches!(kept, Kept::Key(_) if self.new_key) || matches!(kept, Kept::NewPasswordFile(_));
        is_made.then(|| kept.file())
    }

    /// After a change that failed, stores the new secret if the device may have it, otherwise removes what was made for it. The
    /// caller reports the change's failure; a failure here is only a warning.
    pub fn settle(&self, ui: &Ui, kept: Kept, perhaps: Option<&DeviceName>) {
        let password_is_in = |path: &Path| ui.note(&format!("The password that was sent is in {}.", path.display()));
        match (kept, perhaps) {
            (Kept::Staged(mut staged), Some(name)) => match into_place(&mut staged, name) {
                Ok(path) => password_is_in(&path),
                Err(e) => {
                    let why =
                        format!("the password that was sent cannot be saved in {}: {e}", staged.place().display());
                    ui.warn(&format!("{why}; it is in {}.", staged.leave().display()));
                }
            },
            (Kept::NewPasswordFile(path), Some(_)) => password_is_in(&path),
            // A file that cannot be removed does no harm.
            (Kept::NewPasswordFile(path), None) => _ = std::fs::remove_file(path),
            (Kept::Key(path), None) if self.new_key => key_pair::remove(&path),
            (Kept::Key(path), Some(_)) if !is_stdin(&path) => {
                ui.note(&format!("The key that was sent is in {}.", path.display()))
            }
            _ => {}
        }
    }
}

/// Returns the path, if the file will exist the next time: a pipe (`--key <(pass show lot1)`) ends with this command.
fn lasting(ui: &Ui, path: PathBuf) -> Option<PathBuf> {
    if is_lasting(&path) {
        return Some(path);
    }
    let place = if is_stdin(&path) { "standard input".into() } else { path.display().to_string() };
    ui.warn(&format!("{place} cannot be saved in the configuration; give the credential with each command."));
    None
}

/// Whether the file will exist the next time, and the configuration can name it.
pub fn is_lasting(path: &Path) -> bool {
    let lasts = pkcs11::is_uri(path) || !is_stdin(path) && path.is_file() && !fsio::leads_to_open_file(path);
    lasts && path.to_str().is_some()
}

/// Moves a password file into place, beside one that is already stored for the same name: another marketplace may
/// have a device of this name, too.
fn into_place(staged: &mut Staged, name: &DeviceName) -> std::io::Result<PathBuf> {
    let folder = staged.place().parent().unwrap_or(Path::new(".")).to_owned();
    staged.set_place(fsio::free_path(&folder, name.as_str(), ""));
    staged.commit(Existing::Keep)
}

fn by_key(path: &Path, key: impl Into<Signer>) -> anyhow::Result<Prepared> {
    let key = key.into();
    key.check()?;
    let secret = LoginSecret::from(key);
    let kept = if is_stdin(path) { path.into() } else { config::absolute(path)? };
    Ok(Prepared { sent: secret.registered()?, secret, kept: Kept::Key(kept) })
}

/// Returns the broker as the device's own, unless it is the one that a device of this marketplace uses anyway: then changing
/// that one changes the device's as well.
pub fn own_broker(config: &Config, market: &MarketUrl, broker: &BrokerUrl) -> Option<String> {
    let general = config.general_broker(Some(&market.to_string())).and_then(|general| general.value.parse().ok());
    let followed = general.unwrap_or_else(|| default_broker(market));
    (followed != *broker).then(|| broker.to_string())
}

/// Saves the device in the configuration: secrets as paths, and a password that has no file yet in a new one. `state` says
/// what has been done, for messages: `is registered`.
///
/// # Errors
/// The file or the configuration cannot be written.
pub fn save(
    ui: &Ui,
    config: &mut Config,
    name: &DeviceName,
    kept: Kept,
    market: &Market,
    broker: &BrokerUrl,
    state: &str,
) -> anyhow::Result<Device> {
    let own_broker = own_broker(config, market.url(), broker);
    let mut device = Device { market: Some(market.url().to_string()), broker: own_broker, ..Device::default() };
    match kept {
        Kept::Key(path) => device.key = lasting(ui, path),
        Kept::PasswordFile(path) => device.password_file = lasting(ui, path),
        Kept::NewPasswordFile(path) => device.password_file = Some(path),
        Kept::Staged(mut staged) => {
            let path = into_place(&mut staged, name).map_err(|e| {
                let place = staged.place().display().to_string();
                let left = staged.leave();
                let message = format!(
                    "{name} {state}, but its password could not be saved in {place}; it is in {}",
                    left.display()
                );
                anyhow::Error::new(e).context(CliError::new(ExitKind::CannotCreate, message))
            })?;
            ui.remark(&format!("The password is in {}.", path.display()));
            device.password_file = Some(path);
        }
    }
    if let Some(other) =
        config.device(name).and_then(|d| d.market.as_ref()).filter(|m| Some(*m) != device.market.as_ref())
    {
        ui.warn(&format!("the configuration had a device of this name at {other}; it now has this one instead."));
    }
    config.save_device(name, device.clone()).map_err(|e| {
        let message = format!("{name} {state}, but could not be saved in the configuration");
        let failure = CliError::new(ExitKind::CannotCreate, message)
            .hint("do not repeat the command; give the full device name, with --key or --pw-file");
        anyhow::Error::new(e).context(failure)
    })?;
    Ok(device)
}

/// Options about the proof of the new credential.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Proof")]
pub struct ProofArgs {
    /// Log in at this broker: mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]
    #[arg(long, value_name = "URL")]
    broker: Option<String>,
    /// Do not log in at the broker afterwards
    #[arg(long)]
    pub no_check: bool,
}

impl ProofArgs {
    /// Returns the options of a command that always proves the credential.
    pub fn always(broker: Option<String>) -> ProofArgs {
        ProofArgs { broker, no_check: false }
    }

    /// Resolves the broker: option, environment, the device's own, configuration, otherwise the marketplace's host.
    ///
    /// # Errors
    /// The address is not valid.
    pub fn url(&self, config: &Config, market: &MarketUrl, device: Option<&DeviceName>) -> anyhow::Result<BrokerUrl> {
        let device = device.filter(|name| config.device_at(name, &market.to_string()).is_some());
        match config.broker_at(self.broker.clone(), device, Some(&market.to_string())) {
            Some(url) => Ok(url.value.parse()?),
            None => Ok(default_broker(market)),
        }
    }

    /// Prepares the connection to the broker, unless no proof is required. Certificates are read now, so that a missing
    /// file is noticed before anything is registered.
    ///
    /// # Errors
    /// Certificates that cannot be read.
    pub fn endpoint(
        &self,
        ui: &Ui,
        config: &Config,
        place: &PlaceArgs,
        url: &BrokerUrl,
    ) -> anyhow::Result<Option<Endpoint>> {
        if self.no_check {
            return Ok(None);
        }
        place.endpoint(ui, config, url).map(Some)
    }
}

/// Logs in at the broker once.
pub fn prove(
    ui: &Ui,
    endpoint: &Endpoint,
    device: &DeviceName,
    secret: &LoginSecret,
    timeout: Duration,
) -> Proof<anyhow::Error> {
    ui.detail(&format!("Logging in as {device} at {}.", endpoint.url));
    let result = block_on(async {
        let (id, user_name) = (broker::random_client_id(), device.as_str());
        let terms = Terms::proof(&id, timeout);
        let opened = login::log_in_with(endpoint, user_name, secret, &terms).await;
        let (connection, _) = opened.map_err(|error| broker_log_in::log_in_failed(error, terms.version))?;
        // The log-in is proved, regardless of how the connection ends.
        let _ = connection.close().await;
        Ok(())
    });
    match result {
        Ok(()) => {
            ui.detail("The broker accepts the credential.");
            Proof::Accepted
        }
        Err(e) if is_refusal(&e) => Proof::Refused(e),
        Err(e) => Proof::Unanswered(e),
    }
}

/// Whether the broker answered, and refused the credential.
pub fn is_refusal(error: &anyhow::Error) -> bool {
    error.downcast_ref().is_some_and(ConnectError::refuses_credential)
}

/// Returns a path as shown in JSON.
pub fn shown_path(path: &Option<PathBuf>) -> Option<String> {
    path.as_ref().map(|path| path.display().to_string())
}

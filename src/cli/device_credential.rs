//! What a device logs in with, as `register` and `device passwd` take it: found or made, kept, and proved at the broker.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use rand::distr::{Alphanumeric, SampleString};

use super::broker::{self, Candidate, CleanStart, Identity, Terms, block_on};
use super::error::{CliError, ExitKind};
use super::keys::KeyArgs;
use super::market::{MarketArgs, PlaceArgs};
use super::ui::Ui;
use super::{key_pair, prompt};
use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::config::{self, Config, Device};
use crate::fsio::{self, Existing, FileAccess, Staged};
use crate::guard::{self, source};
use crate::key::PrivateKey;
use crate::market::Market;
use crate::market::credential::RegisteredCredential;
use crate::market::url::MarketUrl;
use crate::mqtt::connection::{ConnectError, Endpoint};
use crate::mqtt::packet::Version;
use crate::name::{DeviceName, ShortName};
use crate::password_hash::password_hash;
use crate::rotation;
use crate::secret::Secret;

/// Letters and digits of a generated password: 190 bits of chance.
const GENERATED_CHARS: usize = 32;

/// A password that nobody has to remember.
pub fn generated_password() -> Secret {
    Secret::new(Alphanumeric.sample_string(&mut rand::rng(), GENERATED_CHARS))
}

impl Kept {
    /// What it is, and the file that holds it or will hold it.
    pub fn file(&self) -> (rotation::SecretKind, &Path) {
        match self {
            Kept::Key(path) => (rotation::SecretKind::Key, path),
            Kept::PasswordFile(path) | Kept::NewPasswordFile(path) => (rotation::SecretKind::Password, path),
            Kept::Staged(staged) => (rotation::SecretKind::Password, staged.place()),
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
    /// Do not keep the device in the configuration
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
    /// Read the device's password from stdin
    #[arg(long, conflicts_with_all = ["key", "generate_password", "login_password_stdin"])]
    password_stdin: bool,
    /// Make a password for the device and keep it in a file that its owner alone can read
    #[arg(long, conflicts_with_all = ["key", "no_save"])]
    generate_password: bool,
    /// Send the password itself instead of its hash; refuses what the marketplace's shell would mangle
    #[arg(long, conflicts_with_all = ["key", "new_key"])]
    plain_password: bool,
}

/// Whose credential it is.
#[derive(Clone, Copy)]
pub enum Target<'a> {
    /// A device that is yet to be registered.
    New(&'a ShortName),
    /// One that is there, and has a credential already.
    Known(&'a DeviceName),
}

/// The device's side of it: what is sent, what is kept, and how it logs in.
pub struct Prepared {
    pub sent: RegisteredCredential,
    pub log_in: broker::Credential,
    /// The file that holds the secret half.
    pub kept: Kept,
}

/// Where the secret half lies, before anything is sent.
pub enum Kept {
    Key(PathBuf),
    PasswordFile(PathBuf),
    /// On disk, and in its place as soon as the full name is known.
    Staged(Staged),
    /// Made for this, and in its place.
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

    /// The file of a credential that the options name.
    pub fn given_file(&self) -> Option<(rotation::SecretKind, PathBuf)> {
        let key = self.key.key.clone().map(|path| (rotation::SecretKind::Key, path));
        key.or_else(|| Some((rotation::SecretKind::Password, self.password_file.clone()?)))
    }

    /// A credential that is in a file already.
    ///
    /// # Errors
    /// The file cannot be read, or the guard refuses what is in it, or it cannot be registered.
    pub fn kept(&self, ui: &Ui, kind: rotation::SecretKind, file: &Path) -> anyhow::Result<Prepared> {
        match kind {
            rotation::SecretKind::Key => by_key(file.into(), self.key.read(ui, file)?),
            rotation::SecretKind::Password => {
                let kept = Kept::PasswordFile(config::absolute(file)?);
                self.by_password(source::file(file)?, |_| Ok(kept))
            }
        }
    }

    /// Finds or makes the credential. A password that has no file is written to one, unless nothing shall be kept.
    ///
    /// # Errors
    /// Nothing says what it is, the guard refuses it, or it cannot be kept.
    pub fn prepare(&self, ui: &Ui, config: &Config, target: Target<'_>) -> anyhow::Result<Prepared> {
        let short = match target {
            Target::New(short) => short.as_str(),
            Target::Known(name) => name.short(),
        };
        if let Some(path) = &self.key.key {
            return by_key(path.clone(), self.key.read(ui, path)?);
        }
        let mut place = config.places.key_file(short);
        if self.new_key {
            // The old key goes on until the new one counts.
            if let Target::Known(_) = target {
                place = free(place, |number| config.places.key_file(&format!("{short}.{number}")));
            }
            let hint = "use it with --key FILE, or choose another name";
            let made = key_pair::make(ui, &place, crate::key::MIN_BITS, Existing::Keep, hint)?;
            return by_key(place, made);
        }
        if self.generate_password {
            let password = generated_password();
            return self.by_new_password(config, target, password);
        }
        if let Some(file) = &self.password_file {
            let kept = Kept::PasswordFile(config::absolute(file)?);
            return self.by_password(source::file(file)?, |_| Ok(kept));
        }
        if self.password_stdin {
            return self.by_new_password(config, target, source::stdin(std::io::stdin().lock())?);
        }
        if let (Target::New(_), false, true) = (target, self.plain_password, place.exists()) {
            ui.note(&format!("Registering with the key in {}.", place.display()));
            let key = self.key.read(ui, &place)?;
            return by_key(place, key);
        }
        match prompt::new_secret(ui, &format!("New password for {short}"))? {
            Some(password) => self.by_new_password(config, target, password),
            None => Err(CliError::new(ExitKind::Usage, "nothing says what the device will log in with")
                .hint("give --key FILE, --new-key, --password-file FILE or --generate-password")
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
                let message = format!("the password cannot be kept in {}", folder.display());
                anyhow::Error::new(e).context(CliError::new(ExitKind::CannotCreate, message))
            })
        })
    }

    fn by_password(
        &self,
        secret: Secret,
        keep: impl FnOnce(&Secret) -> anyhow::Result<Kept>,
    ) -> anyhow::Result<Prepared> {
        let password = broker::checked(secret, None)?;
        if password.kind() == guard::PasswordKind::Token {
            return Err(CliError::new(ExitKind::Refused, "this is a token, which no device can be registered with")
                .hint_of(
                    entry!("credential-refused"),
                    "give --key FILE: the public half is registered, and tokens are made for each log-in",
                )
                .into());
        }
        let sent = if self.plain_password {
            RegisteredCredential::plain_password(password.secret())?
        } else {
            RegisteredCredential::password_hash(&password_hash(password.secret()))?
        };
        let kept = keep(password.secret())?;
        Ok(Prepared { sent, log_in: broker::Credential::Password(password), kept })
    }

    /// The file that was made for this, if one was.
    pub fn made<'k>(&self, kept: &'k Kept) -> Option<(rotation::SecretKind, &'k Path)> {
        match kept {
            Kept::Key(path) if self.new_key => Some((rotation::SecretKind::Key, path)),
            Kept::NewPasswordFile(path) => Some((rotation::SecretKind::Password, path)),
            _ => None,
        }
    }

    /// After a change that failed: keeps the new secret if the device may have it, else removes what was made for it. That
    /// change's failure is what is told; one of this is a warning beside it.
    pub fn settle(&self, ui: &Ui, kept: Kept, perhaps: Option<&DeviceName>) {
        let password_is_in = |path: &Path| ui.note(&format!("The password that was sent is in {}.", path.display()));
        match (kept, perhaps) {
            (Kept::Staged(mut staged), Some(name)) => match into_place(&mut staged, name) {
                Ok(path) => password_is_in(&path),
                Err(e) => {
                    let why =
                        format!("the password that was sent cannot be put into {}: {e}", staged.place().display());
                    ui.warn(&format!("{why}; it is in {}.", staged.leave().display()));
                }
            },
            (Kept::NewPasswordFile(path), Some(_)) => password_is_in(&path),
            // What cannot be removed is in nobody's way.
            (Kept::NewPasswordFile(path), None) => _ = std::fs::remove_file(path),
            (Kept::Key(path), None) if self.new_key => key_pair::remove(&path),
            (Kept::Key(path), Some(_)) => ui.note(&format!("The key that was sent is in {}.", path.display())),
            _ => {}
        }
    }
}

/// The first of `place` and its numbered neighbours where nothing lies.
fn free(place: PathBuf, numbered: impl Fn(u32) -> PathBuf) -> PathBuf {
    std::iter::once(place).chain((2..).map(numbered)).find(|path| path.symlink_metadata().is_err()).unwrap_or_default()
}

/// The path, if the file will be there the next time: a pipe (`--key <(pass show lot1)`) is gone with this command.
fn lasting(ui: &Ui, path: PathBuf) -> Option<PathBuf> {
    if path.is_file() && path.to_str().is_some() {
        return Some(path);
    }
    ui.warn(&format!("{} cannot be kept in the configuration; name the credential each time.", path.display()));
    None
}

/// Puts a password file into its place, beside one that is kept for the same name already: another marketplace may
/// have a device of this name too.
fn into_place(staged: &mut Staged, name: &DeviceName) -> std::io::Result<PathBuf> {
    staged.rename(name.as_str());
    for number in 2.. {
        if staged.place().symlink_metadata().is_err() {
            break;
        }
        staged.rename(&format!("{name}.{number}"));
    }
    staged.commit(Existing::Keep)
}

fn by_key(path: PathBuf, key: PrivateKey) -> anyhow::Result<Prepared> {
    let sent = RegisteredCredential::public_key(&key.public().body())?;
    let path = config::absolute(&path)?;
    let log_in = broker::Credential::Key { path: path.clone(), key: Box::new(key) };
    Ok(Prepared { sent, log_in, kept: Kept::Key(path) })
}

/// Keeps the device in the configuration: secrets as paths, a password that has no file yet in one of its own. `state` is
/// what has happened by now, for messages: `is registered`.
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
    let mut device =
        Device { market: Some(market.url().to_string()), broker: Some(broker.to_string()), ..Device::default() };
    match kept {
        Kept::Key(path) => device.key = lasting(ui, path),
        Kept::PasswordFile(path) => device.password_file = lasting(ui, path),
        Kept::NewPasswordFile(path) => device.password_file = Some(path),
        Kept::Staged(mut staged) => {
            let path = into_place(&mut staged, name).map_err(|e| {
                let place = staged.place().display().to_string();
                let left = staged.leave();
                let message = format!(
                    "{name} {state}, but its password could not be put into {place}; it is in {}",
                    left.display()
                );
                anyhow::Error::new(e).context(CliError::new(ExitKind::CannotCreate, message))
            })?;
            ui.note(&format!("The password is in {}.", path.display()));
            device.password_file = Some(path);
        }
    }
    if let Some(other) =
        config.device(name).and_then(|d| d.market.as_ref()).filter(|m| Some(*m) != device.market.as_ref())
    {
        ui.warn(&format!("the configuration knew a device of this name at {other}; it names this one from now on."));
    }
    config.save_device(name, device.clone()).map_err(|e| {
        let message = format!("{name} {state}, but the configuration does not know it");
        let failure = CliError::new(ExitKind::CannotCreate, message)
            .hint("do not do it again; name the device in full, with --key or --pw-file");
        anyhow::Error::new(e).context(failure)
    })?;
    Ok(device)
}

/// How the new credential is proved.
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
    /// The options of a command that proves in any case.
    pub fn always(broker: Option<String>) -> ProofArgs {
        ProofArgs { broker, no_check: false }
    }

    /// The broker: option, environment, the device's own, configuration, else the marketplace's host.
    ///
    /// # Errors
    /// The address is none.
    pub fn url(&self, config: &Config, market: &MarketUrl, device: Option<&DeviceName>) -> anyhow::Result<BrokerUrl> {
        let device = device.filter(|name| config.device_at(name, &market.to_string()).is_some());
        match config.broker(self.broker.clone(), device) {
            Some(url) => Ok(url.value.parse()?),
            None => Ok(BrokerUrl { tls: false, host: market.host().into(), port: BrokerUrl::PLAIN_PORT }),
        }
    }

    /// The way to the broker, unless nothing shall be proved. Certificates are read now: nothing is left unproved because a
    /// file is missing.
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
        broker::endpoint(ui, url.clone(), &place.roots(config), place.insecure).map(Some)
    }
}

/// The device with the one credential that is to be proved.
pub fn identity(name: &DeviceName, log_in: broker::Credential) -> Identity {
    let candidate =
        Candidate { credential: log_in, origin: "the credential that is to be proved".into(), in_file: false };
    Identity { user_name: name.to_string(), device: Some(name.clone()), candidates: vec![candidate] }
}

/// Logs in at the broker once.
///
/// # Errors
/// The broker refuses it, or cannot be reached.
pub fn prove(ui: &Ui, endpoint: &Endpoint, identity: &Identity, timeout: Duration) -> anyhow::Result<()> {
    block_on(async {
        let id = broker::random_client_id();
        let keep_alive = Duration::from_secs(60);
        let terms = Terms { client_id: &id, version: Version::V311, keep_alive, timeout, session: CleanStart::Yes };
        let connection = broker::log_in(ui, endpoint, identity, &terms).await?;
        // The log-in is proved; how the farewell goes is of no matter.
        let _ = connection.close().await;
        Ok(())
    })?;
    ui.detail(&format!("Proved: the broker {} takes the credential.", endpoint.url));
    Ok(())
}

/// Whether the broker takes the credential.
///
/// # Errors
/// The broker cannot be asked.
pub fn takes(ui: &Ui, endpoint: &Endpoint, identity: &Identity, timeout: Duration) -> anyhow::Result<bool> {
    match prove(ui, endpoint, identity, timeout) {
        Ok(()) => Ok(true),
        Err(e) if is_refusal(&e) => Ok(false),
        Err(e) => Err(e),
    }
}

/// Whether the broker answered, and refused the credential.
pub fn is_refusal(error: &anyhow::Error) -> bool {
    error.downcast_ref().is_some_and(ConnectError::refuses_credential)
}

/// The credential files that are known here for a device of this marketplace: what the configuration names, and what an
/// unfinished rotation has made.
///
/// # Errors
/// The journal of a rotation that cannot be read.
pub fn known(
    config: &Config,
    name: &DeviceName,
    market: &MarketUrl,
) -> Result<Vec<(rotation::SecretKind, PathBuf)>, rotation::RotationError> {
    let mut files = Vec::new();
    if let Some(device) = config.device_at(name, &market.to_string()) {
        files.extend(device.key.clone().map(|path| (rotation::SecretKind::Key, path)));
        files.extend(device.password_file.clone().map(|path| (rotation::SecretKind::Password, path)));
    }
    let pending = rotation::Journal::load(&config.places, name)?.filter(|journal| journal.market == market.to_string());
    if pending.is_some() {
        files.extend(rotation::pending(&config.places, name)?.filter(|made| !files.contains(made)));
    }
    Ok(files)
}

/// A path as JSON shows it.
pub fn shown_path(path: &Option<PathBuf>) -> Option<String> {
    path.as_ref().map(|path| path.display().to_string())
}

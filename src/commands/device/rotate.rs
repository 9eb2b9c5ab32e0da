//! `i3 device rotate`: replaces a key or password with a new one, once the broker has accepted it.

use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::lookup::doubled;
use super::unsaved::unsaved;
use crate::catalogue::entry;
use crate::cli::agent;
use crate::cli::device_argument::DeviceArgument;
use crate::cli::device_credential::{self, generated_password};
use crate::cli::error::{CliError, ExitKind};
use crate::cli::keys::{KeyArgs, is_stdin};
use crate::cli::market::{self, MarketArgs, MarketLogin};
use crate::cli::prompt;
use crate::cli::settings;
use crate::cli::ui::Ui;
use crate::config::{Config, ConfigError, Device};
use crate::fsio;
use crate::key::{self, FORM_MAX_BITS, MIN_BITS, PrivateKey};
use crate::login::secret::check_password;
use crate::login::{CredentialFile, LoginSecret, SecretKind, default_broker};
use crate::market::Market;
use crate::market::change::ChangeError;
use crate::market::client::MarketClient;
use crate::market::credential::RegisteredCredential;
use crate::market::device::{self, Edited};
use crate::market::model::DeviceRow;
use crate::mqtt::connection::Endpoint;
use crate::name::DeviceName;
use crate::pkcs11::{self, KeyUri};
use crate::rotation::{
    self, Failed, Journal, Proof, RegisterAnswer, Resumed, RotationError, RotationHost, RotationLock, RotationStep,
    Stage,
};
use crate::shell;

/// Whether a run rotated the credential itself, or finished an earlier run's work.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Run {
    First,
    Resumed,
}

/// Give a device a new key pair, or a new password, and prove it before the old one is replaced
///
/// A device with a key gets a new key, one with a password a new password. The new one is registered, the device logs
/// in at the broker with it, and only then does it replace the old one, under the same file name. If the broker does
/// not accept it, the old one is registered again and nothing has changed.
///
/// If this is interrupted, by a signal or a power cut, nothing is lost: both are on disk, 'pub' tries both, and the next
/// 'rotate' of the device finishes or undoes it. A running publisher uses the new one from its next connection on;
/// open connections stay. With --json {"device", "kind", "file", "fingerprint", "resumed"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 device rotate lot1
  i3 device rotate 'alice$parking$lot1' --key lot1.pem
  i3 device rotate lot1 --to 'pkcs11:token=i3;object=lot1-2027?pin-source=file:/etc/i3/pin'")]
pub struct Rotate {
    #[command(flatten)]
    device: DeviceArgument,
    /// Make a modulus of N bits
    #[arg(long, value_name = "N", default_value_t = MIN_BITS)]
    bits: usize,
    /// Rotate to this key on a PKCS#11 token, pkcs11:token=…;object=…, instead of making one
    #[arg(long, value_name = "URI", conflicts_with_all = ["bits", "password_file"])]
    to: Option<PathBuf>,
    #[command(flatten)]
    key: KeyArgs,
    /// Read the device's present password from FILE
    #[arg(long, value_name = "FILE", conflicts_with = "key")]
    password_file: Option<PathBuf>,
    #[command(flatten)]
    market: MarketArgs,
    /// Log in at this broker: mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]
    #[arg(long, value_name = "URL", help_heading = "Proof")]
    broker: Option<String>,
}

impl Rotate {
    /// Runs the command.
    ///
    /// # Errors
    /// Why the new credential was not registered or proved. Then the old one is valid, or the next run continues.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let mut config = settings::load(ui)?;
        let name = config.find_device(Some(self.device.name().to_owned()))?.value;
        let market = self.market.open(ui, &config)?;
        let broker_url = match config.broker_at(self.broker.clone(), Some(&name), Some(&market.url().to_string())) {
            Some(url) => url.value.parse()?,
            None => default_broker(market.url()),
        };
        let places = config.places.clone();
        let _lock = RotationLock::take(&places, &name)?;
        let journal = Journal::load(&places, &name)?;
        self.check_market(&config, &name, journal.as_ref(), &market)?;
        let login = self.market.login(ui, &config, &market)?;
        let auth = login.auth();
        let endpoint = self.market.place.endpoint(ui, &config, &broker_url)?;
        let plan = match &journal {
            Some(_) => None,
            None => Some(self.plan(&config, &name, &market, &endpoint)?),
        };
        let mut host = CliRotateHost {
            args: &self,
            ui,
            name: &name,
            config: &mut config,
            market: &market,
            login: &login,
            endpoint,
            client: MarketClient::open(&market, &auth)?,
            row: None,
        };
        if let Some(journal) = journal {
            ui.note(&format!("A rotation of {name} was interrupted; continuing it."));
            let file = journal.place.clone();
            let kind = journal.kind;
            host.check_writable(kind, &file)?;
            let resumed = told(&name, kind, rotation::resume(&places, &name, journal, &mut host));
            if login.checked(resumed.map_err(|e| host.explained(e)))? == Resumed::New {
                agent::forget(ui, &places, &name);
                return self.done(ui, &name, kind, &file, Run::Resumed);
            }
            ui.note(&format!("The old {kind} of {name} is still valid. Rotating it now."));
        }
        let journal = match plan {
            Some(journal) => journal,
            None => self.plan(host.config, &name, &market, &host.endpoint)?,
        };
        let (kind, file) = (journal.kind, journal.place.clone());
        host.check_writable(kind, &file)?;
        let new = self.make(ui, kind, &journal.old)?;
        let rotated = told(&name, kind, rotation::rotate(&places, &name, journal, &new, &mut host));
        login.checked(rotated.map_err(|e| host.explained(e)))?;
        market::compare_clocks(ui, &market);
        agent::forget(ui, &places, &name);
        self.done(ui, &name, kind, &file, Run::First)
    }

    /// Refuses a device of another marketplace: this one may have a device of the same name.
    fn check_market(
        &self,
        config: &Config,
        name: &DeviceName,
        journal: Option<&Journal>,
        market: &Market,
    ) -> anyhow::Result<()> {
        let of_config = config.device(name).and_then(|d| d.market.as_deref());
        match journal.map(|j| j.market.as_str()).or(of_config) {
            Some(own) if own != market.url().to_string() => {
                let message = format!("{name} is a device of {own}, and this is {}", market.url());
                Err(CliError::new(ExitKind::Config, message)
                    .hint_of(entry!("other-marketplace"), format!("give --market {}", shell::quoted(own)))
                    .into())
            }
            _ => Ok(()),
        }
    }

    /// Plans which file is replaced, and where the new one is stored.
    fn plan(
        &self,
        config: &Config,
        name: &DeviceName,
        market: &Market,
        endpoint: &Endpoint,
    ) -> anyhow::Result<Journal> {
        let (kind, old) = self.present(config, name)?;
        if let Some(to) = &self.to {
            check_target(name, kind, to)?;
        }
        let (old, place, next) = match (&self.to, pkcs11::is_uri(&old)) {
            (Some(to), true) => (old, to.clone(), to.clone()),
            (None, true) => return Err(on_token(name).into()),
            (Some(to), false) => (replaceable(kind, &old)?, to.clone(), to.clone()),
            (None, false) => {
                let old = replaceable(kind, &old)?;
                // Other contents of the file would be lost.
                let holds_more = kind == SecretKind::Key
                    && key::holds_more(&std::fs::read(&old).map_err(|e| irreplaceable(&old, e))?);
                let place = match holds_more || config.is_shared(name, &old) {
                    true => own_place(config, name, kind),
                    false => old.clone(),
                };
                let next = rotation::beside(&place);
                (old, place, next)
            }
        };
        Ok(Journal {
            device: name.to_string(),
            market: market.url().to_string(),
            broker: endpoint.url.to_string(),
            kind,
            old,
            place,
            next,
            made: self.to.is_none(),
            stage: Stage::Forward,
        })
    }

    /// Returns the present credential: what an option names, else the key that is found, else the configured password.
    fn present(&self, config: &Config, name: &DeviceName) -> anyhow::Result<(SecretKind, PathBuf)> {
        if let Some(file) = &self.password_file {
            return Ok((SecretKind::Password, file.clone()));
        }
        if let Some(key) = self.key.find(config, Some(name)) {
            return Ok((SecretKind::Key, key));
        }
        let configured = config.device(name).and_then(|device| device.password_file.clone());
        Ok((SecretKind::Password, configured.ok_or_else(|| not_here(name))?))
    }

    /// Makes the new credential, or opens the one on a token. A new key is encrypted like the old one.
    fn make(&self, ui: &Ui, kind: SecretKind, old: &Path) -> anyhow::Result<LoginSecret> {
        if let Some(to) = &self.to {
            let key = self.key.read(ui, to)?;
            key.check()?;
            return Ok(key.into());
        }
        Ok(match kind {
            SecretKind::Password => LoginSecret::Password(check_password(generated_password(), None)?),
            SecretKind::Key if self.bits > FORM_MAX_BITS => {
                let message = format!("I3's form accepts keys of up to {FORM_MAX_BITS} bits");
                return Err(CliError::new(ExitKind::Data, message)
                    .hint_of(entry!("key-bits"), "use --bits 2048")
                    .into());
            }
            SecretKind::Key => {
                let passphrase = self.key.read(ui, old)?.passphrase().cloned();
                ui.progress("making the key", || PrivateKey::generate(self.bits))?.with_passphrase(passphrase).into()
            }
        })
    }

    fn done(&self, ui: &Ui, name: &DeviceName, kind: SecretKind, file: &Path, run: Run) -> anyhow::Result<()> {
        let fingerprint = match kind {
            SecretKind::Key => Some(self.key.read(ui, file)?.public().fingerprint()),
            SecretKind::Password => None,
        };
        ui.remark(&format!(
            "{name} logs in with the new {kind} in {}; running publishers use it from their next connection on.",
            file.display()
        ));
        ui.result(name.as_str(), || {
            json!({
                "device": name.as_str(), "kind": kind, "file": file.display().to_string(),
                "fingerprint": fingerprint, "resumed": run == Run::Resumed,
            })
        })
    }
}

/// Reports a failure of the host unchanged.
fn told<T>(name: &DeviceName, kind: SecretKind, result: Result<T, Failed<anyhow::Error>>) -> anyhow::Result<T> {
    result.map_err(|e| match e {
        Failed::Host(e) => e,
        Failed::Configure { place, why } => unsaved(why, name, &CredentialFile::new(kind, place)),
        Failed::Rotation(e) => e.into(),
    })
}

/// Checks that a credential of this kind can be replaced by the key `to` on a token.
fn check_target(name: &DeviceName, kind: SecretKind, to: &Path) -> anyhow::Result<()> {
    KeyUri::of(to).unwrap_or_else(|| to.to_string_lossy().parse())?;
    if kind == SecretKind::Password {
        let message = format!("{name} has a password, and a rotation does not turn that into a key");
        let remedy = format!("give it the key with `{{i3}} device passwd '{name}' --key URI`");
        return Err(CliError::new(ExitKind::Usage, message).hint(remedy).into());
    }
    Ok(())
}

/// Returns the regular file of a credential: the file itself, not a symbolic link to it.
fn replaceable(kind: SecretKind, path: &Path) -> anyhow::Result<PathBuf> {
    let irregular = |what: std::path::Display<'_>| {
        CliError::new(ExitKind::Data, format!("{what} is not a regular file and cannot be replaced")).hint_of(
            entry!("file-unusable"),
            "give the file of the device's present credential with --key or --password-file",
        )
    };
    if kind == SecretKind::Key && is_stdin(path) {
        return Err(irregular(Path::new("standard input").display()).into());
    }
    let file = std::fs::canonicalize(path).map_err(|e| irreplaceable(path, e))?;
    if file.is_file() { Ok(file) } else { Err(irregular(file.display()).into()) }
}

fn irreplaceable(path: &Path, error: std::io::Error) -> anyhow::Error {
    anyhow::Error::new(error)
        .context(CliError::new(ExitKind::NoInput, format!("{} cannot be replaced", path.display())))
}

fn not_here(name: &DeviceName) -> CliError {
    CliError::new(ExitKind::NoInput, format!("no key or password of {name} is stored here"))
        .because("the current credential is needed: it is restored if the broker does not accept the new one")
        .hint_of(entry!("no-credentials"), "give it with --key FILE or --password-file FILE")
}

fn on_token(name: &DeviceName) -> CliError {
    CliError::new(ExitKind::Usage, format!("the key of {name} is on a PKCS#11 token, where this program makes none"))
        .hint("make another key on the token, as docs/hardware-keys.md shows, and name it with --to URI")
}

/// Returns a path that no other device uses.
fn own_place(config: &Config, name: &DeviceName, kind: SecretKind) -> PathBuf {
    match kind {
        SecretKind::Key => fsio::free_path(&config.places.keys(), name.as_str(), ".pem"),
        SecretKind::Password => fsio::free_path(&config.places.passwords(), name.as_str(), ""),
    }
}

/// The command line as the host of the rotation.
struct CliRotateHost<'a> {
    args: &'a Rotate,
    ui: &'a Ui,
    name: &'a DeviceName,
    config: &'a mut Config,
    market: &'a Market,
    login: &'a MarketLogin,
    endpoint: Endpoint,
    client: MarketClient<'a>,
    /// The device's row at the marketplace, once it was looked up.
    row: Option<DeviceRow>,
}

impl CliRotateHost<'_> {
    /// Explains a refusal by the broker: the device may exist more than once, and then no rotation helps.
    fn explained(&mut self, error: anyhow::Error) -> anyhow::Error {
        let refused = |e: &RotationError| matches!(e, RotationError::OldRefused(_) | RotationError::Unfinished { .. });
        if error.downcast_ref().is_some_and(refused)
            && let Ok(found) = device::find(&mut self.client, self.name)
            && !found.others.is_empty()
        {
            return doubled(&found).into();
        }
        error
    }

    /// Refuses a configuration that cannot be written, if it is to name the new credential.
    fn check_writable(&self, kind: SecretKind, path: &Path) -> Result<(), ConfigError> {
        if self.needs_no_entry(kind, path) { Ok(()) } else { self.config.check_writable() }
    }

    /// Whether the configuration names the file already, or need not.
    fn needs_no_entry(&self, kind: SecretKind, path: &Path) -> bool {
        let known = self.config.device(self.name);
        let file = |device: &Device| match kind {
            SecretKind::Key => device.key.clone(),
            SecretKind::Password => device.password_file.clone(),
        };
        let named = known.and_then(file);
        let is_named = |named: PathBuf| named == path || std::fs::canonicalize(named).is_ok_and(|named| named == path);
        // A file that is found without an entry, or that is given on the command line each time, needs none.
        let found = match kind {
            SecretKind::Key => self.args.key.find(self.config, Some(self.name)),
            SecretKind::Password => self.args.password_file.clone(),
        };
        named.into_iter().chain(found.filter(|_| known.is_none())).any(is_named)
    }
}

impl RotationHost for CliRotateHost<'_> {
    type Error = anyhow::Error;

    fn register(&mut self, credential: &RegisteredCredential) -> anyhow::Result<RegisterAnswer> {
        if self.row.is_none() {
            let found = device::find(&mut self.client, self.name)?;
            self.login.tell(self.ui, &found.notes);
            if !found.others.is_empty() {
                return Err(doubled(&found).into());
            }
            self.row = Some(found.row);
        }
        let Some(row) = &self.row else { return Ok(RegisterAnswer::Unknown("the device was not found".into())) };
        match device::edit(&mut self.client, row, credential) {
            Ok(Edited::Accepted) => Ok(RegisterAnswer::Accepted),
            Ok(Edited::Unknown(said)) => Ok(RegisterAnswer::Unknown(said)),
            // An unexpected answer leaves it open.
            Err(e @ ChangeError::UnexpectedAnswer { .. }) => Ok(RegisterAnswer::Unknown(e.to_string())),
            Err(e) => Err(e.into()),
        }
    }

    fn prove(&mut self, secret: &LoginSecret) -> Proof<anyhow::Error> {
        device_credential::prove(self.ui, &self.endpoint, self.name, secret, self.args.market.place.timeout)
    }

    fn read(&mut self, kind: SecretKind, path: &Path) -> anyhow::Result<LoginSecret> {
        Ok(match kind {
            SecretKind::Key => self.args.key.read(self.ui, path)?.into(),
            SecretKind::Password => LoginSecret::Password(prompt::password_in(self.ui, path)?),
        })
    }

    fn configure(&mut self, kind: SecretKind, path: &Path) -> anyhow::Result<()> {
        if self.needs_no_entry(kind, path) {
            return Ok(());
        }
        let mut device = self.config.device(self.name).cloned().unwrap_or_else(|| Device {
            market: Some(self.market.url().to_string()),
            broker: device_credential::own_broker(self.config, self.market.url(), &self.endpoint.url),
            ..Device::default()
        });
        // A credential of the other kind is now invalid.
        (device.key, device.password_file) = match kind {
            SecretKind::Key => (Some(path.into()), None),
            SecretKind::Password => (None, Some(path.into())),
        };
        Ok(self.config.save_device(self.name, device)?)
    }

    fn report(&mut self, step: RotationStep) {
        self.ui.detail(&format!("{step}."));
    }
}

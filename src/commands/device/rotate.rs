//! `i3 device rotate`: a new key or password in the old one's place, once the broker has taken it.

use std::path::{Path, PathBuf};
use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::doubled;
use crate::catalogue::entry;
use crate::cli::device_credential::{self, generated_password};
use crate::cli::error::{CliError, ExitKind};
use crate::cli::keys::KeyArgs;
use crate::cli::market::{self, MarketArgs, MarketLogin};
use crate::cli::ui::Ui;
use crate::config::{Config, Device};
use crate::guard::source;
use crate::key::{FORM_MAX_BITS, MIN_BITS, PrivateKey};
use crate::login::secret::check_password;
use crate::login::{LoginSecret, SecretKind, default_broker};
use crate::market::Market;
use crate::market::change::ChangeError;
use crate::market::client::MarketClient;
use crate::market::credential::RegisteredCredential;
use crate::market::device::{self, Edited};
use crate::market::model::DeviceRow;
use crate::mqtt::connection::Endpoint;
use crate::name::DeviceName;
use crate::rotation::{
    self, Answer, Failed, Journal, Proof, Resumed, RotationError, RotationHost, RotationLock, RotationStep, Stage,
};
use crate::shell;

/// Between two attempts at the same thing.
const PAUSE: Duration = Duration::from_secs(1);

/// Give a device a new key pair, or a new password, and prove it before the old one goes
///
/// A device with a key gets a new key, one with a password a new password. The new one is registered, the device logs
/// in at the broker with it, and only then it takes the old one's place, under the same file name. If the broker does
/// not take it, the old one is registered again and nothing has changed.
///
/// If this is cut off, by a signal or a power cut, nothing is lost: both are on disk, 'pub' tries both, and the next
/// 'rotate' of the device finishes or undoes it. A publisher that runs takes the new one up with its next connection;
/// open connections stay. With --json {"device", "kind", "file", "fingerprint", "resumed"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 device rotate lot1
  i3 device rotate 'alice$parking$lot1' --key lot1.pem")]
pub struct Rotate {
    /// Rotate the credential of this device, by its full or short name
    device: String,
    /// Make a modulus of N bits
    #[arg(long, value_name = "N", default_value_t = MIN_BITS)]
    bits: usize,
    #[command(flatten)]
    key: KeyArgs,
    /// Take FILE for the device's present password
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
    /// Whatever keeps the new credential from being registered or proved. Then the old one counts, or the next run goes on.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let mut config = Config::load()?;
        let name = config.find_device(Some(self.device.clone()))?.value;
        let market = self.market.open(ui, &config)?;
        let broker_url = match config.broker(self.broker.clone(), Some(&name)) {
            Some(url) => url.value.parse()?,
            None => default_broker(market.url()),
        };
        let places = config.places.clone();
        let _lock = RotationLock::take(&places, &name)?;
        let journal = Journal::load(&places, &name)?;
        self.check_market(&config, &name, journal.as_ref(), &market)?;
        let entry = self.market.entry(ui, &config, &market)?;
        let auth = entry.auth();
        let endpoint = self.market.place.endpoint(ui, &config, &broker_url)?;
        let plan = match &journal {
            Some(_) => None,
            None => Some(self.plan(&config, &name, &market, &endpoint)?),
        };
        let mut host = CliHost {
            args: &self,
            ui,
            name: &name,
            config: &mut config,
            market: &market,
            entry: &entry,
            endpoint,
            client: MarketClient::open(&market, &auth)?,
            row: None,
        };
        if let Some(journal) = journal {
            ui.note(&format!("A rotation of {name} was cut off; going on with it."));
            let file = journal.place.clone();
            let kind = journal.kind;
            let resumed = told(rotation::resume(&places, &name, journal, &mut host));
            if entry.checked(resumed.map_err(|e| host.explained(e)))? == Resumed::New {
                return self.done(ui, &name, kind, &file, true);
            }
            ui.note(&format!("The old {kind} of {name} counts; it was never replaced. Rotating it now."));
        }
        let journal = match plan {
            Some(journal) => journal,
            None => self.plan(host.config, &name, &market, &host.endpoint)?,
        };
        let (kind, file) = (journal.kind, journal.place.clone());
        let new = self.make(ui, kind)?;
        let rotated = told(rotation::rotate(&places, &name, journal, &new, &mut host));
        entry.checked(rotated.map_err(|e| host.explained(e)))?;
        market::compare_clocks(ui, &market);
        self.done(ui, &name, kind, &file, false)
    }

    /// A device of another marketplace must not be looked for at this one: a namesake may be there.
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

    /// What is replaced, and where the new one goes.
    fn plan(
        &self,
        config: &Config,
        name: &DeviceName,
        market: &Market,
        endpoint: &Endpoint,
    ) -> anyhow::Result<Journal> {
        let known = config.device(name);
        let by_password = || known.and_then(|d| d.password_file.clone());
        let (kind, old) = match (&self.password_file, self.key.find(config, Some(name))) {
            (Some(file), _) => (SecretKind::Password, file.clone()),
            (None, Some(key)) => (SecretKind::Key, key),
            (None, None) => (SecretKind::Password, by_password().ok_or_else(|| not_here(name))?),
        };
        let unusable = |e: std::io::Error| {
            let message = format!("{} cannot be replaced", old.display());
            anyhow::Error::new(e).context(CliError::new(ExitKind::NoInput, message))
        };
        // The file itself, not a link to it.
        let old = std::fs::canonicalize(&old).map_err(unusable)?;
        if !old.is_file() {
            return Err(CliError::new(ExitKind::Data, format!("{} is no file that could be replaced", old.display()))
                .hint_of(
                    entry!("file-unusable"),
                    "name the file that holds the device's present credential with --key or --password-file",
                )
                .into());
        }
        let place = if config.is_shared(name, &old) { own_place(config, name, kind) } else { old.clone() };
        Ok(Journal {
            device: name.to_string(),
            market: market.url().to_string(),
            broker: endpoint.url.to_string(),
            kind,
            old,
            next: rotation::beside(&place),
            place,
            stage: Stage::Forward,
        })
    }

    fn make(&self, ui: &Ui, kind: SecretKind) -> anyhow::Result<LoginSecret> {
        Ok(match kind {
            SecretKind::Password => LoginSecret::Password(check_password(generated_password(), None)?),
            SecretKind::Key if self.bits > FORM_MAX_BITS => {
                let message = format!("I3's form takes keys of up to {FORM_MAX_BITS} bits");
                return Err(CliError::new(ExitKind::Data, message)
                    .hint_of(entry!("key-bits"), "use --bits 2048")
                    .into());
            }
            SecretKind::Key => {
                if self.key.passphrase_file.is_some() {
                    ui.warn("the new key has no passphrase: the file is all that protects it.");
                }
                ui.progress("making the key", || PrivateKey::generate(self.bits))?.into()
            }
        })
    }

    fn done(&self, ui: &Ui, name: &DeviceName, kind: SecretKind, file: &Path, resumed: bool) -> anyhow::Result<()> {
        let fingerprint = match kind {
            SecretKind::Key => Some(self.key.read(ui, file)?.public().fingerprint()),
            SecretKind::Password => None,
        };
        ui.note(&format!(
            "{name} logs in with the new {kind} in {}; publishers that run take it up with their next connection.",
            file.display()
        ));
        ui.result(name.as_str(), || {
            json!({
                "device": name.as_str(), "kind": kind, "file": file.display().to_string(),
                "fingerprint": fingerprint, "resumed": resumed,
            })
        })
    }
}

/// A rotation's own failure is the outermost; what failed in the host is reported as it is.
fn told<T>(result: Result<T, Failed<anyhow::Error>>) -> anyhow::Result<T> {
    result.map_err(|e| match e {
        Failed::Host(e) => e,
        Failed::Rotation(e) => e.into(),
    })
}

fn not_here(name: &DeviceName) -> CliError {
    CliError::new(ExitKind::NoInput, format!("no key or password of {name} is kept here"))
        .because("the present credential is needed: it is what is gone back to if the new one is not taken")
        .hint_of(entry!("no-credentials"), "name it with --key FILE or --password-file FILE")
}

/// A place that no other device uses.
fn own_place(config: &Config, name: &DeviceName, kind: SecretKind) -> PathBuf {
    let (folder, ending) = match kind {
        SecretKind::Key => (config.places.key_file("").with_file_name(""), ".pem"),
        SecretKind::Password => (config.places.passwords(), ""),
    };
    let numbered = (2..).map(|number| format!("{name}.{number}{ending}"));
    let names = std::iter::once(format!("{name}{ending}")).chain(numbered);
    let mut free = names.map(|name| folder.join(name)).filter(|path| path.symlink_metadata().is_err());
    // Numbers do not end before free names do.
    free.next().unwrap_or_else(|| folder.join(name.as_str()))
}

/// The rotation's surroundings on the command line.
struct CliHost<'a> {
    args: &'a Rotate,
    ui: &'a Ui,
    name: &'a DeviceName,
    config: &'a mut Config,
    market: &'a Market,
    entry: &'a MarketLogin,
    endpoint: Endpoint,
    client: MarketClient<'a>,
    /// The device's row at the marketplace, once it was looked for.
    row: Option<DeviceRow>,
}

impl CliHost<'_> {
    /// What the broker refuses may be a device that is there more than once: then no rotation helps.
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
}

impl RotationHost for CliHost<'_> {
    type Error = anyhow::Error;

    fn register(&mut self, credential: &RegisteredCredential) -> anyhow::Result<Answer> {
        if self.row.is_none() {
            let found = device::find(&mut self.client, self.name)?;
            self.entry.tell(self.ui, &found.notes);
            if !found.others.is_empty() {
                return Err(doubled(&found).into());
            }
            self.row = Some(found.row);
        }
        let Some(row) = &self.row else { return Ok(Answer::Unknown("the device is not found".into())) };
        match device::edit(&mut self.client, row, credential) {
            Ok(Edited::Accepted) => Ok(Answer::Accepted),
            Ok(Edited::Unknown(said)) => Ok(Answer::Unknown(said)),
            // An answer that means nothing leaves it open.
            Err(e @ ChangeError::UnexpectedAnswer { .. }) => Ok(Answer::Unknown(e.to_string())),
            Err(e) => Err(e.into()),
        }
    }

    fn prove(&mut self, secret: &LoginSecret) -> Proof<anyhow::Error> {
        device_credential::prove(self.ui, &self.endpoint, self.name, secret, self.args.market.place.timeout)
    }

    fn read(&mut self, kind: SecretKind, path: &Path) -> anyhow::Result<LoginSecret> {
        Ok(match kind {
            SecretKind::Key => self.args.key.read(self.ui, path)?.into(),
            SecretKind::Password => LoginSecret::Password(check_password(source::file(path)?, None)?),
        })
    }

    fn configure(&mut self, kind: SecretKind, path: &Path) -> anyhow::Result<()> {
        let known = self.config.device(self.name).cloned();
        let file = |device: &Device| match kind {
            SecretKind::Key => device.key.clone(),
            SecretKind::Password => device.password_file.clone(),
        };
        let named = known.as_ref().and_then(file);
        let is_named = |named: PathBuf| std::fs::canonicalize(named).is_ok_and(|named| named == path);
        // A file that lies where it is looked for, or that is named on the command line each time, needs no entry.
        let found = match kind {
            SecretKind::Key => self.args.key.find(self.config, Some(self.name)),
            SecretKind::Password => self.args.password_file.clone(),
        };
        if named.into_iter().chain(found.filter(|_| known.is_none())).any(is_named) {
            return Ok(());
        }
        let mut device = known.unwrap_or_else(|| Device {
            market: Some(self.market.url().to_string()),
            broker: Some(self.endpoint.url.to_string()),
            ..Device::default()
        });
        // The other kind's file opens nothing any more.
        (device.key, device.password_file) = match kind {
            SecretKind::Key => (Some(path.into()), None),
            SecretKind::Password => (None, Some(path.into())),
        };
        Ok(self.config.save_device(self.name, device)?)
    }

    fn pause(&self) -> Duration {
        PAUSE
    }

    fn report(&mut self, step: RotationStep) {
        self.ui.detail(&format!("{step}."));
    }
}

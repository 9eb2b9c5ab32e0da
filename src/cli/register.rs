//! `i3 register`: registers a device with the marketplace, and proves at the broker that it can log in.

use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use rand::distr::{Alphanumeric, SampleString};
use serde_json::json;

use super::broker::{self, Candidate, Identity, Session, Terms, block_on};
use super::failure::{self, Failure, Kind};
use super::keys::KeyArgs;
use super::market::{self, MarketArgs};
use super::ui::Ui;
use super::{keygen, prompt};
use crate::broker_url::BrokerUrl;
use crate::config::{self, Config, Device};
use crate::credential::{self, source};
use crate::fsio::{self, Access as FileAccess, Existing, Staged};
use crate::key::PrivateKey;
use crate::market::Market;
use crate::market::access::Route;
use crate::market::change::{ChangeError, SETTLE};
use crate::market::credential::Credential;
use crate::market::hub::HubSpec;
use crate::market::register::{self, Order, Registered};
use crate::market::url::MarketUrl;
use crate::mqtt::packet::Version;
use crate::name::{DeviceName, HubName, ShortName};
use crate::password_hash::password_hash;
use crate::secret::Secret;

/// Letters and digits of a generated password: 190 bits of chance.
const GENERATED_CHARS: usize = 32;

/// Register a device with the marketplace, and prove that it can log in
///
/// Looks at the hub first, sends the registration once, and looks again: what counts is what the hub shows. Then the
/// device logs in at the broker once. The device is kept in the configuration, so that 'token' and 'pub' know it.
///
/// A device password is registered as a hash that is made here: any text works, and the plain password never reaches
/// the marketplace, whose shell would mangle it.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 register lot1 --hub parking --key lot1.pem
  i3 register lot2 --hub parking --new-key
  i3 register lot3 --hub parking --generate-password
  I3_API_KEY=$(cat api.key) i3 register lot4 --hub alice/parking --new-key --market https://i3.example.org")]
pub struct Register {
    /// Name the device: 3 to 30 letters and digits
    name: String,
    /// Put it into this hub of yours, by its short or full name
    #[arg(long, value_name = "HUB")]
    hub: String,
    #[command(flatten)]
    credential: DeviceCredential,
    #[command(flatten)]
    market: MarketArgs,
    /// Log in at this broker: mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]
    #[arg(long, value_name = "URL", help_heading = "Proof")]
    broker: Option<String>,
    /// Do not log in at the broker afterwards
    #[arg(long, help_heading = "Proof")]
    no_check: bool,
    /// Do not keep the device in the configuration
    #[arg(long)]
    no_save: bool,
}

/// What the device will log in with.
#[derive(Args, Clone, Debug)]
#[command(next_help_heading = "Credential")]
struct DeviceCredential {
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

/// The device's side of the registration: what is sent, what is kept, and how it logs in.
struct Prepared {
    sent: Credential,
    log_in: broker::Credential,
    /// The file that holds the secret half.
    kept: Kept,
}

enum Kept {
    Key(PathBuf),
    PasswordFile(PathBuf),
    /// On disk before anything is sent, in its place as soon as the full name is known.
    NewPasswordFile(Staged),
}

impl Register {
    /// Runs the command.
    ///
    /// # Errors
    /// Whatever keeps the device from being registered, or from logging in afterwards.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let mut config = Config::load()?;
        let device = ShortName::device(&self.name)?;
        let hub: HubSpec = self.hub.parse()?;
        let market = self.market.open(ui, &config)?;
        let entry = self.market.entry(ui, &config, &market)?;
        let broker_url = self.broker_url(&config, market.url())?;
        // Certificates are read now: a registration is not left unproved because a file is missing.
        let endpoint = if self.no_check {
            None
        } else {
            Some(broker::endpoint(ui, broker_url.clone(), &self.market.roots(&config), self.market.insecure)?)
        };
        let prepared = self.credential.prepare(ui, &config, &device)?;

        let order = Order { hub: &hub, device: &device, credential: &prepared.sent, settle: SETTLE };
        let result = register::register(&market, &entry.access(), &order);
        market::compare_clocks(ui, &market);
        let registered = match result {
            Ok(registered) => registered,
            Err(e) => {
                self.credential.settle(ui, prepared.kept, perhaps_there(&e, &device).as_ref())?;
                return Err(e.into());
            }
        };
        for note in &registered.notes {
            ui.note(&format!("{}.", sentence(&note.to_string())));
        }
        let name = registered.name.clone();
        let saved = if self.no_save {
            Device::default()
        } else {
            save(ui, &mut config, &name, prepared.kept, &market, &broker_url)?
        };
        if let Some(endpoint) = endpoint {
            let candidate = Candidate { credential: prepared.log_in, origin: "the new credential".into() };
            let identity =
                Identity { user_name: name.to_string(), device: Some(name.clone()), candidates: vec![candidate] };
            prove(ui, &endpoint, &identity, self.market.timeout).map_err(|e| {
                let message = format!("{name} is registered, but that it can log in at {broker_url} is not proved");
                let hint =
                    format!("do not register it again; try `{{i3}} pub --device '{name}'`, and mend what that names");
                let failure = Failure::new(failure::kind(&e), message).hint(hint);
                e.context(failure)
            })?;
            ui.detail(&format!("Proved: the broker {broker_url} takes the new credential."));
        }
        ui.result(name.as_str(), || shown(&registered, &saved, &market, !self.no_check))
    }

    fn broker_url(&self, config: &Config, market: &MarketUrl) -> anyhow::Result<BrokerUrl> {
        match config.broker(self.broker.clone(), None) {
            Some(url) => Ok(url.value.parse()?),
            None => Ok(BrokerUrl { tls: false, host: market.host().into(), port: BrokerUrl::PLAIN_PORT }),
        }
    }
}

impl DeviceCredential {
    /// Finds or makes the credential. A password that has no file is written to one, unless nothing shall be kept.
    fn prepare(&self, ui: &Ui, config: &Config, device: &ShortName) -> anyhow::Result<Prepared> {
        if let Some(path) = &self.key.key {
            return by_key(path.clone(), self.key.read(ui, path)?);
        }
        let place = config.places.key_file(device.as_str());
        if self.new_key {
            if place.exists() {
                return Err(Failure::new(Kind::CannotCreate, format!("{} is there already", place.display()))
                    .hint("use it with --key FILE, or choose another name")
                    .into());
            }
            let made = keygen::make(ui, &place, crate::key::MIN_BITS, Existing::Keep)?;
            return by_key(place, made);
        }
        if self.generate_password {
            let password = Secret::new(Alphanumeric.sample_string(&mut rand::rng(), GENERATED_CHARS));
            return self.by_new_password(config, device, password);
        }
        if let Some(file) = &self.password_file {
            let kept = Kept::PasswordFile(config::absolute(file)?);
            return self.by_password(source::file(file)?, |_| Ok(kept));
        }
        if self.password_stdin {
            return self.by_new_password(config, device, source::stdin(std::io::stdin().lock())?);
        }
        if !self.plain_password && place.exists() {
            ui.note(&format!("Registering with the key in {}.", place.display()));
            let key = self.key.read(ui, &place)?;
            return by_key(place, key);
        }
        match prompt::new_secret(ui, &format!("New password for {device}"))? {
            Some(password) => self.by_new_password(config, device, password),
            None => Err(Failure::new(Kind::Usage, "nothing says what the device will log in with")
                .hint("give --key FILE, --new-key, --password-file FILE or --generate-password")
                .into()),
        }
    }

    fn by_new_password(&self, config: &Config, device: &ShortName, secret: Secret) -> anyhow::Result<Prepared> {
        self.by_password(secret, |password| {
            let folder = config.places.passwords();
            let text = zeroize::Zeroizing::new(format!("{}\n", password.expose()));
            fsio::create_private_dir(&folder)
                .and_then(|()| Staged::new(&folder.join(device.as_str()), text.as_bytes(), FileAccess::Owner))
                .map(Kept::NewPasswordFile)
                .map_err(|e| {
                    let message = format!("the password cannot be kept in {}", folder.display());
                    anyhow::Error::new(e).context(Failure::new(Kind::CannotCreate, message))
                })
        })
    }

    fn by_password(
        &self,
        secret: Secret,
        keep: impl FnOnce(&Secret) -> anyhow::Result<Kept>,
    ) -> anyhow::Result<Prepared> {
        let password = broker::checked(secret, None)?;
        if password.kind() == credential::Kind::Token {
            return Err(Failure::new(Kind::Refused, "this is a token, which no device can be registered with")
                .hint("give --key FILE: the public half is registered, and tokens are made for each log-in")
                .into());
        }
        let sent = if self.plain_password {
            Credential::plain_password(password.secret())?
        } else {
            Credential::password_hash(&password_hash(password.secret()))?
        };
        let kept = keep(password.secret())?;
        Ok(Prepared { sent, log_in: broker::Credential::Password(password), kept })
    }

    /// After a registration that failed: keeps the new secret if the device may be there, else removes it.
    fn settle(&self, ui: &Ui, kept: Kept, perhaps: Option<&DeviceName>) -> anyhow::Result<()> {
        match (kept, perhaps) {
            (Kept::NewPasswordFile(staged), Some(name)) => {
                let path = into_place(staged, name)?;
                ui.note(&format!("The password that was sent is in {}.", path.display()));
            }
            (Kept::Key(path), None) if self.new_key => keygen::remove(&path),
            (Kept::Key(path), Some(_)) => ui.note(&format!("The key that was sent is in {}.", path.display())),
            _ => {}
        }
        Ok(())
    }
}

/// The device that may be there although its registration failed: its credential may still be needed.
fn perhaps_there(error: &ChangeError, device: &ShortName) -> Option<DeviceName> {
    match error {
        ChangeError::Unknown { name, .. } | ChangeError::Doubled { name, .. } => name.parse().ok(),
        ChangeError::TakenInVain { place, .. } => place.parse::<HubName>().ok().map(|hub| hub.device(device)),
        _ => None,
    }
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
fn into_place(staged: Staged, name: &DeviceName) -> std::io::Result<PathBuf> {
    let mut staged = staged.named(name.as_str());
    for number in 2.. {
        if staged.place().symlink_metadata().is_err() {
            break;
        }
        staged = staged.named(&format!("{name}.{number}"));
    }
    staged.commit(Existing::Keep)
}

fn by_key(path: PathBuf, key: PrivateKey) -> anyhow::Result<Prepared> {
    let sent = Credential::public_key(&key.public().body())?;
    let path = config::absolute(&path)?;
    let log_in = broker::Credential::Key { path: path.clone(), key: Box::new(key) };
    Ok(Prepared { sent, log_in, kept: Kept::Key(path) })
}

/// Keeps the device in the configuration: secrets as paths, a password that has no file yet in one of its own.
fn save(
    ui: &Ui,
    config: &mut Config,
    name: &DeviceName,
    kept: Kept,
    market: &Market,
    broker: &BrokerUrl,
) -> anyhow::Result<Device> {
    let mut device =
        Device { market: Some(market.url().to_string()), broker: Some(broker.to_string()), ..Device::default() };
    match kept {
        Kept::Key(path) => device.key = lasting(ui, path),
        Kept::PasswordFile(path) => device.password_file = lasting(ui, path),
        Kept::NewPasswordFile(staged) => {
            let path = into_place(staged, name).map_err(|e| {
                let message = format!("{name} is registered, but its password could not be kept");
                anyhow::Error::new(e).context(Failure::new(Kind::CannotCreate, message))
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
        let message = format!("{name} is registered, but the configuration does not know it");
        let failure = Failure::new(Kind::CannotCreate, message)
            .hint("do not register it again; name it in full, with --key or --pw-file");
        anyhow::Error::new(e).context(failure)
    })?;
    Ok(device)
}

fn prove(
    ui: &Ui,
    endpoint: &crate::mqtt::connection::Endpoint,
    identity: &Identity,
    timeout: Duration,
) -> anyhow::Result<()> {
    block_on(async {
        let id = broker::random_client_id();
        let keep_alive = Duration::from_secs(60);
        let terms = Terms { client_id: &id, version: Version::V311, keep_alive, timeout, session: Session::Fresh };
        let connection = broker::log_in(ui, endpoint, identity, &terms).await?;
        // The log-in is proved; how the farewell goes is of no matter.
        let _ = connection.close().await;
        Ok(())
    })
}

fn shown(registered: &Registered, saved: &Device, market: &Market, proved: bool) -> serde_json::Value {
    json!({
        "device": registered.name.as_str(), "hub": registered.hub.as_str(), "id": registered.id,
        "market": market.url().to_string(), "broker": saved.broker, "key": shown_path(&saved.key), "password_file": shown_path(&saved.password_file),
        "via": match registered.route { Route::Rest => "rest", Route::Web => "web" },
        "proved": proved, "notes": registered.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

fn shown_path(path: &Option<PathBuf>) -> Option<String> {
    path.as_ref().map(|path| path.display().to_string())
}

/// The text with a capital letter in front.
fn sentence(text: &str) -> String {
    let mut letters = text.chars();
    letters.next().map_or_else(String::new, |first| first.to_uppercase().chain(letters).collect())
}

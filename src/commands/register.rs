//! `i3 register`: registers a device with the marketplace, and proves at the broker that it can log in.

mod existing;

use clap::{ArgGroup, Args};
use serde_json::json;

use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::cli::device_credential::{self, Kept, NewCredentialArgs, Prepared, Target, shown_path};
use crate::cli::error::{self, CliError};
use crate::cli::market::{self, MarketLogin};
use crate::cli::settings;
use crate::cli::ui::Ui;
use crate::config::{Config, Device, Places};
use crate::market::Market;
use crate::market::auth::Transport;
use crate::market::change::{ChangeError, ChangeNote, POLL_INTERVAL};
use crate::market::client::MarketClient;
use crate::market::device::{self, Registered, Registration};
use crate::market::hub::HubSpec;
use crate::market::model::{DeviceRow, Listing, Resource};
use crate::name::{DeviceName, HubName, ShortName};
use crate::rotation::{self, RotationError, RotationLock};
use existing::{Credential, LoginCheck};

/// Register a device with the marketplace, and prove that it can log in
///
/// Reads the hub first, sends the registration once, and reads the hub again: only what the hub shows counts. Then the
/// device logs in at the broker once. The device is saved in the configuration, so that 'token' and 'pub' know it.
///
/// An existing device is not registered again. If it logs in with the given key or password, the command succeeds; with
/// --new-key or --generate-password it tries the one that is stored here, and makes none. If the device does not log in, the
/// exit code is 77, or 75 if the broker cannot be reached.
///
/// A device password is registered as a hash that is made here: any text works, and the plain password never reaches
/// the marketplace, whose shell would change it.
///
/// With --json {"device", "hub", "id", "existing", "market", "broker", "key", "password_file", "via", "proved", "notes"}.
#[derive(Args)]
#[command(group = ArgGroup::new("new_name").required(true))]
#[command(after_long_help = "\
Examples:
  i3 register lot1 --hub parking --key lot1.pem
  i3 register lot2 --hub parking --new-key
  i3 register lot3 --hub parking --generate-password
  I3_API_KEY=$(cat api.key) i3 register lot4 --hub alice/parking --new-key --market https://i3.example.org")]
pub struct Register {
    /// Name the device: 3 to 30 ASCII letters and digits
    #[arg(group = "new_name")]
    name: Option<String>,
    /// Same as the NAME argument
    #[arg(long, value_name = "NAME", group = "new_name")]
    device: Option<String>,
    /// Register it in this hub of yours, by its short or full name
    #[arg(long, value_name = "HUB")]
    hub: String,
    #[command(flatten)]
    new: NewCredentialArgs,
}

impl Register {
    /// Runs the command.
    ///
    /// # Errors
    /// Why the device was not registered, or cannot log in.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let Register { name, device, hub, new: options } = self;
        let device = ShortName::new_device(&name.or(device).unwrap_or_default())?;
        let hub: HubSpec = hub.parse()?;
        let _lock = lock(ui, &hub, &device)?;
        let mut config = settings::load_or_new(ui)?;
        if !options.no_save {
            config.check_writable()?;
        }
        let market = options.market.open(ui, &config)?;
        let login = options.market.login(ui, &config, &market)?;
        let broker = options.proof.url(&config, market.url(), None)?;
        let endpoint = options.proof.endpoint(ui, &config, &options.market.place, &broker)?;
        let auth = login.auth();
        let mut client = MarketClient::open(&market, &auth)?;

        let timeout = options.market.place.timeout;
        let check = LoginCheck { ui, market: &market, broker: &broker, endpoint: endpoint.as_ref(), timeout };
        let order = Order { options: &options, login: &login, hub: &hub, device: &device, check };
        let mut notes = Vec::new();
        let (name, rows) = login.checked(device::namesakes(&mut client, &hub, &device, &mut notes))?;
        let outcome = match row_of(&name, &rows)? {
            Some(row) => {
                login.tell(ui, &notes);
                let credential = order.credential_of_registered(&config, &name)?;
                order.keep(&mut config, row, credential, client.transport(), notes)?
            }
            None => {
                // A repair has deleted it, and is about to register it again.
                let _changing = match RotationLock::take(&config.places, &name) {
                    Err(busy @ RotationError::Busy) => return Err(busy.into()),
                    lock => lock.ok(),
                };
                order.register(&mut config, &mut client, &name, notes)?
            }
        };
        ui.result(outcome.registered.name.as_str(), || outcome.json(&market, &broker))
    }
}

/// Has two runs that register one device do so one after the other: the second finds it there. `None` where no lock can be stored.
fn lock(ui: &Ui, hub: &HubSpec, device: &ShortName) -> anyhow::Result<Option<RotationLock>> {
    let places = Places::find(&ui.selection)?;
    let waiting = || ui.note(&format!("Waiting for another run that registers {}.", device.as_str()));
    match RotationLock::of_registration(&places, hub.short(), device, waiting) {
        Ok(lock) => Ok(Some(lock)),
        Err(e) => {
            ui.detail(&format!("Another run at the same time would not be noticed: {:#}.", anyhow::Error::new(e)));
            Ok(None)
        }
    }
}

/// What to register, and where.
struct Order<'a> {
    options: &'a NewCredentialArgs,
    login: &'a MarketLogin,
    hub: &'a HubSpec,
    device: &'a ShortName,
    check: LoginCheck<'a>,
}

impl Order<'_> {
    /// Returns the credential that a registered device must log in with; none is made for it.
    fn credential_of_registered(&self, config: &Config, name: &DeviceName) -> anyhow::Result<Credential> {
        let credential = &self.options.credential;
        let market = self.check.market.url().to_string();
        let is_known = || rotation::known_files(config, name, &market).map(|files| !files.is_empty());
        if credential.makes() || (!credential.is_given() && is_known()?) {
            return Ok(Credential::Known);
        }
        Ok(Credential::Given(credential.prepare(self.check.ui, config, Target::New(self.device))?))
    }

    /// Proves that a device that is already registered logs in, and saves it in the configuration.
    fn keep(
        &self,
        config: &mut Config,
        row: DeviceRow,
        credential: Credential,
        transport: Transport,
        notes: Vec<ChangeNote>,
    ) -> anyhow::Result<Outcome> {
        let DeviceRow { id, name } = row;
        let kept = self.check.prove(&self.options.credential, config, &name, credential)?;
        let saved = self.save(config, &name, kept, "is already registered")?;
        let note = format!("{name} is already registered and logs in; nothing was changed at the marketplace.");
        self.check.ui.remark(&note);
        let registered = Registered { hub: name.hub(), name, id, transport, notes };
        Ok(Outcome { registered, existing: true, saved, proved: true })
    }

    /// Registers the device with a credential that is read or made for it.
    fn register(
        &self,
        config: &mut Config,
        client: &mut MarketClient<'_>,
        name: &DeviceName,
        notes: Vec<ChangeNote>,
    ) -> anyhow::Result<Outcome> {
        let (ui, options) = (self.check.ui, &self.options.credential);
        let prepared = options.prepare(ui, config, Target::New(self.device))?;
        let (hub, device, credential) = (self.hub, self.device, &prepared.sent);
        let result = device::register(client, &Registration { hub, device, credential, poll_interval: POLL_INTERVAL });
        market::compare_clocks(ui, self.check.market);
        match result {
            Ok(registered) => self.complete(config, client, registered, prepared),
            Err(e) => match taken(&e, name).filter(|_| !options.makes()) {
                // Another run was faster, perhaps with the same credential.
                Some(row) => self.keep(config, row, Credential::Given(prepared), client.transport(), notes),
                None => {
                    options.settle(ui, prepared.kept, perhaps_there(&e, device).as_ref());
                    self.login.checked(Err(e))
                }
            },
        }
    }

    /// Saves a device that the hub shows, and proves that it logs in.
    fn complete(
        &self,
        config: &mut Config,
        client: &mut MarketClient<'_>,
        registered: Registered,
        prepared: Prepared,
    ) -> anyhow::Result<Outcome> {
        let LoginCheck { ui, endpoint, timeout, .. } = self.check;
        let name = &registered.name;
        self.login.tell(ui, &registered.notes);
        let saved = self.save(config, name, prepared.kept, "is registered")?;
        if let Some(endpoint) = endpoint {
            let proof = device_credential::prove(ui, endpoint, name, &prepared.secret, timeout);
            proof.into_result().map_err(|e| self.unproved(e, client, name))?;
        }
        Ok(Outcome { registered, existing: false, saved, proved: endpoint.is_some() })
    }

    fn save(&self, config: &mut Config, name: &DeviceName, kept: Kept, state: &str) -> anyhow::Result<Device> {
        if self.options.no_save {
            return Ok(Device::default());
        }
        let LoginCheck { ui, market, broker, .. } = self.check;
        device_credential::save(ui, config, name, kept, market, broker, state)
    }

    /// Explains that the device is registered, but not proved. Two registrations at the same moment may be the cause.
    fn unproved(&self, error: anyhow::Error, client: &mut MarketClient<'_>, name: &DeviceName) -> anyhow::Error {
        if device_credential::is_refusal(&error)
            && let Ok((_, rows)) = device::namesakes(client, self.hub, self.device, &mut Vec::new())
            && let Err(doubled) = row_of(name, &rows)
        {
            return doubled.into();
        }
        let message = format!("{name} is registered, but its log-in at {} is not proved", self.check.broker);
        let hint = format!("do not register it again; run `{{i3}} pub --device '{name}'`, and correct what it reports");
        let failure = CliError::new(error::kind(&error), message).hint_of(entry!("not-proved"), hint);
        error.context(failure)
    }
}

/// Returns the row of the device, if it is already registered.
///
/// # Errors
/// It is registered in another spelling, or more than once.
fn row_of(name: &DeviceName, rows: &[DeviceRow]) -> Result<Option<DeviceRow>, ChangeError> {
    let resource = Resource::Device;
    match rows {
        [] => Ok(None),
        [only] if only.name == *name => Ok(Some(only.clone())),
        [other] => Err(ChangeError::Exists { resource, existing: other.clone().into() }),
        rows => {
            let rows = rows.iter().cloned().map(Listing::from).collect();
            Err(ChangeError::Doubled { resource, name: name.to_string(), rows })
        }
    }
}

/// Returns the row of a device that another run registered under the same name meanwhile.
fn taken(error: &ChangeError, name: &DeviceName) -> Option<DeviceRow> {
    match error {
        ChangeError::Exists { existing, .. } | ChangeError::TakenMeanwhile { existing, .. } => {
            let id = existing.id.filter(|_| existing.name == name.as_str())?;
            Some(DeviceRow { id, name: name.clone() })
        }
        _ => None,
    }
}

/// Returns the device that may be registered although an error was reported: its credential may still be needed.
fn perhaps_there(error: &ChangeError, device: &ShortName) -> Option<DeviceName> {
    match error {
        ChangeError::Unknown { name, .. } | ChangeError::Doubled { name, .. } => name.parse().ok(),
        ChangeError::AcceptedButMissing { place, .. } => place.parse::<HubName>().ok().map(|hub| hub.device(device)),
        _ => None,
    }
}

/// The result of a registration.
struct Outcome {
    registered: Registered,
    /// Whether it was registered before.
    existing: bool,
    saved: Device,
    proved: bool,
}

impl Outcome {
    fn json(&self, market: &Market, broker: &BrokerUrl) -> serde_json::Value {
        let Outcome { registered, existing, saved, proved } = self;
        json!({
            "device": registered.name.as_str(), "hub": registered.hub.as_str(), "id": registered.id, "existing": existing,
            "market": market.url().to_string(), "broker": broker.to_string(), "key": shown_path(&saved.key),
            "password_file": shown_path(&saved.password_file),
            "via": match registered.transport { Transport::Rest => "rest", Transport::Web => "web" },
            "proved": proved, "notes": registered.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    }
}

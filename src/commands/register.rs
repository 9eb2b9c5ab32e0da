//! `i3 register`: registers a device with the marketplace, and proves at the broker that it can log in.

mod existing;

use clap::Args;
use serde_json::json;

use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::cli::device_credential::{self, NewCredentialArgs, Target, shown_path};
use crate::cli::error::{self, CliError};
use crate::cli::market;
use crate::cli::settings;
use crate::cli::ui::Ui;
use crate::config::{Config, Device};
use crate::market::Market;
use crate::market::auth::Transport;
use crate::market::change::{ChangeError, ChangeNote, POLL_INTERVAL};
use crate::market::client::MarketClient;
use crate::market::device::{self, Registered, Registration};
use crate::market::hub::HubSpec;
use crate::market::model::{DeviceRow, Listing, Resource};
use crate::name::{DeviceName, HubName, ShortName};
use crate::rotation;
use existing::{Credential, LoginCheck};

/// Register a device with the marketplace, and prove that it can log in
///
/// Reads the hub first, sends the registration once, and reads the hub again: only what the hub shows counts. Then the
/// device logs in at the broker once. The device is saved in the configuration, so that 'token' and 'pub' know it.
///
/// A device that exists is not registered again. If it logs in with the given key or password, the command succeeds; with
/// --new-key or --generate-password it tries the one that is stored here, and makes none. If the device does not log in, the
/// exit code is 77, or 75 if the broker cannot be reached.
///
/// A device password is registered as a hash that is made here: any text works, and the plain password never reaches
/// the marketplace, whose shell would change it.
///
/// With --json {"device", "hub", "id", "existing", "market", "broker", "key", "password_file", "via", "proved", "notes"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 register lot1 --hub parking --key lot1.pem
  i3 register lot2 --hub parking --new-key
  i3 register lot3 --hub parking --generate-password
  I3_API_KEY=$(cat api.key) i3 register lot4 --hub alice/parking --new-key --market https://i3.example.org")]
pub struct Register {
    /// Name the device: 3 to 30 ASCII letters and digits
    name: String,
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
        let mut config = settings::load_or_new(ui)?;
        let device = ShortName::new_device(&self.name)?;
        let hub: HubSpec = self.hub.parse()?;
        let market = self.new.market.open(ui, &config)?;
        let login = self.new.market.login(ui, &config, &market)?;
        let broker_url = self.new.proof.url(&config, market.url(), None)?;
        let endpoint = self.new.proof.endpoint(ui, &config, &self.new.market.place, &broker_url)?;
        let auth = login.auth();
        let mut client = MarketClient::open(&market, &auth)?;
        let mut notes = Vec::new();
        let (name, rows) = login.checked(device::namesakes(&mut client, &hub, &device, &mut notes))?;
        let check = LoginCheck {
            ui,
            market: &market,
            broker: &broker_url,
            endpoint: endpoint.as_ref(),
            timeout: self.new.market.place.timeout,
        };
        if let Some(row) = row_of(&name, &rows)? {
            login.tell(ui, &notes);
            let credential = &self.new.credential;
            let is_known =
                || rotation::known_files(&config, &name, &market.url().to_string()).map(|files| !files.is_empty());
            let credential = match credential.makes() || (!credential.is_given() && is_known()?) {
                true => Credential::Known,
                false => Credential::Given(credential.prepare(ui, &config, Target::New(&device))?),
            };
            return self.keep(&check, &mut config, &row, credential, client.transport(), notes);
        }

        let prepared = self.new.credential.prepare(ui, &config, Target::New(&device))?;
        let order =
            Registration { hub: &hub, device: &device, credential: &prepared.sent, poll_interval: POLL_INTERVAL };
        let result = device::register(&mut client, &order);
        market::compare_clocks(ui, &market);
        let registered = match result {
            Ok(registered) => registered,
            // Another run was faster, perhaps with the same credential.
            Err(e) => match taken(&e, &name) {
                Some(row) if !self.new.credential.makes() => {
                    let credential = Credential::Given(prepared);
                    return self.keep(&check, &mut config, &row, credential, client.transport(), notes);
                }
                _ => {
                    self.new.credential.settle(ui, prepared.kept, perhaps_there(&e, &device).as_ref());
                    return login.checked(Err(e));
                }
            },
        };
        login.tell(ui, &registered.notes);
        let saved = if self.new.no_save {
            Device::default()
        } else {
            device_credential::save(ui, &mut config, &name, prepared.kept, &market, &broker_url, "is registered")?
        };
        if let Some(endpoint) = &endpoint {
            let proof = device_credential::prove(ui, endpoint, &name, &prepared.secret, check.timeout);
            proof.into_result().map_err(|e| unproved(e, &mut client, &hub, &device, &name, &broker_url))?;
        }
        let proved = endpoint.is_some();
        let (market, broker) = (&market, &broker_url);
        let outcome = Outcome { registered: &registered, existing: false, saved: &saved, market, broker, proved };
        ui.result(name.as_str(), || outcome.json())
    }
}

impl Register {
    /// Proves that a device that is registered already logs in, and saves it in the configuration.
    fn keep(
        &self,
        check: &LoginCheck<'_>,
        config: &mut Config,
        row: &DeviceRow,
        credential: Credential,
        transport: Transport,
        notes: Vec<ChangeNote>,
    ) -> anyhow::Result<()> {
        let LoginCheck { ui, market, broker, .. } = *check;
        let name = &row.name;
        let kept = check.prove(&self.new.credential, config, name, credential)?;
        let saved = if self.new.no_save {
            Device::default()
        } else {
            device_credential::save(ui, config, name, kept, market, broker, "is registered already")?
        };
        ui.note(&format!("{name} is registered already and logs in; nothing was changed at the marketplace."));
        let registered = Registered { name: name.clone(), hub: name.hub(), id: row.id, transport, notes };
        let outcome = Outcome { registered: &registered, existing: true, saved: &saved, market, broker, proved: true };
        ui.result(name.as_str(), || outcome.json())
    }
}

/// Returns the row of the device, if it is registered already.
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

/// Explains that the device is registered, but not proved. Two registrations at the same moment may be the cause.
fn unproved(
    error: anyhow::Error,
    client: &mut MarketClient<'_>,
    hub: &HubSpec,
    device: &ShortName,
    name: &DeviceName,
    broker: &BrokerUrl,
) -> anyhow::Error {
    if device_credential::is_refusal(&error)
        && let Ok((_, rows)) = device::namesakes(client, hub, device, &mut Vec::new())
        && let Err(doubled) = row_of(name, &rows)
    {
        return doubled.into();
    }
    let message = format!("{name} is registered, but its log-in at {broker} is not proved");
    let hint = format!("do not register it again; run `{{i3}} pub --device '{name}'`, and correct what it reports");
    let failure = CliError::new(error::kind(&error), message).hint_of(entry!("not-proved"), hint);
    error.context(failure)
}

/// Returns the device that may be registered although an error was reported: its credential may still be needed.
fn perhaps_there(error: &ChangeError, device: &ShortName) -> Option<DeviceName> {
    match error {
        ChangeError::Unknown { name, .. } | ChangeError::Doubled { name, .. } => name.parse().ok(),
        ChangeError::AcceptedButMissing { place, .. } => place.parse::<HubName>().ok().map(|hub| hub.device(device)),
        _ => None,
    }
}

/// What a registration came to.
struct Outcome<'a> {
    registered: &'a Registered,
    /// Whether it was registered before.
    existing: bool,
    saved: &'a Device,
    market: &'a Market,
    broker: &'a BrokerUrl,
    proved: bool,
}

impl Outcome<'_> {
    fn json(&self) -> serde_json::Value {
        let Outcome { registered, existing, saved, market, broker, proved } = self;
        json!({
            "device": registered.name.as_str(), "hub": registered.hub.as_str(), "id": registered.id, "existing": existing,
            "market": market.url().to_string(), "broker": broker.to_string(), "key": shown_path(&saved.key),
            "password_file": shown_path(&saved.password_file),
            "via": match registered.transport { Transport::Rest => "rest", Transport::Web => "web" },
            "proved": proved, "notes": registered.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    }
}

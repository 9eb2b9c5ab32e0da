//! `i3 register`: registers a device with the marketplace, and proves at the broker that it can log in.

use clap::Args;
use serde_json::json;

use super::device_credential::{self, NewCredentialArgs, Target, shown_path};
use super::failure::{self, Failure};
use super::market;
use super::ui::Ui;
use crate::catalogue::entry;
use crate::config::{Config, Device};
use crate::market::Market;
use crate::market::access::Route;
use crate::market::change::{ChangeError, SETTLE};
use crate::market::hub::HubSpec;
use crate::market::register::{self, Order, Registered};
use crate::name::{DeviceName, HubName, ShortName};

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
    new: NewCredentialArgs,
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
        let market = self.new.market.open(ui, &config)?;
        let entry = self.new.market.entry(ui, &config, &market)?;
        let broker_url = self.new.proof.url(&config, market.url(), None)?;
        let endpoint = self.new.proof.endpoint(ui, &config, &self.new.market.place, &broker_url)?;
        let prepared = self.new.credential.prepare(ui, &config, Target::New(&device))?;

        let order = Order { hub: &hub, device: &device, credential: &prepared.sent, settle: SETTLE };
        let result = register::register(&market, &entry.access(), &order);
        market::compare_clocks(ui, &market);
        let registered = match result {
            Ok(registered) => registered,
            Err(e) => {
                self.new.credential.settle(ui, prepared.kept, perhaps_there(&e, &device).as_ref());
                return entry.checked(Err(e));
            }
        };
        entry.tell(ui, &registered.notes);
        let name = registered.name.clone();
        let saved = if self.new.no_save {
            Device::default()
        } else {
            device_credential::save(ui, &mut config, &name, prepared.kept, &market, &broker_url, "is registered")?
        };
        if let Some(endpoint) = endpoint {
            let proof = device_credential::prove(ui, &endpoint, &name, prepared.log_in, self.new.market.place.timeout);
            proof.map_err(|e| {
                let message = format!("{name} is registered, but that it can log in at {broker_url} is not proved");
                let hint =
                    format!("do not register it again; try `{{i3}} pub --device '{name}'`, and mend what that names");
                let failure = Failure::new(failure::kind(&e), message).hint_of(entry!("not-proved"), hint);
                e.context(failure)
            })?;
        }
        ui.result(name.as_str(), || shown(&registered, &saved, &market, !self.new.proof.no_check))
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

fn shown(registered: &Registered, saved: &Device, market: &Market, proved: bool) -> serde_json::Value {
    json!({
        "device": registered.name.as_str(), "hub": registered.hub.as_str(), "id": registered.id,
        "market": market.url().to_string(), "broker": saved.broker, "key": shown_path(&saved.key), "password_file": shown_path(&saved.password_file),
        "via": match registered.route { Route::Rest => "rest", Route::Web => "web" },
        "proved": proved, "notes": registered.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
    })
}

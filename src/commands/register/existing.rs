//! A device that is there already: a success if it logs in, and never registered again.

use super::{Register, shown};
use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::cli::device_credential::{self, Kept, Prepared};
use crate::cli::error::{CliError, ExitKind};
use crate::cli::ui::Ui;
use crate::config::{Config, Device};
use crate::market::Market;
use crate::market::auth::Transport;
use crate::market::change::Note;
use crate::market::page::DeviceRow;
use crate::market::register::Registered;
use crate::mqtt::connection::Endpoint;
use crate::name::DeviceName;

/// What the device is tried with.
pub enum LogIn {
    /// What the options name.
    Given(Prepared),
    /// What is known here: a new credential was asked for, and is not made for a device that has one.
    Known,
}

/// Where it is tried.
pub struct Place<'a> {
    pub ui: &'a Ui,
    pub market: &'a Market,
    pub broker: &'a BrokerUrl,
    /// None if nothing is to be proved.
    pub endpoint: Option<&'a Endpoint>,
    pub timeout: std::time::Duration,
}

impl Register {
    /// Sees that a device that is there logs in, and keeps it in the configuration.
    ///
    /// # Errors
    /// The broker does not take its credential, cannot be asked, or there is none to be tried.
    pub(super) fn keep(
        &self,
        place: &Place<'_>,
        config: &mut Config,
        row: &DeviceRow,
        log_in: LogIn,
        route: Transport,
        notes: Vec<Note>,
    ) -> anyhow::Result<()> {
        let (ui, name) = (place.ui, &row.name);
        let kept = match log_in {
            LogIn::Given(Prepared { log_in, kept, .. }) => {
                let identity = device_credential::identity(name, log_in);
                match place.endpoint(name).and_then(|to| device_credential::prove(ui, to, &identity, place.timeout)) {
                    Ok(()) => kept,
                    Err(e) => {
                        // What was typed for it is not its password.
                        self.new.credential.settle(ui, kept, None);
                        return Err(untaken(e, name, place.broker, "the credential that is given"));
                    }
                }
            }
            LogIn::Known => self.known(place, config, name)?,
        };
        let saved = if self.new.no_save {
            Device::default()
        } else {
            let (market, broker) = (place.market, place.broker);
            device_credential::save(ui, config, name, kept, market, broker, "is registered already")?
        };
        ui.note(&format!("{name} is registered already and logs in; nothing was changed at the marketplace."));
        let registered = Registered { name: name.clone(), hub: name.hub(), id: row.id, route, notes };
        ui.result(name.as_str(), || shown(&registered, true, &saved, place.market, true))
    }

    /// The first credential that is known here and that the broker takes.
    fn known(&self, place: &Place<'_>, config: &Config, name: &DeviceName) -> anyhow::Result<Kept> {
        let ui = place.ui;
        let files = device_credential::known(config, name, place.market.url())?;
        if files.is_empty() {
            return Err(CliError::new(ExitKind::Refused, format!("{name} is registered already, and no credential of it is known here"))
                .because("a new one is not made for a device that is there: its present one would not be that")
                .hint_of(
                    entry!("device-exists"),
                    format!("give it another with `{{i3}} device passwd '{name}'`, or name its own with --key or --password-file"),
                )
                .into());
        }
        let to = place.endpoint(name)?;
        let mut refusal = None;
        for (kind, file) in files {
            let Prepared { log_in, kept, .. } = self.new.credential.kept(ui, kind, &file)?;
            match device_credential::prove(ui, to, &device_credential::identity(name, log_in), place.timeout) {
                Ok(()) => return Ok(kept),
                Err(e) if device_credential::is_refusal(&e) => refusal = Some((e, kind, file)),
                Err(e) => return Err(untaken(e, name, place.broker, "its credential")),
            }
        }
        Err(match refusal {
            Some((e, kind, file)) => untaken(e, name, place.broker, &format!("the {kind} in {}", file.display())),
            None => unasked(name, place.broker).into(),
        })
    }
}

impl Place<'_> {
    fn endpoint(&self, name: &DeviceName) -> anyhow::Result<&Endpoint> {
        let without = || {
            unasked(name, self.broker)
                .because("--no-check forbids it")
                .hint_of(entry!("not-proved"), "leave --no-check out")
        };
        self.endpoint.ok_or_else(|| without().into())
    }
}

fn unasked(name: &DeviceName, broker: &BrokerUrl) -> CliError {
    let message = format!("{name} is registered already, and the broker at {broker} was not asked whether it logs in");
    CliError::new(ExitKind::TryAgain, message).hint(entry!("not-proved"))
}

/// The device is there, and does not log in with `what`, or nobody could be asked.
fn untaken(error: anyhow::Error, name: &DeviceName, broker: &BrokerUrl, what: &str) -> anyhow::Error {
    if !device_credential::is_refusal(&error) {
        // Its own reason and way out, if it was never asked.
        if error.is::<CliError>() {
            return error;
        }
        let failure = unasked(name, broker)
            .hint_of(entry!("not-proved"), "try again when the broker can be reached, or name it with --broker");
        return error.context(failure);
    }
    let message = format!("{name} is registered already, and the broker does not take {what}");
    let remedy = format!(
        "give it this one with `{{i3}} device passwd '{name}'`; if the broker does not take that either, run `{{i3}} device \
         repair '{name}'`"
    );
    error.context(CliError::new(ExitKind::Refused, message).hint_of(entry!("device-exists"), remedy))
}

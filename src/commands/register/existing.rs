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
use crate::market::change::ChangeNote;
use crate::market::device::Registered;
use crate::market::model::DeviceRow;
use crate::mqtt::connection::Endpoint;
use crate::name::DeviceName;
use crate::rotation::{self, Proof};

/// Which credential the device has to log in with.
pub enum Credential {
    /// The one that the options name.
    Given(Prepared),
    /// One that is known here: a new one was requested, and is not made for a device that has one.
    Known,
}

/// The broker at which the device has to log in.
pub struct LoginCheck<'a> {
    pub ui: &'a Ui,
    pub market: &'a Market,
    pub broker: &'a BrokerUrl,
    /// `None` if nothing is to be proved.
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
        check: &LoginCheck<'_>,
        config: &mut Config,
        row: &DeviceRow,
        credential: Credential,
        transport: Transport,
        notes: Vec<ChangeNote>,
    ) -> anyhow::Result<()> {
        let (ui, name) = (check.ui, &row.name);
        let kept = match credential {
            Credential::Given(Prepared { secret, kept, .. }) => {
                let prove = |endpoint| device_credential::prove(ui, endpoint, name, &secret, check.timeout);
                match check.endpoint(name).and_then(|endpoint| prove(endpoint).into_result()) {
                    Ok(()) => kept,
                    Err(e) => {
                        // What was typed for it is not its password.
                        self.new.credential.settle(ui, kept, None);
                        return Err(not_accepted(e, name, check.broker, "the credential that is given"));
                    }
                }
            }
            Credential::Known => self.known(check, config, name)?,
        };
        let saved = if self.new.no_save {
            Device::default()
        } else {
            let (market, broker) = (check.market, check.broker);
            device_credential::save(ui, config, name, kept, market, broker, "is registered already")?
        };
        ui.note(&format!("{name} is registered already and logs in; nothing was changed at the marketplace."));
        let registered = Registered { name: name.clone(), hub: name.hub(), id: row.id, transport, notes };
        ui.result(name.as_str(), || shown(&registered, true, &saved, check.market, true))
    }

    /// The first credential that is known here and that the broker takes.
    fn known(&self, check: &LoginCheck<'_>, config: &Config, name: &DeviceName) -> anyhow::Result<Kept> {
        let ui = check.ui;
        let files = rotation::known_files(config, name, &check.market.url().to_string())?;
        if files.is_empty() {
            return Err(CliError::new(ExitKind::Refused, format!("{name} is registered already, and no credential of it is known here"))
                .because("a new one is not made for a device that is there: its present one would not be that")
                .hint_of(
                    entry!("device-exists"),
                    format!("give it another with `{{i3}} device passwd '{name}'`, or name its own with --key or --password-file"),
                )
                .into());
        }
        let endpoint = check.endpoint(name)?;
        let mut refusal = None;
        for file in files {
            let Prepared { secret, kept, .. } = self.new.credential.kept(ui, &file)?;
            match device_credential::prove(ui, endpoint, name, &secret, check.timeout) {
                Proof::Accepted => return Ok(kept),
                Proof::Refused(e) => refusal = Some((e, file)),
                Proof::Unanswered(e) => return Err(not_accepted(e, name, check.broker, "its credential")),
            }
        }
        Err(match refusal {
            Some((e, file)) => not_accepted(e, name, check.broker, &file.to_string()),
            None => not_asked(name, check.broker).into(),
        })
    }
}

impl LoginCheck<'_> {
    fn endpoint(&self, name: &DeviceName) -> anyhow::Result<&Endpoint> {
        let without = || {
            not_asked(name, self.broker)
                .because("--no-check forbids it")
                .hint_of(entry!("not-proved"), "leave --no-check out")
        };
        self.endpoint.ok_or_else(|| without().into())
    }
}

fn not_asked(name: &DeviceName, broker: &BrokerUrl) -> CliError {
    let message = format!("{name} is registered already, and the broker at {broker} was not asked whether it logs in");
    CliError::new(ExitKind::TryAgain, message).hint(entry!("not-proved"))
}

/// The device is there, and does not log in with `what`, or nobody could be asked.
fn not_accepted(error: anyhow::Error, name: &DeviceName, broker: &BrokerUrl, what: &str) -> anyhow::Error {
    if !device_credential::is_refusal(&error) {
        // Its own reason and way out, if it was never asked.
        if error.is::<CliError>() {
            return error;
        }
        let failure = not_asked(name, broker)
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

//! A device that is registered already: a success if it logs in, and never registered again.

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
    /// One that is stored here: a new one was requested, and is not made for a device that has one.
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
    /// Checks that a registered device logs in, and saves it in the configuration.
    ///
    /// # Errors
    /// The broker does not accept its credential or cannot be reached, or there is no credential to try.
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
                        // What was typed is not the device's password.
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

    /// Returns the first credential that is stored here and that the broker accepts.
    fn known(&self, check: &LoginCheck<'_>, config: &Config, name: &DeviceName) -> anyhow::Result<Kept> {
        let ui = check.ui;
        let files = rotation::known_files(config, name, &check.market.url().to_string())?;
        if files.is_empty() {
            return Err(CliError::new(ExitKind::Refused, format!("{name} is registered already, but its credential is not stored here"))
                .because("a new credential is not made for a device that is registered already: the marketplace would not know it")
                .hint_of(
                    entry!("device-exists"),
                    format!("give it another one with `{{i3}} device passwd '{name}'`, or give its own with --key or --password-file"),
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
                .because("--no-check was given")
                .hint_of(entry!("not-proved"), "omit --no-check")
        };
        self.endpoint.ok_or_else(|| without().into())
    }
}

fn not_asked(name: &DeviceName, broker: &BrokerUrl) -> CliError {
    let message = format!("{name} is registered already, but the broker at {broker} was not asked whether it logs in");
    CliError::new(ExitKind::TryAgain, message).hint(entry!("not-proved"))
}

/// The device is registered, and does not log in with `what`, or the broker could not be asked.
fn not_accepted(error: anyhow::Error, name: &DeviceName, broker: &BrokerUrl, what: &str) -> anyhow::Error {
    if !device_credential::is_refusal(&error) {
        // If the broker was never asked, the error has its own reason and hint.
        if error.is::<CliError>() {
            return error;
        }
        let failure = not_asked(name, broker).hint_of(
            entry!("not-proved"),
            "try again when the broker can be reached, or give another one with --broker",
        );
        return error.context(failure);
    }
    let message = format!("{name} is registered already, but the broker does not accept {what}");
    let remedy = format!(
        "register this one with `{{i3}} device passwd '{name}'`; if the broker does not accept it then, run `{{i3}} device \
         repair '{name}'`"
    );
    error.context(CliError::new(ExitKind::Refused, message).hint_of(entry!("device-exists"), remedy))
}

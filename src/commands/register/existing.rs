//! A device that is already registered: a success if it logs in, and never registered again.

use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::cli::device_credential::{self, DeviceCredential, Kept, Prepared};
use crate::cli::error::{CliError, ExitKind};
use crate::cli::ui::Ui;
use crate::config::Config;
use crate::login::LoginSecret;
use crate::market::Market;
use crate::mqtt::connection::Endpoint;
use crate::name::DeviceName;
use crate::rotation::{self, Proof};

/// The credential that the device must log in with.
pub enum Credential {
    /// The one that the options name.
    Given(Prepared),
    /// A stored one: a new one was requested, but is not made for a device that has one.
    Known,
}

/// The broker at which the device must log in.
pub struct LoginCheck<'a> {
    pub ui: &'a Ui,
    pub market: &'a Market,
    pub broker: &'a BrokerUrl,
    /// `None` if no proof is required.
    pub endpoint: Option<&'a Endpoint>,
    pub timeout: std::time::Duration,
}

impl LoginCheck<'_> {
    /// Proves that a registered device logs in; returns the credential that the broker accepts.
    ///
    /// # Errors
    /// The broker does not accept its credential or cannot be reached, or there is no credential to try.
    pub fn prove(
        &self,
        options: &DeviceCredential,
        config: &Config,
        name: &DeviceName,
        credential: Credential,
    ) -> anyhow::Result<Kept> {
        let Credential::Given(Prepared { secret, kept, .. }) = credential else {
            return self.prove_known(options, config, name);
        };
        let proved = self.endpoint(name).and_then(|endpoint| self.log_in(endpoint, name, &secret).into_result());
        match proved {
            Ok(()) => Ok(kept),
            Err(e) => {
                // The typed text is not the device's password.
                options.settle(self.ui, kept, None);
                Err(not_accepted(e, name, self.broker, "the credential that is given"))
            }
        }
    }

    /// Returns the first credential that is stored here and that the broker accepts.
    fn prove_known(&self, options: &DeviceCredential, config: &Config, name: &DeviceName) -> anyhow::Result<Kept> {
        let files = rotation::known_files(config, name, &self.market.url().to_string())?;
        if files.is_empty() {
            let message = format!("{name} is already registered, but its credential is not stored here");
            let remedy = format!(
                "give it another one with `{{i3}} device passwd '{name}'`, or give its own with --key or --password-file"
            );
            return Err(CliError::new(ExitKind::Refused, message)
                .because(
                    "a new credential is not made for a device that is already registered: the marketplace would not \
                     know it",
                )
                .hint_of(entry!("device-exists"), remedy)
                .into());
        }
        let endpoint = self.endpoint(name)?;
        let mut refusal = None;
        for file in files {
            let Prepared { secret, kept, .. } = options.kept(self.ui, &file)?;
            match self.log_in(endpoint, name, &secret) {
                Proof::Accepted => return Ok(kept),
                Proof::Refused(e) => refusal = Some((e, file)),
                Proof::Unanswered(e) => return Err(not_accepted(e, name, self.broker, "its credential")),
            }
        }
        Err(match refusal {
            Some((e, file)) => not_accepted(e, name, self.broker, &file.to_string()),
            None => not_asked(name, self.broker).into(),
        })
    }

    fn log_in(&self, endpoint: &Endpoint, name: &DeviceName, secret: &LoginSecret) -> Proof<anyhow::Error> {
        device_credential::prove(self.ui, endpoint, name, secret, self.timeout)
    }

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
    let message = format!("{name} is already registered, but the broker at {broker} was not asked whether it logs in");
    CliError::new(ExitKind::TryAgain, message).hint(entry!("not-proved"))
}

/// The device is registered, but does not log in with `what`, or the broker could not be asked.
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
    let message = format!("{name} is already registered, but the broker does not accept {what}");
    let remedy = format!(
        "register {what} with `{{i3}} device passwd '{name}'` and the option that names it; if the broker does not accept it \
         then, run `{{i3}} device repair '{name}'`"
    );
    error.context(CliError::new(ExitKind::Refused, message).hint_of(entry!("device-exists"), remedy))
}

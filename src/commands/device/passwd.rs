//! `i3 device passwd`: gives a device another password or key, and proves at the broker that it counts.

use clap::Args;
use serde_json::json;

use super::{doubled, resolve};
use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::cli::broker::{self, Credential as LoginCredential};
use crate::cli::device_credential::{self, Kept, NewCredentialArgs, Target, shown_path};
use crate::cli::error::{self, CliError, ExitKind};
use crate::cli::market;
use crate::cli::ui::Ui;
use crate::config::{Config, Device};
use crate::guard::source;
use crate::key::PrivateKey;
use crate::market::Market;
use crate::market::change::ChangeError;
use crate::market::client::MarketClient;
use crate::market::device::{self, Edited};
use crate::name::DeviceName;
use crate::rotation::{self, Journal, JournalGuard, RotationError, RotationLock, Stage};

/// Give a device another password or key at the marketplace, and prove that it counts
///
/// The new secret is kept in a file before it is sent, and the old one stays until the broker took the new one: whatever
/// happens in between, the one that counts is not lost: if this is cut off after a key or password was made, 'pub' tries
/// both, and 'device rotate' finishes it. A password is registered as a hash that is made here, as by
/// 'register'.
///
/// The old credential ends at once for new log-ins; connections that are open stay. With --json {"device", "id", "key",
/// "password_file", "proved"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 device passwd lot1                          # asks for the new password
  i3 device passwd lot1 --generate-password
  i3 device passwd 'alice$parking$lot1' --new-key")]
pub struct Passwd {
    /// Change this device, by its full or short name
    device: String,
    #[command(flatten)]
    new: NewCredentialArgs,
}

impl Passwd {
    /// Runs the command.
    ///
    /// # Errors
    /// Whatever keeps the credential from being changed, or from being proved.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let mut config = Config::load()?;
        let market = self.new.market.open(ui, &config)?;
        let entry = self.new.market.entry(ui, &config, &market)?;
        let access = entry.access();
        let mut client = MarketClient::open(&market, &access)?;
        let name = entry.checked(resolve(&mut client, &config, &self.device))?;
        let device = entry.checked(device::find(&mut client, &name))?;
        entry.tell(ui, &device.notes);
        if !device.others.is_empty() {
            return Err(doubled(&device).into());
        }
        let row = &device.row;
        let broker = self.new.proof.url(&config, market.url(), Some(&row.name))?;
        let endpoint = self.new.proof.endpoint(ui, &config, &self.new.market.place, &broker)?;
        let old = config.device_at(&row.name, &market.url().to_string()).cloned().unwrap_or_default();
        let _turn = RotationLock::take(&config.places, &row.name)?;
        if rotation::pending(&config.places, &row.name)?.is_some() {
            return Err(CliError::new(ExitKind::Refused, format!("a rotation of {} was cut off", row.name))
                .because("it has two credentials here, and either may be the one that counts")
                .hint_of(entry!("rotation-open"), format!("finish it first: `{{i3}} device rotate '{}'`", row.name))
                .into());
        }
        let prepared = self.new.credential.prepare(ui, &config, Target::Known(&row.name))?;
        let _noted = match self.note(&config, &row.name, &prepared.kept, &old, &market, &broker) {
            Ok(noted) => noted,
            Err(e) => {
                self.new.credential.settle(ui, prepared.kept, None);
                return Err(e.into());
            }
        };

        let edited = ui.progress("changing the device", || device::edit(&mut client, row, &prepared.sent));
        market::compare_clocks(ui, &market);
        let edited = match edited {
            Ok(edited) => edited,
            Err(e) => {
                // Only an answer that means nothing leaves it open.
                let perhaps = matches!(e, ChangeError::UnexpectedAnswer { .. }).then_some(&row.name);
                self.new.credential.settle(ui, prepared.kept, perhaps);
                return entry.checked(Err(e));
            }
        };
        let timeout = self.new.market.place.timeout;
        let prove = |log_in| {
            let identity = device_credential::identity(&row.name, log_in);
            endpoint.as_ref().map(|to| device_credential::prove(ui, to, &identity, timeout))
        };
        let saved = match edited {
            Edited::Accepted => {
                let saved = self.save(ui, &mut config, &row.name, prepared.kept, &market, &broker)?;
                prove(prepared.log_in).transpose().map_err(|e| unproved(ui, &row.name, &broker, &old, e))?;
                saved
            }
            Edited::Unknown(said) => match prove(prepared.log_in) {
                Some(Ok(())) => {
                    ui.note(&format!("The marketplace did not say so ({said}), but the new credential counts."));
                    self.save(ui, &mut config, &row.name, prepared.kept, &market, &broker)?
                }
                Some(Err(e))
                    if device_credential::is_refusal(&e)
                        && old_log_in(ui, &old).is_some_and(|log_in| counts(prove(log_in))) =>
                {
                    // What was sent may be at work yet, and come to count.
                    self.new.credential.settle(ui, prepared.kept, Some(&row.name));
                    return Err(CliError::new(
                        ExitKind::TryAgain,
                        format!("{} has its old credential so far", row.name),
                    )
                    .because(said)
                    .hint_of(entry!("not-proved"), "try again")
                    .into());
                }
                other => {
                    self.new.credential.settle(ui, prepared.kept, Some(&row.name));
                    let message = format!("whether {} has its new credential is not known", row.name);
                    let failure = CliError::new(ExitKind::TryAgain, message)
                        .because(said)
                        .hint_of(entry!("change-unknown"), "do it again: the same would only be set once more");
                    return Err(match other {
                        Some(Err(e)) => e.context(failure),
                        _ => failure.into(),
                    });
                }
            },
        };
        match endpoint {
            Some(_) => forget(&config, &row.name, &old, &saved),
            None => ui.note(&format!(
                "Not proved: the marketplace takes a new credential also for a device that cannot log in; \
                 `{} pub --device '{}'` proves it.",
                ui.program, row.name
            )),
        }
        ui.result(row.name.as_str(), || {
            json!({
                "device": row.name.as_str(), "id": row.id, "key": shown_path(&saved.key),
                "password_file": shown_path(&saved.password_file), "proved": !self.new.proof.no_check,
            })
        })
    }

    /// Until the configuration names the new credential, 'pub' tries it beside the old one, and 'rotate' goes on with it.
    fn note(
        &self,
        config: &Config,
        name: &DeviceName,
        kept: &Kept,
        old: &Device,
        market: &Market,
        broker: &BrokerUrl,
    ) -> Result<Option<JournalGuard>, RotationError> {
        let Some((kind, path)) = self.new.credential.made(kept).filter(|_| !self.new.no_save) else { return Ok(None) };
        let old = match kind {
            rotation::SecretKind::Key => &old.key,
            rotation::SecretKind::Password => &old.password_file,
        };
        let journal = Journal {
            device: name.to_string(),
            market: market.url().to_string(),
            broker: broker.to_string(),
            kind,
            old: old.clone().unwrap_or_else(|| path.into()),
            place: path.into(),
            next: path.into(),
            stage: Stage::Forward,
        };
        journal.note(&config.places, name).map(Some)
    }

    fn save(
        &self,
        ui: &Ui,
        config: &mut Config,
        name: &DeviceName,
        kept: Kept,
        market: &Market,
        broker: &BrokerUrl,
    ) -> anyhow::Result<Device> {
        if self.new.no_save {
            // What was made for it stays, or nobody could log in.
            self.new.credential.settle(ui, kept, Some(name));
            return Ok(Device::default());
        }
        let saved = device_credential::save(ui, config, name, kept, market, broker, "was given its new credential")?;
        if let Some(path) = saved.password_file.as_ref().or(saved.key.as_ref()) {
            ui.note(&format!("The new secret is in {}.", path.display()));
        }
        Ok(saved)
    }
}

/// What the configuration knew before, if it can be had without asking anybody.
fn old_log_in(ui: &Ui, old: &Device) -> Option<LoginCredential> {
    if let Some(path) = &old.key {
        let key = PrivateKey::read(path, || Ok(None)).ok()?;
        return Some(LoginCredential::Key { path: path.clone(), key: Box::new(key) });
    }
    let secret = source::file(old.password_file.as_deref()?);
    let password = secret.map_err(anyhow::Error::from).and_then(|secret| broker::checked(secret, None));
    password
        .map(LoginCredential::Password)
        .map_err(|e| ui.detail(&format!("The old password is left out: {e:#}.")))
        .ok()
}

fn counts(proof: Option<anyhow::Result<()>>) -> bool {
    matches!(proof, Some(Ok(())))
}

/// The marketplace took the new credential, which proves nothing: it takes one for a device whose log-in is gone as well
/// (I3 facts §6.1).
fn unproved(ui: &Ui, name: &DeviceName, broker: &BrokerUrl, old: &Device, error: anyhow::Error) -> anyhow::Error {
    if let Some(path) = old.password_file.as_ref().or(old.key.as_ref()) {
        ui.note(&format!("The old secret is still in {}.", path.display()));
    }
    let failure = if device_credential::is_refusal(&error) {
        let message = format!("the broker refuses the new credential of {name}, though the marketplace took it");
        let remedy = format!("run `{{i3}} device repair '{name}'`, which registers it once more with this credential");
        CliError::new(error::kind(&error), message).hint_of(entry!("device-dead"), remedy)
    } else {
        let message = format!(
            "the marketplace took the new credential of {name}, but that it can log in at {broker} is not proved"
        );
        CliError::new(error::kind(&error), message)
            .hint_of(entry!("not-proved"), format!("try `{{i3}} pub --device '{name}'`, and correct what that names"))
    };
    error.context(failure)
}

/// Removes the password file that no log-in needs any more, if this program made it.
fn forget(config: &Config, name: &DeviceName, old: &Device, new: &Device) {
    if let Some(path) = old.password_file.as_ref().filter(|path| Some(*path) != new.password_file.as_ref())
        && path.parent() == Some(&config.places.passwords())
        && (new.key.is_some() || new.password_file.is_some())
        && std::fs::canonicalize(path).is_ok_and(|path| !config.is_shared(name, &path))
    {
        // One that cannot be removed opens nothing any more.
        let _ = std::fs::remove_file(path);
    }
}

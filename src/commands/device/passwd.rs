//! `i3 device passwd`: gives a device another password or key, and proves at the broker that it logs in.

use std::path::Path;

use clap::Args;
use serde_json::json;

use super::lookup::{doubled, resolve};
use super::unsaved::unsaved;
use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::cli::agent;
use crate::cli::device_argument::DeviceArgument;
use crate::cli::device_credential::{self, Kept, NewCredentialArgs, Target, is_lasting, is_refusal, shown_path};
use crate::cli::error::{self, CliError, ExitKind};
use crate::cli::ui::Ui;
use crate::cli::{market, prompt};
use crate::config::{Config, Device};
use crate::login::origin::signer_unasked;
use crate::login::{CredentialFile, LoginSecret, SecretKind};
use crate::market::Market;
use crate::market::change::ChangeError;
use crate::market::client::MarketClient;
use crate::market::credential::RegisteredCredential;
use crate::market::device::{self, Edited};
use crate::market::model::DeviceRow;
use crate::mqtt::connection::Endpoint;
use crate::name::DeviceName;
use crate::rotation::replace::{self, LogInCheck, ReplaceError, Replaced, Replacement};
use crate::rotation::{self, Journal, Proof, RegisterAnswer, RotationHost, RotationLock, RotationStep, Stage};

/// Give a device another password or key at the marketplace, and prove that it logs in
///
/// The new secret is stored in a file before it is sent, and the old one stays until the broker has accepted the new one,
/// so the valid one is never lost. If this is interrupted after a key or password was made, 'pub' tries both, and
/// 'device rotate' finishes the change. A password is registered as a hash that is made here, as by 'register'.
///
/// The old credential is invalid at once for new log-ins; open connections stay. With --json {"device", "id", "key",
/// "password_file", "proved"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 device passwd lot1                          # asks for the new password
  i3 device passwd lot1 --generate-password
  i3 device passwd 'alice$parking$lot1' --new-key")]
pub struct Passwd {
    #[command(flatten)]
    device: DeviceArgument,
    #[command(flatten)]
    new: NewCredentialArgs,
}

impl Passwd {
    /// Runs the command.
    ///
    /// # Errors
    /// Why the credential was not changed, or not proved.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let (mut config, market, login) = self.new.market.access(ui)?;
        if !self.new.no_save {
            config.check_writable()?;
        }
        let auth = login.auth();
        let mut client = MarketClient::open(&market, &auth)?;
        let name = login.checked(resolve(&mut client, &config, self.device.name()))?;
        let device = login.checked(device::find(&mut client, &name))?;
        login.tell(ui, &device.notes);
        if !device.others.is_empty() {
            return Err(doubled(&device).into());
        }
        let row = &device.row;
        let broker = self.new.proof.url(&config, market.url(), Some(&row.name))?;
        let endpoint = self.new.proof.endpoint(ui, &config, &self.new.market.place, &broker)?;
        let old = config.device_at(&row.name, &market.url().to_string()).cloned().unwrap_or_default();
        let _lock = RotationLock::take(&config.places, &row.name)?;
        check_no_rotation(&config, &row.name)?;
        let prepared = self.new.credential.prepare(ui, &config, Target::Known(&row.name))?;
        let file = prepared.kept.file();
        let (places, old_file) = (config.places.clone(), credential_of(&old));
        let replacement = Replacement {
            journal: self.journal(&row.name, &prepared.kept, &old, &market, &broker),
            file: &file,
            secret: &prepared.secret,
            registered: &prepared.sent,
            old: old_file.as_ref(),
            check: if endpoint.is_some() { LogInCheck::LogIn } else { LogInCheck::Skip },
        };
        let mut host = CliPasswdHost {
            args: &self,
            ui,
            row,
            config: &mut config,
            market: &market,
            client,
            broker: &broker,
            endpoint: endpoint.as_ref(),
            kept: Some(prepared.kept),
            saved: Device::default(),
        };
        let replaced = replace::replace(&places, &row.name, &replacement, &mut host);
        let (kept, saved) = (host.kept.take(), host.saved);
        match replaced {
            Ok(Replaced::Confirmed) => {}
            Ok(Replaced::ProvedOnly(said)) => {
                ui.note(&format!("The marketplace did not confirm it ({said}), but the new credential is valid."));
            }
            Err(error) => {
                if let Some(kept) = kept {
                    self.new.credential.settle(ui, kept, perhaps_sent(&error).then_some(&row.name));
                }
                let journaled = replacement.journal.is_some();
                let change = BegunChange { ui, name: &row.name, broker: &broker, old: &old, file: &file, journaled };
                return login.checked(Err(change.failed(error)));
            }
        }
        if endpoint.is_some() {
            forget(&config, &row.name, &old, &saved);
        }
        agent::forget(ui, &places, &row.name);
        self.report(ui, row, &saved)
    }

    fn report(&self, ui: &Ui, row: &DeviceRow, saved: &Device) -> anyhow::Result<()> {
        let proved = !self.new.proof.no_check;
        if !proved {
            ui.note(&format!(
                "Not proved: the marketplace accepts a new credential even for a device that cannot log in; \
                 `{} pub --device '{}'` proves it.",
                ui.program, row.name
            ));
        }
        ui.result(row.name.as_str(), || {
            json!({
                "device": row.name.as_str(), "id": row.id, "key": shown_path(&saved.key),
                "password_file": shown_path(&saved.password_file), "proved": proved,
            })
        })
    }

    /// Until the configuration names the new credential, `pub` tries both, and `rotate` finishes the change.
    fn journal(
        &self,
        name: &DeviceName,
        kept: &Kept,
        old: &Device,
        market: &Market,
        broker: &BrokerUrl,
    ) -> Option<Journal> {
        let made = self.new.credential.made(kept).is_some();
        // A pipe is gone afterwards.
        let CredentialFile { kind, path } =
            Some(kept.file()).filter(|file| !self.new.no_save && is_lasting(&file.path))?;
        let old = match kind {
            SecretKind::Key => &old.key,
            SecretKind::Password => &old.password_file,
        };
        Some(Journal {
            device: name.to_string(),
            market: market.url().to_string(),
            broker: broker.to_string(),
            kind,
            old: old.clone().unwrap_or_else(|| path.clone()),
            place: path.clone(),
            next: path,
            made,
            stage: Stage::Forward,
        })
    }
}

/// Checks that no rotation of the device was interrupted.
fn check_no_rotation(config: &Config, name: &DeviceName) -> anyhow::Result<()> {
    if rotation::pending(&config.places, name)?.is_none() {
        return Ok(());
    }
    Err(CliError::new(ExitKind::Refused, format!("a rotation of {name} was interrupted"))
        .because("two credentials of it are stored here, and either may be the valid one")
        .hint_of(entry!("rotation-open"), format!("finish it first: `{{i3}} device rotate '{name}'`"))
        .into())
}

/// Returns the credential that the configuration names.
fn credential_of(device: &Device) -> Option<CredentialFile> {
    let key = device.key.as_ref().map(|path| CredentialFile::new(SecretKind::Key, path));
    key.or_else(|| Some(CredentialFile::new(SecretKind::Password, device.password_file.as_ref()?)))
}

/// The command line as the host of the replacement.
struct CliPasswdHost<'a> {
    args: &'a Passwd,
    ui: &'a Ui,
    row: &'a DeviceRow,
    config: &'a mut Config,
    market: &'a Market,
    client: MarketClient<'a>,
    broker: &'a BrokerUrl,
    /// `None` if no proof is required.
    endpoint: Option<&'a Endpoint>,
    /// The new credential's file, until the configuration names it.
    kept: Option<Kept>,
    saved: Device,
}

impl RotationHost for CliPasswdHost<'_> {
    type Error = anyhow::Error;

    fn register(&mut self, credential: &RegisteredCredential) -> anyhow::Result<RegisterAnswer> {
        let edited = self.ui.progress("changing the device", || device::edit(&mut self.client, self.row, credential));
        market::compare_clocks(self.ui, self.market);
        Ok(match edited? {
            Edited::Accepted => RegisterAnswer::Accepted,
            Edited::Unknown(said) => RegisterAnswer::Unknown(said),
        })
    }

    fn prove(&mut self, secret: &LoginSecret) -> Proof<anyhow::Error> {
        let Some(endpoint) = self.endpoint else { return Proof::Unanswered(anyhow::anyhow!("--no-check was given")) };
        let timeout = self.args.new.market.place.timeout;
        device_credential::prove(self.ui, endpoint, &self.row.name, secret, timeout)
    }

    /// Reads the old credential, unless that needs a passphrase.
    fn read(&mut self, kind: SecretKind, path: &Path) -> anyhow::Result<LoginSecret> {
        Ok(match kind {
            SecretKind::Key => signer_unasked::<anyhow::Error>(path)?.into(),
            SecretKind::Password => LoginSecret::Password(prompt::password_in(self.ui, path)?),
        })
    }

    fn configure(&mut self, _: SecretKind, _: &Path) -> anyhow::Result<()> {
        let name = &self.row.name;
        let Some(kept) = self.kept.take() else { return Ok(()) };
        if self.args.new.no_save {
            // The only file that logs the device in must stay.
            self.args.new.credential.settle(self.ui, kept, Some(name));
            return Ok(());
        }
        let state = "was given its new credential";
        self.saved = device_credential::save(self.ui, self.config, name, kept, self.market, self.broker, state)?;
        if let Some(path) = self.saved.password_file.as_ref().or(self.saved.key.as_ref()) {
            self.ui.remark(&format!("The new secret is in {}.", path.display()));
        }
        Ok(())
    }

    fn report(&mut self, step: RotationStep) {
        self.ui.detail(&format!("{step}."));
    }
}

/// Whether the marketplace may have the new credential nevertheless.
fn perhaps_sent(error: &ReplaceError<anyhow::Error>) -> bool {
    match error {
        ReplaceError::Journal(_) => false,
        // Only an unexpected answer leaves it open.
        ReplaceError::Register(e) => matches!(e.downcast_ref(), Some(ChangeError::UnexpectedAnswer { .. })),
        _ => true,
    }
}

/// A replacement that was begun.
struct BegunChange<'a> {
    ui: &'a Ui,
    name: &'a DeviceName,
    broker: &'a BrokerUrl,
    old: &'a Device,
    file: &'a CredentialFile,
    journaled: bool,
}

impl BegunChange<'_> {
    /// Why it failed, and what to do then.
    fn failed(&self, error: ReplaceError<anyhow::Error>) -> anyhow::Error {
        let name = self.name;
        match error {
            ReplaceError::Journal(e) => e.into(),
            ReplaceError::Configure(e) if self.journaled => unsaved(e, name, self.file),
            ReplaceError::Register(e) | ReplaceError::Configure(e) => e,
            ReplaceError::Unproved(e) => self.unproved(e),
            ReplaceError::StillOld(said) => {
                CliError::new(ExitKind::TryAgain, format!("{name} still has its old credential"))
                    .because(said)
                    .hint_of(entry!("not-proved"), "try again")
                    .into()
            }
            ReplaceError::Unknown { said, why } => {
                let failure =
                    CliError::new(ExitKind::TryAgain, format!("whether {name} has its new credential is unknown"))
                        .because(said)
                        .hint_of(
                            entry!("change-unknown"),
                            "run the command again: setting the credential twice does no harm",
                        );
                match why {
                    Some(e) => e.context(failure),
                    None => failure.into(),
                }
            }
        }
    }

    /// Explains that the marketplace accepted the new credential, which proves nothing: it does so even for a device whose
    /// log-in is deleted (I3 facts §6.1).
    fn unproved(&self, error: anyhow::Error) -> anyhow::Error {
        let BegunChange { ui, name, broker, old, .. } = self;
        if let Some(path) = old.password_file.as_ref().or(old.key.as_ref()) {
            ui.note(&format!("The old secret is still in {}.", path.display()));
        }
        let failure = if is_refusal(&error) {
            let message =
                format!("the broker refuses the new credential of {name}, though the marketplace accepted it");
            let remedy = format!("run `{{i3}} device repair '{name}'`, which registers it again with this credential");
            CliError::new(error::kind(&error), message).hint_of(entry!("device-dead"), remedy)
        } else {
            let message = format!(
                "the marketplace accepted the new credential of {name}, but its log-in at {broker} is not proved"
            );
            CliError::new(error::kind(&error), message).hint_of(
                entry!("not-proved"),
                format!("run `{{i3}} pub --device '{name}'`, and correct what it reports"),
            )
        };
        error.context(failure)
    }
}

/// Removes the old password file if this program made it and nothing else uses it.
fn forget(config: &Config, name: &DeviceName, old: &Device, new: &Device) {
    if let Some(path) = old.password_file.as_ref().filter(|path| Some(*path) != new.password_file.as_ref())
        && path.parent() == Some(&config.places.passwords())
        && (new.key.is_some() || new.password_file.is_some())
        && std::fs::canonicalize(path).is_ok_and(|path| !config.is_shared(name, &path))
    {
        // A file that cannot be removed does no harm: its password is invalid.
        let _ = std::fs::remove_file(path);
    }
}

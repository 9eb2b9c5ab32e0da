//! `i3 device repair`: deletes every row of a device, registers it once, and proves at the broker that it logs in.

use clap::Args;
use serde_json::json;

use super::lookup::{listed, resolve};
use crate::catalogue::entry;
use crate::cli::agent;
use crate::cli::device_argument::DeviceArgument;
use crate::cli::device_credential::{self, DeviceCredential, Kept, Prepared, ProofArgs, Target, shown_path};
use crate::cli::error::{self, CliError, ExitKind};
use crate::cli::market::{self, MarketArgs, MarketLogin};
use crate::cli::ui::Ui;
use crate::config::{Config, Device};
use crate::login::{CredentialFile, LoginSecret};
use crate::market::Market;
use crate::market::change::{ChangeError, ChangeNote, POLL_INTERVAL};
use crate::market::client::MarketClient;
use crate::market::credential::RegisteredCredential;
use crate::market::device::{self, Registered, Registration};
use crate::market::hub::HubSpec;
use crate::market::model::{DeviceRow, Resource};
use crate::mqtt::connection::Endpoint;
use crate::name::{DeviceName, ShortName};
use crate::rotation::repair::{self, Plan, RepairHost, RepairStep, Stopped};
use crate::rotation::{self, Journal, Proof, RotationLock};

/// Replace a device that cannot log in: delete every row of its name, and register it once
///
/// Use it for a device that exists more than once, perhaps in other case or with other accents, in this hub or in one
/// whose name differs only in these; and for one that no new credential helps. The marketplace keeps one log-in for all such
/// rows: deleting one removes it for all, so all must be deleted before one is registered again.
///
/// It is registered in the spelling given here. The credential is the one stored here, unless the options name another;
/// it is read and checked before anything is deleted. If the device exists once and logs in with it, nothing is done. If
/// this is interrupted, by a signal or a power cut, the same command continues. Exit code 0 means that the device logs
/// in: without a broker it is 75.
///
/// With --json {"device", "hub", "id", "deleted": [{"device", "id"}], "key", "password_file", "proved", "notes"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 device repair lot1
  i3 device repair 'alice$parking$lot1' --yes
  i3 device repair lot1 --new-key --yes")]
pub struct Repair {
    #[command(flatten)]
    device: DeviceArgument,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    credential: DeviceCredential,
    #[command(flatten)]
    market: MarketArgs,
    /// Log in at this broker: mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]
    #[arg(long, value_name = "URL", help_heading = "Proof")]
    broker: Option<String>,
    /// Do not save the device in the configuration
    #[arg(long)]
    no_save: bool,
}

impl Repair {
    /// Runs the command.
    ///
    /// # Errors
    /// Why the device was not repaired. Once a row is deleted, the next run continues.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let (mut config, market, market_login) = self.market.access(ui)?;
        if !self.no_save {
            config.check_writable()?;
        }
        let auth = market_login.auth();
        let mut client = MarketClient::open(&market, &auth)?;
        let requested = match self.in_progress(&config, &market)? {
            Some(name) => name,
            None => market_login.checked(resolve(&mut client, &config, self.device.name()))?,
        };
        let short = ascii(&requested)?;
        let hub = HubSpec::Full(requested.hub());
        let mut notes = Vec::new();
        let (name, rows) = market_login.checked(device::namesakes(&mut client, &hub, &short, &mut notes))?;
        market_login.tell(ui, &notes);
        let broker = ProofArgs::always(self.broker.clone()).url(&config, market.url(), Some(&name))?;
        let endpoint = self.market.place.endpoint(ui, &config, &broker)?;
        let _lock = RotationLock::take(&config.places, &name)?;
        let begun = Plan::load(&config.places, &name)?.filter(|plan| plan.market == market.url().to_string());

        let case = Case { options: &self, ui, market: &market, endpoint: &endpoint, name: &name, rows: &rows, begun };
        case.check_it_exists()?;
        if let Some(kept) = case.working_credential(&config)? {
            return case.leave(&mut config, kept);
        }
        let Prepared { sent, secret, kept } = case.prepare(&config)?;
        if let Err(e) = case.confirm() {
            self.credential.settle(ui, kept, None);
            return Err(e);
        }
        let file = kept.file();
        let made = case.continued().is_some_and(|plan| plan.made) || self.credential.made(&kept).is_some();
        let host = CliRepairHost {
            case: &case,
            config: &mut config,
            market_login: &market_login,
            client,
            hub: &hub,
            short: &short,
            sent,
            secret,
            kept: Some(kept),
            registered: None,
            saved: Device::default(),
            notes: Vec::new(),
        };
        host.repair(file, made)
    }

    /// Resolves a short name whose repair was interrupted: perhaps no hub shows the device any more.
    fn in_progress(&self, config: &Config, market: &Market) -> anyhow::Result<Option<DeviceName>> {
        let mut pending = Plan::pending(&config.places, &market.url().to_string())?;
        pending.retain(|name| name.short() == self.device.name());
        Ok(pending.pop().filter(|_| pending.is_empty()))
    }
}

/// The device to repair: what the marketplace shows about it, and where it logs in.
struct Case<'a> {
    options: &'a Repair,
    ui: &'a Ui,
    market: &'a Market,
    endpoint: &'a Endpoint,
    /// In the spelling that it is to have.
    name: &'a DeviceName,
    rows: &'a [DeviceRow],
    /// What an earlier run has begun.
    begun: Option<Plan>,
}

impl Case<'_> {
    fn check_it_exists(&self) -> anyhow::Result<()> {
        if !self.rows.is_empty() || self.begun.is_some() {
            return Ok(());
        }
        let name = self.name;
        // 'device list' shows what exists: this device should be registered.
        let missing = ChangeError::Missing {
            resource: Resource::Device,
            name: name.to_string(),
            similar: Vec::new(),
            others: Vec::new(),
        };
        let remedy = format!("register it with `{{i3}} register {} --hub {}`", name.short(), name.hub().short());
        Err(CliError::new(ExitKind::Data, missing.to_string()).hint_of(entry!("device-missing"), remedy).into())
    }

    /// Returns the row of a device that exists once, in its own spelling.
    fn only_row(&self) -> Option<&DeviceRow> {
        self.rows.first().filter(|row| self.rows.len() == 1 && row.name == *self.name)
    }

    /// Returns the stored or given credential that logs in a device that exists once: then there is nothing to repair.
    /// Without an answer from the broker nothing is done, because the only row may work.
    fn working_credential(&self, config: &Config) -> anyhow::Result<Option<Kept>> {
        if self.only_row().is_none() {
            return Ok(None);
        }
        let mut files: Vec<_> = self.begun.iter().map(Plan::credential).collect();
        files.extend(self.known_files(config, self.name)?);
        files.extend(self.options.credential.given_file());
        for file in files {
            let Prepared { secret, kept, .. } = match self.options.credential.kept(self.ui, &file) {
                Ok(prepared) => prepared,
                Err(e) => {
                    self.ui.detail(&format!("Skipped: {e:#}."));
                    continue;
                }
            };
            match self.prove(&secret) {
                Proof::Accepted => return Ok(Some(kept)),
                Proof::Refused(_) => self.ui.detail(&format!("The broker does not accept {file}.")),
                Proof::Unanswered(e) => return Err(self.unknown(e)),
            }
        }
        Ok(None)
    }

    fn unknown(&self, error: anyhow::Error) -> anyhow::Error {
        let message = format!("whether {} needs a repair is unknown, and nothing was deleted", self.name);
        let remedy = "try again when the broker can be reached, or give another one with --broker";
        let cause = format!("it exists once, and the broker at {} could not be asked", self.endpoint.url);
        let failure = CliError::new(ExitKind::TryAgain, message).because(cause);
        error.context(failure.hint_of(entry!("device-repair-open"), remedy))
    }

    /// Leaves a device that logs in unchanged; an earlier run's plan is done.
    fn leave(&self, config: &mut Config, kept: Kept) -> anyhow::Result<()> {
        let saved = self.save(config, kept, "is registered")?;
        Plan::remove(&config.places, self.name)?;
        let (ui, name) = (self.ui, self.name);
        let healthy = format!("{name} exists once and logs in: there is nothing to repair");
        match self.options.credential.makes() {
            // Less than was wanted.
            true => ui.note(&format!(
                "{healthy}, and its credential stays; `{} device rotate '{name}'` gives it a new one.",
                ui.program
            )),
            false => ui.remark(&format!("{healthy}.")),
        }
        self.result(self.only_row().map_or(0, |row| row.id), &[], &saved, &[])
    }

    /// Returns what an earlier run has begun, as far as the options do not ask for another credential. One that it has made is not
    /// made again.
    fn continued(&self) -> Option<&Plan> {
        let options = &self.options.credential;
        self.begun.as_ref().filter(|plan| !options.is_given() || plan.made && options.made_kind() == Some(plan.kind))
    }

    /// Returns the credential to register: what the options name, otherwise what an earlier run chose, otherwise what is stored here.
    fn prepare(&self, config: &Config) -> anyhow::Result<Prepared> {
        let prepared = self.found(config)?;
        self.ui.remark(&format!("Registering with {}.", prepared.kept.file()));
        Ok(prepared)
    }

    fn found(&self, config: &Config) -> anyhow::Result<Prepared> {
        let options = &self.options.credential;
        if let Some(plan) = self.continued() {
            return options.kept(self.ui, &plan.credential());
        }
        if !options.is_given() {
            // The configuration may have it in another spelling.
            let others = self.rows.iter().map(|row| &row.name).filter(|other| *other != self.name);
            for spelling in std::iter::once(self.name).chain(others) {
                if let Some(file) = self.known_files(config, spelling)?.first() {
                    return options.kept(self.ui, file);
                }
            }
        }
        options.prepare(self.ui, config, Target::Known(self.name))
    }

    fn known_files(&self, config: &Config, name: &DeviceName) -> anyhow::Result<Vec<CredentialFile>> {
        Ok(rotation::known_files(config, name, &self.market.url().to_string())?)
    }

    fn confirm(&self) -> anyhow::Result<()> {
        let (ui, name, market) = (self.ui, self.name, self.market.url());
        if self.rows.is_empty() {
            ui.remark(&format!("All rows of {name} are deleted already; registering it now."));
            return Ok(());
        }
        let rows = listed(self.rows);
        let plan = format!("Deleting at {market}: {rows}. Then {name} is registered once.");
        if self.options.yes {
            ui.remark(&plan)
        } else {
            ui.note(&plan)
        }
        market::confirm(ui, self.options.yes, &format!("Delete {rows} and register {name} at {market}?"))
    }

    fn prove(&self, secret: &LoginSecret) -> Proof<anyhow::Error> {
        device_credential::prove(self.ui, self.endpoint, self.name, secret, self.options.market.place.timeout)
    }

    fn save(&self, config: &mut Config, kept: Kept, state: &str) -> anyhow::Result<Device> {
        if self.options.no_save {
            return Ok(Device::default());
        }
        device_credential::save(self.ui, config, self.name, kept, self.market, &self.endpoint.url, state)
    }

    fn result(&self, id: u64, deleted: &[DeviceRow], saved: &Device, notes: &[ChangeNote]) -> anyhow::Result<()> {
        let name = self.name;
        self.ui.result(name.as_str(), || {
            let rows: Vec<_> = deleted.iter().map(|row| json!({ "device": row.name.as_str(), "id": row.id })).collect();
            json!({
                "device": name.as_str(), "hub": name.hub().as_str(), "id": id, "deleted": rows,
                "key": shown_path(&saved.key), "password_file": shown_path(&saved.password_file), "proved": true,
                "notes": notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            })
        })
    }
}

/// Returns the short name to register, which must be ASCII, as for every new device.
fn ascii(name: &DeviceName) -> anyhow::Result<ShortName> {
    ShortName::new_device(name.short()).map_err(|e| {
        let failure = CliError::new(ExitKind::Data, format!("'{name}' cannot be registered again")).hint_of(entry!("names"), format!(
            "repair it in its ASCII spelling (é is e to the database), or delete it with `{{i3}} device delete '{name}'` \
             and register another name"
        ));
        anyhow::Error::new(e).context(failure)
    })
}

/// Explains why the repair stopped, and how to continue.
fn told(stopped: Stopped<anyhow::Error>, host: &CliRepairHost<'_>) -> anyhow::Error {
    let Case { name, endpoint, rows, .. } = host.case;
    let at = &endpoint.url;
    let again = format!("run `{{i3}} device repair '{name}' --yes` again");
    let unfinished = |kind, how: String| {
        let message = format!("the repair of {name} is not finished: {how}");
        CliError::new(kind, message)
            .hint_of(entry!("device-repair-open"), format!("{again}: it continues where it stopped"))
    };
    let passed_on = |why: anyhow::Error, how: String| {
        let why =
            host.market_login.checked::<(), _>(Err(why)).err().unwrap_or_else(|| unreachable!("an error stays one"));
        let failure = unfinished(error::kind(&why), how);
        let failure = match why.downcast_ref() {
            Some(ChangeError::HalfDeleted { .. }) => {
                failure.hint_of(entry!("device-half-deleted"), format!("{again} when the marketplace's mail is back"))
            }
            _ => failure,
        };
        why.context(failure)
    };
    match stopped {
        Stopped::Plan(e) | Stopped::Closing(e) => e.into(),
        Stopped::Deleting { deleted, why } => passed_on(why, format!("{deleted} of {} rows are deleted", rows.len())),
        Stopped::Registering(why) => {
            passed_on(why, "the old rows are deleted, and whether the new one exists is unknown".into())
        }
        Stopped::Left(left) => {
            unfinished(ExitKind::TryAgain, format!("another user registered it meanwhile: {}", listed(&left))).into()
        }
        Stopped::Configuring(why) => {
            passed_on(why, "it is registered, but its credential could not be saved in the configuration".into())
        }
        Stopped::Unproved(why) => {
            let how = format!("it is registered, but its log-in at {at} is not proved");
            why.context(unfinished(ExitKind::TryAgain, how))
        }
        Stopped::Refused => unfinished(
            ExitKind::Refused,
            format!("it is registered, but the broker at {at} does not accept its credential"),
        )
        .into(),
    }
}

/// The command line as the host of the repair.
struct CliRepairHost<'a> {
    case: &'a Case<'a>,
    config: &'a mut Config,
    market_login: &'a MarketLogin,
    client: MarketClient<'a>,
    hub: &'a HubSpec,
    short: &'a ShortName,
    sent: RegisteredCredential,
    secret: LoginSecret,
    /// The credential's file, until the configuration names it.
    kept: Option<Kept>,
    registered: Option<Registered>,
    saved: Device,
    notes: Vec<ChangeNote>,
}

impl CliRepairHost<'_> {
    /// Deletes the rows, registers the device with the credential of this file, and proves it.
    fn repair(mut self, file: CredentialFile, made: bool) -> anyhow::Result<()> {
        let Case { options, ui, market, name, rows, .. } = *self.case;
        let CredentialFile { kind, path } = file;
        let plan = Plan { device: name.to_string(), market: market.url().to_string(), kind, file: path, made };
        let places = self.config.places.clone();
        let done = ui.progress("repairing the device", || repair::repair(&places, name, &plan, rows, &mut self));
        market::compare_clocks(ui, market);
        if let Err(stopped) = done {
            // The next run needs it.
            if let Some(kept) = self.kept.take() {
                options.credential.settle(ui, kept, Some(name));
            }
            return Err(told(stopped, &self));
        }
        self.forget_other_spellings()?;
        self.forget_rotation()?;
        agent::forget(ui, &places, name);
        let id = self.registered.as_ref().map_or(0, |registered| registered.id);
        self.case.result(id, rows, &self.saved, &self.notes)
    }

    /// Removes from the configuration the deleted rows of another spelling.
    fn forget_other_spellings(&mut self) -> anyhow::Result<()> {
        let Case { ui, market, name, rows, .. } = self.case;
        let here = market.url().to_string();
        for row in rows.iter().filter(|row| row.name != **name) {
            let Some(known) = self.config.device_at(&row.name, &here).cloned() else { continue };
            self.config.remove_device(&row.name)?;
            for path in [known.key, known.password_file].into_iter().flatten() {
                ui.remark(&format!("The secret of {} is still in {}.", row.name, path.display()));
            }
        }
        Ok(())
    }

    /// Removes the journal of an interrupted rotation of the device.
    fn forget_rotation(&mut self) -> anyhow::Result<()> {
        let Case { ui, market, name, .. } = self.case;
        let here = market.url().to_string();
        let Some(journal) = Journal::load(&self.config.places, name)?.filter(|journal| journal.market == here) else {
            return Ok(());
        };
        Journal::remove(&self.config.places, name)?;
        let mut used = [&self.saved.key, &self.saved.password_file].into_iter().flatten();
        if journal.next.exists() && !used.any(|path| *path == journal.next) {
            ui.remark(&format!("The credential of an interrupted rotation is still in {}.", journal.next.display()));
        }
        Ok(())
    }
}

impl RepairHost for CliRepairHost<'_> {
    type Error = anyhow::Error;

    fn delete(&mut self, row: &DeviceRow) -> anyhow::Result<()> {
        let notes = device::delete(&mut self.client, row)?;
        self.market_login.tell(self.case.ui, &notes);
        self.notes.extend(notes);
        Ok(())
    }

    fn rows(&mut self) -> anyhow::Result<Vec<DeviceRow>> {
        Ok(device::namesakes(&mut self.client, self.hub, self.short, &mut Vec::new())?.1)
    }

    fn register(&mut self) -> anyhow::Result<()> {
        let order =
            Registration { hub: self.hub, device: self.short, credential: &self.sent, poll_interval: POLL_INTERVAL };
        let mut registered = device::register(&mut self.client, &order)?;
        // The notes about the hub have already been shown.
        registered.notes.retain(|note| !matches!(note, ChangeNote::HubCaseTwins(_) | ChangeNote::UserNameCase { .. }));
        self.market_login.tell(self.case.ui, &registered.notes);
        self.notes.append(&mut registered.notes);
        self.registered = Some(registered);
        Ok(())
    }

    fn configure(&mut self) -> anyhow::Result<()> {
        if let Some(kept) = self.kept.take_if(|_| !self.case.options.no_save) {
            self.saved = self.case.save(self.config, kept, "is registered again")?;
        }
        Ok(())
    }

    fn prove(&mut self) -> Proof<anyhow::Error> {
        self.case.prove(&self.secret)
    }

    fn report(&mut self, step: RepairStep) {
        self.case.ui.detail(&format!("{step}."));
    }
}

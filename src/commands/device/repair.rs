//! `i3 device repair`: deletes every row of a device, registers it once, and proves at the broker that it logs in.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::lookup::{listed, resolve};
use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::cli::agent;
use crate::cli::device_credential::{self, DeviceCredential, Kept, Prepared, ProofArgs, Target, shown_path};
use crate::cli::error::{self, CliError, ExitKind};
use crate::cli::market::{self, MarketArgs, MarketLogin};
use crate::cli::settings;
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

/// Pause between two attempts to log in.
const PAUSE: Duration = Duration::from_secs(1);

/// Replace a device that cannot log in: delete every row of its name, and register it once
///
/// For a device that exists more than once, perhaps in other case or with other accents, in this hub or in one whose
/// name differs only in these; and for one that no new credential helps. The marketplace keeps one log-in for all such
/// rows: deleting one removes it for all, so all must be deleted before one is registered again.
///
/// The credential is the one that is stored here, unless the options name another; it is read and checked before anything
/// is deleted. If the device exists once and logs in with it, nothing is done. If this is interrupted, by a signal or a
/// power cut, the same command continues. Exit code 0 means that the device logs in: without a broker it is 75.
///
/// With --json {"device", "hub", "id", "deleted": [{"device", "id"}], "key", "password_file", "proved", "notes"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 device repair lot1
  i3 device repair 'alice$parking$lot1' --yes
  i3 device repair lot1 --new-key --yes")]
pub struct Repair {
    /// Repair this device, by its full or short name, in the spelling that it is to have
    device: String,
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
        let mut config = settings::load(ui)?;
        let market = self.market.open(ui, &config)?;
        let market_login = self.market.login(ui, &config, &market)?;
        let auth = market_login.auth();
        let mut client = MarketClient::open(&market, &auth)?;
        let here = market.url().to_string();
        let requested = match self.in_progress(&config, &here)? {
            Some(name) => name,
            None => market_login.checked(resolve(&mut client, &config, &self.device))?,
        };
        let short = ascii(&requested)?;
        let hub = HubSpec::Full(requested.hub());
        let mut notes = Vec::new();
        let (name, rows) = market_login.checked(device::namesakes(&mut client, &hub, &short, &mut notes))?;
        market_login.tell(ui, &notes);
        let broker = ProofArgs::always(self.broker.clone()).url(&config, market.url(), Some(&name))?;
        let endpoint = self.market.place.endpoint(ui, &config, &broker)?;
        let _lock = RotationLock::take(&config.places, &name)?;
        let plan = Plan::load(&config.places, &name)?.filter(|plan| plan.market == here);
        if rows.is_empty() && plan.is_none() {
            let missing =
                ChangeError::Missing { resource: Resource::Device, name: name.to_string(), similar: Vec::new() };
            let remedy = format!("register it with `{{i3}} register {} --hub {}`", name.short(), name.hub().short());
            let failure = CliError::new(ExitKind::Data, missing.to_string()).hint_of(entry!("device-missing"), remedy);
            return Err(failure.into());
        }
        let login = LoginCheck { ui, endpoint: &endpoint, name: &name, timeout: self.market.place.timeout };
        let only = rows.first().filter(|row| rows.len() == 1 && row.name == name);
        if let Some(row) = only
            && let Some(kept) = self.working_file(&login, &config, plan.as_ref(), &market)?
        {
            let saved = self.save(ui, &mut config, &name, kept, &market, &broker)?;
            Plan::remove(&config.places, &name)?;
            ui.note(&format!("{name} exists once and logs in: there is nothing to repair."));
            return result(ui, &name, row.id, &[], &saved, &[]);
        }
        let Prepared { sent, secret, kept } = self.prepare(ui, &config, &name, &rows, plan.as_ref(), &market)?;
        if let Err(e) = self.confirm(ui, &market, &name, &rows) {
            self.credential.settle(ui, kept, None);
            return Err(e);
        }
        let CredentialFile { kind, path } = kept.file();
        let plan = Plan { device: name.to_string(), market: here.clone(), kind, file: path };
        let places = config.places.clone();
        let mut host = CliHost {
            login,
            no_save: self.no_save,
            config: &mut config,
            market: &market,
            market_login: &market_login,
            broker: &broker,
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
        let done = ui.progress("repairing the device", || repair::repair(&places, &name, &plan, &rows, &mut host));
        market::compare_clocks(ui, &market);
        if let Err(stopped) = done {
            // The next run needs it.
            if let Some(kept) = host.kept.take() {
                self.credential.settle(ui, kept, Some(&name));
            }
            return Err(told(stopped, &host, rows.len()));
        }
        host.forget(&rows)?;
        agent::forget(ui, &places, &name);
        let id = host.registered.as_ref().map_or(0, |registered| registered.id);
        result(ui, &name, id, &rows, &host.saved, &host.notes)
    }

    /// Resolves a short name whose repair was interrupted: perhaps no hub shows the device any more.
    fn in_progress(&self, config: &Config, market: &str) -> anyhow::Result<Option<DeviceName>> {
        let mut pending = Plan::pending(&config.places, market)?;
        pending.retain(|name| name.short() == self.device);
        Ok(pending.pop().filter(|_| pending.is_empty()))
    }

    /// Returns the file of a credential that the broker accepts, of those that are stored here and the one that is given.
    /// Without an answer of the broker nothing is done: the only row may be one that works.
    fn working_file(
        &self,
        login: &LoginCheck<'_>,
        config: &Config,
        plan: Option<&Plan>,
        market: &Market,
    ) -> anyhow::Result<Option<Kept>> {
        let mut files: Vec<_> = plan.map(Plan::credential).into_iter().collect();
        files.extend(rotation::known_files(config, login.name, &market.url().to_string())?);
        files.extend(self.credential.given_file());
        for file in files {
            let (secret, kept) = match self.credential.kept(login.ui, &file) {
                Ok(Prepared { secret, kept, .. }) => (secret, kept),
                Err(e) => {
                    login.ui.detail(&format!("Skipped: {e:#}."));
                    continue;
                }
            };
            match login.prove(&secret) {
                Proof::Accepted => return Ok(Some(kept)),
                Proof::Refused(_) => login.ui.detail(&format!("The broker does not accept {file}.")),
                Proof::Unanswered(e) => {
                    let message = format!("whether {} needs a repair is unknown, and nothing was deleted", login.name);
                    let at = &login.endpoint.url;
                    let failure = CliError::new(ExitKind::TryAgain, message)
                        .because(format!("it exists once, and the broker at {at} could not be asked"))
                        .hint_of(
                            entry!("device-repair-open"),
                            "try again when the broker can be reached, or give another one with --broker",
                        );
                    return Err(e.context(failure));
                }
            }
        }
        Ok(None)
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
        if self.no_save {
            return Ok(Device::default());
        }
        device_credential::save(ui, config, name, kept, market, broker, "is registered")
    }

    /// Returns the credential to register: what the options name, else what an earlier run chose, else what is stored here.
    /// One that an earlier run has made is not made again.
    fn prepare(
        &self,
        ui: &Ui,
        config: &Config,
        name: &DeviceName,
        rows: &[DeviceRow],
        plan: Option<&Plan>,
        market: &Market,
    ) -> anyhow::Result<Prepared> {
        let options = &self.credential;
        if let Some(plan) = plan.filter(|_| !options.is_given() || options.makes()) {
            return options.kept(ui, &plan.credential());
        }
        if !options.is_given() {
            // The configuration may have it in another spelling.
            let spellings =
                std::iter::once(name).chain(rows.iter().map(|row| &row.name).filter(|other| *other != name));
            for spelling in spellings {
                let files = rotation::known_files(config, spelling, &market.url().to_string())?;
                if let Some(file) = files.first() {
                    ui.note(&format!("Registering with {file}."));
                    return options.kept(ui, file);
                }
            }
        }
        options.prepare(ui, config, Target::Known(name))
    }

    fn confirm(&self, ui: &Ui, market: &Market, name: &DeviceName, rows: &[DeviceRow]) -> anyhow::Result<()> {
        if rows.is_empty() {
            ui.note(&format!("All rows of {name} are deleted already; registering it now."));
            return Ok(());
        }
        let rows = listed(rows);
        ui.note(&format!("Deleting at {}: {rows}. Then {name} is registered once.", market.url()));
        market::confirm(ui, self.yes, &format!("Delete {rows} and register {name} at {}?", market.url()))
    }
}

/// Returns the short name to register, which must be ASCII as that of every new device.
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
fn told(stopped: Stopped<anyhow::Error>, host: &CliHost<'_>, rows: usize) -> anyhow::Error {
    let (name, at) = (host.login.name, &host.login.endpoint.url);
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
        Stopped::Deleting { deleted, why } => passed_on(why, format!("{deleted} of {rows} rows are deleted")),
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

fn result(
    ui: &Ui,
    name: &DeviceName,
    id: u64,
    deleted: &[DeviceRow],
    saved: &Device,
    notes: &[ChangeNote],
) -> anyhow::Result<()> {
    ui.result(name.as_str(), || {
        let rows: Vec<_> = deleted.iter().map(|row| json!({ "device": row.name.as_str(), "id": row.id })).collect();
        json!({
            "device": name.as_str(), "hub": name.hub().as_str(), "id": id, "deleted": rows,
            "key": shown_path(&saved.key), "password_file": shown_path(&saved.password_file), "proved": true,
            "notes": notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
        })
    })
}

/// How to log in at the broker as the device.
#[derive(Clone, Copy)]
struct LoginCheck<'a> {
    ui: &'a Ui,
    endpoint: &'a Endpoint,
    name: &'a DeviceName,
    timeout: Duration,
}

impl LoginCheck<'_> {
    fn prove(&self, secret: &LoginSecret) -> Proof<anyhow::Error> {
        device_credential::prove(self.ui, self.endpoint, self.name, secret, self.timeout)
    }
}

/// What the repair needs, on the command line.
struct CliHost<'a> {
    login: LoginCheck<'a>,
    no_save: bool,
    config: &'a mut Config,
    market: &'a Market,
    market_login: &'a MarketLogin,
    broker: &'a BrokerUrl,
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

impl CliHost<'_> {
    /// Removes from the configuration what is deleted: other spellings, and an interrupted rotation of the device.
    fn forget(&mut self, rows: &[DeviceRow]) -> anyhow::Result<()> {
        let here = self.market.url().to_string();
        for row in rows.iter().filter(|row| row.name != *self.login.name) {
            if let Some(known) = self.config.device_at(&row.name, &here).cloned() {
                self.config.remove_device(&row.name)?;
                for path in [known.key, known.password_file].into_iter().flatten() {
                    self.login.ui.note(&format!("The secret of {} stays in {}.", row.name, path.display()));
                }
            }
        }
        let journal = Journal::load(&self.config.places, self.login.name)?.filter(|journal| journal.market == here);
        if let Some(journal) = journal {
            Journal::remove(&self.config.places, self.login.name)?;
            let used =
                [&self.saved.key, &self.saved.password_file].into_iter().flatten().any(|path| *path == journal.next);
            if journal.next.exists() && !used {
                self.login
                    .ui
                    .note(&format!("The credential of an interrupted rotation stays in {}.", journal.next.display()));
            }
        }
        Ok(())
    }
}

impl RepairHost for CliHost<'_> {
    type Error = anyhow::Error;

    fn delete(&mut self, row: &DeviceRow) -> anyhow::Result<()> {
        let notes = device::delete(&mut self.client, row)?;
        self.market_login.tell(self.login.ui, &notes);
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
        // The notes on the hub were shown already.
        registered.notes.retain(|note| !matches!(note, ChangeNote::HubCaseTwins(_) | ChangeNote::UserNameCase { .. }));
        self.market_login.tell(self.login.ui, &registered.notes);
        self.notes.append(&mut registered.notes);
        self.registered = Some(registered);
        Ok(())
    }

    fn configure(&mut self) -> anyhow::Result<()> {
        let Some(kept) = self.kept.take_if(|_| !self.no_save) else { return Ok(()) };
        self.saved = device_credential::save(
            self.login.ui,
            self.config,
            self.login.name,
            kept,
            self.market,
            self.broker,
            "is registered again",
        )?;
        Ok(())
    }

    fn prove(&mut self) -> Proof<anyhow::Error> {
        self.login.prove(&self.secret)
    }

    fn pause(&self) -> Duration {
        PAUSE
    }

    fn report(&mut self, step: RepairStep) {
        self.login.ui.detail(&format!("{step}."));
    }
}

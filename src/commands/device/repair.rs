//! `i3 device repair`: deletes every row of a device, registers it once, and proves at the broker that it logs in.

use std::time::Duration;

use clap::Args;
use serde_json::json;

use super::{listed, resolve};
use crate::broker_url::BrokerUrl;
use crate::catalogue::entry;
use crate::cli::broker::Identity;
use crate::cli::device_credential::{self, DeviceCredential, Kept, Prepared, ProofArgs, Target, shown_path};
use crate::cli::error::{self, CliError, ExitKind};
use crate::cli::market::{self, Entry, MarketArgs};
use crate::cli::ui::Ui;
use crate::config::{Config, Device};
use crate::market::Market;
use crate::market::change::{ChangeError, Note, Resource, SETTLE};
use crate::market::client::MarketClient;
use crate::market::credential::RegisteredCredential;
use crate::market::device;
use crate::market::hub::HubSpec;
use crate::market::page::DeviceRow;
use crate::market::register::{self, Order, Registered};
use crate::mqtt::connection::Endpoint;
use crate::name::{DeviceName, ShortName};
use crate::rotation::repair::{self, Plan, RepairStep, Site, Stopped};
use crate::rotation::{Journal, RotationLock};

/// Pause between two attempts to log in.
const PAUSE: Duration = Duration::from_secs(1);

/// Replace a device that cannot log in: delete every row of its name, and register it once
///
/// For a device that is there more than once, perhaps in other case or with other accents, in this hub or in one whose
/// name differs in these only; and for one that no new credential helps. The marketplace keeps one log-in for all of such
/// rows: deleting one takes it from all, so all must go before one is registered again.
///
/// The credential is the one that is known here, unless the options name another; it is read and checked before anything
/// is deleted. If the device is there once and logs in with it, nothing is done. If this is cut off, by a signal or a
/// power cut, the same command goes on. Exit code 0 means that the device logs in: without a broker it is 75.
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
    /// Ask nothing
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    credential: DeviceCredential,
    #[command(flatten)]
    market: MarketArgs,
    /// Log in at this broker: mqtt://HOST[:PORT], or mqtts:// for TLS [env: I3_BROKER]
    #[arg(long, value_name = "URL", help_heading = "Proof")]
    broker: Option<String>,
    /// Do not keep the device in the configuration
    #[arg(long)]
    no_save: bool,
}

impl Repair {
    /// Runs the command.
    ///
    /// # Errors
    /// Whatever keeps the device from being repaired. Once a row is deleted, the next run goes on.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let mut config = Config::load()?;
        let market = self.market.open(ui, &config)?;
        let entry = self.market.entry(ui, &config, &market)?;
        let access = entry.access();
        let mut client = MarketClient::open(&market, &access)?;
        let here = market.url().to_string();
        let asked = match self.under_way(&config, &here)? {
            Some(name) => name,
            None => entry.checked(resolve(&mut client, &config, &self.device))?,
        };
        let short = ascii(&asked)?;
        let hub = HubSpec::Full(asked.hub());
        let mut notes = Vec::new();
        let (name, rows) = entry.checked(device::namesakes(&mut client, &hub, &short, &mut notes))?;
        entry.tell(ui, &notes);
        let broker = ProofArgs::always(self.broker.clone()).url(&config, market.url(), Some(&name))?;
        let endpoint = crate::cli::broker::endpoint(
            ui,
            broker.clone(),
            &self.market.place.roots(&config),
            self.market.place.insecure,
        )?;
        let _turn = RotationLock::take(&config.places, &name)?;
        let plan = Plan::load(&config.places, &name)?.filter(|plan| plan.market == here);
        if rows.is_empty() && plan.is_none() {
            let missing =
                ChangeError::Missing { resource: Resource::Device, name: name.to_string(), similar: Vec::new() };
            let remedy = format!("register it with `{{i3}} register {} --hub {}`", name.short(), name.hub().short());
            let failure = CliError::new(ExitKind::Data, missing.to_string()).hint_of(entry!("device-missing"), remedy);
            return Err(failure.into());
        }
        let ask = Ask { ui, endpoint: &endpoint, name: &name, timeout: self.market.place.timeout };
        let alone = rows.first().filter(|row| rows.len() == 1 && row.name == name);
        if let Some(row) = alone
            && let Some(kept) = self.alive(&ask, &config, plan.as_ref(), &market)?
        {
            let saved = self.save(ui, &mut config, &name, kept, &market, &broker)?;
            Plan::remove(&config.places, &name)?;
            ui.note(&format!("{name} is there once and logs in: nothing was to be repaired."));
            return result(ui, &name, row.id, &[], &saved, &[]);
        }
        let Prepared { sent, log_in, kept } = self.prepare(ui, &config, &name, &rows, plan.as_ref(), &market)?;
        if let Err(e) = self.confirm(ui, &market, &name, &rows) {
            self.credential.settle(ui, kept, None);
            return Err(e);
        }
        let (kind, file) = kept.file();
        let plan = Plan { device: name.to_string(), market: here.clone(), kind, file: file.into() };
        let places = config.places.clone();
        let mut site = Ground {
            ask,
            no_save: self.no_save,
            config: &mut config,
            market: &market,
            entry: &entry,
            broker: &broker,
            client,
            hub: &hub,
            short: &short,
            sent,
            identity: device_credential::identity(&name, log_in),
            kept: Some(kept),
            registered: None,
            saved: Device::default(),
            notes: Vec::new(),
        };
        let done = ui.progress("repairing the device", || repair::repair(&places, &name, &plan, &rows, &mut site));
        market::compare_clocks(ui, &market);
        if let Err(stopped) = done {
            // The next run needs it.
            if let Some(kept) = site.kept.take() {
                self.credential.settle(ui, kept, Some(&name));
            }
            return Err(told(stopped, &site, rows.len()));
        }
        site.forget(&rows)?;
        let id = site.registered.as_ref().map_or(0, |registered| registered.id);
        result(ui, &name, id, &rows, &site.saved, &site.notes)
    }

    /// The device that is meant by a short name, if its repair was cut off: no hub may show it any more.
    fn under_way(&self, config: &Config, market: &str) -> anyhow::Result<Option<DeviceName>> {
        let mut pending = Plan::pending(&config.places, market)?;
        pending.retain(|name| name.short() == self.device);
        Ok(pending.pop().filter(|_| pending.is_empty()))
    }

    /// The file of a credential that the broker takes, of those that are known here and the one that is given. Without an
    /// answer of the broker nothing is done: the only row may be one that works.
    fn alive(
        &self,
        ask: &Ask<'_>,
        config: &Config,
        plan: Option<&Plan>,
        market: &Market,
    ) -> anyhow::Result<Option<Kept>> {
        let mut files: Vec<_> = plan.map(|plan| (plan.kind, plan.file.clone())).into_iter().collect();
        files.extend(device_credential::known(config, ask.name, market.url())?);
        files.extend(self.credential.given_file());
        for (kind, file) in files {
            match self.credential.kept(ask.ui, kind, &file) {
                Ok(Prepared { log_in, kept, .. }) => {
                    let takes = ask.takes(&device_credential::identity(ask.name, log_in)).map_err(|e| {
                        let message =
                            format!("whether {} needs a repair is not known, and nothing was deleted", ask.name);
                        let failure = CliError::new(ExitKind::TryAgain, message)
                            .because(format!(
                                "it is there once, and the broker at {} could not be asked",
                                ask.endpoint.url
                            ))
                            .hint_of(
                                entry!("device-repair-open"),
                                "try again when the broker can be reached, or name it with --broker",
                            );
                        e.context(failure)
                    })?;
                    if takes {
                        return Ok(Some(kept));
                    }
                    ask.ui.detail(&format!("The broker does not take the {kind} in {}.", file.display()));
                }
                Err(e) => ask.ui.detail(&format!("Left out: {e:#}.")),
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

    /// The credential to register: what the options name, else what an earlier run had chosen, else what is known here. One
    /// that an earlier run has made is not made again.
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
            return options.kept(ui, plan.kind, &plan.file);
        }
        if !options.is_given() {
            // Another spelling of it may be what the configuration knows.
            let spellings =
                std::iter::once(name).chain(rows.iter().map(|row| &row.name).filter(|other| *other != name));
            for spelling in spellings {
                if let Some((kind, file)) = device_credential::known(config, spelling, market.url())?.into_iter().next()
                {
                    ui.note(&format!("Registering with the {kind} in {}.", file.display()));
                    return options.kept(ui, kind, &file);
                }
            }
        }
        options.prepare(ui, config, Target::Known(name))
    }

    fn confirm(&self, ui: &Ui, market: &Market, name: &DeviceName, rows: &[DeviceRow]) -> anyhow::Result<()> {
        if rows.is_empty() {
            ui.note(&format!("All rows of {name} are deleted already; it is registered now."));
            return Ok(());
        }
        let rows = listed(rows);
        ui.note(&format!("To be deleted at {}: {rows}. Then {name} is registered once.", market.url()));
        market::confirm(ui, self.yes, &format!("Delete {rows} and register {name} at {}?", market.url()))
    }
}

/// The short name to register, which must be ASCII as that of every new device.
fn ascii(name: &DeviceName) -> anyhow::Result<ShortName> {
    ShortName::new_device(name.short()).map_err(|e| {
        let failure = CliError::new(ExitKind::Data, format!("'{name}' cannot be registered again")).hint_of(entry!("names"), format!(
            "repair it as its ASCII spelling (é is e to the database), or delete it with `{{i3}} device delete '{name}'` \
             and register another name"
        ));
        anyhow::Error::new(e).context(failure)
    })
}

/// Why the repair stopped, and how to go on.
fn told(stopped: Stopped<anyhow::Error>, site: &Ground<'_>, rows: usize) -> anyhow::Error {
    let (name, at) = (site.ask.name, &site.ask.endpoint.url);
    let again = format!("run `{{i3}} device repair '{name}' --yes` again");
    let unfinished = |kind, how: String| {
        let message = format!("the repair of {name} is not finished: {how}");
        CliError::new(kind, message)
            .hint_of(entry!("device-repair-open"), format!("{again}: it goes on where it stopped"))
    };
    let passed_on = |why: anyhow::Error, how: String| {
        let why = site.entry.checked::<(), _>(Err(why)).err().unwrap_or_else(|| unreachable!("an error stays one"));
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
            passed_on(why, "the old rows are deleted, and the new one is not known to be there".into())
        }
        Stopped::Left(left) => {
            unfinished(ExitKind::TryAgain, format!("somebody else registered it meanwhile: {}", listed(&left))).into()
        }
        Stopped::Naming(why) => {
            passed_on(why, "it is registered, but the configuration does not name its credential".into())
        }
        Stopped::Unproved(why) => {
            let how = format!("it is registered, but that it can log in at {at} is not proved");
            why.context(unfinished(ExitKind::TryAgain, how))
        }
        Stopped::Refused => unfinished(
            ExitKind::Refused,
            format!("it is registered, but the broker does not take its credential at {at}"),
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
    notes: &[Note],
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

/// Whom the broker is asked about.
#[derive(Clone, Copy)]
struct Ask<'a> {
    ui: &'a Ui,
    endpoint: &'a Endpoint,
    name: &'a DeviceName,
    timeout: Duration,
}

impl Ask<'_> {
    fn takes(&self, identity: &Identity) -> anyhow::Result<bool> {
        device_credential::takes(self.ui, self.endpoint, identity, self.timeout)
    }
}

/// The repair's surroundings on the command line.
struct Ground<'a> {
    ask: Ask<'a>,
    no_save: bool,
    config: &'a mut Config,
    market: &'a Market,
    entry: &'a Entry,
    broker: &'a BrokerUrl,
    client: MarketClient<'a>,
    hub: &'a HubSpec,
    short: &'a ShortName,
    sent: RegisteredCredential,
    identity: Identity,
    /// The credential's file, until the configuration names it.
    kept: Option<Kept>,
    registered: Option<Registered>,
    saved: Device,
    notes: Vec<Note>,
}

impl Ground<'_> {
    /// Takes out of the configuration what is gone: other spellings, and a rotation of the device that was cut off.
    fn forget(&mut self, rows: &[DeviceRow]) -> anyhow::Result<()> {
        let here = self.market.url().to_string();
        for row in rows.iter().filter(|row| row.name != *self.ask.name) {
            if let Some(known) = self.config.device_at(&row.name, &here).cloned() {
                self.config.remove_device(&row.name)?;
                for path in [known.key, known.password_file].into_iter().flatten() {
                    self.ask.ui.note(&format!("The secret of {} stays in {}.", row.name, path.display()));
                }
            }
        }
        let journal = Journal::load(&self.config.places, self.ask.name)?.filter(|journal| journal.market == here);
        if let Some(journal) = journal {
            Journal::remove(&self.config.places, self.ask.name)?;
            let used =
                [&self.saved.key, &self.saved.password_file].into_iter().flatten().any(|path| *path == journal.next);
            if journal.next.exists() && !used {
                self.ask.ui.note(&format!(
                    "The credential of a rotation that was cut off stays in {}.",
                    journal.next.display()
                ));
            }
        }
        Ok(())
    }
}

impl Site for Ground<'_> {
    type Error = anyhow::Error;

    fn delete(&mut self, row: &DeviceRow) -> anyhow::Result<()> {
        let notes = device::delete(&mut self.client, row)?;
        self.entry.tell(self.ask.ui, &notes);
        self.notes.extend(notes);
        Ok(())
    }

    fn rows(&mut self) -> anyhow::Result<Vec<DeviceRow>> {
        Ok(device::namesakes(&mut self.client, self.hub, self.short, &mut Vec::new())?.1)
    }

    fn register(&mut self) -> anyhow::Result<()> {
        let order = Order { hub: self.hub, device: self.short, credential: &self.sent, settle: SETTLE };
        let mut registered = register::register(&mut self.client, &order)?;
        // Of its hub the person has heard.
        registered.notes.retain(|note| !matches!(note, Note::HubCaseTwins(_) | Note::UserNameCase { .. }));
        self.entry.tell(self.ask.ui, &registered.notes);
        self.notes.append(&mut registered.notes);
        self.registered = Some(registered);
        Ok(())
    }

    fn name(&mut self) -> anyhow::Result<()> {
        let Some(kept) = self.kept.take_if(|_| !self.no_save) else { return Ok(()) };
        self.saved = device_credential::save(
            self.ask.ui,
            self.config,
            self.ask.name,
            kept,
            self.market,
            self.broker,
            "is registered again",
        )?;
        Ok(())
    }

    fn logs_in(&mut self) -> anyhow::Result<bool> {
        self.ask.takes(&self.identity)
    }

    fn pause(&self) -> Duration {
        PAUSE
    }

    fn tell(&mut self, step: RepairStep) {
        self.ask.ui.detail(&format!("{step}."));
    }
}

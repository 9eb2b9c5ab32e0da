//! `i3 device`: lists, shows, adds, deletes and repairs the seller's devices, at the marketplace and in the
//! configuration, and changes their credentials.

mod add;
mod export;
mod import;
mod lookup;
mod passwd;
mod repair;
mod rotate;
pub mod table;
mod unsaved;

use clap::{Args, Subcommand};
use serde_json::json;

use crate::catalogue::entry;
use crate::cli::device_argument::DeviceArgument;
use crate::cli::device_credential::shown_path;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::market::{self, MarketArgs};
use crate::cli::recent_names::{self, NameKind};
use crate::cli::ui::Ui;
use crate::collation::groups;
use crate::config::Config;
use crate::market::client::MarketClient;
use crate::market::device;
use crate::market::model::DeviceRow;
use crate::name::DeviceName;
use crate::rotation::{Journal, RotationLock};
use crate::text;
use lookup::{doubled, listed, resolve};

/// List, show, delete and repair devices at the marketplace, give them another password or key, and configure them here
///
/// 'register' registers new ones. 'add', 'export' and 'import' are about the configuration here, and send nothing.
#[derive(Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Device {
    #[command(subcommand)]
    command: DeviceCommand,
}

#[derive(Subcommand)]
enum DeviceCommand {
    List(List),
    Show(Show),
    Delete(Delete),
    Add(add::Add),
    Export(export::Export),
    Import(import::Import),
    Passwd(Box<passwd::Passwd>),
    Rotate(Box<rotate::Rotate>),
    Repair(Box<repair::Repair>),
}

/// List your devices at the marketplace, one full name per line
///
/// With --json an array of {"device", "hub", "id"}.
#[derive(Args)]
struct List {
    /// List only the devices of this hub, by its short or full name
    #[arg(long, value_name = "HUB")]
    hub: Option<String>,
    #[command(flatten)]
    market: MarketArgs,
}

/// Show a device: its number, its namesakes, its key or password file
///
/// With --json {"device", "hub", "id", "namesakes", "key", "password_file"}.
#[derive(Args)]
struct Show {
    #[command(flatten)]
    device: DeviceArgument,
    #[command(flatten)]
    market: MarketArgs,
}

/// Delete a device at the marketplace, and check that it is gone
///
/// It is removed from the configuration as well; its key or password file stays. The broker remembers permissions for 300 s:
/// a connected device may keep publishing for that long.
///
/// If a name exists more than once, perhaps in other case or with other accents, deleting one removes the log-in of all:
/// 'device repair' replaces them with one, and --id N deletes one nevertheless. With --json {"device", "id", "notes"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 device delete lot1 --yes
  i3 device delete 'alice$parking$lot1' --id 7      # one of two: neither logs in then")]
struct Delete {
    #[command(flatten)]
    device: DeviceArgument,
    /// Delete the device with this number, if the name exists more than once
    #[arg(long, value_name = "N")]
    id: Option<u64>,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    market: MarketArgs,
}

impl Device {
    /// Runs the command.
    ///
    /// # Errors
    /// Why it failed, or why its outcome is unknown.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        match self.command {
            DeviceCommand::List(command) => command.run(ui),
            DeviceCommand::Show(command) => command.run(ui),
            DeviceCommand::Delete(command) => command.run(ui),
            DeviceCommand::Add(command) => command.run(ui),
            DeviceCommand::Export(command) => command.run(ui),
            DeviceCommand::Import(command) => command.run(ui),
            DeviceCommand::Passwd(command) => command.run(ui),
            DeviceCommand::Rotate(command) => command.run(ui),
            DeviceCommand::Repair(command) => command.run(ui),
        }
    }
}

impl List {
    fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let hub = self.hub.as_deref().map(str::parse).transpose()?;
        let (config, market, login) = self.market.access(ui)?;
        let mut client = MarketClient::open(&market, &login.auth())?;
        let mut notes = Vec::new();
        let rows = login.checked(device::list(&mut client, hub.as_ref(), &mut notes))?;
        login.tell(ui, &notes);
        for group in groups(&rows, |row| row.name.as_str()) {
            let name = &group[0].name;
            warn_of_twins(ui, group.iter().copied(), name);
        }
        if rows.is_empty() {
            ui.remark(&format!("There is no device yet; `{} register` registers one.", ui.program));
        }
        let shown = rows.iter().map(|row| row.name.to_string());
        recent_names::remember(&config.places, NameKind::Device, shown, self.hub.is_none().then_some(""));
        let here = market.url().to_string();
        let lines: Vec<String> = rows.iter().map(|row| line(&config, &here, row)).collect();
        ui.names(&["DEVICE", "ID", "CREDENTIAL HERE"], &lines, || {
            let row =
                |row: &DeviceRow| json!({ "device": row.name.as_str(), "hub": row.name.hub().as_str(), "id": row.id });
            rows.iter().map(row).collect()
        })
    }
}

/// A device, its number, and the file that it logs in with, if it is configured here for the marketplace at `market`.
fn line(config: &Config, market: &str, row: &DeviceRow) -> String {
    let known = config.device_at(&row.name, market).cloned().unwrap_or_default();
    let credential = shown_path(&known.key).or_else(|| shown_path(&known.password_file)).unwrap_or_default();
    text::row([row.name.as_str(), &row.id.to_string(), &credential])
}

/// Warns about rows that the broker treats as one device.
fn warn_of_twins<'r>(ui: &Ui, rows: impl IntoIterator<Item = &'r DeviceRow>, name: &DeviceName) {
    ui.warn(&format!(
        "the broker treats these as one device, and any of them may fail to log in: {}; `{} device repair '{name}'` replaces \
         them with one.",
        listed(rows),
        ui.program
    ));
}

impl Show {
    fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let (config, market, login) = self.market.access(ui)?;
        let mut client = MarketClient::open(&market, &login.auth())?;
        let name = login.checked(resolve(&mut client, &config, self.device.name()))?;
        let device = login.checked(device::find(&mut client, &name))?;
        login.tell(ui, &device.notes);
        let row = &device.row;
        if !device.others.is_empty() {
            warn_of_twins(ui, std::iter::once(row).chain(&device.others), &row.name);
        }
        let known = config.device_at(&row.name, &market.url().to_string()).cloned().unwrap_or_default();
        let (key, password) = (shown_path(&known.key), shown_path(&known.password_file));
        let mut lines =
            vec![format!("device: {}", row.name), format!("hub: {}", device.hub.name), format!("id: {}", row.id)];
        lines.extend(device.others.iter().map(|other| format!("namesake: {} ({})", other.name, other.id)));
        lines.extend(key.iter().map(|path| format!("key: {path}")));
        lines.extend(password.iter().map(|path| format!("password: {path}")));
        ui.result(&lines.join("\n"), || {
            let others: Vec<_> =
                device.others.iter().map(|other| json!({ "device": other.name.as_str(), "id": other.id })).collect();
            json!({
                "device": row.name.as_str(), "hub": device.hub.name.as_str(), "id": row.id, "namesakes": others,
                "key": key, "password_file": password,
            })
        })
    }
}

impl Delete {
    fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let (mut config, market, login) = self.market.access(ui)?;
        let mut client = MarketClient::open(&market, &login.auth())?;
        let name = login.checked(resolve(&mut client, &config, self.device.name()))?;
        let device = login.checked(device::find(&mut client, &name))?;
        login.tell(ui, &device.notes);
        let row = self.choose(&device)?;
        let mut question = format!("Delete the device {} ({}) at {}?", row.name, row.id, market.url());
        let dying = std::iter::once(&device.row).chain(&device.others).filter(|other| other.id != row.id);
        let dying = listed(dying);
        if !dying.is_empty() {
            ui.warn(&format!(
                "the marketplace deletes the log-in of every device of this name: {dying} will not log in either, and no \
                 new credential helps; `{} device repair '{}'` replaces all of them with one.",
                ui.program, row.name
            ));
            question = format!("{question} {dying} will not log in either.");
        }
        if config.files()[0].values.devices.contains_key(row.name.as_str()) {
            config.check_writable()?;
        }
        market::confirm(ui, self.yes, &question)?;
        let here = market.url().to_string();
        let _lock = RotationLock::take(&config.places, &row.name)?;
        let rotation = Journal::load(&config.places, &row.name)?.filter(|journal| journal.market == here);
        let notes = login.carry_out(ui, &market, "deleting the device", || device::delete(&mut client, row))?;
        login.tell(ui, &notes);
        ui.remark("The broker remembers permissions for 300 s: a connected device may keep publishing for that long.");
        let is_last = std::iter::once(&device.row).chain(&device.others).all(|r| r.id == row.id || r.name != row.name);
        if is_last {
            let known = config.device_at(&row.name, &here).cloned();
            if known.is_some()
                && let Some(file) = config.remove_device(&row.name)?
            {
                ui.remark(&format!("{} still names it.", file.display()));
            }
            if rotation.is_some() {
                Journal::remove(&config.places, &row.name)?;
            }
            let next = rotation.map(|journal| journal.next).filter(|path| path.exists());
            let known = known.unwrap_or_default();
            for path in [known.key, known.password_file, next].into_iter().flatten() {
                ui.remark(&format!("Its secret is still in {}.", path.display()));
            }
        }
        ui.result(row.name.as_str(), || {
            let notes: Vec<String> = notes.iter().map(ToString::to_string).collect();
            json!({ "device": row.name.as_str(), "id": row.id, "notes": notes })
        })
    }

    /// Returns the row to delete: rows of the same name differ only by their numbers.
    fn choose<'d>(&self, device: &'d device::Device) -> anyhow::Result<&'d DeviceRow> {
        let mut all = std::iter::once(&device.row).chain(&device.others);
        match self.id {
            Some(id) => all.find(|row| row.id == id).ok_or_else(|| {
                CliError::new(ExitKind::Data, format!("no device named {} has the number {id}", device.row.name))
                    .hint_of(
                        entry!("nothing-of-that-number"),
                        format!("see `{{i3}} device show '{}'`", device.row.name),
                    )
                    .into()
            }),
            // Deleting one of them is seldom intended: all lose their log-in.
            None if !device.others.is_empty() => Err(doubled(device).into()),
            None => Ok(&device.row),
        }
    }
}

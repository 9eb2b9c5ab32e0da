//! `i3 notifications`: lists notifications, marks them as read, archives them, and prints the broker password that one of
//! them holds.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::market::{self, MarketArgs};
use crate::cli::ui::Ui;
use crate::fsio::{self, Existing, FileAccess};
use crate::market::client::MarketClient;
use crate::market::model::{Mark, Notification, NotificationBody};
use crate::market::notifications::{self, NotificationError};
use crate::text;

/// List what the marketplace notified you of; mark as read, archive, and print the broker password
///
/// Without a subcommand it lists them, as 'notifications list' does. Every page of the marketplace contains all notifications
/// that are not archived, so thousands of them slow everything down: archive them.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 notifications
  i3 notifications archive --all
  i3 notifications broker-password --out buyer.pw")]
pub struct Notifications {
    #[command(subcommand)]
    command: Option<NotificationsCommand>,
    #[command(flatten)]
    list: List,
}

#[derive(Subcommand)]
enum NotificationsCommand {
    List(List),
    Read(MarkRead),
    Archive(Archive),
    BrokerPassword(BrokerPassword),
}

/// List the notifications that are not archived
///
/// Prints a line for each, with tabs between number, 'unread' or 'read', time (UTC), subject and text. A password is never
/// printed here.
///
/// With --json an array of {"id", "unread", "at", "subject", "body", "holds_password"}; "body" is null where it holds a
/// password.
#[derive(Args)]
struct List {
    /// List only those that are not marked as read
    #[arg(long)]
    unread: bool,
    #[command(flatten)]
    market: MarketArgs,
}

/// Mark notifications as read
///
/// With --json {"changed": COUNT}.
#[derive(Args)]
struct MarkRead {
    #[command(flatten)]
    which: SelectedNotifications,
    #[command(flatten)]
    market: MarketArgs,
}

/// Archive notifications: the marketplace no longer shows them and cannot restore them
///
/// This cannot be undone, so the command asks first; in a script, give --yes. The notification that contains the broker
/// password stays unless --include-password is given: by its number it is refused, and with --all the others are archived one
/// by one, which takes one request for each.
///
/// With --json {"changed": COUNT, "kept": COUNT}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 notifications archive 17 18
  i3 notifications archive --all --yes")]
struct Archive {
    #[command(flatten)]
    which: SelectedNotifications,
    /// Archive the notification with the broker password as well
    #[arg(long)]
    include_password: bool,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    market: MarketArgs,
}

/// Print the broker password: a buyer's account logs in to the broker with it
///
/// The marketplace creates it at the first purchase and keeps it in a notification. It is not the website's password, which
/// never logs in to the broker. No other command prints it.
///
/// With --json {"broker_password"}; with --out {"password_file"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 notifications broker-password --out buyer.pw
  i3 sub -u hank --pw-file buyer.pw -t alice/parking/occupancy")]
struct BrokerPassword {
    /// Write it to FILE, readable only by its owner, and print nothing
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    #[command(flatten)]
    market: MarketArgs,
}

#[derive(Args)]
#[group(required = true, multiple = false)]
struct SelectedNotifications {
    /// Select the notifications with these numbers, as 'notifications list' shows them
    #[arg(value_name = "ID")]
    ids: Vec<u64>,
    /// Select all notifications
    #[arg(long)]
    all: bool,
}

impl Notifications {
    /// Runs the command.
    ///
    /// # Errors
    /// Anything that keeps the notifications from being read or changed.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        match self.command {
            None => self.list.run(ui),
            Some(NotificationsCommand::List(command)) => command.run(ui),
            Some(NotificationsCommand::Read(command)) => command.run(ui),
            Some(NotificationsCommand::Archive(command)) => command.run(ui),
            Some(NotificationsCommand::BrokerPassword(command)) => command.run(ui),
        }
    }
}

impl List {
    fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let (_, market, login) = self.market.access(ui)?;
        let mut client = MarketClient::open(&market, &login.auth())?;
        let found = ui.progress("reading the notifications", || notifications::list(&mut client));
        let mut found = login.checked(found)?;
        found.retain(|notification| notification.unread || !self.unread);
        if found.is_empty() {
            ui.remark("There are no notifications.");
        }
        let lines: Vec<String> = found.iter().map(|notification| line(notification, &ui.program)).collect();
        ui.table(&["ID", "STATE", "TIME", "SUBJECT", "TEXT"], &lines, || found.iter().map(object).collect())
    }
}

fn line(notification: &Notification, program: &str) -> String {
    let Notification { id, unread, subject, body, at } = notification;
    let state = if *unread { "unread" } else { "read" };
    let at = at.map(|at| at.to_string()).unwrap_or_default();
    let body = match body {
        NotificationBody::Text(text) => text.clone(),
        NotificationBody::Password(Some(_)) => {
            format!("(your broker password: run `{program} notifications broker-password`)")
        }
        NotificationBody::Password(None) => "(mentions a password, and is not shown)".into(),
    };
    text::row([&id.to_string(), state, &at, subject, &body])
}

fn object(notification: &Notification) -> Value {
    let Notification { id, unread, subject, body, at } = notification;
    let text = match body {
        NotificationBody::Text(text) => Some(text),
        NotificationBody::Password(_) => None,
    };
    json!({
        "id": id, "unread": unread, "at": at.map(|at| at.to_string()), "subject": subject, "body": text,
        "holds_password": notification.holds_password(),
    })
}

impl MarkRead {
    fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let (_, market, login) = self.market.access(ui)?;
        let mut client = MarketClient::open(&market, &login.auth())?;
        let found = login.checked(notifications::states(&mut client))?;
        let changed = ui.progress("marking the notifications", || match self.which.all {
            true => notifications::mark_all(&mut client, &found, Mark::Read),
            false => notifications::mark(&mut client, &found, &self.which.ids(), Mark::Read),
        });
        let changed = login.checked(changed)?;
        ui.result(&format!("{changed} marked as read"), || json!({ "changed": changed }))
    }
}

impl SelectedNotifications {
    fn ids(&self) -> BTreeSet<u64> {
        self.ids.iter().copied().collect()
    }
}

impl Archive {
    fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let (_, market, login) = self.market.access(ui)?;
        let mut client = MarketClient::open(&market, &login.auth())?;
        let found = login.checked(notifications::states(&mut client))?;
        let holds_password = |id: u64| found.get(&id).is_some_and(|n| n.holds_password);
        let (mut ids, all) = (self.which.ids(), self.which.all);
        if all {
            ids = found.keys().copied().filter(|id| self.include_password || !holds_password(*id)).collect();
        }
        if let Some(missing) = ids.iter().find(|id| !found.contains_key(*id)) {
            return Err(NotificationError::Missing(*missing).into());
        }
        if let Some(id) = ids.iter().find(|id| !self.include_password && holds_password(**id)) {
            return Err(CliError::new(ExitKind::Usage, format!("notification {id} contains the broker password"))
                .because("the marketplace never shows an archived notification again, and makes no other password")
                .hint(
                    "save the password with `{i3} notifications broker-password --out FILE` and give --include-password, \
                     or leave this number out",
                )
                .into());
        }
        let kept = if all { found.len() - ids.len() } else { 0 };
        if kept > 0 {
            let one_by_one = match ids.len() {
                0 | 1 => String::new(),
                many => format!(", so that the other {many} take a request each"),
            };
            ui.remark(&format!(
                "The notification with the broker password stays{one_by_one}; --include-password archives it as well."
            ));
        }
        let changed = if ids.is_empty() {
            0
        } else {
            self.ask(ui, &ids, holds_password)?;
            // With nothing to keep, one request archives all of them.
            let archived = ui.progress("archiving the notifications", || match all && kept == 0 {
                true => notifications::mark_all(&mut client, &found, Mark::Archived),
                false => notifications::mark(&mut client, &found, &ids, Mark::Archived),
            });
            login.checked(archived)?
        };
        ui.result(&format!("{changed} archived"), || json!({ "changed": changed, "kept": kept }))
    }

    fn ask(&self, ui: &Ui, ids: &BTreeSet<u64>, holds_password: impl Fn(u64) -> bool) -> anyhow::Result<()> {
        let what = if ids.len() == 1 { "1 notification".into() } else { format!("{} notifications", ids.len()) };
        let with_password = if ids.iter().any(|id| holds_password(*id)) {
            ", including your broker password, which otherwise only a mail contains"
        } else {
            ""
        };
        market::confirm(ui, self.yes, &format!("Archive {what} for good{with_password}?"))
    }
}

impl BrokerPassword {
    fn run(self, ui: &Ui) -> anyhow::Result<()> {
        if let Some(path) = &self.out {
            fsio::check_replaceable(path).map_err(|e| unwritten(path, &e))?;
        }
        let (_, market, login) = self.market.access(ui)?;
        let mut client = MarketClient::open(&market, &login.auth())?;
        let password = login.checked(notifications::broker_password(&mut client))?;
        match &self.out {
            None => ui.result(password.expose(), || json!({ "broker_password": password.expose() })),
            Some(path) => {
                write(path, password.expose())?;
                ui.remark(&format!("The broker password is in {}.", path.display()));
                if ui.json { ui.object(json!({ "password_file": path })) } else { Ok(()) }
            }
        }
    }
}

fn write(path: &Path, password: &str) -> anyhow::Result<()> {
    let content = zeroize::Zeroizing::new(format!("{password}\n"));
    fsio::write_whole(path, content.as_bytes(), FileAccess::Owner, Existing::Keep)
        .map_err(|e| unwritten(path, &e).into())
}

fn unwritten(path: &Path, error: &std::io::Error) -> CliError {
    let is_there = error.kind() == std::io::ErrorKind::AlreadyExists;
    let what = if is_there { "is there already" } else { "cannot be written" };
    let failure = CliError::new(ExitKind::CannotCreate, format!("the file {} {what}", path.display()));
    let failure = if is_there { failure } else { failure.because(error.to_string()) };
    failure.hint_of(entry!("file-unusable"), "name another file with --out")
}

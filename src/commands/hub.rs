//! `i3 hub`: the seller's hubs, listed and created.

use clap::{Args, Subcommand};
use serde_json::json;

use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::market::{self, MarketArgs};
use crate::cli::recent_names::{self, NameKind};
use crate::cli::ui::Ui;
use crate::collation::groups;
use crate::market::client::MarketClient;
use crate::market::hub::{self, USER_MAX_CHARS};
use crate::market::model::Visibility;
use crate::name::{PRODUCT_MIN_CHARS, ShortName, TOPIC_MAX_CHARS};
use crate::text;
use crate::text::similar::few;

/// List and create hubs: what products and devices belong to
#[derive(Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Hub {
    #[command(subcommand)]
    command: HubCommand,
}

#[derive(Subcommand)]
enum HubCommand {
    List(List),
    Create(Create),
}

/// List your hubs, one full name per line
///
/// With --json an array of {"hub", "id"}.
#[derive(Args)]
struct List {
    #[command(flatten)]
    market: MarketArgs,
}

/// Create a hub and check that it exists
///
/// Prints its full name, which is what topics contain. A name that you already use is refused, even if it differs in
/// case or accents: the marketplace treats both as one. A topic has at most 30 characters, so the command asks before it
/// creates a hub whose name leaves no room for a product; in a script, give --yes. With --json {"hub", "id", "notes"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 hub create parking
  i3 hub create backyard --private")]
struct Create {
    /// Name the hub: 3 to 30 ASCII letters and digits
    name: String,
    /// Hide it from other users
    #[arg(long)]
    private: bool,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    market: MarketArgs,
}

impl Hub {
    /// Runs the command.
    ///
    /// # Errors
    /// Anything that keeps the hubs from being listed, or the hub from being created.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        match self.command {
            HubCommand::List(command) => command.run(ui),
            HubCommand::Create(command) => command.run(ui),
        }
    }
}

impl List {
    fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let (config, market, login) = self.market.access(ui)?;
        let mut client = MarketClient::open(&market, &login.auth())?;
        let hubs = login.checked(hub::own(&mut client))?;
        recent_names::remember(&config.places, NameKind::Hub, hubs.iter().map(|hub| hub.name.to_string()), Some(""));
        for twins in groups(&hubs, |hub| hub.name.as_str()) {
            let names = few(twins.iter().map(|hub| &hub.name), "none");
            ui.warn(&format!("hubs that differ only in case or accents share their permissions: {names}."));
        }
        if hubs.is_empty() {
            ui.remark(&format!("There is no hub yet; create one with `{} hub create NAME`.", ui.program));
        }
        let lines: Vec<String> = hubs.iter().map(|hub| text::row([hub.name.as_str(), &hub.id.to_string()])).collect();
        ui.names(&["HUB", "ID"], &lines, || {
            hubs.iter().map(|hub| json!({ "hub": hub.name.as_str(), "id": hub.id })).collect()
        })
    }
}

impl Create {
    fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let name = ShortName::new_hub(&self.name)?;
        let (config, market, login) = self.market.access(ui)?;
        if let Some(length) = login.user().map(|user| user.chars().count()).filter(|length| *length > USER_MAX_CHARS) {
            return Err(CliError::new(
                ExitKind::Data,
                format!("no hub can be created for a user name of {length} characters"),
            )
            .because(format!(
                "I3 signs up such a user, but creates hubs only for names of up to {USER_MAX_CHARS} characters"
            ))
            .hint(entry!("user-name-too-long"))
            .into());
        }
        if let Some(user) = login.user() {
            self.ask(ui, user)?;
        }
        let mut client = MarketClient::open(&market, &login.auth())?;
        let to = if self.private { Visibility::Owner } else { Visibility::Everyone };
        let created = login.carry_out(ui, &market, "creating the hub", || hub::create(&mut client, &name, to))?;
        login.tell(ui, &created.notes);
        let hub = &created.hub;
        recent_names::remember(&config.places, NameKind::Hub, [hub.name.to_string()], None);
        ui.result(hub.name.as_str(), || {
            let notes: Vec<String> = created.notes.iter().map(ToString::to_string).collect();
            json!({ "hub": hub.name.as_str(), "id": hub.id, "notes": notes })
        })
    }
    /// Asks whether to create a hub whose topics would all be too long.
    fn ask(&self, ui: &Ui, user: &str) -> anyhow::Result<()> {
        let shortest =
            [user, &self.name].map(|part| part.chars().count() + 1).iter().sum::<usize>() + PRODUCT_MIN_CHARS;
        if shortest <= TOPIC_MAX_CHARS {
            return Ok(());
        }
        let question = format!(
            "Create the hub {user}/{}, which leaves no room for a product? A topic has at most {TOPIC_MAX_CHARS} characters, and \
             hubs cannot be deleted or renamed.",
            self.name
        );
        market::confirm(ui, self.yes, &question)
    }
}

//! `i3 request`: decides on the requests of buyers of restricted products.

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use crate::cli::market::{self, MarketArgs};
use crate::cli::ui::{Ui, capitalised};
use crate::market::client::MarketClient;
use crate::market::model::Decision;
use crate::market::requests::{self, Pending, RequestError};
use crate::market::text::quote;
use crate::text;

/// List, approve and decline requests for restricted products
///
/// The purchase of a restricted product is booked at once, but gives its buyer no access until you approve the request
/// that comes with it.
#[derive(Args)]
#[command(subcommand_required = true, arg_required_else_help = true)]
pub struct Request {
    #[command(subcommand)]
    command: RequestCommand,
}

#[derive(Subcommand)]
enum RequestCommand {
    List(List),
    Approve(Approve),
    Decline(Decline),
}

/// List the requests that wait for a decision, the oldest first
///
/// Prints a line for each, with tabs between number, buyer, topic and the buyer's message. Only sellers' accounts see
/// requests.
///
/// With --json an array of {"id", "buyer", "topic", "product", "message"}; "topic" is null if the marketplace does not list
/// the product.
#[derive(Args)]
struct List {
    #[command(flatten)]
    market: MarketArgs,
}

/// Approve a request: its buyer may use the topic from then on
///
/// An approval cannot be revoked, so the command asks first; in a script, give --yes. The decision is sent once, and the
/// request is looked up before and after. Exit code 75 means that it is still pending, as it is while the marketplace's mail is down.
///
/// With --json {"id", "decision", "buyer", "topic", "product", "notes"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 request list
  i3 request approve 2
  i3 request list --json | jq .[].id | xargs -n 1 i3 request approve --yes")]
struct Approve {
    #[command(flatten)]
    decide: Decide,
}

/// Decline a request: its buyer gets no access
///
/// The buyer keeps what was approved before and gets no money back from the marketplace. A declined request is no longer
/// listed, so the command asks first; in a script, give --yes.
///
/// With --json {"id", "decision", "buyer", "topic", "product", "notes"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 request decline 2")]
struct Decline {
    #[command(flatten)]
    decide: Decide,
}

#[derive(Args)]
struct Decide {
    /// Decide on the request with this number, as 'request list' shows it
    #[arg(value_name = "ID")]
    id: u64,
    /// Do not ask for confirmation
    #[arg(long)]
    yes: bool,
    #[command(flatten)]
    market: MarketArgs,
}

impl Request {
    /// Runs the command.
    ///
    /// # Errors
    /// Anything that keeps the requests from being listed, or one from being decided on.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        match self.command {
            RequestCommand::List(command) => command.run(ui),
            RequestCommand::Approve(command) => command.decide.run(ui, Decision::Approve),
            RequestCommand::Decline(command) => command.decide.run(ui, Decision::Decline),
        }
    }
}

impl List {
    fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let (_, market, login) = self.market.access(ui)?;
        let mut client = MarketClient::open(&market, &login.auth())?;
        let pending = login.checked(requests::pending(&mut client))?;
        if pending.is_empty() {
            ui.remark("No request is pending.");
        }
        let lines: Vec<String> = pending.iter().map(line).collect();
        ui.table(&["ID", "BUYER", "TOPIC", "MESSAGE"], &lines, || pending.iter().map(object).collect())
    }
}

impl Decide {
    fn run(self, ui: &Ui, decision: Decision) -> anyhow::Result<()> {
        let (_, market, login) = self.market.access(ui)?;
        let mut client = MarketClient::open(&market, &login.auth())?;
        let pending = login.checked(requests::pending(&mut client))?;
        let Some(meant) = pending.iter().find(|pending| pending.request.id == self.id) else {
            let ids = pending.iter().map(|pending| pending.request.id).collect();
            return Err(RequestError::NotPending { id: self.id, pending: ids }.into());
        };
        let (buyer, product) = (&meant.request.buyer, quote(&meant.product()));
        let (asking, deciding, done) = match decision {
            Decision::Approve => (format!("Give {buyer} access to {product}?"), "approving the request", "approved"),
            Decision::Decline => {
                (format!("Decline {buyer}'s request for {product}?"), "declining the request", "declined")
            }
        };
        market::confirm(ui, self.yes, &asking)?;
        let odd = login.carry_out(ui, &market, deciding, || requests::decide(&mut client, self.id, decision))?;
        let notes: Vec<String> = odd.iter().map(|odd| format!("{odd}, but the request is no longer pending")).collect();
        notes.iter().for_each(|note| ui.note(&format!("{}.", capitalised(note))));
        ui.result(&format!("{done}: {buyer}, {product}"), || {
            let mut told = object(meant);
            told["decision"] = json!(done);
            told["notes"] = json!(notes);
            told
        })
    }
}

fn line(pending: &Pending) -> String {
    let request = &pending.request;
    text::row([&request.id.to_string(), &request.buyer, &quote(&pending.product()), &request.message])
}

fn object(pending: &Pending) -> Value {
    let request = &pending.request;
    json!({
        "id": request.id, "buyer": request.buyer, "topic": pending.topic, "product": request.product,
        "message": request.message,
    })
}

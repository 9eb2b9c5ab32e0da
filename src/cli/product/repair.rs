//! `i3 product repair`: saves a product once more, which gives it the permissions that it lacks, or its title's prefix back.

use clap::Args;
use serde_json::json;

use super::create::PositionArgs;
use crate::catalogue::entry;
use crate::cli::failure::{self, Failure, Kind};
use crate::cli::market::{self, MarketArgs};
use crate::cli::prompt;
use crate::cli::ui::Ui;
use crate::collation::same;
use crate::config::Config;
use crate::market::door::Door;
use crate::market::product;
use crate::market::rest::Product as Row;
use crate::name::Topic;
use crate::shell::quoted;

/// Save a product once more with its own values: what gives a product its permissions that was created while the mail was down
///
/// Also gives a title its prefix back (--title). Nothing but a message shows whether the broker heard of it: 'pub' proves it.
///
/// The marketplace shows everything over REST but the position; it is taken from the product's form if that shows it, else
/// from the options. With --json {"topic", "id", "proved": false}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 product repair alice/parking/occupancy
  i3 product repair occupancy --title alice/parking/occupancy")]
pub struct Repair {
    /// Repair this product, by its title as it is shown
    topic: String,
    /// Give it this topic as its title: the one that it was created with
    #[arg(long, value_name = "TOPIC")]
    title: Option<String>,
    /// Do not ask before a title that has its prefix is changed to another
    #[arg(long, requires = "title")]
    yes: bool,
    #[command(flatten)]
    position: PositionArgs,
    #[command(flatten)]
    market: MarketArgs,
}

impl Repair {
    pub(super) fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let config = Config::load()?;
        let title = self.title.as_deref().map(str::parse::<Topic>).transpose()?;
        let position = self.position.read()?;
        let market = self.market.open(ui, &config)?;
        let entry = self.market.entry(ui, &config, &market)?;
        let mut door = Door::open(&market, &entry.access())?;
        let (row, _) = entry.checked(product::find(&mut door, &self.topic))?;
        let topic = own(&row, entry.user(), title)?;
        self.sure(ui, &row, &topic)?;
        let mut terms = entry.checked(product::terms_of(&mut door, &row))?;
        terms.position = position.or(terms.position);
        if terms.position.is_none() {
            ui.note(
                "The marketplace does not show its position; if it had one, give it with --latitude and --longitude.",
            );
        }
        let saved = ui.progress("saving the product", || product::save(&mut door, row.id, &topic, &terms));
        market::compare_clocks(ui, &market);
        entry.checked(saved)?;
        let (after, _) = entry.checked(product::find(&mut door, topic.as_str())).map_err(|e| {
            let message = format!("{topic} was saved, but what became of it could not be looked up");
            let failure = Failure::new(failure::kind(&e), message);
            e.context(failure.hint("try again: the same is saved once more"))
        })?;
        if after != (Row { title: topic.to_string(), ..row.clone() }) {
            return Err(Failure::new(Kind::Other, format!("{topic} was saved, and is not what it was"))
                .hint("look at the product's page on the marketplace")
                .into());
        }
        ui.note(&format!(
            "{topic} is saved, which gives the permissions to a product that has none. Unproved: a message proves it \
             (`{} pub -t {}`); if it is dropped, the product was created with another title, and --title gives that back.",
            ui.program,
            quoted(topic.as_str())
        ));
        ui.result(topic.as_str(), || json!({ "topic": topic.as_str(), "id": row.id, "proved": false }))
    }
}

impl Repair {
    /// Permissions stay with the topic that a product was created with (I3 facts §2), which nothing shows: where the title
    /// is a topic already, another may break what works.
    fn sure(&self, ui: &Ui, row: &Row, topic: &Topic) -> anyhow::Result<()> {
        if self.yes || row.title == topic.as_str() || super::name(row).is_none() {
            return Ok(());
        }
        let question = format!("Was {} created as {topic}? If not, nobody can publish to it any more", row.title);
        if prompt::confirm(ui, &question)? == Some(true) {
            return Ok(());
        }
        Err(Failure::new(Kind::Usage, format!("{} has its prefix, and is not saved as {topic}", row.title))
            .because("the permissions stay with the topic that a product was created with: with another, nobody could publish")
            .hint(format!("leave --title out to save it as it is, or give --yes if it was created as {topic}"))
            .into())
    }
}

/// The topic to save a product under, which must be the seller's own: the marketplace lets anybody save anybody's.
fn own(row: &Row, user: Option<&str>, title: Option<Topic>) -> anyhow::Result<Topic> {
    let is = |name: &str| same(&row.seller, name);
    if !user.is_some_and(is) {
        return Err(Failure::new(Kind::Refused, format!("'{}' is a product of {}", row.title, row.seller))
            .because("the marketplace would let anybody save it; it is not yours to be saved")
            .hint("log in as its seller")
            .into());
    }
    let topic = match title {
        Some(title) => title,
        None => row.title.parse().map_err(|e: crate::name::NameError| {
            let failure = Failure::new(Kind::Data, format!("'{}' has lost its prefix", row.title)).hint_of(
                entry!("product-prefix-lost"),
                format!("give it back with --title {}/HUB/PRODUCT, the topic that it was created with", row.seller),
            );
            anyhow::Error::new(e).context(failure)
        })?,
    };
    if topic.hub().split_once('/').is_none_or(|(seller, _)| seller != row.seller) {
        return Err(Failure::new(Kind::Data, format!("{topic} is no topic of {}", row.seller))
            .hint(format!("give one that begins with {}/", row.seller))
            .into());
    }
    Ok(topic)
}

//! `i3 product repair`: saves a product unchanged, which gives its hub's devices their permissions, or under another topic.

use clap::Args;
use serde_json::json;

use super::args::Target;
use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::market::MarketArgs;
use crate::cli::prompt;
use crate::cli::ui::Ui;
use crate::market::client::MarketClient;
use crate::market::model::Product as Row;
use crate::market::product::{self, Title, title};
use crate::name::Topic;
use crate::shell::quoted;

/// Save a product again unchanged: this grants the devices of its hub the permissions that they lack
///
/// A product lacks permissions if the marketplace's mail was down when it was created. The whole form is sent back, and
/// checked field by field afterwards. --title restores the topic of a product whose title has lost its USER/HUB/. A product
/// that an edit has taken out of its hub is put back into the hub of its topic.
///
/// Only a message shows whether the broker knows the permissions: 'pub' proves it. With --json {"topic", "id", "hub",
/// "proved": false}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 product repair alice/parking/occupancy
  i3 product repair occupancy --title alice/parking/occupancy")]
pub struct Repair {
    #[command(flatten)]
    target: Target,
    /// Give it this topic: the one that its devices publish to
    #[arg(long, value_name = "TOPIC")]
    title: Option<String>,
    /// Do not ask before changing the topic, and move the product to the topic's hub if it is in another
    #[arg(long, requires = "title")]
    yes: bool,
    #[command(flatten)]
    market: MarketArgs,
}

impl Repair {
    pub(super) fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let title = self.title.as_deref().map(str::parse::<Topic>).transpose()?;
        let (_, market, login) = self.market.access(ui)?;
        let mut client = MarketClient::open(&market, &login.auth())?;
        let row = login.checked(self.target.find(&mut client))?;
        login.checked(product::own(&row, login.user()))?;
        if let Some(topic) = title.as_ref().filter(|topic| topic.as_str() != row.title && !self.yes) {
            let place = login.checked(product::details(&mut client, &row))?.hub;
            sure(ui, &row, topic, place.as_deref())?;
        }
        let saved = login.carry_out(ui, &market, "saving the product", || {
            product::repair(&mut client, &row, login.user(), self.title(title.as_ref()))
        })?;
        let (topic, hub) = (&saved.topic, &saved.hub);
        if saved.hub_is_new {
            ui.remark(&format!("The product was in no hub or in another; it is now in {hub}."));
        }
        if topic.as_str() != row.title {
            ui.remark("Buyers keep the permissions that they bought, which are for the title at that time.");
        }
        ui.remark(&format!(
            "{topic} is saved, and the marketplace grants the devices of {hub} permissions for it. Prove it with a message: \
             `{} pub -t {}`.",
            ui.program,
            quoted(topic.as_str())
        ));
        ui.result(
            topic.as_str(),
            || json!({ "topic": topic.as_str(), "id": row.id, "hub": hub.as_str(), "proved": false }),
        )
    }

    fn title<'t>(&self, topic: Option<&'t Topic>) -> Title<'t> {
        match topic {
            None => Title::AsItIs,
            Some(topic) if self.yes => Title::Anywhere(topic),
            Some(topic) => Title::Within(topic),
        }
    }
}

/// Purchases stay with the topic at that time: a title that is a topic is not changed without confirmation. `place` is
/// the hub that the product is in.
fn sure(ui: &Ui, row: &Row, topic: &Topic, place: Option<&str>) -> anyhow::Result<()> {
    let Ok(present) = title::topic(&row.title, &row.seller) else { return Ok(()) };
    let question = format!("Rename {present} to {topic}? Buyers keep their permissions for {present} only");
    if prompt::confirm(ui, &question)? == Some(true) {
        return Ok(());
    }
    // With the title of another hub it cannot be saved unchanged.
    let hint = match place.is_some_and(|place| place != present.hub()) {
        true => "give --yes to rename it",
        false => "leave --title out to save the product as it is, or give --yes to rename it",
    };
    Err(CliError::new(ExitKind::Usage, format!("{present} is not renamed to {topic}"))
        .because(format!("buyers would keep their permissions for {present} only"))
        .hint_of(entry!("product-prefix-lost"), hint)
        .into())
}

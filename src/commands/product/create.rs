//! `i3 product create`: creates a product, checks that it exists, and repairs its permissions if the marketplace broke down.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::args::{TypeArg, picture, position};
use super::output::warn_unless_below;
use crate::catalogue::entry;
use crate::cli::arguments::FreeText;
use crate::cli::error::{self, CliError, ExitKind};
use crate::cli::market::{MarketArgs, MarketLogin};
use crate::cli::recent_names::{self, NameKind};
use crate::cli::ui::Ui;
use crate::collation::same;
use crate::market::client::MarketClient;
use crate::market::hub::HubSpec;
use crate::market::model::{Picture, Terms};
use crate::market::product::{self, Change, Created, SaveError, Title};
use crate::name::{self, HubName, ProductName};
use crate::shell::quoted;

/// Create a product and check that it exists
///
/// Prints its topic, which has at most 30 characters including user and hub. The name is ASCII without + # and %, and is
/// refused if the marketplace's database treats it as one that the hub already has.
///
/// If the marketplace's mail is down, it stores the product and fails before it grants permissions. Then, and if the answer is
/// lost, the product is saved again, which grants them; if that fails as well, the exit code is 75, and 'product repair'
/// grants them later. With --json {"topic", "id", "hub", "repaired", "notes"}.
#[derive(Args)]
#[command(after_long_help = "\
Examples:
  i3 product create occupancy --hub parking --description 'Free places' --price 1.50 --type sensor
  i3 product create alice/parking/barrier --description 'Opens' --price 5 --type actuator --restricted")]
pub struct Create {
    /// Name the product, in full (USER/HUB/PRODUCT) or only by its last part
    #[arg(value_name = "TOPIC|NAME")]
    name: String,
    /// Put it into this hub of yours, by its short or full name
    #[arg(long, value_name = "HUB")]
    hub: Option<String>,
    /// Describe what is sold
    #[arg(long, value_name = "TEXT", help_heading = "Terms")]
    description: FreeText,
    /// Sell it at this price: over 1 and under 100, with at most 2 decimals
    #[arg(long, value_name = "PRICE", help_heading = "Terms", allow_hyphen_values = true)]
    price: String,
    /// Say what its buyers do: read, write, or both
    #[arg(long = "type", value_enum, value_name = "TYPE", help_heading = "Terms")]
    kind: TypeArg,
    /// Sell it at this price for now: over 0 and under 100, with at most 2 decimals
    #[arg(long, value_name = "PRICE", help_heading = "Terms", allow_hyphen_values = true)]
    sale_price: Option<String>,
    /// Require your approval for each purchase
    #[arg(long, help_heading = "Terms")]
    restricted: bool,
    /// Say where it is: degrees north, with at most 4 decimals
    #[arg(long, value_name = "DEGREES", help_heading = "Terms", allow_hyphen_values = true, requires = "longitude")]
    latitude: Option<String>,
    /// Say where it is: degrees east, with at most 4 decimals
    #[arg(long, value_name = "DEGREES", help_heading = "Terms", allow_hyphen_values = true, requires = "latitude")]
    longitude: Option<String>,
    /// Show this picture (PNG, JPEG or GIF); it can be replaced, but not removed
    #[arg(long, value_name = "FILE", help_heading = "Terms")]
    picture: Option<PathBuf>,
    #[command(flatten)]
    market: MarketArgs,
}

impl Create {
    pub(super) fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let Place { hub, name, named } = place(&self.name, self.hub.as_deref())?;
        let terms = self.terms()?;
        let picture = self.picture.as_deref().map(picture).transpose()?;
        let (config, market, login) = self.market.access(ui)?;
        if let Some(user) = login.user() {
            name::room_for_products(user)?;
        }
        if let Some(named) = named {
            check_same_hub(&named, &hub, login.user(), &self.name)?;
        }
        let access = login.auth();
        let mut client = MarketClient::open(&market, &access)?;
        let created = login
            .carry_out(ui, &market, "creating the product", || product::create(&mut client, &hub, &name, &terms))?;
        login.tell(ui, &created.notes);
        if let Some(sale) = terms.sale {
            warn_unless_below(ui, sale, terms.price);
        }
        if created.may_lack_permissions {
            give_permissions(ui, &login, &mut client, &created)?;
        }
        if let Some(picture) = picture {
            show_picture(&login, &mut client, &created, picture)?;
        }
        let topic = &created.topic;
        recent_names::remember(&config.places, NameKind::Product, [topic.to_string()], None);
        ui.result(topic.as_str(), || {
            json!({
                "topic": topic.as_str(), "id": created.id, "hub": created.hub.name.as_str(),
                "repaired": created.may_lack_permissions,
                "notes": created.notes.iter().map(ToString::to_string).collect::<Vec<_>>(),
            })
        })
    }

    fn terms(&self) -> anyhow::Result<Terms> {
        Ok(Terms {
            description: self.description.0.parse()?,
            price: self.price.parse()?,
            sensor_type: self.kind.into(),
            sale: self.sale_price.as_deref().map(str::parse).transpose()?,
            restricted: self.restricted,
            position: position(self.latitude.as_ref(), self.longitude.as_ref())?,
        })
    }
}

/// Saves again a product whose creation was not reported as a success. Without permissions nobody can publish to it, so a
/// failure here is a failure of the whole command.
fn give_permissions(
    ui: &Ui,
    login: &MarketLogin,
    client: &mut MarketClient<'_>,
    created: &Created,
) -> anyhow::Result<()> {
    let topic = &created.topic;
    let saved = login.checked(product::pick(client, topic.as_str(), created.id)).and_then(|row| {
        // The hub that it was just created in belongs to the user.
        login.checked(product::repair(client, &row, Some(created.hub.name.user()), Title::AsItIs))
    });
    if let Err(e) = saved {
        let state = match e.downcast_ref() {
            Some(SaveError::NoPermissions { .. }) => "has no permissions yet",
            _ => "may lack its permissions",
        };
        let failure =
            CliError::new(error::kind(&e), format!("{topic} was created, but {state}: nobody can publish to it"))
                .because("a device that is registered from now on gets its permission for it");
        let remedy =
            format!("run `{{i3}} product repair {}` when the marketplace's mail works", quoted(topic.as_str()));
        return Err(e.context(failure.hint_of(entry!("product-without-permissions"), remedy)));
    }
    ui.remark(&format!(
        "A product created this way may lack its permissions; {topic} was saved once more, which grants them. The first message \
         proves it."
    ));
    Ok(())
}

/// Sends the picture, which only the edit form takes on every marketplace.
fn show_picture(
    login: &MarketLogin,
    client: &mut MarketClient<'_>,
    created: &Created,
    picture: Picture,
) -> anyhow::Result<()> {
    let topic = &created.topic;
    let change = Change { picture: Some(picture), ..Change::default() };
    let shown = login.checked(product::pick(client, topic.as_str(), created.id)).and_then(|row| {
        // The hub that it was just created in belongs to the user.
        login.checked(product::edit(client, &row, Some(created.hub.name.user()), &change))
    });
    shown.map(|_| ()).map_err(|e| {
        let failure = CliError::new(error::kind(&e), format!("{topic} was created, but it may not show its picture"));
        let remedy = format!("run `{{i3}} product edit {} --picture FILE`", quoted(topic.as_str()));
        let entry = error::advice(&e).entry;
        e.context(failure.hint_of(entry, remedy))
    })
}

/// Where a product goes.
#[derive(Debug)]
struct Place {
    hub: HubSpec,
    name: ProductName,
    /// The hub that the topic names, if `--hub` names one as well: whether it is one depends on who the user is.
    named: Option<HubName>,
}

/// Hub and name from a topic in full, or from a name and `--hub`. What is too long is refused before anything is sent, as
/// far as the user is known.
fn place(text: &str, hub: Option<&str>) -> anyhow::Result<Place> {
    let given: Option<HubSpec> = hub.map(str::parse).transpose()?;
    let full = in_full(text);
    let named = full.as_ref().filter(|_| given.is_some()).map(|(hub, _)| hub.clone());
    let full = full.filter(|(hub, _)| given.as_ref().is_none_or(|given| given.short() == hub.short()));
    let (hub, name) = match (full, given) {
        (Some((hub, name)), given) => (given.unwrap_or(HubSpec::Full(hub)), name),
        (None, Some(given)) => (given, text),
        (None, None) => {
            return Err(CliError::new(ExitKind::Usage, "the hub of the product is not given")
                .hint("name it with --hub HUB, or give the whole topic: USER/HUB/PRODUCT")
                .into());
        }
    };
    let name: ProductName = name.parse()?;
    name.require_ascii()?;
    if let HubSpec::Full(hub) = &hub {
        hub.product(&name)?;
    }
    Ok(Place { hub, name, named })
}

/// Refuses a topic of the user's that names another hub than `--hub`; one that begins with another name may be a product's name.
fn check_same_hub(named: &HubName, hub: &HubSpec, user: Option<&str>, text: &str) -> anyhow::Result<()> {
    let user = match hub {
        HubSpec::Full(hub) => Some(hub.user()),
        HubSpec::Short(_) => user,
    };
    let is_of_user = user.is_none_or(|user| same(user, named.user()));
    let is_same = named.short() == hub.short();
    if user.is_none() || is_of_user == is_same {
        return Ok(());
    }
    let message = format!("the topic names the hub {named}, and --hub names {hub}");
    let whole = user.map(|user| quoted(&format!("{user}/{}/{text}", hub.short()))).unwrap_or_default();
    let remedy = format!(
        "leave --hub out, or give only the product's name; if {text} is to be its name, give {whole} without --hub"
    );
    Err(CliError::new(ExitKind::Usage, message).hint(remedy).into())
}

/// The hub and the rest of a topic, if it is one.
fn in_full(text: &str) -> Option<(HubName, &str)> {
    let (user, rest) = text.split_once('/')?;
    let (hub, name) = rest.split_once('/')?;
    Some((format!("{user}/{hub}").parse().ok()?, name))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_topic_and_the_option_name_the_same_hub() {
        for (text, hub, user, is_right) in [
            ("alice/abcd/gate", "parking", Some("alice"), false),
            ("Alice/abcd/gate", "parking", Some("alice"), false),
            ("alice/abcd/gate", "alice/parking", None, false),
            ("bob/parking/gate", "alice/parking", Some("alice"), false),
            ("bob/parking/gate", "parking", Some("alice"), false),
            ("alice/parking/gate", "parking", Some("alice"), true),
            ("north/deck/2", "parking", Some("alice"), true),
            ("alice/abcd/gate", "parking", None, true),
        ] {
            let Place { hub, named, .. } = place(text, Some(hub)).unwrap();
            let checked = check_same_hub(&named.unwrap(), &hub, user, text);
            assert_eq!(checked.is_ok(), is_right, "{text} {hub} {user:?}");
        }
    }

    #[test]
    fn a_product_is_named_in_full_or_by_name_and_hub() {
        for (text, hub, expected) in [
            ("alice/parking/free", None, ("alice/parking", "free")),
            ("alice/parking/free", Some("parking"), ("parking", "free")),
            ("free", Some("alice/parking"), ("alice/parking", "free")),
            ("deck/2", Some("parking"), ("parking", "deck/2")),
            ("north/deck/2", Some("parking"), ("parking", "north/deck/2")),
        ] {
            let Place { hub, name, .. } = place(text, hub).unwrap();
            assert_eq!((hub.to_string().as_str(), name.as_str()), expected, "{text}");
        }
        assert!(place("free", None).unwrap_err().to_string().contains("the hub of the product is not given"));
        assert!(place("alice/parking/a+bc", None).unwrap_err().to_string().contains("wildcards"));
        assert!(place("alice/parking/seventeenletters1", None).unwrap_err().to_string().contains("31 characters"));
        assert!(place("größe", Some("parking")).unwrap_err().to_string().contains("'ö' (character 3) is not ASCII"));
    }
}

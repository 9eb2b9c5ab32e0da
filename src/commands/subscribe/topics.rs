//! What `i3 sub` subscribes to: the given topics, or those that the marketplace lists for a hub or a buyer.

use std::path::PathBuf;

use clap::Args;

use crate::catalogue::entry;
use crate::cli::broker::{BrokerArgs, Identity};
use crate::cli::error::{CliError, ExitKind};
use crate::cli::market::{LimitArgs, LogInArgs, MarketArgs, PlaceArgs};
use crate::cli::ui::Ui;
use crate::collation::same;
use crate::config::Config;
use crate::market::client::MarketClient;
use crate::market::deals;
use crate::market::hub::HubSpec;
use crate::market::model::ProductQuery;
use crate::market::product;
use crate::name::{DeviceName, HubName, NameError, Topic};

/// Options that select the topics.
#[derive(Args, Clone, Debug)]
#[command(
    mut_arg("user", |arg| arg.requires("found")),
    mut_arg("login_password_file", |arg| arg.requires("found")),
    mut_arg("login_password_stdin", |arg| arg.requires("found"))
)]
#[group(skip)]
pub struct TopicArgs {
    /// Subscribe to this topic, in full: USER/HUB/PRODUCT; may be repeated
    #[arg(short, long, value_name = "TOPIC", allow_hyphen_values = true)]
    pub topic: Vec<String>,
    /// Subscribe as a device to topics outside its hub as well: an edited product can permit them
    #[arg(long, requires = "topic")]
    any_hub: bool,
    /// Subscribe as a device to every product that its hub HUB has now
    ///
    /// The marketplace is asked once, at the start.
    #[arg(long, value_name = "HUB", group = "found", conflicts_with_all = ["topic", "purchased"])]
    hub: Option<String>,
    /// Subscribe as a buyer to every product that this account has bought
    ///
    /// The marketplace is asked once, at the start, with the account's log-in there, whose password differs from the
    /// broker's.
    #[arg(long, group = "found", conflicts_with = "topic")]
    purchased: bool,
    /// Ask this marketplace for the topics: http://HOST[:PORT] or https:// [env: I3_MARKET]
    #[arg(long, value_name = "URL", requires = "found", help_heading = "Marketplace")]
    market: Option<String>,
    /// Read the API key from FILE, for --hub [env: I3_API_KEY]
    #[arg(long, value_name = "FILE", requires = "found", help_heading = "Marketplace")]
    api_key_file: Option<PathBuf>,
    #[command(flatten)]
    log_in: LogInArgs,
}

/// The topics that the command line selects.
pub enum Wanted {
    Named(Vec<Topic>),
    /// All of a hub.
    Hub(HubSpec),
    /// All that an account has bought.
    Purchased,
}

impl TopicArgs {
    /// Returns whether no option selects topics.
    pub fn is_empty(&self) -> bool {
        self.topic.is_empty() && self.hub.is_none() && !self.purchased
    }

    /// Returns whether a device must listen.
    pub fn wants_device(&self) -> bool {
        self.hub.is_some()
    }

    /// Returns whether an account must listen.
    pub fn wants_purchases(&self) -> bool {
        self.purchased
    }

    /// Returns what the options select; `device` will listen, if it is a device. The hint completes a topic that only its own
    /// hub can have.
    ///
    /// # Errors
    /// No topic, one that is not full, or one that the device never receives.
    pub fn wanted(&self, device: Option<&DeviceName>) -> anyhow::Result<Wanted> {
        if let Some(hub) = &self.hub {
            return Ok(Wanted::Hub(hub.parse()?));
        }
        if self.purchased {
            return Ok(Wanted::Purchased);
        }
        let mut topics: Vec<Topic> = Vec::new();
        for text in &self.topic {
            let topic = parse(text, device, self.any_hub)?;
            // A topic subscribed to twice may be delivered twice (MQTT 3.1.1 §3.3.5).
            if !topics.contains(&topic) {
                topics.push(topic);
            }
        }
        if topics.is_empty() {
            return Err(CliError::new(ExitKind::Usage, "no topic is given")
                .hint(
                    "give the full topic with -t USER/HUB/PRODUCT, --hub HUB for all of a device's hub, or --purchased for \
                     all that an account has bought",
                )
                .into());
        }
        Ok(Wanted::Named(topics))
    }

    /// Returns the topics, from the marketplace if they are not given.
    ///
    /// # Errors
    /// The wrong user for the selection, any failure of the marketplace, or nothing to subscribe to.
    pub fn find(
        &self,
        ui: &Ui,
        config: &Config,
        broker: &BrokerArgs,
        identity: &Identity,
        wanted: Wanted,
    ) -> anyhow::Result<Vec<Topic>> {
        let booked = matches!(wanted, Wanted::Purchased);
        let (titles, nothing) = match wanted {
            Wanted::Named(topics) => return Ok(topics),
            Wanted::Hub(asked) => {
                let hub = own_hub(identity, &asked)?;
                (self.of_hub(ui, config, broker, &hub)?, format!("the hub {hub} has no product"))
            }
            Wanted::Purchased => {
                if let Some(device) = &identity.device {
                    return Err(CliError::new(
                        ExitKind::Usage,
                        format!("{device} is a device, and a device buys nothing"),
                    )
                    .hint("name the buyer's account with -u NAME and --pw-file FILE, or give --hub HUB for what the device may read")
                    .into());
                }
                let nothing = format!("the account {} has bought no product", identity.user_name);
                (self.purchases(ui, config, broker, &identity.user_name)?, nothing)
            }
        };
        let mut topics: Vec<Topic> = Vec::new();
        for title in titles {
            match title.parse() {
                Ok(topic) if topics.contains(&topic) => {}
                Ok(topic) => topics.push(topic),
                Err(e) => ui.warn(&format!("a product is left out: {e}.")),
            }
        }
        if topics.is_empty() {
            let failure = CliError::new(ExitKind::Data, format!("{nothing} that can be subscribed to"));
            let entry = entry!("nothing-to-subscribe-to");
            return Err(match booked {
                true => failure
                    .hint_of(entry, "buy one with this account, as `{i3} buy TOPIC` does, or name a topic with -t"),
                false => failure.hint_of(entry, "create one with `{i3} product create`, or name a topic with -t"),
            }
            .into());
        }
        let list: Vec<&str> = topics.iter().map(Topic::as_str).collect();
        // The marketplace's list of purchases does not show which of them were not granted, because of the seller or of
        // the mail.
        let caveat = if booked { "; one that was booked and never granted stays silent" } else { "" };
        ui.remark(&format!("Topics: {} ({} in all{caveat}).", list.join(", "), list.len()));
        Ok(topics)
    }

    /// The titles of the products of a hub, edited ones included: its devices may read them. Those of a hub whose name the
    /// database treats as the same are not its own.
    fn of_hub(&self, ui: &Ui, config: &Config, broker: &BrokerArgs, hub: &HubName) -> anyhow::Result<Vec<String>> {
        let args = MarketArgs::new(self.place(broker), self.api_key_file.clone(), self.log_in.clone());
        let market = args.open(ui, config)?;
        let login = args.login(ui, config, &market)?;
        let mut client = MarketClient::open(&market, &login.auth())?;
        let query = ProductQuery { hub: Some(hub.as_str()), ..ProductQuery::default() };
        let found = login.carry_out(ui, &market, "listing the products", || product::search(&mut client, &query))?;
        Ok(found.into_iter().map(|product| product.title).collect())
    }

    /// The titles of the products that `buyer` has bought.
    fn purchases(&self, ui: &Ui, config: &Config, broker: &BrokerArgs, buyer: &str) -> anyhow::Result<Vec<String>> {
        let log_in = self.log_in.of(config, self.market.as_deref(), buyer);
        if let Some(user) = log_in.named().filter(|user| !same(user, buyer)) {
            return Err(CliError::new(ExitKind::Usage, format!("the purchases of {user} are not those of {buyer}"))
                .hint("name the same account with -u and --user, or leave --user out")
                .into());
        }
        // A known API key may be the seller's; the purchases are on a page.
        let args = MarketArgs::by_form(self.place(broker), log_in);
        let market = args.open(ui, config)?;
        let login = args.login(ui, config, &market)?;
        let mut client = MarketClient::open(&market, &login.auth())?;
        let found = login.carry_out(ui, &market, "looking up the purchases", || deals::purchases(&mut client))?;
        let mut titles = Vec::new();
        for deal in found {
            match deal.topic {
                Some(title) => titles.push(title),
                None => ui.warn(&format!("the marketplace does not list {}, which was bought.", deal.product())),
            }
        }
        Ok(titles)
    }

    fn place(&self, broker: &BrokerArgs) -> PlaceArgs {
        PlaceArgs {
            market: self.market.clone(),
            cafile: broker.cafile.clone(),
            tls: broker.tls.clone(),
            insecure: broker.insecure,
            timeout: broker.timeout,
            limits: LimitArgs::default(),
        }
    }
}

fn parse(text: &str, device: Option<&DeviceName>, any_hub: bool) -> anyhow::Result<Topic> {
    let parsed = match device {
        Some(device) => device.topic(text),
        None => text.parse(),
    };
    let topic = parsed.map_err(|e| match e {
        NameError::Wildcard(_) => anyhow::Error::new(e).context(
            CliError::new(ExitKind::Data, "subscriptions with wildcards are not made")
                .because("I3's broker would grant it, but I3 asks its users not to subscribe with wildcards")
                .hint(entry!("subscription-wildcard")),
        ),
        e => e.into(),
    })?;
    match device.filter(|device| !any_hub && !device.may_use(&topic)) {
        Some(device) => Err(CliError::new(ExitKind::Refused, format!("{topic} is not a topic of {device}'s hub"))
            .because(format!(
                "I3 permits a device only the products of its own hub, {}, regardless of their titles; for others the broker would \
                 grant the subscription but deliver nothing",
                device.hub()
            ))
            .hint_of(
                entry!("topic-outside-hub"),
                "subscribe as the account that bought it, with -u NAME --pw-file FILE; if an edited product permits it to \
                 the device, give --any-hub",
            )
            .into()),
        None => Ok(topic),
    }
}

/// Returns the requested hub, if the listener is a device of it.
fn own_hub(identity: &Identity, asked: &HubSpec) -> anyhow::Result<HubName> {
    let Some(device) = &identity.device else {
        return Err(CliError::new(
            ExitKind::Usage,
            format!("{} is not a device, and --hub is for devices", identity.user_name),
        )
        .hint("name a device of the hub with --device NAME, or give --purchased for all that an account has bought")
        .into());
    };
    let hub = device.hub();
    let own = match asked {
        HubSpec::Short(short) => same(short.as_str(), hub.short()),
        HubSpec::Full(full) => same(full.as_str(), hub.as_str()),
    };
    if own {
        return Ok(hub);
    }
    Err(CliError::new(ExitKind::Refused, format!("{device} never receives the products of the hub {asked}"))
        .because(format!("a device reads only the topics of its own hub, {hub}"))
        .hint_of(entry!("topic-outside-hub"), format!("give --hub {hub}, or name a device of {asked} with --device"))
        .into())
}

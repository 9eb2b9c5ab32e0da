//! `i3 whoami`: the seller's user name, as the marketplace stores it.

use clap::Args;
use serde_json::json;

use crate::catalogue::entry;
use crate::cli::error::{CliError, ExitKind};
use crate::cli::market::{self, MarketArgs, MarketLogin};
use crate::cli::ui::Ui;
use crate::market::Market;
use crate::market::auth::{ClientError, Login};
use crate::market::change::ChangeError;
use crate::market::client::MarketClient;
use crate::market::hub;
use crate::market::model::ProductQuery;
use crate::market::product;
use crate::market::rest::RestError;

/// Show your user name in the case in which the marketplace stores it
///
/// With a log-in, every page of the marketplace shows it. With only an API key, it is read from a hub or a product; without
/// either, the name is printed as given, and a note says so.
#[derive(Args)]
pub struct Whoami {
    #[command(flatten)]
    market: MarketArgs,
}

/// What the marketplace shows about the seller.
struct Seen {
    user: Option<String>,
    /// `None` if the hubs cannot be listed with this log-in.
    hubs: Option<usize>,
}

impl Whoami {
    /// Runs the command.
    ///
    /// # Errors
    /// Neither key nor log-in is accepted, or their owner is not shown.
    pub fn run(self, ui: &Ui) -> anyhow::Result<()> {
        let (_, market, login) = self.market.access(ui)?;
        let seen = look(&login, &market);
        market::compare_clocks(ui, &market);
        let Seen { user: shown, hubs } = seen?;
        let is_shown = shown.is_some();
        let Some(user) = shown.or_else(|| login.user().map(String::from)) else {
            return Err(CliError::new(ExitKind::Config, "the API key is valid, but nothing shows whose it is")
                .because("this marketplace shows the user name only to a log-in")
                .hint_of(entry!("market-access-missing"), "log in with `{i3} login`, or give --user")
                .into());
        };
        if !is_shown {
            ui.note("The marketplace did not show the user name: it is printed as it was given.");
        } else if let Some(given) = login.user().filter(|given| *given != user) {
            ui.note(&format!("The marketplace knows the user as '{user}', not '{given}', and so does the broker."));
        }
        ui.result(
            &user,
            || json!({ "market": market.url().to_string(), "user": user, "user_is_shown": is_shown, "hubs": hubs }),
        )
    }
}

fn look(login: &MarketLogin, market: &Market) -> anyhow::Result<Seen> {
    let access = login.auth();
    let mut client = MarketClient::open(market, &access)?;
    match login.checked(hub::own(&mut client)) {
        Ok(hubs) => {
            let user = client.stored_user().or(hubs.first().map(|hub| hub.name.user())).map(String::from);
            Ok(Seen { user, hubs: Some(hubs.len()) })
        }
        // With only a key, at a marketplace that lists no hubs for it: products show their seller.
        Err(e) if matches!(access.log_in, None | Some(Login::Ended { .. })) && is_forms_only(&e) => {
            let query = ProductQuery { seller: login.user(), ..ProductQuery::default() };
            if login.user().is_none() {
                client.probe(&query)?;
                return Ok(Seen { user: None, hubs: None });
            }
            let products = product::search(&mut client, &query)?;
            Ok(Seen { user: products.first().map(|product| product.seller.clone()), hubs: None })
        }
        Err(e) => Err(e),
    }
}

fn is_forms_only(error: &anyhow::Error) -> bool {
    let forms_only = |e: &ClientError| {
        use ClientError as E;
        matches!(e, E::NeedsLogIn(_) | E::SessionEnded { .. } | E::Rest(RestError::FormsOnly { .. }))
    };
    error.downcast_ref().is_some_and(forms_only)
        || error.downcast_ref().is_some_and(|e| matches!(e, ChangeError::Client(e) if forms_only(e)))
}

//! What the marketplace says and shows: whether it answers, its clock, the account, the hub, the device, the product.

use std::time::{Duration, Instant};

use super::finding::{Check, Finding, Status};
use super::network;
use super::run::{DoctorRun, NO_TOPIC, length};
use crate::catalogue::entry;
use crate::collation::same;
use crate::config::Config;
use crate::login::{Candidate, LoginSecret};
use crate::market::Market;
use crate::market::auth::{ClientError, MarketAuth, Transport};
use crate::market::client::MarketClient;
use crate::market::http::Skew;
use crate::market::model::{DeviceRow, HubRow, Listing, Product, ProductQuery};
use crate::market::product::{self, title};
use crate::market::reason::ServerReason;
use crate::market::rest::RestError;
use crate::name::{DeviceName, HubName, Topic};
use crate::shell::quoted;
use crate::text::similar::{few, nearest};
use crate::token::Lifetime;

/// A clock that is off by more is reported.
const CLOCK_TOLERANCE: Duration = Duration::from_secs(30);
/// The checks that need an answer from the marketplace.
const REST: [Check; 5] = [Check::Clock, Check::Account, Check::Hub, Check::Device, Check::Product];

pub(super) fn examine(run: &mut DoctorRun<'_>) {
    let Some(config) = run.config.clone() else { return skip(run, "there is no configuration") };
    if config.market(run.request.market.clone()).is_none() {
        run.add(Finding::unknown(Check::Marketplace, "no marketplace is given, so its data is unknown"));
        return skip(run, "no marketplace is given");
    }
    let market = match reached(run, &config) {
        Ok((market, finding)) => {
            run.add(finding);
            market
        }
        Err(finding) => {
            run.add(*finding);
            return skip(run, "the marketplace does not answer as expected");
        }
    };
    let finding = clock(run, &market);
    run.add(finding);
    let login = match run.host.market_login(&config, &market) {
        Ok(login) => login,
        Err(error) => {
            run.add(Finding::said(Check::Account, error));
            return skip(run, "there is no usable log-in for the marketplace");
        }
    };
    let auth = login.auth();
    let (mut client, hubs) = match enter(&market, &auth) {
        Ok(entered) => entered,
        Err(ClientError::NoCredentials { .. }) => {
            let summary = "there is neither an API key nor a log-in, so the marketplace's data is unknown";
            run.add(Finding::unknown(Check::Account, summary));
            return skip(run, "nobody is logged in at the marketplace");
        }
        Err(error) => {
            run.add(refused(Check::Account, error));
            return skip(run, "the marketplace refused the log-in");
        }
    };
    let finding = account(&client, &hubs);
    run.add(finding);
    shown(run, &mut client, &hubs);
}

/// Adds the remaining checks as skipped.
fn skip(run: &mut DoctorRun<'_>, why: &str) {
    for check in std::iter::once(Check::Marketplace).chain(REST) {
        if run.status(check).is_none() {
            run.add(Finding::skipped(check, why));
        }
    }
}

fn reached(run: &mut DoctorRun<'_>, config: &Config) -> Result<(Market, Finding), Box<Finding>> {
    const CHECK: Check = Check::Marketplace;
    let market = run.host.market(config).map_err(|error| Box::new(Finding::said(CHECK, error)))?;
    let url = market.url();
    let mut evidence = match market.proxy() {
        Some(proxy) => vec![format!("connected through {proxy}")],
        None => network::reach(url.host(), url.port(), run.request.timeout),
    };
    if !url.is_tls() && !url.is_loopback() {
        evidence.push("the connection is not encrypted".into());
    }
    let began = Instant::now();
    match market.look() {
        Ok(()) => {
            evidence.push(format!(
                "its log-in page came after {} ms; it answers to the name {}",
                began.elapsed().as_millis(),
                url.host()
            ));
            let finding =
                Finding::ok(CHECK, format!("{} answers, and is an I3 marketplace", url.shown())).seen(evidence);
            Ok((market, finding))
        }
        Err(error) => Err(Box::new(refused(CHECK, ClientError::from(error)).seen(evidence))),
    }
}

/// Returns the finding for an error of the marketplace. A database that is down is named as such: the broker reads it too.
fn refused(check: Check, error: ClientError) -> Finding {
    match error.server_reason().is_some_and(ServerReason::is_database_down) {
        true => Finding::wrong(check, entry!("database-down"), error.to_string()),
        false => Finding::said(check, error),
    }
}

fn clock(run: &DoctorRun<'_>, market: &Market) -> Finding {
    const CHECK: Check = Check::Clock;
    let Some(skew) = market.clock_skew() else {
        return Finding::unknown(CHECK, "the marketplace's answer has no Date header");
    };
    if skew.size() <= CLOCK_TOLERANCE {
        return Finding::ok(
            CHECK,
            format!("within {} of the marketplace's", length(skew.size().max(Duration::from_secs(1)))),
        );
    }
    let by = length(skew.size());
    // A token from elsewhere was made with another clock, and later credentials are tried only if the first is refused.
    let by_key = matches!(run.candidates.first(), Some(Candidate { secret: LoginSecret::Key(_), .. }));
    match skew {
        Skew::Behind(by_so_much) if by_key && by_so_much >= Lifetime::DEFAULT.duration() => {
            let summary = format!(
                "this machine's clock is {by} behind the marketplace's: its tokens have expired when they are made"
            );
            Finding::wrong(CHECK, entry!("clock"), summary)
        }
        Skew::Behind(_) => {
            let summary = format!("this machine's clock is {by} behind the marketplace's: its tokens expire early");
            Finding::risk(CHECK, entry!("clock"), summary)
        }
        Skew::Ahead(_) => {
            let summary = format!(
                "this machine's clock is {by} ahead of the marketplace's: its tokens come from the future and stay valid for too long"
            );
            Finding::risk(CHECK, entry!("clock"), summary)
        }
    }
}

fn enter<'m>(market: &'m Market, auth: &MarketAuth<'m>) -> Result<(MarketClient<'m>, Vec<HubRow>), ClientError> {
    let mut client = MarketClient::open(market, auth)?;
    let hubs = client.hubs()?;
    Ok((client, hubs))
}

fn account(client: &MarketClient<'_>, hubs: &[HubRow]) -> Finding {
    const CHECK: Check = Check::Account;
    let evidence = [format!("hubs: {}", few(hubs.iter().map(|hub| &hub.name), "none"))];
    let typed = client.known_user();
    let of_hubs = || hubs.iter().map(|hub| hub.name.user()).find(|user| typed.is_some_and(|typed| same(user, typed)));
    let stored = client.stored_user().or_else(of_hubs);
    if let (Some(typed), Some(stored)) = (typed, stored)
        && typed != stored
    {
        let summary = format!("the marketplace knows the user as '{stored}', not '{typed}'");
        let finding = Finding::risk(CHECK, entry!("user-name-case"), summary).seen(evidence);
        return finding.remedy(format!("write '{stored}' wherever the user name is part of a name"));
    }
    let of_whom = stored.or(typed).map(|user| format!(" of {user}")).unwrap_or_default();
    let what = match client.transport() {
        Transport::Rest => "API key",
        Transport::Web => "log-in",
    };
    Finding::ok(CHECK, format!("the marketplace accepts the {what}{of_whom}")).seen(evidence)
}

/// Checks hub, device and product, as the marketplace shows them.
fn shown(run: &mut DoctorRun<'_>, client: &mut MarketClient<'_>, hubs: &[HubRow]) {
    let Some(device) = run.device.clone() else { return skip(run, "no device is known") };
    let wanted = device.hub();
    let alike: Vec<&HubRow> = hubs.iter().filter(|hub| same(hub.name.as_str(), wanted.as_str())).collect();
    if !alike.iter().any(|hub| hub.name == wanted) {
        let finding = match alike.first() {
            Some(other) if other.name.user() != wanted.user() => {
                let name = other.name.as_str().replace('/', "$");
                let summary = format!("the marketplace knows the hub as {}, not {wanted}", other.name);
                Finding::wrong(Check::Hub, entry!("user-name-case"), summary).remedy(format!(
                    "write the device as '{name}${}', and topics as {}/PRODUCT",
                    device.short(),
                    other.name
                ))
            }
            Some(other) => {
                let summary =
                    format!("the marketplace shows no hub {wanted}, but one in another spelling: {}", other.name);
                Finding::wrong(Check::Hub, entry!("hub-other-case"), summary)
            }
            None => Finding::wrong(Check::Hub, entry!("hub-unknown"), format!("the marketplace shows no hub {wanted}"))
                .remedy(format!("create it with `{{i3}} hub create {}`, or give another one", wanted.short())),
        };
        run.add(finding);
        return skip(run, "the hub does not exist");
    }
    run.add(match alike.len() {
        1 => Finding::ok(Check::Hub, format!("{wanted} exists")),
        _ => {
            let names: Vec<&str> = alike.iter().map(|hub| hub.name.as_str()).collect();
            let summary =
                format!("hubs that differ only in case or accents share their permissions: {}", names.join(", "));
            Finding::risk(Check::Hub, entry!("hub-case-twins"), summary)
        }
    });
    // The broker treats twins as one hub, so a device may be in any of them.
    let rows: Result<Vec<_>, _> = alike.iter().map(|place| client.devices(place)).collect();
    let finding = match rows {
        Ok(rows) => device_rows(&device, &rows.concat()),
        Err(error) => unreadable(Check::Device, error),
    };
    run.add(finding);
    // They also share the permissions for each other's products (I3 facts §6.1).
    let products: Result<Vec<_>, _> = alike.iter().map(|place| client.hub_products(place)).collect();
    let finding = match products {
        Ok(products) => product(run, client, hubs, &products.concat()),
        Err(error) => unreadable(Check::Product, error),
    };
    run.add(finding);
}

/// Returns the finding for a page that cannot be read; this says nothing about the device.
fn unreadable(check: Check, error: ClientError) -> Finding {
    // Then the key itself is wrong, or nothing works at all.
    let is_wrong = matches!(error, ClientError::Rest(RestError::KeyRefused { .. } | RestError::KeyUnusable));
    if is_wrong || error.server_reason().is_some_and(ServerReason::is_database_down) {
        return refused(check, error);
    }
    let summary = format!("the marketplace did not answer: {error}");
    Finding { status: Status::Unknown, cause: None, summary, ..Finding::said(check, error) }
}

fn device_rows(device: &DeviceName, rows: &[DeviceRow]) -> Finding {
    const CHECK: Check = Check::Device;
    let same: Vec<&DeviceRow> = rows.iter().filter(|row| same(row.name.as_str(), device.as_str())).collect();
    let listed = same.iter().map(|row| format!("{}, number {}", row.name, row.id)).collect::<Vec<_>>();
    match same.as_slice() {
        [] => {
            let others = few(rows.iter().map(|row| row.name.short()), "none");
            let hub = device.hub();
            Finding::wrong(CHECK, entry!("device-missing"), format!("the hub {hub} shows no device {}", device.short()))
                .seen([format!("its devices: {others}")])
                .remedy(format!("register it with `{{i3}} register {} --hub {hub}`", device.short()))
        }
        [one] => {
            let note = (one.name != *device).then(|| "the broker accepts this spelling as well".to_string());
            Finding::ok(CHECK, format!("{} exists once", one.name)).seen(listed).seen(note)
        }
        [first, rest @ ..] => {
            // Deleting one deletes the log-in of all, and leaves rows that cannot log in (I3 facts §6.1).
            let remedy =
                format!("run `{{i3}} device repair '{device}'`, which deletes all of them and registers one again");
            let finding = if rest.iter().any(|row| row.name.as_str() != first.name.as_str()) {
                let names: Vec<&str> = same.iter().map(|row| row.name.as_str()).collect();
                let summary =
                    format!("devices that differ in case or accents only lock each other out: {}", names.join(", "));
                Finding::wrong(CHECK, entry!("device-case-twins"), summary)
            } else {
                let summary = format!("{} exists {} times, and none of them can log in", first.name, same.len());
                Finding::wrong(CHECK, entry!("device-doubled"), summary)
            };
            finding.seen(listed).remedy(remedy)
        }
    }
}

fn product(run: &mut DoctorRun<'_>, client: &mut MarketClient<'_>, hubs: &[HubRow], products: &[Listing]) -> Finding {
    const CHECK: Check = Check::Product;
    let Some(device) = run.device.clone() else { return Finding::skipped(CHECK, "no device is known") };
    let hub = &device.hub();
    let titles: Vec<&str> = products.iter().map(|product| product.name.as_str()).collect();
    let evidence = [format!("products of the hub: {}", few(titles.iter(), "none"))];
    let Some(topic) = run.topic.clone() else { return only_product(run, &titles).seen(evidence) };
    let finding = match look_up(&topic, hub, &titles) {
        Shown::OfAnotherHub => {
            let found = elsewhere(client, &topic);
            let exact = found.as_ref().filter(|product| product.title == topic.as_str());
            let place = exact.and_then(|product| place(client, product));
            let finding = match place.filter(|place| same(place, hub.as_str())) {
                // Its devices have a permission for the current title.
                Some(_) => {
                    Finding::ok(CHECK, format!("{topic} is a product of the hub {hub}, though its title says another"))
                }
                None => Finding::skipped(CHECK, format!("{topic} is not a topic of the hub {hub}")),
            };
            return finding.seen(evidence).seen(found.map(|product| listed(&product)));
        }
        Shown::Exactly => Finding::ok(CHECK, format!("{topic} exists")),
        Shown::WithinFilter(title) => Finding::ok(CHECK, format!("{topic} is within the product {title}")),
        Shown::InOtherCase(title) => {
            let summary =
                format!("the hub shows {title}, not {topic}: the broker compares topics character by character");
            Finding::wrong(CHECK, entry!("topic-case"), summary).remedy(format!("publish to {title}"))
        }
        Shown::WithoutPrefix(short) => {
            let summary = format!(
                "the hub shows a product '{short}' but not {topic}: new buyers get a permission for '{short}', and of \
                 {topic} only the permissions that were given before are left"
            );
            Finding::wrong(CHECK, entry!("product-prefix-lost"), summary).remedy(format!(
                "restore its title with `{{i3}} product repair {} --title {}`",
                quoted(short),
                quoted(topic.as_str())
            ))
        }
        Shown::Above(title) => {
            let summary = format!("{topic} is below the product {title}, and sub-topics are not sold yet");
            Finding::wrong(CHECK, entry!("sub-topic"), summary).remedy(format!("publish to {title}"))
        }
        Shown::Nowhere { has_strange_titles } => {
            let found = elsewhere(client, &topic);
            let place = found.as_ref().and_then(|product| place(client, product));
            let meant = nearest(topic.as_str(), titles.iter().copied().filter(|title| title.parse::<Topic>().is_ok()));
            let missing =
                missing_product(&topic, hub, hubs, found.as_ref(), place.as_deref(), has_strange_titles, meant);
            missing.seen(found.map(|product| listed(&product)))
        }
    };
    finding.seen(evidence)
}

/// Without a topic, the only product of the hub is checked.
fn only_product(run: &mut DoctorRun<'_>, titles: &[&str]) -> Finding {
    const CHECK: Check = Check::Product;
    if run.request.topic.is_some() {
        return Finding::skipped(CHECK, NO_TOPIC);
    }
    let mut topics = titles.iter().filter_map(|title| title.parse::<Topic>().ok());
    match (topics.next(), topics.next()) {
        (Some(only), None) if run.device.as_ref().is_some_and(|device| device.may_use(&only)) => {
            let finding = Finding::ok(CHECK, format!("{only} is the only product of the hub, and so the topic"));
            run.topic = Some(only);
            finding
        }
        _ => Finding::unknown(CHECK, "no topic is given, and the hub does not have exactly one"),
    }
}

/// How a topic appears among the titles of a hub's products.
enum Shown<'t> {
    OfAnotherHub,
    Exactly,
    InOtherCase(&'t str),
    /// A product has the topic's last part as its title.
    WithoutPrefix(&'t str),
    /// A product's title is a filter that the topic matches.
    WithinFilter(&'t str),
    /// The topic is below a product.
    Above(&'t str),
    /// Not at all. A title that is not a topic of this hub may have been this topic before.
    Nowhere {
        has_strange_titles: bool,
    },
}

fn look_up<'t>(topic: &Topic, hub: &HubName, titles: &[&'t str]) -> Shown<'t> {
    if !same(topic.hub(), hub.as_str()) {
        return Shown::OfAnotherHub;
    }
    let text = topic.as_str();
    let short = topic.product();
    let is_strange = |title: &str| title::topic(title, hub.user()).map_or(true, |own| !same(own.hub(), hub.as_str()));
    let find = |fits: &dyn Fn(&str) -> bool| titles.iter().copied().find(|title| fits(title));
    if titles.contains(&text) {
        Shown::Exactly
    } else if let Some(title) = find(&|title| same(title, text)) {
        Shown::InOtherCase(title)
    } else if let Some(title) = find(&|title| title == short && is_strange(title)) {
        Shown::WithoutPrefix(title)
    } else if let Some(title) = find(&|title| reaches(title, text)) {
        Shown::WithinFilter(title)
    } else if let Some(title) = find(&|title| is_above(title, text)) {
        Shown::Above(title)
    } else {
        Shown::Nowhere { has_strange_titles: titles.iter().any(|title| is_strange(title)) }
    }
}

/// The hub does not show the topic; `found` is the product of this name that the marketplace lists over REST, and `place` the
/// hub that its form holds. `meant` is a product of the hub with a similar name.
fn missing_product(
    topic: &Topic,
    hub: &HubName,
    hubs: &[HubRow],
    found: Option<&Product>,
    place: Option<&str>,
    has_strange_titles: bool,
    meant: Option<&str>,
) -> Finding {
    const CHECK: Check = Check::Product;
    let exists = |name: &str| hubs.iter().any(|hub| hub.name.as_str() == name);
    let finding = match found {
        // A save gives permissions to the devices of the hub that the form holds (I3 facts §6.1).
        Some(other) if other.title == topic.as_str() && same(&other.seller, hub.user()) => match place {
            Some(place) if exists(place) => {
                let summary = format!("the product {topic} is in a different hub than its title says: {place}");
                Finding::wrong(CHECK, entry!("product-prefix-lost"), summary).remedy(format!(
                    "give it the title of its own hub with `{{i3}} product repair {} --title {place}/PRODUCT`, and \
                     publish with a device of that hub",
                    quoted(topic.as_str())
                ))
            }
            Some(_) => {
                let summary = format!("the product {topic} is in no hub, and so no device gets permissions for it");
                Finding::wrong(CHECK, entry!("product-prefix-lost"), summary)
                    .remedy(format!("put it back into its hub with `{{i3}} product repair {}`", quoted(topic.as_str())))
            }
            None => {
                let summary = format!("the product {topic} is not in the hub that its title says");
                Finding::wrong(CHECK, entry!("product-prefix-lost"), summary)
                    .remedy(format!("see its hub with `{{i3}} product show {}` and a log-in", quoted(topic.as_str())))
            }
        },
        _ => Finding::wrong(CHECK, entry!("product-missing"), format!("there is no product {topic}")).remedy(format!(
            "{}create the product with `{{i3}} product create {} --hub {} --description TEXT --price PRICE --type TYPE`",
            meant.map(|meant| format!("publish to {meant}, or ")).unwrap_or_default(),
            quoted(topic.product()),
            if exists(topic.hub()) { topic.hub() } else { hub.as_str() }
        )),
    };
    let is_missing = found.is_none_or(|other| other.title != topic.as_str());
    let may_be_edited = (is_missing && has_strange_titles).then_some(entry!("product-prefix-lost"));
    finding.or(may_be_edited.as_slice())
}

/// Whether the topic is below the product with this title.
fn is_above(title: &str, topic: &str) -> bool {
    title.matches('/').count() >= 2 && topic.strip_prefix(title).is_some_and(|rest| rest.starts_with('/'))
}

/// Whether the title is a filter that the topic matches: the title `a/b/#` grants sub-topics (I3 facts §1).
fn reaches(title: &str, topic: &str) -> bool {
    title.strip_suffix("/#").is_some_and(|above| topic.strip_prefix(above).is_some_and(|rest| rest.starts_with('/')))
}

/// Returns the product of this name anywhere on the marketplace; `None` also if the list cannot be read.
fn elsewhere(client: &mut MarketClient<'_>, topic: &Topic) -> Option<Product> {
    let query = ProductQuery { name: Some(topic.as_str()), ..ProductQuery::default() };
    client.products(&query).ok()?.into_iter().next()
}

/// Returns the hub that the product's form holds; `None` also without a log-in.
fn place(client: &mut MarketClient<'_>, product: &Product) -> Option<String> {
    product::details(client, product).ok()?.hub
}

fn listed(product: &Product) -> String {
    format!("over REST it is listed as number {} of {}", product.id, product.seller)
}

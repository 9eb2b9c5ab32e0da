//! All reading of the marketplace's pages: what is expected is found, or a typed error says what was expected (I3 facts §2).

mod cart;
mod dom;
mod hub;
mod notifications;
mod product;
mod requests;
mod signup;
mod table;
mod transactions;

use std::fmt;

use super::reason::ServerReason;
use crate::name::{DeviceName, HubName};
use crate::secret::Secret;
use dom::Dom;

pub use cart::{CartItem, cart};
pub use hub::hub;
pub use notifications::{Body, Notification, notifications};
pub use product::{ProductForm, field, product_form, product_refusals};
pub use requests::{PurchaseRequest, requests};
pub use signup::form_reasons;
pub use transactions::{Amount, Metered, Transaction, Transactions, transactions};

/// Longest text that is taken over from a page for a message, in characters.
const QUOTE_MAX: usize = 300;
/// Longest word of a message that is shown, in bytes: a hub's name and a topic have 30 characters at most.
const WORD_MAX: usize = 31;
const MY_HUBS: &str = "My Hubs";

/// Which page was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Page {
    /// `/accounts/login/`
    LogIn,
    /// `/key/`
    ApiKey,
    /// `/hubs/`
    HubList,
    /// `/hubs/<id>/`
    Hub,
    /// `/dashboard/transactions/`
    Transactions,
    /// `/products/<id>/edit/`
    ProductForm,
    /// `/notifications/`
    Notifications,
    /// The navigation of any page, with the purchase requests.
    Requests,
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Page::LogIn => "log-in page",
            Page::ApiKey => "API key page",
            Page::HubList => "list of hubs",
            Page::Hub => "hub page",
            Page::Transactions => "page of transactions",
            Page::ProductForm => "product form",
            Page::Notifications => "page of notifications",
            Page::Requests => "list of purchase requests",
        })
    }
}

/// A page that is not what it should be. Nothing is guessed from it: the marketplace has changed, something else answers
/// at that address, or a proxy put in its own page. Nothing is quoted from it either: every page for a signed-in user holds
/// his notifications, and those may hold passwords (I3 facts §6.2).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the marketplace's {page} has not the expected shape: {expected}")]
#[non_exhaustive]
pub struct PageError {
    pub page: Page,
    /// What was expected and is not so. Never what the page says instead: it may hold a password.
    pub expected: String,
}

impl PageError {
    fn new(page: Page, expected: impl Into<String>) -> PageError {
        PageError { page, expected: expected.into() }
    }
}

/// One line of the list of hubs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubRow {
    pub id: u64,
    pub name: HubName,
}

/// One device of a hub, under its full name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRow {
    pub id: u64,
    pub name: DeviceName,
}

/// One product of a hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductRow {
    pub id: u64,
    /// As shown: the topic, unless an edit took its prefix away.
    pub title: String,
}

/// What a hub page shows: the rows of this hub, and of those that differ from it in case or accents only.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HubPage {
    pub devices: Vec<DeviceRow>,
    /// Devices without a link to edit or delete them: the hub is somebody else's.
    pub unlinked: Vec<DeviceName>,
    pub products: Vec<ProductRow>,
}

/// What a log-in page holds.
#[derive(Debug)]
pub struct LogInForm {
    /// The hidden field `csrfmiddlewaretoken`; without it the cookie's value serves as well.
    pub csrf: Option<Secret>,
    /// The first text in red (`class="text-danger"`), such as `Invalid username/password!`.
    pub complaint: Option<String>,
}

/// Reads a log-in page.
///
/// # Errors
/// [`PageError`] unless there are inputs named `username` and `password`.
pub fn log_in_form(html: &[u8]) -> Result<LogInForm, PageError> {
    let dom = Dom::read(html);
    if !has_log_in_form(&dom) {
        return Err(PageError::new(Page::LogIn, "inputs named username and password"));
    }
    Ok(LogInForm { csrf: csrf_of(&dom), complaint: complaint_of(&dom) })
}

/// Whether the page is the log-in form: what a session that has expired is shown instead of any page.
pub fn is_log_in_form(html: &[u8]) -> bool {
    has_log_in_form(&Dom::read(html))
}

/// The user who is logged in, as the marketplace stores the name: `Hello alice` in the navigation of every page, before its
/// content (I3 facts §6.2). None on a page without navigation.
pub fn user(html: &[u8]) -> Option<String> {
    let dom = Dom::read(html);
    let (content, _) = dom.comments().find(|(_, text)| text.contains("Page Content"))?;
    // What others wrote is inside the drop-downs' menus.
    let is_in_menu = |link: dom::Element<'_>| link.ancestors().any(|e| e.has_class("dropdown-menu"));
    let links = dom.all("a").take_while(|link| link.position() < content);
    let mut toggles = links.filter(|link| link.has_class("dropdown-toggle") && !is_in_menu(*link));
    let is_name = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    toggles.find_map(|link| link.text().strip_prefix("Hello ").filter(is_name).map(String::from))
}

/// The hidden field `csrfmiddlewaretoken` of any form.
pub fn csrf(html: &[u8]) -> Option<Secret> {
    csrf_of(&Dom::read(html))
}

/// What a form says against what was sent: the first message in red or in its list of errors. Nothing else of a page is fit
/// to be shown.
pub fn refusal(html: &[u8]) -> Option<String> {
    complaint_of(&Dom::read(html))
}

/// Whether a page has a sentence in place of a form or a hub: the thing is somebody else's (I3 facts §2).
pub fn is_sentence(html: &[u8]) -> bool {
    // The navigation may have a form of its own.
    !html.is_empty() && !Dom::read(html).content().any(|e| ["form", "input", "h3", "h4", "table"].contains(&e.tag()))
}

fn has_log_in_form(dom: &Dom) -> bool {
    let has = |name| dom.all("input").any(|input| input.attribute("name") == Some(name));
    has("username") && has("password")
}

fn csrf_of(dom: &Dom) -> Option<Secret> {
    dom.all("input")
        .find(|input| input.attribute("name") == Some("csrfmiddlewaretoken"))
        .and_then(|input| input.attribute("value"))
        .filter(|value| !value.is_empty())
        .map(Secret::new)
}

/// The first message of the form in the page's content: a text in red, or an item of Django's list of errors.
fn complaint_of(dom: &Dom) -> Option<String> {
    let is_message = |e: &dom::Element<'_>| e.has_class("text-danger") || e.has_class("errorlist");
    dom.content().filter(is_message).map(|e| message(&e.text())).find(|text| !text.is_empty())
}

/// The API key: `<input id="foo" value="<40 hex>">`.
///
/// # Errors
/// [`PageError`] unless there is exactly that.
pub fn api_key(html: &[u8]) -> Result<Secret, PageError> {
    let dom = Dom::read(html);
    let mut inputs = dom.all("input").filter(|input| input.attribute("id") == Some("foo"));
    let key = match (inputs.next(), inputs.next()) {
        (Some(only), None) => only.attribute("value").map(str::trim),
        _ => None,
    };
    key.filter(|key| key.len() == 40 && key.bytes().all(|b| b.is_ascii_hexdigit()))
        .map(Secret::new)
        .ok_or_else(|| PageError::new(Page::ApiKey, "one input with the id foo and 40 hexadecimal digits in it"))
}

/// The hubs of the list: `<h4><a href="/hubs/8/">alice/parking</a></h4>` for each. Further links to the same hub (buttons)
/// are passed over.
///
/// # Errors
/// [`PageError`] without the list's heading, or if a linked hub has no full name, two, or one that is no hub name. An empty
/// list is no error.
pub fn hub_list(html: &[u8]) -> Result<Vec<HubRow>, PageError> {
    let dom = Dom::read(html);
    let fault = |expected: String| PageError::new(Page::HubList, expected);
    if !dom.content().any(|e| e.tag() == "h3" && e.text().eq_ignore_ascii_case(MY_HUBS)) {
        return Err(fault(format!("the heading '{MY_HUBS}'")));
    }
    // Each linked hub in the order of its first link, with the name as soon as a link shows one.
    let mut found: Vec<(u64, Option<HubName>)> = Vec::new();
    for link in dom.content().filter(|e| e.tag() == "a") {
        let Some(id) = link.attribute("href").and_then(hub_link) else { continue };
        let at = found.iter().position(|(known, _)| *known == id).unwrap_or_else(|| {
            found.push((id, None));
            found.len() - 1
        });
        let text = link.text();
        if !text.contains('/') {
            continue;
        }
        let Ok(name) = text.parse::<HubName>() else {
            return Err(fault(format!("a full hub name as the text of /hubs/{id}/")));
        };
        match &found[at].1 {
            Some(other) if *other != name => return Err(fault(format!("one name for /hubs/{id}/"))),
            _ => found[at].1 = Some(name),
        }
    }
    let unnamed = |id| fault(format!("a full hub name as the text of /hubs/{id}/"));
    found.into_iter().map(|(id, name)| Ok(HubRow { id, name: name.ok_or_else(|| unnamed(id))? })).collect()
}

/// The reason on a 500 page, from `<title>` and `<pre class="exception_value">`, or on one of plain text.
pub fn server_reason(body: &[u8]) -> Option<ServerReason> {
    let dom = Dom::read(body);
    let title = dom.all("title").map(|e| e.text()).find(|text| !text.is_empty());
    let value = dom.all("pre").filter(|e| e.has_class("exception_value")).map(|e| e.text()).find(|t| !t.is_empty());
    match (title, value) {
        (None, None) => ServerReason::read_text(&String::from_utf8_lossy(body)),
        (title, value) => ServerReason::read(&title.unwrap_or_default(), &value.unwrap_or_default()),
    }
}

/// A message from the element that holds it, as it may be shown: in one line, cut, without anything long enough to be a key.
pub fn message(text: &str) -> String {
    quote(text).split(' ').map(|word| if is_key_like(word) { "…" } else { word }).collect::<Vec<_>>().join(" ")
}

/// API keys, session ids, tokens and public keys are such words; names that the marketplace takes are shorter.
fn is_key_like(word: &str) -> bool {
    let is_key = |c: char| c.is_ascii_alphanumeric() || "+/=_.,;-'\"".contains(c);
    word.len() > WORD_MAX && word.chars().all(is_key)
}

/// `text` in one line without control characters, cut to a length that a message can bear.
pub fn quote(text: &str) -> String {
    let line = dom::one_line(text);
    match line.char_indices().nth(QUOTE_MAX) {
        None => line,
        Some((end, _)) => format!("{}…", &line[..end]),
    }
}

fn hub_link(href: &str) -> Option<u64> {
    match segments(href)?.as_slice() {
        ["hubs", id] => number(id),
        _ => None,
    }
}

/// The path of a link to the marketplace in its segments; None for a relative one, which the pages never have.
fn segments(href: &str) -> Option<Vec<&str>> {
    let href = href.trim();
    let path = match href.split_once("://") {
        Some(("http" | "https", rest)) => &rest[rest.find('/')?..],
        Some(_) => return None,
        None => href,
    };
    let path = path.split(['?', '#']).next().unwrap_or_default();
    path.starts_with('/').then(|| path.split('/').filter(|segment| !segment.is_empty()).collect())
}

fn number(digits: &str) -> Option<u64> {
    digits.bytes().all(|b| b.is_ascii_digit()).then(|| digits.parse().ok())?
}

#[cfg(test)]
mod tests;

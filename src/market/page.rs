//! All reading of the marketplace's pages: what is expected is found, or a typed error says what was expected (I3 facts §2).

mod dom;
mod hub;
mod product;
mod transactions;

use std::fmt;

use super::reason::ServerReason;
use crate::name::{DeviceName, HubName};
use crate::secret::Secret;
use dom::Dom;

pub use hub::hub;
pub use product::{ProductForm, field, product_form, product_refusals};
pub use transactions::{Amount, Metered, Transaction, Transactions, transactions};

/// Longest text that is taken over from a page for a message, in characters.
const QUOTE_MAX: usize = 300;
/// Longest word of a message that is shown, in bytes: a hub's name and a topic have 30 characters at most.
const WORD_MAX: usize = 31;

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
    /// `/products/<id>/edit/`
    ProductForm,
    /// `/dashboard/transactions/`
    Transactions,
}

impl fmt::Display for Page {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Page::LogIn => "log-in page",
            Page::ApiKey => "API key page",
            Page::HubList => "list of hubs",
            Page::Hub => "hub page",
            Page::ProductForm => "product form",
            Page::Transactions => "page of transactions",
        })
    }
}

/// A page that is not what it should be. Nothing is guessed from it: the marketplace has changed, something else answers
/// at that address, or a proxy put in its own page.
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
    /// From `/products/<id>/` or an edit or delete link.
    pub id: Option<u64>,
    /// From `/products/<slug>/`.
    pub slug: Option<String>,
    /// As shown: the topic, unless an edit took its prefix away.
    pub title: String,
}

/// What a hub page shows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubPage {
    pub devices: Vec<DeviceRow>,
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

/// The hidden field `csrfmiddlewaretoken` of any form.
pub fn csrf(html: &[u8]) -> Option<Secret> {
    csrf_of(&Dom::read(html))
}

/// What a page says against what was sent: the first text in red. Nothing else of a page is fit to be shown.
pub fn refusal(html: &[u8]) -> Option<String> {
    complaint_of(&Dom::read(html))
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

fn complaint_of(dom: &Dom) -> Option<String> {
    dom.content().filter(|e| e.has_class("text-danger")).map(|e| message(&e.text())).find(|text| !text.is_empty())
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

/// The hubs of the list: `<a href="/hubs/1/">alice/parking</a>`. Further links to the same hub (buttons) are passed over.
///
/// # Errors
/// [`PageError`] if a linked hub has no full name, two, or one that is no hub name. An empty list is no error.
pub fn hub_list(html: &[u8]) -> Result<Vec<HubRow>, PageError> {
    let dom = Dom::read(html);
    let fault = |expected: String| PageError::new(Page::HubList, expected);
    // Each linked hub in the order of its first link, with the name as soon as a link shows one.
    let mut found: Vec<(u64, Option<HubName>)> = Vec::new();
    for link in dom.all("a") {
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
            Some(other) if *other != name => {
                return Err(fault(format!("one name for /hubs/{id}/, not two")));
            }
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

//! Reads the marketplace's pages: returns the expected data, or a typed error that says what was expected (I3 facts §2).

mod cart;
mod dom;
mod error;
mod hub;
mod notifications;
mod product;
mod requests;
mod signup;
mod table;
mod transactions;

use std::collections::HashMap;

use memchr::memmem;

use super::model::HubRow;
use super::reason::ServerReason;
use super::text::{message, number, segments};
use crate::name::HubName;
use crate::secret::Secret;
use dom::Dom;

pub use cart::cart;
pub use error::{Page, PageError};
pub use hub::hub;
pub use notifications::{holds_notifications, notification};
pub use product::{product_form, product_refusals};
pub use requests::requests;
pub use signup::form_reasons;
pub use transactions::transactions;

const MY_HUBS: &str = "My Hubs";

/// A log-in page.
#[derive(Debug)]
pub struct LogInForm {
    /// The hidden field `csrfmiddlewaretoken`; without it the cookie's value works as well.
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

/// Returns whether the page is the log-in form, which an expired session is shown instead of any page.
pub fn is_log_in_form(html: &[u8]) -> bool {
    // Every page is checked, and few have the words.
    let may_have = |name: &str| memmem::find(html, name.as_bytes()).is_some();
    may_have("username") && may_have("password") && has_log_in_form(&Dom::read(html))
}

/// Returns the user who is logged in, as the marketplace stores the name: `Hello alice` in the navigation of every page,
/// before its content (I3 facts §6.2). None on a page without navigation.
pub fn user(html: &[u8]) -> Option<String> {
    // The content can be long.
    const CONTENT: &[u8] = b"<!-- Page Content";
    let navigation = memmem::find(html, CONTENT).map_or(html, |at| &html[..at + CONTENT.len()]);
    let dom = Dom::read(navigation);
    let (content, _) = dom.comments().find(|(_, text)| text.contains("Page Content"))?;
    // Texts by other users are inside the drop-downs' menus.
    let is_in_menu = |link: dom::Element<'_>| link.ancestors().any(|e| e.has_class("dropdown-menu"));
    let links = dom.all("a").take_while(|link| link.position() < content);
    let mut toggles = links.filter(|link| link.has_class("dropdown-toggle") && !is_in_menu(*link));
    let is_name = |name: &&str| !name.is_empty() && name.chars().all(|c| c.is_alphanumeric() || c == '_');
    toggles.find_map(|link| link.text().strip_prefix("Hello ").filter(is_name).map(String::from))
}

/// Returns the hidden field `csrfmiddlewaretoken` of any form.
pub fn csrf(html: &[u8]) -> Option<Secret> {
    csrf_of(&Dom::read(html))
}

/// Returns the reason why a form refused what was sent: the first message in red or in its list of errors. Nothing else on
/// a page is safe to show.
pub fn refusal(html: &[u8]) -> Option<String> {
    complaint_of(&Dom::read(html))
}

/// Returns whether a page has a sentence instead of a form or a hub: it belongs to another user (I3 facts §2).
pub fn is_sentence(html: &[u8]) -> bool {
    // The navigation may have its own form.
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

/// Returns the first message of the form in the page's content: a text in red, or an item of Django's list of errors.
fn complaint_of(dom: &Dom) -> Option<String> {
    let is_message = |e: &dom::Element<'_>| e.has_class("text-danger") || e.has_class("errorlist");
    dom.content().filter(is_message).map(|e| message(&e.text())).find(|text| !text.is_empty())
}

/// Returns the API key: `<input id="foo" value="<40 hex>">`.
///
/// # Errors
/// [`PageError`] unless there is exactly one.
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

/// Returns the hubs of the list: `<h4><a href="/hubs/8/">alice/parking</a></h4>` for each. Further links to the same hub
/// (buttons) are skipped.
///
/// # Errors
/// [`PageError`] without the list's heading, or if a linked hub has no full name, two, or an invalid one. An empty
/// list is not an error.
pub fn hub_list(html: &[u8]) -> Result<Vec<HubRow>, PageError> {
    let dom = Dom::read(html);
    let fault = |expected: String| PageError::new(Page::HubList, expected);
    if !dom.content().any(|e| e.tag() == "h3" && e.text().eq_ignore_ascii_case(MY_HUBS)) {
        return Err(fault(format!("the heading '{MY_HUBS}'")));
    }
    // Each linked hub in the order of its first link, with the name as soon as a link shows one.
    let mut found: Vec<(u64, Option<HubName>)> = Vec::new();
    let mut places: HashMap<u64, usize> = HashMap::new();
    for link in dom.content().filter(|e| e.tag() == "a") {
        let Some(id) = link.attribute("href").and_then(hub_link) else { continue };
        let at = *places.entry(id).or_insert(found.len());
        if at == found.len() {
            found.push((id, None));
        }
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

/// Returns the reason on a 500 page, from `<title>` and `<pre class="exception_value">`, or on one of plain text.
pub fn server_reason(body: &[u8]) -> Option<ServerReason> {
    let dom = Dom::read(body);
    let title = dom.all("title").map(|e| e.text()).find(|text| !text.is_empty());
    let value = dom.all("pre").filter(|e| e.has_class("exception_value")).map(|e| e.text()).find(|t| !t.is_empty());
    match (title, value) {
        (None, None) => ServerReason::read_text(&String::from_utf8_lossy(body)),
        (title, value) => ServerReason::read(&title.unwrap_or_default(), &value.unwrap_or_default()),
    }
}

fn hub_link(href: &str) -> Option<u64> {
    match segments(href)?.as_slice() {
        [.., "hubs", id] => number(id),
        _ => None,
    }
}

#[cfg(test)]
mod tests;

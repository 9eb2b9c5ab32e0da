//! The drop-down of purchase requests, which every page of a signed-in seller has (I3 facts §6.2).

use std::collections::BTreeSet;

use super::dom::{Dom, Element};
use super::error::{Page, PageError};
use super::transactions::product_number;
use crate::market::model::PurchaseRequest;
use crate::market::text::{cut, number, quote};

/// Longest message of a buyer that is kept, in characters.
const MESSAGE_MAX: usize = 2_000;

/// Reads the pending requests from any page of a signed-in user, in the page's order; None for a user who sees none
/// (user type 2, buyers).
///
/// # Errors
/// [`PageError`] if the page has no navigation, or a request cannot be read.
pub fn requests(html: &[u8]) -> Result<Option<Vec<PurchaseRequest>>, PageError> {
    let dom = Dom::read(html);
    let end = dom.by_id("dropdown-notifications").ok_or_else(|| fault("the navigation of a signed-in user"))?;
    let Some(start) = dom.by_id("dropdown-requests") else { return Ok(None) };
    // If the first drop-down is not closed, the second is inside it.
    let is_inside = |e: &Element<'_>| {
        let before_end = start.position() > end.position() || e.position() < end.position();
        start.contains(*e) && before_end && !end.contains(*e)
    };
    let inside: Vec<Element<'_>> = dom.elements().filter(is_inside).collect();
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    let items = |e: &&Element<'_>| e.tag() == "li" && e.has_class("notification");
    let starts: Vec<usize> =
        inside.iter().enumerate().filter(|(_, e)| items(e)).map(|(at, _)| at).chain([inside.len()]).collect();
    for pair in starts.windows(2) {
        let item = &inside[pair[0]..pair[1]];
        // "No pending requests."
        if item.iter().any(|e| e.tag() == "em" && e.has_class("notification-title")) {
            continue;
        }
        let request = request(item)?;
        if seen.insert(request.id) {
            found.push(request);
        }
    }
    Ok(Some(found))
}

fn request(parts: &[Element<'_>]) -> Result<PurchaseRequest, PageError> {
    let of_class = |class| parts.iter().find(|e| e.has_class(class)).map(|e| e.text());
    let read = || {
        let title = of_class("notification-title")?;
        // No user name contains a blank.
        let (buyer, product) = title.split_once(" requested access for ")?;
        let button = |task| parts.iter().find(|e| e.attribute("data-task") == Some(task));
        Some(PurchaseRequest {
            id: number(button("approve").or_else(|| button("decline"))?.attribute("data-id")?.trim())?,
            buyer: quote(buyer),
            product: product_number(product)?,
            message: cut(&of_class("notification-desc").unwrap_or_default(), MESSAGE_MAX),
        })
    };
    read().ok_or_else(|| fault("a buyer, a product's number and a request's number in each purchase request"))
}

fn fault(expected: &'static str) -> PageError {
    PageError::new(Page::Requests, expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn page(requests: &str) -> String {
        format!(
            r#"<ul class="nav navbar-nav navbar-right">
              <li id="dropdown-requests" class="dropdown dropdown-notifications"><i data-count="2"></i><h3>Requests</h3>
                <ul class="dropdown-menu">{requests}</ul></li>
              <li id="dropdown-notifications" class="dropdown dropdown-notifications"><ul class="dropdown-menu">
                <li class="notification notification-unread"><strong class="notification-title">New device</strong>
                <p class="notification-desc">secret</p><small class="timestamp">today</small></li></ul></li>
              <li><a class="dropdown-toggle">Hello alice <span class="caret"></span></a></ul><!-- Page Content -->
              <button data-id="77" data-task="approve">"#
        )
    }

    fn item(id: u64, title: &str, message: &str) -> String {
        format!(
            r#"<li class="notification"><div><strong class="notification-title"> {title} </strong>
              <p class="notification-desc">{message}</p>
              <div class="row request-tasks"><button data-id="{id}" data-task="approve">Approve</button>
              <button data-id="{id}" data-task="decline">Decline</button></div></div>"#
        )
    }

    #[test]
    fn pending_requests_are_read_closed_or_not() {
        let first = item(2, "hank requested access for Product object (25)", "Please &lt;b&gt;\r\nme \x07 too");
        let second = item(5, "bob requested access for Product object (3)", "");
        for html in [
            format!("{first}</li>{second}</li>"),
            format!("{first}{second}"),
            format!("{first}</li><!-- -->{second}</li>{first}</li>"),
        ] {
            let found = requests(page(&html).as_bytes()).unwrap().unwrap();
            let shown: Vec<_> = found.iter().map(|r| (r.id, r.buyer.as_str(), r.product, r.message.as_str())).collect();
            assert_eq!(shown, [(2, "hank", 25, "Please <b> me too"), (5, "bob", 3, "")]);
        }
        let long = item(2, "hank requested access for Product object (25)", &"x".repeat(5_000));
        let found = requests(page(&long).as_bytes()).unwrap().unwrap();
        assert_eq!(found[0].message.chars().count(), MESSAGE_MAX + 1);
    }

    #[test]
    fn no_request_no_drop_down_and_no_navigation_are_three_things() {
        let sentence = r#"<em class="notification-title">No pending requests.</em>"#;
        let none = page(sentence);
        assert_eq!(requests(none.as_bytes()).unwrap(), Some(Vec::new()));
        let inside = page(&format!(r#"<li class="notification"><div>{sentence}</div></li>"#));
        assert_eq!(requests(inside.as_bytes()).unwrap(), Some(Vec::new()));
        let buyer = none.replace("dropdown-requests", "dropdown-of-something-else");
        assert_eq!(requests(buyer.as_bytes()).unwrap(), None);
        assert!(requests(b"<h1>secret</h1>").unwrap_err().to_string().contains("navigation"));
        for title in ["hank requested access for secret", "secret", "hank requested access for Product object (x)"] {
            let error = requests(page(&item(1, title, "")).as_bytes()).unwrap_err().to_string();
            assert!(error.contains("purchase request") && !error.contains("secret"), "{error}");
        }
    }
}

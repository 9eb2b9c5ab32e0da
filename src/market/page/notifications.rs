//! The page of notifications, one of which contains the buyer's broker password in clear (I3 facts §6.2).

use std::collections::BTreeSet;

use super::dom::Dom;
use super::error::{Page, PageError};
use super::table::{self, Row};
use super::transactions::moment;
use crate::market::model::{Notification, NotificationBody};
use crate::market::text::{number, quote};
use crate::secret::Secret;

/// The text before the password, in lower case and with single blanks.
const BROKER_PASSWORD: &str = "your password to i3 is:";
/// Characters of a broker password (I3 facts §6.4).
const BROKER_PASSWORD_CHARS: usize = 12;

/// Reads the page of notifications: those of its table, in the page's order. The navigation contains them a second time.
///
/// # Errors
/// [`PageError`] unless there is a table whose rows are notifications, or that says that there are none.
pub fn notifications(html: &[u8]) -> Result<Vec<Notification>, PageError> {
    let dom = Dom::read(html);
    let content: Vec<_> = dom.content().collect();
    if !content.iter().any(|e| e.tag() == "table") {
        return Err(fault("a table"));
    }
    let (mut seen, mut found) = (BTreeSet::new(), Vec::new());
    for row in table::rows(&content) {
        // "You don't have any notifications."
        if row.cells.len() < 3 {
            continue;
        }
        let notification = notification(&row)?;
        if seen.insert(notification.id) {
            found.push(notification);
        }
    }
    Ok(found)
}

fn notification(row: &Row<'_>) -> Result<Notification, PageError> {
    let id = row.inside.iter().find_map(|e| e.attribute("data-notification-id")).and_then(|id| number(id.trim()));
    let (Some(id), [subject, body, date, ..]) = (id, row.cells.as_slice()) else {
        return Err(fault("a subject, a body, a date and a number in each row"));
    };
    let tells_password = [subject, body].iter().any(|text| text.to_lowercase().contains("password"));
    let (subject, body) = if tells_password {
        let password = [body, subject].into_iter().find_map(|text| broker_password(text));
        (hidden(subject), NotificationBody::Password(password))
    } else {
        (quote(subject), NotificationBody::Text(quote(body)))
    };
    Ok(Notification { id, unread: row.has_class("info"), subject, body, at: moment(date) })
}

/// Returns the subject, unless it may contain the password.
fn hidden(subject: &str) -> String {
    if subject.contains(':') { String::new() } else { quote(subject) }
}

/// Returns the password in `Your password to I3 is: …`.
fn broker_password(text: &str) -> Option<Secret> {
    // Lower-casing ASCII keeps every place.
    let at = text.to_ascii_lowercase().find(BROKER_PASSWORD)? + BROKER_PASSWORD.len();
    let word = text[at..].split_whitespace().next()?;
    let is_sound = word.chars().count() == BROKER_PASSWORD_CHARS;
    is_sound.then(|| Secret::new(word))
}

fn fault(expected: &'static str) -> PageError {
    PageError::new(Page::Notifications, expected)
}

#[cfg(test)]
mod tests {
    use super::*;

    const NAVIGATION: &str = r#"<ul><li id="dropdown-notifications"><ul class="dropdown-menu"><li class="notification notification-unread">
        <strong class="notification-title">New device</strong><p class="notification-desc">A device</p>
        <table><tr><td>not</td><td>this</td><td>one</td><td data-notification-id=9></td></tr></table></li></ul></li></ul>
        <!-- Page Content -->"#;

    fn row(class: &str, id: u64, subject: &str, body: &str, date: &str) -> String {
        format!(
            r#"<tr class="{class}"><td>{subject}</td><td>{body}</td><td>{date}</td>
            <td><button data-notification-id="{id}" data-task="read">Read</button>
            <button data-notification-id="{id}" data-task="delete">Delete</button></td></tr>"#
        )
    }

    fn read(content: &str) -> Result<Vec<Notification>, PageError> {
        notifications(format!("{NAVIGATION}{content}<!-- Footer --><p data-notification-id=8>").as_bytes())
    }

    #[test]
    fn the_tables_rows_are_read_and_a_password_is_kept_apart() {
        let date = "Thu, 26 Nov 2026 00:06:39 -0800";
        let rows = [
            row("info", 3, "New &lt;device&gt;", "The device\n is\x1b[1m there", date),
            row("", 2, "Welcome", "Your password to I3  is: Xy12&amp;kLm90Qr ", date),
            row("", 3, "New device", "again", date),
            row("", 1, "Sold", "To bob", "Nov. 26, 2026, midnight"),
        ];
        let found = read(&format!("<table><thead><tr><th>Subject</th></tr></thead>{}</table>", rows.concat())).unwrap();
        let ids: Vec<_> = found.iter().map(|n| (n.id, n.unread, n.subject.as_str(), n.at.is_some())).collect();
        assert_eq!(ids, [(3, true, "New <device>", true), (2, false, "Welcome", true), (1, false, "Sold", false)]);
        assert!(matches!(&found[0].body, NotificationBody::Text(text) if text == "The device is [1m there"));
        assert!(matches!(&found[1].body, NotificationBody::Password(Some(word)) if word.expose() == "Xy12&kLm90Qr"));
        assert!(!format!("{found:?}").contains("Xy12"));
    }

    #[test]
    fn whatever_speaks_of_a_password_is_not_told() {
        for (subject, body) in [
            ("Your Password to I3 is: abcdefgh1234", "x"),
            ("Account", "PASSWORD: abcdefgh1234"),
            ("Account", "Your password to I3 is: abcdefgh1234-and-more"),
        ] {
            let found = read(&format!("<table>{}</table>", row("", 1, subject, body, ""))).unwrap();
            assert!(found[0].holds_password() && !found[0].subject.contains("abcd"));
            assert_eq!(matches!(found[0].body, NotificationBody::Password(Some(_))), subject.contains(':'));
        }
    }

    #[test]
    fn none_is_none_and_another_page_is_an_error_without_a_quotation() {
        let none =
            r#"<table><tbody><tr><td colspan="4"><i>You don't have any notifications.</i></td></tr></tbody></table>"#;
        assert!(read(none).unwrap().is_empty());
        for bad in ["<h1>secret</h1>", "<table><tr><td>secret</td><td>secret</td><td>secret</td></tr></table>"] {
            let error = read(bad).unwrap_err().to_string();
            assert!(error.contains("notifications") && !error.contains("secret"), "{error}");
        }
    }
}

//! The page of notifications, one of which contains the buyer's broker password in clear (I3 facts §6.2).

use super::dom::{Dom, Element};
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

/// Checks that the page has a table in its content, as the page of notifications has even if there are none.
///
/// # Errors
/// [`PageError`] if there is none.
pub fn holds_notifications(html: &[u8]) -> Result<(), PageError> {
    let is_table = |e: Element<'_>| e.tag() == "table";
    if Dom::read(html).content().any(is_table) { Ok(()) } else { Err(fault("a table")) }
}

/// Reads a notification from a row of that table; None from one that holds no notification. The page's navigation contains
/// them a second time.
///
/// # Errors
/// [`PageError`] if a row of that length is not a notification.
pub fn notification(row: &[u8]) -> Result<Option<Notification>, PageError> {
    let dom = Dom::read(row);
    let content: Vec<_> = dom.content().collect();
    // "You don't have any notifications."
    let row = table::rows(&content).into_iter().find(|row| row.cells.len() >= 3);
    row.map(|row| read(&row)).transpose()
}

fn read(row: &Row<'_>) -> Result<Notification, PageError> {
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

    fn row(class: &str, id: u64, subject: &str, body: &str, date: &str) -> String {
        format!(
            r#"<tr class="{class}"><td>{subject}</td><td>{body}</td><td>{date}</td>
            <td><button data-notification-id="{id}" data-task="read">Read</button>
            <button data-notification-id="{id}" data-task="delete">Delete</button></td></tr>"#
        )
    }

    fn read(rows: &[String]) -> Result<Vec<Notification>, PageError> {
        rows.iter().filter_map(|row| notification(row.as_bytes()).transpose()).collect()
    }

    #[test]
    fn the_tables_rows_are_read_and_a_password_is_kept_apart() {
        let date = "Thu, 26 Nov 2026 00:06:39 -0800";
        let rows = [
            row("info", 3, "New &lt;device&gt;", "The device\n is\x1b[1m there", date),
            row("", 2, "Welcome", "Your password to I3  is: Xy12&amp;kLm90Qr ", date),
            row("", 1, "Sold", "To bob", "Nov. 26, 2026, midnight"),
        ];
        let found = read(&rows).unwrap();
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
            let found = read(&[row("", 1, subject, body, "")]).unwrap();
            assert!(found[0].holds_password() && !found[0].subject.contains("abcd"));
            assert_eq!(matches!(found[0].body, NotificationBody::Password(Some(_))), subject.contains(':'));
        }
    }

    #[test]
    fn none_is_none_and_another_page_is_an_error_without_a_quotation() {
        let none = r#"<tr><td colspan="4"><i>You don't have any notifications.</i></td></tr>"#;
        assert!(read(&[none.into(), "<tr><th>Subject</th></tr></thead>".into()]).unwrap().is_empty());
        assert!(holds_notifications(b"<!-- Page Content --><table></table><!-- Footer -->").is_ok());
        let page = holds_notifications(b"<table></table><!-- Page Content --><h1>secret</h1>").unwrap_err();
        let row = read(&["<tr><td>secret</td><td>secret</td><td>secret</td></tr>".into()]).unwrap_err();
        for error in [page.to_string(), row.to_string()] {
            assert!(error.contains("notifications") && !error.contains("secret"), "{error}");
        }
    }
}

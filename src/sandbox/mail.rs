//! Mail to users, and the notifications that repeat it.

use std::time::{SystemTime, UNIX_EPOCH};

use super::db::{Database, NotificationRecord, Table};
use super::exception::Exception;

/// Whether the mail server can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Mail {
    Up,
    Down,
}

/// Sends a mail to a user; without an address there is nothing to send, and nothing to fail.
fn send(db: &mut Database, server: Mail, user: &str, subject: &str) -> Result<(), Exception> {
    if db.user(user).is_none_or(|user| user.email.is_none()) {
        return Ok(());
    }
    match server {
        Mail::Down => Err(Exception::no_mail()),
        Mail::Up => {
            db.mails.push((user.into(), subject.into()));
            Ok(())
        }
    }
}

/// Writes a notification.
pub(super) fn notify(db: &mut Database, user: &str, subject: &str, body: &str) {
    if let Some(user) = db.user_mut(user) {
        user.has_notification_box = true;
    }
    let id = db.next_id(Table::Notifications);
    db.notifications.push(NotificationRecord {
        id,
        user: user.into(),
        subject: subject.into(),
        body: body.into(),
        at: now(),
        read: false,
        archived: false,
    });
}

/// Sends a mail and, if it was sent, writes the notification that repeats it.
pub(super) fn notify_by_mail(
    db: &mut Database,
    server: Mail,
    user: &str,
    subject: &str,
    body: &str,
) -> Result<(), Exception> {
    send(db, server, user, subject)?;
    notify(db, user, subject, body);
    Ok(())
}

/// Seconds since 1970.
pub(super) fn now() -> i64 {
    // A clock before 1970 or beyond the next 292 billion years counts as 0.
    SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|age| i64::try_from(age.as_secs()).ok()).unwrap_or(0)
}

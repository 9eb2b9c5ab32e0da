//! What each call does to the tables, step by step in I3's own order, up to the step that fails (I3 facts §6.1).

pub(in crate::sandbox) mod account;
pub(in crate::sandbox) mod device;
pub(in crate::sandbox) mod hub;
pub(in crate::sandbox) mod notice;
pub(in crate::sandbox) mod product;
pub(in crate::sandbox) mod purchase;
pub(in crate::sandbox) mod request;

use std::time::{SystemTime, UNIX_EPOCH};

use super::crash::Crash;
use crate::sandbox::state::{Notification, State, Table};

/// Whether the mail server can be reached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::sandbox) enum Mail {
    Up,
    Down,
}

/// Mails a user; without an address there is nothing to send, and nothing that could fail.
fn mail(state: &mut State, mail: Mail, user: &str, subject: &str) -> Result<(), Crash> {
    if state.user(user).is_none_or(|user| user.email.is_none()) {
        return Ok(());
    }
    match mail {
        Mail::Down => Err(Crash::no_mail()),
        Mail::Up => {
            state.mails.push((user.into(), subject.into()));
            Ok(())
        }
    }
}

/// Writes a notification.
pub(in crate::sandbox) fn notify(state: &mut State, user: &str, subject: &str, body: &str) {
    if let Some(user) = state.user_mut(user) {
        user.has_notification_box = true;
    }
    let id = state.next_id(Table::Notifications);
    state.notifications.push(Notification {
        id,
        user: user.into(),
        subject: subject.into(),
        body: body.into(),
        at: now(),
        read: false,
        archived: false,
    });
}

/// A mail and, if it went out, the notification that repeats it.
fn tell(state: &mut State, way: Mail, user: &str, subject: &str, body: &str) -> Result<(), Crash> {
    mail(state, way, user, subject)?;
    notify(state, user, subject, body);
    Ok(())
}

/// Seconds since 1970.
fn now() -> i64 {
    // A clock before 1970 or beyond the next 292 billion years is a clock at 0.
    SystemTime::now().duration_since(UNIX_EPOCH).ok().and_then(|age| i64::try_from(age.as_secs()).ok()).unwrap_or(0)
}

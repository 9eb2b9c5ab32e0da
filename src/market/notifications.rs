//! Lists notifications, marks them as read, archives them, and finds the broker password in them.

use std::collections::{BTreeMap, BTreeSet};

use super::auth::ClientError;
use super::client::MarketClient;
use super::http::KEPT_MAX;
use super::model::{Mark, Notification, NotificationBody, NotificationSelection};
use super::web::CallFailure;
use crate::secret::Secret;

/// Why notifications are not listed or not changed.
#[derive(Debug, thiserror::Error)]
pub enum NotificationError {
    /// The request failed before or while it was sent; nothing was done by that call.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// Nothing was sent.
    #[error("there is no notification {0}")]
    Missing(u64),
    /// No purchase yet, or the notification was archived.
    #[error("no notification holds a broker password")]
    NoBrokerPassword,
    /// It was archived, or never arrived: the broker account is made once.
    #[error(
        "no notification holds the broker password, which the marketplace made at the first purchase of this account"
    )]
    BrokerPasswordGone,
    /// It is not in the known format.
    #[error("notification {0} contains a password, but not a broker password in the marketplace's usual form")]
    OddBrokerPassword(u64),
    /// Some were changed, or none: `left` are unchanged.
    #[error("{left} of {of} notifications were not {}", match mark { Mark::Read => "marked as read", Mark::Archived => "archived" })]
    Left { mark: Mark, left: usize, of: usize, source: Option<CallFailure> },
}

/// Returns the notifications that are not archived, in the marketplace's order.
///
/// # Errors
/// [`ClientError`].
pub fn list(client: &mut MarketClient<'_>) -> Result<Vec<Notification>, ClientError> {
    let (mut found, mut kept) = (Vec::new(), 0);
    client.session()?.each_notification(&mut |notification| {
        kept += notification.size();
        if kept <= KEPT_MAX {
            found.push(notification);
        }
    })?;
    if kept > KEPT_MAX { Err(client.too_large(KEPT_MAX)) } else { Ok(found) }
}

/// A notification without its texts; there may be millions.
#[derive(Debug, Clone, Copy)]
pub struct NotificationState {
    pub unread: bool,
    /// Whether it mentions a password.
    pub holds_password: bool,
}

/// Returns the states of the notifications that are not archived, by their numbers.
///
/// # Errors
/// [`ClientError`].
pub fn states(client: &mut MarketClient<'_>) -> Result<BTreeMap<u64, NotificationState>, ClientError> {
    let mut states = BTreeMap::new();
    client.session()?.each_notification(&mut |n| {
        states.insert(n.id, NotificationState { unread: n.unread, holds_password: n.holds_password() });
    })?;
    Ok(states)
}

/// Returns the broker password that the marketplace made at the user's first purchase (I3 facts §6.4); of several, the
/// newest.
///
/// # Errors
/// [`NotificationError::NoBrokerPassword`], [`NotificationError::OddBrokerPassword`] and errors of the transport.
pub fn broker_password(client: &mut MarketClient<'_>) -> Result<Secret, NotificationError> {
    let mut newest: Option<Notification> = None;
    client
        .session()
        .map_err(NotificationError::Client)?
        .each_notification(&mut |n| {
            if n.holds_password() && newest.as_ref().is_none_or(|newest| (n.at, n.id) > (newest.at, newest.id)) {
                newest = Some(n);
            }
        })
        .map_err(ClientError::from)?;
    match newest {
        Some(Notification { body: NotificationBody::Password(Some(password)), .. }) => Ok(password),
        Some(odd) => Err(NotificationError::OddBrokerPassword(odd.id)),
        // A purchase of a deleted product is deleted with it, so the absence of purchases proves nothing.
        None if client.transactions().is_ok_and(|deals| !deals.purchases.is_empty()) => {
            Err(NotificationError::BrokerPasswordGone)
        }
        None => Err(NotificationError::NoBrokerPassword),
    }
}

/// Marks these notifications one by one, checks them afterwards, and returns how many were changed. `before` are the [`states`]: a page
/// with all of them may have 40 MB, and is not read again.
///
/// # Errors
/// [`NotificationError::Missing`]: nothing was sent. [`NotificationError::Left`] tells how many are unchanged.
pub fn mark(
    client: &mut MarketClient<'_>,
    before: &BTreeMap<u64, NotificationState>,
    ids: &BTreeSet<u64>,
    mark: Mark,
) -> Result<usize, NotificationError> {
    if let Some(missing) = ids.iter().find(|id| !before.contains_key(*id)) {
        return Err(NotificationError::Missing(*missing));
    }
    let mut cause = None;
    for id in open(before, mark).intersection(ids) {
        cause = call(client, NotificationSelection::One(*id), mark)?;
        if cause.is_some() {
            break;
        }
    }
    judge(client, ids, mark, cause)
}

/// Marks all notifications by one call, including those that arrive meanwhile, and checks them afterwards. `before` are the [`states`]:
/// the call fails for a user who has not opened a page yet (I3 facts §6.3).
///
/// # Errors
/// [`NotificationError::Left`] tells how many are unchanged.
pub fn mark_all(
    client: &mut MarketClient<'_>,
    before: &BTreeMap<u64, NotificationState>,
    mark: Mark,
) -> Result<usize, NotificationError> {
    let ids = open(before, mark);
    if ids.is_empty() {
        return Ok(0);
    }
    let cause = call(client, NotificationSelection::All, mark)?;
    judge(client, &ids, mark, cause)
}

/// Returns the notifications that a mark would change.
fn open(notifications: &BTreeMap<u64, NotificationState>, mark: Mark) -> BTreeSet<u64> {
    notifications.iter().filter(|(_, n)| n.unread || mark == Mark::Archived).map(|(id, _)| *id).collect()
}

fn call(
    client: &mut MarketClient<'_>,
    which: NotificationSelection,
    mark: Mark,
) -> Result<Option<CallFailure>, ClientError> {
    Ok(client.session()?.mark_notifications(which, mark)?.failure())
}

fn judge(
    client: &mut MarketClient<'_>,
    ids: &BTreeSet<u64>,
    mark: Mark,
    source: Option<CallFailure>,
) -> Result<usize, NotificationError> {
    let left = open(&states(client)?, mark).intersection(ids).count();
    if left > 0 { Err(NotificationError::Left { mark, left, of: ids.len(), source }) } else { Ok(ids.len()) }
}

//! A change at the marketplace: sent once, checked before and after, and reported only as far as the marketplace shows it.

mod error;
mod note;

use std::time::Duration;

use super::auth::ClientError;
use super::client::MarketClient;
use super::http::HttpError;
use super::model::{Action, Listing, Reply, Resource};
use crate::collation::same;

pub use error::ChangeError;
pub use note::ChangeNote;

/// Pause between two checks after an answer was lost: the server may still be working.
pub const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// A resource to be created, and where the marketplace then shows it.
pub(super) struct New<'a> {
    pub resource: Resource,
    /// As it will be shown.
    pub wanted: &'a str,
    /// The place that is checked, for messages.
    pub place: &'a str,
    /// [`POLL_INTERVAL`], except in tests.
    pub poll_interval: Duration,
}

/// Checks that the name is free in any case, sends **once**, and checks again. `look` returns all that may have the name.
pub(super) fn create<'m>(
    client: &mut MarketClient<'m>,
    new: &New<'_>,
    mut look: impl FnMut(&mut MarketClient<'m>) -> Result<Vec<Listing>, ClientError>,
    send: impl FnOnce(&mut MarketClient<'m>) -> Result<Reply, ClientError>,
    notes: &mut Vec<ChangeNote>,
) -> Result<Listing, ChangeError> {
    let New { resource, wanted, place, poll_interval } = *new;
    let mut namesakes = |client: &mut MarketClient<'m>| -> Result<Vec<Listing>, ClientError> {
        Ok(look(client)?.into_iter().filter(|row| same(&row.name, wanted)).collect())
    };
    if let Some(existing) = namesakes(client)?.into_iter().next() {
        return Err(taken(resource, wanted, existing, false));
    }
    let outcome = send(client)?;
    match poll_until(client, namesakes, |rows| rows.is_empty() && outcome.is_lost(), poll_interval) {
        Ok(rows) => outcome.judge(rows, resource, wanted, place, notes),
        Err(source) => Err(ChangeError::Unknown {
            resource,
            action: Action::Created,
            name: wanted.into(),
            answer: outcome.to_string(),
            source: source.into(),
        }),
    }
}

/// Returns why nothing is created under a name that `existing` has: a product of one's own in the same spelling is the one that is
/// wanted.
fn taken(resource: Resource, wanted: &str, existing: Listing, meanwhile: bool) -> ChangeError {
    match meanwhile {
        _ if resource == Resource::Product && existing.name == wanted => {
            ChangeError::IsThere { name: existing.name, meanwhile }
        }
        true => ChangeError::TakenMeanwhile { resource, existing },
        false => ChangeError::Exists { resource, existing },
    }
}

/// Calls `look` until its result is no longer `open`, at most three times: after a lost answer the server may not be done
/// yet. A lookup whose connection is cut is repeated, because it changes nothing.
pub(super) fn poll_until<'m, T>(
    client: &mut MarketClient<'m>,
    mut look: impl FnMut(&mut MarketClient<'m>) -> Result<T, ClientError>,
    open: impl Fn(&T) -> bool,
    poll_interval: Duration,
) -> Result<T, ClientError> {
    const LOOKS: usize = 3;
    for _ in 1..LOOKS {
        match look(client) {
            Ok(seen) if open(&seen) => {}
            Err(e) if e.http().is_some_and(HttpError::may_pass) => {}
            other => return other,
        }
        std::thread::sleep(poll_interval);
    }
    look(client)
}

impl Reply {
    /// Returns why the change did not happen, by the reply; `place` is where it does not show.
    pub fn into_error(self, resource: Resource, action: Action, place: &str) -> ChangeError {
        match self {
            Reply::Accepted => ChangeError::AcceptedButMissing { resource, action, place: place.into() },
            Reply::FormRedisplayed { complaint } => ChangeError::FormRefused { resource, action, complaint },
            Reply::NotYours => ChangeError::NotYours { resource },
            Reply::RedirectedBack => ChangeError::RedirectedBack { resource },
            Reply::Rejected { reasons } => ChangeError::Rejected { resource, reasons },
            Reply::ServerError { status, reason } => ChangeError::BrokeDown { action, status, reason },
            Reply::Unexpected { status, location } => ChangeError::UnexpectedAnswer { action, status, location },
            Reply::Lost(why) => ChangeError::LostNothingDone { action, source: why },
        }
    }

    /// Returns what was unusual about the reply to a change that did happen.
    pub fn into_note(self, resource: Resource, action: Action) -> Option<ChangeNote> {
        match self {
            Reply::ServerError { status, reason } => Some(ChangeNote::ServerError { resource, action, status, reason }),
            Reply::Unexpected { status, location } => {
                Some(ChangeNote::UnexpectedAnswer { resource, action, status, location })
            }
            Reply::Lost(why) => Some(ChangeNote::AnswerLost { resource, action, why }),
            Reply::Accepted
            | Reply::FormRedisplayed { .. }
            | Reply::NotYours
            | Reply::RedirectedBack
            | Reply::Rejected { .. } => None,
        }
    }

    /// Decides whether a resource was created, by the rows that are shown for its name in any case; there was none before.
    pub fn judge(
        self,
        mut rows: Vec<Listing>,
        resource: Resource,
        wanted: &str,
        place: &str,
        notes: &mut Vec<ChangeNote>,
    ) -> Result<Listing, ChangeError> {
        if rows.len() > 1 {
            return Err(ChangeError::Doubled { resource, name: wanted.into(), rows });
        }
        let Some(row) = rows.pop() else { return Err(self.into_error(resource, Action::Created, place)) };
        // In another case it is not ours, because the marketplace stores names as sent; nor is it ours after a refusal.
        if row.name != wanted || self.is_refusal() {
            return Err(taken(resource, wanted, row, true));
        }
        notes.extend(self.into_note(resource, Action::Created));
        Ok(row)
    }
}

//! A change at the marketplace: looked at before, sent once, looked at afterwards, and believed only as far as it shows.

mod error;
mod note;

use std::time::Duration;

use super::auth::ClientError;
use super::client::MarketClient;
use super::model::{Action, Listing, Reply, Resource};
use crate::collation::same;

pub use error::ChangeError;
pub use note::ChangeNote;

/// Pause between two looks after an answer was lost: the server may still be at work.
pub const POLL_INTERVAL: Duration = Duration::from_secs(1);

/// What is to be created, and where that shows.
pub(super) struct New<'a> {
    pub resource: Resource,
    /// As it will be shown.
    pub wanted: &'a str,
    /// What is looked at, for messages.
    pub place: &'a str,
    /// [`POLL_INTERVAL`], unless a test is in a hurry.
    pub poll_interval: Duration,
}

/// Sees that the name is free in any case, sends **once**, and looks again. `look` gives all that may bear the name.
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
        return Err(ChangeError::Exists { resource, existing });
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

/// Looks until what is seen is no longer `open`, or the third time: after an answer that was lost the server may not be
/// done yet, and a look that is cut is repeated. Looking changes nothing, so it may be.
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
            Err(e) if e.http().is_some() => {}
            other => return other,
        }
        std::thread::sleep(poll_interval);
    }
    look(client)
}

impl Reply {
    /// It did not happen, as what was looked at afterwards shows: why, by what was said. `place` is what was looked at.
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

    /// It happened: what was odd about what was said, if anything.
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

    /// Decides on a creation by the rows that are shown for the name, in any case; there was none before.
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
        // In another case it is not ours, for the marketplace stores names as they are sent; refused, it is not ours either.
        if row.name != wanted || self.is_refusal() {
            return Err(ChangeError::TakenMeanwhile { resource, existing: row });
        }
        notes.extend(self.into_note(resource, Action::Created));
        Ok(row)
    }
}

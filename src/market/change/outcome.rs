//! What the marketplace said to what was sent. By itself it proves nothing.

use std::fmt;

use super::{Action, ChangeError, Listing, Note, Resource, leading_to, with_causes};
use crate::market::http::HttpError;
use crate::market::reason::{Fault, ServerReason};
use crate::market::rest::listed;
use crate::market::web::FormAnswer;

/// What came back.
#[derive(Debug)]
pub(in crate::market) enum Outcome {
    Accepted,
    FormRedisplayed { complaint: Option<String> },
    NotYours,
    RedirectedBack,
    Rejected { reasons: Vec<(String, Vec<String>)> },
    ServerError { status: u16, reason: Option<ServerReason> },
    Unexpected { status: u16, location: Option<String> },
    Lost(HttpError),
}

impl From<FormAnswer> for Outcome {
    fn from(answer: FormAnswer) -> Outcome {
        match answer {
            FormAnswer::Accepted => Outcome::Accepted,
            FormAnswer::FormRedisplayed { complaint } => Outcome::FormRedisplayed { complaint },
            FormAnswer::Rejected { reasons } => Outcome::Rejected { reasons },
            FormAnswer::NotYours => Outcome::NotYours,
            FormAnswer::RedirectedBack => Outcome::RedirectedBack,
            FormAnswer::ServerError { status, reason } => Outcome::ServerError { status, reason },
            FormAnswer::Other { status, location } => Outcome::Unexpected { status, location },
        }
    }
}

impl fmt::Display for Outcome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Outcome::Accepted => f.write_str("and the marketplace took it"),
            Outcome::FormRedisplayed { complaint: Some(said) } => write!(f, "and the form came back with '{said}'"),
            Outcome::FormRedisplayed { complaint: None } | Outcome::RedirectedBack => {
                f.write_str("and the form came back")
            }
            Outcome::NotYours => f.write_str("and the marketplace said that it is somebody else's"),
            Outcome::Rejected { reasons } => write!(f, "and was rejected: {}", listed(reasons)),
            Outcome::ServerError { status, reason: Some(reason) } => write!(f, "answer {status}: {reason}"),
            Outcome::ServerError { status, reason: None } => write!(f, "answer {status}"),
            Outcome::Unexpected { status, location } => write!(f, "answer {status}{}", leading_to(location)),
            Outcome::Lost(why) => f.write_str(&with_causes(why)),
        }
    }
}

impl Outcome {
    /// Whether the server may not be done yet.
    pub fn is_lost(&self) -> bool {
        matches!(self, Outcome::Lost(_))
    }

    /// Whether it is the marketplace's database that did not serve it.
    pub fn is_of_database(&self) -> bool {
        let Outcome::ServerError { reason: Some(reason), .. } = self else { return false };
        matches!(reason.fault(), Some(Fault::DatabaseDown | Fault::Locked))
    }

    /// Whether the marketplace says that it did nothing.
    pub fn is_refusal(&self) -> bool {
        matches!(
            self,
            Outcome::FormRedisplayed { .. } | Outcome::NotYours | Outcome::RedirectedBack | Outcome::Rejected { .. }
        )
    }

    /// It did not happen, as what was looked at afterwards shows: why, by what was said. `place` is what was looked at.
    pub fn into_error(self, resource: Resource, action: Action, place: &str) -> ChangeError {
        match self {
            Outcome::Accepted => ChangeError::AcceptedButMissing { resource, action, place: place.into() },
            Outcome::FormRedisplayed { complaint } => ChangeError::FormRefused { resource, action, complaint },
            Outcome::NotYours => ChangeError::NotYours { resource },
            Outcome::RedirectedBack => ChangeError::RedirectedBack { resource },
            Outcome::Rejected { reasons } => ChangeError::Rejected { resource, reasons },
            Outcome::ServerError { status, reason } => ChangeError::BrokeDown { action, status, reason },
            Outcome::Unexpected { status, location } => ChangeError::UnexpectedAnswer { action, status, location },
            Outcome::Lost(why) => ChangeError::LostNothingDone { action, source: why },
        }
    }

    /// It happened: what was odd about what was said, if anything.
    pub fn into_note(self, resource: Resource, action: Action) -> Option<Note> {
        match self {
            Outcome::ServerError { status, reason } => Some(Note::ServerError { resource, action, status, reason }),
            Outcome::Unexpected { status, location } => {
                Some(Note::UnexpectedAnswer { resource, action, status, location })
            }
            Outcome::Lost(why) => Some(Note::AnswerLost { resource, action, why }),
            Outcome::Accepted
            | Outcome::FormRedisplayed { .. }
            | Outcome::NotYours
            | Outcome::RedirectedBack
            | Outcome::Rejected { .. } => None,
        }
    }

    /// Decides on a creation by the rows that are shown for the name, in any case; there was none before.
    pub fn judge(
        self,
        mut rows: Vec<Listing>,
        resource: Resource,
        wanted: &str,
        place: &str,
        notes: &mut Vec<Note>,
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_the_marketplace_said_is_passed_on() {
        let reasons = vec![("name".to_string(), vec!["is taken".to_string()])];
        for (outcome, says) in [
            (Outcome::FormRedisplayed { complaint: Some("no such hub".into()) }, "no such hub"),
            (Outcome::Rejected { reasons }, "name: is taken"),
            (Outcome::ServerError { status: 500, reason: ServerReason::read("KeyError at /", "") }, "500: KeyError"),
            (Outcome::Unexpected { status: 302, location: Some("/elsewhere".into()) }, "302 to /elsewhere"),
        ] {
            assert!(outcome.to_string().contains(says), "{outcome}");
        }
        let odd = || Outcome::Unexpected { status: 302, location: Some("/elsewhere".into()) };
        let note = odd().into_note(Resource::Hub, Action::Created).unwrap().to_string();
        let error = odd().into_error(Resource::Hub, Action::Created, "/hubs/").to_string();
        assert!(note.contains("302 to /elsewhere") && error.contains("302 to /elsewhere"), "{note} {error}");
    }
}

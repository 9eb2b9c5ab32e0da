//! What was odd about a change that succeeded.

use std::fmt;

use crate::market::http::HttpError;
use crate::market::model::{Action, Resource};
use crate::market::reason::ServerReason;
use crate::market::text::{leading_to, names, with_causes};
use crate::name::HubName;

/// What was odd about a change that succeeded.
#[derive(Debug)]
#[non_exhaustive]
pub enum ChangeNote {
    /// The marketplace has no REST endpoint for it, so the form was used.
    FormsOnly(Resource),
    /// The user name was typed in another case than the marketplace stores.
    UserNameCase { typed: String, shown: String },
    /// Other hubs of the seller differ in case or accents only: they share permissions (I3 facts §5, 12, and §6.1).
    HubCaseTwins(Vec<HubName>),
    /// The marketplace broke down but did it, as it does when its mail is down (I3 facts §5, 13).
    ServerError { resource: Resource, action: Action, status: u16, reason: Option<ServerReason> },
    /// The answer was lost, but it was done.
    AnswerLost { resource: Resource, action: Action, why: HttpError },
    /// An answer that means nothing, but it was done.
    UnexpectedAnswer { resource: Resource, action: Action, status: u16, location: Option<String> },
}

impl fmt::Display for ChangeNote {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ChangeNote::FormsOnly(resource) => {
                write!(f, "this marketplace has no REST endpoint for {resource}s; the form was used")
            }
            ChangeNote::UserNameCase { typed, shown } => {
                write!(f, "the marketplace knows the user as '{shown}', not '{typed}', and so does the broker")
            }
            ChangeNote::HubCaseTwins(hubs) => {
                write!(
                    f,
                    "hubs that differ in case or accents only share their permissions: {}; each one's page shows the \
                     devices and products of all",
                    names(hubs)
                )
            }
            ChangeNote::ServerError { resource, action, status, reason } => {
                write!(f, "the marketplace answered {status} but {action} the {resource}; its mail is probably down")?;
                reason.as_ref().map_or(Ok(()), |reason| write!(f, " ({reason})"))
            }
            ChangeNote::AnswerLost { resource, action, why } => {
                write!(f, "{}, but the {resource} is {}", with_causes(why), state(*action))
            }
            ChangeNote::UnexpectedAnswer { resource, action, status, location } => {
                let to = leading_to(location.as_deref());
                write!(f, "the marketplace answered {status}{to}, but the {resource} is {}", state(*action))
            }
        }
    }
}

fn state(action: Action) -> &'static str {
    match action {
        Action::Created => "there",
        Action::Changed => "changed",
        Action::Deleted => "gone",
    }
}

//! What was unusual about a change that succeeded.

use std::fmt;

use crate::market::http::HttpError;
use crate::market::model::{Action, Resource};
use crate::market::reason::ServerReason;
use crate::market::text::{leading_to, names, with_causes};
use crate::name::HubName;

/// What was unusual about a change that succeeded.
#[derive(Debug)]
pub enum ChangeNote {
    /// The marketplace has no REST endpoint for it, so the form was used.
    FormsOnly(Resource),
    /// The user name was typed in another case than the marketplace stores.
    UserNameCase { typed: String, shown: String },
    /// Other hubs of the seller differ in case or accents only: they share permissions (I3 facts §5, 12, and §6.1).
    HubCaseTwins(Vec<HubName>),
    /// The marketplace broke down but made the change, as it does when its mail is down (I3 facts §5, 13).
    ServerError { resource: Resource, action: Action, status: u16, reason: Option<ServerReason> },
    /// The answer was lost, but the change was made.
    AnswerLost { resource: Resource, action: Action, why: HttpError },
    /// An answer without a known meaning, but the change was made.
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
                    "hubs that differ only in case or accents share their permissions: {}; each one's page shows the \
                     devices and products of all",
                    names(hubs)
                )
            }
            ChangeNote::ServerError { resource, action, status: status @ 502..=504, .. } => {
                write!(f, "a gateway in front of the marketplace answered {status}, but the {resource} was {action}")
            }
            ChangeNote::ServerError { resource, action, status, reason } => {
                write!(f, "the marketplace answered {status} but {action} the {resource}; its mail is probably down")?;
                reason.as_ref().map_or(Ok(()), |reason| write!(f, " ({reason})"))
            }
            ChangeNote::AnswerLost { resource, action, why } => {
                write!(f, "{}, but the {resource} {}", with_causes(why), state(*action))
            }
            ChangeNote::UnexpectedAnswer { resource, action, status, location } => {
                let to = leading_to(location.as_deref());
                write!(f, "the marketplace answered {status}{to}, but the {resource} {}", state(*action))
            }
        }
    }
}

fn state(action: Action) -> &'static str {
    match action {
        Action::Created => "exists",
        Action::Changed => "is changed",
        Action::Deleted => "is gone",
    }
}

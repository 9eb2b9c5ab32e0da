//! The marketplace's reply to a change, by form or REST. It proves nothing by itself: check what exists (I3 facts §2).

use std::fmt;

use crate::market::http::HttpError;
use crate::market::reason::{ServerFault, ServerReason};
use crate::market::text::{leading_to, listed, with_causes};

/// A reply.
#[derive(Debug)]
pub enum Reply {
    /// 302 to where a success leads (200 where a link deletes), or the success status of the API: accepted.
    Accepted,
    /// 200 with the form again, mostly without a reason: not accepted.
    FormRedisplayed { complaint: Option<String> },
    /// The form again or 400, with reasons by field: not accepted.
    Rejected { reasons: Vec<(String, Vec<String>)> },
    /// 200 with a sentence instead of the form: it belongs to another user, and was not changed.
    NotYours,
    /// 302 to the relative `products/create`, which leads nowhere: a bad hub or a duplicate.
    RedirectedBack,
    /// 5xx: the change may have been made if only the mail about it failed.
    ServerError { status: u16, reason: Option<ServerReason> },
    /// Anything else.
    Unexpected { status: u16, location: Option<String> },
    /// The connection broke after it was sent.
    Lost(HttpError),
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reply::Accepted => f.write_str("the marketplace accepted it"),
            Reply::FormRedisplayed { complaint: Some(said) } => write!(f, "the form came back with '{said}'"),
            Reply::FormRedisplayed { complaint: None } | Reply::RedirectedBack => f.write_str("the form came back"),
            Reply::NotYours => f.write_str("the marketplace said that it belongs to another user"),
            Reply::Rejected { reasons } => write!(f, "rejected: {}", listed(reasons)),
            Reply::ServerError { status, reason: Some(reason) } => write!(f, "answer {status}: {reason}"),
            Reply::ServerError { status, reason: None } => write!(f, "answer {status}"),
            Reply::Unexpected { status, location } => write!(f, "answer {status}{}", leading_to(location.as_deref())),
            Reply::Lost(why) => f.write_str(&with_causes(why)),
        }
    }
}

impl Reply {
    /// Returns whether the answer was lost, so that the server may not be done yet.
    pub fn is_lost(&self) -> bool {
        matches!(self, Reply::Lost(_))
    }

    /// Returns whether the marketplace's database failed.
    pub fn is_of_database(&self) -> bool {
        let Reply::ServerError { reason: Some(reason), .. } = self else { return false };
        matches!(reason.fault(), Some(ServerFault::DatabaseDown | ServerFault::Locked))
    }

    /// Returns whether the marketplace says that nothing was done.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Reply::FormRedisplayed { .. } | Reply::NotYours | Reply::RedirectedBack | Reply::Rejected { .. })
    }
}

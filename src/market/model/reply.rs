//! The marketplace's reply to a change, by form or REST. On its own it proves nothing: look at what is there (I3 facts §2).

use std::fmt;

use crate::market::http::HttpError;
use crate::market::reason::{Fault, ServerReason};
use crate::market::text::{leading_to, listed, with_causes};

/// What came back.
#[derive(Debug)]
pub enum Reply {
    /// 302 to where a success leads (200 where a link deletes), or the success status of the API: taken.
    Accepted,
    /// 200 with the form again, mostly without a word: not taken.
    FormRedisplayed { complaint: Option<String> },
    /// The form again or 400, with reasons by field: not taken.
    Rejected { reasons: Vec<(String, Vec<String>)> },
    /// 200 with a sentence instead of the form: the thing is somebody else's, and was not touched.
    NotYours,
    /// 302 to the relative `products/create`, which leads nowhere: a bad hub or a duplicate.
    RedirectedBack,
    /// 5xx: it may be done all the same, where only the mail about it failed.
    ServerError { status: u16, reason: Option<ServerReason> },
    /// Anything else.
    Unexpected { status: u16, location: Option<String> },
    /// The connection broke after it was sent.
    Lost(HttpError),
}

impl fmt::Display for Reply {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Reply::Accepted => f.write_str("and the marketplace took it"),
            Reply::FormRedisplayed { complaint: Some(said) } => write!(f, "and the form came back with '{said}'"),
            Reply::FormRedisplayed { complaint: None } | Reply::RedirectedBack => f.write_str("and the form came back"),
            Reply::NotYours => f.write_str("and the marketplace said that it is somebody else's"),
            Reply::Rejected { reasons } => write!(f, "and was rejected: {}", listed(reasons)),
            Reply::ServerError { status, reason: Some(reason) } => write!(f, "answer {status}: {reason}"),
            Reply::ServerError { status, reason: None } => write!(f, "answer {status}"),
            Reply::Unexpected { status, location } => write!(f, "answer {status}{}", leading_to(location.as_deref())),
            Reply::Lost(why) => f.write_str(&with_causes(why)),
        }
    }
}

impl Reply {
    /// Whether the server may not be done yet.
    pub fn is_lost(&self) -> bool {
        matches!(self, Reply::Lost(_))
    }

    /// Whether it is the marketplace's database that did not serve it.
    pub fn is_of_database(&self) -> bool {
        let Reply::ServerError { reason: Some(reason), .. } = self else { return false };
        matches!(reason.fault(), Some(Fault::DatabaseDown | Fault::Locked))
    }

    /// Whether the marketplace says that it did nothing.
    pub fn is_refusal(&self) -> bool {
        matches!(self, Reply::FormRedisplayed { .. } | Reply::NotYours | Reply::RedirectedBack | Reply::Rejected { .. })
    }
}

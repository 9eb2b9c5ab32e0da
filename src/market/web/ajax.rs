//! The calls that the pages' scripts make: an AJAX header, the CSRF token as a header, and JSON back (I3 facts §6.3).

use serde_json::{Map, Value};
use ureq::http::header::{self, HeaderName, HeaderValue};

use super::{CREATE_HUB, LOG_IN, WebError, WebSession, WebStep, leads_to};
use crate::market::http::{Answer, Content, HttpError, secret_header};
use crate::market::page;

/// How a script's call is sent.
#[derive(Debug, Clone, Copy)]
pub(super) enum Method {
    Post,
    Put,
    Delete,
}

/// What a call came to. By itself it proves nothing: look at what is there.
#[derive(Debug)]
pub enum CallAnswer {
    /// `{"success": true, …}`.
    Accepted(Map<String, Value>),
    Failed(CallFailure),
}

/// Why a call did not come to `"success": true`.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CallFailure {
    /// `{"success": false, …}`: the thing is not there any more, or not the user's own.
    #[error("the marketplace says that there is nothing of that number for this user")]
    Refused,
    /// The server broke down, and it may be done in part.
    #[error(transparent)]
    Web(WebError),
    /// The connection broke after it was sent.
    #[error(transparent)]
    Lost(HttpError),
}

impl CallAnswer {
    /// Whether the server may not be done yet.
    pub fn is_lost(&self) -> bool {
        matches!(self, CallAnswer::Failed(CallFailure::Lost(_)))
    }

    /// What failed, if anything.
    pub fn failure(self) -> Option<CallFailure> {
        match self {
            CallAnswer::Accepted(_) => None,
            CallAnswer::Failed(why) => Some(why),
        }
    }
}

impl WebSession<'_> {
    /// Makes a call **once**.
    ///
    /// # Errors
    /// [`WebError`]: nothing was done.
    pub(super) fn call(&mut self, step: WebStep, method: Method, path: &str) -> Result<CallAnswer, WebError> {
        if self.cookies.csrf_token().is_none() {
            // Any page with a form sets it.
            let answer = self.get(CREATE_HUB)?;
            self.page(step, &answer)?;
        }
        let headers = self.call_headers(path);
        let answer = match method {
            // A body of no length is a length all the same, without which the server refuses it.
            Method::Post => self.http.post(path, &headers, Content::Form(&[])),
            Method::Put => self.http.put(path, &headers, Content::Form(&[])),
            Method::Delete => self.http.delete(path, &headers),
        };
        let answer = match answer {
            Ok(answer) => answer,
            Err(e) if e.nothing_was_sent() => return Err(e.into()),
            Err(e) => return Ok(CallAnswer::Failed(CallFailure::Lost(e))),
        };
        self.cookies.absorb(&answer);
        self.understand(step, &answer)
    }

    fn understand(&self, step: WebStep, answer: &Answer) -> Result<CallAnswer, WebError> {
        match answer.status {
            200 => match serde_json::from_slice(&answer.body) {
                Ok(Value::Object(fields)) => match fields.get("success") {
                    Some(Value::Bool(true)) => Ok(CallAnswer::Accepted(fields)),
                    Some(Value::Bool(false)) => Ok(CallAnswer::Failed(CallFailure::Refused)),
                    _ => Err(WebError::Unexpected { step, status: 200, location: None }),
                },
                _ if page::is_log_in_form(&answer.body) => Err(WebError::SessionExpired(step)),
                _ => Err(WebError::Unexpected { step, status: 200, location: None }),
            },
            302 if leads_to(answer, LOG_IN) => Err(WebError::SessionExpired(step)),
            500..=599 => Ok(CallAnswer::Failed(CallFailure::Web(self.failed(step, answer)))),
            _ => Err(self.failed(step, answer)),
        }
    }

    fn call_headers(&self, path: &str) -> Vec<(HeaderName, HeaderValue)> {
        let mut headers =
            vec![(HeaderName::from_static("x-requested-with"), HeaderValue::from_static("XMLHttpRequest"))];
        let csrf = self.cookies.csrf_token().and_then(secret_header);
        headers.extend(csrf.map(|token| (HeaderName::from_static("x-csrftoken"), token)));
        headers.extend(self.cookies.header().map(|cookies| (header::COOKIE, cookies)));
        // Over https Django takes no call without it.
        let referer = HeaderValue::from_str(&format!("{}{path}", self.http.url()));
        headers.extend(referer.map(|address| (header::REFERER, address)));
        headers
    }
}

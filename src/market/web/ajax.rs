//! The calls of the pages' scripts: an AJAX header, the CSRF token as a header, and JSON back (I3 facts §6.3).

use serde_json::{Map, Value};
use ureq::http::Method;
use ureq::http::header::{self, HeaderName, HeaderValue};

use super::error::{Operation, WebError};
use super::session::{CREATE_HUB, LOG_IN, WebSession, leads_to};
use crate::market::http::{HttpError, RequestBody, Response, secret_header};
use crate::market::page;

/// The reply to a call. It proves nothing by itself: check what exists.
#[derive(Debug)]
pub enum CallReply {
    /// `{"success": true, …}`.
    Accepted(Map<String, Value>),
    Failed(CallFailure),
}

/// Why a call was not answered with `"success": true`.
#[derive(Debug, thiserror::Error)]
pub enum CallFailure {
    /// `{"success": false, …}`: it no longer exists, or is not the user's.
    #[error("the marketplace says that there is nothing with that number for this user")]
    Refused,
    /// The server broke down, and the change may be made in part.
    #[error(transparent)]
    Web(WebError),
    /// The connection broke after it was sent.
    #[error(transparent)]
    Lost(HttpError),
}

impl CallReply {
    /// Returns whether the answer was lost, so that the server may not be done yet.
    pub fn is_lost(&self) -> bool {
        matches!(self, CallReply::Failed(CallFailure::Lost(_)))
    }

    /// Returns what failed, if anything.
    pub fn failure(self) -> Option<CallFailure> {
        match self {
            CallReply::Accepted(_) => None,
            CallReply::Failed(why) => Some(why),
        }
    }
}

impl WebSession<'_> {
    /// Makes a call **once**.
    ///
    /// # Errors
    /// [`WebError`]: nothing was done.
    pub(super) fn call(&mut self, operation: Operation, method: Method, path: &str) -> Result<CallReply, WebError> {
        if self.cookies.csrf_token().is_none() {
            // Any page with a form sets it.
            let answer = self.get(CREATE_HUB)?;
            self.page(operation, &answer)?;
        }
        let headers = self.call_headers(path);
        let body = match method {
            Method::DELETE => RequestBody::None,
            // An empty body has a length as well, and the server refuses a POST without one.
            _ => RequestBody::Form(&[]),
        };
        let answer = match self.http.change(method, path, &headers, body) {
            Ok(answer) => answer,
            Err(e) if e.nothing_was_sent() => return Err(e.into()),
            Err(e) => return Ok(CallReply::Failed(CallFailure::Lost(e))),
        };
        self.cookies.absorb(&answer);
        self.understand(operation, &answer)
    }

    fn understand(&self, operation: Operation, answer: &Response) -> Result<CallReply, WebError> {
        match answer.status {
            200 => match serde_json::from_slice(&answer.body) {
                Ok(Value::Object(fields)) => match fields.get("success") {
                    Some(Value::Bool(true)) => Ok(CallReply::Accepted(fields)),
                    Some(Value::Bool(false)) => Ok(CallReply::Failed(CallFailure::Refused)),
                    _ => Err(WebError::Unexpected { operation, status: 200, location: None }),
                },
                _ if page::is_log_in_form(&answer.body) => Err(WebError::SessionExpired(operation)),
                _ => Err(WebError::Unexpected { operation, status: 200, location: None }),
            },
            302 if leads_to(answer, LOG_IN) => Err(WebError::SessionExpired(operation)),
            500..=599 => Ok(CallReply::Failed(CallFailure::Web(self.failed(operation, answer)))),
            _ => Err(self.failed(operation, answer)),
        }
    }

    fn call_headers(&self, path: &str) -> Vec<(HeaderName, HeaderValue)> {
        let mut headers =
            vec![(HeaderName::from_static("x-requested-with"), HeaderValue::from_static("XMLHttpRequest"))];
        let csrf = self.cookies.csrf_token().and_then(secret_header);
        headers.extend(csrf.map(|token| (HeaderName::from_static("x-csrftoken"), token)));
        headers.extend(self.cookies.header().map(|cookies| (header::COOKIE, cookies)));
        // Over https Django refuses a call without it.
        let referer = HeaderValue::from_str(&format!("{}{path}", self.http.url()));
        headers.extend(referer.map(|address| (header::REFERER, address)));
        headers
    }
}

//! An answer with its whole body.

use std::borrow::Cow;

use ureq::http::header::{self, HeaderMap};
#[cfg(test)]
use ureq::http::header::{HeaderName, HeaderValue};

/// A response with its whole body, apart from the notifications in a page's navigation.
#[derive(Debug)]
pub struct Response {
    pub status: u16,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
    /// The path below which the marketplace is.
    pub(super) base: String,
}

impl Response {
    /// Returns the `Location` of a redirect, as it was sent. One that is not plain ASCII still leads somewhere.
    pub fn location(&self) -> Option<Cow<'_, str>> {
        Some(String::from_utf8_lossy(self.headers.get(header::LOCATION)?.as_bytes()))
    }

    /// Returns the path that a redirect leads to, without the marketplace's address and a query; relative if it was.
    pub fn destination(&self) -> Option<String> {
        let location = self.location()?;
        let local = match location.split_once("://") {
            Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
            None => &location,
        };
        let path = local.split(['?', '#']).next()?;
        // A gateway may leave it to the reader to add the path of the marketplace.
        Some(path.strip_prefix(&self.base).filter(|path| path.starts_with('/')).unwrap_or(path).into())
    }

    /// Returns a response without a body.
    #[cfg(test)]
    pub fn bare(status: u16, headers: &[(HeaderName, &str)]) -> Response {
        let header = |(name, value): &(HeaderName, &str)| (name.clone(), HeaderValue::from_str(value).unwrap());
        Response { status, headers: headers.iter().map(header).collect(), body: Vec::new(), base: String::new() }
    }

    /// Returns whether the content type is HTML.
    pub fn is_html(&self) -> bool {
        is_html(&self.headers)
    }
}

/// Returns whether the content type is HTML.
pub(super) fn is_html(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .and_then(|v| v.to_str().ok())
        .is_some_and(|v| v.to_ascii_lowercase().starts_with("text/html"))
}

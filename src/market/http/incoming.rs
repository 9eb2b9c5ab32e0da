//! An answer as it arrives: read whole, or handed on row by row.

use std::io::{self, Read};

use serde::de::DeserializeOwned;
use ureq::BodyReader;
use ureq::http::header::HeaderMap;

use super::budget::{Counted, Spending};
use super::destination::{Destination, Limit};
use super::error::{HttpError, ProxyRefusal};
use super::interception::ReceivedAnswer;
use super::proxy::ProxyMethod;
use super::response::{Response, is_html};
use super::{json_list, page_filter};

/// Largest body that is kept, in bytes: pages have some 100 kB besides the notifications in their navigation, which are
/// dropped.
pub const KEPT_MAX: usize = 32 << 20;
/// Largest body that is kept and is not a page, in bytes: an error, or the answer to a script. As a tree of JSON it may take
/// thirty times as much.
const PLAIN_MAX: usize = 4 << 20;

/// An answer whose body is still to be read.
pub struct Incoming<'h> {
    pub(super) from: &'h Destination,
    pub(super) path: String,
    pub status: u16,
    pub(super) headers: HeaderMap,
    pub(super) body: Counted<'h, BodyReader<'static>>,
    /// The limit that a timeout belongs to.
    pub(super) limit: Limit,
    pub(super) _spending: Spending<'h>,
}

impl Incoming<'_> {
    /// Reads the body to its end.
    pub fn whole(mut self) -> Result<Response, HttpError> {
        let body = match self.is_html() {
            true => page_filter::read(&mut self.body, KEPT_MAX),
            false => read_whole(&mut self.body),
        };
        self.ended(body)
    }

    /// Reads a page, and hands on each row of a table in its content as it arrives; they are not in the response. From an
    /// answer that is not a page it hands on nothing.
    pub fn rows(mut self, take: &mut dyn FnMut(&[u8])) -> Result<Response, HttpError> {
        if self.status != 200 || !self.is_html() {
            return self.whole();
        }
        let body = page_filter::read_rows(&mut self.body, KEPT_MAX, take);
        self.ended(body)
    }

    /// Reads a JSON list, and hands on each item as it arrives. The inner error is that of the JSON.
    pub fn items<T: DeserializeOwned>(
        mut self,
        take: &mut dyn FnMut(T),
    ) -> Result<Result<(), serde_json::Error>, HttpError> {
        if self.is_html() {
            return Err(self.from.foreign(self.status));
        }
        let read = json_list::read((&mut self.body).take(KEPT_MAX as u64 + 1), take);
        if self.body.read > KEPT_MAX as u64 {
            return Err(self.from.too_large(KEPT_MAX));
        }
        match read {
            Err(e) if e.is_io() => Err(self.from.body_error(e.into(), self.body.read, self.limit)),
            read => Ok(read),
        }
    }

    /// Returns whether the content type is HTML.
    pub fn is_html(&self) -> bool {
        is_html(&self.headers)
    }

    fn ended(self, body: io::Result<Vec<u8>>) -> Result<Response, HttpError> {
        let Incoming { from, path, status, headers, .. } = self;
        let body = body.map_err(|e| from.body_error(e, self.body.read, self.limit))?;
        let received = ReceivedAnswer { url: &from.url, path: &path, status, headers: &headers, body: &body };
        if let Some(proxy) =
            from.proxy.as_ref().filter(|proxy| proxy.method == ProxyMethod::Forward && received.is_the_proxys())
        {
            let (market, proxy, why) = (from.url.shown(), Box::new(proxy.name.clone()), ProxyRefusal::Status(status));
            // It may have lost the marketplace after it had passed the request on.
            return Err(HttpError::ProxyRefused { market, proxy, why, maybe_sent: status >= 500 });
        }
        if let Some(interception) = received.interception() {
            return Err(HttpError::Intercepted { market: from.shown.clone(), interception });
        }
        Ok(Response { status, headers, body, base: from.url.path().into() })
    }
}

/// Reads a body that is not a page, up to [`PLAIN_MAX`].
fn read_whole(from: impl Read) -> io::Result<Vec<u8>> {
    let mut body = Vec::new();
    from.take(PLAIN_MAX as u64 + 1).read_to_end(&mut body)?;
    if body.len() > PLAIN_MAX { Err(io::Error::other(page_filter::TooMuch(PLAIN_MAX))) } else { Ok(body) }
}

//! A log-in session, which uses the marketplace's pages and forms as a browser would (I3 facts §2).

use ureq::http::Method;
use ureq::http::header::{self, HeaderName, HeaderValue};

use super::cookies::Cookies;
use super::error::{Operation, WebError};
use crate::market::credential::{NewDevice, RegisteredCredential};
use crate::market::http::{Http, Incoming, RequestBody, Response};
use crate::market::model::{HubPage, HubRow, Reply, Visibility};
use crate::market::page;
use crate::market::text::{message, scrub};
use crate::secret::Secret;

pub(super) const LOG_IN: &str = "/accounts/login/";
const KEY: &str = "/key/";
pub(super) const HUBS: &str = "/hubs/";
// The slash at the end matters: a POST without it is answered 500.
pub(super) const CREATE_HUB: &str = "/hubs/create/";
pub(super) const CREATE_PRODUCT: &str = "/products/create/";
const CREATE_DEVICE: &str = "/devices/create/";

/// A log-in session, good for 14 days unless the marketplace forgets it.
#[derive(Debug)]
pub struct WebSession<'m> {
    pub(super) http: &'m Http,
    pub(super) cookies: Cookies,
    /// The name as the marketplace stores it; every page of a session shows it.
    pub(super) user: Option<String>,
}

impl<'m> WebSession<'m> {
    pub(in crate::market) fn resume(http: &'m Http, cookies: Cookies) -> WebSession<'m> {
        WebSession { http, cookies, user: None }
    }

    pub(in crate::market) fn log_in(http: &'m Http, user: &str, password: &Secret) -> Result<WebSession<'m>, WebError> {
        const OPERATION: Operation = Operation::LogIn;
        let mut session = WebSession { http, cookies: Cookies::default(), user: None };
        let form = session.log_in_form()?;
        // A browser sends the hidden field; the cookie's value is accepted as well.
        let csrf = form.csrf.or_else(|| session.cookies.csrf_token().cloned()).unwrap_or_default();
        let fields = [("csrfmiddlewaretoken", csrf.expose()), ("username", user), ("password", password.expose())];
        let answer = session.post(LOG_IN, RequestBody::Form(&fields))?;
        match answer.status {
            302 if session.cookies.session_id().is_some() => Ok(session),
            302 if leads_to(&answer, "/") => Err(http.cookie_lost().into()),
            200 => match page::log_in_form(&answer.body)?.complaint {
                // The server may repeat the password; i3 must not.
                Some(said) => Err(WebError::CredentialsRefused { user: user.into(), said: scrub(said, password) }),
                None => Err(WebError::Unexpected { operation: OPERATION, status: 200, location: None }),
            },
            // The same goes for an address.
            _ => Err(match session.failed(OPERATION, &answer) {
                WebError::Unexpected { operation, status, location } => {
                    WebError::Unexpected { operation, status, location: location.map(|to| scrub(to, password)) }
                }
                other => other,
            }),
        }
    }

    /// Reads the log-in page, which is public.
    pub(in crate::market) fn look(http: &'m Http) -> Result<(), WebError> {
        WebSession { http, cookies: Cookies::default(), user: None }.log_in_form().map(drop)
    }

    fn log_in_form(&mut self) -> Result<page::LogInForm, WebError> {
        let answer = self.get(LOG_IN)?;
        match answer.status {
            200 => page::log_in_form(&answer.body).map_err(|_| self.http.foreign(200).into()),
            _ => Err(self.failed(Operation::LogIn, &answer)),
        }
    }

    /// Returns the current cookies, to be saved.
    pub fn cookies(&self) -> &Cookies {
        &self.cookies
    }

    /// Returns the user who is logged in, as the marketplace stores the name; None before the first page.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// Returns the seller's API key, 40 hexadecimal digits; it never changes.
    ///
    /// # Errors
    /// [`WebError::SessionExpired`] also for the 500 that an anonymous request gets here.
    pub fn api_key(&mut self) -> Result<Secret, WebError> {
        let answer = self.get(KEY)?;
        match answer.status {
            200 => Ok(page::api_key(self.page(Operation::ApiKey, &answer)?)?),
            // The page fails for an anonymous caller; the hub list tells whether we are one.
            500 => match self.hubs() {
                Err(e @ WebError::SessionExpired(_)) => Err(e),
                _ => Err(self.failed(Operation::ApiKey, &answer)),
            },
            _ => Err(self.failed(Operation::ApiKey, &answer)),
        }
    }

    /// Returns the seller's hubs, under the names that the marketplace stores.
    ///
    /// # Errors
    /// [`WebError::SessionExpired`], [`WebError::Page`] and others.
    pub fn hubs(&mut self) -> Result<Vec<HubRow>, WebError> {
        let answer = self.get(HUBS)?;
        Ok(page::hub_list(self.page(Operation::HubList, &answer)?)?)
    }

    /// Returns the content of the page of one of the seller's hubs: of hubs that differ only in case or accents, it shows
    /// all.
    ///
    /// # Errors
    /// [`WebError::SessionExpired`], [`WebError::NotFound`], [`WebError::NotYours`] for another's hub,
    /// [`WebError::Page`] and others.
    pub fn hub(&mut self, hub: &HubRow) -> Result<HubPage, WebError> {
        let answer = self.get(&format!("{HUBS}{}/", hub.id))?;
        let html = self.page(Operation::Hub, &answer)?;
        match page::hub(html) {
            // A public hub shows its devices without links, a private one a sentence.
            Ok(shown) if !shown.unlinked.is_empty() => Err(WebError::NotYours(hub.name.clone())),
            Err(_) if page::is_sentence(html) => Err(WebError::NotYours(hub.name.clone())),
            shown => Ok(shown?),
        }
    }

    /// Sends the form for a new hub, **once**. In any case, check whether the hub exists; the same applies to all that
    /// follow.
    ///
    /// # Errors
    /// [`WebError::CsrfRefused`] and [`WebError::SessionExpired`]: nothing was done. [`WebError::Http`]: unknown,
    /// unless `HttpError::nothing_was_sent`. As with all that follow.
    pub fn create_hub(&mut self, short: &str, to: Visibility) -> Result<Reply, WebError> {
        let private = match to {
            Visibility::Owner => "True",
            Visibility::Everyone => "False",
        };
        let fields = [("name", short), ("private", private)];
        self.submit(Operation::CreateHub, CREATE_HUB, &fields, to_hubs, &Secret::default())
    }

    /// Sends the form for a new device, once.
    ///
    /// # Errors
    /// As [`WebSession::create_hub`].
    pub fn create_device(&mut self, device: &NewDevice<'_>) -> Result<Reply, WebError> {
        let value = device.credential.value();
        let rgs_type = device.credential.rgs_type().to_string();
        let fields = [
            ("hub_name", device.hub),
            ("name", device.name.as_str()),
            ("rgs_type", &rgs_type),
            ("password", value.expose()),
        ];
        self.submit(Operation::CreateDevice, CREATE_DEVICE, &fields, to_hubs, value)
    }

    /// Sends the form that gives a device another credential, once.
    ///
    /// # Errors
    /// As [`WebSession::create_hub`].
    pub fn edit_device(&mut self, id: u64, credential: &RegisteredCredential) -> Result<Reply, WebError> {
        let value = credential.value();
        let rgs_type = credential.rgs_type().to_string();
        let fields = [("rgs_type", rgs_type.as_str()), ("password", value.expose())];
        self.submit(Operation::EditDevice, &format!("/devices/edit/{id}/"), &fields, to_hubs, value)
    }

    /// Follows the link that deletes a device, once: a GET that changes something.
    ///
    /// # Errors
    /// As [`WebSession::create_hub`].
    pub fn delete_device(&mut self, id: u64) -> Result<Reply, WebError> {
        self.follow(Operation::DeleteDevice, &format!("/devices/delete/{id}/"))
    }

    /// Follows a link that changes something, once.
    pub(super) fn follow(&mut self, operation: Operation, path: &str) -> Result<Reply, WebError> {
        let answer = self.get(path)?;
        match self.page(operation, &answer) {
            Ok(_) => Ok(Reply::Accepted),
            Err(WebError::NotFound(_)) => Ok(Reply::Unexpected { status: 404, location: None }),
            Err(WebError::ServerError { status, reason, .. }) => Ok(Reply::ServerError { status, reason }),
            Err(WebError::Unexpected { status, location, .. }) => Ok(Reply::Unexpected { status, location }),
            Err(e) => Err(e),
        }
    }

    /// Sends a form once. `is_success` recognizes a success by its redirect; `secret` is removed from what comes back.
    pub(super) fn submit(
        &mut self,
        operation: Operation,
        path: &str,
        fields: &[(&str, &str)],
        is_success: fn(&str) -> bool,
        secret: &Secret,
    ) -> Result<Reply, WebError> {
        let csrf = self.csrf_for(operation, path)?;
        let fields = [&[("csrfmiddlewaretoken", csrf.expose())], fields].concat();
        let answer = self.post(path, RequestBody::Form(&fields))?;
        Self::judged(operation, &answer, is_success, secret)
    }

    /// Returns the token for the form at `path`.
    pub(super) fn csrf_for(&mut self, operation: Operation, path: &str) -> Result<Secret, WebError> {
        if self.cookies.csrf_token().is_none() {
            // Any page with a form sets it.
            let answer = self.get(path)?;
            self.page(operation, &answer)?;
        }
        Ok(self.cookies.csrf_token().cloned().unwrap_or_default())
    }

    /// Returns the meaning of a form's answer.
    pub(super) fn judged(
        operation: Operation,
        answer: &Response,
        is_success: fn(&str) -> bool,
        secret: &Secret,
    ) -> Result<Reply, WebError> {
        let scrubbed = |text: Option<String>| text.map(|text| scrub(text, secret));
        match answer.status {
            403 => Err(WebError::CsrfRefused(operation)),
            200 if page::is_log_in_form(&answer.body) => Err(WebError::SessionExpired(operation)),
            302 => match answer.destination().as_deref() {
                Some(LOG_IN) => Err(WebError::SessionExpired(operation)),
                Some(to) if to.trim_matches('/') == CREATE_PRODUCT.trim_matches('/') => Ok(Reply::RedirectedBack),
                Some(to) if is_success(to) => Ok(Reply::Accepted),
                _ => Ok(Reply::Unexpected { status: 302, location: scrubbed(shown_location(answer)) }),
            },
            200 if page::is_sentence(&answer.body) => Ok(Reply::NotYours),
            200 => Ok(Reply::FormRedisplayed { complaint: scrubbed(page::refusal(&answer.body)) }),
            status @ 500..=599 => Ok(Reply::ServerError { status, reason: page::server_reason(&answer.body) }),
            status => Ok(Reply::Unexpected { status, location: scrubbed(shown_location(answer)) }),
        }
    }

    pub(super) fn get(&mut self, path: &str) -> Result<Response, WebError> {
        self.get_with(path, &[])
    }

    pub(super) fn get_with(&mut self, path: &str, more: &[(HeaderName, HeaderValue)]) -> Result<Response, WebError> {
        let answer = self.begin(path, more)?.whole()?;
        self.absorb(&answer);
        Ok(answer)
    }

    /// As [`Self::get`], but hands on the rows of a page's tables as they arrive; they are not in the response.
    pub(super) fn get_rows(&mut self, path: &str, take: &mut dyn FnMut(&[u8])) -> Result<Response, WebError> {
        let answer = self.begin(path, &[])?.rows(take)?;
        self.absorb(&answer);
        Ok(answer)
    }

    fn begin(&self, path: &str, more: &[(HeaderName, HeaderValue)]) -> Result<Incoming<'m>, WebError> {
        let cookie = self.cookies.header().map(|c| (header::COOKIE, c));
        let headers: Vec<(HeaderName, HeaderValue)> = cookie.into_iter().chain(more.iter().cloned()).collect();
        Ok(self.http.get(path, &headers)?)
    }

    pub(super) fn post(&mut self, path: &str, body: RequestBody<'_>) -> Result<Response, WebError> {
        let mut headers: Vec<(HeaderName, HeaderValue)> =
            self.cookies.header().map(|c| (header::COOKIE, c)).into_iter().collect();
        // Over https Django refuses a form without it.
        if let Ok(referer) = HeaderValue::from_str(&format!("{}{path}", self.http.url())) {
            headers.push((header::REFERER, referer));
        }
        let answer = self.http.change(Method::POST, path, &headers, body)?;
        self.absorb(&answer);
        Ok(answer)
    }

    /// Adopts an answer's cookies, and from a page the logged-in user.
    pub(super) fn absorb(&mut self, answer: &Response) {
        self.cookies.absorb(answer);
        if self.user.is_none() && answer.status == 200 && answer.is_html() {
            self.user = page::user(&answer.body);
        }
    }

    /// Returns the body of a page that requires a session.
    pub(super) fn page<'a>(&self, operation: Operation, answer: &'a Response) -> Result<&'a [u8], WebError> {
        match answer.status {
            200 if page::is_log_in_form(&answer.body) => Err(WebError::SessionExpired(operation)),
            200 => Ok(&answer.body),
            _ => Err(self.failed(operation, answer)),
        }
    }

    pub(super) fn failed(&self, operation: Operation, answer: &Response) -> WebError {
        let location = shown_location(answer);
        match answer.status {
            302 if operation != Operation::LogIn && leads_to(answer, LOG_IN) => WebError::SessionExpired(operation),
            400 => WebError::HostRefused { host: self.http.url().shown_host() },
            403 => WebError::CsrfRefused(operation),
            404 => WebError::NotFound(operation),
            status @ 500..=599 => {
                WebError::ServerError { operation, status, reason: page::server_reason(&answer.body) }
            }
            status => WebError::Unexpected { operation, status, location },
        }
    }
}

/// Returns the address of a redirect in displayable form: without a query, which repeats what was sent.
fn shown_location(answer: &Response) -> Option<String> {
    let location = answer.location()?;
    let path = location.split(['?', '#']).next()?;
    Some(path.split('/').map(message).collect::<Vec<_>>().join("/"))
}

pub(super) fn leads_to(answer: &Response, path: &str) -> bool {
    answer.destination().as_deref() == Some(path)
}

fn to_hubs(path: &str) -> bool {
    path == HUBS
}

pub(super) fn to_product(path: &str) -> bool {
    path.strip_prefix("/products/").is_some_and(|slug| !slug.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_redirect_is_known_in_every_form() {
        for location in ["/accounts/login/", "/accounts/login/?next=/hubs/", "http://h:8000/accounts/login/?next=/"] {
            assert!(leads_to(&Response::bare(302, &[(header::LOCATION, location)]), LOG_IN), "{location}");
        }
        assert!(!leads_to(&Response::bare(302, &[(header::LOCATION, "/")]), LOG_IN));
        assert!(!leads_to(&Response::bare(302, &[]), LOG_IN));
    }
}

//! A log-in session: the marketplace's pages and forms, as a browser would use them (I3 facts §2).

mod account;
mod ajax;
mod product;

use std::fmt;

use ureq::http::header::{self, HeaderName, HeaderValue};

use super::credential::{NewDevice, RegisteredCredential};
use super::http::{Answer, Content, Http, HttpError, secret_header};
use super::page::{self, HubPage, HubRow, PageError};
use super::reason::ServerReason;
use crate::name::HubName;
use crate::secret::Secret;
pub use product::Rating;

pub use account::{Decision, Mark, NewAccount, Role, SignUpAnswer, Which};
pub use ajax::{CallAnswer, CallFailure};

const LOG_IN: &str = "/accounts/login/";
const KEY: &str = "/key/";
const HUBS: &str = "/hubs/";
// The slash at the end matters: a POST without it is answered 500.
const CREATE_HUB: &str = "/hubs/create/";
const CREATE_PRODUCT: &str = "/products/create/";
const CREATE_DEVICE: &str = "/devices/create/";

const SESSION_COOKIE: &str = "sessionid";
const CSRF_COOKIE: &str = "csrftoken";

/// What the session was doing, for messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum WebStep {
    LogIn,
    ApiKey,
    HubList,
    Hub,
    CreateHub,
    CreateProduct,
    ProductForm,
    EditProduct,
    DeleteProduct,
    Rating,
    CreateDevice,
    EditDevice,
    DeleteDevice,
    Transactions,
    Notifications,
    MarkNotifications,
    PurchaseRequests,
    Decide,
    Cart,
    FillCart,
    ClearCart,
    CheckOut,
    SignUp,
}

impl fmt::Display for WebStep {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            WebStep::LogIn => "logging in",
            WebStep::ApiKey => "asking for the API key",
            WebStep::HubList => "listing the hubs",
            WebStep::Hub => "looking at the hub",
            WebStep::CreateHub => "creating the hub",
            WebStep::CreateProduct => "creating the product",
            WebStep::ProductForm => "reading the product's form",
            WebStep::EditProduct => "saving the product",
            WebStep::DeleteProduct => "deleting the product",
            WebStep::Rating => "asking for the product's rating",
            WebStep::CreateDevice => "creating the device",
            WebStep::EditDevice => "changing the device",
            WebStep::DeleteDevice => "deleting the device",
            WebStep::Transactions => "reading the transactions",
            WebStep::Notifications => "reading the notifications",
            WebStep::MarkNotifications => "changing the notifications",
            WebStep::PurchaseRequests => "reading the purchase requests",
            WebStep::Decide => "deciding on the purchase request",
            WebStep::Cart => "looking into the cart",
            WebStep::FillCart => "putting the product into the cart",
            WebStep::ClearCart => "taking the item out of the cart",
            WebStep::CheckOut => "checking out",
            WebStep::SignUp => "signing up",
        })
    }
}

/// Why a page or form of the marketplace did not do what was asked.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum WebError {
    /// No answer, or none that is HTTP.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// The page is not what it should be.
    #[error(transparent)]
    Page(#[from] PageError),
    /// Wrong user name or log-in password; `said` is the marketplace's own sentence.
    #[error("the marketplace refuses the log-in of '{user}': {said}")]
    CredentialsRefused { user: String, said: String },
    /// 403 before anything else was looked at: the CSRF token is stale or was not taken. Log in again.
    #[error("the marketplace refuses the form while {0}: its CSRF token does not count (403)")]
    CsrfRefused(WebStep),
    /// A redirect to the log-in page, or that page itself: nothing was done. Log in again.
    #[error("the log-in session has expired (noticed while {0})")]
    SessionExpired(WebStep),
    /// 400: the marketplace takes only the host names that it is set up for. Use the one that it is known by.
    #[error("the marketplace does not answer to the name '{host}' (400)")]
    HostRefused { host: String },
    /// The hub is not of the account that is logged in.
    #[error("the hub {0} belongs to somebody else")]
    NotYours(HubName),
    /// A page that is not there.
    #[error("the marketplace has no such page while {0} (404)")]
    NotFound(WebStep),
    /// The server broke down; `reason` is what is known of its page.
    #[error("the marketplace broke down while {step} ({status}{})", because(reason.as_ref()))]
    ServerError { step: WebStep, status: u16, reason: Option<ServerReason> },
    /// Any other answer.
    #[error("the marketplace gave an unexpected answer while {step}: {status}{}", to(location.as_ref()))]
    Unexpected { step: WebStep, status: u16, location: Option<String> },
}

fn because(reason: Option<&ServerReason>) -> String {
    reason.map(|r| format!(": {r}")).unwrap_or_default()
}

fn to(location: Option<&String>) -> String {
    location.map(|l| format!(" to {l}")).unwrap_or_default()
}

/// What a form answered. None of it proves anything: look at what is there (I3 facts §2).
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub enum FormAnswer {
    /// 302 to where a success leads (200 where a link deletes): taken.
    Accepted,
    /// 200 with the form again, mostly without a word: not taken.
    FormRedisplayed { complaint: Option<String> },
    /// 200 with the form again and reasons by field: not taken.
    Rejected { reasons: Vec<(String, Vec<String>)> },
    /// 200 with a sentence instead of the form: the thing is somebody else's, and was not touched.
    NotYours,
    /// 302 to the relative `products/create`, which leads nowhere: a bad hub or a duplicate.
    RedirectedBack,
    /// 5xx: it may be done all the same, where only the mail about it failed.
    ServerError { status: u16, reason: Option<ServerReason> },
    /// Anything else.
    Other { status: u16, location: Option<String> },
}

/// The cookies of one marketplace, by name.
#[derive(Debug, Clone, Default)]
pub struct Cookies(Vec<(String, Secret)>);

impl Cookies {
    /// The cookies of a session that was kept.
    pub fn new(session_id: Secret, csrf_token: Option<Secret>) -> Cookies {
        let mut cookies = Cookies::default();
        cookies.set(SESSION_COOKIE, session_id);
        if let Some(token) = csrf_token {
            cookies.set(CSRF_COOKIE, token);
        }
        cookies
    }

    /// `sessionid`, once logged in.
    pub fn session_id(&self) -> Option<&Secret> {
        self.value(SESSION_COOKIE)
    }

    /// `csrftoken`; it changes at log-in.
    pub fn csrf_token(&self) -> Option<&Secret> {
        self.value(CSRF_COOKIE)
    }

    fn value(&self, name: &str) -> Option<&Secret> {
        self.0.iter().find(|(n, _)| n == name).map(|(_, value)| value)
    }

    fn set(&mut self, name: &str, value: Secret) {
        self.0.retain(|(n, _)| n != name);
        if !value.expose().is_empty() {
            self.0.push((name.into(), value));
        }
    }

    /// Takes over what an answer sets. There is one host and one path, so names are all that counts; Django deletes a
    /// cookie by setting it empty.
    fn absorb(&mut self, answer: &Answer) {
        for line in answer.headers.get_all(header::SET_COOKIE).iter().filter_map(|v| v.to_str().ok()) {
            let pair = line.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.set(name.trim(), Secret::new(value.trim().trim_matches('"')));
            }
        }
    }

    fn header(&self) -> Option<HeaderValue> {
        let line: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={}", value.expose())).collect();
        if line.is_empty() { None } else { secret_header(&Secret::new(line.join("; "))) }
    }
}

/// A log-in session, good for 14 days unless the marketplace forgets it.
#[derive(Debug)]
pub struct WebSession<'m> {
    http: &'m Http,
    cookies: Cookies,
    /// As the marketplace stores the name; every page that a session is shown has it.
    user: Option<String>,
}

impl<'m> WebSession<'m> {
    pub(super) fn resume(http: &'m Http, cookies: Cookies) -> WebSession<'m> {
        WebSession { http, cookies, user: None }
    }

    pub(super) fn log_in(http: &'m Http, user: &str, password: &Secret) -> Result<WebSession<'m>, WebError> {
        const STEP: WebStep = WebStep::LogIn;
        let mut session = WebSession { http, cookies: Cookies::default(), user: None };
        let form = session.log_in_form()?;
        // What a browser sends is the hidden field; the cookie's value is taken as well.
        let csrf = form.csrf.or_else(|| session.cookies.csrf_token().cloned()).unwrap_or_default();
        let fields = [("csrfmiddlewaretoken", csrf.expose()), ("username", user), ("password", password.expose())];
        let answer = session.post(LOG_IN, Content::Form(&fields))?;
        match answer.status {
            302 if session.cookies.session_id().is_some() => Ok(session),
            200 => match page::log_in_form(&answer.body)?.complaint {
                // A server that repeats what was typed shall not make us do it.
                Some(said) => Err(WebError::CredentialsRefused { user: user.into(), said: scrub(said, password) }),
                None => Err(WebError::Unexpected { step: STEP, status: 200, location: None }),
            },
            // Nor does an address.
            _ => Err(match session.failed(STEP, &answer) {
                WebError::Unexpected { step, status, location } => {
                    WebError::Unexpected { step, status, location: location.map(|to| scrub(to, password)) }
                }
                other => other,
            }),
        }
    }

    /// Reads the log-in page, which everybody may.
    pub(super) fn look(http: &'m Http) -> Result<(), WebError> {
        WebSession { http, cookies: Cookies::default(), user: None }.log_in_form().map(drop)
    }

    fn log_in_form(&mut self) -> Result<page::LogInForm, WebError> {
        let answer = self.get(LOG_IN)?;
        match answer.status {
            200 => Ok(page::log_in_form(&answer.body)?),
            _ => Err(self.failed(WebStep::LogIn, &answer)),
        }
    }

    /// The cookies as they are now, to be kept.
    pub fn cookies(&self) -> &Cookies {
        &self.cookies
    }

    /// The user who is logged in, as the marketplace stores the name; None before the first page.
    pub fn user(&self) -> Option<&str> {
        self.user.as_deref()
    }

    /// The seller's API key, 40 hexadecimal digits; it never changes.
    ///
    /// # Errors
    /// [`WebError::SessionExpired`] also for the 500 that an anonymous request gets here.
    pub fn api_key(&mut self) -> Result<Secret, WebError> {
        let answer = self.get(KEY)?;
        match answer.status {
            200 => Ok(page::api_key(self.page(WebStep::ApiKey, &answer)?)?),
            // The page breaks for an anonymous caller; whether we are one, the hub list tells.
            500 => match self.hubs() {
                Err(e @ WebError::SessionExpired(_)) => Err(e),
                _ => Err(self.failed(WebStep::ApiKey, &answer)),
            },
            _ => Err(self.failed(WebStep::ApiKey, &answer)),
        }
    }

    /// The seller's hubs, under the names that the marketplace stores.
    ///
    /// # Errors
    /// [`WebError::SessionExpired`], [`WebError::Page`] and the rest.
    pub fn hubs(&mut self) -> Result<Vec<HubRow>, WebError> {
        let answer = self.get(HUBS)?;
        Ok(page::hub_list(self.page(WebStep::HubList, &answer)?)?)
    }

    /// What the page of a hub of the seller's own shows: of hubs that differ in case or accents only, that is all of them.
    ///
    /// # Errors
    /// [`WebError::SessionExpired`], [`WebError::NotFound`], [`WebError::NotYours`] for another's hub, [`WebError::Page`] and
    /// the rest.
    pub fn hub(&mut self, hub: &HubRow) -> Result<HubPage, WebError> {
        let answer = self.get(&format!("{HUBS}{}/", hub.id))?;
        let html = self.page(WebStep::Hub, &answer)?;
        match page::hub(html) {
            // A public one shows its devices without links, a private one a sentence.
            Ok(shown) if !shown.unlinked.is_empty() => Err(WebError::NotYours(hub.name.clone())),
            Err(_) if page::is_sentence(html) => Err(WebError::NotYours(hub.name.clone())),
            shown => Ok(shown?),
        }
    }

    /// Sends the form for a new hub, **once**. Whether the hub is there must be looked up whatever comes back; so with all
    /// that follow.
    ///
    /// # Errors
    /// [`WebError::CsrfRefused`] and [`WebError::SessionExpired`]: nothing was done. [`WebError::Http`]: unknown, unless
    /// [`HttpError::nothing_was_sent`]. As with all that follow.
    pub fn create_hub(&mut self, short: &str, private: bool) -> Result<FormAnswer, WebError> {
        let fields = [("name", short), ("private", if private { "True" } else { "False" })];
        self.submit(WebStep::CreateHub, CREATE_HUB, &fields, to_hubs, &Secret::default())
    }

    /// Sends the form for a new device, once.
    ///
    /// # Errors
    /// As [`WebSession::create_hub`].
    pub fn create_device(&mut self, device: &NewDevice<'_>) -> Result<FormAnswer, WebError> {
        let value = device.credential.value();
        let rgs_type = device.credential.rgs_type().to_string();
        let fields = [
            ("hub_name", device.hub),
            ("name", device.name.as_str()),
            ("rgs_type", &rgs_type),
            ("password", value.expose()),
        ];
        self.submit(WebStep::CreateDevice, CREATE_DEVICE, &fields, to_hubs, value)
    }

    /// Sends the form that gives a device another credential, once.
    ///
    /// # Errors
    /// As [`WebSession::create_hub`].
    pub fn edit_device(&mut self, id: u64, credential: &RegisteredCredential) -> Result<FormAnswer, WebError> {
        let value = credential.value();
        let rgs_type = credential.rgs_type().to_string();
        let fields = [("rgs_type", rgs_type.as_str()), ("password", value.expose())];
        self.submit(WebStep::EditDevice, &format!("/devices/edit/{id}/"), &fields, to_hubs, value)
    }

    /// Follows the link that deletes a device, once: a GET that changes something.
    ///
    /// # Errors
    /// As [`WebSession::create_hub`].
    pub fn delete_device(&mut self, id: u64) -> Result<FormAnswer, WebError> {
        self.follow(WebStep::DeleteDevice, &format!("/devices/delete/{id}/"))
    }

    /// Follows a link that changes something, once.
    fn follow(&mut self, step: WebStep, path: &str) -> Result<FormAnswer, WebError> {
        let answer = self.get(path)?;
        match self.page(step, &answer) {
            Ok(_) => Ok(FormAnswer::Accepted),
            Err(WebError::NotFound(_)) => Ok(FormAnswer::Other { status: 404, location: None }),
            Err(WebError::ServerError { status, reason, .. }) => Ok(FormAnswer::ServerError { status, reason }),
            Err(WebError::Unexpected { status, location, .. }) => Ok(FormAnswer::Other { status, location }),
            Err(e) => Err(e),
        }
    }

    /// Sends a form once. `taken` tells a success by where it leads; `secret` is taken out of what comes back.
    fn submit(
        &mut self,
        step: WebStep,
        path: &str,
        fields: &[(&str, &str)],
        taken: fn(&str) -> bool,
        secret: &Secret,
    ) -> Result<FormAnswer, WebError> {
        let csrf = self.csrf_for(step, path)?;
        let fields = [&[("csrfmiddlewaretoken", csrf.expose())], fields].concat();
        let answer = self.post(path, Content::Form(&fields))?;
        Self::judged(step, &answer, taken, secret)
    }

    /// The token for the form at `path`.
    fn csrf_for(&mut self, step: WebStep, path: &str) -> Result<Secret, WebError> {
        if self.cookies.csrf_token().is_none() {
            // Any page with a form sets it.
            let answer = self.get(path)?;
            self.page(step, &answer)?;
        }
        Ok(self.cookies.csrf_token().cloned().unwrap_or_default())
    }

    /// What a form's answer says.
    fn judged(
        step: WebStep,
        answer: &Answer,
        taken: fn(&str) -> bool,
        secret: &Secret,
    ) -> Result<FormAnswer, WebError> {
        let scrubbed = |text: Option<String>| text.map(|text| scrub(text, secret));
        match answer.status {
            403 => Err(WebError::CsrfRefused(step)),
            200 if page::is_log_in_form(&answer.body) => Err(WebError::SessionExpired(step)),
            302 => match destination(answer).as_deref() {
                Some(LOG_IN) => Err(WebError::SessionExpired(step)),
                Some(to) if to.trim_matches('/') == CREATE_PRODUCT.trim_matches('/') => Ok(FormAnswer::RedirectedBack),
                Some(to) if taken(to) => Ok(FormAnswer::Accepted),
                _ => Ok(FormAnswer::Other { status: 302, location: scrubbed(shown_location(answer)) }),
            },
            200 if page::is_sentence(&answer.body) => Ok(FormAnswer::NotYours),
            200 => Ok(FormAnswer::FormRedisplayed { complaint: scrubbed(page::refusal(&answer.body)) }),
            status @ 500..=599 => Ok(FormAnswer::ServerError { status, reason: page::server_reason(&answer.body) }),
            status => Ok(FormAnswer::Other { status, location: scrubbed(shown_location(answer)) }),
        }
    }

    fn get(&mut self, path: &str) -> Result<Answer, WebError> {
        self.get_with(path, &[])
    }

    fn get_with(&mut self, path: &str, more: &[(HeaderName, HeaderValue)]) -> Result<Answer, WebError> {
        let cookie = self.cookies.header().map(|c| (header::COOKIE, c));
        let headers: Vec<(HeaderName, HeaderValue)> = cookie.into_iter().chain(more.iter().cloned()).collect();
        let answer = self.http.get(path, &headers)?;
        self.absorb(&answer);
        Ok(answer)
    }

    fn post(&mut self, path: &str, content: Content<'_>) -> Result<Answer, WebError> {
        let mut headers: Vec<(HeaderName, HeaderValue)> =
            self.cookies.header().map(|c| (header::COOKIE, c)).into_iter().collect();
        // Over https Django takes no form without it.
        if let Ok(referer) = HeaderValue::from_str(&format!("{}{path}", self.http.url())) {
            headers.push((header::REFERER, referer));
        }
        let answer = self.http.post(path, &headers, content)?;
        self.absorb(&answer);
        Ok(answer)
    }

    /// Takes over what any answer tells: cookies, and on a page who is logged in.
    fn absorb(&mut self, answer: &Answer) {
        self.cookies.absorb(answer);
        if self.user.is_none() && answer.status == 200 && answer.is_html() {
            self.user = page::user(&answer.body);
        }
    }

    /// The body of a page that only a session shows.
    fn page<'a>(&self, step: WebStep, answer: &'a Answer) -> Result<&'a [u8], WebError> {
        match answer.status {
            200 if page::is_log_in_form(&answer.body) => Err(WebError::SessionExpired(step)),
            200 => Ok(&answer.body),
            _ => Err(self.failed(step, answer)),
        }
    }

    fn failed(&self, step: WebStep, answer: &Answer) -> WebError {
        let location = shown_location(answer);
        match answer.status {
            302 if step != WebStep::LogIn && leads_to(answer, LOG_IN) => WebError::SessionExpired(step),
            400 => WebError::HostRefused { host: self.http.url().host().into() },
            403 => WebError::CsrfRefused(step),
            404 => WebError::NotFound(step),
            status @ 500..=599 => WebError::ServerError { step, status, reason: page::server_reason(&answer.body) },
            status => WebError::Unexpected { step, status, location },
        }
    }
}

/// The path that an answer redirects to, given with or without the marketplace's address and a query; relative if it is.
fn destination(answer: &Answer) -> Option<String> {
    let location = answer.location()?;
    let local = match location.split_once("://") {
        Some((_, rest)) => rest.find('/').map_or("/", |at| &rest[at..]),
        None => &location,
    };
    local.split(['?', '#']).next().map(String::from)
}

/// Where an answer leads, as it may be shown: without a query, which repeats what was sent.
fn shown_location(answer: &Answer) -> Option<String> {
    let location = answer.location()?;
    let path = location.split(['?', '#']).next()?;
    Some(path.split('/').map(page::message).collect::<Vec<_>>().join("/"))
}

fn leads_to(answer: &Answer, path: &str) -> bool {
    destination(answer).as_deref() == Some(path)
}

fn to_hubs(path: &str) -> bool {
    path == HUBS
}

fn to_product(path: &str) -> bool {
    path.strip_prefix("/products/").is_some_and(|slug| !slug.is_empty())
}

/// `text` without the secret, should the server repeat it.
pub(super) fn scrub(text: String, secret: &Secret) -> String {
    // What came through the page was made one line, and so must the secret be to be found in it.
    let needle = page::quote(secret.expose());
    let needle = needle.trim_end_matches('…');
    if needle.is_empty() {
        return text;
    }
    let text = text.replace(secret.expose(), "…").replace(needle, "…");
    // A text that was cut may end in the middle of it.
    let Some(cut) = text.strip_suffix('…') else { return text };
    let part = needle.char_indices().rev().map(|(end, _)| &needle[..end]).find(|part| cut.ends_with(part));
    format!("{}…", &cut[..cut.len() - part.map_or(0, str::len)])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, headers: &[(HeaderName, &str)]) -> Answer {
        let headers = headers.iter().map(|(n, v)| (n.clone(), HeaderValue::from_str(v).unwrap())).collect();
        Answer { status, headers, body: Vec::new() }
    }

    #[test]
    fn cookies_are_replaced_and_deleted_by_name() {
        let mut cookies = Cookies::default();
        cookies.absorb(&answer(200, &[(header::SET_COOKIE, "csrftoken=one; Path=/; SameSite=Lax")]));
        let mut both = answer(200, &[(header::SET_COOKIE, "csrftoken=two; Path=/")]);
        both.headers.append(header::SET_COOKIE, HeaderValue::from_static("sessionid=abc; HttpOnly"));
        cookies.absorb(&both);
        assert_eq!(cookies.header().unwrap().to_str().unwrap(), "csrftoken=two; sessionid=abc");
        cookies.absorb(&answer(200, &[(header::SET_COOKIE, "sessionid=\"\"; Max-Age=0")]));
        assert!(cookies.session_id().is_none());
        assert!(!format!("{cookies:?}").contains("two"));
    }

    #[test]
    fn a_redirect_is_known_in_every_form() {
        for location in ["/accounts/login/", "/accounts/login/?next=/hubs/", "http://h:8000/accounts/login/?next=/"] {
            assert!(leads_to(&answer(302, &[(header::LOCATION, location)]), LOG_IN), "{location}");
        }
        assert!(!leads_to(&answer(302, &[(header::LOCATION, "/")]), LOG_IN));
        assert!(!leads_to(&answer(302, &[]), LOG_IN));
    }

    #[test]
    fn a_secret_that_the_server_repeats_is_taken_out() {
        let secret = Secret::new("hunter  22");
        assert_eq!(scrub("np -p hunter 22 failed".into(), &secret), "np -p … failed");
        assert_eq!(scrub("nothing".into(), &Secret::default()), "nothing");
        assert_eq!(scrub("np -p hunter…".into(), &secret), "np -p …");
    }
}

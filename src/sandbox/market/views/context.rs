//! The context of a request: its user, whether its CSRF token is valid, and the answers that views share.

use std::io;

use hyper::header::HeaderValue;
use hyper::{Method, StatusCode, header};
use serde_json::{Value, json};

use crate::sandbox::db::Database;
use crate::sandbox::exception::Exception;
use crate::sandbox::market::pages::{self, Response};
use crate::sandbox::market::request::{Fields, HttpRequest};
use crate::sandbox::shared::Shared;

/// A request with its user, form and CSRF token.
pub(super) struct RequestContext<'a> {
    pub shared: &'a Shared,
    pub request: &'a HttpRequest,
    pub form: Fields,
    pub user: Option<String>,
    pub csrf: String,
}

impl<'a> RequestContext<'a> {
    pub fn new(shared: &'a Shared, request: &'a HttpRequest) -> RequestContext<'a> {
        let user = request.cookie("sessionid").and_then(|id| shared.sessions().get(id).cloned());
        let csrf = request.cookie("csrftoken").filter(|token| is_token(token)).map_or_else(fresh_token, String::from);
        RequestContext { shared, request, form: request.form(), user, csrf }
    }

    pub fn posted(&self) -> bool {
        self.request.method == Method::POST
    }

    pub fn csrf_holds(&self) -> bool {
        let cookie = self.request.cookie("csrftoken");
        let sent = self.form.one("csrfmiddlewaretoken").filter(|token| !token.is_empty());
        let sent = sent.or_else(|| self.request.header("X-CSRFToken"));
        cookie.is_some_and(|cookie| is_token(cookie) && Some(cookie) == sent)
    }

    /// Creates the notification box, as the first page that a user opens does.
    pub fn open_notification_box(&self, user: &str) -> io::Result<()> {
        if self.shared.db().user(user).is_none_or(|user| user.has_notification_box) {
            return Ok(());
        }
        self.shared.change(|db| {
            if let Some(user) = db.user_mut(user) {
                user.has_notification_box = true;
            }
        })
    }

    /// Returns a page with a form in it, which also sets the CSRF cookie.
    pub fn with_csrf(&self, mut page: Response) -> Response {
        set_cookie(&mut page, &csrf_cookie(&self.csrf));
        page
    }

    /// Returns a page made from the tables, with a form in it.
    pub fn page(&self, make: impl FnOnce(&Database, &str) -> Response) -> Response {
        let page = make(&self.shared.db(), &self.csrf);
        self.with_csrf(page)
    }

    pub fn crashed(&self, exception: &Exception) -> Response {
        match self.request.is_ajax() {
            true => pages::crashed_for_a_script(&self.request.path, exception),
            false => pages::crashed(StatusCode::INTERNAL_SERVER_ERROR, &self.request.path, exception),
        }
    }

    /// Returns a page of one sentence.
    pub fn sentence(&self, sentence: &str) -> Response {
        let content = format!("\n  <div class=\"container\">\n    <h1>{sentence}</h1>\n  </div>\n");
        pages::framed(&self.shared.db(), self.user.as_deref(), "", &content)
    }
}

pub(super) fn json_answer(value: &Value) -> Response {
    pages::response(StatusCode::OK, "application/json", value.to_string())
}

pub(super) fn succeeded() -> Response {
    json_answer(&json!({ "success": true }))
}

/// 64 letters and digits.
pub(super) fn fresh_token() -> String {
    (0..4).map(|_| format!("{:016x}", rand::random::<u64>())).collect()
}

fn is_token(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

pub(super) fn csrf_cookie(token: &str) -> String {
    format!("csrftoken={token}; Max-Age=31449600; Path=/")
}

pub(super) fn set_cookie(answer: &mut Response, cookie: &str) {
    // Always a header value: tokens are letters and digits.
    if let Ok(value) = HeaderValue::from_str(cookie) {
        answer.headers_mut().append(header::SET_COOKIE, value);
    }
}

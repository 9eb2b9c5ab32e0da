//! The marketplace's pages and calls for people: slashes, CSRF, sessions, then the view itself (I3 facts §2, §6.3).

mod account;
mod buyer;
mod seller;

pub(super) use seller::{create_device, delete_device, edit_device};

use std::io;
use std::sync::atomic::Ordering::Relaxed;

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use serde_json::{Value, json};

use super::crash::{Crash, Stop};
use super::pages;
use super::request::{DoctorRequest, Fields};
use super::route::Page;
use crate::sandbox::shared::Shared;
use crate::sandbox::state::State;

/// Largest body without files, in bytes.
const BODY_MAX: usize = 2_621_440;

/// Answers everything outside `/api/`.
pub(super) async fn answer(shared: &Shared, asked: &DoctorRequest) -> io::Result<Response> {
    let Some(page) = Page::of(&asked.path) else { return Ok(pages::not_found()) };
    if !asked.path.ends_with('/') && !asked.path.contains("/create/") {
        return Ok(without_slash(asked));
    }
    let mut visit = RequestContext::new(shared, asked);
    if page == Page::NewDevice && visit.posted() {
        shared.counters.device_posts.fetch_add(1, Relaxed);
    }
    if visit.form.text_bytes > BODY_MAX {
        let crash = Crash::new("RequestDataTooBig", "Request body exceeded settings.DATA_UPLOAD_MAX_MEMORY_SIZE.");
        return Ok(pages::crashed(StatusCode::BAD_REQUEST, &asked.path, &crash));
    }
    // Before anything else, the log-in of the session included.
    if asked.is_unsafe() && !visit.csrf_holds() {
        return Ok(pages::csrf_failed());
    }
    let needs_database =
        asked.cookie("sessionid").is_some() || !matches!(page, Page::LogIn | Page::SignUp) || visit.posted();
    if needs_database && shared.web_database_down.load(Relaxed) {
        return Ok(visit.crashed(&Crash::no_database()));
    }
    if visit.user.is_none() && !page.is_public() {
        let next: String = form_urlencoded::byte_serialize(asked.path_and_query.as_bytes()).collect();
        let next = next.replace("%2F", "/");
        return Ok(pages::redirect(StatusCode::FOUND, &format!("/accounts/login/?next={next}")));
    }
    if page.is_for_scripts() && !asked.is_ajax() {
        return Ok(pages::not_found());
    }
    if let (Some(user), false) = (visit.user.clone(), page.is_for_scripts()) {
        visit.open_notification_box(&user)?;
    }
    match page {
        Page::LogIn => Ok(visit.log_in()),
        Page::LogOut => Ok(visit.log_out()),
        Page::SignUp => visit.sign_up(),
        Page::Key => Ok(visit.key()),
        Page::EditProduct(key) => visit.edit_product(key),
        Page::Rating => visit.rating(),
        page => {
            let user = visit.user.clone().unwrap_or_default();
            visit.for_user(&user, page).await
        }
    }
}

fn without_slash(asked: &DoctorRequest) -> Response {
    match asked.method {
        Method::POST | Method::PUT | Method::PATCH => {
            let reason = format!(
                "You called this URL via {}, but the URL doesn't end in a slash and you have APPEND_SLASH set.",
                asked.method
            );
            pages::crashed(StatusCode::INTERNAL_SERVER_ERROR, &asked.path, &Crash::new("RuntimeError", reason))
        }
        _ => pages::redirect(StatusCode::MOVED_PERMANENTLY, &format!("{}/", asked.path)),
    }
}

/// One request by one person.
struct RequestContext<'a> {
    shared: &'a Shared,
    asked: &'a DoctorRequest,
    form: Fields,
    user: Option<String>,
    csrf: String,
}

impl<'a> RequestContext<'a> {
    fn new(shared: &'a Shared, asked: &'a DoctorRequest) -> RequestContext<'a> {
        let user = asked.cookie("sessionid").and_then(|id| shared.sessions().get(id).cloned());
        let csrf = asked.cookie("csrftoken").filter(|token| is_token(token)).map_or_else(fresh_token, String::from);
        RequestContext { shared, asked, form: asked.form(), user, csrf }
    }

    fn posted(&self) -> bool {
        self.asked.method == Method::POST
    }

    fn csrf_holds(&self) -> bool {
        let cookie = self.asked.cookie("csrftoken");
        let sent = self.form.one("csrfmiddlewaretoken").filter(|token| !token.is_empty());
        let sent = sent.or_else(|| self.asked.header("X-CSRFToken"));
        cookie.is_some_and(|cookie| is_token(cookie) && Some(cookie) == sent)
    }

    /// The first page that a user opens makes his notification box.
    fn open_notification_box(&self, user: &str) -> io::Result<()> {
        if self.shared.state().user(user).is_none_or(|user| user.has_notification_box) {
            return Ok(());
        }
        self.shared.change(|state| {
            if let Some(user) = state.user_mut(user) {
                user.has_notification_box = true;
            }
        })
    }

    /// A page with a form in it, which also sets the CSRF cookie.
    fn with_csrf(&self, mut page: Response) -> Response {
        set_cookie(&mut page, &csrf_cookie(&self.csrf));
        page
    }

    /// A page made from the tables, with a form in it.
    fn page(&self, make: impl FnOnce(&State, &str) -> Response) -> Response {
        let page = make(&self.shared.state(), &self.csrf);
        self.with_csrf(page)
    }

    fn crashed(&self, crash: &Crash) -> Response {
        match self.asked.is_ajax() {
            true => pages::crashed_for_a_script(&self.asked.path, crash),
            false => pages::crashed(StatusCode::INTERNAL_SERVER_ERROR, &self.asked.path, crash),
        }
    }

    /// A page of one sentence.
    fn sentence(&self, sentence: &str) -> Response {
        let content = format!("\n  <div class=\"container\">\n    <h1>{sentence}</h1>\n  </div>\n");
        pages::framed(&self.shared.state(), self.user.as_deref(), "", &content)
    }

    async fn for_user(&self, user: &str, page: Page<'_>) -> io::Result<Response> {
        Ok(match page {
            Page::Hubs => pages::hub::list(&self.shared.state(), user),
            Page::Hub(id) => self.hub(user, id),
            Page::NewHub => self.new_hub(user)?,
            Page::Products => pages::product::list(&self.shared.state(), user),
            Page::Product(key) => self.product(user, key),
            Page::NewProduct => self.new_product(user)?,
            Page::DeleteProduct(id) => self.delete_product(user, id)?,
            Page::NewDevice => self.new_device(user).await?,
            Page::EditDevice(id) => self.edit_device(user, id).await?,
            Page::DeleteDevice(id) => self.delete_device(user, id).await?,
            Page::Cart => self.cart(user)?,
            Page::CartItem => self.remove_from_cart()?,
            Page::CheckOut => self.check_out(user)?,
            Page::Request { id, approve } => self.decide(user, id, approve)?,
            Page::Notifications => self.page(|state, csrf| pages::dashboard::notifications(state, user, csrf)),
            Page::Notification { id, mark } => self.mark(user, id, mark)?,
            Page::Transactions => pages::dashboard::transactions(&self.shared.state(), user),
            Page::Home
            | Page::LogIn
            | Page::LogOut
            | Page::SignUp
            | Page::Key
            | Page::EditProduct(_)
            | Page::Rating => {
                let content = "  <div class=\"container\">\n    <h2>Dashboard</h2>\n  </div>\n";
                pages::framed(&self.shared.state(), Some(user), "I3 Marketplace | Dashboard", content)
            }
        })
    }
}

fn json_answer(value: &Value) -> Response {
    pages::response(StatusCode::OK, "application/json", value.to_string())
}

fn succeeded() -> Response {
    json_answer(&json!({ "success": true }))
}

/// 64 letters and digits.
fn fresh_token() -> String {
    (0..4).map(|_| format!("{:016x}", rand::random::<u64>())).collect()
}

fn is_token(text: &str) -> bool {
    text.len() == 64 && text.bytes().all(|b| b.is_ascii_alphanumeric())
}

fn csrf_cookie(token: &str) -> String {
    format!("csrftoken={token}; Max-Age=31449600; Path=/")
}

fn set_cookie(answer: &mut Response, cookie: &str) {
    // Always a header value: tokens are letters and digits.
    if let Ok(value) = HeaderValue::from_str(cookie) {
        answer.headers_mut().append(header::SET_COOKIE, value);
    }
}

//! The marketplace's pages and calls: slashes, CSRF, sessions, then the view itself (I3 facts §2, §6.3).

mod account;
mod buyer;
mod context;
mod seller;

pub(super) use seller::{create_device, delete_device, edit_device};

use std::io;
use std::sync::atomic::Ordering::Relaxed;

use hyper::{Method, StatusCode};

use super::pages::{self, Response};
use super::request::HttpRequest;
use super::route::Page;
use crate::sandbox::exception::Exception;
use crate::sandbox::shared::Shared;
use context::RequestContext;

/// Largest body without files, in bytes.
const BODY_MAX: usize = 2_621_440;

/// Answers everything outside `/api/`.
pub(super) async fn answer(shared: &Shared, request: &HttpRequest) -> io::Result<Response> {
    let Some(page) = Page::of(&request.path) else { return Ok(pages::not_found()) };
    if !request.path.ends_with('/') && !request.path.contains("/create/") {
        return Ok(without_slash(request));
    }
    let mut context = RequestContext::new(shared, request);
    if page == Page::NewDevice && context.posted() {
        shared.counters.device_posts.fetch_add(1, Relaxed);
    }
    if context.form.text_bytes > BODY_MAX {
        let exception =
            Exception::new("RequestDataTooBig", "Request body exceeded settings.DATA_UPLOAD_MAX_MEMORY_SIZE.");
        return Ok(pages::crashed(StatusCode::BAD_REQUEST, &request.path, &exception));
    }
    // Before anything else, the log-in of the session included.
    if request.is_unsafe() && !context.csrf_holds() {
        return Ok(pages::csrf_failed());
    }
    let needs_database =
        request.cookie("sessionid").is_some() || !matches!(page, Page::LogIn | Page::SignUp) || context.posted();
    if needs_database && shared.web_database_down.load(Relaxed) {
        return Ok(context.crashed(&Exception::no_database()));
    }
    if context.user.is_none() && !page.is_public() {
        let next: String = form_urlencoded::byte_serialize(request.path_and_query.as_bytes()).collect();
        let next = next.replace("%2F", "/");
        return Ok(pages::redirect(StatusCode::FOUND, &format!("/accounts/login/?next={next}")));
    }
    if page.is_for_scripts() && !request.is_ajax() {
        return Ok(pages::not_found());
    }
    if let (Some(user), false) = (context.user.clone(), page.is_for_scripts()) {
        context.open_notification_box(&user)?;
    }
    match page {
        Page::LogIn => Ok(context.log_in()),
        Page::LogOut => Ok(context.log_out()),
        Page::SignUp => context.sign_up(),
        Page::Key => Ok(context.key()),
        Page::EditProduct(key) => context.edit_product(key),
        Page::Rating => context.rating(),
        page => {
            let user = context.user.clone().unwrap_or_default();
            context.for_user(&user, page).await
        }
    }
}

fn without_slash(request: &HttpRequest) -> Response {
    match request.method {
        Method::POST | Method::PUT | Method::PATCH => {
            let reason = format!(
                "You called this URL via {}, but the URL doesn't end in a slash and you have APPEND_SLASH set.",
                request.method
            );
            pages::crashed(StatusCode::INTERNAL_SERVER_ERROR, &request.path, &Exception::new("RuntimeError", reason))
        }
        _ => pages::redirect(StatusCode::MOVED_PERMANENTLY, &format!("{}/", request.path)),
    }
}

impl RequestContext<'_> {
    async fn for_user(&self, user: &str, page: Page<'_>) -> io::Result<Response> {
        Ok(match page {
            Page::Hubs => pages::hub::list(&self.shared.db(), user),
            Page::Hub(id) => self.hub(user, id),
            Page::NewHub => self.new_hub(user)?,
            Page::Products => pages::product::list(&self.shared.db(), user),
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
            Page::Notifications => self.page(|db, csrf| pages::dashboard::notifications(db, user, csrf)),
            Page::Notification { id, mark } => self.mark(user, id, mark)?,
            Page::Transactions => pages::dashboard::transactions(&self.shared.db(), user),
            Page::Home
            | Page::LogIn
            | Page::LogOut
            | Page::SignUp
            | Page::Key
            | Page::EditProduct(_)
            | Page::Rating => {
                let content = "  <div class=\"container\">\n    <h2>Dashboard</h2>\n  </div>\n";
                pages::framed(&self.shared.db(), Some(user), "I3 Marketplace | Dashboard", content)
            }
        })
    }
}

//! The marketplace's pages and forms for people: sessions, CSRF, hubs, products, devices (I3 facts §2).

use std::io;
use std::sync::atomic::Ordering::Relaxed;

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;

use super::pages;
use super::request::{Asked, Fields};
use crate::sandbox::shared::Shared;
use crate::sandbox::state::{FieldError, ProductError, ProductFields};

/// 14 days, in seconds.
const SESSION_SECONDS: u32 = 1_209_600;

const HUB_FIELDS: &[&str] = &["name", "private"];
const DEVICE_FIELDS: &[&str] = &["hub_name", "name", "rgs_type", "password"];
const CREDENTIAL_FIELDS: &[&str] = &["rgs_type", "password"];
const PRODUCT_FIELDS: &[&str] = &[
    "title",
    "hub",
    "description",
    "price",
    "sensor_type",
    "sale_price",
    "sale_active",
    "latitude",
    "longitude",
    "media",
];

/// What the person is told who opens a thing that belongs to somebody else.
const NOT_YOURS: &str = "You do not have permission to view this.";
/// What a server without mail says.
const NO_MAIL: (&str, &str) = ("ConnectionRefusedError", "[Errno 111] Connection refused");

enum Page<'a> {
    Home,
    LogIn,
    Key,
    Hubs,
    Hub(u64),
    NewHub,
    Product(&'a str),
    NewProduct,
    EditProduct(u64),
    DeleteProduct(u64),
    NewDevice,
    EditDevice(u64),
    DeleteDevice(u64),
}

impl<'a> Page<'a> {
    fn of(path: &'a str) -> Option<Page<'a>> {
        let id = |text: &str| text.parse().ok();
        let parts: Vec<&str> = path.trim_matches('/').split('/').collect();
        Some(match parts.as_slice() {
            [""] => Page::Home,
            ["accounts", "login"] => Page::LogIn,
            ["key"] => Page::Key,
            ["hubs"] => Page::Hubs,
            ["hubs", "create"] => Page::NewHub,
            ["hubs", hub] => Page::Hub(id(hub)?),
            ["products", "create"] => Page::NewProduct,
            ["products", "edit", product] => Page::EditProduct(id(product)?),
            ["products", "delete", product] => Page::DeleteProduct(id(product)?),
            ["products", product] => Page::Product(product),
            ["devices", "create"] => Page::NewDevice,
            ["devices", "edit", device] => Page::EditDevice(id(device)?),
            ["devices", "delete", device] => Page::DeleteDevice(id(device)?),
            _ => return None,
        })
    }

    /// Whether a person who is not logged in sees it, too.
    fn is_public(&self) -> bool {
        matches!(self, Page::LogIn | Page::Key | Page::EditProduct(_))
    }
}

/// Answers everything outside `/api/`.
pub(super) async fn answer(shared: &Shared, asked: &Asked) -> io::Result<Response> {
    let Some(page) = Page::of(&asked.path) else { return Ok(pages::not_found()) };
    if !asked.path.ends_with('/') {
        return Ok(if asked.method == Method::POST {
            let reason =
                "You called this URL via POST, but the URL doesn't end in a slash and you have APPEND_SLASH set.";
            pages::crashed(&asked.path, "RuntimeError", reason)
        } else {
            pages::redirect(StatusCode::MOVED_PERMANENTLY, &format!("{}/", asked.path))
        });
    }
    let mut visit = Visit::new(shared, asked);
    if let Page::NewDevice = page
        && visit.posted()
    {
        shared.counters.device_posts.fetch_add(1, Relaxed);
    }
    // Before anything else, the log-in of the session included.
    if visit.posted() && !visit.csrf_holds() {
        return Ok(pages::csrf_failed());
    }
    if visit.user.is_none() && !page.is_public() {
        let next: String = form_urlencoded::byte_serialize(asked.path_and_query.as_bytes()).collect();
        let next = next.replace("%2F", "/");
        return Ok(pages::redirect(StatusCode::FOUND, &format!("/accounts/login/?next={next}")));
    }
    match page {
        Page::LogIn => Ok(visit.log_in()),
        Page::Key => Ok(visit.key()),
        Page::EditProduct(id) => visit.edit_product(id),
        page => {
            let user = visit.user.clone().unwrap_or_default();
            visit.for_user(&user, page).await
        }
    }
}

/// One request by one person.
struct Visit<'a> {
    shared: &'a Shared,
    asked: &'a Asked,
    form: Fields,
    user: Option<String>,
    csrf: String,
}

impl<'a> Visit<'a> {
    fn new(shared: &'a Shared, asked: &'a Asked) -> Visit<'a> {
        let user = asked.cookie("sessionid").and_then(|id| shared.sessions().get(id).cloned());
        let csrf = asked.cookie("csrftoken").filter(|token| is_token(token)).map_or_else(fresh_token, String::from);
        Visit { shared, asked, form: asked.form(), user, csrf }
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

    /// A blank form, which also sets the CSRF cookie. `note` is HTML.
    fn form_page(&self, title: &str, fields: &[&str], note: &str) -> Response {
        let mut page = pages::blank_form(title, &self.csrf, fields, note);
        set_cookie(&mut page, &csrf_cookie(&self.csrf));
        page
    }

    fn log_in(&mut self) -> Response {
        if self.posted() {
            self.shared.counters.market_log_ins.fetch_add(1, Relaxed);
        }
        if self.user.is_some() {
            return pages::crashed(&self.asked.path, "AttributeError", "'NoneType' object has no attribute 'get'");
        }
        const FIELDS: &[&str] = &["username", "password"];
        if !self.posted() {
            return self.form_page("Log in", FIELDS, "");
        }
        let (name, password) = (self.form.one("username").unwrap_or(""), self.form.one("password").unwrap_or(""));
        let user = {
            let state = self.shared.state();
            state.user(name).filter(|user| user.password.expose() == password).map(|user| user.name.clone())
        };
        let Some(user) = user else { return self.form_page("Log in", FIELDS, pages::WRONG_LOG_IN) };
        let session = fresh_token();
        self.shared.sessions().insert(session.clone(), user);
        let mut answer = pages::redirect(StatusCode::FOUND, "/");
        set_cookie(&mut answer, &csrf_cookie(&fresh_token()));
        let life = format!("sessionid={session}; HttpOnly; Max-Age={SESSION_SECONDS}; Path=/");
        set_cookie(&mut answer, &life);
        answer
    }

    fn key(&self) -> Response {
        let state = self.shared.state();
        match self.user.as_deref().and_then(|user| state.user(user)) {
            Some(user) => pages::key(user.api_key.expose()),
            None => pages::crashed(&self.asked.path, "TypeError", "'AnonymousUser' object is not iterable"),
        }
    }

    async fn for_user(&self, user: &str, page: Page<'_>) -> io::Result<Response> {
        Ok(match page {
            Page::Hubs => {
                let state = self.shared.state();
                pages::hubs(state.hubs.iter().filter(|hub| hub.owner == user || !hub.private))
            }
            Page::Hub(id) => self.hub(user, id),
            Page::NewHub => self.new_hub(user)?,
            Page::Product(key) => {
                let state = self.shared.state();
                let id = key.parse::<u64>().ok();
                let found = state.products.iter().find(|product| product.slug == key || Some(product.id) == id);
                found.map_or_else(pages::not_found, pages::product)
            }
            Page::NewProduct => self.new_product(user)?,
            Page::NewDevice => self.new_device(user).await?,
            Page::EditDevice(id) => self.edit_device(user, id)?,
            Page::DeleteDevice(id) => self.delete_device(user, id)?,
            Page::DeleteProduct(id) => self.delete_product(user, id)?,
            Page::Home | Page::LogIn | Page::Key | Page::EditProduct(_) => {
                pages::ok("I3 Marketplace", "<p><a href=\"/hubs/\">Hubs</a></p>")
            }
        })
    }

    fn hub(&self, user: &str, id: u64) -> Response {
        let state = self.shared.state();
        let Some(hub) = state.hubs.iter().find(|hub| hub.id == id) else { return pages::not_found() };
        let own = hub.owner == user;
        if hub.private && !own {
            return pages::plain_page(StatusCode::OK, NOT_YOURS);
        }
        let products = state.products.iter().filter(|product| product.hub == hub.name);
        let devices = state.devices.iter().filter(|device| device.hub == hub.name);
        pages::hub(hub, own, products, devices)
    }

    fn new_hub(&self, user: &str) -> io::Result<Response> {
        let private = match self.form.one("private") {
            Some("True") => Some(true),
            Some("False") => Some(false),
            _ => None,
        };
        if let (true, Some(name), Some(private)) = (self.posted(), self.form.one("name"), private)
            && self.shared.change(|state| state.add_hub(user, name, private).is_ok())?
        {
            return Ok(pages::redirect(StatusCode::FOUND, "/hubs/"));
        }
        Ok(self.form_page("New hub", HUB_FIELDS, ""))
    }

    fn new_product(&self, user: &str) -> io::Result<Response> {
        if !self.posted() {
            return Ok(self.form_page("New product", PRODUCT_FIELDS, ""));
        }
        let mail_down = self.shared.mail_down.load(Relaxed);
        let fields = product_fields(&self.form);
        Ok(match self.shared.change(|state| state.add_product(user, &fields, !mail_down))? {
            Ok(_) if mail_down => pages::crashed(&self.asked.path, NO_MAIL.0, NO_MAIL.1),
            Ok(product) => pages::redirect(StatusCode::FOUND, &format!("/products/{}/", product.slug)),
            Err(ProductError::Field(_)) => self.form_page("New product", PRODUCT_FIELDS, ""),
            // Relative to a path that ends in a slash, this leads nowhere.
            Err(ProductError::HubOrDuplicate(_)) => pages::redirect(StatusCode::FOUND, "products/create"),
            Err(ProductError::TooLong) => {
                pages::crashed(&self.asked.path, "DataError", "(1406, \"Data too long for column 'title' at row 1\")")
            }
        })
    }

    /// Open to anyone, logged in or not, as it is on the real one.
    fn edit_product(&self, id: u64) -> io::Result<Response> {
        if !self.shared.state().products.iter().any(|product| product.id == id) {
            return Ok(pages::not_found());
        }
        if self.posted() {
            let fields = product_fields(&self.form);
            if let Ok(Some(product)) = self.shared.change(|state| state.edit_product(id, &fields))? {
                return Ok(pages::redirect(StatusCode::FOUND, &format!("/products/{}/", product.slug)));
            }
        }
        Ok(self.form_page("Edit product", PRODUCT_FIELDS, ""))
    }

    fn delete_product(&self, user: &str, id: u64) -> io::Result<Response> {
        let owner =
            self.shared.state().products.iter().find(|product| product.id == id).map(|product| product.owner.clone());
        match owner {
            None => Ok(pages::not_found()),
            Some(owner) if owner != user => Ok(pages::plain_page(StatusCode::OK, NOT_YOURS)),
            Some(_) => {
                self.shared.change(|state| state.delete_product(id))?;
                Ok(pages::ok("Deleted", "<p>The product is deleted.</p>"))
            }
        }
    }

    async fn new_device(&self, user: &str) -> io::Result<Response> {
        if !self.posted() {
            return Ok(self.form_page("New device", DEVICE_FIELDS, ""));
        }
        let value = |name| self.form.one(name).unwrap_or("");
        let created =
            create_device(self.shared, user, [value("hub_name"), value("name"), value("rgs_type"), value("password")])
                .await?;
        Ok(match created {
            Err(_) => self.form_page("New device", DEVICE_FIELDS, ""),
            Ok(_) if self.shared.mail_down.load(Relaxed) => pages::crashed(&self.asked.path, NO_MAIL.0, NO_MAIL.1),
            Ok(_) => pages::redirect(StatusCode::FOUND, "/hubs/"),
        })
    }

    fn edit_device(&self, user: &str, id: u64) -> io::Result<Response> {
        let owner =
            self.shared.state().devices.iter().find(|device| device.id == id).map(|device| device.owner.clone());
        let value = |name| self.form.one(name).unwrap_or("");
        match owner {
            None => return Ok(pages::not_found()),
            Some(owner) if owner != user => return Ok(pages::plain_page(StatusCode::OK, NOT_YOURS)),
            Some(_) if !self.posted() => {}
            Some(_) => {
                let edit = self.shared.change(|state| state.edit_device(id, value("rgs_type"), value("password")))?;
                if edit.is_ok() {
                    return Ok(pages::redirect(StatusCode::FOUND, "/hubs/"));
                }
            }
        }
        Ok(self.form_page("Edit device", CREDENTIAL_FIELDS, ""))
    }

    fn delete_device(&self, user: &str, id: u64) -> io::Result<Response> {
        let owner =
            self.shared.state().devices.iter().find(|device| device.id == id).map(|device| device.owner.clone());
        match owner {
            None => Ok(pages::not_found()),
            Some(owner) if owner != user => Ok(pages::plain_page(StatusCode::OK, NOT_YOURS)),
            Some(_) => {
                self.shared.change(|state| state.delete_device(id))?;
                Ok(pages::ok("Deleted", "<p>The device is deleted.</p>"))
            }
        }
    }
}

/// Creates a device from hub, name, type and value: a check, a while, a row. Requests that come in the while pass too.
pub(super) async fn create_device(
    shared: &Shared,
    user: &str,
    [hub, name, rgs_type, value]: [&str; 4],
) -> io::Result<Result<crate::sandbox::state::Device, FieldError>> {
    let new = match shared.state().check_device(user, hub, name, rgs_type, value) {
        Ok(new) => new,
        Err(e) => return Ok(Err(e)),
    };
    tokio::time::sleep(shared.device_race).await;
    shared.change(|state| state.insert_device(new)).map(Ok)
}

fn product_fields(form: &Fields) -> ProductFields {
    ProductFields {
        title: form.owned("title"),
        hub: form.owned("hub"),
        description: form.owned("description"),
        price: form.owned("price"),
        sensor_type: form.owned("sensor_type"),
        sale_price: form.owned("sale_price"),
        sale_active: form.ticked("sale_active"),
        restricted_active: form.ticked("restricted_active"),
        latitude: form.owned("latitude"),
        longitude: form.owned("longitude"),
    }
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

//! The marketplace's pages: small, but shaped as clients find them on the real one.

use axum::body::Body;
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;

use crate::sandbox::state::{Device, Hub, Product};

/// `text` as it may stand in HTML, between tags or in an attribute.
pub(super) fn escaped(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
    out
}

pub(super) fn response(status: StatusCode, content_type: &'static str, body: String) -> Response {
    let mut response = Response::new(Body::from(body));
    *response.status_mut() = status;
    response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static(content_type));
    response
}

fn html(status: StatusCode, title: &str, body: &str) -> Response {
    let page = format!(
        "<!DOCTYPE html>\n<html>\n<head>\n<title>{}</title>\n</head>\n<body>\n<h1>I3 Marketplace</h1>\n{body}\n</body>\n</html>\n",
        escaped(title)
    );
    response(status, "text/html; charset=utf-8", page)
}

pub(super) fn ok(title: &str, body: &str) -> Response {
    html(StatusCode::OK, title, body)
}

/// A page of one sentence.
pub(super) fn plain_page(status: StatusCode, sentence: &str) -> Response {
    html(status, sentence, &format!("<p>{}</p>", escaped(sentence)))
}

pub(super) fn not_found() -> Response {
    plain_page(StatusCode::NOT_FOUND, "Page not found (404)")
}

pub(super) fn csrf_failed() -> Response {
    html(
        StatusCode::FORBIDDEN,
        "403 Forbidden",
        "<h1>Forbidden <span>(403)</span></h1>\n<p>CSRF verification failed. Request aborted.</p>",
    )
}

/// A redirect to `location`, relative or not. What is not ASCII is percent-encoded, as Django's iri_to_uri does it.
pub(super) fn redirect(status: StatusCode, location: &str) -> Response {
    let mut answer = response(status, "text/html; charset=utf-8", String::new());
    let location: String = location
        .bytes()
        .map(|byte| if byte.is_ascii() { char::from(byte).to_string() } else { format!("%{byte:02X}") })
        .collect();
    // A location that is no header value cannot arise: paths come from a parsed URI, slugs are letters and digits.
    if let Ok(location) = HeaderValue::try_from(location) {
        answer.headers_mut().insert(header::LOCATION, location);
    }
    answer
}

/// The debug page of a server that crashed: large, with the reason in two places. Under `/api/` it is plain text.
pub(super) fn crashed(path: &str, kind: &str, reason: &str) -> Response {
    if path.starts_with("/api/") {
        let text = format!("{kind} at {path}: {reason}\n\nTraceback:\n{}", trace("", "\n"));
        return response(StatusCode::INTERNAL_SERVER_ERROR, "text/plain; charset=utf-8", text);
    }
    let body = format!(
        "<div id=\"summary\">\n<h1>{kind} at {}</h1>\n<pre class=\"exception_value\">{}</pre>\n</div>\n<div id=\"traceback\">\n{}</div>",
        escaped(path),
        escaped(reason),
        trace("<li class=\"frame django\"><code>", "</code></li>\n"),
    );
    html(StatusCode::INTERNAL_SERVER_ERROR, &format!("{kind}\n          at {path}"), &body)
}

/// Some tens of kilobytes, as a trace with all its variables has.
fn trace(before: &str, after: &str) -> String {
    (0..400)
        .map(|frame| {
            format!(
                "{before}File \"views.py\", line {frame}, in handle: response = view(request, *args, **kwargs){after}"
            )
        })
        .collect()
}

/// A form with nothing filled in, which is also the answer to whatever it refuses.
pub(super) fn blank_form(title: &str, csrf: &str, fields: &[&str], note: &str) -> Response {
    let inputs: String = fields
        .iter()
        .map(|name| format!("<p><label>{name}</label> <input type=\"text\" name=\"{name}\" value=\"\"></p>\n"))
        .collect();
    let body = format!(
        "{note}<form method=\"post\" enctype=\"multipart/form-data\">\n\
         <input type=\"hidden\" name=\"csrfmiddlewaretoken\" value=\"{}\">\n{inputs}<input type=\"submit\">\n</form>",
        escaped(csrf)
    );
    ok(title, &body)
}

/// What is said under the log-in form to a wrong pair.
pub(super) const WRONG_LOG_IN: &str = "<p class=\"text-danger\">Invalid username/password!</p>\n";

pub(super) fn key(api_key: &str) -> Response {
    ok("API key", &format!("<input id=\"foo\" value=\"{}\" readonly>", escaped(api_key)))
}

pub(super) fn hubs<'a>(hubs: impl Iterator<Item = &'a Hub>) -> Response {
    let list: String =
        hubs.map(|hub| format!("<li><a href=\"/hubs/{}/\">{}</a></li>\n", hub.id, escaped(&hub.name))).collect();
    ok("Hubs", &format!("<ul>\n{list}</ul>"))
}

/// A hub with its products and devices; only the owner sees the links that change something.
pub(super) fn hub<'a>(
    hub: &Hub,
    own: bool,
    products: impl Iterator<Item = &'a Product>,
    devices: impl Iterator<Item = &'a Device>,
) -> Response {
    let products: String = products
        .map(|product| {
            format!(
                "<div class=\"card\"><h4>{}</h4>\n<a href=\"/products/{}\">View</a></div>\n",
                escaped(&product.title),
                product.id
            )
        })
        .collect();
    let devices: String = devices
        .map(|device| {
            let id = device.id;
            let links = if own {
                format!("<a href=\"/devices/edit/{id}\">Edit</a> <a href=\"/devices/delete/{id}\">Delete</a>")
            } else {
                String::new()
            };
            format!("<div class=\"card\"><h4>{}</h4>\n{links}</div>\n", escaped(&device.name))
        })
        .collect();
    let name = escaped(&hub.name);
    ok(&hub.name, &format!("<h2>{name}</h2>\n<h3>Products</h3>\n{products}<h3>Devices</h3>\n{devices}"))
}

pub(super) fn product(product: &Product) -> Response {
    let body = format!(
        "<h4>{}</h4>\n<p>{}</p>\n<p class=\"price\">{}</p>\n<p>Sold by {}</p>",
        escaped(&product.title),
        escaped(&product.description),
        product.price,
        escaped(&product.owner),
    );
    ok(&product.title, &body)
}

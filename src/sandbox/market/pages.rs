//! The marketplace's pages, in the form of the real ones: navigation, comments, unbalanced tags (I3 facts
//! §6.2).

pub(super) mod account;
pub(super) mod dashboard;
pub(super) mod forms;
mod frame;
pub(super) mod hub;
pub(super) mod product;

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::HeaderValue;
use hyper::{StatusCode, header};
use percent_encoding::{CONTROLS, utf8_percent_encode};

use crate::sandbox::exception::Exception;
use frame::escaped;
pub(super) use frame::{Response, bare, framed, response};

/// Returns a picture as uploaded.
pub(super) fn picture(bytes: Bytes) -> Response {
    Response::new(Full::from(bytes))
}

pub(super) fn not_found() -> Response {
    bare(StatusCode::NOT_FOUND, "Page not found (404)", "<p>Page not found (404)</p>")
}

pub(super) fn not_allowed() -> Response {
    response(StatusCode::METHOD_NOT_ALLOWED, "text/html; charset=utf-8", String::new())
}

pub(super) fn csrf_failed() -> Response {
    bare(
        StatusCode::FORBIDDEN,
        "403 Forbidden",
        "<h1>Forbidden <span>(403)</span></h1>\n<p>CSRF verification failed. Request aborted.</p>",
    )
}

/// Returns a redirect to `location`, relative or not. Non-ASCII characters are percent-encoded, as by Django's iri_to_uri.
pub(super) fn redirect(status: StatusCode, location: &str) -> Response {
    let mut answer = response(status, "text/html; charset=utf-8", String::new());
    // The location is always a valid header value: paths come from a parsed URI, slugs are letters and digits.
    if let Ok(location) = HeaderValue::try_from(utf8_percent_encode(location, CONTROLS).to_string()) {
        answer.headers_mut().insert(header::LOCATION, location);
    }
    answer
}

/// Returns the debug page of a server that crashed: large, with the reason in two places.
pub(super) fn crashed(status: StatusCode, path: &str, exception: &Exception) -> Response {
    let (kind, path) = (exception.kind, escaped(path));
    let body = format!(
        "<div id=\"summary\">\n<h1>{kind} at {path}</h1>\n<pre class=\"exception_value\">{}</pre>\n</div>\n\
         <div id=\"traceback\">\n{}</div>",
        escaped(&exception.reason),
        trace("<li class=\"frame django\"><code>", "</code></li>\n"),
    );
    let title = format!("{kind}\n          at {path}");
    let page = format!(
        "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<title>{title}</title>\n</head>\n<body>\n{body}\n</body>\n</html>\n"
    );
    response(status, "text/html; charset=utf-8", page)
}

/// Returns the debug page as plain text, for scripts: the reason is on the second line.
pub(super) fn crashed_for_a_script(path: &str, exception: &Exception) -> Response {
    let text = format!("{} at {path}\n{}\n\nTraceback:\n{}", exception.kind, exception.reason, trace("", "\n"));
    response(StatusCode::INTERNAL_SERVER_ERROR, "text/plain; charset=utf-8", text)
}

/// Returns the debug page under `/api/`: plain text with the reason on the first line.
pub(super) fn crashed_in_rest(path: &str, exception: &Exception) -> Response {
    let text = format!("{} at {path}: {}\n\nTraceback:\n{}", exception.kind, exception.reason, trace("", "\n"));
    response(StatusCode::INTERNAL_SERVER_ERROR, "text/plain; charset=utf-8", text)
}

/// Some tens of kilobytes, like a trace with all its variables.
fn trace(before: &str, after: &str) -> String {
    (0..400)
        .map(|frame| {
            format!(
                "{before}File \"views.py\", line {frame}, in handle: response = view(request, *args, **kwargs){after}"
            )
        })
        .collect()
}

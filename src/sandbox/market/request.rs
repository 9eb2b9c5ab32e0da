//! One request, taken apart: path, query, cookies, form fields.

use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, header};
use bytes::Bytes;

/// A request as the pages and the REST endpoints look at it.
pub(super) struct Asked {
    pub method: Method,
    pub path: String,
    pub path_and_query: String,
    pub query: Fields,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// Named values in the order they came; of several with one name the last counts, as in Django.
#[derive(Default)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    pub fn one(&self, name: &str) -> Option<&str> {
        self.0.iter().rev().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    pub fn owned(&self, name: &str) -> Option<String> {
        self.one(name).map(String::from)
    }

    /// Whether a checkbox is ticked: its field is there, and says nothing else.
    pub fn ticked(&self, name: &str) -> bool {
        self.one(name).is_some_and(|value| !matches!(value, "" | "0" | "False" | "false"))
    }

    fn urlencoded(text: &[u8]) -> Fields {
        Fields(form_urlencoded::parse(text).into_owned().collect())
    }
}

impl Asked {
    pub fn new(head: Parts, body: Bytes) -> Asked {
        Asked {
            method: head.method,
            path: head.uri.path().into(),
            path_and_query: head.uri.path_and_query().map_or_else(|| head.uri.path().into(), ToString::to_string),
            query: Fields::urlencoded(head.uri.query().unwrap_or_default().as_bytes()),
            headers: head.headers,
            body,
        }
    }

    pub fn header(&self, name: impl header::AsHeaderName) -> Option<&str> {
        self.headers.get(name).and_then(|value| value.to_str().ok())
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        let lines = self.headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        lines.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
    }

    /// The fields of a form-encoded or multipart body; anything else, JSON above all, has none.
    pub fn form(&self) -> Fields {
        let content_type = self.header(header::CONTENT_TYPE).unwrap_or_default();
        let (kind, parameters) = content_type.split_once(';').unwrap_or((content_type, ""));
        match kind.trim() {
            "application/x-www-form-urlencoded" => Fields::urlencoded(&self.body),
            "multipart/form-data" => {
                let boundary = parameters.split(';').find_map(|part| part.trim().strip_prefix("boundary="));
                boundary.map(|boundary| multipart(&self.body, boundary.trim_matches('"'))).unwrap_or_default()
            }
            _ => Fields::default(),
        }
    }
}

/// The text fields of a multipart body (RFC 7578); files are passed over, for nothing here keeps them.
fn multipart(body: &[u8], boundary: &str) -> Fields {
    let body = String::from_utf8_lossy(body);
    let body = format!("\r\n{body}");
    let separator = format!("\r\n--{boundary}");
    let mut fields = Fields::default();
    for part in body.split(separator.as_str()).skip(1) {
        let Some((head, value)) = part.strip_prefix("\r\n").and_then(|part| part.split_once("\r\n\r\n")) else {
            continue;
        };
        let disposition = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"));
        let parameter = |name: &str| {
            let value = disposition?.split(';').find_map(|p| p.trim().strip_prefix(name)?.strip_prefix('='))?;
            Some(value.trim_matches('"').to_owned())
        };
        if let (Some(name), None) = (parameter("name"), parameter("filename")) {
            fields.0.push((name, value.into()));
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multipart_bodies_give_their_text_fields() {
        let body = "--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\ntwo\r\n--X\r\n\
                    Content-Disposition: form-data; name=\"f\"; filename=\"x.png\"\r\n\r\nPNG\r\n--X--\r\n";
        let fields = multipart(body.as_bytes(), "X");
        assert_eq!(fields.one("a"), Some("one\r\ntwo"));
        assert_eq!(fields.one("f"), None);
        assert!(multipart(b"garbage", "X").one("a").is_none());
    }
}

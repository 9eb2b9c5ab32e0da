//! A parsed request: path, query, cookies, form fields, files.

use bytes::Bytes;
use hyper::http::request::Parts;
use hyper::{HeaderMap, Method, header};
use memchr::memmem;

/// A request as seen by the pages and the REST endpoints.
pub(in crate::sandbox) struct HttpRequest {
    pub method: Method,
    pub path: String,
    pub path_and_query: String,
    pub query: Fields,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// A file of a multipart body.
#[derive(Clone)]
pub(in crate::sandbox) struct Upload {
    pub name: String,
    pub bytes: Bytes,
}

/// Named values in the order they came; of several with one name the last counts, as in Django.
#[derive(Default)]
pub(in crate::sandbox) struct Fields {
    texts: Vec<(String, String)>,
    files: Vec<(String, Upload)>,
    /// Bytes that count towards the server's limit: everything except files.
    pub text_bytes: usize,
}

impl Fields {
    pub fn one(&self, name: &str) -> Option<&str> {
        self.texts.iter().rev().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }

    pub fn owned(&self, name: &str) -> Option<String> {
        self.one(name).map(String::from)
    }

    pub fn file(&self, name: &str) -> Option<&Upload> {
        self.files.iter().rev().find(|(field, _)| field == name).map(|(_, upload)| upload)
    }

    /// Returns whether a check-box is ticked: left out, empty or `False` is off; `0` and `off` are on (I3 facts §6.5).
    pub fn ticked(&self, name: &str) -> bool {
        self.one(name).is_some_and(|value| !value.is_empty() && !value.eq_ignore_ascii_case("false"))
    }

    fn urlencoded(text: &[u8]) -> Fields {
        let texts = form_urlencoded::parse(text).into_owned().collect();
        Fields { texts, files: Vec::new(), text_bytes: text.len() }
    }
}

impl HttpRequest {
    pub fn new(head: Parts, body: Bytes) -> HttpRequest {
        HttpRequest {
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

    /// Returns whether the request has the header that browsers' scripts send.
    pub fn is_ajax(&self) -> bool {
        self.header("X-Requested-With") == Some("XMLHttpRequest")
    }

    /// Returns whether Django asks for a CSRF token.
    pub fn is_unsafe(&self) -> bool {
        !matches!(self.method, Method::GET | Method::HEAD | Method::OPTIONS | Method::TRACE)
    }

    pub fn cookie(&self, name: &str) -> Option<&str> {
        let lines = self.headers.get_all(header::COOKIE).into_iter().filter_map(|line| line.to_str().ok());
        lines.flat_map(|line| line.split(';')).find_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='))
    }

    /// Returns the fields of a form-encoded or multipart POST; anything else, JSON above all, has none.
    pub fn form(&self) -> Fields {
        if self.method != Method::POST {
            return Fields::default();
        }
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

/// Returns the fields and files of a multipart body (RFC 7578).
fn multipart(body: &Bytes, boundary: &str) -> Fields {
    let separator = format!("--{boundary}");
    let mut fields = Fields::default();
    let starts: Vec<usize> =
        memmem::find_iter(body, separator.as_bytes()).filter(|at| *at == 0 || body[..*at].ends_with(b"\r\n")).collect();
    for pair in starts.windows(2) {
        let part = body.slice(pair[0] + separator.len()..pair[1]);
        let Some(blank) = memmem::find(&part, b"\r\n\r\n") else { continue };
        if !part.starts_with(b"\r\n") || part.len() < blank + 6 {
            continue;
        }
        let head = String::from_utf8_lossy(&part[..blank]).into_owned();
        let value = part.slice(blank + 4..part.len() - 2);
        let disposition = head.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"));
        let parameter = |name: &str| {
            let value = disposition?.split(';').find_map(|p| p.trim().strip_prefix(name)?.strip_prefix('='))?;
            Some(value.trim_matches('"').to_owned())
        };
        match (parameter("name"), parameter("filename")) {
            (Some(name), Some(file)) => fields.files.push((name, Upload { name: file, bytes: value })),
            (Some(name), None) => {
                fields.text_bytes += name.len() + value.len();
                fields.texts.push((name, String::from_utf8_lossy(&value).into_owned()));
            }
            (None, _) => {}
        }
    }
    fields
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn multipart_bodies_give_their_fields_and_files() {
        let body: &[u8] = b"--X\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\none\r\ntwo\r\n--X\r\n\
                    Content-Disposition: form-data; name=\"e\"\r\n\r\n\r\n--X\r\n\
                    Content-Disposition: form-data; name=\"f\"; filename=\"x.png\"\r\n\r\nPNG\xFF\r\n--X--\r\n";
        let fields = multipart(&Bytes::from_static(body), "X");
        assert_eq!(fields.one("a"), Some("one\r\ntwo"));
        assert_eq!(fields.one("e"), Some(""));
        assert_eq!(fields.one("f"), None);
        let file = fields.file("f").unwrap();
        assert_eq!((file.name.as_str(), &file.bytes[..]), ("x.png", &b"PNG\xFF"[..]));
        assert!(multipart(&Bytes::from_static(b"garbage"), "X").one("a").is_none());
    }

    #[test]
    fn check_boxes_are_off_only_without_a_word_or_with_false() {
        for (sent, ticked) in [
            ("a=on", true),
            ("a=0", true),
            ("a=off", true),
            ("a=", false),
            ("a=False", false),
            ("a=false", false),
            ("", false),
        ] {
            assert_eq!(Fields::urlencoded(sent.as_bytes()).ticked("a"), ticked, "{sent}");
        }
    }
}

//! The cookies of a log-in session.

use ureq::http::header::{self, HeaderValue};

use crate::market::http::{Response, secret_header};
use crate::secret::Secret;

const SESSION_COOKIE: &str = "sessionid";

const CSRF_COOKIE: &str = "csrftoken";

/// The cookies of one marketplace, by name.
#[derive(Debug, Clone, Default)]
pub struct Cookies(Vec<(String, Secret)>);

impl Cookies {
    /// Returns the cookies of a saved session.
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

    /// Adopts the cookies that an answer sets. There is one host and one path, so only names matter; Django deletes a
    /// cookie by setting it empty.
    pub(super) fn absorb(&mut self, answer: &Response) {
        for line in answer.headers.get_all(header::SET_COOKIE).iter().filter_map(|v| v.to_str().ok()) {
            let pair = line.split(';').next().unwrap_or_default();
            if let Some((name, value)) = pair.split_once('=') {
                self.set(name.trim(), Secret::new(value.trim().trim_matches('"')));
            }
        }
    }

    pub(super) fn header(&self) -> Option<HeaderValue> {
        let line: Vec<String> = self.0.iter().map(|(name, value)| format!("{name}={}", value.expose())).collect();
        if line.is_empty() { None } else { secret_header(&Secret::new(line.join("; "))) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cookies_are_replaced_and_deleted_by_name() {
        let mut cookies = Cookies::default();
        cookies.absorb(&Response::bare(200, &[(header::SET_COOKIE, "csrftoken=one; Path=/; SameSite=Lax")]));
        let mut both = Response::bare(200, &[(header::SET_COOKIE, "csrftoken=two; Path=/")]);
        both.headers.append(header::SET_COOKIE, HeaderValue::from_static("sessionid=abc; HttpOnly"));
        cookies.absorb(&both);
        assert_eq!(cookies.header().unwrap().to_str().unwrap(), "csrftoken=two; sessionid=abc");
        cookies.absorb(&Response::bare(200, &[(header::SET_COOKIE, "sessionid=\"\"; Max-Age=0")]));
        assert!(cookies.session_id().is_none());
        assert!(!format!("{cookies:?}").contains("two"));
    }
}

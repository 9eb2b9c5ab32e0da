//! Logging in and out, signing up, the API key.

use std::io;
use std::sync::atomic::Ordering::Relaxed;

use hyper::StatusCode;

use super::context::{RequestContext, csrf_cookie, fresh_token, set_cookie};
use crate::sandbox::exception::{ActionError, Exception, comparable};
use crate::sandbox::market::actions::account::{self, SignUp};
use crate::sandbox::market::pages::{self, Response};

/// 14 days, in seconds.
const SESSION_SECONDS: u32 = 1_209_600;
/// The log-in page's message about wrong credentials.
const WRONG_LOG_IN: &str = "Invalid username/password!";

impl RequestContext<'_> {
    pub(super) fn log_in(&mut self) -> Response {
        if self.posted() {
            self.shared.counters.market_log_ins.fetch_add(1, Relaxed);
        }
        if self.user.is_some() {
            return self.crashed(&Exception::new("AttributeError", "'NoneType' object has no attribute 'get'"));
        }
        if !self.posted() {
            return self.with_csrf(pages::account::log_in(&self.csrf, ""));
        }
        let missing = |field: &str| self.crashed(&Exception::new("MultiValueDictKeyError", format!("'{field}'")));
        let Some(name) = self.form.one("username") else { return missing("username") };
        let Some(password) = self.form.one("password") else { return missing("password") };
        if let Err(exception) = comparable(name) {
            return self.crashed(&exception);
        }
        let user = {
            let db = self.shared.db();
            db.user(name).filter(|user| user.password.expose() == password).map(|user| user.name.clone())
        };
        let Some(user) = user else { return self.with_csrf(pages::account::log_in(&self.csrf, WRONG_LOG_IN)) };
        let session = fresh_token();
        self.shared.sessions().insert(session.clone(), user);
        let mut answer = pages::redirect(StatusCode::FOUND, "/");
        set_cookie(&mut answer, &csrf_cookie(&fresh_token()));
        let life = format!("sessionid={session}; HttpOnly; Max-Age={SESSION_SECONDS}; Path=/");
        set_cookie(&mut answer, &life);
        answer
    }

    pub(super) fn log_out(&self) -> Response {
        if let Some(session) = self.request.cookie("sessionid") {
            self.shared.sessions().remove(session);
        }
        pages::redirect(StatusCode::FOUND, "/accounts/login/")
    }

    pub(super) fn sign_up(&self) -> io::Result<Response> {
        let (name, email) = (self.form.one("username"), self.form.one("email"));
        let form = |errors: &[_]| {
            let page = pages::account::sign_up(&self.csrf, name.unwrap_or_default(), email.unwrap_or_default(), errors);
            self.with_csrf(page)
        };
        if !self.posted() {
            return Ok(match self.user {
                Some(_) => pages::redirect(StatusCode::FOUND, "/"),
                None => form(&[]),
            });
        }
        let sent = SignUp {
            user_name: name,
            email,
            password: self.form.one("password"),
            verify_password: self.form.one("verify_password"),
            user_type: self.form.one("user_type"),
        };
        Ok(match self.shared.change(|db| account::sign_up(db, &sent))? {
            Ok(()) => pages::redirect(StatusCode::FOUND, "/accounts/login/"),
            Err(ActionError::Exception(exception)) => self.crashed(&exception),
            Err(ActionError::Invalid(errors)) => form(&errors),
            Err(ActionError::HubOrDuplicate(error)) => form(&[error]),
        })
    }

    pub(super) fn key(&self) -> Response {
        let db = self.shared.db();
        match self.user.as_deref().and_then(|user| db.user(user)) {
            Some(user) => pages::account::key(&db, &user.name, user.api_key.expose()),
            None => self.crashed(&Exception::new("TypeError", "'AnonymousUser' object is not iterable")),
        }
    }
}

//! The parts of the user's account: transactions, notifications, purchase requests, cart, and the account itself.

use std::collections::HashSet;

use ureq::http::Method;

use super::ajax::CallReply;
use super::cookies::Cookies;
use super::error::{Operation, WebError};
use super::session::{HUBS, LOG_IN, WebSession, leads_to};
use crate::market::http::{Http, RequestBody};
use crate::market::model::{
    CartItem, Decision, Mark, NewAccount, Notification, NotificationSelection, PurchaseRequest, Transactions,
};
use crate::market::page;
use crate::market::text::scrub;

const TRANSACTIONS: &str = "/dashboard/transactions/";
const NOTIFICATIONS: &str = "/notifications/";
const CART: &str = "/cart/";
const CHECK_OUT: &str = "/checkout/";
const SIGN_UP: &str = "/accounts/signup/";

/// The reply of the sign-up form.
#[derive(Debug)]
pub enum SignUpReply {
    /// 302 to the log-in page.
    Accepted,
    /// The form again, with its reasons by field.
    Refused { reasons: Vec<(String, Vec<String>)> },
    /// Anything else.
    Failed(WebError),
}

impl WebSession<'_> {
    /// Returns what the user sold and bought, by the products' numbers.
    ///
    /// # Errors
    /// [`WebError::SessionExpired`], [`WebError::Page`] and others.
    pub fn transactions(&mut self) -> Result<Transactions, WebError> {
        let answer = self.get(TRANSACTIONS)?;
        Ok(page::transactions(self.page(Operation::Transactions, &answer)?)?)
    }

    /// Calls `take` with each notification that is not archived, in the page's order and as it arrives.
    ///
    /// # Errors
    /// As [`WebSession::transactions`]; some may have been taken.
    pub fn each_notification(&mut self, take: &mut dyn FnMut(Notification)) -> Result<(), WebError> {
        let (mut seen, mut fault) = (HashSet::new(), Ok(()));
        let answer = self.get_rows(NOTIFICATIONS, &mut |row| match page::notification(row) {
            Ok(Some(notification)) if seen.insert(notification.id) => take(notification),
            Ok(_) => {}
            Err(e) => fault = Err(e),
        })?;
        page::holds_notifications(self.page(Operation::Notifications, &answer)?)?;
        Ok(fault?)
    }

    /// Marks notifications as read, or archives them: one call.
    ///
    /// # Errors
    /// [`WebError`]: nothing was done.
    pub fn mark_notifications(&mut self, which: NotificationSelection, mark: Mark) -> Result<CallReply, WebError> {
        let which = match which {
            NotificationSelection::One(id) => id.to_string(),
            NotificationSelection::All => "all".into(),
        };
        let task = match mark {
            Mark::Read => "read",
            Mark::Archived => "archive",
        };
        self.call(Operation::MarkNotifications, Method::PUT, &format!("/notifications/ajax/{which}/{task}/"))
    }

    /// Returns the pending purchase requests, the oldest first; None for a user who sees none (buyers).
    ///
    /// # Errors
    /// As [`WebSession::transactions`].
    pub fn purchase_requests(&mut self) -> Result<Option<Vec<PurchaseRequest>>, WebError> {
        // They are on every page; this is a short one.
        let answer = self.get(HUBS)?;
        Ok(page::requests(self.page(Operation::PurchaseRequests, &answer)?)?)
    }

    /// Approves or declines a purchase request, once. Approving one twice adds a permission twice: check first.
    ///
    /// # Errors
    /// [`WebError`]: nothing was done.
    pub fn decide(&mut self, request: u64, decision: Decision) -> Result<CallReply, WebError> {
        let task = match decision {
            Decision::Approve => "approve",
            Decision::Decline => "decline",
        };
        self.call(Operation::Decide, Method::POST, &format!("/requests/ajax/{request}/{task}/"))
    }

    /// Returns what is in the cart.
    ///
    /// # Errors
    /// As [`WebSession::transactions`].
    pub fn cart(&mut self) -> Result<Vec<CartItem>, WebError> {
        let answer = self.get(CART)?;
        Ok(page::cart(self.page(Operation::Cart, &answer)?))
    }

    /// Puts a product into the cart, which books nothing.
    ///
    /// # Errors
    /// [`WebError`]; an item may be in the cart after [`WebError::Http`].
    pub fn put_into_cart(&mut self, product: u64, quantity: u32, message: &str) -> Result<(), WebError> {
        const OPERATION: Operation = Operation::FillCart;
        if self.cookies.csrf_token().is_none() {
            let answer = self.get(CART)?;
            self.page(OPERATION, &answer)?;
        }
        let csrf = self.cookies.csrf_token().cloned().unwrap_or_default();
        let (product, quantity) = (product.to_string(), quantity.to_string());
        let answer = self.post(
            CART,
            RequestBody::Form(&[
                ("csrfmiddlewaretoken", csrf.expose()),
                ("item", &product),
                ("qty", &quantity),
                ("request_message", message),
            ]),
        )?;
        match answer.status {
            302 if answer.destination().as_deref() == Some(CART) => Ok(()),
            200 if page::is_log_in_form(&answer.body) => Err(WebError::SessionExpired(OPERATION)),
            _ => Err(self.failed(OPERATION, &answer)),
        }
    }

    /// Removes an item from the cart.
    ///
    /// # Errors
    /// [`WebError`]: nothing was done.
    pub fn take_out_of_cart(&mut self, item: u64) -> Result<CallReply, WebError> {
        self.call(Operation::ClearCart, Method::DELETE, &format!("/cart/ajax/?item={item}"))
    }

    /// Buys everything in the cart: sent once. Each call books again (I3 facts §6.1).
    ///
    /// # Errors
    /// [`WebError`]: nothing was booked.
    pub fn check_out(&mut self) -> Result<CallReply, WebError> {
        self.call(Operation::CheckOut, Method::POST, CHECK_OUT)
    }
}

impl<'m> WebSession<'m> {
    /// Sends the sign-up form, once.
    ///
    /// # Errors
    /// [`WebError`]: nothing was done, unless it is [`WebError::Http`].
    pub(in crate::market) fn sign_up(http: &'m Http, account: &NewAccount<'_>) -> Result<SignUpReply, WebError> {
        const OPERATION: Operation = Operation::SignUp;
        let mut session = WebSession { http, cookies: Cookies::default(), user: None };
        let form = session.get(SIGN_UP)?;
        if form.status != 200 {
            return Err(session.failed(OPERATION, &form));
        }
        let csrf = page::csrf(&form.body).or_else(|| session.cookies.csrf_token().cloned()).unwrap_or_default();
        let NewAccount { user, email, password, role } = *account;
        let answer = session.post(
            SIGN_UP,
            RequestBody::Form(&[
                ("csrfmiddlewaretoken", csrf.expose()),
                ("username", user),
                ("email", email),
                ("password", password.expose()),
                ("verify_password", password.expose()),
                ("user_type", role.form_value()),
            ]),
        )?;
        let scrubbed = |text: String| scrub(text, password);
        Ok(match answer.status {
            302 if leads_to(&answer, LOG_IN) => SignUpReply::Accepted,
            200 => SignUpReply::Refused {
                reasons: page::form_reasons(&answer.body)
                    .into_iter()
                    .map(|(field, why)| (scrubbed(field), why.into_iter().map(scrubbed).collect()))
                    .collect(),
            },
            403 => return Err(WebError::CsrfRefused(OPERATION)),
            _ => SignUpReply::Failed(match session.failed(OPERATION, &answer) {
                WebError::Unexpected { operation, status, location } => {
                    WebError::Unexpected { operation, status, location: location.map(scrubbed) }
                }
                e => e,
            }),
        })
    }
}

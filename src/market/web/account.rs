//! What belongs to the user's account: transactions, notifications, purchase requests, cart, and the account itself.

use super::ajax::{CallAnswer, Method};
use super::{HUBS, LOG_IN, WebError, WebSession, WebStep, destination, leads_to, scrub};
use crate::market::http::{Content, Http};
use crate::market::page::{self, CartItem, Notification, PurchaseRequest, Transactions};
use crate::market::web::Cookies;
use crate::secret::Secret;

const TRANSACTIONS: &str = "/dashboard/transactions/";
const NOTIFICATIONS: &str = "/notifications/";
const CART: &str = "/cart/";
const CHECK_OUT: &str = "/checkout/";
const SIGN_UP: &str = "/accounts/signup/";

/// What becomes of a purchase request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Approve,
    Decline,
}

/// What becomes of a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Read,
    /// Gone for good; it is marked as read, too.
    Archived,
}

/// Which notifications are meant.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Which {
    One(u64),
    All,
}

/// An account that is to be made.
#[derive(Debug, Clone, Copy)]
pub struct NewAccount<'a> {
    pub user: &'a str,
    /// May be empty; then the marketplace sends its owner no mail.
    pub email: &'a str,
    pub password: &'a Secret,
    pub role: Role,
}

/// What an account is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Seller,
    Buyer,
    Both,
}

impl Role {
    /// The form's number for it (I3 facts §6.3).
    fn form_value(self) -> &'static str {
        match self {
            Role::Seller => "1",
            Role::Buyer => "2",
            Role::Both => "3",
        }
    }
}

/// What the sign-up form answered.
#[derive(Debug)]
#[non_exhaustive]
pub enum SignUpAnswer {
    /// 302 to the log-in page.
    Accepted,
    /// The form again, with its reasons by field.
    Refused { reasons: Vec<(String, Vec<String>)> },
    /// Anything else.
    Failed(WebError),
}

impl WebSession<'_> {
    /// What the user sold and bought, by the products' numbers.
    ///
    /// # Errors
    /// [`WebError::SessionExpired`], [`WebError::Page`] and the rest.
    pub fn transactions(&mut self) -> Result<Transactions, WebError> {
        let answer = self.get(TRANSACTIONS)?;
        Ok(page::transactions(self.page(WebStep::Transactions, &answer)?)?)
    }

    /// The notifications that are not archived, in the page's order.
    ///
    /// # Errors
    /// As [`WebSession::transactions`].
    pub fn notifications(&mut self) -> Result<Vec<Notification>, WebError> {
        let answer = self.get(NOTIFICATIONS)?;
        Ok(page::notifications(self.page(WebStep::Notifications, &answer)?)?)
    }

    /// Marks notifications as read, or archives them: one call.
    ///
    /// # Errors
    /// [`WebError`]: nothing was done.
    pub fn mark_notifications(&mut self, which: Which, mark: Mark) -> Result<CallAnswer, WebError> {
        let which = match which {
            Which::One(id) => id.to_string(),
            Which::All => "all".into(),
        };
        let task = match mark {
            Mark::Read => "read",
            Mark::Archived => "archive",
        };
        self.call(WebStep::MarkNotifications, Method::Put, &format!("/notifications/ajax/{which}/{task}/"))
    }

    /// The pending purchase requests, the oldest first; None for a user who is shown none (buyers).
    ///
    /// # Errors
    /// As [`WebSession::transactions`].
    pub fn purchase_requests(&mut self) -> Result<Option<Vec<PurchaseRequest>>, WebError> {
        // They stand on every page; this is a short one.
        let answer = self.get(HUBS)?;
        Ok(page::requests(self.page(WebStep::PurchaseRequests, &answer)?)?)
    }

    /// Approves or declines a purchase request, once. Approving one twice adds a permission twice: look first.
    ///
    /// # Errors
    /// [`WebError`]: nothing was done.
    pub fn decide(&mut self, request: u64, decision: Decision) -> Result<CallAnswer, WebError> {
        let task = match decision {
            Decision::Approve => "approve",
            Decision::Decline => "decline",
        };
        self.call(WebStep::Decide, Method::Post, &format!("/requests/ajax/{request}/{task}/"))
    }

    /// What is in the cart.
    ///
    /// # Errors
    /// As [`WebSession::transactions`].
    pub fn cart(&mut self) -> Result<Vec<CartItem>, WebError> {
        let answer = self.get(CART)?;
        Ok(page::cart(self.page(WebStep::Cart, &answer)?))
    }

    /// Puts a product into the cart. Nothing is booked by that.
    ///
    /// # Errors
    /// [`WebError`]; an item may be in the cart after [`WebError::Http`].
    pub fn put_into_cart(&mut self, product: u64, quantity: u32, message: &str) -> Result<(), WebError> {
        const STEP: WebStep = WebStep::FillCart;
        if self.cookies.csrf_token().is_none() {
            let answer = self.get(CART)?;
            self.page(STEP, &answer)?;
        }
        let csrf = self.cookies.csrf_token().cloned().unwrap_or_default();
        let (product, quantity) = (product.to_string(), quantity.to_string());
        let answer = self.post(
            CART,
            Content::Form(&[
                ("csrfmiddlewaretoken", csrf.expose()),
                ("item", &product),
                ("qty", &quantity),
                ("request_message", message),
            ]),
        )?;
        match answer.status {
            302 if destination(&answer).as_deref() == Some(CART) => Ok(()),
            200 if page::is_log_in_form(&answer.body) => Err(WebError::SessionExpired(STEP)),
            _ => Err(self.failed(STEP, &answer)),
        }
    }

    /// Takes an item out of the cart.
    ///
    /// # Errors
    /// [`WebError`]: nothing was done.
    pub fn take_out_of_cart(&mut self, item: u64) -> Result<CallAnswer, WebError> {
        self.call(WebStep::ClearCart, Method::Delete, &format!("/cart/ajax/?item={item}"))
    }

    /// Buys what is in the cart, all of it: sent once. It books anew each time (I3 facts §6.1).
    ///
    /// # Errors
    /// [`WebError`]: nothing was booked.
    pub fn check_out(&mut self) -> Result<CallAnswer, WebError> {
        self.call(WebStep::CheckOut, Method::Post, CHECK_OUT)
    }
}

impl<'m> WebSession<'m> {
    /// Sends the sign-up form, once.
    ///
    /// # Errors
    /// [`WebError`]: nothing was done, unless it is [`WebError::Http`].
    pub(in crate::market) fn sign_up(http: &'m Http, account: &NewAccount<'_>) -> Result<SignUpAnswer, WebError> {
        const STEP: WebStep = WebStep::SignUp;
        let mut session = WebSession { http, cookies: Cookies::default(), user: None };
        let form = session.get(SIGN_UP)?;
        if form.status != 200 {
            return Err(session.failed(STEP, &form));
        }
        let csrf = page::csrf(&form.body).or_else(|| session.cookies.csrf_token().cloned()).unwrap_or_default();
        let NewAccount { user, email, password, role } = *account;
        let answer = session.post(
            SIGN_UP,
            Content::Form(&[
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
            302 if leads_to(&answer, LOG_IN) => SignUpAnswer::Accepted,
            200 => SignUpAnswer::Refused {
                reasons: page::form_reasons(&answer.body)
                    .into_iter()
                    .map(|(field, why)| (scrubbed(field), why.into_iter().map(scrubbed).collect()))
                    .collect(),
            },
            403 => return Err(WebError::CsrfRefused(STEP)),
            _ => SignUpAnswer::Failed(match session.failed(STEP, &answer) {
                WebError::Unexpected { step, status, location } => {
                    WebError::Unexpected { step, status, location: location.map(scrubbed) }
                }
                e => e,
            }),
        })
    }
}

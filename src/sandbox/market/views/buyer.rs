//! Cart, check-out, requests, notifications, ratings.

use std::io;

use hyper::{Method, StatusCode};
use serde_json::json;

use super::context::{RequestContext, json_answer, succeeded};
use crate::sandbox::db::RatingRecord;
use crate::sandbox::exception::Exception;
use crate::sandbox::market::actions::notice::{self, Mark};
use crate::sandbox::market::actions::{purchase, request};
use crate::sandbox::market::pages::{self, Response};

impl RequestContext<'_> {
    pub(super) fn cart(&self, user: &str) -> io::Result<Response> {
        if !self.posted() {
            return Ok(self.page(|db, csrf| pages::dashboard::cart(db, user, csrf)));
        }
        let Some(item) = self.form.one("item") else {
            let reason = "int() argument must be a string, a bytes-like object or a number, not 'NoneType'";
            return Ok(self.crashed(&Exception::new("TypeError", reason)));
        };
        let (item, quantity) = match (integer(item), integer(self.form.one("qty").unwrap_or("1"))) {
            (Ok(item), Ok(quantity)) => (item, quantity),
            (Err(exception), _) | (_, Err(exception)) => return Ok(self.crashed(&exception)),
        };
        let Some(id) = u64::try_from(item).ok().filter(|id| self.shared.db().product(*id).is_some()) else {
            return Ok(pages::not_found());
        };
        let Some(quantity) = u32::try_from(quantity).ok().filter(|quantity| *quantity > 0) else {
            let reason = "(1048, \"Column 'price' cannot be null\")";
            return Ok(self.crashed(&Exception::new("IntegrityError", reason)));
        };
        let message = self.form.one("request_message").unwrap_or_default();
        Ok(match self.shared.change(|db| purchase::put_into_cart(db, user, id, quantity, message))? {
            Ok(()) => pages::redirect(StatusCode::FOUND, "/cart/"),
            Err(exception) => self.crashed(&exception),
        })
    }

    /// Removes any user's row.
    pub(super) fn remove_from_cart(&self) -> io::Result<Response> {
        if self.request.method != Method::DELETE {
            return Ok(pages::not_allowed());
        }
        let id = match integer(self.request.query.one("item").unwrap_or_default()) {
            Ok(id) => id,
            Err(exception) => return Ok(self.crashed(&exception)),
        };
        let removed = self.shared.change(|db| {
            let before = db.cart.len();
            db.cart.retain(|item| i64::try_from(item.id) != Ok(id));
            before > db.cart.len()
        })?;
        Ok(if removed { succeeded() } else { self.crashed(&Exception::no_row("CartItem")) })
    }

    pub(super) fn check_out(&self, user: &str) -> io::Result<Response> {
        if !self.posted() {
            return Ok(pages::not_allowed());
        }
        let mail = self.shared.mail();
        Ok(match self.shared.change(|db| purchase::check_out(db, mail, user))? {
            None => json_answer(&json!({ "success": false, "errMsg": "Your cart is empty" })),
            Some(slugs) => {
                let link = |slug: String| {
                    let download = format!("/products/{slug}/download/");
                    json!({ "preview": format!("{download}?preview=True"), "download": download })
                };
                json_answer(&json!({ "success": true, "links": slugs.into_iter().map(link).collect::<Vec<_>>() }))
            }
        })
    }

    pub(super) fn decide(&self, user: &str, id: u64, approve: bool) -> io::Result<Response> {
        if !self.posted() {
            return Ok(pages::not_allowed());
        }
        let row = self.shared.db().requests.iter().find(|row| row.id == id).cloned();
        let Some(row) = row else { return Ok(self.crashed(&Exception::no_row("RestrictedRequest"))) };
        if row.seller != user {
            return Ok(json_answer(&json!({ "success": false, "errMsg": "Request not found", "errCode": "404" })));
        }
        let mail = self.shared.mail();
        let decided = self.shared.change(|db| match approve {
            true => request::approve(db, mail, &row),
            false => request::decline(db, mail, &row),
        })?;
        Ok(decided.map_or_else(|exception| self.crashed(&exception), |()| succeeded()))
    }

    pub(super) fn mark(&self, user: &str, id: Option<u64>, mark: Mark) -> io::Result<Response> {
        if self.request.method != Method::PUT {
            return Ok(pages::not_allowed());
        }
        let Some(id) = id else {
            if self.shared.db().user(user).is_none_or(|user| !user.has_notification_box) {
                let reason = "User has no notification_box.";
                return Ok(self.crashed(&Exception::new("RelatedObjectDoesNotExist", reason)));
            }
            self.shared.change(|db| notice::mark_all(db, user, mark))?;
            return Ok(succeeded());
        };
        let owner = self.shared.db().notifications.iter().find(|row| row.id == id).map(|row| row.user.clone());
        Ok(match owner {
            None => self.crashed(&Exception::no_row("NotificationItem")),
            Some(owner) if owner != user => json_answer(&json!({
                "success": false,
                "errorCode": "401",
                "errorMsg": "Not authorized",
                "error": "Notification does not belong to user",
            })),
            Some(_) => {
                self.shared.change(|db| notice::mark(db, id, mark))?;
                succeeded()
            }
        })
    }

    /// Reads a product's rating, or adds one: once per user, and not for an own product.
    pub(super) fn rating(&self) -> io::Result<Response> {
        let empty = |status| pages::response(status, "application/json", "{}".into());
        let Some(user) = self.user.as_deref() else { return Ok(empty(StatusCode::UNAUTHORIZED)) };
        let field = |name| if self.posted() { self.form.one(name) } else { self.request.query.one(name) };
        let product = match integer(field("product_id").unwrap_or_default()) {
            Ok(id) => self.shared.db().products.iter().find(|row| i64::try_from(row.id) == Ok(id)).cloned(),
            Err(exception) => return Ok(self.crashed(&exception)),
        };
        let Some(product) = product else { return Ok(empty(StatusCode::NOT_FOUND)) };
        if self.posted() {
            let known = self.shared.db().ratings.iter().any(|row| row.product == product.id && row.user == user);
            if known || product.owner == user {
                return Ok(empty(StatusCode::UNAUTHORIZED));
            }
            let value = match integer(field("rating_value").unwrap_or_default()) {
                Ok(value) => value,
                Err(exception) => return Ok(self.crashed(&exception)),
            };
            self.shared.change(|db| {
                db.ratings.push(RatingRecord { user: user.into(), product: product.id, value });
            })?;
            return Ok(succeeded());
        }
        let db = self.shared.db();
        let values: Vec<i64> = db.ratings.iter().filter(|row| row.product == product.id).map(|row| row.value).collect();
        let (sum, count) = (values.iter().sum::<i64>(), values.len());
        Ok(json_answer(&match count {
            0 => json!({ "rating": 0, "count": 0, "success": true }),
            // Rounded to two decimals; neither number is anywhere near 2^52.
            _ => {
                json!({ "rating": (sum as f64 / count as f64 * 100.0).round() / 100.0, "count": count, "success": true })
            }
        }))
    }
}

/// Python's `int()` of a text.
fn integer(text: &str) -> Result<i64, Exception> {
    let reason = || format!("invalid literal for int() with base 10: '{text}'");
    text.trim().parse().map_err(|_| Exception::new("ValueError", reason()))
}

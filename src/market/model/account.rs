//! The parts of a user's account: transactions, notifications, purchase requests, the cart, and a new account.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::market::text::number;
use crate::secret::Secret;

/// What `/dashboard/transactions/` shows, each list in the page's order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Transactions {
    /// The user's products that others, or the user, bought.
    pub sales: Vec<Transaction>,
    /// Products that the user bought.
    pub purchases: Vec<Transaction>,
    /// The user's metered purchases. A purchase has a row here even if nothing was granted (I3 facts §6.1).
    pub metering: Vec<Metered>,
}

/// One sale or purchase.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Transaction {
    /// The product's number: its topic is not on the page.
    pub product: u64,
    /// The buyer of a sale, the seller of a purchase.
    pub party: String,
    pub quantity: u64,
    /// For the whole quantity.
    pub total: Amount,
    pub at: Timestamp,
}

/// One row of metering.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Metered {
    pub product: u64,
    /// As the page writes it.
    pub left: String,
}

/// One notification that is not archived.
#[derive(Debug, Clone)]
pub struct Notification {
    pub id: u64,
    pub unread: bool,
    pub subject: String,
    pub body: NotificationBody,
    /// None if the date has another format.
    pub at: Option<Timestamp>,
}

/// The text of a notification.
#[derive(Debug, Clone)]
pub enum NotificationBody {
    Text(String),
    /// It mentions a password, so its text is not kept.
    Password(Option<Secret>),
}

impl Notification {
    /// Returns about how much memory it takes, in bytes.
    pub(in crate::market) fn size(&self) -> usize {
        let body = match &self.body {
            NotificationBody::Text(text) => text.len(),
            NotificationBody::Password(_) => 0,
        };
        size_of::<Notification>() + self.subject.len() + body
    }

    /// Returns whether it mentions a password.
    pub fn holds_password(&self) -> bool {
        matches!(self.body, NotificationBody::Password(_))
    }
}

/// What to do with a notification.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Mark {
    Read,
    /// Archived for good, which also marks it as read.
    Archived,
}

/// Which notifications to change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NotificationSelection {
    One(u64),
    All,
}

/// A buyer who waits for a restricted product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurchaseRequest {
    pub id: u64,
    pub buyer: String,
    /// The product's number: its topic is not on the page.
    pub product: u64,
    /// The buyer's message in one line; may be empty.
    pub message: String,
}

/// What to do with a purchase request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Approve,
    Decline,
}

/// One item of the cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartItem {
    /// The number by which the item is removed.
    pub id: u64,
    /// The product's number or slug, where the item links to it.
    pub product: Option<String>,
}

/// An account to be created.
#[derive(Debug, Clone, Copy)]
pub struct NewAccount<'a> {
    pub user: &'a str,
    /// May be empty; then the marketplace sends its owner no mail.
    pub email: &'a str,
    pub password: &'a Secret,
    pub role: Role,
}

/// The type of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Role {
    Seller,
    Buyer,
    Both,
}

impl Role {
    /// Returns the form's number for it (I3 facts §6.3).
    pub(in crate::market) fn form_value(self) -> &'static str {
        match self {
            Role::Seller => "1",
            Role::Buyer => "2",
            Role::Both => "3",
        }
    }
}

/// An amount of money in hundredths. It may be negative, as a sale price may be.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount {
    cents: i64,
}

impl Amount {
    /// Returns `quantity` times the amount; saturates at the largest amount.
    #[must_use]
    pub fn times(self, quantity: u32) -> Amount {
        Amount { cents: self.cents.saturating_mul(quantity.into()) }
    }

    /// Returns the sum of `amounts`; saturates at the largest amount.
    pub fn sum(amounts: impl IntoIterator<Item = Amount>) -> Amount {
        Amount { cents: amounts.into_iter().fold(0, |sum: i64, amount| sum.saturating_add(amount.cents)) }
    }
}

/// The text is not an amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an amount of money")]
pub struct AmountError;

impl FromStr for Amount {
    type Err = AmountError;

    fn from_str(text: &str) -> Result<Amount, AmountError> {
        let (sign, digits) = text.strip_prefix('-').map_or((1, text), |digits| (-1, digits));
        let (whole, part) = digits.split_once('.').unwrap_or((digits, "0"));
        if whole.is_empty() || !(1..=2).contains(&part.len()) {
            return Err(AmountError);
        }
        let cents = number(whole).zip(number(&format!("{part:0<2}")));
        cents
            .and_then(|(whole, part)| {
                i64::try_from(whole).ok()?.checked_mul(100)?.checked_add(i64::try_from(part).ok()?)
            })
            .map(|cents| Amount { cents: sign * cents })
            .ok_or(AmountError)
    }
}

impl fmt::Display for Amount {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (sign, cents) = (if self.cents < 0 { "-" } else { "" }, self.cents.unsigned_abs());
        write!(f, "{sign}{}.{:02}", cents / 100, cents % 100)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_have_at_most_two_decimals() {
        for (text, shown) in [("1", "1.00"), ("0.5", "0.50"), ("-0.05", "-0.05"), ("123456.70", "123456.70")] {
            assert_eq!(text.parse::<Amount>().unwrap().to_string(), shown);
        }
        for bad in ["", "-", ".5", "1.", "1.234", "1,50", "+1", "--1", "1.-5", "99999999999999999999"] {
            assert_eq!(bad.parse::<Amount>(), Err(AmountError), "{bad}");
        }
    }
}

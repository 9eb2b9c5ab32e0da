//! What belongs to a user's account: transactions, notifications, purchase requests, the cart, and a new account.

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;

use crate::market::text::number;
use crate::secret::Secret;

/// What `/dashboard/transactions/` shows, each list in the page's order.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Transactions {
    /// Products of the user's own that others, or the user, bought.
    pub sales: Vec<Transaction>,
    /// Products that the user bought.
    pub purchases: Vec<Transaction>,
    /// What the user bought and metering counts down. A purchase has a row here even where nothing was granted (I3 facts §6.1).
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
    /// None if the page writes the date in another way.
    pub at: Option<Timestamp>,
}

/// What a notification says.
#[derive(Debug, Clone)]
pub enum NotificationBody {
    Text(String),
    /// It speaks of a password, and so is not told.
    Password(Option<Secret>),
}

impl Notification {
    /// Whether it tells a password.
    pub fn holds_password(&self) -> bool {
        matches!(self.body, NotificationBody::Password(_))
    }
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

/// A buyer who waits for a restricted product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PurchaseRequest {
    pub id: u64,
    pub buyer: String,
    /// The product's number: its topic is not on the page.
    pub product: u64,
    /// The buyer's words in one line; may be empty.
    pub message: String,
}

/// What becomes of a purchase request.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Decision {
    Approve,
    Decline,
}

/// One item of the cart.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CartItem {
    /// What the marketplace takes the item out by.
    pub id: u64,
    /// The product's number or slug, where the item links to it.
    pub product: Option<String>,
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
    pub(in crate::market) fn form_value(self) -> &'static str {
        match self {
            Role::Seller => "1",
            Role::Buyer => "2",
            Role::Both => "3",
        }
    }
}

/// An amount of money in hundredths. A sale price may be negative, and so may this.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Amount {
    cents: i64,
}

impl Amount {
    /// `quantity` times the amount; it stops at the largest amount there is.
    #[must_use]
    pub fn times(self, quantity: u32) -> Amount {
        Amount { cents: self.cents.saturating_mul(quantity.into()) }
    }

    /// The sum of `amounts`; it stops at the largest amount there is.
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

//! The rows of the database: the web application's tables, and the two that the broker reads (I3 facts §6.1).

use serde::{Deserialize, Serialize};

use crate::secret::Secret;

/// The type of an account: `1`, `2`, `3` in the form.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum UserType {
    Seller,
    Buyer,
    Both,
}

/// An account of the marketplace.
#[derive(Serialize, Deserialize)]
pub(in crate::sandbox) struct UserRecord {
    pub name: String,
    /// Without an address nothing is mailed, so no mail can fail.
    pub email: Option<String>,
    pub kind: UserType,
    /// The website's; the broker has its own.
    #[serde(with = "crate::secret::serialize_exposed")]
    pub password: Secret,
    #[serde(with = "crate::secret::serialize_exposed")]
    pub api_key: Secret,
    /// Created by the first page that is opened or the first notification; until then "all" of them cannot be changed.
    pub has_notification_box: bool,
}

#[derive(Clone, Serialize, Deserialize)]
pub(in crate::sandbox) struct HubRecord {
    pub id: u64,
    pub owner: String,
    /// `alice/parking`
    pub name: String,
    pub private: bool,
}

/// `1`, `2`, `3` in the form; `sensor`, `actuactor` (sic), `both` in answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum SensorType {
    Sensor,
    Actuator,
    Both,
}

impl SensorType {
    pub fn from_form(text: &str) -> Option<SensorType> {
        match text {
            "1" => Some(SensorType::Sensor),
            "2" => Some(SensorType::Actuator),
            "3" => Some(SensorType::Both),
            _ => None,
        }
    }

    pub fn number(self) -> &'static str {
        match self {
            SensorType::Sensor => "1",
            SensorType::Actuator => "2",
            SensorType::Both => "3",
        }
    }

    /// Returns the access that a buyer gets.
    pub fn level(self) -> AccessLevel {
        match self {
            SensorType::Sensor => AccessLevel::Read,
            SensorType::Actuator | SensorType::Both => AccessLevel::ReadWrite,
        }
    }
}

/// A product.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ProductRecord {
    pub id: u64,
    pub owner: String,
    /// `alice/parking`, or any value that an edit sent.
    pub hub: String,
    /// The topic, as shown.
    pub title: String,
    pub slug: String,
    pub description: String,
    /// In cents.
    pub price: i64,
    /// In cents.
    pub sale_price: Option<i64>,
    pub sale_active: bool,
    pub restricted_active: bool,
    pub sensor_type: SensorType,
    /// In ten-thousandths of a degree.
    pub longitude: Option<i64>,
    /// In ten-thousandths of a degree.
    pub latitude: Option<i64>,
    /// `<slug>/<file>` of the newest picture.
    pub media: Option<String>,
    /// `<slug>/<file>` of the first picture, which the product's page continues to show.
    pub thumbnail: Option<String>,
}

impl ProductRecord {
    /// Returns the price of one unit, in cents: a sale price of 0 has no effect.
    pub fn asked_price(&self) -> i64 {
        self.sale_price.filter(|cents| self.sale_active && *cents != 0).unwrap_or(self.price)
    }
}

/// A row of devices. Several may have the same name.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::sandbox) struct DeviceRecord {
    pub id: u64,
    pub owner: String,
    /// `alice/parking`
    pub hub: String,
    /// `alice$parking$lot1`
    pub name: String,
    pub rgs_type: u8,
    /// The web's copy; the broker reads [`LogInRecord`].
    #[serde(with = "crate::secret::serialize_exposed")]
    pub stored: Secret,
}

/// A row of the broker's log-ins. Two with one name let nobody in.
#[derive(Clone, Serialize, Deserialize)]
pub(in crate::sandbox) struct LogInRecord {
    pub name: String,
    #[serde(with = "crate::secret::serialize_exposed")]
    pub stored: Secret,
}

/// How far a permission goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum AccessLevel {
    /// 1
    Read,
    /// 2
    ReadWrite,
}

/// A row of the broker's permissions.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PermissionRecord {
    /// A device's or an account's.
    pub name: String,
    /// The account that it was made for: the seller of a device, or the buyer.
    pub user: String,
    /// A topic or filter, with `%u` and `%c`.
    pub topic: String,
    pub level: AccessLevel,
    pub product: u64,
}

impl PermissionRecord {
    /// Returns what a device gets for a product of its hub.
    pub fn of_device(name: &str, seller: &str, product: &ProductRecord) -> PermissionRecord {
        PermissionRecord {
            name: name.into(),
            user: seller.into(),
            topic: product.title.clone(),
            level: AccessLevel::ReadWrite,
            product: product.id,
        }
    }
}

/// A purchase, and the metering row that is written with it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionRecord {
    pub buyer: String,
    pub seller: String,
    pub product: u64,
    pub quantity: u32,
    /// For the whole quantity, in cents.
    pub price: i64,
    /// Seconds since 1970.
    pub at: i64,
}

/// A notification of a user.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NotificationRecord {
    pub id: u64,
    pub user: String,
    pub subject: String,
    pub body: String,
    /// Seconds since 1970.
    pub at: i64,
    pub read: bool,
    pub archived: bool,
}

/// What became of a request.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum RequestState {
    Pending,
    Approved,
    Declined,
}

/// A buyer's request for a restricted product. The row stays after a decision, and can be decided again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RequestRecord {
    pub id: u64,
    pub buyer: String,
    pub seller: String,
    pub product: u64,
    pub message: String,
    pub decision: RequestState,
}

#[derive(Clone, Serialize, Deserialize)]
pub(in crate::sandbox) struct CartRecord {
    pub id: u64,
    pub user: String,
    pub product: u64,
    pub quantity: u32,
    pub message: String,
    /// Of one unit, in cents, when it was added; checking out uses the price at that time.
    pub price: i64,
}

#[derive(Clone, Serialize, Deserialize)]
pub(in crate::sandbox) struct RatingRecord {
    pub user: String,
    pub product: u64,
    pub value: i64,
}

//! Products: as the API lists them, as the edit form holds them, and as buyers rate them.

use serde::{Deserialize, Deserializer};

/// What a device measures or does.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum SensorType {
    Sensor,
    /// Released marketplaces write it `actuactor`.
    #[serde(alias = "actuactor")]
    Actuator,
    Both,
}

impl SensorType {
    /// Returns the word for it in queries and output.
    pub fn as_str(self) -> &'static str {
        match self {
            SensorType::Sensor => "sensor",
            SensorType::Actuator => "actuator",
            SensorType::Both => "both",
        }
    }

    /// Returns the form's number for it.
    pub(in crate::market) fn form_value(self) -> &'static str {
        match self {
            SensorType::Sensor => "1",
            SensorType::Actuator => "2",
            SensorType::Both => "3",
        }
    }
}

/// A product as the API lists it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Product {
    pub id: u64,
    /// The topic, unless an edit removed its prefix.
    pub title: String,
    #[serde(default, deserialize_with = "text")]
    pub seller: String,
    pub sensor_type: SensorType,
    #[serde(default)]
    pub description: String,
    /// Decimal, two places.
    #[serde(deserialize_with = "text")]
    pub price: String,
    #[serde(default)]
    pub sale_active: bool,
    /// Decimal, two places; empty without one.
    #[serde(default, deserialize_with = "text")]
    pub sale_price: String,
    /// The address of its picture; empty without one.
    #[serde(default, deserialize_with = "text")]
    pub media: String,
}

impl Product {
    /// Returns about how much memory it takes, in bytes.
    pub(in crate::market) fn size(&self) -> usize {
        let Product { title, seller, description, price, sale_price, media, .. } = self;
        size_of::<Product>()
            + [title, seller, description, price, sale_price, media].map(String::len).iter().sum::<usize>()
    }
}

/// Reads a text that may also be a number or null.
fn text<'de, D: Deserializer<'de>>(from: D) -> Result<String, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Value {
        Text(String),
        Number(serde_json::Number),
        None(()),
    }
    Ok(match Value::deserialize(from)? {
        Value::Text(text) => text,
        Value::Number(number) => number.to_string(),
        Value::None(()) => String::new(),
    })
}

/// Which products to list; None means any.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct ProductQuery<'a> {
    /// The full topic.
    pub name: Option<&'a str>,
    /// An unknown one makes the marketplace break down (500).
    pub seller: Option<&'a str>,
    /// The full hub name.
    pub hub: Option<&'a str>,
    pub sensor_type: Option<SensorType>,
    /// Whether the product is restricted.
    pub restricted: Option<bool>,
    pub description_contains: Option<&'a str>,
    /// Anything in title or description.
    pub search: Option<&'a str>,
    /// The marketplace's number.
    pub pk: Option<u64>,
}

impl<'a> ProductQuery<'a> {
    /// Returns the fields that are set; `pk` is the number as text.
    pub(in crate::market) fn fields(&self, pk: Option<&'a str>) -> Vec<(&'static str, &'a str)> {
        let fields = [
            ("name", self.name),
            ("seller", self.seller),
            ("hub", self.hub),
            ("sensor_type", self.sensor_type.map(SensorType::as_str)),
            ("restricted_active", self.restricted.map(|yes| if yes { "1" } else { "0" })),
            ("description_contains", self.description_contains),
            ("search", self.search),
            ("pk", pk),
        ];
        fields.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
    }
}

/// The names of the form's fields.
pub mod field {
    pub const TITLE: &str = "title";
    pub const HUB: &str = "hub";
    pub const SENSOR_TYPE: &str = "sensor_type";
    pub const RESTRICTED: &str = "restricted_active";
    pub const DESCRIPTION: &str = "description";
    pub const PRICE: &str = "price";
    pub const SALE_ACTIVE: &str = "sale_active";
    pub const SALE_PRICE: &str = "sale_price";
    pub const LONGITUDE: &str = "longitude";
    pub const LATITUDE: &str = "latitude";
    /// The picture, a file.
    pub const MEDIA: &str = "media";
    pub const CSRF: &str = "csrfmiddlewaretoken";
}

/// A product's form as sent: each field with its value, without the token and the picture. A check box that
/// is not ticked is left out.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ProductForm {
    fields: Vec<(String, String)>,
}

impl ProductForm {
    /// Returns the value of a field; empty if there is none.
    pub fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value)
    }

    /// Returns whether a box is ticked.
    pub fn is_ticked(&self, name: &str) -> bool {
        self.fields.iter().any(|(field, _)| field == name)
    }

    /// Sets the value of a field.
    pub fn set(&mut self, name: &str, value: impl Into<String>) {
        match self.fields.iter_mut().find(|(field, _)| field == name) {
            Some((_, old)) => *old = value.into(),
            None => self.fields.push((name.into(), value.into())),
        }
    }

    /// Ticks or clears a check box.
    pub fn tick(&mut self, name: &str, ticked: bool) {
        match ticked {
            // 'off' and '0' would tick it as well (I3 facts §6.5).
            true => self.set(name, "on"),
            false => self.fields.retain(|(field, _)| field != name),
        }
    }

    /// Name and value of each field, in the form's order.
    pub fn fields(&self) -> Vec<(&str, &str)> {
        self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect()
    }
}

/// How buyers rated a product.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize)]
pub struct Rating {
    /// The mean. The marketplace does not limit the values.
    #[serde(rename = "rating")]
    pub average: f64,
    /// Number of ratings.
    pub count: u64,
}

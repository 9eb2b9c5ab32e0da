//! The fields of a product's form, checked before they are sent: the form refuses most mistakes without a reason.

use std::fmt;
use std::str::FromStr;

use super::product::{ProductForm, SensorType, field};
use crate::collation::unstorable;

/// Longest description in bytes: a body of over 2,621,440 bytes is refused (I3 facts §6.5), and encoding takes up to three
/// for one.
const DESCRIPTION_MAX: usize = 800_000;

/// A value that the form would refuse, or fail on.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FieldError {
    /// Not over 1 and under 100, or with more than two decimals.
    #[error("invalid price '{0}': use a number over 1 and under 100, with at most 2 decimals")]
    Price(String),
    /// The form accepts negative prices, and 0, which then sells at the full price (I3 facts §6.5).
    #[error("invalid sale price '{0}': use a number over 0 and under 100, with at most 2 decimals")]
    SalePrice(String),
    /// Not a number with at most four decimals, or beyond the pole or the date line.
    #[error("invalid {1} '{0}': use degrees with at most 4 decimals, {2}")]
    Degrees(String, &'static str, &'static str),
    /// The form requires one.
    #[error("the description is empty")]
    NoDescription,
    #[error("the description is longer than {DESCRIPTION_MAX} bytes")]
    LongDescription,
    /// NUL, which the form refuses.
    #[error("the description contains a NUL (character {0})")]
    Nul(usize),
    /// Outside Windows-1252: the marketplace would answer 500 and store nothing (I3 facts §6.1).
    #[error("the {field} contains '{character}' (character {position}), which the marketplace cannot store")]
    Unstorable { field: &'static str, character: char, position: usize },
}

/// A price that the form accepts: over 1 and under 100, two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Price {
    cents: u32,
}

impl FromStr for Price {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Price, FieldError> {
        let cents = cents(text).filter(|cents| (101..10_000).contains(cents));
        cents.map(|cents| Price { cents }).ok_or_else(|| FieldError::Price(text.into()))
    }
}

/// A sale price that takes effect: over 0 and under 100, two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct SalePrice {
    cents: u32,
}

impl FromStr for SalePrice {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<SalePrice, FieldError> {
        let cents = cents(text).filter(|cents| (1..10_000).contains(cents));
        cents.map(|cents| SalePrice { cents }).ok_or_else(|| FieldError::SalePrice(text.into()))
    }
}

/// Hundredths of a number of at most three digits before the point and two after it.
fn cents(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let is_number =
        |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole, 3) || !is_number(part, 2) {
        return None;
    }
    Some(whole.parse::<u32>().ok()? * 100 + format!("{part:0<2}").parse::<u32>().ok()?)
}

impl fmt::Display for Price {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.cents / 100, self.cents % 100)
    }
}

impl fmt::Display for SalePrice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.{:02}", self.cents / 100, self.cents % 100)
    }
}

impl SalePrice {
    /// Returns whether it is below the price, as buyers expect. The marketplace accepts any.
    pub fn is_below(self, price: Price) -> bool {
        self.cents < price.cents
    }
}

/// Where a product is measured, in degrees with at most four decimals (some ten metres).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Position {
    latitude: String,
    longitude: String,
}

impl Position {
    /// Checks both.
    ///
    /// # Errors
    /// [`FieldError::Degrees`].
    pub fn new(latitude: &str, longitude: &str) -> Result<Position, FieldError> {
        let checked = |text: &str, name, most, range| {
            let text = text.trim();
            let digits = text.strip_prefix('-').unwrap_or(text);
            let is_plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            let few = digits.split_once('.').is_none_or(|(_, part)| part.len() <= 4);
            match text.parse::<f64>() {
                Ok(degrees) if is_plain && few && degrees.abs() <= most => Ok(text.to_owned()),
                _ => Err(FieldError::Degrees(text.into(), name, range)),
            }
        };
        Ok(Position {
            latitude: checked(latitude, "latitude", 90.0, "-90 to 90")?,
            longitude: checked(longitude, "longitude", 180.0, "-180 to 180")?,
        })
    }

    /// Returns the position as the marketplace writes it; None if both are empty.
    pub(in crate::market) fn shown(latitude: &str, longitude: &str) -> Option<Position> {
        let is_somewhere = !latitude.is_empty() || !longitude.is_empty();
        is_somewhere.then(|| Position { latitude: latitude.into(), longitude: longitude.into() })
    }

    /// Degrees north, as written.
    pub fn latitude(&self) -> &str {
        &self.latitude
    }

    /// Degrees east, as written.
    pub fn longitude(&self) -> &str {
        &self.longitude
    }
}

/// A description that the marketplace stores: not blank, without white space at its ends, in characters that it can store.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Description(String);

impl FromStr for Description {
    type Err = FieldError;

    fn from_str(text: &str) -> Result<Description, FieldError> {
        if let Some(at) = text.chars().position(|c| c == '\0') {
            return Err(FieldError::Nul(at + 1));
        }
        if let Some((position, character)) = unstorable(text) {
            return Err(FieldError::Unstorable { field: "description", character, position });
        }
        // The marketplace trims it as Python does, which treats these separators as white space.
        let text = text.trim_matches(|c: char| c.is_whitespace() || ('\x1C'..='\x1F').contains(&c));
        match text.len() {
            0 => Err(FieldError::NoDescription),
            1..=DESCRIPTION_MAX => Ok(Description(text.into())),
            _ => Err(FieldError::LongDescription),
        }
    }
}

impl Description {
    /// Returns the text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// The terms of a new product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub description: Description,
    pub price: Price,
    pub sensor_type: SensorType,
    /// The current sale price.
    pub sale: Option<SalePrice>,
    pub restricted: bool,
    pub position: Option<Position>,
}

impl Terms {
    /// Returns the form of a new product: its own name, and the short name of its hub.
    pub(in crate::market) fn form(&self, name: &str, hub: &str) -> ProductForm {
        let mut form = ProductForm::default();
        form.set(field::TITLE, name);
        form.set(field::HUB, hub);
        form.set(field::DESCRIPTION, self.description.as_str());
        form.set(field::PRICE, self.price.to_string());
        form.set(field::SENSOR_TYPE, self.sensor_type.form_value());
        // The form needs it, even empty (I3 facts §5, 9).
        form.set(field::SALE_PRICE, self.sale.map(|price| price.to_string()).unwrap_or_default());
        form.tick(field::SALE_ACTIVE, self.sale.is_some());
        form.tick(field::RESTRICTED, self.restricted);
        if let Some(position) = &self.position {
            form.set(field::LATITUDE, position.latitude());
            form.set(field::LONGITUDE, position.longitude());
        }
        form
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prices_are_those_that_the_form_takes() {
        for (given, shown) in [("1.01", "1.01"), ("2", "2.00"), ("2.5", "2.50"), ("99.99", "99.99")] {
            assert_eq!(given.parse::<Price>().unwrap().to_string(), shown);
        }
        for bad in ["1", "1.00", "0.5", "100", "2.555", "2.", ".5", "-2", "+2", "2,5", "2e1", "", "1000000000000"] {
            assert_eq!(bad.parse::<Price>(), Err(FieldError::Price(bad.into())));
        }
        assert_eq!("0.01".parse::<SalePrice>().unwrap().to_string(), "0.01");
        for bad in ["0", "0.00", "-5", "0.001", "100", "1,5", ""] {
            assert_eq!(bad.parse::<SalePrice>(), Err(FieldError::SalePrice(bad.into())));
        }
    }

    #[test]
    fn positions_have_four_decimals() {
        assert!(Position::new("34.0224", "-118.2851").is_ok());
        assert!(Position::new("-90", "180").is_ok());
        for (latitude, longitude) in [
            ("34.02241", "0"),
            ("90.1", "0"),
            ("0", "-180.5"),
            ("", "0"),
            ("north", "0"),
            ("1e1", "0"),
            ("NaN", "0"),
            ("inf", "0"),
        ] {
            assert!(Position::new(latitude, longitude).is_err(), "{latitude} {longitude}");
        }
    }

    #[test]
    fn a_description_is_what_the_database_stores() {
        let read = |text: &str| text.parse::<Description>().map(|d| d.as_str().to_owned());
        assert_eq!(read(" Free places – 1,50 €\r\n  now\n"), Ok("Free places – 1,50 €\r\n  now".into()));
        assert_eq!(read("\x1c \n"), Err(FieldError::NoDescription));
        assert_eq!(read("ab\0"), Err(FieldError::Nul(3)));
        let error = read("za zł").unwrap_err();
        assert_eq!(error.to_string(), "the description contains 'ł' (character 5), which the marketplace cannot store");
        assert_eq!(read(&"x".repeat(DESCRIPTION_MAX + 1)), Err(FieldError::LongDescription));
    }

    #[test]
    fn the_form_always_has_a_sale_price_and_only_boxes_that_are_ticked() {
        let mut terms = Terms {
            description: "of the deck".parse().unwrap(),
            price: "2".parse().unwrap(),
            sensor_type: SensorType::Actuator,
            sale: None,
            restricted: false,
            position: None,
        };
        let form = |terms: &Terms| {
            let form = terms.form("free", "parking");
            form.fields().into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
        };
        let plain = "title=free&hub=parking&description=of the deck&price=2.00&sensor_type=2&sale_price=";
        assert_eq!(form(&terms), plain);
        terms.restricted = true;
        terms.position = Position::new("1", "2").ok();
        assert_eq!(form(&terms), format!("{plain}&restricted_active=on&latitude=1&longitude=2"));
        terms.sale = "1.5".parse().ok();
        assert!(form(&terms).contains("&sale_price=1.50&sale_active=on&restricted"));
    }
}

//! Products: described so that the form takes them, created, saved once more, searched.

use std::fmt;
use std::str::FromStr;

use super::access::AccessError;
use super::change::outcome::Outcome;
use super::change::{self, ChangeError, Deed, New, Note, SETTLE, Shown, Thing};
use super::door::Door;
use super::hub::{self, HubSpec};
use super::page::HubRow;
use super::rest::{Product, ProductQuery, RestError, SensorType};
use crate::collation::same;
use crate::name::{NameError, ProductName, Topic};

/// What the form would refuse without a word.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FieldError {
    /// Not over 1 and under 100, or with other than at most two decimals.
    #[error("the price '{0}' is none that the marketplace takes: over 1 and under 100, with at most 2 decimals")]
    Price(String),
    /// No number with at most four decimals, or beyond the pole or the date line.
    #[error("'{0}' is no {1} that the marketplace takes: degrees with at most 4 decimals")]
    Degrees(String, &'static str),
    /// The form wants one.
    #[error("the description is empty")]
    NoDescription,
}

/// A price that the form takes: over 1 and under 100, two decimals.
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

/// Hundredths of a number of at most three digits before the point and two behind it.
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
        let checked = |text: &str, name, most| {
            let text = text.trim();
            let digits = text.strip_prefix('-').unwrap_or(text);
            let is_plain = digits.bytes().all(|b| b.is_ascii_digit() || b == b'.');
            let few = digits.split_once('.').is_none_or(|(_, part)| part.len() <= 4);
            match text.parse::<f64>() {
                Ok(degrees) if is_plain && few && degrees.abs() <= most => Ok(text.to_owned()),
                _ => Err(FieldError::Degrees(text.into(), name)),
            }
        };
        Ok(Position {
            latitude: checked(latitude, "latitude", 90.0)?,
            longitude: checked(longitude, "longitude", 180.0)?,
        })
    }
}

/// All that a product's form holds but title and hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Terms {
    pub description: String,
    pub price: String,
    pub sensor_type: SensorType,
    /// Empty without one. The field must be there all the same (I3 facts §5, 9).
    pub sale_price: String,
    pub sale_active: bool,
    pub restricted: bool,
    pub position: Option<Position>,
}

impl Terms {
    /// Checked terms of a product that is sold at `sale` for the time being, if given.
    ///
    /// # Errors
    /// [`FieldError::NoDescription`].
    pub fn new(
        description: &str,
        price: Price,
        sale: Option<Price>,
        sensor_type: SensorType,
    ) -> Result<Terms, FieldError> {
        if description.trim().is_empty() {
            return Err(FieldError::NoDescription);
        }
        Ok(Terms {
            description: description.trim().into(),
            price: price.to_string(),
            sensor_type,
            sale_price: sale.map(|price| price.to_string()).unwrap_or_default(),
            sale_active: sale.is_some(),
            restricted: false,
            position: None,
        })
    }
}

/// A product as form and API take it.
#[derive(Debug, Clone, Copy)]
pub struct ProductForm<'a> {
    /// New: the short name. Edited: the whole topic, for a title without its prefix renames the topic (I3 facts §5, 16).
    pub title: &'a str,
    /// The short name of the hub.
    pub hub: &'a str,
    pub terms: &'a Terms,
}

impl<'a> ProductForm<'a> {
    /// The fields by name; a box that is not ticked is not there.
    pub(super) fn fields(&self) -> Vec<(&'static str, &'a str)> {
        let Terms { description, price, sensor_type, sale_price, sale_active, restricted, position } = self.terms;
        let mut fields = vec![
            ("title", self.title),
            ("hub", self.hub),
            ("description", description),
            ("price", price),
            ("sensor_type", sensor_type.form_value()),
            ("sale_price", sale_price),
        ];
        for (name, ticked) in [("sale_active", *sale_active), ("restricted_active", *restricted)] {
            if ticked {
                fields.push((name, "on"));
            }
        }
        if let Some(Position { latitude, longitude }) = position {
            fields.extend([("latitude", latitude.as_str()), ("longitude", longitude)]);
        }
        fields
    }
}

/// A product that was just created.
#[derive(Debug)]
#[non_exhaustive]
pub struct Created {
    /// The marketplace's number, where its pages show one.
    pub id: Option<u64>,
    pub topic: Topic,
    pub hub: HubRow,
    /// The marketplace did not say that it was done: it may have broken down after it stored the product, and so before it
    /// gave the permissions, as it does when its mail is down (I3 facts §5, 13). [`save`] gives them.
    pub may_lack_permissions: bool,
    pub notes: Vec<Note>,
}

/// Why a product was not created.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum CreateError {
    /// The topic that comes of hub and name is none.
    #[error(transparent)]
    Name(#[from] NameError),
    #[error(transparent)]
    Change(#[from] ChangeError),
}

/// Creates a product, unless the hub or a twin of it has one of that topic in any case.
///
/// # Errors
/// [`CreateError`]. Only [`ChangeError::Unknown`] leaves open whether the product is there.
pub fn create(door: &mut Door<'_>, hub: &HubSpec, name: &ProductName, terms: &Terms) -> Result<Created, CreateError> {
    let mut notes = Vec::new();
    let found = hub::find(door, hub, &mut notes)?;
    let topic = found.hub.name.product(name)?;
    let new = New { thing: Thing::Product, wanted: topic.as_str(), place: found.hub.name.as_str(), settle: SETTLE };
    let form = ProductForm { title: name.as_str(), hub: found.hub.name.short(), terms };
    let before = notes.len();
    let shown = change::create(
        door,
        &new,
        |door| {
            let mut rows = Vec::new();
            for hub in found.places() {
                rows.extend(door.hub_products(hub)?);
            }
            Ok(rows)
        },
        |door| door.create_product(&form),
        &mut notes,
    )?;
    // Notes that were added since tell of any other answer than that of a success.
    let may_lack_permissions = notes.len() > before;
    hub::note_way(door, Thing::Product, &mut notes);
    Ok(Created { id: shown.id, topic, hub: found.hub, may_lack_permissions, notes })
}

/// Saves a product with these terms under its whole topic: what gives a product its permissions that has none, and gives
/// a title its prefix back. Nothing shows whether the broker heard of it.
///
/// # Errors
/// [`ChangeError::Unproved`] where the answer was lost (saving again does no harm), and what refuses it.
pub fn save(door: &mut Door<'_>, id: u64, topic: &Topic, terms: &Terms) -> Result<(), ChangeError> {
    let (thing, deed) = (Thing::Product, Deed::Changed);
    let hub = topic.hub().rsplit_once('/').map_or("", |(_, short)| short);
    match door.edit_product(id, &ProductForm { title: topic.as_str(), hub, terms })? {
        Outcome::Taken => Ok(()),
        Outcome::Lost(source) => Err(ChangeError::Unproved { thing, deed, name: topic.to_string(), source }),
        other => Err(other.into_error(thing, deed, topic.as_str())),
    }
}

/// The terms of a product as the marketplace has them, to be saved once more: over REST, and the position from its form.
///
/// # Errors
/// [`AccessError`].
pub fn terms_of(door: &mut Door<'_>, product: &Product) -> Result<Terms, AccessError> {
    let restricted = ProductQuery { pk: Some(product.id), restricted: Some(true), ..ProductQuery::default() };
    let restricted = door.products(&restricted)?.iter().any(|other| other.id == product.id);
    let form = door.product_form(product.id)?;
    let field = |name| form.iter().find(|(field, _)| field == name).map_or("", |(_, value)| value.as_str());
    Ok(Terms {
        description: product.description.clone(),
        price: product.price.clone(),
        sensor_type: product.sensor_type,
        sale_price: product.sale_price.clone(),
        sale_active: product.sale_active,
        restricted,
        position: Position::new(field("latitude"), field("longitude")).ok(),
    })
}

/// Why a search found nothing that could be told.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SearchError {
    /// The marketplace breaks down over a seller that it does not know; without that word it answers.
    #[error("the marketplace knows no seller '{0}'")]
    NoSuchSeller(String),
    #[error(transparent)]
    Access(#[from] AccessError),
}

/// All products that `query` finds.
///
/// # Errors
/// [`SearchError`].
pub fn search(door: &mut Door<'_>, query: &ProductQuery<'_>) -> Result<Vec<Product>, SearchError> {
    let error = match door.products(query) {
        Ok(found) => return Ok(found),
        Err(e) => e,
    };
    // An unknown seller is answered with 500 (I3 facts §2): what remains of the query tells whether it is that.
    if let (AccessError::Rest(RestError::ServerError { .. }), Some(seller)) = (&error, query.seller)
        && door.probe(&ProductQuery { seller: None, ..*query }).is_ok()
    {
        return Err(SearchError::NoSuchSeller(seller.into()));
    }
    Err(error.into())
}

/// The product of this title, and those that differ from it in case alone.
///
/// # Errors
/// [`ChangeError::Missing`] with those in another case, and what stands between.
pub fn find(door: &mut Door<'_>, title: &str) -> Result<(Product, Vec<Product>), ChangeError> {
    let named = |door: &mut Door<'_>, query: &ProductQuery<'_>| -> Result<Vec<Product>, AccessError> {
        Ok(door.products(query)?.into_iter().filter(|product| same(&product.title, title)).collect())
    };
    let mut found = named(door, &ProductQuery { name: Some(title), ..ProductQuery::default() })?;
    if let Ok(topic) = title.parse::<Topic>() {
        // Whether `name` is compared with case is not known; the hub shows the others.
        let more = named(door, &ProductQuery { hub: Some(topic.hub()), ..ProductQuery::default() })?;
        let new = |product: &Product| !found.iter().any(|known| known.id == product.id);
        found.extend(more.into_iter().filter(new).collect::<Vec<_>>());
    }
    match found.iter().position(|product| product.title == title) {
        Some(at) => Ok((found.remove(at), found)),
        None => {
            let similar = found.into_iter().map(Shown::from).collect();
            Err(ChangeError::Missing { thing: Thing::Product, name: title.into(), similar })
        }
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
    fn the_form_always_has_a_sale_price_and_only_boxes_that_are_ticked() {
        let price = "2".parse().unwrap();
        let mut terms = Terms::new("of the deck", price, None, SensorType::Actuator).unwrap();
        let form = |terms: &Terms| {
            let fields = ProductForm { title: "free", hub: "parking", terms }.fields();
            fields.into_iter().map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
        };
        let plain = "title=free&hub=parking&description=of the deck&price=2.00&sensor_type=2&sale_price=";
        assert_eq!(form(&terms), plain);
        terms.restricted = true;
        terms.position = Position::new("1", "2").ok();
        assert_eq!(form(&terms), format!("{plain}&restricted_active=on&latitude=1&longitude=2"));
        let sale = Terms::new("d", price, Some("1.5".parse().unwrap()), SensorType::Both).unwrap();
        assert!(form(&sale).ends_with("sensor_type=3&sale_price=1.50&sale_active=on"));
        assert_eq!(Terms::new(" ", price, None, SensorType::Both), Err(FieldError::NoDescription));
    }
}

//! Saves a product: its whole form is sent back, because omitted fields are lost (I3 facts §6.3).

use super::find;
use super::owner::own;
use super::title::{self, TitleFault};
use crate::market::auth::ClientError;
use crate::market::change::{self, ChangeError, ChangeNote, POLL_INTERVAL};
use crate::market::client::MarketClient;
use crate::market::model::{
    Action, Description, Listing, Picture, Position, Price, Product, ProductForm, ProductQuery, Reply, Resource,
    SalePrice, SensorType, field,
};
use crate::market::web::WebError;
use crate::name::{HubName, Topic};

/// Why a product was not saved, or not as intended.
#[derive(Debug, thiserror::Error)]
pub enum SaveError {
    #[error(transparent)]
    Change(#[from] ChangeError),
    /// Nothing was sent.
    #[error(transparent)]
    NotOwn(#[from] super::owner::NotOwn),
    /// Nothing was sent.
    #[error(transparent)]
    Title(#[from] TitleFault),
    /// The form contains none of the seller's hubs, and the title names none either. Nothing was sent.
    #[error("the product '{title}' is in no hub of {seller}")]
    NoHub { title: String, seller: String },
    /// The change is stored, and the marketplace broke down before it granted permissions (I3 facts §6.1).
    #[error("{title} is saved, but has no new permissions: the marketplace broke down before it gave them ({answer})")]
    NoPermissions { title: String, answer: String },
    /// The answer reported success, but the form now contains something else.
    #[error("{title} was saved, but the marketplace shows another {}", fields.join(", another "))]
    Differs { title: String, fields: Vec<&'static str> },
}

impl From<ClientError> for SaveError {
    fn from(error: ClientError) -> SaveError {
        SaveError::Change(error.into())
    }
}

impl SaveError {
    /// Returns the error of the change, if it is one.
    pub fn change(&self) -> Option<&ChangeError> {
        match self {
            SaveError::Change(e) => Some(e),
            _ => None,
        }
    }
}

/// Changes to a product; None leaves a value unchanged.
#[derive(Debug, Clone, Default)]
pub struct Change {
    pub description: Option<Description>,
    pub price: Option<Price>,
    pub sale: Option<Sale>,
    pub sensor_type: Option<SensorType>,
    pub restricted: Option<bool>,
    /// `Some(None)` removes the position.
    pub position: Option<Option<Position>>,
    pub picture: Option<Picture>,
}

/// Whether a product is on sale.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sale {
    At(SalePrice),
    /// The sale price is kept, but has no effect.
    Over,
}

impl Change {
    fn apply(&self, form: &mut ProductForm) {
        if let Some(description) = &self.description {
            form.set(field::DESCRIPTION, description.as_str());
        }
        if let Some(price) = self.price {
            form.set(field::PRICE, price.to_string());
        }
        match self.sale {
            Some(Sale::At(price)) => {
                form.set(field::SALE_PRICE, price.to_string());
                form.tick(field::SALE_ACTIVE, true);
            }
            Some(Sale::Over) => form.tick(field::SALE_ACTIVE, false),
            None => {}
        }
        if let Some(sensor_type) = self.sensor_type {
            form.set(field::SENSOR_TYPE, sensor_type.form_value());
        }
        if let Some(restricted) = self.restricted {
            form.tick(field::RESTRICTED, restricted);
        }
        if let Some(position) = &self.position {
            let (latitude, longitude) = position.as_ref().map_or(("", ""), |p| (p.latitude(), p.longitude()));
            form.set(field::LATITUDE, latitude);
            form.set(field::LONGITUDE, longitude);
        }
    }
}

/// The result of an edit.
#[derive(Debug)]
pub struct Changed {
    /// The changed fields; empty if there was nothing to change and nothing was sent.
    pub fields: Vec<&'static str>,
    /// The marketplace broke down before it granted the permissions that a save grants (I3 facts §6.1).
    pub lacks_permissions: bool,
    pub notes: Vec<ChangeNote>,
}

/// Changes a product of `user`'s: reads its form, sends it back changed, once, and reads it again.
///
/// # Errors
/// [`SaveError`]. Of its [`ChangeError`]s only [`ChangeError::Unknown`] leaves open whether it is changed.
pub fn edit(
    client: &mut MarketClient<'_>,
    row: &Product,
    user: Option<&str>,
    change: &Change,
) -> Result<Changed, SaveError> {
    own(row, user)?;
    let before = form_of(client, row)?;
    let mut form = before.clone();
    change.apply(&mut form);
    let mut fields = differences(&before, &form);
    if fields.is_empty() && change.picture.is_none() {
        return Ok(Changed { fields, lacks_permissions: false, notes: Vec::new() });
    }
    let saved = save(client, row, &before, &form, change.picture.as_ref())?;
    if let Some(picture) = &change.picture {
        // The page keeps the first picture's thumbnail (I3 facts §6.3): only the list shows the new one.
        let query = ProductQuery { pk: Some(row.id), ..ProductQuery::default() };
        let looked = client.products(&query).map_err(|source| unknown(row, &saved.answer, source))?;
        if !looked.iter().any(|product| product.id == row.id && picture.is_at(&product.media)) {
            return Err(SaveError::Differs { title: row.title.clone(), fields: vec!["picture"] });
        }
        fields.push("picture");
    }
    let lacks_permissions = matches!(saved.permissions, Permissions::Missing(_));
    let notes = match saved.permissions {
        Permissions::Unknown(Reply::Lost(source)) if differences(&before, &form).is_empty() => {
            // Only the picture was sent, and it is there.
            Reply::Lost(source).into_note(Resource::Product, Action::Changed)
        }
        Permissions::Given => None,
        Permissions::Missing(said) | Permissions::Unknown(said) => said.into_note(Resource::Product, Action::Changed),
    };
    Ok(Changed { fields, lacks_permissions, notes: notes.into_iter().collect() })
}

/// The result of a repair.
#[derive(Debug)]
pub struct Repaired {
    pub topic: Topic,
    /// The hub whose devices have permissions for it now.
    pub hub: HubName,
    /// Whether the product was in another hub, or in none.
    pub hub_is_new: bool,
}

/// The topic to save a product under.
#[derive(Debug, Clone, Copy)]
pub enum Title<'a> {
    /// The topic in its title.
    AsItIs,
    /// Another topic of its own hub.
    Within(&'a Topic),
    /// Any topic of the seller's; the product moves to that topic's hub.
    Anywhere(&'a Topic),
}

/// Saves a product of `user`'s with the values of its form and the topic of `title`, which gives the devices of its hub
/// their permissions for the topic. Only a message proves that the broker knows them.
///
/// # Errors
/// [`SaveError`]; [`ChangeError::Unproved`] if the answer was lost. Saving again does no harm.
pub fn repair(
    client: &mut MarketClient<'_>,
    row: &Product,
    user: Option<&str>,
    title: Title<'_>,
) -> Result<Repaired, SaveError> {
    own(row, user)?;
    let before = form_of(client, row)?;
    let topic = match title {
        Title::AsItIs => title::topic(before.value(field::TITLE), &row.seller)?,
        Title::Within(topic) | Title::Anywhere(topic) => title::topic(topic.as_str(), &row.seller)?,
    };
    let hub = hub_of(client, row, &before, &topic, title)?;
    if topic.as_str() != before.value(field::TITLE) {
        check_new_title(client, row, &hub, &topic)?;
    }
    let mut form = before.clone();
    form.set(field::TITLE, topic.as_str());
    form.set(field::HUB, hub.as_str());
    let saved = save(client, row, &before, &form, None)?;
    let (resource, action, name) = (Resource::Product, Action::Changed, topic.to_string());
    match saved.permissions {
        Permissions::Given => {
            let hub_is_new = hub.as_str() != before.value(field::HUB);
            Ok(Repaired { topic, hub, hub_is_new })
        }
        Permissions::Missing(_) => Err(SaveError::NoPermissions { title: name, answer: saved.answer }),
        Permissions::Unknown(Reply::Lost(source)) => {
            Err(ChangeError::Unproved { resource, action, name, source }.into())
        }
        Permissions::Unknown(said) => Err(said.into_error(resource, action, topic.as_str()).into()),
    }
}

/// Checks that a product of `hub` can be published under `topic`, and that no other has it.
fn check_new_title(
    client: &mut MarketClient<'_>,
    row: &Product,
    hub: &HubName,
    topic: &Topic,
) -> Result<(), SaveError> {
    // Parsed again, as the name of a stored product.
    let name = topic.as_str().get(hub.as_str().len() + 1..).unwrap_or_default();
    let unpublishable = |source| TitleFault::Unpublishable { title: topic.to_string(), source };
    name.parse().and_then(|name| hub.product(&name)).map_err(unpublishable)?;
    match find::namesakes(client, topic.as_str())?.into_iter().find(|other| other.id != row.id) {
        None => Ok(()),
        Some(other) => Err(ChangeError::Exists { resource: Resource::Product, existing: Listing::from(other) }.into()),
    }
}

/// Returns the hub of `topic`, which must be one of the seller's, and the one in the form unless `title` allows any. If the
/// form names none of them, the product is no longer on its hub's page (I3 facts §6.3) and may move to any.
fn hub_of(
    client: &mut MarketClient<'_>,
    row: &Product,
    form: &ProductForm,
    topic: &Topic,
    title: Title<'_>,
) -> Result<HubName, SaveError> {
    let hubs = client.hubs()?.into_iter().map(|hub| hub.name).filter(|hub| hub.user() == row.seller);
    let (mut named, mut held) = (None, None);
    for hub in hubs {
        if hub.as_str() == form.value(field::HUB) {
            held = Some(hub.clone());
        }
        if hub.as_str() == topic.hub() {
            named = Some(hub);
        }
    }
    match (named, held) {
        (Some(named), _) if matches!(title, Title::Anywhere(_)) => Ok(named),
        (Some(named), held) if held.as_ref().is_none_or(|held| *held == named) => Ok(named),
        (_, Some(hub)) => Err(TitleFault::OtherHub { title: topic.to_string(), hub }.into()),
        (_, None) => Err(SaveError::NoHub { title: topic.to_string(), seller: row.seller.clone() }),
    }
}

/// Reads the edit form of a product; a product without one no longer exists.
pub(super) fn form_of(client: &mut MarketClient<'_>, row: &Product) -> Result<ProductForm, ChangeError> {
    client.product_form(row.id).map_err(|e| match e {
        ClientError::Web(WebError::NotFound(_)) => ChangeError::Missing {
            resource: Resource::Product,
            name: row.title.clone(),
            similar: Vec::new(),
            others: Vec::new(),
        },
        e => e.into(),
    })
}

/// A product that was stored as sent.
struct Saved {
    permissions: Permissions,
    /// The marketplace's reply, for messages.
    answer: String,
}

/// Whether the save granted the permissions.
enum Permissions {
    Given,
    /// It broke down after storing the product and before granting them.
    Missing(Reply),
    Unknown(Reply),
}

/// Sends `form`, once, and checks field by field that the marketplace has stored it.
fn save(
    client: &mut MarketClient<'_>,
    row: &Product,
    before: &ProductForm,
    form: &ProductForm,
    picture: Option<&Picture>,
) -> Result<Saved, SaveError> {
    let (resource, action) = (Resource::Product, Action::Changed);
    let outcome = client.edit_product(row.id, form, picture)?;
    let answer = outcome.to_string();
    let is_open = |seen: &ProductForm| outcome.is_lost() && !differences(form, seen).is_empty();
    let after = change::poll_until(client, |client| client.product_form(row.id), is_open, POLL_INTERVAL)
        .map_err(|source| unknown(row, &answer, source))?;
    if outcome.is_refusal() {
        return Err(outcome.into_error(resource, action, &row.title).into());
    }
    let fields = differences(form, &after);
    if fields.is_empty() {
        let permissions = match outcome {
            Reply::Accepted => Permissions::Given,
            // There was nothing to change, so nothing shows whether it was stored.
            said if said.is_of_database() && differences(before, form).is_empty() => {
                return Err(said.into_error(resource, action, &row.title).into());
            }
            said @ Reply::ServerError { .. } => Permissions::Missing(said),
            said => Permissions::Unknown(said),
        };
        return Ok(Saved { permissions, answer });
    }
    let is_untouched = differences(before, &after).is_empty();
    Err(match outcome {
        Reply::Accepted => SaveError::Differs { title: row.title.clone(), fields },
        other if is_untouched => other.into_error(resource, action, &row.title).into(),
        _ => SaveError::Differs { title: row.title.clone(), fields },
    })
}

fn unknown(row: &Product, answer: &str, source: ClientError) -> ChangeError {
    ChangeError::Unknown {
        resource: Resource::Product,
        action: Action::Changed,
        name: row.title.clone(),
        answer: answer.into(),
        source: source.into(),
    }
}

/// Returns the fields in which two forms differ, by the names that messages use. Numbers are compared as numbers: `34` is
/// stored as `34.0000`.
fn differences(one: &ProductForm, other: &ProductForm) -> Vec<&'static str> {
    let mut names: Vec<&str> = [one, other].iter().flat_map(|form| form.fields()).map(|(name, _)| name).collect();
    names.sort_unstable();
    names.dedup();
    let is_number = |name| [field::PRICE, field::SALE_PRICE, field::LATITUDE, field::LONGITUDE].contains(&name);
    let mut found: Vec<&'static str> = names
        .into_iter()
        .filter(|name| match is_number(*name) {
            true => plain(one.value(name)) != plain(other.value(name)),
            false => one.value(name) != other.value(name) || one.is_ticked(name) != other.is_ticked(name),
        })
        .map(word)
        .collect();
    found.dedup();
    found
}

/// Returns a decimal number without insignificant zeros, and without a sign before zero.
fn plain(number: &str) -> String {
    let number = number.trim();
    let (sign, digits) = number.strip_prefix('-').map_or(("", number), |digits| ("-", digits));
    let digits = match digits.contains('.') {
        true => digits.trim_end_matches('0').trim_end_matches('.'),
        false => digits,
    };
    let digits = match digits.trim_start_matches('0') {
        less if number.is_empty() => less.to_owned(),
        less if less.is_empty() || less.starts_with('.') => format!("0{less}"),
        less => less.to_owned(),
    };
    if digits == "0" { digits } else { format!("{sign}{digits}") }
}

/// Returns the name of a field in messages.
fn word(name: &str) -> &'static str {
    match name {
        field::TITLE => "title",
        field::HUB => "hub",
        field::SENSOR_TYPE => "type",
        field::RESTRICTED => "restriction",
        field::DESCRIPTION => "description",
        field::PRICE => "price",
        field::SALE_ACTIVE | field::SALE_PRICE => "sale price",
        field::LONGITUDE => "longitude",
        field::LATITUDE => "latitude",
        _ => "field",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(fields: &[(&str, &str)]) -> ProductForm {
        let mut form = ProductForm::default();
        fields.iter().for_each(|(name, value)| form.set(name, *value));
        form
    }

    #[test]
    fn forms_are_compared_field_by_field() {
        let sent = form(&[("price", "2.50"), ("latitude", "34"), ("sale_price", ""), ("restricted_active", "on")]);
        let shown = [("price", "2.5"), ("latitude", "34.0000"), ("restricted_active", "on"), ("sale_price", "")];
        assert_eq!(differences(&sent, &form(&shown)), Vec::<&str>::new());
        let other = form(&[("price", "2.51"), ("latitude", ""), ("sale_price", ""), ("description", "a\r\nb")]);
        assert_eq!(differences(&sent, &other), ["description", "latitude", "price", "restriction"]);
        let (one, other) = (form(&[("description", "a\r\nb")]), form(&[("description", "a\nb")]));
        assert_eq!(differences(&one, &other), ["description"]);
        for (one, other) in [("-0", "0.0000"), ("0", "0.00"), ("10", "10.0"), ("-0.50", "-.5"), ("", " ")] {
            assert_eq!(plain(one), plain(other), "{one} {other}");
        }
        for (one, other) in [("", "0"), ("1", "10"), ("-1", "1"), ("0.1", "0.01")] {
            assert_ne!(plain(one), plain(other), "{one} {other}");
        }
    }

    #[test]
    fn a_change_touches_nothing_else() {
        let before = form(&[
            ("title", "a/b/c"),
            ("price", "2.00"),
            ("sale_price", "1.50"),
            ("sale_active", "on"),
            ("latitude", "1.0000"),
            ("longitude", "2.0000"),
            ("theirs", "kept"),
        ]);
        let changed = |change: Change| {
            let mut form = before.clone();
            change.apply(&mut form);
            form
        };
        let dearer = changed(Change { price: "3".parse().ok(), ..Change::default() });
        assert_eq!(differences(&before, &dearer), ["price"]);
        assert_eq!(dearer.value("theirs"), "kept");
        let over = changed(Change { sale: Some(Sale::Over), ..Change::default() });
        assert_eq!((over.is_ticked("sale_active"), over.value("sale_price")), (false, "1.50"));
        let nowhere = changed(Change { position: Some(None), ..Change::default() });
        assert_eq!(differences(&before, &nowhere), ["latitude", "longitude"]);
    }
}

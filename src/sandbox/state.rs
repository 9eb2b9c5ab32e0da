//! What the marketplace's database holds: accounts, hubs, products, devices, purchases; kept in a JSON file if asked.

use std::io;
use std::path::Path;

use serde::{Deserialize, Serialize};

use super::stored;
use crate::collation::same;
use crate::fsio::{self, Access as FileAccess, Existing};
use crate::name::{ShortName, TOPIC_MAX_CHARS, UserName};
use crate::secret::Secret;
use crate::shell;

/// An account: seller, buyer or both.
#[derive(Serialize, Deserialize)]
pub(super) struct User {
    pub name: String,
    #[serde(with = "crate::secret::in_the_open")]
    pub password: Secret,
    #[serde(with = "crate::secret::in_the_open")]
    pub api_key: Secret,
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Hub {
    pub id: u64,
    pub owner: String,
    /// `alice/parking`
    pub name: String,
    pub private: bool,
}

/// `1`, `2`, `3` in the form; `sensor`, `actuactor` (sic), `both` in answers.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum SensorType {
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
}

#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Product {
    pub id: u64,
    pub owner: String,
    /// `alice/parking`
    pub hub: String,
    /// The topic, as it is shown.
    pub title: String,
    pub slug: String,
    pub description: String,
    pub price: String,
    pub sale_price: Option<String>,
    pub sale_active: bool,
    pub restricted_active: bool,
    pub sensor_type: SensorType,
    /// The topic that the broker permits: an edited title leaves it as it was, and without mail it is never written.
    pub granted: Option<String>,
}

/// A row of devices. Several may bear the same name, and then none of them can log in.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Device {
    pub id: u64,
    pub owner: String,
    /// `alice/parking`
    pub hub: String,
    /// `alice$parking$lot1`
    pub name: String,
    pub rgs_type: u8,
    #[serde(with = "crate::secret::in_the_open")]
    pub stored: Secret,
}

#[derive(Serialize, Deserialize)]
struct Purchase {
    buyer: String,
    product: u64,
}

#[derive(Default, Serialize, Deserialize)]
pub(super) struct State {
    last_id: [u64; 3],
    pub users: Vec<User>,
    pub hubs: Vec<Hub>,
    pub products: Vec<Product>,
    pub devices: Vec<Device>,
    purchases: Vec<Purchase>,
    /// Commands that passwords under type 1 would have run on the server.
    pub shell_commands: Vec<String>,
    /// Hubs, products and devices that were written, changed or deleted since the start.
    #[serde(skip)]
    pub changes: u64,
}

/// Reading or writing a topic.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Access {
    Read,
    Write,
}

/// The field that a form or REST request was refused for; the forms keep it to themselves.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct FieldError {
    pub field: &'static str,
    pub reason: &'static str,
}

fn wrong(field: &'static str, reason: &'static str) -> FieldError {
    FieldError { field, reason }
}

/// Why a product was not created.
#[derive(Debug)]
pub(super) enum ProductError {
    Field(FieldError),
    /// No hub of that name, or a product of that topic already: the form answers both with a redirect.
    HubOrDuplicate(FieldError),
    /// The topic is over 30 characters: the database refuses it, the server answers 500.
    TooLong,
}

/// A device that passed every check and is not yet written.
pub(super) struct NewDevice {
    owner: String,
    hub: String,
    name: String,
    rgs_type: u8,
    value: Secret,
}

/// A product's fields as a form or REST request gives them.
#[derive(Default)]
pub(super) struct ProductFields {
    pub title: Option<String>,
    pub hub: Option<String>,
    pub description: Option<String>,
    pub price: Option<String>,
    pub sensor_type: Option<String>,
    pub sale_price: Option<String>,
    pub sale_active: bool,
    pub restricted_active: bool,
    pub latitude: Option<String>,
    pub longitude: Option<String>,
}

const HUBS: usize = 0;
const PRODUCTS: usize = 1;
const DEVICES: usize = 2;

/// Whether an MQTT filter matches a topic (MQTT 3.1.1 §4.7).
pub(super) fn filter_matches(filter: &str, topic: &str) -> bool {
    if topic.starts_with('$') && filter.starts_with(['+', '#']) {
        return false;
    }
    let mut levels = topic.split('/');
    for part in filter.split('/') {
        match (part, levels.next()) {
            ("#", _) => return true,
            ("+", Some(_)) => {}
            (part, Some(level)) if part == level => {}
            _ => return false,
        }
    }
    levels.next().is_none()
}

impl State {
    /// Reads the file, or `None` if it is not there.
    pub fn load(path: &Path) -> io::Result<Option<State>> {
        match std::fs::read(path) {
            // The parser's own words could repeat a password.
            Ok(bytes) => serde_json::from_slice(&bytes).map(Some).map_err(|e| {
                let place = format!("no state file of the sandbox (line {}, column {})", e.line(), e.column());
                io::Error::new(io::ErrorKind::InvalidData, place)
            }),
            Err(e) if e.kind() == io::ErrorKind::NotFound => Ok(None),
            Err(e) => Err(e),
        }
    }

    /// Replaces the file; it holds passwords, and so is its owner's alone.
    pub fn save(&self, path: &Path) -> io::Result<()> {
        fsio::write_whole(path, &serde_json::to_vec_pretty(self)?, FileAccess::Owner, Existing::Replace)
    }

    fn next_id(&mut self, table: usize) -> u64 {
        self.last_id[table] += 1;
        self.last_id[table]
    }

    /// The account of that name in any case.
    pub fn user(&self, name: &str) -> Option<&User> {
        self.users.iter().find(|user| same(&user.name, name))
    }

    pub fn user_of_key(&self, api_key: &str) -> Option<&User> {
        self.users.iter().find(|user| user.api_key.expose() == api_key)
    }

    /// Signs a user up with a random password and key; `None` if the name is taken in any case or not `[A-Za-z0-9_]+`.
    pub fn add_user(&mut self, name: &str) -> Option<&User> {
        if self.user(name).is_some() || name.parse::<UserName>().is_err() {
            return None;
        }
        let random = || format!("{:016x}", rand::random::<u64>());
        let api_key = format!("{}{}{}", random(), random(), &random()[..8]);
        let user = User { name: name.into(), password: Secret::new(random()), api_key: Secret::new(api_key) };
        self.users.push(user);
        self.users.last()
    }

    /// Creates a hub of `owner`.
    pub fn add_hub(&mut self, owner: &str, name: &str, private: bool) -> Result<&Hub, FieldError> {
        ShortName::hub(name).map_err(|_| wrong("name", "Enter 3 to 30 letters and digits."))?;
        if owner.chars().count() > 30 {
            return Err(wrong("name", "The name of the user is too long."));
        }
        let name = format!("{owner}/{name}");
        if self.hubs.iter().any(|hub| hub.name == name) {
            return Err(wrong("name", "A hub with that name already exists."));
        }
        let id = self.next_id(HUBS);
        self.changes += 1;
        self.hubs.push(Hub { id, owner: owner.into(), name, private });
        let created = self.hubs.len() - 1;
        Ok(&self.hubs[created])
    }

    fn own_hub(&self, owner: &str, short: &str) -> Option<&Hub> {
        let full = format!("{owner}/{short}");
        self.hubs.iter().find(|hub| hub.name == full)
    }

    /// Checks a device as the form does. The row is written later by [`State::insert_device`], and what happens in
    /// between is the server's race.
    pub fn check_device(
        &self,
        owner: &str,
        hub: &str,
        name: &str,
        rgs_type: &str,
        value: &str,
    ) -> Result<NewDevice, FieldError> {
        let hub = self.own_hub(owner, hub).ok_or_else(|| wrong("hub_name", "You have no hub with that name."))?;
        ShortName::device(name).map_err(|_| wrong("name", "Enter 3 to 30 letters and digits."))?;
        let (rgs_type, value) = check_credential(rgs_type, value)?;
        let full = format!("{}${name}", hub.name.replace('/', "$"));
        if self.devices.iter().any(|device| device.name == full) {
            return Err(wrong("name", "A device with that name already exists."));
        }
        Ok(NewDevice { owner: owner.into(), hub: hub.name.clone(), name: full, rgs_type, value })
    }

    /// Writes a device that was checked before, whatever has been written since.
    pub fn insert_device(&mut self, new: NewDevice) -> Device {
        let stored = self.shelled_or_plain(new.rgs_type, &new.value);
        let id = self.next_id(DEVICES);
        let device = Device { id, owner: new.owner, hub: new.hub, name: new.name, rgs_type: new.rgs_type, stored };
        self.changes += 1;
        self.devices.push(device.clone());
        device
    }

    /// Swaps a device's credential at once.
    pub fn edit_device(&mut self, id: u64, rgs_type: &str, value: &str) -> Result<Option<Device>, FieldError> {
        let (rgs_type, value) = check_credential(rgs_type, value)?;
        let stored = self.shelled_or_plain(rgs_type, &value);
        let changes = &mut self.changes;
        Ok(self.devices.iter_mut().find(|device| device.id == id).map(|device| {
            *changes += 1;
            device.rgs_type = rgs_type;
            device.stored = stored;
            device.clone()
        }))
    }

    fn shelled_or_plain(&mut self, rgs_type: u8, value: &Secret) -> Secret {
        if rgs_type != 1 {
            return value.clone();
        }
        let shelled = shell::through_shell(value.expose());
        self.shell_commands.extend(shelled.commands);
        // The hashing command without its argument prints nothing, and nothing is what is stored then.
        Secret::new(if shelled.password.is_empty() { String::new() } else { stored::hash(&shelled.password) })
    }

    /// Creates a product; `grant` is whether the broker hears of it.
    pub fn add_product(&mut self, owner: &str, fields: &ProductFields, grant: bool) -> Result<Product, ProductError> {
        let mut product = checked_product(fields).map_err(ProductError::Field)?;
        let hub = fields.hub.as_deref().ok_or(ProductError::Field(wrong("hub", "This field is required.")))?;
        let hub = self
            .own_hub(owner, hub)
            .ok_or(ProductError::HubOrDuplicate(wrong("hub", "You have no hub with that name.")))?;
        product.title = format!("{}/{}", hub.name, product.title);
        product.hub = hub.name.clone();
        if self.products.iter().any(|other| other.title == product.title) {
            return Err(ProductError::HubOrDuplicate(wrong("title", "A product with that title already exists.")));
        }
        if product.title.chars().count() > TOPIC_MAX_CHARS {
            return Err(ProductError::TooLong);
        }
        product.id = self.next_id(PRODUCTS);
        product.owner = owner.into();
        product.granted = grant.then(|| product.title.clone());
        product.slug =
            product.title.to_lowercase().chars().filter(|c| c.is_alphanumeric() || "_-".contains(*c)).collect();
        if product.slug.is_empty() || self.products.iter().any(|other| other.slug == product.slug) {
            product.slug = format!("{}-{}", product.slug, product.id);
        }
        self.changes += 1;
        self.products.push(product.clone());
        Ok(product)
    }

    /// Changes what the form may change. The title is taken as it stands, and permissions stay with the old one.
    pub fn edit_product(&mut self, id: u64, fields: &ProductFields) -> Result<Option<Product>, FieldError> {
        let new = checked_product(fields)?;
        let changes = &mut self.changes;
        Ok(self.products.iter_mut().find(|product| product.id == id).map(|product| {
            *changes += 1;
            product.granted.get_or_insert_with(|| new.title.clone());
            let (id, slug) = (product.id, std::mem::take(&mut product.slug));
            let (owner, hub) = (std::mem::take(&mut product.owner), std::mem::take(&mut product.hub));
            *product = Product { id, slug, owner, hub, granted: product.granted.take(), ..new };
            product.clone()
        }))
    }

    /// Deletes a device's row, if it is there.
    pub fn delete_device(&mut self, id: u64) {
        let before = self.devices.len();
        self.devices.retain(|device| device.id != id);
        self.changes += (before - self.devices.len()) as u64;
    }

    /// Deletes a product, if it is there.
    pub fn delete_product(&mut self, id: u64) {
        let before = self.products.len();
        self.products.retain(|product| product.id != id);
        self.changes += (before - self.products.len()) as u64;
    }

    /// Lets `buyer` use the product with this topic; `false` if one of them is unknown.
    pub fn add_purchase(&mut self, buyer: &str, topic: &str) -> bool {
        let buyer = self.user(buyer).map(|user| user.name.clone());
        let product = self.products.iter().find(|product| product.title == topic).map(|product| product.id);
        let (Some(buyer), Some(product)) = (buyer, product) else { return false };
        self.purchases.push(Purchase { buyer, product });
        true
    }

    /// Whether the broker lets this pair in. Two rows of one name, in whatever case, let nobody in.
    pub fn may_log_in(&self, user_name: &str, password: &str, now: i64) -> bool {
        let mut rows = self.devices.iter().filter(|device| same(&device.name, user_name));
        match (rows.next(), rows.next(), self.user(user_name)) {
            (Some(device), None, _) => stored::accepts(device.stored.expose(), password, now),
            (None, None, Some(user)) => user.password.expose() == password,
            _ => false,
        }
    }

    /// Whether the broker lets `user_name` use `topic`: devices by their hub, accounts by what they bought.
    pub fn may_use(&self, user_name: &str, client_id: &str, topic: &str, access: Access) -> bool {
        let grants = |product: &Product| {
            product.granted.as_ref().is_some_and(|pattern| {
                let pattern = pattern.replace("%u", user_name).replace("%c", client_id);
                filter_matches(&pattern, topic)
            })
        };
        if let Some(device) = self.devices.iter().find(|device| same(&device.name, user_name)) {
            return self.products.iter().any(|product| same(&product.hub, &device.hub) && grants(product));
        }
        self.purchases.iter().filter(|purchase| same(&purchase.buyer, user_name)).any(|purchase| {
            self.products.iter().filter(|product| product.id == purchase.product).any(|product| {
                let sold = match product.sensor_type {
                    SensorType::Sensor => access == Access::Read,
                    SensorType::Actuator | SensorType::Both => true,
                };
                sold && grants(product)
            })
        })
    }
}

fn check_credential(rgs_type: &str, value: &str) -> Result<(u8, Secret), FieldError> {
    let rgs_type = match rgs_type {
        "1" => 1,
        "2" => 2,
        _ => return Err(wrong("rgs_type", "Select 1 (password) or 2 (key).")),
    };
    match value.chars().count() {
        6..=500 => Ok((rgs_type, Secret::new(value))),
        _ => Err(wrong("password", "Ensure this value has 6 to 500 characters.")),
    }
}

/// A product with everything but its id, owner, hub and slug; the title is the short one of the form.
fn checked_product(fields: &ProductFields) -> Result<Product, FieldError> {
    const REQUIRED: &str = "This field is required.";
    let title = fields.title.clone().ok_or(wrong("title", REQUIRED))?;
    if !(4..=30).contains(&title.chars().count()) {
        return Err(wrong("title", "Ensure this value has 4 to 30 characters."));
    }
    let description = fields.description.clone().filter(|text| !text.is_empty());
    let description = description.ok_or(wrong("description", REQUIRED))?;
    let price = fields.price.as_deref().ok_or(wrong("price", REQUIRED))?;
    let price = cents(price)
        .filter(|cents| (101..10_000).contains(cents))
        .ok_or(wrong("price", "Enter a price between 1 and 100 with at most 2 decimals."))?;
    let sensor_type = fields.sensor_type.as_deref().and_then(SensorType::from_form);
    let sensor_type = sensor_type.ok_or(wrong("sensor_type", "Select 1, 2 or 3."))?;
    let sale_price = match fields.sale_price.as_deref() {
        None => return Err(wrong("sale_price", REQUIRED)),
        Some("") => None,
        Some(text) => Some(cents(text).ok_or(wrong("sale_price", "Enter a number."))?),
    };
    for (field, value) in [("latitude", &fields.latitude), ("longitude", &fields.longitude)] {
        if value.as_deref().is_some_and(|text| !text.is_empty() && !is_degrees(text)) {
            return Err(wrong(field, "Enter a number with at most 4 decimals."));
        }
    }
    let shown = |cents: u32| format!("{}.{:02}", cents / 100, cents % 100);
    Ok(Product {
        id: 0,
        owner: String::new(),
        hub: String::new(),
        title,
        slug: String::new(),
        description,
        price: shown(price),
        sale_price: sale_price.map(shown),
        sale_active: fields.sale_active,
        restricted_active: fields.restricted_active,
        sensor_type,
        granted: None,
    })
}

fn cents(text: &str) -> Option<u32> {
    let (whole, part) = text.split_once('.').unwrap_or((text, "0"));
    let digits = |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_digit());
    if !digits(whole, 5) || !digits(part, 2) {
        return None;
    }
    let part: u32 = if part.len() == 1 { part.parse::<u32>().ok()? * 10 } else { part.parse().ok()? };
    Some(whole.parse::<u32>().ok()? * 100 + part)
}

fn is_degrees(text: &str) -> bool {
    text.parse::<f64>().is_ok_and(|degrees| degrees.abs() <= 180.0)
        && text.split_once('.').is_none_or(|(_, part)| part.len() <= 4)
}

#[cfg(test)]
mod tests;

//! Hubs, devices and products as the marketplace lists them.

use std::fmt;

use super::product::Product;
use crate::name::{DeviceName, HubName};

/// The kind of thing that is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    Hub,
    Product,
    Device,
}

impl fmt::Display for Resource {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Resource::Hub => "hub",
            Resource::Product => "product",
            Resource::Device => "device",
        })
    }
}

/// The kind of change.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Created,
    Changed,
    Deleted,
}

impl fmt::Display for Action {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Action::Created => "created",
            Action::Changed => "changed",
            Action::Deleted => "deleted",
        })
    }
}

/// Who sees a hub.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Visibility {
    Everyone,
    /// Only its owner.
    Owner,
}

/// One line of the list of hubs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HubRow {
    pub id: u64,
    pub name: HubName,
}

/// One device of a hub, under its full name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DeviceRow {
    pub id: u64,
    pub name: DeviceName,
}

/// One product of a hub.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProductRow {
    pub id: u64,
    /// As shown: the topic, unless an edit removed its prefix.
    pub title: String,
}

/// What a hub page shows: the rows of this hub, and of those that differ from it only in case or accents.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HubPage {
    pub devices: Vec<DeviceRow>,
    /// Devices without a link to edit or delete them: the hub is another user's.
    pub unlinked: Vec<DeviceName>,
    pub products: Vec<ProductRow>,
}

/// A hub, product or device as the marketplace shows it.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Listing {
    /// The marketplace's number.
    pub id: Option<u64>,
    /// Hub: the short name; device: the full one; product: the title, which is the topic.
    pub name: String,
}

impl From<DeviceRow> for Listing {
    fn from(row: DeviceRow) -> Listing {
        Listing { id: Some(row.id), name: row.name.to_string() }
    }
}

impl From<ProductRow> for Listing {
    fn from(row: ProductRow) -> Listing {
        Listing { id: Some(row.id), name: row.title }
    }
}

impl From<Product> for Listing {
    fn from(product: Product) -> Listing {
        Listing { id: Some(product.id), name: product.title }
    }
}

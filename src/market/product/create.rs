//! Creates a product, once.

use std::collections::HashSet;

use crate::market::change::{self, ChangeError, ChangeNote, New, POLL_INTERVAL};
use crate::market::client::MarketClient;
use crate::market::hub::{self, HubSpec};
use crate::market::model::{HubRow, Resource, Terms};
use crate::name::{NameError, ProductName, Topic};

/// A product that was just created.
#[derive(Debug)]
pub struct Created {
    /// The marketplace's number, if its pages show one.
    pub id: Option<u64>,
    pub topic: Topic,
    pub hub: HubRow,
    /// The marketplace did not report success: it may have broken down after it stored the product and before it granted the
    /// permissions, as it does when its mail is down (I3 facts §6.1). [`super::repair`] grants them.
    pub may_lack_permissions: bool,
    pub notes: Vec<ChangeNote>,
}

/// Why a product was not created.
#[derive(Debug, thiserror::Error)]
pub enum CreateError {
    /// Hub and name do not make a valid topic, or the name is not ASCII.
    #[error(transparent)]
    Name(#[from] NameError),
    #[error(transparent)]
    Change(#[from] ChangeError),
}

/// Creates a product, unless the hub or a twin of it has one whose name the database treats as the same.
///
/// # Errors
/// [`CreateError`]. Only [`ChangeError::Unknown`] leaves open whether the product exists.
pub fn create(
    client: &mut MarketClient<'_>,
    hub: &HubSpec,
    name: &ProductName,
    terms: &Terms,
) -> Result<Created, CreateError> {
    name.require_ascii()?;
    let mut notes = Vec::new();
    let found = hub::find(client, hub, &mut notes)?;
    let topic = found.hub.name.product(name)?;
    let new = New {
        resource: Resource::Product,
        wanted: topic.as_str(),
        place: found.hub.name.as_str(),
        poll_interval: POLL_INTERVAL,
    };
    let form = terms.form(name.as_str(), found.hub.name.short());
    let before = notes.len();
    let shown = change::create(
        client,
        &new,
        |client| {
            let (mut rows, mut seen) = (Vec::new(), HashSet::new());
            // Hubs whose names are the same to the database show the products of each other (I3 facts §6.1).
            for hub in found.all() {
                rows.extend(client.hub_products(hub)?.into_iter().filter(|row| seen.insert(row.clone())));
            }
            Ok(rows)
        },
        |client| client.create_product(&form),
        &mut notes,
    )?;
    // Notes that were added meanwhile report any answer other than success.
    let may_lack_permissions = notes.len() > before;
    hub::note_fallback(client, Resource::Product, &mut notes);
    Ok(Created { id: shown.id, topic, hub: found.hub, may_lack_permissions, notes })
}

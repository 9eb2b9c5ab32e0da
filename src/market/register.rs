//! Registers a device: looked at before, sent once, looked at afterwards, and believed only as far as the hub shows it.

use std::time::Duration;

use super::auth::Transport;
use super::change::{self, ChangeError, New, Note, Resource};
use super::client::MarketClient;
use super::credential::{NewDevice, RegisteredCredential};
use super::device;
use super::hub::{self, HubSpec};
use crate::name::{DeviceName, HubName, ShortName};

/// One registration.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    pub hub: &'a HubSpec,
    pub device: &'a ShortName,
    pub credential: &'a RegisteredCredential,
    /// [`change::SETTLE`], unless a test is in a hurry.
    pub settle: Duration,
}

/// A device that the hub shows.
#[derive(Debug)]
#[non_exhaustive]
pub struct Registered {
    /// As the marketplace shows it: the user name at the broker.
    pub name: DeviceName,
    pub hub: HubName,
    /// The marketplace's number for it.
    pub id: u64,
    pub route: Transport,
    /// What the seller should hear about, in the order in which it was noticed.
    pub notes: Vec<Note>,
}

/// Registers a device: finds the hub, sees that the name is free in any case, sends the device **once**, and looks again.
///
/// # Errors
/// [`ChangeError`]. Only [`ChangeError::Unknown`] leaves open whether the device is there.
pub fn register(client: &mut MarketClient<'_>, order: &Order<'_>) -> Result<Registered, ChangeError> {
    let mut notes = Vec::new();
    let found = hub::find(client, order.hub, &mut notes)?;
    let hub = &found.hub.name;
    let name = hub.device(order.device);
    let new = New { resource: Resource::Device, wanted: name.as_str(), place: hub.as_str(), settle: order.settle };
    let device = NewDevice { hub: hub.short(), name: order.device, credential: order.credential };
    let shown = change::create(
        client,
        &new,
        |client| device::rows(client, &found),
        |client| client.create_device(&device),
        &mut notes,
    )?;
    hub::note_way(client, Resource::Device, &mut notes);
    // Every way shows a device with its number.
    Ok(Registered { hub: hub.clone(), id: shown.id.unwrap_or_default(), name, route: client.transport(), notes })
}

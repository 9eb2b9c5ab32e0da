//! Devices: found in every case, registered, given another credential, deleted.

use std::time::Duration;

use super::auth::{ClientError, Transport};
use super::change::{self, ChangeError, ChangeNote, New, POLL_INTERVAL};
use super::client::MarketClient;
use super::credential::{NewDevice, RegisteredCredential};
use super::hub::{self, HubAndTwins, HubSpec};
use super::model::{Action, DeviceRow, HubRow, Listing, Reply, Resource};
use super::reason::ServerFault;
use crate::collation::same;
use crate::name::{DeviceName, HubName, ShortName};

/// A device as its hub shows it.
#[derive(Debug)]
pub struct Device {
    pub hub: HubRow,
    pub row: DeviceRow,
    /// Other rows that the broker treats as the same device: the same name again, or one that differs only in case or
    /// accents. While there is one, none can log in, and deleting one deletes the log-in of all (I3 facts §6.1).
    pub others: Vec<DeviceRow>,
    /// What to report to the seller.
    pub notes: Vec<ChangeNote>,
}

/// The result of a change of credential. The hub page does not show it: only a log-in at the broker proves it.
#[derive(Debug)]
pub enum Edited {
    /// The marketplace accepted it.
    Accepted,
    /// The marketplace broke down, or its answer was lost: either credential may be valid. Holds the reply.
    Unknown(String),
}

/// Finds a device by its name with case.
///
/// # Errors
/// [`ChangeError::Missing`] with those in another case, [`ChangeError::HubUnknown`] and others.
pub fn find(client: &mut MarketClient<'_>, name: &DeviceName) -> Result<Device, ChangeError> {
    let mut notes = Vec::new();
    let found = hub::find(client, &HubSpec::Full(name.hub()), &mut notes);
    let mut alike = matching(client, name)?;
    let hub = match found {
        Ok(found) => found.hub,
        // A device may have been registered with another spelling of its hub's name.
        Err(other) => match hub::namesakes(client, &name.hub())?.into_iter().next() {
            Some(hub) if alike.iter().any(|row| row.name == *name) => hub,
            _ => return Err(other),
        },
    };
    // The user name may be typed in another case than the hub shows.
    let is_meant = |row: &DeviceRow| row.name.short() == name.short() && row.name.hub() == hub.name;
    let Some(at) = alike.iter().position(|row| row.name == *name).or_else(|| alike.iter().position(is_meant)) else {
        let similar = alike.into_iter().map(Listing::from).collect();
        let others = client.devices(&hub)?.into_iter().map(|row| row.name.to_string()).collect();
        return Err(ChangeError::Missing { resource: Resource::Device, name: name.to_string(), similar, others });
    };
    let row = alike.remove(at);
    Ok(Device { hub, row, others: alike, notes })
}

/// Returns the full name that a device of this hub has or would have, and all rows that the broker treats as it, in any
/// spelling and hub: none, one, or several that lock each other out.
///
/// # Errors
/// [`ChangeError::HubUnknown`] and others.
pub fn namesakes(
    client: &mut MarketClient<'_>,
    hub: &HubSpec,
    short: &ShortName,
    notes: &mut Vec<ChangeNote>,
) -> Result<(DeviceName, Vec<DeviceRow>), ChangeError> {
    let name = hub::find(client, hub, notes)?.hub.name.device(short);
    let rows = matching(client, &name)?;
    Ok((name, rows))
}

/// Returns all of the seller's devices, hub by hub, or those of one hub.
///
/// # Errors
/// [`ChangeError`].
pub fn list(
    client: &mut MarketClient<'_>,
    only: Option<&HubSpec>,
    notes: &mut Vec<ChangeNote>,
) -> Result<Vec<DeviceRow>, ChangeError> {
    let hubs = match only {
        Some(spec) => vec![hub::find(client, spec, notes)?.hub],
        None => hub::own(client)?,
    };
    let mut devices = Vec::new();
    for hub in &hubs {
        devices.extend(client.devices(hub)?);
    }
    Ok(devices)
}

/// Gives a device another credential. Sent once; only the broker shows whether it is valid.
///
/// # Errors
/// [`ChangeError::FormRefused`], [`ChangeError::Rejected`], [`ChangeError::Client`]: the old credential is still
/// valid.
pub fn edit(
    client: &mut MarketClient<'_>,
    row: &DeviceRow,
    credential: &RegisteredCredential,
) -> Result<Edited, ChangeError> {
    match client.edit_device(row.id, credential)? {
        Reply::Accepted => Ok(Edited::Accepted),
        said @ (Reply::ServerError { .. } | Reply::Lost(_)) => Ok(Edited::Unknown(said.to_string())),
        other => Err(other.into_error(Resource::Device, Action::Changed, row.name.as_str())),
    }
}

/// Deletes a row: sent once, and checked afterwards. The marketplace deletes the log-in and the permissions of **all**
/// rows of that name first, in any spelling (I3 facts §6.1). A connected device may publish for another 300 s (I3 facts §4).
///
/// # Errors
/// [`ChangeError::HalfDeleted`] if the row is left without its log-in. Only [`ChangeError::Unknown`] leaves open
/// whether the row still exists.
pub fn delete(client: &mut MarketClient<'_>, row: &DeviceRow) -> Result<Vec<ChangeNote>, ChangeError> {
    let (resource, action) = (Resource::Device, Action::Deleted);
    let name = || row.name.to_string();
    let outcome = client.delete_device(row.id)?;
    let is_there =
        |client: &mut MarketClient<'_>| Ok(matching(client, &row.name)?.iter().any(|shown| shown.id == row.id));
    let there =
        change::poll_until(client, is_there, |there| *there && outcome.is_lost(), POLL_INTERVAL).map_err(|source| {
            ChangeError::Unknown { resource, action, name: name(), answer: outcome.to_string(), source: source.into() }
        })?;
    match outcome {
        outcome if !there => Ok(outcome.into_note(resource, action).into_iter().collect()),
        // The mail is sent between the two parts. If the database fails, nothing was deleted; after any other failure, or
        // without an answer, it is unknown how far the server came.
        Reply::ServerError { ref reason, .. } if !outcome.is_of_database() => {
            let certain = reason.as_ref().is_some_and(|reason| reason.fault() == Some(ServerFault::MailDown));
            Err(ChangeError::HalfDeleted { name: name(), answer: outcome.to_string(), certain })
        }
        Reply::Lost(_) | Reply::Unexpected { .. } => {
            Err(ChangeError::HalfDeleted { name: name(), answer: outcome.to_string(), certain: false })
        }
        outcome => Err(outcome.into_error(resource, action, row.name.hub().as_str())),
    }
}

/// One registration.
#[derive(Debug, Clone, Copy)]
pub struct Registration<'a> {
    pub hub: &'a HubSpec,
    pub device: &'a ShortName,
    pub credential: &'a RegisteredCredential,
    /// [`change::POLL_INTERVAL`], except in tests.
    pub poll_interval: Duration,
}

/// A device that the hub shows.
#[derive(Debug)]
pub struct Registered {
    /// As the marketplace shows it: the user name at the broker.
    pub name: DeviceName,
    pub hub: HubName,
    /// The marketplace's number for it.
    pub id: u64,
    pub transport: Transport,
    /// What to report to the seller, in the order in which it was noticed.
    pub notes: Vec<ChangeNote>,
}

/// Registers a device: finds the hub, checks that the name is free in any case, sends the device **once**, and checks again.
///
/// # Errors
/// [`ChangeError`]. Only [`ChangeError::Unknown`] leaves open whether the device exists.
pub fn register(client: &mut MarketClient<'_>, registration: &Registration<'_>) -> Result<Registered, ChangeError> {
    let mut notes = Vec::new();
    let found = hub::find(client, registration.hub, &mut notes)?;
    let hub = &found.hub.name;
    let name = hub.device(registration.device);
    let new = New {
        resource: Resource::Device,
        wanted: name.as_str(),
        place: hub.as_str(),
        poll_interval: registration.poll_interval,
    };
    let device = NewDevice { hub: hub.short(), name: registration.device, credential: registration.credential };
    let shown = change::create(
        client,
        &new,
        |client| rows(client, &found),
        |client| client.create_device(&device),
        &mut notes,
    )?;
    hub::note_fallback(client, Resource::Device, &mut notes);
    // Both transports show a device with its number.
    Ok(Registered { hub: hub.clone(), id: shown.id.unwrap_or_default(), name, transport: client.transport(), notes })
}

/// Returns every device of a hub and its twins.
fn rows(client: &mut MarketClient<'_>, found: &HubAndTwins) -> Result<Vec<Listing>, ClientError> {
    Ok(all(client, found.all())?.into_iter().map(Listing::from).collect())
}

/// Returns the devices that the broker could treat as `name`.
fn matching(client: &mut MarketClient<'_>, name: &DeviceName) -> Result<Vec<DeviceRow>, ClientError> {
    let hubs = hub::namesakes(client, &name.hub())?;
    Ok(all(client, &hubs)?.into_iter().filter(|row| same(row.name.as_str(), name.as_str())).collect())
}

fn all<'h>(
    client: &mut MarketClient<'_>,
    hubs: impl IntoIterator<Item = &'h HubRow>,
) -> Result<Vec<DeviceRow>, ClientError> {
    let mut rows = Vec::new();
    for hub in hubs {
        rows.extend(client.devices(hub)?);
    }
    Ok(rows)
}

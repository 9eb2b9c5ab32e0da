//! Devices: found in every case, registered, given another credential, deleted.

use std::time::Duration;

use super::auth::{ClientError, Transport};
use super::change::{self, ChangeError, ChangeNote, New, POLL_INTERVAL};
use super::client::MarketClient;
use super::credential::{NewDevice, RegisteredCredential};
use super::hub::{self, HubAndTwins, HubSpec};
use super::model::{Action, DeviceRow, HubRow, Listing, Reply, Resource};
use super::reason::Fault;
use crate::collation::same;
use crate::name::{DeviceName, HubName, ShortName};

/// A device as its hub shows it.
#[derive(Debug)]
#[non_exhaustive]
pub struct Device {
    pub hub: HubRow,
    pub row: DeviceRow,
    /// Further rows that the broker takes for the same device: the same name again, or one that differs in case or accents
    /// only. With one of them there, none can log in, and deleting one takes the log-in of all (I3 facts §6.1).
    pub others: Vec<DeviceRow>,
    /// What the seller should hear about.
    pub notes: Vec<ChangeNote>,
}

/// What a change of credential came to. The hub page does not show it: only a log-in at the broker proves it.
#[derive(Debug)]
#[non_exhaustive]
pub enum Edited {
    /// The marketplace says so.
    Accepted,
    /// The marketplace broke down, or its answer was lost: the old credential counts, or the new one. Holds what was said.
    Unknown(String),
}

/// Finds a device by its name with case.
///
/// # Errors
/// [`ChangeError::Missing`] with those in another case, [`ChangeError::HubUnknown`] and the rest.
pub fn find(client: &mut MarketClient<'_>, name: &DeviceName) -> Result<Device, ChangeError> {
    let mut notes = Vec::new();
    let found = hub::find(client, &HubSpec::Full(name.hub()), &mut notes);
    let mut alike = matching(client, name)?;
    let hub = match found {
        Ok(found) => found.hub,
        // A device may have been registered with another spelling of its hub than the hub has itself.
        Err(other) => match hub::namesakes(client, &name.hub())?.into_iter().next() {
            Some(hub) if alike.iter().any(|row| row.name == *name) => hub,
            _ => return Err(other),
        },
    };
    // The user of a name may be typed in another case than the hub shows.
    let is_meant = |row: &DeviceRow| row.name.short() == name.short() && row.name.hub() == hub.name;
    let Some(at) = alike.iter().position(|row| row.name == *name).or_else(|| alike.iter().position(is_meant)) else {
        let similar = alike.into_iter().map(Listing::from).collect();
        return Err(ChangeError::Missing { resource: Resource::Device, name: name.to_string(), similar });
    };
    let row = alike.remove(at);
    Ok(Device { hub, row, others: alike, notes })
}

/// The full name that a device of this hub has or would have, and all rows that the broker takes for it, in whatever
/// spelling and hub: none, one, or several that lock each other out.
///
/// # Errors
/// [`ChangeError::HubUnknown`] and the rest.
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

/// Every device of the seller's, hub by hub, or of one hub.
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

/// Gives a device another credential. Sent once; nothing but the broker shows whether it counts.
///
/// # Errors
/// [`ChangeError::FormRefused`], [`ChangeError::Rejected`], [`ChangeError::Access`]: the old credential still counts.
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

/// Deletes a row: asked for once, and looked at afterwards. The marketplace deletes the log-in and the permissions of **all**
/// rows of that name first, in whatever spelling (I3 facts §6.1). A device that is connected may publish for 300 s more
/// (I3 facts §4).
///
/// # Errors
/// [`ChangeError::HalfDeleted`] if the row is left without its log-in. Only [`ChangeError::Unknown`] leaves open whether the
/// row is there.
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
        // The mail is sent between the two halves. Of any other fault, or without an answer, nobody knows how far it came; if
        // it is the database's, nothing was deleted.
        Reply::ServerError { ref reason, .. } if !outcome.is_of_database() => {
            let certain = reason.as_ref().is_some_and(|reason| reason.fault() == Some(Fault::MailDown));
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
    /// [`change::POLL_INTERVAL`], unless a test is in a hurry.
    pub poll_interval: Duration,
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
    pub transport: Transport,
    /// What the seller should hear about, in the order in which it was noticed.
    pub notes: Vec<ChangeNote>,
}

/// Registers a device: finds the hub, sees that the name is free in any case, sends the device **once**, and looks again.
///
/// # Errors
/// [`ChangeError`]. Only [`ChangeError::Unknown`] leaves open whether the device is there.
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
    // Every way shows a device with its number.
    Ok(Registered { hub: hub.clone(), id: shown.id.unwrap_or_default(), name, transport: client.transport(), notes })
}

/// Every device of a hub and its twins.
fn rows(client: &mut MarketClient<'_>, found: &HubAndTwins) -> Result<Vec<Listing>, ClientError> {
    Ok(all(client, found.all())?.into_iter().map(Listing::from).collect())
}

/// Those that the broker could take for `name`.
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

//! Finds, lists and creates hubs.

use std::fmt;
use std::str::FromStr;

use super::auth::ClientError;
use super::change::{self, ChangeError, ChangeNote, New, POLL_INTERVAL};
use super::client::MarketClient;
use super::model::{HubRow, Listing, ProductQuery, Resource, Visibility};
use crate::collation::same;
use crate::name::{HubName, NameError, ShortName};

/// Longest user name that I3 creates hubs for, in characters; it signs up longer ones as well (I3 facts §1).
pub const USER_MAX_CHARS: usize = 30;

/// A hub, by its short or full name.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum HubSpec {
    Short(ShortName),
    Full(HubName),
}

impl FromStr for HubSpec {
    type Err = NameError;

    fn from_str(text: &str) -> Result<Self, NameError> {
        if text.contains('/') { text.parse().map(HubSpec::Full) } else { ShortName::hub(text).map(HubSpec::Short) }
    }
}

impl HubSpec {
    /// Returns the short name.
    pub fn short(&self) -> &str {
        match self {
            HubSpec::Short(name) => name.as_str(),
            HubSpec::Full(name) => name.short(),
        }
    }

    /// Whether `hub`, a full name, is this hub as the database compares names.
    pub fn is(&self, hub: &str) -> bool {
        match self {
            HubSpec::Short(short) => hub.split_once('/').is_some_and(|(_, own)| same(own, short.as_str())),
            HubSpec::Full(name) => same(hub, name.as_str()),
        }
    }

    fn user(&self) -> Option<&str> {
        match self {
            HubSpec::Short(_) => None,
            HubSpec::Full(name) => Some(name.user()),
        }
    }
}

impl fmt::Display for HubSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            HubSpec::Short(name) => name.fmt(f),
            HubSpec::Full(name) => name.fmt(f),
        }
    }
}

/// Returns the seller's own hubs; the marketplace lists those of others as well.
///
/// # Errors
/// [`ClientError`].
pub fn own(client: &mut MarketClient<'_>) -> Result<Vec<HubRow>, ClientError> {
    let mut hubs = client.hubs()?;
    if let Some(user) = client.user() {
        hubs.retain(|hub| same(hub.name.user(), user));
    }
    Ok(hubs)
}

/// A hub that was just created.
#[derive(Debug)]
pub struct Created {
    pub hub: HubRow,
    /// What to report to the seller.
    pub notes: Vec<ChangeNote>,
}

/// Creates a hub, unless the database treats an existing one as the same: two such hubs share permissions (I3 facts §5, 12).
///
/// # Errors
/// [`ChangeError`]. Only [`ChangeError::Unknown`] leaves open whether the hub exists.
pub fn create(client: &mut MarketClient<'_>, name: &ShortName, to: Visibility) -> Result<Created, ChangeError> {
    let mut notes = Vec::new();
    let mut rows: Vec<HubRow> = Vec::new();
    let new =
        New { resource: Resource::Hub, wanted: name.as_str(), place: "the list of hubs", poll_interval: POLL_INTERVAL };
    let shown = change::create(
        client,
        &new,
        |client| {
            rows = own(client)?;
            Ok(rows.iter().map(|hub| Listing { id: Some(hub.id), name: hub.name.short().into() }).collect())
        },
        |client| client.create_hub(name.as_str(), to),
        &mut notes,
    )?;
    let hub = rows.into_iter().find(|hub| Some(hub.id) == shown.id);
    let hub = hub.ok_or_else(|| ChangeError::Missing {
        resource: Resource::Hub,
        name: shown.name,
        similar: Vec::new(),
        others: Vec::new(),
    })?;
    note_user_case(client, &hub, &mut notes);
    note_fallback(client, Resource::Hub, &mut notes);
    Ok(Created { hub, notes })
}

/// One of the seller's hubs, and those that differ from it only in case or accents.
pub(super) struct HubAndTwins {
    pub hub: HubRow,
    pub twins: Vec<HubRow>,
}

impl HubAndTwins {
    /// Returns the hub and its twins, which database and broker treat as one.
    pub fn all(&self) -> impl Iterator<Item = &HubRow> {
        std::iter::once(&self.hub).chain(&self.twins)
    }
}

/// Finds the requested hub, and notes what is unusual about it.
pub(super) fn find(
    client: &mut MarketClient<'_>,
    wanted: &HubSpec,
    notes: &mut Vec<ChangeNote>,
) -> Result<HubAndTwins, ChangeError> {
    let hubs = client.hubs()?;
    // REST lists only the seller's own.
    let own = hubs.first().map(|hub| hub.name.user()).filter(|_| client.user().is_none());
    let hub = find_hub(&hubs, wanted, client.user().or(own))?.clone();
    note_user_case(client, &hub, notes);
    // The broker ignores the case of user names, and a device's user name contains its hub.
    let twins: Vec<HubRow> =
        hubs.into_iter().filter(|h| h.id != hub.id && same(h.name.as_str(), hub.name.as_str())).collect();
    if !twins.is_empty() {
        notes.push(ChangeNote::HubCaseTwins(twins.iter().map(|twin| twin.name.clone()).collect()));
    }
    Ok(HubAndTwins { hub, twins })
}

/// Checks that the seller has this hub.
///
/// # Errors
/// [`ChangeError`], with the hubs that there are.
pub fn check(client: &mut MarketClient<'_>, wanted: &HubSpec) -> Result<(), ChangeError> {
    find(client, wanted, &mut Vec::new()).map(drop)
}

/// Checks that the marketplace shows this hub, whoever's it is; `known` are hubs that there are as well.
///
/// # Errors
/// [`ChangeError`], with the hubs that there are.
pub fn check_any(client: &mut MarketClient<'_>, wanted: &HubSpec, known: Vec<HubName>) -> Result<(), ChangeError> {
    let mut hubs = known;
    hubs.extend(client.hubs()?.into_iter().map(|hub| hub.name));
    hubs.sort_by(|one, other| one.as_str().cmp(other.as_str()));
    hubs.dedup();
    if hubs.iter().any(|hub| wanted.is(hub.as_str())) {
        return Ok(());
    }
    // The hubs of others may not be shown, and their products are.
    if let HubSpec::Full(name) = wanted
        && !client.products(&ProductQuery { hub: Some(name.as_str()), ..ProductQuery::default() })?.is_empty()
    {
        return Ok(());
    }
    Err(ChangeError::HubUnknown { wanted: wanted.to_string(), hubs })
}

/// Returns all of the seller's hubs that the database treats as `name`.
pub(super) fn namesakes(client: &mut MarketClient<'_>, name: &HubName) -> Result<Vec<HubRow>, ClientError> {
    let mut hubs = own(client)?;
    hubs.retain(|hub| same(hub.name.as_str(), name.as_str()));
    Ok(hubs)
}

fn note_user_case(client: &MarketClient<'_>, hub: &HubRow, notes: &mut Vec<ChangeNote>) {
    if let Some(typed) = client.user().filter(|typed| *typed != hub.name.user()) {
        notes.push(ChangeNote::UserNameCase { typed: typed.into(), shown: hub.name.user().into() });
    }
}

pub(super) fn note_fallback(client: &MarketClient<'_>, resource: Resource, notes: &mut Vec<ChangeNote>) {
    if client.fell_back() {
        notes.insert(0, ChangeNote::FormsOnly(resource));
    }
}

/// Finds the requested hub. The case of user names is ignored, because they are unique without it; that of hub names counts.
fn find_hub<'h>(hubs: &'h [HubRow], wanted: &HubSpec, user: Option<&str>) -> Result<&'h HubRow, ChangeError> {
    let named = |rows: &[&HubRow]| (wanted.to_string(), rows.iter().map(|h| h.name.clone()).collect::<Vec<_>>());
    // Both conditions must hold if both are known: another user's hub accepts no device of ours.
    let own = |hub: &&HubRow| [wanted.user(), user].into_iter().flatten().all(|user| same(hub.name.user(), user));
    let own: Vec<&HubRow> = hubs.iter().filter(own).collect();
    let exact: Vec<&HubRow> = own.iter().copied().filter(|h| h.name.short() == wanted.short()).collect();
    match exact.as_slice() {
        [only] => return Ok(only),
        [] => {}
        several => {
            let (wanted, hubs) = named(several);
            return Err(ChangeError::HubAmbiguous { wanted, hubs });
        }
    }
    let similar: Vec<&HubRow> = own.into_iter().filter(|h| same(h.name.short(), wanted.short())).collect();
    if let (true, HubSpec::Full(wanted), Some(user)) = (similar.is_empty(), wanted, user)
        && !same(wanted.user(), user)
    {
        return Err(ChangeError::HubOfAnother { wanted: wanted.clone(), user: user.into() });
    }
    if similar.is_empty() {
        let (wanted, hubs) = named(&hubs.iter().collect::<Vec<_>>());
        return Err(ChangeError::HubUnknown { wanted, hubs });
    }
    let (wanted, hubs) = named(&similar);
    Err(ChangeError::HubOtherCase { wanted, hubs })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hubs(names: &[&str]) -> Vec<HubRow> {
        names.iter().zip(1..).map(|(name, id)| HubRow { id, name: name.parse().unwrap() }).collect()
    }

    fn find(shown: &[&str], wanted: &str, user: Option<&str>) -> Result<String, ChangeError> {
        find_hub(&hubs(shown), &wanted.parse().unwrap(), user).map(|hub| hub.name.to_string())
    }

    #[test]
    fn a_hub_is_found_by_what_the_marketplace_shows() {
        let shown = ["alice/parking", "alice/meteo", "bob/parking"];
        assert_eq!(find(&shown, "meteo", None).unwrap(), "alice/meteo");
        assert_eq!(find(&shown, "ALICE/parking", None).unwrap(), "alice/parking");
        assert_eq!(find(&shown, "parking", Some("Alice")).unwrap(), "alice/parking");
        assert!(
            matches!(find(&shown, "parking", None), Err(ChangeError::HubAmbiguous { hubs, .. }) if hubs.len() == 2)
        );
        assert!(matches!(find(&shown, "bob/parking", Some("alice")), Err(ChangeError::HubOfAnother { .. })));
        let error = find(&shown, "garage", None).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the marketplace shows no hub 'garage'; it shows alice/parking, alice/meteo, bob/parking"
        );
        assert_eq!(
            find(&[], "garage", None).unwrap_err().to_string(),
            "the marketplace shows no hub 'garage'; it shows none"
        );
    }

    #[test]
    fn a_hub_in_another_case_is_told_and_not_taken() {
        let error = find(&["alice/Parking"], "parking", None).unwrap_err();
        assert!(matches!(error, ChangeError::HubOtherCase { hubs, .. } if hubs[0].as_str() == "alice/Parking"));
        assert_eq!(find(&["alice/Parking", "alice/parking"], "parking", None).unwrap(), "alice/parking");
    }
}

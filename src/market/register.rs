//! Registers a device: looked at before, sent once, looked at afterwards, and believed only as far as the hub shows it.

mod door;
mod outcome;

use std::fmt;
use std::str::FromStr;
use std::time::Duration;

use super::Market;
use super::credential::{Credential, NewDevice};
use super::http::HttpError;
use super::page::{DeviceRow, HubRow};
use super::rest::RestError;
use super::web::{Cookies, WebError};
use crate::name::{DeviceName, HubName, NameError, ShortName};
use crate::secret::Secret;
use door::Door;

/// Pause between two looks at the hub after an answer was lost: the server may still be at work.
pub const SETTLE: Duration = Duration::from_secs(1);

/// Which way to register.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Via {
    /// REST if there is a key and the marketplace has the endpoint, else the form if there is a log-in.
    #[default]
    Auto,
    Rest,
    Web,
}

/// The way that was taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    Rest,
    Web,
}

/// What opens the marketplace's forms.
#[derive(Debug, Clone, Copy)]
pub enum LogIn<'a> {
    Password { user: &'a str, password: &'a Secret },
    Session(&'a Cookies),
}

/// What the seller has at hand.
#[derive(Debug, Clone, Copy, Default)]
pub struct Access<'a> {
    pub via: Via,
    pub api_key: Option<&'a Secret>,
    pub log_in: Option<LogIn<'a>>,
}

/// The hub that was asked for: by its short name, or in full.
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
    fn short(&self) -> &str {
        match self {
            HubSpec::Short(name) => name.as_str(),
            HubSpec::Full(name) => name.short(),
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

/// One registration.
#[derive(Debug, Clone, Copy)]
pub struct Order<'a> {
    pub hub: &'a HubSpec,
    pub device: &'a ShortName,
    pub credential: &'a Credential,
    /// [`SETTLE`], unless a test is in a hurry.
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
    pub route: Route,
    /// What the seller should hear about, in the order in which it was noticed.
    pub notes: Vec<Note>,
}

/// What was odd about a registration that succeeded.
#[derive(Debug)]
#[non_exhaustive]
pub enum Note {
    /// The marketplace has no REST endpoint for devices, so the form was used.
    FormsOnly,
    /// The user name was typed in another case than the marketplace stores.
    UserNameCase { typed: String, shown: String },
    /// Other hubs of the seller differ in case alone: they share permissions at the broker (I3 facts §5, 12).
    HubCaseTwins(Vec<HubName>),
    /// The marketplace broke down but created the device, as it does when its mail is down (I3 facts §5, 13).
    ServerError { status: u16, reason: Option<String> },
    /// The answer was lost, but the device is there.
    AnswerLost(HttpError),
    /// An answer that means nothing, but the device is there.
    OddAnswer { status: u16, location: Option<String> },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::FormsOnly => f.write_str("this marketplace has no REST endpoint for devices; the form was used"),
            Note::UserNameCase { typed, shown } => {
                write!(f, "the marketplace knows the user as '{shown}', not '{typed}', and so does the broker")
            }
            Note::HubCaseTwins(hubs) => {
                write!(f, "hubs that differ in case alone share their permissions at the broker: {}", names(hubs))
            }
            Note::ServerError { status, reason } => {
                write!(f, "the marketplace answered {status} but created the device; its mail is probably down")?;
                reason.as_ref().map_or(Ok(()), |reason| write!(f, " ({reason})"))
            }
            Note::AnswerLost(why) => write!(f, "{why}, but the device is there"),
            Note::OddAnswer { status, .. } => write!(f, "the marketplace answered {status}, but the device is there"),
        }
    }
}

/// Why the marketplace could not be asked, whichever way.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AccessError {
    #[error(transparent)]
    Web(#[from] WebError),
    #[error(transparent)]
    Rest(#[from] RestError),
}

impl AccessError {
    /// The fault of the connection, if it is one.
    pub fn http(&self) -> Option<&HttpError> {
        match self {
            AccessError::Web(WebError::Http(e)) | AccessError::Rest(RestError::Http(e)) => Some(e),
            _ => None,
        }
    }

    fn into_http(self) -> Result<HttpError, AccessError> {
        match self {
            AccessError::Web(WebError::Http(e)) | AccessError::Rest(RestError::Http(e)) => Ok(e),
            other => Err(other),
        }
    }

    /// Whether a POST that failed so has certainly done nothing.
    fn nothing_was_done(&self) -> bool {
        match self {
            AccessError::Web(WebError::CsrfRefused(_) | WebError::SessionExpired(_)) => true,
            AccessError::Rest(RestError::FormsOnly { .. } | RestError::KeyRefused { .. } | RestError::KeyUnusable) => {
                true
            }
            other => other.http().is_some_and(HttpError::nothing_was_sent),
        }
    }
}

/// Why a device was not registered, or is not known to be.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RegisterError {
    /// Neither a key nor a log-in that the chosen way could use. Give one.
    #[error("{}", match via {
        Via::Auto => "there is neither an API key nor a log-in for the marketplace",
        Via::Rest => "there is no API key for the REST endpoint",
        Via::Web => "there is no log-in for the marketplace's form",
    })]
    NoAccess { via: Via },
    /// The key is there, but the marketplace has forms only, and there is no log-in for them. Give the log-in.
    #[error("the API key cannot register a device here, and there is no log-in for the form")]
    KeyAlone(#[source] RestError),
    /// Something went wrong before or at the POST; nothing was created.
    #[error(transparent)]
    Access(#[from] AccessError),
    /// No such hub; `hubs` are those that there are. Choose one, or create it first.
    #[error("the marketplace shows no hub '{asked}'; it shows {}", names(hubs))]
    HubUnknown { asked: String, hubs: Vec<HubName> },
    /// The hub is there in another case. Use the name that is shown.
    #[error("the marketplace shows no hub '{asked}', but in another case: {}", names(hubs))]
    HubOtherCase { asked: String, hubs: Vec<HubName> },
    /// Hubs of several users bear that short name. Give the full one.
    #[error("'{asked}' may be any of {}", names(hubs))]
    HubAmbiguous { asked: String, hubs: Vec<HubName> },
    /// A device of that name is there, perhaps in another case: with two of them neither could log in (I3 facts §1).
    #[error("the device '{}' is there already", existing.name)]
    DeviceExists { existing: DeviceRow },
    /// The form came back without creating anything, mostly without a word (I3 facts §2).
    #[error(
        "the marketplace gave the form back{}: the hub is not one's own, the name is taken or not 3 to 30 letters and \
         digits, or the value has not 6 to 500 characters",
        complaint.as_ref().map_or(" without a word".into(), |said| format!(" with '{said}'"))
    )]
    FormRefused { complaint: Option<String> },
    /// The REST endpoint refused it with reasons; nothing was created.
    #[error("the marketplace refuses the device: {}", reasons.iter().map(|(field, why)| format!("{field}: {}", why.join(" "))).collect::<Vec<_>>().join("; "))]
    Rejected { reasons: Vec<(String, Vec<String>)> },
    /// The answer was that of a success, and the hub does not show the device.
    #[error("the marketplace said that it took the device, but {hub} does not show it")]
    TakenButMissing { hub: HubName },
    /// The marketplace broke down, and the hub does not show the device.
    #[error("the marketplace broke down ({status}{}), and nothing was created", reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default())]
    BrokeDown { status: u16, reason: Option<String> },
    /// The connection was lost on the way, and the hub does not show the device. It can be tried again.
    #[error("the answer was lost, and nothing was created")]
    LostNothingCreated(#[source] HttpError),
    /// An answer that means nothing, and the hub does not show the device.
    #[error("the marketplace gave an unexpected answer ({status}), and nothing was created")]
    OddAnswer { status: u16, location: Option<String> },
    /// The device was sent, and whether it is there is **unknown**: `answer` is what the marketplace said. Look at the
    /// hub before trying again: a second device of the name would lock both out.
    #[error("the device was sent ({answer}), but whether '{name}' is there could not be looked up")]
    Unknown { name: DeviceName, answer: String, source: Box<AccessError> },
    /// Two devices or more of the name, in whatever case: none of them can log in until all but one are deleted.
    #[error("'{name}' is there {} times now, and none of them can log in", rows.len())]
    Doubled { name: DeviceName, rows: Vec<DeviceRow> },
    /// It was not there before, was refused, and is there now: somebody else registered it in between.
    #[error("the device '{}' was registered by somebody else at the same time", existing.name)]
    TakenMeanwhile { existing: DeviceRow },
}

fn names(hubs: &[HubName]) -> String {
    if hubs.is_empty() { "none".into() } else { hubs.iter().map(HubName::as_str).collect::<Vec<_>>().join(", ") }
}

/// Registers a device: finds the hub, sees that the name is free in any case, sends the device **once**, and looks again.
///
/// # Errors
/// [`RegisterError`]. Only [`RegisterError::Unknown`] leaves open whether the device is there.
pub fn register(market: &Market, access: &Access<'_>, order: &Order<'_>) -> Result<Registered, RegisterError> {
    let key = access.api_key.filter(|_| access.via != Via::Web);
    let log_in = access.log_in.filter(|_| access.via != Via::Rest);
    let forms_only = match key {
        None => None,
        Some(key) => match attempt(Door::Rest(market.rest(key)), None, order) {
            Err(RegisterError::Access(AccessError::Rest(e @ RestError::FormsOnly { .. }))) => Some(e),
            other => return other,
        },
    };
    let (log_in, fell_back) = match (log_in, forms_only) {
        (Some(log_in), forms_only) => (log_in, forms_only.is_some()),
        (None, Some(e)) if access.via == Via::Auto => return Err(RegisterError::KeyAlone(e)),
        (None, Some(e)) => return Err(AccessError::Rest(e).into()),
        (None, None) => return Err(RegisterError::NoAccess { via: access.via }),
    };
    let (session, user) = match log_in {
        LogIn::Password { user, password } => (market.log_in(user, password).map_err(AccessError::Web)?, Some(user)),
        LogIn::Session(cookies) => (market.resume(cookies.clone()), None),
    };
    let mut registered = attempt(Door::Web(session), user, order)?;
    if fell_back {
        registered.notes.insert(0, Note::FormsOnly);
    }
    Ok(registered)
}

/// The whole flow over one way. An error [`AccessError`] that says `FormsOnly` means that nothing was done.
fn attempt(mut door: Door<'_>, user: Option<&str>, order: &Order<'_>) -> Result<Registered, RegisterError> {
    let hubs = door.hubs()?;
    let hub = find_hub(&hubs, order.hub, user)?;
    let mut notes = Vec::new();
    if let Some(typed) = user.filter(|typed| *typed != hub.name.user()) {
        notes.push(Note::UserNameCase { typed: typed.into(), shown: hub.name.user().into() });
    }
    // The broker compares user names without case, and a device's user name has its hub in it.
    let twins: Vec<&HubRow> =
        hubs.iter().filter(|h| h.id != hub.id && same(h.name.as_str(), hub.name.as_str())).collect();
    if !twins.is_empty() {
        notes.push(Note::HubCaseTwins(twins.iter().map(|twin| twin.name.clone()).collect()));
    }
    let places = [&[hub][..], &twins].concat();
    let wanted = hub.name.device(order.device);
    if let Some(existing) = look(&mut door, &places, &wanted)?.into_iter().next() {
        return Err(RegisterError::DeviceExists { existing });
    }
    let device = NewDevice { hub: hub.name.short(), name: order.device, credential: order.credential };
    let outcome = door.create_device(&device)?;
    let rows = match look_after(&mut door, &places, &wanted, outcome.is_lost(), order.settle) {
        Ok(rows) => rows,
        Err(source) => {
            return Err(RegisterError::Unknown { name: wanted, answer: outcome.to_string(), source: source.into() });
        }
    };
    let row = outcome.judge(rows, &wanted, &mut notes)?;
    Ok(Registered { hub: row.name.hub(), name: row.name, id: row.id, route: door.route(), notes })
}

/// The hub that was asked for. User names are unique without case, so theirs does not count; that of hub names does.
fn find_hub<'h>(hubs: &'h [HubRow], asked: &HubSpec, user: Option<&str>) -> Result<&'h HubRow, RegisterError> {
    let named = |wanted: &[&HubRow]| (asked.to_string(), wanted.iter().map(|h| h.name.clone()).collect::<Vec<_>>());
    // Both hold where both are known: a hub of somebody else takes no device of ours.
    let own = |hub: &&HubRow| [asked.user(), user].into_iter().flatten().all(|user| same(hub.name.user(), user));
    let own: Vec<&HubRow> = hubs.iter().filter(own).collect();
    let exact: Vec<&HubRow> = own.iter().copied().filter(|h| h.name.short() == asked.short()).collect();
    match exact.as_slice() {
        [only] => return Ok(only),
        [] => {}
        several => {
            let (asked, hubs) = named(several);
            return Err(RegisterError::HubAmbiguous { asked, hubs });
        }
    }
    let similar: Vec<&HubRow> = own.into_iter().filter(|h| same(h.name.short(), asked.short())).collect();
    if similar.is_empty() {
        let (asked, hubs) = named(&hubs.iter().collect::<Vec<_>>());
        return Err(RegisterError::HubUnknown { asked, hubs });
    }
    let (asked, hubs) = named(&similar);
    Err(RegisterError::HubOtherCase { asked, hubs })
}

/// The devices that the broker could take for `wanted`, in the hub and its twins.
fn look(door: &mut Door<'_>, places: &[&HubRow], wanted: &DeviceName) -> Result<Vec<DeviceRow>, AccessError> {
    let mut found = Vec::new();
    for hub in places {
        found.extend(door.devices(hub)?.into_iter().filter(|row| same(row.name.as_str(), wanted.as_str())));
    }
    Ok(found)
}

/// Looks again after the POST: more than once where the connection fails, or where the answer was lost and the server
/// may not be done yet. Looking changes nothing, so it may be repeated.
fn look_after(
    door: &mut Door<'_>,
    places: &[&HubRow],
    wanted: &DeviceName,
    lost: bool,
    settle: Duration,
) -> Result<Vec<DeviceRow>, AccessError> {
    const LOOKS: usize = 3;
    for _ in 1..LOOKS {
        match look(door, places, wanted) {
            Ok(rows) if rows.is_empty() && lost => {}
            Err(e) if e.http().is_some() => {}
            other => return other,
        }
        std::thread::sleep(settle);
    }
    look(door, places, wanted)
}

/// Equal to the broker, which compares without case.
fn same(one: &str, other: &str) -> bool {
    one.to_lowercase() == other.to_lowercase()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn hubs(names: &[&str]) -> Vec<HubRow> {
        names.iter().zip(1..).map(|(name, id)| HubRow { id, name: name.parse().unwrap() }).collect()
    }

    fn find(shown: &[&str], asked: &str, user: Option<&str>) -> Result<String, RegisterError> {
        find_hub(&hubs(shown), &asked.parse().unwrap(), user).map(|hub| hub.name.to_string())
    }

    #[test]
    fn a_hub_is_found_by_what_the_marketplace_shows() {
        let shown = ["alice/parking", "alice/meteo", "bob/parking"];
        assert_eq!(find(&shown, "meteo", None).unwrap(), "alice/meteo");
        assert_eq!(find(&shown, "ALICE/parking", None).unwrap(), "alice/parking");
        assert_eq!(find(&shown, "parking", Some("Alice")).unwrap(), "alice/parking");
        assert!(
            matches!(find(&shown, "parking", None), Err(RegisterError::HubAmbiguous { hubs, .. }) if hubs.len() == 2)
        );
        assert!(matches!(find(&shown, "bob/parking", Some("alice")), Err(RegisterError::HubUnknown { .. })));
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
        assert!(matches!(error, RegisterError::HubOtherCase { hubs, .. } if hubs[0].as_str() == "alice/Parking"));
        assert_eq!(find(&["alice/Parking", "alice/parking"], "parking", None).unwrap(), "alice/parking");
    }
}

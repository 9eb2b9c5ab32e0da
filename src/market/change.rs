//! A change at the marketplace: looked at before, sent once, looked at afterwards, and believed only as far as it shows.

pub(super) mod outcome;

use std::fmt;
use std::time::Duration;

use super::access::AccessError;
use super::door::Door;
use super::http::HttpError;
use super::page::{DeviceRow, ProductRow};
use super::reason::ServerReason;
use super::rest::{Product, listed};
use crate::collation::same;
use crate::name::HubName;
use outcome::Outcome;

/// Pause between two looks after an answer was lost: the server may still be at work.
pub const SETTLE: Duration = Duration::from_secs(1);

/// What is changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Thing {
    Hub,
    Product,
    Device,
}

impl fmt::Display for Thing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Thing::Hub => "hub",
            Thing::Product => "product",
            Thing::Device => "device",
        })
    }
}

/// What is done to it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Deed {
    Created,
    Changed,
    Deleted,
}

impl fmt::Display for Deed {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Deed::Created => "created",
            Deed::Changed => "changed",
            Deed::Deleted => "deleted",
        })
    }
}

/// A thing as the marketplace shows it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Shown {
    /// The marketplace's number.
    pub id: Option<u64>,
    /// Hub: the short name; device: the full one; product: the title, which is the topic.
    pub name: String,
}

impl From<DeviceRow> for Shown {
    fn from(row: DeviceRow) -> Shown {
        Shown { id: Some(row.id), name: row.name.to_string() }
    }
}

impl From<ProductRow> for Shown {
    fn from(row: ProductRow) -> Shown {
        Shown { id: Some(row.id), name: row.title }
    }
}

impl From<Product> for Shown {
    fn from(product: Product) -> Shown {
        Shown { id: Some(product.id), name: product.title }
    }
}

/// What was odd about a change that succeeded.
#[derive(Debug)]
#[non_exhaustive]
pub enum Note {
    /// The marketplace has no REST endpoint for it, so the form was used.
    FormsOnly(Thing),
    /// The user name was typed in another case than the marketplace stores.
    UserNameCase { typed: String, shown: String },
    /// Other hubs of the seller differ in case or accents only: they share permissions (I3 facts §5, 12, and §6.1).
    HubCaseTwins(Vec<HubName>),
    /// The marketplace broke down but did it, as it does when its mail is down (I3 facts §5, 13).
    ServerError { thing: Thing, deed: Deed, status: u16, reason: Option<ServerReason> },
    /// The answer was lost, but it was done.
    AnswerLost { thing: Thing, deed: Deed, why: HttpError },
    /// An answer that means nothing, but it was done.
    OddAnswer { thing: Thing, deed: Deed, status: u16, location: Option<String> },
}

impl fmt::Display for Note {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Note::FormsOnly(thing) => {
                write!(f, "this marketplace has no REST endpoint for {thing}s; the form was used")
            }
            Note::UserNameCase { typed, shown } => {
                write!(f, "the marketplace knows the user as '{shown}', not '{typed}', and so does the broker")
            }
            Note::HubCaseTwins(hubs) => {
                write!(
                    f,
                    "hubs that differ in case or accents only share their permissions: {}; each one's page shows the \
                     devices and products of all",
                    names(hubs)
                )
            }
            Note::ServerError { thing, deed, status, reason } => {
                write!(f, "the marketplace answered {status} but {deed} the {thing}; its mail is probably down")?;
                reason.as_ref().map_or(Ok(()), |reason| write!(f, " ({reason})"))
            }
            Note::AnswerLost { thing, deed, why } => {
                write!(f, "{}, but the {thing} is {}", with_causes(why), state(*deed))
            }
            Note::OddAnswer { thing, deed, status, location } => {
                let to = leading_to(location);
                write!(f, "the marketplace answered {status}{to}, but the {thing} is {}", state(*deed))
            }
        }
    }
}

fn state(deed: Deed) -> &'static str {
    match deed {
        Deed::Created => "there",
        Deed::Changed => "changed",
        Deed::Deleted => "gone",
    }
}

/// Why a change did not happen, or is not known to have happened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// Something went wrong before or at the sending; nothing was done.
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
    /// Nothing of that name is there; `similar` are those in another case. Use a name that is shown.
    #[error("the marketplace shows no {thing} '{name}'{}", in_another_case(similar))]
    Missing { thing: Thing, name: String, similar: Vec<Shown> },
    /// One of that name is there, perhaps in another case, which is no better (I3 facts §1, §5).
    #[error("the {thing} '{}' is there already", existing.name)]
    Exists { thing: Thing, existing: Shown },
    /// The form came back without doing anything, mostly without a word (I3 facts §2).
    #[error(
        "the marketplace gave the form back{}: {}",
        complaint.as_ref().map_or(" without a word".into(), |said| format!(" with '{said}'")),
        blank_means(*thing, *deed)
    )]
    FormRefused { thing: Thing, deed: Deed, complaint: Option<String> },
    /// A sentence instead of the form: it belongs to another account.
    #[error("the {thing} belongs to somebody else")]
    NotYours { thing: Thing },
    /// A redirect back to the form, which it gives to a bad hub and to a duplicate alike (I3 facts §2).
    #[error(
        "the marketplace sent the {thing}'s form back (302): the hub is not one's own, or it has a {thing} of that name"
    )]
    TurnedAway { thing: Thing },
    /// The REST endpoint refused it with reasons; nothing was done.
    #[error("the marketplace refuses the {thing}: {}", listed(reasons))]
    Rejected { thing: Thing, reasons: Vec<(String, Vec<String>)> },
    /// The answer was that of a success, and what is shown says otherwise.
    #[error("{}", in_vain(*thing, *deed, place))]
    TakenInVain { thing: Thing, deed: Deed, place: String },
    /// The marketplace broke down, and nothing is shown for it.
    #[error("the marketplace broke down ({status}{}), and nothing was {deed}", reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default())]
    BrokeDown { deed: Deed, status: u16, reason: Option<ServerReason> },
    /// The connection was lost on the way, and nothing is shown for it. It can be tried again.
    #[error("the answer was lost, and nothing was {deed}")]
    LostNothingDone { deed: Deed, source: HttpError },
    /// An answer that means nothing, and nothing is shown for it.
    #[error("the marketplace gave an unexpected answer ({status}{}), and nothing was {deed}", leading_to(location))]
    OddAnswer { deed: Deed, status: u16, location: Option<String> },
    /// It was sent, and what became of it is **unknown**: `answer` is what the marketplace said. Look before trying
    /// again: a second device of the name would lock both out.
    #[error("{}", unknown(*thing, *deed, name, answer))]
    Unknown { thing: Thing, deed: Deed, name: String, answer: String, source: Box<AccessError> },
    /// The answer was lost, and nothing shows what became of it. It may be repeated: it would be the same once more.
    #[error("the answer was lost, and nothing shows whether the {thing} '{name}' was {deed}")]
    Unproved { thing: Thing, deed: Deed, name: String, source: HttpError },
    /// Two or more of the name, as the database compares names. The broker lets in none of such devices if they have a log-in
    /// each, and deleting one of them deletes the log-in of all (I3 facts §6.1): all have to go before one is registered again.
    #[error("{}", doubled(*thing, name, rows))]
    Doubled { thing: Thing, name: String, rows: Vec<Shown> },
    /// The marketplace deleted the log-in and the permissions of a device and then broke down, as it does when its mail is
    /// down: the row is left, and nothing can log in with it (I3 facts §6.1). Delete it again.
    #[error("{}", half_deleted(name, answer, *certain))]
    HalfDeleted {
        name: String,
        /// What the marketplace said.
        answer: String,
        /// Whether the log-in is certainly gone.
        certain: bool,
    },
    /// It was not there before, was refused, and is there now: somebody else created it in between.
    #[error("the {thing} '{}' was {} by somebody else at the same time", existing.name, if *thing == Thing::Device { "registered" } else { "created" })]
    TakenMeanwhile { thing: Thing, existing: Shown },
}

impl ChangeError {
    /// Whether it is the log-in session that does not count any more.
    pub fn is_expiry(&self) -> bool {
        match self {
            ChangeError::Access(e) => e.is_expiry(),
            ChangeError::Unknown { source, .. } => source.is_expiry(),
            _ => false,
        }
    }
}

fn doubled(thing: Thing, name: &str, rows: &[Shown]) -> String {
    let listed: Vec<String> =
        rows.iter().map(|row| row.id.map_or_else(|| row.name.clone(), |id| format!("{} ({id})", row.name))).collect();
    let so = if thing == Thing::Device { ", and none of them is sure to log in" } else { "" };
    format!("'{name}' is there {} times now{so}: {}", rows.len(), listed.join(", "))
}

fn half_deleted(name: &str, answer: &str, certain: bool) -> String {
    let are = if certain { "are" } else { "may be" };
    format!("the marketplace still shows '{name}', but its log-in and permissions {are} gone ({answer})")
}

fn names(hubs: &[HubName]) -> String {
    if hubs.is_empty() { "none".into() } else { hubs.iter().map(HubName::as_str).collect::<Vec<_>>().join(", ") }
}

/// Where an answer leads, behind its number.
fn leading_to(location: &Option<String>) -> String {
    location.as_ref().map(|to| format!(" to {to}")).unwrap_or_default()
}

/// An error and what is behind it, in one line.
fn with_causes(error: &HttpError) -> String {
    let mut text = error.to_string();
    let mut source = std::error::Error::source(error);
    while let Some(cause) = source {
        text += &format!(": {cause}");
        source = cause.source();
    }
    text
}

fn in_another_case(similar: &[Shown]) -> String {
    let names: Vec<&str> = similar.iter().map(|row| row.name.as_str()).collect();
    if names.is_empty() { String::new() } else { format!(", but in another case: {}", names.join(", ")) }
}

/// What a form means that comes back without a word.
fn blank_means(thing: Thing, deed: Deed) -> &'static str {
    match (thing, deed) {
        (Thing::Hub, _) => {
            "the name is taken or not 3 to 30 letters and digits, or the user name is over 30 characters"
        }
        (Thing::Product, _) => {
            "the name has not 4 to 30 characters, the price is not between 1 and 100 with 2 decimals, or another field \
             is not as the form wants it"
        }
        (Thing::Device, Deed::Created) => {
            "the hub is not one's own, the name is taken or not 3 to 30 letters and digits, or the value has not 6 to \
             500 characters"
        }
        (Thing::Device, _) => "the device is not one's own, or the value has not 6 to 500 characters",
    }
}

fn in_vain(thing: Thing, deed: Deed, place: &str) -> String {
    match deed {
        Deed::Created => format!("the marketplace said that it took the {thing}, but {place} does not show it"),
        _ => format!("the marketplace said that the {thing} was {deed}, but {place} shows it as before"),
    }
}

fn unknown(thing: Thing, deed: Deed, name: &str, answer: &str) -> String {
    match deed {
        Deed::Created => {
            format!("the {thing} was sent ({answer}), but whether '{name}' is there could not be looked up")
        }
        _ => format!("the {thing} was to be {deed} ({answer}), but what became of '{name}' could not be looked up"),
    }
}

/// What is to be created, and where that shows.
pub(super) struct New<'a> {
    pub thing: Thing,
    /// As it will be shown.
    pub wanted: &'a str,
    /// What is looked at, for messages.
    pub place: &'a str,
    /// [`SETTLE`], unless a test is in a hurry.
    pub settle: Duration,
}

/// Sees that the name is free in any case, sends **once**, and looks again. `look` gives all that may bear the name.
pub(super) fn create<'m>(
    door: &mut Door<'m>,
    new: &New<'_>,
    mut look: impl FnMut(&mut Door<'m>) -> Result<Vec<Shown>, AccessError>,
    send: impl FnOnce(&mut Door<'m>) -> Result<Outcome, AccessError>,
    notes: &mut Vec<Note>,
) -> Result<Shown, ChangeError> {
    let New { thing, wanted, place, settle } = *new;
    let mut namesakes = |door: &mut Door<'m>| -> Result<Vec<Shown>, AccessError> {
        Ok(look(door)?.into_iter().filter(|row| same(&row.name, wanted)).collect())
    };
    if let Some(existing) = namesakes(door)?.into_iter().next() {
        return Err(ChangeError::Exists { thing, existing });
    }
    let outcome = send(door)?;
    match look_after(door, namesakes, |rows| rows.is_empty() && outcome.is_lost(), settle) {
        Ok(rows) => outcome.judge(rows, thing, wanted, place, notes),
        Err(source) => Err(ChangeError::Unknown {
            thing,
            deed: Deed::Created,
            name: wanted.into(),
            answer: outcome.to_string(),
            source: source.into(),
        }),
    }
}

/// Looks until what is seen is no longer `open`, or the third time: after an answer that was lost the server may not be
/// done yet, and a look that is cut is repeated. Looking changes nothing, so it may be.
pub(super) fn look_after<'m, T>(
    door: &mut Door<'m>,
    mut look: impl FnMut(&mut Door<'m>) -> Result<T, AccessError>,
    open: impl Fn(&T) -> bool,
    settle: Duration,
) -> Result<T, AccessError> {
    const LOOKS: usize = 3;
    for _ in 1..LOOKS {
        match look(door) {
            Ok(seen) if open(&seen) => {}
            Err(e) if e.http().is_some() => {}
            other => return other,
        }
        std::thread::sleep(settle);
    }
    look(door)
}

//! Why a change did not happen, or is not known to have happened.

use crate::market::auth::ClientError;
use crate::market::http::HttpError;
use crate::market::model::{Action, Listing, Resource};
use crate::market::reason::ServerReason;
use crate::market::text::{leading_to, listed, names};
use crate::name::HubName;

/// Why a change did not happen, or is not known to have happened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ChangeError {
    /// Something went wrong before or at the sending; nothing was done.
    #[error(transparent)]
    Access(#[from] ClientError),
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
    #[error("the marketplace shows no {resource} '{name}'{}", in_another_case(similar))]
    Missing { resource: Resource, name: String, similar: Vec<Listing> },
    /// One of that name is there, perhaps in another case, which is no better (I3 facts §1, §5).
    #[error("the {resource} '{}' is there already", existing.name)]
    Exists { resource: Resource, existing: Listing },
    /// The form came back without doing anything, mostly without a word (I3 facts §2).
    #[error(
        "the marketplace gave the form back{}: {}",
        complaint.as_ref().map_or(" without a word".into(), |said| format!(" with '{said}'")),
        blank_means(*resource, *action)
    )]
    FormRefused { resource: Resource, action: Action, complaint: Option<String> },
    /// A sentence instead of the form: it belongs to another account.
    #[error("the {resource} belongs to somebody else")]
    NotYours { resource: Resource },
    /// A redirect back to the form, which it gives to a bad hub and to a duplicate alike (I3 facts §2).
    #[error(
        "the marketplace sent the {resource}'s form back (302): the hub is not one's own, or it has a {resource} of that name"
    )]
    RedirectedBack { resource: Resource },
    /// The REST endpoint refused it with reasons; nothing was done.
    #[error("the marketplace refuses the {resource}: {}", listed(reasons))]
    Rejected { resource: Resource, reasons: Vec<(String, Vec<String>)> },
    /// The answer was that of a success, and what is shown says otherwise.
    #[error("{}", in_vain(*resource, *action, place))]
    AcceptedButMissing { resource: Resource, action: Action, place: String },
    /// The marketplace broke down, and nothing is shown for it.
    #[error("the marketplace broke down ({status}{}), and nothing was {action}", reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default())]
    BrokeDown { action: Action, status: u16, reason: Option<ServerReason> },
    /// The connection was lost on the way, and nothing is shown for it. It can be tried again.
    #[error("the answer was lost, and nothing was {action}")]
    LostNothingDone { action: Action, source: HttpError },
    /// An answer that means nothing, and nothing is shown for it.
    #[error("the marketplace gave an unexpected answer ({status}{}), and nothing was {action}", leading_to(location.as_deref()))]
    UnexpectedAnswer { action: Action, status: u16, location: Option<String> },
    /// It was sent, and what became of it is **unknown**: `answer` is what the marketplace said. Look before trying
    /// again: a second device of the name would lock both out.
    #[error("{}", unknown(*resource, *action, name, answer))]
    Unknown { resource: Resource, action: Action, name: String, answer: String, source: Box<ClientError> },
    /// The answer was lost, and nothing shows what became of it. It may be repeated: it would be the same once more.
    #[error("the answer was lost, and nothing shows whether the {resource} '{name}' was {action}")]
    Unproved { resource: Resource, action: Action, name: String, source: HttpError },
    /// Two or more of the name, as the database compares names. The broker lets in none of such devices if they have a log-in
    /// each, and deleting one of them deletes the log-in of all (I3 facts §6.1): all have to go before one is registered again.
    #[error("{}", doubled(*resource, name, rows))]
    Doubled { resource: Resource, name: String, rows: Vec<Listing> },
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
    #[error("the {resource} '{}' was {} by somebody else at the same time", existing.name, if *resource == Resource::Device { "registered" } else { "created" })]
    TakenMeanwhile { resource: Resource, existing: Listing },
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

fn doubled(resource: Resource, name: &str, rows: &[Listing]) -> String {
    let listed: Vec<String> =
        rows.iter().map(|row| row.id.map_or_else(|| row.name.clone(), |id| format!("{} ({id})", row.name))).collect();
    let so = if resource == Resource::Device { ", and none of them is sure to log in" } else { "" };
    format!("'{name}' is there {} times now{so}: {}", rows.len(), listed.join(", "))
}

fn half_deleted(name: &str, answer: &str, certain: bool) -> String {
    let are = if certain { "are" } else { "may be" };
    format!("the marketplace still shows '{name}', but its log-in and permissions {are} gone ({answer})")
}

fn in_another_case(similar: &[Listing]) -> String {
    let names: Vec<&str> = similar.iter().map(|row| row.name.as_str()).collect();
    if names.is_empty() { String::new() } else { format!(", but in another case: {}", names.join(", ")) }
}

/// What a form means that comes back without a word.
fn blank_means(resource: Resource, action: Action) -> &'static str {
    match (resource, action) {
        (Resource::Hub, _) => {
            "the name is taken or not 3 to 30 letters and digits, or the user name is over 30 characters"
        }
        (Resource::Product, _) => {
            "the name has not 4 to 30 characters, the price is not between 1 and 100 with 2 decimals, or another field \
             is not as the form wants it"
        }
        (Resource::Device, Action::Created) => {
            "the hub is not one's own, the name is taken or not 3 to 30 letters and digits, or the value has not 6 to \
             500 characters"
        }
        (Resource::Device, _) => "the device is not one's own, or the value has not 6 to 500 characters",
    }
}

fn in_vain(resource: Resource, action: Action, place: &str) -> String {
    match action {
        Action::Created => format!("the marketplace said that it took the {resource}, but {place} does not show it"),
        _ => format!("the marketplace said that the {resource} was {action}, but {place} shows it as before"),
    }
}

fn unknown(resource: Resource, action: Action, name: &str, answer: &str) -> String {
    match action {
        Action::Created => {
            format!("the {resource} was sent ({answer}), but whether '{name}' is there could not be looked up")
        }
        _ => {
            format!("the {resource} was to be {action} ({answer}), but what became of '{name}' could not be looked up")
        }
    }
}

//! Why a change did not happen, or may not have happened.

use crate::market::auth::ClientError;
use crate::market::http::HttpError;
use crate::market::model::{Action, Listing, Resource};
use crate::market::reason::ServerReason;
use crate::market::text::{broke_down, leading_to, listed, names};
use crate::name::HubName;
use crate::text::similar::{did_you_mean, few, nearest};

/// Why a change did not happen, or may not have happened.
#[derive(Debug, thiserror::Error)]
pub enum ChangeError {
    /// The request failed before or while it was sent; nothing was done.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// No such hub; `hubs` are those that exist. Choose one, or create it first.
    #[error("the marketplace shows no hub '{wanted}'; it shows {}", hubs_instead(wanted, hubs))]
    HubUnknown { wanted: String, hubs: Vec<HubName> },
    /// The hub is named as another user's. Log in as that user, or name one's own.
    #[error("'{wanted}' is a hub of {}, and {user} is logged in", wanted.user())]
    HubOfAnother { wanted: HubName, user: String },
    /// The hub exists in another case. Use the name that is shown.
    #[error("the marketplace shows no hub '{wanted}', only in another case: {}", names(hubs))]
    HubOtherCase { wanted: String, hubs: Vec<HubName> },
    /// Hubs of several users have that short name. Give the full one.
    #[error("'{wanted}' may be any of {}", names(hubs))]
    HubAmbiguous { wanted: String, hubs: Vec<HubName> },
    /// Nothing has that name; `similar` are those in another case, `others` existing names, as far as they are known.
    /// Use a name that is shown.
    #[error("the marketplace shows no {resource} '{name}'{}", instead(name, similar, others))]
    Missing { resource: Resource, name: String, similar: Vec<Listing>, others: Vec<String> },
    /// The name is taken, perhaps in another case, which is just as bad (I3 facts §1, §5).
    #[error("the {resource} '{}' already exists", existing.name)]
    Exists { resource: Resource, existing: Listing },
    /// The product exists in the spelling that was to be created: it was created before, or by another run at the same moment.
    #[error("the product '{name}' {}", if *meanwhile { "was created by another run at the same time" } else { "already exists" })]
    IsThere { name: String, meanwhile: bool },
    /// The form came back without doing anything, mostly without a reason (I3 facts §2).
    #[error(
        "the marketplace returned the form{}: {}",
        complaint.as_ref().map_or(" without a reason".into(), |said| format!(" with '{said}'")),
        blank_means(*resource, *action)
    )]
    FormRefused { resource: Resource, action: Action, complaint: Option<String> },
    /// A sentence instead of the form: it belongs to another account.
    #[error("the {resource} belongs to another user")]
    NotYours { resource: Resource },
    /// A redirect back to the form, which it gives to a bad hub and to a duplicate alike (I3 facts §2).
    #[error(
        "the marketplace sent the {resource}'s form back (302): the hub is not yours, or it already has a {resource} of that name"
    )]
    RedirectedBack { resource: Resource },
    /// The REST endpoint refused it with reasons; nothing was done.
    #[error("the marketplace refuses the {resource}: {}", listed(reasons))]
    Rejected { resource: Resource, reasons: Vec<(String, Vec<String>)> },
    /// The answer reported success, but the marketplace shows otherwise.
    #[error("{}", in_vain(*resource, *action, place))]
    AcceptedButMissing { resource: Resource, action: Action, place: String },
    /// The marketplace broke down, and nothing is shown for it.
    #[error("{} ({status}{}), and nothing was {action}", broke_down(*status), reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default())]
    BrokeDown { action: Action, status: u16, reason: Option<ServerReason> },
    /// The connection was lost, and nothing is shown for it. Try again.
    #[error("the answer was lost, and nothing was {action}")]
    LostNothingDone { action: Action, source: HttpError },
    /// An answer without a known meaning, and nothing is shown for it.
    #[error("the marketplace gave an unexpected answer ({status}{}), and nothing was {action}", leading_to(location.as_deref()))]
    UnexpectedAnswer { action: Action, status: u16, location: Option<String> },
    /// It was sent, and its result is **unknown**: `answer` is what the marketplace said. Look before trying
    /// again: a second device of the name would lock both out.
    #[error("{}", unknown(*resource, *action, name, answer))]
    Unknown { resource: Resource, action: Action, name: String, answer: String, source: Box<ClientError> },
    /// The answer was lost, and nothing shows its outcome. Repeating it does no harm.
    #[error("the answer was lost, and nothing shows whether the {resource} '{name}' was {action}")]
    Unproved { resource: Resource, action: Action, name: String, source: HttpError },
    /// Two or more with that name, as the database compares names. If such devices have a log-in each, the broker lets none
    /// of them in, and deleting one deletes the log-in of all (I3 facts §6.1): delete all before registering one again.
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
    /// It did not exist before, was refused, and exists now: another user created it in between.
    #[error("the {resource} '{}' was {} by somebody else at the same time", existing.name, if *resource == Resource::Device { "registered" } else { "created" })]
    TakenMeanwhile { resource: Resource, existing: Listing },
}

impl ChangeError {
    /// Returns whether the cause is an expired log-in session.
    pub fn is_expiry(&self) -> bool {
        match self {
            ChangeError::Client(e) => e.is_expiry(),
            ChangeError::Unknown { source, .. } => source.is_expiry(),
            _ => false,
        }
    }
}

fn doubled(resource: Resource, name: &str, rows: &[Listing]) -> String {
    let numbered = |row: &Listing| row.id.map_or_else(|| row.name.clone(), |id| format!("{} ({id})", row.name));
    let so = if resource == Resource::Device { ", and any of them may fail to log in" } else { "" };
    format!("'{name}' exists {} times now{so}: {}", rows.len(), few(rows.iter().map(numbered), "none"))
}

fn half_deleted(name: &str, answer: &str, certain: bool) -> String {
    let are = if certain { "are" } else { "may be" };
    format!("the marketplace still shows '{name}', but its log-in and permissions {are} gone ({answer})")
}

/// Returns the alternatives to a name: the same in another case, otherwise similar names, otherwise all existing ones.
fn instead(name: &str, similar: &[Listing], others: &[String]) -> String {
    if !similar.is_empty() {
        return format!(", only in another case: {}", few(similar.iter().map(|row| &row.name), "none"));
    }
    // A part of a name stands for the whole name, if only one matches.
    let whole = others.first().filter(|whole| others.len() == 1 && whole.ends_with(&format!("/{name}")));
    match whole.or_else(|| nearest(name, others)) {
        Some(meant) => did_you_mean(Some(meant)),
        None if others.is_empty() => String::new(),
        None => format!("; it shows {}", few(others.iter(), "none")),
    }
}

/// Returns the existing hubs, and which of them was perhaps meant.
fn hubs_instead(wanted: &str, hubs: &[HubName]) -> String {
    let meant = hubs.iter().map(HubName::as_str);
    let meant = match wanted.contains('/') {
        true => nearest(wanted, meant),
        false => {
            let short = nearest(wanted, hubs.iter().map(HubName::short));
            short.and_then(|short| hubs.iter().find(|hub| hub.short() == short)).map(HubName::as_str)
        }
    };
    format!("{}{}", names(hubs), did_you_mean(meant))
}

/// Returns what a form that comes back without a reason means.
fn blank_means(resource: Resource, action: Action) -> &'static str {
    match (resource, action) {
        (Resource::Hub, _) => {
            "the name is taken or is not 3 to 30 letters and digits, or the user name is over 30 characters"
        }
        (Resource::Product, _) => {
            "the name does not have 4 to 30 characters, the price is not between 1 and 100 with 2 decimals, or another \
             field is invalid"
        }
        (Resource::Device, Action::Created) => {
            "the hub is not yours, the name is taken or is not 3 to 30 letters and digits, or the value does not have 6 to \
             500 characters"
        }
        (Resource::Device, _) => "the device is not yours, or the value does not have 6 to 500 characters",
    }
}

fn in_vain(resource: Resource, action: Action, place: &str) -> String {
    match action {
        Action::Created => {
            format!("the marketplace said that it accepted the {resource}, but {place} does not show it")
        }
        _ => format!("the marketplace said that the {resource} was {action}, but {place} shows it as before"),
    }
}

fn unknown(resource: Resource, action: Action, name: &str, answer: &str) -> String {
    match action {
        Action::Created => {
            format!("the {resource} was sent ({answer}), but it could not be checked whether '{name}' exists")
        }
        _ => {
            format!("it could not be checked whether the {resource} '{name}' was {action} ({answer})")
        }
    }
}

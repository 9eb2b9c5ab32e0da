//! Lists, approves and declines purchase requests for restricted products.

use super::auth::ClientError;
use super::change::{POLL_INTERVAL, poll_until};
use super::client::MarketClient;
use super::deals;
use super::model::{Decision, PurchaseRequest};
use super::web::CallFailure;
use crate::text::similar::few;

/// A pending request with the topic of its product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    pub request: PurchaseRequest,
    /// The product's title; None if the marketplace does not list the product.
    pub topic: Option<String>,
}

impl Pending {
    /// Returns the topic, or what the marketplace shows instead of it.
    pub fn product(&self) -> String {
        self.topic.clone().unwrap_or_else(|| format!("product {}", self.request.product))
    }
}

/// Why requests were not listed, or one was not decided.
#[derive(Debug, thiserror::Error)]
pub enum RequestError {
    /// The request failed before or while it was sent; nothing was done.
    #[error(transparent)]
    Client(#[from] ClientError),
    /// User type 2. Such a user can own restricted products nevertheless, whose requests nobody can see.
    #[error("the marketplace shows no purchase requests to this user: the account is a buyer's")]
    BuyersAccount,
    /// Nonexistent, already decided, or another seller's: nothing was sent.
    #[error("there is no pending request {id}{}", match pending.as_slice() {
        [] => "; none is pending".to_string(),
        ids => format!("; pending: {}", few(ids.iter(), "none")),
    })]
    NotPending { id: u64, pending: Vec<u64> },
    /// Unchanged: mail is down, the buyer has lost the account at the broker (I3 facts §6.1, §6.5), or the connection broke.
    /// Try again.
    #[error("request {id} was not {} and is still pending", state(*decision))]
    StillPending { id: u64, decision: Decision, source: CallFailure },
    /// The marketplace says that there is none, and no longer shows it: it was decided elsewhere at the same time.
    #[error("request {id} was decided on elsewhere at the same time")]
    DecidedMeanwhile { id: u64 },
    /// The answer reported success, but the request is still pending.
    #[error("the marketplace said that it {} request {id}, but the request is still pending", state(*decision))]
    AcceptedButMissing { id: u64, decision: Decision },
    /// It was sent, and its outcome is **unknown**. Check before trying again.
    #[error("it could not be checked whether request {id} was {}", state(*decision))]
    Unknown { id: u64, decision: Decision, source: Box<ClientError> },
}

impl RequestError {
    /// Returns whether the cause is an expired log-in session.
    pub fn is_expiry(&self) -> bool {
        match self {
            RequestError::Client(e) => e.is_expiry(),
            RequestError::Unknown { source, .. } => source.is_expiry(),
            _ => false,
        }
    }
}

fn state(decision: Decision) -> &'static str {
    match decision {
        Decision::Approve => "approved",
        Decision::Decline => "declined",
    }
}

/// Returns all pending requests, oldest first.
///
/// # Errors
/// [`RequestError::BuyersAccount`], and errors of the transport.
pub fn pending(client: &mut MarketClient<'_>) -> Result<Vec<Pending>, RequestError> {
    let requests = look(client)?.ok_or(RequestError::BuyersAccount)?;
    let seller = client.known_user();
    let topics = deals::topics(client, requests.iter().map(|request| request.product), seller)?;
    let named = |request: PurchaseRequest| Pending { topic: topics.get(&request.product).cloned(), request };
    Ok(requests.into_iter().map(named).collect())
}

/// Approves or declines a request that is pending: sent once, and checked afterwards. Returns what was unusual about the
/// answer, if anything.
///
/// # Errors
/// [`RequestError`]. Only [`RequestError::Unknown`] leaves open whether it took effect.
pub fn decide(client: &mut MarketClient<'_>, id: u64, decision: Decision) -> Result<Option<CallFailure>, RequestError> {
    let before = look(client)?.ok_or(RequestError::BuyersAccount)?;
    if !before.iter().any(|request| request.id == id) {
        return Err(RequestError::NotPending { id, pending: before.iter().map(|request| request.id).collect() });
    }
    let answer = client.session()?.decide(id, decision).map_err(ClientError::from)?;
    let is_pending =
        |client: &mut MarketClient<'_>| Ok(look(client)?.is_some_and(|after| after.iter().any(|r| r.id == id)));
    let still = poll_until(client, is_pending, |still| *still && answer.is_lost(), POLL_INTERVAL)
        .map_err(|source| RequestError::Unknown { id, decision, source: source.into() })?;
    match (answer.failure(), still) {
        (Some(CallFailure::Refused), false) => Err(RequestError::DecidedMeanwhile { id }),
        (odd, false) => Ok(odd),
        (None, true) => Err(RequestError::AcceptedButMissing { id, decision }),
        (Some(source), true) => Err(RequestError::StillPending { id, decision, source }),
    }
}

fn look(client: &mut MarketClient<'_>) -> Result<Option<Vec<PurchaseRequest>>, ClientError> {
    Ok(client.session()?.purchase_requests()?)
}

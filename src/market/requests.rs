//! Purchase requests for restricted products: listed with their topics, approved and declined.

use super::auth::ClientError;
use super::change::{POLL_INTERVAL, poll_until};
use super::client::MarketClient;
use super::deals;
use super::model::{Decision, PurchaseRequest};
use super::web::CallFailure;

/// A pending request with the topic of its product.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pending {
    pub request: PurchaseRequest,
    /// The product's title; None if the marketplace does not list the product.
    pub topic: Option<String>,
}

impl Pending {
    /// The topic, or what the marketplace shows instead of it.
    pub fn product(&self) -> String {
        self.topic.clone().unwrap_or_else(|| format!("product {}", self.request.product))
    }
}

/// Why requests are not listed, or one is not decided on.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RequestError {
    /// Something went wrong before or at the sending; nothing was done.
    #[error(transparent)]
    Access(#[from] ClientError),
    /// User type 2. Such a user can own restricted products all the same, and their requests can be seen by nobody.
    #[error("the marketplace shows no purchase requests to this user: the account is a buyer's")]
    BuyersAccount,
    /// Never asked for, decided on before, or another seller's: nothing was sent.
    #[error("there is no pending request {id}{}", match pending.as_slice() {
        [] => "; none is pending".to_string(),
        ids => format!("; pending: {}", ids.iter().map(u64::to_string).collect::<Vec<_>>().join(", ")),
    })]
    NotPending { id: u64, pending: Vec<u64> },
    /// It is as it was: mail is down, or the buyer has lost their account at the broker (I3 facts §6.1, §6.5), or the
    /// connection was. It can be tried again.
    #[error("request {id} was not {} and is still pending", state(*decision))]
    StillPending { id: u64, decision: Decision, source: CallFailure },
    /// The marketplace says that there is none, and shows none any more: it was decided on elsewhere at the same time.
    #[error("request {id} was decided on elsewhere at the same time")]
    DecidedMeanwhile { id: u64 },
    /// The answer was that of a success, and the request is still pending.
    #[error("the marketplace said that it {} request {id}, but the request is still pending", state(*decision))]
    AcceptedButMissing { id: u64, decision: Decision },
    /// It was sent, and what became of it is **unknown**. Look before trying again.
    #[error("request {id} was to be {}, but what became of it could not be looked up", state(*decision))]
    Unknown { id: u64, decision: Decision, source: Box<ClientError> },
}

impl RequestError {
    /// Whether it is the log-in session that does not count any more.
    pub fn is_expiry(&self) -> bool {
        match self {
            RequestError::Access(e) => e.is_expiry(),
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

/// All pending requests, the oldest first.
///
/// # Errors
/// [`RequestError::BuyersAccount`], and what stands between.
pub fn pending(client: &mut MarketClient<'_>) -> Result<Vec<Pending>, RequestError> {
    let requests = look(client)?.ok_or(RequestError::BuyersAccount)?;
    let seller = client.known_user();
    let topics = deals::topics(client, requests.iter().map(|request| request.product), seller)?;
    let named = |request: PurchaseRequest| Pending { topic: topics.get(&request.product).cloned(), request };
    Ok(requests.into_iter().map(named).collect())
}

/// Approves or declines a request that is pending: sent once, and looked at afterwards. Gives what was odd about the
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

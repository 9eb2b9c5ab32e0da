//! One client for both transports: REST where there is a key and an endpoint, otherwise the forms.

use std::collections::HashMap;

use super::auth::{ClientError, Login, MarketAuth, Transport, TransportChoice};
use super::credential::{NewDevice, RegisteredCredential};
use super::model::{
    DeviceRow, HubRow, Listing, Picture, Product, ProductForm, ProductQuery, Rating, Reply, Transactions, Visibility,
};
use super::rest::{Rest, RestError};
use super::site::Market;
use super::web::{WebError, WebSession};
use crate::collation::{key, same};
use crate::name::HubName;

/// A client of one marketplace. It logs in once, when a form is first needed.
///
/// A marketplace that has no REST endpoint for hubs and devices says so with the first call (404 or 405, nothing done);
/// from then on the client uses its forms.
#[derive(Debug)]
pub struct MarketClient<'m> {
    market: &'m Market,
    via: TransportChoice,
    /// With the given key, or with the one that the log-in showed.
    rest: Option<Rest<'m>>,
    /// Whether REST is used for hubs and devices: a key was given, and no endpoint has been missing so far.
    rest_first: bool,
    log_in: Option<Login<'m>>,
    session: Option<WebSession<'m>>,
    /// Why REST is no longer used.
    forms_only: Option<RestError>,
    /// The names of the hubs that were shown last, grouped as the database compares them.
    hub_names: Option<HashMap<String, Twins>>,
}

impl<'m> MarketClient<'m> {
    /// Prepares a client; nothing is sent yet.
    ///
    /// # Errors
    /// [`ClientError::NoCredentials`] without any credential for the chosen transport.
    pub fn open(market: &'m Market, access: &MarketAuth<'m>) -> Result<MarketClient<'m>, ClientError> {
        let MarketAuth { via, api_key, log_in } = *access;
        let rest = api_key.filter(|_| via != TransportChoice::Web).map(|key| market.rest(key));
        let log_in = log_in.filter(|_| via != TransportChoice::Rest);
        if rest.is_none() && log_in.is_none() {
            return Err(ClientError::NoCredentials { via });
        }
        let rest_first = rest.is_some();
        Ok(MarketClient { market, via, rest, rest_first, log_in, session: None, forms_only: None, hub_names: None })
    }

    /// Returns the transport for hubs and devices, as far as it is known.
    pub fn transport(&self) -> Transport {
        if self.rest_first { Transport::Rest } else { Transport::Web }
    }

    /// Returns whether a key was given, but this marketplace has only forms.
    pub fn fell_back(&self) -> bool {
        self.forms_only.is_some()
    }

    /// Returns the user of the log-in, as given; None over REST, which lists only the seller's own.
    pub fn user(&self) -> Option<&'m str> {
        self.log_in.filter(|_| self.transport() == Transport::Web).map(Login::user)
    }

    /// Returns the user of the log-in, over either transport, as given.
    pub fn known_user(&self) -> Option<&'m str> {
        self.log_in.map(Login::user)
    }

    /// Returns the user who is logged in, as the marketplace stores the name; None until a page was read, and with only a
    /// key.
    pub fn stored_user(&self) -> Option<&str> {
        self.session.as_ref().and_then(WebSession::user)
    }

    /// Returns every hub that the marketplace shows to the seller.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn hubs(&mut self) -> Result<Vec<HubRow>, ClientError> {
        let hubs = self.either(Rest::hubs, WebSession::hubs)?;
        let mut names: HashMap<String, Twins> = HashMap::new();
        for hub in &hubs {
            names.entry(key(hub.name.as_str())).or_default().add(&hub.name);
        }
        self.hub_names = Some(names);
        Ok(hubs)
    }

    /// Returns the devices of one of the seller's hubs, by their full names: the pages of hubs that differ only in case or
    /// accents show each other's (I3 facts §6.1), but each device belongs to one hub.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn devices(&mut self, hub: &HubRow) -> Result<Vec<DeviceRow>, ClientError> {
        let twins = self.twins(hub)?;
        let mut rows = self.either(|rest| rest.devices(&hub.name), |session| Ok(session.hub(hub)?.devices))?;
        rows.retain(|row| twins.owner(row.name.hub().as_str()) == Some(&hub.name));
        Ok(rows)
    }

    /// Returns the products of a hub, by the titles that the marketplace shows, as for [`MarketClient::devices`]. A title
    /// that names no hub counts for the first of such hubs.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn hub_products(&mut self, hub: &HubRow) -> Result<Vec<Listing>, ClientError> {
        let twins = self.twins(hub)?;
        let mut rows: Vec<Listing> = if self.rest.is_some() {
            let query = ProductQuery { hub: Some(hub.name.as_str()), ..ProductQuery::default() };
            let mut rows = Vec::new();
            self.each_product(&query, |product| rows.push(Listing::from(product)))?;
            rows
        } else {
            self.session()?.hub(hub)?.products.into_iter().map(Listing::from).collect()
        };
        rows.retain(|row| {
            let named = row.name.match_indices('/').nth(1).map_or("", |(end, _)| &row.name[..end]);
            twins.owner(named).or(twins.names.first()) == Some(&hub.name)
        });
        Ok(rows)
    }

    /// Returns the hub and those that the database treats as the same.
    fn twins(&mut self, hub: &HubRow) -> Result<Twins, ClientError> {
        if self.hub_names.is_none() {
            self.hubs()?;
        }
        let known = self.hub_names.as_ref().and_then(|names| names.get(&key(hub.name.as_str())));
        let mut twins = known.cloned().unwrap_or_default();
        twins.add(&hub.name);
        Ok(twins)
    }

    /// Returns the products that `query` finds, on every marketplace over REST; the key comes from the log-in if necessary.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn products(&mut self, query: &ProductQuery<'_>) -> Result<Vec<Product>, ClientError> {
        Ok(self.keyed()?.products(query)?)
    }

    /// Calls `take` with each product that `query` finds, as it arrives.
    ///
    /// # Errors
    /// [`ClientError`]; some may have been taken.
    pub fn each_product(&mut self, query: &ProductQuery<'_>, take: impl FnMut(Product)) -> Result<(), ClientError> {
        Ok(self.keyed()?.each_product(query, take)?)
    }

    /// Returns whether the marketplace answers `query` at all.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn probe(&mut self, query: &ProductQuery<'_>) -> Result<(), ClientError> {
        Ok(self.keyed()?.probe(query)?)
    }

    /// Returns what the user sold and bought, by the products' numbers.
    ///
    /// # Errors
    /// [`ClientError`].
    pub fn transactions(&mut self) -> Result<Transactions, ClientError> {
        Ok(self.session()?.transactions()?)
    }

    /// Returns the REST API with the key that was given, or with the one that the log-in shows.
    fn keyed(&mut self) -> Result<&Rest<'m>, ClientError> {
        let rest = match self.rest.take() {
            Some(rest) => rest,
            None if self.log_in.is_none() => return Err(ClientError::NoKey),
            None => {
                let key = self.session()?.api_key()?;
                self.market.rest(&key)
            }
        };
        Ok(self.rest.insert(rest))
    }

    /// Creates a hub: sent once. After an error, nothing was done; the same applies to all that follow.
    pub(super) fn create_hub(&mut self, short: &str, to: Visibility) -> Result<Reply, ClientError> {
        self.send(|rest| rest.create_hub(short, to), |session| session.create_hub(short, to))
    }

    pub(super) fn create_device(&mut self, device: &NewDevice<'_>) -> Result<Reply, ClientError> {
        self.send(|rest| rest.create_device(device), |session| session.create_device(device))
    }

    pub(super) fn create_product(&mut self, product: &ProductForm) -> Result<Reply, ClientError> {
        self.send(|rest| rest.create_product(product), |session| session.create_product(product))
    }

    pub(super) fn edit_device(&mut self, id: u64, credential: &RegisteredCredential) -> Result<Reply, ClientError> {
        self.send(|rest| rest.edit_device(id, credential), |session| session.edit_device(id, credential))
    }

    pub(super) fn delete_device(&mut self, id: u64) -> Result<Reply, ClientError> {
        self.send(|rest| rest.delete_device(id), |session| session.delete_device(id))
    }

    /// Edits a product, which only the forms can.
    pub(super) fn edit_product(
        &mut self,
        id: u64,
        form: &ProductForm,
        picture: Option<&Picture>,
    ) -> Result<Reply, ClientError> {
        Ok(answered(self.session()?.edit_product(id, form, picture))?)
    }

    pub(super) fn delete_product(&mut self, id: u64) -> Result<Reply, ClientError> {
        Ok(answered(self.session()?.delete_product(id))?)
    }

    /// Returns what the edit form of a product holds.
    pub(super) fn product_form(&mut self, id: u64) -> Result<ProductForm, ClientError> {
        Ok(self.session()?.product_form(id)?)
    }

    /// Returns how buyers rated a product, if the marketplace shows it.
    pub(super) fn rating(&mut self, id: u64) -> Result<Option<Rating>, ClientError> {
        Ok(self.session()?.rating(id)?)
    }

    fn send(
        &mut self,
        rest: impl FnOnce(&Rest<'m>) -> Result<(), RestError>,
        web: impl FnOnce(&mut WebSession<'m>) -> Result<Reply, WebError>,
    ) -> Result<Reply, ClientError> {
        self.either(
            |client| match rest(client) {
                Ok(()) => Ok(Reply::Accepted),
                Err(RestError::Rejected { reasons }) => Ok(Reply::Rejected { reasons }),
                Err(RestError::ServerError { status, reason, .. }) => Ok(Reply::ServerError { status, reason }),
                Err(RestError::Unexpected { status, .. }) => Ok(Reply::Unexpected { status, location: None }),
                Err(RestError::Gone { .. }) => Ok(Reply::Unexpected { status: 404, location: None }),
                Err(RestError::Shape { .. } | RestError::HostRefused { .. }) => {
                    Ok(Reply::Unexpected { status: 400, location: None })
                }
                Err(RestError::Http(e)) if !e.nothing_was_sent() => Ok(Reply::Lost(e)),
                Err(e) => Err(e),
            },
            |session| answered(web(session)),
        )
    }

    /// Calls over REST, unless there is no key or no endpoint; then over the forms.
    fn either<T>(
        &mut self,
        rest: impl FnOnce(&Rest<'m>) -> Result<T, RestError>,
        web: impl FnOnce(&mut WebSession<'m>) -> Result<T, WebError>,
    ) -> Result<T, ClientError> {
        if let (Some(client), true) = (&self.rest, self.rest_first) {
            match rest(client) {
                Err(e @ RestError::FormsOnly { .. }) if self.via == TransportChoice::Auto => {
                    (self.rest_first, self.forms_only) = (false, Some(e));
                }
                other => return Ok(other?),
            }
        }
        Ok(web(self.session()?)?)
    }

    /// Returns the error for a list that exceeds the `limit` of bytes kept of one.
    pub(super) fn too_large(&self, limit: usize) -> ClientError {
        WebError::Http(self.market.too_large(limit)).into()
    }

    pub(super) fn session(&mut self) -> Result<&mut WebSession<'m>, ClientError> {
        let session = match (self.session.take(), self.log_in) {
            (Some(session), _) => session,
            (None, Some(Login::Password { user, password })) => self.market.log_in(user, password)?,
            (None, Some(Login::Session { cookies, .. })) => self.market.resume(cookies.clone()),
            (None, Some(Login::Ended { user })) => {
                return Err(ClientError::SessionEnded { user: user.into(), market: self.market.url().to_string() });
            }
            (None, None) => {
                return Err(match self.forms_only.take() {
                    Some(e) => ClientError::NeedsLogIn(e),
                    None => ClientError::NoCredentials { via: TransportChoice::Web },
                });
            }
        };
        Ok(self.session.insert(session))
    }
}

/// Names of hubs that the database treats as the same.
#[derive(Debug, Clone, Default)]
struct Twins {
    /// In the order of the list.
    names: Vec<HubName>,
    /// Each under its spelling.
    places: HashMap<String, usize>,
}

impl Twins {
    fn add(&mut self, name: &HubName) {
        if !self.places.contains_key(name.as_str()) {
            self.places.insert(name.as_str().into(), self.names.len());
            self.names.push(name.clone());
        }
    }

    /// Returns the hub that a full name belongs to: the one spelled alike, otherwise the first.
    fn owner(&self, hub: &str) -> Option<&HubName> {
        let spelled_alike = self.places.get(hub).map(|place| &self.names[*place]);
        spelled_alike.or_else(|| self.names.first().filter(|first| same(first.as_str(), hub)))
    }
}

/// Turns a lost answer into a reply, unless nothing can have been done.
fn answered(reply: Result<Reply, WebError>) -> Result<Reply, WebError> {
    match reply {
        Err(WebError::Http(e)) if !e.nothing_was_sent() => Ok(Reply::Lost(e)),
        reply => reply,
    }
}

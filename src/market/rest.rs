//! The REST API with `Authorization: Token …`: products everywhere, hubs and devices if the marketplace has them (I3
//! facts §2).

use std::collections::{BTreeMap, HashSet};

use serde::de::DeserializeOwned;
use serde::{Deserialize, Serialize};
use ureq::http::Method;
use ureq::http::header::{self, HeaderName, HeaderValue};

use super::credential::{NewDevice, RegisteredCredential};
use super::http::{Http, HttpError, KEPT_MAX, RequestBody, Response, form, secret_header};
use super::model::{DeviceRow, HubRow, Product, ProductForm, ProductQuery, Visibility};
use super::page;
use super::reason::ServerReason;
use super::text::{broke_down, listed, message, scrub};
use crate::misread::Misread;
use crate::name::{DeviceName, HubName};
use crate::secret::Secret;

const DEVICES: &str = "/api/device/";
const HUBS: &str = "/api/hub/";
const PRODUCTS: &str = "/api/product/";

/// Items per request; without a limit the marketplace sends ten and does not say that there are more.
const PAGE: usize = 100;
/// A list that has not ended by then is an error.
const ITEMS_MAX: usize = 1_000_000;

/// Most memory for the products of a list, in bytes: some hundred thousand with a usual description.
const PRODUCTS_MAX: usize = 2 * KEPT_MAX;

/// Most fields of a refusal that are reported, and most reasons for each.
const REASONS_MAX: usize = 8;

/// Why the REST API did not do what was requested.
#[derive(Debug, thiserror::Error)]
pub enum RestError {
    /// No answer, or none that is HTTP.
    #[error(transparent)]
    Http(#[from] HttpError),
    /// 404 or 405: this marketplace has no such endpoint, only forms. Nothing was done. Use the log-in form.
    #[error("the marketplace has no {endpoint} ({status}), only forms")]
    FormsOnly { endpoint: &'static str, status: u16 },
    /// 404 with a `detail`: the endpoint exists, but has nothing with that number.
    #[error("the marketplace has nothing with that number at {endpoint} (404)")]
    Gone { endpoint: &'static str },
    /// 401 or 403: no such key. `said` is the marketplace's own sentence.
    #[error("the marketplace refuses the API key: {said}")]
    KeyRefused { said: String },
    /// The key cannot even be sent.
    #[error("the API key contains invalid characters: a key is 40 hexadecimal digits")]
    KeyUnusable,
    /// 400: each field with the reasons against it. Nothing was done.
    #[error("the marketplace refuses the request: {}", listed(reasons))]
    Rejected { reasons: Vec<(String, Vec<String>)> },
    /// 400 in HTML: the marketplace accepts only the host names that it is configured for.
    #[error("the marketplace does not answer to the name '{host}' (400)")]
    HostRefused { host: String },
    /// The server broke down; `reason` is what its text reveals.
    #[error("{} at {endpoint} ({status}{})", broke_down(*status), reason.as_ref().map(|r| format!(": {r}")).unwrap_or_default())]
    ServerError { endpoint: &'static str, status: u16, reason: Option<ServerReason> },
    /// JSON of an unexpected form.
    #[error("the answer from {endpoint} does not have the expected form: {expected}")]
    Shape { endpoint: &'static str, expected: String },
    /// Any other answer.
    #[error("the marketplace gave an unexpected answer at {endpoint}: {status}")]
    Unexpected { endpoint: &'static str, status: u16 },
}

#[derive(Deserialize)]
struct HubItem {
    id: u64,
    name: String,
}

#[derive(Deserialize)]
struct DeviceItem {
    id: u64,
    name: String,
}

#[derive(Serialize)]
struct DeviceBody<'a> {
    hub_name: &'a str,
    name: &'a str,
    rgs_type: u8,
    password: &'a str,
}

#[derive(Serialize)]
struct CredentialBody<'a> {
    rgs_type: u8,
    password: &'a str,
}

/// The REST API of one marketplace with one seller's key.
#[derive(Debug)]
pub struct Rest<'m> {
    http: &'m Http,
    api_key: Secret,
}

impl<'m> Rest<'m> {
    pub(super) fn new(http: &'m Http, api_key: Secret) -> Rest<'m> {
        Rest { http, api_key }
    }

    /// Returns all hubs of the seller.
    ///
    /// # Errors
    /// [`RestError::FormsOnly`] at a released marketplace.
    pub fn hubs(&self) -> Result<Vec<HubRow>, RestError> {
        let row = |item: HubItem| match item.name.parse::<HubName>() {
            Ok(name) => Ok(HubRow { id: item.id, name }),
            Err(_) => Err(shape(HUBS, format!("a full hub name for number {}", item.id))),
        };
        let mut rows = Vec::new();
        self.each(HUBS, &[], |hub: &HubItem| hub.id, |item| rows.push(row(item)))?;
        rows.into_iter().collect()
    }

    /// Returns all devices of a hub, and of those whose names differ from its only in case or accents: the database
    /// compares `hub` (I3 facts §6.5).
    ///
    /// # Errors
    /// [`RestError::FormsOnly`] at a released marketplace.
    pub fn devices(&self, hub: &HubName) -> Result<Vec<DeviceRow>, RestError> {
        let mut rows = Vec::new();
        let of_hub = [("hub", hub.as_str())];
        self.each(DEVICES, &of_hub, |device: &DeviceItem| device.id, |item| rows.push(device_row(item)))?;
        rows.into_iter().collect()
    }

    /// Creates a hub by one POST. In any case, check whether it exists; the same applies to all that follow.
    ///
    /// # Errors
    /// [`RestError::FormsOnly`], [`RestError::KeyRefused`], [`RestError::Rejected`]: nothing was done.
    /// [`RestError::Http`]: unknown, unless [`HttpError::nothing_was_sent`]. As with all that follow.
    pub fn create_hub(&self, short: &str, to: Visibility) -> Result<(), RestError> {
        let body = serde_json::json!({ "name": short, "private": to == Visibility::Owner });
        self.send(Method::POST, HUBS, HUBS, &body, &Secret::default())
    }

    /// Creates a product by one POST.
    ///
    /// # Errors
    /// As [`Rest::create_hub`].
    pub fn create_product(&self, product: &ProductForm) -> Result<(), RestError> {
        let body: BTreeMap<_, _> = product.fields().into_iter().collect();
        self.send(Method::POST, PRODUCTS, PRODUCTS, &body, &Secret::default())
    }

    /// Creates a device by one POST.
    ///
    /// # Errors
    /// As [`Rest::create_hub`].
    pub fn create_device(&self, device: &NewDevice<'_>) -> Result<(), RestError> {
        let value = device.credential.value();
        let body = DeviceBody {
            hub_name: device.hub,
            name: device.name.as_str(),
            rgs_type: device.credential.rgs_type(),
            password: value.expose(),
        };
        self.send(Method::POST, DEVICES, DEVICES, &body, value)
    }

    /// Gives a device another credential by one PUT.
    ///
    /// # Errors
    /// As [`Rest::create_hub`], and [`RestError::Gone`].
    pub fn edit_device(&self, id: u64, credential: &RegisteredCredential) -> Result<(), RestError> {
        let value = credential.value();
        let body = CredentialBody { rgs_type: credential.rgs_type(), password: value.expose() };
        self.send(Method::PUT, DEVICES, &format!("{DEVICES}{id}/"), &body, value)
    }

    /// Deletes a device by one DELETE.
    ///
    /// # Errors
    /// As [`Rest::create_hub`], and [`RestError::Gone`].
    pub fn delete_device(&self, id: u64) -> Result<(), RestError> {
        let answer =
            self.http.change(Method::DELETE, &format!("{DEVICES}{id}/"), &self.headers()?, RequestBody::None)?;
        if matches!(answer.status, 200 | 202 | 204) { Ok(()) } else { Err(self.failed(DEVICES, &answer)) }
    }

    /// Sends `body` once; `secret` is removed from what comes back.
    fn send(
        &self,
        method: Method,
        endpoint: &'static str,
        path: &str,
        body: &impl Serialize,
        secret: &Secret,
    ) -> Result<(), RestError> {
        // Strings, numbers and booleans always make JSON.
        let body = RequestBody::Json(Secret::new(serde_json::to_string(body).unwrap_or_default()));
        let done = if method == Method::PUT { 200 } else { 201 };
        let answer = self.http.change(method, path, &self.headers()?, body)?;
        if answer.status == done {
            return Ok(());
        }
        Err(match self.failed(endpoint, &answer) {
            RestError::Rejected { reasons } => RestError::Rejected {
                reasons: reasons
                    .into_iter()
                    .map(|(field, why)| (field, why.into_iter().map(|w| scrub(w, secret)).collect()))
                    .collect(),
            },
            e => e,
        })
    }

    /// Returns all products that `query` finds. Every marketplace has this list.
    ///
    /// # Errors
    /// [`RestError::KeyRefused`] and others.
    pub fn products(&self, query: &ProductQuery<'_>) -> Result<Vec<Product>, RestError> {
        let mut products = Vec::new();
        // Their descriptions can be of any length.
        let mut kept = 0;
        self.each_product(query, |product: Product| {
            kept += product.size();
            if kept <= PRODUCTS_MAX {
                products.push(product);
            }
        })?;
        if kept > PRODUCTS_MAX { Err(self.http.too_large(PRODUCTS_MAX).into()) } else { Ok(products) }
    }

    /// Calls `take` with each product that `query` finds, as it arrives.
    ///
    /// # Errors
    /// As [`Rest::products`]; some may have been taken.
    pub fn each_product(&self, query: &ProductQuery<'_>, take: impl FnMut(Product)) -> Result<(), RestError> {
        let pk = query.pk.map(|pk| pk.to_string());
        self.each(PRODUCTS, &query.fields(pk.as_deref()), |product: &Product| product.id, take)
    }

    /// Returns whether the marketplace answers `query` at all: one request, for one product.
    ///
    /// # Errors
    /// As [`Rest::products`].
    pub fn probe(&self, query: &ProductQuery<'_>) -> Result<(), RestError> {
        let pk = query.pk.map(|pk| pk.to_string());
        let fields = form::encode(&[query.fields(pk.as_deref()).as_slice(), &[("limit", "1")]].concat());
        let answer = self.http.get(&format!("{PRODUCTS}?{}", fields.expose()), &self.headers()?)?;
        match answer.status {
            200 if answer.is_html() => Err(self.http.foreign(200).into()),
            200 => Ok(()),
            _ => Err(self.failed(PRODUCTS, &answer.whole()?)),
        }
    }

    /// Calls `take` with each item of the whole list, page by page, as it arrives. A short page proves nothing, because the
    /// server may have a lower limit; the first page without a new item is the end, also at a server that ignores `offset`.
    fn each<T: DeserializeOwned>(
        &self,
        endpoint: &'static str,
        query: &[(&str, &str)],
        id: fn(&T) -> u64,
        mut take: impl FnMut(T),
    ) -> Result<(), RestError> {
        let (mut seen, mut offset) = (HashSet::new(), 0usize);
        let headers = self.headers()?;
        while seen.len() < ITEMS_MAX {
            let (limit, from) = (PAGE.to_string(), offset.to_string());
            let paging = [("limit", limit.as_str()), ("offset", from.as_str())];
            let query = form::encode(&[query, &paging].concat());
            let answer = self.http.get(&format!("{endpoint}?{}", query.expose()), &headers)?;
            if answer.status != 200 {
                return Err(self.failed(endpoint, &answer.whole()?));
            }
            let before = seen.len();
            answer
                .items(&mut |item: T| {
                    offset += 1;
                    if seen.len() < ITEMS_MAX && seen.insert(id(&item)) {
                        take(item);
                    }
                })?
                .map_err(|e| shape(endpoint, list_expected(&e)))?;
            if seen.len() == before {
                return Ok(());
            }
        }
        Err(shape(endpoint, format!("an end of the list within {ITEMS_MAX} items")))
    }

    fn headers(&self) -> Result<Vec<(HeaderName, HeaderValue)>, RestError> {
        let token = secret_header(&Secret::new(format!("Token {}", self.api_key.expose())));
        Ok(vec![
            (header::AUTHORIZATION, token.ok_or(RestError::KeyUnusable)?),
            (header::ACCEPT, HeaderValue::from_static("application/json")),
        ])
    }

    fn failed(&self, endpoint: &'static str, answer: &Response) -> RestError {
        match answer.status {
            400 if answer.is_html() => RestError::HostRefused { host: self.http.url().shown_host() },
            400 => match reasons(&answer.body) {
                Some(reasons) => RestError::Rejected { reasons },
                None => shape(endpoint, "reasons by field".into()),
            },
            401 | 403 => RestError::KeyRefused { said: scrub(detail(&answer.body), &self.api_key) },
            404 if !answer.is_html()
                && reasons(&answer.body).is_some_and(|r| r.iter().any(|(field, _)| field == "detail")) =>
            {
                RestError::Gone { endpoint }
            }
            status @ (404 | 405) => RestError::FormsOnly { endpoint, status },
            status @ 500..=599 => {
                RestError::ServerError { endpoint, status, reason: page::server_reason(&answer.body) }
            }
            status => RestError::Unexpected { endpoint, status },
        }
    }
}

fn shape(endpoint: &'static str, expected: String) -> RestError {
    RestError::Shape { endpoint, expected }
}

fn device_row(item: DeviceItem) -> Result<DeviceRow, RestError> {
    match item.name.parse::<DeviceName>() {
        Ok(name) => Ok(DeviceRow { id: item.id, name }),
        Err(_) => Err(shape(DEVICES, format!("the full name of the device {}", item.id))),
    }
}

/// Returns what was expected instead of a list.
fn list_expected(error: &serde_json::Error) -> String {
    format!("a list of its items ({})", Misread::json(error))
}

/// `{"field": ["reason", …]}`, and `{"detail": "reason"}` as well.
fn reasons(body: &[u8]) -> Option<Vec<(String, Vec<String>)>> {
    let serde_json::Value::Object(fields) = serde_json::from_slice(body).ok()? else { return None };
    let texts = |value: serde_json::Value| match value {
        serde_json::Value::Array(list) => list.iter().take(REASONS_MAX).map(plain).collect(),
        other => vec![plain(&other)],
    };
    Some(fields.into_iter().take(REASONS_MAX).map(|(field, value)| (message(&field), texts(value))).collect())
}

/// Returns a reason, which is a sentence. Anything else is not repeated, because it may contain anything.
fn plain(value: &serde_json::Value) -> String {
    value.as_str().map_or_else(|| "without a sentence".into(), message)
}

fn detail(body: &[u8]) -> String {
    reasons(body)
        .and_then(|fields| fields.into_iter().find(|(field, _)| field == "detail"))
        .map_or_else(|| "without a reason".into(), |(_, why)| why.join(" "))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::market::model::SensorType;

    #[test]
    fn a_product_is_read_as_released_marketplaces_write_it() {
        let json = br#"{"seller":"alice","media":null,"title":"alice/parking/occupancy","sensor_type":"actuactor",
            "description":"d","price":"2.50","sale_active":false,"sale_price":null,"id":7}"#;
        let product: Product = serde_json::from_slice(json).unwrap();
        assert_eq!((product.id, product.sensor_type), (7, SensorType::Actuator));
        assert_eq!((product.price.as_str(), product.sale_price.as_str()), ("2.50", ""));
    }

    #[test]
    fn reasons_are_read_by_field() {
        let read = reasons(br#"{"name":["Too short.","Taken."],"detail":"x"}"#).unwrap();
        assert_eq!(listed(&read), "detail: x; name: Too short. Taken.");
        assert!(reasons(b"[]").is_none() && reasons(b"<html>").is_none());
        assert_eq!(detail(br#"{"detail": "Invalid token."}"#), "Invalid token.");
        assert_eq!(detail(b""), "without a reason");
    }
}

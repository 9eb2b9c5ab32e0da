//! The marketplace's REST endpoints: the released one, and the announced ones for hubs and devices (I3 facts §2).

use std::io;
use std::sync::atomic::Ordering::Relaxed;

use hyper::header::HeaderValue;
use hyper::{Method, StatusCode, header};
use serde_json::{Map, Value, json};

use super::actions::{hub, product};
use super::pages::{self, Response};
use super::product_form::{ProductForm, decimal};
use super::request::HttpRequest;
use super::views::{create_device, delete_device, edit_device};
use crate::collation::same;
use crate::sandbox::db::{Database, DeviceRecord, HubRecord, ProductRecord, SensorType};
use crate::sandbox::exception::{ActionError, Exception, FormFieldError, comparable};
use crate::sandbox::shared::Shared;

/// Items in a list unless the query says otherwise.
const PAGE: usize = 10;

/// Answers everything under `/api/`.
pub(super) async fn answer(shared: &Shared, request: &HttpRequest) -> io::Result<Response> {
    let parts: Vec<&str> = request.path.trim_matches('/').split('/').skip(1).collect();
    let known = match parts.as_slice() {
        ["product"] => true,
        ["device" | "hub"] => shared.rest,
        ["device", id] => shared.rest && id.parse::<u64>().is_ok(),
        _ => false,
    };
    if !known {
        return Ok(pages::not_found());
    }
    if !request.path.ends_with('/') {
        return Ok(if request.method == Method::GET {
            pages::redirect(StatusCode::MOVED_PERMANENTLY, &format!("{}/", request.path))
        } else {
            let reason = "the URL doesn't end in a slash and you have APPEND_SLASH set.";
            pages::crashed_in_rest(&request.path, &Exception::new("RuntimeError", reason))
        });
    }
    if parts == ["device"] && request.method == Method::POST {
        shared.counters.device_posts.fetch_add(1, Relaxed);
    }
    if shared.web_database_down.load(Relaxed) {
        return Ok(pages::crashed_in_rest(&request.path, &Exception::no_database()));
    }
    let user = match user(shared, request) {
        Ok(user) => user,
        Err(detail) => return Ok(unauthorized(detail)),
    };
    match (parts.as_slice(), request.method.as_str()) {
        (["product"], "GET") => Ok(products(&shared.db(), request)),
        (["product"], "POST") if shared.rest => new_product(shared, request, &user),
        (["hub"], "GET") => {
            let db = shared.db();
            let own = db.hubs.iter().filter(|hub| hub.owner == user);
            Ok(json_list(own.map(hub_json), request))
        }
        (["hub"], "POST") => new_hub(shared, request, &user),
        (["device"], "GET") => {
            let db = shared.db();
            let hub = request.query.one("hub");
            if let Err(exception) = comparable(hub.unwrap_or_default()) {
                return Ok(pages::crashed_in_rest(&request.path, &exception));
            }
            let own = db.devices.iter().filter(|device| device.owner == user);
            Ok(json_list(own.filter(|device| hub.is_none_or(|hub| same(&device.hub, hub))).map(device_json), request))
        }
        (["device"], "POST") => new_device(shared, request, &user).await,
        (["device", id], method) => one_device(shared, request, &user, id.parse().unwrap_or(0), method).await,
        (_, method) => Ok(not_allowed(method)),
    }
}

fn user(shared: &Shared, request: &HttpRequest) -> Result<String, &'static str> {
    let authorization = request.header(header::AUTHORIZATION).unwrap_or_default();
    let (scheme, key) = authorization.split_once(' ').unwrap_or((authorization, ""));
    if !scheme.eq_ignore_ascii_case("token") {
        return Err("Authentication credentials were not provided.");
    }
    let db = shared.db();
    db.user_of_key(key.trim()).map(|user| user.name.clone()).ok_or("Invalid token.")
}

fn answer_json(status: StatusCode, value: &Value) -> Response {
    pages::response(status, "application/json", value.to_string())
}

fn unauthorized(detail: &str) -> Response {
    let mut answer = answer_json(StatusCode::UNAUTHORIZED, &json!({ "detail": detail }));
    answer.headers_mut().insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Token"));
    answer
}

fn not_allowed(method: &str) -> Response {
    let detail = format!("Method \"{method}\" not allowed.");
    answer_json(StatusCode::METHOD_NOT_ALLOWED, &json!({ "detail": detail }))
}

fn missing() -> Response {
    answer_json(StatusCode::NOT_FOUND, &json!({ "detail": "Not found." }))
}

/// Returns the answer to an action that failed.
fn stopped(request: &HttpRequest, stop: ActionError) -> Response {
    let reasons = |errors: &[FormFieldError]| {
        let fields: Map<String, Value> =
            errors.iter().map(|error| (error.field.into(), json!([error.reason]))).collect();
        answer_json(StatusCode::BAD_REQUEST, &Value::Object(fields))
    };
    match stop {
        ActionError::Invalid(errors) => reasons(&errors),
        ActionError::HubOrDuplicate(error) => reasons(&[error]),
        ActionError::Exception(exception) => pages::crashed_in_rest(&request.path, &exception),
    }
}

/// Returns a bare list, cut at ten, that does not mention the rest.
fn json_list(items: impl Iterator<Item = Value>, request: &HttpRequest) -> Response {
    let number = |name| request.query.one(name).and_then(|text| text.parse::<usize>().ok());
    let limit = number("limit").filter(|limit| *limit > 0).unwrap_or(PAGE);
    let items: Vec<Value> = items.skip(number("offset").unwrap_or(0)).take(limit).collect();
    answer_json(StatusCode::OK, &Value::Array(items))
}

/// The fields of a JSON or form body; numbers and booleans as the form writes them.
struct Given<'a> {
    request: &'a HttpRequest,
    json: Option<Map<String, Value>>,
}

impl<'a> Given<'a> {
    fn new(request: &'a HttpRequest) -> Result<Given<'a>, Value> {
        let is_json = request.header(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"));
        if !is_json {
            return Ok(Given { request, json: None });
        }
        let json = serde_json::from_slice::<Map<String, Value>>(&request.body);
        let json = json.map_err(|e| json!({ "detail": format!("JSON parse error - {e}") }))?;
        Ok(Given { request, json: Some(json) })
    }

    fn one(&self, name: &str) -> Option<String> {
        let Some(json) = &self.json else { return self.request.form().owned(name) };
        match json.get(name)? {
            Value::String(text) => Some(text.clone()),
            Value::Number(number) => Some(number.to_string()),
            Value::Bool(true) => Some("True".into()),
            Value::Bool(false) => Some("False".into()),
            Value::Null => Some(String::new()),
            Value::Array(_) | Value::Object(_) => None,
        }
    }

    fn ticked(&self, name: &str) -> bool {
        self.one(name).is_some_and(|value| matches!(value.as_str(), "True" | "true" | "1" | "on"))
    }

    fn required<const N: usize>(&self, names: [&'static str; N]) -> Result<[String; N], Value> {
        let values = names.map(|name| self.one(name));
        let absent: Map<String, Value> = names
            .iter()
            .zip(&values)
            .filter(|(_, value)| value.is_none())
            .map(|(name, _)| ((*name).into(), json!(["This field is required."])))
            .collect();
        if !absent.is_empty() {
            return Err(Value::Object(absent));
        }
        Ok(values.map(Option::unwrap_or_default))
    }
}

fn hub_json(hub: &HubRecord) -> Value {
    json!({ "id": hub.id, "name": hub.name, "private": hub.private })
}

fn device_json(device: &DeviceRecord) -> Value {
    json!({ "id": device.id, "name": device.name, "hub_name": device.hub, "rgs_type": device.rgs_type })
}

fn product_json(product: &ProductRecord) -> Value {
    json!({
        "seller": product.owner,
        "media": product.media.as_ref().map(|path| format!("/media/{path}")),
        "title": product.title,
        "sensor_type": match product.sensor_type {
            SensorType::Sensor => "sensor",
            SensorType::Actuator => "actuactor",
            SensorType::Both => "both",
        },
        "description": product.description,
        "price": decimal(product.price, 2),
        "sale_active": product.sale_active,
        "sale_price": product.sale_price.map(|cents| decimal(cents, 2)),
        "id": product.id,
    })
}

fn products(db: &Database, request: &HttpRequest) -> Response {
    products_asked_for(db, request).unwrap_or_else(|exception| pages::crashed_in_rest(&request.path, &exception))
}

/// Names are compared as the database compares them, so an answer can contain more than was requested.
fn products_asked_for(db: &Database, request: &HttpRequest) -> Result<Response, Exception> {
    let asks = |name| request.query.one(name);
    for name in ["name", "hub", "seller", "search", "description_contains"] {
        comparable(asks(name).unwrap_or_default())?;
    }
    if asks("seller").is_some_and(|seller| db.user(seller).is_none()) {
        return Err(Exception::no_row("User"));
    }
    let pk = asks("pk").map(|text| {
        let reason = || format!("invalid literal for int() with base 10: '{text}'");
        text.trim().parse::<i64>().map_err(|_| Exception::new("ValueError", reason()))
    });
    let pk = pk.transpose()?;
    let restricted = asks("restricted_active").map(|flag| match flag {
        "0" | "False" | "f" => Ok(false),
        "1" | "True" | "t" => Ok(true),
        other => {
            let reason = format!("[\"'{other}' value must be either True or False.\"]");
            Err(Exception::new("ValidationError", reason))
        }
    });
    let restricted = restricted.transpose()?;
    let holds =
        |text: &str, part: Option<&str>| part.is_none_or(|part| text.to_lowercase().contains(&part.to_lowercase()));
    let wanted = db.products.iter().filter(|product| {
        asks("name").is_none_or(|name| same(&product.title, name))
            && asks("seller").is_none_or(|seller| same(&product.owner, seller))
            && asks("hub").is_none_or(|hub| same(&product.hub, hub))
            && asks("sensor_type").is_none_or(|kind| {
                kind == match product.sensor_type {
                    SensorType::Sensor => "sensor",
                    SensorType::Actuator => "actuator",
                    SensorType::Both => "both",
                }
            })
            && restricted.is_none_or(|restricted| restricted == product.restricted_active)
            && holds(&product.description, asks("description_contains"))
            && (holds(&product.description, asks("search")) || holds(&product.title, asks("search")))
            && pk.is_none_or(|pk| i64::try_from(product.id) == Ok(pk))
    });
    Ok(json_list(wanted.map(product_json), request))
}

fn new_product(shared: &Shared, request: &HttpRequest, user: &str) -> io::Result<Response> {
    let given = match Given::new(request) {
        Ok(given) => given,
        Err(why) => return Ok(answer_json(StatusCode::BAD_REQUEST, &why)),
    };
    let form = ProductForm {
        title: given.one("title"),
        hub: given.one("hub"),
        description: given.one("description"),
        price: given.one("price"),
        sensor_type: given.one("sensor_type"),
        sale_price: given.one("sale_price"),
        sale_active: given.ticked("sale_active"),
        restricted_active: given.ticked("restricted_active"),
        latitude: given.one("latitude"),
        longitude: given.one("longitude"),
        media: None,
    };
    let mail = shared.mail();
    Ok(match shared.change(|db| product::create(db, mail, user, &form))? {
        Ok(product) => answer_json(StatusCode::CREATED, &product_json(&product)),
        Err(stop) => stopped(request, stop),
    })
}

fn new_hub(shared: &Shared, request: &HttpRequest, user: &str) -> io::Result<Response> {
    let [name, private] = match Given::new(request).and_then(|given| given.required(["name", "private"])) {
        Ok(fields) => fields,
        Err(why) => return Ok(answer_json(StatusCode::BAD_REQUEST, &why)),
    };
    let private = if private.eq_ignore_ascii_case("true") { "True" } else { "False" };
    Ok(match shared.change(|db| hub::create(db, user, Some(&name), Some(private)))? {
        Ok(hub) => answer_json(StatusCode::CREATED, &hub_json(&hub)),
        Err(stop) => stopped(request, stop),
    })
}

async fn new_device(shared: &Shared, request: &HttpRequest, user: &str) -> io::Result<Response> {
    let fields = Given::new(request).and_then(|given| given.required(["hub_name", "name", "rgs_type", "password"]));
    let [hub, name, rgs_type, value] = match fields {
        Ok(fields) => fields,
        Err(why) => return Ok(answer_json(StatusCode::BAD_REQUEST, &why)),
    };
    Ok(match create_device(shared, user, [&hub, &name, &rgs_type, &value]).await? {
        Ok(device) => answer_json(StatusCode::CREATED, &device_json(&device)),
        Err(stop) => stopped(request, stop),
    })
}

async fn one_device(shared: &Shared, request: &HttpRequest, user: &str, id: u64, method: &str) -> io::Result<Response> {
    let device = shared.db().device(id).filter(|device| device.owner == user).cloned();
    let Some(device) = device else { return Ok(missing()) };
    Ok(match method {
        "GET" => answer_json(StatusCode::OK, &device_json(&device)),
        "PUT" => {
            let fields = Given::new(request).and_then(|given| given.required(["rgs_type", "password"]));
            let [rgs_type, value] = match fields {
                Ok(fields) => fields,
                Err(why) => return Ok(answer_json(StatusCode::BAD_REQUEST, &why)),
            };
            match edit_device(shared, &device, &rgs_type, &value).await? {
                Ok(Some(device)) => answer_json(StatusCode::OK, &device_json(&device)),
                Ok(None) => missing(),
                Err(stop) => stopped(request, stop),
            }
        }
        "DELETE" => match delete_device(shared, &device).await? {
            Ok(()) => pages::response(StatusCode::NO_CONTENT, "application/json", String::new()),
            Err(stop) => stopped(request, stop),
        },
        method => not_allowed(method),
    })
}

//! The marketplace's REST endpoints: the one that was released, and the announced ones for hubs and devices (I3 facts §2).

use std::io;
use std::sync::atomic::Ordering::Relaxed;

use axum::http::{HeaderValue, Method, StatusCode, header};
use axum::response::Response;
use serde_json::{Map, Value, json};

use super::request::Asked;
use super::{forms, pages};
use crate::sandbox::shared::Shared;
use crate::sandbox::state::{Device, FieldError, Hub, Product, ProductError, ProductFields, SensorType, State};

/// Items in a list unless the query says otherwise.
const PAGE: usize = 10;

/// Answers everything under `/api/`.
pub(super) async fn answer(shared: &Shared, asked: &Asked) -> io::Result<Response> {
    let parts: Vec<&str> = asked.path.trim_matches('/').split('/').skip(1).collect();
    let known = match parts.as_slice() {
        ["product"] => true,
        ["device" | "hub"] => shared.rest,
        ["device", id] => shared.rest && id.parse::<u64>().is_ok(),
        _ => false,
    };
    if !known {
        return Ok(pages::not_found());
    }
    if !asked.path.ends_with('/') {
        return Ok(if asked.method == Method::GET {
            pages::redirect(StatusCode::MOVED_PERMANENTLY, &format!("{}/", asked.path))
        } else {
            pages::crashed(&asked.path, "RuntimeError", "the URL doesn't end in a slash and you have APPEND_SLASH set.")
        });
    }
    if parts == ["device"] && asked.method == Method::POST {
        shared.counters.device_posts.fetch_add(1, Relaxed);
    }
    let user = match user(shared, asked) {
        Ok(user) => user,
        Err(detail) => return Ok(unauthorized(detail)),
    };
    match (parts.as_slice(), asked.method.as_str()) {
        (["product"], "GET") => Ok(products(&shared.state(), asked)),
        (["product"], "POST") if shared.rest => new_product(shared, asked, &user),
        (["hub"], "GET") => {
            let state = shared.state();
            let own = state.hubs.iter().filter(|hub| hub.owner == user);
            Ok(json_list(own.map(hub_json), asked))
        }
        (["hub"], "POST") => new_hub(shared, asked, &user),
        (["device"], "GET") => {
            let state = shared.state();
            let hub = asked.query.one("hub");
            let own = state.devices.iter().filter(|device| device.owner == user);
            Ok(json_list(own.filter(|device| hub.is_none_or(|hub| device.hub == hub)).map(device_json), asked))
        }
        (["device"], "POST") => new_device(shared, asked, &user).await,
        (["device", id], method) => one_device(shared, asked, &user, id.parse().unwrap_or(0), method),
        (_, method) => Ok(not_allowed(method)),
    }
}

fn user(shared: &Shared, asked: &Asked) -> Result<String, &'static str> {
    let authorization = asked.header(header::AUTHORIZATION).unwrap_or_default();
    let (scheme, key) = authorization.split_once(' ').unwrap_or((authorization, ""));
    if !scheme.eq_ignore_ascii_case("token") {
        return Err("Authentication credentials were not provided.");
    }
    let state = shared.state();
    state.user_of_key(key.trim()).map(|user| user.name.clone()).ok_or("Invalid token.")
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

fn refused(error: &FieldError) -> Response {
    answer_json(StatusCode::BAD_REQUEST, &json!({ error.field: [error.reason] }))
}

fn no_mail(asked: &Asked) -> Response {
    pages::crashed(&asked.path, "ConnectionRefusedError", "[Errno 111] Connection refused")
}

/// A bare list, cut at ten, that tells nobody of the rest.
fn json_list(items: impl Iterator<Item = Value>, asked: &Asked) -> Response {
    let number = |name| asked.query.one(name).and_then(|text| text.parse::<usize>().ok());
    let limit = number("limit").filter(|limit| *limit > 0).unwrap_or(PAGE);
    let items: Vec<Value> = items.skip(number("offset").unwrap_or(0)).take(limit).collect();
    answer_json(StatusCode::OK, &Value::Array(items))
}

/// The fields of a JSON or form body, or what its sender is told with a 400; numbers and booleans as the form writes them.
struct Given<'a> {
    asked: &'a Asked,
    json: Option<Map<String, Value>>,
}

impl<'a> Given<'a> {
    fn new(asked: &'a Asked) -> Result<Given<'a>, Value> {
        let is_json = asked.header(header::CONTENT_TYPE).is_some_and(|kind| kind.starts_with("application/json"));
        if !is_json {
            return Ok(Given { asked, json: None });
        }
        let json = serde_json::from_slice::<Map<String, Value>>(&asked.body);
        let json = json.map_err(|e| json!({ "detail": format!("JSON parse error - {e}") }))?;
        Ok(Given { asked, json: Some(json) })
    }

    fn one(&self, name: &str) -> Option<String> {
        let Some(json) = &self.json else { return self.asked.form().owned(name) };
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

fn hub_json(hub: &Hub) -> Value {
    json!({ "id": hub.id, "name": hub.name, "private": hub.private })
}

fn device_json(device: &Device) -> Value {
    json!({ "id": device.id, "name": device.name, "hub_name": device.hub, "rgs_type": device.rgs_type })
}

fn product_json(product: &Product) -> Value {
    json!({
        "seller": product.owner,
        "media": null,
        "title": product.title,
        "sensor_type": match product.sensor_type {
            SensorType::Sensor => "sensor",
            SensorType::Actuator => "actuactor",
            SensorType::Both => "both",
        },
        "description": product.description,
        "price": product.price,
        "sale_active": product.sale_active,
        "sale_price": product.sale_price,
        "id": product.id,
    })
}

fn products(state: &State, asked: &Asked) -> Response {
    let asks = |name| asked.query.one(name).filter(|value| !value.is_empty());
    if let Some(seller) = asks("seller")
        && state.user(seller).is_none()
    {
        return pages::crashed(&asked.path, "DoesNotExist", "User matching query does not exist.");
    }
    let pk = match asks("pk").map(str::parse::<u64>) {
        None => None,
        Some(Ok(pk)) => Some(pk),
        Some(Err(_)) => {
            let reason = format!("invalid literal for int() with base 10: '{}'", asks("pk").unwrap_or_default());
            return pages::crashed(&asked.path, "ValueError", &reason);
        }
    };
    let holds =
        |text: &str, part: Option<&str>| part.is_none_or(|part| text.to_lowercase().contains(&part.to_lowercase()));
    let wanted = state.products.iter().filter(|product| {
        asks("name").is_none_or(|name| product.title == name)
            && asks("seller").is_none_or(|seller| crate::collation::same(&product.owner, seller))
            && asks("hub").is_none_or(|hub| product.hub == hub)
            && asks("sensor_type").is_none_or(|kind| {
                kind == match product.sensor_type {
                    SensorType::Sensor => "sensor",
                    SensorType::Actuator => "actuator",
                    SensorType::Both => "both",
                }
            })
            && asks("restricted_active").is_none_or(|flag| (flag == "1") == product.restricted_active)
            && holds(&product.description, asks("description_contains"))
            && (holds(&product.description, asks("search")) || holds(&product.title, asks("search")))
            && pk.is_none_or(|pk| product.id == pk)
    });
    json_list(wanted.map(product_json), asked)
}

fn new_product(shared: &Shared, asked: &Asked, user: &str) -> io::Result<Response> {
    let given = match Given::new(asked) {
        Ok(given) => given,
        Err(why) => return Ok(answer_json(StatusCode::BAD_REQUEST, &why)),
    };
    let fields = ProductFields {
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
    };
    let mail_down = shared.mail_down.load(Relaxed);
    Ok(match shared.change(|state| state.add_product(user, &fields, !mail_down))? {
        Ok(_) if mail_down => no_mail(asked),
        Ok(product) => answer_json(StatusCode::CREATED, &product_json(&product)),
        Err(ProductError::Field(e) | ProductError::HubOrDuplicate(e)) => refused(&e),
        Err(ProductError::TooLong) => {
            let reason = "(1406, \"Data too long for column 'title' at row 1\")";
            pages::crashed(&asked.path, "DataError", reason)
        }
    })
}

fn new_hub(shared: &Shared, asked: &Asked, user: &str) -> io::Result<Response> {
    let [name, private] = match Given::new(asked).and_then(|given| given.required(["name", "private"])) {
        Ok(fields) => fields,
        Err(why) => return Ok(answer_json(StatusCode::BAD_REQUEST, &why)),
    };
    let created =
        shared.change(|state| state.add_hub(user, &name, private.eq_ignore_ascii_case("true")).map(hub_json))?;
    Ok(created.map_or_else(|e| refused(&e), |hub| answer_json(StatusCode::CREATED, &hub)))
}

async fn new_device(shared: &Shared, asked: &Asked, user: &str) -> io::Result<Response> {
    let fields = Given::new(asked).and_then(|given| given.required(["hub_name", "name", "rgs_type", "password"]));
    let [hub, name, rgs_type, value] = match fields {
        Ok(fields) => fields,
        Err(why) => return Ok(answer_json(StatusCode::BAD_REQUEST, &why)),
    };
    Ok(match forms::create_device(shared, user, [&hub, &name, &rgs_type, &value]).await? {
        Err(e) => refused(&e),
        Ok(_) if shared.mail_down.load(Relaxed) => no_mail(asked),
        Ok(device) => answer_json(StatusCode::CREATED, &device_json(&device)),
    })
}

fn one_device(shared: &Shared, asked: &Asked, user: &str, id: u64, method: &str) -> io::Result<Response> {
    let device = shared.state().devices.iter().find(|device| device.id == id && device.owner == user).cloned();
    let Some(device) = device else { return Ok(missing()) };
    Ok(match method {
        "GET" => answer_json(StatusCode::OK, &device_json(&device)),
        "PUT" => {
            let fields = Given::new(asked).and_then(|given| given.required(["rgs_type", "password"]));
            let [rgs_type, value] = match fields {
                Ok(fields) => fields,
                Err(why) => return Ok(answer_json(StatusCode::BAD_REQUEST, &why)),
            };
            match shared.change(|state| state.edit_device(id, &rgs_type, &value))? {
                Ok(Some(device)) => answer_json(StatusCode::OK, &device_json(&device)),
                Ok(None) => missing(),
                Err(e) => refused(&e),
            }
        }
        "DELETE" => {
            shared.change(|state| state.delete_device(id))?;
            pages::response(StatusCode::NO_CONTENT, "application/json", String::new())
        }
        method => not_allowed(method),
    })
}

//! A browser's worth of raw HTTP: one request a connection, read until the server closes.

use std::collections::BTreeMap;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use i3::sandbox::Controls;
use serde_json::Value;

/// An answer as it came over the wire.
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn header(&self, name: &str) -> Option<&str> {
        self.head.lines().skip(1).find_map(|line| {
            let (given, value) = line.split_once(':')?;
            given.eq_ignore_ascii_case(name).then(|| value.trim())
        })
    }

    pub fn location(&self) -> &str {
        self.header("location").unwrap_or("nowhere")
    }

    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.body))
    }
}

/// Sends bytes and reads until the other side closes; `None` if that is all it does.
pub fn raw(market_url: &str, request: &str) -> Option<Answer> {
    let mut stream = TcpStream::connect(market_url.strip_prefix("http://").unwrap()).unwrap();
    stream.set_read_timeout(Some(Duration::from_secs(10))).unwrap();
    stream.write_all(request.as_bytes()).unwrap();
    let mut bytes = Vec::new();
    let _ = stream.read_to_end(&mut bytes);
    let text = String::from_utf8(bytes).unwrap();
    if text.is_empty() {
        return None;
    }
    let (head, body) = text.split_once("\r\n\r\n").unwrap();
    let status = head.split(' ').nth(1).unwrap().parse().unwrap();
    Some(Answer { status, head: head.into(), body: body.into() })
}

/// A person with cookies.
#[derive(Clone)]
pub struct Browser {
    url: String,
    pub cookies: BTreeMap<String, String>,
}

impl Browser {
    pub fn new(sandbox: &Controls) -> Browser {
        Browser { url: sandbox.market_url(), cookies: BTreeMap::new() }
    }

    /// A browser that the seeded seller is logged in with.
    pub fn of_seller(sandbox: &Controls) -> Browser {
        let seed = sandbox.seed();
        Browser::logged_in(sandbox, &seed.seller, seed.seller_password.expose())
    }

    pub fn logged_in(sandbox: &Controls, user: &str, password: &str) -> Browser {
        let mut browser = Browser::new(sandbox);
        browser.get("/accounts/login/");
        let answer = browser.post("/accounts/login/", &[("username", user), ("password", password)]);
        assert_eq!((answer.status, answer.location()), (302, "/"));
        browser
    }

    pub fn try_request(&mut self, method: &str, path: &str, headers: &str, body: &str) -> Option<Answer> {
        let cookies: Vec<String> = self.cookies.iter().map(|(name, value)| format!("{name}={value}")).collect();
        let cookies = if cookies.is_empty() { String::new() } else { format!("Cookie: {}\r\n", cookies.join("; ")) };
        let answer = raw(
            &self.url,
            &format!(
                "{method} {path} HTTP/1.1\r\nHost: localhost\r\n{cookies}{headers}Content-Length: {}\r\n\r\n{body}",
                body.len()
            ),
        )?;
        for line in answer.head.lines().filter_map(|line| line.strip_prefix("set-cookie: ")) {
            let (name, value) = line.split(';').next().unwrap().split_once('=').unwrap();
            self.cookies.insert(name.into(), value.into());
        }
        Some(answer)
    }

    pub fn get(&mut self, path: &str) -> Answer {
        self.try_request("GET", path, "", "").unwrap()
    }

    /// A form-encoded POST with the CSRF token of the cookie.
    pub fn try_post(&mut self, path: &str, fields: &[(&str, &str)]) -> Option<Answer> {
        let token = self.cookies.get("csrftoken").cloned().unwrap_or_default();
        let body = form_urlencoded::Serializer::new(String::new())
            .append_pair("csrfmiddlewaretoken", &token)
            .extend_pairs(fields)
            .finish();
        self.try_request("POST", path, "Content-Type: application/x-www-form-urlencoded\r\n", &body)
    }

    pub fn post(&mut self, path: &str, fields: &[(&str, &str)]) -> Answer {
        self.try_post(path, fields).unwrap()
    }

    /// A script's call: the AJAX header and the CSRF token as a header.
    pub fn ajax(&mut self, method: &str, path: &str) -> Answer {
        let token = self.cookies.get("csrftoken").cloned().unwrap_or_default();
        let headers = format!("X-Requested-With: XMLHttpRequest\r\nX-CSRFToken: {token}\r\n");
        self.try_request(method, path, &headers, "").unwrap()
    }

    /// A multipart POST with text fields and one file.
    pub fn upload(
        &mut self,
        path: &str,
        fields: &[(&str, &str)],
        (field, file, content): (&str, &str, &str),
    ) -> Answer {
        let token = self.cookies.get("csrftoken").cloned().unwrap_or_default();
        let texts: String = [("csrfmiddlewaretoken", token.as_str())]
            .iter()
            .chain(fields)
            .map(|(name, value)| format!("--B\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n"))
            .collect();
        let head = format!("--B\r\nContent-Disposition: form-data; name=\"{field}\"; filename=\"{file}\"\r\n\r\n");
        let body = format!("{texts}{head}{content}\r\n--B--\r\n");
        self.try_request("POST", path, "Content-Type: multipart/form-data; boundary=B\r\n", &body).unwrap()
    }

    /// Puts a product into the cart and checks out: the answer to the latter.
    pub fn buy(&mut self, product: u64) -> Answer {
        let answer =
            self.post("/cart/", &[("item", &product.to_string()), ("qty", "1"), ("request_message", "please")]);
        assert_eq!((answer.status, answer.location()), (302, "/cart/"));
        self.ajax("POST", "/checkout/")
    }

    /// Fills in the device form: hub `parking`, name, type, value.
    pub fn create_device(&mut self, name: &str, rgs_type: &str, value: &str) -> Answer {
        let fields = [("hub_name", "parking"), ("name", name), ("rgs_type", rgs_type), ("password", value)];
        self.post("/devices/create/", &fields)
    }

    /// Sends the same device form twice at once: with a delay in the sandbox, the marketplace takes both.
    pub fn create_device_twice(&self, name: &str, rgs_type: &str, value: &str) {
        std::thread::scope(|scope| {
            for mut browser in [self.clone(), self.clone()] {
                scope.spawn(move || assert_eq!(browser.create_device(name, rgs_type, value).status, 302));
            }
        });
    }

    /// Fills in the product form: hub `parking`, title, sensor type.
    pub fn create_product(&mut self, title: &str, sensor_type: &str) -> Answer {
        self.post("/products/create/", &product(title, "parking", sensor_type))
    }
}

pub fn product<'a>(title: &'a str, hub: &'a str, sensor_type: &'a str) -> [(&'a str, &'a str); 6] {
    [
        ("title", title),
        ("hub", hub),
        ("description", "of the north side"),
        ("price", "2.00"),
        ("sensor_type", sensor_type),
        ("sale_price", ""),
    ]
}

/// A request to the REST endpoints with the seeded seller's key and a JSON body.
pub fn rest(sandbox: &Controls, method: &str, path: &str, body: &str) -> Answer {
    let key = sandbox.seed().api_key.expose();
    let headers = format!("Authorization: Token {key}\r\nContent-Type: application/json\r\n");
    Browser::new(sandbox).try_request(method, path, &headers, body).unwrap()
}

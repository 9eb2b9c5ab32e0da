//! The marketplace's client against a scripted marketplace: its requests, how often it sends them, and how it reads the
//! answers.

mod register;
mod transport;

use std::sync::{Arc, Mutex};
use std::time::Duration;

use i3::market::Market;
use i3::market::auth::{Login, MarketAuth, TransportChoice};
use i3::market::change::ChangeError;
use i3::market::client::MarketClient;
use i3::market::credential::{NewDevice, RegisteredCredential};
use i3::market::device::{Registered, Registration, register};
use i3::market::http::{HttpError, HttpOptions, Interception, Skew};
use i3::market::web::WebError;
use i3::name::ShortName;
use i3::secret::Secret;

use crate::support::http_server::{HttpServer, Reply, Request};

const PASSWORD: &str = "log in & out";
const KEY: &str = "0123456789abcdef0123456789abcdef01234567";
const VALUE: &str = "device-secret";

/// What the scripted marketplace does with a new device.
#[derive(Clone, Copy, PartialEq)]
enum Create {
    Take,
    TakeNothing,
    TakeTwice,
    TakeInCapitals,
    BreakAndTake,
    Break,
    Blank,
    BlankAndTake,
    Cut,
    CutAndTake,
    CutInBodyAndTake,
    HangAndTake,
    CutAndTakeLater,
    Csrf,
    Expired,
    Reject,
    NotAllowed,
    NotFound,
}

/// What it does when it is checked after that.
#[derive(Clone, Copy, PartialEq)]
enum After {
    Show,
    Cut,
    CutOnce,
    Expired,
}

struct Script {
    hubs: Vec<&'static str>,
    /// Hub and name of every device; the number is the place, from 1.
    devices: Vec<(usize, String)>,
    create: Create,
    after: After,
    rest: bool,
    /// Looks at a hub since the POST, once there was one.
    looks: Option<usize>,
}

impl Default for Script {
    fn default() -> Self {
        Script {
            hubs: vec!["alice/meteo", "alice/parking"],
            devices: vec![(2, "old1".into())],
            create: Create::Take,
            after: After::Show,
            rest: false,
            looks: None,
        }
    }
}

impl Script {
    fn answer(&mut self, request: &Request) -> Reply {
        let path = request.path().to_owned();
        if path.starts_with("/api/") {
            return self.api(request, &path);
        }
        let cookies = request.header("cookie").unwrap_or_default().to_owned();
        let form = |complaint: &str| {
            Reply::html(
                200,
                format!(
                    "<form method=post>{complaint}<input type=hidden name=csrfmiddlewaretoken value=first>\
                     <input name=username><input name=password type=password></form>"
                ),
            )
            .with("Set-Cookie", "csrftoken=first; Path=/; SameSite=Lax")
        };
        match (request.method.as_str(), path.as_str()) {
            ("GET", "/accounts/login/") => form(""),
            ("POST", "/accounts/login/") => {
                if !cookies.contains("csrftoken=first") || request.field("csrfmiddlewaretoken").unwrap() != "first" {
                    return Reply::html(403, "<h1>Forbidden</h1><p>CSRF verification failed. Request aborted.</p>");
                }
                let user = request.field("username").unwrap();
                if !user.eq_ignore_ascii_case("alice") || request.field("password").unwrap() != PASSWORD {
                    return form("<p class=\"text-danger\">Invalid username/password!</p>");
                }
                Reply::redirect("/")
                    .with("Set-Cookie", "csrftoken=second; Path=/")
                    .with("Set-Cookie", "sessionid=session7; HttpOnly; Path=/")
            }
            ("GET", "/key/") if !cookies.contains("sessionid=session7") => Reply::html(500, "<title>TypeError</title>"),
            (_, path) if !cookies.contains("sessionid=session7") => {
                Reply::redirect(&format!("/accounts/login/?next={path}"))
            }
            ("GET", "/key/") => Reply::html(200, format!("<input id=\"foo\" value=\"{KEY}\" readonly>")),
            ("GET", "/hubs/") => Reply::html(
                200,
                (self.hubs.iter().zip(1..))
                    .map(|(hub, id)| format!("<h4><a href=\"/hubs/{id}/\">{hub}</a></h4>"))
                    .fold("<h3>My Hubs</h3>".to_string(), |page, hub| page + &hub),
            ),
            ("POST", "/devices/create/") => {
                assert!(cookies.contains("csrftoken=second"));
                assert_eq!(request.field("csrfmiddlewaretoken").unwrap(), "second");
                let (hub, name) = (request.field("hub_name").unwrap(), request.field("name").unwrap());
                self.create(&hub, &name, Reply::redirect("/hubs/"))
            }
            ("GET", path) if path.starts_with("/hubs/") => self.look().unwrap_or_else(|| {
                let id: usize = path["/hubs/".len()..path.len() - 1].parse().unwrap();
                // The page of a hub shows the devices of all that the database takes for the same.
                let twins = (1..).zip(&self.hubs).filter(|(_, hub)| hub.eq_ignore_ascii_case(self.hubs[id - 1]));
                let rows: String = twins
                    .flat_map(|(hub, _)| self.shown(hub))
                    .map(|(id, name)| {
                        format!("<h4>{name}<a href=\"/devices/delete/{id}\">X</a><a href=\"/devices/edit/{id}\">E</a></h4>")
                    })
                    .collect();
                let devices = if rows.is_empty() { "<h4>No Device in This Hub</h4>".into() } else { rows };
                Reply::html(
                    200,
                    format!(
                        "<h3>This is a public Hub</h3><h3>Devices in this hub</h3>{devices}<a href=\"/devices/create\"></a>\
                         <h3>Products in this hub</h3><h4>No Product in This Hub</h4>"
                    ),
                )
            }),
            _ => Reply::html(404, "<h1>Not Found</h1>"),
        }
    }

    fn api(&mut self, request: &Request, path: &str) -> Reply {
        if request.header("authorization") != Some(&format!("Token {KEY}")) {
            return Reply::json(401, "{\"detail\": \"Invalid token.\"}");
        }
        let page = |all: Vec<String>| {
            // Its own limit is lower than the requested one.
            let number = |name, default| request.query(name).map_or(default, |n| n.parse().unwrap());
            let items: Vec<_> = all.into_iter().skip(number("offset", 0)).take(number("limit", 10).min(30)).collect();
            Reply::json(200, format!("[{}]", items.join(",")))
        };
        match (request.method.as_str(), path) {
            ("GET", "/api/product/") => page(
                (1..=65)
                    .map(|id| {
                        format!(
                            "{{\"seller\":\"alice\",\"media\":null,\"title\":\"{}/p{id:03}\",\"sensor_type\":\"both\",\
                             \"description\":\"\",\"price\":\"2.00\",\"sale_active\":false,\"sale_price\":null,\"id\":{id}}}",
                            request.query("hub").unwrap()
                        )
                    })
                    .collect(),
            ),
            _ if !self.rest => Reply::html(404, "<title>Page not found</title>"),
            ("GET", "/api/hub/") => page(
                (self.hubs.iter().zip(1..)).map(|(hub, id)| format!("{{\"id\":{id},\"name\":\"{hub}\"}}")).collect(),
            ),
            ("GET", "/api/device/") => self.look().unwrap_or_else(|| {
                let hub = request.query("hub").unwrap();
                let id = self.hubs.iter().position(|h| *h == hub).unwrap() + 1;
                let item = |(id, name)| format!("{{\"id\":{id},\"name\":\"{name}\",\"hub_name\":\"{hub}\",\"rgs_type\":2}}");
                page(self.shown(id).map(item).collect())
            }),
            ("POST", "/api/device/") => {
                let body: serde_json::Value = serde_json::from_slice(&request.body).unwrap();
                assert_eq!((&body["rgs_type"], &body["password"]), (&1.into(), &VALUE.into()));
                let (hub, name) = (body["hub_name"].as_str().unwrap(), body["name"].as_str().unwrap());
                self.create(hub, name, Reply::json(201, "{\"id\": 2}"))
            }
            _ => Reply::json(404, "{}"),
        }
    }

    fn shown(&self, hub: usize) -> impl Iterator<Item = (usize, String)> {
        let full = self.hubs[hub - 1].replace('/', "$");
        let rows = self.devices.iter().zip(1..).filter(move |((of, _), _)| *of == hub);
        rows.map(move |((_, name), id)| (id, format!("{full}${name}")))
    }

    /// Something else than a look, if that is due.
    fn look(&mut self) -> Option<Reply> {
        let looks = self.looks.as_mut()?;
        *looks += 1;
        if self.create == Create::CutAndTakeLater && *looks == 2 {
            self.devices.push((2, "lot1".into()));
        }
        match self.after {
            After::Cut => Some(Reply::Cut),
            After::CutOnce if *looks == 1 => Some(Reply::Cut),
            After::Expired => Some(Reply::redirect("/accounts/login/?next=/hubs/2/")),
            _ => None,
        }
    }

    fn create(&mut self, hub: &str, name: &str, taken: Reply) -> Reply {
        self.looks = Some(0);
        let hub = self.hubs.iter().position(|h| h.ends_with(&format!("/{hub}"))).unwrap() + 1;
        let mut store = |name: &str| self.devices.push((hub, name.to_owned()));
        match self.create {
            Create::Take
            | Create::BreakAndTake
            | Create::BlankAndTake
            | Create::CutAndTake
            | Create::CutInBodyAndTake
            | Create::HangAndTake => store(name),
            Create::TakeTwice => {
                store(name);
                store(name);
            }
            Create::TakeInCapitals => store(&name.to_uppercase()),
            _ => {}
        }
        let title = "<title>OSError at /devices/create/</title>";
        let broken = format!("{title}<pre class=exception_value>[Errno 111] mail of {VALUE} refused</pre>");
        match self.create {
            Create::Take | Create::TakeNothing | Create::TakeTwice | Create::TakeInCapitals => taken,
            Create::BreakAndTake | Create::Break => Reply::html(500, broken),
            Create::Blank | Create::BlankAndTake => Reply::html(200, "<form method=post><input name=hub_name></form>"),
            Create::Cut | Create::CutAndTake | Create::CutAndTakeLater => Reply::Cut,
            Create::CutInBodyAndTake => Reply::CutInBody,
            Create::HangAndTake => Reply::Hang,
            Create::Csrf => Reply::html(403, "<h1>Forbidden</h1><p>CSRF verification failed. Request aborted.</p>"),
            Create::Expired => Reply::redirect("/accounts/login/?next=/devices/create/"),
            Create::Reject => Reply::json(400, format!("{{\"name\": [\"Not {VALUE}.\"], \"hub_name\": [\"No.\"]}}")),
            Create::NotAllowed => Reply::json(405, "{\"detail\": \"Method \\\"POST\\\" not allowed.\"}"),
            Create::NotFound => Reply::html(404, "<h1>Not Found</h1>"),
        }
    }
}

struct Scene {
    server: HttpServer,
    market: Market,
}

impl Scene {
    fn new(script: Script) -> Scene {
        let script = Arc::new(Mutex::new(script));
        let server = HttpServer::start(move |request| script.lock().unwrap().answer(request));
        let options = HttpOptions { timeout: Duration::from_millis(700), ..HttpOptions::default() };
        let market = Market::new(server.url().parse().unwrap(), &options).unwrap();
        Scene { server, market }
    }

    fn register(&self, via: TransportChoice, key: Option<&str>, user: Option<&str>) -> Result<Registered, ChangeError> {
        self.register_as(via, key, user, "parking", "lot1")
    }

    fn register_as(
        &self,
        via: TransportChoice,
        key: Option<&str>,
        user: Option<&str>,
        hub: &str,
        device: &str,
    ) -> Result<Registered, ChangeError> {
        let (key, password) = (key.map(Secret::new), Secret::new(PASSWORD));
        let log_in = user.map(|user| Login::Password { user, password: &password });
        let credential = RegisteredCredential::plain_password(&Secret::new(VALUE)).unwrap();
        let (hub, device) = (hub.parse().unwrap(), ShortName::device(device).unwrap());
        let registration = Registration {
            hub: &hub,
            device: &device,
            credential: &credential,
            poll_interval: Duration::from_millis(1),
        };
        register(
            &mut MarketClient::open(&self.market, &MarketAuth { via, api_key: key.as_ref(), log_in })?,
            &registration,
        )
    }

    /// How often a device was sent, either way.
    fn sent(&self) -> usize {
        let creates = |r: &Request| r.method == "POST" && ["/devices/create/", "/api/device/"].contains(&r.path());
        self.server.requests().iter().filter(|r| creates(r)).count()
    }

    /// What everything that is sent must be.
    fn assert_transport(&self) {
        for request in self.server.requests() {
            assert_eq!(request.header("transfer-encoding"), None, "{request:?}");
            assert_eq!(request.header("user-agent"), Some(concat!("i3/", env!("CARGO_PKG_VERSION"))));
            assert_eq!(request.header("expect"), None);
            if request.method == "POST" {
                assert_eq!(request.header("content-length"), Some(&*request.body.len().to_string()));
                assert!(request.path().ends_with('/'));
            }
        }
    }
}

/// Registers over both ways, and sees that the device was sent once.
fn both(create: Create, after: After, check: impl Fn(Result<Registered, ChangeError>)) {
    for rest in [false, true] {
        let scene = Scene::new(Script { create, after, rest, ..Script::default() });
        let (via, key, user) =
            if rest { (TransportChoice::Rest, Some(KEY), None) } else { (TransportChoice::Web, None, Some("alice")) };
        let result = scene.register(via, key, user);
        if let Err(e) = &result {
            assert!(!format!("{e} {e:?}").contains(VALUE), "{e:?}");
        }
        check(result);
        assert_eq!(scene.sent(), 1, "over REST: {rest}");
        scene.assert_transport();
    }
}

fn by_form(create: Create, check: impl FnOnce(Result<Registered, ChangeError>)) {
    let scene = Scene::new(Script { create, ..Script::default() });
    check(scene.register(TransportChoice::Web, None, Some("alice")));
    assert_eq!(scene.sent(), 1);
    scene.assert_transport();
}

#[test]
fn a_log_in_gives_key_and_hubs() {
    let scene = Scene::new(Script::default());
    let mut session = scene.market.log_in("alice", &Secret::new(PASSWORD)).unwrap();
    assert_eq!(session.api_key().unwrap().expose(), KEY);
    let hubs = session.hubs().unwrap();
    assert_eq!(hubs.iter().map(|h| h.name.as_str()).collect::<Vec<_>>(), ["alice/meteo", "alice/parking"]);
    assert_eq!(session.hub(&hubs[1]).unwrap().devices[0].name.as_str(), "alice$parking$old1");
    assert!(session.hub(&hubs[0]).unwrap().devices.is_empty());
    scene.assert_transport();

    let cookies = session.cookies().clone();
    assert_eq!(cookies.session_id().unwrap().expose(), "session7");
    assert_eq!(scene.market.resume(cookies).hubs().unwrap(), hubs);
}

#[test]
fn a_wrong_password_is_refused_in_the_marketplaces_words() {
    let scene = Scene::new(Script::default());
    let error = scene.market.log_in("alice", &Secret::new("wrong-one")).unwrap_err();
    assert!(
        matches!(&error, WebError::CredentialsRefused { user, said } if user == "alice" && said == "Invalid username/password!")
    );
    assert!(!format!("{error:?}").contains("wrong-one"));
}

#[test]
fn an_expired_session_is_its_own_error() {
    let scene = Scene::new(Script::default());
    let mut session = scene.market.resume(i3::market::web::Cookies::new(Secret::new("old"), None));
    assert!(matches!(session.hubs(), Err(WebError::SessionExpired(_))));
    // Here the marketplace breaks down instead of saying so.
    assert!(matches!(session.api_key(), Err(WebError::SessionExpired(_))));
    let name = ShortName::device("lot1").unwrap();
    let credential = RegisteredCredential::plain_password(&Secret::new(VALUE)).unwrap();
    let device = NewDevice { hub: "parking", name: &name, credential: &credential };
    assert!(matches!(session.create_device(&device), Err(WebError::SessionExpired(_))));
    assert_eq!(scene.sent(), 0);
}

#[test]
fn a_host_that_is_not_configured_and_a_breakdown_are_told() {
    let market = |reply: Reply| {
        let server = HttpServer::start(move |_| reply.clone());
        let market = Market::new(server.url().parse().unwrap(), &HttpOptions::default()).unwrap();
        let error = market.log_in("alice", &Secret::new(PASSWORD)).unwrap_err();
        drop(server);
        error
    };
    assert!(
        matches!(market(Reply::html(400, "<h1>Bad Request</h1>")), WebError::HostRefused { host } if host == "127.0.0.1")
    );
    assert!(
        matches!(market(Reply::html(500, "<title>KeyError at /</title>")), WebError::ServerError { reason: Some(r), .. } if r.to_string() == "KeyError")
    );
    // A debug page, or an address, that repeats the input is not shown unchanged.
    let log_in = |reply: Reply| {
        let page = "<form method=post><input type=hidden name=csrfmiddlewaretoken value=t><input name=username>\
                    <input name=password type=password></form>";
        let server = HttpServer::start(move |request| match request.method.as_str() {
            "GET" => Reply::html(200, page),
            _ => reply.clone(),
        });
        let market = Market::new(server.url().parse().unwrap(), &HttpOptions::default()).unwrap();
        market.log_in("alice", &Secret::new(PASSWORD)).unwrap_err()
    };
    let value = format!("<title>KeyError at /{PASSWORD}/</title><pre class=exception_value>{PASSWORD}</pre>");
    let broken = log_in(Reply::html(500, value));
    assert!(
        matches!(&broken, WebError::ServerError { reason: Some(r), .. } if r.to_string() == "KeyError"),
        "{broken:?}"
    );
    let astray = log_in(Reply::redirect(&format!("/elsewhere?{PASSWORD}")));
    assert!(matches!(&astray, WebError::Unexpected { location: Some(l), .. } if l == "/elsewhere"), "{astray:?}");
    let portal = market(Reply::html(200, "<h1>Wi-Fi portal</h1>"));
    assert!(matches!(
        portal,
        WebError::Http(HttpError::Intercepted { interception: Interception::Foreign { status: 200 }, .. })
    ));
    assert!(matches!(market(Reply::Cut), WebError::Http(HttpError::Cut { .. })));
    let long = Reply::html(200, "x".repeat((64 << 20) + 1));
    assert!(matches!(market(long), WebError::Http(HttpError::TooLarge { .. })));
}

#[test]
fn the_clock_is_compared_with_the_marketplaces() {
    let server = HttpServer::start(|_| Reply::html(404, "").with("Date", "Thu, 01 Jan 2015 00:00:00 GMT"));
    let market = Market::new(server.url().parse().unwrap(), &HttpOptions::default()).unwrap();
    assert_eq!(market.clock_skew(), None);
    assert!(market.log_in("alice", &Secret::new(PASSWORD)).is_err());
    assert!(matches!(market.clock_skew(), Some(Skew::Ahead(by)) if by > Duration::from_secs(3600)));
}

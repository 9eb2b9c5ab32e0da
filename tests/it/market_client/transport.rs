//! Which transport the client uses, and lists that are complete no matter what the server does.

use i3::market::Market;
use i3::market::auth::{ClientError, Transport, TransportChoice};
use i3::market::change::{ChangeError, ChangeNote};
use i3::market::http::HttpOptions;
use i3::market::model::ProductQuery;
use i3::market::rest::RestError;
use i3::secret::Secret;

use super::{Create, KEY, Scene, Script};
use crate::support::http_server::{HttpServer, Reply};

#[test]
fn auto_takes_rest_where_it_is_and_the_form_where_it_is_not() {
    let scene = Scene::new(Script { rest: true, ..Script::default() });
    assert_eq!(scene.register(TransportChoice::Auto, Some(KEY), Some("alice")).unwrap().transport, Transport::Rest);
    assert!(scene.server.requests().iter().all(|r| r.path().starts_with("/api/")));

    let scene = Scene::new(Script::default());
    let done = scene.register(TransportChoice::Auto, Some(KEY), Some("alice")).unwrap();
    assert_eq!(done.transport, Transport::Web);
    assert!(matches!(done.notes[..], [ChangeNote::FormsOnly(_)]));
    assert_eq!(scene.sent(), 1);

    assert_eq!(
        scene.register_as(TransportChoice::Auto, None, Some("alice"), "parking", "lot2").unwrap().transport,
        Transport::Web
    );
}

#[test]
fn an_endpoint_that_lists_but_does_not_create_leads_to_the_form() {
    let scene = Scene::new(Script { rest: true, create: Create::NotAllowed, ..Script::default() });
    let error = scene.register(TransportChoice::Auto, Some(KEY), None).unwrap_err();
    assert!(
        matches!(error, ChangeError::Client(ClientError::NeedsLogIn(RestError::FormsOnly { status: 405, .. }))),
        "{error:?}"
    );
}

#[test]
fn where_neither_way_is_open_the_error_says_why() {
    let scene = Scene::new(Script::default());
    let error = scene.register(TransportChoice::Auto, Some(KEY), None).unwrap_err();
    assert!(matches!(error, ChangeError::Client(ClientError::NeedsLogIn(RestError::FormsOnly { status: 404, .. }))));
    let error = scene.register(TransportChoice::Rest, Some(KEY), Some("alice")).unwrap_err();
    assert!(matches!(error, ChangeError::Client(ClientError::Rest(RestError::FormsOnly { .. }))));
    for (via, key, user) in [
        (TransportChoice::Auto, None, None),
        (TransportChoice::Rest, None, Some("alice")),
        (TransportChoice::Web, Some(KEY), None),
    ] {
        let error = scene.register(via, key, user).unwrap_err();
        assert!(matches!(error, ChangeError::Client(ClientError::NoCredentials { .. })), "{error:?}");
    }
    let error = scene.register(TransportChoice::Auto, Some("wrong"), Some("alice")).unwrap_err();
    assert!(
        matches!(&error, ChangeError::Client(ClientError::Rest(RestError::KeyRefused { said })) if said == "Invalid token.")
    );
    assert_eq!(scene.sent(), 0);
}

#[test]
fn lists_are_complete_whatever_the_servers_limit() {
    let scene = Scene::new(Script { rest: true, ..Script::default() });
    let key = Secret::new(KEY);
    let products = scene.market.rest(&key).products(&ProductQuery { hub: Some("alice/parking"), ..Default::default() });
    let ids: Vec<_> = products.unwrap().into_iter().map(|p| p.id).collect();
    assert_eq!(ids, (1..=65).collect::<Vec<_>>());

    let devices = (0..95).map(|n| (2, format!("dev{n}"))).collect();
    let scene = Scene::new(Script { rest: true, devices, ..Script::default() });
    assert_eq!(scene.market.rest(&key).devices(&"alice/parking".parse().unwrap()).unwrap().len(), 95);
}

#[test]
fn a_server_that_does_not_know_offset_does_not_hold_us() {
    let server = HttpServer::start(|_| Reply::json(200, "[{\"id\":1,\"name\":\"alice/parking\"}]"));
    let market = Market::new(server.url().parse().unwrap(), &HttpOptions::default()).unwrap();
    assert_eq!(market.rest(&Secret::new(KEY)).hubs().unwrap().len(), 1);
    assert_eq!(server.requests().len(), 2);
}

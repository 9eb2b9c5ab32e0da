//! The errors of the marketplace have entries.

use std::time::Duration;

use super::io;
use super::table::Table;
use crate::market::auth::{ClientError, TransportChoice};
use crate::market::change::ChangeError;
use crate::market::credential::{CredentialError, ShellHazard};
use crate::market::http::{HttpError, Interception, ProxyError as HttpProxyError, ProxyFault, ProxyName, ProxyRefusal};
use crate::market::model::{Action, FieldError, Listing, PictureError, Resource};
use crate::market::product::title::TitleFault;
use crate::market::product::{DeleteError, NotOwn, SaveError, SearchError};
use crate::market::reason::ServerReason;
use crate::market::rest::RestError;
use crate::market::web::{Operation, WebError};
use crate::name::NameError;
use crate::tls::TlsError;

pub fn all(table: &mut Table) {
    http(table);
    proxies(table);
    intermediaries(table);
    web_and_rest(table);
    changes(table);
    products(table);
}

fn http(table: &mut Table) {
    let market = || "http://i3.example:8000".to_string();
    let limit = Duration::from_secs(10);
    table.add([
        HttpError::Resolve { host: "i3.example".into(), source: io() },
        HttpError::Unreachable { market: market(), source: io() },
        HttpError::ConnectTimeout { market: market(), limit },
        HttpError::Timeout { market: market(), limit },
        HttpError::Cut { market: market(), source: io() },
        HttpError::Tls(TlsError::NoneInSystem),
        HttpError::Handshake { market: market(), source: "bad certificate".into() },
        HttpError::Proxy(HttpProxyError { variable: "http_proxy", fault: ProxyFault::Port }),
        HttpError::TooLarge { market: market(), limit: 9 },
        HttpError::TooLong { market: market(), limit, read: 9 },
        HttpError::TimeUsedUp { market: market(), limit, sent: true },
        HttpError::BytesUsedUp { market: market(), limit: 9, sent: true },
        HttpError::NotHttp { market: market(), source: "bad".into() },
    ]);
}

fn proxies(table: &mut Table) {
    let market = || "http://i3.example:8000".to_string();
    let proxy = || Box::new(ProxyName::new("proxy.example:3128", "https_proxy"));
    table.add([HttpError::ProxyUnreachable { market: market(), proxy: proxy(), source: io() }]);
    let refusals = [
        ProxyRefusal::Status(407),
        ProxyRefusal::Status(403),
        ProxyRefusal::Status(502),
        ProxyRefusal::Socks("no".into()),
        ProxyRefusal::ClientCertificate,
        ProxyRefusal::Closed,
        ProxyRefusal::Strange,
    ];
    table.add(refusals.map(|why| HttpError::ProxyRefused { market: market(), proxy: proxy(), why, maybe_sent: false }));
}

fn intermediaries(table: &mut Table) {
    let market = || "http://i3.example:8000".to_string();
    let limit = Duration::from_secs(10);
    let address = || "https://i3.example".to_string();
    let answers = [
        Interception::Moved { status: 301, to: address() },
        Interception::Elsewhere { status: 302, to: Some(address()) },
        Interception::Below { status: 302, to: "https://i3.example/i3".into() },
        Interception::Forbidden { status: 403 },
        Interception::Busy { status: 429, wait: Some(limit) },
        Interception::Busy { status: 429, wait: None },
        Interception::NeedsTls { instead: address() },
        Interception::SpeaksPlain { instead: market() },
        Interception::TooLong,
        Interception::CookieLost,
        Interception::Foreign { status: 200 },
    ];
    // Distinguished by their contents: the table has one line for each variant of the error itself.
    for interception in answers {
        let which = format!("{interception:?}").split([' ', '{']).next().unwrap_or_default().to_owned();
        table.add_as(&which, HttpError::Intercepted { market: market(), interception });
    }
}

fn web_and_rest(table: &mut Table) {
    let market = || "http://i3.example:8000".to_string();
    let location = || Some("http://hotel.example/".to_string());
    let (operation, reason) = (Operation::HubList, || ServerReason::read("OperationalError at /", ""));
    table.add([
        WebError::CredentialsRefused { user: "alice".into(), said: "no".into() },
        WebError::CsrfRefused(operation),
        WebError::SessionExpired(operation),
        WebError::HostRefused { host: "i3.example".into() },
        WebError::NotYours("alice/garden".parse().unwrap()),
        WebError::NotFound(operation),
        WebError::ServerError { operation, status: 500, reason: reason() },
        WebError::ServerError {
            operation,
            status: 500,
            reason: ServerReason::read("OperationalError at /", "(2003, '')"),
        },
        WebError::ServerError { operation, status: 502, reason: None },
        WebError::Unexpected { operation, status: 302, location: location() },
    ]);
    let endpoint = "/api/hub/";
    let reasons = || vec![("name".to_string(), vec!["taken".to_string()])];
    table.add([
        RestError::FormsOnly { endpoint, status: 404 },
        RestError::Gone { endpoint },
        RestError::KeyRefused { said: "no".into() },
        RestError::KeyUnusable,
        RestError::Rejected { reasons: reasons() },
        RestError::HostRefused { host: "i3.example".into() },
        RestError::ServerError { endpoint, status: 500, reason: None },
        RestError::ServerError { endpoint, status: 503, reason: None },
        RestError::Shape { endpoint, expected: "a list".into() },
        RestError::Unexpected { endpoint, status: 302 },
    ]);
    let alone = || ClientError::NeedsLogIn(RestError::FormsOnly { endpoint, status: 404 });
    table.add(
        [TransportChoice::Auto, TransportChoice::Rest, TransportChoice::Web]
            .map(|via| ClientError::NoCredentials { via }),
    );
    table.add([alone(), ClientError::NoKey, ClientError::SessionEnded { user: "alice".into(), market: market() }]);
}

fn changes(table: &mut Table) {
    let market = || "http://i3.example:8000".to_string();
    let http = || HttpError::Timeout { market: market(), limit: Duration::from_secs(10) };
    let location = || Some("http://hotel.example/".to_string());
    let reason = || ServerReason::read("OperationalError at /", "");
    let reasons = || vec![("name".to_string(), vec!["taken".to_string()])];
    let alone = || ClientError::NeedsLogIn(RestError::FormsOnly { endpoint: "/api/hub/", status: 404 });
    for meanwhile in [false, true] {
        table.add([ChangeError::IsThere { name: "alice/garden/moxu".into(), meanwhile }]);
    }
    for resource in [Resource::Hub, Resource::Product, Resource::Device] {
        let name = || "alice/garden/moxu".to_string();
        let existing = || Listing { id: Some(1), name: name() };
        table.add([
            ChangeError::Missing { resource, name: name(), similar: Vec::new(), others: Vec::new() },
            ChangeError::Missing { resource, name: name(), similar: vec![existing()], others: Vec::new() },
            ChangeError::Exists { resource, existing: existing() },
            ChangeError::RedirectedBack { resource },
            ChangeError::NotYours { resource },
            ChangeError::Rejected { resource, reasons: reasons() },
            ChangeError::Doubled { resource, name: name(), rows: vec![existing(), existing()] },
            ChangeError::TakenMeanwhile { resource, existing: existing() },
        ]);
        for action in [Action::Created, Action::Changed, Action::Deleted] {
            table.add([
                ChangeError::FormRefused { resource, action, complaint: None },
                ChangeError::AcceptedButMissing { resource, action, place: name() },
                ChangeError::BrokeDown { action, status: 500, reason: reason() },
                ChangeError::BrokeDown { action, status: 500, reason: ServerReason::read("", "(2003, '')") },
                ChangeError::LostNothingDone { action, source: http() },
                ChangeError::UnexpectedAnswer { action, status: 302, location: location() },
                ChangeError::Unproved { resource, action, name: name(), source: http() },
                ChangeError::Unknown {
                    resource,
                    action,
                    name: name(),
                    answer: "500".into(),
                    source: Box::new(alone()),
                },
            ]);
        }
    }
    let wanted = || "garden".to_string();
    table.add([
        ChangeError::HubUnknown { wanted: wanted(), hubs: Vec::new() },
        ChangeError::HubOfAnother { wanted: "bob/meteo".parse().unwrap(), user: "alice".into() },
        ChangeError::HubOtherCase { wanted: wanted(), hubs: Vec::new() },
        ChangeError::HubAmbiguous { wanted: wanted(), hubs: Vec::new() },
    ]);
    table.add([true, false].map(|certain| ChangeError::HalfDeleted {
        name: "alice$parking$lot1".into(),
        answer: "answer 500".into(),
        certain,
    }));
}

fn products(table: &mut Table) {
    table.add([SearchError::NoSuchSeller("eve".into())]);
    table.add([
        FieldError::Price("0".into()),
        FieldError::SalePrice("0".into()),
        FieldError::Degrees("x".into(), "latitude", "-90 to 90"),
        FieldError::NoDescription,
        FieldError::LongDescription,
        FieldError::Nul(1),
        FieldError::Unstorable { field: "description", character: 'ж', position: 1 },
    ]);
    const TOPIC: &str = "alice/parking/occupancy";
    table.add([PictureError::Format, PictureError::TooLarge(1)]);
    table.add([NotOwn { title: TOPIC.into(), seller: "bob".into() }]);
    table.add([
        TitleFault::PrefixLost { title: "free".into(), seller: "alice".into() },
        TitleFault::Unpublishable { title: "alice/garden/a b".into(), source: NameError::Unsendable },
        TitleFault::OtherHub { title: TOPIC.into(), hub: "alice/garden".parse().unwrap() },
    ]);
    table.add([
        SaveError::NoHub { title: TOPIC.into(), seller: "alice".into() },
        SaveError::NoPermissions { title: TOPIC.into(), answer: "answer 500".into() },
        SaveError::Differs { title: TOPIC.into(), fields: vec!["price", "latitude"] },
    ]);
    table.add([DeleteError::Halfway { title: TOPIC.into(), answer: "answer 500".into() }]);
    table.add([
        CredentialError::TooShort(1),
        CredentialError::TooLong(501),
        CredentialError::KeyTooLong { bits: 4096, characters: 736 },
        CredentialError::PrivateKey,
        CredentialError::PemArmour,
        CredentialError::OpenSsh,
        CredentialError::Pkcs1,
        CredentialError::NoPublicKey,
        CredentialError::NoHash,
        CredentialError::Unstorable { position: 2 },
        CredentialError::Mangled { kind: ShellHazard::Dollar, position: 2 },
    ]);
}

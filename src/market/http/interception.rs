//! Answers that do not come from the marketplace but from something in front of it, such as a gateway, a firewall, a proxy
//! or a network's log-in page. Their bodies are never repeated.

use std::time::Duration;

use memchr::memmem;
use ureq::http::header::{self, HeaderMap};

use crate::market_url::MarketUrl;
use crate::tcp::http::{self, told_time};

/// The kind of an answer that does not come from the marketplace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Interception {
    /// A redirect to the same page at another address, `to` in the form of `--market`.
    Moved { status: u16, to: String },
    /// A redirect to another host, if it is known: a network's log-in page, or another web site.
    Elsewhere { status: u16, to: Option<String> },
    /// A redirect to another path of the host, where the marketplace may be, in the form of `--market`.
    Below { status: u16, to: String },
    /// 403 or 401 without the marketplace's own words.
    Forbidden { status: u16 },
    /// 408, 425, 429, or 503 with a time to wait, if it is given.
    Busy { status: u16, wait: Option<Duration> },
    /// The port expects TLS; the address with https.
    NeedsTls { instead: String },
    /// The port does not speak TLS; the address with http.
    SpeaksPlain { instead: String },
    /// 413: the request is too long for it.
    TooLong,
    /// A log-in that was accepted, without the session's cookie: some proxies keep one of several.
    CookieLost,
    /// 511, or a page that is not the marketplace's.
    Foreign { status: u16 },
}

impl Interception {
    /// Returns whether the marketplace has certainly not received the request.
    pub fn kept_the_request(&self) -> bool {
        !matches!(
            self,
            Interception::Busy { status: 408 | 503, .. }
                | Interception::Elsewhere { .. }
                | Interception::Below { .. }
                | Interception::Moved { status: 302 | 303, .. }
        )
    }

    /// Returns the message for the marketplace at an address.
    pub(super) fn told(&self, market: &str) -> String {
        match self {
            Interception::Moved { status, to } | Interception::Below { status, to } => {
                format!("{market} redirects to {to} ({status})")
            }
            Interception::Elsewhere { status, to: Some(to) } => {
                format!("{market} redirects to another place, {to} ({status})")
            }
            Interception::Elsewhere { status, to: None } => format!("{market} redirects to another place ({status})"),
            Interception::Forbidden { status: 401 } => {
                format!("a gateway in front of the marketplace at {market} requires a log-in of its own (401)")
            }
            Interception::Forbidden { status } => {
                format!("a gateway in front of the marketplace at {market} forbids the request ({status})")
            }
            Interception::Busy { status, wait: Some(wait) } => {
                format!("{market} takes no more requests for now ({status}): wait {}", told_time(*wait))
            }
            Interception::Busy { status, wait: None } => format!("{market} takes no more requests for now ({status})"),
            Interception::NeedsTls { .. } => format!("the port of {market} expects TLS, and the address says http"),
            Interception::SpeaksPlain { .. } => {
                format!("the port of {market} does not speak TLS, and the address says https")
            }
            Interception::CookieLost => {
                format!("the log-in at {market} is accepted, but the session's cookie was lost on the way")
            }
            Interception::TooLong => {
                format!("a gateway in front of the marketplace at {market} accepts no request of this length (413)")
            }
            Interception::Foreign { status: 511 } => {
                format!("the network requires a log-in before it lets anyone reach {market} (511)")
            }
            Interception::Foreign { status } => format!("the page from {market} is not an I3 marketplace's ({status})"),
        }
    }
}

/// An answer to a request for `path`, below the marketplace's address.
pub(super) struct ReceivedAnswer<'a> {
    pub url: &'a MarketUrl,
    pub path: &'a str,
    pub status: u16,
    pub headers: &'a HeaderMap,
    pub body: &'a [u8],
}

impl ReceivedAnswer<'_> {
    /// Returns the kind of the answer, if it does not come from the marketplace.
    pub fn interception(&self) -> Option<Interception> {
        match self.status {
            300..=399 => self.redirect(),
            400 if !self.url.is_tls() && self.holds(&SPOKEN_TO_IN_PLAIN) => {
                Some(Interception::NeedsTls { instead: self.url.with_other_scheme().to_string() })
            }
            status @ (401 | 403) if !self.is_the_marketplaces_refusal() => Some(Interception::Forbidden { status }),
            // Withheld on the way for legal reasons (RFC 7725).
            451 => Some(Interception::Forbidden { status: 451 }),
            413 => Some(Interception::TooLong),
            status @ 400..=499 if http::is_passing(status) => Some(Interception::Busy { status, wait: self.wait() }),
            503 => Some(Interception::Busy { status: 503, wait: Some(self.wait()?) }),
            511 => Some(Interception::Foreign { status: 511 }),
            _ => None,
        }
    }

    /// Returns whether a proxy that passes requests on answers itself. A proxy marks an answer that it passes on (`Via`,
    /// RFC 9110 §7.6.3), and some mark their own.
    pub fn is_the_proxys(&self) -> bool {
        let says_so = self.headers.contains_key("x-squid-error") || self.is_by_a_known_proxy();
        match self.status {
            407 => true,
            400..=599 if says_so => true,
            403 => !self.headers.contains_key(header::VIA) && !self.is_the_marketplaces_refusal(),
            502..=504 => !self.headers.contains_key(header::VIA),
            _ => false,
        }
    }

    fn is_by_a_known_proxy(&self) -> bool {
        let by = self.text(header::SERVER).to_ascii_lowercase();
        !self.headers.contains_key(header::VIA) && KNOWN_PROXIES.iter().any(|name| by.starts_with(name))
    }

    /// Django's page about its CSRF token, or the REST API's reason.
    fn is_the_marketplaces_refusal(&self) -> bool {
        match self.text(header::CONTENT_TYPE).starts_with("application/json") {
            true => self.holds(&["\"detail\""]),
            false => self.holds(&["CSRF"]),
        }
    }

    fn holds(&self, words: &[&str]) -> bool {
        words.iter().any(|words| memmem::find(self.body, words.as_bytes()).is_some())
    }

    fn text(&self, name: header::HeaderName) -> &str {
        self.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default()
    }

    /// The time to wait that the answer names.
    fn wait(&self) -> Option<Duration> {
        http::retry_after(self.text(header::RETRY_AFTER), self.text(header::DATE))
    }

    /// Returns where a redirect leads, if that is outside the marketplace.
    fn redirect(&self) -> Option<Interception> {
        let (url, status) = (self.url, self.status);
        let location = self.text(header::LOCATION).trim();
        let (origin, path) = match (location.find("://"), location.strip_prefix("//")) {
            (Some(at), _) => location.split_at(at + 3 + end_of_authority(&location[at + 3..])),
            (None, Some(rest)) => location.split_at(2 + end_of_authority(rest)),
            (None, None) => ("", location),
        };
        let origin = match origin.strip_prefix("//") {
            Some(authority) => format!("{}://{authority}", if url.is_tls() { "https" } else { "http" }),
            None => origin.to_string(),
        };
        let path = path.split(['?', '#']).next().unwrap_or_default();
        let asked = self.path.split('?').next().unwrap_or_default();
        // Where the requested page is now.
        let prefix = path.strip_suffix(asked).filter(|_| !asked.is_empty());
        let target = match origin.as_str() {
            "" => None,
            origin => match origin.parse::<MarketUrl>() {
                Ok(target) => Some(target).filter(|target| !is_own(url, target, status)),
                Err(_) => return Some(Interception::Elsewhere { status, to: None }),
            },
        };
        let Some(target) = target else {
            // At this place, and perhaps below another path.
            let at = |path: &str| Some(format!("{}{path}", url.origin()).parse::<MarketUrl>().ok()?.to_string());
            return match prefix {
                Some(prefix) if prefix != url.path() && !prefix.is_empty() => {
                    Some(Interception::Moved { status, to: at(prefix)? })
                }
                Some(_) => None,
                None => self.below(path).and_then(at).map(|to| Interception::Below { status, to }),
            };
        };
        // A redirect of the whole host, or to TLS, may lead to its root.
        let of_all = matches!(status, 301 | 308) || is_upgrade(url, &target);
        let whole = (of_all && target.host() == url.host()).then_some("");
        match prefix.or(whole).map(|prefix| format!("{target}{prefix}").parse::<MarketUrl>()) {
            Some(Ok(to)) => Some(Interception::Moved { status, to: to.to_string() }),
            _ => Some(Interception::Elsewhere { status, to: Some(target.shown()) }),
        }
    }
}

impl ReceivedAnswer<'_> {
    /// Returns the path to which a redirect leads from the API, which itself redirects to nothing but the log-in.
    fn below<'a>(&self, path: &'a str) -> Option<&'a str> {
        let (base, path) = (self.url.path(), path.trim_end_matches('/'));
        let is_own = |own: &str| path.strip_prefix(base).is_some_and(|rest| rest.starts_with(own));
        let is_other = path.starts_with('/') && path != base && !is_own("/accounts/") && !is_own("/api/");
        (self.path.starts_with("/api/") && is_other).then_some(path)
    }
}

fn end_of_authority(text: &str) -> usize {
    text.find(['/', '?', '#']).unwrap_or(text.len())
}

/// Returns whether the marketplace itself means the address that it redirects to. Behind a gateway that ends TLS, or that does
/// not pass the port on, a marketplace believes that its address is `http://HOST`.
fn is_own(url: &MarketUrl, target: &MarketUrl, status: u16) -> bool {
    let same_port = url.port() == target.port();
    let usual_port = target.port() == if target.is_tls() { 443 } else { 80 };
    let passing = !matches!(status, 301 | 308);
    target.host() == url.host() && !is_upgrade(url, target) && (same_port || (usual_port && (passing || url.is_tls())))
}

fn is_upgrade(url: &MarketUrl, target: &MarketUrl) -> bool {
    !url.is_tls() && target.is_tls()
}

/// Answers of servers to plain HTTP at a TLS port: nginx, Apache, Go's.
const SPOKEN_TO_IN_PLAIN: [&str; 3] =
    ["plain HTTP request was sent to HTTPS port", "speaking plain HTTP to an SSL", "HTTP request to an HTTPS server"];

/// Proxies that name themselves in their own answer.
const KNOWN_PROXIES: [&str; 3] = ["tinyproxy", "squid", "privoxy"];

#[cfg(test)]
mod tests {
    use ureq::http::header::HeaderValue;

    use super::*;

    fn seen(
        url: &str,
        path: &str,
        status: u16,
        headers: &[(&'static str, &str)],
        body: &str,
    ) -> (Option<Interception>, bool) {
        let pairs = headers.iter().map(|(name, value)| (name.parse().unwrap(), HeaderValue::from_str(value).unwrap()));
        let (url, headers) = (url.parse().unwrap(), pairs.collect());
        let seen = ReceivedAnswer { url: &url, path, status, headers: &headers, body: body.as_bytes() };
        (seen.interception(), seen.is_the_proxys())
    }

    fn redirect(url: &str, status: u16, location: &str) -> Option<Interception> {
        seen(url, "/hubs/?page=2", status, &[("location", location)], "").0
    }

    #[test]
    fn a_redirect_that_leaves_the_marketplace_is_known_from_its_own() {
        let moved = |status, to: &str| Some(Interception::Moved { status, to: to.into() });
        let elsewhere = |to: &str| Some(Interception::Elsewhere { status: 302, to: Some(to.into()) });
        for (url, status, location, before) in [
            ("http://h", 301, "https://h/hubs/", moved(301, "https://h")),
            ("http://h", 302, "https://h/hubs/?page=2", moved(302, "https://h")),
            ("http://h:8000", 308, "https://h:8443/hubs/", moved(308, "https://h:8443")),
            ("http://h", 301, "https://h/", moved(301, "https://h")),
            ("http://h", 302, "https://h/", moved(302, "https://h")),
            ("http://h", 301, "https://h/i3/hubs/", moved(301, "https://h/i3")),
            ("http://h", 301, "//new.example/hubs/", moved(301, "http://new.example")),
            ("https://h", 307, "https://new.example:1/i3/hubs/", moved(307, "https://new.example:1/i3")),
            ("http://h", 302, "/i3/hubs/", moved(302, "http://h/i3")),
            ("http://h", 307, "http://h/i3/hubs/", moved(307, "http://h/i3")),
            ("http://h:1", 302, "http://h:2/", elsewhere("http://h:2")),
            ("http://h", 302, "http://portal.example/login?to=http://h/hubs/", elsewhere("http://portal.example")),
            ("http://h", 302, "http://a:b@portal.example/", Some(Interception::Elsewhere { status: 302, to: None })),
            ("http://h", 302, "/accounts/login/?next=/hubs/", None),
            ("http://h/i3", 302, "/i3/hubs/", None),
            ("http://h/i3", 302, "/hubs/", None),
            ("http://h:8000", 302, "http://h:8000/hubs/", None),
            ("http://h:8000", 302, "http://h/hubs/", None),
            ("https://h:8443", 302, "http://h/hubs/", None),
            ("https://h", 301, "http://h/hubs/", None),
            ("http://h", 302, "", None),
        ] {
            assert_eq!(redirect(url, status, location), before, "{url} {status} {location}");
        }
    }

    #[test]
    fn a_redirect_of_the_api_to_another_path_of_the_host_is_named() {
        for (url, location, to) in [
            ("http://h", "/i3/", Some("http://h/i3")),
            ("http://h:81", "/apps/i3?x=1", Some("http://h:81/apps/i3")),
            ("http://h", "http://h/i3/", Some("http://h/i3")),
            ("http://h/i3", "/market/", Some("http://h/market")),
            ("http://h", "/", None),
            ("http://h/i3", "/i3/", None),
            ("http://h", "/accounts/login/?next=/api/hub/", None),
            ("http://h", "/api/hub/x/", None),
        ] {
            let before = seen(url, "/api/hub/", 302, &[("location", location)], "").0;
            let expected = to.map(|to| Interception::Below { status: 302, to: to.into() });
            assert_eq!(before, expected, "{url} {location}");
        }
        assert_eq!(redirect("http://h", 302, "/i3/"), None);
    }

    #[test]
    fn a_time_to_wait_is_read_in_seconds_and_as_a_date() {
        let date = ("date", "Sun, 06 Nov 1994 08:49:37 GMT");
        for (headers, wait) in [
            (&[("retry-after", "120")] as &[_], Some(120)),
            (&[("retry-after", " 0 ")], Some(0)),
            (&[date, ("retry-after", "Sun, 06 Nov 1994 08:50:37 GMT")], Some(60)),
            (&[date, ("retry-after", "Sun, 06 Nov 1994 08:00:00 GMT")], Some(0)),
            (&[("retry-after", "soon")], None),
            (&[], None),
        ] {
            let wait = wait.map(Duration::from_secs);
            let busy = |status| Interception::Busy { status, wait };
            for status in [408, 425, 429] {
                assert_eq!(seen("http://h", "/", status, headers, "").0, Some(busy(status)), "{headers:?}");
            }
            assert_eq!(seen("http://h", "/", 503, headers, "").0, wait.map(|_| busy(503)), "{headers:?}");
        }
    }

    #[test]
    fn the_marketplaces_own_refusals_are_left_to_it() {
        let json = [("content-type", "application/json")];
        let forbidden = |status| Some(Interception::Forbidden { status });
        for (status, headers, body, before) in [
            (403, &[] as &[_], "<h1>403</h1><p>CSRF verification failed.", None),
            (403, &json, r#"{"detail":"no"}"#, None),
            (401, &json, r#"{"detail":"Invalid token."}"#, None),
            (403, &[], "<h1>Blocked by policy</h1>", forbidden(403)),
            (403, &json, r#"{"blocked":true}"#, forbidden(403)),
            (401, &[("www-authenticate", "Basic")], "", forbidden(401)),
            (413, &[], "", Some(Interception::TooLong)),
            (511, &[], "", Some(Interception::Foreign { status: 511 })),
            (400, &[], "<h1>Bad Request (400)</h1>", None),
            (404, &[], "", None),
            (500, &[], "", None),
            (502, &[], "", None),
        ] {
            assert_eq!(seen("http://h", "/", status, headers, body).0, before, "{status} {body}");
        }
        let nginx = "<center>The plain HTTP request was sent to HTTPS port</center>";
        let needs = Some(Interception::NeedsTls { instead: "https://h:8443".into() });
        assert_eq!(seen("http://h:8443", "/", 400, &[], nginx).0, needs);
        assert_eq!(seen("https://h:8443", "/", 400, &[], nginx).0, None);
    }

    #[test]
    fn an_answer_of_a_proxys_own_is_known_from_one_that_it_passes_on() {
        let (via, tiny) = (("via", "1.1 p"), ("server", "tinyproxy/1.11.1"));
        for (status, headers, body, own) in [
            (407, &[via] as &[_], "", true),
            (403, &[], "Filtered", true),
            (403, &[via], "Blocked", false),
            (403, &[], "CSRF verification failed", false),
            (502, &[], "", true),
            (504, &[via], "", false),
            (503, &[via, ("x-squid-error", "ERR_DNS_FAIL 0")], "", true),
            (500, &[tiny], "Unable to connect", true),
            (500, &[via, tiny], "", false),
            (500, &[], "", false),
            (404, &[], "", false),
            (200, &[tiny], "", false),
        ] {
            assert_eq!(seen("http://h", "/", status, headers, body).1, own, "{status} {headers:?}");
        }
    }
}

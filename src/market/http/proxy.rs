//! The proxy that the environment names for a marketplace, read as curl does.
//!
//! hyper-util's matcher treats an unreadable value as unset, and would connect directly.

use std::ffi::OsString;
use std::fmt;
use std::net::IpAddr;

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use percent_encoding::percent_decode_str;
use ureq::ProxyProtocol;
use ureq::http::header::HeaderValue;

use crate::authority::{self, AuthorityError};
use crate::market_url::MarketUrl;

/// A proxy's name in messages: without its user and password, with the variable that it comes from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ProxyName {
    place: String,
    pub variable: &'static str,
}

impl ProxyName {
    /// Names a proxy by its host and port.
    pub fn new(place: impl Into<String>, variable: &'static str) -> ProxyName {
        ProxyName { place: place.into(), variable }
    }
}

impl fmt::Display for ProxyName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "the proxy {} (from {})", self.place, self.variable)
    }
}

/// A variable whose value cannot be used. Its value is not repeated: it may contain a password.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the proxy in {variable} cannot be used: {fault}")]
pub struct ProxyError {
    pub variable: &'static str,
    pub fault: ProxyFault,
}

/// Why a variable's value is not a proxy.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ProxyFault {
    #[error("the value is not UTF-8")]
    NotUtf8,
    #[error("its scheme is not http, https, socks4, socks4a, socks5 or socks5h")]
    Scheme,
    #[error("it begins or ends with the quotation mark {0}, which does not belong to an address: leave it out")]
    Quoted(char),
    #[error("it names no host, or an invalid one")]
    Host,
    #[error("its port is not a number from 1 to 65535")]
    Port,
    #[error("its user name or password is not percent-encoded UTF-8")]
    UserInfo,
    #[error("user names and passwords are supported with socks5, not with SOCKS4")]
    Socks4User,
}

impl From<AuthorityError> for ProxyFault {
    fn from(error: AuthorityError) -> ProxyFault {
        match error {
            AuthorityError::Host => ProxyFault::Host,
            AuthorityError::Port => ProxyFault::Port,
        }
    }
}

/// How a proxy handles requests to the marketplace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ProxyMethod {
    /// It reads them, and sends its own requests: their target is in absolute form (RFC 9112 §3.2.2).
    Forward,
    /// With CONNECT it passes on bytes (RFC 9110 §9.3.6).
    Tunnel,
    /// The same with SOCKS.
    Socks,
}

/// The proxy for a marketplace.
#[derive(Debug, Clone)]
pub(super) struct Chosen {
    pub name: ProxyName,
    pub method: ProxyMethod,
    pub proxy: ureq::Proxy,
}

impl Chosen {
    /// The value of `Proxy-Authorization` for a proxy that reads requests (RFC 7617).
    pub fn authorization(&self) -> Option<HeaderValue> {
        let user = self.proxy.username().filter(|_| self.method == ProxyMethod::Forward)?;
        let pair = format!("{user}:{}", self.proxy.password().unwrap_or_default());
        let mut value = HeaderValue::from_str(&format!("Basic {}", BASE64_STANDARD.encode(pair))).ok()?;
        value.set_sensitive(true);
        Some(value)
    }
}

/// Returns the proxy for `url`, if there is one. `read` reads a variable of the environment.
///
/// As in curl: `http_proxy` for http, in lower case only, because a web server gives its CGI programs a request's header
/// `Proxy` as HTTP_PROXY; `https_proxy` for https; `all_proxy` for both; except for the hosts of `no_proxy`. The latter three
/// in either case, the lower one first. An empty variable counts as unset. Unlike curl: no proxy for loopback, which it
/// could not reach but would see the password.
///
/// # Errors
/// [`ProxyError`]; then nothing may be sent, not even directly: that would show the seller to a network that was excluded.
pub(super) fn of_environment(
    url: &MarketUrl,
    read: impl Fn(&'static str) -> Option<OsString>,
) -> Result<Option<Chosen>, ProxyError> {
    const OF_HTTP: &[&str] = &["http_proxy", "all_proxy", "ALL_PROXY"];
    const OF_HTTPS: &[&str] = &["https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"];
    if url.is_loopback() {
        return Ok(None);
    }
    let first = |names: &[&'static str]| {
        let is_set = |value: &OsString| value.to_str().is_none_or(|value| !value.trim().is_empty());
        let set = names.iter().find_map(|name| Some((*name, read(name).filter(is_set)?)));
        set.map(|(variable, value)| match value.into_string() {
            Ok(value) => Ok((variable, value.trim().to_owned())),
            Err(_) => Err(ProxyError { variable, fault: ProxyFault::NotUtf8 }),
        })
        .transpose()
    };
    let exempt = first(&["no_proxy", "NO_PROXY"])?;
    if exempt.is_some_and(|(_, list)| is_exempt(&list, url.host(), url.port())) {
        return Ok(None);
    }
    let Some((variable, value)) = first(if url.is_tls() { OF_HTTPS } else { OF_HTTP })? else { return Ok(None) };
    let (proxy, place) = parse(&value).map_err(|fault| ProxyError { variable, fault })?;
    let method = match proxy.protocol() {
        ProxyProtocol::Http | ProxyProtocol::Https if url.is_tls() => ProxyMethod::Tunnel,
        ProxyProtocol::Http | ProxyProtocol::Https => ProxyMethod::Forward,
        _ => ProxyMethod::Socks,
    };
    Ok(Some(Chosen { name: ProxyName::new(place, variable), method, proxy }))
}

/// Returns whether `HTTP_PROXY` would be the proxy for `url` if curl read it.
pub(super) fn is_only_in_upper_case(url: &MarketUrl, read: impl Fn(&'static str) -> Option<OsString>) -> bool {
    let in_lower_case = |name| if name == "http_proxy" { read("HTTP_PROXY") } else { read(name) };
    !url.is_tls() && of_environment(url, in_lower_case).is_ok_and(|chosen| chosen.is_some())
}

/// Returns the variable of hosts without a proxy if an entry of it cannot name a host: it has a scheme, or a `*` in it, which
/// curl knows only as the whole list.
pub(super) fn has_idle_exemption(read: impl Fn(&'static str) -> Option<OsString>) -> Option<&'static str> {
    let set = |name| Some((name, read(name).filter(|value| !value.is_empty())?.into_string().ok()?));
    let (name, list) = ["no_proxy", "NO_PROXY"].into_iter().find_map(set)?;
    let is_idle = |entry: &str| entry != "*" && (entry.contains(['*', '@', '"', '\'']) || entry.contains("://"));
    entries(&list).any(is_idle).then_some(name)
}

/// Reads `[SCHEME://][USER[:PASSWORD]@]HOST[:PORT]`; anything after a slash is ignored. Also returns the part that
/// a message may show.
fn parse(text: &str) -> Result<(ureq::Proxy, String), ProxyFault> {
    use ProxyProtocol::{Http, Https, Socks4, Socks4A, Socks5, Socks5h};
    if let Some(mark) = authority::quotation_mark(text) {
        return Err(ProxyFault::Quoted(mark));
    }
    let (scheme, rest) = text.split_once("://").unwrap_or(("http", text));
    let (protocol, usual) = match scheme.to_ascii_lowercase().as_str() {
        "http" => (Http, 1080),
        "https" => (Https, 443),
        "socks" | "socks4" => (Socks4, 1080),
        "socks4a" => (Socks4A, 1080),
        "socks5" => (Socks5, 1080),
        "socks5h" => (Socks5h, 1080),
        _ => return Err(ProxyFault::Scheme),
    };
    let rest = rest.split(['/', '?', '#']).next().unwrap_or_default();
    let (user_info, place) = rest.rsplit_once('@').map_or((None, rest), |(user, place)| (Some(user), place));
    let (host, port) = authority::split(place)?;
    let host = match host.parse::<IpAddr>() {
        Ok(IpAddr::V6(address)) => format!("[{address}]"),
        _ => authority::ascii_name(host).ok_or(ProxyFault::Host)?,
    };
    let port = port.unwrap_or(usual);
    let mut proxy = ureq::Proxy::builder(protocol).host(&host).port(port);
    if let Some(user_info) = user_info {
        if matches!(protocol, Socks4 | Socks4A) {
            return Err(ProxyFault::Socks4User);
        }
        let (user, password) = user_info.split_once(':').unwrap_or((user_info, ""));
        let decoded = |text| percent_decode_str(text).decode_utf8().map_err(|_| ProxyFault::UserInfo);
        proxy = proxy.username(&decoded(user)?).password(&decoded(password)?);
    }
    Ok((proxy.build().map_err(|_| ProxyFault::Host)?, format!("{host}:{port}")))
}

/// Returns whether a list of hosts without a proxy includes this one.
fn is_exempt(list: &str, host: &str, port: u16) -> bool {
    entries(list).any(|entry| names(entry, host, port))
}

fn entries(list: &str) -> impl Iterator<Item = &str> {
    list.split([',', ' ', '\t']).filter(|entry| !entry.is_empty())
}

/// Returns whether an entry names this host: `*`, a domain with or without a dot in front, an address, a network; a port may
/// follow, except for a network.
fn names(entry: &str, host: &str, port: u16) -> bool {
    let address = host.parse::<IpAddr>().ok();
    if let (Some((network, bits)), Some(address)) = (entry.split_once('/'), address) {
        return is_within(address, network.trim_matches(['[', ']']), bits).unwrap_or(false);
    }
    let Ok((name, of_port)) = authority::split(entry) else { return false };
    if of_port.is_some_and(|of_port| of_port != port) {
        return false;
    }
    match address {
        _ if name == "*" => true,
        Some(address) => name.parse() == Ok(address),
        None => {
            let name = name.strip_prefix('.').unwrap_or(name);
            let Some(domain) = authority::ascii_name(name.strip_suffix('.').unwrap_or(name)) else { return false };
            let above = host.strip_suffix('.').unwrap_or(host).strip_suffix(&domain);
            above.is_some_and(|below| below.is_empty() || below.ends_with('.'))
        }
    }
}

fn is_within(address: IpAddr, network: &str, bits: &str) -> Option<bool> {
    let bits = bits.parse::<u32>().ok()?;
    Some(match (address, network.parse().ok()?) {
        (IpAddr::V4(one), IpAddr::V4(other)) => {
            let apart = u32::from(one) ^ u32::from(other);
            apart.checked_shr(32_u32.checked_sub(bits)?).unwrap_or(0) == 0
        }
        (IpAddr::V6(one), IpAddr::V6(other)) => {
            let apart = u128::from(one) ^ u128::from(other);
            apart.checked_shr(128_u32.checked_sub(bits)?).unwrap_or(0) == 0
        }
        _ => false,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn chosen(url: &str, variables: &[(&str, &str)]) -> Result<Option<String>, ProxyError> {
        let read = |name: &str| variables.iter().find(|(set, _)| *set == name).map(|(_, value)| value.into());
        let chosen = of_environment(&url.parse().unwrap(), read)?;
        Ok(chosen.map(|chosen| {
            format!("{} by {:?}", chosen.name.to_string().trim_start_matches("the proxy "), chosen.method)
        }))
    }

    #[test]
    fn each_scheme_has_its_variables_in_curls_order() {
        let all: &[(&str, &str)] = &[
            ("http_proxy", "http://plain:1"),
            ("HTTP_PROXY", "http://never:1"),
            ("https_proxy", "http://lower:2"),
            ("HTTPS_PROXY", "http://upper:3"),
            ("all_proxy", "socks5h://lower-all:4"),
            ("ALL_PROXY", "https://upper-all:5"),
        ];
        let without = |names: &[&str]| -> Vec<(&str, &str)> {
            all.iter().copied().filter(|(name, _)| !names.contains(name)).collect()
        };
        for (url, missing, method) in [
            ("http://h", &[] as &[&str], "plain:1 (from http_proxy) by Forward"),
            ("http://h", &["http_proxy"], "lower-all:4 (from all_proxy) by Socks"),
            ("http://h", &["http_proxy", "all_proxy"], "upper-all:5 (from ALL_PROXY) by Forward"),
            ("https://h", &[], "lower:2 (from https_proxy) by Tunnel"),
            ("https://h", &["https_proxy"], "upper:3 (from HTTPS_PROXY) by Tunnel"),
            ("https://h", &["https_proxy", "HTTPS_PROXY"], "lower-all:4 (from all_proxy) by Socks"),
        ] {
            assert_eq!(chosen(url, &without(missing)), Ok(Some(method.into())), "{url} without {missing:?}");
        }
        assert_eq!(chosen("http://h", &[("HTTP_PROXY", "http://p:1"), ("https_proxy", "http://p:2")]), Ok(None));
        assert_eq!(chosen("http://h", &[("http_proxy", ""), ("all_proxy", "")]), Ok(None));
        let upper = |exempt: &'static str| {
            move |name: &str| match name {
                "HTTP_PROXY" => Some("http://p:1".into()),
                "no_proxy" => Some(exempt.into()),
                _ => None,
            }
        };
        assert!(is_only_in_upper_case(&"http://h".parse().unwrap(), upper("")));
        assert!(!is_only_in_upper_case(&"http://h".parse().unwrap(), upper("h")));
        assert!(!is_only_in_upper_case(&"https://h".parse().unwrap(), upper("")));
        for here in ["http://127.0.0.1:8000", "http://localhost", "http://[::1]:1"] {
            assert_eq!(chosen(here, all), Ok(None), "{here}");
        }
    }

    #[test]
    fn a_value_is_read_with_all_its_parts() {
        for (value, shown, user) in [
            ("proxy", "proxy:1080", None),
            ("proxy:3128", "proxy:3128", None),
            ("http://Proxy:3128/ignored?too", "proxy:3128", None),
            ("https://proxy", "proxy:443", None),
            ("socks://10.0.0.1", "10.0.0.1:1080", None),
            ("SOCKS5://[::1]:9", "[::1]:9", None),
            ("http://bücher.example:1", "xn--bcher-kva.example:1", None),
            ("http://us%40er:p%3aw+%C3%A9@proxy:1", "proxy:1", Some(("us@er", "p:w+é"))),
            ("user@proxy:1", "proxy:1", Some(("user", ""))),
            ("http://user:p'ss@proxy:1", "proxy:1", Some(("user", "p'ss"))),
            ("http://user:p@ss@proxy:1", "proxy:1", Some(("user", "p@ss"))),
        ] {
            let (proxy, place) = parse(value).unwrap();
            let given = proxy.username().map(|user| (user, proxy.password().unwrap_or_default()));
            assert_eq!((place.as_str(), given), (shown, user), "{value}");
        }
    }

    #[test]
    fn a_value_that_cannot_be_read_is_an_error_that_names_the_variable_alone() {
        for (value, fault) in [
            ("ftp://hunter2:hunter2@proxy", ProxyFault::Scheme),
            ("\"http://user:hunter2@proxy:1\"", ProxyFault::Quoted('"')),
            ("'http://proxy:1'", ProxyFault::Quoted('\'')),
            ("http://proxy:1\"", ProxyFault::Quoted('"')),
            ("http://", ProxyFault::Host),
            ("http://pro xy:1", ProxyFault::Host),
            ("http://hunter2:1@:3128", ProxyFault::Host),
            ("http://proxy:hunter2", ProxyFault::Port),
            ("http://proxy:0", ProxyFault::Port),
            ("http://user:hunter2/x@proxy:1", ProxyFault::Port),
            ("http://%ff:hunter2@proxy:1", ProxyFault::UserInfo),
            ("socks4://user:hunter2@proxy:1", ProxyFault::Socks4User),
        ] {
            let error = chosen("http://h", &[("http_proxy", value)]).unwrap_err();
            assert_eq!(error, ProxyError { variable: "http_proxy", fault }, "{value}");
            assert!(error.to_string().contains("http_proxy") && !error.to_string().contains("hunter2"));
            // It does not concern an exempt host.
            assert_eq!(chosen("http://h", &[("http_proxy", value), ("no_proxy", "h")]), Ok(None));
        }
    }

    #[test]
    fn blanks_around_a_value_do_not_count() {
        let plain = chosen("http://h", &[("http_proxy", "http://proxy:1")]);
        for value in [" http://proxy:1", "http://proxy:1 \t", "\nhttp://proxy:1\r\n"] {
            assert_eq!(chosen("http://h", &[("http_proxy", value)]), plain, "{value}");
        }
        assert_eq!(chosen("http://h", &[("http_proxy", "  ")]), Ok(None));
    }

    #[test]
    fn hosts_go_without_a_proxy_as_curl_would_have_it() {
        for (list, host, exempt) in [
            ("*", "market.example", true),
            ("*", "10.0.0.1", true),
            ("other.example, \tmarket.example", "market.example", true),
            ("other.example market.example", "market.example", true),
            (",,market.example,", "market.example", true),
            ("example", "market.example", true),
            (".example", "market.example", true),
            (".market.example", "market.example", true),
            ("MARKET.example.", "market.example", true),
            ("market.example", "market.example.", true),
            ("ket.example", "market.example", false),
            ("www.market.example", "market.example", false),
            ("*.example", "market.example", false),
            ("bücher.example", "xn--bcher-kva.example", true),
            ("market.example:8000", "market.example", true),
            ("market.example:8001", "market.example", false),
            ("10.0.0.1", "10.0.0.1", true),
            ("10.0.0.1:8000", "10.0.0.1", true),
            ("10.0.0.1:1", "10.0.0.1", false),
            ("0.0.1", "10.0.0.1", false),
            ("10.0.0.0/8", "10.9.9.9", true),
            ("10.0.0.0/8", "11.0.0.1", false),
            ("10.0.0.1/32", "10.0.0.1", true),
            ("0.0.0.0/0", "10.0.0.1", true),
            ("10.0.0.0/33", "10.0.0.1", false),
            ("10.0.0.0/x", "10.0.0.1", false),
            ("10.0.0.0/8", "market.example", false),
            ("fd00::1", "fd00::1", true),
            ("[FD00:0::1]", "fd00::1", true),
            ("[fd00::1]:8000", "fd00::1", true),
            ("[fd00::1]:80", "fd00::1", false),
            ("fd00::/8", "fdff::1", true),
            ("fd00::/8", "fe00::1", false),
            ("", "market.example", false),
        ] {
            assert_eq!(is_exempt(list, host, 8000), exempt, "{list} {host}");
        }
    }

    #[test]
    fn an_entry_that_can_name_no_host_is_noticed() {
        for (list, is_idle) in [
            ("*", false),
            ("example,.corp.example,10.0.0.0/8,[fd00::1]:8000", false),
            ("example,*.corp.example", true),
            ("http://market.example", true),
            ("", false),
        ] {
            let read = |name| (name == "NO_PROXY").then(|| list.into());
            assert_eq!(has_idle_exemption(read).is_some(), is_idle, "{list}");
        }
    }

    #[test]
    fn a_proxy_that_reads_requests_gets_user_and_password_in_each() {
        let chosen = |url: &str, variable: &'static str, value: &'static str| {
            let read = |name| (name == variable).then(|| value.into());
            of_environment(&url.parse().unwrap(), read).unwrap().unwrap()
        };
        let forward = chosen("http://h", "http_proxy", "http://Aladdin:open%20sesame@proxy");
        assert_eq!(forward.authorization().unwrap().to_str().unwrap(), "Basic QWxhZGRpbjpvcGVuIHNlc2FtZQ==");
        assert!(!format!("{forward:?} {:?}", forward.authorization()).contains("sesame"));
        // It is sent with CONNECT, and not to the marketplace.
        assert!(chosen("https://h", "https_proxy", "http://Aladdin:open@proxy").authorization().is_none());
        assert!(chosen("http://h", "http_proxy", "proxy").authorization().is_none());
    }
}
